"""What rules say, in English and Chinese: the catalogues beside the rules, as data.

Each rule has a table of its id with ``title``, ``statement`` (what is checked), ``why`` (why it
matters), ``question`` (what to ask the unit) and ``says``, the parts that its messages are put
together of; each text stands there once a language. ``shared`` is what every rule may say.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
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
    folder = files("auditkit") / "rules"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return {
        rule: table
        for name in names
        for rule, table in tomllib.loads((folder / name).read_text(encoding="utf-8")).items()
    }


def text(rule: str, name: str, lang: str) -> str:
    """Return a rule's title, statement, why or question; empty for a rule without a catalogue."""
    return str(catalogue().get(rule, {}).get(name, {}).get(lang, ""))


def word(english: str, lang: str) -> str:
    """Return words and phrases of the shared catalogue in a language, any other as they are.

    >>> word("blank", "zh"), word("blank; 5", "zh"), word("blank", "en")
    ('空白', '空白; 5', 'blank')
    """
    words = catalogue()[SHARED]["words"]
    return "; ".join(words.get(part, {}).get(lang, part) for part in english.split("; "))


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
