"""Which projects to look at on the spot: drawn by rule, recorded, and drawn again by anybody.

The order of a draw is that of digests of the seed and each item's key, so that it hangs on no
program's random numbers: with the same seed and list, ``sha256(seed/key)`` gives the same draw.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from auditkit.errors import QueryError
from auditkit.files import digest_of
from auditkit.forms.labels import unit_in
from auditkit.many.results import query
from auditkit.many.sizing import Sizing, Way, size_for
from auditkit.numbers import MONEY_UNITS
from auditkit.wording import LANGUAGES, Fact, Phrase, Statement, language, put

_ZERO = Decimal(0)
_DRAW = re.compile(r"draw(?:-([1-9][0-9]*))?\.json")


class Chance(StrEnum):
    """What made an item part of a draw, and what is to be known of the amounts drawn from."""

    BY_CHANCE = "by chance"
    STRATUM = "stratum"  # facts: drawn, all, department, level
    RISK = "risk"  # facts: risk
    MONEY = "money"  # facts: unit, total, step
    COUNTED_ONCE = "counted once"  # facts: forms
    UNIT_TAKEN = "unit taken"  # facts: forms, unit
    NO_BUDGET = "no budget"  # facts: forms
    LEFT_OUT = "left out"  # facts: forms


@dataclass(frozen=True, slots=True)
class Item:
    """One project to draw from: its key, its money, and what it may be grouped and weighed by.

    ``risk`` is the higher the sooner it is to be looked at.
    """

    key: str
    amount: Decimal = _ZERO
    department: str = ""
    risk: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn, how, from how many, and the digest of the list that it was drawn from.

    ``why`` says for each item drawn, in the same order, what made it part of the draw; ``sized``
    why there are so many and what they tell of the rest, and ``notes`` what to know about the
    amounts. ``left_out`` are items that the method can never draw, to be looked at apart.
    """

    method: str
    seed: str
    size: int
    population: int
    amount: Decimal
    digest: str
    keys: tuple[str, ...]
    why: tuple[Statement, ...]
    sized: Statement = Statement(Sizing.AS_ASKED)  # noqa: RUF009
    notes: tuple[Statement, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def reasoning(self) -> str:
        """Why there are so many, and what they tell of the rest, in words."""
        return put(self.sized, language())

    @property
    def rows(self) -> list[dict[str, str | Statement]]:
        """What was drawn and why, as rows of a table."""
        return [{"form": key, "why": why} for key, why in zip(self.keys, self.why, strict=True)]

    @property
    def record(self) -> dict[str, Any]:
        """The draw as JSON has it, in English."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("why", "notes"):
            told[name] = [put(reason, LANGUAGES[0]) for reason in told[name]]
        told["reasoning"] = put(self.sized, LANGUAGES[0])
        facts = {
            name: fact if isinstance(fact, int) else str(fact) for name, fact in self.sized.facts
        }
        told["sized"] = {"kind": self.sized.kind, **facts}
        return told | {"amount": f"{self.amount:f}"}

    def write(self, path: str | Path) -> None:
        """Write the record of the draw as JSON; raises QueryError where such a file is there."""
        _write_new(Path(path), self.record)

    def keep(self, folder: str | Path) -> Path:
        """Write the record as the next draw of a folder, ``draw-2.json``, and return its path.

        It names the one before it and the digest of that, so that none can be made anew or taken
        out between others without a trace. Raises QueryError where it cannot be written.
        """
        while True:
            made = draws_in(folder)
            last = made[max(made)] if made else None
            number = max(made, default=0) + 1
            before = {"name": last.name, "sha256": digest_of(last.read_bytes())} if last else None
            path = Path(folder, f"draw-{number}.json")
            try:
                _write_new(path, {"draw": number, "before": before, **self.record})
            except QueryError:
                if number in draws_in(folder):  # another process was faster
                    continue
                raise
            return path


def told_by(record: Mapping[str, Any]) -> Statement:
    """Return what a record of a draw says of why there are so many, to be worded."""
    facts = dict(record.get("sized", {"kind": Sizing.AS_ASKED}))
    return Statement.of(Sizing(facts.pop("kind")), **facts)


def draws_in(folder: str | Path) -> dict[int, Path]:
    """Return the records of the draws in a folder by their numbers; one without has zero."""
    found = ((_DRAW.fullmatch(path.name), path) for path in Path(folder).glob("draw*.json"))
    return dict(sorted((int(match[1] or 0), path) for match, path in found if match))


def _write_new(path: Path, record: dict[str, Any]) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    except FileExistsError as error:
        raise QueryError.saying("draw-there", name=str(path)) from error


def sample(
    out: str | Path,
    method: str = "random",
    size: int | None = None,
    *,
    seed: str,
    rate: Decimal | str = "0.05",
    confidence: int = 95,
    bounds: Sequence[Decimal] = (),
    unit: str = "万元",
) -> Draw:
    """Draw forms to look at from the tables of a run in ``out``, so that anybody can draw them too.

    ``method`` is ``random``, ``stratified``, ``risk`` or ``money``; without a ``size`` as many are
    drawn as ``size_for`` reasons from ``rate`` and ``confidence``. ``seed`` is any text. ``bounds``
    are amounts in 元 that part the classes of a stratified draw, ``unit`` that of forms that print
    none. Raises QueryError for what cannot be drawn, MissingFileError where there are no tables.
    """
    items, notes = items_of(partial(query, out), unit)
    if not items:
        raise QueryError.saying("draw-none", name=str(out))
    try:
        sized = Statement(Sizing.AS_ASKED)
        if size is None:
            size, sized = size_for(len(items), rate, confidence, method)
        drawn = draw(items, method, size, seed, bounds)
    except ValueError as error:
        reason: Fact = error.args[0]  # a phrase of auditkit's own, in no words yet
        raise QueryError.saying("draw-odd", reason=reason) from error
    if drawn.left_out:
        notes.append(Statement.of(Chance.LEFT_OUT, forms=len(drawn.left_out)))
    return replace(drawn, sized=sized, notes=tuple(notes))


def draw(
    items: Sequence[Item], method: str, size: int, seed: str, bounds: Sequence[Decimal] = ()
) -> Draw:
    """Draw items by a method: ``random``, ``stratified``, ``risk`` or ``money``.

    At random each item has the same chance. Stratified, each department and class of amounts has
    its share, and at least one; ``bounds`` part the classes, from low to high. By risk the highest
    come first, among equals chance decides. By money every so many units of it, from a start by
    chance, take the item that they are in: an item of an interval and more is always part of the
    draw, what has no amount never is, and is named as left out. Raises ValueError where two items
    have one key, or there is nothing to draw from.
    """
    if method not in METHODS:
        raise ValueError(Phrase.of("draw-method", known=tuple(way.value for way in METHODS)))
    if len({item.key for item in items}) < len(items):
        raise ValueError(Phrase.of("draw-keys"))
    if not items:
        raise ValueError(Phrase.of("draw-none"))
    if method == Way.MONEY and all(item.amount <= 0 for item in items):
        raise ValueError(Phrase.of("draw-no-money"))
    listing = sorted(f"{i.key}\t{i.amount}\t{i.department}\t{i.risk}" for i in items)
    total = sum((item.amount for item in items), _ZERO)
    drawn = list(METHODS[Way(method)](items, size, seed, sorted(bounds)))
    keys, why = tuple(item.key for item, _ in drawn), tuple(reason for _, reason in drawn)
    digest = digest_of("\n".join(listing).encode())
    never = sorted(item.key for item in items if item.amount <= 0) if method == Way.MONEY else ()
    return Draw(method, seed, size, len(items), total, digest, keys, why, left_out=tuple(never))


Drawn = Iterator[tuple[Item, Statement]]


def _random(items: Sequence[Item], size: int, seed: str, _: Sequence[Decimal]) -> Drawn:
    for item in _shuffled(items, seed)[:size]:
        yield item, Statement(Chance.BY_CHANCE)


def _stratified(items: Sequence[Item], size: int, seed: str, bounds: Sequence[Decimal]) -> Drawn:
    """Yield the share of each stratum; what rounding leaves goes to the largest remainders."""
    strata: dict[tuple[str, int], list[Item]] = {}
    for item in items:
        level = sum(item.amount >= bound for bound in bounds)
        strata.setdefault((item.department, level), []).append(item)
    exact = {name: Decimal(size * len(of)) / len(items) for name, of in strata.items()}
    counts = Counter({name: max(1, int(share)) for name, share in exact.items()})
    by_rest = sorted(exact, key=lambda name: (int(exact[name]) - exact[name], name))
    for name in [n for n in by_rest if len(strata[n]) > counts[n]][: max(0, size - counts.total())]:
        counts[name] += 1
    for name in sorted(strata):
        facts = {"drawn": counts[name], "all": len(strata[name]), "level": name[1] + 1}
        why = Statement.of(Chance.STRATUM, department=name[0], **facts)
        yield from ((item, why) for item in _shuffled(strata[name], seed)[: counts[name]])


def _risk(items: Sequence[Item], size: int, seed: str, _: Sequence[Decimal]) -> Drawn:
    for item in sorted(_shuffled(items, seed), key=lambda item: -item.risk)[:size]:
        yield item, Statement.of(Chance.RISK, risk=f"{item.risk:,}")


def _money(items: Sequence[Item], size: int, seed: str, _: Sequence[Decimal]) -> Drawn:
    listed = [item for item in sorted(items, key=lambda item: item.key) if item.amount > 0]
    total = sum((item.amount for item in listed), _ZERO)
    step = total / size
    at, before = step * int(digest_of(seed.encode())[:16], 16) / (1 << 64), _ZERO
    for item in listed:
        after = before + item.amount
        if at < after:
            facts = {"unit": f"{at:.2f}", "total": f"{total:.2f}", "step": f"{step:.2f}"}
            yield item, Statement.of(Chance.MONEY, **facts)
            at += step * (int((after - at) / step) + ((after - at) % step > 0))
        before = after


METHODS = {Way.RANDOM: _random, Way.STRATIFIED: _stratified, Way.RISK: _risk, Way.MONEY: _money}


def items_of(
    ask: Callable[[str], Sequence[dict[str, Any]]], unit: str = "万元"
) -> tuple[list[Item], list[Statement]]:
    """Return the forms of a batch to draw from, and what to know about their amounts.

    ``ask`` answers SQL about its tables (``results.query``). A form that several files hold is one,
    as the first of them has it. The amount is the annual budget,
    else the first one, in 元; ``unit`` is that of forms that print none. The risk counts errors,
    warnings and what is to be looked at as groups of three digits: 2,003,001.
    """
    items, unknown, missing, copies = list[Item](), 0, 0, 0
    for row in ask(_FORMS):
        printed = unit_in(f"单位:{row['currency_unit'] or ''}")
        amount = (row["amount"] or _ZERO) * MONEY_UNITS[printed or unit]
        copies += row["copies"]
        missing += row["amount"] is None
        unknown += row["amount"] is not None and printed is None
        items.append(Item(row["key"], amount, row["department"] or "", int(row["risk"])))
    notes = [
        Statement.of(Chance.COUNTED_ONCE, forms=copies),
        Statement.of(Chance.UNIT_TAKEN, forms=unknown, unit=unit),
        Statement.of(Chance.NO_BUDGET, forms=missing),
    ]
    return items, [note for note in notes if note["forms"]]


_FORMS = """
    SELECT r.file || ' #' || r.form AS key, department, currency_unit, copies,
      coalesce(adjusted_budget, initial_budget) AS amount,
      coalesce(sum(CASE WHEN suppressed <> '' THEN 0 WHEN outcome = 'review' THEN 1
        WHEN outcome <> 'fail' THEN 0 WHEN severity = 'error' THEN 1000000
        WHEN severity = 'warning' THEN 1000 ELSE 0 END), 0) AS risk
    FROM (SELECT *, count(*) OVER same - 1 AS copies FROM reports
      WINDOW same AS (PARTITION BY coalesce(nullif(identity, ''), file || '#' || form))
      QUALIFY row_number() OVER (same ORDER BY file, form) = 1) r
    LEFT JOIN findings f USING (file, form) GROUP BY ALL ORDER BY key"""


def _shuffled(items: Sequence[Item], seed: str) -> list[Item]:
    return sorted(items, key=lambda item: digest_of(f"{seed}/{item.key}".encode()))
