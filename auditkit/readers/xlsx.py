"""Sheets of current workbooks (.xlsx, .xlsm), as openpyxl reads them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import column_index_from_string as index_of
from openpyxl.utils import range_boundaries

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import raised
from auditkit.readers.flow import Line
from auditkit.readers.limits import Count, of_xml
from auditkit.readers.sheet_looks import Looks, covered, height_doubts
from auditkit.readers.sheet_view import View, usual_height
from auditkit.readers.workbook import (
    IS_ERROR,
    MOST_COLUMNS,
    NEVER_CALCULATED,
    Sheet,
    Square,
    displayed,
    meets,
)

PICTURE = Doubt(DoubtKind.PICTURE)
CONDITIONAL = Doubt.of(DoubtKind.DECLARED, property="conditional format")
_RAISED = ("superscript", "subscript")
_LEAST_WIDTH = 0.5  # characters, of a column that shows anything
# Formulas that are worked out whenever a file is opened, and a book in which all of them are.
_ANY_TIME = re.compile(r"\b(?:RAND|RANDBETWEEN|RANDARRAY|NOW|TODAY)\(", re.I)
_ANEW = re.compile(rb"<(?:\w+:)?calcPr[^>]*\sfullCalcOnLoad=[\"'](?:1|true)[\"']")
_DRAWN_BY_FORMULA = re.compile(r"=(?:_xlfn\.)?(?:DISPIMG|IMAGE)\(", re.I)


@dataclass(frozen=True, slots=True)
class _Run:
    """How a part of a text that has a font of its own is seen."""

    doubts: tuple[Doubt, ...] = ()
    is_struck: bool = False


def sheets(data: bytes, count: Count) -> Iterator[Sheet]:
    """Yield the sheets of a workbook; raises whatever openpyxl does for a file out of shape."""
    _check_size(data, count)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        over = covered(archive, count)
        is_anew = _ANEW.search(archive.read("xl/workbook.xml")) is not None
    book = load_workbook(BytesIO(data), rich_text=True)
    cells = [c for s in book.worksheets for c in s._cells.values()]  # iter_rows fills up gaps
    formulas = {(c.parent.title, c.row, c.column): c for c in cells if c.data_type == "f"}
    shown = load_workbook(BytesIO(data), data_only=True, rich_text=True) if formulas else book
    looks = Looks(shown)
    for own in shown.worksheets:
        sheet = Sheet(own.title, is_hidden=own.sheet_state != "visible")
        sheet.over = [(t - 1, lft - 1, b - 1, r - 1) for t, lft, b, r in over.get(own.title, ())]
        odd = list(looks.odd_areas(own))
        view, usual = View(own), usual_height(own.sheet_format)
        for cell in (c for c in own._cells.values() if c.value is not None):
            square = _square(cell, looks)
            height = own.row_dimensions[cell.row].height if cell.row in own.row_dimensions else None
            height = usual if height is None else height
            doubts = (
                *square.doubts,
                *height_doubts(height, cell.font.sz),
                *view.doubts(cell, square),
            )
            own_area = (cell.row, cell.column, cell.row, cell.column)
            doubts += (CONDITIONAL,) if odd and meets(odd, own_area, count) else ()
            text = "" if view.blanks(cell) else square.text
            stored = square.stored if text == square.text else square.text
            sheet.squares[cell.row - 1, cell.column - 1] = Square(text, stored, doubts)
        for (title, row, column), cell in formulas.items():
            place = row - 1, column - 1
            if title == own.title and _DRAWN_BY_FORMULA.match(str(cell.value)):
                sheet.squares[place] = Square("", doubts=(PICTURE,))
            elif title == own.title and place not in sheet.squares:
                sheet.squares[place] = Square("", doubts=(NEVER_CALCULATED,))
            elif title == own.title and (is_anew or _ANY_TIME.search(str(cell.value))):
                known = sheet.squares[place]
                doubts = (*known.doubts, NEVER_CALCULATED)
                sheet.squares[place] = replace(known, doubts=doubts)
        bounds = (merged.bounds for merged in own.merged_cells.ranges)
        sheet.merged = [(t - 1, lft - 1, b - 1, r - 1) for lft, t, r, b in bounds]
        _hide(own, sheet, count)
        yield sheet


def _square(cell: Any, looks: Looks) -> Square:
    doubts = looks.doubts(cell)
    if cell.data_type == "e":
        return Square(str(cell.value), doubts=(IS_ERROR,))
    if not isinstance(cell.value, CellRichText):
        square = displayed(cell.value, cell.number_format)
        told = (_struck(doubt, square.text) for doubt in doubts)
        return Square(square.text, square.stored, (*square.doubts, *told) if square.text else ())
    line = Line()
    for part in cell.value:
        if isinstance(part, TextBlock):
            is_struck = bool(part.font.strike)
            text = raised(part.text) if part.font.vertAlign in _RAISED else part.text
            line.add(text, _Run(looks.doubts_of_run(part.font, cell), is_struck))
        else:
            usual = tuple(doubt for doubt in doubts if doubt.kind is not DoubtKind.STRUCK)
            line.add(part, _Run(usual, is_struck=len(usual) < len(doubts)))
    made = line.paragraph()
    square = displayed(made.text, cell.number_format)
    return Square(square.text, square.stored, made.doubts)


def _struck(doubt: Doubt, text: str) -> Doubt:
    """Return the doubt of a cell's style, with the text that it strikes through."""
    return Doubt.of(DoubtKind.STRUCK, text=text) if doubt.kind is DoubtKind.STRUCK else doubt


def _hide(own: Any, sheet: Sheet, count: Count) -> None:
    sheet.hidden_rows = {r - 1 for r, d in own.row_dimensions.items() if d.hidden}
    for name, dimension in own.column_dimensions.items():
        is_narrow = dimension.width is not None and dimension.width < _LEAST_WIDTH
        if dimension.hidden or is_narrow:
            first = dimension.min or index_of(name)
            last = min(dimension.max or first, MOST_COLUMNS)
            wide = max(0, last - first)
            count.add("cells", wide, "hidden columns", of=f"hidden on {own.title}")
            sheet.hidden_columns |= set(range(first - 1, last))


def _check_size(data: bytes, count: Count) -> None:
    """Refuse what would cost the library minutes and gigabytes: huge sheets, huge merged areas."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = [entry for entry in archive.infolist() if entry.filename.endswith(".xml")]
        count.hold("sheet_bytes", sum(e.file_size for e in parts), "bytes of sheets")
        for entry in parts:
            part = archive.read(entry)
            of_xml(part, count)
            if entry.filename.startswith("xl/worksheets/"):
                for area in re.findall(rb'<mergeCell[^>]*ref="([A-Z0-9:]+)"', part):
                    where = f"{area.decode()} of {entry.filename}"
                    count.add("merged", _squares(area.decode()), "merged squares", where)


def _squares(area: str) -> int:
    left, top, right, bottom = range_boundaries(area)
    return (1 + (right or 0) - (left or 0)) * (1 + (bottom or 0) - (top or 0))
