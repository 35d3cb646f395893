"""Units that are one by another name are compared; units that only look alike are not."""

from __future__ import annotations

import pytest

from auditkit.comparing import Comparison, compare_values, reached_otherwise
from reports import report


def is_compared(target: str, actual: str) -> bool:
    form = report({"indicators": f"name | target | actual\n甲 | {target} | {actual}"})
    return isinstance(compare_values(form.indicators[0]), Comparison)


@pytest.mark.parametrize(
    ("target", "actual"),
    [
        ("120名", "120人"),
        ("3.5公里", "3.6km"),
        ("1.5万平方米", "15300㎡"),
        ("1500批次", "1536批"),
        ("每年2次", "2次"),
        ("48个", "48个岗位"),
        ("3套系统", "3套"),
    ],
)
def test_one_unit_may_have_several_names(target: str, actual: str) -> None:
    assert is_compared(target, actual)
    assert is_compared(actual, target)


@pytest.mark.parametrize(
    ("target", "actual"),
    [
        ("120人", "120人次"),
        ("5个", "5个百分点"),
        ("5个", "5个工作日"),
        ("5个", "5个月"),
        ("每月2次", "2次"),
        ("3台", "3套"),
        ("20亩", "20公顷"),
    ],
)
def test_units_of_different_things_are_not_compared(target: str, actual: str) -> None:
    assert not is_compared(target, actual)


IN_COLUMNS = """
name     | target  | actual | points | score | 度量单位
培训人次 | ≥2400人次 | 1920   | 8      | 8     | 人次
能耗下降率 | =15~20% | 8      | 8      | 8     | %
使用率   | ≥95%    | 0.93   | 8      | 8     | %
"""


def test_a_bare_value_is_in_the_unit_that_stands_in_a_column_of_its_own() -> None:
    rows = report({"indicators": IN_COLUMNS}).indicators
    found = [compare_values(row) for row in rows]
    assert isinstance(found[0], Comparison)
    assert not found[0].lacks_a_unit
    reached = reached_otherwise(rows[1], found[1])
    assert reached is not None
    assert (reached.is_met, reached.is_sure) == (False, True)


def test_a_share_beside_a_percentage_in_a_column_of_its_own_is_only_taken_for_one() -> None:
    found = compare_values(report({"indicators": IN_COLUMNS}).indicators[2])
    assert isinstance(found, Comparison)
    assert found.lacks_a_unit
    assert found.actual.low == 93
