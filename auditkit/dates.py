"""What a printed date says: a day, a month, a period of a year, or a day of each month."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_DATE_WORDS = r"(?:[^\d]{0,6}?(?:时间|日期|期限)?[为于在:]?|截[至止]|于|在|到)?"
_DATE_VERBS = r"(?:完成|完工|竣工|验收|到位|支付|发放|前完成)?[。.]?"
_DATE = re.compile(
    rf"{_DATE_WORDS}(?:(?P<year>(?:19|20)\d{{2}})年度?)?"
    r"(?:(?P<month>1[0-2]|0?[1-9])月份?(?:(?P<day>3[01]|[12]\d|0?[1-9])[日号])?)?"
    rf"年?(?:底|末|初|中旬|上旬|下旬)?(?P<before>之?以?前)?内?{_DATE_VERBS}"
)
_NUMERIC_DATE = re.compile(
    rf"{_DATE_WORDS}(?P<year>(?:19|20)\d{{2}})(?P<sep>[-/.])(?P<month>1[0-2]|0?[1-9])"
    rf"(?:(?P=sep)(?P<day>3[01]|[12]\d|0?[1-9]))?(?P<before>之?以?前)?{_DATE_VERBS}"
)
# 次年3月 is not of the form's year.
_OTHER_YEAR = re.compile("[次翌明下来去上前后][一]?年(?!度?底)")
_PERIODS = re.compile(
    "上半年|下半年(?!之?以?前)|第?[一二三四]季度|(?<!\\d)年[底末](?=之?以?前|完成|$)"
)
_MONTHS = {"上半年": "6月", "下半年": "12月", "一季度": "3月", "二季度": "6月", "三季度": "9月"}
_MONTHS |= dict.fromkeys(("四季度", "年底", "年末"), "12月")
_LEAP_YEAR = 2000  # stands for a year that is not printed, which may have a 29 February
_EACH_MONTH = re.compile(
    rf"{_DATE_WORDS}每个?月(?P<day>3[01]|[12]\d|0?[1-9])[日号](?P<before>之?以?前)?{_DATE_VERBS}"
)


@dataclass(frozen=True, slots=True)
class Said:
    """The last day that a date names, by its month and day, with the year where that is printed.

    The month is 0 for a day of each month. ``is_before`` says that it is a limit (前); one that
    ``is_odd`` may be a number with a decimal point.
    """

    by: tuple[int, int]
    day: date | None = None
    is_before: bool = False
    is_odd: bool = False


def date_in(text: str) -> Said | None:
    """Return what a text says that is a date and nothing else, without white space."""
    match = _NUMERIC_DATE.fullmatch(text)
    is_odd = match is not None and not match["day"]
    if match and is_odd and (match["sep"] != "." or len(match["month"]) < 2):
        return None
    match = match or _DATE.fullmatch(_PERIODS.sub(lambda found: _MONTHS[found[0][-3:]], text))
    if not match or not (match["year"] or match["month"]) or _OTHER_YEAR.search(text):
        return None
    year, month = int(match["year"] or _LEAP_YEAR), int(match["month"] or 12)
    last = calendar.monthrange(year, month)[1]
    day = date(year, month, min(int(match["day"] or last), last))
    known = day if match["year"] else None
    return Said((day.month, day.day), known, is_before=bool(match["before"]), is_odd=is_odd)


def day_of_each_month(text: str) -> Said | None:
    """Return what a text says that is a day of each month: 每月15日前发放."""
    match = _EACH_MONTH.fullmatch(text)
    return Said((0, int(match["day"])), is_before=bool(match["before"])) if match else None
