"""Workbooks (.xlsx, .xls, .ods) and plain tables (.csv, .tsv): what is shown, and what is stored.

A form says what its cells show: 93.74% where 0.93735… is stored. The stored value is kept beside
it, so that a rule can tell where the two differ by more than the display rounds.
"""

from __future__ import annotations

import csv
import math
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import AuditkitError, LimitError
from auditkit.grid import Cell, Document, Grid, SheetCell, Tables
from auditkit.readers.flow import HIDDEN
from auditkit.readers.formats import is_elapsed, shown_date, shown_number, shown_text
from auditkit.readers.limits import COMPARED, Count
from auditkit.readers.marks import MAY_HOLD, has_mark
from auditkit.readers.rejoining import rejoined
from auditkit.readers.seen import BLACK, WHITE, Colour, is_seen
from auditkit.readers.troubles import trouble
from auditkit.wording import Fact, Phrase, Series

NEVER_CALCULATED = Doubt(DoubtKind.NEVER_CALCULATED)
IS_ERROR = Doubt(DoubtKind.FORMULA_FAILED)
OVERLAID = Doubt(DoubtKind.OVERLAID)
MERGED_BADLY = Doubt(DoubtKind.MERGED_BADLY)
DELIMITERS = ",\t;|"  # of plain tables
MOST_COLUMNS = 16_384  # of a sheet of Excel
MOST_BLANK_LINES = 20  # between what stands on a sheet; more of them mean nothing
NO_MERGED_CELLS = Note(NoteKind.NO_MERGED_CELLS)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # a character of XML that is none, by its code
SEEN_FROM, _TWIPS = 5, 20  # points, of the smallest text that is read; parts of a point
_ROOM = 1.0  # no page edge cuts the cells of a sheet

Area = tuple[int, int, int, int]  # top, left, bottom, right


@dataclass(frozen=True, slots=True)
class Square:
    """One square of a sheet: what it shows, what is stored where that is more, and doubts."""

    text: str
    stored: str = ""
    doubts: tuple[Doubt, ...] = ()


@dataclass(slots=True)
class Sheet:
    """A sheet as the file has it; rows and columns count from zero."""

    name: str
    squares: dict[tuple[int, int], Square] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    over: list[Area] = field(default_factory=list)  # where pictures lie


def read(data: bytes, document: Document) -> Tables:
    """Read each sheet that can hold a form as one grid; hidden parts are read and said to be so.

    Raises EncryptedError, DamagedError, or NoFormError where no sheet holds a form.
    """
    kind, count = _kind(data), Count(document.name)
    sheets = _opened(lambda: list(_LOADERS[kind](data, count)), document)
    return _tables_of(document, f"workbook/{kind}", sheets, count)


def sheets_of(data: bytes, document: Document) -> Iterator[Sheet]:
    """Return all sheets of a workbook, whatever they hold."""
    kind, count = _kind(data), Count(document.name)
    yield from _opened(lambda: list(_LOADERS[kind](data, count)), document)


def _kind(data: bytes) -> str:
    is_ods = b"opendocument.spreadsheet" in data[:200]
    return ("ods" if is_ods else "xlsx") if data.startswith(b"PK") else "xls"


def _xlsx(data: bytes, count: Count) -> Iterator[Sheet]:
    from auditkit.readers.xlsx import sheets  # openpyxl is loaded for these files only

    return sheets(data, count)


def _tables_of(document: Document, reader: str, sheets: Iterable[Sheet], count: Count) -> Tables:
    """Return the sheets that can belong to a form as grids, and notes on what of them is hidden."""
    grids: list[Grid] = []
    notes: list[Note] = []
    for sheet in sheets:
        short = (s.text for s in sheet.squares.values() if len(s.text) <= count.most.text)
        if sum(map(has_mark, short)) < MAY_HOLD:
            continue
        try:
            for (row, column), square in sheet.squares.items():
                count.text(square.text, SheetCell(sheet.name, f"{letters(column)}{row + 1}"))
            cells = tuple(_cells(sheet, document, count))
        except LimitError as error:
            notes.append(Note.of(NoteKind.SHEET_UNREAD, reason=error.told))
            continue
        grids.append(Grid(document, len(grids) + 1, reader, cells))
        notes += _hidden(sheet)
    if not grids:
        reason: Fact = Series(notes) if notes else Phrase.of("sheets-formless")
        raise trouble("workbook-formless", document.name, reason=reason)
    return Tables(document, tuple(grids), tuple(notes))


def _hidden(sheet: Sheet) -> Iterator[Note]:
    rows, columns = sorted({r for r, _ in sheet.squares}), sorted({c for _, c in sheet.squares})
    hidden = tuple(row + 1 for row in rows if row in sheet.hidden_rows)
    lost = tuple(letters(column) for column in columns if column in sheet.hidden_columns)
    if sheet.is_hidden:
        yield Note.of(NoteKind.SHEET_HIDDEN, sheet=sheet.name)
    if hidden:
        yield Note.of(NoteKind.ROWS_HIDDEN, sheet=sheet.name, rows=hidden)
    if lost:
        yield Note.of(NoteKind.COLUMNS_HIDDEN, sheet=sheet.name, columns=lost)


