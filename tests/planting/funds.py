"""Errors in the funds, in points and in totals."""

from __future__ import annotations

import re
from decimal import Decimal

from planting.form import NUMBER, Form, NoPlaceError, like
from planting.kinds import error
from planting.places import (
    HUNDRED,
    costs,
    execution_points,
    funded,
    moved,
    quality,
    quantity,
    rated,
    satisfaction,
    scored_execution,
    social,
    unexplained,
    unit_of_money,
    with_points,
)


def _rate(form: Form, at: int, number: Decimal) -> Form:
    text = form.text(at, "rate")
    if not NUMBER.match(text):
        raise NoPlaceError("no rate is printed")
    return form.put(at, rate=f"{like(text.rstrip('%'), number, exact=False)}%")


@error("EX-01", arithmetic=True)
def rate_of_the_total_misprinted(form: Form) -> Form:
    """The execution rate of the total is three points lower than its amounts have it."""
    at = form.funds[0]
    return _rate(form, at, form.amount(at, "rate") - 3)


@error("EX-02", arithmetic=True)
def execution_scored_too_high(form: Form) -> Form:
    """The score for execution lies halfway between what the rate gives and all points."""
    points = execution_points(form)
    return scored_execution(form, (points + form.amount(form.funds[0], "score")) / 2)


@error("EX-03", arithmetic=True)
def rate_of_the_initial_budget(form: Form) -> Form:
    """The budget was raised by a quarter, rate and score are still of the initial one."""
    form = funded(form, Decimal("1.25"), "adjusted")
    at = form.funds[0]
    rate = form.amount(at, "outturn") / form.amount(at, "initial")
    form = _rate(form, at, rate * HUNDRED)
    return scored_execution(form, execution_points(form) * min(rate, Decimal(1)))


@error("EX-04")
def more_spent_than_the_budget(form: Form) -> Form:
    """The outturn is 105 % of the budget, in the total and its parts."""
    at = form.funds[0]
    more = form.amount(at, "adjusted") / form.amount(at, "outturn") * Decimal("1.05")
    return funded(form, more, "outturn")


@error("EX-05", arithmetic=True)
def budget_of_zero(form: Form) -> Form:
    """All budgets are zero, beside spending, a rate and a score."""
    for at in form.funds:
        for role in ("initial", "adjusted"):
            if form.has(at, role) and NUMBER.match(form.text(at, role)):
                form = form.put(at, **{role: "0.00"})
    return form


@error("EX-06")
def low_execution_unexplained(form: Form) -> Form:
    """Two fifths of the money were spent, and nothing says why."""
    return unexplained(funded(form, Decimal("0.4"), "outturn"))


@error("EX-07")
def change_of_budget_unexplained(form: Form) -> Form:
    """The initial budget was lower by a fifth, and nothing says why."""
    return unexplained(funded(form, Decimal("0.8"), "initial"))


@error("EX-08", arithmetic=True)
def parts_do_not_add_up(form: Form) -> Form:
    """The outturn of one part is lower by a twentieth of the whole."""
    at = max(form.parts, key=lambda part: form.amount(part, "outturn"))
    less = form.amount(at, "outturn") - form.amount(form.funds[0], "outturn") / 20
    return rated(form.put(at, outturn=like(form.text(at, "outturn"), less)), at)


@error("EX-08", arithmetic=True)
def parts_printed_as_zero(form: Form) -> Form:
    """All parts of the funds are printed 0.00 below a total that is not."""
    for at in form.parts:
        for role in ("initial", "adjusted", "outturn"):
            if form.has(at, role):
                form = form.put(at, **{role: "0.00"})
        form = form.put(at, rate="—")
    return form


@error("EX-09", arithmetic=True)
def total_of_the_funds_empty(form: Form) -> Form:
    """The amounts of the total are blank, its parts are filled."""
    if len(form.funds) == 1:
        raise NoPlaceError("there are no parts")
    for role in ("initial", "adjusted", "outturn"):
        if form.has(form.funds[0], role):
            form = form.put(form.funds[0], **{role: ""})
    return form


