"""Two reviews side by side: last year's form and this year's, or before and after a correction."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from auditkit.contract import Json, entry_json, fields_json
from auditkit.decisions.events import Decision, Standing, decided_of
from auditkit.decisions.log import Log
from auditkit.findings import Finding, Outcome
from auditkit.forms.entries import numbered
from auditkit.numbers import Status
from auditkit.report import AMOUNTS, Entry, Indicator, Report, words_of
from auditkit.reviewing import Review, Terms, review
from auditkit.schedules import Schedule, asked_about, text_of, visible
from auditkit.wording import LANGUAGES, put, terms

_Thing = TypeVar("_Thing")
_ALIKE = 0.6  # of the characters of two names, from where on they can mean the same thing
_ASKED = (Outcome.FAIL, Outcome.REVIEW)


class Aspect(StrEnum):
    """What of a form differs."""

    FORM = "form"
    FIGURE = "figure"
    WORDS = "words"
    INDICATOR = "indicator"
    FINDING = "finding"
    DECISION = "decision"


class Changed(StrEnum):
    """How it differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two forms do not have alike; ``None`` stands for what one does not have.

    ``subject`` is a path, ``rule`` the one that a finding or decision is of. ``difference`` is new
    less old with its unit, amounts of money in 元.
    """

    part: Aspect
    how: Changed
    subject: str
    before: Entry | str | None = None
    after: Entry | str | None = None
    difference: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two forms of one project and how they differ; one of them may have no counterpart."""

    before: Review | None
    after: Review | None
    changes: tuple[Change, ...]

    @property
    def project(self) -> str:
        """The name of the project, as the later form has it."""
        forms = [side.report for side in (self.after, self.before) if side]
        return next((form.project.text for form in forms if form.project), "")

    @property
    def lang(self) -> str:
        """The language of the later form's review."""
        return next(side.lang for side in (self.after, self.before) if side)


Side = str | Path | Sequence[Review]


def compare(old: Side, new: Side, terms: Terms | None = None) -> tuple[Pair, ...]:
    """Compare the forms of two files, or reviews made before, form by form.

    Forms of one project are paired by its name, or the most similar one, the year in it left out.
    The decisions compared are those of the log of the terms. Raises what reviewing the files
    raises.
    """
    terms = terms or Terms()
    olds, news = (_reviews(side, terms) for side in (old, new))
    alone = len(olds) == len(news) == 1
    pairs = [(olds[0], news[0])] if alone else matched(olds, news, _project)
    log = Log(terms.log)
    return tuple(Pair(a, b, tuple(_changes(a, b, log))) for a, b in pairs)


def _decided(log: Log, review: Review) -> dict[str, Decision]:
    """Return what stands decided about the findings of a form, by their keys."""
    some = log.standing(review.findings) if log.is_there else ()
    return {event.key: event for event, standing in some if standing is not Standing.OFFERED}


def _reviews(side: Side, terms: Terms) -> Sequence[Review]:
    return review(side, terms) if isinstance(side, str | Path) else side


def matched(
    olds: Sequence[_Thing], news: Sequence[_Thing], *names: Callable[[_Thing], str]
) -> list[tuple[_Thing | None, _Thing | None]]:
    """Pair things of the same name, by each of ``names`` in turn, then those of the most similar.

    The order is that of the new ones; old ones without a counterpart come last.
    """
    pairs: dict[int, int] = {}

    def take(name: Callable[[_Thing], str], likeness: Callable[[str, str], float]) -> None:
        free = [(o, name(old)) for o, old in enumerate(olds) if o not in pairs.values()]
        new = [(n, name(new)) for n, new in enumerate(news) if n not in pairs]
        scores = {(n, o): likeness(a, b) for n, b in new for o, a in free if a and b}
        for n, o in sorted(scores, key=lambda pair: -scores[pair]):
            if scores[n, o] >= _ALIKE and n not in pairs and o not in pairs.values():
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


