"""Forms that go on over page edges: rows, labels and titles that an edge cuts, repeats or parts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, page, rows, said
from sheets import forms, grid

from auditkit.doubts import DoubtKind, Note, NoteKind
from auditkit.forms import recognise
from auditkit.grid import Box, Cell, Extent, PageLayout, Tables, Unit
from reports import kinds

CUTS = {
    "between rows": (
        LABELS + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |",
        "绩效指标 | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 |",
    ),
    "the header is repeated": (
        LABELS + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |",
        LABELS + "\n^ | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 |",
    ),
    "a row is cut": (
        LABELS
        + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |"
        + "\n^ | 效益指标 | 社会效益指标 | 通行 | 有效 | 有效改善 | 30 | 30 |",
        " | | | 能力 | 改善 | | | |",
    ),
    "the name stands below": (
        LABELS
        + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |"
        + "\n^ | 效益指标 | 社会效益指标 | | 有效改善 | 有效改善 | 30 | 30 |",
        " | | | 通行能力 | | | | |",
    ),
    "a dimension is cut": (
        LABELS
        + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |"
        + "\n^ | 效益 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 |",
        " | 指标 | | | | | | |",
    ),
    "the header itself is cut": (
        "绩效指标 | | | 三级指标 | 年度指标值 | | 分值 | 得分 |",
        " | 一级指标 | 二级指标 | | | 实际完成值 | | | 偏差原因分析及改进措施\n"
        " | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |\n"
        " | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 |",
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_form_goes_on_over_a_page_edge(name: str) -> None:
    above, below = CUTS[name]
    rest = (
        "\n^ | 满意度指标 | 满意度指标 | 群众满意度 | ≥90% | 92% | 10 | 10 |"
        "\n总分 | < | < | < | < | < | 100 | 99.00 |"
    )
    (report,) = forms(
        grid(HEAD + above, heading=TITLE), grid(below + rest, page=2, number=2, heading=("— 2 —",))
    )
    assert rows(report, "dimension", "category", "name", "target", "actual", "score") == [
        ["产出指标", "数量指标", "养护里程", "≥100公里", "100公里", "50"],
        ["效益指标", "社会效益指标", "通行能力", "有效改善", "有效改善", "30"],
        ["满意度指标", "满意度指标", "群众满意度", "≥90%", "92%", "10"],
    ]
    assert said(report.total_score) == ["99.00"]
    assert report.place == Extent(Unit.PAGE, 1, 2)
    assert NoteKind.OVER_PAGE_EDGES in kinds(report.notes)


def test_numbers_joined_over_a_page_edge_are_doubted() -> None:
    above = LABELS + "\n^ | 产出指标 | 数量指标 | 养护里 | 319059 | 100 | 50 | 50 |"
    below = " | | | 程 | 62.95 | | | |" + "\n总分 | < | < | < | < | < | 100 | 50 |"
    (report,) = forms(
        grid(HEAD + above, heading=TITLE), grid(below, page=2, number=2, heading=("第2页",))
    )
    first = report.indicators[0]
    beside_the_edge = {DoubtKind.MAY_BE_CUT, DoubtKind.OVER_THE_EDGE}
    assert [e for e in (first.target, first.name) if e and kinds(e.doubts) & beside_the_edge]


def test_another_table_of_the_same_width_is_not_the_forms() -> None:
    other = grid(
        "科目 | 金额 | a | b | c | d | e | f | g\n办公费 | 3.50 | 1 | 2 | 3 | 4 | 5 | 6 | 7",
        page=2,
        number=2,
        heading=("支出决算表",),
    )
    (report,) = forms(grid(HEAD + LABELS + ROWS, heading=TITLE), other)
    assert len(report.indicators) == 3
    assert report.place == page(1)


@pytest.mark.parametrize("heading", [TITLE, (*TITLE, "金额单位:万元"), ("项目支出绩效自评表(续)",)])
@pytest.mark.parametrize("repeated", [True, False])
def test_a_title_repeated_on_the_next_page_begins_no_new_form(
    heading: tuple[str, ...], repeated: bool
) -> None:
    above = LABELS + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |"
    below = (LABELS if repeated else "") + ROWS.replace(
        "^ | 产出指标 | 数量指标", "^ | 产出 | 数量"
    )
    below = below.strip() if repeated else "绩效指标" + below.strip()[1:]
    (report,) = forms(
        grid(HEAD + above, heading=(*TITLE, "金额单位:万元")),
        grid(below, page=2, number=2, heading=heading),
    )
    assert len(report.indicators) == 4
    assert said(report.project, report.total_score) == ["道路养护", "98.78"]


CUT = """
项目名称 | < | 图书馆 | < | < | <
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值
^ | 效益指标 | 社会效益指标 | 环境优良 | 良好 | 良好
"""


def test_whole_rows_on_both_sides_of_a_page_edge_are_two_rows() -> None:
    below = " | | | 网络全覆盖 | 良好 | 良好\n | 满意度指标 | 满意度 | 读者 | 90% | 91%"
    (report,) = forms(grid(CUT), grid(below, page=2, number=2))
    assert rows(report, "dimension", "name") == [
        ["效益指标", "环境优良"],
        ["效益指标", "网络全覆盖"],
        ["满意度指标", "读者"],
    ]


def test_two_categories_beside_a_page_edge_are_not_one() -> None:
    above = CUT.replace("社会效益指标", "社会效益")
    below = " | | 成本指标 | 单位成本 | ≤5元 | 4元"
    (report,) = forms(grid(above), grid(below, page=2, number=2))
    assert rows(report, "category") == [["社会效益"], ["成本指标"]]


def test_a_row_of_the_funds_that_a_page_edge_cuts_is_joined_and_doubted() -> None:
    above = """
