"""Errors in what is measured, in goals and in the head."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from planting.form import Form, NoPlaceError, Row, like
from planting.kinds import error
from planting.places import (
    is_count,
    is_full,
    lasting,
    quantity,
    satisfaction,
    social,
    timing,
    unit_of_money,
    with_points,
)

PEOPLE = ("残疾人", "老年人", "大学生", "企业职工")


@error("IN-01")
def no_satisfaction(form: Form) -> Form:
    """Nobody was asked: the rows of satisfaction are gone, their points are the benefits'."""
    rows = [r for r in form.indicators if r.dimension.startswith("满意度")]
    other = with_points(form, social(form))
    points = sum((r.points for r in rows), Decimal())
    form = form.scored(other, other.score + points, other.points + points)
    for row in reversed(rows):
        form = form.scored(row, Decimal()).without(row)
    return form.relabelled()


@error("IN-02")
def benefit_named_after_its_category(form: Form) -> Form:
    """社会效益 is at least 95 %, whatever that is."""
    return form.valued(social(form), "社会效益", "≥95%", "96%")


@error("IN-02")
def benefit_in_words_that_measure_nothing(form: Form) -> Form:
    """社会效益明显 was to be 效果明显, and is."""
    return form.valued(social(form), "社会效益明显", "效果明显", "效果明显")


@error("IN-02")
def target_that_is_only_called_qualitative(form: Form) -> Form:
    """The target is the word 定性, the actual value that it was reached."""
    return form.valued(social(form), "促进经济社会发展", "定性", "达成预期指标")


@error("IN-03")
def no_complaints_for_a_survey(form: Form) -> Form:
    """All are content, since nobody complained."""
    return _asked(form, "100%（全年未收到投诉）")


@error("IN-10", "IN-03")
def rate_that_the_answers_cannot_give(form: Form) -> Form:
    """97 % of twenty answers."""
    return _asked(form, "97%（有效问卷20份）")


@error("IN-10", "IN-03")
def few_answers_came_back(form: Form) -> Form:
    """A survey of 100, of which 52 came back."""
    return _asked(form, "95%（发放问卷100份，回收52份）")


def _asked(form: Form, actual: str) -> Form:
    row = satisfaction(form)
    form = unsurveyed(form).scored(row, row.points)
    if form.has(row.at, "comparator"):
        actual = actual.replace("%", "", 1)
    return form.put(row.at, actual=actual)


def unsurveyed(form: Form) -> Form:
    """Return a form that says nothing of a survey elsewhere."""
    told = re.compile("[；;][^；;。]*[问答]卷[^；;。]*")
    rows = (tuple(told.sub("", cell) for cell in row) for row in form.rows)
    return replace(form, rows=tuple(rows))


def doubled(form: Form, row: Row, name: str, target: str, actual: str) -> Form:
    """Return a form with another indicator below a row, which gives it half of its points."""
    half = row.points / 2
    form, at = form.below(row)
    if form.has(at, "points"):
        form = form.put(at, points=like("", half))
        form = form.put(row.at, points=like(form.text(row.at, "points"), half))
    form = form.put(at, score=like("", half)).put(row.at, score=like("", half))
    return form.valued(form.row(at), name, target, actual)


@error("IN-04")
def indicator_twice(form: Form) -> Form:
    """An indicator stands twice, each time with half of its points."""
    row = quantity(form)
    actual = row.actual if row.unit in row.actual else f"{row.actual}{row.unit}"
    return doubled(form, row, row.name, row.target, actual)


@error("IN-04")
def one_thing_under_two_dimensions(form: Form) -> Form:
    """What is counted as an output is a benefit, too, with another target."""
    row = quantity(form)
    more = like(row.target, (row.wanted or Decimal()) * 2)
    done = like(row.target, (row.got or Decimal()) * 2)
    return form.valued(social(form), row.name, f"≥{more}{row.unit}", f"{done}{row.unit}")


@error("IN-05")
def all_met_to_the_digit(form: Form) -> Form:
    """All numbers are what they were to be, and all points are scored."""
    for row in form.indicators:
        if row.wanted is not None and row.got != row.wanted:
            form = form.done(row, row.wanted)
        if not row.is_full:
            form = form.scored(row, row.points).explained(row, "")
    return form


@error("IN-06")
def headcount_as_economic(form: Form) -> Form:
    """A number of people is called an economic benefit."""
    row = social(form)
    form = form.valued(row, "受益群众人数", "≥500人", "520人")
    return form.put(row.at, category="经济效益指标")


@error("IN-07")
def payment_under_quantity(form: Form) -> Form:
    """That the money was paid is called an output."""
    return form.valued(quantity(form), "资金支付完成率", "=100%", "100%")


