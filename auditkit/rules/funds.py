"""EX-04 to EX-09: whether the funding rows (项目资金) agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.recompute import AMOUNTS, ZERO, budget_of, components, number, scored_line, shown
from auditkit.report import BudgetLine, Entry, Report
from auditkit.rules.printed import gives_reason, half_unit, is_blank, is_empty, mentions, present

CHANGE_WORDS = ("预算调整", "调整预算", "调增", "调减", "追加", "追减", "压减", "年中调整")


@rule(
    "EX-04",
    "Spending exceeds the budget",
    severity=Severity.WARNING,
    basis=("cn-mof-2020-10/form",),
)
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
        over = part - whole
        yield Observation(
            Outcome.FAIL if over > 0 else Outcome.PASS,
            f"budget/{line.name}",
            f"{shown(part)} spent of {shown(whole)}"
            + (f", {shown(over)} more than the budget" if over > 0 else ""),
            present(outturn, budget),
            reported=shown(part),
            expected=f"at most {shown(whole)}",
            arithmetic=f"{shown(part)} - {shown(whole)} = {shown(over)}",
        )


@rule(
    "EX-05",
    "Spending or score without a budget",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/form",),
)
def spending_has_a_budget(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for rows whose budget is zero or blank although money was spent or points claimed.

    A rate cannot be worked out of a budget that is not there. A rate printed where neither
    budget nor spending is stated (0.00% of nothing) is a slip of the form, noted as such.

    Fails: budget 0, outturn 207.4538, score 10.
    Passes: budget 250000.00, outturn 215457.60.
    Open: the form has no funding rows, or the initial budget is filled and the adjusted is not.
    """
    scored = scored_line(report)
    for line in report.budget_lines:
        budget = budget_of(line)
        if budget is None or (number(budget) is None and not is_empty(budget)):
            continue
        if number(budget):
            message = f"budget {budget.text}"
            yield Observation(Outcome.PASS, f"budget/{line.name}", message, (budget,))
        elif not (line.name == "total" and _parts_are_filled(report)):
            own = line.score if line is scored else None
            yield from _without_budget(line, budget, own)


def _parts_are_filled(report: Report) -> bool:
    return any(number(budget_of(line)) for line in components(report))


def _without_budget(line: BudgetLine, budget: Entry, score: Entry | None) -> Iterator[Observation]:
    subject = f"budget/{line.name}"
    spent, claimed, rate = number(line.outturn), number(score), number(line.execution_rate)
    printed = budget.text or "blank"
    if spent or claimed:
        what = [f"{shown(spent)} spent" if spent else "", f"{claimed} points" if claimed else ""]
        is_part = line.name != "total" and is_blank(budget)
        yield Observation(
            Outcome.REVIEW if number(line.initial_budget) else Outcome.FAIL,
            subject,
            f"the budget is {printed} although there are {' and '.join(w for w in what if w)}",
            present(budget, line.outturn, score, line.execution_rate, line.initial_budget),
            reported=printed,
            arithmetic=f"{shown(spent or ZERO)} / {printed} is undefined",
            severity=Severity.WARNING if is_part else None,
        )
    elif rate is not None and line.execution_rate is not None:
        yield Observation(
            Outcome.FAIL,
            subject,
            f"a rate of {line.execution_rate.text} is printed where nothing was budgeted or spent",
            present(line.execution_rate, budget, line.outturn),
            reported=line.execution_rate.text,
            expected="no rate",
            severity=Severity.NOTE,
        )


