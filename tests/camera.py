"""Leaves of paper as a telephone photographs them: lying bent on a desk, in some light.

The leaf is a surface in space, the camera a pinhole above it. Where a point of the picture lies on
the paper is found by turning that about, a grid of points at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np
from inked import Leaf, blotches, specks

STEP = 8  # pixels between the points whose place on the paper is reckoned
SKIN = (226, 172, 142)
DESKS = ((150, 108, 70), (96, 70, 52), (112, 116, 120), (58, 62, 70), (188, 176, 160))


@dataclass(frozen=True, slots=True)
class Shot:
    """How a picture is taken: each is nothing unless given.

    ``tilt`` is the angle between the camera and the upright in degrees, ``bend`` how high the paper
    rises from the spine of its book in millimetres, ``turn`` the angle in the plane of the picture.
    """

    tilt: float = 0.0
    bend: float = 0.0
    turn: float = 0.0
    shadow: float = 0.0
    moire: float = 0.0
    blur: float = 0.0  # millimetres on the paper
    noise: float = 0.0
    fingers: int = 0
    quarters: int = 0


@dataclass(frozen=True, slots=True)
class _View:
    """A camera above a bent leaf: from millimetres on the paper to pixels of the picture."""

    turned: Any  # rotation of the paper in space
    along: Any  # positions across the paper
    across: Any  # how far each comes to lie from the left edge once the paper is bent
    height: Any  # and how high
    sides: tuple[float, float]
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def seen(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return where points of the paper are seen."""
        flat = np.interp(x, self.along, self.across) + np.minimum(x, 0)
        flat = flat + np.maximum(x - self.sides[0], 0) - self.across[-1] / 2
        height = np.interp(x, self.along, self.height)
        space = self.turned @ np.stack([flat, y - self.sides[1] / 2, height]).reshape(3, -1)
        near = 1.35 * max(self.sides) / (1.35 * max(self.sides) - space[2])
        own = (space[n] * near * self.scale + self.shift[n] for n in (0, 1))
        u, v = (part.reshape(np.shape(x)) for part in own)
        return u, v


def photographed(rng: Random, leaf: Leaf, shot: Shot) -> Any:
    """Return a picture of a leaf on a desk, with about as many pixels an inch as the leaf has."""
    view, size = _framed(rng, leaf, _looked_at(rng, leaf, shot))
    x, y = _places(view, leaf, size)
    paper = cv2.remap(leaf.picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    whole = np.ones(leaf.picture.shape[:2], np.float32)
    cover = cv2.remap(whole, x, y, cv2.INTER_LINEAR, borderValue=0)
    picture = _desk(rng, size) * (1 - 0.45 * _fallen(cover, leaf))[:, :, None]
    shade = _shading(view, x, leaf)[:, :, None]
    picture = picture * (1 - cover)[:, :, None] + paper * shade * cover[:, :, None]
    for number in range(shot.fingers):
        picture = _held(rng, picture, view, leaf, number)
    picture = _lit(rng, picture, shot)
    if shot.moire:
        picture = _rippled(rng, picture, shot.moire)
    if shot.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), leaf.pixels(shot.blur))
    picture = picture + specks(rng, (*picture.shape[:2], 1), 2 + shot.noise)
    picture = picture + specks(rng, picture.shape, 1 + shot.noise / 2)
    return np.rot90(np.clip(picture, 0, 255).astype(np.uint8), -shot.quarters).copy()


def _looked_at(rng: Random, leaf: Leaf, shot: Shot) -> _View:
    sides = tuple(side / leaf.pixels(1) for side in leaf.size)
    wide, high = sides
    tilt, axis, turn = map(math.radians, (shot.tilt, rng.uniform(0, 360), shot.turn))
    lean, _ = cv2.Rodrigues(np.array([math.cos(axis), math.sin(axis), 0]) * tilt)
    flat, _ = cv2.Rodrigues(np.array([0, 0, turn]))
    along = np.linspace(0, wide, 400)
    is_spread = wide > high
    far = np.abs(along - wide / 2) if is_spread else along if rng.random() < 0.5 else wide - along
    steep = 0.16 * high  # paper rises within so much of the spine, and falls off again outside
    height = shot.bend * ((1 - np.exp(-far / steep)) - 0.5 * (far / far.max()) ** 2)
    rise = np.gradient(height, along)
    across = np.concatenate([[0], np.cumsum(np.sqrt(np.maximum(0.1, 1 - rise[1:] ** 2)))])
    return _View(lean @ flat, along, across * (along[1] - along[0]), height, (wide, high))


