"""SC: whether the scores of indicators follow from target and actual value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.recompute import (
    ZERO,
    Comparison,
    Direction,
    compare,
    number,
    proportional_score,
    scored_line,
    shown,
)
from auditkit.report import Entry, Indicator, Report
from auditkit.rules.printed import HUNDREDTH, half_unit, is_rounded, mentions, present

BONUS_WORDS = ("加分", "附加分", "奖励分")


@rule(
    "SC-01",
    "Score is above its points or below zero",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/scoring",),
)
def score_lies_within_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for scores that are higher than the points available for them, or negative.

    A row that speaks of a bonus (加分) is only noted: some forms allow one above the points.

    Fails: 10 points, 11 scored.
    Passes: 10 points, 10 scored.
    Open: points or score are blank in every row.
    """
    line = scored_line(report)
    rows = [
        (row.path, row.points, row.score, mentions(row, BONUS_WORDS)) for row in report.indicators
    ]
    if line is not None:
        rows.insert(0, (f"budget/{line.name}", line.points, line.score, False))
    for subject, points, score, is_bonus in rows:
        most, got = number(points), number(score)
        if most is None or got is None or points is None or score is None:
            continue
        within = ZERO <= got <= most
        yield Observation(
            Outcome.PASS if within else Outcome.FAIL,
            subject,
            f"{score.text} scored of {points.text} points"
            + (", with words about a bonus" if is_bonus and not within else ""),
            (score, points),
            reported=score.text,
            expected=f"0 to {points.text}",
            severity=Severity.NOTE if is_bonus else None,
        )


@rule(
    "SC-03",
    "Target is missed and the score is higher than in proportion",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/quantitative",),
)
def missed_target_costs_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare the score of a missed target, higher being better, with points x actual / target.

    Left to a person: an actual value that is only a bound or a range, and figures of which one
    has no unit. A score below the proportional one is noted, since deductions may go further.

    Fails: target 100%, actual 80%, 11 of 11 points scored.
    Passes: target >=38508人, actual 37442人, 2.9 of 3 points scored.
    Open: no indicator has a numeric target and actual value.
    """
    for row, comparison, points, score in _compared(report):
        if comparison.direction is not Direction.LOWER:
            earned = proportional_score(comparison, points)
            yield _judge(row, comparison, (earned, earned), score)


@rule(
    "SC-04",
    "Limit is exceeded and the score is higher than any formula gives",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/quantitative",),
    parameters=("lower_is_better_formula",),
)
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
    for row, comparison, points, score in _compared(report):
        if comparison.direction is Direction.LOWER:
            ratio = proportional_score(comparison, points)
            linear = proportional_score(comparison, points, method="linear")
            bounds = {"ratio": (ratio, ratio), "linear": (linear, linear)}
            yield _judge(row, comparison, bounds.get(method, (linear, ratio)), score)


def _compared(report: Report) -> Iterator[tuple[Indicator, Comparison, Decimal, Entry]]:
    for row in report.indicators:
        comparison, points = compare(row), number(row.points)
        if isinstance(comparison, str) or points is None or row.score is None:
            continue
        if number(row.score) is not None:
            yield row, comparison, points, row.score


def _judge(
    row: Indicator,
    comparison: Comparison,
    bounds: tuple[Decimal | None, Decimal | None],
    score: Entry,
) -> Observation:
    """Judge a score by the least and the most that the admissible formulas give."""
    low, high = bounds
    got, points = number(score) or ZERO, number(row.points) or ZERO
    allowed = max(HUNDREDTH, half_unit(score)) if score.reading.decimals else HUNDREDTH
    target, actual = comparison.inputs
    said = f"target {target.text}, actual {actual.text}, {score.text} of {shown(points)} points"
    outcome, severity = Outcome.FAIL, None
    if comparison.is_met:
        outcome, said = Outcome.PASS, f"{said}: met"
    elif low is None or high is None:
        outcome = Outcome.PASS if got < points else Outcome.REVIEW
        said += "; whether and how far it is missed cannot be told from what is printed"
    elif abs(got - high) > allowed and got != points and _is_whole_of(score, high):
        severity, said = Severity.NOTE, f"{said}; {shown(high, 2)} rounded to a whole number"
    elif got > high + allowed:
        said += f"; {shown(high, 2)} at most in proportion"
        outcome = _unless_assumed(comparison)
    elif got > low + allowed:
        severity, said = Severity.NOTE, f"{said}; one of the formulas gives {shown(low, 2)}"
    elif got < low - allowed:
        severity, said = Severity.NOTE, f"{said}; in proportion it would be {shown(low, 2)}"
    else:
        outcome, said = Outcome.PASS, f"{said}: missed, and scored in proportion"
    if outcome is not Outcome.PASS and comparison.assumed:
        said += f" ({'; '.join(comparison.assumed)})"
    return Observation(
        outcome,
        row.path,
        said,
        present(score, target, actual, row.points),
        reported=score.text,
        expected="" if high is None else shown(high, 2),
        arithmetic=_arithmetic(comparison, points, high),
        severity=severity,
    )


def _is_whole_of(score: Entry, exact: Decimal) -> bool:
    got = number(score)
    return got is not None and score.reading.decimals == 0 and is_rounded(got, exact, 0)


def _unless_assumed(comparison: Comparison) -> Outcome:
    """Fail, unless the form does not say what the judgement rests on."""
    lower = comparison.direction is Direction.LOWER and bool(comparison.assumed)
    unit = any("no unit" in reason for reason in comparison.assumed)
    return Outcome.REVIEW if lower or unit else Outcome.FAIL


def _arithmetic(comparison: Comparison, points: Decimal, earned: Decimal | None) -> str:
    actual = comparison.actual
    if comparison.is_met or earned is None or actual.low != actual.high:
        return ""
    pair = [shown(actual.low), shown(comparison.target)]
    if comparison.direction is Direction.LOWER:
        pair.reverse()
    return f"{shown(points)} x {pair[0]} / {pair[1]} = {shown(earned)}"


RULES: tuple[Rule, ...] = (
    score_lies_within_points,
    missed_target_costs_points,
    exceeded_limit_costs_points,
)
