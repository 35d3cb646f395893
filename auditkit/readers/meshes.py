"""The tables in a picture, as pieces of ink that enclose cells.

A table is known by that before anything of it is read, however it lies: its rules are long, run
both ways, and enclose cells. A desk's grain, sensor noise and print enclose something, too, but
between no long rules. What rules enclose is also what a table that was found is held against.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditkit.readers.ink import SOLID, inked
from auditkit.readers.seals import Seal

FINE = 2.0  # pixels a point in which rules are followed
LEAST_CELLS, SMALLEST = 6, 4.0  # cells of a table, and the points a side that they have at least
LEAST_SIDE, MOST_TABLES = 18.0, 8  # points a side of a table: two lines; tables of a page
SQUARE = 0.75  # of the rectangles around its cells that most of them fill: noise fills half
AROUND = 0.3  # of its cells: what encloses more of their middles is the margin of the page
ROOM = 3.0  # points around a table in which its rules end
LONG, THIN, STROKE = 0.15, 12.0, 2.0  # a rule: of the table; points of a piece of it; its slope

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class Rules:
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


@dataclass(frozen=True, slots=True)
class Mesh:
    """A piece of ink that encloses cells, with the long rules in it.

    ``outside`` are the outlines of what it encloses that is no cell: the margin of the page, where
    something joins the table to the page's edge.
    """

    ink: Any
    outline: Any
    cells: tuple[Any, ...]
    outside: tuple[Any, ...]
    rules: tuple[Rules, Rules]

    @property
    def box(self) -> Box:
        """Its sides, in pixels."""
        import cv2

        left, top, wide, high = cv2.boundingRect(self.outline)
        return left, top, left + wide, top + high

    @property
    def bend(self) -> float:
        """How far its rules go aside, in pixels."""
        return max(rules.bend for rules in self.rules)

    @property
    def around_cells(self) -> Any:
        """Its ink beside cells, without strokes, fingers and edges that hang on the table."""
        return self.ink & _grown(self._filled(self.cells))

    def room(self, *, is_tight: bool) -> Any:
        """Return where it is, with the room in which its rules end: of its cells, or of all ink."""
        if is_tight or self.outside:
            return _grown(self.around_cells | self._filled(self.cells))
        return _grown(self._filled([self.outline]))

    def _filled(self, outlines: Sequence[Any]) -> Any:
        import cv2

        filled = np.zeros_like(self.ink)
        cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
        return filled


def _grown(filled: Any) -> Any:
    import cv2

    side = 2 * round(ROOM * FINE) + 1
    return cv2.dilate(filled, np.ones((side, side), np.uint8))


def meshes_in(ink: Any) -> list[Mesh]:
    """Return the tables in a picture of ``FINE`` pixels a point, that of the most cells first."""
    import cv2

    solid = (ink > SOLID).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    outlines, order = cv2.findContours(solid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    held: dict[int, list[Any]] = {}
    for outline, (*_, outer) in zip(outlines, order[0] if len(outlines) else (), strict=True):
        if outer >= 0 and min(cv2.boundingRect(outline)[2:]) >= SMALLEST * FINE:
            held.setdefault(int(outer), []).append(outline)
    large = [
        (own, outlines[outer])
        for outer, own in held.items()
        if len(own) >= LEAST_CELLS
        and min(cv2.boundingRect(outlines[outer])[2:]) >= LEAST_SIDE * FINE
    ]
    large.sort(key=lambda one: len(one[0]), reverse=True)
    found = (_mesh(solid, outline, own) for own, outline in large[:MOST_TABLES])
    return [mesh for mesh in found if mesh is not None]


def _mesh(solid: Any, outline: Any, held: Sequence[Any]) -> Mesh | None:
    """Return the table of such an outline, if what it encloses are cells, between long rules."""
    import cv2

    if np.median([_square(each) for each in held]) < SQUARE:
        return None
    own = np.zeros_like(solid)
    cv2.drawContours(own, [outline], 0, 1, cv2.FILLED)
    own &= solid
    rules = followed(own)
    if not all(len(each.rule) for each in rules):
        return None
    boxes = _boxes(held)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    across = (boxes[:, :1] < x) & (x < boxes[:, 2:3])
    down = (boxes[:, 1:2] < y) & (y < boxes[:, 3:])
    is_margin = (across & down).mean(axis=1) > AROUND
    cells = tuple(each for each, is_out in zip(held, is_margin, strict=True) if not is_out)
    outside = tuple(each for each, is_out in zip(held, is_margin, strict=True) if is_out)
    return Mesh(own, outline, cells, outside, rules)


def _square(outline: Any) -> float:
    """Return how much of the least rectangle around it an outline fills, however that is turned."""
    import cv2

    wide, high = cv2.minAreaRect(outline)[1]
    return float(cv2.contourArea(outline) / max(wide * high, 1.0))


def _boxes(outlines: Sequence[Any]) -> Any:
    import cv2

    sides = np.array([cv2.boundingRect(each) for each in outlines], float).reshape(-1, 4)
    return np.concatenate([sides[:, :2], sides[:, :2] + sides[:, 2:]], axis=1)


def followed(table: Any) -> tuple[Rules, Rules]:
    """Follow the long rules of a table: those from left to right, and those from top to bottom."""
    return _courses(table), _courses(np.ascontiguousarray(table.T))


def _courses(table: Any) -> Rules:
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
        return Rules(np.zeros(0, int), np.zeros(0), np.zeros(0))
    return Rules(*(np.concatenate(parts) for parts in (rule, along, course)))


def open_share(
    meshes: Sequence[Mesh], boxes: Iterable[Sequence[float]], seals: Sequence[Seal] = ()
) -> float:
    """Return how much of what the rules in a picture enclose is no cell of a table of its own.

    ``boxes`` are the cells of the tables, in points. Each is the largest of what is enclosed in
    it, since letters that touch a rule enclose something, too, and so do the strokes of a seal.
    """
    holes = _boxes([cell for mesh in meshes for cell in mesh.cells]) / FINE
    is_of_seal = [any(seal.holds(*hole) for seal in seals) for hole in holes.tolist()]
    holes = holes[~np.array(is_of_seal, bool)]
    x, y = (holes[:, 0] + holes[:, 2]) / 2, (holes[:, 1] + holes[:, 3]) / 2
    sizes = (holes[:, 2] - holes[:, 0]) * (holes[:, 3] - holes[:, 1])
    held = sum(
        float(sizes[(left < x) & (x < right) & (top < y) & (y < low)].max(initial=0.0))
        for left, top, right, low in boxes
    )
    return 1 - held / max(float(sizes.sum()), 1.0)


def seen_meshes(shades: Any, unit: float) -> list[Mesh]:
    """Return the tables in a picture of ``unit`` pixels a point."""
    return meshes_in(inked(shades, FINE / unit))


def room_of(meshes: Sequence[Mesh], shape: tuple[int, int], *, is_tight: bool) -> Any:
    """Return where in a picture of a shape tables are, each with the room in which rules end.

    Where that is tight, nothing is in it that hangs on a table, nor a cell that is open.
    """
    import cv2

    room = np.bitwise_or.reduce([mesh.room(is_tight=is_tight) for mesh in meshes]) * 255
    return cv2.resize(room, shape[::-1], interpolation=cv2.INTER_NEAREST)
