"""The grids of one form as one sheet, with the page edges that run through it remembered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.labels import GROUP, is_title, label_of, role_of
from auditkit.grid import Box, Cell, Grid, plain

_NEAR = 2.5  # column borders nearer than this many points are one border
LEAST_TITLE = 8  # characters; what is as long, and stood over the form, is known when met again
TOP_MARGIN = 56.0  # a line wholly within so many points of a page's top is a running head
OVER_THE_RULE = Doubt(DoubtKind.OVER_THE_RULE)
OVER_THE_EDGE = Doubt(DoubtKind.OVER_THE_EDGE)


@dataclass(frozen=True, eq=False)
class Slot:
    """One cell on the sheet, itself and no other; several cells where a page edge cut one."""

    cells: tuple[Cell, ...]
    top: int
    left: int
    bottom: int
    right: int
    doubts: tuple[Doubt, ...] = ()

    @cached_property
    def text(self) -> str:
        """The text of the cell, line breaks kept; parts cut by a page edge run on."""
        return "".join(cell.text for cell in self.cells)

    @cached_property
    def is_blank(self) -> bool:
        """Whether nothing is printed in the cell, and there is no mark in it that was not read."""
        is_marked = any(doubt.kind is DoubtKind.UNREAD_MARK for doubt in self.doubts)
        return not (plain(self.text) or is_marked)


@dataclass(frozen=True)
class Sheet:
    """The cells of one form, rows and columns counted from zero over all its grids.

    ``seams`` are the first rows after a page edge over which the table runs on; ``skipped`` are
    rows that repeat a header, or that were joined with the row above them.
    """

    slots: tuple[Slot, ...]
    rows: int
    columns: int
    seams: tuple[int, ...] = ()
    skipped: frozenset[int] = frozenset()
    heading: tuple[Cell, ...] = ()

    @cached_property
    def _rows(self) -> dict[int, dict[int, Slot]]:
        rows: dict[int, dict[int, Slot]] = {}
        for slot in self.slots:
            for row in range(slot.top, slot.bottom + 1):
                own = rows.setdefault(row, {})
                own |= dict.fromkeys(range(slot.left, slot.right + 1), slot)
        return rows

    @cached_property
    def _begun(self) -> dict[int, list[Slot]]:
        return {row: [slot for slot in self.row(row) if slot.top == row] for row in self._rows}

    @cached_property
    def _filled(self) -> dict[int, list[Slot]]:
        return {
            row: [slot for slot in some if not slot.is_blank] for row, some in self._begun.items()
        }

    @cached_property
    def leaves(self) -> dict[int, tuple[str, ...]]:
        """The labels of rows as heads of a table, kept once they were asked for."""
        return {}

    def at(self, row: int, column: int) -> Slot | None:
        """Return the cell that covers a square."""
        return self._rows.get(row, {}).get(column)

    def row(self, row: int, left: int = 0, right: int | None = None) -> list[Slot]:
        """Return the cells that cover a row from column ``left`` to ``right``, in their order."""
        last = self.columns - 1 if right is None else right
        own = sorted(self._rows.get(row, {}).items())
        return list(dict.fromkeys(slot for column, slot in own if left <= column <= last))

    def begun(self, row: int) -> list[Slot]:
        """Return the cells that begin in a row, from left to right."""
        return list(self._begun.get(row, ()))

    def filled(self, row: int) -> list[Slot]:
        """Return the cells that begin in a row and are not blank."""
        return list(self._filled.get(row, ()))

    def texts(self, row: int) -> list[str]:
        """Return the texts of the cells that begin in a row, blank ones left out."""
        return [slot.text for slot in self.filled(row)]

    def roles(self, row: int, table: str) -> list[tuple[Slot, str | None]]:
        """Return the cells that begin in a row, each with what it means in the vocabulary."""
        return [(slot, role_of(table, slot.text)) for slot in self.begun(row)]

    def living(self, first: int, last: int) -> Iterator[int]:
        """Yield the rows from ``first`` to before ``last`` that are not skipped."""
        return (row for row in range(first, last) if row not in self.skipped)

    def has(self, test: Test, last: int | None = None) -> bool:
        """Tell whether any row, or one before ``last``, passes a test."""
        end = self.rows if last is None else min(last, self.rows)
        return any(test(self, row) for row in range(end))

    def until(self, test: Test, row: int) -> int:
        """Return the first row from one on that passes a test, or the number of rows."""
        return next((r for r in range(row, self.rows) if test(self, r)), self.rows)

    def without(self, rows: Sequence[int]) -> Sheet:
        """Return the sheet with rows left out of account."""
        return replace(self, skipped=self.skipped | set(rows))

    def joined(self, above: Slot, below: Slot) -> Sheet:
        """Return the sheet with two cells made one, which says so where both have text."""
        cells = (*above.cells, *below.cells)
        left, right = min(above.left, below.left), max(above.right, below.right)
        cut = (OVER_THE_EDGE,) if not above.is_blank and not below.is_blank else ()
        doubts = tuple(dict.fromkeys((*above.doubts, *below.doubts, *cut)))
        whole = Slot(cells, above.top, left, below.bottom, right, doubts)
        rest = tuple(slot for slot in self.slots if slot not in (above, below))
        return replace(self, slots=(*rest, whole))

    def rows_joined(self, above: int, below: int) -> Sheet:
        """Return the sheet with the cells of two rows made one, column by column."""
        sheet = self
        for lower in self.begun(below):
            upper = sheet.at(above, lower.left)
            if upper and (upper.left, upper.right) == (lower.left, lower.right):
                sheet = sheet.joined(upper, lower)
        return sheet.without([below])

    def with_rows(self, first: int, end: int, own: Iterable[Slot], count: int) -> Sheet:
        """Return the sheet with ``count`` rows of cells in place of those before ``end``.

        What stands below them moves; a cell that reaches over all of them still does.
        """
        down = first + count - end
        slots = list(own)
        for slot in self.slots:
            if slot.bottom < first:
                slots.append(slot)
            elif slot.top >= end:
                slots.append(replace(slot, top=slot.top + down, bottom=slot.bottom + down))
            elif slot.top < first:
                slots.append(replace(slot, bottom=max(slot.bottom, end - 1) + down))

        def lower(rows: Iterable[int]) -> Iterator[int]:
            return (row + down if row >= end else row for row in rows if not first <= row < end)

        return replace(
            self,
            slots=tuple(slots),
            rows=self.rows + down,
            seams=tuple(lower(self.seams)),
            skipped=frozenset(lower(self.skipped)),
        )

    def with_column(self, behind: int) -> Sheet:
        """Return the sheet with one more column behind another, which all its cells reach into."""
        return replace(
            self,
            columns=self.columns + 1,
            slots=tuple(
                replace(slot, left=slot.left + (slot.left > behind), right=slot.right + 1)
                if slot.right >= behind
                else slot
                for slot in self.slots
            ),
        )

    def lengthened(self, slot: Slot, last: int) -> Sheet:
        """Return the sheet with a cell going on downwards over squares that no cell covers."""
        bottom = slot.bottom
        while bottom < last and not self.row(bottom + 1, slot.left, slot.right):
            bottom += 1
        rest = tuple(other for other in self.slots if other is not slot)
        return replace(self, slots=(*rest, replace(slot, bottom=bottom)))


Test = Callable[[Sheet, int], bool]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows of a grid that belong to one form; ``runs_on`` after a page edge."""

    grid: Grid
    first: int
    last: int
    runs_on: bool = False

    @classmethod
    def whole(cls, grid: Grid) -> Stretch:
        """Return a grid with all its rows."""
        return cls(grid, 0, max((cell.row + cell.row_span for cell in grid.cells), default=0) - 1)


