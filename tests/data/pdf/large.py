#!/usr/bin/env python3
"""Writes a PDF of about N megabytes: pages that each carry a megabyte which does not compress.

usage: large.py FILE MEGABYTES
"""
import os
import sys

STREAM = 1 << 20


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    count = int(sys.argv[2])
    offsets = {}
    with open(sys.argv[1], "wb") as file:
        def put(number, body):
            offsets[number] = file.tell()
            file.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        pages = [3 + 2 * i for i in range(count)]
        put(1, b"<</Type/Catalog/Pages 2 0 R>>")
        put(2, b"<</Type/Pages/Count %d/Kids[%s]>>"
            % (count, b" ".join(b"%d 0 R" % page for page in pages)))
        for page in pages:
            put(page, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>"
                b"/PieceInfo<</Weight<</Private %d 0 R>>>>>>" % (page + 1))
            put(page + 1, b"<</Length %d>>stream\n%s\nendstream" % (STREAM, os.urandom(STREAM)))
        start = file.tell()
        size = len(offsets) + 1
        file.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        for number in range(1, size):
            file.write(b"%010d 00000 n \n" % offsets[number])
        file.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start))


if __name__ == "__main__":
    main()
