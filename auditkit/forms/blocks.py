"""Where the blocks of a form are: header, funding, goals, indicators, total and what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from auditkit.forms.labels import is_title, label_of, money_label, role_of, roles_of
from auditkit.forms.sheet import Sheet, Slot, join_rows
from auditkit.grid import plain

LONGEST_LABEL = 16
MONEY = {"initial_budget", "adjusted_budget", "outturn", "execution_rate"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column under a header: what it means (``None`` if unknown), and where it is."""

    role: str | None
    label: str
    slot: Slot
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Table:
    """A block with a header: its columns, and its rows from ``first`` to before ``last``."""

    header: int
    first: int
    last: int
    columns: tuple[Column, ...]
    label: Slot | None = None

    def column(self, role: str) -> Column | None:
        """Return the column of a role."""
        return next((column for column in self.columns if column.role == role), None)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The rows of each block of a form; a block that was not found is ``None`` or empty."""

    header: tuple[int, ...]
    funding: Table | None
    management: Table | None
    goals: tuple[int, ...]
    indicators: Table | None
    total: tuple[int, ...]
    rest: tuple[int, ...]


def is_indicator_header(texts: list[str]) -> bool:
    """Tell whether the labels of a row are those over the indicators."""
    roles = roles_of("indicators", texts)
    named = "name" in roles or {"dimension", "category"} <= roles
    return named and bool(roles & {"target", "actual"}) and len(roles) >= 3


def is_funding_header(texts: list[str]) -> bool:
    """Tell whether the labels of a row are those over the amounts."""
    return len(roles_of("funding", texts) & MONEY) >= 2


def amounts_beside(sheet: Sheet, row: int) -> list[tuple[str, Slot, Slot]]:
    """Return role, label and value where a row has amounts beside their labels: 预算数: 300."""
    slots = sheet.begun(row)
    roles = [role_of("funding", slot.text) for slot in slots]
    return [
        (role, label, value)
        for role, label, value, other in zip(roles, slots, slots[1:], roles[1:], strict=False)
        if role in MONEY and other is None and any(char.isdigit() for char in value.text)
    ]


def is_beside(sheet: Sheet, row: int) -> bool:
    """Tell whether rows of amounts beside their labels begin here: 预算数, and below it 执行数."""
    own, below = (
        {role for role, _, _ in amounts_beside(sheet, r)} if r < sheet.rows else set()
        for r in (row, row + 1)
    )
    return bool(own) and len(own | below) >= 2


def _funding_beside(sheet: Sheet, row: int) -> Table:
    last = row
    while last < sheet.rows and (amounts_beside(sheet, last) or _is_part_beside(sheet, last)):
        last += 1
    first = sheet.row(row)[0]
    paired = any(first is label for _, label, _ in amounts_beside(sheet, row))
    return Table(row, row, last, (), None if paired else first)


def _is_part_beside(sheet: Sheet, row: int) -> bool:
    texts = sheet.texts(row)
    return bool(texts) and role_of("money", money_label(texts[0])) is not None


def is_start(texts: list[str]) -> bool:
    """Tell whether a row names the project, as the first row of a form does."""
    return any(role_of("header", plain(text).split(":")[0]) == "project" for text in texts[:3])


def is_total(texts: list[str]) -> bool:
    """Tell whether a row holds the total of the form."""
    return bool(texts) and role_of("total", _before_figure(texts[0])) == "total"


def is_numbering(texts: list[str]) -> bool:
    """Tell whether a row only numbers the columns (列次): 1, 2, 3 and so on."""
    numbers = [int(text) for text in map(plain, texts) if re.fullmatch(r"[0-9]{1,2}", text)]
    return (
        len(numbers) > 2
        and len(numbers) >= len(texts) - 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] <= 2
    )


def _before_figure(text: str) -> str:
    """Return 总分 of 总分:83."""
    return label_of(plain(text).split(":")[0])


def mend_headers(sheet: Sheet) -> Sheet:
    """Join a header row that a page edge cut: some of its labels stand over it, some below."""
    for seam in sheet.seams:
        if seam not in sheet.skipped and _is_cut_header(sheet, seam):
            return mend_headers(join_rows(sheet, seam - 1, seam))
    return sheet


def _is_cut_header(sheet: Sheet, seam: int) -> bool:
    """Tell whether the rows on both sides of a page edge make a header only together."""
    upper, lower = (
        {slot.left: plain(slot.text) for slot in sheet.begun(row) if not slot.is_blank}
        for row in (seam - 1, seam)
    )
    if not upper or not lower or any(upper[at] == lower[at] for at in upper.keys() & lower):
        return False
    labels = join_rows(sheet, seam - 1, seam).texts(seam - 1)
    if any(len(plain(text)) > LONGEST_LABEL for text in labels):
        return False
    for table, is_header in (("indicators", is_indicator_header), ("funding", is_funding_header)):
        known = [
            sum(role_of(table, text) is not None for text in texts)
            for texts in (labels, upper.values(), lower.values())
        ]
        if is_header(labels) and min(known[1:]) > 0 and known[0] > max(known[1:]):
            return True
    return False


def locate(sheet: Sheet) -> Blocks:
    """Find the blocks of a form by the labels in its rows."""
    header: list[int] = []
    goals: list[int] = []
    total: list[int] = []
    rest: list[int] = []
    funding: Table | None = None
    management: Table | None = None
    indicators: Table | None = None
    row = 0
    while row < sheet.rows:
        texts = sheet.texts(row)
        at = row
        row += 1
        if at in sheet.skipped or not texts:
            continue
        if indicators is None and is_indicator_header(leaf_texts(sheet, at)):
            indicators = _indicators(sheet, at)
            row = indicators.last
        elif funding is None and indicators is None and is_funding_header(leaf_texts(sheet, at)):
            funding = _funding(sheet, at)
            row = funding.last
        elif funding is None and indicators is None and is_beside(sheet, at):
            funding = _funding_beside(sheet, at)
            row = funding.last
        elif management is None and indicators is None and is_management_header(texts):
            management = _management(sheet, at)
            row = max(management.last, row)
        elif is_total(texts) and indicators:
            total.append(at)
        elif indicators is None and is_goal_row(sheet, at):
            row = _goal_end(sheet, at)
            apart = [r for r in range(at + 1, row) if _stands_apart(sheet, at, r)]
            goals.extend(r for r in range(at, row) if r not in apart)
            rest.extend(apart)
        elif funding is None and indicators is None and not goals:
            header.append(at)
        else:
            rest.append(at)
    return Blocks(
        tuple(header), funding, management, tuple(goals), indicators, tuple(total), tuple(rest)
    )


def is_management_header(texts: list[str]) -> bool:
    """Tell whether a row heads the block on how the money was managed (资金管理情况)."""
    labels = [label_of(text) for text in texts]
    return "情况说明" in labels and any(role_of("indicators", label) for label in labels[1:])


def _management(sheet: Sheet, row: int) -> Table:
    """Return the block as a table of indicators: what was asked, what was done, points, score."""
    slots = sheet.begun(row)
    at = next(i for i, slot in enumerate(slots) if label_of(slot.text) == "情况说明")
    block, *asked = slots[:at]
    columns = [Column("dimension", "", block, block.left, block.right)]
    if asked:
        columns.append(Column("name", "", asked[0], asked[0].left, asked[-1].right))
    for slot in slots[at:]:
        role = "actual" if slot is slots[at] else role_of("indicators", slot.text)
        columns.append(Column(role, slot.text, slot, slot.left, slot.right))
    last = _over_seams(sheet, block) + 1
    return Table(row, row + 1, last, _one_role_each(columns, None))


def leaf_texts(sheet: Sheet, row: int) -> list[str]:
    """Return the labels of a header row, those of its second level where it has one."""
    return [column.label for column in columns_of(sheet, row, None)[0]]


def columns_of(sheet: Sheet, row: int, table: str | None) -> tuple[list[Column], int]:
    """Return the columns under a header row and how many rows the header takes, one or two."""
    slots = [slot for slot in sheet.begun(row) if not slot.is_blank]
    flat = [slot for slot in slots if slot.bottom == row]
    deep = [slot for slot in slots if slot.bottom == row + 1]
    under = [slot for slot in sheet.begun(row + 1) if not slot.is_blank]
    below = [slot for slot in under if slot.bottom == row + 1]
    two = bool(
        flat
        and len(deep) >= 2
        and all(any(_within(low, top) for low in below) for top in flat)
        and all(any(_within(low, top) for top in flat) for low in below)
    )
    columns = []
    for slot in slots:
        leaves = [low for low in below if _within(low, slot)] if two and slot in flat else []
        for leaf in leaves or [slot]:
            label = leaf.text if leaf is slot or _known(leaf.text) else slot.text + leaf.text
            role = role_of(table, label) if table else None
            columns.append(Column(role, label, leaf, leaf.left, leaf.right))
    return columns, 2 if two else 1


def _within(low: Slot, top: Slot) -> bool:
    return (
        top.left <= low.left
        and low.right <= top.right
        and (low.left, low.right) != (top.left, top.right)
    )


def _known(label: str) -> bool:
    return bool(role_of("indicators", label) or role_of("funding", label))


def _one_role_each(columns: list[Column], block: Slot | None) -> tuple[Column, ...]:
    """Let each role have one column; an adjusted target counts before the initial one."""
    own = [column for column in columns if column.slot is not block]
    taken: dict[str, Column] = {}
    for column in own:
        adjusted = column.role == "target" and "调整" in column.label
        if column.role and (column.role not in taken or adjusted):
            taken[column.role] = column
    return tuple(
        column if taken.get(column.role or "") is column else replace(column, role=None)
        for column in own
    )


def _block_label(sheet: Sheet, row: int, depth: int) -> Slot | None:
    """Return the label beside a block: the first cell, where it goes on below the header."""
    slots = sheet.row(row)
    tall = [slot for slot in slots[:2] if slot.bottom >= row + depth]
    return tall[0] if tall and len(slots) > 2 else None


def _funding(sheet: Sheet, row: int) -> Table:
    columns, depth = columns_of(sheet, row, "funding")
    label = _block_label(sheet, row, depth)
    first = row + depth
    last = first
    while last < sheet.rows and not _ends_funding(sheet, last):
        last += 1
    if label and label.bottom >= first:
        last = min(last, _over_seams(sheet, label) + 1)
    amounts = [
        c if not _holds_names(sheet, c, first, last) else replace(c, role=None) for c in columns
    ]
    if not {"initial_budget", "adjusted_budget"} & {column.role for column in amounts}:
        whole = next((c for c in amounts if label_of(c.label) in ("合计", "总额", "总计")), None)
        amounts = [replace(c, role="adjusted_budget") if c is whole else c for c in amounts]
    return Table(row, first, last, _one_role_each(amounts, label), label)


def _holds_names(sheet: Sheet, column: Column, first: int, last: int) -> bool:
    """Tell whether a column headed like amounts, 年度预算数(万元), holds the names of the rows."""
    found = (sheet.at(row, column.left) for row in range(first, last))
    return any(slot and role_of("money", money_label(slot.text)) for slot in found)


def _over_seams(sheet: Sheet, label: Slot) -> int:
    """Return the last row of a block whose label a page edge may have cut."""
    bottom = label.bottom
    while bottom + 1 in sheet.seams:
        below = sheet.at(bottom + 1, label.left)
        if below is None or not below.is_blank or below.right != label.right:
            break
        bottom = below.bottom
    return bottom


def _ends_funding(sheet: Sheet, row: int) -> bool:
    texts = sheet.texts(row)
    return (
        is_indicator_header(leaf_texts(sheet, row))
        or is_goal_row(sheet, row)
        or (
            bool(texts)
            and role_of("header", texts[0]) not in (None, "total_score", "other")
            and role_of("money", money_label(texts[0])) is None
        )
        or (bool(texts) and len(texts) == 1 and len(plain(texts[0])) > 40)
    )


def _indicators(sheet: Sheet, row: int) -> Table:
    columns, depth = columns_of(sheet, row, "indicators")
    label = _block_label(sheet, row, depth) or _second_name(columns)
    if label is None and columns[0].role is None and row + depth in sheet.seams:
        label = columns[0].slot  # a page edge cuts the label of the block below the header
    first = row + depth
    last = first
    while last < sheet.rows and not _ends_indicators(sheet, last):
        last += 1
    return Table(row, first, last, _one_role_each(columns, label), label)


def _second_name(columns: list[Column]) -> Slot | None:
    """Return the first cell where it and another both seem to head the names.

    绩效指标 does so for a block whose label a page edge cut off below the header.
    """
    named = [column for column in columns if column.role == "name"]
    return named[0].slot if len(named) > 1 and named[0] is columns[0] else None


def _ends_indicators(sheet: Sheet, row: int) -> bool:
    if row in sheet.skipped:
        return False
    texts = sheet.texts(row)
    if not texts:
        return False
    if is_total(texts):
        return True
    begun = [slot for slot in sheet.begun(row) if not slot.is_blank]
    wide = len(begun) == 1 and begun[0].right - begun[0].left + 1 >= sheet.columns - 1
    follows = role_of("tail", texts[0]) is not None and len(begun) <= 3
    return wide or follows or is_start(texts)


def is_goal_row(sheet: Sheet, row: int) -> bool:
    """Tell whether a row begins the goals: a label of theirs with more than one cell."""
    slots = sheet.begun(row)
    texts = [slot.text for slot in slots if not slot.is_blank]
    roles = [role_of("goals", text) for text in texts]
    if len(slots) < 2 or not texts:
        return False
    if "expected" in roles and "actual" in roles:
        return True
    return roles[0] is not None and len(slots) <= 4


def _goal_end(sheet: Sheet, row: int) -> int:
    """Return the row after the goals."""
    slots = sheet.begun(row)
    roles = [role_of("goals", slot.text) for slot in slots]
    label = next((s for s, r in zip(slots, roles, strict=True) if r and s.bottom > row), None)
    block = slots[0] if slots[0].bottom > row else label
    last = _over_seams(sheet, block) + 1 if block else row + 1
    while last < sheet.rows and _goes_on(sheet, row, last, roles):
        last += 1
    return last


def _stands_apart(sheet: Sheet, first: int, row: int) -> bool:
    """Tell whether a row among the goals has a text of its own across both of their columns."""
    sides = {role_of("goals", slot.text): slot for slot in sheet.begun(first)}
    if not {"expected", "actual"} <= sides.keys():
        return False
    left, right = sides["expected"].left, sides["actual"].right
    return any(s.left <= left and right <= s.right for s in sheet.begun(row) if not s.is_blank)


def _goes_on(sheet: Sheet, first: int, row: int, roles: list[str | None]) -> bool:
    """Tell whether a row below the labels of the goals still belongs to them."""
    if is_indicator_header(leaf_texts(sheet, row)) or is_funding_header(leaf_texts(sheet, row)):
        return False
    if is_goal_row(sheet, row):
        return True
    pair = "expected" in roles and "actual" in roles
    started = any(len(sheet.texts(r)) > 1 or _is_told(sheet, r) for r in range(first + 1, row))
    return pair and (not started or row in sheet.seams) and not is_start(sheet.texts(row))


def _is_told(sheet: Sheet, row: int) -> bool:
    return any(slot.left > 0 and not slot.is_blank for slot in sheet.begun(row))


def title_rows(sheet: Sheet, rows: tuple[int, ...]) -> list[Slot]:
    """Return the full-width cells of the header that hold nothing but a title, year or unit."""
    alone = [sheet.begun(row) for row in rows]
    return [
        slots[0]
        for slots in alone
        if len(slots) == 1 and (is_title(slots[0].text) or len(plain(slots[0].text)) <= 20)
    ]
