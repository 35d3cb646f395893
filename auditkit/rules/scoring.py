"""WT, SC and TT: whether points and scores follow from the form and add up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.once import once
from auditkit.recompute import (
    HUNDRED,
    ZERO,
    Comparison,
    Direction,
    Figure,
    Scored,
    added,
    compare,
    counted,
    number,
    proportional_score,
    scored_entries,
    scored_line,
    scored_rows,
    shown,
    sum_of,
    value_of,
    words_of,
)
from auditkit.report import BudgetLine, Entry, Indicator, Report
from auditkit.rules.printed import (
    compared,
    is_blank,
    is_rounded,
    mentions,
    not_applicable,
    present,
    score_allowance,
)

BONUS_WORDS = ("加分", "附加分", "奖励分")
SCORING, QUANTITY = ("cn-mof-2020-10/scoring",), ("cn-mof-2020-10/quantitative",)
_BRACKETED = re.compile(r"\((\d{1,3}(?:\.\d{1,2})?)分\)")


class Available(NamedTuple):
    """Points available on a form, those for execution among them, and what states them.

    ``is_whole`` is false where a row may have points that are not printed or cannot be read.
    """

    total: Decimal
    execution: Decimal
    entries: tuple[Entry, ...]
    is_whole: bool


@once
def available(report: Report) -> Available | None:
    """Add up the points printed beside the indicators, or in brackets behind the dimensions.

    Points of the rows count before points in brackets; a cell that covers several rows counts
    once, and so do the execution points that forms repeat below the total of the funds.
    """
    read, own = scored_entries(report, "points")
    rows, execution = counted(report.indicators, "points"), sum_of(own)
    if read:
        odd = any(number(e) is None and e.reading.raw.strip("-—/ ") != "" for e in rows)
        missing = any(is_blank(r.points) and number(r.score) is not None for r in report.indicators)
        entries = (*read, *own)
        return Available(sum_of(entries), execution, entries, not odd and not missing)
    headed = {words_of(e): e for e in counted(report.indicators, "dimension") if e.text}
    stated = [found[1] for text in headed if (found := _BRACKETED.search(text))]
    if not headed or len(stated) < len(headed):
        return None
    total = sum(map(Decimal, stated), execution)
    return Available(total, execution, (*headed.values(), *own), is_whole=True)


@rule(
    "WT-01",
    Severity.ERROR,
    ("cn-mof-2020-10/scale",),
    parameters=("points_total", "execution_points"),
)
def points_add_up(report: Report, law: Provisions) -> Iterator[Observation]:
    """Add up the points of all indicators and of the execution, and compare with 100.

    Points that do not make up the scale let a form reach its total without earning it. A form
    may score its indicators on 90 and add 10 for execution, printed or not; a form that states a
    scale of its own and keeps to it is for a person to look at, not to be failed.

    Fails: indicators 60 + 40 and execution 20, together 120.
    Passes: indicators 90 and execution 10, whatever the total row calls the total.
    Open: the sum is below 100 and the form has no total row, so that rows may be missing.
    """
    found = available(report)
    if found is None:
        yield not_applicable("points", "unprinted")
        return
    scale, unprinted = law["points_total"].number, law["execution_points"].number
    outcome, says = _judge_points(report, found, scale)
    if outcome is Outcome.FAIL and not found.execution and found.total + unprinted == scale:
        outcome, says = Outcome.PASS, f"{says} execution"
    total, how = shown(found.total), shown(found.total - found.execution)
    how += f" + {shown(found.execution)} = {total}" if found.execution else ""
    fields = {"off": shown(abs(found.total - scale)), "execution": shown(unprinted)}
    evidence = present(*found.entries, report.total_points)
    yield Observation(outcome, "points", says, evidence, total, shown(scale), how, fields=fields)


def _judge_points(report: Report, found: Available, scale: Decimal) -> tuple[Outcome, str]:
    if found.total == scale:
        return Outcome.PASS, "sum"
    if number(report.total_points) == found.total:
        return Outcome.REVIEW, "sum own"
    if found.total > scale:
        return Outcome.FAIL, "sum above"
    if not found.is_whole:
        return Outcome.REVIEW, "sum short gaps"
    if not report.budget_lines:
        return Outcome.REVIEW, "sum short no_funds"
    if report.total_points is None and report.total_score is None:
        return Outcome.REVIEW, "sum short no_total"
    return Outcome.FAIL, "sum short"


@rule("SC-01", Severity.ERROR, SCORING)
def score_lies_within_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for scores that are higher than the points available for them, or negative.

    A row that speaks of a bonus (加分) is only noted: some forms allow one above the points.

    Fails: 10 points, 11 scored.
    Passes: 10 points, 10 scored.
    Open: points or score are blank in every row.
    """
    for subject, points, score, row, worth, earned in scored_rows(report):
        is_bonus = row is not None and mentions(row, BONUS_WORDS)
        is_within = ZERO <= earned <= worth
        outcome, says = Outcome.PASS, "scored"
        if not is_within:
            outcome, says = Outcome.FAIL, "scored bonus" if is_bonus else "scored outside"
        severity, within = Severity.NOTE if is_bonus else None, f"0…{points.text}"
        seen, fields = (score, points), {"points": points.text}
        yield Observation(outcome, subject, says, seen, score.text, within, "", severity, fields)


