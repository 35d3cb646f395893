"""The second witness of a page: it is drawn, and its ink is held against the text that was read.

A page is drawn as a viewer shows it, and once more with its text alone. Where the two differ
within a cell, something lies there that is no text: a picture, a figure drawn as lines, a line
through one, a note over one. A character that its own drawing has no ink for is seen by nobody.

The two drawings are the same to the pixel wherever only text is drawn: on 24 published forms set by
five producers and on the samples, 22,862 characters in 5,016 cells, none differed by a grey of
``FAR``. That is why so little is enough to doubt a cell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2.raw as pdfium

from auditkit.grid import RuledBy
from auditkit.readers.fields import undrawn
from auditkit.readers.lattice import APART, Lattice, Ruled
from auditkit.readers.limits import hold
from auditkit.readers.page import THIN, Glyph, Page, Stroke

SCALE = 2.0  # pixels a point
FAR = 80  # of 255: pixels that differ by more are not the same; watermarks are paler than that
FAINT = 20  # of 255: less between the lightest and the darkest pixel is not seen
LEAST = 2  # pixels that differ; the point of a decimal number has no more
ASIDE = 1.5  # points beside the middle of a rule that are the rule's own
DOUBLE = 7.0  # points that double rules are apart at most
EDGE = 0.35  # of a character: a strip along each side of its box, which its ink reaches into
COARSE = 5  # pixels; a character that is smaller has no strips
GROUND = 250  # of 255: a cell that is darker than this is shaded
_FINE = 100  # pixels along a side of a character that are looked at
_NESTED = 8
_COUNTED = 10_000  # objects after which they are held against their limit


@dataclass(frozen=True)
class Drawing:
    """A page as it is seen, and its text alone, in so many pixels a point."""

    whole: Any
    text: Any
    scale: float

    def contrast(self, glyph: Glyph) -> int:
        """Return what lies between the lightest and the darkest pixel where a character stands."""
        left, top, right, bottom = (max(0, round(side * self.scale)) for side in glyph[1:5])
        bottom, right = max(bottom, top + 1), max(right, left + 1)
        steps = 1 + (bottom - top) // _FINE, 1 + (right - left) // _FINE
        own = self.whole[top : bottom : steps[0], left : right : steps[1]]
        return int(own.max()) - int(own.min()) if own.size else FAINT

    def strips(self, glyphs: Sequence[Glyph]) -> list[int]:
        """Return of each character into how many sides of its box its ink reaches, of four.

        The boxes are those of the ink; of what is clipped or masked a side is missing.
        """
        import numpy as np

        left, top, right, bottom = self._boxes(glyphs)
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

    def covered(self, glyphs: Sequence[Glyph]) -> list[bool]:
        """Tell of each character whether the page is lighter somewhere than its text alone."""
        import numpy as np

        lighter = self.whole > np.minimum(self.text, 255 - FAR) + np.uint8(FAR)
        if not lighter.any():
            return [False] * len(glyphs)
        found: list[bool] = (_within(_sums(lighter), *self._boxes(glyphs)) >= LEAST).tolist()
        return found

    def _boxes(self, glyphs: Sequence[Glyph]) -> Any:
        """Return the sides of characters in whole pixels, within the page and never empty."""
        import numpy as np

        sides = np.array([glyph[1:5] for glyph in glyphs], float).reshape(-1, 4) * self.scale
        high, wide = self.text.shape
        ends = np.array([wide, high])
        low = np.clip(np.floor(sides[:, :2]), 0, ends - 1).astype(int)
        top = np.clip(np.ceil(sides[:, 2:]), low + 1, ends).astype(int)
        return low[:, 0], low[:, 1], top[:, 0], top[:, 1]

    def _text_read(self, glyphs: Sequence[Glyph]) -> Any:
        """Return the drawing of the text without what no character that was read stands over."""
        import numpy as np

        paper = np.full_like(self.text, 255)
        for left, top, right, bottom in zip(
            *(s.tolist() for s in self._boxes(glyphs)), strict=True
        ):
            own = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
            paper[own] = self.text[own]
        return paper

    def inked(self, found: Ruled, glyphs: Sequence[Glyph]) -> tuple[Lattice, ...]:
        """Return the tables with the cells in which ink lies that no character accounts for."""
        import numpy as np

        read = self._text_read(glyphs)
        darker = read > np.minimum(self.whole, 255 - FAR) + np.uint8(FAR)
        for rule in found.rules:
            if any(_is_border(rule, lattice) for lattice in found.lattices):
                darker[self._part(*rule, -ASIDE)] = False
        aside = APART if found.by is RuledBy.MOVED else ASIDE
        return tuple(
            replace(
                lattice,
                inked=frozenset(
                    number
                    for number, sides in enumerate(lattice.boxes)
                    if self._is_inked(darker, read, self._part(*sides, aside))
                ),
            )
            for lattice in found.lattices
        )

    def _part(self, left: float, top: float, right: float, bottom: float, aside: float) -> Any:
        """Return the part of the drawing that lies so far within a rectangle of the page."""
        sides = left + aside, top + aside, right - aside, bottom - aside
        x0, y0, x1, y1 = (max(0, round(side * self.scale)) for side in sides)
        return slice(y0, y1), slice(x0, x1)

    def _is_inked(self, darker: Any, read: Any, own: Any) -> bool:
        """Tell whether a part is darker than its text: by more than its ground, if it is shaded."""
        import numpy as np

        if np.count_nonzero(darker[own]) < LEAST:
            return False
        ground = int(np.median(self.whole[own]))
        if ground >= GROUND:
            return True
        far = read[own].astype(int) - self.whole[own] > 255 - ground + FAR
        return bool(np.count_nonzero(far & darker[own]) >= LEAST)


def drawn(page: Any, seen: Page, frame: Any, name: str) -> Drawing:
    """Draw an open page, turned as ``seen`` is, as a viewer shows it and with its text alone.

    ``frame`` leads from its user space there. What is filled in and drawn by each viewer in its own
    way is black. Raises LimitError where the forms in it draw too much.
    """
    scale = seen.drawn_at(SCALE)
    whole = page.render(scale=scale, grayscale=True).to_numpy()
    for sides in undrawn(page):
        left, top, right, bottom = (max(0, round(side * scale)) for side in frame.on_rect(*sides))
        whole[top:bottom, left:right] = 0
    others = []
    for count, part in enumerate(_others(page.raw), start=1):
        others.append(part)
        if count % _COUNTED == 0:
            hold("objects", count, "objects drawn", name, f"page {seen.number}")
    _show(others, is_shown=False)
    text = page.render(scale=scale, grayscale=True, draw_annots=False).to_numpy()
    _show(others, is_shown=True)
    return Drawing(whole, text, scale)


def _show(parts: Sequence[Any], *, is_shown: bool) -> None:
    for part in parts:
        pdfium.FPDFPageObj_SetIsActive(part, is_shown)


def _others(page: Any) -> Iterator[Any]:
    """Yield the objects of a page that are no text, and those of the forms in it."""
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _without_text(pdfium.FPDFPage_GetObject(page, index), 0)


def _without_text(part: Any, depth: int) -> Iterator[Any]:
    kind = pdfium.FPDFPageObj_GetType(part)
    if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _NESTED:
        for index in range(pdfium.FPDFFormObj_CountObjects(part)):
            yield from _without_text(pdfium.FPDFFormObj_GetObject(part, index), depth + 1)
    elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
        yield part


def _sums(mask: Any) -> Any:
    """Return how many pixels of a mask lie above and on the left of each of its corners."""
    import cv2
    import numpy as np

    return cv2.integral(mask.view(np.uint8))


def _within(sums: Any, left: Any, top: Any, right: Any, bottom: Any) -> Any:
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


def _is_border(rule: Stroke, lattice: Lattice) -> bool:
    """Tell whether a rule is one of a table's, or goes beside one from border to border."""
    if rule.y0 == rule.y1:
        own, ends, places, others = rule.y0, (rule.x0, rule.x1), lattice.ys, lattice.xs
    else:
        own, ends, places, others = rule.x0, (rule.y0, rule.y1), lattice.xs, lattice.ys
    away = _distance(own, places)
    return away <= THIN or (away <= DOUBLE and all(_distance(end, others) <= THIN for end in ends))


def _distance(own: float, places: Sequence[float]) -> float:
    """Return how far the nearest of some sorted places is."""
    at = bisect_left(places, own)
    return min(abs(place - own) for place in places[max(0, at - 1) : at + 1])
