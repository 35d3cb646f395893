"""A folder of workpapers says what it was made of, and verify says whether that still holds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SAMPLES

from auditkit.cli import main

NAMES = ["manifest.json", "review.json", "workpaper.html", "workpaper.xlsx", "workpaper.docx"]
NAMES += ["annotated.pdf"]


@pytest.fixture
def place(tmp_path: Path, xinhong: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of work, with a report in data/ and its workpapers in reports/."""
    (tmp_path / "data").mkdir()
    shutil.copy(xinhong, tmp_path / "data" / "a.pdf")
    monkeypatch.chdir(tmp_path)
    review()
    return tmp_path


def review(*options: str, out: str = "reports") -> None:
    assert main(["review", "data/a.pdf", "--out", out, *options]) == 0


def verify(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str], str]:
    capsys.readouterr()
    code = main(["verify", "reports/a", "--format", "json", *options])
    out, err = capsys.readouterr()
    return code, {c["what"]: c["state"] for c in json.loads(out)["checks"]}, err


def test_workpapers_hold_as_long_as_nothing_is_changed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = verify(capsys)
    assert code == 0
    assert {*NAMES[1:], "rulebook", "standards", "review of a.pdf"} == set(found)
    assert set(found.values()) == {"holds"}


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_file_that_was_changed_or_taken_away_is_told(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "reports" / "a" / name
    path.write_bytes(path.read_bytes() + b" ")
    code, found, _ = verify(capsys)
    assert (code, found[name]) == (1, "changed since it was written")
    path.unlink()
    code, found, _ = verify(capsys)
    assert (code, found[name]) == (1, "missing")


def test_an_answer_changed_together_with_the_manifest_is_found_by_reviewing_anew(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib

    path, manifest = place / "reports/a/review.json", place / "reports/a/manifest.json"
    was = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(
        path.read_text("utf-8").replace('"outcome": "fail"', '"outcome": "pass"'), "utf-8"
    )
    now = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text("utf-8").replace(was, now), "utf-8")
    code, found, _ = verify(capsys)
    assert (code, found["review.json"]) == (1, "holds")
    assert "something else" in found["review of a.pdf"]


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
        "from auditkit import Observation, Outcome, Severity, rule\n"
        '@rule("X-01", Severity.NOTE, title="an own one")\n'
        "def own(worked, law):\n"
        '    """Look at nothing."""\n'
        '    yield Observation(Outcome.PASS, "form", "fine")\n'
    )
    given = ["--parameters", str(own), "--rules", str(rules)]
    review(*given, "--jurisdiction", "310000", "--lang", "zh", "--ignore", "EX-07")
    terms = json.loads((place / "reports/a/manifest.json").read_text("utf-8"))["terms"]
    assert (terms["jurisdiction"], terms["lang"]) == ("310000", "zh")
    assert terms["parameters"]["name"] == "own.toml"
    assert terms["suppressions"] == [{"rule": "EX-07", "reason": "ignored by id", "report": "*"}]
    assert verify(capsys, *given)[0] == 0
    code, found, _ = verify(capsys)
    assert code == 1
    assert "other than at the review" in found["rulebook"]
    assert "other than at the review" in found["standards"]


def test_decisions_taken_out_of_the_log_are_told_and_later_ones_are_no_matter(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import auditkit as ak

    log = ak.Log("data/annotations.sqlite")
    finding = ak.review("data/a.pdf")[0].findings[0]
    log.record(finding, "confirmed", "", "王审计")
    review()
    log.record(finding, "dismissed", "", "王审计")
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
    folder = "reports/dump-xinhong"
    inputs = json.loads(Path(folder, "manifest.json").read_text("utf-8"))["inputs"]
    assert [i["name"] for i in inputs] == ["dump-xinhong.txt", "xinhong-2024.pdf"]
    assert main(["verify", folder, "--input", str(SAMPLES)]) == 0


def test_two_runs_write_the_same_bytes_into_any_folder(place: Path) -> None:
    review(out="elsewhere/again")
    for name in NAMES:
        once, again = (place / folder / "a" / name for folder in ("reports", "elsewhere/again"))
        assert once.read_bytes() == again.read_bytes()


@pytest.mark.slow
def test_two_runs_over_all_samples_write_the_same_bytes(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "a" / "process"
    assert main(["review", str(SAMPLES), "--out", str(own)]) == 0
    command = [sys.executable, "-m", "auditkit", "review", str(SAMPLES), "--out", str(other)]
    subprocess.run(command, check=True, capture_output=True)
    files = sorted(path.relative_to(own) for path in own.rglob("*") if path.is_file())
    assert len(files) > 60
    assert [
        path for path in files if (own / path).read_bytes() != (other / path).read_bytes()
    ] == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "other"}'])
def test_a_folder_without_a_manifest_is_said(
    text: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "reports/a/manifest.json").write_text(text)
    code, _, said = verify(capsys)
    assert code == 3
    assert "that auditkit review wrote" in said
