"""What can be decided, of what, and how a decision stands to what a run has found.

A decision is about a question of a form: ``key`` says which, ``form`` which form (see
``auditkit.identity``), ``state`` what the answer was. The document that it was made on is kept
beside, as evidence of what was seen, and is no part of the question.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Protocol

from auditkit.doubts import NoteKind
from auditkit.errors import EntryError
from auditkit.files import short_digest
from auditkit.findings import Finding, Outcome
from auditkit.grid import How
from auditkit.identity import question_key, same, same_reading
from auditkit.report import Entry, Report
from auditkit.wording import Fact, LabelPath, Statement, Term, put


class Act(StrEnum):
    """What an auditor makes of a finding, of a form, of two, or of an entry.

    An entry is ``corrected``, or ``right as read``, which ends what was doubted of it.
    """

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"
    NEEDS_EVIDENCE = "needs evidence"
    CORRECTED = "corrected"
    AS_READ = "right as read"
    SIGNED = "signed"
    REOPENED = "reopened"
    WRITTEN = "written"  # by auditkit: papers of a signed review, whose manifest has the value
    SAME_FORM = "same form as"
    OTHER_FORM = "another form than"
    WITHDRAWN = "withdrawn"  # of a finding or entry: it is as if nothing had been decided


MOST = 40  # texts that an answer rests on are kept, since a cell of a workbook has to hold them
LONGEST = 60  # characters of each
SIGNATURES = ("prepared", "reviewed")
DECISIONS = {
    "finding": (*tuple(Act)[:4], Act.WITHDRAWN),
    "entry": (Act.CORRECTED, Act.AS_READ, Act.DISMISSED, Act.WITHDRAWN),
    "form": (Act.SIGNED, Act.REOPENED),
    "forms": (Act.SAME_FORM, Act.OTHER_FORM),
}


class Standing(StrEnum):
    """How a decision stands to what a run has found.

    ``OFFERED`` is one on a form that may be the same and does not say so: a person has to tell.
    """

    CURRENT = "current"
    RULE_CHANGED = "the rule has changed since"
    STALE = "stale"
    ORPHANED = "orphaned"
    OFFERED = "offered"


class Answer(StrEnum):
    """What a run had found when something was decided of it."""

    FOUND = "found"  # facts: outcome, reported, expected
    ANSWERS = "answers"  # facts: answers
    ANSWERS_OPEN = "answers open"  # facts: answers, open


class Missing(StrEnum):
    """What a form does not have."""

    ENTRY = "entry"  # facts: path, like
    ENTRY_LIKE = "entry like"  # facts: the same
    ADVICE = "advice"


class Signable(Protocol):
    """What a signature stands below: a form and all that was found on it, such as a review."""

    @property
    def report(self) -> Report:
        """The form."""
        ...

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """One event, or, as long as nothing is decided, what a decision can be about.

    ``kind`` is ``finding``, ``entry``, ``form`` or ``forms``, ``key`` tells which one; ``form`` is
    the key of the form's identity, ``subject`` a path. ``document`` is the digest of the file that
    it was made on and ``file`` what that was called; ``names`` is what the form said of itself
    there and ``content`` the digest of all that it said. ``answer`` holds what ``state`` is the
    digest of: the text of an entry, else facts as JSON, which ``answer_of`` makes ready for words.
    ``value`` is a corrected text, ``prepared`` or ``reviewed``, or the other of two forms.
    ``replaces`` holds the identities of the events that it takes the place of, ``origin`` that of
    the event in the log that it was imported from.
    """

    kind: str
    key: str
    document: str = ""
    form: str = ""
    rule: str = ""
    subject: str = ""
    state: str = ""
    answer: str = ""
    file: str = ""
    names: str = ""
    content: str = ""
    decision: str = ""
    value: str = ""
    note: str = ""
    auditor: str = ""
    made_at: str = ""
    evidence: str = ""
    evidence_sha256: str = ""
    replaces: str = ""
    origin: str = ""
    number: int = 0
    previous: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        texts = [getattr(self, field.name) for field in fields(self) if field.name != "number"]
        if not all(isinstance(text, str) and "\0" not in text for text in texts):
            raise ValueError("an event holds texts, and none of them the character zero")

    @property
    def identity(self) -> str:
        """What the event is called in every log that it was merged into."""
        return self.origin or self.digest


# What a question is known by besides its key and state: kept beside papers, to be decided there.
ABOUT = ("document", "form", "rule", "subject", "answer", "file", "names", "content")


def about(thing: Finding | Decision) -> Decision:
    """Say what a decision about a finding is about."""
    if isinstance(thing, Decision):
        return thing
    seen, form = thing.observation, thing.identity
    figures = {"reported": _kept(seen.reported), "expected": _kept(seen.expected)}
    told = {entry.path: entry.text[:LONGEST] for entry in seen.evidence[:MOST]}
    whole = short_digest(*sorted({f"{e.path}={same_reading(e.reading)}" for e in seen.evidence}))
    rests = {"rests": told, "on": whole}
    return Decision(
        "finding",
        thing.key,
        thing.document.sha256,
        form.key,
        thing.rule,
        seen.subject,
        thing.state,
        _facts({"outcome": seen.outcome, **figures, **rests}),
        thing.document.name,
        form.said,
        form.content,
    )


def about_entry(report: Report, path: str) -> Decision:
    """Say what a decision on a reading is about; raises EntryError where there is no such entry.

    The path may be as it is shown in Chinese, such as 资金/合计/得分. What is corrected is what
    was read of the file, also where the form has an earlier correction in its place.
    """
    shown = {put(LabelPath(e.path), "zh"): e for e in report.entries()}
    known = {**shown, **{e.path: e for e in report.entries()}}
    if path not in known:
        like = get_close_matches(path, known, n=3, cutoff=0.3)
        kind = Missing.ENTRY_LIKE if like else Missing.ENTRY
        said = Statement.of(kind, path=path, like=", ".join(like))
        advice = Statement.of(Missing.ADVICE)
        raise EntryError(said, name=report.document.name, advice=advice)
    return about_entries(report, [known[path]])[0]


def about_entries(report: Report, entries: Iterable[Entry]) -> list[Decision]:
    """Say what decisions on the readings of some entries of a form are about."""
    report = replace(report, read_as=report.known_as)  # which is worked out once
    made = (dict(note.facts) for note in report.notes if note.kind is NoteKind.CORRECTED)
    before = {str(facts["path"]): str(facts["before"]) for facts in made}
    texts = [(entry.path, before.get(entry.path, entry.text)) for entry in entries]
    return [_about(report, "entry", path, text, same(text)) for path, text in texts]


def about_form(report: Report, findings: Iterable[Finding]) -> Decision:
    """Say what a signature is about: all that the form says, and all that was found on it."""
    states = sorted(f"{finding.key}:{finding.state}" for finding in findings)
    by_hand = {How.CORRECTED: "", How.AS_READ: f" {How.AS_READ}"}
    some = (entry for entry in report.entries() if entry.how in by_hand)
    read = sorted(f"{entry.path}{by_hand[entry.how]}" for entry in some)
    answer = _facts({"answers": len(states)})
    return _about(report, "form", "form", answer, report.known_as.content, *read, *states)


def about_forms(one: str, other: str) -> Decision:
    """Say what it is about whether two forms, by their keys, are one."""
    one, other = sorted((one, other))
    return Decision("forms", short_digest("forms", one, other), form=one, value=other)


def _about(report: Report, kind: str, path: str, answer: str, *states: str) -> Decision:
    known, document = report.known_as, report.document
    key, state = question_key(known.key, "", path), short_digest(*states)
    said = (document.name, known.said, known.content)
    return Decision(kind, key, document.sha256, known.key, "", path, state, answer, *said)


def _facts(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _kept(figure: Fact) -> object:
    """Return a figure as JSON holds it: a word of auditkit's own by its key, any other as it is."""
    if isinstance(figure, tuple):
        return [_kept(part) for part in figure]
    return {"term": figure} if isinstance(figure, Term) else str(figure)


