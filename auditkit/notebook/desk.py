"""The desk of an auditor: findings left, the page right, decisions kept in the log at once.

The page of the notebook holds a static table of the decisions as they stand, in whose place the
desk stands where a kernel runs (see ``placed``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from auditkit import schedules
from auditkit.decisions.events import (
    Act,
    Decision,
    Standing,
    about,
    about_entry,
    about_form,
    decided_of,
)
from auditkit.decisions.log import Log
from auditkit.decisions.signing import Signing, signing
from auditkit.errors import NoFormError
from auditkit.files import digest_of, write_whole
from auditkit.findings import Finding
from auditkit.notebook import cases as cases_of
from auditkit.notebook.cases import Case, Made
from auditkit.notebook.display import Shown
from auditkit.notebook.placed import Answer, Done, Placed, script
from auditkit.notebook.sheets import Sheets
from auditkit.reviewing import Review, review
from auditkit.wording import Fact, Statement, Term, put


class DeskSaying(StrEnum):
    """What became of the last thing done, and of what was asked for."""

    SAVED = "saved"  # facts: made_at, rule, decision, progress
    ALL_SAVED = "all saved"  # facts: count, rule, progress
    UNDONE = "undone"  # facts: rule, progress
    NOTHING_TO_UNDO = "nothing to undo"
    CORRECTED = "corrected"  # facts: path, text, progress
    AS_READ = "right as read"  # facts: the same
    NOT_SIGNED = "not signed"  # facts: open, asking
    SIGNED = "signed"  # facts: value, auditor, digest
    SIGNED_BEFORE = "signed before"  # facts: digest
    REOPENED = "reopened"  # facts: note


class DeskText(StrEnum):
    """What stands on the desk, by the names that desk.js has for it."""

    TITLE = "title"
    HELP = "help"
    SAVING = "saving"
    FORMS = "forms"
    FILTER = "filter"
    ALL = "all"
    UNDECIDED = "undecided"
    STALE = "stale"
    ASKING = "asking"
    SEVERITY = "severity"
    RULE = "rule"
    SORT = "sort"
    BY_SEVERITY = "by severity"
    BY_RULE = "by rule"
    BY_SUBJECT = "by subject"
    SEARCH = "search"
    GROUP = "group"
    NOTHING = "nothing"
    FOUND = "what was found"
    DECISION = "decision"
    NOTE = "note"
    DRAFT = "draft"
    PROOF = "proof"
    ATTACHED = "attached"
    UNDO = "undo"
    DECIDE_RULE = "decide rule"
    DECIDE_RULE_HOW = "decide rule how"
    PAGE = "page"
    PAGE_NAMED = "page named"
    GRID_NAMED = "grid named"
    NO_PAGE = "no page"
    NO_KERNEL = "no kernel"
    PREVIOUS = "previous"
    NEXT = "next"
    LARGER = "larger"
    SMALLER = "smaller"
    ARITHMETIC = "arithmetic"
    STANDARDS = "standards"
    BASIS = "basis"
    QUESTION = "question"
    DOUBTS = "doubts"
    PRINTED = "printed"
    RECOMPUTED = "recomputed"
    FIGURES = "figures"
    UNSURE = "unsure"
    CORRECT = "correct"
    READS = "reads"
    WHY = "why"
    SAVE = "save"
    CANCEL = "cancel"
    SIGNATURE = "signature"
    UNSIGNED = "unsigned"
    NAME = "name"
    REASON = "reason"
    SIGN_PREPARED = "sign prepared"
    SIGN_REVIEWED = "sign reviewed"
    CONFIRM = "confirm"
    SURE = "sure"
    REOPEN = "reopen"
    AGREE = "agree"
    SEND_BACK = "send back"
    SENT_BACK = "sent back"
    SECOND = "second"


DIGITS = 8  # of its digest, before the name of a file that was attached


class Desk(Placed):
    """The findings of the forms of a file, to be decided by mouse, by key or by call.

    ``reviews`` are those of a file, or one of them; ``form`` is the number of the one that is
    shown first. What is decided is in the log before it is shown. The page gets ``cases`` (what
    was found), ``stands`` (what is decided of it, by keys), ``forms`` and its own ``texts``;
    ``said`` is what became of the last thing done. It speaks the language of its reviews.
    """

    _esm = script("placed.js", "sheets.js", "signature.js", "desk.js")
    _css = Path(__file__).with_suffix(".css")
    signs = traitlets.Dict(cases_of.SIGNS).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    cases = traitlets.List(traitlets.Dict()).tag(sync=True)
    stands = traitlets.Dict().tag(sync=True)
    forms = traitlets.List(traitlets.Dict()).tag(sync=True)
    at = traitlets.Int().tag(sync=True)
    auditor = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        reviews: Review | Sequence[Review],
        path: str | Path,
        log: Log,
        auditor: str,
        form: int = 0,
    ) -> None:
        # The page is told of the desk at the end, when there is something to show.
        self.named("desk")
        self.auditor = auditor
        self.path, self.kept_in = path, log
        self._drafts: dict[str, str] = {}
        self._steps: list[dict[str, tuple[str, str]]] = []  # what stood before each thing done
        self._take([reviews] if isinstance(reviews, Review) else list(reviews))
        self.at = form or self.reviews[0].report.number
        self.texts = {text.value: self._put(text) for text in DeskText}
        self.texts |= {act.value: self._put(act) for act in tuple(Act)[:4]}
        loose = Statement.of(cases_of.CaseSaying.LOOSE, count=len(self._loose))
        self.said = "; ".join([self.progress, *[self._put(loose)] * bool(self._loose)])
        super().__init__()

    @property
    def review(self) -> Review:
        """The review that is shown first."""
        return next((r for r in self.reviews if r.report.number == self.at), self.reviews[0])

    @property
    def progress(self) -> str:
        """How many findings are decided, in words."""
        forms = self.forms
        facts = {name: sum(int(form[name]) for form in forms) for name in ("decided", "all")}
        return self._put(Statement.of(cases_of.CaseSaying.PROGRESS, **facts))

    def decide(self, key: str, decision: str, note: str = "", **more: Any) -> Decision:
        """Record a decision about the finding with this key, on the terms of ``Log.record``.

        Raises KeyError for a key that no finding of these reviews has.
        """
        event = self._recorded(key, decision, note, **more)
        self._done([key])
        facts = {"made_at": event.made_at, "rule": event.rule, "decision": decided_of(event)[0]}
        self.said = self._put(Statement.of(DeskSaying.SAVED, **facts, progress=self.progress))
        return event

    def decide_all(self, decisions: Mapping[str, tuple[str, str]]) -> Desk:
        """Record decisions with their notes by the keys of findings, and return the desk.

        Passed over are keys of other reviews, and what was recorded before, whatever was decided
        since, so that a notebook may be run again, or for another file.
        """
        known = {key: decided for key, decided in decisions.items() if key in self._found}
        made = self.kept_in.histories(self._found[key] for key in known)
        for key, decided in known.items():
            if tuple(decided) not in [(event.decision, event.note) for event in made[key]]:
                self.decide(key, *decided)
        return self

    def decide_rule(self, rule: str, decision: str, note: str) -> tuple[Decision, ...]:
        """Decide what is undecided of a rule on the form that is shown, with one reason."""
        form = self.at
        keys = [c["key"] for c in self.cases if (c["rule"], c["form"]) == (rule, form)]
        keys = [key for key in keys if not self.stands[key]["decision"]]
        made = tuple(self._recorded(key, decision, note) for key in keys)
        self._done(keys)
        facts = {"rule": rule, "progress": self.progress}
        self.said = self._put(Statement.of(DeskSaying.ALL_SAVED, count=len(made), **facts))
        return made

    def undo(self) -> None:
        """Decide what was decided last as it was before, or withdraw it; nothing leaves the log."""
        if not self._steps:
            self.said = self._put(DeskSaying.NOTHING_TO_UNDO)
            return
        before = self._steps[-1]
        for key, (decision, note) in before.items():
            self._recorded(key, decision or Act.WITHDRAWN, note if decision else "")
        self._steps.pop()
        self._renewed()
        facts = {"rule": self._found[next(iter(before))].rule, "progress": self.progress}
        self.said = self._put(Statement.of(DeskSaying.UNDONE, **facts))

    def correct(self, path: str, text: str, note: str = "") -> Decision:
        """Record what an entry of the form that is shown says, and review the file again.

        The text that was read finds it right as read. Decisions stay, as far as what they rest on
        does. Raises EntryError where the form has no such entry, and what ``Log.record`` and
        ``review`` raise.
        """
        entry = about_entry(self.review.report, path)
        is_as_read = text == entry.answer
        act, value = (Act.AS_READ, "") if is_as_read else (Act.CORRECTED, text)
        event = self.kept_in.record(entry, act, note, self.auditor, value=value)
        first, numbers = self.reviews[0], {one.report.number for one in self.reviews}
        terms = replace(first.terms, log=self.kept_in.where)
        again = review(self.path, terms, name=first.document.name)
        self._take([one for one in again if one.report.number in numbers])
        self._steps.clear()
        facts = {"path": path, "text": text, "progress": self.progress}
        said = DeskSaying.AS_READ if is_as_read else DeskSaying.CORRECTED
        self.said = self._put(Statement.of(said, **facts))
        return event

    def sign(self, value: str = "", note: str = "", *, code: str = "", auditor: str = "") -> str:
        """Sign the form that is shown, on the terms of ``Log.sign``; else say how it stands.

        What is signed already is not signed again.
        """
        shown = self.kept_in.signing(self.review)
        known = shown.signatures.get(value)
        if not value:
            lines = [cases_of.signature(event, self.lang) for event in shown.signatures.values()]
            return "; ".join(lines) or self._put(self._unsigned(shown))
        if known and known.state == shown.form.state and not code:
            return self._put(Statement.of(DeskSaying.SIGNED_BEFORE, digest=known.digest))
        event = self.kept_in.sign(self.review, value, note, auditor or self.auditor, code=code)
        self._renewed()
        facts = {"value": Term(value), "auditor": event.auditor, "digest": event.digest}
        self.said = self._put(Statement.of(DeskSaying.SIGNED, **facts))
        return self.said

    def reopen(self, note: str, auditor: str = "") -> Decision:
        """Let the form that is shown be decided again, on the terms of ``Log.reopen``."""
        event = self.kept_in.reopen(self.review, note, auditor or self.auditor)
        self._renewed()
        self.said = self._put(Statement.of(DeskSaying.REOPENED, note=note))
        return event

    def attach(self, name: str, data: bytes) -> Path:
        """Keep a file beside the log, in the folder ``evidence``, and return where it lies."""
        named = Path(name).name
        beside = Path() if "://" in self.kept_in.where else Path(self.kept_in.where).parent
        path = beside / "evidence" / f"{digest_of(data)[:DIGITS]}-{named}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole({path: data})
        return path

    @property
    def lang(self) -> str:
        """The language of its reviews."""
        return self.reviews[0].lang

    def _put(self, fact: Fact) -> str:
        return put(fact, self.lang)

    def _unsigned(self, shown: Signing) -> Statement:
        counts = {"open": len(shown.undecided), "asking": len(shown.asking)}
        return Statement.of(DeskSaying.NOT_SIGNED, **counts)

    def _without_case(self) -> list[tuple[Decision, Standing]]:
        """Return the decisions that have no finding on these forms, or may have one."""
        found = [finding for one in self.reviews for finding in one.findings]
        some = self.kept_in.standing(found) if self.kept_in.is_there else ()
        return [each for each in some if each[1] in (Standing.ORPHANED, Standing.OFFERED)]

    def _take(self, reviews: Sequence[Review]) -> None:
        """Take reviews, made for the first time or again, and show what is found and decided."""
        if not reviews:
            raise NoFormError.saying("nothing-to-decide", name=Path(self.path).name)
        self.reviews = tuple(reviews)
        self._sheets = Sheets(self.path, self.reviews[0].document, self.lang)
        found = [(f, w, one) for one in self.reviews for f, w in schedules.findings(one)]
        self._found: dict[str, Finding] = {finding.key: finding for finding, *_ in found}
        self._loose = self._without_case()
        self._whole = {r.report.number: about_form(r.report, r.findings) for r in self.reviews}
        self._questions = [*map(about, self._found.values()), *self._whole.values()]
        self.cases = [cases_of.case(*each, self._sheets) for each in found]
        self._renewed()

    def _recorded(self, key: str, decision: str, note: str, **more: Any) -> Decision:
        self._drafts.pop(key, None)
        return self.kept_in.record(self._found[key], decision, note, self.auditor, **more)

    def _done(self, keys: list[str]) -> None:
        if keys:
            said = ((key, self.stands[key]) for key in keys)
            self._steps.append({key: (one["decision"], one["note"]) for key, one in said})
        self._renewed()

    def _renewed(self) -> None:
        """Show what the log has now: one look into it, whatever was done."""
        made: Made = self.kept_in.histories(self._questions)
        with self.hold_sync():
            self.stands = {key: self._stand(key, made) for key in self._found}
            self.forms = [self._form(one, made) for one in self.reviews]
        self.write()

    def _stand(self, key: str, made: Made) -> Case:
        stands = cases_of.standing(self._found[key], made.get(key, ()), self.lang)
        return {**stands, "draft": self._drafts.get(key, "")}

    def _form(self, one: Review, made: Made) -> Case:
        number = one.report.number
        own = [case for case in self.cases if case["form"] == number]
        shown = signing(one, made, self._whole[number])
        return cases_of.form(one, shown, made, own, self._sheets)

    def _asked_to_decide(self, asked: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        proof = self.attach(asked["proof"], bytes(buffers[0])) if buffers else None
        self.decide(asked["key"], asked["decision"], asked["note"], evidence=proof)

    def _asked_to_decide_a_rule(self, asked: Mapping[str, Any], _: object) -> None:
        self.decide_rule(asked["rule"], asked["decision"], asked["note"])

    def _asked_to_undo(self, _: object, __: object) -> None:
        self.undo()

    def _asked_to_correct(self, asked: Mapping[str, Any], _: object) -> None:
        self.correct(asked["path"], asked["text"], asked["note"])

    def _asked_to_sign(self, asked: Mapping[str, Any], _: object) -> None:
        self.sign(asked["value"], asked["note"], code=asked["code"], auditor=asked["auditor"])

    def _asked_to_reopen(self, asked: Mapping[str, Any], _: object) -> None:
        """Reopen a form, also with what a second person asks of its findings."""
        each = [f"{self._found[key].rule}: {note}" for key, note in asked["notes"].items()]
        self.reopen("; ".join(filter(None, (asked["note"], *each))), asked["auditor"])

    def _asked_to_keep_a_draft(self, asked: Mapping[str, Any], _: object) -> None:
        """Keep what was typed and not decided yet: it is shown, and saved with the notebook."""
        key, note = asked["key"], asked["note"]
        self._drafts = {**self._drafts, key: note}
        if note == self.stands[key]["note"]:
            del self._drafts[key]
        self.stands = {**self.stands, key: {**self.stands[key], "draft": self._drafts.get(key, "")}}
        self.write()

    def _asked_for_a_form(self, asked: Mapping[str, Any], _: object) -> None:
        self.at = asked["form"]

    def _asked_for_a_sheet(self, asked: Mapping[str, Any], _: object) -> Answer:
        told, picture = self._sheets.of(asked["sheet"])
        return told, [picture] if picture else []

    def tables(self) -> tuple[Shown, ...]:
        """Return the forms, and the cases of each with what was decided."""
        return cases_of.tables(self.cases, self.stands, self.forms, self._loose, self.lang)

    DONE: ClassVar[Mapping[str, Done]] = {
        "decide": _asked_to_decide,
        "decide rule": _asked_to_decide_a_rule,
        "undo": _asked_to_undo,
        "correct": _asked_to_correct,
        "sign": _asked_to_sign,
        "reopen": _asked_to_reopen,
        "draft": _asked_to_keep_a_draft,
        "choose": _asked_for_a_form,
        "sheet": _asked_for_a_sheet,
    }
