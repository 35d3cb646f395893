"""The workpaper as a workbook: the form as read, the recomputation, findings, coverage and log.

Numbers of the form are numbers in a format that shows them as printed, so that formulas can refer
to them; every other text of the form is text, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from io import BytesIO
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from auditkit import schedules
from auditkit.decisions.events import Decision, Standing, about, answer_of, decided_of
from auditkit.decisions.log import Log
from auditkit.decisions.standing import concerns
from auditkit.figures import Agreement
from auditkit.files import same_bytes
from auditkit.findings import Finding, Outcome, Severity
from auditkit.report import Entry, Extra
from auditkit.reviewing import Review
from auditkit.schedules import Saying
from auditkit.wording import Fact, LabelPath, Statement, Term, put, terms
from auditkit.worked import IndicatorRow
from auditkit.workpapers import returned
from auditkit.workpapers.books import calculated
from auditkit.workpapers.formulas import BOOK, Formula, as_number, live, printed_cell

# Told apart in black and white too: doubts are in italics with (?), what is bad is bold, in words.
HEAD, DOUBT, BAD, ASK = (
    PatternFill("solid", fgColor=c) for c in ("E8ECF0", "FFF3BF", "F6D5D8", "EAF3E6")
)
EDGE = Border(*[Side("hair", "9AA5B1")] * 4)
LINE, ROOM = 16, 3  # points a line, and what letters reach below the last
MOST_LINES = 25  # of the tallest row that Excel can show
MOST_FORMATS = 150  # of numbers in one book; Excel takes some two hundred
A4, MOST_COLUMNS = 9, 100
FILLED = PatternFill(bgColor="F6D5D8")  # where a condition fills a cell
PRINTED = 14  # columns of the findings, up to how a decision stands
WORST = (Outcome.FAIL, Severity.ERROR)
_font = partial(Font, name="Calibri", size=11)
_Cell = schedules.ScheduleCell | Formula
_Place = tuple[str, Decimal | None]
Lay = Callable[["_Sheet", Review], None]
Decided = dict[str, list[tuple[Decision, Standing]]]


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is written. ``places`` says where in the book each entry stands.

    Values that wait for words are written in the language ``lang``. ``values`` are what its
    formulas come to, for programs that show a file without calculating.
    """

    sheet: Any
    widths: Sequence[float]
    places: dict[object, _Place]
    shapes: set[str]
    lang: str
    values: dict[str, Decimal | str] = field(default_factory=dict)
    form: int | str = 1
    rows: int = 0
    heads: Sequence[Fact] = ()
    looks: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def table(self, heads: Iterable[Fact], rows: Iterable[Iterable[_Cell]]) -> None:
        """Add the rows of a form, and the heads where they are others than those above."""
        heads = list(heads)
        if heads != self.heads:
            self.head(heads)
            self.heads = heads
        for row in rows:
            self.add(self.form, *row)

    def head(self, heads: Iterable[_Cell]) -> None:
        """Add the heads of columns."""
        self.add(self.form if self.rows else Term("form"), *heads, fill=HEAD, bold=True)

    def add(self, *cells: _Cell, fill: PatternFill | None = None, bold: bool = False) -> None:
        """Add one row."""
        self.rows += 1
        for column, given in enumerate(cells, start=1):
            cell = self.sheet.cell(self.rows, column)
            self._dress_cell(cell, "center" if column == 1 else None, fill, bold=bold)
            if isinstance(given, Formula):
                cell.value, cell.number_format = f"={given.text}", given.shape
                self.values[cell.coordinate] = given.value
                continue
            value = schedules.worded(given, self.lang)
            if isinstance(value, Entry):
                self._put(cell, value)
            elif isinstance(value, int | Decimal):
                cell.value = value
            elif value:
                _write(cell, value)

    def _dress_cell(
        self, cell: Any, side: str | None, fill: PatternFill | None, *, bold: bool
    ) -> None:
        look = (side, fill and fill.fgColor.rgb, bold)
        if look in self.looks:  # to compare styles, as each of these lines does, takes long
            cell._style = copy(self.looks[look])
            return
        cell.alignment = Alignment(side, vertical="top", wrap_text=True)
        cell.border = EDGE
        cell.fill, cell.font = fill or PatternFill(), _font(bold=bold)
        self.looks[look] = copy(cell._style)

    def _put(self, cell: Any, entry: Entry) -> None:
        """Write an entry of the form; a number that is printed once for several rows, once."""
        column, found = f"'{self.sheet.title}'!{cell.column_letter}", as_number(entry)
        if found and self.places.get(printed_cell(entry), ("", None))[0].startswith(column):
            _write(cell, "〃")
            return
        if found and self._shows(found[1], schedules.text_of(entry), cell.column):
            cell.value, cell.number_format = found
        else:
            found = None
            _write(cell, schedules.text_of(entry))
        self.places.setdefault(
            printed_cell(entry), (f"{column}{cell.row}", found[0] if found else None)
        )
        if not entry.is_sure:
            cell.fill, cell.font = DOUBT, _font(italic=True)

    def _shows(self, shape: str, text: str, column: int) -> bool:
        """Tell whether a number has room, since it is not wrapped, and the book for its format."""
        if len(self.shapes) < MOST_FORMATS:
            self.shapes.add(shape)
        return shape in self.shapes and _width(text) + 2 <= self.widths[column - 1]

    def dress(self, hidden: int = 0) -> None:
        """Freeze the head row, set widths and a filter, and fit the width to a printed page."""
        sheet, columns = self.sheet, self.sheet.max_column
        for column, width in enumerate(self.widths[:columns], start=1):
            dimension = sheet.column_dimensions[get_column_letter(column)]
            dimension.width, dimension.hidden = width, column > columns - hidden
        for row in sheet.iter_rows(min_row=1, max_row=self.rows):
            seen = zip(row[: PRINTED if hidden else columns], self.widths, strict=False)
            lines = (_lines(str(c.value or ""), w) for c, w in seen if c.data_type != "f")
            sheet.row_dimensions[row[0].row].height = LINE * min(max(lines), MOST_LINES) + ROOM
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{self.rows}"
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.page_setup.paperSize = A4
        if (
            hidden
        ):  # of the findings: what is behind stands in the Word file, and would be too small
            sheet.print_area = f"A1:{get_column_letter(PRINTED)}{self.rows}"
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_title_rows = "1:1"
        sheet.page_margins = PageMargins(0.3, 0.3, 0.4, 0.7, footer=0.3)
        sheet.oddFooter.right.text = "&A, &P / &N"