def _framed(rng: Random, leaf: Leaf, view: _View) -> tuple[_View, tuple[int, int]]:
    """Make a picture large enough for the leaf with some of the desk around it."""
    wide, high = view.sides
    edge = np.linspace(0, 1, 40)
    x = np.concatenate([edge * wide, edge * wide, 0 * edge, 0 * edge + wide])
    y = np.concatenate([0 * edge, 0 * edge + high, edge * high, edge * high])
    u, v = view.seen(x, y)
    scale, room = leaf.pixels(1), [rng.uniform(6, 24) for _ in range(4)]
    size = (
        round(scale * (np.ptp(u) + room[0] + room[1])),
        round(scale * (np.ptp(v) + room[2] + room[3])),
    )
    shift = (scale * (room[0] - u.min()), scale * (room[2] - v.min()))
    parts = (view.turned, view.along, view.across, view.height, view.sides)
    return _View(*parts, scale, shift), size


def _places(view: _View, leaf: Leaf, size: tuple[int, int]) -> tuple[Any, Any]:
    """Return for every pixel of the picture which pixel of the leaf is seen there."""
    wide, high = view.sides
    corners = np.float32([(0, 0), (wide, 0), (wide, high), (0, high)])
    seen = np.float32(np.stack(view.seen(corners[:, 0], corners[:, 1]), 1))
    back = cv2.getPerspectiveTransform(seen, corners)

    def guess(u: Any, v: Any) -> tuple[Any, Any]:
        x, y, z = np.tensordot(back, np.stack([u, v, np.ones_like(u)]), 1)
        return x / z, y / z

    few = size[0] // STEP + 2, size[1] // STEP + 2
    u, v = np.meshgrid(np.arange(few[0]) * float(STEP), np.arange(few[1]) * float(STEP))
    first = guess(u, v)
    x, y = first
    for _ in range(25):
        off = guess(*view.seen(x, y))
        x, y = x + first[0] - off[0], y + first[1] - off[1]
    scale = np.float32([[STEP, 0, 0], [0, STEP, 0]])
    pixels = leaf.pixels(1)
    found = (
        cv2.warpAffine((part * pixels - 0.5).astype(np.float32), scale, size) for part in (x, y)
    )
    across, down = found
    return across, down


def _shading(view: _View, x: Any, leaf: Leaf) -> Any:
    """Return how bright the paper is where it is bent: light comes from above, one side first."""
    slope = np.gradient(view.height, view.along)
    bright = np.clip(1 - 0.35 * np.abs(slope) - 0.25 * np.maximum(slope, 0), 0.35, 1)
    own = np.interp(np.clip(x, 0, None) / leaf.pixels(1), view.along, bright)
    return own.astype(np.float32)