@rule("SC-03", Severity.ERROR, QUANTITY)
def missed_target_costs_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare the score of a missed target, higher being better, with points x actual / target.

    Left to a person: an actual value that is only a bound or a range, and figures of which one
    has no unit. A score below the proportional one is noted, since deductions may go further.

    Fails: target 100%, actual 80%, 11 of 11 points scored.
    Passes: target >=38508人, actual 37442人, 2.9 of 3 points scored.
    Open: no indicator has a numeric target and actual value.
    """
    return _judged(report, is_lower=False, formulas=("ratio", "ratio"))


@rule("SC-04", Severity.ERROR, QUANTITY, parameters=("lower_is_better_formula",))
def exceeded_limit_costs_points(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare the score of an exceeded limit, lower being better, with what formulas give.

    Two are in use: points x target / actual, and points x (1 - excess / target), which is never
    more. Where the place does not fix one, the more favourable is the limit, and a score
    between the two is noted. That lower is better is left to a person where only the name or
    category of the indicator tells so.

    Fails: target <=5300元/户, actual 5830元/户, 10 of 10 points scored, 9.09 at most.
    Passes: target <=12, actual 11, full points.
    Open: no indicator has a limit and a numeric actual value.
    """
    method = str(law["lower_is_better_formula"].value)
    formulas = (method, method) if method in ("ratio", "linear") else ("linear", "ratio")
    return _judged(report, is_lower=True, formulas=formulas)


def _judged(report: Report, *, is_lower: bool, formulas: tuple[str, str]) -> Iterator[Observation]:
    """Judge the scores of comparable rows by the formulas that give the least and the most."""
    for scored in scored_rows(report):
        comparison = compare(scored.row) if scored.row else ""
        if isinstance(comparison, str) or (comparison.direction is Direction.LOWER) is not is_lower:
            continue
        yield _judge(scored, comparison, formulas)


