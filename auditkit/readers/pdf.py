"""PDF files: PDFium finds the pages and gives rules and characters, camelot's logic the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2

from auditkit.errors import DamagedError, EncryptedError, NoFormError, ScanError
from auditkit.grid import Document, Grid, Tables, plain
from auditkit.readers.lattice import Lattice, fill, find_lattices, lines_of_text
from auditkit.readers.page import (
    Page,
    drawn_lines,
    has_hidden_text,
    is_picture,
    read_page,
    rendered_lines,
)

MARKS = (
    "一级指标",
    "二级指标",
    "三级指标",
    "指标值",
    "目标值",
    "完成值",
    "实际值",
    "分值",
    "得分",
    "权重",
    "预算数",
    "执行数",
    "执行率",
    "主管部门",
    "实施单位",
    "项目名称",
    "总体目标",
    "年度目标",
    "预期目标",
    "实际完成情况",
    "资金总额",
    "项目资金",
    "绩效指标",
    "产出指标",
    "效益指标",
    "满意度",
    "自评表",
    "偏差原因",
    "未完成原因",
)
MAY_HOLD, SURELY_HOLDS = 3, 6  # marks on a page before its rules are looked for, and drawn for
LARGEST_SIDE = 14_400.0  # points; the largest page that the PDF format provides for
FEW_CHARACTERS = 12
MARGIN = 4.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """One page that was gridded: its grids, and how its last table ends."""

    grids: tuple[Grid, ...]
    left: float = 0.0
    right: float = 0.0


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
        if "password" in str(error).lower():
            raise EncryptedError(
                "the file asks for a password",
                name=document.name,
                advice="Remove the password in a PDF viewer and save a copy",
            ) from error
        raise DamagedError(
            "the file is not a whole PDF: it may be cut off", name=document.name, advice=_MEND
        ) from error
    if len(pdf) == 0:
        pdf.close()
        raise DamagedError("the PDF has no pages", name=document.name, advice=_MEND)
    return pdf


def _read_pages(pdf: pypdfium2.PdfDocument, document: Document) -> Tables:
    grids: list[Grid] = []
    scans: list[int] = []
    huge: list[int] = []
    marked: list[int] = []
    last: _Seen | None = None
    for index in range(len(pdf)):
        page = pdf[index]
        try:
            if max(page.get_size()) > LARGEST_SIDE:
                huge.append(index + 1)
                last = None
                continue
            seen = _read_one(page, index + 1, document, last, len(grids), marked, scans)
        finally:
            page.close()
        last = seen if seen and seen.grids else None
        grids.extend(seen.grids if seen else ())
    _refuse_nothing(document, grids, scans, huge, marked)
    return Tables(document, tuple(grids), tuple(_notes(scans, huge)))


def _read_one(
    page: pypdfium2.PdfPage,
    number: int,
    document: Document,
    last: _Seen | None,
    known: int,
    marked: list[int],
    scans: list[int],
) -> _Seen | None:
    """Grid one page if its text, or the form running on from the page before, asks for it."""
    text = page.get_textpage()
    try:
        words = plain(text.get_text_range())
        if len(words) < FEW_CHARACTERS and is_picture(page):
            scans.append(number)
            return None
        marks = sum(mark in words for mark in MARKS)
        if marks < MAY_HOLD and last is None:
            return None
        seen, frame = read_page(page, text, number)
        reader = "pdf/lattice"
        lattices = find_lattices(*drawn_lines(page, frame))
        if marks >= SURELY_HOLDS:
            marked.append(number)
            if not _hold_most(lattices, seen):
                drawn = lattices
                lattices = find_lattices(*rendered_lines(page, seen)) or drawn
                reader = "pdf/raster"
        if marks < MAY_HOLD and last and not _runs_on(lattices, last):
            return None
        doubts = ("the text is what recognition laid over a scan",) if has_hidden_text(text) else ()
    finally:
        text.close()
    grids = _grids(lattices, seen, document, known, reader, doubts)
    if not lattices:
        return _Seen(grids)
    return _Seen(grids, lattices[-1].xs[0], lattices[-1].xs[-1])


def _hold_most(lattices: list[Lattice], page: Page) -> bool:
    """Tell whether the tables found hold a fair part of the page's characters."""
    held = sum(any(t.find(g.left, g.top) is not None for t in lattices) for g in page.glyphs)
    return held * 4 > len(page.glyphs)


def _runs_on(lattices: list[Lattice], last: _Seen) -> bool:
    """Tell whether the page's first table is as wide as the last one of the page before."""
    if not lattices:
        return False
    width = lattices[0].xs[-1] - lattices[0].xs[0]
    return abs(width - (last.right - last.left)) <= MARGIN


def _grids(
    lattices: list[Lattice],
    page: Page,
    document: Document,
    known: int,
    reader: str,
    doubts: tuple[str, ...],
) -> tuple[Grid, ...]:
    rest = page.glyphs
    filled = []
    for lattice in lattices:
        cells, rest = fill(lattice, rest, page, document)
        filled.append((lattice, cells))
    lines = lines_of_text(rest, page, document)
    grids = []
    above = 0.0
    for number, (lattice, cells) in enumerate(filled, start=known + 1):
        heading = tuple(line for top, line in lines if above <= top < lattice.ys[0])
        above = lattice.ys[-1]
        grids.append(
            Grid(
                document=document,
                number=number,
                reader=reader,
                cells=tuple(c.doubted(doubts) for c in cells) if doubts else cells,
                heading=heading,
                edges=lattice.xs,
            )
        )
    return tuple(grids)


def _refuse_nothing(
    document: Document, grids: list[Grid], scans: list[int], huge: list[int], marked: list[int]
) -> None:
    """Say why, where no table came out: nothing found must never look like nothing wrong."""
    if grids:
        return
    name = document.name
    if scans:
        raise ScanError(
            f"{_pages(scans)} hold a picture and no text",
            name=name,
            advice="It is a scan: reading it needs recognition, which the extra auditkit[ocr]"
            " is for; or ask the unit for the file it was printed from",
        )
    if huge:
        raise DamagedError(
            f"{_pages(huge)} is larger than {LARGEST_SIDE:,.0f} points, more than a PDF page can be",
            name=name,
            advice=_MEND,
        )
    if marked:
        raise NoFormError(
            f"{_pages(marked)} has the words of a form but no ruled table",
            name=name,
            advice="Check those pages by eye: a form without rules is not read",
        )
    raise NoFormError(
        "no self-evaluation form was found in it",
        name=name,
        advice="Check that it is the right file: a form has a ruled table with columns such as"
        " 全年预算数 and 三级指标",
    )


def _notes(scans: list[int], huge: list[int]) -> Iterator[str]:
    if scans:
        yield f"{_pages(scans)} of the file hold a picture and no text and were not read"
    if huge:
        yield f"{_pages(huge)} of the file is too large to be a page and was not read"


def _pages(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8])
    more = f" and {len(numbers) - 8} more" if len(numbers) > 8 else ""
    return f"page {shown}" if len(numbers) == 1 else f"pages {shown}{more}"
