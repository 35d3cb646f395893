"""What became of each cell of a form: a value, a label, furniture, or not understood.

Nothing vanishes: each cell of a form's tables that holds text is one of the four, and what was not
understood is kept with its place. What stands under a head that is not known is not understood
either, also where it is kept under that head.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from auditkit.doubts import DoubtKind, Note, NoteKind
from auditkit.forms.blocks import Block, Blocks
from auditkit.forms.columns import is_unknown
from auditkit.forms.entries import one_line
from auditkit.forms.header import Pairs, is_label, title_rows
from auditkit.forms.indicators import Indicators, says_nothing
from auditkit.forms.labels import is_title, names_division, names_part, role_of, unit_in, years_in
from auditkit.forms.rows import (
    MONEY,
    SCORED,
    Column,
    amounts_beside,
    goal_columns,
    goal_roles,
    is_figure,
    is_numbering,
)
from auditkit.forms.sheet import Sheet, Slot
from auditkit.grid import Cell, Place, plain
from auditkit.report import Report, Unknown
from auditkit.wording import Term

RATINGS = {"优", "良", "中", "差", "优秀", "良好", "中等", "较差", "合格", "不合格", "一般"}
_TABLES = {
    "funding": Term("funding_table"),
    "management": Term("management_table"),
    "indicators": Term("indicator_table"),
}
_ANNEX = re.compile(r"附件|附表|公开\d+表|\d{6}_\d{4}zp")  # numbers of tables as they are published
_SECTION = re.compile(r"[一二三四五六七八九十]{1,2}、\D{2,16}")
_PAGE_NUMBER = re.compile(r"第\d+页(?:[,/]?共\d+页)?")
_DASH = re.compile(r"[-/—–]+")


def grade_in(text: str) -> str:
    """Return the grade that a cell beside the total states, empty where it states none.

    >>> grade_in("优"), grade_in("(自评等级:优)"), grade_in("98.5")
    ('优', '优', '')
    """
    label, _, grade = plain(text).strip("()").rpartition(":")
    is_named = not label or role_of("header", label) == "rating"
    return grade if is_named and grade in RATINGS else ""


class Furniture(StrEnum):
    """What a cell is that neither states nor names anything of the form."""

    HEADING = "heading"  # a title, year or unit of money over the form, or what heads a part of it
    HEADER_AGAIN = "header again"
    NUMBERING = "numbering"  # a row that numbers the columns
    NOTHING = "nothing"  # a dash in the row of the total, where nothing is to be stated
    PAGE_NUMBER = "page number"  # alone in its row
    TEMPLATE = "template"  # a row of the template that was never filled in


class _Kind(StrEnum):
    """What a cell is that is no furniture."""

    VALUE = "value"
    LABEL = "label"
    UNPLACED = "unplaced"


_Became = tuple[_Kind | Furniture, Cell]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The cells of one form by what became of them, each in one of the four, blank ones left out.

    Attributes:
        values: Cells that entries are made of.
        labels: Cells that name a value, a column, a row or a block, and are known.
        furniture: Cells of a kind that states nothing, with the kind.
        unplaced: Cells that were not understood, in order of reading.
        unknown: What of those stands under, or beside, a label that is not known.
    """

    values: tuple[Cell, ...]
    labels: tuple[Cell, ...]
    furniture: tuple[tuple[Furniture, Cell], ...]
    unplaced: tuple[Cell, ...]
    unknown: tuple[Unknown, ...]


