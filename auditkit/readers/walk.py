"""What is seen on the way through the pages of a PDF file, and what is said of pages in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Document, Grid, PageLayout, Where
from auditkit.progress import AtPage
from auditkit.readers.lattice import Lattice
from auditkit.readers.limits import Count
from auditkit.wording import Fact, Statement

# Troubles with pages where others are read, in the order of their notes.
NOTED = ("pages-unread", "pages-outside", "pages-fontless", "pages-huge", "pages-cut")
LISTED = 8  # pages that are named one by one
NO_FONT = Doubt(DoubtKind.NO_FONT)

Borders = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(slots=True)
class Walk:
    """What was seen on the way through a file.

    ``before`` are the column borders of the table that the last page ended with, which the next
    page's table must fit to be gridded although no label stands on it, and those of them that
    reach the end of the page.
    """

    document: Document
    total: int
    tell: Callable[[AtPage], object]
    count: Count = field(init=False)
    grids: list[Grid] = field(default_factory=list)
    pages: list[PageLayout] = field(default_factory=list)
    met: dict[tuple[str, Fact], list[int]] = field(default_factory=dict)
    before: Borders = ((), ())
    open_below: int = 0  # the page before, where its table goes on below its edge

    def __post_init__(self) -> None:
        self.count = Count(self.document.name)

    def meet(self, what: str, page: int, reason: Fact = "") -> None:
        """Remember a trouble with a page."""
        pages = self.met.setdefault((what, reason), [])
        pages += [page] * (page not in pages)

    def open_at(self, page: int, lattices: Sequence[Lattice], *, goes_on: bool) -> None:
        """Remember a page whose last table goes on below its edge, unless the next goes on there.

        ``lattices`` are the tables of a page that is a picture: a file has all that it draws.
        """
        if self.open_below and not goes_on:
            self.meet("pages-cut", self.open_below)
        is_open = bool(lattices and lattices[-1].open_ends[1])
        self.open_below = page if is_open else 0

    def troubles(self, order: Sequence[str]) -> Iterator[tuple[str, Statement, Fact]]:
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
                case "pages-cut":
                    yield Note.of(NoteKind.CUT_BELOW, pages=pages)
                case "pages-huge":
                    yield Note.of(NoteKind.PAGES_TOO_LARGE, pages=pages)


def _pages(found: list[int]) -> Statement:
    """Name pages, the first ``LISTED`` of many one by one."""
    if len(found) == 1:
        return Statement.of(Where.PAGE, first=found[0])
    shown = tuple(found[:LISTED])
    if len(found) > LISTED:
        return Statement.of(Where.MANY_PAGES, pages=shown, more=len(found) - LISTED)
    return Statement.of(Where.SOME_PAGES, pages=shown)
