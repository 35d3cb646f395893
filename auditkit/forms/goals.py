"""The goals (年度总体目标): what was expected, and how far it was reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from auditkit.forms.entries import WORDS, entry
from auditkit.forms.labels import label_of
from auditkit.forms.rows import goal_columns, goal_roles
from auditkit.forms.sheet import Sheet, Slot
from auditkit.report import OF_GOALS, Entry, Objective


def read_goals(sheet: Sheet, own: Sequence[int]) -> Objective:
    """Read the goals: under a pair of labels, beside each label, or below each."""
    found: dict[str, list[Slot]] = {"expected": [], "actual": []}
    labels: dict[str, Slot] = {}
    for row, below in zip_longest(own, own[1:]):
        slots = sheet.begun(row)
        sides = [(role, slot) for slot, role in goal_roles(sheet, row) if role]
        pair = dict(sides)
        if pair.keys() >= found.keys():
            left, right = pair["expected"], pair["actual"]
            gap = [slot for slot in slots if left.right < slot.left < right.left]
            behind = [slot for slot in slots if slot.left > right.right]
            if gap and any(not slot.is_blank for slot in (*gap, *behind[:1])):
                found["expected"] += gap
                found["actual"] += behind
            else:
                labels = pair
        elif sides and _has_text_below(sheet, sides[-1][1], below):
            labels = dict(sides[-1:])
        elif labels and all(_is_left_of(slot, labels) for _, slot in sides):
            for role, label in labels.items():
                found[role] += [s for s in slots if label.left <= s.left <= label.right]
        elif sides:
            role, label = sides[-1]
            found[role] += [slot for slot in slots if slot.left > label.right]
    expected, actual = (entry(f"goals/{role}", found[role], WORDS) for role in found)
    return Objective(expected, actual)


def _is_left_of(slot: Slot, labels: Mapping[str, Slot]) -> bool:
    """Tell whether a label stands beside the texts below others, as where a page edge cut it."""
    return slot.right < min(label.left for label in labels.values())


def _has_text_below(sheet: Sheet, label: Slot, below: int | None) -> bool:
    """Tell whether the text of a label stands below it: nothing stands beside it, or only there."""
    beside = [slot for slot in sheet.begun(label.top) if slot.left > label.right]
    if not beside or below is None or any(not slot.is_blank for slot in beside):
        return not beside
    is_text = not any(role for _, role in goal_roles(sheet, below))
    return is_text and any(slot.left == label.left for slot in sheet.filled(below))


def beside_goals(sheet: Sheet, own: Sequence[int]) -> Iterator[tuple[str, Entry]]:
    """Yield what stands beside each goal under a head of its own: its cause, its score."""
    for head, cells in goal_columns(sheet, own):
        label = f"{OF_GOALS}{label_of(head.text)}"
        for slot in cells:
            if value := entry(f"extra/{label}", slot, WORDS):
                yield label, value
