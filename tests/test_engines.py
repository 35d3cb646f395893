"""Camelot beside PDFium: loaded without harm to anybody else, and asked for a second opinion."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from bad_files import BAD
from pypdf import PdfReader, PdfWriter
from pypdf.constants import UserAccessPermissions
from pypdf.generic import RectangleObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from test_readers import (
    COLUMNS,
    LABELS,
    ROW,
    after,
    as_boxes_apart,
    as_picture,
    as_strokes,
    drawn,
    texts,
    turned_by_viewer,
    with_second_line,
    without_label,
    written,
)

from auditkit.errors import DamagedError, NoFormError, ReadError, UnsupportedError
from auditkit.forms import recognise
from auditkit.grid import Box, PageLayout, PassedOver, RuledBy, Tables, plain
from auditkit.notebook.layouts import TablesShown
from auditkit.notebook.showing import show
from auditkit.readers import tables, tables_of
from auditkit.wording import LANGUAGES, put

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "data" / "samples"

# Two threads: one reads with auditkit, the other with camelot itself. The one that comes second
# starts while the other is in the middle of its import.
TWO_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

path, first = sys.argv[1:]

def wait_for(module):
    latest = monotonic() + 30
    while module not in sys.modules and monotonic() < latest:
        pass

def ours():
    if first == "camelot":
        wait_for("camelot")
    from auditkit.readers.lattice import find_lattices
    across = [(0, y, 90, y) for y in (0, 30, 60)]
    down = [(x, 0, x, 60) for x in (0, 45, 90)]
    (table,) = find_lattices(across, down).lattices
    return len(table.areas)

def theirs():
    if first == "auditkit":
        wait_for("cv2")
    import camelot
    return camelot.read_pdf(path, flavor="lattice", backend="pdfium").n

with ThreadPoolExecutor(2) as threads:
    reading = threads.submit(ours)
    other = threads.submit(theirs)
    assert (reading.result(), other.result()) == (4, 1)
import camelot
assert camelot.__version__
"""


@pytest.mark.parametrize("first", ["auditkit", "camelot"])
def test_camelot_can_be_imported_while_another_thread_reads_a_form(
    first: str, xinhong: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_THREADS, str(xinhong), first],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def second(xinhong: Path) -> Tables:
    """What camelot reads on the page of the first sample."""
    return tables(xinhong, engine="camelot")


def entries(read: Tables) -> dict[str, str]:
    return {e.path: plain(e.text) for report in recognise(read) for e in report.entries()}


def boxes(read: Tables) -> list[Box]:
    return [c.place for grid in read.grids for c in grid.cells if isinstance(c.place, Box)]


def are_near(some: list[Box], others: list[Box]) -> bool:
    return len(some) == len(others) and all(
        getattr(a, side) == pytest.approx(getattr(b, side), abs=2.0)
        for a, b in zip(some, others, strict=True)
        for side in ("page", "left", "top", "right", "bottom")
    )


def test_camelot_gives_a_second_opinion_on_cells_spans_and_texts(
    second: Tables, xinhong: Path
) -> None:
    first = tables(xinhong)
    assert {grid.reader for grid in second.grids} == {"camelot/lattice"}
    assert first.document == second.document
    squares = [[list(cell.squares) for cell in read.grids[0].cells] for read in (first, second)]
    assert squares[0] == squares[1]
    assert texts(first) == texts(second)
    assert are_near(boxes(first), boxes(second))
    assert [line.text for line in second.grids[0].heading] == [
        "财政项目支出绩效自评表",
        "(2024年度)",
    ]


def test_a_form_is_recognised_in_what_camelot_reads(second: Tables, xinhong: Path) -> None:
    assert entries(second) == entries(tables(xinhong))


def test_camelot_keeps_the_lines_of_a_cell_as_it_has_them(second: Tables) -> None:
    assert "年度资金总\n额" in [cell.text for cell in second.grids[0].cells]


@pytest.mark.parametrize("angle", [90, 270])
def test_places_of_the_second_opinion_are_those_of_the_page_as_shown(
    xinhong: Path, angle: int
) -> None:
    data = turned_by_viewer(xinhong.read_bytes(), angle)
    assert are_near(boxes(tables_of(data, "t.pdf", engine="camelot")), boxes(tables_of(data, "t")))


