"""A form held against approved targets, final accounts and ledgers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from auditkit.cli import main
from auditkit.errors import NoFormError
from auditkit.findings import Finding
from auditkit.many.reconciliation import reconcile
from auditkit.reviewing import read
from reports import report

FORM = report(
    {
        "project": "村组道路硬化项目",
        "currency_unit": "金额单位:万元",
        "budget": "name | adjusted_budget | outturn\ntotal | 12.00 | 10.93",
        "indicators": """
            name | target | points
            硬化道路 | ≥3公里 | 20
            受益户数 | ≥100户 | 10
            工程合格率 | 100% | 10
        """,
    }
)
LEDGER = {"project": "项目", "outturn": "金额(元)"}
APPROVED = {"name": "三级指标", "target": "指标值", "points": "分值"}


def book(path: Path, *rows: Sequence[object]) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return path


def said(findings: tuple[Finding, ...]) -> dict[str, tuple[str, str]]:
    return {
        f.observation.subject.split("/", 1)[1]: (f.outcome.value, f.message()) for f in findings
    }


def test_payments_of_a_ledger_are_added_up_and_tied_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(
        "明细账\n摘要,项目,金额(元)\n工程款,村组道路硬化项目,100000.00\n水费,办公,5\n"
        '尾款,村组道路硬化项目,"9,300.50"\n',
        encoding="gb18030",
    )
    (tie,) = reconcile(FORM, path, LEDGER)
    assert (tie.rule, tie.outcome.value) == ("CR-02", "pass")
    assert tie.observation.arithmetic == "100000 / 10000 + 9300.5 / 10000 = 10.93005 万元"


def test_a_tie_has_the_cells_of_both_documents(tmp_path: Path) -> None:
    rows = ("项目", "金额(元)"), ("村组道路硬化项目", 100000), ("村组道路硬化项目", 9300.5)
    (tie,) = reconcile(FORM, book(tmp_path / "l.xlsx", *rows), LEDGER)
    assert tie.outcome.value == "pass", tie.message()
    assert [str(cell.place) for cell in tie.cells[1:]] == ["Sheet!B2", "Sheet!B3"]
    assert tie.cells[0].document == FORM.document


@pytest.mark.parametrize(
    ("name", "amount", "outcome", "words"),
    [
        ("村组道路硬化项目", 109349.99, "pass", "tied out"),
        ("村组道路硬化项目", 109500, "fail", "10.93 instead of 10.95"),
        ("村组道路硬化工程项目", 109300, "open", "similar name: 村组道路硬化工程项目"),
        ("别的", 109300, "open", "left open"),
        ("村组道路硬化项目", "待定", "open", "left open"),
    ],
)
def test_an_amount_is_tied_within_its_last_place(
    tmp_path: Path, name: str, amount: object, outcome: str, words: str
) -> None:
    path = book(tmp_path / "l.xlsx", ("项目", "金额(元)"), (name, amount))
    (tie,) = reconcile(FORM, path, LEDGER)
    assert tie.outcome.value == outcome
    assert words in tie.message()


def test_without_a_printed_unit_a_difference_is_only_asked_about(tmp_path: Path) -> None:
    form = report({"project": "甲", "budget": "name | outturn\ntotal | 10.93"})
    path = book(tmp_path / "l.xlsx", ("项目", "金额(元)"), ("甲", 109300))
    assert reconcile(form, path, LEDGER)[0].outcome.value == "review"
    assert reconcile(form, path, LEDGER, unit="万元")[0].outcome.value == "review"


@pytest.mark.parametrize(
    ("above", "head", "amount", "unit"),
    [
        (None, "金额(万元)", 10.93, ""),
        (None, "金额(万元)", 10.93, "元"),  # what the file states counts
        ("单位:万元", "金额", 10.93, ""),
        (None, "金额", "10.93万元", ""),
        (None, "金额", 10.93, "万元"),
    ],
)
def test_amounts_are_in_the_unit_that_the_other_document_states(
    tmp_path: Path, above: str | None, head: str, amount: object, unit: str
) -> None:
    path = book(tmp_path / "l.xlsx", (above,), ("项目", head), ("村组道路硬化项目", amount))
    (tie,) = reconcile(FORM, path, {"project": "项目", "outturn": head}, unit)
    assert (tie.outcome.value, tie.message()) == ("pass", "10.93 tied out: 10.93 = 10.93 万元")


def test_a_unit_that_nobody_states_is_said_to_be_taken(tmp_path: Path) -> None:
    path = book(tmp_path / "l.xlsx", ("项目", "金额"), ("村组道路硬化项目", 10.93))
    (tie,) = reconcile(FORM, path, {"project": "项目", "outturn": "金额"})
    assert tie.outcome.value == "review"
    assert tie.message() == (
        "10.93 instead of 0.001093: 10.93 / 10000 = 0.001093 万元; no unit is stated for these "
        "amounts, which are taken as 元"
    )


def test_targets_are_tied_to_those_approved(tmp_path: Path) -> None:
    path = book(
        tmp_path / "approved.xlsx",
        ("批复表",),
        ("三级指标", "指标值", "分值"),
        ("硬化道路", "≥3公里", 20),
        ("受益户数", "≥120户", 10),
        ("公示率", "100%", 5),
        ("工程合格率", "", 10),
    )
    found = said(reconcile(FORM, path, APPROVED))
    told = {key.replace("-/-/", ""): value for key, value in found.items()}
    assert told["硬化道路/target"][0] == "pass"
    assert told["硬化道路/points"][0] == "pass"
    assert told["受益户数/target"] == ("fail", "≥100户 instead of ≥120户 as approved")
    assert told["公示率"][0] == "fail"
    assert told["工程合格率/target"][0] == "open"


def test_an_indicator_that_was_not_approved_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("三级指标", "指标值", "分值"), ("硬化道路", "≥3公里", 20))
    failed = [f for f in reconcile(FORM, path, APPROVED) if f.outcome.value == "fail"]
    assert [f.observation.reported for f in failed] == ["受益户数", "工程合格率"]


def test_heads_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = book(tmp_path / "l.xlsx", ("a", "b"))
    with pytest.raises(NoFormError, match="no row has the heads 项目, 金额"):
        reconcile(FORM, path, LEDGER)


def test_a_form_is_tied_to_a_ledger_on_the_command_line(
    tmp_path: Path, xinhong: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (form,) = read(xinhong)
    assert form.project
    path = book(tmp_path / "l.xlsx", ("项目", "金额"), (form.project.text, 29907108.39))
    columns = ["--column", "project=项目", "--column", "outturn=金额"]
    command = ["compare", str(xinhong), "--with", str(path), *columns]
    assert main([*command, "--format", "json"]) == 0
    (tie,) = json.loads(capsys.readouterr().out)["findings"]
    assert (tie["rule"], tie["outcome"], tie["reported"]) == ("CR-02", "pass", "29907108.39")
    assert main(command) == 0
    assert "CR-02  pass     budget/total/outturn" in capsys.readouterr().out
    assert main([*command[:3], str(tmp_path / "none.xlsx"), *columns]) == 3
    assert "none.xlsx" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*command, "--column", "price=单价"])
    assert "a name of project, initial_budget" in capsys.readouterr().err
