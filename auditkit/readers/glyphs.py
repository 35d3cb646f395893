"""The characters of a PDF page as PDFium gives them: what each says and where its ink is.

PDFium is asked seven things of each character. Its functions are called with plain addresses here:
those that take and give objects of ctypes need twice the time, more than the answers themselves.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium
from pypdfium2 import PdfMatrix

from auditkit.doubts import Doubt
from auditkit.readers.clips import CUT_OFF, Sides, clip_of, is_cut

ASLANT = 0.06  # quarter turns, some five degrees, that text may be off
FLAT = 0.05  # points; PDFium gives characters without a glyph no height
SOFT_HYPHEN = 0xAD  # in running text the mark of a place to break at; a page draws it or has none
_ANGLE_SAMPLE = 200


def _asked(function: Any, answer: Any, places: int = 0) -> Any:
    """Return a function of PDFium that takes the address of a page's text and a character's number.

    After them it takes the addresses of as many places for what it answers.
    """
    kinds = (ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * places)
    return ctypes.CFUNCTYPE(answer, *kinds)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_code = _asked(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
_part = _asked(pdfium.FPDFText_GetTextObject, ctypes.c_void_p)
_angle = _asked(pdfium.FPDFText_GetCharAngle, ctypes.c_float)
_box = _asked(pdfium.FPDFText_GetCharBox, ctypes.c_int, 4)
_origin = _asked(pdfium.FPDFText_GetCharOrigin, ctypes.c_int, 2)
_is_unmapped = _asked(pdfium.FPDFText_HasUnicodeMapError, ctypes.c_int)


class Glyph(NamedTuple):
    """One character as it stands on the page: the box of its ink, and the line it stands on.

    Commas, dashes and superscripts have boxes of their own heights; ``base``, the height of the
    writing line where the text is upright, is what tells which characters share a line. ``part``
    tells which characters the file draws in one go; ``doubt`` says why a recognised character may
    be another, or why nobody sees it; ``clip`` holds the sides of what is seen of a text that is
    cut. ``turn`` counts the quarters clockwise by which a character is turned, such as three in a
    label that reads upwards.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    base: float
    is_spacing: bool
    part: int = 0
    doubt: Doubt | None = None
    clip: Sides | None = None
    turn: int = 0


def _address(text: Any) -> int:
    """Return where PDFium keeps the text of a page."""
    return ctypes.cast(text.raw, ctypes.c_void_p).value or 0


def _object(part: int) -> Any:
    return ctypes.cast(part, pdfium.FPDF_PAGEOBJECT)


