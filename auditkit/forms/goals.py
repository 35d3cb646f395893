"""The goals (年度总体目标): what was expected, and how far it was reached."""

from __future__ import annotations

from collections.abc import Sequence

from auditkit.forms.entries import WORDS, entry
from auditkit.forms.rows import goal_roles
from auditkit.forms.sheet import Sheet, Slot
from auditkit.report import Objective


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
