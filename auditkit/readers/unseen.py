"""Characters of a PDF page that nobody sees who opens the file, though they can be read.

Text beside the page, drawn invisibly, or in the colour of the paper can make a form say to a
program what it does not say to people. White text on a dark ground is seen, so that the page is
drawn where there is pale text, and looked at.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pypdfium2.raw as pdfium
from pypdfium2 import PdfMatrix

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.page import THIN, Glyph, Page

OUTSIDE = Doubt(DoubtKind.OUTSIDE)
WITHOUT_INK = Doubt(DoubtKind.WITHOUT_INK)
_SCALE = 2.0  # pixels a point of the page that is looked at
PALE = 170  # of 255: text in a colour that is as light as this may be lost on the paper
CONTRAST = 20  # of 255: less between the lightest and the darkest pixel is not seen
PAIRS = 1_000_000  # of shapes and characters, or of characters and later ones, that are compared
FINE = 100  # pixels along a side of a character that are looked at
_NO_INK = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)


def doubt_unseen(page: Any, seen: Page, frame: PdfMatrix, *, is_recognised: bool) -> Page:
    """Return a page with a doubt on each of its characters that nobody sees.

    ``page`` is the open ``PdfPage``, turned as ``seen`` is, and ``frame`` leads from its user space
    there. On a page that ``is_recognised`` the text lies invisibly over its picture, and is doubted
    as a whole by other means.
    """
    inks = {part: _ink_of(part) for part in {glyph.part for glyph in seen.glyphs} if part}
    printed = [glyph for glyph in seen.glyphs if not glyph.is_spacing]
    pale = [glyph for glyph in printed if inks.get(glyph.part) == "pale"]
    covered = dict(_covered(page, printed, frame))
    lost = {*_overprinted(covered, printed), *_lost(page, seen, [*pale, *covered])}
    if not is_recognised and "none" in inks.values():
        lost |= {glyph for glyph in printed if inks.get(glyph.part) == "none"}
    doubts = dict.fromkeys(lost, WITHOUT_INK)
    wide, high = 2 * seen.width, 2 * seen.height
    for glyph in printed:
        if not (0 <= glyph.left + glyph.right <= wide and 0 <= glyph.top + glyph.bottom <= high):
            doubts[glyph] = OUTSIDE
    if not doubts:
        return seen
    told = (glyph._replace(doubt=doubts.get(glyph, glyph.doubt)) for glyph in seen.glyphs)
    return replace(seen, glyphs=tuple(told))


def _centre(glyph: Glyph) -> tuple[float, float]:
    return (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2


def _ink_of(part: int) -> str:
    """Tell whether a piece of text is drawn with no ink, with pale ink, or as usual."""
    drawn = ctypes.cast(part, pdfium.FPDF_PAGEOBJECT)
    if pdfium.FPDFTextObj_GetTextRenderMode(drawn) in _NO_INK:
        return "none"
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha):
        return ""
    is_light = min(red.value, green.value, blue.value) >= PALE
    return "pale" if is_light or alpha.value <= 255 - PALE else ""


def _covered(
    page: Any, glyphs: list[Glyph], frame: PdfMatrix
) -> Iterator[tuple[Glyph, frozenset[int]]]:
    """Yield characters that a filled shape or picture is drawn over, and the text drawn after it.

    Where there are very many shapes and characters, each character may be under one.
    """
    ranks: dict[int, int] = {}
    covers: list[tuple[int, tuple[float, ...]]] = []
    for rank in range(pdfium.FPDFPage_CountObjects(page)):
        part = pdfium.FPDFPage_GetObject(page, rank)
        if pdfium.FPDFPageObj_GetType(part) == pdfium.FPDF_PAGEOBJ_TEXT:
            ranks[ctypes.addressof(part.contents)] = rank
        elif ranks and (bounds := _cover(part)):
            covers.append((rank, frame.on_rect(*bounds)))
    if len(covers) * len(glyphs) > PAIRS:
        yield from ((glyph, frozenset()) for glyph in glyphs)
        return
    for rank, (left, top, right, bottom) in covers:
        later = frozenset(part for part, own in ranks.items() if own > rank)
        for glyph in glyphs:
            across, down = _centre(glyph)
            is_under = left <= across <= right and top <= down <= bottom
            if is_under and glyph.part in ranks and glyph.part not in later:
                yield glyph, later


def _cover(part: Any) -> tuple[float, ...]:
    """Return the bounds of an object of a page that is no text and no rule, else nothing."""
    if pdfium.FPDFPageObj_GetType(part) == pdfium.FPDF_PAGEOBJ_PATH:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(part, fill, stroke)
        if not fill.value:
            return ()
    sides = tuple(ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(part, *sides)
    left, bottom, right, top = (side.value for side in sides)
    return (left, bottom, right, top) if min(right - left, top - bottom) > THIN else ()


def _overprinted(covered: Mapping[Glyph, frozenset[int]], glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Yield covered characters in whose place later text stands, or so much that it may."""
    after = {later: [g for g in glyphs if g.part in later] for later in {*covered.values()}}
    is_much = sum(len(after[later]) for later in covered.values()) > PAIRS
    for glyph, later in covered.items():
        across, down = _centre(glyph)
        others = after[later]
        if others and (
            is_much or any(o.left < across < o.right and o.top < down < o.bottom for o in others)
        ):
            yield glyph


def _lost(page: Any, seen: Page, glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Yield those of some characters that do not stand out from the ground."""
    if not glyphs:
        return
    scale = seen.drawn_at(_SCALE)
    picture = page.render(scale=scale, grayscale=True).to_numpy()
    for glyph in glyphs:
        left, top, right, bottom = (max(0, round(side * scale)) for side in glyph[1:5])
        steps = (1 + (bottom - top) // FINE, 1 + (right - left) // FINE)
        own = picture[top : max(bottom, top + 1) : steps[0], left : max(right, left + 1) : steps[1]]
        if own.size and int(own.max()) - int(own.min()) < CONTRAST:
            yield glyph
