"""IN and GO: whether indicators are there, measurable and in their place, and goals are goals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import Status, read_value
from auditkit.recompute import (
    AMOUNTS,
    HUNDRED,
    counted,
    execution_rate,
    number,
    numbers,
    scored_line,
    shown,
    sum_of,
    value_of,
    words_of,
)
from auditkit.report import Entry, Indicator, Report
from auditkit.rules.answers import about, answer, listed
from auditkit.rules.execution import in_yuan
from auditkit.rules.printed import is_empty, is_prompt, present
from auditkit.rules.vocabulary import (
    WORDS,
    bare_name,
    is_called,
    is_graded,
    is_scale,
    named,
    speaks_of,
)

INDICATORS, GOALS = ("cn-mof-2020-10/indicators",), ("cn-mof-2020-10/self-evaluation",)
MEASURABLE = ("cn-mof-2021-101/purpose",)
KINDS = ["产出", "效益", "满意度"]
MANY = 6  # rows from which it is odd that all of them meet their target to the digit
ALIKE = Decimal("0.9")  # share of pairs of characters from which two texts are nearly the same
SHORT = 6  # characters below which a goal says nothing
_HARMLESS = re.compile(r"\([^)]*\)|(数量|人数|次数|数)$")
_PLAIN = re.compile("^定性|[,。;、!]")
_TENSE = re.compile(r"\W|_|已经?|将|了|完成|全部|全面|年初")
_YEAR = re.compile(r"(?<![\d第〔\[(])(20[012]\d)(?:年|(?=[-—至~]20\d\d年))")


@rule("IN-01", Severity.WARNING, INDICATORS)
def required_dimensions_are_there(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for indicators of output, benefit and satisfaction; a lack of the last is noted.

    Fails: eight indicators of output and none of benefit.
    Passes: all three are there.
    Open: rows may be missing, or the form does not name its dimensions so.
    """
    rows = report.indicators
    labels = "/".join(words_of(r.dimension) + words_of(r.category) for r in rows)
    gone = [kind for kind in KINDS if kind.rstrip("度") not in labels]
    is_whole = report.total_score is not None or sum_of(counted(rows, "points")) >= HUNDRED - 20
    if len(gone) < len(KINDS):
        ok = not gone or (Outcome.FAIL if is_whole else Outcome.REVIEW)
        level, seen = Severity.NOTE if gone == KINDS[2:] else None, counted(rows, "dimension")
        yield answer(ok, "indicators/dimension", seen, ", ".join(gone), severity=level)


@rule("IN-02", Severity.NOTE, MEASURABLE)
def targets_can_be_measured(report: Report, _: Provisions) -> Iterator[Observation]:
    """List targets that ask a question, say only 完成 or 是, repeat the name, or put a % on a wish.

    Fails: target 是否利于企业走出去; 专款专用 with the target 专款专用.
    Passes: target ≥95%, 及时, 12月底前, 显著提升.
    Open: words that name no level that is known, which a person must read.
    """
    rows = [row for row in report.indicators if words_of(row.target).strip("定性—-/")]
    wrong = [row for row in rows if _is_hollow(row)]
    words = [r for r in rows if r.target and r.target.reading.status is Status.WORDS]
    unknown = [r for r in words if not is_graded(words_of(r.target)) and not is_scale(r.target)]
    outcome = Outcome.FAIL if wrong else Outcome.REVIEW
    yield from listed("target", wrong or unknown, rows, outcome, says="" if wrong else "unknown")


def _is_hollow(row: Indicator) -> bool:
    target, name = _PLAIN.sub("", words_of(row.target)), bare_name(row)
    repeats = len(target) > 3 and not re.search(r"\d", target) and target in name
    asks = speaks_of("question", target) and number(row.target) is None
    asks = asks or ("%" in target and speaks_of("slogan", name))
    return asks or repeats or target == name or is_called("hollow", target)


