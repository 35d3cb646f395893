"""EX: whether the funding rows add up, in one unit, and indicators agree with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from auditkit.figures import ONE, Agreement, Figure, Interval, half_unit, shown
from auditkit.findings import ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import MONEY_UNITS, read_number
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
    sums_of_the_rest,
    sums_with_units,
    text_or_blank,
)
from auditkit.standards.vocabulary import is_called, speaks_of
from auditkit.wording import Series, Term
from auditkit.worked import FundingRow, FundSum, Worked

FORM = ("cn-mof-2020-10/form",)
FAR = (Decimal(3000), Decimal(30000))  # times: what a price tells of a unit ten thousand times off
_SCALES = (ONE, Decimal(10**4), ONE / 10**4)  # an amount in the same unit, or in 元 or 万元 instead
# Beyond these a unit of money is doubted for one project's funds, in yuan; no text fixes them.
TINY, LARGE, HUGE = Decimal(100), Decimal(10) ** 10, Decimal(10) ** 11


@rule("EX-08", Severity.ERROR, FORM, lacks=(ROWS,), by_itself=True)
def funds_add_up(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare the total of each amount column with the sum of the rows directly below it.

    A department-wide form divides its funds twice, by source and by purpose (基本支出, 项目支出);
    both must add up. Rows that are parts of a part are not counted again. Half a unit of the last
    printed place a row is allowed for rounding. Blank rows count as nothing; where a column is
    blank, or 0.00, in all of them, the source of the money is not shown. A row of words (约12万) is
    for a person: what it adds is not known.

    Fails: total 100, parts 60 and 30.
    Passes: total 250000.00, parts 250000.00, 0 and 0.
    Open: the parts are not read as numbers, or there is one part alone and it is smaller.
    """
    yield from (found for row in worked.funds for found in _beside(row.line))
    divided = [row.line for row in (*worked.components, *worked.purposes)]
    is_filled = any(numbers(getattr(line, name) for name in AMOUNTS) for line in divided)
    if worked.report.total_line is None or not is_filled:
        yield answer(Outcome.NOT_APPLICABLE, "budget/total", says="undivided")
        return
    for sums, division in ((worked.sums, ""), (worked.sums_by_purpose, "/purpose")):
        for sum_ in sums:
            if number(sum_.figure.printed) is not None and sum_.cells:
                # Parts that are 0.00 in all columns: nothing was divided.
                is_hollow = not any(each.figure.value for each in sums)
                yield _sum_of(sum_, division, is_hollow=is_hollow)
    yield from _sums_of_parts(worked.sums_of_parts)


def _sum_of(sum_: FundSum, division: str, *, is_hollow: bool) -> Observation:
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
    elif is_hollow:
        severity = Severity.WARNING
    less = f"{shown(whole)} - {shown(figure.value)} = {shown(short)}"
    return answer(
        outcome,
        replace(figure, subject=figure.subject + division),
        says=says,
        evidence=(figure.printed, *sum_.cells),
        arithmetic=Series((figure.formula, less)),
        severity=severity,
    )


def _sums_of_parts(sums: Sequence[FundSum]) -> Iterator[Observation]:
    """Yield what is to be said of rows with parts: an error only where labels say what they are."""
    agreeing = {_row_of(sum_) for sum_ in sums if sum_.figure.value and _agrees(sum_)}
    for sum_ in sums:
        figure, printed = sum_.figure, sum_.figure.printed
        unread = any(number(cell) is None and not is_empty(cell) for cell in sum_.cells)
        if number(printed) is None or not figure.inputs or unread:
            continue
        short = value_of(printed) - figure.value
        is_sure = sum_.is_told and (short < 0 or (sum_.is_whole and len(sum_.cells) > 1))
        is_odd = short < 0 or sum_.is_whole or _row_of(sum_) in agreeing
        if _agrees(sum_) or is_sure or is_odd:
            yield answer(
                _agrees(sum_) or (Outcome.FAIL if is_sure else Outcome.REVIEW),
                figure,
                says="part_agrees" if _agrees(sum_) else "part_differs",
                evidence=(printed, *sum_.cells),
                arithmetic=figure.formula,
            )


def _beside(line: BudgetLine) -> Iterator[Observation]:
    """Yield what a row prints of its change or its rest that its own amounts do not give.

    A change may be printed without its sign, and either in another unit than the amounts.
    """
    spent = [(budget, line.outturn) for budget in (line.adjusted_budget, line.initial_budget)]
    for kind, pairs in (
        ("budget_change", [(line.adjusted_budget, line.initial_budget)]),
        ("left_over", spent),
    ):
        printed = [(label, entry) for label, entry in line.extra if is_called(kind, label)]
        known = [pair for pair in pairs if len(numbers(pair)) == len(pair)]
        reading = read_number(printed[0][1].text) if len(printed) == 1 else None
        if not known or reading is None or reading.value is None or reading.unit:
            continue
        (label, entry), near = printed[0], half_unit(reading.decimals)
        near += sum((half_unit(each.reading.decimals) for each in numbers(known[0])), ZERO)
        dues = [value_of(whole) - value_of(part) for whole, part in known]
        meant = [sign * due for due in dues for sign in (1, -1 if kind == "budget_change" else 1)]
        if any(abs(reading.value - due * by) <= near * by for due in meant for by in _SCALES):
            continue
        whole, part = known[0]
        yield answer(
            Outcome.REVIEW,
            f"budget/{line.name}/{label}",
            says="beside_differs",
            evidence=(entry, whole, part),
            reported=entry.text,
            expected=shown(dues[0]),
            arithmetic=f"{shown(value_of(whole))} - {shown(value_of(part))} = {shown(dues[0])}",
            severity=Severity.WARNING,
            label=label,
        )


