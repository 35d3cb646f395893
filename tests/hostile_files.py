"""Files written to take a machine, its memory and time, or its reader's trust; each made anew.

``HOSTILE`` says of each what must come of it: the kind of error and words of it, or, where it is
read as the form that it also is, words of the notes and doubts that go with it.
"""

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

from auditkit.errors import (
    AuditkitError,
    DamagedError,
    EncryptedError,
    ExtraMissingError,
    LimitError,
    NoFormError,
    ScanError,
    UnsupportedError,
)
from auditkit.report import Report
from auditkit.wording import put

FORM = "a form"


@dataclass(frozen=True, slots=True)
class Hostile:
    """How a file is made, the error that it must cause, ``None`` for a form, and words to say."""

    make: Callable[[], bytes]
    error: type[AuditkitError] | None
    words: str = ""


def outcome(name: str, _note: Callable[[str], object]) -> tuple[str, str]:
    """Return the kind of error and its words, or that it is a form and what is said about it."""
    from auditkit.readers import office
    from auditkit.reviewing import read_bytes

    office.PROGRAMS = ()  # type: ignore[assignment]  # what it makes of files is tested elsewhere
    try:
        reports = read_bytes(HOSTILE[name].make(), name)
    except AuditkitError as error:
        return type(error).__name__, str(error)
    return FORM, "\n".join(said(report) for report in reports)


def said(report: Report) -> str:
    """Return what is said about a form beside what it holds: notes, doubts, and its texts."""
    told = [put(note, "en") for note in report.notes]
    for entry in report.entries():
        doubts = [put(doubt, "en") for doubt in entry.doubts] or ["sure"]
        told += [f"{entry.path}: {entry.text!r} {doubt}" for doubt in doubts]
    return "\n".join(told)


# --- PDF ------------------------------------------------------------------------------------


def pdf(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """Return objects as a PDF with a table of where they are."""
    made, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(made)
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(made), max(objects) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n"
        for n in range(size)
    )
    end = b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, start)
    return made + b"xref\n0 %d\n" % size + rows + end


def stream(data: bytes, head: bytes = b"", times: int = 0) -> bytes:
    """Return a stream, packed so many times."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    filters = b"/Filter[%b]" % (b"/FlateDecode " * times) if times else b""
    return b"<<%b%b/Length %d>>stream\n%b\nendstream" % (head, filters, len(data), data)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
FONT = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def page(
    content: bytes = b"",
    times: int = 0,
    resources: bytes = b"<<>>",
    more: dict[int, bytes] | None = None,
    box: bytes = b"[0 0 595 842]",
) -> bytes:
    """Return a PDF of one page."""
    own = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources %b/MediaBox%b>>" % (resources, box)
    return pdf({1: CATALOG, 2: PAGES, 3: own, 4: stream(content, b"", times), **(more or {})})


def forms_in_forms() -> bytes:
    """A page that draws a form that draws ten forms that draw ten forms, and so on."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</G %d 0 R>>>>"
    forms = {10 + n: stream(b"/G Do " * 10, head % (11 + n)) for n in range(20)}
    last = stream(b"0 0 m 9 9 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return page(b"/G Do", resources=b"<</XObject<</G 10 0 R>>>>", more={**forms, 30: last})


def rules(count: int) -> bytes:
    """A page of so many rules, packed."""
    lines = (
        b"%d %d m %d %d l S\n" % (n % 590, n % 840, n % 590 + 5, n % 840) for n in range(count)
    )
    return page(b"".join(lines), times=1)


def with_action(catalog: bytes, more: dict[int, bytes] | None = None) -> bytes:
    """The form of the seeds with more in its catalogue."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject

    writer = PdfWriter(clone_from=PdfReader(BytesIO(fuzz_seeds.pdf())))
    made = BytesIO()
    writer.root_object[NameObject("/Marker")] = NameObject("/Marker")
    writer.write(made)
    whole = made.getvalue().replace(b"/Marker /Marker", catalog)
    assert catalog in whole
    return whole


def in_object_stream(body: bytes) -> bytes:
    """A PDF with an object in a packed stream of objects."""
    head = b"/Type/ObjStm/N 1/First 5"
    return page(more={9: stream(b"50 0 " + body, head, 1)})


def encrypted() -> bytes:
    """A PDF that asks for a password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(fuzz_seeds.pdf())))
    writer.encrypt("secret")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def bad_font(key: bytes, data: bytes) -> bytes:
    """A page in a font whose program is garbage."""
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FontDescriptor 11 0 R>>"
    about = b"<</Type/FontDescriptor/FontName/X/Flags 4/%b 12 0 R>>" % key
    return page(
        b"BT /F 9 Tf 9 9 Td (abc) Tj ET",
        resources=b"<</Font<</F 10 0 R>>>>",
        more={10: font, 11: about, 12: stream(data, b"/Length1 %d" % len(data))},
    )


