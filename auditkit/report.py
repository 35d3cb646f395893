"""The self-evaluation form as one model, whatever file it came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

from auditkit.doubts import Doubt, Note
from auditkit.grid import Cell, Document, Extent, How
from auditkit.identity import Identity, identified, same_reading
from auditkit.numbers import Reading, Status
from auditkit.wording import Fact, Statement, Worded

AMOUNTS = ("initial_budget", "adjusted_budget", "outturn")  # the columns of a funding row in money
OF_GOALS = "目标/"  # before the labels, in ``extra``, of what stands beside the goals
ZERO = Decimal(0)
NOTHING_SAID = frozenset({"无", "不适用", "不涉及"})  # words for: there is no such figure


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the form states, and the cells that state it.

    ``path`` says which thing in words of the form (``budget/total/outturn``,
    ``indicator/产出指标/数量指标/培训人次/target``), never by row number, so that it stays the
    same when the form is read again from another file. ``cells`` is in reading order; an entry
    made of several columns or of a cell that a page edge cut has several.
    """

    path: str
    reading: Reading
    cells: tuple[Cell, ...]
    how: How = How.READ
    doubts: tuple[Doubt, ...] = ()

    @property
    def text(self) -> str:
        """What is printed, as one line."""
        return self.reading.raw

    @property
    def is_sure(self) -> bool:
        """Whether it was read, once or in agreement, and nothing speaks against the text."""
        return not self.doubts and self.how is not How.INFERRED


