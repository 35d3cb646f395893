"""IN: whether indicators are there, measurable, and in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from auditkit.figures import HUNDRED
from auditkit.findings import ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import Status
from auditkit.report import (
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
from auditkit.rules.answers import DUTY, answer, listed, present
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
_MANY = 6  # rows from which it is odd that all of them meet their target to the digit
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
    is_whole = worked.report.total_score is not None
    is_whole = is_whole or worked.points.of_rows.value >= HUNDRED - 20
    if len(gone) < len(_KINDS):
        yield answer(
            not gone or (Outcome.FAIL if is_whole else Outcome.REVIEW),
            "indicators/dimension",
            evidence=counted(row.dimension for row in rows),
            reported=", ".join(gone),
            severity=Severity.NOTE if gone == _KINDS[2:] else None,
        )


@rule("IN-02", Severity.NOTE, MEASURABLE)
def targets_can_be_measured(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List targets that ask a question, say only 完成 or 是, repeat the name, or put a % on a wish.

    Fails: target 是否利于企业走出去; 专款专用 with the target 专款专用.
    Passes: target ≥95%, 及时, 12月底前, 显著提升.
    Open: words that name no level that is known, which a person must read.
    """
    asked = [row for row in worked.indicators if _target(row).strip("定性—-/")]
    rows, wrong = _of(asked), _of(row for row in asked if _is_hollow(row))
    words = [r for r in rows if r.target and r.target.reading.status is Status.WORDS]
    texts = ((row, words_of(row.target)) for row in words)
    unknown = [row for row, text in texts if not is_graded(text) and not is_scale(text)]
    if wrong:
        yield from listed("target", wrong, rows)
    else:
        yield from listed("target", unknown, rows, outcome=Outcome.REVIEW, wrong="unknown")


def _of(rows: Iterable[IndicatorRow]) -> list[Indicator]:
    return [row.indicator for row in rows]


def _target(row: IndicatorRow) -> str:
    return words_of(row.indicator.target)


def _is_hollow(row: IndicatorRow) -> bool:
    target, name = _PLAIN.sub("", _target(row)), row.name
    repeats = len(target) > 3 and not re.search(r"\d", target) and target in name
    asks = speaks_of("question", target) and number(row.indicator.target) is None
    asks = asks or ("%" in target and speaks_of("slogan", name))
    return asks or repeats or target == name or is_called("hollow", target)


