#!/usr/bin/env python3
"""Holds every #include of lib/ and apps/ against the law of rooms (docs/architecture.md).

usage: rooms.py SOURCE_DIR

1. A room includes only itself and the rooms that its CMakeLists.txt names after USES, and those
   have a lower rank. apps/ may include every room.
2. A library's headers are included only in the rooms that own the library; libfmt and
   nlohmann-json are vocabulary and free.
3. No room reaches into apps/ or tests/, and no include climbs with "..".
4. A header named *_for_tests.h is included by tests and by the file that implements it, in its own
   room: what it offers, the product must not do.

Prints one line per finding and exits 1 if there is one.
"""
import pathlib
import re
import sys

# header prefix -> rooms that may include it; "apps" stands for the programs.
LIBRARIES = {
    "openssl/": {"crypto", "hsm", "x509", "cms", "trust"},
    "argon2.h": {"crypto"},
    "p11-kit/": {"hsm"},
    "pkcs11": {"hsm"},
    "sqlite3.h": {"store"},
    "seccomp.h": {"jail"},
    "curl/": {"net"},
    "yaml-cpp/": {"yaml"},
    "qpdf/": {"pdf"},
    "podofo/": {"pdf"},
    "png.h": {"pdf"},
    "libxml/": {"xml"},
    "xmlsec/": {"xml"},
    "zip.h": {"zip"},
    "boost/": {"serve"},
    "CLI/": {"apps"},
    "qrencode.h": {"apps"},
}
ROOM = re.compile(r"tsp_room\(\s*(\w+)\s+RANK\s+(\d+)(?:\s+USES((?:\s+[a-z]\w*)+))?")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def declared_rooms(source):
    """The rooms as CMake knows them: name -> (rank, set of used rooms)."""
    rooms = {}
    for path in sorted((source / "lib").glob("*/CMakeLists.txt")):
        for name, rank, uses in ROOM.findall(path.read_text()):
            rooms[name] = (int(rank), set(uses.split()))
    return rooms


def check_ranks(rooms):
    for name, (rank, uses) in sorted(rooms.items()):
        for used in sorted(uses):
            if used not in rooms:
                yield f"lib/{name}/CMakeLists.txt: uses {used}, which is not a room"
            elif rooms[used][0] >= rank:
                yield (f"lib/{name}/CMakeLists.txt: {name} (rank {rank}) "
                       f"uses {used} (rank {rooms[used][0]})")


def check_include(where, room, quoted, header, rooms):
    """Findings about one #include; `room` is a room's name or "apps"."""
    if ".." in header.split("/"):
        yield f"{where}: {header} climbs out of its folder"
        return
    for prefix, owners in LIBRARIES.items():
        if header.startswith(prefix) and room not in owners:
            yield f"{where}: <{header}> belongs to {', '.join(sorted(owners))}, not to {room}"
    first = header.split("/")[0]
    if header.endswith("_for_tests.h") and first != room:
        yield f"{where}: {header} is for tests; the product never includes it"
    if first in rooms and "/" in header:
        if room != "apps" and first != room and first not in rooms[room][1]:
            yield f"{where}: {room} includes {header}, but does not declare USES {first}"
        if not quoted:
            yield f"{where}: our own {header} is included with quotes"
    elif quoted and room != "apps":
        yield f'{where}: "{header}" is no room\'s header; write "room/file.h"'


def check_file(path, relative, room, rooms):
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield from check_include(f"{relative}:{number}", room, match.group(1) == '"',
                                     match.group(2), rooms)


def findings(source):
    rooms = declared_rooms(source)
    if not rooms:
        yield "no rooms found in lib/*/CMakeLists.txt"
        return
    yield from check_ranks(rooms)
    for top in ("lib", "apps"):
        for path in sorted((source / top).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".c"):
                continue
            relative = path.relative_to(source)
            room = relative.parts[1] if top == "lib" else "apps"
            if room != "apps" and room not in rooms:
                yield f"{relative}: lib/{room} is no room"
                continue
            yield from check_file(path, relative, room, rooms)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(findings(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line)
    print(f"rooms: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
