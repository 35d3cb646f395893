"""What the head orders of systems need: told by structure and content, whatever labels say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, rows, said
from sheets import forms, grid

from auditkit.doubts import Doubt, DoubtKind, NoteKind
from auditkit.errors import NoFormError
from auditkit.forms import recognise
from auditkit.readers import tables_of
from auditkit.report import Report

OFFICE = ("部门整体支出绩效自评表", "(2023年度)")
GOAL = "年度绩效目标 | < | < | 实际完成情况 | < | <"
WIDE = " | <" * 6
NO_TOTAL = ROWS.strip().rpartition("\n")[0]
NAMES = "一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"


def form(text: str, heading: tuple[str, ...] = TITLE) -> Report:
    (found,) = forms(grid(text, heading=heading))
    return found


def not_understood(report: Report) -> list[str]:
    return [cell.text for cell in report.unplaced]


def test_goals_that_each_stand_above_their_own_indicators_are_all_read() -> None:
    report = form(
        f"""
部门名称 | 某县水利局 | < | < | < | <
{GOAL}
整治河道十公里 | < | < | 河道整治完毕 | < | <
{NAMES}
产出指标 | 整治里程 | ≥10公里 | 10公里 | 60 | 60
{GOAL}
水质稳步提高 | < | < | 水质已经提高 | < | <
{NAMES}
效益指标 | 水质达标率 | ≥90% | 92% | 40 | 40
总分 | < | < | < | 100 | 100
""",
        OFFICE,
    )
    assert rows(report, "dimension", "name", "target") == [
        ["产出指标", "整治里程", "≥10公里"],
        ["效益指标", "水质达标率", "≥90%"],
    ]
    assert said(report.goals.expected, report.goals.actual) == [
        "整治河道十公里水质稳步提高",
        "河道整治完毕水质已经提高",
    ]
    assert said(report.total_points, report.total_score) == ["100", "100"]
    assert report.unplaced == ()


@pytest.mark.parametrize(
    ("second", "beside"),
    [(f"分类 | {NAMES}", "年度 | "), (NAMES.replace("一级指标", "子目标") + " | ", "")],
)
def test_indicators_under_other_heads_are_no_further_part_and_named(
    second: str, beside: str
) -> None:
    report = form(
        f"""
部门名称 | 某县水利局 | < | < | < | < | <
{GOAL} | <
整治河道十公里 | < | < | 河道整治完毕 | < | < | <
{NAMES} | 备注
产出指标 | 整治里程 | ≥10公里 | 10公里 | 60 | 60 |
{GOAL} | <
水质稳步提高 | < | < | 水质已经提高 | < | < | <
{second}
{beside}效益指标 | 水质达标率 | ≥90% | 92% | 40 | 40{"" if beside else " | "}
""",
        OFFICE,
    )
    assert rows(report, "name") == [["整治里程"]]
    assert {"水质稳步提高", "水质达标率", "92%"} <= set(not_understood(report))


def test_a_label_with_a_text_beside_it_ends_the_indicators_whatever_it_is_called() -> None:
    tail = f"项目反思 | < | 汛期太长{WIDE}\n心得 | < | 无{WIDE}"
    report = form(f"{HEAD.strip()}\n{LABELS}\n{NO_TOTAL}\n{tail}")
    assert len(report.indicators) == 3
    assert NoteKind.LEFT_BLANK not in {note.kind for note in report.notes}
    assert {"项目反思", "汛期太长", "心得", "无"} <= set(not_understood(report))


def test_a_label_of_the_head_that_is_understood_by_its_words_gives_way_to_one_that_is_known() -> (
    None
):
    both = "单位自评得分 | < | 97 | < | 评价部门 | 绩效科 | < | < | <\n" + HEAD.strip()
    report = form(f"{both}\n{LABELS}\n{NO_TOTAL}")
    assert said(report.department, report.total_score) == ["某县交通局", "97"]
    assert report.department is not None
    assert report.total_score is not None
    assert report.total_score.reading.value == 97
    assert [doubt.kind for doubt in report.total_score.doubts] == [DoubtKind.TAKEN_FOR]
    assert not report.department.doubts
    assert report.unplaced == ()


def test_what_is_no_unit_of_money_is_not_the_unit_of_the_amounts() -> None:
    head = HEAD.replace("（万元）", "").strip()
    report = form(f"计量单位 | < | 见上表{WIDE}\n{head}\n{LABELS}\n{ROWS.strip()}")
    assert report.currency_unit is None
    assert "见上表" in not_understood(report)


def test_the_sort_of_an_indicator_is_no_level_beside_the_first_level() -> None:
    report = form("""
