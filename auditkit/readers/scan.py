"""Pages that are pictures: straightened, ruled, and each line of print in a cell recognised.

The cells come first. Their rules stand out in the picture better than anything else on it, so
the print is parted into lines within each cell, by its ink, and only such lines are recognised:
no neighbours run into each other, and no lonely figure is passed over. What comes out is a
``Page`` with its characters, and its tables, as the PDF reader makes them of any other page.
"""

from __future__ import annotations

import io
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from pypdfium2 import PdfMatrix

from auditkit.errors import LimitError
from auditkit.grid import RuledBy
from auditkit.readers.abreast import one_by_one
from auditkit.readers.filling import INK_WITHOUT_TEXT
from auditkit.readers.ink import (
    PALE,
    IllegibleError,
    lines_only,
    on_paper,
    palest,
    print_of,
    shades_of,
)
from auditkit.readers.lattice import Ruled, find_lattices
from auditkit.readers.limits import Count
from auditkit.readers.meshes import Mesh, open_share, room_of, seen_meshes
from auditkit.readers.page import Page, inked_lines, inverse
from auditkit.readers.recognition import (
    UNREAD,
    Read,
    Recognise,
    engine,
    glyphs_of,
    is_figure,
    not_sure,
    read_lines,
    recognised,
    spans,
)
from auditkit.readers.seals import Seal, below, lifted, seals_in
from auditkit.readers.straighten import Bend, Region, straightened
from auditkit.readers.strokes import (
    NO_STREAKS,
    Streaks,
    blots_in,
    is_struck,
    led_through,
    rules_among,
)
from auditkit.readers.troubles import trouble

SHARPEST = 300 / 72  # pixels a point; print is no easier to recognise above it
_LARGEST = 9_000_000  # pixels of a page, an A4 page at that sharpness
USUAL_SIDES = (500.0, 1300.0)  # points; a page whose longer side is beyond them was not made to
DAY = time.gmtime(0)  # of a PDF that pictures become: that of the clock were other bytes each time
A4_SIDE = 842.0  # scale, and is measured as if it were A4
SAMPLE, LEGIBLE, SURELY_LEGIBLE = 12, 0.5, 0.93  # lines, and their mean confidence
WORD = re.compile("[\u4e00-\u9fff]")
OPEN = (0.03, 0.15)  # of what rules enclose: more in no cell is doubted, and is no table
# Of the usual height of a line: taller is no print beside a table, nor lower beside other lines.
TALLEST, LOWEST = 4.0, 0.4
DARKEST = 5  # percentile of its ink: of print 0.36 of the way to paper, 0.55 of what shines through
# Of a table in a picture of another size that goes on from the page before: borders, and how many
# points each may be off.
LEAST_BORDERS, SAME_BORDER = 5, 4.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """What stands out in a picture: ruled tables, and lines of print in and beside them.

    ``picture`` is without what shines through it; through ``struck`` lines goes a stroke, in
    ``blotted`` ones is a blot, ``stray`` ones are strokes beside the lines of a cell, and ``faint``
    ones as pale as what shines through. The ``inner`` first ones are in tables. ``streaks`` run on
    where those end.
    """

    picture: Any
    tables: Ruled
    lines: list[Region]
    struck: frozenset[Region]
    blotted: frozenset[Region]
    stray: frozenset[Region]
    faint: frozenset[Region]
    inner: int
    streaks: Streaks = NO_STREAKS


@dataclass(frozen=True, slots=True)
class _View:
    """A picture turned one way, with what stands out in it and how well that is read, up to 1.

    ``open`` is how much of what rules enclose in it is no cell of its tables.
    """

    legible: float
    quarter: int
    seen: _Layout
    open: float
    seals: list[Seal]


def as_pdf(data: bytes, name: str) -> bytes:
    """Return the pictures of an image file as the pages of a PDF, upright as they are shown."""
    from PIL import Image, ImageFile, ImageOps, ImageSequence, UnidentifiedImageError

    paper, count = io.BytesIO(), Count(name)
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = False, None  # own limits hold
    try:
        with Image.open(io.BytesIO(data)) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                size, place = frame.width * frame.height, f"picture {number}"
                count.add("pictures", 1, "pictures")
                count.hold("pixels", size, "pixels", place)
                count.add("unpacked_bytes", 3 * size, "bytes once unpacked", place)
            frames = ImageSequence.Iterator(image)
            pages = [_in_colour(ImageOps.exif_transpose(frame)) for frame in frames]
    except LimitError:
        raise
    except UnidentifiedImageError as error:  # which names where the bytes lay, otherwise each time
        raise trouble("picture-damaged", name, reason="it is of no known kind") from error
    except Exception as error:  # whatever the library stumbles over is the file's fault
        raise trouble("picture-damaged", name, reason=str(error)) from error
    finally:
        # What other packages set for all of Pillow.
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = before
    dots = 72 * max(pages[0].size) / A4_SIDE
    days = {"creationDate": DAY, "modDate": DAY}
    more = {"save_all": True, "append_images": pages[1:], "quality": 95}
    pages[0].save(paper, "PDF", resolution=dots, **more, **days)
    return paper.getvalue()


