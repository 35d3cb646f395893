"""What rules ask of the texts that a form prints: whether a cell gives a reason for anything."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditkit.report import Entry, Extra, words_of
from auditkit.rules.answers import present
from auditkit.worked import Worked

MONEY_WORDS = ("资金", "预算", "执行", "支付", "经费", "结算", "拨付", "付款", "尾款", "质保金")
REASON_LABELS = ("原因", "说明", "措施", "问题")
BONUS_WORDS = ("加分", "附加分", "奖励分")
NO_REASON = frozenset({"", "无", "0", "不适用", "/", "-", "—", "——"})


def is_prompt(entry: Entry | None) -> bool:
    """Tell whether a cell still holds what the template asks for: (100字以内)."""
    text = words_of(entry)
    return "字" in text and re.search(r"\d+字(以内|左右)?[)。]?$", text) is not None


def gives_reason(entry: Entry | None) -> bool:
    """Tell whether a cell for reasons says anything; 无, 0 and a template's prompt do not."""
    return not is_prompt(entry) and words_of(entry).strip("。.;；,") not in NO_REASON


def reasons(
    worked: Worked, words: Iterable[str], *boxes: tuple[Extra, Iterable[str]]
) -> tuple[Entry, ...]:
    """Return texts that may explain something, as far as they give a reason.

    Each box is the extra columns of a row or the form with parts of the labels that count;
    besides them count the causes in rows of indicators that mention one of the words.
    """
    stated = [e for extra, parts in boxes for label, e in extra if any(p in label for p in parts)]
    spoken = [row.indicator.explanation for row in worked.indicators if row.mentions(words)]
    return present(*filter(gives_reason, (*stated, *spoken)))
