"""IN: whether indicators are there, measurable, and in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from auditkit.figures import HUNDRED, shown
from auditkit.findings import ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import Status
from auditkit.report import (
    ZERO,
    Entry,
    Indicator,
    counted,
    is_empty,
    number,
    numbers,
    sum_of,
    value_of,
    words_of,
)
from auditkit.rules.answers import DUTY, SHOWN, answer, listed, present, unsure
from auditkit.standards.vocabulary import (
    is_called,
    is_graded,
    is_scale,
    listed_in,
    named,
    speaks_of,
)
from auditkit.worked import IndicatorRow, Worked

INDICATORS = ("cn-mof-2020-10/indicators", DUTY)
MEANT, TARGETS = "cn-budget-law-rules-2020/evaluation", "cn-budget-law/targets"
MEASURABLE = (MEANT, TARGETS, "cn-mof-2021-101/purpose")
_KINDS = ["产出", "效益", "满意度"]
_SOME = 3  # of them with a target that is neither nought nor all, as many rates are
_MANY = 6  # rows from which it is odd that all of them meet their target to the digit
_NO_NUMBER = "定性"  # the word for what has no number, which is no target either
_BARE = re.compile(rf"(?:[≥≤=]|{_NO_NUMBER})?(\d+(?:\.\d+)?)")
_PLAIN = re.compile("^定性|[,。;、!]")


@rule("IN-01", Severity.WARNING, INDICATORS, lacks=(ROWS, "dimension", "category"))
def required_dimensions_are_there(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for indicators of output, benefit and satisfaction; a lack of the last is noted.

    Fails: eight indicators of output and none of benefit.
    Passes: all three are there, by the name of a dimension or of its categories (数量, 时效).
    Open: rows may be missing, or the form does not name its dimensions so.
    """
    rows = worked.report.indicators
    labels = "/".join(f"{words_of(r.dimension)}/{words_of(r.category)}" for r in rows)
    gone = [kind for kind in _KINDS if not any(p.search(labels) for p in listed_in("kinds", kind))]
    has_total = worked.report.total_score is not None
    is_whole = has_total or worked.points.of_rows.value >= HUNDRED - 20
    points = () if has_total else unsure(row.points for row in rows)
    if len(gone) < len(_KINDS):
        yield answer(
            not gone or (Outcome.FAIL if is_whole else Outcome.REVIEW),
            "indicators/dimension",
            evidence=counted((*(row.dimension for row in rows), *points)),
            reported=", ".join(gone),
            severity=Severity.NOTE if gone == _KINDS[2:] else None,
        )


