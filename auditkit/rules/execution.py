"""EX: whether the funding rows (项目资金) agree with each other and with the rest of the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import MONEY_UNITS, base_unit, read_value
from auditkit.recompute import (
    AMOUNTS,
    ONE,
    Agreement,
    Figure,
    Interval,
    added,
    budget_of,
    by_purpose,
    components,
    execution_rate,
    execution_score,
    number,
    numbers,
    printed_span,
    scored_line,
    shown,
    stated_rates,
    sum_of,
    value_of,
    words_of,
)
from auditkit.report import BudgetLine, Entry, Report
from auditkit.rules.answers import about, answer
from auditkit.rules.printed import (
    MONEY_WORDS,
    REASON_LABELS,
    SLIGHT,
    WHOLE_ROUNDING,
    compared,
    is_blank,
    is_empty,
    is_rounded,
    is_rounded_away,
    not_applicable,
    present,
    reasons,
)
from auditkit.rules.vocabulary import WORDS, bare_name, is_called, speaks_of

CHANGE_WORDS = ("预算调整", "调整预算", "调增", "调减", "追加", "追减", "压减", "年中调整")
FORM, WEIGHTS = ("cn-mof-2020-10/form",), ("cn-mof-2020-10/weights",)
LOW = ("cn-mof-2020-10/low-execution",)
# Beyond these a unit of money is doubted for one project's funds, in yuan; no text fixes them.
TINY, LARGE, HUGE = Decimal(100), Decimal(10) ** 10, Decimal(10) ** 11
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:亿|万)?元(?!/)")


@rule("EX-01", Severity.ERROR, FORM, parameters=("rate_rounding",))
def execution_rate_follows(report: Report, _: Provisions) -> Iterator[Observation]:
    """Divide the outturn of each funding row by its adjusted budget, and compare with the rate.

    No text fixes how a rate is rounded, so rounding up or down is only noted. Up to a tenth of a
    percentage point is a warning, more is an error. Without a sign 20 is 20% and 0.958 is 95.8%.

    Fails: 37.24 of 43.2 spent, 90% printed.
    Passes: 29907108.39 of 31905962.95 spent, 93.74% printed.
    Open: a rate is printed, and the budget or the outturn is blank.
    """
    for line in report.budget_lines:
        rate, budget, figure = line.execution_rate, budget_of(line), execution_rate(line)
        if rate is None or is_empty(rate):
            continue
        if figure is not None and number(rate) is not None:
            yield _rate(line, rate, figure)
        elif number(budget) or (number(rate) and number(budget) is None):
            evidence, subject = present(rate, line.outturn, budget), f"budget/{line.name}"
            yield Observation(Outcome.REVIEW, subject, "unworkable", evidence, rate.text)


def _rate(line: BudgetLine, rate: Entry, figure: Figure) -> Observation:
    off = abs(figure.difference or Decimal(0))
    places = rate.reading.decimals + (2 if rate.reading.unit == "%" else 0)
    printed = [value for value, _ in stated_rates(rate)]
    outcome, severity, says = Outcome.FAIL, None, "differs"
    if figure.agreement is Agreement.EXACT:
        outcome, says = Outcome.PASS, "rounded"
    elif any(is_rounded_away(value, figure.value, places) for value in printed):
        severity, says = Severity.NOTE, "differs rounded_away"
    elif figure.agreement is Agreement.WITHIN_ROUNDING:
        outcome, says = Outcome.PASS, "differs within"
    else:
        severity = Severity.WARNING if off <= SLIGHT else None
        other = execution_rate(replace(line, adjusted_budget=line.initial_budget))
        has_both = line.initial_budget is not None and line.adjusted_budget is not None
        if has_both and other and other.agreement is not Agreement.INCONSISTENT:
            says = "differs initial"
    return compared(figure, outcome, says, severity, f"{shown(figure.value * 100)}%")


@rule("EX-02", Severity.ERROR, WEIGHTS, parameters=("execution_points", "score_decimals"))
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
    claimed = number(line.score)
    if line.score is None or claimed is None:
        yield not_applicable("budget/total", "unscored")
        return
    printed_points = number(line.points)
    points = law["execution_points"].number if printed_points is None else printed_points
    filled = [p for p in components(report) if number(budget_of(p)) and number(p.outturn)]
    source = line
    if line.name == "total" and not number(budget_of(line)) and len(filled) == 1:
        source = replace(line, **{name: getattr(filled[0], name) for name in AMOUNTS})
    figure = execution_score(source, points)
    if figure is None:
        budget = budget_of(line)
        if number(budget) != 0 and not (is_blank(budget) and number(line.outturn)):  # else EX-05
            evidence = present(line.score, line.points, budget, line.outturn)
            subject, printed = f"budget/{line.name}", line.score.text
            yield Observation(Outcome.REVIEW, subject, "unworkable", evidence, printed)
        return
    outcome, severity, says = _judge(claimed, figure.value, line.score.reading.decimals or 2)
    if printed_points is None:
        says += " unprinted"
        outcome = Outcome.REVIEW if outcome is Outcome.FAIL else outcome
    expected = shown(figure.value, int(law["score_decimals"].number))
    yield compared(figure, outcome, says, severity, expected, points=shown(points))


def _judge(claimed: Decimal, earned: Decimal, places: int) -> tuple[Outcome, Severity | None, str]:
    if is_rounded(claimed, earned, places):
        return Outcome.PASS, None, "earned"
    if is_rounded_away(claimed, earned, places):
        return Outcome.FAIL, Severity.NOTE, "earned rounded_away"
    whole = claimed == claimed.to_integral_value()
    if whole and abs(claimed - earned) < WHOLE_ROUNDING:
        return Outcome.FAIL, Severity.NOTE, "earned whole"
    if claimed < earned:
        return Outcome.FAIL, Severity.WARNING, "earned less"
    return Outcome.FAIL, None, "earned more"


@rule("EX-04", Severity.WARNING, FORM)
def spending_keeps_to_budget(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare the outturn of each funding row with its adjusted budget.

    Money may be spent beyond the budget of the year only out of something the form does not
    show; it needs an explanation, and it earns no more than the full execution points.

    Fails: 329.77 budgeted, 338.31 spent.
    Passes: 251.89 budgeted, 251.89 spent.
    Open: the budget or the outturn is blank.
    """
    for line in report.budget_lines:
        budget, outturn = budget_of(line), line.outturn
        whole, part = number(budget), number(outturn)
        if not whole or part is None:
            continue
        over, outcome, says = part - whole, Outcome.PASS, "spent"
        if over > 0:
            outcome, says = Outcome.FAIL, "spent over"
        subject, evidence = f"budget/{line.name}", present(outturn, budget)
        limit, how = f"≤ {shown(whole)}", f"{shown(part)} - {shown(whole)} = {shown(over)}"
        fields = {"budget": shown(whole), "over": shown(over)}
        yield Observation(outcome, subject, says, evidence, shown(part), limit, how, None, fields)


