"""What reads the arguments of the command line, by the names that ``cli.toml`` calls them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from auditkit.wording import Phrase, language


def _like(
    pattern: str, example: str | tuple[str], kind: Callable[[str], Any]
) -> Callable[[str], Any]:
    """Return what reads an argument of a form, and says what it looks like where it does not."""

    def read(text: str) -> Any:
        if not re.fullmatch(pattern, text):
            said = example if isinstance(example, str) else Phrase.of(*example)
            raise argparse.ArgumentTypeError(Phrase.of("such as", example=said, given=text))
        return kind(text)

    return read


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(Phrase.of("such as day", given=text)) from error


def _column(text: str) -> tuple[str, str]:
    from auditkit.many.reconciliation import LEDGER_COLUMNS

    name, _, head = text.partition("=")
    if name not in LEDGER_COLUMNS or not head:
        known = tuple(LEDGER_COLUMNS)
        raise argparse.ArgumentTypeError(Phrase.of("name and head", known=known))
    return name, head


def _unit(text: str) -> str:
    from auditkit.numbers import MONEY_UNITS as UNITS

    if text not in UNITS:
        raise argparse.ArgumentTypeError(Phrase.of("one of", known=tuple(UNITS), given=text))
    return text


def _place(text: str) -> str:
    """Return the code of a place that is given by it, or by its name."""
    if re.fullmatch("[0-9]{6}", text):
        return text
    from auditkit.standards import load

    named = [code for code, name in load().places.items() if _names(text, name)]
    if not named:
        raise argparse.ArgumentTypeError(Phrase.of("such as place", given=text))
    return min(named, key=lambda code: (not code.endswith("0000"), code))


def _names(text: str, place: str) -> bool:
    """Tell whether a text names a place, by its name alone or with what kind of place it is."""
    is_region = text.startswith(place) and text.endswith("自治区")
    return is_region or text in (place, f"{place}省", f"{place}市") or f"{text}市" == place


def _setting(text: str) -> tuple[str, str]:
    """Return a name and its value, which is read as what the notebook has there by itself."""
    name, _, value = text.partition("=")
    return name, value


_AMOUNT = r"[0-9]+(?:[.][0-9]+)?"
TYPES: dict[str, Callable[[str], Any]] = {
    "path": Path,
    "file": lambda text: Path(text).absolute(),
    "code": _place,
    "count": _like("0*[1-9][0-9]*", ("such as count",), int),
    "seconds": _like(r"(?=.*[1-9])[0-9]+(?:[.][0-9]+)?", ("such as seconds",), float),
    "day": _day,
    "language": lambda text: text or language(),
    "amount": _like(_AMOUNT, "0.05", Decimal),
    "amounts": _like(
        f"({_AMOUNT}(,{_AMOUNT})*)?",
        "1000,50000",
        lambda t: [*map(Decimal, t.split(","))] if t else [],
    ),
    "column": _column,
    "unit": _unit,
    "setting": _setting,
}
