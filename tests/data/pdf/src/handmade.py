"""Writes the hand-made PDFs, byte by byte, with the standard library only. Argument: the folder to write to."""
import hashlib
import os
import struct
import sys
import zlib

INFO = b"<</Title(%s)/Author(tsp test data)/CreationDate(D:20261102090000Z)>>"
FORM_FIELDS = b"[7 0 R 8 0 R 9 0 R]"
HELV = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def stream(data, entries=b"", flate=False):
    if flate:
        data = zlib.compress(data, 9)
        entries += b"/Filter/FlateDecode"
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def text(*lines):
    body = b"BT /F1 14 Tf 72 760 Td 20 TL " + b" ".join(b"(%s) Tj T*" % line for line in lines) + b" ET"
    return stream(body)


def form_xobject(content, width, height):
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<</Helv 6 0 R>>>>"
                  % (width, height))


class Doc:
    """Objects of one document. 1 catalog, 2 page tree, 3 page, 4 content, 5 information, 6 font."""

    def __init__(self, title, catalog=b"", page=b"", pages=b"", content=None, mediabox=b"/MediaBox[0 0 595 842]",
                 resources=b"/Resources<</Font<</F1 6 0 R>>>>"):
        self.obj = {
            1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]%s>>" % pages,
            3: b"<</Type/Page/Parent 2 0 R%s%s/Contents 4 0 R%s>>" % (mediabox, resources, page),
            4: content or text(title),
            5: INFO % title,
            6: HELV,
        }
        self.title = title
        self.header = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"

    def add(self, number, body):
        self.obj[number] = body
        return self

    def id(self, revision=0):
        first = hashlib.md5(self.title).hexdigest().upper().encode()
        second = hashlib.md5(self.title + b"%d" % revision).hexdigest().upper().encode() if revision else first
        return b"/ID[<%s><%s>]" % (first, second)

    def body(self, numbers=None, start=None):
        out, offsets = bytearray(self.header if start is None else b""), {}
        for n in sorted(self.obj) if numbers is None else numbers:
            offsets[n] = (start or 0) + len(out)
            out += b"%d 0 obj\n%s\nendobj\n" % (n, self.obj[n])
        return out, offsets

    def size(self):
        return max(self.obj) + 1

    def trailer(self, extra=b"", revision=0):
        return b"/Size %d/Root 1 0 R/Info 5 0 R%s%s" % (self.size(), self.id(revision), extra)

    def table(self):
        out, offsets = self.body()
        return bytes(out + table(offsets, len(out), self.trailer(), zero=True))

    def xref_stream(self, packed=()):
        """`packed` objects go into an object stream."""
        numbers = [n for n in sorted(self.obj) if n not in packed]
        container, xref = self.size(), self.size() + bool(packed)
        rows = {0: (0, 0, 65535)}
        if packed:
            heads, bodies = [], bytearray()
            for i, n in enumerate(sorted(packed)):
                heads.append(b"%d %d" % (n, len(bodies)))
                bodies += self.obj[n] + b"\n"
                rows[n] = (2, container, i)
            head = b" ".join(heads) + b"\n"
            self.obj[container] = stream(head + bodies, b"/Type/ObjStm/N %d/First %d" % (len(packed), len(head)),
                                         flate=True)
            numbers.append(container)
        out, offsets = self.body(numbers)
        for n, at in offsets.items():
            rows[n] = (1, at, 0)
        rows[xref] = (1, len(out), 0)
        self.obj[xref] = b""
        return bytes(out + xref_object(xref, rows, len(out), self.trailer()))


def table(offsets, at, trailer, zero=False):
    """A classic cross-reference section with trailer, startxref and end mark."""
    entries = {n: b"%010d 00000 n \n" % o for n, o in offsets.items()}
    if zero:
        entries[0] = b"0000000000 65535 f \n"
    out = b"xref\n"
    for first, numbers in runs(sorted(entries)):
        out += b"%d %d\n" % (first, len(numbers)) + b"".join(entries[n] for n in numbers)
    return out + b"trailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, at)


def runs(numbers):
    group = []
    for n in numbers:
        if group and n != group[-1] + 1:
            yield group[0], group
            group = []
        group.append(n)
    if group:
        yield group[0], group


def xref_rows(rows):
    index = b" ".join(b"%d %d" % (first, len(ns)) for first, ns in runs(sorted(rows)))
    data = b"".join(struct.pack(">BIH", *rows[n]) for n in sorted(rows))
    return data, b"/Type/XRef/W[1 4 2]/Index[%s]" % index


def xref_object(number, rows, at, trailer):
    data, entries = xref_rows(rows)
    return b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        number, stream(data, entries + trailer, flate=True), at)


