"""A bent picture of a page is made flat by the rules of the form on it.

A table is the one thing on a page that is known to be straight. It is the piece of ink that
encloses the most cells; its outline has four corners, which say from where it was photographed,
and the course of each long rule says how the paper lay. What comes out is a flat picture, and
the way back: where in the picture as it was taken each point of the flat one lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pypdfium2 import PdfMatrix

from auditkit.readers.ink import SOLID, IllegibleError, inked

FLAT = 0.6  # points that a rule may bend by, and still be found and read as it lies
SMOOTH = 0.6  # points that rules may stay bent by where a picture counts as straightened
FINE = 2.0  # pixels a point in which rules are followed
LEAST_CELLS, SMALLEST = 6, 4.0  # cells of a table, and the points a side that they have at least
LONG, THIN, STROKE = 0.15, 12.0, 2.0  # a rule: of the table; points of a piece of it; its slope
ALONG, ACROSS = 6, 4  # degrees of the curve along a rule, and from rule to rule
FAINT = 0.1  # that a term is held back by, so that none grows large on little
TIMES = 2  # that the displacement is taken, since each is a little off where the other bends
BEYOND = 0.6  # of a table, that is kept of the picture around it at most
STEP = 16  # pixels between two points that are followed back
BAND = 256  # rows that are laid at a time: their places take more memory than their pixels

Region = tuple[int, int, int, int]  # left, top, right, bottom in pixels
Points = Any  # an array whose last axis is x, y
Way = Callable[[Points], Points]


@dataclass(frozen=True, slots=True)
class Bend:
    """The way from a page that was laid flat to the page as it is displayed.

    It goes where a ``PdfMatrix`` goes: ``flat`` leads from the page to the flat picture, ``way``
    from there to the picture as it was, and ``shown`` on to the page as a viewer shows it.
    """

    flat: PdfMatrix
    way: Way
    shown: PdfMatrix

    def on_rect(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[float, float, float, float]:
        """Return the box around a rectangle, whose sides may be bent there."""
        sides = (np.linspace(left, right, 5), np.linspace(top, bottom, 5))
        places = np.stack(np.meshgrid(*sides), axis=-1)
        found = _by(self.shown, self.way(_by(self.flat, places))).reshape(-1, 2)
        (x0, y0), (x1, y1) = found.min(axis=0).tolist(), found.max(axis=0).tolist()
        return x0, y0, x1, y1


@dataclass(frozen=True, slots=True)
class _Rules:
    """The long rules of a table in one direction: of each point its rule, place and course."""

    rule: Any
    along: Any
    course: Any

    @property
    def level(self) -> Any:
        """The mean course of the rule of each point."""
        return self.course - self.centred(self.course[:, None])[:, 0]

    def centred(self, values: Any) -> Any:
        """Return values of each point without what they are on the average of its rule."""
        sums = np.stack([np.bincount(self.rule, column) for column in values.T], axis=-1)
        return values - (sums / np.maximum(np.bincount(self.rule), 1)[:, None])[self.rule]

    @property
    def bend(self) -> float:
        """How far rules go aside, but for a few points: strokes of a seal may lie on a table."""
        return float(np.quantile(np.abs(self.course - self.level), 0.85)) if len(self.rule) else 0.0


def straightened(picture: Any, unit: float) -> tuple[Any, Way | None]:
    """Return a picture laid flat and the way back, or the picture itself where it is flat.

    ``picture`` is in two shades, print and all ink, upright but for a few degrees, in ``unit``
    pixels a point. Raises IllegibleError.
    """
    share = FINE / unit
    small, table = _with_table(picture, share)
    if table is None or max(rules.bend for rules in _followed(table)) <= FLAT * FINE:
        return picture, None
    way, size = _faced(table, small.shape)
    for _ in range(TIMES):
        table = _table(_laid(small, way, size, 0))
        if table is None:
            break
        way = partial(_after, way, _displacement(*_followed(table)))
    table = _table(_laid(small, way, size, 0))
    if table is None or max(rules.bend for rules in _followed(table)) > SMOOTH * FINE:
        raise IllegibleError.saying("scan-uneven")
    whole = partial(_scaled, way, share)
    wide, high = (round(side / share) for side in size)
    return _laid(picture, whole, (wide, high), 255), whole


def open_share(picture: Any, unit: float, boxes: Iterable[Sequence[float]]) -> float:
    """Return how much of what the rules in a picture enclose is no cell of a table of its own.

    ``boxes`` are the cells of the tables, in points. Each is the largest of what is enclosed in
    it, since letters that touch a rule enclose something, too.
    """
    _, _, found = _enclosed(inked(picture, FINE / unit))
    holes = np.array([hole for own in found.values() for hole in own], float).reshape(-1, 4) / FINE
    x, y = (holes[:, 0] + holes[:, 2]) / 2, (holes[:, 1] + holes[:, 3]) / 2
    sizes = (holes[:, 2] - holes[:, 0]) * (holes[:, 3] - holes[:, 1])
    held = sum(
        float(sizes[(left < x) & (x < right) & (top < y) & (y < low)].max(initial=0.0))
        for left, top, right, low in boxes
    )
    return 1 - held / max(float(sizes.sum()), 1.0)


def _with_table(picture: Any, share: float) -> tuple[Any, Any]:
    """Return where ink is in a smaller picture, and the table in it; rules may be red, too."""
    small = table = None
    for shade in (0, 1):
        small = inked(picture[:, :, shade], share)
        table = _table(small)
        if table is not None:
            break
    return small, table


def _table(ink: Any) -> Any:
    """Return the piece of ink that encloses the most cells; nothing where none is a table."""
    import cv2

    solid, outlines, cells = _enclosed(ink)
    if not cells:
        return None
    most = max(cells, key=lambda outer: len(cells[outer]))
    own = np.zeros_like(solid)
    cv2.drawContours(own, outlines, most, 1, cv2.FILLED)
    return own & solid


def _enclosed(ink: Any) -> tuple[Any, Any, dict[int, list[Region]]]:
    """Return solid ink with its outlines, and the cells that each outline of a table encloses."""
    import cv2

    solid = (ink > SOLID).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    outlines, order = cv2.findContours(solid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    cells: dict[int, list[Region]] = {}
    for outline, (*_, outer) in zip(outlines, order[0] if len(outlines) else (), strict=True):
        left, top, wide, high = cv2.boundingRect(outline)
        if outer >= 0 and min(wide, high) >= SMALLEST * FINE:
            cells.setdefault(int(outer), []).append((left, top, left + wide, top + high))
    return solid, outlines, {n: own for n, own in cells.items() if len(own) >= LEAST_CELLS}


def _followed(table: Any) -> tuple[_Rules, _Rules]:
    """Follow the long rules of a table: those from left to right, and those from top to bottom."""
    return _courses(table), _courses(np.ascontiguousarray(table.T))


def _courses(table: Any) -> _Rules:
    """Follow the rules from left to right."""
    import cv2

    long = (max(3, round(THIN * FINE)), 1)
    thick = cv2.dilate(table, np.ones((round(STROKE * FINE), 1), np.uint8))
    pieces = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(long[::-1], np.uint8))
    count, names, boxes, _ = cv2.connectedComponentsWithStats(pieces, connectivity=8)
    wide = cv2.boundingRect(table)[2]
    long_ones = [n for n in range(1, count) if boxes[n, cv2.CC_STAT_WIDTH] >= LONG * wide]
    rule, along, course = [], [], []
    for number, name in enumerate(long_ones):
        left, top, across, down = boxes[name, :4].tolist()
        own = names[top : top + down, left : left + across] == name
        inked = own.sum(axis=0)
        heights = (own * np.arange(down)[:, None]).sum(axis=0) / np.maximum(inked, 1)
        # Where it is thicker than a rule, a seal or a stroke of print lies on it.
        usual = inked <= max(2 * np.median(inked), 1)
        places = np.flatnonzero((inked > 0) & usual)[:: max(1, round(2 * FINE))]
        rule.append(np.full(len(places), number))
        along.append(left + places)
        course.append(top + heights[places])
    if not rule:
        return _Rules(np.zeros(0, int), np.zeros(0), np.zeros(0))
    return _Rules(*(np.concatenate(parts) for parts in (rule, along, course)))


def _faced(table: Any, shape: tuple[int, int]) -> tuple[Way, tuple[int, int]]:
    """Return the way back from a picture in which the table's corners make a rectangle."""
    import cv2

    hull: Any = cv2.convexHull(np.argwhere(table)[:, ::-1].astype(np.float32))[:, 0]
    x, y = ((hull - hull.min(axis=0)) / (hull.max(axis=0) - hull.min(axis=0))).T
    ends = (np.argmin(x + y), np.argmax(x - y), np.argmax(x + y), np.argmin(x - y))
    corners = hull[list(ends)]
    sides: Any = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    wide, high = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    frame = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    faced = cv2.getPerspectiveTransform(corners, frame)
    edges = np.array([[0, 0], [shape[1], 0], shape[::-1], [0, shape[0]]], np.float32)
    seen = cv2.perspectiveTransform(edges[None], faced)[0]
    room = BEYOND * np.array([wide, high])
    low = np.maximum(seen.min(axis=0), -room)
    size = np.minimum(seen.max(axis=0), np.array([wide, high]) + room) - low
    return partial(_projected, np.linalg.inv(faced), low), (round(size[0]), round(size[1]))