def lay_out(parts: Sequence[Stretch], heading: tuple[Cell, ...] = ()) -> Sheet:
    """Put the parts of a form below each other, their column borders made one set.

    A line over a further part that names a group of indicators is a row of its own.
    """
    placed = [_edges(part.grid, parts[0].grid) for part in parts]
    borders = _borders(edge for edges in placed for edge in edges)
    named = [_groups_over(part) if part is not parts[0] else () for part in parts]
    heights = (p.last - p.first + 1 + len(lines) for p, lines in zip(parts, named, strict=True))
    bases = list(accumulate(heights, initial=0))
    slots: list[Slot] = []
    for part, edges, start, lines in zip(parts, placed, bases, named, strict=False):
        base, last = start + len(lines), max(len(borders) - 1, _width(part.grid)) - 1
        slots += (Slot((c,), at, 0, at, last, c.doubts) for at, c in enumerate(lines, start))
        border = [_nearest(borders, edge) for edge in edges]
        for cell in part.grid.cells:
            top, bottom = max(cell.row, part.first), min(cell.row + cell.row_span - 1, part.last)
            if top > bottom:
                continue
            left, end = cell.column, cell.column + cell.column_span
            if border:
                left, end = border[left], border[end]
            down = base - part.first
            slots.append(Slot((cell,), top + down, left, bottom + down, end - 1, cell.doubts))
    columns = max(len(borders) - 1, 1 + max((slot.right for slot in slots), default=0))
    seams = tuple(base for part, base in zip(parts, bases, strict=False) if part.runs_on)
    return Sheet(tuple(slots), bases[-1], columns, seams, heading=heading)


