"""The engine: what it stamps, what it tempers, and what it never leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from auditkit.findings import Observation, Outcome, Provisions, Severity, evaluate, rule
from auditkit.report import Report
from auditkit.standards import load
from reports import report

STANDARDS = load()
HERE = STANDARDS.jurisdiction("310000", date(2022, 12, 31))
BUDGET = """
name  | adjusted_budget | outturn
total | 100{}           | 90
"""


@rule("XX-01", Severity.ERROR, ("cn-mof-2020-10/form",), title="Total stands")
def total_stands(report: Report, law: Provisions) -> Iterator[Observation]:
    """Fail every total, to see what the engine makes of it."""
    line = report.total_line
    if line is not None and line.adjusted_budget is not None:
        yield Observation(Outcome.FAIL, "budget/total", "it fails", (line.adjusted_budget,))


@rule("XX-02", Severity.NOTE, parameters=("execution_points",), title="Needs a law")
def needs_a_law(report: Report, law: Provisions) -> Iterator[Observation]:
    """Say what the law is."""
    yield Observation(Outcome.PASS, "law", str(law["execution_points"].number))


@rule("XX-03", Severity.NOTE, title="Breaks")
def breaks(report: Report, law: Provisions) -> Iterator[Observation]:
    """Raise, as a rule with a mistake in it would."""
    raise ZeroDivisionError("no such figure")
    yield


def test_doubtful_cells_are_reviewed_not_failed() -> None:
    doubtful = report({"budget": BUDGET.format("??")})
    (found,) = evaluate([total_stands], doubtful, STANDARDS, HERE)
    assert found.outcome is Outcome.REVIEW
    assert "two readings of this cell differ" in found.message()


def test_sure_cells_fail() -> None:
    (found,) = evaluate([total_stands], report({"budget": BUDGET.format("")}), STANDARDS, HERE)
    assert found.outcome is Outcome.FAIL
    assert found.cells[0].text == "100"
    assert found.basis == ("cn-mof-2020-10/form",)


def test_a_rule_with_nothing_to_look_at_leaves_its_question_open() -> None:
    (found,) = evaluate([total_stands], report({}), STANDARDS, HERE)
    assert found.outcome is Outcome.OPEN


def test_without_a_law_in_force_a_question_is_open_and_says_why() -> None:
    before = STANDARDS.jurisdiction("310000", date(2012, 12, 31))
    (found,) = evaluate([needs_a_law], report({}), STANDARDS, before)
    assert found.outcome is Outcome.OPEN
    assert "2012-12-31" in found.message()


def test_the_law_in_force_is_stamped_on_the_answer() -> None:
    (found,) = evaluate([needs_a_law], report({}), STANDARDS, HERE)
    assert [str(p.value) for p in found.provisions] == ["10"]
    assert found.message() == "10"


def test_a_rule_that_breaks_names_itself_and_the_document() -> None:
    with pytest.raises(ZeroDivisionError) as error:
        evaluate([breaks], report({"name": "a.pdf"}), STANDARDS, HERE)
    assert "XX-03" in error.value.__notes__[0]
    assert "a.pdf" in error.value.__notes__[0]


def test_the_key_stays_and_the_state_changes_with_the_answer() -> None:
    form = report({"budget": BUDGET.format("")})
    (first,) = evaluate([total_stands], form, STANDARDS, HERE)
    (again,) = evaluate([total_stands], form, STANDARDS, HERE)
    assert (first.key, first.state) == (again.key, again.state)
    hubei = STANDARDS.jurisdiction("420000", date(2022, 12, 31))
    (here,) = evaluate([needs_a_law], form, STANDARDS, HERE)
    (there,) = evaluate([needs_a_law], form, STANDARDS, hubei)
    assert here.key == there.key
    assert here.state != there.state
