"""Readings that auditors corrected, put in the place of what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auditkit.decisions.log import Act, Decision, Log, about_form
from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import given
from auditkit.grid import How
from auditkit.numbers import Reading, read_number, read_value, read_words
from auditkit.report import Entry, Report, with_entries
from auditkit.wording import LabelPath

_READS = (read_value, read_number, read_words)


def corrected(report: Report, log: Log | str | Path | None = None) -> Report:
    """Return the form with the readings that auditors corrected, to be reviewed in its place.

    What is printed stays in the cells, and a note says who put what in place of what. An entry that
    is read otherwise now than when it was corrected, or that two auditors correct differently,
    is doubted. ``log`` is one, or its address; the usual one where none is given.
    Raises LogError where it cannot be used or is not whole.
    """
    report = given(report, Report, "one form is expected, as ak.read(PATH)[0]")
    kept_in = log if isinstance(log, Log) else Log(log)
    decided: dict[str, list[Decision]] = defaultdict(list)
    for event in kept_in.unreplaced(kind="entry", form=about_form(report, ()).form):
        decided[event.subject].append(event)
    notes: list[Note] = []

    def of(entry: Entry) -> Entry:
        if entry.path not in decided:
            return entry
        *others, last = decided[entry.path]
        doubts = tuple(_other_readings(others, last))
        if last.decision != Act.CORRECTED:
            return replace(entry, doubts=(*entry.doubts, *doubts))
        if last.answer != entry.text:
            return replace(entry, doubts=(*entry.doubts, *doubts, _corrected_then(last)))
        notes.append(_note(last))
        reading = _read_alike(entry, last.value)
        doubts = (*doubts, *reading.suspicions)
        return Entry(entry.path, reading, entry.cells, How.CORRECTED, doubts)

    whole: Report = with_entries(report, of)
    return replace(whole, notes=(*report.notes, *notes))


def _other_readings(others: Sequence[Decision], last: Decision) -> Iterator[Doubt]:
    """Yield what others read who decided differently, without having seen the last decision."""
    for event in others:
        if (event.decision, event.value) != (last.decision, last.value):
            reading = event.value or event.answer
            yield Doubt.of(DoubtKind.READ_OTHERWISE, auditor=event.auditor, reading=reading)


def _corrected_then(event: Decision) -> Doubt:
    return Doubt.of(
        DoubtKind.CORRECTED_THEN,
        auditor=event.auditor,
        before=event.answer,
        after=event.value,
        on=event.made_at,
    )


def _note(event: Decision) -> Note:
    return Note.of(
        NoteKind.CORRECTED,
        path=LabelPath(event.subject),
        auditor=event.auditor,
        before=event.answer,
        after=event.value,
        on=event.made_at,
    )


def _read_alike(entry: Entry, text: str) -> Reading:
    """Read a text as the entry was read: as a value, an amount or words."""
    read = next((read for read in _READS if read(entry.text) == entry.reading), read_value)
    return read(text)
