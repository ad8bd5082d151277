"""Documents whose references some readers see and others do not: a glyph that the page draws and
that is not there yet, told where nobody looks. What is listed as evidence later becomes it."""
from registry import *  # noqa: F403
from surgery import *  # noqa: F403
from tiles import FIRST, TEXT, filled, with_widgets

GLYPH = b"1000 0 d0 1 0 0 rg 0 0 595 842 re f"
FONTS = (b"/Resources<</Font<</F0<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[1 0 0"
         b" 1 0 0]/FirstChar 97/LastChar 97/Widths[1000]/Encoding<</Type/Encoding/Differences[97/a]"
         b">>/Resources<<>>/CharProcs<</a %d 0 R>>>>>>>>")


def drawing(pdf, form_entries, more=None):
    """The page draws form 80, which has these entries."""
    page = replaced(body(pdf, PAGE), b"/Font", b"/XObject<</Over 80 0 R>>/Font")
    page = replaced(page, b"/Contents 4 0 R", b"/Contents[4 0 R 81 0 R]")
    return revised(pdf, {PAGE: page, 81: stream(b"/Over Do"), 82: stream(b"1000 0 d0"),
                         80: stream(b"q BT /F0 1 Tf (a) Tj ET Q", form_entries)} | (more or {}))


def stored(pdf, number=FREE, more=None):
    return revised(pdf, {CATALOG: catalog_with(pdf, b"/DSS<</Certs[%d 0 R]>>" % number),
                         number: stream(GLYPH)} | (more or {}))


BOX = b"/Subtype/Form/BBox[0 0 595 842]"
for name, entries in (("form-that-calls-itself-xref", b"/Type/XRef" + BOX + FONTS % 90),
                      ("damaged-form-with-a-key-again",
                       b"/Type/XObject" + BOX + FONTS % 82 + FONTS % 90)):
    prepared(name)(lambda pdf, entries=entries: drawing(pdf, entries))
    simple(name, PASSED, "untouched-" + name, lambda pdf: pdf)
    simple(name, OPEN, "objects-reference-of-a-" + name, stored)
    simple(name, PASSED, "validation-data-beside-a-" + name, lambda pdf: revised_store(
        pdf, b"<</Certs[95 0 R]>>", {95: EVIDENCE}))

simple("damaged-form-with-a-key-again", OPEN, "objects-key-that-stands-again-is-another",
       lambda pdf: stored(pdf, 93, {
           80: replaced(body(pdf, 80), b"/a 90 0 R", b"/a 93 0 R")}))


@prepared("section-that-is-drawn")
def _(pdf):
    """A cross-reference stream of the file is the form, too; the newest trailer knows nothing of
    it."""
    pdf = drawing(pdf, b"/Type/XObject" + BOX)
    start = len(pdf)
    data = bytes([1]) + start.to_bytes(4, "big") + b"\0\0"
    entries = b"/Type/XRef/W[1 4 2]/Index[80 1]/Size 83/Root %s/Info %s/ID%s/Prev %d" % (
        in_trailer(pdf, b"Root"), in_trailer(pdf, b"Info"), in_trailer(pdf, b"ID"),
        number_behind(pdf, b"startxref"))
    pdf += b"80 0 obj\n" + stream(data, entries + BOX + FONTS % 90) + \
        b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return revised(pdf, {INFORMATION: b"<</Title(x)>>"})


simple("section-that-is-drawn", OPEN, "objects-reference-of-a-section-that-is-drawn",
       stored)


@prepared("damaged-box-that-is-a-reference", "acroform-indirect")
def _(pdf):
    """Object 85 is nothing but a reference, which some follow; others take the tree's box."""
    pdf = with_widgets(pdf, {FIRST: TEXT % (1, b"0 0 150 200", b"")}, [FIRST])
    return revised(pdf, {PAGE: replaced(body(pdf, PAGE), b"/MediaBox[0 0 595 842]",
                                        b"/MediaBox 85 0 R"), 85: b"86 0 R", 86: b"[0 0 150 200]",
                         PAGES: replaced(body(pdf, PAGES), b"<<", b"<</MediaBox[0 0 595 842]")})


simple("damaged-box-that-is-a-reference", PASSED, "untouched-box-that-is-a-reference",
       lambda pdf: pdf)
simple("damaged-box-that-is-a-reference", OPEN, "shadow-replace-form-box-that-is-a-reference",
       lambda pdf: filled(pdf, [FIRST]))
