"""Characters of a PDF page that nobody sees who opens the file, though they can be read.

Text beside the page, drawn invisibly, masked, covered, or in the colour of the paper can make a
form say to a program what it does not say to people. The drawing of the page tells which it is:
white text on a dark ground is seen.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pypdfium2.raw as pdfium

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.clips import CUT_OFF
from auditkit.readers.glyphs import FLAT, Glyph, has_its_font
from auditkit.readers.page import Page
from auditkit.readers.shapes import DIGITS, is_another
from auditkit.readers.witness import FAINT, OF_FIGURES, Drawing

OUTSIDE, HIDDEN = Doubt(DoubtKind.OUTSIDE), Doubt(DoubtKind.HIDDEN)
OTHER_DIGIT = Doubt(DoubtKind.OTHER_DIGIT)
WITHOUT_INK = Doubt(DoubtKind.WITHOUT_INK)
PALE = 170  # of 255: text in a colour that is as light as this may be lost on the paper
TINY = 1.5  # points; letters and digits no larger than that are not seen on a printed page
_RENAMED = Doubt.of(DoubtKind.DECLARED, property="ActualText")
_SIDES = 4  # of a box of ink
_HALF = 2  # of them; letters of another font, in place of the file's, have boxes of their own
_NEVER_DRAWN = ("Cc", "Cf")


def doubt_unseen(seen: Page, drawing: Drawing) -> Page:
    """Return a page with a doubt on each of its characters that nobody sees."""
    doubts = {
        **dict(_drawn_otherwise(drawing.glyphs)),
        **dict(_renamed(drawing.glyphs)),
        **dict(_lost(drawing)),
    }
    wide, high = 2 * seen.width, 2 * seen.height
    for glyph in drawing.glyphs:
        if not (0 <= glyph.left + glyph.right <= wide and 0 <= glyph.top + glyph.bottom <= high):
            doubts[glyph] = OUTSIDE
    if not doubts:
        return seen
    told = (glyph._replace(doubt=doubts.get(glyph, glyph.doubt)) for glyph in seen.glyphs)
    return replace(seen, glyphs=tuple(told))


def _lost(drawing: Drawing) -> Iterator[tuple[Glyph, Doubt]]:
    """Yield the characters that are not seen, or not whole, and why."""
    of_each = zip(drawing.glyphs, drawing.covered(), drawing.strips(), strict=True)
    for number, (glyph, is_covered, reached) in enumerate(of_each):
        if glyph.doubt:
            continue
        if is_covered:
            yield glyph, WITHOUT_INK
        elif _is_tiny(glyph):
            yield glyph, HIDDEN
        elif reached < _SIDES and _draws(glyph):
            if drawing.contrast(number) < FAINT or not (reached or _is_pale(glyph.part)):
                yield glyph, WITHOUT_INK
            elif not _is_pale(glyph.part) and (reached < _HALF or has_its_font(glyph.part)):
                yield glyph, CUT_OFF


def _renamed(glyphs: Iterable[Glyph]) -> Iterator[tuple[Glyph, Doubt]]:
    """Yield the characters of figures that the file says in place of those it draws.

    Browsers do so for Chinese characters that share a drawing with another.
    """
    said: dict[int, bool] = {}
    for glyph in glyphs:
        if glyph.part and glyph.text in OF_FIGURES:
            if glyph.part not in said:
                said[glyph.part] = _is_renamed(ctypes.cast(glyph.part, pdfium.FPDF_PAGEOBJECT))
            if said[glyph.part]:
                yield glyph, _RENAMED


def _drawn_otherwise(glyphs: Iterable[Glyph]) -> Iterator[tuple[Glyph, Doubt]]:
    """Yield the digits that their font draws as others."""
    fonts: dict[int, Any] = {}
    known: dict[tuple[int, str], bool] = {}
    for glyph in glyphs:
        if not (glyph.part and glyph.text in DIGITS):
            continue
        if glyph.part not in fonts:
            drawn = ctypes.cast(glyph.part, pdfium.FPDF_PAGEOBJECT)
            fonts[glyph.part] = pdfium.FPDFTextObj_GetFont(drawn)
        font = fonts[glyph.part]
        which = ctypes.addressof(font.contents) if font else 0, glyph.text
        if which not in known:
            known[which] = bool(font) and is_another(font, glyph.text)
        if known[which]:
            yield glyph, OTHER_DIGIT


def _is_renamed(drawn: Any) -> bool:
    length = ctypes.c_ulong()
    marks = (
        pdfium.FPDFPageObj_GetMark(drawn, index)
        for index in range(pdfium.FPDFPageObj_CountMarks(drawn))
    )
    return any(
        pdfium.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", None, 0, length)
        for mark in marks
    )


def _is_tiny(glyph: Glyph) -> bool:
    size = max(glyph.right - glyph.left, glyph.bottom - glyph.top)
    return FLAT < size < TINY and glyph.text.isalnum()


def _draws(glyph: Glyph) -> bool:
    """Tell whether a character should have ink: it is no mark of format, and its font is there."""
    if unicodedata.category(glyph.text[0]) in _NEVER_DRAWN:
        return False
    return glyph.bottom - glyph.top >= FLAT or has_its_font(glyph.part)


def _is_pale(part: int) -> bool:
    """Tell whether a piece of text is drawn in a pale colour, or in one that lets through."""
    if not part:
        return False
    drawn = ctypes.cast(part, pdfium.FPDF_PAGEOBJECT)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha):
        return False
    is_light = min(red.value, green.value, blue.value) >= PALE
    return is_light or alpha.value <= 255 - PALE
