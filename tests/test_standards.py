"""The tables of standards: what is in force where and when, and what is refused."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auditkit import standards
from auditkit.contract import review_json
from auditkit.errors import NotInForceError, StandardsError
from auditkit.findings import Outcome, put_rules
from auditkit.recompute import recompute
from auditkit.rules import RULES
from auditkit.standards import Guess, Provision, guess_jurisdiction, load
from auditkit.wording import put
from reports import judged, report

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
    read = ("beijing-2020-2146/", "baise-2021-4/")  # the re-issues whose first articles were seen
    read = (*read, "cn-budget-law/", "cn-budget-law-rules-2020/", "qingdao-2014/")
    for instrument in ALL.instruments.values():
        assert instrument.mark in tuple(standards.Mark)
        for lang in ("en", "zh"):
            citation = instrument.citation(lang)
            assert bool(re.search("第[一二三四五六七八九十]+条", citation)) is bool(
                instrument.article
            )
        if instrument.article:
            assert instrument.id.startswith(read)
            assert instrument.mark == "a"


def test_recalled_article_numbers_are_kept_but_not_printed() -> None:
    tables = tomllib.loads((standards.HERE / "instruments.toml").read_text(encoding="utf-8"))
    assert tables["cn-mof-2020-10"]["says"]["quantitative"]["article"] == "第十六条"
    assert "十六" not in ALL.instrument("cn-mof-2020-10/quantitative").citation("zh")
    assert "凭记忆" in ALL.instrument("cn-mof-2020-10/quantitative").citation("zh")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"valeu": 3}, "unknown key valeu"),
        ({"from": "2020"}, "from is '2020'"),
        ({"value": True}, "value is True"),
        ({"basis": "nowhere/nothing"}, "unknown basis"),
        ({"jurisdiction": "42"}, "odd jurisdiction"),
        ({"jurisdiction": 42}, "jurisdiction is 42"),
        ({"jurisdiction": None}, "no jurisdiction"),
    ],
)
def test_a_table_out_of_shape_is_refused_and_quoted(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    def loaded(table: dict[str, Any]) -> standards.Standards:
        held = ((key, value) for key, value in table.items() if value is not None)
        lines = (
            f"{key} = {value if isinstance(value, date) else json.dumps(value)}"
            for key, value in held
        )
        (tmp_path / "own.toml").write_text("\n".join(["[points]", *lines]), encoding="utf-8")
        return load(tmp_path / "own.toml")

    with pytest.raises(StandardsError, match=said) as caught:
        loaded({**GOOD, **change})
    assert "own.toml, points" in str(caught.value)
    assert loaded(GOOD).in_force("points", "000000", date(2022, 12, 31)).number == 10


@pytest.mark.parametrize(
    ("department", "code"),
    [
        ("湖北省教育厅", "420000"),
        ("上海市闵行区新虹街道", "310000"),
        ("黄石市图书馆", "420200"),
        ("大英县司法局", "510900"),
        ("湖北省仙桃市水利局", "420000"),
        ("中国海南州农牧局", "632500"),
        ("海南农垦", "460000"),
        ("贵州路社区", "000000"),
        ("青岭县农业农村局", "000000"),
        ("四川省驻北京办事处", "510000"),
    ],
)
def test_the_place_is_guessed_from_the_names_of_places(department: str, code: str) -> None:
    guess = guess_jurisdiction(report({"department": department, "year": "2022"}), ALL)
    assert (guess.code, guess.guessed, guess.on) == (code, True, date(2022, 12, 31))


def test_a_form_without_a_year_says_which_standards_were_used() -> None:
    guess = guess_jurisdiction(report({"department": "湖北省教育厅"}), ALL)
    assert guess.notes == (Guess.NAMES, Guess.NO_YEAR)


@pytest.mark.parametrize(
    ("is_seen", "until", "english", "chinese"),
    [
        (False, None, "from 2020-01-01", "2020-01-01起"),
        (True, None, "seen 2020-01-01", "始见于2020-01-01"),
        (False, date(2021, 12, 31), "from 2020-01-01 until 2021-12-31", "2020-01-01起至2021-12-31"),
        (
            True,
            date(2021, 12, 31),
            "seen 2020-01-01 until 2021-12-31",
            "始见于2020-01-01,至2021-12-31",
        ),
    ],
)
def test_the_days_of_a_value_are_worded_in_both_languages(
    is_seen: bool, until: date | None, english: str, chinese: str
) -> None:
    value = Provision("x", "y", date(2020, 1, 1), until, "000000", "basis", "a", is_seen)
    assert (put(value.since, "en"), put(value.since, "zh")) == (english, chinese)


def test_what_is_not_in_force_is_said_in_the_language_of_the_review() -> None:
    with pytest.raises(NotInForceError) as raised:
        ALL.in_force("execution_points", "000000", date(2012, 12, 31))
    assert put(raised.value.why, "en") == str(raised.value)
    assert put(raised.value.why, "zh").startswith("未收录2012-12-31适用的“预算执行分值”,其后一条自")


def test_the_next_value_that_is_named_is_one_of_the_place_after_that_day() -> None:
    with pytest.raises(NotInForceError, match="the next one known is of 2020-02-25"):
        ALL.in_force("rating_bands", "000000", date(2019, 12, 31))  # 440000 had one of 2018
    name, here = next(
        (name, there) for name, there in ALL.parameters.items() if "000000" not in there
    )
    elsewhere = "460000" if "460000" not in here else "650000"
    with pytest.raises(NotInForceError, match="is known for 2024-12-31 in this place"):
        ALL.in_force(name, elsewhere, date(2024, 12, 31))


@pytest.mark.parametrize(
    ("basis", "code", "year", "evaluated", "applies"),
    [
        ("cn-mof-2020-10/form", "000000", 2018, None, False),
        ("cn-mof-2020-10/form", "000000", 2019, None, False),
        ("cn-mof-2020-10/form", "000000", 2019, date(2020, 2, 24), False),
        ("cn-mof-2020-10/form", "000000", 2019, date(2020, 4, 15), True),
        ("cn-mof-2020-10/form", "000000", 2020, None, True),
        ("cn-budget-law/evaluation", "000000", 2014, None, False),
        ("cn-budget-law/evaluation", "000000", 2015, None, True),
        ("cn-budget-law-rules-2020/evaluation", "000000", 2019, date(2020, 9, 30), False),
        ("cn-mof-2021-101/purpose", "310000", 2022, None, False),
        ("cn-mof-2021-101/purpose", "000000", 2022, None, False),
        ("cn-mof-2021-101/purpose", "100000", 2022, None, True),
        ("qingdao-2014/targets", "370200", 2016, None, True),
        ("qingdao-2014/targets", "370000", 2022, None, False),
        ("fiscal-system/rounding", "000000", 2016, None, True),  # practice has no such day
        ("own-text/anything", "000000", 2016, None, True),
    ],
)
def test_a_text_is_cited_where_and_from_when_on_it_was_in_force(
    basis: str, code: str, year: int, evaluated: date | None, applies: bool
) -> None:
    place = ALL.jurisdiction(code, date(year, 12, 31), evaluated)
    assert ALL.applies(basis, place) is applies


def _spec(year: int, **stated: Any) -> dict[str, Any]:
    return {
        "year": str(year),
        "budget": "name | adjusted_budget\ntotal | 100\nappropriation | 60\nother | 30",
        "indicators": "name | target | actual | points | score | explanation\n"
        "借阅量 | ≥8% | 7% | 30 | 25 |",
        **stated,
    }


@pytest.mark.parametrize("year", range(2016, 2027))
@pytest.mark.parametrize("code", ["000000", "100000", "370200", "420117", "510100", "530500"])
def test_every_text_that_is_printed_was_in_force_for_the_form(year: int, code: str) -> None:
    worked, place = recompute(report(_spec(year))), ALL.jurisdiction(code, date(year, 12, 31))
    found = put_rules(RULES, worked, ALL, place)
    assert {one.rule for one in found} == {rule.id for rule in RULES}
    for text in {basis for one in found for basis in one.basis}:
        document = ALL.instruments[text]
        assert document.is_practice or document.start, f"{text}: no day is known"
        assert (document.start or place.on) <= place.on, f"{text} beside a form of {year}"
        assert code.startswith(document.jurisdiction.rstrip("0")), f"{text} in {code}"


def test_what_came_into_force_before_the_evaluation_is_cited_as_of_then() -> None:
    dated = judged(report(_spec(2019, extra={"填报日期": "2020年4月15日"})))
    undated = judged(report(_spec(2019)))
    assert dated.jurisdiction.evaluated == date(2020, 4, 15)
    assert undated.jurisdiction.evaluated is None
    said = [review_json(one)["standards"] for one in (dated, undated)]
    assert [(one["on"], one["evaluated"]) for one in said] == [
        ("2019-12-31", "2020-04-15"),
        ("2019-12-31", None),
    ]
    cited = [
        {text for finding in one.findings for text in finding.basis} for one in (dated, undated)
    ]
    assert "cn-mof-2020-10/self-evaluation" in cited[0] - cited[1]
    document = ALL.instrument("cn-mof-2020-10/self-evaluation")
    assert "按填报日期2020-04-15引用" in document.citation("zh", place=dated.jurisdiction)
    later = ALL.jurisdiction("000000", date(2022, 12, 31))
    assert "引用" not in document.citation("zh", place=later)


def test_a_form_of_2016_is_not_judged_by_texts_of_2020() -> None:
    old, new = (judged(report(_spec(year))) for year in (2016, 2022))
    cited = {text for finding in old.findings for text in finding.basis}
    assert not any("2020" in text or "2021" in text for text in cited - {"forms-before-2020/scale"})
    failed = [{f.rule for f in one.findings_of(Outcome.FAIL)} for one in (old, new)]
    assert {"DV-01", "EX-08"} <= failed[0] & failed[1]
    (left,) = (f for f in old.findings if f.rule == "DV-01")
    assert left.basis == ("cn-budget-law/evaluation",)


def test_what_a_form_contradicts_in_itself_needs_no_text_and_is_never_open_for_want_of_one() -> (
    None
):
    before = judged(report(_spec(2010)))
    (left,) = (f for f in before.findings if f.rule == "DV-01")
    assert (left.outcome, left.message("zh")) == (
        Outcome.OPEN,
        "查不到适用的现行标准(截至2010-12-31,本规则所依据的文件均未施行或不适用于本单位)",
    )
    (sums,) = (f for f in before.findings_of(Outcome.FAIL) if f.rule == "EX-08")
    assert sums.basis == ()
    for year in range(2016, 2027):
        spec = _spec(year, total=("100", "25"))
        spec["budget"] = "name | adjusted_budget | outturn | execution_rate\ntotal | 100 | 50 | 60%"
        found = judged(report(spec)).findings_of(Outcome.FAIL)
        assert "EX-01" in {one.rule for one in found}, year


@pytest.mark.parametrize(
    ("department", "code"),
    [
        ("水利部", "100000"),
        ("国家林业和草原局", "100000"),
        ("某市财政局", "000000"),
        ("基建部", "000000"),
    ],
)
def test_central_units_are_known_by_their_names(department: str, code: str) -> None:
    guess = guess_jurisdiction(report({"department": department, "year": "2022"}), ALL)
    assert guess.code == code
    weights = ALL.in_force("weights_with_cost", guess.code, guess.on)
    assert weights.is_stated is (code == "100000")


def test_practice_is_cited_as_practice_and_one_copy_as_one() -> None:
    assert "实务做法,并非规定" in ALL.instrument("re-check-practice/survey").citation("zh")
    assert ALL.instrument("fiscal-system/rounding").citation("zh").count("并非规定") == 1
    one = ALL.instrument("cn-budget-law-rules-2020/evaluation").citation("zh")
    assert "第二十条" in one
    assert "条文仅据一种文本核对" in one
    assert "一种文本" not in ALL.instrument("cn-budget-law/evaluation").citation("zh")


def test_a_form_that_names_no_place_is_known_by_its_layout() -> None:
    spec = {"department": "青岭县水利局", "year": "2022"}
    boxed = report({**spec, "extra": {"偏差大或目标未完成原因分析": "无"}})
    assert guess_jurisdiction(boxed, ALL).code == "420000"
    assert guess_jurisdiction(boxed, ALL).notes == (Guess.LAYOUT,)
    coded = report({**spec, "title": "部门预算项目支出绩效自评表 510000_0013zp"})
    assert guess_jurisdiction(coded, ALL).code == "510000"
    assert guess_jurisdiction(report(spec), ALL).notes == (Guess.NO_PLACE,)


def test_every_province_and_prefecture_is_known_by_its_own_name() -> None:
    provinces = [code for code in ALL.places if code.endswith("0000")]
    assert len(provinces) == 31 + len(ALL.central)
    assert len(ALL.places) > 350
    for code, name in ALL.places.items():
        place = ALL.jurisdiction(code, date(2022, 12, 31))
        assert place.name.split()[-1] == name
        assert ALL.codes[name] == code
    assert max(map(len, ALL.codes)) <= standards.LONGEST_NAME
    assert ALL.jurisdiction("421181", None).name == "湖北 黄冈市"


@pytest.mark.parametrize(
    ("name", "code", "on", "value"),
    [
        ("execution_points", "530523", date(2021, 12, 31), "20"),
        ("execution_points", "530700", date(2021, 12, 31), "10"),
        ("execution_points", "420117", date(2020, 12, 31), "10"),
        ("overshoot_notice_at", "510100", date(2025, 12, 31), "1.30"),
        ("overshoot_notice_at", "510100", date(2023, 12, 31), "1.20"),
        ("execution_explain_below", "510923", date(2023, 12, 31), "0.90"),
        ("execution_explain_below", "310000", date(2023, 12, 31), "unstated"),
        ("qualitative_tiers", "420000", date(2022, 12, 31), "0.8/0.5"),
        ("qualitative_tiers", "310000", date(2022, 12, 31), "0.8/0.6"),
        ("qualitative_tiers", "310000", date(2019, 12, 31), "0.8/0.5"),
        ("rating_bands", "440700", date(2019, 12, 31), "90/80/70/60"),
        ("rating_bands", "440700", date(2021, 12, 31), "90/80/60"),
        ("overshoot_explain_at", "450100", date(2024, 12, 31), "1.30"),
        ("lower_is_better_formula", "360100", date(2019, 12, 31), "ratio"),
        ("lower_is_better_formula", "360100", date(2021, 12, 31), "either"),
    ],
)
def test_values_depend_on_the_place_and_the_day(name: str, code: str, on: date, value: str) -> None:
    assert str(ALL.in_force(name, code, on).value) == value


def test_the_standards_of_a_place_and_day_are_resolved_once_a_name() -> None:
    found = ALL.resolved(ALL.jurisdiction("421181", date(2022, 12, 31)))
    assert len({provision.name for provision in found}) == len(found) > 25
    assert {p.jurisdiction for p in found} == {"000000", "420000"}
    assert not ALL.resolved(ALL.jurisdiction("421181", date(2010, 12, 31)))


OWN = """
[[execution_points]]
value = 15
from = 2021-01-01
jurisdiction = "429900"
basis = "own-county/points"