@rule("IN-03", Severity.NOTE, MEASURABLE)
def satisfaction_rests_on_a_survey(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for satisfaction of exactly 100% without a word about how it was asked for.

    Fails: actual 100%, no survey mentioned.
    Passes: the form mentions the survey.
    Open: a rate below 100% with no word about a survey.
    """
    for row in report.indicators:
        if "满意" in words_of(row.name) and row.actual and number(row.actual) is not None:
            cells = (*(entry for _, entry in row.extra), row.name, row.target, row.explanation)
            is_asked = any(speaks_of("survey", words_of(entry)) for entry in cells)
            is_all = number(row.actual) == HUNDRED
            outcome = is_asked or (Outcome.FAIL if is_all else Outcome.OPEN)
            yield about(outcome, row, row.actual, row.name, says="all" if is_all else "")


@rule("IN-04", Severity.NOTE, INDICATORS)
def indicators_differ(report: Report, _: Provisions) -> Iterator[Observation]:
    """List indicators that stand twice on a form, with the same name and target.

    Fails: two rows 培训人次 ≥200.
    Passes: 培训人次 ≥200 and 培训场次 ≥200.
    Open: no indicator has a name and a target.
    """
    said = [(bare_name(row), words_of(row.target)) for row in report.indicators]
    rows = [(row, texts) for row, texts in zip(report.indicators, said, strict=True) if all(texts)]
    wrong = [row for row, texts in rows if said.count(texts) > 1]
    yield from listed("name", wrong, [row for row, _ in rows])


@rule("IN-05", Severity.NOTE, INDICATORS)
def actual_values_were_measured(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for forms on which every numeric target, but 0 and 100%, was met to the digit.

    Fails: seven rows with numeric targets, each actual value the same.
    Passes: one of them differs.
    Open: fewer than six rows with numeric targets.
    """
    rows = [r for r in report.indicators if len(numbers((r.target, r.actual))) == 2]
    rows = [row for row in rows if value_of(row.target) not in (0, HUNDRED)]
    same = [row for row in rows if number(row.target) == number(row.actual)]
    if len(rows) >= MANY:
        yield from listed("actual", same if len(same) == len(rows) else [], rows)


@rule("IN-06", Severity.NOTE, INDICATORS)
def indicators_stand_in_their_category(report: Report, _: Provisions) -> Iterator[Observation]:
    """List indicators whose name belongs to another category, and categories in the wrong place.

    Fails: 成本控制 under 数量指标; 资金支付率 under 时效指标; 事故发生数 under 满意度指标.
    Passes: 培训人次 under 数量指标.
    Open: the form has no categories.
    """
    rows = [row for row in report.indicators if words_of(row.category) and bare_name(row)]
    yield from listed("category", [row for row in rows if _is_misplaced(row)], rows)


def _is_misplaced(row: Indicator) -> bool:
    dimension, category, name = words_of(row.dimension), words_of(row.category), bare_name(row)
    is_strange = any(
        w.search(category) for kind, w in WORDS["strangers"].items() if kind in dimension
    )
    own = next((words for kind, words in WORDS["misplaced"].items() if kind in category), None)
    asks = "满意" in dimension + category and number(row.target) is not None
    is_other = asks and speaks_of("no_survey", name) and not speaks_of("satisfaction", name)
    is_money = "数量" in category and _is_money(row) and speaks_of("amount", name)
    return is_strange or is_other or is_money or (own is not None and own.search(name) is not None)


def _is_money(row: Indicator) -> bool:
    return row.target is not None and named("units", row.target.reading.unit) == "money"


@rule("IN-07", Severity.NOTE, INDICATORS)
def execution_is_counted_once(report: Report, _: Provisions) -> Iterator[Observation]:
    """List indicators that repeat the execution of the budget, which has points of its own.

    Fails: 预算资金执行率 among the indicators; a quantity whose target is the budget itself.
    Passes: 资金拨付及时性.
    Open: no indicators, or a department-wide form, which is built of such rates.
    """
    line, unit = report.total_line, words_of(report.currency_unit)
    is_wide = speaks_of("department_wide", words_of(report.title))
    rows = [row for row in report.indicators if bare_name(row) and not is_wide]
    budgets = in_yuan((line.adjusted_budget, line.initial_budget) if line else (), unit)
    wrong = [
        row
        for row in rows
        if is_called("execution_rate", bare_name(row))
        or (
            _is_amount(row)
            and any(a.meets(b) for a in in_yuan((row.target,), unit) for b in budgets)
        )
    ]
    yield from listed("name", wrong, rows)


def _is_amount(row: Indicator) -> bool:
    """Tell whether a row counts the money itself as an output, or is named for its being given."""
    name, category = bare_name(row), words_of(row.category)
    return ("数量" in category and speaks_of("amount", name)) or speaks_of("funding", name)


@rule("IN-08", Severity.WARNING, MEASURABLE)
def values_are_values(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for scales given as levels, points given as values, and (noted) bounds as actual values.

    Fails: target 好坏, actual 好坏; seven bare targets, sum 100; target ≥266米, actual ≥266米.
    Passes: target ≥266米, actual 270米; target 优良中低差, actual 优.
    Open: no indicator has an actual value.
    """
    rows = [r for r in report.indicators if not (is_empty(r.target) or is_empty(r.actual))]
    scales = [row for row in rows if is_scale(row.target) and is_scale(row.actual)]
    points = rows if _are_points(rows) else []
    bounds = [row for row in rows if row.actual and _is_bound(row.actual)]
    yield from listed("target", scales, rows, says="scale")
    yield from listed("points", points, rows, says="points")
    yield from listed("actual", bounds, rows, says="bound", severity=Severity.NOTE)


def _is_bound(entry: Entry) -> bool:
    is_limit = entry.reading.comparator in ("≥", "≤", ">", "<") and number(entry) is not None
    return entry.reading.status is Status.RANGE or is_limit


def _are_points(rows: list[Indicator]) -> bool:
    cells = present(*(cell for row in rows for cell in (row.target, row.actual)))
    is_bare = len(rows) > 3 and all(words_of(cell).isdecimal() for cell in cells)
    targets = sum_of(row.target for row in rows)
    return is_bare and targets in (90, 100) and not numbers(row.points for row in rows)


@rule("IN-09", Severity.NOTE, MEASURABLE)
def signs_point_the_right_way(report: Report, _: Provisions) -> Iterator[Observation]:
    """List signs that point against their indicator: at most so many outputs, at least such a cost.

    Fails: 开展示范村建设数量 ≤4; 单位成本 ≥300元.
    Passes: ≥4, ≤300元; or the form marks the indicator as 反向.
    Open: no target has a sign.
    """
    signs = ("≥", "≤", "<", ">")
    rows = [r for r in report.indicators if r.target and r.target.reading.comparator in signs]
    yield from listed("target", [row for row in rows if _is_against(row)], rows)


def _is_against(row: Indicator) -> bool:
    name, category = bare_name(row), words_of(row.category)
    is_least = row.target is not None and row.target.reading.comparator in "≥>"
    is_cost = is_least and "成本" in category and not speaks_of("income", name) and _is_money(row)
    grows = speaks_of("growing", name) and not speaks_of("shrinking", name)
    is_marked = any("反向" in words_of(entry) for _, entry in row.extra)
    return not is_marked and (is_cost or (not is_least and "数量" in category and grows))


def _goals(report: Report) -> tuple[Entry, ...]:
    goals = present(report.goals.expected, report.goals.actual)
    return tuple(goal for goal in goals if not is_empty(goal) and not is_prompt(goal))


@rule("GO-01", Severity.WARNING, GOALS)
def achievement_is_no_copy(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare what was achieved with what was expected, leaving out signs and words of tense.

    Fails: both cells 落实39户奖补政策,增加脱贫户收入; nearly the same is noted.
    Passes: 为39户发放奖补9.48万元,户均增收2900元.
    Open: one of the two is blank or not on the form.
    """
    if len(goals := _goals(report)) == 2:
        texts = [_TENSE.sub("", words_of(goal)) for goal in goals]
        pairs = [{text[at : at + 2] for at in range(len(text) - 1)} for text in texts]
        share = Decimal(len(pairs[0] & pairs[1])) / (len(pairs[0] | pairs[1]) or 1)
        figures = [re.findall(r"\d+(?:\.\d+)?", goal.text) for goal in goals]
        is_same, is_near = texts[0] == texts[1], share >= ALIKE and figures[0] == figures[1]
        severity = None if is_same else Severity.NOTE
        printed = f"{shown(share * 100, 0)}%"
        yield answer(not (is_same or is_near), "goals/actual", goals, printed, severity=severity)


@rule("GO-02", Severity.WARNING, GOALS)
def goals_are_of_this_year(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for goals that name other years and never the form's own; a year beside it is noted.

    Fails: a form of 2023 whose goal begins 2020年计划.
    Passes: the goal names 2023, no year, a period with 2023 in it, or a year to compare with.
    Open: the form states no year, or there is no goal.
    """
    year = number(report.year)
    for goal in _goals(report) if year else ():
        text, own = words_of(goal), int(year or 0)
        years = sorted(int(m[1]) for m in _YEAR.finditer(text) if not _is_history(text, m))
        is_own = not years or years[0] <= own <= years[-1]
        is_near = any(abs(named - own) <= 1 for named in years)
        said, severity = (", ".join(map(str, years)), str(own)), Severity.NOTE if is_near else None
        yield answer(is_own, goal.path, (goal, report.year), *said, severity=severity)


def _is_history(text: str, found: re.Match[str]) -> bool:
    before, behind = text[max(0, found.start() - 4) : found.start()], text[found.end() :][:6]
    return speaks_of("history", f"{before}#{behind}")


@rule("GO-03", Severity.WARNING, GOALS)
def goals_agree_with_figures(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare figures that the text of the achievement states by name with those of the form.

    An execution rate, the whole sum, or an indicator's name with number and unit right behind it.

    Fails: the text says 满意度达到98%, the indicator's actual value is 92%.
    Passes: both say 92%, or the text gives the target.
    Open: a sum or a count differs, which may be part of another; no figure is named.
    """
    goal, rate = report.goals.actual, execution_rate(scored_line(report))
    if goal is None:
        return
    text, unit = words_of(goal), words_of(report.currency_unit)
    if rate and (said := _behind("(?:预算|资金)(?:执行|支付)率", "%", text)):
        value, due = rate.value * HUNDRED, f"{shown(rate.value * HUNDRED, 2)}%"
        is_same = any(abs(Decimal(stated) - value) <= _unit(stated) for stated in said)
        yield answer(is_same, "goals/actual", (goal, *rate.inputs), f"{said[0]}%", due)
    funds = in_yuan((getattr(ln, name) for ln in report.budget_lines for name in AMOUNTS), unit)
    for stated in WORDS["texts"]["whole_sum"].findall(text) if funds else ():
        spans = in_yuan((replace(goal, reading=read_value(stated)),), unit)
        is_same = any(span.meets(fund) for span in spans for fund in funds)
        spent = report.total_line.outturn if report.total_line else None
        ok, seen = is_same or Outcome.REVIEW, (goal, spent)
        yield answer(ok, "goals/actual/sum", seen, stated, words_of(spent))
    for row in report.indicators:
        core = _HARMLESS.sub("", bare_name(row))
        if len(core) < 3 or core not in text or number(row.actual) is None:
            continue
        cells = numbers((row.actual, row.target))
        unit = next((cell.reading.unit for cell in cells if cell.reading.unit), "")
        if unit and (said := _behind(re.escape(core), unit, text)):
            pairs = [(stated, value_of(cell)) for stated in said for cell in cells]
            is_same = any(abs(Decimal(stated) - value) < _unit(stated) for stated, value in pairs)
            ok = is_same or (Outcome.FAIL if unit == "%" else Outcome.REVIEW)
            subject, due = f"goals/actual/{row.path}", words_of(cells[0])
            yield answer(ok, subject, (goal, *cells), said[0] + unit, due)


def _behind(name: str, unit: str, text: str) -> list[str]:
    """Return the numbers with a unit that stand right behind a name, and are no bounds."""
    end = re.escape(unit) + ("" if unit == "%" else r"(?![\w/])") + "(?!以上|以内|左右)"
    gap = r"[^,。;、%\d超不≥>约近大多]{0,6}?"
    return re.findall(rf"{name}{gap}(\d{{1,9}}(?:\.\d+)?){end}", text)


def _unit(stated: str) -> Decimal:
    return Decimal(1).scaleb(-len(stated.partition(".")[2]))


@rule("GO-04", Severity.WARNING, GOALS)
def goals_say_what_is_to_be_done(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for goals that are a number, the name of the project, or a few characters.

    Fails: goal 43.2; goal and project 自然资源卫片执法补助经费.
    Passes: a sentence about what is to be done.
    Open: the form has no goal or leaves it blank.
    """
    project = words_of(report.project)
    for goal in _goals(report):
        text = words_of(goal).rstrip("。.")
        is_number, is_name = re.fullmatch(r"[\d.,%万亿元]+", text), text in project
        is_short = len(text) < SHORT and goal is report.goals.expected
        says = "number" if is_number else "name" if is_name else "short"
        yield answer(not (is_number or is_name or is_short), goal.path, (goal,), text, says=says)
