"""Changes in the places where errors are planted that leave a form clean."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from planting.form import Form, NoPlaceError, Row
from planting.kinds import harmless
from planting.places import (
    at_least,
    explained,
    funded,
    is_count,
    is_full,
    is_limit,
    is_rate,
    lasting,
    moved,
    proportional,
    quality,
    quantity,
    satisfaction,
    social,
    timing,
    with_points,
)
from planting.scores import reviewed_with_reason
from planting.wording import doubled, unsurveyed, year


@harmless
def a_little_less_spent(form: Form) -> Form:
    """One per cent less was spent, in all places."""
    return explained(funded(form, Decimal("0.99"), "outturn"), "合同尾款按约定次年支付")


@harmless
def all_spent(form: Form) -> Form:
    """All of the budget was spent, in all places."""
    at = form.funds[0]
    more = form.amount(at, "adjusted") / form.amount(at, "outturn")
    form = form if len(form.funds) == 1 else _as_budgeted(form)
    return explained(
        funded(form, more if len(form.funds) == 1 else Decimal(1), "outturn"), "无结余"
    )


def _as_budgeted(form: Form) -> Form:
    for at in form.parts:
        if form.amount(at, "adjusted"):
            form = form.put(at, outturn=form.text(at, "adjusted"))
    return form


@harmless
def change_of_budget_explained(form: Form) -> Form:
    """The initial budget was lower, and the form says why."""
    form = funded(form, Decimal("0.8"), "initial")
    return explained(form, "年中经批准追加上级专项资金；合同尾款按约定次年支付")


@harmless
def low_execution_explained(form: Form) -> Form:
    """Seven tenths were spent with a cause, and an output stays behind in proportion."""
    row = with_points(form, form.find(at_least, is_count, is_full, lambda r: (r.got or 0) >= 20))
    form = _missed(funded(form, Decimal("0.88"), "outturn"), row)
    return explained(form, "汛期停工两个月，部分工程款结转次年支付")


def _missed(form: Form, row: Row) -> Form:
    form = proportional(form, row, Decimal("0.9"))
    return form.explained(row, "施工期间连续降雨停工一个月，余下部分次年二月底前完成")


@harmless
def fund_of_zero(form: Form) -> Form:
    """A further source of funds gave nothing."""
    last = form.funds[-1]
    if len(form.funds) == 1:
        raise NoPlaceError("there are no parts")
    form = replace(form, rows=(*form.rows[: last + 1], form.rows[last], *form.rows[last + 1 :]))
    cells = dict.fromkeys(("initial", "adjusted", "outturn"), "0.00") | {"rate": "0.00%"}
    for role, text in cells.items():
        form = form.put(last + 1, **{role: text}) if form.has(last + 1, role) else form
    label = next(n for n, cell in enumerate(form.rows[last + 1]) if cell not in ("^", "<"))
    return form.cell(last + 1, label, "社会捐赠资金")


@harmless
def points_moved_within_a_dimension(form: Form) -> Form:
    """One output has a point more, another one less."""
    row = with_points(form, quality(form))
    return moved(form, row, Decimal("0.5"), "产出")


@harmless
def another_count(form: Form) -> Form:
    """A little more was produced, wherever it is told."""
    row = form.find(at_least, is_count, is_full, lambda r: (r.got or 0) >= 100)
    return form.done(row, (row.wanted or Decimal()) * Decimal("1.04"))


@harmless
def target_met_to_the_digit(form: Form) -> Form:
    """One rate is what it was to be."""
    row = form.find(is_rate, is_full)
    return form.done(row, row.wanted or Decimal())


@harmless
def missed_in_proportion_with_a_cause(form: Form) -> Form:
    """A rate is missed, scored in proportion and explained."""
    row = with_points(form, form.find(is_rate, is_full))
    return _missed(form, row)


@harmless
def far_above_the_target_with_a_cause(form: Form) -> Form:
    """A target is far exceeded, and the form says why."""
    row = form.find(at_least, is_count, is_full, lambda r: not r.unit.endswith("元"))
    form = form.done(row, (row.wanted or Decimal()) * Decimal("1.5"))
    return form.explained(row, "年中上级追加任务，目标未同步调整，次年据此重新测算目标值")


@harmless
def limit_not_reached(form: Form) -> Form:
    """Somewhat less than allowed was needed."""
    row = form.find(is_limit, is_full, lambda r: (r.wanted or 0) >= 15)
    return form.done(row, (row.wanted or Decimal()) * Decimal("0.7"))


@harmless
def no_accidents(form: Form) -> Form:
    """No accident was allowed, and none happened."""
    return form.valued(quality(form), "安全责任事故起数", "=0起", "0起")


@harmless
def tier_reached(form: Form) -> Form:
    """A target in words was reached, as the tiers say it."""
    return form.put(lasting(form).at, actual="达成年度指标")


@harmless
def within_a_range(form: Form) -> Form:
    """A rate lies in its range."""
    return form.valued(social(form), "能耗下降率", "15%~20%", "17.5%")


@harmless
def before_the_date(form: Form) -> Form:
    """What was to be done by the end of November was done before."""
    return form.valued(timing(form), "项目完成时间", "11月底前", f"{year(form)}年11月8日")


@harmless
def survey_told(form: Form) -> Form:
    """A rate with the answers that it comes of."""
    row = satisfaction(form)
    content = (row.got or Decimal()) * 10
    rate = row.actual.partition("（")[0]
    told = f"{rate}（发放问卷1060份，回收有效问卷1000份，{content:.0f}份满意）"
    return unsurveyed(form).put(row.at, actual=told)


@harmless
def output_and_benefit_of_one_thing(form: Form) -> Form:
    """An output and a benefit are about the same, and measure something else."""
    row = quantity(form)
    return form.valued(social(form), f"{row.name}投入使用率", "≥95%", "96.5%")


@harmless
def further_indicator(form: Form) -> Form:
    """An indicator gives half of its points to one of another name."""
    return doubled(form, quantity(form), "编制工作简报", "≥12期", "13期")


@harmless
def goal_in_other_words(form: Form) -> Form:
    """The goal names the year of the form."""
    return form.told(expected=f"{year(form)}年，{form.goal(0)}")


@harmless
def reviewed(form: Form) -> Form:
    """A reviewer takes 30 % off and says so."""
    return reviewed_with_reason(form)
