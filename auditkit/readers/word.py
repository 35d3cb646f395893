"""Word files (.docx): tables with merged cells and tables in cells, and the text before them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import accumulate
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Document, Tables, raised
from auditkit.readers.flow import HIDDEN, FlowCell, FlowTable, Line, Paragraph, count_in, tables_in
from auditkit.readers.guard import BROKEN
from auditkit.readers.limits import Count, of_xml
from auditkit.readers.troubles import trouble
from auditkit.readers.word_fields import Fields, shown_by
from auditkit.readers.word_looks import At, Formats, Seen, W, is_on

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_EITHER = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Of two ways to say a thing programs take the one whose names they know: those of Word since 2010.
_KNOWN_NAMES = re.compile(r"w1[0-9]\w*|w[pn]\w{0,4}|a14|aink|am3d|cx\d?|c1\d|oel|v|o|r|w|m")
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
# Parts of runs and paragraphs that show nothing, or what stands in them, in its order.
_PLAIN = {
    W + name
    for name in (
        "lastRenderedPageBreak", "annotationRef", "footnoteRef", "endnoteRef",
        "footnoteReference", "endnoteReference", "commentReference", "separator",
        "continuationSeparator", "softHyphen", "delText", "delInstrText", "ptab", "r", "hyperlink",
        "smartTag", "customXml", "sdt", "ins",
        "sdtContent", "moveTo", "fldSimple", "proofErr", "bookmarkStart", "bookmarkEnd",
        "commentRangeStart", "commentRangeEnd", "permStart", "permEnd", "txbxContent", "p", "tbl",
        *(f"move{way}Range{end}" for way in ("From", "To") for end in ("Start", "End")),
        *(
            f"customXml{what}Range{end}"
            for what in ("Ins", "Del", "MoveFrom", "MoveTo")
            for end in ("Start", "End")
        ),
    )
}  # fmt: skip
_SAID_OF = {W + name for name in ("pPr", "smartTagPr", "customXmlPr", "sdtPr", "sdtEndPr")}
_SIMPLE_MATH = {_MATH + name for name in ("oMath", "oMathPara", "oMathParaPr", "r", "rPr", "t")}
_DRAWN = {W + "drawing", W + "pict", W + "object"}
_BINDING = W + "dataBinding"
_SHORT = 12  # characters of a figure with its sign and unit
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
            told = (
                _told_elsewhere(archive, count) if root.find(f".//{_BINDING}") is not None else ""
            )
            is_anew = "word/settings.xml" in archive.namelist() and _is_anew(archive, count)
    except (*BROKEN, KeyError, etree.XMLSyntaxError) as error:
        raise trouble("word-damaged", document.name, reason=str(error)) from error
    prompts = tuple(_without_placeholders(root))
    walked = _Body(formats, Fields(is_anew), _bound(root, told))
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


def _told_elsewhere(archive: zipfile.ZipFile, count: Count) -> str:
    """Return the parts of a file that its controls may show."""
    names = [name for name in archive.namelist() if name.startswith(("customXml/", "docProps/"))]
    parts = [archive.read(name) for name in names if name.endswith(".xml")]
    for part in parts:
        of_xml(part, count)
    return "\n".join(part.decode("utf-8", "replace") for part in parts)


def _bound(root: Any, told: str) -> set[Any]:
    """Return the runs of controls that show a part of the file, which says otherwise."""
    found: set[Any] = set()
    for binding in root.iter(_BINDING) if told else ():
        control = binding.getparent().getparent()
        text = "".join(part.text or "" for part in control.iter(W + "t")).strip()
        if escape(text) not in told:
            found.update(control.iter(W + "r"))
    return found


def _is_anew(archive: zipfile.ZipFile, count: Count) -> bool:
    """Tell whether a file asks for all fields to be worked out when it is opened."""
    part = archive.read("word/settings.xml")
    of_xml(part, count)
    settings = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    return is_on(settings.find(W + "updateFields"))


def _chosen(parent: Any) -> Iterator[Any]:
    """Yield what stands in an element; of two ways to say a thing the one that programs take."""
    for part in parent:
        if part.tag != _EITHER + "AlternateContent":
            yield part
            continue
        names = (choice.get("Requires") or "" for choice in part.iterchildren(_EITHER + "Choice"))
        ways = list(part.iterchildren(_EITHER + "Choice"))
        known = (
            w
            for w, n in zip(ways, names, strict=True)
            if all(map(_KNOWN_NAMES.fullmatch, n.split()))
        )
        way = next(known, part.find(_EITHER + "Fallback"))
        yield from () if way is None else _chosen(way)


def _of_odd(part: Any) -> Iterator[Doubt]:
    """Yield why a part of a paragraph may show something else than the text in it."""
    tag = part.tag
    if tag in _DRAWN:
        yield PICTURE
    elif isinstance(tag, str) and tag.startswith(W) and tag not in _PLAIN:
        yield Doubt.of(DoubtKind.DECLARED, property=tag.removeprefix(W))
    elif isinstance(tag, str) and tag.startswith(_MATH) and tag not in _SIMPLE_MATH:
        yield Doubt.of(DoubtKind.DECLARED, property="oMath")


def _may_be_figure(text: str) -> bool:
    """Tell whether a text is blank or so short that a number before it changes what it says."""
    return not text.strip() or (len(text.strip()) <= _SHORT and any(map(str.isdigit, text)))


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
    fields: Fields
    bound: set[Any]  # runs of controls that show what another part of the file says, and not theirs
    changes: dict[str, None] = field(default_factory=dict)

    def content(self, parent: Any, at: At | None = None) -> Iterator[Paragraph | FlowTable]:
        """Yield the lines and tables that stand in an element, of a cell where it is in one."""
        for part in _parts(parent):
            if part.tag == W + "p":
                yield self._line(part, at)
            elif part.tag == W + "tbl":
                yield self._table(part)
            elif part.tag == W + "altChunk":  # a document of another kind
                yield Paragraph("", (PICTURE,))

    def _line(self, paragraph: Any, at: At | None) -> Paragraph:
        line = Line()
        self._through(paragraph, paragraph, at, line)
        if self.formats.is_numbered(paragraph) and _may_be_figure(line.text):
            line.doubts[Doubt.of(DoubtKind.DECLARED, property="numPr")] = None
        return line.paragraph()

    def _through(self, parent: Any, paragraph: Any, at: At | None, line: Line) -> None:
        """Add the text of a paragraph: runs, links and boxes; what was deleted is as if struck."""
        for part in _chosen(parent):
            tag = part.tag
            if tag == W + "r":
                seen = self.formats.seen(part, paragraph, at)
                self._run(part, paragraph, at, line, seen)
            elif tag in (W + "del", W + "moveFrom"):
                self._note(part)
                deleted = "".join(t.text or "" for t in part.iter(W + "delText", W + "t"))
                line.add(deleted, Seen(is_struck=True))
            elif tag == _MATH + "t":
                line.add(part.text or "", Seen())
            elif tag not in _SAID_OF:
                line.doubts |= dict.fromkeys(_of_odd(part))
                if tag in (W + "ins", W + "moveTo"):
                    self._note(part)
                if tag == W + "fldSimple":
                    line.doubts |= dict.fromkeys(self.fields.doubts_of(part))
                self._through(part, paragraph, at, line)

    def _run(self, run: Any, paragraph: Any, at: At | None, line: Line, seen: Seen) -> None:
        start = len(line.pieces)
        if run in self.bound:
            line.doubts[Doubt.of(DoubtKind.DECLARED, property="dataBinding")] = None
        for part in _chosen(run):
            tag = part.tag
            if tag == W + "fldChar":
                line.doubts |= dict.fromkeys(self.fields.mark(part))
                line.add(shown_by(part), seen)
            elif tag == W + "instrText":
                self.fields.say(part.text or "")
            elif tag == W + "t":
                line.add("" if self.fields.hide else part.text or "", seen)
            elif tag in _SIGNS:
                line.add("" if self.fields.hide else _SIGNS[tag], Seen())
            elif tag == W + "sym":
                sign = SYMBOLS.get((part.get(W + "char") or "")[-2:].upper())
                line.add(sign or "\ufffd", Seen(() if sign else (UNKNOWN_SYMBOL,)))
            elif tag == W + "ruby":
                line.doubts |= dict.fromkeys(_of_odd(part))
                for base in part.iterchildren(W + "rubyBase"):
                    self._through(base, paragraph, at, line)
            elif tag != W + "rPr":
                line.doubts |= dict.fromkeys(_of_odd(part))
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
            of_row = row.find(W + "trPr")
            column = _number(of_row, "gridBefore")
            if column:
                squares.append(FlowCell((), column_span=column))
            going_on: dict[int, tuple[int, int]] = {}
            cells = [part for part in _parts(row) if part.tag == W + "tc"]
            for cell in cells:
                said = cell.find(W + "tcPr")
                width = _number(said, "gridSpan") or 1
                beside = _part(said, "hMerge")
                if beside is not None and beside.get(W + "val") != "restart" and squares:
                    wider = squares[-1].column_span + width
                    squares[-1] = replace(squares[-1], column_span=wider)
                    column += width
                    continue
                merge = _part(said, "vMerge")
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
                    at = style.at(said, number, len(squares), ends)
                    self.fields.begin_cell()
                    content = tuple(self.content(cell, at))
                    doubts = (*_doubts_of_row(of_row, content), *self._doubts_of_cell(cell, said))
                    squares.append(FlowCell(content, 1, width, doubts))
                column += width
            rows.append(squares)
            open_cells = going_on
        widths = [count_in(c.get(W + "w"), 0) for c in table.iterfind(f"{W}tblGrid/{W}gridCol")]
        edges = tuple(accumulate((width / TWIPS for width in widths), initial=0.0))
        return FlowTable(tuple(map(tuple, rows)), edges if all(widths) else ())

    def _doubts_of_cell(self, cell: Any, said: Any) -> tuple[Doubt, ...]:
        """Say whether a cell was deleted while changes were tracked."""
        deleted = _part(said, "cellDel")
        if deleted is None:
            return ()
        self._note(deleted)
        text = "".join(t.text or "" for t in cell.iter(W + "t"))
        return (Doubt.of(DoubtKind.STRUCK, text=text),)

    def _is_deleted(self, row: Any) -> bool:
        """Tell whether a row was deleted while changes were tracked."""
        deleted = row.find(f"{W}trPr/{W}del")
        if deleted is not None:
            self._note(deleted)
        return deleted is not None


def _doubts_of_row(of_row: Any, content: tuple[Paragraph | FlowTable, ...]) -> tuple[Doubt, ...]:
    """Say whether the height of a row hides it, or cuts off some lines of a cell."""
    if is_on(_part(of_row, "hidden")):
        return (HIDDEN,)
    height = _part(of_row, "trHeight")
    if height is None or height.get(W + "hRule") != "exact":
        return ()
    lines = sum(part.text.count("\n") + 1 for part in content if isinstance(part, Paragraph))
    room = count_in(height.get(W + "val"), 0) / TWIPS
    if room < LEAST_LINE:
        return (HIDDEN,)
    return (CUT_OFF,) if room < lines * LEAST_LINE else ()


def _part(properties: Any, name: str) -> Any:
    """Return what the properties of a row or cell say of something, ``None`` where they do not."""
    return None if properties is None else properties.find(W + name)


def _number(properties: Any, name: str) -> int:
    found = _part(properties, name)
    return min(count_in(found.get(W + "val"), 0), 1000) if found is not None else 0
