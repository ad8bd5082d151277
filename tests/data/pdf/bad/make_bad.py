#!/usr/bin/env python3
"""Writes broken and hostile PDFs, each wrong in one way, and cases.json, which says how. Standard library only;
the same bytes
every time (with one version of zlib).

    make_bad.py               write the small ones beside this script (they are committed)
    make_bad.py --large DIR   write those that are too large to commit to DIR
"""
import hashlib
import json
import pathlib
import struct
import sys
import zlib

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R%s>>"
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
GIB = 1 << 30
ID = b"/ID[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]"


def stream(data, entries=b"", length=None):
    return b"<<%s/Length %s>>stream\n%s\nendstream" % (
        entries, b"%d" % len(data) if length is None else length, data)


def objects(catalog=b"", page=b"", **changes):
    """A sound one-page document; `changes` replaces objects: o3=b"..." is object 3, None leaves it out."""
    obj = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: PAGE % page,
        4: stream(b"BT /F1 14 Tf 72 760 Td (Hostile input) Tj ET"),
        5: FONT,
    }
    for name, value in changes.items():
        number = int(name[1:])
        if value is None:
            del obj[number]
        else:
            obj[number] = value
    return obj


def body(obj, start=len(HEADER), generation=None):
    out, at = bytearray(), {}
    for n in sorted(obj):
        at[n] = start + len(out)
        out += b"%d %d obj\n%s\nendobj\n" % (n, (generation or {}).get(n, 0), obj[n])
    return bytes(out), at


def section(at, size, zero=b"0000000000 65535 f \n", generation=None):
    lines = [zero]
    for n in range(1, size):
        lines.append(b"%010d %05d n \n" % (at[n], (generation or {}).get(n, 0)) if n in at
                     else b"0000000000 65535 f \n")
    return b"xref\n0 %d\n" % size + b"".join(lines)


def end(trailer, xref):
    return b"trailer\n<<%s>>\nstartxref\n%s\n%%%%EOF\n" % (trailer, xref if isinstance(xref, bytes) else b"%d" % xref)


def table(obj, root=b"/Root 1 0 R", extra=b"", size=None, startxref=None, generation=None):
    """A file with a classic table. `extra`, `size` and `startxref` are where it can be made to lie."""
    content, at = body(obj, generation=generation)
    xref = len(HEADER) + len(content)
    top = max(obj) + 1
    trailer = b"/Size %d%s%s%s" % (top if size is None else size, root, ID, extra.replace(b"@XREF", b"%d" % xref))
    return HEADER + content + section(at, top, generation=generation) + end(
        trailer, xref if startxref is None else startxref)


def xref_stream(obj, packed=None, entries=b"", w=b"1 4 2", index=None, size=None, data=None, filters=None,
                rows=None, packed_stream=None):
    """A file with a cross-reference stream. `packed` objects go into object stream number max + 1."""
    content, at = body(obj)
    out = HEADER + content
    container = max([*obj, *(packed or {})]) + 1
    number = container + bool(packed or packed_stream)
    table_rows = {0: (0, 0, 65535), **{n: (1, o, 0) for n, o in at.items()}}
    if packed_stream:
        table_rows[container] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (container, packed_stream)
    elif packed:
        for i, n in enumerate(sorted(packed)):
            table_rows[n] = (2, container, i)
        table_rows[container] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (container, object_stream(packed))
    table_rows.update(rows or {})
    table_rows[number] = (1, len(out), 0)
    top = number + 1
    if data is None:
        layout = ">BIH"
        if max(row[2] for row in table_rows.values()) > 65535:
            layout, w = ">BII", b"1 4 4"
        data = packed_rows(table_rows, top, layout)
        if filters is None and len(data) > 2000:
            data, filters = deflate(deflate(data)), b"/Filter[/FlateDecode/FlateDecode]"
    if callable(data):
        data = data(table_rows, top)
    head = b"/Type/XRef/W[%s]/Root 1 0 R/Size %d%s%s%s%s" % (
        w, top if size is None else size, b"/Index[%s]" % index if index else b"", ID, filters or b"",
        entries.replace(b"@XREF", b"%d" % len(out)))
    return out + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, stream(data, head), len(out))


