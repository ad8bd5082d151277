"""What readers make of octets, each in its way: where a stream begins, what a number is, what is
encrypted."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


def with_store(pdf, evidence, more=None):
    """Evidence that the catalog lists, number 90, beside other objects."""
    return revised(pdf, {CATALOG: catalog_with(pdf, b"/DSS<</Certs[90 0 R]>>"), FREE: evidence} |
                   (more or {}))


# --- Where a stream begins -----------------------------------------------------------------------

for name, behind in (("at-once", b"stream"), ("behind-a-space", b"stream \n"),
                     ("behind-a-carriage-return", b"stream\r")):
    simple("plain", OPEN, "objects-stream-that-begins-" + name, lambda pdf, behind=behind: revised(
        pdf, {CONTENT: replaced(body(pdf, CONTENT), b"stream\n", behind)}))


@attack("certified-1", OPEN, "objects-object-stream-that-begins-in-two-ways")
def _(pdf):
    """Behind the space stands the page that was signed, behind the next line end another."""
    page = body(pdf, PAGE)
    other = b"3 0 ".ljust(16) + replaced(page, b"/Contents 4 0 R", b"/Contents 90 0 R") + b"\n"
    first = b"3 %d" % len(other)
    raw = first.ljust(15) + b"\n" + other + page + b" "
    made = revised_with_streams(pdf, {CATALOG: catalog_with(pdf, b"/DSS<</Certs[90 0 R]>>"),
                                      FREE: OTHER}, packed={PAGE: page})
    at = made.rindex(b"300 0 obj\n") + 10
    end = made.index(b"\nendobj", at)
    new = b"<</Type/ObjStm/N 1/First 16/Length %d>>stream " % len(raw) + raw + b"\nendstream"
    return with_section_moved(made, at, end, new)


def with_section_moved(pdf, begin, end, by):
    """Other octets there, and the cross-reference stream and the startxref behind them set right."""
    old = pdf[pdf.rindex(b"301 0 obj"):]
    start = len(pdf) - len(old)
    moved = start + len(by) - (end - begin)
    section = replaced(old, b"startxref\n%d" % start, b"startxref\n%d" % moved)
    return pdf[:begin] + by + pdf[end:start] + replaced(
        section, start.to_bytes(4, "big"), moved.to_bytes(4, "big"))


# --- Numbers -------------------------------------------------------------------------------------

prepared("rotated", "rotate-90")(lambda pdf: pdf)
for name, by in (("an-integer-or-a-real", b"90.0"), ("two-signs", b"+-90"), ("two-numbers", b"90-0")):
    simple("rotated", OPEN, "objects-rotation-of-" + name, lambda pdf, by=by: revised(
        pdf, {PAGE: replaced(body(pdf, PAGE), b"/Rotate 90", b"/Rotate " + by)}))
simple("rotated", PASSED, "written-again-with-another-zero", lambda pdf: revised(
    pdf, {PAGE: replaced(body(pdf, PAGE), b"/Rotate 90", b"/Rotate +090")}))
simple("plain", PASSED, "written-again-with-a-box-of-reals", lambda pdf: revised(
    pdf, {PAGE: re.sub(rb"/MediaBox\s*\[0 0 595 842\]", b"/MediaBox[0 0 595.0 842.]",
                       body(pdf, PAGE))}))
simple("plain", OPEN, "objects-stream-of-a-real-length", lambda pdf: revised(
    pdf, {CONTENT: re.sub(rb"/Length (\d+)", rb"/Length \1.0", body(pdf, CONTENT))}))


# --- What is encrypted ---------------------------------------------------------------------------

VALUE = re.compile(rb"/V <[0-9a-f]+>")
for name in ("aes128", "aes256"):
    base = "encrypted-" + name
    prepared(base, "qpdf-" + base)(lambda pdf: pdf)
    simple(base, PASSED, "untouched-" + base, lambda pdf: pdf)
    simple(base, PASSED, "written-again-" + base, lambda pdf: encrypted(pdf, body(pdf, 6)))
    for what, by in (("in-the-clear", b"/V (Ines Calloway)"), ("of-half-a-block", b"/V <0011>"),
                     ("with-bad-padding", b"/V <%s>" % (b"00" * 32))):
        simple(base, OPEN, "objects-value-%s-in-%s" % (what, base), lambda pdf, by=by: encrypted(
            pdf, VALUE.sub(by, body(pdf, 6))))


def encrypted(pdf, field):
    return revised(pdf, {6: field},
                   extra=b"/Encrypt " + re.findall(rb"/Encrypt (\d+ 0 R)", pdf)[-1])
