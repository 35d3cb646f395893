"""The rules of a page become tables of whole cells.

Camelot's lattice logic joins broken rules and groups those that cross into tables; which squares
of a table are one merged cell is decided here by how much of the border between two squares is
ruled.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import RuledBy
from auditkit.readers.limits import hold
from auditkit.readers.page import Stroke, ruling

_NEAR = 3.0  # rules closer than this many points are one rule, drawn by two cells
# Rules that are no further apart are one: those of boxes drawn for each cell, or double ones. In a
# page of small type rows are as low; so they are no more than a part of the height of its lines.
APART, OF_LINE = 5.0, 0.6
_SAME = 1.0  # points within which rules are in one place
_CLEARLY = 1.25  # a box in distances between boxes, at least
_BARE, _WHOLE = 0.5, 0.9  # of the outer side of a table that a finger made, and of its own
_RULED, _SURELY_OPEN, _SURELY_RULED = 0.5, 0.25, 0.75

_Square = tuple[int, int]  # its row and column
Area = tuple[int, int, int, int]  # the rows and columns of a cell's first and last squares

BROKEN_RULE = Doubt(DoubtKind.BROKEN_RULE)
ODD_SHAPE = Doubt(DoubtKind.ODD_SHAPE)
UNSOUND_GRID = Doubt(DoubtKind.UNSOUND_GRID)


@dataclass(frozen=True)
class Lattice:
    """A ruled table: its border positions, and of each cell the first and last squares.

    ``inked`` are the numbers of the cells that hold ink which no text accounts for, ``sealed`` of
    those that a seal touches. A table whose
    rows do not fit the texts in it is not sound: any of them may belong to another row.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    areas: tuple[Area, ...]
    doubts: tuple[tuple[Doubt, ...], ...]
    # Middles of the columns that a page edge leaves unclosed, above and below.
    open_ends: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    inked: frozenset[int] = frozenset()
    sealed: frozenset[int] = frozenset()
    is_sound: bool = True

    @property
    def boxes(self) -> Iterator[tuple[float, float, float, float]]:
        """The left, upper, right and lower sides of each cell."""
        for top, left, bottom, right in self.areas:
            yield self.xs[left], self.ys[top], self.xs[right + 1], self.ys[bottom + 1]

    @cached_property
    def _owner(self) -> dict[tuple[int, int], int]:
        return {
            (row, column): number
            for number, (top, left, bottom, right) in enumerate(self.areas)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }

    def find(self, x: float, y: float) -> int | None:
        """Return the number of the area that holds a point."""
        row, column = bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1
        return self._owner.get((row, column))

    @property
    def open_edges(self) -> tuple[float, ...]:
        """The borders of the cells in the last row, which a next page's table goes on from."""
        bottom = len(self.ys) - 2
        last = [area for area in self.areas if area[2] == bottom]
        return tuple(sorted({self.xs[side] for a in last for side in (a[1], a[3] + 1)}))

    def scaled(self, by: float) -> Lattice:
        """Return the table as it is where everything on its page is so many times as large."""
        above, below = (tuple(by * x for x in ends) for ends in self.open_ends)
        xs, ys = (tuple(by * place for place in places) for places in (self.xs, self.ys))
        return replace(self, xs=xs, ys=ys, open_ends=(above, below))

    def trimmed(self, rules: Sequence[Stroke]) -> Lattice:
        """Return the table without outer columns that the edges of a finger made beside it.

        Their outer side is hardly ruled, and the one behind it is from top to bottom.
        """
        down = [rule for rule in rules if rule.x0 == rule.x1]

        def ruled(x: float) -> float:
            spans = _joined((rule.y0, rule.y1) for rule in down if abs(rule.x0 - x) <= _NEAR)
            return _covered(spans, self.ys[0], self.ys[-1])

        shares, last = [ruled(x) for x in self.xs], len(self.xs) - 1
        first = int(last > 1 and shares[0] < _BARE and shares[1] > _WHOLE)
        last -= int(last > first + 1 and shares[-1] < _BARE and shares[-2] > _WHOLE)
        kept = [
            ((top, max(left, first) - first, low, min(right, last - 1) - first), doubts)
            for (top, left, low, right), doubts in zip(self.areas, self.doubts, strict=True)
            if right >= first and left < last
        ]
        areas, doubts = (tuple(each) for each in zip(*kept, strict=True))
        xs = self.xs[first : last + 1]
        above, below = (tuple(x for x in ends if xs[0] < x < xs[-1]) for ends in self.open_ends)
        return replace(self, xs=xs, areas=areas, doubts=doubts, open_ends=(above, below))

    def widened(self, edges: Sequence[float]) -> Lattice:
        """Return the table with the columns on its left that the page before ended with.

        Some producers draw no rule around the part of a merged cell that a page edge cut off,
        but do print its text there.
        """
        missing = [edge for edge in edges if edge < self.xs[0] - _NEAR]
        if not missing or not any(abs(self.xs[0] - edge) <= _NEAR for edge in edges):
            return self
        more, rows = len(missing), len(self.ys) - 1
        areas = [(0, column, rows - 1, column) for column in range(more)]
        areas += [(top, left + more, low, right + more) for top, left, low, right in self.areas]
        edges, doubts = (*missing, *self.xs), ((),) * more + self.doubts
        return replace(self, xs=edges, areas=tuple(areas), doubts=doubts)


