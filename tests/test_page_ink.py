"""What a person sees of a page and no text says: its ink, held against the text that was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import fuzz_seeds
import pytest
from measure_reading import NAMED
from producers import PRODUCERS
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from test_unseen import BLACK, WHITE, both, drawn, shape, text
from typesetting import lay_out

from auditkit.doubts import SEEN_OTHERWISE
from auditkit.findings import Outcome
from auditkit.grid import Box, Cell, Document
from auditkit.readers import pdf
from auditkit.readers.filling import INK_WITHOUT_TEXT
from auditkit.readers.unseen import CUT_OFF, HIDDEN, OTHER_DIGIT, WITHOUT_INK
from auditkit.reviewing import review

SCORE, BLANK = (417.41, 358.52), (458.18, 412.52)  # upper left corners of two cells of the form
HIGH = 2525.67  # of the page


def cell_of(data: bytes, corner: tuple[float, float] = SCORE) -> Cell:
    """Return the cell of the seeds' form that has such a corner; the score is 5."""
    cells = (
        cell for grid in pdf.read(data, Document("0" * 64, "form.pdf")).grids for cell in grid.cells
    )
    return next(
        cell
        for cell in cells
        if isinstance(cell.place, Box)
        and abs(cell.place.left - corner[0]) < 2
        and abs(cell.place.top - corner[1]) < 2
    )


def with_content(
    content: bytes, more: Callable[[PdfWriter, Any], None] | None = None, of: bytes = b""
) -> bytes:
    """Return the form of the seeds with more drawn on its page, from the lower left corner."""
    writer, made = PdfWriter(clone_from=BytesIO(of or fuzz_seeds.pdf())), BytesIO()
    page = writer.pages[0]
    resources = page[NameObject("/Resources")].get_object()
    fonts = resources.setdefault(NameObject("/Font"), DictionaryObject()).get_object()
    fonts[NameObject("/Plain")] = name_of(Type="Font", Subtype="Type1", BaseFont="Helvetica")
    if more:
        more(writer, page)
    whole = StreamObject()
    whole.set_data(b"q " + page.get_contents().get_data() + b" Q\n" + content)
    page[NameObject("/Contents")] = writer._add_object(whole)
    writer.write(made)
    return made.getvalue()


