"""Set self-evaluation forms as pages: what a form prints, and the column layouts it prints it in.

The forms are facts without a shape; a layout gives them the columns and labels of one family of
published forms. What comes out is a sheet of cells that ``producers`` turns into PDF files, so
that every reading can be held against what was printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

_BOUND = re.compile(r"^(≥|≧|>=|≤|<=|=|＝|>|<)?\s*([\d.,]+)\s*(.*)$", re.DOTALL)
QUALITATIVE = "定性"
DEFAULT_TITLE = "财政项目支出绩效自评表"


@dataclass(frozen=True, slots=True)
class FundingRow:
    """One printed row of the funding block; an empty string is an empty cell."""

    label: str = ""
    initial_budget: str = ""
    adjusted_budget: str = ""
    outturn: str = ""
    points: str = ""
    execution_rate: str = ""
    score: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One printed row of the indicator block.

    ``bound`` is the target as operator, value and unit for the layouts that give each a column.
    """

    dimension: str = ""
    category: str = ""
    name: str = ""
    target: str = ""
    actual: str = ""
    points: str = ""
    score: str = ""
    explanation: str = ""
    bound: tuple[str, str, str] | None = None

    @property
    def in_columns(self) -> tuple[str, str, str]:
        """The target as operator, value and unit; a target in words is marked as qualitative."""
        if self.bound:
            return self.bound
        if found := _BOUND.match(self.target):
            return found[1] or "=", found[2], found[3]
        return QUALITATIVE, self.target, ""

    @property
    def is_template(self) -> bool:
        """Whether the row was never filled in: no name, or the template's, and no values."""
        named = self.name and not re.fullmatch(r"指标\d*[:：]?|[.…]+", self.name)
        filled = self.target or self.actual or self.points or self.score or self.explanation
        return not named and not filled


@dataclass(frozen=True, slots=True)
class Form:
    """The facts of one form, as printed."""

    name: str
    title: str
    year: str
    project: str
    department: str
    implementer: str
    currency_unit: str
    funding: tuple[FundingRow, ...]
    indicators: tuple[IndicatorRow, ...]
    expected: str = ""
    actual: str = ""
    total_points: str = ""
    total_score: str = ""
    other: Mapping[str, str] = field(default_factory=dict)

    @property
    def year_line(self) -> str:
        """The line under the title: (2024年度)."""
        bare = self.year and not self.year.endswith("度")
        return f"({self.year}年度)" if bare else self.year


@dataclass(frozen=True, slots=True)
class Layout:
    """How one family of forms arranges its columns; each column is a label and a field."""

    name: str
    offices: tuple[str, str]
    money: str
    funding: tuple[tuple[str, str], ...]
    goals: tuple[str, str]
    columns: tuple[tuple[str, str, float], ...]
    goal_head: str = "年度\n总体\n目标"
    has_total: bool = True

    @property
    def fields(self) -> frozenset[str]:
        """The fields of an indicator that have a column."""
        return frozenset(name for _, name, _ in self.columns)


_NATIONAL = (
    ("年初预算数", "initial_budget"),
    ("全年预算数", "adjusted_budget"),
    ("全年执行数", "outturn"),
    ("分值", "points"),
    ("执行率", "execution_rate"),
    ("得分", "score"),
)
_MARKED = (
    ("全年预算数(A)", "adjusted_budget"),
    ("全年执行数(B)", "outturn"),
    ("分值", "points"),
    ("执行率(B/A)", "execution_rate"),
    ("得分", "score"),
)
_LEVELS = (
    ("一级指标", "dimension", 9.0),
    ("二级指标", "category", 10.0),
    ("三级指标", "name", 20.0),
)
_BOUND_COLUMNS = (
    ("指标性质", "comparator", 6.0),
    ("指标值", "value", 9.0),
    ("度量单位", "unit", 6.0),
)

