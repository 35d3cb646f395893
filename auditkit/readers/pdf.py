"""PDF files: PDFium finds the pages and gives rules and characters, camelot's logic the grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import combinations
from operator import itemgetter
from time import monotonic

import pypdfium2

from auditkit.doubts import Doubt, DoubtKind
from auditkit.errors import ExtraMissingError, LimitError
from auditkit.grid import Cell, Document, Grid, PageLayout, PassedOver, RuledBy, Tables, plain
from auditkit.progress import AtPage
from auditkit.readers.abreast import in_strip, parted, strips_of
from auditkit.readers.fields import filled_in
from auditkit.readers.filling import fill
from auditkit.readers.glyphs import FLAT, Glyph, has_hidden_text, has_its_font, lacks_text
from auditkit.readers.lattice import (
    APART,
    OF_LINE,
    Lattice,
    Ruled,
    closed,
    drawn_together,
    find_lattices,
    spacing,
)
from auditkit.readers.limits import hold
from auditkit.readers.lines import height, is_meaningless, lines_of_text, solid_of
from auditkit.readers.marks import HEADS, MAY_HOLD, SURELY_HOLDS, marks_in
from auditkit.readers.page import (
    Page,
    drawn_lines,
    is_picture,
    pixels_of,
    read_page,
    rendered_lines,
    upright_text,
)
from auditkit.readers.shades import shaded_tables
from auditkit.readers.strips import without_strips
from auditkit.readers.troubles import trouble
from auditkit.readers.unruled import with_rules
from auditkit.readers.unseen import doubt_unseen
from auditkit.readers.walk import NO_FONT, Borders, Walk
from auditkit.readers.witness import drawn
from auditkit.stated import on_page

_MADE_ELSEWHERE = (pypdfium2.raw.FORMTYPE_XFA_FULL, pypdfium2.raw.FORMTYPE_XFA_FOREGROUND)
LARGEST_SIDE = 14_400.0  # points; the largest page that the PDF format provides for
FEW_CHARACTERS = 12
_MANY = 8  # tables on one page of a form before they are taken for cells drawn apart
_WIDE = 2.0  # boxes of cells are so many times as far apart at most as the rules of one border
_FEW = 6  # cells of such a table
MARGIN = 4.0
_RECOGNISED = Doubt(DoubtKind.RECOGNISED)
# Troubles with pages: which count first where no page is read.
REFUSED = ("pages-unread", "pages-huge", "pages-unruled", "pages-fontless")


def read(
    data: bytes, document: Document, tell: Callable[[AtPage], object] = lambda _: None
) -> Tables:
    """Read the ruled tables of the pages that can hold a form, merged cells made whole.

    Each page that is a picture is told of before it is recognised.
    Raises EncryptedError, DamagedError, ScanError or NoFormError, each with what to do.
    """
    pdf = opened(data, document)
    try:
        return _read_pages(pdf, Walk(document, len(pdf), tell))
    except pypdfium2.PdfiumError as error:
        raise trouble("page-damaged", document.name, reason=str(error)) from error
    finally:
        pdf.close()


def opened(data: bytes, document: Document) -> pypdfium2.PdfDocument:
    """Open a PDF; raises EncryptedError or DamagedError."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium's last error may be that of a file before; a locked file says so itself.
        is_locked = "password" in str(error).lower() and b"/Encrypt" in data
        raise trouble("pdf-locked" if is_locked else "pdf-damaged", document.name) from error
    if len(pdf) == 0:
        pdf.close()
        raise trouble("pdf-damaged", document.name)
    return pdf


def upright_pages(
    pdf: pypdfium2.PdfDocument, document: Document
) -> Iterator[tuple[pypdfium2.PdfPage, pypdfium2.PdfTextPage | None, PageLayout, int]]:
    """Yield each page, open, with its text, its number and size, and how a viewer turns it.

    It is turned so that its text stands upright; a viewer turns it clockwise by so many quarters.
    A page that is too large to be one comes without its text. Raises LimitError.
    """
    hold("pages", len(pdf), "pages", document.name)
    began = monotonic()
    for number in range(1, len(pdf) + 1):
        place = f"page {number}"
        hold("seconds", monotonic() - began, "seconds of reading", document.name, place)
        with closing(filled_in(pdf, number - 1)) as page:
            wide, high = page.get_size()
            layout = PageLayout(number, round(wide, 2), round(high, 2))
            shown = page.get_rotation() // 90
            if max(wide, high) > LARGEST_SIDE:
                yield page, None, replace(layout, passed_over=PassedOver.TOO_LARGE), shown
                continue
            hold("objects", _drawn(page), "objects drawn", document.name, place)
            with closing(upright_text(page)) as text:
                hold("objects", text.count_chars(), "characters", document.name, place)
                yield page, text, layout, shown


