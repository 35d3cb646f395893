"""The doubted cells of a form, each with its picture, to be found right or corrected by keyboard.

Nothing is read again: what is decided goes into the log, and the form is taken with it as
``corrected`` takes it. Without a kernel a table of the cells stands there (see ``placed``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from auditkit import schedules
from auditkit.decisions.corrections import corrected
from auditkit.decisions.events import Act, Decision, about_entries, decided_of
from auditkit.decisions.log import Log
from auditkit.decisions.standing import unreplaced
from auditkit.grid import How, Tables
from auditkit.notebook.display import Shown
from auditkit.notebook.placed import Answer, Done, Placed, script
from auditkit.notebook.sheets import Sheets
from auditkit.report import Entry, Report
from auditkit.wording import Fact, LabelPath, Statement, put, terms

BY_HAND = (How.CORRECTED, How.AS_READ)


class DoubtedSaying(StrEnum):
    """What became of the last thing done, and how far the cells are decided."""

    PROGRESS = "progress"  # facts: decided, all
    SAVED = "saved"  # facts: path, said, progress
    UNDONE = "undone"  # facts: path, progress
    NOTHING_TO_UNDO = "nothing to undo"
    ALL_DECIDED = "all decided"


class DoubtedText(StrEnum):
    """What stands on the sheet, by the names that doubted.js has for it."""

    TITLE = "title"
    HELP = "help"
    SAVING = "saving"
    READS = "reads"
    NUMBER = "number"
    NO_NUMBER = "no number"
    UNDO = "undo"
    NO_PICTURE = "no picture"
    NO_KERNEL = "no kernel"


class Doubted(Placed):
    """The cells of a form that were not read surely, one below the other.

    ``report`` is the form as it was read, ``path`` its file, ``tables`` what was read of that. The
    page gets ``cases`` (a cell each) and ``stands`` (what is decided of it) by the paths of
    entries; ``head`` says how sure the reading is by now.
    """

    _esm = script("placed.js", "sheets.js", "doubted.js")
    _css = Path(__file__).with_suffix(".css")
    texts = traitlets.Dict().tag(sync=True)
    cases = traitlets.List(traitlets.Dict()).tag(sync=True)
    stands = traitlets.Dict().tag(sync=True)
    head = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        report: Report,
        path: str | Path,
        log: Log,
        auditor: str,
        lang: str,
        tables: Tables | None = None,
    ) -> None:
        # The page is told of the sheet at the end, when there is something to show.
        self.named("sheet")
        self.as_read, self.kept_in, self.auditor, self._lang = report, log, auditor, lang
        self._sheets = Sheets(path, report.document, lang, tables)
        self._steps: list[tuple[str, str, str]] = []  # path, and what was decided of it before
        now = {entry.path: entry for entry in corrected(report, log).entries()}
        asked = (e for e in report.entries() if not (e.is_sure and now[e.path].is_sure))
        self._entries: dict[str, Entry] = {entry.path: entry for entry in asked}
        questions = about_entries(report, self._entries.values())
        self._questions = {question.subject: question for question in questions}
        self.texts = {text.value: put(text, lang) for text in DoubtedText}
        self.cases = [self._case(entry) for entry in self._entries.values()]
        self._renewed()
        self.said = self.progress
        super().__init__()

    @property
    def lang(self) -> str:
        """The language that it speaks."""
        return self._lang

    @property
    def report(self) -> Report:
        """The form with all that is decided of its readings by now."""
        return corrected(self.as_read, self.kept_in)

    @property
    def progress(self) -> str:
        """How many cells are decided, in words."""
        decided = sum(stand["settled"] for stand in self.stands.values())
        facts = {"decided": decided, "all": len(self.cases)}
        said = self._put(Statement.of(DoubtedSaying.PROGRESS, **facts))
        is_done = 0 < decided == len(self.cases)
        return "; ".join([said, *[self._put(DoubtedSaying.ALL_DECIDED)] * is_done])

    def accept(self, path: str) -> Decision:
        """Record that an entry is right as it was read; raises what ``Log.record`` does."""
        return self._decide(path, Act.AS_READ)

    def correct(self, path: str, text: str) -> Decision:
        """Record what an entry says instead; raises what ``Log.record`` does."""
        return self._decide(path, Act.CORRECTED, text)

    def undo(self) -> None:
        """Decide what was decided last as it was before, or withdraw it; nothing leaves the log."""
        if not self._steps:
            self.said = self._put(DoubtedSaying.NOTHING_TO_UNDO)
            return
        path, decision, value = self._steps[-1]
        self._record(path, decision or Act.WITHDRAWN, value)
        self._steps.pop()
        facts = {"path": LabelPath(path), "progress": self.progress}
        self.said = self._put(Statement.of(DoubtedSaying.UNDONE, **facts))

    def tables(self) -> tuple[Shown, ...]:
        """Return how sure the reading is, and the cells with what was decided of each."""
        heads = (*schedules.UNSURE, *terms("decision", "auditor", "on"))
        stands = [self.stands[path] for path in self._entries]
        rows = [
            (*schedules.unsure_row(entry, self.lang), stand["said"], stand["auditor"], stand["on"])
            for entry, stand in zip(self._entries.values(), stands, strict=True)
        ]
        first = "; ".join([self.head, *[self.progress] * bool(rows)])
        return (Shown(heads if rows else (), rows, self.lang, first),)

    def _put(self, fact: Fact) -> str:
        return put(fact, self.lang)

    def _case(self, entry: Entry) -> dict[str, Any]:
        """Return all that is shown of a cell, whatever is decided of it."""
        _, text, why, where = schedules.unsure_row(entry, self.lang)
        return {
            "key": entry.path,
            "label": self._put(LabelPath(entry.path)),
            "text": text,
            "why": why,
            "where": where,
        }

    def _decide(self, path: str, act: Act, text: str = "") -> Decision:
        stand = self.stands[path]
        event = self._record(path, act, text)
        self._steps.append((path, stand["decision"], stand["value"]))
        facts = {"path": LabelPath(path), "said": self.stands[path]["said"]}
        said = Statement.of(DoubtedSaying.SAVED, **facts, progress=self.progress)
        self.said = self._put(said)
        return event

    def _record(self, path: str, act: str, text: str) -> Decision:
        question = self._questions[path]
        event = self.kept_in.record(question, act, "", self.auditor, value=text)
        self._renewed()
        return event

    def _renewed(self) -> None:
        """Show what the log has now, whoever decided it."""
        report = self.report
        now = {entry.path: entry for entry in report.entries()}
        made = self.kept_in.histories(self._questions.values())
        with self.hold_sync():
            self.head = self._put(report.certainty)
            self.stands = {
                path: self._stand(now[path], made[question.key])
                for path, question in self._questions.items()
            }
        self.write()

    def _stand(self, entry: Entry, made: tuple[Decision, ...]) -> dict[str, Any]:
        """Return what was decided of a cell last, if that counts, and what is doubted still."""
        last = next(reversed(unreplaced(made)), None)
        number = entry.reading.value
        now = {
            "settled": entry.is_sure,
            "why": "" if entry.is_sure else schedules.unsure_row(entry, self.lang)[2],
            "number": "" if number is None else f"{number:f}{entry.reading.unit}",
        }
        if last is None or entry.how not in BY_HAND:
            return {**dict.fromkeys(("decision", "value", "said", "auditor", "on"), ""), **now}
        decision, value = decided_of(last)
        parts = (decision, value) if last.decision == Act.CORRECTED else (decision,)
        return {
            "decision": last.decision,
            "value": last.value,
            "said": ": ".join(map(self._put, parts)),
            "auditor": last.auditor,
            "on": last.made_at[:10],
            **now,
        }

    def _asked_to_accept(self, asked: Mapping[str, Any], _: object) -> None:
        self.accept(asked["key"])

    def _asked_to_correct(self, asked: Mapping[str, Any], _: object) -> None:
        self.correct(asked["key"], asked["text"])

    def _asked_to_undo(self, _: object, __: object) -> None:
        self.undo()

    def _asked_for_a_picture(self, asked: Mapping[str, Any], _: object) -> Answer:
        return self._sheets.around(self._entries[asked["key"]].cells)

    DONE: ClassVar[Mapping[str, Done]] = {
        "accept": _asked_to_accept,
        "correct": _asked_to_correct,
        "undo": _asked_to_undo,
        "picture": _asked_for_a_picture,
    }
