"""Units that are one by another name are compared; units that only look alike are not."""

from __future__ import annotations

import pytest

from auditkit.comparing import Comparison, compare_values
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
