r"""What rules say, in English and Chinese: the catalogues beside the rules, as data.

Each rule has a table of its id with ``title``, ``statement`` (what is checked), ``why`` (why it
matters), ``question`` (what to ask the unit) and ``says``, the parts that its messages are put
together of; each text stands there once a language. ``shared`` is what every rule may say.

What else auditkit says travels as values and is worded where it is shown. A ``Statement`` (why a
cell is doubted, what a reader notes of a file) is a kind and its facts, a ``Term`` a word of
auditkit's own, a ``LabelPath`` the path of an entry, a ``Name`` what data calls something. ``put``
words them by the catalogues of ``WORDED``, which have a table for each ``StrEnum`` by its name;
no code looks into what comes of it. Any other ``str`` is said as it is. Messages, such as those of
errors, are ``Phrase``\ s: texts by their names in the catalogues of ``PHRASES``.

A value is worded in the language of what it belongs to, such as a review. What belongs to nothing
speaks the default: what ``speak`` was told, else AUDITKIT_LANG, else that of the locale.
"""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Self


class Language(StrEnum):
    """The languages that findings, papers and notebooks speak."""

    EN = "en"
    ZH = "zh"


LANGUAGES = tuple(Language)
SHARED, TERMS, NAMES = "shared", "terms", "names"
# The catalogues beside those of the rules.
WORDED = (
    "words.toml",
    "doubts.toml",
    "figures.toml",
    "decisions/decisions.toml",
    "workpapers/whole_words.toml",
    "notebook.toml",
    "notebook/desk.toml",
    "notebook/doubted.toml",
)
# The catalogues of messages: a table is a text, or the message of an error and the advice with it.
PHRASES = ("errors.toml", "refusals.toml", "readers/troubles.toml", "cli/says.toml")
# Where a system says which language a person reads, the first that is set.
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_CHINESE = ("zh", "chinese")


class Term(str):
    """A word of auditkit's own, by the key that ``[terms]`` of ``words.toml`` has it under."""

    __slots__ = ()


class Name(str):
    """What data calls something: a parameter or its value, a column of a table, a field.

    English says it as it is, Chinese as ``[names]`` or ``[terms]`` has it, else as it is too.
    """

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
    def of(cls, kind: StrEnum, /, **facts: Fact) -> Self:
        """Make a statement of its kind and its facts by their names."""
        return cls(kind, tuple(facts.items()))

    def __getitem__(self, name: str) -> Fact:
        return dict(self.facts)[name]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A message that is not in words yet: its name in the catalogues, and what fills it in.

    The advice that goes with a message has its name and ``.advice``.
    """

    name: str
    facts: tuple[tuple[str, Fact], ...] = ()

    @classmethod
    def of(cls, name: str, /, **facts: Fact) -> Self:
        """Make a message of its name and its facts by their names."""
        return cls(name, tuple(facts.items()))

    def __str__(self) -> str:
        return put(self, language())


class Worded:
    """A value that is said by a statement of its own, such as where a cell or a form stands."""

    __slots__ = ()

    @property
    def statement(self) -> Statement:
        """What is to be said of the value."""
        raise NotImplementedError

    def __str__(self) -> str:
        return put(self, LANGUAGES[0])


Fact = str | int | Decimal | date | Statement | Phrase | Worded | tuple["Fact", ...]


class _Default:
    """The language that ``speak`` was told last; this is all that auditkit keeps of its own."""

    lang: Language | None = None


def language() -> Language:
    """Return the language of what has none of its own."""
    asked = os.environ.get("AUDITKIT_LANG", "").lower()[:2]  # zh_CN and zh-Hans are Chinese, too
    return _Default.lang or (Language(asked) if asked in LANGUAGES else _of_locale())


def _of_locale() -> Language:
    """Return the language of the locale: what the environment says of it, else the system."""
    told = next(filter(None, map(os.environ.get, _LOCALES)), None) or locale.getlocale()[0] or ""
    return Language.ZH if told.lower().startswith(_CHINESE) else Language.EN


def speak(lang: str = "") -> None:
    """Have this process, such as a notebook, speak ``en`` or ``zh`` where nothing says otherwise.

    Without a language it is that of AUDITKIT_LANG again. Raises ValueError for any other.
    """
    if lang and lang not in LANGUAGES:
        raise ValueError(f"{lang!r} is none of {', '.join(LANGUAGES)}")
    _Default.lang = Language(lang) if lang else None


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak a language in a block, and afterwards what was spoken before."""
    before = _Default.lang
    speak(lang)
    try:
        yield
    finally:
        _Default.lang = before


def terms(*keys: str) -> tuple[Term, ...]:
    """Return words of auditkit's own by their keys, such as the heads of a table."""
    return tuple(map(Term, keys))


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


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of messages by their names, each by its language."""
    made: dict[str, Mapping[str, str]] = {}
    for name in PHRASES:
        text = (files("auditkit") / name).read_text(encoding="utf-8")
        for key, table in tomllib.loads(text).items():
            made[key] = table.get("message", table)
            if "advice" in table:
                made[f"{key}.advice"] = table["advice"]
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
        case Phrase():
            text = phrases()[fact.name][lang]
            return text.format_map({name: put(value, lang) for name, value in fact.facts})
        case Worded():
            return put(fact.statement, lang)
        case StrEnum():
            return words()[type(fact).__name__][fact][lang]
        case Term():
            return words()[TERMS][fact][lang]
        case Name():
            return _named(fact, lang) if lang != LANGUAGES[0] else str(fact)
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


def _named(name: Name, lang: str) -> str:
    known = words()
    found = known[NAMES].get(name) or known[TERMS].get(name)
    return found[lang] if found else str(name)


def said(rule: str, says: str | Sequence[str], fields: Mapping[str, Fact], lang: str) -> str:
    """Put a message together of parts that the catalogue has; any other text is said as it is.

    ``fields`` fill the parts in, each worded by ``put``.
    """
    shared = catalogue()[SHARED]
    known = {**shared["says"], **catalogue().get(rule, {}).get("says", {})}
    parts = says.split() if isinstance(says, str) else says
    if isinstance(says, str) and not all(part in known for part in parts):
        return says
    worded = {name: put(value, lang) for name, value in fields.items()}
    return "".join(known[part][lang] for part in parts).format_map(worded)
