"""How a web page lets its text be seen: what is declared for it, and whether that is harmless.

A text is sure only if all that is declared for it and for what it stands in is known to be
harmless. Anything else is a doubt that names the property: a list of tricks would never be whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from tinycss2.color4 import parse_color

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.css import Styles
from auditkit.readers.elements import PICTURE, hides, is_head_of_closed
from auditkit.readers.seen import BLACK, MOST_NAMED, WHITE, Colour, is_seen, is_symbol_font, over

HIDDEN = Doubt(DoubtKind.HIDDEN)
SCRIPTED = Doubt(DoubtKind.SCRIPTED)
SEEN_FROM = 5 / 0.75  # pixels: five points, below which text is a line of dots

# Whatever these say, the text stays what and about where it is.
_ANY = re.compile(
    r"border(?!-image).*|padding.*|(?:min-|max-)?(?:width|height|inline-size|block-size)|mso-.*"
    r"|text-(?:align|justify|autospace|decoration-(?:color|style|thickness)|underline-.*|size-adjust"
    r"|overflow|wrap|rendering|emphasis.*|orientation|combine-upright)|-webkit-text-size-adjust"
    r"|-(?:webkit|moz)-font-.*|(?:page|column)-break-.*|break-.*|page|size|orphans|widows"
    r"|outline-(?:style|color)|list-style-(?:position|image)|table-layout|empty-cells|caption-side|cursor|quotes|tab-(?:stops|size|interval)"
    r"|word-(?:break|wrap)|overflow-wrap|line-break|hyphens|white-space|font-(?:weight|style|variant"
    r"|stretch|kerning|optical-sizing|synthesis.*|feature-settings)|layout-grid.*|punctuation-.*"
    r"|text-justify-trim|ruby-.*|box-sizing|transition.*|user-select|-webkit-user-select|scrollbar-.*"
    r"|so-language|lang|--.*|pointer-events|accent-color|color-scheme|print-color-adjust"
    r"|-webkit-print-color-adjust|-webkit-tap-highlight-color|touch-action|background-(?:repeat"
    r"|origin|attachment)|counter-(?:reset|increment)|align-.*|justify-.*|resize"
)  # fmt: skip
_SPACE = r"(?:auto|normal|inherit|initial|0|\d{0,3}\.?\d{0,4}(?:px|pt|em|rem|ex|cm|mm|in|pc|%))"
_SPACES = rf"{_SPACE}(?: {_SPACE}){{0,3}}"
_NOWHERE = re.compile(r"auto|0|0\.?0*(?:px|pt|em|rem|cm|mm|in|%)|inherit|initial")
_WIDE = r"\d\d(?:\.\d*)?(?:px|pt)|[1-9]\d*(?:\.\d*)?(?:r?em|ex|ch|cm|mm|in|pc|v[hw])"
_TABLE = r"(?:inline-)?table|table-(?:row|cell|column|caption|(?:row|header|footer|column)-group)"
# These say nothing odd as long as they say this.
_HARMLESS = {
    "margin": _SPACES,
    "display": rf"block|inline|inline-block|list-item|flow-root|contents|inherit|initial|{_TABLE}",
    "visibility": "visible|inherit|initial",
    "opacity": r"1(?:\.0+)?|100%|0?\.[6-9]\d*|inherit|initial",
    "position": "static|relative|inherit|initial",
    "float": "none|inherit|initial",
    "clear": ".*",
    "z-index": ".*",
    "vertical-align": r"[a-z-]+|-?\d{0,2}\.?\d*(?:px|pt|em|%)",
    "text-indent": rf"{_SPACE}|-[0-3]\.?\d*em|-\d\d?\.?\d*(?:px|pt)",  # lines that hang
    "line-height": r"normal|inherit|initial|(?:0?\.[89]|[1-9])\d{0,2}(?:\.\d+)?(?:em)?"
    r"|(?:[89]|[1-9]\d)\d{0,2}(?:\.\d+)?%|(?:[5-9]|[1-9]\d)\d{0,2}(?:\.\d+)?(?:px|pt)"
    r"|0?\.[1-9]\d*(?:cm|in)|(?:[2-9]|[1-9]\d)(?:\.\d+)?mm",
    "letter-spacing": r"normal|inherit|initial|-0?\.0\d*em|-?0?\.\d+(?:px|pt)|0?\.\d+em|0"
    r"|\d(?:\.\d+)?(?:px|pt)",
    "word-spacing": r"normal|inherit|initial|0|\d(?:\.\d+)?(?:px|pt)",
    "text-transform": "none|inherit|initial",
    "text-shadow": "none|inherit|initial",
    "box-shadow": "none|inherit|initial",
    "direction": "ltr|inherit|initial",
    "unicode-bidi": "normal|inherit|initial",
    "writing-mode": "horizontal-tb|lr-tb|tb-rl|vertical-rl|inherit|initial",
    "zoom": r"1(?:\.0+)?|100%|normal",
    "overflow": "(?:visible|auto|scroll|inherit|initial|hidden| )+",
    "outline": rf"(?!.*(?:{_WIDE})).*",  # which is drawn over what is beside it
    "outline-width": rf"(?!.*(?:{_WIDE})).*",
    "outline-offset": r"0|\d?\.?\d*(?:px|pt)",
    "list-style": r"(?:[a-z-]+| )+",
    "list-style-type": "[a-z-]+",
    "::content": "none|normal|''|\"\"",
}
_SIDES = re.compile(r"(margin)-.*|(overflow)-[xy]|(line-height)-.*")
_MOVED = ("top", "right", "bottom", "left", "inset")  # what matters where a position is not usual
_MOVES_IN = re.compile("margin|padding")  # what a line hangs into that begins before its block
_UNBROKEN = ("nowrap", "pre")
_HELD = re.compile(r"(?:max-)?(?:width|height|inline-size|block-size)")
_ON_LINES_OF_THEIR_OWN = ("block", "list-item", "flow-root", "table", "flex", "grid")
_OF_PICTURE = re.compile(r"url\(|image\(|gradient\(|image-set\(|element\(")
_PAINTS = re.compile("background|border|outline")
_NO_PICTURE = re.compile("none|inherit|initial|unset|auto|repeat|scroll|center|top|left|0|0%")
_SIZES = {
    "xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24,
    "xx-large": 32, "xxx-large": 48, "initial": 16,
}  # fmt: skip
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_SIZE = re.compile(r"(\d{0,9}\.?\d{1,9})(px|pt|pc|in|cm|mm|em|rem|ex|%)|0|([a-z-]+)")
# Attributes of older pages that say how an element looks.
_SAYING = (
    "bgcolor", "color", "text", "background", "hidden", "popover", "open", "dir", "size", "face",
)  # fmt: skip
_LEGACY = (10, 10, 13, 16, 18, 24, 32, 48)  # pixels of <font size=0> to 7


@dataclass(frozen=True)
class Look:
    """How text in an element is seen.

    ``colour`` is that of the text, ``ground`` that of what it stands on (``None``: not known),
    ``size`` is in pixels. ``odd`` are properties of the element, and of what it stands in, that
    are not known to be harmless; ``is_hidden`` says that one of them hides it as a whole.
    """

    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    size: float = 16.0
    is_shown: bool = True
    is_hidden: bool = False
    is_struck: bool = False
    odd: tuple[str, ...] = ()

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why text that stands in the element may be seen otherwise, or not at all."""
        told = tuple(Doubt.of(DoubtKind.DECLARED, property=name) for name in self.odd)
        if self.is_hidden or not self.is_shown or self.size < SEEN_FROM:
            return (HIDDEN, *told)
        if self.colour is None or self.ground is None:
            name = "color" if self.colour is None else "background"
            return (*told, Doubt.of(DoubtKind.DECLARED, property=name))
        return told if is_seen(self.colour, self.ground) else (HIDDEN, *told)