def _read_pages(pdf: pypdfium2.PdfDocument, walk: Walk) -> Tables:
    document = walk.document
    for page, text, layout, shown in upright_pages(pdf, document):
        if text is None:
            walk.meet("pages-huge", layout.number)
            walk.before = ((), ())
            walk.pages.append(layout)
        else:
            walk.pages.append(_read_page(page, text, layout, shown, walk))
    walk.open_at(0, (), goes_on=False)
    if not walk.grids:  # nothing found must never look like nothing wrong
        for what, pages, reason in walk.troubles(REFUSED):
            most = f"{LARGEST_SIDE:,.0f}"
            raise trouble(what, document.name, pages=pages, reason=reason, most=most)
        is_made = pypdfium2.raw.FPDF_GetFormType(pdf) in _MADE_ELSEWHERE
        raise trouble("pdf-xfa" if is_made else "pdf-formless", document.name)
    return Tables(document, tuple(walk.grids), tuple(walk.notes()), tuple(walk.pages))


def _drawn(page: pypdfium2.PdfPage) -> int:
    return int(pypdfium2.raw.FPDFPage_CountObjects(page.raw))


def _read_page(
    page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, empty: PageLayout, shown: int, walk: Walk
) -> PageLayout:
    """Grid one page if its text, or the form running on from the page before, asks for it.

    ``empty`` is its number and size; what lay on it is returned.
    """
    number, unmarked = empty.number, replace(empty, passed_over=PassedOver.NO_MARKS)
    (edges, open_edges), walk.before = walk.before, ((), ())
    printed = text.get_text_range()
    words = plain(printed)
    marks = marks_in(words)
    is_scan = len(words) < FEW_CHARACTERS and is_picture(page)
    is_garbled = marks < MAY_HOLD and 10 * sum(map(is_meaningless, printed)) > len(printed)
    if is_scan or is_garbled:
        from auditkit.readers.ink import IllegibleError

        reader = "pdf/scan"
        try:
            seen, found = _recognised(page, text, number, shown, walk, edges)
        except (ExtraMissingError, LimitError, IllegibleError) as error:
            walk.meet("pages-unread", number, error.told)
            return replace(empty, passed_over=PassedOver.UNREAD)
        is_recognised = has_hidden_text(text)
        words = plain("".join(glyph.text for glyph in seen.glyphs))
        marks = marks_in(words)
    else:
        if marks < MAY_HOLD and lacks_text(page, text):
            walk.meet("pages-fontless", number)
        if marks < MAY_HOLD and not edges:
            return replace(unmarked, lines=on_page(words, walk.document, empty))
        seen, frame = read_page(page, text, number, shown)
        seen = _without_blanks(seen)
        hold(
            "reach", seen.reach, "points that a text reaches", walk.document.name, f"page {number}"
        )
        is_recognised = has_hidden_text(text)
        found = _ruled_tables(page, seen, frame, marks, (edges, open_edges))
        reader = "pdf/raster" if found.by is RuledBy.RASTER else "pdf/lattice"
    lattices = found.lattices
    if marks >= SURELY_HOLDS:
        walk.meet("pages-unruled", number)
        if any(mark in words for mark in HEADS) and not _hold_most(lattices, seen, share=2):
            walk.meet("pages-outside", number)
    goes_on = fits(lattices, edges)
    if marks < MAY_HOLD and not goes_on:
        return unmarked
    if goes_on and not _is_as_wide(lattices[0], edges):
        lattices = (lattices[0].widened(open_edges), *lattices[1:])
    if reader != "pdf/scan" and not is_recognised:
        found, seen = _witnessed(page, replace(found, lattices=lattices), seen, frame, walk)
        lattices = found.lattices
    doubts = (_RECOGNISED,) if is_recognised else ()
    if reader != "pdf/scan" and _lacks_fonts(seen):
        walk.meet("pages-fontless", number)
        doubts = (*doubts, NO_FONT)
    walk.open_at(number, lattices if reader == "pdf/scan" else (), goes_on=goes_on)
    grids, over = _grids(lattices, seen, walk, reader, doubts)
    walk.grids += grids
    if lattices:
        known = edges if goes_on and len(lattices) == 1 else ()
        walk.before = (*known, *lattices[-1].xs), lattices[-1].open_edges
    return laid_out(empty, seen, replace(found, lattices=lattices), over)


