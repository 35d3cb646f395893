"""How a Word file lets its text be seen: styles resolved as the format has it, and what is odd.

As with web pages, a text is sure only if every property that counts for it is known to be
harmless; any other is a doubt that names it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.flow import HIDDEN
from auditkit.readers.limits import COMPARED, Count, of_xml
from auditkit.readers.seen import (
    BLACK,
    MOST_NAMED,
    WHITE,
    Colour,
    is_seen,
    is_symbol_font,
    of_hex,
    over,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
SEEN_FROM = 10  # half points: text of less than five points is a line of dots
LEAST_WIDTH, MOST_CLOSER, MOST_RAISED = 50, 30, 12  # percent; twips; half points
LEAST_ROOM = 300  # twips that a text is fitted into: three digits of five points
MOST_CLEAR = 30_000  # of 100,000
MOST_INDENT = 2000  # twips to the left, further than which lines leave the cell
_ASKED = 5  # what it costs to ask a property all that matters of it, in comparisons
_HARMLESS = {
    W + name
    for name in (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "u", "color", "spacing",
        "w", "kern", "sz", "szCs", "highlight", "shd", "lang", "noProof", "bdr", "snapToGrid",
        "vertAlign", "position", "em", "outline", "shadow", "emboss", "imprint", "cs", "ins", "del",
        "rPrChange", "moveFrom", "moveTo", "vanish", "specVanish", "webHidden", "strike", "dstrike",
        "fitText",
    )
} | {
    W14 + name for name in ("ligatures", "numForm", "numSpacing", "cntxtAlts", "textFill")
}  # fmt: skip
_HARMLESS_OF_PARAGRAPHS = {
    W + name
    for name in (
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "jc",
        "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap",
        "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "adjustRightInd", "ind",
        "snapToGrid", "spacing", "contextualSpacing", "mirrorIndents", "textDirection", "rPr",
        "textAlignment", "outlineLvl", "divId", "cnfStyle", "sectPr", "pPrChange", "bidi",
    )
}  # fmt: skip
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF",
    "red": "FF0000", "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "000080",
    "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000",
    "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0",
}  # fmt: skip
_THEME = {
    "text1": "dk1", "dark1": "dk1", "tx1": "dk1", "background1": "lt1", "light1": "lt1",
    "bg1": "lt1", "text2": "dk2", "dark2": "dk2", "tx2": "dk2", "background2": "lt2",
    "light2": "lt2", "bg2": "lt2", "hyperlink": "hlink", "followedHyperlink": "folHlink",
}  # fmt: skip
_USUAL_THEME = {"lt1": "FFFFFF", "lt2": "E7E6E6", "dk1": "000000", "dk2": "44546A"}
_BITS = {  # of tblLook: which formats of its style count for a table
    "firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "lastColumn": 0x100,
    "noHBand": 0x200, "noVBand": 0x400,
}  # fmt: skip


def is_on(part: Any) -> bool:
    """Tell whether an element that switches something on is there and does so."""
    return part is not None and part.get(W + "val") not in ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class At:
    """Where text stands: what its cell says, and what the style of the table has for that place.

    ``formats`` are those of the style that are for the cell, those that count more later: it has
    some for first and last rows and columns, and for each other one. ``signature`` tells all that
    counts of the cell and its table from that of any others.
    """

    cell: Any
    styles: tuple[Any, ...]
    formats: tuple[str, ...]
    signature: bytes


def _places(look: Any, row: int, column: int, is_last: tuple[bool, bool]) -> Iterator[str]:
    """Yield the formats that are for a place of a table, by what it says of those that count."""
    said_bits = look.get(W + "val") or "" if look is not None else "04A0"
    bits = int(said_bits, 16) if re.fullmatch("[0-9A-Fa-f]{1,8}", said_bits) else 0
    said = {name: look.get(W + name) for name in _BITS} if look is not None else {}
    is_for = {
        name: said[name] in ("1", "true") if said.get(name) else bool(bits & bit)
        for name, bit in _BITS.items()
    }
    yield "wholeTable"
    if not is_for["noVBand"]:
        yield f"band{1 + column % 2}Vert"
    if not is_for["noHBand"]:
        yield f"band{1 + (row - is_for['firstRow']) % 2}Horz"
    places = {
        "firstCol": is_for["firstColumn"] and column == 0,
        "lastCol": is_for["lastColumn"] and is_last[1],
        "firstRow": is_for["firstRow"] and row == 0,
        "lastRow": is_for["lastRow"] and is_last[0],
    }
    yield from (name for name, is_there in places.items() if is_there)


@dataclass(frozen=True, slots=True)
class TableFormats:
    """The style of one table: its name, the styles it rests on, and which of its formats count."""

    name: str
    styles: tuple[Any, ...]
    look: Any
    has_formats: bool

    def at(self, cell: Any, row: int, column: int, is_last: tuple[bool, bool]) -> At:
        """Say where text of a cell with such properties stands, and if in a last row or column."""
        formats = tuple(_places(self.look, row, column, is_last)) if self.has_formats else ()
        shade = None if cell is None else cell.find(W + "shd")
        ground = b"" if shade is None else etree.tostring(shade)
        return At(cell, self.styles, formats, ",".join((self.name, *formats)).encode() + ground)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a run of text is seen: why it may be otherwise than it was read, and if it is struck."""

    doubts: tuple[Doubt, ...] = ()
    is_struck: bool = False


