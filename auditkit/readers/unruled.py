"""Rows and columns that no rule parts, told by figures that stand in one cell.

A single indicator has one number of points and one score. Where several cells of a row hold two
figures each, on lines that line up across the columns, the rule between two rows is not drawn. So
is that between two columns where a cell that lies over both holds one value in each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import pairwise

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.glyphs import Glyph
from auditkit.readers.lattice import Area, Lattice
from auditkit.readers.lines import height, lines_in, needed_for, solid_of

RULE_MISSING = Doubt(DoubtKind.RULE_MISSING)
_FIGURE = re.compile(r"[<>=≥≤±+-]{0,2}\d[\d.,]*%?|[-—–/]{1,2}")
_IN_FIGURES = frozenset("0123456789.,%<>=≥≤±+-—–/")
_VALUE = re.compile(r"[<>=≥≤]{0,2}\d[\d.,]*[%‰]?[\u4e00-\u9fff]{0,3}|[-—–/]{1,2}")
_APART = 1.0  # of the height of a line, at least between two values; within one there are no blanks
LEAST = 2  # columns of figures that line up; one alone may hold two figures of one indicator
_MOST = 12  # rows without a rule between them; more are no form
FREE = 1.2  # of the height of a line, that stays free beside a number that had to be broken
_LEVEL = 0.5  # of the height of a line, that the figures of one row stand higher or lower


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a cell: its edges, what it says, how wide it is with the next word or digit."""

    top: float
    bottom: float
    text: str
    needed: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def with_rules(lattice: Lattice, glyphs: Sequence[Glyph]) -> Lattice:
    """Return a table in which figures without a rule between them are parted, with a doubt."""
    signs = _held(lattice, [glyph for glyph in glyphs if glyph.text in _IN_FIGURES])
    pairs = [number for number, own in signs.items() if _may_be_two(lattice, number, own)]
    if not pairs and not _stacked_rows(lattice, signs):  # as in nearly every table
        return lattice
    solid = solid_of(glyphs)
    held = _held(lattice, solid)
    side_by_side = {number for number in pairs if _are_two(lattice, number, held[number])}
    if side_by_side:
        lattice = _with_columns(lattice, side_by_side)
        held = _held(lattice, solid)
    rows = _stacked_rows(lattice, held)
    for row in sorted(rows, reverse=True):
        within = {
            lattice.areas[n]: _lines(own)
            for n, own in held.items()
            if lattice.areas[n][::2] == (row, row)
        }
        levels = _levels(lattice, within)
        if levels:
            lattice = _parted(lattice, row, levels, within)
    return lattice


