"""What a row of a sheet is by its labels: a header, a total, the beginning of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, takewhile

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.labels import (
    is_title,
    label_of,
    money_in,
    nearly_label,
    role_among,
    role_by_words,
    role_of,
    unit_in,
)
from auditkit.forms.sheet import Sheet, Slot
from auditkit.grid import plain
from auditkit.wording import Term

LONGEST_LABEL = 16
_VALUE = re.compile(r"[-≥≤<>=\d.,]*\d[\d.,]*\D{0,2}")
_YEAR = re.compile(r"第[一二三四五]年|[本当]年度?|20\d\d年度?|年度")
_AMOUNT = re.compile("金额|数额|总额|数|额|合计|小计")
_NUMBERS = re.compile("[行列栏]次?|[行列栏]次[/、]?[行列栏]次|序号|编号|绩效指标")
_FIGURE = re.compile(r"\d+(?:\.\d+)?分?")
MONEY = {"initial_budget", "adjusted_budget", "outturn", "execution_rate"}
SCORED = {"points", "score"}
BESIDE = (
    "other",
    "change",
    "arrived",
    "level_points",
)  # roles of columns that are known to be no field
GOAL_COLUMNS = ("explanation", "score", "other")  # by their words
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
        """Return the column with what its label means, by the vocabulary or else by its words.

        Among those of a label that a seal lies on there may be strokes read as characters.
        """
        if not table or (role := role_of(table, label)):
            return cls(role if table else None, label, slot)
        by_words = role_by_words(table, label)
        if by_words is None and any(doubt.kind is DoubtKind.SEALED for doubt in slot.doubts):
            by_words = role_among(table, label)
        is_field = by_words not in (None, *BESIDE)
        doubt = Doubt.of(DoubtKind.TAKEN_FOR, label=plain(label), role=Term(by_words or ""))
        return cls(by_words, label, slot, (doubt,) if is_field else ())

    def taken_for(self, role: str) -> Column:
        """Return the column with another meaning than its label has, doubted for it."""
        doubt = Doubt.of(DoubtKind.TAKEN_FOR, label=plain(self.label), role=Term(role))
        return replace(self, role=role, doubts=(doubt,))


@lru_cache(maxsize=4096)  # each row is looked at by many tests
def _can_head(table: str, labels: tuple[str, ...]) -> bool:
    """Tell whether labels head a table; what is understood by words completes what is known."""
    known = {role_of(table, label) for label in labels} - {None}
    states = any(_VALUE.fullmatch(plain(label)) for label in labels)  # then it is no row of heads
    by_words = () if states else (role_by_words(table, label) for label in labels)
    meant = known | set(by_words) - {None, *BESIDE}
    if table == "funding":
        return bool(known & MONEY) and len(meant & MONEY) >= 2
    named = "name" in meant or {"dimension", "category"} <= meant
    named = named or ("dimension" in meant and {"target", "actual"} <= known)
    if known >= {"dimension", "name", "points", "score"}:
        return True  # some forms print points and scores alone
    return len(known) >= 2 and named and bool(meant & {"target", "actual"}) and len(meant) >= 3


def is_indicator_header(sheet: Sheet, row: int) -> bool:
    """Tell whether the labels of a row are those over indicators."""
    return _can_head("indicators", leaf_texts(sheet, row))


def is_funding_header(sheet: Sheet, row: int) -> bool:
    """Tell whether the labels of a row are those over funds, and not beside their amounts."""
    return _can_head("funding", leaf_texts(sheet, row)) and len(amounts_beside(sheet, row)) < 2


def is_header(sheet: Sheet, row: int) -> bool:
    """Tell whether the labels of a row are those over indicators or funds."""
    return is_indicator_header(sheet, row) or is_funding_header(sheet, row)


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


def is_own_total(sheet: Sheet, row: int) -> bool:
    """Tell whether a row is a total outside the tables: its label, the points and the score."""
    label, *rest = [plain(text) for text in sheet.texts(row)] or [""]
    figures = len(rest) == 2 and all(_FIGURE.fullmatch(text) for text in rest)
    return figures and role_of("total", label) == "total"


def is_numbering(sheet: Sheet, row: int) -> bool:
    """Tell whether a row only numbers the columns (列次): 1, 2, 3 and so on."""
    texts = [plain(text) for text in sheet.texts(row)]
    numbers = [int(text) for text in texts if re.fullmatch(r"[0-9]{1,2}", text)]
    in_turn = any(numbers == list(range(first, first + len(numbers))) for first in (0, 1, 2))
    others = [text for text in texts if not re.fullmatch(r"[0-9]{1,2}", text)]
    return len(numbers) > 2 and in_turn and all(map(_NUMBERS.fullmatch, others))


def is_management_header(sheet: Sheet, row: int) -> bool:
    """Tell whether a row heads the block on how the money was managed (资金管理情况)."""
    labels = [label_of(text) for text in sheet.texts(row)]
    return "情况说明" in labels[1:] and any(role_of("indicators", label) for label in labels[1:])


def is_goal_row(sheet: Sheet, row: int) -> bool:
    """Tell whether a row begins the goals: a label of theirs with more than one cell."""
    slots = sheet.begun(row)
    roles = [role for slot, role in goal_roles(sheet, row) if not slot.is_blank]
    begins = bool(roles) and roles[0] is not None and len(sheet.filled(row)) <= 4
    return len(slots) > 1 and (begins or set(roles) >= BOTH_GOALS)


def is_pair_of_goals(sheet: Sheet, row: int) -> bool:
    """Tell whether a row holds the labels of both sides of the goals."""
    return {role for _, role in goal_roles(sheet, row)} >= BOTH_GOALS


def is_goals_in_a_row(sheet: Sheet, row: int) -> bool:
    """Tell whether a row holds both labels of the goals with the text of the first between them."""
    roles = [role for slot, role in goal_roles(sheet, row) if not slot.is_blank]
    return ("expected", None, "actual") in zip(roles, roles[1:], roles[2:], strict=False)


def goal_roles(sheet: Sheet, row: int) -> list[tuple[Slot, str | None]]:
    """Return the cells that begin in a row, each with what it means among the goals.

    One label that is known, also that beside the block, says what others are: labels by their
    words, where the row has nothing but labels or a text stands beside them.
    """
    known = sheet.roles(row, "goals")
    is_beside = len(known) > 1 and known[0][0].bottom > row
    missing = BOTH_GOALS - {role for _, role in (known[1:] if is_beside else known)}
    if not missing or not any(role for _, role in known):
        return known
    by_words = [
        (slot, role if role or n == 0 else _goal_by_words(slot, missing))
        for n, (slot, role) in enumerate(known)
    ]
    if all(role or slot.is_blank or slot.bottom > row for slot, role in by_words):
        return by_words
    texts = [len(plain(slot.text)) > LONGEST_LABEL for slot, _ in known[1:]]
    return [
        some if has_text else plainly
        for plainly, some, has_text in zip(known, by_words, (*texts, False), strict=True)
    ]


def _goal_by_words(slot: Slot, missing: set[str]) -> str | None:
    role = role_by_words("goals", slot.text) if len(plain(slot.text)) <= LONGEST_LABEL else None
    if not role and (label := nearly_label("goals", slot.text)):
        role = role_of("goals", label)
    return role if role in missing else None


def is_next_goal(sheet: Sheet, head: int, row: int) -> bool:
    """Tell whether a row has another goal under the pair of labels of a row: texts under both."""
    sides = [slot for slot, role in goal_roles(sheet, head) if role in BOTH_GOALS]
    texts = [next((s for s in sheet.begun(row) if s.left == side.left), None) for side in sides]
    are_texts = all(slot and len(plain(slot.text)) > LONGEST_LABEL // 2 for slot in texts)
    first = sheet.texts(row)[0] if sheet.texts(row) else ""
    is_other = role_of("header", first) or role_of("tail", first) or role_of("total", first)
    return len(sides) == len(BOTH_GOALS) and are_texts and not is_other


def goal_columns(sheet: Sheet, own: Sequence[int]) -> Iterator[tuple[Slot, list[Slot]]]:
    """Yield the heads beside those of a pair of goals that are understood, and what is below each.

    Such a head is for the causes, scores or numbers of the goals.
    """
    for at, row in enumerate(own):
        if is_pair_of_goals(sheet, row):
            rest = takewhile(lambda below: not is_pair_of_goals(sheet, below), own[at + 1 :])
            below = [slot for r in rest for slot in sheet.filled(r)]
            for head, role in goal_roles(sheet, row):
                if role is None and role_by_words("goals", head.text) in GOAL_COLUMNS:
                    yield head, [s for s in below if head.left <= s.left <= head.right]


def is_goal_over_text(sheet: Sheet, row: int) -> bool:
    """Tell whether a row is nothing but the label of a goal, and the next nothing but a text."""
    own, below = sheet.begun(row), sheet.begun(row + 1)
    if len(own) != 1 or len(below) != 1 or role_of("goals", own[0].text) is None:
        return False
    text = plain(below[0].text)
    return len(text) > LONGEST_LABEL and role_of("header", text) is None


def amounts_beside(sheet: Sheet, row: int) -> list[tuple[str, Slot, Slot]]:
    """Return role, label and value where a row has amounts beside their labels: 预算数: 300.

    Points and scores are among them in such a row, and in one right below it.
    """
    above = row > 0 and any(role not in SCORED for role, _, _ in _labelled(sheet, row - 1))
    found = _labelled(sheet, row)
    return found if above or any(role not in SCORED for role, _, _ in found) else []


def _labelled(sheet: Sheet, row: int) -> list[tuple[str, Slot, Slot]]:
    cells = [(slot, money_role(slot.text)) for slot in sheet.begun(row)]
    return [
        (role, label, value)
        for (label, role), (value, other) in pairwise(cells)
        if role in MONEY | SCORED | {"arrived"} and other is None
        if any(char.isdigit() for char in value.text)
    ]


def money_role(text: str) -> str | None:
    """Return what a label means among the funds; by its words alone where it names a unit."""
    return role_of("funding", text) or (role_by_words("funding", text) if unit_in(text) else None)


def is_beside(sheet: Sheet, row: int) -> bool:
    """Tell whether rows of amounts beside their labels begin here: 预算数, and below it 执行数."""
    own, below = ({role for role, _, _ in amounts_beside(sheet, r)} for r in (row, row + 1))
    return bool(own - SCORED) and len((own | below) - SCORED) >= 2


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
        if _can_head(table, tuple(upper.values())) and _ends_labels(table, upper, lower):
            return True
        whole, *halves = (
            sum(role_of(table, text) is not None for text in texts)
            for texts in (labels, upper.values(), lower.values())
        )
        if _can_head(table, tuple(labels)) and min(halves) > 0 and whole > max(halves):
            return True
    both, *sides = (
        {role_of("goals", text) for text in texts} & BOTH_GOALS
        for texts in (labels, upper.values(), lower.values())
    )
    return both == BOTH_GOALS and both not in sides and all(sides)


def _ends_labels(table: str, upper: Mapping[int, str], lower: Mapping[int, str]) -> bool:
    """Tell whether all that stands below a page edge ends labels above it: …分析及改 | 进措施."""
    whole = [upper[at] + text for at, text in lower.items() if at in upper]
    return 0 < len(whole) == len(lower) and all(role_of(table, text) for text in whole)


def leaf_texts(sheet: Sheet, row: int) -> tuple[str, ...]:
    """Return the labels of a header row, those of its second level where it has one."""
    if row not in sheet.leaves:
        leaves = _leaves_of(sheet, row)[0]
        sheet.leaves[row] = tuple(_label("", top, leaf) for top, leaf in leaves)
    return sheet.leaves[row]


def columns_of(sheet: Sheet, row: int, table: str = "") -> tuple[list[Column], int]:
    """Return the columns under a header row and how many rows the header takes, one or two."""
    leaves, height = _leaves_of(sheet, row)
    labels = ((_label(table, top, leaf), leaf) for top, leaf in leaves)
    return [Column.understood(table, label, leaf) for label, leaf in labels], height


def _leaves_of(sheet: Sheet, row: int) -> tuple[list[tuple[Slot, Slot]], int]:
    """Return the cells over the columns, each with the one below it that it has, and their rows."""
    slots = sheet.filled(row)
    flat = [slot for slot in slots if slot.bottom == row]
    below = [slot for slot in sheet.filled(row + 1) if slot.bottom == row + 1]
    deep = [slot for slot in slots if slot.bottom == row + 1]
    two = bool(
        flat
        and not any(is_figure(slot.text) for slot in flat)
        and all(len(label_of(top.text)) <= LONGEST_LABEL for top in flat)
        and not (len(flat) == len(slots) and is_goals_in_a_row(sheet, row))
        and (len(deep) >= 2 or (_are_mostly_known(flat) and _are_mostly_known(below)))
        and all(any(_under(low, top) for low in below) for top in flat)
        and all(any(_under(low, top) for top in flat) for low in below)
        and any(_is_narrower(low, top) for low in below for top in flat)
    )
    if not two:
        return [(slot, slot) for slot in slots], 1
    under = {id(top): [low for low in below if _under(low, top)] for top in flat}
    return [(slot, leaf) for slot in slots for leaf in under.get(id(slot)) or [slot]], 2


def is_figure(text: str) -> bool:
    """Tell whether a text is nothing but a figure, which heads nothing.

    >>> is_figure("8.05"), is_figure("80%"), is_figure("2022年")
    (True, True, False)
    """
    return re.fullmatch(r"-?\d[\d.,]*%?", plain(text)) is not None


def _label(table: str, top: Slot, leaf: Slot) -> str:
    """Return the label of a column by the heads that stand over it.

    Below a head of amounts a kind of money is a part of them, and the total is what it says. What
    the upper head would mean over any column, this one does not mean for standing below it; an
    amount and a year do.
    """
    if leaf is top or _is_known(leaf.text):
        return leaf.text
    group, whole = top.text, top.text + leaf.text
    if kind := money_in(leaf.text)[0] if role_of("funding", group) else None:
        return group if kind == "total" else f"{group}其中:{leaf.text}"
    meant, *of_group = (
        role_of(table, text) or role_by_words(table, text) for text in (whole, group, group + "某")
    )
    own = label_of(leaf.text)
    is_of_group = _AMOUNT.fullmatch(own) or _YEAR.fullmatch(own)
    return leaf.text if meant in of_group and not is_of_group else whole


def _are_mostly_known(slots: Sequence[Slot]) -> bool:
    known = sum(_is_known(slot.text) for slot in slots)
    return known > 1 and 2 * known >= len(slots)


def _is_known(text: str) -> bool:
    return any(role_of(table, text) for table in ("indicators", "funding"))


def _under(low: Slot, top: Slot) -> bool:
    return top.left <= low.left and low.right <= top.right


def _is_narrower(low: Slot, top: Slot) -> bool:
    return _under(low, top) and (low.left, low.right) != (top.left, top.right)
