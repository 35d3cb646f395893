"""Amounts of money in a unit that fits them, for pictures and verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from auditkit.figures import shown
from auditkit.numbers import MONEY_UNITS
from auditkit.report import ZERO, Entry, number, words_of
from auditkit.wording import Fact, Term

# What amounts are counted in, smallest first: yuan, and what people say of many.
_UNITS = {
    "en": (("yuan", 0), ("thousand yuan", 3), ("million yuan", 6), ("billion yuan", 9)),
    "zh": (("yuan", 0), ("ten thousand yuan", 4), ("hundred million yuan", 8)),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of money, by its name, and the power of ten from the form's own amounts to it."""

    name: Fact
    by: int

    def of(self, entry: Entry | None) -> Decimal:
        """Return an amount of the form in this unit, nought where it has none."""
        return (number(entry) or ZERO).scaleb(-self.by)

    def label(self, entry: Entry | None) -> str:
        """Write an amount of the form in this unit, with a question mark where it is not sure.

        Amounts that the unit leaves as they are stand as printed.
        """
        if entry is None:
            return ""
        value = self.of(entry)
        places = next((some for some in (2, 4) if not value or Decimal(shown(value, some))), 8)
        text = f"{Decimal(shown(value, places)):,f}" if self.by else entry.text
        return text if entry.is_sure else f"(?) {text}"


def fitting(entries: Iterable[Entry | None], unit: Entry | None, lang: str) -> Unit:
    """Return the largest unit that the largest of some amounts has at least one of.

    Amounts stay as they are where the form states no unit that is one of yuan.
    """
    stated = words_of(unit)
    if stated not in MONEY_UNITS:
        return Unit(stated or Term("unit not stated"), 0)
    own = Decimal(MONEY_UNITS[stated]).adjusted()
    largest = max((abs(number(entry) or ZERO) for entry in entries), default=ZERO).scaleb(own)
    fits = [(name, power) for name, power in _UNITS[lang] if largest >= Decimal(1).scaleb(power)]
    name, power = fits[-1] if fits else _UNITS[lang][0]
    return Unit(Term(name), power - own)
