"""EX: whether the funding rows (项目资金) agree with each other and with the rest of the form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from auditkit.figures import ONE, Agreement, Figure, is_rounded_away, shown, stated_rates
from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.report import ZERO, BudgetLine, Entry, is_blank, is_empty, number, value_of
from auditkit.rules.answers import DUTY, answer
from auditkit.rules.printed import (
    WHOLE_ROUNDING,
    reasons_for_change,
    reasons_for_money,
    score_is_the_rates,
    text_or_blank,
)
from auditkit.worked import FundingRow, Worked

FORM, WEIGHTS = ("cn-mof-2020-10/form",), ("cn-mof-2020-10/weights",)
BUDGET, SPENT = "cn-budget-law/by-budget", "cn-budget-law/true-spending"
THREE_FIGURES = "cn-budget-law/final-accounts"
_LOW = ("cn-mof-2020-10/low-execution", DUTY)
_CHANGED = (
    *FORM,
    BUDGET,
    "cn-budget-law/transfers",
    "qingdao-2014/targets",
    "qingdao-2014/adjusted",
)
NEEDED = ("points", "execution_rate", "score")  # to tell whether the score is the rate's
_DECIMALS = 2  # of a score that was worked out, as it is shown
# What is allowed besides the places printed, all of it: see the rules that say so.
SLIGHT = Decimal("0.001")  # a rate off by a tenth of a percentage point is a warning only


@rule("EX-01", Severity.ERROR, FORM, by_itself=True)
def execution_rate_follows(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Divide the outturn of each funding row by its adjusted budget, and compare with the rate.

    No text fixes how a rate is rounded, so rounding up or down is only noted. Up to a tenth of a
    percentage point is a warning, more is an error; one of the initial budget is what EX-03 finds.
    Without a sign 20 is 20% and 0.958 is 95.8%.

    Fails: 37.24 of 43.2 spent, 90% printed.
    Passes: 29907108.39 of 31905962.95 spent, 93.74% printed.
    Open: a rate is printed, and the budget or the outturn is blank.
    """
    for row in worked.funds:
        line, rate, figure = row.line, row.line.execution_rate, row.rate
        if rate is None or is_empty(rate):
            continue
        if figure is not None and number(rate) is not None:
            if not is_initial_rate(row):  # EX-03 says so
                yield _rate(rate, figure)
        elif number(line.budget) or (number(rate) and number(line.budget) is None):
            yield _unworkable(line, rate, line.outturn, line.budget)


def is_initial_rate(row: FundingRow) -> bool:
    """Tell whether a printed rate follows from the initial budget, and from the other not."""
    own, initial = row.rate, row.initial_rate
    is_off = own is not None and own.agreement is Agreement.INCONSISTENT
    fits = initial is not None and initial.agreement not in (None, Agreement.INCONSISTENT)
    return is_off and fits


def _rate(rate: Entry, figure: Figure) -> Observation:
    due, places = f"{shown(figure.value * 100)}%", rate.reading.decimals
    printed = [(value, places - share.adjusted()) for value, share in stated_rates(rate)]
    if figure.agreement is Agreement.EXACT:
        return answer(True, figure, says="rounded", expected=due)
    outcome, severity, why = Outcome.FAIL, None, ""
    if any(is_rounded_away(value, figure.value, own) for value, own in printed):
        severity, why = Severity.NOTE, "rounded_away"
    elif figure.agreement is Agreement.WITHIN_ROUNDING:
        outcome, why = Outcome.PASS, "within"
    else:
        severity = Severity.WARNING if abs(figure.difference or ZERO) <= SLIGHT else None
        why = "off"
    off = shown(abs(figure.difference or ZERO) * 100, _DECIMALS)
    return answer(outcome, figure, says=("differs", why), expected=due, severity=severity, off=off)


def _unworkable(line: BudgetLine, printed: Entry, *others: Entry | None) -> Observation:
    """Leave a figure to a person that the others are not there to check."""
    subject, cells = f"budget/{line.name}", (printed, *others)
    review, text = Outcome.REVIEW, printed.text
    return answer(review, subject, says="unworkable", evidence=cells, reported=text)


