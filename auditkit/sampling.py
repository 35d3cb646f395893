"""Which projects to look at on the spot: drawn by rule, recorded, and drawn again by anybody.

The order of a draw is that of digests of the seed and each item's key, so that it hangs on no
program's random numbers: with the same seed and list, ``sha256(seed/key)`` gives the same draw.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

ZERO = Decimal(0)
# Poisson factors of no error found, by confidence in percent; a factor over a rate is a size.
FACTORS = {80: Decimal("1.61"), 90: Decimal("2.31"), 95: Decimal("3.00"), 99: Decimal("4.61")}


@dataclass(frozen=True, slots=True)
class Item:
    """One project to draw from: its key, its money, and what it may be grouped and weighed by."""

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

    def write(self, path: str | Path) -> None:
        """Write the record of the draw as JSON."""
        record = json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str)
        Path(path).write_text(record + "\n", encoding="utf-8")


def size_for(population: int, rate: Decimal, confidence: int = 95) -> tuple[int, str]:
    """Return how many to draw so that, if none is wrong, fewer than ``rate`` of all are, and why.

    >>> size_for(300, Decimal("0.05"))[0]
    51
    """
    if confidence not in FACTORS or not 0 < rate < 1 or population < 1:
        raise ValueError(f"confidence is one of {', '.join(map(str, FACTORS))}, rate below 1")
    endless = FACTORS[confidence] / rate
    size = min(population, math.ceil(endless / (1 + (endless - 1) / population)))
    how = f"{FACTORS[confidence]} / {rate} = {endless:.1f} of any number, {size} of {population}"
    told = f"none wrong among them tells with {confidence}% that fewer than {rate:.1%} are"
    return size, f"{how}: {told}"


def random_draw(items: Sequence[Item], size: int, seed: str) -> Draw:
    """Draw each item with the same chance."""
    chosen = _shuffled(items, seed)[:size]
    return _draw("random", seed, size, items, [(item, "by chance") for item in chosen])


def stratified_draw(items: Sequence[Item], size: int, seed: str, bounds: Sequence[Decimal]) -> Draw:
    """Draw from each department and class of amounts its share, and at least one.

    ``bounds`` part the classes of amounts, from low to high. Shares are those of the number of
    items; what rounding leaves goes to the largest remainders.
    """
    strata: dict[tuple[str, int], list[Item]] = {}
    for item in items:
        level = sum(item.amount >= bound for bound in bounds)
        strata.setdefault((item.department, level), []).append(item)
    exact = {name: Decimal(size * len(of)) / len(items) for name, of in strata.items()}
    counts = Counter({name: max(1, int(share)) for name, share in exact.items()})
    by_rest = sorted(exact, key=lambda name: (int(exact[name]) - exact[name], name))
    for name in [n for n in by_rest if len(strata[n]) > counts[n]][: max(0, size - counts.total())]:
        counts[name] += 1
    chosen = [
        (item, f"{counts[name]} of {len(strata[name])} in {name[0]}, class {name[1] + 1}")
        for name in sorted(strata)
        for item in _shuffled(strata[name], seed)[: counts[name]]
    ]
    return _draw("stratified", seed, size, items, chosen)


def risk_draw(items: Sequence[Item], size: int, seed: str) -> Draw:
    """Take the items of the highest risk; among equals chance decides."""
    ranked = sorted(_shuffled(items, seed), key=lambda item: -item.risk)[:size]
    return _draw("risk", seed, size, items, [(item, f"risk {item.risk}") for item in ranked])


def monetary_unit_draw(items: Sequence[Item], size: int, seed: str) -> Draw:
    """Draw every so many units of money from a start by chance, and take the items they are in.

    An item of an interval and more is always part of the draw; what has no amount never is.
    """
    listed = [item for item in sorted(items, key=lambda item: item.key) if item.amount > 0]
    total = sum((item.amount for item in listed), ZERO)
    step = total / size
    at, before, chosen = step * _share(seed), ZERO, list[tuple[Item, str]]()
    for item in listed:
        after = before + item.amount
        if at < after:
            chosen.append((item, f"holds unit {at:.2f} of {total:.2f}, one in {step:.2f}"))
            at += step * (int((after - at) / step) + ((after - at) % step > 0))
        before = after
    return _draw("monetary unit", seed, size, items, chosen)


def _shuffled(items: Sequence[Item], seed: str) -> list[Item]:
    return sorted(items, key=lambda item: _digest(f"{seed}/{item.key}"))


def _share(seed: str) -> Decimal:
    return Decimal(int(_digest(seed)[:16], 16)) / (1 << 64)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _draw(
    method: str, seed: str, size: int, items: Sequence[Item], of: list[tuple[Item, str]]
) -> Draw:
    listing = sorted(f"{i.key}\t{i.amount}\t{i.department}\t{i.risk}" for i in items)
    if len({item.key for item in items}) < len(items):
        raise ValueError("each item needs a key of its own")
    total = sum((item.amount for item in items), ZERO)
    keys, why = tuple(item.key for item, _ in of), tuple(reason for _, reason in of)
    return Draw(method, seed, size, len(items), total, _digest("\n".join(listing)), keys, why)
