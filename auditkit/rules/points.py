"""WT: whether the points of a form add up, level by level, and keep to the usual pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

from auditkit.figures import HUNDRED, Agreement, Figure, shown
from auditkit.findings import ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.report import ZERO, Entry, number, numbers, sum_of, value_of, words_of
from auditkit.rules.answers import DUTY, answer, listed
from auditkit.rules.printed import prints_a_bonus
from auditkit.worked import Available, Level, Total, Worked, is_bonus

SCALE = ("cn-mof-2020-10/scale",)
WEIGHTS = ("cn-mof-2020-10/weights", DUTY)
DOMINANT = Decimal("0.5")  # share of the indicators' points that one indicator may have unremarked
_STATED = re.compile(r"[^\d.\-—~]\(?(\d{1,3}(?:\.\d{1,2})?)分")


@rule(
    "WT-01",
    Severity.ERROR,
    SCALE,
    parameters=("points_total", "execution_points"),
    lacks=(ROWS, "points"),
    by_itself=True,
)
def points_add_up(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Add up the points of all indicators and of the execution, and compare with 100.

    Points that do not make up the scale let a form reach its total without earning it. A form
    may score its indicators on 90 and add 10 for execution, printed or not; a form that states a
    scale of its own and keeps to it is for a person to look at, not to be failed, as is one above
    the scale that speaks of a bonus (加分).

    Fails: indicators 60 + 40 and execution 20, together 120.
    Passes: indicators 90 and execution 10, whatever the total row calls the total.
    Open: the sum is below 100 and the form has no total row, so that rows may be missing.
    """
    found = worked.available
    if found is None:
        yield answer(Outcome.NOT_APPLICABLE, "points", says="unprinted")
        return
    scale, unprinted = law["points_total"].number, law["execution_points"].number
    outcome, says = _judge(worked, found, scale)
    if outcome is not Outcome.PASS and not found.execution and found.total + unprinted == scale:
        outcome, says = Outcome.PASS, (*says, "execution")
    total, parts = shown(found.total), shown(found.total - found.execution)
    parts += f" + {shown(found.execution)} = {total}" if found.execution else ""
    yield answer(
        outcome,
        "points",
        says=says,
        evidence=(*found.entries, worked.report.total_points),
        reported=total,
        expected=shown(scale),
        arithmetic=parts,
        off=shown(abs(found.total - scale)),
        execution=shown(unprinted),
    )


def _judge(worked: Worked, found: Available, scale: Decimal) -> tuple[Outcome, tuple[str, ...]]:
    report = worked.report
    if found.total == scale:
        return Outcome.PASS, ("sum",)
    if number(report.total_points) == found.total:
        return Outcome.REVIEW, ("sum", "own")
    if found.total > scale:
        outcome = Outcome.REVIEW if prints_a_bonus(report) else Outcome.FAIL
        return outcome, ("sum", "above")
    if not found.is_whole:
        return Outcome.REVIEW, ("sum", "short", "gaps")
    if not report.budget_lines:
        return Outcome.REVIEW, ("sum", "short", "no_funds")
    if report.total_points is None and report.total_score is None:
        return Outcome.REVIEW, ("sum", "short", "no_total")
    return Outcome.FAIL, ("sum", "short")


