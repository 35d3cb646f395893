"""The workpaper as a workbook: the form as read, the recomputation, findings and coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from auditkit.findings import Outcome
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.workpapers import tables
from auditkit.workpapers.contract import AMOUNTS, ROW

HEAD, DOUBT, BAD = "E8ECF0", "FFF3BF", "F6D5D8"
LARGEST_CELL = 32_000
LINE, MOST_LINES = 15, 26  # points a line, and lines of the tallest row that Excel can show
FINDING_HEADS = (
    "form",
    "severity",
    "outcome",
    "rule",
    "subject",
    "what was found",
    "printed",
    "recomputed",
    "arithmetic",
    "standards",
    "basis",
    "where",
    "decision 处理",
    "note 说明",
)


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is written, and which of its rows hold which form's entries."""

    sheet: Any
    rows: int = 0
    places: dict[int, str] = field(default_factory=dict)

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

    def dress(self, widths: Sequence[float]) -> None:
        """Freeze the head row, set widths and a filter, and fit the width to a printed page."""
        from openpyxl.utils import get_column_letter

        for column, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(column)].width = width
        for row in self.sheet.iter_rows(min_row=1, max_row=self.rows):
            texts = (str(cell.value or "") for cell in row)
            lines = max(_lines(text, width) for text, width in zip(texts, widths, strict=False))
            self.sheet.row_dimensions[row[0].row].height = LINE * min(lines, MOST_LINES)
        self.sheet.freeze_panes = "A2"
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{max(self.rows, 1)}"
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
    for name in (
        "Summary 摘要",
        "Findings 问题",
        "Form 表样",
        "Recomputation 复算",
        "Coverage 覆盖",
    ):
        sheet = book.create_sheet(name)
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheets[name.split()[0]] = _Sheet(sheet)
    _summary(sheets["Summary"], reviews)
    _form(sheets["Form"], reviews)
    _findings(sheets["Findings"], reviews, sheets["Form"].places)
    _figures(sheets["Recomputation"], reviews)
    _coverage(sheets["Coverage"], reviews)
    book.save(path)


def _summary(sheet: _Sheet, reviews: Sequence[Review]) -> None:
    sheet.add(("form", "item", "as printed or found", "where"), HEAD, bold=True)
    for number, review in enumerate(reviews, start=1):
        failed = review.findings_of(Outcome.FAIL)
        rows: list[tuple[str, str, str]] = [
            ("file", review.document.name, review.report.place),
            ("SHA-256", review.document.sha256, ""),
            ("standards", tables.place_line(review), ""),
            ("rating by the standards", tables.rating_line(review), ""),
        ]
        rows += [
            (f"{name}s", str(sum(f.severity == level for f in failed)), "")
            for level, name in tables.SEVERITIES.items()
        ]
        rows.append(("to be looked at", str(len(review.findings_of(Outcome.REVIEW))), ""))
        rows.append(("questions left open", str(len(review.findings_of(Outcome.OPEN))), ""))
        rows += tables.head_rows(review.report)
        rows += [("note of the reader", note, "") for note in review.report.notes]
        rows += [
            (f"not sure: {path}", f"{text} ({why})", where)
            for path, text, why, where in tables.unsure(review.report)
        ]
        for row in rows:
            sheet.add((number, *row))
    sheet.dress((6, 28, 80, 34))


def _form(sheet: _Sheet, reviews: Sequence[Review]) -> None:
    names = (*ROW,)
    sheet.add(("form", *(tables.COLUMNS[name] for name in names)), HEAD, bold=True)
    for number, review in enumerate(reviews, start=1):
        report = review.report
        labels = [tables.COLUMNS[name] for name in AMOUNTS]
        sheet.add((number, "项目资金", *labels), HEAD)
        for line in report.budget_lines:
            cells = [getattr(line, name) for name in AMOUNTS]
            sheet.add((number, line.label, *cells))
        sheet.add((number, *(tables.COLUMNS[name] for name in names)), HEAD)
        for row in report.indicators:
            sheet.add((number, *(getattr(row, name) for name in names)))
        sheet.add((number, "总分", "", "", "", "", report.total_points, report.total_score))
    sheet.dress((6, 22, 18, 30, 22, 22, 10, 10, 44))


def _findings(sheet: _Sheet, reviews: Sequence[Review], places: dict[int, str]) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet.add(FINDING_HEADS, HEAD, bold=True)
    for number, review in enumerate(reviews, start=1):
        for item in tables.items(review):
            bad = item.finding.outcome is Outcome.FAIL and item.severity == "error"
            lists = ("\n".join(lines) for lines in (item.standards, item.basis, item.places))
            sheet.add(
                (
                    number,
                    item.severity,
                    item.outcome,
                    item.rule,
                    item.subject,
                    item.message,
                    item.reported,
                    item.expected,
                    item.arithmetic,
                    *lists,
                ),
                BAD if bad else None,
            )
            for entry in item.finding.observation.evidence[:1]:
                if id(entry) in places:
                    cell = sheet.sheet.cell(sheet.rows, 5)
                    cell.hyperlink = Hyperlink(cell.coordinate, location=places[id(entry)])
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.dress((6, 10, 16, 26, 34, 50, 14, 14, 34, 26, 40, 40, 16, 30))


def _figures(sheet: _Sheet, reviews: Sequence[Review]) -> None:
    heads = ("form", "subject", "figure", "printed", "recomputed", "value", "difference")
    sheet.add((*heads, "arithmetic", "agreement", "where the inputs stand"), HEAD, bold=True)
    for number, review in enumerate(reviews, start=1):
        for figure in review.figures:
            where = "\n".join(place for entry in figure.inputs for place in tables.places(entry))
            sheet.add(
                (
                    number,
                    tables.visible(figure.subject),
                    figure.name,
                    tables.printed_of(figure),
                    tables.recomputed(figure),
                    round(figure.value, 8),
                    tables.difference(figure),
                    tables.visible(figure.arithmetic),
                    figure.agreement.value if figure.agreement else "",
                    where,
                )
            )
    sheet.dress((6, 44, 22, 16, 16, 16, 14, 50, 18, 50))


def _coverage(sheet: _Sheet, reviews: Sequence[Review]) -> None:
    heads = ("form", "rule", "about", *tables.OUTCOMES.values(), "left open because")
    sheet.add(heads, HEAD, bold=True)
    for number, review in enumerate(reviews, start=1):
        for row in tables.coverage(review):
            counts = (int(text) if text else "" for text in row[2:-1])
            sheet.add((number, *row[:2], *counts, row[-1]))
    sheet.dress((6, 10, 50, 14, 14, 14, 14, 14, 50))


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
