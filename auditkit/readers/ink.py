"""The ink of a page that is a picture, on white paper, turned so that its lines are level."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pypdfium2 import PdfMatrix

from auditkit.errors import AuditkitError

INK, PALE = 180, 205  # of 255, once the paper is made white; thin strokes and rules are paler
WEAK = (
    165,
    120,
)  # of 255: print paler than that has strokes paler than ink, and is made as dark as that
MOST_SKEW = 7.0  # degrees
SOLID = 60  # of 255, that ink has in a smaller picture
DARK, GHOST = 20, 0.45  # percentile of ink that is print; the way to paper, beyond which is none
# Of all pieces of ink, the pale ones where something shines through: 0.07 and more, else 0.01. How
# many points beside print are print.
PIECES, NEAR = 0.03, 0.6
DARKER = 25  # of 255, than what shines through mostly is: strokes of a pencil
# Pixels a point in which paper is looked for; points from a table; of the picture, at least.
COARSE, NEAR_TABLE, LEAST_PAPER = 1.0, 4.0, 0.02
GRAIN = 0.1  # of what lies left or right of tables: a desk has as much ink, print a third of it
RED = 128  # of 255, that red ink has of red at least, and print below it less
# Of the longer side of a picture, as wide as no stroke of print is; so many times that is no
# character long; of 255, paler than print.
BROAD, LONG, LIGHT = 0.006, 4, 140


class IllegibleError(AuditkitError):
    """A picture of which nothing can be read surely; says why."""


def shades_of(shown: Any) -> tuple[Any, PdfMatrix]:
    """Return a picture in two shades, and the way to it: its print without red, and all its ink.

    The paper is white and its lines are level in both. ``shown`` is in blue, green and red.
    """
    darkest = shown.min(axis=2)
    print_, ink = _evened(_without_red(shown), shown.max(axis=2)), _evened(darkest, darkest)
    own = print_[print_ < PALE]
    dark = float(np.percentile(own, DARK)) if own.size else 0.0
    if dark > WEAK[0]:
        by = (255 - WEAK[1]) / (255 - dark)
        print_, ink = _darkened(print_, by), _darkened(ink, by)
    return _turned_level(print_, ink)


def inked(shades: Any, share: float) -> Any:
    """Return where ink is in a smaller picture."""
    import cv2

    ink = (cv2.GaussianBlur(shades, (0, 0), 0.8) < PALE).astype(np.uint8) * 255
    return cv2.resize(ink, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def print_of(
    shades: Any, ink: Any, tabled: Any, tall: float, unit: float, *, is_wary: bool = False
) -> Any:
    """Return the ink without what shines through from the back of the paper, where something does.

    That is paler than print, and so are thin strokes of it: only what has a dark core, or lies
    beside one, is print. How dark that is tells the ink that is ``tabled``, since a desk around the
    paper has a grain. ``tall`` is the height of a line in pixels. Who ``is_wary`` keeps what is
    darker than most of what shines through: a pencil's figures may be as pale.
    """
    import cv2

    limit = palest(shades, ink, tabled)
    if limit is None:
        return ink
    cores = (shades < limit) & (ink > 0)
    _, names, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pale: Any = np.ones(len(boxes), bool)
    pale[names[cores]] = pale[0] = False
    seen = boxes[:, cv2.CC_STAT_AREA] >= (tall / 10) ** 2
    if (pale & seen).sum() < PIECES * seen.sum():
        return ink
    if is_wary:
        darkest: Any = np.full(len(boxes), 255, shades.dtype)
        np.minimum.at(darkest, names[ink > 0], shades[ink > 0])
        usual = float(np.median(darkest[pale & seen]))
        cores |= (pale & seen & (darkest < usual - DARKER))[names]
    side = 2 * round(NEAR * unit) + 1
    return ink & (cv2.dilate(cores.astype(np.uint8), np.ones((side, side), np.uint8)) * 255)


def palest(shades: Any, ink: Any, tabled: Any) -> float | None:
    """Return how pale a core of print may be, by the ink that is ``tabled``, if there is any."""
    own = shades[(ink > 0) & tabled]
    if not own.size:
        return None
    dark = float(np.percentile(own, DARK))
    return dark + GHOST * (255 - dark)


def lines_only(ink: Any, most: float) -> Any:
    """Return ink without what is taller than lines of print are: edges of paper, and fingers."""
    import cv2

    _, names, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    is_tall = boxes[:, cv2.CC_STAT_HEIGHT] > most
    is_tall[0] = False
    return np.where(is_tall[names], 0, ink) if is_tall.any() else ink


def on_paper(ink: Any, tabled: Any, unit: float) -> Any:
    """Return the ink on the paper around tables, without the desk beyond its edges.

    Paper is what lies around a table without ink between. Where the edge of a sheet does not stand
    out, what is beyond it counts as paper, but for what is as dense beside tables as no print.
    """
    import cv2

    share = COARSE / unit
    small = cv2.resize(ink, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) > SOLID
    table = cv2.resize(tabled.astype(np.uint8), small.shape[::-1])
    free = cv2.dilate((small | (table > 0)).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    _, names, boxes, _ = cv2.connectedComponentsWithStats(free.astype(np.uint8), connectivity=4)
    side = 2 * round(2 * NEAR_TABLE * COARSE) + 1
    around = names[cv2.dilate(table, np.ones((side, side), np.uint8)) > 0]
    large = boxes[:, cv2.CC_STAT_AREA] >= LEAST_PAPER * free.size
    paper = np.isin(names, [name for name in np.unique(around) if name and large[name]])
    outlines, _ = cv2.findContours(
        paper.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    whole = cv2.drawContours(np.zeros_like(table), outlines, -1, 1, cv2.FILLED)
    whole = cv2.dilate(whole, np.ones((5, 5), np.uint8))
    whole[:, _grained(small, table, side)] = 0
    return ink * cv2.resize(whole, ink.shape[::-1], interpolation=cv2.INTER_NEAREST)


def _grained(ink: Any, table: Any, near: int) -> Any:
    """Return which columns left and right of tables have more ink than paper with print."""
    grained: Any = np.zeros(ink.shape[1], bool)
    columns = np.flatnonzero(table.any(axis=0))
    if len(columns):
        first, last = max(0, int(columns[0]) - near), int(columns[-1]) + near
        for left, right in ((0, first), (last, len(grained))):
            own = ink[:, left:right]
            grained[left:right] = own.size > 0 and own.mean() > GRAIN
    return grained


def _without_red(shown: Any) -> Any:
    """Return the picture in shades of grey, red ink made as pale as paper: seals are red."""
    red = shown[:, :, 2].astype(np.int32)
    more = np.maximum(red - shown[:, :, 1], 0) // 2
    return np.minimum(red + more * np.minimum(red, RED) // RED, 255).astype(np.uint8)


def _darkened(shades: Any, by: float) -> Any:
    """Make all that is darker than paper so many times as dark."""
    shade = np.clip(255 - by * (255.0 - np.arange(256)), 0, 255).astype(np.uint8)
    return shade[shades]


def _evened(shades: Any, lightest: Any) -> Any:
    """Make the paper white all over, and what fills a part of it: a highlighter's ink, or a tint.

    Ink of a highlighter is as light as paper in one of its colours, which ``lightest`` shows.
    """
    import cv2

    paper = _paper(shades)
    evened = cv2.divide(shades, paper, scale=255)
    side = round(BROAD * max(shades.shape))
    around = np.ones((side, side), np.uint8)
    own, below = (cv2.morphologyEx(of, cv2.MORPH_CLOSE, around) for of in (shades, lightest))
    below = cv2.erode(below, around)
    is_light = below >= LIGHT / 255 * _paper(lightest)
    filled = _long((cv2.divide(own, paper, scale=255) < PALE) & is_light, LONG * side)
    if not filled.any():
        return evened
    drawn = cv2.divide(lightest, below, scale=255)
    is_near = (cv2.dilate(filled, around) > 0) & is_light
    return np.where(is_near, np.maximum(evened, drawn), evened)


def _long(filled: Any, least: int) -> Any:
    """Return what is filled without what is no longer than a dense character is in small print."""
    import cv2

    _, names, boxes, _ = cv2.connectedComponentsWithStats(filled.astype(np.uint8), connectivity=8)
    longer = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) >= least
    longer[0] = False
    return longer.astype(np.uint8)[names]


def _paper(shades: Any) -> Any:
    """Return the shade of the paper in each place."""
    import cv2

    small = cv2.resize(shades, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21)
    return cv2.resize(paper, shades.shape[::-1])


def _turned_level(print_: Any, ink: Any) -> tuple[Any, PdfMatrix]:
    """Turn both pictures by the angle at which lines and rules are sharpest; say how."""
    import cv2

    share = 800 / max(print_.shape)
    small = 255 - cv2.resize(print_, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    small[small < 60] = 0

    def turned(image: Any, angle: float, paper: int) -> tuple[Any, Any]:
        high, wide = image.shape[:2]
        turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1)
        across, down = abs(turn[0, 0]), abs(turn[0, 1])
        size = math.ceil(wide * across + high * down), math.ceil(high * across + wide * down)
        turn[:, 2] += (size[0] - wide) / 2, (size[1] - high) / 2
        edge = (paper,) * 2
        return cv2.warpAffine(image, turn, size, flags=cv2.INTER_CUBIC, borderValue=edge), turn

    def sharpness(angle: float) -> float:
        image = turned(small, angle, 0)[0].astype(np.float32)
        return sum(float((np.diff(image.sum(axis=axis)) ** 2).sum()) for axis in (0, 1))

    best = 0.0
    for step, reach in ((0.5, MOST_SKEW), (0.1, 0.5), (0.02, 0.1)):
        count = round(reach / step)
        best = max((best + step * n for n in range(-count, count + 1)), key=sharpness)
    image, turn = turned(np.dstack((print_, ink)), best, 255)
    (a, c, e), (b, d, f) = turn.tolist()
    return image, PdfMatrix(a, b, c, d, e, f)
