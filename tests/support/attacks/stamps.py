"""Time-stamps that are sound and show something, which needs nobody's key, and how large a field is.
Where a file has STAMP's words in place of a byte range, a token is put there after it was made."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403

STAMP = b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange[0 AAAAAAAAAA " \
        b"BBBBBBBBBB CCCCCCCCCC]/Contents<" + b"0" * 12000 + b">>>"
FIELD = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Stamp)/F 4/P 3 0 R/Rect%s/AP<</N 91 0 R>>/V 92 0 R>>"


def stamped(box, more=None, field=FIELD):
    return lambda pdf: with_field(pdf, field % box if b"%s" in field else field,
                                  {91: form(COVER), 92: STAMP} | (more or {}))


SIDES = {93: b"595", 94: b"842"}
for name, box, more in (
        ("a-box-of-references", b"[0 0 93 0 R 94 0 R]", SIDES),
        ("a-box-elsewhere", b" 95 0 R", SIDES | {95: b"[0 0 93 0 R 94 0 R]"}),
        ("an-unreadable-box", b"[0 0 (595) (842)]", {}), ("a-short-box", b"[0 0 595]", {}),
        ("a-box-beyond-all-numbers", b"[0 0 0 " + b"9" * 400 + b"]", {}),
        ("a-box-that-is-not-there", b" 99 0 R", {})):
    simple("certified-1", FAILED, "ssa-time-stamp-with-" + name, stamped(box, more))
simple("certified-1", FAILED, "ssa-time-stamp-without-a-box",
       stamped(b"", field=FIELD.replace(b"/Rect%s", b"")))
simple("certified-1", FAILED, "ssa-time-stamp-on-another-kind-of-annotation",
       stamped(b"[0 0 0 0]", field=FIELD.replace(b"Widget", b"Line")))
# A field that is not seen, and what it brings along.
PARENT = b"<</FT/Sig/T(Stamp)/V 92 0 R/Kids[93 0 R]>>"
WIDGET = b"<</Type/Annot/Subtype/Widget/Parent 93 0 R/F 4/P 3 0 R/Rect[0 0 595 842]/AP<</N 91 0 R>>>>"


@attack("certified-1", FAILED, "ssa-time-stamp-with-a-grandchild")
def _(pdf):
    made = with_field(pdf, PARENT, {91: form(COVER), 92: STAMP, 94: WIDGET,
                                    93: b"<</Parent 90 0 R/Kids[94 0 R]>>"})
    # The page shows the grandchild, not the field: one octet of its list is another.
    at = made.index(b" 90 0 R]", made.rindex(b"\n3 0 obj"))
    return made[:at] + b" 94 0 R]" + made[at + 8:]


@prepared("empty-field", "acroform-indirect")
def _(pdf):
    return pdf


@prepared("empty-field-unseen", "acroform-indirect")
def _(pdf):
    return revised(pdf, {9: re.sub(rb"/Rect\[.*?\]", b"/Rect[0 0 0 0]", body(pdf, 9))})


def in_empty_field(what, more=None):
    return lambda pdf: revised(pdf, {9: replaced(body(pdf, 9), b"/FT", what + b"/V 92 0 R/FT"),
                                     92: STAMP} | (more or {}))


simple("empty-field", OPEN, "ssa-time-stamp-in-an-empty-field",
       in_empty_field(b"/AP<</N 91 0 R>>", {91: form(COVER)}))
simple("certified-2", FAILED, "ssa-time-stamp-in-an-empty-field-where-p-is-2",
       in_empty_field(b"/AP<</N 91 0 R>>", {91: form(COVER)}))
simple("empty-field-unseen", OPEN, "ssa-time-stamp-whose-colours-are-the-content",
       in_empty_field(b"/MK<</X 4 0 R>>", {CONTENT: OTHER}))


# --- Page-sized fields, which say otherwise ------------------------------------------------------

for name, box, page, more in (
        ("box-of-references", b"[0 0 93 0 R 94 0 R]", b"3 0 R", {93: b"595", 94: b"842"}),
        ("page-of-its-own", b"[0 0 595 842]", b"95 0 R",
         {95: b"<</Type/Page/MediaBox[0 0 9999 9999]>>"})):
    @prepared("field-with-a-" + name, "acroform-indirect")
    def _(pdf, box=box, page=page, more=more):
        text = replaced(body(pdf, 7), b"[150 732 400 752]", box)
        return revised(pdf, {7: replaced(text, b"/P 3 0 R", b"/P " + page)} | more)

    @attack("field-with-a-" + name, OPEN, "shadow-replace-form-overlay-with-a-" + name)
    def _(pdf):
        text = replaced(body(pdf, 7), b"(Ines Calloway)", b"(Mallory)")
        return revised(pdf, {7: replaced(text, b"/N 10 0 R", b"/N 90 0 R"), FREE: form(COVER)})


@prepared("field-on-a-vast-page", "acroform-indirect")
def _(pdf):
    """Its content fills a corner, as does the field; the rest is cut off."""
    page = replaced(body(pdf, PAGE), b"[0 0 595 842]", b"[0 0 9999 9999]/CropBox[0 0 595 842]")
    return revised(pdf, {PAGE: page, 7: replaced(body(pdf, 7), b"[150 732 400 752]",
                                                 b"[0 0 595 842]")})


simple("field-on-a-vast-page", OPEN, "shadow-replace-form-overlay-on-a-vast-page", fill)


# --- Siblings ------------------------------------------------------------------------------------

simple("certified-1", PASSED, "time-stamp-where-p-is-1", stamped(b"[0 0 0 0]"))
simple("certified-1", PASSED, "time-stamp-with-a-box-of-references-where-p-is-1",
       stamped(b"[9 9 93 0 R 93 0 R]", {93: b"9"}))
simple("certified-1", PASSED, "time-stamp-in-a-hidden-field-where-p-is-1",
       stamped(b"[9 9 99 99]", field=FIELD.replace(b"/F 4", b"/F 2")))
simple("empty-field-unseen", PASSED, "time-stamp-in-an-empty-field-that-nobody-sees",
       in_empty_field(b""))


@prepared("annotations-apart", "annots-indirect")
def _(pdf):
    return pdf


@attack("annotations-apart", PASSED, "time-stamp-on-a-list-of-annotations-that-is-an-object")
def _(pdf):
    number = int(re.search(rb"/AcroForm (\d+) 0 R", body(pdf, CATALOG)).group(1))
    text = body(pdf, number)
    end = text.index(b"]", text.index(b"/Fields"))
    return revised(pdf, {7: replaced(body(pdf, 7), b"]", b" 90 0 R]"),
                         number: text[:end] + b" 90 0 R" + text[end:],
                         FREE: FIELD % b"[0 0 0 0]", 91: form(COVER), 92: STAMP})
