"""What a run comes to as a whole (复核项目): each form once, each department, all that is wrong.

All of it is asked of the tables, so that a paper says what ``query`` says; only what was decided
comes from the log.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from auditkit.decisions.events import Decision, Standing
from auditkit.decisions.log import Log
from auditkit.findings import Outcome, Severity
from auditkit.forms.labels import unit_in
from auditkit.many.results import Ask
from auditkit.numbers import MONEY_UNITS

Row = Mapping[str, Any]
Decided = dict[str, list[tuple[Decision, Standing]]]
KINDS = ("errors", "warnings", "notes", "to look at")
_KINDS = dict(zip((Severity.ERROR, Severity.WARNING, Severity.NOTE), KINDS, strict=False))
ZERO, IN_TEN_THOUSANDS = Decimal(0), MONEY_UNITS["万元"]
SUM_IS_WRONG = "TT-01"
_FORMS = "SELECT * FROM reports ORDER BY file, form"
_ASKED = """SELECT * FROM findings WHERE outcome IN ('fail', 'review') AND suppressed = ''
ORDER BY file, form, rule, subject, key"""
_BETWEEN = """SELECT * FROM across WHERE outcome IN ('fail', 'review') AND suppressed = ''
ORDER BY rule, subject, key"""
_PARTS = "SELECT * FROM funding WHERE score IS NOT NULL"


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row that carries a score, as the unit has it and as a re-check would have it, if told.

    ``row`` is what the table has of it, ``keys`` the findings that speak against its score.
    """

    row: Row
    is_execution: bool
    own: Decimal | None
    review: Decimal | None
    keys: tuple[str, ...] = ()

    @property
    def deducted(self) -> Decimal:
        """By how much the score is too high, nought where nothing is proposed."""
        return ZERO if self.own is None or self.review is None else self.own - self.review


@dataclass(frozen=True, slots=True)
class Line:
    """One form, however many files hold it; ``files`` are the others that do.

    Amounts are in 万元. ``sum`` is what the scores of the form add up to where that is not its
    total, else its total. ``problems`` are what failed or is to be looked at; of so many of them as
    are ``decided`` something stands in the log.
    """

    row: Row
    files: tuple[str, ...]
    budget: Decimal | None
    outturn: Decimal | None
    own: Decimal | None
    sum: Decimal | None
    scores: tuple[ScoredRow, ...]
    problems: tuple[Row, ...]
    decided: int

    @property
    def review(self) -> Decimal | None:
        """What a re-check would score it: its own total less what rows were given too much.

        Where the scores add up to more than the total, which of them are wrong is not known.
        """
        if self.own is None or self.sum is None or self.sum > self.own:
            return None
        return self.sum - total(some.deducted for some in self.scores)

    @property
    def left(self) -> int:
        """How many scored rows are left to the reviewer."""
        return sum(some.own is not None and some.review is None for some in self.scores)

    @property
    def counts(self) -> Counter[str]:
        """How many problems there are of each of ``KINDS``."""
        return Counter(map(kind_of, self.problems))

    @property
    def rank(self) -> tuple[int, ...]:
        """What the form is ranked by: the worst first."""
        return tuple(-self.counts[kind] for kind in KINDS)


