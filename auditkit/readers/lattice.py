"""Rules and characters of a page become a grid of whole cells with their text.

Camelot's lattice logic joins broken rules and groups those that cross into tables; which
squares of a table are one merged cell is decided here by how much of the border between two
squares is ruled, and each character belongs to the cell that holds its middle.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import Cell, Document, RuledBy, raised
from auditkit.readers.page import Glyph, Page, Stroke, ruling

_NEAR = 3.0  # rules closer than this many points are one rule, drawn double or by two cells
APART = 5.0  # and boxes drawn for each cell no further apart than this make one table
ASIDE = 0.15  # of the height of a line, that a second print for bold type stands aside
SMALL, HIGH = 0.92, 0.15  # a footnote's digit in heights of the one before, and how far above it
LINE = 1.4  # from one line to the next, in heights of a character
_RULED, _SURELY_OPEN, _SURELY_RULED = 0.5, 0.25, 0.75

_Square = tuple[int, int]  # its row and column
Area = tuple[int, int, int, int]  # the rows and columns of a cell's first and last squares

BROKEN_RULE = Doubt(DoubtKind.BROKEN_RULE)
ODD_SHAPE = Doubt(DoubtKind.ODD_SHAPE)
NO_MEANING = Doubt(DoubtKind.NO_MEANING)
RUNS_OVER = Doubt(DoubtKind.RUNS_OVER)
ON_TOP = Doubt(DoubtKind.ON_TOP)
OTHER_ORDER = Doubt(DoubtKind.OTHER_ORDER)


@dataclass(frozen=True)
class Lattice:
    """A ruled table: its border positions, and of each cell the first and last squares."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    areas: tuple[Area, ...]
    doubts: tuple[tuple[Doubt, ...], ...]
    # Middles of the columns that a page edge leaves unclosed, above and below.
    open_ends: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())

    @cached_property
    def _owner(self) -> dict[tuple[int, int], int]:
        return {
            (row, column): number
            for number, (top, left, bottom, right) in enumerate(self.areas)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }

    def find(self, x: float, y: float) -> int | None:
        """Return the number of the area that holds a point."""
        row, column = bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1
        return self._owner.get((row, column))

    @property
    def open_edges(self) -> tuple[float, ...]:
        """The borders of the cells in the last row, which a next page's table goes on from."""
        bottom = len(self.ys) - 2
        last = [area for area in self.areas if area[2] == bottom]
        return tuple(sorted({self.xs[side] for a in last for side in (a[1], a[3] + 1)}))

    def widened(self, edges: Sequence[float]) -> Lattice:
        """Return the table with the columns on its left that the page before ended with.

        Some producers draw no rule around the part of a merged cell that a page edge cut off,
        but do print its text there.
        """
        missing = [edge for edge in edges if edge < self.xs[0] - _NEAR]
        if not missing or not any(abs(self.xs[0] - edge) <= _NEAR for edge in edges):
            return self
        more, rows = len(missing), len(self.ys) - 1
        areas = [(0, column, rows - 1, column) for column in range(more)]
        areas += [(top, left + more, low, right + more) for top, left, low, right in self.areas]
        edges, doubts = (*missing, *self.xs), ((),) * more + self.doubts
        return replace(self, xs=edges, areas=tuple(areas), doubts=doubts)


def closed(
    across: Sequence[Stroke], down: Sequence[Stroke], edges: Sequence[float]
) -> tuple[list[Stroke], list[Stroke]]:
    """Close the rules of a page that one row of a table takes up from top to bottom.

    ``edges`` are the borders with which the page before ended; nothing is closed unless the
    outer two of them go on.
    """
    own = [line for line in down if any(abs(line.x0 - edge) <= _NEAR for edge in edges)]
    ends = [*edges[:1], *edges[-1:]]
    if not own or not all(any(abs(line.x0 - end) <= _NEAR for line in own) for end in ends):
        return list(across), list(down)
    top, bottom = min(line.y0 for line in own), max(line.y1 for line in own)
    return [*across, *(Stroke(ends[0], y, ends[1], y) for y in (top, bottom))], list(down)


