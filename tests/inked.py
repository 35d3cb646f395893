"""What people and time put on a printed page: seals, pen, holes, and the print of its other side.

A leaf is a page as a picture in colour, with the figures that stand on it. Every function here
returns a leaf with something more on it, the same for the same random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import cv2
import numpy as np
import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

PAPER = 255
RED, BLUE, BLACK, PENCIL = (206, 38, 52), (36, 52, 140), (40, 40, 46), (110, 108, 106)
HIGHLIGHTERS = (
    (255, 255, 60),
    (120, 255, 140),
    (255, 150, 200),
    (110, 200, 255),
    (255, 180, 80),
    (190, 140, 240),
)
TINTS = (191, 191, 191), (160, 160, 160), (217, 217, 217), (155, 194, 230), (169, 208, 142)
STAMPED = "县财政局教育体育卫生健康委员会农业村水利住房和城乡建设文化旅游"
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a figure stands: the path of its entry, and the box of its cell in points."""

    name: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """One side of a sheet of paper.

    ``struck`` names the figures that a stroke says are not to count, ``touched`` those in whose
    cells anything was put that is not printed.
    """

    picture: Any
    dots: float  # pixels an inch
    spots: tuple[Spot, ...] = field(default=(), repr=False)
    struck: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        high, wide = self.picture.shape[:2]
        return wide, high

    def pixels(self, millimetres: float) -> float:
        """Return a length on the paper in pixels."""
        return millimetres * self.dots / 25.4

    def middle(self, spot: Spot) -> Point:
        """Return where the middle of a cell is, in pixels."""
        scale = self.dots / 72
        return (spot.left + spot.right) / 2 * scale, (spot.top + spot.bottom) / 2 * scale


def grains(rng: Random) -> np.random.Generator:
    """Return a source of many random numbers."""
    return np.random.default_rng(rng.getrandbits(64))


def specks(rng: Random, shape: Sequence[int], strength: float) -> Any:
    """Return as much noise as a sensor makes of nothing."""
    return grains(rng).standard_normal(tuple(shape), np.float32) * strength


def blotches(rng: Random, size: tuple[int, int], coarse: float) -> Any:
    """Return an uneven surface between -1 and 1 whose spots are so many pixels wide."""
    wide, high = size
    few = max(2, round(wide / coarse)), max(2, round(high / coarse))
    rough = grains(rng).uniform(-1, 1, (few[1], few[0])).astype(np.float32)
    return np.clip(cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC), -1, 1)


def inked(leaf: Leaf, cover: Any, colour: Sequence[int], *touched: str) -> Leaf:
    """Put transparent ink on a leaf where, and as strongly as, ``cover`` says."""
    kept = 1 - cover[:, :, None] * (1 - np.array(colour, np.float32) / 255)
    picture = np.clip(leaf.picture * kept, 0, 255).astype(np.uint8)
    return replace(leaf, picture=picture, touched=leaf.touched | set(touched))


@cache
def _font(size: int) -> Any:
    return ImageFont.truetype(pylopdf_fonts_zh_cn.serif_path(), size)


