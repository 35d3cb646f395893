"""What a notebook is about is chosen, and stands in its cell of parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from samples import FOLDER

import auditkit as ak
from auditkit.notebook.chooser import Chooser


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with two documents, in whose notebooks this runs."""
    for name in ("data", "notebooks", "documents/2024"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "documents" / "自评表.pdf").write_bytes(b"%PDF")
    (tmp_path / "documents" / "2024" / "b.xlsx").write_bytes(b"PK")
    (tmp_path / "documents" / "notes.md").write_text("none of the kinds", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


def names(**more: Any) -> dict[str, Any]:
    return {"REPORT": "../data/samples/a.pdf", "AUDITOR": "A. Auditor", "LANG": "en", **more}


def test_documents_of_the_workspace_are_offered(workspace: Path) -> None:
    chooser = Chooser(names(), "en")
    assert chooser.files == ["../documents/2024/b.xlsx", "../documents/自评表.pdf"]
    folders = Chooser({"FOLDER": "../data/samples", "LANG": "en"}, "en").files
    assert folders == ["../data/samples", "../documents", "../documents/2024"]


def test_what_is_chosen_counts_in_this_run_and_is_said_as_the_lines_of_the_cell(
    workspace: Path,
) -> None:
    own = names()
    chooser = Chooser(own, "zh")
    code = chooser.choose({"REPORT": '../documents/a "b".pdf', "AUDITOR": "王审计", "LANG": "zh"})
    assert (own["REPORT"], own["AUDITOR"]) == ('../documents/a "b".pdf', "王审计")
    there: dict[str, Any] = {}
    exec(code, there)
    assert {name: there[name] for name in own} == own
    assert code in chooser.said


def test_only_what_a_person_chooses_can_be_chosen(workspace: Path) -> None:
    chooser = Chooser(names(FORM=1), "en")
    chooser._heard(None, {"values": {"FORM": "2"}}, ())
    assert "NOT CHOSEN: FORM is none of REPORT, AUDITOR, LANG" in chooser.said
    chooser._heard(None, {"values": {"LANG": "fr"}}, ())
    assert "fr is none of en, zh" in chooser.said


def test_a_file_that_is_brought_goes_over_no_other(workspace: Path) -> None:
    chooser = Chooser(names(), "en")
    chooser._heard(None, {"upload": "../../自评表.pdf"}, [memoryview(b"%PDF other")])
    kept = sorted(path.name for path in (workspace / "documents").glob("*.pdf"))
    assert len(kept) == 2
    assert (workspace / "documents" / "自评表.pdf").read_bytes() == b"%PDF"
    assert chooser.values["REPORT"] in chooser.files


def test_a_saved_notebook_has_the_parameters_as_a_table_and_names_no_model(workspace: Path) -> None:
    chooser = Chooser(names(), "en")
    data, _ = chooser._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}
    assert "AUDITOR | A. Auditor" in data["text/plain"]
    assert isinstance(ak.show(FOLDER, "choose"), Chooser)
