"""What is personal kept out of what is handed on: names, telephone, identity and card numbers.

Personal is what stands beside a label such as 联系人 or 联系电话, any number that is built like
that of a telephone, a person or a bank card, and any e-mail address; a name that a label gave away
is masked wherever it stands. A figure of the form, a code, an amount with its unit never are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import reduce
from itertools import chain, groupby
from pathlib import Path
from typing import Any, TypeVar, cast

from auditkit.findings import Finding, Rule
from auditkit.grid import Cell, normal, plain
from auditkit.numbers import Reading, Status
from auditkit.report import Entry, Report
from auditkit.standards import Jurisdiction, Provision, Standards
from auditkit.wording import LabelPath, Series

Thing = TypeVar("Thing")
MASK = "■■■"
_FIGURE = re.compile(r"[-+=≥≤><±\d.,%‰]+")
_COLUMN = re.compile("^budget/|/(?:points|score)$")
_FIGURES = (Status.NUMBER, Status.RANGE, Status.DATE)
_NOT_OF_A_FORM = (Jurisdiction, Provision, Rule, Standards, type)


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

    def applied(self, thing: Thing) -> Thing:
        """Return a review, findings or the like with all their texts masked.

        Findings keep the key and the state that they have without masks.
        """
        return cast(Thing, self._of("", thing, {}))

    def _of(self, name: str, thing: Any, made: dict[int, Any]) -> Any:
        if name == "terms":
            return thing
        if type(thing) is str:
            is_figure = name not in ("raw", "text") and _FIGURE.fullmatch(thing)
            return (
                thing
                if is_figure or name in ("arithmetic", "formula", "sha256")
                else self.masked(thing)
            )
        if isinstance(thing, LabelPath):
            return LabelPath(self.masked(thing))
        if isinstance(thing, tuple):
            parts = (self._of(name, part, made) for part in thing)
            return Series(parts) if isinstance(thing, Series) else tuple(parts)
        if isinstance(thing, Mapping):
            return {name: self._of(name, part, made) for name, part in thing.items()}
        if not is_dataclass(thing) or isinstance(thing, _NOT_OF_A_FORM):
            return thing
        if id(thing) not in made:
            values = {
                field.name: getattr(thing, field.name) for field in fields(thing) if field.init
            }
            parts = self._of(name, values, made)
            if isinstance(thing, Finding):
                parts["known_as"] = (thing.key, thing.state)
            if isinstance(thing, Cell) and thing in self.cells:
                parts |= {"text": MASK, "stored": ""}
            if isinstance(thing, Entry) and thing.cells and self.cells.issuperset(thing.cells):
                parts["reading"] = Reading(MASK, Status.WORDS)
            made[id(thing)] = replace(cast(Any, thing), **parts)
        return made[id(thing)]


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
