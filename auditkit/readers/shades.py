"""Tables without rules whose cells are shaded: the edges of the shades make the grid."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pypdfium2 import PdfMatrix

from auditkit.grid import RuledBy
from auditkit.readers.clips import Sides
from auditkit.readers.lattice import (
    APART,
    BROKEN_RULE,
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


def shaded_tables(page: Any, frame: PdfMatrix) -> Ruled:
    """Find the tables of a page by its shades; a cell that has none of its own is doubted.

    Two cells without a shade that stand side by side cannot be told from one.
    """
    boxes = filled_boxes(page, frame, _MOST)
    across = [Stroke(left, y, right, y) for left, top, right, low in boxes for y in (top, low)]
    down = [Stroke(x, top, x, low) for left, top, right, low in boxes for x in (left, right)]
    found = find_lattices(*drawn_together(across, down), RuledBy.SHADED)
    told = (_told(table, boxes) for table in found.lattices if len(table.xs) > _LEAST_COLUMNS)
    return replace(found, lattices=tuple(table for table in told if table is not None))


def _told(table: Lattice, boxes: Sequence[Sides]) -> Lattice | None:
    """Return a table with a doubt on the cells that are not shaded, or nothing if most are not."""
    shades = {_squares_of(table, box) for box in boxes}
    are_shaded = [area in shades for area in table.areas]
    if sum(are_shaded) < LEAST_SHADED * len(are_shaded):
        return None
    doubts = zip(table.doubts, are_shaded, strict=True)
    told = tuple(own if is_so else (*own, BROKEN_RULE) for own, is_so in doubts)
    return replace(table, doubts=told)


def _squares_of(table: Lattice, box: Sides) -> Area:
    """Return which squares of a table a shade covers, from its first to its last."""
    left, top, right, low = box
    first, last = bisect_right(table.xs, left + APART), bisect_right(table.xs, right - APART)
    upper, lower = bisect_right(table.ys, top + APART), bisect_right(table.ys, low - APART)
    return upper - 1, first - 1, lower - 1, last - 1
