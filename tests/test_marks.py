"""What a form says of its points and scores is taken as it says it, in whatever shape."""

from __future__ import annotations

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, said
from sheets import forms, grid

from auditkit.findings import Finding, Outcome
from auditkit.report import Report
from reports import judged

TOLD = (Outcome.FAIL, Outcome.REVIEW)
APART = LABELS.replace("偏差原因分析及改进措施", "偏差原因分析 | 改进措施")
WIDER = "\n".join(f"{line} | <" for line in HEAD.strip().splitlines())
MEASURED = """
^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 | 无 | 无
^ | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 | |
^ | 满意度指标 | 满意度指标 | 群众满意度 | ≥90% | 88% | 10 | 9.78 | | 受施工绕行影响,次年错峰施工
总分 | < | < | < | < | < | 100 | 98.78 | |
"""


def read(labels: str, rows: str, head: str = HEAD) -> Report:
    lines = "\n".join((head, labels, rows)).splitlines()
    (report,) = forms(grid("\n".join(filter(str.strip, lines)), heading=TITLE))
    return report


def told(report: Report, *rules: str) -> list[Finding]:
    """Return what some rules find, or ask, of a form."""
    found = judged(report).findings
    return [one for one in found if one.rule in rules and one.outcome in TOLD]


@pytest.mark.parametrize(
    "labels", [APART, APART.replace("偏差原因分析 | 改进措施", "改进措施 | 偏差原因分析")]
)
def test_measures_in_a_column_of_their_own_explain_as_causes_do(labels: str) -> None:
    report = read(labels, MEASURED, WIDER)
    causes = said(*(row.explanation for row in report.indicators))
    assert causes == ["无", "", "受施工绕行影响,次年错峰施工"]
    assert report.unplaced == ()
    assert told(report, "DV-01", "DV-05") == []


def test_a_text_beside_lost_points_in_a_column_that_is_not_understood_is_for_a_person() -> None:
    strange = APART.replace("改进措施", "补充情况")
    (one,) = told(read(strange, MEASURED, WIDER), "DV-01")
    assert one.outcome is Outcome.REVIEW
    assert all("补充情况" in one.message(lang) for lang in ("en", "zh"))
    (bare,) = told(
        read(strange, MEASURED.replace("受施工绕行影响,次年错峰施工", ""), WIDER), "DV-01"
    )
    assert bare.outcome is Outcome.FAIL


SHARED = ROWS.replace("| 50 | 50 |", "| 80 | 50 |").replace("| 30 | 30 |", "| ^ | 30 |")
SCORED_ONCE = ROWS.replace("| 50 | 50 |", "| 50 | 80 |").replace("| 30 | 30 |", "| 30 | ^ |")


@pytest.mark.parametrize("rows", [SHARED, SCORED_ONCE])
def test_points_that_rows_share_are_held_against_the_sum_of_their_scores(rows: str) -> None:
    report = read(LABELS, rows)
    assert told(report, "DV-01", "SC-01", "WT-05") == []
    less = rows.replace("| 30 |", "| 20 |") if rows is SHARED else rows.replace("| 80 |", "| 70 |")
    (one,) = told(read(LABELS, less), "DV-01")
    assert "70 of 80 points, 10 lost" in one.message("en")


def with_sum(after: str, label: str, points: str, score: str, rows: str = ROWS) -> str:
    """Return the rows with a sum below one of them."""
    own = f"^ | {label} | < | < | < | < | {points} | {score} |"
    lines = rows.strip().splitlines()
    at = next(n for n, line in enumerate(lines) if after in line)
    return "\n".join([*lines[: at + 1], own, *lines[at + 1 :]])


@pytest.mark.parametrize(
    ("after", "label", "points", "score"),
    [
        ("群众满意度", "合计", "90", "89.78"),
        ("群众满意度", "小计", "100", "98.78"),  # with the execution
        ("通行能力", "小计", "80", "80"),
        ("通行能力", "小计", "30", "30"),
    ],
)
def test_a_sum_that_names_no_dimension_is_of_whatever_adds_up(
    after: str, label: str, points: str, score: str
) -> None:
    report = read(LABELS, with_sum(after, label, points, score))
    assert told(report, "WT-02", "TT-01") == []
    assert report.unplaced == ()


