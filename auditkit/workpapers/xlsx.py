"""The workpaper as a workbook: the form as read, the recomputation, findings, coverage and log.

Numbers of the form are numbers in a format that shows them as printed, so that formulas can refer
to them; every other text of the form is text, whatever it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from io import BytesIO
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from auditkit.annotations import Annotation, Log, Standing, about
from auditkit.files import same_bytes
from auditkit.findings import Finding, Severity
from auditkit.recompute import Agreement
from auditkit.report import Entry, Extra
from auditkit.reviewing import Review
from auditkit.workpapers import decisions, tables
from auditkit.workpapers.formulas import (
    Formula,
    Placed,
    as_number,
    difference,
    key,
    printed,
    recomputed,
)

# Told apart in black and white too: doubts are in italics with (?), what is bad is bold, in words.
HEAD, DOUBT, BAD, ASK = (
    PatternFill("solid", fgColor=c) for c in ("E8ECF0", "FFF3BF", "F6D5D8", "EAF3E6")
)
EDGE = Border(*[Side("hair", "9AA5B1")] * 4)
_font = partial(Font, name="Calibri", size=11)
LINE, MOST_LINES = 15, 26  # points a line, and lines of the tallest row that Excel can show
MOST_FORMATS = 150  # of numbers in one book; Excel takes some two hundred
FORM, A3, A4 = "Form 表样", 8, 9
ASKED = ("rule", "subject", "what was found", "printed", "recomputed", *decisions.DECIDED)
CELL = "cell 单元格"
FINDING = (*dict.fromkeys((CELL, "severity", "outcome", *ASKED, "question", *tables.FINDING)),)
EVENT = (
    *("number", "made_at", "auditor", "decision", "value", "rule", "subject", "note", "answer"),
    *("evidence", "evidence_sha256", "replaces", "digest"),
)
_FORMULA = re.compile(r'(<c r="(\w+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')
Cell = tables.Cell | Formula
Decided = dict[str, list[tuple[Annotation, Standing]]]


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is written. ``placed`` says where in the book each entry stands.

    ``values`` are what its formulas come to, for programs that show a file without calculating.
    """

    sheet: Any
    widths: Sequence[float]
    placed: dict[object, Placed]
    shapes: set[str]
    values: dict[str, Decimal] = field(default_factory=dict)
    form: int | str = 1
    rows: int = 0

    def table(self, heads: Iterable[str], rows: Iterable[Iterable[Cell]]) -> None:
        """Add the rows of a form, and the heads where they are the first of the sheet."""
        if not self.rows:
            self.add("form", *heads, fill=HEAD, bold=True)
        for row in rows:
            self.add(self.form, *row)

    def add(self, *cells: Cell, fill: PatternFill | None = None, bold: bool = False) -> None:
        """Add one row."""
        self.rows += 1
        for column, value in enumerate(cells, start=1):
            cell = self.sheet.cell(self.rows, column)
            side = "center" if column == 1 else None
            cell.alignment = Alignment(side, vertical="top", wrap_text=True)
            cell.border = EDGE
            if fill:
                cell.fill = fill
            if bold:
                cell.font = _font(bold=True)
            if isinstance(value, Formula):
                cell.value, cell.number_format = f"={value.text}", value.shape
                self.values[cell.coordinate] = value.value
            elif isinstance(value, Entry):
                self._put(cell, value)
            elif isinstance(value, int | Decimal):
                cell.value = value
            else:
                _write(cell, tables.text_of(value))

    def _put(self, cell: Any, entry: Entry) -> None:
        """Write an entry of the form; a printed cell that goes on below is written once."""
        before, found = self.placed.get(key(entry)), as_number(entry)
        here = (self.sheet.title, cell.column_letter)
        if before and found and before[:2] == here:
            _write(cell, "〃")
            return
        if found and self._shows(found[1], tables.text_of(entry), cell.column):
            cell.value, cell.number_format = found
        else:
            found = None
            _write(cell, tables.text_of(entry))
        self.placed[key(entry)] = Placed(*here, cell.row, found[0] if found else None)
        if not entry.is_sure:
            cell.fill = DOUBT
            cell.font = _font(italic=True)

    def _shows(self, shape: str, text: str, column: int) -> bool:
        """Tell whether a number has room, which is not wrapped, and its format too."""
        if len(self.shapes) < MOST_FORMATS:
            self.shapes.add(shape)
        return shape in self.shapes and _width(text) + 2 <= self.widths[column - 1]

    def dress(self, hidden: int = 0, paper: int = A4) -> None:
        """Freeze the head row, set widths and a filter, and fit the width to a printed page."""
        columns = self.sheet.max_column
        widths = [*self.widths, *[24.0] * (columns - len(self.widths))]
        for column, width in enumerate(widths, start=1):
            dimension = self.sheet.column_dimensions[get_column_letter(column)]
            dimension.width, dimension.hidden = width, column > columns - hidden
        for row in self.sheet.iter_rows(min_row=1, max_row=self.rows):
            shown = (cell for cell in row[: columns - hidden])
            texts = ("" if cell.data_type == "f" else str(cell.value or "") for cell in shown)
            text_lines = (_lines(text, width) for text, width in zip(texts, widths, strict=False))
            self.sheet.row_dimensions[row[0].row].height = LINE * min(max(text_lines), MOST_LINES)
        self.sheet.freeze_panes = "A2"
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{self.rows}"
        self.sheet.page_setup.orientation, self.sheet.page_setup.paperSize = "landscape", paper
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.print_title_rows = "1:1"
        self.sheet.page_margins = PageMargins(0.3, 0.3, 0.4, 0.7, footer=0.3)
        self.sheet.oddFooter.right.text = "&A, &P / &N"