def answer_of(event: Decision) -> Fact:
    """Return what the answer was, to be put into words; that of an older log is said as it is."""
    match _facts_of(event):
        case {"outcome": outcome, "reported": reported, "expected": expected}:
            told = {"reported": _told(reported), "expected": _told(expected)}
            return Statement.of(Answer.FOUND, outcome=_member(Outcome, outcome), **told)
        case {"answers": int(count), "open": int(left)}:
            return Statement.of(Answer.ANSWERS_OPEN, answers=count, open=left)
        case {"answers": int(count)}:
            return Statement.of(Answer.ANSWERS, answers=count)
    return event.answer


def left_open(event: Decision) -> tuple[int, int]:
    """Return how many findings were undecided, and asked for evidence, when a form was signed."""
    match _facts_of(event):
        case {"open": int(undecided), "asking": int(asking)}:
            return undecided, asking
    return 0, 0


def signed_with(form: Decision, undecided: int, asking: int) -> Decision:
    """Return what a signature is about, with what it leaves open, if anything."""
    facts = _facts_of(form)
    if not (undecided or asking) or not isinstance(facts, dict):
        return form
    return replace(form, answer=_facts({**facts, "open": undecided, "asking": asking}))


def is_of_one_content(event: Decision, other: Decision) -> bool:
    """Tell whether two events are about forms that say the same."""
    is_one_file = event.document == other.document
    return is_one_file or (bool(event.content) and event.content == other.content)