项目名称 | 道路养护 | < | < | < | < | < | <
指标类型 | 一级指标 | 二级指标 | 三级指标 | 目标值 | 完成值 | 分值 | 得分
年度指标 | 产出指标 | 数量指标 | 养护里程 | ≥10公里 | 10公里 | 60 | 60
""")
    assert rows(report, "dimension", "category") == [["产出指标", "数量指标"]]
    assert report.unplaced == ()


def test_points_of_indicators_are_told_from_those_of_their_levels_wherever_they_stand() -> None:
    report = form(
        """
项目名称 | 道路养护 | < | < | < | < | < | < | < | <
一级指标 | 权重 | 二级指标 | 分值 | 三级指标 | 目标值 | 分值 | 完成值 | 得分 | 备注
产出指标 | 60 | 数量指标 | 60 | 养护里程 | ≥10公里 | 20 | 10公里 | 20 |
^ | ^ | ^ | ^ | 养护桥梁 | ≥5座 | 40 | 5座 | 40 |
效益指标 | 40 | 社会效益指标 | 40 | 受益群众 | ≥90人 | 40 | 95人 | 40 |
"""
    )
    assert rows(report, "points", "score") == [["20", "20"], ["40", "40"], ["40", "40"]]


def test_one_level_alone_is_that_of_the_indicators_with_a_doubt() -> None:
    report = form(
        """
部门名称 | 某县水利局 | < | < | <
评价内容 | 目标值 | 完成值 | 分值 | 自评得分
整治里程 | ≥10公里 | 10公里 | 60 | 60
""",
        OFFICE,
    )
    assert rows(report, "dimension", "name") == [[None, "整治里程"]]
    name = report.indicators[0].name
    assert name is not None
    assert [doubt.kind for doubt in name.doubts] == [DoubtKind.TAKEN_FOR]


def test_a_spot_check_of_other_things_than_indicators_is_refused_by_its_name() -> None:
    block = """
项目名称 | 道路养护 | < | < | <
评价内容 | 分值 | 评分标准 | 得分 | 扣分原因
自评组织 | 10 | 迟报不得分 | 10 |
"""
    with pytest.raises(NoFormError, match="spot check"):
        forms(grid(block, heading=("项目绩效自评抽查表",)))
    with pytest.raises(NoFormError, match="none is a self-evaluation form"):
        forms(grid(block, heading=("会议签到表",)))


PARTS = """
项目名称 | 甲项目 | < | < | < | < | < | <
{heads}
产出指标 | 数量指标 | 培训场次 | {target} | 14场 | 50 | 50 |
满意度指标 | 满意度指标 | 群众满意度 | ≥90% | 92% | 40 | 40 |
总分 | < | < | < | < | 100 | 99 |
"""
ONE = "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 说明"


@pytest.mark.parametrize(
    "heads",
    [
        ONE,
        "一级 | 二级 | 三级 | 目标 | 完成 | 满分 | 自评 | 说明",
        "指标 | < | < | 完成情况 | < | 评分 | < | 偏差原因分析\n"
        "一级 | 二级 | 三级 | 目标值 | 完成值 | 权重分 | 自评分 | ^",
        "绩效指标 | < | < | 指标值 | < | 自评 | < | 原因\n"
        "一级 | 二级 | 三级 | 年度 | 实际 | 分值 | 得分 | ^",
    ],
    ids=["usual", "short", "two rows", "two rows that need each other"],
)
def test_indicators_are_read_below_short_heads(heads: str) -> None:
    report = form(PARTS.format(heads=heads, target="≥20场"))
    names = ("dimension", "name", "target", "actual", "points", "score")
    assert rows(report, *names) == [
        ["产出指标", "培训场次", "≥20场", "14场", "50", "50"],
        ["满意度指标", "群众满意度", "≥90%", "92%", "40", "40"],
    ]
    assert report.unplaced == ()


def test_a_sign_or_unit_that_the_value_says_itself_is_no_second_one() -> None:
    heads = "一级指标 | 三级指标 | 符号 | 指标值 | 计量单位 | 实际完成值 | 分值 | 得分"
    text = f"""
