"""Hold what was read of a picture against what was read of the file that it was made from.

The reading of the file is the truth, but for figures that somebody struck out on the paper. What
counts is not only whether a field was read, but whether anybody is told where it was not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from typing import Any

from grammar.judging import LACKED, Verdict

import auditkit as ak
from auditkit.doubts import NoteKind
from auditkit.errors import AuditkitError
from auditkit.findings import Outcome
from auditkit.grid import Box, plain
from auditkit.report import BudgetLine, Entry, Indicator, Objective, Report
from auditkit.reviewing import read_bytes
from auditkit.wording import put

EXACT = "exact"
UNSURE = "exact, doubted"
DOUBTED = "doubted"  # read otherwise, or not at all, and the cell says so
SAID = "said"  # not read, and named among the notes or the cells that were not understood
NUMBER = "sure number wrong"
TEXT = "sure text wrong"
LOST = "lost without a word"
REFUSED = "refused"
FAIL = "FAIL on a misread"
KINDS = (EXACT, UNSURE, DOUBTED, SAID, NUMBER, TEXT, LOST, REFUSED, FAIL)
RIGHT = frozenset((EXACT, UNSURE))
NEVER = frozenset((NUMBER, LOST, FAIL))
HEAD = ("title", "year", "project", "department", "implementer", "currency_unit")
WORDS = frozenset((*HEAD, "label", "dimension", "category", "name", "explanation", "expected"))
_SAME = str.maketrans("≧≦—–―", "≥≤---")  # signs of another shape and the same meaning
ANY_PAIR = 0.1  # of a row's likeness: two rows that are nothing alike may still be one
ALIKE = 0.7  # of its characters, where a text of some length was read nearly
_Pairs = Iterator[tuple[str, Entry | None, Entry | None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a file; ``error`` says why it was refused."""

    reports: tuple[Report, ...] = ()
    error: str = ""


def read(data: bytes, name: str) -> Reading:
    """Read a file."""
    try:
        return Reading(tuple(read_bytes(data, name)))
    except AuditkitError as error:
        return Reading(error=f"{type(error).__name__}: {error}")


def sure_of(reading: Reading) -> set[str]:
    """Return the paths of what is sure, each behind the number of its form and a slash."""
    return {
        f"{number}/{entry.path}"
        for number, report in enumerate(reading.reports, start=1)
        for entry in report.entries()
        if entry.is_sure
    }


def judged(truth: Reading, read: Reading, struck: Collection[str] = ()) -> list[Verdict]:
    """Say of each field of the forms of a file what became of it, and what fails for nothing.

    ``struck`` are the paths of figures that do not count any more, each behind the number of its
    form and a slash.
    """
    if read.error:
        known = [one for report in truth.reports for one in _fields(report, None)]
        return [Verdict(REFUSED, path, was.text) for path, was, _ in known if was and was.text]
    found: list[Verdict] = []
    left = list(read.reports)
    for number, report in enumerate(truth.reports, start=1):
        own = _own(report, left, is_last=len(left) <= len(truth.reports) - number + 1)
        left = [one for one in left if one is not own]
        gone = {name.partition("/")[2] for name in struck if name.startswith(f"{number}/")}
        found += (replace(v, path=f"{number}/{v.path}") for v in _of_form(report, own, gone, read))
    for extra in left:  # a form made up
        found += _of_form(Report(extra.document, 0, extra.place, ""), extra, (), read)
    return found


def _own(report: Report, left: Sequence[Report], *, is_last: bool) -> Report | None:
    """Return the reading of a form: the next one, or where some are missing the one most alike."""
    if is_last and left and len(left) == 1:
        return left[0]
    alike = [(_alike(_said(report.project), _said(one.project)), one) for one in left]
    best = max(alike, key=lambda one: one[0], default=None)
    return best[1] if best and best[0] > ALIKE else next(iter(left), None)