def _groups_over(part: Stretch) -> tuple[Cell, ...]:
    """Return the lines over a whole table that name groups of indicators."""
    if part.first or part.runs_on:
        return ()
    return tuple(c for c in part.grid.heading if GROUP.fullmatch(label_of(c.text)))


def _width(grid: Grid) -> int:
    return max((cell.column + cell.column_span for cell in grid.cells), default=0)


def _edges(grid: Grid, first: Grid) -> list[float]:
    """Return the borders of a grid, moved sideways so that most of them meet those of another.

    Pages may have mirrored margins, and a page edge may leave out cells on the left.
    """
    if not grid.edges or not first.edges:
        return list(grid.edges)
    ends = (0.0, first.edges[-1] - grid.edges[-1], first.edges[0] - grid.edges[0])
    moved = ([edge + by for edge in grid.edges] for by in ends)
    return max(moved, key=lambda edges: sum(_near(edge, first.edges, _NEAR) for edge in edges))


def _borders(edges: Iterable[float]) -> list[float]:
    """Return the places of column borders, those near each other made one."""
    found: list[list[float]] = []
    for place in sorted(edges):
        if found and place - found[-1][0] <= _NEAR:
            found[-1].append(place)
        else:
            found.append([place])
    return [sum(places) / len(places) for places in found]


def _nearest(borders: Sequence[float], edge: float) -> int:
    return min(range(len(borders)), key=lambda index: abs(borders[index] - edge))


def _near(edge: float, others: Iterable[float], most: float) -> bool:
    return any(abs(edge - other) <= most for other in others)


def runs_on(parts: Sequence[Stretch], grid: Grid, known: Sequence[Cell]) -> bool:
    """Tell whether a grid can be the next page's part of a form whose parts are known.

    It stands on the next page, or comes next in a file without pages, as wide as the form or up
    to its right end (some producers leave out the cells on the left that a page edge cut), and
    nothing stands over it but page furniture, lines that stood over an earlier table, or the text
    of a cut cell that is printed again.
    """
    if not parts or not parts[-1].grid.edges or not grid.edges:
        return False
    seen = {_undated(line.text) for line in known}
    titles = [title for title in seen if len(title) > LEAST_TITLE]
    cells = {plain(cell.text) for part in parts for cell in part.grid.cells}
    longest_first = sorted((cell for cell in cells if len(cell) > 1), key=len, reverse=True)
    for line in grid.heading:
        text, undated = plain(line.text), _undated(line.text)
        again = any(text in cell for cell in cells) or any(title in undated for title in titles)
        for cell in longest_first:
            text = text.replace(cell, "")
        if not _is_furniture(line) and undated not in seen and not again and text[3:]:
            return False
    edges = sorted(edge for part in parts for edge in part.grid.edges)
    ends = _near(grid.edges[-1], edges[-1:], 2 * _NEAR) and _near(grid.edges[0], edges, 2 * _NEAR)
    follows = _pages_between(parts[-1].grid, grid) in (None, 1)
    return follows and (ends or _as_wide(edges, grid.edges))


