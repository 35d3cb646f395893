"""Head orders as data, and facts that agree laid out in them.

A head order is written as one line: HEAD=ROLE, parted by ``|``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from random import Random

from grammar.design import Column, Design, Form
from grammar.facts import EXECUTION_POINTS, Facts, Texts, draw, shown
from grammar.laying import LABEL, Piece, heads, indicator_rows, indicators, total_row

Alters = Callable[[Facts], Facts]

HEADER = {"project": "项目名称", "department": "主管部门", "implementer": "实施单位"}
TITLE = "{year}年度项目支出绩效自评表"
LEVELS = "一级指标=dimension | 二级指标=category | 三级指标=name"
IMPORT = (
    "一级指标=dimension | 二级指标=category | 三级指标名称=name | 计算符号=comparator"
    " | 指标值=value"
    " | *{actual}(定量填数字,定性填达成、部分达成、未达成)=actual | 计量单位=unit"
    " | *分值(产出指标50分,效益指标30分,满意度指标20分)=points"
    " | *指标得分(定量系统自动计算,定性必填,所填值为原指标得分,不包含扣减分数。)=score | 扣减分数"
    " | 完成情况简要描述(定量选填,定性必填) | 偏差原因及改进措施(指标未完成时必填)=explanation"
)


def columns(text: str) -> tuple[Column, ...]:
    """Return the columns of a line: HEAD=ROLE, below a head that they share GROUP>HEAD=ROLE.

    A head without a role is a column that no field has.
    """
    some = []
    for part in filter(None, (part.strip() for part in text.split("|"))):
        name, _, role = part.partition("=")
        group, _, head = name.rpartition(">")
        some.append(Column(head, role or f"+{head}", group))
    return tuple(some)


def _missed(row: Texts) -> bool:
    return row["score"] != row["points"]


def _change(row: Texts) -> str:
    return shown(Decimal(row["adjusted_budget"]) - Decimal(row["initial_budget"]))


def _if_missed(text: str) -> Callable[[Texts], str]:
    return lambda row: text if _missed(row) else ""


def _lost(row: Texts) -> str:
    return shown(Decimal(row["points"]) - Decimal(row["score"]))


def _reached(row: Texts) -> str:
    if not row["unit"]:
        return "100%"
    actual = Decimal(row["actual"].removesuffix(row["unit"]))
    return f"{100 * actual / Decimal(row['value']):.2f}%"


# What stands under heads that no field has, by the head, made of what its row states.
MORE: Mapping[str, str | Callable[[Texts], str]] = {
    "预算调整数": _change,
    "追加追减数": _change,
    "调整预算数": _change,
    "年度调整金额": _change,
    "全年执行数(其他)(元)": "0",
    "预算执行数(其他)": "0",
    "偏差原因": lambda row: "部分尾款次年支付" if "100" not in row["execution_rate"] else "",
    "其中:财政拨款": lambda row: row["adjusted_budget"],
    "of outturn": lambda row: row["outturn"],
    "完成情况": "按计划推进",
    "行号": "",
    "支出明细编码": "",
    "结余金额(元)": lambda row: shown(Decimal(row["adjusted_budget"]) - Decimal(row["outturn"])),
    "全年预计执行数": lambda row: row["adjusted_budget"],
    "权重设定值": lambda row: row["points"],
    "序时进度预警": _if_missed("黄灯"),
    "扣减分数": "0",
    "扣分": _lost,
    "加分": "0",
    "得失分依据及原因": "按完成比例计分",
    "偏差类型": _if_missed("客观原因"),
    "附件材料": "验收资料",
    "核查分数": lambda row: row["score"],
    "评审意见": _if_missed("原因属实"),
    "备注": "",
    "完成情况简要描述(定量选填,定性必填)": lambda row: "" if row["unit"] else "已按要求办理",
    "评(扣)分标准": "按完成比例计分",
    "结果应用建议": _if_missed("下年度调整目标"),
    "指标解释": "反映年度工作的完成情况",
    "指标说明": "反映年度工作的完成情况",
    "指标描述": "反映年度工作的完成情况",
    "指标性质": lambda row: "定量" if row["unit"] else "定性",
    "抽评完成值": lambda row: row["actual"],
    "抽评得分": lambda row: row["score"],
    "第三方评价完成值": lambda row: row["actual"],
    "第三方评价得分": lambda row: row["score"],
    "复核完成值": lambda row: row["actual"],
    "复核得分": lambda row: row["score"],
    "复核指标偏差": "0",
    "处室评分(百分制)": "96",
    "审核得分": lambda row: row["score"],
    "总体值": lambda row: row["target"],
    "第一年": lambda row: row["target"],
    "第二年": lambda row: row["target"],
    "指标类型": "年度指标",
    "指标预算金额": "12.5",
    "完成率": _reached,
    "年初指标值": lambda row: row["target"],
    "完成可能性分析": "确定能",
    "全年预计完成情况": lambda row: row["target"],
    "全年预计完成情况偏离度": "0",
    "其他原因": "",
    "公式或说明": "实际数量",
    "历年指标值1": lambda row: row["target"],
    "历年指标值2": lambda row: row["target"],
    "历年指标值3": lambda row: row["target"],
    "调整后指标值": lambda row: row["target"],
    "目标值说明": "按年初批复",
    "调整说明": "按实际需要调整",
    "扣分标准": "按比例扣分",
    "整改意见": _if_missed("按期整改"),
    "中期指标值": lambda row: row["target"],
    "执行率": lambda row: row.get("execution_rate", ""),
}


def _line_block(design: Design, facts: Facts) -> list[Piece]:
    """The funds with a column for the names of the rows, which may stand anywhere."""
    piece = Piece(len(design.funds), wide=[c.role for c in design.funds].index("label"))
    depth = heads(piece, design.funds, 0)
    for number, row in enumerate(facts.funds):
        for column, one in enumerate(design.funds):
            path = f"b{number}.{one.role}"
            piece.value(row.get(one.role, ""), depth + number, column, path)
    return [piece]


def tail(*pairs: tuple[str, str]) -> Callable[[Design, Facts], list[Piece]]:
    """Return a block of labels, each with its text beside it over the whole width."""

    def lay_out(design: Design, facts: Facts) -> list[Piece]:
        piece = Piece(2, wide=1)
        for row, (label, text) in enumerate(pairs):
            piece.put(label, row, 0)
            piece.value(text, row, 1, "")
        return [piece]

    return lay_out


def with_goals(facts: Facts) -> Facts:
    """Give each goal of the year its part of the text, as they are told one after the other."""
    goals = {name: f"(1){text}(2){text}" for name, text in facts.goals.items()}
    return replace(facts, goals=goals)


def each_goal(design: Design, facts: Facts) -> list[Piece]:
    """Two goals, each with its result, its causes and its score, above its own indicators."""
    rows = list(enumerate(facts.indicators))
    groups = [list(some) for _, some in groupby(rows, lambda item: item[1]["dimension"])]
    own = (groups[0], [row for group in groups[1:] for row in group])
    pieces = []
    for number, some in enumerate(own, start=1):
        goal = Piece(4, wide=0)
        for column, head in enumerate(
            (*design.goals.values(), "偏差原因分析及改进措施", "指标得分")
        ):
            goal.put(head, 0, column)
        for column, name in enumerate(design.goals):
            parts = facts.goals[name].partition("(2)")
            text = parts[0] if number == 1 else parts[1] + parts[2]
            goal.value(text, 1, column, f"goals.{name}")
        goal.value("", 1, 2, "")
        goal.value(shown(sum((Decimal(r["score"]) for _, r in some), Decimal(0))), 1, 3, "")
        table = Piece(len(design.indicators))
        indicator_rows(table, design, some, 0)
        pieces += [goal, table]
    total_row(pieces[-1], design, facts, 0)
    return pieces


def with_empty_category(design: Design, facts: Facts) -> list[Piece]:
    """The indicators, with a category below them that has none and is kept all the same."""
    (piece,) = indicators(replace(design, total=""), facts)
    at = piece.rows
    for column, one in enumerate(design.indicators):
        text = {"dimension": "满意度指标", "category": "其他满意度指标"}.get(one.role, "")
        piece.put(text, at, column, kind=LABEL)
    total_row(piece, design, facts, 0)
    return [piece]


def in_rows(head: str, *more: str) -> Callable[[Design, Facts], list[Piece]]:
    """Return a list with a project in each row, its head and what stands in two rows."""

    def lay_out(design: Design, facts: Facts) -> list[Piece]:
        names = [part.strip() for part in head.split("|")]
        piece = Piece(len(names))
        for row, texts in enumerate((names, *(line.split("|") for line in more))):
            for column, text in enumerate(texts):
                piece.value(text.strip(), row, column, "")
        return [piece]

    return lay_out


def _filled(some: Sequence[Texts], over: Sequence[Column]) -> tuple[Texts, ...]:
    """Return rows with what stands under heads that no field has."""
    own = {c.role: MORE[c.role[1:]] for c in over if c.role[:1] == "+" and c.role[1:] in MORE}
    return tuple(
        {
            **row,
            **{role: told if isinstance(told, str) else told(row) for role, told in own.items()},
        }
        for row in some
    )


def _summed(facts: Facts) -> Facts:
    told = {r: sum((Decimal(row[r]) for row in facts.indicators), Decimal(0)) for r in facts.total}
    return replace(facts, total={role: shown(number) for role, number in told.items()})


def indicators_alone(facts: Facts) -> Facts:
    """Return the facts of a form that gives no points for spending: its indicators have all."""
    rows = list(facts.indicators)
    at = next(n for n, row in enumerate(rows) if not _missed(row))
    points = str(int(rows[at]["points"]) + EXECUTION_POINTS)
    rows[at] = {**rows[at], "points": points, "score": points}
    return _summed(replace(facts, indicators=tuple(rows)))


def execution_among_indicators(facts: Facts) -> Facts:
    """Return the facts of a form whose first indicator is the execution of the budget."""
    whole = facts.funds[0]
    rate = whole["execution_rate"].removesuffix("%")
    row = {
        "dimension": "预算执行",
        "category": "预算执行",
        "name": "预算执行率",
        "comparator": "=",
        "value": "100",
        "unit": "%",
        "actual": f"{shown(Decimal(rate))}%",
        "points": str(EXECUTION_POINTS),
        "score": whole["score"],
        "explanation": "" if Decimal(rate) == 100 else "部分尾款次年支付",
        "target": "=100%",
    }
    return replace(facts, indicators=(row, *facts.indicators))


def without_units(facts: Facts) -> Facts:
    """Return the facts with actual values whose units stand in a column of their own."""
    rows = (
        {**row, "actual": row["actual"].removesuffix(row["unit"])} if row["unit"] else row
        for row in facts.indicators
    )
    return replace(facts, indicators=tuple(rows))


def in_yuan(facts: Facts) -> Facts:
    """Return the facts of a form whose heads say that its amounts are in yuan."""
    return replace(facts, head={**facts.head, "currency_unit": "元"})


def with_signs(facts: Facts) -> Facts:
    """Return the facts with the sign before the value of a target, and its unit elsewhere."""
    rows = (
        {**row, "value": row["comparator"] + row["value"]} if row["unit"] else row
        for row in facts.indicators
    )
    return replace(facts, indicators=tuple(rows))


def unchanged_budget(facts: Facts) -> Facts:
    """Return the facts with the adjusted budget as the initial one, which alone is printed."""
    funds = tuple({**row, "initial_budget": row["adjusted_budget"]} for row in facts.funds)
    return replace(facts, funds=funds)


def no(*roles: str) -> Alters:
    """Return facts whose indicators say nothing of a level."""
    blank = dict.fromkeys(roles, "")
    return lambda facts: replace(
        facts, indicators=tuple({**row, **blank} for row in facts.indicators)
    )


def rows_named(*names: str, last: bool = False) -> Alters:
    """Return facts with other names for the rows of the funds, the sum standing last if so said."""

    def altered(facts: Facts) -> Facts:
        rows = [{**row, "label": name} for row, name in zip(facts.funds, names, strict=True)]
        return replace(facts, funds=tuple([*rows[1:], rows[0]] if last else rows))

    return altered


def numbered_lines(facts: Facts) -> Facts:
    """Return facts whose funds are lines of spending with numbers and codes, the sum last."""
    funds = [
        {**row, "+行号": str(n), "+支出明细编码": f"3020{n}"} if n else row
        for n, row in enumerate(facts.funds)
    ]
    return rows_named("合计", "办公费", "维修费", "委托业务费", last=True)(
        replace(facts, funds=tuple(funds))
    )


@dataclass(frozen=True, slots=True)
class System:
    """A head order: a design, how the facts have to be for it, and the title over it.

    ``neighbour`` is what a table is that is no self-evaluation, as the program names it.
    """

    design: Design
    alters: tuple[Alters, ...] = ()
    title: str = TITLE
    neighbour: str = ""


def system(
    *alters: Alters,
    funds: str = "",
    rows: str = "",
    title: str = TITLE,
    neighbour: str = "",
    **more: object,
) -> System:
    """Return a head order by the heads of its funds and of its indicators."""
    some = {"funds": columns(funds), "indicators": columns(rows)}
    blocks = ["header", *(["funds"] if funds else []), "goals", *(["indicators"] if rows else [])]
    own = dict(more.pop("own", {}))  # type: ignore[call-overload]
    if any(column.role == "label" for column in some["funds"]):
        own |= {"funds": _line_block}
    told = {"blocks": (*blocks, *[name for name in own if name not in blocks])}
    usual = {"header": HEADER, "has_sides": False, "unit_at": "line", "own": own}
    design = Design(**{**usual, **told, **some, **more})  # type: ignore[arg-type]
    return System(design, alters, title, neighbour)


def form_of(name: str, system: System, seed: int = 0) -> Form:
    """Fill in a head order; the same name and seed always give the same."""
    facts = draw(Random(f"{name} {seed}"))
    for altered in system.alters:
        facts = altered(facts)
    title = system.title.format(**facts.head)
    facts = replace(
        facts,
        head={**facts.head, "title": title},
        funds=_filled_funds(facts, system.design),
        indicators=_filled(facts.indicators, system.design.indicators),
    )
    return Form(seed, name, facts, system.design)


def _filled_funds(facts: Facts, design: Design) -> tuple[Texts, ...]:
    made = _filled(facts.funds, design.funds)
    return tuple({**new, **old} for new, old in zip(made, facts.funds, strict=True))
