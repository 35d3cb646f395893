"""Which form a form is: the form of which unit, for which project and year.

It is told by what the form said when it was read, before corrections and masks, so that decisions
find it again in another file, under another title or on another page. A form that does not say
enough is known by the bytes that it stands in alone.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from auditkit.files import short_digest
from auditkit.grid import normal
from auditkit.numbers import Reading, Status, read_value

NAMES = ("project", "year", "department", "implementer")
_KEPT = "%‰./#"  # of punctuation: what tells one figure or path from another
# What a form calls a unit or project and any other could: words of the template, a place to fill
# in, or a word for whoever fills it in.
_ANYBODY = re.compile(
    "(?:本|我|该)(?:单位|部门|级|机关|局|委|厅|院|所|校|街道|镇|乡|村|项目)|机关|本级|同上|无|略|待定"
    "|(?:项目)?(?:主管|预算|实施|申报|填报|承担)?(?:单位|部门)(?:名称)?|项目(?:名称)?"
    "|[x某×*○〇□0-9]*(?:单位|部门|项目|局|委|厅|院|所|校|镇|乡|村)?[x×*○〇□0-9]*"
)


@lru_cache(maxsize=8192)
def same(text: str) -> str:
    """Return a text for telling whether two files say the same.

    A figure is its value, words are without white space and what prints differ in.

    >>> same("1,234.50"), same(" 93.740 %"), same("(房管所)居民小区 综合治理。")
    ('1234.5', '93.74%', '房管所居民小区综合治理')
    """
    return same_reading(read_value(text))


def same_reading(reading: Reading) -> str:
    """Return what a cell says, for telling whether another says the same."""
    if reading.status is Status.NUMBER and reading.value is not None and reading.upper is None:
        return f"{reading.comparator}{reading.value.normalize():f}{bare(reading.unit)}"
    return bare(reading.raw)


@lru_cache(maxsize=8192)  # states of findings ask for the same few texts many times
def bare(text: str) -> str:
    """Return a text in NFKC without white space, marks that nobody sees and punctuation."""
    return "".join(
        char for char in normal(text) if char in _KEPT or unicodedata.category(char)[0] not in "ZCP"
    )


def question_key(form: str, rule: str, subject: str) -> str:
    """Return what tells one question from all others: of a form, by a rule, about a subject."""
    return short_digest(form, rule, subject)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a form was read to be: the ``key`` of its project, year and units.

    ``is_told`` says whether those are said: else the key is that of a place in some bytes, and
    another file's form is never taken for it. ``amounts`` are the money on it, the witness
    for forms that call themselves the same. ``content`` is the digest of all that was read,
    ``beside`` has the keys of all forms of the file where there are several.
    """

    key: str = ""
    is_told: bool = False
    project: str = ""
    year: str = ""
    department: str = ""
    implementer: str = ""
    amounts: tuple[tuple[str, str], ...] = ()
    content: str = ""
    beside: frozenset[str] = frozenset()

    def bound(self, document: str, number: int) -> Identity:
        """Return the identity of a form that only the bytes around it tell from others."""
        return replace(self, key=short_digest(document, str(number)), is_told=False)

    @property
    def said(self) -> str:
        """What the form said of itself, as the log keeps it."""
        texts = {name: getattr(self, name) for name in NAMES if getattr(self, name)}
        return json.dumps({**texts, "amounts": dict(self.amounts)}, ensure_ascii=False)


UNKNOWN = Identity()


def identified(
    document: str,
    number: int,
    names: Mapping[str, str],
    amounts: Mapping[str, str],
    content: Iterable[str],
) -> Identity:
    """Tell which form a form is by its ``names``: project, year, department and implementer."""
    kept = tuple((path, text) for path, text in sorted(amounts.items()) if text not in ("", "0"))
    project, year, *units = (names[name] for name in NAMES)
    form = Identity(
        "", False, project, year, units[0], units[1], kept, short_digest(*sorted(content))
    )
    parts = [bare(name).casefold() for name in (project, year, *units)]
    if not _names_a_form(parts):
        return form.bound(document, number)
    return replace(form, key=short_digest("form", *parts), is_told=True)


def _names_a_form(names: Sequence[str]) -> bool:
    project, year, *units = names
    return bool(year) and _is_one(project) and any(map(_is_one, units))


def _is_one(name: str) -> bool:
    """Tell whether a name is that of somebody or something, and not of anybody."""
    return _ANYBODY.fullmatch(name) is None


def is_twin(one: Identity, other: Identity) -> bool:
    """Tell whether two forms of one file call themselves the same: a project, a year and a unit."""
    ours, theirs = ([bare(getattr(form, n)).casefold() for n in NAMES] for form in (one, other))
    return ours == theirs and _names_a_form(ours)


def is_witnessed(one: str, other: str) -> bool:
    """Tell whether two forms that call themselves the same have most of their money in common.

    Both are as ``said``. Two offices of one name have other amounts; a form that was put right has
    most of them still.
    """
    ours, theirs = (_amounts(said) for said in (one, other))
    both = ours.keys() & theirs.keys()
    return bool(both) and 2 * sum(ours[path] == theirs[path] for path in both) >= len(both)


@lru_cache(maxsize=4096)
def money(said: str) -> str:
    """Return what tells a form by its money alone; nothing where it has none."""
    texts = [f"{path}={text}" for path, text in sorted(_amounts(said).items())]
    return short_digest("money", *texts) if texts else ""


def may_be_one(one: str, other: str, *, is_one_file: bool) -> bool:
    """Tell whether two forms that call themselves otherwise may be one: a person has to say.

    They have the project or the unit in common, or name none that could differ, and stand in files
    of one name or have the same money in the same year.
    """
    ours, theirs = (named(said) for said in (one, other))
    is_one_year = ours.get("year", "") == theirs.get("year", "")
    has_one_money = bool(money(one)) and money(one) == money(other)
    if not (is_one_file or (has_one_money and is_one_year)):
        return False
    pairs = [(ours.get("project"), theirs.get("project")), (_unit(ours), _unit(theirs))]
    both = [(bare(here), bare(there)) for here, there in pairs if here and there]
    return not both or any(here == there for here, there in both)


def _unit(names: Mapping[str, str]) -> str:
    return names.get("implementer") or names.get("department", "")


def named(said: str) -> Mapping[str, str]:
    """Return what a form called itself, by what of it the name is of."""
    return {name: str(text) for name, text in _said(said).items() if name in NAMES}


def _amounts(said: str) -> Mapping[str, str]:
    amounts: Mapping[str, str] = _said(said).get("amounts", {})
    return amounts


@lru_cache(maxsize=4096)  # events on one form say the same
def _said(said: str) -> Mapping[str, Any]:
    """Return what the log keeps of a form; nothing where an older one kept none."""
    whole: Mapping[str, Any] = json.loads(said) if said else {}
    return whole
