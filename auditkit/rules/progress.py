"""SC, DV: whether what is called complete is, in time, and for the money that was planned."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from auditkit.figures import ONE, shown
from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import Reading, base_unit
from auditkit.report import ZERO, Entry, value_of, words_of
from auditkit.rules.answers import DUTY, answer
from auditkit.rules.printed import gives_reason, under_way_in
from auditkit.standards.vocabulary import Met, named, speaks_of
from auditkit.wording import Series
from auditkit.worked import IndicatorRow, Scored, Worked

EXPLAINED = ("cn-mof-2020-10/self-evaluation", DUTY)
ACCEPTED = (*EXPLAINED, "re-check-practice/acceptance")
COST = (*EXPLAINED, "re-check-practice/unit-cost")
_NEARLY = Decimal("0.95")  # of the points of 数量: one of many rows may have lost a few
_QUANTITY, _OTHERS = "数量", ("质量", "时效")


def has_full_quantity(worked: Worked) -> bool:
    """Tell whether 数量 has nearly all of its points, or meets all targets without any."""
    return bool(_full_quantity(worked))


def _full_quantity(worked: Worked) -> list[IndicatorRow]:
    """Return the rows of 数量 that are said to be complete, where nearly all of it is."""
    scored = {id(some.row): some for some in worked.scored if some.row}
    rows = [r for r in worked.indicators if _QUANTITY in words_of(r.indicator.category)]
    found = [(row, scored.get(id(row))) for row in rows]
    worth, earned = ZERO, ZERO
    for row, some in found:
        worth += some.worth if some else ONE
        earned += some.earned if some else Decimal(row.met is Met.FULLY)
    return [row for row, some in found if _is_full(row, some)] if earned >= _NEARLY * worth else []


def _is_full(row: IndicatorRow, some: Scored | None) -> bool:
    if some is None:
        return row.met is Met.FULLY
    return some.earned >= some.worth


@rule("SC-12", Severity.WARNING, ACCEPTED)
def complete_means_accepted(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Ask what complete means where nearly all of 数量 is, and the form says it is not accepted.

    A row of 质量 or 时效 says so by its value, or by its cause where it fell short; or the text of
    what was achieved does.

    Fails: never; 3个 of 3个 with all points beside 验收合格率 0%, 尚未验收 is for a person.
    Passes: 2个 of 3个 with points in proportion; or 3个社区均已验收.
    Open: the form has no rows of 数量, or says nothing of acceptance.
    """
    rows = _full_quantity(worked)
    told = [*_rows_not_accepted(worked), *_goal_not_accepted(worked)]
    spoken = told or [e for e in (worked.report.goals.actual,) if e and _is_accepted(e)]
    if spoken and any(_QUANTITY in words_of(r.indicator.category) for r in worked.indicators):
        yield answer(
            not (told and rows) or Outcome.REVIEW,
            "indicators/quantity",
            evidence=(*spoken, *(row.indicator.score or row.indicator.actual for row in rows)),
            reported=words_of(spoken[0]),
            count=len(rows),
        )


def _is_accepted(entry: Entry) -> bool:
    return speaks_of("accepted", words_of(entry))


def _goal_not_accepted(worked: Worked) -> list[Entry]:
    goal = worked.report.goals.actual
    return [goal] if goal and under_way_in(words_of(goal)) else []


def _rows_not_accepted(worked: Worked) -> Iterator[Entry]:
    """Yield values and causes of other outputs that say that something is not accepted."""
    for row in worked.indicators:
        one, cause = row.indicator, row.indicator.explanation
        if not any(kind in words_of(one.category) for kind in _OTHERS):
            continue
        if one.actual and speaks_of("not_accepted", words_of(one.actual)):
            yield one.actual
        elif cause and row.met is not Met.FULLY and under_way_in(words_of(cause)):
            yield cause


