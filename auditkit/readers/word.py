"""Word files (.docx): tables with merged cells and tables in cells, and the text before them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import accumulate
from typing import Any

from lxml import etree

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Document, Tables, raised
from auditkit.readers.flow import HIDDEN, FlowCell, FlowTable, Paragraph, count_in, tables_in
from auditkit.readers.guard import BROKEN
from auditkit.readers.limits import Count, of_xml
from auditkit.readers.troubles import trouble

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
TWIPS = 20.0  # to a point
# What symbol fonts hold where forms have boxes to tick (Wingdings, Wingdings 2).
SYMBOLS = {
    "6F": "□", "71": "□", "A8": "□", "A3": "□", "FE": "☑", "52": "☑", "FD": "☒", "54": "☒",
    "FC": "√", "50": "√", "B3": "≥",
}  # fmt: skip
UNKNOWN_SYMBOL = Doubt(DoubtKind.UNKNOWN_SYMBOL)
_WRAPPERS = {W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml")}
_BREAKS = {W + "br", W + "cr"}
SEEN_FROM = 5  # half points; text of a smaller size is a line of dots


def read(data: bytes, document: Document) -> Tables:
    """Read the tables of a Word file; what changes were tracked counts as accepted.

    Raises DamagedError for a file that is not whole, NoFormError where it holds no form.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            body = archive.read("word/document.xml")
        count = of_xml(body, Count(document.name))
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(body, parser)
    except (*BROKEN, KeyError, etree.XMLSyntaxError) as error:
        raise trouble("word-damaged", document.name, reason=error) from error
    prompts = tuple(_without_placeholders(root))
    content = [part for part in root.iter(W + "body") for part in _content(part)]
    found = tables_in(document, "word/docx", content, count)
    notes = (Note.of(NoteKind.PROMPTS, texts=prompts),) if prompts else ()
    return replace(found, notes=(*found.notes, *notes))


def _without_placeholders(root: Any) -> Iterator[str]:
    """Blank the content controls that show their placeholders, and yield what these say.

    A control that nobody filled in keeps its prompt as its text; the file says that it is one.
    """
    for control in root.iter(W + "sdt"):
        shows = control.find(f"{W}sdtPr/{W}showingPlcHdr")
        if shows is None or not _is_on(shows):
            continue
        texts = [text for part in control.iter(W + "sdtContent") for text in part.iter(W + "t")]
        said = "".join(text.text or "" for text in texts)
        for text in texts:
            text.text = ""
        if said.strip():
            yield said.strip()


def _parts(parent: Any) -> Iterator[Any]:
    """Yield what stands in an element, looking through what only wraps its parts."""
    for part in parent:
        if part.tag in _WRAPPERS:
            yield from _parts(part)
        else:
            yield part


def _content(parent: Any) -> Iterator[Paragraph | FlowTable]:
    for part in _parts(parent):
        if part.tag == W + "p":
            yield _line(part)
        elif part.tag == W + "tbl":
            yield _table(part)


def _line(paragraph: Any) -> Paragraph:
    doubts: dict[Doubt, None] = {}
    text = "".join(_text(paragraph, doubts))
    return Paragraph(text, tuple(doubts))


def _text(parent: Any, doubts: dict[Doubt, None]) -> Iterator[str]:
    """Yield the text of a paragraph: runs, links and boxes, not what was deleted."""
    for part in parent:
        tag = part.tag
        if tag in (W + "t", MATH_TEXT):
            yield part.text or ""
        elif tag == W + "tab":
            yield " "
        elif tag in _BREAKS:
            yield "\n"
        elif tag == W + "noBreakHyphen":
            yield "-"
        elif tag == W + "sym":
            sign = SYMBOLS.get((part.get(W + "char") or "")[-2:].upper())
            if sign is None:
                doubts[UNKNOWN_SYMBOL] = None
            yield sign or "�"
        elif tag == W + "vanish" and parent.tag == W + "rPr" and _is_on(part):
            doubts[HIDDEN] = None
        elif tag not in (FALLBACK, W + "del", W + "moveFrom", W + "pPr"):
            own = part.find(W + "rPr") if tag == W + "r" else None
            if own is not None and _is_unseen(part, own):
                doubts[HIDDEN] = None
            is_raised = own is not None and any(
                one.get(W + "val") not in ("baseline", "0")
                for one in own.iterchildren(W + "vertAlign", W + "position")
            )
            yield from map(raised, _text(part, doubts)) if is_raised else _text(part, doubts)


def _is_unseen(run: Any, own: Any) -> bool:
    """Tell whether a run has text that is too small to be seen, or white on a white ground."""
    if not any((text.text or "").strip() for text in run.iter(W + "t")):
        return False
    size = own.find(W + "sz")
    if size is not None and count_in(size.get(W + "val"), SEEN_FROM) < SEEN_FROM:
        return True
    colour = own.find(W + "color")
    if colour is None or (colour.get(W + "val") or "").upper() != "FFFFFF":
        return False
    around = (own, *(part.find(f"{part.tag}Pr") for part in run.iterancestors(W + "p", W + "tc")))
    grounds = (part.find(W + "shd") for part in around if part is not None)
    is_marked = own.find(W + "highlight") is not None
    return not is_marked and not any(
        ground is not None and (ground.get(W + "fill") or "auto").upper() not in ("AUTO", "FFFFFF")
        for ground in grounds
    )


def _is_on(part: Any) -> bool:
    return part.get(W + "val") not in ("0", "false", "off")


def _table(table: Any) -> FlowTable:
    """Return a table, cells that go on below the row of their text made one."""
    rows: list[list[FlowCell]] = []
    open_cells: dict[int, tuple[int, int]] = {}  # by column: row and place of the cell
    for row in (part for part in _parts(table) if part.tag == W + "tr"):
        squares: list[FlowCell] = []
        column = _number(row, "trPr/gridBefore")
        if column:
            squares.append(FlowCell((), column_span=column))
        hidden = (HIDDEN,) if row.find(f"{W}trPr/{W}hidden") is not None else ()
        going_on: dict[int, tuple[int, int]] = {}
        for cell in (part for part in _parts(row) if part.tag == W + "tc"):
            width = _number(cell, "tcPr/gridSpan") or 1
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            above = open_cells.get(column)
            if merge is not None and merge.get(W + "val") != "restart" and above:
                at, place = above
                whole = rows[at][place]
                rows[at][place] = replace(whole, row_span=len(rows) - at + 1)
                going_on[column] = above
            else:
                if merge is not None:
                    going_on[column] = (len(rows), len(squares))
                squares.append(FlowCell(tuple(_content(cell)), 1, width, hidden))
            column += width
        rows.append(squares)
        open_cells = going_on
    widths = [count_in(c.get(W + "w"), 0) for c in table.iterfind(f"{W}tblGrid/{W}gridCol")]
    edges = tuple(accumulate((width / TWIPS for width in widths), initial=0.0))
    return FlowTable(tuple(map(tuple, rows)), edges if all(widths) else ())


def _number(element: Any, path: str) -> int:
    found = element.find("/".join(W + name for name in path.split("/")))
    return min(count_in(found.get(W + "val"), 0), 1000) if found is not None else 0
