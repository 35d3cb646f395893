"""What shows only when many reports lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from auditkit.findings import Finding, Rule
from auditkit.grid import Box, Cell
from auditkit.many import across as subject
from auditkit.many.results import packed, query, rows_of, write_tables
from auditkit.report import Report
from auditkit.reviewing import Terms
from auditkit.standards import load
from reports import judged, report

GOAL = "硬化全村主要道路,方便村民出行和农产品外运"


def form(number: int, **other: Any) -> dict[str, Any]:
    outturn = str(int(10 * 1.05**number)) + "." + str(number % 90 + 10)
    lines = f"name | adjusted_budget | outturn\ntotal | {outturn} | {outturn}"
    known = {"project": f"项目{number}", "year": "2023年", "department": "水利局", "budget": lines}
    return {**known, "total": ("100", str(70 + number % 30)), "name": f"{number}.pdf", **other}


def found(
    folder: Path, rule: str, forms: Sequence[dict[str, Any]], expected: Sequence[str] = ()
) -> list[Finding]:
    reviews = [
        (judged(replace(_told(report(spec), spec), place=f"page {n}"), Terms(rules=())),)
        for n, spec in enumerate(forms)
    ]
    write_tables((packed(rows_of(r, r[0].document.name)) for r in reviews), folder)
    answer = partial(query, folder)
    return [f for f in subject.across(answer, expected) if f.rule == rule]


def _told(form: Report, spec: dict[str, Any]) -> Report:
    """Return a form with what its file states of self-evaluation."""
    said = (
        Cell(form.document, Box(2, 0, 0, 595, 842), text, 0, 0) for text in spec.get("prose", ())
    )
    return replace(form, prose=tuple(said))


def stating(text: str, number: int = 1) -> dict[str, Any]:
    return form(number, total=("100", "95"), **amounts("120.00 | 100.00"), prose=[text])


def rows(full: int, of: int) -> str:
    lines = ["name | target | actual | points | score"]
    lines += [f"n{n} | ≥1 | 1 | 2 | {2 if n < full else 1}" for n in range(of)]
    return "\n".join(lines)


def asked(of: str) -> dict[str, str]:
    return {"indicators": f"dimension | name | target | actual\n满意度指标 | {of} | ≥90% | 95%"}


def amounts(text: str) -> dict[str, str]:
    return {"budget": f"name | adjusted_budget | outturn\ntotal | {text}"}


SHOWN: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], str]] = {
    "CR-01": (
        [form(1, goals=(GOAL, "~")), form(2, goals=(GOAL.replace("全村", "本村"), "~"))],
        [
            form(1, goals=(GOAL, "~")),
            form(2, goals=("建成村级文化活动室并开展群众文化活动十场", "~")),
        ],
        "2 projects (项目1; 项目2)",
    ),
    "CR-04": (
        [form(n, total=("100", "98.5")) for n in range(8)],
        [form(n) for n in range(8)],
        "spread by 0.00",
    ),
    "CR-06": (
        [form(n, **amounts("319059.62 | 299071.08")) for n in (1, 2)],
        [form(n, **amounts("50.00 | 50.00")) for n in (1, 2)],
        "项目1; 项目2",
    ),
    "CR-08": (
        [form(1, **amounts("100 | 40"), total=("100", "98"))],
        [form(1, **amounts("100 | 40"), total=("100", "80"))],
        "98 points with only 40.0% spent",
    ),
    "CR-09": (
        [form(1, indicators=rows(60, 60)), form(2, department="教育局", indicators=rows(30, 60))],
        [form(1, indicators=rows(31, 60)), form(2, department="教育局", indicators=rows(30, 60))],
        "100.0% full marks, only 50.0% elsewhere",
    ),
    "CR-10": (
        [form(n % 50, **amounts("9000 | 900" + str(n % 10))) for n in range(300)],
        [form(n) for n in range(300)],
        "beyond 0.015",
    ),
    "CR-11": (
        [form(1), form(1, name="b.pdf", year="2024年", **amounts("100 | 40"))],
        [form(1), form(1, name="b.pdf", year="2024年")],
        "100 after 10.11",
    ),
    "CR-12": (
        [form(n, **asked("受益老年人及家属满意度")) for n in range(4)],
        [
            *(form(n, **asked("服务对象满意度")) for n in range(4)),
            *(form(n, project=f"养老服务{n}", **asked("老年人养老满意度")) for n in range(4, 7)),
        ],
        "4 projects whose names share no word with it",
    ),
    "CR-13": (
        [stating("共对12个项目开展绩效自评,评为“优”的10个,“良”的1个。")],
        [stating("共对12个项目开展绩效自评,平均得分96.5分,评为“优”的11个,“良”的1个。")],
        "ratings add up to 11 (10 + 1), 12 projects stated",
    ),
    "CR-14": (
        [stating("共对1个项目开展绩效自评,涉及资金120万元,平均得分99.33分。")],
        [stating("共对1个项目开展绩效自评,涉及资金120万元,平均得分95分,评为“优”的1个。")],
        "mean score: 99.33 stated, 95 on 1 forms",
    ),
}


def test_every_rule_is_shown_at_work() -> None:
    assert {rule.id for rule in subject.ACROSS} == {*SHOWN, "CR-05"}


@pytest.mark.parametrize("rule", SHOWN)
def test_a_rule_shows_what_is_unusual_and_the_cells(rule: str, tmp_path: Path) -> None:
    odd, usual, said = SHOWN[rule]
    shown = [f for f in found(tmp_path, rule, odd) if f.outcome.value in ("review", "fail")]
    assert said in shown[0].message(), shown[0].message()
    assert all(cell.document.name.endswith("pdf") and cell.place for cell in shown[0].cells)
    assert len({cell.document.name for cell in shown[0].cells}) >= (
        1 if rule == "CR-09" else min(2, len(odd))
    )
    assert {f.outcome.value for f in found(tmp_path, rule, usual)} == {"pass"}


def test_a_form_that_stands_in_two_files_is_held_beside_the_year_before_once(
    tmp_path: Path,
) -> None:
    first = form(1, project="灌渠清淤", year="2023")
    later = {**first, "name": "b.pdf", "year": "2024", **amounts("100 | 40")}
    handed_in = [first, later, {**later, "name": "c.pdf"}]
    assert len(found(tmp_path, "CR-11", handed_in)) == 1


@pytest.mark.parametrize("rule", SHOWN)
def test_a_rule_stays_open_where_there_is_nothing_to_compare(rule: str, tmp_path: Path) -> None:
    bare = {"project": "~", "department": "~", "year": "~", "budget": "", "total": ("~", "~")}
    assert [f.outcome.value for f in found(tmp_path, rule, [form(1, **bare)])] == ["open"]


def test_texts_across_reports_are_those_that_the_oldest_form_may_be_held_to(tmp_path: Path) -> None:
    def cited(year: str) -> set[str]:
        forms = [form(1, year=year), form(2, year="2023年")]
        return {text for one in found(tmp_path, "CR-05", forms, ["项目1"]) for text in one.basis}

    assert cited("2019年") == {"cn-budget-law/evaluation"}
    assert "cn-mof-2020-10/all-projects" in cited("2022年")


def test_projects_without_a_form_are_named(tmp_path: Path) -> None:
    (missing,) = found(tmp_path, "CR-05", [form(1)], ["项目1", "项目 2"])
    assert (missing.outcome.value, missing.observation.reported) == ("fail", "1")
    assert "without: 项目 2" in missing.message()
    assert found(tmp_path, "CR-05", [form(1)], ["项 目1"])[0].outcome.value == "pass"
    assert found(tmp_path, "CR-05", [form(1)])[0].outcome.value == "open"


@pytest.mark.parametrize("rule", subject.ACROSS, ids=lambda rule: rule.id)
def test_every_rule_explains_itself_in_both_languages(rule: Rule) -> None:
    for word in ("Fails: ", "Passes: ", "Open: "):
        assert word in rule.explanation
    for basis in rule.basis:
        load().instrument(basis)
    assert rule.title("en")
    assert rule.title("zh")
