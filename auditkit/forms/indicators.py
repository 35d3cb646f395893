"""The indicator rows (绩效指标), merged cells counted for every row that they cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.forms.blocks import Column, Table, is_indicator_header, is_numbering, leaf_texts
from auditkit.forms.entries import NUMBER, VALUE, WORDS, doubted, entry
from auditkit.forms.labels import label_of, role_of
from auditkit.forms.sheet import OVER_THE_EDGE, Sheet, Slot, join_rows
from auditkit.grid import plain
from auditkit.report import Entry, Indicator

MERGED = ("dimension", "category")
SCORES = ("points", "score")
VALUES = ("comparator", "target", "unit", "actual", *SCORES)
WHOLE = ("name", *VALUES, "explanation")
_KIND = re.compile(r"(正向|反向|定量|定性)(型|类)?(指标)?")
_PLACEHOLDER = re.compile(r"[(]?指标\d*[:.、]?[)]?|[.…·*]+|[-—–/]+")
_NEW_ROW = re.compile(r"[(]?指标\d|\d{1,2}[.、:]|[★☆*※]|[(]\d|其中")
_BEGINS_VALUE = re.compile(
    r"[≥≤<>=≧≦]|\d+(?:\.\d+)?(?:\D|$)|大于|小于|等于|高于|低于|不[少低超高大小多]|至少|定性"
)
MAY_BE_CUT = "this row or the next one beside the page edge lacks cells: the edge may cut one row"

_GROUP = re.compile(
    "(?:产出)?(?:数量|质量|时效|成本)(?:指标)?|(?:经济|社会|生态|环境)效益(?:指标)?|(?:产出|效益)指标"
    "|可持续(?:影响|发展)?(?:指标)?|(?:服务对象|社会公众|受益对象|群众)?满意度(?:指标)?"
)
_OWN_NAME = re.compile("(?:数量|质量|时效|成本|经济|社会|生态|可持续|服务对象|产出|满意度).*指标")

ROOM = 2.5  # lines below a text that speak against its going on over the page edge

Row = dict[str, tuple[Slot, ...]]


@dataclass(frozen=True, slots=True)
class Indicators:
    """The rows that state something, and how many were templates left blank."""

    rows: tuple[Indicator, ...]
    left_blank: int = 0
    subtotals: tuple[tuple[str, Entry], ...] = ()
    merged_scores: int = 0


def mend(sheet: Sheet, table: Table) -> Sheet:
    """Undo what page edges did to the block: repeated headers, cut cells and cut rows."""
    for seam in sheet.seams:
        if not table.first < seam < table.last:
            continue
        rows = _repeated(sheet, seam, table)
        sheet = sheet.without(rows)
        below = seam + len(rows)
        above = max((row for row in sheet.living(table.first, seam)), default=None)
        if above is None or below >= table.last:
            continue
        sheet = _join_groups(sheet, table, above, below)
        if _is_one_row(sheet, table, above, below):
            sheet = join_rows(sheet, above, below)
    return sheet


def _repeated(sheet: Sheet, seam: int, table: Table) -> list[int]:
    """Return the rows after a page edge that repeat the header, and what stands over it."""
    for row in range(seam, min(seam + 8, table.last)):
        if is_indicator_header(leaf_texts(sheet, row)):
            deep = max(slot.bottom for slot in sheet.begun(row) if not _is_tall(slot, row))
            return list(range(seam, max(row, deep) + 1))
    return []


def _is_tall(slot: Slot, row: int) -> bool:
    return slot.bottom > row + 1


def _join_groups(sheet: Sheet, table: Table, above: int, below: int) -> Sheet:
    """Join the parts of a dimension or category cell that the page edge cut."""
    for role in MERGED:
        column = table.column(role)
        if column is None:
            continue
        upper, lower = sheet.at(above, column.left), sheet.at(below, column.left)
        if upper and lower is None:
            sheet = sheet.lengthened(upper, table.last - 1)
        if upper is None or lower is None or upper is lower or lower.top != below:
            continue
        if upper.is_blank or lower.is_blank or _is_cut_name(upper.text, lower.text):
            sheet = sheet.joined(upper, lower)
    return sheet


def _is_cut_name(upper: str, lower: str) -> bool:
    """Tell whether two texts are one name of a dimension or category: 满意度 and 指标(10分)."""
    first, second = plain(upper), plain(lower)
    if not first or not second or first == second:
        return False
    if re.fullmatch(r"[(][^()]*[)]", second) and not first.endswith(")"):
        return True
    if first.rfind("(") > first.rfind(")") and ")" in second:
        return True
    if _GROUP.fullmatch(first + second) and not _GROUP.fullmatch(first + "指标"):
        return True
    if _OWN_NAME.match(second):
        return False
    tail = re.fullmatch(r"(?:[^()]{0,6}?标|[^()]{0,3})?(?:[(][^()]*[)]?|[^()]{0,6}[)])?", second)
    return "指标" not in first and "指标" in first + second and tail is not None


def _is_one_row(sheet: Sheet, table: Table, above: int, below: int) -> bool:
    """Tell whether the rows on both sides of a page edge are one row that it cut."""
    over = _by_role(sheet, table, above)
    upper, lower = _texts(over), _texts(_by_role(sheet, table, below))
    groups = (sheet.at(below, column.left) for role in MERGED if (column := table.column(role)))
    begins_group = any(slot and slot.top == below and not slot.is_blank for slot in groups)
    if begins_group or _are_two_rows(over, upper, lower):
        return False
    both = [role for role in ("target", "actual") if upper.get(role) and lower.get(role)]
    if not lower.get("name"):
        return len(both) < 2 or any(upper.get(role) or lower.get(role) for role in SCORES)
    if not upper.get("name"):
        return not any(upper.get(role) and lower.get(role) for role in VALUES)
    if any(lower.get(role) for role in SCORES):
        return False
    if both and all(_is_cut_date(upper[role], lower[role]) for role in both):
        return True
    if any(_BEGINS_VALUE.match(lower.get(role, "")) for role in (both or ("target", "actual"))):
        return both == [] and _fills_up(upper, lower)
    rows = [_texts(_by_role(sheet, table, row)) for row in sheet.living(table.first, table.last)]
    full = sum(any(row.get(role) for role in VALUES) for row in rows)
    return full * 2 > len(rows)


def _are_two_rows(over: Row, upper: dict[str, str], lower: dict[str, str]) -> bool:
    """Tell whether something in the rows beside a page edge speaks against their being one."""
    both = [role for role in WHOLE if upper.get(role) and lower.get(role)]
    named_anew = _NEW_ROW.match(lower["name"]) if "name" in both else None
    return (
        not any(lower.get(role) for role in WHOLE)
        or not any(upper.get(role) for role in WHOLE)
        or any(over[role][-1].cells[-1].room >= ROOM for role in both)
        or any(role in SCORES for role in both)
        or any(upper[role] == lower[role] for role in both if role in VALUES)
        or any(upper[role].endswith("%") for role in both if role in ("target", "actual"))
        or (named_anew is not None and not upper["name"].endswith(("指标", "★", "*")))
    )


def _is_cut_date(upper: str, lower: str) -> bool:
    return upper.endswith("年") and re.match(r"\d{1,2}月", lower) is not None


def _fills_up(upper: dict[str, str], lower: dict[str, str]) -> bool:
    """Tell whether a row has just those of target and actual value that the row above lacks."""
    have = [[bool(row.get(role)) for role in ("target", "actual")] for row in (upper, lower)]
    return have in ([[True, False], [False, True]], [[False, True], [True, False]])


def _texts(row: Row) -> dict[str, str]:
    return {role: plain("".join(slot.text for slot in slots)) for role, slots in row.items()}


def _by_role(sheet: Sheet, table: Table, row: int) -> Row:
    """Give each cell of a row to the column that holds most of it."""
    found: dict[str, list[Slot]] = {}
    for slot in sheet.row(row):
        if slot is table.label:
            continue
        column = max(table.columns, key=lambda c: _overlap(c, slot), default=None)
        if column is not None and _overlap(column, slot) > 0:
            own = column.role if column.role != "other" else None
            found.setdefault(own or f"extra:{label_of(column.label)}", []).append(slot)
    names = [slot for slot in found.get("name", []) if not slot.is_blank]
    if table.column("dimension") is None and len(names) > 1:
        found["dimension"], found["name"] = names[:1], names[1:]
    return {role: tuple(slots) for role, slots in found.items()}


def _overlap(column: Column, slot: Slot) -> int:
    return min(column.right, slot.right) - max(column.left, slot.left) + 1


def read_indicators(sheet: Sheet, table: Table) -> Indicators:
    """Read each printed third-level indicator; rows of the template left blank are counted."""
    rows: list[Indicator] = []
    subtotals: list[tuple[str, Entry]] = []
    paths: dict[str, int] = {}
    blank = merged = 0
    group = {"dimension": "", "category": ""}
    for number in sheet.living(table.first, table.last):
        cells = _by_role(sheet, table, number)
        texts = _texts(cells)
        heads = is_indicator_header(leaf_texts(sheet, number))
        if heads or not any(texts.values()) or is_numbering(sheet.texts(number)):
            continue
        for role in MERGED:
            group[role] = texts.get(role) or group[role]
        if _is_subtotal(sheet, number):
            subtotals += _subtotals(cells, group)
        elif _is_template(texts):
            blank += 1
        else:
            path = _path(group, texts.get("name", ""), paths)
            shared = [r for r in ("points", "score") if _is_covered(cells.get(r, ()), number)]
            merged += bool(shared)
            own = {role: slots for role, slots in cells.items() if role not in shared}
            rows.append(_indicator(sheet, number, path, own, table))
    return Indicators(tuple(rows), blank, tuple(subtotals), merged)


def _is_covered(slots: Sequence[Slot], row: int) -> bool:
    """Tell whether the cells began in a row above: their number is that row's alone."""
    return bool(slots) and all(slot.top < row and len(slot.cells) == 1 for slot in slots)