class Formats:
    """The styles and the theme of a Word file, by which text is seen."""

    def __init__(self, archive: zipfile.ZipFile, count: Count) -> None:
        """Read the parts of an open file; raises what lxml raises for one that is no XML."""
        names = archive.namelist()
        styles, theme, numbers = (
            archive.read(name) if name in names else b"<none/>"
            for name in ("word/styles.xml", "word/theme/theme1.xml", "word/numbering.xml")
        )
        for part in (styles, theme, numbers):
            of_xml(part, count)
        self._numbers = _numbers(numbers)
        self._defaults, self._styles, self._usual = _styles(styles)
        self._theme = _theme(theme)
        self._count = count
        self._around: tuple[Any, Any] = (None, None)  # the last paragraph, and its properties
        self._told_around = b""  # which stand so in the file
        self._known: dict[tuple[bytes, ...], Seen] = {}
        self._numbered: dict[str, Any] = {}  # what styles say of numbers

    def seen(self, run: Any, paragraph: Any, at: At | None) -> Seen:
        """Say how a run of text of a paragraph is seen."""
        if self._around[0] is not paragraph:
            self._around = paragraph, paragraph.find(W + "pPr")
            self._told_around = _told(self._around[1])
        own, around = run.find(W + "rPr"), self._around[1]
        key = (_told(own), self._told_around, at.signature if at else b"")
        if key not in self._known:
            cell = at.cell if at else None
            layers = [*self._layers(own, around, at)]
            said = sum(len(part) for layer in layers for part in layer if part is not None)
            self._count.add("comparisons", _ASKED * (said + len(layers)), COMPARED)
            self._known[key] = _Run(self._theme, layers, around, cell).seen()
        return self._known[key]

    def is_numbered(self, paragraph: Any) -> bool:
        """Tell whether a number that is no text of the file is shown before a paragraph."""
        around = paragraph.find(W + "pPr") if self._numbers else None
        if around is None:
            return False
        given = around.find(W + "numPr")
        if given is None:
            named = around.find(W + "pStyle")
            style = "" if named is None else named.get(W + "val") or ""
            if style not in self._numbered:
                self._numbered[style] = self._number_of(named)
            given = self._numbered[style]
        number = given.find(W + "numId") if given is not None else None
        return number is not None and number.get(W + "val") in self._numbers

    def _number_of(self, named: Any) -> Any:
        """Return what a style says of numbers before its paragraphs, ``None`` where it does not."""
        styles = reversed(self._chain(named, "paragraph"))
        return next((one for s in styles if (one := s.find(f"{W}pPr/{W}numPr")) is not None), None)

    def of_table(self, table: Any) -> TableFormats:
        """Return what the style of a table says, to ask it of each of its cells."""
        named = table.find(f"{W}tblPr/{W}tblStyle")
        styles = tuple(self._chain(named, "table"))
        has_formats = any(style.find(W + "tblStylePr") is not None for style in styles)
        look = table.find(f"{W}tblPr/{W}tblLook")
        name = "" if named is None else named.get(W + "val") or ""
        return TableFormats(name, styles, look, has_formats)

    def _layers(self, own: Any, around: Any, at: At | None) -> Iterator[tuple[Any, Any, Any]]:
        """Yield what counts for a run, character, paragraph and cell properties, the last most."""
        if self._defaults is not None:
            yield self._defaults.find(f"{W}rPrDefault/{W}rPr"), None, None
        if at is not None:
            for style in at.styles:
                yield style.find(W + "rPr"), style.find(W + "pPr"), style.find(W + "tcPr")
                given = {part.get(W + "type"): part for part in style.iter(W + "tblStylePr")}
                for part in (given[name] for name in at.formats if name in given):
                    yield part.find(W + "rPr"), part.find(W + "pPr"), part.find(W + "tcPr")
        for style in self._chain(
            None if around is None else around.find(W + "pStyle"), "paragraph"
        ):
            yield style.find(W + "rPr"), style.find(W + "pPr"), None
        if own is not None:
            for style in self._chain(own.find(W + "rStyle"), "character"):
                yield style.find(W + "rPr"), None, None
        yield own, None, None

    def _chain(self, named: Any, kind: str) -> list[Any]:
        """Return the style that is named, or the usual one, behind those that it rests on."""
        style = self._styles.get(named.get(W + "val")) if named is not None else None
        style, chain = self._usual.get(kind) if style is None else style, list[Any]()
        while style is not None and style not in chain:
            chain.append(style)
            self._count.hold("nesting", len(chain), "styles that rest on each other")
            base = style.find(W + "basedOn")
            style = self._styles.get(base.get(W + "val")) if base is not None else None
        return chain[::-1]


