"""Tables that share the labels of a self-evaluation form are refused for what they are."""

from __future__ import annotations

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, said
from sheets import forms, grid

from auditkit.doubts import NoteKind
from auditkit.errors import NoFormError
from auditkit.forms.neighbours import Neighbour
from auditkit.grid import Grid

DECLARED = """
项目名称 | 道路养护 | < | <
项目资金 | 年度资金总额 | 200 | <
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 养护里程 | ≥100公里
"""
DECLARED_WITH_ROOM = """
项目名称 | 道路养护 | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值
产出指标 | 数量指标 | 养护里程 | ≥100公里 | | 50
效益指标 | 社会效益指标 | 通行能力 | 有效改善 | — | 40
"""
MONITORED = """
项目名称 | 道路养护 | < | < | < | <
项目资金 | 年初预算数 | 调整后预算数 | 1-7月执行数 | 1-7月执行率 | 全年预计执行数
年度资金总额 | 200 | 200 | 90 | 45% | 200
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 1-7月完成情况 | 完成可能性分析
产出指标 | 数量指标 | 养护里程 | ≥100公里 | 60公里 | 确定能
"""
CHANGED = """
项目名称 | 道路养护 | < | < | <
年度目标 | 调整前年度绩效目标 | 养护一百公里 | 调整后年度绩效目标 | 养护八十公里
一级指标 | 二级指标 | 三级指标 | 调整前指标值 | 调整后指标值
产出指标 | 数量指标 | 养护里程 | ≥100公里 | ≥80公里
"""
LISTED = """
序号 | 项目名称 | 年初预算数 | 全年执行数 | 执行率 | 自评得分
1 | 道路养护 | 200 | 180 | 90% | 98.78
2 | 桥梁检测 | 50 | 50 | 100% | 100
"""
CHECKED = """
项目名称 | 道路养护 | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 指标值 | 指标权重 | 抽评得分
产出指标 | 数量指标 | 养护里程 | ≥100公里 | 50 | 48
"""
DECLARED_WITH_SCORES = """
项目名称 | 道路养护 | < | < | < | < | <
项目资金 | 年度资金总额 | 200 | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标 | 数量指标 | 养护里程 | ≥100公里 | | 50 |
效益指标 | 社会效益指标 | 通行能力 | 有效改善 | | 40 |
"""
NEIGHBOURS = [
    ("项目支出绩效目标申报表", DECLARED, Neighbour.DECLARATION),
    ("", DECLARED, Neighbour.DECLARATION),
    ("2023年项目支出绩效目标表", DECLARED_WITH_ROOM, Neighbour.DECLARATION),
    ("2023年项目支出绩效目标申报表", DECLARED_WITH_SCORES, Neighbour.DECLARATION),
    ("项目支出绩效运行监控表", MONITORED, Neighbour.MONITORING),
    ("", MONITORED, Neighbour.MONITORING),
    ("项目支出绩效目标调整申请表", CHANGED, Neighbour.CHANGE),
    ("", CHANGED, Neighbour.CHANGE),
    ("项目支出绩效自评情况汇总表", LISTED, Neighbour.PROJECTS),
    ("", LISTED, Neighbour.PROJECTS),
    ("项目支出绩效自评抽查表", CHECKED, Neighbour.SPOT_CHECK),
    ("", CHECKED, Neighbour.SPOT_CHECK),
]
WORDS = {
    Neighbour.DECLARATION: r"a declaration of targets \(绩效目标申报表\)",
    Neighbour.MONITORING: r"the monitoring of a running year \(绩效运行监控表\)",
    Neighbour.CHANGE: r"a change of goals \(绩效目标调整表\)",
    Neighbour.PROJECTS: r"a list of projects \(项目清单\)",
    Neighbour.SPOT_CHECK: r"a spot check or review of self-evaluations \(自评抽查复核表\)",
}


def table(title: str, block: str) -> Grid:
    return grid(block, page=2, number=2, heading=(title,) if title else ())