def account(
    sheet: Sheet, blocks: Blocks, pairs: Pairs, indicators: Indicators, report: Report
) -> Accounts:
    """Say what became of each cell of a form's tables."""
    columns = list(_columns(sheet, blocks))
    strange = {id(slot) for pair in pairs.unknown for slot in pair}
    strange.update(id(slot) for _, slots in columns for slot in slots)
    stated = _places(report, sheet, strange)
    furniture = dict(_furniture(sheet, blocks, indicators))
    labels = {id(slot) for slot in (*_labels(sheet, blocks), *pairs.by_words)}
    found: dict[Place, _Became] = {}
    for slot in sorted(sheet.slots, key=lambda slot: (slot.top, slot.left)):
        is_known = id(slot) in labels and id(slot) not in strange
        other: _Kind | Furniture = furniture.get(id(slot), _Kind.UNPLACED)
        kind = _Kind.LABEL if is_known else other
        for cell in slot.cells:
            if plain(cell.text):
                own = _Kind.VALUE if cell.place in stated else kind
                found[cell.place] = _both(found.get(cell.place), (own, cell))
    kept = list(found.values())
    loose = {place for place, (kind, _) in found.items() if kind is _Kind.UNPLACED}
    return Accounts(
        values=tuple(cell for kind, cell in kept if kind is _Kind.VALUE),
        labels=tuple(cell for kind, cell in kept if kind is _Kind.LABEL),
        furniture=tuple((kind, cell) for kind, cell in kept if isinstance(kind, Furniture)),
        unplaced=tuple(cell for kind, cell in kept if kind is _Kind.UNPLACED),
        unknown=(
            *(_unknown(table, slots[0], slots[1:], loose) for table, slots in columns),
            *(_unknown("", pair[0], pair[1:], loose) for pair in pairs.unknown),
        ),
    )


def _both(one: _Became | None, other: _Became) -> _Became:
    """Return what became of a cell that was parted into a name and an amount; unread counts."""
    if one is None or (other[0] in (_Kind.VALUE, _Kind.UNPLACED) and one[0] is not other[0]):
        return other
    return one[0], replace(one[1], text=f"{one[1].text}:{other[1].text}")


def _unknown(table: str, head: Slot, slots: Sequence[Slot], loose: Collection[Place]) -> Unknown:
    """Return a label that is not known with what below it was not understood otherwise."""
    cells = (cell for slot in slots for cell in slot.cells if cell.place in loose)
    return Unknown(table, one_line(head.text), head.cells, tuple(cells))


def _columns(sheet: Sheet, blocks: Blocks) -> Iterator[tuple[str, tuple[Slot, ...]]]:
    """Yield the columns whose head is not known, or means the same as that of another.

    Each is the name of its table, and its cells from the head on.
    """
    for name in ("funding", "management", "indicators"):
        table = _block(blocks, name)
        for column in table.columns:
            is_head = column.slot is not table.label and plain(column.label)
            if is_head and is_unknown(table, name, column):
                yield name, (column.slot, *_below(sheet, table, column))


def _below(sheet: Sheet, table: Block, column: Column) -> Iterator[Slot]:
    """Yield the cells under a head that reach into no other column, each once."""
    seen = set[int]()
    for row in range(table.first, table.last):
        for slot in sheet.row(row, column.slot.left, column.slot.right):
            is_own = column.slot.left <= slot.left and slot.right <= column.slot.right
            if is_own and slot.top >= table.first and id(slot) not in seen:
                seen.add(id(slot))
                yield slot


def _block(blocks: Blocks, name: str) -> Block:
    table: Block = getattr(blocks, name)
    return table


def _places(report: Report, sheet: Sheet, strange: set[int]) -> set[Place]:
    """Return where the cells stand that entries are made of, but for those under unknown heads."""
    extras = [report.extra, *(line.extra for line in report.budget_lines)]
    extras += [row.extra for row in report.indicators]
    kept = {id(entry) for extra in extras for _, entry in extra}
    named, more = set[Place](), set[Place]()
    for entry in report.entries():
        (more if id(entry) in kept else named).update(cell.place for cell in entry.cells)
    for slot in sheet.slots:
        if id(slot) in strange:
            more.difference_update(cell.place for cell in slot.cells)
    return named | more


def _labels(sheet: Sheet, blocks: Blocks) -> Iterator[Slot]:
    for name in ("funding", "management", "indicators"):
        yield from _labels_of(sheet, _block(blocks, name), name)
    for row in (*blocks.header, *blocks.rest):
        yield from (slot for slot in sheet.begun(row) if is_label(slot.text))
    for number, row in enumerate(blocks.goals):
        slots = sheet.begun(row)
        yield from (slot for slot, role in goal_roles(sheet, row) if role)
        yield from (head for head, _ in goal_columns(sheet, blocks.goals))
        if slots and (number == 0 or is_label(slots[0].text)) and len(plain(slots[0].text)) <= 16:
            yield slots[0]
    for row in blocks.total:
        filled = sheet.filled(row)
        yield from filled[:1]
        yield from (slot for slot in filled[1:] if grade_in(slot.text))


