"""Funds divided below their total, 按收入性质分 beside 按支出性质分, each part set in its own row.

Department-wide forms put such parts under no head: a name with its amount behind it, or in one cell
with it. Which amount of the total a division makes up is told by what its parts add up to. The
parts are put where the usual shape has them, so that all that is known of that shape holds; a cell
keeps its text and its place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, takewhile, zip_longest

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms import rows
from auditkit.forms.entries import NUMBER
from auditkit.forms.labels import label_of, names_division, names_part
from auditkit.forms.rows import MONEY, SCORED, columns_of, money_role
from auditkit.forms.sheet import Sheet, Slot
from auditkit.grid import plain
from auditkit.numbers import Status
from auditkit.wording import Term

_STATED = re.compile(r"(.*\S)\s*[:：]\s*([^:：]*\d[^:：]*)", re.DOTALL)
_AMOUNTS = ("adjusted_budget", "initial_budget", "outturn")  # the first of several that fit counts
_SPENDING = re.compile(".*(支出|经费)")
_LONGEST = 20  # characters of a name; what is longer is prose


@dataclass(slots=True)
class _Division:
    """Parts of the funds under one name, if it has one, in some columns of some rows."""

    head: Slot | None
    left: int = 0
    right: int = 0
    last: int = 0
    is_spending: bool = False
    parts: list[list[Slot]] = field(default_factory=list)  # each a name and what stands behind it

    def has(self, slot: Slot) -> bool:
        """Tell whether a cell stands below, or beside, the name of the division."""
        return bool(self.head) and self.left <= slot.left <= self.right and slot.top <= self.last


def set_divided(sheet: Sheet) -> Sheet:
    """Return the sheet with a row for each part that the funds are divided into in words."""
    sheet = _parted(sheet)
    head = sheet.until(rows.is_funding_header, 0)
    if head == sheet.rows:
        return sheet
    columns, depth = columns_of(sheet, head, "funding")
    amounts = {c.role: c.slot for c in columns if c.role in MONEY}
    start, first = min(slot.left for slot in amounts.values()), head + depth
    begins = next((r for r in _below(sheet, first + 1) if _is_divided(sheet, r, start)), None)
    name = next((slot for slot in sheet.filled(first) if slot.right < start), None)
    if begins is None or name is None:
        return sheet
    end = _end(sheet, begins, start)
    divisions = _divisions(sheet, begins, end)
    if divisions is None or any(begins < seam <= end for seam in sheet.seams):
        return sheet
    found = enumerate(_placed(sheet, divisions, name, first, amounts), start=begins)
    lines = [[replace(slot, top=row, bottom=row) for slot in line] for row, line in found]
    return sheet.with_rows(begins, end, chain.from_iterable(lines), len(lines))


def _below(sheet: Sheet, first: int) -> Iterator[int]:
    """Yield the rows from one on that may belong to the funds."""

    def is_other(row: int) -> bool:
        return rows.is_indicator_header(sheet, row) or rows.is_goal_row(sheet, row)

    return takewhile(lambda row: not is_other(row), sheet.living(first, sheet.rows))


def _own(sheet: Sheet, row: int) -> list[Slot]:
    """Return the cells of a row, but for the label beside the block."""
    side = _side(sheet, row)
    return [slot for slot in sheet.filled(row) if slot is not side]


def _side(sheet: Sheet, row: int) -> Slot | None:
    """Return the label beside the block that a row belongs to."""
    first = sheet.at(row, 0)
    is_side = first and first.bottom > first.top and not names_division(first.text)
    return first if is_side else None


def _is_divided(sheet: Sheet, row: int, start: int) -> bool:
    """Tell whether the name of a part stands in a row where others have amounts."""
    return any(slot.left >= start and _is_name(slot) for slot in sheet.filled(row))


def _is_name(slot: Slot) -> bool:
    text = plain(slot.text)
    return len(text) <= _LONGEST and (names_part(text) or names_division(text))


def _is_amount(slot: Slot) -> bool:
    return NUMBER(slot.text).status in (Status.NUMBER, Status.DASH)


def _end(sheet: Sheet, begins: int, start: int) -> int:
    """Return the row after the parts: each row has names, and no more than an amount for each."""
    end = begins
    side = _side(sheet, begins)
    for row in _below(sheet, begins):
        own = _own(sheet, row)
        names = [slot for slot in own if not _is_amount(slot)]
        are_names = (side and _side(sheet, row) is side) or all(map(_is_name, names))
        is_own = bool(names) and are_names and len(own) <= 2 * len(names)
        if own and not is_own and not _is_divided(sheet, row, start):
            break
        end = row + 1
    return end


def _divisions(sheet: Sheet, begins: int, end: int) -> list[_Division] | None:
    """Return the divisions with their parts; ``None`` where a figure stands behind no name."""
    found: list[_Division] = []
    for row in sheet.living(begins, end):
        own = _own(sheet, row)
        heads = [slot for slot in own if names_division(slot.text)]
        found += _headed(heads, own, end)
        part: list[Slot] = []
        for slot in own:
            if slot.bottom >= end or (_is_amount(slot) and len(part) != 1):
                return None
            if _is_amount(slot):
                part.append(slot)
            elif slot not in heads:
                part = [slot]
                _of_part(slot, found).parts.append(part)
    return found


def _headed(heads: Sequence[Slot], own: Sequence[Slot], end: int) -> Iterator[_Division]:
    """Yield the divisions whose names stand in a row; the parts of one are below, or beside it."""
    for head, following in zip_longest(heads, heads[1:]):
        right = following.left - 1 if following else own[-1].right
        is_beside = any(head.right < slot.left <= right for slot in own if slot not in heads)
        if is_beside:
            yield _Division(head, head.right + 1, right, head.bottom)
        else:
            yield _Division(head, head.left, max(right, head.right), end)


def _of_part(slot: Slot, found: list[_Division]) -> _Division:
    """Return the division of a part; one without a name is by spending, or by income."""
    is_spending = _SPENDING.fullmatch(label_of(slot.text)) is not None
    named = (division for division in reversed(found) if division.has(slot))
    bare = (d for d in found if d.head is None and d.is_spending == is_spending)
    division = next(named, None) or next(bare, None)
    if division is None:
        division = _Division(None, is_spending=is_spending)
        found.append(division)
    return division


def _placed(
    sheet: Sheet,
    divisions: Sequence[_Division],
    name: Slot,
    first: int,
    amounts: Mapping[str, Slot],
) -> Iterator[list[Slot]]:
    """Yield rows of the usual shape: the name of a division, then each part with its amount."""
    whole = {
        role: value
        for role in _AMOUNTS
        if role in amounts and (slot := sheet.at(first, amounts[role].left))
        if (value := NUMBER(slot.text).value) is not None
    }
    fits = [_fit(division, whole) for division in divisions]
    usual = next(filter(None, fits), None) or next(role for role in _AMOUNTS if role in amounts)
    for division, fit in zip(divisions, fits, strict=True):
        column = amounts[fit or usual]
        doubt = Doubt.of(DoubtKind.NO_HEAD, role=Term(fit or usual))
        if division.head:
            yield [replace(division.head, left=name.left, right=name.right)]
        for label, *behind in division.parts:
            placed = (
                replace(s, left=column.left, right=column.right, doubts=(*s.doubts, doubt))
                for s in behind
            )
            yield [replace(label, left=name.left, right=name.right), *placed]


def _fit(division: _Division, whole: Mapping[str, Decimal]) -> str | None:
    """Return the amount of the total that the parts of a division add up to."""
    read = [NUMBER(slot.text).value for _, *behind in division.parts for slot in behind]
    own = sum((value for value in read if value is not None), Decimal(0))
    return next((role for role, value in whole.items() if value == own and own), None)


def _parted(sheet: Sheet) -> Sheet:
    """Return the sheet with names and amounts of the funds that share a cell in cells of their own.

    Behind each such cell the sheet gets a column more, which the others reach into.
    """
    found = {slot: parts for slot in sheet.slots if (parts := _name_and_amount(slot))}
    of_funds = _rows_of_funds(sheet, found) if found else set()
    for edge in sorted({slot.right for slot in found if slot.top in of_funds}, reverse=True):
        sheet = sheet.with_column(edge)
    if not of_funds:
        return sheet
    slots: list[Slot] = []
    for slot in sheet.slots:
        texts = _name_and_amount(slot) if slot.top in of_funds else None
        if texts is None:
            slots.append(slot)
            continue
        name, amount = ((replace(slot.cells[0], text=text),) for text in texts)
        slots.append(replace(slot, cells=name, right=slot.right - 1))
        slots.append(replace(slot, cells=amount, left=slot.right))
    return replace(sheet, slots=tuple(slots))


def _name_and_amount(slot: Slot) -> tuple[str, str] | None:
    """Return the two halves of a cell that holds the name of an amount and the amount."""
    found = _STATED.fullmatch(slot.text)
    if found is None or len(slot.cells) > 1 or NUMBER(found[2]).status is not Status.NUMBER:
        return None
    is_named = names_part(found[1]) or money_role(found[1]) in (MONEY | SCORED)
    return (found[1], found[2]) if is_named else None


def _rows_of_funds(sheet: Sheet, found: Mapping[Slot, tuple[str, str]]) -> set[int]:
    """Return the rows below the heads of the funds, and those with two amounts of the whole."""
    head = sheet.until(rows.is_funding_header, 0)
    below = set(_below(sheet, head + 1))
    roles: dict[int, set[str | None]] = {}
    for slot, (name, _) in found.items():
        roles.setdefault(slot.top, set()).add(money_role(name))
    paired = {row for row, own in roles.items() if len(own & MONEY) >= 2}
    return {slot.top for slot in found} & (below | paired)