def _agrees(sum_: FundSum) -> bool:
    return sum_.figure.agreement is not Agreement.INCONSISTENT


def _row_of(sum_: FundSum) -> str:
    return sum_.figure.subject.rpartition("/")[0]


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

    Amounts in indicators and goals that carry their own unit show whether 元 or 万元 is meant; so
    does what one unit of an output may cost, times how many there are to be, and what a cause
    says was not spent, beside what was not.

    Fails: a town's project of 145000000.00 万元; 30 元 of funds and an indicator of 30 万元.
    Passes: 7.29 万元 of funds and an indicator of 72890 元.
    Open: more than 10 billion yuan, or no unit is printed.
    """
    report = worked.report
    unit, line = words_of(report.currency_unit), report.total_line
    amounts = numbers(getattr(line, name) for name in AMOUNTS) if line else ()
    values = [(value_of(e) * MONEY_UNITS.get(unit, 0), e) for e in amounts if not e.reading.unit]
    if values and (top := max(values, key=lambda pair: pair[0]))[0] > 0:
        shifted = (some for some in sums_with_units(report) if _is_shifted(some[1], values))
        rest = _unspent(worked, unit)
        told = (some for some in sums_of_the_rest(worked) if _is_shifted(some[1], rest))
        stated, left = next(shifted, None), next(told, None)
        other, wrong = stated or left, "wrong" if stated else "rest"
        priced = None if other else next(_priced(worked, values), None)
        is_odd = not TINY <= top[0] <= LARGE or other is not None or priced is not None
        is_wrong = not TINY <= top[0] <= HUGE or other is not None
        yield answer(
            not is_odd or (Outcome.FAIL if is_wrong else Outcome.REVIEW),
            "currency_unit",
            wrong=wrong if other else "price" if priced else "size",
            evidence=(top[1], report.currency_unit, other[0] if other else None, *(priced or ())),
            reported=f"{top[1].text} {unit}",
            other=other[2] if other else ", ".join(entry.text for entry in priced or ()),
        )


def _unspent(worked: Worked, unit: str) -> list[tuple[Decimal, Entry]]:
    """Return what of the budget was not spent, in yuan, with the cell of what was."""
    line = worked.execution.line
    budget, outturn = number(line.budget), number(line.outturn)
    if budget is None or outturn is None or line.outturn is None or budget <= outturn:
        return []
    return [((budget - outturn) * MONEY_UNITS.get(unit, 0), line.outturn)]


def _priced(worked: Worked, values: list[tuple[Decimal, Entry]]) -> Iterator[tuple[Entry, Entry]]:
    """Yield a price (300元/户) with a count (200户) whose product is 10,000 times off the funds."""
    targets = numbers(row.target for row in worked.report.indicators)
    for price in targets:
        money, _, thing = price.reading.unit.partition("/")
        yuan = value_of(price) * MONEY_UNITS.get(money, 0)
        for count in targets if thing and yuan else ():
            product = yuan * value_of(count)
            if count.reading.unit == thing and product > 0 and _is_far(product, values):
                yield price, count


def _is_far(yuan: Decimal, values: list[tuple[Decimal, Entry]]) -> bool:
    ratios = (max(value / yuan, yuan / value) for value, _ in values if value)
    return any(FAR[0] <= ratio <= FAR[1] for ratio in ratios)


def _is_shifted(yuan: Decimal, values: list[tuple[Decimal, Entry]]) -> bool:
    ratios = (max(value / yuan, yuan / value) for value, _ in values if value)
    return any(abs(ratio - 10**4) <= 100 for ratio in ratios)


@rule("EX-11", Severity.NOTE, FORM, by_itself=True)
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
    row_of_funds = _funded(worked)
    if row_of_funds is None or row_of_funds.rate is None:
        return
    line, rate = row_of_funds.line, row_of_funds.rate
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


def _funded(worked: Worked) -> FundingRow | None:
    """Return the row of the funds that states what was spent: the total, or its one filled part."""
    total = worked.total
    if total is None or number(total.line.outturn):
        return total
    filled = [part for part in worked.components if number(part.line.outturn)]
    return filled[0] if len(filled) == 1 and is_empty(total.line.outturn) else None


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
