"""The indicator rows (绩效指标), merged cells counted for every row that they cover."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditkit.doubts import MARKS, Doubt, DoubtKind
from auditkit.forms.blocks import Block
from auditkit.forms.columns import Weak, weakened
from auditkit.forms.entries import NUMBER, VALUE, WORDS, doubted, entry, numbered, stated
from auditkit.forms.labels import GROUP, label_of, role_of
from auditkit.forms.rows import (
    BESIDE,
    Column,
    columns_of,
    is_indicator_header,
    is_numbering,
    is_total,
)
from auditkit.forms.sheet import Sheet, Slot
from auditkit.forms.tree import parents
from auditkit.grid import plain
from auditkit.report import Entry, Extra, Indicator, number, sum_of, words_of

MERGED = ("dimension", "category")
SCORES = ("points", "score")
VALUES = ("comparator", "target", "unit", "actual", *SCORES)
_WHOLE = ("name", *VALUES, "explanation")
_READS = (
    dict.fromkeys((*MERGED, "name", "explanation"), WORDS)
    | dict.fromkeys(("target", "actual"), VALUE)
    | dict.fromkeys(SCORES, NUMBER)
)
_KIND = re.compile(r"(正向|反向|定量|定性)(型|类)?(指标)?")
_PLACEHOLDER = re.compile(r"(?:[(]?指标\d*[:.、]?[)]?:?)?[.…·*]*|[-—–/]+")
_NO_CAUSE = re.compile(r"[无/、。.—–-]*")
_NONE = re.compile("[无/—-]+")  # what forms put where a target has no sign or no unit
_NEW_ROW = re.compile(r"[(]?指标\d|\d{1,2}[.、:]|[★☆*※]|[(]\d|其中")
_BEGINS_VALUE = re.compile(
    r"[≥≤<>=≧≦]|\d+(?:\.\d+)?(?:\D|$)|大于|小于|等于|高于|低于|不[少低超高大小多]|至少|定性"
)
MAY_BE_CUT = Doubt(DoubtKind.MAY_BE_CUT)

_OWN_NAME = re.compile("(?:数量|质量|时效|成本|经济|社会|生态|可持续|服务对象|产出|满意度).*指标")

_ROOM = 2.5  # lines below a text that speak against its going on over the page edge

_Row = dict[str, list[Slot]]


@dataclass(frozen=True, slots=True)
class Indicators:
    """The rows that state something, and how many were templates left blank.

    ``templates`` are the cells of the rows left blank, ``repeated`` those of headers among the
    rows and the labels of subtotals.
    """

    rows: tuple[Indicator, ...]
    left_blank: int = 0
    templates: tuple[Slot, ...] = ()
    repeated: tuple[Slot, ...] = ()
    subtotals: tuple[tuple[str, Entry], ...] = ()
    merged_scores: int = 0


def mend_indicators(sheet: Sheet, table: Block) -> Sheet:
    """Undo what page edges did to the block: repeated headers, cut cells and cut rows."""
    for seam in table.seams(sheet):
        repeated = _repeated(sheet, seam, table)
        sheet = sheet.without(repeated)
        below = seam + len(repeated)
        above = max(sheet.living(table.first, seam), default=None)
        ended = above is not None and _is_sum(sheet, above)  # no row goes on below a sum
        if above is not None and below < table.last and not ended:
            sheet = _join_groups(sheet, table, above, below)
            if _is_one_row(sheet, table, above, below):
                sheet = sheet.rows_joined(above, below)
    return sheet


def _repeated(sheet: Sheet, seam: int, table: Block) -> range:
    """Return the rows after a page edge that repeat the header, and what stands over it.

    A row with a text of its own between them goes on with the table, and the header is the next's.
    """
    top = {plain(text) for row in range(table.first) for text in sheet.texts(row)}
    for row in range(seam, min(seam + 8, table.last)):
        if is_indicator_header(sheet, row):
            return range(seam, row + columns_of(sheet, row)[1])
        texts = sheet.texts(row)
        if len(texts) > 2 and not top.issuperset(map(plain, texts)):
            break
    return range(0)


def _join_groups(sheet: Sheet, table: Block, above: int, below: int) -> Sheet:
    """Join the parts of a dimension or category cell that the page edge cut."""
    for role in MERGED:
        column = table.column(role)
        upper, lower = (sheet.at(r, column.slot.left) if column else None for r in (above, below))
        if upper and lower is None:
            sheet = sheet.lengthened(upper, table.last - 1)
        begins = lower is not None and lower is not upper and lower.top == below
        if upper and lower and begins and _is_cut_name(upper.text, lower.text):
            sheet = sheet.joined(upper, lower)
    return sheet


def _is_cut_name(upper: str, lower: str) -> bool:
    """Tell whether two texts are one name of a dimension or category: 满意度 and 指标(10分)."""
    first, second = plain(upper), plain(lower)
    if first == second or not (first and second):
        return not (first and second)
    begins_bracket = re.fullmatch(r"[(][^()]*[)]", second) and not first.endswith(")")
    ends_bracket = first.rfind("(") > first.rfind(")") and ")" in second
    is_group = GROUP.fullmatch(first + second) and not GROUP.fullmatch(first + "指标")
    if begins_bracket or ends_bracket or is_group:
        return True
    if _OWN_NAME.match(second):
        return False
    tail = re.fullmatch(r"(?:[^()]{0,6}?标|[^()]{0,3})?(?:[(][^()]*[)]?|[^()]{0,6}[)])?", second)
    return "指标" not in first and "指标" in first + second and tail is not None


def _is_one_row(sheet: Sheet, table: Block, above: int, below: int) -> bool:
    """Tell whether the rows on both sides of a page edge are one row that it cut."""
    over = _by_role(sheet, table, above)
    upper, lower = _texts(over), _texts(_by_role(sheet, table, below))
    groups = [sheet.at(below, c.slot.left) for c in table.columns if c.role in MERGED]
    begins_group = any(slot and slot.top == below and not slot.is_blank for slot in groups)
    if not begins_group and _is_rest_of_remark(over, upper, lower):
        return True
    if begins_group or _are_two_rows(over, upper, lower):
        return False
    both = [role for role in ("target", "actual") if upper.get(role) and lower.get(role)]
    if not lower.get("name"):
        return len(both) < 2 or any(upper.get(role) or lower.get(role) for role in SCORES)
    if not upper.get("name"):
        return not any(upper.get(role) and lower.get(role) for role in VALUES)
    if any(lower.get(role) for role in SCORES):
        return False
    dates = [upper[role].endswith("年") and re.match(r"\d{1,2}月", lower[role]) for role in both]
    if dates and all(dates):
        return True
    if any(_BEGINS_VALUE.match(lower.get(role, "")) for role in (both or ("target", "actual"))):
        return both == [] and _fills_up(upper, lower)
    rows = [_texts(_by_role(sheet, table, row)) for row in sheet.living(table.first, table.last)]
    full = sum(any(row.get(role) for role in VALUES) for row in rows)
    return full * 2 > len(rows)


def _is_rest_of_remark(over: _Row, upper: dict[str, str], lower: dict[str, str]) -> bool:
    """Tell whether a row has nothing but words in columns beside the fields: the rest of a remark.

    The number of a row left blank is none.
    """
    rest = {role: text for role, text in lower.items() if text and role not in MERGED}
    is_beside = bool(rest) and not rest.keys() & set(_WHOLE)
    has_figures = any(char.isdigit() for text in rest.values() for char in text)
    has_room = any(over[role][-1].cells[-1].room >= _ROOM for role in rest if upper.get(role))
    states = any(upper.get(role) for role in VALUES)
    return is_beside and states and not has_figures and not has_room


def _are_two_rows(over: _Row, upper: dict[str, str], lower: dict[str, str]) -> bool:
    """Tell whether something in the rows beside a page edge speaks against their being one."""
    both = [role for role in _WHOLE if upper.get(role) and lower.get(role)]
    named_anew = _NEW_ROW.match(lower["name"]) if "name" in both else None
    return (
        not any(lower.get(role) for role in _WHOLE)
        or not any(upper.get(role) for role in _WHOLE)
        or any(over[role][-1].cells[-1].room >= _ROOM for role in both)
        or any(role in SCORES for role in both)
        or any(upper[role] == lower[role] for role in both if role in VALUES)
        or any(upper[role].endswith("%") for role in both if role in ("target", "actual"))
        or (named_anew is not None and not upper["name"].endswith(("指标", "★", "*")))
    )


def _fills_up(upper: dict[str, str], lower: dict[str, str]) -> bool:
    """Tell whether a row has just those of target and actual value that the row above lacks."""
    have, own = ([bool(row.get(role)) for role in ("target", "actual")] for row in (upper, lower))
    return sum(have) == 1 and own == have[::-1]


def _texts(cells: _Row) -> dict[str, str]:
    return {role: plain("".join(slot.text for slot in slots)) for role, slots in cells.items()}


def _by_role(sheet: Sheet, table: Block, row: int) -> _Row:
    """Give each cell of a row to the column that holds most of it."""
    found: _Row = {}
    for slot in sheet.row(row):
        column = max(table.columns, key=lambda c: _overlap(c, slot), default=None)
        if slot is not table.label and column and _overlap(column, slot) > 0:
            own = column.role if column.role not in BESIDE else None
            found.setdefault(own or f"extra:{label_of(column.label)}", []).append(slot)
    names = [slot for slot in found.get("name", []) if not slot.is_blank]
    if table.column("dimension") is None and len(names) > 1:
        found["dimension"], found["name"] = names[:1], names[1:]
    return found


def _overlap(column: Column, slot: Slot) -> int:
    return min(column.slot.right, slot.right) - max(column.slot.left, slot.left) + 1


def read_indicators(sheet: Sheet, table: Block) -> Indicators:
    """Read each printed third-level indicator; rows of the template left blank are counted."""
    rows: list[Indicator] = []
    subtotals: list[tuple[str, Entry]] = []
    paths: Counter[str] = Counter()
    templates: list[Slot] = []
    repeated: list[Slot] = []
    blank = merged = 0
    group = dict.fromkeys(MERGED, "")
    weak = weakened(sheet, table, "indicators")
    tree = parents(sheet, table)
    # What heads the rows of a dimension or category in its own row.
    above = dict(zip(("dimension",), _group_over(sheet, table), strict=False))
    repeated += above.values()
    sums: Counter[str] = Counter()
    for row in sheet.living(table.first, table.last):
        cells = _by_role(sheet, table, row)
        texts = _texts(cells)
        blank_row = not any(texts.values())
        if blank_row or is_indicator_header(sheet, row) or is_numbering(sheet, row):
            repeated += () if blank_row else sheet.begun(row)
            continue
        if _is_sum(sheet, row):
            called = texts.get("dimension", "")
            named = "" if role_of("total", called) else called
            of_all = rows if not named and _may_be_of_all(sheet, row) else ()
            subtotals += _subtotals(cells, named or group["dimension"], of_all)
            repeated += [s for s in sheet.begun(row) if role_of("total", s.text)]
            continue
        if (across := _across(sheet, row, table)) is not None:
            if GROUP.fullmatch(label_of(across.text)):
                above = {"dimension": across}
                repeated.append(across)
            continue  # what else stands across a table is prose
        if level := tree.get(row):
            kept = above if level == "category" else {}
            above = {**kept, level: cells["name"][0]}
            repeated.append(above[level])
            subtotals += _subtotals(cells, numbered(texts["name"], sums))
            continue
        if above:
            cells |= {role: [slot] for role, slot in above.items() if role not in cells}
            texts, group = _texts(cells), dict.fromkeys(MERGED, "")
        group |= {role: texts[role] for role in MERGED if texts.get(role)}
        if _is_template(texts) or _is_marked(texts, cells):
            blank += 1
            templates += (slot for slot in sheet.row(row) if not _reaches_over(slot, table))
            continue
        # A number in cells that began in a row above is that row's alone.
        own = {r: s for r, s in cells.items() if r not in SCORES or not _is_covered(s, row)}
        merged += len(own) < len(cells)
        labels = (*group.values(), texts.get("name"))
        path = numbered("/".join(("indicator", *(label or "-" for label in labels))), paths)
        rows.append(_indicator(sheet, row, path, own, table, weak))
    return Indicators(
        rows=tuple(rows),
        left_blank=blank,
        templates=tuple(templates),
        repeated=tuple(repeated),
        subtotals=tuple(subtotals),
        merged_scores=merged,
    )


def _group_over(sheet: Sheet, table: Block) -> list[Slot]:
    """Return the cell over the head of a table that names the group of its rows."""
    over = sheet.filled(table.header - 1) if table.header > 0 else []
    return over if len(over) == 1 and GROUP.fullmatch(label_of(over[0].text)) else []


def _is_sum(sheet: Sheet, row: int) -> bool:
    """Tell whether a row among those of the table holds the sums of a dimension."""
    return is_total(sheet, row) or any(
        role_of("total", text) == "subtotal" for text in sheet.texts(row)[:3]
    )


def _across(sheet: Sheet, row: int, table: Block) -> Slot | None:
    """Return the cell of a row that has no other, if it stands under all columns but one."""
    filled = [slot for slot in sheet.row(row) if not slot.is_blank and slot is not table.label]
    columns = [column.slot for column in table.columns if column.slot is not table.label]
    if len(filled) != 1 or len(columns) < 4:
        return None
    under = [slot for slot in columns if filled[0].left <= slot.left <= filled[0].right]
    return filled[0] if len(under) >= len(columns) - 1 else None


def _is_covered(slots: Sequence[Slot], row: int) -> bool:
    return bool(slots) and all(slot.top < row and len(slot.cells) == 1 for slot in slots)


def _may_be_of_all(sheet: Sheet, row: int) -> bool:
    """Tell whether a sum names no dimension, so that it may be that of all rows above: 合计."""
    labels = [text for text in sheet.texts(row)[:3] if role_of("total", text)]
    return any(role_of("total", one) == "total" or label_of(one) == "小计" for one in labels)


def _subtotals(cells: _Row, dimension: str, above: Sequence[Indicator] = ()) -> Extra:
    """Return the sums of a dimension; one that may be of all rows above is called so (合计).

    Where it is the sum of the last dimension, it is that.
    """
    read = {role: entry("", cells.get(role, ()), NUMBER) for role in SCORES}
    printed = {role: value for role, value in read.items() if value and value.text}
    own = [row for row in above if words_of(row.dimension) == dimension]
    sums = {role: sum_of(getattr(row, role) for row in own) for role in printed}
    is_own = not above or all(number(value) == sums[role] for role, value in printed.items())
    kind = "小计" if is_own else "合计"
    labels = {role: f"{kind}/{dimension}/{role}" for role in printed}
    return tuple(
        (labels[role], replace(value, path=f"extra/{labels[role]}"))
        for role, value in printed.items()
    )


def _is_template(texts: dict[str, str]) -> bool:
    """Tell whether a row says nothing of its own: no name but a placeholder, and no value."""
    said = [texts.get(role, "") for role in ("name", "target", "actual", *SCORES, "explanation")]
    return all(not text or _PLACEHOLDER.fullmatch(text) for text in said)


def _is_marked(texts: dict[str, str], cells: _Row) -> bool:
    """Tell whether all that a row without a name says may be strokes of a seal or a pen."""
    own = {
        role: "" if all(map(_may_be_marks, cells.get(role, ()))) else texts[role] for role in texts
    }
    return not texts.get("name") and _is_template(own)


def _may_be_marks(slot: Slot) -> bool:
    return any(doubt.kind in MARKS for doubt in slot.doubts)


def says_nothing(slot: Slot) -> bool:
    """Tell whether a cell of a row that was left blank states no figure: 指标2:……, 元."""
    text = slot.text
    if text and _may_be_marks(slot):
        return False
    return _PLACEHOLDER.fullmatch(plain(text)) is not None or not any(map(str.isdigit, text))


def _reaches_over(slot: Slot, table: Block) -> bool:
    """Tell whether a cell stands under so many heads that it says what no column asks for."""
    return sum(_overlap(column, slot) > 0 for column in table.columns) > 2


def _indicator(
    sheet: Sheet, row: int, path: str, cells: _Row, table: Block, weak: Weak
) -> Indicator:
    stating = {**cells, "target": _target_cells(cells)}
    found = {r: entry(f"{path}/{r}", stating.get(r, ()), read) for r, read in _READS.items()}
    found["explanation"] = _cause(f"{path}/explanation", cells.get("explanation", ()))
    # A row beside a page edge, or the one over the edge, may look like part of a row.
    beside = [(seam - 1, seam) for seam in table.seams(sheet) if row in (seam - 1, seam)]
    if any(_lacks(sheet, number, table) for pair in beside for number in pair):
        for role, value in found.items():
            if value and value.text and role not in (*MERGED, "explanation"):
                found[role] = doubted(value, MAY_BE_CUT)
    for role, reasons in (*_reasons(cells, table, weak), *_unsure_label(found)):
        if (value := found.get(role)) is not None:
            found[role] = replace(value, doubts=(*value.doubts, *reasons))
    return Indicator(path=path, extra=_extra(path, cells, table), **found)


def _unsure_label(found: Mapping[str, Entry | None]) -> Iterator[tuple[str, tuple[Doubt, ...]]]:
    """Yield why the figures of a row without a name are doubted: what its label is doubted for.

    It alone says that the row is one of the indicators, and no sum below them.
    """
    labels = [found[role] for role in MERGED]
    own = next((label for label in labels if label and label.doubts and label.text), None)
    name = found["name"]
    if own and not (name and name.text):
        yield from ((role, own.doubts) for role in SCORES)


def _reasons(cells: _Row, table: Block, weak: Weak) -> Iterator[tuple[str, tuple[Doubt, ...]]]:
    """Yield why cells of a row are doubted for what their columns, or others, may be."""
    for column in table.columns:
        role = "target" if column.role in ("comparator", "unit") else column.role
        if role and column.doubts:
            yield role, column.doubts
        if column.role in ("comparator", "unit"):  # what may be none, and a sign all the same
            beside = cells.get(column.role, ())
            yield from (("target", s.doubts) for s in beside if _NONE.fullmatch(plain(s.text)))
        doubt, roles = weak.get(id(column), (None, ()))
        beside = cells.get(f"extra:{label_of(column.label)}", ())
        if doubt and any(not slot.is_blank for slot in beside):
            yield from ((each, (doubt,)) for each in roles)


def _lacks(sheet: Sheet, row: int, table: Block) -> bool:
    """Tell whether a row has none of the points and scores of others, or nothing but a name."""
    texts = _texts(_by_role(sheet, table, row))
    if _is_template(texts) or is_indicator_header(sheet, row):
        return False
    values = [role for role in ("target", "actual") if texts.get(role)]
    if any(table.column(role) for role in SCORES):
        return len(values) < 2 and not any(texts.get(role) for role in SCORES)
    return not values


def _target_cells(cells: _Row) -> Sequence[Slot]:
    """Return the cells that state the target: comparator, value and unit in columns of their own.

    A kind such as 正向 or 定量指标 is no comparator and stays out where there is a value.
    """
    target = cells.get("target", [])
    comparator, unit = (
        [slot for slot in cells.get(role, []) if not _NONE.fullmatch(plain(slot.text))]
        for role in ("comparator", "unit")
    )
    said = VALUE("".join(slot.text for slot in target if not slot.is_blank))
    if said.comparator:  # and unit, where the value says them itself
        comparator = [s for s in comparator if VALUE(f"{s.text}1").comparator != said.comparator]
    if said.unit:
        unit = [s for s in unit if plain(s.text) != plain(said.unit)]
    has_value = any(not slot.is_blank for slot in target)
    kinds = all(_KIND.fullmatch(plain(s.text)) and "定性" not in s.text for s in comparator)
    parts = [*([] if has_value and kinds else comparator), *target, *unit]
    return [slot for slot in parts if slot.doubts or not slot.is_blank] or target or parts


def _cause(path: str, slots: Sequence[Slot]) -> Entry | None:
    """Return what explains a row: where causes and measures have one cell each, what they say."""
    texts = [slot.text for slot in slots if not _NO_CAUSE.fullmatch(plain(slot.text))]
    said = "".join(texts or [slot.text for slot in slots[:1]])
    return stated(path, said, slots, WORDS) if slots else None


def _extra(path: str, cells: _Row, table: Block) -> Extra:
    """Return the values of unknown columns, and of those that the target was made of.

    They are no surer than the head of their column, which may be a known one misread.
    """
    split = "comparator" in cells or "unit" in cells
    own = ("comparator", "unit", "target") if split else ("comparator", "unit")
    kept: dict[str, Entry] = {}
    for column in table.columns:
        label = label_of(column.label)
        role = column.role if column.role in own else f"extra:{label}"
        value = entry(f"{path}/{label}", cells.get(role or "", ()), WORDS)
        if value and label:
            doubts = tuple(dict.fromkeys((*value.doubts, *column.slot.doubts)))
            kept.setdefault(label, replace(value, doubts=doubts))
    return tuple(kept.items())


def cut_by_edge(some: Sequence[Indicator]) -> int:
    """Count the indicators of which a page edge cut a cell."""
    roles = [role for role in _READS if role not in MERGED]
    entries = [[getattr(row, role) for role in roles] for row in some]
    return sum(any(e and _is_cut(e) for e in row) for row in entries)


def _is_cut(entry: Entry) -> bool:
    return any(doubt.kind is DoubtKind.OVER_THE_EDGE for doubt in entry.doubts)
