"""Situations in which a file says another value than it shows, by kind: read right, or doubted.

What a person sees in the cell of the actual value is read; where a reader cannot know that it is
``DOUBT``: the cell is not sure, and no rule of scoring passes on it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
import trick_words as words
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Color, Font
from openpyxl.worksheet.table import Table, TableStyleInfo
from trick_books import calculated, new_book, saved, with_sheet
from trick_forms import NAME, whole_page
from trick_words import cell, field, run, whole

from auditkit.doubts import SEEN_OTHERWISE
from auditkit.findings import Outcome
from auditkit.reviewing import Terms, review

from hostile_parts import changed  # isort: skip

DOUBT = None


def plain(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def check(data: bytes, seen: str | None) -> None:
    """Hold what is read against what is seen."""
    (one,) = review(data, Terms(log=Terms.NO_LOG), name="form")
    row = next(r for r in one.report.indicators if r.name and plain(r.name.text) == NAME)
    entry = row.actual
    assert entry is not None
    if seen is not DOUBT:
        assert plain(entry.text) == plain(seen)
        return
    assert any(doubt.kind in SEEN_OTHERWISE for doubt in entry.doubts), entry
    passed = [f.rule for f in one.findings_of(Outcome.PASS) if set(f.cells) & set(entry.cells)]
    assert not [rule for rule in passed if rule.startswith("SC-")]


PAGES: dict[str, tuple[str | None, str, str]] = {  # what is seen, the cell, and the head
    "closed details": (DOUBT, "<details><summary>详</summary>92%</details>", ""),
    "details with a line of their own": (DOUBT, "<details><summary>92%</summary>29%</details>", ""),
    "open details": ("92%", "<details open><summary></summary>92%</details>", ""),
    "a dialog": (DOUBT, "<dialog>9</dialog>2%", ""),
    "a popover": (DOUBT, "<span popover>9</span>2%", ""),
    "text for browsers without frames": ("2%", "<noframes>9</noframes>2%", ""),
    "text for browsers without plug-ins": ("2%", "<noembed>9</noembed>2%", ""),
    "a shadow tree": (DOUBT, '<div><template shadowrootmode="open">29%</template>92%</div>', ""),
    "letters above others": (DOUBT, "<ruby>92<rp>(</rp><rt>29</rt></ruby>%", ""),
    "a fraction": (DOUBT, "<math><mfrac><mn>9</mn><mn>2</mn></mfrac></math>", ""),
    "a field for addresses": ("92%", '<input type=email value="92%">', ""),
    "a field to search": ("92%", '<input type=search value="92%">', ""),
    "a button": ("92%", '<input type=button value="92%">', ""),
    "a month": ("2023-05", '<input type=month value="2023-05">', ""),
    "a field of no known kind": ("92%", '<input type=rate value="92%">', ""),
    "a hidden field": ("2%", '<input type=hidden value="9">2%', ""),
    "a password": (DOUBT, '<input type=password value="92%">', ""),
    "a slider": (DOUBT, '<input type=range value="92">', ""),
    "a picture to press": (DOUBT, "<input type=image src=a.png>", ""),
    "a label of a choice": (
        "29%", '<select><option label="29%" selected>92%</option></select>', ""
    ),
    "the first choice that is free": (
        "92%", "<select><option disabled>请选择<option>92%</select>", ""
    ),
    "a list that shows all": (DOUBT, "<select multiple><option>92%<option>2%</select>", ""),
    "text put before": (DOUBT, "<p class=a>92%</p>", '<style>.a:before{content:"-"}</style>'),
    "text put into a blank": (DOUBT, "<p class=a></p>", '<style>.a:after{content:"92%"}</style>'),
    "text of an attribute": (
        DOUBT, '<i class=a data-v="92%"></i>', "<style>.a:after{content:attr(data-v)}</style>"
    ),
    "a picture as ground": (DOUBT, '<p style="background:url(29.png)"></p>', ""),
    "a first letter": (DOUBT, "<p class=a>92%</p>", "<style>.a::first-letter{font-size:0}</style>"),
    "a first line": (DOUBT, "<p class=a>92%</p>", "<style>.a::first-line{color:#fff}</style>"),
    "a bold first letter": (
        "92%", "<p class=a>92%</p>", "<style>.a::first-letter{font-weight:bold}</style>"
    ),
    "a part of a list of selectors": (
        DOUBT, "<i class=a>9</i>2%", "<style>.a,.b::-webkit-x{display:none}</style>"
    ),
    "a number of a list": ("9. 2%", "<ol start=9><li>2%</li></ol>", ""),
    "letters one over another": (DOUBT, '<p style="letter-spacing:-.9em">92%</p>', ""),
    "pulled out of the cell": (DOUBT, '<p style="text-indent:-40px">92%</p>', ""),
    "an outline over it": (DOUBT, '<i style="outline:30px solid;outline-offset:-30px">9</i>', ""),
    "a line over it": (DOUBT, '92%<hr style="margin:-9px 0 0">', ""),
    "cut in its line": (DOUBT, '<p style="overflow:hidden;white-space:nowrap">92%</p>', ""),
    "a sheet in an address": (
        DOUBT, "92%", '<link rel=stylesheet href="data:text/css,td{font-size:0}">'
    ),
    "an import in an address": (
        DOUBT, "92%", '<style>@import "data:text/css,td{font-size:0}";</style>'
    ),
    "elements that run on": ("92%", "<kbd>9</kbd><nobr>2</nobr><x-y>%</x-y>", ""),
    "made a block": ("9\n2%", '<span style="display:block">9</span>2%', ""),
    "made to run on": ("92%", '<div style="display:inline">9</div>2%', ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_web_page_is_read_as_it_is_seen(name: str) -> None:
    seen, text, head = PAGES[name]
    check(whole_page(text, head), seen)


def test_a_column_that_is_not_shown_is_doubted() -> None:
    columns = "<colgroup><col span=4><col style='visibility:collapse'><col span=3></colgroup>"
    check(whole_page("92%", columns=columns), DOUBT)


_NUMBERED = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
_LISTS = {
    "word/numbering.xml": f"<w:numbering {words.SPACES}>"
    '<w:abstractNum w:abstractNumId="0"><w:lvl><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
}
_CONTROL = '<w:sdt><w:sdtPr><w:dataBinding w:xpath="/a"/></w:sdtPr><w:sdtContent>{}</w:sdtContent>'
_BOUND = _CONTROL.format(run("92%")) + "</w:sdt>"
WORDS: dict[str, tuple[str | None, str, dict[str, str]]] = {  # what is seen, a paragraph, parts
    "a field in the code of another": (
        "2%", field(" IF ", run("2%"), field(" MERGEFIELD b ", run("9"))), {}
    ),
    "a field without a result": (DOUBT, field(" EQ \\f(9,2) "), {}),
    "a button of a macro": (DOUBT, field(" MACROBUTTON NoMacro 92% "), {}),
    "a sign by its code": (DOUBT, field(" SYMBOL 57 ") + run("2%"), {}),
    "a field that is worked out anew": (
        DOUBT, field(" =1+1 ", run("92%"), begin=' w:dirty="true"'), {}
    ),
    "all fields worked out anew": (
        DOUBT,
        field(" DOCPROPERTY a ", run("92%")),
        {"word/settings.xml": f"<w:settings {words.SPACES}><w:updateFields/></w:settings>"},
    ),
    "a field with its result": ("92%", field(" MERGEFIELD a ", run("92%")), {}),
    "a box to tick": (
        "☑",
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox>'
        "</w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        {},
    ),
    "a hyphen that keeps a line whole": (
        "-92%", "<w:r><w:noBreakHyphen/><w:t>92%</w:t></w:r>", {}
    ),
    "letters above others": (
        DOUBT,
        f"<w:r><w:ruby><w:rt>{run('29')}</w:rt>"
        f"<w:rubyBase>{run('92')}</w:rubyBase></w:ruby></w:r>",
        {},
    ),
    "turned by an element": (DOUBT, f'<w:bdo w:val="rtl">{run("29%")}</w:bdo>', {}),
    "a number of a page": (DOUBT, "<w:r><w:pgNum/></w:r>", {}),
    "handwriting": (DOUBT, '<w:r><w:contentPart r:id="rId8"/></w:r>', {}),
    "a formula": ("92%", "<m:oMath><m:r><m:t>92%</m:t></m:r></m:oMath>", {}),
    "a fraction": (
        DOUBT,
        "<m:oMath><m:f><m:num><m:r><m:t>9</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>",
        {},
    ),
    "one of two ways": (
        "92%",
        '<w:r><mc:AlternateContent><mc:Choice Requires="w14"><w:t>92%</w:t></mc:Choice>'
        "<mc:Fallback><w:t>29%</w:t></mc:Fallback></mc:AlternateContent></w:r>",
        {},
    ),
    "a way that nobody knows": (
        "92%",
        '<w:r><mc:AlternateContent><mc:Choice Requires="zz"><w:t>29%</w:t></mc:Choice>'
        "<mc:Fallback><w:t>92%</w:t></mc:Fallback></mc:AlternateContent></w:r>",
        {},
    ),
    "a control that shows another part": (DOUBT, _BOUND, {"customXml/item1.xml": "<a>29%</a>"}),
    "a control that shows the same": ("92%", _BOUND, {"customXml/item1.xml": "<a>92%</a>"}),
    "a number before a figure": (DOUBT, _NUMBERED + run("92%"), _LISTS),
    "a number in a blank": (DOUBT, _NUMBERED, _LISTS),
    "fitted into nothing": (DOUBT, run("92%", '<w:fitText w:val="1"/>'), {}),
    "two lines in one": (DOUBT, run("92%", '<w:eastAsianLayout w:combine="1"/>'), {}),
    "hung out of its cell": (
        DOUBT, f'<w:pPr><w:ind w:hanging="3000"/></w:pPr>{run("92%")}', {}
    ),
    "a link": ("92%", f"<w:hyperlink>{run('92%')}</w:hyperlink>", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_a_word_file_is_read_as_it_is_seen(name: str) -> None:
    seen, paragraph, parts = WORDS[name]
    check(whole(cell(f"<w:p>{paragraph}</w:p>"), parts=parts), seen)


def test_a_cell_that_was_deleted_under_tracking_is_doubted() -> None:
    check(whole(cell(f"<w:p>{run('92%')}</w:p>", '<w:cellDel w:author="a"/>')), DOUBT)


def test_a_document_within_a_cell_is_doubted() -> None:
    check(whole(cell('<w:altChunk r:id="rId9"/><w:p/>')), DOUBT)


_CONTROLS = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<v:shape><x:ClientData ObjectType="{}"><x:Anchor>4, 1, 3, 1, 5, 1, 4, 1</x:Anchor>{}'
    "</x:ClientData></v:shape></xml>"
)
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _with_control(kind: str, more: str = "") -> bytes:
    """Return a workbook with a control of the old kind over the blank cell."""

    def change(parts: dict[str, bytes]) -> None:
        sheet, drawing = (
            "xl/worksheets/sheet1.xml",
            f'<legacyDrawing xmlns:r="{_RELATED}" r:id="rId1"/>',
        )
        parts[sheet] = parts[sheet].replace(b"</worksheet>", f"{drawing}</worksheet>".encode())
        link = f'<Relationship Id="rId1" Type="{_RELATED}/vmlDrawing" Target="../drawings/a.vml"/>'
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{link}</Relationships>"
        ).encode()
        parts["xl/drawings/a.vml"] = _CONTROLS.format(kind, more).encode()

    return changed(saved(new_book()[0]), change)


def _set(value: Any, number_format: str = "General", **looks: Any) -> bytes:
    book, _, own = new_book()
    own.value, own.number_format = value, number_format
    for name, look in looks.items():
        setattr(own, name, look)
    return saved(book)


def _of_width(value: Any, number_format: str, width: float) -> bytes:
    book, sheet, own = new_book()
    own.value, own.number_format = value, number_format
    sheet.column_dimensions["E"].width = width
    return saved(book)


def _shown(setting: str, value: Any) -> bytes:
    data = _set(value)
    return with_sheet(data, lambda text: text.replace("<sheetView ", f"<sheetView {setting} ", 1))


def _in_palette() -> bytes:
    """Return a workbook in whose palette black is white."""
    white = '<rgbColor rgb="00FFFFFF"/>' * 64

    def change(parts: dict[str, bytes]) -> None:
        colours = f"<colors><indexedColors>{white}</indexedColors></colors></styleSheet>"
        styles = parts["xl/styles.xml"].decode().replace("</styleSheet>", colours)
        parts["xl/styles.xml"] = styles.encode()

    return changed(_set("92%", font=Font(color=Color(indexed=8))), change)


def _in_a_table() -> bytes:
    """Return a workbook with a table whose own style has white text."""
    book, sheet, own = new_book()
    own.value = "92%"
    table = Table(displayName="T", ref="A3:H5")
    table.tableStyleInfo = TableStyleInfo(name="X")
    sheet.add_table(table)
    style = (
        '<dxfs count="1"><dxf><font><color rgb="FFFFFFFF"/></font></dxf></dxfs>'
        '<tableStyles count="1"><tableStyle name="X" count="1">'
        '<tableStyleElement type="wholeTable" dxfId="0"/></tableStyle></tableStyles>'
    )

    def change(parts: dict[str, bytes]) -> None:
        styles = re.sub(r"<dxfs[^>]*/>", "", parts["xl/styles.xml"].decode())
        parts["xl/styles.xml"] = re.sub(r"<tableStyles[^>]*/>", style, styles).encode()

    return changed(saved(book), change)


def _scaled() -> bytes:
    book, sheet, own = new_book()
    own.value = 0.92
    ends = {"start_type": "min", "start_color": "000000", "end_type": "max", "end_color": "000000"}
    sheet.conditional_formatting.add("E4", ColorScaleRule(**ends))
    return saved(book)


def _anew(formula: str, *, is_all: bool = False) -> bytes:
    book, _, own = new_book()
    book.calculation.fullCalcOnLoad = is_all
    return calculated(book, own, formula, "0.92")


def _raised() -> bytes:
    book, _, own = new_book()
    own.value = CellRichText("10", TextBlock(InlineFont(vertAlign="superscript"), "2"))
    return saved(book)


BOOKS: dict[str, tuple[str | None, Any]] = {
    "a text that its format hides": ("", lambda: _set("92%", ";;;")),
    "filled up with noughts": (DOUBT, lambda: _set(92, "0*0")),
    "in the figures of banks": (DOUBT, lambda: _set(92, "[DBNum2]0")),
    "in the figures of another script": (DOUBT, lambda: _set(92, "[$-4000439]0")),
    "by a condition": (DOUBT, lambda: _set(0.92, '[>0.9]"高";"低"')),
    "a number with a sign before it": ("292", lambda: _set(92, '"2"0')),
    "a character by its code": ("92%", lambda: _set("_x0039_2%")),
    "from right to left": (DOUBT, lambda: _set("≥92%", alignment=Alignment(readingOrder=2))),
    "pushed out of its cell": (DOUBT, lambda: _set("92%", alignment=Alignment(indent=200))),
    "a font of signs": (DOUBT, lambda: _set("92%", font=Font(name="a", charset=2))),
    "black that is white": (DOUBT, _in_palette),
    "white by the style of a table": (DOUBT, _in_a_table),
    "black by a scale of colours": (DOUBT, _scaled),
    "shown as ###": (DOUBT, lambda: _of_width(0.9261, "0.00%", 1)),
    "cut by what stands beside it": (DOUBT, lambda: _of_width("92.61%", "General", 1)),
    "narrow and wide enough": ("92%", lambda: _of_width(0.92, "0%", 5)),
    "a nought that is not shown": (DOUBT, lambda: _shown('showZeros="0"', 0)),
    "formulas shown": (DOUBT, lambda: _shown('showFormulas="1"', 0.92)),
    "by chance": (DOUBT, lambda: _anew("RAND()")),
    "worked out anew": (DOUBT, lambda: _anew("1/2", is_all=True)),
    "worked out before": ("0.92", lambda: _anew("46/50")),
    "a box over a blank": (DOUBT, lambda: _with_control("Rect")),
    "a box to tick over a blank": (DOUBT, lambda: _with_control("Checkbox")),
    "a note that stays open": (DOUBT, lambda: _with_control("Note", "<x:Visible/>")),
    "a note that opens": ("", lambda: _with_control("Note")),
    "a power": ("10²", _raised),
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_is_read_as_it_is_seen(name: str) -> None:
    seen, make = BOOKS[name]
    check(make(), seen)
