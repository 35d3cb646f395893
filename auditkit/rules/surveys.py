"""IN: whether satisfaction was asked of the project's own people, by a survey that adds up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from auditkit.figures import HUNDRED, half_unit, shown
from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.report import Entry, Indicator, number, value_of, words_of
from auditkit.rules.answers import answer, present
from auditkit.standards.vocabulary import groups_in, speaks_of
from auditkit.worked import Worked

MEASURABLE = ("cn-budget-law-rules-2020/evaluation", "cn-budget-law/targets")
SURVEYED = (*MEASURABLE, "re-check-practice/survey")
OWN = ("cn-mof-2020-10/truthful", "cn-budget-law/evaluation", "re-check-practice/own-indicators")
_SATISFIED = "满意"
_COUNT = r"[^\d,。;、]{0,6}?(\d{1,6})[份人户张名]"
_SENT = re.compile("(?:发放|发出|下发)" + _COUNT)
_BACK = re.compile("(?:收回|回收|返回)" + _COUNT)
_VALID = re.compile("有效" + _COUNT)
_MOST = 300  # valid answers from which a rate at one place can hardly be held against them


@rule("IN-03", Severity.NOTE, SURVEYED)
def satisfaction_rests_on_a_survey(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for satisfaction of exactly 100% without a word about how it was asked for.

    That nobody complained is no answer to a question: it is found at whatever rate.

    Fails: actual 100%, no survey mentioned; 100%(未收到投诉).
    Passes: the form mentions the survey, in the value's own remark or beside it.
    Open: a rate below 100% with no word about a survey.
    """
    for row in _of_satisfaction(worked):
        if row.actual is None:
            continue
        cells = (*(entry for _, entry in row.extra), row.name, row.target, row.actual)
        texts = [words_of(entry) for entry in (*cells, row.explanation)]
        is_asked = any(speaks_of("survey", text) for text in texts)
        is_silence = not is_asked and any(speaks_of("no_complaint", t) for t in texts[-2:])
        if number(row.actual) is None and not is_silence:
            continue
        is_all = number(row.actual) == HUNDRED
        yield answer(
            is_asked or (Outcome.FAIL if is_all or is_silence else Outcome.OPEN),
            row,
            wrong="silence" if is_silence else "all" if is_all else "wrong",
            evidence=(row.actual, row.name),
        )


def _of_satisfaction(worked: Worked) -> Iterator[Indicator]:
    for row in worked.report.indicators:
        labels = (row.dimension, row.category, row.name)
        if any(_SATISFIED in words_of(label) for label in labels):
            yield row


@dataclass(frozen=True, slots=True)
class _Counts:
    """What a text says of a survey: answers sent out, come back and valid, where it says so."""

    entry: Entry
    sent: Decimal | None
    back: Decimal | None
    valid: Decimal | None


