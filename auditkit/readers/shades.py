"""Tables without rules whose cells are shaded: the edges of the shades make the grid."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pypdfium2 import PdfMatrix

from auditkit.doubts import Doubt
from auditkit.grid import RuledBy
from auditkit.readers.clips import Sides
from auditkit.readers.glyphs import Glyph
from auditkit.readers.lattice import (
    APART,
    BROKEN_RULE,
    ODD_SHAPE,
    Area,
    Lattice,
    Ruled,
    drawn_together,
    find_lattices,
)
from auditkit.readers.page import Stroke, filled_boxes

_LEAST_COLUMNS = 4  # of a table; shades of whole rows say nothing of its columns
LEAST_SHADED = 0.5  # of the cells, each with a shade of its own; fewer may be marks on a picture
_MOST = 5_000  # shades; a page that has more is a drawing


def shaded_tables(page: Any, frame: PdfMatrix, apart: float, solid: Sequence[Glyph]) -> Ruled:
    """Find the tables of a page by its shades; a cell that has none of its own is doubted.

    Two cells without a shade that stand side by side cannot be told from one, and what stands
    beside the shades may be in cells without any: such a table is not sound.
    """
    boxes = filled_boxes(page, frame, _MOST)
    across = [Stroke(left, y, right, y) for left, top, right, low in boxes for y in (top, low)]
    down = [Stroke(x, top, x, low) for left, top, right, low in boxes for x in (left, right)]
    found = find_lattices(*drawn_together(across, down, apart), RuledBy.SHADED, apart)
    told = (
        _told(table, boxes, solid) for table in found.lattices if len(table.xs) > _LEAST_COLUMNS
    )
    return replace(found, lattices=tuple(table for table in told if table is not None))


def _told(table: Lattice, boxes: Sequence[Sides], solid: Sequence[Glyph]) -> Lattice | None:
    """Return a table with a doubt on the cells that are not shaded, or nothing if most are not."""
    shades = {_squares_of(table, box) for box in boxes}
    are_shaded = [area in shades for area in table.areas]
    if sum(are_shaded) < LEAST_SHADED * len(are_shaded):
        return None
    middles = [((g.left + g.right) / 2, (g.top + g.bottom) / 2) for g in solid]
    filled = {(bisect_right(table.ys, y) - 1, bisect_right(table.xs, x) - 1) for x, y in middles}
    areas: list[Area] = []
    doubts: list[tuple[Doubt, ...]] = []
    is_sound = not any(_is_beside(table, *middle) for middle in middles)
    for area, own, is_shaded in zip(table.areas, table.doubts, are_shaded, strict=True):
        top, left, low, right = area
        squares = [(r, c, r, c) for r in range(top, low + 1) for c in range(left, right + 1)]
        said = sum(square[:2] in filled for square in squares)
        parts = squares if said > 1 and not is_shaded else [area]
        areas += parts
        doubts += [own if is_shaded else (*own, BROKEN_RULE)] * len(parts)
        is_sound = is_sound and ODD_SHAPE not in own and (is_shaded or len(squares) in (1, said))
    return replace(table, areas=tuple(areas), doubts=tuple(doubts), is_sound=is_sound)


def _is_beside(table: Lattice, x: float, y: float) -> bool:
    return table.ys[0] < y < table.ys[-1] and not table.xs[0] < x < table.xs[-1]


def _squares_of(table: Lattice, box: Sides) -> Area:
    """Return which squares of a table a shade covers, from its first to its last."""
    left, top, right, low = box
    first, last = bisect_right(table.xs, left + APART), bisect_right(table.xs, right - APART)
    upper, lower = bisect_right(table.ys, top + APART), bisect_right(table.ys, low - APART)
    return upper - 1, first - 1, lower - 1, last - 1
