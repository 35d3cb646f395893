"""Forms are known by their labels: other layouts, other words, page edges, several in a file."""

from __future__ import annotations

import pytest
from sheets import forms, grid

from auditkit.errors import NoFormError
from auditkit.report import Entry, Report

HEAD = """
项目名称 | < | 道路养护 | < | < | < | < | < | <
主管部门 | < | 某县交通局 | < | < | 实施单位 | < | 某养护队 | <
项目资金（万元） | < | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | ^ | 年度资金总额 | 200.00 | 200.00 | 180.00 | 10 | 90.00% | 9.00
^ | ^ | 其中:当年财政拨款 | 200.00 | 200.00 | 180.00 | — | — | —
^ | ^ | 其他资金 | 0.00 | 0.00 | 0.00 | — | — | —
年度总体目标 | 预期目标 | < | < | < | 实际完成情况 | < | < | <
^ | 养护道路一百公里 | < | < | < | 完成养护 | < | < | <
"""
LABELS = (
    "绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"
    " | 偏差原因分析及改进措施"
)
ROWS = """
^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |
^ | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 |
^ | 满意度指标 | 满意度指标 | 群众满意度 | ≥90% | 88% | 10 | 9.78 | 路面施工期间绕行
总分 | < | < | < | < | < | 100 | 98.78 |
"""
TITLE = ("项目支出绩效自评表", "（2023年度）")


def said(*entries: Entry | None) -> list[str | None]:
    return [entry.text if entry else None for entry in entries]


def rows(report: Report, *names: str) -> list[list[str | None]]:
    return [said(*(getattr(row, name) for name in names)) for row in report.indicators]


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
    assert any("2 rows of the template" in note for note in report.notes)


def test_what_is_missing_is_missing_and_said() -> None:
    block = "项目名称 | 养护 | <\n三级指标 | 指标值 | 完成值\n里程 | 100 | 100"
    (report,) = forms(grid(block))
    assert said(report.title, report.year, report.department, report.total_score) == [None] * 4
    assert report.budget_lines == ()
    missing = " ".join(report.notes)
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
    assert [(r.number, r.place) for r in reports] == [(1, "page 1"), (2, "page 3")]


def test_two_forms_in_one_table_are_told_apart() -> None:
    both = (
        HEAD + LABELS + ROWS + HEAD.strip().replace("道路养护", "桥梁检测") + "\n" + LABELS + ROWS
    )
    both = "\n".join(line for line in both.splitlines() if line.strip())
    reports = forms(grid(both, heading=TITLE))
    assert [r.project.text for r in reports if r.project] == ["道路养护", "桥梁检测"]
    assert [len(r.indicators) for r in reports] == [3, 3]


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
    assert report.place == "pages 1-2"
    assert any("page edges" in note for note in report.notes)


def test_numbers_joined_over_a_page_edge_are_doubted() -> None:
    above = LABELS + "\n^ | 产出指标 | 数量指标 | 养护里 | 319059 | 100 | 50 | 50 |"
    below = " | | | 程 | 62.95 | | | |" + "\n总分 | < | < | < | < | < | 100 | 50 |"
    (report,) = forms(
        grid(HEAD + above, heading=TITLE), grid(below, page=2, number=2, heading=("第2页",))
    )
    first = report.indicators[0]
    joined = [e for e in (first.target, first.name) if e and "page edge" in " ".join(e.doubts)]
    assert joined


def test_another_table_of_the_same_width_is_not_the_forms() -> None:
    other = grid(
        "科目 | 金额 | a | b | c | d | e | f | g\n办公费 | 3.50 | 1 | 2 | 3 | 4 | 5 | 6 | 7",
        page=2,
        number=2,
        heading=("支出决算表",),
    )
    (report,) = forms(grid(HEAD + LABELS + ROWS, heading=TITLE), other)
    assert len(report.indicators) == 3
    assert report.place == "page 1"


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


def test_a_table_of_targets_is_no_self_evaluation() -> None:
    block = """
项目名称 | 道路养护 | < | <
项目资金 | 年度资金总额 | 200 | <
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 养护里程 | ≥100公里
"""
    with pytest.raises(NoFormError):
        forms(grid(block, heading=("项目支出绩效目标申报表",)))
