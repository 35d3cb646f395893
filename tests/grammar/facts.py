"""Facts of forms whose figures agree: amounts that add up, and rates and scores that follow.

``draw`` makes them from a random number generator and nothing else. ``planted`` is a copy with one
error in it that an auditor would have to be told of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from random import Random

Texts = Mapping[str, str]
CENT = Decimal("0.01")
EXECUTION_POINTS = 10
DIVISION = {"产出指标": 50, "效益指标": 30, "满意度指标": 10}
QUALITATIVE = "定性"
TARGET = ("comparator", "value", "unit")  # what a target is made of


@dataclass(frozen=True, slots=True)
class Facts:
    """What one form states, as printed.

    ``head`` has title, year, project, department, implementer and currency_unit; each of ``funds``
    a label and the columns of money by their roles, the whole sum first; each of ``indicators`` its
    columns by their roles. ``total`` has points and score. What begins with ``+`` is a column that
    the contract has no field for.
    """

    head: Texts
    funds: tuple[Texts, ...]
    goals: Texts
    indicators: tuple[Texts, ...]
    total: Texts

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield each thing that is stated by its path, as the JSON contract numbers the rows."""
        yield from self.head.items()
        for letter, rows in (("b", self.funds), ("i", self.indicators)):
            for number, row in enumerate(rows):
                for role, text in row.items():
                    yield f"{letter}{number}.{role}", text
        yield from ((f"goals.{name}", text) for name, text in self.goals.items())
        yield from ((f"total.{name}", text) for name, text in self.total.items())


SUBJECTS = (
    ("职业技能培训", "人力资源和社会保障局", "职业技能鉴定中心"),
    ("农村公路养护", "交通运输局", "公路养护中心"),
    ("公共文化场馆免费开放", "文化和旅游局", "文化馆"),
    ("基层医疗设备购置", "卫生健康委员会", "第二人民医院"),
    ("高标准农田建设", "农业农村局", "农田建设服务站"),
    ("校园安全设施改造", "教育局", "实验中学"),
    ("城区绿化管护", "城市管理局", "园林绿化所"),
    ("政务网络运行维护", "行政审批局", "数据管理中心"),
)
TOWNS = ("清溪县", "临江市", "云岭区", "永安县", "白塔市", "南屏区")

# Dimension, category, name, sign, unit, least and largest target; a target in words has no unit.
_Stock = tuple[str, str, str, str, str, int, int]
OUTPUT, BENEFIT, CONTENT = DIVISION
STOCK: tuple[_Stock, ...] = (
    (OUTPUT, "数量指标", "培训人次", "≥", "人次", 200, 9000),
    (OUTPUT, "数量指标", "设备购置数量", "≥", "台", 10, 90),
    (OUTPUT, "数量指标", "发放宣传手册", "≥", "册", 1000, 20000),
    (OUTPUT, "数量指标", "开展现场检查", "≥", "次", 4, 60),
    (OUTPUT, "数量指标", "覆盖村庄", "≥", "个", 12, 300),
    (OUTPUT, "数量指标", "维护里程", "≥", "公里", 20, 1800),
    (OUTPUT, "质量指标", "验收通过比例", "≥", "%", 90, 100),
    (OUTPUT, "质量指标", "合格品比例", "≥", "%", 85, 100),
    (OUTPUT, "质量指标", "档案完整率", "≥", "%", 90, 100),
    (OUTPUT, "质量指标", "持证上岗比例", "≥", "%", 80, 98),
    (OUTPUT, "时效指标", "按期完工率", "≥", "%", 90, 100),
    (OUTPUT, "时效指标", "报修响应时间", "≤", "小时", 2, 48),
    (OUTPUT, "时效指标", "款项拨付", "", "及时", 0, 0),
    (OUTPUT, "成本指标", "人均费用", "≤", "元", 80, 3000),
    (OUTPUT, "成本指标", "每公里养护费用", "≤", "元", 900, 8000),
    (BENEFIT, "经济效益指标", "带动务工收入", "≥", "元", 1000, 60000),
    (BENEFIT, "经济效益指标", "节约运行费用", "≥", "元", 500, 9000),
    (BENEFIT, "社会效益指标", "受益群众", "≥", "人", 500, 30000),
    (BENEFIT, "社会效益指标", "新增就业", "≥", "人", 20, 900),
    (BENEFIT, "社会效益指标", "公众知晓率", "≥", "%", 70, 95),
    (BENEFIT, "社会效益指标", "服务能力", "", "明显提升", 0, 0),
    (BENEFIT, "生态效益指标", "绿地保有率", "≥", "%", 85, 99),
    (BENEFIT, "生态效益指标", "节约用水", "≥", "吨", 100, 6000),
    (BENEFIT, "可持续影响指标", "管护制度", "", "健全", 0, 0),
    (BENEFIT, "可持续影响指标", "设备使用年限", "≥", "年", 3, 15),
    (CONTENT, "服务对象满意度指标", "参训学员满意度", "≥", "%", 80, 96),
    (CONTENT, "服务对象满意度指标", "周边居民满意度", "≥", "%", 80, 96),
    (CONTENT, "服务对象满意度指标", "基层单位满意度", "≥", "%", 80, 96),
)
CAUSES = (
    "受汛期影响部分工作推迟,次年一季度补齐",
    "参加人员因岗位变动少于计划,今后提前摸底",
    "设备供货延期,已与供应商重新约定交货时间",
    "问卷回收数量偏少,下一步扩大调查范围",
)
SOURCES = ("其中:当年财政拨款", "上年结转资金", "其他资金")
LEVELS_OF_GOVERNMENT = ("中央资金", "省级资金", "地方资金")
WHOLE = "年度资金总额"


