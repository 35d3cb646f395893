"""DV: whether deviations are explained, and whether explanations and scores are plausible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from auditkit.comparing import Direction
from auditkit.figures import HUNDREDTH, ONE, shown
from auditkit.findings import PROSE, ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.report import ZERO, Entry, Indicator, number, numbers, value_of, words_of
from auditkit.rules.answers import DUTY, answer, listed
from auditkit.rules.printed import (
    MONEY_WORDS,
    NO_BOX,
    OTHER_MATTERS,
    clauses_of,
    gives_reason,
    has_box_for_causes,
    reasons_for_money,
    reasons_for_the_rest,
    score_is_the_rates,
    texts_not_understood,
    told_in_goal,
    told_of,
    under_way_in,
    unfinished_in,
)
from auditkit.rules.progress import has_full_quantity, is_late
from auditkit.standards.vocabulary import Met, is_called, speaks_of
from auditkit.worked import IndicatorRow, Scored, Worked, is_bonus

EXPLAINED = ("cn-mof-2020-10/self-evaluation", DUTY)
LOCALLY = ("qingdao-2014/self-evaluation", "qingdao-2014/examined")
OVER = ("cn-mof-2020-10/overshoot", DUTY)
_THIN = 8  # characters below which a cause says hardly anything
HIGH, HALF = Decimal(90), Decimal("0.5")


@rule("DV-01", Severity.WARNING, (*EXPLAINED, *LOCALLY), lacks=("explanation",))
def lost_points_are_explained(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for a cause wherever a score is below its points, in the rows and in the execution.

    What falls short must be analysed and explained. A blank, a dash, 无 and 0 explain nothing.
    Forms without a column for causes are asked once; a box for the whole form, a text that
    speaks of the money, or what was achieved, is for a person to read. A target that was met needs
    a cause as well where the form has a place for it: that its points were taken off is SC-02's
    question, and the only one on a form without such a place. Late rows are asked about by DV-10,
    in the same words. For the execution a cause in the funding row's own
    column is one, and any clause that gives a cause for exactly the sum that was not spent. A score
    that is the rate's, exactly or rounded as it is printed, on a form without a place for its
    cause, asks for none; the rate is the printed one where the amounts cannot be used. Points that
    several rows share are held against the sum of their scores.

    Fails: 10 points, 9 scored, the cause is blank.
    Passes: 10 points, 9 scored, the cause says why, in the row or in a box that names it; or no
    points are lost.
    Open: points are lost and the form explains deviations in one box for all of them, or a text
    beside the row stands in a column that is not understood.
    """
    rows, all_lost = worked.report.indicators, _lost(worked)
    has_place = has_box_for_causes(worked.report) or any(
        row.explanation is not None for row in rows
    )
    lost = [some for some in all_lost if not _is_asked_already(some, has_place=has_place)]
    is_told = score_is_the_rates(worked) or reasons_for_the_rest(worked)
    by_itself = [some for some in lost if not some.row and is_told]
    lost = [some for some in lost if some not in by_itself]
    for some in by_itself:
        yield _of_row(worked, some)
    if all_lost and not lost:
        return
    if not lost:
        is_scored = numbers(row.score for row in rows)
        outcome = Outcome.PASS if is_scored else Outcome.NOT_APPLICABLE
        yield answer(outcome, "explanations", says="full")
    elif all(row.explanation is None for row in rows):
        yield _whole_form(worked, lost)
    else:
        yield from (_of_row(worked, some) for some in lost)


def _lost(worked: Worked) -> list[Scored]:
    rows = [some for some in worked.scored if not (some.row and is_bonus(some.row.indicator))]
    return [some for some in rows if some.lost > 0]