def hybrid():
    """Readers of PDF 1.4 see a page; readers of 1.5 and later also find the objects 7 and 8, which lie in an
    object stream and are listed only in the cross-reference stream that /XRefStm names (ISO 32000-1, 7.5.8.4)."""
    d = Doc(b"Hybrid-reference file", catalog=b"/Outlines 7 0 R")
    hidden = {7: b"<</Type/Outlines/First 8 0 R/Last 8 0 R/Count 1>>",
              8: b"<</Title(Hidden from PDF 1.4 readers)/Parent 7 0 R/Dest[3 0 R/Fit]>>"}
    container, xref = 9, 10
    heads, bodies, rows = [], b"", {}
    for i, n in enumerate(sorted(hidden)):
        heads.append(b"%d %d" % (n, len(bodies)))
        bodies += hidden[n] + b"\n"
        rows[n] = (2, container, i)
    head = b" ".join(heads) + b"\n"
    d.obj[container] = stream(head + bodies, b"/Type/ObjStm/N %d/First %d" % (len(hidden), len(head)), flate=True)
    out, offsets = d.body()
    xrefstm = len(out)
    data, entries = xref_rows(rows)
    d.obj[xref] = stream(data, entries + b"/Size 11", flate=True)
    more, at = d.body([xref], start=len(out))
    out += more
    offsets.update(at)
    # In the table the hidden objects are free, so that old readers take them for null.
    lines = {n: b"%010d 00000 n \n" % o for n, o in offsets.items()}
    lines[0], lines[7], lines[8] = b"0000000007 65535 f \n", b"0000000008 00000 f \n", b"0000000000 00000 f \n"
    start = len(out)
    out += b"xref\n0 11\n" + b"".join(lines[n] for n in range(11))
    out += b"trailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n" % (d.trailer(b"/XRefStm %d" % xrefstm), start)
    return bytes(out)


def form(title, signature_entries=b"", acroform=b"12 0 R"):
    """Two text fields with appearances (7, 8) and the empty signature field `Signature1` (9); 12 is the AcroForm."""
    d = Doc(title, catalog=b"/AcroForm " + acroform, page=b"/Annots" + FORM_FIELDS,
            content=text(title, b"Name:", b"", b"Place:", b"", b"Signature:"))
    d.add(7, text_field(b"name", b"150 732 400 752", b"Ines Calloway", 10))
    d.add(8, text_field(b"place", b"150 692 400 712", b"Quillmere", 11))
    d.add(9, signature_field(b"Signature1", b"150 580 400 660", signature_entries))
    for n, value in ((10, b"Ines Calloway"), (11, b"Quillmere")):
        d.add(n, form_xobject(b"/Tx BMC q BT /Helv 11 Tf 0 g 2 6 Td (%s) Tj ET Q EMC" % value, 250, 20))
    if acroform == b"12 0 R":
        d.add(12, acroform_dict(FORM_FIELDS))
    return d


def acroform_dict(fields):
    return b"<</Fields %s/DA(/Helv 0 Tf 0 g)/DR<</Font<</Helv 6 0 R>>>>>>" % fields


def text_field(name, rect, value, appearance):
    return (b"<</Type/Annot/Subtype/Widget/FT/Tx/T(%s)/V(%s)/DA(/Helv 11 Tf 0 g)/F 4/P 3 0 R/Rect[%s]"
            b"/MK<</BC[0.66 0.76 0.79]>>/AP<</N %d 0 R>>>>" % (name, value, rect, appearance))


def signature_field(name, rect, more=b""):
    return b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/F 4/P 3 0 R/Rect[%s]%s>>" % (name, rect, more)


def field_hierarchy():
    """`party.provider` is visible, `party.customer` is not; field and widget of the latter are apart."""
    d = Doc(b"Two signature fields under one parent", catalog=b"/AcroForm 7 0 R", page=b"/Annots[9 0 R 11 0 R]")
    d.add(7, acroform_dict(b"[8 0 R]"))
    d.add(8, b"<</T(party)/Kids[9 0 R 10 0 R]>>")
    d.add(9, signature_field(b"provider", b"72 600 272 680", b"/Parent 8 0 R"))
    d.add(10, b"<</FT/Sig/T(customer)/Parent 8 0 R/Kids[11 0 R]>>")
    d.add(11, b"<</Type/Annot/Subtype/Widget/F 132/P 3 0 R/Rect[0 0 0 0]/Parent 10 0 R>>")
    return d.table()


