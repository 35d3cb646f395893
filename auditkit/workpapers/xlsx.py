"""The workpaper as a workbook: the form as read, the recomputation, findings and coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from auditkit.findings import Finding, Outcome, Severity
from auditkit.report import ROW, Entry
from auditkit.reviewing import Review
from auditkit.workpapers import tables

HEAD, DOUBT, BAD = "E8ECF0", "FFF3BF", "F6D5D8"
LARGEST_CELL = 32_000
SUBJECT = 5  # the column of the findings that leads to the form
LINE, MOST_LINES = 15, 26  # points a line, and lines of the tallest row that Excel can show


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is written, and which of its rows hold which form's entries."""

    sheet: Any
    widths: Sequence[float]
    rows: int = 0
    places: dict[int, str] = field(default_factory=dict)
    findings: list[tuple[Finding, int]] = field(default_factory=list)

    def add(self, cells: Iterable[object], fill: str | None = None, *, bold: bool = False) -> None:
        """Add one row; text stays text even where it looks like a formula."""
        from openpyxl.styles import Alignment, Font, PatternFill

        self.rows += 1
        for column, value in enumerate(cells, start=1):
            cell = self.sheet.cell(self.rows, column)
            if isinstance(value, Entry):
                self.places[id(value)] = f"'{self.sheet.title}'!{cell.coordinate}"
                _put_text(cell, tables.text_of(value))
                if not value.is_sure:
                    cell.fill = PatternFill("solid", fgColor=DOUBT)
                    cell.font = Font(italic=True)
            elif isinstance(value, (int, Decimal)):
                cell.value = value
            else:
                _put_text(cell, str(value or ""))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if fill and not (isinstance(value, Entry) and not value.is_sure):
                cell.fill = PatternFill("solid", fgColor=fill)
            if bold:
                cell.font = Font(bold=True)

    def link(self, row: int, finding: Finding, places: dict[int, str]) -> None:
        """Lead from the subject of a finding to the first cell of the form that it rests on."""
        from openpyxl.styles import Alignment
        from openpyxl.worksheet.hyperlink import Hyperlink

        for entry in finding.observation.evidence[:1]:
            if id(entry) in places:
                cell = self.sheet.cell(row, SUBJECT)
                cell.hyperlink = Hyperlink(cell.coordinate, location=places[id(entry)])
                cell.alignment = Alignment(wrap_text=True, vertical="top")

    def dress(self) -> None:
        """Freeze the head row, set widths and a filter, and fit the width to a printed page."""
        from openpyxl.utils import get_column_letter

        for column, width in enumerate(self.widths, start=1):
            self.sheet.column_dimensions[get_column_letter(column)].width = width
        for row in self.sheet.iter_rows(min_row=1, max_row=self.rows):
            texts = (str(cell.value or "") for cell in row)
            lines = max(
                _lines(text, width) for text, width in zip(texts, self.widths, strict=False)
            )
            self.sheet.row_dimensions[row[0].row].height = LINE * min(lines, MOST_LINES)
        self.sheet.freeze_panes = "A2"
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.widths))}{max(self.rows, 1)}"
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.sheet.print_title_rows = "1:1"


def write(reviews: Sequence[Review], path: Path) -> None:
    """Write the forms of one document into a workbook; raises OSError where it cannot."""
    from openpyxl import Workbook
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    book.remove(book.active)
    sheets = {}
    for title, (heads, widths, _) in SHEETS.items():
        sheet = book.create_sheet(title)
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheets[title] = _Sheet(sheet, widths)
        sheets[title].add(("form", *heads), HEAD, bold=True)
    # The form comes first, so that findings can lead to its cells.
    for title in sorted(SHEETS, key=lambda title: "表样" not in title):
        for number, review in enumerate(reviews, start=1):
            SHEETS[title][2](sheets[title], number, review)
        for finding, row in sheets[title].findings:
            sheets[title].link(row, finding, sheets["Form 表样"].places)
        sheets[title].dress()
    book.save(path)


