"""What two readers read in two ways: cross-reference data and objects."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403


# --- Cross-reference data that two readers read in two ways --------------------------------------

simple("plain", NOT, "xref-prev-to-itself", lambda pdf: revised(
    pdf, {CONTENT: OTHER}, previous=len(pdf) + len(b"4 0 obj\n" + OTHER + b"\nendobj\n")))
simple("plain", NOT, "xref-prev-to-nowhere", lambda pdf: revised(pdf, {CONTENT: OTHER}, previous=17))
simple("plain", NOT, "xref-prev-left-out",
       lambda pdf: revised(pdf, {CONTENT: OTHER}, previous=False))
simple("plain", NOT, "xref-prev-passes-over-the-signature", lambda pdf: revised(
    pdf, {CONTENT: OTHER}, previous=int(re.search(rb"startxref\s+(\d+)", pdf).group(1))))


@attack("plain", NOT, "xref-prev-passes-over-the-signature-but-keeps-its-field")
def _(pdf):
    """One revision of its own that lists everything, so that no revision ends where the signature
    does."""
    numbers = sorted({int(m) for m in re.findall(rb"[\r\n](\d+) 0 obj", pdf)} - {CONTENT})
    return revised(pdf, {CONTENT: OTHER}, previous=False,
                   entries=[(number, offset_of(pdf, number)) for number in numbers])


@attack("plain", NOT, "xref-prev-loop")
def _(pdf):
    first = revised(pdf, {CONTENT: OTHER})
    at = number_behind(first, b"startxref")
    second = revised(first, {CONTENT: OTHER})
    # The older of both now leads to the newer.
    old = b"/Prev %d" % number_behind(pdf, b"startxref")
    new = b"/Prev %d" % number_behind(second, b"startxref")
    place = second.index(old, at)
    return second[:place] + new[:len(old)].ljust(len(old)) + second[place + len(old):]


simple("plain", NOT, "xref-trailer-root-twice", lambda pdf: revised(
    pdf, {FREE: b"<</Type/Catalog/Pages 91 0 R>>", 91: b"<</Type/Pages/Count 0/Kids[]>>"},
    extra=b"/Root 90 0 R"))
simple("plain", OPEN, "xref-trailer-encrypts", lambda pdf: revised(
    pdf, {}, entries=[(CATALOG, offset_of(pdf, CATALOG))], extra=b"/Mallory(x)"))


for name, first in (("the-old-one-first", True), ("the-new-one-first", False)):
    @attack("plain", OPEN, "xref-object-listed-twice-" + name)
    def _(pdf, first=first):
        out = pdf + b"%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\n"
        both = [(CONTENT, offset_of(pdf, CONTENT)), (CONTENT, len(pdf))]
        return revised(out, {}, entries=both if first else both[::-1])


@attack("plain", OPEN, "xref-size-shrinks")
def _(pdf):
    """Readers pass over objects from /Size on: the content is gone."""
    new = revised(pdf, {INFORMATION: b"<</Title(x)>>"})
    at = new.rindex(b"/Size ")
    return new[:at] + b"/Size 4 " + new[new.index(b"/Root", at):]


@attack("plain", NOT, "xref-entry-of-another-object")
def _(pdf):
    """The entry of the content leads to the font's object."""
    return revised(pdf, {}, entries=[(CONTENT, offset_of(pdf, FONT))])


@attack("plain", OPEN, "xref-hidden-stream-of-a-hybrid-section")
def _(pdf):
    """The table says nothing of object 4; the stream beside it does."""
    out = pdf + b"%d 0 obj\n" % CONTENT + OTHER + b"\nendobj\n"
    at = len(out)
    data = bytes([1]) + len(pdf).to_bytes(4, "big") + b"\0\0"
    out += b"95 0 obj\n" + stream(data, b"/Type/XRef/W[1 4 2]/Index[4 1]/Size 96/Root 1 0 R") + \
        b"\nendobj\n"
    return revised(out, {}, entries=[(95, at)], previous=number_behind(pdf, b"startxref"),
                   extra=b"/XRefStm %d" % at)


@attack("hybrid", NOT, "xref-stale-hybrid-table")
def _(pdf):
    """The next revision copies an old /XRefStm, which brings back what was replaced since."""
    outlines = revised(pdf, {7: b"<</Type/Outlines/Count 0>>"})
    return revised(outlines, {}, entries=[(FONT, offset_of(pdf, FONT))],
                   extra=b"/XRefStm %s" % re.search(rb"/XRefStm (\d+)", pdf).group(1))