@rule(
    "IN-02",
    Severity.NOTE,
    (*MEASURABLE, "chengdu-re-check-2026/hollow"),
    ("hollow_points_warn_at",),
)
def targets_can_be_measured(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """List targets that ask a question, say only 完成 or 是, repeat the name, or put a % on a wish.

    The word 定性 is no target beside an actual value. A benefit sets none, either,
    whose name is its own category or an effect (社会效益明显), with a bare number, 定性 or another
    effect as its target; from 20 points on these are a warning. That more than half of the rows, or
    of the points, rest on words is noted as well.

    Fails: target 是否利于企业走出去; 专款专用 with the target 专款专用; benefit 社会效益 ≥95%.
    Passes: target ≥95%, 及时, 12月底前, 显著提升; benefit 带动就业人数 ≥30人.
    Open: words that name no level that is known, which a person must read.
    """
    asked = [row for row in worked.indicators if _is_asked(row) or _is_vain(row)]
    vain = [row for row in asked if _is_vain(row)]
    rows, wrong = _of(asked), _of(row for row in asked if _is_hollow(row) and row not in vain)
    words = [r for r in rows if r.target and r.target.reading.status is Status.WORDS]
    texts = ((row, words_of(row.target)) for row in words)
    unknown = [row for row, text in texts if not is_graded(text) and not is_scale(text)]
    yield from _vain(_of(vain), law["hollow_points_warn_at"].number)
    yield from _mostly_words(rows, words, worked.report.indicators)
    if wrong:
        yield from listed("target", wrong, rows)
    elif not vain:
        yield from listed("target", unknown, rows, outcome=Outcome.REVIEW, wrong="unknown")


def _mostly_words(
    rows: list[Indicator], words: list[Indicator], among: Iterable[Indicator]
) -> Iterator[Observation]:
    """Say that more than half of the rows, or of their points, have targets in words.

    It rests on each cell ``among`` all rows that is not sure: that may be a figure, or points.
    """
    all_points, points = (sum_of(row.points for row in some) for some in (rows, words))
    if len(rows) >= _MANY and (2 * len(words) > len(rows) or 2 * points > all_points):
        cells = (entry for row in among for entry in (row.target, row.points))
        yield answer(
            Outcome.FAIL,
            "indicators/words",
            says=("in_words", "in_points") if points else "in_words",
            evidence=counted((*(row.target for row in words), *unsure(cells))),
            reported=f"{len(words)}/{len(rows)}",
            severity=Severity.NOTE,
            points=shown(points),
            of=shown(all_points),
        )


def _is_asked(row: IndicatorRow) -> bool:
    """Tell whether a target is printed; 定性 is what a template has beside nothing."""
    is_filled = not is_empty(row.indicator.actual)
    return bool(_target(row).strip("—-/" if is_filled else "定性—-/"))


def _vain(rows: list[Indicator], bound: Decimal) -> Iterator[Observation]:
    """Say which benefits measure nothing, and how many points they carry."""
    points = sum_of(row.points if number(row.points) is not None else row.score for row in rows)
    seen = (entry for row in rows for entry in (row.name, row.target, row.points))
    if rows:
        yield answer(
            Outcome.FAIL,
            "indicators/benefit",
            says=("vain", "worth") if points else "vain",
            evidence=seen,
            reported=str(len(rows)),
            severity=Severity.WARNING if points >= bound else None,
            names="; ".join(words_of(row.name) or words_of(row.category) for row in rows[:SHOWN]),
            points=shown(points),
        )


def _is_vain(row: IndicatorRow) -> bool:
    """Tell whether a benefit names no thing, group or rate, and its target none either."""
    one, target = row.indicator, _target(row)
    label = f"{words_of(one.dimension)}/{words_of(one.category)}"
    if not any(p.search(label) for p in listed_in("kinds", "效益")) or not row.name:
        return False
    unit = one.target.reading.unit if one.target else ""
    is_bare = number(one.target) is not None and unit in ("", "%")
    is_bare = is_bare or is_called("effect_target", target) or is_called("effect", target)
    return is_called("effect", row.name) and is_bare and not speaks_of("measured", row.name)


def _of(rows: Iterable[IndicatorRow]) -> list[Indicator]:
    return [row.indicator for row in rows]


def _target(row: IndicatorRow) -> str:
    return words_of(row.indicator.target)


def _is_hollow(row: IndicatorRow) -> bool:
    target, name = (_PLAIN.sub("", text) for text in (_target(row), row.name))
    repeats = len(target) > 3 and not re.search(r"\d", target) and target in name
    asks = speaks_of("question", target) and number(row.indicator.target) is None
    asks = asks or ("%" in target and speaks_of("slogan", name))
    is_label = _target(row).strip("()") == _NO_NUMBER
    return asks or repeats or target == name or is_label or is_called("hollow", target)


@rule("IN-04", Severity.NOTE, (*INDICATORS, "re-check-practice/once"))
def indicators_differ(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List indicators that stand twice on a form: same name and target, or under two dimensions.

    Fails: two rows 培训人次 ≥200; 培训人次 under output and, with another target, under benefit.
    Passes: 培训人次 ≥200 and 培训场次 ≥200.
    Open: no indicator has a name and a target.
    """
    said = [(_bare_name(row), _target(row)) for row in worked.indicators]
    pairs = zip(worked.report.indicators, said, strict=True)
    rows = [(row, texts) for row, texts in pairs if all(texts)]
    twice = [row for row, texts in rows if said.count(texts) > 1]
    dimensions: dict[str, set[str]] = {}
    for row, (name, _aim) in rows:
        dimensions.setdefault(name, set()).add(words_of(row.dimension))
    again = [row for row, (name, _aim) in rows if len(dimensions[name] - {""}) > 1]
    wrong = "wrong" if twice or not again else "again"
    yield from listed("name", twice or again, [row for row, _ in rows], wrong=wrong)


def _bare_name(row: IndicatorRow) -> str:
    return _PLAIN.sub("", row.name)


@rule("IN-05", Severity.NOTE, INDICATORS)
def actual_values_were_measured(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for forms on which every numeric target was met to the digit.

    Fails: seven rows with numeric targets, each actual value the same.
    Passes: one of them differs.
    Open: fewer than six rows with numeric targets, or nearly all of them are 0 or 100%.
    """
    pairs = [(row, numbers((row.target, row.actual))) for row in worked.report.indicators]
    rows = [row for row, both in pairs if len(both) == 2]
    own = [row for row in rows if value_of(row.target) not in (0, HUNDRED)]
    same = [row for row in rows if number(row.target) == number(row.actual)]
    if len(rows) >= _MANY and len(own) >= _SOME:
        yield from listed("actual", own if len(same) == len(rows) else [], own)


@rule("IN-06", Severity.NOTE, INDICATORS)
def indicators_stand_in_their_category(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List indicators whose name belongs to another category, and categories in the wrong place.

    Fails: 成本控制 under 数量指标; 资金支付率 under 时效指标; 事故发生数 under 满意度指标.
    Passes: 培训人次 under 数量指标.
    Open: the form has no categories.
    """
    named_ = (row for row in worked.indicators if row.name)
    rows = [row for row in named_ if words_of(row.indicator.category)]
    yield from listed("category", _of(row for row in rows if _is_misplaced(row)), _of(rows))


def _is_misplaced(row: IndicatorRow) -> bool:
    dimension, category = words_of(row.indicator.dimension), words_of(row.indicator.category)
    strangers, misplaced = listed_in("strangers", dimension), listed_in("misplaced", category)
    asks = "满意" in dimension + category and number(row.indicator.target) is not None
    is_other = asks and speaks_of("no_survey", row.name)
    is_other = is_other and not speaks_of("satisfaction", row.name)
    is_money = "数量" in category and _is_money(row) and speaks_of("amount", row.name)
    is_strange = any(pattern.search(category) for pattern in strangers)
    return is_strange or is_other or is_money or any(p.search(row.name) for p in misplaced[:1])


def _is_money(row: IndicatorRow) -> bool:
    target = row.indicator.target
    unit = target.reading.unit.partition("/")[0] if target else ""
    return named("units", unit) == "money"


@rule("IN-07", Severity.NOTE, (*INDICATORS, "re-check-practice/payment"))
def execution_is_counted_once(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List indicators that repeat the execution of the budget, which has points of its own.

    Paying out is no output: under 数量 it is a warning.

    Fails: 预算资金执行率 among the indicators; a quantity whose target is the budget itself, or
    资金支付完成率 as a quantity.
    Passes: 资金拨付及时性.
    Open: no indicators, or a department-wide form, which is built of such rates.
    """
    line = worked.report.total_line
    is_wide = speaks_of("department_wide", words_of(worked.report.title))
    rows = [row for row in worked.indicators if row.name and not is_wide]
    budgets = worked.in_yuan((line.adjusted_budget, line.initial_budget) if line else ())
    paid = [row for row in rows if _is_payment(row)]
    wrong = [
        row
        for row in rows
        if is_called("execution_rate", row.name)
        or row in paid
        or (
            _is_amount(row)
            and any(a.meets(b) for a in worked.in_yuan((row.indicator.target,)) for b in budgets)
        )
    ]
    severity = Severity.WARNING if paid else None
    yield from listed("name", _of(wrong), _of(rows), severity=severity)


def _is_payment(row: IndicatorRow) -> bool:
    """Tell whether a row counts the paying out of money as a quantity."""
    is_quantity = "数量" in words_of(row.indicator.category)
    is_rate = is_called("payment", row.name) or is_called("execution_rate", row.name)
    return is_quantity and is_rate


def _is_amount(row: IndicatorRow) -> bool:
    """Tell whether a row counts the money itself as an output, or is named for its being given."""
    is_quantity = "数量" in words_of(row.indicator.category)
    return (is_quantity and speaks_of("amount", row.name)) or speaks_of("funding", row.name)


@rule("IN-08", Severity.WARNING, MEASURABLE)
def values_are_values(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scales given as levels, points given as values, and (noted) bounds as actual values.

    Fails: target 好坏, actual 好坏; seven bare targets, sum 100, or each the points of its row;
    target ≥266米, actual ≥266米.
    Passes: target ≥266米, actual 270米; target 优良中低差, actual 优.
    Open: no indicator has an actual value.
    """
    all_rows = worked.report.indicators
    rows = [row for row in all_rows if not (is_empty(row.target) or is_empty(row.actual))]
    texts = ((row, words_of(row.target), words_of(row.actual)) for row in rows)
    scales = [row for row, *both in texts if all(map(is_scale, both))]
    points = rows if _are_points(worked, rows) else []
    bounds = [row for row in rows if row.actual and _is_bound(row.actual)]
    yield from listed("target", scales, rows, wrong="scale")
    yield from listed("points", points, rows, wrong="points")
    yield from listed("actual", bounds, rows, wrong="bound", severity=Severity.NOTE)


def _is_bound(entry: Entry) -> bool:
    is_limit = entry.reading.comparator in ("≥", "≤", ">", "<") and number(entry) is not None
    return entry.reading.status is Status.RANGE or is_limit


def _are_points(worked: Worked, rows: list[Indicator]) -> bool:
    """Tell whether numbers without a unit stand for values that are the points of their rows.

    Where no points are printed, their sum tells: 100, without 10 or what the execution has.
    """
    cells = present(*(cell for row in rows for cell in (row.target, row.actual)))
    is_bare = len(rows) > 3 and all(_BARE.fullmatch(words_of(cell)) for cell in cells)
    if numbers(row.points for row in rows):
        return is_bare and all(
            number(row.points) == _bare(row.target) == _bare(row.actual) for row in rows
        )
    whole = {HUNDRED, HUNDRED - 10, HUNDRED - value_of(worked.execution.line.points)}
    is_plain = is_bare and all(words_of(cell)[0].isdecimal() for cell in cells)
    return is_plain and sum(_bare(row.target) for row in rows) in whole


def _bare(cell: Entry | None) -> Decimal:
    """Return the number in a cell, also behind a sign or 定性 of a column of its own."""
    found = _BARE.fullmatch(words_of(cell))
    return Decimal(found[1]) if found else ZERO


@rule("IN-09", Severity.NOTE, MEASURABLE)
def signs_point_the_right_way(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List signs that point against their indicator: at most so many outputs, at least such a cost.

    A number of things or people under 数量 grows, but for what there should be little of; so does
    what is laid, built or planted, in whatever unit.

    Fails: 开展示范村建设数量 ≤4; 举办活动次数 ≤4次; 单位成本 ≥300元.
    Passes: ≥4, ≤300元; or the form marks the indicator as 反向.
    Open: no target has a sign.
    """
    rows = [
        (row, row.indicator.target.reading.comparator)
        for row in worked.indicators
        if row.indicator.target
    ]
    rows = [(row, sign) for row, sign in rows if sign in ("≥", "≤", "<", ">")]
    wrong = _of(row for row, sign in rows if _is_against(row, is_least=sign in "≥>"))
    yield from listed("target", wrong, _of(row for row, _ in rows))


def _is_against(row: IndicatorRow, *, is_least: bool) -> bool:
    name, category = row.name, words_of(row.indicator.category)
    is_cost = is_least and "成本" in category and not speaks_of("income", name) and _is_money(row)
    counts = any(named("units", unit) == "count" for unit in _units(row))
    grows = (speaks_of("growing", name) or counts) and not speaks_of("shrinking", name)
    grows = grows and not speaks_of("unwanted", name)
    is_marked = any("反向" in words_of(entry) for _, entry in row.indicator.extra)
    return not is_marked and (is_cost or (not is_least and "数量" in category and grows))


def _units(row: IndicatorRow) -> tuple[str, ...]:
    target = row.indicator.target
    return (target.reading.unit,) if target is not None and number(target) is not None else ()