def _in_colour(picture: Any) -> Any:
    """Return a picture in eight bits a colour; Pillow would cut off what is above those."""
    from PIL import Image

    if picture.mode[0] not in "IF":
        return picture.convert("RGB")
    shades = np.asarray(picture, np.float64)
    most = 65535 if shades.max(initial=0) > 255 else 255
    return Image.fromarray(np.clip(shades * (255 / most), 0, 255).astype(np.uint8)).convert("RGB")


def read_picture(page: Any, number: int, before: Sequence[float] = ()) -> tuple[Page, Ruled]:
    """Recognise a page of pypdfium2 as its picture shows it; return it with its ruled tables.

    A picture says not how large the paper is. Where its first table has the columns of the one
    that the page ``before`` ended with, by their borders, it counts as large as that.
    Raises ExtraMissingError where the extra ``ocr`` is not installed, and IllegibleError.
    """
    recognise = partial(recognised, engine())
    sides = page.get_size()
    density = min(SHARPEST, math.sqrt(_LARGEST / (sides[0] * sides[1])))
    shown = page.render(scale=density).to_numpy()[:, :, :3]
    picture, way = shades_of(shown)
    way = inverse(PdfMatrix().scale(density, density).multiply(way))
    to_scale = USUAL_SIDES[0] <= max(sides) <= USUAL_SIDES[1]
    unit = density if to_scale else max(picture.shape[:2]) / A4_SIDE
    picture, bent = straightened(picture, unit)
    best = _view(picture, 0, unit, recognise)
    for quarter in (2, 1, 3):
        if best.legible < SURELY_LEGIBLE:
            best = max(best, _view(picture, quarter, unit, recognise), key=lambda v: v.legible)
    tables = _closed(best)
    reads = _checked(best.seen, recognise) if best.legible > LEGIBLE else []
    inner = reads[: best.seen.inner]
    if 3 * sum(not read.doubt for read in inner) <= len(inner):
        raise IllegibleError.saying("scan-illegible")
    by = _as_large_as(before, tables)
    tables, unit = tables.scaled(by), unit / by
    (tall, broad), (high, wide) = picture.shape[:2], best.seen.picture.shape
    upright = PdfMatrix().translate(-broad / 2, -tall / 2).rotate(90 * best.quarter, ccw=True)
    back = inverse(upright.translate(wide / 2, high / 2).scale(1 / unit, 1 / unit))
    shown_at = Bend(back, bent, way) if bent else back.multiply(way)
    glyphs = tuple(glyphs_of(reads, unit))
    return Page(number, wide / unit, high / unit, shown_at, glyphs), tables


def _as_large_as(before: Sequence[float], tables: Ruled) -> float:
    """Return how many times as large a page is to be so that its first table goes on from one."""
    xs = tables.lattices[0].xs
    if len(xs) < LEAST_BORDERS or not before:
        return 1.0
    by = (max(before) - min(before)) / (xs[-1] - xs[0])
    moved = (min(before) + by * (x - xs[0]) for x in xs)
    are_same = all(any(abs(x - edge) <= SAME_BORDER for edge in before) for x in moved)
    return by if are_same else 1.0


def _closed(view: _View) -> Ruled:
    """Return the tables of a picture, not sound where its rules enclose more than is in them."""
    if view.open > OPEN[1]:
        raise IllegibleError.saying("scan-uneven")
    is_sound = view.open <= OPEN[0]
    tables = view.seen.tables
    lattices = (replace(t, is_sound=is_sound) for t in one_by_one(tables.lattices))
    return replace(tables, lattices=below(view.seals, lattices))


def _view(picture: Any, quarter: int, unit: float, recognise: Recognise) -> _View:
    """Look at a picture turned clockwise by quarters, and try how well its longest lines read.

    Where its rules enclose more than is in its tables, the desk or noise beside them may have
    misled: then they are looked for once more where they are alone.
    """
    upright, dark = (np.ascontiguousarray(np.rot90(picture[:, :, n], -quarter)) for n in (0, 1))
    seals = seals_in(dark, unit)
    upright, black = lifted(upright, seals, unit)
    seen = _laid_out(upright, dark, unit, black)
    meshes = seen_meshes(seen.picture, unit) or seen_meshes(dark, unit)  # rules may be red, too
    share = _open(meshes, seen.tables, seals)
    for is_tight in (False, True) if meshes else ():
        if share > OPEN[0]:
            room = room_of(meshes, upright.shape, is_tight=is_tight)
            alone = _laid_out(upright, dark, unit, black, seen.streaks, room)
            if (closer := _open(meshes, alone.tables, seals)) < share:
                seen, share = alone, closer
    if not seen.tables.lattices:
        raise IllegibleError.saying("scan-uneven" if meshes else "scan-tableless")
    longest = sorted(seen.lines[: seen.inner], key=lambda line: line[0] - line[2])[:SAMPLE]
    sure = [own for read in recognise(seen.picture, longest) for own in read.sure]
    # Print that lies on its side falls into single characters, some of which look sure.
    legible = sum(sure) / max(1, len(sure), 4 * len(longest))
    return _View(legible, quarter, seen, share, seals)


