"""A target and what was reached: put on one scale, and what of the points that earns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from auditkit.figures import HUNDRED, ONE, Interval, shown
from auditkit.numbers import Reading, Status, base_unit, read_value
from auditkit.report import ZERO, Entry, Indicator, number, words_of
from auditkit.standards.vocabulary import Met, met_in_words, named, speaks_of
from auditkit.wording import Fact, Statement, Term

FAR = Decimal(10) ** 18  # stands for the end that an open bound does not state
_ABOUT = Decimal("0.1")  # by what share 左右 and 约 may be off
_SHARES = ("%", "‰")
# One unit by several names; 人次 is none of 人, since one person may come twice.
_SAME_UNITS = {"名": "人", "位": "人", "km": "公里", "千米": "公里", "m": "米", "个月": "月"}
_SAME_UNITS |= {"m2": "平方米", "㎡": "平方米", "m3": "立方米", "t": "吨"}
_COUNTED = re.compile("[个套台座条项份]")
_OF_TIMES = re.compile("([批场期件例项])次$")
A_YEAR = "/年"  # a form is of one year: 每年2次 is 2次
_DURATION = re.compile("个?月|天|日|个?工作日|小时|分钟|年")


class Direction(StrEnum):
    """Which way an indicator is better; QUALITATIVE has no number to reach."""

    HIGHER = "higher is better"
    LOWER = "lower is better"
    EQUAL = "exactly"
    QUALITATIVE = "qualitative"


_BY_SIGN = dict.fromkeys(("≥", ">"), Direction.HIGHER) | dict.fromkeys(("≤", "<"), Direction.LOWER)
_BY_SIGN["="] = Direction.EQUAL


class Assumption(StrEnum):
    """What a form does not say of an indicator and was taken for granted; see figures.toml."""

    EQUAL_IS_AT_MOST = "equal is at most"
    LOWER_BY_ITS_WORDS = "lower by its words"
    HIGHER_WITHOUT_A_SIGN = "higher without a sign"
    SAME_UNIT = "same unit"  # facts: unit


class Obstacle(StrEnum):
    """Why a target and an actual value cannot be compared; see figures.toml."""

    NOT_ON_THE_FORM = "not on the form"
    TARGET_IS_NO_NUMBER = "target is no number"  # facts: target
    TARGET_IS_A_TOLERANCE = "target is a tolerance"  # facts: target
    ACTUAL_IS_NO_NUMBER = "actual is no number"  # facts: actual
    UNITS_DIFFER = "units differ"  # facts: target, actual


class Incomparable(Statement):
    """Why a target and an actual value cannot be compared: an ``Obstacle`` and its facts."""

    __slots__ = ()


class Yardstick(StrEnum):
    """By what a target is measured that is no single number; see figures.toml."""

    RANGE = "range"
    DEADLINE = "deadline"
    ABSENCE = "absence"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a target that is no single number was reached, as far as the form shows it.

    It is sure where numbers say so, and not where a year is taken to be the same, or words do.
    """

    by: Yardstick
    is_met: bool
    is_sure: bool = False


class Method(StrEnum):
    """How points follow from a limit that was exceeded; where more is better, both are one."""

    RATIO = "ratio"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A target and an actual value on one scale; ``actual`` may be printed as bound or range.

    ``assumed`` lists what the form does not say and was taken for granted, each of the kind of
    an ``Assumption``.
    """

    direction: Direction
    target: Decimal
    actual: Interval
    is_strict: bool
    inputs: tuple[Entry, Entry]
    assumed: tuple[Statement, ...] = ()

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; ``None`` where the actual value is too vague to tell."""
        low = self._meets(self.actual.low)
        return low if not self.is_vague or self._meets(self.actual.high) is low else None

    @property
    def is_vague(self) -> bool:
        """Whether the actual value is a bound or a range, not one number."""
        return self.actual.low != self.actual.high

    @property
    def ratio(self) -> tuple[Decimal, Decimal]:
        """What is divided by what: actual value by target, or the reverse if lower is better."""
        pair = (self.actual.low, self.target)
        return pair[::-1] if self.direction is Direction.LOWER else pair

    @property
    def lacks_a_unit(self) -> bool:
        """Whether only one of the two has a unit."""
        return any(each.kind is Assumption.SAME_UNIT for each in self.assumed)

    def times_ratio(self, points: Decimal) -> str:
        """Write out the points times the ratio."""
        return f"{shown(points)} x {shown(self.ratio[0])} / {shown(self.ratio[1])}"

    def _meets(self, value: Decimal) -> bool:
        if value == self.target:
            return not self.is_strict
        return (value < self.target) is (self.direction is Direction.LOWER)


def direction_of(indicator: Indicator) -> tuple[Direction, tuple[Statement, ...]]:
    """Tell which way an indicator is better, and what of it is only assumed."""
    if indicator.target is None or number(indicator.target) is None:
        return Direction.QUALITATIVE, ()
    return _direction(indicator, indicator.target.reading)


