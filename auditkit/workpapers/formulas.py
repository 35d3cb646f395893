"""Recomputed figures as formulas of a spreadsheet, on the cells that hold the form as read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from auditkit.recompute import Direction, Figure, compare, number, value_of
from auditkit.report import Entry, Indicator
from auditkit.workpapers import tables

RATES = ("execution rate", "deviation")
MOST_DIGITS = 15  # a spreadsheet keeps no more
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, what it comes to, and how that is shown."""

    text: str
    value: Decimal
    shape: str


class Placed(NamedTuple):
    """Where in the book an entry stands, and the number that the cell holds, if any."""

    sheet: str
    column: str
    row: int
    value: Decimal | None

    @property
    def address(self) -> str:
        """What a formula calls the cell."""
        return f"'{self.sheet}'!{self.column}{self.row}"


Places = Mapping[object, Placed]


def key(entry: Entry) -> object:
    """Return what is the same for entries that are one printed cell, such as a merged one."""
    return (entry.cells, entry.text) if entry.cells else id(entry)


def as_number(entry: Entry) -> tuple[Decimal, str] | None:
    """Return the number of an entry and the format that shows it exactly as it is printed.

    ``None`` where no format can: the cell must hold the text then.
    """
    text, value = tables.text_of(entry), number(entry)
    found = list(_NUMBER.finditer(text))
    if value is None or len(found) != 1 or '"' in text:
        return None
    printed, places = found[0][0], len(found[0][1] or "")
    before, after = text[: found[0].start()], text[found[0].end() :]
    group = "," if "," in printed else ""
    is_exact = f"{value:{group}.{places}f}" == printed
    if not is_exact or len(value.as_tuple().digits) > MOST_DIGITS or (value < 0 and before):
        return None
    shape = ("#,##0" if group else "0") + ("." + "0" * places if places else "")
    if after.startswith("%"):
        value, shape, after = value / 100, f"{shape}%", after[1:]
    return value, "".join((_quoted(before), shape, _quoted(after)))


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


def recomputed(figure: Figure, row: Indicator | None, places: Places) -> Formula:
    """Write a figure as a formula on the cells of its inputs; ``row`` is its indicator."""
    if row is not None:
        text = _of_row(figure.name, row, places)
    elif figure.name.startswith("execution"):
        part, whole, *points = (_term(entry, value_of(entry), places) for entry in figure.inputs)
        text = f"{points[0]}*MIN(1,{part}/{whole})" if points else f"{part}/{whole}"
    else:
        text = _sum(figure.inputs, places)
    return Formula(text, figure.value, _shape(figure))


def printed(figure: Figure, places: Places) -> Formula | str:
    """Write the printed figure, in the unit of the recomputed one; its text where it is none."""
    if figure.printed is None or figure.difference is None:
        return tables.text_of(figure.printed)
    meant = figure.value + figure.difference
    return Formula(_term(figure.printed, meant, places), meant, _shape(figure))


def difference(figure: Figure, one: str, other: str) -> Formula | None:
    """Write one cell less another, printed less recomputed, free of what binary numbers add."""
    if figure.difference is None:
        return None
    shape = _shape(figure)
    return Formula(f"ROUND({one}-{other},10)", figure.difference, f"+{shape};-{shape};0")


def _shape(figure: Figure) -> str:
    return "0.00##%" if figure.name in RATES else "#,##0.00####"


def _of_row(name: str, row: Indicator, places: Places) -> str:
    found = compare(row)
    if isinstance(found, str) or row.target is None or row.actual is None:
        raise ValueError(f"{row.path} has no figures of its own")
    pair = [(row.target, found.target), (row.actual, found.actual.low)]
    scales = {_scale(entry, meant, places) for entry, meant in pair} - {None}
    if len(scales) == 1:  # the unit does not matter where both have the same
        pair = [(entry, _held(entry, meant, places)) for entry, meant in pair]
    target, actual = (_term(entry, meant, places) for entry, meant in pair)
    if name == "deviation":
        return f"({actual}-{target})/{target}"
    sign, ratio = ">=", f"{actual}/{target}"
    if found.direction is Direction.LOWER:
        sign, ratio = "<=", f"{target}/{actual}"
    points = _term(row.points, value_of(row.points), places) if row.points else "0"
    return f"{points}*IF({actual}{sign}{target},1,MAX(0,{ratio}))"


def _held(entry: Entry, meant: Decimal, places: Places) -> Decimal:
    at = places.get(key(entry))
    return meant if at is None or at.value is None else at.value


def _scale(entry: Entry, meant: Decimal, places: Places) -> Decimal | None:
    """Return by what the number in the cell is to be multiplied; nothing tells it of a zero."""
    held = _held(entry, meant, places)
    return (meant / held).quantize(Decimal("1E-12")).normalize() if meant and held else None


def _term(entry: Entry, meant: Decimal, places: Places) -> str:
    """Return the cell of an entry, put in the unit that is meant; the number where it has none."""
    at, scale = places.get(key(entry)), _scale(entry, meant, places)
    if at is None or at.value is None:
        return f"{meant:f}" if meant >= 0 else f"({meant:f})"
    if scale in (None, 1):
        return at.address
    return f"({at.address}*{scale:f})" if scale > 1 else f"({at.address}/{1 / scale:f})"


def _sum(entries: Iterable[Entry], places: Places) -> str:
    """Add up entries, cells below each other as a range."""
    terms, cells = [], []
    for entry in entries:
        at = places.get(key(entry))
        if at is not None and at.value == number(entry):
            cells.append(at)
        else:
            terms.append(_term(entry, value_of(entry), places))
    runs = groupby(enumerate(cells), lambda pair: (pair[1][:2], pair[1].row - pair[0]))
    for _, run in runs:
        first, *others = (at for _, at in run)
        last = f":{others[-1].column}{others[-1].row}" if others else ""
        terms.append(first.address + last)
    return f"SUM({','.join(terms)})"
