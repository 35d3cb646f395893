"""Forms are known by their labels: other layouts, other words, several in a file."""

from __future__ import annotations

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, page, rows, said
from sheets import forms, grid

from auditkit.doubts import Note, NoteKind
from auditkit.errors import NoFormError
from reports import worded


def test_the_national_form_is_read_whole() -> None:
    (report,) = forms(grid(HEAD + LABELS + ROWS, heading=TITLE))
    assert said(
        report.title, report.year, report.project, report.department, report.implementer
    ) == ["项目支出绩效自评表", "2023", "道路养护", "某县交通局", "某养护队"]
    assert said(report.currency_unit, report.total_points, report.total_score) == [
        "万元",
        "100",
        "98.78",
    ]
    assert [(line.name, line.parent) for line in report.budget_lines] == [
        ("total", ""),
        ("appropriation", "total"),
        ("other", "total"),
    ]
    total = report.budget_lines[0]
    assert said(total.adjusted_budget, total.outturn, total.points, total.execution_rate) == [
        "200.00",
        "180.00",
        "10",
        "90.00%",
    ]
    assert said(report.goals.expected, report.goals.actual) == ["养护道路一百公里", "完成养护"]
    assert rows(report, "dimension", "name", "target", "actual", "score", "explanation")[2] == [
        "满意度指标",
        "群众满意度",
        "≥90%",
        "88%",
        "9.78",
        "路面施工期间绕行",
    ]
    assert report.notes == ()


def test_titles_and_years_may_stand_in_the_table() -> None:
    wide = " | <" * 8
    inside = f"项目支出绩效自评表{wide}\n(2022年度){wide}"
    (report,) = forms(grid(inside + HEAD + LABELS + ROWS))
    assert said(report.title, report.year) == ["项目支出绩效自评表", "2022"]


def test_sign_value_and_unit_in_columns_of_their_own_make_the_target() -> None:
    block = """
项目名称 | 困难群众救助 | < | < | < | < | 自评总分 | 98.5
项目资金(万元) | 年初预算数 | 全年(调整)预算数 | 全年执行数 | 执行率 | 执行率权重 | 执行率得分 | <
年度总金额 | 100 | 120 | 118.2 | 98.5 | 10 | 9.85 | <
其中:市级支出 | 60 | 60 | 60 | 100 | / | / | <
指标名称 | 计量单位 | 指标性质 | 年初指标值 | 调整指标值 | 全年完成值 | 指标权重 | 指标得分
救助人数 | 人次 | ≥ | 1200 | 1300 | 1310 | 40 | 40
救助及时率 | % | ≥ | 95 | 95 | 96 | 30 | 30
救助效果 | | 定性 | 好 | 好 | 好 | 20 | 18.65
"""
    (report,) = forms(grid(block, heading=("2023年度项目支出绩效自评表",)))
    assert rows(report, "name", "target", "actual") == [
        ["救助人数", "≥1300人次", "1310"],
        ["救助及时率", "≥95%", "96"],
        ["救助效果", "定性好", "好"],
    ]
    assert said(report.total_score, report.year) == ["98.5", "2023"]
    extra = {label: entry.text for label, entry in report.indicators[0].extra}
    assert extra["年初指标值"] == "1200"
    assert extra["计量单位"] == "人次"
    assert said(report.budget_lines[0].points, report.budget_lines[0].score) == ["10", "9.85"]


def test_amounts_may_stand_beside_their_labels() -> None:
    block = """
项目名称 | < | < | 科技专项 | < | < | <
预算执行情况(万元) | < | 预算数: | 300 | 其中:财政拨款 | 280 | <
^ | ^ | 执行数: | 290 | 其中:财政拨款 | 275 | <
年度目标 | < | 完成三项课题 | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 计划值 | 实际完成值 | 分值 | 得分
产出指标 | 数量指标 | 课题数 | 3项 | 3项 | 90 | 90
"""
    (report,) = forms(grid(block, heading=("2021年度绩效自评表",)))
    total, part = report.budget_lines
    assert said(total.adjusted_budget, total.outturn) == ["300", "290"]
    assert (part.name, said(part.adjusted_budget, part.outturn)) == (
        "appropriation",
        ["280", "275"],
    )
    assert said(report.currency_unit, report.goals.expected) == ["万元", "完成三项课题"]


