"""Word files (.docx): tables with merged cells and tables in cells, and the text before them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import accumulate
from typing import Any

from lxml import etree

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Document, Tables, raised
from auditkit.readers.flow import HIDDEN, FlowCell, FlowTable, Line, Paragraph, count_in, tables_in
from auditkit.readers.guard import BROKEN
from auditkit.readers.limits import Count, of_xml
from auditkit.readers.troubles import trouble
from auditkit.readers.word_looks import At, Formats, Seen, W, is_on

MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
TWIPS = 20.0  # to a point
# What symbol fonts hold where forms have boxes to tick (Wingdings, Wingdings 2).
SYMBOLS = {
    "6F": "□", "71": "□", "A8": "□", "A3": "□", "FE": "☑", "52": "☑", "FD": "☒", "54": "☒",
    "FC": "√", "50": "√", "B3": "≥",
}  # fmt: skip
UNKNOWN_SYMBOL, PICTURE = Doubt(DoubtKind.UNKNOWN_SYMBOL), Doubt(DoubtKind.PICTURE)
CUT_OFF = Doubt(DoubtKind.CUT_OFF)
_WRAPPERS = {W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml")}
_SIGNS = {W + "tab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_DRAWN = {W + "drawing", W + "pict", W + "object"}
LEAST_LINE = 5.0  # points: a row that is lower shows nothing of a line of text


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
            formats = Formats(archive, count)
    except (*BROKEN, KeyError, etree.XMLSyntaxError) as error:
        raise trouble("word-damaged", document.name, reason=error) from error
    prompts = tuple(_without_placeholders(root))
    walked = _Body(formats)
    content = [part for whole in root.iter(W + "body") for part in walked.content(whole)]
    found = tables_in(document, "word/docx", content, count)
    notes = [Note.of(NoteKind.PROMPTS, texts=prompts)] if prompts else []
    if walked.changes:
        notes.append(Note.of(NoteKind.TRACKED, changes=tuple(walked.changes)))
    return replace(found, notes=(*found.notes, *notes))


def _without_placeholders(root: Any) -> Iterator[str]:
    """Blank the content controls that show their placeholders, and yield what these say.

    A control that nobody filled in keeps its prompt as its text; the file says that it is one.
    """
    blank: set[Any] = set()  # controls within one that was blanked
    for control in root.iter(W + "sdt"):
        if control in blank or not is_on(control.find(f"{W}sdtPr/{W}showingPlcHdr")):
            continue
        blank.update(control.iter(W + "sdt"))
        texts = list(control.iter(W + "t"))
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


@dataclass(slots=True)
class _Body:
    """The text of a file as it is walked through; ``changes`` says who tracked some, and when."""

    formats: Formats
    changes: dict[str, None] = field(default_factory=dict)

    def content(self, parent: Any, at: At | None = None) -> Iterator[Paragraph | FlowTable]:
        """Yield the lines and tables that stand in an element, of a cell where it is in one."""
        for part in _parts(parent):
            if part.tag == W + "p":
                yield self._line(part, at)
            elif part.tag == W + "tbl":
                yield self._table(part)

    def _line(self, paragraph: Any, at: At | None) -> Paragraph:
        line = Line()
        self._through(paragraph, paragraph, at, line)
        return line.paragraph()

    def _through(self, parent: Any, paragraph: Any, at: At | None, line: Line) -> None:
        """Add the text of a paragraph: runs, links and boxes; what was deleted is as if struck."""
        for part in parent:
            tag = part.tag
            if tag == W + "r":
                seen = self.formats.seen(part, paragraph, at)
                self._run(part, paragraph, at, line, seen)
            elif tag in (W + "del", W + "moveFrom"):
                self._note(part)
                deleted = "".join(t.text or "" for t in part.iter(W + "delText", W + "t"))
                line.add(deleted, Seen(is_struck=True))
            elif tag == MATH_TEXT:
                line.add(part.text or "", Seen())
            elif tag not in (FALLBACK, W + "pPr"):
                if tag in (W + "ins", W + "moveTo"):
                    self._note(part)
                self._through(part, paragraph, at, line)

    def _run(self, run: Any, paragraph: Any, at: At | None, line: Line, seen: Seen) -> None:
        start = len(line.pieces)
        for part in run:
            tag = part.tag
            if tag == W + "t":
                line.add(part.text or "", seen)
            elif tag in _SIGNS:
                line.add(_SIGNS[tag], Seen())
            elif tag == W + "sym":
                sign = SYMBOLS.get((part.get(W + "char") or "")[-2:].upper())
                line.add(sign or "\ufffd", Seen(() if sign else (UNKNOWN_SYMBOL,)))
            elif tag == W + "fldChar":
                line.add(_of_field(part), seen)
            elif tag not in (FALLBACK, W + "rPr"):
                if tag in _DRAWN or part.find(f".//{W}drawing") is not None:
                    line.doubts[PICTURE] = None
                self._through(part, paragraph, at, line)
        own = run.find(W + "rPr")
        marks = () if own is None else own.iterchildren(W + "vertAlign", W + "position")
        if any(mark.get(W + "val") not in ("baseline", "0") for mark in marks):
            line.pieces[start:] = map(raised, line.pieces[start:])

    def _note(self, change: Any) -> None:
        author, day = change.get(W + "author") or "", (change.get(W + "date") or "")[:10]
        self.changes[f"{author} {day}".strip() or "-"] = None

    def _table(self, table: Any) -> FlowTable:
        """Return a table, cells that go on below or beside the one of their text made one."""
        rows: list[list[FlowCell]] = []
        open_cells: dict[int, tuple[int, int]] = {}  # by column: row and place of the cell
        kept = [row for row in _parts(table) if row.tag == W + "tr" and not self._is_deleted(row)]
        style = self.formats.of_table(table)
        for number, row in enumerate(kept):
            squares: list[FlowCell] = []
            column = _number(row, "trPr/gridBefore")
            if column:
                squares.append(FlowCell((), column_span=column))
            going_on: dict[int, tuple[int, int]] = {}
            cells = [part for part in _parts(row) if part.tag == W + "tc"]
            for cell in cells:
                width = _number(cell, "tcPr/gridSpan") or 1
                beside = cell.find(f"{W}tcPr/{W}hMerge")
                if beside is not None and beside.get(W + "val") != "restart" and squares:
                    wider = squares[-1].column_span + width
                    squares[-1] = replace(squares[-1], column_span=wider)
                    column += width
                    continue
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                above = open_cells.get(column)
                if merge is not None and merge.get(W + "val") != "restart" and above:
                    top, place = above
                    whole = rows[top][place]
                    rows[top][place] = replace(whole, row_span=len(rows) - top + 1)
                    going_on[column] = above
                else:
                    if merge is not None:
                        going_on[column] = (len(rows), len(squares))
                    ends = number == len(kept) - 1, cell is cells[-1]
                    at = style.at(cell, number, len(squares), ends)
                    content = tuple(self.content(cell, at))
                    squares.append(FlowCell(content, 1, width, _doubts_of_row(row, content)))
                column += width
            rows.append(squares)
            open_cells = going_on
        widths = [count_in(c.get(W + "w"), 0) for c in table.iterfind(f"{W}tblGrid/{W}gridCol")]
        edges = tuple(accumulate((width / TWIPS for width in widths), initial=0.0))
        return FlowTable(tuple(map(tuple, rows)), edges if all(widths) else ())

    def _is_deleted(self, row: Any) -> bool:
        """Tell whether a row was deleted while changes were tracked."""
        deleted = row.find(f"{W}trPr/{W}del")
        if deleted is not None:
            self._note(deleted)
        return deleted is not None


def _doubts_of_row(row: Any, content: tuple[Paragraph | FlowTable, ...]) -> tuple[Doubt, ...]:
    """Say whether the height of a row hides it, or cuts off some lines of a cell."""
    if is_on(row.find(f"{W}trPr/{W}hidden")):
        return (HIDDEN,)
    height = row.find(f"{W}trPr/{W}trHeight")
    if height is None or height.get(W + "hRule") != "exact":
        return ()
    lines = sum(part.text.count("\n") + 1 for part in content if isinstance(part, Paragraph))
    room = count_in(height.get(W + "val"), 0) / TWIPS
    if room < LEAST_LINE:
        return (HIDDEN,)
    return (CUT_OFF,) if room < lines * LEAST_LINE else ()


def _of_field(mark: Any) -> str:
    """Return what a field to choose from or to tick shows, where its mark begins one."""
    choice, box = mark.find(f"{W}ffData/{W}ddList"), mark.find(f"{W}ffData/{W}checkBox")
    if choice is not None:
        given = (choice.find(W + name) for name in ("result", "default"))
        chosen = next((count_in(part.get(W + "val"), 0) for part in given if part is not None), 0)
        entries = [part.get(W + "val") or "" for part in choice.iterfind(W + "listEntry")]
        return entries[chosen] if chosen < len(entries) else ""
    if box is None:
        return ""
    given = (box.find(W + name) for name in ("checked", "default"))
    return "☑" if is_on(next((part for part in given if part is not None), None)) else "□"


def _number(element: Any, path: str) -> int:
    found = element.find("/".join(W + name for name in path.split("/")))
    return min(count_in(found.get(W + "val"), 0), 1000) if found is not None else 0
