"""Hold what was read against what was set: each field, each cell, and what rules found.

What counts is not only whether a field was read, but whether anybody is told where it was not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import auditkit as ak
from auditkit.doubts import NoteKind
from auditkit.errors import AuditkitError
from auditkit.grid import Cell, plain
from auditkit.report import Entry, Report, is_empty
from auditkit.reviewing import read_bytes
from auditkit.wording import put
from grammar.design import Form
from grammar.facts import QUALITATIVE, TARGET, Facts
from grammar.laying import VALUE, Part, Stated, Table, lay_out, together
from grammar.setting import SETTERS

EXACT = "exact"
SAID = "doubted or said"
LACKING = "said to lack"  # a note says that the form has no such thing, and it has
REFUSED = "refused"
LOST = "lost in silence"
WRONG = "wrong and sure"
MADE_UP = "row or form made up"
UNACCOUNTED = "cell unaccounted"
UNNAMED = "head not named"
NEW_FAIL = "new FAIL"
LOST_FAIL = "FAIL lost"
ASKED = "FAIL asked instead"  # where what was understood by its words only may weaken it
KINDS = (EXACT, SAID, LACKING, REFUSED, LOST, WRONG, MADE_UP, UNACCOUNTED, UNNAMED)
KINDS += (NEW_FAIL, LOST_FAIL, ASKED)
GOOD = frozenset((EXACT, SAID, LACKING, REFUSED, ASKED))

REASON_FOR_CHANGE = "EX-07"
_ROW = re.compile(r"([bi])(\d+)\.(.+)")
_NUMBER = re.compile(r"[≥≤]?(-?\d[\d,]*(?:\.\d+)?)[^\d—]*")
_UNIT = re.compile(r"[亿万]?元")
# What a note says is not there, and which fields it speaks of.
LACKED = {
    "title": ("title",),
    "year": ("year",),
    "project_name": ("project",),
    "department": ("department", "implementer"),
    "unit_of_amounts": ("currency_unit",),
    "funding_table": ("b",),
    "indicator_table": ("i",),
    "goals": ("goals.",),
    "total_row": ("total.",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one thing: its path, what is printed, what was read, and how that is."""

    kind: str
    path: str
    printed: str = ""
    read: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: printed {self.printed!r}, read {self.read!r}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A form that was set and read: its cells, its report, those made up beside it, what fails.

    ``report`` is ``None`` where none was made of it; ``error`` says why the file was refused.
    """

    form: Form
    cells: tuple[Stated, ...]
    report: Report | None
    made_up: int = 0
    fails: frozenset[tuple[str, str]] = frozenset()
    asked: frozenset[tuple[str, str]] = frozenset()
    error: str = ""
    texts: Counter[str] = field(default_factory=Counter)
    beside: tuple[Outcome, ...] = ()

    @property
    def entries(self) -> dict[str, Entry | None]:
        """What was read, by the paths of what is printed."""
        return _readings(self.report, self.form.facts) if self.report else {}


def read(form: Form, kind: str = "html") -> Outcome:
    """Set a form as a file of a kind, read it, and put the rules to it."""
    sheets = together(form)
    texts = Counter(plain(c.text) for parts in sheets for c in _cells(parts) if c.kind == VALUE)
    del texts[""]
    others = [one for one in (form.before, form.after) if one]
    try:
        reports = read_bytes(SETTERS[kind](sheets), f"form.{kind}")
    except AuditkitError as error:
        return Outcome(form, _cells(lay_out(form)), None, error=str(error), texts=texts)
    report = _ours(reports, form, others)
    beside = []
    for other in others:
        its = next((r for r in reports if r is not report and _is_of(r, other)), None)
        beside.append(Outcome(other, _cells(lay_out(other)), its))
    taken = (report, *(one.report for one in beside))
    made_up = [one for one in reports if all(one is not other for other in taken)]
    found = _found([one for one in (report, *made_up) if one], form.facts)
    return Outcome(
        form,
        _cells(lay_out(form)),
        report,
        len(made_up),
        found["fail"],
        found["review"],
        texts=texts - Counter(plain(cell.text) for cell in _accounted(reports)) - _joined(reports),
        beside=tuple(beside),
    )


def _cells(parts: Sequence[Part]) -> tuple[Stated, ...]:
    return tuple(cell for part in parts if isinstance(part, Table) for cell in part.cells)


def _ours(reports: Sequence[Report], form: Form, others: Sequence[Form]) -> Report | None:
    """Return the report of a form: by its project, else the first that is of no other form."""
    named = (one for one in reports if _said(one.project) == plain(form.facts.head["project"]))
    rest = (one for one in reports if not any(_is_of(one, other) for other in others))
    return next(named, None) or next(rest, None)


def _is_of(report: Report, form: Form) -> bool:
    if form.facts.head["project"]:
        return _said(report.project) == plain(form.facts.head["project"])
    return not _said(report.project) and _said(report.title) == plain(form.facts.head["title"])


def _said(entry: Entry | None) -> str:
    return plain(entry.text) if entry else ""


def _found(reports: Sequence[Report], facts: Facts) -> dict[str, frozenset[tuple[str, str]]]:
    """Return of what rules say what, each about a row of indicators by the row's number.

    What a row is called, and the levels that it stands under, may not have been read.
    """
    found: dict[str, set[tuple[str, str]]] = {"fail": set(), "review": set()}
    for report in reports:
        rows = _paired([row["name"] for row in facts.indicators], report.indicators, "name")
        numbers = {row.path: f"indicator/{n}" for n, row in enumerate(rows) if row}
        review = ak.evaluate(ak.recompute(report), ak.Terms(log=ak.Terms.NO_LOG))
        for finding in review.findings:
            subject = finding.observation.subject
            own = next((path for path in numbers if f"{subject}/".startswith(f"{path}/")), "")
            subject = numbers.get(own, "") + subject.removeprefix(own)
            found.setdefault(finding.outcome, set()).add((finding.rule, subject))
    return {outcome: frozenset(some) for outcome, some in found.items()}


def _accounted(reports: Sequence[Report]) -> Iterator[Cell]:
    """Yield each cell once that is a value of an entry or said not to be understood."""
    seen: set[Any] = set()
    for report in reports:
        unplaced: tuple[Cell, ...] = getattr(report, "unplaced", ())
        for cell in (*(c for entry in report.entries() for c in entry.cells), *unplaced):
            if cell.place not in seen:
                seen.add(cell.place)
                yield cell


def _joined(reports: Sequence[Report]) -> Counter[str]:
    """Return the texts of cells that a page edge cut in two, which an entry has as one again."""
    found: Counter[str] = Counter()
    for entry in (entry for report in reports for entry in report.entries()):
        for above, below in pairwise(entry.cells):
            found[plain(above.text + below.text)] += below.row < above.row
    return found


def _readings(report: Report, facts: Facts) -> dict[str, Entry | None]:
    found: dict[str, Entry | None] = {name: getattr(report, name) for name in facts.head}
    found |= {f"goals.{name}": getattr(report.goals, name) for name in facts.goals}
    found |= {"total.points": report.total_points, "total.score": report.total_score}
    lines = _paired([row["label"] for row in facts.funds], report.budget_lines, "label")
    rows = _paired([row["name"] for row in facts.indicators], report.indicators, "name")
    for letter, printed, some in (("b", facts.funds, lines), ("i", facts.indicators, rows)):
        for number, (texts, part) in enumerate(zip(printed, some, strict=True)):
            for role in texts:
                found[f"{letter}{number}.{role}"] = getattr(part, role, None) if part else None
    return found


def _paired(names: Sequence[str], parts: Sequence[Any], name: str) -> list[Any]:
    """Return the part that was read for each printed row: by order, else by name."""
    if len(names) == len(parts):
        return list(parts)
    by_name: dict[str, Any] = {}
    for part in parts:
        by_name.setdefault(_said(getattr(part, name)), part)
    return [by_name.get(plain(one)) for one in names]


def judged(outcome: Outcome) -> list[Verdict]:
    """Say of each field, row and cell of a form, and of the one beside it, what became of it."""
    verdicts = _of_fields(outcome)
    for other in outcome.beside:
        of_other = [replace(one, path=f"beside/{one.path}") for one in _of_fields(other)]
        is_lost = other.report is None  # its cells are counted below
        verdicts += [Verdict(LOST, "beside/form")] if is_lost else of_other
    left = outcome.texts.copy()
    for one in verdicts:  # a field that was lost is not counted once more as a cell
        if one.kind == LOST:
            left[plain(one.printed)] -= 1
    if not outcome.error:
        for text, times in left.items():
            verdicts += [Verdict(UNACCOUNTED, "cell", text)] * times
    return verdicts


def _of_fields(outcome: Outcome) -> list[Verdict]:
    report, printed = outcome.report, _printed(outcome)
    if report is None:
        kind = REFUSED if outcome.error else LOST
        return [Verdict(kind, path, texts[0], outcome.error) for path, texts in printed.items()]
    entries, voice = outcome.entries, _Voice(report, outcome)
    verdicts = [voice.verdict(path, texts, entries.get(path)) for path, texts in printed.items()]
    for path, entry in entries.items():  # what was read where nothing is printed
        if path not in printed and entry and not is_empty(entry):
            verdicts.append(Verdict(WRONG if entry.is_sure else SAID, path, "", entry.text))
    return [*verdicts, *_made_up(outcome, report)]


def _printed(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    """Return the texts that may be read for each field that is printed, by its path."""
    facts = outcome.form.facts
    fields = dict(facts.fields())
    found = {name: (facts.head[name],) for name in ("title", "year", "currency_unit")}
    for cell in outcome.cells:
        if cell.path in fields and cell.path not in found:
            found[cell.path] = (fields[cell.path],)
    # The levels stand in one cell for several rows, and are stated of each of them.
    for number, row in enumerate(facts.indicators):
        found |= {f"i{number}.{level}": (row[level],) for level in ("dimension", "category")}
        if row["comparator"] == QUALITATIVE:  # a word beside the target that may belong to it
            path = f"i{number}.target"
            found[path] = (row["target"], row["comparator"] + row["target"])
    return {path: texts for path, texts in found.items() if texts[0] and "+" not in path}


def _made_up(outcome: Outcome, report: Report) -> Iterator[Verdict]:
    facts = outcome.form.facts
    yield from (Verdict(MADE_UP, "form") for _ in range(outcome.made_up))
    for kind, names, parts in (
        ("budget line", [row["label"] for row in facts.funds], report.budget_lines),
        ("indicator", [row["name"] for row in facts.indicators], report.indicators),
    ):
        known = {plain(name) for name in names}
        for part in parts[: None if len(parts) > len(names) else 0]:
            entry = part.label if kind == "budget line" else part.name
            if _said(entry) not in known:
                yield Verdict(MADE_UP, kind, "", _said(entry))


class _Voice:
    """What a report says of what it did not read."""

    def __init__(self, report: Report, outcome: Outcome) -> None:
        notes = (put(note, "en") for note in report.notes)
        unplaced: tuple[Cell, ...] = getattr(report, "unplaced", ())
        self.notes = plain(" ".join(notes))
        self.unplaced = {plain(cell.text) for cell in unplaced}
        self.lacks = [
            prefix
            for note in report.notes
            if note.kind is NoteKind.LACKS
            for prefix in LACKED.get(str(note["what"]), ())
        ]
        self.heads: dict[str, list[str]] = {}
        design = outcome.form.design
        for letter, some in (("b", design.funds), ("i", design.indicators)):
            for column in some:
                role = "target" if column.role in TARGET else column.role
                self.heads.setdefault(f"{letter}.{role}", []).append(column.head)

    def names(self, head: str) -> bool:
        """Tell whether a note, or what was not understood, has a head."""
        text = plain(head)
        return bool(text) and (text in self.notes or text in self.unplaced)

    def verdict(self, path: str, texts: tuple[str, ...], entry: Entry | None) -> Verdict:
        """Say what became of a field."""
        read = entry.text if entry else ""
        if entry and _agrees(path, texts, entry):
            return Verdict(EXACT, path, texts[0], read)
        if entry and plain(read) == plain(texts[0]):
            read += f" as {entry.reading.value}"
        # A target that lost its unit to another column is lost in part, not read wrongly.
        is_part = (
            path.endswith(".target") and bool(read) and plain(texts[0]).startswith(plain(read))
        )
        if entry and (plain(entry.text) or entry.doubts) and not is_part:
            return Verdict(WRONG if entry.is_sure else SAID, path, texts[0], read)
        row = _ROW.fullmatch(path)
        heads = self.heads.get(f"{row[1]}.{row[3]}", []) if row else []
        text = plain(texts[0])
        is_told = text in self.unplaced or (len(text) > 5 and text in self.notes)
        if is_told or any(self.names(head) for head in heads):
            return Verdict(SAID, path, texts[0], read)
        if any(path.startswith(prefix) for prefix in self.lacks):
            return Verdict(LACKING, path, texts[0], read)
        return Verdict(LOST, path, texts[0], read)


def _agrees(path: str, texts: tuple[str, ...], entry: Entry) -> bool:
    read = plain(entry.text)
    if path == "year":
        return str(entry.reading.value) == texts[0]
    if path == "currency_unit":
        units = _UNIT.findall(read)
        return units[-1:] == [texts[0]]
    if read not in {plain(text) for text in texts}:
        return False
    number = _NUMBER.fullmatch(texts[0]) if _ROW.fullmatch(path) else None
    if number is None:
        return True
    value = entry.reading.value
    return value is not None and value == Decimal(number[1].replace(",", ""))


def against_plain(outcome: Outcome, reference: Outcome) -> list[Verdict]:
    """Say which FAILs the layout adds to those of the plain form, and which it loses.

    A layout with a column of reasons answers what the plain form leaves open, and a change of the
    budget that it gives none for is no longer one that the form has no place for. A column of units
    answers of what unit a bare value is, which the plain form leaves open.
    """
    design = outcome.form.design
    answers = any(column.role == "+reasons" for column in design.funds)
    verdicts = _fails_changed(reference, outcome, keeps_fails=not answers, may_ask=True)
    has_units = any(column.role == "unit" for column in design.indicators)
    told = {" ".join(one) for one in reference.asked} if has_units else set()
    told |= {f"{REASON_FOR_CHANGE} budget/total"} if answers else set()
    return [one for one in verdicts if not (one.kind == NEW_FAIL and one.path in told)]


def _fails_changed(
    before: Outcome, after: Outcome, *, keeps_fails: bool, may_ask: bool
) -> list[Verdict]:
    added, lost = after.fails - before.fails, before.fails - after.fails
    verdicts = [Verdict(NEW_FAIL, f"{rule} {subject}") for rule, subject in sorted(added)]
    if keeps_fails and after.report is not None:
        for one in sorted(lost):
            is_asked = may_ask and one in after.asked
            verdicts.append(Verdict(ASKED if is_asked else LOST_FAIL, " ".join(one)))
    return verdicts


def compared(
    base: Outcome,
    changed: Outcome,
    *,
    head: str = "",
    keeps_fails: bool = True,
    may_ask: bool = False,
) -> list[Verdict]:
    """Say what a change did to the readings that were right before it, and to what fails.

    ``head`` is a head that a note must name; without ``keeps_fails`` a FAIL may go, and where it
    ``may_ask`` a question may take its place.
    """
    said = judged(base)
    before = {one.path: one.kind for one in said}
    verdicts = [
        one
        for one in judged(changed)
        if before.get(one.path, EXACT) == EXACT and one.kind not in (MADE_UP, UNACCOUNTED)
    ]
    for kind in (MADE_UP, UNACCOUNTED):
        fresh = Counter(one for one in judged(changed) if one.kind == kind)
        fresh -= Counter(one for one in said if one.kind == kind)
        verdicts += fresh.elements()
    if head and changed.report and plain(head) not in _Voice(changed.report, changed).notes:
        verdicts.append(Verdict(UNNAMED, "head", head))
    verdicts += _fails_changed(base, changed, keeps_fails=keeps_fails, may_ask=may_ask)
    return verdicts
