"""Recognise self-evaluation forms in grids by their labels, whatever their layout.

A file's grids are parted into forms, the grids of one form laid out as one sheet, the blocks of
the sheet found by their headers, and the rows read. Positions decide nothing but which cell
stands under which header.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from string import ascii_uppercase

from auditkit.doubts import Note, NoteKind
from auditkit.errors import NoFormError, given
from auditkit.forms import rows
from auditkit.forms.accounting import account, notes_of, notes_of_columns
from auditkit.forms.blocks import Blocks, locate
from auditkit.forms.funding import mend_funding as mend_funding
from auditkit.forms.funding import read_funding
from auditkit.forms.goals import read_goals
from auditkit.forms.header import read_pairs, read_title, read_unit, read_year
from auditkit.forms.indicators import Indicators, cut_by_edge, mend_indicators, read_indicators
from auditkit.forms.inference import settle
from auditkit.forms.labels import is_title, label_of, role_of
from auditkit.forms.misreads import doubt_misreads
from auditkit.forms.sheet import Sheet, Stretch, is_near, lay_out, may_be_rest, runs_on, take_in
from auditkit.forms.total import read_total
from auditkit.forms.upright import upright
from auditkit.grid import Box, Cell, Extent, Grid, SheetCell, Span, TableCell, Tables, Unit, plain
from auditkit.report import Entry, Indicator, Report
from auditkit.wording import Term


def recognise(tables: Tables) -> tuple[Report, ...]:
    """Return every form found in a file's grids, in order of reading.

    Figures of a scan that contradict the others of its form are doubted. Raises NoFormError where
    the tables of the file hold no form.
    """
    tables = given(tables, Tables, "the tables of a file are expected, as ak.tables(PATH)")
    reports: list[Report] = []
    before: list[Stretch] = []
    for parts, heading in _forms(tables.grids):
        if report := _recognise(tables, parts, heading, len(reports) + 1):
            reports.append(report)
            before = parts
        elif before and may_be_rest(before[-1].grid, parts[0].grid):
            note = Note.of(NoteKind.TABLE_NOT_TAKEN, place=_place(lay_out(parts)))
            reports[-1] = replace(reports[-1], notes=(*reports[-1].notes, note))
    if not reports:
        raise NoFormError(
            "there are tables in it, but none is a self-evaluation form",
            name=tables.document.name,
            advice="Check that it is the right file: a form has columns such as 全年预算数,"
            " 执行率 and 三级指标",
        )
    return tuple(map(doubt_misreads, reports))


def _forms(grids: Sequence[Grid]) -> Iterator[tuple[list[Stretch], tuple[Cell, ...]]]:
    """Part the grids of a file into forms: each begins with its project's name or its title."""
    parts: list[Stretch] = []
    heading: tuple[Cell, ...] = ()
    known: list[Cell] = []
    for printed in grids:
        taken = take_in(parts, printed, known)
        follows = runs_on(parts, taken, known)
        known.extend(printed.heading)
        grid = taken if follows else printed
        sheet = lay_out([Stretch.whole(grid)])
        starts = _starts(sheet, grid)
        if follows and starts[:1] == [0]:
            if _repeats(sheet, parts):
                starts = starts[1:]
            else:
                grid, follows = printed, False
                sheet = lay_out([Stretch.whole(grid)])
        first = starts[0] if starts else sheet.rows
        top = _repeated_rows(sheet, parts) if follows else 0
        is_part = top < first and bool(parts) and (follows or _adds(sheet, first, parts, grid))
        if is_part:
            parts.append(Stretch(grid, top, first - 1, follows))
        is_alone = not starts and not is_part
        for start, end in pairwise([*([0] if is_alone else starts), sheet.rows]):
            if parts:
                yield parts, heading
            parts, heading = [Stretch(grid, start, end - 1)], () if start else grid.heading
        if is_alone:
            yield parts, heading
            parts = []
    if parts:
        yield parts, heading


