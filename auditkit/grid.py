"""Documents, and the grids of cells read out of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from auditkit.doubts import Doubt, Note
from auditkit.wording import Statement, Worded


@dataclass(frozen=True, slots=True)
class Document:
    """One input file, fixed by the digest of its bytes; the name is only for people."""

    sha256: str
    name: str


class Where(StrEnum):
    """How it is said where something stands: a cell, a form, or what a note is about."""

    BOX = "box"  # facts: page, left, top
    SHEET_CELL = "sheet_cell"  # facts: sheet, reference
    TABLE_CELL = "table_cell"  # facts: table, row, column
    PAGE_CELL = "page_cell"  # facts: page, row, column
    SPAN = "span"  # facts: line, first, last
    PAGE = "page"  # facts: first
    PAGES = "pages"  # facts: first, last
    SOME_PAGES = "some_pages"  # facts: pages
    MANY_PAGES = "many_pages"  # facts: pages, more
    TABLE = "table"  # facts: first
    TABLES = "tables"  # facts: first, last
    LINE = "line"  # facts: first
    LINES = "lines"  # facts: first, last
    ROW = "row"  # facts: sheet, first
    ROWS = "rows"  # facts: sheet, first, last


@dataclass(frozen=True, slots=True, order=True)
class Box(Worded):
    """A rectangle on a PDF page as it is displayed, in points from the page's top left corner.

    Pages count from one. A page that the file turns (``/Rotate``) is measured as turned.
    """

    page: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def statement(self) -> Statement:
        """The page, and where on it, in whole points."""
        left, top = (Decimal(f"{side:.0f}") for side in (self.left, self.top))
        return Statement.of(Where.BOX, page=self.page, left=left, top=top)


@dataclass(frozen=True, slots=True, order=True)
class SheetCell(Worded):
    """A place in a workbook, named the way the workbook names it."""

    sheet: str
    reference: str

    @property
    def statement(self) -> Statement:
        """The sheet and the cell."""
        return Statement.of(Where.SHEET_CELL, sheet=self.sheet, reference=self.reference)


@dataclass(frozen=True, slots=True, order=True)
class TableCell(Worded):
    """A place in a Word or HTML table, counted from one."""

    table: int
    row: int
    column: int

    @property
    def statement(self) -> Statement:
        """The table, and the row and column in it."""
        return Statement.of(Where.TABLE_CELL, table=self.table, row=self.row, column=self.column)


@dataclass(frozen=True, slots=True, order=True)
class Span(Worded):
    """A place in a text file: the line, and its first and last column, from one."""

    line: int
    first: int
    last: int

    @property
    def statement(self) -> Statement:
        """The line, and the columns in it."""
        return Statement.of(Where.SPAN, line=self.line, first=self.first, last=self.last)


Place = Box | SheetCell | TableCell | Span


class Unit(StrEnum):
    """What the extent of a form is counted in."""

    PAGE = "page"
    TABLE = "table"
    LINE = "line"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Extent(Worded):
    """Where a form stands in its file: from the ``first`` to the ``last`` page, table, line or row.

    They count from one; ``sheet`` is the name of the sheet whose rows they are. As a text it is
    such as ``pages 3-4`` or ``sheet 自评表, rows 1-40``.
    """

    unit: Unit
    first: int
    last: int
    sheet: str = ""

    @property
    def statement(self) -> Statement:
        """The one page, table, line or row, or the first and the last of several."""
        one, several = _EXTENTS[self.unit]
        kind = one if self.first == self.last else several
        return Statement.of(kind, sheet=self.sheet, first=self.first, last=self.last)


_EXTENTS = {
    Unit.PAGE: (Where.PAGE, Where.PAGES),
    Unit.TABLE: (Where.TABLE, Where.TABLES),
    Unit.LINE: (Where.LINE, Where.LINES),
    Unit.ROW: (Where.ROW, Where.ROWS),
}


class How(StrEnum):
    """How a text was obtained: by reading, from what must hold, or from a person who looked.

    It was read once, or several times in agreement; an auditor corrected it, or found it right.
    """

    READ = "read"
    CONSENSUS = "consensus"
    INFERRED = "inferred"
    CORRECTED = "corrected"
    AS_READ = "right as read"


@dataclass(frozen=True, slots=True)
class Cell:
    r"""One cell of a form: what it says, and where anyone can go and see it say so.

    ``text`` is what a reader of the document sees, characters as the file has them, lines that
    only the width of the cell broke joined again and any other line break kept as ``\n``.
    ``stored`` is what a workbook keeps behind it, where the two differ. ``doubts`` are the
    reasons why the text may not be what is printed; a cell without any was read surely. ``row``
    and ``column`` count from zero within the grid; a line outside of the tables of a page spans no
    square. ``room`` is how many more lines of text would
    have fitted below the last one: a cell that a page edge cuts has none. ``how`` is how the
    text was obtained, and goes over to the entries made of the cell.
    """

    document: Document
    place: Place
    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    stored: str = ""
    doubts: tuple[Doubt, ...] = ()
    room: float = 0.0
    how: How = How.READ

    @property
    def stands(self) -> Worded | Statement:
        """Where a person finds it: on a page by row and column of its table, which can be counted.

        A line outside of the tables of a page is found by its page alone.
        """
        place = self.place
        if not isinstance(place, Box):
            return place
        if not self.row_span:
            return Statement.of(Where.PAGE, first=place.page)
        row, column = self.row + 1, self.column + 1
        return Statement.of(Where.PAGE_CELL, page=place.page, row=row, column=column)

    @property
    def squares(self) -> Iterator[tuple[int, int]]:
        """The grid squares this cell covers."""
        for row in range(self.row, self.row + self.row_span):
            for column in range(self.column, self.column + self.column_span):
                yield row, column

    def doubted(self, reasons: tuple[Doubt, ...]) -> Cell:
        """Return the cell with more reasons to doubt it; an empty cell has nothing to doubt."""
        return replace(self, doubts=(*self.doubts, *reasons)) if self.text else self


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it was laid out: whole cells, each in its place, none overlapping.

    ``heading`` holds the lines of text that stand before the table and after the table before
    it, one cell a line, since forms print their title and year there. ``edges`` are the
    positions of the column borders where the reader knows them (points for a PDF): forms that
    a page break cut in two are joined by them.
    """

    document: Document
    number: int
    reader: str
    cells: tuple[Cell, ...]
    heading: tuple[Cell, ...] = ()
    edges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        covered = [square for cell in self.cells for square in cell.squares]
        if len(covered) != len(set(covered)):
            raise ValueError(f"cells overlap in table {self.number} of {self.document.name}")