def _is_asked_already(some: Scored, *, has_place: bool) -> bool:
    """Tell whether DV-10 asks about a date that was late, or SC-02 about a row that was met.

    SC-02 asks alone where the form ``has_place`` for no cause.
    """
    row = some.row
    if row is None or gives_reason(row.indicator.explanation):
        return False
    is_met = not some.below and row.met is Met.FULLY and some.lost > HUNDREDTH
    return is_late(row) or (is_met and not has_place)


def _of_row(worked: Worked, some: Scored) -> Observation:
    cause = some.row.indicator.explanation if some.row else None
    row, report = some.row, worked.report
    elsewhere = told_of(report, row.name) if row else reasons_for_money(worked)
    told = () if some.row else reasons_for_the_rest(worked)
    shared = [below.indicator.explanation for below in some.below]
    beside = texts_not_understood(report, row.indicator) if row else {}
    outcome, why, stated = Outcome.FAIL, "not_given", cause.text if cause else ""
    if told or gives_reason(cause) or any(map(gives_reason, shared)):
        outcome, why, stated = Outcome.PASS, "given", ""
        elsewhere = () if told else elsewhere
    elif not some.row and score_is_the_rates(worked):
        outcome, why, stated, elsewhere = Outcome.PASS, "by_rate", "", ()
    elif elsewhere:
        outcome, why = Outcome.REVIEW, "elsewhere"
    elif beside:
        outcome, why, elsewhere = Outcome.REVIEW, "beside", tuple(beside.values())
    return answer(
        outcome,
        some.subject,
        says=("lost", why, "stated" if stated else ""),
        evidence=(
            *(some.points, some.score, *some.others, cause),
            *(*_what_is_due(worked, some), *shared, *told, *elsewhere),
        ),
        reported=stated,
        score=some.earned_text,
        points=some.worth_text,
        lost=shown(some.lost),
        columns=tuple(beside),
    )


def _what_is_due(worked: Worked, some: Scored) -> tuple[Entry | None, ...]:
    """Return the amounts that tell whether the score of the execution is the rate's."""
    line = worked.execution.line
    return () if some.row else (line.adjusted_budget, line.outturn, line.execution_rate)


def _whole_form(worked: Worked, lost: list[Scored]) -> Observation:
    extra = [(label, e) for label, e in worked.report.extra if not label.startswith(NO_BOX)]
    boxes = [entry for label, entry in extra if "原因" in label]
    others = [entry for label, entry in extra if label.startswith(OTHER_MATTERS)]
    boxes = boxes or list(filter(gives_reason, others))
    told = told_in_goal(worked.report, ("",))
    outcome, severity, box = Outcome.FAIL, None, "blank_box"
    if all(_is_named_in(boxes, some) for some in lost):
        outcome, box = Outcome.PASS, "named"
    elif any(map(gives_reason, boxes)):
        outcome, box = Outcome.REVIEW, "one_box"
    elif told:
        outcome, box = Outcome.REVIEW, "goal"
    elif not boxes:
        severity, box = Severity.NOTE, "no_box"
    figures = (
        entry for some in lost for entry in (some.points, some.score, *_what_is_due(worked, some))
    )
    return answer(
        outcome,
        "explanations",
        says=("places", box),
        evidence=(*figures, *boxes, *told),
        severity=severity,
        count=len(lost),
        lacks=(PROSE,),
    )


def _is_named_in(boxes: list[Entry], some: Scored) -> bool:
    """Tell whether a box for causes has a clause on what points were lost for.

    It names the row and says more than that; of the money it gives a cause.
    """
    clauses = [one for box in boxes if gives_reason(box) for one in clauses_of(box)]
    if some.row is None:
        of_money = (one for one in clauses if any(map(one.__contains__, MONEY_WORDS)))
        return any(speaks_of("cause", one) for one in of_money)
    name = some.row.name
    return any(name in one and len(one) >= len(name) + _THIN for one in clauses)


