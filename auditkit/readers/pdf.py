"""PDF files: PDFium finds the pages and gives rules and characters, camelot's logic the grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import combinations
from time import monotonic

import pypdfium2

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import ExtraMissingError, LimitError
from auditkit.grid import Document, Grid, Tables, Where, plain
from auditkit.readers.lattice import (
    Lattice,
    closed,
    drawn_together,
    fill,
    find_lattices,
    is_meaningless,
    lines_of_text,
)
from auditkit.readers.limits import hold
from auditkit.readers.marks import HEADS, MAY_HOLD, SURELY_HOLDS, marks_in
from auditkit.readers.page import (
    Page,
    drawn_lines,
    has_hidden_text,
    is_picture,
    lacks_text,
    pixels_of,
    read_page,
    rendered_lines,
    upright_text,
)
from auditkit.readers.troubles import trouble
from auditkit.readers.unseen import doubt_unseen
from auditkit.wording import Language, Statement, put

LARGEST_SIDE = 14_400.0  # points; the largest page that the PDF format provides for
FEW_CHARACTERS = 12
MANY = 8  # tables on one page of a form before they are taken for cells drawn apart
MARGIN = 4.0
FLAT = 0.05  # points; PDFium gives characters without a glyph no height
NO_FONT = Doubt(DoubtKind.NO_FONT)
RECOGNISED = Doubt(DoubtKind.RECOGNISED)
# Troubles with pages: which count first where no page is read, and how their notes follow.
REFUSED = ("pages-unread", "pages-huge", "pages-unruled", "pages-fontless")
NOTED = ("pages-unread", "pages-outside", "pages-fontless", "pages-huge")
LISTED = 8  # pages that are named one by one


Borders = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(slots=True)
class _Walk:
    """What was seen on the way through a file.

    ``before`` are the column borders of the table that the last page ended with, which the next
    page's table must fit to be gridded although no label stands on it, and those of them that
    reach the end of the page.
    """

    document: Document
    grids: list[Grid] = field(default_factory=list)
    met: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    before: Borders = ((), ())

    def meet(self, what: str, page: int, reason: str = "") -> None:
        """Remember a trouble with a page."""
        pages = self.met.setdefault((what, reason), [])
        pages += [page] * (page not in pages)

    def troubles(self, order: Sequence[str]) -> Iterator[tuple[str, Statement, str]]:
        """Yield the troubles with pages in an order, each with the pages and the reason."""
        for kind in order:
            for (what, reason), pages in self.met.items():
                if what == kind:
                    yield what, _pages(pages), reason

    def notes(self) -> Iterator[Note]:
        """Yield what is noted of pages where others are read."""
        for what, pages, reason in self.troubles(NOTED):
            match what:
                case "pages-unread":
                    yield Note.of(NoteKind.PAGES_UNREAD, pages=pages, reason=reason)
                case "pages-outside":
                    yield Note.of(NoteKind.TEXT_OUTSIDE, pages=pages)
                case "pages-fontless":
                    yield Note.of(NoteKind.FONT_MISSING, pages=pages, reason=NO_FONT)
                case "pages-huge":
                    yield Note.of(NoteKind.PAGES_TOO_LARGE, pages=pages)


def read(data: bytes, document: Document) -> Tables:
    """Read the ruled tables of the pages that can hold a form, merged cells made whole.

    Raises EncryptedError, DamagedError, ScanError or NoFormError, each with what to do.
    """
    pdf = _open(data, document)
    try:
        return _read_pages(pdf, document)
    except pypdfium2.PdfiumError as error:
        raise trouble("page-damaged", document.name, reason=error) from error
    finally:
        pdf.close()


def _open(data: bytes, document: Document) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium's last error may be that of a file before; a locked file says so itself.
        is_locked = "password" in str(error).lower() and b"/Encrypt" in data
        raise trouble("pdf-locked" if is_locked else "pdf-damaged", document.name) from error
    if len(pdf) == 0:
        pdf.close()
        raise trouble("pdf-blank", document.name)
    return pdf


def _read_pages(pdf: pypdfium2.PdfDocument, document: Document) -> Tables:
    walk = _Walk(document)
    hold("pages", len(pdf), "pages", document.name)
    began = monotonic()
    for index in range(len(pdf)):
        place = f"page {index + 1}"
        hold("seconds", monotonic() - began, "seconds of reading", document.name, place)
        with closing(pdf[index]) as page:
            if max(page.get_size()) > LARGEST_SIDE:
                walk.meet("pages-huge", index + 1)
                walk.before = ((), ())
                continue
            hold("objects", _drawn(page), "objects drawn", document.name, place)
            shown = page.get_rotation() // 90
            with closing(upright_text(page)) as text:
                hold("objects", text.count_chars(), "characters", document.name, place)
                _read_page(page, text, index + 1, shown, walk)
    if not walk.grids:  # nothing found must never look like nothing wrong
        for what, pages, reason in walk.troubles(REFUSED):
            told = {"pages": put(pages, Language.EN), "reason": reason, "most": LARGEST_SIDE}
            raise trouble(what, document.name, **told)
        raise trouble("pdf-formless", document.name)
    return Tables(document, tuple(walk.grids), tuple(walk.notes()))


def _drawn(page: pypdfium2.PdfPage) -> int:
    return int(pypdfium2.raw.FPDFPage_CountObjects(page.raw))


def _read_page(
    page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, number: int, shown: int, walk: _Walk
) -> None:
    """Grid one page if its text, or the form running on from the page before, asks for it."""
    (edges, open_edges), walk.before = walk.before, ((), ())
    printed = text.get_text_range()
    words = plain(printed)
    marks = marks_in(words)
    is_scan = len(words) < FEW_CHARACTERS and is_picture(page)
    is_garbled = marks < MAY_HOLD and 10 * sum(map(is_meaningless, printed)) > len(printed)
    if is_scan or is_garbled:
        from auditkit.readers import scan

        drawn = read_page(page, text, number, shown)[0]
        page.set_rotation(90 * shown)
        try:
            hold("reach", drawn.reach, "points that a text reaches", "")
            hold("pixels", pixels_of(page), "pixels in one picture", "")
            seen, lattices, reader = *scan.read_picture(page, number), "pdf/scan"
            is_recognised = has_hidden_text(text)
        except (ExtraMissingError, LimitError, scan.IllegibleError) as error:
            walk.meet("pages-unread", number, str(error))
            return
        words = plain("".join(glyph.text for glyph in seen.glyphs))
        marks = marks_in(words)
    else:
        if marks < MAY_HOLD and lacks_text(page, text):
            walk.meet("pages-fontless", number)
        if marks < MAY_HOLD and not edges:
            return
        seen, frame = read_page(page, text, number, shown)
        name, place = walk.document.name, f"page {number}"
        hold("reach", seen.reach, "points that a text reaches", name, place)
        is_recognised = has_hidden_text(text)
        seen = doubt_unseen(page, seen, frame, is_recognised=is_recognised)
        lattices, reader = _ruled_tables(page, seen, frame, marks, (edges, open_edges))
    if marks >= SURELY_HOLDS:
        walk.meet("pages-unruled", number)
        if any(mark in words for mark in HEADS) and not _hold_most(lattices, seen, share=2):
            walk.meet("pages-outside", number)
    goes_on = _fits(lattices, edges)
    if marks < MAY_HOLD and not goes_on:
        return
    if goes_on:
        lattices[0] = lattices[0].widened(open_edges)
    doubts = (RECOGNISED,) if is_recognised else ()
    flat = any(g.bottom - g.top < FLAT and not g.is_spacing for g in seen.glyphs)
    if reader != "pdf/scan" and flat:
        walk.meet("pages-fontless", number)
        doubts = (*doubts, NO_FONT)
    walk.grids += list(_grids(lattices, seen, walk, reader, doubts))
    if lattices:
        known = edges if goes_on and len(lattices) == 1 else ()
        walk.before = (*known, *lattices[-1].xs), lattices[-1].open_edges


def _ruled_tables(
    page: pypdfium2.PdfPage, seen: Page, frame: pypdfium2.PdfMatrix, marks: int, before: Borders
) -> tuple[list[Lattice], str]:
    """Find the tables of a page: by its rules as drawn, closed, moved together, or by its picture.

    ``before`` are the borders of the table on the page before, as the walk has them.
    """
    edges, open_edges = before
    across, down = drawn_lines(page, frame)
    lattices = find_lattices(across, down)
    if not lattices and edges:
        lattices = find_lattices(*closed(across, down, open_edges))
    sure = marks >= SURELY_HOLDS
    held = sure and _hold_most(lattices, seen)
    if (edges and not _fits(lattices, edges)) or (sure and (not held or _are_pieces(lattices))):
        joined = find_lattices(*drawn_together(across, down))
        if _fits(joined, edges) or (sure and _hold_most(joined, seen)):
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


def _fits(lattices: list[Lattice], edges: tuple[float, ...]) -> bool:
    """Tell whether the first table can be the rest of one with such column borders.

    It is as wide, wherever it stands, or it ends where that one ends and begins at one of its
    borders: some producers leave out the cells of the first columns that a page edge cut.
    """
    if not lattices or not edges:
        return False
    xs = lattices[0].xs
    wide = abs((xs[-1] - xs[0]) - (max(edges) - min(edges))) <= MARGIN
    ends = abs(xs[-1] - max(edges)) <= MARGIN
    return wide or (ends and any(abs(xs[0] - edge) <= MARGIN for edge in edges))


def _grids(
    lattices: list[Lattice], page: Page, walk: _Walk, reader: str, doubts: tuple[Doubt, ...]
) -> Iterator[Grid]:
    rest = page.glyphs
    filled = []
    for lattice in lattices:
        cells, rest = fill(lattice, rest, page, walk.document)
        if any(
            doubt.kind is DoubtKind.NO_FONT for doubt in doubts
        ):  # a cell that reads as blank may have lost characters too
            cells = tuple(replace(cell, doubts=(*cell.doubts, *doubts)) for cell in cells)
        else:
            cells = tuple(cell.doubted(doubts) for cell in cells)
        filled.append((lattice, cells))
    lines = lines_of_text(rest, page, walk.document)
    above = 0.0
    for number, (lattice, cells) in enumerate(filled, start=len(walk.grids) + 1):
        heading = tuple(line for top, line in lines if above <= top < lattice.ys[0])
        above = lattice.ys[-1]
        yield Grid(walk.document, number, reader, cells, heading, lattice.xs)


def _pages(found: list[int]) -> Statement:
    """Name pages, the first ``LISTED`` of many one by one."""
    if len(found) == 1:
        return Statement.of(Where.PAGE, first=found[0])
    shown = tuple(found[:LISTED])
    if len(found) > LISTED:
        return Statement.of(Where.MANY_PAGES, pages=shown, more=len(found) - LISTED)
    return Statement.of(Where.SOME_PAGES, pages=shown)
