"""Sheets of OpenDocument workbooks (.ods): their text as shown, and what their styles make of it.

Styles rest on each other and are resolved as the format says. What is struck out beside other text
is no part of it; what may be seen otherwise is doubted, as in other workbooks.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from lxml import etree

from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import raised
from auditkit.readers.flow import HIDDEN, Line, count_in
from auditkit.readers.limits import Count, of_xml
from auditkit.readers.seen import BLACK, WHITE, is_seen, of_hex
from auditkit.readers.workbook import (
    IS_ERROR,
    MOST_BLANK_LINES,
    SEEN_FROM,
    Area,
    Sheet,
    Square,
    meets,
)

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
CONDITIONAL = Doubt.of(DoubtKind.DECLARED, property="conditional format")
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, "pc": 12.0}
_LENGTH = re.compile(r"(-?\d{0,6}(?:\.\d{0,9})?)(pt|in|cm|mm|px|pc)")
_SYMBOLS = re.compile(r"wingdings|webdings|symbol|dingbats|marlett|bookshelf|barcode", re.I)
_LINES = ("text-line-through-style", "text-line-through-type", "text-line-through-width")
_UNSEEN_ROWS = ("collapse", "filter")
# What these say changes what is seen of a text unless it says this; all else that ODF knows of a
# cell and its text, such as fonts and borders, leaves it what and where it is.
_USUAL = {
    STYLE + "repeat-content": "false",
    STYLE + "diagonal-tl-br": "none",
    STYLE + "diagonal-bl-tr": "none",
    STYLE + "text-scale": "100%",
    FO + "text-transform": "none",
    TEXT + "display": "true",
}
_NESTED, _EVERYWHERE, _MOST = 20, (0, 0, 1 << 20, 1 << 14), 1000
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})$")

_Look = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """How a piece of text is seen."""

    doubts: tuple[Doubt, ...] = ()
    is_struck: bool = False


@dataclass(slots=True)
class _Styles:
    """The styles of a file by family and name: what each says, and what it rests on."""

    own: dict[tuple[str, str], Any]
    fonts: Mapping[str, str]
    known: dict[tuple[str, str], _Look] = field(default_factory=dict)

    def of(self, family: str, name: str | None, depth: int = 0) -> _Look:
        """Return all that a style says, with what the styles say that it rests on."""
        key = family, name or "Default"
        if key not in self.known:
            style = self.own.get(key)
            if style is None or depth > _NESTED:
                return {}
            said = (
                dict(self.of(family, style.get(STYLE + "parent-style-name"), depth + 1))
                if (style.get(STYLE + "parent-style-name"))
                else {}
            )
            for part in style:
                if isinstance(part.tag, str) and part.tag.endswith("-properties"):
                    said |= part.attrib
            self.known[key] = said
        return self.known[key]

    def is_odd(self, name: str | None) -> bool:
        """Tell whether a style that a condition calls for may show something else."""
        look, style = self.of("table-cell", name), self.own.get(("table-cell", name or ""))
        has_format = style is not None and style.get(STYLE + "data-style-name") is not None
        return has_format or _is_struck(look) or bool(self.seen(look).doubts)

    def is_conditional(self, name: str | None) -> bool:
        """Tell whether a cell of a style may be shown otherwise, by a condition of its style."""
        style = self.own.get(("table-cell", name or "Default"))
        maps = style.iterfind(STYLE + "map") if style is not None else ()
        return any(self.is_odd(part.get(STYLE + "apply-style-name")) for part in maps)

    def seen(self, look: _Look) -> _Seen:
        """Say how a text of a look is seen."""
        return _Seen(tuple(self._doubts(look)), _is_struck(look))

    def _doubts(self, look: _Look) -> Iterator[Doubt]:
        sizes = (look.get(FO + "font-size"), look.get(STYLE + "font-size-asian"))
        if any(points(size) < SEEN_FROM for size in sizes if size) or not _contrasts(look):
            yield HIDDEN
        font = look.get(STYLE + "font-name") or look.get(FO + "font-family") or ""
        if _SYMBOLS.search(font) or _SYMBOLS.search(self.fonts.get(font, "")):
            yield Doubt.of(DoubtKind.DECLARED, property="font")
        if points(look.get(FO + "letter-spacing") or "0pt") < -1:
            yield Doubt.of(DoubtKind.DECLARED, property="letter-spacing")
        if "hidden-and-protected" in look.get(STYLE + "cell-protect", ""):
            yield Doubt.of(DoubtKind.DECLARED, property="cell-protect")
        for name, usual in _USUAL.items():
            if look.get(name, usual) != usual:
                yield Doubt.of(DoubtKind.DECLARED, property=etree.QName(name).localname)


def points(length: str) -> float:
    """Return a length in points; one that is not known shows nothing.

    >>> points("0.5in"), points("9pt"), points("normal")
    (36.0, 9.0, 0.0)
    """
    found = _LENGTH.fullmatch(length)
    return float(found[1] or 0) * _POINTS[found[2]] if found and found[1] not in ("-", ".") else 0.0


def _is_struck(look: _Look) -> bool:
    return any(look.get(STYLE + name, "none") not in ("none", "auto") for name in _LINES[:2])


def _contrasts(look: _Look) -> bool:
    ground = look.get(FO + "background-color", "transparent")
    behind = look.get(_BEHIND, "transparent") if ground == "transparent" else ground
    under = WHITE if behind == "transparent" else of_hex(behind)
    colour = of_hex(look.get(FO + "color", "")) if FO + "color" in look else BLACK
    if look.get(STYLE + "use-window-font-color") == "true":
        return True  # as dark or as light as the ground needs it
    return under is not None and colour is not None and is_seen(colour, under)


_BEHIND = "ground of the cell"


def sheets(data: bytes, count: Count) -> Iterator[Sheet]:
    """Yield the sheets of a workbook; raises what lxml does for one out of shape."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = [n for n in ("styles.xml", "content.xml") if n in archive.namelist()]
        roots = []
        for name in names:
            part = archive.read(name)
            of_xml(part, count)
            roots.append(etree.fromstring(part, parser))
    styles = _styles_of(roots)
    for table in roots[-1].iter(TABLE + "table"):
        yield _Table(table, styles, count).read()