[instruments.own-county]
number = "试财〔2021〕1号"
title = "本县办法"
issuer = "本县财政局"
date = "2021-01-01"
says.points = { en = "15 points", zh = "15分", mark = "a" }
"""


def test_an_own_file_of_values_comes_on_top(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    law = load(own)
    assert law.in_force("execution_points", "429900", date(2022, 12, 31)).number == 15
    assert law.in_force("execution_points", "420100", date(2022, 12, 31)).number == 20
    assert "15分" in law.instrument("own-county/points").citation("zh")
    own.write_text(OWN.replace("429900", "420000").replace("2021-01-01", "2020-01-01", 1), "utf-8")
    assert load(own).in_force("execution_points", "420100", date(2022, 12, 31)).number == 15


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[execution_points", "own.toml: cannot be read"),
        ("[[points]]\nvalue = 3", "own.toml, points"),
    ],
)
def test_an_own_file_out_of_shape_is_named(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(StandardsError, match=said):
        load(own)
    with pytest.raises(StandardsError, match="Check the name; a TOML file"):
        load(tmp_path / "none.toml")


def test_a_value_that_is_less_sure_than_its_document_says_so_wherever_it_is_cited() -> None:
    value = ALL.in_force("budget_change_reason", "000000", date(2022, 12, 31))
    document = ALL.instrument(value.basis)
    assert (document.mark, value.mark) == ("a", "b")
    assert ALL.citations([value.basis], [value]) == [document.citation("en", "b")]
    assert ALL.citations([value.basis], []) == [document.citation("en")]


@pytest.mark.parametrize("code", ["310000", "000000", "420100", "421181"])
def test_each_place_is_named_once(code: str) -> None:
    name = ALL.jurisdiction(code, date(2022, 12, 31)).name.split()
    assert len(name) == len(set(name))
