"""The whole of a re-check, and the words that its papers have for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Any

from auditkit.errors import StandardsError
from auditkit.many.overview import KINDS, Line, Overview, Row, ScoredRow, kind_of
from auditkit.standards import Provision, Standards
from auditkit.wording import Statement, Term, put, text

_FEW = 3  # rows that the reasons of a deviation name


class Advice(StrEnum):
    """What is recommended where a rule of a subject has found something, by the rule's letters."""

    EX = "EX"
    WT = "WT"
    SC = "SC"
    TT = "TT"
    DV = "DV"
    IN = "IN"
    GO = "GO"
    CP = "CP"
    RV = "RV"
    RD = "RD"
    CR = "CR"


class Reason(StrEnum):
    """What makes a re-check's score another one than the unit's. Words in whole_words.toml."""

    ROW = "row"  # facts: name, own, review
    MORE = "more rows"  # facts: rows
    SUM = "sum"  # facts: own, sum


@dataclass(frozen=True, slots=True)
class Whole:
    """What the papers of a run are made of: what it comes to, and the words to say it in.

    ``folders`` has where the papers of each file lie below the folder of the run; ``copies`` are
    files that hold the same bytes as another one, and which that is; ``draws`` the records of the
    samples that were drawn from its tables. So many ``files`` came in, those copies aside, and all
    forms together were held against so many rules ``between`` them.
    """

    overview: Overview
    law: Standards
    lang: str
    folders: Mapping[str, str]
    copies: Sequence[tuple[str, str]] = ()
    draws: Sequence[Mapping[str, Any]] = ()
    files: int = 0
    between: int = 0

    def say(self, *keys: str) -> str:
        """Return words of auditkit's own in the language of the papers."""
        return "".join(put(Term(key), self.lang) for key in keys)


def called(line: Line) -> str:
    """Return what a form is called: by its project, or else by its file."""
    return str(line.row["project"] or line.row["file"])


def unit_of(line: Line) -> str:
    """Return whose form it is: the unit's, or that of its department."""
    return str(line.row["implementer"] or line.row["department"] or "")


def reasons(line: Line, whole: Whole) -> str:
    """Say what makes the re-check's score another one: the rows that lose most, and a wrong sum."""
    lang, lost = whole.lang, sorted(line.scores, key=lambda some: -some.deducted)
    said = [
        Statement.of(
            Reason.ROW,
            name=row_called(some, whole),
            own=plain_number(some.own),
            review=plain_number(some.review),
        )
        for some in lost
        if some.deducted > 0
    ]
    if line.own is not None and line.sum is not None and line.own != line.sum:
        facts = {"own": plain_number(line.own), "sum": plain_number(line.sum)}
        said.insert(0, Statement.of(Reason.SUM, **facts))
    more = len(said) - _FEW
    said[_FEW:] = [Statement.of(Reason.MORE, rows=more)] if more > 0 else []
    return "\n".join(put(one, lang) for one in said)


def row_called(some: ScoredRow, whole: Whole) -> str:
    """Return what a scored row is called."""
    return whole.say("execution of all") if some.is_execution else some.row["name"] or ""


def plain_number(number: Decimal | None) -> str:
    """Return a number as it is printed, without the places that only tables have."""
    return "" if number is None else f"{number.normalize():f}"


def recommended(rule: str, whole: Whole) -> str:
    """Return what is recommended where a rule has found something; empty for one's own rules."""
    known = next((each for each in Advice if rule.startswith(f"{each}-")), None)
    return put(known, whole.lang) if known else ""


def said_of(rule: str, name: str, whole: Whole) -> str:
    """Return a rule's title or question in the language of the papers."""
    return text(rule, name, whole.lang)


def numbered(overview: Overview) -> Iterator[tuple[int, Line, Row]]:
    """Yield the problems of all forms with their numbers, each question once."""
    seen, numbers = set[str](), count(1)
    for line in overview.lines:
        for problem in sorted(line.problems, key=lambda each: KINDS.index(kind_of(each))):
            if problem["key"] not in seen:
                seen.add(problem["key"])
                yield next(numbers), line, problem


def degree(problem: Row, whole: Whole) -> str:
    """Say how bad a problem is, or that a person has to look first."""
    kind = kind_of(problem)
    return (
        whole.say("to be looked at") if kind == KINDS[-1] else put(problem["severity"], whole.lang)
    )


def provisions(whole: Whole) -> list[Provision]:
    """Return the values of the standards that were in force for any of the forms, each once."""
    found: dict[Provision, None] = {}
    places = {(line.row["jurisdiction"], line.row["held_on"]) for line in whole.overview.lines}
    for code, day in sorted(places):
        try:
            place = whole.law.jurisdiction(code, date.fromisoformat(day))
        except StandardsError:
            continue
        found |= dict.fromkeys(whole.law.resolved(place))
    return sorted(found, key=lambda p: (p.name, p.jurisdiction, p.start))