def _open(meshes: Sequence[Mesh], tables: Ruled, seals: Sequence[Seal]) -> float:
    """Return how much of what rules enclose is no cell of the tables found."""
    return open_share(meshes, (box for table in tables.lattices for box in table.boxes), seals)


def _laid_out(
    picture: Any,
    dark: Any,
    unit: float,
    seals: Sequence[Seal],
    streaks: Streaks = NO_STREAKS,
    room: Any = None,
) -> _Layout:
    """Find the ruled tables of an upright picture, and the lines of print in and beside them.

    Rules are looked for in ``room``, where that is given, and are none of the ``streaks``.
    A cell without print counts as one line where ``dark``, the picture in its darkest colour,
    shows a mark in it.
    """
    import cv2

    soft = [cv2.GaussianBlur(shades, (0, 0), 0.8) for shades in (picture, dark)]
    ink, marks = ((shades < PALE).astype(np.uint8) * 255 for shades in soft)
    high, wide = ink.shape
    alone, alone_marks = (each if room is None else each & room for each in (ink, marks))
    sizes = cv2.connectedComponentsWithStats(alone)[2][1:, 3]
    sizes = sizes[(sizes > 3 * unit) & (sizes < 40 * unit)]
    tall = float(np.percentile(sizes, 75)) if len(sizes) else 8 * unit
    tables, rules, streaks = _ruled(alone, tall, unit, seals, streaks)
    if not tables.lattices:  # rules may be red too; only then, for so are the strokes of a seal
        tables, rules, streaks = _ruled(alone_marks, tall, unit, seals, streaks)
    strokes = marks > 0
    ruled = cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0
    ink[ruled] = marks[ruled] = 0
    seen = ink
    tabled, blots = _covered(tables, unit, ink.shape), blots_in(ink, unit)
    sample = tabled & (blots == 0)
    ink = print_of(soft[0], ink, sample, tall, unit)
    marks = print_of(soft[1], marks, sample, tall, unit, is_wary=True)
    if ink is not seen:
        picture = np.where(cv2.dilate(seen & ~ink, np.ones((3, 3), np.uint8)) & ~ink, 255, picture)
    limit = palest(soft[0], seen, sample)
    inner: list[tuple[Region, Region, bool]] = []  # lines, their cells, and whether these hold more
    for table in tables.lattices:
        for sides in table.boxes:
            cell = _inside(sides, unit)
            own = _lines_in(ink, marks, cell, tall)
            inner += ((line, cell, len(own) > 1) for line in own)
    beside = lines_only(on_paper(np.where(tabled, 0, ink), tabled, unit), TALLEST * tall)
    return _Layout(
        picture,
        tables,
        [*(line for line, *_ in inner), *_lines_of(beside, (0, 0, wide, high), tall)],
        struck=frozenset(
            a for a, c, _ in inner if is_struck(strokes[a[1] : a[3], c[0] : c[2]], tall)
        ),
        blotted=frozenset(a for a, *_ in inner if blots[a[1] : a[3], a[0] : a[2]].any()),
        stray=frozenset(a for a, _, has_more in inner if has_more and _is_low(ink, a, tall)),
        faint=frozenset(a for a, *_ in inner if limit and _is_faint(soft[0], ink, a, limit)),
        inner=len(inner),
        streaks=streaks,
    )


def _inside(sides: Sequence[float], unit: float) -> Region:
    """Return the pixels of a cell without its rules."""
    left, top, right, bottom = (int(side * unit) for side in sides)
    return left + 3, top + 3, right - 2, bottom - 2


def _lines_in(ink: Any, marks: Any, cell: Region, tall: float) -> list[Region]:
    """Return the lines of print in a cell: all of it where only a mark stands out in it."""
    left, top, right, bottom = cell
    is_marked = bool((marks[top:bottom, left:right] > 0).sum() > 0.1 * tall**2)
    return list(_lines_of(ink, cell, tall)) or [cell] * is_marked


