"""Messages: each worded in both languages with the same facts, named by code, none of it dead."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path
from string import Formatter

import pytest

import auditkit
from auditkit import errors
from auditkit.errors import AuditkitError, ExtraMissingError, RefusedError
from auditkit.readers.limits import Count, limits
from auditkit.readers.troubles import trouble
from auditkit.wording import LANGUAGES, Phrase, language, phrases, put, speak, speaking

PACKAGE = Path(str(auditkit.__file__)).parent
NODES = [
    node
    for path in sorted(PACKAGE.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
]
# What is called the same in all languages: programs, formats, commands and options, and code.
SAME = """
    annotated as documents auditkit AUDITKIT auditor camelot Chromium code column COLUMN compare
    confidence CSV Dask debug DIR docx dpi en Excel failures FILE FOLDER form fresh from GB HEAD
    help HTML if import init ink input install JSON JupyterLab keep LibreOffice Log log main
    make Makefile manifest memory MiB NAME name nanny nbval no note OFD Open open out parameters
    path PATH TO WHEEL LOG PDF pdf pip png PostgreSQL postgresql pytest Python query rapidocr
    rate read reason replace report reports review rule rules seconds select show sign SQL
    SQLite standards Strict suppress table toml TOML ulimit verify with witness Word workers
    workpaper workpapers WPS xlsx XFA XML zh Adobe Reader
"""
WORDS = re.compile(r"[A-Za-z]{2,}")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", sorted(phrases()))
def test_every_message_is_worded_in_both_languages_with_the_same_facts(name: str) -> None:
    english, chinese = (phrases()[name][lang] for lang in LANGUAGES)
    # A name of what is there in Chinese serves English readers only, as a reason may.
    assert fields(chinese) <= fields(english) | {"name"}, name
    bare = re.sub(r"\{.*?\}", "", chinese)
    assert set(WORDS.findall(bare)) - set(SAME.split()) == set(), chinese
    assert not re.search(
        "[一-鿿]", re.sub(r"\{.*?\}|绩效自评表|全年预算数|执行率|三级指标|湖北|严格", "", english)
    )


def named() -> set[str]:
    """Return what stands in code, and in tables, as the name of a message or an error."""
    found = {n.value for n in NODES if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for path in PACKAGE.rglob("*.toml"):
        found |= set(re.findall(r'^error = "(.+)"', path.read_text(encoding="utf-8"), re.MULTILINE))
    return found


def test_no_message_is_worded_that_nothing_says() -> None:
    system = {name for name in phrases() if name.startswith("E") and name.isupper()}
    counted = {name for name in phrases() if name.startswith(("one ", "some "))}
    unsupported = {name for name in phrases() if name.startswith("unsupported-")}
    formed = {f"workbook-{what}" for what in ("locked", "damaged")}
    formed |= {f"hidden {what}" for what in ("rows", "columns")}
    known = {name for name in phrases() if not name.endswith(".advice")}
    assert known - named() - system - counted - unsupported - formed == set()


def asked() -> set[str]:
    """Return the names of messages that code asks for by ``Phrase.of`` and ``saying``."""
    found = set()
    for node in NODES:
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Phrase.of", ".saying")):
            first = node.args[0]
            found |= {first.value} if isinstance(first, ast.Constant) else set()
    return {str(name) for name in found}


def test_every_message_that_code_asks_for_is_there() -> None:
    assert asked() - set(phrases()) == set()


def raised(name: str) -> AuditkitError:
    """Raise the error of a name, with facts that say what they are, and return it as caught."""
    facts = {field: f"<{field}>" for field in fields(phrases()[name]["en"])}
    facts |= {
        field: f"<{field}>" for field in fields(phrases().get(f"{name}.advice", {}).get("en", ""))
    }
    try:
        raise AuditkitError.saying(name, name="a.pdf", place="第1页", **facts)
    except AuditkitError as error:
        return error


ERRORS = sorted(name for name in phrases() if f"{name}.advice" in phrases())


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_says_file_place_and_what_to_do_in_the_language_that_is_spoken(
    name: str,
) -> None:
    error = raised(name)
    texts = []
    for lang in LANGUAGES:
        with speaking(lang):
            message, place, advice = error.in_words(lang)
            texts.append(str(error))
            assert (message, place, advice) == (error.message, error.place, error.advice)
            assert str(error).startswith("a.pdf")
            assert str(pickle.loads(pickle.dumps(error))) == str(error)
            assert advice
            assert advice in str(error)
    assert texts[0] != texts[1]
    assert re.search("[一-鿿]", error.in_words("zh")[0] + error.in_words("zh")[2])


def test_a_name_or_a_path_is_never_put_into_other_words() -> None:
    for lang in LANGUAGES:
        error = AuditkitError.saying("unopened", name="other/total.pdf", reason="budget/total")
        with speaking(lang):
            assert "other/total.pdf" in str(error)
            assert "budget/total" in str(error)


def test_a_text_that_somebody_gives_is_said_as_it_is() -> None:
    error = AuditkitError("no such thing", name="x", advice="Look")
    assert str(error) == "x: no such thing. Look"


def test_what_a_reader_counts_is_worded_wherever_it_is_too_much() -> None:
    with pytest.raises(errors.LimitError) as caught:
        Count("a.pdf").hold("pages", limits().pages + 1, "pages")
    with speaking("zh"):
        assert str(caught.value).startswith("a.pdf:页数为5,001,超过上限5,000")
    calls = (node for node in NODES if isinstance(node, ast.Call))
    counts = [c for c in calls if ast.unparse(c.func).split(".")[-1] in ("hold", "add")]
    limited = [c for c in counts if len(c.args) > 2 and isinstance(c.args[0], ast.Constant)]
    whats = {a.value for c in limited for a in c.args[2:3] if isinstance(a, ast.Constant)}
    assert whats - set(phrases()) == set()


def test_extras_and_what_a_system_refuses_are_worded_too() -> None:
    missing = ExtraMissingError.of("ocr", "ocr-missing")
    assert missing.in_words("zh")[2].startswith("请在Makefile所在文件夹运行 make ocr")
    refused = RefusedError.of(FileNotFoundError(2, "No such file or directory", "a.pdf"))
    assert "没有该文件" in refused.in_words("zh")[0]
    assert trouble("unsupported-ofd", "a.ofd").in_words("zh")[2].startswith("请在OFD阅读器中打开")


@pytest.mark.parametrize(
    ("asked_for", "locales", "spoken"),
    [
        ("", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("", {"LANG": "en_GB.UTF-8"}, "en"),
        ("", {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_GB.UTF-8"}, "zh"),
        ("", {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("zh", {"LANG": "C"}, "zh"),
    ],
)
def test_the_language_follows_the_locale_where_nothing_is_set(
    asked_for: str, locales: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**locales, "AUDITKIT_LANG": asked_for}.items():
        monkeypatch.setenv(name, value)
    assert language() == spoken


def test_a_block_speaks_its_language_and_what_was_spoken_before_comes_back() -> None:
    speak("zh")
    try:
        with speaking("en"):
            assert str(Phrase.of("standard input")) == "standard input"
        assert put(Phrase.of("standard input"), language()) == "标准输入"
    finally:
        speak()