@pytest.mark.parametrize(
    ("after", "label", "points", "score"),
    [
        ("群众满意度", "合计", "85", "89.78"),
        ("群众满意度", "满意度指标小计", "90", "9.78"),
        ("养护里程", "产出指标小计", "50", "45"),
        ("养护里程", "小计", "50", "45"),
    ],
)
def test_a_sum_that_fits_no_rows_is_an_error_in_points_and_score(
    after: str, label: str, points: str, score: str
) -> None:
    (one,) = told(read(LABELS, with_sum(after, label, points, score)), "WT-02")
    assert one.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "row",
    [
        "^ | 加分 | | 获省级表彰 | | | | 2 | 省级文件",
        "^ | 加分项 | 奖励 | 获省级表彰 | | | 0 | 2 | 省级文件",
        "^ | 加减分:获省级表彰 | | | | | | 2 | 省级文件",
        "^ | 扣分项 | | 资料迟报 | | | | -3 | 迟报两次",
        "^ | 扣分项 | | 资料迟报 | | | 0 | -3 | 迟报两次",
    ],
)
def test_a_row_that_the_form_calls_a_bonus_or_a_deduction_needs_no_target_and_no_points(
    row: str,
) -> None:
    *lines, total = ROWS.replace("88% | 10 | 9.78", "92% | 10 | 10").strip().splitlines()
    funds = HEAD.replace("180.00", "200.00").replace("90.00% | 9.00", "100.00% | 10.00")
    off = 2 if "| 2 |" in row else -3
    report = read(LABELS, "\n".join([*lines, row, total.replace("98.78", str(100 + off))]), funds)
    found = judged(report).findings
    usual = judged(read(LABELS, "\n".join([*lines, total.replace("98.78", "100")]), funds)).findings
    wrong, before = (
        {(one.rule, one.severity) for one in some if one.outcome in TOLD} for some in (found, usual)
    )
    assert wrong - before == set()


BARE = LABELS.replace("分值 | 得分", "得分").replace("三级指标 |", "三级指标 | < |")
NAMED = """
^ | 产出指标 | 数量指标 | 养护里程(50分) | < | ≥100公里 | 100公里 | 50 |
^ | 效益指标 | 社会效益指标 | 通行能力(30分) | < | 有效改善 | 有效改善 | 30 |
^ | 满意度指标 | 满意度指标 | 群众满意度(10分) | < | ≥90% | 90% | 10 |
总分 | < | < | < | < | < | < | 99 |
"""


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ("| 100公里 | 50", "| 70公里 | 50", ["SC-03"]),
        ("| 100公里 | 50", "| 100公里 | 60", ["SC-01"]),
        ("| 100公里 | 50", "| 100公里 | 50", []),
        ("(30分)", "", []),  # then nothing says that the others are points of rows
    ],
)
def test_points_in_the_names_of_all_rows_are_the_points_of_the_rows(
    before: str, after: str, rules: list[str]
) -> None:
    report = read(BARE, NAMED.replace(before, after))
    errors = [one for one in told(report, "SC-01", "SC-03", "WT-01") if one.severity == "error"]
    assert [one.rule for one in errors] == rules


@pytest.mark.parametrize(("off", "count"), [("5", 0), ("-5", 0), ("0", 1), ("4", 1), ("", 0)])
def test_what_is_printed_as_taken_off_is_what_the_score_lacks(off: str, count: int) -> None:
    labels = LABELS.replace("得分 |", "扣分 | 得分 |")
    rows = f"""
^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 90公里 | 50 | {off} | 45 | 汛期停工
^ | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 40 | 0 | 40 |
总分 | < | < | < | < | < | 100 | | 94 |
"""
    found = told(read(labels, rows, WIDER), "SC-01")
    assert len(found) == count
    assert all(f"{off} are printed as taken off" in one.message("en") for one in found)
