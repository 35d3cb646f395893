"""What a row of a sheet is by its labels: a header, a total, the beginning of a form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.labels import is_title, label_of, role_by_words, role_of
from auditkit.forms.sheet import Sheet, Slot, Test
from auditkit.grid import plain
from auditkit.wording import Term

LONGEST_LABEL = 16
_VALUE = re.compile(r"[-≥≤<>=\d.,]*\d[\d.,]*\D{0,2}")
_MONEY = {"initial_budget", "adjusted_budget", "outturn", "execution_rate"}
BESIDE = ("other", "change", "arrived")  # roles of columns that are known to be no field
BOTH_GOALS = {"expected", "actual"}
_OFFICES = ("project", "department", "implementer", "local_department")
_HEADING = ("header", "funding", "indicators", "goals")


@dataclass(frozen=True, slots=True)
class Column:
    """One column under a header: what it means (``None`` if unknown), and where it is.

    ``doubts`` say that this was not known but understood, and count for what stands in it.
    """

    role: str | None
    label: str
    slot: Slot
    doubts: tuple[Doubt, ...] = ()

    @classmethod
    def understood(cls, table: str, label: str, slot: Slot) -> Column:
        """Return the column with what its label means, by the vocabulary or else by its words."""
        if not table or (role := role_of(table, label)):
            return cls(role if table else None, label, slot)
        by_words = role_by_words(table, label)
        is_field = by_words not in (None, *BESIDE)
        doubt = Doubt.of(DoubtKind.TAKEN_FOR, label=plain(label), role=Term(by_words or ""))
        return cls(by_words, label, slot, (doubt,) if is_field else ())


def _can_head(table: str, labels: Sequence[str]) -> bool:
    """Tell whether labels head a table; what is understood by words completes what is known."""
    known = {role_of(table, label) for label in labels} - {None}
    states = any(_VALUE.fullmatch(plain(label)) for label in labels)  # then it is no row of heads
    by_words = () if states else (role_by_words(table, label) for label in labels)
    meant = known | set(by_words) - {None, *BESIDE}
    if table == "funding":
        return bool(known & _MONEY) and len(meant & _MONEY) >= 2
    named = "name" in meant or {"dimension", "category"} <= meant
    return len(known) >= 2 and named and bool(meant & {"target", "actual"}) and len(meant) >= 3


def _heads(*tables: str) -> Test:
    """Return the test whether the labels of a row are those over one of some tables."""
    return lambda sheet, row: any(_can_head(table, leaf_texts(sheet, row)) for table in tables)


is_indicator_header = _heads("indicators")
is_funding_header = _heads("funding")
is_header = _heads("indicators", "funding")


def names_project(text: str) -> bool:
    """Tell whether a text is the label of the project's name, with or without the name."""
    return role_of("header", plain(text).split(":")[0]) == "project"


def is_start(sheet: Sheet, row: int) -> bool:
    """Tell whether a row names the project, as the first row of a form does."""
    texts = sheet.texts(row)
    return any(names_project(text) for text in texts[:3]) and not heads_list(texts)


def names_department(sheet: Sheet, row: int) -> bool:
    """Tell whether a row begins with the label of an office, or a project's unusual one."""
    texts = sheet.texts(row)
    label, colon, _ = plain(texts[0]).partition(":") if texts else ("", "", "")
    role = role_of("header", label) or role_by_words("header", label)
    return role in _OFFICES and (bool(colon) or len(texts) > 1) and not heads_list(texts)


def is_title_row(sheet: Sheet, row: int) -> bool:
    """Tell whether nothing but a title stands in a row."""
    slots = [slot for slot in sheet.row(row) if not slot.is_blank]
    title = slots[0].text if len(slots) == 1 and slots[0].top == row else ""
    return is_title(title) and "续" not in title


def heads_list(texts: Sequence[str]) -> bool:
    """Tell whether labels head a list of projects: 项目名称 has heads beside it, and no value."""
    at = next((n for n, text in enumerate(texts[:4]) if _names_one(text)), None)
    if at is None or len(texts) < 4:
        return False
    others = [text for n, text in enumerate(texts) if n != at]
    labels = sum(_is_head(text) for text in others)
    return all(map(_is_head, texts[at + 1 : at + 2])) and 4 * labels >= 3 * len(others)


def _names_one(text: str) -> bool:
    return names_project(text) or role_by_words("header", text) == "project"


def _is_head(text: str) -> bool:
    return any(role_of(table, text) or role_by_words(table, text) for table in _HEADING)