@error("IN-08")
def bound_for_an_actual_value(form: Form) -> Form:
    """The actual value is the bound that was to be reached."""
    row = form.find(lambda r: r.sign == "≥", is_full)
    return form.put(row.at, actual=row.target)


@error("IN-08")
def points_for_values(form: Form) -> Form:
    """Targets and actual values of all indicators are their points."""
    for row in form.indicators:
        points = like("", row.points)
        form = form.put(row.at, unit="") if form.has(row.at, "unit") else form
        form = form.cell(row.at, form.column(row.at, "target"), points)
        form = form.put(row.at, actual=points)
    return form


@error("IN-02", "IN-08")
def name_for_target_and_actual_value(form: Form) -> Form:
    """An indicator is to be what it is called, and is, with a full stop."""
    row = lasting(form)
    said = f"健全{row.name}"
    return form.put(row.at, name=said).put(row.at, target=f"{said}。", actual=f"{said}。")


@error("IN-09")
def output_at_most(form: Form) -> Form:
    """No more than so many were to be produced."""
    row = next(r for r in form.indicators if is_count(r) and (r.got or 0) >= 10)
    most = (row.got or Decimal()) * Decimal("1.1")
    return form.put(
        row.at,
        target=f"≤{like(row.target[1:].removesuffix(row.unit), most, exact=False)}{row.unit}",
    )


@error("IN-09")
def costs_at_least(form: Form) -> Form:
    """No less than so much was to be spent on one."""
    row = form.find(lambda r: "成本" in r.name, lambda r: r.sign == "≤")
    less = (row.got or Decimal()) * Decimal("0.9")
    shown = like(row.target.strip("≤").partition(row.unit)[0], less, exact=False)
    return form.put(row.at, target=f"≥{shown}{row.unit}")


@error("GO-01")
def goal_copied(form: Form) -> Form:
    """What was achieved is the goal, word for word."""
    return form.told(achieved=form.goal(0))


@error("GO-02")
def goal_of_another_year(form: Form) -> Form:
    """The goal is that of three years before."""
    return form.told(expected=f"{year(form) - 3}年{form.goal(0)}")


def year(form: Form) -> int:
    """Return the year that stands above the form."""
    found = re.search(r"(20\d\d)年", " ".join(form.lines))
    if not found:
        raise NoPlaceError("no year is printed")
    return int(found[1])


@error("GO-03")
def count_in_the_goal_differs(form: Form) -> Form:
    """The achievement counts a tenth less than the indicator."""
    text = form.goal()
    told = [r for r in form.indicators if (r.got or 0) >= 15 and is_count(r) and _count(r) in text]
    if not told:
        raise NoPlaceError("no number of an indicator is told")
    count = _count(told[0])
    less = like(count.removesuffix(told[0].unit), (told[0].got or 0) * Decimal("0.9"), exact=False)
    return form.told(achieved=text.replace(count, f"{less}{told[0].unit}"))


def _count(row: Row) -> str:
    return row.actual if row.actual.endswith(row.unit) else f"{row.actual}{row.unit}"


@error("GO-04")
def goal_is_the_name(form: Form) -> Form:
    """The goal is the name of the project."""
    return form.told(expected=_project(form))


def _project(form: Form) -> str:
    return next(row[2] for row in form.rows if row[0] == "项目名称")


@error("CP-01")
def project_blank(form: Form) -> Form:
    """The project has no name."""
    return form.beside("项目名称", "")


@error("CP-02")
def project_of_another_year(form: Form) -> Form:
    """The project is named after a year before that of the form."""
    return form.beside("项目名称", f"{year(form) - 2}年{_project(form)}")


@error("CP-06", "CP-02")
def done_in_another_year(form: Form) -> Form:
    """What was to be done in the year was done two years before."""
    return form.valued(timing(form), "项目完成时间", "11月底前", f"{year(form) - 2}年5月")


@error("CP-04")
def title_for_a_name(form: Form) -> Form:
    """The name of the project ends in the title of the form."""
    return form.beside("项目名称", f"{_project(form)}项目支出绩效自评表")


@error("CP-05")
def no_unit_of_money(form: Form) -> Form:
    """Nothing says in which unit the amounts are."""
    at = unit_of_money(form)[0]
    for column, cell in enumerate(form.rows[at]):
        form = form.cell(at, column, re.sub(r"(/n)?[（(]万?元[)）]", "", cell))
    return form


@error("IN-11", "CR-12")
def people_of_another_project(form: Form) -> Form:
    """Satisfied are people whom nothing else on the form is about."""
    other = next(who for who in PEOPLE if who not in str(form))
    return form.put(satisfaction(form).at, name=f"{other}满意度")