def test_camelot_reads_the_pages_that_may_hold_a_form_and_those_that_go_on(
    disclosure: Path,
) -> None:
    read = tables(disclosure, engine="camelot")
    assert [box.page for page in read.pages for box in page.tables] == [6, 7, 8]
    assert are_near(boxes(read), boxes(tables(disclosure)))
    over = {page.number: page.passed_over for page in read.pages}
    assert over[5] is PassedOver.NO_TABLE
    assert over[9] is PassedOver.NO_MARKS
    assert len(over) == 30

    more = ("", "", "就业人数", "≥900", "910", "40", "40")
    data = after(drawn(as_strokes, (LABELS, ROW)), without_label(as_strokes, more))
    (report,) = recognise(tables_of(data, "long.pdf", engine="camelot"))
    assert [row.name.text for row in report.indicators if row.name] == ["培训人次", "就业人数"]


def test_a_page_that_is_cropped_is_passed_over_by_camelot_and_said_to_be() -> None:
    page = drawn(as_strokes, (LABELS, ROW))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(after(page, page))))
    writer.pages[1].cropbox = RectangleObject((20, 20, 560, 800))
    read = tables_of(written(writer), "cropped.pdf", engine="camelot")
    assert [page.passed_over for page in read.pages] == [None, PassedOver.CROPPED]


def test_where_camelot_finds_no_table_it_is_said_how_else_to_read() -> None:
    data, _ = BAD["without-rules.pdf"]
    with pytest.raises(NoFormError, match=r"camelot finds no.*without naming an engine"):
        tables_of(data(), "words.pdf", engine="camelot")


def test_what_camelot_may_not_read_is_said_to_be_so(xinhong: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(xinhong))
    writer.encrypt("", "owner", permissions_flag=UserAccessPermissions.PRINT, algorithm="RC4-128")
    with pytest.raises(
        DamagedError, match=r"cannot read page 1: Text .* not allowed.*without naming"
    ):
        tables_of(written(writer), "locked.pdf", engine="camelot")


def test_an_engine_that_there_is_not_and_a_file_that_is_no_pdf_are_refused(xinhong: Path) -> None:
    with pytest.raises(
        UnsupportedError, match=r"no engine 'tabula'. Name one of pdfium and camelot"
    ):
        tables(xinhong, engine="tabula")
    sheet = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"
    with pytest.raises(
        UnsupportedError, match=r"PDF files alone. Read it without naming an engine"
    ):
        tables(sheet, engine="camelot")


@pytest.mark.parametrize(
    ("rules", "by"),
    [(as_strokes, RuledBy.DRAWN), (as_boxes_apart, RuledBy.MOVED), (as_picture, RuledBy.RASTER)],
)
def test_each_page_says_which_rules_were_found_and_how(
    rules: Callable[[Canvas], None], by: RuledBy
) -> None:
    (page,) = tables_of(drawn(rules, (LABELS, ROW)), "drawn.pdf").pages
    assert (page.number, page.ruled_by, page.passed_over) == (1, by, None)
    assert (page.width, page.height) == pytest.approx(A4, abs=0.01)
    across = [rule for rule in page.rules if rule[2] - rule[0] > rule[3] - rule[1]]
    assert len(across) == 3
    assert len(page.rules) - len(across) == len(COLUMNS)
    (box,) = page.tables
    assert (box.left, box.top) == pytest.approx((COLUMNS[0], A4[1] - 720), abs=3)


def test_a_page_that_one_row_takes_up_says_that_its_table_was_closed() -> None:
    def cut(canvas: Canvas) -> None:
        for x in COLUMNS:
            canvas.line(x, 760, x, 60)

    data = after(drawn(as_strokes, (LABELS, ROW)), without_label(cut, ROW))
    assert [page.ruled_by for page in tables_of(data, "long.pdf").pages] == [
        RuledBy.DRAWN,
        RuledBy.CLOSED,
    ]


def test_lines_beside_and_below_the_tables_are_said_to_be_passed_over() -> None:
    data = with_second_line(drawn(as_strokes, (LABELS, ROW)), 60, 600, "Note: audited.")
    read = tables_of(data, "note.pdf")
    (page,) = read.pages
    assert [line.text for line in page.lines] == ["Note: audited."]
    assert len(read.grids[0].heading) == 1
    assert isinstance(page.lines[0].place, Box)
    assert page.lines[0].place.top == pytest.approx(A4[1] - 600 - 7, abs=2)


