"""Errors in targets, actual values, scores and causes, and in what a reviewer wrote beside them."""

from __future__ import annotations

from decimal import Decimal

from planting.form import Form, Row, like
from planting.kinds import error
from planting.places import (
    at_least,
    explained,
    funded,
    is_count,
    is_full,
    is_limit,
    is_rate,
    lasting,
    proportional,
    quality,
    quantity,
    social,
    timing,
    with_points,
)


def _missed(form: Form, row: Row, share: str) -> Form:
    return form.done(row, (row.wanted or Decimal()) * Decimal(share))


@error("SC-02", "DV-01")
def target_met_and_points_lost(form: Form) -> Form:
    """A target is met, a fifth of its points is lost, and nothing says why."""
    row = with_points(form, form.find(is_count, is_full))
    return form.scored(row, row.points * Decimal("0.8"))


@error("SC-03", arithmetic=True)
def target_missed_with_full_points(form: Form) -> Form:
    """Four fifths of a number are reached, and all points scored."""
    return _missed(form, form.find(at_least, is_count, is_full, lambda r: (r.got or 0) >= 5), "0.8")


@error("SC-03", arithmetic=True)
def too_little_deducted(form: Form) -> Form:
    """Four fifths of a target are reached, with a cause, and 95 % of the points scored."""
    row = with_points(form, form.find(is_rate, is_full))
    form = _missed(form, row, "0.8").scored(row, row.points * Decimal("0.95"))
    return form.explained(row, "部分任务因雨季推迟，已安排次年一季度补做")


@error("SC-04", arithmetic=True)
def limit_exceeded_with_full_points(form: Form) -> Form:
    """A limit is exceeded by half, and all points are scored."""
    return _missed(form, form.find(is_limit, is_full), "1.5")


@error("SC-05", arithmetic=True)
def accidents_where_none_was_allowed(form: Form) -> Form:
    """Two accidents happened, none was allowed, and all points are scored."""
    return form.valued(quality(form), "安全责任事故起数", "=0起", "2起")


@error("SC-06", arithmetic=True)
def score_outside_its_tier(form: Form) -> Form:
    """A target is said to be reached in part, and all points are scored."""
    return form.put(lasting(form).at, actual="部分达成年度指标并具有一定效果")


@error("SC-07")
def worded_more_weakly(form: Form) -> Form:
    """What was to be is so on the whole only, with full points."""
    row = lasting(form)
    return form.put(row.at, actual=f"基本{row.target}")


@error("SC-08")
def words_for_a_number(form: Form) -> Form:
    """The actual value of a number is that it is done."""
    return form.put(quantity(form).at, actual="已完成")


@error("SC-09")
def measured_in_another_unit(form: Form) -> Form:
    """What was to be counted was weighed."""
    row = quantity(form)
    return form.put(row.at, actual=f"{like(row.target, row.got or Decimal())}吨")


@error("SC-09")
def fraction_for_a_rate(form: Form) -> Form:
    """A rate in per cent is reached by a fraction of one."""
    row = form.find(is_rate, is_full)
    return form.put(row.at, actual=f"{(row.got or Decimal()) / 100:f}")


@error("SC-10")
def later_than_the_date(form: Form) -> Form:
    """What was to be done by the end of September was done in December, with full points."""
    return form.valued(timing(form), "项目完成时间", "9月底前", "12月20日")


@error("SC-10", "SC-03")
def outside_of_a_range(form: Form) -> Form:
    """A rate was to lie in a range, stays below it and scores all points."""
    return form.valued(social(form), "能耗下降率", "15%~20%", "8%")


@error("SC-11", "CP-01")
def scored_without_an_actual_value(form: Form) -> Form:
    """An indicator scores all points with nothing achieved."""
    return form.put(quantity(form).at, actual="")


@error("SC-11", "CP-01")
def scored_without_a_target(form: Form) -> Form:
    """An indicator scores all points with no target."""
    row = quantity(form)
    form = form.put(row.at, comparator="", unit="") if form.has(row.at, "comparator") else form
    return form.cell(row.at, form.column(row.at, "target"), "")


