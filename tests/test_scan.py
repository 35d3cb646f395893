"""Pages that are pictures: what is read of them, what is doubted, and what is said instead."""

from __future__ import annotations

import importlib.util
import io
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bad_files import scan as grey_page
from conftest import SAMPLES
from PIL import Image
from producers import scanned

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import ReadError
from auditkit.findings import Outcome
from auditkit.forms.misreads import RECOGNISED, doubt_misreads
from auditkit.grid import Box, plain
from auditkit.notebook.pages import page_picture
from auditkit.numbers import Status
from auditkit.readers import recognition, scan, tables_of
from auditkit.readers.ink import PALE, on_paper, shades_of
from auditkit.readers.lattice import Ruled, find_lattices
from auditkit.readers.page import Stroke
from auditkit.report import Entry, Report
from auditkit.reviewing import Terms, read, review
from auditkit.reviewing import read_bytes as read_report
from auditkit.wording import Term
from reports import report as form
from reports import worded

needs_ocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="the extra `ocr` is not installed"
)
FORM = SAMPLES / "service-trade-2020" / "service-trade-2020.pdf"


def saved(picture: Image.Image, kind: str = "PDF", dots: int = 200) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, resolution=dots, quality=70)
    return file.getvalue()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deny the network, and load the recogniser anew."""

    def denied(*_: object, **__: object) -> None:
        raise OSError("no network here")

    recognition.engine.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", denied)
    monkeypatch.setattr(socket, "getaddrinfo", denied)


def by_path(report: Report) -> dict[str, Entry]:
    return {entry.path: entry for entry in report.entries()}


def assert_read_alike(report: Report, printed: Report, share: float = 0.97) -> None:
    """Hold a scan against its file: hardly a text differs, and no sure number at all."""
    seen, known = by_path(report), by_path(printed)
    differing = {
        path: (entry.text, seen[path].text if path in seen else None)
        for path, entry in known.items()
        if path not in seen or plain(seen[path].text) != plain(entry.text)
    }
    assert len(differing) <= (1 - share) * len(known), differing
    for path in differing.keys() & seen.keys():
        assert not seen[path].is_sure or known[path].reading.status is Status.WORDS, path
    figures = [e for e in seen.values() if e.reading.status is Status.NUMBER]
    assert sum(entry.is_sure for entry in figures) >= 0.8 * len(figures)


@needs_ocr
def test_a_scan_is_read_as_the_file_that_it_was_printed_from(offline: None) -> None:
    (report,) = read_report(saved(scanned(FORM)), "scan.pdf")
    assert report.reader == RECOGNISED
    (printed,) = read(FORM)
    assert_read_alike(report, printed)
    box, known = (by_path(r)["budget/total/outturn"].cells[0].place for r in (report, printed))
    assert isinstance(box, Box)
    assert isinstance(known, Box)
    assert abs(box.left - known.left) < 6
    assert abs(box.top - known.top) < 6


@needs_ocr
@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [{"quarter": 1}, {"quarter": 2}, {"quarter": 3, "angle": -3.0}, {"dots": 150, "light": 0.5}],
    ids=str,
)
def test_a_scan_turned_askew_or_dim_is_read_as_well(how: dict[str, Any]) -> None:
    picture = scanned(FORM, **how)
    (report,) = read_report(saved(picture, dots=how.get("dots", 200)), "scan.pdf")
    (printed,) = read(FORM)
    assert_read_alike(report, printed)


@needs_ocr
@pytest.mark.slow
def test_a_red_seal_hides_nothing_and_draws_no_rules() -> None:
    picture = np.array(scanned(FORM).convert("RGB"))
    for y in range(800, 1200, 90):  # strokes of its characters, as long as a rule may be
        picture[y : y + 6, 900:1030] = np.minimum(picture[y : y + 6, 900:1030], (225, 60, 60))
    (report,) = read_report(saved(Image.fromarray(picture.astype("uint8"))), "sealed.pdf")
    (printed,) = read(FORM)
    assert len(report.indicators) == len(printed.indicators)
    assert_read_alike(report, printed)


@needs_ocr
@pytest.mark.slow
def test_a_mark_in_an_empty_cell_is_doubted_and_not_passed_over() -> None:
    path = SAMPLES / "boiler-2019" / "boiler-2019.pdf"
    (printed,) = read(path)
    blank = by_path(printed)["budget/appropriation/score"]
    assert not blank.text
    place = blank.cells[0].place
    assert isinstance(place, Box)
    picture, pixels = np.array(scanned(path, angle=0)), 200 / 72
    x, y = ((a + b) / 2 * pixels for a, b in ((place.left, place.right), (place.top, place.bottom)))
    picture[int(y) - 6 : int(y) + 6, int(x) - 9 : int(x) + 9] = 40
    (report,) = read_report(saved(Image.fromarray(picture), "PNG"), "scan.png")
    assert by_path(report)[blank.path].doubts


@needs_ocr
@pytest.mark.slow
def test_a_figure_under_dark_highlighter_is_not_taken_for_blank() -> None:
    path = SAMPLES / "boiler-2019" / "boiler-2019.pdf"
    score = by_path(read(path)[0])["budget/total/score"]
    place = score.cells[0].place
    assert isinstance(place, Box)
    picture, pixels = np.array(scanned(path, angle=0).convert("RGB")), 200 / 72
    sides = (place.left, place.top, place.right, place.bottom)
    left, top, right, bottom = (round(side * pixels) for side in sides)
    own = picture[top + 4 : bottom - 4, left - 8 : right + 8]
    own[:] = own * (np.array([120, 255, 140]) / 255)
    (report,) = read_report(saved(Image.fromarray(picture), "PNG"), "scan.png")
    assert by_path(report)[score.path].doubts


PAGE = (1200, 850, 3)  # rows, columns and colours of a page of 100 dots an inch
FILLED = (slice(300, 340), slice(200, 600))


@pytest.mark.parametrize(
    "ink", [(140, 255, 120), (60, 255, 255), (80, 180, 255), (160, 160, 160), (230, 194, 155)]
)
def test_what_fills_a_part_of_a_page_is_no_print_and_print_on_it_stays(ink: Any) -> None:
    page = np.full(PAGE, 255, np.uint8)
    page[FILLED] = ink
    cv2.putText(page, "5892.78", (330, 330), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    bare = np.full(PAGE, 255, np.uint8)
    cv2.putText(bare, "5892.78", (330, 330), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    shown, own = (shades_of(each)[0][:, :, 0] < PALE for each in (page, bare))
    assert own.any()
    assert (shown ^ own).sum() < 0.05 * own.sum()


def test_what_is_blacked_out_stays_black() -> None:
    page = np.full(PAGE, 250, np.uint8)
    page[FILLED] = 30
    print_ = shades_of(page)[0][:, :, 0]
    assert (print_[FILLED] < PALE).all()
    assert (print_ < PALE).sum() == print_[FILLED].size


@needs_ocr
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_picture_without_a_table_is_said_to_hold_none(kind: str) -> None:
    picture = Image.new("L", (300, 400), 230)
    with pytest.raises(ReadError, match=r"page 1: a picture .* no ruled table"):
        tables_of(saved(picture, kind), f"photo.{kind.lower()}")


def test_a_picture_is_shown_like_a_page(tmp_path: Path) -> None:
    file = tmp_path / "scan.png"
    file.write_bytes(saved(Image.new("L", (300, 400), 230), "PNG"))
    assert page_picture(file, 1).data.startswith(b"\x89PNG")


def test_a_damaged_picture_is_said_to_be_damaged() -> None:
    whole = saved(Image.effect_noise((300, 400), 50), "PNG")
    with pytest.raises(ReadError, match="the picture cannot be opened"):
        tables_of(whole[: len(whole) // 2], "cut-off.png")


def test_without_the_extra_a_scan_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    recognition.engine.cache_clear()
    with pytest.raises(ReadError, match=r"page 1: .*make ocr .*PATH_TO_WHEEL\[ocr\]"):
        tables_of(grey_page(), "scan.pdf")


def line_of(*shapes: tuple[int, int, int, int]) -> tuple[Any, Any]:
    """Draw bars of ink in a line of print 40 pixels high; one character stands above each."""
    picture = np.full((60, 30 * len(shapes) + 10), 255, np.uint8)
    for left, top, right, bottom in shapes:
        picture[top:bottom, left:right] = 0
    return picture, (5, 10, 30 * len(shapes) + 5, 50)


def test_a_comparator_is_not_taken_for_a_two() -> None:
    upper, lower, zero = (8, 10, 28, 38), (8, 44, 28, 48), (38, 10, 58, 48)
    picture, box = line_of(upper, lower, zero)
    read_as = recognition.Read(box, "20", (18.0, 48.0), (1.0, 1.0))
    assert not recognition._has_shapes_of(picture, read_as)
    picture, box = line_of((8, 10, 28, 48), zero)
    assert recognition._has_shapes_of(picture, read_as)


def test_a_number_with_a_mark_too_many_is_not_sure() -> None:
    picture, box = line_of((8, 10, 28, 48), (31, 44, 34, 48), (38, 10, 58, 48))
    read_as = recognition.Read(box, "20", (18.0, 48.0), (1.0, 1.0))
    assert not recognition._has_shapes_of(picture, read_as)


SUMS = """
name          | adjusted_budget | outturn
total         | 130             | 100
appropriation | 100             | 80
other         | 50              | 20
"""


def test_a_scan_that_contradicts_itself_is_doubted_with_the_digit_named() -> None:
    printed = form({"budget": SUMS})
    assert doubt_misreads(printed) == printed
    doubted = by_path(doubt_misreads(replace(printed, reader=RECOGNISED)))
    assert doubted["budget/total/adjusted_budget"].doubts
    part = doubted["budget/other/adjusted_budget"]
    assert part.text == "50"
    assert any("may be misread for 30" in why for why in worded(part.doubts))
    assert not doubted["budget/appropriation/adjusted_budget"].doubts
    assert not doubted["budget/total/outturn"].doubts


def test_a_misread_cell_is_doubted_in_all_that_the_form_states_there() -> None:
    printed = form({"budget": SUMS})
    total = by_path(printed)["budget/total/adjusted_budget"]
    elsewhere = replace(total, path="extra/预算")
    report = replace(printed, reader=RECOGNISED, extra=(("预算", elsewhere),))
    doubted = by_path(doubt_misreads(report))
    assert doubted["extra/预算"].doubts == doubted["budget/total/adjusted_budget"].doubts


ROWS = """
dimension | name | target | actual | points | score
{0}       | {1}  | 10     | 10     | 10     | 10
{0}       | {2}  | 10     | 10     | 10     | 10
{0}       | {3}  | 10     | 10     | 10     | 10
"""


def test_rows_that_all_have_one_name_are_doubted_on_a_scan() -> None:
    report = form({"indicators": ROWS.format("产出指标", *["绩效指标"] * 3)})
    doubted = doubt_misreads(replace(report, reader=RECOGNISED)).indicators
    assert all(row.name and row.name.doubts for row in doubted)
    report = form({"indicators": ROWS.format("产出指标", "户数", "培训人数", "合格率")})
    sure = doubt_misreads(replace(report, reader=RECOGNISED)).indicators
    assert not any(row.name and row.name.doubts for row in sure)


def test_a_scan_whose_dimensions_are_gone_says_so() -> None:
    report = form({"indicators": ROWS.format("", "户数", "培训人数", "合格率")})
    (note,) = doubt_misreads(replace(report, reader=RECOGNISED)).notes
    assert note == Note.of(NoteKind.LACKS, what=Term("dimension_column"))


def test_a_tick_behind_a_figure_is_no_part_of_it_and_leaves_a_doubt() -> None:
    middles = (9.0, 18.0, 27.0, 36.0, 36.0, 50.0)
    read_as = recognition.Read((0, 0, 60, 20), "8.62 √", middles, (1.0,) * 6)
    figure = recognition._unticked(read_as)
    assert (figure.text, len(figure.middles), len(figure.sure)) == ("8.62", 4, 4)
    assert worded([figure.doubt]) == ["recognition is not sure of 8.62 √"]
    chosen = replace(read_as, text="是√")
    assert recognition._unticked(chosen) == chosen


COLUMNS, TOP_OF_PAGE = (50.0, 120.0, 200.0, 320.0, 400.0, 500.0), (60.0, 80.0, 100.0)


def ruled(by: float) -> Ruled:
    """Draw a table of the columns, so many times as large, on a page of its own."""
    xs = [by * (x - 50) for x in COLUMNS]
    across = [Stroke(xs[0], by * y, xs[-1], by * y) for y in TOP_OF_PAGE]
    down = [Stroke(x, by * TOP_OF_PAGE[0], x, by * TOP_OF_PAGE[-1]) for x in xs]
    return find_lattices(across, down)


@pytest.mark.parametrize("by", [0.7, 1.0, 1.6])
def test_a_page_photographed_from_elsewhere_goes_on_in_the_columns_of_the_one_before(
    by: float,
) -> None:
    found = ruled(by)
    (table,) = found.scaled(scan._as_large_as(COLUMNS, found)).lattices
    assert table.xs == pytest.approx([x - 50 for x in COLUMNS])
    assert table.ys == pytest.approx(TOP_OF_PAGE)


def test_a_table_of_other_columns_is_not_made_as_large_as_the_one_before() -> None:
    other = tuple(x if x != 320.0 else 300.0 for x in COLUMNS)
    assert scan._as_large_as(other, ruled(0.7)) == 1.0
    assert scan._as_large_as((), ruled(0.7)) == 1.0


def dashes(high: int) -> tuple[Any, Any]:
    """Draw a bar of a height in the middle of a line of print 40 pixels high."""
    return line_of((2, 30 - high // 2, 38, 30 - high // 2 + high), (33, 30, 34, 31))


def test_a_thick_dash_may_be_a_sign_whose_lines_run_together() -> None:
    for high, doubts in ((4, []), (7, ["recognised as — and, when looked at again, as ="])):
        picture, box = dashes(high)
        read_as = recognition.Read(box, "—", (20.0,), (1.0,))
        mark = recognition._agreed(picture, read_as, read_as)
        assert (mark.text, worded(filter(None, [mark.doubt]))) == ("—", doubts)


def test_an_equals_sign_before_a_figure_is_no_dash_where_its_lines_run_together() -> None:
    one = (52, 10, 54, 48)
    for thick, doubt in ((4, None), (9, recognition.SHAPE)):
        picture, box = line_of((2, 27, 38, 27 + thick), one)
        read_as = recognition.Read(box, "—1", (20.0, 53.0), (1.0,) * 2)
        assert recognition._agreed(picture, read_as, read_as).doubt == doubt


@pytest.mark.parametrize("blur", [0.0, 2.5])
@pytest.mark.parametrize(("lean", "mark"), [(11, "/"), (0, "1")])
def test_a_stroke_that_leans_is_a_slash_however_blurred_and_never_a_one(
    blur: float, lean: int, mark: str
) -> None:
    picture = np.full((60, 60), 255, np.uint8)
    cv2.line(picture, (30 + lean // 2, 12), (30 - lean // 2, 48), 0, 2, cv2.LINE_AA)
    picture = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    columns = np.flatnonzero((picture < PALE).any(axis=0))
    box = (int(columns[0]), 12, int(columns[-1]) + 1, 49)
    read_as = recognition.Read(box, "1", (30.0,), (1.0,))
    assert recognition._agreed(picture, read_as, read_as).text == mark


def test_a_slash_that_recognition_reads_as_one_is_sure() -> None:
    picture = np.full((60, 60), 255, np.uint8)
    cv2.line(picture, (36, 12), (25, 48), 0, 2, cv2.LINE_AA)
    read_as = recognition.Read((24, 12, 38, 49), "/", (30.0,), (1.0,))
    assert recognition._agreed(picture, read_as, read_as) == read_as


def test_a_bar_alone_is_a_dash_whatever_recognition_guesses() -> None:
    picture, box = dashes(4)
    guess = recognition.Read(box, "醫", (20.0,), (0.4,))
    mark = recognition._agreed(picture, guess, guess)
    assert mark.text == "—"
    assert mark.doubt is not None
    sure = replace(guess, sure=(0.99,))
    assert recognition._agreed(picture, sure, sure) == replace(mark, sure=sure.sure)


def test_ink_beside_the_characters_that_were_read_leaves_a_doubt() -> None:
    full = ((2, 10, 28, 48), (32, 10, 58, 48), (62, 10, 88, 48))
    picture, box = line_of(*full)
    whole = recognition.Read(box, "级指标", (20.0, 50.0, 80.0), (1.0,) * 3)
    assert recognition._agreed(picture, whole, None) == whole
    picture, box = line_of((2, 27, 28, 31), *full[1:])
    lost = recognition.Read(box, "指标", (50.0, 80.0), (1.0,) * 2)
    assert recognition._agreed(picture, lost, None).doubt == recognition.SHAPE
    picture, box = line_of((2, 10, 14, 20), (32, 10, 58, 48))
    alone = recognition.Read(box, "月", (35.0,), (1.0,))
    assert recognition._agreed(picture, alone, None).doubt == recognition.SHAPE


@pytest.mark.parametrize(
    ("text", "is_inner", "is_read"),
    [
        ("i", False, False),
        ("-", False, False),
        ("3", False, True),
        ("2024", False, True),
        ("i", True, True),
    ],
)
def test_a_stroke_alone_beside_a_table_is_the_edge_of_the_paper(
    text: str, is_inner: bool, is_read: bool
) -> None:
    box = (0, 0, 9, 20)
    nothing = frozenset[Any]()
    seen = scan._Layout(None, ruled(1.0), [box], *[nothing] * 4, 1)
    read = scan._as_marked(seen, recognition.Read(box, text, (4.0,), (1.0,)), is_inner)
    assert (read.doubt is None) is is_read


def test_a_desk_beside_the_paper_is_no_print_and_print_beside_a_table_is() -> None:
    tabled = np.zeros((400, 600), bool)
    tabled[100:300, 150:450] = True
    print_ = np.zeros(tabled.shape, np.uint8)
    cv2.putText(print_, "2024", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    assert (on_paper(print_, tabled, 1.0) == print_).all()
    desk = print_.copy()
    desk[::3, 480::2] = 255
    assert (on_paper(desk, tabled, 1.0) == print_).all()


def test_a_character_of_none_of_the_simplified_ones_is_doubted() -> None:
    def sure(text: str) -> bool:
        read_as = recognition.Read((0, 0, 60, 20), text, (10.0,) * len(text), (1.0,) * len(text))
        picture = np.full((20, 60), 255, np.uint8)
        boxes, again = [read_as.box], [read_as]
        (read,) = recognition.read_lines(picture, boxes, lambda _, some, **__: again[: len(some)])
        return read.doubt is None

    assert sure("户数人口")
    assert not sure("户數人口")


def test_what_is_not_legible_beside_a_table_is_the_desk() -> None:
    box = (0, 0, 40, 20)
    nothing = frozenset[Any]()
    seen = scan._Layout(None, ruled(1.0), [box], *[nothing] * 4, 1)
    two_ways = Doubt.of(DoubtKind.RECOGNISED_TWO_WAYS, first="65", second="C")
    noise = recognition.Read(box, "65", (10.0, 20.0), (0.5, 0.28), two_ways)
    assert scan._as_marked(seen, noise, is_inner=False).doubt == recognition.UNREAD
    assert scan._as_marked(seen, noise, is_inner=True) == noise
    words = replace(noise, text="单位")
    assert scan._as_marked(seen, words, is_inner=False) == words


@needs_ocr
def test_who_waits_is_told_of_each_page_before_it_is_recognised() -> None:
    told: list[str] = []
    grey = Image.new("L", (300, 400), 230)
    file = io.BytesIO()
    grey.save(file, "PDF", save_all=True, append_images=[grey])
    with pytest.raises(ReadError):
        read_report(file.getvalue(), "two.pdf", tell=lambda at: told.append(at.line))
    assert told == ["two.pdf: recognising page 1 of 2", "two.pdf: recognising page 2 of 2"]


def test_an_outer_column_that_the_edge_of_a_finger_made_is_none_of_the_table() -> None:
    found = ruled(1.0)
    across = [*found.rules[:2], Stroke(-12, 80, 350, 80)]
    down = [rule for rule in found.rules if rule.x0 == rule.x1]
    finger = [Stroke(-12, 76, -12, 84), Stroke(-12, 76, 0, 76), Stroke(-12, 84, 0, 84)]
    made = find_lattices([*across, *finger[1:]], [*down, finger[0]])
    (table,) = (lattice.trimmed(made.rules) for lattice in made.lattices)
    assert table.xs == pytest.approx([x - 50 for x in COLUMNS])
    assert {area[1] for area in table.areas} == set(range(len(COLUMNS) - 1))
    (own,) = found.lattices
    assert own.trimmed(found.rules) == own


@needs_ocr
@pytest.mark.slow
def test_a_picture_that_ends_within_the_table_says_so_and_asks_for_what_rows_lack() -> None:
    whole = scanned(FORM, angle=0)
    (printed,) = read(FORM)
    last = printed.indicators[-1]
    assert last.name is not None
    place = last.name.cells[0].place
    assert isinstance(place, Box)
    cut = whole.crop((0, 0, whole.width, round((place.top + place.bottom) / 2 * 200 / 72)))
    (one,) = review(saved(cut, "PNG"), Terms(lang="en", log=Terms.NO_LOG), name="cut.png")
    assert NoteKind.CUT_BELOW in {note.kind for note in one.report.notes}
    assert not [f for f in one.findings if f.outcome is Outcome.FAIL and f.rule.startswith("WT-0")]
    (other,) = read_report(saved(whole, "PNG"), "whole.png")
    assert NoteKind.CUT_BELOW not in {note.kind for note in other.notes}
