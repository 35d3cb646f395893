"""The workpapers of many documents: whose they are, where they lie, and when they are made anew."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import many
import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from samples import papers_in

import auditkit
from auditkit.cli import main
from auditkit.decisions.log import NO_LOG, Log
from auditkit.files import digest_of
from auditkit.many.engagement import engagement
from auditkit.many.results import query
from auditkit.reviewing import Terms, read
from auditkit.wording import Language

ROOT = Path(__file__).parent.parent


def decide(book: Workbook) -> None:
    """Decide of the first finding, as a person does in the workbook."""
    sheet = book["Findings 问题"]
    (column,) = (cell.column for cell in sheet[1] if str(cell.value).startswith("decision "))
    sheet.cell(2, column).value = "confirmed 属实"


def test_workpapers_are_written_and_written_again_where_they_lack(
    two_dozen: Path, tmp_path: Path
) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    own.mkdir()
    shutil.copy(two_dozen / "00001.xlsx", own)
    assert not engagement(own, out, workers=0).failed
    papers = {path: path.read_bytes() for path in papers_in(out).iterdir()}
    for paper, whole in papers.items():
        # Without it nothing tells that the others are auditkit's.
        is_manifest = paper.name == "manifest.json"
        paper.unlink()
        assert len(engagement(own, out, workers=0).failed) == is_manifest
        assert paper.exists() != is_manifest
        paper.write_bytes(b"{}")  # somebody may have written it
        is_needed = paper.name in ("manifest.json", "review.json", "workpaper.xlsx")
        assert len(engagement(own, out, workers=0).failed) == is_needed
        assert paper.read_bytes() == b"{}"
        paper.write_bytes(whole)
        assert not engagement(own, out, workers=0).failed


def test_papers_are_those_of_the_terms_of_the_last_run(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (form,) = read(one)
    log = Log(tmp_path / "log.sqlite")
    log.correct(form, "budget/total/outturn", "1.25", "", "王审计")
    template = tmp_path / "own.docx"
    shutil.copy(next(Path(auditkit.__file__).parent.rglob("workpaper.en.docx")), template)
    several = [
        (Terms(log=NO_LOG), ""),
        (Terms(log=NO_LOG), "1600000000"),
        (Terms(log=NO_LOG, template=template), ""),
        (Terms(log=log.where), ""),
    ]

    def papers(number: int) -> dict[str, bytes]:
        terms, moment = several[number]
        monkeypatch.setenv("SOURCE_DATE_EPOCH", moment)
        engagement(one.parent, tmp_path / "out", terms, workers=0)
        return {path.name: path.read_bytes() for path in papers_in(tmp_path / "out").iterdir()}

    fresh = [papers(number) for number in range(len(several))]
    assert len({made["manifest.json"] for made in fresh}) == len(several)
    assert [papers(number) for number in range(len(several))] == fresh


def test_what_somebody_wrote_into_a_workbook_stays_where_nothing_else_changed(
    one: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert not engagement(one.parent, out, workers=0).failed
    book = papers_in(out) / "workpaper.xlsx"
    whole = load_workbook(book)
    decide(whole)
    whole.save(book)
    held = book.read_bytes()
    assert engagement(one.parent, out, workers=0).new == 0
    assert book.read_bytes() == held


def test_a_result_hangs_on_the_name_of_the_log_that_papers_say(one: Path, tmp_path: Path) -> None:
    (form,) = read(one)
    Log(tmp_path / "a.sqlite").correct(form, "budget/total/outturn", "1.25", "", "王审计")
    shutil.copy(tmp_path / "a.sqlite", tmp_path / "b.sqlite")
    for name in ("a.sqlite", "b.sqlite", "a.sqlite"):
        engagement(one.parent, tmp_path / "out", Terms(log=str(tmp_path / name)), workers=0)
        (told,) = json.loads((papers_in(tmp_path / "out") / "review.json").read_bytes())["reviews"]
        assert told["corrections"]["log"] == name


def test_a_batch_writes_the_workpapers_that_a_single_review_writes(
    one: Path, tmp_path: Path
) -> None:
    template = tmp_path / "own.docx"
    book = Document()
    book.add_paragraph("自有底稿 {{project}}")
    book.save(str(template))
    single, batch = tmp_path / "single", tmp_path / "batch"
    options = ["--template", str(template), "--out"]
    assert main(["review", str(one), *options, str(single)]) == 0
    assert main(["review", str(one.parent), *options, str(batch)]) == 0
    first = {path.name: path.read_bytes() for path in papers_in(single).iterdir()}
    assert {path.name: path.read_bytes() for path in papers_in(batch).iterdir()} == first
    assert papers_in(batch).name == papers_in(single).name
    paper = Document(str(papers_in(batch) / "workpaper.docx"))
    assert "自有底稿" in "".join(paragraph.text for paragraph in paper.paragraphs)


def same_digits(one: Path, folder: Path) -> list[Path]:
    """Two documents of one project whose digests begin with the same six digits."""
    page = one.read_bytes()
    known: dict[str, bytes] = {}
    budget = next(many.forms(1)).funding[0].outturn.encode()
    for number in range(20_000):
        for data in (page, page.replace(budget, b"1.00")):
            whole = data + b"<!-- %d -->" % number
            other = known.setdefault(digest_of(whole)[:6], whole)
            if other[:-20] != whole[:-20]:
                break
        else:
            continue
        break
    paths = [folder / name for name in ("a.html", "b.html")]
    for path, held in zip(paths, (other, whole), strict=True):
        path.write_bytes(held)
    return paths


def test_documents_whose_digests_begin_alike_have_each_its_folder_whoever_is_first(
    one: Path, tmp_path: Path
) -> None:
    one_page = tmp_path / "page.html"
    one.rename(one_page)
    first, second = same_digits(one_page, one.parent)
    held = [path.read_bytes() for path in (first, second)]

    def folders(out: str, workers: int) -> dict[str, str]:
        done = engagement(one.parent, tmp_path / out, workers=workers)
        told = {file.folder: tmp_path / out / file.folder / "manifest.json" for file in done.files}
        read_ = {folder: json.loads(path.read_bytes()) for folder, path in told.items()}
        return {whole["inputs"][0]["sha256"]: folder for folder, whole in read_.items()}

    made = folders("here", 0)
    assert set(made) == set(map(digest_of, held))
    assert all(folder.endswith(document[:7]) for document, folder in made.items())
    assert folders("here", 0) == made
    assert folders("apart", 2) == made
    first.write_bytes(held[1])
    second.write_bytes(held[0])
    assert folders("reversed", 0) == made


def test_a_document_keeps_its_folder_when_another_one_begins_alike(
    one: Path, tmp_path: Path
) -> None:
    one_page = tmp_path / "page.html"
    one.rename(one_page)
    first, second = same_digits(one_page, one.parent)
    aside = second.rename(tmp_path / "aside.html")
    (alone,) = engagement(one.parent, tmp_path / "out", workers=0).files
    aside.rename(second)
    both = engagement(one.parent, tmp_path / "out", Terms(lang=Language.ZH), workers=0).files
    assert both[0].folder == alone.folder
    assert both[1].folder.endswith(digest_of(second.read_bytes())[:7])
    assert first.exists()


def test_a_corrected_name_of_a_project_moves_no_papers(one: Path, tmp_path: Path) -> None:
    out, log = tmp_path / "out", Log(tmp_path / "log.sqlite")
    (form,) = read(one)
    (before,) = engagement(one.parent, out, Terms(log=log.where), workers=0).files
    log.correct(form, "project", "另一个名称", "", "王审计")
    (after,) = engagement(one.parent, out, Terms(log=log.where), workers=0).files
    assert after.forms[0].project == "另一个名称"
    assert after.folder == before.folder == papers_in(out).name


def test_a_folder_says_where_an_error_is_as_a_single_review_does(
    one: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["review", str(one), "--out", str(out)]) == 0
    book = papers_in(out) / "workpaper.xlsx"
    whole = load_workbook(book)
    decide(whole)
    whole.save(book)
    said = []
    for given in (one, one.parent):
        options = ["--jurisdiction", "420000", "--format", "json"]
        capsys.readouterr()
        assert main(["review", str(given), "--out", str(out), *options]) == 3
        (failure,) = json.loads(capsys.readouterr().out)["failures"]
        said.append((failure["error"].replace(str(out), "OUT"), failure["advice"]))
    assert said[0] == said[1]
    assert "workpaper.xlsx, " in said[0][0]
    assert "row 2" in said[0][0]
    (row,) = query(out, "from failures")
    assert row["error"].replace(str(out), "OUT") == said[0][0]


def test_outputs_that_can_go_nowhere_are_said_alike_of_one_file_and_of_a_folder(
    one: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    for given in (one, one.parent):
        for out in ("taken", "taken/below"):
            capsys.readouterr()
            assert main(["review", str(given), "--out", str(tmp_path / out)]) == 3
            said = capsys.readouterr().err
            assert (
                "taken: outputs cannot be written: a folder was expected, and this is none. "
                in said
            )
            assert said.endswith("Name another folder with --out, or move what stands there\n")


PLAIN = """
import auditkit
print("begun", flush=True)
print(auditkit.engagement({forms!r}, {out!r}, workers={workers}))
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_a_script_without_a_guard_says_the_way_out_and_works_without_processes(
    workers: int, one: Path, tmp_path: Path
) -> None:
    script, out = tmp_path / "plain.py", tmp_path / "out"
    text = PLAIN.format(forms=str(one.parent), out=str(out), workers=workers)
    script.write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if workers == 0:
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[0] == "begun"
        assert done.stdout.count("begun") == 1
        assert query(out, "select count(*) as n from reports") == [{"n": 1}]
    else:
        assert done.returncode == 1
        assert done.stderr.count("Traceback") == 1, done.stderr
        assert "WorkerError: plain.py: " in done.stderr
        assert done.stderr.endswith("if __name__ == '__main__':, or give workers=0\n")
