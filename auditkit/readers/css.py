"""The style sheets of a web page: what of them counts for each of its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

import tinycss2
from cssselect2 import ElementWrapper, Matcher, SelectorError, compile_selector_list

from auditkit.readers.limits import COMPARED, Count

_PLAIN = re.compile(r"\s*[\w*.#-]+\s*(?:,\s*[\w*.#-]+\s*)*")
_ANEW = 5  # what it costs to take up an element anew, in comparisons
_OF_PARTS = re.compile("::|:-")  # of what a browser draws itself, such as the text in a blank field
_OF_ADDRESS = 100  # characters that are kept
_LONG_NUMBER = re.compile(r"(\d{300})\d+")
_NESTED = ("media", "supports", "layer", "container", "scope")  # rules that hold further ones
# What the library raises for a selector that is none, or that it does not know or cannot build.
_NOT_COMPILED = (SelectorError, NotImplementedError, SyntaxError, MemoryError)
SAID = "characters of style sheets"
_DRAWN_BEFORE_AND_AFTER = ("before", "after", "marker")
_FIRST = ("first-letter", "first-line")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration: a property in small letters, and its value as one text, in such letters."""

    name: str
    value: str
    is_important: bool


class _Element(ElementWrapper):  # type: ignore[misc]  # the library has no types
    """An element that counts what a selector looks at around it: each step may be taken again."""

    count: Count

    @classmethod
    def whole(cls, root: Any, count: Count) -> _Element:
        """Return the root of a page, whose elements count together."""
        made: _Element = cls.from_html_root(root)
        made.count = count
        return made

    def _steps(self, name: str) -> Iterator[_Element]:
        one = getattr(self, name)
        while one is not None:
            self.count.add("comparisons", 1, COMPARED)
            yield one
            one = getattr(one, name)

    @property
    def ancestors(self) -> Iterator[_Element]:
        """What the element stands in; the library keeps all of them for each element."""
        return self._steps("parent")

    @property
    def previous_siblings(self) -> Iterator[_Element]:
        """What stands before the element, within the same one."""
        return self._steps("previous")

    @property
    def etree_siblings(self) -> list[Any]:
        """All that stands beside the element, and the element."""
        if self.parent is not None:
            self.count.add("comparisons", len(self._beside), COMPARED)
        return self._beside

    @etree_siblings.setter
    def etree_siblings(self, beside: list[Any]) -> None:
        self._beside = beside

    def iter_children(self) -> Iterator[_Element]:
        """Yield what stands in the element."""
        for child in super().iter_children():
            child.count = self.count
            self.count.add("comparisons", _ANEW, COMPARED)
            yield child


