"""Small files that are built to very much: spans, attributes, shades, pictures, long texts."""

from __future__ import annotations

import fuzz_seeds
from hostile_parts import ACTIVE, MAIN_PART, SHEET, Hostile, changed, html
from hostile_pdfs import page, stream

from auditkit.errors import DamagedError, LimitError

LONG = 16_000_000
CELL = "<td rowspan=1000 colspan=1000>x</td>"
_AXIAL = b"<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 595 842]/Function 11 0 R>>"
_RAMP = b"<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>"
_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"


def rows(more: str) -> bytes:
    """The page of the seeds with more rows in its table."""
    text = fuzz_seeds.html().decode()
    at = text.rindex("</table>")
    return (text[:at] + more + text[at:]).encode()


def tag(own: str) -> bytes:
    """The page of the seeds with more in the tag of its table."""
    return fuzz_seeds.html().replace(b"<table", b"<table " + own.encode(), 1)


def forms(count: int) -> bytes:
    """A page of so many forms."""
    text = fuzz_seeds.html().decode()
    table = text[text.index("<table") : text.rindex("</table>") + 8]
    return text.replace(table, table * count).encode()


def part(name: str, before: bytes, more: bytes, data: bytes) -> bytes:
    """An office file with more in front of some bytes of one of its parts."""

    def change(parts: dict[str, bytes]) -> None:
        at = parts[name].index(before)
        parts[name] = parts[name][:at] + more + parts[name][at:]

    return changed(data, change)


def sheet(more: str) -> bytes:
    """The workbook of the seeds with more rows."""
    return part(SHEET, b"</sheetData>", more.encode(), fuzz_seeds.seeds()["xlsx"][0])


def merged(count: int) -> bytes:
    """The workbook of the seeds with so many merged areas, one over the other."""
    area = b'<mergeCell ref="A1:Z900"/>' * count
    return part(SHEET, b"</mergeCells>", area, fuzz_seeds.seeds()["xlsx"][0])


def opened(more: str) -> bytes:
    """The OpenDocument sheet of the seeds with more rows."""
    return part("content.xml", b"</table:table>", more.encode(), fuzz_seeds.ods())


def word(more: str) -> bytes:
    """The Word file of the seeds with more in its body."""
    return part(MAIN_PART, b"<w:sectPr", more.encode(), fuzz_seeds.docx())


def shaded(content: bytes, resources: bytes, *more: bytes) -> bytes:
    """A page that draws something shaded, whose parts are numbered from 10."""
    return page(content, 1, resources, dict(enumerate(more, start=10)))


