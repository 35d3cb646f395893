"""What people wrote into workpapers is found before one is written again, and never lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from openpyxl.comments import Comment
from pypdf import PdfWriter
from pypdf.annotations import Text
from test_batch_papers import decide

from auditkit.cli import main
from auditkit.decisions.log import NO_LOG, Log
from auditkit.errors import WorkpaperError
from auditkit.files import digest_of
from auditkit.many.engagement import engagement
from auditkit.reviewing import Review, Terms
from auditkit.wording import put
from auditkit.workpapers import write_workpapers
from auditkit.workpapers.ink import WRITING
from reports import judged, report

Held = dict[str, bytes]


@pytest.fixture(scope="module")
def reviewed() -> Review:
    return judged(report({"project": "培训补助", "total": ("100", "90")}))


@pytest.fixture
def folder(reviewed: Review, tmp_path: Path) -> Path:
    """The papers of a form, in a folder of their own."""
    write_workpapers(reviewed, tmp_path / "papers", NO_LOG)
    return tmp_path / "papers"


def held_in(folder: Path) -> Held:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def typed_into_word(folder: Path) -> str:
    path = folder / "workpaper.docx"
    paper = Document(str(path))
    paper.add_paragraph("审计结论:建议整改")
    paper.save(str(path))
    return path.name


def row_below(folder: Path) -> str:
    path = folder / "workpaper.xlsx"
    book = load_workbook(path)
    book["Findings 问题"].append(["", "另查:合同未招标"])
    book.save(path)
    return path.name


def cell_of_the_form(folder: Path) -> str:
    path = folder / "workpaper.xlsx"
    book = load_workbook(path)
    book["Summary 摘要"]["C2"].value = "已电话核实"
    book.save(path)
    return path.name


def note_on_a_cell(folder: Path) -> str:
    path = folder / "workpaper.xlsx"
    book = load_workbook(path)
    book["Summary 摘要"]["C2"].comment = Comment("已电话核实", "王审计")
    book.save(path)
    return path.name


def sheet_of_ones_own(folder: Path) -> str:
    path = folder / "workpaper.xlsx"
    book = load_workbook(path)
    book.create_sheet("访谈")["A1"] = "见访谈记录"
    book.save(path)
    return path.name


def note_in_a_pdf(folder: Path) -> str:
    path = folder / "annotated.pdf"  # as a reader of PDF files leaves it
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_annotation(0, Text(rect=(9, 9, 29, 29), text="见原始凭证"))
    writer.write(path)
    return path.name


def replaced(folder: Path) -> str:
    (folder / "workpaper.html").write_text("another page", encoding="utf-8")
    return "workpaper.html"


def without_manifest(folder: Path) -> str:
    (folder / "manifest.json").unlink()
    return "workpaper.xlsx"


WRITES = [
    typed_into_word, row_below, cell_of_the_form, note_on_a_cell, sheet_of_ones_own, note_in_a_pdf,
    replaced, without_manifest,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_what_a_person_wrote_stops_the_writing_until_somebody_chooses(
    write: Callable[[Path], str], reviewed: Review, folder: Path
) -> None:
    name = write(folder)
    held = held_in(folder)
    for _ in range(20):
        with pytest.raises(
            WorkpaperError, match=r"--keep.*--replace.*no paper was written"
        ) as said:
            write_workpapers(reviewed, folder, NO_LOG)
    assert said.value.name == str(folder / name)
    assert held_in(folder) == held
    assert [path.name for path in folder.parent.iterdir()] == ["papers"]


@pytest.mark.parametrize("write", [typed_into_word, row_below, note_in_a_pdf])
def test_papers_are_written_beside_or_with_a_backup_where_that_is_chosen(
    write: Callable[[Path], str], reviewed: Review, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    write(folder)
    held = held_in(folder)
    kept = write_workpapers(reviewed, folder, NO_LOG, ink="keep")[0].parent
    assert (kept.name, kept.parent) == ("papers-2023-11-14", folder.parent)
    assert held_in(folder) == held
    assert write_workpapers(reviewed, folder, NO_LOG, ink="keep")[0].parent == kept
    write(kept)
    second = write_workpapers(reviewed, folder, NO_LOG, ink="keep")[0].parent
    assert second.name == "papers-2023-11-14-2"
    assert write_workpapers(reviewed, folder, NO_LOG, ink="replace")[0].parent == folder
    backup = folder.with_name("papers-replaced-2023-11-14")
    assert held_in(backup) == held
    assert held_in(folder) == held_in(second)
    assert write_workpapers(reviewed, folder, NO_LOG)  # and nothing is in the way now
    write(folder)
    write_workpapers(reviewed, folder, NO_LOG, ink="replace")
    assert folder.with_name("papers-replaced-2023-11-14-2").is_dir()


@pytest.mark.parametrize("lock", ["~$workpaper.xlsx", "~$rkpaper.docx", ".~lock.workpaper.docx#"])
def test_a_paper_that_is_open_is_not_written_over(
    lock: str, reviewed: Review, folder: Path
) -> None:
    (folder / lock).touch()
    held = held_in(folder)
    for ink in ("stop", "replace"):
        with pytest.raises(WorkpaperError, match="it is open in another program") as said:
            write_workpapers(reviewed, folder, NO_LOG, ink=ink)
        assert f"Close it there, or remove {lock}" in said.value.advice
    assert held_in(folder) == held
    assert write_workpapers(reviewed, folder, NO_LOG, ink="keep")[0].parent != folder


def test_papers_of_another_document_are_not_written_over(folder: Path) -> None:
    held, other = held_in(folder), judged(report({"project": "另一项目"}))
    with pytest.raises(WorkpaperError, match="the papers of another document"):
        write_workpapers(other, folder, NO_LOG)
    assert held_in(folder) == held


def test_what_is_written_while_new_papers_are_made_is_not_written_over(
    folder: Path, reviewed: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    def document(*_: object) -> bytes:
        typed_into_word(folder)
        return b""

    monkeypatch.setattr("auditkit.workpapers.docx.document", document)
    with pytest.raises(WorkpaperError, match="while the new one was made"):
        write_workpapers(reviewed, folder, NO_LOG)
    assert "审计结论:建议整改" in Document(str(folder / "workpaper.docx")).paragraphs[-1].text


def test_a_writing_that_was_stopped_half_way_is_not_taken_for_a_person(
    folder: Path, reviewed: Review, tmp_path: Path
) -> None:
    zh = judged(report({"project": "培训补助", "total": ("100", "90")}), Terms(lang="zh"))
    later = {path.name: path.read_bytes() for path in write_workpapers(zh, tmp_path / "z", NO_LOG)}
    (folder / WRITING).write_text(json.dumps([digest_of(data) for data in later.values()]))
    (folder / "workpaper.docx").write_bytes(later["workpaper.docx"])
    write_workpapers(reviewed, folder, NO_LOG)
    assert not (folder / WRITING).exists()


def test_decisions_in_papers_that_were_kept_beside_come_into_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    log, told, folder = Log(tmp_path / "log.sqlite"), list[str](), tmp_path / "papers"
    reviewed = judged(report({"project": "培训补助", "total": ("100", "110")}))
    write_workpapers(reviewed, folder, log)
    typed_into_word(folder)
    kept = write_workpapers(reviewed, folder, log, ink="keep")[0]
    book = load_workbook(kept)
    decide(book)
    book.save(kept)

    def again() -> Path:
        tell = lambda fact: told.append(put(fact, "en"))  # noqa: E731
        return write_workpapers(reviewed, folder, log, ink="keep", tell=tell)[0]

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700100000")  # on another day
    assert again().parent.name == "papers-2023-11-16"
    (said,) = told
    assert said.startswith(f"{kept}, Findings 问题, row 2: what was written into it is not in the")
    (column,) = (c.column for c in book["Findings 问题"][1] if str(c.value).startswith("auditor "))
    book["Findings 问题"].cell(2, column).value = "王审计"
    book.save(kept)
    again()
    assert [event.decision for event in log.decisions()] == ["confirmed"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert again() == kept  # which holds nothing else


def test_one_paper_that_somebody_wrote_into_costs_a_batch_that_report_alone(
    two_dozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms, out = tmp_path / "forms", tmp_path / "out"
    forms.mkdir()
    for name in ("00000.html", "00002.html"):
        shutil.copy(two_dozen / name, forms)
    terms = Terms(log=str(tmp_path / "log.sqlite"))
    first, second = engagement(forms, out, terms, workers=0).files
    typed_into_word(out / first.folder)
    book = out / second.folder / "workpaper.xlsx"
    whole = load_workbook(book)
    decide(whole)
    sheet = whole["Findings 问题"]
    (column,) = (c.column for c in sheet[1] if str(c.value).startswith("auditor "))
    sheet.cell(2, column).value = "王审计"
    whole.save(book)
    held = held_in(out / first.folder)
    assert not engagement(forms, out, terms, workers=0).failed  # nothing is to be written
    given = ["review", str(forms), "--out", str(out), "--log", str(terms.log), "--workers", "1"]
    other = ["--jurisdiction", "420000"]
    assert main([*given, *other]) == 3
    said = capsys.readouterr().err
    assert said.count("--keep") == 1
    assert f"{first.folder}/workpaper.docx: a person wrote into it since it was made" in said
    assert held_in(out / first.folder) == held
    assert [event.decision for event in Log(terms.log).decisions()] == ["confirmed"]
    assert main([*given, *other, "--keep"]) == 0
    assert held_in(out / first.folder) == held
    assert len(list(out.glob(f"{first.folder}-2*/workpaper.docx"))) == 1
    assert main([*given, "--lang", "zh", "--replace"]) == 0
    (backup,) = out.glob(f"{first.folder}-replaced-*")
    assert held_in(backup) == held
    with pytest.raises(SystemExit):
        main([*given, "--keep", "--replace"])


def test_two_files_of_one_name_never_share_a_folder_of_papers(
    two_dozen: Path, tmp_path: Path
) -> None:
    out, held = tmp_path / "out", list[Held]()
    for number, name in enumerate(("00000.html", "00002.html")):
        path = tmp_path / str(number) / "report.html"
        path.parent.mkdir()
        shutil.copy(two_dozen / name, path)
        assert main(["review", str(path), "--out", str(out)]) == 0
        held.append(held_in(next(out.glob(f"*-{digest_of(path.read_bytes())[:6]}"))))
    assert len(list(out.glob("*/manifest.json"))) == 2
