"""The standards that forms are held against, as dated data: which value was in force when, where.

The tables stand beside this file. ``parameters.toml`` holds the values, each with the day it came
into force, its jurisdiction and its basis; ``instruments.toml``, ``statutes.toml`` and
``practice.toml`` the documents behind them, from when on each can be cited, and how surely each is
known; ``jurisdictions.toml`` the names that forms are known by. An auditor's own
file of values, in the shape of ``parameters.toml`` and with a table ``instruments`` in the shape
of ``instruments.toml``, comes on top.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

from auditkit.errors import NotInForceError, StandardsError, UnknownPlaceError, refused
from auditkit.grid import plain
from auditkit.numbers import read_value
from auditkit.report import Report
from auditkit.standards.vocabulary import speaks_of
from auditkit.wording import LANGUAGES, Fact, Name, Phrase, Statement, put

HERE, COUNTRY = files("auditkit.standards"), "000000"
DOCUMENTS = ("instruments.toml", "statutes.toml", "practice.toml")
Day = date  # an instrument calls the words for its own day date
LONGEST_NAME = 15  # ideographs of the longest name of a place


class Mark(StrEnum):
    """How surely it is known what an instrument says."""

    SEEN = "a"
    SECONDARY = "a-sec"
    SYSTEM = "a-sys"
    RECALLED = "b"


class Guess(StrEnum):
    """From what place and day were taken where the form does not state them."""

    NAMES = "names"
    LAYOUT = "layout"
    NO_PLACE = "no place"
    NO_YEAR = "no year"


class Since(StrEnum):
    """When a value counts, or that none did."""

    FROM = "from"  # facts: start
    FROM_UNTIL = "from until"  # facts: start, until
    SEEN = "seen"  # facts: start
    SEEN_UNTIL = "seen until"  # facts: start, until
    UNKNOWN = "unknown"  # facts: name, day, next
    UNKNOWN_HERE = "unknown here"  # facts: name, day
    NO_TEXT = "no text"  # facts: day
    EVALUATED = "evaluated"  # facts: day


class Cited(StrEnum):
    """What is said of a text that is cited, besides how surely it is known."""

    PRACTICE = "practice"
    ONE_COPY = "one copy"
    AT_EVALUATION = "at evaluation"  # facts: day


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whose rules a form is held against: a six-digit GB/T 2260 code and the day that counts.

    ``guessed`` says that the place was taken from the form; ``notes`` say from what of it, and
    what else about place or day was not stated. ``on`` is the last day of the form's year, from
    which its values are; ``evaluated`` the day of the evaluation where the form prints it.
    """

    code: str
    on: date
    guessed: bool
    name: str = ""
    notes: tuple[Guess, ...] = ()
    evaluated: date | None = None


class Setting(StrEnum):
    """What a value of the standards may be besides a number, as far as rules ask for it."""

    UNSTATED = "unstated"
    REQUIRED = "required"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Provision:
    """One value of one parameter, in one place from one day on.

    ``is_seen`` says that the day is only that of the first form it was seen on.
    """

    name: str
    value: Decimal | str
    start: date
    until: date | None
    jurisdiction: str
    basis: str
    mark: str
    is_seen: bool = False

    @property
    def since(self) -> Statement:
        """The days on which it is in force, as far as they are known."""
        if self.until is None:
            return Statement.of(Since.SEEN if self.is_seen else Since.FROM, start=self.start)
        kind = Since.SEEN_UNTIL if self.is_seen else Since.FROM_UNTIL
        return Statement.of(kind, start=self.start, until=self.until)

    @property
    def is_stated(self) -> bool:
        """Whether the place says anything of it."""
        return self.value != Setting.UNSTATED

    @property
    def is_required(self) -> bool:
        """Whether the place asks for it."""
        return self.value == Setting.REQUIRED

    @property
    def is_full(self) -> bool:
        """Whether it earns full points."""
        return self.value == Setting.FULL

    @property
    def number(self) -> Decimal:
        """The value as a number; raises StandardsError where it is a name."""
        if isinstance(self.value, str):
            raise StandardsError.saying("value-no-number", parameter=self.name, value=self.value)
        return self.value