项目名称 | 甲项目 | < | < | < | < | < | <
{heads}
产出指标 | 培训场次 | ≥ | ≥20场 | 场 | 14场 | 50 | 50
产出指标 | 培训人次 | ≥ | 300 | 人次 | 310人次 | 40 | 40
总分 | < | < | < | < | < | 100 | 99
"""
    report = form(text)
    assert [said(row.target) for row in report.indicators] == [["≥20场"], ["≥300人次"]]
    targets = [row.target.reading for row in report.indicators if row.target]
    assert [(one.value, one.unit) for one in targets] == [(20, "场"), (300, "人次")]


def test_a_number_in_a_circle_is_no_digit_of_the_number_behind_it() -> None:
    report = form(PARTS.format(heads=ONE, target="①20场;②30次"))
    target = report.indicators[0].target
    assert target is not None
    assert (target.text, target.reading.value) == ("①20场;②30次", None)


def test_marks_before_the_scores_are_the_points_with_a_doubt() -> None:
    report = form(PARTS.format(heads=ONE.replace("分值", "分数"), target="≥20场"))
    assert rows(report, "points", "score") == [["50", "50"], ["40", "40"]]
    assert not any(row.points.is_sure for row in report.indicators if row.points)
    assert said(report.total_points, report.total_score) == ["100", "99"]


@pytest.mark.parametrize(
    ("below", "score"),
    [
        ("指标合计 | 90 | 90\n预算执行率 | 10 | 9\n总分 | 100 | 95", "95"),
        ("小计 | 100 | 99\n扣分项 | | -3\n最终得分 | 100 | 96", "96"),
    ],
)
def test_the_total_is_what_stands_below_sums_and_what_is_added_to_them(
    below: str, score: str
) -> None:
    above = PARTS.format(heads=ONE, target="≥20场").rpartition("总分")[0]
    lines = (line.split(" | ", 1) for line in below.split("\n"))
    report = form(above + "\n".join(f"{label}{' | <' * 4} | {rest} | " for label, rest in lines))
    assert said(report.total_points, report.total_score) == ["100", score]


def test_a_column_of_figures_that_may_replace_the_points_weakens_them() -> None:
    heads = "一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 核定数 | 得分"
    text = f"""
