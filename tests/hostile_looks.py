"""Small files whose looks cost much: style sheets, styles, themes, and what lies over cells."""

from __future__ import annotations

import re

import fuzz_seeds
from hostile_parts import MAIN_PART, SHEET, Hostile, changed

from auditkit.errors import DamagedError, LimitError

_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"


def styled(sheet: str, more: str = "") -> bytes:
    """The page of the seeds with a style sheet, and more before its table."""
    page = fuzz_seeds.html().decode()
    return page.replace("<table", f"<style>{sheet}</style>{more}<table", 1).encode()


def inline(style: str) -> bytes:
    """The page of the seeds with a style of its table."""
    return fuzz_seeds.html().replace(b"<table", f'<table style="{style}"'.encode(), 1)


def deep(times: int, inner: str = "<p>x</p>") -> str:
    """Elements in each other."""
    return "<div>" * times + inner + "</div>" * times


def spans(times: int) -> str:
    """Elements beside each other, each of its own class."""
    return "".join(f'<p class="c{n}">x</p>' for n in range(times))


def word_styles(styles: str, style: str = "s0", runs: str = "") -> bytes:
    """The Word file of the seeds with other styles, one of which each paragraph names."""

    def change(parts: dict[str, bytes]) -> None:
        parts["word/styles.xml"] = f'<w:styles xmlns:w="{_W}">{styles}</w:styles>'.encode()
        text = re.sub(r"<w:pPr>.*?</w:pPr>|<w:pPr/>", "", parts[MAIN_PART].decode())
        named = rf'\g<0><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}'
        parts[MAIN_PART] = re.sub(r"<w:p(?: [^>]*)?>", named, text).encode()

    return changed(fuzz_seeds.docx(), change)


def chained(count: int, own: str = "") -> str:
    """Styles of paragraphs, each of which rests on the next, and the last on the first."""
    return "".join(
        f'<w:style w:type="paragraph" w:styleId="s{n}">'
        f'<w:basedOn w:val="s{(n + 1) % count}"/>{own}</w:style>'
        for n in range(count)
    )


def word_runs(run: str, before: str = "") -> bytes:
    """The Word file of the seeds with a paragraph of runs before its table."""
    more = f"<w:p>{before}{run}</w:p>"
    return changed(
        fuzz_seeds.docx(),
        lambda parts: parts.update(
            {MAIN_PART: parts[MAIN_PART].replace(b"<w:tbl>", more.encode() + b"<w:tbl>", 1)}
        ),
    )


def sheet_parts(before: str, more: str, **parts: str) -> bytes:
    """The workbook of the seeds with more in its sheet, and other parts."""
    named = {name.replace("__", ".").replace("_", "/"): t.encode() for name, t in parts.items()}

    def change(held: dict[str, bytes]) -> None:
        held[SHEET] = held[SHEET].replace(before.encode(), more.encode() + before.encode(), 1)
        held.update(named)

    return changed(fuzz_seeds.seeds()["xlsx"][0], change)


def anchored(count: int, rows: int = 0, sheets: int = 1) -> bytes:
    """The workbook of the seeds with so many pictures beside its cells, and rows of cells."""
    mark = "<{0}><col>90</col><colOff>0</colOff><row>{1}</row><rowOff>0</rowOff></{0}>"
    anchor = f"<twoCellAnchor>{mark.format('from', 90_000)}{mark.format('to', 90_001)}"
    drawing = f'<wsDr xmlns="{_DRAWN}">{f"{anchor}</twoCellAnchor>" * count}</wsDr>'
    link = f'<Relationship Id="d{{}}" Type="{_OFFICE}/drawing" Target="../drawings/d.xml"/>'
    links = f"<Relationships>{''.join(map(link.format, range(sheets)))}</Relationships>"
    cells = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{c}{r}" t="n"><v>1</v></c>' for c in "ABCDEFGHIJKLMNOPQRST")
        + "</row>"
        for r in range(100, 100 + rows)
    )

    def change(held: dict[str, bytes]) -> None:
        held[SHEET] = held[SHEET].replace(b"</sheetData>", cells.encode() + b"</sheetData>", 1)
        held[_RELS] = links.encode()
        held["xl/drawings/d.xml"] = drawing.encode()

    return changed(fuzz_seeds.seeds()["xlsx"][0], change)


def conditional(count: int, rows: int, style: str = "") -> bytes:
    """The workbook of the seeds with so many formats that depend on the value, and rows."""
    data = anchored(0, rows)
    rule = '<cfRule type="dataBar" priority="1"><dataBar showValue="0"><cfvo type="min"/>'
    rule += '<cfvo type="max"/><color rgb="FF638EC6"/></dataBar></cfRule>'
    formats = "".join(
        f'<conditionalFormatting sqref="ZZ{n}">{rule}</conditionalFormatting>'
        for n in range(1, count + 1)
    )

    def change(held: dict[str, bytes]) -> None:
        text = held[SHEET].decode()
        at = re.search("</mergeCells>", text)
        assert at
        held[SHEET] = (text[: at.end()] + formats + text[at.end() :]).encode()

    return changed(data, change)


