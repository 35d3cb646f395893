"""What a form's figures come to (复算): the value that rules, tables, charts and formulas take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from auditkit.comparing import Comparison, Incomparable, Method, Reached
from auditkit.figures import Figure, Interval, execution_score, in_yuan, is_scored_by_parts, shown
from auditkit.report import BudgetLine, Entry, Indicator, Report, number, numbers, words_of
from auditkit.standards.vocabulary import Met, bare, is_called


@dataclass(frozen=True, slots=True)
class FundingRow:
    """A funding row with the rate that follows from its amounts.

    ``rate`` is outturn over the budget that the money was spent from; ``initial_rate`` over the
    initial budget, where the row has both budgets.
    """

    line: BudgetLine
    rate: Figure | None = None
    initial_rate: Figure | None = None


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator with what follows from its target, its actual value and its points.

    ``name`` is without numbering, ``text`` all that stands in the row but its levels, without
    white space. Either ``comparison`` or ``incomparable`` is there; ``reached`` says how a target
    fared that is a range, a deadline or an absence. ``by_label`` is what a row that prints no
    points is worth by the label of its level, and that label. What is earned in proportion is
    there where the points are a number and the proportion can be told.
    """

    indicator: Indicator
    name: str
    text: str
    comparison: Comparison | None
    incomparable: Incomparable | None
    met: Met | None
    reached: Reached | None = None
    by_label: tuple[Entry, Decimal] | None = None
    by_ratio: Decimal | None = None
    by_linear: Decimal | None = None

    def earned_by(self, method: Method) -> Decimal | None:
        """Return what the row earns in proportion, ``None`` where that cannot be told."""
        return self.by_linear if method is Method.LINEAR else self.by_ratio

    def mentions(self, words: Iterable[str]) -> bool:
        """Tell whether the row contains any of the words, in whatever column."""
        return any(map(self.text.__contains__, words))


def is_bonus(row: Indicator) -> bool:
    """Tell whether a form itself calls a row a bonus or a deduction: 加分, 扣分项."""
    labels = (row.dimension, row.category, row.name)
    return any(is_called("bonus_row", bare(words_of(label))) for label in labels)


@dataclass(frozen=True, slots=True)
class Scored:
    """A row whose points and score are numbers; ``row`` is ``None`` for the execution's.

    It is ``worth`` its points and ``earned`` its score. Where only the label of its level has
    points, that is ``points``, and the row is worth all of them where it is alone, else what it
    earned of them. One that is not
    ``alone`` shares the cell of points or score with another row. ``below`` are the rows that its
    cell of points or score reaches over, so that it is theirs, too, and what they have of the other
    is added up.
    """

    subject: str
    points: Entry
    score: Entry
    worth: Decimal
    earned: Decimal
    is_alone: bool
    row: IndicatorRow | None = None
    below: tuple[IndicatorRow, ...] = ()

    @property
    def worth_text(self) -> str:
        """Its points as printed, or what it is worth where no cell of its own says that."""
        return self.points.text if number(self.points) == self.worth else shown(self.worth)

    @property
    def earned_text(self) -> str:
        """Its score as printed, or the sum of those that share its points."""
        return self.score.text if number(self.score) == self.earned else shown(self.earned)

    @property
    def others(self) -> tuple[Entry, ...]:
        """The scores or the points that the rows below have of their own."""
        rows = (row.indicator for row in self.below)
        return numbers(entry for row in rows for entry in (row.score, row.points))

    @property
    def lost(self) -> Decimal:
        """The points that were not scored."""
        return self.worth - self.earned


@dataclass(frozen=True, slots=True)
class FundSum:
    """The cells of one amount column below the total or another row, and what they come to.

    ``is_told`` says that the labels make the cells parts of that row, ``is_whole`` that they make
    up all of it; below the total both hold.
    """

    column: str
    figure: Figure
    cells: tuple[Entry, ...]
    is_told: bool = True
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """The rows of a dimension, or of one of its categories, and the sums of their columns."""

    dimension: str
    category: str
    rows: tuple[Indicator, ...]
    points: Figure
    score: Figure


