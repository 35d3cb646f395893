"""Decisions in a workbook: filled in from the log, edited by hand, read back as new events.

Beside each finding stand hidden cells that say which question it answers, what the answer was, and
which events of the log the row was filled in from: an event made of the row takes their place, and
stands beside any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import schedules
from auditkit.decisions.events import ABOUT, Decision, Standing, answer_of, decided_of, wall_time
from auditkit.decisions.log import Log
from auditkit.errors import LogError, SignedError, refused
from auditkit.files import short_digest
from auditkit.grid import plain
from auditkit.schedules import Saying
from auditkit.wording import LANGUAGES, Fact, LabelPath, Phrase, Statement, put, terms
from auditkit.workpapers.formulas import BOOK

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


class Choice(StrEnum):
    """A decision about a finding, as the workbook offers it."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"
    NEEDS_EVIDENCE = "needs evidence"


DECIDED, HIDDEN = terms(*BOOK["columns"]["decided"]), BOOK["columns"]["hidden"]


def filled_in(
    question: Decision, decided: Sequence[tuple[Decision, Standing]], lang: str = "en"
) -> dict[str, str]:
    """Return the cells under DECIDED and HIDDEN for one question and what stands decided of it."""
    last = decided[-1][0] if decided else Decision("", "")
    chosen = next((choice for choice in Choice if choice == last.decision), None)
    note = schedules.lines(last.note)[: schedules.LARGEST_CELL]
    cells = (put(chosen, lang) if chosen else "", note, last.auditor)
    stands = [_standing(event, standing) for event, standing in decided]
    if len({event.decision for event, _ in decided}) > 1:
        stands.insert(0, Saying.DIFFERENTLY)
    stands += [schedules.made_elsewhere(event, question) for event, _ in decided]
    said = "\n".join(filter(None, (put(line, lang) for line in stands)))
    about = {name: getattr(question, name) for name in ABOUT} | {"was": _digests(*cells)}
    known = " ".join(event.identity for event, _ in decided)
    hidden = (question.key, question.state, known, json.dumps(about, ensure_ascii=False))
    return dict(zip((*DECIDED, *HIDDEN), (*cells, said, *hidden), strict=True))


def _standing(event: Decision, standing: Standing) -> Fact:
    facts: dict[str, Fact] = {"standing": standing, "decision": decided_of(event)[0]}
    facts |= {"auditor": event.auditor, "number": event.number}
    if standing is Standing.CURRENT:
        return Statement.of(Saying.STANDS, **facts)
    return Statement.of(Saying.STOOD, **facts, answer=answer_of(event))


def _digests(decision: str, note: str, auditor: str) -> list[str]:
    return [short_digest(_meant(decision), note.strip()), short_digest(auditor.strip())]


def _meant(text: str) -> str:
    """Return the decision that a cell holds, as chosen or one half of it typed, or the text."""
    known = {choice: {choice, *(put(choice, lang) for lang in LANGUAGES)} for choice in Choice}
    found = (choice.value for choice, said in known.items() if text.strip() in said)
    return next(found, text.strip())


def read_decisions(
    book: Path, log: Log, auditor: str = ""
) -> tuple[list[Decision], list[LogError]]:
    """Return what was decided in a workpaper and is not in the log yet, and what cannot be used.

    ``auditor`` is who decided where the workpaper does not say. Rows that were added by hand are
    among what cannot be used. Nothing is written: give the events to ``Log.merge``. Raises LogError
    for a file that is no workpaper.
    """
    events, problems, first = list[Decision](), list[LogError](), dict[str, str]()
    added = list[str]()
    for place, row in _rows(book):
        if not row:
            added.append(place)
            continue
        try:
            if (before := first.setdefault(row[HIDDEN[0]], place)) != place:
                raise LogError.saying("row-twice", before=before)
            if event := _event(row, log, auditor):
                events.append(event)
        except LogError as error:
            problems.append(error.at(book.name, place))
    if added:
        where = "; ".join(added)
        problems.append(
            LogError.saying("rows-by-hand", name=book.name, place=where, count=len(added))
        )
    return events, problems


def added(book: Path, log: Log, events: Sequence[Decision]) -> tuple[Decision, ...]:
    """Add what was decided in a workpaper to the log; raises what ``Log.merge`` does.

    Where a form is signed, that is said at the row.
    """
    try:
        return log.merge(events)
    except SignedError as error:
        rows = (place for place, row in _rows(book) if row.get(HIDDEN[0]) == error.key)
        raise error.at(book.name, next(rows)) from error


