"""What every rule asks of a printed entry: its figure, its rounding, and whether it is empty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache

from auditkit.findings import Observation, Outcome, Severity
from auditkit.numbers import Status
from auditkit.once import once
from auditkit.recompute import SCORE_PLACES, WIDE, Figure, half_unit, shown, words_of
from auditkit.report import Entry, Extra, Indicator, Report

# What is allowed besides the places printed, all of it: see the rules that say so.
SLIGHT = Decimal("0.001")  # a rate off by a tenth of a percentage point is a warning only
WHOLE_ROUNDING = Decimal("0.05")  # points that rounding to a whole number may add unremarked
MONEY_WORDS = ("资金", "预算", "执行", "支付", "经费", "结算", "拨付", "付款", "尾款", "质保金")
REASON_LABELS = ("原因", "说明", "措施", "问题")
_BLANK = Status.BLANK  # slow to look up in Python 3.11
_EMPTY = (_BLANK, Status.DASH)
NO_REASON = frozenset({"", "无", "0", "不适用", "/", "-", "—", "——"})


def is_blank(entry: Entry | None) -> bool:
    """Tell whether the form has the cell and nothing stands in it."""
    return entry is not None and entry.reading.status is _BLANK


def is_empty(entry: Entry | None) -> bool:
    """Tell whether nothing is stated: no such cell, a blank one, or a dash."""
    return entry is None or entry.reading.status in _EMPTY


def is_prompt(entry: Entry | None) -> bool:
    """Tell whether a cell still holds what the template asks for: (100字以内)."""
    text = words_of(entry)
    return "字" in text and re.search(r"\d+字(以内|左右)?[)。]?$", text) is not None


def gives_reason(entry: Entry | None) -> bool:
    """Tell whether a cell for reasons says anything; 无, 0 and a template's prompt do not."""
    return not is_prompt(entry) and words_of(entry).strip("。.;；,") not in NO_REASON


def present(*entries: Entry | None) -> tuple[Entry, ...]:
    """Return the entries that the form has, each once."""
    return tuple({id(entry): entry for entry in entries if entry is not None}.values())


def is_rounded(printed: Decimal, exact: Decimal, places: int) -> bool:
    """Tell whether a printed figure is the exact one, rounded to the nearest at its places."""
    return abs(printed - exact) <= half_unit(places)


def is_rounded_away(printed: Decimal, exact: Decimal, places: int) -> bool:
    """Tell whether only rounding up, or only cutting off, makes the exact figure the printed."""
    unit = Decimal(1).scaleb(-places)
    return printed in (exact.quantize(unit, way, WIDE) for way in (ROUND_FLOOR, ROUND_CEILING))


@cache
def score_allowance(places: int, terms: int = 1) -> Decimal:
    """Return how far a printed score may be off the one worked out of so many others.

    Half its last place, and half a hundredth for each score, since scores are not measured but
    set to two places, whatever a spreadsheet shows of them.
    """
    return max(half_unit(places or SCORE_PLACES), (1 + terms) * half_unit(SCORE_PLACES))


def mentions(row: Indicator, words: Iterable[str]) -> bool:
    """Tell whether a row of indicators contains any of the words, in whatever column."""
    text = _all_words(row)
    return any(map(text.__contains__, words))


@once
def _all_words(row: Indicator) -> str:
    columns = (row.name, row.target, row.actual, row.points, row.score, row.explanation)
    return "".join(map(words_of, (*columns, *(entry for _, entry in row.extra))))


def reasons(
    report: Report, words: Iterable[str], *boxes: tuple[Extra, Iterable[str]]
) -> tuple[Entry, ...]:
    """Return texts that may explain something, as far as they give a reason.

    Each box is the extra columns of a row or the form with parts of the labels that count;
    besides them count the causes in rows of indicators that mention one of the words.
    """
    stated = [e for extra, parts in boxes for label, e in extra if any(p in label for p in parts)]
    spoken = [row.explanation for row in report.indicators if mentions(row, words)]
    return present(*filter(gives_reason, (*stated, *spoken)))


def not_applicable(subject: str, says: str) -> Observation:
    """Say why a rule has no question to ask of this form."""
    return Observation(Outcome.NOT_APPLICABLE, subject, says)


def compared(
    figure: Figure,
    outcome: Outcome,
    says: str,
    severity: Severity | None,
    expected: str = "",
    **fields: str,
) -> Observation:
    """Say what a printed figure is beside the one that was worked out again."""
    evidence, arithmetic = present(figure.printed, *figure.inputs), figure.arithmetic
    reported = figure.printed.text if figure.printed else ""
    expected = expected or shown(figure.value)
    return Observation(
        outcome, figure.subject, says, evidence, reported, expected, arithmetic, severity, fields
    )
