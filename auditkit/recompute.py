"""The figures of a form, worked out again from the other figures that it prints.

A printed figure stands for a range, given by its last printed place; what is worked out of
printed figures is a range too, and a printed result agrees with it where the two meet. Nothing
is worked out of an entry that is missing, blank or not surely a number of one meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from auditkit.grid import plain
from auditkit.numbers import Reading, Status
from auditkit.report import BudgetLine, Entry, Indicator, Report

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
SCORE_PLACES = 2
AMOUNTS = ("initial_budget", "adjusted_budget", "outturn")


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from ``low`` to ``high``, both included."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"an interval cannot run from {self.low} to {self.high}")

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

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

    def widened(self, margin: Decimal) -> Interval:
        """Return the interval with a margin on both sides."""
        return Interval(self.low - margin, self.high + margin)


def printed_span(value: Decimal, decimals: int) -> Interval:
    """Return what a figure stands for that was rounded to so many places."""
    half = Decimal(5).scaleb(-decimals - 1)
    return Interval(value - half, value + half)


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
        if self.printed is None or self.printed.reading.status is not Status.NUMBER:
            return None
        rated = self.name == "execution rate"
        stated = stated_rates(self.printed) if rated else ((number(self.printed) or ZERO, ONE),)
        # A score is no measurement: one printed without places is not one rounded to whole points.
        places = self.printed.reading.decimals or (SCORE_PLACES if "score" in self.name else 0)
        best = Agreement.INCONSISTENT
        for value, share in stated:
            unit = Decimal(1).scaleb(-places) * share
            if abs(value - self.value) <= unit / 2:
                return Agreement.EXACT
            if Interval(value - unit, value + unit).meets(self.span):
                best = Agreement.WITHIN_ROUNDING
        return best

    @property
    def difference(self) -> Decimal | None:
        """Printed less recomputed, ``None`` where nothing is printed to compare."""
        if self.agreement is None or self.printed is None:
            return None
        stated = stated_rates(self.printed) if self.name == "execution rate" else ()
        values = [value for value, _ in stated] or [number(self.printed) or ZERO]
        return min((value - self.value for value in values), key=abs)


def shown(value: Decimal, places: int = 4) -> str:
    """Write a figure as people do: rounded to so many places, no zeros at the end.

    >>> shown(Decimal("8.6200")), shown(Decimal("1E+2")), shown(Decimal(2) / 3)
    ('8.62', '100', '0.6667')
    """
    text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


# --- what the form prints --------------------------------------------------------------------


def number(entry: Entry | None) -> Decimal | None:
    """Return the number that is printed, ``None`` where there is none that can be used."""
    if entry is None or entry.reading.status is not Status.NUMBER:
        return None
    return entry.reading.value


def scored_line(report: Report) -> BudgetLine | None:
    """Return the funding row that carries the execution score: the total, or the first scored.

    Forms repeat points and score on the rows below the total (其中); those are not counted.
    """
    total = report.total_line
    if total is not None and any(number(e) is not None for e in (total.points, total.score)):
        return total
    lines = (line for line in report.budget_lines if number(line.score) is not None)
    return next(lines, total)


def components(report: Report) -> tuple[BudgetLine, ...]:
    """Return the funding rows that make up the total, those that are parts of a part left out."""
    return tuple(
        line for line in report.budget_lines if line.name != "total" and line.parent == "total"
    )


def counted(indicators: Iterable[Indicator], column: str) -> tuple[Entry, ...]:
    """Return the entries of a column with each printed cell counted once, merged ones too."""
    entries = (getattr(row, column) for row in indicators)
    return tuple({entry.cells: entry for entry in entries if entry is not None}.values())


def budget_of(line: BudgetLine) -> Entry | None:
    """Return the budget that the money was spent from: the adjusted one where the form has it."""
    return line.adjusted_budget or line.initial_budget


# --- execution -------------------------------------------------------------------------------


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
    span = printed_span(part, places).over(printed_span(whole, places))
    value = part / whole
    return Figure(
        subject=f"budget/{line.name}",
        name="execution rate",
        value=value,
        span=span or Interval(value, value),
        inputs=(outturn, budget),
        arithmetic=f"{outturn.text} / {budget.text} = {shown(value * 100)}%",
        printed=line.execution_rate,
    )


def stated_rates(entry: Entry) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return the fractions that a printed rate can mean, each with the share of its unit.

    86.19% is 0.8619. Without a sign 0.958 is a fraction, 20 and 100 are percentages, and 1 may
    be either.
    """
    value = number(entry)
    if value is None:
        return ()
    hundredth = Decimal("0.01")
    if entry.reading.unit in ("%", "‰"):
        share = hundredth if entry.reading.unit == "%" else hundredth / 10
        return ((value * share, share),)
    fraction, percentage = (value, ONE), (value * hundredth, hundredth)
    if value > 2:
        return (percentage,)
    return (fraction, percentage) if value >= 1 or value == 0 else (fraction,)