def ranges(tag: str, count: int = 100_000) -> bytes:
    """The workbook of the seeds with something that is for very many ranges."""
    areas = " ".join(f"B{n}" for n in range(1, 2 * count, 2))
    inner = '<cfRule type="expression" priority="1"><formula>1</formula></cfRule>'
    more = f'<{tag} sqref="{areas}">{inner if tag[0] == "c" else ""}</{tag}>'
    more = more if tag[0] == "c" else f"<dataValidations>{more}</dataValidations>"

    def change(held: dict[str, bytes]) -> None:
        head, _, tail = held[SHEET].rpartition(b"</mergeCells>")
        held[SHEET] = head + b"</mergeCells>" + more.encode() + tail

    return changed(fuzz_seeds.seeds()["xlsx"][0], change)


def themed(theme: bytes) -> bytes:
    """The workbook of the seeds with another theme."""
    return changed(
        fuzz_seeds.seeds()["xlsx"][0], lambda held: held.update({"xl/theme/theme1.xml": theme})
    )


LOOKS: dict[str, Hostile] = {
    "rules.html": Hostile(
        lambda: styled("".join(f".c{n}{{color:red}}" for n in range(100_000))),
        LimitError,
        "_STYLE_TEXT",
    ),
    "rules-for-all.html": Hostile(
        lambda: styled("*{color:red}" * 20_000, spans(2_000)), LimitError, "_COMPARISONS"
    ),
    "selectors.html": Hostile(
        lambda: styled("i " + "div " * 6 + "p{color:red}", deep(300)), LimitError, "_COMPARISONS"
    ),
    "not-in-not.html": Hostile(
        lambda: styled(":not(" * 100 + "b" + ")" * 100 + "{color:red}"), None
    ),
    "is-in-is.html": Hostile(
        lambda: styled(":is(i div div div div div div p){color:red}", deep(300)),
        LimitError,
        "_COMPARISONS",
    ),
    "siblings.html": Hostile(
        lambda: styled("p~p~p~p~b,p~p~p~b~p{color:red}", spans(20_000)), LimitError, "_COMPARISONS"
    ),
    "nth.html": Hostile(
        lambda: styled("p:nth-last-of-type(7n+3){color:red}", spans(20_000)),
        LimitError,
        "_COMPARISONS",
    ),
    "has.html": Hostile(
        lambda: styled("div:has(p b i){color:red}", deep(300, spans(8_000))),
        LimitError,
        "_COMPARISONS",
    ),
    "media-in-media.html": Hostile(
        lambda: styled("@media screen{" * 5_000 + "b{color:red}" + "}" * 5_000),
        DamagedError,
        "too deep",
    ),
    "brackets.html": Hostile(
        lambda: styled("b{color:" + "(" * 50_000 + "}"), DamagedError, "too deep"
    ),
    "brackets-inline.html": Hostile(
        lambda: inline("color:" + "(" * 50_000), DamagedError, "too deep"
    ),
    "moved-nowhere.html": Hostile(
        lambda: inline("position:absolute;top:" + "00px " * 40 + "x"), None
    ),
    "long-number.html": Hostile(lambda: inline("font-size:" + "1" * 400_000 + "x"), None),
    "properties.html": Hostile(
        lambda: styled("body{" + "".join(f"x{n}:1;" for n in range(100_000)) + "}", spans(3_000)),
        None,
    ),
    "odd-classes.html": Hostile(
        lambda: styled("b{color:red}", '<p class="&#1;&#xFFFE;&#xD800;a" id="&#2;">x</p>'), None
    ),
    "odd-tags.html": Hostile(lambda: styled("b{color:red}", "<b²³>x</b²³><x:y²>z</x:y²>"), None),
    "important.html": Hostile(
        lambda: inline("a:1!important;" * 100_000), LimitError, "_STYLE_TEXT"
    ),
    "ring-of-styles.docx": Hostile(lambda: word_styles(chained(3)), None),
    "chain-of-styles.docx": Hostile(lambda: word_styles(chained(60_000)), LimitError, "_NESTING"),
    "long-styles.docx": Hostile(
        lambda: word_styles(
            chained(300, "<w:rPr>" + "<w:b/>" * 1_000 + "</w:rPr>"),
            runs="".join(
                f'<w:r><w:rPr><w:sz w:val="{n}"/></w:rPr><w:t>x</w:t></w:r>' for n in range(20, 40)
            ),
        ),
        LimitError,
        "_COMPARISONS",
    ),
    "notes-in-looks.docx": Hostile(
        lambda: word_runs("<w:r><w:rPr><!-- x --><?x y?><w:b/></w:rPr><w:t>x</w:t></w:r>"), None
    ),
    "notes-around.docx": Hostile(
        lambda: word_runs("<w:r><!-- x --><w:t>x</w:t></w:r><?x y?>", "<w:pPr><!-- x --></w:pPr>"),
        None,
    ),
    "tabs.docx": Hostile(
        lambda: word_runs(
            "<w:r><w:t>x</w:t></w:r>" * 20_000,
            "<w:pPr><w:tabs>" + '<w:tab w:val="left" w:pos="1"/>' * 20_000 + "</w:tabs></w:pPr>",
        ),
        None,
    ),
    "controls.docx": Hostile(
        lambda: word_runs(
            "<w:sdt><w:sdtContent>" * 120
            + "<w:r><w:t>x</w:t></w:r>"
            + "</w:sdtContent></w:sdt>" * 120
        ),
        None,
    ),
    "placeholders.docx": Hostile(
        lambda: word_runs(
            "".join(
                "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" for _ in range(100)
            )
            + "<w:r><w:t>x</w:t></w:r>" * 100_000
            + "</w:sdtContent></w:sdt>" * 100
        ),
        None,
    ),
    "smart-tags.docx": Hostile(
        lambda: word_runs(
            "<w:smartTag>" * 200 + "<w:r><w:t>x</w:t></w:r>" * 100_000 + "</w:smartTag>" * 200
        ),
        LimitError,
    ),
    "theme.docx": Hostile(
        lambda: changed(
            fuzz_seeds.docx(), lambda held: held.update({"word/theme/theme1.xml": b"\0garbage"})
        ),
        DamagedError,
        "not a whole Word",
    ),
    "theme.xlsx": Hostile(lambda: themed(b"garbage"), DamagedError, "not a whole workbook"),
    "deep-theme.xlsx": Hostile(
        lambda: themed(b"<a>" * 5_000 + b"</a>" * 5_000), DamagedError, "not a whole workbook"
    ),
    "theme-of-notes.xlsx": Hostile(
        lambda: themed(
            b"<clrScheme xmlns='http://schemas.openxmlformats.org/drawingml/2006/main'>"
            b"<!-- x --><dk1><!-- y --></dk1></clrScheme>"
        ),
        None,
    ),
    "anchors.xlsx": Hostile(lambda: anchored(100_000), LimitError, "_ELEMENTS"),
    "anchors-over-cells.xlsx": Hostile(lambda: anchored(100_000, 5_000), LimitError, "_ELEMENTS"),
    "one-drawing-often.xlsx": Hostile(lambda: anchored(20_000, 0, 5_000), LimitError, "_ELEMENTS"),
    "conditional.xlsx": Hostile(lambda: conditional(50_000, 5_000), LimitError),
    "names.xlsx": Hostile(
        lambda: changed(
            fuzz_seeds.seeds()["xlsx"][0],
            lambda held: held.update(
                {
                    "xl/workbook.xml": held["xl/workbook.xml"].replace(
                        b"</workbook>",
                        b"<definedNames>"
                        + b'<definedName name="a">A1</definedName>' * 700_000
                        + b"</definedNames></workbook>",
                    )
                }
            ),
        ),
        None,
    ),
    "palette.xlsx": Hostile(
        lambda: changed(
            fuzz_seeds.seeds()["xlsx"][0],
            lambda held: held.update(
                {
                    "xl/styles.xml": re.sub(
                        rb"<font>", b'<font><color indexed="-900"/>', held["xl/styles.xml"]
                    )
                }
            ),
        ),
        None,
    ),
    "tables-in-tables.html": Hostile(
        lambda: styled("", "<table><tr><td>" * 120 + "x" + "</td></tr></table>" * 120), None
    ),
    "tables-in-tables.docx": Hostile(
        lambda: changed(
            fuzz_seeds.docx(),
            lambda held: held.update(
                {
                    MAIN_PART: held[MAIN_PART].replace(
                        b"<w:tbl>",
                        b"<w:tbl><w:tr><w:tc>" * 80
                        + b"<w:p/>"
                        + b"</w:tc></w:tr></w:tbl>" * 80
                        + b"<w:tbl>",
                        1,
                    )
                }
            ),
        ),
        None,
    ),
    "overlapping-rows.html": Hostile(
        lambda: styled(
            "",
            "<table>"
            + "<tr>"
            + "<td rowspan=0>x</td>" * 400
            + "</tr>"
            + "<tr><td colspan=400 rowspan=400>y</td></tr>" * 400
            + "</table>",
        ),
        LimitError,
        "_CELLS",
    ),
    "any-namespace.html": Hostile(lambda: styled("[*|title]{color:red}:lang(){color:red}"), None),
    "ranges.xlsx": Hostile(lambda: ranges("conditionalFormatting"), None),
    "validations.xlsx": Hostile(lambda: ranges("dataValidation"), None),
    "merged-under.xlsx": Hostile(lambda: anchored(1, 5_000), None),
    "one-line.csv": Hostile(lambda: fuzz_seeds.csv() + b"\n" + b"x" * (50 << 20), DamagedError),
    "quotes.csv": Hostile(lambda: fuzz_seeds.csv() + b"\n" + b'"a""' * (4 << 20), DamagedError),
}
