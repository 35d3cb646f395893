"""Works out all that follows from a form's own figures (复算), once, for every rule and table.

Nothing is worked out of an entry that is missing, blank or not surely a number of one meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import takewhile

from auditkit.comparing import (
    Comparison,
    Method,
    compare_values,
    how_far_met,
    proportional_score,
    reached_otherwise,
)
from auditkit.errors import given
from auditkit.figures import (
    Arithmetic,
    Figure,
    FigureName,
    added,
    execution_score,
    execution_score_by_parts,
    in_one_unit,
    rate_of,
    shown,
)
from auditkit.grid import Cell
from auditkit.nesting import nested, says_parts
from auditkit.report import (
    AMOUNTS,
    ZERO,
    BudgetLine,
    Entry,
    Indicator,
    Report,
    is_blank,
    is_empty,
    number,
    numbers,
    sum_of,
    value_of,
    words_of,
)
from auditkit.standards.vocabulary import bare
from auditkit.wording import Statement
from auditkit.worked import (
    Available,
    FundingRow,
    FundSum,
    IndicatorRow,
    Level,
    Scored,
    Total,
    Worked,
    is_bonus,
)

_Cells = Mapping[int, int]  # the number of the printed cell of an entry, by the entry's identity
_BRACKETED = re.compile(r"\((\d{1,3}(?:\.\d{1,2})?)分\)")


def recompute(report: Report) -> Worked:
    """Work out everything that follows from other figures of the form."""
    report = given(report, Report, "one form is expected, as ak.read(PATH)[0]")
    report = in_one_unit(report)
    by_purpose = _purposes(report.budget_lines)
    funds = tuple(map(_funding_row, nested(report.budget_lines, by_purpose)))
    purposes = tuple(row for row in funds if row.line.name in by_purpose)
    components = _components(funds, purposes)
    execution = _execution(funds)
    rate, points = _rate_scored(execution, components), number(execution.line.points)
    earned = None if points is None else execution_score(execution.line, rate, points)
    parts = [row.line for row in components]
    earned = execution_score_by_parts(execution.line, parts) or earned
    cells = _cells(execution.line, report.indicators)
    worth = _worth_by_label(report, cells)
    rows = tuple(_indicator_row(row, worth.get(row.path)) for row in report.indicators)
    scored = tuple(_scored(execution.line, rows, cells))
    all_points = _total(report, execution.line, "points", cells)
    all_scores = _total(report, execution.line, "score", cells)
    sums, levels = _sums(report.total_line, components), _levels(report, cells)
    shares = (row.rate for row in funds)
    added_up = (each.figure for each in sums)
    totals = (each.figure for each in (all_points, all_scores) if each.cells)
    found = (*shares, earned, *added_up, *_of_rows(rows), *_of_levels(levels), *totals)
    return Worked(
        report=report,
        figures=tuple(figure for figure in found if figure and figure.inputs),
        funds=funds,
        execution=execution,
        components=components,
        purposes=purposes,
        sums=sums,
        sums_by_purpose=_sums(report.total_line, purposes),
        sums_of_parts=tuple(_sums_of_parts(funds)),
        rate_scored=rate,
        execution_score=earned,
        indicators=rows,
        scored=scored,
        levels=levels,
        points=all_points,
        score=all_scores,
        available=_available(report, all_points),
        totals_by_method=tuple(_totals_by_method(scored, all_scores, earned)),
    )


def _funding_row(line: BudgetLine) -> FundingRow:
    has_both = line.adjusted_budget is not None and line.initial_budget is not None
    initial = rate_of(line, line.initial_budget) if has_both else None
    return FundingRow(line, rate_of(line, line.budget), initial)


def _purposes(lines: Sequence[BudgetLine]) -> frozenset[str]:
    names = (line.name for line in lines)
    found = frozenset(name for name in names if name.startswith(("基本支出", "项目支出")))
    return found if len(found) > 1 else frozenset()


def _components(
    funds: Sequence[FundingRow], purposes: Sequence[FundingRow]
) -> tuple[FundingRow, ...]:
    apart = ("total", *(row.line.name for row in purposes))
    parts = (row for row in funds if row.line.parent == "total")
    return tuple(row for row in parts if row.line.name not in apart)


def _execution(funds: Sequence[FundingRow]) -> FundingRow:
    """Return the row that carries the execution score.

    Forms repeat points and score on the rows below the total (其中); those are not counted.
    """
    named = (row for row in funds if row.line.name == "total")
    total = next(named, FundingRow(BudgetLine("total")))
    if numbers((total.line.points, total.line.score)):
        return total
    return next((row for row in funds if number(row.line.score) is not None), total)


def _rate_scored(execution: FundingRow, components: Sequence[FundingRow]) -> Figure | None:
    """Return the rate that the execution is scored by.

    That of its row; where the total was left at nought, that of the one part that is filled.
    """
    line = execution.line
    amounts = [(row.line, row.line.budget) for row in components]
    filled = [part for part, budget in amounts if number(budget) and number(part.outturn)]
    if line.name != "total" or number(line.budget) or len(filled) != 1:
        return execution.rate
    source = replace(line, **{name: getattr(filled[0], name) for name in AMOUNTS})
    return rate_of(source, source.budget)


def _sums(whole: BudgetLine | None, parts: Sequence[FundingRow]) -> tuple[FundSum, ...]:
    found = []
    for column in AMOUNTS:
        printed: Entry | None = getattr(whole, column, None)
        entries = [entry for row in parts if (entry := getattr(row.line, column)) is not None]
        cells = tuple({id(entry): entry for entry in entries}.values())
        if printed:
            figure = added(printed.path, FigureName.SUM, cells, printed)
            found.append(FundSum(column, figure, cells))
    return tuple(found)


def _sums_of_parts(funds: Sequence[FundingRow]) -> Iterator[FundSum]:
    """Yield the sums of the rows below each row of the funds that is not the total."""
    for row in funds:
        parts = [part for part in funds if part.line.parent == row.line.name]
        if row.line.name != "total" and parts:
            is_told, is_whole = says_parts(row.line, [part.line for part in parts])
            for sum_ in _sums(row.line, parts):
                yield replace(sum_, is_told=is_told, is_whole=is_whole)


def _worth_by_label(report: Report, cells: _Cells) -> Mapping[str, tuple[Entry, Decimal]]:
    """Return what each row is worth that prints no points, and the label that says so, by its path.

    Where the name of each row has points (培训场次(50分)), they are the row's. Where the label of a
    dimension or category has points and its rows have none, a row that is alone below it has them
    all; and where their scores add up to those of the label, each row earned all that it could.
    """
    worth = dict(_worth_by_name(report))
    groups: dict[tuple[str, str], list[Indicator]] = {}
    for row in report.indicators:
        dimension = words_of(row.dimension)
        for category in dict.fromkeys(("", words_of(row.category))):
            groups.setdefault((dimension, category), []).append(row)
    for (_, category), rows in groups.items() if not worth else ():
        label: Entry | None = rows[0].category if category else rows[0].dimension
        stated = _BRACKETED.search(words_of(label))
        scores = _counted(rows, "score", cells)
        is_bare = not numbers(row.points for row in rows)
        is_plain = len(numbers(scores)) == len(scores) == len(rows)
        if label is None or not (stated and is_bare and is_plain):
            continue
        points = Decimal(stated[1])
        if len(rows) == 1:
            worth[rows[0].path] = label, points
        elif sum_of(scores) == points:
            worth |= {row.path: (label, value_of(row.score)) for row in rows}
    return worth


def _worth_by_name(report: Report) -> Iterator[tuple[str, tuple[Entry, Decimal]]]:
    """Yield what each row is worth by its own name, where all rows name points and none has any."""
    rows = [row for row in report.indicators if not is_bonus(row)]
    stated = [_BRACKETED.search(words_of(row.name)) for row in rows]
    if not numbers(row.points for row in rows):
        found = [(row, row.name, each) for row, each in zip(rows, stated, strict=True)]
        named = [(row.path, (name, Decimal(each[1]))) for row, name, each in found if name and each]
        yield from named if len(named) == len(rows) else ()


def _indicator_row(
    indicator: Indicator, by_label: tuple[Entry, Decimal] | None = None
) -> IndicatorRow:
    """Work out what follows from one indicator, which may be worth something ``by_label``."""
    found = compare_values(indicator)
    comparison = found if isinstance(found, Comparison) else None
    incomparable = None if isinstance(found, Comparison) else found
    points = by_label[1] if by_label else number(indicator.points)
    by_ratio, by_linear = None, None
    if comparison and points is not None:
        by_ratio = proportional_score(comparison, points)
        by_linear = proportional_score(comparison, points, method=Method.LINEAR)
    columns = (indicator.name, indicator.target, indicator.actual, indicator.points)
    further = (indicator.score, indicator.explanation, *(entry for _, entry in indicator.extra))
    return IndicatorRow(
        indicator=indicator,
        name=bare(words_of(indicator.name)),
        text="".join(map(words_of, (*columns, *further))),
        comparison=comparison,
        incomparable=incomparable,
        by_label=by_label,
        met=how_far_met(indicator, found),
        reached=reached_otherwise(indicator, found),
        by_ratio=by_ratio,
        by_linear=by_linear,
    )


def _cells(line: BudgetLine, indicators: Sequence[Indicator]) -> _Cells:
    """Number the printed cells of points and scores, by the identity of their entries.

    A cell that is printed once for several rows has one number; comparing cells takes long.
    """
    known: dict[tuple[Cell, ...], int] = {}
    rows: tuple[BudgetLine | Indicator, ...] = (line, *indicators)
    entries = (entry for row in rows for entry in (row.points, row.score) if entry is not None)
    return {id(entry): known.setdefault(entry.cells, len(known)) for entry in entries}


def _scored(line: BudgetLine, rows: Sequence[IndicatorRow], cells: _Cells) -> Iterator[Scored]:
    """Yield the execution's row and then the indicators', where both figures can be used."""
    own = (f"budget/{line.name}", line.points, line.score, None)
    others = ((r.indicator.path, r.indicator.points, r.indicator.score, r) for r in rows)
    found = [
        (subject, points, score, row)
        for subject, points, score, row in (own, *others)
        if points and score and number(points) is not None and number(score) is not None
        if number(points) or not (row and is_bonus(row.indicator))
    ]
    often = Counter(cells[id(entry)] for _, *pair, _ in found for entry in pair)
    for subject, points, score, row in found:
        is_alone = often[cells[id(points)]] == often[cells[id(score)]] == 1
        below = _below(row, rows)
        figures = (_shared(points, below, "points"), _shared(score, below, "score"))
        yield Scored(subject, points, score, *figures, is_alone, row, below)
    for each in rows:
        if each.by_label and (got := each.indicator.score):
            label, worth = each.by_label
            own_path, figures = each.indicator.path, (worth, value_of(got))
            yield Scored(own_path, label, got, *figures, is_alone=True, row=each)


def _below(row: IndicatorRow | None, rows: Sequence[IndicatorRow]) -> tuple[IndicatorRow, ...]:
    """Return the rows without points or a score that those of a row reach over."""
    if row is None or _height(row) <= 1:
        return ()
    at = next(n for n, each in enumerate(rows) if each is row)
    return tuple(takewhile(partial(_reaches, row), rows[at + 1 :]))


def _shared(own: Entry, below: Sequence[IndicatorRow], column: str) -> Decimal:
    """Return a figure with those of the rows that share the other one: 90 points, 50 and 40."""
    others = (getattr(row.indicator, column) for row in below)
    return value_of(own) + sum_of(each for each in others if each is not own)


def _reaches(row: IndicatorRow, other: IndicatorRow) -> bool:
    own, bare, name = row.indicator, other.indicator, other.indicator.name
    pairs = ((own.points, bare.points), (own.score, bare.score))
    shared = [entry.cells[0] for entry, blank in pairs if entry and entry.cells and blank is None]
    at = name.cells[0].row if name and name.cells else -1
    return any(cell.row <= at < cell.row + cell.row_span for cell in shared)


def _height(row: IndicatorRow) -> int:
    """Return over how many rows of the grid the points or the score of a row go."""
    entries = (entry for entry in (row.indicator.points, row.indicator.score) if entry)
    return max((cell.row_span for entry in entries for cell in entry.cells), default=1)


def _counted(indicators: Iterable[Indicator], column: str, cells: _Cells) -> tuple[Entry, ...]:
    """Return the entries of a column with each printed cell counted once, merged ones too."""
    entries = (getattr(row, column) for row in indicators)
    return tuple({cells[id(entry)]: entry for entry in entries if entry is not None}.values())


def _total(report: Report, line: BudgetLine, column: str, cells: _Cells) -> Total:
    counted, own = _counted(report.indicators, column, cells), getattr(line, column)
    name, printed = FigureName.TOTAL_SCORE, report.total_score
    if column == "points":
        name, printed = FigureName.TOTAL_POINTS, report.total_points
    return Total(
        cells=counted,
        execution=(own,) if number(own) else (),
        of_rows=added(f"indicators/{column}", name, counted, printed),
        figure=added(f"total/{column}", name, (*counted, own), printed),
    )


def _levels(report: Report, cells: _Cells) -> tuple[Level, ...]:
    groups: dict[tuple[str, str], list[Indicator]] = {}
    dimension = ""
    for row in report.indicators:  # below a dimension a blank cell says that it goes on
        dimension, category = words_of(row.dimension) or dimension, words_of(row.category)
        groups.setdefault((dimension, ""), []).append(row)
        if category:
            groups.setdefault((dimension, category), []).append(row)
    return tuple(_level(*names, tuple(rows), cells) for names, rows in groups.items())


def _level(dimension: str, category: str, rows: tuple[Indicator, ...], cells: _Cells) -> Level:
    subject = f"category/{dimension}/{category}" if category else f"dimension/{dimension}"
    points, score = FigureName.DIMENSION_POINTS, FigureName.DIMENSION_SCORE
    if category:
        points, score = FigureName.CATEGORY_POINTS, FigureName.CATEGORY_SCORE
    return Level(
        dimension=dimension,
        category=category,
        rows=rows,
        points=added(subject, points, _counted(rows, "points", cells), None),
        score=added(subject, score, _counted(rows, "score", cells), None),
    )


def _available(report: Report, points: Total) -> Available | None:
    """Add up the points printed beside the indicators, or in brackets behind names or dimensions.

    Points of the rows count before points in brackets; a cell that covers several rows counts
    once, and so do the execution points that forms repeat below the total of the funds.
    """
    execution = sum_of(points.execution)
    if points.rows:
        unread = [e for e in points.cells if number(e) is None]
        odd = any(entry.reading.raw.strip("-—/ ") != "" for entry in unread)
        missing = any(_lacks_points(row) for row in report.indicators)
        entries = (*points.entries, *(entry for entry in unread if entry.doubts))
        return Available(points.figure.value, execution, entries, not odd and not missing)
    if named := [label for _, label in _worth_by_name(report)]:
        total = sum((worth for _, worth in named), execution)
        cells = tuple(name for name, _ in named)
        return Available(total, execution, (*cells, *points.execution), is_whole=True)
    labels = (row.dimension for row in report.indicators)
    headed = {words_of(label): label for label in labels if label and label.text}
    stated = [found[1] for text in headed if (found := _BRACKETED.search(text))]
    if not headed or len(stated) < len(headed):
        return None
    total = sum(map(Decimal, stated), execution)
    return Available(total, execution, (*headed.values(), *points.execution), is_whole=True)


def _lacks_points(row: Indicator) -> bool:
    """Tell whether a row that says something, or has a score, and is no bonus lacks its points."""
    if is_bonus(row):
        return False
    filled = (row.target, row.actual, row.score)
    if number(row.score) is not None:
        return row.points is not None and is_empty(row.points)
    return is_blank(row.points) and not all(map(is_empty, filled))


def _of_rows(rows: Sequence[IndicatorRow]) -> Iterator[Figure]:
    """Yield deviation and proportional score of the indicators that can be compared."""
    for row in rows:
        if row.comparison is None or row.comparison.is_vague:
            continue
        target, actual = row.comparison.target, row.comparison.actual.low
        subject, inputs = row.indicator.path, row.comparison.inputs
        if target != 0:
            value = (actual - target) / target
            formula = f"({shown(actual)} - {shown(target)}) / {shown(target)}"
            formula += f" = {shown(value * 100, 2)}%"
            yield Figure(subject, FigureName.DEVIATION, value, inputs, formula)
        yield from _proportional(row, row.comparison)


def _proportional(row: IndicatorRow, comparison: Comparison) -> Iterator[Figure]:
    earned, entry = row.by_ratio, row.indicator.points
    if entry is None or earned is None:
        return
    points = value_of(entry)
    formula = Statement.of(Arithmetic.TARGET_MET, points=shown(points), score=shown(earned))
    if not comparison.is_met:
        text = f"{comparison.times_ratio(points)} = {shown(earned)}"
        formula = Statement.of(Arithmetic.IN_PROPORTION, formula=text)
    name, inputs = FigureName.PROPORTIONAL_SCORE, (*comparison.inputs, entry)
    yield Figure(row.indicator.path, name, earned, inputs, formula, row.indicator.score)


def _of_levels(levels: Sequence[Level]) -> Iterator[Figure]:
    for level in levels:
        if level.dimension or level.category:
            yield level.points
            yield level.score


def _totals_by_method(
    scored: Sequence[Scored], score: Total, execution: Figure | None
) -> Iterator[tuple[Method, Decimal]]:
    by_rate = execution.value if execution else None
    alone = [some for some in scored if some.is_alone and not some.below]
    for method in Method if score.rows else ():
        pairs = ((some.row.earned_by(method) if some.row else by_rate, some) for some in alone)
        more = sum((due - some.earned for due, some in pairs if due is not None), ZERO)
        yield method, score.figure.value + more
