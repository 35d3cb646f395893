"""Lines of print in a picture, each recognised, looked at again, and held against its ink.

What comes out is characters with a doubt on those that are not sure: which were read two ways,
whose ink has another shape, or beside which there is ink that no character accounts for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import plain
from auditkit.readers.glyphs import Glyph
from auditkit.readers.ink import INK, PALE
from auditkit.readers.straighten import Region
from auditkit.readers.troubles import trouble
from auditkit.wording import Term

TEXT_SURE, NUMBER_SURE = 0.6, 0.9  # the least confidence of a character in a sure line
# Of the width of a wide character: how far ink is from the middle of a narrow one, or a wide one;
# how wide the ink of one alone is, whose middle is that of its line whatever else is in it.
ALIEN, ONE = (0.5, 0.7), 1.3
MARKS = "1", "l", "I", "|", "J", "-", "—", "一", "二", "三"  # as which a lone mark is read
# Of its height: a slash is no thicker in any place, and leans so far, of 0.3; rows that tell it.
THIN, LEANING, FEW = 0.33, 0.2, 5
FLAT, LOW = 1.7, 4  # times its height: how wide a dash is, and a line at least, however blurred
DASH, THICK_DASH = "—", 0.15  # of the height of its line: a dash is 0.13 high at most
TICKED = re.compile(r"(?<=[\d%])\s*[√✓✔]+\s*$")  # who adds figures up ticks them off
SHAPE = Doubt(DoubtKind.OTHER_SHAPES)
UNREAD = Doubt(DoubtKind.UNREAD_MARK)


@dataclass(frozen=True, slots=True)
class Read:
    """One line of print: its place in pixels, its characters with middles and confidence."""

    box: Region
    text: str = ""
    middles: tuple[float, ...] = ()
    sure: tuple[float, ...] = ()
    doubt: Doubt | None = None


Recognise = Callable[..., list["Read"]]


@cache
def engine() -> Any:
    """Load the recogniser with the model in its wheel; naming the file keeps it off the network."""
    try:
        import rapidocr
    except ImportError as error:
        raise trouble("ocr-missing", "") from error
    models = sorted((Path(rapidocr.__file__).parent / "models").glob("*_rec_*.onnx"))
    if not models:
        raise trouble("ocr-incomplete", "")
    settings = {
        "Global.log_level": "error",
        "Global.return_word_box": True,
        "Rec.model_path": str(models[-1]),
        "Rec.rec_img_shape": [3, 48, 128],
        "Rec.rec_batch_num": 3,
        "EngineConfig.onnxruntime.intra_op_num_threads": 2,
    }
    return rapidocr.RapidOCR(params=settings)


def recognised(engine: Any, picture: Any, boxes: Sequence[Region], room: float = 0.3) -> list[Read]:
    """Recognise lines, each cut out with ``room`` line heights of white on both sides."""
    import cv2

    cuts, margins = [], []
    for left, top, right, bottom in boxes:
        cut = picture[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
        side, above = (round(part * (bottom - top)) + 1 for part in (room, room / 2))
        white = cv2.copyMakeBorder(cut, above, above, side, side, cv2.BORDER_CONSTANT, value=255)
        cuts.append(cv2.cvtColor(white, cv2.COLOR_GRAY2BGR))
        margins.append(side + 1)
    if not cuts:
        return []
    found, wide = engine.recognize_txt(cuts), [cut.shape[1] for cut in cuts]
    return list(map(_read, boxes, wide, margins, found.txts, found.word_results))


def _read(box: Region, wide: int, margin: int, text: str, words: Any) -> Read:
    """Give each character its middle, which the recogniser counts in steps along the line."""
    steps = iter([step for word in words.word_cols for step in word])
    pitch = wide / max(1.0, words.line_txt_len)
    middles: list[float] = []
    for char in text:
        last = middles[-1] if middles else float(box[0])
        middle = last if char.isspace() else box[0] - margin + (next(steps, 0) + 0.5) * pitch
        middles.append(min(max(middle, last), float(box[2])))
    return Read(box, text, tuple(middles), tuple(words.confs[: len(text)]))


def read_lines(picture: Any, lines: Sequence[Region], recognise: Recognise) -> list[Read]:
    """Recognise lines, and those that hold a figure or are not sure once more in another frame."""
    first = recognise(picture, lines)
    doubtful = [n for n, read in enumerate(first) if not _is_sure(read) or is_figure(read)]
    again = recognise(picture, [lines[n] for n in doubtful], room=0.8)
    seconds = dict(zip(doubtful, again, strict=True))
    reads = (_unticked(_agreed(picture, read, seconds.get(n))) for n, read in enumerate(first))
    return [
        replace(read, doubt=not_sure(read.text)) if _is_odd(read) and not read.doubt else read
        for read in reads
    ]


def _is_odd(read: Read) -> bool:
    """Tell whether a character is none of those of simplified Chinese, for which 數 is not 数."""
    ideographs = "".join(char for char in read.text if unicodedata.category(char) == "Lo")
    return bool(ideographs) and ideographs.encode("gb2312", "ignore").decode("gb2312") != ideographs


def _unticked(read: Read) -> Read:
    """Return a figure without the tick behind it, which a person made and nobody printed."""
    if not (tick := TICKED.search(read.text)):
        return read
    end = tick.start()
    return replace(
        read,
        text=read.text[:end],
        middles=read.middles[:end],
        sure=read.sure[:end],
        doubt=read.doubt if read.doubt == UNREAD else not_sure(read.text),
    )


def _agreed(picture: Any, first: Read, second: Read | None) -> Read:
    """Make one reading of two, doubted unless they agree, are sure, and the ink looks like it."""
    mark = _lone_mark(picture, first)
    is_mark = first.text in MARKS
    if mark and (is_mark or first.text != mark):
        misled = not is_mark or (first.text == "1" and _is_sure(first))
        doubt = _two_ways(first.text or Term("nothing"), mark) if misled else None
        if mark == DASH and _inked_rows(picture, first.box) > THICK_DASH:
            doubt = _two_ways(mark, "=")  # whose lines run together where they are close
        return replace(first, text=mark, middles=(float(first.box[0]),), doubt=doubt)
    if second is None:
        return replace(first, doubt=SHAPE) if _skips_ink(picture, first) else first
    best = max(first, second, key=lambda read: min(read.sure, default=0.0))
    if not best.text.strip() or (min(best.sure) < 0.5 and len(best.text) == 1):
        return replace(best, doubt=UNREAD)
    if plain(first.text) != plain(second.text):
        return replace(best, doubt=_two_ways(first.text, second.text))
    if not (_is_sure(first) and _is_sure(second)):
        return replace(best, doubt=not_sure(best.text))
    looks_alike = not is_figure(best) or _has_shapes_of(picture, best)
    return best if looks_alike and not _skips_ink(picture, best) else replace(best, doubt=SHAPE)


def not_sure(text: str) -> Doubt:
    """Return the doubt on a text that recognition is not sure of."""
    return Doubt.of(DoubtKind.NOT_SURELY_RECOGNISED, text=text)


def _two_ways(first: str, second: str) -> Doubt:
    return Doubt.of(DoubtKind.RECOGNISED_TWO_WAYS, first=first, second=second)


def is_figure(read: Read) -> bool:
    """Tell whether a line holds a figure, or only what one may be misread for: no ideograph."""
    return read.text.isascii() or any(char.isdigit() for char in read.text)


def _is_sure(read: Read) -> bool:
    """Tell whether each character is recognised surely; words bear more doubt than figures."""
    bound = NUMBER_SURE if is_figure(read) or len(read.text) < 3 else TEXT_SURE
    return min(read.sure, default=0.0) >= bound


def _lone_mark(picture: Any, read: Read) -> str:
    """Tell a dash, a slash or an equals sign that stands alone by its shape.

    Recognition, which goes by context, takes them for a 1, a 二 or nothing at all.
    """
    if len(read.text) > 1:
        return ""
    left, top, right, bottom = read.box
    part = picture[top:bottom, left:right]
    ink = part < np.clip((float(part.min()) + 255) / 2, INK, PALE)  # blurred, it is pale
    bars = [ink[first:last].any(axis=0) for first, last in spans(ink.any(axis=1), 0)]
    high, wide = int(ink.any(axis=1).sum()), ink.shape[1]
    if not high:
        return ""
    if FLAT * high <= wide and LOW * high <= len(ink) and len(bars) == 1:
        return DASH if wide >= 0.7 * len(ink) else "-"
    if 3 * high <= 2 * wide and len(bars) == 2 and all(bar.sum() > 0.9 * wide for bar in bars):
        return "="
    return "/" if _is_slash(part) else ""


def _is_slash(part: Any) -> bool:
    """Tell whether what stands alone is a thin stroke that leans, however blurred it is."""
    ink = np.clip(PALE - part.astype(np.float32), 0, None)
    is_inked = 2 * ink > ink.max()
    rows = np.flatnonzero(is_inked.any(axis=1))
    if len(rows) < FEW:
        return False
    middles = (ink * np.arange(ink.shape[1])).sum(axis=1)[rows] / ink.sum(axis=1)[rows]
    ends = [np.flatnonzero(is_inked[row]) for row in rows]
    is_thin = all(row[-1] - row[0] < THIN * len(rows) for row in ends)
    return bool(is_thin and -np.polyfit(rows, middles, 1)[0] > LEANING)


def _inked_rows(picture: Any, box: Region) -> float:
    """Return how much of the height of a line has ink."""
    left, top, right, bottom = box
    return float((picture[top:bottom, left:right] < INK).any(axis=1).mean())


def _has_shapes_of(picture: Any, read: Read) -> bool:
    """Tell whether the ink of a line can be that of its figures.

    A number has as many pieces of ink as characters, or wider ones where they touch; where its
    thin strokes end and gaps begin depends on the print. A comparator, which recognition may
    take for a 2 before the number, is two pieces; an equals sign, for a dash, is thick at least.
    """
    left, top, right, bottom = read.box
    aside = (bottom - top) // 10
    for sign in re.finditer(r"[-—–](?=\d)", read.text):
        at = round(read.middles[sign.start()])
        if _inked_rows(picture, (at - aside, top, at + aside, bottom)) > THICK_DASH:
            return False
    for pale in (INK, PALE, INK - 35):
        ink = picture[top:bottom, left:right] < pale
        runs = list(spans(ink.any(axis=0), 0))
        usual = 0.56 * max(1, ink.any(axis=1).sum())
        count = sum(max(1, round((last - first) / usual)) for first, last in runs)
        if count == len(read.text) or not re.fullmatch(r"[\d.,]+", read.text):
            break
    else:
        return False
    for two in re.finditer(r"(?<![\d.,])2(?=\d)", read.text):
        middle = read.middles[two.start()] - left
        for first, last in runs:
            pieces = list(spans(ink[:, first:last].any(axis=1), 0))
            if first <= middle < last and len(pieces) > 1:
                return False
    return True


def _skips_ink(picture: Any, read: Read) -> bool:
    """Tell whether something stands in a line where no character was read: the 一 of 一级指标.

    Characters are as wide as they are apart, or, of a few, nearly as wide as their line is high.
    """
    left, top, right, bottom = read.box
    ink = picture[top:bottom, left:right] < PALE
    seen = [
        (middle - left, unicodedata.east_asian_width(char) in "WF")
        for char, middle in zip(read.text, read.middles, strict=False)
        if not char.isspace()
    ]
    if not seen:
        return False
    beside = [b[0] - a[0] for a, b in pairwise(seen) if a[1] and b[1]]
    wide = float(np.median(beside)) if len(beside) > 1 else 0.95 * (bottom - top)
    runs = list(spans(ink.any(axis=0), 0))
    if len(seen) == 1 and len(runs) > 1 and runs[-1][1] - runs[0][0] > ONE * wide:
        return True
    for first, last in runs:
        middle = (first + last) / 2
        away, near = min((abs(at - middle), is_full) for at, is_full in seen)
        has_ink = ink[:, first:last].sum() >= (wide / 8) ** 2
        if has_ink and last - first < wide and away > ALIEN[near] * wide:
            return True
    return False


def glyphs_of(lines: Sequence[Read], unit: float) -> Iterator[Glyph]:
    """Turn lines into characters that reach halfway to their neighbours."""
    for part, line in enumerate(lines):
        left, top, right, bottom = (side / unit for side in line.box)
        if line.doubt == UNREAD:
            yield Glyph(" ", left, top, right, bottom, bottom, True, part, line.doubt)
            continue
        between = [(a + b) / 2 / unit for a, b in zip(line.middles, line.middles[1:], strict=False)]
        edges = [left, *between, right]
        for char, start, end in zip(line.text, edges, edges[1:], strict=False):
            yield Glyph(char, start, top, end, bottom, bottom, char.isspace(), part, line.doubt)


def spans(filled: Any, gap: float) -> Iterator[tuple[int, int]]:
    """Yield where runs of true values begin and end, gaps up to ``gap`` closed."""
    places = np.flatnonzero(filled)
    if len(places):
        cuts = np.flatnonzero(np.diff(places) > gap + 1)
        for first, last in zip((0, *(cuts + 1)), (*cuts, len(places) - 1), strict=True):
            yield int(places[first]), int(places[last]) + 1