def _of_form(
    report: Report, own: Report | None, struck: Collection[str], read: Reading
) -> Iterator[Verdict]:
    voice, found = _Voice(own, read), list[Verdict]()
    for path, was, now in _fields(report, own):
        if was and was.path in struck:
            yield _of_struck(path, was, now)
        elif (was and plain(was.text)) or (now and plain(now.text)):
            found.append(voice.verdict(path, was, now))
    yield from voice.columns_told(found)
    if own:
        for rule, subject in sorted(_fails(own, own) - _fails(report, own)):
            yield Verdict(FAIL, f"{rule} {subject}")


def _of_struck(path: str, was: Entry, now: Entry | None) -> Verdict:
    is_taken = now is not None and now.is_sure and plain(now.text)
    return Verdict(NUMBER if is_taken else DOUBTED, f"{path} (struck)", was.text, _text(now))


def _fields(report: Report, own: Report | None) -> _Pairs:
    """Yield the fields of a form and of its reading; rows count from nought, as printed."""
    for name in HEAD:
        yield name, getattr(report, name), own and getattr(own, name)
    for name in _names(Objective):
        yield f"goals.{name}", getattr(report.goals, name), own and getattr(own.goals, name)
    for name in ("points", "score"):
        now = own and getattr(own, f"total_{name}")
        yield f"total.{name}", getattr(report, f"total_{name}"), now
    for letter, parts, kind in (("b", "budget_lines", BudgetLine), ("i", "indicators", Indicator)):
        was, now = getattr(report, parts), getattr(own, parts) if own else ()
        for number, (one, other) in enumerate(_paired(was, now)):
            for name in _names(kind):
                first, second = (getattr(row, name) if row else None for row in (one, other))
                yield f"{letter}{number}.{name}", first, second
            yield from _extras(f"{letter}{number}", one, other)
    yield from _extras("form", report, own)


def _paired(was: Sequence[Any], now: Sequence[Any]) -> list[tuple[Any | None, Any | None]]:
    """Pair rows in their order so that they are most alike; those of no other are by themselves."""
    texts = [[_text_of(row) for row in rows] for rows in (was, now)]
    best: dict[tuple[int, int], tuple[float, list[tuple[Any | None, Any | None]]]] = {}
    for i in range(len(was), -1, -1):
        for j in range(len(now), -1, -1):
            ways: list[tuple[float, list[tuple[Any | None, Any | None]]]] = []
            if i < len(was) and j < len(now):
                gain, rest = best[i + 1, j + 1]
                alike = _alike(texts[0][i], texts[1][j]) + ANY_PAIR
                ways.append((gain + alike, [(was[i], now[j]), *rest]))
            if i < len(was):
                gain, rest = best[i + 1, j]
                ways.append((gain, [(was[i], None), *rest]))
            if j < len(now):
                gain, rest = best[i, j + 1]
                ways.append((gain, [(None, now[j]), *rest]))
            best[i, j] = max(ways, key=lambda way: way[0], default=(0.0, []))
    return best[0, 0][1]


def _text_of(row: BudgetLine | Indicator) -> str:
    return "|".join(_said(getattr(row, name)) for name in _names(type(row)))


def _names(kind: type) -> list[str]:
    plain_ = ("name", "parent", "path", "extra") if kind is BudgetLine else ("path", "extra")
    return [field.name for field in fields(kind) if field.name not in plain_]


def _extras(path: str, one: Any, other: Any) -> _Pairs:
    """Yield what stands under labels of the form's own, by the labels or, misread, in order.

    What is kept under a label that was misread is not made up.
    """
    was, now = (list(getattr(part, "extra", ())) for part in (one, other))
    by_name = dict(now) if len(was) != len(now) else {}
    for number, (label, entry) in enumerate(was):
        found = now[number][1] if len(was) == len(now) else by_name.pop(label, None)
        yield f"{path}.{label}", entry, found
    values = (getattr(one, field.name) for field in fields(one)) if one else ()
    known = {_said(value) for value in values if isinstance(value, Entry)}
    made_up = ((label, entry) for label, entry in by_name.items() if _said(entry) not in known)
    yield from ((f"{path}.{label}", None, entry) for label, entry in made_up)


