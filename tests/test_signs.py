"""How characters stand on a page: turned in a group's cell, or drawn as another sign."""

from __future__ import annotations

import io

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from auditkit.grid import Cell
from auditkit.readers import tables_of
from auditkit.readers.lines import OTHER_ORDER

XS = (40, 80, 150, 300, 390, 440, 490)
HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "得分")
ROWS = (
    ("数量指标", "安装电梯", "≥36部", "36部", "20"),
    ("质量指标", "合格率", "=100%", "97%", "18"),
)


def read(group: tuple[str, ...], angle: float, upright: str = "", sign: str = "") -> Cell:
    """Print a table whose first cell below the heads says something turned, and read that cell.

    ``sign`` is printed in it in a Latin font.
    """
    registerFont(TTFont("Vera", "Vera.ttf"))
    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setFont("STSong-Light", 9)
    canvas.grid(XS, (700, 670))
    canvas.grid(XS[1:], (670, 620, 570))
    canvas.grid(XS[:2], (670, 570))
    for y, row in zip((680, 645, 595), (HEADS, *(("", *row) for row in ROWS)), strict=True):
        for left, said in zip(XS, row, strict=False):
            canvas.drawString(left + 2, y, said)
    canvas.drawString(XS[0] + 2, 575, upright)
    canvas.setFont("Vera", 9)
    canvas.drawString(XS[0] + 2, 590, sign)
    canvas.setFont("STSong-Light", 9)
    for at, said in enumerate(group):
        canvas.saveState()
        canvas.translate(60, 622)
        canvas.rotate(angle)
        canvas.drawCentredString(0, 3 - 12 * at, said)
        canvas.restoreState()
    canvas.save()
    (grid,) = tables_of(buffer.getvalue(), "turned.pdf").grids
    return next(cell for cell in grid.cells if (cell.row, cell.column) == (1, 0))


@pytest.mark.parametrize("angle", [90, 180, 270, -90])
@pytest.mark.parametrize("group", [("产出指标",), ("产出", "指标"), ("项目(2024)",)])
def test_a_turned_label_is_read_in_its_own_direction(group: tuple[str, ...], angle: int) -> None:
    cell = read(group, angle)
    assert (cell.text.replace("\n", ""), cell.doubts) == ("".join(group), ())


def test_turned_and_upright_text_in_one_cell_is_read_apart_and_doubted() -> None:
    cell = read(("产出指标",), 90, upright="甲乙")
    assert cell.text == "甲乙\n产出指标"
    assert OTHER_ORDER in cell.doubts


def test_a_soft_hyphen_that_is_drawn_before_a_number_is_its_minus() -> None:
    assert read((), 0, sign="\xad12.50").text == "-12.50"
