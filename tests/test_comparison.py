"""What changed between two forms of one project, and nothing that did not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from samples import FOLDER

from auditkit.cli import main
from auditkit.decisions.log import Log
from auditkit.many.comparison import Change, Pair, compare, matched
from auditkit.notebook.showing import show
from auditkit.report import Entry
from auditkit.reviewing import Review, Terms, review
from reports import judged, report

SAMPLES = sorted(path for path in FOLDER.glob("*/*") if path.suffix != ".toml")
ROWS = """
dimension | category | name         | target | actual | points | score | explanation
产出指标  | 数量指标 | 培训农户人次 | ≥100人 | 100人  | 50     | 50    |
产出指标  | 质量指标 | 培训合格率   | ≥95%   | 90%    | 40     | 40    | —
"""
OLD = {
    "project": "2022年度农民培训项目",
    "year": "2022",
    "currency_unit": "万元",
    "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 100             | 90.00   | 10     | 90%            | 9
""",
    "indicators": ROWS,
    "total": ("100", "99"),
}


def made(**other: Any) -> tuple[Review, ...]:
    return (judged(report(OLD | other)),)


def changes(new: tuple[Review, ...]) -> list[Change]:
    (only,) = compare(made(), new)
    return list(only.changes)


def told(some: list[Change], part: str) -> list[tuple[object, ...]]:
    def text(side: Entry | str | None) -> str | None:
        return side.text if isinstance(side, Entry) else side

    return [
        (c.how, f"{c.rule} {c.subject}".strip(), text(c.before), text(c.after), c.difference)
        for c in some
        if c.part == part
    ]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_form_does_not_differ_from_itself(path: Path) -> None:
    reviews = review(path)
    pairs = compare(reviews, reviews)
    assert [(pair.before, pair.after) for pair in pairs] == [(each, each) for each in reviews]
    assert [change for pair in pairs for change in pair.changes] == []


def test_a_figure_that_changed_is_told_with_the_difference() -> None:
    new = OLD["budget"].replace("90.00", "95.5")
    found = changes(made(budget=new))
    assert told(found, "figure") == [
        ("changed", "budget/total/outturn", "90.00", "95.5", "+55000元")
    ]


def test_a_figure_that_is_only_printed_otherwise_did_not_change() -> None:
    new = OLD["budget"].replace("| 90.00  ", "| 900000 ").replace("| 100  ", "| 1,000,000.00 ")
    found = changes(made(budget=new, currency_unit="元"))
    assert [c.subject for c in found if c.part in ("figure", "words")] == ["currency_unit"]


def test_the_same_print_in_another_unit_of_money_is_another_amount() -> None:
    found = told(changes(made(currency_unit="元")), "figure")
    assert ("changed", "budget/total/outturn", "90.00", "90.00", "-899910元") in found


def test_an_amount_is_not_compared_across_units_that_are_not_money() -> None:
    found = changes(made(indicators=ROWS.replace("| 100人  |", "| 100次  |")))
    assert told(found, "figure") == [
        ("changed", "indicator/产出指标/数量指标/培训农户人次/actual", "100人", "100次", "")
    ]


def test_indicators_are_added_removed_and_renamed() -> None:
    rows = ROWS.replace("培训农户人次", "培训农户总人次").replace("培训合格率", "学员满意程度")
    found = told(changes(made(indicators=rows)), "indicator")
    assert found == [
        (
            "renamed",
            "indicator/产出指标/数量指标/培训农户总人次",
            "培训农户人次",
            "培训农户总人次",
            "",
        ),
        ("added", "indicator/产出指标/质量指标/学员满意程度", None, "学员满意程度", ""),
        ("removed", "indicator/产出指标/质量指标/培训合格率", "培训合格率", None, ""),
    ]


def test_a_cell_of_a_renamed_indicator_is_still_compared() -> None:
    rows = ROWS.replace("培训农户人次", "培训农户总人次").replace("| 100人  |", "| 120人  |")
    path = "indicator/产出指标/数量指标/培训农户总人次/actual"
    assert told(changes(made(indicators=rows)), "figure") == [
        ("changed", path, "100人", "120人", "+20人")
    ]