@rule("IN-03", Severity.NOTE, MEASURABLE)
def satisfaction_rests_on_a_survey(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for satisfaction of exactly 100% without a word about how it was asked for.

    Fails: actual 100%, no survey mentioned.
    Passes: the form mentions the survey.
    Open: a rate below 100% with no word about a survey.
    """
    for row in worked.report.indicators:
        if "满意" in words_of(row.name) and row.actual and number(row.actual) is not None:
            cells = (*(entry for _, entry in row.extra), row.name, row.target, row.explanation)
            is_asked = any(speaks_of("survey", words_of(entry)) for entry in cells)
            is_all = number(row.actual) == HUNDRED
            yield answer(
                is_asked or (Outcome.FAIL if is_all else Outcome.OPEN),
                row,
                wrong="all" if is_all else "wrong",
                evidence=(row.actual, row.name),
            )


@rule("IN-04", Severity.NOTE, INDICATORS)
def indicators_differ(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List indicators that stand twice on a form, with the same name and target.

    Fails: two rows 培训人次 ≥200.
    Passes: 培训人次 ≥200 and 培训场次 ≥200.
    Open: no indicator has a name and a target.
    """
    said = [(row.name, _target(row)) for row in worked.indicators]
    pairs = zip(worked.report.indicators, said, strict=True)
    rows = [(row, texts) for row, texts in pairs if all(texts)]
    wrong = [row for row, texts in rows if said.count(texts) > 1]
    yield from listed("name", wrong, [row for row, _ in rows])


@rule("IN-05", Severity.NOTE, INDICATORS)
def actual_values_were_measured(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for forms on which every numeric target, but 0 and 100%, was met to the digit.

    Fails: seven rows with numeric targets, each actual value the same.
    Passes: one of them differs.
    Open: fewer than six rows with numeric targets.
    """
    pairs = [(row, numbers((row.target, row.actual))) for row in worked.report.indicators]
    rows = [row for row, both in pairs if len(both) == 2]
    rows = [row for row in rows if value_of(row.target) not in (0, HUNDRED)]
    same = [row for row in rows if number(row.target) == number(row.actual)]
    if len(rows) >= _MANY:
        yield from listed("actual", same if len(same) == len(rows) else [], rows)


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
    return target is not None and named("units", target.reading.unit) == "money"


@rule("IN-07", Severity.NOTE, INDICATORS)
def execution_is_counted_once(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List indicators that repeat the execution of the budget, which has points of its own.

    Fails: 预算资金执行率 among the indicators; a quantity whose target is the budget itself.
    Passes: 资金拨付及时性.
    Open: no indicators, or a department-wide form, which is built of such rates.
    """
    line = worked.report.total_line
    is_wide = speaks_of("department_wide", words_of(worked.report.title))
    rows = [row for row in worked.indicators if row.name and not is_wide]
    budgets = worked.in_yuan((line.adjusted_budget, line.initial_budget) if line else ())
    wrong = [
        row
        for row in rows
        if is_called("execution_rate", row.name)
        or (
            _is_amount(row)
            and any(a.meets(b) for a in worked.in_yuan((row.indicator.target,)) for b in budgets)
        )
    ]
    yield from listed("name", _of(wrong), _of(rows))


def _is_amount(row: IndicatorRow) -> bool:
    """Tell whether a row counts the money itself as an output, or is named for its being given."""
    is_quantity = "数量" in words_of(row.indicator.category)
    return (is_quantity and speaks_of("amount", row.name)) or speaks_of("funding", row.name)


@rule("IN-08", Severity.WARNING, MEASURABLE)
def values_are_values(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scales given as levels, points given as values, and (noted) bounds as actual values.

    Fails: target 好坏, actual 好坏; seven bare targets, sum 100; target ≥266米, actual ≥266米.
    Passes: target ≥266米, actual 270米; target 优良中低差, actual 优.
    Open: no indicator has an actual value.
    """
    all_rows = worked.report.indicators
    rows = [row for row in all_rows if not (is_empty(row.target) or is_empty(row.actual))]
    texts = ((row, words_of(row.target), words_of(row.actual)) for row in rows)
    scales = [row for row, *both in texts if all(map(is_scale, both))]
    points = rows if _are_points(rows) else []
    bounds = [row for row in rows if row.actual and _is_bound(row.actual)]
    yield from listed("target", scales, rows, wrong="scale")
    yield from listed("points", points, rows, wrong="points")
    yield from listed("actual", bounds, rows, wrong="bound", severity=Severity.NOTE)


def _is_bound(entry: Entry) -> bool:
    is_limit = entry.reading.comparator in ("≥", "≤", ">", "<") and number(entry) is not None
    return entry.reading.status is Status.RANGE or is_limit


def _are_points(rows: list[Indicator]) -> bool:
    cells = present(*(cell for row in rows for cell in (row.target, row.actual)))
    is_bare = len(rows) > 3 and all(words_of(cell).isdecimal() for cell in cells)
    targets = sum_of(row.target for row in rows)
    return is_bare and targets in (90, 100) and not numbers(row.points for row in rows)


@rule("IN-09", Severity.NOTE, MEASURABLE)
def signs_point_the_right_way(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """List signs that point against their indicator: at most so many outputs, at least such a cost.

    Fails: 开展示范村建设数量 ≤4; 单位成本 ≥300元.
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
    grows = speaks_of("growing", name) and not speaks_of("shrinking", name)
    is_marked = any("反向" in words_of(entry) for _, entry in row.indicator.extra)
    return not is_marked and (is_cost or (not is_least and "数量" in category and grows))
