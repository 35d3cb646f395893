"""Round seals on a page that is a picture, of any colour.

A seal hides figures and adds strokes to them, so that nothing it touches is sure. Its ring tells
it from all else on a form. Where it is paler than print, its strokes are taken off before rules are
looked for and print is read: heads that a seal lies on still say what stands below them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from auditkit.readers.ink import PALE, SOLID, inked
from auditkit.readers.lattice import Lattice

# Points of its radius: seals are 38 to 45 millimetres wide, and pictures are not quite to scale.
LEAST, MOST = 32, 70
COVERED = 0.7  # of its ring that is ink: 0.9 to 1.0 of whole seals, 0.5 at most of dense print
BESIDE = 2  # steps of four points between circles of which one has more ink
MANY, LOOKED_AT = 500, 8  # circles that stand out most, and those of them in places of their own
EDGE = 2.0  # points that its strokes may lie beyond the middle of its ring
# Of 255 shades, that a seal is paler than print at least; of the way to it, what still is print.
PALER, PRINT = 40, 0.45
STROKE = 1.2  # points that strokes of a seal are wide: the soft edges of print are less
DARK = 5  # percentile of ink, that is as dark as print
HARDLY = 170  # of 255 shades, of a ring that is hardly seen
BAND = 45  # of 255 shades, that strokes of a seal are darker or paler than its ring
_ANGLES = np.linspace(0, 2 * np.pi, 180, endpoint=False)
_STEPS = range(-8, 9, 2), range(-1, 2)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)
# Circles beside one, a ring's thickness apart, then those between them.
_FAR, _NEAR = (np.array([*product(steps, repeat=3)], float) for steps in _STEPS)


class Seal(NamedTuple):
    """A circle in points."""

    x: float
    y: float
    radius: float

    def touches(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Tell whether it lies over a part of a rectangle."""
        across = self.x - min(max(self.x, left), right)
        down = self.y - min(max(self.y, top), bottom)
        return across * across + down * down < (self.radius + EDGE) ** 2

    def holds(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Tell whether all of a rectangle lies in it."""
        across = max(abs(left - self.x), abs(right - self.x))
        down = max(abs(top - self.y), abs(bottom - self.y))
        return math.hypot(across, down) < self.radius + EDGE


def seals_in(shades: Any, unit: float) -> list[Seal]:
    """Return the seals in a picture of ``unit`` pixels a point."""
    ink = inked(shades, 1 / unit) > SOLID
    seals: list[Seal] = []
    for circle in _circles(ink):
        seal = _fitted(ink, circle)
        if seal and not any(math.hypot(seal.x - s.x, seal.y - s.y) < s.radius for s in seals):
            seals.append(seal)
    return seals


def _circles(ink: Any) -> list[Any]:
    """Return circles that stand out in a picture of a pixel a point, nearly: each in its own place.

    All are tried, in a picture of half the size: what makes circles of edges finds those of print.
    One stands out where it has ink, and those beside it have less.
    """
    import cv2

    half = cv2.resize(ink.astype(np.float32), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = (cv2.dilate(half, np.ones((2, 2), np.uint8)) > 0).astype(np.float32)
    high, wide = half.shape
    shape = tuple(cv2.getOptimalDFTSize(side + MOST) for side in half.shape)
    waves = np.fft.rfft2(half, shape)
    radii = range(LEAST // 2 - 2 * BESIDE, MOST // 2 + 2 * BESIDE, 2)
    shares = np.stack([_share_of_rings(waves, radius, shape)[:high, :wide] for radius in radii])
    own = shares[BESIDE:-BESIDE]
    out = own - (shares[: -2 * BESIDE] + shares[2 * BESIDE :]) / 2
    out[own < COVERED] = 0
    best = np.argpartition(out.ravel(), -MANY)[-MANY:]
    order = best[np.argsort(-out.ravel()[best], kind="stable")]
    circles: list[Any] = []
    for radius, y, x in zip(*np.unravel_index(order, out.shape), strict=True):
        circle = 2.0 * np.array([x, y, 2 * radius + LEAST // 2])
        if all(np.abs(circle - other).sum() > LEAST / 4 for other in circles):
            circles.append(circle)
    return circles[:LOOKED_AT]


def _share_of_rings(waves: Any, radius: int, shape: tuple[int, ...]) -> Any:
    """Return how much of the ring around each point is ink, whose waves are given."""
    ring: Any = np.zeros(shape, np.float32)
    x, y = np.rint(radius * _CIRCLE).astype(int).T
    np.add.at(ring, (y, x), 1 / len(_CIRCLE))
    return np.fft.irfft2(waves * np.conj(np.fft.rfft2(ring)), shape).astype(np.float32)


def _fitted(ink: Any, circle: Any) -> Seal | None:
    """Return the circle beside one that has most ink, if that makes it a ring."""
    share, (high, wide) = 0.0, ink.shape
    for beside in (_FAR, _NEAR):
        near = circle + beside
        places = np.rint(near[:, None, :2] + near[:, None, 2:] * _CIRCLE).astype(int)
        rows, columns = np.clip(places[..., 1], 0, high - 1), np.clip(places[..., 0], 0, wide - 1)
        shares = ink[rows, columns].mean(axis=1)
        share, circle = float(shares.max()), near[int(shares.argmax())]
    is_ring = share >= COVERED and LEAST <= circle[2] <= MOST
    return Seal(*circle.tolist()) if is_ring else None


def lifted(shades: Any, seals: Sequence[Seal], unit: float) -> tuple[Any, list[Seal]]:
    """Return print without the strokes of seals that are paler than it is, and the other seals.

    What is left of a red seal in print is hardly seen, and no other seal either.
    """
    own = shades[shades < PALE]
    if not seals or not own.size:
        return shades, []
    dark = float(np.percentile(own, DARK))
    bare, black = shades.copy(), []
    for seal in seals:
        reach = seal.radius + EDGE
        left, top = (max(0, int((at - reach) * unit)) for at in (seal.x, seal.y))
        right, low = (math.ceil((at + reach) * unit) for at in (seal.x, seal.y))
        part = shades[top:low, left:right]
        y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        far = np.hypot(x / unit - seal.x, y / unit - seal.y)
        ring = part[np.abs(far - seal.radius) < EDGE / 2]
        shade = float(np.median(ring)) if ring.size else 255.0
        if shade < dark + PALER:
            black.append(seal)
        elif shade < HARDLY:
            bare[top:low, left:right] = np.where(far < reach, _bare(part, dark, shade, unit), part)
    return bare, black


def _bare(part: Any, dark: float, shade: float, unit: float) -> Any:
    """Return the print below a seal of a shade: what is as pale as its strokes, where those are."""
    import cv2

    limit = dark + PRINT * (shade - dark)
    band = (np.abs(part - shade) < BAND).astype(np.uint8)
    side = max(3, round(STROKE * unit))
    strokes = cv2.morphologyEx(band, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    drawn = np.clip((part - dark) * (255 / (limit - dark)), 0, 255).astype(np.uint8)
    beside = cv2.dilate(strokes, np.ones((5, 5), np.uint8)) > 0
    return np.where(beside, np.maximum(part, drawn), part)


def below(seals: Sequence[Seal], lattices: Iterable[Lattice]) -> tuple[Lattice, ...]:
    """Return tables with the cells that seals touch."""
    return tuple(
        replace(
            lattice,
            sealed=frozenset(
                number
                for number, box in enumerate(lattice.boxes)
                if any(seal.touches(*box) for seal in seals)
            ),
        )
        for lattice in lattices
    )