simple("hybrid", OPEN, "xref-hybrid-object-replaced",
       lambda pdf: revised(pdf, {7: b"<</Type/Outlines/Count 0>>"}))


@attack("streams", OPEN, "xref-stream-hides-another-content")
def _(pdf):
    return revised_with_streams(pdf, {CONTENT: OTHER})


# --- Objects -------------------------------------------------------------------------------------

@attack("streams", OPEN, "objects-stream-hides-another-page")
def _(pdf):
    """The page's new definition lies in an object stream."""
    return revised_with_streams(pdf, {FREE: OTHER}, packed={
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 90 0 R>>"})


@attack("streams", NOT, "objects-container-replaced")
def _(pdf):
    """Object stream 7 is another one; nothing is listed of what lies in it."""
    head = b"1 0 2 9 3 18 5 27 6 36 "
    return revised_with_streams(pdf, {7: stream(
        head + b"<</A 1>> " * 5, b"/Type/ObjStm/N 5/First %d" % len(head))})


@attack("streams", NOT, "objects-stream-with-another-number")
def _(pdf):
    """The stream's own list says 90 where the section says 4."""
    return revised_with_streams(pdf, {}, packed={6: b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"},
                                packed_number={6: 91})


@attack("streams", OPEN, "objects-font-in-object-stream")
def _(pdf):
    return revised_with_streams(pdf, {}, packed={6: b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"})


@attack("plain", OPEN, "objects-key-twice")
def _(pdf):
    """A page whose second /Contents other readers take."""
    return revised(pdf, {PAGE: replaced(body(pdf, PAGE), b"/Contents 4 0 R",
                                        b"/Contents 4 0 R/Cont#65nts 90 0 R"), FREE: OTHER})


@attack("form", OPEN, "objects-field-key-twice")
def _(pdf):
    return revised(pdf, {7: replaced(body(pdf, 7), b"/V(Ines Calloway)",
                                     b"/V(Ines Calloway)/V(Mallory)")})


simple("plain", OPEN, "objects-content-null", lambda pdf: revised(pdf, {CONTENT: b"null"}))
simple("plain", OPEN, "objects-content-freed", lambda pdf: revised(pdf, {}, free=[CONTENT]))
simple("plain", NOT, "objects-catalog-freed", lambda pdf: revised(pdf, {}, free=[CATALOG]))
simple("plain", NOT, "objects-reference-to-itself",
       lambda pdf: revised(pdf, {CONTENT: b"4 0 R"}))
simple("plain", NOT, "objects-page-tree-loop", lambda pdf: revised(
    pdf, {PAGES: b"<</Type/Pages/Count 1/Kids[2 0 R]>>"}))
simple("plain", OPEN, "objects-annotations-cycle", lambda pdf: revised(pdf, {
    PAGE: re.sub(rb"/Annots\s*\[", b"/Annots[90 0 R ", body(pdf, PAGE)), FREE: b"[91 0 R]",
    91: b"[90 0 R]"}))
simple("plain", OPEN, "objects-unused", lambda pdf: revised(pdf, {FREE: OTHER}))
simple("plain", NOT, "objects-generation-differs",
       lambda pdf: replaced(revised(pdf, {CONTENT: OTHER}), b"4 0 obj\n" + OTHER,
                            b"4 1 obj\n" + OTHER))


@attack("plain", NOT, "objects-stream-longer-than-it-says")
def _(pdf):
    """Readers that look for the word endstream read on."""
    return revised(pdf, {CONTENT: b"<</Length 3>>stream\nBT (You owe a million) Tj ET\nendstream"})


def with_generation(pdf, number, text):
    """The object under generation 1, in its header and in the table."""
    made = revised(pdf, {number: text})
    head, tail = made[:len(pdf)], made[len(pdf):]
    return head + replaced(replaced(tail, b"%d 0 obj" % number, b"%d 1 obj" % number), b" 00000 n",
                           b" 00001 n")


for base, verdict in (("certified-1", FAILED), ("plain", OPEN)):
    simple(base, verdict, "objects-generation-raised" +
           ("-where-p-is-1" if base != "plain" else ""),
           lambda pdf: with_generation(pdf, CONTENT, body(pdf, CONTENT)))
