"""Where errors are planted: rows of a form by what they are, and changes that stay consistent."""

from __future__ import annotations

import re
from decimal import Decimal

from planting.form import CAUSES, NUMBER, Form, NoPlaceError, Row, decimal, like

HUNDRED = Decimal(100)


def is_full(row: Row) -> bool:
    """Tell whether an indicator scores all of its points."""
    return row.is_full


def is_count(row: Row) -> bool:
    """Tell whether the target is a number of things, at least."""
    return row.sign in ("≥", "=") and row.unit not in ("%", "‰", "") and row.wanted is not None


def is_rate(row: Row) -> bool:
    """Tell whether the target is a rate in per cent, at least."""
    return row.sign == "≥" and row.unit == "%"


def is_limit(row: Row) -> bool:
    """Tell whether the target is a number that is not to be exceeded."""
    return row.sign == "≤" and bool(row.wanted) and row.unit != "月"


def at_least(row: Row) -> bool:
    """Tell whether the target is a number that may be exceeded."""
    return row.sign == "≥"


def quantity(form: Form, number: int = 0) -> Row:
    """Return an indicator of quantity that counts something, with full points."""
    return form.find(lambda r: r.category.startswith("数量"), is_count, is_full, number=number)


def quality(form: Form) -> Row:
    """Return an indicator of quality with full points."""
    return form.find(lambda r: r.category.startswith("质量"), is_full)


def timing(form: Form) -> Row:
    """Return an indicator of timeliness with full points."""
    return form.find(lambda r: r.category.startswith("时效"), is_full)


def social(form: Form) -> Row:
    """Return an indicator of social benefit with full points."""
    return form.find(lambda r: r.category.startswith("社会效益"), is_full)


def lasting(form: Form) -> Row:
    """Return an indicator of lasting effect in words, with full points."""
    return form.find(lambda r: r.category.startswith("可持续"), lambda r: r.got is None, is_full)


def satisfaction(form: Form) -> Row:
    """Return the first indicator of satisfaction."""
    return form.find(lambda r: r.dimension.startswith("满意度"))


def costs(form: Form) -> Row:
    """Return an indicator of costs with full points."""
    return form.find(lambda r: "成本" in r.category, is_full)


def with_points(form: Form, row: Row) -> Row:
    """Return a row whose points are printed."""
    form.column(row.at, "points")
    return row


def unit_of_money(form: Form) -> tuple[int, int, str]:
    """Return where the unit of the funds is printed, and what it is."""
    for at, cells in enumerate(form.rows[: form.funds[0]]):
        for column, cell in enumerate(cells):
            if found := re.search(r"[（(](万?元)[)）]", cell):
                return at, column, found[1]
    raise NoPlaceError("no unit is printed")


def proportional(form: Form, row: Row, share: Decimal) -> Form:
    """Return a form with a share of a target achieved, and scored in proportion."""
    wanted = row.wanted or Decimal(1)
    form = form.done(with_points(form, row), wanted * share)
    return form.scored(row, (form.row(row.at).got or Decimal()) / wanted * row.points)


def moved(form: Form, to: Row, amount: Decimal, *of: str) -> Form:
    """Return a form with points moved to a row, from rows of some dimensions with full points."""
    left = amount
    with_points(form, to)
    for row in form.indicators:
        spare = min(left, max(row.points - 1, Decimal()))
        if row.at != to.at and row.is_full and row.dimension.startswith(of):
            form = form.scored(row, row.score - spare, row.points - spare)
            left -= spare
    if left:
        raise NoPlaceError("no points to move")
    return form.scored(to, to.score + amount, to.points + amount).relabelled()


def rated(form: Form, at: int) -> Form:
    """Return a form with the execution rate of a row of the funds as its amounts have it."""
    text, budget = form.text(at, "rate"), form.amount(at, "adjusted")
    if not NUMBER.match(text) or not budget:
        return form
    rate = form.amount(at, "outturn") / budget * HUNDRED
    return form.put(at, rate=f"{like(text.rstrip('%'), rate, exact=False)}%")


def executed(form: Form) -> Form:
    """Return a form with rates, score for execution and total as the amounts have them."""
    for row in form.funds:
        form = rated(form, row)
    at = form.funds[0]
    rate = min(Decimal(1), form.amount(at, "outturn") / form.amount(at, "adjusted"))
    return scored_execution(form, execution_points(form) * rate)


def execution_points(form: Form) -> Decimal:
    """Return the points for execution, printed in a column or said above it."""
    at = form.funds[0]
    if form.has(at, "points"):
        return form.amount(at, "points")
    found = re.search(r"(\d+)分", str(form.rows[at - 1]))
    return Decimal(found[1]) if found else Decimal(10)


def scored_execution(form: Form, score: Decimal) -> Form:
    """Return a form with another score for execution, in the total as well."""
    at = form.funds[0]
    old = form.text(at, "score")
    new = like(old, score)
    return form.put(at, score=new).totalled(decimal(new) - decimal(old))


def funded(form: Form, factor: Decimal, *roles: str) -> Form:
    """Return a form with some amounts of its funds larger, and all that follows from them."""
    for role in roles:
        total, *parts = form.funds
        for at in parts or [total]:
            text = form.text(at, role)
            if NUMBER.match(text):
                form = form.put(at, **{role: like(text, form.amount(at, role) * factor)})
        if parts:
            whole = sum(form.amount(at, role) for at in parts)
            form = form.put(total, **{role: like(form.text(total, role), Decimal(whole))})
    return executed(form)


def unexplained(form: Form) -> Form:
    """Return a form without the cause of what is not spent."""
    if form.has(form.funds[0], "cause"):
        form = form.put(form.funds[0], cause="")
    for at, cells in enumerate(form.rows):
        if cells[0] == CAUSES:
            form = form.cell(at, 2, re.sub(r"^1\..*?；2\.", "1.", cells[2]))
    try:
        return form.told(achieved=re.split("[；;](?!.*[；;])", form.goal())[0] + "。")
    except NoPlaceError:
        return form


def explained(form: Form, cause: str) -> Form:
    """Return a form that says another cause of what is not spent, or of a changed budget."""
    form = unexplained(form)
    if form.has(form.funds[0], "cause"):
        return form.put(form.funds[0], cause=cause)
    for at, cells in enumerate(form.rows):
        if cells[0] == CAUSES:
            return form.cell(at, 2, f"{cells[2]}2.预算执行率：{cause}。")
    return form.told(achieved=f"{form.goal().rstrip('。')}；{cause}。")
