"""What a table shows and what a rule says is one figure, which agrees or does not in both.

Nor does any of it hang on how it is worded: all samples and the cases of all rules come to the
same with each text of the catalogues replaced by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
import samples
from cases import CASES, STANDARDS

import auditkit as ak
from auditkit import wording
from auditkit.figures import Agreement, Figure, FigureName
from auditkit.findings import Finding, Outcome, Severity, put_rules
from auditkit.recompute import recompute
from auditkit.report import Report
from auditkit.rules import RULES
from auditkit.rules.totals import Grading, grading
from auditkit.standards import Jurisdiction, guess_jurisdiction
from auditkit.wording import Statement, put
from reports import report

JUDGED = {  # by which rule a figure is judged
    "EX-01": FigureName.RATE,
    "EX-02": FigureName.EXECUTION_SCORE,
    "EX-08": FigureName.SUM,
    "TT-01": FigureName.TOTAL_SCORE,
}


def forms() -> Iterator[tuple[str, Report, Jurisdiction]]:
    """Yield the forms of all samples and of the cases of all rules, with the place of each."""
    for sample in samples.load():
        for form in ak.read(sample.path):
            name = f"{sample.path.name} {form.number}"
            yield name, form, guess_jurisdiction(form, STANDARDS)
    for case in CASES:
        yield str(case), case.form, case.place


ALL = list(forms())


def shown_figures(form: Report) -> dict[tuple[FigureName, str], Figure]:
    return {(figure.name, figure.subject): figure for figure in recompute(form).figures}


def test_a_table_never_excuses_what_a_rule_calls_an_error() -> None:
    compared = set()
    for name, form, place in ALL:
        worked, shown = recompute(form), shown_figures(form)
        for found in put_rules(RULES, worked, STANDARDS, place):
            figure = shown.get((JUDGED.get(found.rule), found.observation.subject))
            if figure is None or not found.observation.expected:
                continue
            is_error = found.outcome is Outcome.FAIL and found.severity is Severity.ERROR
            is_fine = (
                found.outcome is Outcome.PASS and "indicators_alone" not in found.observation.says
            )
            if is_error:
                assert figure.agreement is Agreement.INCONSISTENT, (name, found.message())
            if is_fine:
                assert figure.agreement is not Agreement.INCONSISTENT, (name, found.message())
            compared.add((found.rule, is_error, is_fine))
    assert {(rule, *both) for rule in JUDGED for both in ((True, False), (False, True))} <= compared


def test_a_total_that_is_off_by_a_point_is_not_within_rounding() -> None:
    sample = next(s for s in samples.load() if "county-disclosure" in s.path.name)
    figures = (figure for form in ak.read(sample.path) for figure in recompute(form).figures)
    totals = (figure for figure in figures if figure.name is FigureName.TOTAL_SCORE)
    (odd,) = (total for total in totals if total.difference)
    assert (odd.value, odd.difference) == (Decimal("98.5"), 1)
    assert odd.agreement is Agreement.INCONSISTENT


@pytest.mark.parametrize(
    ("printed", "scores", "agreement"),
    [
        ("100", ["60", "40"], Agreement.EXACT),
        ("101", ["60", "40"], Agreement.INCONSISTENT),
        ("100", ["60.01", "40"], Agreement.WITHIN_ROUNDING),  # half a hundredth each
        ("100", ["60.02", "40"], Agreement.INCONSISTENT),
        ("98.6", ["60.02", "38.63"], Agreement.EXACT),  # half of its last place
    ],
)
def test_a_score_is_set_and_has_no_rounding_of_its_own(
    printed: str, scores: list[str], agreement: Agreement
) -> None:
    rows = "\n".join(f"{at} | {score} | {score}" for at, score in enumerate(scores))
    form = report({"indicators": f"name | points | score\n{rows}", "total": ("~", printed)})
    assert shown_figures(form)[FigureName.TOTAL_SCORE, "total/score"].agreement is agreement


# Wording


def keyed(texts: Any, key: str = "") -> Any:
    if isinstance(texts, Mapping):
        return {name: keyed(text, f"{key} {name}") for name, text in texts.items()}
    return f"<{key}>"


def without_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("catalogue", "words"):
        texts = keyed(getattr(wording, name)())
        monkeypatch.setattr(wording, name, lambda texts=texts: texts)


def outcome(found: Finding) -> tuple[object, ...]:
    seen = found.observation
    told = (seen.reported, seen.expected, seen.arithmetic, seen.evidence)
    return (found.rule, found.outcome, found.severity, seen.subject, *told, found.key, found.state)


def test_no_outcome_hangs_on_a_word_of_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged() -> list[tuple[object, ...]]:
        found = []
        for _, form, place in ALL:
            worked = recompute(form)
            answers = put_rules(RULES, worked, STANDARDS, place)
            grade = grading(worked, answers, STANDARDS, place)
            found.append((worked, tuple(map(outcome, answers)), grade))
        return found

    before = judged()
    without_words(monkeypatch)
    assert put(Statement(Grading.RATED), "en") == "< Grading rated en>"
    assert judged() == before
