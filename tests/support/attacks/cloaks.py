"""The security store and other things beside the pages as a cloak; polyglots."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


# --- The security store as a cloak ---------------------------------------------------------------


for name, store, more in (
        ("with-page-content", b"<</Certs[90 0 R]>>", {FREE: EVIDENCE, CONTENT: OTHER}),
        ("with-an-unused-object", b"<</Certs[90 0 R]>>", {FREE: EVIDENCE, 91: OTHER}),
        ("with-an-unknown-key", b"<</Certs[90 0 R]/Mallory 91 0 R>>", {FREE: EVIDENCE, 91: OTHER}),
        ("with-a-form-xobject", b"<</Certs[90 0 R]>>", {FREE: form(COVER)}),
        ("with-a-dictionary", b"<</Certs[90 0 R]>>", {FREE: b"<</S/JavaScript/JS(1)>>"}),
        ("with-a-page-as-certificate", b"<</Certs[90 0 R 3 0 R]>>", {FREE: EVIDENCE}),
        ("with-the-pages-content", b"<</Certs[90 0 R 4 0 R]>>", {FREE: EVIDENCE, CONTENT: OTHER}),
        ("with-an-unknown-vri-key", b"<</Certs[90 0 R]/VRI<</AB<</Page 91 0 R>>>>>>",
         {FREE: EVIDENCE, 91: OTHER}),
        ("with-a-list-in-a-list", b"<</Certs[[90 0 R]]>>", {FREE: EVIDENCE}),
        ("with-attachments", b"<</Certs[90 0 R]/AF[91 0 R]>>",
         {FREE: EVIDENCE, 91: b"<</Type/Filespec/F(x)>>"}),
        ("that-refers-to-itself", b"90 0 R", {FREE: b"<</Certs[90 0 R]/VRI 90 0 R>>"}),
        ("with-a-stream-in-place-of-a-list", b"<</Certs 90 0 R>>", {FREE: EVIDENCE})):
    simple("plain", OPEN, "dss-" + name,
           lambda pdf, store=store, more=more: revised_store(pdf, store, more))


@attack("plain", OPEN, "dss-evidence-becomes-an-annotation")
def _(pdf):
    """Two steps: first a certificate, then the same object on the page."""
    first = revised_store(pdf, b"<</Certs[95 0 R]>>", {95: EVIDENCE})
    page = re.sub(rb"/Annots\s*\[", b"/Annots[95 0 R ", body(first, PAGE))
    return revised(first, {PAGE: page})


@attack("plain", OPEN, "dss-evidence-replaced")
def _(pdf):
    first = revised_store(pdf, b"<</Certs[95 0 R]>>", {95: EVIDENCE})
    return revised(first, {95: stream(b"0\x03\x02\x01\x02")})


# --- What is not on the pages --------------------------------------------------------------------

for name, what, more in (
        ("collection-added", b"/Collection<</View/H>>/Names<</EmbeddedFiles 90 0 R>>",
         {FREE: b"<</Names[(x)91 0 R]>>", 91: b"<</Type/Filespec/F(x.pdf)/EF<</F 92 0 R>>>>",
          92: stream(b"%PDF-1.7")}),
        ("collection-attachment-added", b"/Names<</EmbeddedFiles<</Names[(x)90 0 R]>>>>",
         {FREE: b"<</Type/Filespec/F(x)/EF<</F 91 0 R>>>>", 91: stream(b"x")}),
        ("collection-associated-file", b"/AF[90 0 R]", {FREE: b"<</Type/Filespec/F(x)>>"}),
        ("script-when-opened", b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", {}),
        ("script-by-name", b"/Names<</JavaScript<</Names[(x)90 0 R]>>>>",
         {FREE: b"<</S/JavaScript/JS(1)>>"}),
        ("script-when-closed", b"/AA<</WC<</S/JavaScript/JS(1)>>>>", {}),
        ("destination-when-opened", b"/OpenAction[3 0 R/XYZ 0 0 9]", {}),
        ("metadata-that-is-a-page", b"/Metadata 3 0 R", {}),
        ("metadata-viewer-preferences", b"/ViewerPreferences<</Direction/R2L>>", {}),
        ("metadata-page-labels", b"/PageLabels<</Nums[0<</S/r>>]>>", {}),
        ("metadata-structure", b"/StructTreeRoot<</Type/StructTreeRoot>>", {}),
        ("metadata-outlines", b"/Outlines 90 0 R", {FREE: b"<</Type/Outlines/Count 0>>"})):
    simple("plain", OPEN, name, lambda pdf, what=what, more=more: revised(
        pdf, dict(more, **{}) | {CATALOG: catalog_with(pdf, what)}))
simple("plain", OPEN, "metadata-information-with-a-reference",
       lambda pdf: revised(pdf, {INFORMATION: b"<</Title 90 0 R/PieceInfo<</X 3 0 R>>>>",
                                 FREE: b"(x)"}))
simple("plain", OPEN, "metadata-information-is-another-object",
       lambda pdf: revised(pdf, {}, entries=[(CATALOG, offset_of(pdf, CATALOG))], info=b"3 0 R"))


# --- Polyglots -----------------------------------------------------------------------------------

simple("plain", NOT, "polyglot-archive-behind",
       lambda pdf: pdf + b"PK\x03\x04" + b"\0" * 26 + b"PK\x05\x06" + b"\0" * 18)
simple("plain", NOT, "polyglot-second-document-behind", lambda pdf: pdf + re.sub(
    rb"startxref\s+\d+", b"startxref\n%d" % (len(pdf) + 300),
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n0\n%%EOF\n"))
simple("plain", NOT, "polyglot-page-in-front", lambda pdf: b"<html><!--\n" + pdf)
simple("plain", OPEN, "polyglot-text-behind", lambda pdf: pdf + b"-->You owe a million</html>\n")
simple("plain", NOT, "polyglot-first-octets", lambda pdf: b"MZ" + pdf)
