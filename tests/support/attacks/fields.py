"""What a field shows, what it is called, and what it is besides."""
import re

from registry import *  # noqa: F403
from stamps import FIELD, STAMP, stamped
from surgery import *  # noqa: F403
from tiles import TEXT, with_widgets


# --- Appearances that are not kept in the field's place ------------------------------------------

def boxed(box, data=COVER):
    return stream(data, b"/Type/XObject/Subtype/Form" + box)


def refilled(pdf, appearance):
    """The small field 7 with another value, and that appearance."""
    text = re.sub(rb"/V\([^)]*\)", b"/V(Mallory)", body(pdf, 7))
    return revised(pdf, {7: re.sub(rb"/N \d+ 0 R", b"/N 90 0 R", text), FREE: appearance})


BOXES = {"without-a-box": b"", "with-a-null-for-a-box": b"/BBox null",
         "with-a-name-for-a-box": b"/BBox/x", "with-a-box-of-three": b"/BBox[0 0 20]",
         "with-a-vast-box": b"/BBox[-100000 -100000 100000 100000]"}
for name, box in BOXES.items():
    simple("form", OPEN, "shadow-replace-form-appearance-" + name,
           lambda pdf, box=box: refilled(pdf, boxed(box)))
    simple("certified-1", FAILED, "ssa-time-stamp-with-an-appearance-" + name,
           stamped(b"[0 0 0 0]", {91: boxed(box)}))
simple("form", OPEN, "shadow-replace-form-appearance-without-a-box-later",
       lambda pdf: refilled(refilled(pdf, form(b"", b"0 0 250 20")), boxed(b"")))
simple("empty-field-unseen", OPEN, "ssa-time-stamp-without-a-box-in-an-empty-field",
       lambda pdf: revised(pdf, {9: replaced(body(pdf, 9), b"/FT", b"/AP<</N 91 0 R>>/V 92 0 R/FT"),
                                 91: boxed(b""), 92: STAMP}))


@prepared("value-apart", "acroform-indirect")
def _(pdf):
    return revised(pdf, {7: re.sub(rb"/V\([^)]*\)", b"/V 70 0 R", body(pdf, 7)),
                         70: b"(Ines Calloway)"})


simple("value-apart", OPEN, "shadow-replace-form-value-and-appearance-apart",
       lambda pdf: revised(pdf, {70: b"(Mallory)", 10: boxed(b"")}))
simple("value-apart", PASSED, "form-value-and-appearance-apart",
       lambda pdf: revised(pdf, {70: b"(Joost)", 10: boxed(b"/BBox[0 0 250 20]", b"")}))


@prepared("button-without-a-box", "acroform-indirect")
def _(pdf):
    """It is not pressed."""
    states = b"/AS/Off/AP<</N<</Off 91 0 R/On 92 0 R>>>>"
    return with_widgets(pdf, {60: replaced(TEXT % (1, b"9 9 29 29", states), b"/Tx", b"/Btn")}, [60],
                        {91: form(b""), 92: boxed(b"")})


simple("button-without-a-box", OPEN, "shadow-replace-form-button-without-a-box",
       lambda pdf: revised(pdf, {60: replaced(body(pdf, 60), b"/AS/Off", b"/AS/On")}))
# It says that it is empty.
simple("certified-1", NOT, "ssa-time-stamp-with-an-appearance-of-another-length",
       stamped(b"[0 0 0 0]", {91: re.sub(rb"/Length \d+", b"/Length 0", boxed(b""))}))
# How invisible signatures are written.
for name, appearance in (("of-no-size", boxed(b"/BBox[0 0 0 0]")), ("of-nothing", boxed(b"", b""))):
    simple("certified-1", PASSED, "time-stamp-with-an-appearance-" + name,
           stamped(b"[0 0 0 0]", {91: appearance}))


# --- Flags that are hidden to some readers only --------------------------------------------------

for name, flags in (("beyond-an-integer", b"4294967298"), ("that-are-real", b"2.0")):
    simple("certified-1", FAILED, "ssa-time-stamp-with-flags-" + name,
           stamped(b"[0 0 595 842]", field=FIELD.replace(b"/F 4", b"/F " + flags)))


# --- What else a new field says ------------------------------------------------------------------

KID = b"<</Parent 90 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R%s>>"


def unseen(what, name=b"Stamp", more=None):
    return stamped(b"[0 0 0 0]", more, FIELD.replace(b"(Stamp)", b"(" + name + b")" + what))


for name, make in {
        "taken-name": unseen(b"", b"name"),
        "kid-that-is-a-text": unseen(b"/Kids[93 0 R]", more={93: KID % b"/FT/Tx/V(A million)"}),
        "default-value": unseen(b"/DV(A million)"),
        "file": unseen(b"/AF[93 0 R]", more={
            93: b"<</Type/Filespec/F(x.exe)/EF<</F 94 0 R>>>>", 94: stream(b"MZ")}),
        "text-to-be-read": unseen(b"/Contents(You owe a million)")}.items():
    simple("certified-1", FAILED, "ssa-time-stamp-with-a-" + name, make)


@prepared("certified-1-field-of-a-page-only", "acroform-indirect")
def _(pdf):
    """The form does not list it."""
    return with_widgets(pdf, {60: TEXT % (1, b"9 9 29 29", b"/V(1)")}, [])