def book(reviews: Sequence[Review], log: Log | None = None) -> bytes:
    """Return the forms of one document as a workbook, the same bytes for the same reviews.

    Decisions of the log are filled in. Raises LogError where the log is not whole.
    """
    return book_and_rows(reviews, log)[0]


def book_and_rows(reviews: Sequence[Review], log: Log | None) -> tuple[bytes, tuple[str, ...]]:
    """Return the workbook, and the digests of its rows."""
    book, whole, lang = Workbook(), BytesIO(), reviews[0].lang
    book.remove(book.active)
    findings = [finding for review in reviews for finding in review.findings]
    decided: Decided = {}
    stands = log.standing(findings) if log else ()
    for event, standing in mask.applied(stands) if (mask := reviews[0].redaction) else stands:
        is_offered = standing is Standing.OFFERED  # which is no answer to the question of its key
        key = f"{standing} {event.key}" if is_offered else event.key
        decided.setdefault(key, []).append((event, standing))
    numbers = {id(each): number for number, _, each, _ in schedules.numbered_findings(reviews)}
    asked = partial(_findings, decided=decided, numbers=numbers)
    lays: list[Lay] = [_summary, _funds, _indicators, asked, _figures, _coverage]
    lays.append(partial(_log, log=log, reviews=reviews))
    places, shapes, sheets = dict[object, _Place](), set[str](), list[_Sheet]()
    for (name, widths), lay in zip(BOOK["sheets"].items(), lays, strict=True):
        more = [24.0] * MOST_COLUMNS  # of forms that have columns of their own
        title = put(Term(name), lang)
        sheet = _Sheet(book.create_sheet(title), [*widths, *more], places, shapes, lang)
        for sheet.form, review in enumerate(reviews, start=1):
            lay(sheet, review)
        sheet.dress(hidden=len(returned.HIDDEN) * (name == "findings sheet"))
        sheets.append(sheet)
    # Findings link to cells of the form, so they are written after it; they are read before it.
    book.move_sheet(book.worksheets[3], -2)
    book.calculation.fullCalcOnLoad = True
    book.save(whole)
    parts = {f"xl/worksheets/sheet{1 + book.index(s.sheet)}.xml": s.values for s in sheets}

    rows = tuple(digest for _, digest in returned.rows_of(book))
    return same_bytes(whole.getvalue(), calculated(parts)), rows


