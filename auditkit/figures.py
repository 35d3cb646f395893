"""One figure worked out again: of what, how, and whether the printed one agrees with it.

A printed figure stands for a range, given by its last printed place; what is worked out of
printed figures is a range too, and a printed result agrees with it where the two meet. A score is
no measurement: it is set, to hundredths, however few places a spreadsheet shows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import partial

from auditkit.grid import How
from auditkit.numbers import MONEY_UNITS, base_unit, read_number
from auditkit.report import (
    AMOUNTS,
    ZERO,
    BudgetLine,
    Entry,
    Report,
    number,
    numbers,
    value_of,
    words_of,
)
from auditkit.wording import Fact, Statement

HUNDREDTH, ONE, HUNDRED = Decimal("0.01"), Decimal(1), Decimal(100)
SCORE_PLACES = 2
WIDE = Context(prec=10_000)  # a cell may hold more digits than the default 28


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


def half_unit(decimals: int) -> Decimal:
    """Return half a unit of the last printed place: what rounding can have taken or added."""
    return Decimal(5).scaleb(-decimals - 1)


def printed_span(value: Decimal, decimals: int) -> Interval:
    """Return what a figure stands for that was rounded to so many places."""
    half = half_unit(decimals)
    return Interval(value - half, value + half)


def is_rounded_away(printed: Decimal, exact: Decimal, places: int) -> bool:
    """Tell whether only rounding up, or only cutting off, makes the exact figure the printed."""
    unit = Decimal(1).scaleb(-places)
    return printed in (exact.quantize(unit, way, WIDE) for way in (ROUND_FLOOR, ROUND_CEILING))


def score_allowance(places: int, terms: int = 1) -> Decimal:
    """Return how far a printed score may be off the one worked out of so many others.

    Half its last place, and half a hundredth for each score, since scores are not measured but
    set to two places, whatever a spreadsheet shows of them.
    """
    return max(half_unit(places or SCORE_PLACES), (1 + terms) * half_unit(SCORE_PLACES))


def shown(value: Decimal, places: int = 4) -> str:
    """Write a figure as people do: rounded to so many places, no zeros at the end.

    >>> shown(Decimal("8.6200")), shown(Decimal("1E+2")), shown(Decimal(2) / 3)
    ('8.62', '100', '0.6667')
    """
    text = f"{value:f}"
    if len(text.partition(".")[2]) > places:
        text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


class FigureName(StrEnum):
    """What a figure is. The words stand in figures.toml."""

    RATE = "execution rate"
    EXECUTION_SCORE = "execution score"
    SUM = "sum"
    DEVIATION = "deviation"
    PROPORTIONAL_SCORE = "proportional score"
    DIMENSION_POINTS = "points of the dimension"
    DIMENSION_SCORE = "score of the dimension"
    CATEGORY_POINTS = "points of the category"
    CATEGORY_SCORE = "score of the category"
    TOTAL_POINTS = "total points"
    TOTAL_SCORE = "total score"


SHARES = (FigureName.RATE, FigureName.DEVIATION)  # fractions, shown as percentages
MEASURED = (FigureName.RATE, FigureName.SUM)  # what is compared besides are points and scores


class Agreement(StrEnum):
    """How a printed figure stands to the recomputed one. The words stand in figures.toml."""

    EXACT = "exact"
    WITHIN_ROUNDING = "within rounding"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far off a printed figure may be and be exact, or within rounding below and above.

    What ``is_open`` does not reach its ends.
    """

    exact: Decimal
    below: Decimal
    above: Decimal
    is_open: bool = False

    def agreement(self, off: Decimal) -> Agreement:
        """Return what a figure is that is so far off."""
        if abs(off) <= self.exact:
            return Agreement.EXACT
        is_near = -self.below <= off <= self.above and not (
            self.is_open and off in (-self.below, self.above)
        )
        return Agreement.WITHIN_ROUNDING if is_near else Agreement.INCONSISTENT


