"""What is personal kept out of what is handed on: names, telephone, identity and card numbers.

Personal is what stands beside a label such as 联系人 or 联系电话, any number that is built like
that of a telephone, a person or a bank card, and any e-mail address; a name that a label gave away
is masked wherever it stands. A figure of the form, a code, an amount with its unit never are.

What of a value can be personal goes by its kind: texts of a form, a file or an auditor can, words
and names of auditkit's own, numbers, days, digests and keys cannot. What ``masked`` does with a
kind is registered here, or beside kinds that stand above this module.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from functools import reduce, singledispatch
from itertools import chain, groupby
from pathlib import Path
from typing import Any, TypeVar, cast

from auditkit.decisions.events import Decision
from auditkit.figures import Figure
from auditkit.findings import Finding, Observation, Rule
from auditkit.grid import Cell, Document, normal, plain
from auditkit.identity import Identity
from auditkit.numbers import Reading, Status
from auditkit.report import Entry, Report
from auditkit.standards import Jurisdiction, Provision, Standards
from auditkit.wording import Fact, LabelPath, Name, Statement, Term

_Thing = TypeVar("_Thing")
MASK = "■■■"
_FIGURE = re.compile(r"[-+=≥≤><±\d.,%‰]+")
_COLUMN = re.compile("^budget/|/(?:points|score)$")
_FIGURES = (Status.NUMBER, Status.ABOUT, Status.RANGE, Status.DATE)


def _patterns() -> Iterator[re.Pattern[str]]:
    said = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    parts = [(f"~{name}~", part) for name, part in reversed(said["parts"].items())]
    for name, text in said["patterns"].items():
        whole = reduce(lambda made, part: made.replace(*part), parts, text)
        yield re.compile(whole, re.VERBOSE if name == "numbers" else 0)


_LABEL, _NAMED, _ONE, _SURNAME, _NOBODY, _NUMBERS, _CODE = _patterns()


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is personal on some forms: ``names``, and the ``cells`` that hold nothing else.

    ``figures`` are the digits of the figures and codes of the forms, which are never masked.
    """

    names: frozenset[str]
    cells: frozenset[Cell]
    figures: frozenset[str]

    def hidden(self, text: str) -> set[int]:
        """Return the places of the characters of a text that are personal."""
        flat = "".join(shape if len(shape := normal(char)) == 1 else char for char in text)
        found = [match.span(match.lastgroup or 0) for match in _NAMED.finditer(flat)]
        found += [m.span() for name in self.names for m in re.finditer(re.escape(name), flat)]
        for match in _NUMBERS.finditer(flat):
            kind, number = str(match.lastgroup), match[match.lastgroup or 0]
            is_code = kind not in ("labelled", "mail") and _CODE.search(flat[: match.start()])
            is_figure = kind != "mail" and re.sub(r"\D", "", number) in self.figures
            if _is_valid(kind, number) and not is_code and not is_figure:
                found.append(match.span(kind))
        return {place for span in found for place in range(*span)}

    def masked(self, text: str) -> str:
        """Return a text with what is personal masked."""
        hidden = self.hidden(text)
        runs = groupby(range(len(text)), lambda place: place in hidden)
        return "".join(MASK if isin else "".join(text[at] for at in run) for isin, run in runs)

    def joined(self, others: Iterable[Redaction]) -> Redaction:
        """Return what is personal here or by any of the others, as on forms of one document."""
        some = (self, *others)
        return Redaction(
            frozenset(chain.from_iterable(one.names for one in some)),
            frozenset(chain.from_iterable(one.cells for one in some)),
            frozenset(chain.from_iterable(one.figures for one in some)),
        )

    def applied(self, thing: _Thing) -> _Thing:
        """Return a review, findings or the like with all their texts masked.

        Findings keep the key and the state that they have without masks.
        """
        return Masking(self).of(thing)


class Masking:
    """One pass of a redaction over a value; what stands in it twice is masked once."""

    def __init__(self, redaction: Redaction) -> None:
        self.redaction = redaction
        self._made: dict[int, Any] = {}

    def of(self, thing: _Thing) -> _Thing:
        """Return a value with what is personal in it masked, as its kind has it."""
        if not is_dataclass(thing) or isinstance(thing, type):
            return cast(_Thing, masked(thing, self))
        if id(thing) not in self._made:
            self._made[id(thing)] = masked(thing, self)
        return cast(_Thing, self._made[id(thing)])

    def parts(self, thing: _Thing, *kept: str, **own: object) -> _Thing:
        """Return a dataclass with its fields masked, but for those ``kept`` or given as ``own``."""
        names = (field.name for field in fields(cast(Any, thing)) if field.init)
        open_ = [name for name in names if name not in kept and name not in own]
        values = {name: self.of(getattr(thing, name)) for name in open_}
        return cast(_Thing, replace(cast(Any, thing), **values, **own))


@singledispatch
def masked(thing: Any, masking: Masking) -> Any:
    """Mask a value of any kind: of a dataclass all fields, of what cannot be personal nothing.

    Kinds are registered here, or beside them where they stand above this module.
    """
    is_value = is_dataclass(thing) and not isinstance(thing, type)
    return masking.parts(thing) if is_value else thing