@dataclass(frozen=True, slots=True)
class Instrument:
    """A document and one thing that it says; ``article`` is empty unless it was verified.

    ``says`` has the words by language. It can be cited for the place ``jurisdiction`` from
    ``start`` on, ``None`` where no day is known, as for an auditor's own. ``copies`` says in how
    many independent ones its article was read, 0 where that is not told.
    """

    id: str
    number: str
    title: str
    issuer: str
    date: str
    says: Mapping[str, str]
    mark: str
    article: str = ""
    source: str = ""
    start: Day | None = None
    until: Day | None = None
    jurisdiction: str = COUNTRY
    is_practice: bool = False
    copies: int = 0

    def applies_to(self, place: Jurisdiction) -> bool:
        """Tell whether it can be cited for a form of a place and a year.

        It is in force by the last day of that year, or by the day on which the form says that it
        was filled in.
        """
        last = max(place.on, place.evaluated or place.on)
        is_there = self.jurisdiction in _wider(place.code)
        return is_there and (self.start or last) <= last and place.on <= (self.until or place.on)

    def citation(self, lang: str = "en", mark: str = "", place: Jurisdiction | None = None) -> str:
        """The document as it may be printed, and how surely what it says is known.

        ``mark`` is that of a value that is less sure than what the document says; ``place`` tells
        whether it came into force only before the evaluation.
        """
        head = " ".join(part for part in (self.number, self.title, self.article) if part)
        known = Mark(mark or self.mark)
        is_later = place is not None and self.start is not None and self.start > place.on
        said: list[Fact] = [known]
        said += [Cited.PRACTICE] if self.is_practice and known is not Mark.SYSTEM else []
        said += [Cited.ONE_COPY] if self.article and self.copies == 1 else []
        if place and is_later:
            said.append(Statement.of(Cited.AT_EVALUATION, day=place.evaluated or place.on))
        return f"{head}: {self.says[lang]} ({'; '.join(put(one, lang) for one in said)})"


@dataclass(frozen=True, slots=True)
class Standards:
    """All provisions and instruments, as loaded.

    ``parameters`` has the provisions of each by jurisdiction, those of one by the day they begin.
    """

    parameters: Mapping[str, Mapping[str, tuple[Provision, ...]]]
    instruments: Mapping[str, Instrument]
    places: Mapping[str, str]
    codes: Mapping[str, str]
    layouts: Mapping[str, str]
    central: Mapping[str, str]

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """All provisions, by parameter and jurisdiction."""
        places = chain.from_iterable(there.values() for there in self.parameters.values())
        return tuple(chain.from_iterable(places))

    def in_force(self, name: str, code: str, on: date) -> Provision:
        """Return the value of a parameter in a place on a day, the narrowest place first.

        A county (421181) falls back on its city, its province and the country. Raises
        StandardsError for an unknown name, NotInForceError where nothing was in force.
        """
        known = self.parameters.get(name)
        if not known:
            raise StandardsError.saying("parameter-unknown", parameter=name)
        for place in _wider(code):
            for provision in reversed(known.get(place, ())):
                if provision.start <= on <= (provision.until or date.max):
                    return provision
        starts = (p.start for place in _wider(code) for p in known.get(place, ()))
        coming = min((start for start in starts if start > on), default=None)
        said: dict[str, Fact] = {"name": Name(name), "day": on}
        why = (
            Statement.of(Since.UNKNOWN, **said, next=coming)
            if coming
            else Statement.of(Since.UNKNOWN_HERE, **said)
        )
        raise NotInForceError(why)

    def resolved(self, place: Jurisdiction) -> tuple[Provision, ...]:
        """Return every value that is in force in a place on a day, by name."""
        found = []
        for name in sorted(self.parameters):
            with suppress(NotInForceError):
                found.append(self.in_force(name, place.code, place.on))
        return tuple(found)

    def instrument(self, id: str) -> Instrument:  # noqa: A002
        """Return what a basis refers to; raises StandardsError for an unknown one."""
        if id not in self.instruments:
            raise StandardsError.saying("instrument-unknown", id=id)
        return self.instruments[id]

    def applies(self, basis: str, place: Jurisdiction) -> bool:
        """Tell whether a text can be cited for a form of a place and a year.

        Of a text that is not known here, as an auditor's own may be, nothing says that it cannot.
        """
        text = self.instruments.get(basis)
        return text is None or text.applies_to(place)

    def citations(
        self,
        basis: Iterable[str],
        provisions: Sequence[Provision],
        lang: str = "en",
        place: Jurisdiction | None = None,
    ) -> list[str]:
        """Return the documents of a basis as they may be printed, each as sure as what it gives.

        A value that is less surely known than what its document says, as all know it, says so; a
        document that is younger than the form's year says that it is cited as of the evaluation.
        """
        found = []
        for name in basis:
            document = self.instrument(name)
            marks = [Mark(document.mark), *(Mark(p.mark) for p in provisions if p.basis == name)]
            found.append(document.citation(lang, max(marks, key=list(Mark).index), place))
        return found

    def jurisdiction(
        self, code: str, on: date | None, evaluated: date | None = None
    ) -> Jurisdiction:
        """Return the jurisdiction of a code given by a person; raises StandardsError if odd.

        A county counts that no table names, as long as its province is known, or an own file of
        values has any for it.
        """
        places = {*self.places, *(provision.jurisdiction for provision in self.provisions)}
        if code != COUNTRY and places.isdisjoint(_wider(six_digits(code))[:-1]):
            raise UnknownPlaceError.saying("place-unknown", code=code, start=code[:2])
        return self._place(code, on, evaluated)

    def _place(
        self, code: str, on: date | None, evaluated: date | None, *guesses: Guess
    ) -> Jurisdiction:
        latest = max(provision.start for provision in self.provisions)
        names = [self.places[wide] for wide in reversed(_wider(code)) if wide in self.places]
        name, notes = " ".join(names) or "全国", guesses if on else (*guesses, Guess.NO_YEAR)
        return Jurisdiction(code, on or latest, bool(guesses), name, notes, evaluated)


