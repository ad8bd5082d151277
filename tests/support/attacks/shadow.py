"""Shadow attacks: documents prepared before they are signed."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


# --- Shadow attacks: the document is prepared before it is signed --------------------------------

@prepared("overlay-object")
def _(pdf):
    """A form XObject lies over the real content."""
    page = replaced(body(pdf, PAGE), b"/Font", b"/XObject<</Over 80 0 R>>/Font")
    page = re.sub(rb"/Contents \d+ 0 R", b"/Contents[4 0 R 81 0 R]", page)
    return revised(pdf, {PAGE: page, 80: form(COVER), 81: stream(b"/Over Do")})


simple("overlay-object", OPEN, "shadow-hide-page-content", lambda pdf: revised(pdf, {
    PAGE: replaced(body(pdf, PAGE), b"[4 0 R 81 0 R]", b"[4 0 R]")}))
simple("overlay-object", OPEN, "shadow-hide-referenced-object-emptied",
       lambda pdf: revised(pdf, {80: form(b"")}))
simple("overlay-object", OPEN, "shadow-hide-referenced-object-freed",
       lambda pdf: revised(pdf, {}, free=[80]))
simple("overlay-object", OPEN, "shadow-hide-referenced-object-null",
       lambda pdf: revised(pdf, {80: b"null"}))
simple("overlay-object", OPEN, "shadow-hide-box-moved",
       lambda pdf: revised(pdf, {80: form(COVER, b"0 0 1 1")}))


@prepared("overlay-annotation")
def _(pdf):
    page = page_with(pdf, b"/Annots[80 0 R]")
    return revised(pdf, {PAGE: page, 81: form(COVER), 80: b"<</Type/Annot/Subtype/Stamp/F 4/P 3 0 R"
                         b"/Rect[0 0 595 842]/AP<</N 81 0 R>>>>"})


simple("overlay-annotation", OPEN, "shadow-hide-annotation-flag",
       lambda pdf: revised(pdf, {80: replaced(body(pdf, 80), b"/F 4", b"/F 2")}))
simple("overlay-annotation", OPEN, "shadow-hide-annotation-appearance",
       lambda pdf: revised(pdf, {81: form(b"")}))
simple("overlay-annotation", OPEN, "shadow-hide-annotation-freed",
       lambda pdf: revised(pdf, {}, free=[80]))


@attack("overlay-annotation", OPEN, "shadow-hide-annotation-unlisted")
def _(pdf):
    return revised(pdf, {PAGE: re.sub(rb"/Annots\s*\[\s*80 0 R", b"/Annots[", body(pdf, PAGE))})


@prepared("overlay-layer")
def _(pdf):
    """Optional content that shows one text or the other."""
    page = replaced(body(pdf, PAGE), b"/Font", b"/Properties<</L 80 0 R>>/Font")
    page = re.sub(rb"/Contents \d+ 0 R", b"/Contents[4 0 R 81 0 R]", page)
    return revised(pdf, {PAGE: page, 80: b"<</Type/OCG/Name(L)>>",
                         81: stream(b"/OC/L BDC " + COVER + b" EMC"),
                         CATALOG: catalog_with(pdf, b"/OCProperties 82 0 R"),
                         82: b"<</OCGs[80 0 R]/D<</ON[80 0 R]>>>>"})


simple("overlay-layer", OPEN, "shadow-hide-optional-content",
       lambda pdf: revised(pdf, {82: b"<</OCGs[80 0 R]/D<</OFF[80 0 R]>>>>"}))
simple("overlay-layer", OPEN, "shadow-hide-optional-content-in-catalog", lambda pdf: revised(pdf, {
    CATALOG: replaced(body(pdf, CATALOG), b"/OCProperties 82 0 R",
                      b"/OCProperties<</OCGs[80 0 R]/D<</BaseState/OFF>>>>")}))

simple("plain", OPEN, "shadow-replace-font", lambda pdf: revised(
    pdf, {FONT: b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}))
simple("plain", OPEN, "shadow-replace-font-encoding", lambda pdf: revised(pdf, {
    FONT: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[48/nine]>>>>"}))
simple("form", OPEN, "shadow-replace-form-appearance-only", lambda pdf: revised(pdf, {
    10: replaced(body(pdf, 10), b"Ines", b"Mara")}))


@attack("form", OPEN, "shadow-replace-form-appearance-of-another")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"/AP<</N 10 0 R>>", b"/AP<</N 11 0 R>>")})


@prepared("read-only-field", "acroform-indirect")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"/FT/Tx", b"/FT/Tx/Ff 1")})


simple("read-only-field", OPEN, "shadow-replace-form-read-only-value", lambda pdf: revised(pdf, {
    7: replaced(body(pdf, 7), b"(Ines Calloway)", b"(Mallory)")}))


@prepared("page-sized-field", "acroform-indirect")
def _(pdf):
    """A form field as large as the page: transparent when it is signed."""
    return revised(pdf, {7: replaced(body(pdf, 7), b"/Rect[150 732 400 752]", b"/Rect[0 0 595 842]")})


simple("page-sized-field", OPEN, "shadow-replace-form-overlay", lambda pdf: revised(pdf, {
    7: replaced(replaced(body(pdf, 7), b"(Ines Calloway)", b"(Mallory)"), b"/N 10 0 R",
                b"/N 90 0 R"), FREE: form(COVER)}))


@prepared("two-contents")
def _(pdf):
    """A second content lies hidden; nothing refers to it."""
    return revised(pdf, {81: OTHER})


simple("two-contents", OPEN, "shadow-hide-and-replace-object-swapped",
       lambda pdf: revised(pdf, {CONTENT: body(pdf, 81)}))
simple("two-contents", OPEN, "shadow-hide-and-replace-reference", lambda pdf: revised(pdf, {
    PAGE: replaced(body(pdf, PAGE), b"/Contents 4 0 R", b"/Contents 81 0 R")}))


@prepared("two-documents")
def _(pdf):
    """A whole second document lies hidden: catalog 80, pages 81, page 82, content 83; and a second
    definition of object 4 that no table lists."""
    pdf = pdf + b"4 0 obj\n" + OTHER + b"\nendobj\n"
    return revised(pdf, {
        80: b"<</Type/Catalog/Pages 81 0 R>>", 81: b"<</Type/Pages/Count 1/Kids[82 0 R]>>",
        82: b"<</Type/Page/Parent 81 0 R/MediaBox[0 0 595 842]/Contents 83 0 R>>", 83: OTHER})


simple("two-documents", NOT, "shadow-hide-and-replace-root",
       lambda pdf: revised(pdf, {80: b"<</Type/Catalog/Pages 81 0 R/AcroForm %s>>" % re.search(
           rb"/AcroForm (\d+ 0 R|<<.*?>>)", body(pdf, CATALOG), re.S).group(1)}, root=b"80 0 R"))
simple("two-documents", OPEN, "shadow-hide-and-replace-page-tree", lambda pdf: revised(pdf, {
    CATALOG: replaced(body(pdf, CATALOG), b"/Pages 2 0 R", b"/Pages 81 0 R")}))
simple("two-documents", OPEN, "shadow-hide-and-replace-kids", lambda pdf: revised(pdf, {
    PAGES: b"<</Type/Pages/Count 1/Kids[82 0 R]>>"}))
simple("two-documents", OPEN, "shadow-hide-and-replace-entry-switched", lambda pdf: revised(
    pdf, {}, entries=[(CONTENT, [m.start() for m in re.finditer(rb"\b4 0 obj", pdf)][1])]))


@prepared("promised-object")
def _(pdf):
    """The page refers to an object that is not there yet."""
    page = replaced(body(pdf, PAGE), b"/Contents 4 0 R", b"/Contents 80 0 R")
    return revised(pdf, {PAGE: page, 80: b"[4 0 R 90 0 R]"})


simple("promised-object", OPEN, "shadow-replace-promised-object",
       lambda pdf: revised(pdf, {FREE: OTHER}))
simple("promised-object", OPEN, "shadow-replace-promised-object-as-evidence", lambda pdf: revised(
    pdf, {CATALOG: catalog_with(pdf, b"/DSS<</Certs[90 0 R]>>"), FREE: OTHER}))
simple("promised-object", OPEN, "shadow-replace-promised-object-as-object-stream",
       lambda pdf: revised(pdf, {FREE: stream(b"BT (You owe a million) Tj ET", b"/Type/ObjStm/N 0"
                                              b"/First 0")}))
simple("promised-object", OPEN, "shadow-replace-promised-object-as-section", lambda pdf: revised(
    pdf, {FREE: stream(b"BT (You owe a million) Tj ET", b"/Type/XRef/W[1 2 1]/Size 1")}))


@prepared("store-is-content")
def _(pdf):
    """The page's list of contents is the security store's list of certificates."""
    page = replaced(body(pdf, PAGE), b"/Contents 4 0 R", b"/Contents 80 0 R")
    return revised(pdf, {PAGE: page, 80: b"[4 0 R]",
                         CATALOG: catalog_with(pdf, b"/DSS<</Certs 80 0 R>>")})


simple("store-is-content", OPEN, "shadow-replace-content-as-evidence",
       lambda pdf: revised(pdf, {80: b"[4 0 R 90 0 R]", FREE: OTHER}))


@prepared("metadata-is-content")
def _(pdf):
    return revised(pdf, {CATALOG: catalog_with(pdf, b"/Metadata 4 0 R")})


simple("metadata-is-content", OPEN, "metadata-is-the-pages-content",
       lambda pdf: revised(pdf, {CONTENT: OTHER}))


@prepared("information-is-content")
def _(pdf):
    """The page's resources are the document information."""
    page = re.sub(rb"/Resources<<.*?>>>>", b"/Resources 5 0 R", body(pdf, PAGE), flags=re.S)
    return revised(pdf, {PAGE: page, INFORMATION: b"<</Font<</F1 6 0 R>>>>"})


simple("information-is-content", OPEN, "metadata-information-is-the-pages-resources",
       lambda pdf: revised(pdf, {INFORMATION: b"<</Title(None)>>"}))
