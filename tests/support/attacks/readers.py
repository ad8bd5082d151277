"""What readers make of octets, each in its way: where a stream begins, what a number is, what is
encrypted, which objects there are for those that look for objects themselves."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


def with_store(pdf, evidence, more=None):
    """Evidence that the catalog lists, number 90, beside other objects."""
    return revised(pdf, {CATALOG: catalog_with(pdf, b"/DSS<</Certs[90 0 R]>>"), FREE: evidence} |
                   (more or {}))


# --- Where a stream begins -----------------------------------------------------------------------

for name, behind in (("at-once", b"stream"), ("behind-a-space", b"stream \n"),
                     ("behind-a-carriage-return", b"stream\r")):
    simple("plain", OPEN, "objects-stream-that-begins-" + name, lambda pdf, behind=behind: revised(
        pdf, {CONTENT: replaced(body(pdf, CONTENT), b"stream\n", behind)}))


@attack("certified-1", OPEN, "objects-object-stream-that-begins-in-two-ways")
def _(pdf):
    """Behind the space stands the page that was signed, behind the next line end another."""
    page = body(pdf, PAGE)
    other = b"3 0 ".ljust(16) + replaced(page, b"/Contents 4 0 R", b"/Contents 90 0 R") + b"\n"
    first = b"3 %d" % len(other)
    raw = first.ljust(15) + b"\n" + other + page + b" "
    made = revised_with_streams(pdf, {CATALOG: catalog_with(pdf, b"/DSS<</Certs[90 0 R]>>"),
                                      FREE: OTHER}, packed={PAGE: page})
    at = made.rindex(b"300 0 obj\n") + 10
    end = made.index(b"\nendobj", at)
    new = b"<</Type/ObjStm/N 1/First 16/Length %d>>stream " % len(raw) + raw + b"\nendstream"
    return with_section_moved(made, at, end, new)


def with_section_moved(pdf, begin, end, by):
    """Other octets there, and the cross-reference stream and the startxref behind them set right."""
    old = pdf[pdf.rindex(b"301 0 obj"):]
    start = len(pdf) - len(old)
    moved = start + len(by) - (end - begin)
    section = replaced(old, b"startxref\n%d" % start, b"startxref\n%d" % moved)
    return pdf[:begin] + by + pdf[end:start] + replaced(
        section, start.to_bytes(4, "big"), moved.to_bytes(4, "big"))


# --- Numbers -------------------------------------------------------------------------------------

prepared("rotated", "rotate-90")(lambda pdf: pdf)
for name, by in (("an-integer-or-a-real", b"90.0"), ("two-signs", b"+-90"), ("two-numbers", b"90-0")):
    simple("rotated", OPEN, "objects-rotation-of-" + name, lambda pdf, by=by: revised(
        pdf, {PAGE: replaced(body(pdf, PAGE), b"/Rotate 90", b"/Rotate " + by)}))
simple("rotated", PASSED, "written-again-with-another-zero", lambda pdf: revised(
    pdf, {PAGE: replaced(body(pdf, PAGE), b"/Rotate 90", b"/Rotate +090")}))
simple("plain", PASSED, "written-again-with-a-box-of-reals", lambda pdf: revised(
    pdf, {PAGE: re.sub(rb"/MediaBox\s*\[0 0 595 842\]", b"/MediaBox[0 0 595.0 842.]",
                       body(pdf, PAGE))}))
simple("plain", OPEN, "objects-stream-of-a-real-length", lambda pdf: revised(
    pdf, {CONTENT: re.sub(rb"/Length (\d+)", rb"/Length \1.0", body(pdf, CONTENT))}))


# --- What is encrypted ---------------------------------------------------------------------------

VALUE = re.compile(rb"/V <[0-9a-f]+>")
for name in ("aes128", "aes256"):
    base = "encrypted-" + name
    prepared(base, "qpdf-" + base)(lambda pdf: pdf)
    simple(base, PASSED, "untouched-" + base, lambda pdf: pdf)
    simple(base, PASSED, "written-again-" + base, lambda pdf: encrypted(pdf, body(pdf, 6)))
    for what, by in (("in-the-clear", b"/V (Ines Calloway)"), ("of-half-a-block", b"/V <0011>"),
                     ("with-bad-padding", b"/V <%s>" % (b"00" * 32))):
        simple(base, OPEN, "objects-value-%s-in-%s" % (what, base), lambda pdf, by=by: encrypted(
            pdf, VALUE.sub(by, body(pdf, 6))))


def encrypted(pdf, field):
    return revised(pdf, {6: field},
                   extra=b"/Encrypt " + re.findall(rb"/Encrypt (\d+ 0 R)", pdf)[-1])


# --- Objects that no section lists ---------------------------------------------------------------

UNLISTED = b"4 0 obj\n" + OTHER + b"\nendobj\n"
TITLE = b"<</Title(x)>>"
for name, octets in (("beside-others", UNLISTED), ("in-a-comment", b"%4 0 obj<<>>endobj\n"),
                     ("but-words", b"xref\n"), ("but-another-end", b"startxref\n17\n%%EOF\n"),
                     ("of-a-header-with-a-comment", b"4 %\n0 % x\nobj" + UNLISTED[7:])):
    simple("plain", OPEN, "xref-object-unlisted-" + name,
           lambda pdf, octets=octets: revised(pdf + octets, {INFORMATION: TITLE}))
simple("plain", OPEN, "xref-object-unlisted-in-a-string",
       lambda pdf: revised(pdf, {INFORMATION: b"<</Title(x\n4 0 obj null endobj\n)>>"}))
simple("plain", OPEN, "xref-object-unlisted-in-a-stream", lambda pdf: with_store(
    pdf, stream(b"\nendstream\nendobj\n" + UNLISTED)))
simple("plain", OPEN, "xref-trailer-beside-the-trailer", lambda pdf: revised(
    pdf + b"trailer\n<</Root 90 0 R>>\n", {INFORMATION: TITLE}, root=b"1 0 R"))
simple("streams", OPEN, "objects-stream-with-an-object-that-is-not-listed",
       lambda pdf: unlisted_member(pdf))
simple("plain", PASSED, "comments-between-objects", lambda pdf: revised(
    pdf + b"% an object, endobj\n%%EOF\n \r\n", {INFORMATION: TITLE}))
simple("plain", PASSED, "words-that-begin-no-object", lambda pdf: revised(
    pdf, {INFORMATION: b"<</Title(the obj of\n4 0 trailer objects)>>"}))


def unlisted_member(pdf):
    """Of two members the section lists the first only."""
    store = revised_with_streams(pdf, {FREE: EVIDENCE}, packed={
        CATALOG: streams_catalog(pdf, b"/DSS 91 0 R"), 91: b"<</Certs[90 0 R]>>", 92: b"null"})
    at = store.rindex(b"/Index[")
    return store[:at] + replaced(store[at:], b"92 1 ", b"96 1 ")


# --- Rows and columns ----------------------------------------------------------------------------

def rewritten(pdf, change):
    """The last table, as `change` makes it of its rows and the trailer behind."""
    made = revised(pdf, {INFORMATION: TITLE})
    at = made.rindex(b"xref\n5 1")
    return made[:at] + change(made[at:])


for name, change in (
        ("short-rows", lambda tail: re.sub(rb"0*(\d+) 00000 n ", rb"\1 0 n", tail)),
        ("rows-of-21-octets", lambda tail: replaced(tail, b" n \n", b" n  \n")),
        ("a-free-object-beyond-its-size",
         lambda tail: replaced(tail, b"trailer", b"8388607 1\n0000000000 00000 f \ntrailer")),
        ("a-size-beyond-all",
         lambda tail: re.sub(rb"/Size \d+", b"/Size 8388700", tail)),
        ("a-generation-beyond-all",
         lambda tail: replaced(tail, b"trailer", b"0 1\n0000000000 99999 f \ntrailer")),
        ("a-startxref-before-it", lambda tail: re.sub(
            rb"startxref\n(\d+)", lambda m: b"startxref\n%d" % (int(m.group(1)) - 1), tail)),
        ("an-end-far-behind", lambda tail: replaced(tail, b"%%EOF", b" " * 500 + b"%%EOF"))):
    simple("plain", OPEN, "xref-table-with-" + name,
           lambda pdf, change=change: rewritten(pdf, change))
simple("plain", PASSED, "table-with-the-head-of-the-free", lambda pdf: rewritten(
    pdf, lambda tail: replaced(tail, b"xref\n", b"xref\n0 1\n0000000000 65535 f\r\n")))
simple("plain", OPEN, "xref-object-header-with-a-comment", lambda pdf: replaced(
    revised(pdf, {INFORMATION: TITLE}), b"5 0 obj\n" + TITLE, b"5 %\n0 obj\n" + TITLE))
for name, widths in (("eight-octets-of-type", (8, 4, 2)), ("nine-octets-of-offset", (1, 9, 2)),
                     ("eight-octets-of-generation", (1, 4, 8)), ("a-fourth-column", (1, 4, 2, 1))):
    simple("streams", OPEN if widths[1] < 9 else NOT, "xref-stream-with-" + name,
           lambda pdf, widths=widths: with_columns(pdf, widths))
simple("streams", PASSED, "stream-with-wide-columns", lambda pdf: with_columns(pdf, (2, 8, 4)))


def with_columns(pdf, widths):
    start = len(pdf)
    data = b"".join(value.to_bytes(width, "big") for value, width in zip((1, start, 0, 0), widths))
    entries = b"/Type/XRef/W[%s]/Index[301 1]/Size 302/Root %s/Prev %d" % (
        b" ".join(b"%d" % width for width in widths), in_trailer(pdf, b"Root"),
        number_behind(pdf, b"startxref"))
    for key in (b"Info", b"ID"):
        if in_trailer(pdf, key):
            entries += b"/" + key + b" " + in_trailer(pdf, key)
    return pdf + b"301 0 obj\n" + stream(data, entries) + \
        b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


@attack("plain", OPEN, "xref-hybrid-table-frees-what-its-stream-lists")
def _(pdf):
    """Readers that do not know the stream lose the content."""
    data = bytes([1]) + offset_of(pdf, CONTENT).to_bytes(4, "big") + b"\0\0"
    out = pdf + b"95 0 obj\n" + stream(
        data, b"/Type/XRef/W[1 4 2]/Index[4 1]/Size 96/Root 1 0 R") + b"\nendobj\n"
    return revised(out, {INFORMATION: TITLE}, free=[CONTENT], entries=[(95, len(pdf))],
                   previous=number_behind(pdf, b"startxref"), extra=b"/XRefStm %d" % len(pdf))


@attack("plain", OPEN, "xref-hybrid-stream-has-what-its-table-has-elsewhere")
def _(pdf):
    """The table says what it said, the stream says another place."""
    out = pdf + b"4 0 obj\n" + OTHER + b"\nendobj\n"
    data = bytes([1]) + len(pdf).to_bytes(4, "big") + b"\0\0"
    at = len(out)
    out += b"95 0 obj\n" + stream(
        data, b"/Type/XRef/W[1 4 2]/Index[4 1]/Size 96/Root 1 0 R") + b"\nendobj\n"
    return revised(out, {}, entries=[(CONTENT, offset_of(pdf, CONTENT)), (95, at)],
                   previous=number_behind(pdf, b"startxref"), extra=b"/XRefStm %d" % at)
