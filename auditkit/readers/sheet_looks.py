"""How a workbook lets what is in its cells be seen: fonts, grounds, formats, and what lies over.

A cell is sure only if what is declared for it is known to be harmless, as with web pages.
"""

from __future__ import annotations

import colorsys
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from lxml import etree
from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.utils import range_boundaries

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.flow import HIDDEN, count_in
from auditkit.readers.limits import Count
from auditkit.readers.seen import BLACK, WHITE, Colour, is_seen, is_symbol_font, of_hex

OVERLAID, CUT_OFF = Doubt(DoubtKind.OVERLAID), Doubt(DoubtKind.CUT_OFF)
SEEN_FROM = 5.0  # points: smaller text, or a lower row, shows nothing that can be read
LEAST_SHARE = 0.6  # of the size of its characters that a row has to be high to show them
# A colour of a display format that may not be seen; red, blue, green, black and magenta are.
_PALE = re.compile(
    r"\[(?:white|yellow|cyan|白色?|黄色?|青色?|蓝绿色?|colou?r ?\d+|颜色 ?\d+)\]", re.I
)
_AUTOMATIC = (64, 65, 81)  # of the palette: what the system has for text and ground
_SCHEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_OF_SYMBOLS, _FROM_THE_RIGHT = 2, 2  # a set of characters, and an order of reading
MOST_INDENT = 15  # steps of about three characters
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ANCHORS = tuple(_DRAWN + name for name in ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"))
_CONTROL = re.compile(
    r'<x:ClientData\s+ObjectType="(\w+)"[^>]*>(?:(?!</x:ClientData>).)*?<x:Anchor>([^<]*)</x:Anchor>'
    r"(?:(?!</x:ClientData>).)*</x:ClientData>",
    re.DOTALL,
)
_OF_AN_ANCHOR = 8  # numbers: column, row, and how far into them, of two corners
_WIDE, _HIGH = 609_600, 190_500  # EMU, of a usual column and row

Area = tuple[int, int, int, int]  # top, left, bottom, right; all count from one


class Looks:
    """What the styles of a workbook say of how its cells are seen."""

    def __init__(self, book: Any) -> None:
        """Take the styles of a book that openpyxl has opened."""
        self._book = book
        self._palette = getattr(book, "_colors", None) or COLOR_INDEX
        styles = getattr(book, "_table_styles", None)
        self._table_styles = {one.name: one for one in getattr(styles, "tableStyle", ())}
        theme = etree.fromstring(book.loaded_theme or b"<none/>")
        self._theme = {
            etree.QName(part).localname: part[0].get("lastClr") or part[0].get("val") or ""
            for scheme in theme.iter(_MAIN + "clrScheme")
            for part in scheme
            if len(part)
        }
        self._known: dict[tuple[int, int, int, int], tuple[Doubt, ...]] = {}

    def doubts(self, cell: Any) -> tuple[Doubt, ...]:
        """Say why what a cell holds may be seen otherwise, as its style has it."""
        style = cell._style
        key = (style.fontId, style.fillId, style.alignmentId, style.numFmtId)
        if key not in self._known:
            self._known[key] = tuple(self._doubts(cell))
        return self._known[key]

    def _doubts(self, cell: Any) -> Iterator[Doubt]:
        font, fill = cell.font, cell.fill
        if (font.sz or SEEN_FROM) < SEEN_FROM or not self._contrasts(font.color, fill):
            yield HIDDEN
        if _moves(cell.alignment):
            yield Doubt.of(DoubtKind.DECLARED, property="alignment")
        if _PALE.search(cell.number_format or ""):
            yield Doubt.of(DoubtKind.DECLARED, property="number format")
        if font.strike:
            yield Doubt.of(DoubtKind.STRUCK, text="")
        if is_symbol_font(font.name) or font.charset == _OF_SYMBOLS:
            yield Doubt.of(DoubtKind.DECLARED, property="font")

    def doubts_of_run(self, font: Any, cell: Any) -> tuple[Doubt, ...]:
        """Say why a part of a text that has a font of its own may be seen otherwise."""
        size, colour = font.sz or SEEN_FROM, font.color or cell.font.color
        is_hidden = size < SEEN_FROM or not self._contrasts(colour, cell.fill)
        is_odd = is_symbol_font(font.rFont) or font.charset == _OF_SYMBOLS
        odd = (Doubt.of(DoubtKind.DECLARED, property="font"),) if is_odd else ()
        return (HIDDEN, *odd) if is_hidden else odd

    def _contrasts(self, colour: Any, fill: Any) -> bool:
        ground = self._ground(fill)
        return ground is not None and is_seen(self._colour(colour) or BLACK, ground)

    def _colour(self, colour: Any) -> Colour | None:
        if colour is None or colour.value is None:
            return None
        if colour.type == "rgb":
            return of_hex(str(colour.value))
        if colour.type == "indexed":
            known = 0 <= colour.value < len(self._palette) and colour.value not in _AUTOMATIC
            return of_hex(str(self._palette[colour.value])) if known else None
        if colour.type != "theme" or not 0 <= colour.value < len(_SCHEME):
            return None
        base = of_hex(self._theme.get(_SCHEME[colour.value], ""))
        return base and _tinted(base, colour.tint)

    def _ground(self, fill: Any) -> Colour | None:
        """Return the colour of a ground, ``None`` where it is a pattern or goes over in another."""
        pattern = getattr(fill, "fill_type", None)
        if pattern is None:
            return WHITE
        return (self._colour(fill.fgColor) or BLACK) if pattern == "solid" else None

    def odd_areas(self, sheet: Any) -> Iterator[Area]:
        """Yield where a format that depends on the value may show something else."""
        for given in sheet.conditional_formatting:
            if any(map(self._is_odd, given.rules)):
                for area in given.sqref.ranges:
                    yield area.min_row, area.min_col, area.max_row, area.max_col
        for table in sheet.tables.values():
            info = table.tableStyleInfo
            style = self._table_styles.get(info.name) if info is not None else None
            formats = self._book._differential_styles.styles
            parts = (part.dxfId for part in (style.tableStyleElement if style else ()))
            if any(self._hides(formats[n]) for n in parts if n is not None and n < len(formats)):
                yield from areas_of([table.ref])

    def _is_odd(self, rule: Any) -> bool:
        for part in (rule.dataBar, rule.iconSet):
            if part is not None and part.showValue is False:
                return True
        if rule.colorScale is not None:  # the text keeps its colour whatever the ground is
            grounds = (self._colour(colour) for colour in rule.colorScale.color)
            return not all(ground is None or is_seen(BLACK, ground) for ground in grounds)
        return rule.dxf is not None and self._hides(rule.dxf)

    def _hides(self, style: Any) -> bool:
        """Tell whether a format that is laid over a cell's own may show something else."""
        font, fill = style.font, style.fill
        if style.numFmt is not None or (font is not None and (font.strike or font.sz)):
            return True
        colour = self._colour(font.color) if font is not None else None
        ground = self._colour(fill.bgColor) if fill is not None else None
        return (colour or ground) is not None and not is_seen(colour or BLACK, ground or WHITE)


def _moves(alignment: Any) -> bool:
    """Tell whether an alignment shows a text again and again, from its end, or out of its cell."""
    is_filled, is_turned = alignment.horizontal == "fill", alignment.readingOrder == _FROM_THE_RIGHT
    return is_filled or is_turned or (alignment.indent or 0) > MOST_INDENT


def _tinted(colour: Colour, tint: float) -> Colour:
    hue, light, full = colorsys.rgb_to_hls(*colour[:3])
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), full)
    return red, green, blue, 1.0