def test_points_in_brackets_are_those_of_execution() -> None:
    block = """
项目名称 | 助学 | < | < | <
预算执行情况(20分) | 预算数(A) | 执行数(B) | 执行率(B/A) | 得分
年度财政资金总额 | 100 | 95 | 95% | 19
一级指标 | 三级指标 | 年初目标值(A) | 实际完成值(B) | 得分
产出指标(40分) | 人数 | 50人 | 50人 | 40
"""
    (report,) = forms(grid(block, heading=("2020年度项目绩效自评表",)))
    assert said(report.budget_lines[0].points) == ["20"]
    assert said(report.indicators[0].dimension) == ["产出指标(40分)"]


def test_unknown_columns_are_kept_under_their_header() -> None:
    block = """
项目名称 | 养护 | < | < | <
三级指标 | 年度指标值 | 实际完成值 | 佐证材料编号 | 得分
里程 | 100 | 100 | 附件7 | 50
"""
    (report,) = forms(grid(block, heading=("绩效自评表",)))
    assert [(label, entry.text) for label, entry in report.indicators[0].extra] == [
        ("佐证材料编号", "附件7")
    ]


def test_rows_of_the_template_are_counted_and_not_read() -> None:
    blank = "^ | 效益指标 | 经济效益指标 | 指标1: | | | | |\n^ | ^ | ^ | …… | | | | |"
    (report,) = forms(grid(HEAD + LABELS + "\n" + blank + ROWS, heading=TITLE))
    assert len(report.indicators) == 3
    assert Note.of(NoteKind.LEFT_BLANK, rows=2) in report.notes


def test_what_is_missing_is_missing_and_said() -> None:
    block = "项目名称 | 养护 | <\n三级指标 | 指标值 | 完成值\n里程 | 100 | 100"
    (report,) = forms(grid(block))
    assert said(report.title, report.year, report.department, report.total_score) == [None] * 4
    assert report.budget_lines == ()
    missing = " ".join(worded(report.notes))
    for what in ("title", "year", "department", "funding table", "total row"):
        assert f"no {what}" in missing


def test_a_merged_score_belongs_to_its_first_row() -> None:
    merged = """
^ | 产出指标 | 数量指标 | 甲 | 1 | 1 | 60 | 60 |
^ | ^ | ^ | 乙 | 2 | 2 | ^ | ^ |
^ | 效益指标 | 社会效益指标 | 丙 | 好 | 好 | 30 | 30 |
"""
    (report,) = forms(grid(HEAD + LABELS + merged, heading=TITLE))
    assert rows(report, "dimension", "name", "score") == [
        ["产出指标", "甲", "60"],
        ["产出指标", "乙", None],
        ["效益指标", "丙", "30"],
    ]


def test_several_forms_in_a_file_are_told_apart() -> None:
    first = grid(HEAD + LABELS + ROWS, heading=TITLE)
    accounts = grid("科目 | 金额\n办公费 | 3.50", page=2, number=2)
    second = grid(
        HEAD.replace("道路养护", "桥梁检测") + LABELS + ROWS, page=3, number=3, heading=TITLE
    )
    reports = forms(first, accounts, second)
    assert [r.project.text for r in reports if r.project] == ["道路养护", "桥梁检测"]
    assert [(r.number, r.place) for r in reports] == [(1, page(1)), (2, page(3))]


def test_two_forms_in_one_table_are_told_apart() -> None:
    both = (
        HEAD + LABELS + ROWS + HEAD.strip().replace("道路养护", "桥梁检测") + "\n" + LABELS + ROWS
    )
    both = "\n".join(line for line in both.splitlines() if line.strip())
    reports = forms(grid(both, heading=TITLE))
    assert [r.project.text for r in reports if r.project] == ["道路养护", "桥梁检测"]
    assert [len(r.indicators) for r in reports] == [3, 3]


def test_tables_without_a_form_are_refused_in_words() -> None:
    with pytest.raises(NoFormError, match="none is a self-evaluation form"):
        forms(grid("科目 | 金额\n办公费 | 3.50"))


def test_kangxi_radicals_and_full_width_letters_are_read_as_what_they_show() -> None:
    block = HEAD.replace("全年预算数", "全年预算数(Ａ)").replace("年度资金", "年度资\u2fa6")
    block = block.replace("9.00", "９．００") + LABELS + ROWS
    (report,) = forms(grid(block, heading=TITLE))
    total = report.budget_lines[0]
    assert total.name == "total"
    assert said(total.adjusted_budget, total.score) == ["200.00", "9.00"]


