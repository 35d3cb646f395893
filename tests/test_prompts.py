"""Prompts that a template leaves in its cells are nobody's values, and a note keeps them."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import fuzz_seeds
import producers
import pytest
from openpyxl import load_workbook

from auditkit.doubts import Note, NoteKind
from auditkit.grid import Tables
from auditkit.readers import tables_of
from auditkit.readers.prompts import is_prompt

CONTROL = (
    "<w:sdt><w:sdtPr><w:alias w:val='得分'/>{shows}</w:sdtPr><w:sdtContent>{inner}"
    "</w:sdtContent></w:sdt>"
)
RUN = "<w:r><w:t>5</w:t></w:r>"


def said(tables: Tables) -> list[str]:
    return [cell.text for grid in tables.grids for cell in grid.cells]


def prompts(tables: Tables) -> list[object]:
    return [dict(note.facts)["texts"] for note in tables.notes if note.kind is NoteKind.PROMPTS]


@pytest.mark.parametrize(
    "text",
    [
        "请选择", "请选择…", "【请选择】", "== 请选择 ==", "请填写偏差原因", "请输入实际完成值",
        "请在此处填写原因,无偏差的填“无”", "请从下拉列表中选择", "未完成的,请说明原因",
        "如有偏差,请注明原因", "单击或点击此处输入文字。", "单击此处输入日期", "点击此处选择",
        "在此处填写", "选择一项。", "Click or tap here to enter text.", "Choose an item.",
        "please select",
    ],
)  # fmt: skip
def test_a_text_that_asks_for_a_value_is_a_prompt(text: str) -> None:
    assert is_prompt(text)


@pytest.mark.parametrize(
    "text",
    [
        "请示报送及时率", "选择性宣传场次", "输入性病例处置率", "填报单位", "补充经费", "说明",
        "已请专家填写问卷", "请填写问卷320份", "请领物资已到位", "偏差原因(未完成请说明)", "无",
        "点击量", "点击率提升", "列表公示完成", "待填写", "",
    ],
)  # fmt: skip
def test_a_text_that_says_something_is_no_prompt(text: str) -> None:
    assert not is_prompt(text)


def test_a_prompt_left_in_a_workbook_or_a_web_page_is_a_blank_and_noted(tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    producers.write_workbook(fuzz_seeds.sheet(), file)
    book = load_workbook(file)
    for cell in (c for row in book.active.iter_rows() for c in row if str(c.value) == "5"):
        cell.value = "请选择"
    whole, page = tables_of(file.read_bytes(), file.name), fuzz_seeds.html()
    book.save(file)
    for before, after in (
        (whole, tables_of(file.read_bytes(), file.name)),
        (tables_of(page, "a.html"), tables_of(page.replace(b">5<", ">请选择<".encode()), "a.html")),
    ):
        assert said(after) == ["" if text == "5" else text for text in said(before)]
        assert Note.of(NoteKind.PROMPTS, texts=("请选择",)) in after.notes
        assert prompts(before) == []


def with_control(shows: str, inner: str = RUN) -> Tables:
    parts = zipfile.ZipFile(BytesIO(fuzz_seeds.docx()))
    whole = {name: parts.read(name) for name in parts.namelist()}
    body = whole["word/document.xml"].decode()
    own = body.replace(RUN, CONTROL.format(shows=shows, inner=inner))
    whole["word/document.xml"] = own.encode()
    return tables_of(fuzz_seeds.zipped(whole), "a.docx")


def test_a_content_control_that_shows_its_placeholder_is_blank() -> None:
    whole = tables_of(fuzz_seeds.docx(), "a.docx")
    filled = with_control("")
    blank = with_control("<w:showingPlcHdr/>")
    off = with_control('<w:showingPlcHdr w:val="0"/>')
    assert said(filled) == said(off) == said(whole)
    assert said(blank) == ["" if text == "5" else text for text in said(whole)]
    assert prompts(blank)[0]
    assert prompts(filled) == prompts(off) == []
