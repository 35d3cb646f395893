"""RV: the columns of whoever re-checked the form: scores, deviations and the reasons given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from auditkit.figures import HUNDRED, half_unit, shown
from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import read_number
from auditkit.report import ZERO, Entry, Extra, number, words_of
from auditkit.rules.answers import answer
from auditkit.rules.printed import gives_reason
from auditkit.standards.vocabulary import named
from auditkit.worked import Worked

DEDUCTIONS = ("re-check-practice/deductions", "chengdu-re-check-2026/hollow")
_SHARE = re.compile(r"(?:扣减?除?|核减|减)[^\d,。;、]{0,6}(\d{1,3}(?:\.\d+)?)%")
_CENT = Decimal("0.005")  # points that rounding to two places may add


@dataclass(frozen=True, slots=True)
class _Checked:
    """A row with its points and own score, and what a reviewer wrote beside them."""

    path: str
    points: Entry | None
    own: Entry | None
    score: Entry | None = None
    deviation: Entry | None = None
    remark: Entry | None = None

    @property
    def given(self) -> Decimal | None:
        """The score of the review as a number."""
        return None if self.score is None else _number(self.score)

    @property
    def claimed(self) -> Decimal | None:
        """The score of the unit as a number."""
        return number(self.own)

    @property
    def cells(self) -> tuple[Entry | None, ...]:
        """What an answer about the row stands on."""
        return (self.score, self.own, self.points, self.deviation, self.remark)


def _number(entry: Entry) -> Decimal | None:
    """Return a number of a column that the form's own rows do not have."""
    known = number(entry)
    return known if known is not None else read_number(entry.text).value


def _checked(worked: Worked) -> Iterator[_Checked]:
    """Yield the rows that have a column of a reviewer's score."""
    for row in worked.report.indicators:
        found = _columns(row.extra)
        remark = found.pop("remark", None) or row.explanation
        found.pop("value", None)
        if "score" in found:
            yield _Checked(row.path, row.points, row.score, remark=remark, **found)
    line = worked.execution.line
    found = _columns(line.extra)
    found.pop("value", None)
    if "score" in found:
        yield _Checked(f"budget/{line.name}", line.points, line.score, **found)


def _columns(extra: Extra) -> dict[str, Entry]:
    kinds = ((named("review", re.sub(r"\s", "", label)), entry) for label, entry in extra)
    return {kind: entry for kind, entry in kinds if kind}


@rule("RV-01", Severity.ERROR, DEDUCTIONS, by_itself=True)
def review_scores_keep_to_points(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scores of a review that are higher than the points, or negative.

    Fails: 15 points, 16 given by the review.
    Passes: 15 points, 9 given by the review.
    Open: the form has no column for the score of a review, or it is blank.
    """
    for row in _checked(worked):
        points, given = number(row.points), row.given
        if points is not None and given is not None:
            yield answer(
                ZERO <= given <= points,
                f"{row.path}/review",
                evidence=(row.score, row.points),
                reported=shown(given),
                expected=f"0…{shown(points)}",
            )


@rule("RV-02", Severity.WARNING, DEDUCTIONS, by_itself=True)
def deductions_have_a_reason(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scores that the review lowered without a word.

    Fails: 15 by the unit, 9 by the review, the remark is blank.
    Passes: 15 by the unit, 9 by the review, and the remark says why; or both are 15.
    Open: the form has no column for the score of a review.
    """
    for row in _checked(worked):
        own, given = row.claimed, row.given
        if own is not None and given is not None and given <= own:
            yield answer(
                given == own or gives_reason(row.remark),
                f"{row.path}/review",
                evidence=row.cells,
                reported=shown(given),
                own=shown(own),
                taken=shown(own - given),
            )


@rule("RV-03", Severity.ERROR, DEDUCTIONS, by_itself=True)
def stated_shares_are_applied(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Hold the share that a reason states (扣30%) against the one that was taken off.

    It may be a share of the unit's score or of the points.

    Fails: 15 by the unit, 9 by the review, 扣30%: 40% were taken.
    Passes: 15 by the unit, 10.5 by the review, 扣30%.
    Open: no reason states one share.
    """
    for row in _checked(worked):
        own, given, stated = row.claimed, row.given, _SHARE.findall(words_of(row.remark))
        if not own or given is None or len(stated) != 1:
            continue
        share, points = Decimal(stated[0]) / HUNDRED, number(row.points)
        due = {own * (1 - share), own - (points if points is not None else own) * share}
        taken = (own - given) / own * HUNDRED
        places = row.score.reading.decimals if row.score else 0
        yield answer(
            any(_is_rounded(one, given, places) for one in due),
            f"{row.path}/review",
            evidence=row.cells,
            reported=shown(given),
            expected=shown(own * (1 - share)),
            arithmetic=f"{shown(own)} x (1 - {stated[0]}%) = {shown(own * (1 - share))}",
            stated=f"{stated[0]}%",
            taken=f"{shown(taken, 2)}%",
        )


def _is_rounded(due: Decimal, given: Decimal, places: int) -> bool:
    """Tell whether a score is what is due at its places: a half goes up, or to the even digit."""
    place = Decimal(1).scaleb(-places)
    rounded = (due.quantize(place, way) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN))
    return abs(given - due) <= _CENT or given in rounded


@rule("RV-04", Severity.WARNING, DEDUCTIONS, by_itself=True)
def raised_scores_are_explained(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for scores that the review raised without a word.

    Fails: 10 by the unit, 10.5 by the review, the remark is blank.
    Passes: 10 by the unit, 10 by the review; or the remark says why it is more.
    Open: the form has no column for the score of a review.
    """
    for row in _checked(worked):
        own, given, points = row.claimed, row.given, number(row.points)
        is_outside = given is not None and points is not None and given > points  # RV-01
        if own is not None and given is not None and not is_outside:
            yield answer(
                given <= own or gives_reason(row.remark),
                f"{row.path}/review",
                evidence=row.cells,
                reported=shown(given),
                own=shown(own),
                more=shown(given - own),
            )


@rule("RV-05", Severity.WARNING, DEDUCTIONS, by_itself=True)
def deviations_follow(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Hold printed deviations against (self - review) / self, and blank scores against reasons.

    Fails: 15 by the unit, 9 by the review, 30% printed: it is 40%; a reason beside no score.
    Passes: 15 by the unit, 9 by the review, 40% printed.
    Open: the form has no column for deviations, and no reason stands beside a blank score.
    """
    for row in _checked(worked):
        own, given, remark = row.claimed, row.given, row.remark
        is_said = remark is not None and bool(_SHARE.search(words_of(remark)))
        if given is None and is_said:
            subject = f"{row.path}/deviation"
            yield answer(Outcome.FAIL, subject, wrong="blank", evidence=row.cells)
        printed = read_number(row.deviation.text) if row.deviation else None
        if not own or given is None or printed is None or printed.value is None:
            continue
        share = (own - given) / own
        due = share * HUNDRED if printed.unit == "%" else share
        near = half_unit(printed.decimals)
        is_same = any(abs(abs(printed.value) - abs(one)) <= near for one in (due, share * HUNDRED))
        yield answer(
            is_same,
            f"{row.path}/deviation",
            evidence=row.cells,
            reported=printed.raw,
            expected=f"{shown(share * HUNDRED, 2)}%",
            arithmetic=f"({shown(own)} - {shown(given)}) / {shown(own)} = {shown(share, 4)}",
        )
