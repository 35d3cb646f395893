"""The engine: what it stamps, what it tempers, and what it never leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from auditkit.errors import RuleFileError
from auditkit.findings import Observation, Outcome, Provisions, Severity, put_rules, rule
from auditkit.recompute import recompute
from auditkit.standards import load
from auditkit.worked import Worked
from reports import report

STANDARDS = load()
HERE = STANDARDS.jurisdiction("310000", date(2022, 12, 31))
BUDGET = """
name  | adjusted_budget | outturn
total | 100{}           | 90
"""


@rule("XX-01", Severity.ERROR, ("cn-mof-2020-10/form",), title="Total stands")
def total_stands(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Fail every total, to see what the engine makes of it."""
    line = worked.report.total_line
    if line is not None and line.adjusted_budget is not None:
        yield Observation(Outcome.FAIL, "budget/total", "it fails", (line.adjusted_budget,))


@rule("XX-02", Severity.NOTE, parameters=("execution_points",), title="Needs a law")
def needs_a_law(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Say what the law is."""
    yield Observation(Outcome.PASS, "law", str(law["execution_points"].number))


@rule("XX-03", Severity.NOTE, title="Breaks")
def breaks(worked: Worked, law: Provisions) -> Iterator[Observation]:
    """Raise, as a rule with a mistake in it would."""
    raise ZeroDivisionError("no such figure")
    yield


def test_doubtful_cells_are_reviewed_not_failed() -> None:
    doubtful = report({"budget": BUDGET.format("??")})
    (found,) = put_rules([total_stands], recompute(doubtful), STANDARDS, HERE)
    assert found.outcome is Outcome.REVIEW
    assert "two readings of this cell differ" in found.message()


def test_sure_cells_fail() -> None:
    (found,) = put_rules(
        [total_stands], recompute(report({"budget": BUDGET.format("")})), STANDARDS, HERE
    )
    assert found.outcome is Outcome.FAIL
    assert found.cells[0].text == "100"
    assert found.basis == ("cn-mof-2020-10/form",)


def test_a_rule_with_nothing_to_look_at_leaves_its_question_open() -> None:
    (found,) = put_rules([total_stands], recompute(report({})), STANDARDS, HERE)
    assert found.outcome is Outcome.OPEN


def test_without_a_law_in_force_a_question_is_open_and_says_why() -> None:
    before = STANDARDS.jurisdiction("310000", date(2012, 12, 31))
    (found,) = put_rules([needs_a_law], recompute(report({})), STANDARDS, before)
    assert found.outcome is Outcome.OPEN
    assert "2012-12-31" in found.message()


def test_the_law_in_force_is_stamped_on_the_answer() -> None:
    (found,) = put_rules([needs_a_law], recompute(report({})), STANDARDS, HERE)
    assert [str(p.value) for p in found.provisions] == ["10"]
    assert found.message() == "10"


def test_an_own_rule_that_breaks_is_named_as_that_with_its_file_and_line() -> None:
    with pytest.raises(RuleFileError, match="your own rule XX-03 failed: Zero") as told:
        put_rules([breaks], recompute(report({"name": "a.pdf"})), STANDARDS, HERE)
    assert told.value.name == Path(__file__).name
    assert re.fullmatch(r"line \d+", told.value.place)
    assert "Mend it there" in told.value.advice
    assert isinstance(told.value.__cause__, ZeroDivisionError)


def test_a_rule_of_auditkit_that_breaks_names_itself_and_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(breaks.check, "__module__", "auditkit.rules.totals")
    with pytest.raises(ZeroDivisionError) as error:
        put_rules([breaks], recompute(report({"name": "a.pdf"})), STANDARDS, HERE)
    assert "XX-03" in error.value.__notes__[0]
    assert "a.pdf" in error.value.__notes__[0]


def test_the_key_stays_and_the_state_changes_with_the_answer() -> None:
    form = report({"budget": BUDGET.format("")})
    (first,) = put_rules([total_stands], recompute(form), STANDARDS, HERE)
    (again,) = put_rules([total_stands], recompute(form), STANDARDS, HERE)
    assert (first.key, first.state) == (again.key, again.state)
    hubei = STANDARDS.jurisdiction("420000", date(2022, 12, 31))
    (here,) = put_rules([needs_a_law], recompute(form), STANDARDS, HERE)
    (there,) = put_rules([needs_a_law], recompute(form), STANDARDS, hubei)
    assert here.key == there.key
    assert here.state != there.state
