"""Two reviews side by side: last year's form and this year's, or before and after a correction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import SequenceMatcher
from operator import attrgetter
from pathlib import Path
from typing import TypeVar, Unpack

from auditkit.annotations import Annotation, Log
from auditkit.findings import Finding, Outcome
from auditkit.forms.entries import numbered
from auditkit.grid import plain
from auditkit.numbers import Status
from auditkit.recompute import AMOUNTS
from auditkit.report import Entry, Indicator, entries_of
from auditkit.reviewing import Review, Terms, review

Thing = TypeVar("Thing")
ALIKE = 0.6  # of the characters of two names, from where on they can mean the same thing
_ASKED = (Outcome.FAIL, Outcome.REVIEW)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two forms do not have alike; ``None`` stands for what one does not have.

    ``part`` is form, figure, words, indicator, finding or decision, ``how`` is added, removed,
    renamed or changed. ``difference`` is new less old with its unit, amounts in one unit.
    """

    part: str
    how: str
    subject: str
    before: Entry | str | None = None
    after: Entry | str | None = None
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two forms of one project and how they differ; one of them may have no counterpart."""

    before: Review | None
    after: Review | None
    changes: tuple[Change, ...]

    @property
    def project(self) -> str:
        """The name of the project, as the later form has it."""
        return next((name for r in (self.after, self.before) if r and (name := _project(r))), "")


Side = str | Path | Sequence[Review]


def compare(
    old: Side, new: Side, *, log: Log | None = None, **terms: Unpack[Terms]
) -> tuple[Comparison, ...]:
    """Compare the forms of two files, or reviews made before, form by form.

    Forms of one project are paired by its name, or the most similar one, the year in it left out.
    ``log`` holds the decisions to compare. Raises what reviewing the files raises.
    """
    olds, news = (
        review(side, **terms) if isinstance(side, (str, Path)) else tuple(side)
        for side in (old, new)
    )
    alone = len(olds) == len(news) == 1
    pairs = [(olds[0], news[0])] if alone else matched(olds, news, _project)
    made = {event.key: event for event in log.decisions(kind="finding")} if log else {}
    return tuple(Comparison(a, b, tuple(_changes(a, b, made))) for a, b in pairs)


def matched(
    olds: Sequence[Thing], news: Sequence[Thing], *names: Callable[[Thing], str]
) -> list[tuple[Thing | None, Thing | None]]:
    """Pair things of the same name, by each of ``names`` in turn, then those of the most similar.

    The order is that of the new ones; old ones without a counterpart come last.
    """
    pairs: dict[int, int] = {}

    def take(likeness: Callable[[Thing, Thing], float]) -> None:
        free = [o for o in range(len(olds)) if o not in pairs.values()]
        new = (n for n in range(len(news)) if n not in pairs)
        scores = {(n, o): likeness(olds[o], news[n]) for n in new for o in free}
        for n, o in sorted(scores, key=lambda pair: -scores[pair]):
            if scores[n, o] >= ALIKE and n not in pairs and o not in pairs.values():
                pairs[n] = o

    for name in names:
        take(lambda old, new, name=name: float(name(old) == name(new) != ""))  # type: ignore[misc]
    take(lambda old, new: _likeness(names[-1](old), names[-1](new)))
    kept = [(olds[pairs[n]] if n in pairs else None, new) for n, new in enumerate(news)]
    return [*kept, *((old, None) for o, old in enumerate(olds) if o not in pairs.values())]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _project(of: Review) -> str:
    return re.sub(r"\d+年度?", "", plain(of.report.project.text)) if of.report.project else ""


def _name(row: Indicator) -> str:
    return plain(row.name.text) if row.name else ""


def _changes(
    before: Review | None, after: Review | None, made: Mapping[str, Annotation]
) -> Iterator[Change]:
    if before is None or after is None:
        old, new = (each.report.project if each else None for each in (before, after))
        yield Change("form", _how(before, after), "form", old, new)
        return
    forms = before.report, after.report
    units = [form.currency_unit.text if form.currency_unit else "" for form in forms]
    rest = [_by_path(replace(form, indicators=()).entries()) for form in forms]
    yield from _cells(rest[0], rest[1], units)
    moved: dict[str, str] = {}
    rows = before.report.indicators, after.report.indicators
    for a, b in matched(*rows, attrgetter("path"), _name):
        if a and b:
            moved[a.path] = b.path
            if _name(a) != _name(b):
                yield Change("indicator", "renamed", b.path, a.name, b.name)
            own = [_by_path(entries_of(replace(row, name=None)), row.path) for row in (a, b)]
            yield from _cells(own[0], own[1], units, b.path)
        elif row := a or b:
            old, new = (each.name if each else None for each in (a, b))
            yield Change("indicator", _how(a, b), row.path, old, new)
    yield from _answers(before, after, moved, made)


def _by_path(some: Iterable[Entry], above: str = "") -> dict[str, Entry]:
    """Return entries by their paths below another one."""
    seen: Counter[str] = Counter()
    return {numbered(one.path.removeprefix(above), seen): one for one in some}


def _cells(
    olds: Mapping[str, Entry], news: Mapping[str, Entry], units: Sequence[str], above: str = ""
) -> Iterator[Change]:
    for path in {**news, **olds}:
        before, after = olds.get(path), news.get(path)
        texts = _words(before), _words(after)
        old, new = _value(before, units[0], path), _value(after, units[1], path)
        less = old and new and old[2] == new[2] and (new[1] - old[1]).normalize()
        if (old != new) if isinstance(less, Decimal) else (texts[0] != texts[1]):
            more = f"{less:+f}{new[2]}" if new and isinstance(less, Decimal) else ""
            part = "figure" if old or new else "words"
            yield Change(part, _how(*texts), f"{above}{path}", before, after, more)


def _how(before: object, after: object) -> str:
    return "added" if not before else "changed" if after else "removed"


def _words(entry: Entry | None) -> str:
    """Return the text of an entry for comparing; a dash says no more than a blank does."""
    is_dash = entry is not None and entry.reading.status is Status.DASH
    return "" if entry is None or is_dash else plain(entry.text)


def _value(entry: Entry | None, unit: str, path: str) -> tuple[str, Decimal, str] | None:
    """Return comparator, number and unit of a figure; an amount has the unit of its form."""
    if entry is None or entry.reading.status is not Status.NUMBER:
        return None
    is_amount = path.startswith("budget/") and path.endswith(AMOUNTS)
    reading = entry.reading
    whole = replace(reading, unit=reading.unit or unit) if is_amount else reading
    return reading.comparator, *(whole.scaled() or (Decimal(0), ""))


def _answers(
    before: Review, after: Review, moved: Mapping[str, str], made: Mapping[str, Annotation]
) -> Iterator[Change]:
    """Yield findings that are new, gone or changed, and decisions that are not the same."""
    old, new = _by_subject(before, moved), _by_subject(after, {})
    for rule, subject in {**new, **old}:
        pair = [some.get((rule, subject), some.get((rule, "form"))) for some in (old, new)]
        seen = [
            (e.outcome, e.observation.reported, e.observation.expected) if e else () for e in pair
        ]
        asked = [bool(one and not one.suppressed and one.outcome in _ASKED) for one in pair]
        if any(asked) and seen[0] != seen[1]:
            said = [f"{e.outcome}: {e.message(after.lang)}" if e else None for e in pair]
            yield Change("finding", _how(*asked), f"{rule} {subject}", said[0], said[1])
        events = [made.get(one.key) if one else None for one in pair]
        told = [f"{e.decision}: {e.note} ({e.auditor})" if e else None for e in events]
        masks = zip((before.redaction, after.redaction), told, strict=True)
        told = [mask.masked(text) if text and mask else text for mask, text in masks]
        if told[0] != told[1]:
            yield Change("decision", _how(*told), f"{rule} {subject}", told[0], told[1])


def _by_subject(some: Review, moved: Mapping[str, str]) -> dict[tuple[str, str], Finding]:
    """Return findings by rule and subject, as ``moved`` names the indicators now."""
    found, seen = {}, Counter[str]()
    for finding in some.findings:
        subject = finding.observation.subject
        row = max((p for p in moved if f"{subject}/".startswith(f"{p}/")), key=len, default="")
        where = f"{finding.rule} {moved.get(row, '')}{subject.removeprefix(row)}"
        rule, _, now = numbered(where, seen).partition(" ")
        found[rule, now] = finding
    return found
