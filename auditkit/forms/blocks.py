"""Where the blocks of a form are: header, funding, goals, indicators, total and what follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from auditkit.forms import rows
from auditkit.forms.columns import settle_funding, settle_indicators
from auditkit.forms.entries import NUMBER
from auditkit.forms.labels import is_title, label_of, money_in, role_of
from auditkit.forms.rows import BESIDE, BOTH_GOALS, Column, columns_of
from auditkit.forms.sheet import Sheet, Slot, Test, over_seams
from auditkit.grid import plain
from auditkit.numbers import Status

_GROUND = re.compile("依据|得分(?!.*偏差)|得失分")
_ADJUSTED = re.compile("调整|修正|变更|变动|最终|年末|期末")


@dataclass(frozen=True, slots=True)
class Block:
    """A block with a header: its columns, and its rows from ``first`` to before ``last``.

    A table that the form does not have is false.
    """

    header: int = 0
    first: int = 0
    last: int = 0
    columns: tuple[Column, ...] = ()
    label: Slot | None = None

    def __bool__(self) -> bool:
        return self.last > 0

    def column(self, role: str) -> Column | None:
        """Return the column of a role."""
        return next((column for column in self.columns if column.role == role), None)

    def seams(self, sheet: Sheet) -> list[int]:
        """Return the first rows after page edges among the rows of the table."""
        return [s for s in sheet.living(self.first + 1, self.last) if s in sheet.seams]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The rows of each block of a form; a block that was not found is empty."""

    header: list[int]
    funding: Block
    management: Block
    goals: list[int]
    indicators: Block
    total: list[int]
    rest: list[int]


def locate(sheet: Sheet) -> Blocks:
    """Find the blocks of a form by the labels in its rows."""
    header: list[int] = []
    goals: list[int] = []
    total: list[int] = []
    rest: list[int] = []
    tables = dict.fromkeys(("funding", "management", "indicators"), Block())
    end = 0
    for row in sheet.living(0, sheet.rows):
        if row < end or not sheet.texts(row):
            continue
        if found := next((f for f in _FINDERS if not tables[f[0]] and f[1](sheet, row)), None):
            name, _, table_at = found
            tables[name] = table_at(sheet, row)
            end = tables[name].last
        elif whole := _funds_of_the_whole(sheet, row, tables["funding"]):
            rest.extend(range(tables["funding"].header, tables["funding"].last))
            tables["funding"], end = whole, whole.last
        elif rows.is_own_total(sheet, row) or (tables["indicators"] and rows.is_total(sheet, row)):
            total.append(row)
        elif not (tables["indicators"] and goals) and _begins_goals(sheet, row):
            end = _goal_end(sheet, row)
            for own in range(row, end):
                (rest if _stands_apart(sheet, row, own) else goals).append(own)
        else:
            (rest if any(tables.values()) or goals else header).append(row)
    return Blocks(header, goals=goals, total=total, rest=rest, **tables)


def _funds_of_the_whole(sheet: Sheet, row: int, before: Block) -> Block:
    """Return the funds under a header that have a total, or a rate, where those above have none.

    Those are money by task or by spending line.
    """
    if not before or not rows.is_funding_header(sheet, row):
        return Block()
    if _has_total(sheet, before) and _have_rate(before.columns):
        return Block()
    table = _funding(sheet, row)
    if _has_total(sheet, before) and not _have_rate(table.columns):
        return Block()
    return table if _has_total(sheet, table) else Block()


def _have_rate(columns: Iterable[Column]) -> bool:
    return any(column.role == "execution_rate" for column in columns)


def _has_total(sheet: Sheet, table: Block) -> bool:
    texts = (text for row in range(table.first, table.last) for text in sheet.texts(row))
    return not table.columns or any(money_in(text)[0] == "total" for text in texts)


def _one_role_each(columns: Sequence[Column], block: Slot | None) -> tuple[Column, ...]:
    """Let each role have one column: what is known counts before what is only understood.

    An adjusted target counts before the initial one.
    """
    own = _with_levels([column for column in columns if column.slot is not block])
    own = _with_first_budget(own)
    taken: dict[str | None, Column] = {}
    for column in sorted(own, key=lambda column: (_is_ground(column), bool(column.doubts))):
        adjusted = column.role == "target" and _ADJUSTED.search(column.label)
        if column.role not in taken or adjusted:
            taken[column.role] = column
    return tuple(_beside(column, taken) for column in own)