def _direction(indicator: Indicator, target: Reading) -> tuple[Direction, tuple[Statement, ...]]:
    for label, entry in indicator.extra:
        if "性质" in label or "方向" in label:
            if re.search("反向|负向", words_of(entry)):
                return Direction.LOWER, ()
            if "正向" in words_of(entry):
                return Direction.HIGHER, ()
    name, category = words_of(indicator.name), words_of(indicator.category)
    signed = _BY_SIGN.get(target.comparator)
    slow = "时效" in category and _DURATION.fullmatch(target.unit) is not None
    unwanted = speaks_of("unwanted", name) or "成本" in category
    lower = slow or (unwanted and not speaks_of("dealt_with", name))
    if signed is Direction.EQUAL and lower:
        return Direction.LOWER, (Statement(Assumption.EQUAL_IS_AT_MOST),)
    if signed:
        return signed, ()
    if lower:
        return Direction.LOWER, (Statement(Assumption.LOWER_BY_ITS_WORDS),)
    return Direction.HIGHER, (Statement(Assumption.HIGHER_WITHOUT_A_SIGN),)


def compare_values(indicator: Indicator) -> Comparison | Incomparable:
    """Put target and actual value on one scale, or say why that cannot be done."""
    target, actual = indicator.target, indicator.actual
    if target is None or actual is None:
        return Incomparable(Obstacle.NOT_ON_THE_FORM)
    is_about = actual.reading.status is Status.ABOUT
    aim, got = number(target), None if is_about else actual.reading.value
    if aim is None:
        return Incomparable.of(Obstacle.TARGET_IS_NO_NUMBER, target=_text(target))
    if target.reading.comparator == "±":
        return Incomparable.of(Obstacle.TARGET_IS_A_TOLERANCE, target=_text(target))
    if got is None:
        return Incomparable.of(Obstacle.ACTUAL_IS_NO_NUMBER, actual=_text(actual))
    scale = _one_scale(target.reading, _in_its_unit(indicator, actual.reading), aim, got)
    if isinstance(scale, Incomparable):
        return scale
    direction, assumed = direction_of(indicator)
    aim, reached, also = scale
    is_strict = target.reading.comparator in ("<", ">")
    return Comparison(direction, aim, reached, is_strict, (target, actual), (*assumed, *also))


def _in_its_unit(indicator: Indicator, actual: Reading) -> Reading:
    """Return an actual value in the unit of the row where that stands in a column of its own.

    Both values are then in it; but 0.95 beside % may be a share, and stays bare.
    """
    unit = indicator.target.reading.unit if indicator.target else ""
    is_share = unit in _SHARES and actual.value is not None and 0 < actual.value <= 1
    if not unit or actual.unit or is_share:
        return actual
    printed = (words_of(entry) for label, entry in indicator.extra if label.endswith("单位"))
    return replace(actual, unit=unit) if unit in printed else actual


def _text(entry: Entry) -> Fact:
    return entry.text or Term("blank")


def _one_scale(
    target: Reading, actual: Reading, aim: Decimal, got: Decimal
) -> tuple[Decimal, Interval, tuple[Statement, ...]] | Incomparable:
    """Return target and range of the actual value, and what is assumed of their units."""
    factor, assumed = ONE, tuple[Statement, ...]()
    units = {_plain_unit(target.unit), _plain_unit(actual.unit)}
    if target.unit and actual.unit and len(units) == 2:
        base, root = base_unit(target.unit)
        factor, other = base_unit(actual.unit)
        if not _are_one(root, other) or (target.unit in _SHARES) != (actual.unit in _SHARES):
            return Incomparable.of(Obstacle.UNITS_DIFFER, target=target.unit, actual=actual.unit)
        aim, got = aim * base, got * factor
    elif not (target.unit and actual.unit) and len(units) == 2:
        assumed = (Statement.of(Assumption.SAME_UNIT, unit=target.unit or actual.unit),)
        if target.unit == "%" and aim > 2 and 0 < got <= 1:
            got, factor = got * 100, HUNDRED
        elif actual.unit == "%" and got > 2 and 0 < aim <= 1:
            aim *= 100
    low = -FAR if actual.comparator in ("≤", "<") else got
    upper = got if actual.upper is None else actual.upper * factor
    high = FAR if actual.comparator in ("≥", ">") else upper
    return aim, Interval(low, high), assumed


def _plain_unit(unit: str) -> str:
    """Return a unit as others write it on a form of one year: 批 for 批次, 人 for 名/年."""
    plain = _OF_TIMES.sub(r"\1", unit.removesuffix(A_YEAR))
    return _SAME_UNITS.get(plain, plain)


