"""Nothing vanishes, and nothing is accused for what was not understood.

Each cell of a form is a value, a label, furniture, or not understood and named; a column that is
not known weakens the figures that it may change, and no others.
"""

from __future__ import annotations

from itertools import chain

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, said
from samples import load
from sheets import forms, grid

import auditkit as ak
from auditkit.doubts import Doubt, DoubtKind, NoteKind
from auditkit.findings import Finding, Outcome, put_rules
from auditkit.forms.header import FIELDS
from auditkit.forms.labels import GRAMMAR
from auditkit.forms.rows import BESIDE
from auditkit.grid import plain
from auditkit.report import Entry, Report
from auditkit.rules import RULES
from auditkit.standards import guess_jurisdiction
from auditkit.standards import load as standards
from auditkit.wording import Term, put

LAW = standards()


def form(text: str) -> Report:
    (found,) = forms(grid(text, heading=TITLE))
    return found


def findings(report: Report) -> list[Finding]:
    worked = ak.recompute(report)
    return list(put_rules(RULES, worked, LAW, guess_jurisdiction(report, LAW)))


def failed(report: Report) -> set[str]:
    return {f.rule for f in findings(report) if f.outcome is Outcome.FAIL}


def kinds(entry: Entry | None) -> list[DoubtKind]:
    return [doubt.kind for doubt in entry.doubts] if entry else []


def notes(report: Report, kind: NoteKind) -> list[dict[str, object]]:
    return [dict(note.facts) for note in report.notes if note.kind is kind]