def _witnessed(
    page: pypdfium2.PdfPage, found: Ruled, seen: Page, frame: pypdfium2.PdfMatrix, walk: Walk
) -> tuple[Ruled, Page]:
    """Hold the tables of a page, and its characters, against its ink."""
    if not found.lattices:
        return found, seen
    drawing = drawn(page, seen, frame, walk.document.name)
    lattices = drawing.inked(found)
    return replace(found, lattices=lattices), doubt_unseen(seen, drawing)


def _lacks_fonts(seen: Page) -> bool:
    return any(_is_flat(glyph) and not has_its_font(glyph.part) for glyph in seen.glyphs)


def _is_flat(glyph: Glyph) -> bool:
    return glyph.bottom - glyph.top < FLAT and not glyph.is_spacing


def _without_blanks(seen: Page) -> Page:
    """Return a page without characters that draw nothing, mean nothing, and have their font.

    Office programs set blanks so, with a code of the font's own that stands for no character.
    """
    if not any(map(_is_flat, seen.glyphs)):
        return seen
    kept = (
        glyph
        for glyph in seen.glyphs
        if not (_is_flat(glyph) and is_meaningless(glyph.text) and has_its_font(glyph.part))
    )
    return replace(seen, glyphs=tuple(kept))


def _recognised(
    page: pypdfium2.PdfPage,
    text: pypdfium2.PdfTextPage,
    number: int,
    shown: int,
    walk: Walk,
    edges: tuple[float, ...],
) -> tuple[Page, Ruled]:
    """Recognise a page as its picture shows it, where the limits allow; raises what that raises.

    A table without heads that is no rest of the one before, whose borders are ``edges``, may be
    one all the same: pictures are not to scale.
    """
    from auditkit.readers import scan
    from auditkit.readers.ink import IllegibleError

    walk.tell(AtPage(walk.document.name, number, walk.total))
    walk.count.add("pictures", 1, "pictures to recognise")
    drawn = read_page(page, text, number, shown)[0]
    page.set_rotation(90 * shown)
    hold("reach", drawn.reach, "points that a text reaches", "")
    hold("pixels", pixels_of(page), "pixels in one picture", "")
    seen, found = scan.read_picture(page, number, edges)
    marks = marks_in(plain("".join(glyph.text for glyph in seen.glyphs)))
    if edges and found.lattices and marks < MAY_HOLD and not fits(found.lattices, edges):
        raise IllegibleError.saying("scan-apart")
    return seen, found


def _ruled_tables(
    page: pypdfium2.PdfPage, seen: Page, frame: pypdfium2.PdfMatrix, marks: int, before: Borders
) -> Ruled:
    """Find the tables of a page, and mend them where what stands in them tells more than rules do.

    ``before`` are the borders of the table on the page before, as the walk has them.
    """
    found = _by_rules(page, seen, frame, marks, before)
    whole = (without_strips(table, seen.glyphs) for table in found.lattices)
    return replace(found, lattices=tuple(with_rules(table, seen.glyphs) for table in whole))


def _by_rules(
    page: pypdfium2.PdfPage, seen: Page, frame: pypdfium2.PdfMatrix, marks: int, before: Borders
) -> Ruled:
    """Find the tables by the rules as drawn, closed, moved together, or by the page's picture."""
    edges, open_edges = before
    across, down = drawn_lines(page, frame)
    solid = solid_of(seen.glyphs)
    apart = min(APART, OF_LINE * height(solid)) if solid else APART
    found = find_lattices(across, down, apart=apart)
    if not found.lattices and edges:
        found = find_lattices(*closed(across, down, open_edges), RuledBy.CLOSED, apart)
    lattices, sure = found.lattices, marks >= SURELY_HOLDS
    held = sure and _hold_most(lattices, seen)
    if (edges and not fits(lattices, edges)) or (sure and (not held or _are_pieces(lattices))):
        for close in (apart, spacing(across, down, _WIDE * apart)):
            moved = find_lattices(*drawn_together(across, down, close), RuledBy.MOVED, close)
            if fits(moved.lattices, edges) or (sure and _hold_most(moved.lattices, seen)):
                found, held = moved, True
                break
    if sure and not held:
        shaded = shaded_tables(page, frame, apart, solid)
        if _hold_most(shaded.lattices, seen):
            return shaded
        rendered = find_lattices(*rendered_lines(page, seen), RuledBy.RASTER, apart)
        found = rendered if rendered.lattices else found
    if sure and _are_crumbs(found.lattices):
        unsound = (replace(table, is_sound=False) for table in found.lattices)
        found = replace(found, lattices=tuple(unsound))
    return found


