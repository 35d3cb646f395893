"""Degrade printed pages as paper comes to auditors: stamped scans, faxes, telephone pictures.

``degraded(kind, printed, seed)`` returns a file whose pages are pictures of what was printed, the
same bytes for the same seed. What the pages state stays what it was, but for figures that somebody
struck out: those are named. Any PDF file can be degraded; where its figures stand is told by spots.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from random import Random
from typing import Any

import cv2
import numpy as np
import pypdfium2
from camera import Shot, photographed
from inked import (
    PAPER,
    RED,
    Leaf,
    Spot,
    blacked,
    bled,
    creased,
    highlighted,
    punched,
    sealed,
    specks,
    struck,
    ticked,
    tinted,
    written,
)
from PIL import Image

TOTAL = re.compile(r"(?:\d+/)?total/score")
PICTURED = 220  # pixels an inch of paper in a picture of twelve megapixels that a page fills
_NEVER = time.gmtime(0)


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF file as it was printed, and where figures stand on its pages.

    A ``share`` of the dots that are usual draws its pages more coarsely, and quickly.
    """

    data: bytes = field(repr=False)
    spots: tuple[Spot, ...] = ()
    share: float = 1.0

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(pypdfium2.PdfDocument(self.data))

    def leaf(self, page: int, dots: float) -> Leaf:
        """Return a page, counted from one, as a picture."""
        dots *= self.share
        shown = pypdfium2.PdfDocument(self.data)[page - 1].render(scale=dots / 72).to_pil()
        own = tuple(spot for spot in self.spots if spot.page == page)
        return Leaf(np.asarray(shown.convert("RGB")), dots, own)


@dataclass(frozen=True, slots=True)
class Degraded:
    """A file of pictures, and what is to be known of its figures.

    ``struck`` names those that are not to count any more, ``touched`` those in whose cells
    something stands that is not printed.
    """

    data: bytes = field(repr=False)
    suffix: str
    pages: int
    struck: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scan:
    """How a page is scanned: modes are those of Pillow, ``1`` is black and white."""

    dots: int = 200
    skew: float = 0.3  # degrees, at most, either way
    mode: str = "RGB"
    quality: int = 80
    noise: float = 3.0


Marks = Callable[[Random, Leaf, Printed], Leaf]


