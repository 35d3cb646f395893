"""Each row with a score names the rules that judged it, or says why none could."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from samples import FOLDER
from sheets import forms, grid

import auditkit as ak
from auditkit.contract import review_json
from auditkit.findings import Outcome
from auditkit.report import number
from auditkit.reviewing import Review, Terms
from auditkit.rules import RULES
from auditkit.rules.covering import JUDGING, Unjudged
from auditkit.wording import Statement
from auditkit.workpapers.html import page
from auditkit.workpapers.xlsx import book
from reports import judged, report

FORM = {
    "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 100             | 95      | 10     | 95%            | 9.5
""",
    "indicators": """
dimension | name     | target   | actual       | points | score
产出指标  | 图书册数 | ≥90册    | 92册         | 50     | 50
效益指标  | 分出率   | 15%~20%  | 17%          | 20     | 20
效益指标  | 影响力   | 扩大     | 得到上级肯定 | 10     | 10
满意度    | 满意度   | ≥90%     | 93%          |        | 10
""",
    "total": ("100", "99.5"),
}


@pytest.fixture
def review() -> Review:
    return judged(report(FORM))


def test_each_row_with_a_score_names_its_rules_or_why_it_has_none(review: Review) -> None:
    told = {row.subject.rpartition("/")[2]: row for row in review.coverage}
    assert "EX-02" in told["total"].rules
    assert {"SC-02", "SC-03"} <= set(told["图书册数"].rules)
    assert "SC-10" in told["分出率"].rules
    kinds = {name: row.unjudged.kind for name, row in told.items() if row.unjudged}
    assert kinds == {"影响力": Unjudged.WORDS, "满意度": Unjudged.NO_POINTS}


def test_a_row_that_no_rule_judged_is_left_open_by_a_finding(review: Review) -> None:
    left = {f.observation.subject for f in review.findings_of(Outcome.OPEN)}
    assert {row.subject for row in review.coverage if row.unjudged} <= left


def test_rules_that_were_not_put_judge_nothing() -> None:
    some = tuple(rule for rule in RULES if rule.id not in JUDGING)
    coverage = judged(report(FORM), Terms(rules=some)).coverage
    assert {row.rules for row in coverage} == {()}
    assert coverage[0].unjudged is not None
    assert coverage[0].unjudged.kind is Unjudged.NO_RULE


def test_the_coverage_is_told_in_json_in_the_language_of_the_review() -> None:
    told = review_json(judged(report(FORM), Terms(lang="zh")))["coverage"]
    assert {"subject": "indicator/满意度/-/满意度", "rules": [], "open": "表中未列该行分值"} in told
    assert all((row["open"] is None) == bool(row["rules"]) for row in told)
    json.dumps(told)


def test_the_coverage_of_the_rows_is_shown_and_stands_in_the_papers(review: Review) -> None:
    shown = ak.show(review, "judged").rows
    assert [row[1] for row in shown[:2]] == ["", ""], "those that no rule judged come first"
    why = "the form prints no points for this row"
    sheet = load_workbook(BytesIO(book([review])))["Coverage 覆盖"]
    assert why in [cell.value for row in sheet.iter_rows() for cell in row]
    assert why in page([review])


@pytest.mark.parametrize(
    "folder", sorted(p for p in FOLDER.iterdir() if p.is_dir()), ids=lambda p: p.name
)
def test_every_scored_row_of_the_samples_is_covered(folder: Path) -> None:
    (file,) = (p for p in folder.iterdir() if p.suffix != ".toml")
    for one in ak.review(file):
        rows = [row for row in one.report.indicators if number(row.score) is not None]
        told = {row.subject: row for row in one.coverage}
        assert {row.path for row in rows} <= set(told)
        assert all(bool(row.rules) != bool(row.unjudged) for row in told.values())


def test_what_is_found_of_a_row_besides_does_not_judge_its_score() -> None:
    form = {
        "indicators": """
dimension | name     | target | actual       | points | score | explanation
满意度    | 影响力   | 扩大   | 得到上级肯定 | 10     | 9     |
满意度    | 满意度   | ≥90%   | 92%          | 10     | 10    |
"""
    }
    review = judged(report(form))
    path = review.report.indicators[0].path
    assert ("DV-01", path) in {
        (f.rule, f.observation.subject) for f in review.findings_of(Outcome.FAIL)
    }
    (row,) = (row for row in review.coverage if row.subject == path)
    assert row.rules == ()
    assert row.unjudged is not None


def test_a_score_that_stands_over_several_rows_is_held_against_none_of_them() -> None:
    head, *rows = (
        "一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施",
        "产出指标 | 养护里程 | ≥120公里 | 120公里 | 50 | 49.6 | ",
        "^ | 养护及时率 | 100% | 96% | ^ | ^ | 6月连续降雨影响施工,次年提前安排",
        "效益指标 | 受益行政村 | ≥35个 | 35个 | 30 | 30 | ",
    )
    name = "项目名称 | 道路养护 | < | < | < | < | <"
    (form,) = forms(grid("\n".join((name, head, *rows))))
    found = judged(form)
    failed = {f.rule for f in found.findings_of(Outcome.FAIL) if "养护" in f.observation.subject}
    assert not failed & {"SC-02", "SC-03", "DV-01"}
    shared = next(row for row in found.coverage if "养护里程" in row.subject)
    assert shared.unjudged == Statement(Unjudged.SHARED)