def drawn_together(
    across: Sequence[Stroke], down: Sequence[Stroke]
) -> tuple[list[Stroke], list[Stroke]]:
    """Move rules that lie side by side onto each other, and close the gaps in broken ones.

    Web pages print the cells of a table as boxes of their own, a point or two apart, or with
    dashed rules.
    """
    xs = _merge([line.x0 for line in down], APART)
    ys = _merge([line.y0 for line in across], APART)

    def near(value: float, places: tuple[float, ...]) -> float:
        nearest = min(places, key=lambda place: abs(place - value), default=value)
        return nearest if abs(nearest - value) <= APART else value

    level = [(near(a.x0, xs), near(a.y0, ys), near(a.x1, xs)) for a in across]
    upright = [(near(d.x0, xs), near(d.y0, ys), near(d.y1, ys)) for d in down]
    rows = [Stroke(left, y, right, y) for left, y, right in level if right > left]
    columns = [Stroke(x, top, x, bottom) for x, top, bottom in upright if bottom > top]
    return (
        ruling().coalesce_collinear_lines(rows, "horizontal", APART),
        ruling().coalesce_collinear_lines(columns, "vertical", APART),
    )


@dataclass(frozen=True, slots=True)
class Ruled:
    """The tables of a page from its top down, and the rules that they were looked for in."""

    lattices: tuple[Lattice, ...]
    rules: tuple[Stroke, ...]
    by: RuledBy


def find_lattices(
    horizontal: Sequence[Stroke], vertical: Sequence[Stroke], by: RuledBy = RuledBy.DRAWN
) -> Ruled:
    """Join broken rules, and group those that cross into tables; ``by`` is how they were found."""
    across = [Stroke(*line) for line in ruling().coalesce_collinear_lines(horizontal, "horizontal")]
    down = [Stroke(*line) for line in ruling().coalesce_collinear_lines(vertical, "vertical")]
    tables = []
    for (left, low, right, high), joints in ruling().find_joints_from_lines(across, down).items():
        xs = _merge([left, right, *(x for x, _ in joints)])
        ys = _merge([low, high, *(y for _, y in joints)])
        if len(xs) > 1 and len(ys) > 1:
            tables.append(_lattice(xs, ys, across, down))
    found = sorted(_outermost(tables), key=lambda table: (table.ys[0], table.xs[0]))
    return Ruled(tuple(found), (*across, *down), by)


def _outermost(tables: list[Lattice]) -> Iterator[Lattice]:
    """Leave out tables that stand inside one square of another, such as ruled check boxes."""
    for table in tables:
        x, y = (table.xs[0] + table.xs[-1]) / 2, (table.ys[0] + table.ys[-1]) / 2
        if not any(_holds(other, x, y) for other in tables if _size(other) > _size(table)):
            yield table


def _holds(table: Lattice, x: float, y: float) -> bool:
    return table.xs[0] <= x <= table.xs[-1] and table.ys[0] <= y <= table.ys[-1]


def _size(table: Lattice) -> float:
    return (table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0])


def _merge(values: list[float], apart: float = _NEAR) -> tuple[float, ...]:
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= apart:
            groups[-1].append(value)
        else:
            groups.append([value])
    return tuple(sum(group) / len(group) for group in groups)


def _lattice(
    xs: tuple[float, ...], ys: tuple[float, ...], across: list[Stroke], down: list[Stroke]
) -> Lattice:
    """Join the squares that no rule parts into whole cells."""
    rows, columns = len(ys) - 1, len(xs) - 1
    unparted: list[tuple[_Square, _Square]] = []
    doubtful: set[_Square] = set()
    upright = [[(v.y0, v.y1) for v in down if abs(v.x0 - x) <= _NEAR] for x in xs]
    level = [[(h.x0, h.x1) for h in across if abs(h.y0 - y) <= _NEAR] for y in ys]
    for r, c in product(range(rows), range(columns)):
        for other, rules, low, high in (
            ((r, c + 1), upright[c + 1], ys[r], ys[r + 1]),
            ((r + 1, c), level[r + 1], xs[c], xs[c + 1]),
        ):
            share = _covered(rules, low, high) if other[0] < rows and other[1] < columns else 1
            unparted += [((r, c), other)] * (share < _RULED)
            if _SURELY_OPEN < share < _SURELY_RULED:
                doubtful |= {(r, c), other}
    above, below = (
        tuple((a + b) / 2 for a, b in pairwise(xs) if _covered(rules, a, b) < _RULED)
        for rules in (level[0], level[-1])
    )
    areas, doubts = whole_cells(rows, columns, unparted, doubtful)
    return Lattice(xs, ys, areas, doubts, (above, below))


