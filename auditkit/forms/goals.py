"""The goals (年度总体目标): what was expected, and how far it was reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditkit.forms.entries import WORDS, entry
from auditkit.forms.labels import label_of
from auditkit.forms.rows import goal_columns, goal_roles
from auditkit.forms.sheet import Sheet, Slot
from auditkit.report import OF_GOALS, Entry, Objective


def read_goals(sheet: Sheet, own: Sequence[int]) -> Objective:
    """Read the goals: under a pair of labels, beside each label, or below each."""
    found: dict[str, list[Slot]] = {"expected": [], "actual": []}
    labels: dict[str, Slot] = {}
    for row in own:
        slots = sheet.begun(row)
        sides = [(role, slot) for slot, role in goal_roles(sheet, row) if role]
        pair = dict(sides)
        if pair.keys() >= found.keys():
            left, right = pair["expected"], pair["actual"]
            if gap := [slot for slot in slots if left.right < slot.left < right.left]:
                found["expected"] += gap
                found["actual"] += [slot for slot in slots if slot.left > right.right]
            else:
                labels = pair
        elif sides and sides[-1][1] is slots[-1]:
            labels = dict(sides[-1:])  # nothing stands beside it, so the text stands below
        elif labels and not sides:
            for role, label in labels.items():
                found[role] += [s for s in slots if label.left <= s.left <= label.right]
        elif sides:
            role, label = sides[-1]
            found[role] += [slot for slot in slots if slot.left > label.right]
    expected, actual = (entry(f"goals/{role}", found[role], WORDS) for role in found)
    return Objective(expected, actual)


def beside_goals(sheet: Sheet, own: Sequence[int]) -> Iterator[tuple[str, Entry]]:
    """Yield what stands beside each goal under a head of its own: its cause, its score."""
    for head, cells in goal_columns(sheet, own):
        label = f"{OF_GOALS}{label_of(head.text)}"
        for slot in cells:
            if value := entry(f"extra/{label}", slot, WORDS):
                yield label, value
