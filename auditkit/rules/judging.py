"""WT, SC and TT: whether points keep their pattern, scores what was reached, and the total both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import Status, base_unit
from auditkit.recompute import (
    HUNDRED,
    HUNDREDTH,
    ONE,
    ZERO,
    Direction,
    added,
    compare,
    counted,
    number,
    numbers,
    rating_for,
    scored_entries,
    scored_rows,
    shown,
    sum_of,
    value_of,
    words_of,
)
from auditkit.report import Entry, Indicator, Report
from auditkit.rules.answers import about, answer, listed
from auditkit.rules.printed import gives_reason, is_empty, mentions
from auditkit.rules.scoring import BONUS_WORDS, QUANTITY, available
from auditkit.rules.vocabulary import Met, met, named

SCALE, WEIGHTS = ("cn-mof-2020-10/scale",), ("cn-mof-2020-10/weights",)
QUALITY, RATING = ("cn-mof-2020-10/qualitative",), ("cn-mof-2020-10/rating",)
DOMINANT = Decimal("0.5")  # share of the indicators' points that one indicator may have unremarked
NEAR = Decimal("0.05")  # points around a bound within which a rating hangs on the last place
OTHER_BANDS = "90/75/60"  # recalled of some places; a rating that fits them is only asked about
_STATED = re.compile(r"[^\d.\-—~]\(?(\d{1,3}(?:\.\d{1,2})?)分")
_NUMERAL = re.compile(r"[\d一二三四五六七八九十]")
_GRADE = re.compile("([优良中低差])[秀好等]?")


@rule("WT-02", Severity.ERROR, SCALE)
def levels_add_up(report: Report, _: Provisions) -> Iterator[Observation]:
    """Compare points in the label of a dimension or category, or in subtotals, with the rows below.

    Where rows have scores and no points, the scores must not be more than the group's points.

    Fails: 产出指标(50分) above rows with 40 and 20 points.
    Passes: 产出指标(50分) above rows with 30 and 20 points.
    Open: points of some rows are blank, or rows may be missing; no level states its points.
    """
    groups: dict[tuple[str, str], list[Indicator]] = {}
    for row in report.indicators:
        groups.setdefault((words_of(row.dimension), ""), []).append(row)
        groups.setdefault((words_of(row.dimension), words_of(row.category)), []).append(row)
    for (above, category), rows in groups.items():
        label = rows[0].category if category else rows[0].dimension
        printed = _STATED.search(category or above)
        if label and printed:
            yield from _level(report, label, Decimal(printed[1]), rows)
        subtotals = [e for name, e in report.extra if name.startswith(f"小计/{above}/points")]
        for entry in numbers(subtotals) if len(subtotals) == 1 and not category else ():
            yield from _level(report, entry, value_of(entry), rows)
    found, total = available(report), report.total_points
    if found and found.is_whole and total and number(total):
        sums = [found.total, found.total - found.execution, HUNDRED]  # WT-01 is about the scale
        said = (total.text, shown(found.total))
        yield answer(number(total) in sums, "total/points", (total, *found.entries), *said)


def _level(
    report: Report, label: Entry, stated: Decimal, rows: list[Indicator]
) -> Iterator[Observation]:
    column = "points" if numbers(row.points for row in rows) else "score"
    sum_ = added(f"points/{words_of(label)}", "sum", counted(rows, column), None)
    may_miss = report.total_score is None or any(number(row.points) is None for row in rows)
    outcome = Outcome.REVIEW if sum_.value < stated and may_miss else Outcome.FAIL
    is_right = sum_.value == stated or (column == "score" and sum_.value < stated)
    if sum_.inputs:
        said, seen = (shown(sum_.value), shown(stated), sum_.arithmetic), (label, *sum_.inputs)
        yield answer(is_right or outcome, sum_.subject, seen, *said)


@rule("WT-03", Severity.NOTE, WEIGHTS, ("weights", "weights_with_cost", "execution_points"))
def points_keep_the_pattern(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare points for execution, (cost,) output, benefit and satisfaction with the usual ones.

    Units may deviate for a reason; some places leave them free. Points of a
    satisfaction that is left out go to the benefit.

    Fails: 10, 60, 20 and 10.
    Passes: 10, 50, 30 and 10.
    Open: no points for execution are printed. Only they are compared where the sum is not 100.
    """
    found, labels = available(report), {words_of(row.dimension) for row in report.indicators}
    if found is None:
        return
    costs = ["成本"] if any("成本" in label for label in labels) else []
    kinds = [*costs, "产出", "效益", "满意"]
    groups = [
        [row for row in report.indicators if kind in words_of(row.dimension)] for kind in kinds
    ]
    own = [found.execution, *(sum_of(counted(rows, "points")) for rows in groups)]
    parts = str(law["weights_with_cost" if costs else "weights"].value)
    usual = [law["execution_points"].number, *map(Decimal, re.findall(r"\d+", parts))]
    if not own[-1] and len(usual) == len(own):
        usual[-2:] = [usual[-2] + usual[-1], ZERO]
    is_whole = found.total == sum(own) == HUNDRED and sum(usual) == HUNDRED
    count = len(own) if is_whole else 1  # or only the points for execution can be compared
    if found.execution:
        said = ("/".join(map(shown, own[:count])), "/".join(map(shown, usual[:count])))
        yield answer(own[:count] == usual[:count], "points", found.entries, *said)


