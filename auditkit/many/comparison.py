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

from auditkit.contract import Json, entry_json, fields_json
from auditkit.decisions.log import Annotation, Log, corrected
from auditkit.findings import Finding, Outcome
from auditkit.forms.entries import numbered
from auditkit.numbers import Status
from auditkit.report import AMOUNTS, Entry, Indicator, Report, words_of
from auditkit.reviewing import Review, Terms, read, review_reports
from auditkit.schedules import Table, text_of, visible
from auditkit.wording import word

Thing = TypeVar("Thing")
ALIKE = 0.6  # of the characters of two names, from where on they can mean the same thing
_ASKED = (Outcome.FAIL, Outcome.REVIEW)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two forms do not have alike; ``None`` stands for what one does not have.

    ``part`` is form, figure, words, indicator, finding or decision, ``how`` is added, removed,
    renamed or changed. ``difference`` is new less old with its unit, amounts of money in 元.
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
        forms = [side.report for side in (self.after, self.before) if side]
        return next((form.project.text for form in forms if form.project), "")


Side = str | Path | Sequence[Review]


def compare(
    old: Side, new: Side, *, log: Log | None = None, **terms: Unpack[Terms]
) -> tuple[Comparison, ...]:
    """Compare the forms of two files, or reviews made before, form by form.

    Forms of one project are paired by its name, or the most similar one, the year in it left out.
    ``log`` holds the decisions to compare, and corrected readings of files. Raises what reviewing
    the files raises.
    """
    olds, news = (_reviews(side, log, terms) for side in (old, new))
    alone = len(olds) == len(news) == 1
    pairs = [(olds[0], news[0])] if alone else matched(olds, news, _project)
    made = {event.key: event for event in log.decisions(kind="finding")} if log else {}
    return tuple(Comparison(a, b, tuple(_changes(a, b, made))) for a, b in pairs)


def _reviews(side: Side, log: Log | None, terms: Terms) -> Sequence[Review]:
    if not isinstance(side, (str, Path)):
        return side
    reports = read(side)
    return review_reports([corrected(r, log) for r in reports] if log else reports, **terms)


def matched(
    olds: Sequence[Thing], news: Sequence[Thing], *names: Callable[[Thing], str]
) -> list[tuple[Thing | None, Thing | None]]:
    """Pair things of the same name, by each of ``names`` in turn, then those of the most similar.

    The order is that of the new ones; old ones without a counterpart come last.
    """
    pairs: dict[int, int] = {}

    def take(name: Callable[[Thing], str], likeness: Callable[[str, str], float]) -> None:
        free = [(o, name(old)) for o, old in enumerate(olds) if o not in pairs.values()]
        new = [(n, name(new)) for n, new in enumerate(news) if n not in pairs]
        scores = {(n, o): likeness(a, b) for n, b in new for o, a in free if a and b}
        for n, o in sorted(scores, key=lambda pair: -scores[pair]):
            if scores[n, o] >= ALIKE and n not in pairs and o not in pairs.values():
                pairs[n] = o

    for name in names:
        take(name, str.__eq__)
    take(names[-1], lambda a, b: SequenceMatcher(None, a, b, autojunk=False).ratio())
    kept = [(olds[pairs[n]] if n in pairs else None, new) for n, new in enumerate(news)]
    return [*kept, *((old, None) for o, old in enumerate(olds) if o not in pairs.values())]


def _project(review: Review) -> str:
    return re.sub(r"\d+年度?", "", words_of(review.report.project))


def _name(row: Indicator) -> str:
    return words_of(row.name)


def _changes(
    before: Review | None, after: Review | None, made: Mapping[str, Annotation]
) -> Iterator[Change]:
    if before is None or after is None:
        old, new = (each.report.project if each else None for each in (before, after))
        yield Change("form", _how(before, after), "form", old, new)
        return
    moved: dict[str, str] = {}
    rows = before.report.indicators, after.report.indicators
    for a, b in matched(*rows, attrgetter("path"), _name):
        if a and b:
            moved[a.path] = b.path
        names = [each.name if each else None for each in (a, b)]
        if (row := b or a) and not (a and b and _name(a) == _name(b)):
            how = "renamed" if a and b else _how(a, b)
            yield Change("indicator", how, row.path, names[0], names[1])
    kept = {path: path for path in moved.values()}
    yield from _cells(_flat(before.report, moved), _flat(after.report, kept))
    yield from _answers(before, after, moved, made)


