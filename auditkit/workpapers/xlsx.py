"""The workpaper as a workbook: the form as read, the recomputation, findings and coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

from auditkit.files import same_bytes
from auditkit.findings import Outcome, Severity
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.workpapers import tables

HEAD, DOUBT, BAD = (PatternFill("solid", fgColor=c) for c in ("E8ECF0", "FFF3BF", "F6D5D8"))
LARGEST_CELL = 32_000
LINE, MOST_LINES = 15, 26  # points a line, and lines of the tallest row that Excel can show


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is written; ``places`` says where in the book each entry stands."""

    sheet: Any
    places: dict[int, str]
    form: int = 1
    rows: int = 0

    def table(self, heads: Iterable[str], rows: Iterable[Iterable[tables.Cell]]) -> None:
        """Add the rows of a form, and the heads where they are the first of the sheet."""
        if not self.rows:
            self.add("form", *heads, fill=HEAD, bold=True)
        for row in rows:
            self.add(self.form, *row)

    def add(self, *cells: tables.Cell, fill: PatternFill | None = None, bold: bool = False) -> None:
        """Add one row; text stays text even where it looks like a formula."""
        self.rows += 1
        for column, value in enumerate(cells, start=1):
            cell = self.sheet.cell(self.rows, column)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if fill:
                cell.fill = fill
            if bold:
                cell.font = Font(bold=True)
            if isinstance(value, (int, Decimal)):
                cell.value = value
                continue
            text = tables.text_of(value)
            shown = tables.visible(text.replace("\n", "\x1f")).replace("[U+001F]", "\n")
            cell.value = shown[:LARGEST_CELL]
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
            if isinstance(value, Entry):
                self.places[id(value)] = f"'{self.sheet.title}'!{cell.coordinate}"
                if not value.is_sure:
                    cell.fill = DOUBT
                    cell.font = Font(italic=True)

    def dress(self, widths: Sequence[float]) -> None:
        """Freeze the head row, set widths and a filter, and fit the width to a printed page."""
        for column, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(column)].width = width
        for row in self.sheet.iter_rows(min_row=1, max_row=self.rows):
            texts = (str(cell.value or "") for cell in row)
            lines = max(_lines(text, width) for text, width in zip(texts, widths, strict=False))
            self.sheet.row_dimensions[row[0].row].height = LINE * min(lines, MOST_LINES)
        self.sheet.freeze_panes = "A2"
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{self.rows}"
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.print_title_rows = "1:1"


def book(reviews: Sequence[Review]) -> bytes:
    """Return the forms of one document as a workbook, the same bytes for the same reviews."""
    book, whole = Workbook(), BytesIO()
    book.remove(book.active)
    places: dict[int, str] = {}
    for name, lay, widths in (
        ("Summary 摘要", _summary, (6, 28, 80, 34)),
        ("Form 表样", _form, (6, 22, 18, 30, 22, 22, 10, 10, 44)),
        ("Findings 问题", _findings, (6, 10, 16, 26, 34, 50, 14, 14, 34, 26, 40, 40, 40, 16, 30)),
        ("Recomputation 复算", _figures, (6, 44, 22, 16, 16, 16, 14, 50, 18, 50)),
        ("Coverage 覆盖", _coverage, (6, 10, 50, 14, 14, 14, 14, 14, 50)),
    ):
        sheet = _Sheet(book.create_sheet(name), places)
        for sheet.form, review in enumerate(reviews, start=1):
            lay(sheet, review)
        sheet.dress(widths)
    # Findings link to cells of the form, so they are written after it; they are read before it.
    book.move_sheet("Findings 问题", -1)
    book.save(whole)
    return same_bytes(whole.getvalue())


def _summary(sheet: _Sheet, review: Review) -> None:
    report = review.report
    rows = [
        ("file", review.document.name, report.place),
        ("SHA-256", review.document.sha256, ""),
        ("standards", tables.place_line(review), ""),
        ("rating by the standards", tables.rating_line(review), ""),
        *((name, str(count), "") for name, count in tables.counts(review).items()),
        *tables.head(report)[1],
        *(("note of the reader", note, "") for note in report.notes),
        *(
            (f"not sure: {path}", f"{text} ({why})", where)
            for path, text, why, where in tables.unsure(report)[1]
        ),
    ]
    sheet.table(("item", "as printed or found", "where"), rows)


def _form(sheet: _Sheet, review: Review) -> None:
    report = review.report
    sheet.table(tables.indicators(report)[0], ())
    for heads, rows in (tables.budget(report), tables.indicators(report)):
        sheet.add(sheet.form, *heads, fill=HEAD)
        sheet.table(heads, rows)
    blank = [""] * 4
    sheet.add(sheet.form, "总分", *blank, report.total_points, report.total_score)


def _findings(sheet: _Sheet, review: Review) -> None:
    sheet.table((*tables.FINDING, "decision 处理", "note 说明"), ())
    for finding, words in tables.findings(review):
        bad = finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR
        sheet.add(sheet.form, *words.values(), fill=BAD if bad else None)
        for entry in finding.observation.evidence[:1]:
            if id(entry) in sheet.places:
                cell = sheet.sheet.cell(sheet.rows, 5)
                cell.hyperlink = Hyperlink(cell.coordinate, location=sheet.places[id(entry)])


def _figures(sheet: _Sheet, review: Review) -> None:
    heads, rows = tables.figures(review.figures)
    whole = [
        (*row[:4], round(figure.value, 8), *row[4:], "\n".join(tables.places(figure.inputs)))
        for figure, row in zip(review.figures, rows, strict=True)
    ]
    sheet.table((*heads[:4], "value", *heads[4:], "where the inputs stand"), whole)


def _coverage(sheet: _Sheet, review: Review) -> None:
    sheet.table(*tables.coverage(review))


def _lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column; an ideograph is two characters wide."""
    wide = (sum(1 if char.isascii() else 2 for char in line) for line in text.split("\n"))
    return sum(max(1, ceil(characters / width)) for characters in wide)
