"""DV: whether deviations are explained, and whether explanations and scores are plausible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.once import once
from auditkit.recompute import (
    ONE,
    Direction,
    Scored,
    compare,
    execution_rate,
    number,
    numbers,
    scored_line,
    scored_rows,
    shown,
    sum_of,
    value_of,
    words_of,
)
from auditkit.report import Indicator, Report
from auditkit.rules.answers import about, answer, listed
from auditkit.rules.printed import MONEY_WORDS, REASON_LABELS, gives_reason, present, reasons
from auditkit.rules.vocabulary import Met, is_called, met, speaks_of

EXPLAINED, OVER = ("cn-mof-2020-10/self-evaluation",), ("cn-mof-2020-10/overshoot",)
THIN = 8  # characters below which a cause says hardly anything
HIGH = Decimal(90)


@rule("DV-01", Severity.WARNING, EXPLAINED)
def lost_points_are_explained(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for a cause wherever a score is below its points, in the rows and in the execution.

    What falls short must be analysed and explained. A blank, a dash, 无 and 0 explain nothing.
    Forms without a column for causes are asked once; a box for the whole form, or a text that
    speaks of the money, is for a person to read.

    Fails: 10 points, 9 scored, the cause is blank.
    Passes: 10 points, 9 scored, the cause says why; or no points are lost.
    Open: points are lost and the form explains deviations in one box for all of them.
    """
    lost = [some for some in scored_rows(report) if some.earned < some.worth]
    if not lost:
        is_scored = numbers(row.score for row in report.indicators)
        outcome = Outcome.PASS if is_scored else Outcome.NOT_APPLICABLE
        yield Observation(outcome, "explanations", "full")
    elif all(row.explanation is None for row in report.indicators):
        yield _whole_form(report, lost)
    else:
        yield from (_answer(report, some) for some in lost)


def _answer(report: Report, lost: Scored) -> Observation:
    cause = lost.row.explanation if lost.row else None
    short = shown(lost.worth - lost.earned)
    fields = {"score": lost.score.text, "points": lost.points.text, "lost": short}
    reply = partial(Observation, fields=fields)
    evidence = present(lost.points, lost.score, cause)
    if gives_reason(cause):
        return reply(Outcome.PASS, lost.subject, "lost given", evidence)
    if lost.row is None:
        line = scored_line(report)
        boxes = ((line.extra, REASON_LABELS), (report.extra, REASON_LABELS))
        if elsewhere := reasons(report, MONEY_WORDS, *boxes):
            return reply(Outcome.REVIEW, lost.subject, "lost elsewhere", (*evidence, *elsewhere))
    stated = cause.text if cause else ""
    why = "lost not_given" + " stated" * bool(stated)
    return reply(Outcome.FAIL, lost.subject, why, evidence, reported=stated)


def _whole_form(report: Report, lost: list[Scored]) -> Observation:
    boxes = [entry for label, entry in report.extra if "原因" in label]
    outcome, severity, says = Outcome.FAIL, None, "places blank_box"
    if any(map(gives_reason, boxes)):
        outcome, says = Outcome.REVIEW, "places one_box"
    elif not boxes:
        severity, says = Severity.NOTE, "places no_box"
    evidence = present(*(entry for some in lost for entry in (some.points, some.score)), *boxes)
    fields = {"count": str(len(lost))}
    return Observation(outcome, "explanations", says, evidence, severity=severity, fields=fields)


@once
def _exceeded(report: Report) -> tuple[tuple[Indicator, Decimal], ...]:
    """Return rows with a positive target, more being better, and actual over target."""
    pairs = ((row, compare(row)) for row in report.indicators)
    return tuple(
        (row, found.actual.low / found.target)
        for row, found in pairs
        if not (isinstance(found, str) or found.direction is Direction.LOWER or found.is_vague)
        and found.target > 0
    )


