"""SC: whether scores are what was earned: within their points, in proportion, in their tier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from auditkit.comparing import Comparison, Direction, Method
from auditkit.doubts import DoubtKind
from auditkit.figures import HUNDRED, HUNDREDTH, ONE, half_unit, score_allowance, shown
from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import Reading, Status, base_unit
from auditkit.report import ZERO, Entry, Indicator, is_empty, number, numbers, value_of, words_of
from auditkit.rules.answers import DUTY, answer
from auditkit.rules.covering import unjudged_rows
from auditkit.rules.deductions import left_by_rule, printed_deduction, printed_rule
from auditkit.rules.printed import gives_reason, prints_a_bonus, told_of
from auditkit.standards.vocabulary import Met, is_scale, named, speaks_of
from auditkit.wording import Series
from auditkit.worked import IndicatorRow, Scored, Worked, is_bonus

SCORING = ("cn-mof-2020-10/scoring", DUTY)
MEANT = "cn-budget-law-rules-2020/evaluation"  # against the targets that were set
QUANTITY = ("cn-mof-2020-10/quantitative", MEANT, DUTY)
QUALITY = ("cn-mof-2020-10/qualitative", MEANT, DUTY)
_NUMERAL = re.compile(r"[\d一二三四五六七八九十]")
_AFTER_TWO = re.compile(r"2([1-9]\d*(?:\.\d+)?)(?![\d,])")
_FORMULAS = {method.value: (method, method) for method in Method}  # the least and the most


@rule("SC-01", Severity.ERROR, SCORING, by_itself=True)
def score_lies_within_points(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scores above their points, negative, or other than what is printed as taken off.

    On forms that speak of a bonus (加分) they are only noted: some allow one above the points.

    Fails: 10 points, 11 scored; 50 points, 4 taken off in a column of their own (扣分), 50 scored.
    Passes: 10 points, 10 scored.
    Open: points or score are blank in every row.
    """
    allows_bonus = prints_a_bonus(worked.report)
    for some in worked.scored:
        may_exceed = allows_bonus and some.earned >= ZERO
        is_within = ZERO <= some.earned <= some.worth
        outside = ("scored", "bonus" if may_exceed else "outside")
        yield answer(
            is_within,
            some.subject,
            says="scored" if is_within else outside,
            evidence=(some.score, some.points, *some.others),
            reported=some.earned_text,
            expected=f"0…{some.worth_text}",
            severity=Severity.NOTE if may_exceed else None,
            points=some.worth_text,
        )
        yield from _taken_off(some)


def _taken_off(some: Scored) -> Iterator[Observation]:
    """Answer where what a row prints as taken off is not what its score lacks."""
    found = printed_deduction(some.row.indicator) if some.row and not some.below else None
    if found is None or abs(some.worth - found[1] - some.earned) <= HUNDREDTH:
        return
    entry, off = found
    yield answer(
        Outcome.FAIL,
        f"{some.subject}/deduction",
        says=("scored", "taken_off"),
        evidence=(some.score, some.points, entry),
        reported=some.earned_text,
        expected=shown(some.worth - off),
        arithmetic=f"{some.worth_text} - {shown(off)} = {shown(some.worth - off)}",
        points=some.worth_text,
        off=shown(off),
    )


def _rows(worked: Worked) -> Iterator[tuple[IndicatorRow, Scored]]:
    """Yield the scored indicators, but for scores that are those of several rows."""
    return ((some.row, some) for some in worked.scored if some.row and not some.below)