def execution_score(line: BudgetLine, points: Decimal) -> Figure | None:
    """Work out what execution earns: its points times the rate, never more than its points."""
    rate = execution_rate(line)
    if rate is None:
        return None
    value = points * min(ONE, rate.value)
    span = Interval(points * min(ONE, rate.span.low), points * min(ONE, rate.span.high))
    capped = "min(1, rate)" if rate.value > 1 else f"{shown(rate.value, 6)}"
    return Figure(
        subject=f"budget/{line.name}",
        name="execution score",
        value=value,
        span=span,
        inputs=(*rate.inputs, *((line.points,) if line.points else ())),
        arithmetic=f"{shown(points)} x {capped} = {shown(value)}",
        printed=line.score,
    )


def added(
    subject: str, name: str, entries: Iterable[Entry], printed: Entry | None
) -> Figure | None:
    """Add up entries; blanks and dashes count as nothing, ``None`` where none is a number."""
    read = tuple(entry for entry in entries if number(entry) is not None)
    if not read:
        return None
    span = Interval(ZERO, ZERO)
    for entry in read:
        span += printed_span(number(entry) or ZERO, entry.reading.decimals)
    value = sum((number(entry) or ZERO for entry in read), ZERO)
    terms = " + ".join(shown(number(entry) or ZERO) for entry in read)
    return Figure(subject, name, value, span, read, f"{terms} = {shown(value)}", printed)


