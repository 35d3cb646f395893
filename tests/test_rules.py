"""Each rule is registered, explained, and does what its cases say.

    python tests/test_rules.py --regenerate

writes the golden files of ``tests/rules/`` anew, to be reviewed as a diff: ``<ID>.answers.txt`` is
all that one rule says, word by word in both languages to its own cases, and how often it passes,
fails or asks in those of the other rules; ``figures.txt`` is what the figures of each case come to.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import goldens
from cases import BY_ID, CASES, FOLDER, STANDARDS, Case, answers

from auditkit.figures import shown
from auditkit.findings import Finding, Outcome, Rule
from auditkit.rules import RULES
from auditkit.wording import put

FIGURES = FOLDER / "figures.txt"
COUNTED = (Outcome.PASS, Outcome.FAIL, Outcome.REVIEW)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_answers_as_its_case_says(case: Case) -> None:
    given, found = case.given, answers(case.rule, case)
    own = [f for f in found if f.observation.subject.startswith(given.get("subject", ""))]
    said = [(f.outcome.value, f.severity.value, f.message()) for f in found]
    assert given["outcome"] in [f.outcome.value for f in own], said
    one = next(f for f in own if f.outcome.value == given["outcome"])
    wanted = {
        "severity": one.severity.value,
        "expected": put(one.observation.expected, "en"),
        "reported": put(one.observation.reported, "en"),
    }
    assert {key: given[key] for key in wanted if key in given} == {
        key: value for key, value in wanted.items() if key in given
    }
    assert given.get("message", "") in one.message()
    if given["outcome"] in ("pass", "review", "open", "notApplicable"):
        assert "fail" not in [f.outcome.value for f in own], said


# Golden files


def golden(rule: str) -> Path:
    """Return where all that a rule says is kept."""
    return FOLDER / f"{rule}.answers.txt"


def all_said(rule: str) -> Iterator[str]:
    """Yield what a rule says to its own cases, then what it makes of those of the others."""
    for case in CASES:
        if case.rule == rule:
            yield from (f"## {case.given['name']}", *said(answers(rule, case)), "")
    yield "## cases of other rules"
    for case in CASES:
        counts = counted(answers(rule, case))
        if case.rule != rule and counts:
            yield f"{case} | {', '.join(f'{n} {kind}' for kind, n in sorted(counts.items()))}"


def said(found: tuple[Finding, ...]) -> Iterator[str]:
    """Yield answers word by word."""
    for one in found:
        seen = one.observation
        yield f"{one.outcome.value} | {one.severity.value} | {seen.subject or 'form'}"
        figures = [put(f, "en") for f in (seen.reported, seen.expected, seen.arithmetic)]
        if any(figures):
            yield f"    {' | '.join(figure or '-' for figure in figures)}"
        yield from (f"    {one.message(lang)}" for lang in ("en", "zh"))


def counted(found: tuple[Finding, ...]) -> Counter[str]:
    """Return how often answers pass, fail or ask, and what they expect where they do not pass."""
    counts: Counter[str] = Counter()
    for one in found:
        if one.outcome in COUNTED:
            due = put(one.observation.expected, "en") if one.outcome is not Outcome.PASS else ""
            counts[f"{one.outcome.value} ({due})" if due else one.outcome.value] += 1
    return counts


def figures() -> Iterator[str]:
    """Yield what the figures and the totals of each case come to."""
    for case in CASES:
        worked = case.worked
        lines = [
            f"{one.subject} | {one.name} | {shown(one.value)} | {put(one.arithmetic, 'en')}"
            for one in worked.figures
        ]
        if worked.totals_by_method:
            lines.append(f"total, printed | {shown(worked.score.figure.value)}")
        lines += [f"total, {way} | {shown(total)}" for way, total in worked.totals_by_method]
        if lines:
            yield from (f"## {case}", *lines, "")


def text_of(lines: Iterator[str]) -> str:
    return "\n".join(lines).strip() + "\n"


@pytest.mark.parametrize("rule", BY_ID)
def test_a_rule_says_word_by_word_what_it_said_before(rule: str) -> None:
    assert not (change := goldens.difference(golden(rule), text_of(all_said(rule)))), change


def test_the_figures_of_every_case_come_to_what_they_came_to_before() -> None:
    assert not (change := goldens.difference(FIGURES, text_of(figures()))), change


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_cases_of_each_kind(rule: Rule) -> None:
    outcomes = {case.given["outcome"] for case in CASES if case.rule == rule.id}
    worst = "review" if "Fails: never" in rule.explanation else "fail"
    assert {worst, "pass"} <= outcomes
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


def test_ids_are_unique_and_every_file_of_cases_or_answers_has_its_rule() -> None:
    assert len(BY_ID) == len(RULES)
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(BY_ID)
    assert set(FOLDER.glob("*.txt")) == {FIGURES, *map(golden, BY_ID)}


def test_findings_never_speak_of_guilt() -> None:
    found = [finding for case in CASES for finding in answers(case.rule, case)]
    words = " ".join(f.message(lang) + f.title(lang) for f in found for lang in ("en", "zh"))
    for word in ("illegal", "fraud", "violation", "违法", "违规"):
        assert word not in words


@pytest.mark.parametrize(
    ("unit", "yuan"),
    [("元", 1), ("百元", 100), ("千元", 1000), ("万元", 10**4), ("百万元", 10**6), ("亿元", 10**8)],
)
def test_the_size_of_funds_is_judged_in_yuan_whatever_their_unit(unit: str, yuan: int) -> None:
    def outcome(amount: Decimal) -> str:
        row = f"name | adjusted_budget | outturn\ntotal | {amount / yuan:f} | {amount / yuan:f}"
        (found,) = answers("EX-10", Case("EX-10", {"currency_unit": unit, "budget": row}))
        return found.outcome.value

    sizes = [99, 100, 10**10, 10**10 + 1, 10**11, 10**11 + 1]
    judged = [outcome(Decimal(size)) for size in sizes]
    assert judged == ["fail", "pass", "pass", "review", "review", "fail"]


def regenerate() -> None:
    """Write the golden files of all rules, and take away those of rules that are no more."""
    for path in set(FOLDER.glob("*.answers.txt")) - {*map(golden, BY_ID)}:
        path.unlink()
    for rule in BY_ID:
        goldens.write(golden(rule), text_of(all_said(rule)))
    goldens.write(FIGURES, text_of(figures()))


if __name__ == "__main__":
    if sys.argv[1:] != ["--regenerate"]:
        sys.exit("usage: python tests/test_rules.py --regenerate")
    regenerate()
