"""How much of a file is read: limits by name, each said in the error that it causes.

Files come from outside, and some are made to take all the memory and time of who opens them. A
limit is raised by a variable of the environment: ``AUDITKIT_PAGES=20000`` for ``pages``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from auditkit.errors import LimitError

_LOOK = "Look where the file comes from; where you trust it, set {} to more and read it again"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read: a hundred times what books of forms have, and less than harms.

    ``bytes`` are those of a file, ``unpacked_bytes`` those that an archive or the streams of a PDF
    unpack to, ``sheet_bytes`` those of the sheets of a workbook, ``stream_bytes`` those of one
    stream in a PDF, pictures aside. ``parts`` are those of an archive, ``objects`` what one page
    draws, ``repeats`` the lines in which a dump repeats itself, ``cells`` those of a sheet or
    table, ``merged`` the squares of one merged cell, ``nesting`` how deep elements stand in each
    other, ``pixels`` those of one picture, ``reach`` the points from its corner that a page's text
    reaches. ``seconds`` may a PDF take, looked at after each page, and ``office_seconds`` an
    office program; nothing here stops a library that is stuck, but a batch does, which reads in
    processes of its own.
    """

    bytes: int = 256 << 20
    unpacked_bytes: int = 512 << 20
    sheet_bytes: int = 32 << 20
    stream_bytes: int = 32 << 20
    parts: int = 10_000
    pages: int = 5_000
    objects: int = 400_000
    repeats: int = 400
    cells: int = 200_000
    merged: int = 1 << 20
    nesting: int = 400
    pixels: int = 100_000_000
    reach: int = 1_000_000
    seconds: int = 1_800
    office_seconds: int = 120


def limits() -> Limits:
    """Return the limits that hold now; raises LimitError for a variable that is no number."""
    given = {f.name: os.environ.get(variable(f.name), "") for f in fields(Limits)}
    for name, text in given.items():
        if text and not (text.isascii() and text.isdigit()):
            raise LimitError(
                f"a whole number is expected, not {text!r}",
                name=variable(name),
                advice="Set it to a number, or not at all",
            )
    return Limits(**{name: int(text) for name, text in given.items() if text})


def variable(name: str) -> str:
    """Return the variable of the environment that sets a limit."""
    return f"AUDITKIT_{name.upper()}"


def hold(limit: str, count: float, what: str, name: str, place: str = "") -> None:
    """Raise LimitError where a file has more of something than its limit.

    >>> hold("pages", 6000, "pages", "a.pdf")
    Traceback (most recent call last):
    auditkit.errors.LimitError: a.pdf: 6,000 pages, more than the limit of 5,000. Look where the \
file comes from; where you trust it, set AUDITKIT_PAGES to more and read it again
    """
    most = getattr(limits(), limit)
    if count > most:
        raise LimitError(
            f"{count:,.0f} {what}, more than the limit of {most:,}",
            name=name,
            place=place,
            advice=_LOOK.format(variable(limit)),
        )