def whole_cells(
    rows: int, columns: int, unparted: Iterable[tuple[_Square, _Square]], doubtful: set[_Square]
) -> tuple[tuple[Area, ...], tuple[tuple[Doubt, ...], ...]]:
    """Join squares that nothing parts into rectangular cells; return these and their doubts."""
    groups = {square: [square] for square in product(range(rows), range(columns))}
    for square, other in unparted:
        if groups[other] is not groups[square]:
            groups[square] += groups[other]
            groups |= dict.fromkeys(groups[other], groups[square])
    areas: list[Area] = []
    doubts: list[tuple[Doubt, ...]] = []
    for group in sorted({id(group): sorted(group) for group in groups.values()}.values()):
        (top, _), (bottom, _) = group[0], group[-1]
        left, right = min(c for _, c in group), max(c for _, c in group)
        is_whole = len(group) == (bottom - top + 1) * (right - left + 1)
        broken = () if doubtful.isdisjoint(group) else (BROKEN_RULE,)
        areas += [(top, left, bottom, right)] if is_whole else [(r, c, r, c) for r, c in group]
        doubts += [broken] if is_whole else [(*broken, ODD_SHAPE)] * len(group)
    return tuple(areas), tuple(doubts)


def _covered(spans: list[tuple[float, float]], low: float, high: float) -> float:
    return sum(max(0.0, min(b, high) - max(a, low)) for a, b in spans) / (high - low)


