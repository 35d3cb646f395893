"""What rules say, in English and Chinese: the catalogues beside the rules, as data.

Each rule has a table of its id with ``title``, ``statement`` (what is checked), ``why`` (why it
matters), ``question`` (what to ask the unit) and ``says``, the parts that its messages are put
together of; each text stands there once a language. ``shared`` is what every rule may say.

What else auditkit says travels as values and is worded where it is shown. A ``Statement`` (why a
cell is doubted, what a reader notes of a file) is a kind and its facts, a ``Term`` a word of
auditkit's own, a ``LabelPath`` the path of an entry. ``put`` words them by ``words.toml``,
``doubts.toml`` and ``figures.toml``, which have a table for each ``StrEnum`` by its name; no code
looks into what comes of it. ``phrases.toml`` has the Chinese of what code still says in English.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Self


class Language(StrEnum):
    """The languages that findings, papers and notebooks speak."""

    EN = "en"
    ZH = "zh"


LANGUAGES = tuple(Language)
SHARED, TERMS = "shared", "terms"
WORDED = ("words.toml", "doubts.toml", "figures.toml")  # the catalogues beside those of the rules


class Term(str):
    """A word of auditkit's own, by the key that ``[terms]`` of ``words.toml`` has it under."""

    __slots__ = ()


class LabelPath(str):
    """The path of labels that names an entry of a form, such as ``budget/total/outturn``.

    Parts that ``[terms]`` has are worded, labels of the form's own are said as they are.
    """

    __slots__ = ()


class Series(tuple["Fact", ...]):
    """Facts that are said one after the other, with semicolons between them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """Something to be said that is not in words yet: a kind, and the facts that fill it in.

    ``kind`` is a member of a ``StrEnum`` whose class has a table in a catalogue. A fact that is
    plain text is of the form or the file, and said as it is; any other is worded in turn.
    """

    kind: StrEnum
    facts: tuple[tuple[str, Fact], ...] = ()

    @classmethod
    def of(cls, kind: StrEnum, **facts: Fact) -> Self:
        """Make a statement of its kind and its facts by their names."""
        return cls(kind, tuple(facts.items()))

    def __getitem__(self, name: str) -> Fact:
        return dict(self.facts)[name]


Fact = str | int | Decimal | date | Statement | tuple["Fact", ...]


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


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the texts of kinds and terms: by the table, the kind or term, and the language."""
    made: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for name in WORDED:
        text = (files("auditkit") / name).read_text(encoding="utf-8")
        for table, texts in tomllib.loads(text).items():
            made[table] = {**made.get(table, {}), **texts}
    return made


def put(fact: Fact | StrEnum, lang: str) -> str:
    """Put a value into words; raises KeyError for a kind or term that no catalogue has.

    >>> put(("a", Decimal("1.50")), "zh"), put(LabelPath("x/y"), "en")
    ('a、1.50', 'x/y')
    """
    match fact:
        case Statement():
            text = words()[type(fact.kind).__name__][fact.kind][lang]
            return text.format_map({name: put(value, lang) for name, value in fact.facts})
        case StrEnum():
            return words()[type(fact).__name__][fact][lang]
        case Term():
            return words()[TERMS][fact][lang]
        case LabelPath():
            known = words()[TERMS] if lang != LANGUAGES[0] else {}
            return "/".join(known.get(part, {}).get(lang, part) for part in fact.split("/"))
        case Series():
            return "; ".join(put(part, lang) for part in fact)
        case tuple():
            return {"en": ", ", "zh": "、"}[lang].join(put(part, lang) for part in fact)
        case Decimal():
            return f"{fact:f}"
    return str(fact)


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


def said(rule: str, says: str | Sequence[str], fields: Mapping[str, Fact], lang: str) -> str:
    """Put a message together of parts that the catalogue has; any other text is said as it is.

    Facts in fields are put into words, and words of code's own English translated.
    """
    shared = catalogue()[SHARED]
    known = {**shared["says"], **catalogue().get(rule, {}).get("says", {})}
    parts = says.split() if isinstance(says, str) else says
    if isinstance(says, str) and not all(part in known for part in parts):
        return says
    words = {
        name: word(value, lang) if type(value) is str else put(value, lang)
        for name, value in fields.items()
    }
    return "".join(known[part][lang] for part in parts).format_map(words)