Extra = tuple[tuple[str, Entry], ...]


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One funding row (项目资金): ``name`` is ``total`` or the kind of money.

    Columns 年初预算数, 全年预算数, 全年执行数, 分值, 执行率, 得分; a column that the form does not
    have is ``None``, one that it leaves empty is an entry whose status is blank.
    """

    name: str
    label: Entry | None = None
    initial_budget: Entry | None = None
    adjusted_budget: Entry | None = None
    outturn: Entry | None = None
    points: Entry | None = None
    execution_rate: Entry | None = None
    score: Entry | None = None
    parent: str = "total"
    extra: Extra = ()

    @property
    def budget(self) -> Entry | None:
        """The budget that the money was spent from: the adjusted one where the form has it."""
        return self.adjusted_budget or self.initial_budget


@dataclass(frozen=True, slots=True)
class Indicator:
    """One third-level indicator (三级指标) with the dimension and category it stands under.

    Columns 一级指标, 二级指标, 三级指标, 年度指标值, 实际完成值, 分值, 得分,
    偏差原因分析及改进措施; columns of other names are kept in ``extra`` under their header.
    """

    path: str
    dimension: Entry | None = None
    category: Entry | None = None
    name: Entry | None = None
    target: Entry | None = None
    actual: Entry | None = None
    points: Entry | None = None
    score: Entry | None = None
    explanation: Entry | None = None
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """The annual goal (年度总体目标): what was expected and what was achieved, in words."""

    expected: Entry | None = None
    actual: Entry | None = None


class Surely(StrEnum):
    """What is said of how surely the figures of a form were read."""

    SURE = "sure"  # facts: all, lacks, total
    UNSURE = "unsure"  # facts: unsure, all, lacks, total
    NO_INDICATORS = "no indicators"
    SOME_WITHOUT = "some without"  # facts: count, forms
    NO_TOTAL = "no total"
    UNSURE_TOTAL = "unsure total"
    SOME_TOTALS = "some totals"  # facts: count, forms


@dataclass(frozen=True, slots=True)
class Certainty(Worded):
    """How surely the figures of a form were read.

    ``figures`` counts the amounts, values, points and scores that it states, each printed cell
    once; ``unsure`` are those that are not sure, blanks too where something may be seen there.
    ``total`` is the total score, ``None`` where no number was read of one. Without
    ``has_indicators`` none of them was read, however sure all else may be.
    """

    figures: int
    unsure: tuple[Entry, ...]
    total: Entry | None
    has_indicators: bool

    @property
    def statement(self) -> Statement:
        """How many figures are not sure, and what is to be known of the total."""
        return how_sure([self])

    @property
    def is_total_sure(self) -> bool:
        """Whether a total was read surely."""
        return self.total is not None and self.total.is_sure

    @property
    def is_doubted(self) -> bool:
        """Whether what was read is not to be relied on as it is: a figure, or for what it lacks."""
        return bool(self.unsure) or not self.has_indicators


def how_sure(some: Sequence[Certainty]) -> Statement:
    """Say how surely the figures of some forms were read: what stands before all else of them."""
    unsure = sum(len(one.unsure) for one in some)
    odd = [one for one in some if not one.is_total_sure]
    total: Fact = ""
    if odd and len(some) > 1:
        total = Statement.of(Surely.SOME_TOTALS, count=len(odd), forms=len(some))
    elif odd:
        total = Statement(Surely.UNSURE_TOTAL if odd[0].total else Surely.NO_TOTAL)
    lacks: Fact = ""
    if bare := sum(not one.has_indicators for one in some):
        several = Statement.of(Surely.SOME_WITHOUT, count=bare, forms=len(some))
        lacks = several if len(some) > 1 else Statement(Surely.NO_INDICATORS)
    kind, figures = Surely.UNSURE if unsure else Surely.SURE, sum(one.figures for one in some)
    return Statement.of(kind, unsure=unsure, all=figures, lacks=lacks, total=total)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something with a label that is not known: kept, and not understood.

    It is a column of a table (``funding``, ``management``, ``indicators``), or a value beside its
    label outside of the tables, where ``table`` is empty. ``head`` are the cells of the label,
    ``cells`` those below or beside it that hold text.
    """

    table: str
    label: str
    head: tuple[Cell, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A project expenditure performance self-evaluation form (项目支出绩效自评表).

    ``number`` counts the forms of one document from one; ``place`` says where it stands.
    Nothing is invented: what the form lacks is ``None`` and said in ``notes``. ``unplaced`` are
    the cells of its tables that were not understood, in order of reading: neither a value or a
    label that is known, nor furniture such as a header that is printed again; ``unknown`` says
    which of them stand under, or beside, a label that is not known.
    ``prose`` is what the file of a first form states of self-evaluation outside of its tables.
    ``counterparts`` are the same form as other files of the call have it. A form that was corrected
    or masked, or that its file has twice, was ``read_as`` another than it says.
    """

    document: Document
    number: int
    place: Extent
    reader: str
    title: Entry | None = None
    year: Entry | None = None
    project: Entry | None = None
    department: Entry | None = None
    implementer: Entry | None = None
    currency_unit: Entry | None = None
    budget_lines: tuple[BudgetLine, ...] = ()
    goals: Objective = Objective()
    indicators: tuple[Indicator, ...] = ()
    total_points: Entry | None = None
    total_score: Entry | None = None
    rating: Entry | None = None
    extra: Extra = ()
    notes: tuple[Note, ...] = ()
    unplaced: tuple[Cell, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    counterparts: tuple[Report, ...] = ()
    read_as: Identity | None = None
    prose: tuple[Cell, ...] = field(default=(), repr=False, compare=False)

    @property
    def known_as(self) -> Identity:
        """Which form it is, as it was read."""
        if self.read_as:
            return self.read_as
        year = self.year.reading.value if self.year else None
        units = {"department": self.department, "implementer": self.implementer}
        names = {"project": words_of(self.project), "year": f"{year:f}" if year is not None else ""}
        names |= {name: words_of(entry) for name, entry in units.items()}
        amounts = {
            f"{line.name}/{column}": same_reading(entry.reading)
            for line in self.budget_lines
            for column in AMOUNTS
            if (entry := getattr(line, column)) and number(entry) is not None
        }
        content = (f"{entry.path}={same_reading(entry.reading)}" for entry in self.entries())
        return identified(self.document.sha256, self.number, names, amounts, content)

    @property
    def identity(self) -> str:
        """What tells that two files hold the same form; empty where it says too little of that."""
        known = self.known_as
        return known.key if known.is_told else ""

    @property
    def period_end(self) -> date | None:
        """The last day of the year that the form is about."""
        value = self.year.reading.value if self.year else None
        return date(int(value), 12, 31) if value is not None else None

    @property
    def total_line(self) -> BudgetLine | None:
        """The funding row for the whole project (年度资金总额)."""
        return next((line for line in self.budget_lines if line.name == "total"), None)

    @property
    def certainty(self) -> Certainty:
        """How surely its figures were read."""
        funds = (getattr(line, name) for line in self.budget_lines for name in _OF_FUNDS)
        values = (getattr(row, name) for row in self.indicators for name in _OF_INDICATORS)
        stated = counted((*funds, *values, self.total_points, self.total_score))
        figures = [e for e in stated if e.reading.value is not None or not e.is_sure]
        unsure = tuple(entry for entry in figures if not entry.is_sure)
        total = self.total_score if number(self.total_score) is not None else None
        return Certainty(len(figures), unsure, total, bool(self.indicators))

    @property
    def doubted(self) -> int:
        """How many of its entries are not sure, and one more where no indicator was read."""
        return sum(not entry.is_sure for entry in self.entries()) + (not self.indicators)

    def entries(self) -> Iterator[Entry]:
        """Every entry of the form, in the order of the form, which is that of the fields."""
        found: list[Entry] = []
        _gather(_parts_of(Report)(self), found)
        return iter(found)


def number(entry: Entry | None) -> Decimal | None:
    """Return the number that is printed, ``None`` where there is none that can be used."""
    if entry is None or entry.reading.upper is not None:  # a range is not one number
        return None
    return None if entry.reading.status is Status.ABOUT else entry.reading.value


def numbers(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    """Return the entries that are numbers."""
    return tuple([entry for entry in entries if entry and number(entry) is not None])


def value_of(entry: Entry | None) -> Decimal:
    """Return the number that is printed; what is no number counts as nothing."""
    return number(entry) or ZERO


def sum_of(entries: Iterable[Entry | None]) -> Decimal:
    """Add up what is printed; what is no number counts as nothing."""
    return sum(map(value_of, entries), ZERO)


def counted(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    """Return entries with each printed cell counted once, merged ones too."""
    return tuple({entry.cells: entry for entry in entries if entry is not None}.values())


def words_of(entry: Entry | None) -> str:
    """Return the text of an entry without white space, empty where the form has no such cell."""
    return entry.reading.plain if entry else ""


def is_blank(entry: Entry | None) -> bool:
    """Tell whether the form has the cell and nothing stands in it."""
    return entry is not None and entry.reading.status is Status.BLANK


def is_empty(entry: Entry | None) -> bool:
    """Tell whether nothing is stated: no such cell, a blank one, or a dash."""
    return entry is None or entry.reading.status in (Status.BLANK, Status.DASH)


def _gather(parts: tuple[Any, ...], found: list[Entry]) -> None:
    """Add every entry of some parts of a form to those that were found."""
    for part in parts:
        kind: Any = type(part)
        if kind is Entry:
            found.append(part)
        elif kind is tuple:
            _gather(part, found)
        elif kind in _PARTS:
            _gather(_parts_of(kind)(part), found)


def is_unread(reading: Reading) -> bool:
    """Tell whether words stand where a number belongs, such as 待核实 or 约12万."""
    is_said = reading.suspicions or reading.raw in NOTHING_SAID
    return reading.status is Status.WORDS and not is_said


def is_of_figures(path: str) -> bool:
    """Tell whether an entry stands in a column of figures alone, by its path."""
    return path.rpartition("/")[2] in _OF_FUNDS


_OF_FUNDS = (*AMOUNTS, "points", "execution_rate", "score")  # columns of figures
_OF_INDICATORS = ("target", "actual", "points", "score")
_PARTS = (BudgetLine, Indicator, Objective)


@cache
def _parts_of(kind: Any) -> attrgetter[Any]:
    return attrgetter(*(field.name for field in fields(kind) if field.name != "counterparts"))


def with_entries(part: Any, change: Callable[[Entry], Entry]) -> Any:
    """Return a part of a form with each of its entries changed."""
    if isinstance(part, Entry):
        return change(part)
    if isinstance(part, Cell):
        return part
    if isinstance(part, tuple):
        return tuple(with_entries(each, change) for each in part)
    if is_dataclass(part) and not isinstance(part, type):
        own = {f.name: with_entries(getattr(part, f.name), change) for f in fields(part)}
        return replace(part, **own)
    return part