@rule("DV-02", Severity.WARNING, OVER, ("overshoot_explain_at", "overshoot_notice_at"))
def far_above_target_is_explained(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for a cause where the actual value is far above its target; a note outside of Guangxi.

    No national text says how far; some places and systems do.

    Fails: Guangxi, target 100, actual 130, cause blank.
    Passes: target 100, actual 115; or a cause is given.
    Open: no indicator has a numeric target, or the form has no place for causes.
    """
    asked, is_asked = law["overshoot_explain_at"], law["overshoot_explain_at"].value != "unstated"
    bound, severity = law["overshoot_notice_at"].number, Severity.NOTE
    if is_asked:
        bound, severity = asked.number, Severity.WARNING
    due = f"{shown(bound * 100)}%"
    for row, ratio in _exceeded(report):
        if row.explanation is not None:
            is_right = ratio < bound or gives_reason(row.explanation)
            yield about(is_right, row, row.actual, row.explanation, expected=due, severity=severity)


@rule("DV-03", Severity.NOTE, OVER, ("overshoot_notice_at",))
def low_targets_are_looked_at(report: Report, law: Provisions) -> Iterator[Observation]:
    """List rows far above their target with full points and no word about how it was set.

    Fails: target ≥21, actual 85, 10 of 10 points, no cause.
    Passes: the cause says that the target was set too low.
    Open: no indicator has a numeric target.
    """
    rows, bound = _exceeded(report), law["overshoot_notice_at"].number
    far = [row for row, ratio in rows if ratio >= bound]
    full = [row for row in far if not value_of(row.score) < value_of(row.points)]
    wrong = [row for row in full if not speaks_of("low_target", words_of(row.explanation))]
    yield from listed("actual", wrong, [row for row, _ in rows])


@rule("DV-04", Severity.NOTE, EXPLAINED)
def causes_say_something(report: Report, _: Provisions) -> Iterator[Observation]:
    """List causes that are very short, a set phrase, or the same in several rows that fell short.

    Fails: 疫情影响 beside 7 of 10 points; one sentence beside three rows.
    Passes: 两家中标单位退出,重新招标后工期顺延至次年三月。
    Open: no target was missed and no points are lost, or no causes are given.
    """
    short = [some.subject for some in scored_rows(report) if some.earned < some.worth]
    rows = [row for row in report.indicators if gives_reason(row.explanation)]
    rows = [row for row in rows if row.path in short or met(row) not in (None, Met.FULLY)]
    causes = {r.explanation.cells: _cause(r) for r in rows if r.explanation}
    often = Counter(causes.values())
    thin = [c for c in often if len(c) < THIN or is_called("boilerplate", c) or often[c] > 1]
    wrong = [row for row in rows if _cause(row) in thin]
    yield from listed("explanation", wrong, rows)


def _cause(row: Indicator) -> str:
    return words_of(row.explanation).rstrip("。.;")


@rule("DV-05", Severity.NOTE, EXPLAINED)
def causes_have_a_deviation(report: Report, _: Provisions) -> Iterator[Observation]:
    """List causes given in rows that met their target exactly and lost no points.

    Fails: target 100%, actual 100%, full points, and a cause that speaks of delays.
    Passes: the same, and a cause of 无偏差.
    Open: no row has full points and meets its target exactly.
    """
    scored = [row for row in report.indicators if number(row.score) is not None]
    full = [row for row in scored if number(row.score) == number(row.points)]
    rows = [row for row in full if words_of(row.target) == words_of(row.actual)]
    caused = [row for row in rows if gives_reason(row.explanation)]
    wrong = [row for row in caused if not is_called("no_deviation", _cause(row))]
    yield from listed("explanation", wrong, rows)


@rule("DV-06", Severity.NOTE, EXPLAINED, ("score_above_execution",))
def scores_move_with_execution(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare the share of their points that the indicators scored with the execution rate.

    Fails: 60% of the budget spent, 89 of 90 points scored.
    Passes: 95% spent, 88 of 90 points scored.
    Open: no rate, or points and scores are not printed.
    """
    rate, bound = execution_rate(scored_line(report)), law["score_above_execution"].number
    rows = [some for some in scored_rows(report) if some.row]
    points, score = sum_of(some.points for some in rows), sum_of(some.score for some in rows)
    if rate and points > 0 and score > 0:
        share = score / points
        gap = (share - min(ONE, rate.value)) / share
        how = f"({shown(share)} - {shown(rate.value)}) / {shown(share)} = {shown(gap)}"
        said = (f"{shown(share * 100, 2)}%", f"{shown(rate.value * 100, 2)}%", how)
        seen = (*rate.inputs, *(some.score for some in rows))
        yield answer(gap <= bound, "indicators/score", seen, *said)


@rule("DV-07", Severity.NOTE, EXPLAINED, ("unspent_warn_above",))
def full_scores_need_their_money(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for full points, or every target met, although much of the budget was not spent.

    Fails: 20% of the budget spent, nineteen outputs complete to the digit.
    Passes: 99% spent, full points in every row; or points are lost.
    Open: no rate can be worked out, or nothing is scored.
    """
    rate, bound = execution_rate(scored_line(report)), ONE - law["unspent_warn_above"].number
    scored = [s for s in scored_rows(report) if s.row]
    is_full = [some.earned >= some.worth for some in scored]
    rows = [s.row for s in scored if s.row] or [r for r in report.indicators if met(r) is not None]
    is_full = is_full or [met(row) is Met.FULLY for row in rows]
    if rate and is_full:
        said = (f"{shown(rate.value * 100, 2)}%", f">= {shown(bound * 100)}%", rate.arithmetic)
        seen = (*rate.inputs, *(row.score or row.actual for row in rows))
        yield answer(rate.value >= bound or not all(is_full), "indicators/score", seen, *said)


@rule("DV-08", Severity.WARNING, EXPLAINED)
def unfinished_goals_cost_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for words that the goal was not reached beside a total of 90 or more.

    Fails: 年度建设任务未完成, total 97.
    Passes: 年度任务全部完成, total 97; or 年度任务未完成, total 78.
    Open: points are lost somewhere, maybe for this; no total, or nothing is said of the goal.
    """
    said, total = words_of(report.goals.actual), number(report.total_score)
    if said and total is not None:
        is_unfinished = speaks_of("unfinished", said) and not speaks_of("finished_all", said)
        lost = any(some.row and some.earned < some.worth for some in scored_rows(report))
        ok = not is_unfinished or total < HIGH or (Outcome.REVIEW if lost else Outcome.FAIL)
        yield answer(ok, "goals/actual", (report.goals.actual, report.total_score), shown(total))