def object_stream(packed, entries=b"", n=None, first=None):
    heads, bodies, at = [], [], 0
    for number in sorted(packed):
        heads.append(b"%07d %08d" % (number, at))
        bodies.append(packed[number] + b"\n")
        at += len(bodies[-1])
    head = b" ".join(heads) + b"\n"
    data = deflate(deflate(head + b"".join(bodies)))
    return stream(data, b"/Type/ObjStm/N %d/First %d/Filter[/FlateDecode/FlateDecode]%s" % (
        len(packed) if n is None else n, len(head) if first is None else first, entries))


def deflate(data):
    return zlib.compress(data, 9)


def bomb(lead=b"", fill=b" ", size=GIB):
    """`lead`, then `size` bytes of `fill`, deflated twice: a few kilobytes."""
    z = zlib.compressobj(9)
    parts = [z.compress(lead)]
    block = fill * (1 << 20)
    for _ in range(size >> 20):
        parts.append(z.compress(block))
    parts.append(z.flush())
    return deflate(b"".join(parts))


TWICE = b"/Filter[/FlateDecode/FlateDecode]"


def nested(before, after, depth):
    return before * depth + after * depth


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", deflate(b"\x00\x80")) + chunk(b"IEND", b""))


def two_sections(first_prev, second_prev):
    """Two classic sections; the arguments compute each /Prev from the offsets of both."""
    content, at = body(objects())
    one = len(HEADER) + len(content)
    width = 10
    first = section(at, 6)
    head = b"trailer\n<</Size 6/Root 1 0 R%s/Prev " % ID
    tail = b">>\nstartxref\n%010d\n%%%%EOF\n"
    two = one + len(first) + len(head) + width + len(tail % 0)
    out = HEADER + content + first + head + b"%0*d" % (width, first_prev(one, two)) + tail % one
    return out + b"xref\n0 0\n" + head + b"%0*d" % (width, second_prev(one, two)) + tail % two


def prev_chain(count):
    out = table(objects())
    at = out.rindex(b"xref\n0 6")
    for _ in range(count):
        here = len(out)
        out += b"xref\n0 0\ntrailer\n<</Size 6/Root 1 0 R/Prev %d>>\n" % at
        at = here
    return out + b"startxref\n%d\n%%%%EOF\n" % at


def encrypt(entries, ident=True, o=b"00" * 32):
    obj = objects()
    obj[6] = b"<</Filter/Standard/O<%s>/U<%s>/P -4%s>>" % (o, b"00" * 32, entries)
    data = table(obj, extra=b"/Encrypt 6 0 R")
    return data if ident else data.replace(ID, b"")


def signature(byte_range, contents=b"<" + b"00" * 64 + b">"):
    """A signature field with a value; the range is what is wrong, the content is no CMS at all."""
    return table(objects(
        catalog=b"/AcroForm<</SigFlags 3/Fields[6 0 R]>>", page=b"/Annots[6 0 R]",
        o6=b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 7 0 R>>",
        o7=b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[%s]/Contents %s>>"
           % (byte_range, contents)))


def field(more):
    return b"<</FT/Sig/Type/Annot/Subtype/Widget/P 3 0 R/Rect[0 0 0 0]/T(Signature1)%s>>" % more


def form(**obj):
    return objects(catalog=b"/AcroForm<</Fields[6 0 R]>>", page=b"/Annots[6 0 R]", **obj)


def laughs(first, leaf, make, levels=10, width=10):
    """`levels` of nodes, each naming the next `width` times: 10 to the 10 visits, without any loop."""
    out = {}
    for i in range(levels):
        n = first + i
        child = b"%d 0 R" % (n + 1) if i + 1 < levels else leaf
        out["o%d" % n] = make(b" ".join([child] * width), n)
    return out


