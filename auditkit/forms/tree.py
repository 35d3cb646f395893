"""Three levels of indicators in one column: which rows are parents of those below them.

A parent has a name, no target and no actual value, and either the sums of the rows below it or the
name of a group. Parents are no indicators; their points are those of their rows once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from auditkit.forms.blocks import Block
from auditkit.forms.columns import FIRST
from auditkit.forms.entries import NUMBER
from auditkit.forms.labels import GROUP, label_of
from auditkit.forms.rows import is_indicator_header, is_total
from auditkit.forms.sheet import Sheet
from auditkit.grid import plain

_SUMS = ("points", "score")
_VALUES = ("target", "actual")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row by what it states: its name, whether it has values, and its points and score."""

    row: int
    name: str
    has_values: bool
    figures: Mapping[str, Decimal]


def parents(sheet: Sheet, table: Block) -> dict[int, str]:
    """Return the rows that are parents, each a ``dimension`` or a ``category``.

    The first of two parents straight below each other is a dimension; one alone is a category
    where the table has such pairs, and is a dimension where it has none.
    """
    levels = [table.column(role) for role in ("dimension", "category")]
    states = any(table.column(role) for role in _VALUES)
    if any(levels) or not table.column("name") or not states:
        return {}
    some = [_row(sheet, table, row) for row in sheet.living(table.first, table.last)]
    some = [row for row in some if row.name]
    able = [n for n, row in enumerate(some) if not row.has_values and _is_parent(some, n)]
    found = {n for n in able if n + 1 < len(some)}
    pairs = {n for n in found if n + 1 in found}
    below = {n + 1 for n in pairs}
    return {
        some[n].row: "dimension"
        if n in pairs or not (pairs and (n in below or not _is_first(some[n])))
        else "category"
        for n in found
    }


def _row(sheet: Sheet, table: Block, row: int) -> _Row:
    texts: dict[str, str] = {}
    for column in table.columns:
        slot = sheet.at(row, column.slot.left)
        if column.role and slot and slot.top == row:
            texts[column.role] = plain(slot.text)
    is_other = is_total(sheet, row) or is_indicator_header(sheet, row)
    read = {role: NUMBER(texts.get(role, "")).value for role in _SUMS}
    return _Row(
        row=row,
        name="" if is_other else texts.get("name", ""),
        has_values=any(texts.get(role) for role in (*_VALUES, "explanation")),
        figures={role: value for role, value in read.items() if value is not None},
    )


def _is_first(row: _Row) -> bool:
    return FIRST.fullmatch(label_of(row.name)) is not None


def _is_parent(some: Sequence[_Row], at: int) -> bool:
    own = some[at]
    if GROUP.fullmatch(label_of(own.name)):
        return True
    leaves = [row.figures for row in some[at + 1 :] if row.has_values]
    sums = (list(accumulate(row.get(role, Decimal(0)) for row in leaves)) for role in own.figures)
    runs = zip(*sums, strict=True)
    return bool(own.figures) and tuple(own.figures.values()) in runs