def shown(number: Decimal, *, thousands: bool = False) -> str:
    """Return a number as forms print it: no zeros behind the last place that counts."""
    text = f"{number:,f}" if thousands else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(number: Decimal) -> Decimal:
    """Return a number to two places."""
    return number.quantize(CENT, ROUND_HALF_UP)


def draw(rng: Random, *, thousands: bool = False, sources: tuple[str, ...] = SOURCES) -> Facts:
    """Make the facts of one form; ``sources`` are the kinds of money below the whole sum."""
    town = rng.choice(TOWNS)
    subject, office, unit = rng.choice(SUBJECTS)
    year = rng.choice(("2021", "2022", "2023", "2024"))
    funds = _funds(rng, sources, thousands=thousands)
    rows = _indicators(rng, thousands=thousands)
    points = EXECUTION_POINTS + sum(Decimal(row["points"]) for row in rows)
    score = Decimal(funds[0]["score"]) + sum(Decimal(row["score"]) for row in rows)
    first = rows[0]
    missed = any(row["score"] != row["points"] for row in rows)
    return Facts(
        head={
            "title": f"{year}年度项目支出绩效自评表",
            "year": year,
            "project": f"{town}{subject}项目",
            "department": f"{town}{office}",
            "implementer": f"{town}{unit}",
            "currency_unit": rng.choice(("万元", "万元", "元")),
        },
        funds=funds,
        goals={
            "expected": f"{first['name']}达到预定要求,{subject}工作按计划推进,服务水平稳步提高。",
            "actual": f"全年推进{subject},"
            + ("部分工作未达到预定要求,已安排后续补齐。" if missed else "各项工作已按计划办结。"),
        },
        indicators=rows,
        total={"points": shown(points), "score": shown(score)},
    )


def _funds(rng: Random, sources: tuple[str, ...], *, thousands: bool) -> tuple[Texts, ...]:
    parts = []
    for number in range(len(sources)):
        empty = number > 0 and rng.random() < 0.4
        initial = Decimal(0 if empty else rng.randint(1000, 400_000)) / 100
        change = Decimal(0 if empty else rng.choice((0, 0, rng.randint(-90, 900)))) / 100
        share = Decimal(rng.choice((100, 100, rng.randint(88, 99)))) / 100
        parts.append((initial, initial + change, rounded((initial + change) * share)))
    sums = [sum(column, Decimal(0)) for column in zip(*parts, strict=True)]
    rows = []
    for label, amounts in zip((WHOLE, *sources), ((*sums,), *parts), strict=True):
        is_whole = label == WHOLE
        rate = amounts[2] / amounts[1] if amounts[1] else None
        texts = [shown(amount, thousands=thousands) for amount in amounts]
        rows.append(
            {
                "label": label,
                **dict(zip(("initial_budget", "adjusted_budget", "outturn"), texts, strict=True)),
                "points": str(EXECUTION_POINTS) if is_whole else "—",
                "execution_rate": "—" if rate is None else f"{rounded(100 * rate)}%",
                "score": shown(rounded(EXECUTION_POINTS * rate)) if is_whole and rate else "—",
            }
        )
    return tuple(rows)


def _indicators(rng: Random, *, thousands: bool) -> tuple[Texts, ...]:
    rows = []
    for dimension, points in DIVISION.items():
        stock = [one for one in STOCK if one[0] == dimension]
        most = {OUTPUT: 15, BENEFIT: 7, CONTENT: 3}[dimension]
        count = rng.randint(2 if dimension == OUTPUT else 1, min(most, len(stock)))
        some = sorted(rng.sample(stock, count), key=stock.index)
        for one, part in zip(some, _parts(rng, points, count), strict=True):
            rows.append(_indicator(rng, one, part, thousands=thousands))
    return tuple(rows)