@dataclass(slots=True)
class Looks:
    """The looks of the elements of one page."""

    styles: Styles
    _known: dict[Any, Look] = field(default_factory=dict)
    _made: dict[tuple[object, ...], Look] = field(default_factory=dict)  # equal ones only once
    _moving: dict[int, bool] = field(default_factory=dict)  # by what is declared
    _drawn: dict[int, tuple[Doubt, ...]] = field(default_factory=dict)

    def of(self, element: Any) -> Look:
        """Return how text of an element is seen."""
        if element is None:
            return Look()
        if element not in self._known:
            above, values = self._above(element), self.styles.of(element)
            key = (id(above), id(values), element.tag, *map(element.get, _SAYING))
            if key not in self._made:
                self._made[key] = self._look(element, values, above)
            self._known[element] = self._made[key]
        return self._known[element]

    def _above(self, element: Any) -> Look:
        """Return the look that an element takes over from what it stands in."""
        parent = element.getparent()
        if not is_head_of_closed(element):
            return self.of(parent)
        key = ("head of closed", id(self.of(parent)), id(self.of(parent.getparent())))
        if key not in self._made:
            is_hidden = self.of(parent.getparent()).is_hidden
            self._made[key] = replace(self.of(parent), is_hidden=is_hidden)
        return self._made[key]

    def _look(self, element: Any, declared: Mapping[str, str], above: Look) -> Look:
        values = {**_attributes(element), **declared}
        look = replace(
            above,
            colour=_colour(values, above),
            ground=_ground(values, above),
            size=_size(values, above.size),
            is_shown=_is_shown(values, above),
            is_hidden=above.is_hidden or values.get("display") == "none",
            is_struck=above.is_struck
            or element.tag in ("s", "strike", "del")
            or _is_struck(values),
            odd=tuple(dict.fromkeys((*above.odd, *self._odd(values))))[:MOST_NAMED],
        )
        return above if look == above else look

    def _odd(self, values: Mapping[str, str]) -> Iterator[str]:
        for name, value in values.items():
            if not _is_harmless(name, value):
                yield name
        if values.get("position", "static") not in ("static", "inherit", "initial"):
            for name in _MOVED:
                if not all(map(_NOWHERE.fullmatch, values.get(name, "").split())):
                    yield name
        clipped = " ".join(v for n, v in values.items() if n.startswith("overflow"))
        is_held = any(map(_HELD.fullmatch, values)) or values.get("white-space") in _UNBROKEN
        if ("hidden" in clipped or "clip" in clipped) and is_held:
            yield "overflow"
        if values.get("text-indent", "").startswith("-") and not any(map(_MOVES_IN.match, values)):
            yield "text-indent"
        families = f"{values.get('font-family', '')},{values.get('font', '')}"
        if is_symbol_font(families) or any(font in families for font in self.styles.fonts):
            yield "font-family"

    def paints(self, element: Any) -> bool:
        """Tell whether an element has a ground or lines of its own."""
        values = {**_attributes(element), **self.styles.of(element)}
        return element.tag == "hr" or any(map(_PAINTS.match, values))

    def drawn_by(self, element: Any) -> tuple[Doubt, ...]:
        """Say why something may be seen in an element that is none of its text, if it is blank."""
        values = self.styles.of(element)
        if id(values) not in self._drawn:
            self._drawn[id(values)] = tuple(_drawn(values))
        by_attribute = (PICTURE,) if element.get("background") is not None else ()
        return (*self._drawn[id(values)], *by_attribute)

    def is_block(self, element: Any, is_usual: bool) -> bool:
        """Tell whether an element stands on lines of its own."""
        display = self.styles.of(element).get("display", "")
        if display in ("inline", "contents"):
            return False
        return is_usual or display in _ON_LINES_OF_THEIR_OWN

    def is_unmarked(self, item: Any) -> bool:
        """Tell whether an item of a list has no number or sign before it."""
        for element in (item, item.getparent()):
            values = self.styles.of(element)
            for name in ("list-style-type", "list-style"):
                if name in values:
                    return "none" in values[name].split()
        return False

    def is_collapsed(self, column: Any) -> bool:
        """Tell whether a column of a table is not shown."""
        return self.styles.of(column).get("visibility") == "collapse"

    @property
    def doubts_on_all(self) -> tuple[Doubt, ...]:
        """Why any text may be seen otherwise: what is declared for nobody knows which elements."""
        odd = self._odd(self.styles.unknown)
        return tuple(Doubt.of(DoubtKind.DECLARED, property=name) for name in dict.fromkeys(odd))

    def lies_over(self, element: Any) -> bool:
        """Tell whether an element is moved from its place, so that it may cover another one."""
        values = self.styles.of(element)
        if id(values) not in self._moving:
            self._moving[id(values)] = any(
                name in ("transform", "translate", "position", "float", *_MOVED) or "margin" in name
                for name in self._odd(values)
            )
        return self._moving[id(values)]


