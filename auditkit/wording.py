"""What rules say, in English and Chinese: the catalogues beside the rules, as data.

Each rule has a table of its id with ``title``, ``statement`` (what is checked), ``why`` (why it
matters), ``question`` (what to ask the unit) and ``says``, the parts that its messages are put
together of; each text stands there once a language. ``shared`` is what every rule may say.
``phrases.toml`` has the Chinese of what code says beside rules: doubts, heads, names of values.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")
SHARED = "shared"


def language() -> str:
    """Return the language that is spoken where none is named: that of AUDITKIT_LANG, or English."""
    asked = os.environ.get("AUDITKIT_LANG", "")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def speak(lang: str) -> None:
    """Have this process, such as a notebook, speak ``en`` or ``zh``; ValueError for any other."""
    if lang not in LANGUAGES:
        raise ValueError(f"{lang!r} is none of {', '.join(LANGUAGES)}")
    os.environ["AUDITKIT_LANG"] = lang


@cache
def catalogue() -> Mapping[str, Any]:
    """Return the tables of all catalogues by the ids of their rules."""
    rooms = (files("auditkit") / room for room in ("rules", "many"))
    found = (item for room in rooms for item in room.iterdir() if item.name.endswith(".toml"))
    texts = (item.read_text(encoding="utf-8") for item in sorted(found, key=lambda i: i.name))
    return {rule: table for text in texts for rule, table in tomllib.loads(text).items()}


def text(rule: str, name: str, lang: str) -> str:
    """Return a rule's title, statement, why or question; empty for a rule without a catalogue."""
    return str(catalogue().get(rule, {}).get(name, {}).get(lang, ""))


def word(english: str, lang: str) -> str:
    """Return words, phrases and paths of code's own in a language, any other text as it is.

    >>> word("blank", "zh"), word("blank; 5", "zh"), word("blank", "en")
    ('空白', '空白; 5', 'blank')
    >>> word("recognition is not sure of 8", "zh"), word("budget/total/outturn", "zh")
    ('文字识别不能确定8', '资金/合计/全年执行数')
    """
    return english if lang == LANGUAGES[0] else _in_chinese(english)


@lru_cache(maxsize=10_000)
def _in_chinese(english: str) -> str:
    words, patterns = _phrases()
    if english in words:
        return words[english]
    for pattern, chinese in patterns:
        if found := pattern.fullmatch(english):
            return chinese.format(*map(_in_chinese, found.groups()))
    if found := re.fullmatch(r"([A-Z]{2}-\d\d )(.+)", english):  # a rule, and what it is about
        return found[1] + _in_chinese(found[2])
    for between, is_list in (("; ", "; " in english), ("/", re.match("[a-z_]+/", english))):
        if is_list:  # of phrases, or of the parts of an entry's path
            return between.join(map(_in_chinese, english.split(between)))
    return english


@cache
def _phrases() -> tuple[Mapping[str, str], Sequence[tuple[re.Pattern[str], str]]]:
    """Return what is said in Chinese for whole texts, and for patterns with ``{}`` in them."""
    texts = (files("auditkit") / "phrases.toml").read_text(encoding="utf-8")
    shared = {name: text["zh"] for name, text in catalogue()[SHARED]["words"].items()}
    known = {**shared, **tomllib.loads(texts)}
    open_ = sorted((text for text in known if "{}" in text), key=lambda text: -len(text))
    shapes = (re.escape(text).replace(r"\{\}", "(.+?)") for text in open_)
    return known, [(re.compile(s, re.S), known[t]) for s, t in zip(shapes, open_, strict=True)]


def said(rule: str, says: str, fields: Mapping[str, str], lang: str) -> str:
    """Put a message together of parts that the catalogue has; any other text is said as it is.

    Words of the shared catalogue in fields, such as ``blank``, are translated.
    """
    shared = catalogue()[SHARED]
    known = {**shared["says"], **catalogue().get(rule, {}).get("says", {})}
    parts = says.split()
    if not all(part in known for part in parts):
        return says
    words = {name: word(value, lang) for name, value in fields.items()}
    return "".join(known[part][lang] for part in parts).format_map(words)
