"""What a notebook shows: static tables, and findings as cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditkit import schedules
from auditkit.findings import Finding
from auditkit.notebook.drawing import Pages, Themed
from auditkit.report import Entry
from auditkit.report import number as number_of
from auditkit.wording import Fact, Term, language, put

if TYPE_CHECKING:
    from pandas import DataFrame

_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"(\(\?\) )?[-+]?\d[\d,.]*%?|[-—·]")  # what stands to the right in a column


class Shown(Themed):
    """A table that a notebook shows as HTML and a terminal as text.

    ``lang`` is the language of its heads and cells, that of ``speak`` where none is named;
    ``first`` is said before the table.
    """

    def __init__(
        self,
        heads: Sequence[Fact],
        rows: Iterable[Sequence[schedules.ScheduleCell]],
        lang: str = "",
        first: str = "",
    ) -> None:
        self.first, self.lang = first, lang or language()
        self.heads, shown = schedules.spoken((heads, list(rows)), self.lang)
        self.cells = tuple(map(tuple, shown))
        self.rows = [tuple(schedules.text_of(c, missing="·") for c in row) for row in self.cells]

    @property
    def sides(self) -> list[str]:
        """Where each column stands: figures to the right."""
        columns = ([row[at] for row in self.rows if row[at]] for at in range(len(self.heads)))
        figures = (
            all(map(_FIGURE.fullmatch, c)) and bool(_DIGIT.search("".join(c))) for c in columns
        )
        return ["right" if is_figures else "left" for is_figures in figures]

    @property
    def frame(self) -> DataFrame:
        """The rows as a pandas table, to go on with.

        A cell of the form is its text as printed, ``None`` where the form has no such cell. A
        column in which some of them are numbers is followed by ``<head> value``: the exact
        Decimal, ``None`` where there is none. Any other cell is as it is shown, numbers as numbers.
        """
        from pandas import DataFrame

        columns: dict[str, list[object]] = {}
        for head, cells in zip(self.heads, zip(*self.cells, strict=True), strict=bool(self.cells)):
            values = [number_of(cell) if isinstance(cell, Entry) else None for cell in cells]
            columns[head] = [cell.text if isinstance(cell, Entry) else cell for cell in cells]
            if any(value is not None for value in values):
                columns[f"{head} value"] = [*values]
        return DataFrame(columns or {head: [] for head in self.heads}, dtype=object)

    def __repr__(self) -> str:
        rows = self.rows or [(put(Term("nothing"), self.lang),)]
        table = [" | ".join(row) for row in (self.heads, *rows)] if self.heads else []
        return "\n".join([self.first, *table] if self.first else table)


class Cards(Themed):
    """Findings in full, each with the part of the page that it rests on."""

    def __init__(
        self, cards: Iterable[tuple[Finding, dict[str, str], Pages | None]], lang: str = ""
    ) -> None:
        self.cards, self.lang = tuple(cards), lang or language()

    def __repr__(self) -> str:
        cards = (
            [f"{put(name, self.lang)}: {text}" for name, text in words.items() if text]
            + [str(crop or "")]
            for _, words, crop in self.cards
        )
        return "\n\n".join("\n".join(lines).rstrip() for lines in cards)
