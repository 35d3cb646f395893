"""How one form is laid out: the shape of each block, the heads of its columns, and what is beside.

A design is drawn for one *kind* of layout, which says what is out of the ordinary in it; the kind
``mixed`` takes several at once. What is drawn names shapes only; ``laying`` places the cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

from grammar import labels
from grammar.facts import (
    DIVISION,
    LEVELS_OF_GOVERNMENT,
    SOURCES,
    TARGET,
    Facts,
    Texts,
    draw,
    planted,
    shown,
)

BLOCKS = ("header", "funds", "goals", "indicators")
LEVELS = ("dimension", "category", "name")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a block: its head, what it holds, and the head that stands above several."""

    head: str
    role: str
    group: str = ""


def columns(names: Mapping[str, str], roles: tuple[str, ...]) -> tuple[Column, ...]:
    """Return columns of some roles by their names."""
    return tuple(Column(names[role], role) for role in roles)


FUND_ROLES = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
ROLES = (*LEVELS, "target", "actual", "points", "score", "explanation")


@dataclass(frozen=True, slots=True)
class Design:
    """The choices that lay a form out; what is not chosen is as the national form has it.

    ``prose`` are rows of text with the number of the block that each stands before; ``own`` are
    blocks that no other design has, by their names, each laid out by a function of its own.
    """

    header: Mapping[str, str] = field(default_factory=lambda: labels.usual(labels.HEADER))
    more_header: tuple[tuple[str, str], ...] = ()
    goals: Mapping[str, str] = field(default_factory=lambda: labels.usual(labels.GOALS))
    funds: tuple[Column, ...] = columns(labels.usual(labels.FUNDS), FUND_ROLES)
    indicators: tuple[Column, ...] = columns(labels.usual(labels.INDICATORS), ROLES)
    blocks: tuple[str, ...] = BLOCKS
    funds_shape: str = "rows"
    goals_shape: str = "pair"
    sub_tables: str = ""  # "rows" of heads in one table, or "tables" of their own
    is_tree: bool = False
    sums: bool = False
    total: str = "last row"
    total_label: str = "总分"
    title: str = "above"
    unit_at: str = "side"
    has_sides: bool = True
    has_template_rows: bool = False
    prose: tuple[tuple[int, str], ...] = ()
    foot: tuple[str, ...] = ()
    repeats_levels: bool = False  # in each row, where others have one cell for several
    own: Mapping[str, Callable[[Design, Facts], Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """The facts of a form and its design, and the forms ``before`` and ``after`` it in the file.

    ``error`` names what is wrong in the facts, where anything is.
    """

    seed: int
    kind: str
    facts: Facts
    design: Design
    error: str = ""
    before: Form | None = None
    after: Form | None = None
    together: str = "parts"  # how the forms of one file stand: "parts", "one table", "sheets"


Drawn = Callable[[Random, Design], Design]


def _synonyms(rng: Random, design: Design) -> Design:
    funds, rows = labels.other(rng, labels.FUNDS), labels.other(rng, labels.INDICATORS)
    return replace(
        design,
        header=labels.other(rng, labels.HEADER),
        goals=labels.other(rng, labels.GOALS),
        funds=tuple(replace(c, head=funds.get(c.role, c.head)) for c in design.funds),
        indicators=tuple(replace(c, head=rows.get(c.role, c.head)) for c in design.indicators),
        total_label=rng.choice(labels.TOTAL),
    )


def _instructed(rng: Random, design: Design) -> Design:
    def head(block: str, column: Column) -> Column:
        known = labels.INSTRUCTED[block].get(column.role)
        return replace(column, head=rng.choice(known)) if known else column

    return replace(
        design,
        funds=tuple(head("funds", column) for column in design.funds),
        indicators=tuple(head("indicators", column) for column in design.indicators),
    )


def _columns(rng: Random, design: Design) -> Design:
    """Points before the values, or the columns behind the levels in any order."""
    funds, rows = list(design.funds), list(design.indicators)
    some = [column for column in rows if column.role not in LEVELS]
    rng.shuffle(funds)
    rng.shuffle(some)
    levels = [column for column in rows if column.role in LEVELS]
    return replace(design, funds=tuple(funds), indicators=(*levels, *some))


def _blocks(rng: Random, design: Design) -> Design:
    rest = list(design.blocks[1:])
    while tuple(rest) == design.blocks[1:]:
        rng.shuffle(rest)
    return replace(design, blocks=(design.blocks[0], *rest))


def _two_rows(rng: Random, design: Design) -> Design:
    money = ("initial_budget", "adjusted_budget", "outturn")
    over = rng.choice(("预算执行情况(万元)", "部门预算情况", "资金情况"))
    funds = tuple(replace(c, group=over) if c.role in money else c for c in design.funds)
    rows = design.indicators
    if rng.random() < 0.6:
        above = {"target": "绩效指标值", "actual": "绩效指标值", "points": "自评", "score": "自评"}
        if rng.random() < 0.5:
            above |= dict.fromkeys(LEVELS, "绩效指标")
        rows = tuple(replace(c, group=above.get(c.role, "")) for c in rows)
    return replace(design, funds=funds, indicators=rows)


def _operators(rng: Random, design: Design) -> Design:
    names = labels.usual(labels.INDICATORS)
    if rng.random() < 0.5:
        names |= labels.other(rng, {role: labels.INDICATORS[role] for role in TARGET})
    at = [column.role for column in design.indicators].index("target")
    some = columns(names, TARGET)
    if rng.random() < 0.3:  # the unit behind the actual value
        before, after = design.indicators[:at], design.indicators[at + 1 :]
        whole = (*before, *some[:2], *after[:1], some[2], *after[1:])
        return replace(design, indicators=whole)
    return replace(
        design, indicators=(*design.indicators[:at], *some, *design.indicators[at + 1 :])
    )


def _beside(rng: Random, design: Design) -> Design:
    rows = list(design.indicators)
    for head in rng.sample(sorted(labels.BESIDE), rng.randint(1, 3)):
        rows.insert(rng.randint(3, len(rows)), Column(head, f"+{head}"))
    more = rng.choice(sorted(labels.MORE_HEADER))
    header = ((more, rng.choice(labels.MORE_HEADER[more])),)
    return replace(design, indicators=tuple(rows), more_header=header)


def _more_funds(rng: Random, design: Design) -> Design:
    """Changes and money that arrived stand beside the budgets, the rest behind the outturn."""
    funds = list(design.funds)
    for what in rng.sample(sorted(labels.BESIDE_FUNDS), rng.randint(1, 3)):
        roles = [column.role for column in funds]
        behind = {"changes": "initial_budget", "arrived": "adjusted_budget", "balance": "outturn"}
        at = 1 + roles.index(behind[what]) if what in behind else len(funds)
        funds.insert(at, Column(rng.choice(labels.BESIDE_FUNDS[what]), f"+{what}"))
    return replace(design, funds=tuple(funds))


def _points_of_levels(rng: Random, design: Design) -> Design:
    """A column of points behind each level, as if each had its own."""
    rows: list[Column] = []
    for column in design.indicators:
        rows.append(column)
        if column.role in LEVELS[:2]:
            rows.append(Column("分值", f"+{column.role} points"))
        if column.role == "name":
            rows.append(Column("分值", "points"))
    first = {id(column) for column in design.indicators if column.role == "points"}
    return replace(design, indicators=tuple(c for c in rows if id(c) not in first))


def _sub_tables(rng: Random, design: Design) -> Design:
    return replace(design, sub_tables=rng.choice(("rows", "tables")), sums=rng.random() < 0.3)


def _totals(rng: Random, design: Design) -> Design:
    where = rng.choice(("below header", "above indicators", "own block", "last row"))
    sums = where == "last row" or rng.random() < 0.3
    label = rng.choice(labels.TOTAL)
    return replace(design, total=where, sums=sums, total_label=label)


def _goals(rng: Random, design: Design) -> Design:
    return replace(design, goals_shape=rng.choice(("beside", "below", "one row")))


def _funds(rng: Random, design: Design) -> Design:
    return replace(design, funds_shape=rng.choice(("sources", "label and value", "transposed")))


def _tree(rng: Random, design: Design) -> Design:
    name = Column(rng.choice(("指标名称", "绩效指标")), "name")
    rest = [c for c in design.indicators if c.role not in LEVELS]
    return replace(design, indicators=(name, *rest), is_tree=True)


def _title(rng: Random, design: Design) -> Design:
    where = rng.choice(("inside", "paragraph", "lines"))
    return replace(design, title=where, unit_at=rng.choice(("side", "line")))


PROSE = (
    "填表说明:请各单位如实填写,数据保留两位小数。",
    "本表所列内容依据年初批复的绩效目标填写",
    "以下内容由项目单位组织自评后填报",
    "注:其他资金包括自筹资金等",
)
FOOT = (
    "注:1.得分一档最高不能超过该指标分值上限。2.定量指标按完成比例计分。",
    "填报人:王某 联系电话:0000-5550123 填报日期:2024年3月15日",
    "单位负责人(签字):",
    "第 1 页 共 1 页",
)


def _prose(rng: Random, design: Design) -> Design:
    rows = tuple((rng.randint(1, 3), text) for text in rng.sample(PROSE, rng.randint(1, 2)))
    foot = tuple(text for text in FOOT if rng.random() < 0.6)
    return replace(design, prose=tuple(sorted(rows)), foot=foot)


def _template(rng: Random, design: Design) -> Design:
    return replace(design, has_template_rows=True)


def _as_it_is(rng: Random, design: Design) -> Design:
    """The national form, sometimes without heads at the side, or with broken or repeated labels."""
    funds, rows = design.funds, design.indicators
    if rng.random() < 0.4:
        funds, rows = (tuple(map(_broken, some)) for some in (funds, rows))
    repeats = rng.random() < 0.3
    sides = rng.random() < 0.7
    return replace(design, has_sides=sides, funds=funds, indicators=rows, repeats_levels=repeats)


def _broken(column: Column) -> Column:
    middle = len(column.head) // 2
    return replace(column, head=f"{column.head[:middle]}\n{column.head[middle:]}")


KINDS: Mapping[str, Drawn] = {
    "plain": _as_it_is,
    "synonyms": _synonyms,
    "instructions": _instructed,
    "columns": _columns,
    "blocks": _blocks,
    "two-row heads": _two_rows,
    "operators": _operators,
    "more columns": _beside,
    "more funds": _more_funds,
    "points of levels": _points_of_levels,
    "points in levels": _as_it_is,
    "sub-tables": _sub_tables,
    "totals": _totals,
    "goals": _goals,
    "funds": _funds,
    "tree": _tree,
    "title": _title,
    "prose": _prose,
    "template rows": _template,
    "thousands": _as_it_is,
    "two forms": _as_it_is,
    "mixed": _as_it_is,
}
_MIXABLE = ("synonyms", "operators", "more columns", "totals", "goals", "funds", "title", "prose")


def make(seed: int, kind: str = "") -> Form:
    """Make the form of a seed, laid out in the kind of layout that the seed or the caller says."""
    rng = Random(seed)
    drawn = rng.choice(list(KINDS))
    kind = kind or drawn
    design = KINDS[kind](rng, Design())
    if kind == "mixed":
        for name in rng.sample(_MIXABLE, 3):
            design = KINDS[name](rng, design)
    sources = LEVELS_OF_GOVERNMENT if design.funds_shape == "sources" else SOURCES
    thousands = kind == "thousands" or (kind == "mixed" and rng.random() < 0.3)
    facts = draw(rng, thousands=thousands, sources=sources)
    if any("万元" in column.head + column.group for column in design.funds):
        facts = replace(facts, head={**facts.head, "currency_unit": "万元"})
    error = ""
    if rng.random() < 0.4:
        error, facts = planted(rng, facts)
    if kind == "points in levels":
        facts = pointed(facts)
    form = Form(seed, kind, with_more(rng, facts, design), design, error)
    return with_another(rng, form) if kind == "two forms" else form


def with_more(rng: Random, facts: Facts, design: Design) -> Facts:
    """Return the facts with the texts of the columns that only this design has.

    Beside a column of units an actual value may do without one, and words may have 无 for a sign.
    """
    has_units = any(column.role == "unit" for column in design.indicators)
    is_bare, has_none = has_units and rng.random() < 0.5, has_units and rng.random() < 0.4
    heads = [c.head for c in design.indicators if c.head in labels.BESIDE]
    rows = []
    for row in facts.indicators:
        more = {}
        for head in heads:
            some = {"复核得分": (row["score"],), "上年完成值": (row["actual"],)}
            more[f"+{head}"] = rng.choice(some.get(head) or labels.BESIDE[head])
        if is_bare and row["unit"]:
            more["actual"] = row["actual"].removesuffix(row["unit"])
        if has_none and not row["unit"]:
            more |= {"comparator": "无", "unit": "无"}
        rows.append({**row, **more})
    roles = [column.role for column in design.funds if column.role.startswith("+")]
    funds = [{**row, **{role: _more_of(rng, row, role) for role in roles}} for row in facts.funds]
    return replace(facts, indicators=tuple(rows), funds=tuple(funds))


def _more_of(rng: Random, row: Texts, role: str) -> str:
    """Return what a column of funds besides says in a row."""
    names = ("initial_budget", "adjusted_budget", "outturn")
    initial, adjusted, outturn = (Decimal(row[name].replace(",", "")) for name in names)
    some = {
        "+changes": shown(adjusted - initial),
        "+balance": shown(adjusted - outturn),
        "+arrived": row["adjusted_budget"],
        "+reasons": "部分合同尾款次年支付" if outturn < adjusted else "",
    }
    return some[role]


def pointed(facts: Facts) -> Facts:
    """Return the facts with the points of each dimension behind its name: 产出指标(50分)."""
    rows = [
        {**row, "dimension": f"{row['dimension']}({DIVISION[row['dimension']]}分)"}
        for row in facts.indicators
    ]
    return replace(facts, indicators=tuple(rows))


def with_another(rng: Random, form: Form) -> Form:
    """Return a file that holds another form before or after this one."""
    facts = form.facts
    while facts.head["project"] == form.facts.head["project"]:
        facts = draw(rng)
    design = Design()
    if rng.random() < 0.5:  # that of the whole department, which names no project
        year = facts.head["year"]
        head = {**facts.head, "title": f"{year}年度部门整体支出绩效自评表", "project": ""}
        facts = replace(facts, head=head)
        names = {"department": "部门名称", "implementer": "实施单位"}
        design = replace(design, header=names)
    another = Form(form.seed, form.kind, facts, design)
    together = rng.choice(("parts", "one table", "sheets"))
    if rng.random() < 0.5:
        return replace(form, before=another, together=together)
    return replace(form, after=another, together=together)


def plain(form: Form) -> Form:
    """Return the facts as the national form prints them, with nothing beside."""
    return replace(form, kind="plain", design=Design(), before=None, after=None)
