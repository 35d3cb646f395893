"""What a sheet shows of its cells as a whole: noughts, formulas, what its columns have room for."""

from __future__ import annotations

import unicodedata
from typing import Any

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.flow import HIDDEN
from auditkit.readers.sheet_looks import CUT_OFF
from auditkit.readers.workbook import Square

SHOWS_FORMULAS = Doubt.of(DoubtKind.DECLARED, property="showFormulas")
_USUAL_SIZE = 11  # points, of the characters that widths of columns count
_SHORT = 12  # characters of a figure with its sign and unit
_SPARE = 2.5  # characters: of a width, what else programs take into account


class View:
    """How a sheet is set to be seen."""

    def __init__(self, sheet: Any) -> None:
        """Take what the first window of a sheet is set to, and the widths that are set."""
        windows = sheet.views.sheetView
        self._hides_noughts = bool(windows) and windows[0].showZeros is False
        self._shows_formulas = bool(windows) and bool(windows[0].showFormulas)
        self._sheet = sheet
        self._widths: dict[int, float] = {}
        for width in sheet.column_dimensions.values():
            if width.width is not None and width.customWidth and width.min:
                last = min(width.max or width.min, width.min + 100)
                self._widths |= dict.fromkeys(range(width.min, last + 1), width.width)
        merged = sheet.merged_cells.ranges
        self._wide = {(area.min_row, area.min_col) for area in merged}

    def blanks(self, cell: Any) -> bool:
        """Tell whether a cell is shown as blank for the nought that it holds."""
        is_number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        return self._hides_noughts and is_number and not cell.value

    def doubts(self, cell: Any, square: Square) -> tuple[Doubt, ...]:
        """Say why what a cell holds is not what the sheet shows of it."""
        if self.blanks(cell):
            return (HIDDEN,)
        told = (SHOWS_FORMULAS,) if self._shows_formulas else ()
        return (*told, CUT_OFF) if self._has_no_room(cell, square.text) else told

    def _has_no_room(self, cell: Any, text: str) -> bool:
        """Tell whether a figure is cut, or shown as ###, since its column is too narrow for it."""
        width = self._widths.get(cell.column)
        if width is None or not text or (cell.row, cell.column) in self._wide:
            return False
        if len(text) > _SHORT or not any(map(str.isdigit, text)) or cell.alignment.shrinkToFit:
            return cell.alignment.shrinkToFit is True and width < _SPARE
        places = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
        needed = places * (cell.font.sz or _USUAL_SIZE) / _USUAL_SIZE
        if needed <= width + _SPARE:
            return False
        if isinstance(cell.value, int | float):
            return (cell.number_format or "General") != "General"  # which is rounded to fit
        return not cell.alignment.wrapText and self._is_hemmed_in(cell)

    def _is_hemmed_in(self, cell: Any) -> bool:
        """Tell whether text stands beside a cell, so that its own cannot run over its border."""
        beside = self._sheet._cells.get((cell.row, cell.column + 1))
        return beside is not None and beside.value is not None


def usual_height(form: Any) -> float | None:
    """Return the height in points of rows that have none of their own, where one is set."""
    if form.zeroHeight:
        return 0.0
    return form.defaultRowHeight if form.customHeight else None