@lru_cache(maxsize=4096)
def _is_harmless(name: str, value: str) -> bool:
    """Tell whether a property is known, and what it says leaves text as the file has it."""
    part, _, own = name.rpartition("::")
    if part:  # of a first letter or line
        return _ANY.fullmatch(own) is not None
    if name in _JUDGED or _ANY.fullmatch(name):
        return True
    if name in _MOVED:
        return True  # judged with the position
    sides = _SIDES.fullmatch(name)
    pattern = _HARMLESS.get(next(filter(None, sides.groups())) if sides else name)
    return pattern is not None and re.fullmatch(pattern, value) is not None


# Judged by what they come to, with what stands around.
_JUDGED = {
    "color", "background", "background-color", "background-image", "background-position",
    "background-size", "background-clip", "font", "font-size", "font-family", "text-decoration",
    "text-decoration-line", "visibility",
}  # fmt: skip


def _drawn(values: Mapping[str, str]) -> Iterator[Doubt]:
    if not _is_harmless("::content", values.get("::content", "none")):
        yield Doubt.of(DoubtKind.DECLARED, property="::content")
    grounds = (values.get(name, "") for name in ("background", "background-image", "content"))
    if any(map(_OF_PICTURE.search, grounds)):
        yield PICTURE


def _attributes(element: Any) -> dict[str, str]:
    """Return what the attributes of older pages say, as the properties that they stand for."""
    given: dict[str, str] = {}
    for name, property_ in (("bgcolor", "background-color"), ("color", "color"), ("text", "color")):
        if value := (element.get(name) or "").strip().lower():
            is_bare = re.fullmatch("[0-9a-f]{6}|[0-9a-f]{3}", value)
            given[property_] = f"#{value}" if is_bare else value
    if element.get("background") is not None:
        given["background-image"] = "url"
    if hides(element):
        given["display"] = "none"
    elif element.tag == "dialog":
        given["position"] = "absolute"
    if (element.get("dir") or "ltr").lower() != "ltr":
        given["direction"] = element.get("dir").lower()
    if element.tag == "font" and (size := element.get("size")):
        given["font-size"] = _legacy_size(size.strip())
    if element.tag == "font" and (face := element.get("face")):
        given["font-family"] = face.lower()
    return given


