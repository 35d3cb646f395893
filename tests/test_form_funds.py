"""Funds by task, by line of spending and by kind, and goals with what stands beside each."""

from __future__ import annotations

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, said
from sheets import forms, grid

import auditkit as ak
from auditkit.doubts import DoubtKind
from auditkit.findings import Outcome, put_rules
from auditkit.report import Report
from auditkit.rules import RULES
from auditkit.standards import guess_jurisdiction
from auditkit.standards import load as standards

LAW = standards()
TAIL = """
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 备注
产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 90 | 90 |
"""


def form(text: str) -> Report:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wide = max(line.count("|") for line in lines)
    whole = "\n".join(line + " | <" * (wide - line.count("|")) for line in lines)
    (found,) = forms(grid(whole, heading=TITLE))
    return found


def outcomes(report: Report) -> dict[tuple[str, str], Outcome]:
    found = put_rules(RULES, ak.recompute(report), LAW, guess_jurisdiction(report, LAW))
    return {(f.rule, f.observation.subject): f.outcome for f in found}


BY_TASK = """
部门名称 | 某县交通局
任务名称 | 完成情况 | 部门预算情况(万元) | < | < | < | < | < | <
^ | ^ | 年初预算数 | 全年预算数 | 其中:财政拨款 | 全年执行数 | 其中:财政拨款 | 分值 | 自评得分
道路养护 | 养护一百公里 | 60 | 60 | 60 | 50 | 50 | 5 | 4.17
路政执法 | 执法二百次 | 40 | 40 | 30 | 30.45 | 20.45 | 5 | 3.81
合计 | | 100 | 100 | 90 | 80.45 | 70.45 | 10 | 7.98
"""


def test_funds_by_task_have_a_row_for_each_and_the_sum_below_is_the_total() -> None:
    report = form(BY_TASK + TAIL)
    assert [line.name for line in report.budget_lines] == ["道路养护", "路政执法", "total"]
    assert {line.parent for line in report.budget_lines[:2]} == {"total"}
    total = report.total_line
    assert total is not None
    assert said(total.adjusted_budget, total.outturn, total.score) == ["100", "80.45", "7.98"]
    assert report.unplaced == ()


def test_tasks_with_points_of_their_own_are_scored_each() -> None:
    found = outcomes(form(BY_TASK + TAIL))
    assert found["EX-02", "budget/total"] is Outcome.PASS
    assert found["EX-11", "budget/points"] is Outcome.PASS
    found = outcomes(form(BY_TASK.replace("7.98", "8.98") + TAIL))
    assert found["EX-02", "budget/total"] is Outcome.FAIL


def test_kinds_of_money_below_a_head_of_amounts_are_parts_of_them() -> None:
    report = form(
        """
部门名称 | 某县交通局
年度主要任务 | 任务名称 | 主要内容 | 预算金额(万元) | < | 执行金额(万元) | <
^ | ^ | ^ | 总额 | 财政拨款 | 总额 | 财政拨款
^ | 道路养护 | 养护一百公里 | 60 | 60 | 50 | 50
^ | 路政执法 | 执法二百次 | 40 | 30 | 30.45 | 20.45
^ | 金额合计 | < | 100 | 90 | 80.45 | 70.45
"""
        + TAIL
    )
    total = report.total_line
    assert total is not None
    assert said(total.adjusted_budget, total.outturn) == ["100", "80.45"]
    assert [entry.text for _, entry in total.extra] == ["90", "70.45"]
    assert [line.name for line in report.budget_lines] == ["道路养护", "路政执法", "total"]


def test_a_first_line_of_spending_is_not_the_total_where_a_row_is_called_so() -> None:
    report = form(
        """
项目名称 | 道路养护
行号 | 支出明细编码 | 支出明细内容 | 核定预算数(元) | 实际执行数(元) | 结余金额(元) | 执行率%
1 | 30201 | 办公费 | 6000 | 5000 | 1000 | 83.33
2 | 30213 | 维修费 | 94000 | 75450 | 18550 | 80.27
合计 | < | < | 100000 | 80450 | 19550 | 100
"""
        + TAIL
    )
    assert [line.name for line in report.budget_lines] == ["办公费", "维修费", "total"]
    found = outcomes(report)
    assert found["EX-01", "budget/total"] is Outcome.FAIL  # 100 without a sign for 80.45 %
    assert found["EX-08", "budget/total/outturn"] is Outcome.PASS


