"""Replaces, in place and at the same length, what a producer stamps with the time of the run: dates in the
document information, the /ID and LibreOffice's /DocChecksum. Offsets stay right. Arguments: the files."""
import hashlib
import re
import sys

DATE = b"20261102090000"

for name in sys.argv[1:]:
    with open(name, "rb") as f:
        data = f.read()
    data = re.sub(rb"(/(?:CreationDate|ModDate) ?\(D:)\d{14}", rb"\g<1>" + DATE, data)
    data = re.sub(rb"(<xmp:(?:Create|Modify)Date>)[-0-9]{10}T[:0-9]{8}Z", rb"\g<1>2026-11-02T09:00:00Z", data)
    hexes = list(re.finditer(rb"/ID ?\[ ?<([0-9A-F]{32})>\s*<([0-9A-F]{32})>|/DocChecksum /([0-9A-F]{32})", data))
    spans = [m.span(g) for m in hexes for g in (1, 2, 3) if m.span(g) != (-1, -1)]
    blank = bytearray(data)
    for a, b in spans:
        blank[a:b] = b"0" * (b - a)
    digest = hashlib.sha256(blank).hexdigest()[:32].upper().encode()
    out = bytearray(data)
    for a, b in spans:
        out[a:b] = digest
    with open(name, "wb") as f:
        f.write(out)
