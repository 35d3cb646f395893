"""Blocks of one form in any order and shape."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, rows, said
from sheets import forms, grid

from auditkit.doubts import Doubt, DoubtKind, NoteKind
from auditkit.report import Report
from auditkit.wording import Term

PROJECT, FUNDS, GOALS = (
    "".join(f"{line}\n" for line in part)
    for part in (
        HEAD.strip().splitlines()[:2],
        HEAD.strip().splitlines()[2:6],
        HEAD.strip().splitlines()[6:],
    )
)
*INDICATORS, TOTAL = [f"{LABELS}\n", *(f"{line}\n" for line in ROWS.strip().splitlines())]
TABLE = "".join(INDICATORS)


def read(*blocks: str) -> Report:
    (report,) = forms(grid("".join(blocks), heading=TITLE))
    return report


def shape(report: Report) -> tuple[object, ...]:
    return (
        said(report.total_points, report.total_score, report.goals.expected, report.goals.actual),
        [said(line.label, line.outturn, line.score) for line in report.budget_lines],
        rows(report, "dimension", "name", "target", "actual", "points", "score", "explanation"),
        report.unplaced,
    )


def test_blocks_are_found_in_any_order() -> None:
    usual = shape(read(PROJECT, FUNDS, GOALS, TABLE, TOTAL))
    assert shape(read(PROJECT, TABLE, TOTAL, FUNDS, GOALS)) == usual
    assert shape(read(PROJECT, TABLE, TOTAL, GOALS, FUNDS)) == usual
    assert shape(read(PROJECT, FUNDS, TABLE, TOTAL, GOALS)) == usual
    assert shape(read(PROJECT, GOALS, TABLE, TOTAL, FUNDS)) == usual


def test_a_total_of_its_own_stands_anywhere_between_the_blocks() -> None:
    usual = shape(read(PROJECT, FUNDS, GOALS, TABLE, TOTAL))
    own = "合计 | 100 | 98.78 | < | < | < | < | < | <\n"
    assert shape(read(PROJECT, own, FUNDS, GOALS, TABLE)) == usual
    assert shape(read(PROJECT, FUNDS, own, GOALS, TABLE)) == usual
    assert shape(read(PROJECT, FUNDS, GOALS, own, TABLE)) == usual
    assert shape(read(PROJECT, FUNDS, GOALS, TABLE, own)) == usual


def test_a_total_after_each_dimension_is_the_sum_of_that_dimension() -> None:
    head, *leaves = INDICATORS
    sums = ("50 | 50", "30 | 30", "10 | 9.78")
    block = [
        f"{leaf}^ | 合计 | < | < | < | < | {two} |\n"
        for leaf, two in zip(leaves, sums, strict=True)
    ]
    report = read(PROJECT, FUNDS, GOALS, head, *block, TOTAL)
    assert len(report.indicators) == 3
    assert said(report.total_points, report.total_score) == ["100", "98.78"]
    assert dict(report.extra)["小计/效益指标/points"].text == "30"
    assert report.unplaced == ()


def test_goals_may_stand_beside_or_below_their_labels() -> None:
    wide = " | <" * 6
    beside = (
        f"年度总体目标 | 预期目标 | 养护道路一百公里{wide}\n^ | 实际完成情况 | 完成养护{wide}\n"
    )
    long = "养护道路一百公里并修补路面裂缝坑槽"
    below = f"预期目标 | < {wide} | <\n{long} | < {wide} | <\n"
    below += f"实际完成情况 | < {wide} | <\n{long}已完成 | < {wide} | <\n"
    goals = read(PROJECT, FUNDS, beside, TABLE, TOTAL).goals
    assert said(goals.expected, goals.actual) == ["养护道路一百公里", "完成养护"]
    goals = read(PROJECT, FUNDS, below, TABLE, TOTAL).goals
    assert said(goals.expected, goals.actual) == [long, f"{long}已完成"]


def test_each_dimension_may_have_a_table_of_its_own() -> None:
    head, *leaves = [line[line.index("|") + 1 :] for line in INDICATORS]
    total = TOTAL[: TOTAL.index("|") + 1] + TOTAL[TOTAL.index("|") + 4 :]
    tables = [grid(head + leaf.replace("^", "")) for leaf in leaves]
    (report,) = forms(grid(PROJECT + FUNDS + GOALS, heading=TITLE), *tables, grid(total))
    assert shape(report) == shape(read(PROJECT, FUNDS, GOALS, TABLE, TOTAL))


def test_prose_between_the_rows_of_a_table_does_not_end_it() -> None:
    head, first, *rest = INDICATORS
    prose = (
        "^ | 以下指标由项目单位组织自评后填报,请各单位核对后再行上报 | < | < | < | < | < | < | <\n"
    )
    report = read(PROJECT, FUNDS, GOALS, head, first, prose, *rest, TOTAL)
    assert shape(report)[:3] == shape(read(PROJECT, FUNDS, GOALS, TABLE, TOTAL))[:3]
    assert [cell.text[:4] for cell in report.unplaced] == ["以下指标"]


def test_a_row_of_the_template_is_no_indicator() -> None:
    blank = "^ | 产出指标 | 数量指标 | 指标2:…… | | | | |\n"
    report = read(PROJECT, FUNDS, GOALS, *INDICATORS[:2], blank, *INDICATORS[2:], TOTAL)
    assert len(report.indicators) == 3


def test_a_sign_or_unit_of_none_is_no_part_of_the_target() -> None:
    block = """
