"""Tables that stand side by side on a page: which lines of text are over which of them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise

from auditkit.readers.glyphs import Glyph
from auditkit.readers.lattice import Lattice

Strip = tuple[float, float]


def strips_of(lattices: Sequence[Lattice]) -> list[Strip]:
    """Return the upright strips of a page that its tables stand in, from the left."""
    strips: list[Strip] = []
    for left, right in sorted((lattice.xs[0], lattice.xs[-1]) for lattice in lattices):
        if strips and left <= strips[-1][1]:
            strips[-1] = strips[-1][0], max(strips[-1][1], right)
        else:
            strips.append((left, right))
    return strips


def in_strip(lattice: Lattice, strip: Strip) -> bool:
    """Tell whether a table stands in a strip."""
    return strip[0] <= lattice.xs[0] <= strip[1]


def one_by_one(lattices: Sequence[Lattice]) -> list[Lattice]:
    """Return tables strip by strip, as pages that lie side by side are read."""
    return [
        lattice
        for strip in strips_of(lattices)
        for lattice in sorted(lattices, key=lambda own: own.ys[0])
        if in_strip(lattice, strip)
    ]


def parted(
    glyphs: Sequence[Glyph], strips: Sequence[Strip]
) -> tuple[list[Glyph], list[list[Glyph]]]:
    """Return the characters of lines that run over several strips, and those of each strip.

    A line runs on where one of its characters stands between two tables.
    """
    gaps = [(one[1], other[0]) for one, other in pairwise(strips)]
    between = [g for g in glyphs if any(a < _middle(g) < b for a, b in gaps) and g.text.strip()]
    whole: list[Glyph] = []
    own: list[list[Glyph]] = [[] for _ in strips]
    middles = [(a + b) / 2 for a, b in gaps]
    for glyph in glyphs:
        is_whole = any(glyph.top < other.bottom and other.top < glyph.bottom for other in between)
        (whole if is_whole else own[bisect(middles, _middle(glyph))]).append(glyph)
    return whole, own


def _middle(glyph: Glyph) -> float:
    return (glyph.left + glyph.right) / 2
