"""The units of the amounts: that of the form, and those of a column or a row of the funds alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from auditkit.forms.blocks import Block, Blocks
from auditkit.forms.entries import WORDS, stated
from auditkit.forms.header import Pairs
from auditkit.forms.labels import money_in, unit_in
from auditkit.forms.rows import Column
from auditkit.forms.sheet import Sheet, Slot
from auditkit.report import AMOUNTS, BudgetLine, Entry, number

Units = Mapping[str, str | None]  # what the heads of the columns of amounts state, by their roles


def read_unit(sheet: Sheet, blocks: Blocks, pairs: Pairs) -> Entry | None:
    """Return the unit of the amounts as printed: in the funding block, its columns or above it.

    One that a later column states for itself, or the label of the total, counts after these. Where
    none is read, and a label beside the amounts is doubted, that may hold it: it is blank, and
    doubted.
    """
    table = blocks.funding
    heads = [sheet.row(row) for row in range(table.header, max(table.first, table.header + 1))]
    above = [sheet.begun(row) for row in (table.header - 1, *blocks.header)]
    alone = [column.slot for column in _columns(table)] if _differ(units_of(sheet, table)) else []
    beside = [slot for slot in (table.label, *chain.from_iterable(heads)) if slot]
    whole = [slot for slot in (*beside, *chain.from_iterable(above)) if slot not in alone]
    if found := _first(whole):
        return found
    if (own := pairs.known.get("currency_unit")) and unit_in(f"单位:{own.text}"):
        return own
    for line in reversed(sheet.heading):
        if unit := unit_in(line.text):
            return stated("currency_unit", unit, [line], WORDS)
    if found := _first([*_labels_of_total(sheet, table), *alone]):
        return found
    may_hold = next((slot for slot in beside if slot.doubts and not slot.is_blank), None)
    return stated("currency_unit", "", may_hold.cells, WORDS) if may_hold else None


def _first(slots: Sequence[Slot]) -> Entry | None:
    for slot in slots:
        if unit := unit_in(slot.text):
            return stated("currency_unit", unit, slot.cells, WORDS)
    return None


def _labels_of_total(sheet: Sheet, table: Block) -> Iterator[Slot]:
    for row in sheet.living(table.first, table.last):
        yield from (slot for slot in sheet.begun(row)[:2] if money_in(slot.text)[0] == "total")


def units_of(sheet: Sheet, table: Block) -> Units:
    """Return the unit that stands over each column of amounts, in its head or one above it."""
    found: dict[str, str | None] = {}
    for column in _columns(table):
        left, right = column.slot.left, column.slot.right
        above = (
            slot
            for row in range(table.header, table.first)
            for slot in sheet.row(row)
            if slot is not table.label and slot.left <= left and right <= slot.right
        )
        units = (unit_in(slot.text) for slot in (column.slot, *above))
        found[column.role or ""] = next(filter(None, units), None)
    return found


def _columns(table: Block) -> list[Column]:
    return [column for column in table.columns if column.role in AMOUNTS]


def _differ(units: Units) -> bool:
    """Tell whether heads state units for themselves; one over the first may be for all of them."""
    stated_units = {unit for unit in units.values() if unit}
    is_for_all = len(stated_units) == 1 and next(iter(units.values())) is not None
    return bool(stated_units) and not is_for_all


def in_own_units(lines: Sequence[BudgetLine], units: Units, unit: str) -> tuple[BudgetLine, ...]:
    """Return rows of a form in a ``unit``, amounts with that which their head or label has instead.

    Where heads differ, they count before the labels of rows.
    """
    return tuple(_in_own_units(line, units, unit) for line in lines)


def _in_own_units(line: BudgetLine, units: Units, unit: str) -> BudgetLine:
    beside = unit_in(line.label.text) if line.label else None
    changed = {}
    for column in AMOUNTS if beside or any(units.values()) else ():
        entry, over = getattr(line, column), units.get(column)
        own = (over or beside) if _differ(units) else (beside or over)
        if (
            entry
            and number(entry) is not None
            and not entry.reading.unit
            and own not in (None, unit)
        ):
            changed[column] = replace(entry, reading=replace(entry.reading, unit=own))
    return replace(line, **changed) if changed else line
