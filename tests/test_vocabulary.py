"""How far targets in words are met; what is not known is never judged."""

from __future__ import annotations

import pytest

from auditkit.comparing import Direction, direction_of
from auditkit.recompute import recompute
from auditkit.standards.vocabulary import Met
from reports import report

KNOWN = {
    Met.FULLY: (
        ("日益浓厚", "日益浓厚"),
        ("更加浓厚", "日益浓厚"),
        ("及时", "及时"),
        ("逐步提高", "提高"),
        ("提升", "显著提升"),
        ("提升", "有所提升"),
        ("不断完善", "完善"),
        ("效果明显", "达成预期指标"),
        ("全部完成", "已完成"),
        ("良好", "优"),
        ("关爱", "未成年人得到关爱"),
        ("优良中低差", "优"),
        ("定性 健全", "健全"),
        ("市级保护单位", "市级保护单位"),
        ("2022年12月底前", "2022年11月30日"),
    ),
    Met.BELOW: (("显著提升", "提升"), ("显著提升", "有所提升"), ("非常满意", "满意")),
    Met.NEARLY: (
        ("及时", "较及时"),
        ("达标", "基本达标"),
        ("有效", "较有效"),
        ("健全", "较健全"),
        ("提升", "略有提升"),
        ("是", "基本达到"),
        ("完成", "基本完成"),
        ("效果明显", "效果较明显"),
        ("优", "良好"),
        ("高", "较高"),
    ),
    Met.PARTLY: (("完成", "部分完成"), ("优良中低差", "中")),
    Met.MISSED: (
        ("完成", "未完成"),
        ("按时完成", "未按时完成"),
        ("及时", "不及时"),
        ("达标", "未达标"),
        ("2022年12月底前", "2023年2月28日"),
        ("好坏", "坏"),
    ),
    None: (
        ("提升", "得到上级肯定"),
        ("及时", "延迟"),
        ("不超过预算", "未超预算"),
        ("依法处置", "不合格产品已处置"),
        ("9月前", "7月"),
        ("优良中低差", "优良中低差"),
        ("零事故", "无事故"),
        ("提升", ""),
        ("完成", "完成80%"),
        ("健全", "建立了包括巡查、考核、奖惩在内的十二项管理制度"),
    ),
}
PAIRS = [(how, target, actual) for how, pairs in KNOWN.items() for target, actual in pairs]


@pytest.mark.parametrize(("how", "target", "actual"), PAIRS)
def test_words_of_degree_tell_how_far_a_target_is_met(
    how: Met | None, target: str, actual: str
) -> None:
    form = report({"indicators": f"name | target | actual\n甲 | {target} | {actual}"})
    (row,) = recompute(form).indicators
    assert row.met is how


LITTLE = (
    "投诉率",
    "在职人员控制率",
    "预算调整率",
    "结转结余率",
    "病死率",
    "三公经费变动率",
    "候诊时间",
)
MUCH = (
    "投诉处理率",
    "事故处置及时率",
    "经费到位率",
    "预算支出率",
    "能耗下降率",
    "失业人员培训人数",
)


@pytest.mark.parametrize("name", [*LITTLE, *MUCH])
def test_the_end_of_a_name_tells_what_there_should_be_little_of_from_its_being_dealt_with(
    name: str,
) -> None:
    form = report({"indicators": f"name | target | actual\n{name} | 100% | 80%"})
    direction, _ = direction_of(form.indicators[0])
    assert direction is (Direction.LOWER if name in LITTLE else Direction.HIGHER)
