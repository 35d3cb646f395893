"""The funding rows (项目资金): each kind of money with its amounts, rate and score."""

from __future__ import annotations

import re
from itertools import pairwise

from auditkit.forms.blocks import Column, Table, amounts_beside, is_numbering
from auditkit.forms.entries import NUMBER, WORDS, doubted, entry, stated
from auditkit.forms.labels import VOCABULARY, is_part, label_of, money_label, points_in, role_of
from auditkit.forms.sheet import Sheet, Slot, join_rows
from auditkit.grid import plain
from auditkit.numbers import Status
from auditkit.report import BudgetLine, Entry

AMOUNTS = ("initial_budget", "adjusted_budget", "outturn", "execution_rate", "score", "points")


def read_funding(sheet: Sheet, table: Table) -> tuple[BudgetLine, ...]:
    """Read the funding rows in the order of the form; the total is found by its label.

    A first row without any label is the total. Rows after a second 其中 belong to the row above.
    """
    if _is_beside(sheet, table):
        return _beside(sheet, table)
    lines: list[BudgetLine] = []
    parent = "total"
    for row in sheet.living(table.first, table.last):
        names, values = _sides(sheet, table, row)
        if is_numbering(sheet.texts(row)) or (not names and all(s.is_blank for s in values)):
            continue
        label = names[-1] if names else None
        name = _kind(label, first=not lines, alone=table.last - table.first == 1)
        parent = _parent(names, name, lines, parent)
        unique = _unique(name, lines)
        lines.append(_line(sheet, table, row, unique, parent, names))
    return tuple(lines)


def mend(sheet: Sheet, table: Table) -> Sheet:
    """Join the rows of the funds that a page edge cut: the part below it has no name of its own."""
    for seam in sheet.seams:
        if table.first < seam < table.last and not _is_beside(sheet, table):
            names, values = _sides(sheet, table, seam)
            if not names and any(not slot.is_blank for slot in values):
                sheet = join_rows(sheet, seam - 1, seam)
    return sheet


def _sides(sheet: Sheet, table: Table, row: int) -> tuple[list[Slot], list[Slot]]:
    """Return the cells with the name of a row, and those with its values."""
    start = min(column.left for column in table.columns if column.role in AMOUNTS)
    slots = [slot for slot in sheet.row(row) if slot is not table.label and slot.bottom >= row]
    left = [s for s in slots if s.right < start and not s.is_blank and s.top >= table.first]
    names = [s for s in left if NUMBER(s.text).status is not Status.NUMBER]
    return names, [
        slot for slot in slots if slot.left >= start or (slot in left and slot not in names)
    ]


def _kind(label: Slot | None, *, first: bool, alone: bool) -> str:
    """Return the kind of money that a label names, in English where it is a known kind."""
    if label is None:
        return "total" if first else "unnamed"
    text = money_label(label.text)
    kind = role_of("money", text)
    if kind is None and first and alone:
        return "total"
    return kind or text or "unnamed"


def _parent(names: list[Slot], name: str, lines: list[BudgetLine], parent: str) -> str:
    """Return the row that a row is part of: the total, unless the form says otherwise."""
    if not lines or name == "total":
        return "" if name == "total" else "total"
    above = lines[-1]
    if len(names) > 1 and names[0].top < names[-1].top:
        return above.parent if above.parent not in ("", "total") else above.name
    if is_part(name, above.name) or is_part(name, above.parent):
        return above.name if is_part(name, above.name) else above.parent
    among = label_of(names[-1].text).startswith("其中") if names else False
    if among and above.name != "total":
        return above.name
    if among or name in ("other", "local", "carry_over", "unit_funds", "special_account"):
        return "total"
    return parent if parent else "total"


def _unique(name: str, lines: list[BudgetLine]) -> str:
    taken = [line.name for line in lines]
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}#{number}", number + 1
    return unique


