"""Strokes of a pen through figures on a scan, and what only looks like one."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from auditkit.readers.strokes import is_struck

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