@rule("DV-09", Severity.WARNING, COST, ("unit_cost_range",))
def outputs_cost_what_was_planned(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare what one unit of the weightiest quantity cost with what it was planned to cost.

    Outturn over what was done, beside budget over what was to be done; far apart, both are asked.

    Fails: never; 132.81万元 for ≥100人, and 0.1万元 spent on 748人, is for a person to look at.
    Passes: 132.81万元 for ≥100人, 128万元 spent on 98人.
    Open: no quantity is a number, or the funds state no amounts.
    """
    low, high = (Decimal(part) for part in str(law["unit_cost_range"].value).split("/"))
    total, row = worked.total, _weightiest(worked)
    if total is None or row is None or row.comparison is None:
        return
    line, found = total.line, row.comparison
    budget, spent = (_middle(worked, cell) for cell in (line.budget, line.outturn))
    done = found.actual.low
    if budget > 0 and spent > 0 and done > 0:
        planned, cost = budget / found.target, spent / done
        yield answer(
            low <= cost / planned <= high or Outcome.REVIEW,
            f"{row.indicator.path}/cost",
            evidence=(row.indicator.target, row.indicator.actual, line.budget, line.outturn),
            reported=shown(cost, 2),
            expected=shown(planned, 2),
            arithmetic=Series(
                (
                    f"{shown(spent)} / {shown(done)} = {shown(cost, 2)}",
                    f"{shown(budget)} / {shown(found.target)} = {shown(planned, 2)}",
                )
            ),
            times=shown(cost / planned, 4),
        )


def _middle(worked: Worked, cell: Entry | None) -> Decimal:
    """Return what an amount stands for in yuan, in the middle of its last printed place."""
    return sum(((one.low + one.high) / 2 for one in worked.in_yuan((cell,))), ZERO)


def _weightiest(worked: Worked) -> IndicatorRow | None:
    """Return the quantity that carries most points, of those that count things."""
    rows = [row for row in worked.indicators if _QUANTITY in words_of(row.indicator.category)]
    counted = [
        row
        for row in rows
        if (found := row.comparison) and not found.is_vague and found.target > 0
        if _kind(row) not in ("share", "money", "time")
    ]
    return max(counted, key=lambda row: value_of(row.indicator.points), default=None)


def _kind(row: IndicatorRow) -> str:
    target = row.indicator.target
    unit = target.reading.unit if target else ""
    return named("units", base_unit(unit)[1] or unit)


@rule("DV-10", Severity.WARNING, EXPLAINED)
def what_was_late_is_explained(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for dates after the one that was set, without lost points and a cause.

    By how much is said in days where both print one, else in months. Full points beside a date
    that is late are what SC-03, SC-07 and SC-10 ask about.

    Fails: target 2025年8月31日, actual 2026年1月16日, some points lost, no cause: 138 days.
    Passes: target 12月底前, actual 11月; or the cause of the delay is given.
    Open: no target and actual value are both dates.
    """
    scored = {id(some.row): some for some in worked.scored if some.row}
    for row in worked.indicators:
        target, actual, some = row.indicator.target, row.indicator.actual, scored.get(id(row))
        if target is None or actual is None:
            continue
        late = _late(target.reading, actual.reading)
        if late is None or (late[0] > 0 and some is not None and some.earned >= some.worth):
            continue
        count, unit = late
        is_told = gives_reason(row.indicator.explanation)
        yield answer(
            count <= 0 or is_told,
            f"{row.indicator.path}/date",
            wrong=unit,
            evidence=(actual, target, row.indicator.explanation),
            reported=words_of(actual),
            expected=words_of(target),
            late=count,
        )


def is_late(row: IndicatorRow) -> bool:
    """Tell whether the actual value of a row is a date after the one that was set."""
    target, actual = row.indicator.target, row.indicator.actual
    late = _late(target.reading, actual.reading) if target and actual else None
    return late is not None and late[0] > 0


def _late(due: Reading, done: Reading) -> tuple[int, str] | None:
    """Return by how many days or months a date is after another, below 1 where it is not."""
    if due.day and done.day:
        return (done.day - due.day).days, "days"
    if not due.by or not done.by or not due.by[0] or not done.by[0] or due.comparator in ("≥", ">"):
        return None
    years = done.day.year - due.day.year if due.day and done.day else 0
    return 12 * years + done.by[0] - due.by[0], "months"
