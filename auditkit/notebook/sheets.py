"""The pages of a file as the desk shows them: pictures, or grids of cells where it has none."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from auditkit.errors import ReadError
from auditkit.grid import Box, Cell, Document, Grid, Place
from auditkit.notebook.pages import page_in_grey
from auditkit.readers import bytes_of, tables_of
from auditkit.report import Report
from auditkit.schedules import place_in, visible

Sheet = tuple[dict[str, Any], bytes]  # what is on it, and the picture of a page
QUICKLY = 1  # of PNG: a page of A4 takes 10 ms and 100 KB, and is seen by nobody but this browser


class Sheets:
    """The sheets of a file by their names, each made once: ``page 3``, or a grid by its number.

    A page is a picture, measured in points; a grid lists its cells, each with its place as it is
    written in ``spot``. Raises ReadError where the file is not there, or is another one than was
    reviewed.
    """

    def __init__(self, path: str | Path, document: Document, lang: str) -> None:
        self.path, self.document, self.lang = path, document, lang
        self._made: dict[str, Sheet] = {}

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

    @cached_property
    def _data(self) -> bytes:
        data = bytes_of(self.path)
        if sha256(data).hexdigest() != self.document.sha256:
            name, document = Path(self.path).name, self.document.name
            raise ReadError.saying("file-not-reviewed", name=name, document=document)
        return data

    @cached_property
    def _grids(self) -> dict[str, Grid]:
        grids = tables_of(self._data, self.document.name).grids
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
                "where": place_in(self.lang, cell.place),
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
