"""The catalogues: each rule and part of a message, in both languages, with the same figures."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest
from test_rules import BY_ID, CASES, answers

import auditkit.many
import auditkit.rules
from auditkit.findings import Rule
from auditkit.many import across
from auditkit.rules import RULES
from auditkit.wording import LANGUAGES, SHARED, catalogue, put, said, speak

BESIDE = ("CR-02", "CR-03")  # a form beside other documents
TEXTS = ("title", "statement", "why", "question")
FOUND = [found for id_, case in CASES for found in answers([BY_ID[id_]], case)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def check_both(texts: dict[str, str], where: str) -> None:
    assert tuple(texts) == LANGUAGES, where
    assert all(texts.values()), where
    assert fields(texts["en"]) == fields(texts["zh"]), where
    assert not re.search("[一-鿿]", re.sub(r"{.*?}", "", texts["en"])), where


@pytest.mark.parametrize("rule", [*RULES, *across.RULES], ids=lambda rule: rule.id)
def test_every_rule_is_worded_in_both_languages(rule: Rule) -> None:
    table: dict[str, Any] = catalogue()[rule.id]
    assert set(table) == {*TEXTS, "says"}
    for name in TEXTS:
        check_both(table[name], f"{rule.id} {name}")
        assert re.search("[一-鿿]", table[name]["zh"])
    for part, texts in table["says"].items():
        check_both(texts, f"{rule.id} {part}")
    assert table["statement"]["en"].endswith(".")
    assert table["question"]["en"].endswith(("?", "."))


def _catalogues(room: ModuleType) -> list[Path]:
    return sorted(Path(str(room.__file__)).parent.glob("*.toml"))


def test_no_rule_is_worded_that_is_not_there_or_twice() -> None:
    assert set(catalogue()) == {*BY_ID, *(rule.id for rule in across.RULES), *BESIDE, SHARED}
    files = [path for room in (auditkit.many, auditkit.rules) for path in _catalogues(room)]
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    assert sum(map(len, tables)) == len(catalogue())


def test_what_is_said_is_in_the_catalogue_and_the_catalogue_is_all_said() -> None:
    spoken = {(found.rule, part) for found in FOUND for part in found.observation.says}
    shared = set(catalogue()[SHARED]["says"])
    worded = {(rule.id, part) for rule in RULES for part in catalogue()[rule.id]["says"]}
    assert {pair for pair in spoken if pair[1] not in shared} - worded == set()
    assert sorted(worded - spoken) == [], "no case makes the rule say this"


def test_every_message_can_be_said_in_both_languages_with_the_same_figures() -> None:
    for found in FOUND:
        english, chinese = found.message(), found.message("zh")
        assert english
        assert re.search("[一-鿿]", chinese)
        for figure in (found.observation.reported, found.observation.expected):
            if put(figure, "en") in english:
                assert put(figure, "zh") in chinese, english


def test_questions_are_asked_where_something_is_to_be_explained() -> None:
    for found in FOUND:
        assert bool(found.question()) == (found.outcome.value in ("fail", "review"))
        assert bool(found.question("zh")) == bool(found.question())


def test_a_text_that_is_no_part_is_said_as_it_is() -> None:
    assert said("XX-01", "总分 {超过} 100", {}, "en") == "总分 {超过} 100"
    assert said("EX-08", ("agrees",), {"expected": "5"}, "zh") == "明细合计5,与总额相符"


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr' is none of en, zh"):
        speak("fr")
