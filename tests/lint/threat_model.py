#!/usr/bin/env python3
"""docs/threat-model.md names tests that exist."""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
text = (top / "docs/threat-model.md").read_text(encoding="utf-8")
dead = [name for name in sorted(set(re.findall(r"`(tests/[\w/.-]+)`", text)))
        if not (top / name).exists() or ((top / name).is_dir() and not any((top / name).iterdir()))]
for name in dead:
    print(f"docs/threat-model.md names {name}, which is not there")
sys.exit(1 if dead else 0)
