"""The funding rows (项目资金): each kind of money with its amounts, rate and score."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.blocks import Block
from auditkit.forms.columns import Weak, weakened
from auditkit.forms.entries import NUMBER, WORDS, doubted, entry, numbered, stated
from auditkit.forms.labels import (
    PARTS,
    label_of,
    money_in,
    names_division,
    names_part,
    points_in,
    role_by_words,
    role_of,
    unit_in,
)
from auditkit.forms.rows import Column, amounts_beside, is_numbering
from auditkit.forms.sheet import Sheet, Slot
from auditkit.forms.units import in_own_units, units_of
from auditkit.grid import plain
from auditkit.nesting import told_parent
from auditkit.numbers import Status
from auditkit.report import AMOUNTS, ZERO, BudgetLine, Entry, Extra, number, sum_of
from auditkit.wording import Term

_AMOUNTS = ("initial_budget", "adjusted_budget", "outturn", "execution_rate", "score", "points")


def read_funding(sheet: Sheet, table: Block, unit: str) -> tuple[BudgetLine, ...]:
    """Read the funding rows of a form in a ``unit``, in the order of the form.

    The total is found by its label; a first row without any is the total where no other is. Rows
    after a second 其中 belong to the row above.
    """
    if not table:
        return ()
    if _is_beside(sheet, table):
        return _beside(sheet, table, unit)
    lines = _below(sheet, table)
    return in_own_units(tuple(_without_sums(lines)), units_of(sheet, table), unit)


def _below(sheet: Sheet, table: Block) -> list[BudgetLine]:
    """Read the rows below the heads of the amounts."""
    lines: list[BudgetLine] = []
    seen: Counter[str] = Counter()
    weak = weakened(sheet, table, "funding")
    beside = _names_nothing(sheet, table)
    has_total = any(
        _kind(slot.text)[0] == "total"
        for row in sheet.living(table.first, table.last)
        for slot in _sides(sheet, table, row, beside)[0]
    )
    division: Slot | None = None
    since = 1  # the first of the rows that divide the total as those above do
    for row in sheet.living(table.first, table.last):
        names, values = _sides(sheet, table, row, beside)
        own = next((slot for slot in sheet.row(row) if names_division(slot.text)), None)
        if own and own is not division:
            division, since = own, len(lines)
        names = [slot for slot in names if slot is not own]
        if is_numbering(sheet, row) or (not names and all(slot.is_blank for slot in values)):
            continue
        labels = [s for s in values if names_part(s.text) or names_division(s.text)]
        if labels and any(s in labels for s in _amounts(sheet, table, row, values)):
            continue  # the row has labels of its own where the others have amounts
        if lines and names and role_of("funding", names[-1].text) == "explanation":
            lines[0] = _explained(lines[0], names[-1], values)
            continue
        kind, label = _kind(names[-1].text) if names else (None, "")
        nameless = not names or (kind is None and table.last - table.first == 1)
        is_total = nameless and not lines and not has_total
        name = "total" if is_total else kind or label or "unnamed"
        parent = _parent(names, name, [*lines[:1], *lines[since:]])
        lines.append(_line(sheet, table, row, numbered(name, seen), parent, names, weak))
    return lines


def _amounts(sheet: Sheet, table: Block, row: int, values: Sequence[Slot]) -> list[Slot]:
    """Return the values of a row but for those under a head that is of no amount: a cause."""
    others = (column for column in table.columns if column.role not in _AMOUNTS)
    texts = {id(s) for column in others if column.label for s in _under(sheet, row, column)}
    return [slot for slot in values if id(slot) not in texts]


def _without_sums(lines: Sequence[BudgetLine]) -> Iterator[BudgetLine]:
    """Yield the rows, each subtotal of rows beside it as no part of the total: they are its parts.

    What it adds up to tells: the rows above it, from the last sum on, or those below it.
    """
    sums = [n for n, line in enumerate(lines) if line.name.startswith(("total", "subtotal"))]
    for n, line in enumerate(lines):
        above = max((at for at in sums if at < n), default=-1)
        below = min((at for at in sums if at > n), default=len(lines))
        runs = (lines[above + 1 : n], lines[n + 1 : below])
        is_sum = n in sums and line.name != "total" and any(_is_sum(line, run) for run in runs)
        yield replace(line, parent="") if is_sum else line


def _is_sum(line: BudgetLine, parts: Sequence[BudgetLine]) -> bool:
    """Tell whether the amounts of a row are those of others, added up."""
    columns = [name for name in AMOUNTS if (entry := getattr(line, name)) and number(entry)]
    return bool(columns and parts) and all(
        sum_of(getattr(part, name) for part in parts) == number(getattr(line, name))
        for name in columns
    )


def _kind(text: str) -> tuple[str | None, str]:
    """Return the kind of money that a row is named by, by its words if not known, and its label."""
    kind, label = money_in(text)
    return kind or role_by_words("money", label), label


def _explained(line: BudgetLine, name: Slot, values: Sequence[Slot]) -> BudgetLine:
    """Return the first row of the funds with a cause that stands in a row below it."""
    label = label_of(name.text)
    cause = entry(f"budget/{line.name}/{label}", [s for s in values if not s.is_blank], WORDS)
    return replace(line, extra=(*line.extra, (label, cause))) if cause else line


def mend_funding(sheet: Sheet, table: Block) -> Sheet:
    """Join the rows of the funds that a page edge cut: the part below it has no name of its own."""
    beside = _names_nothing(sheet, table)
    for seam in table.seams(sheet) if not _is_beside(sheet, table) else ():
        names, values = _sides(sheet, table, seam, beside)
        if not names and any(not slot.is_blank for slot in values):
            sheet = sheet.rows_joined(seam - 1, seam)
    return sheet


def _start(table: Block) -> int:
    """Return where the amounts begin; a damaged head may have points alone."""
    amounts = (column.slot.left for column in table.columns if column.role in _AMOUNTS)
    return min(amounts, default=0)


def _names_nothing(sheet: Sheet, table: Block) -> set[int]:
    """Return the places left of the amounts that have a head and no names of money below it.

    Only where others have such names, or the head over them says so: a column of dates, codes or
    remarks beside them names no row.
    """
    start = _start(table)
    below = (s for r in sheet.living(table.first, table.last) for s in sheet.row(r, 0, start - 1))
    names = {slot.left for slot in below if slot is not table.label and names_part(slot.text)}
    names |= {column.slot.left for column in table.columns if column.role == "label"}
    beside = {
        column.slot.left
        for column in table.columns
        if column.slot.right < start and plain(column.label) and column.slot is not table.label
        if not any(column.slot.left <= left <= column.slot.right for left in names)
    }
    return beside if names else set()


def _sides(
    sheet: Sheet, table: Block, row: int, beside: Collection[int] = ()
) -> tuple[list[Slot], list[Slot]]:
    """Return the cells with the name of a row, and those with its values."""
    start = _start(table)
    slots = [slot for slot in sheet.row(row) if slot is not table.label]
    left = [s for s in slots if s.right < start and not s.is_blank and s.top >= table.first]
    named = (slot for slot in left if slot.left not in beside)
    names = [slot for slot in named if NUMBER(slot.text).status is not Status.NUMBER]
    return names, [s for s in slots if s.left >= start or (s in left and s not in names)]


def _parent(names: list[Slot], name: str, lines: list[BudgetLine]) -> str:
    """Return the row that a row is part of: the total, unless the form says otherwise."""
    if not lines or name == "total":
        return "" if name == "total" else "total"
    above = lines[-1]
    if names and (told := told_parent(names[-1].text, lines)):
        return told
    if len(names) > 1 and names[0].top < names[-1].top:
        return above.name if above.parent in ("", "total") else above.parent
    for row in (above.name, above.parent):
        if name in PARTS.get(row, ()):
            return row
    among = bool(names) and label_of(names[-1].text).startswith("其中")
    if among and above.name != "total":
        return above.name
    if among or name in ("other", "local", "carry_over", "unit_funds", "special_account"):
        return "total"
    return above.parent or "total"


def _made(
    name: str, parent: str, label: Sequence[Slot], amounts: dict[str, Sequence[Slot]], extra: Extra
) -> BudgetLine:
    path = f"budget/{name}"
    values = {role: entry(f"{path}/{role}", slots, NUMBER) for role, slots in amounts.items()}
    named = entry(f"{path}/label", label, WORDS)
    return BudgetLine(name=name, label=named, parent=parent, extra=extra, **values)


def _line(
    sheet: Sheet, table: Block, row: int, name: str, parent: str, names: list[Slot], weak: Weak
) -> BudgetLine:
    amounts: dict[str, Sequence[Slot]] = {}
    reasons = {c.role: c.doubts for c in table.columns if c.role in _AMOUNTS and c.doubts}
    extra: list[tuple[str, Entry]] = []
    used: set[Slot | None] = {*names, table.label}
    for column in table.columns:
        slots = [slot for slot in _under(sheet, row, column) if slot not in used]
        used.update(slots)
        label = label_of(column.label)
        value = entry(f"budget/{name}/{label}", slots, WORDS)
        if column.role in _AMOUNTS:
            amounts[column.role] = slots
        elif value and label and column.slot not in used:
            extra.append((label, value))
        if any(NUMBER(slot.text).status is Status.NUMBER for slot in slots):
            for doubt, roles in [weak[id(column)]] if id(column) in weak else ():
                reasons |= {role: (*reasons.get(role, ()), doubt) for role in roles}
    line = _made(name, parent, names[-1:], amounts, tuple(extra))
    kind, label = _kind(names[-1].text) if names else (None, "")
    if kind and role_of("money", label) is None:
        doubt = Doubt.of(DoubtKind.NAME_TAKEN_FOR, label=label, role=Term(kind))
        reasons = {role: (*reasons.get(role, ()), doubt) for role in ("label", *_AMOUNTS)}
    line = _doubted(line, reasons)
    rate = line.execution_rate
    if rate and rate.text and (formula := _own_formula(table)):
        doubt = Doubt.of(DoubtKind.OWN_RATE, formula=formula)
        line = replace(line, execution_rate=doubted(rate, doubt))
    if name == "total" and line.points is None:
        line = replace(line, points=_bracket_points(table))
    return line


def _under(sheet: Sheet, row: int, column: Column) -> list[Slot]:
    """Return the cells of a row under a column; a cell belongs where most of it is."""
    left, right = column.slot.left, column.slot.right
    slots = sheet.row(row, left, right)
    return [s for s in slots if s.left >= left or s.right <= right or len(slots) == 1]


def _own_formula(table: Block) -> str:
    """Return the formula over a rate whose letters are not those over outturn and budget."""
    heads = {role: plain(c.label) if (c := table.column(role)) else "" for role in _AMOUNTS}
    formula = re.search(r"([A-H])/([A-H])", heads["execution_rate"])
    budget = heads["adjusted_budget"] or heads["initial_budget"]
    letters = [re.search(r"\(([A-H])\)", text) for text in (heads["outturn"], budget)]
    stated = [letter[1] if letter else "" for letter in letters]
    own = formula is not None and all(stated) and list(formula.groups()) != stated
    return formula[0] if formula and own else ""


def _bracket_points(table: Block) -> Entry | None:
    """Return the points that stand in brackets of a header: 得分(20分*执行率), 预算执行(20分)."""
    places = [c.slot for c in table.columns if c.role in ("score", "points", "label", None)]
    for slot in (*places, *([table.label] if table.label else [])):
        if points := points_in(slot.text):
            return stated("budget/total/points", points, [slot], NUMBER)
    return None


def _is_beside(sheet: Sheet, table: Block) -> bool:
    """Tell whether the values stand beside their labels and not below them."""
    return not table.columns or len(amounts_beside(sheet, table.header)) >= 2


def _beside(sheet: Sheet, table: Block, unit: str) -> tuple[BudgetLine, ...]:
    """Read amounts beside their labels; 其中 behind an amount names a part of it."""
    found: dict[str, dict[str, Sequence[Slot]]] = {"total": {}}
    labels: dict[str, Sequence[Slot]] = {}
    columns: dict[str, Column] = {}
    loose: list[_Part] = []
    last: list[str] = []  # the amounts of the last row that has some
    for row in sheet.living(table.header, table.last):
        own = amounts_beside(sheet, row)
        for role, label, value in own:
            found["total"].setdefault(role, [value])
            columns.setdefault(role, Column.understood("funding", label.text, label))
        last = [role for role, _, _ in own if role in AMOUNTS] or last
        for label, value in pairwise(sheet.begun(row)):
            kind, text = money_in(label.text)
            if value.is_blank or not (kind or label_of(label.text).startswith("其中")):
                continue
            name = kind or text or "unnamed"
            behind = [role for role, _, amount in own if amount.left < label.left]
            above = [r for r, column in columns.items() if column.slot.left == label.left]
            part = _Part(name, label, value, (*above, *behind)[-1:])
            if not behind and len(last) > 1:
                loose.append(part)
            elif part.roles:
                labels.setdefault(name, [label])
                found.setdefault(name, {}).setdefault(part.roles[0], [value])
    doubts: dict[str, Doubt] = {}
    for part, role, doubt in _by_their_sum(loose, found["total"]):
        labels.setdefault(part.name, [part.label])
        found.setdefault(part.name, {}).setdefault(role, [part.value])
        doubts |= {part.name: doubt} if doubt else {}
    lines = [
        _line_beside(table, name, labels.get(name, ()), amounts, columns, doubts.get(name))
        for name, amounts in found.items()
    ]
    units = {role: unit_in(column.label) for role, column in columns.items() if role in AMOUNTS}
    return in_own_units(lines, units, unit)


def _line_beside(
    table: Block,
    name: str,
    label: Sequence[Slot],
    amounts: Mapping[str, Sequence[Slot]],
    columns: Mapping[str, Column],
    doubt: Doubt | None,
) -> BudgetLine:
    extra = [
        (label_of(columns[role].label), entry(f"budget/{name}/{role}", slots, WORDS))
        for role, slots in amounts.items()
        if role not in _AMOUNTS
    ]
    kept = {role: slots for role, slots in amounts.items() if role in _AMOUNTS}
    beside = tuple((label, value) for label, value in extra if value)
    line = _made(name, "" if name == "total" else "total", label, kept, beside)
    if name == "total" and line.points is None:
        line = replace(line, points=_bracket_points(table))
    own = (doubt,) if doubt else ()
    return _doubted(line, {role: (*columns[role].doubts, *own) for role in kept})


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the funds beside its label, and the amount it is of if its place tells any."""

    name: str
    label: Slot
    value: Slot
    roles: tuple[str, ...]