def bad_image(head: bytes, data: bytes, times: int = 0) -> bytes:
    """A page that a picture covers."""
    body = stream(data, b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray" + head, times)
    return page(
        b"500 0 0 800 0 0 cm /I Do", resources=b"<</XObject<</I 10 0 R>>>>", more={10: body}
    )


def wide_map() -> bytes:
    """A font whose map of characters claims four thousand million of them."""
    text = b"begincmap 1 beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange endcmap"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 12 0 R>>"
    more = {10: font, 12: stream(text)}
    return page(b"BT /F 9 Tf 9 9 Td (abc) Tj ET", 0, b"<</Font<</F 10 0 R>>>>", more)


def narrow() -> bytes:
    """The form of the seeds beside a page that is as wide as a finger."""
    whole = fuzz_seeds.pdf()
    return whole.replace(b"/MediaBox [ 0 0 595.2756 ", b"/MediaBox [ 0 0 17.00000 ", 1)


def page_tree(width: int, depth: int) -> bytes:
    """A tree of pages each of whose nodes has the next one as its child many times."""
    nodes = {
        n: b"<</Type/Pages/Count 9/Kids[%b]>>" % (b"%d 0 R " % (n + 1) * width)
        for n in range(2, depth + 2)
    }
    return pdf({1: CATALOG, **nodes, depth + 2: b"<</Type/Page/MediaBox[0 0 9 9]>>"})


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


def _moved(data: bytes) -> bytes:
    """An archive whose directory says that a part begins before the archive."""
    at = data.rfind(b"PK\5\6")
    size, start = struct.unpack_from("<II", data, at + 12)
    return data[: at + 16] + struct.pack("<I", start + size) + data[at + 20 :]


def _scratched(data: bytes) -> bytes:
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
HOSTILE: dict[str, Hostile] = {
    # PDF files that take memory and time
    "content-bomb.pdf": Hostile(
        lambda: page(b"0 0 m 9 9 l S\n" * 3_000_000, 1), LimitError, "AUDITKIT_STREAM_BYTES"
    ),
    "double-bomb.pdf": Hostile(
        lambda: page(b" " * (1 << 28), 2), LimitError, "AUDITKIT_STREAM_BYTES"
    ),
    "forms-in-forms.pdf": Hostile(forms_in_forms, LimitError, "forms drawn in forms"),
    "rules.pdf": Hostile(lambda: rules(410_000), LimitError, "page 1: 410,000 objects drawn"),
    "million-characters.pdf": Hostile(
        lambda: page(b"BT /F 9 Tf " + b"(aaaaaaaaaaaaaaaaaaaa) Tj " * 50_000 + b"ET", 1, FONT),
        LimitError,
        "1,000,000 characters",
    ),
    "million-pages.pdf": Hostile(
        lambda: pdf(
            {
                1: CATALOG,
                2: b"<</Type/Pages/Kids[%b]/Count 9>>" % (b"3 0 R " * 10**6),
                3: b"<</Type/Page/MediaBox[0 0 9 9]>>",
            }
        ),
        LimitError,
        "1,000,000 pages.*AUDITKIT_PAGES",
    ),
    "pages-of-pages.pdf": Hostile(
        lambda: page_tree(10, 10), NoFormError, "no self-evaluation form"
    ),
    "count-that-lies.pdf": Hostile(
        lambda: page(box=b"[0 0 9 9]").replace(b"/Count 1", b"/Count 2000000000"),
        NoFormError,
        "no self-evaluation form",
    ),
    "pages-in-a-circle.pdf": Hostile(
        lambda: pdf({1: CATALOG, 2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"}),
        DamagedError,
        "page cannot be read",
    ),
    "table-in-a-circle.pdf": Hostile(
        lambda: re.sub(rb"(startxref\n(\d+))", rb"\1", page().replace(b"/Root", b"/Prev 9/Root")),
        NoFormError,
        "no self-evaluation form",
    ),
    "deep-arrays.pdf": Hostile(
        lambda: page(b"[" * 1_000_000), NoFormError, "no self-evaluation form"
    ),
    "deep-dictionaries.pdf": Hostile(
        lambda: pdf({1: CATALOG, 2: b"<</A" * 500_000}), NoFormError, "no self|no pages"
    ),
    "deep-states.pdf": Hostile(
        lambda: page(b"q " * 1_000_000), NoFormError, "no self-evaluation form"
    ),
    "streams-in-a-circle.pdf": Hostile(
        lambda: page(more={9: stream(b"9 0 <<>>", b"/Type/ObjStm/N 1/First 4/Extends 9 0 R")}),
        NoFormError,
        "no self-evaluation form",
    ),
    "stretched.pdf": Hostile(
        lambda: (
            fuzz_seeds.pdf()
            .replace(b"BT 1 0 0 1 0 4 Tm", b"BT 2147483647 0 0 1 0 4 Tm", 1)
            .replace(b" l S", b" l n")
            .replace(b" re S", b" re n")
        ),
        LimitError,
        "points that a text reaches.*AUDITKIT_REACH",
    ),
    "wide-map.pdf": Hostile(wide_map, NoFormError, "no self-evaluation form"),
    # PDF: odd geometry and broken parts
    "huge-page.pdf": Hostile(
        lambda: page(box=b"[0 0 900000 900000]"), DamagedError, "larger than 14,400 points"
    ),
    "no-numbers.pdf": Hostile(
        lambda: page(b"0 0 m NaN inf l S 1e38 1e38 m -1e38 9 l S", box=b"[NaN -1e38 1e38 inf]"),
        NoFormError,
        "no self",
    ),
    "turned-inside-out.pdf": Hostile(
        lambda: page(box=b"[595 842 -595 -842]"), NoFormError, "no self"
    ),
    "locked.pdf": Hostile(encrypted, EncryptedError, "asks for a password"),
    "cut-off.pdf": Hostile(lambda: fuzz_seeds.pdf()[:400], DamagedError, "not a whole PDF"),
    "font-of-garbage.pdf": Hostile(
        lambda: bad_font(b"FontFile2", b"\0\1\0\0\xff\xff" + b"glyf" * 200), NoFormError, "no self"
    ),
    "font-of-ones.pdf": Hostile(
        lambda: bad_font(b"FontFile3", b"\xff" * 4000), NoFormError, "no self"
    ),
    "font-bomb.pdf": Hostile(
        lambda: page(more={12: stream(b"\0" * (40 << 20), b"/Length1 1", 1)}),
        LimitError,
        "AUDITKIT_STREAM_BYTES",
    ),
    "jbig2-of-garbage.pdf": Hostile(
        lambda: bad_image(
            b"/Width 900/Height 900/BitsPerComponent 1/Filter/JBIG2Decode", b"\xff" * 900
        ),
        ScanError,
        "picture",
    ),
    "jpx-of-garbage.pdf": Hostile(
        lambda: bad_image(
            b"/Width 900/Height 900/Filter/JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 900
        ),
        ScanError,
        "picture",
    ),
    "picture-bomb.pdf": Hostile(
        lambda: bad_image(b"/Width 100000/Height 100000/BitsPerComponent 8", b"\0" * 1_000_000, 1),
        ScanError,
        "AUDITKIT_PIXELS",
    ),
    # PDF: what nobody sees
    "beside-the-page.pdf": Hostile(narrow, None, "does not see it: it stands outside of the page"),
    "narrow-without-rules.pdf": Hostile(
        lambda: narrow().replace(b" l S", b" l n").replace(b" re S", b" re n"),
        NoFormError,
        "but no ruled table",
    ),
    # PDF: what would run
    "javascript.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        None,
        ACTIVE.format("scripts"),
    ),
    "javascript-in-disguise.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>"),
        None,
        ACTIVE.format("scripts"),
    ),
    "launch.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/Launch/F(calc.exe)>>"),
        None,
        ACTIVE.format("commands that start programs"),
    ),
    "embedded.pdf": Hostile(
        lambda: with_action(b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec>>]>>>>"),
        None,
        ACTIVE.format("embedded files"),
    ),
    "elsewhere.pdf": Hostile(
        lambda: with_action(b"/OpenAction<</S/GoToR/F(\\\\\\\\host\\\\share)>>"),
        None,
        ACTIVE.format("links to other files"),
    ),
    # workbooks and Word files: memory and time
    "overlapping.xlsx": Hostile(overlapping, LimitError, "AUDITKIT_UNPACKED_BYTES"),
    "bomb.xlsx": Hostile(
        lambda: book(xl_bomb__xml=b" " * (40 << 20)), LimitError, "AUDITKIT_SHEET_BYTES"
    ),
    "lying.xlsx": Hostile(lying, DamagedError, "not a whole workbook"),
    "many-parts.xlsx": Hostile(
        lambda: book(**{f"xl_{n}": b"" for n in range(12_000)}), LimitError, "AUDITKIT_PARTS"
    ),
    "nested.zip": Hostile(nested_archives, UnsupportedError, "an archive"),
    "laughs.xlsx": Hostile(
        lambda: changed(fuzz_seeds.seeds()["xlsx"][0], declares(LAUGHS)),
        DamagedError,
        "declares XML entities",
    ),
    "laughs.docx": Hostile(
        lambda: changed(fuzz_seeds.docx(), declares(LAUGHS)), DamagedError, "declares XML entities"
    ),
    "secret.ods": Hostile(
        lambda: changed(fuzz_seeds.ods(), declares(SECRET)), DamagedError, "declares XML entities"
    ),
    "secret-in-utf16.docx": Hostile(
        lambda: changed(
            fuzz_seeds.docx(), declares(SECRET.replace("?>", ' encoding="utf-16"?>'), "utf-16")
        ),
        DamagedError,
        "declares XML entities",
    ),
    "declared-rows.xlsx": Hostile(
        lambda: sheet_with('<dimension ref="', 'A1:XFD1048576" x="'), None
    ),
    "far-cell.xlsx": Hostile(
        lambda: sheet_with(
            "</row>(?!.*</row>)", '<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row>'
        ),
        None,
    ),
    "all-merged.xlsx": Hostile(
        lambda: sheet_with("<mergeCells[^>]*>", '<mergeCell ref="A90:XFD1048576"/>'),
        LimitError,
        "A90:XFD1048576.*AUDITKIT_MERGED",
    ),
    "many-strings.xlsx": Hostile(lambda: strings(300_000), None),
    "many-cells.xlsx": Hostile(lambda: cells(201_000), NoFormError, "AUDITKIT_CELLS"),
    "all-hidden.xlsx": Hostile(
        lambda: sheet_with("<cols>", '<col min="900" max="4294967295" hidden="1" width="1"/>'), None
    ),
    "no-such-style.xlsx": Hostile(
        lambda: changed(
            fuzz_seeds.seeds()["xlsx"][0],
            lambda p: p.update({SHEET: p[SHEET].replace(b' s="1"', b' s="99999"')}),
        ),
        DamagedError,
        "not a whole workbook",
    ),
    "locked-parts.xlsx": Hostile(locked_part, EncryptedError, "password"),
    "deep.docx": Hostile(
        lambda: document(word_document__xml=b"<a>" * 100_000),
        DamagedError,
        "not a whole Word document",
    ),
    # workbooks and Word files: what would run, and names that lead out
    "macros.xlsm": Hostile(
        lambda: book(xl_vbaProject__bin=b"\xd0\xcf"), None, ACTIVE.format("macros")
    ),
    "macros.docm": Hostile(
        lambda: document(word_vbaProject__bin=b"\xd0\xcf"), None, ACTIVE.format("macros")
    ),
    "template-from-elsewhere.docx": Hostile(
        lambda: document(word__rels_settings__xml__rels=EXTERNAL),
        None,
        ACTIVE.format("links to other files"),
    ),
    "links-elsewhere.xlsx": Hostile(
        lambda: book(xl_externalLinks_externalLink1__xml="<a/>"),
        None,
        ACTIVE.format("links to other files"),
    ),
    "dde.xlsx": Hostile(
        lambda: book(xl_externalLinks_externalLink1__xml="<x><ddeLink ddeService='cmd'/></x>"),
        None,
        "commands that start programs",
    ),
    "dde.docx": Hostile(
        lambda: document(word_header1__xml="<w:instrText> DDEAUTO c:\\\\cmd.exe</w:instrText>"),
        None,
        "commands that start programs",
    ),
    "embedded.xlsx": Hostile(
        lambda: book(xl_embeddings_oleObject1__bin=b"\xd0\xcf"),
        None,
        ACTIVE.format("embedded files"),
    ),
    "names-that-lead-out.xlsx": Hostile(
        lambda: changed(
            fuzz_seeds.seeds()["xlsx"][0],
            lambda p: p.update(
                {"../../evil.xml": b"<a/>", "/etc/evil.xml": b"<a/>", "C:\\evil.xml": b"<a/>"}
            ),
        ),
        None,
    ),
    # old office files
    "circle.xls": Hostile(fat_loop, DamagedError, "not a whole workbook"),
    "circle-of-names.xls": Hostile(directory_loop, DamagedError, "not a whole workbook"),
    "macros.xls": Hostile(
        lambda: fuzz_seeds.ole({"Workbook": fuzz_seeds.xls()[1024:], "_VBA_PROJECT": b"x"}),
        None,
        ACTIVE.format("macros"),
    ),
    "no-number.xls": Hostile(
        lambda: xls_stream(
            lambda r: r.insert(-1, (0x203, struct.pack("<HHHd", 90, 0, 0, float("nan"))))
        ),
        None,
    ),
    "far-cell.xls": Hostile(
        lambda: xls_stream(
            lambda r: r.insert(-1, (0x203, struct.pack("<HHHd", 65535, 255, 0, 1.0)))
        ),
        None,
    ),
    "broken.doc": Hostile(
        lambda: fuzz_seeds.ole({"WordDocument": b"\xec\xa5" + b"\xff" * 5000}),
        ExtraMissingError,
        "LibreOffice",
    ),
    "objects.rtf": Hostile(
        lambda: b"{\\rtf1{\\object\\objdata 0105}}", ExtraMissingError, "LibreOffice"
    ),
    # OpenDocument
    "wide.ods": Hostile(
        lambda: changed(
            fuzz_seeds.ods(),
            lambda p: p.update(
                {
                    "content.xml": p["content.xml"].replace(
                        b"<table:table-cell ",
                        b'<table:table-cell table:number-columns-repeated="999999999" ',
                        1,
                    )
                }
            ),
        ),
        None,
    ),
    "tall.ods": Hostile(
        lambda: changed(
            fuzz_seeds.ods(),
            lambda p: p.update(
                {
                    "content.xml": p["content.xml"].replace(
                        b"<table:table-row>",
                        b'<table:table-row table:number-rows-repeated="999999999999999">',
                        1,
                    )
                }
            ),
        ),
        None,
    ),
    "no-count.ods": Hostile(
        lambda: changed(
            fuzz_seeds.ods(),
            lambda p: p.update(
                {"content.xml": p["content.xml"].replace(b'repeated="1000"', b'repeated="-1e9"')}
            ),
        ),
        None,
    ),
    # web pages
    "scripts.html": Hostile(
        lambda: html(new="<script>fetch('http://127.0.0.1:9/')</script>"),
        None,
        ACTIVE.format("scripts"),
    ),
    "frames.html": Hostile(
        lambda: html(
            new='<img src="http://127.0.0.1:9/a.png"><iframe src="file:///etc/passwd"></iframe>'
        ),
        None,
        ACTIVE.format("embedded files"),
    ),
    "deep.html": Hostile(lambda: html("<table>", "<div>" * 5000), LimitError, "AUDITKIT_NESTING"),
    "spans.html": Hostile(
        lambda: html(
            "<table>",
            '<table><tr><td colspan="999999999999" rowspan="99999999999">x</td></tr></table>',
        ),
        None,
    ),
    "spans-in-form.html": Hostile(
        lambda: fuzz_seeds.html().replace(b'colspan="', b'colspan="99999999', 1), None
    ),
    "entities.html": Hostile(
        lambda: LAUGHS.replace("x [", "html [").encode() + fuzz_seeds.html(), None
    ),
    "circle.mht": Hostile(
        lambda: (
            b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
            + b"--x\r\nContent-Type: multipart/related; boundary=x\r\n\r\n" * 500
        ),
        DamagedError,
        "the page cannot be read",
    ),
    # texts
    "nul.csv": Hostile(lambda: squares(",", ",\0"), UnsupportedError, "none of the kinds"),
    "long-field.csv": Hostile(
        lambda: fuzz_seeds.csv() + b'\n"' + b"a" * 1_000_000 + b'"',
        DamagedError,
        "field larger than",
    ),
    "open-quote.csv": Hostile(lambda: squares(",", ',"'), DamagedError, "not a whole workbook"),
    "wide.csv": Hostile(
        lambda: fuzz_seeds.csv() + b"," * 1_000_000 + b"1", LimitError, "AUDITKIT_CELLS"
    ),
    "tall.csv": Hostile(lambda: fuzz_seeds.csv() + b"\n" + b"a,b,c\n" * 2_000, None),
    "long-dump.txt": Hostile(long_dump, LimitError, "AUDITKIT_REPEATS"),
    # pictures
    "bomb.png": Hostile(lambda: picture_bomb("PNG"), LimitError, "AUDITKIT_PIXELS"),
    "bomb.tiff": Hostile(lambda: picture_bomb("TIFF"), LimitError, "AUDITKIT_PIXELS"),
    "frames.tiff": Hostile(lambda: many_frames(6000), LimitError, "AUDITKIT_PAGES"),
    "circle.tiff": Hostile(circle_of_pictures, ScanError, "picture"),
    "cut-off.png": Hostile(
        lambda: fuzz_seeds.picture("PNG")[:120], DamagedError, "picture cannot be opened"
    ),
    # what fuzzing found: each ended in an error that was none of auditkit's
    "huge-number.xls": Hostile(
        lambda: xls_stream(lambda r: r.insert(-1, (0x203, struct.pack("<HHHd", 90, 0, 0, 1e308)))),
        None,
    ),
    "merged-badly.xls": Hostile(
        lambda: xls_stream(
            lambda r: r.insert(
                -1, (0xE5, struct.pack("<H12H", 3, 3, 5, 0, 0, 5, 6, 0, 1, 5, 7, 0, 0))
            )
        ),
        None,
        "merged areas of the sheet overlap|sure",
    ),
    "no-such-format.xls": Hostile(
        lambda: xls_stream(lambda r: r.insert(-1, (0x203, struct.pack("<HHHd", 90, 0, 999, 1.0)))),
        DamagedError,
        "not a whole workbook",
    ),
    "no-width.docx": Hostile(
        lambda: changed(
            fuzz_seeds.docx(),
            lambda p: p.update(
                {MAIN_PART: re.sub(rb'(<w:gridCol w:w=")\d+', rb"\1x", p[MAIN_PART])}
            ),
        ),
        None,
    ),
    "bad-offset.ods": Hostile(
        lambda: _moved(fuzz_seeds.ods()), DamagedError, "damaged|not a whole workbook"
    ),
    "bad-packing.xlsx": Hostile(
        lambda: _scratched(fuzz_seeds.seeds()["xlsx"][0]), DamagedError, "not a whole workbook"
    ),
    "no-size.tiff": Hostile(
        lambda: fuzz_seeds.picture("TIFF", 2).replace(b"\x00\x01\x04\x00", b"\x77\x77\x04\x00", 1),
        DamagedError,
        "picture cannot be opened",
    ),
    "points-alone.html": Hostile(
        lambda: (
            fuzz_seeds.html()
            .decode()
            .replace("全年预算数</td>", "全年预算数</td></tr><tr><td>实施单位</td>", 1)
            .encode()
        ),
        None,
    ),
    "long-number.html": Hostile(
        lambda: with_text(first("outturn"), "1" * 20_000), None, "two run together"
    ),
    # what deceives the eye
    "cyrillic-o.html": Hostile(
        lambda: with_text(first("score"), "1О"),
        None,
        "which looks like a usual one, stands here: U\\+041E",
    ),
    "arabic-digit.html": Hostile(
        lambda: with_text(first("score"), "٩"),
        None,
        "which looks like a usual one, stands here: U\\+0669",
    ),
    "zero-width.html": Hostile(
        lambda: with_text(first("outturn"), "1\u200b0"),
        None,
        "invisible character stands in this text: U\\+200B",
    ),
    "right-to-left.html": Hostile(
        lambda: with_text(first("project"), "项目\u202e甲"),
        None,
        "invisible character stands in this text: U\\+202E",
    ),
    "footnote-digit.html": Hostile(
        lambda: with_text(first("score"), "9²"), None, "raised or circled digit"
    ),
    "terminal.html": Hostile(lambda: with_text(first("project"), "项目&#27;[2J甲"), None, "项目"),
    "full-width.html": Hostile(lambda: with_text(first("score"), "１０"), None, "'10' sure"),
}
