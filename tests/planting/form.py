"""A form as rows of cells, changed by what its cells mean: the same change in any layout.

The notation is that of ``clean_forms``. A form here has one cell at the left beside its funds and
one beside its indicators, so ``^`` in the first column tells which rows belong to a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

FUNDS = {
    "年初预算数": "initial",
    "年初预算": "initial",
    "全年预算数": "adjusted",
    "调整后预算数": "adjusted",
    "预算数": "adjusted",
    "全年执行数": "outturn",
    "预算执行数": "outturn",
    "执行数": "outturn",
    "执行率": "rate",
    "预算执行率": "rate",
    "分值": "points",
    "权重": "points",
    "得分": "score",
    "原因": "cause",
    "执行偏差原因": "cause",
}
INDICATORS = {
    "一级指标": "dimension",
    "二级指标": "category",
    "三级指标": "name",
    "指标性质": "comparator",
    "指标值": "target",
    "度量单位": "unit",
    "年度指标值": "target",
    "年初目标值": "target",
    "实际完成值": "actual",
    "全年实际值": "actual",
    "完成值": "actual",
    "完成率": "completion",
    "分值": "points",
    "权重": "points",
    "得分": "score",
    "偏差原因分析及改进措施": "cause",
    "未完成原因分析": "cause",
    "未完成原因及拟采取的改进措施": "cause",
    "复核得分": "review",
    "复核备注": "remark",
}
GOALS = ("预期目标", "年初设定目标", "年度目标")
TOTALS = ("总分", "合计")
CAUSES = "偏差大或目标未完成原因分析"
NOTHING = ("", "无")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
BOUND = re.compile(r"([≥≤=＝]?)([\d,.]+)((?<=[≥≤=＝]\d)月|(?<=[≥≤=＝]\d\d)月|[^月~]*)")
RANGE = re.compile(r"([\d.]+)(.*)~([\d.]+)\2")
CENT = Decimal("0.01")


class NoPlaceError(Exception):
    """A form has no place for a change."""


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator: where it stands, and what it prints."""

    at: int
    dimension: str
    category: str
    name: str
    target: str
    actual: str
    points: Decimal
    score: Decimal
    cause: str

    @property
    def wanted(self) -> Decimal | None:
        """The number of the target, where it is a bound."""
        found = BOUND.fullmatch(self.target)
        return decimal(found[2]) if found else None

    @property
    def sign(self) -> str:
        """The sign of the target; a number without one is to be met."""
        found = BOUND.fullmatch(self.target)
        return found[1].replace("＝", "=") or "=" if found else ""

    @property
    def unit(self) -> str:
        """The unit of the target."""
        found = BOUND.fullmatch(self.target)
        return found[3] if found else ""

    @property
    def got(self) -> Decimal | None:
        """The first number of the actual value."""
        found = NUMBER.search(self.actual)
        return decimal(found[0]) if found else None

    @property
    def is_full(self) -> bool:
        """Whether all points are scored."""
        return self.score == self.points