def may_be_rest(before: Grid, grid: Grid) -> bool:
    """Tell whether a table that is no form may be the rest of the form before it."""
    return is_near(before, grid) and _as_wide(before.edges, grid.edges)


def is_near(before: Grid, grid: Grid) -> bool:
    """Tell whether a grid stands on the same page as the one before it, or on the next."""
    return _pages_between(before, grid) in (None, 0, 1)


def _pages_between(before: Grid, grid: Grid) -> int | None:
    places = [cell.place for some in (before, grid) for cell in some.cells[:1]]
    pages = [place.page for place in places if isinstance(place, Box)]
    return pages[1] - pages[0] if len(pages) == 2 else None


def _as_wide(edges: Sequence[float], others: Sequence[float]) -> bool:
    widths = [some[-1] - some[0] for some in (edges, others) if some]
    return len(widths) == 2 and abs(widths[1] - widths[0]) <= 2 * _NEAR


def take_in(parts: Sequence[Stretch], grid: Grid, known: Sequence[Cell]) -> Grid:
    """Return a grid whose blank top cells hold what is printed straight over them.

    Spreadsheets centre the text of a merged cell that a page edge cuts, and print what does not
    fit beyond the rule. A text that the form has already had is only left out; the ``known``
    lines that stood over the form stay where they are.
    """
    titles = {plain(line.text) for line in known}
    had = {plain(cell.text) for part in parts for cell in part.grid.cells}
    cells = list(grid.cells)
    heading = []
    for line in grid.heading:
        index = next((i for i, cell in enumerate(cells) if _stands_over(line, cell)), None)
        if index is None or plain(line.text) in titles:
            heading.append(line)
        elif plain(line.text) not in had:
            doubts = (*cells[index].doubts, *line.doubts, OVER_THE_RULE)
            cells[index] = replace(cells[index], text=line.text, doubts=doubts)
    return replace(grid, cells=tuple(cells), heading=tuple(heading))


def _stands_over(line: Cell, cell: Cell) -> bool:
    where, under = line.place, cell.place
    if cell.row > 0 or cell.text or not isinstance(where, Box) or not isinstance(under, Box):
        return False
    inside = under.left <= where.left and where.right <= under.right
    return inside and 0 <= under.top - where.top <= TOP_MARGIN


def _undated(text: str) -> str:
    return re.sub(r"\d", "", plain(text))


def _is_furniture(line: Cell) -> bool:
    """Tell whether a line is a page number, a running head, or a note that the table goes on."""
    text = label_of(line.text).strip("—-–·第页共/|")
    in_margin = isinstance(line.place, Box) and line.place.bottom <= TOP_MARGIN
    return (
        len(text) <= 3
        or (in_margin and not is_title(line.text))
        or re.fullmatch(r"\d+页?[,/]?共?\d*", text) is not None
        or re.search("续表|[(]续|续[)]?$", plain(line.text)) is not None
    )


def over_seams(sheet: Sheet, label: Slot) -> int:
    """Return the row after a block whose label a page edge may have cut."""
    end = label.bottom + 1
    while end in sheet.seams:
        below = sheet.at(end, label.left)
        if below is None or not below.is_blank or below.right != label.right:
            break
        end = below.bottom + 1
    return end