def _line(
    sheet: Sheet, table: Table, row: int, name: str, parent: str, names: list[Slot]
) -> BudgetLine:
    label = names[-1] if names else None
    found: dict[str, Entry] = {}
    extra: list[tuple[str, Entry]] = []
    used: set[Slot] = {*names, *((table.label,) if table.label else ())}
    for column in table.columns:
        slots = [s for s in _under(sheet, row, column) if s not in used]
        used |= set(slots)
        role = column.role
        path = f"budget/{name}/{role if role in AMOUNTS else label_of(column.label)}"
        value = entry(path, slots, NUMBER if role in AMOUNTS else WORDS)
        if value is None:
            continue
        if role == "execution_rate" and value.text and (formula := _own_formula(table)):
            value = doubted(value, f"the form works this rate out in its own way: {formula}")
        if role in AMOUNTS:
            found[role] = value
        elif label_of(column.label) and column.slot not in used:
            extra.append((label_of(column.label), value))
    if name == "total" and "points" not in found and (points := _bracket_points(table)):
        found["points"] = points
    return BudgetLine(
        name=name,
        label=entry(f"budget/{name}/label", label, WORDS) if label else None,
        parent=parent,
        extra=tuple(extra),
        **found,
    )


def _own_formula(table: Table) -> str:
    """Return the formula over a rate whose letters are not those over outturn and budget."""
    heads = {role: plain(c.label) if (c := table.column(role)) else "" for role in AMOUNTS}
    formula = re.search(r"([A-H])/([A-H])", heads["execution_rate"])
    budget = heads["adjusted_budget"] or heads["initial_budget"]
    letters = [re.search(r"\(([A-H])\)", text) for text in (heads["outturn"], budget)]
    stated = [letter[1] if letter else "" for letter in letters]
    own = formula is not None and all(stated) and list(formula.groups()) != stated
    return formula[0] if formula and own else ""


def _under(sheet: Sheet, row: int, column: Column) -> list[Slot]:
    """Return the cells of a row under a column; a cell belongs where most of it is."""
    found = [sheet.at(row, c) for c in range(column.left, column.right + 1)]
    slots = dict.fromkeys(slot for slot in found if slot is not None)
    return [
        slot
        for slot in slots
        if slot.left >= column.left or slot.right <= column.right or len(slots) == 1
    ]


def _bracket_points(table: Table) -> Entry | None:
    """Return the points that stand in brackets of a header: 得分(20分*执行率), 预算执行(20分)."""
    roles = ("score", "points", None)
    places = [column.slot for column in table.columns if column.role in roles]
    places += [table.label] if table.label else []
    for slot in places:
        if points := points_in(slot.text):
            return stated("budget/total/points", points, slot.cells, NUMBER, (slot,))
    return None


def _is_beside(sheet: Sheet, table: Table) -> bool:
    """Tell whether the values stand beside their labels and not below them."""
    return not table.columns or len(amounts_beside(sheet, table.header)) >= 2


def _beside(sheet: Sheet, table: Table) -> tuple[BudgetLine, ...]:
    """Read amounts beside their labels; 其中 behind an amount names a part of it."""
    found: dict[str, dict[str, Slot]] = {"total": {}}
    labels: dict[str, Slot] = {}
    columns: dict[str, int] = {}
    for row in sheet.living(table.header, max(table.last, table.header + 1)):
        slots = sheet.begun(row)
        own = amounts_beside(sheet, row)
        for role, label, value in own:
            found["total"].setdefault(role, value)
            columns.setdefault(role, label.left)
        for label, value in pairwise(slots):
            roles = [role for role, _, amount in own if amount.left < label.left]
            roles = roles or [role for role, left in columns.items() if left == label.left]
            name = _kind(label, first=False, alone=False)
            named = label_of(label.text).startswith("其中") or name in VOCABULARY["money"]
            if roles and named and not value.is_blank:
                labels.setdefault(name, label)
                found.setdefault(name, {}).setdefault(roles[-1], value)
    return tuple(_line_of(name, amounts, labels.get(name)) for name, amounts in found.items())


def _line_of(name: str, amounts: dict[str, Slot], label: Slot | None) -> BudgetLine:
    path = f"budget/{name}"
    values = {role: entry(f"{path}/{role}", slot, NUMBER) for role, slot in amounts.items()}
    return BudgetLine(
        name=name,
        parent="" if name == "total" else "total",
        label=entry(f"{path}/label", label, WORDS),
        initial_budget=values.get("initial_budget"),
        adjusted_budget=values.get("adjusted_budget"),
        outturn=values.get("outturn"),
        points=values.get("points"),
        execution_rate=values.get("execution_rate"),
        score=values.get("score"),
    )