def book(reviews: Sequence[Review], log: Log | None = None) -> bytes:
    """Return the forms of one document as a workbook, the same bytes for the same reviews.

    Decisions of the log are filled in. Raises LogError where the log is not whole.
    """
    book, whole = Workbook(), BytesIO()
    book.remove(book.active)
    placed: dict[object, Placed] = {}
    findings = [finding for review in reviews for finding in review.findings]
    decided: Decided = {}
    for event, standing in log.standing(findings) if log else ():
        decided.setdefault(event.key, []).append((event, standing))
    documents = {review.document.sha256 for review in reviews}
    events = [e for e in log.annotations() if e.document in documents] if log else []
    lost = [key for key in decided if key not in {finding.key for finding in findings}]
    shapes, sheets = set[str](), list[_Sheet]()
    for name, lay, widths in (
        ("Summary 摘要", _summary, (6, 28, 80, 34)),
        (FORM, _form, (6, 22, 18, 30, 22, 22, 12, 12, 44)),
        (
            "Findings 问题",
            partial(_findings, decided=decided, lost=lost),
            (6, 8, 9, 17, 23, 25, 36, 13, 13, 17, 26, 18, 18, 28, 26, 26, 30, 26, *[10] * 4),
        ),
        ("Recomputation 复算", _figures, (6, 40, 22, 18, 18, 18, 18, 44, 46)),
        ("Coverage 覆盖", _coverage, (6, 10, 50, 14, 14, 14, 14, 14, 50)),
        (
            "Log 记录",
            partial(_log, events=events),
            (8, 8, 22, 14, 18, 14, 10, 30, 40, 40, *[30] * 4),
        ),
    ):
        sheet = _Sheet(book.create_sheet(name), widths, placed, shapes)
        for sheet.form, review in enumerate(reviews, start=1):
            lay(sheet, review)
        hidden = len(decisions.HIDDEN) if name.startswith("Findings") else 0
        sheet.dress(hidden, A3 if hidden else A4)
        sheets.append(sheet)
    # Findings link to cells of the form, so they are written after it; they are read before it.
    book.move_sheet("Findings 问题", -1)
    book.calculation.fullCalcOnLoad = True
    book.save(whole)
    order = {f"xl/worksheets/sheet{1 + book.index(s.sheet)}.xml": s.values for s in sheets}

    def calculated(name: str, part: bytes) -> bytes:
        if not (values := order.get(name)):
            return part
        given = _FORMULA.sub(lambda m: f"{m[1]}<v>{values[m[2]]:.15g}</v>", part.decode())
        return given.encode()

    return same_bytes(whole.getvalue(), calculated)


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
    indicators = _with_extra(tables.indicators(report), [row.extra for row in report.indicators])
    sheet.table(indicators[0], ())
    budget = _with_extra(tables.budget(report), [line.extra for line in report.budget_lines])
    for heads, rows in (budget, indicators):
        sheet.add(sheet.form, *heads, fill=HEAD, bold=True)
        sheet.table(heads, rows)
    blank = [""] * 4
    sheet.add(sheet.form, "总分", *blank, report.total_points, report.total_score)


def _with_extra(table: tables.Table, extras: Sequence[Extra]) -> tables.Table:
    """Return a table of the form with the columns that only this form has."""
    labels = dict.fromkeys(label for extra in extras for label, _ in extra)
    heads, rows = table
    whole = [
        [*row, *(dict(extra).get(label) for label in labels)]
        for row, extra in zip(rows, extras, strict=True)
    ]
    return (*heads, *map(tables.visible, labels)), whole


