"""Seals over figures, and print of the back that shines through: what is not taken for print."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from auditkit.doubts import DoubtKind
from auditkit.grid import Document
from auditkit.readers import scan
from auditkit.readers.filling import fill
from auditkit.readers.ink import PALE, palest, print_of, shades_of
from auditkit.readers.lattice import Lattice
from auditkit.readers.page import Page, PdfMatrix
from auditkit.readers.seals import below, lifted, seals_in

UNIT = 2.0  # pixels a point
TALL = 20  # pixels of a line of print
ALL = np.ones((1684, 1190), bool)  # of a page, that is a table


def printed(shade: int = 30, *, is_ruled: bool = False) -> Any:
    """Draw a page full of characters."""
    paper = np.full((1684, 1190), 255, np.uint8)
    for y in range(160, 1560, 40):
        if is_ruled:
            cv2.line(paper, (100, y + 12), (1090, y + 12), shade, 2)
        for x in range(110, 1050, 70):
            cv2.putText(paper, "850", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, shade, 2)
    return paper


@pytest.mark.parametrize("shade", [20, 90])
def test_a_seal_is_found_where_it_lies_on_print(shade: int) -> None:
    picture = printed(is_ruled=True)
    cv2.circle(picture, (700, 600), 113, shade, 5)
    (seal,) = seals_in(picture, UNIT)
    assert abs(seal.x - 350) < 3
    assert abs(seal.y - 300) < 3
    assert abs(seal.radius - 56.5) < 3


def test_print_and_rules_make_no_seal() -> None:
    assert not seals_in(printed(is_ruled=True), UNIT)


def test_each_cell_that_a_seal_touches_is_doubted_even_if_it_is_blank() -> None:
    picture = printed(is_ruled=True)
    cv2.circle(picture, (700, 600), 113, 90, 5)
    areas = ((0, 0, 0, 0), (0, 1, 0, 1), (1, 0, 1, 0), (1, 1, 1, 1))
    table = Lattice((50.0, 320.0, 545.0), (80.0, 400.0, 780.0), areas, ((),) * 4)
    (table,) = below(seals_in(picture, UNIT), [table])
    page = Page(1, 595.0, 842.0, PdfMatrix(), ())
    cells, _ = fill(table, (), page, Document("0" * 64, "scan.pdf"))
    doubted = [DoubtKind.SEALED in [doubt.kind for doubt in cell.doubts] for cell in cells]
    assert doubted == [True, True, False, False]


def stamped(shade: int) -> Any:
    """Draw a page with a seal of a shade, ring and star, on its print."""
    seal = np.full((1684, 1190), 255, np.uint8)
    cv2.circle(seal, (700, 600), 113, shade, 7)
    cv2.circle(seal, (700, 600), 40, shade, -1)
    return np.minimum(printed(is_ruled=True), cv2.GaussianBlur(seal, (0, 0), 0.8))


def test_a_seal_paler_than_print_is_taken_off_and_the_print_stays() -> None:
    picture = stamped(110)
    bare, others = lifted(picture, seals_in(picture, UNIT), UNIT)
    assert not others
    ink = printed(is_ruled=True) < 100
    assert (bare[ink] < 100).mean() > 0.99
    blank = printed(is_ruled=True) >= PALE
    assert (bare[blank] < PALE).sum() < 0.2 * (picture[blank] < PALE).sum()


def test_a_seal_as_dark_as_print_is_left_and_named() -> None:
    picture = stamped(40)
    bare, (seal,) = lifted(picture, seals_in(picture, UNIT), UNIT)
    assert (bare == picture).all()
    assert abs(seal.radius - 56.5) < 3


def test_print_below_a_seal_that_is_hardly_seen_stays_as_it_is() -> None:
    picture = stamped(190)
    bare, others = lifted(picture, seals_in(picture, UNIT), UNIT)
    assert (bare == picture).all()
    assert not others


def ink_of(picture: Any) -> Any:
    return (picture < PALE).astype(np.uint8) * 255


def test_what_shines_through_is_no_print() -> None:
    back = cv2.GaussianBlur(printed(190)[:, ::-1], (0, 0), 1.0)
    picture = np.minimum(printed(), np.roll(back, 20, axis=0))
    found = print_of(picture, ink_of(picture), ALL, TALL, UNIT)
    strange = (found > 0) & (ink_of(printed()) == 0)
    assert strange.sum() < 0.1 * (ink_of(back) > 0).sum()
    assert not ((found == 0) & (printed() < 100)).any()


def test_a_pencil_is_no_print_where_the_back_shines_through_but_a_mark_to_be_wary_of() -> None:
    back = cv2.GaussianBlur(printed(190)[:, ::-1], (0, 0), 1.0)
    picture = np.minimum(printed(), np.roll(back, 20, axis=0))
    cv2.putText(picture, "7", (1100, 820), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 150, 2)
    ink = ink_of(picture)
    strict = print_of(picture, ink, ALL, TALL, UNIT)
    wary = print_of(picture, ink, ALL, TALL, UNIT, is_wary=True)
    assert not strict[790:830, 1095:].any()
    assert wary[790:830, 1095:].any()
    assert (wary > strict).sum() < 400


def test_the_grain_of_a_desk_is_no_print_however_much_of_it_there_is() -> None:
    desk = np.full((1684, 1190), 255, np.uint8)
    for y in range(4, 1684, 9):
        cv2.line(desk, (0, y), (300, y), 170, 3)
    picture = np.where(np.arange(1190) < 320, desk, printed())
    found = print_of(picture, ink_of(picture), np.arange(1190)[None] > 320 * ALL, TALL, UNIT)
    assert not found[:, :310].any()
    assert (found[:, 330:] == ink_of(picture)[:, 330:]).all()


@pytest.mark.parametrize("shade", [30, 120, 170])
def test_print_that_is_as_pale_as_all_of_its_page_stays(shade: int) -> None:
    picture = cv2.GaussianBlur(printed(shade), (0, 0), 1.0)
    ink = ink_of(picture)
    assert print_of(picture, ink, ALL, TALL, UNIT) is ink


def test_a_line_as_pale_as_what_shines_through_is_faint_and_thin_print_is_not() -> None:
    picture = printed()
    cv2.line(picture, (1100, 790), (1100, 830), 185, 3)
    cv2.line(picture, (1150, 790), (1150, 830), 60, 2)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
    ink = ink_of(soft)
    limit = palest(soft, ink, ALL)
    assert limit is not None
    assert scan._is_faint(soft, ink, (1090, 785, 1110, 835), limit)
    assert not scan._is_faint(soft, ink, (1140, 785, 1160, 835), limit)
    assert palest(soft, np.zeros_like(ink), ALL) is None


def test_print_that_is_hardly_seen_is_made_as_dark_as_other_print() -> None:
    thin = cv2.line(printed(175), (1100, 790), (1130, 790), 214, 2)
    for picture in (thin, np.minimum(printed(60), thin)):
        shades = shades_of(np.dstack([picture] * 3))[0][:, :, 0]
        assert (shades[785:795, 1102:1128] < PALE).any() == (picture is thin)
