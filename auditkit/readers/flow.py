"""Tables in running text, as Word files and web pages have them, become grids of whole cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import Cell, Document, Grid, Span, TableCell, Tables
from auditkit.readers.limits import Count
from auditkit.readers.marks import MAY_HOLD, SURELY_HOLDS, marks_in
from auditkit.readers.troubles import trouble

HIDDEN = Doubt(DoubtKind.HIDDEN)
WIDTH = 40.0  # points, of a column whose width is not known
_LEAST_COLUMNS = 4  # of a table that can go on in the next one
_WHOLE = 1.0  # no page edge cuts the cells of running text


@dataclass(frozen=True, slots=True)
class FlowCell:
    """A cell of a table as the file has it; what it holds may be lines and further tables."""

    content: tuple[Paragraph | FlowTable, ...]
    row_span: int = 1
    column_span: int = 1
    doubts: tuple[Doubt, ...] = ()

    @property
    def all_doubts(self) -> tuple[Doubt, ...]:
        """The doubts about its lines, and those about the cell itself."""
        said = (
            doubt for part in self.content if isinstance(part, Paragraph) for doubt in part.doubts
        )
        return (*dict.fromkeys(said), *self.doubts)

    @property
    def text(self) -> str:
        """Everything that the cell says, the tables in it too, one line below the other."""
        lines = (part.text for part in self.content)
        return "\n".join(line for line in lines if line.strip()).strip()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line or paragraph of text."""

    text: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowTable:
    """A table: its rows of squares from left to right, and its column borders where known.

    A square covers the first free columns of its row, as cells of web pages do.
    """

    rows: tuple[tuple[FlowCell, ...], ...]
    edges: tuple[float, ...] = ()

    @property
    def text(self) -> str:
        """Everything that the table says."""
        return "\n".join(square.text for row in self.rows for square in row)

    @property
    def tables(self) -> Iterator[FlowTable]:
        """The tables that stand in its cells."""
        for row in self.rows:
            for square in row:
                yield from (part for part in square.content if isinstance(part, FlowTable))


def count_in(text: str | None, default: int = 1) -> int:
    """Return how many a file says there are, the default where that is no whole number.

    >>> count_in("3"), count_in("-1"), count_in("²"), count_in("9" * 5000)
    (3, 1, 1, 999999999)
    """
    text = (text or "").strip()
    return int(text[:9]) if text.isascii() and text.isdigit() else default


def tables_in(
    document: Document, reader: str, content: Iterable[Paragraph | FlowTable], count: Count
) -> Tables:
    """Return the tables that can belong to a form, each with the lines that stand before it.

    A table whose cells hold the tables of a form is mere layout and read through. Raises
    NoFormError where no table is left, saying so if the words of a form stand outside of one, and
    LimitError for more of anything than the ``count`` of the file allows.
    """
    walk = _Walk(document, reader, count)
    walk.through(content)
    if not walk.grids:
        glued = marks_in("".join(walk.seen)) >= SURELY_HOLDS
        raise trouble("flow-glued" if glued else "flow-formless", document.name)
    return Tables(document, tuple(walk.grids))


@dataclass(slots=True)
class _Walk:
    """What was met on the way through a text: grids, lines before the next one, all words."""

    document: Document
    reader: str
    count: Count
    grids: list[Grid] = field(default_factory=list)
    heading: list[Cell] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    tables: int = 0

    def through(self, content: Iterable[Paragraph | FlowTable]) -> None:
        for part in content:
            if isinstance(part, Paragraph):
                self._line(part)
            elif _is_layout(part):
                self.tables += 1
                for row in part.rows:
                    for square in row:
                        self.through(square.content)
            else:
                self._table(part)

    def _line(self, line: Paragraph) -> None:
        for text in filter(None, map(str.strip, line.text.splitlines())):
            self.count.text(text, "")
            self.seen.append(text)
            place = Span(len(self.seen), 1, len(text))
            self.heading.append(
                Cell(self.document, place, text, len(self.heading), 0, doubts=line.doubts)
            )

    def _table(self, table: FlowTable) -> None:
        self.tables += 1
        cells = tuple(_cells(table, self.document, self.tables, self.count))
        self.seen.append("\n".join(cell.text for cell in cells))
        columns = max((cell.column + cell.column_span for cell in cells), default=0)
        edges = table.edges
        if len(edges) <= columns:
            edges = tuple(WIDTH * column for column in range(columns + 1))
        goes_on = bool(self.grids) and edges == self.grids[-1].edges and columns >= _LEAST_COLUMNS
        if goes_on or sum(bool(marks_in(cell.text)) for cell in cells) >= MAY_HOLD:
            number, heading = len(self.grids) + 1, tuple(self.heading)
            self.grids.append(Grid(self.document, number, self.reader, cells, heading, edges))
            self.heading = []
        else:  # a head of lines and pairs that was set as a table
            self.heading += (cell for cell in cells if cell.text)


def _is_layout(table: FlowTable) -> bool:
    """Tell whether a table only holds others in their places."""
    inner = list(table.tables)
    if not inner:
        return False
    return any(_is_layout(t) or marks_in(t.text) >= MAY_HOLD for t in inner)


def _cells(table: FlowTable, document: Document, number: int, count: Count) -> Iterator[Cell]:
    """Place the squares: each takes the first free column of its row, and what it spans of it."""
    taken: set[tuple[int, int]] = set()
    for row, squares in enumerate(table.rows):
        column = 0
        for square in squares:
            while (row, column) in taken:
                column += 1
            down = min(square.row_span or len(table.rows), len(table.rows) - row)
            along = 1
            while along < square.column_span and (row, column + along) not in taken:
                along += 1
            place = TableCell(number, row + 1, column + 1)
            count.hold("columns", column + along, "columns of one table", place)
            count.add("cells", down * along, "cells, spans and all", place)
            own = {(row + r, column + c) for r in range(down) for c in range(along)}
            taken |= own
            text = square.text
            count.text(text, place)
            yield Cell(
                document, place, text, row, column, down, along,
                doubts=square.all_doubts, room=_WHOLE,
            )  # fmt: skip
            column += along