def _projected(back: Any, low: Any, places: Points) -> Points:
    flat = places + low
    found = flat @ back[:, :2].T + back[:, 2]
    return found[..., :2] / found[..., 2:]


def _after(way: Way, displaced: Way, places: Points) -> Points:
    return way(displaced(places))


def _scaled(way: Way, share: float, places: Points) -> Points:
    return way((places + 0.5) * share - 0.5) / share + (0.5 / share - 0.5)


def _by(matrix: PdfMatrix, places: Points) -> Points:
    a, b, c, d, e, f = matrix.get()
    x, y = places[..., 0], places[..., 1]
    return np.stack([a * x + c * y + e, b * x + d * y + f], axis=-1)


def _displacement(level: _Rules, upright: _Rules) -> Way:
    """Return where a point lies that the smooth curves through all rules move."""
    ends = [
        (float(r.along.min(initial=0)), float(r.along.max(initial=1))) for r in (level, upright)
    ]
    down = _smooth(level, ends[0], ends[1])
    aside = _smooth(upright, ends[1], ends[0])

    def displaced(places: Points) -> Points:
        x, y = places[..., 0], places[..., 1]
        return np.stack([x + aside(y, x), y + down(x, y)], axis=-1)

    return displaced


def _smooth(
    rules: _Rules, ends: tuple[float, float], sides: tuple[float, float]
) -> Callable[[Any, Any], Any]:
    """Fit how far a point is moved across, by where it lies along rules and from rule to rule.

    Each rule may stand where it likes, so that only its course counts. What lies beyond the table
    is moved like its edge.
    """

    def terms(along: Any, level: Any) -> Any:
        u, v = (
            np.clip(2 * (at - low) / max(high - low, 1.0) - 1, -1, 1)
            for at, (low, high) in ((along, ends), (level, sides))
        )
        curve = np.polynomial.legendre.legvander(u, ALONG)[..., 1:]
        share = np.polynomial.legendre.legvander(v, ACROSS)
        return (curve[..., :, None] * share[..., None, :]).reshape(*u.shape, -1)

    if not len(rules.rule):
        return lambda along, _: np.zeros_like(along)
    own = rules.centred(terms(rules.along, rules.level))
    aside = rules.course - rules.level
    kept: Any = np.ones(len(aside), bool)
    for _ in range(2):  # the second time without what is no rule
        known = own[kept]
        weights = np.linalg.solve(
            known.T @ known + FAINT * np.eye(own.shape[1]), known.T @ aside[kept]
        )
        off = np.abs(own @ weights - aside)
        kept = off <= max(3 * float(np.median(off)), FINE)
    return lambda along, level: terms(along, level) @ weights


def _laid(picture: Any, way: Way, size: tuple[int, int], paper: int) -> Any:
    """Return the picture of a size whose points lie where the way says."""
    import cv2

    wide, high = size
    knots: list[Any] = [np.arange(-STEP, side + 2 * STEP, STEP, dtype=np.float32) for side in size]
    mesh = way(np.stack(np.meshgrid(*knots), axis=-1)).astype(np.float32)
    how = cv2.INTER_CUBIC if paper else cv2.INTER_LINEAR
    laid = np.empty((high, wide, *picture.shape[2:]), np.uint8)
    for top in range(0, high, BAND):
        rows: Any = np.arange(top, min(top + BAND, high), dtype=np.float32)
        columns: Any = np.arange(wide, dtype=np.float32)
        places = cv2.remap(
            mesh, *np.meshgrid(columns / STEP + 1, rows / STEP + 1), cv2.INTER_LINEAR
        )
        edge = (paper,) * 2
        laid[top : top + BAND] = cv2.remap(picture, places, None, how, borderValue=edge)
    return laid
