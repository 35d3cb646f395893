"""The catalogue of rules and standards, as printed and as shown."""

from __future__ import annotations

import json
import re

import pytest

import auditkit as ak
from auditkit.cli import main
from auditkit.many import across
from auditkit.many.reconciliation import TIES
from auditkit.rulebook import glossary
from auditkit.rules import RULES

LISTED = (*RULES, *across.ACROSS, *TIES)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_the_glossary_has_each_term_in_both_languages_once() -> None:
    _, rows = glossary()
    assert ("outturn", "全年执行数") in rows
    assert rows == sorted(set(rows), key=lambda row: (row[0].lower(), row[1]))
    assert all(re.search("[一-鿿]", chinese) for _, chinese in rows)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_rule_is_listed_in_both_languages(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys, "rules", "--lang", lang).splitlines()[1:]
    assert [line.split()[0] for line in lines] == [rule.id for rule in LISTED]
    for rule, line in zip(LISTED, lines, strict=True):
        assert rule.title(lang) in line


def test_a_page_has_all_that_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    page = printed(capsys, "rules", "ex-02", "--jurisdiction", "420000", "--on", "2022-12-31")
    for said in (
        "why ",
        "passes      215457.60 of 250000.00 spent",
        "execution points = 20, seen 2020-01-01 in 湖北",
        "seen in a secondary source only",
        "How was the score",
    ):
        assert said in page
    both = json.loads(printed(capsys, "rules", "EX-02", "SC-04", "--format", "json"))
    assert both["schema"] == "auditkit/rules/1"
    assert [rule["id"] for rule in both["rules"]] == ["EX-02", "SC-04"]
    assert both["rules"][1]["parameters"][0]["value"] == "either"


def test_every_page_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in json.loads(printed(capsys, "rules", "--format", "json", "--lang", "zh"))["rules"]:
        assert all(rule[name] for name in ("title", "statement", "why", "question", "basis"))
        assert all(rule[name] for name in ("checks", "fails", "passes", "open"))
        assert "Fails:" not in rule["checks"]


def test_a_page_in_chinese_holds_no_english(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in LISTED:
        lines = printed(capsys, "rules", rule.id, "--lang", "zh").splitlines()[1:]
        heads = {line.split()[0] for line in lines}
        assert "理由" in " ".join(heads) or len(heads) > 4
        prose = " ".join(re.sub(r"\([^)]*\)|[A-Z]{2}-\d\d|GB/T", " ", line) for line in lines)
        assert re.findall(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", prose) == []


def test_an_unknown_rule_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "EX-99"]) == 2
    assert "EX-99: no rule has this id" in capsys.readouterr().err


def test_the_standards_of_a_place_and_day_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--jurisdiction", "510923", "--on", "2023-12-31")
    text = printed(capsys, "rules", "--standards", *options)
    (line,) = (line for line in text.splitlines() if line.startswith("execution_explain_below"))
    assert "0.90" in line
    assert "四川" in line
    found = json.loads(printed(capsys, "rules", "--standards", *options, "--format", "json"))[
        "provisions"
    ]
    assert len(found) == len(text.splitlines()) - 1
    assert {one["jurisdiction"] for one in found} == {"000000", "510000"}


def test_a_notebook_shows_rules_and_standards(xinhong: object) -> None:
    assert "EX-02 | error" in repr(ak.show(ak.RULES))
    assert "不一致" in ak.show(ak.RULES, lang="zh")._repr_html_()
    assert "fails | " in repr(ak.show(ak.RULES[1]))
    (review,) = ak.review(str(xinhong))
    assert "execution_points | 10" in repr(ak.show(review, "standards"))
