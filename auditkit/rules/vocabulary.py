"""What words on a form say: how far a target in words is met, and patterns kept as data."""

from __future__ import annotations

import re
import tomllib
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files

from auditkit.numbers import Status
from auditkit.once import once
from auditkit.recompute import compare, words_of
from auditkit.report import Entry, Indicator

_FILE = files("auditkit") / "standards" / "vocabulary.toml"
WORDS = {
    table: {name: re.compile(pattern) for name, pattern in patterns.items()}
    for table, patterns in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
}
_NUMBERING = re.compile(r"^[★*#]*(?:指标\d{1,2}[、.:)]?|\d{1,2}[、.)])?(?:其中:?)?")
_NO_MARKS = str.maketrans("", "", "/、,()")
LONGEST = 14  # characters of an actual value that is still a word of degree and no account


class Met(IntEnum):
    """How far a target is met; BELOW is met, though with less emphasis than the target has."""

    MISSED = 0
    PARTLY = 1
    NEARLY = 2
    BELOW = 3
    FULLY = 4


def speaks_of(name: str, text: str) -> bool:
    """Tell whether a text contains what the vocabulary lists under a name."""
    return WORDS["texts"][name].search(text) is not None


def is_called(name: str, text: str, table: str = "texts") -> bool:
    """Tell whether a whole text is what the vocabulary lists under a name."""
    return WORDS[table][name].fullmatch(text) is not None


@lru_cache(maxsize=1024)
def named(table: str, text: str) -> str:
    """Return the name under which a table of the vocabulary lists a whole text, or nothing."""
    return next((name for name in WORDS[table] if is_called(name, text, table)), "")


def bare_name(row: Indicator) -> str:
    """Return the name of an indicator without numbering and marks: 指标1:培训人次 is 培训人次."""
    return _unnumbered(words_of(row.name))


@lru_cache(maxsize=1024)
def _unnumbered(name: str) -> str:
    return _NUMBERING.sub("", name, count=1)


def is_scale(entry: Entry | None) -> bool:
    """Tell whether a cell names a scale instead of a level of it: 优良中低差."""
    return is_called("name", words_of(entry).translate(_NO_MARKS), "scales")


@lru_cache(maxsize=1024)
def is_graded(text: str) -> bool:
    """Tell whether a text holds a word of degree, a core word or a bound that is known."""
    known = (
        pattern for table in ("cores", "degrees", "tiers") for pattern in WORDS[table].values()
    )
    return speaks_of("graded", text) or any(pattern.search(text) for pattern in known)


@once
def met(row: Indicator) -> Met | None:
    """Tell how far an indicator's target is met, in numbers or in words; ``None`` is unknown."""
    comparison, target, actual = compare(row), row.target, row.actual
    if not isinstance(comparison, str):
        return None if comparison.is_met is None else (Met.MISSED, Met.FULLY)[comparison.is_met]
    if not (target and actual) or any(e.reading.status is Status.NUMBER for e in (target, actual)):
        return None
    first, last = target.reading.day, actual.reading.day
    if first and last:
        return Met.FULLY if last <= first else Met.MISSED
    aim, said = (re.sub(r"^定性|[,。;、:.!]", "", words_of(entry)) for entry in (target, actual))
    aimed, level = "4" if is_scale(target) else named("scales", aim), named("scales", said)
    if aimed and level.isdigit():
        return Met.FULLY if level >= aimed else Met(int(level))
    return None if is_scale(target) else _met_in_words(aim, said)


def _met_in_words(target: str, actual: str) -> Met | None:
    """Compare two words of degree: 及时 and 较及时; unknown wording is nothing to judge by."""
    if not target or not actual or len(actual) > LONGEST:
        return None
    if target == actual:
        return Met.FULLY
    (aimed, aim), (reached, core) = _degree(target), _degree(actual)
    if aimed == 0 or not _is_same(aim, core):
        return None
    is_done = reached == Met.BELOW and is_called("done", core, "cores")
    return Met.FULLY if reached >= aimed or is_done else Met(reached)


def _degree(text: str) -> tuple[int, str]:
    """Split a text into the degree that it names, 3 where it names none, and the rest."""
    found = []
    for name, pattern in WORDS["degrees"].items():
        text, count = pattern.subn("", text)
        found += [int(name)] if count and name.isdigit() else []
    return min(found, default=3), text


def _is_same(aim: str, core: str) -> bool:
    """Tell whether what was reached is the thing aimed at, or a word that fits every target."""
    if not core or is_called("done", core, "cores"):
        return True
    groups = (pattern for name, pattern in WORDS["cores"].items() if name != "done")
    alike = any(pattern.search(aim) and pattern.search(core) for pattern in groups)
    return alike or (len(core) > 1 and (core in aim or (len(aim) > 1 and aim in core)))