def deep_pages(depth):
    packed = {1: b"<</Type/Catalog/Pages 0000006 0 R>>", 3: (PAGE % b"").replace(b"2 0 R/M", b"%d 0 R/M" % (depth + 5))}
    for n in range(6, depth + 6):
        kid = n + 1 if n < depth + 5 else 3
        packed[n] = b"<</Type/Pages/Count 1/Kids[%07d 0 R]>>" % kid
    rest = objects()
    return xref_stream({4: rest[4], 5: rest[5]}, packed)


def deep(value, packed=True):
    """A deeply nested value inside the AcroForm, which a signer must read."""
    obj = objects(catalog=b"/AcroForm 6 0 R", o6=b"<</Fields[]/DR %s>>" % value)
    if not packed:
        return table(obj)
    inside = {6: obj.pop(6)}
    return xref_stream(obj, inside)


def object_stream_alone(make):
    """Object 6, the AcroForm, is said to lie in object stream 7, which `make` builds."""
    obj = objects(catalog=b"/AcroForm 6 0 R", o6=b"null")
    del obj[6]
    obj[7] = make()
    return xref_stream(obj, rows={6: (2, 7, 0)})


def packed_rows(rows, top, layout=">BQH"):
    return b"".join(struct.pack(layout, *rows.get(n, (0, 0, 0))) for n in range(top))