LAYOUTS = (
    Layout(
        "national",
        ("主管部门", "实施单位"),
        "项目资金\n({})",
        _NATIONAL,
        ("预期目标", "实际完成情况"),
        (
            *_LEVELS,
            ("年度\n指标值", "target", 11),
            ("实际\n完成值", "actual", 11),
            ("分值", "points", 7),
            ("得分", "score", 8),
            ("偏差原因分析及\n改进措施", "explanation", 18),
        ),
    ),
    Layout(
        "marked",
        ("主管部门及代码", "实施单位"),
        "项目资金({})",
        (("年初预算数", "initial_budget"), *_MARKED),
        ("年初设定目标", "全年实际完成情况"),
        (
            *_LEVELS,
            ("年度指标值(A)", "target", 11),
            ("实际完成值(B)", "actual", 11),
            ("分值", "points", 7),
            ("得分", "score", 8),
            ("未完成原因分析", "explanation", 18),
        ),
    ),
    Layout(
        "operators",
        ("主管部门", "实施单位"),
        "项目资金\n({})",
        _NATIONAL,
        ("预期目标", "实际完成情况"),
        (
            *_LEVELS,
            *_BOUND_COLUMNS,
            ("实际完成值", "actual", 9),
            ("分值", "points", 6),
            ("得分", "score", 7),
            ("偏差原因分析及改进措施", "explanation", 16),
        ),
    ),
    Layout(
        "sichuan",
        ("主管部门", "实施单位"),
        "预算执行情况\n({})",
        (
            ("年初预算", "initial_budget"),
            ("调整后预算数", "adjusted_budget"),
            ("预算执行数", "outturn"),
            ("预算执行率", "execution_rate"),
            ("权重", "points"),
            ("得分", "score"),
        ),
        ("年度目标", "年度目标完成情况"),
        (
            *_LEVELS,
            *_BOUND_COLUMNS,
            ("完成值", "actual", 9),
            ("权重", "points", 6),
            ("得分", "score", 7),
            ("未完成原因分析", "explanation", 16),
        ),
    ),
    Layout(
        "revitalisation",
        ("主管部门", "实施单位"),
        "资金情况\n({})",
        _MARKED,
        ("年初设定目标", "年度总体目标完成情况综述"),
        (
            *_LEVELS,
            ("分值", "points", 7),
            ("年度指标值", "target", 11),
            ("全年实际值", "actual", 11),
            ("得分", "score", 8),
            ("未完成原因及拟采取的改进措施", "explanation", 18),
        ),
    ),
    Layout(
        "transfer",
        ("中央主管部门", "地方主管部门"),
        "资金情况\n({})",
        (*_MARKED[:2], ("预算执行率(B/A×100%)", "execution_rate")),
        ("总体目标", "全年实际完成情况"),
        (
            *_LEVELS,
            ("指标值", "target", 13),
            ("全年实际完成值", "actual", 13),
            ("未完成原因和改进措施", "explanation", 20),
        ),
        has_total=False,
    ),
    Layout(
        "hubei",
        ("主管部门", "项目实施单位"),
        "预算执行情况\n({})\n(20分)",
        (
            ("预算数(A)", "adjusted_budget"),
            ("执行数(B)", "outturn"),
            ("执行率(B/A)", "execution_rate"),
            ("得分\n(20分×执行率)", "score"),
        ),
        ("年度绩效目标", "目标完成情况"),
        (
            *_LEVELS,
            ("年初目标值(A)", "target", 13),
            ("实际完成值(B)", "actual", 13),
            ("得分", "score", 8),
        ),
        goal_head="年度绩效目标\n(80分)",
    ),
)


def layout_named(name: str) -> Layout:
    """Return a layout by its name."""
    return next(layout for layout in LAYOUTS if layout.name == name)


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell on the sheet: text, place and size, counted from zero."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form laid out: lines above the table, relative column widths, cells."""

    title: str
    year_line: str
    widths: tuple[float, ...]
    height: int
    cells: tuple[Placed, ...]

    def row(self, number: int) -> list[Placed]:
        """Return the cells that begin in a row, from left to right."""
        return sorted((c for c in self.cells if c.row == number), key=lambda c: c.column)


def printed(row: IndicatorRow, column: str) -> str:
    """Return what a row prints in a column."""
    if column in ("comparator", "value", "unit"):
        return row.in_columns[("comparator", "value", "unit").index(column)]
    text: str = getattr(row, column)
    return text


def lay_out(form: Form, layout: Layout) -> Sheet:
    """Lay a form out in a layout: header, funding, goals, indicators, total."""
    widths = (5.0, *(width for _, _, width in layout.columns))
    last = len(widths)
    cells = [*_header(form, layout, last)]
    at = 1 + max(cell.row for cell in cells)
    cells += _funding(form, layout, last, at)
    at += len(form.funding) + 1
    half = (last - 1) // 2
    cells += [
        Placed(layout.goal_head, at, 0, 2),
        Placed(layout.goals[0], at, 1, 1, half),
        Placed(layout.goals[1], at, 1 + half, 1, last - 1 - half),
        Placed(form.expected, at + 1, 1, 1, half, is_prose=True),
        Placed(form.actual, at + 1, 1 + half, 1, last - 1 - half, is_prose=True),
    ]
    at += 2
    cells += _indicators(form, layout, at)
    at += len(form.indicators) + 1
    if layout.has_total and (form.total_points or form.total_score):
        cells += _total(form, layout, at)
        at += 1
    return Sheet(form.title, form.year_line, widths, at, tuple(cells))