def closed(
    across: Sequence[Stroke], down: Sequence[Stroke], edges: Sequence[float]
) -> tuple[list[Stroke], list[Stroke]]:
    """Close the rules of a page that one row of a table takes up from top to bottom.

    ``edges`` are the borders with which the page before ended; nothing is closed unless the
    outer two of them go on.
    """
    own = [line for line in down if any(abs(line.x0 - edge) <= _NEAR for edge in edges)]
    ends = [*edges[:1], *edges[-1:]]
    if not own or not all(any(abs(line.x0 - end) <= _NEAR for line in own) for end in ends):
        return list(across), list(down)
    top, bottom = min(line.y0 for line in own), max(line.y1 for line in own)
    return [*across, *(Stroke(ends[0], y, ends[1], y) for y in (top, bottom))], list(down)


def drawn_together(
    across: Sequence[Stroke], down: Sequence[Stroke], apart: float
) -> tuple[list[Stroke], list[Stroke]]:
    """Move rules that lie so close side by side onto each other, and close gaps in broken ones.

    Web pages print the cells of a table as boxes of their own, a point or two apart, or with
    dashed rules.
    """
    xs = _merge([line.x0 for line in down], apart)
    ys = _merge([line.y0 for line in across], apart)

    def near(value: float, places: tuple[float, ...]) -> float:
        nearest = min(places, key=lambda place: abs(place - value), default=value)
        return nearest if abs(nearest - value) <= apart else value

    level = [(near(a.x0, xs), near(a.y0, ys), near(a.x1, xs)) for a in across]
    upright = [(near(d.x0, xs), near(d.y0, ys), near(d.y1, ys)) for d in down]
    rows = [Stroke(left, y, right, y) for left, y, right in level if right > left]
    columns = [Stroke(x, top, x, bottom) for x, top, bottom in upright if bottom > top]
    return (
        ruling().coalesce_collinear_lines(rows, "horizontal", apart),
        ruling().coalesce_collinear_lines(columns, "vertical", apart),
    )


def spacing(across: Sequence[Stroke], down: Sequence[Stroke], most: float) -> float:
    """Return how far apart the boxes of a page stand that are drawn for each cell.

    Of all the distances between its rules those between boxes are the least, and the boxes
    themselves, which hold text, are clearly larger: it is 0 where none is.
    """
    sides = (_merge([line.y0 for line in across], _SAME), _merge([line.x0 for line in down], _SAME))
    sizes = sorted(b - a for own in sides for a, b in pairwise(own))
    jumps = [(b / a, a) for a, b in pairwise(sizes) if a <= most]
    ratio, gap = max(jumps, default=(0.0, 0.0))
    return gap + _SAME if ratio >= _CLEARLY else 0.0


@dataclass(frozen=True, slots=True)
class Ruled:
    """The tables of a page from its top down, and the rules that they were looked for in.

    ``strokes`` are the rules before those that lie close together were made one.
    """

    lattices: tuple[Lattice, ...]
    rules: tuple[Stroke, ...]
    by: RuledBy
    strokes: tuple[Stroke, ...] = ()

    def scaled(self, by: float) -> Ruled:
        """Return what there is where everything on the page is so many times as large."""
        lattices = tuple(lattice.scaled(by) for lattice in self.lattices)
        some = (
            tuple(Stroke(*(by * side for side in line)) for line in lines)
            for lines in (self.rules, self.strokes)
        )
        return Ruled(lattices, next(some), self.by, next(some))


def find_lattices(
    horizontal: Sequence[Stroke],
    vertical: Sequence[Stroke],
    by: RuledBy = RuledBy.DRAWN,
    apart: float = APART,
) -> Ruled:
    """Join broken rules, and group those that cross into tables.

    ``by`` is how they were found, ``apart`` how close together those lie that are one.
    """
    across = [Stroke(*line) for line in ruling().coalesce_collinear_lines(horizontal, "horizontal")]
    down = [Stroke(*line) for line in ruling().coalesce_collinear_lines(vertical, "vertical")]
    tables = []
    for (left, low, right, high), joints in ruling().find_joints_from_lines(across, down).items():
        xs = _merge([left, right, *(x for x, _ in joints)], apart)
        ys = _merge([low, high, *(y for _, y in joints)], apart)
        if len(xs) > 1 and len(ys) > 1:
            hold("columns", len(xs) - 1, "columns of one table", "")
            hold("cells", (len(xs) - 1) * (len(ys) - 1), "squares of a ruled table", "")
            tables.append(_lattice(xs, ys, across, down))
    found = sorted(_outermost(tables), key=lambda table: (table.ys[0], table.xs[0]))
    strokes = tuple(Stroke(*line) for line in (*horizontal, *vertical))
    return Ruled(tuple(found), (*across, *down), by, strokes)