def _event(row: dict[str, str], log: Log, given: str) -> Decision | None:
    """Return the event that a row asks for, ``None`` where it holds nothing new."""
    key, state, known, about = (row[name] for name in HIDDEN)
    decision, note, auditor = texts = [row[name].strip() for name in DECIDED[:3]]
    try:
        values = json.loads(about)
        was, now = values.pop("was"), _digests(*texts)
        event = Decision("finding", key, state=state, **values)
        subjects = [plain(put(LabelPath(event.subject), lang)) for lang in LANGUAGES]
        is_own = event.rule == row["rule"].split()[0] and plain(row["subject"]) in subjects
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise LogError.saying("row-hidden", reason=Phrase.of("row-unread")) from error
    if not is_own:
        raise LogError.saying("row-hidden", reason=Phrase.of("row-of-another"))
    if now == was:
        return None
    if _meant(decision) not in tuple(Choice):
        said = decision or Phrase.of("row-blank")
        offered = tuple(Statement.of(choice) for choice in Choice)
        raise LogError.saying("row-undecided", decision=said, known=offered)
    before = auditor
    if not (auditor := given if now[1] == was[1] else auditor or given):
        held = (_digests(one.decision, one.note, "")[0] for one in log.history(key))
        if now[1] == was[1] and now[0] in held:
            return None  # it was imported in somebody's name
        raise LogError.saying("row-same-name" if before else "row-no-name", auditor=before)
    event = replace(event, decision=_meant(decision), note=note, auditor=auditor)
    return _beside(event, known.split(), log.history(event))


def _beside(event: Decision, known: list[str], history: Sequence[Decision]) -> Decision | None:
    """Let an event take the place of what its row was filled in from, or its author made of it.

    What is in the log already gives no event; what others decided since is left standing.
    """
    row = f"workpaper-{short_digest(event.key, event.state, event.auditor, *known)}-"
    own = [one for one in history if one.origin.startswith(row)]
    replaced = {one for other in history for one in other.replaces.split()}
    standing = [one for one in own if one.identity not in replaced]
    said = (event.decision, event.note)
    if said in [(one.decision, one.note) for one in standing or own]:
        return None
    known = [*known, *(one.identity for one in standing)]
    origin = row + short_digest(*said, *known)
    return replace(event, made_at=wall_time(), replaces=" ".join(known), digest=origin)


def opened(book: Path) -> Workbook:
    """Return a workbook; raises LogError for a file that is none."""
    from openpyxl import load_workbook

    try:
        return load_workbook(book)
    except Exception as error:  # whatever a damaged archive leads to
        reason = refused(error) if isinstance(error, OSError) else str(error)
        raise LogError.saying("book-unopened", name=str(book), reason=reason) from error


def findings_in(book: Workbook) -> tuple[Worksheet, dict[str, int]] | None:
    """Return the sheet of the findings and the columns of what is known in it by their heads."""
    needed = {*terms("rule", "subject"), *DECIDED, *HIDDEN}
    names = {put(name, lang): name for name in needed for lang in LANGUAGES}
    for sheet in book.worksheets:
        heads = {names.get(c.value): c.column - 1 for c in next(sheet.iter_rows(max_row=1), ())}
        if needed <= set(heads):
            return sheet, {str(name): at for name, at in heads.items() if name}
    return None


def is_book(path: Path) -> bool:
    """Tell whether a file is a workbook that was written here, whatever was added to it."""
    with suppress(LogError):
        return findings_in(opened(path)) is not None
    return False


def rows_of(book: Workbook) -> Iterator[tuple[str, str]]:
    """Yield the rows of a workbook that hold something: where each stands, and its digest.

    What is decided in the row of a finding is no part of it, and an office program that only saves
    the book again changes none.
    """
    found = findings_in(book)
    for sheet in book.worksheets:
        is_decided = found is not None and sheet is found[0]
        free = {found[1][name] for name in DECIDED[:3]} if found and is_decided else set[int]()
        for row in sheet.iter_rows():
            cells = (held(cell.value) for at, cell in enumerate(row) if at not in free)
            if texts := "\0".join(cells).rstrip("\0"):
                yield _place(sheet, row[0].row), short_digest(sheet.title, texts)


def _place(sheet: Worksheet, row: int) -> str:
    return str(Phrase.of("row of sheet", sheet=sheet.title, row=row))


def held(value: object) -> str:
    """Return what a cell holds, the same whichever program saved it."""
    if isinstance(value, int | float | Decimal):
        return f"{float(value):.12g}"
    text = text_in(value).strip()
    return "".join(text.split()) if text.startswith("=") else text


def _rows(book: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of the findings: where each stands, and its texts by their heads.

    A row that holds something and answers no question has no texts.
    """
    if (found := findings_in(opened(book))) is None:
        raise LogError.saying("book-without-findings", name=str(book))
    sheet, heads = found
    for row in sheet.iter_rows(min_row=2):
        texts = {name: text_in(row[at].value) for name, at in heads.items()}
        if texts[HIDDEN[0]]:
            yield _place(sheet, row[0].row), texts
        elif any(text_in(cell.value).strip() for cell in row):
            yield _place(sheet, row[0].row), {}


def text_in(value: object) -> str:
    """Return what a cell of a workbook says, with the ends of lines that auditkit writes."""
    text = "" if value is None else str(value)
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