@dataclass(frozen=True)  # without slots: what follows from its rows is kept
class Form:
    """A form: its name, the lines above the table, the rows of cells."""

    name: str
    lines: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, name: str, text: str) -> Form:
        """Read a form from its notation."""
        lines = text.strip().splitlines()
        rows = (tuple(c.strip() for c in line.split("|")) for line in lines if line[0] != "#")
        return cls(name, tuple(line for line in lines if line[0] == "#"), tuple(rows))

    def __str__(self) -> str:
        return "\n".join((*self.lines, *map(" | ".join, self.rows)))

    # Places

    def _block(self, roles: dict[str, str], *needed: str) -> tuple[int, dict[str, int]]:
        """Return the row of a head, and the columns of its roles."""
        for at, row in enumerate(self.rows):
            named = {roles.get(_bare(cell), ""): column for column, cell in enumerate(row)}
            if named.keys() >= set(needed):
                return at, named
        raise NoPlaceError(f"{self.name} has no head with {needed}")

    def _below(self, head: int) -> list[int]:
        """Return the rows of a block, below its head."""
        rows = []
        for at in range(head + 1, len(self.rows)):
            if self.rows[at][0] != "^":
                break
            rows.append(at)
        return rows

    @cached_property
    def _money(self) -> tuple[list[int], dict[str, int]]:
        head, columns = self._block(FUNDS, "adjusted", "outturn")
        return self._below(head), columns

    @cached_property
    def _measures(self) -> tuple[list[int], dict[str, int]]:
        head, columns = self._block(INDICATORS, "name", "actual")
        return self._below(head), columns

    def _columns(self, at: int) -> dict[str, int]:
        return next(columns for rows, columns in (self._money, self._measures) if at in rows)

    def column(self, at: int, role: str) -> int:
        """Return the column of a role in a row of the funds or of the indicators."""
        try:
            return self._columns(at)[role]
        except KeyError:
            raise NoPlaceError(f"{self.name} has no column for {role}") from None

    def has(self, at: int, role: str) -> bool:
        """Tell whether a row has a column for a role."""
        return role in self._columns(at)

    @property
    def funds(self) -> list[int]:
        """The rows of the funds, their total first."""
        return self._money[0]

    @property
    def parts(self) -> list[int]:
        """The rows below the total of the funds."""
        if len(self.funds) == 1:
            raise NoPlaceError("one row of funds only")
        return self.funds[1:]

    @property
    def total(self) -> int:
        """The row with the total score."""
        for at, row in enumerate(self.rows):
            if row[0] in TOTALS:
                return at
        raise NoPlaceError("no total is printed")

    @property
    def goals(self) -> tuple[int, int, int]:
        """The row of the goals' texts, the columns of expected goal and achievement."""
        for at, row in enumerate(self.rows):
            if any(cell in GOALS for cell in row):
                texts = [n for n, c in enumerate(self.rows[at + 1]) if c not in ("^", "<")]
                return at + 1, texts[0], texts[1]
        raise NoPlaceError("no goals are printed")

    # Reading

    def text(self, at: int, role: str) -> str:
        """Return the text of a role in a row; of merged cells, that above."""
        column = self.column(at, role)
        while self.rows[at][column] == "^":
            at -= 1
        return self.rows[at][column]

    def amount(self, at: int, role: str) -> Decimal:
        """Return an amount of the funds; what is not a number is none."""
        text = self.text(at, role)
        return decimal(text.rstrip("%")) if NUMBER.match(text) else Decimal()

    def _target(self, at: int) -> str:
        if not self.has(at, "comparator"):
            return self.text(at, "target")
        sign, value, unit = (self.text(at, role) for role in ("comparator", "target", "unit"))
        return value if sign == "定性" else f"{sign}{value}{unit}"

    @cached_property
    def indicators(self) -> list[Row]:
        """The indicators, from top to bottom."""
        rows = []
        for at in self._measures[0]:
            score = decimal(self.text(at, "score") or "0")
            points = score
            if self.has(at, "points"):
                points = decimal(self.text(at, "points"))
            elif score != score.to_integral_value():
                points = score.to_integral_value(rounding="ROUND_CEILING")
            row = Row(
                at=at,
                dimension=self.text(at, "dimension"),
                category=self.text(at, "category"),
                name=self.text(at, "name"),
                target=self._target(at),
                actual=self.text(at, "actual"),
                points=points,
                score=score,
                cause=self.text(at, "cause") if self.has(at, "cause") else "",
            )
            rows.append(row)
        return rows

    def find(self, *where: Callable[[Row], object], number: int = 0) -> Row:
        """Return the first indicator of which all holds, or a later one."""
        found = [row for row in self.indicators if all(holds(row) for holds in where)]
        if len(found) <= number:
            raise NoPlaceError("no such indicator")
        return found[number]

    def row(self, at: int) -> Row:
        """Return the indicator in a row."""
        return next(row for row in self.indicators if row.at == at)

    # Changing

    def cell(self, at: int, column: int, text: str) -> Form:
        """Return the form with another text in a cell."""
        row = (*self.rows[at][:column], text, *self.rows[at][column + 1 :])
        return replace(self, rows=(*self.rows[:at], row, *self.rows[at + 1 :]))

    def put(self, at: int, **texts: str) -> Form:
        """Return the form with other texts in a row, by their roles."""
        form = self
        for role, text in texts.items():
            if role == "target" and form.has(at, "comparator"):
                form = form._bound(at, text)
                continue
            column, row = form.column(at, role), at
            while form.rows[row][column] == "^":
                row -= 1
            form = form.cell(row, column, text)
        return form

    def _bound(self, at: int, text: str) -> Form:
        parts = ("定性", text, "")
        if found := BOUND.fullmatch(text):
            parts = (found[1] or "＝", found[2], found[3])
        elif found := RANGE.fullmatch(text):
            parts = ("＝", f"{found[1]}~{found[3]}", found[2])
        form = self
        for role, part in zip(("comparator", "target", "unit"), parts, strict=True):
            form = form.cell(at, form.column(at, role), part)
        return form

    def scored(self, row: Row, score: Decimal, points: Decimal | None = None) -> Form:
        """Return the form with another score of an indicator, in the total as well."""
        form = self.put(row.at, score=like(self.text(row.at, "score"), score))
        if points is not None:
            form = form.put(row.at, points=like(self.text(row.at, "points"), points))
        return form.totalled(score - row.score)

    def totalled(self, more: Decimal) -> Form:
        """Return the form with a total score that is higher by so much, where one is printed."""
        try:
            at = self.total
        except NoPlaceError:
            return self
        column = self._measures[1]["score"]
        old = self.rows[at][column]
        form = self.cell(at, column, like(old, decimal(old) + more, 2))
        new = form.rows[at][column]
        return replace(form, rows=tuple(_retold(row, old, new) for row in form.rows))

    def done(self, row: Row, number: Decimal) -> Form:
        """Return the form with another number as actual value, and the rate of completion to it."""
        printed = NUMBER.search(row.actual)
        if printed is None or row.wanted is None:
            raise NoPlaceError("no number was achieved")
        text = row.actual.replace(printed[0], like(printed[0], number, exact=False), 1)
        form = self.put(row.at, actual=text)
        if form.has(row.at, "completion"):
            share = number / row.wanted if row.sign != "≤" else min(row.wanted / number, Decimal(1))
            form = form.put(row.at, completion=f"{like('', share * 100)}%")
        return form.retold(row.actual, text)

    def retold(self, old: str, new: str) -> Form:
        """Return the form with an actual value as told in the goals, where it is told there."""
        try:
            return self.told(achieved=self.goal().replace(old, new))
        except NoPlaceError:
            return self

    def valued(self, row: Row, name: str, target: str, actual: str) -> Form:
        """Return the form with another indicator in a row, which leaves its points alone."""
        form = self.put(row.at, name=name, target=target, actual=actual)
        if form.has(row.at, "unit"):
            form = form.put(row.at, actual=actual.removesuffix(form.text(row.at, "unit")))
        return form.put(row.at, completion="100%") if form.has(row.at, "completion") else form

    def relabelled(self) -> Form:
        """Return the form with the points of its dimensions as those of their rows add up."""
        form = self
        for row in self.indicators:
            points = sum(r.points for r in self.indicators if r.dimension == row.dimension)
            label = re.sub(r"[\d.]+(?=分)", like("", Decimal(points)), row.dimension)
            form = form.put(row.at, dimension=label)
        return form

    def explained(self, row: Row, cause: str) -> Form:
        """Return the form with a cause, in its row or in the box for all causes."""
        if self.has(row.at, "cause"):
            return self.put(row.at, cause=cause)
        for at, cells in enumerate(self.rows):
            if cells[0] == CAUSES:
                return self.cell(at, 2, f"{cells[2]}3.{row.name}：{cause}。" if cause else "无")
        raise NoPlaceError("causes have no place")

    def told(self, expected: str | None = None, achieved: str | None = None) -> Form:
        """Return the form with other goals."""
        at, first, second = self.goals
        form = self if expected is None else self.cell(at, first, expected)
        return form if achieved is None else form.cell(at, second, achieved)

    def goal(self, which: int = 1) -> str:
        """Return the text of the expected goal (0) or of the achievement (1)."""
        at, *columns = self.goals
        return self.rows[at][columns[which]]

    def beside(self, label: str, text: str) -> Form:
        """Return the form with another text beside a label of its head."""
        for at, row in enumerate(self.rows):
            if label in row:
                column = row.index(label) + 1
                while row[column] == "<":
                    column += 1
                return self.cell(at, column, text)
        raise NoPlaceError(f"{label} is not printed")

    def below(self, row: Row) -> tuple[Form, int]:
        """Return the form with an empty indicator below one, in its category, and where it is."""
        cells = list(self.rows[row.at])
        for role in ("dimension", "category"):
            cells[self.column(row.at, role)] = "^"
        for role in ("name", "target", "actual", "score", "cause", "completion", "unit", "points"):
            if self.has(row.at, role):
                cells[self.column(row.at, role)] = ""
        at = row.at + 1
        return replace(self, rows=(*self.rows[:at], tuple(cells), *self.rows[at:])), at

    def without(self, row: Row) -> Form:
        """Return the form without an indicator; the next one takes over what it begins."""
        form, after = self, row.at + 1
        for role in ("dimension", "category"):
            column = self.column(row.at, role)
            begins = self.rows[row.at][column] != "^"
            if begins and after < len(self.rows) and self.rows[after][column] == "^":
                form = form.cell(after, column, self.rows[row.at][column])
        return replace(form, rows=(*form.rows[: row.at], *form.rows[after:]))

    def wider(self, *heads: str) -> Form:
        """Return the form with further columns at the end of its indicators, as wide as it is."""
        own = [self._measures[0][0] - 1, *self._measures[0]]
        rows = []
        for at, row in enumerate(self.rows):
            if at == own[0]:
                rows.append((*row, *heads))
            else:
                filler = "" if at in own or row[0] in TOTALS else "<"
                rows.append((*row, *(filler for _ in heads)))
        return replace(self, rows=tuple(rows))


def _bare(cell: str) -> str:
    return re.sub(r"[（(].*", "", cell.replace("/n", ""))


def _retold(row: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    """Say the new total wherever the old one is told in words."""
    return tuple(cell.replace(f"{old}分", f"{new}分") for cell in row)


def decimal(text: str) -> Decimal:
    """Return the number that a cell prints."""
    return Decimal(text.replace(",", ""))


def like(printed: str, number: Decimal, places: int = 0, *, exact: bool = True) -> str:
    """Print a number as another one is printed, with its commas and at least its places.

    With ``exact`` up to two places more are printed where they are needed.
    """
    old = len(printed.partition(".")[2])
    if exact:
        short = number.quantize(CENT, ROUND_HALF_UP).normalize().as_tuple().exponent
        places = max(old, places, -int(short))
    else:
        places = old
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,.{places}f}" if "," in printed else f"{rounded:.{places}f}"
