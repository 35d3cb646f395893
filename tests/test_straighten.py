"""Pictures of bent paper: laid flat by the rules on it, with the way back into the picture."""

from __future__ import annotations

import importlib.util
import io
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import SAMPLES
from PIL import Image
from producers import scanned

from auditkit.errors import ReadError
from auditkit.grid import Box, plain
from auditkit.readers import tables_of
from auditkit.readers.meshes import followed, open_share, seen_meshes
from auditkit.readers.straighten import straightened
from auditkit.reviewing import read
from auditkit.reviewing import read_bytes as read_report

FORM = SAMPLES / "service-trade-2020" / "service-trade-2020.pdf"
UNIT = 2.0  # pixels a point
SIDES = [range(120, 1081, 160), range(200, 1401, 80)]  # of the cells of a table

needs_ocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="the extra `ocr` is not installed"
)


def table() -> Any:
    """Draw an empty table on white paper, in the two shades of a picture."""
    paper = np.full((1684, 1190), 255, np.uint8)
    for x in SIDES[0]:
        cv2.line(paper, (x, SIDES[1][0]), (x, SIDES[1][-1]), 0, 2)
    for y in SIDES[1]:
        cv2.line(paper, (SIDES[0][0], y), (SIDES[0][-1], y), 0, 2)
    return np.dstack((paper, paper))


def lies_at(x: Any, y: Any, size: tuple[int, int], curve: float, lean: float) -> tuple[Any, Any]:
    """Say where a point of a bent and leaning page lies on the paper; shares of its sides."""
    wide, high = size
    far = 1 + lean * (y / high - 0.5)
    return (x - wide / 2) * far + wide / 2, y * far + curve * high * np.sin(np.pi * x / wide)


def bent(picture: Any, curve: float = 0.0, lean: float = 0.0, paper: int = 255) -> Any:
    """Take a picture of a page that is bent, and leans away from the camera."""
    high, wide = picture.shape[:2]
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    places = (side.astype(np.float32) for side in lies_at(x, y, (wide, high), curve, lean))
    return cv2.remap(picture, *places, cv2.INTER_CUBIC, borderValue=(paper,) * 3)


def rules_off(picture: Any) -> int:
    """Count the rows and columns with ink in them that no straight rule accounts for."""
    ink = picture[:, :, 0] < 128
    runs = [
        np.count_nonzero(np.diff(np.flatnonzero(ink.sum(axis=axis) > 400)) > 3) for axis in (0, 1)
    ]
    return abs(runs[0] - len(SIDES[0]) + 1) + abs(runs[1] - len(SIDES[1]) + 1)


def test_a_flat_picture_is_the_same_after_it() -> None:
    picture = table()
    again, way = straightened(picture, UNIT)
    assert again is picture
    assert way is None


@pytest.mark.parametrize("how", [{"curve": 0.02}, {"lean": 0.2}, {"curve": -0.02, "lean": 0.15}])
def test_a_bent_picture_is_laid_flat_and_leads_back(how: dict[str, float]) -> None:
    picture = bent(table(), **how)
    flat, way = straightened(picture, UNIT)
    assert way is not None
    assert rules_off(picture)
    assert not rules_off(flat)
    ink = flat[:, :, 0] < 128
    rows, columns = (np.flatnonzero(ink.sum(axis=axis) > 400) for axis in (1, 0))
    corner = np.array([[columns[0] + 1.0, rows[0] + 1.0], [columns[-1], rows[-1]]])
    x, y = way(corner).T
    found = np.stack(lies_at(x, y, (1190, 1684), how.get("curve", 0), how.get("lean", 0)), axis=-1)
    assert np.abs(found - [(SIDES[0][0], SIDES[1][0]), (SIDES[0][-1], SIDES[1][-1])]).max() < 4


def crumpled(picture: Any) -> Any:
    """Take a picture of a page with more folds than can be laid flat."""
    high, wide = picture.shape[:2]
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    y += (0.003 * high * np.sin(10 * np.pi * x / wide)).astype(np.float32)
    return cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderValue=(255,) * 3)


def test_a_picture_whose_rules_cannot_be_laid_straight_is_left_as_it_lies() -> None:
    picture = crumpled(table())
    again, way = straightened(picture, UNIT)
    assert again is picture
    assert way is None


