"""Text that a low row cuts off belongs to its own cell, and is doubted there."""

from __future__ import annotations

import io
from pathlib import Path

import producers
import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Side
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from auditkit.grid import Cell
from auditkit.readers import tables_of
from auditkit.readers.clips import CUT_OFF

XS = (40, 110, 180, 300, 390, 440, 490)
HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "得分")
ACTUAL = ("采购9120册,其中", "文学类4120册、科普", "类3000册、少儿类", "2000册")
ROWS = (
    ("产出指标", "数量指标", "采购图书册数", "≥9000册", ACTUAL, "50"),
    ("产出指标", "数量指标", "配送文化站数", "18个", ("18个",), "30"),
    ("产出指标", "数量指标", "开展培训场次", "3场", ("3场",), "10"),
)
TOP, TALL, LINE = 700.0, 20.0, 11.0


def printed(*, has_clips: bool = True) -> tuple[Cell, ...]:
    """Print rows too low for one of their texts, as spreadsheets do, and read their cells."""
    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.grid(XS, [TOP - TALL * row for row in range(5)])
    for number, row in enumerate((HEADS, *ROWS)):
        low = TOP - TALL * (number + 1)
        for left, right, said in zip(XS, XS[1:], row, strict=False):
            lines = (said,) if isinstance(said, str) else said
            canvas.saveState()
            if has_clips:
                clip = canvas.beginPath()
                clip.rect(left, low, right - left, TALL)
                canvas.clipPath(clip, stroke=0, fill=0)
            canvas.setFont("STSong-Light", 9)
            first = low + TALL / 2 + LINE * len(lines) / 2 - 9
            for at, line in enumerate(lines):
                canvas.drawString(left + 3, first - LINE * at, line)
            canvas.restoreState()
    canvas.save()
    return tables_of(buffer.getvalue(), "low.pdf").grids[0].cells


def test_what_a_low_row_hides_stays_in_its_cell_and_is_doubted() -> None:
    cells = printed()
    doubted = [cell for cell in cells if cell.doubts]
    assert [(cell.text.replace("\n", ""), cell.doubts) for cell in doubted] == [
        ("".join(ACTUAL), (CUT_OFF,))
    ]
    assert [cell.text for cell in cells if cell.column == 4][2:] == ["18个", "3场"]


@pytest.mark.skipif(bool(producers.missing("calc")), reason=producers.missing("calc"))
def test_rows_too_low_for_their_text_are_read_from_what_calc_prints(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    line = Side(style="thin")
    for number, row in enumerate((HEADS, *ROWS), 1):
        sheet.row_dimensions[number].height = 24
        for column, said in enumerate(row, 1):
            cell = sheet.cell(number, column, said if isinstance(said, str) else "".join(said))
            cell.border = Border(line, line, line, line)
            cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    book.save(tmp_path / "low.xlsx")
    producers.convert([tmp_path / "low.xlsx"], tmp_path)
    (grid,) = tables_of((tmp_path / "low.pdf").read_bytes(), "low.pdf").grids
    actual = next(cell for cell in grid.cells if cell.text == "".join(ACTUAL))
    assert CUT_OFF in actual.doubts
    below = [cell for cell in grid.cells if cell.column == actual.column and cell.row > actual.row]
    assert [(cell.text, cell.doubts) for cell in below] == [("18个", ()), ("3场", ())]


def test_what_is_printed_over_other_rows_without_a_clip_is_doubted() -> None:
    mixed = [cell for cell in printed(has_clips=False) if cell.column == 4]
    assert [bool(cell.doubts) for cell in mixed] == [True, True, True, False]
