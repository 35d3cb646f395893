"""How much of a file is read: limits by name, each said in the error that it causes.

Files come from outside, and some are made to take all the memory and time of who opens them. What
a reader is about to build it counts first, in one ``Count`` a file. A limit is raised by a variable
of the environment: ``AUDITKIT_PAGES=20000`` for ``pages``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, TypeVar

from auditkit.errors import LimitError
from auditkit.wording import Phrase, Worded

COMPARED = "comparisons, to tell how texts are seen"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read: a hundred times what books of forms have, and less than harms.

    ``bytes`` are those of a file, ``unpacked_bytes`` those that an archive or the streams of a PDF
    unpack to, ``sheet_bytes`` those of the sheets of a workbook, ``text_bytes`` those of a web page
    or text, ``stream_bytes`` those of one stream in a PDF, pictures aside. ``parts`` are those of
    an archive, ``elements`` and ``attributes`` those of a web page or of the XML of an office file,
    ``tag_attributes`` those of one element. ``objects`` is what one page draws, ``shades`` what of
    it is shaded, patterned or seen through a mask, ``program`` the bytes that work out one colour.
    ``forms`` are those of a file, ``cells`` the squares of the tables that can belong to them,
    spans and all, ``columns`` those of one table, ``merged`` the squares of the merged cells of a
    workbook. ``characters`` are those of a file's tables and lines, ``text`` those of one cell or
    line, ``repeats`` the lines in which a dump repeats itself, ``nesting`` how deep elements stand
    in each other. ``style_text`` are the characters by which a web page says how it looks, and
    ``comparisons`` what is compared to tell how each text of a file is seen. ``pictures`` are those
    that are recognised in a file, ``pixels`` those of one picture, ``reach`` the points from its
    corner that a page's text reaches. ``seconds`` may a PDF take, looked at after each page,
    ``office_seconds`` and ``office_mebibytes`` an office program.
    What no count foresees, a library that is stuck, is ended with the process that it runs in.
    """

    bytes: int = 256 << 20
    unpacked_bytes: int = 512 << 20
    sheet_bytes: int = 32 << 20
    text_bytes: int = 64 << 20
    stream_bytes: int = 32 << 20
    parts: int = 10_000
    elements: int = 1_000_000
    attributes: int = 2_000_000
    tag_attributes: int = 1_000
    pages: int = 5_000
    objects: int = 400_000
    shades: int = 200
    program: int = 2_048
    forms: int = 500
    cells: int = 200_000
    columns: int = 2_000
    merged: int = 1 << 20
    characters: int = 4_000_000
    text: int = 50_000
    repeats: int = 400
    nesting: int = 400
    style_text: int = 1_000_000
    comparisons: int = 10_000_000
    pictures: int = 100
    pixels: int = 100_000_000
    reach: int = 1_000_000
    seconds: int = 1_800
    office_seconds: int = 120
    office_mebibytes: int = 1_024


Found = TypeVar("Found")
_LONG = 4_096  # bytes between two signs of elements
_LARGE = 1 << 20  # bytes of a part that is not kept
_USUAL: dict[str, Any] = {f.name: f.default for f in fields(Limits)}


def limits() -> Limits:
    """Return the limits that hold now; raises LimitError for a variable that is no number."""
    given = {f.name: os.environ.get(variable(f.name), "") for f in fields(Limits)}
    for name, text in given.items():
        if text and not (text.isascii() and text.isdigit()):
            raise LimitError.saying("limit-odd", name=variable(name), given=text)
    return Limits(**{name: int(text) for name, text in given.items() if text})


def variable(name: str) -> str:
    """Return the variable of the environment that sets a limit."""
    return f"AUDITKIT_{name.upper()}"


@dataclass(slots=True)
class Count:
    """What a file, which messages call ``name``, has come to so far.

    A reader counts what it is about to build, so that no file is built that is over a limit.
    """

    name: str
    most: Limits = field(default_factory=limits)
    so_far: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, limit: str, count: int, what: str, place: object = "", *, of: str = "") -> None:
        """Count so many more of something; raises LimitError where that makes too many.

        They are those of the whole file, unless ``of`` names the part of it that they are of.
        """
        self.so_far[limit, of] += count
        self.hold(limit, self.so_far[limit, of], what, place)

    def text(self, text: str, place: object) -> None:
        """Count the characters of one cell or line."""
        self.hold("text", len(text), "characters in one cell or line", place)
        self.add("characters", len(text), "characters", place)

    def hold(self, limit: str, count: float, what: str, place: object = "") -> None:
        """Raise LimitError where there is more of something than its limit."""
        most = getattr(self.most, limit)
        if count > most:
            facts = {"count": f"{count:,.0f}", "most": f"{most:,}", "variable": variable(limit)}
            where = place if isinstance(place, Worded | Phrase) else str(place)
            raise LimitError.saying(
                "too-much", name=self.name, place=where, what=Phrase.of(what), **facts
            )


def kept(work: Callable[[bytes], Found], part: bytes) -> Found:
    """Return what ``lru_cache`` keeps of a part of a file, of a large one without keeping it."""
    return work(part) if len(part) < _LARGE else work.__wrapped__(part)  # type: ignore[attr-defined]


@lru_cache(maxsize=16)  # files of one office are made of one template, whose styles are large
def _counted(part: bytes) -> tuple[int, int, int]:
    """Return the bytes of the longest text of a part, and how many elements and attributes."""
    pieces = part.split(b"<")
    longest = max(map(len, pieces))
    if longest > _LONG:  # then it may be a tag
        longest = max(len(piece) - piece.find(b">") for piece in pieces if len(piece) > _LONG)
    return longest, len(pieces) - 1 - part.count(b"</"), part.count(b"=")


def of_xml(part: bytes, count: Count) -> Count:
    """Count what a part of an office file holds, and return the count.

    Elements and attributes are no more than there are signs of them, whatever a library makes of
    those, and a text has at least one character in four bytes.
    """
    longest, elements, attributes = kept(_counted, part)
    if longest // 4 > count.most.text:
        count.hold("text", longest // 4, "characters in one cell or line")
    count.add("elements", elements, "elements")
    count.add("attributes", attributes, "attributes")
    return count


def hold(limit: str, count: float, what: str, name: str, place: str = "") -> None:
    """Raise LimitError where a file has more of something than its limit.

    >>> hold("pages", 6000, "pages", "a.pdf")
    Traceback (most recent call last):
    auditkit.errors.LimitError: a.pdf: 6,000 pages, more than the limit of 5,000. Look where the \
file comes from; where you trust it, set AUDITKIT_PAGES to more and read it again
    """
    if count > _most(limit):
        Count(name).hold(limit, count, what, place)


def _most(limit: str) -> int:
    """Return one limit alone: most are asked for thousands of times for a file."""
    text = os.environ.get(variable(limit), "")
    most: int = getattr(limits(), limit) if text else _USUAL[limit]
    return most