def _with_levels(columns: Sequence[Column]) -> list[Column]:
    """Tell levels of indicators apart that a form calls by names of the first.

    Of two without a category the second is the category; beside one, 指标类型 before 一级指标 says
    of what sort an indicator is. A level that has no other is that of the indicators themselves; of
    two names, 指标内容 before 三级指标, the first is the category.
    """
    own = list(columns)
    levels = [at for at, column in enumerate(own) if column.role == "dimension"]
    roles = {column.role for column in own}
    if len(levels) == 2:
        first, second = (own[at] for at in levels)
        if "category" in roles:
            own[levels[0]] = replace(first, role="other", doubts=())
        else:
            own[levels[1]] = replace(second, role="category")
    elif len(levels) == 1 and not roles & {"category", "name"} and {"target", "actual"} <= roles:
        own[levels[0]] = own[levels[0]].taken_for("name")
    named = [at for at, column in enumerate(own) if column.role == "name"]
    if len(named) == 2 and "category" not in roles:
        own[named[0]] = own[named[0]].taken_for("category")
    return own


def _with_first_budget(columns: Sequence[Column]) -> list[Column]:
    """Tell two budgets apart that both read as the adjusted one: 当年预算 before 调整后的预算."""
    budgets = [column for column in columns if column.role == "adjusted_budget"]
    moved = [column for column in budgets if _ADJUSTED.search(column.label)]
    has_first = any(column.role == "initial_budget" for column in columns)
    if has_first or len(budgets) != 2 or len(moved) != 1:
        return list(columns)
    first = next(column for column in budgets if column is not moved[0])
    return [c.taken_for("initial_budget") if c is first else c for c in columns]


def _beside(column: Column, taken: Mapping[str | None, Column]) -> Column:
    """Return a column without its role where another has it.

    An initial target beside the adjusted one is known, and so is what a score rests on.
    """
    if column.role in (*BESIDE, "label", None) or taken[column.role] is column:
        return column
    known = (column.role == "target" and not column.doubts) or _is_ground(column)
    return replace(column, role="other" if known else None, doubts=())


def _is_ground(column: Column) -> bool:
    """Tell whether a column says what a score rests on, which is no cause if another is one."""
    return column.role == "explanation" and _GROUND.search(plain(column.label)) is not None


def _headed(sheet: Sheet, row: int, name: str, ends: Test) -> Block:
    """Return the table under a header; its label is a first cell that goes on below the header."""
    columns, depth = columns_of(sheet, row, name)
    first = row + depth
    slots = sheet.row(row)
    tall = [slot for slot in slots[:2] if slot.bottom >= first and len(slots) > 2]
    last = sheet.until(ends, first)
    return Block(row, first, last, tuple(columns), tall[0] if tall else None)


def _funding(sheet: Sheet, row: int) -> Block:
    told = columns_of(sheet, row, "funding")[0]
    heads = {(c.slot.left, c.slot.right) for c in told}

    def ends(sheet: Sheet, below: int) -> bool:
        own = ((slot.left, slot.right) for slot in sheet.filled(below))
        total = rows.is_own_total(sheet, below) and not heads.issuperset(own)
        others = below > row and not _have_rate(told) and rows.is_funding_header(sheet, below)
        of_the_whole = others and _have_rate(columns_of(sheet, below, "funding")[0])
        return total or of_the_whole or _ends_funding(sheet, below)

    table = _headed(sheet, row, "funding", ends)
    last = min(table.last, over_seams(sheet, table.label)) if table.label else table.last
    within = range(table.first, last)
    columns = table.columns
    amounts = [
        replace(c, role="label")
        if c.role in (None, *rows.MONEY) and _holds_names(sheet, c, within)
        else c
        for c in columns
    ]
    if not {"initial_budget", "adjusted_budget"} & {column.role for column in amounts}:
        whole = next((c for c in amounts if label_of(c.label) in ("合计", "总额", "总计")), None)
        amounts = [replace(c, role="adjusted_budget") if c is whole else c for c in amounts]
    own = _one_role_each(amounts, table.label)
    return settle_funding(sheet, replace(table, last=last, columns=own))


