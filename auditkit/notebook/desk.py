"""The desk of an auditor: findings left, the page right, decisions kept in the log at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from auditkit import schedules
from auditkit.decisions.log import Annotation, Decision, Log, about_form
from auditkit.errors import AuditkitError
from auditkit.findings import Finding
from auditkit.notebook.display import Shown, show_findings
from auditkit.reviewing import Review
from auditkit.wording import language, word

Row = dict[str, str]
TEXTS = (
    "Findings to decide",
    "↑ ↓ or k j: choose · c confirm · d dismiss · e explained · v needs evidence · "
    "n note (Enter keeps it with the decision)",
    "saving …",
    "The note is saved with the decision: press c, d, e or v",
    *("severity", "rule", "decision", "note"),
    *("confirmed", "dismissed", "explained", "needs evidence"),
)


class Desk(anywidget.AnyWidget):
    """The findings of a review, to be decided by key or by call; what is decided is in the log.

    ``rows``, ``crop`` and ``said`` are what the page shows: each finding with its decision, the
    selected finding in full, and what became of the last decision; ``texts`` are its own words.
    Where widgets do not run, a table of the decisions stands in their place.
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
        self.texts = {text: word(text, language()) for text in TEXTS}
        self.texts |= {"note": schedules.head_in(language(), "note 备注")}
        self._asked = {f.key: (f, words) for f, words in schedules.findings(review)}
        self.rows = self._rows()
        self.said = self.progress
        self.on_msg(self._heard)

    def decide(self, key: str, decision: str, note: str = "", **more: Any) -> Annotation:
        """Record a decision about the finding with this key, on the terms of ``Log.record``.

        Raises KeyError for a key that no finding of this review has.
        """
        event = self.kept_in.record(self._asked[key][0], decision, note, self.auditor, **more)
        self.rows = self._rows()
        said = f"saved {event.made_at}: {event.rule} {event.decision}; {self.progress}"
        self.said = word(said, language())
        return event

    def decide_all(self, decisions: Mapping[str, tuple[str, str]]) -> Desk:
        """Record decisions with their notes by the keys of findings, and return the desk.

        Passed over are keys of other reviews, and what was recorded before, whatever was decided
        since, so that a notebook may be run again, or for another file.
        """
        for key, decided in decisions.items():
            before = [(event.decision, event.note) for event in self.kept_in.history(key)]
            if key in self._asked and tuple(decided) not in before:
                self.decide(key, *decided)
        return self

    def sign(self, value: str = "", note: str = "") -> str:
        """Sign the review as ``prepared`` or ``reviewed``; with neither, say what is undecided.

        What is signed already, with the same findings, is not signed again.
        """
        form = about_form(self.review.report, self.review.findings)
        known = self.kept_in.signatures(form).get(value)
        if not value:
            said = f"not signed: {self.progress}"
        elif known and known.state == form.state:
            said = f"{value} by {known.auditor} on {known.made_at[:10]} already, nothing was added"
            said += f"; digest {known.digest}"
        else:
            event = self.kept_in.record(form, Decision.SIGNED, note, self.auditor, value=value)
            said = f"{event.value} by {event.auditor}: {self.progress}; digest {event.digest}"
        return word(said, language())

    @property
    def progress(self) -> str:
        """How many findings are decided, in words."""
        decided = sum(bool(row["decision"]) for row in self.rows)
        return word(f"{decided} of {len(self.rows)} decided", language())

    def _rows(self) -> list[Row]:
        return [self._row(finding, words) for finding, words in self._asked.values()]

    def _row(self, finding: Finding, words: Mapping[str, str]) -> Row:
        row = {
            "key": finding.key,
            "severity": schedules.tag(finding, language()),
            "rule": words["rule"],
        }
        row["what was found"] = words["what was found"]
        last = self.kept_in.latest(finding.key)
        is_current = last is not None and last.state == finding.state
        row["decision"] = last.decision if last and is_current else ""
        row["note"] = last.note if last else ""
        return row | {"auditor": last.auditor if last else ""}

    def _heard(self, _: object, message: Mapping[str, str], __: object) -> None:
        """Do what the page asks for; what goes wrong is said there, in words."""
        key = message["key"]
        try:
            if "decision" in message:
                self.decide(key, message["decision"], message["note"])
            else:
                self.crop = show_findings(self.review, self.path, key)._repr_html_()
        except (AuditkitError, ValueError, KeyError, OSError) as error:
            self.said = ""  # the same words said twice would be no change
            self.said = word(f"NOT SAVED: {error}", language())

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        rows = [tuple(row.values())[1:] for row in self.rows]
        heads = ("severity", "rule", "what was found", "decision", "note 备注", "auditor")
        shown = Shown(heads, rows)
        static = {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
        return {**data, **static}, metadata
