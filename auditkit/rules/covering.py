"""Which rule judged the score of each row of a form, or why none could."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from auditkit.findings import Finding, Outcome
from auditkit.report import is_empty, number, words_of
from auditkit.standards.vocabulary import named
from auditkit.wording import Statement
from auditkit.worked import IndicatorRow, Scored, Worked

# The rules that hold a score against what was reached; whether they pass or not, it is judged.
JUDGING = frozenset(("EX-02", "SC-02", "SC-03", "SC-04", "SC-05", "SC-06", "SC-07", "SC-10"))
# Those that ask about a score where they cannot: outside its points, words, no value, units.
ASKING = JUDGING | {"SC-01", "SC-08", "SC-09", "SC-11"}


class Unjudged(StrEnum):
    """Why no rule could judge the score of a row; see figures.toml."""

    NO_POINTS = "no points"
    NO_TARGET = "no target"
    NO_ACTUAL = "no actual value"
    SHARED = "shared"
    WORDS = "words"  # facts: target, actual
    NO_RATE = "no rate"
    NO_RULE = "no rule"


@dataclass(frozen=True, slots=True)
class RowCoverage:
    """A scored row, the rules that judged its score, and why none could where there are none."""

    subject: str
    rules: tuple[str, ...]
    unjudged: Statement | None = None


def row_coverage(worked: Worked, findings: Iterable[Finding]) -> tuple[RowCoverage, ...]:
    """Tell of each row with a score which rules judged it or asked about it.

    What is found of the row besides, such as a cause that is not given, judges no score.
    """
    answered: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        is_asked = finding.outcome in (Outcome.FAIL, Outcome.REVIEW)
        passed = finding.outcome is Outcome.PASS and finding.rule in JUDGING
        if passed or (is_asked and finding.rule in ASKING):
            answered[finding.observation.subject].append(finding.rule)
    return tuple(
        RowCoverage(subject, tuple(dict.fromkeys(answered[subject])))
        if subject in answered
        else RowCoverage(subject, (), why or Statement(Unjudged.NO_RULE))
        for subject, why in _scored_rows(worked)
    )


def _scored_rows(worked: Worked) -> Iterator[tuple[str, Statement | None]]:
    line = worked.execution.line
    if number(line.score) is not None:
        why = None if worked.rate_scored else Statement(Unjudged.NO_RATE)
        yield f"budget/{line.name}", why
    yield from ((row.indicator.path, why) for row, why in unjudged_rows(worked))


def unjudged_rows(worked: Worked) -> Iterator[tuple[IndicatorRow, Statement | None]]:
    """Yield the indicators with a score, each with why it cannot be judged, if it cannot."""
    pointed = {id(some.row): some for some in worked.scored if some.row}
    for row in worked.indicators:
        if number(row.indicator.score) is not None:
            yield row, _why_unjudged(row, pointed.get(id(row)))


def _why_unjudged(row: IndicatorRow, some: Scored | None) -> Statement | None:
    target, actual = row.indicator.target, row.indicator.actual
    if some is None:
        return Statement(Unjudged.NO_POINTS)
    if some.below:
        return Statement(Unjudged.SHARED)
    if row.comparison or row.reached or row.met is not None or named("tiers", words_of(actual)):
        return None
    if is_empty(target):
        return Statement(Unjudged.NO_TARGET)
    if is_empty(actual):
        return Statement(Unjudged.NO_ACTUAL)
    if number(target) is None and number(actual) is None:
        facts = {"target": words_of(target), "actual": words_of(actual)}
        return Statement.of(Unjudged.WORDS, **facts)
    return row.incomparable