def test_pages_side_by_side_are_laid_flat_each_for_itself() -> None:
    pages = [bent(table(), curve=0.02), bent(table(), lean=0.2)]
    picture = np.hstack(pages)
    flat, way = straightened(picture, UNIT)
    assert way is not None
    wide = flat.shape[1] // 2
    assert not any(rules_off(half) for half in (flat[:, :wide], flat[:, wide:]))
    ink = flat[:, wide:, 0] < 128
    corner = np.array([wide + np.flatnonzero(ink.sum(axis=0) > 400)[0], 0.0])
    corner[1] = np.flatnonzero(ink.sum(axis=1) > 400)[0]
    x, y = way(corner)
    found = lies_at(x - 1190, y, (1190, 1684), 0, 0.2)
    assert np.abs(np.array(found) - (SIDES[0][0], SIDES[1][0])).max() < 4


def held_by_a_finger(picture: Any) -> Any:
    """Lay the edge of the page around a picture of it, and a dark finger over edge and table."""
    high, wide = picture.shape[:2]
    picture = cv2.rectangle(picture.copy(), (30, 30), (wide - 30, high - 30), (0, 0), 3)
    return cv2.line(picture, (0, 900), (140, 900), (90, 90), 60)


def test_a_finger_that_joins_the_table_to_the_edge_of_the_page_leads_nobody_astray() -> None:
    flat, way = straightened(held_by_a_finger(bent(table(), curve=0.02, lean=0.15)), UNIT)
    assert way is not None
    (mesh, *_) = seen_meshes(np.ascontiguousarray(flat[:, :, 0]), UNIT)
    assert max(rules.bend for rules in followed(mesh.around_cells)) < 2


def test_noise_and_grain_are_no_tables() -> None:
    grain = np.random.default_rng(1).integers(0, 256, (842, 595), np.uint8)
    paper = cv2.resize(grain, (1190, 1684), interpolation=cv2.INTER_NEAREST)
    assert not seen_meshes(paper, UNIT)


def test_cells_that_rules_enclose_and_no_table_has_are_missed() -> None:
    picture = np.ascontiguousarray(table()[:, :, 0])
    boxes = [
        (left / UNIT, top / UNIT, (left + 160) / UNIT, (top + 80) / UNIT)
        for left in SIDES[0][:-1]
        for top in SIDES[1][:-1]
    ]
    meshes = seen_meshes(picture, UNIT)
    assert open_share(meshes, boxes) < 0.01
    assert open_share(meshes, boxes[:-6]) > 0.05


def photographed(how: dict[str, float]) -> tuple[bytes, tuple[int, int]]:
    picture = bent(np.array(scanned(FORM, dots=300).convert("RGB")), **how, paper=90)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=85)
    return file.getvalue(), picture.shape[1::-1]


@needs_ocr
@pytest.mark.slow
def test_a_bent_page_is_read_whole_and_its_boxes_lie_in_the_picture() -> None:
    how = {"curve": 0.015, "lean": 0.15}
    data, _ = photographed(how)
    (report,), (printed,) = read_report(data, "photo.jpg"), read(FORM)
    texts, known = (
        {entry.path: plain(entry.text) for entry in form.entries()} for form in (report, printed)
    )
    wrong = {path: text for path, text in known.items() if texts.get(path) != text}
    assert len(wrong) <= 0.03 * len(known), wrong
    box, was = (
        next(e.cells[0].place for e in form.entries() if e.path == "budget/total/outturn")
        for form in (report, printed)
    )
    assert isinstance(box, Box)
    assert isinstance(was, Box)
    (page,) = tables_of(data, "photo.jpg").pages
    sides = page.width, page.height
    middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    x, y = lies_at(*middle, sides, **how)
    assert abs(x / sides[0] - (was.left + was.right) / 2 / 595.3) < 0.015
    assert abs(y / sides[1] - (was.top + was.bottom) / 2 / 841.9) < 0.015


@needs_ocr
@pytest.mark.slow
def test_paper_that_is_bent_too_far_is_refused_with_what_to_do() -> None:
    file = io.BytesIO()
    Image.fromarray(crumpled(np.array(scanned(FORM).convert("RGB")))).save(file, "PNG")
    with pytest.raises(ReadError, match="lay it flat"):
        tables_of(file.getvalue(), "crumpled.png")