@pytest.mark.parametrize(("title", "block", "kind"), NEIGHBOURS)
def test_a_neighbour_is_refused_by_its_name(title: str, block: str, kind: Neighbour) -> None:
    with pytest.raises(NoFormError, match=WORDS[kind]) as refused:
        forms(table(title, block))
    assert "绩效自评表" in refused.value.advice


@pytest.mark.parametrize(("title", "block", "kind"), NEIGHBOURS)
def test_a_neighbour_beside_a_form_is_named_in_a_note(
    title: str, block: str, kind: Neighbour
) -> None:
    form = grid(HEAD + LABELS + ROWS, heading=TITLE)
    other = table(title or "附件二", block)
    for grids in ((form, other), (other, form)):
        (report,) = forms(*grids)
        assert said(report.project, report.total_score) == ["道路养护", "98.78"]
        assert [n["what"] for n in report.notes if n.kind is NoteKind.NEIGHBOUR] == [kind]


def test_a_neighbour_below_a_form_in_one_table_takes_nothing_of_it() -> None:
    wide = " | <" * 8
    below = "\n".join(line + " | " * 3 for line in DECLARED_WITH_ROOM.strip().splitlines())
    both = f"{HEAD.strip()}\n{LABELS}{ROWS}项目支出绩效目标申报表{wide}\n{below}"
    (report,) = forms(grid(both, heading=TITLE))
    assert len(report.indicators) == 3
    assert [n["what"] for n in report.notes] == [Neighbour.DECLARATION]


def test_several_neighbours_are_all_named() -> None:
    with pytest.raises(NoFormError, match=r"declaration.*, the monitoring"):
        forms(table("项目支出绩效目标申报表", DECLARED), table("绩效运行监控表", MONITORED))


@pytest.mark.parametrize(
    "title",
    ["项目支出绩效目标申报表", "绩效目标调整后自评表", "抽查项目绩效自评表", "绩效评价自评表"],
)
def test_a_form_with_results_is_read_under_such_titles(title: str) -> None:
    (report,) = forms(grid(HEAD + LABELS + ROWS, heading=(title,)))
    assert len(report.indicators) == 3


def test_a_form_with_a_column_of_a_spot_check_or_a_warning_is_a_form() -> None:
    for head in ("抽评得分", "序时进度预警", "复核得分"):
        (report,) = forms(grid(HEAD + LABELS.replace("偏差原因分析及改进措施", head) + ROWS))
        assert len(report.indicators) == 3


def test_a_form_left_blank_is_a_form() -> None:
    (report,) = forms(grid(DECLARED_WITH_ROOM, heading=TITLE))
    assert said(report.project) == ["道路养护"]


def test_a_list_of_tasks_inside_a_department_form_is_no_list_of_projects() -> None:
    block = """
部门名称 | 某县水利局 | < | < | <
项目名称 | 年初预算数 | 全年预算数 | 全年执行数 | 执行率
河道整治 | 20 | 20 | 18 | 90%
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 得分
产出指标 | 整治里程 | ≥10公里 | 10公里 | 50
"""
    (report,) = forms(grid(block, heading=("部门整体支出绩效自评表",)))
    assert said(report.department) == ["某县水利局"]
    assert len(report.indicators) == 1


def test_a_self_evaluation_left_blank_under_the_title_of_a_declaration_is_said_to_be_that() -> None:
    blank = """
项目名称 | 道路养护 | < | < | < | <
资金来源 | 年初预算数 | 全年预算数 | 全年执行数 | 执行率 | 得分
年度资金总额 | 200 | 200 | | |
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 得分 | 偏差原因
产出指标 | 养护里程 | ≥100公里 | | |
"""
    with pytest.raises(NoFormError, match="declaration"):  # no place for what was spent
        forms(grid(blank.replace("全年执行数", "申报理由"), heading=("绩效目标申报表",)))
    (report,) = forms(grid(blank, heading=("绩效目标申报表",)))
    assert NoteKind.ONLY_DECLARED in {note.kind for note in report.notes}
    (report,) = forms(grid(blank, heading=TITLE))
    assert NoteKind.ONLY_DECLARED not in {note.kind for note in report.notes}
