"""One object in two roles: a revision gives page content, or what else is shown, a second place in
which it may be replaced. Signed documents of any kind, or such that were prepared."""
from registry import *  # noqa: F403
from surgery import *  # noqa: F403

XMP = b"/Type/Metadata/Subtype/XML"
SYMBOL = b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"
OWED = b"BT /F1 14 Tf 72 760 Td (You owe a million) Tj ET"


# --- In the catalog ------------------------------------------------------------------------------

for name, what, more in (
        ("dss-content-is-the-time-of-evidence", b"/DSS<</VRI<</AB<</TU 4 0 R>>>>>>",
         {CONTENT: b"[90 0 R]", FREE: OTHER}),
        ("dss-content-is-a-list-of-certificates", b"/DSS<</Certs 4 0 R>>",
         {CONTENT: b"[90 0 R]", FREE: OTHER}),
        ("dss-content-is-a-list-for-a-signature", b"/DSS<</VRI<</AB<</Cert 4 0 R>>>>>>",
         {CONTENT: b"[90 0 R]", FREE: OTHER}),
        ("dss-content-is-a-token", b"/DSS<</VRI<</AB<</TS 4 0 R>>>>>>", {CONTENT: OTHER}),
        ("dss-font-is-evidence-for-signatures", b"/DSS<</VRI 6 0 R>>", {FONT: SYMBOL}),
        ("dss-font-is-evidence-for-one-signature", b"/DSS<</VRI<</AB 6 0 R>>>>",
         {FONT: b"<<>>"}),
        ("dss-font-is-the-store", b"/DSS 6 0 R", {FONT: b"<<>>"}),
        ("metadata-is-the-content-with-evidence", b"/Metadata 4 0 R/DSS<<>>",
         {CONTENT: stream(OWED, XMP)}),
        ("metadata-font-is-an-extension", b"/Extensions 6 0 R", {FONT: SYMBOL})):
    for base, verdict in (("certified-1", FAILED), ("plain", OPEN)):
        simple(base, verdict, name + ("-where-p-is-1" if base != "plain" else ""),
               lambda pdf, what=what, more=more: revised(
                   pdf, more | {CATALOG: catalog_with(pdf, what)}))

for name, store, more in (
        ("with-a-stream-as-entries", b"<</VRI 90 0 R>>", {}),
        ("with-a-stream-for-a-signature", b"<</VRI<</AB 90 0 R>>>>", {}),
        ("with-a-stream-in-place-of-a-signatures-list", b"<</VRI<</AB<</Cert 90 0 R>>>>>>", {}),
        ("with-a-token-that-is-no-stream", b"<</VRI<</AB<</TS 91 0 R>>>>>>", {91: b"(x)"})):
    simple("plain", OPEN, "dss-" + name, lambda pdf, store=store, more=more: revised_store(
        pdf, store, {FREE: EVIDENCE} | more))


@prepared("appearances-are-the-catalog")
def _(pdf):
    """An annotation shows the catalog's /Metadata, which is not there yet."""
    return revised(pdf, {PAGE: page_with(pdf, b"/Annots[80 0 R]"), 80: NOTE % (
        b"Stamp", b"/AP<</N 1 0 R>>/AS/Metadata")})


for name, entries in (("", b"/Type/XObject/Subtype/Form"), ("-that-is-xml-besides", XMP)):
    simple("appearances-are-the-catalog", OPEN, "metadata-is-an-appearance" + name,
           lambda pdf, entries=entries: revised(pdf, {
               CATALOG: catalog_with(pdf, b"/Metadata 90 0 R"),
               FREE: stream(COVER, entries + b"/BBox[0 0 595 842]")}))


# --- On pages ------------------------------------------------------------------------------------

@prepared("two-pages")
def _(pdf):
    return revised(pdf, {PAGES: b"<</Type/Pages/Count 2/Kids[3 0 R 82 0 R]>>", 83: OTHER,
                         82: replaced(body(pdf, PAGE), b"/Contents 4 0 R", b"/Contents 83 0 R")})


simple("two-pages", OPEN, "objects-content-is-a-list-of-annotations", lambda pdf: revised(pdf, {
    82: replaced(body(pdf, 82), b"<<", b"<</Annots 83 0 R"), 83: b"[]"}))

STAMP_ANNOTATION = b"<</Type/Annot/Subtype/%s/F 4/P 3 0 R/Rect[0 0 595 842]/AP<</N 91 0 R>>>>"
for name, kind, what in (
        ("a-stamp-is-an-extension", b"Stamp", b"/Extensions<</X 90 0 R>>/DSS<<>>"),
        ("a-freetext-is-a-token", b"FreeText", b"/DSS<</VRI<</AB<</TS 90 0 R>>>>>>")):
    for base, verdict in (("certified-1", FAILED), ("plain", OPEN)):
        @attack(base, verdict, "eaa-" + name + ("-where-p-is-1" if base != "plain" else ""))
        def _(pdf, kind=kind, what=what):
            return annotated(pdf, STAMP_ANNOTATION % kind,
                             {91: form(COVER), CATALOG: catalog_with(pdf, what)})


