"""PDF files in which a value is drawn in pieces, and what a person sees of it."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from random import Random
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
    TextStringObject,
)
from reportlab import rl_config
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas
from trick_forms import HEADS, ROWS, TITLE, YEAR, Piece, pieces, seen_of

WIDE, HIGH, SIZE = 842.0, 595.0, 10.0  # of the page, and of its characters
LEFT, TOP, BROAD, TALL = 40.0, 480.0, 95.0, 28.0  # of the table, and of its cells
AT = LEFT + 4 * BROAD + 20, TOP - TALL + 9  # where the value begins
DIGITS = "0123456789"


@cache
def base() -> bytes:
    """Return the form without its value."""
    rl_config.pageCompression = 0
    registerFont(UnicodeCIDFont("STSong-Light"))
    made = BytesIO()
    sheet = Canvas(made, pagesize=(WIDE, HIGH), invariant=True)
    sheet.setFont("STSong-Light", 14)
    sheet.drawString(330, 550, TITLE)
    sheet.setFont("STSong-Light", SIZE)
    sheet.drawString(360, 525, YEAR)
    for number, texts in enumerate((HEADS, *ROWS)):
        bottom = TOP - number * TALL
        for column, text in enumerate(texts):
            sheet.rect(LEFT + column * BROAD, bottom, BROAD, TALL)
            sheet.drawString(LEFT + column * BROAD + 4, bottom + 9, (text or "")[:9])
    bottom = TOP - (1 + len(ROWS)) * TALL
    sheet.rect(LEFT, bottom, 5 * BROAD, TALL)
    for column, text in ((0, "总分"), (5, "10"), (6, "10"), (7, "")):
        if column:
            sheet.rect(LEFT + column * BROAD, bottom, BROAD, TALL)
        sheet.drawString(LEFT + column * BROAD + 4, bottom + 9, text)
    sheet.save()
    return made.getvalue()


def pdf(noise: Random) -> tuple[bytes, str]:
    """Return a page, and what a person sees in its cell."""
    parts = pieces(noise)
    while not all(part.text.isascii() for part in parts):
        parts = pieces(noise)
    left, bottom = AT
    drawn, seen = bytearray(), seen_of(parts)
    order = "".join(noise.sample(DIGITS, len(DIGITS)))
    for part in parts:
        wide = stringWidth(part.text, "Helvetica", SIZE)
        drawn += _of_page(part, (left, bottom, wide), noise, order)
        left += wide + 0.01
    return _with_content(bytes(drawn), order), seen


_Box = tuple[float, float, float]  # left, the line that letters stand on, and how wide


def _of_page(part: Piece, box: _Box, noise: Random, order: str) -> bytes:
    left, bottom, wide = box
    if part.how == "shown":
        plain = text(part.text, left, bottom)
        if noise.random() < 0.8 or not set(part.text) & set(DIGITS):
            return plain
        if noise.random() < 0.5:
            said = part.text.translate(str.maketrans(DIGITS, order))
            return b"/Span <</ActualText (%s)>> BDC %s EMC\n" % (said.encode(), plain)
        return text(part.text, left, bottom, font=b"/Lies")
    if part.how == "struck":
        line = b"q 0.7 w %.2f %.2f m %.2f %.2f l S Q\n"
        return text(part.text, left, bottom) + line % (
            left,
            bottom + 3.4,
            left + wide,
            bottom + 3.6,
        )
    return noise.choice(_HIDES)(part.text, left, bottom, wide)


def text(
    said: str,
    left: float,
    bottom: float,
    font: bytes = b"/Plain",
    before: bytes = b"",
    size: float = SIZE,
) -> bytes:
    """Return the operators that draw a text."""
    escaped = said.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode()
    return b"q %s BT %s %.2f Tf %.2f %.2f Td (%s) Tj ET Q\n" % (
        before, font, size, left, bottom, escaped,
    )  # fmt: skip


def _covered(said: str, left: float, bottom: float, wide: float) -> bytes:
    cover = b"q 1 g %.2f %.2f %.2f 11 re f Q\n" % (left - 0.3, bottom - 2.5, wide + 0.3)
    return text(said, left, bottom) + cover


_HIDES = (
    lambda s, x, y, _: text(s, x, y, before=b"3 Tr"),
    lambda s, x, y, _: text(s, x, y, before=b"1 g"),
    lambda s, x, y, _: text(s, x, y, before=b"1 Tr 1 G"),
    lambda s, x, y, _: text(s, x, y, before=b"0 0 1 1 re W n"),
    lambda s, x, y, _: text(s, x, y, size=0.3),
    lambda s, x, y, _: text(s, x, y, before=b"/Clear gs"),
    lambda s, x, y, _: text(s, x, y - 900),
    lambda s, x, y, _: b"/OC /Off BDC " + text(s, x, y) + b"EMC\n",
    _covered,
)


def _named(**names: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{k}"): NameObject(f"/{v}") for k, v in names.items()})


def _with_content(content: bytes, order: str) -> bytes:
    writer, made = PdfWriter(clone_from=BytesIO(base())), BytesIO()
    page: Any = writer.pages[0]
    resources = page[NameObject("/Resources")].get_object()
    fonts = resources.setdefault(NameObject("/Font"), DictionaryObject()).get_object()
    fonts[NameObject("/Plain")] = _named(Type="Font", Subtype="Type1", BaseFont="Helvetica")
    lies = _named(Type="Font", Subtype="Type1", BaseFont="Helvetica")
    lies[NameObject("/ToUnicode")] = writer._add_object(_map(order))
    fonts[NameObject("/Lies")] = lies
    clear = DictionaryObject({NameObject("/ca"): FloatObject(0), NameObject("/CA"): FloatObject(0)})
    resources[NameObject("/ExtGState")] = DictionaryObject({NameObject("/Clear"): clear})
    _switch_off(writer, resources)
    whole = StreamObject()
    whole.set_data(b"q " + page.get_contents().get_data() + b" Q\n" + content)
    page[NameObject("/Contents")] = writer._add_object(whole)
    writer.write(made)
    return made.getvalue()


def _map(order: str) -> StreamObject:
    """Return a table that says of each digit another one."""
    pairs = "".join(f"<{ord(a):02X}> <{ord(b):04X}>\n" for a, b in zip(DIGITS, order, strict=True))
    stream = StreamObject()
    stream.set_data(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def "
        "/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange "
        f"{len(DIGITS)} beginbfchar\n{pairs}endbfchar endcmap end end".encode()
    )
    return stream


def _switch_off(writer: PdfWriter, resources: Any) -> None:
    """Add a layer that is not shown."""
    layer = _named(Type="OCG")
    layer[NameObject("/Name")] = TextStringObject("off")
    known = writer._add_object(layer)
    resources[NameObject("/Properties")] = DictionaryObject({NameObject("/Off"): known})
    state = DictionaryObject({NameObject("/OFF"): ArrayObject([known])})
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject([known]), NameObject("/D"): state}
    )
