"""Tables in running text, as Word files and web pages have them, become grids of whole cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import Cell, Document, Grid, Span, TableCell, Tables
from auditkit.readers.limits import Count
from auditkit.readers.marks import MAY_HOLD, SURELY_HOLDS, has_mark, marks_in
from auditkit.readers.troubles import trouble

HIDDEN = Doubt(DoubtKind.HIDDEN)
# Marks around what is struck, while a line is put together: no file of these kinds can hold them.
_STRUCK, _END = "\1", "\2"
_STRUCK_PART = re.compile(f"{_STRUCK}([^{_STRUCK}{_END}]*){_END}")
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


class Shown(Protocol):
    """How a piece of text is seen."""

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why it may be seen otherwise than it was read, or not at all."""
        ...

    @property
    def is_struck(self) -> bool:
        """Whether it is struck through."""
        ...


@dataclass(slots=True)
class Line:
    """A line of text that is put together of pieces; what is struck out beside others is no part.

    Of ``20`` struck and ``19`` beside it a person sees 19, and never 2019. A line that is struck
    as a whole is kept, and doubted.
    """

    pieces: list[str] = field(default_factory=list)
    doubts: dict[Doubt, None] = field(default_factory=dict)

    def add(self, text: str, shown: Shown) -> None:
        """Add a piece of text that is seen so."""
        if not text.strip():
            self.pieces.append(text)
            return
        self.doubts |= dict.fromkeys(shown.doubts)
        self.pieces.append(f"{_STRUCK}{text}{_END}" if shown.is_struck else text)

    @property
    def text(self) -> str:
        """The line without what is struck out, or as a whole where nothing else is left."""
        whole = "".join(self.pieces)
        kept = _STRUCK_PART.sub("", whole)
        return kept if kept.strip() else _STRUCK_PART.sub(r"\1", whole)

    def paragraph(self) -> Paragraph:
        """Return the line, and why it is not sure."""
        struck = " ".join("".join(_STRUCK_PART.findall("".join(self.pieces))).split())
        told = (Doubt.of(DoubtKind.STRUCK, text=struck),) if struck else ()
        return Paragraph(self.text, (*self.doubts, *told))


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
    document: Document,
    reader: str,
    content: Iterable[Paragraph | FlowTable],
    count: Count,
    doubts: tuple[Doubt, ...] = (),
) -> Tables:
    """Return the tables that can belong to a form, each with the lines that stand before it.

    ``doubts`` are those that the document gives on each of its cells, blank ones too. A table whose
    cells hold the tables of a form is mere layout and read through. Raises NoFormError where no
    table is left, saying so if the words of a form stand outside of one, and LimitError for more of
    anything than the ``count`` of the file allows.
    """
    walk = _Walk(document, reader, count, doubts)
    walk.through(content)
    if not walk.grids:
        glued = marks_in("".join(walk.seen)) >= SURELY_HOLDS
        raise trouble("flow-glued" if glued else "flow-formless", document.name)
    return Tables(document, tuple(walk.grids), behind=tuple(walk.heading))


@dataclass(slots=True)
class _Walk:
    """What was met on the way through a text: grids, lines before the next one, all words."""

    document: Document
    reader: str
    count: Count
    doubts: tuple[Doubt, ...]
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
            doubts = (*line.doubts, *self.doubts)
            self.heading.append(
                Cell(self.document, place, text, len(self.heading), 0, doubts=doubts)
            )

    def _table(self, table: FlowTable) -> None:
        self.tables += 1
        cells = tuple(_cells(table, self.document, self.tables, self.count, self.doubts))
        self.seen.append("\n".join(cell.text for cell in cells))
        columns = max((cell.column + cell.column_span for cell in cells), default=0)
        edges = table.edges
        if len(edges) <= columns:
            edges = tuple(WIDTH * column for column in range(columns + 1))
        goes_on = bool(self.grids) and edges == self.grids[-1].edges and columns >= _LEAST_COLUMNS
        if goes_on or sum(has_mark(cell.text) for cell in cells) >= MAY_HOLD:
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


def _cells(
    table: FlowTable, document: Document, number: int, count: Count, doubts: tuple[Doubt, ...]
) -> Iterator[Cell]:
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
                doubts=(*square.all_doubts, *doubts), room=_WHOLE,
            )  # fmt: skip
            column += along
