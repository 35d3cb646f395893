"""The pages of a file as the desk shows them: pictures, or grids of cells where it has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import ReadError
from auditkit.grid import Box, Cell, Document, Grid, Place, Span, Tables
from auditkit.notebook.gridding import Framed, grid_picture
from auditkit.notebook.pages import Frame, frame_on, page_in_grey
from auditkit.readers import bytes_of, kind_of, tables_of
from auditkit.readers.marks import decoded
from auditkit.report import Report
from auditkit.schedules import place_in, visible

if TYPE_CHECKING:
    from PIL.Image import Image

    Closely = tuple[Image, float, float]

Sheet = tuple[dict[str, Any], bytes]  # what is on it, and the picture of a page
CLOSE = 2.4  # pixels to a point where a cell is looked at closely: a line is 25 high
BESIDE, ABOVE, TALL = 70.0, 16.0, 150.0  # points around it that are shown, and of its height
LETTERS = 60  # of a text, before and behind
FEW = 2  # parts of a cell that a page edge cuts, each shown
QUICKLY = 1  # of PNG: a page of A4 takes 10 ms and 100 KB, and is seen by nobody but this browser


class Sheets:
    """The sheets of a file by their names, each made once: ``page 3``, or a grid by its number.

    A page is a picture, measured in points; a grid lists its cells, each with its place as it is
    written in ``spot``. Raises ReadError where the file is not there, or is another one than was
    reviewed.
    """

    def __init__(
        self, path: str | Path, document: Document, lang: str, tables: Tables | None = None
    ) -> None:
        self.path, self.document, self.lang, self.tables = path, document, lang, tables
        self._made: dict[str, Sheet] = {}
        self._close: dict[int, Closely] = {}  # the page that was looked at last

    def of(self, name: str) -> Sheet:
        """Return a sheet."""
        if name not in self._made:
            self._made[name] = self._page(int(name)) if name.isdigit() else self._grid(name)
        return self._made[name]

    def spot(self, cell: Cell) -> dict[str, Any]:
        """Return the sheet that a cell stands on, and where on it."""
        if isinstance(cell.place, Box):
            box = cell.place
            return {"sheet": str(box.page), "box": [box.left, box.top, box.right, box.bottom]}
        at = _written(cell.place)
        return {"sheet": self._sheet_of.get(at, ""), "at": at}

    def of_form(self, report: Report) -> list[str]:
        """Return the names of the sheets that a form stands on, in their order."""
        cells = (cell for entry in report.entries() for cell in entry.cells)
        names = {self.spot(cell)["sheet"] for cell in cells} - {""}
        return sorted(names, key=lambda name: int(name.rpartition(" ")[2]))

    def around(self, cells: Sequence[Cell]) -> tuple[dict[str, Any], list[bytes]]:
        """Return pictures of some cells with what lies around them, and of which kind they are.

        Of a text its lines are told, each as what stands before, in and behind the cell.
        """
        self._data  # noqa: B018 - the right file, or none
        pages = sorted({cell.place.page for cell in cells if isinstance(cell.place, Box)})
        places = {cell.place for cell in cells if not isinstance(cell.place, Box)}
        drawn = [self._closely(page, cells) for page in pages[:FEW]]
        spans = [place for place in places if isinstance(place, Span)]
        if spans and kind_of(self._data) == "text":
            return {"kinds": [], "lines": list(self._excerpts(sorted(spans)[:FEW]))}, []
        grids = self._grids.values() if places else ()
        framed = (
            (grid, [Framed(c.place, Frame.UNSURE) for c in grid.cells if c.place in places])
            for grid in grids
        )
        tables = [grid_picture(grid, some, 1) for grid, some in framed if some][:FEW]
        kinds = ["png"] * len(drawn) + ["svg+xml"] * len(tables)
        return {"kinds": kinds, "lines": []}, [*drawn, *tables]

    def _closely(self, number: int, cells: Iterable[Cell]) -> bytes:
        """Draw the cells that stand on a page, framed, with some of their surroundings."""
        if number not in self._close:
            self._close = {number: page_in_grey(self.path, number, CLOSE)}
        page, wide, high = self._close[number]
        boxes = [c.place for c in cells if isinstance(c.place, Box) and c.place.page == number]
        part = Box(
            number,
            max(0.0, min(box.left for box in boxes) - BESIDE),
            max(0.0, min(box.top for box in boxes) - ABOVE),
            min(wide, max(box.right for box in boxes) + BESIDE),
            min(high, max(box.bottom for box in boxes) + ABOVE, boxes[0].top + TALL),
        )
        scale, whole = page.width / wide, BytesIO()
        corner, end = (part.left, part.top), (part.right, part.bottom)
        left, top, right, bottom = (round(scale * side) for side in (*corner, *end))
        crop = page.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        for box in boxes:
            frame_on(crop, box, part, scale)
        crop.save(whole, "png", compress_level=QUICKLY)
        return whole.getvalue()

    def _excerpts(self, spans: Iterable[Span]) -> Iterator[list[str]]:
        """Yield what of a text stands before, in and behind some places."""
        lines = decoded(self._data).splitlines()
        for span in spans:
            line, (first, last) = lines[span.line - 1], (span.first - 1, span.last)
            parts = (line[max(0, first - LETTERS) : first], line[first:last])
            texts = (*parts, line[last : last + LETTERS])
            yield ["\t".join(map(visible, text.split("\t"))) for text in texts]

    @cached_property
    def _data(self) -> bytes:
        data = bytes_of(self.path)
        if sha256(data).hexdigest() != self.document.sha256:
            name, document = Path(self.path).name, self.document.name
            raise ReadError.saying("file-not-reviewed", name=name, document=document)
        return data

    @cached_property
    def _grids(self) -> dict[str, Grid]:
        grids = (self.tables or tables_of(self._data, self.document.name)).grids
        return {f"grid {number}": grid for number, grid in enumerate(grids, start=1)}

    @cached_property
    def _sheet_of(self) -> dict[str, str]:
        try:
            grids = self._grids
        except ReadError:  # which is said when a sheet is asked for
            return {}
        cells = ((name, cell) for name, grid in grids.items() for cell in _all(grid))
        return {_written(cell.place): name for name, cell in cells}

    def _page(self, number: int) -> Sheet:
        self._data  # noqa: B018 - the right file, or none
        picture, wide, high = page_in_grey(self.path, number)
        whole = BytesIO()
        picture.convert("L").save(whole, "png", compress_level=QUICKLY)
        return {"wide": wide, "high": high}, whole.getvalue()

    def _grid(self, name: str) -> Sheet:
        grid = self._grids[name]
        cells = [
            {
                "at": _written(cell.place),
                "text": visible(cell.text.replace("\n", " ")),
                "row": cell.row,
                "column": cell.column,
                "rows": cell.row_span,
                "columns": cell.column_span,
                "unsure": bool(cell.doubts),
                "where": place_in(self.lang, cell),
            }
            for cell in grid.cells
        ]
        heading = [visible(line.text.replace("\n", " ")) for line in grid.heading]
        at = [_written(line.place) for line in grid.heading]
        lines = list(zip(at, heading, strict=True))
        return {"heading": lines, "cells": cells}, b""


def _all(grid: Grid) -> Iterable[Cell]:
    return (*grid.heading, *grid.cells)


def _written(place: Place) -> str:
    """Return a place as a text that tells it from any other of its file."""
    return repr(place)