def cases():
    sound = table(objects())
    start = sound.rindex(b"startxref")
    add = []

    def case(name, sign, what, data):
        add.append((name, sign, what, data))

    # Not PDFs, or only a part of one
    case("empty", "refuse", "0 bytes", b"")
    case("not-a-pdf-text", "refuse", "plain text", b"This is a letter, not a PDF.\n" * 20)
    case("not-a-pdf-png", "refuse", "a PNG picture", png())
    case("header-only", "refuse", "ends after the header", HEADER)
    case("truncated-half", "refuse", "the first half of a file", sound[:len(sound) // 2])
    case("truncated-before-startxref", "refuse", "ends just before startxref", sound[:start])
    case("truncated-after-startxref", "refuse", "ends after the word startxref", sound[:start + 10])
    case("no-startxref", "refuse", "startxref and its number are left out, the rest is there",
         sound[:start] + b"%%EOF\n")
    case("no-eof-mark", "any", "no %%EOF", sound.replace(b"%%EOF\n", b""))
    lead = b"x" * 40 + b"\n"
    content, at = body(objects(), start=len(lead + HEADER))
    case("header-offset-absolute", "refuse", "bytes before the header, but offsets count from the file's start",
         lead + HEADER + content + section(at, 6) + end(b"/Size 6/Root 1 0 R" + ID, len(lead + HEADER + content)))

    # startxref and the chain of sections
    for name, value in (("beyond-end", b"999999"), ("negative", b"-1"), ("huge", b"9" * 40), ("zero", b"0"),
                        ("int32-overflow", b"4294967311"), ("int64-overflow", b"18446744073709551631"),
                        ("not-a-number", b"here"), ("into-object", b"15")):
        case("startxref-" + name, "refuse", "startxref is " + value.decode(), table(objects(), startxref=value))
    case("prev-self", "refuse", "/Prev names its own section", table(objects(), extra=b"/Prev @XREF"))
    case("prev-loop", "refuse", "two sections name each other as /Prev", two_sections(lambda a, b: b, lambda a, b: a))
    case("prev-loop-xref-stream", "refuse", "a cross-reference stream names itself as /Prev",
         xref_stream(objects(), entries=b"/Prev @XREF"))
    case("prev-beyond-end", "refuse", "/Prev lies beyond the end", table(objects(), extra=b"/Prev 99999999"))
    case("prev-negative", "refuse", "/Prev is negative", table(objects(), extra=b"/Prev -5"))
    case("prev-not-a-number", "refuse", "/Prev is a name", table(objects(), extra=b"/Prev/Here"))
    case("prev-chain-1500", "any", "1500 empty sections, one after the other", prev_chain(1500))
    case("xrefstm-loop", "refuse", "/XRefStm names the table itself", table(objects(), extra=b"/XRefStm @XREF"))
    case("table-count-huge", "refuse", "a subsection claims 4294967295 entries",
         sound.replace(b"xref\n0 6\n", b"xref\n0 4294967295\n"))
    case("table-first-huge", "refuse", "a subsection starts at object 2147483647",
         sound.replace(b"xref\n0 6\n", b"xref\n2147483647 6\n"))
    case("table-offsets-wrong", "refuse", "every offset is off by three", table(objects()).replace(
        section(body(objects())[1], 6), section({n: o + 3 for n, o in body(objects())[1].items()}, 6)))
    for name, size in (("too-small", 3), ("huge", 2147483647), ("negative", -1), ("zero", 0)):
        case("size-" + name, "any", "/Size is %d" % size, table(objects(), size=size))

    # Cross-reference streams
    case("xref-stream-size-huge", "refuse", "/Size and /Index claim 2147483647 entries",
         xref_stream(objects(), size=2147483647, index=b"0 2147483647"))
    case("xref-stream-w-huge", "refuse", "/W 2147483647 three times", xref_stream(objects(), w=b"2147483647 " * 3))
    case("xref-stream-w-overflow", "refuse", "the widths' sum wraps to 7 in 64 bits",
         xref_stream(objects(), w=b"9223372036854775807 9223372036854775807 9"))
    case("xref-stream-w-negative", "refuse", "/W has a negative width", xref_stream(objects(), w=b"1 -4 2"))
    case("xref-stream-w-zero", "refuse", "entries are 0 bytes wide, /Index claims 2147483647 of them",
         xref_stream(objects(), w=b"0 0 0", size=2147483647, index=b"0 2147483647"))
    case("xref-stream-w-short", "refuse", "/W has two widths", xref_stream(objects(), w=b"1 4"))
    case("xref-stream-offset-overflow", "refuse", "8-byte offsets of 2 to the 64 minus 1",
         xref_stream(objects(), w=b"1 8 2", data=lambda rows, top: packed_rows(
             {n: (r[0], (1 << 64) - 1 if r[0] == 1 else 0, 0) for n, r in rows.items()}, top)))
    case("xref-stream-index-negative", "refuse", "/Index is negative", xref_stream(objects(), index=b"-7 7"))
    case("xref-stream-index-odd", "refuse", "/Index has three numbers", xref_stream(objects(), index=b"0 6 9"))
    case("xref-stream-type-unknown", "refuse", "every entry is of type 9, so every object is null",
         xref_stream(objects(), rows={n: (9, 0, 0) for n in range(1, 6)}))
    case("xref-stream-predictor-columns-huge", "refuse", "/Predictor 12 with 2147483647 columns",
         xref_stream(objects(), data=lambda rows, top: deflate(packed_rows(rows, top, ">BIH")),
                     filters=b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2147483647/Colors 32"
                             b"/BitsPerComponent 16>>"))

    # Decompression bombs: 1 GiB each
    case("bomb-content-stream", "any", "the page's content inflates to 1 GiB (deflated twice)",
         table(objects(o4=stream(bomb(), TWICE))))
    lead = b"6 0\n<</Fields[]>> "
    case("bomb-object-stream", "any", "the object stream with the AcroForm inflates to 1 GiB (deflated twice)",
         object_stream_alone(lambda: stream(bomb(lead), b"/Type/ObjStm/N 1/First 4" + TWICE)))
    case("bomb-xref-stream", "any", "the cross-reference stream inflates to 1 GiB (deflated twice)",
         xref_stream(objects(), data=lambda rows, top: bomb(packed_rows(rows, top, ">BIH"), fill=b"\0"),
                     filters=TWICE))
    case("bomb-filters-10000", "refuse", "the cross-reference stream names 10000 filters",
         xref_stream(objects(), filters=b"/Filter[" + b"/Fl " * 10000 + b"]"))

    # Nesting
    for depth in (20000, 200000):
        case("nested-arrays-%d" % depth, "refuse", "arrays, %d levels, in an object stream" % depth,
             deep(nested(b"[", b"]", depth)))
        case("nested-dictionaries-%d" % depth, "refuse", "dictionaries, %d levels, in an object stream" % depth,
             deep(nested(b"<</A", b">>", depth)))
    case("nested-arrays-20000-plain", "refuse", "arrays, 20000 levels, not compressed",
         deep(nested(b"[", b"]", 20000), packed=False))
    case("nested-dictionaries-16000-plain", "refuse", "dictionaries, 16000 levels, not compressed",
         deep(nested(b"<</A", b">>", 16000), packed=False))
    case("nested-arrays-unclosed", "refuse", "80000 opening brackets", deep(b"[" * 80000, packed=False))
    case("nested-parentheses", "any", "a string of 40000 nested parentheses",
         deep(nested(b"(", b")", 40000), packed=False))
    case("nested-trailer", "refuse", "arrays, 20000 levels, in the trailer",
         table(objects(), extra=b"/X " + nested(b"[", b"]", 20000)))

    # Catalog and page tree
    case("root-missing", "refuse", "the trailer has no /Root", table(objects(), root=b""))
    case("root-not-reference", "refuse", "/Root is a number", table(objects(), root=b"/Root 1"))
    case("catalog-missing", "refuse", "/Root names an object that is not there", table(objects(o1=None)))
    case("catalog-not-dictionary", "refuse", "the catalog is an array", table(objects(o1=b"[/Type/Catalog]")))
    case("catalog-reference-self", "refuse", "object 1 is a reference to object 1", table(objects(o1=b"1 0 R")))
    case("catalog-reference-loop", "refuse", "objects 1 and 6 are references to each other",
         table(objects(o1=b"6 0 R", o6=b"1 0 R")))
    case("pages-missing", "refuse", "the catalog has no /Pages", table(objects(o1=b"<</Type/Catalog>>")))
    case("pages-empty", "refuse", "a page tree without a page", table(objects(o2=b"<</Type/Pages/Count 0/Kids[]>>")))
    case("pages-kids-not-array", "refuse", "/Kids is a number", table(objects(o2=b"<</Type/Pages/Count 1/Kids 3>>")))
    case("page-tree-self", "refuse", "/Kids of the root node names the root node",
         table(objects(o2=b"<</Type/Pages/Count 1/Kids[2 0 R]>>")))
    case("page-tree-loop", "refuse", "nodes 2 and 6 are each other's kids", table(objects(
        o2=b"<</Type/Pages/Count 1/Kids[6 0 R]>>", o6=b"<</Type/Pages/Parent 2 0 R/Count 1/Kids[2 0 R 3 0 R]>>")))
    case("page-tree-parent-loop", "any", "/Parent leads from 2 to 6 and back, while MediaBox is inherited",
         table(objects(
             o2=b"<</Type/Pages/Parent 6 0 R/Count 1/Kids[3 0 R]>>", o6=b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]>>",
             o3=b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>")))
    case("page-tree-kids-array-self", "refuse", "/Kids is an array that contains itself",
         table(objects(o2=b"<</Type/Pages/Count 1/Kids 6 0 R>>", o6=b"[6 0 R]")))
    case("page-tree-billions", "any", "10 levels of 10 references to one node: 10 to the 10 pages, no loop",
         table(objects(o2=b"<</Type/Pages/Count 1000000000/Kids[6 0 R]>>", **laughs(
             6, b"3 0 R", lambda kids, n: b"<</Type/Pages/Parent %d 0 R/Count 1/Kids[%s]>>" % (
                 2 if n == 6 else n - 1, kids)))))
    case("page-tree-depth-20000", "any", "20000 nodes, each with one kid", deep_pages(20000))
    case("pages-count-huge", "any", "/Count is 2147483647", table(objects(
        o2=b"<</Type/Pages/Count 2147483647/Kids[3 0 R]>>")))
    case("pages-count-negative", "any", "/Count is -1", table(objects(o2=b"<</Type/Pages/Count -1/Kids[3 0 R]>>")))
    case("mediabox-hostile", "any", "/MediaBox has huge, tiny and non-numeric members", table(objects(
        o3=b"<</Type/Page/Parent 2 0 R/MediaBox[-1" + b"0" * 400 + b" 0.%s1 /NaN " % (b"0" * 400) + b"9" * 400
           + b"]/Contents 4 0 R>>")))

    # Forms
    case("acroform-not-dictionary", "refuse", "/AcroForm is an array", table(objects(catalog=b"/AcroForm[]")))
    case("acroform-fields-not-array", "refuse", "/Fields is a number",
         table(objects(catalog=b"/AcroForm<</Fields 6>>")))
    case("acroform-fields-self", "any", "/Fields is an array that contains itself",
         table(objects(catalog=b"/AcroForm<</Fields 6 0 R>>", o6=b"[6 0 R]")))
    case("acroform-fields-loop", "any", "fields 6 and 7 are each other's kids", table(form(
        o6=b"<</T(a)/FT/Sig/Kids[7 0 R]>>", o7=b"<</T(b)/Parent 6 0 R/Kids[6 0 R]>>")))
    case("acroform-kids-self", "any", "field 6 is its own kid", table(form(o6=b"<</T(a)/FT/Sig/Kids[6 0 R]>>")))
    case("acroform-billions", "any", "10 levels of 10 references to one field, no loop",
         table(form(**laughs(6, b"16 0 R", lambda kids, n: b"<</T(a)%s/Kids[%s]>>" % (
             b"" if n == 6 else b"/Parent %d 0 R" % (n - 1), kids)), o16=field(b"/Parent 15 0 R"))))
    case("signature-parent-self", "any", "/Parent of the signature field names the field",
         table(form(o6=field(b"/Parent 6 0 R"))))
    case("signature-parent-loop", "any", "/Parent leads from 6 to 7 and back",
         table(form(o6=field(b"/Parent 7 0 R"), o7=b"<</T(b)/Parent 6 0 R/Kids[6 0 R]>>")))
    case("signature-field-twice", "any", "two fields are named Signature1", table(objects(
        catalog=b"/AcroForm<</Fields[6 0 R 7 0 R]>>", page=b"/Annots[6 0 R 7 0 R]", o6=field(b""), o7=field(b""))))
    case("annots-self", "any", "/Annots is an array that contains itself",
         table(objects(page=b"/Annots 6 0 R", o6=b"[6 0 R]")))
    case("annots-not-array", "any", "/Annots is a string", table(objects(page=b"/Annots(none)")))

    # Signature values, for readers: none of these is a sound signature
    for name, value in (("negative", b"0 -10 20 30"), ("beyond-end", b"0 100 200 99999999"),
                        ("overlapping", b"0 500 100 400"),
                        ("int64-overflow", b"0 9223372036854775807 9223372036854775807 9"),
                        ("two-numbers", b"0 100"), ("starts-late", b"10 100 300 400"),
                        ("not-numbers", b"/a (b) [] null"), ("gap-elsewhere", b"0 100 200 900")):
        case("byterange-" + name, "any", "/ByteRange is [" + value.decode() + "]", signature(value))
    case("signature-contents-odd", "any", "/Contents has an odd number of hex digits and a letter Z",
         signature(b"0 100 200 900", b"<30Z>"))
    case("signature-contents-empty", "any", "/Contents is empty", signature(b"0 100 200 900", b"<>"))

    # Streams and object streams
    case("stream-length-self", "any", "/Length of stream 4 is a reference to stream 4",
         table(objects(o4=stream(b"q Q", length=b"4 0 R"))))
    case("stream-length-negative", "any", "/Length is -3", table(objects(o4=stream(b"q Q", length=b"-3"))))
    case("stream-length-beyond-end", "any", "/Length is 99999999",
         table(objects(o4=stream(b"q Q", length=b"99999999"))))
    case("object-stream-self", "refuse", "object stream 7 lies in object stream 7",
         xref_stream(objects(catalog=b"/AcroForm 6 0 R"), rows={6: (2, 7, 0), 7: (2, 7, 0)}, packed={7: b"null"}))
    case("object-stream-pair-loop", "refuse", "object streams 7 and 8 lie in each other", xref_stream(
        {**objects(catalog=b"/AcroForm 6 0 R"), 7: b"null", 8: b"null"},
        rows={6: (2, 7, 0), 7: (2, 8, 0), 8: (2, 7, 0)}))
    case("object-stream-extends-loop", "any", "object streams 7 and 8 extend each other", xref_stream(
        {**objects(catalog=b"/AcroForm 6 0 R"), 7: object_stream({6: b"<</Fields[]>>"}, b"/Extends 8 0 R"),
         8: object_stream({9: b"null"}, b"/Extends 7 0 R")}, rows={6: (2, 7, 0)}))
    case("object-stream-n-huge", "refuse", "/N is 2147483647",
         object_stream_alone(lambda: object_stream({6: b"<</Fields[]>>"}, n=2147483647)))
    case("object-stream-n-negative", "any", "/N is -1",
         object_stream_alone(lambda: object_stream({6: b"<</Fields[]>>"}, n=-1)))
    case("object-stream-first-beyond-end", "refuse", "/First is 2147483647",
         object_stream_alone(lambda: object_stream({6: b"<</Fields[]>>"}, first=2147483647)))
    case("object-stream-not-a-stream", "refuse", "the object stream is a dictionary",
         object_stream_alone(lambda: b"<</Type/ObjStm/N 1/First 4>>"))
    case("object-stream-length-inside", "refuse", "the object stream's /Length lies in the object stream itself",
         object_stream_alone(lambda: stream(b"6 0\n<</Fields[]>>", b"/Type/ObjStm/N 1/First 4", length=b"6 0 R")))

    # Encryption dictionaries
    case("encrypt-length-negative", "refuse", "/Length in /Encrypt is -8", encrypt(b"/V 2/R 3/Length -8"))
    case("encrypt-length-huge", "refuse", "/Length in /Encrypt is 2147483640", encrypt(b"/V 2/R 3/Length 2147483640"))
    case("encrypt-length-zero", "refuse", "/Length in /Encrypt is 0", encrypt(b"/V 2/R 3/Length 0"))
    case("encrypt-cf-length-negative", "refuse", "/Length of the crypt filter is -16", encrypt(
        b"/V 4/R 4/Length -128/CF<</StdCF<</CFM/AESV2/Length -16/AuthEvent/DocOpen>>>>/StmF/StdCF/StrF/StdCF"))
    case("encrypt-cf-loop", "refuse", "/CF leads back to the encryption dictionary",
         encrypt(b"/V 4/R 4/Length 128/CF 6 0 R/StmF/CF/StrF/CF"))
    case("encrypt-version-unknown", "refuse", "/V 99 /R 99", encrypt(b"/V 99/R 99/Length 128"))
    case("encrypt-no-id", "refuse", "encrypted, but the trailer has no /ID",
         encrypt(b"/V 2/R 3/Length 128", ident=False))
    case("encrypt-owner-short", "refuse", "/O has one byte", encrypt(b"/V 2/R 3/Length 128", o=b"00"))
    case("encrypt-aes256-without-keys", "refuse", "V5 R6 without /OE, /UE and /Perms", encrypt(
        b"/V 5/R 6/Length 256/CF<</StdCF<</CFM/AESV3/Length 32>>>>/StmF/StdCF/StrF/StdCF"))
    case("encrypt-reference-missing", "any", "/Encrypt names an object that is not there, which means null",
         table(objects(), extra=b"/Encrypt 77 0 R"))
    case("encrypt-not-dictionary", "refuse", "/Encrypt is a number", table(objects(), extra=b"/Encrypt 5"))

    # Numbers
    case("generation-overflow", "refuse", "generation 4294967296 in object, table and reference", table(
        objects(o2=b"<</Type/Pages/Count 1/Kids[3 4294967296 R]>>"), generation={3: 4294967296}))
    case("generation-65536", "any", "generation 65536, one above the limit", table(
        objects(o2=b"<</Type/Pages/Count 1/Kids[3 65536 R]>>"), generation={3: 65536}))
    case("generation-differs", "refuse", "the table says generation 7, the object 0",
         sound.replace(b"%010d 00000 n" % body(objects())[1][1], b"%010d 00007 n" % body(objects())[1][1]))
    case("object-number-overflow", "refuse", "the root is object 4294967297",
         table(objects(), root=b"/Root 4294967297 0 R").replace(b"1 0 obj", b"4294967297 0 obj", 1))
    case("object-number-negative", "refuse", "the root is object -1", table(objects(), root=b"/Root -1 0 R"))
    case("object-header-differs", "refuse", "the table leads to another object's header",
         sound.replace(b"1 0 obj", b"9 0 obj", 1))
    case("name-of-90000-bytes", "any", "a dictionary key of 90000 bytes",
         table(objects(catalog=b"/" + b"A" * 90000 + b" 1")))
    case("name-with-nul", "any", "a field name with #00 and control characters", table(form(
        o6=field(b"").replace(b"(Signature1)", b"(Sig\\000nature\\033[2J1)").replace(b"/P 3", b"/A#00B 1/P 3"))))
    return add


def large():
    """Names and functions, so that only one is in memory at a time."""
    def garbage(size):
        block = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(size // 32))
        return HEADER + block
    return {
        "garbage-10mb": lambda: garbage(10 << 20),
        "nested-arrays-200000-plain": lambda: deep(nested(b"[", b"]", 200000), packed=False),
        "nested-dictionaries-200000-plain": lambda: deep(nested(b"<</A", b">>", 200000), packed=False),
        "page-tree-depth-100000": lambda: deep_pages(100000),
        "prev-chain-200000": lambda: prev_chain(200000),
    }


# Encryption that a password would open, as far as its dictionary can be believed.
NEEDS_PASSWORD = {"encrypt-length-negative", "encrypt-length-huge", "encrypt-length-zero",
                  "encrypt-cf-length-negative", "encrypt-cf-loop", "encrypt-no-id", "encrypt-owner-short"}


def main(args):
    if len(args) == 2 and args[0] == "--large":
        folder = pathlib.Path(args[1])
        for name, make in large().items():
            (folder / (name + ".pdf")).write_bytes(make())
        return 0
    if args:
        print(__doc__, file=sys.stderr)
        return 2
    here = pathlib.Path(__file__).resolve().parent
    known, listing = set(), []
    for name, sign, what, data in cases():
        assert name not in known and len(data) < 100 * 1024, (name, len(data))
        known.add(name)
        (here / (name + ".pdf")).write_bytes(data)
        entry = {"file": name + ".pdf", "what": what, "sign": sign}
        if sign == "refuse":
            # A policy's word (11) where somebody could open it, else bad input (1).
            entry["exit"] = 11 if name in NEEDS_PASSWORD else 1
        listing.append(json.dumps(entry))
    (here / "cases.json").write_text("[\n" + ",\n".join(listing) + "\n]\n", encoding="utf-8")
    for stale in here.glob("*.pdf"):
        if stale.stem not in known:
            stale.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