def height_doubts(height: float | None, size: float | None) -> tuple[Doubt, ...]:
    """Say whether a row of a height in points hides its text, or cuts some of it off."""
    if height is None:
        return ()
    if height < SEEN_FROM:
        return (HIDDEN,)
    return (CUT_OFF,) if height < LEAST_SHARE * (size or SEEN_FROM) else ()


def covered(archive: zipfile.ZipFile, count: Count) -> dict[str, list[Area]]:
    """Return by the names of sheets where pictures, shapes and boxes lie over their cells.

    A part that is out of shape covers nothing; who reads the sheet says so.
    """
    names = set(archive.namelist())
    book = _root(archive, "xl/workbook.xml", names)
    parts = _targets(archive, "xl/workbook.xml", names)
    found: dict[str, list[Area]] = {}
    drawn = cache(lambda part: tuple(_anchored(_root(archive, part, names))))
    for sheet in book.iter("{*}sheet") if book is not None else ():
        part = parts.get(sheet.get(_LINK) or "", ("", ""))[1]
        areas = [*_extended(_root(archive, part, names))]
        for kind, target in _targets(archive, part, names).values():
            if kind.endswith("/vmlDrawing") and target in names:
                areas += _controls(archive.read(target))
            elif kind.endswith("/drawing"):
                count.add("elements", len(drawn(target)), "pictures and boxes on all sheets")
                areas += drawn(target)
        found[sheet.get("name") or ""] = areas
    return found


