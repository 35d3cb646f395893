"""What a file states in prose about its own self-evaluation (绩效自评), read with its place.

Final accounts say how many projects were self-evaluated, of what amount, with what mean score and
how many of each rating. The patterns are data (``stated.toml``); what states something and was not
understood is kept as such.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from auditkit.grid import Box, Cell, Document, PageLayout, Tables, plain
from auditkit.numbers import MONEY_UNITS

SPEAKS = "自评"
_AFTER = 4  # sentences behind one that speaks of it that may go on about it
_SENTENCE = re.compile(r"[^。;!?]*[。;!?]?")
_COUNT, _NUMBER = r"(?:\d+|[一二两三四五六七八九十]{1,3})", r"\d[\d,]*(?:\.\d+)?"
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}


class StatedFigure(StrEnum):
    """What is stated; ``UNKNOWN`` is a sentence that states something not understood."""

    PROJECTS = "projects"
    AMOUNT = "amount"  # in 万元
    AVERAGE = "average"
    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    PROBLEMS = "problems"
    MENDED = "mended"
    UNKNOWN = "not understood"


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure that prose states, in the words of its sentence, and where that stands.

    ``value`` is ``None`` for what was not understood; ``number`` counts the statements of a file.
    """

    number: int
    figure: StatedFigure
    value: Decimal | None
    text: str
    cell: Cell


def speaking(text: str) -> str:
    """Return the sentences of a text that speak of self-evaluation and those that go on with it.

    Empty where none of them has a figure.
    """
    if SPEAKS not in text:
        return ""
    sentences, last, kept = _SENTENCE.findall(plain(text)), -1 - _AFTER, list[str]()
    for at, sentence in enumerate(sentences):
        last = at if SPEAKS in sentence else last
        kept += [sentence] if at <= last + _AFTER else []
    whole = "".join(kept)
    return whole if re.search(_COUNT, whole) else ""


def on_page(words: str, document: Document, page: PageLayout) -> tuple[Cell, ...]:
    """Return what a page without a form states, as one cell that is all of the page."""
    if not (said := speaking(words)):
        return ()
    return (Cell(document, Box(page.number, 0.0, 0.0, page.width, page.height), said, 0, 0, 0, 0),)


def prose_of(tables: Tables) -> tuple[Cell, ...]:
    """Return what the lines outside of tables state, each stretch of them as one cell."""
    stretches = [grid.heading for grid in tables.grids] + [page.lines for page in tables.pages]
    found = (_joined(tables.document, lines) for lines in (*stretches, tables.behind) if lines)
    return tuple(cell for cell in found if cell)


def _joined(document: Document, lines: Sequence[Cell]) -> Cell | None:
    if not (said := speaking("".join(line.text for line in lines))):
        return None
    first = next((line for line in lines if SPEAKS in plain(line.text)), lines[0])
    return Cell(document, first.place, said, 0, 0, 0, 0, doubts=first.doubts)


def stated(prose: Iterable[Cell]) -> Iterator[Stated]:
    """Yield the figures of each statement, and the sentences that were not understood."""
    for number, cell in enumerate(prose, start=1):
        found = list(_figures(number, cell))
        yield from found
        known = {one.text for one in found}
        for sentence in _SENTENCE.findall(cell.text):
            if sentence not in known and any(word.search(sentence) for word in _patterns()[1]):
                yield Stated(number, StatedFigure.UNKNOWN, None, sentence, cell)


def _figures(number: int, cell: Cell) -> Iterator[Stated]:
    figures, _ = _patterns()
    for figure, patterns in figures.items():
        matches = (pattern.search(cell.text) for pattern in patterns)
        if match := next(filter(None, matches), None):
            start = max(cell.text.rfind(mark, 0, match.start("n")) for mark in "。;!?") + 1
            sentence = _SENTENCE.match(cell.text, start)
            text = sentence[0] if sentence else match[0]
            yield Stated(number, figure, _value(match), text, cell)


def _value(match: re.Match[str]) -> Decimal:
    value, unit = _number(match["n"]), match.groupdict().get("unit")
    return value if not unit else value * MONEY_UNITS[unit] / MONEY_UNITS["万元"]


def _number(text: str) -> Decimal:
    """Return the number of digits, or of Chinese numerals below a hundred.

    >>> [str(_number(text)) for text in ("1,240.5", "三", "十二", "二十", "三十五")]
    ['1240.5', '3', '12', '20', '35']
    """
    if text[0].isdecimal():
        return Decimal(text.replace(",", ""))
    tens, ten, ones = text.rpartition("十")
    return Decimal((_DIGITS.get(tens, 1) if ten else 0) * 10 + _DIGITS.get(ones, 0))


@cache
def _patterns() -> tuple[dict[StatedFigure, list[re.Pattern[str]]], list[re.Pattern[str]]]:
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    figures = {
        StatedFigure(name): list(map(_pattern, some)) for name, some in told["figures"].items()
    }
    return figures, list(map(_pattern, told["states"]["words"]))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("{count}", _COUNT).replace("{number}", _NUMBER))
