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
from auditkit.grid import Document, Tables, raised
from auditkit.readers.css import Styles
from auditkit.readers.flow import FlowCell, FlowTable, Line, Paragraph, count_in, tables_in
from auditkit.readers.guard import notes_on
from auditkit.readers.limits import Count
from auditkit.readers.looks import SCRIPTED, Looks
from auditkit.readers.marks import decoded, marks_in
from auditkit.readers.prompts import is_prompt
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
# What a browser shows nothing of, or something else than the text in it.
_UNSEEN = {
    "script", "style", "template", "noscript", "head", "datalist", "dialog", "param", "source",
}  # fmt: skip
# What is drawn, and is no text that can be read.
_PICTURES = {
    "img", "svg", "canvas", "video", "audio", "object", "embed", "iframe", "picture", "meter",
    "progress", "applet",
}  # fmt: skip
# Fields that show no text of their own, and small print above or beside a text.
_DRAWN = {"image", "file", "range", "color", "password"}
_VALUELESS = _DRAWN | {"hidden"}
_ASIDE = {"rt", "rp"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "label",
    "mark", "o:p", "q", "rb", "ruby", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "tt", "u", "var", "wbr",
}  # fmt: skip
_ROWS = ("tr", "thead", "tbody", "tfoot")
_BREAK = "\0"  # in a line that is put together; no page can hold it
_RUNS = re.compile("on[a-z]+")  # attributes that run a script when something happens
_DATA = ("application/json", "application/ld+json", "text/template", "text/x-template")
PICTURE, OVERLAID = Doubt(DoubtKind.PICTURE), Doubt(DoubtKind.OVERLAID)


def read(data: bytes, document: Document) -> Tables:
    """Read the tables of a web page; scripts are never run and nothing it names is fetched.

    Raises DamagedError for a page without content, NoFormError where it holds no form.
    """
    count = Count(document.name)
    page = _page_of_archive(data) if _ARCHIVE in data[:_HEAD].lower() else data
    count.hold("text_bytes", len(page), "bytes of text")
    text = _without_controls(decoded(page))
    _hold_markup(text, count)
    parser = html.HTMLParser(**_PARSING)
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise trouble("web-damaged", document.name, reason=error) from error
    depth = accumulate(
        1 if event == "start" else -1 for event, _ in etree.iterwalk(root, ("start", "end"))
    )
    count.hold("nesting", max(depth), "elements in each other")
    walked = _Page(Looks(Styles(root, count)), count)
    content = list(walked.content(root))
    doubts = tuple(_doubts_on_all(root, walked.looks))
    found = tables_in(document, "web/html", content, count, doubts)
    held = text.encode() + (b"" if page is data else data)  # an archive has other parts as well
    notes = (*notes_on(held, runs=root.xpath(_HANDLERS)), *walked.notes())
    return replace(found, notes=notes)


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
        line.add(parent.text or "", look)
        for part in parent:
            tag = part.tag if isinstance(part.tag, str) else "script"
            if tag == "br":
                line.add(_BREAK, look)
            elif tag == "table":
                yield from _ended(line)
                yield self._table(part)
            elif tag in _INLINE:
                start = len(line.pieces)
                yield from self._through(part, line)
                if tag in ("sup", "sub"):
                    line.pieces[start:] = [raised("".join(line.pieces[start:]))]
            elif (said := _of_field(part)) is not None:
                line.add(said, self.looks.of(part))
                line.doubts |= dict.fromkeys(_doubts_of_field(part))
            elif tag in _ASIDE or (tag == "details" and part.get("open") is None):
                line.doubts[Doubt.of(DoubtKind.DECLARED, property=tag)] = None
                if tag == "details" and (head := part.find("summary")) is not None:
                    yield from self._through(head, line)
            elif tag in _PICTURES:
                line.doubts[PICTURE] = None
            elif tag not in _UNSEEN:
                yield from _ended(line)
                yield from self.content(part)
            line.add(part.tail or "", look)

    def _table(self, table: Any) -> FlowTable:
        rows: list[tuple[FlowCell, ...]] = []
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
                squares.append(FlowCell(tuple(self.content(cell)), min(down, left), along))
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


def _of_field(part: Any) -> str | None:
    """Return what a field to fill in shows, ``None`` for any other element."""
    if part.tag == "input":
        kind = (part.get("type") or "text").lower()
        if kind in ("checkbox", "radio"):
            return "☑" if part.get("checked") is not None else "□"
        return "" if kind in _VALUELESS else part.get("value") or ""
    if part.tag == "textarea":
        return str(part.text or "")
    if part.tag == "select":
        options = list(part.iter("option"))
        chosen = [one for one in options if one.get("selected") is not None]
        if _is_list(part):
            return " ".join(map(_shown, options))
        return _shown((chosen or options)[-1 if chosen else 0]) if options else ""
    return None


def _doubts_of_field(part: Any) -> Iterator[Doubt]:
    """Yield why a person may see something else of a field than its value."""
    hint, kind = part.get("placeholder") or "", (part.get("type") or "").lower()
    if part.tag == "select" and _is_list(part):
        yield Doubt.of(DoubtKind.DECLARED, property="select")
    if part.tag == "input" and kind in _DRAWN:
        yield PICTURE
    if hint and not (part.get("value") or part.text) and not is_prompt(hint):
        yield Doubt.of(DoubtKind.DECLARED, property="placeholder")


def _is_list(choice: Any) -> bool:
    """Tell whether a field to choose from shows all choices, those that were made marked."""
    return choice.get("multiple") is not None or count_in(choice.get("size")) > 1


def _shown(option: Any) -> str:
    return " ".join((option.get("label") or option.text_content()).split())


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