def _is_subtotal(sheet: Sheet, row: int) -> bool:
    texts = sheet.texts(row)
    return any(role_of("total", text) == "subtotal" for text in texts[:3])


def _subtotals(cells: Row, group: dict[str, str]) -> list[tuple[str, Entry]]:
    found = []
    for role in ("points", "score"):
        label = f"小计/{group['dimension']}/{role}"
        value = entry(f"extra/{label}", cells.get(role, ()), NUMBER)
        if value and value.text:
            found.append((label, value))
    return found


def _is_template(texts: dict[str, str]) -> bool:
    """Tell whether a row says nothing of its own: no name but a placeholder, and no value."""
    said = [texts.get(role, "") for role in ("target", "actual", "points", "score", "explanation")]
    named = texts.get("name", "")
    return (not named or _PLACEHOLDER.fullmatch(named) is not None) and all(
        not text or _PLACEHOLDER.fullmatch(text) for text in said
    )


def _path(group: dict[str, str], name: str, taken: dict[str, int]) -> str:
    """Return the path of an indicator, made of labels; a second one of the same name says so."""
    path = "/".join(("indicator", group["dimension"] or "-", group["category"] or "-", name or "-"))
    taken[path] = taken.get(path, 0) + 1
    return path if taken[path] == 1 else f"{path}#{taken[path]}"