def _are_one(root: str, other: str) -> bool:
    """Tell whether two units count the same thing, where one may name it: 个 and 个岗位."""
    short, long = sorted((_plain_unit(root), _plain_unit(other)), key=len)
    is_thing = long[:1] == short and named("units", long) in (
        "",
        "count",
    )  # no 个百分点, no 个工作日
    return short == long or (is_thing and _COUNTED.fullmatch(short) is not None)


def proportional_score(
    comparison: Comparison, points: Decimal, *, method: Method = Method.RATIO
) -> Decimal | None:
    """Return what a missed or met target earns in proportion, from zero to all its points.

    Higher is better: actual over target. Lower is better, RATIO: target over actual; LINEAR: one
    less the share by which the target is exceeded. ``None`` where the actual value is vague, or
    a target of zero leaves no proportion.
    """
    if comparison.is_met:
        return points
    if comparison.is_vague or comparison.target <= 0:
        return None
    part, whole = comparison.ratio
    if comparison.direction is Direction.LOWER and method is Method.LINEAR:
        share = ONE - (whole - part) / part
    else:
        share = part / whole
    return points * min(ONE, max(ZERO, share))


def how_far_met(indicator: Indicator, found: Comparison | Incomparable) -> Met | None:
    """Tell how far a target is met, in numbers, dates or words; ``None`` is unknown.

    ``found`` is what comparing the numbers of the indicator came to.
    """
    if isinstance(found, Comparison):
        return None if found.is_met is None else (Met.MISSED, Met.FULLY)[found.is_met]
    target, actual = indicator.target, indicator.actual
    if not (target and actual) or number(target) is not None or number(actual) is not None:
        return None
    first, last = target.reading.day, actual.reading.day
    if first and last:
        return Met.FULLY if last <= first else Met.MISSED
    return met_in_words(words_of(target), words_of(actual))


def reached_otherwise(indicator: Indicator, found: Comparison | Incomparable) -> Reached | None:
    """Tell whether a target that is no single number was reached: a range, a deadline, an absence.

    What is only about right (左右, 约) may be off by a tenth. ``None`` where that cannot be told.
    """
    target, actual = indicator.target, indicator.actual
    if isinstance(found, Comparison) or target is None or actual is None:
        return None
    is_none = words_of(target) in ("无", "零") and speaks_of("unwanted", words_of(indicator.name))
    if is_none or speaks_of("absence", words_of(target)) or number(target) == 0:
        return _absent(target, actual)
    due, done = target.reading, actual.reading
    done = _in_month(due, done) or done
    if due.by and done.by:
        return None if due.day and done.day else _in_time(due.by, done.by)
    return _within(indicator, target.reading, actual.reading)


def _absent(target: Entry, actual: Entry) -> Reached | None:
    """Tell whether what must not happen (无安全事故, 0起) did not, or did (发生3起)."""
    said, got = words_of(actual), number(actual)
    if got == 0 or speaks_of("none_of_it", said) or said == words_of(target):
        return Reached(Yardstick.ABSENCE, is_met=True)
    is_counted = bool(got) and actual.reading.unit not in _SHARES
    if is_counted or speaks_of("some_of_it", said):
        return Reached(Yardstick.ABSENCE, is_met=False, is_sure=is_counted)
    return None


_MONTH = re.compile(r"[≤<]?=?\d{1,2}月")


def _in_month(due: Reading, done: Reading) -> Reading | None:
    """Read a bare number as a month where the target is one: ≤ | 11 | 月 in columns, and 10."""
    month = done.value if done.status is Status.NUMBER and not done.unit else None
    if not _MONTH.fullmatch(due.plain) or month is None or month not in range(1, 13):
        return None
    return read_value(f"{month}月")


def _in_time(due: tuple[int, int], done: tuple[int, int]) -> Reached | None:
    """Compare days of a year, or of each month; a year that is not printed is the same."""
    if (due[0] == 0) != (done[0] == 0):
        return None
    return Reached(Yardstick.DEADLINE, is_met=done <= due)


def _within(indicator: Indicator, target: Reading, actual: Reading) -> Reached | None:
    """Tell whether an actual value lies in a range, or about where it should."""
    is_about = Status.ABOUT in (target.status, actual.status)
    is_range = target.upper is not None
    low, got = target.value, actual.value
    if low is None or got is None or not (is_about or is_range) or target.comparator == "±":
        return None
    actual = _in_its_unit(indicator, actual)
    scales = [_one_scale(target, actual, end, got) for end in (low, target.upper or low)]
    ends = [scale for scale in scales if not isinstance(scale, Incomparable)]
    if len(ends) < 2:
        return None
    slack = _ABOUT if is_about else ZERO
    if _direction(indicator, target)[0] is Direction.LOWER:
        most, seen, assumed = ends[1]
        is_met = seen.low <= most * (ONE + slack)
    else:
        least, seen, assumed = ends[0]
        is_met = seen.high >= least * (ONE - slack)
    by = Yardstick.ABOUT if is_about else Yardstick.RANGE
    return Reached(by, is_met, is_sure=not (is_about or assumed))