@dataclass(slots=True)
class Styles:
    """What the sheets and the elements of a page declare.

    ``fonts`` are the families that the page brings with it, whose shapes nobody knows;
    ``named`` counts the sheets that it names and does not hold, ``unknown`` is what
    is declared for elements that nobody here can tell. Nothing is fetched.
    """

    root: Any
    count: Count
    fonts: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    named: int = 0
    _matcher: Matcher = field(default_factory=Matcher)
    _wrappers: dict[Any, ElementWrapper] = field(default_factory=dict)
    _known: dict[tuple[object, ...], dict[str, str]] = field(default_factory=dict)
    _found: dict[Any, dict[str, str]] = field(default_factory=dict)  # by element
    _is_plain: bool = True  # each selector asks for a tag, a class or an id, and nothing around

    def __post_init__(self) -> None:
        rules = 0
        for part in self.root.iter("link", "style"):
            if part.tag == "link":
                if "stylesheet" in (part.get("rel") or "").lower().split():
                    self._name(part.get("href") or "")
            elif not _is_for_paper(part.get("media") or ""):
                self.count.add("style_text", len(part.text or ""), SAID)
                sheet = tinycss2.parse_stylesheet(_parted(part.text or ""), True, True)
                rules += sum(self._add(rule) for rule in sheet)
        if rules and not self._is_plain:
            wrapped = _Element.whole(self.root, self.count)
            self._wrappers = {one.etree_element: one for one in wrapped.iter_subtree()}

    def _add(self, rule: Any) -> int:
        """Take up a rule and those that it holds, and return how many there are."""
        if rule.type == "qualified-rule":
            return self._add_selected(rule)
        if rule.type != "at-rule":
            return 0
        name = rule.lower_at_keyword
        if name == "import":
            self._name(tinycss2.serialize(rule.prelude))
        elif name == "font-face" and rule.content is not None:
            given = _declarations(tinycss2.serialize(rule.content))
            self.fonts |= {one.value.strip("\"' ") for one in given if one.name == "font-family"}
        elif name in _NESTED and rule.content is not None:
            if name == "media" and _is_for_paper(tinycss2.serialize(rule.prelude)):
                return 0
            return sum(map(self._add, tinycss2.parse_rule_list(rule.content, True, True)))
        return 0

    def _name(self, address: str) -> None:
        """Take note of a sheet that the page names; one that the address itself holds counts."""
        self.named += 1
        if "data:" in address.lower():
            self.unknown["stylesheet"] = address[:_OF_ADDRESS]

    def _add_selected(self, rule: Any) -> int:
        given = _declarations(tinycss2.serialize(rule.content))
        selectors = list(self._selectors(rule.prelude, given))
        for selector in selectors:
            self._matcher.add_selector(selector, given)
        return len(selectors)

    def _selectors(self, prelude: Sequence[Any], given: Sequence[Declaration]) -> Iterator[Any]:
        """Yield the selectors of a rule that are known; what others declare is for any element."""
        text = tinycss2.serialize(prelude)
        try:
            yield from compile_selector_list(prelude)
            self._is_plain &= _PLAIN.fullmatch(text) is not None
        except _NOT_COMPILED:
            parts = [list(part) for is_comma, part in groupby(prelude, _is_comma) if not is_comma]
            if len(parts) > 1:
                for part in parts:
                    yield from self._selectors(part, given)
            elif not _OF_PARTS.search(text):
                self.unknown |= {one.name: one.value for one in given}

    def of(self, element: Any) -> dict[str, str]:
        """Return what counts of all that is declared for an element, by property.

        What is declared for the text that a sheet puts before or behind it stands under
        ``::content``, what is declared for its first letter or line alone under
        ``first::PROPERTY``.
        """
        if element in self._found:
            return self._found[element]
        inline = element.get("style") or ""
        key: tuple[object, ...] = (element.tag, element.get("class"), element.get("id"), inline)
        if self._is_plain:  # then what stands around an element does not matter
            if key not in self._known:
                alone = _Element.whole(element, self.count)
                self._known[key] = self._values(self._matched(alone), inline)
        else:
            matched = self._matched(self._wrappers[element])
            key = (inline, *((pseudo, id(given)) for *_, pseudo, given in matched))
            if key not in self._known:
                self._known[key] = self._values(matched, inline)
        self._found[element] = self._known[key]
        return self._found[element]

    def _matched(self, element: _Element) -> list[tuple[Any, ...]]:
        """Return what the sheets have for an element, what counts most last."""
        own, tested = self._matcher, len(self._matcher.other_selectors)
        tested += len(own.lower_local_name_selectors.get(element.local_name.lower(), ()))
        tested += len(own.id_selectors.get(element.id, ()))
        tested += sum(len(own.class_selectors.get(name, ())) for name in element.classes)
        self.count.add("comparisons", tested, COMPARED)
        return list(own.match(element))

    def _values(self, matched: Sequence[tuple[Any, ...]], style: str) -> dict[str, str]:
        self.count.add("style_text", len(style), SAID)
        self.count.add("comparisons", sum(len(given) for *_, given in matched), COMPARED)
        return _values(matched, style)


def _values(matched: Sequence[tuple[Any, ...]], style: str) -> dict[str, str]:
    """Return what counts of what the sheets have for an element, and of its own style."""
    own = [given for *_, pseudo, given in matched if pseudo is None]
    values: dict[str, str] = {}
    for is_important in (False, True):
        for one in chain.from_iterable((*own, _declarations(style))):
            if one.is_important is is_important:
                values.pop(one.name, None)  # what counts most stands last
                values[one.name] = one.value
    beside = [given for *_, pseudo, given in matched if pseudo in _DRAWN_BEFORE_AND_AFTER]
    if texts := {d.value for given in beside for d in given if d.name == "content"}:
        values["::content"] = " ".join(sorted(texts))
    first = [given for *_, pseudo, given in matched if pseudo in _FIRST]
    return values | {f"first::{one.name}": one.value for given in first for one in given}


def _is_comma(token: Any) -> bool:
    return bool(token.type == "literal" and token.value == ",")


def _is_for_paper(media: str) -> bool:
    return media.strip().lower() == "print"


def _parted(text: str) -> str:
    """Return style text with its long numbers cut short: the library takes none of 4,300 digits."""
    return _LONG_NUMBER.sub(r"\1", text)


@lru_cache(maxsize=4096)
def _declarations(text: str) -> tuple[Declaration, ...]:
    return tuple(_declared(text))


def _declared(text: str) -> Iterator[Declaration]:
    if not text.strip():
        return
    for one in tinycss2.parse_blocks_contents(_parted(text), True, True):
        if one.type == "declaration":
            value = " ".join(tinycss2.serialize(one.value).split()).lower()
            yield Declaration(one.lower_name, value, one.important)
        elif one.type == "qualified-rule":  # rules within rules: what they choose is not known
            yield Declaration("&", "", False)
