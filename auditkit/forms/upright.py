"""Funds in other shapes, set upright: a row for each kind of money below the heads of its figures.

Forms have kinds of money as columns with a row for each figure, or figures as pairs of a label and
a value behind each kind. Their cells are put where the usual shape has them, so that all that is
known of that shape holds; a cell keeps its text and its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from auditkit.forms.labels import label_of, money_in
from auditkit.forms.rows import MONEY, SCORED, Column
from auditkit.forms.sheet import Sheet, Slot, over_seams
from auditkit.grid import plain


@dataclass(slots=True)
class _Funds:
    """What stands in a block of funds: from its first row to before ``end``.

    ``lines`` have the label of each kind of money and its values by the head they belong to;
    ``again`` are heads that are printed for each kind.
    """

    first: int
    end: int
    side: Slot | None
    corner: Slot | None = None
    heads: list[Slot] = field(default_factory=list)
    lines: list[tuple[Slot, dict[int, Slot]]] = field(default_factory=list)
    again: list[dict[int, Slot]] = field(default_factory=list)


def set_upright(sheet: Sheet) -> Sheet:
    """Return the sheet with its funds as rows below heads, in whichever shape they are."""
    for row in sheet.living(0, sheet.rows):
        funds = _turned(sheet, row) or _by_kind(sheet, row)
        if funds and not any(_cuts(seam, funds) for seam in sheet.seams):
            return _set(sheet, funds)
    return sheet


def _cuts(seam: int, funds: _Funds) -> bool:
    """Tell whether a page edge cuts a row of the funds, and does not only stand between two."""
    heads = {head.top: head for head in funds.heads}
    is_between = seam - 1 in heads and seam in heads
    known = is_between and all(_roles([heads[row]]) & (MONEY | SCORED) for row in (seam - 1, seam))
    return funds.first < seam < funds.end and not known


def _is_kind(slot: Slot) -> bool:
    return money_in(slot.text)[0] is not None or label_of(slot.text).startswith("其中")


def _is_whole(slot: Slot) -> bool:
    return money_in(slot.text)[0] == "total"


def _roles(heads: Iterable[Slot]) -> set[str | None]:
    return {Column.understood("funding", head.text, head).role for head in heads}


def _side(sheet: Sheet, row: int) -> Slot | None:
    """Return the label beside a block that begins in a row."""
    first = next(iter(sheet.begun(row)), None)
    return first if first and first.bottom > row and not first.is_blank else None


def _turned(sheet: Sheet, row: int) -> _Funds | None:
    """Return funds with the kinds of money as columns and a row for each figure."""
    side = _side(sheet, row)
    own = [slot for slot in sheet.begun(row) if slot is not side]
    if sum(map(_is_kind, own)) < 2:
        return None
    at = next((n for n, slot in enumerate(own) if n and _is_kind(slot)), 0)  # behind the corner
    kinds = list(takewhile(lambda slot: not _roles([slot]) & SCORED, own[at:]))
    scored = own[at + len(kinds) :]  # 分值, 得分 behind the kinds, for all of the money
    has_corner = all(slot.is_blank for slot in own[1:at])  # one that is blank may be several
    if not has_corner or sum(map(_is_kind, kinds)) < 2 or _roles(kinds) & MONEY:
        return None
    funds = _Funds(
        row, row + 1, side, corner=own[0] if at else None, lines=[(kind, {}) for kind in kinds]
    )
    beside: list[list[Slot]] = []
    end = over_seams(sheet, side) if side else sheet.rows
    for below in sheet.living(row + 1, end):
        own_row = [slot for slot in sheet.row(below) if not side or slot.left > side.right]
        head, behind = next(iter(own_row), None), own_row[1:]
        values = [slot for slot in behind if slot.left >= own[at].left]
        are_aligned = [slot.left for slot in values] == [slot.left for slot in own[at:]]
        is_bare = all(slot.is_blank for slot in behind if slot not in values)
        if head is None or head.is_blank or head.top < below or not (are_aligned and is_bare):
            break
        for (_, figures), value in zip(funds.lines, values, strict=False):
            figures[len(funds.heads)] = value
        funds.heads.append(head)
        beside.append(values[len(kinds) :])
        funds.end = below + 1
    if side and funds.end < end and funds.end in sheet.seams:
        return None  # its rows go on over the page edge, but not as they began
    stated = [
        {id(row[n]): row[n] for row in beside if not row[n].is_blank} for n, _ in enumerate(scored)
    ]
    if any(len(some) > 1 for some in stated):
        return None  # it is not told which of them is that of all the money
    whole = next((line for line in funds.lines if _is_whole(line[0])), funds.lines[0])
    for n, head in enumerate(scored):
        whole[1].update((len(funds.heads), slot) for slot in stated[n].values())
        funds.heads.append(head)
    return funds if len(_roles(funds.heads) & MONEY) >= 2 else None


def _by_kind(sheet: Sheet, row: int) -> _Funds | None:
    """Return funds with pairs of a label and a value behind each kind of money."""
    side = _side(sheet, row)
    if side and _is_kind(side) and not _pairs(sheet, row, side)[0]:
        return None
    funds = _Funds(row, row, side)
    numbers: dict[str, int] = {}
    for below in sheet.living(row, sheet.rows):
        kind, pairs = _pairs(sheet, below, side)
        if kind is None:
            break
        if not funds.lines or funds.lines[-1][0] is not kind:
            funds.lines.append((kind, {}))
            funds.again.append({})
        for head, value in pairs:
            number = numbers.setdefault(plain(head.text), len(numbers))
            if number == len(funds.heads):
                funds.heads.append(head)
            else:
                funds.again[-1][number] = head
            funds.lines[-1][1][number] = value
        funds.end = below + 1
    are_kinds = sum(_is_kind(kind) for kind, _ in funds.lines) >= 2
    return funds if are_kinds and len(_roles(funds.heads) & MONEY) >= 2 else None


def _pairs(
    sheet: Sheet, row: int, side: Slot | None
) -> tuple[Slot | None, Sequence[tuple[Slot, Slot]]]:
    """Return the kind of money that a row is about, and its pairs of a label and a value."""
    own = [slot for slot in sheet.row(row) if slot is not side]
    kind, cells = next(iter(own), None), own[1:]
    pairs = list(zip(cells[::2], cells[1::2], strict=False))
    are_pairs = len(cells) >= 2 and len(cells) % 2 == 0 and all(s.top == row for s in cells)
    if kind is None or kind.is_blank or not are_pairs:
        return None, []
    if kind.top == row and not _roles(head for head, _ in pairs) & MONEY:
        return None, []
    stated = all(not any(map(str.isdigit, plain(head.text)[:1])) for head, _ in pairs)
    return (kind, pairs) if stated and not _roles([kind]) & MONEY else (None, [])


def _set(sheet: Sheet, funds: _Funds) -> Sheet:
    """Return the sheet with funds set upright, and what stands below them moved."""
    base = funds.side.right + 1 if funds.side else 0
    width = max(sheet.columns, base + 1 + len(funds.heads))
    lines = 1 + len(funds.lines)
    skipped = range(funds.first + lines, funds.first + lines + len(funds.again))
    last = sheet.columns - 1
    wide = tuple(replace(s, right=width - 1) if s.right == last else s for s in sheet.slots)
    sheet = replace(sheet, slots=wide, columns=width)
    placed = _placed(funds, base, width)
    sheet = sheet.with_rows(funds.first, funds.end, placed, lines + len(funds.again))
    return sheet.without(skipped)


def _placed(funds: _Funds, base: int, width: int) -> Iterator[Slot]:
    """Yield the cells of funds where the usual shape has them; the last column takes the rest."""

    def at(slot: Slot, row: int, column: int) -> Slot:
        right = width - 1 if column == base + len(funds.heads) else column
        return replace(slot, top=row, bottom=row, left=column, right=right)

    first, last = funds.first, funds.first + len(funds.lines)
    if funds.side:
        yield replace(funds.side, top=first, bottom=last)
    if funds.corner:
        yield at(funds.corner, first, base)
    yield from (at(head, first, base + 1 + n) for n, head in enumerate(funds.heads))
    for row, (kind, figures) in enumerate(funds.lines, start=first + 1):
        yield at(kind, row, base)
        yield from (at(value, row, base + 1 + n) for n, value in figures.items())
    for row, heads in enumerate(funds.again, start=last + 1):
        yield from (at(head, row, base + 1 + n) for n, head in heads.items())