def name_of(**names: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{k}"): NameObject(f"/{v}") for k, v in names.items()})


def written(said: str, corner: tuple[float, float] = BLANK, size: float = 7) -> bytes:
    at = corner[0] + 30, HIGH - corner[1] - 12
    return b"BT /Plain %.1f Tf %.2f %.2f Td (%s) Tj ET\n" % (size, *at, said.encode())


def test_ink_that_is_no_text_keeps_a_cell_from_being_sure() -> None:
    def line(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.setLineWidth(0.6)
        sheet.line(left + 8, bottom + tall / 2, left + 12, bottom + tall / 2)

    def struck(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.setLineWidth(0.5)
        sheet.line(left + 17, bottom + tall / 2 - 1, left + 24, bottom + tall / 2 + 1)

    def outlines(sheet: Any, left: float, bottom: float, tall: float) -> None:
        path = sheet.beginPath()
        path.moveTo(left + 26, bottom + 5)
        path.lineTo(left + 26, bottom + 11)
        path.lineTo(left + 29, bottom + 11)
        sheet.drawPath(path, stroke=1, fill=0)

    def aslant(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.saveState()
        sheet.translate(left + 8, bottom + 5)
        sheet.rotate(10)
        sheet.setFont("Helvetica", 7)
        sheet.drawString(0, 0, "9")
        sheet.restoreState()

    def one(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.rect(left + 13, bottom + 6, 0.6, 5, stroke=0, fill=1)

    for draw in (line, struck, outlines, aslant, one):
        assert INK_WITHOUT_TEXT in drawn(draw).doubts
    assert INK_WITHOUT_TEXT.kind in SEEN_OTHERWISE


def test_a_cover_as_thin_as_a_rule_is_a_cover_too() -> None:
    def bars(sheet: Any, left: float, bottom: float, tall: float) -> None:
        sheet.setFillColorRGB(*WHITE)
        for step in range(4):
            sheet.rect(left + 15, bottom + 4 + 2 * step, 12, 1.5, stroke=0, fill=1)

    assert WITHOUT_INK in drawn(bars).doubts


@pytest.mark.parametrize("ground", [(0.9, 0.9, 0.9), (1, 1, 0.6), (0.6, 0.8, 1)])
def test_a_shaded_ground_is_no_ink(ground: Any) -> None:
    entry = drawn(both(shape(ground, 24, 12), text(BLACK)))
    assert entry.text == "5 7"
    assert not {INK_WITHOUT_TEXT, WITHOUT_INK} & set(entry.doubts)


def test_a_cell_filled_for_the_eye_alone_is_no_blank() -> None:
    left, low = BLANK[0] + 30, HIGH - BLANK[1] - 12
    picture = b"q 8 0 0 6 %.2f %.2f cm BI /W 2 /H 2 /BPC 8 /CS /G ID \x00\xff\xff\x00 EI Q" % (
        left,
        low,
    )
    lines = b"%.2f %.2f m %.2f %.2f l S" % (left, low, left + 4, low + 6)
    for content in (
        picture,
        lines,
        b"0.98 0.17 -0.17 0.98 %.2f %.2f cm " % (left, low) + b"BT /Plain 7 Tf (29%) Tj ET",
    ):
        cell = cell_of(with_content(content), BLANK)
        assert (cell.text, cell.doubts) == ("", (INK_WITHOUT_TEXT,))
    assert cell_of(with_content(b""), BLANK).doubts == ()


def test_what_is_blank_for_a_program_alone_fails_no_rule(tmp_path: Path) -> None:
    form = fuzz_seeds.form()
    first = replace(form.indicators[0], actual="")
    sheet = lay_out(replace(form, indicators=(first, *form.indicators[1:])), NAMED["A"])
    PRODUCERS["reportlab"]([(sheet, tmp_path / "form.pdf")])
    blank = (tmp_path / "form.pdf").read_bytes()
    drawn = with_content(b"2 w 340 %.2f m 344 %.2f l S" % (HIGH - 370, HIGH - 366), of=blank)

    def fails(data: bytes) -> list[str]:
        found = review(data, name="form.pdf")[0].findings
        return [one.rule for one in found if one.outcome is Outcome.FAIL]

    assert {"CP-01", "SC-11"} <= set(fails(blank))
    assert not {"CP-01", "SC-11"} & set(fails(drawn))


def hidden_layer(writer: PdfWriter, page: Any) -> None:
    group = writer._add_object(
        DictionaryObject(
            {NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("off")}
        )
    )
    off = DictionaryObject({NameObject("/OFF"): ArrayObject([group])})
    layers = {NameObject("/OCGs"): ArrayObject([group]), NameObject("/D"): off}
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(layers)
    page["/Resources"].get_object()[NameObject("/Properties")] = DictionaryObject(
        {NameObject("/Off"): group}
    )


def masked(writer: PdfWriter, page: Any) -> None:
    group = StreamObject()
    group.update(name_of(Type="XObject", Subtype="Form"))
    group[NameObject("/BBox")] = ArrayObject([FloatObject(n) for n in (0, 0, 1, 1)])
    group[NameObject("/Group")] = name_of(S="Transparency", CS="DeviceGray")
    group.set_data(b"")
    mask = name_of(S="Luminosity")
    mask[NameObject("/G")] = writer._add_object(group)
    state = DictionaryObject({NameObject("/SMask"): mask})
    page["/Resources"].get_object()[NameObject("/ExtGState")] = DictionaryObject(
        {NameObject("/Mask"): state}
    )


def in_a_small_box(writer: PdfWriter, page: Any) -> None:
    form = StreamObject()
    form.update(name_of(Type="XObject", Subtype="Form"))
    form[NameObject("/BBox")] = ArrayObject([FloatObject(n) for n in (0, 0, 1, 1)])
    form[NameObject("/Resources")] = page["/Resources"]
    form.set_data(written("7"))
    objects = page["/Resources"].get_object().setdefault(NameObject("/XObject"), DictionaryObject())
    objects.get_object()[NameObject("/Small")] = writer._add_object(form)


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b"/OC /Off BDC " + written("7") + b"EMC", hidden_layer),
        (b"/Mask gs " + written("7"), masked),
        (b"/Small Do", in_a_small_box),
        (written("7", size=0.4), None),
        (b"1 Tr 1 G 0.5 w " + written("7"), None),
    ],
    ids=["layer off", "masked", "outside its box", "tiny", "white strokes"],
)
def test_text_that_the_page_does_not_show_is_doubted(content: bytes, more: Any) -> None:
    cell = cell_of(with_content(content, more), BLANK)
    assert cell.text == "7"
    assert {WITHOUT_INK, HIDDEN, CUT_OFF} & set(cell.doubts)


def note(subtype: str, drawing: bytes, **entries: Any) -> Callable[[PdfWriter, Any], None]:
    """Lay a note or field over the blank cell; without a drawing each viewer makes its own."""

    def add(writer: PdfWriter, page: Any) -> None:
        sides = (BLANK[0] + 28, HIGH - BLANK[1] - 15, BLANK[0] + 60, HIGH - BLANK[1] - 4)
        one = name_of(Type="Annot", Subtype=subtype)
        one[NameObject("/Rect")] = ArrayObject([FloatObject(side) for side in sides])
        one[NameObject("/F")] = FloatObject(4)
        one.update({NameObject(f"/{key}"): value for key, value in entries.items()})
        if drawing:
            form = StreamObject()
            form.update(name_of(Type="XObject", Subtype="Form"))
            form[NameObject("/BBox")] = ArrayObject([FloatObject(n) for n in (0, 0, 32, 11)])
            form[NameObject("/Resources")] = page["/Resources"]
            form.set_data(drawing)
            one[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(form)})
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(one)])

    return add