def _cells(sheet: Sheet, document: Document, count: Count) -> Iterator[Cell]:
    """Yield the cells of the used part of a sheet, merged ones whole, blank ones too."""
    used = [place for place, square in sheet.squares.items() if square.text or square.doubts]
    rows = _without_gaps({row for row, _ in used})
    columns = _without_gaps({column for _, column in used})
    at, along_at = ({line: n for n, line in enumerate(lines)} for lines in (rows, columns))
    place = f"sheet {sheet.name}"
    count.hold("columns", len(columns), "columns of one table", place)
    count.add("cells", len(rows) * len(columns), "cells, spans and all", place)
    taken: dict[tuple[int, int], tuple[int, int]] = {}  # by square: where its whole begins
    wholes: dict[tuple[int, int], tuple[int, int, tuple[Doubt, ...]]] = {}
    for top, left, bottom, right in sorted(sheet.merged):
        down = rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
        along = columns[bisect_left(columns, left) : bisect_right(columns, right)]
        squares = 1 + len(down) * len(along)
        count.add("cells", squares, "squares of merged cells", place, of=f"merged on {place}")
        inside = {(row, column) for row in down for column in along}
        if (top, left) not in inside:
            continue
        own = top, left
        if clashes := {taken[square] for square in inside & taken.keys()}:
            for start in clashes | ({own} - taken.keys()):
                wholes[start] = (*wholes.get(start, (1, 1))[:2], (MERGED_BADLY,))
        else:
            wholes[own] = (len(down), len(along), ())
            taken |= dict.fromkeys(inside, own)
    ends = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
    for row in rows:
        for column in columns:
            if taken.get((row, column), (row, column)) != (row, column):
                continue
            square = sheet.squares.get((row, column), Square(""))
            row_span, column_span, odd = wholes.get((row, column), (1, 1, ()))
            hidden = sheet.is_hidden or row in sheet.hidden_rows or column in sheet.hidden_columns
            reference = f"{letters(column)}{row + 1}"
            whole = (row, column, *ends.get((row, column), (row, column)))
            over = (OVERLAID,) if sheet.over and meets(sheet.over, whole, count) else ()
            cell = Cell(
                document, SheetCell(sheet.name, reference), square.text, at[row],
                along_at[column], row_span, column_span, square.stored,
                (*square.doubts, *over), _ROOM,
            )  # fmt: skip
            yield cell.doubted((*odd, HIDDEN) if hidden else odd)


def meets(areas: Sequence[Area], area: Area, count: Count) -> bool:
    """Tell whether an area, such as a cell, lies in or under one of some others."""
    count.add("comparisons", len(areas), COMPARED)
    top, left, bottom, right = area
    return any(top <= b and t <= bottom and left <= r and lft <= right for t, lft, b, r in areas)


def _without_gaps(used: set[int]) -> list[int]:
    """Return the rows or columns in use and those between, but few of a long blank stretch."""
    rows: list[int] = []
    for row in sorted(used):
        start = rows[-1] + 1 if rows else row
        rows += range(max(start, row - MOST_BLANK_LINES), row + 1)
    return rows


def letters(column: int) -> str:
    """Return how sheets name a column that counts from zero.

    >>> letters(0), letters(25), letters(26), letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name


def displayed(value: Any, number_format: str) -> Square:
    """Return what a value shows in a display format; numbers keep what is stored beside it."""
    if value is None or isinstance(value, str):
        held = _ESCAPED.sub(_unescaped, value or "").replace("\r\n", "\n").replace("\r", "").strip()
        shown = shown_text(held, number_format)
        return Square(shown, "" if shown == held else held)
    if isinstance(value, bool):
        return Square(str(value).upper())
    if isinstance(value, datetime | date | time):
        odd = Doubt.of(DoubtKind.UNKNOWN_FORMAT, format=number_format)
        doubts = (odd,) if is_elapsed(number_format) else ()
        return Square(shown_date(value, number_format), value.isoformat(), doubts)
    if isinstance(value, timedelta):
        doubt = Doubt.of(DoubtKind.UNKNOWN_FORMAT, format=number_format)
        return Square(str(value), doubts=(doubt,))
    if not isinstance(value, int | float):
        return Square(str(value))
    if not math.isfinite(value):
        return Square(str(value), doubts=(IS_ERROR,))
    number = Decimal(repr(value))
    text = shown_number(number, number_format)
    if text is None:
        doubt = Doubt.of(DoubtKind.UNKNOWN_FORMAT, format=number_format)
        return Square(f"{number:f}", doubts=(doubt,))
    stored = f"{number:f}"
    return Square(text, "" if stored == text else stored)


def _unescaped(found: re.Match[str]) -> str:
    """Return the character that a workbook says by its code, none where it cannot be one."""
    code = int(found[1], 16)
    return "" if 0xD800 <= code <= 0xDFFF else chr(code)


def _opened(open_it: Callable[[], Any], document: Document) -> Any:
    """Open a workbook by a library; whatever that stumbles over is the file's fault."""
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):  # openpyxl prints as well
            warnings.simplefilter("ignore")
            return open_it()
    except AuditkitError:
        raise
    except Exception as error:
        what = "locked" if "encrypted" in str(error).lower() else "damaged"
        raise trouble(f"workbook-{what}", document.name, reason=str(error)) from error


