"""What words on a form say, and how far a target in words is met, by ``vocabulary.toml``.

All that is asked here is asked of texts without white space; a word that the vocabulary does not
know says nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from importlib.resources import files

_NUMBERING = re.compile(r"^[★*#]*(?:指标\d{1,2}[、.:)]?|\d{1,2}[、.)])?(?:其中:?)?")
_NO_MARKS = str.maketrans("", "", "/、,()")
_MARKS = re.compile(r"^定性|[,。;、:.!]")
_LONGEST = 14  # characters of an actual value that is still a word of degree and no account


class Met(IntEnum):
    """How far a target is met; BELOW is met, though with less emphasis than the target has."""

    MISSED = 0
    PARTLY = 1
    NEARLY = 2
    BELOW = 3
    FULLY = 4


@cache
def _words() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    """Return the patterns of the vocabulary by table and name."""
    text = (files("auditkit.standards") / "vocabulary.toml").read_text(encoding="utf-8")
    return {
        table: {name: re.compile(pattern) for name, pattern in patterns.items()}
        for table, patterns in tomllib.loads(text).items()
    }


def speaks_of(name: str, text: str) -> bool:
    """Tell whether a text contains what the vocabulary lists under a name."""
    return _words()["texts"][name].search(text) is not None


def is_called(name: str, text: str, table: str = "texts") -> bool:
    """Tell whether a whole text is what the vocabulary lists under a name."""
    return _words()[table][name].fullmatch(text) is not None


def named(table: str, text: str) -> str:
    """Return the name under which a table of the vocabulary lists a whole text, or nothing."""
    names, pattern = _any_of(table)
    found = pattern.fullmatch(text)
    return names[found.lastgroup or ""] if found else ""


@cache
def _any_of(table: str) -> tuple[Mapping[str, str], re.Pattern[str]]:
    """Return a table as one pattern, and by the names of its groups those that it lists."""
    groups = [(f"_{at}", name, p.pattern) for at, (name, p) in enumerate(_words()[table].items())]
    whole = "|".join(f"(?P<{group}>{pattern})" for group, _, pattern in groups)
    return {group: name for group, name, _ in groups}, re.compile(whole)


def listed_in(table: str, label: str) -> list[re.Pattern[str]]:
    """Return the patterns of a table whose names stand in a label: 数量 in 数量指标."""
    return [pattern for name, pattern in _words()[table].items() if name in label]


def groups_in(text: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return the groups of people that a text names, each with what else would speak of them."""
    names = ((re.search(name, text), fits) for name, fits in _words()["groups"].items())
    return [(found[0], fits) for found, fits in names if found]


def sums_in(text: str) -> list[str]:
    """Return the sums of money that a text calls the whole of the funds: 共投入9.48万元."""
    return _words()["texts"]["whole_sum"].findall(text)


def bare(name: str) -> str:
    """Return the name of an indicator without numbering and marks.

    >>> bare("指标1:培训人次")
    '培训人次'
    """
    return _NUMBERING.sub("", name, count=1)


def is_scale(text: str) -> bool:
    """Tell whether a text names a scale instead of a level of it: 优良中低差."""
    return is_called("name", text.translate(_NO_MARKS), "scales")


def is_graded(text: str) -> bool:
    """Tell whether a text holds a word of degree, a core word or a bound that is known."""
    known = (_words()[table].values() for table in ("cores", "degrees", "tiers"))
    return speaks_of("graded", text) or any(
        pattern.search(text) for patterns in known for pattern in patterns
    )


def met_in_words(target: str, actual: str) -> Met | None:
    """Tell how far a target in words is met; ``None`` where the wording is not known.

    >>> met_in_words("及时", "较及时").name, met_in_words("优良中低差", "优").name
    ('NEARLY', 'FULLY')
    """
    aim, said = (_MARKS.sub("", text) for text in (target, actual))
    is_a_scale = is_scale(target)
    aimed, level = "4" if is_a_scale else named("scales", aim), named("scales", said)
    if aimed and level.isdigit():
        return Met.FULLY if level >= aimed else Met(int(level))
    return None if is_a_scale else _met_by_degree(aim, said)


def _met_by_degree(target: str, actual: str) -> Met | None:
    """Compare two words of degree: 及时 and 较及时; unknown wording is nothing to judge by."""
    if not target or not actual or len(actual) > _LONGEST:
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
    for name, pattern in _words()["degrees"].items():
        text, count = pattern.subn("", text)
        found += [int(name)] if count and name.isdigit() else []
    return min(found, default=3), text


def _is_same(aim: str, core: str) -> bool:
    """Tell whether what was reached is the thing aimed at, or a word that fits every target."""
    if not core or is_called("done", core, "cores"):
        return True
    groups = (pattern for name, pattern in _words()["cores"].items() if name != "done")
    alike = any(pattern.search(aim) and pattern.search(core) for pattern in groups)
    return alike or (len(core) > 1 and (core in aim or (len(aim) > 1 and aim in core)))
