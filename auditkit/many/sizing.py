"""How many to draw, and what may be said of all where nothing wrong is among those drawn."""

from __future__ import annotations

import math
from decimal import Decimal
from enum import StrEnum

from auditkit.wording import Fact, Phrase, Statement

# Poisson factors of no error found, by confidence in percent; a factor over a rate is a size.
FACTORS = {80: Decimal("1.61"), 90: Decimal("2.31"), 95: Decimal("3.00"), 99: Decimal("4.61")}


class Way(StrEnum):
    """How a sample is drawn."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    RISK = "risk"
    MONEY = "money"


class Sizing(StrEnum):
    """Why so many were drawn, and of what the draw tells. The words stand in words.toml."""

    AS_ASKED = "as asked"
    WHOLE = "whole"  # facts: population
    AT_RANDOM = "at random"  # facts: wrong, size, population, risk, confidence, rate
    BY_STRATA = "by strata"  # the same facts
    BY_JUDGEMENT = "by judgement"  # facts: size, population
    BY_MONEY = "by money"  # facts: factor, size, population, confidence, rate


def size_for(
    population: int, rate: Decimal | str, confidence: int = 95, method: str = Way.RANDOM
) -> tuple[int, Statement]:
    """Return how many to draw, and what follows if none of them is wrong, by the way of drawing.

    At random that is exact (hypergeometric): the smallest number which would hold none of so many
    wrong ones as are not to be missed in less than one draw of 20, for 95 %. By money it is how
    many intervals the amount is parted into, and tells of the amount. What was picked by risk tells
    of nothing but itself, and strata with one form at least each have other chances than the rest.
    Raises ValueError for an unknown confidence, a rate that is no share, or nothing to draw from.

    >>> size_for(300, "0.05")[0], size_for(14, "0.2")[0], size_for(300, "0.05", method="money")[0]
    (54, 9, 60)
    """
    rate = Decimal(rate)
    if population < 1:
        raise ValueError(Phrase.of("draw-none"))
    if confidence not in FACTORS or not 0 < rate < 1:
        raise ValueError(Phrase.of("draw-terms", known=tuple(map(str, FACTORS))))
    facts: dict[str, Fact] = {
        "confidence": confidence,
        "rate": f"{rate:.1%}",
        "population": population,
    }
    if method == Way.MONEY:
        size = math.ceil(FACTORS[confidence] / rate)
        told: dict[str, Fact] = {"size": size, "factor": FACTORS[confidence], **facts}
        return size, Statement.of(Sizing.BY_MONEY, **told)
    wrong = math.ceil(rate * population)
    size = _smallest(population, wrong, Decimal(100 - confidence) / 100)
    if size == population:
        return size, Statement.of(Sizing.WHOLE, population=population)
    if method not in (Way.RANDOM, Way.STRATIFIED):
        return size, Statement.of(Sizing.BY_JUDGEMENT, size=size, population=population)
    kind = Sizing.AT_RANDOM if method == Way.RANDOM else Sizing.BY_STRATA
    return size, Statement.of(kind, wrong=wrong, size=size, risk=100 - confidence, **facts)


def _smallest(population: int, wrong: int, risk: Decimal) -> int:
    """Return how many to draw so that the chance of none of the wrong ones is not above a risk."""
    chance, size = Decimal(1), 0
    while chance > risk:
        chance *= Decimal(population - wrong - size) / (population - size)
        size += 1
    return size
