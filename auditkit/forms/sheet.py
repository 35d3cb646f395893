"""The grids of one form as one sheet, with the page edges that run through it remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from auditkit.forms.labels import is_title, label_of
from auditkit.grid import Box, Cell, Grid, plain

NEAR = 2.5  # column borders nearer than this many points are one border
LEAST_TITLE = 8  # characters; what is as long, and stood over the form, is known when met again
TOP_MARGIN = 56.0  # a line wholly within so many points of a page's top is a running head
OVER_THE_RULE = "the text is printed over the rule above this cell"
OVER_THE_EDGE = "a page edge cuts this cell; its two parts were joined"


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell on the sheet; several cells where a page edge cut one."""

    cells: tuple[Cell, ...]
    top: int
    left: int
    bottom: int
    right: int
    doubts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text of the cell, line breaks kept; parts cut by a page edge run on."""
        return "".join(cell.text for cell in self.cells)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is printed in the cell."""
        return not plain(self.text)


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
    grids: tuple[Grid, ...] = ()

    @cached_property
    def _owner(self) -> dict[tuple[int, int], Slot]:
        return {
            (row, column): slot
            for slot in self.slots
            for row in range(slot.top, slot.bottom + 1)
            for column in range(slot.left, slot.right + 1)
        }

    def at(self, row: int, column: int) -> Slot | None:
        """Return the cell that covers a square."""
        return self._owner.get((row, column))

    def row(self, row: int) -> list[Slot]:
        """Return the cells that cover a row, from left to right."""
        found = (self.at(row, column) for column in range(self.columns))
        return list(dict.fromkeys(slot for slot in found if slot))

    def begun(self, row: int) -> list[Slot]:
        """Return the cells that begin in a row, from left to right."""
        return [slot for slot in self.row(row) if slot.top == row]

    def texts(self, row: int) -> list[str]:
        """Return the texts of the cells that begin in a row, blank ones left out."""
        return [slot.text for slot in self.begun(row) if not slot.is_blank]

    def living(self, first: int, last: int) -> Iterator[int]:
        """Yield the rows from ``first`` to before ``last`` that are not skipped."""
        return (row for row in range(first, last) if row not in self.skipped)

    def without(self, rows: Sequence[int]) -> Sheet:
        """Return the sheet with rows left out of account."""
        return replace(self, skipped=self.skipped | set(rows))

    def joined(self, above: Slot, below: Slot) -> Sheet:
        """Return the sheet with two cells made one, which says so where both have text."""
        cut = (OVER_THE_EDGE,) if not above.is_blank and not below.is_blank else ()
        whole = Slot(
            (*above.cells, *below.cells),
            above.top,
            min(above.left, below.left),
            below.bottom,
            max(above.right, below.right),
            tuple(dict.fromkeys((*above.doubts, *below.doubts, *cut))),
        )
        rest = tuple(slot for slot in self.slots if slot not in (above, below))
        return replace(self, slots=(*rest, whole))

    def lengthened(self, slot: Slot, last: int) -> Sheet:
        """Return the sheet with a cell going on downwards over squares that no cell covers."""
        bottom = slot.bottom
        columns = range(slot.left, slot.right + 1)
        while bottom < last and not any(self.at(bottom + 1, column) for column in columns):
            bottom += 1
        rest = tuple(other for other in self.slots if other is not slot)
        return replace(self, slots=(*rest, replace(slot, bottom=bottom)))


