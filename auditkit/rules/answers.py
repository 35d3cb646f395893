"""How rules answer in a line: about one subject, one indicator, or many listed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter

from auditkit.findings import Observation, Outcome, Severity
from auditkit.recompute import words_of
from auditkit.report import Entry, Indicator
from auditkit.rules.printed import present

SHOWN = 4  # rows that a message names


def answer(
    outcome: Outcome | bool,
    subject: str,
    evidence: Iterable[Entry | None],
    reported: str = "",
    expected: str = "",
    arithmetic: str = "",
    *,
    says: str = "",
    severity: Severity | None = None,
    **fields: str,
) -> Observation:
    """Answer for one subject; an outcome of true passes, of false fails.

    Without ``says`` the catalogue's ``right`` is said of what passes, ``wrong`` of all else.
    """
    outcome, says = _said(outcome, says)
    texts = (reported, expected, arithmetic)
    return Observation(outcome, subject, says, present(*evidence), *texts, severity, fields)


def _said(outcome: Outcome | bool, says: str) -> tuple[Outcome, str]:
    if outcome is True or outcome is Outcome.PASS:
        return Outcome.PASS, "right"
    return Outcome.FAIL if outcome is False else outcome, says or "wrong"


def about(
    outcome: Outcome | bool,
    row: Indicator,
    *evidence: Entry | None,
    says: str = "",
    expected: str = "",
    severity: Severity | None = None,
) -> Observation:
    """Answer for an indicator; the first evidence is what it reports, its values stand beside."""
    (outcome, says), target, actual = _said(outcome, says), row.target, row.actual
    texts = {"target": words_of(target), "actual": words_of(actual)}
    seen, reported = present(*evidence, target, actual), words_of(evidence[0])
    return Observation(outcome, row.path, says, seen, reported, expected, "", severity, texts)


def listed(
    column: str,
    wrong: Sequence[Indicator],
    asked: Sequence[Indicator],
    outcome: Outcome = Outcome.FAIL,
    says: str = "",
    severity: Severity | None = None,
) -> Iterator[Observation]:
    """Answer once for a column of all rows that were asked, naming those that are wrong."""
    if asked:
        names = [words_of(row.name) or row.path for row in wrong]
        more = f" (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
        count, texts = f"{len(wrong)}/{len(asked)}", "; ".join(names[:SHOWN]) + more
        seen = chain.from_iterable(map(attrgetter(column, "target", "actual"), wrong or asked))
        said, ok = {"says": says, "names": texts}, not wrong or outcome
        yield answer(ok, f"indicators/{column}", seen, count, severity=severity, **said)