def _desk(rng: Random, size: tuple[int, int]) -> Any:
    """Return a desk: wood with its grain, or cloth."""
    colour = np.array(rng.choice(DESKS), np.float32)
    wide, high = size
    long = blotches(rng, (max(2, wide // 40), high), 5) if rng.random() < 0.6 else None
    grain = cv2.resize(long, size) if long is not None else blotches(rng, size, 4)
    even = blotches(rng, size, 700)
    return colour * (1 + 0.12 * grain + 0.15 * even)[:, :, None]


def _fallen(cover: Any, leaf: Leaf) -> Any:
    """Return the shadow that the paper throws on the desk."""
    few = cv2.resize(cover, None, fx=0.1, fy=0.1, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(few, (0, 0), leaf.pixels(3) / 10)
    aside = np.float32([[1, 0, leaf.pixels(1.5) / 10], [0, 1, leaf.pixels(2) / 10]])
    moved = cv2.warpAffine(soft, aside, few.shape[::-1])
    return cv2.resize(moved, cover.shape[::-1])


def _lit(rng: Random, picture: Any, shot: Shot) -> Any:
    """Light a picture: warm or cold, brighter on one side, with the shadow of who takes it."""
    high, wide = picture.shape[:2]
    size = wide // 8 + 1, high // 8 + 1
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    turn, fall = rng.uniform(0, 2 * math.pi), rng.uniform(0.04, 0.14)
    light = 1 - fall * (1 + x * math.cos(turn) + y * math.sin(turn)) / 2
    if shot.shadow:
        side, at = rng.uniform(0, 2 * math.pi), rng.uniform(-0.3, 0.3)
        beyond = x * math.cos(side) + y * math.sin(side) - at
        beyond = beyond + 0.18 * np.sin(3 * (y * math.cos(side) - x * math.sin(side)) + turn)
        light = light * (1 - shot.shadow / (1 + np.exp(-beyond * rng.uniform(12, 40))))
    whole = cv2.resize(light.astype(np.float32), (wide, high))[:, :, None]
    cast = rng.choice(((1.0, 0.97, 0.89), (0.95, 0.98, 1.0), (0.98, 0.96, 0.93)))
    return picture * whole * np.array(cast, np.float32) * rng.uniform(0.9, 1.0)


def _rippled(rng: Random, picture: Any, strength: float) -> Any:
    """Lay the ripples over a picture that the dots of a screen or a copier's raster leave."""
    high, wide = picture.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    turn, period = rng.uniform(0, math.pi), rng.uniform(9, 26)
    bow = 40 * blotches(rng, (wide, high), 900)
    phase = (x * math.cos(turn) + y * math.sin(turn) + bow) * (2 * math.pi / period)
    beat = 0.5 + 0.5 * np.sin((x * math.sin(turn) - y * math.cos(turn)) / (period * 7))
    waves = [np.sin(phase + third) * beat for third in (0.0, 1.1, 2.2)]
    return picture * (1 + strength * np.stack(waves, 2))


def _held(rng: Random, picture: Any, view: _View, leaf: Leaf, number: int) -> Any:
    """Lay the end of a finger over an edge of the paper, not farther than its margin is wide."""
    wide, high = view.sides
    side, along = (number + rng.randint(0, 1)) % 3, rng.uniform(0.3, 0.8)
    reach, back = rng.uniform(6, 13), rng.uniform(60, 90)
    edges = {
        0: ((reach, high * along), (-back, high * (along + 0.1))),
        1: ((wide - reach, high * along), (wide + back, high * (along + 0.1))),
        2: ((wide * along, high - reach), (wide * along + 15, high + back)),
    }
    ends: Sequence[tuple[float, float]] = edges[side]
    tip, root = (
        tuple(float(part) for part in view.seen(np.array(at[0]), np.array(at[1]))) for at in ends
    )
    cover = np.zeros(picture.shape[:2], np.uint8)
    breadth = round(leaf.pixels(rng.uniform(14, 18)))
    start, stop = (tuple(round(part) for part in end) for end in (tip, root))
    cv2.line(cover, start, stop, 255, breadth, cv2.LINE_AA)
    round_ = cv2.distanceTransform((cover > 127).astype(np.uint8), cv2.DIST_L2, 5)
    shade = 0.62 + 0.38 * np.sqrt(np.clip(round_ / (breadth / 2), 0, 1))
    skin = np.array(SKIN, np.float32) * shade[:, :, None]
    soft = cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), leaf.pixels(0.25))
    dark = cv2.GaussianBlur(soft, (0, 0), leaf.pixels(1.2))[:, :, None]
    return picture * (1 - 0.35 * dark) * (1 - soft[:, :, None]) + skin * soft[:, :, None]
