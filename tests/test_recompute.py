"""Figures worked out again, on published cases and on the odd ones."""

from __future__ import annotations

from decimal import Decimal

import pytest

from auditkit.comparing import (
    Assumption,
    Comparison,
    Direction,
    Incomparable,
    Method,
    Obstacle,
    compare_values,
    proportional_score,
)
from auditkit.figures import Agreement, Figure, Interval, stated_rates
from auditkit.recompute import recompute
from auditkit.report import Entry, Indicator, Report
from auditkit.wording import put
from reports import report

PUTUO = {
    "budget": """
name          | adjusted_budget | outturn   | points | execution_rate | score
total         | 250000.00       | 215457.60 | 10     | 86.19%         | 8.62
appropriation | 20000.00        | 9034      | —      | 45.17%         | —
""",
    "indicators": """
dimension | name   | target | actual | points | score
产出指标  | 场次   | ≥10    | 12     | 50     | 50
效益指标  | 知晓率 | ≥90%   | 81%    | 40     | 36
""",
    "total": ("100", "94.62"),
}


def figure(form: Report, name: str, subject: str = "") -> Figure:
    figures = recompute(form).figures
    found = [f for f in figures if f.name == name and subject in f.subject]
    assert found, [(f.name, f.subject) for f in figures]
    return found[0]


def row(target: str, actual: str, name: str = "甲", category: str = "数量指标") -> Indicator:
    block = f"category | name | target | actual\n{category} | {name} | {target} | {actual}"
    return report({"indicators": block}).indicators[0]


def compared(target: str, actual: str, name: str = "甲", category: str = "数量指标") -> Comparison:
    found = compare_values(row(target, actual, name, category))
    assert isinstance(found, Comparison), found
    return found


def test_the_rate_of_a_published_form_is_exact_and_its_rounding_is_seen() -> None:
    rate = figure(report(PUTUO), "execution rate")
    assert rate.value == Decimal("215457.60") / Decimal("250000.00")
    assert rate.arithmetic == "215457.60 / 250000.00 = 86.183%"
    assert rate.agreement is Agreement.WITHIN_ROUNDING
    assert figure(report(PUTUO), "execution rate", "appropriation").agreement is Agreement.EXACT


def test_the_execution_score_comes_of_the_unrounded_rate() -> None:
    score = figure(report(PUTUO), "execution score")
    assert round(score.value, 4) == Decimal("8.6183")
    assert score.agreement is Agreement.EXACT


def test_a_whole_score_is_not_excused_by_rounding() -> None:
    spec = {"indicators": "name | target | actual | points | score\n甲 | ≥100% | 90% | 9 | 9"}
    score = figure(report(spec), "proportional score")
    assert score.agreement is Agreement.INCONSISTENT
    assert score.difference == Decimal("0.9")


def test_totals_count_the_execution_once() -> None:
    total = figure(report(PUTUO), "total score")
    assert total.value == Decimal("94.62")
    assert total.agreement is Agreement.EXACT
    assert figure(report(PUTUO), "total points").value == 100


def test_every_figure_leads_back_to_cells() -> None:
    for one in recompute(report(PUTUO)).figures:
        assert one.inputs
        assert all(entry.cells for entry in one.inputs)
        assert "=" in put(one.arithmetic, "en")


def test_nothing_is_worked_out_of_blanks() -> None:
    block = "name | adjusted_budget | outturn | points\ntotal | | 90 | 10"
    assert recompute(report({"budget": block})).figures == ()


@pytest.mark.parametrize(
    ("printed", "fractions"),
    [
        ("86.19%", ["0.8619"]),
        ("0.958", ["0.958"]),
        ("20", ["0.20"]),
        ("1", ["1", "0.01"]),
        ("100", ["1.00"]),
        ("—", []),
    ],
)
def test_a_rate_without_a_sign_is_what_it_can_be(printed: str, fractions: list[str]) -> None:
    block = f"name | adjusted_budget | outturn | execution_rate\ntotal | 1 | 1 | {printed}"
    entry = report({"budget": block}).budget_lines[0].execution_rate
    assert isinstance(entry, Entry)
    assert [str(value) for value, _ in stated_rates(entry)] == fractions


