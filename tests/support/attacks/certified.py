"""Evil annotations, sneaky signatures, permissions and locks."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


# --- Certified documents: evil annotations and sneaky signatures ---------------------------------

APPEARANCE = b"/AP<</N 91 0 R>>"

for kind in (b"FreeText", b"Stamp", b"Redact", b"Square", b"Ink", b"Line", b"Highlight", b"Text",
             b"FileAttachment", b"Watermark", b"Screen", b"Link"):
    name = kind.decode().lower()
    simple("certified-3", OPEN, "eaa-%s" % name, lambda pdf, kind=kind: annotated(
        pdf, NOTE % (kind, APPEARANCE), {91: form(COVER)}))
simple("certified-3", OPEN, "eaa-freetext-without-appearance",
       lambda pdf: annotated(pdf, NOTE % (b"FreeText", b"/DA(/Helv 40 Tf 1 g)")))
simple("certified-3", FAILED, "eaa-link-with-action", lambda pdf: annotated(
    pdf, NOTE % (b"Link", b"/A<</S/URI/URI(https://mallory.example)>>")))
simple("certified-3", FAILED, "eaa-comment-with-script", lambda pdf: annotated(
    pdf, NOTE % (b"Text", b"/AA<</E<</S/JavaScript/JS(app.alert\\(1\\))>>>>")))
for level in (1, 2):
    for kind in (b"FreeText", b"Text"):
        simple("certified-%d" % level, FAILED, "eaa-%s-where-p-is-%d" % (kind.decode().lower(), level),
               lambda pdf, kind=kind: annotated(pdf, NOTE % (kind, b"")))
simple("plain", OPEN, "eaa-freetext-after-an-approval",
       lambda pdf: annotated(pdf, NOTE % (b"FreeText", APPEARANCE), {91: form(COVER)}))

SNEAKY = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Sneaky)/F 4/P 3 0 R/Rect[%s]%s%s>>"


def sneaky(box=b"0 0 595 842", value=b"/V 92 0 R", kind=b"Sig"):
    def make(pdf):
        more = {91: form(COVER)}
        if b"92" in value:
            more[92] = b"<</Type/%s/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" \
                       b"/ByteRange[0 0 0 0]/Contents<00>>>" % kind
        return with_field(pdf, SNEAKY % (box, APPEARANCE, value), more)
    return make


for level, verdict in ((1, FAILED), (2, FAILED), (3, FAILED)):
    # A signature that is none fails by itself, too.
    simple("certified-%d" % level, verdict, "ssa-signature-over-the-page-where-p-is-%d" % level,
           sneaky())
simple("certified-1", FAILED, "ssa-unsigned-field-where-p-is-1", sneaky(value=b""))
simple("certified-2", FAILED, "ssa-unsigned-field-where-p-is-2", sneaky(value=b""))
simple("certified-3", OPEN, "ssa-unsigned-field-where-p-is-3", sneaky(value=b""))
simple("certified-1", FAILED, "ssa-poses-as-document-time-stamp", sneaky(kind=b"DocTimeStamp"))
simple("certified-3", OPEN, "ssa-poses-as-document-time-stamp-where-p-is-3",
       sneaky(kind=b"DocTimeStamp"))
simple("certified-1", FAILED, "ssa-small-visible-time-stamp", sneaky(b"0 0 90 90",
                                                                    kind=b"DocTimeStamp"))
simple("plain", OPEN, "ssa-document-time-stamp-that-is-none", sneaky(b"0 0 0 0",
                                                                     kind=b"DocTimeStamp"))


@attack("certified-2", FAILED, "ssa-takes-the-certifiers-signature")
def _(pdf):
    """A new visible field shares the signature that is there."""
    return sneaky(value=b"/V %d 0 R" % signature(pdf)[0])(pdf)


@attack("certified-2", FAILED, "ssa-empty-field-gets-an-appearance")
def _(pdf):
    """acroform-indirect has an empty field Signature1 (9)."""
    return revised(pdf, {9: replaced(body(pdf, 9), b"/FT", b"/AP<</N 91 0 R>>/FT"),
                         91: form(COVER)})


@attack("certified-3", FAILED, "ssa-certifiers-own-appearance")
def _(pdf):
    field = field_of(pdf)
    return revised(pdf, {field: replaced(body(pdf, field), b"/FT", b"/AP<</N 91 0 R>>/FT"),
                         91: form(COVER)})


# --- Permissions and locks -----------------------------------------------------------------------

def without_permissions(pdf):
    return revised(pdf, {CATALOG: re.sub(rb"/Perms\s*<<.*?>>", b"", body(pdf, CATALOG), flags=re.S)})


simple("certified-1", FAILED, "mdp-permissions-removed", without_permissions)
simple("certified-3", FAILED, "mdp-permissions-removed-where-p-is-3", without_permissions)


@attack("certified-1", FAILED, "mdp-permissions-point-elsewhere")
def _(pdf):
    number, text, _, _ = signature(pdf)
    return revised(pdf, {
        CATALOG: re.sub(rb"/DocMDP \d+ 0 R", b"/DocMDP 90 0 R", body(pdf, CATALOG)),
        FREE: re.sub(rb"/P 1", b"/P 3", text), CONTENT: OTHER})


@attack("certified-1", HASH, "mdp-permission-raised-in-place")
def _(pdf):
    """Within the signed stretches: the digest tells."""
    at = pdf.index(b"/P 1", pdf.rindex(b"/ByteRange"))
    return pdf[:at] + b"/P 3" + pdf[at + 4:]


@attack("certified-1", FAILED, "mdp-permission-raised-in-a-revision")
def _(pdf):
    number, text, _, _ = signature(pdf)
    return revised(pdf, {number: re.sub(rb"/P 1", b"/P 3", text)})


simple("certified-1", FAILED, "mdp-form-filled-where-p-is-1", fill)
simple("lock-all", FAILED, "mdp-locked-field-filled", fill)
simple("lock-all", FAILED, "mdp-form-defaults-changed-where-all-is-locked", lambda pdf: revised(pdf, {
    12: replaced(body(pdf, 12), b"<<", b"<</NeedAppearances true")}))
simple("lock-include", FAILED, "mdp-included-field-filled", fill)
simple("lock-exclude", FAILED, "mdp-field-filled-that-is-not-excluded", fill)


@attack("lock-all", FAILED, "mdp-lock-removed-and-field-filled")
def _(pdf):
    field = field_of(pdf)
    return fill(revised(pdf, {field: re.sub(rb"/Lock\s*<<.*?>>", b"", body(pdf, field), flags=re.S)}))


@attack("lock-all", OPEN, "mdp-locked-field-renamed-and-filled")
def _(pdf):
    text = replaced(body(pdf, 7), b"/T(name)", b"/T(other)")
    return revised(pdf, {7: re.sub(rb"/V\([^)]*\)", b"/V(Mallory)", text)})


@prepared("lock-of-all-and-a-field-without-a-name", "form-lock-all")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"/T(name)", b"")})


simple("lock-of-all-and-a-field-without-a-name", NOT, "mdp-field-filled-that-has-no-name", fill)
simple("form", OPEN, "mdp-field-moved", lambda pdf: revised(pdf, {
    7: replaced(body(pdf, 7), b"/Rect[150", b"/Rect[ 50")}))
simple("form", OPEN, "mdp-field-gets-an-action", lambda pdf: revised(pdf, {
    7: replaced(body(pdf, 7), b"/FT/Tx", b"/FT/Tx/AA<</K<</S/JavaScript/JS(1)>>>>")}))
simple("form", OPEN, "mdp-text-field-added", lambda pdf: with_field(
    pdf, b"<</Type/Annot/Subtype/Widget/FT/Tx/T(more)/V(Mallory)/P 3 0 R/Rect[9 9 99 99]>>"))
simple("form", OPEN, "mdp-form-becomes-dynamic", lambda pdf: revised(pdf, {
    12: replaced(body(pdf, 12), b"<<", b"<</XFA 90 0 R"), FREE: stream(b"<xdp/>")}))


@attack("form", OPEN, "mdp-field-removed")
def _(pdf):
    return revised(pdf, {13: replaced(body(pdf, 13), b"7 0 R ", b"")})


@attack("certified-1", FAILED, "mdp-metadata-alone-where-p-is-1")
def _(pdf):
    return revised(pdf, {CATALOG: catalog_with(pdf, b"/Metadata 91 0 R"),
                         91: stream(b"<x/>", b"/Type/Metadata/Subtype/XML")})
