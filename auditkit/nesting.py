"""Which funding rows are parts of which: by the numbering of their labels, and by their amounts.

Numbering is sure: (1) and (2) below 1. are its parts. What else a form says (其中) leaves open
where the parts end; there the reading counts by which the rows add up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice

from auditkit.figures import half_unit
from auditkit.grid import plain
from auditkit.report import AMOUNTS, ZERO, BudgetLine, number, value_of, words_of

_AMONG = re.compile("^其中[：:、]?")
_CIRCLED = re.compile("[①-⑳]")
_NUMBER = re.compile(
    r"\(?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)、.](?!\d)|\d{1,2}(?:\.\d{1,2})+"
)
_FIRST = {"1", "一"}
_APART = ("other", "unit_funds", "social_investment", "bank_loans")  # parts of no other money
_MOST_ROWS, _MOST_WAYS = 24, 32  # beyond these a form is taken by its labels alone

Parents = Mapping[str, str]  # the row that each row is part of, by their names
_Spans = tuple[tuple[Decimal, Decimal] | None, ...]  # amount and its allowance, by column


def told_parent(label: str, above: Sequence[BudgetLine]) -> str | None:
    """Return the row that a row is part of by its numbering, ``None`` where that does not tell."""
    style, is_first = _numbering(label)
    if not style or not above:
        return None
    if not is_first:
        same = (row for row in islice(reversed(above), _MOST_ROWS) if _style_of(row) == style)
        sibling = next(same, None)
        return (sibling.parent or "total") if sibling else None
    last = above[-1]
    return last.name if _style_of(last) not in ("", style) else None


def says_parts(line: BudgetLine, parts: Sequence[BudgetLine]) -> tuple[bool, bool]:
    """Tell whether labels say that rows are parts of a row, and whether they are all of them."""
    own, styles = _style_of(line), {_style_of(part) for part in parts}
    is_numbered = bool(own) and len(styles) == 1 and not styles & {"", own}
    are_among = all(words_of(part.label).startswith("其中") for part in parts)
    return is_numbered or are_among, is_numbered


def nested(lines: Sequence[BudgetLine], apart: Collection[str]) -> tuple[BudgetLine, ...]:
    """Return the rows, each with the row that it is part of, as most columns of the total add up.

    A row that equals the sum of those directly below it, in most columns and never in one of two,
    may have them as its parts. Rows of the names ``apart`` divide the total another way.
    """
    total = next((line for line in lines if line.name == "total"), None)
    divided = (line for line in lines if line.parent and line is not total)
    rows = [line for line in divided if line.name not in apart]
    if total is None or not 1 < len(rows) <= _MOST_ROWS:
        return tuple(lines)
    spans = {line.name: _spans_of(line) for line in (total, *rows)}
    own = {row.name: row.parent for row in rows}
    if not _Fit.of(spans, own).misses:
        return tuple(lines)
    told = {
        line.name
        for n, line in enumerate(lines)
        if told_parent(_label_of(line), lines[:n]) is not None
    }
    level = {row.name: row.parent if row.name in told else "total" for row in rows}
    ways = [way for base in (own, level) for way in _ways(spans, base, told)]
    best = min((own, *ways), key=lambda way: _Fit.of(spans, way).key)
    return tuple(replace(line, parent=best.get(line.name, line.parent)) for line in lines)


def _ways(
    spans: Mapping[str, _Spans], base: Parents, told: Collection[str]
) -> Iterator[dict[str, str]]:
    """Yield the ways in which rows of the first level may have others of them as their parts."""
    ways: list[tuple[tuple[str, ...], dict[str, str]]] = [((), dict(base))]
    for name in reversed([name for name, parent in base.items() if parent == "total"]):
        found = []
        for tops, parents in ways:
            found.append(((name, *tops), parents))
            for end in range(1, len(tops) + 1):
                parts = tops[:end]
                if parts[-1] in told:
                    break
                if _may_have(spans, name, parts):
                    below = dict.fromkeys(parts, name)
                    found.append(((name, *tops[end:]), parents | below))
        ways = found[:_MOST_WAYS]
    yield from (parents for _, parents in ways)


def _may_have(spans: Mapping[str, _Spans], name: str, parts: Sequence[str]) -> bool:
    """Tell whether rows may be the parts of a row by their amounts, and by what they are."""
    if len(parts) == 1 and parts[0].partition("#")[0] in _APART:
        return False
    fits = _columns(spans[name], [spans[part] for part in parts])
    return 2 * sum(fits) > len(fits)


def _columns(whole: _Spans, parts: Sequence[_Spans]) -> list[bool]:
    """Tell of each column with amounts whether the parts add up to the whole."""
    found = []
    for own, *others in zip(whole, *parts, strict=True):
        read = [span for span in others if span is not None]
        value, near = (sum((span[n] for span in read), ZERO) for n in (0, 1))
        if value or (own and own[0]):
            found.append(own is not None and abs(own[0] - value) <= own[1] + near)
    return found


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well rows add up to the total, and to those they are parts of."""

    misses: int
    below: int
    off: Decimal

    @property
    def key(self) -> tuple[int, int, Decimal]:
        return self.misses, self.below, self.off

    @classmethod
    def of(cls, spans: Mapping[str, _Spans], parents: Parents) -> _Fit:
        parts: dict[str, list[_Spans]] = {}
        for name, parent in parents.items():
            parts.setdefault(parent, []).append(spans[name])
        misses = {
            name: _columns(spans[name], own).count(False)
            for name, own in parts.items()
            if name in spans
        }
        whole = [span[0] if span else ZERO for span in spans["total"]]
        sums = [
            sum((span[0] for span in column if span), ZERO)
            for column in zip(*parts.get("total", ()), strict=True)
        ]
        off = sum((abs(a - b) for a, b in zip(whole, sums, strict=False)), ZERO)
        return cls(misses.pop("total", 0), sum(misses.values()), off)


def _spans_of(line: BudgetLine) -> _Spans:
    entries = (getattr(line, column) for column in AMOUNTS)
    return tuple(
        (value_of(entry), half_unit(entry.reading.decimals)) if number(entry) is not None else None
        for entry in entries
    )


def _label_of(line: BudgetLine) -> str:
    """Return the label of a row as it is printed: a circled number is no longer one as words."""
    return "".join(cell.text for cell in line.label.cells) if line.label else ""


def _style_of(line: BudgetLine) -> str:
    return _numbering(_label_of(line))[0]


def _numbering(label: str) -> tuple[str, bool]:
    """Return how a label is numbered, the number left out, and whether it is the first of such.

    >>> _numbering("(2)政府性基金"), _numbering("其中:1.财政拨款"), _numbering("财政拨款")
    (('()', False), ('.', True), ('', False))
    """
    text = _AMONG.sub("", "".join(label.split()))
    if circled := _CIRCLED.match(text):
        return "①", circled[0] == "①"
    if not (found := _NUMBER.match(_AMONG.sub("", plain(label)))):
        return "", False
    numbers = re.findall(r"[一二三四五六七八九十]+|\d+", found[0])
    kind = "一" if numbers[0][0] in "一二三四五六七八九十" else ""
    signs = re.sub(r"[一二三四五六七八九十\d]", "", found[0]).replace("、", ".")
    depth = "" if len(numbers) == 1 else str(len(numbers))
    return f"{kind}{depth}{signs}", numbers[-1] in _FIRST
