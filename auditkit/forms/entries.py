"""Entries made of cells: the text as one line, the reading, and every reason to doubt it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from auditkit.forms.sheet import Slot
from auditkit.grid import Cell
from auditkit.numbers import Reading, read_number, read_value, read_words
from auditkit.report import Entry

Read = Callable[[str], Reading]

NUMBER: Read = read_number
VALUE: Read = read_value
WORDS: Read = read_words

BROKEN_NUMBER = "a line break stands inside this number"
TOO_NARROW = "the column was too narrow when the file was made: it holds # in place of the number"
_TOO_NARROW = re.compile(r"#{2,}")
_BREAK_IN_NUMBER = re.compile(r"[\d.,，．]\s*\n\s*[\d.,，．%％]")


def entry(path: str, slots: Sequence[Slot] | Slot | None, read: Read) -> Entry | None:
    """Make an entry of the cells that state it, or ``None`` where the form has no such cell.

    The texts of several cells are joined as they stand, from left to right.
    """
    slots = (slots,) if isinstance(slots, Slot) else tuple(slots or ())
    if not slots:
        return None
    raw = "".join(slot.text for slot in slots)
    return stated(path, raw, [cell for slot in slots for cell in slot.cells], read, slots)


def stated(
    path: str, raw: str, cells: Iterable[Cell], read: Read, slots: Sequence[Slot] = ()
) -> Entry:
    """Make an entry of a text, such as a part of a cell, and the cells that it stands in."""
    cells = tuple(cells)
    reading = read(one_line(raw))
    doubts = [reason for slot in slots for reason in slot.doubts]
    doubts += [reason for cell in cells for reason in cell.doubts]
    if read is not WORDS and _BREAK_IN_NUMBER.search(raw):
        doubts.append(BROKEN_NUMBER)
    if _TOO_NARROW.fullmatch(reading.raw):
        doubts.append(TOO_NARROW)
    doubts += reading.suspicions
    return Entry(path, reading, cells, doubts=tuple(dict.fromkeys(doubts)))


def doubted(some: Entry, reason: str) -> Entry:
    """Return an entry with one more reason to doubt it."""
    return replace(some, doubts=(*some.doubts, reason))


def one_line(text: str) -> str:
    r"""Join the lines of a cell: nothing between ideographs or figures, a blank between words.

    >>> one_line("31905962.9\n5"), one_line("annual\nreport"), one_line("年度\n目标")
    ('31905962.95', 'annual report', '年度目标')
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = lines[0] if lines else ""
    for line in lines[1:]:
        between = " " if _is_latin(joined[-1]) and _is_latin(line[0]) else ""
        joined += between + line
    return joined


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