def evaluated_on(report: Report) -> date | None:
    """Return the day on which a form says that it was filled in, ``None`` where it does not."""
    dated = (entry.text for label, entry in report.extra if speaks_of("evaluated", plain(label)))
    return next((day for text in dated if (day := read_value(text).day)), None)


def six_digits(code: str) -> str:
    """Return the code of a jurisdiction, or raise StandardsError where it is not built like one."""
    if not re.fullmatch(r"[0-9]{6}", code):
        raise UnknownPlaceError.saying("place-odd", code=code)
    return code


def load(extra: Path | None = None) -> Standards:
    """Read the tables that come with auditkit, and an auditor's own file of values on top.

    Raises StandardsError where a table is out of shape, or the own file cannot be read.
    """
    return _loaded(extra) if extra else _bundled()


@cache
def _bundled() -> Standards:
    return _loaded(None)


def _loaded(extra: Path | None) -> Standards:
    own = _table(extra) if extra else {}
    documents = {name: item for file in DOCUMENTS for name, item in _table(HERE / file).items()}
    documents |= own.pop("instruments", {})
    instruments = dict(pair for item in documents.items() for pair in _instruments(*item))
    sources = (("parameters.toml", _table(HERE / "parameters.toml")), (str(extra), own))
    provisions: dict[str, dict[str, tuple[Provision, ...]]] = {}
    for source, parameters in sources:
        for name, rows in parameters.items():
            for row in rows if isinstance(rows, list) else [rows]:
                made = _provision(f"{source}, {name}", name, row, instruments)
                there = provisions.setdefault(name, {})
                held = (*there.get(made.jurisdiction, ()), made)
                there[made.jurisdiction] = tuple(sorted(held, key=attrgetter("start")))
    places = _table(HERE / "jurisdictions.toml")
    layouts, central = places.pop("layout"), places.pop("central")
    names = {code: str(line).split() for code, line in places.items()}
    codes = {name: code for code, known in names.items() for name in known}
    by_code = {code: known[0] for code, known in names.items()}
    return Standards(provisions, instruments, by_code, codes, layouts, central)


def guess_jurisdiction(report: Report, standards: Standards) -> Jurisdiction:
    """Guess whose rules apply from a place named in the form's head, else from its layout.

    The first text that names a place decides, by the narrowest of the places in it that lie in
    one province; what names none may be of the central government. The day that counts is the last
    one of the form's year; a form that states no year is held against the latest standards, which
    the note says.
    """
    days = (report.period_end, evaluated_on(report))
    for entry in (report.department, report.implementer, report.title, report.project):
        found = list(_places(plain(entry.text), standards.codes)) if entry else []
        if found:
            inside = [code for code in found if code[:2] == found[0][:2]]
            code = max(inside, key=lambda code: len(code.rstrip("0")))
            return standards._place(code, *days, Guess.NAMES)
    for code, pattern in standards.central.items():
        if report.department and re.search(pattern, plain(report.department.text)):
            return standards._place(code, *days, Guess.NAMES)
    labels = [label for label, _ in report.extra] + [report.title.text if report.title else ""]
    for code, pattern in standards.layouts.items():
        if any(re.search(pattern, plain(label)) for label in labels):
            return standards._place(code, *days, Guess.LAYOUT)
    return standards._place(COUNTRY, *days, Guess.NO_PLACE)


def _places(text: str, codes: Mapping[str, str]) -> Iterator[str]:
    """Yield the codes of the places that a text names; 海南州 is not the province 海南."""
    start = 0
    while start < len(text):
        ends = range(min(len(text), start + LONGEST_NAME), start + 1, -1)
        name = next((text[start:end] for end in ends if text[start:end] in codes), "")
        behind = text[start + len(name) : start + len(name) + 1]
        is_whole = len(name) > 2 and name[-1] in "市县州区旗盟"
        if name and (is_whole or behind not in tuple("州县区路街镇乡村")):
            yield codes[name]
        start += len(name) or 1


