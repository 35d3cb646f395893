"""What the print of a file settles of its doubts, cell by cell.

A doubt is settled where the print has one row that says the same in each of its cells, the cell in
question surely read, and above that cell all that stands above it in the file. Where only this cell
says something else, the doubt stands, and says what the print shows. Anything else settles nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Cell, Grid, SheetCell, Tables, plain

# Doubts about whether a text is seen where it stands. A print whose text is read tells not what it
# looks like (fonts, turns, pictures), nor what scripts, and files that are not at hand, make of it.
_BY_KIND = {
    DoubtKind.CUT_OFF, DoubtKind.OTHER_ORDER, DoubtKind.NEVER_CALCULATED,
}  # fmt: skip
_PROPERTIES = {
    "margin", "margin-top", "margin-left", "margin-right", "margin-bottom", "position", "left",
    "top", "right", "bottom", "float", "clear", "display", "order", "opacity", "visibility", "clip",
    "clip-path", "overflow", "overflow-x", "overflow-y", "max-height", "max-width", "height",
    "width", "line-height", "letter-spacing", "word-spacing", "text-indent", "z-index", "direction",
    "unicode-bidi", "color", "background-color", "flex",
    "font-size", "white-space", "vertical-align", "alignment", "number format",
    "conditional format", "spacing", "w", "kern", "shd", "ind",
}  # fmt: skip


_NEAR = 4.0  # points that borders of one table are off on its next page


def can_be_settled(doubt: Doubt, cell: Cell) -> bool:
    """Tell whether the print of a file can settle a doubt about a cell.

    What lies over cells of a workbook stays there; what of a web page does depends on its width.
    """
    if doubt.kind is DoubtKind.DECLARED:
        return dict(doubt.facts)["property"] in _PROPERTIES
    if doubt.kind is DoubtKind.OVERLAID:
        return isinstance(cell.place, SheetCell)
    return doubt.kind in _BY_KIND


def is_open(cell: Cell) -> bool:
    """Tell whether a cell has a doubt that a print can settle."""
    return any(can_be_settled(doubt, cell) for doubt in cell.doubts)


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells that begin in one row of a table, from left to right, and what stands above."""

    cells: tuple[Cell, ...]
    above: tuple[tuple[str, ...], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(plain(cell.text) for cell in self.cells)

    @property
    def open_ones(self) -> frozenset[int]:
        """The places of the cells that a print may settle."""
        return frozenset(n for n, cell in enumerate(self.cells) if is_open(cell))


def settled(tables: Tables, print_: Tables, by: str) -> Tables:
    """Return tables with the doubts settled that their print, by a program, settles."""
    pairs = list(_paired(list(_rows(tables.grids)), list(_rows(print_.grids, headed=True))))
    changed: dict[Cell, Cell] = {}
    count = 0
    for row, shown in pairs:
        for cell, after in _compared(row, shown):
            changed[cell] = after
            count += len(after.doubts) < len(cell.doubts)
    grids = tuple(
        replace(grid, cells=tuple(changed.get(cell, cell) for cell in grid.cells))
        for grid in tables.grids
    )
    notes = (Note.of(NoteKind.SETTLED, cells=count, by=by),) if count else ()
    return replace(tables, grids=grids, notes=(*tables.notes, *notes))


def _rows(grids: Iterable[Grid], *, headed: bool = False) -> Iterator[_Row]:
    """Yield the rows of tables in which cells begin.

    Where they are ``headed``, what stands over a table stands above all of its cells, and a table
    with the same borders as the one before, as on the next page, goes on below that one.
    """
    edges: tuple[float, ...] = ()
    above: dict[int, list[str]] = defaultdict(list)
    for grid in grids:
        if not (headed and _are_near(edges, grid.edges)):
            said = [plain(line.text) for line in grid.heading] if headed else []
            above = defaultdict(lambda said=said: list(said))  # type: ignore[misc]
        edges = grid.edges
        begun: dict[int, list[Cell]] = defaultdict(list)
        for cell in grid.cells:
            begun[cell.row].append(cell)
        for number in sorted(begun):
            cells = tuple(sorted(begun[number], key=lambda cell: cell.column))
            yield _Row(cells, tuple(tuple(above[cell.column]) for cell in cells))
            for cell in cells:
                for column in range(cell.column, cell.column + cell.column_span):
                    if cell.text:
                        above[column].append(plain(cell.text))


def _are_near(edges: Sequence[float], others: Sequence[float]) -> bool:
    if not edges or len(edges) != len(others):
        return False
    return all(abs(a - b) <= _NEAR for a, b in zip(edges, others, strict=True))


def _paired(own: Sequence[_Row], rows: Sequence[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Yield each row with a doubt, and the one row of the print that is this row and no other."""
    by_length: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        by_length[len(row.cells)].append(row)
    found = []
    for row in own:
        if row.open_ones:
            fit = [other for other in by_length[len(row.cells)] if _is_same(row, other)]
            found += [(row, other) for other in fit[:2]]
    taken = Counter(id(side) for pair in found for side in pair)
    yield from (pair for pair in found if taken[id(pair[0])] == taken[id(pair[1])] == 1)


def _is_same(row: _Row, other: _Row) -> bool:
    """Tell whether two rows say the same in all cells, or in all that are sure and say anything."""
    texts, shown = row.texts, other.texts
    if texts == shown:
        return any(texts)
    sure = [n for n in range(len(texts)) if n not in row.open_ones]
    return any(texts[n] for n in sure) and all(texts[n] == shown[n] for n in sure)


def _compared(row: _Row, other: _Row) -> Iterator[tuple[Cell, Cell]]:
    """Yield the cells of a row about which its print says something, and what comes of them."""
    is_whole = row.texts == other.texts
    for number in row.open_ones:
        cell, shown = row.cells[number], other.cells[number]
        if is_whole:
            if not shown.doubts and _is_within(row.above[number], other.above[number]):
                left = tuple(doubt for doubt in cell.doubts if not can_be_settled(doubt, cell))
                yield cell, replace(cell, doubts=left)
        elif plain(cell.text) != plain(shown.text):
            told = Doubt.of(DoubtKind.PRINTED_OTHERWISE, text=shown.text)
            yield cell, replace(cell, doubts=(*cell.doubts, told))


def _is_within(texts: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether some texts stand among others in their order."""
    left = iter(others)
    return all(text in left for text in texts)
