"""A picture that a notebook shows, and what it says in words beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, Template

from auditkit import schedules
from auditkit.wording import Term, language, put

if TYPE_CHECKING:
    from PIL.Image import Image

CONTENT = "content"  # what a PNG keeps the digest of what it shows under
SHADES = 32  # enough for print and frames, and a quarter of the size


class Themed:
    """What a notebook shows as HTML, in its colours and language, made by ``notebook.html``.

    ``first`` is said before all else: a verdict, or what a table is about.
    """

    lang: str
    first: str = ""

    def _repr_html_(self) -> str:
        said = {"put": put, "tag": schedules.tag, "nothing": Term("nothing")}
        return _template().render(shown=self, lang=self.lang, **said)


class Drawing(Themed):
    """A picture with what it says in words as its alternative text.

    ``text`` lists what is drawn, a line each, taken from what was drawn, so that a saved notebook
    can be read aloud and two of them be compared; ``first`` is the verdict that stands above.
    ``data`` is the picture, an SVG or PNG file as ``kind`` says.
    """

    def __init__(
        self,
        data: bytes,
        kind: str,
        caption: str,
        text: Sequence[str] = (),
        *,
        first: str = "",
        lang: str = "",
    ) -> None:
        self.data, self.kind, self.caption, self.text = data, kind, caption, tuple(text)
        self.first, self.lang = first, lang or language()
        self.pictures = (self,)

    @property
    def image(self) -> str:
        """The picture alone, as an element of a page that needs no other file."""
        said = "\n".join((self.caption, *self.text))
        source = f"data:image/{self.kind};base64,{b64encode(self.data).decode()}"
        return f'<img style="max-width:100%;height:auto" alt="{escape(said)}" src="{source}">'

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self.first, self.caption, *self.text)))


class Pages(Themed):
    """Pictures of some pages, one below the other."""

    def __init__(self, pictures: Iterable[Drawing], lang: str = "") -> None:
        self.pictures, self.lang = tuple(pictures), lang or language()

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.pictures))


class Several(Themed):
    """What is shown of several things, one below the other."""

    def __init__(self, parts: Iterable[Themed], lang: str = "") -> None:
        self.parts, self.lang = tuple(parts), lang or language()

    def _repr_html_(self) -> str:
        return "\n".join(part._repr_html_() for part in self.parts)

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.parts))


def png_of(image: Image, *shows: str) -> bytes:
    """Return a small PNG whose head has the digest of what it shows.

    Two renderings of a page differ by the fonts of a machine; what they show does not. Saved
    notebooks are compared by that head, which a picture that was swapped or painted over lacks.
    """
    from PIL.PngImagePlugin import PngInfo

    known, small = PngInfo(), BytesIO()
    known.add_text(CONTENT, sha256("\x1f".join(shows).encode()).hexdigest())
    image.convert("RGB").quantize(SHADES).save(small, "png", optimize=True, pnginfo=known)
    return small.getvalue()


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("notebook.html")
