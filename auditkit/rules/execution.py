"""EX: whether the funding rows (项目资金) agree with each other and with the rest of the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from auditkit.figures import ONE, Agreement, Figure, Interval, is_rounded_away, shown, stated_rates
from auditkit.findings import ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import MONEY_UNITS
from auditkit.report import (
    AMOUNTS,
    ZERO,
    BudgetLine,
    Entry,
    is_blank,
    is_empty,
    number,
    numbers,
    value_of,
    words_of,
)
from auditkit.rules.answers import answer
from auditkit.rules.printed import (
    NOTHING,
    is_of_all_funds,
    reasons_for_change,
    reasons_for_money,
    score_is_the_rates,
    sums_with_units,
    text_or_blank,
)
from auditkit.standards.vocabulary import is_called, speaks_of
from auditkit.wording import Series, Term
from auditkit.worked import FundingRow, FundSum, Worked

FORM, WEIGHTS = ("cn-mof-2020-10/form",), ("cn-mof-2020-10/weights",)
_LOW = ("cn-mof-2020-10/low-execution",)
NEEDED = ("points", "execution_rate", "score")  # to tell whether the score is the rate's
# What is allowed besides the places printed, all of it: see the rules that say so.
SLIGHT = Decimal("0.001")  # a rate off by a tenth of a percentage point is a warning only
WHOLE_ROUNDING = Decimal("0.05")  # points that rounding to a whole number may add unremarked
# Beyond these a unit of money is doubted for one project's funds, in yuan; no text fixes them.
TINY, LARGE, HUGE = Decimal(100), Decimal(10) ** 10, Decimal(10) ** 11


@rule("EX-01", Severity.ERROR, FORM, parameters=("rate_rounding",), by_itself=True)
def execution_rate_follows(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Divide the outturn of each funding row by its adjusted budget, and compare with the rate.

    No text fixes how a rate is rounded, so rounding up or down is only noted. Up to a tenth of a
    percentage point is a warning, more is an error. Without a sign 20 is 20% and 0.958 is 95.8%.

    Fails: 37.24 of 43.2 spent, 90% printed.
    Passes: 29907108.39 of 31905962.95 spent, 93.74% printed.
    Open: a rate is printed, and the budget or the outturn is blank.
    """
    for row in worked.funds:
        line, rate, figure = row.line, row.line.execution_rate, row.rate
        if rate is None or is_empty(rate):
            continue
        if figure is not None and number(rate) is not None:
            yield _rate(row, rate, figure)
        elif number(line.budget) or (number(rate) and number(line.budget) is None):
            yield _unworkable(line, rate, line.outturn, line.budget)


def _rate(row: FundingRow, rate: Entry, figure: Figure) -> Observation:
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
        if row.initial_rate and row.initial_rate.agreement is not Agreement.INCONSISTENT:
            why = "initial"
    return answer(outcome, figure, says=("differs", why), expected=due, severity=severity)


def _unworkable(line: BudgetLine, printed: Entry, *others: Entry | None) -> Observation:
    """Leave a figure to a person that the others are not there to check."""
    subject, cells = f"budget/{line.name}", (printed, *others)
    review, text = Outcome.REVIEW, printed.text
    return answer(review, subject, says="unworkable", evidence=cells, reported=text)


@rule("EX-02", Severity.ERROR, WEIGHTS, parameters=("execution_points", "score_decimals"))
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
        expected=shown(figure.value, int(law["score_decimals"].number)),
        severity=severity,
        points=shown(points),
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


@rule("EX-03", Severity.ERROR, FORM, lacks=("adjusted_budget",), by_itself=True)
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


@rule("EX-04", Severity.WARNING, FORM, by_itself=True)
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


@rule("EX-05", Severity.ERROR, FORM, by_itself=True)
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


@rule("EX-07", Severity.NOTE, FORM, parameters=("budget_change_reason",), lacks=NEEDED)
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


