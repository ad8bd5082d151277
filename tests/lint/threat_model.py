#!/usr/bin/env python3
"""docs/threat-model.md and docs/sole-control.md name tests that exist: files and folders, and behind
a file in double quotes the test case in it."""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
PAGES = ("docs/threat-model.md", "docs/sole-control.md")


def is_there(name):
    path = top / name
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


def has_case(name, case):
    # A case's name may be broken over two lines of the source.
    text = re.sub(r'"\s*\n\s*"', "", (top / name).read_text(encoding="utf-8"))
    return f'"{case}"' in text


dead = []
for page in PAGES:
    path = top / page
    if not path.exists():
        continue
    text = path.read_text(encoding="utf-8")
    for name in sorted(set(re.findall(r"`(tests/[\w/.-]+)`", text))):
        if not is_there(name):
            dead.append(f"{page} names {name}, which is not there")
    for name, case in re.findall(r'`(tests/[\w/.-]+)` "([^"]+)"', text):
        if is_there(name) and not has_case(name, case):
            dead.append(f'{page} names "{case}", which is not in {name}')


def limits(page, heading):
    """The list under a heading, each item on one line."""
    path = top / page
    if not path.exists():
        return set()
    _, _, section = path.read_text(encoding="utf-8").partition(heading)
    return {" ".join(item.split()) for item in re.findall(r"^- .*(?:\n  .*)*", section, re.M)}


# What sole control does not protect from stands in the threat model in the same words.
for item in sorted(limits(PAGES[1], "## What it does not protect from") -
                   limits(PAGES[0], "## What is not protected from")):
    dead.append(f"docs/threat-model.md does not say: {item}")
print("\n".join(dead) or "threat model: 0 dead names")
sys.exit(1 if dead else 0)
