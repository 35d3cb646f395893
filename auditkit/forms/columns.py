"""What columns mean that no label tells surely: by the arithmetic of their block or what they hold.

A column of the funds is settled where one equation has it as its only solution; a column of causes
by standing beside what lost points. What is settled so is doubted and says so. A column that stays
without a meaning weakens the figures that it may be, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.entries import NUMBER, VALUE
from auditkit.forms.labels import GROUP, label_of, role_by_words, role_of
from auditkit.forms.rows import Column
from auditkit.forms.sheet import Sheet
from auditkit.grid import plain
from auditkit.numbers import Status
from auditkit.wording import Term

if TYPE_CHECKING:
    from auditkit.forms.blocks import Block

# What forms call the groups of the first level.
FIRST = re.compile("(?:产出|效益|满意度)(?:指标)?")
_ONLY_FIRST = re.compile("(?:产出|效益)(?:指标)?")  # 满意度 is one of the second level, too
_MISSING = ("adjusted_budget", "outturn", "execution_rate")
_SIGN = re.compile("[≥≤<>=≧≦＜＞＝]{1,2}")
_SIGN_OR_KIND = re.compile("[≥≤<>=≧≦＜＞＝]{1,2}|(正向|反向|定量|定性)(型|类)?(指标)?|[-—/无]")
_NO_CAUSE = re.compile(r"[无—\-–/、。.]*|不适用")
_MEASURES = re.compile("措施|意见")
_HALF_A_HUNDREDTH = Decimal("0.00005")
NONE = ""  # no column is there
_Numbers = dict[int, Decimal]  # by the row of the sheet
Weak = Mapping[int, tuple[Doubt, tuple[str, ...]]]  # why which figures are weak, by the column


def settle_funding(sheet: Sheet, table: Block) -> Block:
    """Return the funds with the meaning of columns that their own arithmetic settles.

    A budget that another column of the block makes up with the initial one is a change. A column
    without a meaning is the adjusted budget, the outturn or the rate where the form has no other
    and the outturn over the budget is the rate in every row.
    """
    table = _without_changes(sheet, table)
    held = {id(column): _numbers(sheet, table, column) for column in table.columns}
    unknown = [c for c in table.columns if c.role is None and held[id(c)]]
    for role in _MISSING if unknown else ():
        if table.column(role) is None:
            others = {r: table.column(r) for r in _MISSING if r != role}
            known = {r: held[id(c)] for r, c in others.items() if c is not None}
            fit = [c for c in unknown if _fits({**known, role: held[id(c)]})]
            if len(fit) == 1:
                table = _with_role(table, fit[0], role)
    return _with_places(table, _ORDER_OF_FUNDS)


def settle_indicators(sheet: Sheet, table: Block) -> Block:
    """Return the indicators with a column of causes where one without a known head is one.

    It holds words beside what lost points, and mostly none beside what lost none.
    """
    table = _with_points(_with_signs(sheet, _with_levels(sheet, _in_order(table))))
    table = _with_measures(_without_doubles(sheet, table))
    table = _with_places(table, _ORDER_OF_INDICATORS)
    points, score = table.column("points"), table.column("score")
    if table.column("explanation") or points is None or score is None:
        return table
    worth, earned = (_numbers(sheet, table, column) for column in (points, score))
    lost = {row for row in earned if row in worth and earned[row] < worth[row]}
    full = earned.keys() - lost
    fit = []
    for column in table.columns:
        if column.role is None:
            said = _texts(sheet, table, column)
            told = {row for row, text in said.items() if not _NO_CAUSE.fullmatch(text)}
            if told & lost and 2 * len(told & full) <= len(full):
                fit.append(column)
    return _with_role(table, fit[-1], "explanation") if fit else table


def _with_places(table: Block, order: Sequence[str]) -> Block:
    """Return the table with columns whose heads are doubted, as by a seal, by their neighbours.

    A column is the one that the usual order has between those beside it, where that is one only.
    """
    beside = [NONE, *(column.role for column in table.columns), NONE]
    for n, column in enumerate(table.columns):
        if column.role is None and column.slot.doubts and column.slot is not table.label:
            between = _between(order, beside[n], beside[n + 2])
            if len(between) == 1 and table.column(between[0]) is None:
                table = _with_role(table, column, between[0])
    return table


def _between(order: Sequence[str], before: str | None, after: str | None) -> Sequence[str]:
    """Return what an order has between two of it; where nothing comes after one, the rest."""
    if before not in order or not (after == NONE or after in order):
        return ()
    return order[order.index(before) + 1 : None if after == NONE else order.index(after)]


def _in_order(table: Block) -> Block:
    """Return the indicators with the three levels by their order where a head lacks its number.

    In pale print the one stroke of 一 is soon lost.
    """
    levels = [c for c in table.columns if _LEVEL.fullmatch(label_of(c.label))]
    numbers = [label_of(column.label)[:-3] for column in levels]
    in_order = zip(numbers, "一二三", strict=False)
    if len(levels) != 3 or "" not in numbers or any(no not in ("", own) for no, own in in_order):
        return table
    for column, number, role in zip(levels, numbers, _LEVELS, strict=True):
        table = _settled(table, column, role) if number else _with_role(table, column, role)
    return table


def _with_points(table: Block) -> Block:
    """Return the indicators with the points in a column called 分数, where the scores follow it.

    By itself it is that of the scores.
    """
    called = table.column("score")
    if called is None or table.column("points") or not _MARK.fullmatch(label_of(called.label)):
        return table
    behind = table.columns[table.columns.index(called) + 1 :]
    scores = [c for c in behind if c.role is None and role_of("indicators", c.label) == "score"]
    if not scores:
        return table
    return _settled(_with_role(table, called, "points"), scores[0], "score", *scores[0].doubts)


def _without_doubles(sheet: Sheet, table: Block) -> Block:
    """Return the indicators with a second column of points or scores known that says the same."""
    columns = list(table.columns)
    for n, column in enumerate(columns):
        meant = role_of("indicators", column.label) or role_by_words("indicators", column.label)
        own = table.column(meant) if column.role is None and meant in ("points", "score") else None
        if own and _texts(sheet, table, column) == _texts(sheet, table, own):
            columns[n] = replace(column, role="other")
    return replace(table, columns=tuple(columns))


def _with_measures(table: Block) -> Block:
    """Return the indicators with causes and measures (改进措施) in columns of their own as one."""
    own = table.column("explanation")
    parts = [
        replace(column, role="explanation")
        if own and column.role is None and _completes(own, column)
        else column
        for column in table.columns
    ]
    return replace(table, columns=tuple(parts))


def _completes(own: Column, other: Column) -> bool:
    """Tell whether one of two columns holds the causes, and the other only the measures."""
    is_one = role_of("indicators", other.label) == "explanation"
    holds = [_MEASURES.search(plain(column.label)) is not None for column in (own, other)]
    return is_one and sum(holds) == 1


def _with_signs(sheet: Sheet, table: Block) -> Block:
    """Return the indicators with a column of signs without a known head: ≥, ≤, 定性."""
    for column in table.columns if table.column("comparator") is None else ():
        texts = _texts(sheet, table, column).values() if column.role is None else ()
        if any(map(_SIGN.fullmatch, texts)) and all(map(_SIGN_OR_KIND.fullmatch, texts)):
            return _with_role(table, column, "comparator")
    return table


def _with_levels(sheet: Sheet, table: Block) -> Block:
    """Return the indicators with a level without a known head: it holds the names of groups.

    What its head calls the first level, 指标类别, is the second where such a column is the first.
    """
    held = {id(column): _level_of(sheet, table, column) for column in table.columns}
    strange = [c for c in table.columns if c.role is None and c.slot is not table.label]
    called = None if table.column("category") else table.column("dimension")
    if called and held[id(called)] == "category":
        has_first = any(held[id(column)] == "dimension" for column in strange)
        table = _with_role(table, called, "category") if has_first else table
    for role in ("dimension", "category"):
        column = next((c for c in strange if held[id(c)] == role), None)
        if column and table.column(role) is None:
            table = _with_role(table, column, role)
    return table


def _level_of(sheet: Sheet, table: Block, column: Column) -> str | None:
    """Return which level of indicators a column holds the names of, by what groups are called."""
    texts = _texts(sheet, table, column).values()
    names = [label_of(text) for text in texts if role_of("total", text) is None]
    if not names or not all(map(GROUP.fullmatch, names)):
        return None
    is_first = any(map(_ONLY_FIRST.fullmatch, names)) or all(map(FIRST.fullmatch, names))
    return "dimension" if is_first else "category"


def weakened(sheet: Sheet, table: Block, name: str) -> Weak:
    """Return which figures the columns without a meaning may change, by the column's identity.

    A column of numbers in the funds may be the budget; one of bare numbers among the indicators
    points or scores where none is above its row's points, these or values where all of them are
    no more than a form has, else, and with units, targets or actual values. A column of words
    changes no figure.
    """
    found: dict[int, tuple[Doubt, tuple[str, ...]]] = {}
    adjusted = table.column("adjusted_budget")
    for column in table.columns:
        moved = column.role in ("change", "arrived") and adjusted is None
        if moved or is_unknown(table, name, column):
            numbers = _numbers(sheet, table, column)
            if roles := _may_be(sheet, table, column, numbers) if numbers else ():
                doubt = Doubt.of(DoubtKind.COLUMN_BESIDE, column=plain(column.label))
                found[id(column)] = (doubt, roles if name == "indicators" else _FUNDS)
    return found


def is_unknown(table: Block, name: str, column: Column) -> bool:
    """Tell whether nobody knows what a column means.

    What its words only seem to put beside the fields may be the very field that the table lacks.
    """
    may_be = column.role == "other" and role_of(name, column.label) is None
    lacks = name == "indicators" and any(table.column(role) is None for role in _USUAL)
    return column.role is None or (may_be and lacks)


_ORDER_OF_INDICATORS = (
    "dimension", "category", "name", "target", "actual", "points", "score", "explanation",
)  # fmt: skip
_ORDER_OF_FUNDS = (
    "initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score",
)  # fmt: skip
_LEVEL, _LEVELS = re.compile("[一二三]?级指标"), ("dimension", "category", "name")
_MARK = re.compile("(指标|评价)?分数")
_ALL_POINTS = 100
_USUAL = ("target", "actual", "points", "score")
_FUNDS = ("initial_budget", "adjusted_budget", "outturn", "execution_rate", "score")


def _may_be(sheet: Sheet, table: Block, column: Column, numbers: _Numbers) -> tuple[str, ...]:
    texts = _texts(sheet, table, column)
    if 2 * len(numbers) < len(texts):
        return ()
    points = table.column("points")
    worth = _numbers(sheet, table, points) if points else {}
    is_bare = all(re.fullmatch(r"[-\d.,]+分?", text) for text in texts.values())
    if is_bare and all(value <= worth.get(row, value) for row, value in numbers.items()):
        return ("points", "score")
    if is_bare and sum(numbers.values()) <= _ALL_POINTS:  # which may stand in place of the others
        return ("points", "score", "target", "actual")
    return ("target", "actual")


def _with_role(table: Block, column: Column, role: str) -> Block:
    """Return the table with the meaning of a column, doubted unless its head is known for it."""
    doubt = Doubt.of(DoubtKind.INFERRED_COLUMN, label=plain(column.label), role=Term(role))
    is_known = role in _FUNDS and role_of("funding", column.label) == role
    return _settled(table, column, role, *(() if is_known else (doubt,)))


def _settled(table: Block, column: Column, role: str, *doubts: Doubt) -> Block:
    settled = replace(column, role=role, doubts=doubts)
    return replace(table, columns=tuple(settled if c is column else c for c in table.columns))


def _without_changes(sheet: Sheet, table: Block) -> Block:
    """Tell a budget from a change of it: the initial budget and a change make the adjusted one."""
    initial = table.column("initial_budget")
    if initial is None:
        return table
    before = _numbers(sheet, table, initial)
    able = [c for c in table.columns if c.role in ("adjusted_budget", "change", None)]
    held = [(column, _numbers(sheet, table, column)) for column in able]
    for change, by in held:
        for budget, after in held:
            rows = before.keys() & by.keys() & after.keys()
            is_sum = all(before[row] + by[row] == after[row] for row in rows)
            if change is budget or not any(by[row] for row in rows) or not is_sum:
                continue
            table = _settled(table, change, "change")
            return (
                table
                if budget.role == "adjusted_budget"
                else _with_role(table, budget, "adjusted_budget")
            )
    return table


def _fits(figures: Mapping[str, _Numbers]) -> bool:
    """Tell whether the outturn over the budget is the rate in all rows that have the three."""
    if figures.keys() != set(_MISSING):
        return False
    budget, outturn, rate = (figures[role] for role in _MISSING)
    rows = [row for row in budget.keys() & outturn.keys() & rate.keys() if budget[row]]
    gaps = (outturn[row] / budget[row] - _share(rate[row]) for row in rows)
    return bool(rows) and all(abs(gap) <= _HALF_A_HUNDREDTH for gap in gaps)


def _share(rate: Decimal) -> Decimal:
    """Return a rate as a share; one above 1.5 was printed in hundredths without a sign."""
    return rate / 100 if rate > Decimal("1.5") else rate


def _texts(sheet: Sheet, table: Block, column: Column) -> dict[int, str]:
    """Return what stands below a head, by the row that it begins in."""
    found = (sheet.at(row, column.slot.left) for row in sheet.living(table.first, table.last))
    return {slot.top: plain(slot.text) for slot in found if slot and not slot.is_blank}


def _numbers(sheet: Sheet, table: Block, column: Column) -> _Numbers:
    return dict(_read(_texts(sheet, table, column)))


def _read(texts: Mapping[int, str]) -> Iterator[tuple[int, Decimal]]:
    for row, text in texts.items():
        reading = NUMBER(text)
        reading = reading if reading.status is Status.NUMBER else VALUE(text)
        value = reading.ratio if reading.unit in ("%", "‰") else reading.value
        if value is not None and reading.upper is None:
            yield row, value


def doubts_of(columns: Sequence[Column], role: str) -> tuple[Doubt, ...]:
    """Return why what stands in the column of a role is doubted."""
    return next((column.doubts for column in columns if column.role == role), ())