def as_printed(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    """Leave a page as it is."""
    return leaf


def _some(rng: Random, leaf: Leaf, most: int) -> list[Spot]:
    return rng.sample(leaf.spots, min(most, len(leaf.spots)))


def _sealed(rng: Random, leaf: Leaf, printed: Printed, *, on_total: bool = False) -> Leaf:
    """Seal the page that has the total, or each page; without a total a figure is sealed."""
    if on_total and any(TOTAL.fullmatch(spot.name) for spot in printed.spots):
        spots = [spot for spot in leaf.spots if TOTAL.fullmatch(spot.name)]
        return sealed(rng, leaf, spots[0]) if spots else leaf
    return sealed(rng, leaf, next(iter(_some(rng, leaf, 1)), None), RED)


def _bled(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    back = printed.leaf(rng.randint(1, printed.pages), leaf.dots / printed.share)
    return bled(rng, leaf, back.picture)


def _written(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return written(rng, leaf, _some(rng, leaf, 3))


def _struck(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return struck(rng, leaf, _some(rng, leaf, 3))


def _ticked(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return ticked(rng, leaf, _some(rng, leaf, 12))


def _highlighted(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return highlighted(rng, leaf, _some(rng, leaf, 6))


def _blacked(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return blacked(rng, leaf, _some(rng, leaf, 4))


def _tinted(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return tinted(rng, leaf)


def _creased(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return creased(rng, leaf)


def _punched(rng: Random, leaf: Leaf, printed: Printed) -> Leaf:
    return punched(rng, leaf)


def _on_glass(rng: Random, leaf: Leaf, scan: Scan) -> Image.Image:
    """Scan a page: a little askew, soft, with dirt on the glass and one side darker."""
    image = Image.fromarray(leaf.picture)
    angle = rng.uniform(0.5, 1) * scan.skew * rng.choice((-1, 1))
    image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(PAPER,) * 3)
    shades = cv2.GaussianBlur(np.asarray(image, np.float32), (0, 0), 0.45 + leaf.dots / 900)
    shades *= np.linspace(0.98, rng.uniform(0.9, 0.97), shades.shape[1])[:, None]
    shades += specks(rng, (*shades.shape[:2], 1), scan.noise)
    image = Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
    if scan.mode != "1":
        return image.convert(scan.mode)
    limit = rng.randint(140, 175)
    return image.convert("L").point(lambda shade: 255 * (shade > limit), "1")


def scanned(
    marks: Marks, rng: Random, printed: Printed, *, as_tiff: bool = False, **how: Any
) -> Degraded:
    """Put marks on each page and scan it."""
    scan = Scan(**how)
    leaves = [
        marks(rng, printed.leaf(page, scan.dots), printed) for page in range(1, printed.pages + 1)
    ]
    images = [_on_glass(rng, leaf, scan) for leaf in leaves]
    how_well = {} if scan.mode == "1" else {"quality": scan.quality}
    data = (_tiff if as_tiff else _pdf)(images, leaves[0].dots, **how_well)
    return _of(leaves, data, "tif" if as_tiff else "pdf", len(images))


def _of(leaves: Sequence[Leaf], data: bytes, suffix: str, pages: int) -> Degraded:
    gone = frozenset[str]().union(*(leaf.struck for leaf in leaves))
    touched = frozenset[str]().union(*(leaf.touched for leaf in leaves))
    return Degraded(data, suffix, pages, gone, touched)


def _pdf(images: Sequence[Image.Image], dots: float, **how_well: int) -> bytes:
    file, rest = BytesIO(), list(images[1:])
    images[0].save(
        file,
        "PDF",
        resolution=dots,
        save_all=True,
        append_images=rest,
        creationDate=_NEVER,
        modDate=_NEVER,
        **how_well,
    )
    return file.getvalue()


def _tiff(images: Sequence[Image.Image], dots: float) -> bytes:
    file, rest = BytesIO(), list(images[1:])
    dpi = (round(dots), round(dots))
    images[0].save(file, "TIFF", compression="group4", dpi=dpi, save_all=True, append_images=rest)
    return file.getvalue()


Shooting = Callable[[Random], Shot]


def pictured(shooting: Shooting, rng: Random, printed: Printed, *, at_once: int = 1) -> Degraded:
    """Photograph each page, or as many at once as lie side by side like in an open book."""
    leaves = [printed.leaf(page, PICTURED) for page in range(1, printed.pages + 1)]
    images = []
    for first in range(0, len(leaves), at_once):
        spread = _side_by_side(leaves[first : first + at_once])
        images.append(Image.fromarray(photographed(rng, spread, shooting(rng))))
    quality = rng.randint(78, 92)
    if len(images) > 1:
        return _of(leaves, _pdf(images, leaves[0].dots, quality=quality), "pdf", len(images))
    file = BytesIO()
    images[0].save(file, "JPEG", quality=quality)
    return _of(leaves, file.getvalue(), "jpg", 1)


def _side_by_side(leaves: Sequence[Leaf]) -> Leaf:
    """Lay pages side by side; their spots are of no more use."""
    if len(leaves) == 1:
        return leaves[0]
    high = max(leaf.size[1] for leaf in leaves)
    paper = np.full((high, sum(leaf.size[0] for leaf in leaves), 3), PAPER, np.uint8)
    left = 0
    for leaf in leaves:
        wide, own = leaf.size
        paper[:own, left : left + wide] = leaf.picture
        left += wide
    return Leaf(paper, leaves[0].dots)


def _shot(rng: Random, **most: Any) -> Shot:
    """Draw how a picture is taken: each between some and most of what is given."""
    flat = Shot(tilt=rng.uniform(0.3, 1.5), turn=rng.uniform(-1.5, 1.5))
    drawn = {
        name: rng.uniform(*of) if isinstance(of, tuple) else rng.choice(of)
        for name, of in most.items()
    }
    return replace(flat, **drawn)


def _mixed(rng: Random, printed: Printed) -> Degraded:
    """Scan every other page, and leave the rest as text."""
    from pypdf import PdfReader, PdfWriter

    paper, book = scanned(as_printed, rng, printed), PdfWriter()
    files = [PdfReader(BytesIO(one)) for one in (printed.data, paper.data)]
    for number in range(printed.pages):
        book.add_page(files[number % 2].pages[number])
    return replace(paper, data=_saved(book))


def _saved(book: Any) -> bytes:
    file = BytesIO()
    book.write(file)
    return file.getvalue()


def _layered(rng: Random, printed: Printed, *, lies: bool) -> Degraded:
    """Scan a file, and lay a text over it that nobody sees: right, or with other digits."""
    from pypdf import PdfReader, PdfWriter

    paper, book = scanned(as_printed, rng, printed, skew=0.0), PdfWriter()
    text = PdfReader(BytesIO(_unseen(rng, printed, lies=lies)))
    book.append(BytesIO(paper.data))
    for number, page in enumerate(book.pages):
        page.merge_page(text.pages[number])
    return replace(paper, data=_saved(book))


def _unseen(rng: Random, printed: Printed, *, lies: bool) -> bytes:
    """Set the lines of a file where they stand, without any ink."""
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
    from reportlab.pdfgen.canvas import Canvas

    registerFont(UnicodeCIDFont(font := "STSong-Light"))
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    for page in pypdfium2.PdfDocument(printed.data):
        canvas.setPageSize(page.get_size())
        text = page.get_textpage()
        for number in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(number)
            line = text.get_text_bounded(left, bottom, right, top).strip()
            if lies and rng.random() < 0.4:
                line = re.sub(r"[1-8]", lambda digit: str(int(digit[0]) + 1), line, count=1)
            ink = canvas.beginText(left, bottom + 0.12 * (top - bottom))
            ink.setTextRenderMode(3)
            ink.setFont(font, size := max(1.0, top - bottom))
            ink.setHorizScale(100 * (right - left) / max(1.0, stringWidth(line, font, size)))
            ink.textLine(line)
            canvas.drawText(ink)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Kind:
    """A way in which paper comes, and how many forms and pages without one its file is made of."""

    make: Callable[[Random, Printed], Degraded]
    forms: int = 1
    pages: int = 0  # in all, nought for those of the forms


def _scan(marks: Marks = as_printed, **how: Any) -> Kind:
    return Kind(partial(scanned, marks, **how))


def _picture(**most: Any) -> Kind:
    return Kind(partial(pictured, partial(_shot, **most)))


_ALL = {
    "tilt": (5, 12),
    "bend": (8, 20),
    "turn": (-4, 4),
    "shadow": (0.3, 0.5),
    "blur": (0.08, 0.13),
    "noise": (4, 9),
    "fingers": [0, 1, 2],
}
_BOOK = partial(_shot, tilt=(1, 4), bend=(8, 20))
SCANS = {
    "scan of 300 dots": _scan(dots=300),
    "scan of 200 dots": _scan(),
    "scan of 150 dots": _scan(dots=150, mode="L"),
    "scan of 100 dots": _scan(dots=100, mode="L"),
    "askew": _scan(skew=4.5),
    "much compressed": _scan(quality=14),
    "fax": _scan(mode="1", as_tiff=True),
    "bleed-through": _scan(_bled),
    "punched": _scan(_punched, mode="L"),
    "red seal": _scan(_sealed),
    "grey seal": _scan(_sealed, mode="L"),
    "black seal": _scan(_sealed, mode="1", dots=300),
    "red seal on total": _scan(partial(_sealed, on_total=True)),
    "grey seal on total": _scan(partial(_sealed, on_total=True), mode="L"),
    "black seal on total": _scan(partial(_sealed, on_total=True), mode="1", dots=300),
    "pen strokes": _scan(_written),
    "struck figures": _scan(_struck),
    "ticks": _scan(_ticked),
    "highlighter": _scan(_highlighted),
    "highlighter in grey": _scan(_highlighted, mode="L", dots=150),
    "blacked out": _scan(_blacked),
    "tinted rows": _scan(_tinted),
    "creased": _scan(_creased),
}
PICTURES = {
    "flat picture": _picture(),
    "perspective": _picture(tilt=(5, 15)),
    "open book": _picture(tilt=(1, 4), bend=(8, 20)),
    "shadow": _picture(shadow=(0.35, 0.6)),
    "moire": _picture(moire=(0.06, 0.14)),
    "blur": _picture(blur=(0.14, 0.24)),
    "noise": _picture(noise=(12, 24)),
    "fingers": _picture(fingers=[1, 2, 3]),
    "turned": _picture(quarters=[1, 2, 3]),
    "two pages at once": Kind(partial(pictured, _BOOK, at_once=2), forms=2),
    "telephone": _picture(tilt=(5, 8), bend=(2, 6), shadow=(0.2, 0.4), noise=(2, 5)),
    "all together": _picture(**_ALL),
}
FILES = {
    "twenty pages": Kind(partial(scanned, as_printed, dots=150, mode="L"), forms=3, pages=20),
    "text and scans": Kind(_mixed, forms=2),
    "right layer": Kind(partial(_layered, lies=False)),
    "lying layer": Kind(partial(_layered, lies=True)),
}
KINDS = {**SCANS, **PICTURES, **FILES}


def degraded(kind: str, printed: Printed, seed: int) -> Degraded:
    """Return a printed file as it comes; the same kind and seed always give the same."""
    return KINDS[kind].make(Random(f"{seed} {kind}"), printed)
