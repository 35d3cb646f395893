"""Entries made of cells: the text as one line, the reading, and every reason to doubt it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.sheet import Slot
from auditkit.grid import Cell, How
from auditkit.numbers import Reading, read_number, read_value, read_words
from auditkit.report import Entry, is_unread

Read = Callable[[str], Reading]

NUMBER: Read = read_number
VALUE: Read = read_value
WORDS: Read = read_words

BROKEN_NUMBER = Doubt(DoubtKind.LINE_BREAK_INSIDE)
TOO_NARROW = Doubt(DoubtKind.TOO_NARROW)
NO_NUMBER = Doubt(DoubtKind.NO_NUMBER)
_TOO_NARROW = re.compile(r"#{2,}")
_BREAK_IN_NUMBER = re.compile(r"[\d.,，．]\s*\n\s*[\d.,，．%％]")


def entry(path: str, slots: Sequence[Slot] | Slot | None, read: Read) -> Entry | None:
    """Make an entry of the cells that state it, or ``None`` where the form has no such cell.

    The texts of several cells are joined as they stand, from left to right.
    """
    slots = [slots] if isinstance(slots, Slot) else slots
    return stated(path, "".join(slot.text for slot in slots), slots, read) if slots else None


def stated(path: str, raw: str, places: Sequence[Slot | Cell], read: Read) -> Entry:
    """Make an entry of a text, such as a part of a cell, and the places that it stands in."""
    cells = [cell for p in places for cell in (p.cells if isinstance(p, Slot) else (p,))]
    reading = read(one_line(raw))
    doubts = [reason for place in places for reason in place.doubts]
    if read is not WORDS and _BREAK_IN_NUMBER.search(raw):
        doubts.append(BROKEN_NUMBER)
    if _TOO_NARROW.fullmatch(reading.raw):
        doubts.append(TOO_NARROW)
    elif read is NUMBER and is_unread(reading):
        doubts.append(NO_NUMBER)
    doubts += reading.suspicions
    ways = {cell.how for cell in cells}
    how = next((way for way in (How.INFERRED, How.CONSENSUS) if way in ways), How.READ)
    return Entry(path, reading, tuple(cells), how, tuple(dict.fromkeys(doubts)))


def doubted(some: Entry, reason: Doubt) -> Entry:
    """Return an entry with one more reason to doubt it."""
    return replace(some, doubts=(*some.doubts, reason))


def numbered(name: str, seen: Counter[str]) -> str:
    """Return a name with #2 and so on behind it where it was met before, and count it."""
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}#{seen[name]}"


def one_line(text: str) -> str:
    r"""Join the lines of a cell: nothing between ideographs or figures, a blank between words.

    >>> one_line("31905962.9\n5"), one_line("annual\nreport"), one_line("年度\n目标")
    ('31905962.95', 'annual report', '年度目标')
    """
    lines = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    return re.sub(r"(?<=[A-Za-z])\n(?=[A-Za-z])", " ", lines).replace("\n", "")