def _legacy_size(text: str) -> str:
    if not re.fullmatch(r"[+-]?\d{1,2}", text):
        return "medium"
    steps = int(text) + (3 if text[0] in "+-" else 0)
    return f"{_LEGACY[min(max(steps, 0), 7)]}px"


def _is_shown(values: Mapping[str, str], above: Look) -> bool:
    said = values.get("visibility", "inherit")
    return above.is_shown if said in ("inherit", "unset") else said in ("visible", "initial")


def _is_struck(values: Mapping[str, str]) -> bool:
    said = (values.get(name, "") for name in ("text-decoration", "text-decoration-line"))
    return any("line-through" in value for value in said)


def _size(values: Mapping[str, str], above: float) -> float:
    """Return the size of the text in pixels, 0 where what is said of it is not understood."""
    size = above
    for name, value in values.items():
        if name == "font-size":
            size = _one_size(value, above)
        elif name == "font":  # the size stands before the families, and the line height behind it
            sizes = [part.partition("/")[0] for part in value.partition(",")[0].split()]
            known = [part for part in sizes if _SIZE.fullmatch(part)]
            told = [part for part in known if part[0].isdigit() or part[0] == "." or part in _SIZES]
            size = _one_size(told[0], above) if told else above
    return size


def _one_size(value: str, above: float) -> float:
    found = _SIZE.fullmatch(value)
    if found is None:
        return 0.0
    if found[3]:
        steps = {"smaller": above / 1.2, "larger": above * 1.2, "inherit": above, "unset": above}
        return steps.get(value, _SIZES.get(value, 0))
    if not found[1]:
        return 0.0
    units = {**_PIXELS, "em": above, "rem": 16.0, "ex": above / 2, "%": above / 100}
    return float(found[1]) * units[found[2]]