def _summary(sheet: _Sheet, review: Review) -> None:
    report, lang = review.report, review.lang
    rows = [
        *schedules.summary(review),
        *schedules.head(report, lang)[1],
        *((Term("note of the reader"), put(note, lang), "") for note in report.notes),
        *(
            (f"{put(Term('not sure'), lang)}: {entry}", f"{text} ({why})", where)
            for entry, text, why, where in schedules.spoken(schedules.unsure(report, lang), lang)[1]
        ),
        *((Term("not understood"), *row) for row in schedules.unplaced(report, lang)[1]),
    ]
    sheet.table(terms("item", "as printed or found", "where"), rows)


def _funds(sheet: _Sheet, review: Review) -> None:
    report = review.report
    lines = [line.extra for line in report.budget_lines]
    sheet.table(*_with_extra(schedules.budget(report), lines))


def _indicators(sheet: _Sheet, review: Review) -> None:
    report = review.report
    rows = [row.extra for row in report.indicators]
    sheet.table(*_with_extra(schedules.indicators(report), rows))
    sheet.add(sheet.form, "总分", *[""] * 4, report.total_points, report.total_score)


def _with_extra(table: schedules.Schedule, extras: Sequence[Extra]) -> schedules.Schedule:
    """Return a table of the form with the columns that only this form has."""
    labels = dict.fromkeys(label for extra in extras for label, _ in extra)
    own = [[dict(extra).get(label) for label in labels] for extra in extras]
    rows = [[*row, *cells] for row, cells in zip(table[1], own, strict=True)]
    return (*table[0], *map(schedules.visible, labels)), rows


def _findings(sheet: _Sheet, review: Review, decided: Decided, numbers: dict[int, str]) -> None:
    heads = [*terms(*BOOK["columns"]["findings"][: -len(returned.HIDDEN)]), *returned.HIDDEN]
    sheet.table(heads, ())
    at = {name: get_column_letter(number) for number, name in enumerate(heads, start=2)}
    *chosen, standing = returned.DECIDED
    for words, finding, held in _rows(review, decided, is_first=sheet.form == 1):
        entries = finding.observation.evidence if finding else ()
        is_bad = bool(finding and (finding.outcome, finding.severity) == WORST)
        said = words | {"number in book": numbers.get(id(finding), "")}
        sheet.add(sheet.form, *map(said.get, heads), fill=BAD if is_bad else None)
        row = {name: sheet.sheet[f"{letter}{sheet.rows}"] for name, letter in at.items()}
        row["severity"].font = _font(bold=is_bad)
        is_agreed = len({event.decision for event, _ in held}) == 1
        row[standing].font = _font(bold=not is_agreed or held[0][1] is not Standing.CURRENT)
        for name in chosen:
            row[name].fill = ASK
        for place, _ in (
            sheet.places[printed_cell(e)] for e in entries[:1] if printed_cell(e) in sheet.places
        ):
            cell = row["cell in book"]
            cell.value, cell.font = (
                place.partition("!")[2],
                _font(color="0B5394", underline="single"),
            )
            cell.hyperlink = Hyperlink(cell.coordinate, location=place)
    offered = (put(choice, review.lang) for choice in returned.Choice)
    choice = DataValidation("list", formula1=f'"{",".join(offered)}"')
    choice.error, choice.showErrorMessage = put(Term("choose from the list"), review.lang), True
    choice.add(f"{at[chosen[0]]}2:{at[chosen[0]]}{max(sheet.rows, 2)}")
    sheet.sheet.data_validations.dataValidation = [choice]


