"""Strips of a table that are no rows or columns: between double rules, and below an underline.

Whether a strip holds text, how high a line of the table is, and how far apart its rules lie tell
them from rows left blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from auditkit.doubts import Doubt
from auditkit.readers.glyphs import Glyph
from auditkit.readers.lattice import BROKEN_RULE, Area, Lattice
from auditkit.readers.lines import height, solid_of

_LOW = 0.9  # of the height of a line; what is no higher holds none
_WIDE = 2.0  # of the height of a line, that double rules are apart at most
_LIKE, _ASIDE = 0.1, 0.5  # of a distance, and points, that one like it is more
_OFTEN = 3  # gaps of one width, where only the rows or only the columns have them
CROWDED = 0.7  # of the height of a line: no row is as low, nor a column as narrow, that holds text
BELOW = 2.5  # and what lies between an underline and the rule below it is seldom higher
NARROW = 0.5  # of the width of the table, that underlined cells of one row take up at most
HUGS = 0.35  # of the height of a line: an underline is that close to its text, a rule further off
LOOSELY = 0.7  # of it: what is as close, and as narrow, may be one; two at one height are moved


@dataclass(frozen=True, slots=True)
class _Filled:
    """A table, and of each of its cells where its text ends below; nothing where it is blank."""

    table: Lattice
    ends: tuple[float | None, ...]

    @property
    def are_blank(self) -> list[bool]:
        """Whether no cell that is in one row alone holds text, of each row."""
        filled = {
            area[0]
            for area, end in zip(self.table.areas, self.ends, strict=True)
            if end is not None and area[0] == area[2]
        }
        return [row not in filled for row in range(len(self.table.ys) - 1)]

    @property
    def transposed(self) -> _Filled:
        """The table with its rows as columns; text is then of no height."""
        areas = tuple((left, top, right, low) for top, left, low, right in self.table.areas)
        turned = replace(self.table, xs=self.table.ys, ys=self.table.xs, areas=areas)
        return replace(self, table=turned)


def without_strips(lattice: Lattice, glyphs: Sequence[Glyph]) -> Lattice:
    """Return a table without the rows and columns that are only gaps between rules."""
    solid = solid_of(glyphs)
    if not solid:
        return lattice
    tall = height(solid)
    may_be_double = _may_be_double(lattice, _WIDE * tall)
    if not may_be_double and not _may_have_strips(lattice, tall):
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
    filled, tall = _Filled(lattice, tuple(ends)), height(inside)
    low = max(_LOW * tall, _gap(filled, _WIDE * tall) if may_be_double else 0.0)
    rows = _fused(filled, tall, low, max(BELOW * tall, low))
    whole = _fused(rows.transposed, tall, low, low).transposed
    return whole.table if _is_sound(whole, tall) else replace(whole.table, is_sound=False)


def _is_sound(filled: _Filled, tall: float) -> bool:
    """Tell whether no row of a table may be none, and none holds text that it has no room for."""
    if any(_may_be_underlined(filled, row, tall) for row in range(1, len(filled.table.ys) - 1)):
        return False
    return not any(
        b - a <= CROWDED * tall and not is_blank
        for own in (filled, filled.transposed)
        for (a, b), is_blank in zip(pairwise(own.table.ys), own.are_blank, strict=True)
    )


def _may_be_double(lattice: Lattice, most: float) -> bool:
    """Tell whether there are low rows, and narrow columns no wider, or low ones between others."""
    sizes = [[b - a for a, b in pairwise(sides)] for sides in (lattice.ys, lattice.xs)]
    gap = min(map(min, sizes)) * (1 + _LIKE) + _ASIDE
    are_gaps = [[size <= min(gap, most) for size in own] for own in sizes]
    if min(map(sum, are_gaps)) > 1:
        return True
    return any(sum(own) >= _OFTEN and _alternate(own) for own in are_gaps)


def _gap(filled: _Filled, most: float) -> float:
    """Return how wide the gaps between the double rules of a table are, 0 where it has none.

    They are the least of its blank rows and columns. Those between rows are as wide as those
    between columns, or there is one between any two rows, or columns, and never two in succession.
    """
    known = [
        [(b - a, is_blank) for (a, b), is_blank in zip(pairwise(sides), blank, strict=True)]
        for sides, blank in (
            (filled.table.ys, filled.are_blank),
            (filled.table.xs, filled.transposed.are_blank),
        )
    ]
    least = min((size for own in known for size, is_blank in own if is_blank), default=most)
    gap = least * (1 + _LIKE) + _ASIDE
    are_gaps = [[is_blank and size <= gap for size, is_blank in own] for own in known]
    if least >= most:
        return 0.0
    between = any(sum(own) >= _OFTEN and _alternate(own) for own in are_gaps)
    return gap if between or min(map(sum, are_gaps)) > 1 else 0.0


def _alternate(are_gaps: Sequence[bool]) -> bool:
    """Tell whether nearly every other row, or column, is a gap."""
    return sum(are_gaps) >= len(are_gaps) // 2 - 1 and not any(
        a and b for a, b in pairwise(are_gaps)
    )


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


def _fused(filled: _Filled, tall: float, low: float, most: float) -> _Filled:
    """Return a table with its strips made part of the rows beside them, from the bottom up.

    What is no higher than ``low`` is a strip if it is blank, and up to ``most`` below an underline.
    """
    for row in range(len(filled.table.ys) - 2, -1, -1):
        if filled.table.ys[row + 1] - filled.table.ys[row] <= most:
            border = _border(filled, row, tall, low)
            if border is not None:
                filled = _without(filled, border, row)
    return filled


@dataclass(frozen=True, slots=True)
class _Strip:
    """A row that may be none: its columns with a cell of that row alone, and what is about it."""

    columns: tuple[int, ...]
    is_blank: bool
    is_narrow: bool
    is_open_above: bool
    is_open_below: bool


def _strip(filled: _Filled, row: int) -> _Strip:
    xs, ys = filled.table.xs, filled.table.ys
    is_blank = True
    own: list[int] = []
    wide = 0.0
    is_open_above, is_open_below = row > 0, row + 2 < len(ys)
    for (top, left, low, right), end in zip(filled.table.areas, filled.ends, strict=True):
        if top == row == low:
            is_blank = is_blank and end is None
            wide += xs[right + 1] - xs[left]
            own += range(left, right + 1)
        elif top <= row <= low:
            is_open_above, is_open_below = is_open_above and top < row, is_open_below and low > row
    is_narrow = wide <= NARROW * (xs[-1] - xs[0])
    return _Strip(tuple(own), is_blank, is_narrow, is_open_above, is_open_below)


def _border(filled: _Filled, row: int, tall: float, lowest: float) -> int | None:
    """Return the border that parts a strip from a row that it belongs to, if any does.

    Below an underline it may hold the next line of the text.
    """
    strip = _strip(filled, row)
    if not strip.columns:
        return None
    is_gap = strip.is_blank and filled.table.ys[row + 1] - filled.table.ys[row] <= lowest
    if strip.is_open_above and (is_gap or _is_underlined(filled, row, strip, HUGS * tall)):
        return row
    return row + 1 if is_gap and strip.is_open_below else None


def _is_underlined(filled: _Filled, row: int, strip: _Strip, close: float) -> bool:
    """Tell whether the rule above a strip lies close below the texts above it.

    A row of the form that was left blank is blank in most of its width.
    """
    line = filled.table.ys[row]
    hugged: set[int] = set()
    for (_, left, low, right), end in zip(filled.table.areas, filled.ends, strict=True):
        if low == row - 1 and end is not None and abs(line - end) <= close:
            hugged.update(range(left, right + 1))
    return strip.is_narrow and hugged.issuperset(strip.columns)


def _may_be_underlined(filled: _Filled, row: int, tall: float) -> bool:
    """Tell whether a row may be none, since the rule above it may be an underline."""
    if filled.table.ys[row + 1] - filled.table.ys[row] > BELOW * tall:
        return False
    strip = _strip(filled, row)
    is_own = bool(strip.columns) and strip.is_open_above
    return is_own and _is_underlined(filled, row, strip, LOOSELY * tall)


def _without(filled: _Filled, border: int, strip: int) -> _Filled:
    """Return a table without a border between two rows, of which one is a strip.

    What the strip holds goes on in the cell above it.
    """
    table = filled.table
    last: dict[int, float] = {
        column: end
        for (top, left, low, right), end in zip(table.areas, filled.ends, strict=True)
        if top == strip == low and end is not None
        for column in range(left, right + 1)
    }
    areas: list[Area] = []
    doubts: list[tuple[Doubt, ...]] = []
    ends: list[float | None] = []
    for (top, left, low, right), own, end in zip(
        table.areas, table.doubts, filled.ends, strict=True
    ):
        if top == strip == low:
            continue
        below = max((last[c] for c in range(left, right + 1) if c in last), default=None)
        goes_on = low == border - 1 and below is not None
        areas.append((top - (top >= border), left, low - (low >= border), right))
        doubts.append((*own, BROKEN_RULE) if goes_on else own)
        ends.append(below if goes_on else end)
    ys = (*table.ys[:border], *table.ys[border + 1 :])
    whole = replace(table, ys=ys, areas=tuple(areas), doubts=tuple(doubts))
    return _Filled(whole, tuple(ends))
