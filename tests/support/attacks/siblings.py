"""What a signature tolerates: every one must stay passed."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


# --- Siblings: what a signature tolerates --------------------------------------------------------

for base in ("plain", "form", "certified-1", "certified-2", "certified-3", "lock-all",
             "lock-include", "lock-exclude", "streams", "hybrid", "linearised", "object-streams",
             "twice", "time-stamped"):
    simple(base, PASSED, "untouched-" + base, lambda pdf: pdf)
simple("form", PASSED, "form-filled", fill)
simple("certified-2", PASSED, "form-filled-where-p-is-2", fill)
simple("lock-include", PASSED, "form-filled-that-is-not-included", lambda pdf: fill(pdf, 8))
simple("lock-exclude", PASSED, "form-filled-that-is-excluded", lambda pdf: fill(pdf, 8))
simple("form", PASSED, "form-filled-with-a-new-appearance", lambda pdf: revised(pdf, {
    7: replaced(replaced(body(pdf, 7), b"(Ines Calloway)", b"(Joost)"), b"/N 10 0 R", b"/N 90 0 R"),
    FREE: form(b"/Tx BMC BT /Helv 11 Tf (Joost) Tj ET EMC", b"0 0 250 20")}))
simple("certified-3", PASSED, "comment-where-p-is-3",
       lambda pdf: annotated(pdf, NOTE % (b"Text", b"")))
simple("plain", PASSED, "information-updated",
       lambda pdf: revised(pdf, {INFORMATION: b"<</Title(Another)/ModDate(D:20260101000000Z)>>"}))
simple("plain", PASSED, "metadata-updated", lambda pdf: revised(pdf, {
    CATALOG: catalog_with(pdf, b"/Metadata 90 0 R/Version/2.0"),
    FREE: stream(b"<x:xmpmeta/>", b"/Type/Metadata/Subtype/XML")}))
for level in (1, 2, 3):
    simple("certified-%d" % level, PASSED, "validation-data-where-p-is-%d" % level,
           lambda pdf: revised_store(pdf, b"<</Certs[90 0 R]/VRI<</AB<</Cert[90 0 R]>>>>>>",
                                     {FREE: EVIDENCE}))
simple("streams", PASSED, "validation-data-in-object-streams", lambda pdf: revised_with_streams(
    pdf, {FREE: EVIDENCE}, packed={CATALOG: streams_catalog(pdf, b"/DSS 91 0 R"),
                                   91: b"<</Certs 92 0 R>>", 92: b"[90 0 R]"}))
simple("plain", PASSED, "validation-data-grows", lambda pdf: (lambda first: revised(first, {
    CATALOG: replaced(body(first, CATALOG), b"[95 0 R]", b"[95 0 R 96 0 R]"), 96: EVIDENCE}))(
        revised_store(pdf, b"<</Certs[95 0 R]>>", {95: EVIDENCE})))
simple("plain", PASSED, "written-again-unchanged", lambda pdf: revised(
    pdf, {n: body(pdf, n) for n in (CATALOG, PAGE, CONTENT, FONT)}))
simple("plain", PASSED, "white-space-behind", lambda pdf: pdf + b"\r\n \n")
simple("form", PASSED, "unused-object-freed",
       lambda pdf: revised(revised(pdf, {7: replaced(
           replaced(body(pdf, 7), b"(Ines Calloway)", b"(Joost)"), b"/AP<</N 10 0 R>>", b"")}),
           {}, free=[10]))


@attack("certified-1", PASSED, "validation-data-with-metadata-where-p-is-1")
def _(pdf):
    return revised(pdf, {CATALOG: catalog_with(pdf, b"/Metadata 91 0 R/DSS<</Certs[90 0 R]>>"),
                         FREE: EVIDENCE, 91: stream(b"<x/>", b"/Type/Metadata/Subtype/XML")})
