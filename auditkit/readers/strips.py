"""Strips of a table that are no rows or columns: between double rules, and below an underline.

Whether a strip holds text, and how high a line of the table is, tells them from rows left blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from auditkit.readers.lattice import Lattice
from auditkit.readers.lines import height, solid_of
from auditkit.readers.page import Glyph

_LOW = 0.9  # of the height of a line; what is no higher holds none
BELOW = 2.5  # and what lies between an underline and the rule below it is seldom higher
NARROW = 0.5  # of the width of the table, that underlined cells of one row take up at most
HUGS = 0.35  # of the height of a line: an underline is that close to its text, a rule further off


@dataclass(frozen=True, slots=True)
class _Filled:
    """A table, and of each of its cells where its text ends below; nothing where it is blank."""

    table: Lattice
    ends: tuple[float | None, ...]

    @property
    def transposed(self) -> _Filled:
        """The table with its rows as columns; text is then of no height."""
        areas = tuple((left, top, right, low) for top, left, low, right in self.table.areas)
        turned = replace(self.table, xs=self.table.ys, ys=self.table.xs, areas=areas)
        return replace(self, table=turned)


def without_strips(lattice: Lattice, glyphs: Sequence[Glyph]) -> Lattice:
    """Return a table without the rows and columns that are only gaps between rules."""
    solid = solid_of(glyphs)
    if not solid or not _may_have_strips(lattice, height(solid)):
        return lattice
    ends: list[float | None] = [None] * len(lattice.areas)
    inside = []
    for glyph in solid:
        across, down = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
        number = lattice.find(across, down)
        if number is not None:
            ends[number] = max(ends[number] or glyph.bottom, glyph.bottom)
            inside.append(glyph)
    if not inside:
        return lattice
    tall = height(inside)
    rows = _fused(_Filled(lattice, tuple(ends)), tall, BELOW)
    return _fused(rows.transposed, tall, _LOW).transposed.table


def _may_have_strips(lattice: Lattice, tall: float) -> bool:
    """Tell whether a table has low rows, narrow columns, or rows that only a part of it has."""
    least = min(b - a for sides in (lattice.xs, lattice.ys) for a, b in pairwise(sides))
    if least <= _LOW * tall:
        return True
    wide = [0.0] * (len(lattice.ys) - 1)
    for top, left, low, right in lattice.areas:
        if top == low:
            wide[top] += lattice.xs[right + 1] - lattice.xs[left]
    most = NARROW * (lattice.xs[-1] - lattice.xs[0])
    return any(0 < own <= most for own in wide)


def _fused(filled: _Filled, tall: float, most: float) -> _Filled:
    """Return a table with its strips made part of the rows beside them, from the bottom up."""
    for row in range(len(filled.table.ys) - 2, -1, -1):
        if filled.table.ys[row + 1] - filled.table.ys[row] <= most * tall:
            border = _border(filled, row, tall)
            if border is not None:
                filled = _without(filled, border, row)
    return filled


def _border(filled: _Filled, row: int, tall: float) -> int | None:
    """Return the border that parts a blank strip from a row that it belongs to, if any does."""
    xs, ys = filled.table.xs, filled.table.ys
    is_low = ys[row + 1] - ys[row] <= _LOW * tall
    own: list[int] = []  # columns in which the strip has a cell of its own
    wide = 0.0
    is_open_above, is_open_below = row > 0, row + 2 < len(ys)
    for (top, left, low, right), end in zip(filled.table.areas, filled.ends, strict=True):
        if top == row == low:
            if end is not None:
                return None
            wide += xs[right + 1] - xs[left]
            own += range(left, right + 1)
        elif top <= row <= low:
            is_open_above, is_open_below = is_open_above and top < row, is_open_below and low > row
    if not own:
        return None
    is_narrow = wide <= NARROW * (xs[-1] - xs[0])
    if is_open_above and (is_low or (is_narrow and _are_underlined(filled, row, own, tall))):
        return row
    return row + 1 if is_low and is_open_below else None


def _are_underlined(filled: _Filled, row: int, columns: Sequence[int], tall: float) -> bool:
    """Tell whether the rule above some blank squares lies close below the texts above them.

    A row of the form that was left blank is blank in most of its width.
    """
    line = filled.table.ys[row]
    hugged: set[int] = set()
    for (_, left, low, right), end in zip(filled.table.areas, filled.ends, strict=True):
        if low == row - 1 and end is not None and abs(line - end) <= HUGS * tall:
            hugged.update(range(left, right + 1))
    return hugged.issuperset(columns)


def _without(filled: _Filled, border: int, strip: int) -> _Filled:
    """Return a table without a border between two rows, of which one is a blank strip."""
    table = filled.table
    kept = [
        ((top - (top >= border), left, low - (low >= border), right), doubts, end)
        for (top, left, low, right), doubts, end in zip(
            table.areas, table.doubts, filled.ends, strict=True
        )
        if not top == strip == low
    ]
    areas, doubts, ends = zip(*kept, strict=True)
    ys = (*table.ys[:border], *table.ys[border + 1 :])
    return _Filled(replace(table, ys=ys, areas=areas, doubts=doubts), ends)
