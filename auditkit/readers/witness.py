"""The second witness of a page: it is drawn, and its ink is held against the text that was read.

A page is drawn as a viewer shows it, and once more with its text alone. Where the two differ
within a cell, something lies there that is no text: a picture, a figure drawn as lines, a line
through one, a note over one. A character that its own drawing has no ink for is seen by nobody.

The two drawings are the same to the pixel wherever only text is drawn: on 24 published forms set by
five producers and on the samples, 22,862 characters in 5,016 cells, none differed by a grey of
``FAR``. That is why so little is enough to doubt a cell.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import pypdfium2.raw as pdfium

from auditkit.grid import RuledBy
from auditkit.readers.clips import Sides
from auditkit.readers.fields import undrawn
from auditkit.readers.glyphs import Glyph, has_its_font
from auditkit.readers.lattice import APART, Lattice, Ruled
from auditkit.readers.limits import hold
from auditkit.readers.page import MOST_PIXELS, THIN, Page, Stroke

SCALE = 1.5  # pixels a point
FAR = 80  # of 255: pixels that differ by more are not the same; watermarks are paler than that
FAINT = 20  # of 255: less between the lightest and the darkest pixel is not seen
LEAST = 2  # pixels that differ; the point of a decimal number has no more
ASIDE = 1.5  # points beside the middle of a rule that are the rule's own
UNDER = 0.35  # of a character: an underline lies no further below the line, and ends no further off
DOUBLE = 7.0  # points that double rules are apart at most
EDGE = 0.35  # of a character: a strip along each side of its box, which its ink reaches into
COARSE = 5  # pixels; a character that is smaller has no strips
OF_FIGURES = frozenset("0123456789.,%‰+-−–—<>=≤≥≦≧")
GROUND = 250  # of 255: a cell that is darker than this is shaded
_BLUR = 2  # pixels beside the box of a character that its ink reaches into
_FINE = 100  # pixels along a side of a character that are looked at
_NESTED = 8
_COUNTED = 10_000  # objects after which they are held against their limit


@dataclass(frozen=True)
class Drawing:
    """A page as it is seen, and its text alone, in so many pixels a point, with what was read."""

    whole: Any
    text: Any
    scale: float
    glyphs: tuple[Glyph, ...]

    def contrast(self, number: int) -> int:
        """Return what lies between the lightest and the darkest pixel where a character stands.

        A point may be dark in all of its box, and what is small comes with the pixels around it.
        """
        left, top, right, bottom = (int(sides[number]) for sides in self._boxes)
        if max(right - left, bottom - top) > COARSE:
            place = self._places[number]
            left, top, right, bottom = (max(0, round(side * self.scale)) for side in place)
            bottom, right = max(bottom, top + 1), max(right, left + 1)
        steps = 1 + (bottom - top) // _FINE, 1 + (right - left) // _FINE
        own = self.whole[top : bottom : steps[0], left : right : steps[1]]
        return int(own.max()) - int(own.min()) if own.size else FAINT

    def strips(self) -> list[int]:
        """Return of each character into how many sides of its box its ink reaches, of four.

        The boxes are those of the ink; of what is clipped or masked a side is missing.
        """
        import numpy as np

        left, top, right, bottom = self._boxes
        ink = _sums(self.text < 255 - FAINT)
        high, wide = self.text.shape
        across, down = (
            np.where(size > COARSE, np.ceil(size * EDGE), size).astype(int)
            for size in (right - left, bottom - top)
        )
        over, under = np.maximum(top - 1, 0), np.minimum(bottom + 1, high)
        before, behind = np.maximum(left - 1, 0), np.minimum(right + 1, wide)
        sides = (
            (left, over, left + across, under),
            (right - across, over, right, under),
            (before, top, behind, top + down),
            (before, bottom - down, behind, bottom),
        )
        reached: list[int] = sum((_within(ink, *side) > 0).astype(int) for side in sides).tolist()
        return reached

    def covered(self) -> list[bool]:
        """Tell of each character whether the page is lighter somewhere than its text alone."""
        lighter = _beyond(self.whole, self.text)
        if not lighter.any():
            return [False] * len(self.glyphs)
        found: list[bool] = (_within(_sums(lighter), *self._boxes) >= LEAST).tolist()
        return found

    @cached_property
    def _boxes(self) -> Any:
        """The sides of characters in whole pixels, within the page and never empty."""
        import numpy as np

        sides = np.array(self._places, float).reshape(-1, 4) * self.scale
        high, wide = self.text.shape
        ends = np.array([wide, high])
        low = np.clip(np.floor(sides[:, :2]), 0, ends - 1).astype(int)
        top = np.clip(np.ceil(sides[:, 2:]), low + 1, ends).astype(int)
        return low[:, 0], low[:, 1], top[:, 0], top[:, 1]

    @cached_property
    def _places(self) -> list[Sides]:
        return list(_places(self.glyphs))

    def _text_read(self) -> Any:
        """Return the drawing of the text without what no character that was read stands over."""
        import numpy as np

        paper = np.full_like(self.text, 255)
        for left, top, right, bottom in _runs(*self._boxes):
            own = (
                slice(max(0, top - _BLUR), bottom + _BLUR),
                slice(max(0, left - _BLUR), right + _BLUR),
            )
            paper[own] = self.text[own]
        return paper

    def inked(self, found: Ruled) -> tuple[Lattice, ...]:
        """Return the tables with the cells in which ink lies that no character accounts for."""
        read = self._text_read()
        darker = _beyond(read, self.whole)
        aside = APART if found.by is RuledBy.MOVED else ASIDE
        parts = [[self._part(*box, aside) for box in lattice.boxes] for lattice in found.lattices]
        if not any(_much(darker[own]) for own in chain.from_iterable(parts)):
            return found.lattices
        for rule in found.strokes:
            if self._is_underline(rule) or any(_is_border(rule, own) for own in found.lattices):
                darker[self._part(*rule, -ASIDE)] = False
        return tuple(
            replace(
                lattice,
                inked=frozenset(n for n, o in enumerate(own) if self._is_inked(darker, read, o)),
            )
            for lattice, own in zip(found.lattices, parts, strict=True)
        )

    def _is_underline(self, rule: Stroke) -> bool:
        """Tell whether a rule goes below a text from its beginning to its end, and says nothing.

        Below one sign alone it makes another of it, such as ≤ of <.
        """
        if rule.y0 != rule.y1 or not self.glyphs:
            return False
        left, right, base, high = self._lines
        below = (rule.y0 - base > 0) & (rule.y0 - base <= UNDER * high)
        own = below & (left < rule.x1) & (right > rule.x0)
        if not own.any():
            return False
        room = UNDER * float(high[own].max())
        ends = (float(left[own].min()) - rule.x0, rule.x1 - float(right[own].max()))
        over = [self.glyphs[number].text for number in own.nonzero()[0]]
        return all(abs(end) <= room for end in ends) and any(map(str.isalnum, over))

    @cached_property
    def _lines(self) -> Any:
        """Where upright characters begin and end, the line they stand on, and their heights."""
        import numpy as np

        upright = ((g.left, g.right, g.base if not g.turn else -1.0) for g in self.glyphs)
        left, right, base = np.array([*upright], float).reshape(-1, 3).T
        high = np.array([glyph.bottom - glyph.top for glyph in self.glyphs], float)
        return left, right, base, np.maximum(high, np.median(high))

    def _part(self, left: float, top: float, right: float, bottom: float, aside: float) -> Any:
        """Return the part of the drawing that lies so far within a rectangle of the page."""
        sides = left + aside, top + aside, right - aside, bottom - aside
        x0, y0, x1, y1 = (max(0, round(side * self.scale)) for side in sides)
        return slice(y0, y1), slice(x0, x1)

    def _is_inked(self, darker: Any, read: Any, own: Any) -> bool:
        """Tell whether a part is darker than its text: by more than its ground, if it is shaded."""
        import numpy as np

        if not _much(darker[own]):
            return False
        ground = int(np.median(self.whole[own]))
        if ground >= GROUND:
            return True
        far = read[own].astype(int) - self.whole[own] > 255 - ground + FAR
        return _much(far & darker[own])


def drawn(page: Any, seen: Page, frame: Any, name: str) -> Drawing:
    """Draw an open page, turned as ``seen`` is, as a viewer shows it and with its text alone.

    ``frame`` leads from its user space there. What is filled in and drawn by each viewer in its own
    way is black, and so is what may take minutes to draw. The page is left with its text alone.
    Raises LimitError where the forms in it draw too much.
    """
    others, unseen = [], list(undrawn(page))
    for count, (part, outer) in enumerate(_others(page.raw), start=1):
        if count % _COUNTED == 0:
            hold("objects", count, "objects drawn", name, f"page {seen.number}")
        if _costs(part):
            pdfium.FPDFPageObj_SetIsActive(part, False)
            unseen.append(_bounds(outer))
        else:
            others.append(part)
    scale = seen.drawn_at(SCALE)
    whole = _picture(page, scale)
    for sides in unseen:
        left, top, right, bottom = (max(0, round(side * scale)) for side in frame.on_rect(*sides))
        whole[top:bottom, left:right] = 0
    for part in others:
        pdfium.FPDFPageObj_SetIsActive(part, False)
    text = _picture(page, scale, draw_annots=False)
    return Drawing(whole, text, scale, tuple(g for g in seen.glyphs if not g.is_spacing))


def _costs(part: Any) -> bool:
    """Tell whether it may take minutes to draw an object: a shading, a pattern, a huge picture."""
    match pdfium.FPDFPageObj_GetType(part):
        case pdfium.FPDF_PAGEOBJ_PATH:
            fill, stroke = ctypes.c_int(), ctypes.c_int()
            pdfium.FPDFPath_GetDrawMode(part, fill, stroke)
            shades = tuple(ctypes.c_uint() for _ in range(4))
            return bool(fill.value) and not pdfium.FPDFPageObj_GetFillColor(part, *shades)
        case pdfium.FPDF_PAGEOBJ_IMAGE:
            wide, high = ctypes.c_uint(), ctypes.c_uint()
            pdfium.FPDFImageObj_GetImagePixelSize(part, wide, high)
            return wide.value * high.value > MOST_PIXELS
        case kind:
            return bool(kind == pdfium.FPDF_PAGEOBJ_SHADING)


def _bounds(part: Any) -> tuple[float, float, float, float]:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(part, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def _picture(page: Any, scale: float, **options: Any) -> Any:
    import numpy as np

    return np.ascontiguousarray(page.render(scale=scale, grayscale=True, **options).to_numpy())


def _others(page: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the objects of a page, and of the forms in it, that are no text.

    Each comes with the object of the page itself that it is, or is in.
    """
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        part = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from ((inner, part) for inner in _in_form(part, 1))
        elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
            yield part, part


