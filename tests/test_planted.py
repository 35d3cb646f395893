"""The forms that errors are planted in are clean, and what is planted in them is there.

How many of the errors are found is measured by ``python tests/planted.py``.
"""

from __future__ import annotations

from functools import cache

import pytest
from clean_forms import reviewed, sheet_of
from planted import BASES, MOST_QUESTIONS
from planting.form import Form
from planting.kinds import HARMLESS, KINDS, Kind

from auditkit.findings import Outcome, Severity
from auditkit.reviewing import Review

EVERY = (*KINDS.values(), *HARMLESS.values())
LEAST_KINDS, LEAST_FORMS, LEAST_COUNTERPARTS = 60, 5, 20


@cache
def review_of(name: str) -> Review:
    return reviewed(name, str(BASES[name]))


def changed(kind: Kind) -> list[tuple[Form, Form]]:
    """Return the forms that have a place for a change, before and after it."""
    pairs = [(base, kind.planted(base)) for base in BASES.values()]
    return [(base, form) for base, form in pairs if form is not None]


@pytest.mark.parametrize("name", BASES)
def test_the_form_is_clean(name: str) -> None:
    found = review_of(name).findings_of(Outcome.FAIL)
    told = [(f.rule, f.observation.subject) for f in found if f.severity is not Severity.NOTE]
    assert told == []


@pytest.mark.parametrize("name", BASES)
def test_all_of_the_form_is_understood(name: str) -> None:
    report = review_of(name).report
    assert [cell.text for cell in report.unplaced] == []
    assert len(report.indicators) == len(BASES[name].indicators)


def test_next_to_nothing_is_asked_of_the_forms() -> None:
    asked = [one for name in BASES for one in review_of(name).findings_of(Outcome.REVIEW)]
    assert len(asked) <= MOST_QUESTIONS


def test_the_forms_differ_in_shape() -> None:
    """From ten to forty indicators, ten and twenty points for execution, yuan and ten thousands."""
    reviews = [review_of(name) for name in BASES]
    assert len({review.jurisdiction.code[:2] for review in reviews}) == len(BASES) == 8
    sizes = [len(form.indicators) for form in BASES.values()]
    assert min(sizes) == 10
    assert max(sizes) == 40
    units = {review.report.currency_unit.text for review in reviews if review.report.currency_unit}
    assert {"元", "万元"} <= units


def test_there_are_sixty_kinds_and_twenty_counterparts() -> None:
    assert len(KINDS) >= LEAST_KINDS
    assert len(HARMLESS) >= LEAST_COUNTERPARTS


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
def test_a_kind_changes_most_forms_and_says_what_it_is(kind: Kind) -> None:
    pairs = changed(kind)
    assert kind.says
    assert len(pairs) >= LEAST_FORMS
    for base, form in pairs:
        assert str(form) != str(base)
        assert len(sheet_of(str(form)).cells) > len(base.rows)