@lru_cache(maxsize=4)  # forms of one office are made of one template, whose styles are large
def _styles(part: bytes) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Return the defaults, the styles by name, and those of each kind where none is named."""
    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    styles = {one.get(W + "styleId"): one for one in root.iter(W + "style")}
    usual = {one.get(W + "type"): one for one in styles.values() if is_usual(one)}
    return root.find(f"{W}docDefaults"), styles, usual


@lru_cache(maxsize=4)
def _numbers(part: bytes) -> frozenset[str]:
    """Return the lists, by the names that paragraphs call them, that number what is in them."""
    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    counting = {
        one.get(W + "abstractNumId")
        for one in root.iter(W + "abstractNum")
        if any(form.get(W + "val") not in ("bullet", "none") for form in one.iter(W + "numFmt"))
    }
    named = ((one.get(W + "numId"), one.find(W + "abstractNumId")) for one in root.iter(W + "num"))
    return frozenset(
        name for name, kind in named if kind is not None and kind.get(W + "val") in counting
    )


@lru_cache(maxsize=4)
def _theme(part: bytes) -> dict[str, str]:
    """Return the colours of a theme, by name, as six hexadecimal digits."""
    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    return {
        etree.QName(one).localname: one[0].get("lastClr") or one[0].get("val") or ""
        for scheme in root.iter(A + "clrScheme")
        for one in scheme
        if len(one)
    }


def is_usual(style: Any) -> bool:
    """Tell whether a style is the one of its kind where none is named."""
    return style.get(W + "default") in ("1", "true", "on")


@dataclass(slots=True)
class _Run:
    """All that counts for a run of text: layers of properties, and those of what it stands in."""

    theme: dict[str, str]
    layers: list[tuple[Any, Any, Any]]
    around: Any
    cell: Any

    def seen(self) -> Seen:
        odd = tuple(dict.fromkeys(self._odd()))[:MOST_NAMED]
        doubts = [Doubt.of(DoubtKind.DECLARED, property=name) for name in odd]
        if self._is_hidden():
            doubts.insert(0, HIDDEN)
        return Seen(tuple(doubts), any(self._is("strike", "dstrike")))

    def _of(self, name: str) -> Any:
        """Return what counts of a property of characters, ``None`` where nothing is said of it."""
        found = (layer.find(W + name) for layer, *_ in self.layers if layer is not None)
        return next(reversed([part for part in found if part is not None]), None)

    def _is(self, *names: str) -> Iterator[bool]:
        return (is_on(self._of(name)) for name in names)

    def _number(self, name: str, usual: int) -> int:
        part = self._of(name)
        text = (part.get(W + "val") or "") if part is not None else ""
        return int(text) if re.fullmatch(r"-?\d{1,6}", text) else usual

    def _is_hidden(self) -> bool:
        if any(self._is("vanish", "specVanish", "webHidden")):
            return True
        if self._number("sz", SEEN_FROM) < SEEN_FROM:
            return True
        colour, ground = self._colour(), self._ground()
        return colour is not None and ground is not None and not is_seen(colour, ground)

    def _odd(self) -> Iterator[str]:
        """Yield the properties that may let the text be seen otherwise than it was read."""
        for layer, paragraph, _ in self.layers:
            yield from _unknown(layer, _HARMLESS)
            yield from _unknown(paragraph, _HARMLESS_OF_PARAGRAPHS)
        yield from _unknown(self.around, _HARMLESS_OF_PARAGRAPHS)
        if self._number("w", 100) < LEAST_WIDTH:
            yield "w"
        if self._number("spacing", 0) < -MOST_CLOSER:
            yield "spacing"
        if self._number("fitText", LEAST_ROOM) < LEAST_ROOM:
            yield "fitText"
        if abs(self._number("position", 0)) > MOST_RAISED:
            yield "position"
        fonts = self._of("rFonts")
        if fonts is not None and any(map(is_symbol_font, fonts.attrib.values())):
            yield "rFonts"
        fill = next((part for part in self._w14("textFill")), None)
        if fill is not None and (fill.find(W14 + "solidFill") is None or _is_clear(fill)):
            yield "textFill"
        if self._colour() is not None and self._ground() is None:
            yield "shd"
        yield from self._odd_paragraph()

    def _odd_paragraph(self) -> Iterator[str]:
        paragraphs = [part for _, part, _ in self.layers if part is not None]
        paragraphs += [self.around] if self.around is not None else []
        if any(is_on(part.find(W + "bidi")) for part in paragraphs):
            yield "bidi"
        spacings = [part.find(W + "spacing") for part in paragraphs]
        exact = [p for p in spacings if p is not None and p.get(W + "lineRule") == "exact"]
        if exact and _twips(exact[-1].get(W + "line")) < 6 * self._number("sz", 20):
            yield "spacing"  # of lines, less than six tenths of the height of the characters
        indents = [part.find(W + "ind") for part in paragraphs]
        left = [_begins(part) for part in indents if part is not None]
        if left and left[-1] < -MOST_INDENT:
            yield "ind"

    def _w14(self, name: str) -> Iterator[Any]:
        for layer, *_ in reversed(self.layers):
            if layer is not None:
                yield from layer.iterchildren(W14 + name)

    def _colour(self) -> Colour | None:
        """Return the colour of the text, ``None`` where it is the one that its ground asks for."""
        colour = self._of("color")
        if colour is None:
            return None
        if themed := colour.get(W + "themeColor"):
            return self._themed(colour, themed, "theme")
        return of_hex(colour.get(W + "val") or "")

    def _themed(self, part: Any, name: str, prefix: str) -> Colour:
        """Return a colour of the theme, lighter or darker as is said beside its name."""
        key = _THEME.get(name, name)
        base = of_hex(self.theme.get(key) or _USUAL_THEME.get(key, "")) or BLACK
        for mixed, with_what in (("Tint", WHITE), ("Shade", BLACK)):
            if share := part.get(f"{W}{prefix}{mixed}"):
                weight = int(share, 16) / 255 if re.fullmatch("[0-9A-Fa-f]{2}", share) else 1.0
                base = over((*base[:3], weight), with_what)
        return base

    def _ground(self) -> Colour | None:
        """Return what the text stands on, ``None`` where that is a pattern."""
        highlight = self._of("highlight")
        name = highlight.get(W + "val") if highlight is not None else "none"
        if name in _HIGHLIGHTS:
            return of_hex(_HIGHLIGHTS[name])
        shades = [self._of("shd")]
        paragraphs = [*(part for _, part, _ in self.layers), self.around]
        shades += [p.find(W + "shd") for p in reversed(paragraphs) if p is not None]
        cells = [*(part for *_, part in self.layers), self.cell]
        shades += [p.find(W + "shd") for p in reversed(cells) if p is not None]
        for shade in shades:
            if shade is not None and (ground := self._shade(shade)) != "":
                return None if isinstance(ground, str) else ground
        return WHITE

    def _shade(self, shade: Any) -> Colour | str:
        """Return the colour of a ground, an empty text where there is none, or its pattern."""
        pattern = shade.get(W + "val") or "clear"
        if pattern == "nil":
            return ""
        name = "color" if pattern == "solid" else "fill"
        if share := re.fullmatch(r"pct(\d\d?)", pattern):
            ink = of_hex(shade.get(W + "color") or "") or BLACK
            paper = of_hex(shade.get(W + "fill") or "") or WHITE
            return over((*ink[:3], int(share[1]) / 100), paper)
        if pattern not in ("clear", "solid"):
            return str(pattern)
        if themed := shade.get(W + ("themeColor" if name == "color" else "themeFill")):
            return self._themed(shade, themed, "theme" if name == "color" else "themeFill")
        said = shade.get(W + name) or "auto"
        if said == "auto":
            return BLACK if pattern == "solid" else ""
        return of_hex(said) or ""


def _unknown(part: Any, harmless: set[str]) -> Iterator[str]:
    if part is not None:
        told = (one for one in part.iterchildren("*") if one.tag not in harmless)
        yield from (etree.QName(one).localname for one in told)


def _told(part: Any) -> bytes:
    """Return a part as it stands in the file, nothing where there is none."""
    return b"" if part is None else etree.tostring(part, with_tail=False)


def _twips(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text) else 0


def _begins(indent: Any) -> int:
    """Return how far to the right of its edge a paragraph or its first line begins, in twips."""
    left = _twips(indent.get(W + "left") or indent.get(W + "start"))
    return left - max(0, _twips(indent.get(W + "hanging")))


def _is_clear(fill: Any) -> bool:
    """Tell whether the fill of text lets through what is below it."""
    shares = (part.get(W14 + "val") or "" for part in fill.iter(W14 + "alpha"))
    return any(not share.isdigit() or int(share) > MOST_CLEAR for share in shares)