@rule("EX-05", Severity.ERROR, FORM)
def spending_has_a_budget(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for rows whose budget is zero or blank although money was spent or points claimed.

    A rate cannot be worked out of a budget that is not there. A rate printed where neither
    budget nor spending is stated (0.00% of nothing) is a slip of the form, noted as such.

    Fails: budget 0, outturn 207.4538, score 10.
    Passes: budget 250000.00, outturn 215457.60.
    Open: the form has no funding rows, or the initial budget is filled and the adjusted is not.
    """
    scored = scored_line(report)
    is_split = any(number(budget_of(line)) for line in components(report))
    for line in report.budget_lines:
        budget, subject = budget_of(line), f"budget/{line.name}"
        if budget is None or (number(budget) is None and not is_empty(budget)):
            continue
        if number(budget):
            yield Observation(Outcome.PASS, subject, "budgeted", (budget,), budget.text)
        elif not (line.name == "total" and is_split):
            yield from _without_budget(line, budget, line.score if line is scored else None)


def _without_budget(line: BudgetLine, budget: Entry, score: Entry | None) -> Iterator[Observation]:
    subject, printed, rate = f"budget/{line.name}", budget.text or "blank", line.execution_rate
    spent, claimed = value_of(line.outturn), value_of(score)
    if spent or claimed:
        says = "unbudgeted" + " spent" * bool(spent) + " claimed" * bool(claimed)
        outcome = Outcome.REVIEW if number(line.initial_budget) else Outcome.FAIL
        severity = Severity.WARNING if line.name != "total" and is_blank(budget) else None
        evidence = present(budget, line.outturn, score, rate, line.initial_budget)
        fields = {"spent": shown(spent), "claimed": shown(claimed)}
        yield Observation(outcome, subject, says, evidence, printed, "", "", severity, fields)
    elif rate is not None and number(rate) is not None:
        evidence, note = present(rate, budget, line.outturn), Severity.NOTE
        yield Observation(Outcome.FAIL, subject, "empty_rate", evidence, rate.text, severity=note)


@rule("EX-07", Severity.NOTE, FORM, parameters=("budget_change_reason",))
def budget_change_is_explained(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare the initial budget with the adjusted one, and look for a reason where they differ.

    Targets are set for the budget as first approved; a changed budget asks for changed targets
    or for a reason. What the template asks for, left standing, is no reason. Where the standards
    require one, its absence is a warning.

    Fails: 238.93 at first, 251.89 after adjustment, no text about it.
    Passes: both are the same, or a text says why they differ.
    Open: the form has one of the two budgets only.
    """
    line = report.total_line
    filled = [part for part in components(report) if number(part.initial_budget)]
    if line and not number(line.initial_budget) and len(filled) == 1:
        line = filled[0]  # the total was left empty or zero
    before = number(line.initial_budget) if line else None
    after = number(line.adjusted_budget) if line else None
    if line is None or before is None or after is None:
        yield not_applicable("budget/total", "one_budget")
        return
    change, evidence = after - before, present(line.initial_budget, line.adjusted_budget)
    if change == 0:
        yield Observation(Outcome.PASS, "budget/total", "unchanged", evidence)
        return
    boxes = ((line.extra, ("原因", "说明")), (report.extra, ("调整", "说明")))
    given = reasons(report, CHANGE_WORDS, *boxes)
    outcome, says = (Outcome.PASS, "given") if given else (Outcome.FAIL, "not_given")
    grown = "times" if 0 < 2 * before < after else "by" if before else ""
    says = " ".join(filter(None, ("changed", grown, says)))
    how = f"{shown(after)} - {shown(before)} = {shown(change)}"
    fields = {"before": shown(before)}
    if before:
        fields |= {"ratio": shown(100 * change / before, 2), "times": shown(after / before, 2)}
    evidence, after_ = (*evidence, *given), shown(after)
    level = Severity.WARNING if law["budget_change_reason"].value == "required" else None
    yield Observation(outcome, "budget/total", says, evidence, after_, "", how, level, fields)


@rule("EX-08", Severity.ERROR, FORM)
def funds_add_up(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare the total of each amount column with the sum of the rows directly below it.

    A department-wide form divides its funds twice, by source and by purpose (基本支出, 项目支出);
    both must add up. Rows that are parts of a part are not counted again. Half a unit of the last
    printed place a row is allowed for rounding. Blank rows count as nothing; where a column is
    blank in all of them, the source of the money is not shown.

    Fails: total 100, parts 60 and 30.
    Passes: total 250000.00, parts 250000.00, 0 and 0.
    Open: the parts are not read as numbers, or there is one part alone and it is smaller.
    """
    line, parts, purposes = report.total_line, components(report), by_purpose(report)
    divided = (*parts, *purposes)
    if line is None or not any(number(getattr(part, name)) for part in divided for name in AMOUNTS):
        yield not_applicable("budget/total", "undivided")
        return
    for lines, division in ((parts, ""), (purposes, "/purpose")):
        for name in AMOUNTS:
            total, rows = getattr(line, name), present(*(getattr(part, name) for part in lines))
            if number(total) is not None and rows:
                found = _sum_of(total, rows)
                yield replace(found, subject=found.subject + division)


def _sum_of(total: Entry, rows: tuple[Entry, ...]) -> Observation:
    figure, whole = added(total.path, "sum", rows, total), value_of(total)
    short, sum_ = whole - figure.value, shown(figure.value)
    is_unread = any(number(entry) is None and not is_empty(entry) for entry in rows)
    outcome, severity, says = Outcome.FAIL, None, "differs"
    if whole and not figure.inputs and not is_unread:
        severity, says = Severity.WARNING, "blank"
    elif printed_span(whole, total.reading.decimals).meets(figure.span):
        outcome, says = Outcome.PASS, "agrees"
    elif is_unread or (short > 0 and len(rows) == 1):
        outcome = Outcome.REVIEW
    how = f"{figure.arithmetic}; {shown(whole)} - {sum_} = {shown(short)}"
    return compared(replace(figure, inputs=rows, arithmetic=how), outcome, says, severity)


@rule("EX-09", Severity.ERROR, FORM)
def total_row_is_filled(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for a total that is zero or blank while the rows below it hold amounts.

    Rate and score of the project are read from the total; an empty one hides what was spent.

    Fails: total 0, 0, 0 above a row with 90, 89.974, 89.974.
    Passes: the total is filled wherever its rows are.
    Open: the form has no total row.
    """
    parts, total = components(report), report.total_line
    if total is None or not parts:
        yield not_applicable("budget/total", "undivided")
        return
    sums = {name: sum_of(getattr(part, name) for part in parts) for name in AMOUNTS}
    tops = {name: getattr(total, name) for name in AMOUNTS if sums[name] > 0}
    hollow = [name for name, top in tops.items() if is_blank(top) or number(top) == 0]
    outcome, says = (Outcome.FAIL, "hollow") if hollow else (Outcome.PASS, "filled")
    below = (getattr(part, name) for part in parts for name in hollow)
    evidence = present(*(tops[name] for name in hollow), *below)
    reported = ", ".join(tops[name].text or "blank" for name in hollow)
    expected = ", ".join(shown(sums[name]) for name in hollow)
    yield Observation(outcome, "budget/total", says, evidence, reported, expected)


@rule("EX-03", Severity.ERROR, FORM)
def rate_rests_on_adjusted_budget(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for rates that follow from the initial budget (年初预算数) and not from the adjusted.

    Fails: 100 at first, 80 after adjustment, 60 spent, 60% printed; it is 75%.
    Passes: the same amounts, 75% printed.
    Open: the form has one budget only, both are the same, or no rate is printed.
    """
    for line in report.budget_lines:
        own = execution_rate(line) if number(line.adjusted_budget) else None
        other = execution_rate(replace(line, adjusted_budget=None))
        if own and own.printed and other and own.agreement and own.value != other.value:
            fits = [figure.agreement is not Agreement.INCONSISTENT for figure in (own, other)]
            seen, due = (own.printed, *own.inputs, *other.inputs), f"{shown(own.value * 100)}%"
            said = (own.printed.text, due, own.arithmetic)
            yield answer(fits[0] or not fits[1], own.subject, seen, *said)


@rule("EX-06", Severity.WARNING, LOW, ("execution_explain_below", "unspent_warn_above"))
def low_execution_is_explained(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for a reason where less was spent than the place asks for; elsewhere it is noted.

    Fails: Sichuan, 86.2% spent, no reason given.
    Passes: 95% spent.
    Open: a text may give the reason, or no rate can be worked out.
    """
    line, asked = scored_line(report), law["execution_explain_below"]
    is_asked, bound = asked.value != "unstated", ONE - law["unspent_warn_above"].number
    bound = asked.number if is_asked else bound
    if rate := execution_rate(line):
        boxes = ((line.extra, REASON_LABELS), (report.extra, REASON_LABELS))
        is_low = rate.value < bound
        given = reasons(report, MONEY_WORDS, *boxes) if is_low else ()
        outcome = (Outcome.REVIEW if given else Outcome.FAIL) if is_low else Outcome.PASS
        said = (f"{shown(rate.value * 100, 2)}%", f"{shown(bound * 100)}%", rate.arithmetic)
        says, severity = "explained" if given else "", None if is_asked else Severity.NOTE
        seen = (*rate.inputs, *given)
        yield answer(outcome, rate.subject, seen, *said, says=says, severity=severity)


@rule("EX-10", Severity.WARNING, FORM)
def unit_fits_the_amounts(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for funds ten thousand times another amount of the form, or of impossible size.

    Amounts in indicators and goals that carry their own unit show whether 元 or 万元 is meant.

    Fails: a town's project of 145000000.00 万元; 30 元 of funds and an indicator of 30 万元.
    Passes: 7.29 万元 of funds and an indicator of 72890 元.
    Open: more than 10 billion yuan, or no unit is printed.
    """
    unit, line = words_of(report.currency_unit), report.total_line
    amounts = numbers(getattr(line, name) for name in AMOUNTS) if line else ()
    values = [(value_of(e) * MONEY_UNITS.get(unit, 0), e) for e in amounts if not e.reading.unit]
    if values and (top := max(values, key=lambda pair: pair[0]))[0] > 0:
        other = next((some for some in _stated(report) if _is_shifted(some[1], values)), None)
        is_odd, says = not TINY <= top[0] <= LARGE, "size"
        outcome = Outcome.FAIL if not TINY <= top[0] <= HUGE else Outcome.REVIEW
        if other:
            is_odd, outcome, says = True, Outcome.FAIL, "wrong"
        seen, text = (top[1], report.currency_unit, other and other[0]), other[2] if other else ""
        printed, ok = f"{top[1].text} {unit}", not is_odd or outcome
        yield answer(ok, "currency_unit", seen, printed, says=says, other=text)


def _is_shifted(yuan: Decimal, values: list[tuple[Decimal, Entry]]) -> bool:
    ratios = (max(value / yuan, yuan / value) for value, _ in values if value)
    return any(abs(ratio - 10**4) <= 100 for ratio in ratios)


def _stated(report: Report) -> Iterator[tuple[Entry, Decimal, str]]:
    """Yield sums of money that carry a unit of their own: entry, value in yuan, text."""
    rows = [row for row in report.indicators if not speaks_of("other_money", words_of(row.name))]
    cells = present(*(cell for row in rows for cell in (row.target, row.actual)))
    said = [(cell, text) for cell in cells for text in _AMOUNT.findall(words_of(cell))]
    goals = present(report.goals.expected, report.goals.actual)
    sums = WORDS["texts"]["whole_sum"]
    said += [(goal, text) for goal in goals for text in sums.findall(words_of(goal))]
    for entry, text in said:
        if (scaled := read_value(text).scaled()) and scaled[0]:
            yield entry, scaled[0], text


@rule("EX-11", Severity.NOTE, FORM)
def parts_carry_no_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for points and scores that are repeated on the rows below the total of the funds.

    Fails: 10 points and a score of 10 on the total, and again on the row below.
    Passes: a dash on the rows below.
    Open: the total has no points, or there are no rows below it.
    """
    total = report.total_line
    own = numbers((total.points, total.score)) if total else ()
    parts = [line for line in report.budget_lines if line is not total]
    again = [e for part in parts for e in numbers((part.points, part.score)) if value_of(e)]
    if own and parts:
        texts = ", ".join(entry.text for entry in again)
        yield answer(not again, "budget/points", (*own, *again), texts)


@rule("EX-12", Severity.WARNING, FORM)
def indicators_agree_with_funds(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare indicators that state a rate of the funds, or whose target is the whole budget.

    Execution, adjustment and carry-over rates; a name that limits the rate is for a person.

    Fails: 34.5 of 40 spent, 预算执行率 100%; or a cost target of 40万元 and a cost of 40万元.
    Passes: 34.5 of 40 spent, 预算执行率 86.25%, and a cost of 34.5万元.
    Open: no indicator states such a figure, or only of a part of the funds.
    """
    line, unit = report.total_line, words_of(report.currency_unit)
    rate = execution_rate(line) if line else None
    if line is None or rate is None or not number(line.outturn):
        return
    budgets = in_yuan((line.adjusted_budget, line.initial_budget), unit)
    spent = in_yuan((part.outturn for part in report.budget_lines), unit)
    for row in report.indicators:
        if row.actual is None or row.actual.reading.comparator not in ("", "="):
            continue  # a bound states no figure
        name, figure = bare_name(row), _rate_called(bare_name(row), line, rate)
        if figure and number(row.actual) is not None:
            figure = replace(figure, printed=row.actual)
            is_capped = figure.value > 1 and number(row.actual) in (1, 100)
            is_same = is_capped or figure.agreement is not Agreement.INCONSISTENT
            is_whole = is_called("plain_execution", name) or not is_called("execution_rate", name)
            outcome = is_same or (Outcome.FAIL if is_whole else Outcome.REVIEW)
            due = f"{shown(figure.value * 100)}%"
            yield about(outcome, row, row.actual, *figure.inputs, expected=due)
        elif speaks_of("amount", name) or "成本" in words_of(row.category):
            target = in_yuan((row.target,), unit)
            actual = in_yuan((row.actual,), (row.target.reading.unit if row.target else "") or unit)
            if actual and any(one.meets(budget) for one in target for budget in budgets):
                due, is_same = words_of(line.outturn), any(map(actual[0].meets, spent))
                yield about(is_same, row, row.actual, line.outturn, expected=due)


def in_yuan(cells: Iterable[Entry | None], unit: str) -> list[Interval]:
    """Return what printed amounts stand for in yuan; a bare one is in the unit of the form."""
    spans = []
    for cell in numbers(cells):
        unit_of = cell.reading.unit or unit or "元"  # without any unit they are at least the same
        factor, base = base_unit(unit_of)
        if base == "元" and value_of(cell):
            span = printed_span(value_of(cell), cell.reading.decimals)
            spans.append(Interval(span.low * factor, span.high * factor))
    return spans


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
