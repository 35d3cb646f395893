"""PDF files: PDFium finds the pages and gives rules and characters, camelot's logic the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from time import monotonic

import pypdfium2

from auditkit.errors import DamagedError, EncryptedError, ExtraMissingError, NoFormError, ScanError
from auditkit.grid import Cell, Document, Grid, Tables, plain
from auditkit.limits import hold
from auditkit.readers.lattice import (
    Lattice,
    closed,
    drawn_together,
    fill,
    find_lattices,
    is_meaningless,
    lines_of_text,
)
from auditkit.readers.marks import HEADS, MAY_HOLD, SURELY_HOLDS, marks_in
from auditkit.readers.page import (
    Matrix,
    Page,
    drawn_lines,
    has_hidden_text,
    is_picture,
    lacks_text,
    read_page,
    rendered_lines,
    upright_text,
)

LARGEST_SIDE = 14_400.0  # points; the largest page that the PDF format provides for
FEW_CHARACTERS = 12
MANY = 8  # tables on one page of a form before they are taken for cells drawn apart
MARGIN = 4.0
FLAT = 0.05  # points; PDFium gives characters without a glyph no height
NO_FONT = (
    "the file does not hold a font that it names, and none is installed in its place:"
    " characters may be missing"
)
RECOGNISED = "the text is what recognition laid over a scan"


@dataclass(slots=True)
class _Walk:
    """What was seen on the way through a file.

    ``edges`` are the column borders of the table that the last page ended with, which the next
    page's table must fit to be gridded although no label stands on it; ``open_edges`` are those
    of them that reach the end of the page.
    """

    document: Document
    grids: list[Grid] = field(default_factory=list)
    unread: dict[str, list[int]] = field(default_factory=dict)
    huge: list[int] = field(default_factory=list)
    marked: list[int] = field(default_factory=list)
    outside: list[int] = field(default_factory=list)
    without_font: list[int] = field(default_factory=list)
    edges: tuple[float, ...] = ()
    open_edges: tuple[float, ...] = ()


def read(data: bytes, document: Document) -> Tables:
    """Read the ruled tables of the pages that can hold a form, merged cells made whole.

    Raises EncryptedError, DamagedError, ScanError or NoFormError, each with what to do.
    """
    pdf = _open(data, document)
    try:
        return _read_pages(pdf, document)
    except pypdfium2.PdfiumError as error:
        raise DamagedError(
            f"a page cannot be read: {error}", name=document.name, advice=_MEND
        ) from error
    finally:
        pdf.close()


_MEND = "Open it in a PDF viewer and save or print it as a new PDF, or ask the unit for it again"


def _open(data: bytes, document: Document) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium's last error may be that of a file before; a locked file says so itself.
        if "password" in str(error).lower() and b"/Encrypt" in data:
            raise EncryptedError(
                "the file asks for a password",
                name=document.name,
                advice="Remove the password in a PDF viewer and save a copy",
            ) from error
        raise DamagedError(
            "the file is not a whole PDF: it is cut off, or has no pages",
            name=document.name,
            advice=_MEND,
        ) from error
    if len(pdf) == 0:
        pdf.close()
        raise DamagedError("the PDF has no pages", name=document.name, advice=_MEND)
    return pdf


def _read_pages(pdf: pypdfium2.PdfDocument, document: Document) -> Tables:
    walk = _Walk(document)
    hold("pages", len(pdf), "pages", document.name)
    began = monotonic()
    for index in range(len(pdf)):
        place = f"page {index + 1}"
        hold("seconds", monotonic() - began, "seconds of reading", document.name, place)
        page = pdf[index]
        text = None
        try:
            if max(page.get_size()) > LARGEST_SIDE:
                walk.huge.append(index + 1)
                walk.edges = ()
                continue
            hold("objects", _drawn(page), "objects drawn", document.name, place)
            shown = page.get_rotation() // 90
            text = upright_text(page)
            hold("objects", text.count_chars(), "characters", document.name, place)
            _read_page(page, text, index + 1, shown, walk)
        finally:
            if text:
                text.close()
            page.close()
    _refuse_nothing(walk)
    return Tables(document, tuple(walk.grids), tuple(_notes(walk)))


def _drawn(page: pypdfium2.PdfPage) -> int:
    return int(pypdfium2.raw.FPDFPage_CountObjects(page.raw))


def _read_page(
    page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, number: int, shown: int, walk: _Walk
) -> None:
    """Grid one page if its text, or the form running on from the page before, asks for it."""
    edges, walk.edges = walk.edges, ()
    printed = text.get_text_range()
    words = plain(printed)
    marks = marks_in(words)
    is_scan = len(words) < FEW_CHARACTERS and is_picture(page)
    is_garbled = marks < MAY_HOLD and 10 * sum(map(is_meaningless, printed)) > len(printed)
    recognised = None
    if is_scan or is_garbled:
        page.set_rotation(90 * shown)
        recognised = _recognised(page, number, walk)
        if not recognised:
            return
        (seen, lattices), reader = recognised, "pdf/scan"
        words = plain("".join(glyph.text for glyph in seen.glyphs))
        marks = marks_in(words)
    else:
        if marks < MAY_HOLD and lacks_text(page, text):
            walk.without_font.append(number)
        if marks < MAY_HOLD and not edges:
            return
        seen, frame = read_page(page, text, number, shown)
        lattices, reader = _ruled_tables(page, seen, frame, marks, (edges, walk.open_edges))
    if marks >= SURELY_HOLDS:
        walk.marked.append(number)
        headed = any(mark in words for mark in HEADS)
        if headed and not _hold_most(lattices, seen, share=2):
            walk.outside.append(number)
    goes_on = bool(lattices) and _fits(lattices[0].xs, edges)
    if marks < MAY_HOLD and not goes_on:
        return
    if goes_on:
        lattices[0] = lattices[0].widened(walk.open_edges)
    doubts = (RECOGNISED,) if has_hidden_text(text) else ()
    if reader != "pdf/scan" and any(
        g.bottom - g.top < FLAT and not g.is_spacing for g in seen.glyphs
    ):
        walk.without_font.append(number)
        doubts = (*doubts, NO_FONT)
    walk.grids += _grids(lattices, seen, walk, reader, doubts)
    if lattices:
        known = edges if goes_on and len(lattices) == 1 else ()
        walk.edges = (*known, *lattices[-1].xs)
        walk.open_edges = lattices[-1].open_edges


def _recognised(
    page: pypdfium2.PdfPage, number: int, walk: _Walk
) -> tuple[Page, list[Lattice]] | None:
    """Recognise a page that is a picture, or note why it is not read."""
    from auditkit.readers import scan

    try:
        return scan.read_picture(page, number)
    except (ExtraMissingError, scan.IllegibleError) as error:
        walk.unread.setdefault(str(error), []).append(number)
    return None


def _ruled_tables(
    page: pypdfium2.PdfPage,
    seen: Page,
    frame: Matrix,
    marks: int,
    before: tuple[tuple[float, ...], tuple[float, ...]],
) -> tuple[list[Lattice], str]:
    """Find the tables of a page: by its rules as drawn, closed, moved together, or by its picture.

    ``before`` are the borders, and the open ones of them, of the table on the page before.
    """
    edges, open_edges = before
    across, down = drawn_lines(page, frame)
    lattices = find_lattices(across, down)
    if not lattices and edges:
        lattices = find_lattices(*closed(across, down, open_edges))
    fits = bool(lattices) and _fits(lattices[0].xs, edges)
    sure = marks >= SURELY_HOLDS
    held = sure and _hold_most(lattices, seen)
    if (edges and not fits) or (sure and (not held or _are_pieces(lattices))):
        joined = find_lattices(*drawn_together(across, down))
        if (bool(joined) and _fits(joined[0].xs, edges)) or (sure and _hold_most(joined, seen)):
            lattices, held = joined, True
    if sure and not held:
        rendered = find_lattices(*rendered_lines(page, seen))
        return (rendered, "pdf/raster") if rendered else (lattices, "pdf/lattice")
    return lattices, "pdf/lattice"


def _hold_most(lattices: list[Lattice], page: Page, share: int = 4) -> bool:
    """Tell whether the tables found hold a fair part of the page's characters, a quarter."""
    held = sum(any(t.find(g.left, g.top) is not None for t in lattices) for g in page.glyphs)
    return held * share > len(page.glyphs)


