"""One form, one log, one answer: whatever reads a file says the same of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES

import auditkit as ak
from auditkit.cli import main
from auditkit.decisions.log import NO_LOG, Log, default_log
from auditkit.errors import LogError

BOILER = SAMPLES / "boiler-2019" / "boiler-2019.pdf"


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
    log.record(ak.about_entry(form, "total/score"), "corrected", "", "王审计", value="50")


def test_a_correction_in_the_log_of_the_variable_counts_on_the_command_line(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", str(workspace / "team.sqlite"))
    correct(ak.Log())
    assert [event.value for event in ak.Log().annotations()] == ["50"]
    (review,) = printed(capsys, "review", BOILER, "--out", "out")["reviews"]
    assert score(review) == "50"
    (event,) = printed(capsys, "log", "show")["events"]
    assert (event["subject"], event["value"]) == ("total/score", "50")
    assert main(["log", "verify"]) == 0
    assert "team.sqlite: whole" in capsys.readouterr().err


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
    assert Log(NO_LOG).annotations() == ()
    with pytest.raises(LogError, match="nothing is kept"):
        correct(Log(NO_LOG))
