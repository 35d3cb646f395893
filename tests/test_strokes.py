"""Strokes of a pen through figures on a scan, and what only looks like one."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from auditkit.readers.page import Stroke
from auditkit.readers.seals import Seal
from auditkit.readers.strokes import Streaks, blots_in, is_struck, led_through, rules_among

TALL = 20.0  # pixels of a line of print


def line(text: str = "5892.78", wide: int = 240) -> Any:
    """Print a figure in the middle of a cell, as high as the figure."""
    ink = np.zeros((20, wide), np.uint8)
    for number, char in enumerate(text):
        at = (wide // 2 - 6 * len(text) + 12 * number, 18)
        cv2.putText(ink, char, at, cv2.FONT_HERSHEY_SIMPLEX, 0.55, 1, 1)
    return ink


def stroke(ink: Any, left: int, rise: int, *, at: int = 10, breadth: int = 3) -> Any:
    cv2.line(ink, (left, at + rise), (ink.shape[1] - left, at - rise), 1, breadth)
    return ink > 0


@pytest.mark.parametrize("text", ["5892.78", "26", "2", "95%"])
@pytest.mark.parametrize("rise", [-3, 0, 2])
def test_a_stroke_through_a_figure_is_seen(text: str, rise: int) -> None:
    assert is_struck(stroke(line(text), 70, rise), TALL)


def test_two_strokes_through_a_figure_are_seen() -> None:
    assert is_struck(stroke(stroke(line(), 70, 1, at=8, breadth=2), 70, 1, at=12, breadth=2), TALL)


@pytest.mark.parametrize("text", ["5892.78", "100.00%", "10-20", "888888", "EEEE"])
def test_print_is_no_stroke(text: str) -> None:
    assert not is_struck(line(text) > 0, TALL)


def test_a_line_below_print_and_a_dash_alone_are_no_strokes() -> None:
    assert not is_struck(stroke(line(), 70, 0, at=19, breadth=1), TALL)
    assert not is_struck(stroke(line(""), 100, 0), TALL)


UNIT = 2.0  # pixels a point
GRID = (
    [Stroke(20, y, 220, y) for y in (20, 60, 100)],
    [Stroke(x, 20, x, 100) for x in (20, 120, 220)],
)


def ruled(found: tuple[list[Stroke], list[Stroke]], breadth: int = 2) -> Any:
    """Draw rules, in pixels."""
    ink = np.zeros((240, 480), np.uint8)
    for x0, y0, x1, y1 in (*found[0], *found[1]):
        ends = ((round(x0 * UNIT), round(y0 * UNIT)), (round(x1 * UNIT), round(y1 * UNIT)))
        cv2.line(ink, *ends, 255, breadth)
    return ink


def kept(more: Stroke, drawn: Any, seals: tuple[Seal, ...] = (), breadth: int = 2) -> bool:
    """Tell whether a level stroke is taken for a rule, beside those of a table."""
    own = ruled(([more], []), breadth)
    rows, columns, _ = rules_among(
        ([*GRID[0], more], GRID[1]), drawn | own, ruled(GRID) | own, UNIT, seals
    )
    assert len(columns) == 3
    assert len(rows) in (3, 4)
    return len(rows) == 4


def test_a_stroke_that_goes_on_another_way_is_no_rule() -> None:
    flat = Stroke(40, 80, 90, 80)
    onward = cv2.polylines(
        ruled(GRID), [np.array([(180, 160), (200, 150), (220, 170)])], False, 255, 3
    )
    assert not kept(flat, onward)


def test_a_stroke_through_a_figure_is_no_rule_though_it_is_as_wide_as_its_cell() -> None:
    figure = cv2.putText(ruled(GRID), "26", (120, 172), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    assert not kept(Stroke(54, 81, 116, 81), figure)


def test_a_rule_that_is_broken_or_ends_at_another_stays() -> None:
    assert kept(Stroke(20, 80, 90, 80), ruled(GRID))
    assert kept(Stroke(20, 80, 120, 80), ruled(GRID))


def test_what_ends_in_a_seal_or_is_thick_there_is_no_rule() -> None:
    seal = (Seal(120, 80, 60),)
    assert not kept(Stroke(90, 80, 118, 80), ruled(GRID), seal)
    wide = (Seal(70, 80, 70),)
    assert kept(Stroke(20, 80, 120, 80), ruled(GRID), wide)
    assert not kept(Stroke(20, 80, 120, 80), ruled(GRID), wide, breadth=9)


def test_what_is_bent_is_no_rule_though_rules_across_end_it() -> None:
    upright = [Stroke(x, 20, x, 100) for x in (20, 80, 220)]
    grid = ruled((GRID[0], upright))
    flat = Stroke(20, 80, 80, 80)
    arc = cv2.ellipse(grid.copy(), (100, 172), (75, 14), 0, 200, 340, 255, 3)
    straight = ruled(([flat], []), 3) | grid
    for ink, count in ((arc, 3), (straight, 4)):
        found, *_ = rules_among(([*GRID[0], flat], upright), ink, grid, UNIT)
        assert len(found) == count


def test_a_crease_is_no_rule_but_where_one_lies_on_it_or_a_finger_does() -> None:
    crease, to_finger = Stroke(2, 80, 238, 80), Stroke(20, 90, 238, 90)
    for more, count, streaks in ((crease, 3, Streaks((80.0,))), (to_finger, 4, Streaks())):
        ink = ruled(GRID) | ruled(([more], []), 1)
        found, _, seen = rules_among(([*GRID[0], more], GRID[1]), ink, ink, UNIT)
        assert (len(found), seen) == (count, streaks)
    ink = ruled(GRID) | ruled(([crease], [])) | ruled(([Stroke(20, 80, 220, 80)], []), 5)
    found, *_ = rules_among(([*GRID[0], crease], GRID[1]), ink, ink, UNIT)
    assert Stroke(20, 80, 220, 80) in found


def test_a_crease_is_known_again_where_only_the_table_is_looked_at() -> None:
    inside = Stroke(18, 80, 222, 80)
    ink = ruled(GRID) | ruled(([inside], []), 1)
    found, *_ = rules_among(([*GRID[0], inside], GRID[1]), ink, ink, UNIT, (), Streaks((80.4,)))
    assert len(found) == 3


def test_a_blot_is_no_rule_and_print_and_rules_are_no_blots() -> None:
    text = cv2.putText(ruled(GRID, 4), "5892", (60, 172), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    assert not blots_in(text, UNIT).any()
    bar = cv2.rectangle(text.copy(), (60, 148), (200, 172), 255, -1)
    assert blots_in(bar, UNIT).sum() // 255 == 141 * 25


def test_a_rule_is_led_through_a_blot_behind_which_it_goes_on() -> None:
    ink = ruled(GRID)
    ink = cv2.rectangle(ink, (200, 150), (260, 175), 255, -1)
    blots = blots_in(ink, UNIT)
    cut = [Stroke(120, 20, 120, 74)]
    _, (led,) = led_through(blots, ([], cut), ink, UNIT)
    assert (led.x0, led.y0, led.x1) == (120, 20, 120)
    assert led.y1 == pytest.approx(100, abs=1)
    ended = cv2.rectangle(ink.copy(), (230, 176), (250, 220), 0, -1)
    _, (held,) = led_through(blots, ([], cut), ended, UNIT)
    assert held == cut[0]
