"""Workbooks (.xlsx, .xls, .ods) and plain tables (.csv, .tsv): what is shown, and what is stored.

A form says what its cells show: 93.74% where 0.93735… is stored. The stored value is kept beside
it, so that a rule can tell where the two differ by more than the display rounds.
"""

from __future__ import annotations

import csv
import math
import re
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import AuditkitError, LimitError
from auditkit.grid import Cell, Document, Grid, SheetCell, Tables, plain
from auditkit.readers.flow import HIDDEN, count_in
from auditkit.readers.formats import shown_date, shown_number
from auditkit.readers.limits import Count, of_xml
from auditkit.readers.marks import LABELS, MAY_HOLD, marks_in
from auditkit.readers.troubles import trouble
from auditkit.wording import LANGUAGES, put

NEVER_CALCULATED = Doubt(DoubtKind.NEVER_CALCULATED)
IS_ERROR = Doubt(DoubtKind.FORMULA_FAILED)
MERGED_BADLY = Doubt(DoubtKind.MERGED_BADLY)
DELIMITERS = ",\t;|"  # of plain tables
MOST_COLUMNS = 16_384  # of a sheet of Excel
MOST_BLANK_LINES = 20  # between what stands on a sheet; more of them mean nothing
NO_MERGED_CELLS = Note(NoteKind.NO_MERGED_CELLS)
GROUPS = re.compile("[一二]级").search  # headers whose cells go on over the rows of a group
_WHITE_INDEXES = (1, 9)  # of the palette of Excel
_ROOM = 1.0  # no page edge cuts the cells of a sheet


@dataclass(frozen=True, slots=True)
class _Square:
    """One square of a sheet: what it shows, what is stored where that is more, and doubts."""

    text: str
    stored: str = ""
    doubts: tuple[Doubt, ...] = ()


@dataclass(slots=True)
class _Sheet:
    """A sheet as the file has it; rows and columns count from zero."""

    name: str
    squares: dict[tuple[int, int], _Square] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # top left bottom right
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    white: set[tuple[int, int]] = field(default_factory=set)  # squares whose text is not seen


def read(data: bytes, document: Document) -> Tables:
    """Read each sheet that can hold a form as one grid; hidden parts are read and said to be so.

    Raises EncryptedError, DamagedError, or NoFormError where no sheet holds a form.
    """
    load, count = _loader(data), Count(document.name)
    sheets = _opened(lambda: list(load(data, count)), document)
    return _tables_of(document, f"workbook/{load.__name__[1:]}", sheets, count)


def sheets_of(data: bytes, document: Document) -> Iterator[_Sheet]:
    """Return all sheets of a workbook, whatever they hold."""
    load, count = _loader(data), Count(document.name)
    yield from _opened(lambda: list(load(data, count)), document)


def _loader(data: bytes) -> Callable[[bytes, Count], Iterator[_Sheet]]:
    is_ods = b"opendocument.spreadsheet" in data[:200]
    return (_ods if is_ods else _xlsx) if data.startswith(b"PK") else _xls


def _tables_of(document: Document, reader: str, sheets: Iterable[_Sheet], count: Count) -> Tables:
    """Return the sheets that can belong to a form as grids, and notes on what of them is hidden."""
    grids: list[Grid] = []
    notes: list[Note] = []
    for sheet in sheets:
        short = (s.text for s in sheet.squares.values() if len(s.text) <= count.most.text)
        if sum(bool(marks_in(text)) for text in short) < MAY_HOLD:
            continue
        try:
            for (row, column), square in sheet.squares.items():
                count.text(square.text, SheetCell(sheet.name, f"{letters(column)}{row + 1}"))
            cells = tuple(_cells(sheet, document, count))
        except LimitError as error:
            notes.append(Note.of(NoteKind.SHEET_UNREAD, reason=str(error)))
            continue
        grids.append(Grid(document, len(grids) + 1, reader, cells))
        notes += _hidden(sheet)
    if not grids:
        unread = (put(note, LANGUAGES[0]) for note in notes)
        reason = "; ".join(unread) or "no self-evaluation form was found on its sheets"
        raise trouble("workbook-formless", document.name, reason=reason)
    return Tables(document, tuple(grids), tuple(notes))