def fill(
    lattice: Lattice, glyphs: Sequence[Glyph], page: Page, document: Document
) -> tuple[tuple[Cell, ...], tuple[Glyph, ...]]:
    """Put each character into its cell; return the cells and the characters left over.

    What is too long for its cell, and is printed on over the rule beside it, is put whole into
    the cell that holds its middle, with a doubt.
    """
    held: list[list[Glyph]] = [[] for _ in lattice.areas]
    over: set[int] = set()
    rest: list[Glyph] = []
    before: tuple[Glyph, int] | None = None
    for run in _runs(glyphs):
        numbers = [lattice.find(*_middle(g, g)) for g in run]
        touched = [number for number in dict.fromkeys(numbers) if number is not None]
        if len(touched) > 1:
            level, (middle, _) = run[len(run) // 2], _middle(run[0], run[-1])
            whole = lattice.find(middle, _middle(level, level)[1])
            numbers = [touched[0] if whole is None else whole] * len(run)
            over.update(touched)
        for glyph, number in zip(run, numbers, strict=True):
            if number is None:
                rest.append(glyph)
                before = None
                continue
            held[number].append(glyph)
            if before and before[1] != number and not glyph.is_spacing and _touch(before[0], glyph):
                over |= {before[1], number}
            before = None if glyph.is_spacing else (glyph, number)
    rest = _take_in(lattice, held, rest, over)
    padding = _padding(lattice, held)
    cells = []
    for number, (top, left, bottom, right) in enumerate(lattice.areas):
        edges = lattice.xs[left], lattice.ys[top], lattice.xs[right + 1], lattice.ys[bottom + 1]
        width = edges[2] - edges[0] - 2 * padding
        text, doubts = read_text(held[number], width)
        crossing = (RUNS_OVER,) if number in over else ()
        own = (*(lattice.doubts[number] if text else ()), *doubts, *crossing)
        place, room = page.displayed(*edges), _room(held[number], edges[3])
        spans = bottom - top + 1, right - left + 1
        cells.append(Cell(document, place, text, top, left, *spans, doubts=own, room=room))
    return tuple(cells), tuple(rest)


def _middle(first: Glyph, last: Glyph) -> tuple[float, float]:
    return (first.left + last.right) / 2, (first.top + last.bottom) / 2


def _solid(glyphs: Iterable[Glyph]) -> list[Glyph]:
    return [glyph for glyph in glyphs if not glyph.is_spacing]


def _room(glyphs: Sequence[Glyph], bottom: float) -> float:
    """Return how many more lines would fit between the text of a cell and its lower border."""
    solid = _solid(glyphs)
    low = max((glyph.bottom for glyph in solid), default=bottom)
    return round((bottom - low) / (LINE * _height(solid)), 2) if solid else 0.0


def _take_in(
    lattice: Lattice, held: list[list[Glyph]], rest: list[Glyph], over: set[int]
) -> list[Glyph]:
    """Put what is printed beyond the end of a cell that a page edge cuts into that cell."""
    ends = (lattice.ys[0] + 0.1, -1), (lattice.ys[-1] - 0.1, 1)
    for open_end, (y, sign) in zip(lattice.open_ends, ends, strict=True):
        unclosed = {lattice.find(x, y) for x in open_end} - {None}
        taken = set()
        for glyph in sorted(_solid(rest), key=lambda g: sign * g.top) if unclosed else ():
            number = lattice.find(_middle(glyph, glyph)[0], y)
            if number is None or number not in unclosed:
                continue
            own = _solid(held[number])
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
    for glyph in glyphs:
        last = run[-1] if run else glyph
        apart = max(1.0, 0.4 * (glyph.bottom - glyph.top), 0.4 * (last.bottom - last.top))
        if run and (
            glyph.is_spacing
            or last.is_spacing
            or (glyph.part != last.part and max(drawn[glyph.part], drawn[last.part]) > 1)
            or abs(glyph.base - last.base) > 1.0
            or not -apart < glyph.left - last.right < apart
        ):
            yield run
            run = []
        run.append(glyph)
    if run:
        yield run


def _touch(first: Glyph, second: Glyph) -> bool:
    """Tell whether two characters stand side by side as in one word."""
    tall = min(first.bottom - first.top, second.bottom - second.top)
    level = min(first.bottom, second.bottom) - max(first.top, second.top)
    return level > tall / 2 and -0.5 < second.left - first.right < 0.6


def _padding(lattice: Lattice, held: list[list[Glyph]]) -> float:
    """Estimate the blank strip inside the borders from the cells that are filled best."""
    gaps = sorted(
        min(g.left for g in glyphs) - lattice.xs[left]
        for (_, left, _, _), glyphs in zip(lattice.areas, held, strict=True)
        if glyphs
    )
    return min(max(0.5, gaps[len(gaps) // 10]), 8.0) if gaps else 2.0


def read_text(glyphs: Sequence[Glyph], width: float) -> tuple[str, tuple[Doubt, ...]]:
    """Return the text of one cell and what is doubtful about it.

    A line that ended because the next word did not fit into ``width`` points is joined to the
    next; a line that ended for another reason keeps its break.
    """
    if not _solid(glyphs):
        return "", _doubts_of("", glyphs)
    lines = _lines(glyphs)
    words = [_line_text(line) for line in lines]
    text = words[0]
    for line, following, said in zip(lines, lines[1:], words[1:], strict=False):
        if _is_wrapped(line, following, width):
            latin = text[-1:].isascii() and text[-1:].isalpha() and said[:1].isascii()
            text += (" " if latin and said[:1].isalpha() else "") + said
        else:
            text += "\n" + said
    ranks = {id(glyph): rank for rank, glyph in enumerate(glyphs)}
    orders = [[ranks[id(glyph)] for glyph in _solid(line)] for line in lines]
    moved = any(order != sorted(order) for order in orders)
    pairs = (pair for line in lines for pair in pairwise(_solid(line)))
    odd = ((OTHER_ORDER, moved), (ON_TOP, any(_is_on_top(*pair) for pair in pairs)))
    return text, (*_doubts_of(text, glyphs), *(doubt for doubt, is_so in odd if is_so))


def _doubts_of(text: str, glyphs: Iterable[Glyph]) -> tuple[Doubt, ...]:
    """Return why recognition, and a reader of the text, doubt some of its characters."""
    meaningless = NO_MEANING if any(map(is_meaningless, text)) else None
    return tuple(filter(None, dict.fromkeys([*(glyph.doubt for glyph in glyphs), meaningless])))


def is_meaningless(char: str) -> bool:
    """Tell whether a character says nothing: no Unicode value, or a control or private code."""
    return (
        char in "\ufffd\ufffe"
        or "\ue000" <= char <= "\uf8ff"
        or (char < " " and char not in "\t\r\n")
    )


def _lines(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Group characters into lines from the top down, each from left to right."""
    solid = _solid(glyphs)
    tall = _height(solid)
    lines: list[list[Glyph]] = []
    for glyph in sorted(solid, key=lambda g: (round(g.base, 1), g.top)):
        first, last = (lines[-1][0], lines[-1][-1]) if lines else (glyph, glyph)
        # What stands high above its line, such as the 2 of m², still stands beside the next.
        is_beside = first.bottom - glyph.top > HIGH * tall or glyph.base - last.base <= 0.1 * tall
        if lines and (glyph.base - first.base <= 0.6 * tall or is_beside):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    for line in lines:
        line.sort(key=lambda g: g.left)
        # Some programs print a text twice, a little aside, where they have no bold type.
        line[1:] = [b for a, b in pairwise(line) if not _is_copy(a, b, ASIDE * tall)]
    return _with_spacing(lines, [glyph for glyph in glyphs if glyph.text == " "])


def _is_copy(first: Glyph, second: Glyph, aside: float) -> bool:
    """Tell whether a character is the one before it again, so little aside that one is seen."""
    is_near = second.left - first.left <= aside
    return is_near and first.text == second.text and _is_on_top(first, second)


def _is_on_top(first: Glyph, second: Glyph) -> bool:
    """Tell whether two characters are printed in one place, each over the middle of the other."""
    middles = first.left + first.right, second.left + second.right
    across = 2 * second.left < middles[0] and middles[1] < 2 * first.right
    level = min(first.bottom, second.bottom) - max(first.top, second.top)
    return across and 2 * level > min(first.bottom - first.top, second.bottom - second.top)


def _height(solid: Sequence[Glyph]) -> float:
    """Return the usual height of the characters, dashes and commas aside."""
    heights = sorted(g.bottom - g.top for g in solid)
    return max(heights[len(heights) * 3 // 4], 3.0)


def _with_spacing(lines: list[list[Glyph]], blanks: list[Glyph]) -> list[list[Glyph]]:
    """Put blanks back where they part words; between ideographs a blank is only spacing."""
    for blank in blanks:
        for line in lines:
            if abs(line[0].base - blank.base) > 1.0:
                continue
            place = sum(1 for glyph in line if glyph.left < blank.right - 0.1)
            around = line[place - 1 : place + 1] if place else []
            if len(around) == 2 and all(_parts_words(glyph) for glyph in around):
                line.insert(place, blank)
            break
    return lines


def _parts_words(glyph: Glyph) -> bool:
    return glyph.text.isascii() and not glyph.is_spacing


def _line_text(line: list[Glyph]) -> str:
    """Return the text of a line, with small digits above a number as the marks that they are."""
    text, usual = "", None
    for glyph in line:
        char = " " if glyph.is_spacing else glyph.text
        tall = usual.bottom - usual.top if usual else 0.0
        if not char.isdigit():
            usual = usual if char in "%," else None
        elif usual and _is_raised(glyph, usual.base, tall):
            char = raised(char)
        else:
            usual = glyph
        text += char
    return text.strip()


def _is_raised(glyph: Glyph, base: float, tall: float) -> bool:
    return glyph.bottom - glyph.top < SMALL * tall and base - glyph.base > HIGH * tall


def _is_wrapped(line: list[Glyph], following: list[Glyph], width: float) -> bool:
    """Tell whether the next line's first word would not have fitted behind this line.

    Between two digits only the next digit counts: such a break is made by producers that may
    break anywhere, and two numbers below each other must not pass for one.
    """
    used = max(g.right for g in line) - min(g.left for g in line)
    word = following[:1]
    if not (line[-1].text.isdigit() and following[0].text.isdigit()):
        for glyph in following[1:]:
            if not (word[-1].text.isascii() and glyph.text.isascii()) or glyph.is_spacing:
                break
            word.append(glyph)
    needed = word[-1].right - word[0].left
    return used + needed >= width - 0.4 * _height(line)


def lines_of_text(
    glyphs: Sequence[Glyph], page: Page, document: Document
) -> list[tuple[float, Cell]]:
    """Return the lines of text outside tables with their upper edges, from the top down."""
    found = []
    for number, line in enumerate(_lines(glyphs) if _solid(glyphs) else ()):
        text, solid = _line_text(line), _solid(line)
        lefts, tops, rights, bottoms = zip(*(glyph[1:5] for glyph in solid), strict=True)
        box = page.displayed(min(lefts), min(tops), max(rights), max(bottoms))
        doubts = _doubts_of(text, solid)
        found.append((min(tops), Cell(document, box, text, number, 0, doubts=doubts)))
    return found
