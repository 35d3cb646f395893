"""Sentences that readers, recomputation and rules still finish in English, in Chinese. To go.

Each call of ``unworded`` becomes one of ``wording.put`` as soon as what it is given is a value:
doubts and notes (readers, forms, decisions), arithmetic and what was assumed (recomputation), and
the fields of observations (rules). With the last of them this module and ``phrases.toml`` go.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from auditkit.wording import LANGUAGES, TERMS, Fact, put, words


def unworded(fact: Fact, lang: str) -> str:
    """Return a value in words, and in Chinese a sentence that is finished in English already.

    >>> unworded("recognition is not sure of 8", "zh"), unworded("blank", "en")
    ('文字识别不能确定8', 'blank')
    """
    return put(fact, lang) if lang == LANGUAGES[0] or type(fact) is not str else _in_chinese(fact)


@lru_cache(maxsize=10_000)
def _in_chinese(english: str) -> str:
    known, patterns = _phrases()
    if english in known:
        return known[english]
    for pattern, chinese in patterns:
        if found := pattern.fullmatch(english):
            return chinese.format(*map(_in_chinese, found.groups()))
    for between, is_list in (("; ", "; " in english), ("/", re.match("[a-z_]+/", english))):
        if is_list:  # of phrases, or of the parts of an entry's path
            return between.join(map(_in_chinese, english.split(between)))
    return english


@cache
def _phrases() -> tuple[Mapping[str, str], Sequence[tuple[re.Pattern[str], str]]]:
    """Return what is said in Chinese for whole texts, and for patterns with ``{}`` in them."""
    texts = (files("auditkit") / "phrases.toml").read_text(encoding="utf-8")
    terms = {key: text["zh"] for key, text in words()[TERMS].items()}
    known = {**terms, **tomllib.loads(texts)}
    open_ = sorted((text for text in known if "{}" in text), key=lambda text: -len(text))
    shapes = (re.escape(text).replace(r"\{\}", "(.+?)") for text in open_)
    return known, [(re.compile(s, re.S), known[t]) for s, t in zip(shapes, open_, strict=True)]