def two_revisions(kind):
    """The second revision replaces the page's content and adds an annotation."""
    d = Doc(b"Two revisions, " + kind)
    old = d.table() if kind == b"tables" else d.xref_stream(packed=(1, 2, 3))
    previous = int(old.rsplit(b"startxref\n", 1)[1].split()[0])
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 6 0 R>>>>/Contents 4 0 R"
    note = d.size()
    d.add(note, b"<</Type/Annot/Subtype/Text/Rect[500 760 520 780]/F 4/P 3 0 R/Contents(Added in revision 2)>>")
    d.add(3, page + b"/Annots[%d 0 R]>>" % note)
    d.add(4, text(d.title, b"This line came with revision 2."))
    out, offsets = d.body([3, 4, note], start=len(old))
    at = len(old) + len(out)
    if kind == b"tables":
        return bytes(old + out + table(offsets, at, d.trailer(b"/Prev %d" % previous, revision=2)))
    xref = d.size()
    d.add(xref, b"")
    rows = {n: (1, o, 0) for n, o in offsets.items()}
    rows[xref] = (1, at, 0)
    return bytes(old + out + xref_object(xref, rows, at, d.trailer(b"/Prev %d" % previous, revision=2)))


def carriage_returns():
    """Line ends are single CR, as old Mac programs wrote; not after `stream`, where CR alone is not allowed."""
    d = Doc(b"Line ends are CR")
    d.header = b"%PDF-1.4\r%\xe2\xe3\xcf\xd3\r"
    out, offsets = bytearray(d.header), {}
    for n in sorted(d.obj):
        offsets[n] = len(out)
        body = d.obj[n].replace(b"\nendstream", b"\rendstream").replace(b">>stream\n", b">>stream\r\n")
        out += b"%d 0 obj\r%s\rendobj\r" % (n, body)
    end = table(offsets, len(out), d.trailer(), zero=True)
    return bytes(out + end.replace(b"\n", b"\r"))


def main(folder):
    link = (b"<</Type/Annot/Subtype/Link/Rect[72 700 200 716]/Border[0 0 1]"
            b"/A<</S/URI/URI(https://records.example/)>>>>")
    lock = b"/Lock<</Type/SigFieldLock/Action/%s>>"
    plain = Doc(b"Bytes before and after").table()
    files = {
        "classic-xref": Doc(b"Classic cross-reference table").table(),
        "xref-stream": Doc(b"Cross-reference stream").xref_stream(packed=(1, 2, 3, 5, 6)),
        "hybrid": hybrid(),
        "form-signature": form(b"Form with an empty signature field").table(),
        "form-signature-xref-stream": form(b"Form in an object stream").xref_stream(packed=(1, 2, 3, 7, 8, 9, 12)),
        "form-lock-all": form(b"Lock: All", lock % b"All").table(),
        "form-lock-include": form(b"Lock: Include", lock % b"Include/Fields[(name)]").table(),
        "form-lock-exclude": form(b"Lock: Exclude", lock % b"Exclude/Fields[(place)]").table(),
        "form-field-hierarchy": field_hierarchy(),
        "acroform-direct": form(b"AcroForm is a direct object", acroform=acroform_dict(FORM_FIELDS)).table(),
        "acroform-indirect": form(b"AcroForm and its Fields are indirect objects").add(
            12, acroform_dict(b"13 0 R")).add(13, FORM_FIELDS).table(),
        "annots-indirect": Doc(b"Annots is an indirect array", page=b"/Annots 7 0 R").add(7, b"[8 0 R]").add(
            8, link).table(),
        "rotate-90": Doc(b"Rotated by 90 degrees", page=b"/Rotate 90").table(),
        "rotate-270-inherited": Doc(b"Rotated by 270 degrees, inherited", pages=b"/Rotate 270").table(),
        "mediabox-inherited": Doc(b"MediaBox and Resources are inherited", mediabox=b"", resources=b"",
                                  pages=b"/MediaBox[0 0 595 842]/Resources<</Font<</F1 6 0 R>>>>").table(),
        "cropbox-offset": Doc(b"Origin is not 0 0", mediabox=b"/MediaBox[-100 -50 495 792]/CropBox[-80 -30 475 772]",
                              content=stream(b"BT /F1 14 Tf -28 710 Td (Origin is not 0 0) Tj ET")).table(),
        "header-offset": b"Content-Type: application/pdf\r\n\r\n" + plain,
        "trailing-bytes": plain + b"\x00\x00\x00\x00--boundary--\r\n",
        "trailing-whitespace": plain + b"\r\n \t\r\n\r\n" + b" " * 64 + b"\n",
        "no-final-newline": plain.rstrip(b"\n"),
        "cr-line-ends": carriage_returns(),
        "two-revisions-table": two_revisions(b"tables"),
        "two-revisions-xref-stream": two_revisions(b"streams"),
    }
    for name, data in files.items():
        with open(os.path.join(folder, name + ".pdf"), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