def _may_be_two(lattice: Lattice, number: int, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether a cell of one row lies over two columns and has signs of figures in both."""
    top, left, low, right = lattice.areas[number]
    if top != low or right != left + 1:
        return False
    border = lattice.xs[right]
    return any(g.right < border for g in glyphs) and any(g.left > border for g in glyphs)


def _are_two(lattice: Lattice, number: int, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether a cell over two columns holds one value in each, well apart on one line."""
    border = lattice.xs[lattice.areas[number][3]]
    tall = height(glyphs)
    if max(g.base for g in glyphs) - min(g.base for g in glyphs) > _LEVEL * tall:
        return False
    line = sorted(glyphs, key=lambda glyph: glyph.left)
    first, second = (
        [g for g in line if (g.left > border) is is_right] for is_right in (False, True)
    )
    if not first or not second or second[0].left - first[-1].right < _APART * tall:
        return False
    texts = ("".join(glyph.text for glyph in part) for part in (first, second))
    return first[-1].right < border and all(_VALUE.fullmatch(text) for text in texts)


def _with_columns(lattice: Lattice, numbers: Container[int]) -> Lattice:
    """Return a table in which some cells over two columns are two cells."""
    areas: list[Area] = []
    doubts: list[tuple[Doubt, ...]] = []
    for number, (area, own) in enumerate(zip(lattice.areas, lattice.doubts, strict=True)):
        if number in numbers:
            top, left, low, right = area
            areas += [(top, left, low, left), (top, right, low, right)]
            doubts += [(*own, RULE_MISSING)] * 2
        else:
            areas.append(area)
            doubts.append(own)
    return replace(lattice, areas=tuple(areas), doubts=tuple(doubts))


def _held(lattice: Lattice, glyphs: Sequence[Glyph]) -> dict[int, list[Glyph]]:
    """Return the characters of each cell, by its number."""
    held: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        across, down = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
        number = lattice.find(across, down)
        if number is not None:
            held.setdefault(number, []).append(glyph)
    return held


def _stacked_rows(lattice: Lattice, held: Mapping[int, list[Glyph]]) -> set[int]:
    """Return the rows in which several cells hold signs of figures alone, on more than one line."""
    rows = Counter(
        lattice.areas[number][0]
        for number, own in held.items()
        if lattice.areas[number][0] == lattice.areas[number][2]
        and max(g.bottom for g in own) - min(g.top for g in own) > 2 * height(own)
        and all(glyph.text in _IN_FIGURES for glyph in own)
    )
    return {row for row, count in rows.items() if count >= LEAST}


def _lines(glyphs: Sequence[Glyph]) -> list[_Line]:
    lines = lines_in(glyphs)
    ends = [*pairwise(lines), (lines[-1], lines[-1])]
    return [
        _Line(
            min(g.top for g in own),
            max(g.bottom for g in own),
            "".join(g.text for g in own if not g.is_spacing),
            needed_for(own, following),
        )
        for own, following in ends
    ]


def _levels(lattice: Lattice, held: Mapping[Area, list[_Line]]) -> list[float]:
    """Return the heights on which the figures of a row stand, from the top down, if on several."""
    figures: list[list[_Line]] = []
    for area, lines in held.items():
        if all(_FIGURE.fullmatch(line.text) for line in lines):
            width = lattice.xs[area[3] + 1] - lattice.xs[area[1]]
            free = width - FREE * _tall(lines)
            if len(lines) == 1 or any(line.needed >= free for line in lines[:-1]):
                return []  # one figure, or one that is too long for the cell
            figures.append(lines)
    counts = {len(lines) for lines in figures}
    if len(figures) < LEAST or len(counts) > 1 or max(counts) > _MOST:
        return []
    levels: list[float] = []
    for level in zip(*figures, strict=True):
        middles = [line.middle for line in level]
        if max(middles) - min(middles) > _LEVEL * _tall(level):
            return []
        levels.append(sum(middles) / len(middles))
    return levels


def _tall(lines: Sequence[_Line]) -> float:
    return max(line.bottom - line.top for line in lines)


def _parted(
    lattice: Lattice, row: int, levels: Sequence[float], held: Mapping[Area, list[_Line]]
) -> Lattice:
    """Return a table in which one row is several; what stands between their levels covers all."""
    borders = _borders(levels, held)
    more = len(borders)
    areas: list[Area] = []
    doubts: list[tuple[Doubt, ...]] = []
    for area, own in zip(lattice.areas, lattice.doubts, strict=True):
        top, left, low, right = area
        is_in_row = top == row == low
        if is_in_row and _is_level(held.get(area, []), levels, borders):
            areas += [(row + n, left, row + n, right) for n in range(more + 1)]
            doubts += [(*own, RULE_MISSING)] * (more + 1)
            continue
        areas.append((top + more * (top > row), left, low + more * (low >= row), right))
        doubts.append((*own, RULE_MISSING) if is_in_row else own)
    ys = (*lattice.ys[: row + 1], *borders, *lattice.ys[row + 1 :])
    return replace(lattice, ys=ys, areas=tuple(areas), doubts=tuple(doubts))


def _borders(levels: Sequence[float], held: Mapping[Area, list[_Line]]) -> list[float]:
    """Return heights between the levels that cross as few lines of text as can be."""
    halves = [(above + below) / 2 for above, below in pairwise(levels)]
    known = [own for own in held.values() if _is_level(own, levels, halves)]
    lines = [line for own in known for line in own]
    found = []
    for half, (above, below) in zip(halves, pairwise(levels), strict=True):
        edges = sorted({y for line in lines for y in (line.top, line.bottom) if above < y < below})
        middles = ((a + b) / 2 for a, b in pairwise(edges))
        gaps = [half, *nsmallest(_MOST, middles, key=lambda y: abs(y - half))]
        crossed = [sum(line.top < y < line.bottom for line in lines) for y in gaps]
        found.append(min(zip(crossed, (abs(y - half) for y in gaps), gaps, strict=True))[2])
    return found


def _is_level(lines: Sequence[_Line], levels: Sequence[float], borders: Sequence[float]) -> bool:
    """Tell whether a cell's text stands beside the figures, and not between them as a group's does.

    In each row its first or last line or its middle, wherever the cell aligns it, is as high.
    """
    ends = [*borders, float("inf")]
    start = float("-inf")
    for level, end in zip(levels, ends, strict=True):
        own = [line for line in lines if start <= line.middle < end]
        start = end
        if not own:
            continue
        heights = own[0].middle, own[-1].middle, (own[0].middle + own[-1].middle) / 2
        if min(abs(y - level) for y in heights) > _LEVEL * _tall(own):
            return False
    return True
