"""The standards that forms are held against, as dated data: which value was in force when, where.

The tables stand beside this file. ``parameters.toml`` holds the values, each with the day it came
into force, its jurisdiction and its basis; ``instruments.toml`` the documents behind them and how
surely each is known; ``jurisdictions.toml`` the names that forms are known by.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from auditkit.errors import NotInForceError, StandardsError
from auditkit.grid import plain
from auditkit.report import Report

COUNTRY = "000000"
MARKS = {
    "a": "seen in a source",
    "a-sec": "seen in a secondary source only",
    "a-sys": "seen in a fiscal system's behaviour only, which is not law",
    "b": "recalled, the text itself was not opened",
}
NO_YEAR = "the form states no year: the latest standards were used"


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whose rules a form is held against: a six-digit GB/T 2260 code and the day that counts.

    ``guessed`` says that the place was taken from names on the form; ``note`` says what else
    about place or day was not stated.
    """

    code: str
    on: date
    guessed: bool
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Provision:
    """One value of one parameter, in one place from one day on."""

    name: str
    value: Decimal | str
    start: date
    until: date | None
    jurisdiction: str
    basis: str
    mark: str

    @property
    def number(self) -> Decimal:
        """The value as a number; raises StandardsError where it is a name."""
        if isinstance(self.value, str):
            raise StandardsError(f"{self.name} is {self.value!r}, not a number")
        return self.value


@dataclass(frozen=True, slots=True)
class Instrument:
    """A document and one thing that it says; ``article`` is empty unless it was verified."""

    id: str
    number: str
    title: str
    issuer: str
    date: str
    says: str
    mark: str
    article: str = ""

    @property
    def citation(self) -> str:
        """The document as it may be printed, and how surely what it says is known."""
        head = " ".join(part for part in (self.number, self.title, self.article) if part)
        return f"{head}: {self.says} ({MARKS[self.mark]})"


@dataclass(frozen=True, slots=True)
class Standards:
    """All provisions and instruments, as loaded."""

    provisions: tuple[Provision, ...]
    instruments: Mapping[str, Instrument]
    places: Mapping[str, str]

    def in_force(self, name: str, code: str, on: date) -> Provision:
        """Return the value of a parameter in a place on a day, the narrowest place first.

        A county (421181) falls back on its city, its province and the country. Raises
        StandardsError for an unknown name, NotInForceError where nothing was in force.
        """
        known = [provision for provision in self.provisions if provision.name == name]
        if not known:
            raise StandardsError(f"no parameter is called {name!r}")
        for place in dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000", COUNTRY)):
            there = (provision for provision in known if provision.jurisdiction == place)
            if own := [p for p in there if p.start <= on <= (p.until or date.max)]:
                return max(own, key=lambda provision: provision.start)
        said = f"no value of {name} is known for {on}"
        first = min(provision.start for provision in known)
        raise NotInForceError(f"{said}; the first one known is of {first}")

    def instrument(self, id: str) -> Instrument:  # noqa: A002
        """Return what a basis refers to; raises StandardsError for an unknown one."""
        if id not in self.instruments:
            raise StandardsError(f"no instrument is called {id!r}")
        return self.instruments[id]

    def jurisdiction(self, code: str, on: date | None) -> Jurisdiction:
        """Return the jurisdiction of a code given by a person; raises StandardsError if odd."""
        if not re.fullmatch(r"\d{6}", code):
            expected = "six digits are expected, such as 420000 for 湖北"
            raise StandardsError(f"{code!r} is no jurisdiction: {expected}")
        return self._place(code, on, False, self.places.get(f"{code[:2]}0000", ""))

    def _place(self, code: str, on: date | None, guessed: bool, name: str) -> Jurisdiction:
        latest = max(provision.start for provision in self.provisions)
        return Jurisdiction(code, on or latest, guessed, name, "" if on else NO_YEAR)


def load() -> Standards:
    """Read the tables that come with auditkit; raises StandardsError where one is out of shape."""
    instruments = dict(
        pair for name, table in _table("instruments").items() for pair in _instruments(name, table)
    )
    parameters = _table("parameters").items()
    provisions = (_provision(name, row, instruments) for name, rows in parameters for row in rows)
    places = {str(code): str(name) for code, name in _table("jurisdictions").items()}
    return Standards(tuple(provisions), instruments, places)


def guess_jurisdiction(report: Report, standards: Standards) -> Jurisdiction:
    """Guess whose rules apply from a province named in the form's head, else the country's.

    The day that counts is the last one of the form's year; a form that states no year is held
    against the latest standards, which the note says.
    """
    behind = r"(?:省|市|自治区|回族|壮族|维吾尔|特别行政区|(?![州县区路街镇乡村]))"
    for entry in (report.department, report.implementer, report.title, report.project):
        text = plain(entry.text) if entry else ""
        for code, name in standards.places.items():
            if re.search(name + behind, text):
                return standards._place(code, report.period_end, True, name)
    return standards._place(COUNTRY, report.period_end, True, "全国")


def _table(name: str) -> dict[str, Any]:
    text = (files("auditkit.standards") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def _provision(name: str, row: dict[str, Any], instruments: Mapping[str, Instrument]) -> Provision:
    where = f"parameters.toml, {name}"
    _check_shape(where, row, _PROVISION, optional=("until", "mark"))
    value, basis, place = row["value"], row["basis"], row["jurisdiction"]
    if basis not in instruments:
        raise StandardsError(f"{where}: unknown basis {basis!r}")
    if not re.fullmatch(r"\d{6}", place):
        raise StandardsError(f"{where}: odd jurisdiction {place!r}")
    number = value if isinstance(value, str) else Decimal(value)
    mark = row.get("mark") or instruments[basis].mark
    return Provision(name, number, row["from"], row.get("until"), place, basis, mark)


def _instruments(name: str, table: dict[str, Any]) -> Iterator[tuple[str, Instrument]]:
    _check_shape(f"instruments.toml, {name}", table, _INSTRUMENT)
    head = (table["number"], table["title"], table["issuer"], table["date"])
    for topic, row in table["says"].items():
        where = f"instruments.toml, {name}.says.{topic}"
        _check_shape(where, row, _SAYING, optional=("article", "article_verified"))
        if row["mark"] not in MARKS:
            raise StandardsError(f"{where}: unknown mark {row['mark']!r}")
        article = row.get("article", "") if row.get("article_verified") else ""
        key = f"{name}/{topic}"
        yield key, Instrument(key, *head, row["text"], row["mark"], article)


_PROVISION = {
    "value": (int, Decimal, str), "from": date, "jurisdiction": str, "basis": str,
    "until": date, "mark": str,
}  # fmt: skip
_INSTRUMENT = {"number": str, "title": str, "issuer": str, "date": str, "says": dict}
_SAYING = {"text": str, "mark": str, "article": str, "article_verified": bool}


def _check_shape(
    where: str, row: Any, shape: Mapping[str, Any], optional: tuple[str, ...] = ()
) -> None:
    """Refuse a table with a key missing, unknown or of the wrong kind, and quote it."""
    if not isinstance(row, dict):
        raise StandardsError(f"{where}: a table is expected, not {row!r}")
    wrong = [f"no {key}" for key in shape if key not in row and key not in optional]
    wrong += [f"unknown key {key}" for key in row if key not in shape]
    wrong += [
        f"{key} is {value!r}"
        for key, value in row.items()
        if key in shape
        if not isinstance(value, shape[key]) or isinstance(value, bool) != (shape[key] is bool)
    ]
    if wrong:
        raise StandardsError(f"{where}: {', '.join(wrong)} in {row}")