def _hidden(sheet: _Sheet) -> Iterator[Note]:
    rows, columns = sorted({r for r, _ in sheet.squares}), sorted({c for _, c in sheet.squares})
    hidden = tuple(row + 1 for row in rows if row in sheet.hidden_rows)
    lost = tuple(letters(column) for column in columns if column in sheet.hidden_columns)
    if sheet.is_hidden:
        yield Note.of(NoteKind.SHEET_HIDDEN, sheet=sheet.name)
    if hidden:
        yield Note.of(NoteKind.ROWS_HIDDEN, sheet=sheet.name, rows=hidden)
    if lost:
        yield Note.of(NoteKind.COLUMNS_HIDDEN, sheet=sheet.name, columns=lost)


def _cells(sheet: _Sheet, document: Document, count: Count) -> Iterator[Cell]:
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
    for row in rows:
        for column in columns:
            if taken.get((row, column), (row, column)) != (row, column):
                continue
            square = sheet.squares.get((row, column), _Square(""))
            row_span, column_span, odd = wholes.get((row, column), (1, 1, ()))
            hidden = sheet.is_hidden or row in sheet.hidden_rows or column in sheet.hidden_columns
            hidden = hidden or (row, column) in sheet.white
            reference = f"{letters(column)}{row + 1}"
            cell = Cell(
                document, SheetCell(sheet.name, reference), square.text, at[row],
                along_at[column], row_span, column_span, square.stored, square.doubts, _ROOM,
            )  # fmt: skip
            yield cell.doubted((*odd, HIDDEN) if hidden else odd)


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


def displayed(value: Any, number_format: str) -> _Square:
    """Return what a value shows in a display format; numbers keep what is stored beside it."""
    if value is None or isinstance(value, str):
        return _Square((value or "").replace("\r\n", "\n").replace("_x000D_", "").strip())
    if isinstance(value, bool):
        return _Square(str(value).upper())
    if isinstance(value, datetime | date | time):
        return _Square(shown_date(value, number_format), value.isoformat())
    if not isinstance(value, int | float):
        return _Square(str(value))
    if not math.isfinite(value):
        return _Square(str(value), doubts=(IS_ERROR,))
    number = Decimal(repr(value))
    text = shown_number(number, number_format)
    if text is None:
        doubt = Doubt.of(DoubtKind.UNKNOWN_FORMAT, format=number_format)
        return _Square(f"{number:f}", doubts=(doubt,))
    stored = f"{number:f}"
    return _Square(text, "" if stored == text else stored)


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
        raise trouble(f"workbook-{what}", document.name, reason=error) from error


def _xlsx(data: bytes, count: Count) -> Iterator[_Sheet]:
    from openpyxl import load_workbook
    from openpyxl.utils import column_index_from_string as index_of

    _check_size(data, count)
    book = load_workbook(BytesIO(data))
    cells = [c for s in book.worksheets for c in s._cells.values()]  # iter_rows fills up gaps
    formulas = {(c.parent.title, c.row, c.column) for c in cells if c.data_type == "f"}
    styles = {(c._style.fontId, c._style.fillId) for c in cells}
    white = {style for style in styles if _is_white(book, *style)}
    for own in (load_workbook(BytesIO(data), data_only=True) if formulas else book).worksheets:
        sheet = _Sheet(own.title, is_hidden=own.sheet_state != "visible")
        for cell in (c for c in own._cells.values() if c.value is not None):
            square = displayed(cell.value, cell.number_format)
            if cell.data_type == "e":
                square = _Square(square.text, doubts=(IS_ERROR,))
            sheet.squares[cell.row - 1, cell.column - 1] = square
            if (cell._style.fontId, cell._style.fillId) in white:
                sheet.white.add((cell.row - 1, cell.column - 1))
        for title, row, column in formulas:
            place = row - 1, column - 1
            if title == own.title and place not in sheet.squares:
                sheet.squares[place] = _Square("", doubts=(NEVER_CALCULATED,))
        bounds = (merged.bounds for merged in own.merged_cells.ranges)
        sheet.merged = [(t - 1, lft - 1, b - 1, r - 1) for lft, t, r, b in bounds]
        sheet.hidden_rows = {r - 1 for r, d in own.row_dimensions.items() if d.hidden}
        for name, dimension in own.column_dimensions.items():
            if dimension.hidden:
                first = dimension.min or index_of(name)
                last = min(dimension.max or first, MOST_COLUMNS)
                wide = max(0, last - first)
                count.add("cells", wide, "hidden columns", of=f"hidden on {own.title}")
                sheet.hidden_columns |= set(range(first - 1, last))
        yield sheet


