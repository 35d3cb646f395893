"""Marks in a PDF lie on the cells of each finding, whatever way its pages are turned or cut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy
import producers
import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.annotations import Text
from pypdf.generic import NameObject, NumberObject, RectangleObject

from auditkit.errors import DamagedError, UnsupportedError
from auditkit.files import digest_of
from auditkit.findings import Finding, Outcome
from auditkit.forms import recognise
from auditkit.grid import Box, Document, plain
from auditkit.readers.pdf import read
from auditkit.recompute import recompute
from auditkit.reviewing import Review, Terms, evaluate, review
from auditkit.schedules import numbered_findings
from auditkit.workpapers.pdf import annotated

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
TOWN = SAMPLES / "town-2020" / "town-2020.pdf"
PDFS = sorted(SAMPLES.glob("*/*.pdf"))
ROOM = 40.0  # points that a marker may reach beyond its cell


def changed(change: Callable[[PdfWriter], object], path: Path = TOWN) -> bytes:
    writer, result = PdfWriter(clone_from=path), BytesIO()
    change(writer)
    writer.write(result)
    return result.getvalue()


def turned(angle: int) -> bytes:
    """Show each page turned, cut to a part that does not begin at its corner."""

    def turn(writer: PdfWriter) -> None:
        for page in writer.pages:
            page.cropbox = RectangleObject((18, 120, 590, 830))
            page.rotate(angle)

    return changed(turn)


def asked(reviews: tuple[Review, ...]) -> list[Finding]:
    return [f for each in reviews for f in each.findings_of(Outcome.FAIL, Outcome.REVIEW)]


def marks(data: bytes) -> list[Any]:
    pages = enumerate(PdfReader(BytesIO(data)).pages, start=1)
    annotations = ((n, a.get_object()) for n, page in pages for a in page.get("/Annots", ()))
    return [(number, a) for number, a in annotations if a.get("/T") == "auditkit"]


def box_of(quad: list[float], page: Any) -> Box:
    """Bring a quadrilateral to points from the top left of the page as shown, by other means."""
    wide, high = page.get_size()
    size, texts = (1000, int(1000 * high / wide)), []
    for x, y in zip(quad[::2], quad[1::2], strict=True):
        across, down = pypdfium2.raw.c_int(), pypdfium2.raw.c_int()
        pypdfium2.raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        texts.append((across.value * wide / 1000, down.value * wide / 1000))
    xs, ys = zip(*texts, strict=True)
    return Box(1, min(xs), min(ys), max(xs), max(ys))


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.stem)
def test_every_finding_has_a_highlight_and_a_note_on_each_of_its_cells(path: Path) -> None:
    reviews = review(path, Terms(lang="zh"))
    data = annotated(path.read_bytes(), reviews)
    assert data.startswith(path.read_bytes()), "the original is no longer in it"
    assert data == annotated(path.read_bytes(), reviews)
    placed = {
        (number, tuple(round(float(at)) for at in mark["/QuadPoints"])): mark
        for number, mark in marks(data)
    }
    seen = set()
    with closing(pypdfium2.PdfDocument(path)) as pdf:
        for number, each, finding, words in numbered_findings(reviews):
            for cell in finding.cells:
                assert isinstance(cell.place, Box)
                box, page = cell.place, pdf[cell.place.page - 1]
                left, high, right = box.left, page.get_height(), box.right
                quad = (left, high - box.top, right, high - box.top)
                quad += (left, high - box.bottom, right, high - box.bottom)
                near = [
                    mark
                    for (where, points), mark in placed.items()
                    if where == box.page
                    and all(abs(a - b) <= 1 for a, b in zip(points, quad, strict=True))
                ]
                assert len(near) == 1, cell
                assert near[0]["/Subtype"] == "/Highlight"
                note = near[0]["/Contents"]
                assert f"{number}: {finding.rule} {finding.title('zh')}\n" in note
                assert words["what was found"] in note
                seen.add(id(near[0]))
            assert each.document == finding.document
    assert len(seen) == len(placed), "something is marked that no finding stands on"


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_marks_lie_on_the_cells_of_pages_that_are_turned_and_cut(angle: int) -> None:
    source = turned(angle)
    reviews = review(source)
    data, expected = annotated(source, reviews), {c.place for f in asked(reviews) for c in f.cells}
    with closing(pypdfium2.PdfDocument(data)) as pdf, closing(pypdfium2.PdfDocument(source)) as old:
        page, text = pdf[0], pdf[0].get_textpage()
        found = {box_of([float(at) for at in mark["/QuadPoints"]], page) for _, mark in marks(data)}
        assert len(found) == len(expected) > 20
        assert_near(expected, found, 1.5)
        texts = {plain(cell.text) for finding in asked(reviews) for cell in finding.cells}
        for _, mark in marks(data):
            xs, ys = mark["/QuadPoints"][::2], mark["/QuadPoints"][1::2]
            inside = text.get_text_bounded(min(xs), min(ys), max(xs), max(ys))
            assert plain(inside) in texts
        before, after = (
            sheet.render(scale=1, grayscale=True, may_draw_forms=False).to_numpy().squeeze()
            for sheet in (old[0], page)
        )
    rows, columns = numpy.nonzero(before != after)
    assert len(rows) > 1000, "nothing is to be seen"
    for row, column in zip(rows, columns, strict=True):
        assert any(
            box.left - ROOM <= column <= box.right + ROOM and box.top - 2 <= row <= box.bottom + 2
            for box in expected
            if isinstance(box, Box)
        ), (row, column)


def assert_near(expected: Iterable[object], found: Collection[Box], points: float) -> None:
    """Hold that a mark lies within so many points of each box on which one is expected."""
    for box in expected:
        assert isinstance(box, Box)
        assert any(
            max(abs(a - b) for a, b in zip(_sides(box), _sides(other), strict=True)) < points
            for other in found
        ), box


def _sides(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.right, box.bottom


def test_what_was_annotated_before_stays() -> None:
    own = Text(rect=(50, 50, 70, 70), text="问过财务科")
    source = changed(lambda writer: writer.add_annotation(0, own))
    data = annotated(source, review(source))
    page = PdfReader(BytesIO(data)).pages[0]
    assert page["/Annots"][0].get_object()["/Contents"] == "问过财务科"
    assert len(page["/Annots"]) == 1 + len(marks(data)) > 1


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_file_that_is_locked_against_changes_is_annotated_too(algorithm: str) -> None:
    source = changed(lambda writer: writer.encrypt("", "owner", algorithm=algorithm))
    reviews = review(source)
    data = annotated(source, reviews)
    assert data == annotated(source, reviews)
    assert len(marks(data)) == len({cell for finding in asked(reviews) for cell in finding.cells})


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"mailed\n" + data, id="bytes before it"),
        pytest.param(lambda data: data.replace(b"startxref", b"startxxxx"), id="no table"),
        pytest.param(lambda data: data[:-12], id="cut at its end"),
        pytest.param(lambda data: data + bytes(4000), id="zeros after it"),
    ],
)
def test_a_damaged_file_is_annotated_as_far_as_it_can_be_read(
    damage: Callable[[bytes], bytes],
) -> None:
    source = damage(TOWN.read_bytes())
    reviews = review(source)
    data = annotated(source, reviews)
    assert data == annotated(source, reviews)
    assert len(marks(data)) == len({cell for finding in asked(reviews) for cell in finding.cells})


def scanned(source: bytes, reviews: tuple[Review, ...]) -> tuple[bytes, tuple[Review, ...]]:
    """Make pictures of the pages, and say that the reviews are of these."""
    with closing(pypdfium2.PdfDocument(source)) as pdf:
        pictures = [page.render(scale=2).to_pil() for page in pdf]
    result = BytesIO()
    pictures[0].save(result, "PDF", resolution=144, save_all=True, append_images=pictures[1:])
    document = Document(hashlib.sha256(result.getvalue()).hexdigest(), "scan.pdf")

    def moved(finding: Finding) -> Finding:
        evidence = tuple(
            replace(entry, cells=tuple(replace(cell, document=document) for cell in entry.cells))
            for entry in finding.observation.evidence
        )
        return replace(finding, observation=replace(finding.observation, evidence=evidence))

    return result.getvalue(), tuple(
        replace(r, document=document, findings=tuple(map(moved, r.findings))) for r in reviews
    )


def test_the_pictures_of_a_scan_are_marked_too() -> None:
    source, reviews = scanned(TOWN.read_bytes(), review(TOWN))
    data = annotated(source, reviews)
    assert data.startswith(source)
    assert len(marks(data)) == len({cell for finding in asked(reviews) for cell in finding.cells})


def test_cells_of_another_file_are_not_marked_in_this_one() -> None:
    source, reviews = scanned(TOWN.read_bytes(), review(TOWN))
    others = (replace(reviews[0], findings=review(TOWN)[0].findings),)
    assert not marks(annotated(source, others))


def test_a_form_without_findings_comes_back_without_marks() -> None:
    data = annotated(TOWN.read_bytes(), (replace(review(TOWN)[0], findings=()),))
    assert len(PdfReader(BytesIO(data)).pages) == 1
    assert not marks(data)


def test_what_is_no_pdf_or_another_one_is_not_annotated() -> None:
    workbook = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"
    with pytest.raises(UnsupportedError, match="only a PDF"):
        annotated(workbook.read_bytes(), review(workbook))
    with pytest.raises(DamagedError, match="changed after it was read"):
        annotated(TOWN.read_bytes() + b"\n", review(TOWN))


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_a_picture_has_its_annotated_copy_as_a_pdf_has(kind: str) -> None:
    whole, picture = producers.scanned(TOWN), BytesIO()
    whole.save(picture, kind, dpi=(200, 200))
    source = picture.getvalue()
    document = Document(digest_of(source), f"town.{kind}")
    # As recognition would read it, from the page that the picture is of.
    tables = read(TOWN.read_bytes(), document)
    reviews = tuple(evaluate(recompute(form)) for form in recognise(tables))
    data = annotated(source, reviews)
    assert data == annotated(source, reviews)
    expected = {c.place for f in asked(reviews) for c in f.cells}
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        found = {box_of([float(at) for at in m["/QuadPoints"]], pdf[0]) for _, m in marks(data)}
        assert len(pdf) == 1
    assert len(found) == len(expected) > 5
    assert_near(expected, found, 2)


def test_a_file_that_cannot_be_annotated_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("auditkit.workpapers.pdf.with_annotations", lambda *_: TOWN.read_bytes())
    with pytest.raises(DamagedError, match="do not come back"):
        annotated(TOWN.read_bytes(), review(TOWN))
    monkeypatch.setattr("auditkit.workpapers.pdf.LARGEST", 1000)
    with pytest.raises(DamagedError, match="larger than"):
        annotated(TOWN.read_bytes(), review(TOWN))


def test_notes_hold_the_words_of_a_form_as_text_and_nothing_else() -> None:
    reviews = review(TOWN)
    hostile = "=cmd|' /C calc'!A0 <script>) >> /JS (app.alert(1)) \u202e{}%"
    observation = replace(asked(reviews)[0].observation, says=hostile, arithmetic="")
    finding = replace(asked(reviews)[0], observation=observation)
    data = annotated(TOWN.read_bytes(), (replace(reviews[0], findings=(finding,)),))
    found = marks(data)
    assert all(hostile.replace("\u202e", "[U+202E]") in mark["/Contents"] for _, mark in found)
    added = data[TOWN.stat().st_size :]
    assert not any(name in added for name in (b"/JS", b"/JavaScript", b"/URI", b"/Launch", b"/AA"))


def test_marks_are_as_large_on_a_page_of_larger_units() -> None:
    def measured(writer: PdfWriter) -> None:
        for page in writer.pages:
            page.add_transformation(Transformation().scale(0.25))
            page.mediabox = RectangleObject([float(side) / 4 for side in page.mediabox])
            page[NameObject("/UserUnit")] = NumberObject(4)

    def markers(data: bytes) -> set[str]:
        drawn = [mark["/AP"]["/N"].get_data().decode() for _, mark in marks(data)]
        return {drawing.split("/Bold ")[1].split(" Tf")[0] for drawing in drawn}

    plain_size = TOWN.read_bytes()
    larger = changed(measured)
    sizes = []
    for data in (plain_size, larger):
        made = annotated(data, review(data, name="form.pdf"))
        found = marks(made)
        assert found
        unit = float(PdfReader(BytesIO(made)).pages[0].user_unit)
        (_, first), *_ = found
        left, _, right, _ = (float(side) * unit for side in first["/Rect"])
        box = [float(side) for side in first["/AP"]["/N"]["/BBox"]]
        assert abs((right - left) - (box[2] - box[0])) < 0.1
        sizes.append(markers(made))
    assert sizes[0] == sizes[1]
