"""Pages of a file with cells framed: drawn where it has pages, else as the grids that were read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from auditkit import schedules
from auditkit.errors import UnsupportedError
from auditkit.files import digest_of
from auditkit.grid import Box, Cell, Place, Tables
from auditkit.notebook.charts import Caption
from auditkit.notebook.drawing import Drawing, Pages, png_of
from auditkit.notebook.gridding import Framed, grid_picture
from auditkit.readers import bytes_of, kind_of, tables_of
from auditkit.report import Entry
from auditkit.wording import Fact, Statement, language, put

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

LARGEST = 4000  # pixels of a side of any page: sheets of drawings are as large as rooms
ACROSS = 864  # pixels of a page's width: nine inches of a screen
MANY = 60  # frames from which on those of sure cells are thin
STEP = 20  # points that the height of a picture grows by
DASH = 7  # pixels of a dash, and of the gap behind it


class Frame(StrEnum):
    """What the frame of a cell says of it, the same on drawn pages and in grids."""

    ASKED = "asked"
    SURE = "sure"
    UNSURE = "unsure"
    STRANGE = "strange"
    RULE = "rule"
    HEADING = "heading"
    OVER = "over"


class Stroke(NamedTuple):
    """How a frame is drawn: told apart by colour, and by its dashes where there is none."""

    colour: str
    width: int
    is_dashed: bool = False
    is_tinted: bool = False


STROKES = {
    Frame.ASKED: Stroke("#a40e26", 3),
    Frame.SURE: Stroke("#0072b2", 1),
    Frame.UNSURE: Stroke("#d55e00", 3, is_dashed=True),
    Frame.STRANGE: Stroke("#008577", 2, is_dashed=True),
    Frame.RULE: Stroke("#56b4e9", 3),
    Frame.HEADING: Stroke("#009e73", 2, is_dashed=True),
    Frame.OVER: Stroke("#a40e26", 1, is_dashed=True, is_tinted=True),
}


class Sheet:
    """A page as an image that frames are drawn on, ``scale`` pixels to a point."""

    def __init__(self, path: str | Path, number: int) -> None:
        self.image, self.wide, self.high = page_in_grey(path, number)
        self.scale = self.image.width / self.wide
        self.shows: list[str] = [digest_of(bytes_of(path)), str(number)]
        self.end = self._end()

    def _end(self) -> float:
        """Return where the paper may be cut off below the last ink, in steps that no font moves."""
        from PIL.ImageOps import invert

        box = invert(self.image.convert("L")).getbbox()
        last = box[3] / self.scale if box else self.high
        return min(self.high, STEP * (last // STEP + 2))

    def frame(self, box: Box, frame: Frame, inset: float = 0.0) -> None:
        """Draw the frame of a cell, so many points within it."""
        by = min(inset, (box.right - box.left) / 3, (box.bottom - box.top) / 3)
        corners = (box.left + by, box.top + by, box.right - by, box.bottom - by)
        _framed(self.image, [round(self.scale * side) for side in corners], STROKES[frame])
        self.shows.append(f"{frame} {[round(side) for side in corners]}")

    def line(self, ends: tuple[float, float, float, float]) -> None:
        """Draw a rule of a table."""
        from PIL.ImageDraw import Draw

        stroke = STROKES[Frame.RULE]
        at = [self.scale * side for side in ends]
        Draw(self.image).line(at, stroke.colour, stroke.width)
        self.shows.append(f"rule {[round(side) for side in ends]}")

    def png(self, top: float, bottom: float) -> bytes:
        """Return the part between two heights as a PNG."""
        low, high = round(self.scale * top), round(self.scale * bottom)
        part = self.image.crop((0, low, self.image.width, max(high, low + 1)))
        return png_of(part, *self.shows, f"{round(top)}-{round(bottom)}")


def _framed(image: Image, sides: Sequence[int], stroke: Stroke) -> None:
    from PIL.ImageDraw import Draw

    left, top, right, bottom = sides
    if stroke.is_tinted:
        Draw(image, "RGBA").rectangle((left, top, right, bottom), f"{stroke.colour}30")
    pen = Draw(image)
    if not stroke.is_dashed:
        pen.rectangle((left, top, right, bottom), outline=stroke.colour, width=stroke.width)
        return
    for x, y in ((left, top), (left, bottom)):
        _dashes(pen, (x, y), (right - left, 0), stroke)
    for x, y in ((left, top), (right, top)):
        _dashes(pen, (x, y), (0, bottom - top), stroke)


def _dashes(pen: ImageDraw, start: tuple[int, int], way: tuple[int, int], stroke: Stroke) -> None:
    """Draw a dashed line, along one of the two axes."""
    length, (x, y) = max(way), start
    for at in range(0, length, 2 * DASH):
        end = min(at + DASH, length)
        ends = (x + at, y, x + end, y) if way[0] else (x, y + at, x, y + end)
        pen.line(ends, stroke.colour, stroke.width)


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
    entries = tuple(entries)
    sheet = Sheet(path, number)
    boxes = {
        box: is_sure
        for box, is_sure in _sureness(entries).items()
        if isinstance(box, Box) and box.page == number
    }
    top = max(0.0, min((box.top for box in boxes), default=0.0) - margin)
    bottom = min(sheet.end, max((box.bottom for box in boxes), default=sheet.high) + margin)
    for box, is_sure in sorted(boxes.items()):
        sheet.frame(box, _look(is_sure=is_sure, is_one_of_many=len(boxes) > MANY))
    for cell in strange:
        if isinstance(cell.place, Box) and cell.place.page == number:
            sheet.frame(cell.place, Frame.STRANGE)
    lang, unsure = lang or language(), sum(not is_sure for is_sure in boxes.values())
    told = dict.fromkeys(place for e in entries if e for place in schedules.places([e], lang))
    facts = {"number": number, "cells": len(boxes), "unsure": unsure}
    caption = put(Statement.of(_caption(len(boxes), unsure), file=Path(path).name, **facts), lang)
    return Drawing(sheet.png(top, bottom), "png", caption, list(told), lang=lang)


def _caption(cells: int, unsure: int) -> Caption:
    if cells == 1:
        return Caption.FRAMED_ONE_UNSURE if unsure else Caption.FRAMED_ONE
    return Caption.FRAMED_UNSURE if unsure else Caption.FRAMED


def _look(*, is_sure: bool, is_one_of_many: bool) -> Frame:
    return Frame.UNSURE if not is_sure else Frame.SURE if is_one_of_many else Frame.ASKED


def _sureness(entries: Iterable[Entry | None]) -> dict[Place, bool]:
    """Return the places of entries, each with whether all that was read there is sure."""
    places: dict[Place, bool] = {}
    for entry in filter(None, entries):
        for cell in entry.cells:
            places[cell.place] = places.get(cell.place, True) and entry.is_sure
    return places


def frame_on(image: Image, box: Box, part: Box, scale: float) -> None:
    """Frame a doubted cell on the image of a part of its page, so many pixels to a point."""
    sides = (box.left - part.left, box.top - part.top, box.right - part.left, box.bottom - part.top)
    _framed(image, [round(scale * side) for side in sides], STROKES[Frame.UNSURE])


def page_in_grey(path: str | Path, number: int, scale: float = 0.0) -> tuple[Image, float, float]:
    """Return a page of a file as an image, and its width and height in points.

    ``scale`` is how many pixels a point takes, as many as suit a screen unless it is named.
    Raises IndexError and UnsupportedError as ``page_picture`` does.
    """
    import pypdfium2

    from auditkit.readers.scan import as_pdf

    data, name = bytes_of(path), Path(path).name
    kind = kind_of(data)
    if kind not in ("pdf", "image"):
        raise UnsupportedError.saying("page-of-none", name=name)
    if kind == "image":
        data = as_pdf(data, name)
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        if not 1 <= number <= len(pdf):
            raise IndexError(f"{name} has {len(pdf)} pages, none of number {number}")
        page = pdf[number - 1]
        wide, high = page.get_size()
        scale = min(scale or ACROSS / wide, LARGEST / max(wide, high))
        return page.render(scale=scale, grayscale=True).to_pil().convert("RGB"), wide, high


def on_pages(
    path: str | Path,
    entries: Sequence[Entry],
    *,
    strange: Iterable[Cell] = (),
    margin: float = 1e4,
    lang: str = "",
) -> Pages:
    """Draw each page on which some entries stand, with their cells framed.

    A workbook, a Word file, a web page or a text is drawn as the grids that were read of it, with
    the same frames. ``strange`` are cells that were not understood, framed in their own colour.
    """
    strange = tuple(strange)
    if not (numbers := page_numbers(entries)):
        return Pages(_grids(path, entries, strange, margin, lang or language()), lang)
    pictures = (
        page_picture(path, number, entries, margin=margin, lang=lang, strange=strange)
        for number in numbers
    )
    return Pages(pictures, lang)


def _grids(
    path: str | Path, entries: Sequence[Entry], strange: Sequence[Cell], margin: float, lang: str
) -> list[Drawing]:
    """Draw each grid of a file without pages in which one of some cells stands."""
    places = _sureness(entries)
    is_one_of_many = len(places) > MANY
    looks = {
        place: _look(is_sure=is_sure, is_one_of_many=is_one_of_many)
        for place, is_sure in places.items()
    }
    looks |= {cell.place: Frame.STRANGE for cell in strange}
    told = dict.fromkeys(place for e in entries for place in schedules.places([e], lang))
    pictures = []
    for grid in _read_again(digest_of(bytes_of(path)), str(path)).grids:
        framed = {cell.place: looks[cell.place] for cell in grid.cells if cell.place in looks}
        if framed:
            unsure = sum(look is Frame.UNSURE for look in framed.values())
            facts: dict[str, Fact] = {
                "cells": len(framed),
                "unsure": unsure,
                "file": Path(path).name,
            }
            first = next(cell.place for cell in grid.cells if cell.place in framed)
            caption = put(Statement.of(Caption.GRID, place=first, **facts), lang)
            rows = None if margin > ACROSS else 1
            data = grid_picture(grid, [Framed(p, look) for p, look in framed.items()], rows)
            pictures.append(Drawing(data, "svg+xml", caption, list(told), lang=lang))
    return pictures


@lru_cache(maxsize=4)
def _read_again(_: str, path: str) -> Tables:
    """Return what was read of a file, kept by its digest since several pictures ask for it."""
    return tables_of(bytes_of(path), Path(path).name)


def page_numbers(entries: Iterable[Entry | None]) -> list[int]:
    """Return the numbers of the pages on which some entries stand."""
    cells = (cell.place for entry in entries if entry for cell in entry.cells)
    return sorted({place.page for place in cells if isinstance(place, Box)})