def _is_white(book: Any, font: int, fill: int) -> bool:
    """Tell whether text in a font of a workbook is white, and its ground is not coloured."""
    colour, ground = book._fonts[font].color, book._fills[fill]
    kinds = {"rgb": ("00FFFFFF", "FFFFFFFF"), "indexed": _WHITE_INDEXES, "theme": (0,)}
    if colour is None or colour.tint or colour.value not in kinds.get(colour.type, ()):
        return False
    pattern = getattr(ground, "fill_type", "gradient")
    return pattern is None or (pattern == "solid" and ground.fgColor.value in kinds["rgb"])


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
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(area)
    return (1 + (right or 0) - (left or 0)) * (1 + (bottom or 0) - (top or 0))


def _xls(data: bytes, count: Count) -> Iterator[_Sheet]:
    import xlrd

    book = xlrd.open_workbook(
        file_contents=data, formatting_info=True, ragged_rows=True, logfile=StringIO()
    )
    for own in book.sheets():
        sheet = _Sheet(own.name, is_hidden=own.visibility != 0)
        many = sum(map(own.row_len, range(own.nrows)))
        count.add("elements", many, "cells of all sheets", f"sheet {own.name}")
        for row in range(own.nrows):
            for column, cell in enumerate(own.row(row)):
                if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    continue
                style = book.xf_list[cell.xf_index]
                form = book.format_map[style.format_key].format_str
                sheet.squares[row, column] = _xls_square(book, cell, form)
                is_white = book.font_list[style.font_index].colour_index in _WHITE_INDEXES
                if is_white and not style.background.fill_pattern:
                    sheet.white.add((row, column))
        sheet.merged = [(t, lft, b - 1, r - 1) for t, b, lft, r in own.merged_cells]
        sheet.hidden_rows = {r for r, info in own.rowinfo_map.items() if info.hidden}
        sheet.hidden_columns = {c for c, info in own.colinfo_map.items() if info.hidden}
        yield sheet


def _xls_square(book: Any, cell: Any, form: str) -> _Square:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(cell.value, "#N/A")
        return _Square(text, doubts=(IS_ERROR,))
    value = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE:
        with suppress(ValueError, OverflowError):  # a number out of the calendar stays one
            value = xlrd.xldate_as_datetime(value, book.datemode)
    elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
        value = bool(value)
    elif cell.ctype == xlrd.XL_CELL_NUMBER and value.is_integer():
        value = int(value)
    return displayed(value, form)


OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"


def _ods(data: bytes, count: Count) -> Iterator[_Sheet]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        part = archive.read("content.xml")
    of_xml(part, count)
    root = etree.fromstring(part, parser)
    styles = root.iter(f"{STYLE}style")
    unseen = {
        style.get(f"{STYLE}name")
        for style in styles
        for own in style.iterfind(f"{STYLE}table-properties")
        if own.get(f"{TABLE}display") == "false"
    }
    for table in root.iter(f"{TABLE}table"):
        is_hidden = table.get(f"{TABLE}style-name") in unseen
        sheet = _Sheet(table.get(f"{TABLE}name") or "", is_hidden=is_hidden)
        _ods_hidden(table, "columns", sheet.hidden_columns, count)
        _ods_hidden(table, "rows", sheet.hidden_rows, count)
        row = 0
        for own in table.iter(f"{TABLE}table-row"):
            times = _times(own, "rows")
            _ods_row(own, row, times, sheet, count)
            row += times
        yield sheet