def _by_their_sum(
    parts: Sequence[_Part], whole: Mapping[str, Sequence[Slot]]
) -> Iterator[tuple[_Part, str, Doubt | None]]:
    """Yield parts in rows of their own with the amount that each is of, and the doubt of that.

    A kind of money that is there twice stands below each amount; else nothing but what they add up
    to tells of which amount they are parts.
    """
    often = Counter(part.name for part in parts)
    alone = [part for part in parts if often[part.name] == 1]
    total = sum(NUMBER(part.value.text).value or ZERO for part in alone)
    sums = [r for r in AMOUNTS if r in whole and NUMBER(whole[r][0].text).value == total]
    placed = [part.roles[0] for part in alone if part.roles]
    fit = next((role for role in placed if role in sums), next(iter(sums), None))
    for part in parts:
        is_sure = often[part.name] > 1
        role = part.roles[0] if part.roles else None
        if taken := role if is_sure else fit or role:
            doubt = None if is_sure else Doubt.of(DoubtKind.NO_HEAD, role=Term(taken))
            yield part, taken, doubt


def _doubted(line: BudgetLine, reasons: Mapping[str, tuple[Doubt, ...]]) -> BudgetLine:
    """Return a row with more reasons to doubt some of its figures."""
    doubted_too = {
        role: replace(value, doubts=(*value.doubts, *some))
        for role, some in reasons.items()
        if (value := getattr(line, role)) and value.text
    }
    return replace(line, **doubted_too)