def _wider(code: str) -> tuple[str, ...]:
    """Return the code and those of its city, its province and the country, each once."""
    return tuple(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000", COUNTRY)))


def _table(path: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        facts = {"reason": refused(error), "expected": Phrase.of("expected-values")}
        raise StandardsError.saying("unopened-terms", name=path.name, **facts) from error
    except ValueError as error:
        said = str(error)
        raise StandardsError.saying("values-no-toml", name=path.name, reason=said) from error


def _provision(
    where: str, name: str, row: dict[str, Any], instruments: Mapping[str, Instrument]
) -> Provision:
    _check_shape(where, row, _PROVISION, optional=("until", "mark", "seen"))
    value, basis, place = row["value"], row["basis"], row["jurisdiction"]
    if basis not in instruments:
        raise StandardsError.saying("basis-unknown", where=where, found=basis)
    if not re.fullmatch(r"\d{6}", place):
        raise StandardsError.saying("jurisdiction-odd", where=where, found=place)
    number = value if isinstance(value, str) else Decimal(value)
    mark = row.get("mark") or instruments[basis].mark
    days = (row["from"], row.get("until"))
    return Provision(name, number, *days, place, basis, mark, row.get("seen", False))


def _instruments(name: str, table: dict[str, Any]) -> Iterator[tuple[str, Instrument]]:
    _check_shape(f"instruments, {name}", table, _INSTRUMENT, optional=_MAY_STATE)
    head = (table["number"], table["title"], table["issuer"], table["date"])
    days = (table.get("from") or _day_of(table["date"]), table.get("until"))
    for topic, row in table["says"].items():
        where = f"instruments, {name}.says.{topic}"
        _check_shape(where, row, _SAYING, optional=_MAY_SAY)
        if row["mark"] not in tuple(Mark):
            raise StandardsError.saying("mark-unknown", where=where, found=row["mark"])
        article = row.get("article", "") if row.get("article_verified") else ""
        key = f"{name}/{topic}"
        source = row.get("source") or table.get("source", "")
        says = {str(lang): row[lang] for lang in LANGUAGES}
        yield (
            key,
            Instrument(
                key,
                *head,
                says,
                row["mark"],
                article,
                source,
                *days,
                jurisdiction=table.get("jurisdiction", COUNTRY),
                is_practice=table.get("practice", False),
                copies=row.get("copies", 0),
            ),
        )


def _day_of(text: str) -> date | None:
    """Return the day that a text begins with; the last day of the year where it names only that."""
    found = re.match(r"((?:19|20)\d\d)(?:-(\d\d)-(\d\d))?(?!\d)", text)
    return date(int(found[1]), int(found[2] or 12), int(found[3] or 31)) if found else None


_PROVISION = {
    "value": (int, Decimal, str), "from": date, "jurisdiction": str, "basis": str,
    "until": date, "mark": str, "seen": bool,
}  # fmt: skip
_MAY_STATE = ("source", "jurisdiction", "from", "until", "practice")
_INSTRUMENT: dict[str, Any] = dict.fromkeys(
    ("number", "title", "issuer", "date", "source", "jurisdiction"), str
)
_INSTRUMENT |= {"says": dict, "from": date, "until": date, "practice": bool}
_MAY_SAY = ("article", "article_verified", "source", "copies")
_SAYING: dict[str, Any] = dict.fromkeys(("en", "zh", "mark", "article", "source"), str)
_SAYING |= {"article_verified": bool, "copies": int}


def _check_shape(
    where: str, row: Any, shape: Mapping[str, Any], optional: tuple[str, ...] = ()
) -> None:
    """Refuse a table with a key missing, unknown or of the wrong kind, and quote it."""
    if not isinstance(row, dict):
        raise StandardsError.saying("shape-no-table", where=where, found=repr(row))
    wrong = [
        Phrase.of("key-lacks", key=key) for key in shape if key not in row and key not in optional
    ]
    wrong += [Phrase.of("key-unknown", key=key) for key in row if key not in shape]
    wrong += [
        Phrase.of("key-odd", key=key, value=repr(value))
        for key, value in row.items()
        if key in shape
        if not isinstance(value, shape[key]) or isinstance(value, bool) != (shape[key] is bool)
    ]
    if wrong:
        told = tuple(wrong)
        raise StandardsError.saying("shape-odd", where=where, wrong=told, found=str(row))