class _Voice:
    """What a reading says of what it did not read."""

    def __init__(self, report: Report | None, read: Reading) -> None:
        some = [report] if report else list(read.reports)
        notes = [note for one in some for note in one.notes]
        self.notes = plain(" ".join(put(note, "en") for note in notes))
        self.unplaced = Counter(plain(cell.text) for one in some for cell in one.unplaced)
        unread = (note["pages"] for note in notes if note.kind is NoteKind.PAGES_UNREAD)
        self.pages = {int(n) for pages in unread for n in re.findall(r"\d+", put(pages, "en"))}
        unknown = (note for note in notes if note.kind is NoteKind.COLUMN_UNKNOWN)
        self.cells = {str(note["table"])[:1]: int(str(note["cells"])) for note in unknown}
        lacks = (str(note["what"]) for note in notes if note.kind is NoteKind.LACKS)
        self.lacks = tuple(prefix for what in lacks for prefix in LACKED.get(what, ()))

    def verdict(self, path: str, was: Entry | None, now: Entry | None) -> Verdict:
        """Say what became of a field."""
        kind = _kind(path, was, now)
        is_told = kind == LOST and was is not None and self._tells(path, was)
        return Verdict(SAID if is_told else kind, path, _text(was), _text(now))

    def columns_told(self, found: Sequence[Verdict]) -> Iterator[Verdict]:
        """Yield verdicts, those of a column said that a note names as not understood as a whole."""
        lost = Counter(_column(one.path) for one in found if one.kind == LOST)
        told = {name for name, count in lost.items() if count <= self.cells.get(name[0], 0)}
        for one in found:
            is_told = one.kind == LOST and _column(one.path) in told
            yield replace(one, kind=SAID) if is_told else one

    def _tells(self, path: str, was: Entry) -> bool:
        text = plain(was.text)
        if path.startswith(self.lacks) or (len(text) > 5 and text in self.notes):
            return True
        if any(isinstance(c.place, Box) and c.place.page in self.pages for c in was.cells):
            return True
        near = (one for one in self.unplaced if len(text) > 3 and _alike(one, text) > ALIKE)
        told = text if self.unplaced[text] else next(near, "")
        self.unplaced[told] -= 1
        return bool(told)


def _column(path: str) -> tuple[str, str]:
    """Return the letter that a table begins with, and what a field of it is called."""
    row, _, name = path.partition(".")
    return row[:1].replace("b", "f"), name  # budget lines are in the table of funds


def _kind(path: str, was: Entry | None, now: Entry | None) -> str:
    is_sure = now is not None and now.is_sure
    if _said(was) == _said(now):
        same = was is None or now is None or was.reading.value == now.reading.value
        if same:
            return EXACT if is_sure else UNSURE
    if now is not None and not is_sure:
        return DOUBTED
    if not _said(now):
        return LOST
    digits = re.search(r"\d", _text(was) + _text(now))
    is_number = path.rpartition(".")[2] not in WORDS and not path.startswith("goals.") and digits
    return NUMBER if is_number or path == "year" else TEXT


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _text(entry: Entry | None) -> str:
    return entry.text if entry else ""


def _said(entry: Entry | None) -> str:
    return plain(_text(entry)).translate(_SAME)


def _fails(report: Report, like: Report) -> set[tuple[str, str]]:
    """Return which rules fail on what; a row of indicators by its number in one of two readings."""
    found = set[tuple[str, str]]()
    pairs = _paired(like.indicators, report.indicators)
    rows = {other.path: f"i{n}" for n, (_, other) in enumerate(pairs) if other}
    review = ak.evaluate(ak.recompute(report), ak.Terms(log=ak.Terms.NO_LOG))
    for finding in review.findings:
        if finding.outcome is Outcome.FAIL:
            subject = finding.observation.subject
            own = next((path for path in rows if f"{subject}/".startswith(f"{path}/")), "")
            found.add((finding.rule, rows.get(own, "") + subject.removeprefix(own)))
    return found
