"""How decisions stand to what a run has found: pure functions over the events of a log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditkit.decisions.events import Act, Decision, Standing, is_same_answer, made_when
from auditkit.identity import is_witnessed, may_be_one, money, question_key
from auditkit.report import Report

Groups = Mapping[str, frozenset[str]]  # the forms that an auditor said are one, by each of them


def unreplaced(events: Iterable[Decision]) -> list[Decision]:
    """Return the events that no other replaces, the latest last; none that was withdrawn."""
    events = tuple(events)
    replaced = {one for event in events for one in event.replaces.split()}
    left = (event for event in events if event.identity not in replaced)
    return sorted((e for e in left if e.decision != Act.WITHDRAWN), key=made_when)


def joined(events: Iterable[Decision]) -> Groups:
    """Return the forms that are one by decisions of the kind ``forms``."""
    groups: dict[str, frozenset[str]] = {}
    for event in unreplaced(event for event in events if event.kind == "forms"):
        if event.decision == Act.SAME_FORM:
            pair = (event.form, event.value)
            whole = frozenset(pair).union(*(groups.get(form, ()) for form in pair))
            groups |= dict.fromkeys(whole, whole)
    return groups


def keys_of(question: Decision, groups: Groups) -> list[str]:
    """Return the key of a question, and those that it has on forms which are the same."""
    others = groups.get(question.form, frozenset()) - {question.form}
    keys = (question_key(form, question.rule, question.subject) for form in sorted(others))
    return [question.key, *keys]


def histories(
    events: Iterable[Decision], questions: Iterable[Decision], groups: Groups
) -> dict[str, tuple[Decision, ...]]:
    """Return the events about each of some questions, by its key, in the order of the log."""
    by_key = grouped(events, "key")
    found = {}
    for question in questions:
        made = (event for key in keys_of(question, groups) for event in by_key.get(key, ()))
        own = (event for event in made if not is_foreign(event, question))
        found[question.key] = tuple(sorted(own, key=lambda event: event.number))
    return found


def is_foreign(event: Decision, question: Decision) -> bool:
    """Tell whether a decision is about another form that only calls itself the same."""
    if event.form != question.form or event.document == question.document:
        return False
    is_alike = bool(event.content) and event.content == question.content
    return not is_alike and not is_witnessed(event.names, question.names)


def apart(events: Iterable[Decision]) -> list[list[Decision]]:
    """Part decisions about one question by the forms that only call themselves the same."""
    parts: list[list[Decision]] = []
    for event in events:
        own = next((part for part in parts if not is_foreign(event, part[0])), None)
        if own is None:
            parts.append([event])
        else:
            own.append(event)
    return parts


def standings(
    events: Sequence[Decision],
    questions: Sequence[Decision],
    groups: Groups,
    siblings: frozenset[str] = frozenset(),
) -> Iterator[tuple[Decision, Standing]]:
    """Yield the decisions that concern some questions, each with how it stands.

    One on a form that an auditor said is the same is yielded as about the form at hand. Where two
    files have a form, it is yielded once for each way in which it stands. ``siblings`` are the keys
    of all forms of the files, whose decisions are left out where nothing asks for them.
    """
    asked = {(question.key, question.document): question for question in questions}
    forms = {(question.form, question.document): question for question in questions}
    kinds = {question.kind for question in questions}
    for event in events:
        if questions and event.kind not in kinds:
            continue
        names = groups.get(event.form, frozenset({event.form}))
        here = [form for (name, _), form in forms.items() if name in names]
        yield from dict.fromkeys(_on(event, form, asked) for form in here)
        if here or event.form in siblings:
            continue
        if not questions or event.document in {form.document for form in forms.values()}:
            yield event, Standing.ORPHANED
        elif any(_may_be_on(event, form) for form in forms.values()):
            yield event, Standing.OFFERED


def _on(
    event: Decision, form: Decision, asked: Mapping[tuple[str, str], Decision]
) -> tuple[Decision, Standing]:
    """Return a decision as one about a form at hand, and how it stands."""
    if is_foreign(event, form):
        return event, Standing.OFFERED
    moved = _moved(event, form.form)
    return moved, _standing(moved, asked.get((moved.key, form.document)))


def _may_be_on(event: Decision, form: Decision) -> bool:
    """Tell whether a decision may be about a form that calls itself otherwise."""
    is_its_file = bool(event.file) and event.file == form.file
    return may_be_one(event.names, form.names, is_one_file=is_its_file)


def _moved(event: Decision, form: str) -> Decision:
    if event.form == form:
        return event
    return replace(event, form=form, key=question_key(form, event.rule, event.subject))


def _standing(event: Decision, now: Decision | None) -> Standing:
    if now is None:
        return Standing.ORPHANED
    if now.state == event.state:
        return Standing.CURRENT
    is_by_rule = event.kind == "finding" and is_same_answer(event, now)
    return Standing.RULE_CHANGED if is_by_rule else Standing.STALE


def concerns(events: Sequence[Decision], reports: Iterable[Report]) -> list[Decision]:
    """Return the events about some forms or about the documents that they stand in."""
    documents, forms, groups = set[str](), set[str](), joined(events)
    for report in reports:
        documents.add(report.document.sha256)
        forms |= groups.get(report.known_as.key, {report.known_as.key})
    made = (event for event in events if event.decision != Act.WRITTEN)
    return [e for e in made if e.document in documents or {e.form, e.value} & forms]


def last_by_mark(events: Sequence[Decision]) -> dict[str, str]:
    """Return the digest of the last event by each mark that leads from a form to its decisions."""
    found, groups = dict[str, str](), joined(events)
    for event in events:
        if event.decision == Act.WRITTEN:
            continue
        forms = (event.form, event.value) if event.kind == "forms" else (event.form,)
        names = frozenset(forms).union(*(groups.get(form, ()) for form in forms))
        marks = (event.document, event.file, money(event.names), *names)
        found |= dict.fromkeys(filter(None, marks), event.digest)
    return found


def marks_of(reports: Iterable[Report]) -> tuple[str, ...]:
    """Return the marks of some forms by which decisions may be about them; see ``last_by_mark``."""
    known = [report.known_as for report in reports]
    marks = (mark for form in known for mark in (form.key, money(form.said)))
    return tuple(dict.fromkeys(filter(None, marks)))


def grouped(events: Iterable[Decision], field: str) -> dict[str, list[Decision]]:
    """Return events by one of their fields."""
    groups: dict[str, list[Decision]] = defaultdict(list)
    for event in events:
        groups[getattr(event, field)].append(event)
    return groups