simple("certified-1-field-of-a-page-only", FAILED, "ssa-time-stamp-with-a-name-that-a-page-has",
       unseen(b"", b"tile1"))
simple("certified-1", PASSED, "time-stamp-with-a-kid",
       unseen(b"/Kids[93 0 R]", more={93: KID % b""}))
simple("certified-1", PASSED, "time-stamp-with-what-others-write",
       unseen(b"/TU(Timestamp)/MK<<>>/DA(/Helv 0 Tf 0 g)/Ff 1/Lock<</Action/All>>"))


# --- An empty signature field that is something else besides -------------------------------------

UNSEEN = re.compile(rb"/Rect\[150 580 400 660\]")
LINK = b"<</Type/Annot/Subtype/Link/Rect[72 750 300 780]/A 9 0 R>>"


def empty_field(pdf, what):
    return UNSEEN.sub(b"/Rect[0 0 0 0]" + what, body(pdf, 9))


def signed(what, by):
    return lambda pdf: revised(pdf, {192: STAMP, 9: replaced(replaced(body(pdf, 9), what, by),
                                                             b"/FT", b"/V 192 0 R/FT")})


@prepared("field-is-a-page-label", "acroform-indirect")
def _(pdf):
    return revised(pdf, {9: empty_field(pdf, b"/S/D"),
                         CATALOG: catalog_with(pdf, b"/PageLabels<</Nums[0 9 0 R]>>")})


@prepared("field-is-an-action", "acroform-indirect")
def _(pdf):
    return revised(annotated(pdf, LINK), {9: empty_field(pdf, b"/S/Launch")})


simple("field-is-a-page-label", OPEN, "ssa-field-becomes-a-page-label",
       signed(b"/P 3 0 R", b"/P(You owe )"))
simple("field-is-an-action", OPEN, "ssa-field-becomes-an-action", signed(b"/F 4", b"/F(evil.exe)"))
for base in ("field-is-a-page-label", "field-is-an-action"):
    simple(base, OPEN, "ssa-" + base, signed(b"/F 4", b"/F 132"))


@prepared("field-of-a-program", "acroform-indirect")
def _(pdf):
    """With a key of its maker's."""
    return revised(pdf, {9: empty_field(pdf, b"/MakersOwn 1")})


@prepared("field-of-a-program-with-a-kid", "acroform-indirect")
def _(pdf):
    """The widget is another object, below one that has a name only."""
    widget = b"<</Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 4/P 3 0 R/Parent 9 0 R>>"
    page = replaced(body(pdf, PAGE), b"9 0 R", b"81 0 R")
    return revised(pdf, {PAGE: page, 80: b"<</T(group)/Kids[9 0 R]>>", 81: widget,
                         9: b"<</FT/Sig/T(Signature1)/MakersOwn 1/F 4/Parent 80 0 R/Kids[81 0 R]>>",
                         13: b"[7 0 R 8 0 R 80 0 R]"})


@prepared("field-that-a-button-resets", "acroform-indirect")
def _(pdf):
    reset = b"<</Type/Annot/Subtype/Link/Rect[72 750 300 780]/A<</S/ResetForm/Fields[9 0 R]>>>>"
    return revised(annotated(pdf, reset), {9: empty_field(pdf, b"")})


for base in ("field-of-a-program", "field-of-a-program-with-a-kid", "field-that-a-button-resets"):
    simple(base, PASSED, "time-stamp-in-a-" + base, signed(b"/F 4", b"/F 132"))


# --- What all fields share -----------------------------------------------------------------------

def in_form(what, by, more=None):
    return lambda pdf: revised(pdf, {12: replaced(body(pdf, 12), what, by)} | (more or {}))


anew = in_form(b"/Fields", b"/NeedAppearances true/Fields")
simple("lock-include", FAILED, "mdp-locked-fields-are-shown-anew", anew)


@prepared("lock-include-unseen", "form-lock-include")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"/F 4", b"/F 2")})


simple("lock-include-unseen", PASSED, "form-unlocked-fields-are-shown-anew", anew)


@prepared("font-that-is-not-there", "acroform-indirect")
def _(pdf):
    """Read-only, and as large as the page."""
    return with_widgets(pdf, {60: TEXT % (1, b"0 0 595 842", b"/Ff 1/V(1)/DA(/F#39 9 Tf 0 g)")},
                        [60])


DIGITS = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[49/nine]>>>>"
simple("font-that-is-not-there", OPEN, "shadow-replace-form-a-font-comes-later",
       in_form(b"/Helv 6 0 R", b"/Helv 6 0 R/F9 90 0 R", {FREE: DIGITS}))
simple("font-that-is-not-there", PASSED, "form-another-font-comes-later",
       in_form(b"/Helv 6 0 R", b"/Helv 6 0 R/F8 90 0 R", {FREE: DIGITS}))
simple("form", OPEN, "mdp-form-says-that-it-has-no-signatures",
       in_form(b"/SigFlags 3", b"/SigFlags 0"))
simple("form", PASSED, "form-says-more-of-its-signatures", in_form(b"/SigFlags 3", b"/SigFlags 7"))
