"""Files written to take a machine, its memory and time, or its reader's trust; each made anew.

``HOSTILE`` says of each what must come of it: the kind of error and words of it, or, where it is
read as the form that it also is, words of the notes and doubts that go with it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import fuzz_seeds
from hostile_counts import COUNTS
from hostile_looks import LOOKS
from hostile_parts import (
    ACTIVE,
    EXTERNAL,
    LAUGHS,
    MAIN_PART,
    SECRET,
    SHEET,
    Hostile,
    book,
    cells,
    changed,
    circle_of_pictures,
    declares,
    directory_loop,
    document,
    fat_loop,
    first,
    html,
    locked_part,
    long_dump,
    lying,
    many_frames,
    moved,
    nested_archives,
    overlapping,
    picture_bomb,
    scratched,
    sheet_with,
    squares,
    strings,
    with_text,
    xls_stream,
)
from hostile_pdfs import PDFS

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


HOSTILE: dict[str, Hostile] = {
    **PDFS,
    **COUNTS,
    **LOOKS,
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
        lambda: fuzz_seeds.csv() + b"," * 1_000_000 + b"1", LimitError, "AUDITKIT_ELEMENTS"
    ),
    "tall.csv": Hostile(lambda: fuzz_seeds.csv() + b"\n" + b"a,b,c\n" * 2_000, None),
    "long-dump.txt": Hostile(long_dump, LimitError, "AUDITKIT_REPEATS"),
    # pictures
    "bomb.png": Hostile(lambda: picture_bomb("PNG"), LimitError, "AUDITKIT_PIXELS"),
    "bomb.tiff": Hostile(lambda: picture_bomb("TIFF"), LimitError, "AUDITKIT_PIXELS"),
    "frames.tiff": Hostile(lambda: many_frames(4000), LimitError, "AUDITKIT_PICTURES"),
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
        lambda: moved(fuzz_seeds.ods()), DamagedError, "damaged|not a whole workbook"
    ),
    "bad-packing.xlsx": Hostile(
        lambda: scratched(fuzz_seeds.seeds()["xlsx"][0]), DamagedError, "not a whole workbook"
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
