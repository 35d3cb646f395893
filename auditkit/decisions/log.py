"""What auditors decide: a log that is only ever added to.

One event a decision, about a finding, an entry of a form or a form as a whole. The ``key`` of what
it is about says which question was decided, the ``state`` what the answer was then: after a new
run, also of another file, a decision is current, its rule or the answer has changed, or the
question is gone, and none is ever dropped. Each event holds the digest of the one before it (see
``auditkit.decisions.ledger``).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.decisions.events import (
    DECISIONS,
    SIGNATURES,
    Act,
    Decision,
    Signable,
    Standing,
    about,
    about_entries,
    about_entry,
    about_form,
    about_forms,
    is_of_one_content,
    signed_with,
    wall_time,
)
from auditkit.decisions.signing import Refusal, Signing, remedy, signatures_on, signing
from auditkit.decisions.standing import (
    Groups,
    apart,
    grouped,
    histories,
    is_foreign,
    joined,
    keys_of,
    standings,
    unreplaced,
)
from auditkit.errors import LogError, SignedError, refused
from auditkit.files import digest_of, is_short_digest, write_whole
from auditkit.findings import Finding
from auditkit.identity import question_key
from auditkit.report import Report
from auditkit.wording import LabelPath, Phrase, Statement, Term, language, put

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from auditkit.decisions.ledger import Ledger


NO_LOG = "none://"  # the address of a log that holds nothing and takes nothing


def default_log() -> str:
    """Return the address of the log that is meant where none is named.

    It is what AUDITKIT_LOG names, or ``data/annotations.sqlite`` here or in the folder above,
    whichever has ``data``: that of the workspace in whose notebooks this runs.
    """
    home = next((f for f in (Path(), Path("..")) if Path(f, "data").is_dir()), Path())
    return os.environ.get("AUDITKIT_LOG") or str(home / "data" / "annotations.sqlite")


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
            raise LogError.saying("log-none", name=self.name)
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

        Raises ValueError for a decision that does not fit what it is about, an auditor without a
        name or a reopening without a reason, and SignedError where the review of the form was
        signed. A signature is given by ``sign`` alone, which knows what is undecided.
        """
        question = about(thing)
        if decision not in DECISIONS[question.kind]:
            known = tuple(map(str, DECISIONS[question.kind]))
            raise ValueError(Phrase.of("decision-odd", decision=decision, known=known))
        if decision == Act.SIGNED:
            raise ValueError(Phrase.of("decision-signs"))
        event = _made(question, decision, value, note, auditor, now)
        if evidence:
            with _file(evidence) as path:
                proof = digest_of(path.read_bytes())
                event = replace(event, evidence=_from_here(path), evidence_sha256=proof)
        with self._ledger.transaction("write") as connection:
            return self._replacing(connection, event, self._groups(connection))

    def correct(self, report: Report, path: str, text: str, note: str, auditor: str) -> Decision:
        """Record that an entry of a form says ``text``, and not what was read.

        The path is that of the entry, such as ``total/score``, or as it is shown in Chinese.
        What the same auditor read so before, with the same note, is not recorded again, whatever
        was decided since: a notebook may be run again. Raises EntryError where the form has no
        such entry, and what ``record`` raises.
        """
        return self._of_reading(report, path, Act.CORRECTED, text, note, auditor)

    def accept(self, report: Report, path: str, note: str, auditor: str) -> Decision:
        """Record that an entry of a form is right as it was read, on the terms of ``correct``.

        What was doubted of it is doubted no more, as long as it reads the same.
        """
        return self._of_reading(report, path, Act.AS_READ, "", note, auditor)

    def _of_reading(
        self, report: Report, path: str, act: Act, text: str, note: str, auditor: str
    ) -> Decision:
        entry = about_entry(report, path)
        said = (act, text, note, auditor, entry.state)
        for one in self.history(entry):
            if (one.decision, one.value, one.note, one.auditor, one.state) == said:
                return one
        return self.record(entry, act, note, auditor, value=text)

    def signing(self, review: Signable) -> Signing:
        """Return what would be signed of a review now: what is undecided, and its ``code``."""
        form = about_form(review.report, review.findings)
        return signing(review, self.histories([*review.findings, form]))

    def sign(
        self, review: Signable, value: str, note: str, auditor: str, *, code: str = ""
    ) -> Decision:
        """Sign a review as ``prepared``, or as ``reviewed`` by another person after that.

        ``code`` is that of ``signing``, and changes with the form, with what was found and with
        each decision: what nobody looked at is not signed. What is undecided needs a ``note`` that
        says why, which is printed with the signature. Raises SigningError, with the code and with
        what is missing, and what ``record`` raises.
        """
        if value not in SIGNATURES:
            raise ValueError(Phrase.of("signature-odd", known=tuple(SIGNATURES), value=value))
        form = about_form(review.report, review.findings)
        event = _made(form, Act.SIGNED, value, note, auditor)
        with self._ledger.transaction("write") as connection:
            groups = self._groups(connection)
            made = self._histories(connection, [*map(about, review.findings), form], groups)
            shown = signing(review, made)
            shown.check(value, note, auditor, code)
            about_it = signed_with(form, len(shown.undecided), len(shown.asking))
            return self._replacing(connection, replace(event, answer=about_it.answer), groups)

    def reopen(self, review: Signable, note: str, auditor: str) -> Decision:
        """Let a signed review be decided again, ``note`` says why; raises what ``record`` does."""
        form = about_form(review.report, review.findings)
        return self.record(form, Act.REOPENED, note, auditor)

    def same_form(
        self, one: Report | str, other: Report | str, note: str, auditor: str
    ) -> Decision:
        """Record that two forms are one, whatever they call themselves: a project was renamed, say.

        Forms are given as such or by their keys, as ``auditkit log show FILE`` prints them. From
        then on decisions on the one count for the other. Raises ValueError for two keys that are
        the same, or that no decision is about, or what is no key, and what ``record`` raises.
        """
        return self._of_forms(Act.SAME_FORM, one, other, note, auditor)

    def other_form(
        self, one: Report | str, other: Report | str, note: str, auditor: str
    ) -> Decision:
        """Record that two forms are not one after all; raises what ``same_form`` does."""
        return self._of_forms(Act.OTHER_FORM, one, other, note, auditor)

    def _of_forms(
        self, act: Act, one: Report | str, other: Report | str, note: str, auditor: str
    ) -> Decision:
        keys = [form if isinstance(form, str) else form.known_as.key for form in (one, other)]
        if keys[0] == keys[1]:
            raise ValueError(Phrase.of("forms-same", form=keys[0]))
        for odd in (key for key in keys if not is_short_digest(key)):
            raise ValueError(Phrase.of("form-no-key", form=odd))
        if not any(self._read(form=key) for key in keys):
            raise ValueError(Phrase.of("forms-unknown", forms=tuple(keys)))
        return self.record(about_forms(*keys), act, note, auditor)

    def decisions(self) -> tuple[Decision, ...]:
        """Return all decisions in the order they were added; raises LogError if tampered with."""
        if self.is_there and (flaws := self._ledger.flaws()):
            raise LogError.saying("log-flawed", name=self.name, flaw=flaws[0])
        return self._read()

    def history(self, of: Finding | Decision | str) -> tuple[Decision, ...]:
        """Return all decisions about one question, in the order they were added.

        ``of`` is a finding or the like, or a key. About a finding are also decisions on a form that
        is the same by a decision, not those on one that only calls itself the same.
        """
        if isinstance(of, str):
            return self._read(key=of)
        if not self.is_there:
            return ()
        with self._ledger.transaction("read") as connection:
            return self._asked(connection, about(of), self._groups(connection))

    def latest(self, of: Finding | Decision | str) -> Decision | None:
        """Return the last decision about a question; see ``conflicts`` for others beside it."""
        return next(reversed(unreplaced(self.history(of))), None)

    def unreplaced(self, **of: str) -> list[Decision]:
        """Return the decisions that no other replaces, of such a ``kind``, ``form`` or the like."""
        return unreplaced(self._read(**of))

    def histories(self, things: Iterable[Finding | Decision]) -> dict[str, tuple[Decision, ...]]:
        """Return what ``history`` does of several questions by their keys, in one look."""
        questions = [about(thing) for thing in things]
        if not self.is_there:
            return {question.key: () for question in questions}
        with self._ledger.transaction("read") as connection:
            return self._histories(connection, questions, self._groups(connection))

    def signatures(self, form: Decision) -> dict[str, Decision]:
        """Return who has ``prepared`` and ``reviewed`` a form since it was last reopened.

        A signature on another content is returned where there is none on that of ``form``.
        """
        return signatures_on(form, self.history(form))

    def conflicts(self) -> tuple[tuple[Decision, ...], ...]:
        """Return decisions about one question that differ and were made without each other."""
        asked = (
            own for events in grouped(self.unreplaced(), "key").values() for own in apart(events)
        )
        return tuple(tuple(e) for e in asked if len({(one.decision, one.value) for one in e}) > 1)

    def standing(
        self, things: Iterable[Finding | Decision]
    ) -> tuple[tuple[Decision, Standing], ...]:
        """Say of each decision that none replaces whether it still answers what a run has found.

        The run may be of another file: a form is known by its project, year and units. A decision
        whose question is gone is orphaned; one on a form that may be the same, and does not say so,
        is offered. Left out are decisions on other forms, and about kinds of things not given.
        """
        events, things = self.decisions(), list(things)
        if not events:
            return ()
        questions = [about(thing) for thing in things]
        files = {thing.identity.beside for thing in things if isinstance(thing, Finding)}
        siblings = frozenset[str]().union(*files)
        return tuple(standings(unreplaced(events), questions, joined(events), siblings))

    def corrections(self, report: Report) -> tuple[tuple[Decision, Standing], ...]:
        """Say what ``standing`` says of what was decided about the readings of a form.

        The log is verified where there is any.
        """
        events = self.unreplaced(kind="entry")
        if not events:
            return ()
        questions = about_entries(report, report.entries())
        groups, siblings = joined(self._read(kind="forms")), report.known_as.beside
        made = tuple(standings(events, questions, groups, siblings))
        if made:
            self.decisions()  # raises where they are not as they were written
        return made

    def verify(self, *known: str) -> tuple[str, ...]:
        """Say all that shows that the log is not as it was written: nothing where it is whole.

        ``known`` are digests noted elsewhere; without one, events taken off the end together with
        their count, or a log written anew, cannot be told.
        """
        if not self.is_there:
            return (str(Phrase.of("flaw-no-log", log=self.name)),)
        try:
            return tuple(put(flaw, language()) for flaw in self._ledger.flaws(known))
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
                what = "copy-there" if self.is_there else "log-uncopied"
                raise LogError.saying(what, name=str(path) if self.is_there else self.name)
            self._ledger.copy(new)

    def merge(self, source: str | Path | Sequence[Decision]) -> tuple[Decision, ...]:
        """Add decisions that are not here yet, of an exported log, all or none; return them."""
        events = read_export(source) if isinstance(source, str | Path) else source
        with self._ledger.transaction("write") as connection:
            known = {event.identity for event in self._events(connection)}
            unknown = [event for event in events if event.identity not in known]
            groups = joined(unreplaced([*self._events(connection, kind="forms"), *unknown]))
            return tuple(
                self._add(connection, replace(e, origin=e.identity), groups) for e in unknown
            )

    def _replacing(self, connection: Connection, event: Decision, groups: Groups) -> Decision:
        """Add an event in the place of what its author could see."""
        before = unreplaced(self._asked(connection, event, groups, is_recent=True))
        replaced = " ".join(one.identity for one in before)
        return self._add(connection, replace(event, replaces=replaced), groups)

    def _add(self, connection: Connection, event: Decision, groups: Groups) -> Decision:
        """Add an event, unless the form that it is about was signed as it is now.

        A signature stands for what was read then: on a form that says another thing now it locks
        nothing.
        """
        key = question_key(event.form, "", "form")
        form = replace(event, kind="form", key=key, rule="", subject="form")
        made = self._asked(connection, form, groups)
        signed = [e for e in made if is_of_one_content(e, event)][-1:]
        signed = [e for e in signed if e.decision == Act.SIGNED]
        if event.decision == Act.REOPENED and not (signed or event.origin):
            raise ValueError(Phrase.of("not-signed"))
        for e in signed if event.decision != Act.REOPENED and event.kind != "forms" else ():
            if (event.decision, event.state) != (e.decision, e.state):
                facts = {"value": Term(e.value), "auditor": e.auditor, "on": e.made_at}
                why = Statement.of(Refusal.REOPEN, **facts)
                place = LabelPath(event.subject)
                error = SignedError(why, name=self.name, place=place, advice=remedy(why))
                error.key = event.key
                raise error
        return Decision(**self._ledger.append(connection, asdict(event)))

    def _read(self, **of: str) -> tuple[Decision, ...]:
        if not self.is_there:
            return ()
        with self._ledger.transaction("read") as connection:
            return self._events(connection, False, **of)

    def _groups(self, connection: Connection) -> Groups:
        return joined(self._events(connection, kind="forms"))

    def _histories(
        self, connection: Connection, questions: Sequence[Decision], groups: Groups
    ) -> dict[str, tuple[Decision, ...]]:
        forms = {form for q in questions for form in groups.get(q.form, {q.form})}
        made = (event for form in sorted(forms) for event in self._events(connection, form=form))
        return histories(made, questions, groups)

    def _asked(
        self, connection: Connection, question: Decision, groups: Groups, *, is_recent: bool = False
    ) -> tuple[Decision, ...]:
        """Return the events about a question, also as forms have it that are the same.

        Recent ones are all that can stand: the last that was made here, and what came in since.
        """
        keys = [question.key] if question.kind == "forms" else keys_of(question, groups)
        events = [event for key in keys for event in self._events(connection, is_recent, key=key)]
        own = [event for event in events if not is_foreign(event, question)]
        if is_recent and len(own) < len(events):  # what another form's decision stands before
            return self._asked(connection, question, groups)
        return tuple(sorted(own, key=lambda event: event.number))

    def _events(
        self, connection: Connection, recent: bool = False, **of: str
    ) -> tuple[Decision, ...]:
        rows = self._ledger.rows(connection, recent=recent, **of)
        return tuple(Decision(**row) for row in rows)


