"""What every rule asks of a printed entry: its figure, its rounding, and whether it is empty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from auditkit.grid import plain
from auditkit.numbers import Status
from auditkit.report import Entry, Indicator

HUNDREDTH = Decimal("0.01")
NO_REASON = frozenset({"", "无", "0", "不适用", "/", "-", "—", "——"})
EMPTY = (Status.BLANK, Status.DASH)


def is_blank(entry: Entry | None) -> bool:
    """Tell whether the form has the cell and nothing stands in it."""
    return entry is not None and entry.reading.status is Status.BLANK


def is_empty(entry: Entry | None) -> bool:
    """Tell whether nothing is stated: no such cell, a blank one, or a dash."""
    return entry is None or entry.reading.status in EMPTY


def gives_reason(entry: Entry | None) -> bool:
    """Tell whether a cell for reasons says anything; 无, 0 and a template's prompt do not."""
    if entry is None or is_prompt(entry):
        return False
    return plain(entry.text).strip("。.;；,") not in NO_REASON


def is_prompt(entry: Entry) -> bool:
    """Tell whether a cell still holds what the template asks for: (100字以内)."""
    return re.search(r"\d+字(以内|左右)?[)。]?$", plain(entry.text)) is not None


def present(*entries: Entry | None) -> tuple[Entry, ...]:
    """Return the entries that the form has, each once."""
    return tuple(dict.fromkeys(entry for entry in entries if entry is not None))


def half_unit(entry: Entry) -> Decimal:
    """Return half a unit of the last printed place: what rounding can have taken or added."""
    return Decimal(5).scaleb(-entry.reading.decimals - 1)


def to_places(value: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round a figure to printed places."""
    return value.quantize(Decimal(1).scaleb(-places), rounding)


def is_rounded(printed: Decimal, exact: Decimal, places: int) -> bool:
    """Tell whether a printed figure is the exact one, rounded to the nearest at its places."""
    return abs(printed - exact) <= Decimal(5).scaleb(-places - 1)


def is_rounded_away(printed: Decimal, exact: Decimal, places: int) -> bool:
    """Tell whether only rounding up, or only cutting off, makes the exact figure the printed."""
    ends = {to_places(exact, places, ROUND_FLOOR), to_places(exact, places, ROUND_CEILING)}
    return printed in ends


def mentions(indicator: Indicator, words: Iterable[str]) -> bool:
    """Tell whether a row of indicators contains any of the words, in whatever column."""
    text = "".join(plain(entry.text) for entry in row_entries(indicator))
    return any(word in text for word in words)


def row_entries(indicator: Indicator) -> Iterator[Entry]:
    """Yield the entries of one row, the dimension and category left out."""
    row = indicator
    yield from present(row.name, row.target, row.actual, row.points, row.score, row.explanation)
    yield from (entry for _, entry in row.extra)
