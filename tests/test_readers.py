"""The PDF reader: which pages, which cells, which text, and what it is not sure of."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pypdfium2
import pytest
from bad_files import BAD, scan
from PIL import Image, ImageDraw
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from auditkit import readers
from auditkit.errors import ReadError
from auditkit.forms import recognise
from auditkit.grid import Box, Tables, plain
from auditkit.readers import recognition, tables_of
from auditkit.readers.filling import RUNS_OVER
from auditkit.readers.glyphs import lacks_text
from auditkit.readers.lines import OTHER_ORDER
from reports import worded

COLUMNS = (40, 110, 180, 300, 370, 440, 490, 540)
LABELS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分")
ROW = ("产出指标", "数量指标", "培训人次", "≥1500", "1520", "50", "50")


def texts(tables: Tables) -> list[list[str]]:
    return [[plain(cell.text) for cell in grid.cells] for grid in tables.grids]


def written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def turned_by_viewer(data: bytes, angle: int) -> bytes:
    """Show each page turned (/Rotate)."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    for page in writer.pages:
        page.rotate(angle)
    return written(writer)


def set_sideways(data: bytes, angle: int) -> bytes:
    """Print what is on each page sideways, the page itself not turned."""
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(data)).pages:
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        sheet = PageObject.create_blank_page(width=height, height=width)
        shift = (height, 0) if angle == 90 else (0, width)
        sheet.merge_transformed_page(page, Transformation().rotate(angle).translate(*shift))
        writer.add_page(sheet)
    return written(writer)