def _in_form(form: Any, depth: int) -> Iterator[Any]:
    for index in range(pdfium.FPDFFormObj_CountObjects(form)):
        part = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _NESTED:
            yield from _in_form(part, depth + 1)
        elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
            yield part


def _places(glyphs: Sequence[Glyph]) -> Iterator[Sides]:
    """Yield the box of each character; a sign of a font that is not in the file has more room.

    A font that takes its place draws a point beside where the file's own has it: between the
    characters before and behind.
    """
    for before, glyph, following in zip(
        [None, *glyphs[:-1]], glyphs, [*glyphs[1:], None], strict=True
    ):
        left, top, right, bottom = glyph[1:5]
        if not glyph.text.isalnum() and not has_its_font(glyph.part):
            room = [own for own in (before, following) if own and own.part == glyph.part]
            tall = max((own.bottom - own.top for own in room), default=0.0)
            end = right if glyph.text in OF_FIGURES else right + tall
            left = max((own.right for own in room if 0 < left - own.right < 2 * tall), default=left)
            right = min((own.left for own in room if 0 < own.left - right < 2 * tall), default=end)
        yield left, top, right, bottom


def _beyond(lighter: Any, darker: Any) -> Any:
    """Return where one drawing is lighter than another by more than ``FAR``."""
    import cv2

    return cv2.subtract(lighter, darker) > FAR


