"""A folder of workpapers says what it was made of, and verify says whether that still holds.

A second process writes the same bytes for three samples; with ``--long`` for all of them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import fuzz_seeds
import pytest
from conftest import SAMPLES
from logs import signed
from samples import papers_in

import auditkit as ak
from auditkit.cli import main
from auditkit.decisions.log import NO_LOG
from auditkit.findings import Outcome, Suppression
from auditkit.reviewing import Terms
from auditkit.rules import RULES
from auditkit.wording import Language
from auditkit.workpapers.manifest import terms_from, terms_json

NAMES = ["manifest.json", "review.json", "workpaper.html", "workpaper.xlsx", "workpaper.docx"]
NAMES += ["annotated.pdf"]
FEW = ("town-2020", "sports-centre-2022", "dump-xinhong")  # a PDF, a workbook, a text


@pytest.fixture(scope="module")
def reviewed(xinhong: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place of work, with a report in data/ and its workpapers in reports/."""
    folder = tmp_path_factory.mktemp("reviewed")
    (folder / "data").mkdir()
    shutil.copy(xinhong, folder / "data" / "a.pdf")
    with pytest.MonkeyPatch.context() as there:
        there.chdir(folder)
        review()
    return folder


@pytest.fixture
def place(reviewed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the place of work, and this process at work there."""
    folder = Path(shutil.copytree(reviewed, tmp_path / "place"))
    monkeypatch.chdir(folder)
    return folder


def review(*options: str, out: str = "reports") -> None:
    assert main(["review", "data/a.pdf", "--out", out, *options]) == 0


def verify(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str], str]:
    capsys.readouterr()
    papers = papers_in(Path("reports"))
    code = main(["verify", str(papers), "--format", "json", *options])
    out, err = capsys.readouterr()
    return code, {c["what"]: c["state"] for c in json.loads(out)["checks"]}, err


def test_workpapers_hold_as_long_as_nothing_is_changed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = verify(capsys)
    assert code == 0
    assert {*NAMES, "rulebook", "standards", "review of a.pdf"} == set(found)
    assert "nothing is signed" in found.pop("manifest.json")
    assert set(found.values()) == {"holds"}


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_file_that_was_changed_or_taken_away_is_told(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = papers_in(place / "reports") / name
    path.write_bytes(path.read_bytes() + b" ")
    code, found, _ = verify(capsys)
    assert (code, found[name]) == (1, "changed since it was written")
    path.unlink()
    code, found, _ = verify(capsys)
    assert (code, found[name]) == (1, "missing")


def test_an_answer_changed_together_with_the_manifest_is_found_by_reviewing_anew(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    papers = papers_in(place / "reports")
    path, manifest = papers / "review.json", papers / "manifest.json"
    was = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(
        path.read_text("utf-8").replace('"outcome": "fail"', '"outcome": "pass"'), "utf-8"
    )
    now = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text("utf-8").replace(was, now), "utf-8")
    code, found, _ = verify(capsys)
    assert (code, found["review.json"]) == (1, "holds")
    assert "something else" in found["review of a.pdf"]


def test_papers_of_a_signed_review_are_proved_against_the_log(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", "data/annotations.sqlite")
    log, form = ak.Log(), ak.review("data/a.pdf")[0]
    review()
    assert "nothing is signed" in verify(capsys)[1]["manifest.json"]
    signed(log, form, "prepared", "王审计")
    code, found, _ = verify(capsys)  # which were written before
    assert (code, "does not hold these papers" in found["manifest.json"]) == (1, True)
    for _ in range(2):  # the same papers are noted once
        review()
        assert [event.decision for event in log.decisions()] == ["signed", "written"]
    code, found, _ = verify(capsys)
    assert (code, found["manifest.json, by event 2 of the log"]) == (0, "holds")
    papers = papers_in(place / "reports")
    page, manifest = papers / "workpaper.html", papers / "manifest.json"
    was, kept = hashlib.sha256(page.read_bytes()).hexdigest(), manifest.read_bytes()
    page.write_bytes(page.read_bytes() + b" ")
    now = hashlib.sha256(page.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text("utf-8").replace(was, now), "utf-8")
    code, found, _ = verify(capsys)
    assert (code, found["workpaper.html"]) == (1, "holds")
    assert "does not hold these papers" in found["manifest.json"]
    assert hashlib.sha256(kept).hexdigest() == log.decisions()[-1].value
    log.reopen(form, "a voucher came in", "李审计")
    review()
    assert verify(capsys)[0] == 0  # of what nobody signs, agreement with the manifest is said
    log.record(form.findings[0], "confirmed", "", "王审计")
    assert log.verify() == log.conflicts() == ()


def test_papers_of_a_signed_review_that_a_batch_writes_are_in_the_log_too(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", "data/annotations.sqlite")
    log, out = ak.Log(), place / "many"
    signed(log, ak.review("data/a.pdf")[0], "prepared", "王审计")
    done = [ak.engagement("data/a.pdf", out, workers=0) for _ in range(2)]
    assert [run.new for run in done] == [1, 0]
    assert [event.decision for event in log.decisions()] == ["signed", "written"]
    assert main(["verify", str(papers_in(out)), "--input", "data"]) == 0
    assert "by event 2 of the log" in capsys.readouterr().out


def test_the_input_is_found_by_its_digest_and_said_when_it_is_not(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = (place / "data" / "a.pdf").rename(place / "b.pdf")
    code, _, said = verify(capsys)
    assert code == 3
    assert "--input" in said
    assert verify(capsys, "--input", str(moved))[0] == 0
    moved.write_bytes(moved.read_bytes() + b"\n")
    assert verify(capsys, "--input", str(moved))[0] == 3


def test_the_terms_of_the_review_are_kept_and_used_again(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = place / "own.toml"
    own.write_text(
        '[[budget_change_threshold]]\nvalue = "x"\nfrom = 2020-01-01\njurisdiction = "310000"\n'
        'basis = "cn-mof-2020-10/weights"\n'
    )
    rules = place / "rules.py"
    rules.write_text(
        "from auditkit.rules import Observation, Outcome, Severity, rule\n"
        '@rule("X-01", Severity.NOTE, title="an own one")\n'
        "def own(worked, law):\n"
        '    """Look at nothing."""\n'
        '    yield Observation(Outcome.PASS, "form", "fine")\n'
    )
    given = ["--parameters", str(own), "--rules", str(rules)]
    review(*given, "--jurisdiction", "310000", "--lang", "zh", "--ignore", "EX-07")
    manifest = papers_in(place / "reports") / "manifest.json"
    terms = json.loads(manifest.read_text("utf-8"))["terms"]
    assert (terms["jurisdiction"], terms["lang"], terms["rules"]) == ("310000", "zh", None)
    assert terms["parameters"]["name"] == "own.toml"
    digest = hashlib.sha256(rules.read_bytes()).hexdigest()
    assert terms["rules_file"] == {"name": "rules.py", "sha256": digest}
    assert terms["suppressions"] == [{"rule": "EX-07", "reason": "ignored by id", "report": "*"}]
    assert verify(capsys, *given)[0] == 0
    code, found, _ = verify(capsys)
    assert code == 1
    assert "other than at the review" in found["rulebook"]
    assert "other than at the review" in found["standards"]


def test_terms_are_recorded_and_come_back() -> None:
    reason = Suppression("EX-07", "agreed", "x*")
    terms = Terms("420000", lang=Language.ZH, rules=RULES[3:5], suppressions=(reason,), redact=True)
    recorded = json.loads(json.dumps(terms_json(terms)))
    given = Terms(log=NO_LOG, parameters=Path("own.toml"))
    assert terms_from(recorded, given) == replace(terms, log=NO_LOG, parameters=Path("own.toml"))
    assert terms_from(terms_json(Terms()), Terms()) == Terms()


def test_corrections_made_since_the_review_are_told(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", "data/annotations.sqlite")
    (form,) = ak.read("data/a.pdf")
    ak.Log().correct(form, "total/score", "50", "", "王审计")
    code, found, _ = verify(capsys)
    assert code == 1
    assert found["corrections"] == "other than at the review"
    assert verify(capsys, "--log", NO_LOG)[0] == 0
    review()
    code, found, _ = verify(capsys)
    assert (code, "corrections" in found) == (0, False)
    manifest = json.loads((papers_in(Path("reports")) / "manifest.json").read_text("utf-8"))
    (made,) = manifest["corrections"]
    assert (made["count"], made["log"], len(made["digest"])) == (1, "annotations.sqlite", 64)


def test_what_papers_print_and_does_not_stand_any_more_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUDITKIT_LOG", "data/annotations.sqlite")
    Path("a.csv").write_bytes(fuzz_seeds.csv())
    log, (form,) = ak.Log(), ak.review("a.csv")
    finding = form.findings_of(Outcome.FAIL)[0]
    write = ["review", "a.csv", "--out", "reports"]

    def sign() -> None:
        signed(log, form, "prepared", "王审计")
        signed(log, form, "reviewed", "李审计")

    log.record(finding, "confirmed", "", "王审计")
    sign()
    assert main(write) == 0
    log.reopen(form, "a voucher came in", "李审计")
    log.record(finding, "dismissed", "it is paid", "王审计")
    sign()
    code, found, _ = verify(capsys, "--input", "a.csv")
    assert code == 1
    assert found["data/annotations.sqlite"] == "holds, with 4 later on this form"
    gone = [what for what, state in found.items() if state.startswith("no longer stands")]
    assert [what.split(":")[-1] for what in gone] == [
        " confirmed by 王审计",
        " signed as prepared by 王审计",
        " signed as reviewed by 李审计",
    ]
    code, found, _ = verify(capsys, "--input", "a.csv", "--log", "elsewhere.sqlite")
    assert (code, "it cannot be told" in found["manifest.json"]) == (1, True)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("workpaper.xlsx", "Import its"),
        ("workpaper.html", "Keep a copy"),
        (None, "Review it again"),
    ],
)
def test_what_to_do_fits_the_paper_that_does_not_hold(
    name: str | None, says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = papers_in(place / "reports") / (name or "workpaper.docx")
    path.write_bytes(path.read_bytes() + b" ")
    if name is None:
        path.unlink()
    main(["verify", str(path.parent), "--format", "json"])
    checks = {c["what"]: c["advice"] for c in json.loads(capsys.readouterr().out)["checks"]}
    assert checks[path.name].startswith(says)


def test_decisions_taken_out_of_the_log_are_told_and_later_ones_are_no_matter(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUDITKIT_LOG")
    log = ak.Log()
    finding, other = ak.review("data/a.pdf")[0].findings[:2]
    log.record(finding, "confirmed", "", "王审计")
    review()
    log.record(other, "dismissed", "", "王审计")
    assert verify(capsys)[0] == 0
    (place / "data" / "annotations.sqlite").unlink()
    code, found, _ = verify(capsys)
    assert code == 1
    assert "no log" in found["data/annotations.sqlite"]


def test_the_same_form_in_another_file_is_looked_for_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["xinhong-2024/xinhong-2024.pdf", "dump-xinhong/dump-xinhong.txt"]
    assert main(["review", *(str(SAMPLES / name) for name in names), "--out", "reports"]) == 0
    paths = sorted(Path("reports").glob("*/manifest.json"))
    inputs = [json.loads(path.read_text("utf-8"))["inputs"] for path in paths]
    names = sorted([each["name"] for each in several] for several in inputs)
    assert names == [
        ["dump-xinhong.txt", "xinhong-2024.pdf"],
        ["xinhong-2024.pdf", "dump-xinhong.txt"],
    ]
    folders = [str(path.parent) for path in paths]
    assert main(["verify", *folders, "--input", str(SAMPLES)]) == 0


def test_two_runs_write_the_same_bytes_into_any_folder(place: Path) -> None:
    review(out="elsewhere/again")
    for name in NAMES:
        once, again = (
            papers_in(place / folder) / name for folder in ("reports", "elsewhere/again")
        )
        assert once.read_bytes() == again.read_bytes()


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(tmp_path: Path, at_length: bool) -> None:
    own, other = tmp_path / "own", tmp_path / "a" / "process"
    few = [str(path) for name in FEW for path in (SAMPLES / name).glob(f"{name}.*")]
    samples = [str(SAMPLES)] if at_length else few
    assert main(["review", *samples, "--out", str(own)]) == 0
    command = [sys.executable, "-m", "auditkit", "review", *samples, "--out", str(other)]
    subprocess.run(command, check=True, capture_output=True)
    files = sorted(path.relative_to(own) for path in own.glob("[!.]*/*") if path.is_file())
    assert len(files) > (60 if at_length else 15)
    assert [
        path for path in files if (own / path).read_bytes() != (other / path).read_bytes()
    ] == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "other"}'])
def test_a_folder_without_a_manifest_is_said(
    text: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (papers_in(place / "reports") / "manifest.json").write_text(text)
    code, _, said = verify(capsys)
    assert code == 3
    assert "that auditkit review wrote" in said
