"""No rule fails on any form, however it is filled in, and every finding can be said."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.findings import put_rules
from auditkit.recompute import recompute
from auditkit.rules import RULES
from auditkit.standards import load
from reports import report

STANDARDS = load()
TEXT = """
0 0.00 100 -5 10 9999999999999999999999999999999 0.0000001 1,234.50 12% -3% 120% ≥95% ≤0 =0 ≥0
>100% 无 — / ~ 及时 较及时 优良中低差 定性 完成 未完成 是 2022年12月底前 2023.12 9月前 3-5个
1.5万人次 20台 550万元 72890元 0.9‰ (100字以内) 每季度一次 5.8万 290% 预算执行率 资金支付率
项目总成本 满意度 成本控制 部分达成年度指标并具有一定效果 达成年度指标 产出指标(50分) 效益指标
满意度指标10分 数量指标 成本指标 经济效益指标 x?? 2021年2022年 执行率100%,满意度98% (( * [ \\
"""
TEXTS = TEXT.split()
cell = st.sampled_from(["", *TEXTS])
AMOUNTS = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
COLUMNS = ("dimension", "category", "name", "target", "actual", "points", "score", "explanation")
LINES = ("total", "appropriation", "other", "基本支出", "项目支出")
HEADS = ("title", "project", "department", "implementer", "rating")


def rows(columns: tuple[str, ...], least: int) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.tuples(*(cell for _ in columns)).map(list), min_size=least, max_size=5)


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    money = [[name, *row] for name, row in zip(LINES, draw(rows(AMOUNTS, 1)), strict=False)]
    return {
        **{name: draw(cell) for name in HEADS},
        "year": draw(st.sampled_from(["2019", "2022", "2024", "x"])),
        "currency_unit": draw(st.sampled_from(["元", "万元", "", "亿元"])),
        "goals": (draw(cell), draw(cell)),
        "total": (draw(cell), draw(cell)),
        "extra": {"小计/产出指标/points": draw(cell), "说明": draw(cell)},
        "budget": "\n".join(" | ".join(row) for row in [["name", *AMOUNTS], *money]),
        "indicators": "\n".join(" | ".join(row) for row in [COLUMNS, *draw(rows(COLUMNS, 0))]),
    }


@settings(max_examples=60)
@given(forms(), st.sampled_from(["420000", "510000", "450000", "120000", "330000"]))
def test_no_rule_fails_on_any_form(spec: dict[str, Any], code: str) -> None:
    place = STANDARDS.jurisdiction(code, date(2024, 12, 31))
    for finding in put_rules(RULES, recompute(report(spec)), STANDARDS, place):
        assert finding.message()
        assert finding.message("zh")
