"""What hostile files are made of: archives, old office files, pages, texts and pictures."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import fuzz_seeds

from auditkit.errors import AuditkitError


@dataclass(frozen=True, slots=True)
class Hostile:
    """How a file is made, the error that it must cause, ``None`` for a form, and words to say."""

    make: Callable[[], bytes]
    error: type[AuditkitError] | None
    words: str = ""


# --- archives -------------------------------------------------------------------------------


def changed(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """Return an archive with its parts changed."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    return fuzz_seeds.zipped(parts)


def book(**more: str | bytes) -> bytes:
    """The workbook of the seeds with more parts; underscores stand for slashes and dots."""
    return changed(fuzz_seeds.seeds()["xlsx"][0], lambda parts: parts.update(_named(more)))


def document(**more: str | bytes) -> bytes:
    """The Word file of the seeds with more parts."""
    return changed(fuzz_seeds.docx(), lambda parts: parts.update(_named(more)))


def _named(more: dict[str, str | bytes]) -> dict[str, bytes]:
    return {
        name.replace("__", ".").replace("_", "/"): d.encode() if isinstance(d, str) else d
        for name, d in more.items()
    }


def sheet_with(before: str, after: str, count: int = 1) -> bytes:
    """The workbook of the seeds with the text of its sheet changed."""

    def change(parts: dict[str, bytes]) -> None:
        text = parts[SHEET].decode()
        assert re.search(before, text), before
        parts[SHEET] = re.sub(before, lambda found: found[0] + after, text, count=count).encode()

    return changed(fuzz_seeds.seeds()["xlsx"][0], change)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MAIN_PART = "word/document.xml"
SHEET = "xl/worksheets/sheet1.xml"
DTD = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{}">{}]>'
LAUGHS = DTD.format(
    "ha" * 20, "".join(f'<!ENTITY {b} "{f"&{a};" * 20}">' for a, b in pairwise("abcdefghi"))
)
SECRET = DTD.format("", '<!ENTITY b SYSTEM "file:///etc/passwd">')


def declares(head: str, encoding: str = "utf-8") -> Callable[[dict[str, bytes]], object]:
    """Return a change that gives the main part entities."""

    def change(parts: dict[str, bytes]) -> None:
        for name in {SHEET, "word/document.xml", "content.xml"} & parts.keys():
            text = parts[name].decode().partition("?>")[2] or parts[name].decode()
            parts[name] = (head + text).encode(encoding)

    return change


def overlapping() -> bytes:
    """An archive whose directory names one part of 40 MiB twenty times."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (40 << 20))
    data = made.getvalue()
    start = data.rfind(b"PK\1\2")
    end = data.rfind(b"PK\5\6")
    record, count = data[start:end], 20
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(record) * count, start, 0)
    return data[:start] + record * count + tail


def lying() -> bytes:
    """An archive that says of a part that it is one byte long."""
    data = bytearray(fuzz_seeds.seeds()["xlsx"][0])
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        size = archive.getinfo(SHEET).file_size
    return bytes(data.replace(struct.pack("<I", size), struct.pack("<I", 1)))


def moved(data: bytes) -> bytes:
    """An archive whose directory says that a part begins before the archive."""
    at = data.rfind(b"PK\5\6")
    size, start = struct.unpack_from("<II", data, at + 12)
    return data[: at + 16] + struct.pack("<I", start + size) + data[at + 20 :]


def scratched(data: bytes) -> bytes:
    """An archive whose sheet was packed otherwise than can be unpacked."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        at = archive.getinfo(SHEET).header_offset + 30 + len(SHEET)
    return data[:at] + b"\xff" * 40 + data[at + 40 :]


def nested_archives() -> bytes:
    """An archive in an archive in an archive, ten deep."""
    data = b" " * 1000
    for _ in range(10):
        data = fuzz_seeds.zipped({"a.zip": data, "b.zip": data})
    return data


def locked_part() -> bytes:
    """A workbook whose parts are marked as locked by a password."""
    data = bytearray(fuzz_seeds.seeds()["xlsx"][0])
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(mark)
        while place > -1:
            data[place + at] |= 1
            place = data.find(mark, place + 1)
    return bytes(data)


