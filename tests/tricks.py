"""Forms in which a figure is shown otherwise than the file says, by the thousand.

Each input is made of a kind and a number: a small form, one value of which is set in pieces, each
shown or hidden by some trick, so that it is known what a person sees. What is read is either that,
or not sure. ``python tests/tricks.py --count 20000`` measures it; ``--kind html --only 17`` prints
one input and what was read of it.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [path for path in (str(ROOT), str(ROOT.parent / "data")) if path not in sys.path]

import trick_books  # noqa: E402
import trick_pages  # noqa: E402
import trick_words  # noqa: E402
from trick_forms import NAME, Piece, pieces, seen_of, whole_page  # noqa: E402

from auditkit.errors import AuditkitError  # noqa: E402
from auditkit.reviewing import read_bytes  # noqa: E402

# --- Web pages: what hides a piece, and what leaves it as it is.

HIDES = (
    "display:none", "visibility:hidden", "opacity:0", "opacity:.02", "font-size:0", "font-size:1px",
    "color:#fff", "color:transparent", "color:rgba(0,0,0,0)", "color:white", "font:0/0 serif",
    "position:absolute;left:-9999px", "position:absolute;clip:rect(0,0,0,0)", "text-indent:-999px",
    "display:inline-block;width:0;overflow:hidden", "display:inline-block;height:0;overflow:hidden",
    "transform:scale(0)", "clip-path:inset(100%)", "filter:opacity(0)", "zoom:0.01",
    "color:hsl(0 0% 100%)", "background:#000;color:#000", "-webkit-text-fill-color:transparent",
    "content-visibility:hidden", "letter-spacing:-1em;color:#fff",
    "mask:linear-gradient(#0000,#0000)",
    "outline:30px solid #fff;outline-offset:-30px",
    "max-width:0;overflow:hidden;display:inline-block",
)  # fmt: skip
SHOWS = (
    "", "font-weight:bold", "color:#333", "color:navy", "font-size:14px", "font-size:9pt",
    "padding:1px", "border:1px solid", "text-align:center", "background:#ffc",
    "letter-spacing:.5px",
    "white-space:nowrap", "vertical-align:middle", "font-family:SimSun", "line-height:1.5",
    "text-decoration:underline", "font-style:italic", "margin:0 2px", "opacity:1", "display:inline",
)  # fmt: skip
STRIKES = ("text-decoration:line-through", "text-decoration-line:line-through")
HIDING_TAGS = ("noembed", "noframes", "template", "datalist", "noscript", "dialog", "title")
_WRAPS = ("b", "i", "font", "em", "span", "small", "label", "nobr", "u", "acronym", "kbd")


@dataclass
class _Sheet:
    """A style sheet that grows with what is declared of classes and ids."""

    noise: Random
    rules: list[str]

    def marked(self, text: str, style: str) -> str:
        """Return text as it is declared so: by the element itself, a class, an id or one around."""
        name, bang = f"k{len(self.rules)}", self.noise.choice(("", " !important"))
        tag, said = self.noise.choice(_WRAPS), ";".join(f"{p}{bang}" for p in style.split(";") if p)
        if tag == "u" and "text-decoration" in style:
            tag = "span"
        match self.noise.randrange(5):
            case 0:
                return f'<{tag} style="{escape(style)}">{text}</{tag}>'
            case 1:
                self.rules.append(f".{name}{{{said}}}")
                return f"<{tag} class={name}>{text}</{tag}>"
            case 2:
                self.rules.append(f"#{name}{{{said}}}")
                return f"<{tag} id={name}>{text}</{tag}>"
            case 3:
                self.rules.append(f"td .{name} > {tag}{{{said}}}")
                return f"<span class={name}><{tag}>{text}</{tag}></span>"
            case _:
                self.rules.append(f"@media all{{.{name}{{{said}}}}}")
                return f"<span class={name}>{text}</span>"


def html(noise: Random) -> tuple[bytes, str]:
    """Return a web page, and what a person sees in its cell."""
    sheet = _Sheet(noise, [])
    parts = pieces(noise)
    cell = "".join(_of_page(part, sheet, noise) for part in parts)
    style = "".join(sheet.rules)
    return whole_page(cell, f"<style>{style}</style>" if style else ""), seen_of(parts)


def _of_page(part: Piece, sheet: _Sheet, noise: Random) -> str:
    text = escape(part.text)
    if part.how == "shown":
        return sheet.marked(text, style) if (style := noise.choice(SHOWS)) else text
    if part.how == "struck":
        tag = noise.choice(("s", "del", "strike", ""))
        return f"<{tag}>{text}</{tag}>" if tag else sheet.marked(text, noise.choice(STRIKES))
    match noise.randrange(8):
        case 0:
            tag = noise.choice(HIDING_TAGS)
            return f"<{tag}>{text}</{tag}>"
        case 1:
            return (
                f"<span {noise.choice(('hidden', 'popover', 'hidden=until-found'))}>{text}</span>"
            )
        case 2:
            return f"<input type=hidden value='{text}'><!--{text}-->"
        case _:
            return sheet.marked(text, noise.choice(HIDES))


MAKERS: dict[str, Callable[[Random], tuple[bytes, str]]] = {
    "html": html,
    "docx": trick_words.docx,
    "xlsx": trick_books.xlsx,
    "pdf": trick_pages.pdf,
}
SHARES = {
    "html": 9,
    "docx": 5,
    "xlsx": 4,
    "pdf": 2,
}  # how a count is shared out: slow ones get less


def made(kind: str, number: int) -> tuple[bytes, str]:
    """Return an input by its number, and what a person sees of its value."""
    return MAKERS[kind](Random(f"{kind}/{number}"))


@dataclass(frozen=True)
class Came:
    """What came of one input: what was read, whether it is sure, and what is seen."""

    text: str | None
    is_sure: bool
    seen: str

    @property
    def outcome(self) -> str:
        """Which of four: right, right and doubted, doubted, or sure and wrong."""
        is_right = _plain(self.text) == _plain(self.seen)
        if self.is_sure:
            return "right" if is_right else "wrong and sure"
        return "right, doubted" if is_right else "doubted"


def came_of(kind: str, number: int) -> Came:
    """Read an input through to its form."""
    data, seen = made(kind, number)
    try:
        (form,) = read_bytes(data, f"{number}.{kind}")
    except AuditkitError:
        return Came(None, is_sure=False, seen=seen)
    row = next((r for r in form.indicators if r.name and _plain(r.name.text) == NAME), None)
    if row is None:  # the row is gone: right where none is seen
        return Came(None, is_sure=not form.notes, seen=seen)
    entry = row.actual
    return Came(entry.text if entry else None, entry is None or entry.is_sure, seen)


def _plain(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def wrong(kind: str, numbers: range) -> Iterator[tuple[int, Came]]:
    """Yield the inputs of which something else is sure than a person sees."""
    for number in numbers:
        came = came_of(kind, number)
        if came.outcome == "wrong and sure":
            yield number, came


def main(arguments: Sequence[str] | None = None) -> int:
    """Put tricks to the readers, print what came of them by kind, and return 1 if one passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=20_000, help="inputs over all kinds")
    parser.add_argument("--kind", choices=MAKERS, action="append")
    parser.add_argument("--start", type=int, default=0, help="number of the first input")
    parser.add_argument("--only", type=int, help="number of the one input to print")
    options = parser.parse_args(arguments)
    kinds = options.kind or list(MAKERS)
    if options.only is not None:
        sys.stdout.buffer.write(made(kinds[0], options.only)[0] + b"\n")
        sys.stdout.write(f"{came_of(kinds[0], options.only)}\n")
        return 0
    bad, shares = 0, sum(SHARES[kind] for kind in kinds)
    for kind in kinds:
        outcomes, count = Counter[str](), options.count * SHARES[kind] // shares
        for number in range(options.start, options.start + count):
            outcomes[(came := came_of(kind, number)).outcome] += 1
            if came.outcome == "wrong and sure":
                sys.stdout.write(f"  {kind} #{number}: {came.text!r} read, {came.seen!r} seen\n")
        bad += outcomes["wrong and sure"]
        told = ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items()))
        sys.stdout.write(f"{kind:5} {count:6} inputs: {told}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{bad} wrong and sure\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
