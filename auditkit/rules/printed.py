"""What rules ask of the texts that a form prints: the reasons, and the sums that they state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from auditkit.figures import ONE, Agreement, half_unit
from auditkit.grid import plain
from auditkit.numbers import MONEY_UNITS, Reading, base_unit, read_value
from auditkit.report import (
    NOTHING_SAID,
    OF_GOALS,
    ZERO,
    BudgetLine,
    Entry,
    Extra,
    Indicator,
    Report,
    number,
    value_of,
    words_of,
)
from auditkit.rules.answers import present
from auditkit.standards.vocabulary import is_called, speaks_of, sums_in
from auditkit.wording import Fact, Term
from auditkit.worked import Worked

MONEY_WORDS = ("资金", "预算", "执行", "支付", "经费", "结算", "拨付", "付款", "尾款", "质保金")
CHANGE_WORDS = ("预算调整", "调整预算", "调增", "调减", "追加", "追减", "压减", "年中调整")
REASON_LABELS = ("原因", "说明", "措施", "问题")
CAUSE_LABELS = ("原因", "说明")
WHOLE_ROUNDING = Decimal("0.05")  # points that rounding to a whole number may add unremarked
_AGREED = (Agreement.EXACT, Agreement.WITHIN_ROUNDING)
INSTRUCTIONS = ("填表", "填报", "填写")  # what stands there is said to whoever fills in the form
NO_BOX = (*INSTRUCTIONS, OF_GOALS)  # and these are no boxes of the whole form
OTHER_MATTERS = ("其他", "其它")  # 其他需要说明的事项
_CLAUSES = re.compile("[。;!]")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:亿|万)?元(?!/)")
# What states no amount: a unit that the template prints is none either.
NOTHING = frozenset({"", "/", "-", "—", "——", *NOTHING_SAID, *MONEY_UNITS})
NO_REASON = NOTHING | {"0"}


def asks_for_text(entry: Entry | None) -> bool:
    """Tell whether a cell still holds what the template asks for: (100字以内)."""
    text = words_of(entry)
    return "字" in text and re.search(r"\d+字(以内|左右)?[)。]?$", text) is not None


def gives_reason(entry: Entry | None) -> bool:
    """Tell whether a cell for reasons says anything; 无, 0 and a template's prompt do not."""
    return not asks_for_text(entry) and words_of(entry).strip("。.;；,") not in NO_REASON


def reasons_for_money(worked: Worked) -> tuple[Entry, ...]:
    """Return texts that may say why money was not spent, or its points were lost."""
    boxes = (worked.execution.line.extra, worked.report.extra)
    told = told_in_goal(worked.report, MONEY_WORDS)
    return present(*reasons(worked, MONEY_WORDS, *((box, REASON_LABELS) for box in boxes)), *told)


def reasons_for_change(worked: Worked, line: BudgetLine) -> tuple[Entry, ...]:
    """Return texts that may say why the budget of a funding row was changed."""
    boxes = ((line.extra, CAUSE_LABELS), (worked.report.extra, ("调整", "说明")))
    goal = worked.report.goals.actual
    told = any(word in words_of(goal) for word in CHANGE_WORDS)
    return present(*reasons(worked, CHANGE_WORDS, *boxes), goal if told else None)


def clauses_of(entry: Entry) -> list[str]:
    """Return what a text says, clause by clause."""
    return _CLAUSES.split(words_of(entry))


def told_in_goal(report: Report, words: Iterable[str]) -> tuple[Entry, ...]:
    """Return what was achieved (实际完成情况) if it gives a cause in a clause with such words.

    So does a cause beside a goal, in a column of its own.
    """
    goal = report.goals.actual
    clauses = _CLAUSES.split(words_of(goal))
    told = any(speaks_of("cause", one) and any(map(one.__contains__, words)) for one in clauses)
    beside = (
        entry
        for label, entry in report.extra
        if label.startswith(OF_GOALS) and any(word in label for word in CAUSE_LABELS)
        if gives_reason(entry) and any(map(words_of(entry).__contains__, words))
    )
    return present(goal if told else None, *beside)