def _holds_names(sheet: Sheet, column: Column, within: range) -> bool:
    """Tell whether a column headed like amounts, 年度预算数(万元), holds the names of the rows."""
    found = [slot for row in within if (slot := sheet.at(row, column.slot.left))]
    states = any(NUMBER(slot.text).status is Status.NUMBER for slot in found)
    return not states and any(money_in(slot.text)[0] for slot in found)


def _ends_funding(sheet: Sheet, row: int) -> bool:
    texts = sheet.texts(row)
    if not texts:
        return False
    told = len(texts) == 1 and len(plain(texts[0])) > 40
    named = role_of("header", texts[0]) not in (None, "total_score", "other")
    other = named and money_in(texts[0])[0] is None
    follows = rows.is_indicator_header(sheet, row) or _begins_goals(sheet, row)
    return told or other or follows


def _funding_beside(sheet: Sheet, row: int) -> Block:
    first = sheet.row(row)[0]
    paired = any(first is label for _, label, _ in rows.amounts_beside(sheet, row))
    last = sheet.until(_ends_beside, row)
    return Block(row, row, last, (), None if paired else first)


def _ends_beside(sheet: Sheet, row: int) -> bool:
    named = any(money_in(text)[0] for text in sheet.texts(row)[:1])
    return not named and not rows.amounts_beside(sheet, row)


def _management(sheet: Sheet, row: int) -> Block:
    """Return the block as a table of indicators: what was asked, what was done, points, score."""
    slots = sheet.begun(row)
    at = next(i for i, slot in enumerate(slots) if label_of(slot.text) == "情况说明")
    block, *asked = slots[:at]
    columns = [Column("dimension", "", block)]
    if asked:
        columns.append(Column("name", "", replace(asked[0], right=asked[-1].right)))
    for slot in slots[at:]:
        is_actual = slot is slots[at]
        told = Column("actual", slot.text, slot)
        columns.append(told if is_actual else Column.understood("indicators", slot.text, slot))
    return Block(row, row + 1, over_seams(sheet, block), _one_role_each(columns, None))


def _indicators(sheet: Sheet, row: int) -> Block:
    columns = columns_of(sheet, row, "indicators")[0]

    def ends(sheet: Sheet, below: int) -> bool:
        return _ends_indicators(sheet, below, columns)

    table = _headed(sheet, row, "indicators", ends)
    label = table.label
    named = [column for column in table.columns if column.role == "name"]
    if label is None and len(named) > 1 and named[0] is table.columns[0]:
        label = named[0].slot  # 绩效指标 over a block whose label a page edge cut off below it
    if label is None and table.columns[0].role is None and table.first in sheet.seams:
        label = table.columns[0].slot  # and the first part of a label that it cut in two
    own = _one_role_each(_with_points_of_leaves(sheet, table), label)
    return settle_indicators(sheet, replace(table, label=label, columns=own))


def _with_points_of_leaves(sheet: Sheet, table: Block) -> tuple[Column, ...]:
    """Let the points be those of the third level where each level has a column of them.

    They are those with the most cells, and behind no upper level where all have as many.
    """
    columns = list(table.columns)
    found: dict[int, tuple[int, bool]] = {}
    for n, column in enumerate(columns):
        if column.role == "points":
            left = column.slot.left
            cells = (sheet.at(row, left) for row in sheet.living(table.first, table.last))
            before = next((c for c in reversed(columns[:n]) if c.role is not None), column)
            is_above = before.role in ("dimension", "category")
            found[n] = (len({id(slot) for slot in cells}), not is_above)
    above = {n for n, (_, is_of_leaves) in found.items() if not is_of_leaves}
    if len(found) > 1 and above:
        last = max(found, key=lambda n: found[n])
        for n in above - {last}:
            label = plain(columns[n - 1].label + columns[n].label)
            columns[n] = replace(columns[n], role="level_points", label=label, doubts=())
    return tuple(columns)


