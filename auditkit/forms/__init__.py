"""Recognise self-evaluation forms in grids by their labels, whatever their layout.

A file's grids are parted into forms, the grids of one form laid out as one sheet, the blocks of
the sheet found by their headers, and the rows read. Positions decide nothing but which cell
stands under which header.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from auditkit.errors import NoFormError
from auditkit.forms.blocks import (
    Blocks,
    is_funding_header,
    is_indicator_header,
    is_start,
    is_total,
    leaf_texts,
    locate,
    mend_headers,
)
from auditkit.forms.entries import NUMBER, WORDS, entry, stated
from auditkit.forms.funding import mend as mend_funding
from auditkit.forms.funding import read_funding
from auditkit.forms.header import Pairs, as_extra, read_pairs, read_title, read_unit, read_year
from auditkit.forms.indicators import Indicators, cut_by_edge, mend, read_indicators
from auditkit.forms.labels import is_title, label_of, points_in, role_of
from auditkit.forms.sheet import Part, Sheet, Slot, height, join_rows, lay_out, runs_on, take_in
from auditkit.grid import Box, Cell, Grid, Tables, plain
from auditkit.report import Entry, Indicator, Objective, Report

RATINGS = {"优", "良", "中", "差", "优秀", "良好", "中等", "较差", "合格", "不合格", "一般"}


def recognise(tables: Tables) -> tuple[Report, ...]:
    """Return every form found in a file's grids, in order of reading.

    Raises NoFormError where the tables of the file hold no form.
    """
    reports: list[Report] = []
    before: list[Grid] = []
    for parts, heading in _forms(tables.grids):
        if report := _recognise(tables, parts, heading, len(reports) + 1):
            reports.append(report)
        elif reports and _looks_left_over(before[-1], parts[0].grid):
            note = f"{_place(lay_out(parts, ()))}: a table as wide as the form is not taken as part"
            last = reports[-1]
            reports[-1] = replace(last, notes=(*last.notes, f"{note} of it; look whether it is"))
        before = [part.grid for part in parts] if report else before
    if not reports:
        raise NoFormError(
            "there are tables in it, but none is a self-evaluation form",
            name=tables.document.name,
            advice="Check that it is the right file: a form has columns such as 全年预算数,"
            " 执行率 and 三级指标",
        )
    return tuple(reports)


def _looks_left_over(before: Grid, grid: Grid) -> bool:
    """Tell whether a table that is no form may be the rest of the form before it."""
    if not before.edges or not grid.edges or not _is_near(before, grid):
        return False
    return abs((before.edges[-1] - before.edges[0]) - (grid.edges[-1] - grid.edges[0])) <= 5.0


def _forms(grids: Sequence[Grid]) -> Iterator[tuple[list[Part], tuple[Cell, ...]]]:
    """Part the grids of a file into forms: each begins with its project's name or its title."""
    parts: list[Part] = []
    heading: tuple[Cell, ...] = ()
    known: list[Cell] = []
    for printed in grids:
        grid = printed
        known_lines = tuple(known)
        known.extend(grid.heading)
        taken = take_in(parts, grid, known_lines) if parts else grid
        if follows := runs_on(parts, taken, known_lines):
            grid = taken
        sheet = lay_out([Part(grid, 0, height(grid) - 1)], ())
        starts = _starts(sheet, grid)
        if starts and starts[0] == 0 and follows:
            if _repeats_head(sheet, parts) or _repeats_title(sheet, parts):
                starts = starts[1:]
            else:
                grid, follows = printed, False
                sheet = lay_out([Part(grid, 0, height(grid) - 1)], ())
        first = starts[0] if starts else sheet.rows
        if first > 0 and parts and (follows or _adds(sheet, first, parts, grid)):
            top = _repeated_rows(sheet, parts) if follows else 0
            if top < first:
                parts.append(Part(grid, top, first - 1, runs_on=follows))
        for start, end in pairwise([*starts, sheet.rows]):
            if parts:
                yield parts, heading
            parts = [Part(grid, start, end - 1)]
            heading = grid.heading if start == starts[0] and start == 0 else ()
        if not starts and not (parts and parts[-1].grid is grid):
            if parts:
                yield parts, heading
            yield [Part(grid, 0, sheet.rows - 1)], grid.heading
            parts, heading = [], ()
    if parts:
        yield parts, heading


def _starts(sheet: Sheet, grid: Grid) -> list[int]:
    """Return the rows at which a form begins."""
    found = [row for row in range(sheet.rows) if is_start(sheet.texts(row))]
    starts = [_back(sheet, row) for row in found]
    titled = any(
        (is_title(line.text) and "续" not in line.text) or is_start([line.text])
        for line in grid.heading
    )
    shown = any(
        is_funding_header(leaf_texts(sheet, row)) or is_indicator_header(leaf_texts(sheet, row))
        for row in range(min(sheet.rows, 12))
    )
    if titled and shown and (not starts or starts[0] > 0):
        starts.insert(0, 0)
        if len(starts) > 1 and not _has_table(sheet, 0, starts[1]):
            starts.pop(1)
    return sorted(set(starts))


