"""TT: whether the total that the form states is the sum of its scores."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.recompute import ZERO, counted, number, scored_line, shown
from auditkit.report import Entry, Report
from auditkit.rules.points import available
from auditkit.rules.printed import HUNDREDTH, half_unit, present

FULL = Decimal(100)


@rule(
    "TT-01",
    "Total score is not the sum of the scores",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/scoring",),
)
def total_is_the_sum(report: Report, _: Provisions) -> Iterator[Observation]:
    """Add up the scores of all indicators and, once, the score for execution.

    The execution score that forms repeat on the rows below the total of the funds is not
    counted again. Half a hundredth a score is allowed for rounding, at least 0.01.

    Fails: indicators 100 and execution 20 scored, total 100 printed.
    Passes: indicators 90 and execution 8.62 scored, total 98.62 printed.
    Open: the printed total is higher than the sum, and rows of the form may be missing.
    """
    line = scored_line(report)
    execution = line.score if line else None
    rows = tuple(e for e in counted(report.indicators, "score") if number(e) is not None)
    printed = number(report.total_score)
    total = report.total_score
    if total is None or printed is None or not rows:
        message = "no total is printed" if printed is None else "no scores are printed"
        yield Observation(Outcome.NOT_APPLICABLE, "total/score", message)
        return
    indicators = sum((number(entry) or ZERO for entry in rows), ZERO)
    own = number(execution) or ZERO
    evidence = present(total, *rows, *(present(execution) if own else ()))
    allowed = max(HUNDREDTH, len(evidence) * HUNDREDTH / 2)
    if total.reading.decimals:
        allowed = max(allowed, half_unit(total))
    outcome, message = _judge(report, printed, indicators, own, allowed)
    yield Observation(
        outcome,
        total.path,
        message,
        evidence,
        reported=total.text,
        expected=shown(indicators + own),
        arithmetic=f"{_added(rows)} = {shown(indicators)} for indicators,"
        f" + {shown(own)} for execution = {shown(indicators + own)}",
    )


def _added(entries: tuple[Entry, ...]) -> str:
    return " + ".join(shown(number(entry) or ZERO) for entry in entries)


def _judge(
    report: Report, printed: Decimal, indicators: Decimal, execution: Decimal, allowed: Decimal
) -> tuple[Outcome, str]:
    total = indicators + execution
    if abs(printed - total) <= allowed:
        return Outcome.PASS, f"the scores add up to {shown(total)}"
    said = f"{shown(printed)} printed, but the scores add up to {shown(total)}"
    if abs(printed - indicators) <= allowed:
        if _covers_indicators_alone(report, execution):
            return Outcome.PASS, f"{shown(printed)} is the sum of the indicators alone, as printed"
        said += f"; it fits when the {shown(execution)} for execution are left out"
        return Outcome.FAIL, said
    if printed < total:
        return Outcome.FAIL, said
    found = available(report)
    if found is None or not found.is_whole or found.total != FULL or _has_gaps(report):
        return Outcome.REVIEW, f"{said}; scores or rows may be missing from the form as read"
    return Outcome.FAIL, said


def _covers_indicators_alone(report: Report, execution: Decimal) -> bool:
    """Tell whether the total row is headed for the indicators: 90 points beside 10 for money."""
    line = scored_line(report)
    points = number(line.points) if line else None
    own = number(report.total_points)
    return own is not None and own + (points or execution) == FULL


def _has_gaps(report: Report) -> bool:
    line = scored_line(report)
    gaps = [number(r.points) is not None and number(r.score) is None for r in report.indicators]
    execution = line is not None and number(line.points) is not None and number(line.score) is None
    return any(gaps) or execution


RULES: tuple[Rule, ...] = (total_is_the_sum,)
