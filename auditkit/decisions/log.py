"""What auditors decide: a log that is only ever added to.

One event a decision, about a finding, an entry of a form or a form as a whole. The ``key`` of what
it is about says which question was decided, the ``state`` what the answer was then: after a new
run a decision is current, its rule or the answer has changed, or the question is gone, and none is
ever dropped. Each event holds the digest of the one before it (see ``auditkit.decisions.ledger``).
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from auditkit.doubts import NoteKind
from auditkit.errors import LogError, SignedError
from auditkit.files import digest_of, write_whole
from auditkit.findings import Finding, Outcome, short_digest
from auditkit.grid import plain
from auditkit.report import Report
from auditkit.wording import Fact, LabelPath, Statement, Term, put

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from auditkit.decisions.ledger import Ledger


class Act(StrEnum):
    """What an auditor makes of a finding, an entry (``corrected``), or a whole form."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"
    NEEDS_EVIDENCE = "needs evidence"
    CORRECTED = "corrected"
    SIGNED = "signed"
    REOPENED = "reopened"
    WRITTEN = "written"  # by auditkit: papers of a signed review, whose manifest has the value


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


SIGNATURES = ("prepared", "reviewed")
_DECISIONS = {
    "finding": tuple(Act)[:4],
    "entry": (Act.CORRECTED, Act.DISMISSED),
    "form": (Act.SIGNED, Act.REOPENED),
}


class Standing(StrEnum):
    """How a decision stands to what a run has found."""

    CURRENT = "current"
    RULE_CHANGED = "the rule has changed since"
    STALE = "stale"
    ORPHANED = "orphaned"


class Answer(StrEnum):
    """What a run had found when something was decided of it."""

    FOUND = "found"  # facts: outcome, reported, expected
    ANSWERS = "answers"  # facts: answers


@dataclass(frozen=True, slots=True)
class Decision:
    """One event, or, as long as nothing is decided, what a decision can be about.

    ``kind`` is ``finding``, ``entry`` or ``form``, ``key`` tells which one; ``document`` is the
    digest of the file, ``form`` that of the form in it, ``subject`` a path. ``answer`` holds what
    ``state`` is the digest of: the text of an entry, else facts as JSON, which ``answer_of`` makes
    ready for words. ``value`` is a corrected text, or ``prepared`` or
    ``reviewed``. ``replaces`` holds the identities of the events that it takes the place of,
    ``origin`` that of the event in the log that it was imported from.
    """

    kind: str
    key: str
    document: str = ""
    form: str = ""
    rule: str = ""
    subject: str = ""
    state: str = ""
    answer: str = ""
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


def about(thing: Finding | Decision) -> Decision:
    """Say what a decision about a finding is about."""
    if isinstance(thing, Decision):
        return thing
    seen, document = thing.observation, thing.document.sha256
    figures = {"reported": _kept(seen.reported), "expected": _kept(seen.expected)}
    answer = _facts({"outcome": seen.outcome, **figures})
    where = (document, _form(document, thing.project, thing.form), thing.rule, seen.subject)
    return Decision("finding", thing.key, *where, thing.state, answer)


def about_entry(report: Report, path: str) -> Decision:
    """Say what a corrected reading is about; raises KeyError where the form has no such entry.

    The path may be as it is shown in Chinese, such as 资金/合计/得分. What is corrected is what
    was read of the file, also where the form has an earlier correction in its place.
    """
    shown = {put(LabelPath(e.path), "zh"): e for e in report.entries()}
    entry = {**shown, **{e.path: e for e in report.entries()}}[path]
    text = _read_before(report).get(entry.path, entry.text)
    return _about(report, "entry", entry.path, text, text)


def _read_before(report: Report) -> dict[str, str]:
    """Return what was read where a correction stands, by the path of its entry."""
    made = (dict(note.facts) for note in report.notes if note.kind is NoteKind.CORRECTED)
    return {str(facts["path"]): str(facts["before"]) for facts in made}


def about_form(report: Report, findings: Iterable[Finding]) -> Decision:
    """Say what a signature is about: all that was found on the form."""
    states = sorted(f"{finding.key}:{finding.state}" for finding in findings)
    return _about(report, "form", "form", _facts({"answers": len(states)}), *states)