COUNTS: dict[str, Hostile] = {
    "spans.html": Hostile(lambda: rows(f"<tr>{CELL * 2}</tr>" * 5_000), LimitError, "_CELLS"),
    "span20.html": Hostile(lambda: rows(f"<tr>{CELL * 20}</tr>"), LimitError, "_COLUMNS"),
    "attributes.html": Hostile(
        lambda: tag(" ".join(f"a{n}=1" for n in range(300_000))), LimitError, "_TAG_ATTRIBUTES"
    ),
    "spread-attributes.html": Hostile(
        lambda: rows("<tr><td " + "a b c d e f g h " * 100 + ">x</td></tr>") * 2_600,
        LimitError,
        "_ATTRIBUTES",
    ),
    "cells.html": Hostile(
        lambda: rows(f"<tr>{'<td>x</td>' * 300_000}</tr>"), LimitError, "_COLUMNS"
    ),
    "rows.html": Hostile(
        lambda: rows(f"<tr>{'<td>x</td>' * 100}</tr>" * 2_500), LimitError, "_CELLS"
    ),
    "elements.html": Hostile(lambda: html("<table>", "<b></b>" * 1_100_000), LimitError, "_ELEM"),
    "many-forms.html": Hostile(lambda: forms(1_500), LimitError, "1,500 forms"),
    "long-cell.html": Hostile(lambda: rows(f"<tr><td>{'字' * LONG}"), LimitError, "AUDITKIT_TEXT"),
    "long-line.html": Hostile(
        lambda: html("<table>", f"<p>{'字' * LONG}</p>"), LimitError, "AUDITKIT_TEXT"
    ),
    "long-name.html": Hostile(
        lambda: fuzz_seeds.html().replace(
            fuzz_seeds.form().project.encode(), ("项目名甲" * 10_000).encode()
        ),
        None,
    ),
    "handlers.html": Hostile(lambda: tag('title=">" onload="x()"'), None, ACTIVE.format("scripts")),
    "long-cell.docx": Hostile(
        lambda: word(f"<w:p><w:r><w:t>{'x' * LONG}</w:t></w:r></w:p>"), LimitError, "AUDITKIT_TEXT"
    ),
    "spans.docx": Hostile(
        lambda: word(
            "<w:tbl>"
            + "<w:tr>"
            + '<w:tc><w:tcPr><w:gridSpan w:val="1000"/></w:tcPr><w:p/></w:tc>' * 30
            + "</w:tr></w:tbl>"
        ),
        LimitError,
        "_COLUMNS",
    ),
    "elements.docx": Hostile(lambda: word("<w:p/>" * 1_100_000), LimitError, "_ELEMENTS"),
    "attributes.docx": Hostile(
        lambda: word("<w:p " + " ".join(f'a{n}="1"' for n in range(2_100_000)) + "/>"),
        LimitError,
        "_ATTRIBUTES",
    ),
    "long-cell.xlsx": Hostile(
        lambda: sheet(f'<row r="9"><c r="A9" t="inlineStr"><is><t>{"x" * LONG}</t></is></c></row>'),
        LimitError,
        "AUDITKIT_TEXT",
    ),
    "blank-cells.xlsx": Hostile(
        lambda: sheet(f'<row r="900">{"<c/>" * 1_100_000}</row>'), LimitError, "_ELEMENTS"
    ),
    "merged-over.xlsx": Hostile(lambda: merged(20_000), LimitError, "_MERGED"),
    "repeated.ods": Hostile(
        lambda: opened(
            "<table:table-row>"
            + (
                '<table:table-cell table:number-columns-repeated="400"><text:p>x</text:p>'
                "</table:table-cell>"
            )
            * 3_000
            + "</table:table-row>"
        ),
        LimitError,
        "_ELEMENTS",
    ),
    "long-cell.csv": Hostile(
        lambda: fuzz_seeds.csv() + b'\n"' + b"x" * LONG + b'"', DamagedError, "field larger than"
    ),
    "columns.csv": Hostile(lambda: fuzz_seeds.csv() + b"\n" + b"1," * 3_000, LimitError, "_COLU"),
    "commas.csv": Hostile(
        lambda: fuzz_seeds.csv() + b"\n" + b"," * 20_000_000, LimitError, "_ELEMENTS"
    ),
    "long.txt": Hostile(lambda: b"a\n" * (34 << 20), LimitError, "_TEXT_BYTES"),
    "program.pdf": Hostile(
        lambda: shaded(
            b"/S sh", b"<</Shading<</S 10 0 R>>>>",
            b"<</ShadingType 1/ColorSpace/DeviceRGB/Function 11 0 R/Matrix[595 0 0 842 0 0]>>",
            stream(
                b"{" + b"dup mul exch " * 5_000 + b"dup}",
                b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]", 1,
            ),
        ),
        LimitError,
        "_PROGRAM",
    ),
    "shades.pdf": Hostile(
        lambda: shaded(b"/S sh " * 5_000, b"<</Shading<</S 10 0 R>>>>", _AXIAL, _RAMP),
        LimitError,
        "_SHADES",
    ),
    "shades-in-forms.pdf": Hostile(
        lambda: shaded(
            b"/F Do " * 5_000, b"<</XObject<</F 12 0 R>>>>", _AXIAL, _RAMP,
            stream(b"/S sh", _FORM + b"/Resources<</Shading<</S 10 0 R>>>>"),
        ),
        LimitError,
        "_SHADES",
    ),
    "patterns.pdf": Hostile(
        lambda: shaded(
            b"/Pattern cs " + b"/P scn 0 0 595 842 re f " * 5_000,
            b"<</Pattern<</P<</Type/Pattern/PatternType 2/Shading 10 0 R>>>>>>", _AXIAL, _RAMP,
        ),
        LimitError,
        "_SHADES",
    ),
    "masks.pdf": Hostile(
        lambda: shaded(
            b"q /G gs 0 0 595 842 re f Q " * 5_000, b"<</ExtGState<</G 10 0 R>>>>",
            b"<</Type/ExtGState/SMask<</S/Luminosity/G 11 0 R>>>>",
            stream(b"1 g 0 0 595 842 re f", _FORM + b"/Group<</S/Transparency/CS/DeviceGray>>"),
        ),
        LimitError,
        "_SHADES",
    ),
    "masks-here.pdf": Hostile(
        lambda: shaded(
            b"q /G gs 0 0 595 842 re f Q " * 5_000,
            b"<</ExtGState<</G<</Type/ExtGState/SMask 12 0 R>>>>>>", b"null",
            stream(b"1 g 0 0 595 842 re f", _FORM + b"/Group<</S/Transparency/CS/DeviceGray>>"),
            b"<</S/Luminosity/G 11 0 R>>",
        ),
        LimitError,
        "_SHADES",
    ),
}  # fmt: skip
