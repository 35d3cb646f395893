"""Characters become lines, and the lines of one cell its text, with what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import Cell, Document, raised
from auditkit.readers.glyphs import Glyph, as_printed, upright
from auditkit.readers.page import Page

_ASIDE = 0.15  # of the height of a line, that a second print for bold type stands aside
SMALL, HIGH = 0.92, 0.15  # a footnote's digit in heights of the one before, and how far above it
LINE = 1.4  # from one line to the next, in heights of a character

NO_MEANING = Doubt(DoubtKind.NO_MEANING)
ON_TOP = Doubt(DoubtKind.ON_TOP)
OTHER_ORDER = Doubt(DoubtKind.OTHER_ORDER)


def solid_of(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Return the characters that have ink."""
    return [glyph for glyph in glyphs if not glyph.is_spacing]


def by_turn(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Part characters by how they are turned, upright ones first, and stand each part upright."""
    turns = {glyph.turn for glyph in glyphs if not glyph.is_spacing}
    if turns <= {0}:
        return [list(glyphs)]
    return [[upright(g) for g in glyphs if g.turn == turn] for turn in sorted(turns)]


def read_text(
    glyphs: Sequence[Glyph], width: float, tall: float = 0.0
) -> tuple[str, tuple[Doubt, ...]]:
    """Return the text of one cell and what is doubtful about it.

    A line that ended because the next word did not fit into ``width`` points, or ``tall`` of them
    where the text is turned, is joined to the next; one that ended for another reason keeps its
    break.
    """
    if not solid_of(glyphs):
        return "", _doubts_of("", glyphs)
    parts = by_turn(glyphs)
    told = [_read(part, tall if part[0].turn % 2 else width) for part in parts]
    mixed = (OTHER_ORDER,) if len(parts) > 1 else ()
    doubts = dict.fromkeys([*(doubt for _, doubts in told for doubt in doubts), *mixed])
    return "\n".join(text for text, _ in told), tuple(doubts)


def _read(glyphs: Sequence[Glyph], width: float) -> tuple[str, tuple[Doubt, ...]]:
    """Read characters that all stand upright."""
    lines = lines_in(glyphs)
    words = [_line_text(line) for line in lines]
    text = words[0]
    for line, following, said in zip(lines, lines[1:], words[1:], strict=False):
        if is_wrapped(line, following, width):
            latin = text[-1:].isascii() and text[-1:].isalpha() and said[:1].isascii()
            text += (" " if latin and said[:1].isalpha() else "") + said
        else:
            text += "\n" + said
    ranks = {id(glyph): rank for rank, glyph in enumerate(glyphs)}
    orders = [[ranks[id(glyph)] for glyph in solid_of(line)] for line in lines]
    moved = any(order != sorted(order) for order in orders)
    pairs = (pair for line in lines for pair in pairwise(solid_of(line)))
    on_top = any(_is_on_top(*pair) and not _is_ligature(*pair) for pair in pairs)
    odd = ((OTHER_ORDER, moved), (ON_TOP, on_top))
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


def lines_in(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Group characters into lines from the top down, each from left to right."""
    solid = solid_of(glyphs)
    tall = height(solid)
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
        line[1:] = [b for a, b in pairwise(line) if not _is_copy(a, b, _ASIDE * tall)]
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


def _is_ligature(first: Glyph, second: Glyph) -> bool:
    """Tell whether two letters are drawn as one, such as fi."""
    is_one = first.part == second.part and first[1:5] == second[1:5]
    return is_one and (first.text + second.text).isascii() and (first.text + second.text).isalpha()


def height(solid: Sequence[Glyph]) -> float:
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


def is_wrapped(line: list[Glyph], following: list[Glyph], width: float) -> bool:
    """Tell whether the next line's first word would not have fitted behind this line."""
    return needed_for(line, following) >= width - 0.4 * height(line)


def needed_for(line: list[Glyph], following: list[Glyph]) -> float:
    """Return how wide a line would be with the first word of the next one.

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
    return used + word[-1].right - word[0].left


def lines_of_text(
    glyphs: Sequence[Glyph], page: Page, document: Document
) -> list[tuple[float, Cell]]:
    """Return the lines of text outside tables with their upper edges, from the top down."""
    found: list[tuple[float, Cell]] = []
    for part in by_turn(glyphs) if solid_of(glyphs) else ():
        for line in lines_in(part):
            text, solid = _line_text(line), [as_printed(glyph) for glyph in solid_of(line)]
            lefts, tops, rights, bottoms = zip(*(glyph[1:5] for glyph in solid), strict=True)
            box = page.displayed(min(lefts), min(tops), max(rights), max(bottoms))
            doubts = _doubts_of(text, solid)
            found.append((min(tops), Cell(document, box, text, len(found), 0, 0, 0, doubts=doubts)))
    return found if all(glyph.turn == 0 for glyph in glyphs) else sorted(found, key=itemgetter(0))
