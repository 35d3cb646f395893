"""The desk of an auditor: findings left, the page right, decisions kept in the log at once."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from auditkit import schedules
from auditkit.decisions.events import (
    Act,
    Decision,
    Standing,
    about,
    about_form,
    answer_of,
    decided_of,
)
from auditkit.decisions.log import Log
from auditkit.errors import AuditkitError
from auditkit.findings import Finding
from auditkit.notebook.display import Shown
from auditkit.notebook.showing import show
from auditkit.reviewing import Review
from auditkit.wording import Fact, Statement, Term, put, terms

_Row = dict[str, str]


class DeskSaying(StrEnum):
    """What the desk says of itself, and of what became of a decision."""

    TITLE = "title"
    HELP = "help"
    SAVING = "saving"
    KEPT = "kept"
    PROGRESS = "progress"  # facts: decided, all
    SAVED = "saved"  # facts: made_at, rule, decision, progress
    NOT_SAVED = "not saved"  # facts: error
    NOT_SIGNED = "not signed"  # facts: progress
    SIGNED = "signed"  # facts: value, auditor, progress, digest
    SIGNED_BEFORE = "signed before"  # facts: value, auditor, on, digest
    SIGNED_THEN = "signed then"  # facts: file, progress
    LOOSE = "loose"  # facts: count
    DECIDED_THEN = "decided then"  # facts: decision, was, elsewhere


# What the page says itself, by the names that desk.js has for it.
TEXTS: dict[str, Fact] = {
    **{name: DeskSaying(name) for name in ("title", "help", "saving", "kept")},
    **{name: Term(name) for name in ("severity", "rule", "decision", "standing")},
    "note": Term("note beside a finding"),
    **{decision.value: decision for decision in tuple(Act)[:4]},
}


class Desk(anywidget.AnyWidget):
    """The findings of a review, to be decided by key or by call; what is decided is in the log.

    ``rows``, ``crop`` and ``said`` are what the page shows: each finding with its decision, the
    selected finding in full, and what became of the last decision; ``texts`` are its own words.
    Where widgets do not run, a table of the decisions stands in their place. It speaks the language
    of its review.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    texts = traitlets.Dict().tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    crop = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, review: Review, path: str | Path, log: Log, auditor: str) -> None:
        super().__init__()
        self.review, self.path, self.kept_in, self.auditor = review, path, log, auditor
        self.texts = {name: self._put(text) for name, text in TEXTS.items()}
        self._asked = {f.key: (f, words) for f, words in schedules.findings(review)}
        self.rows = self._rows()
        self.said = "; ".join(filter(None, (self.progress, self._loose)))
        self.on_msg(self._heard)

    def decide(self, key: str, decision: str, note: str = "", **more: Any) -> Decision:
        """Record a decision about the finding with this key, on the terms of ``Log.record``.

        Raises KeyError for a key that no finding of this review has.
        """
        event = self.kept_in.record(self._asked[key][0], decision, note, self.auditor, **more)
        self.rows = self._rows()
        facts = {"made_at": event.made_at, "rule": event.rule, "decision": decided_of(event)[0]}
        self.said = self._put(Statement.of(DeskSaying.SAVED, **facts, progress=self._progress))
        return event

    def decide_all(self, decisions: Mapping[str, tuple[str, str]]) -> Desk:
        """Record decisions with their notes by the keys of findings, and return the desk.

        Passed over are keys of other reviews, and what was recorded before, whatever was decided
        since, so that a notebook may be run again, or for another file.
        """
        for key, decided in decisions.items():
            if key not in self._asked:
                continue
            made = self.kept_in.history(self._asked[key][0])
            if tuple(decided) not in [(event.decision, event.note) for event in made]:
                self.decide(key, *decided)
        return self

    def sign(self, value: str = "", note: str = "") -> str:
        """Sign the review as ``prepared`` or ``reviewed``; with neither, say what is undecided.

        What is signed already, with the same content and findings, is not signed again. Where a
        signature is on another content, that is said.
        """
        form = about_form(self.review.report, self.review.findings)
        known = self.kept_in.signatures(form).get(value)
        progress = self._progress
        if not value:
            return self._put(Statement.of(DeskSaying.NOT_SIGNED, progress=progress))
        if known and known.state == form.state:
            facts = {"on": known.made_at[:10], "auditor": known.auditor, "digest": known.digest}
            return self._put(Statement.of(DeskSaying.SIGNED_BEFORE, value=Term(value), **facts))
        event = self.kept_in.sign(self.review, value, note, self.auditor)
        if known and known.document != event.document:
            progress = Statement.of(DeskSaying.SIGNED_THEN, file=known.file, progress=progress)
        facts = {"value": decided_of(event)[1], "auditor": event.auditor, "digest": event.digest}
        return self._put(Statement.of(DeskSaying.SIGNED, progress=progress, **facts))

    @property
    def progress(self) -> str:
        """How many findings are decided, in words."""
        return self._put(self._progress)

    @property
    def _progress(self) -> Statement:
        decided = sum(bool(row["decision"]) for row in self.rows)
        return Statement.of(DeskSaying.PROGRESS, decided=decided, all=len(self.rows))

    @property
    def _loose(self) -> str:
        """How many decisions have no finding on this form, in words."""
        some = self.kept_in.standing(self.review.findings) if self.kept_in.is_there else ()
        count = sum(how in (Standing.ORPHANED, Standing.OFFERED) for _, how in some)
        return self._put(Statement.of(DeskSaying.LOOSE, count=count)) if count else ""

    def _put(self, fact: Fact) -> str:
        return put(fact, self.review.lang)

    def _rows(self) -> list[_Row]:
        return [self._row(finding, words) for finding, words in self._asked.values()]

    def _row(self, finding: Finding, words: Mapping[str, str]) -> _Row:
        row = {
            "key": finding.key,
            "severity": self._put(schedules.tag(finding)),
            "rule": words["rule"],
        }
        row["what was found"] = words["what was found"]
        last = self.kept_in.latest(finding)
        is_current = last is not None and last.state == finding.state
        row["decision"] = last.decision if last and is_current else ""
        row["note"] = last.note if last else ""
        row["auditor"] = last.auditor if last else ""
        row["standing"] = self._then(last, finding, is_current=is_current) if last else ""
        return row

    def _then(self, last: Decision, finding: Finding, *, is_current: bool) -> str:
        """Return in which other file a finding was decided, and on what where it says another."""
        elsewhere = schedules.made_elsewhere(last, about(finding))
        if is_current:
            return self._put(elsewhere)
        facts = {"decision": decided_of(last)[0], "was": answer_of(last), "elsewhere": elsewhere}
        return self._put(Statement.of(DeskSaying.DECIDED_THEN, **facts))

    def _heard(self, _: object, message: Mapping[str, str], __: object) -> None:
        """Do what the page asks for; what goes wrong is said there, in words."""
        key = message["key"]
        try:
            if "decision" in message:
                self.decide(key, message["decision"], message["note"])
            else:
                found = show(self.review, "findings", source=self.path, only=key)
                self.crop = found._repr_html_()
        except (AuditkitError, ValueError, KeyError, OSError) as error:
            self.said = ""  # the same words said twice would be no change
            self.said = self._put(Statement.of(DeskSaying.NOT_SAVED, error=str(error)))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        rows = [
            tuple(TEXTS.get(row[n], row[n]) if n == "decision" else row[n] for n in [*row][1:])
            for row in self.rows
        ]
        heads = terms("severity", "rule", "what was found", "decision", "note beside a finding")
        heads += terms("auditor", "standing")
        shown = Shown(heads, rows, self.review.lang)
        static = {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
        return {**data, **static}, metadata