def quarter_of(text: Any) -> int:
    """Tell by how many quarter turns clockwise most characters have to be turned."""
    count, own = text.count_chars(), _address(text)
    sample = range(0, count, max(1, count // _ANGLE_SAMPLE))
    angles = (_angle(own, index) for index in sample if _part(own, index))
    seen = Counter(round(angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0)
    # PDFium counts the angle clockwise, and so do we.
    return -seen.most_common(1)[0][0] % 4 if seen else 0


def glyphs_of(text: Any, frame: PdfMatrix, quarter: int) -> Iterator[Glyph]:
    """Yield the characters of a ``PdfTextPage``, in a frame that is turned by quarters."""
    l, r, b_, t, x_, y_ = places = tuple(ctypes.c_double() for _ in range(6))  # noqa: E741
    to_l, to_r, to_b, to_t, to_x, to_y = map(ctypes.addressof, places)
    a, b, c, d, e, f = frame.get()
    turns: dict[int, int | None] = {}
    clips: dict[int, Sides | None] = {0: None}
    pending, own = "", _address(text)
    for index in range(text.count_chars()):
        code = _code(own, index)
        if 0xD800 <= code < 0xDC00:
            pending = chr(code)
            continue
        char = chr(code) if code else "\ufffd"
        if pending:
            char = (pending + char).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            pending = ""
        drawn = _part(own, index) or 0
        if drawn not in turns or not drawn:  # what is drawn in one go is turned in one way
            turns[drawn] = _turn_of(_angle(own, index))
        turn = turns[drawn]
        if turn is None or not _box(own, index, to_l, to_r, to_b, to_t):
            continue
        left, right, low, high = l.value, r.value, b_.value, t.value
        x0, x1 = a * left + c * low + e, a * right + c * high + e
        y0, y1 = b * left + d * low + f, b * right + d * high + f
        x0, x1 = (x0, x1) if x0 < x1 else (x1, x0)
        y0, y1 = (y0, y1) if y0 < y1 else (y1, y0)
        _origin(own, index, to_x, to_y)
        x, y = a * x_.value + c * y_.value + e, b * x_.value + d * y_.value + f
        turn = (turn + quarter) % 4
        spacing = char.isspace() or not drawn  # what PDFium put between two texts
        if _is_unmapped(own, index) == 1:
            char = "\ufffd"
        if code == SOFT_HYPHEN and left < right:
            char = "-"  # where it is drawn, it is one, such as the minus of a number
        if drawn not in clips:
            clips[drawn] = clip_of(_object(drawn), (left, low, right, high), frame)
        box, clip = (x0, y0, x1, y1), clips[drawn]
        doubt = CUT_OFF if clip and not spacing and is_cut(box, clip) else None
        base = (y, -x, -y, x)[turn]
        yield Glyph(char, *box, base, spacing, drawn, doubt, clip, turn)


def _turn_of(angle: float) -> int | None:
    """Return by how many quarters clockwise a character is turned at an angle.

    It is nothing where it stands aslant, as those of a watermark across the page do.
    """
    if angle <= 0:  # upright, or not known
        return 0
    turns = angle / (math.pi / 2)
    return None if abs(turns - round(turns)) > ASLANT else round(turns)


def upright(glyph: Glyph) -> Glyph:
    """Return a turned character as it stands where its text is read from left to right."""
    left, top, right, bottom = glyph[1:5]
    match glyph.turn:
        case 1:
            return glyph._replace(left=top, top=-right, right=bottom, bottom=-left)
        case 2:
            return glyph._replace(left=-right, top=-bottom, right=-left, bottom=-top)
        case 3:
            return glyph._replace(left=-bottom, top=left, right=-top, bottom=right)
    return glyph


def as_printed(glyph: Glyph) -> Glyph:
    """Return a character that ``upright`` stood up as it stands on the page."""
    back = upright(glyph._replace(turn=-glyph.turn % 4)) if glyph.turn else glyph
    return back._replace(turn=glyph.turn) if glyph.turn else back


def lacks_text(page: Any, text: Any) -> bool:
    """Tell whether the page draws more texts in fonts of elsewhere than characters came out of it.

    PDFium leaves out what is set in a font that is neither in the file nor installed. Office
    programs also draw blanks, of which nothing comes out either, in fonts that are in the file.
    """
    count = pdfium.FPDFPage_CountObjects(page.raw)
    parts = (pdfium.FPDFPage_GetObject(page.raw, index) for index in range(count))
    drawn = (p for p in parts if pdfium.FPDFPageObj_GetType(p) == pdfium.FPDF_PAGEOBJ_TEXT)
    return bool(sum(not _has_its_font(part) for part in drawn) > text.count_chars())


def has_its_font(part: int) -> bool:
    """Tell whether the font is in the file that a piece of text is set in, by ``Glyph.part``."""
    return bool(part) and _has_its_font(_object(part))


def _has_its_font(drawn: Any) -> bool:
    font = pdfium.FPDFTextObj_GetFont(drawn)
    return bool(font) and pdfium.FPDFFont_GetIsEmbedded(font) == 1


def has_hidden_text(text: Any) -> bool:
    """Tell whether the page's text is drawn invisibly, as recognition lays it over a scan."""
    count = text.count_chars()
    step = max(1, count // 20)
    own = _address(text)
    parts = (_part(own, index) for index in range(0, count, step))
    modes = [pdfium.FPDFTextObj_GetTextRenderMode(_object(part)) for part in parts if part]
    hidden = modes.count(pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
    return bool(modes) and hidden * 2 > len(modes)