def _rows(
    review: Review, decided: Decided, *, is_first: bool
) -> Iterator[tuple[dict[str, str], Finding | None, Sequence[tuple[Decision, Standing]]]]:
    """Yield the findings with their decisions; decisions whose finding is gone come first."""
    lang = review.lang
    for events in decided.values() if is_first else ():
        event, standing = events[-1]
        if standing in (Standing.ORPHANED, Standing.OFFERED):
            says = Saying.NO_LONGER_ASKED if standing is Standing.ORPHANED else Saying.MAY_BE_ASKED
            gone = Statement.of(says, answer=answer_of(event), file=event.file or "-")
            words = {"rule": f"{event.rule} ", "what was found": schedules.visible(put(gone, lang))}
            words["subject"] = schedules.visible(put(LabelPath(event.subject), lang))
            blank = {"severity": "", "outcome": ""}
            cells = returned.filled_in(event, events, lang)
            if standing is Standing.OFFERED:  # and is decided again where the question stands
                cells |= dict.fromkeys(returned.HIDDEN, "")
            yield blank | words | cells, None, events
    asked = schedules.findings(review)
    shown = {finding.key for finding, _ in asked}
    more = [f for f in review.findings if f.key in decided.keys() - shown]
    asked += [(finding, schedules.finding_words(finding, review)) for finding in more]
    asked.sort(key=lambda pair: all(how == "current" for _, how in decided.get(pair[0].key, ())))
    for finding, words in asked:
        held = decided.get(finding.key, ())
        yield words | returned.filled_in(about(finding), held, lang), finding, held


def _figures(sheet: _Sheet, review: Review) -> None:
    heads, rows = schedules.figures(review.figures, review.lang)
    sheet.table((*heads[:5], heads[6], heads[5], Term("where the inputs stand")), ())
    rows_of = [(row.indicator, row) for row in review.worked.indicators]
    own: dict[object, IndicatorRow] = {(i.path, i.target, i.actual): row for i, row in rows_of}
    for figure, row in zip(review.figures, rows, strict=True):
        indicator = own.get((figure.subject, *figure.inputs[:2]))
        cells = live(figure, indicator, sheet.places, sheet.rows + 1, review.lang)
        where = "\n".join(schedules.places(figure.inputs, review.lang))
        sheet.add(sheet.form, *row[:2], *cells, row[5], where)
    if review.figures:  # which follows what the formulas come to
        first, odd = sheet.rows - len(review.figures) + 1, put(Agreement.INCONSISTENT, review.lang)
        rule = FormulaRule([f'$G{first}="{odd}"'], fill=FILLED, font=Font(bold=True))
        sheet.sheet.conditional_formatting.add(f"A{first}:I{sheet.rows}", rule)


def _coverage(sheet: _Sheet, review: Review) -> None:
    sheet.table(*schedules.coverage(review))
    heads, rows = schedules.coverage_of_rows(review)
    sheet.head(_below_the_rules(*heads))
    for row in rows:
        sheet.add(sheet.form, *_below_the_rules(*row))


def _below_the_rules(subject: _Cell, rules: _Cell, why: _Cell) -> tuple[_Cell, ...]:
    """Set what is said of a row in the columns of the coverage that have the room for it."""
    return ("", subject, rules, "", "", "", "", "", why)


def _log(sheet: _Sheet, review: Review, log: Log | None, reviews: Sequence[Review]) -> None:
    """Add all that was decided of the document and its forms, once."""
    reports = [one.report for one in reviews] if sheet.form == 1 else []
    kept = concerns(log.decisions(), reports) if log and reports else []
    kept = review.redaction.applied(kept) if review.redaction else kept
    sheet.form = ""
    rows = (_event(event) for event in kept)
    sheet.table(terms(*BOOK["columns"]["log"]), rows)


def _event(event: Decision) -> Iterator[_Cell]:
    """Yield the cells of an event, in the order of the log's columns."""
    yield from (str(event.number), event.made_at, event.auditor, *decided_of(event), event.rule)
    yield from (LabelPath(event.subject), event.note, answer_of(event), event.evidence)
    yield from (event.evidence_sha256, event.replaces, event.digest)


def _write(cell: Any, text: str) -> None:
    """Write text that stays text, whatever it looks like."""
    cell.value = schedules.lines(text)[: schedules.LARGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))


def _width(text: str) -> int:
    """Return how wide a line is in characters; an ideograph is two wide."""
    return len(text) if text.isascii() else 2 * len(text) - len(text.encode("ascii", "ignore"))


def _lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column."""
    if 2 * len(text) <= width and "\n" not in text:
        return 1
    return sum(max(1, ceil(_width(line) / width)) for line in text.split("\n"))