def _are_pieces(lattices: list[Lattice]) -> bool:
    """Tell whether the tables found are more likely the pieces of one: many, or overlapping."""
    sides = [(t.xs[0], t.ys[0], t.xs[-1], t.ys[-1]) for t in lattices]
    return len(lattices) > MANY or any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for a, b in combinations(sides, 2)
    )


def _fits(xs: tuple[float, ...], edges: tuple[float, ...]) -> bool:
    """Tell whether a table can be the rest of one with such column borders.

    It is as wide, wherever it stands, or it ends where that one ends and begins at one of its
    borders: some producers leave out the cells of the first columns that a page edge cut.
    """
    if not edges:
        return False
    wide = abs((xs[-1] - xs[0]) - (max(edges) - min(edges))) <= MARGIN
    ends = abs(xs[-1] - max(edges)) <= MARGIN
    return wide or (ends and any(abs(xs[0] - edge) <= MARGIN for edge in edges))


def _grids(
    lattices: list[Lattice], page: Page, walk: _Walk, reader: str, doubts: tuple[str, ...]
) -> list[Grid]:
    rest = page.glyphs
    filled = []
    for lattice in lattices:
        cells, rest = fill(lattice, rest, page, walk.document)
        filled.append((lattice, cells))
    lines = lines_of_text(rest, page, walk.document)
    grids = []
    above = 0.0
    for number, (lattice, cells) in enumerate(filled, start=len(walk.grids) + 1):
        heading = tuple(line for top, line in lines if above <= top < lattice.ys[0])
        above = lattice.ys[-1]
        grids.append(
            Grid(
                document=walk.document,
                number=number,
                reader=reader,
                cells=tuple(_doubted(cell, doubts) for cell in cells),
                heading=heading,
                edges=lattice.xs,
            )
        )
    return grids