def strings(count: int) -> bytes:
    """A workbook with so many texts that no cell shows."""
    more = "<si><t>a</t></si>" * count

    def change(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{more}</sst>'.encode()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        own = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
        types = parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = types.replace(b"</Types>", own.encode())

    return changed(fuzz_seeds.seeds()["xlsx"][0], change)


def cells(count: int) -> bytes:
    """A workbook with so many cells."""
    rows = "".join(
        f'<row r="{200 + n}">' + '<c t="n"><v>1</v></c>' * 1000 + "</row>"
        for n in range(count // 1000)
    )
    return sheet_with("</row>(?!.*</row>)", rows)


# --- old office files -----------------------------------------------------------------------


def xls_stream(change: Callable[[list[fuzz_seeds.Record]], object]) -> bytes:
    """The workbook of Excel 97 of the seeds with its records changed."""
    records = fuzz_seeds.records()
    change(records)
    return fuzz_seeds.xls(records)


def fat_loop() -> bytes:
    """A compound file whose sectors follow each other in a circle."""
    data = bytearray(fuzz_seeds.xls())
    (table,) = struct.unpack_from("<I", data, 76)
    struct.pack_into("<I", data, 512 * (table + 1) + 8, 1)
    return bytes(data)


def directory_loop() -> bytes:
    """A compound file whose directory goes on with itself."""
    data = bytearray(fuzz_seeds.xls())
    (table,) = struct.unpack_from("<I", data, 76)
    struct.pack_into("<I", data, 512 * (table + 1), 0)
    return bytes(data)


# --- pages, texts and pictures --------------------------------------------------------------


def html(before: str = "</body>", new: str = "") -> bytes:
    """The page of the seeds with something in it."""
    text = fuzz_seeds.html().decode()
    assert before in text
    return text.replace(before, new + before, 1).encode()


def with_text(old: str, new: str) -> bytes:
    """The page of the seeds with another text in a cell."""
    text = fuzz_seeds.html().decode()
    assert f">{old}<" in text, old
    return text.replace(f">{old}<", f">{new}<", 1).encode()


def first(name: str) -> str:
    """Return a text that the form of the seeds prints."""
    form = fuzz_seeds.form()
    return {
        "score": form.indicators[0].score,
        "outturn": form.funding[0].outturn,
        "actual": form.indicators[0].actual,
        "project": form.project,
    }[name]


def long_dump() -> bytes:
    """A dump of a recognition program whose lines were doubled again and again."""
    text = fuzz_seeds.seeds()["dump"][0].decode()
    lines = text.split("\n")
    return "\n".join(
        [*lines, *(f"{line}\t{n}" for n in range(300) for line in lines[-4:])]
    ).encode()


def picture_bomb(kind: str) -> bytes:
    """A picture of a few bytes that says that it is 60,000 pixels wide and high."""
    if kind == "PNG":
        head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
        made = b"\x89PNG\r\n\x1a\n"
        for name, data in (
            (b"IHDR", head),
            (b"IDAT", zlib.compress(b"\0" * 1_000_000)),
            (b"IEND", b""),
        ):
            made += struct.pack(">I", len(data)) + name + data
            made += struct.pack(">I", zlib.crc32(name + data))
        return made
    tags = [(256, 3, 60_000), (257, 3, 60_000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 3, 60_000), (279, 4, 100)]  # fmt: skip
    rows = b"".join(struct.pack("<HHII", tag, kind_, 1, value) for tag, kind_, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + b"\0" * 4


def circle_of_pictures() -> bytes:
    """A TIFF file whose first picture is followed by itself."""
    data = bytearray(fuzz_seeds.picture("TIFF", 2))
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    return bytes(data)


def many_frames(count: int) -> bytes:
    """A TIFF file of very many small pictures."""
    tags = {256: 1, 257: 1, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 1}
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    size = 2 + len(rows) + 4
    made = b"II*\0" + struct.pack("<I", 16) + b"\0" * 8
    for n in range(count):
        after = 16 + size * (n + 1) if n + 1 < count else 0
        made += struct.pack("<H", len(tags)) + rows + struct.pack("<I", after)
    return made


def squares(old: str, new: str) -> bytes:
    """The plain table of the seeds with one text in place of another."""
    return fuzz_seeds.csv().decode().replace(old, new, 1).encode()


EXTERNAL = (
    '<Relationships xmlns="x"><Relationship Id="r" Type="http://x/attachedTemplate"'
    ' Target="http://127.0.0.1:9/t.dotm" TargetMode="External"/></Relationships>'
)
ACTIVE = "the file holds {}: not run"
