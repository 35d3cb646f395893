"""DV and CP: whether what a form must state is stated, and lost points are explained."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import zip_longest

from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.recompute import (
    Scored,
    budget_of,
    number,
    numbers,
    scored_line,
    scored_rows,
    shown,
    value_of,
    words_of,
)
from auditkit.report import Entry, Indicator, Report
from auditkit.rules.printed import gives_reason, is_blank, is_empty, is_prompt, present, reasons

MONEY_WORDS = ("资金", "预算", "执行", "支付", "经费", "结算", "拨付", "付款", "尾款", "质保金")
REASON_LABELS = ("原因", "说明", "措施", "问题")
COLUMNS = ("name", "target", "actual", "points", "score")
BASIS = ("cn-mof-2020-10/self-evaluation",)


@rule("DV-01", Severity.WARNING, BASIS)
def lost_points_are_explained(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for a cause wherever a score is below its points, in the rows and in the execution.

    What falls short must be analysed and explained. A blank, a dash, 无 and 0 explain nothing.
    Forms without a column for causes are asked once; a box for the whole form, or a text that
    speaks of the money, is for a person to read.

    Fails: 10 points, 9 scored, the cause is blank.
    Passes: 10 points, 9 scored, the cause says why; or no points are lost.
    Open: points are lost and the form explains deviations in one box for all of them.
    """
    lost = [some for some in scored_rows(report) if value_of(some.score) < value_of(some.points)]
    if not lost:
        is_scored = numbers(row.score for row in report.indicators)
        outcome = Outcome.PASS if is_scored else Outcome.NOT_APPLICABLE
        yield Observation(outcome, "explanations", "full")
    elif all(row.explanation is None for row in report.indicators):
        yield _whole_form(report, lost)
    else:
        yield from (_answer(report, some) for some in lost)


def _answer(report: Report, lost: Scored) -> Observation:
    cause = lost.row.explanation if lost.row else None
    short = shown(value_of(lost.points) - value_of(lost.score))
    fields = {"score": lost.score.text, "points": lost.points.text, "lost": short}
    answer = partial(Observation, fields=fields)
    evidence = present(lost.points, lost.score, cause)
    if gives_reason(cause):
        return answer(Outcome.PASS, lost.subject, "lost given", evidence)
    if lost.row is None:
        line = scored_line(report)
        boxes = ((line.extra, REASON_LABELS), (report.extra, REASON_LABELS))
        if elsewhere := reasons(report, MONEY_WORDS, *boxes):
            return answer(Outcome.REVIEW, lost.subject, "lost elsewhere", (*evidence, *elsewhere))
    stated = cause.text if cause else ""
    why = "lost not_given" + " stated" * bool(stated)
    return answer(Outcome.FAIL, lost.subject, why, evidence, reported=stated)


def _whole_form(report: Report, lost: list[Scored]) -> Observation:
    boxes = [entry for label, entry in report.extra if "原因" in label]
    outcome, severity, says = Outcome.FAIL, None, "places blank_box"
    if any(map(gives_reason, boxes)):
        outcome, says = Outcome.REVIEW, "places one_box"
    elif not boxes:
        severity, says = Severity.NOTE, "places no_box"
    evidence = present(*(entry for some in lost for entry in (some.points, some.score)), *boxes)
    fields = {"count": str(len(lost))}
    return Observation(outcome, "explanations", says, evidence, severity=severity, fields=fields)


@rule("CP-01", Severity.WARNING, ("cn-mof-2020-10/form",))
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
    groups = {
        "header": present(report.project, report.department, report.implementer),
        "budget": _budget(report),
        "goals": present(report.goals.expected, report.goals.actual),
        "total": present(report.total_score),
    }
    for column in COLUMNS:
        cells = (getattr(row, column) for row in _asked(report.indicators, column))
        groups[f"indicators/{column}"] = tuple(cell for cell in cells if cell is not None)
    for subject, entries in groups.items():
        blank = tuple(entry for entry in entries if is_blank(entry) or is_prompt(entry))
        fields = {"names": "; ".join(entry.path for entry in blank[:3]), "count": str(len(blank))}
        fields |= {"all": str(len(entries)), "more": str(len(blank) - 3)}
        if blank:
            says, count = "blank" + " more" * (len(blank) > 3), f"{len(blank)}/{len(entries)}"
            yield Observation(Outcome.FAIL, subject, says, blank, count, "0", fields=fields)
        elif entries:
            yield Observation(Outcome.PASS, subject, "filled", entries, fields=fields)


def _budget(report: Report) -> tuple[Entry, ...]:
    """Return the cells that the total of the funds must fill in, as far as the form has them."""
    line = report.total_line
    if line is None:
        return ()
    others = (other.outturn for other in report.budget_lines if other is not line)
    if numbers(others) and is_empty(line.outturn):
        return ()  # the total is missing and its parts are there: EX-09 says so
    budget = budget_of(line)
    score = line.score if scored_line(report) is line else None
    rate = line.execution_rate if not is_empty(budget) or is_blank(budget) else None
    return present(budget, line.outturn, rate, score)


def _asked(rows: tuple[Indicator, ...], column: str) -> Iterator[Indicator]:
    """Yield the rows of which a column may be asked for."""
    shared: tuple[str, ...] | None = None
    for row, below in zip_longest(rows, rows[1:]):
        block = tuple(words_of(entry) for entry in present(row.dimension, row.category))
        is_scored = bool(numbers((row.points, row.score)))
        shared = block if is_scored else shared
        if column in ("points", "score"):
            is_elsewhere = not is_scored and shared == block  # printed once for several rows
        else:  # its rows of detail hold the values
            is_elsewhere = column != "name" and is_scored and _is_sub_row(below)
        if not is_elsewhere and not _is_sub_row(row):
            yield row


def _is_sub_row(row: Indicator | None) -> bool:
    if row is None or number(row.points) is not None:
        return False
    return words_of(row.name).lstrip("★*#-—①②③.、 ").startswith("其中")