def _xls(data: bytes, count: Count) -> Iterator[Sheet]:
    import xlrd

    book = xlrd.open_workbook(
        file_contents=data, formatting_info=True, ragged_rows=True, logfile=StringIO()
    )
    for own in book.sheets():
        sheet = Sheet(own.name, is_hidden=own.visibility != 0)
        many = sum(map(own.row_len, range(own.nrows)))
        count.add("elements", many, "cells of all sheets", f"sheet {own.name}")
        for row in range(own.nrows):
            for column, cell in enumerate(own.row(row)):
                if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    continue
                style = book.xf_list[cell.xf_index]
                form = book.format_map[style.format_key].format_str
                square = _xls_square(book, cell, form)
                doubts = (*square.doubts, *_xls_doubts(book, style, square.text))
                sheet.squares[row, column] = replace(square, doubts=doubts)
        sheet.merged = [(t, lft, b - 1, r - 1) for t, b, lft, r in own.merged_cells]
        sheet.hidden_rows = {r for r, info in own.rowinfo_map.items() if info.hidden}
        sheet.hidden_columns = {c for c, info in own.colinfo_map.items() if info.hidden}
        yield sheet


def _xls_doubts(book: Any, style: Any, text: str) -> Iterator[Doubt]:
    """Yield why text of a style may be seen otherwise, or not at all."""
    font, ground = book.font_list[style.font_index], style.background
    colour = _xls_colour(book, font.colour_index, BLACK)
    under = WHITE
    if ground.fill_pattern:
        under = _xls_colour(book, ground.pattern_colour_index, WHITE)
    if font.height < SEEN_FROM * _TWIPS or not is_seen(colour, under):
        yield HIDDEN
    if font.struck_out and text:
        yield Doubt.of(DoubtKind.STRUCK, text=text)


def _xls_colour(book: Any, index: int, usual: Colour) -> Colour:
    parts = book.colour_map.get(index)
    if parts is None:
        return usual
    red, green, blue = (part / 255 for part in parts)
    return red, green, blue, 1.0


def _xls_square(book: Any, cell: Any, form: str) -> Square:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(cell.value, "#N/A")
        return Square(text, doubts=(IS_ERROR,))
    value = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE:
        with suppress(ValueError, OverflowError):  # a number out of the calendar stays one
            value = xlrd.xldate_as_datetime(value, book.datemode)
    elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
        value = bool(value)
    elif cell.ctype == xlrd.XL_CELL_NUMBER and value.is_integer():
        value = int(value)
    return displayed(value, form)


def _ods(data: bytes, count: Count) -> Iterator[Sheet]:
    from auditkit.readers.ods import sheets

    return sheets(data, count)


_LOADERS: dict[str, Callable[[bytes, Count], Iterator[Sheet]]] = {
    "xlsx": _xlsx,
    "xls": _xls,
    "ods": _ods,
}


def separated(text: str, document: Document) -> list[list[str]]:
    """Return the lines of a plain table, parted where most of its beginning is."""
    delimiter = max(DELIMITERS, key=text[:5000].count)
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    parted: list[list[str]] = _opened(lambda: list(lines), document)
    return parted


def lines_of(text: str, document: Document) -> Tables:
    """Read comma or tab separated text, with the merged cells that such files lose put back.

    A blank square belongs to the cell on its left where the header above it is blank too, and to
    the cell above where nothing stands left of it below a label of a group; a note says so.
    """
    count, sheet = Count(document.name), Sheet(document.name)
    delimited = max(map(text.count, DELIMITERS))
    count.hold("elements", delimited + text.count("\n"), "cells of a plain table")
    for row, values in enumerate(separated(text, document)):
        for column, value in enumerate(values):
            if value.strip():
                sheet.squares[row, column] = Square(value.strip())
    rows, columns = (max(line) + 1 for line in zip(*sheet.squares, strict=True))
    count.hold("columns", columns, "columns of one table")
    count.hold("cells", rows * columns, "cells, spans and all")
    sheet.merged = rejoined({at: square.text for at, square in sheet.squares.items()})
    tables = _tables_of(document, "workbook/csv", [sheet], count)
    return replace(tables, notes=(*tables.notes, NO_MERGED_CELLS))