def join_rows(sheet: Sheet, above: int, below: int) -> Sheet:
    """Return the sheet with the cells of two rows made one, column by column."""
    for lower in sheet.begun(below):
        upper = sheet.at(above, lower.left)
        if upper and upper is not lower and (upper.left, upper.right) == (lower.left, lower.right):
            sheet = sheet.joined(upper, lower)
    return sheet.without([below])


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a grid that belong to one form; ``runs_on`` after a page edge."""

    grid: Grid
    first: int
    last: int
    runs_on: bool = False


def lay_out(parts: Sequence[Part], heading: tuple[Cell, ...]) -> Sheet:
    """Put the parts of a form below each other, their column borders made one set."""
    borders = _borders([part.grid for part in parts])
    slots: list[Slot] = []
    seams: list[int] = []
    base = 0
    for part in parts:
        if part.runs_on:
            seams.append(base)
        columns = _columns(part.grid, parts[0].grid, borders)
        for cell in part.grid.cells:
            top, bottom = cell.row, cell.row + cell.row_span - 1
            if bottom < part.first or top > part.last:
                continue
            slots.append(
                Slot(
                    (cell,),
                    max(top, part.first) - part.first + base,
                    columns[cell.column],
                    min(bottom, part.last) - part.first + base,
                    columns[cell.column + cell.column_span] - 1,
                    cell.doubts,
                )
            )
        base += part.last - part.first + 1
    width = max(len(borders) - 1, 1 + max((slot.right for slot in slots), default=0))
    grids = tuple(dict.fromkeys(part.grid for part in parts))
    return Sheet(tuple(slots), base, width, tuple(seams), frozenset(), heading, grids)


def _borders(grids: Sequence[Grid]) -> list[float]:
    """Return the column borders of all grids, as the first one of them stands."""
    found: list[list[float]] = []
    shifted = (edge + _shift(grid, grids[0]) for grid in grids for edge in grid.edges)
    for place in sorted(shifted):
        if found and place - found[-1][0] <= NEAR:
            found[-1].append(place)
        else:
            found.append([place])
    return [sum(places) / len(places) for places in found]


def _shift(grid: Grid, first: Grid) -> float:
    """Return how far to move a grid sideways so that most of its borders meet those of another.

    Pages may have mirrored margins, and a page edge may leave out cells on the left.
    """
    if not grid.edges or not first.edges:
        return 0.0
    ends = (0.0, first.edges[-1] - grid.edges[-1], first.edges[0] - grid.edges[0])

    def meeting(shift: float) -> int:
        return sum(any(abs(e + shift - own) <= NEAR for own in first.edges) for e in grid.edges)

    return max(ends, key=meeting)


def _columns(grid: Grid, first: Grid, borders: list[float]) -> list[int]:
    """Map the column borders of one grid to those of the sheet."""
    if not grid.edges:
        width = max((cell.column + cell.column_span for cell in grid.cells), default=0)
        return list(range(width + 1))
    places = [edge + _shift(grid, first) for edge in grid.edges]
    return [
        min(range(len(borders)), key=lambda index: abs(borders[index] - place)) for place in places
    ]


def height(grid: Grid) -> int:
    """Return how many rows a grid has."""
    return max((cell.row + cell.row_span for cell in grid.cells), default=0)


def runs_on(parts: Sequence[Part], grid: Grid, known: Sequence[Cell]) -> bool:
    """Tell whether a grid can be the next page's part of a form whose parts are known.

    It stands on the next page, nothing but page furniture stands over it, and it is as wide as
    the form or fits its borders up to the right end: some producers leave out the cells on the
    left that a page edge cut. Lines that stood over an earlier table too are furniture, and so is
    the text of a cut cell that is printed again over the edge.
    """
    before = parts[-1].grid if parts else None
    if before is None or not before.edges or not grid.edges:
        return False
    seen = {_undated(line.text) for line in known}
    cells = {plain(cell.text) for part in parts for cell in part.grid.cells}
    for line in grid.heading:
        text = plain(line.text)
        again = any(text in cell for cell in cells) or any(
            title in _undated(text) for title in seen if len(title) > LEAST_TITLE
        )
        for cell in sorted(cells, key=len, reverse=True):
            text = text.replace(cell, "") if len(cell) > 1 else text
        if not _is_furniture(line) and _undated(line.text) not in seen and not again and text[3:]:
            return False
    edges = sorted(edge for part in parts for edge in part.grid.edges)
    pages = [page for page in (_page(before, -1), _page(grid, 0)) if page is not None]
    follows = len(pages) == 2 and pages[1] - pages[0] == 1
    wide = abs((grid.edges[-1] - grid.edges[0]) - (edges[-1] - edges[0])) <= 2 * NEAR
    ends = abs(grid.edges[-1] - edges[-1]) <= 2 * NEAR
    begins = any(abs(grid.edges[0] - edge) <= 2 * NEAR for edge in edges)
    return follows and (wide or (ends and begins))


def take_in(parts: Sequence[Part], grid: Grid, known: Sequence[Cell]) -> Grid:
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
            text = line.text + "\n" + cells[index].text if cells[index].text else line.text
            doubts = (*cells[index].doubts, *line.doubts, OVER_THE_RULE)
            cells[index] = replace(cells[index], text=text, doubts=doubts)
    return replace(grid, cells=tuple(cells), heading=tuple(heading))


def _stands_over(line: Cell, cell: Cell) -> bool:
    where, under = line.place, cell.place
    return (
        cell.row == 0
        and not cell.text
        and isinstance(where, Box)
        and isinstance(under, Box)
        and under.left <= where.left
        and where.right <= under.right
        and 0 <= under.top - where.top <= TOP_MARGIN
    )


def _page(grid: Grid, index: int) -> int | None:
    pages = sorted(page for cell in grid.cells if (page := getattr(cell.place, "page", None)))
    return pages[index] if pages else None


def _undated(text: str) -> str:
    return re.sub(r"\d", "", plain(text))


def _is_furniture(line: Cell) -> bool:
    """Tell whether a line is a page number, a running head, or a note that the table goes on."""
    text = label_of(line.text).strip("—-–·第页共/|")
    in_margin = isinstance(line.place, Box) and line.place.bottom <= TOP_MARGIN
    return (
        len(text) <= 3
        or (in_margin and not is_title(line.text))
        or re.fullmatch(r"\d+|第?\d+页?[,/]?共?\d*页?", text) is not None
        or re.search("续表|[(]续|续[)]?$", plain(line.text)) is not None
        or text in ("续", "接上页", "续上表", "接上表")
    )
