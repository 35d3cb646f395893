"""Small whole files of each kind that is read, made without any other program: seeds of fuzzing.

A form with three indicators stands in each of them, so that what is damaged is still taken for a
form and goes all the way through recognition.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import measure_reading
import producers
from dumping import dump
from typesetting import Form, Sheet, lay_out

Record = tuple[int, bytes]


def form() -> Form:
    """Return a form short enough to be read in some milliseconds."""
    whole = next(form for form in measure_reading.own_forms() if form.name == "xinhong-2024")
    return replace(whole, indicators=whole.indicators[:3], expected="完成任务", actual="已完成任务")


def sheet(layout: str = "A") -> Sheet:
    """Return that form as it is laid out."""
    return lay_out(form(), measure_reading.NAMED[layout])


def _written(write: Callable[[Sheet, Path], object], suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"form{suffix}")
        write(sheet(), path)
        return path.read_bytes()


def pdf(*, is_compressed: bool = False) -> bytes:
    """Return a PDF; not compressed, its content can be damaged where it hurts."""
    from reportlab import rl_config

    before = rl_config.pageCompression
    rl_config.pageCompression = int(is_compressed)
    try:
        return _written(lambda s, p: producers.PRODUCERS["reportlab"]([(s, p)]), ".pdf")
    finally:
        rl_config.pageCompression = before


def docx() -> bytes:
    """Return a Word file of the two parts that are needed."""
    whole = zipfile.ZipFile(BytesIO(_written(producers.write_document, ".docx")))
    return zipped({n: whole.read(n) for n in ("[Content_Types].xml", "word/document.xml")})


def csv() -> bytes:
    """Return a plain table."""
    return "\n".join(
        ",".join(f'"{text}"' if "\n" in text or "," in text else text for text in row)
        for row in squares()
    ).encode()


def squares() -> list[list[str]]:
    """Return the texts of the form in their squares, blanks where a merged cell goes on."""
    page = sheet()
    rows = [[""] * len(page.widths) for _ in range(page.height)]
    for cell in page.cells:
        rows[cell.row][cell.column] = cell.text
    return [[page.title], [page.year_line], *rows]


def ods() -> bytes:
    """Return an OpenDocument sheet."""
    names = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ODF}
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p>'
            "</table:table-cell>"
            for text in row
        )
        + '<table:table-cell table:number-columns-repeated="1000"/></table:table-row>'
        for row in squares()
    )
    spaces = " ".join(f'xmlns:{name}="{urn}"' for name, urn in names.items())
    body = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="1"><table:table-column/>{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mime, "content.xml": body.encode()})


ODF = ("office", "table", "text", "style")


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return parts as an archive, the first one not compressed, as OpenDocument asks."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, (name, data) in enumerate(parts.items()):
            kind = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return made.getvalue()


def records() -> list[Record]:
    """Return the form as the records of a workbook of Excel 97 (BIFF8)."""
    text = b"".join(
        struct.pack("<HB", len(t), 1) + t.encode("utf-16-le") for row in squares() for t in row
    )
    count = sum(map(len, squares()))
    xf = struct.pack("<HHHBBBBIIH", 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0)
    globals_: list[Record] = [
        (0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 1996, 0, 6)),
        (0x42, struct.pack("<H", 1200)),
        (0x22, struct.pack("<H", 0)),
        *[(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\5\0Arial")] * 4,
        *[(0xE0, xf)] * 16,
        (0x85, struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"S"),
        (0xFC, struct.pack("<II", count, count) + text[:8000]),
        *[(0x3C, text[at : at + 8000]) for at in range(8000, len(text), 8000)],
        (0x0A, b""),
    ]
    start = sum(4 + len(data) for _, data in globals_)
    at = next(n for n, (kind, _) in enumerate(globals_) if kind == 0x85)
    globals_[at] = (0x85, struct.pack("<I", start) + globals_[at][1][4:])
    own: list[Record] = [(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 1996, 0, 6))]
    number = 0
    for row, texts in enumerate(squares()):
        for column, shown in enumerate(texts):
            place = struct.pack("<HHH", row, column, 0)
            if shown.replace(".", "").isdigit():
                own.append((0x203, place + struct.pack("<d", float(shown))))
            elif shown:
                own.append((0xFD, place + struct.pack("<I", number)))
            number += 1
    merged = [
        struct.pack("<HHHH", c.row + 2, c.row + 1 + c.rows, c.column, c.column + c.columns - 1)
        for c in sheet().cells
        if c.rows * c.columns > 1
    ]
    own.append((0xE5, struct.pack("<H", len(merged)) + b"".join(merged)))
    return [*globals_, *own, (0x0A, b"")]


def xls(made_of: Sequence[Record] | None = None) -> bytes:
    """Return a workbook of Excel 97 made of records."""
    made_of = records() if made_of is None else made_of
    stream = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in made_of)
    return ole({"Workbook": stream})


def ole(streams: dict[str, bytes]) -> bytes:
    """Return streams as a compound file of sectors of 512 bytes, all of them large ones."""
    padded = {n: d.ljust(max(4096, -(-len(d) // 512) * 512), b"\0") for n, d in streams.items()}
    starts, chain = {}, [0xFFFFFFFE]  # sector 0 is the directory
    for name, data in padded.items():
        starts[name] = len(chain)
        chain += [*range(len(chain) + 1, len(chain) + len(data) // 512), 0xFFFFFFFE]
    tables = -(-(len(chain) + 2) // 127)
    first = len(chain)
    chain += [0xFFFFFFFD] * tables
    fat = b"".join(struct.pack("<I", n) for n in chain).ljust(512 * tables, b"\xff")
    entries = [("Root Entry", 5, 1, 0xFFFFFFFE, 0)]
    for at, (name, data) in enumerate(padded.items(), start=2):
        right = at if at <= len(padded) else 0xFFFFFFFF
        entries.append((name, 2, right, starts[name], len(data)))
    directory = b""
    for name, kind, link, start, size in entries:
        own = name.encode("utf-16-le")
        right, child = (0xFFFFFFFF, link) if kind == 5 else (link, 0xFFFFFFFF)
        directory += own.ljust(64, b"\0") + struct.pack(
            "<HBBIII16xI16xIII", len(own) + 2, kind, 1, 0xFFFFFFFF, right, child, 0, start, size, 0
        )
    directory = directory.ljust(512, b"\0")
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += b"".join(struct.pack("<I", first + n) for n in range(tables)).ljust(436, b"\xff")
    return header + directory + b"".join(padded.values()) + fat


def picture(kind: str, frames: int = 1) -> bytes:
    """Return a small picture of ruled squares."""
    from PIL import Image, ImageDraw

    pages: list[Any] = []
    for _ in range(frames):
        page = Image.new("L", (120, 160), 255)
        draw = ImageDraw.Draw(page)
        for at in range(10, 120, 25):
            draw.line((10, at, 110, at), fill=0)
            draw.line((at, 10, at, 110), fill=0)
        pages.append(page)
    made, more = BytesIO(), {"save_all": True, "append_images": pages[1:]} if frames > 1 else {}
    pages[0].save(made, kind, **more)
    return made.getvalue()


def mht() -> bytes:
    """Return a page in an archive of pages."""
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
    kind = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head + kind + html() + b"\r\n--x--\r\n"


def html() -> bytes:
    """Return a web page."""
    return producers.page(producers.section(sheet()), "").encode()


@cache
def seeds() -> dict[str, tuple[bytes, ...]]:
    """Return the seeds of each reader."""
    return {
        "pdf": (pdf(), pdf(is_compressed=True)),
        "xlsx": (_written(producers.write_workbook, ".xlsx"),),
        "xls": (xls(),),
        "ods": (ods(),),
        "csv": (
            csv(),
            csv().replace(b",", b"\t"),
            "\n".join(map(",".join, squares())).encode("gbk"),
        ),
        "docx": (docx(),),
        "html": (html(), mht(), html().decode().encode("gb18030", "replace")),
        "dump": (dump(form(), 3, 3).encode(),),
        "picture": (picture("PNG"), picture("TIFF", 2), picture("JPEG"), picture("BMP")),
        "doc": (
            ole({"WordDocument": b"\xec\xa5\xc1\0" * 1100}),
            b"{\\rtf1 " + b"\\trowd " * 30 + b"}",
        ),
    }
