#!/usr/bin/env python3
"""Rules of text that a compiler does not know.

usage: text.py SOURCE_DIR

- No reminder words (TO-DO, FIX-ME, X-X-X) and no absolute paths of somebody's machine in any
  tracked text file; tests/data/ is other people's text.
- lib/ prints nothing, ends no process and reads no environment: no std::cout, printf, exit,
  abort, getenv. (::_exit, the way out of a forked child, is allowed; and one file makes a forked
  child forget its environment.)
- Every header begins with a comment and has `#pragma once`.
- No C++ file has more than 400 lines; tests, which carry vectors, 600.

Prints one line per finding and exits 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

MAX_LINES = 400
MAX_TEST_LINES = 600
CPP = (".h", ".cpp", ".c")
# Written so that this file does not find itself.
REMINDER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~*/-])/(?:home|work)/\w")
FORBIDDEN_IN_LIB = [
    (re.compile(r"\bstd::(?:cout|cerr|clog|wcout|wcerr)\b"), "prints"),
    (re.compile(r"(?<![.>\w])(?:std::|::)?(?:v?f?printf|v?dprintf|puts|fputs|putchar|perror)\s*\("),
     "prints"),
    (re.compile(r"\bfmt::v?print(?:ln)?\s*\("), "prints"),
    (re.compile(r"(?<![.>\w])(?:std::|::)?(?:exit|abort|terminate|quick_exit|_Exit)\s*\("),
     "ends the process"),
    (re.compile(r"(?<![.>\w])(?:std::|::)?(?:secure_)?(?:getenv|setenv|putenv|unsetenv)\s*\("),
     "touches the environment"),
    (re.compile(r"\benviron\b"), "touches the environment"),
]
FORGETS_THE_ENVIRONMENT = pathlib.Path("lib/jail/environment.cpp")  # may say environ, not getenv
STRING_OR_COMMENT = re.compile(
    r'R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'   # raw string
    r'|"(?:\\.|[^"\\\n])*"'                 # string
    r"|'(?:\\.|[^'\\\n])'"                  # character
    r"|//[^\n]*|/\*.*?\*/",                 # comment
    re.S)


def tracked_files(source):
    """Files that git knows; in an unpacked archive, all but the build folders."""
    listed = subprocess.run(["git", "-C", str(source), "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], capture_output=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(source)) for path in source.rglob("*")
                 if not path.relative_to(source).parts[0].startswith(("build", ".git"))]
    return [pathlib.Path(name) for name in sorted(names) if (source / name).is_file()]


def is_foreign(name):
    """Test data that others wrote; our scripts and pages beside it are ours."""
    return name.parts[:2] == ("tests", "data") and name.suffix not in (".py", ".sh", ".md")


def text_of(path):
    """The file as text, or None where it is binary."""
    data = path.read_bytes()
    if b"\0" in data[:4096] or data.startswith(b"%PDF"):
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def code_only(text):
    """The text with strings and comments blanked, line breaks kept."""
    return STRING_OR_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def check_everywhere(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        if REMINDER.search(line):
            yield f"{name}:{number}: a reminder; do it or leave it out"
        if MACHINE_PATH.search(line):
            yield f"{name}:{number}: an absolute path of some machine"


def check_cpp(name, text):
    length = len(text.splitlines())
    limit = MAX_LINES if name.parts[0] in ("lib", "apps") else MAX_TEST_LINES
    if length > limit:
        yield f"{name}: {length} lines; at most {limit}"
    if name.suffix == ".h":
        if not text.lstrip().startswith(("//", "/*")):
            yield f"{name}: a header begins with a comment that says what it is for"
        if text.count("#pragma once") != 1:
            yield f"{name}: a header has `#pragma once`, once"


def check_lib(name, text):
    for number, line in enumerate(code_only(text).splitlines(), 1):
        for pattern, what in FORBIDDEN_IN_LIB:
            if name == FORGETS_THE_ENVIRONMENT and pattern.pattern == r"\benviron\b":
                continue
            if pattern.search(line):
                yield f"{name}:{number}: {what}, which nothing in lib/ does: {line.strip()}"


def findings(source):
    for name in tracked_files(source):
        if is_foreign(name):
            continue
        text = text_of(source / name)
        if text is None:
            continue
        yield from check_everywhere(name, text)
        if name.suffix in CPP and name.parts[0] in ("lib", "apps", "tests", "bench"):
            yield from check_cpp(name, text)
            if name.parts[0] == "lib":
                yield from check_lib(name, text)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(findings(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line)
    print(f"text: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