def _ods_hidden(table: Any, what: str, hidden: set[int], count: Count) -> None:
    at = 0
    for own in table.iter(f"{TABLE}table-{what[:-1]}"):
        times = _times(own, what)
        if own.get(f"{TABLE}visibility") in ("collapse", "filter"):
            count.add("elements", min(times, 1000), f"hidden {what}")
            hidden.update(range(at, at + min(times, 1000)))
        at += times


def _times(element: Any, what: str) -> int:
    return max(1, count_in(element.get(f"{TABLE}number-{what}-repeated")))


def _ods_row(element: Any, row: int, times: int, sheet: _Sheet, count: Count) -> None:
    column = 0
    for cell in element:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        along = _times(cell, "columns")
        lines = ("".join(p.itertext()) for p in cell.iterfind(f"{TEXT}p"))
        text = "\n".join(lines).strip()
        if text and cell.tag == f"{TABLE}table-cell" and times * along <= MOST_BLANK_LINES**2:
            stored = cell.get(f"{OFFICE}value") or cell.get(f"{OFFICE}date-value") or ""
            doubts = (IS_ERROR,) if text.startswith(("#", "Err:")) and not stored else ()
            square = _Square(text, "" if stored == text else stored, doubts)
            count.add("elements", times * along, "cells of all sheets", f"sheet {sheet.name}")
            for r in range(row, row + times):
                sheet.squares.update(dict.fromkeys([(r, column + c) for c in range(along)], square))
        down, right = (
            count_in(cell.get(f"{TABLE}number-{what}-spanned")) for what in ("rows", "columns")
        )
        if down > 1 or right > 1:
            sheet.merged.append((row, column, row + down - 1, column + right - 1))
        column += along


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
    count, sheet = Count(document.name), _Sheet(document.name)
    delimited = max(map(text.count, DELIMITERS))
    count.hold("elements", delimited + text.count("\n"), "cells of a plain table")
    for row, values in enumerate(separated(text, document)):
        for column, value in enumerate(values):
            if value.strip():
                sheet.squares[row, column] = _Square(value.strip())
    rows, columns = (max(line) + 1 for line in zip(*sheet.squares, strict=True))
    count.hold("columns", columns, "columns of one table")
    count.hold("cells", rows * columns, "cells, spans and all")
    _rejoin(sheet)
    tables = _tables_of(document, "workbook/csv", [sheet], count)
    return replace(tables, notes=(*tables.notes, NO_MERGED_CELLS))


def _rejoin(sheet: _Sheet) -> None:
    """Make each blank square part of the cell beside or above it, as far as headers tell."""
    last = max((column for _, column in sheet.squares), default=0)
    ends: dict[tuple[int, int], list[int]] = {}  # of each cell: its last row and column
    lowest: dict[int, tuple[int, int]] = {}  # by column: the last cell that begins in it
    header: dict[int, str] = {}
    for row in sorted({row for row, _ in sheet.squares}):
        texts = {
            c: sheet.squares[row, c].text for c in range(last + 1) if (row, c) in sheet.squares
        }
        labelled = [t for t in texts.values() if any(label in plain(t) for label in LABELS)]
        if len(labelled) >= MAY_HOLD or not header:
            header = texts
        start = min(texts)
        column = 0
        while column <= last:
            above = lowest.get(column)
            is_group = column == 0 or column not in header or GROUPS(header[column])
            if above and ends[above][0] == row - 1 and column < start and is_group:
                ends[above] = [row, min(ends[above][1], start - 1)]
                column = ends[above][1] + 1
                continue
            own = lowest[column] = row, column
            column += 1
            if own[1] in texts or own[1] in header:
                while (
                    column <= last
                    and column not in texts
                    and (header is texts or column not in header)
                ):
                    column += 1
            ends[own] = [row, column - 1]
    sheet.merged = [(*at, end[0], end[1]) for at, end in ends.items() if list(at) != end]