@error("EX-10")
def wrong_unit_of_money(form: Form) -> Form:
    """Amounts in yuan are headed as ten thousands of yuan, or the other way round."""
    at, _, unit = unit_of_money(form)
    other = {"元": "万元", "万元": "元"}[unit]
    for column, cell in enumerate(form.rows[at]):
        form = form.cell(at, column, re.sub(rf"(?<=[（(]){unit}(?=[)）])", other, cell))
    return form


@error("EX-11")
def points_repeated_on_the_parts(form: Form) -> Form:
    """Points and score for execution stand on a part of the funds, too."""
    total, part = form.funds[0], form.parts[0]
    return form.put(part, points=form.text(total, "points"), score=form.text(total, "score"))


@error("EX-12")
def rate_in_an_indicator_differs(form: Form) -> Form:
    """An indicator says that all of the budget was executed, the funds do not."""
    return form.valued(quality(form), "预算执行率", "≥90%", "100%")


@error("EX-12")
def costs_differ_from_the_outturn(form: Form) -> Form:
    """An indicator gives the costs of the whole project, seven per cent below the outturn."""
    at, unit = form.funds[0], unit_of_money(form)[2]
    budget, outturn = form.text(at, "adjusted"), form.text(at, "outturn")
    less = like(outturn, form.amount(at, "outturn") * Decimal("0.93"))
    return form.valued(costs(form), "项目总成本", f"≤{budget}{unit}", f"{less}{unit}")


@error("WT-01", arithmetic=True)
def points_do_not_add_up(form: Form) -> Form:
    """One indicator has two points more than there are, and scores them."""
    row = with_points(form, quantity(form))
    return form.scored(row, row.score + 2, row.points + 2)


@error("WT-02", "WT-01", arithmetic=True)
def points_of_a_dimension_differ(form: Form) -> Form:
    """A dimension is headed by five points more than its rows have."""
    row = form.indicators[0]
    points = sum(r.points for r in form.indicators if r.dimension == row.dimension)
    bare = re.sub(r"(/n)?[（(].*", "", row.dimension)
    return form.put(row.at, dimension=f"{bare}（{like('', points + Decimal(5))}分）")


@error("WT-03")
def unusual_division_of_points(form: Form) -> Form:
    """Ten points of the outputs are given to satisfaction, which has the usual ten."""
    if sum(r.points for r in form.indicators if r.dimension.startswith("满意度")) != 10:
        raise NoPlaceError("the points are not divided as usual")
    return moved(form, satisfaction(form), Decimal(10), "产出")


@error("WT-04")
def indicator_without_points(form: Form) -> Form:
    """An indicator has no points, those that it had are its neighbour's."""
    row, other = with_points(form, quantity(form)), quantity(form, 1)
    form = form.scored(row, Decimal(), Decimal())
    return form.scored(other, other.score + row.score, other.points + row.points)


@error("WT-05")
def one_indicator_carries_most(form: Form) -> Form:
    """One indicator has what the others have above one point each."""
    row = social(form)
    others = [r for r in form.indicators if r.at != row.at and r.is_full]
    return moved(form, row, Decimal(sum(max(r.points - 1, Decimal()) for r in others)), "")


@error("SC-01", arithmetic=True)
def score_above_its_points(form: Form) -> Form:
    """An indicator scores a point more than it has."""
    row = with_points(form, quality(form))
    return form.scored(row, row.points + 1)


@error("TT-01", arithmetic=True)
def total_misadded(form: Form) -> Form:
    """The total is a point and a half lower than its scores."""
    return _with_total(form, Decimal("-1.5"))


@error("TT-01", "TT-02", arithmetic=True)
def execution_counted_twice(form: Form) -> Form:
    """The score for execution is in the total twice."""
    return _with_total(form, form.amount(form.funds[0], "score"))


def _with_total(form: Form, more: Decimal) -> Form:
    form.rows[form.total]
    return form.totalled(more)


@error("TT-03", arithmetic=True)
def rating_too_low(form: Form) -> Form:
    """A total above 95 is rated 良."""
    at = form.total
    if len(form.rows[at]) - 1 == form.column(form.indicators[0].at, "score"):
        raise NoPlaceError("there is no room for a rating")
    return form.cell(at, len(form.rows[at]) - 1, "（自评等级：良）")
