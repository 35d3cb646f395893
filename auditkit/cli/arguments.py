"""What reads the arguments of the command line, by the names that ``cli.toml`` calls them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from auditkit.wording import language


def _like(pattern: str, example: str, kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return what reads an argument of a form, and says what it looks like where it does not."""

    def read(text: str) -> Any:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"such as {example} is expected, not {text!r}")
        return kind(text)

    return read


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        said = f"such as 2022-12-31 is expected, not {text!r}"
        raise argparse.ArgumentTypeError(said) from error


def _column(text: str) -> tuple[str, str]:
    from auditkit.many.reconciliation import LEDGER_COLUMNS

    name, _, head = text.partition("=")
    if name not in LEDGER_COLUMNS or not head:
        raise argparse.ArgumentTypeError(
            f"NAME=HEAD is expected, a name of {', '.join(LEDGER_COLUMNS)}"
        )
    return name, head


def _unit(text: str) -> str:
    from auditkit.numbers import MONEY_UNITS as UNITS

    if text not in UNITS:
        raise argparse.ArgumentTypeError(f"one of {', '.join(UNITS)} is expected, not {text!r}")
    return text


def _setting(text: str) -> tuple[str, str]:
    """Return a name and its value, as they are written."""
    name, _, value = text.partition("=")
    return name, value


_AMOUNT = r"[0-9]+(?:[.][0-9]+)?"
TYPES: dict[str, Callable[[str], Any]] = {
    "path": Path,
    "file": lambda text: Path(text).absolute(),
    "code": _like("[0-9]{6}", "420000, six digits,", str),
    "count": _like("0*[1-9][0-9]*", "2, a number from 1 on,", int),
    "seconds": _like(r"(?=.*[1-9])[0-9]+(?:[.][0-9]+)?", "60, a number above 0,", float),
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
