"""What was read of a file, drawn on its pages: rules, cells, and what was passed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import ReadError
from auditkit.grid import Box, Cell, PageLayout, Tables
from auditkit.notebook.charts import Drawing
from auditkit.notebook.display import Shown, page_in_grey
from auditkit.readers import bytes_of
from auditkit.schedules import place_in, visible
from auditkit.wording import Fact, Name, Statement, language, put

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUOTED = 5  # lines passed over that are quoted of a page
LONG = 40  # characters of one of them
INSET = 2.2  # points that a cell's frame stands within its rules, so that both are seen
# Told apart by colour, and by their strokes where there is none.
_RULE: dict[str, Any] = {"color": "#56b4e9", "linewidth": 2.0, "solid_capstyle": "butt"}
_CELL: dict[str, Any] = {"fill": False, "linewidth": 0.9, "edgecolor": "#0072b2"}
_UNSURE: dict[str, Any] = {**_CELL, "linewidth": 2, "edgecolor": "#d55e00", "linestyle": "--"}
_HEADING: dict[str, Any] = {**_CELL, "edgecolor": "#009e73", "linestyle": ":", "linewidth": 1.4}
_OVER: dict[str, Any] = {
    **_CELL,
    "edgecolor": "#a40e26",
    "linestyle": "--",
    "hatch": "///",
    "alpha": 0.6,
}


class Layout(StrEnum):
    """What is said of pages and what lay on them."""

    PICTURE = "picture"  # facts: number, file
    TOLD = "told"  # facts: head, text
    PAGES = "pages"  # heads of the table
    RULES = "rules"
    CELLS = "cells"
    OVER = "over"
    WHERE = "where"
    TEXT = "text"
    FOUND = "found"  # facts: count, by
    TAKEN = "taken"  # facts: count, tables, reader
    TAKEN_UNSURE = "taken unsure"  # facts: count, tables, reader, unsure
    MORE = "more"  # facts: quoted, more


_DRAWN = (Layout.RULES, Layout.CELLS, Layout.OVER)


class TablesShown(Shown):
    """A table of the pages of a file, and pictures of those that a table was taken from."""

    def __init__(
        self,
        heads: Sequence[Fact],
        rows: Iterable[Sequence[str]],
        pictures: Iterable[Drawing] = (),
        lang: str = "",
    ) -> None:
        super().__init__(heads, rows, lang)
        self.pictures = tuple(pictures)

    def __repr__(self) -> str:
        return "\n\n".join((super().__repr__(), *map(repr, self.pictures)))


def tables_pictures(tables: Tables, path: str | Path | None = None, lang: str = "") -> TablesShown:
    """Draw what was read of each page with a table: ``path`` is the file that it was read from.

    The page stands in grey, the rules that were found in light blue, cells framed in blue (those
    not surely read dashed in orange), lines of the heading dotted in green, lines that were passed
    over hatched in red. A table above says the same in words, and why other pages were passed
    over. Of a file without pages, or where none is named, the cells are listed by their places.
    Raises ReadError where the file is another one.
    """
    lang = lang or language()
    if path is None or not tables.pages:
        rows = [(place_in(lang, cell.place), _on_one_line(cell)) for cell in _cells(tables)]
        return TablesShown((Layout.WHERE, Layout.TEXT), rows, lang=lang)
    if sha256(bytes_of(path)).hexdigest() != tables.document.sha256:
        advice = f"Name the file that was read as {tables.document.name}"
        raise ReadError("it is not the file that was read", name=Path(path).name, advice=advice)
    drawn = [page for page in tables.pages if page.tables]
    pictures = [_picture(page, tables, path, lang) for page in drawn]
    return TablesShown((Layout.PAGES, *_DRAWN), list(_rows(tables, lang)), pictures, lang)


def _rows(tables: Tables, lang: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each page with a table, and one for pages passed over for one reason."""
    for reason, some in groupby(tables.pages, lambda page: page.passed_over):
        pages = list(some)
        if reason is None:
            for page in pages:
                yield str(page.number), *_said(page, tables, lang)
        else:
            first, last = pages[0].number, pages[-1].number
            numbers = str(first) if first == last else f"{first}-{last}"
            yield numbers, "", "", put(reason, lang)


def _said(page: PageLayout, tables: Tables, lang: str) -> tuple[str, str, str]:
    """Say which rules, cells and lines passed over there are on a page."""
    rules = Statement.of(Layout.FOUND, count=len(page.rules), by=page.ruled_by or "")
    cells = [cell for cell in _cells(tables) if _is_on(page, cell)]
    unsure = sum(bool(cell.doubts) for cell in cells)
    readers = {g.reader: None for g in tables.grids if any(_is_on(page, c) for c in g.cells)}
    taken = Statement.of(
        Layout.TAKEN_UNSURE if unsure else Layout.TAKEN,
        count=len(cells),
        tables=len(page.tables),
        reader=tuple(map(Name, readers)),
        unsure=unsure,
    )
    return put(rules, lang), put(taken, lang), put(_over(page), lang)


def _over(page: PageLayout) -> Statement | str:
    """Quote the lines that were passed over, the first of many."""
    texts = [_on_one_line(line) for line in page.lines]
    quoted = tuple(f"“{t[:LONG]}…”" if len(t) > LONG else f"“{t}”" for t in texts[:QUOTED])
    more = len(texts) - len(quoted)
    return Statement.of(Layout.MORE, quoted=quoted, more=more) if more else ", ".join(quoted)


def _on_one_line(cell: Cell) -> str:
    return visible(cell.text.replace("\n", " "))


def _cells(tables: Tables) -> Iterator[Cell]:
    return (cell for grid in tables.grids for cell in grid.cells)


def _is_on(page: PageLayout, cell: Cell) -> bool:
    return isinstance(cell.place, Box) and cell.place.page == page.number


def _picture(page: PageLayout, tables: Tables, path: str | Path, lang: str) -> Drawing:
    from matplotlib.figure import Figure

    image, wide, high = page_in_grey(path, page.number)
    figure = Figure(figsize=(9, 9 * high / wide))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(image, extent=(0, wide, high, 0), cmap="gray", vmin=0, vmax=255, alpha=0.6)
    axes.set_axis_off()
    for left, top, right, bottom in page.rules:
        axes.plot((left, right), (top, bottom), **_RULE)
    cells = [cell for cell in _cells(tables) if _is_on(page, cell)]
    headings = (line for grid in tables.grids for line in grid.heading if _is_on(page, line))
    _frame(axes, (cell for cell in cells if not cell.doubts), _CELL, INSET)
    _frame(axes, (cell for cell in cells if cell.doubts), _UNSURE, INSET)
    _frame(axes, headings, _HEADING)
    _frame(axes, page.lines, _OVER)
    axes.set_xlim(0, wide)
    axes.set_ylim(high, 0)
    caption = Statement.of(Layout.PICTURE, number=page.number, file=Path(path).name)
    said = zip(_DRAWN, _said(page, tables, lang), strict=True)
    told = [Statement.of(Layout.TOLD, head=head, text=text) for head, text in said if text]
    return Drawing(figure, put(caption, lang), [put(line, lang) for line in told])


def _frame(axes: Axes, cells: Iterable[Cell], look: dict[str, Any], inset: float = 0.0) -> None:
    from matplotlib.patches import Rectangle

    for place in (cell.place for cell in cells):
        if isinstance(place, Box):
            wide, high = place.right - place.left, place.bottom - place.top
            by = min(inset, wide / 3, high / 3)
            corner = place.left + by, place.top + by
            axes.add_patch(Rectangle(corner, wide - 2 * by, high - 2 * by, **look))