项目名称 | 道路养护 | < | < | < | <
一级指标 | 三级指标 | 指标性质 | 指标值 | 计量单位 | 完成值
产出指标 | 养护里程 | ≥ | 95 | % | 96
产出指标 | 养护质量 | 无 | 合规 | 无 | 合规
"""
    (report,) = forms(grid(block))
    assert rows(report, "target") == [["≥95%"], ["合规"]]


TREE = """
绩效指标 | 指标名称 | < | < | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
^ | 产出指标 | < | < | | | 50 | 50 |
^ | 数量指标 | < | < | | | 50 | 50 |
^ | 养护里程 | < | < | ≥100公里 | 100公里 | 50 | 50 |
^ | 效益指标 | < | < | | | 30 | 30 |
^ | 群众出行 | < | < | | | 30 | 30 |
^ | 通行能力 | < | < | 有效改善 | 有效改善 | 20 | 20 |
^ | 出行时间 | < | < | 有效缩短 | 有效缩短 | 10 | 10 |
^ | 满意度指标 | < | < | | | 10 | 9.78 |
^ | 群众满意度 | < | < | ≥90% | 88% | 10 | 9.78 | 路面施工期间绕行
总分 | < | < | < | < | < | 100 | 98.78 |
"""


def test_levels_in_one_column_are_told_by_their_sums_and_names() -> None:
    report = read(PROJECT, FUNDS, GOALS, TREE.lstrip())
    assert rows(report, "dimension", "category", "name", "points") == [
        ["产出指标", "数量指标", "养护里程", "50"],
        ["效益指标", "群众出行", "通行能力", "20"],
        ["效益指标", "群众出行", "出行时间", "10"],
        ["满意度指标", None, "群众满意度", "10"],
    ]
    assert report.unplaced == ()


@pytest.mark.parametrize("head", ["年度指标值", "实际完成值"])
def test_levels_in_one_column_are_told_without_a_column_of_values(head: str) -> None:
    usual = read(PROJECT, FUNDS, GOALS, TREE.lstrip())
    report = read(PROJECT, FUNDS, GOALS, TREE.lstrip().replace(head, "流转序"))
    names = ("dimension", "category", "name", "points", "score")
    assert rows(report, *names) == rows(usual, *names)


def test_a_row_without_values_that_sums_up_nothing_is_an_indicator_left_blank() -> None:
    head, _, rest = TREE.lstrip().partition("^ | 效益指标")
    blank = "^ | 养护质量 | < | < | | | 7 | 0 |\n"
    report = read(PROJECT, FUNDS, GOALS, f"{head}{blank}^ | 效益指标{rest}")
    assert rows(report, "category", "name", "target", "points")[1:3] == [
        ["数量指标", "养护质量", "", "7"],
        ["群众出行", "通行能力", "有效改善", "20"],
    ]


def test_a_column_of_dates_or_remarks_left_of_the_amounts_names_no_row() -> None:
    funds = """
项目资金（万元） | | 流转日期 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分 | 备查
^ | 年度资金总额 | 2023-03-01 | 200.00 | 180.00 | 10 | 90.00% | 9.00 |
^ | 其中:当年财政拨款 | 另行保存 | 200.00 | 180.00 | — | — | — |
"""
    report = read(PROJECT, funds.lstrip(), GOALS, TABLE, TOTAL)
    assert [line.name for line in report.budget_lines] == ["total", "appropriation"]
    assert said(*(line.label for line in report.budget_lines)) == [
        "年度资金总额",
        "其中:当年财政拨款",
    ]
    assert {cell.text for cell in report.unplaced} == {"流转日期", "2023-03-01", "另行保存", "备查"}


def test_heads_may_stand_in_two_rows_with_every_column_below_a_group() -> None:
    block = """
项目名称 | 道路养护 | < | < | < | <
绩效指标 | < | 绩效指标值 | < | 自评 | <
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标 | 养护里程 | ≥100公里 | 100公里 | 90 | 90
"""
    (report,) = forms(grid(block))
    assert rows(report, "dimension", "name", "target", "actual", "points", "score") == [
        ["产出指标", "养护里程", "≥100公里", "100公里", "90", "90"]
    ]
    assert report.unplaced == ()


def test_points_are_those_of_the_third_level_where_each_level_has_some() -> None:
    block = """
