"""Web pages (.html, .mht) saved from government sites or by office programs, as .xls too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from itertools import accumulate, groupby
from typing import Any

from lxml import etree, html

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.errors import NoFormError
from auditkit.grid import Document, Tables, raised
from auditkit.readers.css import Styles
from auditkit.readers.elements import BLOCKS, PICTURE, PICTURES, SET, UNSEEN, marker_of, shown_by
from auditkit.readers.flow import FlowCell, FlowTable, Line, Paragraph, count_in, tables_in
from auditkit.readers.guard import notes_on
from auditkit.readers.limits import Count
from auditkit.readers.looks import SCRIPTED, Looks
from auditkit.readers.marks import decoded, marks_in
from auditkit.readers.troubles import trouble

UNSURE_BYTES = Doubt(DoubtKind.UNSURE_BYTES)
# The library drops in silence what stands deeper than 256 elements unless it is told not to.
_PARSING = {"no_network": True, "remove_comments": True, "remove_pis": True, "huge_tree": True}
# A page as browsers and the library part it: tags with what stands in them, and what is none.
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>]++)?)?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_MARKUP = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+|</[^a-z][^>]*+"
    r"|<(?:(?P<raw>script|style|xmp|iframe|noembed|noframes|textarea|title|plaintext)(?=[\s/>])"
    rf"|/?[a-z][^\s/>]*+)(?P<own>(?:[\s/]++|{_ATTRIBUTE})*+)>?"
    r"(?(raw).*?(?:</(?P=raw)(?=[\s/>])|\Z))",
    re.IGNORECASE | re.DOTALL,
)
_HARMLESS = 20_000  # characters; a page of fewer has not the room for what takes long to part
_HANDLERS = "boolean(//@*[starts-with(name(), 'on')])"  # scripts that an event starts
_ARCHIVE, _HEAD = b"multipart/related", 1024
_COLUMNS = ("col", "colgroup")
COLLAPSED = Doubt.of(
    DoubtKind.DECLARED, property="visibility"
)  # of a column, nobody here knows which
_ROWS = ("tr", "thead", "tbody", "tfoot")
_FRAMES_NAMED = 3
_BREAK = "\0"  # in a line that is put together; no page can hold it
_RUNS = re.compile("on[a-z]+")  # attributes that run a script when something happens
_DATA = ("application/json", "application/ld+json", "text/template", "text/x-template")
OVERLAID = Doubt(DoubtKind.OVERLAID)


def read(data: bytes, document: Document) -> Tables:
    """Read the tables of a web page; scripts are never run and nothing it names is fetched.

    Raises DamagedError for a page without content, NoFormError where it holds no form.
    """
    count = Count(document.name)
    page = _page_of_archive(data) if _ARCHIVE in data[:_HEAD].lower() else data
    count.hold("text_bytes", len(page), "bytes of text")
    text = _without_controls(decoded(page))
    root = _parsed(text, document, count)
    if inner := _in_a_frame(root):
        root = _parsed(inner, document, count)
    depth = accumulate(
        1 if event == "start" else -1 for event, _ in etree.iterwalk(root, ("start", "end"))
    )
    count.hold("nesting", max(depth), "elements in each other")
    walked = _Page(Looks(Styles(root, count)), count)
    content = list(walked.content(root))
    doubts = tuple(_doubts_on_all(root, walked.looks))
    try:
        found = tables_in(document, "web/html", content, count, doubts)
    except NoFormError as error:
        if frames := [f.get("src") for f in root.iter("frame", "iframe") if f.get("src")]:
            names = ", ".join(frames[:_FRAMES_NAMED])
            raise trouble("web-frames", document.name, frames=names) from error
        raise
    held = text.encode() + (b"" if page is data else data)  # an archive has other parts as well
    notes = (*notes_on(held, runs=root.xpath(_HANDLERS)), *walked.notes())
    return replace(found, notes=notes)


def _parsed(text: str, document: Document, count: Count) -> Any:
    _hold_markup(text, count)
    try:
        return html.document_fromstring(text, parser=html.HTMLParser(**_PARSING))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise trouble("web-damaged", document.name, reason=str(error)) from error


def _in_a_frame(root: Any) -> str:
    """Return the page that a frame holds in itself, if that holds more of a form than the whole."""
    inner = [frame.get("srcdoc") for frame in root.iter("iframe") if frame.get("srcdoc")]
    most = max(inner, key=marks_in, default="")
    around = root.text_content() if most else ""
    return _without_controls(most) if marks_in(most) > marks_in(around) else ""


def _hold_markup(text: str, count: Count) -> None:
    """Count the elements of a page and their attributes before the library parts them.

    It compares each attribute of an element with each other one.
    """
    count.add("elements", text.count("<") - text.count("</"), "elements")
    if len(text) < _HARMLESS:
        return
    for found in _MARKUP.finditer(text):
        if own := found["own"]:
            many = len(_ATTRIBUTES.findall(own))
            count.hold("tag_attributes", many, "attributes of one element")
            count.add("attributes", many, "attributes")


def _page_of_archive(data: bytes) -> bytes:
    """Return the page out of a web archive (.mht) that holds most of a form: it may be a frame."""
    parts = [p for p in message_from_bytes(data).walk() if p.get_content_type() == "text/html"]
    pages = [part.get_payload(decode=True) for part in parts]
    known = [page for page in pages if isinstance(page, bytes)]
    return max(known, key=lambda page: (marks_in(decoded(page)), len(page)), default=b"")


def _without_controls(text: str) -> str:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def _doubts_on_all(root: Any, looks: Looks) -> Iterator[Doubt]:
    """Yield why any cell of a page may be seen otherwise.

    A script may change what is shown, and what was moved from its place may lie over it.
    """
    yield from looks.doubts_on_all
    if any(map(_runs, root.iter())):
        yield SCRIPTED
    if any(_lies_over(part, looks) for part in root.iter()):
        yield OVERLAID


def _runs(part: Any) -> bool:
    if part.tag == "script":
        is_data = (part.get("type") or "").lower() in _DATA
        return not is_data and bool(part.get("src") or (part.text or "").strip())
    return any(map(_RUNS.fullmatch, part.attrib))


def _lies_over(part: Any, looks: Looks) -> bool:
    """Tell whether a moved part holds something that may cover others, and no form itself."""
    if not looks.lies_over(part) or looks.of(part).is_hidden or part.find(".//table") is not None:
        return False
    return any((text or "").strip() for text in part.itertext()) or looks.paints(part)


@dataclass(slots=True)
class _Page:
    """A page as it is walked through; ``hidden`` are the texts of cells that take no place."""

    looks: Looks
    count: Count
    hidden: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[Note]:
        """Yield what is to be said of the page as a whole."""
        if self.looks.styles.named:
            yield Note.of(NoteKind.SHEETS_NAMED, count=self.looks.styles.named)
        if self.hidden:
            yield Note.of(NoteKind.CELLS_HIDDEN, texts=tuple(self.hidden))

    def content(self, parent: Any) -> Iterator[Paragraph | FlowTable]:
        """Yield the lines and tables of an element in order; white space is as a browser has it."""
        line = Line()
        yield from self._through(parent, line)
        yield from _ended(line)

    def _through(self, parent: Any, line: Line) -> Iterator[Paragraph | FlowTable]:
        look = self.looks.of(parent)
        line.doubts |= dict.fromkeys(self.looks.drawn_by(parent))
        line.add(parent.text or "", look)
        for part in parent:
            tag = part.tag if isinstance(part.tag, str) else "script"
            if tag == "br":
                line.add(_BREAK, look)
            elif tag == "table":
                yield from _ended(line)
                for caption in part.findall("caption"):
                    yield from self._block(caption)
                yield self._table(part)
            elif tag in PICTURES:
                line.doubts[PICTURE] = None
            elif tag in UNSEEN:
                if tag == "template" and any("shadowroot" in name for name in part.attrib):
                    line.doubts[PICTURE] = None  # which is shown in place of what stands here
            elif (said := shown_by(part)) is not None:
                line.add(said[0], self.looks.of(part))
                line.doubts |= dict.fromkeys(said[1])
            elif self.looks.is_block(part, tag in BLOCKS):
                yield from _ended(line)
                yield from self._block(part)
            else:
                yield from self._inline(part, tag, line)
            line.add(part.tail or "", look)

    def _block(self, part: Any) -> Iterator[Paragraph | FlowTable]:
        line = Line()
        if (marker := marker_of(part)) and not self.looks.is_unmarked(part):
            line.add(marker, self.looks.of(part))
        yield from self._through(part, line)
        yield from _ended(line)

    def _inline(self, part: Any, tag: str, line: Line) -> Iterator[Paragraph | FlowTable]:
        start = len(line.pieces)
        yield from self._through(part, line)
        if tag in ("sup", "sub"):
            line.pieces[start:] = [raised("".join(line.pieces[start:]))]
        if tag in SET:
            line.doubts[Doubt.of(DoubtKind.DECLARED, property=SET[tag])] = None

    def _table(self, table: Any) -> FlowTable:
        rows: list[tuple[FlowCell, ...]] = []
        columns = (
            part for group in table if group.tag in _COLUMNS for part in group.iter(*_COLUMNS)
        )
        doubts = (COLLAPSED,) if any(map(self.looks.is_collapsed, columns)) else ()
        for row, left in _rows(table):
            self.count.hold("columns", len(row), "columns of one table")
            squares = []
            for cell in row:
                if cell.tag not in ("td", "th"):
                    continue
                if self._takes_no_place(cell, row):
                    self.hidden.append(" ".join(cell.text_content().split()))
                    continue
                down, along = _span(cell, "rowspan") or left, max(1, _span(cell, "colspan"))
                squares.append(FlowCell(tuple(self.content(cell)), min(down, left), along, doubts))
            rows.append(tuple(squares))
        return FlowTable(tuple(rows))

    def _takes_no_place(self, cell: Any, row: Any) -> bool:
        """Tell whether a cell of a row that is shown is not, so that those behind it move up."""
        return self.looks.of(cell).is_hidden and not self.looks.of(row).is_hidden


def _ended(line: Line) -> Iterator[Paragraph]:
    """Yield the line that was put together, white space as a browser has it, and begin anew."""
    made = line.paragraph()
    line.pieces.clear()
    line.doubts.clear()
    text = "\n".join(" ".join(part.split()) for part in made.text.split(_BREAK)).strip()
    odd = (UNSURE_BYTES,) if "\ufffd" in text else ()
    if text or made.doubts:
        yield Paragraph(text, (*made.doubts, *odd))


def _in_order(table: Any) -> list[Any]:
    """Return the parts of a table as they are seen: its head first, its foot last."""
    parts = list(table)
    for tag, place in (("thead", 0), ("tfoot", len(parts))):
        group = next((part for part in parts if part.tag == tag), None)
        if group is not None:
            parts.remove(group)
            parts.insert(place, group)
    return parts


def _rows(table: Any) -> Iterator[tuple[Any, int]]:
    """Yield each row, and how many rows of its group are left with it; no cell reaches further."""
    for is_row, parts in groupby(_in_order(table), lambda part: part.tag == "tr"):
        group = list(parts)
        if is_row:
            yield from zip(group, range(len(group), 0, -1), strict=True)
        else:
            for part in group:
                yield from _rows(part) if part.tag in _ROWS or part.tag == "form" else ()


def _span(cell: Any, name: str) -> int:
    """Return how many rows or columns a cell spans; 0 rows mean all that its group has left."""
    return min(count_in(cell.get(name)), 1000)
