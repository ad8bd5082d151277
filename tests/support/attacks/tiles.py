"""Form fields side by side, each small: the signed page is empty there, and filled in, they show
another one."""
import re

from registry import *  # noqa: F403
from surgery import *  # noqa: F403

TILES = 5  # objects 60 to 64, each a fifth of the page
FIRST = 60
TEXT = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(tile%d)/F 4/P 3 0 R/Rect[%s]%s>>"


def row(index, of=TILES):
    return b"0 %d 595 %d" % (842 * index // of, 842 * (index + 1) // of)


def tiles():
    return range(FIRST, FIRST + TILES)


def references(numbers):
    return b" ".join(b"%d 0 R" % number for number in numbers)


def with_widgets(pdf, widgets, fields, more=None):
    """The hand-made form with more on its page and in its list of fields."""
    page = replaced(body(pdf, PAGE), b"/Annots[", b"/Annots[" + references(widgets) + b" ")
    objects = {PAGE: page, 13: replaced(body(pdf, 13), b"[", b"[" + references(fields) + b" ")}
    objects.update(widgets)
    objects.update(more or {})
    return revised(pdf, objects)


def tiled(pdf, kind=b""):
    return with_widgets(pdf, {n: TEXT % (n, row(n - FIRST), kind) for n in tiles()}, tiles())


def filled(pdf, numbers, appearance=True):
    objects = {}
    for number in numbers:
        what = b"/V(Mallory)" + (b"/AP<</N %d 0 R>>" % (number + 30) if appearance else b"")
        objects[number] = replaced(body(pdf, number), b"/F 4", b"/F 4" + what)
        if appearance:
            objects[number + 30] = form(COVER, b"0 0 595 169")
    return revised(pdf, objects)


def refilled(pdf, number, times):
    pdf = filled(pdf, [number])
    for i in range(times):
        pdf = revised(pdf, {number: re.sub(rb"/V\([^)]*\)", b"/V(%d)" % i, body(pdf, number)),
                            number + 30: form(b"%d w" % i, b"0 0 595 169")})
    return pdf


prepared("tiled-form", "acroform-indirect")(tiled)
prepared("certified-2-tiled-form", "acroform-indirect")(tiled)
prepared("certified-3-tiled-form", "acroform-indirect")(tiled)
for base in ("tiled-form", "certified-2-tiled-form", "certified-3-tiled-form"):
    simple(base, PASSED, "untouched-" + base, lambda pdf: pdf)
    simple(base, PASSED, "form-two-of-five-tiles-in-" + base, lambda pdf: filled(pdf, [60, 61]))
    simple(base, OPEN, "shadow-replace-form-tiles-in-" + base, lambda pdf: filled(pdf, tiles()))
simple("tiled-form", PASSED, "form-one-tile-many-times", lambda pdf: refilled(pdf, 60, 4))
simple("tiled-form", OPEN, "shadow-replace-form-tiles-without-appearance",
       lambda pdf: filled(pdf, tiles(), appearance=False))


@attack("tiled-form", OPEN, "shadow-replace-form-tiles-one-at-a-time")
def _(pdf):
    for number in tiles():
        pdf = filled(pdf, [number])
    return pdf


# --- One field, several widgets ------------------------------------------------------------------

KID = b"<</Type/Annot/Subtype/Widget/Parent %d 0 R/F 4/P 3 0 R/Rect[%s]>>"


def family(numbers, more=b""):
    return b"<</FT/Tx/T(family)/Kids[%s]%s>>" % (references(numbers), more)


@prepared("tiled-kids", "acroform-indirect")
def _(pdf):
    return with_widgets(pdf, {n: KID % (80, row(n - FIRST)) for n in tiles()}, [80],
                        {80: family(tiles())})


simple("tiled-kids", OPEN, "shadow-replace-form-one-value-many-widgets",
       lambda pdf: revised(pdf, {80: family(tiles(), b"/V(Mallory)")}))


@prepared("tiled-kids-of-two", "acroform-indirect")
def _(pdf):
    """Each widget is listed by a field that nobody fills in, and by one that its /Parent names."""
    return with_widgets(pdf, {n: KID % (81, row(n - FIRST)) for n in tiles()}, [80, 81], {
        80: replaced(family(tiles()), b"family", b"first"), 81: family(tiles())})


simple("tiled-kids-of-two", OPEN, "shadow-replace-form-widgets-of-two-fields",
       lambda pdf: revised(pdf, {81: family(tiles(), b"/V(Mallory)")}))


@prepared("tiled-inherited", "acroform-indirect")
def _(pdf):
    """Fields below a field, whose value they inherit."""
    return with_widgets(pdf, {n: replaced(KID % (80, row(n - FIRST)), b"/F 4",
                                          b"/T(%d)/F 4" % n) for n in tiles()}, [80],
                        {80: family(tiles())})


simple("tiled-inherited", OPEN, "shadow-replace-form-inherited-value",
       lambda pdf: revised(pdf, {80: family(tiles(), b"/V(Mallory)")}))


# --- Buttons show what was there -----------------------------------------------------------------

@prepared("tiled-buttons", "acroform-indirect")
def _(pdf):
    states = b"/AS/Off/AP<</N<</Off 91 0 R/On 92 0 R>>>>"
    return with_widgets(pdf, {n: replaced(TEXT % (n, row(n - FIRST), states), b"/Tx", b"/Btn")
                              for n in tiles()}, tiles(),
                        {91: form(b""), 92: form(COVER, b"0 0 595 169")})


def pressed(pdf, numbers):
    return revised(pdf, {n: replaced(body(pdf, n), b"/AS/Off", b"/AS/On") for n in numbers})


simple("tiled-buttons", OPEN, "shadow-replace-form-states", lambda pdf: pressed(pdf, tiles()))
simple("tiled-buttons", PASSED, "form-two-buttons", lambda pdf: pressed(pdf, [60, 61]))


# --- Where the page is ---------------------------------------------------------------------------

@prepared("tiled-on-no-page", "acroform-indirect")
def _(pdf):
    """The page does not list them; their /P names it."""
    return revised(tiled(pdf), {PAGE: body(pdf, PAGE)})


simple("tiled-on-no-page", OPEN, "shadow-replace-form-tiles-that-no-page-lists",
       lambda pdf: filled(pdf, tiles()))


@prepared("tile-on-two-pages", "acroform-indirect")
def _(pdf):
    """Small on the large page, large on the small one."""
    pdf = with_widgets(pdf, {FIRST: TEXT % (1, b"0 0 300 300", b"")}, [FIRST])
    return revised(pdf, {82: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Annots[60 0 R]>>",
                         PAGES: b"<</Type/Pages/Count 2/Kids[3 0 R 82 0 R]>>"})


simple("tile-on-two-pages", OPEN, "shadow-replace-form-tile-of-two-pages",
       lambda pdf: filled(pdf, [FIRST]))


# --- Signatures ----------------------------------------------------------------------------------

# Five empty signature fields; tests sign in them.
prepared("tiled-signatures", "acroform-indirect")(
    lambda pdf: with_widgets(pdf, {n: replaced(TEXT % (n, row(n - FIRST), b""), b"/Tx", b"/Sig")
                                   for n in tiles()}, tiles()))
simple("tiled-signatures", PASSED, "untouched-tiled-signatures", lambda pdf: pdf)


# --- More changes than anybody lists -------------------------------------------------------------

MANY = range(1000, 11001)
HIDDEN = b"<</FT/Tx/T(f%d)%s>>"


@prepared("many-fields", "acroform-indirect")
def _(pdf):
    return with_widgets(pdf, {}, MANY, {n: HIDDEN % (n, b"") for n in MANY})


def many(pdf, more):
    return revised(pdf, {n: HIDDEN % (n, b"/V(x)") for n in MANY} | more)


simple("many-fields", PASSED, "form-many-fields", lambda pdf: many(pdf, {}))
simple("many-fields", OPEN, "mdp-content-behind-many-fields",
       lambda pdf: many(pdf, {CONTENT: OTHER}))