def test_a_dash_instead_of_a_blank_is_no_change() -> None:
    assert changes(made(indicators=ROWS.replace("| —", "|"))) == []


def test_findings_are_new_gone_or_changed_and_say_what_the_other_answer_was() -> None:
    new = OLD["budget"].replace("| 9\n", "| 9.5\n")
    found = told(changes(made(budget=new, total=("100", "99.5"))), "finding")
    more = next(change for change in found if str(change[1]).startswith("EX-02"))
    assert more[0] == "added"
    assert str(more[2]).startswith("pass: ")
    assert str(more[3]).startswith("fail: ")
    (back,) = compare(made(budget=new, total=("100", "99.5")), made())
    less = next(c for c in told(list(back.changes), "finding") if str(c[1]).startswith("EX-02"))
    assert (less[0], less[2], less[3]) == ("removed", more[3], more[2])


def test_a_finding_of_a_renamed_indicator_is_the_same_finding() -> None:
    assert [f for f in made()[0].findings if f.rule == "SC-03" and f.outcome == "fail"]
    rows = ROWS.replace("培训合格率", "培训考核合格率")
    assert told(changes(made(indicators=rows)), "finding") == []


def test_decisions_that_differ_are_told(tmp_path: Path) -> None:
    old, new = made(), made(rating="优")
    log = Log(tmp_path / "log.sqlite")
    finding = next(f for f in old[0].findings if f.rule == "SC-03")
    log.record(finding, "confirmed", "asked the unit", "Auditor")
    (only,) = compare(old, new, Terms(log=log.where))
    assert [(c.how, c.before, c.after) for c in only.changes if c.part == "decision"] == [
        ("removed", "confirmed: asked the unit (Auditor)", None)
    ]
    again = next(f for f in new[0].findings if f.rule == "SC-03")
    log.record(again, "confirmed", "asked the unit", "Auditor")
    (only,) = compare(old, new, Terms(log=log.where))
    assert [c for c in only.changes if c.part == "decision"] == []


def test_forms_are_paired_by_project_and_not_by_place() -> None:
    names = ("道路养护经费", "2022年度农民培训项目", "公园绿化补助")
    olds = [made(project=name)[0] for name in names]
    news = [
        made(project=name)[0] for name in ("2023年度农民培训项目", "道路养护经费", "食堂运行费")
    ]
    pairs = compare(olds, news)
    projects = [
        tuple(side.report.project.text if side and side.report.project else None for side in pair)
        for pair in ((c.before, c.after) for c in pairs)
    ]
    assert projects == [
        ("2022年度农民培训项目", "2023年度农民培训项目"),
        ("道路养护经费", "道路养护经费"),
        (None, "食堂运行费"),
        ("公园绿化补助", None),
    ]
    assert [c.changes[0].how for c in pairs[2:]] == ["added", "removed"]


def test_what_is_the_same_is_never_paired_with_what_is_only_alike() -> None:
    pairs = matched(["培训人次", "培训场次"], ["培训场次", "培训人数"], str)
    assert pairs == [("培训场次", "培训场次"), ("培训人次", "培训人数")]


def test_the_command_prints_changes_as_data_and_as_a_table(
    xinhong: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = FOLDER / "dump-xinhong" / "dump-xinhong.txt"
    assert main(["compare", str(xinhong), str(dump), "--format", "json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["schema"] == "auditkit/compare/1"
    (only,) = whole["comparisons"]
    assert only["before"]["name"] == xinhong.name
    assert {c["how"] for c in only["changes"]} <= {"added", "removed", "renamed", "changed"}
    assert all(c["before"] or c["after"] for c in only["changes"])
    assert main(["compare", str(xinhong), str(dump), "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(only["changes"])
    assert main(["compare", str(xinhong), "no such file.pdf"]) == 3


def test_a_comparison_is_shown_as_its_changes() -> None:
    found = compare(made(), made(rating="优"))
    assert isinstance(found[0], Pair)
    assert "rating" in repr(show(found))
    assert repr(show(found[0])) == repr(show(found))
