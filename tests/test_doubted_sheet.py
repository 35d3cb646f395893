"""The sheet of doubted cells: what it shows, what is decided at it, and what stands for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import documents
import pytest
from samples import FOLDER

import auditkit as ak
from auditkit.decisions.events import DECISIONS
from auditkit.grid import How
from auditkit.notebook.display import Shown
from auditkit.notebook.doubted import Doubted

DUMP = FOLDER / "dump-xinhong" / "dump-xinhong.txt"
FIRST, SECOND = (f"indicator/产出指标/数量指标/第{n}个村完成数/actual" for n in (1, 2))


@pytest.fixture
def log(tmp_path: Path) -> ak.Log:
    return ak.Log(tmp_path / "log.sqlite")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return documents.doubted(tmp_path / "thirty.xlsx", "xlsx")


def sheet_of(path: Path, log: ak.Log, lang: str = "en") -> Doubted:
    opened: Any = ak.show(path, "forms", lang=lang)
    sheet = opened.doubted(log, "A. Auditor")
    assert isinstance(sheet, Doubted)
    return sheet


def pressed(sheet: Doubted, act: str, key: str, **message: Any) -> tuple[dict[str, Any], list[Any]]:
    """Send the sheet what its page sends when something is done there; return the answer."""
    answers: list[tuple[dict[str, Any], list[Any]]] = []
    sheet.send = lambda content, pictures=(): answers.append((content, list(pictures)))
    content = {"act": act, "id": "1", "key": key, **message}
    data = {"method": "custom", "content": content}
    sheet.comm.handle_msg({"content": {"data": data}, "buffers": []})
    return answers[-1]


def test_each_doubted_cell_is_found_right_or_corrected_and_the_form_is_taken_so(
    book: Path, log: ak.Log
) -> None:
    sheet = sheet_of(book, log)
    assert len(sheet.cases) == 30
    assert sheet.head.startswith("30 of ")
    assert (sheet.cases[0]["key"], sheet.cases[0]["text"]) == (FIRST, "8 0个")
    answer, _ = pressed(sheet, "accept", FIRST)
    assert answer["ok"]
    said = "saved: {} {}; {} of 30 doubted cells decided"
    assert answer["said"] == said.format(FIRST, "right as read", 1)
    answer, _ = pressed(sheet, "correct", SECOND, text="80个")
    assert answer["said"] == said.format(SECOND, "corrected: 80个", 2)
    assert [event.decision for event in log.decisions()] == ["right as read", "corrected"]
    read = {entry.path: entry for entry in sheet.report.entries()}
    assert (read[FIRST].how, read[SECOND].how) == (How.AS_READ, How.CORRECTED)
    assert (read[FIRST].doubts, read[FIRST].reading.suspicions) == ((), ())
    assert read[SECOND].reading.value == 80
    (review,) = ak.review(book, ak.Terms(log=log.where))
    assert review.report == sheet.report
    assert sheet_of(book, log).stands == sheet.stands  # also where somebody opens it again


def test_what_was_decided_is_undone_as_it_was_before_and_nothing_leaves_the_log(
    book: Path, log: ak.Log
) -> None:
    sheet = sheet_of(book, log)
    sheet.correct(FIRST, "80个")
    sheet.accept(FIRST)
    sheet.undo()
    stand = sheet.stands[FIRST]
    assert (stand["said"], stand["number"]) == ("corrected: 80个", "80个")
    sheet.undo()
    assert not sheet.stands[FIRST]["settled"]
    assert sheet.stands[FIRST]["why"] == "a blank stands inside this number"
    sheet.undo()
    assert sheet.said == "nothing was decided here that could be undone"
    made = [event.decision for event in log.decisions()]
    assert made == ["corrected", "right as read", "corrected", "withdrawn"]
    assert {*made} <= {*DECISIONS["entry"]}


@pytest.mark.parametrize(
    ("kind", "suffix"), [("reportlab", "pdf"), ("xlsx", "xlsx"), ("html", "html"), ("docx", "docx")]
)
def test_a_cell_is_shown_with_what_stands_around_it(
    kind: str, suffix: str, tmp_path: Path, log: ak.Log
) -> None:
    sheet = sheet_of(documents.doubted(tmp_path / f"thirty.{suffix}", kind, count=2), log)
    answer, (picture,) = pressed(sheet, "picture", SECOND)
    if suffix == "pdf":
        assert (answer["kinds"], picture[:4]) == (["png"], b"\x89PNG")
    else:
        assert answer["kinds"] == ["svg+xml"]
        text = picture.decode()
        assert text.count('class="frame unsure"') == 1
        assert all(f"第{n}个村完成数" in text for n in (1, 2, 3))


def test_a_cell_of_a_text_is_shown_in_its_line(log: ak.Log) -> None:
    sheet = sheet_of(DUMP, log)
    answer, pictures = pressed(sheet, "picture", "budget/carry_over/points")
    ((before, inside, behind),) = answer["lines"]
    assert (inside, pictures) == ("_", [])
    assert before.endswith("上年结转资金\t0\t0\t\t")
    assert behind == "\t\t"


def test_a_file_that_changed_meanwhile_is_not_shown_for_the_one_that_was_read(
    book: Path, log: ak.Log
) -> None:
    sheet = sheet_of(book, log)
    book.write_bytes(book.read_bytes() + b" ")
    answer, pictures = pressed(sheet, "picture", FIRST)
    assert (answer["ok"], pictures) == (False, [])
    assert "thirty.xlsx" in answer["said"]


def test_a_notebook_keeps_a_table_of_the_cells_that_says_first_how_sure_the_reading_is(
    book: Path, log: ak.Log
) -> None:
    sheet = sheet_of(book, log)
    sheet.accept(FIRST)
    first, heads, row, *others = str(sheet._repr_mimebundle_()["text/plain"]).splitlines()
    assert first.startswith("29 of ")
    assert first.endswith("1 of 30 doubted cells decided")
    assert heads == "entry | text | why | where | decision | auditor | on"
    assert row.split(" | ")[4:6] == ["right as read", "A. Auditor"]
    assert len(others) == 29
    page = sheet._repr_mimebundle_()["text/html"]
    assert f'data-desk="{sheet.token}"' in page
    assert "right as read" in page


def test_a_form_without_doubts_has_no_cells_and_a_file_without_a_form_has_no_sheet(
    tmp_path: Path, log: ak.Log
) -> None:
    sheet = sheet_of(FOLDER / "xinhong-2024" / "xinhong-2024.pdf", log)
    assert str(sheet._repr_mimebundle_()["text/plain"]) == sheet.head
    assert sheet.head.startswith("all ")
    opened: Any = ak.show(documents.formless(tmp_path / "wages.html"), "forms")
    assert type(opened.doubted(log, "A. Auditor")) is Shown


def test_the_sheet_speaks_chinese(book: Path, log: ak.Log) -> None:
    sheet = sheet_of(book, log, "zh")
    sheet.accept(FIRST)
    place = "指标/产出指标/数量指标/第1个村完成数/实际完成"
    assert sheet.said == f"已保存:{place} 读数无误;存疑30处,已核对1处"
    assert sheet.texts["reads"] == "读数"


def test_readings_of_two_auditors_that_differ_are_doubted_and_settled_on_the_sheet(
    book: Path, log: ak.Log, tmp_path: Path
) -> None:
    other = ak.Log(tmp_path / "other.sqlite")
    (form,) = ak.read(book)
    other.correct(form, FIRST, "80个", "", "B. Auditor")
    other.export(tmp_path / "other.jsonl")
    log.accept(form, FIRST, "", "A. Auditor")
    log.merge(tmp_path / "other.jsonl")
    sheet = sheet_of(book, log)
    assert not sheet.stands[FIRST]["settled"]
    assert "reads '8" in sheet.stands[FIRST]["why"]
    sheet.correct(FIRST, "80个")
    assert sheet.stands[FIRST]["settled"]
    assert log.conflicts() == ()