项目名称 | 甲项目 | < | < | < | < | <
{heads}
产出指标 | 培训场次 | ≥20场 | 20场 | 45 | 50 | 50
满意度指标 | 群众满意度 | ≥90% | 92% | 45 | 40 | 40
总分 | < | < | < | 100 | 100 | 99
"""
    report = form(text)
    kinds = [{d.kind for d in row.points.doubts} for row in report.indicators if row.points]
    assert kinds == [{DoubtKind.COLUMN_BESIDE}] * 2


def page(*parts: str) -> Report:
    """Return the form of a web page of tables, ``a | b`` a row of them, and lines of text."""
    made = []
    for part in parts:
        lines = [line.split(" | ") for line in part.strip().split("\n")]
        cells = ("".join(f"<td>{cell}</td>" for cell in line) for line in lines)
        table = "".join(f"<tr>{line}</tr>" for line in cells)
        made.append(f"<table>{table}</table>" if "|" in part else f"<p>{part}</p>")
    (found,) = recognise(tables_of("".join(made).encode(), "page.html"))
    return found


def test_lines_over_tables_of_their_own_name_the_dimensions() -> None:
    heads = "二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"
    report = page(
        "项目支出绩效自评表(2023年度)",
        "项目名称 | 甲项目\n资金来源 | 全年预算数 | 全年执行数\n年度资金总额 | 120 | 108",
        "一、产出指标(60分)",
        f"{heads}\n数量指标 | 培训场次 | ≥20场 | 20场 | 60 | 60",
        "二、满意度指标(40分)",
        f"{heads}\n满意度指标 | 群众满意度 | ≥90% | 92% | 40 | 40\n总分 | 100 | 100",
    )
    assert rows(report, "dimension", "name") == [
        ["一、产出指标(60分)", "培训场次"],
        ["二、满意度指标(40分)", "群众满意度"],
    ]
    assert report.unplaced == ()


def test_a_caption_stands_over_its_table() -> None:
    text = "<table><caption>项目支出绩效自评表(2023年度)</caption>"
    text += "<tr><td>项目名称<td>甲项目</tr>"
    text += "<tr><td>一级指标<td>三级指标<td>指标值<td>完成值<td>分值<td>得分</tr>"
    text += "<tr><td>产出指标<td>培训场次<td>≥20场<td>20场<td>90<td>90</tr></table>"
    (report,) = recognise(tables_of(text.encode(), "page.html"))
    assert said(report.year) == ["2023"]


def test_funds_with_a_rate_count_before_money_by_task() -> None:
    report = form(
        f"""
部门名称 | 某县水利局 | < | < | < | <
任务名称 | 主要内容 | 预算数 | 执行数 | 完成情况 | <
修渠 | 整治河道 | 120 | 108 | 已完成 | <
合计 | | 120 | 108 | | <
资金来源 | 年初预算数 | 全年预算数 | 全年执行数 | 执行率 | 得分
年度资金总额 | 100 | 120 | 108 | 90% | 9
{NAMES}
产出指标 | 整治里程 | ≥10公里 | 10公里 | 90 | 90
总分 | < | < | < | 100 | 99
""",
        OFFICE,
    )
    (line,) = report.budget_lines
    assert said(line.adjusted_budget, line.outturn, line.score) == ["120", "108", "9"]
    assert "修渠" in not_understood(report)


def test_of_two_budgets_the_one_that_is_not_adjusted_is_the_first() -> None:
    report = form(
        f"""
项目名称 | 甲项目 | < | < | < | <
资金来源 | 预算数(年初) | 调整后预算数 | 全年执行数 | 执行率 | 得分
年度资金总额 | 100 | 120 | 108 | 90% | 9
{NAMES}
产出指标 | 整治里程 | ≥10公里 | 10公里 | 90 | 90
总分 | < | < | < | 100 | 99
"""
    )
    (line,) = report.budget_lines
    assert said(line.initial_budget, line.adjusted_budget) == ["100", "120"]


def test_figures_of_a_row_without_a_name_are_doubted_as_its_label_is() -> None:
    printed = grid(PARTS.format(heads=ONE, target="≥20场"), heading=TITLE)
    doubt = Doubt(DoubtKind.OVER_THE_RULE)
    cells = [
        replace(cell, text="总分标", doubts=(doubt,)) if cell.text == "总分" else cell
        for cell in printed.cells
    ]
    (report,) = forms(replace(printed, cells=tuple(cells)))
    last = report.indicators[-1]
    assert last.points is not None
    assert last.score is not None
    assert (last.points.doubts, last.score.doubts) == ((doubt,), (doubt,))