def _colour(values: Mapping[str, str], above: Look) -> Colour | None:
    said = values.get("-webkit-text-fill-color") or values.get("color") or "inherit"
    if said in ("inherit", "unset", "currentcolor"):
        return above.colour
    return BLACK if said in ("initial", "windowtext", "canvastext", "auto") else colour_of(said)


def _ground(values: Mapping[str, str], above: Look) -> Colour | None:
    """Return what text stands on: the ground of the element, laid over the one above."""
    ground = above.ground
    for name, value in values.items():
        if name == "background-color" or (name == "background" and " " not in value):
            own = WHITE if value in ("window", "canvas") else _own_ground(value)
        elif name == "background":
            own = _ground_of_several(value)
        elif name == "background-image":
            own = (0.0, 0.0, 0.0, 0.0) if value in ("none", "initial") else None
        elif name in ("background-size", "background-clip", "background-position"):
            is_usual = re.fullmatch(r"auto|cover|contain|border-box|padding-box|0 0|0% 0%", value)
            own = (0.0, 0.0, 0.0, 0.0) if is_usual else None
        else:
            continue
        is_known = own is not None and (ground is not None or own[3] == 1)
        ground = over(own, ground or own) if is_known and own is not None else None
    return ground


def _own_ground(value: str) -> Colour | None:
    is_none = value in ("none", "inherit", "initial", "unset", "transparent", "")
    return (0.0, 0.0, 0.0, 0.0) if is_none else colour_of(value)


def _ground_of_several(value: str) -> Colour | None:
    """Return the ground that a shorthand gives, ``None`` where it says more than a colour."""
    parts = re.sub(r"\([^()]*\)", lambda m: m[0].replace(" ", "\0"), value).split()
    told = [part.replace("\0", " ") for part in parts if not _NO_PICTURE.fullmatch(part)]
    if not told:
        return (0.0, 0.0, 0.0, 0.0)
    return _own_ground(told[0]) if len(told) == 1 else None


@lru_cache(maxsize=1024)
def colour_of(value: str) -> Colour | None:
    """Return a colour of a style sheet, ``None`` where it is not one that is known."""
    if value == "transparent":
        return (0.0, 0.0, 0.0, 0.0)
    found = parse_color(value)
    if found is None or found == "currentcolor":
        return None
    try:
        srgb = found.to("srgb")
    except NotImplementedError:
        return None
    red, green, blue = (min(max(float(part or 0), 0.0), 1.0) for part in srgb.coordinates)
    return red, green, blue, float(found.alpha)
