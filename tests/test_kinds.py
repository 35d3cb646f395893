"""Workbooks, Word files, web pages and plain tables, in the mess that they arrive in."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import measure_reading
import producers
import pytest
from openpyxl import Workbook, load_workbook
from typesetting import Sheet, lay_out

from auditkit.doubts import Note, NoteKind
from auditkit.errors import (
    EncryptedError,
    ExtraMissingError,
    LimitError,
    NoFormError,
    UnsupportedError,
)
from auditkit.forms import recognise
from auditkit.grid import SheetCell, TableCell
from auditkit.notebook.pages import page_picture
from auditkit.readers import office, tables_of
from auditkit.readers.flow import HIDDEN
from auditkit.readers.word import UNKNOWN_SYMBOL
from auditkit.readers.workbook import IS_ERROR, NEVER_CALCULATED, displayed
from auditkit.report import Report

FORM = next(form for form in measure_reading.own_forms() if form.name == "xinhong-2024")
LAYOUT = measure_reading.NAMED["A"]


def sheet() -> Sheet:
    return lay_out(FORM, LAYOUT)


def forms(data: bytes, name: str = "form") -> tuple[Report, ...]:
    return recognise(tables_of(data, name))


def is_whole(report: Report) -> bool:
    return all(field.is_right for field in measure_reading.compare(FORM, LAYOUT, report))


@pytest.fixture
def book(tmp_path: Path) -> Any:
    path = tmp_path / "form.xlsx"
    producers.write_workbook(sheet(), path)
    return load_workbook(path)


def saved(made: Any) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def cell_that_shows(book: Any, text: str) -> Any:
    return next(c for row in book.active.iter_rows() for c in row if c.value == text)


def copy_into(source: Any, target: Any, down: int, along: int) -> None:
    merged = {c for area in source.merged_cells.ranges for c in area.cells}
    starts = {(area.min_row, area.min_col) for area in source.merged_cells.ranges}
    for cell in (c for row in source.iter_rows() for c in row):
        if (cell.row, cell.column) in starts or (cell.row, cell.column) not in merged:
            copy = target.cell(cell.row + down, cell.column + along, cell.value)
            copy.number_format = cell.number_format
    for area in source.merged_cells.ranges:
        area.shift(along, down)
        target.merge_cells(str(area))
        area.shift(-along, -down)


def test_a_sheet_says_what_it_shows_and_keeps_what_is_stored(book: Any) -> None:
    rate = cell_that_shows(book, "93.74%")
    rate.value, rate.number_format = 0.937351, "0.00%"
    (report,) = forms(saved(book))
    assert is_whole(report)
    assert report.total_line
    assert report.total_line.execution_rate
    (cell,) = report.total_line.execution_rate.cells
    assert (cell.text, cell.stored) == ("93.74%", "0.937351")
    assert cell.place == SheetCell(book.active.title, rate.coordinate)


def test_hidden_rows_columns_and_sheets_are_read_and_said_to_be_hidden(book: Any) -> None:
    score = cell_that_shows(book, "偏差原因分析及\n改进措施")
    book.active.row_dimensions[8].hidden = True
    book.active.column_dimensions[score.column_letter].hidden = True
    copy_into(book.active, book.create_sheet("旧"), 0, 0)
    book["旧"].sheet_state = "hidden"
    first, second = forms(saved(book))
    assert is_whole(first)
    assert is_whole(second)
    name, columns = book.worksheets[0].title, (score.column_letter,)
    assert Note.of(NoteKind.ROWS_HIDDEN, sheet=name, rows=(8,)) in first.notes
    assert Note.of(NoteKind.COLUMNS_HIDDEN, sheet=name, columns=columns) in first.notes
    assert Note.of(NoteKind.SHEET_HIDDEN, sheet="旧") in second.notes
    doubted = [entry for entry in first.entries() if HIDDEN in entry.doubts]
    assert {"8"} < {e.cells[0].place.reference.lstrip("ABCDEFGHI") for e in doubted}  # type: ignore[union-attr]
    assert all(HIDDEN in entry.doubts for entry in second.entries() if entry.text)


def test_several_forms_on_a_sheet_are_told_apart_wherever_they_stand(book: Any) -> None:
    more = book.create_sheet("二")
    height = book.active.max_row
    for number in range(3):
        copy_into(book.active, more, 4 + number * (height + 2), 2)
    more["Z3"] = "备注:另见附件"
    book.create_sheet("说明")["A1"] = "填表说明"
    reports = forms(saved(book))
    assert [is_whole(report) for report in reports] == [True] * 4
    assert str(reports[1].place).startswith("sheet 二, rows ")


def test_formulas_that_were_never_calculated_are_not_taken_for_blanks(book: Any) -> None:
    rate = cell_that_shows(book, "93.74%")
    rate.value = "=F6/E6"
    (report,) = forms(saved(book))
    assert report.total_line
    assert report.total_line.execution_rate
    assert NEVER_CALCULATED in report.total_line.execution_rate.doubts


def test_error_values_of_a_sheet_are_doubted(book: Any) -> None:
    rate = cell_that_shows(book, "93.74%")
    rate.value = "#DIV/0!"
    (report,) = forms(saved(book))
    assert report.total_line
    assert report.total_line.execution_rate
    assert report.total_line.execution_rate.doubts[0] == IS_ERROR


def test_areas_merged_over_a_whole_sheet_are_refused(book: Any) -> None:
    other = book.create_sheet("大")
    copy_into(book.active, other, 0, 0)
    other.merge_cells("K1:L500")
    data = saved(book)
    assert len(forms(data)) == 2
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(changed, "w") as copy:
        for name in whole.namelist():
            copy.writestr(name, whole.read(name).replace(b"K1:L500", b"K1:XFD1048576"))
    with pytest.raises(LimitError, match=r"K1:XFD1048576 .* merged squares, .*AUDITKIT_MERGED"):
        forms(changed.getvalue())


def test_a_workbook_without_a_form_says_so() -> None:
    with pytest.raises(NoFormError, match="sheets"):
        forms(saved(Workbook()))


def html(body: str, encoding: str = "utf-8", head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "gb2312"), ("gb18030", "utf-8"), ("gbk", ""), ("utf-16", ""), ("utf-8-sig", "")],
)
def test_pages_are_read_whatever_encoding_they_declare(encoding: str, declared: str) -> None:
    head = f'<meta charset="{declared}">'
    assert is_whole(forms(html(producers.section(sheet()), encoding, head))[0])


def test_forms_in_layout_tables_are_read_and_scripts_are_not() -> None:
    section = producers.section(sheet())
    page = (
        "<table><tr><td>首页</td><td><a href='javascript:x()'>信息公开</a></td></tr></table>"
        f"<table><tr><td>导航</td><td><div>{section}</div></td></tr>"
        "<tr><td>版权所有<script>document.write('<table></table>')</script></td></tr></table>"
    )
    (report,) = forms(html(page))
    assert is_whole(report)
    assert report.total_line
    assert report.total_line.outturn
    assert isinstance(report.total_line.outturn.cells[0].place, TableCell)


def test_a_page_in_a_web_archive_is_read() -> None:
    page = MIMEMultipart("related")
    page.attach(MIMEText("<p>frame</p>", "html", "utf-8"))
    page.attach(MIMEText(html(producers.section(sheet())).decode(), "html", "utf-8"))
    assert is_whole(forms(page.as_bytes())[0])


@pytest.mark.parametrize("span", ["0", "9"])
def test_a_cell_of_a_web_page_ends_with_its_group_of_rows(span: str) -> None:
    heads = "".join(f"<th>{head}</th>" for head in ("一级指标", "三级指标", "分值", "得分"))
    group = f"<tr><td rowspan={span}>{{}}</td><td>甲</td><td>5</td><td>5</td></tr>" + (
        "<tr><td>乙</td><td>6</td><td>6</td></tr>"
    )
    total = "<tr><td>总分</td><td></td><td>11</td><td>11</td></tr>"
    loose = group.format("产出指标") + f"<tbody>{total}</tbody>"
    grouped = f"<tbody>{group.format('产出指标')}</tbody><tfoot>{total}</tfoot>"
    for rows in (loose, grouped):
        (grid,) = tables_of(html(f"<table><tr>{heads}</tr>{rows}</table>"), "page.html").grids
        whole = next(cell for cell in grid.cells if cell.text == "产出指标")
        assert whole.row_span == 2
        assert [cell.column for cell in grid.cells if cell.row == whole.row + 2] == [0, 1, 2, 3]


def test_two_forms_on_a_page_are_two_reports() -> None:
    assert len(forms(html(producers.section(sheet()) * 2))) == 2


def test_a_page_whose_cells_are_run_together_is_refused_with_the_reason() -> None:
    words = " ".join(placed.text for placed in sheet().cells)
    with pytest.raises(NoFormError, match="run together in paragraphs"):
        forms(html(f"<p>{words}</p>"))
    with pytest.raises(NoFormError, match="run together"):
        forms(html(f"<table><tr><td>{words}</td></tr></table>"))


def test_hidden_rows_of_a_page_are_doubted() -> None:
    section = producers.section(sheet()).replace("<tr>", '<tr style="display: none">', 1)
    (report,) = forms(html(section))
    assert report.project
    assert HIDDEN in report.project.doubts


def test_only_pdf_files_have_pages_to_draw(tmp_path: Path) -> None:
    path = tmp_path / "form.html"
    path.write_bytes(html(producers.section(sheet())))
    with pytest.raises(UnsupportedError, match="only PDF files have pages"):
        page_picture(path, 1)


@pytest.fixture
def word(tmp_path: Path) -> Callable[[Callable[[Any], None]], Report]:
    """Return a function that changes a Word form and reads it."""
    docx = pytest.importorskip("docx")
    path = tmp_path / "form.docx"
    producers.write_document(sheet(), path)

    def changed(change: Callable[[Any], None]) -> Report:
        document = docx.Document(str(path))
        change(document)
        document.save(str(path))
        (report,) = forms(path.read_bytes())
        return report

    return changed


def test_tables_within_a_cell_belong_to_its_text(
    word: Callable[[Callable[[Any], None]], Report],
) -> None:
    def change(document: Any) -> None:
        goals = next(
            cell for row in document.tables[0].rows for cell in row.cells if "29个小区" in cell.text
        )
        inner = goals.add_table(1, 2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "另附", "明细"

    report = word(change)
    assert report.goals.actual or report.goals.expected
    texts = [e.text for e in (report.goals.actual, report.goals.expected) if e]
    assert any("另附" in text and "明细" in text for text in texts)


def test_a_form_in_a_cell_of_a_layout_table_is_read(
    word: Callable[[Callable[[Any], None]], Report],
) -> None:
    def change(document: Any) -> None:
        body = document.element.body
        outer = document.add_table(1, 1)
        cell = outer.cell(0, 0)._tc
        for part in [p for p in body if p is not outer._tbl and not p.tag.endswith("sectPr")]:
            cell.insert(len(cell) - 1, part)

    assert is_whole(word(change))


def test_deleted_text_is_left_out_and_inserted_text_is_read(
    word: Callable[[Callable[[Any], None]], Report],
) -> None:
    def change(document: Any) -> None:
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        paragraph = document.tables[0].cell(0, 3).paragraphs[0]._p
        gone = "<w:del {} w:id='1' w:author='a'><w:r><w:delText>旧</w:delText></w:r></w:del>"
        new = "<w:ins {} w:id='2' w:author='a'><w:r><w:t>(二期)</w:t></w:r></w:ins>"
        paragraph.append(parse_xml(gone.format(nsdecls("w"))))
        paragraph.append(parse_xml(new.format(nsdecls("w"))))

    report = word(change)
    assert report.project
    assert report.project.text.endswith("(二期)")
    assert "旧" not in report.project.text


def test_a_table_that_goes_on_in_another_table_is_one_form(
    word: Callable[[Callable[[Any], None]], Report],
) -> None:
    def change(document: Any) -> None:
        from copy import deepcopy

        table = document.tables[0]._tbl
        rest = deepcopy(table)
        rows = [part for part in table if part.tag.endswith("}tr")]
        copies = [part for part in rest if part.tag.endswith("}tr")]
        for row in rows[-5:]:
            table.remove(row)
        for row in copies[:-5]:
            rest.remove(row)
        table.addnext(rest)

    report = word(change)
    assert len(report.indicators) == len(FORM.indicators)
    assert report.total_score
    assert report.total_score.text == FORM.total_score


def test_kinds_are_told_by_content_and_others_are_named() -> None:
    def archive(*names: str) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as made:
            for name in names:
                made.writestr(name, "x")
        return buffer.getvalue()

    with pytest.raises(UnsupportedError, match="OFD"):
        tables_of(archive("OFD.xml"), "form.pdf")
    with pytest.raises(UnsupportedError, match="archive"):
        tables_of(archive("a.pdf"), "form.xlsx")
    with pytest.raises(UnsupportedError, match="none of the kinds"):
        tables_of(b"\x7fELF\0\0", "form.pdf")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedError, match="password"):
        tables_of(ole, "form.xlsx")


def test_word_files_of_old_need_libreoffice_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "PROGRAMS", ("no-such-program",))
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")
    with pytest.raises(ExtraMissingError, match="LibreOffice"):
        tables_of(ole, "form.doc")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_display_formats_show_what_an_office_suite_shows(tmp_path: Path) -> None:
    book = Workbook()
    for form in NUMBER_FORMATS:
        book.active.append(STORED)
        for cell in book.active[book.active.max_row]:
            cell.number_format = form
    book.save(tmp_path / "formats.xlsx")
    producers.convert([tmp_path / "formats.xlsx"], tmp_path, producers.CSV_IN_UTF8)
    with (tmp_path / "formats.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for form, row in zip(NUMBER_FORMATS, rows, strict=True):
        own = [displayed(value, form).text for value in STORED]
        assert own == [text.strip() for text in row], form


STORED = (0, 1, -1, 0.937351, 100, 1234567.891, 29907108.39, -0.004, 2.675, 12.5, 99.995, 0.1 + 0.2)
NUMBER_FORMATS = (
    *("General", "0", "0.0", "0.00", "#,##0", "#,##0.00", "0%", "0.00%", "#,##0.00_ ", "0.0#"),
    *("#,##0.00_);(#,##0.00)", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', '0.00"万元"'),
    *("#.##", "0.00;[Red]-0.00", "[$¥-804]#,##0.00", '0"个"', "0.00\\%", '"≥"0%', "000", "0.###"),
    *("0,", '#,##0.00;-#,##0.00;"—"', "¥#,##0;¥-#,##0"),
)


FOOTNOTES = """<h1>项目支出绩效自评表</h1><table>
<tr><td>项目名称</td><td colspan="6">道路养护</td></tr>
<tr><td>项目资金（万元）</td><td>年初预算数</td><td>全年预算数</td><td>全年执行数</td><td>分值</td>
<td>执行率</td><td>得分</td></tr>
<tr><td>年度资金总额</td><td>100.00<sup>1</sup></td><td>100.00</td><td>90.00</td><td>10</td>
<td>90.00%</td><td>9.00</td></tr>
<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>年度指标值</td><td>实际完成值</td>
<td>分值</td><td>得分</td></tr>
<tr><td>产出指标</td><td>数量指标</td><td>养护里程</td><td>≥20公里</td><td>21<sup>12</sup>公里</td>
<td>60</td><td>60</td></tr>
<tr><td>产出指标</td><td>数量指标</td><td>绿化面积</td><td>20m<sup>2</sup></td><td>21m<sup>2</sup></td>
<td>30</td><td>30</td></tr></table>"""


def marks_are_told_from_digits(report: Report) -> bool:
    """Tell whether the marks of notes are no digits of numbers, and those of units are kept."""
    road, area = report.indicators
    marked = [report.total_line and report.total_line.initial_budget, road.actual]
    assert [entry and entry.text for entry in marked] == ["100.00¹", "21¹²公里"]
    assert all(entry and entry.reading.value is None and not entry.is_sure for entry in marked)
    assert area.target is not None
    return (area.target.reading.value, area.target.reading.unit) == (20, "m2")


def test_the_mark_of_a_note_on_a_page_is_no_digit(tmp_path: Path) -> None:
    (report,) = forms(html(FOOTNOTES))
    assert marks_are_told_from_digits(report)
    if producers.missing("weasyprint"):
        pytest.skip("nothing to print a page with")
    producers.print_page(producers.page(FOOTNOTES), tmp_path / "form.pdf")
    (report,) = forms((tmp_path / "form.pdf").read_bytes())
    assert marks_are_told_from_digits(report)


@pytest.mark.parametrize("raised", ["vertAlign", "position"])
def test_the_mark_of_a_note_in_word_is_no_digit(
    word: Callable[[Callable[[Any], None]], Report], raised: str
) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    def change(document: Any) -> None:
        found = [c for row in document.tables[0].rows for c in row.cells if c.text == "100%"]
        run = found[0].paragraphs[0].add_run("3")
        mark = OxmlElement(f"w:{raised}")
        mark.set(qn("w:val"), {"vertAlign": "superscript", "position": "6"}[raised])
        run._r.get_or_add_rPr().append(mark)

    report = word(change)
    values = [entry for row in report.indicators for entry in (row.target, row.actual) if entry]
    (marked,) = [
        entry for entry in values if entry.text.startswith("100%") and entry.text != "100%"
    ]
    assert (marked.text, marked.reading.value, marked.is_sure) == ("100%³", None, False)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (True, "General", "TRUE"),
        (timedelta(hours=1), "General", "1:00:00"),
        (float("inf"), "0.00", "inf"),
        (5, "", "5"),
        (5, "[>3]0;0.0", "5"),
        (5, "0 0.0 0", "5"),
        (date(2024, 3, 5), "mmm d", "2024-03-05"),
        (time(9, 30), "yyyy-mm-dd", "09:30:00"),
        (datetime.fromisoformat("2024-03-05T09:30"), '"无"', "2024-03-05 09:30:00"),
        (datetime.fromisoformat("2024-03-05T09:05"), "h:mm", "9:05"),
    ],
)
def test_values_of_a_sheet_that_are_no_plain_numbers_are_shown_or_given_as_stored(
    value: object, number_format: str, text: str
) -> None:
    square = displayed(value, number_format)
    assert square.text == text
    is_odd = number_format in ("[>3]0;0.0", "0 0.0 0") or value == float("inf")
    is_odd = is_odd or isinstance(value, timedelta)
    assert bool(square.doubts) is is_odd


def test_tabs_breaks_signs_and_controls_of_word_are_text(
    word: Callable[[Callable[[Any], None]], Report],
) -> None:
    from docx.oxml import parse_xml

    names = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    runs = (
        "<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t><w:noBreakHyphen/></w:r>"
        "<w:sdt><w:sdtContent><w:r><w:t>丁</w:t></w:r></w:sdtContent></w:sdt>"
        '<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:sym w:font="Wingdings" w:char="F0FF"/></w:r>'
    )

    def change(document: Any) -> None:
        found = next(c for row in document.tables[0].rows for c in row.cells if "29个" in c.text)
        found._tc.append(parse_xml(f'<w:p xmlns:w="{names}">{runs}</w:p>'))

    report = word(change)
    (goal,) = [e for e in (report.goals.actual, report.goals.expected) if e and "甲" in e.text]
    text = "".join(goal.text.split())
    assert "甲乙丙-丁≥" in text
    assert UNKNOWN_SYMBOL in goal.doubts