def with_column(head: str, cells: tuple[str, ...], *, behind: str) -> str:
    """Put a column of its own behind another of the whole form; other rows reach over it."""
    lines = [line for line in (HEAD + LABELS + ROWS).strip().splitlines() if line.strip()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    top = max(at for at, row in enumerate(rows) if behind in row)
    column, own = rows[top].index(behind), (head, *cells)
    for at, row in enumerate(rows):
        within = top <= at < top + len(own)
        row.insert(column + 1, own[at - top] if within else "<")
    return "\n".join(" | ".join(row) for row in rows)


@pytest.mark.parametrize("sample", load(), ids=lambda sample: sample.path.parent.name)
def test_every_cell_of_a_sample_is_understood(sample) -> None:  # type: ignore[no-untyped-def]
    assert [cell.text for report in ak.read(sample.path) for cell in report.unplaced] == []


def test_a_cell_outside_of_every_block_is_kept_with_its_place_and_named() -> None:
    report = form(HEAD + LABELS + ROWS + "暂列 | < | 31.5 | < | < | < | < | < | <")
    assert [cell.text for cell in report.unplaced] == ["暂列", "31.5"]
    assert notes(report, NoteKind.NOT_UNDERSTOOD) == [{"texts": ("暂列", "31.5")}]
    assert {cell.place for cell in report.unplaced} == {
        cell.place for cell in report.unplaced if cell.place
    }


def test_what_stands_under_an_unknown_head_is_not_understood_also_where_it_is_kept() -> None:
    report = form(with_column("甲乙丙丁", ("7", "8", "9"), behind="分值"))
    assert [cell.text for cell in report.unplaced] == ["甲乙丙丁", "7", "8", "9"]
    (note,) = notes(report, NoteKind.COLUMN_UNKNOWN)
    assert (note["column"], note["cells"]) == ("甲乙丙丁", 3)
    assert said(*(dict(row.extra).get("甲乙丙丁") for row in report.indicators)) == ["7", "8", "9"]


def test_every_text_of_a_grid_is_accounted_for_once() -> None:
    text = with_column("甲乙丙丁", ("7", "8", "9"), behind="分值")
    whole = grid(text, heading=TITLE)
    (report,) = forms(whole)
    used = {cell.place for entry in report.entries() for cell in entry.cells}
    loose = {cell.place for cell in report.unplaced}
    left = [c.text for c in whole.cells if plain(c.text) and c.place not in used | loose]
    assert set(left) == {
        *("项目名称", "主管部门", "实施单位"),
        *("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"),
        *("年度总体目标", "预期目标", "实际完成情况", "绩效指标", "一级指标", "二级指标"),
        *("三级指标", "年度指标值", "实际完成值", "偏差原因分析及改进措施", "总分"),
    }


FUNDS = """
项目名称 | < | 道路养护 | < | < | < | < | <
项目资金（万元） | | 年初预算数 | {head} | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额 | 20 | {added} | 31.69 | 10 | 97.81% | 9.78
年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <
^ | 养护道路一百公里 | < | < | 完成养护 | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因
产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 90 | 90 |
总分 | < | < | < | < | 100 | 99.78 |
"""


@pytest.mark.parametrize(
    ("head", "added", "adjusted"),
    [
        ("调整后的预算", "32.4", "32.4"),
        ("预算变更后金额", "32.4", "32.4"),
        ("最终预算数", "32.4", "32.4"),
        ("甲乙丙丁", "32.4", "32.4"),  # by its arithmetic: 31.69 of 32.4 is 97.81 %
        ("年中追加(减)数", "12.4", None),
        ("实际到位资金", "32.4", None),
        ("戊己庚辛", "12.4", None),
    ],
)
def test_money_beside_the_initial_budget_makes_no_accusation(
    head: str, added: str, adjusted: str | None
) -> None:
    report = form(FUNDS.format(head=head, added=added))
    line = report.total_line
    assert line is not None
    assert said(line.adjusted_budget, line.outturn) == [adjusted, "31.69"]
    assert kinds(line.adjusted_budget or line.initial_budget)
    assert not failed(report) & {"EX-01", "EX-02", "EX-03", "EX-04"}


def test_a_change_of_the_budget_is_told_from_the_budget_by_what_they_come_to() -> None:
    text = """
项目名称 | < | 道路养护 | < | < | < | < | <
项目资金（万元） | | 年初预算数 | 调整预算数 | 调整后预算数 | 全年执行数 | 执行率 | 得分
^ | 年度资金总额 | 20 | 12.4 | 32.4 | 31.69 | 97.81% | 9.78
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因
产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 90 | 90 |
"""
    line = form(text).total_line
    assert line is not None
    assert said(line.initial_budget, line.adjusted_budget) == ["20", "32.4"]
    assert kinds(line.adjusted_budget) == []


@pytest.mark.parametrize("head", ["调整后目标值", "修正目标值", "变更后指标值"])
def test_a_target_that_was_adjusted_counts_and_is_doubted(head: str) -> None:
    report = form(with_column(head, ("≥90公里", "有效改善", "≥85%"), behind="年度指标值"))
    assert said(*(row.target for row in report.indicators)) == ["≥90公里", "有效改善", "≥85%"]
    assert kinds(report.indicators[0].target) == [DoubtKind.TAKEN_FOR]
    assert "SC-03" not in failed(report)


@pytest.mark.parametrize("head", ["扣分理由", "得分理由", "差异说明", "未达标情况说明"])
def test_a_cause_is_found_under_what_its_head_says(head: str) -> None:
    report = form((HEAD + LABELS + ROWS).replace("偏差原因分析及改进措施", head))
    assert report.indicators[2].explanation is not None
    assert report.indicators[2].explanation.text == "路面施工期间绕行"
    about = {f.observation.subject for f in findings(report) if f.outcome is Outcome.FAIL}
    assert report.indicators[2].path not in about


def test_words_beside_what_lost_points_are_a_cause_whatever_their_head_says() -> None:
    report = form((HEAD + LABELS + ROWS).replace("偏差原因分析及改进措施", "甲乙丙丁"))
    cause = report.indicators[2].explanation
    assert cause is not None
    assert (cause.text, kinds(cause)) == ("路面施工期间绕行", [DoubtKind.INFERRED_COLUMN])


WRONG = ROWS.replace("≥90% | 88% | 10 | 9.78 |", "≥90% | 60% | 10 | 10 |")


def test_a_column_of_words_removes_no_failure_and_one_of_figures_makes_a_question() -> None:
    assert "SC-03" in failed(form(HEAD + LABELS + WRONG))
    for cells, fails in ((("甲村", "乙村", "丙村"), True), (("96公里", "80%", "70%"), False)):
        whole = with_column("戊己庚辛", cells, behind="实际完成值").replace(ROWS, WRONG)
        whole = whole.replace("88% | < | 10 | 9.78", "60% | < | 10 | 10")
        report = form(whole.replace(f"88% | {cells[2]} | 10 | 9.78", f"60% | {cells[2]} | 10 | 10"))
        assert ("SC-03" in failed(report)) is fails
        asked = {f.rule for f in findings(report) if f.outcome is Outcome.REVIEW}
        assert ("SC-03" in asked) is not fails


def test_a_row_of_values_is_no_row_of_heads_whatever_its_words_may_mean() -> None:
    report = form(HEAD + LABELS + ROWS)
    stated = chain(*([row.target, row.actual] for row in report.indicators))
    assert all(entry is not None and entry.is_sure for entry in stated)


def test_signs_and_a_first_budget_are_known_by_what_stands_beside_them() -> None:
    signs = form(
        with_column("甲乙丙丁", ("≥", "定性", "≥"), behind="三级指标").replace("≥100", "100")
    )
    assert signs.indicators[0].target is not None
    assert signs.indicators[0].target.text == "≥100公里"
    head = FUNDS.replace("年初预算数", "当年预算").format(head="调整后的预算", added="32.4")
    line = form(head).total_line
    assert line is not None
    assert said(line.initial_budget, line.adjusted_budget) == ["20", "32.4"]
    assert all(kinds(entry) for entry in (line.initial_budget, line.adjusted_budget))


ROLES = [
    *(role for table in ("funding", "indicators") for role in GRAMMAR[table] if role not in BESIDE),
    *(role for role in GRAMMAR["header"] if role in FIELDS),
]


@pytest.mark.parametrize("role", sorted({*ROLES, "comparator"}))
def test_whatever_a_column_or_label_is_taken_for_can_be_said(role: str) -> None:
    for kind in (DoubtKind.TAKEN_FOR, DoubtKind.INFERRED_COLUMN):
        doubt = Doubt.of(kind, label="甲乙丙丁", role=Term(role))
        assert all("甲乙丙丁" in put(doubt, lang) for lang in ("en", "zh"))


PROSE = "在全县范围内完成了一百公里道路的养护任务"


@pytest.mark.parametrize(("loose", "fails"), [(PROSE, False), ("暂列", True)])
def test_a_text_that_was_not_understood_may_be_the_goals(loose: str, fails: bool) -> None:
    blank = HEAD.replace("养护道路一百公里", "").replace("完成养护", "")
    report = form(blank + LABELS + ROWS + f"{loose}{' | <' * 8}")
    assert loose in [cell.text for cell in report.unplaced]
    about = {f.observation.subject: f.outcome for f in findings(report) if f.rule == "CP-01"}
    assert (about["goals"] is Outcome.FAIL) is fails
    assert about["goals"] in (Outcome.FAIL, Outcome.REVIEW)
