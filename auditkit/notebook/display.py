"""What a notebook shows: static tables, pictures of pages, and findings as cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, Template

from auditkit import schedules
from auditkit.errors import UnsupportedError
from auditkit.findings import Finding
from auditkit.grid import Box, Cell
from auditkit.notebook.charts import Caption, Drawing
from auditkit.readers import kind_of
from auditkit.report import Entry
from auditkit.report import number as number_of
from auditkit.wording import Fact, Statement, Term, language, put

if TYPE_CHECKING:
    from pandas import DataFrame


_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"(\(\?\) )?[-+]?\d[\d,.]*%?|[-—·]")  # what stands to the right in a column
# Frames of cells: a few that are asked for, many at once, and those that were not read surely.
_MANY = 25
_FRAMED: dict[str, Any] = {"fill": False, "linewidth": 2, "color": "#a40e26"}
_SURE: dict[str, Any] = {"fill": False, "linewidth": 1, "color": "#0072b2"}
_STRANGE: dict[str, Any] = {**_SURE, "linewidth": 2, "color": "#008577", "linestyle": ":"}
_DOUBTED: dict[str, Any] = {**_FRAMED, "linewidth": 2.4, "color": "#d55e00", "linestyle": "--"}


class _Themed:
    """What a notebook shows as HTML, in its colours and language, made by ``notebook.html``."""

    lang: str

    def _repr_html_(self) -> str:
        said = {"put": put, "tag": schedules.tag, "nothing": Term("nothing here")}
        return _template().render(shown=self, lang=self.lang, **said)


class Shown(_Themed):
    """A table that a notebook shows as HTML and a terminal as text.

    ``lang`` is the language of its heads and cells, that of ``speak`` where none is named;
    ``first`` is said before the table.
    """

    def __init__(
        self,
        heads: Sequence[Fact],
        rows: Iterable[Sequence[schedules.ScheduleCell]],
        lang: str = "",
        first: str = "",
    ) -> None:
        self.first, self.lang = first, lang or language()
        self.heads, shown = schedules.spoken((heads, list(rows)), self.lang)
        self.cells = tuple(map(tuple, shown))
        self.rows = [tuple(schedules.text_of(c, missing="·") for c in row) for row in self.cells]

    @property
    def sides(self) -> list[str]:
        """Where each column stands: figures to the right."""
        columns = ([row[at] for row in self.rows if row[at]] for at in range(len(self.heads)))
        figures = (
            all(map(_FIGURE.fullmatch, c)) and bool(_DIGIT.search("".join(c))) for c in columns
        )
        return ["right" if is_figures else "left" for is_figures in figures]

    @property
    def frame(self) -> DataFrame:
        """The rows as a pandas table, to go on with.

        A cell of the form is its text as printed, ``None`` where the form has no such cell. A
        column in which some of them are numbers is followed by ``<head> value``: the exact
        Decimal, ``None`` where there is none. Any other cell is as it is shown, numbers as numbers.
        """
        from pandas import DataFrame

        columns: dict[str, list[object]] = {}
        for head, cells in zip(self.heads, zip(*self.cells, strict=True), strict=bool(self.cells)):
            values = [number_of(cell) if isinstance(cell, Entry) else None for cell in cells]
            columns[head] = [cell.text if isinstance(cell, Entry) else cell for cell in cells]
            if any(value is not None for value in values):
                columns[f"{head} value"] = [*values]
        return DataFrame(columns or {head: [] for head in self.heads}, dtype=object)

    def __repr__(self) -> str:
        rows = self.rows or [(put(Term("nothing here"), self.lang),)]
        table = [" | ".join(row) for row in (self.heads, *rows)] if self.heads else []
        return "\n".join([self.first, *table] if self.first else table)


class Pages(_Themed):
    """Pictures of some pages, one below the other."""

    def __init__(self, pictures: Iterable[Drawing], lang: str = "") -> None:
        self.pictures, self.lang = tuple(pictures), lang or language()

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.pictures))


class Cards(_Themed):
    """Findings in full, each with the part of the page that it rests on."""

    def __init__(
        self, cards: Iterable[tuple[Finding, dict[str, str], Pages | None]], lang: str = ""
    ) -> None:
        self.cards, self.lang = tuple(cards), lang or language()

    def __repr__(self) -> str:
        cards = (
            [f"{put(name, self.lang)}: {text}" for name, text in words.items() if text]
            + [str(crop or "")]
            for _, words, crop in self.cards
        )
        return "\n\n".join("\n".join(lines).rstrip() for lines in cards)


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("notebook.html")


def page_picture(
    path: str | Path,
    number: int,
    entries: Iterable[Entry | None] = (),
    *,
    strange: Iterable[Cell] = (),
    margin: float = 1e4,
    lang: str = "",
) -> Drawing:
    """Draw a page of a file with the cells of some entries framed; ``number`` counts from one.

    ``strange`` are cells that were not understood, framed in a colour of their own.

    ``margin`` is how many points around the framed cells are shown, by default the whole page;
    ``lang`` the language of what is said of it, that of ``speak`` where none is named.
    Raises IndexError for a page that the file does not have, UnsupportedError for a file without
    pages, such as a workbook.
    """
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Rectangle

    entries = tuple(entries)
    image, wide, high = page_in_grey(path, number)
    # Each box with whether all that was read there is sure.
    boxes: dict[Box, bool] = {}
    for entry in filter(None, entries):
        for box in (cell.place for cell in entry.cells):
            if isinstance(box, Box) and box.page == number:
                boxes[box] = boxes.get(box, True) and entry.is_sure
    top = max(0.0, min((box.top for box in boxes), default=0.0) - margin)
    bottom = min(high, max((box.bottom for box in boxes), default=high) + margin)
    figure = Canvas(figsize=(9, 9 * (bottom - top) / wide))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(image, extent=(0, wide, high, 0), cmap="gray", vmin=0, vmax=255)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    for box, is_sure in sorted(boxes.items()):
        size = box.right - box.left, box.bottom - box.top
        look = _SURE if is_sure and len(boxes) > _MANY else _FRAMED if is_sure else _DOUBTED
        axes.add_patch(Rectangle((box.left, box.top), *size, **look))
    for box in (cell.place for cell in strange):
        if isinstance(box, Box) and box.page == number:
            size = box.right - box.left, box.bottom - box.top
            axes.add_patch(Rectangle((box.left, box.top), *size, **_STRANGE))
    lang, unsure = lang or language(), sum(not is_sure for is_sure in boxes.values())
    told = dict.fromkeys(place for e in entries if e for place in schedules.places([e], lang))
    kind = Caption.FRAMED_UNSURE if unsure else Caption.FRAMED
    caption = Statement.of(
        kind, number=number, file=Path(path).name, cells=len(boxes), unsure=unsure
    )
    return Drawing(figure, put(caption, lang), list(told))


def page_in_grey(path: str | Path, number: int) -> tuple[Any, float, float]:
    """Return a page of a file as an array of shades, and its width and height in points.

    Raises IndexError and UnsupportedError as ``page_picture`` does.
    """
    import pypdfium2

    from auditkit.readers.scan import as_pdf

    data, name = Path(path).read_bytes(), Path(path).name
    kind = kind_of(data)
    if kind not in ("pdf", "image"):
        advice = "Open it in its own program, at the place that the table names"
        raise UnsupportedError("only PDF files have pages to draw", name=name, advice=advice)
    if kind == "image":
        data = as_pdf(data, name)
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        if not 1 <= number <= len(pdf):
            raise IndexError(f"{name} has {len(pdf)} pages, none of number {number}")
        sheet = pdf[number - 1]
        wide, high = sheet.get_size()
        return sheet.render(scale=2, grayscale=True).to_numpy().squeeze(), wide, high


def on_pages(
    path: str | Path,
    entries: Sequence[Entry],
    *,
    strange: Iterable[Cell] = (),
    margin: float = 1e4,
    lang: str = "",
) -> Pages:
    """Draw each page on which some entries stand, with their cells framed.

    ``strange`` are cells that were not understood, framed in a colour of their own.

    Raises UnsupportedError for a file without pages, and where none of them stands on a page.
    """
    numbers = page_numbers(entries)
    if not numbers:
        raise UnsupportedError("nothing of it stands on a page", name=Path(path).name)
    how: dict[str, Any] = {"margin": margin, "lang": lang, "strange": tuple(strange)}
    return Pages([page_picture(path, number, entries, **how) for number in numbers], lang)


def page_numbers(entries: Iterable[Entry | None]) -> list[int]:
    """Return the numbers of the pages on which some entries stand."""
    cells = (cell.place for entry in entries if entry for cell in entry.cells)
    return sorted({place.page for place in cells if isinstance(place, Box)})