@dataclass(frozen=True, slots=True)
class Total:
    """All points, or all scores, of a form, each printed cell counted once.

    ``cells`` are those of the indicators, ``execution`` holds that of the execution unless it is
    zero; ``of_rows`` is the sum of the indicators, ``figure`` the sum of all, both beside the
    printed total.
    """

    cells: tuple[Entry, ...]
    execution: tuple[Entry, ...]
    of_rows: Figure
    figure: Figure

    @property
    def rows(self) -> tuple[Entry, ...]:
        """The numbers of the indicators."""
        return self.of_rows.inputs

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The numbers of the indicators, then that of the execution."""
        return (*self.rows, *self.execution)


@dataclass(frozen=True, slots=True)
class Available:
    """Points available on a form, those for execution among them, and what states them.

    ``is_whole`` is false where a row may have points that are not printed or cannot be read;
    what was doubted of these is among the ``entries``, too.
    """

    total: Decimal
    execution: Decimal
    entries: tuple[Entry, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Worked:
    """All that follows from a form's own figures (复算), worked out once.

    Attributes:
        report: The form, with the amounts of its funds in one unit.
        figures: What tables show, in the form's order: rates, the execution score, sums of the
            funding rows, deviations and proportional scores, sums by level, both totals.
        funds: The funding rows, in order.
        execution: The row that carries the execution score: the total, or the first scored; a
            form without such a row gets one without entries.
        components: The rows that make up the total, those that are parts of a part left out.
        purposes: Basic and project spending (基本支出, 项目支出), which divide it once more.
        sums: The amount columns of the total beside the sums of its components.
        sums_by_purpose: The same beside the sums of its purposes.
        rate_scored: The rate that the execution is scored by: that of its row; where the total
            was left at nought, that of the one part that is filled.
        execution_score: What the execution earns by that rate and its printed points, or by those
            of its parts where they have points of their own.
        indicators: The indicators, in order.
        scored: The execution and then the indicators whose points and score can be used.
        levels: Dimensions and their categories, with the sums of points and scores.
        points: The points of the form, added up.
        score: The scores of the form, added up.
        available: The points available, as far as the form states them.
        totals_by_method: The total score with comparable rows scored anew by each method, the
            execution by its rate; rows that cannot be compared, or share a cell of points or
            score, keep what is printed. Empty where the form prints no scores.
    """

    report: Report
    figures: tuple[Figure, ...]
    funds: tuple[FundingRow, ...]
    execution: FundingRow
    components: tuple[FundingRow, ...]
    purposes: tuple[FundingRow, ...]
    sums: tuple[FundSum, ...]
    sums_by_purpose: tuple[FundSum, ...]
    sums_of_parts: tuple[FundSum, ...]
    rate_scored: Figure | None
    execution_score: Figure | None
    indicators: tuple[IndicatorRow, ...]
    scored: tuple[Scored, ...]
    levels: tuple[Level, ...]
    points: Total
    score: Total
    available: Available | None
    totals_by_method: tuple[tuple[Method, Decimal], ...]

    @property
    def total(self) -> FundingRow | None:
        """The funding row for the whole project (年度资金总额)."""
        return next((row for row in self.funds if row.line.name == "total"), None)

    @property
    def budgeted_line(self) -> BudgetLine | None:
        """The total, or its one filled part where the total was left empty or zero."""
        total = self.report.total_line
        filled = [part.line for part in self.components if number(part.line.initial_budget)]
        is_hollow = total is not None and not number(total.initial_budget)
        return filled[0] if is_hollow and len(filled) == 1 else total

    @property
    def is_scored_by_parts(self) -> bool:
        """Whether the points for execution are those of the parts, which are scored each."""
        return is_scored_by_parts(self.execution.line, [row.line for row in self.components])

    def in_yuan(self, cells: Iterable[Entry | None], unit: str = "") -> list[Interval]:
        """Return what printed amounts stand for in yuan; a bare one is in the form's unit."""
        return in_yuan(cells, unit or words_of(self.report.currency_unit))

    def execution_score_of(self, points: Decimal) -> Figure | None:
        """Return what the execution earns of so many points, as for a form that prints none."""
        line = self.execution.line
        if points == number(line.points):
            return self.execution_score
        return execution_score(line, self.rate_scored, points)
