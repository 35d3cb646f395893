"""Each rule is registered, explained, and does what its cases say.

    python tests/test_rules.py --regenerate

writes ``tests/rules/answers.txt`` anew: what each rule answers to each case, word by word in both
languages, how often the other rules pass, fail or ask there, and what the figures come to; to be
reviewed as a diff.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "rules"
ANSWERS = FOLDER / "answers.txt"
if __name__ == "__main__":
    sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

from auditkit.figures import shown  # noqa: E402
from auditkit.findings import Finding, Outcome, Rule, put_rules  # noqa: E402
from auditkit.recompute import recompute  # noqa: E402
from auditkit.rules import RULES  # noqa: E402
from auditkit.standards import load  # noqa: E402
from auditkit.wording import put  # noqa: E402
from reports import report  # noqa: E402

STANDARDS = load()
BY_ID = {rule.id: rule for rule in RULES}
CASES = [
    (path.stem, case)
    for path in sorted(FOLDER.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


def answers(rules: Sequence[Rule], case: dict[str, Any]) -> tuple[Finding, ...]:
    on = date(int(case.get("year", "2022")), 12, 31)
    place = STANDARDS.jurisdiction(case.get("jurisdiction", "000000"), on)
    return put_rules(rules, recompute(report(case)), STANDARDS, place)


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{r}: {c['name']}" for r, c in CASES])
def test_a_rule_answers_as_its_case_says(rule: str, case: dict[str, Any]) -> None:
    found = answers([BY_ID[rule]], case)
    own = [f for f in found if f.observation.subject.startswith(case.get("subject", ""))]
    said = [(f.outcome.value, f.severity.value, f.message()) for f in found]
    assert case["outcome"] in [f.outcome.value for f in own], said
    one = next(f for f in own if f.outcome.value == case["outcome"])
    wanted = {
        "severity": one.severity.value,
        "expected": put(one.observation.expected, "en"),
        "reported": put(one.observation.reported, "en"),
    }
    assert {key: case[key] for key in wanted if key in case} == {
        key: value for key, value in wanted.items() if key in case
    }
    assert case.get("message", "") in one.message()
    if case["outcome"] in ("pass", "review", "open", "notApplicable"):
        assert "fail" not in [f.outcome.value for f in own], said


def said(rule: str, case: dict[str, Any]) -> Iterator[str]:
    """Yield what a rule answers to a case, as the golden file holds it."""
    yield f"## {rule}: {case['name']}"
    for one in answers([BY_ID[rule]], case):
        seen = one.observation
        yield f"{one.outcome.value} | {one.severity.value} | {seen.subject or 'form'}"
        figures = [put(f, "en") for f in (seen.reported, seen.expected, seen.arithmetic)]
        if any(figures):
            yield f"    {' | '.join(figure or '-' for figure in figures)}"
        yield from (f"    {one.message(lang)}" for lang in ("en", "zh"))
    others = answers([other for other in RULES if other.id != rule], case)
    counts: dict[str, Counter[str]] = {}
    for one in others:
        if one.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.REVIEW):
            due = put(one.observation.expected, "en") if one.outcome is not Outcome.PASS else ""
            kind = f"{one.outcome.value} ({due})" if due else one.outcome.value
            counts.setdefault(one.rule, Counter())[kind] += 1
    told = (
        f"{id_} {' '.join(f'{n} {kind}' for kind, n in sorted(found.items()))}"
        for id_, found in sorted(counts.items())
    )
    yield f"others: {', '.join(told) or 'nothing'}"
    worked = recompute(report(case))
    for figure in worked.figures:
        value, how = shown(figure.value), put(figure.arithmetic, "en")
        yield f"figure: {figure.subject} | {figure.name} | {value} | {how}"
    if worked.totals_by_method:
        yield f"total: printed | {shown(worked.score.figure.value)}"
    for method, total in worked.totals_by_method:
        yield f"total: {method} | {shown(total)}"


def test_every_answer_to_every_case_is_word_by_word_as_before() -> None:
    golden = {part.strip() for part in ANSWERS.read_text(encoding="utf-8").split("\n\n")}
    found = {"\n".join(said(rule, case)).strip() for rule, case in CASES}
    assert found == golden, "an answer has changed: make regenerate, read the diff"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_cases_of_each_kind(rule: Rule) -> None:
    outcomes = {case["outcome"] for id_, case in CASES if id_ == rule.id}
    assert {"fail", "pass"} <= outcomes
    assert outcomes & {"open", "notApplicable", "review"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_explains_itself_and_rests_on_something_known(rule: Rule) -> None:
    for word in ("Fails: ", "Passes: ", "Open: "):
        assert word in rule.explanation
    assert rule.basis
    for basis in rule.basis:
        STANDARDS.instrument(basis)
    for name in rule.parameters:
        STANDARDS.in_force(name, "000000", date(2022, 12, 31))


def test_ids_are_unique_and_every_case_file_has_its_rule() -> None:
    assert len(BY_ID) == len(RULES)
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(BY_ID)


def test_findings_never_speak_of_guilt() -> None:
    words = " ".join(
        f.message() + f.title() for id_, case in CASES for f in answers([BY_ID[id_]], case)
    )
    for word in ("illegal", "fraud", "violation", "违法", "违规"):
        assert word not in words


@pytest.mark.parametrize(
    ("unit", "yuan"),
    [("元", 1), ("百元", 100), ("千元", 1000), ("万元", 10**4), ("百万元", 10**6), ("亿元", 10**8)],
)
def test_the_size_of_funds_is_judged_in_yuan_whatever_their_unit(unit: str, yuan: int) -> None:
    def outcome(amount: Decimal) -> str:
        row = f"name | adjusted_budget | outturn\ntotal | {amount / yuan:f} | {amount / yuan:f}"
        (found,) = answers([BY_ID["EX-10"]], {"currency_unit": unit, "budget": row})
        return found.outcome.value

    sizes = [99, 100, 10**10, 10**10 + 1, 10**11, 10**11 + 1]
    judged = [outcome(Decimal(size)) for size in sizes]
    assert judged == ["fail", "pass", "pass", "review", "review", "fail"]


if __name__ == "__main__" and sys.argv[1:] == ["--regenerate"]:
    blocks = ("\n".join(said(rule, case)) for rule, case in CASES)
    ANSWERS.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