项目名称 | < | 绿化 | <
资金情况（元） | | 全年预算数 | 全年执行数
^ | 年度资金总额 | 14500000 | 900
"""
    below = """
 | | 0.00 |
^ | 其他资金 | 5.00 | 0
"""
    (report,) = forms(grid(above), grid(below, page=2, number=2))
    total, other = report.budget_lines
    assert said(total.adjusted_budget, other.adjusted_budget) == ["145000000.00", "5.00"]
    assert total.adjusted_budget is not None
    assert not total.adjusted_budget.is_sure


def test_goals_on_the_page_after_their_labels_are_read() -> None:
    above = "项目名称 | 节水 | <\n年度 | 预期目标 | 实际完成情况"
    below = "总体目标 | |\n^ | 改造计量设施 | 改造完成\n一级指标 | 三级指标 | 完成值"
    rest = "\n产出 | 水表 | 5个"
    (report,) = forms(grid(above), grid(below + rest, page=2, number=2))
    assert said(report.goals.expected, report.goals.actual) == ["改造计量设施", "改造完成"]


TALL = "项目名称 | < | 图书馆 | < | < | <"
PAGE_ONE = f"""
{TALL}
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值
^ | 效益指标 | 社会效益 | 读者人次 | ≥900 | 950
"""


@pytest.mark.parametrize("head", [TALL, TALL.replace("图书馆", "效益图书馆")])
def test_rows_that_each_page_repeats_are_no_new_form(head: str) -> None:
    below = f"{head}\n | | | 活动场次 | ≥5 | 6\n | 满意度指标 | 满意度 | 读者 | 90% | 91%"
    (report,) = forms(grid(PAGE_ONE), grid(below, page=2, number=2))
    assert rows(report, "dimension", "name") == [
        ["效益指标", "读者人次"],
        ["效益指标", "活动场次"],
        ["满意度指标", "读者"],
    ]


def test_text_of_a_cut_cell_printed_over_the_next_page_does_not_part_the_form() -> None:
    below = grid(
        " | | | 活动场次 | ≥5 | 6",
        page=2,
        number=2,
        heading=("社会效益", "效益图书馆项目支出绩效自评表"),
    )
    title = ("图书馆项目支出绩效自评表",)
    (report,) = forms(grid(PAGE_ONE, heading=title), below)
    assert rows(report, "name") == [["读者人次"], ["活动场次"]]


def test_a_table_that_may_be_the_rest_of_a_form_is_said_to_be_left_over() -> None:
    other = grid(
        "甲 | 乙 | 丙 | 丁 | 戊 | 己\n1 | 2 | 3 | 4 | 5 | 6",
        page=2,
        number=2,
        heading=("另外一张没有关系的统计表格的名称",),
    )
    (report,) = forms(grid(PAGE_ONE), other)
    assert len(report.indicators) == 1
    assert Note.of(NoteKind.TABLE_NOT_TAKEN, place=page(2)) in report.notes


def test_a_date_that_a_page_edge_cuts_is_one_date() -> None:
    below = " | | | 及招标 | 12月30日 | 12月30日"
    above = PAGE_ONE.replace("读者人次 | ≥900 | 950", "项目设计 | 2022年 | 2022年")
    (report,) = forms(grid(above), grid(below, page=2, number=2))
    assert rows(report, "name", "target") == [["项目设计及招标", "2022年12月30日"]]


def test_a_block_label_that_a_page_edge_cuts_is_no_column() -> None:
    above = "项目名称 | 图书馆 | < | <\n绩效 | 三级指标 | 指标值 | 完成值"
    below = "指标 | 读者人次 | ≥900 | 950\n^ | 活动场次 | ≥5 | 6"
    (report,) = forms(grid(above), grid(below, page=2, number=2))
    assert [(row.name.text, row.extra) for row in report.indicators if row.name] == [
        ("读者人次", ()),
        ("活动场次", ()),
    ]


def edge(above: str, below: str, room: float = 0.0) -> list[list[str | None]]:
    """Read two rows beside a page edge; ``room`` is what the first one has below its texts."""
    head = "项目名称 | < | 图书馆 | < | <\n一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值\n"
    first = grid(head + above)
    last = max(cell.row for cell in first.cells)
    cells = tuple(replace(c, room=room) if c.row == last else c for c in first.cells)
    (report,) = forms(replace(first, cells=cells), grid(below, page=2, number=2))
    return rows(report, "dimension", "name", "target", "actual")


def test_rows_beside_a_page_edge_are_joined_only_where_nothing_speaks_against_it() -> None:
    whole = [["效益指标", "环境优良", "较好", "较好"]]
    above = "效益指标 | 社会效益 | 环境 | 较 | 较"
    assert edge(above, " | | 优良 | 好 | 好") == whole
    assert len(edge(above, " | | 优良 | 好 | 好", room=4)) == 2
    assert len(edge(above, " | | *优良 | 好 | 好")) == 2
    assert len(edge(above.replace("| 较 |", "| ≥95% |"), " | | 优良 | 好 | 好")) == 2
    assert len(edge(above, " | | 优良 | 大于等于3 | 3")) == 2


def test_a_group_whose_bracket_a_page_edge_cuts_is_one_group() -> None:
    above = "效益指标(30 | 社会效益 | 环境 | 较好 | 较好"
    assert {row[0] for row in edge(above, "分) | | 通行 | ≥9 | 9")} == {"效益指标(30分)"}


def test_a_total_row_that_a_page_edge_cuts_is_one_row() -> None:
    whole = HEAD + LABELS + ROWS.replace("100 | 98.78 |", "100 | |")
    (report,) = forms(grid(whole), grid(f" {'| < ' * 5}| | 98.78 | ", page=2, number=2))
    assert said(report.total_points, report.total_score) == ["100", "98.78"]


def test_the_rest_of_a_remark_beside_the_fields_is_part_of_the_row_that_a_page_edge_cut() -> None:
    head = "一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 评分标准 | 分值 | 得分"
    above = f"""
