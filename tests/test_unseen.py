"""What a file says to a program and not to people: text that nobody sees who opens it."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import fuzz_seeds
import pytest
from openpyxl import load_workbook
from openpyxl.styles import Color, Font, PatternFill
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from auditkit.grid import Box, SheetCell
from auditkit.readers.flow import HIDDEN
from auditkit.readers.glyphs import Glyph
from auditkit.readers.lines import ON_TOP, read_text
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


def test_what_lets_all_through_covers_nothing() -> None:
    def glass(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.saveState()
        sheet.setFillAlpha(0)  # it lies over half of the form, and all below it can be seen
        sheet.rect(left - 300, bottom - 200, 600, 400, stroke=0, fill=1)
        sheet.restoreState()

    assert drawn(glass).doubts == ()


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
    entry = drawn(text(BLACK, "5", at=19.4))
    assert (entry.text, entry.doubts) == ("5", ())


@pytest.mark.parametrize(
    ("style", "is_seen"),
    [
        ("color: #FFF", False),
        ("color:white;background:white", False),
        ("color:rgba(0,0,0,0)", False),
        ("font-size:0", False),
        ("font-size:1px", False),
        ("opacity: 0", False),
        ("visibility: hidden", False),
        ("position:absolute; left:-9999px", False),
        ("color:#fff; background-color:#003366", True),
        ("background-color:#fff", True),
        ("color:#ff0000", True),
        ("font-size:0.9em", True),
        ("font-size:10px", True),
        ("opacity:0.9", True),
        ("padding-left:2em;text-indent:-2em", True),
    ],
)
def test_text_of_a_web_page_that_its_style_hides_is_doubted(style: str, is_seen: bool) -> None:
    page = re.sub(
        r"(<td[^>]*)>5<", rf'\1>5<span style="{style}">7</span><', fuzz_seeds.html().decode()
    )
    entry = score(page.encode())
    assert entry.text == "57"
    assert bool(entry.doubts) is not is_seen


@pytest.mark.parametrize(
    ("around", "is_seen"),
    [
        ('<font color="white">{}</font>', False),
        ('<font color="red">{}</font>', True),
        ('<div bgcolor="#000080"><font color="white">{}</font></div>', True),
    ],
)
def test_text_of_a_web_page_in_the_colour_of_the_paper_is_doubted(
    around: str, is_seen: bool
) -> None:
    page = re.sub(r"(<td[^>]*>)5<", rf"\1{around.format(5)}<", fuzz_seeds.html().decode())
    assert (HIDDEN in score(page.encode()).doubts) is not is_seen


def word_parts() -> dict[str, bytes]:
    parts = zipfile.ZipFile(BytesIO(fuzz_seeds.docx()))
    return {name: parts.read(name) for name in parts.namelist()}


WHITE_RUN = '<w:color w:val="FFFFFF"/>'


@pytest.mark.parametrize(
    ("run", "cell", "is_seen"),
    [
        ("<w:vanish/>", "", False),
        (WHITE_RUN, "", False),
        (WHITE_RUN, '<w:shd w:val="clear" w:fill="auto"/>', False),
        ('<w:sz w:val="2"/>', "", False),
        (WHITE_RUN, '<w:shd w:val="clear" w:fill="1F3864"/>', True),
        (WHITE_RUN + '<w:shd w:val="clear" w:fill="1F3864"/>', "", True),
        (WHITE_RUN + '<w:highlight w:val="blue"/>', "", True),
        ('<w:color w:val="FF0000"/><w:sz w:val="18"/>', "", True),
    ],
)
def test_text_of_a_word_file_that_nobody_sees_is_doubted(
    run: str, cell: str, is_seen: bool
) -> None:
    whole = word_parts()
    old, new = "<w:r><w:t>5</w:t></w:r>", f"<w:r><w:rPr>{run}</w:rPr><w:t>7</w:t></w:r>"
    pieces = whole["word/document.xml"].decode().split(old)
    ends = [piece.rpartition("</w:tcPr>") for piece in pieces[:-1]]
    shaded = [before + cell + end + behind for before, end, behind in ends]
    whole["word/document.xml"] = (old + new).join((*shaded, pieces[-1])).encode()
    entry = score(fuzz_seeds.zipped(whole))
    assert entry.text == "57"
    assert (HIDDEN in entry.doubts) is not is_seen


def test_a_run_of_a_word_file_without_text_hides_nothing() -> None:
    whole = word_parts()
    old, gap = (
        b"<w:r><w:t>5</w:t></w:r>",
        b'<w:r><w:rPr><w:sz w:val="2"/></w:rPr><w:t> </w:t></w:r>',
    )
    whole["word/document.xml"] = whole["word/document.xml"].replace(old, old + gap)
    assert score(fuzz_seeds.zipped(whole)).doubts == ()


NAVY_FILL, WHITE_FILL = (
    PatternFill("solid", fgColor=colour) for colour in ("FF000080", "FFFFFFFF")
)


@pytest.mark.parametrize(
    ("font", "fill", "is_seen"),
    [
        (Font(color="FFFFFFFF"), None, False),
        (Font(color=Color(theme=0)), None, False),
        (Font(color=Color(indexed=9)), WHITE_FILL, False),
        (Font(color="FFFFFFFF"), NAVY_FILL, True),
        (Font(color=Color(theme=1)), None, True),
        (Font(color=Color(theme=0, tint=-0.5)), None, True),
        (Font(color="FFFF0000"), None, True),
    ],
)
def test_text_of_a_workbook_in_the_colour_of_the_paper_is_doubted(
    font: Font, fill: PatternFill | None, is_seen: bool
) -> None:
    data = fuzz_seeds.seeds()["xlsx"][0]
    place = score(data).cells[0].place
    assert isinstance(place, SheetCell)
    book, whole = load_workbook(BytesIO(data)), BytesIO()
    cell = book[place.sheet][place.reference]
    cell.font = font
    if fill is not None:
        cell.fill = fill
    book.save(whole)
    entry = score(whole.getvalue())
    assert entry.text == "5"
    assert (HIDDEN in entry.doubts) is not is_seen


@pytest.mark.parametrize(("colour", "is_seen"), [(9, False), (8, True)])
def test_text_of_an_old_workbook_in_the_colour_of_the_paper_is_doubted(
    colour: int, is_seen: bool
) -> None:
    font = 0x31
    made_of = [
        (kind, data[:4] + struct.pack("<H", colour) + data[6:] if kind == font else data)
        for kind, data in fuzz_seeds.records()
    ]
    assert (HIDDEN in score(fuzz_seeds.xls(made_of)).doubts) is not is_seen


def test_parts_of_a_web_page_with_a_size_of_their_own_are_seen() -> None:
    page = fuzz_seeds.html().decode().replace("<table", '<div style="font-size:0"><table', 1)
    page = re.sub(r"<td([^>]*)>5<", r'<td\1 style="font-size:14px">5<', page)
    assert score(page.encode()).doubts == ()


def test_digits_whose_boxes_overlap_without_standing_in_one_place_are_all_kept() -> None:
    wide = [Glyph("1", left, 0, left + 9, 7, 7, is_spacing=False) for left in (0.0, 4.0, 8.0)]
    assert read_text(wide, 100) == ("111", (ON_TOP,))


def test_a_text_printed_twice_in_exactly_one_place_is_read_once_and_not_lost() -> None:
    digits = [
        Glyph(text, left, 0, left + 4, 7, 7, is_spacing=False)
        for text, left in (("9", 0.0), ("8", 4.5))
    ]
    assert read_text([*digits, *digits], 100)[0] == "98"
    assert read_text([digits[0], digits[0], digits[1], digits[1]], 100) == ("98", ())
