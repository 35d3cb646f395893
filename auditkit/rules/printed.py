"""What rules ask of the texts that a form prints: the reasons, and the sums that they state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from auditkit.numbers import read_value
from auditkit.report import Entry, Extra, Report, words_of
from auditkit.rules.answers import present
from auditkit.standards.vocabulary import speaks_of, sums_in
from auditkit.worked import Worked

MONEY_WORDS = ("资金", "预算", "执行", "支付", "经费", "结算", "拨付", "付款", "尾款", "质保金")
REASON_LABELS = ("原因", "说明", "措施", "问题")
INSTRUCTIONS = ("填表", "填报", "填写")  # what stands there is said to whoever fills in the form
BONUS_WORDS = ("加分", "附加分", "奖励分")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:亿|万)?元(?!/)")
NO_REASON = frozenset({"", "无", "0", "不适用", "/", "-", "—", "——"})


def is_prompt(entry: Entry | None) -> bool:
    """Tell whether a cell still holds what the template asks for: (100字以内)."""
    text = words_of(entry)
    return "字" in text and re.search(r"\d+字(以内|左右)?[)。]?$", text) is not None


def gives_reason(entry: Entry | None) -> bool:
    """Tell whether a cell for reasons says anything; 无, 0 and a template's prompt do not."""
    return not is_prompt(entry) and words_of(entry).strip("。.;；,") not in NO_REASON


def reasons_for_money(worked: Worked) -> tuple[Entry, ...]:
    """Return texts that may say why money was not spent, or its points were lost."""
    boxes = (worked.execution.line.extra, worked.report.extra)
    return reasons(worked, MONEY_WORDS, *((box, REASON_LABELS) for box in boxes))


def reasons(
    worked: Worked, words: Iterable[str], *boxes: tuple[Extra, Iterable[str]]
) -> tuple[Entry, ...]:
    """Return texts that may explain something, as far as they give a reason.

    Each box is the extra columns of a row or the form with parts of the labels that count;
    besides them count the causes in rows of indicators that mention one of the words.
    """
    stated = [
        entry
        for extra, parts in boxes
        for label, entry in extra
        if any(part in label for part in parts) and not label.startswith(INSTRUCTIONS)
    ]
    spoken = [row.indicator.explanation for row in worked.indicators if row.mentions(words)]
    return present(*filter(gives_reason, (*stated, *spoken)))


def sums_with_units(report: Report) -> Iterator[tuple[Entry, Decimal, str]]:
    """Yield sums of money that carry a unit of their own: entry, value in yuan, text."""
    rows = [row for row in report.indicators if not speaks_of("other_money", words_of(row.name))]
    cells = present(*(cell for row in rows for cell in (row.target, row.actual)))
    said = [(cell, text) for cell in cells for text in _AMOUNT.findall(words_of(cell))]
    goals = present(report.goals.expected, report.goals.actual)
    said += [(goal, text) for goal in goals for text in sums_in(words_of(goal))]
    for entry, text in said:
        if (scaled := read_value(text).scaled()) and scaled[0]:
            yield entry, scaled[0], text
