"""TT: whether the total follows from the scores, keeps to the scale, and has its rating."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum

from auditkit.errors import NotInForceError
from auditkit.figures import HUNDRED, Agreement, shown
from auditkit.findings import ROWS, Finding, Observation, Outcome, Provisions, Severity, rule
from auditkit.report import (
    ZERO,
    BudgetLine,
    Entry,
    Indicator,
    counted,
    number,
    sum_of,
    value_of,
    words_of,
)
from auditkit.rules.answers import answer
from auditkit.rules.printed import prints_a_bonus
from auditkit.standards import Jurisdiction, Standards
from auditkit.wording import Series, Statement
from auditkit.worked import Worked, is_bonus

SCORING, SCALE = ("cn-mof-2020-10/scoring",), ("cn-mof-2020-10/scale",)
RATING = ("cn-mof-2020-10/rating",)
_NEAR = Decimal("0.05")  # points around a bound within which a rating hangs on the last place
OTHER_BANDS = "90/75/60"  # recalled of some places; a rating that fits them is only asked about
_GRADE = re.compile("([优良中低差])[秀好等]?")
_BEFORE = re.compile("([□○☑☒√✓✔■])([优良中低差][秀好等]?)")  # a box and its grade, or the other way
_AFTER = re.compile("([优良中低差][秀好等]?)([□○☑☒√✓✔■])")
_EMPTY = "□○"


@rule("TT-01", Severity.ERROR, SCORING, lacks=(ROWS, "score"), by_itself=True)
def total_is_the_sum(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Add up the scores of all indicators and, once, the score for execution.

    The execution score that forms repeat on the rows below the total of the funds is not
    counted again. Half a hundredth a score is allowed for rounding, at least 0.01.

    Fails: indicators 100 and execution 20 scored, total 100 printed.
    Passes: indicators 90 and execution 8.62 scored, total 98.62 printed.
    Open: the printed total is higher than the sum, and rows of the form may be missing.
    """
    total, score = worked.report.total_score, worked.score
    if total is None or number(total) is None:
        yield answer(Outcome.NOT_APPLICABLE, "total/score", says="no_total")
    elif not score.rows:
        yield answer(Outcome.NOT_APPLICABLE, "total/score", says="no_scores")
    else:
        execution = shown(sum_of(score.execution))
        sums = f"{shown(score.of_rows.value)} + {execution} = {shown(score.figure.value)}"
        outcome, says = _judge(worked)
        yield answer(
            outcome,
            score.figure,
            says=says,
            evidence=(total, *score.entries),
            arithmetic=f"{score.of_rows.formula}; {sums}",
            execution=execution,
            off=shown(abs(value_of(total) - score.figure.value)),
        )


def _judge(worked: Worked) -> tuple[Outcome, tuple[str, ...]]:
    report, score, line = worked.report, worked.score, worked.execution.line
    if score.figure.agreement is not Agreement.INCONSISTENT:
        return Outcome.PASS, ("agrees",)
    if score.of_rows.agreement is not Agreement.INCONSISTENT:
        own, points = number(report.total_points), number(line.points)
        if own is not None and own + (points or sum_of(score.execution)) == HUNDRED:
            return Outcome.PASS, ("indicators_alone",)
        return Outcome.FAIL, ("differs", "left_out")
    found = worked.available
    rows: tuple[BudgetLine | Indicator, ...] = (line, *report.indicators)
    is_whole = found is not None and found.is_whole and found.total == HUNDRED
    has_gaps = any(number(row.points) is not None and number(row.score) is None for row in rows)
    if value_of(report.total_score) > score.figure.value and (not is_whole or has_gaps):
        return Outcome.REVIEW, ("differs", "gaps")
    return Outcome.FAIL, ("differs",)


