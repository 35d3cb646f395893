"""Word files in which a value is set in pieces, and what a person sees of it."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from html import escape
from io import BytesIO
from random import Random

from trick_forms import HEADS, ROWS, TITLE, YEAR, Piece, pieces, seen_of

_OOXML = "http://schemas.openxmlformats.org"
_MICROSOFT = "http://schemas.microsoft.com/office/word"
SPACES = " ".join(
    f'xmlns:{name}="{address}"'
    for name, address in {
        "w": f"{_OOXML}/wordprocessingml/2006/main",
        "mc": f"{_OOXML}/markup-compatibility/2006",
        "m": f"{_OOXML}/officeDocument/2006/math",
        "r": f"{_OOXML}/officeDocument/2006/relationships",
        "v": "urn:schemas-microsoft-com:vml",
        "wps": f"{_MICROSOFT}/2010/wordprocessingShape",
        "w14": f"{_MICROSOFT}/2010/wordml",
    }.items()
)
HIDES = (
    "<w:vanish/>", '<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>', '<w:color w:val="FEFEFE"/>',
    '<w:shd w:val="clear" w:fill="000000"/><w:color w:val="000000"/>', '<w:w w:val="1"/>',
    '<w:highlight w:val="black"/><w:color w:val="000000"/>', '<w:position w:val="-200"/>',
    '<w:spacing w:val="-400"/>', "<w14:textFill><w14:noFill/></w14:textFill>",
    '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>', '<w:fitText w:val="1"/>',
)  # fmt: skip
SHOWS = (
    "", "<w:b/>", '<w:sz w:val="21"/>', '<w:color w:val="333333"/>', '<w:u w:val="single"/>',
    '<w:rFonts w:ascii="SimSun" w:eastAsia="宋体"/>', '<w:color w:val="auto"/>', "<w:i/>",
    '<w:highlight w:val="yellow"/>', '<w:spacing w:val="10"/>', '<w:vanish w:val="0"/>',
    '<w:lang w:val="en-US"/>', "<w:noProof/>", '<w:kern w:val="0"/>',
)  # fmt: skip
STRIKES = ("<w:strike/>", "<w:dstrike/>")


def run(text: str, properties: str = "") -> str:
    """Return a run of text with its properties."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def cell(content: str, properties: str = "") -> str:
    """Return a cell with these paragraphs."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def plain(text: str) -> str:
    """Return a cell with one run of text."""
    return cell(f"<w:p>{run(text)}</w:p>")


def whole(
    own: str,
    *,
    row: str = "",
    table: str = "",
    styles: str = "",
    parts: Mapping[str, str] | None = None,
) -> bytes:
    """Return the form as a Word file with this cell where the value stands."""
    lines = [f"<w:tr>{''.join(map(plain, HEADS))}</w:tr>"]
    for number, texts in enumerate(ROWS):
        cells = "".join(own if text is None else plain(text) for text in texts)
        lines.append(f"<w:tr><w:trPr>{row if number == 0 else ''}</w:trPr>{cells}</w:tr>")
    label = cell(f"<w:p>{run('总分')}</w:p>", '<w:gridSpan w:val="5"/>')
    lines.append(f"<w:tr>{label}{plain('10')}{plain('10')}{plain('')}</w:tr>")
    columns = '<w:gridCol w:w="1000"/>' * len(HEADS)
    made = f"<w:tblPr>{table}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(lines)}"
    head = f"<w:p>{run(TITLE)}</w:p><w:p>{run(YEAR)}</w:p>"
    body = f"<w:document {SPACES}><w:body>{head}<w:tbl>{made}</w:tbl><w:p/></w:body></w:document>"
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{_OOXML}/package/2006/content-types"/>'
        )
        archive.writestr("word/document.xml", body)
        archive.writestr("word/styles.xml", f"<w:styles {SPACES}>{styles}</w:styles>")
        for name, part in (parts or {}).items():
            archive.writestr(name, part)
    return written.getvalue()


def field(code: str, result: str = "", nested: str = "", begin: str = "") -> str:
    """Return a field: its code, what stands in that, and its result where it has one."""
    marks = {
        kind: f'<w:r><w:fldChar w:fldCharType="{kind}"{begin if kind == "begin" else ""}/></w:r>'
        for kind in ("begin", "separate", "end")
    }
    said = f"<w:r><w:instrText>{code}</w:instrText></w:r>{nested}"
    return f"{marks['begin']}{said}{marks['separate'] + result if result else ''}{marks['end']}"


def docx(noise: Random) -> tuple[bytes, str]:
    """Return a Word file, and what a person sees in its cell."""
    parts, styles = pieces(noise), list[str]()
    runs = "".join(_run_of(part, styles, noise) for part in parts)
    seen, row = seen_of(parts), ""
    if noise.random() < 0.1:
        row = noise.choice(
            ("<w:hidden/>", '<w:trHeight w:val="20" w:hRule="exact"/>', '<w:del w:author="a"/>')
        )
        seen = ""
    properties = ""
    if noise.random() < 0.05:
        properties, seen = '<w:cellDel w:id="1" w:author="a"/>', ""
    own = cell(f"<w:p>{runs}</w:p>", properties)
    return whole(own, row=row, styles="".join(styles)), seen


def _style(kind: str, name: str, properties: str) -> str:
    return f'<w:style w:type="{kind}" w:styleId="{name}"><w:rPr>{properties}</w:rPr></w:style>'


def _run_of(part: Piece, styles: list[str], noise: Random) -> str:
    if part.how == "shown":
        return _set(part.text, noise.choice(SHOWS), styles, noise)
    if part.how == "struck":
        match noise.randrange(3):
            case 0:
                text = f"<w:delText>{escape(part.text)}</w:delText>"
                return f'<w:del w:id="1" w:author="a"><w:r>{text}</w:r></w:del>'
            case 1:
                return f'<w:moveFrom w:id="1" w:author="a">{run(part.text)}</w:moveFrom>'
            case _:
                return _set(part.text, noise.choice(STRIKES), styles, noise)
    match noise.randrange(8):
        case 0:
            return field(f" {escape(part.text)} ", run("\u200a"))
        case 1:
            return field(" IF ", run("\u200a"), field(" MERGEFIELD a ", run(part.text)))
        case 2:
            taken = "<mc:Choice Requires='w14'><w:t></w:t></mc:Choice>"
            left = f"<mc:Fallback><w:t>{escape(part.text)}</w:t></mc:Fallback>"
            return f"<w:r><mc:AlternateContent>{taken}{left}</mc:AlternateContent></w:r>"
        case _:
            return _set(part.text, noise.choice(HIDES), styles, noise)


def _set(text: str, properties: str, styles: list[str], noise: Random) -> str:
    """Return a run that has properties of its own, or by a character style that may rest on one."""
    if not properties or noise.random() < 0.6:
        return run(text, properties)
    name = f"c{len(styles)}"
    styles.append(_style("character", name, properties))
    if noise.random() < 0.3:
        based = f'<w:basedOn w:val="{name}"/>'
        styles.append(f'<w:style w:type="character" w:styleId="{name}b">{based}</w:style>')
        name += "b"
    return run(text, f'<w:rStyle w:val="{name}"/>')
