"""A second opinion on a PDF: its tables as camelot reads them by itself, the text as well.

Pages are chosen as the PDF reader chooses them, since camelot takes seconds where that takes
milliseconds. On them rules, cells and characters are camelot's own (flavor ``lattice``): where a
rule or a cell is in question, two programs that agree are worth more than one. It recognises no
pictures of text, and its text is not held against the ink of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import pypdfium2

from auditkit import temporary
from auditkit.grid import Cell, Document, Grid, PageLayout, PassedOver, RuledBy, Tables
from auditkit.readers.lattice import Lattice, Ruled, whole_cells
from auditkit.readers.limits import hold
from auditkit.readers.lines import LINE
from auditkit.readers.marks import MAY_HOLD, marks_in
from auditkit.readers.page import Page, Stroke, bare_page
from auditkit.readers.pdf import fits, headed, laid_out, opened, upright_pages
from auditkit.readers.troubles import trouble

READER = "camelot/lattice"
_SCALE = 300 / 72  # pixels a point, at which camelot draws a page to find its rules
# By how many quarters clockwise camelot turns a page whose text stands sideways.
QUARTERS = {"": 0, "clockwise": -1, "anticlockwise": 1}
_ALIKE = 1.0  # points; camelot measures a page before it is cropped, PDFium after


@dataclass(slots=True)
class _Walk:
    """What was read on the way through a file, and the column borders that the last page left."""

    document: Document
    path: Path
    grids: list[Grid] = field(default_factory=list)
    edges: tuple[float, ...] = ()


def read(data: bytes, document: Document) -> Tables:
    """Return the tables that camelot finds on the pages that may hold a form.

    Raises EncryptedError, DamagedError or LimitError, and NoFormError where camelot finds none.
    """
    pdf = opened(data, document)
    try:
        with temporary.folder() as folder:
            walk = _Walk(document, Path(folder) / "form.pdf")
            walk.path.write_bytes(data)
            pages = tuple(
                _read_page(page, text, layout, shown, walk)
                for page, text, layout, shown in upright_pages(pdf, document)
            )
    except pypdfium2.PdfiumError as error:
        raise trouble("page-damaged", document.name, reason=str(error)) from error
    finally:
        pdf.close()
    if not walk.grids:
        raise trouble("camelot-tableless", document.name)
    return Tables(document, tuple(walk.grids), pages=pages)


def _read_page(
    page: pypdfium2.PdfPage,
    text: pypdfium2.PdfTextPage | None,
    empty: PageLayout,
    shown: int,
    walk: _Walk,
) -> PageLayout:
    """Have camelot read a page if its text, or the table on the page before, asks for it."""
    edges, walk.edges = walk.edges, ()
    if text is None:
        return empty
    unmarked = replace(empty, passed_over=PassedOver.NO_MARKS)
    may_hold = marks_in(text.get_text_range()) >= MAY_HOLD
    if not may_hold and not edges:
        return unmarked
    found = _found_on(empty, walk)
    if not found:
        return replace(empty, passed_over=PassedOver.NO_TABLE) if may_hold else unmarked
    lattices = tuple(map(_lattice, found))
    goes_on = fits(lattices, edges)
    if not may_hold and not goes_on:
        return unmarked
    seen, _ = bare_page(page, empty.number, shown + QUARTERS[found[0].rotation], shown)
    wide, high = found[0].pdf_size
    if abs(wide - seen.width) > _ALIKE or abs(high - seen.height) > _ALIKE:
        return replace(empty, passed_over=PassedOver.CROPPED)
    lines = [_Printed.of(line, high) for line in found[0].textlines if line.get_text().strip()]
    filled = [
        (lattice, tuple(_cells(table, lattice, lines, seen, walk.document)))
        for table, lattice in zip(found, lattices, strict=True)
    ]
    first = Grid(walk.document, len(walk.grids) + 1, READER, ())
    grids, over = headed(first, filled, _outside(lines, lattices, seen, walk.document))
    walk.grids += grids
    walk.edges = (*(edges if goes_on and len(lattices) == 1 else ()), *lattices[-1].xs)
    rules = tuple(rule for table in found for rule in _rules(table))
    return laid_out(empty, seen, Ruled(lattices, rules, RuledBy.CAMELOT), over)


def _found_on(page: PageLayout, walk: _Walk) -> list[Any]:
    """Return what camelot finds on a page, from its top down."""
    import camelot

    pixels, place = page.width * page.height * _SCALE**2, f"page {page.number}"
    hold("pixels", pixels, "pixels of the page as camelot draws it", walk.document.name, place)
    try:
        found = camelot.read_pdf(
            str(walk.path), pages=str(page.number), flavor="lattice",
            backend="pdfium", use_fallback=False, suppress_stdout=True,
        )  # fmt: skip
    except Exception as error:  # whatever the library stumbles over is the file's fault
        name, reason = walk.document.name, str(error).replace(str(walk.path), "the file")
        raise trouble("camelot-fails", name, spot=place, reason=reason) from error
    return sorted(found, key=lambda table: (-table.rows[0][0], table.cols[0][0]))


def _lattice(table: Any) -> Lattice:
    """Return where the cells of a table stand, squares joined that camelot sees nothing between."""
    high = table.pdf_size[1]
    xs = (table.cols[0][0], *(right for _, right in table.cols))
    ys = (high - table.rows[0][0], *(high - bottom for _, bottom in table.rows))
    rows, columns = len(table.rows), len(table.cols)
    unparted = []
    for r, c in product(range(rows), range(columns)):
        cell = table.cells[r][c]
        unparted += [((r, c), (r, c + 1))] * (c + 1 < columns and not cell.right)
        unparted += [((r, c), (r + 1, c))] * (r + 1 < rows and not cell.bottom)
    areas, doubts = whole_cells(rows, columns, unparted, set())
    return Lattice(xs, ys, areas, doubts)


def _rules(table: Any) -> Iterator[Stroke]:
    """Yield the rules that camelot sees around the cells of a table, broken ones joined."""
    from camelot.image_processing import coalesce_collinear_lines

    cells, high = [cell for row in table.cells for cell in row], table.pdf_size[1]
    across = [(c.x1, high - c.y2, c.x2, high - c.y2) for c in cells if c.top]
    across += [(c.x1, high - c.y1, c.x2, high - c.y1) for c in cells if c.bottom]
    down = [(c.x1, high - c.y2, c.x1, high - c.y1) for c in cells if c.left]
    down += [(c.x2, high - c.y2, c.x2, high - c.y1) for c in cells if c.right]
    for lines, direction in ((across, "horizontal"), (down, "vertical")):
        yield from (Stroke(*line) for line in coalesce_collinear_lines(lines, direction))


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line of text as camelot puts it together, in points from the top left of its frame."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, line: Any, high: float) -> _Printed:
        """Turn the frame of a line, which is measured upwards from the foot of the page."""
        return cls(line.get_text().strip(), line.x0, high - line.y1, line.x1, high - line.y0)

    def area_in(self, lattice: Lattice) -> int | None:
        """Return the number of the cell that holds the middle of the line."""
        return lattice.find((self.left + self.right) / 2, (self.top + self.bottom) / 2)


def _cells(
    table: Any, lattice: Lattice, lines: Sequence[_Printed], page: Page, document: Document
) -> Iterator[Cell]:
    """Yield the cells of a table with their texts as camelot has them, whole cells in one."""
    lowest: dict[int | None, _Printed] = {}
    for line in sorted(lines, key=lambda line: line.bottom):
        lowest[line.area_in(lattice)] = line
    for number, (top, left, bottom, right) in enumerate(lattice.areas):
        squares = product(range(top, bottom + 1), range(left, right + 1))
        text = "".join(table.cells[r][c].text for r, c in squares).strip()
        edges = lattice.xs[left], lattice.ys[top], lattice.xs[right + 1], lattice.ys[bottom + 1]
        room, last = 0.0, lowest.get(number)
        if text and last:
            room = round((edges[3] - last.bottom) / (LINE * (last.bottom - last.top)), 2)
        spans = bottom - top + 1, right - left + 1
        doubts = lattice.doubts[number] if text else ()
        place = page.displayed(*edges)
        yield Cell(document, place, text, top, left, *spans, doubts=doubts, room=room)


def _outside(
    lines: Sequence[_Printed], lattices: Sequence[Lattice], page: Page, document: Document
) -> list[tuple[float, Cell]]:
    """Return the lines of text outside tables with their upper edges, from the top down."""
    outside = (line for line in lines if all(line.area_in(table) is None for table in lattices))
    found = []
    for number, line in enumerate(sorted(outside, key=lambda line: (line.top, line.left))):
        box = page.displayed(line.left, line.top, line.right, line.bottom)
        found.append((line.top, Cell(document, box, line.text, number, 0, 0, 0)))
    return found
