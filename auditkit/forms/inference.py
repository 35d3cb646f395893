"""Points that no reading settles, inferred where what must hold leaves one solution only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate, groupby, islice
from typing import Any

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.forms.entries import NUMBER, stated
from auditkit.grid import How
from auditkit.report import Entry, Indicator, Report
from auditkit.wording import Term

# The pattern of 财预〔2020〕10号: 10 points for the execution, 50 for the output indicators, which
# come first, 30 for the benefits and 10 for the satisfaction.
EXECUTION, OUTPUT = Decimal(10), Decimal(50)
CONSTRAINT = Doubt(DoubtKind.INFERRED_POINTS)
_MOST = 5_000  # ways to lengthen the runs that are tried; where there are more, nothing is inferred
_Values = tuple[Decimal, ...]


def settle(report: Report) -> Report:
    """Take items that belong to no row for sure out of the rows, and infer points from them.

    What is inferred replaces all points of the block: where the repeats lose items of a run, only
    the constraint tells how long the run is. What stays unplaced is said in a note.
    """
    rows, notes = list(report.indicators), list(report.notes)
    total = report.total_line
    for role in ("points", "score"):
        for at, row in enumerate(rows):
            loose: Entry | None = getattr(row, role)
            if loose is None or not _is_loose(loose):
                continue
            gone: dict[str, Any] = {role: None}
            rows[at] = replace(row, **gone)
            column, first = Term(role), at + 1
            notes.append(
                Note.of(NoteKind.UNPLACED, column=column, indicator=first, text=loose.text)
            )
            execution = total.points.reading.value if total and total.points else None
            if role == "points" and execution == EXECUTION:
                for number, value in enumerate(_output_points(rows, at, loose)):
                    rows[number] = _with_points(rows[number], value, loose)
    return replace(report, indicators=tuple(rows), notes=tuple(notes))


def _is_loose(items: Entry) -> bool:
    return any(doubt.kind is DoubtKind.UNPLACED for doubt in items.doubts)


def _with_points(row: Indicator, value: Decimal, loose: Entry) -> Indicator:
    """Return a row with points inferred; their cell is the row's own, or where they may stand."""
    cell = (row.points or loose).cells[0]
    at = row.name.cells[0].row if row.name else cell.row
    cell = replace(cell, text=f"{value:f}", row=at, how=How.INFERRED, doubts=(CONSTRAINT,))
    return replace(row, points=stated(f"{row.path}/points", cell.text, [cell], NUMBER))


def _output_points(rows: Sequence[Indicator], at: int, loose: Entry) -> _Values:
    """Return the points of the output indicators if they can be one thing only, else nothing."""
    placed = [row.points.reading.value if row.points else None for row in rows[:at]]
    items = [NUMBER(text).value for text in loose.text.split()]
    read = [value for value in (*placed, *items) if value is not None]
    if len(read) < len(placed) + len(items):
        return ()
    runs = [(value, len(list(run))) for value, run in groupby(read)]
    tried = list(islice(_lengthened(runs, len(rows) - len(read)), _MOST))
    blocks = set()
    for points in tried:
        sums = list(accumulate(points))
        if points[:at] == tuple(read[:at]) and OUTPUT in sums:
            blocks.add(points[: sums.index(OUTPUT) + 1])
    return blocks.pop() if len(blocks) == 1 and len(tried) < _MOST else ()


def _lengthened(runs: Sequence[tuple[Decimal, int]], spare: int) -> Iterator[_Values]:
    """Yield the points with each run as long as read or longer, by ``spare`` items at most."""
    if not runs:
        yield ()
        return
    (value, length), *rest = runs
    for more in range(spare + 1):
        for tail in _lengthened(rest, spare - more):
            yield (value,) * (length + more) + tail