def _changes(before: Review | None, after: Review | None, log: Log) -> Iterator[Change]:
    if before is None or after is None:
        old, new = (each.report.project if each else None for each in (before, after))
        yield Change(Aspect.FORM, _how(before, after), "form", old, new)
        return
    moved: dict[str, str] = {}
    rows = before.report.indicators, after.report.indicators
    for a, b in matched(*rows, attrgetter("path"), _name):
        if a and b:
            moved[a.path] = b.path
        names = [each.name if each else None for each in (a, b)]
        if (row := b or a) and not (a and b and _name(a) == _name(b)):
            how = Changed.RENAMED if a and b else _how(a, b)
            yield Change(Aspect.INDICATOR, how, row.path, names[0], names[1])
    kept = {path: path for path in moved.values()}
    yield from _cells(_flat(before.report, moved), _flat(after.report, kept))
    yield from _answers(before, after, moved, log)


def _how(before: object, after: object) -> Changed:
    if not before:
        return Changed.ADDED
    return Changed.CHANGED if after else Changed.REMOVED


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
            part = Aspect.FIGURE if old or new else Aspect.WORDS
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


def _answers(before: Review, after: Review, moved: Mapping[str, str], log: Log) -> Iterator[Change]:
    """Yield findings that are new, gone or changed, and decisions that are not the same."""
    old, new = _by_subject(before, moved), _by_subject(after, {})
    made = _decided(log, before), _decided(log, after)
    for rule, subject in {**new, **old}:
        lang, whole = after.lang, (rule, "form")
        pair = [some.get((rule, subject), some.get(whole)) for some in (old, new)]
        seen = [
            (f.outcome, f.observation.reported, f.observation.expected) if f else () for f in pair
        ]
        asked = [bool(f and not f.suppressed and f.outcome in _ASKED) for f in pair]
        if any(asked) and seen[0] != seen[1]:
            said = [f"{put(f.outcome, lang)}: {f.message(lang)}" if f else None for f in pair]
            yield Change(Aspect.FINDING, _how(*asked), subject, said[0], said[1], rule=rule)
        events = [side.get(f.key) if f else None for f, side in zip(pair, made, strict=True)]
        told = [
            f"{put(decided_of(e)[0], lang)}: {e.note} ({e.auditor})" if e else None for e in events
        ]
        masks = zip((before.redaction, after.redaction), told, strict=True)
        told = [mask.masked(text) if text and mask else text for mask, text in masks]
        if told[0] != told[1]:
            yield Change(Aspect.DECISION, _how(*told), subject, told[0], told[1], rule=rule)


def _by_subject(review: Review, moved: Mapping[str, str]) -> dict[tuple[str, str], Finding]:
    """Return findings by rule and subject, as the later form has it."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    return {
        (f.rule, numbered(_now(f.observation.subject, moved), seen[f.rule])): f
        for f in review.findings
    }


def changes(some: Iterable[Pair]) -> Schedule:
    """Return how forms differ, a row a change, the later form's project in front."""
    rows = [
        (
            visible(c.project),
            change.part,
            change.how,
            asked_about(change.rule, change.subject),
            *sides,
            change.difference,
        )
        for c in some
        for change in c.changes
        for sides in [tuple(visible(text_of(side)) for side in (change.before, change.after))]
    ]
    heads = terms("project", "part", "change", "about", "before", "after", "difference")
    return heads, rows


def comparison_json(comparison: Pair) -> Json:
    """Return how two forms differ; a side without a counterpart is ``None``."""
    sides = {"before": comparison.before, "after": comparison.after}
    lang = next((review.lang for review in sides.values() if review), LANGUAGES[0])
    forms = {
        side: review
        and {**fields_json(review.document, "name", "sha256"), "place": str(review.report.place)}
        for side, review in sides.items()
    }
    changes = [
        {
            **fields_json(change, "part", "how"),
            "subject": f"{change.rule} {change.subject}".strip(),
            "before": _side(change.before, lang),
            "after": _side(change.after, lang),
            "difference": change.difference,
        }
        for change in comparison.changes
    ]
    return {"project": comparison.project, **forms, "changes": changes}


def _side(side: Entry | str | None, lang: str) -> Json | str | None:
    return side if isinstance(side, str) else entry_json(side, lang)
