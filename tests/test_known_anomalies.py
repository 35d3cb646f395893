"""Kinds of error that published forms really show are found, and what only looks odd is not.

The figures are those of published forms; names stand in for long ones.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from auditkit.findings import Finding, Outcome, Severity, put_rules
from auditkit.recompute import recompute
from auditkit.rules import RULES
from auditkit.standards import load
from reports import report

STANDARDS = load()

FORMS: dict[str, dict[str, Any]] = {
    "a gymnasium of Shanghai 2022": {
        "year": "2022",
        "jurisdiction": "310000",
        "budget": """
name          | adjusted_budget | outturn    | points | execution_rate | score
total         | 250000.00       | 215,457.60 | 10     | 86.19%         | 8.62
appropriation | 250000.00       | 215457.6   | —      | 86.19%         | —
""",
        "indicators": """
dimension | category | name   | target | actual | points | score | explanation
产出指标  | 数量指标 | 开放   | >=360天 | 365天 | 50     | 50    |
效益指标  | 社会效益 | 服务   | 提升   | 提升   | 30     | 30    |
满意度    | 满意度   | 满意度 | >=90%  | 100%   | 10     | 10    |
""",
        "goals": ("", "按计划开放。"),
        "total": ("100", "98.62"),
        "found": ["EX-01 note", "CP-01 warning"],
        "errors": [],
    },
    "trade services 2020": {
        "year": "2020",
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 600             | 600     | 20     | 100%           | 20
""",
        "indicators": """
dimension      | name | target | actual | score
产出指标(60分) | 甲   | 5个    | 5个    | 60
效益指标(40分) | 乙   | 提升   | 提升   | 40
""",
        "total": ("~", "100"),
        "found": ["WT-01 error", "TT-01 error"],
        "errors": ["WT-01", "TT-01"],
    },
    "a town 2020": {
        "year": "2020",
        "budget": """
name          | adjusted_budget | outturn      | points | execution_rate | score
total         | 145000000.00    | 145000000.00 | 10     | 100.0%         | 10
appropriation |                 |              |        | 0.0%           |
other         | 145000000.00    |              |        | 0.0%           |
""",
        "indicators": """
name   | target | actual   | points | score
完成率 | 100%   | 100%     | 15     | 15
合格率 | 100%   | 80%      | 11     | 11
及时性 | 及时   | 较及时   | 7      | 7
覆盖面 | 100%   | 90%      | 9      | 9
居民   | >80%   | >70%     | 3      | 3
其余   | 达标   | 基本达标 | 28     | 28
""",
        "total": ("~", "83"),
        "found": ["EX-08 warning", "EX-05 note", "WT-01 error", "SC-03 error", "SC-07 warning"],
        "errors": ["WT-01", "SC-03"],
    },
    "a boiler 2019": {
        "year": "2019",
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 43.2            | 37.24   | 10     | 86.20%         | 9
""",
        "indicators": """
category | name | target | actual | points | score | explanation
数量 | 金额 | 43.2   | 37.24  | 10     | 9     | 质保金未付。
质量 | 合格 | 100    | 100    | 80     | 80    | 0
""",
        "total": ("100", "98"),
        "found": ["EX-02 error", "SC-03 note", "IN-07 note", "CP-05 note"],
        "errors": ["EX-02"],
    },
    "relief 2019": {
        "year": "2019",
        "budget": """
name          | adjusted_budget | outturn | points | execution_rate | score
total         | 30              | 30      | 10     | 100%           | 10
appropriation | 30              | 30      | 10     | 100%           | 10
""",
        "indicators": """
name     | target    | actual    | points | score | explanation
供养人数 | >=4754人  | 4604人    | 5      | 5     | 自然减少
救助标准 | <=5300元/户 | 5830元/户 | 10   | 10    |
其余     | >=530元/人*月 | 583元/人*月 | 75 | 75  |
""",
        "total": ("100", "100"),
        "found": ["SC-03 error", "SC-04 error", "EX-11 note"],
        "errors": ["SC-03", "SC-04"],
    },
    "public health 2021": {
        "year": "2021",
        "budget": """
name  | initial_budget | adjusted_budget | outturn  | points | execution_rate | score
total | 0              | 0               | 207.4538 | 10     | 100%           | 10
""",
        "indicators": """
name | target  | actual  | points | score | explanation
档案 | 38508人 | 37442人 | 3      | 3     |
高压 | 3807人  | 3224人  | 2      | 1.9   |
精神 | 212人   | 209人   | 2      | 1.8   |
管理 | 1228人  | 770人   | 2      | 1.8   |
""",
        "found": ["EX-05 error", "SC-03 error", "SC-03 note", "DV-01 warning"],
        "errors": ["EX-05", "SC-03"],
    },
    "villages 2023": {
        "year": "2023",
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 329.77          | 338.31  | 10     | 102.59%        |
""",
        "indicators": "name | target | actual | points | score\n甲 | ≥2000 | 3061 | 90 | 90",
        "found": ["EX-04 warning", "CP-01 warning"],
        "errors": [],
    },
    "monuments 2022": {
        "year": "2022",
        "budget": """
name          | adjusted_budget | outturn | points | execution_rate | score
total         | 29              | 27.8    | 9      | 0.958          | 8
appropriation | 29              | 27.8    | 9      | 0.958          | 8
""",
        "indicators": """
name   | target | actual | points | score | explanation
通过率 | 100%   | 95%    | 6      | 5     |
""",
        "found": ["EX-01 note", "EX-02 warning", "SC-03 note", "DV-01 warning"],
        "errors": [],
    },
    "a mushroom yard 2022": {
        "year": "2022",
        "indicators": """
name | target | actual | points | score
设备 | 550    | 20     | 9.3    | 9.3
面积 | ≥100%  | ≥100%  | 10.3   | 10.3
其余 | 3      | 3      | 10.8   | 10.8
""",
        "found": ["SC-03 error"],
        "errors": ["SC-03"],
    },
    "a water gauge 2022": {
        "year": "2022",
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 20              | 20      | 10     | 100.00%        | 10
""",
        "indicators": """
name | target  | actual  | points | score
甲   | ≥266米  | ≥266米  | 70     | 70
乙   | 显著提升 | 显著提升 | 20    | 20
丙   | ≥95%    | ≥95%    | 10     | 10
""",
        "total": ("100", "100"),
        "found": ["WT-01 error", "TT-01 error"],
        "errors": ["WT-01", "TT-01"],
    },
    "land patrol 2020": {
        "year": "2020",
        "currency_unit": "万元",
        "project": "2020年卫片执法补助经费支出绩效自评表",
        "goals": ("卫片执法补助经费", "卫片执法补助经费"),
        "budget": """
name  | initial_budget | adjusted_budget | outturn | points | execution_rate | score
total | 7.29           | 7.29            | 7.29    | 10.00  | 100%           | 10.00
""",
        "indicators": """
category | name       | target   | actual | points | score | explanation
数量指标 | 补助经费   | =72890元 | 72890  | 10.00  | 9.00  |
质量指标 | 验收合格率 | =100%    | 100    | 20     | 19    |
社会效益 | 责停率     | ≥95%     | 95     | 30.00  | 27.00 |
""",
        "found": ["SC-02 warning", "GO-01 warning", "GO-04 warning", "CP-04 note", "IN-07 note"],
        "errors": [],
    },
    "a pig farm 2022": {
        "year": "2022",
        "currency_unit": "万元",
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 50              | 10      | 20     | 20             | 4
""",
        "indicators": """
category | name           | target | actual | score
数量指标 | 公猪舍(平方米) | 22.8   | 22.8   | 1
数量指标 | 母猪舍(平方米) | 180    | 180    | 3
数量指标 | 隔离舍(平方米) | 54     | 54     | 2
数量指标 | 仓库(平方米)   | 104    | 104    | 2
数量指标 | 排污沟(米)     | 50     | 50     | 1
数量指标 | 种母猪(头)     | 20     | 20     | 2
""",
        "found": ["DV-07 warning", "IN-05 note", "EX-06 note"],
        "errors": [],
    },
    "a road 2021": {
        "year": "2021",
        "indicators": """
category | name               | target | actual
数量指标 | 二级公路32.1公里   | 20     | 20
质量指标 | 符合验收要求       | 20     | 20
时效指标 | 按期完成投资       | 20     | 20
满意度   | 通行服务群众满意度 | 40     | 40
""",
        "found": ["IN-08 warning"],
        "errors": [],
    },
}
TRAPS: dict[str, dict[str, Any]] = {
    "all digits are stripped": {
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total |                 |         |        |                |
""",
        "indicators": "name | target | actual | points | score\n国家奖学金人数 | | | |",
    },
    "zero targets are met by nought": {
        "indicators": """
name     | target | actual | points | score
变质比例 | 0      | 0      | 10     | 10
事故数   | 0次    | 0次    | 10     | 10
"""
    },
    "a sign is misread": {
        "indicators": "name | target | actual | points | score\n满意度 | 290% | 95% | 10 | 10"
    },
    "points with one decimal": {
        "budget": "name | points\ntotal | 10",
        "indicators": "name | points\n甲 | 10.3\n乙 | 9.3\n丙 | 9.3\n丁 | 10.8\n戊 | 10.3\n己 | 40",
        "total": ("100", "~"),
    },
    "one score for two rows": {
        "budget": "name | points | score\ntotal | 10 | 10",
        "indicators": "name | points | score\n甲 | 90 | 90\n乙 | ~ | ~",
        "total": ("100", "100"),
    },
    "a block scored without points": {
        "budget": "name | adjusted_budget | outturn | score\ntotal | 100 | 50 | 20",
        "indicators": "name | score\n甲 | 20\n乙 | 14",
        "total": ("~", "100"),
    },
    "twenty means twenty per cent": {
        "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 50              | 10      | 20     | 20             | 4
"""
    },
    "an amount in yuan beside one rounded to ten thousands": {
        "currency_unit": "万元",
        "budget": "name | adjusted_budget | outturn\ntotal | 7.29 | 7.29",
        "indicators": "category | name | target | actual\n成本 | 补助经费 | 72890元 | 72890元",
    },
    "a bonus above the points": {
        "indicators": """
name     | target | actual | points | score | explanation
工作安排 | 2次    | 2次    | 1      | 2     | 领导批示加分
其余     | 3期    | 3期    | 99     | 99    |
""",
        "total": ("100", "101"),
    },
    "the same amount in two styles": {
        "budget": """
name          | adjusted_budget | outturn
total         | 250,000.00      | 215,457.6
appropriation | 250000          | 215457.60
"""
    },
}


def failed(spec: dict[str, Any]) -> list[Finding]:
    on = date(int(spec.get("year", "2022")), 12, 31)
    place = STANDARDS.jurisdiction(spec.get("jurisdiction", "000000"), on)
    found = put_rules(RULES, recompute(report(spec)), STANDARDS, place)
    return [finding for finding in found if finding.outcome is Outcome.FAIL]


@pytest.mark.parametrize("name", FORMS)
def test_what_is_wrong_in_published_forms_is_found(name: str) -> None:
    said = {f"{f.rule} {f.severity.value}" for f in failed(FORMS[name])}
    assert set(FORMS[name]["found"]) <= said


@pytest.mark.parametrize("name", FORMS)
def test_nothing_else_in_published_forms_is_called_an_error(name: str) -> None:
    errors = {f.rule for f in failed(FORMS[name]) if f.severity is Severity.ERROR}
    assert errors == set(FORMS[name]["errors"])


@pytest.mark.parametrize("name", TRAPS)
def test_what_only_looks_odd_is_a_remark_at_most(name: str) -> None:
    found = [f for f in failed(TRAPS[name]) if f.severity is not Severity.NOTE]
    assert [(f.rule, f.message()) for f in found if f.rule not in ("CP-01", "CP-03")] == []