def _starts(sheet: Sheet, grid: Grid) -> list[int]:
    """Return the rows at which a form begins."""
    starts = [_back(sheet, row) for row in range(sheet.rows) if rows.is_start(sheet, row)]
    titled = any(
        (is_title(line.text) and "续" not in line.text) or rows.names_project(line.text)
        for line in grid.heading
    )
    if titled and starts[:1] != [0] and sheet.has(rows.is_header, last=12):
        if starts and not sheet.has(rows.is_header, last=starts[0]):
            starts.pop(0)
        starts.insert(0, 0)
    return sorted(set(starts))


def _back(sheet: Sheet, row: int) -> int:
    """Return where the head of a form begins whose project stands in a row."""
    first = row
    while row > 0:
        row -= 1
        texts = sheet.texts(row)
        if not texts:
            continue  # sheets leave a row blank below a title
        head = role_of("header", texts[0]) is not None
        alone = len(texts) == 1 and (is_title(texts[0]) or len(plain(texts[0])) <= 16)
        if rows.is_total(sheet, row) or not (head or alone):
            break
        first = row
    return first


def _repeated_rows(sheet: Sheet, parts: Sequence[Stretch]) -> int:
    """Count the rows at the top of a page that only repeat those at the top of its form.

    Spreadsheets print the text of a cut cell over them, so a cell may say more than it repeats.
    """
    form = lay_out(parts[:1])
    last = min(sheet.rows, form.rows)
    for row in range(last):
        own, first = ([plain(text) for text in s.texts(row)] for s in (sheet, form))
        if len(own) != len(first) or not all(b in a for a, b in zip(own, first, strict=True)):
            return row
    return last


def _repeats(sheet: Sheet, parts: Sequence[Stretch]) -> bool:
    """Tell whether a page repeats the head of its form, or the title of one without a total yet."""
    if sheet.has(rows.is_funding_header):
        return False
    is_open = not lay_out(parts).has(rows.is_total)
    return (is_open and not sheet.has(rows.is_start)) or _repeated_rows(sheet, parts) > 0


def _adds(sheet: Sheet, last: int, parts: Sequence[Stretch], grid: Grid) -> bool:
    """Tell whether a table of its own holds a block that the form above it still lacks."""
    if any(is_title(line.text) for line in grid.heading) or not is_near(parts[-1].grid, grid):
        return False
    have = lay_out(parts)
    lacks = [test for test in _BLOCKS if not have.has(test)]
    goes_on = rows.is_total in lacks and _heads_again(sheet, last, have)
    has_head = sheet.has(rows.is_header, last=last)
    return goes_on or any(
        sheet.has(test, last=last) for test in lacks if not (has_head and test is rows.is_total)
    )


_BLOCKS = (rows.is_funding_header, rows.is_indicator_header, rows.is_pair_of_goals, rows.is_total)


def _heads_again(sheet: Sheet, last: int, have: Sheet) -> bool:
    """Tell whether a table begins with the header of the indicators above it: a part of them."""
    own = [rows.leaf_texts(sheet, r) for r in range(last) if rows.is_indicator_header(sheet, r)]
    above = (rows.leaf_texts(have, r) for r in range(have.rows))
    return bool(own) and own[0] in above


def _recognise(
    tables: Tables, parts: Sequence[Stretch], heading: tuple[Cell, ...], number: int
) -> Report | None:
    sheet = upright(rows.mend_headers(lay_out(parts, heading)))
    blocks = locate(sheet)
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
    points, score, rating = read_total(sheet, blocks, pairs)
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
        currency_unit=read_unit(sheet, blocks, pairs),
        budget_lines=read_funding(sheet, blocks.funding),
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
    return settle(replace(report, notes=notes, unplaced=accounts.unplaced))


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
    if indicators.left_blank:
        yield Note.of(NoteKind.LEFT_BLANK, rows=indicators.left_blank)
    if indicators.merged_scores:
        yield Note.of(NoteKind.SHARED_SCORES, indicators=indicators.merged_scores)
    if sheet.seams:
        yield Note.of(NoteKind.OVER_PAGE_EDGES, edges=len(sheet.seams))
    if cut := cut_by_edge(indicators.rows):
        yield Note.of(NoteKind.CUT_INDICATORS, indicators=cut)