@rule(
    "EX-07",
    "Budget was changed and no reason is given",
    severity=Severity.NOTE,
    basis=("cn-mof-2020-10/form",),
)
def budget_change_is_explained(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare the initial budget with the adjusted one, and look for a reason where they differ.

    Targets are set for the budget as first approved; a changed budget asks for changed targets
    or for a reason. What the template asks for, left standing, is no reason.

    Fails: 238.93 at first, 251.89 after adjustment, no text about it.
    Passes: both are the same, or a text says why they differ.
    Open: the form has one of the two budgets only.
    """
    line = _changed_line(report)
    before = number(line.initial_budget) if line else None
    after = number(line.adjusted_budget) if line else None
    if line is None or before is None or after is None:
        message = "there are not two budgets to compare"
        yield Observation(Outcome.NOT_APPLICABLE, "budget/total", message)
        return
    evidence = present(line.initial_budget, line.adjusted_budget)
    if before == after:
        yield Observation(Outcome.PASS, "budget/total", "the budget was not changed", evidence)
        return
    change = after - before
    ratio = f", {shown(100 * change / before, 2)}%" if before else ""
    reasons = _reasons(report, line)
    said = f"{shown(before)} became {shown(after)}{ratio}"
    yield Observation(
        Outcome.PASS if reasons else Outcome.FAIL,
        "budget/total",
        f"{said}; {'a reason is given' if reasons else 'no reason is given'}",
        (*evidence, *reasons),
        reported=shown(after),
        arithmetic=f"{shown(after)} - {shown(before)} = {shown(change)}",
    )


def _changed_line(report: Report) -> BudgetLine | None:
    """Return the total, or the one filled row below a total that was left empty or zero."""
    total = report.total_line
    filled = [line for line in components(report) if number(line.initial_budget)]
    hollow = total is not None and not number(total.initial_budget)
    return filled[0] if hollow and len(filled) == 1 else total


def _reasons(report: Report, line: BudgetLine) -> tuple[Entry, ...]:
    boxes = [e for label, e in line.extra if "原因" in label or "说明" in label]
    boxes += [e for label, e in report.extra if "调整" in label or "说明" in label]
    rows = [r for r in report.indicators if gives_reason(r.explanation)]
    spoken = [row.explanation for row in rows if mentions(row, CHANGE_WORDS)]
    return present(*(box for box in boxes if gives_reason(box)), *spoken)


@rule(
    "EX-08",
    "Funding rows do not add up to their total",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/form",),
)
def funds_add_up(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare the total of each amount column with the sum of the rows directly below it.

    Rows that are parts of a part are not counted again. Half a unit of the last printed place
    a row is allowed for rounding. Blank rows count as nothing; where a column is blank in all
    of them, although other columns are filled, the source of the money is not shown.

    Fails: total 100, parts 60 and 30.
    Passes: total 250000.00, parts 250000.00, 0 and 0.
    Open: the parts are not read as numbers, or there is one part alone and it is smaller.
    """
    parts, total = components(report), report.total_line
    filled = any(number(getattr(line, name)) for line in parts for name in AMOUNTS)
    if total is None or not filled:
        message = "the total is not divided into filled rows"
        yield Observation(Outcome.NOT_APPLICABLE, "budget/total", message)
        return
    for name in AMOUNTS:
        entry = getattr(total, name)
        rows = present(*(getattr(line, name) for line in parts))
        if entry is not None and number(entry) is not None and rows:
            yield _sum_of(entry, rows)


def _sum_of(total: Entry, rows: tuple[Entry, ...]) -> Observation:
    whole = number(total) or ZERO
    read = tuple(row for row in rows if number(row) is not None)
    added = sum((number(row) or ZERO for row in read), ZERO)
    allowed = sum((half_unit(entry) for entry in read), half_unit(total))
    unread = [row for row in rows if number(row) is None and not is_empty(row)]
    short = whole - added
    severity = None
    if not read and not unread:
        outcome, severity = Outcome.FAIL, Severity.WARNING
        message = f"{total.text} in total, and every row below is blank"
    elif abs(short) <= allowed:
        outcome, message = Outcome.PASS, f"the rows add up to {shown(added)}"
    else:
        message = f"{total.text} in total, but the rows add up to {shown(added)}"
        unsure = bool(unread) or (short > 0 and len(rows) == 1)
        outcome = Outcome.REVIEW if unsure else Outcome.FAIL
    terms = " + ".join(shown(number(row) or ZERO) for row in read) or "nothing"
    return Observation(
        outcome,
        total.path,
        message,
        (total, *rows),
        reported=total.text,
        expected=shown(added),
        arithmetic=f"{terms} = {shown(added)}; {shown(whole)} - {shown(added)} = {shown(short)}",
        severity=severity,
    )


@rule(
    "EX-09",
    "Total of the funds is empty although its rows are filled",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/form",),
)
def total_row_is_filled(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for a total that is zero or blank while the rows below it hold amounts.

    Rate and score of the project are read from the total; an empty one hides what was spent.

    Fails: total 0, 0, 0 above a row with 90, 89.974, 89.974.
    Passes: the total is filled wherever its rows are.
    Open: the form has no total row.
    """
    parts, total = components(report), report.total_line
    if total is None or not parts:
        message = "there is no total with rows below it"
        yield Observation(Outcome.NOT_APPLICABLE, "budget/total", message)
        return
    empty = [name for name in AMOUNTS if _is_hollow(getattr(total, name))]
    sums = {name: _sum(parts, name) for name in empty}
    hollow = [name for name in empty if sums[name] > 0]
    evidence = [getattr(total, name) for name in hollow]
    evidence += [getattr(line, name) for line in parts for name in hollow]
    said = ", ".join(f"{name.replace('_', ' ')} {shown(sums[name])}" for name in hollow)
    yield Observation(
        Outcome.FAIL if hollow else Outcome.PASS,
        "budget/total",
        f"the total is zero or blank, its rows add up to {said}" if hollow else "nothing hidden",
        present(*evidence),
        reported=", ".join(getattr(total, name).text or "blank" for name in hollow),
        expected=", ".join(shown(sums[name]) for name in hollow),
    )


def _is_hollow(entry: Entry | None) -> bool:
    return entry is not None and (is_blank(entry) or number(entry) == 0)


def _sum(parts: tuple[BudgetLine, ...], name: str) -> Decimal:
    return sum((number(getattr(line, name)) or ZERO for line in parts), ZERO)


RULES: tuple[Rule, ...] = (
    spending_keeps_to_budget,
    spending_has_a_budget,
    budget_change_is_explained,
    funds_add_up,
    total_row_is_filled,
)