@rule("WT-02", Severity.ERROR, SCALE, lacks=(ROWS, "points", "score"), by_itself=True)
def levels_add_up(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare points in the label of a dimension or category, or in subtotals, with the rows below.

    Where rows have scores and no points, the scores must not be more than the group's points. A
    subtotal's score is compared, too. A sum that names no dimension (合计) is that of the last one,
    of a category of it, or of all rows above with or without the execution, whichever adds up.

    Fails: 产出指标(50分) above rows with 40 and 20 points.
    Passes: 产出指标(50分) above rows with 30 and 20 points.
    Open: points of some rows are blank, or rows may be missing: the form has no total, and all of
    its points are not 100. No level states its points.
    """
    report = worked.report
    for level in worked.levels:
        label = level.rows[0].category if level.category else level.rows[0].dimension
        stated = _STATED.search(level.category or level.dimension)
        if label and stated:
            yield from _level(worked, level, label, Decimal(stated[1]))
        if not level.category:
            yield from _subtotals(worked, level)
    found, total = worked.available, report.total_points
    if found and found.is_whole and total and number(total):
        sums = [found.total, found.total - found.execution, HUNDRED]  # WT-01 is about the scale
        yield answer(
            number(total) in sums,
            "total/points",
            evidence=(total, *found.entries),
            reported=total.text,
            expected=shown(found.total),
        )


def _subtotals(worked: Worked, level: Level) -> Iterator[Observation]:
    """Compare the sums that are printed below the rows of a dimension: its own, or all above."""
    for kind, column in product(("小计", "合计"), ("points", "score")):
        named = f"{kind}/{level.dimension}/{column}"
        printed = [entry for name, entry in worked.report.extra if name.startswith(named)]
        if len(printed) != 1 or not numbers(printed):
            continue
        if kind == "合计" and value_of(printed[0]) in _sums_above(worked, level, column):
            continue
        if column == "points":
            yield from _level(worked, level, printed[0], value_of(printed[0]))
        elif level.score.inputs:
            yield _score_of(level, printed[0])


def _sums_above(worked: Worked, level: Level, column: str) -> list[Decimal]:
    """Return what a sum below a dimension may be of that names none.

    That is all rows down to there, the same with the execution, or a category of the dimension.
    """
    dimensions = [each for each in worked.levels if not each.category]
    above = dimensions[: dimensions.index(level) + 1]
    total: Total = getattr(worked, column)
    rows = sum((_value(each, column) for each in above), ZERO)
    own = [each for each in worked.levels if each.category and each.dimension == level.dimension]
    return [rows, rows + sum_of(total.execution), *(_value(each, column) for each in own)]


def _value(level: Level, column: str) -> Decimal:
    figure: Figure = getattr(level, column)
    return figure.value


def _score_of(level: Level, printed: Entry) -> Observation:
    sum_ = replace(level.score, printed=printed)
    is_whole = all(number(row.score) is not None or row.score is None for row in level.rows)
    outcome = Outcome.FAIL if is_whole else Outcome.REVIEW
    return answer(
        sum_.agreement is not Agreement.INCONSISTENT or outcome,
        f"score/{level.dimension}",
        says="scores",
        evidence=(printed, *sum_.inputs),
        reported=shown(sum_.value),
        expected=shown(value_of(printed)),
        arithmetic=sum_.formula,
    )


def _level(worked: Worked, level: Level, label: Entry, stated: Decimal) -> Iterator[Observation]:
    """Compare what a label states with the sum of the points below it, or of the scores."""
    sum_: Figure = level.points if level.points.inputs else level.score
    is_unpointed = any(number(row.points) is None for row in level.rows)
    found = worked.available
    is_all = found is not None and found.total == HUNDRED  # whatever the form does not add up
    may_miss = (worked.report.total_score is None and not is_all) or is_unpointed
    outcome = Outcome.REVIEW if sum_.value < stated and may_miss else Outcome.FAIL
    is_right = sum_.value == stated or (sum_ is level.score and sum_.value < stated)
    if sum_.inputs:
        yield answer(
            is_right or outcome,
            f"points/{words_of(label)}",
            evidence=(label, *sum_.inputs),
            reported=shown(sum_.value),
            expected=shown(stated),
            arithmetic=sum_.formula,
        )


@rule(
    "WT-03",
    Severity.NOTE,
    WEIGHTS,
    ("weights", "weights_with_cost", "execution_points"),
    lacks=(ROWS, "points", "dimension"),
)
def points_keep_the_pattern(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare points for execution, (cost,) output, benefit and satisfaction with the usual ones.

    Units may deviate for a reason; some places leave them free. Points of a
    satisfaction that is left out go to the benefit.

    Fails: 10, 60, 20 and 10.
    Passes: 10, 50, 30 and 10.
    Open: no points for execution are printed. Where the sum is not 100, they are compared, and
    what is above the pattern already.
    """
    found, labels = worked.available, [level for level in worked.levels if not level.category]
    if found is None:
        return
    costs = ["成本"] if any("成本" in level.dimension for level in labels) else []
    kinds = [*costs, "产出", "效益", "满意"]
    groups = [[level for level in labels if kind in level.dimension] for kind in kinds]
    own = [found.execution, *(sum(map(_points_of, group), ZERO) for group in groups)]
    is_free = law["weights"].value == "free"  # with costs, too
    parts = str(law["weights_with_cost" if costs and not is_free else "weights"].value)
    usual = [law["execution_points"].number, *map(Decimal, re.findall(r"\d+", parts))]
    if not own[-1] and len(usual) == len(own) and found.total == HUNDRED:
        usual[-2:] = [usual[-2] + usual[-1], ZERO]
    is_whole = found.total == sum(own) == HUNDRED and sum(usual) == HUNDRED
    # Rows that are missing only add: what is above the pattern already stays so.
    is_above = any(more > most for more, most in zip(own[1:], usual[1:], strict=False) if most)
    is_above = is_above and not is_whole and found.total < HUNDRED and own[0] == usual[0]
    count = len(own) if is_whole or is_above else 1  # or only the points for execution
    if found.execution:
        yield answer(
            own[:count] == usual[:count],
            "points",
            evidence=found.entries,
            reported="/".join(map(shown, own[:count])),
            expected="/".join(map(shown, usual[:count])),
        )


def _points_of(level: Level) -> Decimal:
    """Return the points of a dimension: those of its rows, else those that its label states."""
    stated = _STATED.search(level.dimension)
    return level.points.value or (Decimal(stated[1]) if stated else ZERO)


@rule("WT-04", Severity.WARNING, SCALE, by_itself=True)
def points_are_above_zero(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for indicators with a target whose points are zero or negative.

    Fails: a target of 95% that carries 0 points.
    Passes: every indicator carries points.
    Open: no points are printed.
    """
    pointed = (row for row in worked.report.indicators if number(row.points) is not None)
    rows = [row for row in pointed if words_of(row.target) and not is_bonus(row)]
    yield from listed("points", [row for row in rows if value_of(row.points) <= 0], rows)


@rule("WT-05", Severity.NOTE, WEIGHTS)
def no_indicator_dominates(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for one indicator that carries more than half of the points of all indicators.

    Fails: 60 of 90 points on one indicator.
    Passes: no indicator has more than 45 of 90, but for points that several share.
    Open: no points are printed.
    """
    shared = {some.subject for some in worked.scored if some.below}
    pointed = (row for row in worked.report.indicators if number(row.points) is not None)
    rows = [row for row in pointed if row.path not in shared]
    most = DOMINANT * worked.points.of_rows.value
    heavy = [row for row in rows if value_of(row.points) > most > 0]
    yield from listed(
        "points", heavy, rows, beside=(row.points for row in worked.report.indicators)
    )
