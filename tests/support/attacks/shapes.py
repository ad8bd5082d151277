"""What a page shows and a field tells, in odd shapes: documents prepared so that a small place in
them shows something large."""
import re

from registry import *  # noqa: F403
from stamps import STAMP
from surgery import *  # noqa: F403
from tiles import FIRST, KID, TEXT, filled, row, tiles, with_widgets


# --- How large the page is -----------------------------------------------------------------------

for name, box, rect, more in (
        # Readers show what both boxes have.
        ("where-its-boxes-meet", b"/MediaBox[0 0 595 842]/CropBox[297 421 892 1263]",
         b"297 421 595 842", {}),
        # The tree above it says 300 by 400, its /Parent more.
        ("whose-parent-is-another", b"", b"0 0 300 400", {
            PAGES: b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 300 400]>>",
            85: b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>"}),
        ("with-a-box-of-five", b"/MediaBox[0 0 300 400 0]", b"0 0 300 400", {})):
    @prepared("field-on-a-page-" + name, "acroform-indirect")
    def _(pdf, box=box, rect=rect, more=more):
        pdf = with_widgets(pdf, {FIRST: TEXT % (1, rect, b"")}, [FIRST])
        page = replaced(body(pdf, PAGE), b"/MediaBox[0 0 595 842]", box)
        objects = {PAGE: page} | more
        if 85 in more:
            objects[PAGE] = replaced(page, b"/Parent 2 0 R", b"/Parent 85 0 R")
        return revised(pdf, objects)

    simple("field-on-a-page-" + name, OPEN, "shadow-replace-form-field-on-a-page-" + name,
           lambda pdf: filled(pdf, [FIRST]))


@prepared("field-on-a-page-that-has-kids", "acroform-indirect")
def _(pdf):
    """A page to some readers, to others one above pages."""
    pdf = with_widgets(pdf, {FIRST: TEXT % (1, b"0 0 300 400", b"")}, [FIRST])
    return revised(pdf, {PAGE: replaced(body(pdf, PAGE), b"60 0 R ", b""),
                         PAGES: b"<</Type/Pages/Count 2/Kids[3 0 R 82 0 R]>>",
                         82: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Annots[60 0 R]"
                             b"/Kids[]>>"})


simple("field-on-a-page-that-has-kids", OPEN, "shadow-replace-form-field-on-a-page-that-has-kids",
       lambda pdf: filled(pdf, [FIRST]))


# --- The form's defaults, which all fields share -------------------------------------------------

EVIL = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 65" \
       b"/LastChar 65/Widths[9]/Encoding<</Differences[65/A]>>/CharProcs<</A 151 0 R>>>>"


@prepared("tiled-values", "acroform-indirect")
def _(pdf):
    """Read-only, and what they show is not their value."""
    what = b"/Ff 1/V(You owe a million)/DA(/Helv 0 Tf 0 g)/AP<</N 91 0 R>>"
    return with_widgets(pdf, {n: TEXT % (n, row(n - FIRST), what) for n in tiles()}, tiles(),
                        {91: form(b"", b"0 0 595 169")})


for name, what, by in (
        ("appearances-are-made-anew", b"/Fields", b"/NeedAppearances true/Fields"),
        ("a-font-is-another", b"/Helv 6 0 R", b"/Helv 150 0 R"),
        ("a-colour-is-another", b"0 g)", b"1 g)")):
    simple("tiled-values", OPEN, "shadow-replace-form-" + name,
           lambda pdf, what=what, by=by: revised(pdf, {
               12: replaced(body(pdf, 12), what, by)} | ({
                   150: EVIL, 151: stream(b"9 0 d0 " + COVER)} if b"150 0" in by else {})))


# --- Widgets that say whose they are -------------------------------------------------------------

@prepared("tiled-unlisted-kids", "acroform-indirect")
def _(pdf):
    """The page shows them, their /Parent is the field, which does not list them."""
    return with_widgets(pdf, {n: KID % (80, row(n - FIRST)) for n in tiles()}, [80],
                        {80: b"<</FT/Tx/T(family)>>"})


simple("tiled-unlisted-kids", OPEN, "shadow-replace-form-widgets-that-no-field-lists",
       lambda pdf: revised(pdf, {80: b"<</FT/Tx/T(family)/V(Mallory)>>"}))


@prepared("tiled-fields-with-a-parent", "acroform-indirect")
def _(pdf):
    """Fields of their own, which have a parent besides."""
    return with_widgets(pdf, {n: replaced(KID % (80, row(n - FIRST)), b"/F 4", b"/T(%d)/F 4" % n)
                              for n in tiles()}, [*tiles(), 80], {80: b"<</FT/Tx/T(family)>>"})


simple("tiled-fields-with-a-parent", OPEN, "shadow-replace-form-fields-with-a-parent",
       lambda pdf: revised(pdf, {80: b"<</FT/Tx/T(family)/V(Mallory)>>"}))


@prepared("tiled-kids-that-are-no-objects", "acroform-indirect")
def _(pdf):
    pdf = with_widgets(pdf, {}, [80], {80: b"<</FT/Tx/T(family)>>"})
    kids = b"".join(KID % (80, row(n - FIRST)) for n in tiles())
    return revised(pdf, {PAGE: replaced(body(pdf, PAGE), b"/Annots[", b"/Annots[" + kids)})


simple("tiled-kids-that-are-no-objects", OPEN, "shadow-replace-form-widgets-that-are-no-objects",
       lambda pdf: revised(pdf, {80: b"<</FT/Tx/T(family)/V(Mallory)>>"}))


# --- Mark-up, which readers draw by themselves ---------------------------------------------------

for kind in (b"Highlight", b"Underline", b"Squiggly", b"StrikeOut"):
    simple("certified-3", OPEN, "eaa-%s-without-appearance" % kind.decode().lower(),
           lambda pdf, kind=kind: annotated(pdf, NOTE % (
               kind, b"/C[0 0 0]/QuadPoints[0 842 595 842 0 0 595 0]")))


# --- A field that is something else besides ------------------------------------------------------

FIELD_CONTENT = b"/FT/Tx/T(content)/V(%s)"
OWED = b"BT /F1 14 Tf 72 760 Td (You owe %s) Tj ET"


@prepared("content-is-a-field", "acroform-indirect")
def _(pdf):
    return revised(pdf, {CONTENT: stream(OWED % b"nothing", FIELD_CONTENT % b"x"),
                         13: b"[7 0 R 8 0 R 9 0 R 4 0 R]"})


simple("content-is-a-field", OPEN, "shadow-replace-form-content-is-a-field", lambda pdf: revised(
    pdf, {CONTENT: stream(OWED % b"million", FIELD_CONTENT % b"y")}))


@prepared("group-is-a-field", "acroform-indirect")
def _(pdf):
    page = replaced(body(pdf, PAGE), b"/Font", b"/XObject<</X 81 0 R>>/Font")
    page = replaced(page, b"/Contents 4 0 R", b"/Contents[4 0 R 82 0 R]")
    return revised(pdf, {PAGE: page, 82: stream(b"/X Do"), 81: stream(
        b"/G gs " + COVER, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group 80 0 R/Resources"
        b"<</ExtGState<</G<</BM/Difference>>>>>>"),
        80: b"<</S/Transparency/I true/FT/Tx/T(g)/V(x)>>", 13: b"[7 0 R 8 0 R 9 0 R 80 0 R]"})


simple("group-is-a-field", OPEN, "shadow-replace-form-a-group-is-a-field", lambda pdf: revised(
    pdf, {80: b"<</S/Transparency/I false/FT/Tx/T(g)/V(y)>>"}))


@prepared("layer-is-a-field", "acroform-indirect")
def _(pdf):
    """Whether the overlay is seen follows from a dictionary that is an empty signature field."""
    page = replaced(body(pdf, PAGE), b"/Font", b"/XObject<</X 81 0 R>>/Font")
    page = replaced(page, b"/Contents 4 0 R", b"/Contents[4 0 R 82 0 R]")
    return revised(pdf, {
        PAGE: page, 82: stream(b"/X Do"), 83: b"<</Type/OCG/Name(L)>>",
        CATALOG: catalog_with(pdf, b"/OCProperties<</OCGs[83 0 R]/D<</ON[83 0 R]>>>>"),
        81: stream(COVER, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/OC 80 0 R"),
        80: b"<</Type/OCMD/OCGs[83 0 R]/P/AllOff/FT/Sig/T(g)>>", 13: b"[7 0 R 8 0 R 9 0 R 80 0 R]"})


simple("layer-is-a-field", OPEN, "ssa-time-stamp-in-a-layer", lambda pdf: revised(pdf, {
    80: b"<</Type/OCMD/OCGs[83 0 R]/P/AllOn/FT/Sig/T(g)/V 92 0 R>>", 92: STAMP}))


# --- Cross-reference data ------------------------------------------------------------------------

@prepared("first-object-not-there", "classic-xref")
def _(pdf):
    """Catalog 80 refers to object 1, which is not there; another object 4 lies unlisted."""
    pdf = pdf + b"4 0 obj\n" + OTHER + b"\nendobj\n"
    return revised(pdf, {80: catalog_with(pdf, b"/Outlines 1 0 R")}, free=[1], root=b"80 0 R")


@attack("first-object-not-there", OPEN, "xref-table-that-begins-with-one")
def _(pdf):
    """Some readers take its first row for object 0, as sloppy writers mean it. Then object 1 is not
    what its row says, and they look for all objects themselves."""
    information = int(in_trailer(pdf, b"Info").split()[0])
    made = revised(pdf, {2: body(pdf, 2), information: b"<</Title(x)>>"})
    head, tail = made[:len(pdf)], made[len(pdf):]
    return head + replaced(tail, b"xref\n2 1\n", b"xref\n1 2\n0000000000 65535 f \n")


@attack("plain", OPEN, "xref-table-with-a-comment")
def _(pdf):
    made = revised(pdf, {INFORMATION: b"<</Title(x)>>"})
    head, tail = made[:len(pdf)], made[len(pdf):]
    return head + replaced(tail, b"xref\n", b"xref\n%\n")


LENGTH = 40000  # of the file in the end


def linearisation(length):
    return b"80 0 obj\n<</Linearized 1/L %d/H[0 0]/O 3/E 9/N 1/T 9>>\nendobj\n" % length


@prepared("linearised-later")
def _(pdf):
    """In front lies a cross-reference section with another content, which readers take that find a
    linearised file of the length it has. No chain leads to it."""
    head, rest = pdf[:pdf.index(b"1 0 obj")], pdf[pdf.index(b"1 0 obj"):pdf.rindex(b"xref\n0 ")]
    numbers = sorted({int(each) for each in re.findall(rb"[\r\n](\d+) 0 obj", pdf)})
    trailer = b"trailer\n<</Size 81/Root 1 0 R/Info 5 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    front = linearisation(LENGTH)
    hidden = b"%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\n"
    rows = [(number, 0) for number in numbers]
    shift = len(front) + len(table(rows) + trailer % 0 + hidden)
    rows = [(number, offset_of(pdf, number) + shift) for number in numbers]
    other = [(n, len(head) + shift - len(hidden) if n == CONTENT else at) for n, at in rows]
    out = head + front + table(other) + trailer % 0 + hidden + rest
    return out + table(rows) + trailer % len(out)


@attack("linearised-later", OPEN, "xref-file-that-becomes-linearised")
def _(pdf):
    """Nothing but its title is another, and its length what it says."""
    def made(title):
        return revised(pdf, {INFORMATION: b"<</Title(%s)>>" % title})
    title = b"x" * (LENGTH - len(made(b"")))
    out = made(title[:len(title) - (len(made(title)) - LENGTH)])
    assert len(out) == LENGTH
    return out