class RuledBy(StrEnum):
    """How the rules were found that the tables of a page are made of."""

    DRAWN = "drawn"  # as the page draws them
    CLOSED = "closed"  # and closed at the edges of a page that one row takes up
    MOVED = "moved together"  # those that lie side by side, and gaps in them closed
    SHADED = "shaded"  # where the shades of cells end
    RASTER = "raster"  # in the picture of the page
    CAMELOT = "camelot"  # by camelot's own reading


class PassedOver(StrEnum):
    """Why nothing on a page was taken for a part of a form."""

    NO_MARKS = "no marks"  # it has not the words of a form, nor the rest of one
    NO_TABLE = "no table"  # it has words of a form, but no ruled table
    UNREAD = "unread"  # a picture that was not recognised
    TOO_LARGE = "too large"
    CROPPED = "cropped"  # camelot measures the sheet, and draws what the file crops it to


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What lay on a page of a PDF or a picture: rules, tables, and what was passed over.

    ``number`` counts from one. All places are points from the top left corner of the page as it
    is displayed, as those of a ``Box`` are: ``width`` and ``height`` of the page, and left, top,
    right and bottom of each of the ``rules``, broken ones joined. ``tables`` are those taken,
    ``lines`` the lines of text that stand neither in one of them nor in the heading of a grid.
    ``passed_over`` says why no table was taken. What there was no need to look for is not there:
    a page without the words of a form has a size and a reason only.
    """

    number: int
    width: float
    height: float
    passed_over: PassedOver | None = None
    ruled_by: RuledBy | None = None
    rules: tuple[tuple[float, float, float, float], ...] = ()
    tables: tuple[Box, ...] = ()
    lines: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """All that was read of one file: its grids, and what of it was not read and why.

    ``pages`` is what lay on each page, for files that have pages: how the grids came about, which
    is not asked where two readings are compared; ``behind`` are the lines after the last grid, for
    those that have none.
    """

    document: Document
    grids: tuple[Grid, ...]
    notes: tuple[Note, ...] = ()
    pages: tuple[PageLayout, ...] = field(default=(), repr=False, compare=False)
    behind: tuple[Cell, ...] = field(default=(), repr=False, compare=False)


# Radicals that fonts share with ideographs and that NFKC leaves alone, or turns into another form.
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RADICALS = str.maketrans(
    "⺁⺎⺒⺝⺟⺠⺩⺬⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳⼾",
    "厂兀巳月母民王示虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟户",
)


def normal(text: str) -> str:
    """Return text in NFKC form, radicals that PDF files hold for ideographs put right.

    >>> normal("主管部⻔"), normal("⽹络（％）"), normal("专⼾")
    ('主管部门', '网络(%)', '专户')
    """
    return unicodedata.normalize("NFKC", text.translate(_RADICALS))


@lru_cache(maxsize=4096)  # rules compare the same few texts many times
def plain(text: str) -> str:
    r"""Return text for comparing: as ``normal`` gives it, without white space.

    >>> plain("⽹ 络（％）\n")
    '网络(%)'
    """
    return "".join(normal(text).split())


def raised(text: str) -> str:
    """Return text that stands above or below its line with the digits that Unicode has for that.

    A note's mark behind a number must not be read as its last digit: 10¹ is not 101.
    """
    return text.translate(_RAISED)