def _doubted(cell: Cell, doubts: tuple[str, ...]) -> Cell:
    """Doubt a cell as its page is; one that reads as blank too, where characters may be lost."""
    if NO_FONT in doubts:
        return replace(cell, doubts=(*cell.doubts, *doubts))
    return cell.doubted(doubts)


def _refuse_nothing(walk: _Walk) -> None:
    """Say why, where no table came out: nothing found must never look like nothing wrong."""
    if walk.grids:
        return
    name = walk.document.name
    for reason, pages in walk.unread.items():
        raise ScanError(
            f"{_pages(pages)}: a picture and no text that means anything, and {reason}",
            name=name,
            advice="Ask the unit for the file that it was printed from, or scan it again,"
            " straight and at 300 dots an inch",
        )
    if walk.huge:
        raise DamagedError(
            f"{_pages(walk.huge)}: larger than {LARGEST_SIDE:,.0f} points, more than a PDF page"
            " can be",
            name=name,
            advice=_MEND,
        )
    if walk.marked:
        raise NoFormError(
            f"{_pages(walk.marked)}: the words of a form but no ruled table",
            name=name,
            advice="Check those pages by eye: a form without rules is not read",
        )
    if walk.without_font:
        raise DamagedError(
            f"{_pages(walk.without_font)}: {NO_FONT}",
            name=name,
            advice="Install a Chinese font and read it again, or ask the unit for a file that"
            " holds its fonts",
        )
    raise NoFormError(
        "no self-evaluation form was found in it",
        name=name,
        advice="Check that it is the right file: a form has a ruled table with columns such as"
        " 全年预算数 and 三级指标",
    )


def _notes(walk: _Walk) -> Iterator[str]:
    for reason, pages in walk.unread.items():
        yield (
            f"{_pages(pages)} of the file: a picture and no text that means anything, not read:"
            f" {reason}"
        )
    if walk.outside:
        yield (
            f"{_pages(walk.outside)} of the file: most of the text stands outside of the tables"
            " found there; look at the page for what was not read"
        )
    if walk.without_font:
        yield (
            f"{_pages(walk.without_font)} of the file: {NO_FONT};"
            " install a Chinese font and read it again"
        )
    if walk.huge:
        yield f"{_pages(walk.huge)} of the file: too large to be a page, not read"


def _pages(found: list[int]) -> str:
    numbers = sorted(set(found))
    shown = ", ".join(str(number) for number in numbers[:8])
    more = f" and {len(numbers) - 8} more" if len(numbers) > 8 else ""
    return f"page {shown}" if len(numbers) == 1 else f"pages {shown}{more}"
