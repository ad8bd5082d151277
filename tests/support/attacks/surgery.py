"""What attackers do to PDFs: revisions written without any care for signatures.

For files with plain objects and classic cross-reference tables, such as the hand-made ones in
tests/data/pdf, unless a function says otherwise. Object bodies are octets without "obj"/"endobj".
"""
import re
import zlib


def stream(data, entries=b""):
    return b"<<" + entries + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def form(data, box=b"0 0 595 842"):
    return stream(data, b"/Type/XObject/Subtype/Form/BBox[%s]" % box)


def replaced(text, what, by):
    if what not in text:
        raise ValueError("not there: %r" % what)
    return text.replace(what, by, 1)


def body(pdf, number):
    """Of the last definition of an object."""
    found = list(re.finditer(rb"(?:^|[\r\n])%d 0 obj\s?" % number, pdf))
    if not found:
        raise ValueError("no object %d" % number)
    begin = found[-1].end()
    return pdf[begin:pdf.index(b"endobj", begin)].rstrip(b"\r\n")


def number_behind(pdf, word):
    return int(re.match(rb"\s*(\d+)", pdf[pdf.rindex(word) + len(word):]).group(1))


def offset_of(pdf, number):
    return [m.start(1) for m in re.finditer(rb"(?:^|[\r\n])(%d 0 obj)" % number, pdf)][-1]


def in_trailer(pdf, key):
    found = re.findall(rb"/%s(\s*\d+ 0 R|\s*\[[^\]]*\]|\s*\d+)" % key, pdf)
    return found[-1].strip() if found else None


def table(rows):
    """rows: (number, offset or None for free)."""
    out = b"xref\n"
    for number, offset in rows:
        if offset is None:
            out += b"%d 1\n0000000000 00001 f \n" % number
        else:
            out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    return out


def revised(pdf, objects, free=(), root=None, info=None, previous=None, extra=b"", entries=(),
            trailer=None):
    """Another revision. entries: (number, offset) that the table lists besides."""
    if not pdf.endswith(b"\n"):
        pdf += b"\n"
    out = pdf
    rows = [(number, None) for number in free] + list(entries)
    for number, text in sorted(objects.items()):
        rows.append((number, len(out)))
        out += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    start = len(out)
    size = max([number_behind(pdf, b"/Size")] + [number + 1 for number, _ in rows])
    out += table(sorted(rows, key=lambda row: row[0]))
    if trailer is None:
        trailer = b"/Size %d/Root %s" % (size, root or in_trailer(pdf, b"Root"))
        if info or in_trailer(pdf, b"Info"):
            trailer += b"/Info " + (info or in_trailer(pdf, b"Info"))
        if in_trailer(pdf, b"ID"):
            trailer += b"/ID" + in_trailer(pdf, b"ID")
        if previous is not False:
            trailer += b"/Prev %d" % (previous or number_behind(pdf, b"startxref"))
        trailer += extra
    return out + b"trailer\n<<" + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % start


def revised_with_streams(pdf, objects, packed=None, holder=300, xref=301, packed_number=None):
    """The same with a cross-reference stream; `packed` go into an object stream."""
    if not pdf.endswith(b"\n"):
        pdf += b"\n"
    out = pdf
    rows = {}
    for number, text in sorted(objects.items()):
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    if packed:
        head, data = b"", b""
        for index, (number, text) in enumerate(sorted(packed.items())):
            head += b"%d %d " % ((packed_number or {}).get(number, number), len(data))
            data += text + b"\n"
            rows[number] = (2, holder, index)
        rows[holder] = (1, len(out), 0)
        out += b"%d 0 obj\n" % holder + stream(
            zlib.compress(head + data),
            b"/Type/ObjStm/Filter/FlateDecode/N %d/First %d" % (len(packed), len(head))
        ) + b"\nendobj\n"
    rows[xref] = (1, len(out), 0)
    index, data = b"", b""
    for number, (kind, where, detail) in sorted(rows.items()):
        index += b"%d 1 " % number
        data += bytes([kind]) + where.to_bytes(4, "big") + detail.to_bytes(2, "big")
    size = max(max(rows) + 1, number_behind(pdf, b"/Size"))
    entries = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root %s/Prev %d" % (
        index.strip(), size, in_trailer(pdf, b"Root"), number_behind(pdf, b"startxref"))
    for key in (b"Info", b"ID"):
        if in_trailer(pdf, key):
            entries += b"/" + key + b" " + in_trailer(pdf, key)
    start = len(out)
    return out + b"%d 0 obj\n" % xref + stream(data, entries) + \
        b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


def signature(pdf):
    """Number of the last signature's dictionary, its body, and where its /Contents token stands."""
    at = pdf.rindex(b"/ByteRange")
    header = [m for m in re.finditer(rb"[\r\n](\d+) 0 obj", pdf[:at])][-1]
    begin = pdf.index(b"<", pdf.index(b"/Contents", header.end()) + 9)
    return int(header.group(1)), body(pdf, int(header.group(1))), begin, pdf.index(b">", begin) + 1


def field_of(pdf):
    """Number of the field that holds the last signature."""
    number = signature(pdf)[0]
    at = [m.start() for m in re.finditer(rb"/V %d 0 R" % number, pdf)][-1]
    return int([m for m in re.finditer(rb"[\r\n](\d+) 0 obj", pdf[:at])][-1].group(1))


def byte_range(pdf):
    return [int(n) for n in re.search(rb"/ByteRange\s*\[([^\]]*)\]", body(pdf, signature(pdf)[0]))
            .group(1).split()]


def overwritten(pdf, what, by):
    """In place, in the last signature's dictionary, at the same length."""
    at = pdf.index(what, pdf.rindex(b"/Type/Sig/Filter") if b"/Type/Sig/Filter" in pdf else 0)
    if len(by) > len(what):
        raise ValueError("longer")
    return pdf[:at] + by + b" " * (len(what) - len(by)) + pdf[at + len(what):]


def with_byte_range(pdf, text):
    """The same dictionary with another /ByteRange, in the place of the old one and its padding."""
    number = signature(pdf)[0]
    begin = pdf.index(b"/ByteRange", offset_of(pdf, number))
    end = pdf.index(b"/Contents", begin)
    new = b"/ByteRange" + text
    if len(new) > end - begin:
        raise ValueError("no room")
    return pdf[:begin] + new + b" " * (end - begin - len(new)) + pdf[end:]
