"""What a re-check (复核) would score a row: proposed where a rule can say it, else left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from auditkit.comparing import Method
from auditkit.findings import Finding, Outcome, Severity
from auditkit.reviewing import Review
from auditkit.worked import Scored, Worked

_PLACES = 2  # of scores, as forms print them
OUT_OF_RANGE, EXECUTION, IN_PROPORTION = "SC-01", "EX-02", ("SC-03", "SC-04")
_FIXED, _LIMITS = "lower_is_better_formula", {str(method): method for method in Method}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A score to be taken over or changed by a reviewer, and the keys of the findings behind it.

    ``findings`` is empty where a rule agrees with the score of the form.
    """

    score: Decimal
    findings: tuple[str, ...] = ()


def proposals(review: Review) -> Mapping[str, Proposal]:
    """Return what is proposed for the rows of a form, by their paths.

    A score that a rule holds to be right stands. One that a rule holds to be too high is what the
    rule worked out; none is ever raised, since deductions may have reasons beside the figures. A
    row that no rule could judge, or only ask about, gets no proposal.
    """
    told: dict[str, list[Finding]] = {}
    for finding in review.findings:
        if finding.rule in (OUT_OF_RANGE, EXECUTION, *IN_PROPORTION) and not finding.suppressed:
            told.setdefault(finding.observation.subject, []).append(finding)
    fixed = {str(p.value) for p in review.provisions if p.name == _FIXED}
    found = {}
    for some in review.worked.scored:
        if proposal := _proposal(some, told.get(some.subject, ()), review.worked, fixed):
            found[some.subject] = proposal
    return found


def _proposal(
    some: Scored, told: list[Finding] | tuple[()], worked: Worked, fixed: set[str]
) -> Proposal | None:
    judging = [each for each in told if each.rule != OUT_OF_RANGE]
    failed = [each for each in told if each.outcome is Outcome.FAIL]
    if some.below or any(each.outcome is Outcome.REVIEW for each in told):
        return None
    keys = tuple(each.key for each in failed if each.severity is not Severity.NOTE)
    if not keys:
        is_agreed = any(each.outcome is Outcome.PASS for each in judging)
        is_agreed = is_agreed and not any(each.agrees_on_doubts for each in judging)
        return Proposal(some.earned) if is_agreed or (judging and failed) else None
    score = min(max(some.earned, Decimal(0)), some.worth)
    earned = _earned(some, worked, fixed) if judging else None
    if earned is not None:
        score = min(score, round(earned, _PLACES))
    return Proposal(score, keys) if score < some.earned else None


def _earned(some: Scored, worked: Worked, fixed: set[str]) -> Decimal | None:
    """Return what the row earns by the most favourable of the formulas that are in use."""
    if some.row is None:
        return worked.execution_score.value if worked.execution_score else None
    methods = [_LIMITS[name] for name in fixed if name in _LIMITS] or list(Method)
    earned = (some.row.earned_by(method) for method in methods)
    return max((each for each in earned if each is not None), default=None)
