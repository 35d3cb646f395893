"""Rules that are no borders, and borders without a rule, on the pages of a PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from auditkit.grid import Cell
from auditkit.readers import tables_of
from auditkit.readers.filling import RUNS_OVER
from auditkit.readers.lattice import BROKEN_RULE, UNSOUND_GRID
from auditkit.readers.unruled import RULE_MISSING

XS = (40, 100, 160, 270, 350, 420, 460, 510)
YS = (700, 670, 640, 610, 580)
HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分")
ROWS = (
    ("产出指标", "数量指标", "培训人次", "≥1500", "1520", "50", "50"),
    ("", "质量指标", "合格率", "=100%", "97.5%", "20", "18.5"),
    ("效益指标", "社会效益", "受益户数", "≥1200户", "1286户", "30", "30"),
)
Draw = Callable[[Canvas], None]


def printed(rules: Draw, scale: float = 1) -> list[Cell]:
    """Print a form of four rows, the first two indicators of one group, and read its cells."""
    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.scale(scale, scale)
    rules(canvas)
    canvas.setFillGray(0)
    canvas.setFont("STSong-Light", 9)
    for top, row in zip(YS, (HEADS, *ROWS), strict=False):
        for left, said in zip(XS, row, strict=False):
            canvas.drawString(left + 3, top - (33 if said == "产出指标" else 18), said)
    canvas.save()
    return [cell for grid in tables_of(buffer.getvalue(), "a.pdf").grids for cell in grid.cells]


def rows(cells: list[Cell]) -> list[tuple[str, ...]]:
    """Return the texts of each row, of a cell in each of the rows that it covers."""
    high = max(cell.row + cell.row_span for cell in cells)
    return [
        tuple(c.text for c in cells if c.row <= row < c.row + c.row_span) for row in range(high)
    ]


WHOLE = [HEADS, ROWS[0], ("产出指标", *ROWS[1][1:]), ROWS[2]]


def boxes() -> list[tuple[float, float, float, float]]:
    """Return left, bottom, width and height of each cell."""
    found = [
        (left, low, right - left, high - low)
        for high, low in zip(YS, YS[1:], strict=False)
        for left, right in zip(XS, XS[1:], strict=False)
        if left != XS[0] or high not in (YS[1], YS[2])
    ]
    return [*found, (XS[0], YS[3], XS[1] - XS[0], YS[1] - YS[3])]


def single(canvas: Canvas) -> None:
    for box in boxes():
        canvas.rect(*box)


def double(apart: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        aside = apart / 2
        canvas.setLineWidth(0.5)
        for left, low, wide, high in boxes():
            for y in (low - aside, low + aside, low + high - aside, low + high + aside):
                canvas.line(left - aside, y, left + wide + aside, y)
            for x in (left - aside, left + aside, left + wide - aside, left + wide + aside):
                canvas.line(x, low - aside, x, low + high + aside)

    return draw


def underlined(*columns: int, below: float = 20) -> Draw:
    def draw(canvas: Canvas) -> None:
        single(canvas)
        for column in columns:
            canvas.line(XS[column], YS[2] - below, XS[column + 1], YS[2] - below)

    return draw


def test_the_form_is_whole_as_it_is() -> None:
    assert rows(printed(single)) == WHOLE


@pytest.mark.parametrize("apart", [1.5, 3.2, 4.5, 6])
def test_between_double_rules_stands_no_row_and_no_column(apart: float) -> None:
    cells = printed(double(apart))
    assert rows(cells) == WHOLE
    assert not any(cell.doubts for cell in cells)


@pytest.mark.parametrize("apart", [4.2, 5.4])
def test_double_rules_are_told_by_the_distances_on_their_page(apart: float) -> None:
    cells = printed(double(apart / 0.55), 0.55)  # letters of 5 points, in rows of 10
    assert rows(cells) == WHOLE
    assert not any(cell.doubts for cell in cells)


@pytest.mark.parametrize("apart", [3, 6, 8])
def test_boxes_are_one_table_however_far_apart_they_stand(apart: float) -> None:
    def draw(canvas: Canvas) -> None:
        for left, low, wide, high in boxes():
            canvas.rect(left + apart / 2, low + apart / 2, wide - apart, high - apart)

    cells = printed(draw)
    assert rows(cells) == WHOLE
    assert not any(cell.doubts for cell in cells)


def test_a_frame_drawn_beside_the_boxes_of_cells_is_no_ink_in_them() -> None:
    def draw(canvas: Canvas) -> None:
        single(canvas)
        canvas.rect(XS[0] - 2.5, YS[-1] - 2.5, XS[-1] - XS[0] + 5, YS[0] - YS[-1] + 5)

    assert not any(cell.doubts for cell in printed(draw))


def with_a_line(above: float, texts: tuple[str, ...] = ROWS[0]) -> set[str]:
    """Draw a line along the texts of the first indicator; return the texts of doubted cells."""

    def draw(canvas: Canvas) -> None:
        single(canvas)
        canvas.setLineWidth(0.5)
        for left, said in zip(XS, texts, strict=False):
            wide, y = canvas.stringWidth(said, "STSong-Light", 9), YS[1] - 18 + above
            if said not in ("", "产出指标"):  # that stands lower
                canvas.line(left + 3, y, left + 3 + wide, y)

    return {cell.text for cell in printed(draw) if cell.doubts}


@pytest.mark.parametrize("below", [0.6, 1.2, 2])
def test_what_is_underlined_is_read_surely(below: float) -> None:
    assert with_a_line(-below) == set()


def test_what_is_struck_or_made_another_sign_by_a_line_is_not() -> None:
    assert {"1520", "≥1500", "50"} <= with_a_line(3)
    assert with_a_line(-1.2, ("", "", "", "≥", "1", "", "")) == {"≥1500"}


def test_an_underline_between_the_lines_of_a_text_parts_no_row() -> None:
    def draw(canvas: Canvas) -> None:
        underlined(2, below=20)(canvas)
        canvas.setFont("STSong-Light", 9)
        canvas.drawString(XS[2] + 3, YS[2] - 28, "达标情况")

    cells = printed(draw)
    assert len(rows(cells)) == 4
    [cell] = [cell for cell in cells if "合格率" in cell.text]
    assert cell.text == "合格率\n达标情况"
    assert BROKEN_RULE in cell.doubts


def test_a_line_that_ends_at_a_rule_adds_no_row() -> None:
    def draw(canvas: Canvas) -> None:
        single(canvas)
        canvas.line(XS[2] + 1, YS[2] - 20, XS[2] + 30, YS[2] - 20)

    cells = printed(draw)
    assert max(cell.row for cell in cells) == 3


def test_a_table_with_a_row_that_may_be_an_underline_is_doubted_as_a_whole() -> None:
    def draw(canvas: Canvas) -> None:
        underlined(2, below=22.5)(canvas)
        canvas.setFont("STSong-Light", 6)
        canvas.drawString(XS[2] + 3, YS[2] - 28, "达标情况")

    cells = printed(draw)
    assert all(UNSOUND_GRID in cell.doubts for cell in cells)


@pytest.mark.parametrize("column", [3, 6])
def test_a_spaced_text_that_goes_on_beyond_its_cell_is_doubted(column: int) -> None:
    def draw(canvas: Canvas) -> None:
        single(canvas)
        canvas.saveState()
        text = canvas.beginText(XS[column] + 3, YS[1] - 28)
        text.setFont("STSong-Light", 9)
        text.setCharSpace(6)
        text.textOut("扩大服务覆盖范围")
        canvas.drawText(text)
        canvas.restoreState()

    doubted = {cell.column for cell in printed(draw) if RUNS_OVER in cell.doubts}
    assert column in doubted


@pytest.mark.parametrize("columns", [(2,), (2, 4), (6,)])
def test_an_underline_that_reaches_from_rule_to_rule_is_none(columns: tuple[int, ...]) -> None:
    assert rows(printed(underlined(*columns))) == WHOLE


def test_a_row_that_was_left_blank_is_a_row() -> None:
    def draw(canvas: Canvas) -> None:
        single(canvas)
        canvas.line(XS[1], YS[2] - 20, XS[-1], YS[2] - 20)

    assert len(rows(printed(draw))) == 5


def without_rule(canvas: Canvas) -> None:
    """Draw all rules but that between the first two indicators."""
    for y in (*YS[:2], *YS[3:]):
        canvas.line(XS[0], y, XS[-1], y)
    for x in XS:
        canvas.line(x, YS[0], x, YS[-1])


def also(*texts: tuple[int, float, str]) -> Draw:
    """Print more texts, each in a column and at a height."""

    def draw(canvas: Canvas) -> None:
        single(canvas)
        canvas.setFont("STSong-Light", 9)
        for column, y, said in texts:
            canvas.drawString(XS[column] + 3, y, said)

    return draw


def test_a_rule_that_is_not_drawn_parts_two_rows_and_doubts_them() -> None:
    cells = printed(without_rule)
    assert rows(cells) == WHOLE
    doubted = {cell.row for cell in cells if RULE_MISSING in cell.doubts}
    assert doubted == {1, 2}
    assert all(RULE_MISSING in cell.doubts for cell in cells if cell.row in doubted)


@pytest.mark.parametrize(("column", "row"), [(4, 2), (6, 1), (6, 3)])
def test_a_rule_that_is_not_drawn_parts_two_columns_and_doubts_them(column: int, row: int) -> None:
    def draw(canvas: Canvas) -> None:
        for y in YS:
            canvas.line(XS[y == YS[2]], y, XS[-1], y)
        for number, x in enumerate(XS):
            for at, (high, low) in enumerate(pairwise(YS)):
                if (number, at) != (column, row):
                    canvas.line(x, high, x, low)

    cells = printed(draw)
    assert rows(cells) == WHOLE
    doubted = [(cell.row, cell.column) for cell in cells if RULE_MISSING in cell.doubts]
    assert doubted == [(row, column - 1), (row, column)]


@pytest.mark.parametrize(
    "texts",
    [
        [(3, 613, "≥1600"), (4, 613, "1520")],
        [(5, 613, "甲"), (6, 613, "乙")],
        [(4, 613, "12345678901234"), (4, 604, "56"), (6, 613, "12345678"), (6, 604, "90")],
    ],
    ids=["points and score are single", "no figures", "numbers that are broken"],
)
def test_other_texts_on_several_lines_part_no_row(texts: list[tuple[int, float, str]]) -> None:
    cells = printed(also(*texts))
    assert len(rows(cells)) == 4
    assert not any(RULE_MISSING in cell.doubts for cell in cells)


def shaded(*, but: tuple[int, ...] = (), apart: float = 1.0) -> Draw:
    """Shade the cells, all but some of them, in two greys; no rule is drawn."""

    def draw(canvas: Canvas) -> None:
        for number, (left, low, wide, high) in enumerate(boxes()):
            canvas.setFillGray(0.85 if number % 2 else 0.93)
            if number not in but:
                sides = left + apart / 2, low + apart / 2, wide - apart, high - apart
                canvas.rect(*sides, stroke=0, fill=1)

    return draw


@pytest.mark.parametrize("apart", [0, 1, 4])
def test_the_edges_of_shades_make_the_grid_where_no_rule_is_drawn(apart: float) -> None:
    cells = printed(shaded(apart=apart))
    assert rows(cells) == WHOLE
    assert not any(cell.doubts for cell in cells)


def test_cells_without_a_shade_of_their_own_are_doubted() -> None:
    cells = printed(shaded(but=(9, 23, 24)))
    assert [cell.text.split("\n")[0] for cell in cells if cell.doubts] == ["≥1500", "1286户", "30"]


def test_a_shaded_table_with_cells_that_nothing_parts_is_doubted_as_a_whole() -> None:
    first_column = (0, 19, 26)
    cells = printed(shaded(but=first_column))
    assert all(UNSOUND_GRID in cell.doubts for cell in cells)