@rule("SC-02", Severity.WARNING, QUANTITY, ("overshoot_notice_at",))
def met_target_earns_its_points(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for targets that are met, in numbers, dates or words, without full points or a cause.

    That no cause is given is DV-01's question, where the form has a place for one.

    Fails: target 98%, actual 98%, 19.6 of 20 points, no cause.
    Passes: target 98%, actual 98%, 20 of 20; or fewer, and a cause says why.
    Open: the target is far exceeded, its direction is not printed, or a text elsewhere names the
    row and gives a cause; no target is met.
    """
    for row, some in _rows(worked):
        if row.met is Met.FULLY:
            cause, found = row.indicator.explanation, row.comparison
            is_right = some.earned >= some.worth - HUNDREDTH or gives_reason(cause)
            may_be = found is not None and (
                (found.direction is Direction.LOWER and found.assumed != ())
                or found.actual.low > found.target * law["overshoot_notice_at"].number
            )
            may_be = may_be or told_of(worked.report, row.name) != ()
            yield answer(
                is_right or (Outcome.REVIEW if may_be else Outcome.FAIL),
                row.indicator,
                evidence=(some.score, some.points, cause),
                expected=shown(some.worth),
            )


@rule("SC-03", Severity.ERROR, QUANTITY)
def missed_target_costs_points(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare the score of a missed target, higher being better, with points x actual / target.

    Left to a person: an actual value that is only a bound or a range, figures of which one has no
    unit, and a target such as 26次 without a sign, beside others with one or a misread one (290%),
    whose 2 may be a misread ≥. A score below the proportional one is noted, since deductions may
    go further.

    Fails: target 100%, actual 80%, 11 of 11 points scored.
    Passes: target >=38508人, actual 37442人, 2.9 of 3 points scored.
    Open: each row with a score that neither this rule nor another of scores can judge, and why.
    """
    targets = [row.target for row in worked.report.indicators if row.target]
    is_signed = any(_bears_a_sign(target.reading) for target in targets)
    for row, some in _rows(worked):
        if (found := row.comparison) and found.direction is not Direction.LOWER:
            is_misread = is_signed and _hides_a_sign(some, found)
            rule_ = printed_rule(worked.report, row.indicator)
            formulas = _FORMULAS[Method.RATIO]
            yield _judge(some, row, found, formulas, is_misread=is_misread, own=rule_)
    for row, why in unjudged_rows(worked):
        if why:
            evidence = (row.indicator.score,)
            yield answer(Outcome.OPEN, row.indicator, says="open", evidence=evidence, why=why)


def _bears_a_sign(target: Reading) -> bool:
    """Tell whether a target is printed with ≥, or with what is a misread one."""
    kinds = {doubt.kind for doubt in target.suspicions}
    return target.comparator == "≥" or DoubtKind.MISREAD_AT_LEAST in kinds


def _hides_a_sign(some: Scored, found: Comparison) -> bool:
    """Tell whether full points would be right if the 2 that a target begins with were a ≥."""
    target, rest = found.inputs[0], _AFTER_TWO.match(words_of(found.inputs[0]))
    if not rest or _bears_a_sign(target.reading) or some.earned != some.worth:
        return False
    factor = found.target / value_of(target)
    return found.actual.low >= Decimal(rest[1]) * factor


@rule("SC-04", Severity.ERROR, QUANTITY, parameters=("lower_is_better_formula",))
def exceeded_limit_costs_points(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare the score of an exceeded limit, lower being better, with what formulas give.

    Two are in use: points x target / actual, and points x (1 - excess / target), which is never
    more. Where the place does not fix one, the more favourable is the limit, and a score
    between the two is noted. That lower is better is left to a person where only the name or
    category of the indicator tells so.

    Fails: target <=5300元/户, actual 5830元/户, 10 of 10 points scored, 9.09 at most.
    Passes: target <=12, actual 11, full points.
    Open: no indicator has a limit and a numeric actual value.
    """
    fixed = str(law["lower_is_better_formula"].value)
    formulas = _FORMULAS.get(fixed, (Method.LINEAR, Method.RATIO))
    for row, some in _rows(worked):
        if row.comparison and row.comparison.direction is Direction.LOWER:
            rule_ = printed_rule(worked.report, row.indicator)
            yield _judge(some, row, row.comparison, formulas, own=rule_)


def _judge(
    some: Scored,
    row: IndicatorRow,
    comparison: Comparison,
    formulas: tuple[Method, Method],
    *,
    is_misread: bool = False,
    own: Entry | None = None,
) -> Observation:
    """Judge a score by the formulas that give the least and the most.

    Where the target ``is_misread``, perhaps, what fails is asked; so is what fails beside a rule
    of the form's ``own``, which passes where the score is what that leaves.
    """
    low, high = (row.earned_by(method) for method in formulas)
    outcome, severity, said = _stands(some, comparison, low, high)
    own = own if outcome is Outcome.FAIL else None
    left = left_by_rule(own, comparison, some.worth) if own else None
    if own:
        outcome, severity = _within(some, left), None
        low, high = left or (low, high)
    is_misread = is_misread and outcome is Outcome.FAIL
    outcome = Outcome.REVIEW if is_misread else outcome
    is_assumed = outcome is not Outcome.PASS and comparison.assumed != ()
    (target, actual), arithmetic = comparison.inputs, ""
    if high is not None and not comparison.is_met and not left:
        arithmetic = f"{comparison.times_ratio(some.worth)} = {shown(high)}"
    least, most = ("" if end is None else shown(end, 2) for end in (low, high))
    return answer(
        outcome,
        some.subject,
        says=("row", "own" if own else said, "misread" * is_misread, "assumed" * is_assumed),
        evidence=(some.score, target, actual, some.points, own),
        reported=some.score.text,
        expected=most if least == most else f"{least} - {most}",  # the rules leave a choice
        arithmetic=arithmetic,
        severity=severity,
        target=target.text,
        actual=actual.text,
        points=shown(some.worth),
        low=least,
        high=most,
        over="" if high is None else shown(abs(some.earned - high), 2),
        reasons=Series(comparison.assumed),
        own=words_of(own),
    )


def _within(some: Scored, left: tuple[Decimal, Decimal] | None) -> Outcome:
    """Pass a score that the form's own rule leaves; one that it does not is for a person."""
    is_given = left is not None and left[0] - HUNDREDTH <= some.earned <= left[1] + HUNDREDTH
    return Outcome.PASS if is_given else Outcome.REVIEW


def _stands(
    some: Scored, comparison: Comparison, low: Decimal | None, high: Decimal | None
) -> tuple[Outcome, Severity | None, str]:
    """Tell how a score stands to what is earned in proportion, and the part that says so."""
    got, places = some.earned, some.score.reading.decimals
    allowed = score_allowance(places)
    if comparison.is_met:
        return Outcome.PASS, None, "met"
    if low is None or high is None:
        return Outcome.PASS if got < some.worth else Outcome.REVIEW, None, "vague"
    is_whole = places == 0 and abs(got - high) <= half_unit(0)
    if is_whole and abs(got - high) > allowed and got != some.worth:
        return Outcome.FAIL, Severity.NOTE, "whole"
    if got > high + allowed:
        is_lower = comparison.direction is Direction.LOWER
        may_be = comparison.lacks_a_unit or (is_lower and comparison.assumed != ())
        # The form may not say what the judgement rests on.
        return Outcome.REVIEW if may_be else Outcome.FAIL, None, "at_most"
    if got > low + allowed:
        return Outcome.FAIL, Severity.NOTE, "between"
    if got < low - allowed:
        return Outcome.FAIL, Severity.NOTE, "below"
    return Outcome.PASS, None, "in_proportion"


@rule("SC-05", Severity.ERROR, QUANTITY, ("equality_over_target",))
def exact_targets_are_kept(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for scores on targets of zero that were exceeded.

    Exact targets that are overfulfilled are noted where the place scores them again by hand.

    Fails: target =0起, actual 2起, 10 points scored.
    Passes: target 0起, actual 0起, full points.
    Open: no target is zero or exact, or a bare zero was exceeded.
    """
    is_full = law["equality_over_target"].is_full
    for row, some in _rows(worked):
        if (found := row.comparison) is None:
            continue
        sign, got, evidence = found.inputs[0].reading.comparator, found.actual.low, (some.score,)
        if found.target == 0 and sign not in (">", "≥"):
            outcome = Outcome.FAIL if sign and not found.is_vague else Outcome.REVIEW
            ok = got <= 0 or some.earned <= 0 or outcome
            yield answer(ok, row.indicator, evidence=evidence, expected="0")
        elif sign == "=" and found.direction is Direction.EQUAL:
            is_over = not is_full and got > found.target and some.earned == some.worth
            yield answer(
                not is_over, row.indicator, wrong="over", evidence=evidence, severity=Severity.NOTE
            )


@rule("SC-06", Severity.ERROR, QUALITY, ("qualitative_tiers",))
def scores_keep_to_their_tier(worked: Worked, law: Provisions) -> Iterator[Observation]:
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
    for row, some in _rows(worked):
        degree = None if row.comparison else row.met
        tier = named("tiers", words_of(row.indicator.actual))
        if tier or degree is not None:
            span = spans[tier] if tier else by_degree.get(degree or Met.MISSED, (low, ONE))
            least, most = (share * some.worth for share in span)
            # SC-07 says so of full points.
            is_other = not tier and degree is not Met.FULLY and some.earned == some.worth
            is_within = least - HUNDREDTH <= some.earned <= most + HUNDREDTH
            yield answer(
                is_within or is_other,
                row.indicator,
                evidence=(some.score, some.points),
                expected=f"{shown(least, 2)} - {shown(most, 2)}",
                severity=None if tier else Severity.NOTE,
            )


@rule("SC-07", Severity.WARNING, QUALITY)
def weaker_wording_costs_points(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for full points where the actual value is worded more weakly than the target.

    Fails: target 及时, actual 较及时, 7 of 7 points.
    Passes: target 及时, actual 较及时, 5.6 of 7 points; or actual 及时.
    Open: only emphasis is missing (显著提升, 提升); no target in words, or unknown wording.
    """
    for row, some in _rows(worked):
        if row.comparison is None and row.met is not None:
            outcome = Outcome.REVIEW if row.met is Met.BELOW else Outcome.FAIL
            is_right = row.met is Met.FULLY or some.earned < some.worth
            yield answer(is_right or outcome, row.indicator, evidence=(some.score, some.points))


@rule("SC-08", Severity.WARNING, QUANTITY)
def numeric_targets_have_numbers(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for words as the actual value of a target that is a number.

    Fails: target ≤30万元, actual 完成.
    Passes: target ≤30万元, actual 29.5万元; target 0起, actual 未发生.
    Open: the words hold a number or a cause is given beside them; no target is a number.
    """
    for each in worked.indicators:
        row, reached = each.indicator, each.reached
        if _is_silence(row):  # IN-03 says that this is no survey
            continue
        if number(row.target) is not None and row.actual and not is_empty(row.actual):
            is_right = row.actual.reading.status not in (Status.WORDS, Status.DATE)
            is_right = is_right or (reached is not None and reached.is_met)
            may_be = is_right or _NUMERAL.search(row.actual.text) or gives_reason(row.explanation)
            outcome = Outcome.REVIEW if may_be else Outcome.FAIL
            yield answer(is_right or outcome, row, evidence=(row.actual,))


def _is_silence(row: Indicator) -> bool:
    labels = words_of(row.category) + words_of(row.name)
    return "满意" in labels and speaks_of("no_complaint", words_of(row.actual))


@rule("SC-09", Severity.WARNING, QUANTITY, by_itself=True)
def target_and_actual_share_a_unit(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for targets and actual values whose units measure different things.

    A hundredfold difference between a percentage and a bare number is noted, and a rate that is
    given as a count. A grade (好, 优) beside an amount is for a person to look at.

    Fails: target 550万元, actual 20台.
    Passes: target 1.5万人次, actual 15200人.
    Open: target 好, actual 757万平方米; no target and actual value both carry a unit.
    """
    for row in worked.report.indicators:
        pair, evidence = [e.reading for e in numbers((row.target, row.actual))], (row.actual,)
        if _is_graded(row.target) and number(row.actual) is not None and not _is_share(row.actual):
            yield answer(Outcome.REVIEW, row, wrong="grade", evidence=evidence)
        if len(pair) < 2:
            continue
        units = [base_unit(reading.unit)[1] or reading.unit for reading in pair]
        kinds = [named("units", unit) for unit in units]
        if all(kinds):
            is_rate = words_of(row.name).endswith("率") and kinds == ["count", "count"]
            yield answer(
                kinds[0] == kinds[1] and not is_rate,
                row,
                wrong="rate" if is_rate else "wrong",
                evidence=evidence,
                severity=Severity.NOTE if is_rate else None,
            )
        elif "share" in kinds and "" in (pair[0].unit, pair[1].unit):
            low, high = sorted(abs(reading.value or ZERO) for reading in pair)
            is_near = low == 0 or high / low < HUNDRED / 2
            note = Severity.NOTE
            yield answer(is_near, row, wrong="scale", evidence=evidence, severity=note)


def _is_graded(target: Entry | None) -> bool:
    text = words_of(target).removeprefix("定性")
    return is_scale(text) or named("scales", text).isdigit()


def _is_share(actual: Entry | None) -> bool:
    return actual is not None and not base_unit(actual.reading.unit)[1]


@rule("SC-10", Severity.WARNING, QUANTITY)
def other_targets_are_reached(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for full points where a range, a deadline, an absence or a figure with 左右 was missed.

    No score follows from these, but not all points are earned. Left to a person: a deadline whose
    year is not printed (6月前完成 beside 11月完成), what only words tell, and what is printed with
    左右 or 约 and off by more than a tenth. Beyond the better end of a range is reached.

    Fails: target 15%~20%, actual 8%, 30 of 30 points; target 无安全事故, actual 发生3起.
    Passes: target 15%~20%, actual 17%; or points are lost.
    Open: no target is of these kinds, or its actual value is of another.
    """
    for row, some in _rows(worked):
        if row.reached is not None:
            is_right = row.reached.is_met or some.earned < some.worth
            yield answer(
                is_right or (Outcome.FAIL if row.reached.is_sure else Outcome.REVIEW),
                row.indicator,
                evidence=(some.score, some.points),
                by=row.reached.by,
                points=shown(some.worth),
            )


@rule("SC-11", Severity.WARNING, QUANTITY)
def scores_rest_on_values(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scores above zero beside an actual value, or a target, that is blank or a dash.

    A name that holds the number to be reached stands for a target.

    Fails: target ≥100人, actual /, 20 of 20 points.
    Passes: target and actual value say something; or nothing is scored.
    Open: the target is no number, or points are lost; no row has points and a score.
    """
    for row, some in _rows(worked):
        target, actual = row.indicator.target, row.indicator.actual
        is_aimless = target is not None and is_empty(target) and not _NUMERAL.search(row.name)
        is_unproved = actual is not None and is_empty(actual)
        is_right = some.earned <= 0 or not (is_aimless or is_unproved) or is_bonus(row.indicator)
        is_plain = is_unproved and number(target) is not None and some.earned >= some.worth
        yield answer(
            is_right or (Outcome.FAIL if is_plain else Outcome.REVIEW),
            row.indicator,
            wrong="no_actual" if is_unproved else "no_target",
            evidence=(some.score, some.points),
            points=shown(some.worth),
        )
