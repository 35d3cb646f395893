"""What a browser makes of the elements of a web page by itself: which it shows, and as what."""

from __future__ import annotations

from typing import Any

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.flow import count_in
from auditkit.readers.prompts import is_prompt

PICTURE = Doubt(DoubtKind.PICTURE)
# What a browser shows nothing of, or something else than the text in it.
UNSEEN = {
    "area", "base", "basefont", "datalist", "head", "link", "meta", "noembed", "noframes",
    "noscript", "param", "rp", "script", "source", "style", "template", "title", "track",
}  # fmt: skip
# What is drawn, and is no text that can be read.
PICTURES = {
    "img", "svg", "canvas", "video", "audio", "object", "embed", "iframe", "picture", "meter",
    "progress", "applet",
}  # fmt: skip
# What stands on lines of its own; all else, known or not, runs on in the line.
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
    "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html",
    "legend", "li", "listing", "main", "marquee", "menu", "nav", "ol", "optgroup", "option", "p",
    "plaintext", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul", "xmp",
}  # fmt: skip
# Drawn in two dimensions, or over the line: their text is read and not where it is seen.
SET = {"math": "math", "rt": "ruby", "rtc": "ruby"}
_BOXES = ("checkbox", "radio")
_MASKED = ("password", "range", "color", "file", "image")  # what is shown is not the value
_BUTTONS = {"submit": "提交", "reset": "重置"}  # what they show that say nothing


def hides(element: Any) -> bool:
    """Tell whether an element is not shown by what it is, as long as nobody opens it."""
    if element.get("hidden") is not None or element.get("popover") is not None:
        return True
    return element.tag in ("details", "dialog") and element.get("open") is None


def is_head_of_closed(element: Any) -> bool:
    """Tell whether an element is the line that is shown of details that are closed."""
    parent = element.getparent()
    if element.tag != "summary" or parent is None or parent.tag != "details":
        return False
    return parent.find("summary") is element


def shown_by(field: Any) -> tuple[str, tuple[Doubt, ...]] | None:
    """Return what a field to fill in shows and why that is not sure, ``None`` for all else."""
    if field.tag == "input":
        return _input(field)
    if field.tag == "textarea":
        return str(field.text or ""), () if field.text else _hinted(field)
    return _choice(field) if field.tag == "select" else None


def _input(field: Any) -> tuple[str, tuple[Doubt, ...]]:
    kind, value = (field.get("type") or "text").strip().lower(), field.get("value") or ""
    if kind in _BOXES:
        return "☑" if field.get("checked") is not None else "□", ()
    if kind == "hidden":
        return "", ()
    if kind in _MASKED:
        return "", (PICTURE,)
    return (value, ()) if value else (_BUTTONS.get(kind, ""), _hinted(field))


def _hinted(field: Any) -> tuple[Doubt, ...]:
    """Return the doubt of a blank field that shows a hint in it, which may look like a value."""
    hint = field.get("placeholder") or ""
    is_odd = hint.strip() and not is_prompt(hint)
    return (Doubt.of(DoubtKind.DECLARED, property="placeholder"),) if is_odd else ()


def _choice(field: Any) -> tuple[str, tuple[Doubt, ...]]:
    """Return the choice that a list shows: the last that is marked, or the first that may be."""
    options = list(field.iter("option"))
    marked = [one for one in options if one.get("selected") is not None]
    if field.get("multiple") is not None or count_in(field.get("size")) > 1:  # all are shown
        doubt = Doubt.of(DoubtKind.DECLARED, property="select")
        return " ".join(map(_label, marked)), (doubt,) if options else ()
    free = (one for one in options if one.get("disabled") is None and not _is_barred(one))
    chosen = marked[-1] if marked else next(free, None)
    return ("" if chosen is None else _label(chosen)), ()


def _is_barred(option: Any) -> bool:
    group = option.getparent()
    return group.tag == "optgroup" and group.get("disabled") is not None


def _label(option: Any) -> str:
    return option.get("label") or str(option.text_content())


def marker_of(item: Any) -> str:
    """Return the number that stands before an item of a numbered list, empty for any other."""
    above = item.getparent()
    if item.tag != "li" or above is None or above.tag != "ol":
        return ""
    items = [one for one in above if one.tag == "li"]
    start, is_down = count_in(above.get("start")), above.get("reversed") is not None
    if is_down and above.get("start") is None:
        start = len(items)
    number = start
    for one in items:
        number = count_in(one.get("value"), number)
        if one is item:
            break
        number += -1 if is_down else 1
    return f"{number}. "
