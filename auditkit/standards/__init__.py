"""The standards that forms are held against, as dated data: which value was in force when, where.

The tables stand beside this file. ``parameters.toml`` holds the values, each with the day it came
into force, its jurisdiction and its basis; ``instruments.toml`` the documents behind them and how
surely each is known; ``jurisdictions.toml`` the names that forms are known by.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
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
            own = [p for p in known if p.jurisdiction == place and _holds(p, on)]
            if own:
                return max(own, key=lambda provision: provision.start)
        first = min(provision.start for provision in known)
        raise NotInForceError(
            f"no value of {name} is known for {on}; the first one known is of {first}"
        )

    def instrument(self, id: str) -> Instrument:  # noqa: A002
        """Return what a basis refers to; raises StandardsError for an unknown one."""
        try:
            return self.instruments[id]
        except KeyError:
            raise StandardsError(f"no instrument is called {id!r}") from None

    def jurisdiction(self, code: str, on: date | None) -> Jurisdiction:
        """Return the jurisdiction of a code given by a person; raises StandardsError if odd."""
        if not re.fullmatch(r"\d{6}", code):
            raise StandardsError(
                f"{code!r} is no jurisdiction: six digits are expected, such as 420000 for 湖北"
            )
        name = self.places.get(f"{code[:2]}0000", "")
        return Jurisdiction(code, on or self._latest(), False, name, "" if on else NO_YEAR)

    def _latest(self) -> date:
        return max(provision.start for provision in self.provisions)


NO_YEAR = "the form states no year: the latest standards were used"


def load() -> Standards:
    """Read the tables that come with auditkit; raises StandardsError where one is out of shape."""
    instruments = dict(
        pair for name, table in _table("instruments").items() for pair in _instruments(name, table)
    )
    provisions = tuple(
        _provision(name, row, instruments)
        for name, rows in _table("parameters").items()
        for row in rows
    )
    places = {str(code): str(name) for code, name in _table("jurisdictions").items()}
    return Standards(provisions, instruments, places)


def guess_jurisdiction(report: Report, standards: Standards) -> Jurisdiction:
    """Guess whose rules apply from a province named in the form's head, else the country's.

    The day that counts is the last one of the form's year; a form that states no year is held
    against the latest standards, which the note says.
    """
    head = (report.department, report.implementer, report.title, report.project)
    on = report.period_end
    day, note = on or standards._latest(), "" if on else NO_YEAR
    for entry in head:
        text = plain(entry.text) if entry else ""
        for code, name in standards.places.items():
            if re.search(
                f"{name}(?:省|市|自治区|回族|壮族|维吾尔|特别行政区)|{name}(?![州县区路街镇乡村])",
                text,
            ):
                return Jurisdiction(code, day, True, name, note)
    return Jurisdiction(COUNTRY, day, True, "全国", note)


def _table(name: str) -> dict[str, Any]:
    text = (files("auditkit.standards") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def _holds(provision: Provision, on: date) -> bool:
    return provision.start <= on and (provision.until is None or on <= provision.until)


def _provision(name: str, row: dict[str, Any], instruments: Mapping[str, Instrument]) -> Provision:
    required = {"value": (int, Decimal, str), "from": date, "jurisdiction": str, "basis": str}
    optional = {"until": date, "mark": str}
    _check_shape(f"parameters.toml, {name}", row, required, optional)
    if row["basis"] not in instruments:
        raise StandardsError(f"parameters.toml, {name}: unknown basis {row['basis']!r}")
    if not re.fullmatch(r"\d{6}", row["jurisdiction"]):
        raise StandardsError(f"parameters.toml, {name}: odd jurisdiction {row['jurisdiction']!r}")
    value = row["value"]
    return Provision(
        name=name,
        value=value if isinstance(value, str) else Decimal(value),
        start=row["from"],
        until=row.get("until"),
        jurisdiction=row["jurisdiction"],
        basis=row["basis"],
        mark=row.get("mark") or instruments[row["basis"]].mark,
    )


def _instruments(name: str, table: dict[str, Any]) -> list[tuple[str, Instrument]]:
    required = {"number": str, "title": str, "issuer": str, "date": str, "says": dict}
    _check_shape(f"instruments.toml, {name}", table, required, {})
    found = []
    for topic, row in table["says"].items():
        where = f"instruments.toml, {name}.says.{topic}"
        _check_shape(
            where, row, {"text": str, "mark": str}, {"article": str, "article_verified": bool}
        )
        if row["mark"] not in MARKS:
            raise StandardsError(f"{where}: unknown mark {row['mark']!r}")
        article = row.get("article", "") if row.get("article_verified") else ""
        head = (table["number"], table["title"], table["issuer"], table["date"])
        key = f"{name}/{topic}"
        found.append((key, Instrument(key, *head, row["text"], row["mark"], article)))
    return found


def _check_shape(
    where: str, row: Any, required: Mapping[str, Any], optional: Mapping[str, Any]
) -> None:
    """Refuse a table with a key missing, unknown or of the wrong kind, and quote it."""
    if not isinstance(row, dict):
        raise StandardsError(f"{where}: a table is expected, not {row!r}")
    known = {**required, **optional}
    wrong = [f"no {key}" for key in required if key not in row]
    wrong += [f"unknown key {key}" for key in row if key not in known]
    wrong += [
        f"{key} is {value!r}"
        for key, value in row.items()
        if key in known
        and (not isinstance(value, known[key]) or isinstance(value, bool) != (known[key] is bool))
    ]
    if wrong:
        raise StandardsError(f"{where}: {', '.join(wrong)} in {row}")
