"""The figures of a form, worked out again from the other figures that it prints.

A printed figure stands for a range, given by its last printed place; what is worked out of
printed figures is a range too, and a printed result agrees with it where the two meet. Nothing
is worked out of an entry that is missing, blank or not surely a number of one meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from auditkit.grid import How
from auditkit.numbers import Reading, Status, base_unit
from auditkit.once import once
from auditkit.report import BudgetLine, Entry, Indicator, Report

ZERO, HUNDREDTH, ONE, HUNDRED = Decimal(0), Decimal("0.01"), Decimal(1), Decimal(100)
SCORE_PLACES = 2
WIDE = Context(prec=10_000)  # a cell may hold more digits than the default 28
AMOUNTS = ("initial_budget", "adjusted_budget", "outturn")
_NUMBER = Status.NUMBER  # asked thousands of times a form, and slow to look up in Python 3.11


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from ``low`` to ``high``, both included."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"an interval cannot run from {self.low} to {self.high}")

    def __mul__(self, other: Interval) -> Interval:
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))

    def over(self, other: Interval) -> Interval | None:
        """Divide by another interval; ``None`` where that one holds zero."""
        if other.low <= 0 <= other.high:
            return None
        return self * Interval(ONE / other.high, ONE / other.low)

    def meets(self, other: Interval) -> bool:
        """Tell whether the two have a value in common."""
        return self.low <= other.high and other.low <= self.high


@cache
def half_unit(decimals: int) -> Decimal:
    """Return half a unit of the last printed place: what rounding can have taken or added."""
    return Decimal(5).scaleb(-decimals - 1)


def printed_span(value: Decimal, decimals: int) -> Interval:
    """Return what a figure stands for that was rounded to so many places."""
    return Interval(value - half_unit(decimals), value + half_unit(decimals))


class Agreement(StrEnum):
    """How a printed figure stands to the recomputed one."""

    EXACT = "exact"
    WITHIN_ROUNDING = "within rounding"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure worked out again: what it is, of what, how, and what the form prints for it.

    ``value`` is exact for the printed inputs; ``span`` is all it can be, given their places. A
    rate and a deviation are fractions.
    """

    subject: str
    name: str
    value: Decimal
    span: Interval
    inputs: tuple[Entry, ...]
    arithmetic: str
    printed: Entry | None = None

    @property
    def agreement(self) -> Agreement | None:
        """Whether the printed figure is this one; ``None`` where there is none to compare."""
        if self.printed is None or not self._stated:
            return None
        # A score is no measurement: one printed without places is not one rounded to whole points.
        places = self.printed.reading.decimals or (SCORE_PLACES if "score" in self.name else 0)
        units = [(value, Decimal(1).scaleb(-places) * share) for value, share in self._stated]
        if any(abs(value - self.value) <= unit / 2 for value, unit in units):
            return Agreement.EXACT
        if any(Interval(value - unit, value + unit).meets(self.span) for value, unit in units):
            return Agreement.WITHIN_ROUNDING
        return Agreement.INCONSISTENT

    @property
    def difference(self) -> Decimal | None:
        """Printed less recomputed, ``None`` where nothing is printed to compare."""
        return min((value - self.value for value, _ in self._stated), key=abs, default=None)

    @property
    def _stated(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """What the printed figure can mean, each value with the share of its unit."""
        if self.name == "execution rate":
            return stated_rates(self.printed)
        value = number(self.printed)
        return () if value is None else ((value, ONE),)


@lru_cache(maxsize=1024)
def shown(value: Decimal, places: int = 4) -> str:
    """Write a figure as people do: rounded to so many places, no zeros at the end.

    >>> shown(Decimal("8.6200")), shown(Decimal("1E+2")), shown(Decimal(2) / 3)
    ('8.62', '100', '0.6667')
    """
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    return f"{WIDE.plus(rounded.normalize(WIDE)):f}"


def number(entry: Entry | None) -> Decimal | None:
    """Return the number that is printed, ``None`` where there is none that can be used."""
    if entry is None:
        return None
    reading = entry.reading
    return reading.value if reading.status is _NUMBER else None


def value_of(entry: Entry | None) -> Decimal:
    """Return the number that is printed; what is no number counts as nothing."""
    return (entry.reading.value or ZERO) if entry and entry.reading.status is _NUMBER else ZERO


def numbers(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    """Return the entries that are numbers."""
    return tuple([entry for entry in entries if entry and entry.reading.status is _NUMBER])


def sum_of(entries: Iterable[Entry | None]) -> Decimal:
    """Add up what is printed; what is no number counts as nothing."""
    return sum(map(value_of, entries), ZERO)


def words_of(entry: Entry | None) -> str:
    """Return the text of an entry without white space, empty where the form has no such cell."""
    return entry.reading.plain if entry else ""


@once
def scored_line(report: Report) -> BudgetLine:
    """Return the funding row that carries the execution score: the total, or the first scored.

    Forms repeat points and score on the rows below the total (其中); those are not counted. A
    form without such a row gets one without entries.
    """
    total = report.total_line or BudgetLine("total")
    if numbers((total.points, total.score)):
        return total
    scored = (line for line in report.budget_lines if number(line.score) is not None)
    return next(scored, total)


class Scored(NamedTuple):
    """A row whose points and score are numbers; ``row`` is ``None`` for the execution's.

    It is ``worth`` its points and ``earned`` its score.
    """

    subject: str
    points: Entry
    score: Entry
    row: Indicator | None
    worth: Decimal
    earned: Decimal


@once
def scored_rows(report: Report) -> tuple[Scored, ...]:
    """Return the execution's row and then the indicators', where both figures can be used."""
    line = scored_line(report)
    own = (f"budget/{line.name}", line.points, line.score, None)
    rows = ((row.path, row.points, row.score, row) for row in report.indicators)
    return tuple(
        Scored(subject, points, score, row, value_of(points), value_of(score))
        for subject, points, score, row in (own, *rows)
        if points and score and len(numbers((points, score))) == 2
    )


def scored_alone(report: Report) -> tuple[Scored, ...]:
    """Return the scored rows that share neither their points nor their score with another row."""
    scored = scored_rows(report)
    cells = Counter(entry.cells for row in scored for entry in (row.points, row.score))
    return tuple(row for row in scored if cells[row.points.cells] == cells[row.score.cells] == 1)


@once
def scored_entries(report: Report, column: str) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return the numbers in a column of the indicators, and the execution's one unless zero."""
    own = getattr(scored_line(report), column)
    return numbers(counted(report.indicators, column)), (own,) if number(own) else ()


@once
def components(report: Report) -> tuple[BudgetLine, ...]:
    """Return the funding rows that make up the total, those that are parts of a part left out."""
    apart = ("total", *(line.name for line in by_purpose(report)))
    lines = (line for line in report.budget_lines if line.parent == "total")
    return tuple(line for line in lines if line.name not in apart)


def by_purpose(report: Report) -> tuple[BudgetLine, ...]:
    """Return basic and project spending (基本支出, 项目支出), which divide the total once more."""
    found = [ln for ln in report.budget_lines if re.match("(基本|项目)支出", ln.name)]
    return tuple(found) if len(found) > 1 else ()


def counted(indicators: Iterable[Indicator], column: str) -> tuple[Entry, ...]:
    """Return the entries of a column with each printed cell counted once, merged ones too."""
    entries = (getattr(row, column) for row in indicators)
    return tuple({entry.cells: entry for entry in entries if entry is not None}.values())


def budget_of(line: BudgetLine) -> Entry | None:
    """Return the budget that the money was spent from: the adjusted one where the form has it."""
    return line.adjusted_budget or line.initial_budget


@once
def execution_rate(line: BudgetLine) -> Figure | None:
    """Work out outturn over adjusted budget (全年执行数 / 全年预算数) as a fraction.

    Precision belongs to the row: a spreadsheet prints 90 beside 89.974. ``None`` unless both are
    numbers and the budget is above zero.
    """
    budget, outturn = budget_of(line), line.outturn
    whole, part = number(budget), number(outturn)
    if budget is None or outturn is None or not whole or part is None or whole < 0:
        return None
    places = max(budget.reading.decimals, outturn.reading.decimals)
    value = part / whole
    span = printed_span(part, places).over(printed_span(whole, places)) or Interval(value, value)
    how = f"{outturn.text} / {budget.text} = {shown(value * 100)}%"
    subject, inputs, printed = f"budget/{line.name}", (outturn, budget), line.execution_rate
    return Figure(subject, "execution rate", value, span, inputs, how, printed)


def stated_rates(entry: Entry | None) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return the fractions that a printed rate can mean, each with the share of its unit.

    86.19% is 0.8619. Without a sign 0.958 is a fraction, 20 and 100 are percentages, and 1 may
    be either.
    """
    value = number(entry)
    if entry is None or value is None:
        return ()
    shares = {"%": [HUNDREDTH], "‰": [HUNDREDTH / 10]}.get(entry.reading.unit)
    if shares is None:
        shares = [ONE] if value <= 2 else []
        shares += [HUNDREDTH] if value >= 1 or value == 0 else []
    return tuple((value * share, share) for share in shares)


def execution_score(line: BudgetLine, points: Decimal) -> Figure | None:
    """Work out what execution earns: its points times the rate, never more than its points."""
    rate = execution_rate(line)
    if rate is None:
        return None
    value = points * min(ONE, rate.value)
    span = Interval(*sorted(points * min(ONE, end) for end in (rate.span.low, rate.span.high)))
    inputs = (*rate.inputs, line.points) if line.points else rate.inputs
    how = f"{shown(points)} x {'min(1, rate)' if rate.value > 1 else shown(rate.value, 6)}"
    how += f" = {shown(value)}"
    return Figure(rate.subject, "execution score", value, span, inputs, how, line.score)


def added(subject: str, name: str, parts: Iterable[Entry | None], printed: Entry | None) -> Figure:
    """Add up entries; blanks, dashes and words count as nothing, and are no inputs of the sum."""
    read = numbers(parts)
    value, off = sum_of(read), sum((half_unit(entry.reading.decimals) for entry in read), ZERO)
    terms = " + ".join(shown(value_of(entry)) for entry in read) or "nothing"
    how = f"{terms} = {shown(value)}"
    return Figure(subject, name, value, Interval(value - off, value + off), read, how, printed)


class Direction(StrEnum):
    """Which way an indicator is better; QUALITATIVE has no number to reach."""

    HIGHER = "higher is better"
    LOWER = "lower is better"
    EQUAL = "exactly"
    QUALITATIVE = "qualitative"


LOWER_WORDS = re.compile(
    "成本|费用|经费|支出|单价|投资额|事故|投诉|死亡|伤亡|差错|违规|违纪|变质|受害率|成灾率|发生率"
    "|流失率|空置率|偏差|超支|能耗|排放|时限|耗时|等待"
)
_DURATION = re.compile("个?月|天|日|个?工作日|小时|分钟|年")
_BY_SIGN = dict.fromkeys(("≥", ">"), Direction.HIGHER) | dict.fromkeys(("≤", "<"), Direction.LOWER)
_BY_SIGN["="] = Direction.EQUAL


@dataclass(frozen=True, slots=True)
class Comparison:
    """A target and an actual value on one scale; ``actual`` may be printed as bound or range.

    ``assumed`` lists what the form does not say and was taken for granted.
    """

    direction: Direction
    target: Decimal
    actual: Interval
    is_strict: bool
    inputs: tuple[Entry, Entry]
    assumed: tuple[str, ...] = ()

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

    def times_ratio(self, points: Decimal) -> str:
        """Write out the points times the ratio."""
        return f"{shown(points)} x {shown(self.ratio[0])} / {shown(self.ratio[1])}"

    def _meets(self, value: Decimal) -> bool:
        if value == self.target:
            return not self.is_strict
        return (value < self.target) is (self.direction is Direction.LOWER)


FAR = Decimal(10) ** 18  # stands for the end that an open bound does not state


def direction_of(indicator: Indicator) -> tuple[Direction, tuple[str, ...]]:
    """Tell which way an indicator is better, and what of it is only assumed."""
    target = indicator.target.reading if indicator.target else None
    if target is None or target.status is not Status.NUMBER:
        return Direction.QUALITATIVE, ()
    for label, entry in indicator.extra:
        if "性质" in label or "方向" in label:
            if re.search("反向|负向", words_of(entry)):
                return Direction.LOWER, ()
            if "正向" in words_of(entry):
                return Direction.HIGHER, ()
    name, category = words_of(indicator.name), words_of(indicator.category)
    signed = _BY_SIGN.get(target.comparator)
    slow = "时效" in category and _DURATION.fullmatch(target.unit) is not None
    lower = LOWER_WORDS.search(name) is not None or "成本" in category or slow
    if signed is Direction.EQUAL and lower:
        return Direction.LOWER, ("= is taken as at most, since the name speaks of cost or harm",)
    if signed:
        return signed, ()
    if lower:
        said = "no sign is printed; name or category speaks of cost, time or harm"
        return Direction.LOWER, (said,)
    return Direction.HIGHER, ("no sign is printed; more is taken to be better",)


@once
def compare(indicator: Indicator) -> Comparison | str:
    """Put target and actual value on one scale, or say in words why that cannot be done."""
    target, actual = indicator.target, indicator.actual
    if target is None or actual is None:
        return "the form has no target or no actual value"
    if target.reading.status is not Status.NUMBER:
        return f"the target is not one number: {target.text or 'blank'}"
    if target.reading.comparator == "±":
        return f"the target is a tolerance around a value that it does not name: {target.text}"
    if actual.reading.status not in (Status.NUMBER, Status.RANGE):
        return f"the actual value is not a number: {actual.text or 'blank'}"
    direction, assumed = direction_of(indicator)
    scale = _one_scale(target.reading, actual.reading)
    if isinstance(scale, str):
        return scale
    aim, got, also = scale
    is_strict = target.reading.comparator in ("<", ">")
    return Comparison(direction, aim, got, is_strict, (target, actual), (*assumed, *also))


def _one_scale(target: Reading, actual: Reading) -> tuple[Decimal, Interval, tuple[str, ...]] | str:
    """Return target and range of the actual value, and what is assumed of their units."""
    base, other = target.scaled(), actual.scaled()
    if base is None or other is None or target.value is None or actual.value is None:
        return "there is no number to compare"
    aim, got, factor, assumed = target.value, actual.value, ONE, ""
    if target.unit and actual.unit and target.unit != actual.unit:
        shares = {"%", "‰"}
        if base[1] != other[1] or (target.unit in shares) != (actual.unit in shares):
            return f"the units differ: {target.unit} and {actual.unit}"
        aim, got = base[0], other[0]
        factor = base_unit(actual.unit)[0]
    elif target.unit != actual.unit:
        assumed = f"one of the two has no unit; both are taken as {target.unit or actual.unit}"
        if target.unit == "%" and aim > 2 and 0 < got <= 1:
            got, factor = got * 100, HUNDRED
        elif actual.unit == "%" and got > 2 and 0 < aim <= 1:
            aim *= 100
    low = -FAR if actual.comparator in ("≤", "<") else got
    upper = got if actual.upper is None else actual.upper * factor
    high = FAR if actual.comparator in ("≥", ">") else upper
    return aim, Interval(low, high), (assumed,) if assumed else ()


def proportional_score(
    comparison: Comparison, points: Decimal, *, method: str = "ratio"
) -> Decimal | None:
    """Return what a missed or met target earns in proportion, from zero to all its points.

    Higher is better: actual over target. Lower is better, ``ratio``: target over actual;
    ``linear``: one less the share by which the target is exceeded. ``None`` where the actual
    value is vague, or a target of zero leaves no proportion.
    """
    if comparison.is_met:
        return points
    if comparison.is_vague or comparison.target <= 0:
        return None
    part, whole = comparison.ratio
    if comparison.direction is Direction.LOWER and method == "linear":
        share = ONE - (whole - part) / part
    else:
        share = part / whole
    return points * min(ONE, max(ZERO, share))


def recompute(report: Report) -> tuple[Figure, ...]:
    """Work out everything that follows from other figures of the form, in the form's order.

    Rates, the execution score, sums of the funding rows, deviations and proportional scores of
    the indicators, points and scores by dimension and category, and both totals.
    """
    parts = (_funds, _rows, _subtotals, _totals)
    figures = (figure for part in parts for figure in part(report) if figure and figure.inputs)
    return tuple(map(_with_inferred, figures))


def _with_inferred(figure: Figure) -> Figure:
    """Say how many of the inputs were not read but follow from what must hold."""
    inferred = sum(entry.how is How.INFERRED for entry in figure.inputs)
    how = f"{figure.arithmetic} ({inferred} of {len(figure.inputs)} inferred)"
    return replace(figure, arithmetic=how) if inferred else figure


def _funds(report: Report) -> Iterator[Figure | None]:
    yield from map(execution_rate, report.budget_lines)
    scored, total = scored_line(report), report.total_line
    if (points := number(scored.points)) is not None:
        yield execution_score(scored, points)
    for name in AMOUNTS:
        if printed := getattr(total, name, None):
            rows = (getattr(part, name) for part in components(report))
            yield added(printed.path, "sum", rows, printed)


def _rows(report: Report) -> Iterator[Figure]:
    for row in report.indicators:
        comparison = compare(row)
        if isinstance(comparison, str) or comparison.is_vague:
            continue
        target, actual = comparison.target, comparison.actual.low
        inputs: tuple[Entry, ...] = comparison.inputs
        if target != 0:
            value = (actual - target) / target
            how = f"({shown(actual)} - {shown(target)}) / {shown(target)}"
            how += f" = {shown(value * 100, 2)}%"
            yield Figure(row.path, "deviation", value, Interval(value, value), inputs, how)
        points = number(row.points)
        earned = None if points is None else proportional_score(comparison, points)
        if row.points and points is not None and earned is not None:
            how = f"in proportion: {comparison.times_ratio(points)} = {shown(earned)}"
            if comparison.is_met:
                how = f"target met: {shown(points)} = {shown(earned)}"
            name, inputs = "proportional score", (*inputs, row.points)
            yield Figure(row.path, name, earned, Interval(earned, earned), inputs, how, row.score)


def _subtotals(report: Report) -> Iterator[Figure]:
    groups: dict[str, list[Indicator]] = {}
    for row in report.indicators:
        dimension, category = words_of(row.dimension), words_of(row.category)
        if dimension:
            groups.setdefault(f"dimension/{dimension}", []).append(row)
        if category:
            groups.setdefault(f"category/{dimension}/{category}", []).append(row)
    for subject, rows in groups.items():
        for column in ("points", "score"):
            name = f"{column} of the {subject.partition('/')[0]}"
            yield added(subject, name, counted(rows, column), None)


def _totals(report: Report) -> Iterator[Figure]:
    line = scored_line(report)
    for column, printed in (("points", report.total_points), ("score", report.total_score)):
        if rows := counted(report.indicators, column):
            entries = (*rows, getattr(line, column))
            yield added(f"total/{column}", f"total {column}", entries, printed)


def totals_by_method(report: Report) -> dict[str, Decimal]:
    """Return the total score as printed, and with comparable rows scored by each method in use.

    ``ratio`` and ``linear`` are the methods of ``proportional_score``; the execution earns its
    rate. Rows that cannot be compared, or share a cell of points or score, keep what is printed.
    Empty where the form prints no scores.
    """
    rows, own = scored_entries(report, "score")
    alone, printed = scored_alone(report), sum_of((*rows, *own))
    totals = {"printed": printed} if rows else {}
    for method in ("ratio", "linear") if rows else ():
        pairs = ((row, _earned(row, report, method)) for row in alone)
        totals[method] = printed + sum((e - r.earned for r, e in pairs if e is not None), ZERO)
    return totals


def _earned(scored: Scored, report: Report, method: str) -> Decimal | None:
    points = scored.worth
    if scored.row is None:
        figure = execution_score(scored_line(report), points)
        return figure.value if figure else None
    found = compare(scored.row)
    return None if isinstance(found, str) else proportional_score(found, points, method=method)


def rating_for(score: Decimal, bands: str) -> str:
    """Return the grade of a total, each band's lower bound included.

    >>> rating_for(Decimal("90.00"), "90/80/60"), rating_for(Decimal("59.99"), "90/80/60")
    ('优', '差')
    >>> rating_for(Decimal("60"), "90/80/70/60")
    '低'
    """
    bounds = [Decimal(bound) for bound in bands.split("/")]
    grades = zip("优良中低", bounds, strict=False)
    return next((grade for grade, bound in grades if score >= bound), "差")