class Arithmetic(StrEnum):
    """How a figure is worked out, where numbers and signs do not say it all."""

    NOTHING_ADDED = "nothing added"  # facts: sum
    CAPPED = "capped"  # facts: points, score
    IN_PROPORTION = "in proportion"  # facts: formula
    TARGET_MET = "target met"  # facts: points, score
    INFERRED = "inferred"  # facts: formula, inferred, all


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure worked out again: what it is, of what, how, and what the form prints for it.

    ``value`` is exact for the printed inputs; ``span`` is all that what was measured can be, given
    their places: a rate, or a sum of money. A rate and a deviation are fractions. ``how`` is empty
    for a sum of the inputs, see ``formula``.
    """

    subject: str
    name: FigureName
    value: Decimal
    inputs: tuple[Entry, ...]
    how: str | Statement = ""
    printed: Entry | None = None
    span: Interval | None = None

    @property
    def formula(self) -> str | Statement:
        """How it is worked out: a text of numbers and signs, or a statement where it has words."""
        if self.how:
            return self.how
        terms, total = (shown(value_of(entry)) for entry in self.inputs), shown(self.value)
        if not self.inputs:
            return Statement.of(Arithmetic.NOTHING_ADDED, sum=total)
        return f"{' + '.join(terms)} = {total}"

    @property
    def arithmetic(self) -> Fact:
        """The formula, and how many of its inputs were not read but follow from what must hold."""
        inferred = sum(entry.how is How.INFERRED for entry in self.inputs)
        if not inferred:
            return self.formula
        facts = {"formula": self.formula, "inferred": inferred, "all": len(self.inputs)}
        return Statement.of(Arithmetic.INFERRED, **facts)

    @property
    def agreement(self) -> Agreement | None:
        """Whether the printed figure is this one; ``None`` where there is none to compare.

        Exact is what this one comes to at the places printed. Within rounding lies a sum whose
        range meets that of its parts, a rate that is also rounded up or cut off, a score that is,
        and a total off by no more than half its last place or half a hundredth for each score.
        """
        met = [reach.agreement(off) for off, reach in self._reaches]
        return next((each for each in Agreement if each in met), None)

    @property
    def reach(self) -> Reach | None:
        """How far off the printed figure may be, ``None`` where there is none to compare."""
        return min(self._reaches, key=lambda each: abs(each[0]), default=(ZERO, None))[1]

    @property
    def _reaches(self) -> tuple[tuple[Decimal, Reach], ...]:
        """How far each value that the printed figure can mean is off, and how far it may be."""
        if self.printed is None:
            return ()
        places = self.printed.reading.decimals
        reach = partial(self._reach_of_a_score, places or SCORE_PLACES)
        if self.name in MEASURED and self.span is not None:
            reach = partial(self._reach_of_a_measure, Decimal(1).scaleb(-places), self.span)
        return tuple((value - self.value, reach(share)) for value, share in self._stated)

    def _reach_of_a_measure(self, unit: Decimal, span: Interval, share: Decimal) -> Reach:
        unit *= share
        more = unit if self.name is FigureName.RATE else unit / 2  # a rate may be rounded any way
        return Reach(unit / 2, self.value - span.low + more, span.high - self.value + more)

    def _reach_of_a_score(self, places: int, _: Decimal) -> Reach:
        if self.name is FigureName.EXECUTION_SCORE:
            near = 2 * half_unit(places)
            return Reach(half_unit(places), near, near, is_open=True)
        terms = 1 if self.name is FigureName.PROPORTIONAL_SCORE else len(self.inputs)
        near = score_allowance(places, terms)
        return Reach(half_unit(places), near, near)

    @property
    def difference(self) -> Decimal | None:
        """Printed less recomputed, ``None`` where nothing is printed to compare."""
        return min((value - self.value for value, _ in self._stated), key=abs, default=None)

    @property
    def _stated(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """What the printed figure can mean, each value with the share of its unit."""
        if self.name is FigureName.RATE:
            return stated_rates(self.printed)
        value = number(self.printed)
        return () if value is None else ((value, ONE),)


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


def rate_of(line: BudgetLine, budget: Entry | None) -> Figure | None:
    """Work out outturn over budget as a fraction (全年执行数 / 全年预算数).

    Precision belongs to the row: a spreadsheet prints 90 beside 89.974. ``None`` unless both are
    numbers and the budget is above zero.
    """
    outturn = line.outturn
    whole, part = number(budget), number(outturn)
    if budget is None or outturn is None or not whole or part is None or whole < 0:
        return None
    places = max(budget.reading.decimals, outturn.reading.decimals)
    value = part / whole
    span = printed_span(part, places).over(printed_span(whole, places)) or Interval(value, value)
    formula = f"{_counted(outturn)} / {_counted(budget)} = {shown(value * 100)}%"
    return Figure(
        subject=f"budget/{line.name}",
        name=FigureName.RATE,
        value=value,
        inputs=(outturn, budget),
        how=formula,
        printed=line.execution_rate,
        span=span,
    )


def _counted(amount: Entry) -> str:
    """Return an amount as printed, or as it counts where that is in another unit than its own."""
    reading = amount.reading
    if not reading.unit or read_number(amount.text).value == reading.value:
        return amount.text
    return f"{shown(value_of(amount))}{reading.unit}"


def execution_score(line: BudgetLine, rate: Figure | None, points: Decimal) -> Figure | None:
    """Work out what execution earns: its points times the rate, never more than its points."""
    if rate is None:
        return None
    value = points * min(ONE, rate.value)
    inputs = (*rate.inputs, line.points) if line.points else rate.inputs
    texts = {"points": shown(points), "score": shown(value)}
    formula: str | Statement = Statement.of(Arithmetic.CAPPED, **texts)
    if rate.value <= 1:
        formula = f"{texts['points']} x {shown(rate.value, 6)} = {texts['score']}"
    return Figure(rate.subject, FigureName.EXECUTION_SCORE, value, inputs, formula, line.score)


def is_scored_by_parts(total: BudgetLine, parts: Sequence[BudgetLine]) -> bool:
    """Tell whether the points of the total are those of its parts, which are scored each."""
    points = [value for part in parts if (value := number(part.points))]
    return len(points) > 1 and sum(points) == number(total.points)


def execution_score_by_parts(total: BudgetLine, parts: Sequence[BudgetLine]) -> Figure | None:
    """Work out what execution earns where each part of the funds has points of its own."""
    scored = [part for part in parts if number(part.points)]
    earned = [
        execution_score(part, rate_of(part, part.budget), value_of(part.points)) for part in scored
    ]
    known = [figure for figure in earned if figure is not None]
    if not is_scored_by_parts(total, parts) or len(known) < len(scored):
        return None
    scores = [figure.value.quantize(HUNDREDTH, ROUND_HALF_UP, WIDE) for figure in known]
    value = sum(scores, ZERO)
    formula = f"{' + '.join(map(shown, scores))} = {shown(value)}"
    inputs = tuple(entry for figure in known for entry in figure.inputs)
    return Figure(
        f"budget/{total.name}", FigureName.EXECUTION_SCORE, value, inputs, formula, total.score
    )


def added(
    subject: str, name: FigureName, parts: Iterable[Entry | None], printed: Entry | None
) -> Figure:
    """Add up entries; blanks, dashes and words count as nothing, and are no inputs of the sum."""
    read, span = numbers(parts), None
    value = sum((value_of(entry) for entry in read), ZERO)
    if name in MEASURED:
        off = sum((half_unit(entry.reading.decimals) for entry in read), ZERO)
        span = Interval(value - off, value + off)
    return Figure(subject, name, value, read, printed=printed, span=span)


def in_yuan(cells: Iterable[Entry | None], unit: str) -> list[Interval]:
    """Return what printed amounts stand for in yuan; a bare one is in the unit of the form."""
    spans = []
    for cell in numbers(cells):
        unit_of = cell.reading.unit or unit or "元"  # without any unit they are at least the same
        factor, base = base_unit(unit_of)
        if base == "元" and value_of(cell):
            span = printed_span(value_of(cell), cell.reading.decimals)
            spans.append(Interval(span.low * factor, span.high * factor))
    return spans


def in_one_unit(report: Report) -> Report:
    """Return a form whose amounts of the funds are all in one unit, that of the form.

    A cell's own unit counts: 1200000元 on a form in 万元 is 120. A form that prints no unit takes
    that of its amounts where each has one; else nothing tells what the bare ones are in.
    """
    if report.counterparts:
        report = replace(report, counterparts=tuple(map(in_one_unit, report.counterparts)))
    lines = report.budget_lines
    amounts = numbers(getattr(line, name) for line in lines for name in AMOUNTS)
    units = [amount.reading.unit for amount in amounts]
    unit = words_of(report.currency_unit) or (units[0] if all(units) and units else "")
    if unit not in MONEY_UNITS or not {*units} - {"", unit}:
        return report
    return replace(report, budget_lines=tuple(_line_in_unit(line, unit) for line in lines))


def _line_in_unit(line: BudgetLine, unit: str) -> BudgetLine:
    return replace(
        line,
        initial_budget=_in_unit(line.initial_budget, unit),
        adjusted_budget=_in_unit(line.adjusted_budget, unit),
        outturn=_in_unit(line.outturn, unit),
    )


def _in_unit(entry: Entry | None, unit: str) -> Entry | None:
    """Return an amount in a unit of money, with the places that its own unit gives it there."""
    own = entry.reading.unit if entry else ""
    if entry is None or own == unit or own not in MONEY_UNITS:
        return entry
    ratio = Decimal(MONEY_UNITS[own]) / MONEY_UNITS[unit]
    value, places = value_of(entry) * ratio, entry.reading.decimals - ratio.adjusted()
    return replace(entry, reading=replace(entry.reading, value=value, decimals=places, unit=unit))
