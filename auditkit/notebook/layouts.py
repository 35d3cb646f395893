"""What was read of a file, drawn on its pages: rules, cells, and what was passed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from auditkit.errors import ReadError
from auditkit.forms import recognise
from auditkit.grid import Box, Cell, PageLayout, Tables
from auditkit.notebook.display import Shown
from auditkit.notebook.drawing import Drawing
from auditkit.notebook.gridding import Framed, grid_picture
from auditkit.notebook.pages import Frame, Sheet
from auditkit.readers import bytes_of, tables_of
from auditkit.report import Entry
from auditkit.schedules import place_in, text_of, visible
from auditkit.wording import Fact, LabelPath, Name, Statement, Term, language, put

QUOTED = 5  # lines passed over that are quoted of a page
LONG = 40  # characters of one of them
INSET = 2.2  # points that a cell's frame stands within its rules, so that both are seen


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
    GRID = "grid"  # facts: number, file
    SECOND = "second"  # facts: same, all
    OWN = "own"
    SECOND_TEXT = "second text"
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
    over tinted in red. A table above says the same in words, and why other pages were passed
    over. Of a file without pages, or where none is named, the cells are listed by their places.
    Raises ReadError where the file is another one.
    """
    lang = lang or language()
    if path is not None and not tables.pages:
        return TablesShown((), (), _grids(tables, path, lang), lang)
    if path is None:
        rows = [(place_in(lang, cell), _on_one_line(cell)) for cell in _cells(tables)]
        return TablesShown((Layout.WHERE, Layout.TEXT), rows, lang=lang)
    if sha256(bytes_of(path)).hexdigest() != tables.document.sha256:
        document = tables.document.name
        raise ReadError.saying("file-not-read", name=Path(path).name, document=document)
    drawn = [page for page in tables.pages if page.tables]
    pictures = [_picture(page, tables, path, lang) for page in drawn]
    return TablesShown((Layout.PAGES, *_DRAWN), list(_rows(tables, lang)), pictures, lang)


def _grids(tables: Tables, path: str | Path, lang: str) -> Iterator[Drawing]:
    """Draw the grids of a file without pages, the cells framed that were not surely read."""
    for grid in tables.grids:
        unsure = [Framed(cell.place, Frame.UNSURE) for cell in grid.cells if cell.doubts]
        taken = Statement.of(
            Layout.TAKEN_UNSURE if unsure else Layout.TAKEN,
            count=len(grid.cells), tables=1, reader=(Name(grid.reader),), unsure=len(unsure),
        )  # fmt: skip
        caption = Statement.of(Layout.GRID, number=grid.number, file=Path(path).name)
        data = grid_picture(grid, unsure, None)
        yield Drawing(data, "svg+xml", put(caption, lang), [put(taken, lang)], lang=lang)


def second_reading(tables: Tables, path: str | Path, lang: str = "") -> Shown:
    """Read a file as camelot does by itself, and list the entries that come out otherwise.

    Raises what reading it raises.
    """
    lang = lang or language()
    own, other = (
        _by_path(some)
        for some in (tables, tables_of(bytes_of(path), Path(path).name, engine="camelot"))
    )
    rows = [
        (LabelPath(name), own.get(name), other.get(name))
        for name in dict.fromkeys((*own, *other))
        if text_of(own.get(name)) != text_of(other.get(name))
    ]
    said = Statement.of(
        Layout.SECOND, same=len(own) - sum(n in own for n, *_ in rows), all=len(own)
    )
    heads = (Term("entry"), Layout.OWN, Layout.SECOND_TEXT) if rows else ()
    return Shown(heads, rows, lang, put(said, lang))


def _by_path(tables: Tables) -> dict[str, Entry]:
    reports = recognise(tables)
    several = len(reports) > 1
    pairs = ((report, entry) for report in reports for entry in report.entries())
    return {f"form {r.number}/{e.path}" if several else e.path: e for r, e in pairs}


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
    sheet = Sheet(path, page.number)
    for rule in page.rules:
        sheet.line(rule)
    headings = (line for grid in tables.grids for line in grid.heading if _is_on(page, line))
    cells = [cell for cell in _cells(tables) if _is_on(page, cell)]
    looks = [(cell, Frame.UNSURE if cell.doubts else Frame.SURE, INSET) for cell in cells]
    looks += [(line, Frame.HEADING, 0.0) for line in headings]
    looks += [(line, Frame.OVER, 0.0) for line in page.lines]
    for cell, look, inset in looks:
        if isinstance(cell.place, Box):
            sheet.frame(cell.place, look, inset)
    caption = Statement.of(Layout.PICTURE, number=page.number, file=Path(path).name)
    said = zip(_DRAWN, _said(page, tables, lang), strict=True)
    told = [Statement.of(Layout.TOLD, head=head, text=text) for head, text in said if text]
    words = [put(line, lang) for line in told]
    return Drawing(sheet.png(0, sheet.end), "png", put(caption, lang), words, lang=lang)