def _back(sheet: Sheet, row: int) -> int:
    """Return where the head of a form begins whose project stands in a row."""
    while row > 0:
        texts = sheet.texts(row - 1)
        alone = len(sheet.begun(row - 1)) == 1 and bool(texts)
        head = bool(texts) and role_of("header", texts[0]) is not None
        if not (head or (alone and (is_title(texts[0]) or len(plain(texts[0])) <= 16))):
            return row
        if alone and not head and is_total(texts):
            return row
        row -= 1
    return row


def _has_table(sheet: Sheet, first: int, last: int) -> bool:
    return any(
        is_funding_header(leaf_texts(sheet, row)) or is_indicator_header(leaf_texts(sheet, row))
        for row in range(first, last)
    )


def _repeated_rows(sheet: Sheet, parts: Sequence[Part]) -> int:
    """Count the rows at the top of a page that only repeat those at the top of its form.

    Spreadsheets print the text of a cut cell over them, so a cell may say more than it repeats.
    """
    form = lay_out(parts[:1], ())
    for row in range(min(sheet.rows, form.rows)):
        own, first = ([plain(text) for text in s.texts(row)] for s in (sheet, form))
        if len(own) != len(first) or not all(b in a for a, b in zip(own, first, strict=True)):
            return row
    return min(sheet.rows, form.rows)


def _repeats_head(sheet: Sheet, parts: Sequence[Part]) -> bool:
    """Tell whether a page repeats the head of the form that runs on from the page before."""
    funding = any(is_funding_header(leaf_texts(sheet, row)) for row in range(sheet.rows))
    return _repeated_rows(sheet, parts) > 0 and not funding


def _repeats_title(sheet: Sheet, parts: Sequence[Part]) -> bool:
    """Tell whether a page repeats only the title of a form that has not come to its total yet."""
    rows = range(sheet.rows)
    own = any(is_start(sheet.texts(row)) for row in rows) or any(
        is_funding_header(leaf_texts(sheet, row)) for row in rows
    )
    before = lay_out(parts, ())
    return not own and not any(is_total(before.texts(row)) for row in range(before.rows))


def _adds(sheet: Sheet, last: int, parts: Sequence[Part], grid: Grid) -> bool:
    """Tell whether a table of its own holds a block that the form above it still lacks."""
    if any(is_title(line.text) for line in grid.heading) or not _is_near(parts[-1].grid, grid):
        return False
    have = lay_out(parts, ())
    return any(
        any(test(leaf_texts(sheet, row)) for row in range(last))
        and not any(test(leaf_texts(have, row)) for row in range(have.rows))
        for test in (is_funding_header, is_indicator_header)
    )


def _is_near(before: Grid, grid: Grid) -> bool:
    pages = [
        cell.place.page
        for some in (before.cells[-1:], grid.cells[:1])
        for cell in some
        if isinstance(cell.place, Box)
    ]
    return len(pages) < 2 or 0 <= pages[1] - pages[0] <= 1


def _recognise(
    tables: Tables, parts: Sequence[Part], heading: tuple[Cell, ...], number: int
) -> Report | None:
    sheet = mend_headers(lay_out(parts, heading))
    blocks = locate(sheet)
    if (blocks.indicators is None and blocks.funding is None) or not _reports_results(blocks):
        return None
    if blocks.funding:
        sheet = mend_funding(sheet, blocks.funding)
    if blocks.indicators:
        sheet = mend(sheet, blocks.indicators)
    pairs = read_pairs(sheet, blocks)
    title = read_title(sheet, blocks)
    if blocks.indicators is None and title is None and "project" not in pairs.known:
        return None
    known = pairs.known
    indicators = read_indicators(sheet, blocks.indicators) if blocks.indicators else Indicators(())
    managed = read_indicators(sheet, blocks.management).rows if blocks.management else ()
    scored = blocks.management is not None and blocks.management.column("score") is not None
    points, score, rating = _total(sheet, blocks, pairs)
    budget = read_funding(sheet, blocks.funding) if blocks.funding else ()
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
        budget_lines=budget,
        goals=_goals(sheet, blocks.goals),
        indicators=(*(managed if scored else ()), *indicators.rows),
        total_points=points,
        total_score=score,
        rating=rating,
        extra=(*as_extra(pairs), *indicators.subtotals, *(() if scored else _told(managed))),
        notes=(),
    )
    return _with_notes(report, tables, blocks, sheet, indicators)


def _told(managed: Sequence[Indicator]) -> Iterator[tuple[str, Entry]]:
    """Yield what is told about the managing of the money, where it is not scored."""
    for row in managed:
        name = label_of(row.name.text) if row.name else ""
        for label, value in (("", row.actual), ("/改进措施", row.explanation)):
            if name and value and value.text:
                yield f"{name}{label}", replace(value, path=f"extra/{name}{label}")


