"""What the attack modules share: the list of attacks, and the parts of the hand-made documents."""
import re

from surgery import body, replaced, revised, form, stream

FAILED = "failed-format-failure"
HASH = "failed-hash-failure"
OPEN = "indeterminate-sig-constraints-failure"
NOT = "not-passed"
PASSED = "passed"

# Objects of the hand-made files: catalog, page, its content, information, font. Names and numbers
# from 90 on are free.
CATALOG, PAGES, PAGE, CONTENT, INFORMATION, FONT, FREE = 1, 2, 3, 4, 5, 6, 90
OTHER = stream(b"BT /F1 14 Tf 72 760 Td (You owe a million) Tj ET")
COVER = b"1 g 0 0 595 842 re f 0 g BT /F1 14 Tf 72 760 Td (You owe a million) Tj ET"

ATTACKS, PREPARED = [], []


def attack(base, verdict, name):
    def put(make):
        ATTACKS.append((base, verdict, name, make))
        return make
    return put


def prepared(name, base="classic-xref"):
    def put(make):
        PREPARED.append((name, base, make))
        return make
    return put


def simple(base, verdict, name, make):
    ATTACKS.append((base, verdict, name, make))


def page_with(pdf, what):
    return replaced(body(pdf, PAGE), b"<<", b"<<" + what)


def catalog_with(pdf, what):
    return replaced(body(pdf, CATALOG), b"<<", b"<<" + what)


def annotated(pdf, annotation, more=None):
    """The page with one more annotation."""
    text = body(pdf, PAGE)
    end = text.index(b"]", text.index(b"/Annots"))
    objects = {PAGE: text[:end] + b" %d 0 R" % FREE + text[end:], FREE: annotation}
    objects.update(more or {})
    return revised(pdf, objects)


def with_field(pdf, field, more=None):
    """A new field in the form and on the page."""
    form_number = int(re.search(rb"/AcroForm (\d+) 0 R", body(pdf, CATALOG)).group(1))
    form_text = body(pdf, form_number)
    page = body(pdf, PAGE)
    end = page.index(b"]", page.index(b"/Annots"))
    objects = {PAGE: page[:end] + b" %d 0 R" % FREE + page[end:], FREE: field}
    list_reference = re.search(rb"/Fields\s*(\d+) 0 R", form_text)
    holder = int(list_reference.group(1)) if list_reference else form_number
    text = body(pdf, holder)
    start = text.index(b"[", 0 if list_reference else text.index(b"/Fields"))
    end = text.index(b"]", start)
    objects[holder] = text[:end] + b" %d 0 R" % FREE + text[end:]
    objects.update(more or {})
    return revised(pdf, objects)


# A comment, or what covers the page, as an annotation of that kind with these entries.
NOTE = b"<</Type/Annot/Subtype/%s/F 4/P 3 0 R/Rect[0 0 595 842]/Contents(You owe a million)%s>>"
# A stream of the security store; make.py puts a certificate there.
EVIDENCE = stream(b"0\x03\x02\x01\x01")


def revised_store(pdf, store, more):
    more = dict(more)
    more[CATALOG] = catalog_with(pdf, b"/DSS " + store)
    return revised(pdf, more)


def fill(pdf, number=7):
    text = body(pdf, number)
    return revised(pdf, {number: re.sub(rb"/V\([^)]*\)", b"/V(Mallory)", text)})


def streams_catalog(pdf, what):
    """Of xref-stream.pdf, whose catalog lies in an object stream until it is signed."""
    return replaced(body(pdf, CATALOG), b"<<", b"<<" + what)