# --- indicators ------------------------------------------------------------------------------


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
_BY_SIGN = {
    "≥": Direction.HIGHER,
    ">": Direction.HIGHER,
    "≤": Direction.LOWER,
    "<": Direction.LOWER,
    "=": Direction.EQUAL,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A target and an actual value on one scale.

    ``actual`` is a range where the form prints a bound (>70%) or a range. ``assumed`` lists what
    the form does not say and was taken for granted.
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
        low, high = self._meets(self.actual.low), self._meets(self.actual.high)
        return low if low == high else None

    def _meets(self, value: Decimal) -> bool:
        if self.direction is Direction.LOWER:
            return value < self.target if self.is_strict else value <= self.target
        return value > self.target if self.is_strict else value >= self.target


FAR = Decimal(10) ** 18  # stands for the end that an open bound does not state


def direction_of(indicator: Indicator) -> tuple[Direction, tuple[str, ...]]:
    """Tell which way an indicator is better, and what of it is only assumed."""
    target = indicator.target.reading if indicator.target else None
    if target is None or target.status is not Status.NUMBER:
        return Direction.QUALITATIVE, ()
    for label, entry in indicator.extra:
        if "性质" in label or "方向" in label:
            said = plain(entry.text)
            if "反向" in said or "负向" in said:
                return Direction.LOWER, ()
            if "正向" in said:
                return Direction.HIGHER, ()
    name, category = (
        plain(entry.text) if entry else "" for entry in (indicator.name, indicator.category)
    )
    signed = _BY_SIGN.get(target.comparator)
    slow = "时效" in category and _DURATION.fullmatch(target.unit) is not None
    lower = LOWER_WORDS.search(name) is not None or "成本" in category or slow
    if signed is Direction.EQUAL and lower:
        return Direction.LOWER, ("= is taken as at most, since the name speaks of cost or harm",)
    if signed:
        return signed, ()
    if lower:
        return Direction.LOWER, (
            "no sign is printed; name or category speaks of cost, time or harm",
        )
    return Direction.HIGHER, ("no sign is printed; more is taken to be better",)


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
    aim, value, factor, also = scale
    return Comparison(
        direction=direction,
        target=aim,
        actual=_actual_range(actual.reading, value, factor),
        is_strict=target.reading.comparator in ("<", ">"),
        inputs=(target, actual),
        assumed=(*assumed, *also),
    )


def _one_scale(
    target: Reading, actual: Reading
) -> tuple[Decimal, Decimal, Decimal, tuple[str, ...]] | str:
    """Return target, actual value, the factor of the actual value's unit, and assumptions."""
    aim, got = target.scaled(), actual.scaled()
    if aim is None or got is None or target.value is None or actual.value is None:
        return "there is no number to compare"
    if target.unit == actual.unit:
        return target.value, actual.value, ONE, ()
    if target.unit and actual.unit:
        shares = {"%", "‰"}
        if aim[1] == got[1] and (target.unit in shares) == (actual.unit in shares):
            factor = got[0] / actual.value if actual.value else ONE
            return aim[0], got[0], factor, ()
        return f"the units differ: {target.unit} and {actual.unit}"
    assumed = f"one of the two has no unit; both are taken as {target.unit or actual.unit}"
    for percent, bare in ((target, actual), (actual, target)):
        fraction = percent.unit == "%" and bare.value is not None and 0 < bare.value <= 1
        if fraction and (percent.value or ZERO) > 2:
            if bare is actual:
                return target.value, actual.value * 100, HUNDRED, (assumed,)
            return target.value * 100, actual.value, ONE, (assumed,)
    return target.value, actual.value, ONE, (assumed,)


def _actual_range(actual: Reading, value: Decimal, factor: Decimal) -> Interval:
    if actual.upper is not None:
        return Interval(value, actual.upper * factor)
    if actual.comparator in ("≥", ">"):
        return Interval(value, FAR)
    if actual.comparator in ("≤", "<"):
        return Interval(-FAR, value)
    return Interval(value, value)


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
    target, actual = comparison.target, comparison.actual.low
    if comparison.is_met is None or comparison.actual.low != comparison.actual.high:
        return None
    if comparison.direction is not Direction.LOWER:
        share = actual / target if target > 0 else None
    elif method == "linear":
        share = ONE - (actual - target) / target if target > 0 else None
    else:
        share = target / actual if actual > 0 and target > 0 else None
    return None if share is None else points * min(ONE, max(ZERO, share))


def _indicator_figures(row: Indicator) -> Iterator[Figure]:
    comparison = compare(row)
    if isinstance(comparison, str) or comparison.actual.low != comparison.actual.high:
        return
    target, actual = comparison.target, comparison.actual.low
    if target != 0:
        value = (actual - target) / target
        yield Figure(
            subject=row.path,
            name="deviation",
            value=value,
            span=Interval(value, value),
            inputs=comparison.inputs,
            arithmetic=f"({shown(actual)} - {shown(target)}) / {shown(target)}"
            f" = {shown(value * 100, 2)}%",
        )
    points = number(row.points)
    earned = proportional_score(comparison, points) if points is not None else None
    if row.points is not None and points is not None and earned is not None:
        met = "target met" if comparison.is_met else "in proportion"
        shares = (target, actual) if comparison.direction is Direction.LOWER else (actual, target)
        share = "" if comparison.is_met else f" x {shown(shares[0])} / {shown(shares[1])}"
        yield Figure(
            subject=row.path,
            name="proportional score",
            value=earned,
            span=Interval(earned, earned),
            inputs=(*comparison.inputs, row.points),
            arithmetic=f"{met}: {shown(points)}{share} = {shown(earned)}",
            printed=row.score,
        )


# --- the whole form --------------------------------------------------------------------------


def recompute(report: Report) -> tuple[Figure, ...]:
    """Work out everything that follows from other figures of the form, in the form's order.

    Rates, the execution score, sums of the funding rows, each indicator's deviation and
    proportional score (target over actual where lower is better), points and scores by
    dimension and category, and both totals.
    """
    return tuple(figure for part in _PARTS for figure in part(report))


def _funds(report: Report) -> Iterator[Figure]:
    for line in report.budget_lines:
        if rate := execution_rate(line):
            yield rate
    scored = scored_line(report)
    points = number(scored.points) if scored else None
    if scored and points is not None and (score := execution_score(scored, points)):
        yield score
    total, parts = report.total_line, components(report)
    if total is not None and parts:
        for name in AMOUNTS:
            rows = [entry for part in parts if (entry := getattr(part, name)) is not None]
            printed = getattr(total, name)
            if printed is not None and (figure := added(printed.path, "sum", rows, printed)):
                yield figure


def _rows(report: Report) -> Iterator[Figure]:
    for row in report.indicators:
        yield from _indicator_figures(row)


def _subtotals(report: Report) -> Iterator[Figure]:
    groups: dict[str, list[Indicator]] = {}
    for row in report.indicators:
        dimension, category = (
            plain(entry.text) if entry else "" for entry in (row.dimension, row.category)
        )
        if dimension:
            groups.setdefault(f"dimension/{dimension}", []).append(row)
        if category:
            groups.setdefault(f"category/{dimension}/{category}", []).append(row)
    for subject, rows in groups.items():
        for column in ("points", "score"):
            name = f"{column} of the {subject.partition('/')[0]}"
            if figure := added(subject, name, counted(rows, column), None):
                yield figure


def _totals(report: Report) -> Iterator[Figure]:
    line = scored_line(report)
    for column, printed in (("points", report.total_points), ("score", report.total_score)):
        own = getattr(line, column) if line else None
        rows = counted(report.indicators, column)
        if rows and (
            figure := added(
                f"total/{column}", f"total {column}", (*rows, *((own,) if own else ())), printed
            )
        ):
            yield figure


_PARTS: tuple[Callable[[Report], Iterator[Figure]], ...] = (_funds, _rows, _subtotals, _totals)


def rating_for(score: Decimal, bands: str) -> str:
    """Return the grade of a total, each band's lower bound included.

    >>> rating_for(Decimal("90.00"), "90/80/60"), rating_for(Decimal("59.99"), "90/80/60")
    ('优', '差')
    """
    bounds = [Decimal(bound) for bound in bands.split("/")]
    grades = zip(("优", "良", "中"), bounds, strict=True)
    return next((grade for grade, bound in grades if score >= bound), "差")