def _header(form: Form, layout: Layout, last: int) -> Iterator[Placed]:
    yield Placed("项目名称", 0, 0, 1, 2)
    yield Placed(form.project, 0, 2, 1, last - 2)
    row = 1
    for label, text in form.other.items():
        yield Placed(label, row, 0, 1, 2)
        yield Placed(text, row, 2, 1, last - 2)
        row += 1
    half = (last - 3) // 2
    yield Placed(layout.offices[0], row, 0, 1, 2)
    yield Placed(form.department, row, 2, 1, half)
    yield Placed(layout.offices[1], row, 2 + half)
    yield Placed(form.implementer, row, 3 + half, 1, last - 3 - half)


def _funding(form: Form, layout: Layout, last: int, at: int) -> Iterator[Placed]:
    count = len(layout.funding)
    lead = max(1, last - 2 - count)
    yield Placed(layout.money.format(form.currency_unit), at, 0, len(form.funding) + 1, 2)
    spans = [lead, *([1] * count)]
    spans[-1] += last - 2 - sum(spans)
    for offset, row in enumerate((None, *form.funding)):
        texts = [row.label if row else ""]
        texts += [getattr(row, name) if row else label for label, name in layout.funding]
        column = 2
        for text, span in zip(texts, spans, strict=True):
            yield Placed(text, at + offset, column, 1, span)
            column += span


def _indicators(form: Form, layout: Layout, at: int) -> Iterator[Placed]:
    yield Placed("绩\n效\n指\n标", at, 0, len(form.indicators) + 1)
    for column, (label, _, _) in enumerate(layout.columns, start=1):
        yield Placed(label, at, column)
    top = at + 1
    rows = list(enumerate(form.indicators))
    for column, levels in ((1, ("dimension",)), (2, ("dimension", "category"))):
        of = attrgetter(*levels)
        for key, group in groupby(rows, lambda item, of=of: of(item[1])):
            members = list(group)
            name = key if isinstance(key, str) else key[-1]
            yield Placed(name, top + members[0][0], column, len(members))
    for offset, row in rows:
        for column, (_, name, _) in enumerate(layout.columns[2:], start=3):
            yield Placed(printed(row, name), top + offset, column)


def _total(form: Form, layout: Layout, at: int) -> Iterator[Placed]:
    names = [name for _, name, _ in layout.columns]
    sums = {"points": form.total_points, "score": form.total_score}
    first = 1 + min(names.index(name) for name in sums if name in names)
    yield Placed("总分", at, 0, 1, first)
    for column, name in enumerate(names[first - 1 :], start=first):
        yield Placed(sums.get(name, ""), at, column)


def from_transcript(facts: Mapping[str, Any], name: str) -> Form:
    """Return the form that a transcription holds (keys title, funding, indicators, l1, l2 …)."""
    some = {key: _text(value) for key, value in facts.items() if isinstance(value, str)}
    return Form(
        name=name,
        title=some.get("title") or DEFAULT_TITLE,
        year=some.get("year", ""),
        project=some.get("project", ""),
        department=some.get("department", ""),
        implementer=some.get("implementer", ""),
        currency_unit=some.get("unit_label") or "元",
        funding=tuple(
            FundingRow(
                _text(row.get("row")),
                _text(row.get("initial_budget")),
                _text(row.get("annual_budget")),
                _text(row.get("executed")),
                _text(row.get("weight")),
                _text(row.get("rate")),
                _text(row.get("score")),
            )
            for row in facts["funding"]
        ),
        indicators=tuple(_indicator(row) for row in facts["indicators"]),
        expected=some.get("goal_expected", ""),
        actual=some.get("goal_actual", ""),
        total_points=some.get("total_weight", ""),
        total_score=some.get("total_score", ""),
    )


def _indicator(row: Mapping[str, Any]) -> IndicatorRow:
    extra = row.get("extra") or {}
    parts = [_text(extra.get(key)) for key in ("指标性质", "指标值", "度量单位")]
    texts = (_text(row.get(k)) for k in ("l1", "l2", "l3", "target", "actual", "weight", "score"))
    bound = (parts[0], parts[1], parts[2]) if parts[0] or parts[1] else None
    return IndicatorRow(*texts, _text(row.get("deviation")), bound)


def _text(value: object) -> str:
    return "" if value is None else str(value)