# --- In the form ---------------------------------------------------------------------------------

def fill_with(what=b"/V(Mallory)", also=b"", more=None):
    def make(pdf):
        text = replaced(body(pdf, 7), b"/V(Ines Calloway)", what)
        return revised(pdf, {7: replaced(text, b"/FT", also + b"/FT")} | (more or {}))
    return make


simple("form", OPEN, "shadow-replace-form-value-is-the-content",
       fill_with(b"/V 4 0 R", more={CONTENT: OTHER}))
simple("form", OPEN, "shadow-replace-form-value-is-a-font", fill_with(b"/V 6 0 R", more={FONT: SYMBOL}))


@attack("form", OPEN, "shadow-replace-form-colours-are-the-content")
def _(pdf):
    text = replaced(body(pdf, 7), b"/MK<<", b"/MK<</X 4 0 R")
    return revised(pdf, {7: replaced(text, b"Ines Calloway", b"Mallory"), CONTENT: OTHER})


@attack("form", OPEN, "shadow-replace-form-appearance-names-the-content")
def _(pdf):
    text = replaced(body(pdf, 7), b"/N 10 0 R", b"/N 90 0 R")
    return revised(pdf, {
        7: replaced(text, b"Ines Calloway", b"Mallory"), CONTENT: OTHER,
        FREE: stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 4 0 R"
                          b">>>>")})


@attack("form", OPEN, "eaa-a-stamp-is-a-colour-of-a-field")
def _(pdf):
    text = replaced(body(pdf, 7), b"/MK<<", b"/MK<</X 90 0 R")
    return annotated(pdf, STAMP_ANNOTATION % b"Stamp", {
        7: replaced(text, b"Ines Calloway", b"Mallory"), 91: form(COVER)})


for name, key in (("appearances", b"NeedAppearances"), ("resources", b"DR"), ("default", b"DA")):
    simple("form", OPEN, "shadow-replace-form-%s-are-the-content" % name,
           lambda pdf, key=key: revised(pdf, {
               12: replaced(replaced(body(pdf, 12), b"/" + key, b"/Old") if b"/" + key in body(pdf, 12)
                            else body(pdf, 12), b"<<", b"<</" + key + b" 4 0 R"),
               CONTENT: b"[90 0 R]", FREE: OTHER}))


@prepared("page-is-a-field", "acroform-indirect")
def _(pdf):
    """Its value is its content: one object refers twice."""
    return revised(pdf, {PAGE: page_with(pdf, b"/FT/Tx/T(page)/V 4 0 R"),
                         13: b"[7 0 R 8 0 R 9 0 R 3 0 R]"})


simple("page-is-a-field", OPEN, "shadow-replace-form-page-is-a-field",
       lambda pdf: revised(pdf, {CONTENT: OTHER}))


@prepared("value-is-a-page", "acroform-indirect")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"(Ines Calloway)", b" 3 0 R")})


simple("value-is-a-page", OPEN, "shadow-replace-form-value-is-a-page", lambda pdf: revised(
    pdf, {7: replaced(body(pdf, 7), b"/V 3 0 R", b"/V(Mallory)"), CONTENT: OTHER}))


@prepared("appearances-are-a-field", "acroform-indirect")
def _(pdf):
    page = replaced(body(pdf, PAGE), b"9 0 R]", b"9 0 R 80 0 R]")
    return revised(pdf, {PAGE: page, 80: NOTE % (b"Stamp", b"/AP<</N 7 0 R>>/AS/V")})


simple("appearances-are-a-field", OPEN, "shadow-replace-form-value-is-an-appearance",
       lambda pdf: fill_with(b"/V 90 0 R", more={FREE: form(COVER)})(pdf))


@prepared("value-is-the-catalog", "acroform-indirect")
def _(pdf):
    """Nothing but the catalog leads to the pages, and nothing but the value to the catalog."""
    return revised(pdf, {7: replaced(replaced(body(pdf, 7), b"(Ines Calloway)", b" 1 0 R"),
                                     b"/P 3 0 R", b""), 8: replaced(body(pdf, 8), b"/P 3 0 R", b""),
                         9: replaced(body(pdf, 9), b"/P 3 0 R", b""),
                         PAGE: replaced(body(pdf, PAGE), b"/Parent 2 0 R", b"")})


@attack("value-is-the-catalog", NOT, "shadow-replace-form-value-is-the-catalog")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"/V 1 0 R", b"/V(Mallory)"), CONTENT: OTHER})


