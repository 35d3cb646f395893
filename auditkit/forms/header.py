"""The head of a form: title, year, project, department, unit of money, and every other pair."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from auditkit.forms.blocks import Blocks, title_rows
from auditkit.forms.entries import NUMBER, WORDS, doubted, entry, stated
from auditkit.forms.labels import is_title, label_of, role_of, unit_in, years_in
from auditkit.forms.sheet import Sheet, Slot
from auditkit.grid import Box, Cell, plain
from auditkit.report import Entry, Extra

_BESIDE = re.compile(r"\s*(?=(?:项目|主管|实施|填报|填表|预算|金额|评价)[^\s:：,，。]{1,6}[:：])")
FIELDS = (
    "project", "department", "implementer", "local_department", "year",
    "currency_unit", "total_score", "rating",
)  # fmt: skip


@dataclass(slots=True)
class Pairs:
    """The labelled values of a form's head and tail, sorted by what the label means."""

    known: dict[str, Entry] = field(default_factory=dict)
    extra: list[tuple[str, Entry]] = field(default_factory=list)

    def add(self, role: str | None, label: str, value: Entry) -> None:
        """Keep a value under its role if that is free, and as an extra otherwise."""
        if role in FIELDS and (role not in self.known or not self.known[role].text):
            self.known[role] = value
        else:
            self.extra.append((label, replace(value, path=f"extra/{label}")))


def read_pairs(sheet: Sheet, blocks: Blocks) -> Pairs:
    """Read every label with the value beside it, outside the tables."""
    pairs = Pairs()
    titles = title_rows(sheet, blocks.header)
    for row in (*blocks.header, *blocks.rest):
        slots = [slot for slot in sheet.begun(row) if slot not in titles]
        for role, label, value in _pairs(slots):
            pairs.add(role, label, value)
    for line in sheet.heading:
        for piece in _BESIDE.split(line.text):
            head, parted, tail = piece.replace("：", ":").partition(":")
            role = role_of("header", head)
            if parted and role in ("project", "department", "implementer") and tail.strip():
                pairs.add(role, label_of(head), stated(role, tail.strip(), (line,), WORDS))
    return pairs


def _pairs(slots: Sequence[Slot]) -> Iterator[tuple[str | None, str, Entry]]:
    """Yield role, label and value for cells that stand side by side."""
    index = 0
    while index < len(slots):
        slot = slots[index]
        index += 1
        if slot.is_blank:
            continue
        head, parted, tail = slot.text.replace("：", ":").partition(":")
        role = _role(slot.text) or _role(head)
        if parted and plain(tail) and role is not None:
            yield role, label_of(head), _value(role, slot, tail)
            continue
        beside = slots[index] if index < len(slots) else None
        if beside is None:
            if parted and plain(tail) and len(plain(head)) <= 12:
                yield None, label_of(head), _value(None, slot, tail)
            continue
        if role is None and _role(beside.text) is not None:
            continue
        if _role(beside.text) is None:
            index += 1
            found = entry(role or "extra", beside, NUMBER if role == "total_score" else WORDS)
            named = role or any(char.isalpha() for char in label_of(slot.text))
            if found and named and (role or not beside.is_blank):
                yield role, label_of(slot.text), found


def _role(text: str) -> str | None:
    return role_of("header", text) or role_of("tail", text)


def _value(role: str | None, slot: Slot, tail: str) -> Entry:
    read = NUMBER if role == "total_score" else WORDS
    return stated(role or "extra", tail.strip(), slot.cells, read, (slot,))


def read_title(sheet: Sheet, blocks: Blocks) -> Entry | None:
    """Return the title: the nearest line above the table that reads like one, or a title row."""
    for slot in title_rows(sheet, blocks.header):
        if is_title(slot.text):
            return entry("title", slot, WORDS)
    lines = list(sheet.heading)
    for index in range(len(lines) - 1, -1, -1):
        first = index
        while first and _is_one_heading(lines[first - 1], lines[first]):
            first -= 1
        whole = lines[first : index + 1]
        text = "".join(line.text for line in whole)
        if is_title(lines[index].text) or is_title(text):
            return stated("title", text, whole, WORDS)
    return None


def _is_one_heading(above: Cell, below: Cell) -> bool:
    """Tell whether two lines are one heading that did not fit: same height, close, centred."""
    a, b = above.place, below.place
    if not isinstance(a, Box) or not isinstance(b, Box) or a.page != b.page:
        return False
    tall = b.bottom - b.top
    alike = abs((a.bottom - a.top) - tall) <= 0.15 * tall and 0 <= b.top - a.bottom <= tall
    centred = abs((a.left + a.right) - (b.left + b.right)) <= 4 * tall
    return alike and centred and a.right - a.left >= b.right - b.left and not is_title(above.text)


def read_year(sheet: Sheet, blocks: Blocks, pairs: Pairs, title: Entry | None) -> Entry | None:
    """Return the year that the form is about, where it says so; not the day it was filled in."""
    own = pairs.known.get("year")
    if own and (found := years_in(own.text)):
        return stated("year", found[-1], own.cells, NUMBER)
    rows = [(slot.text, slot.cells) for slot in title_rows(sheet, blocks.header)]
    lines = [(line.text, (line,)) for line in reversed(sheet.heading)]
    titles = [(title.text, title.cells)] if title else []
    for mark in ("年度", ""):
        for text, cells in (*rows, *lines[:4], *titles):
            own_line = len(plain(text)) <= 12 or (title is not None and text == title.text)
            is_date = "日" in text or "填" in text
            found = [] if is_date or not own_line or mark not in plain(text) else years_in(text)
            if found:
                year = stated("year", found[0], cells, NUMBER)
                several = len(set(found)) > 1
                return doubted(year, f"the line names several years: {text}") if several else year
    return None


def read_unit(sheet: Sheet, blocks: Blocks, pairs: Pairs) -> Entry | None:
    """Return the unit of the amounts as printed: in the funding block, its columns or above it."""
    places: list[Slot] = []
    if blocks.funding:
        table = blocks.funding
        places += [table.label] if table.label else []
        places += [slot for row in range(table.header, table.first) for slot in sheet.row(row)]
        places += [slot for slot in sheet.begun(table.header - 1)] if table.header else []
    places += [slot for row in blocks.header for slot in sheet.begun(row)]
    for slot in places:
        if unit := unit_in(slot.text):
            return stated("currency_unit", unit, slot.cells, WORDS)
    if (own := pairs.known.get("currency_unit")) and own.text:
        return own
    for line in reversed(sheet.heading):
        if unit := unit_in(line.text):
            return stated("currency_unit", unit, (line,), WORDS)
    return None


def as_extra(pairs: Pairs) -> Extra:
    """Return the pairs that have no field of their own, each label once."""
    seen: dict[str, int] = {}
    named = []
    local = pairs.known.get("local_department")
    kept = [("地方主管部门", local)] if local and "implementer" in pairs.known else []
    for label, value in (*kept, *pairs.extra):
        seen[label] = seen.get(label, 0) + 1
        name = label if seen[label] == 1 else f"{label}#{seen[label]}"
        named.append((name, replace(value, path=f"extra/{name}")))
    return tuple(named)
