"""EX-01 and EX-02: whether rate and score of the budget's execution follow from the amounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.recompute import (
    Agreement,
    Figure,
    added,
    budget_of,
    components,
    execution_rate,
    execution_score,
    number,
    scored_line,
    shown,
    stated_rates,
)
from auditkit.report import BudgetLine, Entry, Report
from auditkit.rules.printed import is_blank, is_empty, is_rounded, is_rounded_away, present

SLIGHT = Decimal("0.001")  # a tenth of a percentage point
WHOLE_ROUNDING = Decimal("0.05")  # points that rounding to a whole number may add unremarked


@rule(
    "EX-01",
    "Printed execution rate does not follow from the amounts",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/form",),
    parameters=("rate_rounding",),
)
def execution_rate_follows(report: Report, _: Provisions) -> Iterator[Observation]:
    """Divide the outturn of each funding row by its adjusted budget, and compare with the rate.

    No text fixes how a rate is rounded, so rounding up or down is only noted. Up to a tenth of a
    percentage point is a warning, more is an error. Without a sign 20 is 20% and 0.958 is 95.8%.

    Fails: 37.24 of 43.2 spent, 90% printed.
    Passes: 29907108.39 of 31905962.95 spent, 93.74% printed.
    Open: a rate is printed, and the budget or the outturn is blank.
    """
    for line in report.budget_lines:
        rate = line.execution_rate
        if rate is None or is_empty(rate):
            continue
        figure = execution_rate(line)
        if figure is not None and number(rate) is not None:
            yield _rate(line, rate, figure)
        elif number(budget_of(line)) or (number(rate) and number(budget_of(line)) is None):
            yield Observation(
                Outcome.REVIEW,
                f"budget/{line.name}",
                f"the rate {rate.text} cannot be worked out again: an amount or the rate itself"
                " is blank or no number",
                present(rate, line.outturn, budget_of(line)),
                reported=rate.text,
            )


def _rate(line: BudgetLine, rate: Entry, figure: Figure) -> Observation:
    exact, off = shown(figure.value * 100), abs(figure.difference or Decimal(0))
    places = rate.reading.decimals + (2 if rate.reading.unit == "%" else 0)
    printed = [value for value, _ in stated_rates(rate)]
    outcome, severity, said = Outcome.FAIL, None, f"{rate.text} printed, {exact}% recomputed"
    if figure.agreement is Agreement.EXACT:
        outcome, said = Outcome.PASS, f"{rate.text} is {exact}% rounded"
    elif any(is_rounded_away(value, figure.value, places) for value in printed):
        severity = Severity.NOTE
        said += ", which rounding to the nearest does not give"
    elif figure.agreement is Agreement.WITHIN_ROUNDING:
        outcome, said = Outcome.PASS, f"{said}, within what the printed amounts allow"
    elif off <= SLIGHT:
        severity = Severity.WARNING
    if outcome is Outcome.FAIL and severity is not Severity.NOTE and _fits_initial(line, rate):
        said += "; it fits the initial budget instead of the adjusted one"
    return Observation(
        outcome,
        f"budget/{line.name}",
        said,
        (rate, *figure.inputs),
        reported=rate.text,
        expected=f"{exact}%",
        arithmetic=figure.arithmetic,
        severity=severity,
    )


def _fits_initial(line: BudgetLine, rate: Entry) -> bool:
    other = execution_rate(replace(line, adjusted_budget=line.initial_budget))
    if line.initial_budget is None or line.adjusted_budget is None or other is None:
        return False
    return replace(other, printed=rate).agreement is not Agreement.INCONSISTENT


@rule(
    "EX-02",
    "Execution score does not follow from the execution rate",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/weights",),
    parameters=("execution_points", "score_decimals"),
)
def execution_score_is_earned(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare the score claimed for execution with its points times the rate, at most its points.

    The points are those printed on the row; where none are printed, those of the standards. A
    score is compared at its own places: the earned one rounded up is noted, a whole number that
    is more than the earned score is an error. Points and score that forms repeat on the rows
    below the total are not scored again. Where the form prints no points, a difference is left
    to a person.

    Fails: 37.24 of 43.2 spent, 9 claimed of 10, 8.62 earned.
    Passes: 215457.60 of 250000.00 spent, 8.62 claimed of 10.
    Open: a score is claimed and the amounts are blank.
    """
    line = scored_line(report)
    claimed = number(line.score) if line else None
    if line is None or line.score is None or claimed is None:
        message = "no score for execution is printed"
        yield Observation(Outcome.NOT_APPLICABLE, "budget/total", message)
        return
    points = number(line.points)
    own = points is not None
    if points is None:
        points = law["execution_points"].number
    figure = execution_score(_filled(report, line), points)
    if figure is None:
        yield from _without_rate(line, line.score)
        return
    places = line.score.reading.decimals
    outcome, severity, said = _judge(claimed, figure.value, places)
    source = ""
    if not own:
        source = f"; {shown(points)} points by the standards, none are printed"
        outcome = Outcome.REVIEW if outcome is Outcome.FAIL else outcome
    yield Observation(
        outcome,
        figure.subject,
        f"{line.score.text} claimed, {shown(figure.value, 2)} earned{said}{source}",
        present(line.score, *figure.inputs),
        reported=line.score.text,
        expected=shown(figure.value, int(law["score_decimals"].number)),
        arithmetic=figure.arithmetic,
        severity=severity,
    )


def _judge(claimed: Decimal, earned: Decimal, places: int) -> tuple[Outcome, Severity | None, str]:
    places = places or 2
    if is_rounded(claimed, earned, places):
        return Outcome.PASS, None, ""
    if is_rounded_away(claimed, earned, places):
        return Outcome.FAIL, Severity.NOTE, ", which rounding to the nearest does not give"
    if claimed < earned:
        nearest = is_rounded(claimed, earned, 0)
        if nearest and earned - claimed < WHOLE_ROUNDING:
            return Outcome.FAIL, Severity.NOTE, ", rounded to a whole number"
        return Outcome.FAIL, Severity.WARNING, ", less than earned"
    if claimed - earned < WHOLE_ROUNDING and is_rounded(claimed, earned, 0):
        return Outcome.FAIL, Severity.NOTE, ", rounded to a whole number"
    return Outcome.FAIL, None, ", more than earned"


def _filled(report: Report, line: BudgetLine) -> BudgetLine:
    """Return the row, or the first filled part of a total that was left empty or zero."""
    if line.name != "total" or number(budget_of(line)):
        return line
    filled = [p for p in components(report) if number(budget_of(p)) and number(p.outturn)]
    budgets = [entry for part in filled if (entry := budget_of(part))]
    total = added("budget/total", "sum", budgets, None)
    if len(filled) != 1 or total is None:
        return line
    only = filled[0]
    return replace(
        line,
        initial_budget=only.initial_budget,
        adjusted_budget=only.adjusted_budget,
        outturn=only.outturn,
    )


def _without_rate(line: BudgetLine, score: Entry) -> Iterator[Observation]:
    if number(budget_of(line)) == 0 or (is_blank(budget_of(line)) and number(line.outturn)):
        return  # a score without a budget is what EX-05 is about
    yield Observation(
        Outcome.REVIEW,
        f"budget/{line.name}",
        f"{score.text} claimed, and the amounts that it would follow from are blank or no numbers",
        present(score, line.points, budget_of(line), line.outturn),
        reported=score.text,
    )


RULES: tuple[Rule, ...] = (execution_rate_follows, execution_score_is_earned)