@masked.register(StrEnum)
@masked.register(Term)
@masked.register(Name)
@masked.register(Jurisdiction)
@masked.register(Provision)
@masked.register(Rule)
@masked.register(Standards)
def _not_of_a_form(thing: Any, _: Masking) -> Any:
    return thing


@masked.register
def _text(text: str, masking: Masking) -> str:
    return text if _FIGURE.fullmatch(text) else masking.redaction.masked(text)


@masked.register
def _path(path: LabelPath, masking: Masking) -> LabelPath:
    return LabelPath(_text(path, masking))


@masked.register(tuple)
@masked.register(list)
def _several(some: Any, masking: Masking) -> Any:
    parts = [masking.of(one) for one in some]
    return some._make(parts) if hasattr(some, "_make") else type(some)(parts)


@masked.register(Mapping)
def _named(some: Mapping[str, Any], masking: Masking) -> Mapping[str, Any]:
    return {name: masking.of(one) for name, one in some.items()}


@masked.register
def _statement(said: Statement, masking: Masking) -> Statement:
    return replace(said, facts=tuple((name, _fact(fact, masking)) for name, fact in said.facts))


def _fact(fact: Fact, masking: Masking) -> Fact:
    """Mask what is quoted, also where it is nothing but digits: a telephone is."""
    if type(fact) is str:
        return masking.redaction.masked(fact)
    return tuple(_fact(f, masking) for f in fact) if type(fact) is tuple else masking.of(fact)


@masked.register
def _document(document: Document, masking: Masking) -> Document:
    return masking.parts(document, "sha256")


@masked.register
def _cell(cell: Cell, masking: Masking) -> Cell:
    if cell in masking.redaction.cells:
        return masking.parts(cell, text=MASK, stored="")
    return masking.parts(cell, text=masking.redaction.masked(cell.text))


@masked.register
def _reading(reading: Reading, masking: Masking) -> Reading:
    return masking.parts(reading, raw=masking.redaction.masked(reading.raw))


@masked.register
def _entry(entry: Entry, masking: Masking) -> Entry:
    if entry.cells and masking.redaction.cells.issuperset(entry.cells):
        return masking.parts(entry, reading=Reading(MASK, Status.WORDS))
    return masking.parts(entry)


@masked.register(Figure)
@masked.register(Observation)
def _recomputed(thing: Any, masking: Masking) -> Any:
    return masking.parts(thing, "arithmetic")


@masked.register
def _report(report: Report, masking: Masking) -> Report:
    return masking.parts(report, read_as=masking.of(report.known_as))


@masked.register
def _identity(identity: Identity, masking: Masking) -> Identity:
    return masking.parts(identity, "key", "amounts", "content", "beside")


@masked.register
def _finding(finding: Finding, masking: Masking) -> Finding:
    return masking.parts(finding, known_as=(finding.key, finding.state))


@masked.register
def _decision(event: Decision, masking: Masking) -> Decision:
    told = ("subject", "answer", "file", "names", "value", "note", "auditor", "evidence")
    return replace(event, **{name: masking.of(getattr(event, name)) for name in told})


def personal(reports: Iterable[Report]) -> Redaction:
    """Find what is personal on the forms of a document."""
    names, cells, figures = set[str](), set[Cell](), set[str]()
    forms = [form for report in reports for form in (report, *report.counterparts)]
    for form in forms:
        tables = [part.extra for part in form.budget_lines] + [row.extra for row in form.indicators]
        for label, entry in (*form.extra, *chain.from_iterable(tables)):
            if entry.text and _LABEL.fullmatch(plain(label)):
                cells.update(entry.cells)
                names.update(_ONE.findall(entry.text))
            elif _CODE.search(label):
                figures.update(re.findall(r"\d{7,}", entry.text))
        for entry in form.entries():
            said = " ".join(m[m.lastgroup or 0] for m in _NAMED.finditer(entry.text))
            names.update(filter(_SURNAME.match, _ONE.findall(said)))
            if entry.reading.status in _FIGURES or _COLUMN.search(entry.path):
                figures.add(re.sub(r"\D", "", entry.text))
    units = [e.text for f in forms for e in (f.project, f.department, f.implementer) if e]
    nobody = (_NOBODY.fullmatch, _LABEL.fullmatch, "/".join(units).__contains__)
    known = frozenset(name for name in names if not any(is_one(name) for is_one in nobody))
    return Redaction(known, frozenset(cells), frozenset(figures))


def _is_valid(kind: str, number: str) -> bool:
    """Tell whether the check digit of a person's or a bank card's number is right."""
    if kind == "person" and len(number) == 18:
        total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(number[:17]))
        return "10X98765432"[total % 11] == number[-1].upper()
    if kind == "card":
        digits = [int(digit) for digit in reversed(number.replace(" ", ""))]
        return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * d, 10)) for d in digits[1::2]) % 10
    return True
