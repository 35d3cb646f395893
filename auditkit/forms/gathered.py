"""Several goals, each above a table of its own indicators, put above one table of them all.

A form with one goal has it above its indicators, and all that is known of that order holds for the
others, too; a cell keeps its text and its place in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from auditkit.forms import rows
from auditkit.forms.sheet import Sheet
from auditkit.grid import plain


def gathered(sheet: Sheet) -> Sheet:
    """Return the sheet with the goals that stand among its indicators above the first of them.

    Only where the same heads follow each goal: what has other heads is another table.
    """
    heads = [row for row in sheet.living(0, sheet.rows) if rows.is_indicator_header(sheet, row)]
    moved = [row for above, below in pairwise(heads) for row in _goals(sheet, above, below)]
    if not moved or _are_cut(sheet, moved):
        return sheet
    others = [row for row in range(heads[0], sheet.rows) if row not in moved]
    order = [*range(heads[0]), *moved, *others]
    places = {old: new for new, old in enumerate(order)}
    down = {row: places[row] - row for row in order}
    return replace(
        sheet,
        slots=tuple(
            replace(slot, top=slot.top + down[slot.top], bottom=slot.bottom + down[slot.top])
            if down[slot.top]
            else slot
            for slot in sheet.slots
        ),
        seams=tuple(places[s] for s in sheet.seams if s == 0 or down[s] == down[s - 1]),
        skipped=frozenset(places[row] for row in sheet.skipped),
    )


def _goals(sheet: Sheet, above: int, below: int) -> Sequence[int]:
    """Return the rows of a goal between two rows of the same heads."""
    upper, lower = ([plain(text) for text in sheet.texts(row)] for row in (above, below))
    between = sheet.living(above + 1, below)
    first = next((row for row in between if rows.is_goal_row(sheet, row)), below)
    return range(first, below) if upper == lower else ()


def _are_cut(sheet: Sheet, moved: Sequence[int]) -> bool:
    """Tell whether a cell stands in rows that would be moved and in others."""
    own = set(moved)
    return any(
        0 < len(own.intersection(range(slot.top, slot.bottom + 1))) < slot.bottom - slot.top + 1
        for slot in sheet.slots
    )
