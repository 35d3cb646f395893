"""Files that cannot be read as forms, each made anew: what auditors are sent by mistake."""

from __future__ import annotations

import io
from collections.abc import Callable

from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def letter() -> bytes:
    """A readable PDF without any form."""
    return _drawn(lambda page: page.drawString(72, 700, "Annual letter, nothing else in it."))


def scan() -> bytes:
    """A page that holds a picture and no text."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(Image.new("L", (600, 800), 200))
    return _drawn(lambda page: page.drawImage(picture, 0, 0, *A4))


def words_without_rules() -> bytes:
    """The words of a form set without any rule around them."""
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont

    registerFont(UnicodeCIDFont("STSong-Light"))
    words = "项目名称 主管部门 年初预算数 全年预算数 执行数 一级指标 二级指标 三级指标 分值"

    def draw(page: Canvas) -> None:
        page.setFont("STSong-Light", 10)
        for number, word in enumerate(words.split()):
            page.drawString(60, 750 - 20 * number, word)

    return _drawn(draw)


def huge_page() -> bytes:
    """A page wider than any page may be."""
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=(20_000, 20_000))
    page.drawString(72, 700, "wide")
    page.save()
    return buffer.getvalue()


def encrypted() -> bytes:
    """A PDF that asks for a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(letter())))
    writer.encrypt("secret")
    return _written(writer)


def without_pages() -> bytes:
    """A PDF of no pages."""
    return _written(PdfWriter())


def cut_off() -> bytes:
    """The first part of a PDF."""
    return letter()[:300]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.pdf": (lambda: b"", "empty"),
    "blanks.pdf": (lambda: b"\n \n", "empty"),
    "cut-off.pdf": (cut_off, "not a whole PDF"),
    "letter.pdf": (letter, "no self-evaluation form"),
    "not-a-pdf.pdf": (lambda: b"\x7fELF\0 a program, say", "none of the kinds"),
    "cut-off.xlsx": (lambda: b"PK\x03\x04 a workbook, say", "cut off or damaged"),
    "password.pdf": (encrypted, "password"),
    "scan.pdf": (scan, "a picture and no text"),
    "too-large.pdf": (huge_page, "larger than"),
    "without-pages.pdf": (without_pages, "no pages"),
    "without-rules.pdf": (words_without_rules, "no ruled table"),
}


def _drawn(draw: Callable[[Canvas], object]) -> bytes:
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=A4)
    draw(page)
    page.save()
    return buffer.getvalue()


def _written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