@rule("TT-02", Severity.ERROR, SCALE, ("points_total",), lacks=(ROWS, "points"), by_itself=True)
def total_keeps_to_the_scale(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for totals above the scale or below zero; on forms with a bonus (加分) they are noted.

    Rows that the form calls a bonus may take the total above the scale by what they score.

    Fails: total 102, no bonus on the form.
    Passes: total 100; or 102, and a row 加分 with a score of 2.
    Open: the form's own points come to more than 100; no total is printed.
    """
    report = worked.report
    total, scale = number(report.total_score), law["points_total"].number
    if total is not None:
        speaks, bonus = prints_a_bonus(report), [e for e in _bonuses(worked) if value_of(e) > 0]
        more = sum_of(bonus)
        is_by_bonus = scale < total <= scale + more
        is_own = scale < total <= (number(report.total_points) or scale)
        yield answer(
            ZERO <= total <= scale or is_by_bonus or (Outcome.REVIEW if is_own else Outcome.FAIL),
            "total/score",
            says="by_bonus" if is_by_bonus else (),
            evidence=(report.total_score, report.total_points, *(bonus if is_by_bonus else ())),
            reported=shown(total),
            expected=f"0 - {shown(scale)}",
            severity=Severity.NOTE if speaks else None,
            bonus=shown(more),
        )


def _bonuses(worked: Worked) -> list[Entry]:
    rows = (row for row in worked.report.indicators if is_bonus(row))
    return list(counted(row.score for row in rows))


@rule("TT-03", Severity.ERROR, RATING, ("rating_bands",))
def rating_follows_from_total(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Compare the printed rating (优良中差) with the band of the printed total, bounds included.

    Of boxes (□优 ☑良 □中 □差) the one that is ticked is the rating.

    Fails: total 89.5, rating 优.
    Passes: total 90, rating 优.
    Open: other bands may be in use; no rating or no total is printed, or in other words.
    """
    report = worked.report
    total, printed = number(report.total_score), _ticked(words_of(report.rating))
    if total is not None and printed:
        own, bands = _GRADE.fullmatch(printed), str(law["rating_bands"].value)
        due = rating_for(total, bands)
        is_other = printed[0] == "低" and len(bands.split("/")) < 4  # a scale of five bands
        outcome = Outcome.OPEN if own is None or is_other else Outcome.FAIL
        if own and own[1] == rating_for(total, OTHER_BANDS):
            outcome = Outcome.REVIEW
        is_due = own is not None and own[1] == due
        yield answer(
            is_due or outcome,
            "rating",
            evidence=(report.rating, report.total_score),
            reported=printed,
            expected=due,
            arithmetic=f"{shown(total)}: {bands} = {due}",
        )


def _ticked(text: str) -> str:
    """Return the grade whose box is ticked, and a text that is no row of boxes as it is."""
    after: list[tuple[str, str]] = [(box, grade) for grade, box in _AFTER.findall(text)]
    before: list[tuple[str, str]] = _BEFORE.findall(text)
    for found in (before, after):
        ticked = [grade for box, grade in found if box not in _EMPTY]
        if len("".join(map("".join, found))) == len(text) and len(found) > 1 == len(ticked):
            return ticked[0]
    return text


@rule("TT-04", Severity.WARNING, RATING, ("rating_bands",))
def rating_does_not_hang_on_rounding(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Look for totals at a bound of the bands that the recomputed total does not reach.

    Fails: total 90 printed, the scores add up to 89.96.
    Passes: total 90.02 printed, the scores add up to 90.02.
    Open: no total or no scores are printed.
    """
    total, score = number(worked.report.total_score), worked.score
    if total is not None and score.rows:
        due, bands = score.figure.value, str(law["rating_bands"].value)
        is_near = any(abs(total - Decimal(bound)) <= _NEAR for bound in bands.split("/"))
        differs = is_near and rating_for(total, bands) != rating_for(due, bands)
        is_right = not differs or abs(total - due) > 2 * _NEAR  # TT-01 says what is wrong then
        yield answer(
            is_right,
            "rating",
            evidence=(worked.report.total_score, *score.entries),
            reported=shown(total),
            expected=shown(due),
        )


def rating_for(score: Decimal, bands: str) -> str:
    """Return the grade of a total, each band's lower bound included.

    >>> rating_for(Decimal("90.00"), "90/80/60"), rating_for(Decimal("59.99"), "90/80/60")
    ('优', '差')
    >>> rating_for(Decimal("60"), "90/80/70/60")
    '低'
    """
    bounds = [Decimal(bound) for bound in bands.split("/")]
    grades = zip("优良中低", bounds, strict=False)
    return next((grade for grade, bound in grades if score >= bound), "差")


class Grading(StrEnum):
    """Whether a total has a grade by the standards; see figures.toml."""

    RATED = "rated"  # facts: rating, total, bands
    WITHHELD = "withheld"  # facts: reasons, each of a kind of ``Withheld``


class Withheld(StrEnum):
    """Why a total has no grade by the standards; see figures.toml."""

    NOT_THE_SUM = "not the sum"  # facts: printed, total
    OFF_THE_SCALE = "off the scale"  # facts: total, scale
    OTHER_POINTS = "other points"  # facts: points, scale


def grading(
    worked: Worked, findings: Iterable[Finding], standards: Standards, place: Jurisdiction
) -> Statement | None:
    """Return the grade of the recomputed total, or why it is withheld, as something to be said.

    A grade rests on the total: where that is not the sum of the scores, or not on the scale that
    the bands divide, there is none to be given. ``None`` where nothing is printed to grade, or no
    bands are in force.
    """
    figure = worked.score.figure
    if not worked.score.cells or figure.agreement is None:
        return None
    try:
        bands, scale = (
            standards.in_force(name, place.code, place.on)
            for name in ("rating_bands", "points_total")
        )
    except NotInForceError:
        return None
    if reasons := tuple(_withheld(worked, findings, scale.number)):
        return Statement.of(Grading.WITHHELD, reasons=Series(reasons))
    rating = rating_for(figure.value, str(bands.value))
    facts = {"rating": rating, "total": shown(figure.value), "bands": str(bands.value)}
    return Statement.of(Grading.RATED, **facts)


def _withheld(worked: Worked, findings: Iterable[Finding], scale: Decimal) -> Iterator[Statement]:
    """Yield why a total must not be graded, by its own figures and by what the rules found."""
    figure, available, report = worked.score.figure, worked.available, worked.report
    counted = [finding for finding in findings if not finding.suppressed]
    passed = {finding.rule for finding in counted if finding.outcome is Outcome.PASS}
    # What failed and is to be looked at first is nothing to rest a grade on either.
    failed = {each.rule for each in counted if each.outcome is Outcome.FAIL or each.doubts}
    if figure.agreement is Agreement.INCONSISTENT and "TT-01" not in passed:
        facts = {"printed": words_of(report.total_score), "total": shown(figure.value)}
        yield Statement.of(Withheld.NOT_THE_SUM, **facts)
    off = [v for v in (figure.value, value_of(report.total_score)) if not ZERO <= v <= scale]
    if off:
        yield Statement.of(Withheld.OFF_THE_SCALE, total=shown(off[0]), scale=shown(scale))
    is_own = available is not None and number(report.total_points) == available.total != scale
    if available and ("WT-01" in failed or is_own):
        facts = {"points": shown(available.total), "scale": shown(scale)}
        yield Statement.of(Withheld.OTHER_POINTS, **facts)