def _labels_of(sheet: Sheet, table: Block, name: str) -> Iterator[Slot]:
    """Yield what names a table, its columns and its rows."""
    if not table:
        return
    if table.label:
        yield table.label
    unknown = {id(column.slot) for column in table.columns if column.role is None}
    for row in range(table.header, table.first):
        heads = (slot for slot in sheet.row(row) if id(slot) not in unknown)
        yield from (slot for slot in heads if not is_figure(slot.text))
    if name == "funding":
        amounts = [c.slot.left for c in table.columns if c.role in MONEY | SCORED]
        for row in range(table.first, table.last):
            yield from _row_names(sheet, row, min(amounts, default=0))


def _row_names(sheet: Sheet, row: int, start: int) -> Iterator[Slot]:
    """Yield what names a row of the funds, left of its amounts or beside each of them."""
    yield from (label for _, label, _ in amounts_beside(sheet, row))
    for slot in sheet.begun(row):
        if (
            names_part(slot.text)
            or names_division(slot.text)
            or (slot.right < start and not any(char.isdigit() for char in slot.text))
        ):
            yield slot


def _furniture(
    sheet: Sheet, blocks: Blocks, indicators: Indicators
) -> Iterator[tuple[int, Furniture]]:
    heads = {plain(slot.text) for slot in _heads(sheet, blocks)}
    for row in range(sheet.rows):
        slots = sheet.begun(row)
        if is_numbering(sheet, row):
            yield from ((id(slot), Furniture.NUMBERING) for slot in slots)
        elif row in sheet.skipped:
            again = (slot for slot in slots if plain(slot.text) in heads)
            yield from ((id(slot), Furniture.HEADER_AGAIN) for slot in again)
        elif len(slots) == 1 and _PAGE_NUMBER.fullmatch(plain(slots[0].text)):
            yield id(slots[0]), Furniture.PAGE_NUMBER
        elif len(slots) == 1 and slots[0].left == 0 and _SECTION.fullmatch(plain(slots[0].text)):
            yield id(slots[0]), Furniture.HEADING
    for row in blocks.total:
        dashes = (slot for slot in sheet.filled(row) if _DASH.fullmatch(plain(slot.text)))
        yield from ((id(slot), Furniture.NOTHING) for slot in dashes)
    left_blank = (slot for slot in indicators.templates if says_nothing(slot))
    yield from ((id(slot), Furniture.TEMPLATE) for slot in left_blank)
    yield from ((id(slot), Furniture.HEADER_AGAIN) for slot in indicators.repeated)
    for slot in title_rows(sheet, blocks):
        text = plain(slot.text)
        is_heading = is_title(text) or years_in(text) or unit_in(text) or _ANNEX.match(text)
        if is_heading or role_of("header", text):
            yield id(slot), Furniture.HEADING


def _heads(sheet: Sheet, blocks: Blocks) -> Iterator[Slot]:
    """Yield what stands at the top of the form, which a page may print again."""
    for name in ("funding", "indicators"):
        table = _block(blocks, name)
        for row in range(table.header, table.first):
            yield from sheet.row(row)
    for row in blocks.header:
        yield from sheet.begun(row)


def notes_of_columns(blocks: Blocks) -> Iterator[Note]:
    """Name the columns whose head is not known and whose meaning was inferred."""
    for name, table in _TABLES.items():
        for column in _block(blocks, name).columns:
            if any(doubt.kind is DoubtKind.INFERRED_COLUMN for doubt in column.doubts):
                head, role = one_line(column.label), Term(column.role or "")
                yield Note.of(NoteKind.COLUMN_INFERRED, column=head, table=table, role=role)


def notes_of(accounts: Accounts) -> Iterator[Note]:
    """Name what was not understood: columns with what stands below, and row by row the rest."""
    under: set[Place] = set()
    for column in accounts.unknown:
        if not column.table:
            continue
        under.update(cell.place for cell in (*column.head, *column.cells))
        yield Note.of(
            NoteKind.COLUMN_UNKNOWN,
            column=column.label,
            table=_TABLES[column.table],
            cells=len(column.cells),
        )
    rest = [cell for cell in accounts.unplaced if cell.place not in under]
    for _, row in groupby(rest, key=lambda cell: cell.row):
        yield Note.of(NoteKind.NOT_UNDERSTOOD, texts=tuple(one_line(cell.text) for cell in row))