@rule("WT-04", Severity.WARNING, SCALE)
def points_are_above_zero(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for indicators with a target whose points are zero or negative.

    Fails: a target of 95% that carries 0 points.
    Passes: every indicator carries points.
    Open: no points are printed.
    """
    rows = [row for row in report.indicators if numbers((row.points,)) and words_of(row.target)]
    yield from listed("points", [row for row in rows if value_of(row.points) <= 0], rows)


@rule("WT-05", Severity.NOTE, WEIGHTS)
def no_indicator_dominates(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for one indicator that carries more than half of the points of all indicators.

    Fails: 60 of 90 points on one indicator.
    Passes: no indicator has more than 45 of 90.
    Open: no points are printed.
    """
    rows = [row for row in report.indicators if numbers((row.points,))]
    most = DOMINANT * sum_of(counted(rows, "points"))
    yield from listed("points", [r for r in rows if value_of(r.points) > most > 0], rows)


def _rows(report: Report) -> Iterator[tuple[Indicator, Entry, Decimal, Decimal]]:
    """Yield the scored indicators with score and points."""
    for scored in scored_rows(report):
        if scored.row:
            yield scored.row, scored.score, scored.earned, scored.worth


@rule("SC-02", Severity.WARNING, QUANTITY, ("overshoot_notice_at",))
def met_target_earns_its_points(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for targets that are met, in numbers, dates or words, without full points or a cause.

    Fails: target 98%, actual 98%, 19.6 of 20 points, no cause.
    Passes: target 98%, actual 98%, 20 of 20; or fewer, and a cause says why.
    Open: the target is far exceeded, or its direction is not printed; no target is met.
    """
    for row, printed, score, points in _rows(report):
        if met(row) is Met.FULLY:
            is_right = score >= points - HUNDREDTH or gives_reason(row.explanation)
            found = "" if is_right else compare(row)
            may_be = not isinstance(found, str) and (
                (found.direction is Direction.LOWER and found.assumed != ())
                or found.actual.low > found.target * law["overshoot_notice_at"].number
            )
            outcome = is_right or (Outcome.REVIEW if may_be else Outcome.FAIL)
            seen = (printed, row.points, row.explanation)
            yield about(outcome, row, *seen, expected=shown(points))


@rule("SC-05", Severity.ERROR, QUANTITY, ("equality_over_target",))
def exact_targets_are_kept(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for scores on targets of zero that were exceeded.

    Exact targets that are overfulfilled are noted where the place scores them again by hand.

    Fails: target =0起, actual 2起, 10 points scored.
    Passes: target 0起, actual 0起, full points.
    Open: no target is zero or exact, or a bare zero was exceeded.
    """
    for row, printed, score, points in _rows(report):
        if isinstance(found := compare(row), str):
            continue
        sign, got = found.inputs[0].reading.comparator, found.actual.low
        if found.target == 0 and sign not in (">", "≥"):
            outcome = Outcome.FAIL if sign and not found.is_vague else Outcome.REVIEW
            yield about(got <= 0 or score <= 0 or outcome, row, printed, expected="0")
        elif sign == "=" and found.direction is Direction.EQUAL:
            is_over = law["equality_over_target"].value != "full" and got > found.target
            is_over = is_over and score == points
            yield about(not is_over, row, printed, says="over", severity=Severity.NOTE)


@rule("SC-06", Severity.ERROR, QUALITY, ("qualitative_tiers",))
def scores_keep_to_their_tier(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare scores of targets in words with the shares that their tier admits.

    Firm where the form states the tier in the regulation's words; noted where a word of degree
    (较及时, 未完成) tells it.

    Fails: 部分达成年度指标并具有一定效果 and 9 of 10 points, 6 to 8 admitted.
    Passes: 达成年度指标 and 8 of 10 points.
    Open: no target in words whose tier is known.
    """
    middle, low = (Decimal(part) for part in str(law["qualitative_tiers"].value).split("/"))
    spans = {"1": (middle, ONE), "2": (low, middle), "3": (ZERO, low)}
    by_degree = {Met.FULLY: (middle, ONE), Met.MISSED: (ZERO, low)}
    for row, printed, score, points in _rows(report):
        said, degree = words_of(row.actual), met(row) if isinstance(compare(row), str) else None
        tier = named("tiers", said)
        if tier or degree is not None:
            span = spans[tier] if tier else by_degree.get(degree or Met.MISSED, (low, ONE))
            least, most = (share * points for share in span)
            is_other = not tier and degree is not Met.FULLY and score == points  # SC-07 says so
            is_right = least - HUNDREDTH <= score <= most + HUNDREDTH or is_other
            severity, due = None if tier else Severity.NOTE, f"{shown(least, 2)} - {shown(most, 2)}"
            yield about(is_right, row, printed, row.points, expected=due, severity=severity)


@rule("SC-07", Severity.WARNING, QUALITY)
def weaker_wording_costs_points(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for full points where the actual value is worded more weakly than the target.

    Fails: target 及时, actual 较及时, 7 of 7 points.
    Passes: target 及时, actual 较及时, 5.6 of 7 points; or actual 及时.
    Open: only emphasis is missing (显著提升, 提升); no target in words, or unknown wording.
    """
    for row, printed, score, points in _rows(report):
        degree = met(row) if isinstance(compare(row), str) else None
        if degree is not None:
            outcome = Outcome.REVIEW if degree is Met.BELOW else Outcome.FAIL
            is_right = degree is Met.FULLY or score < points
            yield about(is_right or outcome, row, printed, row.points)


@rule("SC-08", Severity.WARNING, QUANTITY)
def numeric_targets_have_numbers(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for words as the actual value of a target that is a number.

    Fails: target ≤30万元, actual 完成.
    Passes: target ≤30万元, actual 29.5万元.
    Open: the words hold a number or a cause is given beside them; no target is a number.
    """
    for row in report.indicators:
        if number(row.target) is not None and row.actual and not is_empty(row.actual):
            is_right = row.actual.reading.status not in (Status.WORDS, Status.DATE)
            may_be = is_right or _NUMERAL.search(row.actual.text) or gives_reason(row.explanation)
            yield about(is_right or (Outcome.REVIEW if may_be else Outcome.FAIL), row, row.actual)


@rule("SC-09", Severity.WARNING, QUANTITY)
def target_and_actual_share_a_unit(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for targets and actual values whose units measure different things.

    A hundredfold difference between a percentage and a bare number is noted, and a rate that is
    given as a count.

    Fails: target 550万元, actual 20台.
    Passes: target 1.5万人次, actual 15200人.
    Open: no target and actual value both carry a unit.
    """
    for row in report.indicators:
        pair = [e.reading for e in numbers((row.target, row.actual))]
        if len(pair) < 2:
            continue
        units = [base_unit(reading.unit)[1] or reading.unit for reading in pair]
        kinds = [named("units", unit) for unit in units]
        if all(kinds):
            is_rate = words_of(row.name).endswith("率") and kinds == ["count", "count"]
            severity = Severity.NOTE if is_rate else None
            ok = kinds[0] == kinds[1] and not is_rate
            yield about(ok, row, row.actual, says="rate" if is_rate else "", severity=severity)
        elif "share" in kinds and "" in (pair[0].unit, pair[1].unit):
            low, high = sorted(abs(reading.value or ZERO) for reading in pair)
            is_near = low == 0 or high / low < HUNDRED / 2
            yield about(is_near, row, row.actual, says="scale", severity=Severity.NOTE)


@rule("TT-02", Severity.ERROR, SCALE, ("points_total",))
def total_keeps_to_the_scale(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for totals above the scale or below zero; on forms with a bonus (加分) they are noted.

    Fails: total 102, no bonus on the form.
    Passes: total 100.
    Open: the form's own points come to more than 100; no total is printed.
    """
    total, scale = number(report.total_score), law["points_total"].number
    if total is not None:
        boxes = "".join(words_of(entry) for _, entry in report.extra)
        is_bonus = any(word in boxes for word in BONUS_WORDS)
        is_bonus = is_bonus or any(mentions(row, BONUS_WORDS) for row in report.indicators)
        is_own = scale < total <= (number(report.total_points) or scale)
        outcome = ZERO <= total <= scale or (Outcome.REVIEW if is_own else Outcome.FAIL)
        said, severity = (shown(total), f"0 - {shown(scale)}"), Severity.NOTE if is_bonus else None
        seen = (report.total_score, report.total_points)
        yield answer(outcome, "total/score", seen, *said, severity=severity)


@rule("TT-03", Severity.ERROR, RATING, ("rating_bands",))
def rating_follows_from_total(report: Report, law: Provisions) -> Iterator[Observation]:
    """Compare the printed rating (优良中差) with the band of the printed total, bounds included.

    Fails: total 89.5, rating 优.
    Passes: total 90, rating 优.
    Open: other bands may be in use; no rating or no total is printed, or in other words.
    """
    total, printed = number(report.total_score), words_of(report.rating)
    if total is not None and printed:
        own, bands = _GRADE.fullmatch(printed), str(law["rating_bands"].value)
        due = rating_for(total, bands)
        is_other = printed[0] == "低" and len(bands.split("/")) < 4  # a scale of five bands
        outcome = Outcome.OPEN if own is None or is_other else Outcome.FAIL
        if own and own[1] == rating_for(total, OTHER_BANDS):
            outcome = Outcome.REVIEW
        seen = (report.rating, report.total_score)
        said = (printed, due, f"{shown(total)}: {bands} = {due}")
        is_due = own is not None and own[1] == due
        yield answer(is_due or outcome, "rating", seen, *said)


@rule("TT-04", Severity.WARNING, RATING, ("rating_bands",))
def rating_does_not_hang_on_rounding(report: Report, law: Provisions) -> Iterator[Observation]:
    """Look for totals at a bound of the bands that the recomputed total does not reach.

    Fails: total 90 printed, the scores add up to 89.96.
    Passes: total 90.02 printed, the scores add up to 90.02.
    Open: no total or no scores are printed.
    """
    total, (rows, own) = number(report.total_score), scored_entries(report, "score")
    if total is not None and rows:
        due, bands = sum_of((*rows, *own)), str(law["rating_bands"].value)
        is_near = any(abs(total - Decimal(bound)) <= NEAR for bound in bands.split("/"))
        differs = is_near and rating_for(total, bands) != rating_for(due, bands)
        is_right = not differs or abs(total - due) > 2 * NEAR  # TT-01 says what is wrong then
        seen = (report.total_score, *rows, *own)
        yield answer(is_right, "rating", seen, shown(total), shown(due))