def _reports_results(blocks: Blocks) -> bool:
    """Tell a self-evaluation from a table of targets (绩效目标申报表), which has no results."""
    found = blocks.indicators
    funding = blocks.funding
    spent = funding is not None and (not funding.columns or funding.column("outturn") is not None)
    results = found is not None and any(found.column(role) for role in ("actual", "score"))
    return spent or results


def _goals(sheet: Sheet, rows: Sequence[int]) -> Objective:
    """Read the goals: under a pair of labels, or beside each label."""
    found: dict[str, list[Slot]] = {"expected": [], "actual": []}
    labels: dict[str, Slot] = {}
    for row in rows:
        slots = sheet.begun(row)
        roles = [role_of("goals", slot.text) for slot in slots]
        if "expected" in roles and "actual" in roles:
            pair = {r: s for s, r in zip(slots, roles, strict=True) if r}
            gap = [s for s in slots if pair["expected"].right < s.left < pair["actual"].left]
            if gap:
                found["expected"] += gap
                found["actual"] += [s for s in slots if s.left > pair["actual"].right]
            else:
                labels = pair
        elif roles and (role := next((r for r in roles if r), None)) and not labels:
            at = slots[roles.index(role)]
            found[role] += [slot for slot in slots if slot.left > at.right]
        elif labels:
            for role, label in labels.items():
                found[role] += [s for s in slots if label.left <= s.left <= label.right]
    return Objective(
        entry("goals/expected", found["expected"], WORDS),
        entry("goals/actual", found["actual"], WORDS),
    )


def _total(
    sheet: Sheet, blocks: Blocks, pairs: Pairs
) -> tuple[Entry | None, Entry | None, Entry | None]:
    """Read the total row by its columns, or the total that the head of the form states."""
    points: Entry | None = None
    score = pairs.known.get("total_score")
    rating = pairs.known.get("rating")
    for row in blocks.total:
        below = sheet.texts(row + 1) if row + 1 in sheet.seams else []
        if below and all(NUMBER(text).value is not None for text in below):
            sheet = join_rows(sheet, row, row + 1)  # a page edge cuts the total row
        label, *others = [slot for slot in sheet.begun(row) if not slot.is_blank]
        under = {}
        for role in ("points", "score"):
            column = blocks.indicators.column(role) if blocks.indicators else None
            slot = sheet.at(row, column.left) if column else None
            under[role] = slot if slot in others else None
        if under["points"] is not None and under["points"] is under["score"]:
            under["points"] = None  # one cell over both columns is the total
        figures = [slot for slot in others if any(char.isdigit() for char in slot.text)]
        if not any(under.values()) and len(figures) == 1:
            under["score"] = figures[0]
        points = points or entry("total/points", under["points"], NUMBER)
        score = score or entry("total/score", under["score"], NUMBER)
        inside = plain(label.text).partition(":")[2]
        if score is None and inside and inside[0].isdigit():
            score = stated("total/score", inside, label.cells, NUMBER, (label,))
        stated_points = points_in(label.text)
        if points is None and stated_points and "(" in plain(label.text):
            points = stated("total/points", stated_points, label.cells, NUMBER, (label,))
        graded = [slot for slot in others if label_of(slot.text) in RATINGS]
        rating = rating or entry("rating", graded[:1], WORDS)
    return points, score, rating


def _place(sheet: Sheet) -> str:
    places = [cell.place for slot in sheet.slots for cell in slot.cells]
    pages = sorted({place.page for place in places if isinstance(place, Box)})
    if not pages:
        return str(places[0]) if places else ""
    return f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]}-{pages[-1]}"


def _with_notes(
    report: Report, tables: Tables, blocks: Blocks, sheet: Sheet, indicators: Indicators
) -> Report:
    """Say what is missing or was pieced together, so that nothing looks more whole than it is."""
    notes = list(tables.notes)
    missing = {
        "title": report.title,
        "year": report.year,
        "project's name": report.project,
        "department": report.department,
        "unit of the amounts": report.currency_unit,
        "funding table": blocks.funding,
        "indicator table": blocks.indicators,
        "total row": blocks.total or report.total_score,
    }
    notes += [f"no {what} was found on the form" for what, found in missing.items() if not found]
    if report.title and "整体支出" in plain(report.title.text):
        notes.append("the form is department-wide (整体支出), the rules are those of project forms")
    if indicators.left_blank:
        notes.append(f"{indicators.left_blank} rows of the template were left blank")
    if indicators.merged_scores:
        notes.append(
            f"{indicators.merged_scores} indicators share points or a score with the row above"
        )
    if sheet.seams:
        notes.append(f"the table runs on over {len(sheet.seams)} page edges")
    if cut := cut_by_edge(indicators.rows):
        notes.append(f"{cut} indicators were cut by a page edge and joined again")
    return replace(report, notes=tuple(notes))
