"""WT: whether the points available (分值) make up the scale that the form is scored on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.grid import plain
from auditkit.recompute import ZERO, counted, number, scored_line, shown
from auditkit.report import Entry, Report
from auditkit.rules.printed import is_blank, present

_BRACKETED = re.compile(r"\((\d{1,3}(?:\.\d{1,2})?)分\)")


@dataclass(frozen=True, slots=True)
class Available:
    """Points available on a form: the indicators' and the execution's, and what states them.

    ``is_whole`` is false where a row may have points that are not printed or cannot be read.
    """

    indicators: Decimal
    execution: Decimal
    entries: tuple[Entry, ...]
    is_whole: bool

    @property
    def total(self) -> Decimal:
        """All points together."""
        return self.indicators + self.execution

    @property
    def arithmetic(self) -> str:
        """The sum, written out."""
        parts = f"{shown(self.indicators)} for indicators"
        if self.execution:
            parts += f" + {shown(self.execution)} for execution"
        return f"{parts} = {shown(self.total)}"


def available(report: Report) -> Available | None:
    """Add up the points printed beside the indicators, or in brackets behind the dimensions.

    Points of the rows count before points in brackets; a cell that covers several rows counts
    once, and so do the execution points that forms repeat below the total of the funds.
    """
    line = scored_line(report)
    execution = line.points if line else None
    rows = counted(report.indicators, "points")
    read = tuple(entry for entry in rows if number(entry) is not None)
    missing = any(is_blank(r.points) and number(r.score) is not None for r in report.indicators)
    odd = any(e not in read and e.reading.raw.strip("-—/ ") != "" for e in rows)
    if not read:
        headed = {plain(e.text): e for e in counted(report.indicators, "dimension") if e.text}
        stated = {text: _BRACKETED.search(text) for text in headed}
        if not headed or not all(stated.values()):
            return None
        total = sum((Decimal(found[1]) for found in stated.values() if found), ZERO)
        read, missing, odd = tuple(headed.values()), False, False
    else:
        total = sum((number(entry) or ZERO for entry in read), ZERO)
    own = (number(execution) or ZERO) if execution else ZERO
    entries = (*read, *(present(execution) if own else ()))
    return Available(total, own, entries, not missing and not odd)


def is_closed(report: Report) -> bool:
    """Tell whether the form has its total row, so that no row after the last one is missing."""
    return report.total_points is not None or report.total_score is not None


@rule(
    "WT-01",
    "Points available do not add up to the scale",
    severity=Severity.ERROR,
    basis=("cn-mof-2020-10/scale",),
    parameters=("points_total", "execution_points"),
)
def points_add_up(report: Report, law: Provisions) -> Iterator[Observation]:
    """Add up the points of all indicators and of the execution, and compare with 100.

    Points that do not make up the scale let a form reach its total without earning it. A form
    may score its indicators on 90 and add 10 for execution, printed or not; a form that states a
    scale of its own and keeps to it is for a person to look at, not to be failed.

    Fails: indicators 60 + 40 and execution 20, together 120.
    Passes: indicators 90 and execution 10, whatever the total row calls the total.
    Open: the sum is below 100 and the form has no total row, so that rows may be missing.
    """
    found = available(report)
    if found is None:
        yield Observation(Outcome.NOT_APPLICABLE, "points", "no points are printed")
        return
    scale = law["points_total"].number
    own = number(report.total_points)
    evidence = present(*found.entries, report.total_points)
    gap = "" if is_closed(report) else "there is no total row, so rows may be missing"
    if not found.is_whole:
        gap = "the points of some rows are blank or unreadable"
    elif not report.budget_lines:
        gap = "the funds, which may have points too, are not on the form as read"
    outcome, message = _judge(found, scale, own, gap)
    unprinted = law["execution_points"].number
    if outcome is Outcome.FAIL and not found.execution and found.total + unprinted == scale:
        outcome = Outcome.PASS
        message += f", which are those for execution ({shown(unprinted)}), not printed"
    yield Observation(
        outcome,
        "points",
        message,
        evidence,
        reported=shown(found.total),
        expected=shown(scale),
        arithmetic=found.arithmetic,
    )


def _judge(found: Available, scale: Decimal, own: Decimal | None, gap: str) -> tuple[Outcome, str]:
    said = f"the points add up to {shown(found.total)}"
    if found.total == scale:
        return Outcome.PASS, said
    if own == found.total:
        return Outcome.REVIEW, f"{said}, which is the form's own total, not {shown(scale)}"
    if found.total > scale:
        return Outcome.FAIL, f"{said}, {shown(found.total - scale)} above {shown(scale)}"
    short = f"{said}, {shown(scale - found.total)} short of {shown(scale)}"
    return (Outcome.REVIEW, f"{short}; {gap}") if gap else (Outcome.FAIL, short)


RULES: tuple[Rule, ...] = (points_add_up,)
