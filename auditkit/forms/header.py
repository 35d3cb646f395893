"""The head of a form: title, year, project, department, unit of money, and every other pair."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from auditkit.doubts import Doubt, DoubtKind
from auditkit.forms.blocks import Blocks
from auditkit.forms.entries import NUMBER, WORDS, doubted, entry, numbered, stated
from auditkit.forms.labels import VOCABULARY, is_title, label_of, role_by_words, role_of, years_in
from auditkit.forms.sheet import Sheet, Slot
from auditkit.grid import Box, Cell, plain
from auditkit.report import Entry, Extra
from auditkit.wording import Term

FIELDS = VOCABULARY["header"].keys() - {"other"}
_A_YEAR = re.compile(r"[(]?(?:19|20)\d{2}年?[)]?")
_OF_YEAR = re.compile(r".*:(?=[(]?(?:19|20)\d{2})|(?:19|20)\d{2}年?度?|单位:.*")
_WORDS = re.compile("[一-鿿]")
_SEVERAL = re.compile(r"\s+(?=[^\s:：,，。]{2,10}[:：])")
_BESIDE = re.compile(r"\s*(?=(?:项目|主管|实施|填报|填表|预算|金额|评价)[^\s:：,，。]{1,6}[:：])")

_AHEAD = re.compile(
    r"\s*([(（]?(?:19|20)\d{2}年度[)）]?)\s+\S"
)  # (2023年度) 单位:万元, in one line

_Line = tuple[str, Sequence[Cell]]


@dataclass(slots=True)
class Pairs:
    """The labelled values of a form's head and tail, sorted by what the label means.

    ``unknown`` are the cells of pairs whose label is not known, label and value; ``by_words`` the
    cells of labels that are understood by their words alone; ``filled_in`` the roles that so far
    only who fills in the form has, with the label.
    """

    known: dict[str, Entry] = field(default_factory=dict)
    other: list[tuple[str, Entry]] = field(default_factory=list)
    unknown: list[tuple[Slot, ...]] = field(default_factory=list)
    by_words: list[Slot] = field(default_factory=list)
    filled_in: dict[str, str] = field(default_factory=dict)

    def add(self, role: str | None, label: str, value: Entry) -> None:
        """Keep a value under its role if that is free, and among the others if not.

        Who fills in the form (填报单位, or 单位名称 over it) may be another than who carries the
        project out.
        """
        fills_in = label.startswith("填报") or label == "单位名称"
        if role in FIELDS and (role not in self.known or not self.known[role].text):
            self.known[role] = value
            self.filled_in |= {role: label} if fills_in else {}
        elif role in self.filled_in and not fills_in and value.text:
            self.other.append((self.filled_in.pop(role), self.known[role]))
            self.known[role] = value
        else:
            self.other.append((label, value))

    @property
    def extra(self) -> Extra:
        """The pairs that have no field of their own, each label once."""
        local = self.known.get("local_department")
        kept = [("地方主管部门", local)] if local and "implementer" in self.known else []
        seen: Counter[str] = Counter()
        named = [(numbered(label, seen), value) for label, value in (*kept, *self.other)]
        return tuple((name, replace(value, path=f"extra/{name}")) for name, value in named)


def read_pairs(sheet: Sheet, blocks: Blocks) -> Pairs:
    """Read every label with the value beside it, outside the tables.

    A label that is understood by its words gives way to one that is known.
    """
    pairs = Pairs()
    understood: list[tuple[str, str, Entry]] = []
    titles = title_rows(sheet, blocks)
    for row in (*blocks.header, *blocks.rest):
        own = [slot for slot in sheet.begun(row) if slot not in titles]
        for role, label, value, slots in _pairs(own):
            meant = role or _role(label, role_by_words)
            if meant == role:
                pairs.add(role, label, value)
                pairs.unknown += [slots] if role is None else ()
                continue
            pairs.by_words.append(slots[0])
            understood.append((meant or "", label, value))
    for line in sheet.heading:
        for piece in _BESIDE.split(line.text):
            head, tail = _halves(piece)
            role = role_of("header", head)
            if tail and role in ("project", "department", "implementer"):
                pairs.add(role, label_of(head), stated(role, tail, [line], WORDS))
    for role, label, value in understood:
        pairs.add(role, label, _taken_for(role, label, value))
    return pairs


def _taken_for(role: str, label: str, value: Entry) -> Entry:
    """Return the value of a label that is understood by its words, doubted where it is a field."""
    if role not in FIELDS:
        return value
    read = NUMBER if role == "total_score" else WORDS
    doubt = Doubt.of(DoubtKind.TAKEN_FOR, label=label, role=Term(role))
    return doubted(stated(role, value.text, value.cells, read), doubt)


def _halves(text: str) -> tuple[str, str]:
    """Return what stands before the first colon and behind it."""
    head, _, tail = text.replace("：", ":").partition(":")
    return head, tail.strip()


def _pairs(slots: Sequence[Slot]) -> Iterator[tuple[str | None, str, Entry, tuple[Slot, ...]]]:
    """Yield role, label, value and their cells, for cells that stand side by side."""
    slots = _without_gap(slots)
    rest = zip_longest(slots, slots[1:])
    for slot, beside in rest:
        if pieces := _pieces(slot.text):
            for each in pieces:
                role = _role(_halves(each)[0])
                value = stated(role or "extra", _halves(each)[1], [slot], WORDS)
                yield role, label_of(_halves(each)[0]), value, (slot,)
            continue
        head, tail = _halves(slot.text)
        role = _role(slot.text) or _role(head)
        path, read = role or "extra", NUMBER if role == "total_score" else WORDS
        if tail and (role or (beside is None and len(plain(head)) <= 12)):
            yield role, label_of(head), stated(path, tail, [slot], read), (slot,)
        elif not slot.is_blank and beside and _role(beside.text) is None:
            next(rest, None)  # it is the value, and no label
            label = label_of(slot.text)
            named = any(char.isalpha() for char in label) and not beside.is_blank
            if role or named:
                yield role, label, stated(path, beside.text, [beside], read), (slot, beside)


def _without_gap(slots: Sequence[Slot]) -> Sequence[Slot]:
    """Return the label and the one text of a row that a file without merged cells parts by blanks.

    Only a label of the tail, 评价结论, has a text that far behind it.
    """
    filled = [slot for slot in slots if not slot.is_blank]
    if len(filled) != 2 or len(slots) == 2 or any(slot.left < slot.right for slot in slots):
        return slots
    label, text = (slot.text for slot in filled)
    has_text = role_of("header", label) is None and _role(text) is None
    is_tail = role_of("tail", label) or role_by_words("tail", label)
    return filled if filled[0] is slots[0] and is_tail and has_text else slots


def _pieces(text: str) -> list[str]:
    """Return the pairs that one cell holds side by side: 单位名称:某局 填报日期:2024年2月."""
    pieces = _SEVERAL.split(text.strip())
    are_pairs = all(_role(head) and tail for head, tail in map(_halves, pieces))
    return pieces if len(pieces) > 1 and are_pairs else []


def is_label(text: str) -> bool:
    """Tell whether a text is a label that is known of the head or tail of a form."""
    return _role(text) is not None


def _role(text: str, asked: Callable[[str, str], str | None] = role_of) -> str | None:
    return asked("header", text) or asked("tail", text)


def read_title(sheet: Sheet, blocks: Blocks) -> Entry | None:
    """Return the title: the nearest line above the table that reads like one, or a title row."""
    for slot in title_rows(sheet, blocks):
        if is_title(slot.text):
            return entry("title", slot, WORDS)
    lines = sheet.heading
    for last in range(len(lines) - 1, -1, -1):
        first = last
        while first and _is_one_heading(lines[first - 1], lines[first]):
            first -= 1
        whole = lines[first : last + 1]
        text = "".join(line.text for line in whole)
        if is_title(lines[last].text) or is_title(text):
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
    for text, cells in _lines_of_year(sheet, blocks, title):
        if found := years_in(text):
            year = stated("year", found[0], cells, NUMBER)
            several = len(set(found)) > 1
            return doubted(year, Doubt.of(DoubtKind.SEVERAL_YEARS, line=text)) if several else year
    return None


def _lines_of_year(sheet: Sheet, blocks: Blocks, title: Entry | None) -> list[_Line]:
    """Return the lines that may state the year, the most telling first.

    A line of its own, (2022年度), counts before the title, which may be that of an older form; one
    that says more than a year may be the title of what the form is published in.
    """
    lines: list[_Line] = [(slot.text, slot.cells) for slot in title_rows(sheet, blocks)]
    lines += [(line.text, (line,)) for line in reversed(sheet.heading[-4:])]
    lines += [(ahead[1], cells) for text, cells in lines if (ahead := _AHEAD.match(text))]
    of_title = title.text if title else ""
    own = [(t, c) for t, c in lines if len(plain(t)) <= 12 and t != of_title and not is_title(t)]
    titles: list[_Line] = [(title.text, title.cells)] if title else []
    titles += [(t, c) for t, c in lines if len(plain(t)) <= 12 and is_title(t)]
    dated = [(t, c) for t, c in own if "日" not in t and "填" not in t]
    alone = [(t, c) for t, c in dated if not _WORDS.search(_OF_YEAR.sub("", plain(t)))]
    ranks = (
        [(t, c) for t, c in alone if "年度" in plain(t) or _A_YEAR.fullmatch(plain(t))],
        [(t, c) for t, c in titles if "年度" in plain(t)],
        alone,
        titles,
        dated,
    )
    return [line for rank in ranks for line in rank]


def title_rows(sheet: Sheet, blocks: Blocks) -> list[Slot]:
    """Return the full-width cells of the header that hold nothing but a title, year or unit."""
    found = []
    for row in blocks.header:
        texts, whole = sheet.filled(row), len(sheet.begun(row)) == 1
        if len(texts) == 1 and (whole or (texts[0].left == 0 and not _role(texts[0].text))):
            found.append(texts[0])
    return [slot for slot in found if is_title(slot.text) or len(plain(slot.text)) <= 20]
