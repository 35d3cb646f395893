"""A figure of a clean form is changed: the rules that speak about it answer, and no others."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.findings import Finding, Outcome, Severity, put_rules
from auditkit.recompute import recompute
from auditkit.rules import RULES
from auditkit.standards import load
from reports import report

LAW = load()
PLACE = LAW.jurisdiction("310000", None)
CLEAN = {
    "budget/total/initial_budget": "100.00",
    "budget/total/adjusted_budget": "100.00",
    "budget/total/outturn": "86.20",
    "budget/total/points": "10",
    "budget/total/execution_rate": "86.20%",
    "budget/total/score": "8.62",
    "budget/appropriation/initial_budget": "60.00",
    "budget/appropriation/adjusted_budget": "60.00",
    "budget/appropriation/outturn": "50.00",
    "budget/other/initial_budget": "40.00",
    "budget/other/adjusted_budget": "40.00",
    "budget/other/outturn": "36.20",
    "indicator/产出指标/数量指标/修路/target": "≥100公里",
    "indicator/产出指标/数量指标/修路/actual": "100公里",
    "indicator/产出指标/数量指标/修路/points": "50",
    "indicator/产出指标/数量指标/修路/score": "50",
    "indicator/效益指标/社会效益指标/受益户/target": "≥1200户",
    "indicator/效益指标/社会效益指标/受益户/actual": "1210户",
    "indicator/效益指标/社会效益指标/受益户/points": "30",
    "indicator/效益指标/社会效益指标/受益户/score": "30",
    "indicator/满意度指标/服务对象满意度指标/群众满意度/target": "≥90%",
    "indicator/满意度指标/服务对象满意度指标/群众满意度/actual": "92%",
    "indicator/满意度指标/服务对象满意度指标/群众满意度/points": "10",
    "indicator/满意度指标/服务对象满意度指标/群众满意度/score": "10",
    "total/points": "100",
    "total/score": "98.62",
}
# Rules that must answer where a figure is changed, by the end of its path or the whole of it.
MUST = {
    "adjusted_budget": {"EX-08"},
    "outturn": {"EX-08"},
    "budget/total/adjusted_budget": {"EX-02", "EX-03"},
    "budget/total/outturn": {"EX-01", "EX-02"},
    "budget/total/execution_rate": {"EX-01"},
    "budget/total/score": {"EX-02", "TT-01"},
    "points": {"WT-01"},
    "score": {"TT-01"},
}


def findings(values: dict[str, str]) -> list[Finding]:
    """Judge the clean form with some figures changed; what is only noted is left out."""
    budget, rows = {}, {}
    for path, text in values.items():
        head, _, column = path.rpartition("/")
        (budget if path.startswith("budget") else rows).setdefault(head, {})[column] = text
    total = rows.pop("total")
    columns = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
    lines = ["name | " + " | ".join((*columns, "偏差原因"))]
    for head, cells in budget.items():
        told = [cells.get(column, "~") for column in columns]
        lines.append(" | ".join((head.split("/")[1], *told, "尾款待验收后支付。")))
    table = ["dimension | category | name | target | actual | points | score | explanation"]
    table += [
        " | ".join((*head.split("/")[1:], *cells.values(), "")) for head, cells in rows.items()
    ]
    form = report(
        {
            "year": "2022",
            "budget": "\n".join(lines),
            "indicators": "\n".join(table),
            "total": (total["points"], total["score"]),
        }
    )
    asked = (Outcome.FAIL, Outcome.REVIEW)
    found = put_rules(RULES, recompute(form), LAW, PLACE)
    return [f for f in found if f.outcome in asked and f.severity is not Severity.NOTE]


def changed(text: str, factor: Decimal) -> str:
    """Multiply the number in a text, and keep its places, sign and unit."""
    number = "".join(char for char in text if char.isdigit() or char == ".")
    places = len(number.partition(".")[2])
    return text.replace(number, f"{Decimal(number) * factor:.{places}f}")


def raised(values: dict[str, str]) -> list[tuple[str, str]]:
    return [(f.rule, f.message()) for f in findings(values)]


def test_the_clean_form_is_clean() -> None:
    assert raised(CLEAN) == []


@given(
    st.sampled_from([path for path in CLEAN if not path.endswith("initial_budget")]),
    st.sampled_from([Decimal("0.4"), Decimal("0.7"), Decimal("1.3"), Decimal("1.9")]),
)
def test_a_change_beyond_rounding_is_spoken_of_by_rules_about_that_figure(
    path: str, factor: Decimal
) -> None:
    found = findings({**CLEAN, path: changed(CLEAN[path], factor)})
    for finding in found:
        paths = [entry.path for entry in finding.observation.evidence]
        assert path in paths, (finding.rule, finding.message())
    must = MUST.get(path, set()) | MUST.get(path.rpartition("/")[2], set())
    if path == "total/points":
        must = set()
    if (path.endswith("/actual") and factor < 1) or (path.endswith("/target") and factor > 1):
        must = {"SC-03"}
    assert must <= {finding.rule for finding in found}


@given(
    st.sampled_from([path for path in CLEAN if "/outturn" in path or "adjusted_budget" in path]),
    st.integers(-4, 4),
)
def test_a_change_within_rounding_is_at_most_noted(path: str, thousandths: int) -> None:
    text = f"{Decimal(CLEAN[path]) + Decimal(thousandths) / 1000:.3f}"
    assert raised({**CLEAN, path: text}) == []


@pytest.mark.parametrize("rate", ["86.2%", "86.20%", "86.204%", "86.19%", "0.862"])
def test_a_rate_printed_another_way_is_at_most_noted(rate: str) -> None:
    assert raised({**CLEAN, "budget/total/execution_rate": rate}) == []
