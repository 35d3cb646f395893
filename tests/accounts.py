"""What holds of every form that is recognised: each of its cells is accounted for, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from auditkit.forms import accounted
from auditkit.forms.accounting import Accounts, Furniture
from auditkit.forms.rows import is_figure
from auditkit.grid import Cell, Grid, Place, Tables, plain

# What may have digits: the year and number of a form over it, a head that is printed again, the
# numbers of columns, 指标1 in a row of the template. All else with a digit may be a figure.
MAY_COUNT = (Furniture.HEADING, Furniture.HEADER_AGAIN, Furniture.NUMBERING, Furniture.TEMPLATE)


def broken(tables: Tables) -> Iterator[str]:
    """Yield what does not hold; raises NoFormError where there is no form."""
    found = [own for _, own in accounted(tables)]
    for own in found:
        yield from _misplaced(own)
    taken = {cell.place for own in found for cell in _cells(own)}
    for grid in tables.grids:
        for own in found:
            yield from (f"vanished: {cell.text!r}" for cell in _inside(grid, _cells(own), taken))


def _cells(own: Accounts) -> Sequence[Cell]:
    loose = [cell for _, cell in own.furniture]
    return [*own.values, *own.labels, *loose, *own.unplaced]


def _misplaced(own: Accounts) -> Iterator[str]:
    places = Counter(cell.place for cell in _cells(own))
    yield from (f"counted {n} times: {place}" for place, n in places.items() if n > 1)
    for kind, cell in own.furniture:
        if any(map(str.isdigit, cell.text)) and kind not in MAY_COUNT:
            yield f"a figure as {kind}: {cell.text!r}"
    yield from (f"a figure as a label: {c.text}" for c in own.labels if is_figure(c.text))
    named = {place for some in own.unknown for place in _places(some.cells)}
    yield from (f"{p} is under a label that is not known" for p in named - _places(own.unplaced))


def _places(cells: Sequence[Cell]) -> set[Place]:
    return {cell.place for cell in cells}


def _inside(grid: Grid, own: Sequence[Cell], taken: set[Place]) -> Iterator[Cell]:
    """Yield the cells of a grid that stand among those of a form, and became nothing.

    The rows of a form begin where one of its cells ends: others may reach in from above.
    """
    here = _places(grid.cells)
    cells = [cell for cell in own if cell.place in here]
    if not cells:
        return
    first, last = min(c.row + c.row_span - 1 for c in cells), max(c.row for c in cells)
    left, right = min(c.column for c in cells), max(c.column for c in cells)
    for cell in grid.cells:
        among = first <= cell.row <= last and left <= cell.column <= right
        if among and plain(cell.text) and cell.place not in taken:
            yield cell