def seal(rng: Random, radius: int) -> Any:
    """Draw the round seal of an office: a ring, a star, and its name along the ring."""
    side, name = 2 * radius + 9, "".join(rng.sample(STAMPED, rng.randint(9, 13)))
    middle, ring = side / 2, max(2, round(radius * rng.uniform(0.05, 0.075)))
    paper = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(paper)
    pen.ellipse((4, 4, side - 5, side - 5), outline=255, width=ring)
    tips = (radius * 0.33 * (1.0 if n % 2 == 0 else 0.382) for n in range(10))
    turns = (math.pi * (n / 5 - 0.5) for n in range(10))
    pen.polygon(
        [
            (middle + r * math.cos(t), middle + r * math.sin(t))
            for r, t in zip(tips, turns, strict=True)
        ],
        255,
    )
    size, reach = round(radius * 0.29), math.radians(rng.uniform(235, 275))
    for number, character in enumerate(name):
        turn = reach * (number / (len(name) - 1) - 0.5)
        glyph = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(glyph).text((size, size), character, 255, _font(size), "mm", stroke_width=1)
        glyph = glyph.rotate(-math.degrees(turn), Image.Resampling.BICUBIC)
        far = radius * 0.74
        place = middle + far * math.sin(turn) - size, middle - far * math.cos(turn) - size
        paper.paste(255, tuple(map(round, place)), glyph)
    if rng.random() < 0.5:
        below = (middle, middle + radius * 0.58)
        pen.text(below, rng.choice(("财务专用章", "项目专用章")), 255, _font(size * 2 // 3), "mm")
    turned = paper.rotate(rng.uniform(-18, 18), Image.Resampling.BICUBIC)
    return np.asarray(turned, np.float32) / 255


def sealed(rng: Random, leaf: Leaf, spot: Spot | None, colour: Sequence[int] = RED) -> Leaf:
    """Press a seal of 17 to 23 mm from its middle to its ring on a leaf, unevenly."""
    radius = round(leaf.pixels(rng.uniform(17, 23)))
    shape = seal(rng, radius)
    at = leaf.middle(spot) if spot else (leaf.size[0] * 0.6, leaf.size[1] * 0.5)
    far, turn = radius * rng.uniform(0, 0.9), rng.uniform(0, 2 * math.pi)
    wide, high = leaf.size
    x = min(max(at[0] + far * math.cos(turn), radius + 5), wide - radius - 5)
    y = min(max(at[1] + far * math.sin(turn), radius + 5), high - radius - 5)
    worn = blotches(rng, shape.shape[::-1], radius / 3) * 0.25 + 0.8
    grain = grains(rng).random(shape.shape) < 0.94
    left, top = round(x - shape.shape[1] / 2), round(y - shape.shape[0] / 2)
    cover = np.zeros((high, wide), np.float32)
    room = cover[top : top + shape.shape[0], left : left + shape.shape[1]]
    pressed = cv2.GaussianBlur(shape * worn * grain, (0, 0), leaf.dots / 300)
    room[:] = pressed[: room.shape[0], : room.shape[1]] * rng.uniform(0.75, 0.95)
    below = (s.name for s in leaf.spots if _reaches(leaf, s, (x, y), radius))
    return inked(leaf, cover, colour, *below)


def _reaches(leaf: Leaf, spot: Spot, middle: Point, radius: float) -> bool:
    """Tell whether a circle reaches into a cell."""
    scale = leaf.dots / 72
    x = min(max(middle[0], spot.left * scale), spot.right * scale)
    y = min(max(middle[1], spot.top * scale), spot.bottom * scale)
    return math.hypot(x - middle[0], y - middle[1]) <= radius


def _pen(leaf: Leaf, lines: Sequence[Sequence[Point]], breadth: float) -> Any:
    """Draw smooth lines through points with a pen of a breadth in millimetres."""
    cover = np.zeros(leaf.picture.shape[:2], np.uint8)
    for line in lines:
        knots = np.array(line, np.float32)
        steps = np.linspace(0, len(knots) - 1, 24 * len(knots))
        curve = np.stack([np.interp(steps, range(len(knots)), knots[:, n]) for n in (0, 1)], 1)
        smooth = cv2.blur(np.pad(curve, ((9, 9), (0, 0)), mode="edge"), (1, 13))[9:-9]
        whole = np.round(smooth * 16).astype(np.int32)
        thick = max(1, round(leaf.pixels(breadth)))
        cv2.polylines(cover, [whole], False, 255, thick, cv2.LINE_AA, 4)
    return cover.astype(np.float32) / 255


def written(rng: Random, leaf: Leaf, spots: Sequence[Spot]) -> Leaf:
    """Sign a leaf near some figures with long strokes, and underline or circle one of them."""
    colour, lines = rng.choice((BLUE, BLACK)), []
    for spot in spots:
        x, y = leaf.middle(spot)
        reach, drop = leaf.pixels(rng.uniform(9, 16)), leaf.pixels(rng.uniform(2, 4))
        sway = [rng.uniform(-1, 1) for _ in range(9)]
        lines.append([(x + reach * (n / 4 - 1), y + drop * (1 + s)) for n, s in enumerate(sway)])
    if spots:
        x, y = leaf.middle(spots[0])
        across, down = leaf.pixels(7), leaf.pixels(3.4)
        turns = (2.1 * math.pi * n / 16 for n in range(17))
        lines.append([(x + across * math.cos(t), y + down * math.sin(t)) for t in turns])
    cover = _pen(leaf, lines, rng.uniform(0.35, 0.6)) * 0.9
    return inked(leaf, cover, colour, *_crossed(leaf, cover))


def struck(rng: Random, leaf: Leaf, spots: Sequence[Spot]) -> Leaf:
    """Strike figures out, by a line or two through each."""
    colour, lines = rng.choice((BLUE, BLACK, RED)), []
    for spot in spots:
        x, y = leaf.middle(spot)
        reach = min(leaf.pixels(5), (spot.right - spot.left) * leaf.dots / 72 * 0.42)
        for gap in (0.0,) if rng.random() < 0.6 else (-0.5, 0.5):
            slant = leaf.pixels(rng.uniform(-0.6, 0.6))
            mid = y + leaf.pixels(gap)
            lines.append([(x - reach, mid + slant), (x, mid), (x + reach, mid - slant)])
    cover = _pen(leaf, lines, rng.uniform(0.35, 0.5)) * 0.92
    names = {spot.name for spot in spots}
    return replace(inked(leaf, cover, colour, *names), struck=leaf.struck | names)


def ticked(rng: Random, leaf: Leaf, spots: Sequence[Spot]) -> Leaf:
    """Tick figures off with a pencil or a pen, right of each, as who adds them up does."""
    colour, lines = rng.choice((RED, PENCIL, BLUE)), []
    for spot in spots:
        x, y = leaf.middle(spot)
        x += min(leaf.pixels(6), (spot.right - spot.left) * leaf.dots / 72 * 0.36)
        a = leaf.pixels(rng.uniform(0.9, 1.4))
        lines.append([(x - a, y - 0.2 * a), (x - 0.3 * a, y + a), (x + 1.6 * a, y - 1.7 * a)])
    cover = _pen(leaf, lines, rng.uniform(0.3, 0.45)) * 0.85
    return inked(leaf, cover, colour, *_crossed(leaf, cover))


def _crossed(leaf: Leaf, cover: Any) -> list[str]:
    """Return the names of the figures in whose cells there is ink."""
    scale, found = leaf.dots / 72, []
    for spot in leaf.spots:
        left, top, right, bottom = (
            round(side * scale) for side in (spot.left, spot.top, spot.right, spot.bottom)
        )
        if cover[top + 2 : bottom - 1, left + 2 : right - 1].any():
            found.append(spot.name)
    return found


def bled(rng: Random, leaf: Leaf, back: Any) -> Leaf:
    """Let the print of the other side show through thin paper, mirrored, blurred and pale."""
    behind = cv2.resize(back.min(axis=2)[:, ::-1], leaf.size, interpolation=cv2.INTER_AREA)
    move = np.float32([[1, 0, leaf.pixels(rng.uniform(-4, 4))], [0, 1, leaf.pixels(3)]])
    moved = cv2.warpAffine(behind, move, leaf.size, borderValue=PAPER)
    soft = cv2.GaussianBlur(moved, (0, 0), leaf.dots / 200 * rng.uniform(0.8, 1.6))
    damp = 1 + 0.3 * blotches(rng, leaf.size, leaf.pixels(40))
    cover = (PAPER - soft.astype(np.float32)) / 255 * rng.uniform(0.22, 0.38) * damp
    return inked(leaf, np.clip(cover, 0, 1), (60, 60, 70))


def punched(rng: Random, leaf: Leaf) -> Leaf:
    """Punch two or four holes into the left margin: what lies behind is dark, with an edge."""
    high = leaf.size[1]
    x, gap = leaf.pixels(rng.uniform(9, 13)), leaf.pixels(80)
    first = high / 2 - gap * (0.5 if (is_pair := rng.random() < 0.6) else 1.5)
    picture, behind = leaf.picture.copy(), rng.choice((25, 70, 120))
    for number in range(2 if is_pair else 4):
        y = first + gap * number + leaf.pixels(rng.uniform(-1, 1))
        at, radius = (round(x * 16), round(y * 16)), round(leaf.pixels(2.8) * 16)
        cv2.circle(picture, at, radius + 16, (190,) * 3, -1, cv2.LINE_AA, 4)
        cv2.circle(picture, at, radius, (behind,) * 3, -1, cv2.LINE_AA, 4)
    return replace(leaf, picture=picture)


def highlighted(rng: Random, leaf: Leaf, spots: Sequence[Spot]) -> Leaf:
    """Mark figures with a highlighter, and rows of them from edge to edge."""
    cover = np.zeros(leaf.picture.shape[:2], np.float32)
    for spot in spots:
        x, y = leaf.middle(spot)
        reach = leaf.pixels(rng.uniform(5, 9) if rng.random() < 0.7 else rng.uniform(40, 70))
        rise = rng.uniform(-0.01, 0.01) * reach
        ends = (round(x - reach), round(y - rise)), (round(x + reach), round(y + rise))
        cv2.line(cover, *ends, 1.0, round(leaf.pixels(rng.uniform(3.5, 5))))
    soft = cv2.GaussianBlur(cover, (0, 0), 0.5)
    return inked(leaf, soft, rng.choice(HIGHLIGHTERS), *_crossed(leaf, soft))


def blacked(rng: Random, leaf: Leaf, spots: Sequence[Spot]) -> Leaf:
    """Black figures out, as is done before a form is published; nobody can read them any more."""
    scale, cover = leaf.dots / 72, np.zeros(leaf.picture.shape[:2], np.float32)
    for spot in spots:
        x, y = leaf.middle(spot)
        reach = (spot.right - spot.left) * scale / 2
        reach = reach + leaf.pixels(0.5) if rng.random() < 0.5 else min(reach, leaf.pixels(10))
        half = leaf.pixels(rng.uniform(1.6, 2.3))
        left, top, right, bottom = map(round, (x - reach, y - half, x + reach, y + half))
        cover[top:bottom, left:right] = 1
    names = {spot.name for spot in spots}
    blacked_out = inked(leaf, cover, (rng.choice((0, 15, 40)),) * 3, *_crossed(leaf, cover))
    return replace(blacked_out, struck=leaf.struck | names)


def tinted(rng: Random, leaf: Leaf) -> Leaf:
    """Tint every other band between the rules that run from edge to edge."""
    dark = (leaf.picture.min(axis=2) < 128).astype(np.uint8)
    ruled = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(leaf.pixels(14))), np.uint8))
    across = np.flatnonzero(ruled.any(axis=0))
    rows = np.flatnonzero(ruled.sum(axis=1) > 0.95 * np.ptp(across)) if len(across) else across
    edges = [int(row) for n, row in enumerate(rows) if n == 0 or row - rows[n - 1] > 3]
    cover = np.zeros(leaf.picture.shape[:2], np.float32)
    for top, bottom in list(pairwise(edges))[::2]:
        cover[top:bottom, across[0] : across[-1] + 1] = 1
    return inked(leaf, cover, rng.choice(TINTS))


def creased(rng: Random, leaf: Leaf) -> Leaf:
    """Fold a leaf in three, and in two lengthwise: beside its dark line a crease is light."""
    wide, high = leaf.size
    shade = np.zeros((high, wide), np.float32)
    soft, depth = leaf.pixels(rng.uniform(0.2, 0.35)), rng.uniform(0.25, 0.4)
    for count, axis in ((3, 0), (2, 1)):
        side = leaf.size[1 - axis]
        for part in range(1, count):
            at = side * part / count + leaf.pixels(rng.uniform(-6, 6))
            away = (np.arange(side, dtype=np.float32) - at) / soft
            fold = depth * (np.exp(-(away**2)) - 0.5 * np.exp(-((away - 2) ** 2)))
            shade = np.maximum(shade, fold[:, None] if axis == 0 else fold[None, :])
    return inked(leaf, shade, (0, 0, 0))