def _findings(sheet: _Sheet, review: Review, decided: Decided, lost: list[str]) -> None:
    heads = (*FINDING, *decisions.HIDDEN)
    sheet.table(heads, ())
    for finding, words in _rows(review, decided, lost if sheet.form == 1 else []):
        asked = words["severity"] == Severity.ERROR and words["outcome"].startswith("inconsistent")
        sheet.add(sheet.form, *(words.get(name, "") for name in heads), fill=BAD if asked else None)
        at = {name: sheet.sheet.cell(sheet.rows, heads.index(name) + 2) for name in FINDING}
        at["severity"].font = _font(bold=asked)
        for name in decisions.DECIDED[:3]:
            at[name].fill = ASK
        if words[decisions.DECIDED[3]] and not words[decisions.DECIDED[3]].startswith("current"):
            at[decisions.DECIDED[3]].font = _font(bold=True)
        entries = finding.observation.evidence[:1] if finding else ()
        for place in (sheet.placed[key(e)] for e in entries if key(e) in sheet.placed):
            at[CELL].value = f"{place.column}{place.row}"
            at[CELL].hyperlink = Hyperlink(at[CELL].coordinate, location=place.address)
            at[CELL].font = _font(color="0B5394", underline="single")
    column = get_column_letter(heads.index(decisions.DECIDED[0]) + 2)
    choice = DataValidation("list", formula1=f'"{",".join(decisions.WORDS.values())}"')
    choice.error, choice.showErrorMessage = "Choose one of the list 请从列表中选择", True
    choice.add(f"{column}2:{column}{max(sheet.rows, 2)}")
    sheet.sheet.data_validations.dataValidation = [choice]


def _rows(
    review: Review, decided: Decided, lost: list[str]
) -> Iterator[tuple[Finding | None, dict[str, str]]]:
    """Yield the findings with their decisions; those that no longer fit come first."""
    for one in lost:
        event = decided[one][-1][0]
        words = {"severity": "", "outcome": "", "rule": f"{event.rule} ", "subject": event.subject}
        words["what was found"] = f"no longer asked; it was decided on {event.answer}"
        yield None, {**_shown(words), **decisions.filled_in(event, decided[one])}
    asked = tables.findings(review)
    shown = {finding.key for finding, _ in asked}
    more = [f for f in review.findings if f.key in decided.keys() - shown]
    asked += [(finding, tables.words_of(finding, review)) for finding in more]
    asked.sort(key=lambda pair: all(how == "current" for _, how in decided.get(pair[0].key, ())))
    for finding, words in asked:
        yield finding, words | decisions.filled_in(about(finding), decided.get(finding.key, ()))


def _shown(words: dict[str, str]) -> dict[str, str]:
    return {name: tables.visible(text) for name, text in words.items()}


def _figures(sheet: _Sheet, review: Review) -> None:
    heads, rows = tables.figures(review.figures)
    words = (*heads[:5], heads[6], heads[5], "where the inputs stand")
    sheet.table(words, ())
    indicators = {row.path: row for row in review.report.indicators}
    for figure, row in zip(review.figures, rows, strict=True):
        at = sheet.rows + 1
        own = (
            indicators.get(figure.subject)
            if figure.name in ("deviation", "proportional score")
            else None
        )
        live = (
            printed(figure, sheet.placed),
            recomputed(figure, own, sheet.placed),
            difference(figure, f"D{at}", f"E{at}"),
        )
        where = "\n".join(tables.places(figure.inputs))
        is_bad = figure.agreement is Agreement.INCONSISTENT
        sheet.add(sheet.form, *row[:2], *live, row[6], row[5], where, fill=BAD if is_bad else None)
        sheet.sheet.cell(at, 7).font = _font(bold=is_bad)


def _coverage(sheet: _Sheet, review: Review) -> None:
    sheet.table(*tables.coverage(review))


def _log(sheet: _Sheet, review: Review, events: Sequence[Annotation]) -> None:
    """Add what was decided of the document, once."""
    rows = ([tables.lines(str(getattr(event, name))) for name in EVENT] for event in events)
    sheet.form = review.document.name if sheet.form == 1 else ""
    sheet.table((name.replace("_", " ") for name in EVENT), rows if sheet.form else ())


def _write(cell: Any, text: str) -> None:
    """Write text that stays text, whatever it looks like."""
    cell.value = tables.lines(text)[: tables.LARGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))


def _width(text: str) -> int:
    """Return how wide a line is in characters; an ideograph is two wide."""
    return sum(1 if char.isascii() else 2 for char in text)


def _lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column."""
    return sum(max(1, ceil(_width(line) / width)) for line in text.split("\n"))