def test_a_table_of_targets_is_no_self_evaluation() -> None:
    block = """
项目名称 | 道路养护 | < | <
项目资金 | 年度资金总额 | 200 | <
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 养护里程 | ≥100公里
"""
    with pytest.raises(NoFormError):
        forms(grid(block, heading=("项目支出绩效目标申报表",)))


def test_labels_with_radicals_in_place_of_ideographs_are_known() -> None:
    (report,) = forms(grid((HEAD + LABELS + ROWS).replace("门", "⻔").replace("民", "⺠")))
    assert said(report.department) == ["某县交通局"]


def test_a_title_of_two_lines_is_one_title() -> None:
    (report,) = forms(
        grid(HEAD + LABELS + ROWS, heading=("交通运输专项资金项目支出绩效", "自评表"))
    )
    assert said(report.title) == ["交通运输专项资金项目支出绩效自评表"]


def test_a_header_like_amounts_over_the_names_of_the_rows_holds_names() -> None:
    funds = """
预算执行情况（万元） | 年度预算数（万元） | 年初预算 | 调整后预算数 | 预算执行数 | 预算执行率
^ | 总额 | 0.00 | 33.60 | 33.60 | 100.00%
^ | 其中：财政资金 | 0.00 | 33.60 | 33.60 | 100.00%
"""
    (report,) = forms(grid(f"项目名称 | 购车{' | <' * 4}\n" + funds.strip()))
    total = report.total_line
    assert total is not None
    assert said(total.label, total.initial_budget, total.adjusted_budget, total.outturn) == [
        "总额",
        "0.00",
        "33.60",
        "33.60",
    ]
    assert [line.name for line in report.budget_lines] == ["total", "appropriation"]


def test_numbers_of_columns_are_no_amounts_and_an_own_formula_is_doubted() -> None:
    funds = """
项目名称 | 植被恢复 | < | < | <
行次/列次 | 全年预算数（A） | 扣除整合资金后预算（C） | 全年执行资金（E） | 预算执行（E/C×100%）
 | 1 | 2 | 3 | 4
年度资金总额 | 500 | 400 | 360 | 90.00%
其他资金 | 0 | 0 | 0 |
"""
    (report,) = forms(grid(funds))
    total, other = report.budget_lines
    assert said(total.adjusted_budget, total.outturn, total.execution_rate) == [
        "500",
        "360",
        "90.00%",
    ]
    assert [not e.is_sure for e in (total.execution_rate, other.execution_rate) if e] == [
        True,
        False,
    ]


def test_money_in_columns_by_source_adds_up_to_the_column_of_the_sum() -> None:
    funds = """
项目名称 | 用房维修 | < | < | < | <
资金情况（万元） | 中央 | 本级 | 合计 | 执行数 | 执行率
^ | 0 | 86.5 | 86.5 | 86.5 | 100 %
"""
    (report,) = forms(grid(funds))
    (total,) = report.budget_lines
    assert said(total.label, total.adjusted_budget, total.outturn) == [None, "86.5", "86.5"]
    assert [(label, entry.text) for label, entry in total.extra] == [
        ("中央", "0"),
        ("本级", "86.5"),
    ]


def test_a_row_named_as_a_finance_department_is_still_a_row_of_the_funds() -> None:
    funds = """
项目名称 | 水库加固 | <
资金来源 | 计划安排资金 | 实际支出
合计 | 260 | 255
其中：中央财政 | 200 | 200
省财政 | 60 | 55
"""
    (report,) = forms(grid(funds))
    assert [line.name for line in report.budget_lines] == ["total", "central", "provincial"]


def test_parts_beside_their_labels_are_rows_of_the_funds() -> None:
    funds = """
项目名称 | 道路补助 | < | < | <
项目资金（万元） | 预算数： | 300 | 执行数： | 290
^ | 其中：财政拨款 | 200 | 其中：财政拨款 | 190
^ | 其他资金 | 100 | 其他资金 | 100
"""
    (report,) = forms(
        grid(funds + f"一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值\n{'甲 | ' * 4}甲")
    )
    amounts = [(b.name, *said(b.adjusted_budget, b.outturn)) for b in report.budget_lines]
    assert amounts == [
        ("total", "300", "290"),
        ("appropriation", "200", "190"),
        ("other", "100", "100"),
    ]