def _judge(scored: Scored, comparison: Comparison, formulas: tuple[str, str]) -> Observation:
    score, got, points = scored.score, scored.earned, scored.worth
    is_met = comparison.is_met
    earned = {name: proportional_score(comparison, points, method=name) for name in {*formulas}}
    low, high = (earned[name] for name in formulas)
    places = score.reading.decimals
    allowed = score_allowance(places)
    target, actual = comparison.inputs
    outcome, severity = Outcome.FAIL, None
    if is_met:
        outcome, says = Outcome.PASS, "met"
    elif low is None or high is None:
        outcome = Outcome.PASS if got < points else Outcome.REVIEW
        says = "vague"
    elif abs(got - high) > allowed and got != points and places == 0 and is_rounded(got, high, 0):
        severity, says = Severity.NOTE, "whole"
    elif got > high + allowed:
        says = "at_most"
        is_bare = any("no unit" in reason for reason in comparison.assumed)
        if is_bare or (comparison.assumed and comparison.direction is Direction.LOWER):
            outcome = Outcome.REVIEW  # the form does not say what the judgement rests on
    elif got > low + allowed:
        severity, says = Severity.NOTE, "between"
    elif got < low - allowed:
        severity, says = Severity.NOTE, "below"
    else:
        outcome, says = Outcome.PASS, "in_proportion"
    if outcome is not Outcome.PASS and comparison.assumed:
        says += " assumed"
    evidence, arithmetic = present(score, target, actual, scored.points), ""
    if high is not None and not is_met:
        arithmetic = f"{comparison.times_ratio(points)} = {shown(high)}"
    least, most = ("" if end is None else shown(end, 2) for end in (low, high))
    expected = most if least == most else f"{least} - {most}"  # where the rules leave a choice
    fields = {"target": target.text, "actual": actual.text, "points": shown(points)}
    fields |= {"low": least, "high": most, "reasons": "; ".join(comparison.assumed)}
    said = (scored.subject, f"row {says}", evidence, score.text, expected, arithmetic)
    return Observation(outcome, *said, severity, fields)


@rule("TT-01", Severity.ERROR, SCORING)
def total_is_the_sum(report: Report, _: Provisions) -> Iterator[Observation]:
    """Add up the scores of all indicators and, once, the score for execution.

    The execution score that forms repeat on the rows below the total of the funds is not
    counted again. Half a hundredth a score is allowed for rounding, at least 0.01.

    Fails: indicators 100 and execution 20 scored, total 100 printed.
    Passes: indicators 90 and execution 8.62 scored, total 98.62 printed.
    Open: the printed total is higher than the sum, and rows of the form may be missing.
    """
    total, (rows, own) = report.total_score, scored_entries(report, "score")
    if total is None or number(total) is None:
        yield not_applicable("total/score", "no_total")
    elif not rows:
        yield not_applicable("total/score", "no_scores")
    else:
        indicators = added("indicators/score", "sum", rows, None)
        figure = added(total.path, "total score", (*rows, *own), total)
        execution, value = shown(sum_of(own)), shown(indicators.value)
        how = f"{indicators.arithmetic}; {value} + {execution} = {shown(figure.value)}"
        outcome, says = _judge_total(report, figure, indicators.value)
        yield compared(replace(figure, arithmetic=how), outcome, says, None, execution=execution)


def _judge_total(report: Report, figure: Figure, indicators: Decimal) -> tuple[Outcome, str]:
    printed, total, line = value_of(figure.printed), figure.value, scored_line(report)
    places = figure.printed.reading.decimals if figure.printed else 0
    allowed = score_allowance(places, len(figure.inputs))
    if abs(printed - total) <= allowed:
        return Outcome.PASS, "agrees"
    if abs(printed - indicators) <= allowed:
        execution, own = total - indicators, number(report.total_points)
        if own is not None and own + (number(line.points) or execution) == HUNDRED:
            return Outcome.PASS, "indicators_alone"
        return Outcome.FAIL, "differs left_out"
    found = available(report)
    rows: tuple[BudgetLine | Indicator, ...] = (line, *report.indicators)
    is_whole = found is not None and found.is_whole and found.total == HUNDRED
    has_gaps = any(number(row.points) is not None and number(row.score) is None for row in rows)
    if printed > total and (not is_whole or has_gaps):
        return Outcome.REVIEW, "differs gaps"
    return Outcome.FAIL, "differs"