def is_total(sheet: Sheet, row: int) -> bool:
    """Tell whether a row holds the total of the form, such as 总分 or 总分:83."""
    texts = sheet.texts(row)
    return bool(texts) and role_of("total", label_of(plain(texts[0]).split(":")[0])) == "total"


def is_numbering(sheet: Sheet, row: int) -> bool:
    """Tell whether a row only numbers the columns (列次): 1, 2, 3 and so on."""
    texts = [plain(text) for text in sheet.texts(row)]
    numbers = [int(text) for text in texts if re.fullmatch(r"[0-9]{1,2}", text)]
    in_turn = any(numbers == list(range(first, first + len(numbers))) for first in (0, 1, 2))
    return len(numbers) > 2 and len(numbers) >= len(texts) - 1 and in_turn


def is_management_header(sheet: Sheet, row: int) -> bool:
    """Tell whether a row heads the block on how the money was managed (资金管理情况)."""
    labels = [label_of(text) for text in sheet.texts(row)]
    return "情况说明" in labels[1:] and any(role_of("indicators", label) for label in labels[1:])


def is_goal_row(sheet: Sheet, row: int) -> bool:
    """Tell whether a row begins the goals: a label of theirs with more than one cell."""
    slots = sheet.begun(row)
    roles = [role_of("goals", text) for text in sheet.texts(row)]
    begins = bool(roles) and roles[0] is not None and len(slots) <= 4
    return len(slots) > 1 and (begins or set(roles) >= BOTH_GOALS)


def amounts_beside(sheet: Sheet, row: int) -> list[tuple[str, Slot, Slot]]:
    """Return role, label and value where a row has amounts beside their labels: 预算数: 300."""
    cells = sheet.roles(row, "funding")
    return [
        (role, label, value)
        for (label, role), (value, other) in pairwise(cells)
        if role in _MONEY and other is None and any(char.isdigit() for char in value.text)
    ]


def is_beside(sheet: Sheet, row: int) -> bool:
    """Tell whether rows of amounts beside their labels begin here: 预算数, and below it 执行数."""
    own, below = ({role for role, _, _ in amounts_beside(sheet, r)} for r in (row, row + 1))
    return bool(own) and len(own | below) >= 2


def mend_headers(sheet: Sheet) -> Sheet:
    """Join a header row that a page edge cut: some of its labels stand over it, some below."""
    for seam in sheet.seams:
        if seam not in sheet.skipped and _is_cut_header(sheet, seam):
            return mend_headers(sheet.rows_joined(seam - 1, seam))
    return sheet


def _is_cut_header(sheet: Sheet, seam: int) -> bool:
    """Tell whether the rows on both sides of a page edge make a header only together."""
    upper, lower = (
        {slot.left: plain(slot.text) for slot in sheet.filled(row)} for row in (seam - 1, seam)
    )
    labels = sheet.rows_joined(seam - 1, seam).texts(seam - 1)
    repeats = any(upper[at] == lower[at] for at in upper.keys() & lower)
    if repeats or any(len(plain(text)) > LONGEST_LABEL for text in labels):
        return False
    for table in ("indicators", "funding"):
        whole, *halves = (
            sum(role_of(table, text) is not None for text in texts)
            for texts in (labels, upper.values(), lower.values())
        )
        if _can_head(table, labels) and min(halves) > 0 and whole > max(halves):
            return True
    return False


def leaf_texts(sheet: Sheet, row: int) -> list[str]:
    """Return the labels of a header row, those of its second level where it has one."""
    return [column.label for column in columns_of(sheet, row)[0]]


def columns_of(sheet: Sheet, row: int, table: str = "") -> tuple[list[Column], int]:
    """Return the columns under a header row and how many rows the header takes, one or two."""
    slots = sheet.filled(row)
    flat = [slot for slot in slots if slot.bottom == row]
    deep = [slot for slot in slots if slot.bottom == row + 1]
    below = [slot for slot in sheet.filled(row + 1) if slot.bottom == row + 1]
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
            known = any(role_of(some, leaf.text) for some in ("indicators", "funding"))
            label = leaf.text if known or leaf is slot else slot.text + leaf.text
            columns.append(Column.understood(table, label, leaf))
    return columns, 2 if two else 1


def _within(low: Slot, top: Slot) -> bool:
    narrower = (low.left, low.right) != (top.left, top.right)
    return top.left <= low.left and low.right <= top.right and narrower