TYPE3 = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 65" \
        b"/LastChar 65/Widths[9]/Encoding<</Differences[65/A]>>/CharProcs<</A 90 0 R>>>>"


def with_fonts(pdf, fonts, word):
    """The page takes its fonts from that object, and one by that name."""
    page = replaced(body(pdf, PAGE), b"/Font<</F1 6 0 R>>", b"/Font %d 0 R" % fonts)
    return revised(pdf, {PAGE: page, CONTENT: stream(b"BT /%s 14 Tf 72 760 Td (A) Tj ET" % word)})


@prepared("fonts-are-a-field", "acroform-indirect")
def _(pdf):
    return with_fonts(pdf, 7, b"MK")


@attack("fonts-are-a-field", OPEN, "shadow-replace-form-colours-are-a-font")
def _(pdf):
    text = replaced(body(pdf, 7), b"(Ines Calloway)", b"(Mallory)")
    return revised(pdf, {7: replaced(text, b"/MK<</BC[0.66 0.76 0.79]>>", b"/MK" + TYPE3),
                         FREE: stream(b"9 0 d0 " + COVER)})


@prepared("fonts-are-the-catalog")
def _(pdf):
    return revised(with_fonts(pdf, CATALOG, b"Extensions"), {
        CATALOG: catalog_with(pdf, b"/Extensions 80 0 R"), 80: b"<<>>"})


simple("fonts-are-the-catalog", OPEN, "metadata-extensions-are-a-font", lambda pdf: revised(pdf, {
    CATALOG: replaced(body(pdf, CATALOG), b"/Extensions 80 0 R", b"/Extensions" + TYPE3),
    FREE: stream(b"9 0 d0 " + COVER)}))
simple("fonts-are-the-catalog", OPEN, "metadata-extensions-replaced-are-a-font",
       lambda pdf: revised(pdf, {80: TYPE3, FREE: stream(b"9 0 d0 " + COVER)}))


# --- Siblings ------------------------------------------------------------------------------------

@attack("certified-1", PASSED, "validation-data-replaced-in-place-where-p-is-1")
def _(pdf):
    """Store, lists and entries are objects of their own, written again where they are."""
    first = revised_store(pdf, b"90 0 R", {
        FREE: b"<</Type/DSS/Certs 91 0 R/VRI 92 0 R>>", 91: b"[95 0 R]", 92: b"<</AB 93 0 R>>",
        93: b"<</Cert 94 0 R/TU(D:20250301100000Z)/TS 97 0 R>>", 94: b"[95 0 R]", 95: EVIDENCE,
        97: EVIDENCE})
    return revised(first, {
        FREE: b"<</Type/DSS/Certs 91 0 R/VRI 92 0 R/CRLs[]>>", 91: b"[95 0 R 96 0 R]",
        92: b"<</AB 93 0 R/CD<</Cert[96 0 R]>>>>", 94: b"[95 0 R 96 0 R]", 96: EVIDENCE,
        93: b"<</Cert 94 0 R/TU(D:20250302100000Z)/TS 97 0 R>>"})


@attack("plain", PASSED, "validation-data-list-in-two-places-of-the-store")
def _(pdf):
    first = revised_store(pdf, b"<</Certs 91 0 R/VRI<</AB<</Cert 91 0 R>>>>>>",
                          {91: b"[95 0 R]", 95: EVIDENCE})
    return revised(first, {91: b"[95 0 R 96 0 R]", 96: EVIDENCE})


@attack("plain", PASSED, "metadata-replaced-in-place")
def _(pdf):
    first = revised(pdf, {CATALOG: catalog_with(pdf, b"/Metadata 91 0 R"),
                          91: stream(b"<x:xmpmeta/>", XMP)})
    return revised(first, {91: stream(b"<x:xmpmeta>2</x:xmpmeta>", XMP)})


@attack("form", PASSED, "form-filled-with-its-appearance-replaced")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"Ines Calloway", b"Joost"), 10: stream(
        b"/Tx BMC BT /Helv 11 Tf (Joost) Tj ET EMC",
        b"/Type/XObject/Subtype/Form/BBox[0 0 250 20]/Resources<</Font<</Helv 6 0 R>>>>")})


@attack("form", PASSED, "form-filled-with-a-shared-font-and-defaults")
def _(pdf):
    return revised(pdf, {
        7: replaced(replaced(body(pdf, 7), b"Ines Calloway", b"Joost"), b"/N 10 0 R", b"/N 90 0 R"),
        12: replaced(body(pdf, 12), b"/Fields", b"/NeedAppearances true/Fields"),
        FREE: stream(b"/Tx BMC BT /Helv 11 Tf (Joost) Tj ET EMC",
                     b"/Type/XObject/Subtype/Form/BBox[0 0 250 20]/Resources<</Font<</Helv 6 0 R"
                     b"/F2 91 0 R>>>>"),
        91: b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"})