项目名称 | 道路养护 | < | < | < | < | <
{head}
产出指标 | 养护里程 | ≥100公里 | 100公里 | 按完成 | 50 | 50
"""
    below = " | | | | 比例计分 | | \n效益指标 | 受益群众 | ≥90人 | 95人 | 按比例 | 40 | 40"
    (report,) = forms(grid(above, page=1, heading=TITLE), grid(below, page=2, number=2))
    kept = [dict(row.extra)["评分标准"].text for row in report.indicators]
    assert kept == ["按完成比例计分", "按比例"]
    (report,) = forms(
        grid(above, page=1, heading=TITLE), grid(below.replace("比例计分", "2"), page=2, number=2)
    )
    kept = [dict(row.extra)["评分标准"].text for row in report.indicators]
    assert kept == ["按完成", "按比例"]


def test_the_heads_of_the_goals_that_a_page_edge_cuts_are_heads_of_both() -> None:
    below = """
 | < | 实际完成情况 | <
养护道路一百公里 | < | 完成养护 | <
一级指标 | 三级指标 | 年度指标值 | 实际完成值
产出指标 | 养护里程 | ≥100公里 | 100公里
"""
    above = "项目名称 | 道路养护 | < | <\n年度绩效目标 | < | | <"
    (report,) = forms(grid(above, page=1, heading=TITLE), grid(below, page=2, number=2))
    assert said(report.goals.expected, report.goals.actual) == ["养护道路一百公里", "完成养护"]


def test_the_end_of_a_single_head_that_a_page_edge_cuts_is_no_row() -> None:
    above = """