@dataclass(frozen=True)
class Overview:
    """The forms of a run, worst first, what shows only between them, and what was not reviewed."""

    lines: tuple[Line, ...]
    between: tuple[Row, ...]
    failures: tuple[Row, ...]
    decided: Decided = field(default_factory=dict)

    @cached_property
    def departments(self) -> dict[str, tuple[Line, ...]]:
        """The forms by their departments, or by their units where they name none."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            row = line.row
            found[row["department"] or row["implementer"] or ""].append(line)
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def rules(self) -> dict[str, list[tuple[Line, Row]]]:
        """The problems of all forms by their rules, those of most forms first."""
        found: dict[str, list[tuple[Line, Row]]] = defaultdict(list)
        for line in self.lines:
            for problem in line.problems:
                found[problem["rule"]].append((line, problem))
        worst = {name: min(gravity(problem) for _, problem in some) for name, some in found.items()}
        order = sorted(found, key=lambda name: (worst[name], -len(found[name]), name))
        return {name: found[name] for name in order}

    @cached_property
    def counts(self) -> Counter[str]:
        """How many problems of each of ``KINDS`` there are on all forms."""
        return sum((line.counts for line in self.lines), Counter[str]())


def overview(ask: Ask, log: Log) -> Overview:
    """Return what a run comes to; ``ask`` answers SQL about its tables."""
    rows, asked = ask(_FORMS), _by_form(ask(_ASKED))
    parts, indicators = _by_form(ask(_PARTS)), _by_form(ask("FROM indicators"))
    own = _first_of_each(rows)
    problems = {_form(row): asked.get(_form(row), []) for row, _ in own}
    decided = _decided((problem for some in problems.values() for problem in some), log)
    lines = []
    for row, files in own:
        form = _form(row)
        scores = [_scored(part, is_execution=True) for part in parts.get(form, ())]
        scores += [_scored(part, is_execution=False) for part in indicators.get(form, ())]
        lines.append(_line(row, files, tuple(scores), tuple(problems[form]), decided))
    lines.sort(key=lambda line: (line.rank, line.row["file"], line.row["form"]))
    failures = ask("FROM failures ORDER BY file")
    return Overview(tuple(lines), tuple(ask(_BETWEEN)), tuple(failures), decided)


def kind_of(problem: Row) -> str:
    """Return which of ``KINDS`` a problem is."""
    if problem["outcome"] == Outcome.REVIEW:
        return KINDS[-1]
    return _KINDS[problem["severity"]]


def gravity(problem: Row) -> int:
    """Return how bad a problem is, nought for the worst."""
    return KINDS.index(kind_of(problem))


def mean(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the mean of those that are known, rounded to two places; ``None`` for none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return (sum(known, ZERO) / len(known)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def total(values: Iterable[Decimal | None]) -> Decimal:
    """Return the sum of those that are known."""
    return sum((value for value in values if value is not None), ZERO)


def _form(row: Row) -> tuple[str, int]:
    return row["file"], row["form"]


def _by_form(rows: Iterable[Row]) -> dict[tuple[str, int], list[Row]]:
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[_form(row)].append(row)
    return found


def _first_of_each(rows: Sequence[Row]) -> list[tuple[Row, tuple[str, ...]]]:
    """Return each form once, with the other files that hold it; what says too little is its own."""
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["identity"] or _form(row)].append(row)
    return [
        (first, tuple(dict.fromkeys(o["file"] for o in others if o["file"] != first["file"])))
        for first, *others in groups.values()
    ]


def _line(
    row: Row,
    files: tuple[str, ...],
    scores: tuple[ScoredRow, ...],
    problems: tuple[Row, ...],
    decided: Decided,
) -> Line:
    unit = unit_in(f"单位:{row['currency_unit'] or ''}") or "万元"
    budget = row["adjusted_budget"] if row["adjusted_budget"] is not None else row["initial_budget"]
    factor = Decimal(MONEY_UNITS[unit]) / IN_TEN_THOUSANDS
    budget, outturn = (a if a is None else a * factor for a in (budget, row["outturn"]))
    stands = sum(
        any(how is Standing.CURRENT for _, how in decided.get(problem["key"], ()))
        for problem in problems
    )
    own = row["total_score"]
    return Line(row, files, budget, outturn, own, _sum(own, problems), scores, problems, stands)


def _sum(own: Decimal | None, problems: Sequence[Row]) -> Decimal | None:
    """Return the total score, or what the scores add up to where a rule says it is another sum."""
    for problem in problems:
        is_wrong = problem["rule"] == SUM_IS_WRONG and problem["outcome"] == Outcome.FAIL
        expected = (problem["expected"] or "").replace(".", "", 1)
        if is_wrong and expected.isdecimal():
            return Decimal(problem["expected"])
    return own


def _scored(row: Row, *, is_execution: bool) -> ScoredRow:
    keys = tuple((row["review_findings"] or "").split())
    return ScoredRow(row, is_execution, row["score"], row["review_score"], keys)


def _decided(problems: Iterable[Row], log: Log) -> Decided:
    """Return what the log holds of problems, by their keys."""
    if not log.decisions():
        return {}
    questions = [
        Decision("finding", problem["key"], state=problem["state"], **json.loads(problem["about"]))
        for problem in problems
    ]
    found: Decided = defaultdict(list)
    for event, standing in log.standing(questions):
        if standing is not Standing.OFFERED:
            found[event.key].append((event, standing))
    return dict(found)
