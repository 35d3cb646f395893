"""Paper as it comes: what is put on pages and how, and how a reading of them is judged.

``python tests/measure_scans.py`` reads such pages at length.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from io import BytesIO

import misreadings
import numpy as np
import pypdfium2
import pytest
from degrading import KINDS, PICTURES, SCANS, Degraded, Printed, degraded
from inked import Spot
from misreadings import Reading, judged
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.report import Report, with_entries
from auditkit.wording import Term
from reports import report as form

SIZE = 204.0, 264.0  # points, as large as a seal needs
SHARE = 0.2  # of the usual dots
QUICK = [kind for kind in KINDS if kind not in ("scan of 300 dots", "twenty pages")]


@cache
def printed() -> Printed:
    """Print figures in ruled cells on two small pages."""
    file = BytesIO()
    canvas, spots = Canvas(file, SIZE, invariant=1), []
    for page in (1, 2):
        for number in range(6):
            left, top = 50.0 + 50 * (number % 2), 60.0 + 40 * (number // 2)
            canvas.rect(left, SIZE[1] - top - 30, 45, 30)
            canvas.drawString(left + 12, SIZE[1] - top - 20, f"{page}{number}.5")
            name = "total/score" if number == 5 else f"figure {number}"
            spots.append(Spot(f"{page}/{name}", page, left, top, left + 45, top + 30))
        canvas.showPage()
    canvas.save()
    return Printed(file.getvalue(), tuple(spots), SHARE)


@cache
def made(kind: str, seed: int) -> Degraded:
    """Degrade the figures once for all tests."""
    return degraded(kind, printed(), seed)


def pictures(paper: Degraded) -> list[Image.Image]:
    """Return the pages of a file as they look."""
    if paper.suffix == "pdf":
        return [page.render(scale=1).to_pil() for page in pypdfium2.PdfDocument(paper.data)]
    image = Image.open(BytesIO(paper.data))
    return [_frame(image, number) for number in range(getattr(image, "n_frames", 1))]


def _frame(image: Image.Image, number: int) -> Image.Image:
    image.seek(number)
    return image.convert("RGB").resize(tuple(map(int, SIZE)))


@pytest.mark.parametrize("kind", QUICK)
def test_the_same_seed_degrades_alike(kind: str) -> None:
    assert degraded(kind, printed(), 1) == made(kind, 1)


def test_another_seed_degrades_otherwise() -> None:
    assert all(made(kind, 2).data != made(kind, 1).data for kind in ("fax", "telephone"))


@pytest.mark.parametrize("kind", QUICK)
def test_paper_shows_all_pages_and_other_than_they_were_printed(kind: str) -> None:
    paper = made(kind, 1)
    shown = pictures(paper)
    assert len(shown) == paper.pages == (1 if kind == "two pages at once" else 2)
    clean = [np.asarray(printed().leaf(page, 72).picture) for page in (1, 2)]
    assert any(
        one.size != (204, 264) or not np.array_equal(np.asarray(one.convert("RGB")), page)
        for one, page in zip(shown, clean, strict=False)
    )


PUT_ON = ("seal", "strokes", "figures", "ticks", "highlighter", "blacked")


@pytest.mark.parametrize("kind", QUICK)
def test_only_a_stroke_changes_what_the_paper_says(kind: str) -> None:
    paper, names = made(kind, 1), {spot.name for spot in printed().spots}
    assert bool(paper.struck) is (kind in ("struck figures", "blacked out"))
    assert paper.struck <= paper.touched <= names
    assert bool(paper.touched) is (kind in SCANS and any(word in kind for word in PUT_ON))


@pytest.mark.parametrize("kind", ["red seal on total", "grey seal on total", "black seal on total"])
def test_a_seal_on_the_total_touches_the_total(kind: str) -> None:
    assert {"1/total/score", "2/total/score"} & made(kind, 1).touched


def test_a_picture_shows_what_lies_around_the_paper() -> None:
    for kind in PICTURES:
        edge = np.asarray(pictures(made(kind, 1))[0].convert("L"))[[0, -1]]
        assert edge.mean() < 225, kind


def test_a_hidden_text_says_what_is_printed_or_other_figures() -> None:
    for kind, is_right in (("right layer", True), ("lying layer", False)):
        pages = pypdfium2.PdfDocument(made(kind, 1).data)
        said = sorted(w for page in pages for w in page.get_textpage().get_text_bounded().split())
        figures = sorted(f"{page}{number}.5" for page in (1, 2) for number in range(6))
        assert (said == figures) is is_right
        assert len(said) == len(figures)


def test_text_is_left_on_every_other_page_of_a_file_of_text_and_scans() -> None:
    pages = pypdfium2.PdfDocument(made("text and scans", 1).data)
    assert [page.get_textpage().count_chars() > 0 for page in pages] == [True, False]


BUDGET = """
name  | adjusted_budget | outturn | execution_rate
total | 200             | 150     | 75%
"""
ROWS = """
dimension | category | name     | target | actual | points | score
产出指标  | 数量指标 | 培训人次 | 100人  | 90人   | 40     | 36
产出指标  | 质量指标 | 合格率   | 95%    | 96%    | 50     | 50
"""


def reading(budget: str = BUDGET, rows: str = ROWS) -> Report:
    return form({"budget": budget, "indicators": rows, "total": ["100", "96"]})


def counts(read: Report, *struck: str) -> Counter[str]:
    """Return how the fields of a reading are judged, those that are right left out."""
    found = judged(Reading((reading(),)), Reading((read,)), struck)
    return Counter(one.kind for one in found if one.kind != misreadings.EXACT)


def test_a_reading_is_exact_where_nothing_differs() -> None:
    assert not counts(reading())


def test_a_figure_that_is_read_otherwise_is_wrong_unless_it_is_doubted() -> None:
    assert counts(reading(rows=ROWS.replace("96%", "98%"))) == {misreadings.NUMBER: 1}
    assert counts(reading(rows=ROWS.replace("96%", "98%??"))) == {misreadings.DOUBTED: 1}
    assert counts(reading(rows=ROWS.replace("合格率", "台格率"))) == {misreadings.TEXT: 1}


def test_a_figure_in_a_cell_that_is_blank_is_wrong() -> None:
    blank, filled = (BUDGET.replace("150     | 75%", f"150     |{rate}") for rate in ("", " 1"))
    found = judged(Reading((reading(blank),)), Reading((reading(filled),)))
    assert [one.path for one in found if one.kind == misreadings.NUMBER] == ["1/b0.execution_rate"]


def test_what_is_neither_read_nor_named_is_lost() -> None:
    short = reading(rows=ROWS.rsplit("\n", 2)[0] + "\n")
    lost = counts(short)
    assert lost[misreadings.LOST] == 7
    cells = tuple(cell for entry in reading().entries() for cell in entry.cells)
    assert not counts(replace(short, unplaced=cells))[misreadings.LOST]
    note = Note.of(NoteKind.NOT_UNDERSTOOD, texts=("服务对象满意度",))
    assert counts(replace(short, notes=(note,)))[misreadings.LOST] == 7


def test_rows_are_held_against_those_they_are_most_alike() -> None:
    header, first, second = ROWS.strip().splitlines()
    third = first.replace("培训人次", "培训期数")
    more = "\n".join((header, first, third, second))
    found = judged(Reading((reading(rows=more),)), Reading((reading(),)))
    assert {one.path[:4] for one in found if one.kind == misreadings.LOST} == {"1/i1"}
    shifted = judged(Reading((reading(),)), Reading((reading(rows=more),)))
    amiss = [one for one in shifted if one.kind in (misreadings.NUMBER, misreadings.TEXT)]
    assert {one.path[:4] for one in amiss} == {"1/i1"}


def test_a_finding_that_fails_on_the_picture_alone_counts() -> None:
    found = counts(reading(BUDGET.replace("75%", "15%")))
    assert found[misreadings.FAIL]
    assert found[misreadings.NUMBER] == 1


def test_a_figure_that_was_struck_out_must_be_doubted() -> None:
    name = "1/budget/total/outturn"
    assert counts(reading(), name) == {misreadings.NUMBER: 1}
    unsure = Doubt(DoubtKind.RECOGNISED)
    doubted: Report = with_entries(reading(), lambda entry: replace(entry, doubts=(unsure,)))
    assert counts(doubted, name)[misreadings.DOUBTED] == 1


def test_of_a_file_that_was_refused_every_field_counts_as_refused() -> None:
    found = judged(Reading((reading(),)), Reading(error="ReadError: no table"))
    assert {one.kind for one in found} == {misreadings.REFUSED}


def test_a_column_that_a_note_names_as_not_understood_is_said_as_a_whole() -> None:
    lost = reading(
        rows=ROWS.replace("score", "分").replace("| 36", "|").replace("50     | 50", "50     |")
    )
    assert counts(lost)[misreadings.LOST] == 2
    named = {"column": "分", "table": Term("indicator_table")}
    for cells, left in ((2, 0), (1, 2)):
        note = Note.of(NoteKind.COLUMN_UNKNOWN, **named, cells=cells)
        assert counts(replace(lost, notes=(note,)))[misreadings.LOST] == left