def _styles_of(roots: list[Any]) -> _Styles:
    own = {
        (style.get(STYLE + "family") or "", style.get(STYLE + "name") or ""): style
        for root in roots
        for style in root.iter(STYLE + "style")
    }
    fonts = {
        face.get(STYLE + "name") or "": " ".join(face.attrib.values())
        for root in roots
        for face in root.iter(STYLE + "font-face")
    }
    return _Styles(own, fonts)


class _Table:
    """One sheet as it is walked through."""

    def __init__(self, table: Any, styles: _Styles, count: Count) -> None:
        self.table, self.styles, self.count = table, styles, count
        look = styles.of("table", table.get(TABLE + "style-name"))
        self.sheet = Sheet(table.get(TABLE + "name") or "")
        self.sheet.is_hidden = look.get(TABLE + "display") == "false"
        self.odd = list(self._conditional())
        self.columns: list[tuple[int, str]] = []  # where columns end, and the style of their cells

    def read(self) -> Sheet:
        """Return the sheet with its squares, what of it is hidden, and what lies over it."""
        at = 0
        for own in self.table.iter(TABLE + "table-column"):
            times = _times(own, "columns")
            width = self.styles.of("table-column", own.get(TABLE + "style-name")).get(
                STYLE + "column-width"
            )
            self._hide(own, at, times, width, self.sheet.hidden_columns, "columns")
            at += times
            self.columns.append((at, own.get(TABLE + "default-cell-style-name") or ""))
        at = 0
        for own in self.table.iter(TABLE + "table-row"):
            times = _times(own, "rows")
            look = self.styles.of("table-row", own.get(TABLE + "style-name"))
            self._hide(
                own, at, times, look.get(STYLE + "row-height"), self.sheet.hidden_rows, "rows"
            )
            self._row(own, at, times)
            at += times
        if self.table.find(TABLE + "shapes") is not None:  # they stand anywhere on the sheet
            self.sheet.over.append(_EVERYWHERE)
        return self.sheet

    def _hide(
        self, own: Any, at: int, times: int, size: str | None, hidden: set[int], what: str
    ) -> None:
        """Remember rows or columns that are hidden, alone or with their group, or of no size."""
        is_low = size is not None and points(size) < SEEN_FROM
        groups = (
            part.get(TABLE + "display")
            for part in own.iterancestors(f"{TABLE}table-{what[:-1]}-group")
        )
        if is_low or own.get(TABLE + "visibility") in _UNSEEN_ROWS or "false" in groups:
            self.count.add("elements", min(times, _MOST), f"hidden {what}")
            hidden.update(range(at, at + min(times, _MOST)))

    def _row(self, element: Any, row: int, times: int) -> None:
        column = 0
        usual = element.get(TABLE + "default-cell-style-name")
        for cell in element:
            if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
                continue
            along = _times(cell, "columns")
            down, right = (
                count_in(cell.get(f"{TABLE}number-{what}-spanned")) for what in ("rows", "columns")
            )
            area = row, column, row + max(down, 1) - 1, column + max(right, 1) - 1
            self.sheet.over += _drawn(cell, area)
            if cell.tag == TABLE + "table-cell" and times * along <= MOST_BLANK_LINES**2:
                style = cell.get(TABLE + "style-name") or usual or self._style_of(column)
                square = self._square(cell, style, area)
                if square.text or square.doubts:
                    self.count.add(
                        "elements", times * along, "cells of all sheets", f"sheet {self.sheet.name}"
                    )
                    for r in range(row, row + times):
                        places = [(r, column + c) for c in range(along)]
                        self.sheet.squares.update(dict.fromkeys(places, square))
            if down > 1 or right > 1:
                self.sheet.merged.append(area)
            column += along

    def _style_of(self, column: int) -> str:
        return next((style for end, style in self.columns if column < end), "")

    def _square(self, cell: Any, style: str, area: Area) -> Square:
        look = self.styles.of("table-cell", style)
        lines = [self._line(part, look) for part in cell.iterfind(TEXT + "p")]
        made = [line.paragraph() for line in lines]
        text = "\n".join(part.text for part in made).strip()
        if not text:
            return Square("")
        stored = cell.get(OFFICE + "value") or cell.get(OFFICE + "date-value") or ""
        said = cell.get(OFFICE + "string-value") or stored
        doubts = dict.fromkeys(doubt for part in made for doubt in part.doubts)
        if text.startswith(("#", "Err:")) and not stored:
            doubts[IS_ERROR] = None
        if self.styles.is_conditional(style) or meets(self.odd, area, self.count):
            doubts[CONDITIONAL] = None
        return Square(text, "" if said == text else said, tuple(doubts))

    def _line(self, paragraph: Any, look: _Look) -> Line:
        line = Line()
        self._through(paragraph, look, line, 0)
        return line

    def _through(self, parent: Any, look: _Look, line: Line, depth: int) -> None:
        seen = self.styles.seen(look)
        line.add(parent.text or "", seen)
        for part in parent if depth <= _NESTED else ():
            if part.tag == TEXT + "s":
                line.add(" " * min(count_in(part.get(TEXT + "c")), _MOST), seen)
            elif part.tag in (TEXT + "tab", TEXT + "line-break"):
                line.add(" " if part.tag == TEXT + "tab" else "\n", seen)
            elif part.tag == TEXT + "span":
                self._span(part, look, line, depth)
            elif isinstance(part.tag, str) and part.tag != OFFICE + "annotation":
                self._through(part, look, line, depth + 1)
            line.add(part.tail or "", seen)

    def _span(self, part: Any, look: _Look, line: Line, depth: int) -> None:
        own = self.styles.of("text", part.get(TEXT + "style-name"))
        behind = {_BEHIND: look.get(FO + "background-color", look.get(_BEHIND, "transparent"))}
        start = len(line.pieces)
        plain = {FO + "background-color": "transparent"}
        coloured = {STYLE + "use-window-font-color": "false"} if FO + "color" in own else {}
        self._through(part, {**look, **plain, **behind, **coloured, **own}, line, depth + 1)
        if own.get(STYLE + "text-position", "0%").split()[0] not in ("0%", "baseline"):
            line.pieces[start:] = map(raised, line.pieces[start:])

    def _conditional(self) -> Iterator[Area]:
        """Yield where a format that depends on the value may show something else."""
        for given in self.table.iter(CALC + "conditional-format"):
            shown = (part.get(CALC + "show-value") for part in given)
            styles = (part.get(CALC + "apply-style-name") for part in given)
            if "false" in shown or any(self.styles.is_odd(name) for name in styles if name):
                for reference in (given.get(CALC + "target-range-address") or "").split():
                    yield _area_of(reference)


def _times(element: Any, what: str) -> int:
    return max(1, count_in(element.get(f"{TABLE}number-{what}-repeated")))


def _drawn(cell: Any, area: Area) -> Iterator[Area]:
    """Yield the areas of what is drawn at a cell: pictures, shapes, boxes; from it to its end."""
    for part in cell:
        if isinstance(part.tag, str) and part.tag.startswith(DRAW):
            low, right = _place_of(part.get(TABLE + "end-cell-address") or "") or area[2:]
            yield area[0], area[1], max(low, area[2]), max(right, area[3])


def _place_of(reference: str) -> tuple[int, int] | None:
    """Return the row and column that an address names, such as ``Sheet1.B2``."""
    found = _REFERENCE.search(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1


def _area_of(reference: str) -> Area:
    """Return an area that is named such as ``Sheet1.B2:Sheet1.D4``; all where it cannot be read."""
    first, _, last = reference.partition(":")
    start, end = _place_of(first), _place_of(last or first)
    return (*start, *end) if start and end else _EVERYWHERE