def _summary(sheet: _Sheet, number: int, review: Review) -> None:
    report = review.report
    rows: list[tuple[tables.Value, ...]] = [
        ("file", review.document.name, report.place),
        ("SHA-256", review.document.sha256, ""),
        ("standards", tables.place_line(review), ""),
        ("rating by the standards", tables.rating_line(review), ""),
        *((name, str(count), "") for name, count in tables.counts(review)),
        *tables.head(report).rows,
        *(("note of the reader", note, "") for note in report.notes),
        *(
            (f"not sure: {path}", f"{text} ({why})", where)
            for path, text, why, where in tables.unsure(report).rows
        ),
    ]
    for row in rows:
        sheet.add((number, *row))


def _form(sheet: _Sheet, number: int, review: Review) -> None:
    budget, indicators = tables.budget(review.report), tables.indicators(review.report)
    sheet.add((number, *budget.heads), HEAD)
    for row in budget.rows:
        sheet.add((number, *row))
    sheet.add((number, *indicators.heads), HEAD)
    for row in indicators.rows:
        sheet.add((number, *row))
    total = review.report.total_points, review.report.total_score
    sheet.add((number, "总分", "", "", "", "", *total))


def _findings(sheet: _Sheet, number: int, review: Review) -> None:
    for finding in tables.asked(review):
        seen = finding.observation
        bad = finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR
        lists = (
            tables.standards(finding, review),
            tables.basis(finding, review),
            tables.places(seen.evidence),
        )
        sheet.add(
            (
                *(number, finding.severity.value, tables.OUTCOMES[finding.outcome]),
                *(f"{finding.rule} {finding.title}", seen.subject, seen.message),
                *(seen.reported, seen.expected, seen.arithmetic),
                *("\n".join(lines) for lines in lists),
            ),
            BAD if bad else None,
        )
        sheet.findings.append((finding, sheet.rows))


def _figures(sheet: _Sheet, number: int, review: Review) -> None:
    for figure, row in zip(review.figures, tables.figures(review.figures).rows, strict=True):
        where = "\n".join(tables.places(figure.inputs))
        sheet.add((number, *row[:4], round(figure.value, 8), *row[4:], where))


def _coverage(sheet: _Sheet, number: int, review: Review) -> None:
    for row in tables.coverage(review).rows:
        sheet.add((number, *row))


# What each sheet is headed, how wide its columns are, and what fills it.
SHEETS: dict[str, tuple[tuple[str, ...], tuple[float, ...], Callable[[_Sheet, int, Review], None]]]
SHEETS = {
    "Summary 摘要": (("item", "as printed or found", "where"), (6, 28, 80, 34), _summary),
    "Findings 问题": (
        (
            *("severity", "outcome", "rule", "subject", "what was found", "printed"),
            *("recomputed", "arithmetic", "standards", "basis", "where"),
            *("decision 处理", "note 说明"),
        ),
        (6, 10, 16, 26, 34, 50, 14, 14, 34, 26, 40, 40, 16, 30),
        _findings,
    ),
    "Form 表样": (
        tuple(tables.COLUMNS[name] for name in ROW),
        (6, 22, 18, 30, 22, 22, 10, 10, 44),
        _form,
    ),
    "Recomputation 复算": (
        (
            *("subject", "figure", "printed", "recomputed", "value", "difference"),
            *("arithmetic", "agreement", "where the inputs stand"),
        ),
        (6, 44, 22, 16, 16, 16, 14, 50, 18, 50),
        _figures,
    ),
    "Coverage 覆盖": (
        ("rule", "about", *tables.OUTCOMES.values(), "left open because"),
        (6, 10, 50, 14, 14, 14, 14, 14, 50),
        _coverage,
    ),
}


def _lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column; an ideograph is two characters wide."""
    wide = (sum(1 if char.isascii() else 2 for char in line) for line in text.split("\n"))
    return sum(max(1, ceil(characters / width)) for characters in wide)


def _put_text(cell: Any, text: str) -> None:
    cell.value = tables.visible(text.replace("\n", "\x1f")).replace("[U+001F]", "\n")[:LARGEST_CELL]
    if cell.data_type == "f":
        cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True
