"""Forms that a careful auditor leaves alone are left alone, in the layouts of twenty provinces."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from clean_forms import FORMS, form_of_values, questions, reviewed

from auditkit.findings import Outcome, Severity
from auditkit.report import number
from auditkit.reviewing import Review

MOST_QUESTIONS = 4
KINDS = ("html", "xlsx")
SET = [(form, kind) for form in FORMS for kind in KINDS]
forms = pytest.mark.parametrize(("form", "kind"), SET, ids=lambda each: getattr(each, "stem", each))
WITHOUT_A_YARDSTICK = {"出版差错率", "支付进度", "资金总量", "巩固脱贫成果", "成本控制"}


@cache
def review_of(form: Path, kind: str) -> Review:
    return reviewed(form.stem, form.read_text(encoding="utf-8"), kind)


@forms
def test_a_clean_form_has_no_error_and_no_warning(form: Path, kind: str) -> None:
    found = review_of(form, kind).findings_of(Outcome.FAIL)
    wrong = [one for one in found if one.severity is not Severity.NOTE]
    assert [(one.rule, one.observation.subject, one.message()) for one in wrong] == []


@forms
def test_a_clean_form_is_asked_only_what_an_auditor_would_ask(form: Path, kind: str) -> None:
    found = review_of(form, kind).findings_of(Outcome.REVIEW)
    asked = [f"{one.rule} {one.observation.subject}" for one in found]
    assert sorted(asked) == sorted(questions().get(form.stem, {}))


@forms
def test_every_cell_of_a_clean_form_is_understood(form: Path, kind: str) -> None:
    assert [cell.text for cell in review_of(form, kind).report.unplaced] == []


@forms
def test_every_scored_row_of_a_clean_form_is_judged(form: Path, kind: str) -> None:
    review = review_of(form, kind)
    scored = [row.path for row in review.report.indicators if number(row.score) is not None]
    told = {row.subject: row for row in review.coverage}
    assert set(scored) <= set(told)
    assert [row.subject for row in told.values() if row.unjudged] == []


@forms
def test_the_place_and_the_year_of_a_clean_form_are_told(form: Path, kind: str) -> None:
    review = review_of(form, kind)
    assert review.jurisdiction.code != "000000"
    assert review.report.year is not None


def test_twenty_clean_forms_are_asked_four_questions_at_most() -> None:
    assert (
        len(FORMS) == len({review_of(form, "html").jurisdiction.code[:2] for form in FORMS}) == 20
    )
    assert sum(map(len, questions().values())) <= MOST_QUESTIONS


def test_values_that_meet_their_target_are_judged_however_they_are_printed() -> None:
    """What is printed in words without a scale stays open; one rate in words is asked about."""
    review = reviewed("values", form_of_values())
    by_row = [one for one in review.findings if one.rule[:2] in ("SC", "DV", "IN")]
    told = [one for one in by_row if one.outcome in (Outcome.FAIL, Outcome.REVIEW)]
    asked = {f"{f.rule} {f.observation.subject}" for f in told if f.severity is not Severity.NOTE}
    assert asked == set(questions()["values"])
    unjudged = {row.subject.rpartition("/")[2] for row in review.coverage if row.unjudged}
    assert unjudged == WITHOUT_A_YARDSTICK