def _exceeded(worked: Worked) -> list[tuple[Indicator, Decimal]]:
    """Return rows with a positive target, more being better, and actual over target."""
    pairs = ((row.indicator, row.comparison) for row in worked.indicators)
    return [
        (row, found.actual.low / found.target)
        for row, found in pairs
        if found and found.direction is not Direction.LOWER and not found.is_vague
        if found.target > 0
    ]


@rule("DV-02", Severity.WARNING, OVER, ("overshoot_explain_at", "overshoot_notice_at"))
def far_above_target_is_explained(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for a cause where the actual value is far above its target; a note outside of Guangxi.

    No national text says how far; some places and systems do.

    Fails: Guangxi, target 100, actual 130, cause blank.
    Passes: target 100, actual 115; or a cause is given.
    Open: no indicator has a numeric target, or the form has no place for causes.
    """
    asked = law["overshoot_explain_at"]
    bound = (asked if asked.is_stated else law["overshoot_notice_at"]).number
    for row, ratio in _exceeded(worked):
        if row.explanation is not None:
            yield answer(
                ratio < bound or gives_reason(row.explanation),
                row,
                evidence=(row.actual, row.explanation),
                expected=f"{shown(bound * 100)}%",
                severity=Severity.WARNING if asked.is_stated else Severity.NOTE,
            )


@rule("DV-03", Severity.NOTE, OVER, ("overshoot_notice_at",))
def low_targets_are_looked_at(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """List rows far above their target with full points and no word about how it was set.

    Fails: target ≥21, actual 85, 10 of 10 points, no cause.
    Passes: the cause says that the target was set too low.
    Open: no indicator has a numeric target.
    """
    rows, bound = _exceeded(worked), law["overshoot_notice_at"].number
    far = [row for row, ratio in rows if ratio >= bound]
    full = [row for row in far if not value_of(row.score) < value_of(row.points)]
    wrong = [row for row in full if not speaks_of("low_target", words_of(row.explanation))]
    yield from listed("actual", wrong, [row for row, _ in rows])


@rule("DV-04", Severity.NOTE, EXPLAINED)
def causes_say_something(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List causes that are very short, a set phrase, or the same in several rows that fell short.

    Fails: 疫情影响 beside 7 of 10 points; one sentence beside three rows.
    Passes: 两家中标单位退出,重新招标后工期顺延至次年三月。
    Open: no target was missed and no points are lost, or no causes are given.
    """
    short = {some.subject for some in _lost(worked)}
    given = (row for row in worked.indicators if gives_reason(row.indicator.explanation))
    rows = [
        row.indicator
        for row in given
        if row.indicator.path in short or row.met not in (None, Met.FULLY)
    ]
    causes = {row.explanation.cells: _cause(row) for row in rows if row.explanation}
    often = Counter(causes.values())
    thin = [c for c in often if len(c) < _THIN or is_called("boilerplate", c) or often[c] > 1]
    wrong = [row for row in rows if _cause(row) in thin]
    yield from listed("explanation", wrong, rows)


def _cause(row: Indicator) -> str:
    return words_of(row.explanation).rstrip("。.;")


@rule("DV-05", Severity.NOTE, EXPLAINED)
def causes_have_a_deviation(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List causes given in rows that met their target exactly and lost no points.

    Exactly is in the same words, or with the number that a bound (≥6座) asks for.

    Fails: target 100%, actual 100%, full points, and a cause that speaks of delays.
    Passes: the same, and a cause of 无偏差.
    Open: no row has full points and meets its target exactly.
    """
    scored = [row for row in worked.indicators if number(row.indicator.score) is not None]
    full = [row for row in scored if number(row.indicator.score) == number(row.indicator.points)]
    rows = [row.indicator for row in full if _is_met_exactly(row)]
    caused = [row for row in rows if gives_reason(row.explanation)]
    wrong = [row for row in caused if not is_called("no_deviation", _cause(row))]
    yield from listed("explanation", wrong, rows)


def _is_met_exactly(row: IndicatorRow) -> bool:
    one, found = row.indicator, row.comparison
    if words_of(one.target) == words_of(one.actual):
        return True
    return found is not None and found.is_met is True and found.actual.low == found.target


@rule(
    "DV-06", Severity.NOTE, EXPLAINED, ("score_above_execution",), lacks=(ROWS, "points", "score")
)
def scores_move_with_execution(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare the share of their points that the indicators scored with the execution rate.

    Fails: 60% of the budget spent, 89 of 90 points scored.
    Passes: 95% spent, 88 of 90 points scored.
    Open: no rate, or points and scores are not printed.
    """
    rate, bound = worked.execution.rate, law["score_above_execution"].number
    rows = [some for some in worked.scored if some.row]
    points = sum((some.worth for some in rows), ZERO)
    score = sum((some.earned for some in rows), ZERO)
    if rate and points > 0 and score > 0:
        share = score / points
        gap = (share - min(ONE, rate.value)) / share
        yield answer(
            gap <= bound,
            "indicators/score",
            evidence=(*rate.inputs, *(some.score for some in rows)),
            reported=f"{shown(share * 100, 2)}%",
            expected=f"{shown(rate.value * 100, 2)}%",
            arithmetic=f"({shown(share)} - {shown(rate.value)}) / {shown(share)} = {shown(gap)}",
        )


@rule("DV-07", Severity.NOTE, (*EXPLAINED, "re-check-practice/unit-cost"), ("unspent_warn_above",))
def full_scores_need_their_money(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for full points, or every target met, although much of the budget was not spent.

    It is a warning where less than half of it was.

    Fails: 20% of the budget spent, nineteen outputs complete to the digit.
    Passes: 99% spent, full points in every row; or points are lost.
    Open: no rate can be worked out, or nothing is scored.
    """
    rate, bound = worked.execution.rate, ONE - law["unspent_warn_above"].number
    scored = [(some.row, some.earned >= some.worth) for some in worked.scored if some.row]
    met = [(row, row.met is Met.FULLY) for row in worked.indicators if row.met is not None]
    found = scored or met
    if rate and found:
        is_full = all(is_full for _, is_full in found)
        cells = (row.indicator.score or row.indicator.actual for row, _ in found)
        yield answer(
            rate.value >= bound or not is_full,
            "indicators/score",
            evidence=(*rate.inputs, *cells),
            reported=f"{shown(rate.value * 100, 2)}%",
            expected=f">= {shown(bound * 100)}%",
            arithmetic=rate.formula,
            severity=Severity.WARNING if rate.value < HALF else None,
        )


@rule("DV-08", Severity.WARNING, EXPLAINED, lacks=(ROWS, "points", "score"))
def unfinished_goals_cost_points(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for words that the goal was not reached beside a total of 90, or full quantities.

    What is only under way (待验收, 在建) beside full quantities is asked about by SC-12.

    Fails: 年度建设任务未完成, total 97; 尚有1个社区待验收, total 97.
    Passes: 年度任务全部完成, total 97; or 年度任务未完成, total 78.
    Open: points are lost somewhere, maybe for this; those of the execution only where it is money
    that was not paid. No total, or nothing is said of the goal.
    """
    report = worked.report
    said, total = words_of(report.goals.actual), number(report.total_score)
    if said and total is not None:
        is_full = has_full_quantity(worked)
        unfinished = () if speaks_of("finished_all", said) else unfinished_in(said)
        under_way = () if is_full else under_way_in(said)
        unfinished = (*unfinished, *under_way)
        is_of_money = all(any(map(one.__contains__, MONEY_WORDS)) for one in unfinished)
        lost = any(some.row or is_of_money for some in _lost(worked))
        yield answer(
            not unfinished
            or (total < HIGH and not is_full)
            or (Outcome.REVIEW if lost else Outcome.FAIL),
            "goals/actual",
            evidence=(report.goals.actual, report.total_score),
            reported=shown(total),
        )
