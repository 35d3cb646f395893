"""Titles at the foot of a page whose table begins on the next: each put over its table again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditkit.forms.labels import names_form
from auditkit.grid import Box, Cell, Grid, PageLayout, Tables


def titled_overleaf(tables: Tables) -> Iterator[Grid]:
    """Yield the grids of a file, the first of a page with the title that the page before ends with.

    What follows that title, its year or unit, goes with it; a table with a title of its own keeps
    that alone.
    """
    pages = {page.number: page for page in tables.pages}
    last = 0
    for grid in tables.grids:
        place = grid.cells[0].place if grid.cells else None
        number = place.page if isinstance(place, Box) else 0
        has_title = any(names_form(line.text) for line in grid.heading)
        foot = _foot(pages.get(number - 1)) if number > last and not has_title else ()
        last = max(last, number)
        yield replace(grid, heading=(*foot, *grid.heading)) if foot else grid


def _foot(page: PageLayout | None) -> Sequence[Cell]:
    """Return the lines below the last table of a page, from the last title among them on."""
    if page is None:
        return ()
    end = max((table.bottom for table in page.tables), default=0.0)
    below = [line for line in page.lines if isinstance(line.place, Box) and line.place.top >= end]
    titles = [n for n, line in enumerate(below) if names_form(line.text)]
    return below[titles[-1] :] if titles else ()