def _root(archive: zipfile.ZipFile, part: str, names: set[str]) -> Any:
    if part not in names:
        return None
    try:
        return etree.fromstring(
            archive.read(part), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    except etree.XMLSyntaxError:
        return None


def _targets(archive: zipfile.ZipFile, part: str, names: set[str]) -> dict[str, tuple[str, str]]:
    """Return what a part refers to, by its name there: the kind, and the part that is meant."""
    folder, name = posixpath.split(part)
    root = _root(archive, f"{folder}/_rels/{name}.rels", names)
    return {
        link.get("Id") or "": (
            link.get("Type") or "",
            posixpath.normpath(posixpath.join("/" + folder, link.get("Target") or ""))[1:],
        )
        for link in (root if root is not None else ())
    }


def _extended(sheet: Any) -> Iterator[Area]:
    """Yield the areas of formats that depend on the value in the way of later versions of Excel."""
    for given in sheet.iter(_X14 + "conditionalFormatting") if sheet is not None else ():
        kinds = {rule.get("type") for rule in given.iter(_X14 + "cfRule")}
        if kinds <= {"dataBar", "iconSet"}:
            continue
        for text in given.iter(_XM + "sqref"):
            yield from areas_of((text.text or "").split())
    for drawn in sheet.iter(_X14 + "sparkline") if sheet is not None else ():
        yield from areas_of((drawn.findtext(_XM + "sqref") or "").split())


def areas_of(references: Iterable[str]) -> Iterator[Area]:
    """Yield areas of a sheet that are named such as ``B2:D4``."""
    for reference in references:
        try:
            left, top, right, bottom = range_boundaries(reference)
        except ValueError:
            continue
        yield top or 1, left or 1, bottom or 1_048_576, right or 16_384


def _anchored(drawing: Any) -> Iterator[Area]:
    if drawing is None:
        return
    for anchor in drawing.iter(*_ANCHORS):
        start, end = anchor.find(_DRAWN + "from"), anchor.find(_DRAWN + "to")
        size = anchor.find(_DRAWN + "ext")
        if start is None:  # somewhere on the sheet
            yield 1, 1, 1_048_576, 16_384
            continue
        top, left = _number(start, "row"), _number(start, "col")
        if end is not None:
            bottom = _number(end, "row") + (_number(end, "rowOff") > 0)
            right = _number(end, "col") + (_number(end, "colOff") > 0)
        else:
            wide, high = (count_in(size.get(s), 0) if size is not None else 0 for s in ("cx", "cy"))
            bottom, right = top + 1 + high // _HIGH, left + 1 + wide // _WIDE
        yield top + 1, left + 1, max(bottom, top + 1), max(right, left + 1)


def _controls(part: bytes) -> Iterator[Area]:
    """Yield where controls, boxes and notes that are left open lie, of a drawing in the old way."""
    for said in _CONTROL.finditer(part.decode("utf-8", "replace")):
        places = [count_in(number, 0) for number in said[2].split(",")]
        is_note = said[1].lower() == "note" and "<x:Visible" not in said[0]
        if len(places) == _OF_AN_ANCHOR and not is_note:
            left, _, top, _, right, _, bottom, _ = places
            yield top + 1, left + 1, bottom + 1, right + 1


def _number(mark: Any, name: str) -> int:
    return count_in(mark.findtext(_DRAWN + name), 0)
