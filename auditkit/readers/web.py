"""Web pages (.html, .mht) saved from government sites or by office programs, as .xls too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from itertools import accumulate, groupby
from typing import Any

from lxml import etree, html

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import Document, Tables, raised
from auditkit.readers.flow import HIDDEN, FlowCell, FlowTable, Paragraph, count_in, tables_in
from auditkit.readers.guard import notes_on
from auditkit.readers.limits import Count
from auditkit.readers.marks import decoded
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
_UNSEEN = {"script", "style", "template", "noscript", "head", "svg", "object", "iframe", "select"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "ins", "label",
    "mark", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u",
    "var", "wbr",
}  # fmt: skip
_ROWS = ("tr", "thead", "tbody", "tfoot")
# Styles without white space, in which text is not shown, is too small, or lost on white paper.
_NOT_SHOWN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|opacity:0(?:\.0+)?%?(?:;|!|$)"
    r"|(?:text-indent|left|top):-\d{3})"
)
_TINY = re.compile(r"(?:^|;)font-size:(?:0(?:\.0+)?[a-z%]*|[01](?:\.\d+)?p[xt])(?:;|!|$)")
_WHITE = re.compile(
    r"(?:^|;)color:(?:#f{3}(?:f{3})?|white|transparent|rgb\(255,255,255\)"
    r"|rgba\([\d,]+,0(?:\.0+)?\))(?:;|!|$)"
)
_NO_GROUND = re.compile(r"(?:#f{3}(?:f{3})?|white|transparent|none|initial|inherit)?")


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
    found = tables_in(document, "web/html", list(_content(root, ())), count)
    held = text.encode() + (b"" if page is data else data)  # an archive has other parts as well
    return replace(found, notes=notes_on(held, runs=root.xpath(_HANDLERS)))


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
    """Return the page out of a web archive (.mht), the one with most text if it has several."""
    parts = [p for p in message_from_bytes(data).walk() if p.get_content_type() == "text/html"]
    pages = [part.get_payload(decode=True) for part in parts]
    return max((page for page in pages if isinstance(page, bytes)), key=len, default=b"")


def _without_controls(text: str) -> str:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def _content(parent: Any, doubts: tuple[Doubt, ...]) -> Iterator[Paragraph | FlowTable]:
    """Yield the lines and tables of an element in order; white space is as a browser shows it."""
    pieces: list[str] = []

    def line() -> Iterator[Paragraph]:
        text = "\n".join(" ".join(part.split()) for part in "".join(pieces).split("\0"))
        pieces.clear()
        if text.strip():
            odd = (UNSURE_BYTES,) if "\ufffd" in text else ()
            yield Paragraph(text.strip(), (*doubts, *odd))

    pieces.append(parent.text or "")
    for part in parent:
        tag = part.tag if isinstance(part.tag, str) else "script"
        own = (HIDDEN,) if _is_hidden(part) and not doubts else doubts
        if tag == "br":
            pieces.append("\0")
        elif tag == "table":
            yield from line()
            yield _table(part, own)
        elif tag == "input":
            is_shown = (part.get("type") or "text") in ("text", "number", "date")
            pieces.append(part.get("value") or "" if is_shown else "")
        elif tag not in _UNSEEN:
            inner = list(_content(part, own))
            if tag in _INLINE and all(
                isinstance(i, Paragraph) and i.doubts == doubts for i in inner
            ):
                text = _spaced(part, inner)
                pieces.append(raised(text) if tag in ("sup", "sub") else text)
            else:
                yield from line()
                yield from inner
        pieces.append(part.tail or "")
    yield from line()


def _spaced(part: Any, inner: list[Paragraph | FlowTable]) -> str:
    """Return the text of an inline element with the white space at its ends kept."""
    whole = "".join(part.itertext())
    text = "\0".join(i.text.replace("\n", "\0") for i in inner if isinstance(i, Paragraph))
    before, after = (" " if whole[at:][:1].isspace() else "" for at in (0, len(whole) - 1))
    return f"{before}{text}{after}"


def _is_hidden(part: Any) -> bool:
    """Tell whether an element says of itself that it is not shown, or shown so that nobody sees it.

    White text on a ground of its own is seen.
    """
    style, colour = _style(part), (part.get("color") or "").strip().lower()
    is_white = _WHITE.search(style) or _WHITE.search(f"color:{colour}")
    if is_white and not any(map(_has_ground, (part, *part.iterancestors()))):
        return True
    # Pages set so what stands around parts of a size of their own, to close the gaps between them.
    if _TINY.search(style) and not any("font-size" in _style(p) for p in part.iterdescendants()):
        return True
    return _NOT_SHOWN.search(style) is not None or part.get("hidden") is not None


def _style(part: Any) -> str:
    return re.sub(r"\s", "", part.get("style") or "").lower()


def _has_ground(part: Any) -> bool:
    """Tell whether an element has a background, a picture or a colour other than white."""
    grounds = re.findall(r"(?:^|;)background(?:-color|-image)?:([^;!]*)", _style(part))
    given = (part.get("bgcolor") or "").strip().lower()
    return part.get("background") is not None or any(
        not _NO_GROUND.fullmatch(ground) for ground in (*grounds, given)
    )


def _table(table: Any, doubts: tuple[Doubt, ...]) -> FlowTable:
    rows: list[tuple[FlowCell, ...]] = []
    for row, left in _rows(table):
        hidden = (HIDDEN,) if any(map(_is_hidden, (row, row.getparent()))) else doubts
        squares = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            own = (HIDDEN,) if _is_hidden(cell) else hidden
            down, along = _span(cell, "rowspan") or left, max(1, _span(cell, "colspan"))
            squares.append(FlowCell(tuple(_content(cell, own)), min(down, left), along))
        rows.append(tuple(squares))
    return FlowTable(tuple(rows))


def _rows(table: Any) -> Iterator[tuple[Any, int]]:
    """Yield each row, and how many rows of its group are left with it; no cell reaches further."""
    for is_row, parts in groupby(table, lambda part: part.tag == "tr"):
        group = list(parts)
        if is_row:
            yield from zip(group, range(len(group), 0, -1), strict=True)
        else:
            for part in group:
                yield from _rows(part) if part.tag in _ROWS or part.tag == "form" else ()


def _span(cell: Any, name: str) -> int:
    """Return how many rows or columns a cell spans; 0 rows mean all that its group has left."""
    return min(count_in(cell.get(name)), 1000)
