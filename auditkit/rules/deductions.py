"""What a form itself prints about how points are taken off, and what that leaves of them."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from auditkit.comparing import Comparison, Direction
from auditkit.figures import ONE
from auditkit.numbers import read_number
from auditkit.report import ZERO, Entry, Indicator, Report, words_of
from auditkit.rules.printed import gives_reason

_LABEL = re.compile("(扣分|评分|计分|赋分|打分|得分|评价).{0,2}(标准|方法|办法|规则|细则|依据)")
_TAKEN_OFF = re.compile("(自评|实际|应)?(扣分|扣减分?)(值|数|分值)?")
_IN_PROPORTION = re.compile("比例|完成率|[×*]")  # what the rules of scores take for granted
_OF_POINTS = re.compile(r"扣|得[^,。;]{0,6}分|计\d+分|不得分")
_SHARES = ("%", "百分点")
_STEP = re.compile(
    r"每[^\d,。;一]{0,8}(?P<step>\d+(?:\.\d+)?|一)?个?(?P<unit>百分点|%|[^\d,。;%扣]{0,4})"
    r"[^\d,。;]{0,6}扣(?:减|除)?(?P<points>\d+(?:\.\d+)?)分"
)


def printed_rule(report: Report, row: Indicator) -> Entry | None:
    """Return how a form says that a row is scored, unless that is in proportion.

    That is beside the row, or a box for the whole form that takes points off by steps.
    """
    beside = (entry for label, entry in row.extra if _LABEL.search(label))
    boxes = (entry for label, entry in report.extra if _LABEL.search(label))
    stated = [e for e in beside if gives_reason(e) and _OF_POINTS.search(words_of(e))]
    stated += [entry for entry in boxes if _STEP.search(words_of(entry))]
    rule = next(iter(stated), None)
    is_usual = rule is not None and _IN_PROPORTION.search(words_of(rule)) is not None
    return None if is_usual else rule


def printed_deduction(row: Indicator) -> tuple[Entry, Decimal] | None:
    """Return what a row prints as taken off, in a column of its own: 扣分 4, or -4."""
    beside = (entry for label, entry in row.extra if _TAKEN_OFF.fullmatch(label))
    for entry in beside:
        value = read_number(entry.text).value
        if value is not None:
            return entry, abs(value)
    return None


def left_by_rule(rule: Entry, found: Comparison, points: Decimal) -> tuple[Decimal, Decimal] | None:
    """Return the least and the most that a rule leaves of points: 每低1个百分点扣0.5分.

    A step that was begun may count or not. ``None`` where the rule is none of steps, or of another
    unit, or cannot be told from what is printed.
    """
    steps = _STEP.findall(words_of(rule))
    if len(steps) != 1 or found.is_vague or found.is_met is not False:
        return None
    size, unit, off = steps[0]
    target = found.inputs[0].reading.unit
    is_share = target == "%"
    if (unit in _SHARES) != is_share or (not is_share and unit not in ("", "个", target)):
        return None
    step = Decimal(size) if size not in ("", "一") else ONE
    away = found.actual.low - found.target
    gap = away if found.direction is Direction.LOWER else abs(away)
    count = gap / step
    ends = (count.to_integral_value(way) for way in (ROUND_CEILING, ROUND_FLOOR))
    least, most = (max(ZERO, points - end * Decimal(off)) for end in ends)
    return least, most
