"""A table of a file without pages, drawn as the grid that was read of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import accumulate
from typing import NamedTuple

from auditkit.grid import Cell, Grid, Place
from auditkit.notebook.plotting import SIZE, WIDE, width_of
from auditkit.schedules import visible

LINE = 20  # points of a line of text
ROOM = 6  # between a cell's edge and its text
LEAST, MOST = 34, 220  # points of a column
LINES = 4  # of a cell that are drawn
STYLE = """text{font:13px "Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",
SimHei,sans-serif;fill:#1b1f24}.ground{fill:#fff}.cell{fill:none;stroke:#b8c0c8}
.frame{fill:none;stroke-width:2.5}.asked{stroke:#a40e26}.sure{stroke:#0072b2;stroke-width:1.2}
.unsure{stroke:#d55e00;stroke-dasharray:7 5}.strange{stroke:#008577;stroke-dasharray:3 3}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#15191e}.cell{stroke:#4d5661}
.asked{stroke:#ff7b8a}.sure{stroke:#56b4e9}.unsure{stroke:#ff9a4d}.strange{stroke:#3fc9b5}}"""


class Framed(NamedTuple):
    """A place whose cell is framed, and how: the value of a ``Frame``."""

    place: Place
    look: str


def grid_picture(grid: Grid, framed: Sequence[Framed], around: int | None) -> bytes:
    """Draw a grid with some of its cells framed, as an SVG.

    ``around`` is how many rows above and below the framed ones are drawn, all of them for ``None``.
    """
    looks = dict(framed)
    rows = _rows(grid.cells, looks, around)
    cells = [cell for cell in grid.cells if any(row in rows for row, _ in cell.squares)]
    lefts = _columns(cells)
    scale = min(1.0, (WIDE - 2) / lefts[-1])
    tops = _heights(cells, rows, lefts)
    high = max(tops.values(), default=0)
    tall = round(high * scale + 2)
    box = f'width="{WIDE}" height="{tall}" viewBox="-1 -1 {WIDE} {tall}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f'<style>{STYLE}</style><rect class="ground" x="-1" y="-1" width="100%" height="100%"/>',
        f'<g transform="scale({scale:.4f})">',
        *(line for cell in cells for line in _drawn(cell, lefts, tops)),
        *(_frame(c, lefts, tops, looks[c.place]) for c in cells if c.place in looks),
        "</g></svg>",
    ]
    return "\n".join(parts).encode()


def _rows(cells: Iterable[Cell], looks: dict[Place, str], around: int | None) -> set[int]:
    """Return the rows that are drawn: those framed and some around them, or all."""
    cells = list(cells)
    known = {row for cell in cells for row, _ in cell.squares}
    if around is None:
        return known
    framed = {row for cell in cells if cell.place in looks for row, _ in cell.squares}
    return {row for row in known if any(abs(row - one) <= around for one in framed)}


def _columns(cells: Sequence[Cell]) -> list[float]:
    """Return where the columns begin, and where the last one ends, by the texts that they hold."""
    count = max((cell.column + cell.column_span for cell in cells), default=1)
    wide = [float(LEAST)] * count
    for cell in cells:
        if cell.column_span == 1:
            text = max(map(width_of, visible_lines(cell)), default=0)
            wide[cell.column] = max(wide[cell.column], min(MOST, text + 2 * ROOM))
    return [0.0, *accumulate(wide)]


def _heights(cells: Sequence[Cell], rows: set[int], lefts: Sequence[float]) -> dict[int, float]:
    """Return where each row begins, and by the number behind each where it ends."""
    tops: dict[int, float] = {}
    at = 0.0
    for row in sorted(rows):
        own = [c for c in cells if c.row == row and c.row_span == 1]
        lines = max((len(_broken(c, lefts)) for c in own), default=1)
        tops[row] = at
        at += max(1, lines) * LINE + ROOM
        tops[row + 1] = at
    return tops


def visible_lines(cell: Cell) -> list[str]:
    """Return what a cell says, a line each."""
    return [visible(line) for line in cell.text.split("\n")]


def _room(cell: Cell, lefts: Sequence[float]) -> float:
    return lefts[cell.column + cell.column_span] - lefts[cell.column] - 2 * ROOM


def _broken(cell: Cell, lefts: Sequence[float]) -> list[str]:
    """Return the lines that a cell's text takes in its width, the first few of them."""
    room, lines = _room(cell, lefts), list[str]()
    for line in visible_lines(cell):
        rest = line
        while rest and len(lines) < LINES:
            fits = next((at for at in range(len(rest), 1, -1) if width_of(rest[:at]) <= room), 1)
            lines.append(rest[:fits])
            rest = rest[fits:]
        if rest:
            lines[-1] = _cut(lines[-1] + rest, room)
            break
    return lines


def _drawn(cell: Cell, lefts: Sequence[float], tops: dict[int, float]) -> Iterator[str]:
    left, top, wide, high = _sides(cell, lefts, tops)
    yield f'<rect class="cell" x="{left}" y="{top}" width="{wide}" height="{high}"/>'
    for number, line in enumerate(_broken(cell, lefts), start=1):
        y = round(top + number * LINE - (LINE - SIZE) / 2, 2)
        yield f'<text x="{round(left + ROOM, 2)}" y="{y}">{escape(line)}</text>'


def _frame(cell: Cell, lefts: Sequence[float], tops: dict[int, float], look: str) -> str:
    left, top, wide, high = _sides(cell, lefts, tops)
    size = f'width="{round(wide - 3, 2)}" height="{round(high - 3, 2)}"'
    return f'<rect class="frame {look}" x="{left + 1.5}" y="{top + 1.5}" {size}/>'


def _sides(
    cell: Cell, lefts: Sequence[float], tops: dict[int, float]
) -> tuple[float, float, float, float]:
    left, right = lefts[cell.column], lefts[cell.column + cell.column_span]
    drawn = [row for row, _ in cell.squares if row in tops and row + 1 in tops]
    top, end = tops[min(drawn)], tops[max(drawn) + 1]
    return round(left, 2), round(top, 2), round(right - left, 2), round(end - top, 2)


def _cut(text: str, room: float) -> str:
    """Return as much of a text as a width has room for."""
    if width_of(text) <= room:
        return text
    while text and width_of(text) + SIZE > room:
        text = text[:-1]
    return f"{text}…"
