"""Whether the digits that a font of a PDF draws are those that the file says they are.

A font says of each of its codes what character it stands for, and nothing makes that the one it
draws. The outline of each digit is held against those of fonts that PDFium brings with it: where it
is clearly that of another digit, what is read is not what is seen. Digits that are drawn like none
of these fonts say nothing.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

DIGITS = tuple("0123456789")
SIDE = 24  # pixels of the square that an outline is drawn in
# Of the distance to the digit that it is said to be. The digits of 31 fonts came down to 0.77; said
# to be another, 85 of 100 come below this.
CLEARLY = 0.65
_SIZE = 100.0
_FINE = 4  # bits of a pixel that corners are placed by
_CURVE = (0.2, 0.4, 0.6, 0.8, 1.0)
_TOLD, _MOST = 8, 4096
_MET: dict[tuple[object, ...], bool] = {}  # outlines that were looked at before
_KNOWN = (
    b"Helvetica",
    b"Helvetica-Bold",
    b"Helvetica-BoldOblique",
    b"Times-Roman",
    b"Times-Bold",
    b"Times-BoldItalic",
)


def is_another(font: Any, digit: str) -> bool:
    """Tell whether an open font draws a digit clearly as another one."""
    path = pdfium.FPDFFont_GetGlyphPath(font, ord(digit), _SIZE)
    if not path:
        return False
    outline = digit, *_points_of(path)
    if outline not in _MET:
        if len(_MET) > _MOST:
            _MET.clear()
        _MET[outline] = _is_other(_shape(path), int(digit))
    return _MET[outline]


def _points_of(path: Any) -> Iterator[tuple[float, float]]:
    """Yield some points of an outline and their number, which tell it from others."""
    x, y = ctypes.c_float(), ctypes.c_float()
    count = pdfium.FPDFGlyphPath_CountGlyphSegments(path)
    yield float(count), 0.0
    for index in range(0, count, max(1, count // _TOLD)):
        segment = pdfium.FPDFGlyphPath_GetGlyphPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        yield x.value, y.value


def _is_other(shape: Any, said: int) -> bool:
    import numpy as np

    if shape is None:
        return False
    distances = np.abs(_known() - shape).mean(axis=(2, 3)).min(axis=0)
    nearest = int(distances.argmin())
    return nearest != said and bool(distances[nearest] < CLEARLY * distances[said])


@cache
def _known() -> Any:
    """Return the drawings of the digits in the fonts of PDFium."""
    import numpy as np

    document = pypdfium2.PdfDocument.new()
    try:
        fonts = [pdfium.FPDFText_LoadStandardFont(document.raw, name) for name in _KNOWN]
        paths = [
            [pdfium.FPDFFont_GetGlyphPath(font, ord(digit), _SIZE) for digit in DIGITS]
            for font in fonts
        ]
        shapes = np.array([[_shape(path) for path in own] for own in paths])
        for font in fonts:
            pdfium.FPDFFont_Close(font)
    finally:
        document.close()
    return shapes


def _shape(path: Any) -> Any:
    """Draw an outline into a square as high as it; nothing where it is none."""
    import cv2
    import numpy as np

    outlines = [np.array(points) for points in _outlines(path)]
    if not outlines:
        return None
    corners = np.concatenate(outlines)
    low, high = corners.min(axis=0), corners.max(axis=0)
    tall = high[1] - low[1]
    if tall <= 0:
        return None
    middle = (low[0] + high[0]) / 2
    scale, shift = (SIDE - 1) / tall * (1 << _FINE), np.array([middle - tall / 2, low[1]])
    drawn: Any = np.zeros((SIDE, SIDE), np.uint8)
    whole = [np.round((points - shift) * scale).astype(np.int32) for points in outlines]
    cv2.fillPoly(drawn, whole, 1, lineType=cv2.LINE_8, shift=_FINE)
    return cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), 1.0)


def _outlines(path: Any) -> Iterator[list[tuple[float, float]]]:
    """Yield the corners of each part of an outline, curves as some straight lines."""
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    bend: list[tuple[float, float]] = []
    for index in range(pdfium.FPDFGlyphPath_CountGlyphSegments(path)):
        segment = pdfium.FPDFGlyphPath_GetGlyphPathSegment(path, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 2:
                yield points
            points = []
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            bend.append((x.value, y.value))
            if len(bend) == 3 and points:
                points += _curved(points[-1], *bend)
            bend = bend if len(bend) < 3 else []
        else:
            points.append((x.value, y.value))
    if len(points) > 2:
        yield points


def _curved(*ends: tuple[float, float]) -> Iterator[tuple[float, float]]:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ends
    for t in _CURVE:
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
