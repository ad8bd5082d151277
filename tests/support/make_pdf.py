#!/usr/bin/env python3
"""Writes PDFs that are too large to keep: many pages, or many octets that do not compress.

usage: make_pdf.py pages N OUT     N pages with a line of text each, in a balanced page tree
       make_pdf.py size BYTES OUT  one page and streams of random octets, BYTES in all (200M: 10^6 each)

The same arguments give the same file. Cross-reference tables, PDF 1.7.
"""
import random
import sys

PIECE = 4 << 20
FAN = 32    # children of a page tree node


class Writer:
    """Objects are written as they come; their places are kept for the table."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self.places = {}

    def object(self, number, body):
        self.places[number] = self.file.tell()
        self.file.write(b"%d 0 obj\n" % number)
        self.file.write(body)
        self.file.write(b"\nendobj\n")

    def stream(self, number, data):
        self.object(number, b"<< /Length %d >>\nstream\n" % len(data) + data + b"\nendstream")

    def end(self, root):
        start, size = self.file.tell(), max(self.places) + 1
        table = b"xref\n0 %d\n0000000000 65535 f \n" % size
        table += b"".join(b"%010d 00000 n \n" % self.places[n] for n in range(1, size))
        self.file.write(table)
        self.file.write(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
                        % (size, root, start))
        self.file.close()


def page(writer, number, parent, content, font):
    writer.object(number, b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] "
                  b"/Resources << /Font << /F1 %d 0 R >> >> /Contents %d 0 R >>"
                  % (parent, font, content))


def pages(count, path):
    writer = Writer(path)
    font, root, next_free = 1, 2, 3
    writer.object(font, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    leaves = list(range(next_free, next_free + 2 * count, 2))     # each page's content follows it
    level = [(number, 1) for number in leaves]
    next_free += 2 * count
    parents, nodes = {}, []
    while len(level) > 1 or not nodes:
        above = []
        for at in range(0, len(level), FAN):
            kids = level[at:at + FAN]
            nodes.append((next_free, [n for n, _ in kids], sum(c for _, c in kids)))
            parents.update((n, next_free) for n, _ in kids)
            above.append((next_free, nodes[-1][2]))
            next_free += 1
        level = above
    for index, number in enumerate(leaves):
        page(writer, number, parents[number], number + 1, font)
        writer.stream(number + 1, b"BT /F1 24 Tf 72 720 Td (Page %d of %d) Tj ET" % (index + 1, count))
    for number, kids, total in nodes:
        up = b"/Parent %d 0 R " % parents[number] if number in parents else b""
        writer.object(number, b"<< /Type /Pages %s/Count %d /Kids [%s] >>"
                      % (up, total, b" ".join(b"%d 0 R" % kid for kid in kids)))
    writer.object(root, b"<< /Type /Catalog /Pages %d 0 R >>" % level[0][0])
    writer.end(root)


def size(octets, path):
    writer = Writer(path)
    writer.object(1, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    writer.object(2, b"<< /Type /Catalog /Pages 3 0 R >>")
    writer.object(3, b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>")
    page(writer, 4, 3, 5, 1)
    writer.stream(5, b"BT /F1 24 Tf 72 720 Td (A large document) Tj ET")
    noise, number = random.Random(1), 6
    while writer.file.tell() < octets:
        writer.stream(number, noise.randbytes(min(PIECE, octets - writer.file.tell())))
        number += 1
    writer.end(2)


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("pages", "size"):
        sys.exit(__doc__)
    if sys.argv[1] == "pages":
        pages(int(sys.argv[2]), sys.argv[3])
    else:
        size(int(sys.argv[2].replace("M", "000000")), sys.argv[3])


if __name__ == "__main__":
    main()