KINDS = """
项目名称 | 道路养护
项目资金(万元) | | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 金额合计 | 100 | 80.45 | 10 | 80.45% | 8.05
"""


def test_subtotals_of_rows_beside_them_are_no_parts_of_the_total_once_more() -> None:
    parts = """
^ | 一般公共预算拨款-本级 | 40 | 30 | — | |
^ | 中央级 | 20 | 20 | — | |
^ | 财政拨款小计 | 60 | 50 | — | |
^ | 单位自筹 | 40 | 30.45 | — | |
"""
    report = form(KINDS + parts + TAIL)
    kinds = {line.name: line.parent for line in report.budget_lines}
    assert kinds == {
        "total": "",
        "appropriation": "total",
        "central": "total",
        "subtotal": "",
        "unit_funds": "total",
    }
    assert outcomes(report)["EX-08", "budget/total/outturn"] is Outcome.PASS


def test_subtotals_without_their_parts_are_the_parts_of_the_total() -> None:
    parts = """
^ | 财政拨款小计 | 60 | 50 | — | |
^ | 自有资金小计 | 40 | 30.45 | — | |
"""
    report = form(KINDS + parts + TAIL)
    assert [line.parent for line in report.budget_lines] == ["", "total", "total"]
    assert outcomes(report)["EX-08", "budget/total/outturn"] is Outcome.PASS


def test_a_row_that_is_the_total_by_its_words_alone_is_doubted() -> None:
    (line,) = form(KINDS.replace("金额合计", "市级专项经费总投入") + TAIL).budget_lines
    assert line.name == "total"
    assert line.outturn is not None
    assert [doubt.kind for doubt in line.outturn.doubts] == [DoubtKind.NAME_TAKEN_FOR]


NESTED = """
项目名称 | 道路养护
项目资金(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额 | 60 | 70 | 63 | 10 | 90% | 9
^ | {0} | 45 | 55 | 49 | — | 89.09% | —
^ | {1} | 15 | 20 | 17 | — | 85% | —
^ | {2} | 30 | 35 | 32 | — | 91.43% | —
^ | {3} | 15 | 15 | 14 | — | 93.33% | —
"""
ORDERS = {
    "其中": ("其中:财政拨款", "中央资金", "省级资金", "其他资金"),
    "numbers": ("1.财政拨款", "(1)一般公共预算", "(2)政府性基金", "2.其他资金"),
    "circles": ("一、财政拨款", "①中央资金", "②地方资金", "二、单位资金"),
    "depths": ("1、财政拨款", "1.1 上级资金", "1.2 本级资金", "2、单位资金"),
    "其中 below": ("财政拨款", "其中:中央补助", "本级安排", "单位自有资金"),
}


def of_sums(report: Report) -> dict[str, Outcome]:
    return {subject: out for (rule, subject), out in outcomes(report).items() if rule == "EX-08"}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("is_last", [False, True])
def test_rows_with_rows_of_their_own_are_counted_once(order: str, is_last: bool) -> None:
    head, total, *rows = NESTED.format(*ORDERS[order]).strip().splitlines()[1:]
    rows = [*rows, total] if is_last else [total, *rows]
    found = of_sums(form("\n".join(["项目名称 | 道路养护", head, *rows]) + TAIL))
    assert set(found.values()) == {Outcome.PASS}
    assert "budget/appropriation/outturn" in found


@pytest.mark.parametrize("order", ORDERS)
def test_a_wrong_total_above_rows_with_rows_of_their_own_is_found(order: str) -> None:
    report = form(NESTED.format(*ORDERS[order]).replace("额 | 60 | 70", "额 | 60 | 75") + TAIL)
    found = {subject for subject, outcome in of_sums(report).items() if outcome is Outcome.FAIL}
    assert found == {"budget/total/adjusted_budget"}


@pytest.mark.parametrize("order", ["numbers", "circles", "depths"])
def test_numbered_parts_that_are_not_all_of_their_row_are_found(order: str) -> None:
    text = NESTED.format(*ORDERS[order]).replace("| 30 | 35 | 32", "| 20 | 25 | 22")
    found = {subject for subject, out in of_sums(form(text + TAIL)).items() if out is Outcome.FAIL}
    assert found == {f"budget/appropriation/{name}" for name in ak.report.AMOUNTS}


