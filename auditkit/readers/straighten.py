"""A bent picture of a page is made flat by the rules of the form on it.

A table is the one thing on a page that is known to be straight. It is the piece of ink that
encloses the most cells; its outline has four corners, which say from where it was photographed,
and the course of each long rule says how the paper lay. What comes out is a flat picture, and
the way back: where in the picture as it was taken each point of the flat one lies. Pages that lie
side by side in one picture, as in an open book, are laid flat each for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np
from pypdfium2 import PdfMatrix

from auditkit.readers.ink import inked
from auditkit.readers.meshes import FINE, Mesh, Rules, followed, meshes_in

FLAT = 0.6  # points that a rule may bend by, and still be found and read as it lies
SMOOTH = 0.6  # points that rules may stay bent by where a picture counts as straightened
ALONG, ACROSS = 6, 4  # degrees of the curve along a rule, and from rule to rule
FAINT = 0.1  # that a term is held back by, so that none grows large on little
TIMES = 2  # that the displacement is taken, since each is a little off where the other bends
BEYOND = 0.6  # of a table, that is kept of the picture around it at most
ABREAST = 0.3  # of the sides of the largest table, that one on a page of its own has at least
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


def straightened(picture: Any, unit: float) -> tuple[Any, Way | None]:
    """Return a picture laid flat and the way back, or the picture itself where it is flat.

    ``picture`` is in two shades, print and all ink, upright but for a few degrees, in ``unit``
    pixels a point. What cannot be laid flat is left as it lies.
    """
    share = FINE / unit
    small, meshes = _with_meshes(picture, share)
    cuts = _between_pages(meshes)
    if not cuts:
        return _flat(picture, small, meshes, share)
    edges = [0, *(round(cut / share) for cut in cuts), picture.shape[1]]
    pages = np.split(picture, edges[1:-1], axis=1)
    parts = [_flat(page, *_with_meshes(page, share), share) for page in pages]
    if all(way is None for _, way in parts):
        return picture, None
    high = max(laid.shape[0] for laid, _ in parts)
    padded = [
        np.pad(laid, ((0, high - laid.shape[0]), (0, 0), (0, 0)), constant_values=255)
        for laid, _ in parts
    ]
    starts = np.cumsum([0, *(laid.shape[1] for laid, _ in parts)])
    ways = tuple(way for _, way in parts)
    return np.hstack(padded), partial(_each_its_own, ways, starts[:-1], edges)


def _with_meshes(picture: Any, share: float) -> tuple[Any, list[Mesh]]:
    """Return where ink is in a smaller picture, and the tables in it; rules may be red, too."""
    small, meshes = None, list[Mesh]()
    for shade in (0, 1):
        small = inked(picture[:, :, shade], share)
        meshes = meshes_in(small)
        if meshes:
            break
    return small, meshes


def _between_pages(meshes: Sequence[Mesh]) -> list[float]:
    """Return where the pages part that lie side by side, each with a table of its own."""
    boxes = sorted(mesh.box for mesh in meshes)
    most = [max((box[n + 2] - box[n] for box in boxes), default=0) for n in (0, 1)]
    large = [box for box in boxes if all(box[n + 2] - box[n] >= ABREAST * most[n] for n in (0, 1))]
    cuts, right = [], large[0][2] if large else 0
    for box in large[1:]:
        if box[0] > right:
            cuts.append((right + box[0]) / 2)
        right = max(right, box[2])
    return cuts


def _each_its_own(
    ways: Sequence[Way | None], starts: Sequence[float], edges: Sequence[float], places: Points
) -> Points:
    """Return where points lie of pages that were laid flat each for itself, side by side."""
    numbers = np.searchsorted(starts[1:], places[..., 0], side="right")
    found = np.array(places, float)
    for number in np.unique(numbers):
        own, way = numbers == number, ways[number]
        inner = places[own] - np.array([starts[number], 0.0])
        found[own] = (way(inner) if way else inner) + np.array([edges[number], 0.0])
    return found


def _flat(picture: Any, small: Any, meshes: Sequence[Mesh], share: float) -> tuple[Any, Way | None]:
    """Lay the picture of a page flat, by its table of the most cells.

    Where that fails with all ink of the table, a finger or a stroke may hang on it.
    """
    if not meshes or meshes[0].bend <= FLAT * FINE:
        return picture, None
    for inked_of in (attrgetter("ink"), attrgetter("around_cells")):
        if found := _way_back(small, meshes, inked_of):
            way, size = found
            whole = partial(_scaled, way, share)
            wide, high = (round(side / share) for side in size)
            return _laid(picture, whole, (wide, high), 255), whole
    return picture, None


def _way_back(
    small: Any, meshes: Sequence[Mesh], inked_of: Callable[[Mesh], Any]
) -> tuple[Way, tuple[int, int]] | None:
    """Return the way back from a flat picture, and its size, if the rules of the table close."""
    way, size = _faced(inked_of(meshes[0]), meshes, small.shape)
    for left in range(TIMES, -1, -1):
        now = meshes_in(_laid(small, way, size, 0))
        if not now:
            return None
        rules = followed(inked_of(now[0]))
        if left:
            way = partial(_after, way, _displacement(*rules))
    return (way, size) if max(each.bend for each in rules) <= SMOOTH * FINE else None


def _faced(
    table: Any, meshes: Sequence[Mesh], shape: tuple[int, int]
) -> tuple[Way, tuple[int, int]]:
    """Return the way back from a picture in which the table's corners make a rectangle.

    It holds all tables.
    """
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
    own = np.concatenate([mesh.outline for mesh in meshes]).reshape(1, -1, 2).astype(np.float32)
    held = cv2.perspectiveTransform(own, faced)[0]
    room = BEYOND * np.array([wide, high])
    low = np.maximum(seen.min(axis=0), np.minimum(-room, held.min(axis=0)))
    most = np.maximum(np.array([wide, high]) + room, held.max(axis=0))
    size = np.minimum(seen.max(axis=0), most) - low
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


def _displacement(level: Rules, upright: Rules) -> Way:
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
    rules: Rules, ends: tuple[float, float], sides: tuple[float, float]
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
