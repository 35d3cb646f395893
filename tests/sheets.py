"""Grids made in memory from lines of text, for tests of how forms are recognised.

One line is one row, cells stand between ``|``. ``<`` goes on with the cell on the left, ``^`` with
the cell above. Columns are forty points wide, rows twenty high.
"""

from __future__ import annotations

from auditkit.forms import recognise
from auditkit.grid import Box, Cell, Document, Grid, Tables
from auditkit.report import Report

WIDTH, HEIGHT, TOP = 40.0, 20.0, 100.0
DOCUMENT = Document("0" * 64, "memory.pdf")


def grid(block: str, *, page: int = 1, number: int = 1, heading: tuple[str, ...] = ()) -> Grid:
    """Make one grid of a page; ``heading`` are the lines above it."""
    rows = [[cell.strip() for cell in line.split("|")] for line in block.strip().splitlines()]
    assert len({len(row) for row in rows}) == 1, [len(row) for row in rows]
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in ("<", "^"):
                continue
            wide = 1
            while c + wide < len(row) and row[c + wide] == "<":
                wide += 1
            high = 1
            while r + high < len(rows) and rows[r + high][c] == "^":
                high += 1
            box = Box(
                page, WIDTH * c, TOP + HEIGHT * r, WIDTH * (c + wide), TOP + HEIGHT * (r + high)
            )
            whole = text.replace("/n", "\n")
            cells.append(Cell(DOCUMENT, box, whole, r, c, high, wide))
    lines = tuple(
        Cell(DOCUMENT, Box(page, 100.0, 60.0 + 10 * n, 300.0, 69.0 + 10 * n), line, n, 0)
        for n, line in enumerate(heading)
    )
    edges = tuple(WIDTH * c for c in range(len(rows[0]) + 1))
    return Grid(DOCUMENT, number, "memory", tuple(cells), lines, edges)


def forms(*grids: Grid) -> tuple[Report, ...]:
    """Recognise the forms in some grids."""
    return recognise(Tables(DOCUMENT, grids))
