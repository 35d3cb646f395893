"""What a PDF says to a program and not to people: text that nobody sees who opens the file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import fuzz_seeds
import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from auditkit.grid import Box
from auditkit.readers.lattice import ON_TOP
from auditkit.readers.unseen import OUTSIDE, WITHOUT_INK
from auditkit.report import Entry
from auditkit.reviewing import read_bytes

WHITE, GREY, BLACK, NAVY = (1, 1, 1), (0.75, 0.75, 0.75), (0, 0, 0), (0, 0, 0.4)


def score(data: bytes) -> Entry:
    """Return the first score of the form of the seeds, which is 5."""
    entry = read_bytes(data, "form.pdf")[0].indicators[0].score
    assert entry is not None
    return entry


@cache
def form() -> tuple[bytes, Box]:
    data = fuzz_seeds.pdf()
    place = score(data).cells[0].place
    assert isinstance(place, Box)
    return data, place


def drawn(draw: Callable[[Any, float, float, float], object]) -> Entry:
    """Draw more on the page and read the cell; ``draw`` gets the cell's left side and its line."""
    data, place = form()
    writer, layer = PdfWriter(clone_from=BytesIO(data)), BytesIO()
    page = writer.pages[0]
    high = float(page.mediabox.height)
    sheet = canvas.Canvas(layer, pagesize=(float(page.mediabox.width), high))
    draw(sheet, place.left, high - place.bottom, place.bottom - place.top)
    sheet.showPage()
    sheet.save()
    page.merge_page(PdfReader(layer).pages[0])
    whole = BytesIO()
    writer.write(whole)
    return score(whole.getvalue())


def text(colour: tuple[float, float, float], said: str = "7", mode: int = 0, at: float = 26) -> Any:
    def draw(sheet: Any, left: float, bottom: float, tall: float) -> None:
        line = sheet.beginText(left + at, bottom + tall - 10)
        line.setFont("Helvetica", 7)
        line.setFillColorRGB(*colour)
        line.setTextRenderMode(mode)
        line.textOut(said)
        sheet.drawText(line)

    return draw


def shape(colour: tuple[float, float, float], at: float, wide: float) -> Any:
    def draw(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.setFillColorRGB(*colour)
        sheet.rect(left + at, bottom + 1, wide, tall - 2, stroke=0, fill=1)

    return draw


def both(*steps: Any) -> Any:
    return lambda *where: [step(*where) for step in steps]


def test_the_cell_is_sure_as_it_is() -> None:
    data, _ = form()
    assert (score(data).text, score(data).doubts) == ("5", ())


@pytest.mark.parametrize(
    "draw",
    [
        text(WHITE),
        text(BLACK, mode=3),
        text(BLACK, mode=7),
        shape(WHITE, 1, 22),
        both(shape(WHITE, 1, 22), text(BLACK, "3", at=20.3)),
        both(*[shape(WHITE, 40, 5)] * 101, shape(WHITE, 1, 22)),
    ],
    ids=["white", "invisible", "clipped", "painted over", "printed anew", "under many shapes"],
)
def test_what_nobody_sees_on_a_page_is_doubted(draw: Any) -> None:
    assert WITHOUT_INK in drawn(draw).doubts


@pytest.mark.parametrize(
    "draw",
    [both(shape(NAVY, 24, 9), text(WHITE)), text(GREY), both(shape(WHITE, 30, 9), text(BLACK))],
    ids=["white on dark", "grey", "beside a shape"],
)
def test_what_is_seen_is_not_doubted_as_unseen(draw: Any) -> None:
    entry = drawn(draw)
    assert entry.text == "5 7"
    assert WITHOUT_INK not in entry.doubts


def test_text_beside_the_page_is_doubted() -> None:
    data, place = form()
    narrow = data.replace(b"/MediaBox [ 0 0 595.2756 ", b"/MediaBox [ 0 0 %03d.0000 " % place.left)
    assert OUTSIDE in score(narrow).doubts
    wide = data.replace(b"/MediaBox [ 0 0 595.2756 ", b"/MediaBox [ 0 0 %03d.0000 " % place.right)
    assert score(wide).doubts == ()


def test_characters_one_on_top_of_another_are_doubted() -> None:
    assert ON_TOP in drawn(text(BLACK, "3", at=19.5)).doubts


def test_a_text_printed_twice_a_little_aside_is_read_once() -> None:
    entry = drawn(text(BLACK, "5", at=20))
    assert (entry.text, entry.doubts) == ("5", ())
