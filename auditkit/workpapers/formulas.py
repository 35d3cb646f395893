"""Recomputed figures as formulas of a spreadsheet, on the cells that hold the form as read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from auditkit import schedules
from auditkit.comparing import Direction
from auditkit.figures import SHARES, WIDE, Agreement, Figure, FigureName
from auditkit.report import Entry, number, value_of
from auditkit.wording import put
from auditkit.worked import IndicatorRow

BOOK: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("workbook.toml").read_text(encoding="utf-8")
)
MOST_DIGITS = 15  # a spreadsheet keeps no more
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.(\d+))?")
_CELL = re.compile(r"('[^']+'![A-Z]+)(\d+)")  # on the sheet that holds the form
Places = Mapping[object, tuple[str, Decimal | None]]  # the cell of each entry, and its number


class Formula(NamedTuple):
    """A formula, what it comes to, which may be a text, and how that is shown."""

    text: str
    value: Decimal | str
    shape: str


def printed_cell(entry: Entry) -> object:
    """Return what is the same for entries that are one printed cell, such as a merged one."""
    return entry.cells or entry.path, entry.text


def as_number(entry: Entry) -> tuple[Decimal, str] | None:
    """Return the number of an entry and the format that shows it exactly as it is printed.

    ``None`` where no format can: the cell must hold the text then.
    """
    text, value = schedules.text_of(entry), number(entry)
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
    return value, "".join((f'"{before}"' * bool(before), shape, f'"{after}"' * bool(after)))


def live(
    figure: Figure, row: IndicatorRow | None, places: Places, at: int, lang: str
) -> tuple[Formula | str, Formula, Formula | None, Formula | None]:
    """Return printed and recomputed figure, difference and agreement, for columns D to G of a row.

    Figures are in the unit of the recomputed one. ``row`` is the indicator that the figure is of.
    """
    shape = "0.00##%" if figure.name in SHARES else "#,##0.00####"
    meant, name = [value_of(entry) for entry in figure.inputs], str(figure.name)
    if row and row.comparison:
        meant[:2] = row.comparison.target, row.comparison.actual.low
        is_lower = row.comparison.direction is Direction.LOWER
        if figure.name is FigureName.PROPORTIONAL_SCORE and is_lower:
            name += ", lower is better"
    scales = [_scale(*pair, places) for pair in zip(figure.inputs, meant, strict=True)]
    if row and len({*scales[:2]} - {None}) == 1:  # the unit does not matter where both have it
        scales[:2] = None, None
    terms = [_term(*each, places) for each in zip(figure.inputs, meant, scales, strict=True)]
    text = BOOK["formulas"].get(name, f"SUM({','.join(_folded(terms))})").format(*terms)
    formula = Formula(text, figure.value, shape)
    if figure.printed is None or figure.difference is None:
        return schedules.text_of(figure.printed), formula, None, None
    stated = figure.value + figure.difference
    scale = _scale(figure.printed, stated, places)
    printed = Formula(_term(figure.printed, stated, scale, places), stated, shape)
    less = f"ROUND(D{at}-E{at},10)"  # free of what binary numbers add
    off = Formula(less, figure.difference, f"+{shape};-{shape};0")
    return printed, formula, off, _agreement(figure, f"F{at}", lang)


def _agreement(figure: Figure, off: str, lang: str) -> Formula | None:
    """Return the formula that says whether a figure agrees that is off by what a cell holds."""
    if (reach := figure.reach) is None or figure.agreement is None:
        return None
    exact, near, odd = (f'"{put(each, lang)}"' for each in Agreement)
    signs = ("<", ">") if reach.is_open else ("<=", ">=")
    ends = f"AND({off}{signs[0]}{_end(reach.above)},{off}{signs[1]}-{_end(reach.below)})"
    text = f"IF(ABS({off})<={_end(reach.exact)},{exact},IF({ends},{near},{odd}))"
    return Formula(text, put(figure.agreement, lang), "General")


def _end(far: Decimal) -> str:
    """Return how far something may be off as a formula has it, to the places of a difference."""
    return f"{far.quantize(Decimal('1E-10'), context=WIDE).normalize():f}"


def _scale(entry: Entry, meant: Decimal, places: Places) -> Decimal | None:
    """Return by what the number in the cell is to be multiplied; nothing tells it of a zero."""
    _, held = places.get(printed_cell(entry), ("", None))
    held = meant if held is None else held
    return (meant / held).quantize(Decimal("1E-12")).normalize() if meant and held else None


def _term(entry: Entry, meant: Decimal, scale: Decimal | None, places: Places) -> str:
    """Return the cell of an entry in the unit that is meant, or the number where it has none."""
    address, held = places.get(printed_cell(entry), ("", None))
    if held is None:
        return f"{meant:f}" if meant >= 0 else f"({meant:f})"
    if scale in (None, 1):
        return address
    return f"({address}*{scale:f})" if scale > 1 else f"({address}/{1 / scale:f})"


def _folded(terms: Sequence[str]) -> Iterator[str]:
    """Yield terms, cells below each other as a range."""
    found = list(map(_CELL.fullmatch, terms))
    kinds = [(m[1], int(m[2]) - n) if m else ("", n) for n, m in enumerate(found)]
    for _, run in groupby(range(len(terms)), kinds.__getitem__):
        first, *others = run
        yield terms[first] + "".join(f":{terms[n].partition('!')[2]}" for n in others[-1:])
