"""CP: whether what a form must state is stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.grid import plain
from auditkit.recompute import number, scored_line
from auditkit.report import Entry, Indicator, Report
from auditkit.rules.printed import is_blank, is_empty, is_prompt, present

COLUMNS = ("name", "target", "actual", "points", "score")


@rule(
    "CP-01",
    "Cells that must be filled are blank",
    severity=Severity.WARNING,
    basis=("cn-mof-2020-10/form",),
)
def required_cells_are_filled(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for blanks in the head, the funds, the goals, the indicators and the total.

    One answer for each block or column, so that an empty form is said to be empty once. Left
    out: columns that the form does not have, rows of detail (其中), rows whose points or score
    are printed once for several rows, and rows of the template that nobody filled in. A prompt
    of the template that was left standing counts as a blank.

    Fails: eleven indicators, the actual value of two of them blank.
    Passes: every cell that the form has is filled; a dash or 无 is an answer.
    Open: nothing was read that could be blank.
    """
    groups = (
        ("header", present(report.project, report.department, report.implementer)),
        ("budget", _budget(report)),
        ("goals", present(report.goals.expected, report.goals.actual)),
        ("total", present(report.total_score)),
    )
    for subject, entries in groups:
        if entries:
            yield _answer(subject, entries, _blank(entries))
    for column in COLUMNS:
        rows = tuple(_asked(report.indicators, column))
        entries = tuple(e for row in rows for e in present(getattr(row, column)))
        if entries:
            yield _answer(f"indicators/{column}", entries, _blank(entries))


def _blank(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if is_blank(entry) or is_prompt(entry))


def _answer(subject: str, entries: tuple[Entry, ...], blank: tuple[Entry, ...]) -> Observation:
    count = f"{len(blank)} of {len(entries)}"
    if not blank:
        return Observation(Outcome.PASS, subject, f"none of {len(entries)} is blank", entries)
    names = "; ".join(entry.path for entry in blank[:3])
    more = f" and {len(blank) - 3} more" if len(blank) > 3 else ""
    message = f"{count} blank: {names}{more}"
    return Observation(Outcome.FAIL, subject, message, blank, reported=count, expected="0")


def _budget(report: Report) -> tuple[Entry, ...]:
    """Return the cells that the total of the funds must fill in, as far as the form has them."""
    line = report.total_line
    if line is None:
        return ()
    others = [other for other in report.budget_lines if other is not line]
    if any(number(other.outturn) is not None for other in others) and is_empty(line.outturn):
        return ()  # the total is missing and its parts are there: EX-09 says so
    scored = scored_line(report)
    budget = line.adjusted_budget or line.initial_budget
    own = (line.score,) if scored is line else ()
    rate = line.execution_rate if not is_empty(budget) or is_blank(budget) else None
    return present(budget, line.outturn, rate, *own)


def _asked(rows: tuple[Indicator, ...], column: str) -> Iterator[Indicator]:
    """Yield the rows of which a column may be asked for."""
    shared: tuple[str, ...] | None = None
    for index, row in enumerate(rows):
        block = tuple(plain(entry.text) for entry in present(row.dimension, row.category))
        below = rows[index + 1] if index + 1 < len(rows) else None
        is_scored = number(row.points) is not None or number(row.score) is not None
        if is_scored:
            shared = block
        if _is_sub_row(row):
            continue
        if column in ("points", "score") and not is_scored and shared == block:
            continue  # printed once for several rows
        if column in ("target", "actual") and is_scored and below and _is_sub_row(below):
            continue  # its rows of detail hold the values
        yield row


def _is_sub_row(row: Indicator) -> bool:
    name = plain(row.name.text).lstrip("★*#-—①②③.、 ") if row.name else ""
    return name.startswith("其中") and number(row.points) is None


RULES: tuple[Rule, ...] = (required_cells_are_filled,)
