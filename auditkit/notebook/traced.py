"""Where a figure comes from: all cells that it was worked out of, the blank ones among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditkit.figures import Agreement, Figure
from auditkit.report import Entry
from auditkit.worked import Worked


def first_odd(worked: Worked) -> Figure | None:
    """Return the first figure that is printed otherwise, else the first that is compared."""
    compared = [figure for figure in worked.figures if figure.agreement]
    odd = (one for one in compared if one.agreement is Agreement.INCONSISTENT)
    return next(odd, next(iter(compared), None))


def cells_of(worked: Worked, figure: Figure) -> tuple[Entry, ...]:
    """Return the cells behind a figure in the order that they are added up, and the printed one.

    A cell that was left blank adds nothing, and may be the cause why a sum does not agree.
    """
    found = [*dict.fromkeys(_added(worked, figure)), *figure.inputs]
    known = {entry.path: entry for entry in found}
    if figure.printed is not None:
        known.setdefault(figure.printed.path, figure.printed)
    return tuple(known.values())


def _added(worked: Worked, figure: Figure) -> Iterable[Entry]:
    """Yield the cells of the column that a sum is made of."""
    for part in (*worked.sums, *worked.sums_by_purpose):
        if part.figure == figure:
            yield from part.cells
    for level in worked.levels:
        for name in ("points", "score"):
            if getattr(level, name) == figure:
                yield from _column(level.rows, name)
    for name, total in (("points", worked.points), ("score", worked.score)):
        if figure in (total.figure, total.of_rows):
            yield from _column(worked.report.indicators, name)


def _column(rows: Iterable[object], name: str) -> Iterator[Entry]:
    yield from filter(None, (getattr(row, name) for row in rows))