项目名称 | 道路养护 | < | < | < | < | < | <
一级指标 | 分值 | 二级指标 | 分值 | 三级指标 | 分值 | 完成情况 | 得分
产出指标 | 60 | 数量指标 | 60 | 养护里程 | 40 | 100公里 | 40
^ | ^ | ^ | ^ | 养护桥梁 | 20 | 3座 | 20
效益指标 | 30 | 社会效益指标 | 30 | 通行能力 | 30 | 有效改善 | 30
"""
    (report,) = forms(grid(block))
    assert rows(report, "points") == [["40"], ["20"], ["30"]]
    assert report.unplaced == ()


def test_a_column_of_groups_is_a_level_whatever_its_head() -> None:
    table = TABLE.replace("一级指标", "流转序")
    report = read(PROJECT, FUNDS, GOALS, table, TOTAL)
    assert rows(report, "dimension")[1] == ["效益指标"]
    assert report.indicators[1].dimension is not None
    assert not report.indicators[1].dimension.is_sure
    assert [note.kind for note in report.notes] == [NoteKind.COLUMN_INFERRED]


def test_the_second_level_is_told_from_the_first_by_what_its_groups_are_called() -> None:
    table = TABLE.replace("一级指标", "流转序").replace("二级指标", "指标类别")
    report = read(PROJECT, FUNDS, GOALS, table, TOTAL)
    names = ("dimension", "category", "name")
    assert rows(report, *names) == rows(read(PROJECT, FUNDS, GOALS, TABLE, TOTAL), *names)
    category = report.indicators[0].category
    assert category is not None
    assert not category.is_sure


def test_the_text_of_a_goal_heads_no_columns_below_it() -> None:
    texts = ["养护道路一百公里并修补路面裂缝", "完成养护与修补工作并通过验收"]
    goals = f"预期目标 | {texts[0]} | 完成情况 | {texts[1]} | < | < | < | < | <\n"
    head, *leaves = [line[line.index("|") + 1 :].rstrip("\n") + " | \n" for line in INDICATORS]
    report = read(PROJECT, FUNDS, goals, head, *(leaf.replace("^", "") for leaf in leaves))
    assert said(report.goals.expected, report.goals.actual) == texts
    assert rows(report, "name", "target")[0] == ["养护里程", "≥100公里"]


def test_the_first_budget_is_told_from_the_last_by_its_words() -> None:
    funds = FUNDS.replace("年初预算数", "当年预算").replace("全年预算数", "最终预算数")
    funds = funds.replace("资金总额 | 200.00", "资金总额 | 190.00")
    line = read(PROJECT, funds, GOALS, TABLE, TOTAL).budget_lines[0]
    assert said(line.initial_budget, line.adjusted_budget) == ["190.00", "200.00"]


def test_a_column_does_not_mean_what_the_head_over_several_says() -> None:
    funds = FUNDS.replace(
        "项目资金（万元） | < | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分",
        "项目资金（万元） | < | | 预算执行情况（万元） | < | < | 分值 | 执行率 | 得分\n"
        "^ | ^ | ^ | 归集口径 | 全年预算数 | 全年执行数 | ^ | ^ | ^",
    )
    report = read(PROJECT, funds, GOALS, TABLE, TOTAL)
    line = report.budget_lines[0]
    assert said(line.initial_budget, line.adjusted_budget, line.outturn) == [
        *(None, "200.00", "180.00")
    ]
    assert [note["column"] for note in report.notes if "column" in dict(note.facts)] == ["归集口径"]


def test_a_total_under_a_head_that_nobody_knows_is_not_guessed() -> None:
    head, *leaves = INDICATORS
    turned = [line.rstrip("\n").split(" | ") for line in (head.replace("得分", "流转序"), *leaves)]
    block = [" | ".join((*c[:6], c[7], c[6], *c[8:])) + "\n" for c in turned]
    total = "总分 | < | < | < | < | < | 98.78 | 100 |\n"
    report = read(PROJECT, FUNDS, GOALS, *block, total)
    assert said(report.total_points, report.total_score) == ["100", None]
    assert "98.78" in [cell.text for cell in report.unplaced]


def test_the_number_of_a_page_in_a_row_of_its_own_is_furniture() -> None:
    foot = "第 1 页 共 1 页 | < | < | < | < | < | < | < | <\n"
    assert read(PROJECT, FUNDS, GOALS, TABLE, TOTAL, foot).unplaced == ()


TURNED = """
项目资金（万元） | 资金来源 | < | < | 年度资金总额 | 其中:当年财政拨款 | 其他资金 | < | <
^ | 全年预算数 | < | < | 200.00 | 200.00 | 0.00 | < | <
^ | 全年执行数 | < | < | 180.00 | 180.00 | 0.00 | < | <
^ | 分值 | < | < | 10 | — | — | < | <
^ | 执行率 | < | < | 90.00% | 90.00% | — | < | <
^ | 得分 | < | < | 9.00 | — | — | < | <
"""
PAIRED = """
项目资金（万元） | < | 年度资金总额 | 全年预算数 | 200.00 | 全年执行数 | 180.00 | 执行率 | 90.00%
^ | ^ | ^ | 分值 | 10 | 得分 | 9.00 | < | <
^ | ^ | 其中:当年财政拨款 | 全年预算数 | 200.00 | 全年执行数 | 180.00 | 执行率 | 90.00%
^ | ^ | 其他资金 | 全年预算数 | 0.00 | 全年执行数 | 0.00 | < | <
"""


@pytest.mark.parametrize("funds", [TURNED, PAIRED])
def test_funds_are_the_same_with_sources_as_columns_or_figures_beside_labels(funds: str) -> None:
    usual = read(PROJECT, FUNDS, GOALS, TABLE, TOTAL)
    other = read(PROJECT, funds.lstrip(), GOALS, TABLE, TOTAL)
    for role in ("name", "parent"):
        own, usually = ([getattr(line, role) for line in r.budget_lines] for r in (other, usual))
        assert own == usually
    for role in ("label", "adjusted_budget", "outturn", "points", "score"):
        own, usually = (
            [(value := getattr(line, role)) and value.text.strip("—") for line in r.budget_lines]
            for r in (other, usual)
        )
        assert [text or "" for text in own] == [text or "" for text in usually]
    assert shape(other)[2:] == shape(usual)[2:]
    assert said(other.currency_unit) == ["万元"]
    assert other.notes == usual.notes == ()


def test_a_figure_of_turned_funds_that_nobody_knows_is_named() -> None:
    funds = TURNED.replace("分值", "流转序")
    report = read(PROJECT, funds.lstrip(), GOALS, TABLE, TOTAL)
    assert said(report.budget_lines[0].outturn, report.budget_lines[0].points) == ["180.00", None]
    assert "流转序" in {cell.text for cell in report.unplaced}


def test_a_goal_by_another_name_is_known_by_its_neighbour_and_words() -> None:
    usual = read(PROJECT, FUNDS, GOALS, TABLE, TOTAL).goals
    for name in ("本年度目标", "当年任务"):
        goals = read(PROJECT, FUNDS, GOALS.replace("预期目标", name), TABLE, TOTAL).goals
        assert said(goals.expected, goals.actual) == said(usual.expected, usual.actual)
    wide = " | <" * 6
    text = "养护道路一百公里并修补路面裂缝和坑槽"
    beside = f"年度总体目标 | 本年度目标 | {text}{wide}\n^ | 实际完成情况 | 完成养护{wide}\n"
    goals = read(PROJECT, FUNDS, beside, TABLE, TOTAL).goals
    assert said(goals.expected, goals.actual) == [text, "完成养护"]


def test_of_two_columns_of_text_the_cause_is_the_one_that_says_so() -> None:
    block = """