def wall_time(now: datetime | None = None) -> str:
    """Return a moment as the clock on the wall shows it, with its offset, by default this one."""
    return (now or datetime.now(UTC)).astimezone().isoformat(timespec="seconds")


def made_when(event: Decision) -> datetime:
    """Return when an event was made; what an older or another log wrote may tell no time."""
    try:
        when = datetime.fromisoformat(event.made_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def differences(then: Decision, now: Decision) -> tuple[tuple[str, str, str], ...]:
    """Return of what an answer rested on the paths that say another thing now: then, and now."""
    if then.kind == "entry":
        return ((then.subject, then.answer, now.answer),) if then.state != now.state else ()
    before, after = (_rests(_facts_of(event)) for event in (then, now))
    paths = dict.fromkeys((*before, *after))
    sides = ((path, before.get(path, ""), after.get(path, "")) for path in paths)
    return tuple(side for side in sides if same(side[1]) != same(side[2]))


def is_same_answer(then: Decision, now: Decision) -> bool:
    """Tell whether two answers say the same, of the same figures."""
    one, other = (_facts_of(event) for event in (then, now))
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return then.answer == now.answer
    said = [{k: v for k, v in facts.items() if k != "rests"} for facts in (one, other)]
    return said[0] == said[1]


def _facts_of(event: Decision) -> object:
    try:
        return json.loads(event.answer) if event.kind in ("finding", "form") else None
    except ValueError:
        return None


def _rests(facts: object) -> Mapping[str, str]:
    return facts.get("rests", {}) if isinstance(facts, dict) else {}


def _told(figure: object) -> Fact:
    match figure:
        case {"term": str(key)}:
            return Term(key)
        case list(parts):
            return tuple(_told(part) for part in parts)
    return str(figure) or "-"


def decided_of(event: Decision) -> tuple[str, str]:
    """Return the decision and the value beside it, to be put into words."""
    decision, value = _member(Act, event.decision), event.value
    is_signature = decision is Act.SIGNED and value in SIGNATURES
    return decision, Term(value) if is_signature else value


def _member(kind: type[StrEnum], text: str) -> str:
    """Return the member of a kind that a text is the value of, else the text as it is."""
    return next((member for member in kind if member == text), text)