def _indicator(sheet: Sheet, row: int, path: str, cells: Row, table: Table) -> Indicator:
    found: dict[str, Entry | None] = {}
    for role in (*MERGED, "name", "explanation"):
        found[role] = entry(f"{path}/{role}", cells.get(role, ()), WORDS)
    for role in ("points", "score"):
        found[role] = entry(f"{path}/{role}", cells.get(role, ()), NUMBER)
    found["actual"] = entry(f"{path}/actual", cells.get("actual", ()), VALUE)
    found["target"] = entry(f"{path}/target", _target_cells(cells), VALUE)
    if _may_be_rest(sheet, row, table):
        for role in ("name", *VALUES[1:]):
            value = found.get(role)
            if value and value.text:
                found[role] = doubted(value, MAY_BE_CUT)
    return Indicator(path=path, extra=_extra(path, cells, table), **found)


def _may_be_rest(sheet: Sheet, row: int, table: Table) -> bool:
    """Tell whether a row beside a page edge, or the one over the edge, looks like part of a row.

    It does where it has none of the points and scores that the table's other rows have, or
    nothing but a name, and was not joined.
    """
    beside = [
        pair
        for seam in sheet.seams
        if table.first < seam < table.last and seam not in sheet.skipped
        for pair in [(seam - 1, seam)]
        if row in pair
    ]
    return any(_lacks(sheet, number, table) for pair in beside for number in pair)


def _lacks(sheet: Sheet, row: int, table: Table) -> bool:
    texts = _texts(_by_role(sheet, table, row))
    if _is_template(texts) or is_indicator_header(leaf_texts(sheet, row)):
        return False
    scored = [role for role in ("points", "score") if table.column(role)]
    values = [role for role in ("target", "actual") if texts.get(role)]
    if scored and not any(texts.get(role) for role in scored):
        return len(values) < 2
    return not values and not scored


def _target_cells(cells: Row) -> tuple[Slot, ...]:
    """Return the cells that state the target: comparator, value and unit in columns of their own.

    A kind such as 正向 or 定量指标 is no comparator and stays out where there is a value.
    """
    target = cells.get("target", ())
    comparator = cells.get("comparator", ())
    has_value = any(not slot.is_blank for slot in target)
    kinds = all(_KIND.fullmatch(plain(s.text)) and "定性" not in s.text for s in comparator)
    if has_value and kinds:
        comparator = ()
    parts = (*comparator, *target, *cells.get("unit", ()))
    solid = tuple(slot for slot in parts if not slot.is_blank)
    return solid or target or parts


def _extra(path: str, cells: Row, table: Table) -> tuple[tuple[str, Entry], ...]:
    """Return the values of unknown columns, and of those that the target was made of."""
    split = "comparator" in cells or "unit" in cells
    kept: list[tuple[str, Entry]] = []
    for column in table.columns:
        label = label_of(column.label)
        role = column.role if column.role in ("comparator", "unit") else f"extra:{label}"
        if split and column.role == "target":
            role = "target"
        value = entry(f"{path}/{label}", cells.get(role, ()), WORDS)
        if value is not None and label and label not in dict(kept):
            kept.append((label, value))
    return tuple(kept)


def cut_by_edge(some: Sequence[Indicator]) -> int:
    """Count the indicators of which a page edge cut a cell."""
    return sum(any(OVER_THE_EDGE in e.doubts for e in _entries(row)) for row in some)


def _entries(row: Indicator) -> list[Entry]:
    named = (row.name, row.target, row.actual, row.points, row.score, row.explanation)
    return [some for some in named if some is not None]