def _ends_indicators(sheet: Sheet, row: int, columns: Sequence[Column]) -> bool:
    slots = sheet.filled(row)
    if row in sheet.skipped or not slots or rows.is_indicator_header(sheet, row):
        return False
    if rows.is_start(sheet, row) or rows.is_header(sheet, row):
        return True
    wide = len(slots) == 1 and slots[0].right - slots[0].left + 1 >= sheet.columns - 1
    if rows.is_total(sheet, row) and _is_sum_above(sheet, row):
        return False
    if wide or rows.is_total(sheet, row):
        return is_title(slots[0].text) or not _goes_on(sheet, row + 1, columns)
    follows = role_of("tail", slots[0].text) is not None and len(slots) <= 3
    if _is_label_and_text(sheet, row, columns):
        return not _goes_on(sheet, row + 1, columns)
    return follows or (_begins_goals(sheet, row) and not _is_aligned(sheet, row, columns))


def _is_label_and_text(sheet: Sheet, row: int, columns: Sequence[Column]) -> bool:
    """Tell whether a row is a label with one cell beside it under most heads of a table."""
    own = sheet.row(row)
    if len(own) != 2 or any(slot.top < row for slot in own) or own[0].is_blank:
        return False
    under = [c for c in columns if own[1].left <= c.slot.left <= own[1].right]
    is_sum = role_of("total", own[0].text) is not None
    return not is_sum and len(under) >= 3 and 2 * len(under) > len(columns)


def _is_sum_above(sheet: Sheet, row: int) -> bool:
    """Tell whether a total is that of a dimension, since that of all stands straight below it."""
    own, below = ({(s.left, s.right) for s in sheet.filled(r)[1:]} for r in (row, row + 1))
    return rows.is_total(sheet, row + 1) and bool(own) and own == below


def _goes_on(sheet: Sheet, row: int, columns: Sequence[Column]) -> bool:
    """Tell whether the rows of a table go on: with one of its own, or with its header again."""
    following = next((r for r in sheet.living(row, sheet.rows) if sheet.texts(r)), None)
    if following is None or rows.is_total(sheet, following):
        return False
    if rows.is_indicator_header(sheet, following):
        return True
    other = rows.is_header(sheet, following) or _begins_goals(sheet, following)
    return not other and _is_aligned(sheet, following, columns)


def _is_aligned(sheet: Sheet, row: int, columns: Sequence[Column]) -> bool:
    """Tell whether most cells of a row stand under one column each, the name's among them."""
    own = {(slot.left, slot.right) for slot in sheet.filled(row)}
    under = [c for c in columns if (c.slot.left, c.slot.right) in own]
    return 2 * len(under) > len(columns) - 2 and any(c.role == "name" for c in under)


def _begins_goals(sheet: Sheet, row: int) -> bool:
    return rows.is_goal_row(sheet, row) or rows.is_goal_over_text(sheet, row)


_FINDERS: tuple[tuple[str, Test, Callable[[Sheet, int], Block]], ...] = (
    ("indicators", rows.is_indicator_header, _indicators),
    ("funding", rows.is_funding_header, _funding),
    ("funding", rows.is_beside, _funding_beside),
    ("management", rows.is_management_header, _management),
)


def _goal_end(sheet: Sheet, row: int) -> int:
    """Return the row after the goals."""
    if rows.is_goal_over_text(sheet, row):
        below = row + 2
        return _goal_end(sheet, below) if _begins_goals(sheet, below) else below
    labels = rows.goal_roles(sheet, row)
    begins = labels[0][0]
    tall = [slot for slot, role in labels if slot.bottom > row and (role or slot is begins)]
    last = over_seams(sheet, tall[0]) if tall else row + 1
    pair = {role for _, role in labels} >= BOTH_GOALS

    def ends(sheet: Sheet, below: int) -> bool:
        start = max((r for r in range(row, below) if rows.is_pair_of_goals(sheet, r)), default=row)
        told = any(slot.left > 0 for r in range(start + 1, below) for slot in sheet.filled(r))
        again = told and rows.is_next_goal(sheet, start, below)
        more = pair and (not told or below in sheet.seams or again)
        more = more and not rows.is_start(sheet, below)
        return rows.is_header(sheet, below) or not (more or rows.is_goal_row(sheet, below))

    return sheet.until(ends, last)


def _stands_apart(sheet: Sheet, first: int, row: int) -> bool:
    """Tell whether a row among the goals has a text of its own across both of their columns."""
    sides = {role: slot for slot, role in rows.goal_roles(sheet, first)}
    if row == first or not sides.keys() >= BOTH_GOALS:
        return False
    left, right = sides["expected"].left, sides["actual"].right
    return any(slot.left <= left and right <= slot.right for slot in sheet.filled(row))
