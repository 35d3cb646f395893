"""Round seals on a page that is a picture, of any colour.

A seal hides figures and adds strokes to them, so that nothing it touches is sure. Its ring tells
it from all else on a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from auditkit.readers.ink import SOLID, inked
from auditkit.readers.lattice import Lattice

# Points of its radius: seals are 38 to 45 millimetres wide, and pictures are not quite to scale.
LEAST, MOST = 32, 70
COVERED = 0.7  # of its ring that is ink: 0.9 to 1.0 of whole seals, 0.5 at most of dense print
VOTES, LOOKED_AT = 10, 30  # of edges for a circle; circles of most votes that are held against ink
EDGE = 2.0  # points that its strokes may lie beyond the middle of its ring
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


def seals_in(shades: Any, unit: float) -> list[Seal]:
    """Return the seals in a picture of ``unit`` pixels a point."""
    import cv2

    ink = inked(shades, 1 / unit)
    half = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found: Any = cv2.HoughCircles(
        cv2.GaussianBlur(half, (0, 0), 1.0),
        cv2.HOUGH_GRADIENT,
        dp=1,
        minDist=LEAST / 8,
        param1=120,
        param2=VOTES,
        minRadius=LEAST // 2,
        maxRadius=MOST // 2,
    )
    circles = [] if found is None else 2 * found.reshape(-1, 3)[:LOOKED_AT]
    seals: list[Seal] = []
    for circle in circles:
        seal = _fitted(ink > SOLID, circle)
        if seal and not any(abs(seal.x - s.x) + abs(seal.y - s.y) < LEAST for s in seals):
            seals.append(seal)
    return seals


def _fitted(ink: Any, circle: Any) -> Seal | None:
    """Return the circle beside one that has most ink, if that makes it a ring."""
    share, (high, wide) = 0.0, ink.shape
    for beside in (_FAR, _NEAR):
        near = circle + beside
        places = np.rint(near[:, None, :2] + near[:, None, 2:] * _CIRCLE).astype(int)
        rows, columns = np.clip(places[..., 1], 0, high - 1), np.clip(places[..., 0], 0, wide - 1)
        shares = ink[rows, columns].mean(axis=1)
        share, circle = float(shares.max()), near[int(shares.argmax())]
    return Seal(*circle.tolist()) if share >= COVERED else None


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
