"""Workbooks of many rows: written a row at a time, the same bytes for the same tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any, NamedTuple

from auditkit import schedules
from auditkit.files import same_bytes, short_digest
from auditkit.workpapers.formulas import Formula
from auditkit.workpapers.returned import held

HEAD, ASK, BAD = "E8ECF0", "EAF3E6", "F6D5D8"
SIZE, LINE, MOST_LINES = 10, 15, 27  # points of type and of a line; lines that Excel can show
A4 = 9
_FORMULA = re.compile(r'(<c r="(\w+)"[^>]*?)(?: t="\w+")?(><f>[^<]*</f>)<v\s*(?:/>|></v>)')
_WHOLE = "#,##0"


class Link(NamedTuple):
    """A text that leads to a file beside the book."""

    text: str
    target: str


class _Look(NamedTuple):
    fill: str
    is_head: bool
    shape: str
    is_link: bool
    is_quoted: bool


Shown = str | int | Decimal | Formula | Link | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as a sheet: a title, heads and rows, in columns of so many characters.

    Only the first ``printed`` columns are printed, the last ``hidden`` not shown. ``asked`` are the
    columns that a person is to fill in, by number from zero, ``choices`` what one of them offers.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Shown]]
    widths: Sequence[float]
    printed: int = 0
    hidden: int = 0
    asked: frozenset[int] = frozenset()
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    bad: frozenset[int] = frozenset()


def book(sheets: Sequence[Sheet]) -> bytes:
    """Return sheets as a workbook whose formulas have what they come to beside them."""
    from openpyxl import Workbook

    made, whole = Workbook(write_only=True), BytesIO()
    values = {f"xl/worksheets/sheet{n}.xml": _lay(made, s) for n, s in enumerate(sheets, start=1)}
    made.calculation.fullCalcOnLoad = True
    made.save(whole)
    return same_bytes(whole.getvalue(), calculated(values))


def row_digests(sheets: Sequence[Sheet], free: Collection[str]) -> list[str]:
    """Return the digests of rows as ``returned.rows_of`` has them, by which a person's are told.

    What stands below the heads ``free`` on a sheet with hidden columns is no part of its row.
    """
    found = []
    for sheet in sheets:
        left = {at for at, head in enumerate(sheet.heads) if sheet.hidden and head in free}
        for row in (sheet.heads, *sheet.rows):
            cells = (held(_value(each)) for at, each in enumerate(row) if at not in left)
            found.append(short_digest(sheet.title, "\0".join(cells).rstrip("\0")))
    return list(dict.fromkeys(found))


def _value(given: Shown) -> str | int | Decimal:
    if isinstance(given, Formula):
        return f"={given.text}"
    if isinstance(given, int | Decimal):
        return given
    return schedules.lines(_text(given))[: schedules.LARGEST_CELL]


def calculated(values: Mapping[str, Mapping[str, Decimal | str]]) -> Callable[[str, bytes], bytes]:
    """Return what puts beside the formulas of each sheet what they come to, by their cells."""

    def put_beside(name: str, part: bytes) -> bytes:
        if not (known := values.get(name)):
            return part
        return _FORMULA.sub(lambda found: _valued(found, known[found[2]]), part.decode()).encode()

    return put_beside


def _valued(found: re.Match[str], value: Decimal | str) -> str:
    if isinstance(value, str):
        return f'{found[1]} t="str"{found[3]}<v>{value}</v>'
    return f"{found[1]}{found[3]}<v>{value:.15g}</v>"


def _lay(made: Any, plan: Sheet) -> dict[str, Decimal | str]:
    """Write one sheet, and return what its formulas come to by their cells."""
    from openpyxl.utils import get_column_letter as letter
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet, columns = made.create_sheet(plan.title), len(plan.heads)
    for at, width in enumerate(plan.widths, start=1):
        sheet.column_dimensions[letter(at)].width = width
        sheet.column_dimensions[letter(at)].hidden = at > columns - plan.hidden
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{letter(columns)}{len(plan.rows) + 1}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.page_setup.paperSize = A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    sheet.page_margins = PageMargins(0.3, 0.3, 0.4, 0.7, footer=0.3)
    sheet.oddFooter.right.text = "&A, &P / &N"
    if plan.printed:
        sheet.print_area = f"A1:{letter(plan.printed)}{len(plan.rows) + 1}"
    for at, offered in plan.choices.items():
        choice = DataValidation("list", formula1=f'"{",".join(offered)}"')
        choice.showErrorMessage = True
        choice.add(f"{letter(at + 1)}2:{letter(at + 1)}{max(len(plan.rows) + 1, 2)}")
        sheet.data_validations.append(choice)
    return _write(sheet, plan)


def _write(sheet: Any, plan: Sheet) -> dict[str, Decimal | str]:
    from openpyxl.utils import get_column_letter as letter

    looks, values = _Looks(sheet), dict[str, Decimal | str]()
    shown = [width for width, _ in zip(plan.widths, plan.heads, strict=True)]
    shown = shown[: plan.printed or len(shown) - plan.hidden]
    for number, row in zip(count(1), (plan.heads, *plan.rows), strict=False):
        fill = HEAD if number == 1 else BAD if number - 2 in plan.bad else ""
        cells = []
        for at, given in enumerate(row):
            own = ASK if at in plan.asked and number > 1 else fill
            cells.append(looks.cell(given, own, is_head=number == 1))
            if isinstance(given, Formula):
                values[f"{letter(at + 1)}{number}"] = given.value
        lines = (_lines(_text(cell), width) for cell, width in zip(row, shown, strict=False))
        sheet.row_dimensions[number].height = LINE * min(max(lines, default=1), MOST_LINES) + 3
        sheet.append(cells)
    return values


class _Looks:
    """The cells of one sheet, each look made once: to compare styles takes long."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.known: dict[_Look, Any] = {}

    def cell(self, given: Shown, fill: str, *, is_head: bool) -> Any:
        """Return a cell that holds a value; text stays text, whatever it looks like."""
        from openpyxl.cell import WriteOnlyCell

        cell, is_link = WriteOnlyCell(self.sheet), isinstance(given, Link)
        cell.value, shape = _value(given) or None, ""
        if isinstance(given, Formula):
            shape = given.shape
        elif isinstance(given, int | Decimal):
            cell.value, shape = given, _shape(given)
        elif cell.value:
            cell.data_type = "s"
        is_quoted = not shape and str(cell.value or "").startswith(("=", "+", "-", "@"))
        look = _Look(fill, is_head, shape, is_link, is_quoted)
        if look not in self.known:
            self.known[look] = self._made(look)
        cell._style = self.known[look]
        if isinstance(given, Link) and cell.value:
            cell.hyperlink = given.target
        return cell

    def _made(self, look: _Look) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        cell = WriteOnlyCell(self.sheet)
        side = "center" if look.is_head or look.shape else None
        cell.alignment = Alignment(side, vertical="top", wrap_text=True)
        cell.border = Border(*[Side("hair", "9AA5B1")] * 4)
        cell.fill = PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill()
        colour, line = ("0B5394", "single") if look.is_link else (None, None)
        cell.font = Font("Calibri", SIZE, bold=look.is_head, color=colour, underline=line)
        cell.number_format = look.shape or "General"
        cell.quotePrefix = look.is_quoted
        return cell._style


def _shape(number: int | Decimal) -> str:
    """Return the format that shows a number with the places that it has."""
    places = -int(Decimal(number).normalize().as_tuple().exponent)
    return _WHOLE + ("." + "0" * places if places > 0 else "")


def _text(given: Shown) -> str:
    if isinstance(given, Formula):
        return ""
    return given.text if isinstance(given, Link) else str(given or "")


def _lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column; an ideograph is as wide as two letters."""
    wide = (sum(1 if c.isascii() else 2 for c in line) for line in text.split("\n"))
    return sum(max(1, -(-each // max(1, int(width) - 1))) for each in wide)
