"""Workbooks in which a value is set in pieces, or shown otherwise, and what a person sees of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any

from hostile_parts import changed
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule, Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from trick_forms import HEADS, ROWS, TITLE, YEAR, Piece, pieces, seen_of

WIDTH, AT = 16, "E4"  # of the columns in characters; where the value stands
SHEET = "xl/worksheets/sheet1.xml"


def new_book() -> tuple[Workbook, Any, Any]:
    """Return the form as a workbook, its sheet, and the cell where the value stands."""
    book = Workbook()
    book.calculation.fullCalcOnLoad = False
    sheet: Any = book.active
    lines = ((TITLE,), (YEAR,), HEADS, *ROWS, ("总分", None, None, None, None, 10, 10))
    for row, texts in enumerate(lines, start=1):
        for column, text in enumerate(texts, start=1):
            if text is not None:
                sheet.cell(row, column, int(text) if text in ("5", "10") else text)
    sheet.merge_cells("A6:E6")
    for column in "ABCDEFGH":
        sheet.column_dimensions[column].width = WIDTH
    return book, sheet, sheet[AT]


def saved(book: Workbook) -> bytes:
    """Return a workbook as a file."""
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def with_sheet(data: bytes, change: Callable[[str], str]) -> bytes:
    """Return a workbook with the XML of its sheet changed."""

    def change_part(parts: dict[str, bytes]) -> None:
        parts[SHEET] = change(parts[SHEET].decode()).encode()

    return changed(data, change_part)


def calculated(book: Workbook, cell: Any, formula: str, value: str) -> bytes:
    """Return a workbook whose cell has a formula, and a value that was worked out before."""
    cell.value = f"={formula}"
    both = f"<f>{formula}</f><v>{value}</v>"
    return with_sheet(
        saved(book), lambda text: re.sub(r"<f>[^<]*</f><v\s*/?>(?:</v>)?", lambda _: both, text)
    )


_HIDES: tuple[dict[str, Any], ...] = (
    {"color": "FFFFFFFF"}, {"sz": 1}, {"rFont": "Wingdings"}, {"color": "FFFDFDFD"}, {"charset": 2},
)  # fmt: skip
_SHOWS: tuple[dict[str, Any], ...] = (
    {}, {"b": True}, {"sz": 12}, {"color": "FF333333"}, {"i": True}, {"rFont": "宋体"},
    {"u": "single"},
)  # fmt: skip


def xlsx(noise: Random) -> tuple[bytes, str]:
    """Return a workbook, and what a person sees in its cell."""
    if noise.random() < 0.5:
        book, _, cell = new_book()
        parts = pieces(noise)
        cell.value = CellRichText(*(_block(part, noise) for part in parts))
        return saved(book), seen_of(parts)
    return noise.choice(WAYS)(noise)


def _block(part: Piece, noise: Random) -> TextBlock:
    fonts = {"shown": _SHOWS, "hidden": _HIDES, "struck": ({"strike": True},)}[part.how]
    return TextBlock(InlineFont(**noise.choice(fonts)), part.text)


def _formatted(noise: Random) -> tuple[bytes, str]:
    """Show a number by a format that hides it, prints a constant, or only rounds it."""
    book, _, cell = new_book()
    cell.value = noise.choice((0.92, 0.055, 0.29))
    form, seen = noise.choice(
        (
            (";;;", ""), ('"29%"', "29%"), ('"-"0%', f"-{cell.value * 100:.0f}%"),
            ("0%", ""), ('0;0;0;@', ""), ('[>2]0%;"29%"', "29%"), ('"2"0', ""), ("[White]0%", ""),
            ("*90%", ""), ("[DBNum1]0%", ""), ("0.00E+00", ""),
        )
    )  # fmt: skip
    cell.number_format = form
    if form == "0%":
        cell.value, seen = 0.92, "92%"
    elif form == "0;0;0;@":
        cell.value, seen = -92, "92"
    elif form == '"2"0':
        cell.value, seen = 92, "292"
    elif form == '"-"0%':
        cell.value, seen = 0.92, "-92%"
    elif form in ("*90%", "[DBNum1]0%", "0.00E+00"):
        seen = "\0"  # nothing that a reader here may be sure of
    return saved(book), seen


def _text_formatted(noise: Random) -> tuple[bytes, str]:
    """Show a text by the part of a format that is for texts."""
    book, _, cell = new_book()
    cell.value = "92%"
    cell.number_format, seen = noise.choice(
        ((";;;", ""), ('0;0;0;"29%"', "29%"), ('@"以上"', "92%以上"), ("@", "92%"), ("0%", "92%"))
    )
    return saved(book), seen


def _whole(noise: Random) -> tuple[bytes, str]:
    """Set the whole cell so that it is hidden, struck, or as it is."""
    book, sheet, cell = new_book()
    cell.value, seen = "92%", ""
    match noise.randrange(9):
        case 0:
            cell.font = Font(color="FFFFFF")
        case 1:
            cell.font = Font(color="101010")
            cell.fill = PatternFill("solid", fgColor="000000")
        case 2:
            cell.font = Font(strike=True)
        case 3:
            cell.font = Font(size=noise.choice((1, 2, 3)))
        case 4:
            cell.alignment = Alignment(horizontal="fill")
            seen = "92%" * 4
        case 5:
            cell.alignment = Alignment(indent=noise.randrange(60, 250))
        case 6:
            cell.font = Font(name=noise.choice(("Wingdings", "Webdings", "Symbol")))
            seen = "\0"
        case 7:
            sheet.column_dimensions["E"].width = noise.choice((0.2, 0.3))
        case _:
            cell.font, seen = Font(color=noise.choice(("000000", "333333", "0000FF"))), "92%"
    return saved(book), seen


def _row(noise: Random) -> tuple[bytes, str]:
    """Hide the row, the column, or all rows that have no height of their own."""
    book, sheet, _ = new_book()
    sheet[AT] = "92%"
    match noise.randrange(5):
        case 0:
            sheet.row_dimensions[4].hidden = True
        case 1:
            sheet.row_dimensions[4].height = noise.choice((0.5, 1, 2, 3))
        case 2:
            sheet.column_dimensions["E"].hidden = True
        case 3:
            sheet.sheet_format.zeroHeight = True
        case _:
            sheet.sheet_state = "hidden"
            book.create_sheet("b")
    return saved(book), ""


def _conditional(noise: Random) -> tuple[bytes, str]:
    """Lay a format over the cell that depends on its value."""
    book, sheet, cell = new_book()
    cell.value, cell.number_format = 0.92, "0%"
    seen = ""
    match noise.randrange(4):
        case 0:
            font = Font(color="FFFFFF")
            sheet.conditional_formatting.add(AT, CellIsRule("greaterThan", ["0"], font=font))
        case 1:
            form = DifferentialStyle(numFmt=NumberFormat(200, '"29%"'))
            rule = Rule(type="cellIs", operator="greaterThan", formula=["0"], dxf=form)
            sheet.conditional_formatting.add("A1:H9", rule)
            seen = "29%"
        case 2:
            fill = PatternFill(bgColor="000000", fill_type="solid")
            sheet.conditional_formatting.add(AT, CellIsRule("greaterThan", ["0"], fill=fill))
        case _:
            font = Font(bold=True)
            sheet.conditional_formatting.add(AT, CellIsRule("greaterThan", ["0"], font=font))
            seen = "92%"
    return saved(book), seen


def _set(noise: Random) -> tuple[bytes, str]:
    """Set the sheet so that it shows no noughts or its formulas, or works them out anew."""
    book, _, cell = new_book()
    match noise.randrange(4):
        case 0:
            cell.value = 0
            return _seen_by(saved(book), 'showZeros="0"'), ""
        case 1:
            cell.value = 0.92
            return _seen_by(saved(book), 'showFormulas="1"'), "\0"
        case 2:
            return calculated(book, cell, "RAND()", "0.92"), "\0"
        case _:
            return calculated(book, cell, "46/50", "0.92"), "0.92"


def _seen_by(data: bytes, setting: str) -> bytes:
    return with_sheet(data, lambda text: text.replace("<sheetView ", f"<sheetView {setting} ", 1))


WAYS = (_formatted, _text_formatted, _whole, _row, _conditional, _set)
