"""Strips of a table that are no rows or columns: between double rules, and below an underline.

Whether a strip holds text, and how high a line of the table is, tells them from rows left blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditkit.readers.lattice import Area, Lattice
from auditkit.readers.lines import height, solid_of
from auditkit.readers.page import Glyph

LOW = 0.9  # of the height of a line; what is no higher holds none
BELOW = 2.5  # and what lies between an underline and the rule below it is seldom higher
NARROW = 0.5  # of the width of the table, that underlined cells of one row take up at most
HUGS = 0.35  # of the height of a line: an underline is that close to its text, a rule further off


def without_strips(lattice: Lattice, glyphs: Sequence[Glyph]) -> Lattice:
    """Return a table without the rows and columns that are only gaps between rules."""
    inside = [g for g in solid_of(glyphs) if _is_inside(lattice, g)]
    if not inside:
        return lattice
    tall = height(inside)
    rows = _fused(lattice, inside, tall)
    return _transposed(_fused(_transposed(rows), [_mirrored(g) for g in inside], tall, LOW))


def _is_inside(lattice: Lattice, glyph: Glyph) -> bool:
    is_between = lattice.ys[0] <= glyph.top and glyph.bottom <= lattice.ys[-1]
    return is_between and lattice.xs[0] <= glyph.left and glyph.right <= lattice.xs[-1]


def _mirrored(glyph: Glyph) -> Glyph:
    left, top, right, bottom = glyph[1:5]
    return glyph._replace(left=top, top=left, right=bottom, bottom=right)


def _transposed(lattice: Lattice) -> Lattice:
    """Return a table with its rows as columns."""
    areas = tuple((left, top, right, low) for top, left, low, right in lattice.areas)
    return replace(lattice, xs=lattice.ys, ys=lattice.xs, areas=areas)


def _fused(lattice: Lattice, glyphs: Sequence[Glyph], tall: float, most: float = BELOW) -> Lattice:
    """Return a table with its strips made part of the rows beside them, from the bottom up."""
    for row in range(len(lattice.ys) - 2, -1, -1):
        if lattice.ys[row + 1] - lattice.ys[row] > most * tall:
            continue
        border = next(_borders(lattice, row, glyphs, tall), None)
        if border is not None:
            lattice = _without(lattice, border, row)
    return lattice


def _borders(lattice: Lattice, row: int, glyphs: Sequence[Glyph], tall: float) -> Iterator[int]:
    """Yield the borders above and below a row that part it from a row that it belongs to."""
    own = [area for area in lattice.areas if area[0] == row == area[2]]
    around = [area for area in lattice.areas if area[0] <= row <= area[2] and area not in own]
    if not own or any(_has_text(lattice, area, glyphs) for area in own):
        return
    is_low = lattice.ys[row + 1] - lattice.ys[row] <= LOW * tall
    is_open_above = row > 0 and all(area[0] < row for area in around)
    if is_open_above and (is_low or _are_underlined(lattice, own, glyphs, tall)):
        yield row
    if is_low and row + 2 < len(lattice.ys) and all(area[2] > row for area in around):
        yield row + 1


def _has_text(lattice: Lattice, area: Area, glyphs: Sequence[Glyph]) -> bool:
    top, left, low, right = area
    xs, ys = lattice.xs, lattice.ys
    return any(
        xs[left] < (g.left + g.right) / 2 < xs[right + 1]
        and ys[top] < (g.top + g.bottom) / 2 < ys[low + 1]
        for g in glyphs
    )


def _are_underlined(
    lattice: Lattice, blank: Sequence[Area], glyphs: Sequence[Glyph], tall: float
) -> bool:
    """Tell whether the rules above some blank cells lie close below the texts of those above them.

    A row of the form that was left blank is blank in most of its width.
    """
    wide = sum(lattice.xs[area[3] + 1] - lattice.xs[area[1]] for area in blank)
    return wide <= NARROW * (lattice.xs[-1] - lattice.xs[0]) and all(
        any(
            lattice.xs[area[1]] < (g.left + g.right) / 2 < lattice.xs[area[3] + 1]
            and abs(lattice.ys[area[0]] - g.bottom) <= HUGS * tall
            for g in glyphs
        )
        for area in blank
    )


def _without(lattice: Lattice, border: int, strip: int) -> Lattice:
    """Return a table without a border between two rows, of which one is a blank strip."""
    kept = [
        ((top - (top >= border), left, low - (low >= border), right), doubts)
        for (top, left, low, right), doubts in zip(lattice.areas, lattice.doubts, strict=True)
        if not top == strip == low
    ]
    areas, doubts = zip(*kept, strict=True)
    ys = (*lattice.ys[:border], *lattice.ys[border + 1 :])
    return replace(lattice, ys=ys, areas=areas, doubts=doubts)