def _is_low(ink: Any, line: Region, tall: float) -> bool:
    """Tell whether a line is too low for print, such as a dash, or the end of a stroke."""
    left, top, right, bottom = line
    return bool(ink[top:bottom, left:right].any(axis=1).sum() < LOWEST * tall)


def _is_faint(shades: Any, ink: Any, line: Region, limit: float) -> bool:
    """Tell whether even the darkest of a line's ink is paler than print."""
    left, top, right, bottom = line
    own = shades[top:bottom, left:right][ink[top:bottom, left:right] > 0]
    return bool(own.size and np.percentile(own, DARKEST) > limit)


def _covered(tables: Ruled, unit: float, shape: tuple[int, int]) -> Any:
    """Return where in a picture of a shape the tables are."""
    covered: Any = np.zeros(shape, bool)
    for table in tables.lattices:
        edges = table.xs[0], table.ys[0], table.xs[-1], table.ys[-1]
        x0, y0, x1, y1 = (int(side * unit) for side in edges)
        covered[max(0, y0 - 3) : y1 + 4, max(0, x0 - 3) : x1 + 4] = True
    return covered


def _ruled(
    ink: Any, tall: float, unit: float, seals: Sequence[Seal], streaks: Streaks
) -> tuple[Ruled, Any, Streaks]:
    """Find the tables whose rules stand out in the ink, where the ink is a rule, and streaks."""
    import cv2
    from camelot import image_processing

    high, wide = (max(1, int(size / (2.2 * tall))) for size in ink.shape)
    blots = blots_in(ink, unit)
    thin = ink & ~cv2.dilate(blots, np.ones((5, 5), np.uint8))
    rows, columns, ruled = inked_lines(thin, unit, (wide, high), image_processing)
    rows, columns = led_through(blots, (rows, columns), ink, unit)
    rows, columns, streaks = rules_among((rows, columns), ink, ruled, unit, seals, streaks)
    found = find_lattices(rows, columns, RuledBy.RASTER)
    tables = [t.trimmed(found.rules) for t in found.lattices if len(t.xs) > 2]
    # One row may be all of a table that goes on from the page before.
    single = [t for t in tables if len(t.xs) >= LEAST_BORDERS]
    tables = [t for t in tables if len(t.ys) > 2] or single
    return replace(found, lattices=tuple(tables)), ruled, streaks


def _lines_of(ink: Any, region: Region, tall: float) -> Iterator[Region]:
    """Part the ink of a region into lines, and those at gaps too wide for a blank."""
    left, top, right, bottom = region
    own = ink[top:bottom, left:right] > 0
    rows: list[tuple[int, int]] = []
    for first, last in spans(own.any(axis=1), 0):
        if rows and last - rows[-1][0] <= 1.25 * tall and first - rows[-1][1] < 0.5 * tall:
            rows[-1] = (rows[-1][0], last)
        else:
            rows.append((first, last))
    for first, last in rows:
        parts = list(spans(own[first:last].any(axis=0), 2.5 * tall))
        for start, end in parts:
            if len(parts) > 1 and last - first > 1.25 * tall:  # lines of pages side by side
                beside = left + start, top + first, left + end, top + last
                yield from _lines_of(ink, beside, tall)
                continue
            part = own[first:last, start:end]
            if part.sum() >= max(4.0, (tall / 10) ** 2):
                inked = np.flatnonzero(part.any(axis=1))
                y0, y1 = top + first + int(inked[0]), top + first + int(inked[-1]) + 1
                lack = max(0, round((0.9 * tall - (y1 - y0)) / 2))
                yield left + start, max(top, y0 - lack), left + end, min(bottom, y1 + lack)


def _checked(seen: _Layout, recognise: Recognise) -> list[Read]:
    """Read the lines of a picture, with a doubt on what may be no print.

    A figure that a stroke goes through is doubted, however well it reads, and a stroke is no text.
    """
    reads = read_lines(seen.picture, seen.lines, recognise)
    return [_as_marked(seen, read, n < seen.inner) for n, read in enumerate(reads)]


def _as_marked(seen: _Layout, read: Read, is_inner: bool) -> Read:
    """Return a line of a picture with the doubt that its place or its ink gives rise to."""
    is_stroke = read.doubt or (read.text.isascii() and not read.text.isdigit())
    is_noise = read.doubt and not WORD.search(read.text) and min(read.sure, default=0.0) < LEGIBLE
    is_edge = is_noise or (len(read.text) < 2 and is_stroke)  # of the paper, or of the desk
    if read.box in seen.stray or (is_edge and not is_inner):
        return replace(read, doubt=UNREAD)
    is_hidden = read.box in seen.blotted or (read.box in seen.struck and is_figure(read))
    if is_hidden and not read.doubt:
        return replace(read, doubt=INK_WITHOUT_TEXT)
    if read.box in seen.faint and not read.doubt:
        return replace(read, doubt=not_sure(read.text))
    return read
