"""What an OpenDocument workbook shows of its cells, and what of it a person sees otherwise."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import fuzz_seeds
import pytest

from auditkit.doubts import SEEN_OTHERWISE
from auditkit.report import Entry
from auditkit.reviewing import read_bytes

NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        *((name, name) for name in ("office", "table", "text", "style")),
        ("fo", "xsl-fo-compatible"),
        ("draw", "drawing"),
    )
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
PLAIN = "<text:p>5</text:p>"
AT = (10, 7)  # row and column of the first score of the seeds


def workbook(
    said: str = PLAIN,
    *,
    styles: str = "",
    cell: str = "",
    row: str = "",
    columns: str = "",
    end: str = "",
) -> bytes:
    """Return the form of the seeds, with this where its first score stands and at its row."""
    sheet = fuzz_seeds.sheet()
    title = f"<table:table-cell><text:p>{sheet.title}</text:p></table:table-cell>"
    rows = [f"<table:table-row>{title}</table:table-row>"]
    for number in range(sheet.height):
        cells = dict.fromkeys(range(len(sheet.widths)), "<table:covered-table-cell/>")
        for place in sheet.row(number):
            is_here = (place.row, place.column) == AT
            text = "".join(f"<text:p>{line}</text:p>" for line in place.text.split("\n"))
            cells[place.column] = (
                f'<table:table-cell table:number-columns-spanned="{place.columns}" '
                f'table:number-rows-spanned="{place.rows}" {cell if is_here else ""}>'
                f"{said if is_here else text}</table:table-cell>"
            )
        own = row if number == AT[0] else ""
        rows.append(f"<table:table-row {own}>{''.join(cells.values())}</table:table-row>")
    table = f'<table:table table:name="S">{columns}{"".join(rows)}{end}</table:table>'
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMES} {CALC}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:spreadsheet>{table}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return made.getvalue()


def style(name: str, properties: str, family: str = "table-cell", more: str = "") -> str:
    own = f"style:{'text' if family in ('text', 'table-cell') else family}-properties"
    names = f'style:name="{name}" style:family="{family}" {more}'
    return f"<style:style {names}><{own} {properties}/></style:style>"


def score(data: bytes) -> Entry:
    entry = read_bytes(data, "form.ods")[0].indicators[0].score
    assert entry is not None
    return entry


def is_doubted(entry: Entry) -> bool:
    return any(doubt.kind in SEEN_OTHERWISE for doubt in entry.doubts)


def test_the_cell_is_sure_as_it_is() -> None:
    entry = score(workbook())
    assert (entry.text, entry.doubts) == ("5", ())


@pytest.mark.parametrize(
    "properties",
    [
        'fo:font-weight="bold" fo:font-size="9pt" fo:color="#333333"',
        'style:text-line-through-style="none" style:text-scale="100%" fo:letter-spacing="normal"',
    ],
)
def test_a_usual_style_leaves_a_cell_sure(properties: str) -> None:
    usual = workbook(styles=style("a", properties), cell='table:style-name="a"')
    assert score(usual).doubts == ()


@pytest.mark.parametrize(
    "properties",
    [
        'fo:color="#fdfdfd"',
        'fo:font-size="1pt"',
        'style:text-line-through-style="solid"',
        'style:text-scale="1%"',
        'text:display="none"',
        'fo:letter-spacing="-9pt"',
        'fo:font-family="Wingdings"',
    ],
)
def test_a_style_that_may_show_something_else_is_doubted(properties: str) -> None:
    own, base = style("a", properties), style("b", "", more='style:parent-style-name="a"')
    for name, styles in (("a", own), ("b", own + base)):
        assert is_doubted(score(workbook(styles=styles, cell=f'table:style-name="{name}"')))


def test_white_on_a_dark_ground_is_seen() -> None:
    dark = style("a", 'fo:color="#ffffff"').replace(
        "</style:style>",
        '<style:table-cell-properties fo:background-color="#000080"/></style:style>',
    )
    assert score(workbook(styles=dark, cell='table:style-name="a"')).doubts == ()


def test_what_is_struck_beside_other_text_is_no_part_of_it() -> None:
    struck = style("s", 'style:text-line-through-style="solid"', "text")
    entry = score(
        workbook('<text:p><text:span text:style-name="s">20</text:span>4</text:p>', styles=struck)
    )
    assert entry.text == "4"
    assert is_doubted(entry)


def test_blanks_between_digits_are_kept() -> None:
    assert score(workbook("<text:p>1<text:s/>5</text:p>")).text == "1 5"


@pytest.mark.parametrize(
    "changed",
    [
        {"row": 'table:visibility="collapse"'},
        {
            "row": 'table:style-name="low"',
            "styles": style("low", 'style:row-height="0.01in"', "table-row"),
        },
        {
            "columns": '<table:table-column table:number-columns-repeated="7"/>'
            '<table:table-column table:style-name="narrow"/>',
            "styles": style("narrow", 'style:column-width="0.01in"', "table-column"),
        },
        {"said": f"{PLAIN}<draw:frame/>"},
        {"end": "<table:shapes><draw:frame/></table:shapes>"},
        {
            "styles": style("pale", 'fo:color="#ffffff"')
            + style("a", "").replace(
                "</style:style>",
                '<style:map style:condition="cell-content()=5" style:apply-style-name="pale"/>'
                "</style:style>",
            ),
            "cell": 'table:style-name="a"',
        },
        {
            "styles": style("pale", 'fo:color="#ffffff"'),
            "end": "<calcext:conditional-formats><calcext:conditional-format "
            'calcext:target-range-address="S.A1:S.H90"><calcext:condition '
            'calcext:apply-style-name="pale"/></calcext:conditional-format>'
            "</calcext:conditional-formats>",
        },
    ],
    ids=["hidden", "low", "narrow", "drawn over", "shapes", "map", "condition"],
)
def test_what_hides_or_changes_a_cell_is_doubted(changed: dict[str, str]) -> None:
    assert is_doubted(score(workbook(**changed)))


def test_a_text_that_is_stored_otherwise_keeps_what_is_stored() -> None:
    entry = score(workbook(cell='office:value-type="float" office:value="3"'))
    assert (entry.text, entry.cells[0].stored) == ("5", "3")
