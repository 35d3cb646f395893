"""The tables of standards: what is in force where and when, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from auditkit import standards
from auditkit.errors import NotInForceError, StandardsError
from auditkit.standards import guess_jurisdiction, load
from reports import report

ALL = load()
GOOD: dict[str, Any] = {
    "value": 10,
    "from": date(2020, 1, 1),
    "jurisdiction": "000000",
    "basis": "cn-mof-2020-10/weights",
}


@pytest.mark.parametrize(
    ("code", "on", "points"),
    [
        ("000000", date(2022, 12, 31), 10),
        ("310000", date(2022, 12, 31), 10),
        ("420000", date(2020, 12, 31), 20),
        ("421181", date(2024, 12, 31), 20),
        ("421181", date(2019, 12, 31), 10),
        ("510000", date(2023, 12, 31), 10),
    ],
)
def test_the_narrowest_place_and_the_latest_day_count(code: str, on: date, points: int) -> None:
    assert ALL.in_force("execution_points", code, on).number == points


def test_nothing_in_force_is_an_error_and_never_a_default() -> None:
    with pytest.raises(NotInForceError, match="2012-12-31"):
        ALL.in_force("execution_points", "000000", date(2012, 12, 31))


def test_unknown_names_are_errors() -> None:
    with pytest.raises(StandardsError, match="no parameter"):
        ALL.in_force("execution_pionts", "000000", date(2022, 12, 31))
    with pytest.raises(StandardsError, match="no instrument"):
        ALL.instrument("cn-mof-2020-10/nothing")
    with pytest.raises(StandardsError, match="six digits"):
        ALL.jurisdiction("湖北", date(2022, 12, 31))
    with pytest.raises(StandardsError, match="not a number"):
        assert ALL.in_force("rate_rounding", "000000", date(2022, 12, 31)).number


def test_article_numbers_that_nobody_verified_are_never_printed() -> None:
    for instrument in ALL.instruments.values():
        assert not instrument.article
        assert "条" not in instrument.citation
        assert instrument.mark in standards.MARKS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"valeu": 3}, "unknown key valeu"),
        ({"from": "2020"}, "from is '2020'"),
        ({"value": True}, "value is True"),
        ({"basis": "nowhere/nothing"}, "unknown basis"),
        ({"jurisdiction": "42"}, "odd jurisdiction"),
        ({"jurisdiction": None}, "jurisdiction is None"),
    ],
)
def test_a_table_out_of_shape_is_refused_and_quoted(change: dict[str, Any], said: str) -> None:
    with pytest.raises(StandardsError, match=said):
        standards._provision("execution_points", {**GOOD, **change}, ALL.instruments)
    assert standards._provision("execution_points", GOOD, ALL.instruments).number == 10


@pytest.mark.parametrize(
    ("department", "code"),
    [
        ("湖北省教育厅", "420000"),
        ("上海市闵行区新虹街道", "310000"),
        ("黄石市图书馆", "000000"),
        ("海南州农牧局", "000000"),
        ("青岭县农业农村局", "000000"),
    ],
)
def test_the_place_is_guessed_from_provinces_only(department: str, code: str) -> None:
    guess = guess_jurisdiction(report({"department": department, "year": "2022"}), ALL)
    assert (guess.code, guess.guessed, guess.on) == (code, True, date(2022, 12, 31))


def test_a_form_without_a_year_says_which_standards_were_used() -> None:
    guess = guess_jurisdiction(report({"department": "湖北省教育厅"}), ALL)
    assert "no year" in guess.note