def test_a_part_that_is_more_than_its_row_is_found_and_one_that_is_less_is_not() -> None:
    labels = ("财政拨款", "其中:中央补助", "单位自有资金", "其他资金")
    text = (
        NESTED.format(*labels)
        .replace("| 15 | 20 | 17", "| {} | 20 | 17")
        .replace("| 30 |", "| 0 |")
    )
    text = text.replace("| 0 | 35 | 32 |", "| 0 | 0 | 0 |")
    less, more = (of_sums(form(text.format(amount) + TAIL)) for amount in ("15", "55"))
    assert set(less.values()) == {Outcome.PASS}
    assert more["budget/appropriation/initial_budget"] is Outcome.FAIL


IN_UNITS = """
项目名称 | 道路养护
{0} | | {1} | {2} | {3} | 分值 | 执行率 | 得分
^ | {4} | 60 | 70 | 63{5} | 10 | 90% | 9
^ | {6} | 45{7} | 55{7} | 49{5} | — | 89.09% | —
^ | 其他资金 | 15 | 15 | 14{5} | — | 93.33% | —
"""
HEADS = ("年初预算数", "全年预算数", "全年执行数")
PLACES = {
    "a head": (
        "项目资金(万元)",
        *HEADS[:2],
        "全年执行数(元)",
        "年度资金总额",
        "0000",
        "财政拨款",
        "",
    ),
    "each head": (
        "项目资金",
        "年初预算数(万元)",
        "全年预算数(万元)",
        "全年执行数(元)",
        "年度资金总额",
        "0000",
        "财政拨款",
        "",
    ),
    "a head, and the total": (
        "项目资金",
        *HEADS[:2],
        "全年执行数(单位:元)",
        "年度资金总额(万元)",
        "0000",
        "财政拨款",
        "",
    ),
    "a row": ("项目资金(万元)", *HEADS, "年度资金总额", "", "其中:财政拨款(元)", "0000"),
    "rows": ("项目资金", *HEADS, "年度资金总额(万元)", "", "其中:财政拨款(元)", "0000"),
    "a row, before heads": (
        "项目资金",
        *(f"{head}(万元)" for head in HEADS),
        "年度资金总额",
        "",
        "财政拨款(元)",
        "0000",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_unit_in_a_head_or_the_label_of_a_row_is_that_of_its_amounts(place: str) -> None:
    text = IN_UNITS.format(*PLACES[place])
    if "row" in place:
        text = text.replace("49 |", "490000 |")
    report = form(text + TAIL)
    assert said(report.currency_unit) == ["万元"]
    found = outcomes(report)
    sums = {subject: found["EX-08", subject] for rule, subject in found if rule == "EX-08"}
    assert set(sums.values()) == {Outcome.PASS}
    assert len(sums) == len(HEADS)
    assert found["EX-01", "budget/total"] is Outcome.PASS
    assert found["EX-02", "budget/total"] is Outcome.PASS
    assert found["EX-04", "budget/total"] is Outcome.PASS


def test_an_amount_in_another_unit_is_worked_out_in_that_of_the_form() -> None:
    worked = ak.recompute(form(IN_UNITS.format(*PLACES["a head"]) + TAIL))
    assert worked.execution.rate is not None
    assert worked.execution.rate.formula == "63万元 / 70 = 90%"


def test_a_unit_over_the_first_column_is_that_of_all() -> None:
    heads = ("项目资金", "年初预算数(元)", *HEADS[1:], "年度资金总额", "", "财政拨款", "")
    report = form(IN_UNITS.format(*heads) + TAIL)
    assert said(report.currency_unit) == ["元"]
    assert {e.reading.unit for line in report.budget_lines for e in (line.outturn,) if e} == {""}


def test_a_unit_beside_an_amount_is_that_of_the_amount() -> None:
    report = form(
        """
项目名称 | 道路养护 | < | < | < | < | < | <
资金情况(万元) | < | 年初预算数 | 60 | 全年预算数 | 70 | 全年执行数(元) | 630000
"""
        + TAIL
    )
    assert outcomes(report)["EX-04", "budget/total"] is Outcome.PASS


PARTS_BESIDE = """
项目名称 | 道路养护 | < | < | < | < | <
资金情况(万元) | 年初预算 | 60 | 全年预算 | 70 | 全年执行 | 63
^ | 其中:财政资金 | {0} | 其他资金 | {1} | 执行率 | 90%
"""


def beside(first: str, second: str) -> Report:
    return form(PARTS_BESIDE.format(first, second) + TAIL)


def test_parts_in_a_row_of_their_own_are_of_the_amount_that_they_add_up_to() -> None:
    report = beside("55", "15")
    kinds = {line.name: said(line.adjusted_budget) for line in report.budget_lines}
    assert kinds == {"total": ["70"], "appropriation": ["55"], "other": ["15"]}
    found = of_sums(report)
    assert found == {"budget/total/adjusted_budget": Outcome.PASS}
    assert {line.initial_budget for line in report.budget_lines[1:]} == {None}


def test_parts_that_no_head_and_no_sum_places_are_a_question_and_no_error() -> None:
    report = beside("50", "15")
    doubts = {
        doubt.kind
        for line in report.budget_lines[1:]
        for entry in (line.initial_budget, line.adjusted_budget)
        if entry
        for doubt in entry.doubts
    }
    assert doubts == {DoubtKind.NO_HEAD}
    assert Outcome.FAIL not in of_sums(report).values()


GOALS = """
年度绩效目标 | < | < | 实际完成情况 | < | < | 偏差原因分析及改进措施 | < | 得分
养护道路一百公里,路况良好 | < | < | 养护道路一百公里,验收合格 | < | < | 无 | < | 10
建立巡查制度并坚持每月巡查 | < | < | 巡查制度已建立,巡查了十次 | < | < | 汛期两月未巡查 | < | 8
"""


def whole(goals: str) -> str:
    head = HEAD.strip().splitlines()
    return "\n".join([*head[:6], goals, LABELS.replace("绩效指标", "指标"), ROWS])


@pytest.mark.parametrize("numbered", [False, True])
def test_several_goals_have_each_its_result_its_cause_and_its_score(numbered: bool) -> None:
    goals = GOALS
    if numbered:
        goals = goals.replace("养护道路一百公里,路", "目标1:养护道路一百公里,路")
    report = form(whole(goals))
    expected, actual = report.goals.expected, report.goals.actual
    assert expected is not None
    assert actual is not None
    assert (len(expected.cells), len(actual.cells)) == (2, 2)
    assert expected.text.endswith("坚持每月巡查")
    assert {label: entry.text for label, entry in report.extra if "目标" in label} == {
        "目标/偏差原因分析及改进措施": "无",
        "目标/偏差原因分析及改进措施#2": "汛期两月未巡查",
        "目标/得分": "10",
        "目标/得分#2": "8",
    }
    assert report.unplaced == ()


def test_goals_with_a_label_each_are_read_one_after_the_other() -> None:
    goals = """
年度目标1 | 养护道路一百公里,路况良好,群众出行便利 | < | < | 完成情况 | 养护道路一百公里 | < | < | <
年度目标2 | 建立巡查制度并坚持每月巡查一次以上 | < | < | 完成情况 | 巡查制度已建立 | < | < | <
"""
    report = form(whole(goals))
    assert said(report.goals.actual) == ["养护道路一百公里巡查制度已建立"]
    assert report.unplaced == ()


def test_the_funds_of_the_whole_count_before_those_by_task_that_have_no_total() -> None:
    report = form(
        """
部门名称 | 某县交通局
年度主要任务 | 任务名称 | 主要内容 | < | 预算数(万元) | 执行数(万元) | 执行率
^ | 道路养护 | 养护一百公里 | < | 60 | 50 | 83.33%
^ | 路政执法 | 执法二百次 | < | 40 | 30.45 | 76.13%
部门预算(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额 | 100 | 100 | 80.45 | 10 | 100% | 10
^ | 基本支出 | 60 | 60 | 50 | — | — | —
^ | 项目支出 | 40 | 40 | 30.45 | — | — | —
"""
        + TAIL
    )
    assert [line.name for line in report.budget_lines] == ["total", "基本支出", "项目支出"]
    assert outcomes(report)["EX-01", "budget/total"] is Outcome.FAIL
    assert {"道路养护", "60", "30.45", "76.13%"} <= {cell.text for cell in report.unplaced}


WITH_CAUSES = """
项目资金(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分 | 执行偏差原因
^ | 年度资金总额 | 560 | 560 | 181.1 | 10 | 32.34% | 3.23 | 财政资金12月到位,大部分款项结转次年支付
^ | 其中:财政拨款 | 560 | 560 | 181.1 | — | 32.34% | — |
"""


def test_a_cause_that_speaks_of_a_kind_of_money_is_no_label_of_a_row() -> None:
    report = form(WITH_CAUSES + TAIL)
    total = report.total_line
    assert total is not None
    assert said(total.outturn, total.execution_rate, total.score) == ["181.1", "32.34%", "3.23"]
    assert report.unplaced == ()
