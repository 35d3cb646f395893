"""Strokes of a pen through print on a page that is a picture.

What somebody struck out does not count any more, and reads well all the same: a figure may stay
legible, and a red stroke is no print at all. A stroke is known by its course: it goes straight on
where print has its gaps, and has print above and below it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

STEEP, SLOPES = 0.14, 7  # of its length, that a stroke rises at most; courses that are tried
LONG = 1.5  # of the height of a line, that a stroke is long at least
THICK, WHOLE = 0.6, 0.85  # of it, that one or two are thick; of its length, that its rows are full
WITHIN = 0.15  # of a line from its top and bottom, where strokes are under- and overlines
CROSSED, BARE = 0.08, 0.15  # of its length: with print on both sides, and with no print at all


def is_struck(ink: Any, tall: float) -> bool:
    """Tell whether a stroke goes through the print of a line, as high as that and wide as its cell.

    ``tall`` is the height of lines in pixels.
    """
    high, wide = ink.shape
    if high < tall / 2 or _longest(ink.any(axis=0))[1] < LONG * tall:
        return False
    columns, rows = np.arange(wide), np.arange(high)[:, None]
    for slope in np.linspace(-STEEP, STEEP, SLOPES):
        places = rows + np.rint(slope * (columns - wide / 2)).astype(int)
        inside = (places >= 0) & (places < high)
        level = ink[np.clip(places, 0, high - 1), columns] & inside
        if any(_is_stroke(level, row, tall) for row in _long_rows(level, tall)):
            return True
    return False


def _long_rows(ink: Any, tall: float) -> list[int]:
    """Return the rows of a line, but for its edges, that have ink enough for a stroke."""
    first = round(WITHIN * len(ink))
    filled = ink[first : len(ink) - first].sum(axis=1)
    return [first + int(row) for row in np.flatnonzero(filled >= LONG * tall)]


def _is_stroke(ink: Any, row: int, tall: float) -> bool:
    """Tell whether what runs along a row is a stroke through print."""
    start, length = _longest(ink[row])
    if length < LONG * tall:
        return False
    own = ink[:, start : start + length]
    filled = np.flatnonzero(own.mean(axis=1) >= WHOLE)
    first, last = int(filled[0]), int(filled[-1]) + 1
    if last - first > THICK * tall:
        return False
    over, under = own[: max(0, first - 1)].any(axis=0), own[last + 1 :].any(axis=0)
    return bool((over & under).mean() >= CROSSED and (~over & ~under).mean() >= BARE)


def _longest(filled: Any) -> tuple[int, int]:
    """Return where the longest run of true values begins, and how long it is."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    if not len(edges):
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    most = int(lengths.argmax())
    return int(edges[::2][most]), int(lengths[most])