@rule(
    "IN-10", Severity.WARNING, SURVEYED, ("survey_return_min", "survey_valid_min"), by_itself=True
)
def surveys_add_up(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Hold what a form says of its survey against itself: sent, come back, valid, and the rate.

    No more can come back than was sent, and no more be valid than came back; a rate that no count
    out of so many answers gives was not worked out of them. Few answers are noted.

    Fails: 发放100份,回收120份; a rate of 97% out of 20 valid answers.
    Passes: 发放60份,回收58份; 95% out of 20 valid answers.
    Open: the form counts no answers.
    """
    for counts in _counts(worked):
        subject = f"survey/{counts.entry.path}"
        wrong = _contradiction(counts)
        fewest, share = law["survey_valid_min"].number, law["survey_return_min"].number
        thin = "" if wrong else _thin(counts, fewest, share)
        yield answer(
            not wrong and not thin,
            subject,
            wrong=wrong or thin,
            evidence=(counts.entry,),
            severity=Severity.NOTE if thin else None,
            sent=_said(counts.sent),
            back=_said(counts.back),
            valid=_said(counts.valid),
            rate=shown(100 * (counts.back or 0) / counts.sent, 2) if counts.sent else "",
            share=shown(100 * share),
            fewest=shown(fewest),
        )
    for row, rate, out_of in _rates(worked):
        step = HUNDRED / out_of
        near = (rate / step).to_integral_value() * step
        allowed = half_unit(rate_places(row.actual)) if row.actual else Decimal(0)
        yield answer(
            abs(near - rate) <= allowed,
            f"survey/{row.path}",
            wrong="no_count",
            evidence=(row.actual,),
            reported=f"{shown(rate)}%",
            valid=shown(out_of),
            near=f"{shown(near, 2)}%",
        )


def _said(count: Decimal | None) -> str:
    return "" if count is None else shown(count)


def rate_places(entry: Entry) -> int:
    """Return to how many places a percentage is printed."""
    return entry.reading.decimals


def _contradiction(counts: _Counts) -> str:
    sent, back, valid = counts.sent, counts.back, counts.valid
    if sent is not None and back is not None and back > sent:
        return "more_back"
    most = back if back is not None else sent
    return "more_valid" if most is not None and valid is not None and valid > most else ""


def _thin(counts: _Counts, fewest: Decimal, share: Decimal) -> str:
    """Tell of what a survey has too little; where all were asked, few are no fault."""
    if counts.sent and counts.back is not None and counts.back < share * counts.sent:
        return "few_back"
    least = counts.valid if counts.valid is not None else counts.back
    is_small = least is not None and least < fewest and (counts.sent or fewest) >= fewest
    return "few_valid" if is_small and counts.sent is not None else ""


def _texts(worked: Worked) -> Iterator[Entry]:
    report = worked.report
    for row in report.indicators:
        extra = (entry for _, entry in row.extra)
        yield from present(row.name, row.target, row.actual, row.explanation, *extra)
    yield from present(report.goals.expected, report.goals.actual, *(e for _, e in report.extra))


def _counts(worked: Worked) -> Iterator[_Counts]:
    for entry in _texts(worked):
        text = words_of(entry)
        if speaks_of("survey", text):
            found = [pattern.search(text) for pattern in (_SENT, _BACK, _VALID)]
            sent, back, valid = (Decimal(one[1]) if one else None for one in found)
            if sum(count is not None for count in (sent, back, valid)) > 0:
                yield _Counts(entry, sent, back, valid)


def _rates(worked: Worked) -> Iterator[tuple[Indicator, Decimal, Decimal]]:
    """Yield rates of satisfaction with how many valid answers each is out of, if that is told.

    What was answered by degrees (非常满意, 满意, 一般) is a mean, which any number may be.
    """
    counts = list(_counts(worked))
    rows = [row for row in _of_satisfaction(worked) if number(row.actual) is not None]
    for row in rows:
        own = [one for one in counts if one.entry in _cells(row)]
        told = own or (counts if len(rows) == 1 else [])
        if any(
            speaks_of("by_degrees", words_of(each))
            for each in (*(one.entry for one in told), *_cells(row))
        ):
            continue
        out_of = {one.valid for one in told if one.valid}
        cells = present(row.actual, row.target)  # the unit may stand in a column of its own
        is_rate = next((c.reading.unit for c in cells if c.reading.unit), "") == "%"
        if is_rate and len(out_of) == 1 and max(out_of) <= _MOST:
            yield row, value_of(row.actual), max(out_of)


def _cells(row: Indicator) -> tuple[Entry, ...]:
    extra = (entry for _, entry in row.extra)
    return present(row.name, row.target, row.actual, row.explanation, *extra)


@rule("IN-11", Severity.WARNING, OWN)
def people_asked_are_the_projects(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for people in a row of satisfaction of whom nothing else on the form speaks.

    Fails: never; 受益老年人满意度 on a form that is about something else is for a person.
    Passes: 学员满意度 in a project of training.
    Open: no row of satisfaction names a group of people.
    """
    report = worked.report
    heads = (report.project, report.goals.expected, report.goals.actual, report.department)
    for row in _of_satisfaction(worked):
        named = groups_in(words_of(row.name))
        others = [r for r in report.indicators if r is not row]
        cells = [cell for other in others for cell in (other.name, other.target, other.actual)]
        told = "/".join(words_of(e) for e in (*heads, report.implementer, report.title, *cells))
        strange = [name for name, fits in named if not fits.search(told)]
        if named and words_of(report.project) and len(others) > 1:
            yield answer(
                Outcome.REVIEW if strange else Outcome.PASS,
                f"{row.path}/people",
                evidence=(row.name, report.project),
                reported="、".join(strange or [name for name, _ in named]),
                project=words_of(report.project),
            )