@error("DV-01")
def points_lost_without_a_cause(form: Form) -> Form:
    """A target is missed by a tenth, scored in proportion, and nothing says why."""
    return proportional(form, form.find(is_rate, is_full), Decimal("0.9"))


@error("DV-02", "DV-03")
def far_above_the_target(form: Form) -> Form:
    """A target is exceeded by a hundred and sixty per cent, and nothing says why."""
    return _missed(form, form.find(at_least, is_count, is_full), "2.6")


@error("DV-04")
def cause_that_says_nothing(form: Form) -> Form:
    """Points were lost for objective reasons."""
    row = form.find(lambda r: not r.is_full)
    return form.put(row.at, cause="客观原因")


@error("DV-05")
def cause_where_nothing_deviates(form: Form) -> Form:
    """A target that is met to the digit has a cause for missing it."""
    row = form.find(lambda r: r.got == r.wanted, lambda r: r.got is not None, is_full)
    return form.put(row.at, cause="受疫情影响，部分工作未能按计划完成")


@error("DV-07")
def all_is_done_with_little_money(form: Form) -> Form:
    """A third of the money was spent, with a cause, and all indicators are complete."""
    form = funded(form, Decimal("0.33"), "outturn")
    for row in form.indicators:
        form = form if row.is_full else _completed(form, row)
    return explained(form, "财政资金12月下旬到位，大部分款项结转次年支付")


def _completed(form: Form, row: Row) -> Form:
    form = form.done(row, row.wanted or Decimal()).scored(row, row.points)
    return form.put(row.at, cause="") if form.has(row.at, "cause") else form


@error("DV-09")
def costs_of_one_out_of_proportion(form: Form) -> Form:
    """A thousandth of the money paid for seven times what was planned."""
    row = max((quantity(form, n) for n in _numbers(form)), key=lambda r: r.points)
    return _missed(funded(form, Decimal("0.001"), "outturn"), row, "7")


def _numbers(form: Form) -> range:
    return range(sum(r.category.startswith("数量") and is_count(r) for r in form.indicators))


@error("DV-08", "SC-12")
def goal_said_to_be_unfinished(form: Form) -> Form:
    """The achievement says that a part is not finished, the total is high."""
    return form.told(achieved=f"{form.goal().rstrip('。')}；另有一处尚未竣工，待验收。")


@error("SC-12", "DV-08")
def done_but_not_accepted(form: Form) -> Form:
    """All was produced, and none of it accepted: the project is under way."""
    row = with_points(form, quality(form))
    form = form.valued(row, "验收合格率", "=100%", "0%").scored(row, Decimal())
    form = form.put(row.at, completion="0%") if form.has(row.at, "completion") else form
    return form.explained(row, "项目尚在实施，未验收")


def _reviewed(form: Form, row: Row, score: Decimal, remark: str) -> Form:
    """Return a form with a reviewer's columns, who differs from its scores in one row."""
    form = form.wider("复核得分", "复核备注")
    for each in form.indicators:
        form = form.put(each.at, review=form.text(each.at, "score"))
    return form.put(row.at, review=like("", score), remark=remark)


def _for_review(form: Form) -> Row:
    return with_points(form, form.find(is_full, lambda r: r.points >= 5))


@error("RV-01", arithmetic=True)
def review_above_the_points(form: Form) -> Form:
    """A reviewer gives two points more than there are."""
    row = _for_review(form)
    return _reviewed(form, row, row.points + 2, "复核认可")


@error("RV-02")
def review_deducts_without_a_reason(form: Form) -> Form:
    """A reviewer takes two points off and does not say why."""
    row = _for_review(form)
    return _reviewed(form, row, row.points - 2, "")


@error("RV-03", arithmetic=True)
def review_deducts_another_share(form: Form) -> Form:
    """A reviewer says 30 % and takes 40 %."""
    row = _for_review(form)
    return _reviewed(form, row, row.points * Decimal("0.6"), "佐证资料不全，扣30%")


def reviewed_with_reason(form: Form) -> Form:
    """A reviewer takes 30 % off and says so."""
    row = _for_review(form)
    return _reviewed(form, row, row.points * Decimal("0.7"), "佐证资料不全，扣30%")