@rule("EX-08", Severity.ERROR, FORM, lacks=(ROWS,), by_itself=True)
def funds_add_up(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare the total of each amount column with the sum of the rows directly below it.

    A department-wide form divides its funds twice, by source and by purpose (基本支出, 项目支出);
    both must add up. Rows that are parts of a part are not counted again. Half a unit of the last
    printed place a row is allowed for rounding. Blank rows count as nothing; where a column is
    blank in all of them, the source of the money is not shown. A row of words (约12万) is for a
    person: what it adds is not known.

    Fails: total 100, parts 60 and 30.
    Passes: total 250000.00, parts 250000.00, 0 and 0.
    Open: the parts are not read as numbers, or there is one part alone and it is smaller.
    """
    divided = [row.line for row in (*worked.components, *worked.purposes)]
    is_filled = any(number(getattr(line, name)) for line in divided for name in AMOUNTS)
    if worked.report.total_line is None or not is_filled:
        yield answer(Outcome.NOT_APPLICABLE, "budget/total", says="undivided")
        return
    for sums, division in ((worked.sums, ""), (worked.sums_by_purpose, "/purpose")):
        for sum_ in sums:
            if number(sum_.figure.printed) is not None and sum_.cells:
                yield _sum_of(sum_, division)


def _sum_of(sum_: FundSum, division: str) -> Observation:
    figure, whole = sum_.figure, value_of(sum_.figure.printed)
    short = whole - figure.value
    unread = (cell for cell in sum_.cells if number(cell) is None and not is_empty(cell))
    is_unread = any(words_of(cell) not in NOTHING for cell in unread)
    outcome, severity, says = Outcome.FAIL, None, "differs"
    if whole and not figure.inputs and not is_unread:
        severity, says = Severity.WARNING, "blank"
    elif figure.agreement is not Agreement.INCONSISTENT:
        outcome, says = (Outcome.REVIEW, "unread") if is_unread else (Outcome.PASS, "agrees")
    elif is_unread or (short > 0 and len(sum_.cells) == 1):
        outcome = Outcome.REVIEW
    less = f"{shown(whole)} - {shown(figure.value)} = {shown(short)}"
    return answer(
        outcome,
        replace(figure, subject=figure.subject + division),
        says=says,
        evidence=(figure.printed, *sum_.cells),
        arithmetic=Series((figure.formula, less)),
        severity=severity,
    )


@rule(
    "EX-09",
    Severity.ERROR,
    FORM,
    lacks=("adjusted_budget", "outturn", "initial_budget"),
    by_itself=True,
)
def total_row_is_filled(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for a total that is zero or blank while the rows below it hold amounts.

    Rate and score of the project are read from the total; an empty one hides what was spent.

    Fails: total 0, 0, 0 above a row with 90, 89.974, 89.974.
    Passes: the total is filled wherever its rows are.
    Open: the form has no total row.
    """
    if worked.report.total_line is None or not worked.components:
        yield answer(Outcome.NOT_APPLICABLE, "budget/total", says="undivided")
        return
    filled = ((sum_, sum_.figure.printed) for sum_ in worked.sums if sum_.figure.value > 0)
    hollow = [(s, top) for s, top in filled if top and (is_blank(top) or number(top) == 0)]
    below = (getattr(row.line, s.column) for row in worked.components for s, _ in hollow)
    texts = tuple(text_or_blank(top) for _, top in hollow)
    yield answer(
        not hollow,
        "budget/total",
        says="hollow" if hollow else "filled",
        evidence=(*(top for _, top in hollow), *below),
        reported=texts if Term("blank") in texts else ", ".join(map(str, texts)),
        expected=", ".join(shown(sum_.figure.value) for sum_, _ in hollow),
    )


@rule("EX-10", Severity.WARNING, FORM, by_itself=True)
def unit_fits_the_amounts(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for funds ten thousand times another amount of the form, or of impossible size.

    Amounts in indicators and goals that carry their own unit show whether 元 or 万元 is meant.

    Fails: a town's project of 145000000.00 万元; 30 元 of funds and an indicator of 30 万元.
    Passes: 7.29 万元 of funds and an indicator of 72890 元.
    Open: more than 10 billion yuan, or no unit is printed.
    """
    report = worked.report
    unit, line = words_of(report.currency_unit), report.total_line
    amounts = numbers(getattr(line, name) for name in AMOUNTS) if line else ()
    values = [(value_of(e) * MONEY_UNITS.get(unit, 0), e) for e in amounts if not e.reading.unit]
    if values and (top := max(values, key=lambda pair: pair[0]))[0] > 0:
        other = next(
            (some for some in sums_with_units(report) if _is_shifted(some[1], values)), None
        )
        is_odd = not TINY <= top[0] <= LARGE or other is not None
        is_wrong = not TINY <= top[0] <= HUGE or other is not None
        yield answer(
            not is_odd or (Outcome.FAIL if is_wrong else Outcome.REVIEW),
            "currency_unit",
            wrong="wrong" if other else "size",
            evidence=(top[1], report.currency_unit, other[0] if other else None),
            reported=f"{top[1].text} {unit}",
            other=other[2] if other else "",
        )


def _is_shifted(yuan: Decimal, values: list[tuple[Decimal, Entry]]) -> bool:
    ratios = (max(value / yuan, yuan / value) for value, _ in values if value)
    return any(abs(ratio - 10**4) <= 100 for ratio in ratios)


@rule("EX-11", Severity.NOTE, FORM)
def parts_carry_no_points(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for points and scores that are repeated on the rows below the total of the funds.

    Fails: 10 points and a score of 10 on the total, and again on the row below.
    Passes: a dash on the rows below, or points of each that add up to those of the total.
    Open: the total has no points, or there are no rows below it.
    """
    total = worked.report.total_line
    own = numbers((total.points, total.score)) if total else ()
    parts = [line for line in worked.report.budget_lines if line is not total]
    again = [e for part in parts for e in numbers((part.points, part.score)) if value_of(e)]
    if own and parts:
        texts = ", ".join(entry.text for entry in again)
        is_right = not again or worked.is_scored_by_parts
        yield answer(is_right, "budget/points", evidence=(*own, *again), reported=texts)


@rule("EX-12", Severity.WARNING, FORM, by_itself=True)
def indicators_agree_with_funds(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare indicators that state a rate of the funds, or whose target is the whole budget.

    Execution, adjustment and carry-over rates; a name that limits the rate is for a person.

    Fails: 34.5 of 40 spent, 预算执行率 100%; or a cost target of 40万元 and a cost of 40万元.
    Passes: 34.5 of 40 spent, 预算执行率 86.25%, and a cost of 34.5万元.
    Open: no indicator states such a figure, or only of a part of the funds.
    """
    total = worked.total
    if total is None or total.rate is None or not number(total.line.outturn):
        return
    line, rate = total.line, total.rate
    budgets = worked.in_yuan((line.adjusted_budget, line.initial_budget))
    spent = worked.in_yuan(row.line.outturn for row in worked.funds)
    for row in worked.indicators:
        target, actual = row.indicator.target, row.indicator.actual
        if actual is None or actual.reading.comparator not in ("", "="):
            continue  # a bound states no figure
        figure = _rate_called(row.name, line, rate)
        if figure and number(actual) is not None:
            figure = replace(figure, printed=actual)
            is_capped = figure.value > 1 and number(actual) in (1, 100)
            is_same = is_capped or figure.agreement is not Agreement.INCONSISTENT
            is_whole = is_of_all_funds(row.name)
            yield answer(
                is_same or (Outcome.FAIL if is_whole else Outcome.REVIEW),
                row.indicator,
                evidence=(actual, *figure.inputs),
                expected=f"{shown(figure.value * 100)}%",
            )
        elif speaks_of("amount", row.name) or "成本" in words_of(row.indicator.category):
            aimed = worked.in_yuan((target,))
            reached = worked.in_yuan((actual,), target.reading.unit if target else "")
            if reached and any(one.meets(budget) for one in aimed for budget in budgets):
                yield answer(
                    any(map(reached[0].meets, spent)),
                    row.indicator,
                    evidence=(actual, line.outturn),
                    expected=words_of(line.outturn),
                )


def _rate_called(name: str, line: BudgetLine, rate: Figure) -> Figure | None:
    """Return the rate of the funds that an indicator's name means."""
    before, after = number(line.initial_budget), number(line.adjusted_budget)
    if is_called("execution_rate", name):
        return rate
    if is_called("carry_over_rate", name):
        left = ONE - rate.value
    elif is_called("adjustment_rate", name) and before and after:
        left = abs(after - before) / before
    else:
        return None
    return replace(rate, value=left, span=Interval(left, left))
