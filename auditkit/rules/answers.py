"""How rules answer: about a path, a figure or an indicator, or about many rows listed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditkit.figures import Figure, shown
from auditkit.findings import Observation, Outcome, Severity
from auditkit.report import Entry, Indicator, words_of
from auditkit.wording import Fact

# The general duty to evaluate what is spent, behind every rule that asks how it was evaluated.
DUTY = "cn-budget-law/evaluation"
SHOWN = 4  # rows that a message names
_Parts = str | tuple[str, ...]
_BY_TRUTH = {True: Outcome.PASS, False: Outcome.FAIL}
_SAID: dict[Outcome, _Parts] = {Outcome.PASS: "right"}


def present(*entries: Entry | None) -> tuple[Entry, ...]:
    """Return the entries that the form has, each once."""
    return tuple({id(entry): entry for entry in entries if entry is not None}.values())


def unsure(entries: Iterable[Entry | None]) -> Iterator[Entry]:
    """Yield the entries that were not read surely.

    An answer rests on them that would be another one if they said what they do not seem to say.
    """
    return (entry for entry in entries if entry is not None and not entry.is_sure)


def answer(
    outcome: Outcome | bool,
    about: str | Figure | Indicator,
    *,
    says: _Parts = (),
    wrong: _Parts = "wrong",
    sentence: str = "",
    evidence: Iterable[Entry | None] | None = None,
    reported: Fact | None = None,
    expected: Fact | None = None,
    arithmetic: Fact | None = None,
    severity: Severity | None = None,
    lacks: tuple[str, ...] = (),
    **fields: Fact,
) -> Observation:
    """Answer about one subject of a form.

    Args:
        outcome: What the rule makes of it; true passes, false fails.
        about: A path; a figure, which brings its cells, what is printed, what it comes to and
            how; or an indicator, which adds its target and actual value to the evidence and to
            the fields, and of which the first cell of the evidence is what is reported.
        says: The part of the catalogue that is said, or several that are put together, of which
            empty ones are left out; without it the part ``right`` is said of what passes.
        wrong: What is said instead of all that does not pass, unless ``says`` is given.
        sentence: A plain sentence, for a rule that has no catalogue.
        evidence: The cells that the answer stands on; those that the form does not have are left
            out.
        reported: What is printed.
        expected: What it would be.
        arithmetic: How that was worked out, on one line.
        severity: Instead of the rule's own, for this answer.
        lacks: What is found lacking besides what the rule may; see ``Rule``.
        **fields: What fills in the parts besides.
    """
    if not isinstance(outcome, Outcome):
        outcome = _BY_TRUTH[bool(outcome)]
    said = says or _SAID.get(outcome, wrong)
    subject, given = about if isinstance(about, str) else "", list(evidence or ())
    if isinstance(about, Figure):
        subject, printed = about.subject, about.printed
        given = [printed, *about.inputs] if evidence is None else given
        reported = (printed.text if printed else "") if reported is None else reported
        expected = shown(about.value) if expected is None else expected
        arithmetic = about.formula if arithmetic is None else arithmetic
    elif isinstance(about, Indicator):
        subject, target, actual = about.path, about.target, about.actual
        reported = words_of(given[0] if given else None) if reported is None else reported
        given += [target, actual]
        fields = {"target": words_of(target), "actual": words_of(actual), **fields}
    return Observation(
        outcome=outcome,
        subject=subject,
        says=sentence or ((said,) if isinstance(said, str) else tuple(filter(None, said))),
        evidence=present(*given),
        reported="" if reported is None else reported,
        expected="" if expected is None else expected,
        arithmetic="" if arithmetic is None else arithmetic,
        severity=severity,
        fields=fields,
        lacks=lacks,
    )


def listed(
    column: str,
    wrong_rows: Sequence[Indicator],
    asked: Sequence[Indicator],
    *,
    outcome: Outcome = Outcome.FAIL,
    wrong: str = "wrong",
    severity: Severity | None = None,
    beside: Iterable[Entry | None] = (),
) -> Iterator[Observation]:
    """Answer once for a column of all rows that were asked, naming those that are wrong.

    ``beside`` is what the answer stands on besides the cells of those rows.
    """
    if not asked:
        return
    names = [words_of(row.name) or row.path for row in wrong_rows]
    more = f" (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
    seen = [(getattr(row, column), row.target, row.actual) for row in wrong_rows or asked]
    yield answer(
        outcome if wrong_rows else Outcome.PASS,
        f"indicators/{column}",
        wrong=wrong,
        evidence=(*(entry for cells in seen for entry in cells), *beside),
        reported=f"{len(wrong_rows)}/{len(asked)}",
        severity=severity,
        names="; ".join(names[:SHOWN]) + more,
    )