项目名称 | 道路养护 | < | < | < | < | <
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改
"""
    below = """
 | | | | | | 进措施
产出指标 | 养护里程 | ≥100公里 | 90公里 | 50 | 45 | 雨季停工
"""
    (report,) = forms(grid(above, page=1, heading=TITLE), grid(below, page=2, number=2))
    assert rows(report, "name", "explanation") == [["养护里程", "雨季停工"]]


def test_the_heads_of_the_next_table_below_a_page_edge_repeat_no_others() -> None:
    first = LABELS + "\n^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 40 | 40 |"
    rest = " | | 质量指标 | 养护质量 | 合规 | 合规 | 10 | 10 |"
    own = "^ | 满意度指标 | 满意度指标 | 群众满意度 | ≥90% | 92% | 40 | 40 |"
    (report,) = forms(
        grid(HEAD + first, heading=TITLE), grid(f"{rest}\n{LABELS}\n{own}", page=2, number=2)
    )
    assert rows(report, "dimension", "name", "points") == [
        ["产出指标", "养护里程", "40"],
        ["产出指标", "养护质量", "10"],
        ["满意度指标", "群众满意度", "40"],
    ]


def test_the_label_beside_the_goals_may_stand_below_a_page_edge() -> None:
    lines = HEAD.strip().splitlines()
    above = "\n".join((*lines[:-2], lines[-2].replace("年度总体目标", "")))
    below = lines[-1].replace("^", "年度总体目标")
    (report,) = forms(
        grid(above, heading=TITLE), grid(f"{below}\n{LABELS}{ROWS}", page=2, number=2)
    )
    goals = report.goals
    assert said(goals.expected, goals.actual) == ["养护道路一百公里", "完成养护"]


def test_a_title_at_the_foot_of_a_page_is_that_of_the_table_overleaf() -> None:
    whole = HEAD.replace("项目名称 | <", "单位名称 | <").replace("道路养护", "某县交通局")
    one = grid(HEAD + LABELS + ROWS, heading=TITLE)
    other = grid(whole + LABELS + ROWS, page=2, number=2)
    foot = [
        Cell(one.document, Box(1, 100.0, 700.0 + 10 * n, 300.0, 709.0 + 10 * n), text, n, 0)
        for n, text in enumerate(("说明", "部门整体支出绩效自评表", "（2022年度）"))
    ]
    pages = (PageLayout(1, 600.0, 800.0, lines=tuple(foot)),)
    first, second = recognise(Tables(one.document, (one, other), pages=pages))
    assert said(first.title, first.year) == [TITLE[0], "2023"]
    assert said(second.title, second.year) == ["部门整体支出绩效自评表", "2022"]
