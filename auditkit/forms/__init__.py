"""Recognise self-evaluation forms in grids by their labels, whatever their layout.

A file's grids are parted into forms, the grids of one form laid out as one sheet, the blocks of
the sheet found by their headers, and the rows read. Positions decide nothing but which cell
stands under which header.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import ascii_uppercase

from auditkit.doubts import Note, NoteKind
from auditkit.errors import NoFormError, given
from auditkit.forms import rows
from auditkit.forms.accounting import Accounts, account, notes_of, notes_of_columns
from auditkit.forms.blocks import Blocks, locate
from auditkit.forms.divisions import set_divided
from auditkit.forms.funding import mend_funding, read_funding
from auditkit.forms.gathered import gathered
from auditkit.forms.goals import beside_goals, read_goals
from auditkit.forms.header import read_pairs, read_title, read_year
from auditkit.forms.indicators import Indicators, cut_by_edge, mend_indicators, read_indicators
from auditkit.forms.inference import settle
from auditkit.forms.labels import label_of
from auditkit.forms.misreads import doubt_misreads
from auditkit.forms.neighbours import Neighbour, is_only_declared, neighbour
from auditkit.forms.overleaf import titled_overleaf
from auditkit.forms.parting import forms_in
from auditkit.forms.sheet import Sheet, Stretch, is_near, lay_out, may_be_rest
from auditkit.forms.total import read_total
from auditkit.forms.units import read_unit
from auditkit.forms.upright import set_upright
from auditkit.grid import Box, Extent, SheetCell, Span, TableCell, Tables, Unit, plain
from auditkit.report import Entry, Indicator, Report, words_of
from auditkit.wording import Phrase, Term, put


def recognise(tables: Tables) -> tuple[Report, ...]:
    """Return every form found in a file's grids, in order of reading.

    Figures of a scan that contradict the others of its form are doubted. Raises NoFormError where
    the tables of the file hold no form.
    """
    tables = given(tables, Tables, "the tables of a file are expected, as ak.tables(PATH)")
    return _told_apart([doubt_misreads(report) for report, _ in accounted(tables)])


def accounted(tables: Tables) -> tuple[tuple[Report, Accounts], ...]:
    """Return every form found, each with what became of its cells.

    Raises NoFormError where the tables of the file hold no form.
    """
    reports: list[Report] = []
    accounts: list[Accounts] = []
    notes: list[Note] = []  # on what stands before the first form
    kinds: dict[Neighbour, None] = {}
    before: list[Stretch] = []
    for parts, heading in forms_in(tuple(titled_overleaf(tables))):
        sheet = gathered(set_upright(set_divided(rows.mend_headers(lay_out(parts, heading)))))
        blocks = locate(sheet)
        kind = neighbour(sheet, blocks)
        found = None if kind else _recognise(tables, parts, sheet, blocks, len(reports) + 1)
        if found:
            report, own = found
            reports.append(replace(report, notes=(*report.notes, *notes)))
            accounts.append(own)
            before, notes = parts, []
            continue
        kinds |= {kind: None} if kind else {}
        note = _note_on(sheet, kind, parts, before)
        if note and reports:
            reports[-1] = replace(reports[-1], notes=(*reports[-1].notes, note))
        elif note:
            notes.append(note)
    if not reports:
        raise _no_form(tables, tuple(kinds))
    return tuple(zip(reports, accounts, strict=True))


def _told_apart(reports: Sequence[Report]) -> tuple[Report, ...]:
    """Tell forms of a file that call themselves the same by their places in it."""
    if len(reports) == 1:
        return tuple(reports)
    numbers: dict[str, list[int]] = {}
    for report in reports:
        numbers.setdefault(report.identity, []).append(report.number)
    told = [
        _bound(report, numbers[name]) if (name := report.identity) else report for report in reports
    ]
    known = [report.known_as for report in told]
    keys = frozenset(form.key for form in known)
    pairs = zip(told, known, strict=True)
    return tuple(replace(one, read_as=replace(form, beside=keys)) for one, form in pairs)


def _bound(report: Report, numbers: Sequence[int]) -> Report:
    """Return a form as known by its place where several of these numbers have its name."""
    if len(numbers) == 1:
        return report
    note = Note.of(NoteKind.SAME_NAMES, forms=tuple(map(str, numbers)))
    known = report.known_as.bound(report.document.sha256, report.number)
    return replace(report, read_as=known, notes=(*report.notes, note))


def _note_on(
    sheet: Sheet, kind: Neighbour | None, parts: Sequence[Stretch], before: Sequence[Stretch]
) -> Note | None:
    """Name what stands beside a form and is none: a neighbour, or what may be a part of it."""
    if kind:
        return Note.of(NoteKind.NEIGHBOUR, place=_place(sheet), what=kind)
    first = parts[0].grid
    is_rest = bool(before) and may_be_rest(before[-1].grid, first)
    if is_rest or (sheet.has(rows.is_header) and (not before or is_near(before[-1].grid, first))):
        return Note.of(NoteKind.TABLE_NOT_TAKEN, place=_place(sheet))
    return None


def _no_form(tables: Tables, kinds: Sequence[Neighbour]) -> NoFormError:
    """Return the error for a file without a form, which names what it holds instead."""
    name = tables.document.name
    if not kinds:
        return NoFormError.saying("none-a-form", name=name)
    what = tuple(Phrase.of("by its name", what=kind, name=put(kind, "zh")) for kind in kinds)
    return NoFormError.saying("form-of-another-kind", name=name, what=what)


def _recognise(
    tables: Tables, parts: Sequence[Stretch], sheet: Sheet, blocks: Blocks, number: int
) -> tuple[Report, Accounts] | None:
    if not _reports_results(blocks):
        return None
    sheet = mend_indicators(mend_funding(sheet, blocks.funding), blocks.indicators)
    pairs = read_pairs(sheet, blocks)
    title = read_title(sheet, blocks)
    known = pairs.known
    if not blocks.indicators and title is None and "project" not in known:
        return None
    indicators = read_indicators(sheet, blocks.indicators)
    managed = read_indicators(sheet, blocks.management).rows
    scored = blocks.management.column("score") is not None
    pairs.other += beside_goals(sheet, blocks.goals)
    points, score, rating = read_total(sheet, blocks, pairs)
    unit = read_unit(sheet, blocks, pairs)
    report = Report(
        document=tables.document,
        number=number,
        place=_place(sheet),
        reader=parts[0].grid.reader,
        title=title,
        year=read_year(sheet, blocks, pairs, title),
        project=known.get("project"),
        department=known.get("department"),
        implementer=known.get("implementer") or known.get("local_department"),
        currency_unit=unit,
        budget_lines=read_funding(sheet, blocks.funding, words_of(unit)),
        goals=read_goals(sheet, blocks.goals),
        indicators=(*(managed if scored else ()), *indicators.rows),
        total_points=points,
        total_score=score,
        rating=rating,
        extra=(*pairs.extra, *indicators.subtotals, *(() if scored else _told(managed))),
    )
    accounts = account(sheet, blocks, pairs, indicators, report)
    found = _notes(report, blocks, sheet, indicators)
    notes = (*tables.notes, *found, *notes_of_columns(blocks), *notes_of(accounts))
    report = replace(report, notes=notes, unplaced=accounts.unplaced, unknown=accounts.unknown)
    return settle(report), accounts


def _told(managed: Sequence[Indicator]) -> Iterator[tuple[str, Entry]]:
    """Yield what is told about the managing of the money, where it is not scored."""
    for row in managed:
        name = label_of(row.name.text) if row.name else ""
        for label, value in ((name, row.actual), (f"{name}/改进措施", row.explanation)):
            if name and value and value.text:
                yield label, replace(value, path=f"extra/{label}")


def _reports_results(blocks: Blocks) -> bool:
    """Tell a self-evaluation from a table of targets (绩效目标申报表), which has no results."""
    funding = blocks.funding
    spent = bool(funding) and (not funding.columns or funding.column("outturn") is not None)
    return spent or any(blocks.indicators.column(role) for role in ("actual", "score"))


def _place(sheet: Sheet) -> Extent:
    """Return where a form stands: its pages, its tables or lines, or its rows of a sheet."""
    numbers: dict[tuple[Unit, str], set[int]] = {}
    for place in (cell.place for slot in sheet.slots for cell in slot.cells):
        name = ""
        match place:
            case Box():
                unit, number = Unit.PAGE, place.page
            case SheetCell():
                unit, name = Unit.ROW, place.sheet
                number = int(place.reference.lstrip(ascii_uppercase))
            case TableCell():
                unit, number = Unit.TABLE, place.table
            case Span():
                unit, number = Unit.LINE, place.line
        numbers.setdefault((unit, name), set()).add(number)
    (unit, name), own = next(iter(numbers.items()), ((Unit.PAGE, ""), {0}))
    return Extent(unit, min(own), max(own), name)


def _notes(report: Report, blocks: Blocks, sheet: Sheet, indicators: Indicators) -> Iterator[Note]:
    """Say what is missing or was pieced together, so that nothing looks more whole than it is."""
    for what, found in (
        ("title", report.title), ("year", report.year), ("project_name", report.project),
        ("department", report.department), ("unit_of_amounts", report.currency_unit),
        ("funding_table", blocks.funding), ("indicator_table", blocks.indicators),
        ("total_row", blocks.total or report.total_score),
    ):  # fmt: skip
        if not found:
            yield Note.of(NoteKind.LACKS, what=Term(what))
    if report.title and "整体支出" in plain(report.title.text):
        yield Note(NoteKind.DEPARTMENT_WIDE)
    if is_only_declared(sheet, blocks):
        yield Note(NoteKind.ONLY_DECLARED)
    if indicators.left_blank:
        yield Note.of(NoteKind.LEFT_BLANK, rows=indicators.left_blank)
    if indicators.merged_scores:
        yield Note.of(NoteKind.SHARED_SCORES, indicators=indicators.merged_scores)
    if sheet.seams:
        yield Note.of(NoteKind.OVER_PAGE_EDGES, edges=len(sheet.seams))
    if cut := cut_by_edge(indicators.rows):
        yield Note.of(NoteKind.CUT_INDICATORS, indicators=cut)
