"""One PDF page through PDFium: its frame, its drawn lines, its pictures.

Everything is brought to one frame, in points from the top left corner, turned so that most of
the text stands upright: a page that the file turns, and a table set sideways on an upright
page, come out alike. ``Page.displayed`` leads back to the page as a viewer shows it.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import pypdfium2.raw as pdfium
from pypdfium2 import PdfMatrix

from auditkit.grid import Box
from auditkit.readers.clips import Sides
from auditkit.readers.glyphs import Glyph, glyphs_of, quarter_of

if TYPE_CHECKING:
    from auditkit.readers.straighten import Bend

THIN = 3.0  # a filled bar up to this many points wide is a rule, as office suites draw them
PICTURE_SHARE = 0.3  # a picture over this share of a page without text makes it a scan
MOST_PIXELS = 12_000_000  # of a page that is drawn to find its rules
RULE_SHARE = 50  # a rule of a drawn page is as long as this part of it
_NESTING = 8
_DRAWN = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
_LOADING = Lock()  # of camelot's rules, so that two threads do not load them twice
_Way = tuple[float, float, float, float, float, float]  # the numbers of a ``PdfMatrix``


class Stroke(NamedTuple):
    """One straight rule, horizontal or vertical."""

    x0: float
    y0: float
    x1: float
    y1: float


def _turned(quarter: int, left: float, bottom: float, right: float, top: float) -> PdfMatrix:
    """Map user space (upwards from the bottom left) to a page turned clockwise by quarters."""
    return (
        PdfMatrix(1, 0, 0, -1, -left, top),
        PdfMatrix(0, 1, 1, 0, -bottom, -left),
        PdfMatrix(-1, 0, 0, 1, right, -bottom),
        PdfMatrix(0, -1, -1, 0, top, right),
    )[quarter % 4]


def inverse(m: PdfMatrix) -> PdfMatrix:
    """Return the map that leads back."""
    det = m.a * m.d - m.b * m.c
    a, b, c, d = m.d / det, -m.b / det, -m.c / det, m.a / det
    return PdfMatrix(a, b, c, d, -(a * m.e + c * m.f), -(b * m.e + d * m.f))


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page, in the frame in which its text is upright."""

    number: int
    width: float
    height: float
    to_display: PdfMatrix | Bend
    glyphs: tuple[Glyph, ...]

    @property
    def reach(self) -> float:
        """How far from its corner its text reaches; what is stretched takes minutes to draw."""
        return max((abs(side) for glyph in self.glyphs for side in glyph[1:5]), default=0.0)

    def drawn_at(self, scale: float) -> float:
        """Return so many pixels a point, fewer where it would be over ``MOST_PIXELS``."""
        return min(scale, math.sqrt(MOST_PIXELS / max(1.0, self.width * self.height)))

    def displayed(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return the box of a rectangle on the page as a viewer shows it."""
        sides = self.to_display.on_rect(left, top, right, bottom)
        return Box(self.number, *(round(side, 2) for side in sides))


def upright_text(page: Any) -> Any:
    """Turn a page so that most of its characters stand upright, and return its ``PdfTextPage``.

    PDFium parts and orders words as the page is shown: on a page that is shown sideways or on
    its head it gives them backwards, with blanks inside numbers.
    """
    text = page.get_textpage()
    quarter = quarter_of(text)
    if quarter * 90 == page.get_rotation():
        return text
    text.close()
    page.set_rotation(quarter * 90)
    return page.get_textpage()


def file_from_display(page: Any) -> PdfMatrix:
    """Map an open page as a viewer shows it, where boxes are measured, to the file's own frame."""
    return inverse(_turned(page.get_rotation() // 90, *page.get_bbox()))


def read_page(page: Any, text: Any, number: int, shown: int) -> tuple[Page, PdfMatrix]:
    """Read the characters of an upright page; also return the map from user space to it.

    ``page`` and ``text`` are the open ``PdfPage`` and ``PdfTextPage`` of pypdfium2, ``shown`` by
    how many quarter turns clockwise a viewer shows the page.
    """
    quarter = page.get_rotation() // 90
    bare, frame = bare_page(page, number, quarter, shown)
    return replace(bare, glyphs=tuple(glyphs_of(text, frame, quarter))), frame


def bare_page(page: Any, number: int, quarter: int, shown: int) -> tuple[Page, PdfMatrix]:
    """Return a page turned clockwise by quarters, without its characters, as ``read_page`` does."""
    left, bottom, right, top = page.get_bbox()
    frame = _turned(quarter, left, bottom, right, top)
    sides = (right - left, top - bottom)
    width, height = sides if quarter % 2 == 0 else sides[::-1]
    back = inverse(frame).multiply(_turned(shown, left, bottom, right, top))
    return Page(number, width, height, back, ()), frame


def drawn_lines(page: Any, frame: PdfMatrix) -> tuple[list[Stroke], list[Stroke]]:
    """Return the horizontal and the vertical rules that the page draws as vectors.

    Strokes, the sides of stroked boxes and bars up to ``THIN`` points wide count; pictures
    stretched to a bar count too, since some producers draw rules so.
    """
    horizontal: list[Stroke] = []
    vertical: list[Stroke] = []
    for line in _strokes(page, frame):
        (left, right), (top, bottom) = sorted((line.x0, line.x1)), sorted((line.y0, line.y1))
        across, down = right - left, bottom - top
        if across >= 1 and down <= min(1.0, across / 4):
            horizontal.append(Stroke(left, (top + bottom) / 2, right, (top + bottom) / 2))
        elif down >= 1 and across <= min(1.0, down / 4):
            vertical.append(Stroke((left + right) / 2, top, (left + right) / 2, bottom))
    return horizontal, vertical


def _strokes(page: Any, frame: PdfMatrix) -> Iterator[Stroke]:
    for part, kind, way in _parts(page, frame):
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield from _path_lines(part, way)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            a, b, c, d, e, f = way
            yield from _bar([(e, f), (a + c + e, b + d + f)])


def _path_lines(path: Any, way: _Way) -> Iterator[Stroke]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not fill.value and not stroke.value:
        return
    outlines = list(_outlines(path, way))
    if not stroke.value and len(outlines) == 2 and _is_frame(*outlines):
        yield from (Stroke(*a, *b) for a, b in pairwise(outlines[0]))
        return
    width = ctypes.c_float()
    pdfium.FPDFPageObj_GetStrokeWidth(path, width)
    a, b, c, d, _, _ = way
    is_thin = width.value * math.sqrt(abs(a * d - b * c)) <= 2 * THIN
    for points in outlines:
        if stroke.value and _is_visible(path):
            yield from (Stroke(*a, *b) for a, b in pairwise(points) if is_thin)
        elif fill.value and len(points) >= 4:
            yield from _bar(points)


def filled_boxes(page: Any, frame: PdfMatrix, most: int) -> list[Sides]:
    """Return the sides of the filled rectangles of a page, none where there are more than that."""
    found = []
    for path, kind, way in _parts(page, frame):
        if kind != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
        for points in _outlines(path, way) if fill.value else ():
            left, top, right, bottom = sides = _bounds(points)
            is_box = len(points) >= 4 and all(
                min(x - left, right - x) < 1 and min(y - top, bottom - y) < 1 for x, y in points
            )
            if is_box and min(right - left, bottom - top) > THIN:
                found.append(sides)
                if len(found) > most:
                    return []
    return found


def _parts(page: Any, frame: PdfMatrix) -> Iterator[tuple[Any, int, _Way]]:
    """Yield the objects of a page, and of the forms in it, each with its kind and its way.

    The way leads to the page's frame. A page may hold thousands of rules, and objects of pypdfium2
    cost more than what is asked of them.
    """
    found = pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject
    yield from _parts_of(page.raw, found, frame.get(), 0)


def _parts_of(holder: Any, found: Any, outer: _Way, depth: int) -> Iterator[tuple[Any, int, _Way]]:
    count, get = found
    a, b, c, d, e, f = outer
    own = pdfium.FS_MATRIX()
    for index in range(count(holder)):
        part = get(holder, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind not in _DRAWN:
            continue
        pdfium.FPDFPageObj_GetMatrix(part, own)
        k, l, m, n, x, y = own.a, own.b, own.c, own.d, own.e, own.f  # noqa: E741
        across, down = (k * a + l * c, k * b + l * d), (m * a + n * c, m * b + n * d)
        way = (*across, *down, x * a + y * c + e, x * b + y * d + f)
        if kind != pdfium.FPDF_PAGEOBJ_FORM:
            yield part, kind, way
        elif depth < _NESTING:
            inner = pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject
            yield from _parts_of(part, inner, way, depth + 1)


def _is_frame(outer: list[tuple[float, float]], inner: list[tuple[float, float]]) -> bool:
    """Tell whether two outlines are the edges of a box's border that is filled between them."""
    gaps = (abs(a - b) for a, b in zip(_bounds(outer), _bounds(inner), strict=True))
    return len(outer) >= 5 and len(inner) >= 5 and max(gaps) <= THIN


def _bounds(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _outlines(path: Any, way: _Way) -> Iterator[list[tuple[float, float]]]:
    """Yield the corner points of each part of a path; curves are no rules and end a part."""
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = way
    points: list[tuple[float, float]] = []
    for index in range(pdfium.FPDFPath_CountSegments(path)):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        across, up = x.value, y.value
        point = a * across + c * up + e, b * across + d * up + f
        if kind == pdfium.FPDF_SEGMENT_LINETO:
            points.append(point)
            if pdfium.FPDFPathSegment_GetClose(segment):
                points.append(points[0])
        else:
            if len(points) > 1:
                yield points
            points = [point]
    if len(points) > 1:
        yield points


def _bar(points: list[tuple[float, float]]) -> Iterator[Stroke]:
    """Yield the middle line of a filled shape that is as thin as a rule."""
    left, top, right, bottom = _bounds(points)
    width, height = right - left, bottom - top
    if height <= THIN and width > 2 * height:
        yield Stroke(left, (top + bottom) / 2, right, (top + bottom) / 2)
    elif width <= THIN and height > 2 * width:
        yield Stroke((left + right) / 2, top, (left + right) / 2, bottom)


def _is_visible(path: Any) -> bool:
    r, g, b, alpha = (ctypes.c_uint() for _ in range(4))
    known = pdfium.FPDFPageObj_GetStrokeColor(path, r, g, b, alpha)
    return not known or alpha.value > 0


def _pictures(page: Any) -> Iterator[Any]:
    return page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=1)  # type: ignore[no-any-return]


def is_picture(page: Any) -> bool:
    """Tell whether pictures cover a good part of the page, as they do on a scan."""
    width, height = page.get_size()
    bounds = (picture.get_bounds() for picture in _pictures(page))
    covered = sum((right - left) * (top - bottom) for left, bottom, right, top in bounds)
    return bool(covered >= PICTURE_SHARE * width * height)


def pixels_of(page: Any) -> int:
    """Return how many pixels the largest picture of the page says that it has."""
    return max((math.prod(picture.get_px_size()) for picture in _pictures(page)), default=0)


def ruling() -> Any:
    """Return camelot's functions on rules and joints: one file of it, without its package.

    ``import camelot`` also loads pandas and all that writes tables, and takes over a second, where
    a form is read in a tenth of one. That file imports nothing of camelot. It is loaded under a
    name of our own and put nowhere where another import looks, so that ``import camelot`` is what
    it always is, in any thread and at any time.
    """
    with _LOADING:
        return _camelot_rules()


@cache
def _camelot_rules() -> Any:
    package = find_spec("camelot")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'camelot'", name="camelot")
    file = Path(package.origin).with_name("image_processing.py")
    spec = spec_from_file_location("auditkit.readers.camelot_rules", file)
    if spec is None or spec.loader is None:
        raise ImportError("camelot has no such file", path=str(file))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rendered_lines(page: Any, seen: Page) -> tuple[list[Stroke], list[Stroke]]:
    """Return the rules that stand out in the page's picture, found by camelot's raster engine.

    The page is drawn at 200 dots an inch, less where that would take more than ``MOST_PIXELS``. A
    rule is at least a fiftieth of it, so that a page of fewer pixels has none. A long disclosure
    has such a page now and then, with the words of a form and no table on it; all of camelot is
    not loaded for that.
    """
    import numpy as np

    scale = seen.drawn_at(200 / 72)
    bitmap = page.render(scale=scale, rev_byteorder=False)
    picture = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    _, threshold = ruling().adaptive_threshold(picture, process_background=False)
    if min(threshold.shape) < RULE_SHARE:
        return [], []
    return inked_lines(threshold, scale, (RULE_SHARE, RULE_SHARE), ruling())[:2]


def inked_lines(
    ink: Any, scale: float, sizes: tuple[int, int], camelot: Any
) -> tuple[list[Stroke], list[Stroke], Any]:
    """Return the rules in a picture of ``scale`` pixels a point, and where the ink is a rule.

    ``sizes`` are the shares of its width and height, as 1/n, from which on a line is a rule;
    ``camelot`` is its module ``image_processing``, or what ``ruling`` gives of it.
    """
    level, across = camelot.find_lines(ink, direction="horizontal", line_scale=sizes[0])
    upright, down = camelot.find_lines(ink, direction="vertical", line_scale=sizes[1])
    rows = [(min(a, c), b, max(a, c), d) for a, b, c, d in across]
    columns = [(a, min(b, d), c, max(b, d)) for a, b, c, d in down]
    found = [
        [Stroke(*(side / scale for side in rule)) for rule in rules] for rules in (rows, columns)
    ]
    return found[0], found[1], level | upright