def _about(report: Report, kind: str, path: str, answer: str, *states: str) -> Decision:
    document, project = report.document.sha256, report.project.text if report.project else ""
    where = (document, _form(document, plain(project), report.number), "", path)
    return Decision(kind, short_digest(*where), *where, short_digest(*states), answer)


def _form(document: str, project: str, number: int) -> str:
    return short_digest(document, project or str(number))


NO_LOG = "none://"  # the address of a log that holds nothing and takes nothing


def default_log() -> str:
    """Return the address of the log that is meant where none is named.

    It is what AUDITKIT_LOG names, or ``data/annotations.sqlite`` here or in the folder above,
    whichever has ``data``: that of the workspace in whose notebooks this runs.
    """
    home = next((f for f in (Path(), Path("..")) if Path(f, "data").is_dir()), Path())
    return os.environ.get("AUDITKIT_LOG") or str(home / "data" / "annotations.sqlite")


def _facts(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _kept(figure: Fact) -> object:
    """Return a figure as JSON holds it: a word of auditkit's own by its key, any other as it is."""
    if isinstance(figure, tuple):
        return [_kept(part) for part in figure]
    return {"term": figure} if isinstance(figure, Term) else str(figure)


def answer_of(event: Decision) -> Fact:
    """Return what the answer was, to be put into words; that of an older log is said as it is."""
    try:
        facts = json.loads(event.answer) if event.kind in ("finding", "form") else None
    except ValueError:
        facts = None
    match facts:
        case {"outcome": outcome, "reported": reported, "expected": expected}:
            told = {"reported": _told(reported), "expected": _told(expected)}
            return Statement.of(Answer.FOUND, outcome=_member(Outcome, outcome), **told)
        case {"answers": int(count)}:
            return Statement.of(Answer.ANSWERS, answers=count)
    return event.answer


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


class Log:
    """The decisions kept in a SQLite file, or in the PostgreSQL database of a URL.

    Without an address it is the log of ``default_log``; ``NO_LOG`` is one in which nothing is.
    Opening it reads nothing and changes nothing. All methods raise LogError, with what to do,
    where the log cannot be used or is not whole.
    """

    def __init__(self, where: str | Path | None = None) -> None:
        self.where = str(where or default_log())
        self.name = re.sub(r"//.*@", "//", self.where)  # without a password

    @property
    def title(self) -> str:
        """What papers call it: the same wherever it lies, without its folder."""
        return self.name if "://" in self.where else Path(self.where).name

    @property
    def is_there(self) -> bool:
        """Whether there is such a log already; it is made when the first decision is recorded."""
        if self.where == NO_LOG:
            return False
        if "://" in self.where:
            return True
        with _file(self.where) as path:  # of a folder that one may not look into, it is not known
            return path.exists()

    @cached_property
    def _ledger(self) -> Ledger:
        from auditkit.decisions.ledger import Ledger

        if self.where == NO_LOG:
            advice = "Name a log, or leave it out for the usual one"
            raise LogError("nothing is kept where no log is read", name=self.name, advice=advice)
        return Ledger(self.where, self.name)

    def record(
        self,
        thing: Finding | Decision,
        decision: str,
        note: str,
        auditor: str,
        *,
        value: str = "",
        evidence: str | Path | None = None,
        now: datetime | None = None,
    ) -> Decision:
        """Add one decision, and return it once it is safely kept.

        Raises ValueError for a decision that does not fit what it is about or an auditor without a
        name, and SignedError where the review of the form was signed.
        """
        question = about(thing)
        if decision not in _DECISIONS[question.kind]:
            raise ValueError(f"{decision!r} is none of {', '.join(_DECISIONS[question.kind])}")
        if decision == Act.SIGNED and value not in SIGNATURES:
            raise ValueError("a signature says 'prepared' or 'reviewed' as its value")
        if not auditor.strip():
            raise ValueError("a decision needs the auditor's name")
        event = replace(
            question,
            decision=str(decision),
            value=value,
            note=note,
            auditor=auditor,
            made_at=(now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        )
        if evidence:
            with _file(evidence) as path:
                proof = digest_of(path.read_bytes())
                event = replace(event, evidence=path.name, evidence_sha256=proof)
        with self._ledger.transaction("write") as connection:
            before = _unreplaced(self._events(connection, True, key=event.key))
            replaced = " ".join(one.identity for one in before)
            return self._add(connection, replace(event, replaces=replaced))

    def correct(self, report: Report, path: str, text: str, note: str, auditor: str) -> Decision:
        """Record that an entry of a form says ``text``, and not what was read.

        The path is that of the entry, such as ``total/score``, or as it is shown in Chinese.
        Raises KeyError where the form has no such entry, and what ``record`` raises.
        """
        entry = about_entry(report, path)
        return self.record(entry, Act.CORRECTED, note, auditor, value=text)

    def sign(self, review: Signable, value: str, note: str, auditor: str) -> Decision:
        """Sign a review as ``prepared`` or ``reviewed``; raises what ``record`` raises."""
        form = about_form(review.report, review.findings)
        return self.record(form, Act.SIGNED, note, auditor, value=value)

    def reopen(self, review: Signable, note: str, auditor: str) -> Decision:
        """Let a signed review be decided again, ``note`` says why; raises what ``record`` does."""
        form = about_form(review.report, review.findings)
        return self.record(form, Act.REOPENED, note, auditor)

    def decisions(self) -> tuple[Decision, ...]:
        """Return all decisions in the order they were added; raises LogError if tampered with."""
        if self.is_there and (flaws := self._ledger.flaws()):
            advice = "Go back to a saved copy, or see all with: auditkit log verify"
            raise LogError(flaws[0], name=self.name, advice=advice)
        return self._read()

    def history(self, key: str) -> tuple[Decision, ...]:
        """Return all decisions about one question, in the order they were added."""
        return self._read(key=key)

    def latest(self, key: str) -> Decision | None:
        """Return the last decision about a question; see ``conflicts`` for others beside it."""
        return next(reversed(self.unreplaced(key=key)), None)

    def unreplaced(self, **of: str) -> list[Decision]:
        """Return the decisions that no other replaces, of such a ``kind``, ``form`` or the like."""
        return _unreplaced(self._read(**of))

    def signatures(self, form: Decision) -> dict[str, Decision]:
        """Return who has ``prepared`` and ``reviewed`` a form since it was last reopened."""
        signs: dict[str, Decision] = {}
        for event in self.history(form.key):
            signs = {} if event.decision == Act.REOPENED else signs | {event.value: event}
        return signs

    def conflicts(self) -> tuple[tuple[Decision, ...], ...]:
        """Return decisions about one question that differ and were made without each other."""
        asked = _grouped(self.unreplaced(), "key").values()
        return tuple(tuple(e) for e in asked if len({(one.decision, one.value) for one in e}) > 1)

    def standing(
        self, things: Iterable[Finding | Decision]
    ) -> tuple[tuple[Decision, Standing], ...]:
        """Say of each decision that none replaces whether it still answers what a run has found.

        Left out are decisions about other documents, and about kinds of things not given.
        """
        found = {subject.key: subject for subject in map(about, things)}
        scope = {(subject.kind, subject.document) for subject in found.values()}

        def of(event: Decision) -> Standing:
            if (now := found.get(event.key)) is None:
                return Standing.ORPHANED
            if now.state == event.state:
                return Standing.CURRENT
            return Standing.RULE_CHANGED if now.answer == event.answer else Standing.STALE

        events = _unreplaced(self.decisions())
        return tuple((e, of(e)) for e in events if not scope or (e.kind, e.document) in scope)

    def verify(self, *known: str) -> tuple[str, ...]:
        """Say all that shows that the log is not as it was written: nothing where it is whole.

        ``known`` are digests noted elsewhere; without one, events taken off the end together with
        their count, or a log written anew, cannot be told.
        """
        try:
            return self._ledger.flaws(known) if self.is_there else (f"{self.name}: no log",)
        except LogError as error:
            return (str(error),)

    def export(self, path: str | Path) -> None:
        """Write all decisions as JSON Lines, their number first; the file is whole or not there."""
        text = _exported(self.decisions())
        with _file(path) as whole:
            write_whole({whole: text.encode()})

    def copy(self, path: str | Path) -> None:
        """Write a whole copy of one moment, a SQLite file, also while others are writing.

        It has the same events with the same digests, and is whole or not there. Raises LogError
        where there is a file of that name.
        """
        with _file(path) as new:
            if not self.is_there or new.exists():
                what = "this file is there already" if self.is_there else "the log is not there"
                name = str(path) if self.is_there else self.name
                raise LogError(what, name=name, advice="Name another one; nothing was written")
            self._ledger.copy(new)

    def merge(self, source: str | Path | Sequence[Decision]) -> tuple[Decision, ...]:
        """Add decisions that are not here yet, of an exported log, all or none; return them."""
        events = read_export(source) if isinstance(source, str | Path) else source
        with self._ledger.transaction("write") as connection:
            known = {event.identity for event in self._events(connection)}
            unknown = [event for event in events if event.identity not in known]
            return tuple(self._add(connection, replace(e, origin=e.identity)) for e in unknown)

    def _add(self, connection: Connection, event: Decision) -> Decision:
        key = short_digest(event.document, event.form, "", "form")
        signing = self._events(connection, True, key=key)[-1:]
        signed = [e for e in signing if e.decision == Act.SIGNED]
        if event.decision == Act.REOPENED and not (signed or event.origin):
            raise ValueError("this review is not signed, so it cannot be reopened")
        for e in signed if event.decision != Act.REOPENED else ():
            if (event.decision, event.state) != (e.decision, e.state):
                what = f"this review was {e.value} by {e.auditor} on {e.made_at}"
                advice = "Record that it is reopened, and why, first; nothing was written"
                raise SignedError(what, name=self.name, place=event.subject, advice=advice)
        return Decision(**self._ledger.append(connection, asdict(event)))

    def _read(self, **of: str) -> tuple[Decision, ...]:
        if not self.is_there:
            return ()
        with self._ledger.transaction("read") as connection:
            return self._events(connection, False, **of)

    def _events(
        self, connection: Connection, recent: bool = False, **of: str
    ) -> tuple[Decision, ...]:
        rows = self._ledger.rows(connection, recent=recent, **of)
        return tuple(Decision(**row) for row in rows)


def read_export(path: str | Path) -> tuple[Decision, ...]:
    """Read an exported log; raises LogError if it is not whole."""
    from auditkit.decisions.ledger import broken_links

    with _file(path) as file:
        data = file.read_bytes()
    try:
        text = data.decode()
        lines = [line for line in text.split("\n") if line]
        events = tuple(Decision(**json.loads(line)) for line in lines[1:])
        flaw = next(broken_links(map(asdict, events)), "a line was changed, added or removed")
        if text != _exported(events) or not flaw.startswith("a line"):
            raise ValueError(flaw)
    except (ValueError, TypeError) as error:
        advice = "Ask for the file again, or go back to a saved copy; nothing was imported"
        raise LogError(f"not a whole log: {error}", name=str(path), advice=advice) from error
    return events


def _exported(events: Sequence[Decision]) -> str:
    head = {"schema": "auditkit/log/1", "events": len(events)}
    held = ({name: value for name, value in asdict(e).items() if value} for e in events)
    lines = (json.dumps(line, ensure_ascii=False) for line in (head, *held))
    return "".join(f"{line}\n" for line in lines)


def _unreplaced(events: Sequence[Decision]) -> list[Decision]:
    """Return the events that no other replaces, the latest last."""
    replaced = {one for event in events for one in event.replaces.split()}
    left = (event for event in events if event.identity not in replaced)
    return sorted(left, key=lambda event: event.made_at)


def _grouped(events: Iterable[Decision], field: str) -> dict[str, list[Decision]]:
    groups: dict[str, list[Decision]] = defaultdict(list)
    for event in events:
        groups[getattr(event, field)].append(event)
    return groups


@contextmanager
def _file(path: str | Path) -> Iterator[Path]:
    try:
        yield Path(path)
    except OSError as error:
        what = f"cannot be opened or written: {error.strerror or error}"
        advice = "Check the name, the room on the disk, and that you may read and write there"
        raise LogError(what, name=str(path), advice=advice) from error
