"""The catalogues: all that is said, in both languages, with the same figures and nothing dead."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest
from cases import BY_ID, CASES, answers

import auditkit.many
import auditkit.rules
from auditkit.findings import Outcome, Rule
from auditkit.many import across
from auditkit.many.results import TABLE_COLUMNS
from auditkit.rules import RULES
from auditkit.schedules import spoken
from auditkit.standards import load
from auditkit.wording import (
    LANGUAGES,
    NAMES,
    SHARED,
    TERMS,
    WORDED,
    LabelPath,
    Name,
    Statement,
    Term,
    catalogue,
    language,
    put,
    said,
    speak,
    terms,
    words,
)

BESIDE = ("CR-02", "CR-03")  # a form beside other documents
TEXTS = ("title", "statement", "why", "question")
FOUND = [found for case in CASES for found in answers(case.rule, case)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def check_both(texts: dict[str, str], where: str) -> None:
    assert tuple(texts) == LANGUAGES, where
    assert all(texts.values()), where
    assert fields(texts["en"]) == fields(texts["zh"]), where
    assert not re.search("[一-鿿]", re.sub(r"{.*?}", "", texts["en"])), where


@pytest.mark.parametrize("rule", [*RULES, *across.ACROSS], ids=lambda rule: rule.id)
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
    assert set(catalogue()) == {*BY_ID, *(rule.id for rule in across.ACROSS), *BESIDE, SHARED}
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


PACKAGE = Path(str(auditkit.__file__)).parent
NOTEBOOKS = PACKAGE.parent / "notebooks"
SOURCES = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]
NODES = [node for source in SOURCES for node in ast.walk(source)]


def members() -> dict[str, set[str]]:
    """Return the values of the members of each StrEnum of the package, by its name."""
    found = {}
    for node in NODES:
        if isinstance(node, ast.ClassDef) and "StrEnum" in [ast.unparse(b) for b in node.bases]:
            values = (line.value for line in node.body if isinstance(line, ast.Assign))
            found[node.name] = {v.value for v in values if isinstance(v, ast.Constant)}
    return found


def texts(value: object) -> Iterator[str]:
    """Yield all keys and texts of a TOML file."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def asked_for() -> set[str]:
    """Return the keys that code and pages name as terms."""
    found = set()
    for node in NODES:
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Term", "terms"):
            parts = [part for arg in node.args for part in (arg, *_branches(arg))]
            found |= {str(part.value) for part in parts if isinstance(part, ast.Constant)}
    for page in PACKAGE.rglob("*.html"):
        found |= set(re.findall(r"""term\(["'](.+?)["']\)""", page.read_text(encoding="utf-8")))
    return found


def _branches(node: ast.AST) -> list[ast.AST]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else []


def mentioned() -> set[str]:
    """Return every text that stands in the package or a notebook, and the parts of those with /."""
    constants = (node.value for node in NODES if isinstance(node, ast.Constant))
    found = {text for text in constants if isinstance(text, str)}
    for path in PACKAGE.rglob("*.toml"):
        if path.relative_to(PACKAGE).as_posix() not in WORDED:
            found |= set(texts(tomllib.loads(path.read_text(encoding="utf-8"))))
    for path in (*PACKAGE.rglob("*.html"), *NOTEBOOKS.glob("*.ipynb")):
        found |= set(re.findall(r"""["']([^"'\n\\]*)["'\\]""", path.read_text(encoding="utf-8")))
    return found | {part for text in found for part in text.split("/")}


@pytest.mark.parametrize("table", sorted(words()))
def test_every_kind_and_word_is_said_in_both_languages_with_the_same_facts(table: str) -> None:
    for key, both in words()[table].items():
        assert tuple(both) == LANGUAGES, key
        assert all(both.values()), key
        assert fields(both["en"]) == fields(both["zh"]), key
        if table == NAMES:
            assert both["en"] == key


def test_each_kind_that_is_worded_has_all_its_members_in_the_catalogue_and_no_other() -> None:
    known = members()
    for table in set(words()) - {TERMS, NAMES}:
        assert set(words()[table]) == known[table], table


def test_every_term_is_in_the_catalogue_and_the_catalogue_has_no_other() -> None:
    known = set(words()[TERMS])
    assert asked_for() - known == set()
    assert known - mentioned() - asked_for() == set()


def test_every_parameter_and_value_of_the_standards_has_a_name_in_chinese() -> None:
    law = load()
    names = {p.name for p in law.provisions}
    names |= {v for p in law.provisions if isinstance(v := p.value, str) if v.isascii()}
    bare = {name for name in names if re.search("[a-z]", name) and put(Name(name), "zh") == name}
    assert bare == set()
    assert set(words()[NAMES]) - names - mentioned() == set()
    assert put(Name("own_top_score"), "zh") == "own_top_score"  # an auditor's own


def test_every_column_of_the_tables_has_a_name_in_chinese() -> None:
    columns = {Name(column) for columns in TABLE_COLUMNS.values() for column in columns}
    assert {column for column in columns if put(column, "zh") == column} == set()


@pytest.mark.parametrize(
    ("fact", "english", "chinese"),
    [
        ("reports/other/total.pdf", "reports/other/total.pdf", "reports/other/total.pdf"),
        (LabelPath("budget/other/总分"), "budget/other/总分", "资金/其他资金/总分"),
        (Term("form year"), "year 年度", "年度"),
        (Name("by_hand"), "by_hand", "人工判断"),
        (Outcome.FAIL, "fail", "不一致"),
        (("blank", Term("blank")), "blank, blank", "blank、空白"),
        (Decimal("1E+2"), "100", "100"),
    ],
)
def test_a_value_is_worded_by_its_kind_and_a_text_never(
    fact: Any, english: str, chinese: str
) -> None:
    assert (put(fact, "en"), put(fact, "zh")) == (english, chinese)


def test_a_table_words_its_heads_and_cells_by_kind_whatever_they_say() -> None:
    rows = [("other", LabelPath("other"), Term("other"), None, 1, Decimal(2))]
    heads = (*terms("note", "file"), "note", "项目资金", Term("after"), Term("before"))
    assert spoken((heads, rows), "zh") == (
        ["备注", "文件", "note", "项目资金", "之后", "之前"],
        [["other", "其他资金", "其他资金", None, 1, Decimal(2)]],
    )


def test_a_kind_that_no_catalogue_has_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        put(Term("no such word"), "en")
    with pytest.raises(KeyError):
        put(Statement.of(Outcome.FAIL, what=Term("no such word")), "zh")


def test_what_is_spoken_is_a_default_that_touches_nothing_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", "zh")
    assert language() == "zh"
    speak("en")
    try:
        assert (language(), os.environ["AUDITKIT_LANG"]) == ("en", "zh")
    finally:
        speak()
    assert language() == "zh"


def test_a_text_that_is_no_part_is_said_as_it_is() -> None:
    assert said("XX-01", "总分 {超过} 100", {}, "en") == "总分 {超过} 100"
    assert said("EX-08", ("agrees",), {"expected": "5"}, "zh") == "明细合计5,与总额相符"


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr' is none of en, zh"):
        speak("fr")
