"""Which projects to look at on the spot: drawn by rule, recorded, and drawn again by anybody.

The order of a draw is that of digests of the seed and each item's key, so that it hangs on no
program's random numbers: with the same seed and list, ``sha256(seed/key)`` gives the same draw.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from auditkit.forms.labels import unit_in
from auditkit.numbers import MONEY_UNITS

ZERO = Decimal(0)
# Poisson factors of no error found, by confidence in percent; a factor over a rate is a size.
FACTORS = {80: Decimal("1.61"), 90: Decimal("2.31"), 95: Decimal("3.00"), 99: Decimal("4.61")}


@dataclass(frozen=True, slots=True)
class Item:
    """One project to draw from: its key, its money, and what it may be grouped and weighed by.

    ``risk`` is the higher the sooner it is to be looked at.
    """

    key: str
    amount: Decimal = ZERO
    department: str = ""
    risk: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn, how, from how many, and the digest of the list that it was drawn from.

    ``why`` says for each item drawn, in the same order, what made it part of the draw.
    """

    method: str
    seed: str
    size: int
    population: int
    amount: Decimal
    digest: str
    keys: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def rows(self) -> list[dict[str, str]]:
        """What was drawn and why, as rows of a table."""
        return [{"form": key, "why": why} for key, why in zip(self.keys, self.why, strict=True)]

    def write(self, path: str | Path) -> None:
        """Write the record of the draw as JSON."""
        record = json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str)
        Path(path).write_text(record + "\n", encoding="utf-8")


def size_for(population: int, rate: Decimal | str, confidence: int = 95) -> tuple[int, str]:
    """Return how many to draw so that, if none is wrong, fewer than ``rate`` of all are, and why.

    >>> size_for(300, "0.05")[0]
    51
    """
    rate = Decimal(rate)
    if confidence not in FACTORS or not 0 < rate < 1 or population < 1:
        raise ValueError(f"confidence is one of {', '.join(map(str, FACTORS))}, rate below 1")
    endless = FACTORS[confidence] / rate
    size = min(population, math.ceil(endless / (1 + (endless - 1) / population)))
    how = f"{FACTORS[confidence]} / {rate} = {endless:.1f} of any number, {size} of {population}"
    told = f"none wrong among them tells with {confidence}% that fewer than {rate:.1%} are"
    return size, f"{how}: {told}"


def draw(
    items: Sequence[Item], method: str, size: int, seed: str, bounds: Sequence[Decimal] = ()
) -> Draw:
    """Draw items by a method: ``random``, ``stratified``, ``risk`` or ``money``.

    At random each item has the same chance. Stratified, each department and class of amounts has
    its share, and at least one; ``bounds`` part the classes, from low to high. By risk the highest
    come first, among equals chance decides. By money every so many units of it, from a start by
    chance, take the item that they are in: an item of an interval and more is always part of the
    draw, what has no amount never is. Raises ValueError where two items have one key.
    """
    if len({item.key for item in items}) < len(items):
        raise ValueError("each item needs a key of its own")
    listing = sorted(f"{i.key}\t{i.amount}\t{i.department}\t{i.risk}" for i in items)
    total = sum((item.amount for item in items), ZERO)
    drawn = list(_METHODS[method](items, size, seed, sorted(bounds)))
    keys, why = tuple(item.key for item, _ in drawn), tuple(reason for _, reason in drawn)
    digest = _digest("\n".join(listing))
    return Draw(method, seed, size, len(items), total, digest, keys, why)


Drawn = Iterator[tuple[Item, str]]


def _random(items: Sequence[Item], size: int, seed: str, _: Sequence[Decimal]) -> Drawn:
    for item in _shuffled(items, seed)[:size]:
        yield item, "by chance"


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
        why = f"{counts[name]} of {len(strata[name])} in {name[0]}, class {name[1] + 1}"
        yield from ((item, why) for item in _shuffled(strata[name], seed)[: counts[name]])


def _risk(items: Sequence[Item], size: int, seed: str, _: Sequence[Decimal]) -> Drawn:
    for item in sorted(_shuffled(items, seed), key=lambda item: -item.risk)[:size]:
        yield item, f"risk {item.risk:,}"


def _money(items: Sequence[Item], size: int, seed: str, _: Sequence[Decimal]) -> Drawn:
    listed = [item for item in sorted(items, key=lambda item: item.key) if item.amount > 0]
    total = sum((item.amount for item in listed), ZERO)
    step = total / size
    at, before = step * int(_digest(seed)[:16], 16) / (1 << 64), ZERO
    for item in listed:
        after = before + item.amount
        if at < after:
            yield item, f"holds unit {at:.2f} of {total:.2f}, one in {step:.2f}"
            at += step * (int((after - at) / step) + ((after - at) % step > 0))
        before = after


_METHODS = {"random": _random, "stratified": _stratified, "risk": _risk, "money": _money}


def items_of(
    ask: Callable[[str], Sequence[dict[str, Any]]], unit: str = "万元"
) -> tuple[list[Item], list[str]]:
    """Return the forms of a batch to draw from, and what to know about their amounts.

    ``ask`` answers SQL about its tables (``results.questions``). The amount is the annual budget,
    else the first one, in 元; ``unit`` is that of forms that print none. The risk counts errors,
    warnings and what is to be looked at as groups of three digits: 2,003,001.
    """
    items, unknown, missing = list[Item](), 0, 0
    for row in ask(_FORMS):
        printed = unit_in(f"单位:{row['currency_unit'] or ''}")
        amount = (row["amount"] or ZERO) * MONEY_UNITS[printed or unit]
        missing += row["amount"] is None
        unknown += row["amount"] is not None and printed is None
        items.append(Item(row["key"], amount, row["department"] or "", int(row["risk"])))
    notes = {
        f"{unknown} forms print no unit of money: their amounts are taken as {unit}": unknown,
        f"{missing} forms have no budget: their amount is nought": missing,
    }
    return items, [note for note, count in notes.items() if count]


_FORMS = """
    SELECT r.file || ' #' || r.form AS key, department, currency_unit,
      coalesce(adjusted_budget, initial_budget) AS amount,
      coalesce(sum(CASE WHEN suppressed <> '' THEN 0 WHEN outcome = 'review' THEN 1
        WHEN outcome <> 'fail' THEN 0 WHEN severity = 'error' THEN 1000000
        WHEN severity = 'warning' THEN 1000 ELSE 0 END), 0) AS risk
    FROM reports r LEFT JOIN findings f USING (file, form) GROUP BY ALL ORDER BY key"""


def _shuffled(items: Sequence[Item], seed: str) -> list[Item]:
    return sorted(items, key=lambda item: _digest(f"{seed}/{item.key}"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
