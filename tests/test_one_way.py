"""One form, one log, one answer: whatever reads a file says the same of it."""

from __future__ import annotations

import json
import re
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import fuzz_seeds
import pytest
from conftest import SAMPLES
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from samples import papers_in

import auditkit as ak
from auditkit.cli import main
from auditkit.decisions.log import NO_LOG, Log, default_log
from auditkit.errors import LogError
from auditkit.findings import Outcome
from auditkit.many.results import query
from auditkit.reviewing import Terms
from auditkit.rules import RETIRED, RULES
from auditkit.wording import Language, speak
from auditkit.workpapers.docx import document
from auditkit.workpapers.folders import short_name
from auditkit.workpapers.html import page

BOILER = SAMPLES / "boiler-2019" / "boiler-2019.pdf"


def texts(data: bytes) -> str:
    """What a Word file says."""
    return "\n".join(node.text or "" for node in Document(BytesIO(data)).element.iter(qn("w:t")))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert main([*map(str, arguments), "--format", "json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def score(review: dict[str, Any]) -> str:
    """The total score of a review in JSON."""
    return str(review["report"]["total"]["score"]["text"])


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``data`` and ``notebooks``, and no log named by a variable."""
    for name in ("data", "notebooks"):
        (tmp_path / name).mkdir()
    shutil.copy(BOILER, tmp_path / "data" / "boiler.pdf")
    monkeypatch.delenv("AUDITKIT_LOG")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def correct(log: Log, path: Path = BOILER) -> None:
    """Have an auditor read the total score, which the form prints as 98, as 50."""
    (form,) = ak.read(path)
    log.correct(form, "total/score", "50", "", "王审计")


def test_a_correction_in_the_log_of_the_variable_counts_on_the_command_line(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", str(workspace / "team.sqlite"))
    correct(ak.Log())
    assert [event.value for event in ak.Log().decisions()] == ["50"]
    (review,) = printed(capsys, "review", BOILER, "--out", "out")["reviews"]
    assert score(review) == "50"
    (event,) = printed(capsys, "log", "show")["events"]
    assert (event["subject"], event["value"]) == ("total/score", "50")
    assert main(["log", "verify"]) == 0
    assert "team.sqlite: whole" in capsys.readouterr().out


def test_a_correction_of_a_corrected_form_is_one_of_what_the_file_says(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    correct(ak.Log())
    again = ak.corrected(*ak.read(BOILER))
    ak.Log().correct(again, "total/score", "60", "", "王审计")
    (review,) = printed(capsys, "review", BOILER, "--out", "out")["reviews"]
    assert score(review) == "60"
    assert [event.answer for event in ak.Log().decisions()] == ["98", "98"]


@pytest.mark.parametrize("here", [".", "notebooks"])
def test_the_log_of_the_workspace_counts_from_its_notebooks_too(
    here: str, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workspace / here)
    correct(ak.Log())
    assert (workspace / "data" / "annotations.sqlite").is_file()
    (review,) = printed(capsys, "review", BOILER, "--out", "out")["reviews"]
    assert score(review) == "50"
    assert len(printed(capsys, "log", "show")["events"]) == 1


def test_the_address_of_no_log_reads_none_and_takes_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", "team.sqlite")
    correct(Log())
    assert default_log() == "team.sqlite"
    assert Log(NO_LOG).decisions() == ()
    with pytest.raises(LogError, match="nothing is kept"):
        correct(Log(NO_LOG))


@pytest.fixture
def corrected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of the variable, in which the total score of the sample is 50."""
    log = tmp_path / "team.sqlite"
    monkeypatch.setenv("AUDITKIT_LOG", str(log))
    correct(Log())
    return log


@pytest.mark.parametrize(
    "command",
    [
        ["{file}"],
        ["{folder}"],
        ["{file}", "{folder}"],
        ["{folder}", "--workers", "2"],
        ["{file}", "--workers", "1"],
    ],
    ids=["a file", "a folder", "both", "two workers", "a file by one worker"],
)
def test_a_correction_counts_however_a_review_is_asked_for(
    command: list[str], corrected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [part.format(file=BOILER, folder=BOILER.parent) for part in command]
    out = tmp_path / "out"
    (one,) = printed(capsys, "review", *named, "--out", out)["reviews"]
    assert (score(one), one["corrections"]["count"]) == ("50", 1)
    (expected,) = ak.review(BOILER)
    assert expected.report.total_score is not None
    assert expected.report.total_score.text == "50"
    assert [f["key"] for f in one["findings"]] == [f.key for f in expected.findings]
    assert papers_in(out).name == "校舍供暖锅炉改造经费-dce497"
    assert main(["verify", str(papers_in(out)), "--input", str(BOILER)]) == 0


def test_a_correction_counts_in_python_in_comparisons_and_in_ledgers(
    corrected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (whole,) = ak.review(BOILER)
    (known,) = ak.review(BOILER.read_bytes(), name=BOILER.name)
    (staged,) = (ak.evaluate(ak.recompute(ak.corrected(form, Log()))) for form in ak.read(BOILER))
    assert whole == known == staged
    (other,) = ak.compare(BOILER, BOILER)
    assert other.before == other.after == whole
    log = Log()
    (form,) = ak.read(BOILER)
    log.correct(form, "budget/total/outturn", "1", "", "王审计")
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("项目,金额\n校舍供暖锅炉改造经费,10000\n", encoding="utf-8")
    columns = ("--column", "project=项目", "--column", "outturn=金额")
    (tie,) = printed(capsys, "compare", BOILER, "--with", ledger, *columns)["findings"]
    assert (tie["reported"], tie["outcome"]) == ("1", "pass")


def test_a_review_says_first_what_auditors_corrected_and_where(
    corrected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (review,) = ak.review(BOILER)
    made = review.corrections
    assert made is not None
    assert (made.count, made.log) == (1, "team.sqlite")
    said = "1 corrected reading, from team.sqlite"
    assert said in repr(ak.show(review)).splitlines()[0]
    assert said in ak.show(review)._repr_html_()
    assert said in ak.show(review, "summary").rows[1]  # below how surely the form was read
    assert said in page([review])
    assert said in texts(document([review]))
    (path, *_) = ak.write_workpapers([review], tmp_path / "papers")
    assert said in [cell.value for cell in next(load_workbook(path).worksheets[0].iter_rows(3))]
    assert main(["review", str(BOILER), "--out", str(tmp_path / "a")]) == 0
    assert f"1 corrected reading, from {corrected}" in capsys.readouterr().err
    assert main(["review", str(BOILER.parent), "--out", str(tmp_path / "b")]) == 0
    assert f"1 form: 1 corrected reading, from {corrected}" in capsys.readouterr().err
    (without,) = ak.review(BOILER, Terms(log=NO_LOG))
    assert (without.corrections, without.report.total_score.text) == (None, "98")  # type: ignore[union-attr]
    assert "corrected reading" not in repr(ak.show(without))


def test_another_correction_has_another_digest_and_a_batch_hears_of_it(
    corrected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reviewed() -> tuple[int, str, str]:
        whole = printed(capsys, "review", BOILER.parent, "--out", tmp_path / "out")
        (one,) = whole["reviews"]
        return whole["run"]["new"], score(one), one["corrections"]["digest"]

    new, first, digest = reviewed()
    assert (new, first, reviewed()) == (1, "50", (0, "50", digest))
    (form,) = ak.read(BOILER)
    Log().correct(form, "total/score", "60", "", "李审计")
    new, second, other = reviewed()
    assert (new, second, other == digest) == (1, "60", False)


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_a_folder_always_makes_its_tables_and_puts_the_rules_across_reports(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("xinhong-2024/xinhong-2024.pdf", "dump-xinhong/dump-xinhong.txt")
    whole = printed(capsys, "review", *(SAMPLES / n for n in names), "--out", tmp_path, *options)
    assert [one["document"]["name"] for one in whole["reviews"]] == [n.split("/")[1] for n in names]
    seen = [[f for f in one["findings"] if f["rule"] == "RD-02"] for one in whole["reviews"]]
    assert [[f["outcome"] for f in found] for found in seen] == [["pass"], ["pass"]]
    assert {found["rule"] for found in whole["across"]} >= {"CR-01", "CR-11"}
    assert query(tmp_path, "select count(*) as forms from reports") == [{"forms": 2}]
    assert whole["run"] == {"total": 2, "new": 2, "forms": 2, "unsure": 1, "failed": 0}
    for one in whole["reviews"]:
        papers = {Path(path).parent for path in one["workpapers"]}
        assert len(papers) == 1
        assert papers.pop().name.endswith(f"-{one['document']['sha256'][:6]}")


def test_the_same_questions_fail_a_run_however_it_is_made(tmp_path: Path) -> None:
    for level, code in (("error", 1), ("warning", 1)):
        for number, given in enumerate(([BOILER], [BOILER.parent], [BOILER, "--workers", "1"])):
            command = ["review", *map(str, given), "--out", str(tmp_path / str(number))]
            assert main([*command, "--fail-on", level]) == code
    wetland = SAMPLES / "wetland-2023"
    assert main(["review", str(wetland), "--out", str(tmp_path), "--fail-on", "error"]) == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(房管所)居民小区综合治理建设", "房管所-居民小区综合治理建设"),
        ("a/b\\c:d*e?f", "a-b-c-d-e-f"),
        ("..隐藏 ", "隐藏"),
        ("\u202e\x00逆", "逆"),
        ("长" * 50, "长" * 40),
        ("\U00020000" * 40, "\U00020000" * 30),
        ("??", ""),
    ],
)
def test_a_name_of_a_folder_is_short_and_safe(text: str, name: str) -> None:
    assert short_name(text) == name


def test_terms_take_the_language_that_is_spoken_when_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", "en")
    first = Terms()
    speak("zh")
    assert (first.lang, Terms().lang) == (Language.EN, Language.ZH)
    assert ak.review(BOILER, first)[0].lang is Language.EN
    with pytest.raises(ValueError, match="'fr'"):
        Terms(lang="fr")  # type: ignore[arg-type]


def test_no_rule_has_the_id_of_one_that_is_no_more() -> None:
    from auditkit.many import across

    assert not RETIRED & {rule.id for rule in (*RULES, *across.ACROSS)}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_correction_counts_in_a_notebook_that_runs_without_a_person(
    corrected: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert main(["notebook", "03", str(BOILER), "--out", str(out)]) == 0
    (one,) = json.loads((out / BOILER.stem / "review.json").read_bytes())["reviews"]
    assert (score(one), one["corrections"]["log"]) == ("50", "team.sqlite")


def test_a_form_that_a_file_holds_twice_with_other_figures_is_a_finding() -> None:
    page = fuzz_seeds.html().decode()
    start, end = page.index("<table"), page.rindex("</table>") + len("</table>")
    once, before = page[start:end], page[:start]
    head = re.search(r"<body[^>]*>(.*)$", before, re.DOTALL)
    title = head[1] if head else ""
    twice = page[:end] + title + once.replace("3475364.00", "9475364.00") + page[end:]
    found = [
        finding
        for one in ak.review(twice.encode(), name="form.html")
        for finding in one.findings
        if finding.rule == "RD-02" and finding.outcome is Outcome.FAIL
    ]
    said = [finding.message("en") for finding in found]
    assert said[0].startswith("3475364.00 here, 9475364.00 in table 2")
    assert len({finding.form for finding in found}) == 2
