"""Each character of a page is put into the cell of a table that it belongs to.

That is the cell that holds its middle; what a file draws in one go stays together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import Cell, Document
from auditkit.readers.glyphs import Glyph, upright
from auditkit.readers.lattice import UNSOUND_GRID, Lattice
from auditkit.readers.lines import LINE, height, read_text, solid_of
from auditkit.readers.page import Page

RUNS_OVER = Doubt(DoubtKind.RUNS_OVER)
INK_WITHOUT_TEXT = Doubt(DoubtKind.INK_WITHOUT_TEXT)
SEALED = Doubt(DoubtKind.SEALED)
CROSSING = 0.2  # of the height of a character; less of it over a rule is a letter set too low
_CLOSE = 0.6  # points between characters of one word that are drawn for themselves
_ASIDE = 2.0  # points; the clips of LibreOffice and Excel end up to one beside the rule of the cell


def fill(
    lattice: Lattice, glyphs: Sequence[Glyph], page: Page, document: Document
) -> tuple[tuple[Cell, ...], tuple[Glyph, ...]]:
    """Put each character into its cell; return the cells and the characters left over.

    What is too long for its cell, and is printed on over the rule beside it, is put whole into
    the cell that holds its middle, with a doubt.
    """
    held: list[list[Glyph]] = [[] for _ in lattice.areas]
    edges = [(lattice.ys[top], lattice.ys[low + 1]) for top, _, low, _ in lattice.areas]
    over: set[int] = set()
    rest: list[Glyph] = []
    before: tuple[Glyph, int | None] | None = None
    for run in _runs(glyphs):
        numbers = [_cell_of(g, lattice) for g in run]
        touched = [number for number in dict.fromkeys(numbers) if number is not None]
        if len(touched) > 1 or (touched and None in numbers):
            level, (across, down) = run[len(run) // 2], _middle(run[0], run[-1])
            if level.turn % 2:
                level = level._replace(top=down, bottom=down)
            else:
                level = level._replace(left=across, right=across)
            whole = _cell_of(level, lattice)
            numbers = [touched[0] if whole is None else whole] * len(run)
            over.update(touched)
        for glyph, number in zip(run, numbers, strict=True):
            if number is None:
                rest.append(glyph)
            else:
                held[number].append(glyph)
                if glyph.top < edges[number][0] or glyph.bottom > edges[number][1]:
                    over |= _crossed(glyph, number, lattice)
            if glyph.is_spacing:
                before = before if before and before[0].part == glyph.part else None
                continue
            if before and before[1] != number and _go_on(before[0], glyph):
                over |= {own for own in (before[1], number) if own is not None}
            before = glyph, number
    rest = _take_in(lattice, held, rest, over)
    padding = _padding(lattice, held)
    unsound = () if lattice.is_sound else (UNSOUND_GRID,)
    cells = []
    for number, ((top, left, bottom, right), sides) in enumerate(
        zip(lattice.areas, lattice.boxes, strict=True)
    ):
        width, tall = (sides[n + 2] - sides[n] - 2 * padding for n in (0, 1))
        text, doubts = read_text(held[number], width, tall)
        crossing = (RUNS_OVER,) if number in over else ()
        marks = (INK_WITHOUT_TEXT, number in lattice.inked), (SEALED, number in lattice.sealed)
        inked = tuple(doubt for doubt, is_so in marks if is_so)
        own = (*(lattice.doubts[number] if text else ()), *doubts, *crossing, *inked, *unsound)
        place, room = page.displayed(*sides), _room(held[number], sides[3])
        spans = bottom - top + 1, right - left + 1
        cells.append(Cell(document, place, text, top, left, *spans, doubts=own, room=room))
    return tuple(cells), tuple(rest)


def _cell_of(glyph: Glyph, lattice: Lattice) -> int | None:
    """Return the cell that a character belongs to: its clip's, where one cell has that, or its own.

    What a low row hides of its text lies over other rows, under the clip of its own.
    """
    across, down = _middle(glyph, glyph)
    if glyph.clip:
        left, top, right, bottom = glyph.clip
        aside = min(_ASIDE, (right - left) / 2, (bottom - top) / 2)
        within = min(max(across, left + aside), right - aside)
        ends = {lattice.find(within, y) for y in (top + aside, bottom - aside)}
        if len(ends) == 1 and ends != {None}:
            return ends.pop()
    return lattice.find(across, down)


def _crossed(glyph: Glyph, number: int, lattice: Lattice) -> set[int]:
    """Return the cells whose rule a character is printed over, its own and that above or below."""
    area = lattice.areas[number]
    top, bottom = lattice.ys[area[0]], lattice.ys[area[2] + 1]
    aside = CROSSING * (glyph.bottom - glyph.top)
    if glyph.clip or (glyph.top >= top - aside and glyph.bottom <= bottom + aside):
        return set()
    across, down = _middle(glyph, glyph)
    ends = {lattice.find(across, y) for y in (glyph.top, down, glyph.bottom)} - {None}
    return {end for end in ends if end is not None} | {number} if len(ends) > 1 else set()


def _middle(first: Glyph, last: Glyph) -> tuple[float, float]:
    return (first.left + last.right) / 2, (first.top + last.bottom) / 2


def _room(glyphs: Sequence[Glyph], bottom: float) -> float:
    """Return how many more lines would fit between the text of a cell and its lower border."""
    solid = solid_of(glyphs)
    low = max((glyph.bottom for glyph in solid), default=bottom)
    return round((bottom - low) / (LINE * height(solid)), 2) if solid else 0.0


def _take_in(
    lattice: Lattice, held: list[list[Glyph]], rest: list[Glyph], over: set[int]
) -> list[Glyph]:
    """Put what is printed beyond the end of a cell that a page edge cuts into that cell."""
    ends = (lattice.ys[0] + 0.1, -1), (lattice.ys[-1] - 0.1, 1)
    for open_end, (y, sign) in zip(lattice.open_ends, ends, strict=True):
        unclosed = {lattice.find(x, y) for x in open_end} - {None}
        taken = set()
        for glyph in sorted(solid_of(rest), key=lambda g: sign * g.top) if unclosed else ():
            number = lattice.find(_middle(glyph, glyph)[0], y)
            if number is None or number not in unclosed:
                continue
            own = solid_of(held[number])
            gaps = [glyph.top - g.bottom if sign > 0 else g.top - glyph.bottom for g in own]
            tall = glyph.bottom - glyph.top
            if -2 * tall < min(gaps, default=tall) < tall:
                held[number].append(glyph)
                over.add(number)
                taken.add(glyph)
        rest = [glyph for glyph in rest if glyph not in taken]
    return rest


def _runs(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Part the characters into runs that are drawn in one go, side by side without a gap.

    Some producers draw each character for itself; those that follow each other then make a run.
    """
    drawn = Counter(glyph.part for glyph in glyphs)
    run: list[Glyph] = []
    last: Glyph | None = None
    for glyph in glyphs:
        own = upright(glyph) if glyph.turn else glyph
        if last and (
            own.is_spacing
            or last.is_spacing
            or (own.part != last.part and max(drawn[own.part], drawn[last.part]) > 1)
            or own.turn != last.turn
            or abs(own.base - last.base) > 1.0
            or not _is_beside(last, own)
        ):
            yield run
            run = []
        run.append(glyph)
        last = own
    if run:
        yield run


def _is_beside(first: Glyph, second: Glyph) -> bool:
    apart = max(1.0, 0.4 * (second.bottom - second.top), 0.4 * (first.bottom - first.top))
    return -apart < second.left - first.right < apart


def _go_on(first: Glyph, second: Glyph) -> bool:
    """Tell whether a character goes on with the word before: close by, or spaced as its text is."""
    tall = min(first.bottom - first.top, second.bottom - second.top)
    level = min(first.bottom, second.bottom) - max(first.top, second.top)
    apart = tall if first.part and first.part == second.part else _CLOSE
    return level > tall / 2 and -0.5 < second.left - first.right < apart


def _padding(lattice: Lattice, held: list[list[Glyph]]) -> float:
    """Estimate the blank strip inside the borders from the cells that are filled best."""
    gaps = sorted(
        min(g.left for g in glyphs) - lattice.xs[left]
        for (_, left, _, _), glyphs in zip(lattice.areas, held, strict=True)
        if glyphs
    )
    return min(max(0.5, gaps[len(gaps) // 10]), 8.0) if gaps else 2.0