def _how(before: object, after: object) -> str:
    return "added" if not before else "changed" if after else "removed"


def _now(path: str, moved: Mapping[str, str]) -> str:
    """Return a path as the later form has it, in which indicators may have ``moved``."""
    row = max((old for old in moved if f"{path}/".startswith(f"{old}/")), key=len, default="")
    return f"{moved.get(row, '')}{path.removeprefix(row)}"


def _flat(form: Report, moved: Mapping[str, str]) -> dict[str, tuple[Entry, str]]:
    """Return the entries by their paths, with the unit of amounts; only of rows in both forms."""
    seen, unit = Counter[str](), form.currency_unit.text if form.currency_unit else ""
    rows = tuple(replace(row, name=None) for row in form.indicators if row.path in moved)
    entries = replace(form, indicators=rows).entries()
    return {numbered(_now(one.path, moved), seen): (one, unit) for one in entries}


def _cells(
    olds: Mapping[str, tuple[Entry, str]], news: Mapping[str, tuple[Entry, str]]
) -> Iterator[Change]:
    nothing = None, ""
    for path in {**news, **olds}:
        (before, unit), (after, other) = olds.get(path, nothing), news.get(path, nothing)
        texts = _text(before), _text(after)
        old, new = _value(before, unit, path), _value(after, other, path)
        more = ""
        if old and new and old[2] == new[2]:
            is_same, more = old == new, f"{(new[1] - old[1]).normalize():+f}{new[2]}"
        else:
            is_same = texts[0] == texts[1]
        if not is_same:
            part = "figure" if old or new else "words"
            yield Change(part, _how(*texts), path, before, after, more)


def _text(entry: Entry | None) -> str:
    """Return the text of an entry for comparing; a dash says no more than a blank does."""
    return "" if entry and entry.reading.status is Status.DASH else words_of(entry)


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
    for subject in {**new, **old}:
        form, lang = f"{subject.split()[0]} form", after.lang
        pair = [some.get(subject, some.get(form)) for some in (old, new)]
        seen = [
            (f.outcome, f.observation.reported, f.observation.expected) if f else () for f in pair
        ]
        asked = [bool(f and not f.suppressed and f.outcome in _ASKED) for f in pair]
        if any(asked) and seen[0] != seen[1]:
            said = [f"{word(f.outcome, lang)}: {f.message(lang)}" if f else None for f in pair]
            yield Change("finding", _how(*asked), subject, said[0], said[1])
        events = [made.get(f.key) if f else None for f in pair]
        told = [f"{word(e.decision, lang)}: {e.note} ({e.auditor})" if e else None for e in events]
        masks = zip((before.redaction, after.redaction), told, strict=True)
        told = [mask.masked(text) if text and mask else text for mask, text in masks]
        if told[0] != told[1]:
            yield Change("decision", _how(*told), subject, told[0], told[1])


def _by_subject(review: Review, moved: Mapping[str, str]) -> dict[str, Finding]:
    """Return findings by rule and subject, as the later form has it."""
    seen, found = Counter[str](), review.findings
    return {numbered(f"{f.rule} {_now(f.observation.subject, moved)}", seen): f for f in found}


def changes(some: Iterable[Comparison]) -> Table:
    """Return how forms differ, a row a change, the later form's project in front."""
    rows = [
        (
            visible(c.project),
            change.part,
            change.how,
            visible(change.subject),
            *sides,
            change.difference,
        )
        for c in some
        for change in c.changes
        for sides in [tuple(visible(text_of(side)) for side in (change.before, change.after))]
    ]
    return ("project", "part", "change", "about", "before", "after", "difference"), rows


def comparison_json(comparison: Comparison) -> Json:
    """Return how two forms differ; a side without a counterpart is ``None``."""
    sides = {"before": comparison.before, "after": comparison.after}
    forms = {
        side: review
        and {**fields_json(review.document, "name", "sha256"), "place": review.report.place}
        for side, review in sides.items()
    }
    changes = [
        {
            **fields_json(change, "part", "how", "subject"),
            "before": _side(change.before),
            "after": _side(change.after),
            "difference": change.difference,
        }
        for change in comparison.changes
    ]
    return {"project": comparison.project, **forms, "changes": changes}


def _side(side: Entry | str | None) -> Json | str | None:
    return side if isinstance(side, str) else entry_json(side)