def _from_here(path: Path) -> str:
    """Return a path as it was given, one below the working folder as seen from there."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _made(
    question: Decision,
    decision: str,
    value: str,
    note: str,
    auditor: str,
    now: datetime | None = None,
) -> Decision:
    """Return an event that is ready to be added; raises ValueError where something is missing."""
    if not auditor.strip():
        raise ValueError(Phrase.of("no-auditor"))
    if decision == Act.REOPENED and not note.strip():
        raise ValueError(put(Refusal.NO_REASON, language()))
    return replace(
        question,
        decision=str(decision),
        value=value or question.value,
        note=note,
        auditor=auditor,
        made_at=wall_time(now),
    )


def read_export(path: str | Path) -> tuple[Decision, ...]:
    """Read an exported log; raises LogError if it is not whole."""
    from auditkit.decisions.ledger import broken_links

    with _file(path) as file:
        data = file.read_bytes()
    try:
        text = data.decode()
        lines = [line for line in text.split("\n") if line]
        events = tuple(Decision(**json.loads(line)) for line in lines[1:])
        flaw = next(broken_links(map(asdict, events)), None)
        if flaw or text != _exported(events):
            raise ValueError(flaw or Phrase.of("line-odd"))
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
        why = Phrase.of("no-export")
        raise LogError.saying("export-flawed", name=str(path), reason=why) from error
    except ValueError as error:
        raise LogError.saying("export-flawed", name=str(path), reason=str(error)) from error
    return events


def _exported(events: Sequence[Decision]) -> str:
    head = {"schema": "auditkit/log/1", "events": len(events)}
    held = ({name: value for name, value in asdict(e).items() if value} for e in events)
    lines = (json.dumps(line, ensure_ascii=False) for line in (head, *held))
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def _file(path: str | Path) -> Iterator[Path]:
    try:
        yield Path(path)
    except OSError as error:
        raise LogError.saying("log-unopened", name=str(path), reason=refused(error)) from error