def _hold_most(lattices: Sequence[Lattice], page: Page, share: int = 4) -> bool:
    """Tell whether the tables found hold a fair part of the page's characters, a quarter."""
    held = 0
    for glyph in page.glyphs:
        if any(table.find(glyph.left, glyph.top) is not None for table in lattices):
            held += 1
            if held * share > len(page.glyphs):
                return True
    return False


def _are_pieces(lattices: Sequence[Lattice]) -> bool:
    """Tell whether the tables found are more likely the pieces of one: many, or overlapping."""
    sides = [(t.xs[0], t.ys[0], t.xs[-1], t.ys[-1]) for t in lattices]
    return len(lattices) > _MANY or any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for a, b in combinations(sides, 2)
    )


def _are_crumbs(lattices: Sequence[Lattice]) -> bool:
    """Tell whether many tables were found that are hardly one each."""
    cells = sum(len(table.areas) for table in lattices)
    return len(lattices) > _MANY and cells < _FEW * len(lattices)


def fits(lattices: Sequence[Lattice], edges: tuple[float, ...]) -> bool:
    """Tell whether the first table can be the rest of one with such column borders.

    It is as wide, wherever it stands, or it ends where that one ends and begins at one of its
    borders: some producers leave out the cells of the first columns that a page edge cut.
    """
    if not lattices or not edges:
        return False
    xs = lattices[0].xs
    ends = abs(xs[-1] - max(edges)) <= MARGIN
    begins = any(abs(xs[0] - edge) <= MARGIN for edge in edges)
    return _is_as_wide(lattices[0], edges) or (ends and begins)


def _is_as_wide(lattice: Lattice, edges: tuple[float, ...]) -> bool:
    return abs((lattice.xs[-1] - lattice.xs[0]) - (max(edges) - min(edges))) <= MARGIN


def _grids(
    lattices: Sequence[Lattice], page: Page, walk: Walk, reader: str, doubts: tuple[Doubt, ...]
) -> tuple[list[Grid], tuple[Cell, ...]]:
    """Return the grids of a page, and the lines of text that stand in none and head none.

    Of tables side by side each has the lines over it, and both have a line over both.
    """
    place = f"page {page.number}"
    squares = sum((len(each.xs) - 1) * (len(each.ys) - 1) for each in lattices)
    walk.count.add("cells", squares, "cells, spans and all", place)
    walk.count.add("characters", len(page.glyphs), "characters", place)
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
    first = Grid(walk.document, len(walk.grids) + 1, reader, ())
    strips = strips_of(lattices)
    if len(strips) < 2:
        return headed(first, filled, lines_of_text(rest, page, walk.document))
    whole, parts = parted(rest, strips)
    shared = lines_of_text(whole, page, walk.document)
    grids: list[Grid] = []
    lines: list[tuple[float, Cell]] = list(shared)
    for strip, glyphs in zip(strips, parts, strict=True):
        own = lines_of_text(glyphs, page, walk.document)
        over = sorted((*shared, *own), key=itemgetter(0))
        tables = [one for one in filled if in_strip(one[0], strip)]
        next_one = replace(first, number=first.number + len(grids))
        grids += headed(next_one, tables, over)[0]
        lines += own
    used = {line for grid in grids for line in grid.heading}
    return grids, tuple(line for _, line in lines if line not in used)


def headed(
    first: Grid,
    filled: Sequence[tuple[Lattice, tuple[Cell, ...]]],
    lines: Sequence[tuple[float, Cell]],
) -> tuple[list[Grid], tuple[Cell, ...]]:
    """Give the tables of a page the lines of text above each as its heading.

    ``first`` is the first grid, still without its cells; the lines come with their upper edges,
    from the top down. Also returns those that stand above no table.
    """
    grids: list[Grid] = []
    above = 0.0
    for number, (lattice, cells) in enumerate(filled, start=first.number):
        heading = tuple(line for top, line in lines if above <= top < lattice.ys[0])
        above = lattice.ys[-1]
        grids.append(replace(first, number=number, cells=cells, heading=heading, edges=lattice.xs))
    used = {line for grid in grids for line in grid.heading}
    return grids, tuple(line for _, line in lines if line not in used)


def laid_out(empty: PageLayout, page: Page, found: Ruled, lines: tuple[Cell, ...]) -> PageLayout:
    """Return what lay on a page, as it is displayed, where only its number and size were known."""
    rules = (page.displayed(*rule) for rule in found.rules)
    return replace(
        empty,
        passed_over=None if found.lattices else PassedOver.NO_TABLE,
        ruled_by=found.by,
        rules=tuple((rule.left, rule.top, rule.right, rule.bottom) for rule in rules),
        tables=tuple(page.displayed(t.xs[0], t.ys[0], t.xs[-1], t.ys[-1]) for t in found.lattices),
        lines=lines,
    )
