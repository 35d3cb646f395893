"""Figures of published forms, each with what the rules must and must not say about them."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest

from auditkit.findings import Finding, Outcome, put_rules
from auditkit.recompute import recompute
from auditkit.rules import RULES
from auditkit.standards import load
from reports import report

STANDARDS = load()
IDS = {rule.id for rule in RULES}


class Case(NamedTuple):
    """A form's figures; ``raises`` has rule and severity, ``silent`` rules that must not fail."""

    name: str
    spec: dict[str, Any]
    raises: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


CASES = (
    Case(
        "Shanghai 2022, a rate that only rounding up gives",
        {
            "jurisdiction": "310107",
            "budget": """
name          | initial_budget | adjusted_budget | outturn   | points | execution_rate | score
total         | 250000.00      | 250000.00       | 215457.60 | 10     | 86.19%         | 8.62
appropriation | 250000.00      | 250000.00       | 215457.60 | —      |                | —
""",
            "indicators": """
name | points | score
甲   | 50     | 50
乙   | 30     | 30
丙   | 10     | 10
""",
            "total": ("100", "98.62"),
        },
        raises=("EX-01 note",),
        silent=("EX-02", "EX-04", "EX-07", "EX-08", "TT-01", "WT-01"),
    ),
    Case(
        "Shanghai 2022, two decimals agree",
        {
            "jurisdiction": "310107",
            "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 20000.00        | 9034    | 10     | 45.17%         | 4.52
""",
        },
        silent=("EX-01", "EX-02"),
    ),
    Case(
        "Anhui 2022, a total left at nought above a filled row",
        {
            "jurisdiction": "341702",
            "budget": """
name          | initial_budget | adjusted_budget | outturn | points | execution_rate | score
total         | 0              | 0               | 0       | 10     | 0              | 0
appropriation | 90             | 89.974          | 89.974  | —      | 100%           | —
""",
            "indicators": """
name | points | score
甲   | 50     | 50
乙   | 30     | 30
丙   | 10     | 10
""",
            "total": ("100", "90"),
        },
        raises=("EX-09 error", "EX-08 error", "EX-02 warning", "EX-07 note"),
        silent=("TT-01", "WT-01", "EX-05"),
    ),
    Case(
        "Hubei 2020, satisfaction met and not scored in full",
        {
            "jurisdiction": "421100",
            "year": "2020",
            "indicators": """
dimension | name       | target | actual | points | score | explanation
满意度    | 群众满意度 | ≥98%   | 98%    | 20     | 19.6  |
""",
        },
        raises=("SC-02 warning",),
        silent=("SC-01", "SC-03"),
    ),
    Case(
        "Hubei 2020, rows of a hundred beside twenty for execution",
        {
            "jurisdiction": "420000",
            "year": "2020",
            "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 600             | 600     | 20     | 100%           | 20
""",
            "indicators": """
dimension      | name | target | actual | points | score
产出指标(60分) | 甲   | 5个    | 5个    | 60     | 60
效益指标(40分) | 乙   | 提升   | 提升   | 40     | 40
""",
            "total": ("~", "100"),
        },
        raises=("WT-01 error", "TT-01 error"),
        silent=("EX-01", "EX-02"),
    ),
    Case(
        "Sichuan 2023, one cost indicator with words for a number",
        {
            "jurisdiction": "510923",
            "year": "2023",
            "indicators": """
dimension | category     | name     | target   | actual | points | score
成本指标  | 经济成本指标 | 项目成本 | ≤30万元 | 完成   | 90     | 90
""",
        },
        raises=("SC-08 warning", "WT-05 note"),
        silent=("SC-01", "SC-04"),
    ),
    Case(
        "Sichuan 2023, a budget out of nothing",
        {
            "jurisdiction": "510923",
            "year": "2023",
            "budget": """
name  | initial_budget | adjusted_budget | outturn | points | execution_rate | score
total | 0.00           | 3.36            | 3.36    | 10     | 100%           | 10
""",
        },
        raises=("EX-07 warning",),
        silent=("EX-01", "EX-02", "EX-04", "EX-05"),
    ),
    Case(
        "spending a little above the budget, the score not above its points",
        {
            "jurisdiction": "341500",
            "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 1718.98         | 1720.45 | 10     | 100.09%        | 10
""",
        },
        raises=("EX-04 warning",),
        silent=("EX-01", "EX-02"),
    ),
    Case(
        "an exceeded limit, scored above every formula",
        {"indicators": "name | target | actual | points | score\n成本 | ≤100 | 125 | 10 | 8.02"},
        raises=("SC-04 error",),
    ),
    Case(
        "an exceeded limit, scored by the more favourable formula",
        {"indicators": "name | target | actual | points | score\n成本 | ≤100 | 125 | 10 | 8.00"},
        raises=("SC-04 note",),
    ),
    Case(
        "an exceeded limit, scored by the linear formula",
        {"indicators": "name | target | actual | points | score\n成本 | ≤100 | 125 | 10 | 7.50"},
        silent=("SC-04",),
    ),
    Case(
        "the printed places of a rate are its range",
        {
            "budget": """
name  | adjusted_budget | outturn     | execution_rate
total | 31905962.95     | 29907108.39 | 93.74%
"""
        },
        silent=("EX-01",),
    ),
)
SAID = [(case, said) for case in CASES for said in case.raises]


def failed(case: Case) -> list[Finding]:
    on = date(int(case.spec.get("year", "2022")), 12, 31)
    place = STANDARDS.jurisdiction(case.spec.get("jurisdiction", "000000"), on)
    found = put_rules(RULES, recompute(report(case.spec)), STANDARDS, place)
    return [finding for finding in found if finding.outcome is Outcome.FAIL]


@pytest.mark.parametrize(("case", "said"), SAID, ids=[f"{c.name}: {s}" for c, s in SAID])
def test_what_is_wrong_in_a_published_form_is_said(case: Case, said: str) -> None:
    if said.split(maxsplit=1)[0] not in IDS:
        pytest.skip("no such rule yet")
    assert said in {f"{f.rule} {f.severity.value}" for f in failed(case)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_agrees_in_a_published_form_is_left_alone(case: Case) -> None:
    assert [(f.rule, f.message()) for f in failed(case) if f.rule in case.silent] == []
