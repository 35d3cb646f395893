"""What is read is what a person sees: text is sure only where all that is declared is harmless."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import fuzz_seeds
import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule, Rule
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from PIL import Image as Picture

from auditkit.doubts import SEEN_OTHERWISE, DoubtKind, NoteKind
from auditkit.findings import Outcome
from auditkit.grid import SheetCell
from auditkit.report import Entry, Report
from auditkit.reviewing import read_bytes, review


def form(data: bytes) -> Report:
    return read_bytes(data, "form")[0]


def score(data: bytes) -> Entry:
    """Return the first score of the form of the seeds, which is 5."""
    entry = form(data).indicators[0].score
    assert entry is not None
    return entry


def is_doubted(entry: Entry) -> bool:
    return any(doubt.kind in SEEN_OTHERWISE for doubt in entry.doubts)


# --- Web pages.


def scored(cell: str, head: str = "", row: str = "") -> bytes:
    """Return a small form as a page, with this in the cell of its one score."""
    rows = (
        "<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>年度指标值</td>"
        "<td>实际完成值</td><td>分值</td><td>得分</td><td>偏差原因分析及改进措施</td></tr>"
        f"<tr{row}><td>产出指标</td><td>数量指标</td><td>培训场次</td><td>≥40场</td><td>42场</td>"
        f"<td>5</td>{cell}<td></td></tr>"
        "<tr><td>产出指标</td><td>质量指标</td><td>培训合格率</td><td>≥95%</td><td>97%</td>"
        "<td>5</td><td>5</td><td></td></tr>"
        "<tr><td colspan=5>总分</td><td>10</td><td>10</td><td></td></tr>"
    )
    title = "<h1>项目支出绩效自评表</h1><p>(2023年度)</p>"
    return f"<html><head>{head}</head><body>{title}<table>{rows}</table></body></html>".encode()


def styled(style: str) -> bytes:
    return scored(f'<td>5<span style="{style}">7</span></td>')


@pytest.mark.parametrize(
    "style",
    [
        "opacity:0.01",
        "clip-path:inset(100%)",
        "display:inline-block;max-height:0;overflow:hidden",
        "color:rgb(255 255 255)",
        "color:#0000",
        "color:hsl(0 0% 99%)",
        "color:#fff;background:url(dark.png)",
        "color:#fff;background:#000 url(a.png) 0 0 / 0 0 no-repeat",
        "font:0/0 a",
        "font:1pt serif",
        "--x:none;display:var(--x)",
        "d\\69splay:n\\6fne",
        "display:inline-flex",
        "order:2",
        "direction:rtl;unicode-bidi:bidi-override",
        "float:left",
        "position:absolute",
        "position:relative;left:3em",
        "margin-left:-9em",
        "letter-spacing:-2em",
        "text-indent:-99em",
        "transform:scaleX(-1)",
        "filter:opacity(0)",
        "mix-blend-mode:screen",
        "font-family:Wingdings",
        "-webkit-text-fill-color:transparent",
        "a-property-of-next-year:1",
    ],
)
def test_a_style_that_is_not_known_to_be_harmless_is_doubted(style: str) -> None:
    assert is_doubted(score(styled(style)))


@pytest.mark.parametrize(
    "style",
    [
        "color:#333;font-size:10.5pt;font-family:宋体;font-weight:bold",
        "color:#ffffff;background:#003366",
        "color:red;background-color:rgb(255, 255, 0)",
        "border:0.5pt solid windowtext;padding:0 5.4pt;vertical-align:middle",
        "mso-number-format:'\\@';mso-ignore:padding;white-space:nowrap",
        "text-align:center;line-height:150%;margin:0 0 6pt 0;text-indent:2em",
        "text-decoration:underline;font-style:italic;letter-spacing:0.05em",
        "background:transparent;overflow:visible;width:33%;height:14pt",
    ],
)
def test_a_style_that_is_known_to_be_harmless_leaves_text_sure(style: str) -> None:
    assert score(styled(style)).doubts == ()


@pytest.mark.parametrize(
    ("rule", "is_sure"),
    [
        (".x{display:none}", False),
        ("td .x{display:none}", False),
        ("td > span{visibility:hidden}", False),
        ("@media screen{.x{color:#fff}}", False),
        ("@media print{.x{color:#fff}}", True),
        (".x::before{content:'9'}", False),
        (".y{display:none}", True),
        (".x{display:none}.x{display:inline}", True),
        ("td:defined{display:none}", False),
        ("input::-moz-placeholder{display:none}", True),
        (".x{display:none!important}.x{display:inline}", False),
        ("@font-face{font-family:own;src:url(a.woff)}.x{font-family:own}", False),
    ],
)
def test_what_a_sheet_of_the_page_declares_counts(rule: str, is_sure: bool) -> None:
    data = scored("<td>5<span class=x>7</span></td>", f"<style>{rule}</style>")
    assert is_doubted(score(data)) is not is_sure


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<td><s>20</s>19</td>", "19"),
        ("<td><del>20</del> 19</td>", "19"),
        ('<td><span style="text-decoration:line-through">20</span>19</td>', "19"),
        ("<td><b><strike>20</strike></b>19</td>", "19"),
        ("<td><s>20</s></td>", "20"),
        ("<td><canvas>5</canvas></td>", ""),
        ("<td><img src=a.png></td>", ""),
    ],
)
def test_what_is_struck_or_drawn_is_known_for_what_it_is(cell: str, text: str) -> None:
    entry = score(scored(cell))
    assert entry.text == text
    assert is_doubted(entry)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<td><select><option>3<option selected>5</select></td>", "5"),
        ("<td><select><option>3<option>5</select></td>", "3"),
        ("<td><textarea>5</textarea></td>", "5"),
        ("<td><input value=5></td>", "5"),
        ("<td style='display:none'>3</td><td>5</td>", "5"),
    ],
)
def test_what_is_chosen_or_filled_in_is_read_as_it_is_seen(cell: str, text: str) -> None:
    entry = score(scored(cell))
    assert (entry.text, entry.doubts) == (text, ())


def test_a_cell_that_takes_no_place_is_told() -> None:
    report = form(scored("<td style='display:none'>3</td><td>5</td>"))
    notes = {note.kind: dict(note.facts) for note in report.notes}
    assert notes[NoteKind.CELLS_HIDDEN] == {"texts": ("3",)}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("<script>document.title = 1</script>", DoubtKind.SCRIPTED),
        ("<style>p{position:absolute;top:9em}</style>", DoubtKind.OVERLAID),
    ],
)
def test_what_may_change_any_cell_is_a_doubt_on_all(head: str, kind: DoubtKind) -> None:
    report = form(scored("<td>5</td>", head))
    assert all(kind in {doubt.kind for doubt in entry.doubts} for entry in report.entries())


def test_a_script_that_only_holds_data_changes_nothing() -> None:
    head = '<script type="application/ld+json">{"a": 1}</script>'
    assert score(scored("<td>5</td>", head)).doubts == ()


def test_sheets_that_are_not_in_the_file_are_told() -> None:
    report = form(scored("<td>5</td>", "<link rel=stylesheet href=a.css>"))
    assert NoteKind.SHEETS_NAMED in {note.kind for note in report.notes}
    assert score(scored("<td>5</td>", "<link rel=stylesheet href=a.css>")).doubts == ()


def test_no_rule_passes_or_fails_on_what_may_look_otherwise() -> None:
    [whole] = review(styled("opacity:0.2"), name="form.html")
    [sure] = review(scored("<td>57</td>"), name="form.html")
    of_score = {"indicator/产出指标/数量指标/培训场次"}
    answers = [
        {f.rule: f.outcome for f in one.findings if f.observation.subject in of_score}
        for one in (whole, sure)
    ]
    assert answers[1]["SC-01"] is Outcome.FAIL
    assert answers[0]["SC-01"] is Outcome.REVIEW


def test_a_blank_cell_with_a_picture_is_not_said_to_be_blank() -> None:
    [whole] = review(scored("<td><img src=a.png></td>"), name="form.html")
    blanks = [f for f in whole.findings if f.rule == "CP-01"]
    assert Outcome.FAIL not in {f.outcome for f in blanks}
    assert Outcome.REVIEW in {f.outcome for f in blanks}


# --- Word files.

_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OLD = "<w:r><w:t>5</w:t></w:r>"


def word(run: str, **parts: Callable[[str], str]) -> bytes:
    """Return the Word file of the seeds with other runs where 5 stands, and parts changed."""
    source = zipfile.ZipFile(BytesIO(fuzz_seeds.docx()))
    whole = {name: source.read(name) for name in source.namelist()}
    body = whole["word/document.xml"].decode().replace(_OLD, run)
    whole["word/document.xml"] = parts.get("document", str)(body).encode()
    if "styles" in parts:
        whole["word/styles.xml"] = parts["styles"](f"<w:styles {_SPACE}></w:styles>").encode()
    return fuzz_seeds.zipped(whole)


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def style(properties: str, kind: str = "character") -> Callable[[str], str]:
    told = f'<w:style w:type="{kind}" w:styleId="X"><w:rPr>{properties}</w:rPr></w:style>'
    return lambda styles: styles.replace("</w:styles>", f"{told}</w:styles>")


@pytest.mark.parametrize(
    "properties",
    [
        '<w:color w:val="FAFAFA"/>',
        '<w:color w:themeColor="background1" w:val="000000"/>',
        '<w:color w:val="000000"/><w:shd w:val="clear" w:fill="000000"/>',
        '<w:w w:val="1"/>',
        '<w:spacing w:val="-200"/>',
        '<w:sz w:val="4"/>',
        '<w:rFonts w:ascii="Wingdings"/>',
        '<w:position w:val="-80"/>',
        "<w:rtl/>",
        "<w:specVanish/>",
    ],
)
def test_a_property_of_a_run_that_is_not_known_to_be_harmless_is_doubted(properties: str) -> None:
    assert is_doubted(score(word(run("5") + run("7", properties))))


@pytest.mark.parametrize(
    "properties",
    [
        '<w:rFonts w:ascii="宋体" w:eastAsia="宋体"/><w:b/><w:sz w:val="21"/><w:kern w:val="0"/>',
        '<w:color w:val="auto"/><w:lang w:eastAsia="zh-CN"/><w:u w:val="single"/>',
        '<w:color w:themeColor="text1" w:val="000000"/><w:spacing w:val="-6"/>',
        '<w:strike w:val="0"/><w:vanish w:val="false"/>',
    ],
)
def test_a_usual_run_is_sure(properties: str) -> None:
    assert score(word(run("5", properties))).doubts == ()


@pytest.mark.parametrize("properties", ["<w:vanish/>", '<w:color w:val="FFFFFF"/>'])
def test_what_a_style_hides_is_doubted(properties: str) -> None:
    hidden = run("7", '<w:rStyle w:val="X"/>')
    assert is_doubted(score(word(run("5") + hidden, styles=style(properties))))


@pytest.mark.parametrize(
    "struck",
    [
        run("20", "<w:strike/>"),
        run("20", "<w:dstrike/>"),
        '<w:del w:author="甲" w:date="2024-01-05T00:00:00Z"><w:r><w:delText>20</w:delText></w:r>'
        "</w:del>",
    ],
)
def test_what_was_struck_or_deleted_is_no_part_of_the_figure(struck: str) -> None:
    entry = score(word(struck + run("4")))
    assert entry.text == "4"
    assert is_doubted(entry)


def test_who_tracked_changes_is_told() -> None:
    change = '<w:ins w:author="甲" w:date="2024-01-05T00:00:00Z"><w:r><w:t>5</w:t></w:r></w:ins>'
    notes = {note.kind: dict(note.facts) for note in form(word(change)).notes}
    assert notes[NoteKind.TRACKED] == {"changes": ("甲 2024-01-05",)}


def test_a_row_that_was_deleted_while_changes_were_tracked_is_left_out() -> None:
    whole = form(fuzz_seeds.docx())

    def without(body: str) -> str:
        before, _, behind = body.partition("物联网设备维护数")
        start = before.rindex("<w:tr>") + len("<w:tr>")
        deleted = '<w:trPr><w:del w:author="甲" w:date="2024-01-05T00:00:00Z"/></w:trPr>'
        return f"{before[:start]}{deleted}{before[start:]}物联网设备维护数{behind}"

    assert len(form(word(_OLD, document=without)).indicators) == len(whole.indicators) - 1


def test_the_choice_of_a_field_is_read() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
        '<w:listEntry w:val="3"/><w:listEntry w:val="5"/></w:ddList></w:ffData></w:fldChar></w:r>'
        '<w:r><w:instrText>FORMDROPDOWN</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/>'
        "</w:r>"
    )
    assert score(word(field)).text == "5"


# --- Workbooks.


def workbook(change: Callable[[Any, Any], object]) -> bytes:
    """Return the workbook of the seeds with its sheet, and the cell of the score, changed."""
    data = fuzz_seeds.seeds()["xlsx"][0]
    place = score(data).cells[0].place
    assert isinstance(place, SheetCell)
    book, whole = load_workbook(BytesIO(data)), BytesIO()
    change(book[place.sheet], book[place.sheet][place.reference])
    book.save(whole)
    return whole.getvalue()


def _rich(**font: Any) -> Callable[[Any, Any], object]:
    def change(_: Any, cell: Any) -> None:
        cell.value = CellRichText(TextBlock(InlineFont(**font), "20"), "4")

    return change


def _set(name: str, value: Any) -> Callable[[Any, Any], object]:
    return lambda _, cell: setattr(cell, name, value)


def _picture(sheet: Any, cell: Any) -> None:
    drawn = BytesIO()
    Picture.new("RGB", (40, 20)).save(drawn, "PNG")
    sheet.add_image(Image(drawn), cell.coordinate)


def _shown_as(style: DifferentialStyle) -> Callable[[Any, Any], object]:
    rule = Rule(type="expression", dxf=style, formula=["TRUE"])
    return lambda sheet, cell: sheet.conditional_formatting.add(cell.coordinate, rule)


def _high(sheet: Any, cell: Any) -> None:
    sheet.row_dimensions[cell.row].height = 0.5


@pytest.mark.parametrize(
    "change",
    [
        _set("font", Font(strike=True)),
        _set("font", Font(color="FFF8F8F8")),
        _set("font", Font(size=1)),
        _set("font", Font(name="Wingdings")),
        _set("number_format", "[White]0"),
        _set("number_format", '"6"'),
        _set("alignment", Alignment(horizontal="fill")),
        _rich(color="FFFFFFFF"),
        _rich(sz=1),
        _picture,
        _high,
        _shown_as(DifferentialStyle(font=Font(color="FFFFFFFF"))),
        _shown_as(DifferentialStyle(numFmt=NumberFormat(numFmtId=200, formatCode='"—"'))),
    ],
)
def test_a_cell_that_may_look_otherwise_is_doubted(change: Any) -> None:
    entry = score(workbook(change))
    shows_what_is_stored = all(cell.stored == "" for cell in entry.cells)
    assert is_doubted(entry) or not shows_what_is_stored


def test_a_part_of_a_cell_that_is_struck_is_no_part_of_the_figure() -> None:
    entry = score(workbook(_rich(strike=True)))
    assert entry.text == "4"
    assert is_doubted(entry)


@pytest.mark.parametrize(
    "change",
    [
        _set("font", Font(name="宋体", size=9, bold=True, color="FF333333")),
        _set("border", Border(left=Side("thin"))),
        _set("alignment", Alignment(horizontal="center", wrap_text=True, shrink_to_fit=True)),
        _set("number_format", "0_);[Red](0)"),
        lambda sheet, cell: sheet.conditional_formatting.add(
            cell.coordinate, CellIsRule(operator="lessThan", formula=["1"], font=Font(bold=True))
        ),
    ],
)
def test_a_usual_cell_is_sure(change: Any) -> None:
    assert score(workbook(change)).doubts == ()


def test_a_format_that_shows_a_constant_for_a_text_is_told_from_what_is_stored() -> None:
    def change(_: Any, cell: Any) -> None:
        cell.value, cell.number_format = "3", '0;-0;0;"5"'

    entry = score(workbook(change))
    assert (entry.text, entry.cells[0].stored) == ("5", "3")