@rule("EX-02", Severity.ERROR, WEIGHTS, parameters=("execution_points",), by_itself=True)
def execution_score_is_earned(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare the score claimed for execution with its points times the rate, at most its points.

    The points are those printed on the row, else those of the standards; where those of the rows
    below add up to them, each row earns its own. A score is compared at its own places: the earned
    one rounded up is noted, a whole number that is more than the earned score is an error. Points
    and score that forms repeat below the total are not scored again. Where the form prints no
    points, a difference is left to a person.

    Fails: 37.24 of 43.2 spent, 9 claimed of 10, 8.62 earned.
    Passes: 215457.60 of 250000.00 spent, 8.62 claimed of 10.
    Open: a score is claimed and the amounts are blank.
    """
    line, budget = worked.execution.line, worked.execution.line.budget
    claimed, printed_points = number(line.score), number(line.points)
    if line.score is None or claimed is None:
        yield answer(Outcome.NOT_APPLICABLE, "budget/total", says="unscored")
        return
    points = law["execution_points"].number if printed_points is None else printed_points
    figure = worked.execution_score_of(points)
    if figure is None:
        if number(budget) != 0 and not (is_blank(budget) and number(line.outturn)):  # else EX-05
            yield _unworkable(line, line.score, line.points, budget, line.outturn)
        return
    outcome, severity, says = _judge(claimed, figure)
    if printed_points is None:
        says = (*says, "unprinted")
        outcome = Outcome.REVIEW if outcome is Outcome.FAIL else outcome
    yield answer(
        outcome,
        figure,
        says=says,
        expected=shown(figure.value, _DECIMALS),
        severity=severity,
        points=shown(points),
        off=shown(abs(claimed - figure.value), _DECIMALS),
    )


def _judge(claimed: Decimal, figure: Figure) -> tuple[Outcome, Severity | None, tuple[str, ...]]:
    if figure.agreement is Agreement.EXACT:
        return Outcome.PASS, None, ("earned",)
    if figure.agreement is Agreement.WITHIN_ROUNDING:
        return Outcome.FAIL, Severity.NOTE, ("earned", "rounded_away")
    whole = claimed == claimed.to_integral_value()
    if whole and abs(claimed - figure.value) < WHOLE_ROUNDING:
        return Outcome.FAIL, Severity.NOTE, ("earned", "whole")
    if claimed < figure.value:
        return Outcome.FAIL, Severity.WARNING, ("earned", "less")
    return Outcome.FAIL, None, ("earned", "more")


@rule("EX-03", Severity.ERROR, (*FORM, THREE_FIGURES), lacks=("adjusted_budget",), by_itself=True)
def rate_rests_on_adjusted_budget(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for rates that follow from the initial budget (年初预算数) and not from the adjusted.

    Fails: 100 at first, 80 after adjustment, 60 spent, 60% printed; it is 75%.
    Passes: the same amounts, 75% printed.
    Open: the form has one budget only, both are the same, or no rate is printed.
    """
    for row in worked.funds:
        own, other = row.rate, row.initial_rate
        if own and own.printed and other and own.agreement and own.value != other.value:
            fits = [figure.agreement is not Agreement.INCONSISTENT for figure in (own, other)]
            yield answer(
                fits[0] or not fits[1],
                own,
                evidence=(own.printed, *own.inputs, *other.inputs),
                expected=f"{shown(own.value * 100)}%",
            )


@rule("EX-04", Severity.WARNING, (*FORM, BUDGET, SPENT), by_itself=True)
def spending_keeps_to_budget(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare the outturn of each funding row with its adjusted budget.

    Money may be spent beyond the budget of the year only out of something the form does not
    show; it needs an explanation, and it earns no more than the full execution points.

    Fails: 329.77 budgeted, 338.31 spent.
    Passes: 251.89 budgeted, 251.89 spent.
    Open: the budget or the outturn is blank.
    """
    for row in worked.funds:
        budget, outturn = row.line.budget, row.line.outturn
        whole, part = number(budget), number(outturn)
        if not whole or part is None:
            continue
        over = part - whole
        yield answer(
            over <= 0,
            f"budget/{row.line.name}",
            says=("spent", "over") if over > 0 else "spent",
            evidence=(outturn, budget),
            reported=shown(part),
            expected=f"≤ {shown(whole)}",
            arithmetic=f"{shown(part)} - {shown(whole)} = {shown(over)}",
            budget=shown(whole),
            over=shown(over),
        )


@rule("EX-05", Severity.ERROR, (*FORM, BUDGET), by_itself=True)
def spending_has_a_budget(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for rows whose budget is zero or blank although money was spent or points claimed.

    A rate cannot be worked out of a budget that is not there. A rate printed where neither
    budget nor spending is stated (0.00% of nothing) is a slip of the form, noted as such.

    Fails: budget 0, outturn 207.4538, score 10.
    Passes: budget 250000.00, outturn 215457.60.
    Open: the form has no funding rows, or the initial budget is filled and the adjusted is not.
    """
    is_split = any(number(row.line.budget) for row in worked.components)
    for row in worked.funds:
        line, budget = row.line, row.line.budget
        if budget is None or (number(budget) is None and not is_empty(budget)):
            continue
        if number(budget):
            subject = f"budget/{line.name}"
            yield answer(True, subject, says="budgeted", evidence=(budget,), reported=budget.text)
        elif not (line.name == "total" and is_split):
            score = line.score if row is worked.execution else None
            yield from _without_budget(line, budget, score)


def _without_budget(line: BudgetLine, budget: Entry, score: Entry | None) -> Iterator[Observation]:
    subject, rate = f"budget/{line.name}", line.execution_rate
    spent, claimed = value_of(line.outturn), value_of(score)
    if spent or claimed:
        yield answer(
            Outcome.REVIEW if number(line.initial_budget) else Outcome.FAIL,
            subject,
            says=("unbudgeted", "spent" if spent else "", "claimed" if claimed else ""),
            evidence=(budget, line.outturn, score, rate, line.initial_budget),
            reported=text_or_blank(budget),
            severity=Severity.WARNING if line.name != "total" and is_blank(budget) else None,
            spent=shown(spent),
            claimed=shown(claimed),
        )
    elif rate is not None and number(rate) is not None:
        yield answer(
            Outcome.FAIL,
            subject,
            says="empty_rate",
            evidence=(rate, budget, line.outturn),
            reported=rate.text,
            severity=Severity.NOTE,
        )


@rule("EX-06", Severity.WARNING, _LOW, ("execution_explain_below", "unspent_warn_above"))
def low_execution_is_explained(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for a reason where less was spent than the place asks for; elsewhere it is noted.

    Fails: Sichuan, 86.2% spent, no reason given.
    Passes: 95% spent.
    Open: a text may give the reason, or no rate can be worked out.
    """
    asked, rate = law["execution_explain_below"], worked.execution.rate
    bound = asked.number if asked.is_stated else ONE - law["unspent_warn_above"].number
    if rate:
        is_low = rate.value < bound
        given = reasons_for_money(worked) if is_low else ()
        yield answer(
            not is_low or (Outcome.REVIEW if given else Outcome.FAIL),
            rate.subject,
            wrong="explained" if given else "wrong",
            evidence=(*rate.inputs, *given),
            reported=f"{shown(rate.value * 100, 2)}%",
            expected=f"{shown(bound * 100)}%",
            arithmetic=rate.formula,
            severity=None if asked.is_stated else Severity.NOTE,
        )


@rule("EX-07", Severity.NOTE, _CHANGED, parameters=("budget_change_reason",), lacks=NEEDED)
def budget_change_is_explained(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare the initial budget with the adjusted one, and look for a reason where they differ.

    Targets are set for the budget as first approved; a changed budget asks for changed targets
    or for a reason; what the template asks for is none. Where the standards require one, its
    absence is a warning; else a form without a place for it, scored by its rate, is asked only
    where the budget more than doubled.

    Fails: 238.93 at first, 251.89 after adjustment, no text about it.
    Passes: both are the same, or a text says why they differ.
    Open: the form has no place for a reason, or one of the two budgets only.
    """
    line = worked.budgeted_line
    before = number(line.initial_budget) if line else None
    after = number(line.adjusted_budget) if line else None
    if line is None or before is None or after is None:
        yield answer(Outcome.NOT_APPLICABLE, "budget/total", says="one_budget")
        return
    change, evidence = after - before, (line.initial_budget, line.adjusted_budget)
    if change == 0:
        yield answer(True, "budget/total", says="unchanged", evidence=evidence)
        return
    given, is_required = reasons_for_change(worked, line), law["budget_change_reason"].is_required
    grown = "times" if 0 < 2 * before < after else "by" if before else ""
    is_asked = is_required or grown == "times" or not score_is_the_rates(worked)
    outcome, why = (Outcome.FAIL, "not_given") if is_asked else (Outcome.OPEN, "no_box")
    outcome, why = (Outcome.PASS, "given") if given else (outcome, why)
    yield answer(
        outcome,
        "budget/total",
        says=("changed", grown, why),
        evidence=(*evidence, *given),
        reported=shown(after),
        arithmetic=f"{shown(after)} - {shown(before)} = {shown(change)}",
        severity=Severity.WARNING if is_required else None,
        before=shown(before),
        ratio=shown(100 * change / before, 2) if before else "",
        times=shown(after / before, 2) if before else "",
    )
