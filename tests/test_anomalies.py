"""What measures the anomalies of transcripts tells a find from a miss, and a trap from an error."""

from __future__ import annotations

import tomllib
from typing import Any

from measure_anomalies import KINDS, table, verdicts

from auditkit.findings import Finding
from auditkit.many import across
from auditkit.rules import RULES
from reports import judged, report

ROW = {"l1": "产出指标", "l2": "数量指标", "l3": "培训人次", "target": "100人次"}


def found() -> list[Finding]:
    spec = {"budget": "name | adjusted_budget | outturn | execution_rate\ntotal | 100 | 50 | 60%"}
    return [one for one in judged(report(spec)).findings if one.outcome.value in ("fail", "review")]


def facts(*anomalies: tuple[str, str], **other: Any) -> dict[str, Any]:
    named = [{"cls": cls, "kind": kind, "family": "D"} for cls, kind in anomalies]
    return {"anomalies": named, "indicators": [ROW], "complete": True, **other}


def test_an_error_counts_as_found_by_a_rule_of_its_kind_alone() -> None:
    errors = (("form_error", "rate_rounded"), ("form_error", "budget_score_wrong"))
    right, missed = verdicts("a", facts(*errors), found())
    assert (right.is_right, right.why) == (True, "EX-01")
    assert (missed.is_right, missed.why) == (False, "silent: EX-02")


def test_a_kind_that_no_form_shows_counts_for_nothing_and_an_unknown_one_as_missed() -> None:
    errors = (("form_error", "causality"), ("form_error", "something_else"))
    unseen, unknown = verdicts("a", facts(*errors), found())
    assert unseen.is_unseen
    assert not unknown.is_unseen
    assert "all            1       0       1" in "\n".join(table([unseen, unknown]))


def test_a_trap_is_right_where_the_rules_of_its_kind_say_nothing() -> None:
    traps = (("reader_trap", "rate_without_percent_sign"), ("check_passed", "weights_check"))
    false, quiet = verdicts("a", facts(*traps), found())
    assert (false.is_right, quiet.is_right) == (False, True)
    assert "EX-01" in false.why


def test_prose_that_is_only_told_of_cannot_be_found() -> None:
    error = ("form_error", "goal_actual_identical")
    (told,) = verdicts("a", facts(error, goal_actual="(the same words)"), found())
    (printed,) = verdicts("a", facts(error, goal_actual="培训干部。"), found())
    assert told.is_unseen
    assert not printed.is_unseen


def test_only_rules_that_are_there_answer_to_a_kind() -> None:
    kinds = tomllib.loads(KINDS.read_text(encoding="utf-8"))
    known = {rule.id for rule in (*RULES, *across.ACROSS)}
    named = {rule for rules in kinds["error"].values() for rule in rules}
    named |= {rule for rules in kinds["trap"].values() for rule in rules if "*" not in rule}
    assert not named - known