def drawn(rules: Callable[[Canvas], None], rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Draw a table of three rows whose rules are drawn in a way of their own."""
    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setFont("STSong-Light", 9)
    canvas.drawString(60, 780, "项目名称:技能培训 主管部门:人社局 填报日期:2024年1月")
    rules(canvas)
    for number, row in enumerate(rows):
        for left, text in zip(COLUMNS, row, strict=False):
            canvas.drawString(left + 4, 707 - 30 * number, text)
    canvas.save()
    return buffer.getvalue()


def as_strokes(canvas: Canvas) -> None:
    canvas.grid(COLUMNS, (720, 690, 660))


def as_one_tall_row(canvas: Canvas) -> None:
    canvas.grid(COLUMNS, (720, 600))


def as_thin_bars(canvas: Canvas) -> None:
    for y in (720, 690, 660):
        canvas.rect(COLUMNS[0], y, COLUMNS[-1] - COLUMNS[0], 0.7, stroke=0, fill=1)
    for x in COLUMNS:
        canvas.rect(x, 660, 0.7, 60, stroke=0, fill=1)


def as_boxes(canvas: Canvas) -> None:
    for top in (720, 690):
        for left, right in zip(COLUMNS, COLUMNS[1:], strict=False):
            canvas.rect(left, top - 30, right - left, 30)


def as_picture(canvas: Canvas) -> None:
    picture = Image.new("RGB", (2 * int(A4[0]), 2 * int(A4[1])), "white")
    pen = ImageDraw.Draw(picture)
    height = picture.height
    for y in (720, 690, 660):
        pen.line([(2 * COLUMNS[0], height - 2 * y), (2 * COLUMNS[-1], height - 2 * y)], "black", 2)
    for x in COLUMNS:
        pen.line([(2 * x, height - 1440), (2 * x, height - 1320)], "black", 2)
    canvas.drawImage(ImageReader(picture), 0, 0, *A4)


@pytest.mark.parametrize("rules", [as_strokes, as_thin_bars, as_boxes, as_picture])
def test_rules_are_found_however_they_are_drawn(rules: Callable[[Canvas], None]) -> None:
    tables = tables_of(drawn(rules, (LABELS, ROW)), "drawn.pdf")
    assert texts(tables) == [[*LABELS, *ROW]]
    expected = "pdf/raster" if rules is as_picture else "pdf/lattice"
    assert tables.grids[0].reader == expected
    cell = tables.grids[0].cells[10]
    assert isinstance(cell.place, Box)
    assert (cell.text, cell.row, cell.column) == ("≥1500", 1, 3)
    assert abs(cell.place.left - COLUMNS[3]) < 2
    assert abs(cell.place.top - (A4[1] - 690)) < 2


@pytest.mark.parametrize("angle", [90, 180, 270])
@pytest.mark.parametrize("sample", ["xinhong-2024", "service-trade-2020"])
def test_a_page_that_is_shown_turned_reads_the_same(sample: str, angle: int) -> None:
    path = Path(__file__).parent.parent / "data" / "samples" / sample / f"{sample}.pdf"
    upright = readers.tables(path)
    turned = tables_of(turned_by_viewer(path.read_bytes(), angle), path.name)
    assert texts(turned) == texts(upright)
    assert not [cell.doubts for grid in turned.grids for cell in grid.cells if cell.doubts]


@pytest.mark.parametrize("angle", [90, -90])
def test_a_form_that_is_printed_sideways_reads_the_same(xinhong: Path, angle: int) -> None:
    upright = readers.tables(xinhong)
    assert texts(tables_of(set_sideways(xinhong.read_bytes(), angle), "s.pdf")) == texts(upright)


def test_places_are_those_of_the_page_as_shown(xinhong: Path) -> None:
    upright = readers.tables(xinhong).grids[0].cells[0].place
    turned = tables_of(turned_by_viewer(xinhong.read_bytes(), 90), "t.pdf").grids[0].cells[0].place
    assert isinstance(upright, Box)
    assert isinstance(turned, Box)
    assert turned.top == pytest.approx(upright.left, abs=0.1)
    assert turned.right == pytest.approx(A4[1] - upright.top, abs=1.5)


def test_only_pages_that_can_hold_a_form_are_gridded(disclosure: Path) -> None:
    tables = readers.tables(disclosure)
    pages = {c.place.page for grid in tables.grids for c in grid.cells if isinstance(c.place, Box)}
    assert {6, 7, 8} <= pages
    assert len(pages) <= 6


def test_a_scan_among_other_pages_is_said_and_costs_nothing_else(xinhong: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(xinhong.read_bytes())))
    for page in PdfReader(io.BytesIO(scan())).pages:
        writer.add_page(page)
    tables = tables_of(written(writer), "mixed.pdf")
    assert texts(tables) == texts(readers.tables(xinhong))
    assert any("page 2" in note and "a picture" in note for note in worded(tables.notes))
    (report,) = recognise(tables)
    assert any("page 2" in note and "a picture" in note for note in worded(report.notes))


def test_a_locked_file_does_not_lend_its_error_to_the_next() -> None:
    with pytest.raises(ReadError, match="password"):
        tables_of(BAD["password.pdf"][0](), "password.pdf")
    with pytest.raises(ReadError, match="not a whole PDF"):
        tables_of(BAD["cut-off.pdf"][0](), "cut-off.pdf")


def test_a_number_that_is_wrapped_in_its_cell_is_one_number() -> None:
    row = (*ROW[:3], "31905962.9", *ROW[4:])
    data = drawn(as_strokes, (LABELS, row))
    wrapped = tables_of(with_second_line(data, COLUMNS[3] + 4, 667, "5"), "wrapped.pdf")
    (report,) = recognise(wrapped)
    assert [e.text for e in (report.project, report.department) if e] == ["技能培训", "人社局"]
    target = report.indicators[0].target
    assert target is not None
    assert target.text == "31905962.95"
    assert target.reading.value is not None
    assert not target.is_sure


def with_second_line(data: bytes, x: float, y: float, text: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setFont("Helvetica", 9)
    canvas.drawString(x, y, text)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.pages[0].merge_page(PdfReader(io.BytesIO(buffer.getvalue())).pages[0])
    return written(writer)


def as_boxes_apart(canvas: Canvas) -> None:
    for top in (720, 690):
        for left, right in zip(COLUMNS, COLUMNS[1:], strict=False):
            canvas.rect(left + 1, top - 29, right - left - 3, 27)


def test_boxes_drawn_apart_for_each_cell_make_one_table() -> None:
    tables = tables_of(drawn(as_boxes_apart, (LABELS, ROW)), "boxes.pdf")
    assert texts(tables) == [[*LABELS, *ROW]]
    assert tables.grids[0].reader == "pdf/lattice"


def test_a_watermark_across_the_page_is_no_part_of_any_cell(xinhong: Path) -> None:
    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setFont("STSong-Light", 60)
    canvas.translate(100, 200)
    canvas.rotate(40)
    canvas.drawString(0, 0, "仅供公开使用2024")
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(xinhong.read_bytes())))
    writer.pages[0].merge_page(PdfReader(io.BytesIO(buffer.getvalue())).pages[0])
    assert texts(tables_of(written(writer), "marked.pdf")) == texts(readers.tables(xinhong))


def test_what_runs_over_the_rule_beside_it_stays_whole_and_is_doubted() -> None:
    row = (*ROW[:4], "14500000000000.00", "50", "49.5")
    (grid,) = tables_of(drawn(as_strokes, (LABELS, row)), "narrow.pdf").grids
    long, beside, last = grid.cells[11:14]
    assert [long.text, beside.text, last.text] == ["14500000000000.00", "50", "49.5"]
    assert RUNS_OVER in long.doubts
    assert RUNS_OVER in beside.doubts
    assert RUNS_OVER not in last.doubts


def test_characters_without_meaning_are_read_by_their_shapes_or_not_at_all(
    xinhong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    recognition.engine.cache_clear()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(xinhong.read_bytes())))
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            font.get_object().pop("/ToUnicode", None)
    with pytest.raises(ReadError, match=r"no text that means anything.*Run make ocr"):
        tables_of(written(writer), "coded.pdf")


def after(first: bytes, second: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(first)))
    for page in PdfReader(io.BytesIO(second)).pages:
        writer.add_page(page)
    return written(writer)


def without_label(rules: Callable[[Canvas], None], row: tuple[str, ...]) -> bytes:
    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setFont("STSong-Light", 9)
    rules(canvas)
    for left, text in zip(COLUMNS, row, strict=False):
        canvas.drawString(left + 4, 707, text)
    canvas.save()
    return buffer.getvalue()


def test_rows_drawn_as_boxes_apart_go_on_over_the_page_edge() -> None:
    more = ("", "", "就业人数", "≥900", "910", "40", "40")
    data = after(drawn(as_boxes_apart, (LABELS, ROW)), without_label(as_boxes_apart, more))
    (report,) = recognise(tables_of(data, "boxes.pdf"))
    assert [row.name.text for row in report.indicators if row.name] == ["培训人次", "就业人数"]


def test_text_below_a_row_that_the_page_edge_leaves_open_belongs_to_its_cell() -> None:
    def cut(canvas: Canvas) -> None:
        for x in COLUMNS:
            canvas.line(x, 720, x, 655)
        for y in (720, 690):
            canvas.line(COLUMNS[0], y, COLUMNS[-1], y)
        canvas.line(COLUMNS[1], 655, COLUMNS[-1], 655)

    data = with_second_line(drawn(cut, (LABELS, ("A", *ROW[1:]))), COLUMNS[0] + 4, 649, "B")
    data = with_second_line(data, COLUMNS[0] + 4, 660, "a")
    (grid,) = tables_of(data, "cut.pdf").grids
    assert plain(grid.cells[7].text) == "AaB"
    assert RUNS_OVER in grid.cells[7].doubts
    assert RUNS_OVER not in grid.cells[8].doubts


def test_a_page_whose_characters_are_lost_for_want_of_a_font_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("auditkit.readers.pdf.lacks_text", lambda *_: True)
    with pytest.raises(ReadError, match=r"none is installed in its place.*Install a Chinese font"):
        tables_of(without_label(as_strokes, ("x",) * 7), "fontless.pdf")


class Fewer:
    """A page's text of which hardly a character came out."""

    def count_chars(self) -> int:
        """Count as ``PdfTextPage`` does."""
        return 3


def test_a_page_that_draws_more_texts_than_come_out_lacks_some() -> None:
    data = without_label(as_strokes, ("x",) * 7)  # in a font that is not in the file
    with pypdfium2.PdfDocument(data) as pdf:
        assert lacks_text(pdf[0], Fewer())
        assert not lacks_text(pdf[0], pdf[0].get_textpage())


def test_texts_in_fonts_of_the_file_that_come_to_nothing_are_blanks(xinhong: Path) -> None:
    with pypdfium2.PdfDocument(xinhong.read_bytes()) as pdf:
        assert not lacks_text(pdf[0], Fewer())


def with_blanks(data: bytes) -> bytes:
    """Draw blanks on the first page, in a font of the file, by a code that means nothing."""
    blank = "\u2003"
    registerFont(TTFont("blanks", Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setFont("blanks", 9)
    canvas.drawString(300, 8, f"-{blank}-")
    for y in range(100, 800, 7):
        canvas.drawString(300, y, blank)
    canvas.save()
    over = PdfWriter(clone_from=PdfReader(buffer))
    for font in over.pages[0]["/Resources"]["/Font"].values():
        if names := font.get_object().get("/ToUnicode"):
            names.get_object().set_data(names.get_object().get_data().replace(b"2003", b"FFFE"))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.pages[0].merge_page(PdfReader(io.BytesIO(written(over))).pages[0])
    return written(writer)


def test_blanks_that_an_office_program_draws_are_no_missing_font(xinhong: Path) -> None:
    plainly, blanked = (
        tables_of(data, "form.pdf")
        for data in (xinhong.read_bytes(), with_blanks(xinhong.read_bytes()))
    )
    assert blanked.notes == plainly.notes
    assert texts(blanked) == texts(plainly)
    assert [[c.doubts for c in g.cells] for g in blanked.grids] == [
        [c.doubts for c in g.cells] for g in plainly.grids
    ]


def test_two_tables_without_a_rule_at_their_ends_leave_the_order_of_the_text_alone() -> None:
    def open_ended(canvas: Canvas) -> None:
        for top, bottom in ((770, 740), (720, 660)):
            for x in COLUMNS:
                canvas.line(x, top, x, bottom)
        for y in (770, 745, 715, 690, 660):
            canvas.line(COLUMNS[0], y, COLUMNS[-1], y)

    grids = tables_of(drawn(open_ended, (LABELS, ROW)), "two.pdf").grids
    assert len(grids) == 2
    assert not [cell for grid in grids for cell in grid.cells if OTHER_ORDER in cell.doubts]


def test_a_cell_knows_how_much_room_is_left_below_its_text() -> None:
    (grid,) = tables_of(drawn(as_strokes, (LABELS, ROW)), "room.pdf").grids
    room = grid.cells[0].room
    tall = tables_of(drawn(as_one_tall_row, (LABELS,)), "tall.pdf").grids[0].cells[0].room
    assert 0.5 < room < tall


def test_what_begins_before_the_table_and_runs_over_its_first_cell_is_not_lost() -> None:
    data = drawn(as_strokes, (LABELS, ("", "", *ROW[2:])))
    printed = "123456789012345678"
    (grid,) = tables_of(with_second_line(data, 36, 677, printed), "first.pdf").grids
    first = next(cell for cell in grid.cells if (cell.row, cell.column) == (1, 0))
    assert plain(first.text) == printed
    assert RUNS_OVER in first.doubts


def test_what_begins_before_the_first_square_stays_whole() -> None:
    data = drawn(as_strokes, (("", "", *LABELS[2:]), ROW))
    printed = "123456789012345678"
    (grid,) = tables_of(with_second_line(data, 36, 707, printed), "corner.pdf").grids
    assert plain(grid.cells[0].text) == printed
    assert RUNS_OVER in grid.cells[0].doubts
