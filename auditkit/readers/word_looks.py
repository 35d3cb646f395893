"""How a Word file lets its text be seen: styles resolved as the format has it, and what is odd.

As with web pages, a text is sure only if every property that counts for it is known to be
harmless; any other is a doubt that names it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.flow import HIDDEN
from auditkit.readers.seen import BLACK, WHITE, Colour, is_seen, of_hex, over

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
SEEN_FROM = 10  # half points: text of less than five points is a line of dots
LEAST_WIDTH, MOST_CLOSER, MOST_RAISED = 50, 30, 12  # percent; twips; half points
MOST_CLEAR = 30_000  # of 100,000
MOST_INDENT = 2000  # twips to the left, further than which lines leave the cell
_HARMLESS = {
    W + name
    for name in (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "u", "color", "spacing",
        "w", "kern", "sz", "szCs", "highlight", "shd", "lang", "noProof", "bdr", "snapToGrid",
        "vertAlign", "position", "em", "outline", "shadow", "emboss", "imprint", "cs", "ins", "del",
        "rPrChange", "moveFrom", "moveTo", "vanish", "specVanish", "webHidden", "strike", "dstrike",
        "fitText", "eastAsianLayout",
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
_SYMBOLS = re.compile(r"wingdings|webdings|symbol|dingbats|marlett|bookshelf|barcode", re.I)
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
_BITS = {  # of tblLook: which formats of its style count for a table
    "firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "lastColumn": 0x100,
    "noHBand": 0x200, "noVBand": 0x400,
}  # fmt: skip


def is_on(part: Any) -> bool:
    """Tell whether an element that switches something on is there and does so."""
    return part is not None and part.get(W + "val") not in ("0", "false", "off")


@dataclass(frozen=True)
class At:
    """Where text stands: its cell and the table's own properties, and the place of the cell there.

    A style of a table has formats for its first and last rows and columns, and for each other one.
    """

    cell: Any
    table: Any
    row: int
    column: int
    is_last_row: bool
    is_last_column: bool

    @cached_property
    def signature(self) -> bytes:
        """What tells all that counts of the cell and its table from that of any others."""
        around = (self.table.find(W + "tblPr"), self.cell.find(W + "tcPr"))
        parts = (b"" if part is None else etree.tostring(part) for part in around)
        return b",".join((*parts, *(name.encode() for name in self.formats)))

    @property
    def formats(self) -> Iterator[str]:
        """The formats of the table's style that are for the cell, those that count more later."""
        look = self.table.find(f"{W}tblPr/{W}tblLook")
        said_bits = look.get(W + "val") or "" if look is not None else "04A0"
        bits = int(said_bits, 16) if re.fullmatch("[0-9A-Fa-f]{1,8}", said_bits) else 0
        said = {name: look.get(W + name) for name in _BITS} if look is not None else {}
        is_for = {
            name: said[name] in ("1", "true") if said.get(name) else bool(bits & bit)
            for name, bit in _BITS.items()
        }
        yield "wholeTable"
        if not is_for["noVBand"]:
            yield f"band{1 + self.column % 2}Vert"
        if not is_for["noHBand"]:
            yield f"band{1 + (self.row - is_for['firstRow']) % 2}Horz"
        places = {
            "firstCol": is_for["firstColumn"] and self.column == 0,
            "lastCol": is_for["lastColumn"] and self.is_last_column,
            "firstRow": is_for["firstRow"] and self.row == 0,
            "lastRow": is_for["lastRow"] and self.is_last_row,
        }
        yield from (name for name, is_there in places.items() if is_there)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a run of text is seen: why it may be otherwise than it was read, and if it is struck."""

    doubts: tuple[Doubt, ...] = ()
    is_struck: bool = False


class Formats:
    """The styles and the theme of a Word file, by which text is seen."""

    def __init__(self, archive: zipfile.ZipFile, parser: Any) -> None:
        """Read the parts of an open file; raises what lxml raises for one that is no XML."""
        names = archive.namelist()
        styles, theme = (
            etree.fromstring(archive.read(name), parser) if name in names else etree.Element("none")
            for name in ("word/styles.xml", "word/theme/theme1.xml")
        )
        self._styles = {one.get(W + "styleId"): one for one in styles.iter(W + "style")}
        self._usual = {one.get(W + "type"): one for one in self._styles.values() if is_usual(one)}
        self._defaults = styles.find(f"{W}docDefaults")
        self._theme = {
            etree.QName(part).localname: part[0].get("lastClr") or part[0].get("val") or ""
            for scheme in theme.iter(A + "clrScheme")
            for part in scheme
            if len(part)
        }
        self._known: dict[tuple[bytes, ...], Seen] = {}

    def seen(self, run: Any, paragraph: Any, at: At | None) -> Seen:
        """Say how a run of text of a paragraph is seen."""
        own, around = run.find(W + "rPr"), paragraph.find(W + "pPr")
        parts = (b"" if part is None else etree.tostring(part) for part in (own, around))
        key = (*parts, at.signature if at else b"")
        if key not in self._known:
            cell = at.cell.find(W + "tcPr") if at else None
            layers = [*self._layers(own, around, at)]
            self._known[key] = _Run(self._theme, layers, around, cell).seen()
        return self._known[key]

    def _layers(self, own: Any, around: Any, at: At | None) -> Iterator[tuple[Any, Any, Any]]:
        """Yield what counts for a run, character, paragraph and cell properties, the last most."""
        if self._defaults is not None:
            yield self._defaults.find(f"{W}rPrDefault/{W}rPr"), None, None
        if at is not None:
            for style in self._chain(at.table.find(f"{W}tblPr/{W}tblStyle"), "table"):
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
            chain.insert(0, style)
            base = style.find(W + "basedOn")
            style = self._styles.get(base.get(W + "val")) if base is not None else None
        return chain


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
        odd = tuple(dict.fromkeys(self._odd()))
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
        if abs(self._number("position", 0)) > MOST_RAISED:
            yield "position"
        fonts = self._of("rFonts")
        if fonts is not None and any(map(_SYMBOLS.search, fonts.attrib.values())):
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
        left = [_twips(p.get(W + "left") or p.get(W + "start")) for p in indents if p is not None]
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
        base = of_hex(self.theme.get(_THEME.get(name, name), "")) or BLACK
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
        yield from (etree.QName(one).localname for one in part if one.tag not in harmless)


def _twips(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text) else 0


def _is_clear(fill: Any) -> bool:
    """Tell whether the fill of text lets through what is below it."""
    shares = (part.get(W14 + "val") or "" for part in fill.iter(W14 + "alpha"))
    return any(not share.isdigit() or int(share) > MOST_CLEAR for share in shares)