def unfinished_in(text: str) -> tuple[str, ...]:
    """Return the clauses of a text that say of the goal that it was not reached."""
    return tuple(one for one in _CLAUSES.split(text) if speaks_of("unfinished", one))


def under_way_in(text: str) -> tuple[str, ...]:
    """Return the clauses of a text that say that something is not accepted, or not built yet."""
    clauses = (one for one in _CLAUSES.split(text) if speaks_of("under_way", one))
    return tuple(one for one in clauses if not speaks_of("accepted", one.split(",")[-1]))


def texts_not_understood(report: Report, row: Indicator) -> dict[str, Entry]:
    """Return the texts of a row that stand in columns which were not understood, by their heads."""
    columns = (column.cells for column in report.unknown if column.table == "indicators")
    strange = {cell.place for cells in columns for cell in cells}
    beside = [
        (label, e) for label, e in row.extra if strange.intersection(c.place for c in e.cells)
    ]
    return {
        label: entry
        for label, entry in beside
        if gives_reason(entry) and read_value(entry.text).value is None
    }


def told_of(report: Report, name: str) -> tuple[Entry, ...]:
    """Return texts that may say why an indicator fell short: the goal, or a box that names it."""
    boxes = [entry for label, entry in report.extra if _is_for_causes(label)]
    named = (entry for entry in boxes if name in words_of(entry) and gives_reason(entry))
    return present(*told_in_goal(report, (name,)), *named) if name else ()


def _is_for_causes(label: str) -> bool:
    return not label.startswith(INSTRUCTIONS) and any(word in label for word in REASON_LABELS)


def reasons_for_the_rest(worked: Worked) -> tuple[Entry, ...]:
    """Return texts that do say why money was not spent: nobody needs to read them to be sure.

    That is a cause in the column for it of the funding row, or anywhere a clause that gives a cause
    and the sum that was not spent: 中标价低于预算,节约12.86万元.
    """
    report, line = worked.report, worked.execution.line
    own = [entry for label, entry in line.extra if _is_of_spending(label)]
    texts = (
        report.goals.actual,
        *(entry for label, entry in report.extra if not label.startswith(NO_BOX)),
        *(row.explanation for row in report.indicators),
    )
    told = (entry for entry in present(*texts) if _tells_the_rest(worked, entry))
    return present(*filter(gives_reason, own), *told)


def _is_of_spending(label: str) -> bool:
    """Tell whether a column is for causes, and not only for those of a change of the budget."""
    is_of_change = "调整" in label and not ("执行" in label or "偏差" in label)
    return not is_of_change and any(word in label for word in CAUSE_LABELS)


def _tells_the_rest(worked: Worked, entry: Entry) -> bool:
    """Tell whether a clause of a text has a cause and the sum that was not spent."""
    line, unit = worked.execution.line, words_of(worked.report.currency_unit)
    budget, outturn = number(line.budget), number(line.outturn)
    if budget is None or outturn is None:
        return False
    rest = (budget - outturn) * MONEY_UNITS.get(unit, 1)
    return rest > 0 and any(_stands_for(read_value(text), rest) for text in _sums_in_causes(entry))


def _sums_in_causes(entry: Entry) -> Iterator[str]:
    """Yield the sums of money in those clauses of a text that give a cause."""
    for one in clauses_of(entry):
        if speaks_of("cause", one):
            yield from _AMOUNT.findall(one)


def sums_of_the_rest(worked: Worked) -> Iterator[tuple[Entry, Decimal, str]]:
    """Yield sums that causes state of money that was not spent: entry, value in yuan, text."""
    report, line = worked.report, worked.execution.line
    texts = (report.goals.actual, *(entry for _, entry in (*report.extra, *line.extra)))
    for entry in present(*texts):
        for text in _sums_in_causes(entry):
            if (scaled := read_value(text).scaled()) and scaled[0]:
                yield entry, scaled[0], text