def _parts(rng: Random, whole: int, count: int) -> list[int]:
    """Part points into whole numbers, none of them nought."""
    cuts = sorted(rng.sample(range(1, whole), count - 1))
    return [stop - start for start, stop in zip([0, *cuts], [*cuts, whole], strict=True)]


def _indicator(rng: Random, one: _Stock, points: int, *, thousands: bool) -> Texts:
    dimension, category, name, sign, unit, least, most = one
    score, cause = Decimal(points), ""
    if not sign:
        value, actual, unit_text = unit, unit, ""
    else:
        target = rng.randint(least, most)
        reached = target
        if sign == "≥":
            missed = target > 20 and rng.random() < 0.25
            reached = target - rng.randint(1, target // 8) if missed else _over(rng, target, unit)
            if missed:
                score = rounded(Decimal(points) * reached / target)
                cause = rng.choice(CAUSES)
        elif rng.random() < 0.5:
            reached = target - rng.randint(0, target // 10)
        value = shown(Decimal(target), thousands=thousands)
        actual, unit_text = shown(Decimal(reached), thousands=thousands) + unit, unit
    return {
        "dimension": dimension,
        "category": category,
        "name": name,
        "comparator": sign or QUALITATIVE,
        "value": value,
        "unit": unit_text,
        "actual": actual,
        "points": str(points),
        "score": shown(score),
        "explanation": cause,
        "target": f"{sign}{value}{unit_text}",
    }


def _over(rng: Random, target: int, unit: str) -> int:
    more = target + rng.randint(0, max(1, target // 20))
    return min(more, 100) if unit == "%" else more


def planted(rng: Random, facts: Facts) -> tuple[str, Facts]:
    """Return what was done wrong in a copy of some facts, and the copy."""
    name = rng.choice(sorted(ERRORS))
    return name, ERRORS[name](rng, facts)


def _with_row(facts: Facts, number: int, **texts: str) -> Facts:
    rows = list(facts.indicators)
    rows[number] = {**rows[number], **texts}
    return replace(facts, indicators=tuple(rows))


def _with_sum(facts: Facts, **texts: str) -> Facts:
    return replace(facts, funds=({**facts.funds[0], **texts}, *facts.funds[1:]))


def _numeric(facts: Facts) -> int:
    rows = enumerate(facts.indicators)
    return next(number for number, row in rows if row["comparator"] == "≥")


def _full_points_for_half(rng: Random, facts: Facts) -> Facts:
    number = _numeric(facts)
    row = facts.indicators[number]
    half = int(row["value"].replace(",", "")) // 2
    changed = _with_row(facts, number, actual=f"{half}{row['unit']}", score=row["points"])
    return _summed(changed)


def _summed(facts: Facts) -> Facts:
    score = Decimal(facts.funds[0]["score"])
    score += sum(Decimal(row["score"]) for row in facts.indicators)
    return replace(facts, total={**facts.total, "score": shown(score)})


def _no_cause(rng: Random, facts: Facts) -> Facts:
    number = _numeric(facts)
    row = facts.indicators[number]
    less = shown(rounded(Decimal(row["points"]) * Decimal("0.6")))
    half = int(row["value"].replace(",", "")) * 6 // 10
    changed = _with_row(facts, number, actual=f"{half}{row['unit']}", score=less, explanation="")
    return _summed(changed)


def _total_off(rng: Random, facts: Facts) -> Facts:
    wrong = Decimal(facts.total["score"]) - rng.choice((2, 3, 5))
    return replace(facts, total={**facts.total, "score": shown(wrong)})


def _rate_off(rng: Random, facts: Facts) -> Facts:
    rate = Decimal(facts.funds[0]["execution_rate"].rstrip("%")) - rng.choice((7, 9, 11))
    return _with_sum(facts, execution_rate=f"{rate}%")


def _sum_off(rng: Random, facts: Facts) -> Facts:
    outturn = Decimal(facts.funds[0]["outturn"].replace(",", ""))
    budget = facts.funds[0]["adjusted_budget"]
    thousands = "," in budget
    less = shown(rounded(outturn * Decimal("0.7")), thousands=thousands)
    return _with_sum(facts, outturn=less)


def _points_off(rng: Random, facts: Facts) -> Facts:
    last = facts.indicators[-1]
    more = str(int(last["points"]) + rng.choice((3, 5)))
    return _with_row(facts, len(facts.indicators) - 1, points=more)


ERRORS = {
    "full points for half of a target": _full_points_for_half,
    "points lost without a cause": _no_cause,
    "total is not the sum": _total_off,
    "rate does not follow": _rate_off,
    "funds do not add up": _sum_off,
    "points are not a hundred": _points_off,
}