项目名称 | 道路养护 | < | < | < | < | <
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 得分 | 得失分依据及原因 | 偏差原因及改进措施
产出指标 | 养护里程 | ≥100公里 | 90公里 | 9 | 按比例计分 | 雨季停工
"""
    (report,) = forms(grid(block))
    assert rows(report, "explanation") == [["雨季停工"]]


def test_who_fills_in_the_form_is_not_who_carries_the_project_out() -> None:
    block = """
填报单位 | 某县财务中心 | < | < | <
项目名称 | 道路养护 | < | < | <
省级财政部门 | 某省财政厅 | 实施单位 | 某养护队 | <
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 得分
产出指标 | 养护里程 | ≥100公里 | 90公里 | 9
"""
    (report,) = forms(grid(block))
    assert said(report.implementer) == ["某养护队"]
    kept = {label: entry.text for label, entry in report.extra}
    assert kept == {"填报单位": "某县财务中心", "省级财政部门": "某省财政厅"}
    (report,) = forms(grid(block.replace("实施单位", "项目类型")))
    assert said(report.implementer) == ["某县财务中心"]


OFFICE = """
部门名称 | 某市图书馆 | < | < | < | < | < | <
年度预算执行情况(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额 | 90 | 100 | 80.45 | 10 | 100% | 10
"""
OF_OFFICE = """
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 备注
产出指标 | 数量指标 | 课题数 | 3项 | 3项 | 90 | 90 |
"""
BELOW = """
^ | 按收入性质分 | < | < | 按支出性质分 | < | < | <
^ | 其中:一般公共预算 | 70 | < | 其中:基本支出 | 60.45 | < | <
^ | 其他资金 | 30 | < | 项目支出 | 20 | < | <
"""
IN_ONE_CELL = """
^ | 按收入性质分: | < | < | 按支出性质分: | < | < | <
^ | 其中：一般公共预算：70 | < | < | 其中：基本支出：60.45 | < | < | <
^ | 政府性基金拨款： | < | < | 项目支出：20 | < | < | <
^ | 纳入专户管理的非税收入拨款：0 | < | < | | < | < | <
^ | 其他资金：30 | < | < | | < | < | <
"""
TO_THE_RIGHT = """
^ | 按收入性质分 | 其中:一般公共预算 | 70 | 按支出性质分 | 其中:基本支出 | 60.45 | <
^ | ^ | 其他资金 | 30 | ^ | 项目支出 | 20 | <
"""
UNNAMED = """
^ | 一般公共预算 | 70 | < | 基本支出 | 60.45 | < | <
^ | 其他资金 | 30 | < | 项目支出 | 20 | < | <
"""
UNDER_HEADS = """
^ | 按收入性质分 | < | < | < | < | < | <
^ | 其中:一般公共预算 | | 70 | 60.45 | — | | —
^ | 其他资金 | | 30 | 20 | — | | —
^ | 按支出性质分 | < | < | < | < | < | <
^ | 其中:基本支出 | | 70 | 60.45 | — | | —
^ | 项目支出 | | 30 | 20 | — | | —
"""


def divided(parts: str) -> Report:
    lines = [line for line in (OFFICE + parts + OF_OFFICE).splitlines() if line]
    (report,) = forms(grid("\n".join(lines), heading=("部门整体支出绩效自评表",)))
    return report


@pytest.mark.parametrize("parts", [BELOW, IN_ONE_CELL, TO_THE_RIGHT, UNNAMED, UNDER_HEADS])
def test_parts_below_the_total_of_a_department_are_read_and_leave_the_total_alone(
    parts: str,
) -> None:
    report = divided(parts)
    total = report.total_line
    assert total is not None
    amounts = (total.initial_budget, total.adjusted_budget, total.outturn)
    scored = (total.points, total.execution_rate, total.score)
    assert said(*amounts) == ["90", "100", "80.45"]
    assert said(*scored) == ["10", "100%", "10"]
    assert all(entry and entry.is_sure for entry in (*amounts, *scored))
    lines = {line.name: line for line in report.budget_lines}
    assert {line.parent for name, line in lines.items() if name != "total"} == {"total"}
    assert said(lines["appropriation"].adjusted_budget, lines["other"].adjusted_budget) == [
        "70",
        "30",
    ]
    assert said(lines["基本支出"].outturn, lines["项目支出"].outturn) == ["60.45", "20"]
    assert report.unplaced == ()


def test_what_no_head_names_is_told_by_what_the_parts_add_up_to_and_doubted() -> None:
    lines = {line.name: line for line in divided(BELOW).budget_lines}
    for name, role in (("appropriation", "adjusted_budget"), ("基本支出", "outturn")):
        (doubt,) = getattr(lines[name], role).doubts
        assert (doubt.kind, doubt["role"]) == (DoubtKind.NO_HEAD, Term(role))
    off = {line.name: line for line in divided(BELOW.replace("30", "31")).budget_lines}
    assert said(off["other"].outturn) == ["31"]  # what the other division adds up to


def test_parts_with_several_amounts_under_no_head_are_said_not_to_be_understood() -> None:
    report = divided(BELOW.replace("60.45 | < | <", "60.45 | 60 | 1"))
    assert [line.name for line in report.budget_lines] == ["total"]
    assert {"70", "30", "60.45", "20"} <= {cell.text for cell in report.unplaced}


def test_rates_points_and_scores_beside_their_labels_are_those_of_the_whole() -> None:
    block = """
项目名称 | 道路养护 | < | < | <
预算执行情况(10分) | 预算数(万元):100 | 执行数:80.45 | 执行率:100% | 得分:10
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 得分
产出指标 | 养护里程 | ≥100公里 | 100公里 | 90
"""
    (report,) = forms(grid(block))
    (line,) = report.budget_lines
    assert said(line.adjusted_budget, line.outturn, line.execution_rate) == ["100", "80.45", "100%"]
    assert said(line.points, line.score, report.currency_unit) == ["10", "10", "万元"]
    assert report.unplaced == ()


HEADED = "项目名称 | < | 道路养护 | < | < | 自评总分 | {} | < | <\n" + PROJECT.split("\n", 1)[1]


def test_a_total_in_the_head_and_the_same_in_its_row_are_one() -> None:
    report = read(HEADED.format("98.78"), FUNDS, GOALS, TABLE, TOTAL)
    assert (said(report.total_score), report.unplaced) == (["98.78"], ())


def test_another_total_in_the_row_than_in_the_head_is_not_passed_over() -> None:
    report = read(HEADED.format("97.00"), FUNDS, GOALS, TABLE, TOTAL)
    assert said(report.total_score) == ["97.00"]
    assert [cell.text for cell in report.unplaced] == ["98.78"]


def test_a_row_of_the_funds_may_give_the_cause_for_the_whole() -> None:
    cause = "^ | ^ | 执行偏差原因 | 尾款按合同次年支付 | < | < | < | < | <\n"
    report = read(PROJECT, FUNDS, cause, GOALS, TABLE, TOTAL)
    assert len(report.budget_lines) == 3
    ((label, value),) = report.budget_lines[0].extra
    assert (label, said(value), report.unplaced) == ("执行偏差原因", ["尾款按合同次年支付"], ())


@pytest.mark.parametrize("corner", ["资金（万元）", "项目资金（万元）", "单位:万元"])
def test_kinds_of_money_stand_in_columns_whatever_the_corner_says(corner: str) -> None:
    turned = f"""
{corner} | < | 合计 | 财政拨款 | 其他资金 | < | < | < | <
全年预算数 | < | 200.00 | 150.00 | 50.00 | < | < | < | <
全年执行数 | < | 180.00 | 130.00 | 50.00 | < | < | < | <
""".lstrip()
    report = read(PROJECT, turned, GOALS, TABLE, TOTAL)
    assert [line.name for line in report.budget_lines] == ["total", "appropriation", "other"]


def test_points_that_are_stated_twice_are_no_doubt_and_what_scores_rest_on_is_no_cause() -> None:
    block = """
项目名称 | 道路养护 | < | < | < | < | < | <
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 权重设定值 | 权重 | 得分 | 得失分依据 | 偏差原因
产出指标 | 养护里程 | ≥100公里 | 90公里 | 10 | 10 | 9 | 按比例计分 | 雨季停工
""".replace("道路养护", "道路养护 | <")
    (report,) = forms(grid(block))
    (row,) = report.indicators
    assert row.points is not None
    assert row.points.is_sure
    assert said(row.explanation) == ["雨季停工"]
    assert report.unplaced == ()
    (report,) = forms(grid(block.replace("| 10 | 10 |", "| 10 | 12 |")))
    assert [cell.text for cell in report.unplaced] == ["权重设定值", "10"]


@pytest.mark.parametrize("above", ["", "立项批次 | < | 3 | < | < | 地点 | < | 某县 | <\n"])
def test_points_and_scores_in_a_row_below_amounts_beside_their_labels_do_not_vanish(
    above: str,
) -> None:
    beside = f"""
年初预算数 | < | 200 | < | < | 全年预算数 | < | 200 | <
全年执行数 | < | 180 | < | < | 执行率 | < | 90% | <
{above}分值 | < | 10 | < | < | 得分 | < | 9 | <
""".lstrip()
    report = read(PROJECT, beside, TABLE, TOTAL)
    (line,) = report.budget_lines
    if above:
        assert {"分值", "10", "得分", "9"} <= {cell.text for cell in report.unplaced}
    else:
        assert said(line.points, line.score) == ["10", "9"]


def test_points_beside_kinds_of_money_are_those_of_the_column_that_is_called_the_sum() -> None:
    turned = """
资金（万元） | < | 中央 | 地方 | 合计 | 分值 | < | 得分 | <
预算数 | < | 60 | 40 | 100 | 10 | < | 9.00 | <
执行数 | < | 50 | 40 | 90 | | < | | <
""".lstrip()
    report = read(PROJECT, turned, GOALS, TABLE, TOTAL)
    lines = {line.name: line for line in report.budget_lines}
    assert said(lines["total"].points, lines["central"].points) == ["10", None]


def test_the_third_level_is_the_name_beside_another_column_of_contents() -> None:
    block = """
项目名称 | 道路养护 | < | < | < | <
指标类别 | 指标内容 | 三级指标 | 年度指标值 | 实际完成值 | 得分
数量 | 里程 | 养护里程 | ≥100公里 | 100公里 | 10
"""
    (report,) = forms(grid(block))
    assert rows(report, "dimension", "category", "name") == [["数量", "里程", "养护里程"]]
    assert report.unplaced == ()


def test_points_and_score_behind_the_kinds_of_money_are_those_of_the_whole() -> None:
    turned = """
资金（万元） | < | 合计 | 财政拨款 | 其他资金 | 分值 | < | 得分 | <
全年预算数 | < | 200.00 | 150.00 | 50.00 | | < | | <
全年执行数 | < | 180.00 | 130.00 | 50.00 | | < | | <
执行率 | < | 90.00% | | | 10 | < | 9.00 | <
""".lstrip()
    report = read(PROJECT, turned, GOALS, TABLE, TOTAL)
    assert [line.name for line in report.budget_lines] == ["total", "appropriation", "other"]
    line = report.budget_lines[0]
    assert said(line.outturn, line.points, line.score) == ["180.00", "10", "9.00"]


def test_headings_of_parts_and_a_dash_beside_the_total_are_furniture() -> None:
    heading = "三、绩效目标完成情况 | < | < | < | < | < | < | < | <\n"
    report = read(PROJECT, FUNDS, heading, GOALS, TABLE, TOTAL.rstrip("\n") + " —\n")
    assert report.unplaced == ()


def test_the_year_may_stand_in_one_line_with_the_unit() -> None:
    (report,) = forms(grid(HEAD + LABELS + ROWS, heading=(TITLE[0], "（2023年度） 单位：万元")))
    assert said(report.year) == ["2023"]


@pytest.mark.parametrize("corner", ["资金构成", ""])
def test_points_in_one_cell_beside_the_figures_are_those_of_all_the_money(corner: str) -> None:
    block = f"""
项目资金(万元) | {corner} | 合计 | 中央资金 | 省级资金 | 县级资金 | 分值 | 得分 | <
^ | 全年预算数 | 200 | 100 | 60 | 40 | 10 | 9.5 | <
^ | 全年执行数 | 190 | 100 | 60 | 30 | ^ | ^ | ^
^ | 执行率 | 95% | 100% | 100% | 75% | ^ | ^ | ^
"""
    report = read(PROJECT, block.lstrip(), GOALS, TABLE, TOTAL)
    whole, *parts = report.budget_lines
    assert said(whole.points, whole.execution_rate, whole.score) == ["10", "95%", "9.5"]
    assert [said(line.outturn) for line in parts] == [["100"], ["60"], ["30"]]
    assert report.unplaced == ()


def test_goals_are_read_below_their_labels_where_blank_squares_part_these() -> None:
    goals = """
年度总体目标 | 预期目标 | | | | 实际完成情况 | | |
 | 养护一百公里 | | | | 养护完成 | | |
"""
    report = read(PROJECT, FUNDS, goals.lstrip("\n"), TABLE, TOTAL)
    assert said(report.goals.expected, report.goals.actual) == ["养护一百公里", "养护完成"]
    assert report.unplaced == ()


@pytest.mark.parametrize(
    "label", ["存在问题及原因", "自评发现的问题及下一步打算", "其他需要说明的事项"]
)
@pytest.mark.parametrize(
    "beside", ["连续降雨影响施工进度" + " | <" * 7, "| 连续降雨影响施工进度" + " |" * 6]
)
def test_a_text_of_the_tail_is_read_whatever_its_label_asks_for(label: str, beside: str) -> None:
    report = read(PROJECT, FUNDS, GOALS, TABLE, TOTAL, f"{label} | {beside}\n")
    assert dict(report.extra)[label].text == "连续降雨影响施工进度"
    assert report.unplaced == ()


@pytest.mark.parametrize("label", ["产出指标小计", "小计", "产出指标合计"])
def test_a_sum_named_after_its_dimension_is_no_indicator(label: str) -> None:
    head, first, *rest = INDICATORS
    own = f"^ | {label} | < | < | < | < | 50 | 50 |\n"
    report = read(PROJECT, FUNDS, GOALS, head, first, own, *rest, TOTAL)
    assert [row.name.text for row in report.indicators if row.name] == [
        "养护里程",
        "通行能力",
        "群众满意度",
    ]
    assert report.unplaced == ()


def test_a_page_edge_between_the_figures_of_funds_by_source_loses_none() -> None:
    above = """
项目资金(万元) | < | < | 合计 | 中央资金 | 省级资金 | 县级资金 | < | <
^ | 年初预算数 | < | 200 | 100 | 60 | 40 | < | <
^ | 全年预算数 | < | 200 | 100 | 60 | 40 | < | <
"""
    below = """
 | 全年执行数 | < | 190 | 100 | 60 | 30 | < | <
^ | 执行率 | < | 95% | 100% | 100% | 75% | < | <
"""
    first = grid(
        PROJECT + above.replace("项目资金(万元) | <", "项目资金(万元) | ").lstrip(), heading=TITLE
    )
    rest = grid(below.lstrip("\n") + GOALS + TABLE + TOTAL, page=2, number=2)
    (report,) = forms(first, rest)
    assert [said(line.outturn, line.execution_rate) for line in report.budget_lines] == [
        ["190", "95%"],
        ["100", "100%"],
        ["60", "100%"],
        ["30", "75%"],
    ]
    assert report.unplaced == ()


SEALED = Doubt(DoubtKind.SEALED)


def read_under_a_seal(head: str, misread: str, *doubts: Doubt) -> Report:
    """Read the usual form, one of whose heads is misread."""
    printed = grid("".join((PROJECT, FUNDS, GOALS, TABLE, TOTAL)), heading=TITLE)
    cells = [
        replace(cell, text=misread, doubts=doubts) if cell.text == head else cell
        for cell in printed.cells
    ]
    (report,) = forms(replace(printed, cells=tuple(cells)))
    return report


@pytest.mark.parametrize(
    ("head", "name"),
    [("实际完成值", "actual"), ("年度指标值", "target"), ("偏差原因分析及改进措施", "explanation")],
)
def test_a_head_below_a_seal_is_told_by_its_neighbours_and_doubted(head: str, name: str) -> None:
    usual = read(PROJECT, FUNDS, GOALS, TABLE, TOTAL)
    report = read_under_a_seal(head, "kaad", SEALED)
    assert rows(report, name) == rows(usual, name)
    assert all(getattr(row, name).doubts for row in report.indicators if getattr(row, name))
    assert NoteKind.COLUMN_INFERRED in {note.kind for note in report.notes}


def test_the_funds_below_a_seal_are_told_by_the_neighbours_of_a_head() -> None:
    report = read_under_a_seal("全年执行数", "kaad", SEALED)
    assert [line.outturn.text for line in report.budget_lines if line.outturn] == [
        *("180.00", "180.00", "0.00")
    ]


def test_a_head_that_is_sure_and_unknown_is_not_told_by_its_neighbours() -> None:
    report = read_under_a_seal("实际完成值", "甲乙丙")
    assert rows(report, "actual") == [[None]] * 3
    assert NoteKind.COLUMN_UNKNOWN in {note.kind for note in report.notes}


@pytest.mark.parametrize(
    "heads", [("级指标",) * 3, ("级指标", "二级指标", "级指标"), ("一级指标", "二级指标", "级指标")]
)
def test_levels_whose_numbers_were_lost_are_told_by_their_order(heads: tuple[str, ...]) -> None:
    names = ("dimension", "category", "name")
    usual = rows(read(PROJECT, FUNDS, GOALS, TABLE, TOTAL), *names)
    table = TABLE.replace("一级指标 | 二级指标 | 三级指标", " | ".join(heads))
    report = read(PROJECT, FUNDS, GOALS, table, TOTAL)
    assert rows(report, *names) == usual
    (row, *_) = report.indicators
    for head, name in zip(heads, names, strict=True):
        assert bool(getattr(row, name).doubts) is (head == "级指标")


def test_levels_that_do_not_count_from_one_to_three_are_not_told_by_their_order() -> None:
    table = TABLE.replace("一级指标 | 二级指标 | 三级指标", "二级指标 | 级指标 | 三级指标")
    (row, *_) = read(PROJECT, FUNDS, GOALS, table, TOTAL).indicators
    assert not row.dimension


BLANK = "^ | ^ | 成本指标 | | | | 1前 | 7 | 21\n"


@pytest.mark.parametrize("is_sealed", [True, False])
def test_strokes_of_a_seal_make_no_indicator_of_a_row_left_blank(is_sealed: bool) -> None:
    printed = grid("".join((PROJECT, FUNDS, GOALS, TABLE, BLANK, TOTAL)), heading=TITLE)
    marks = ("1前", "7", "21")
    cells = [
        replace(cell, doubts=(SEALED,)) if is_sealed and cell.text in marks else cell
        for cell in printed.cells
    ]
    (report,) = forms(replace(printed, cells=tuple(cells)))
    assert len(report.indicators) == (3 if is_sealed else 4)
    notes = {note.kind for note in report.notes}
    assert (NoteKind.LEFT_BLANK in notes) is is_sealed
    assert [cell.text for cell in report.unplaced] == (list(marks) if is_sealed else [])


def test_a_target_is_as_sure_as_the_dash_where_its_sign_may_stand() -> None:
    heads = LABELS.replace("年度指标值", "指标性质 | 年度指标值")
    more = TABLE.replace(LABELS, heads).replace("| ≥100公里", "| — | 100公里")
    more = more.replace("| 有效改善 | 有效", "| 定性 | 有效改善 | 有效").replace("≥90%", "≥ | 90%")
    wide = [line.replace(" | ", " | < | ", 1) for line in (PROJECT + FUNDS + GOALS).splitlines()]
    printed = grid("\n".join((*wide, more)), heading=TITLE)
    doubt = Doubt(DoubtKind.OTHER_SHAPES)
    sure, unsure = (
        forms(
            replace(
                printed,
                cells=tuple(replace(c, doubts=d) if c.text == "—" else c for c in printed.cells),
            )
        )
        for d in ((), (doubt,))
    )
    for (report,), doubts in ((sure, ()), (unsure, (doubt,))):
        target = report.indicators[0].target
        assert target is not None
        assert (target.text, target.doubts) == ("100公里", doubts)
