"""Readings that auditors corrected, in the place of what was read, and those they found right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from auditkit.decisions.events import Act, Decision, Standing
from auditkit.decisions.log import Log
from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import given
from auditkit.grid import How
from auditkit.identity import same
from auditkit.numbers import Reading, read_number, read_value, read_words
from auditkit.report import Entry, Report, is_of_figures, is_unread, with_entries
from auditkit.wording import LabelPath, Name

_READS = (read_value, read_number, read_words)
_DIGITS = 8  # of a document's digest that a note says
_DAY = 10  # characters of a time that are the day


def corrected(report: Report, log: Log | str | Path | None = None) -> Report:
    """Return the form as auditors read it, to be reviewed in its place.

    What they corrected is put in the place of what was read, doubted where a figure belongs and
    theirs is none; what they found right as read is
    doubted no more. What is printed stays in the cells, and notes say who decided what, when, and
    in which file where it was another. An entry that is read otherwise now than it was then, or
    that two auditors read differently, is doubted; what was decided of an entry that is gone, or
    stands on a form that may be this one, is noted. ``log`` is one, or its address; the usual one
    where none is given. Raises LogError where it cannot be used or is not whole.
    """
    report = given(report, Report, "one form is expected, as ak.read(PATH)[0]")
    made = (log if isinstance(log, Log) else Log(log)).corrections(report)
    if not made:
        return report
    decided: dict[str, list[tuple[Decision, Standing]]] = defaultdict(list)
    for event, standing in made:
        if standing in (Standing.CURRENT, Standing.STALE):
            decided[event.subject].append((event, standing))
    whole: Report = with_entries(
        report, lambda e: _decided(e, decided[e.path]) if e.path in decided else e
    )
    notes = dict.fromkeys((*report.notes, *_notes(report, made)))
    return replace(whole, notes=tuple(notes), read_as=report.known_as)


def _decided(entry: Entry, made: Sequence[tuple[Decision, Standing]]) -> Entry:
    """Return an entry as the last auditor read it, doubted where that is no longer certain."""
    *others, (last, standing) = made
    doubts = tuple(_other_readings([event for event, _ in others], last))
    is_decided = last.decision in (Act.CORRECTED, Act.AS_READ)
    if not is_decided or (last.decision == Act.CORRECTED and _is_mended(last, entry)):
        return replace(entry, doubts=(*entry.doubts, *doubts))
    if standing is Standing.STALE:
        return replace(entry, doubts=(*entry.doubts, *doubts, _decided_then(last)))
    if last.decision == Act.AS_READ:
        reading = replace(entry.reading, suspicions=())
        return replace(entry, reading=reading, how=How.AS_READ, doubts=doubts)
    reading = _read_alike(entry, last.value)
    if is_of_figures(entry.path) and is_unread(reading):
        doubts = (*doubts, Doubt(DoubtKind.NO_NUMBER))
    return Entry(entry.path, reading, entry.cells, How.CORRECTED, (*doubts, *reading.suspicions))


def _is_mended(event: Decision, entry: Entry) -> bool:
    """Tell whether a file has by now what an auditor corrected it to."""
    return event.answer != entry.text and same(event.value) == same(entry.text)


def _other_readings(others: Sequence[Decision], last: Decision) -> Iterator[Doubt]:
    """Yield what others read who decided differently, without having seen the last decision."""
    for event in others:
        reading = _reading_of(event)
        is_one = (event.decision, event.value) == (last.decision, last.value)
        if not is_one and reading != _reading_of(last):
            yield Doubt.of(DoubtKind.READ_OTHERWISE, auditor=event.auditor, reading=reading)


def _reading_of(event: Decision) -> str:
    """Return how the author of a decision read an entry."""
    return event.value if event.decision == Act.CORRECTED else event.answer


def _decided_then(event: Decision) -> Doubt:
    auditor, before, on = event.auditor, event.answer, event.made_at
    if event.decision == Act.AS_READ:
        return Doubt.of(DoubtKind.AS_READ_THEN, auditor=auditor, before=before, on=on)
    return Doubt.of(
        DoubtKind.CORRECTED_THEN, auditor=auditor, before=before, after=event.value, on=on
    )


def _notes(report: Report, made: Sequence[tuple[Decision, Standing]]) -> Iterator[Note]:
    """Yield what is to be known of corrections: what was made of each, the last of each entry."""
    entries = {entry.path: entry for entry in report.entries()}
    last = {(event.subject, standing): event for event, standing in made}
    for (path, standing), event in last.items():
        if event.decision != Act.CORRECTED:
            continue
        if standing is Standing.ORPHANED:
            yield _gone(event)
        elif standing is Standing.OFFERED:
            yield _offered(event)
        elif standing is Standing.CURRENT:
            yield _put_right(event)
            if event.document != report.document.sha256:
                yield _elsewhere(event)
        elif _is_mended(event, entries[path]):
            yield _mended(event)
    yield from _as_read(report, last)


def _as_read(report: Report, last: Mapping[tuple[str, Standing], Decision]) -> Iterator[Note]:
    """Yield who found which readings right on which day, those of a day and a file together."""
    groups: dict[tuple[Standing, bool, str, str, str, str], list[str]] = defaultdict(list)
    for (path, standing), event in last.items():
        if event.decision == Act.AS_READ:
            is_here = event.document == report.document.sha256
            file = (event.file or "-", event.document[:_DIGITS])
            group = (standing, is_here, event.auditor, event.made_at[:_DAY], *file)
            groups[group].append(path)
    for (standing, is_here, auditor, on, *named), some in groups.items():
        paths = tuple(map(LabelPath, some))
        if standing is Standing.CURRENT and is_here:
            yield Note.of(NoteKind.AS_READ, auditor=auditor, on=on, paths=paths)
        elif standing is not Standing.STALE:
            yield _found_elsewhere(standing, auditor, on, paths, named)


def _found_elsewhere(
    standing: Standing, auditor: str, on: str, paths: tuple[LabelPath, ...], named: Sequence[str]
) -> Note:
    """Say what was found right as read in another file, or on a form or entry that is not here."""
    file, digest = named[0], Name(named[1])
    made = {
        Standing.CURRENT: Note.of(
            NoteKind.AS_READ_ELSEWHERE,
            auditor=auditor, on=on, paths=paths, file=file, digest=digest,
        ),
        Standing.ORPHANED: Note.of(
            NoteKind.AS_READ_GONE,
            auditor=auditor, on=on, paths=paths, file=file, digest=digest,
        ),
        Standing.OFFERED: Note.of(
            NoteKind.AS_READ_OFFERED,
            auditor=auditor, on=on, paths=paths, file=file, digest=digest,
        ),
    }  # fmt: skip
    return made[standing]


def _put_right(event: Decision) -> Note:
    return Note.of(
        NoteKind.CORRECTED,
        path=LabelPath(event.subject),
        auditor=event.auditor,
        before=event.answer,
        after=event.value,
        on=event.made_at,
    )


def _mended(event: Decision) -> Note:
    return Note.of(
        NoteKind.MENDED,
        path=LabelPath(event.subject),
        auditor=event.auditor,
        before=event.answer,
        after=event.value,
        on=event.made_at,
    )


def _gone(event: Decision) -> Note:
    return Note.of(
        NoteKind.CORRECTION_GONE,
        path=LabelPath(event.subject),
        auditor=event.auditor,
        before=event.answer,
        after=event.value,
        on=event.made_at,
    )


def _offered(event: Decision) -> Note:
    return Note.of(
        NoteKind.CORRECTION_OFFERED,
        path=LabelPath(event.subject),
        before=event.answer,
        after=event.value,
        file=event.file or "-",
        on=event.made_at,
    )


def _elsewhere(event: Decision) -> Note:
    path, digest = LabelPath(event.subject), Name(event.document[:_DIGITS])
    return Note.of(NoteKind.CORRECTED_ELSEWHERE, path=path, file=event.file, digest=digest)


def _read_alike(entry: Entry, text: str) -> Reading:
    """Read a text as the entry was read: as a value, an amount or words."""
    read = next((read for read in _READS if read(entry.text) == entry.reading), read_value)
    return read(text)
