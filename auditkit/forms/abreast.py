"""Forms that stand side by side in one grid, each made a grid of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditkit.forms import rows
from auditkit.forms.labels import role_of
from auditkit.forms.sheet import Stretch, lay_out
from auditkit.grid import Box, Cell, Grid


def side_by_side(grid: Grid) -> Iterator[Grid]:
    """Yield the forms of a grid that stand beside each other, or the grid where it holds one.

    They are parted where no cell reaches over and where both sides have heads of indicators.
    """
    at = next(filter(None, (_parted(grid, column) for column in _gaps(grid))), None)
    if at is None:
        yield grid
        return
    left, right = at
    yield left
    yield from side_by_side(right)


def _gaps(grid: Grid) -> Sequence[int]:
    """Return the columns, but for the first, that no cell on their left reaches into.

    Only those count that have a name of indicators on both sides.
    """
    names = [c.column for c in grid.cells if c.text and role_of("indicators", c.text) == "name"]
    if not names or min(names) == max(names):
        return ()
    inside = {
        column
        for cell in grid.cells
        for column in range(cell.column + 1, cell.column + cell.column_span)
    }
    return [column for column in range(min(names) + 1, max(names) + 1) if column not in inside]


def _parted(grid: Grid, column: int) -> tuple[Grid, Grid] | None:
    """Return a grid in two, before a column and from it on, if each is a table of indicators.

    Blank columns between them belong to neither.
    """
    left = tuple(cell for cell in grid.cells if cell.column < column)
    begins = min((c.column for c in grid.cells if c.text and c.column >= column), default=column)
    right = [replace(c, column=c.column - begins) for c in grid.cells if c.column >= begins]
    sides = (
        replace(grid, cells=left, edges=grid.edges[: column + 1]),
        replace(grid, cells=tuple(right), edges=grid.edges[begins:]),
    )
    if not all(lay_out([Stretch.whole(side)]).has(rows.is_indicator_header) for side in sides):
        return None
    first, second = (replace(side, heading=_over(side)) for side in sides)
    return first, second


def _over(grid: Grid) -> tuple[Cell, ...]:
    """Return the lines that stand over a grid, all of them where nobody knows where they stand."""
    boxes = [cell.place for cell in grid.cells if isinstance(cell.place, Box)]
    if not boxes:
        return grid.heading
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    return tuple(line for line in grid.heading if _reaches(line, left, right))


def _reaches(line: Cell, left: float, right: float) -> bool:
    place = line.place
    return not isinstance(place, Box) or (place.left < right and left < place.right)