MANAGED = """
资金管理情况 |  | < | 情况说明 | < | 分值 | 得分 | 存在问题和改进措施 | <
^ | 分配科学性 | < | 按因素法分配 | < | 10 | 9 | 无 | <
^ | 使用规范性 | < | 专款专用 | < | 30 | 30 | 无 | <
"""


def test_a_scored_block_on_managing_the_money_counts_among_the_indicators() -> None:
    (report,) = forms(grid(HEAD + MANAGED.strip() + "\n" + LABELS + ROWS, heading=TITLE))
    assert rows(report, "dimension", "name", "actual", "points", "score", "explanation")[:2] == [
        ["资金管理情况", "分配科学性", "按因素法分配", "10", "9", "无"],
        ["资金管理情况", "使用规范性", "专款专用", "30", "30", "无"],
    ]
    assert len(report.indicators) == 5


def test_a_block_on_managing_the_money_without_points_is_kept_beside() -> None:
    told = MANAGED.replace("分值 | 得分", "< | <").replace("| 10 | 9 ", "| < | < ")
    told = told.replace("| 30 | 30 ", "| < | < ")
    (report,) = forms(grid(HEAD + told.strip() + "\n" + LABELS + ROWS, heading=TITLE))
    assert len(report.indicators) == 3
    extra = {label: entry.text for label, entry in report.extra}
    assert extra["分配科学性"] == "按因素法分配"
    assert extra["使用规范性/改进措施"] == "无"


def test_names_beside_their_group_under_one_header_are_told_apart() -> None:
    table = """
项目名称 | 自行车 | < | < | < | < | <
完成情况 | 指标名称 | < | 目标值 | 权重 | 实际完成值 | 自评分
^ | 投入目标（28分） | 执行率 | 100% | 14 | 100% | 14
^ | ^ | 合规性 | 合规 | 14 | 合规 | 14
^ | 结果目标（24分） | 满意度 | ≥85% | 24 | 88% | 24
自评得分 | 52 | < | < | < | < | <
"""
    (report,) = forms(grid(table))
    assert rows(report, "dimension", "name") == [
        ["投入目标(28分)", "执行率"],
        ["投入目标(28分)", "合规性"],
        ["结果目标(24分)", "满意度"],
    ]
    assert said(report.total_points, report.total_score) == [None, "52"]


def test_a_text_across_both_columns_of_the_goals_is_no_goal() -> None:
    goals = """
项目基本情况 | 目标完成 | 项目年度目标 | < | 年度目标完成情况 | <
^ | ^ | 购车1辆 | < | 已购 | <
^ | 2.实施过程概述 | 按程序实施 | < | < | <
一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值 | 得分
产出指标 | 数量指标 | 购车 | 1辆 | 1辆 | 90
"""
    (report,) = forms(grid(f"项目名称 | 购车{' | <' * 4}\n" + goals.strip()))
    assert said(report.goals.expected, report.goals.actual) == ["购车1辆", "已购"]
    assert dict(report.extra)["实施过程概述"].text == "按程序实施"


def test_both_local_department_and_implementer_are_kept() -> None:
    head = """
项目名称 | 农田建设 | < | <
地方主管部门 | 某省农业厅 | 资金使用单位 | 某县农业局
"""
    (report,) = forms(grid(head + "一级指标 | 三级指标 | 指标值 | 完成值\n甲 | 乙 | 1 | 1"))
    assert said(report.implementer) == ["某县农业局"]
    assert dict(report.extra)["地方主管部门"].text == "某省农业厅"


def test_a_form_without_a_project_after_another_form_keeps_its_title() -> None:
    blank = HEAD.replace("道路养护 |", " |", 1)
    first = grid(HEAD + LABELS + ROWS, heading=TITLE)
    second = grid(blank + LABELS + ROWS, page=2, number=2, heading=("部门整体支出绩效自评表",))
    reports = forms(first, second)
    assert [said(report.title, report.project) for report in reports] == [
        ["项目支出绩效自评表", "道路养护"],
        ["部门整体支出绩效自评表", ""],
    ]


def test_a_row_that_begins_with_an_account_of_things_heads_no_block() -> None:
    row = "情况说明 | < | 得分 | < | < | < | < | < | <\n"
    (report,) = forms(grid(HEAD + row + LABELS + ROWS, heading=TITLE))
    assert len(report.indicators) == 3