def test_pages_without_a_form_have_a_size_and_a_reason_only(disclosure: Path) -> None:
    pages = tables(disclosure).pages
    assert [page.number for page in pages] == list(range(1, 31))
    assert replace(pages[0], lines=()) == PageLayout(1, 595.3, 841.89, PassedOver.NO_MARKS)
    assert "绩效自评" in pages[0].lines[0].text  # what it may state of the forms
    assert [page.number for page in pages if page.tables] == [6, 7, 8]
    assert (pages[4].passed_over, bool(pages[4].lines)) == (PassedOver.NO_TABLE, True)


def test_a_scan_that_is_not_recognised_and_a_page_too_large_say_so(xinhong: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(xinhong))
    for name in ("scan.pdf", "too-large.pdf"):
        writer.append(io.BytesIO(BAD[name][0]()))
    pages = tables_of(written(writer), "mixed.pdf").pages
    assert [page.passed_over for page in pages] == [None, PassedOver.UNREAD, PassedOver.TOO_LARGE]


def test_files_without_pages_have_none() -> None:
    sheet = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"
    assert tables(sheet).pages == ()


def test_what_lay_on_the_pages_does_not_count_where_readings_are_compared(xinhong: Path) -> None:
    read = tables(xinhong)
    assert replace(read, pages=()) == read


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """A form with a cell that runs over its rule, and a note below its table."""
    row = (*ROW[:4], "14500000000000.00", "50", "49.5")
    path = tmp_path / "noted.pdf"
    path.write_bytes(with_second_line(drawn(as_strokes, (LABELS, row)), 60, 600, "Note: audited."))
    return path


def drawn_of(read: Tables, source: Path) -> TablesShown:
    """Show tables on the pages that they were read from."""
    shown = show(read, source=source)
    assert isinstance(shown, TablesShown)
    return shown


def test_without_its_file_the_cells_are_listed_by_their_places(noted: Path) -> None:
    shown = show(tables(noted))
    assert shown.heads == ["where", "text"]
    assert len(shown.rows) == 14
    assert shown.rows[0][0].startswith("page 1, row ")


def test_what_was_read_of_a_page_is_drawn_and_said_in_words(noted: Path) -> None:
    shown = drawn_of(tables(noted), noted)
    (picture,) = shown.pictures
    assert picture.data.startswith(b"\x89PNG")
    assert repr(picture).splitlines() == [
        "page 1 of noted.pdf",
        "rules (light blue): 11 rules, as the page draws them",
        "cells (blue, unsure ones dashed): 14 cells, 2 of them not sure; tables: 1;"
        " read by pdf/lattice",
        "passed over (tinted): “Note: audited.”",
    ]
    assert picture.image in shown._repr_html_()


def test_of_many_lines_passed_over_the_first_are_quoted_and_the_rest_counted(noted: Path) -> None:
    read = tables(noted)
    (page,) = read.pages
    many = replace(read, pages=(replace(page, lines=page.lines * 9),))
    assert drawn_of(many, noted).rows[0][-1].endswith("“Note: audited.” and 4 more")


def test_pages_passed_over_whole_are_named_with_the_reason(disclosure: Path) -> None:
    shown = drawn_of(tables(disclosure), disclosure)
    assert [(row[0], row[-1]) for row in shown.rows] == [
        ("1-4", "no words of a form"),
        ("5", "words of a form, but no ruled table"),
        ("6", ""),
        ("7", ""),
        ("8", ""),
        ("9-30", "no words of a form"),
    ]
    assert len(shown.pictures) == 3


def test_what_was_read_is_shown_in_chinese(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", "zh")
    shown = drawn_of(tables(noted), noted)
    assert shown.rows[0][1] == "11条框线,按页面所绘"
    assert repr(shown.pictures[0]).startswith("noted.pdf 第1页\n框线(浅蓝):11条")


def test_nothing_is_drawn_over_another_file(noted: Path, xinhong: Path) -> None:
    with pytest.raises(ReadError, match=r"not the file that was read. Name .* as noted.pdf"):
        drawn_of(tables(noted), xinhong)


def test_of_a_file_without_pages_the_cells_are_drawn_as_a_grid() -> None:
    sheet = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"
    shown = drawn_of(tables(sheet), sheet)
    (grid,) = shown.pictures
    assert "上海市普陀区体育局" in grid.data.decode()


@pytest.mark.parametrize("kind", [*RuledBy, *PassedOver])
def test_how_rules_were_found_and_why_pages_were_passed_over_can_be_said(
    kind: RuledBy | PassedOver,
) -> None:
    assert len({put(kind, lang) for lang in LANGUAGES}) == 2
