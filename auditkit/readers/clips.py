"""What a page lets be seen of a text: the clips that it is drawn under.

Spreadsheets print the text of each cell under a clip of its own, and what a low row hides is still
in the file: over the row above and the row below. The clip tells whose it is, and what is cut off.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium
from pypdfium2 import PdfMatrix

from auditkit.doubts import Doubt, DoubtKind

CUT_OFF = Doubt(DoubtKind.CUT_OFF)
SEEN = 0.75  # of the box of a character; with less of it seen, 6 and 8, or 3 and 5, look alike
_NESTED = 8  # clips that one object stands under, from the innermost, that are looked at
_CORNERS = 64  # of a clip; one with more is no cell's
_AGREE = 2.0  # points that a character may stand beside the bounds of its text

Sides = tuple[float, float, float, float]


def clip_of(part: Any, box: Sides, frame: PdfMatrix) -> Sides | None:
    """Return the sides of what is seen of a text, where its clips cut it; else nothing.

    ``box`` is that of one of its characters, as the file has it. PDFium leaves out a clip that the
    whole text stands in. Inside a form that moves its content clips are measured otherwise than
    characters, and are not looked at.
    """
    path = pdfium.FPDFPageObj_GetClipPath(part)
    count = pdfium.FPDFClipPath_CountPaths(path) if path else 0
    if count <= 0 or not _stands_in(part, box):
        return None
    clips = [_bounds(path, index) for index in range(max(0, count - _NESTED), count)]
    known = [clip for clip in clips if clip]
    if not known:
        return None
    lefts, lows, rights, highs = zip(*known, strict=True)
    left, low, right, high = max(lefts), max(lows), min(rights), min(highs)
    if left >= right or low >= high:
        return None
    seen: Sides = frame.on_rect(left, low, right, high)
    return seen


def is_cut(box: Sides, clip: Sides) -> bool:
    """Tell whether a good part of a character, or all of it, is not seen.

    >>> is_cut((0, 0, 10, 10), (0, 4, 50, 20)), is_cut((0, 0, 10, 10), (0, 1, 50, 20))
    (True, False)
    """
    across = min(box[2], clip[2]) - max(box[0], clip[0])
    down = min(box[3], clip[3]) - max(box[1], clip[1])
    whole = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, across) * max(0.0, down) < SEEN * whole


def _stands_in(part: Any, box: Sides) -> bool:
    """Tell whether the bounds of a text, in the frame of its clips, hold one of its characters."""
    sides = tuple(ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(part, *sides):
        return False
    left, low, right, high = (side.value for side in sides)
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return left - _AGREE <= across <= right + _AGREE and low - _AGREE <= down <= high + _AGREE


def _bounds(path: Any, index: int) -> Sides | None:
    count = pdfium.FPDFClipPath_CountPathSegments(path, index)
    if not 2 < count <= _CORNERS:
        return None
    x, y = ctypes.c_float(), ctypes.c_float()
    points = []
    for number in range(count):
        segment = pdfium.FPDFClipPath_GetPathSegment(path, index, number)
        if pdfium.FPDFPathSegment_GetPoint(segment, x, y):
            points.append((x.value, y.value))
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