def _much(mask: Any) -> bool:
    import numpy as np

    return int(np.count_nonzero(mask)) >= LEAST


def _runs(left: Any, top: Any, right: Any, bottom: Any) -> Iterator[tuple[int, int, int, int]]:
    """Yield the sides of what stands side by side on one line, and of each other character."""
    import numpy as np

    if not len(left):
        return
    apart = (np.diff(left) < 0) | (left[1:] - right[:-1] > COARSE)
    apart |= (np.abs(np.diff(top)) > COARSE) | (np.abs(np.diff(bottom)) > COARSE)
    first = np.concatenate(([0], np.flatnonzero(apart) + 1))
    low = (np.minimum.reduceat(side, first).tolist() for side in (left, top))
    high = (np.maximum.reduceat(side, first).tolist() for side in (right, bottom))
    yield from zip(*low, *high, strict=True)


def _sums(mask: Any) -> Any:
    """Return how many pixels of a mask lie above and on the left of each of its corners."""
    import cv2
    import numpy as np

    return cv2.integral(mask.view(np.uint8))


def _within(sums: Any, left: Any, top: Any, right: Any, bottom: Any) -> Any:
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


def _is_border(rule: Stroke, lattice: Lattice) -> bool:
    """Tell whether a rule is one of a table's, or goes beside one from border to border.

    One that goes round within a cell ends as far from its borders as it goes beside them.
    """
    if rule.y0 == rule.y1:
        own, ends, places, others = rule.y0, (rule.x0, rule.x1), lattice.ys, lattice.xs
    else:
        own, ends, places, others = rule.x0, (rule.y0, rule.y1), lattice.xs, lattice.ys
    away = _distance(own, places)
    short = [_distance(end, others) for end in ends]
    is_whole = all(by <= THIN or abs(by - away) <= THIN for by in short)
    return away <= THIN or (away <= DOUBLE and is_whole)


def _distance(own: float, places: Sequence[float]) -> float:
    """Return how far the nearest of some sorted places is."""
    at = bisect_left(places, own)
    return min(abs(place - own) for place in places[max(0, at - 1) : at + 1])