def _stands_for(sum_: Reading, amount: Decimal) -> bool:
    """Tell whether a sum of money, at the places printed, is an amount in yuan."""
    factor, base = base_unit(sum_.unit)
    near = half_unit(sum_.decimals) * factor
    return base == "元" and sum_.value is not None and abs(sum_.value * factor - amount) <= near


def has_box_for_causes(report: Report, line: BudgetLine | None = None) -> bool:
    """Tell whether a form has a place for causes beside the rows of its indicators.

    That is a box of the whole form, or a column of the funds where their ``line`` is given. A box
    for whatever else is to be said (其他需要说明的事项) is one on a form without any other place.
    """
    labels = [label for label, _ in (*report.extra, *(line.extra if line else ()))]
    places = [
        label
        for label in labels
        if any(word in label for word in CAUSE_LABELS) and not label.startswith(NO_BOX)
    ]
    has_column = any(row.explanation is not None for row in report.indicators)
    return any(not (label.startswith(OTHER_MATTERS) and has_column) for label in places)


def score_is_the_rates(worked: Worked) -> bool:
    """Tell whether the execution scored what its rate earns, with no place to say why.

    It may be rounded, to a whole number where that is unremarked. Where the amounts cannot be used,
    the rate is the one that is printed.
    """
    return _is_due(worked) and not has_box_for_causes(worked.report, worked.execution.line)


def _is_due(worked: Worked) -> bool:
    line, earned = worked.execution.line, worked.execution_score
    if earned is not None and earned.agreement in _AGREED:
        return True
    points, rate, score = line.points, line.execution_rate, line.score
    due = earned.value if earned is not None else None
    if due is None and points and rate and number(rate) is not None:
        due = value_of(points) * min(ONE, rate.reading.ratio or ZERO)
    if score is None or due is None:
        return False
    claimed, places = value_of(score), score.reading.decimals
    whole = claimed == claimed.to_integral_value() and abs(claimed - due) < WHOLE_ROUNDING
    return whole or (places > 0 and abs(claimed - due) <= half_unit(places))


def prints_a_bonus(report: Report) -> bool:
    """Tell whether a form speaks anywhere of points above its points (加分)."""
    texts = [words_of(entry) for entry in report.entries()]
    texts += [label for label, _ in report.extra] + [plain(cell.text) for cell in report.unplaced]
    return any(speaks_of("bonus", text) for text in texts)


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
        if any(part in label for part in parts) and not label.startswith(NO_BOX)
    ]
    spoken = [row.indicator.explanation for row in worked.indicators if row.mentions(words)]
    return present(*filter(gives_reason, (*stated, *spoken)))


def sums_with_units(report: Report) -> Iterator[tuple[Entry, Decimal, str]]:
    """Yield sums of money that carry a unit of their own: entry, value in yuan, text.

    What a row without a name has a sum of is not known, nor what the sum should agree with.
    """
    named = [row for row in report.indicators if words_of(row.name)]
    rows = [row for row in named if not speaks_of("other_money", words_of(row.name))]
    cells = present(*(cell for row in rows for cell in (row.target, row.actual)))
    said = [(cell, text) for cell in cells for text in _AMOUNT.findall(words_of(cell))]
    goals = present(report.goals.expected, report.goals.actual)
    said += [(goal, text) for goal in goals for text in sums_in(words_of(goal))]
    for entry, text in said:
        if (scaled := read_value(text).scaled()) and scaled[0]:
            yield entry, scaled[0], text


def is_of_all_funds(name: str) -> bool:
    """Tell whether nothing in the name of a rate limits it to a part of the funds."""
    return is_called("plain_execution", name) or not is_called("execution_rate", name)


def text_or_blank(entry: Entry) -> Fact:
    """Return what a cell says, or the word for a blank one."""
    return entry.text or Term("blank")