def _outermost(tables: list[Lattice]) -> Iterator[Lattice]:
    """Leave out tables that stand inside one square of another, such as ruled check boxes."""
    for table in tables:
        x, y = (table.xs[0] + table.xs[-1]) / 2, (table.ys[0] + table.ys[-1]) / 2
        if not any(_holds(other, x, y) for other in tables if _size(other) > _size(table)):
            yield table


def _holds(table: Lattice, x: float, y: float) -> bool:
    return table.xs[0] <= x <= table.xs[-1] and table.ys[0] <= y <= table.ys[-1]


def _size(table: Lattice) -> float:
    return (table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0])


def _merge(values: list[float], apart: float) -> tuple[float, ...]:
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][0] <= apart:
            groups[-1].append(value)
        else:
            groups.append([value])
    return tuple(sum(group) / len(group) for group in groups)


def _lattice(
    xs: tuple[float, ...], ys: tuple[float, ...], across: list[Stroke], down: list[Stroke]
) -> Lattice:
    """Join the squares that no rule parts into whole cells."""
    rows, columns = len(ys) - 1, len(xs) - 1
    unparted: list[tuple[_Square, _Square]] = []
    doubtful: set[_Square] = set()
    upright = [_joined((v.y0, v.y1) for v in down if abs(v.x0 - x) <= _NEAR) for x in xs]
    level = [_joined((h.x0, h.x1) for h in across if abs(h.y0 - y) <= _NEAR) for y in ys]
    for r, c in product(range(rows), range(columns)):
        for other, rules, low, high in (
            ((r, c + 1), upright[c + 1], ys[r], ys[r + 1]),
            ((r + 1, c), level[r + 1], xs[c], xs[c + 1]),
        ):
            share = _covered(rules, low, high) if other[0] < rows and other[1] < columns else 1
            unparted += [((r, c), other)] * (share < _RULED)
            if _SURELY_OPEN < share < _SURELY_RULED:
                doubtful |= {(r, c), other}
    above, below = (
        tuple((a + b) / 2 for a, b in pairwise(xs) if _covered(rules, a, b) < _RULED)
        for rules in (level[0], level[-1])
    )
    areas, doubts = whole_cells(rows, columns, unparted, doubtful)
    return _parting(Lattice(xs, ys, areas, doubts, (above, below)))


def _parting(lattice: Lattice) -> Lattice:
    """Return a table without the borders at which no cell begins: lines that end at a rule."""
    tops, lefts = ({area[n] for area in lattice.areas} for n in (0, 1))
    if len(tops) == len(lattice.ys) - 1 and len(lefts) == len(lattice.xs) - 1:
        return lattice
    rows, columns = sorted(tops), sorted(lefts)
    areas = tuple(
        (
            bisect_left(rows, top),
            bisect_left(columns, left),
            bisect_right(rows, low) - 1,
            bisect_right(columns, right) - 1,
        )
        for top, left, low, right in lattice.areas
    )
    xs, ys = (
        (*(sides[at] for at in kept), sides[-1])
        for sides, kept in ((lattice.xs, columns), (lattice.ys, rows))
    )
    return replace(lattice, xs=xs, ys=ys, areas=areas)


def whole_cells(
    rows: int, columns: int, unparted: Iterable[tuple[_Square, _Square]], doubtful: set[_Square]
) -> tuple[tuple[Area, ...], tuple[tuple[Doubt, ...], ...]]:
    """Join squares that nothing parts into rectangular cells; return these and their doubts."""
    groups = {square: [square] for square in product(range(rows), range(columns))}
    for square, other in unparted:
        if groups[other] is not groups[square]:
            less, more = sorted((groups[square], groups[other]), key=len)
            more += less
            groups |= dict.fromkeys(less, more)
    areas: list[Area] = []
    doubts: list[tuple[Doubt, ...]] = []
    for group in sorted({id(group): sorted(group) for group in groups.values()}.values()):
        (top, _), (bottom, _) = group[0], group[-1]
        left, right = min(c for _, c in group), max(c for _, c in group)
        is_whole = len(group) == (bottom - top + 1) * (right - left + 1)
        broken = () if doubtful.isdisjoint(group) else (BROKEN_RULE,)
        areas += [(top, left, bottom, right)] if is_whole else [(r, c, r, c) for r, c in group]
        doubts += [broken] if is_whole else [(*broken, ODD_SHAPE)] * len(group)
    return tuple(areas), tuple(doubts)


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join the spans of rules that lie over or beside each other, so that none counts twice."""
    joined: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return joined


def _covered(spans: list[tuple[float, float]], low: float, high: float) -> float:
    return sum(max(0.0, min(b, high) - max(a, low)) for a, b in spans) / (high - low)