SAID = TextStringObject("29%")


@pytest.mark.parametrize(
    ("subtype", "entries"),
    [("FreeText", {"Contents": SAID}), ("Widget", {"FT": NameObject("/Tx"), "V": SAID})],
)
def test_form_fields_and_notes_are_read_as_what_they_show(subtype: str, entries: Any) -> None:
    shown = b"BT /Plain 7 Tf 2 3 Td (29%) Tj ET"
    cell = cell_of(with_content(b"", note(subtype, shown, **entries)), BLANK)
    assert (cell.text, cell.doubts) == ("29%", ())
    cell = cell_of(with_content(b"", note(subtype, b"", **entries)), BLANK)
    assert (cell.text, cell.doubts) == ("", (INK_WITHOUT_TEXT,))


def test_an_opaque_note_over_a_figure_is_doubted() -> None:
    over = note("FreeText", b"1 g 0 0 32 11 re f", Contents=SAID)
    assert WITHOUT_INK in cell_of(with_content(written("92"), over), BLANK).doubts


def test_a_link_is_no_note() -> None:
    link = note("Link", b"", Contents=SAID)
    cell = cell_of(with_content(written("92"), link), BLANK)
    assert (cell.text, cell.doubts) == ("92", ())


@pytest.mark.parametrize(("said", "is_sure"), [("9", False), ("-", False), ("甲", True)])
def test_what_a_file_says_in_place_of_a_figure_it_draws_is_doubted(
    said: str, is_sure: bool
) -> None:
    words = ("\ufeff" + said).encode("utf-16-be").hex().encode()
    content = b"/Span <</ActualText <%b>>> BDC " % words + written("2") + b"EMC"
    cell = cell_of(with_content(content), BLANK)
    assert cell.text == said
    assert (cell.doubts == ()) is is_sure


SWAPPED = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Odd def
/CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange
%d beginbfchar %b endbfchar endcmap end end"""


@pytest.mark.parametrize(
    ("codes", "is_sure"),
    [({"2": "9", "9": "2"}, False), ({"6": "8", "8": "6"}, False), ({"2": "2", "9": "9"}, True)],
)
def test_a_font_that_says_another_digit_than_it_draws_is_doubted(
    codes: dict[str, str], is_sure: bool
) -> None:
    said = b" ".join(b"<%02x> <%04x>" % (ord(code), ord(to)) for code, to in codes.items())

    def lying(writer: PdfWriter, page: Any) -> None:
        table = StreamObject()
        table.set_data(SWAPPED % (len(codes), said))
        font = page["/Resources"].get_object()["/Font"].get_object()["/Plain"]
        font[NameObject("/Encoding")] = NameObject("/WinAnsiEncoding")
        font[NameObject("/ToUnicode")] = writer._add_object(table)

    (first, _), *_ = codes.items()
    cell = cell_of(with_content(written(first), lying), BLANK)
    assert cell.text == codes[first]
    assert cell.doubts == (() if is_sure else (OTHER_DIGIT,))


def test_text_that_recognition_laid_over_a_scan_passes_no_rule() -> None:
    writer, made = PdfWriter(clone_from=BytesIO(fuzz_seeds.pdf())), BytesIO()
    page = writer.pages[0]
    invisible = StreamObject()
    invisible.set_data(page.get_contents().get_data().replace(b"BT", b"BT 3 Tr"))
    page[NameObject("/Contents")] = writer._add_object(invisible)
    writer.write(made)
    outcomes = {f.outcome for one in review(made.getvalue(), name="f.pdf") for f in one.findings}
    assert Outcome.REVIEW in outcomes
    assert not {Outcome.FAIL, Outcome.PASS} & {
        f.outcome for f in review(made.getvalue(), name="f.pdf")[0].findings if f.rule == "SC-01"
    }


def test_what_may_take_minutes_to_draw_is_not_drawn_and_its_cell_doubted() -> None:
    def shading(writer: PdfWriter, page: Any) -> None:
        function = DictionaryObject(
            {
                NameObject("/FunctionType"): NumberObject(2),
                NameObject("/Domain"): ArrayObject([NumberObject(0), NumberObject(1)]),
                NameObject("/N"): NumberObject(1),
            }
        )
        shade = name_of(ColorSpace="DeviceGray")
        shade[NameObject("/ShadingType")] = NumberObject(2)
        sides = (BLANK[0], 0, BLANK[0] + 90, 0)
        shade[NameObject("/Coords")] = ArrayObject([FloatObject(side) for side in sides])
        shade[NameObject("/Function")] = function
        known = DictionaryObject({NameObject("/Slow"): shade})
        page["/Resources"].get_object()[NameObject("/Shading")] = known

    box = b"%.2f %.2f 20 8 re W n /Slow sh" % (BLANK[0] + 30, HIGH - BLANK[1] - 14)
    assert INK_WITHOUT_TEXT in cell_of(with_content(b"q " + box + b" Q", shading), BLANK).doubts
    assert cell_of(with_content(b"", shading), BLANK).doubts == ()
