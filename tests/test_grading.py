"""A total has a grade by the standards where it can rest on one; else the reason is said."""

from __future__ import annotations

from datetime import date

import pytest

from auditkit.findings import put_rules
from auditkit.recompute import recompute
from auditkit.rules import RULES
from auditkit.rules.totals import Grading, Withheld, grading
from auditkit.standards import load
from auditkit.wording import put
from reports import report

STANDARDS = load()


@pytest.mark.parametrize(
    ("points", "scores", "total", "why"),
    [
        (("60", "40"), ("58", "37"), ("100", "95"), None),
        (("150", "140"), ("150", "140"), ("290", "290"), Withheld.OFF_THE_SCALE),
        (("70", "50"), ("60", "35"), ("120", "95"), Withheld.OTHER_POINTS),
        (("60", "40"), ("58", "37"), ("100", "97"), Withheld.NOT_THE_SUM),
        (("60", "40"), ("58", "37"), ("100", "94"), Withheld.NOT_THE_SUM),
        (("60", "40"), ("-3", "1"), ("100", "-2"), Withheld.OFF_THE_SCALE),
    ],
)
def test_a_grade_is_given_only_to_a_total_that_it_can_rest_on(
    points: tuple[str, str], scores: tuple[str, str], total: tuple[str, str], why: Withheld | None
) -> None:
    rows = "\n".join(f"{at} | {p} | {s}" for at, p, s in zip("甲乙", points, scores, strict=True))
    form = report({"indicators": f"name | points | score\n{rows}", "total": total})
    place, worked = STANDARDS.jurisdiction("000000", date(2022, 12, 31)), recompute(form)
    for rules in (RULES, ()):  # what the figures themselves say needs no rule
        found = grading(worked, put_rules(rules, worked, STANDARDS, place), STANDARDS, place)
        assert found is not None
        kinds = [each.kind for each in found["reasons"]] if why else []
        assert found.kind is (Grading.WITHHELD if why else Grading.RATED)
        assert why is None or why in kinds
        for lang, word in (("en", "withheld"), ("zh", "不予评定")):
            assert put(found, lang).startswith(word) is (why is not None)


def test_a_total_without_a_printed_one_has_no_grade() -> None:
    form = report({"indicators": "name | points | score\n甲 | 100 | 95"})
    place, worked = STANDARDS.jurisdiction("000000", date(2022, 12, 31)), recompute(form)
    assert grading(worked, (), STANDARDS, place) is None