@pytest.mark.parametrize(
    ("target", "actual", "is_met"),
    [
        ("≥95%", "96%", True),
        ("≥95%", "94%", False),
        (">80%", "80%", False),
        (">80%", ">70%", None),
        ("≥266米", "≥266米", True),
        ("≥95%", "90%-94%", False),
        ("≥95%", "90%-99%", None),
        ("≤12万元", "120000元", True),
        ("≤12万元", "12.5万元", False),
        ("=100%", "100%", True),
        ("≥1.5万人次", "15000人次", True),
        ("≥95%", "0.96", True),
        ("100", "98%", False),
        ("0起", "0起", True),
    ],
)
def test_target_and_actual_value_are_compared_on_one_scale(
    target: str, actual: str, is_met: bool | None
) -> None:
    assert compared(target, actual).is_met is is_met


@pytest.mark.parametrize(
    ("target", "actual", "why"),
    [
        ("550万元", "20台", Obstacle.UNITS_DIFFER),
        ("及时", "及时", Obstacle.TARGET_IS_NO_NUMBER),
        ("≥95%", "较好", Obstacle.ACTUAL_IS_NO_NUMBER),
        ("", "5", Obstacle.TARGET_IS_NO_NUMBER),
        ("±5%", "4%", Obstacle.TARGET_IS_A_TOLERANCE),
        ("~", "5", Obstacle.NOT_ON_THE_FORM),
    ],
)
def test_what_cannot_be_compared_says_why(target: str, actual: str, why: Obstacle) -> None:
    found = compare_values(row(target, actual))
    assert isinstance(found, Incomparable)
    assert found.kind is why
    assert put(found, "en") != put(found, "zh")


@pytest.mark.parametrize(
    ("target", "name", "category", "direction", "is_assumed"),
    [
        ("≥5", "甲", "数量指标", Direction.HIGHER, False),
        ("≤5", "甲", "数量指标", Direction.LOWER, False),
        ("=5", "甲", "数量指标", Direction.EQUAL, False),
        ("5", "甲", "数量指标", Direction.HIGHER, True),
        ("5", "安全事故数", "质量指标", Direction.LOWER, True),
        ("5万元", "设备", "成本指标", Direction.LOWER, True),
        ("30天", "办结", "时效指标", Direction.LOWER, True),
    ],
)
def test_the_direction_is_read_or_said_to_be_assumed(
    target: str, name: str, category: str, direction: Direction, is_assumed: bool
) -> None:
    comparison = (
        compared(target, "5", name, category)
        if "天" not in target
        else compared(target, "20天", name, category)
    )
    assert comparison.direction is direction
    kinds = {each.kind for each in comparison.assumed}
    unsigned = {Assumption.LOWER_BY_ITS_WORDS, Assumption.HIGHER_WITHOUT_A_SIGN}
    assert bool(kinds & unsigned) is is_assumed


def test_two_formulas_where_lower_is_better() -> None:
    missed = compared("≤100", "125")
    assert proportional_score(missed, Decimal(10)) == 8
    assert proportional_score(missed, Decimal(10), method=Method.LINEAR) == Decimal("7.5")
    assert proportional_score(compared("≤100", "250"), Decimal(10), method=Method.LINEAR) == 0
    assert proportional_score(compared("≤0", "3"), Decimal(10)) is None


def test_a_met_target_earns_all_points_and_no_more() -> None:
    assert proportional_score(compared("≥10", "25"), Decimal(5)) == 5
    assert proportional_score(compared("≥10", "5"), Decimal(5)) == Decimal("2.5")


def test_an_interval_that_holds_zero_divides_nothing() -> None:
    one = Interval(Decimal(1), Decimal(1))
    assert one.over(Interval(Decimal(-1), Decimal(1))) is None
    with pytest.raises(ValueError, match="cannot run"):
        Interval(Decimal(2), Decimal(1))


def test_a_range_from_nought_is_scaled_by_its_unit() -> None:
    found = compare_values(row(target="≥6000人", actual="0-5万人"))
    assert isinstance(found, Comparison)
    assert (found.target, found.actual) == (Decimal(6000), Interval(Decimal(0), Decimal(50000)))
    assert found.is_met is None


def test_blank_cells_below_a_dimension_go_on_with_it() -> None:
    indicators = """
dimension | category | name | target | actual | points | score
产出指标  | 数量指标 | 甲   | 1      | 1      | 30     | 30
          | 质量指标 | 乙   | 1      | 1      | 20     | 19
效益指标  | 社会效益 | 丙   | 1      | 1      | 40     | 40
"""
    levels = recompute(report({"indicators": indicators})).levels
    found = [(level.dimension, level.points.value) for level in levels if not level.category]
    assert found == [("产出指标", 50), ("效益指标", 40)]
