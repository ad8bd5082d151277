"""Universal signature forgery, signature wrapping, incremental saving, byte ranges."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


# --- Universal signature forgery: a dictionary whose verification is skipped ---------------------

def usf(name, what, by):
    """In place of the signature's dictionary, in another revision, as the paper does it."""
    def make(pdf):
        number, text, _, _ = signature(pdf)
        return revised(pdf, {number: re.sub(what, lambda _: by, text, count=1, flags=re.S),
                             CONTENT: OTHER})
    simple("plain", FAILED, "usf-" + name, make)


for name, by in (("missing", b""), ("null", b"/Contents null"), ("empty", b"/Contents <>"),
                 ("zero", b"/Contents <00>"), ("string", b"/Contents (00)"),
                 ("no-value", b"/Contents"), ("reference", b"/Contents 999 0 R")):
    usf("contents-" + name, rb"/Contents\s*<[0-9A-Fa-f]*>", by)
for name, by in (("missing", b""), ("null", b"/ByteRange null"), ("empty", b"/ByteRange[]"),
                 ("zeros", b"/ByteRange[0 0 0 0]"), ("letters", b"/ByteRange[/a /b /c /d]"),
                 ("negative", b"/ByteRange[0 -1 -1 -1]"), ("two-numbers", b"/ByteRange[0 999]"),
                 ("first-only", b"/ByteRange[0 100 100 0]")):
    usf("byte-range-" + name, rb"/ByteRange\s*\[[^\]]*\]", by)


@attack("plain", FAILED, "usf-contents-renamed-in-place")
def _(pdf):
    at = pdf.index(b"/Contents", pdf.rindex(b"/ByteRange"))
    return pdf[:at] + b"/Cantents" + pdf[at + 9:]


# --- Signature wrapping: the second signed stretch moves -----------------------------------------

@attack("plain", NOT, "swa-second-stretch-moved")
def _(pdf):
    """What was signed stays; between the stretches comes another cross-reference section."""
    _, first, second, length = byte_range(pdf)
    fake = b">\n%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\n"
    fake += table([(CONTENT, second + len(b">\n"))]) + \
        b"trailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
            number_behind(pdf, b"startxref"), second + fake.index(b"endobj") + 7)
    moved = pdf[:second - 1] + fake + pdf[second:]
    return with_byte_range(moved, b"[0 %d %d %d]" % (first, second - 1 + len(fake), length))


@attack("plain", FAILED, "swa-gap-begins-early")
def _(pdf):
    _, first, second, length = byte_range(pdf)
    return with_byte_range(pdf, b"[0 %d %d %d]" % (first - 8, second, length))


@attack("plain", FAILED, "swa-gap-ends-late")
def _(pdf):
    _, first, second, length = byte_range(pdf)
    return with_byte_range(pdf, b"[0 %d %d %d]" % (first, second + 20, length - 20))


@attack("plain", FAILED, "swa-object-in-padding")
def _(pdf):
    _, _, begin, end = signature(pdf)
    hidden = OTHER.hex().encode()
    return pdf[:end - 1 - len(hidden)] + hidden + pdf[end - 1:]


@attack("plain", FAILED, "swa-dictionary-copied-behind")
def _(pdf):
    """A second dictionary with the old octets and ranges, which the field takes."""
    number, text, _, _ = signature(pdf)
    field = field_of(pdf)
    return revised(pdf, {FREE: text, CONTENT: OTHER, field: replaced(
        body(pdf, field), b"/V %d 0 R" % number, b"/V %d 0 R" % FREE)})


# --- Incremental saving --------------------------------------------------------------------------

simple("plain", OPEN, "isa-content-replaced", lambda pdf: revised(pdf, {CONTENT: OTHER}))
simple("plain", NOT, "isa-body-only",
       lambda pdf: pdf + b"%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\n")
simple("plain", NOT, "isa-body-and-table",
       lambda pdf: pdf + b"%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\n" +
       table([(CONTENT, len(pdf))]))
simple("plain", NOT, "isa-body-and-trailer",
       lambda pdf: pdf + b"%d 0 obj\n" % CONTENT + OTHER +
       b"\nendobj\ntrailer\n<</Root 1 0 R/Size 99>>\n")
simple("plain", NOT, "isa-startxref-of-the-first-revision",
       lambda pdf: pdf + b"%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" %
       number_behind(pdf, b"startxref"))


@attack("plain", NOT, "isa-signature-copied")
def _(pdf):
    """The update ends with a copy of the signature, for readers that take the last one."""
    number, text, _, _ = signature(pdf)
    return revised(pdf, {CONTENT: OTHER, number: text})


@attack("plain", OPEN, "isa-page-takes-other-content")
def _(pdf):
    page = re.sub(rb"/Contents \d+ 0 R", b"/Contents %d 0 R" % FREE, body(pdf, PAGE))
    return revised(pdf, {PAGE: page, FREE: OTHER})


@attack("plain", OPEN, "isa-page-added")
def _(pdf):
    return revised(pdf, {
        PAGES: b"<</Type/Pages/Count 2/Kids[3 0 R %d 0 R]>>" % FREE,
        FREE: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 91 0 R>>", 91: OTHER})


@attack("plain", OPEN, "isa-page-resized")
def _(pdf):
    return revised(pdf, {PAGE: replaced(body(pdf, PAGE), b"842]", b"750]")})


@attack("plain", OPEN, "isa-page-turned")
def _(pdf):
    return revised(pdf, {PAGE: page_with(pdf, b"/Rotate 180")})


@attack("plain", OPEN, "isa-change-undone-by-a-further-revision")
def _(pdf):
    """The last state is the signed one; a copy that ends before it is not."""
    return revised(revised(pdf, {CONTENT: OTHER}), {CONTENT: body(pdf, CONTENT)})


# --- Byte ranges ---------------------------------------------------------------------------------

def ranged(name, verdict, change):
    def make(pdf):
        _, first, second, length = byte_range(pdf)
        return with_byte_range(pdf, change(first, second, length))
    simple("plain", verdict, "range-" + name, make)


ranged("begins-at-1", FAILED, lambda a, b, c: b"[1 %d %d %d]" % (a - 1, b, c))
ranged("ends-early", NOT, lambda a, b, c: b"[0 %d %d %d]" % (a, b, c - 10))
ranged("ends-behind-the-file", FAILED, lambda a, b, c: b"[0 %d %d %d]" % (a, b, c + 10))
ranged("overlaps", FAILED, lambda a, b, c: b"[0 %d %d %d]" % (b + 1, b, c))
ranged("six-numbers", FAILED, lambda a, b, c: b"[0 %d %d 0 %d %d]" % (a, b, b, c))
ranged("overflows", NOT, lambda a, b, c: b"[0 %d %d 18446744073709551615]" % (a, b))
ranged("real-numbers", FAILED, lambda a, b, c: b"[0.0 %d.0 %d.0 %d.0]" % (a, b, c))
ranged("leaves-the-bracket", FAILED, lambda a, b, c: b"[0 %d %d %d]" % (a + 1, b, c))
ranged("signs-the-gap", FAILED, lambda a, b, c: b"[0 %d %d 0]" % (b + c, b + c))


@attack("plain", FAILED, "range-stands-twice")
def _(pdf):
    _, first, second, length = byte_range(pdf)
    return with_byte_range(pdf, b"[0 %d %d %d]/ByteRange[0 9 9 9]" % (first, second, length))
