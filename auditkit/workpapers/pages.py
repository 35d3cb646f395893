"""Pictures of the pages of a PDF, small enough that many of them fit into one file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from auditkit.grid import Box
from auditkit.readers.glyphs import lacks_text
from auditkit.readers.page import is_picture, read_page, upright_text
from auditkit.redaction import Redaction

SHARPNESS, LARGEST_SIDE = 2.35, 2000  # pixels a point, and pixels
_LARGEST = 400_000  # bytes of a picture that is kept without loss; those of scans are larger
GREYS = 16  # of a picture without loss, four bits each
_RUNS = 3  # of one grey are all that is packed: WebP took eight times as long for two thirds


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as it is shown: its sides in points, and an address that holds the picture."""

    width: float
    height: float
    address: str


def pictures(
    source: bytes, numbers: Iterable[int], redaction: Redaction | None, masked: Iterable[Box] = ()
) -> dict[int, PagePicture]:
    """Draw pages of a PDF by their numbers, which count from one, in greys.

    With ``redaction`` the boxes ``masked``, what is personal in the text and all pictures on a
    page are blacked out; a page whose text cannot be searched for it is left out.
    """
    import pypdfium2

    found, boxes = {}, list(masked)
    with closing(pypdfium2.PdfDocument(source)) as pdf:
        for number in sorted(set(numbers)):
            page = pdf[number - 1]
            black = list(_personal(page, number, redaction)) if redaction else []
            if redaction is None or not (is_picture(page) or _is_mute(page)):
                here = (box for box in (*boxes, *black) if box.page == number)
                found[number] = _picture(page, list(here), is_redacted=redaction is not None)
            page.close()
    return found


def _picture(page: Any, black: Iterable[Box], *, is_redacted: bool) -> PagePicture:
    from PIL import ImageDraw

    wide, high = page.get_size()
    scale = min(SHARPNESS, LARGEST_SIDE / max(wide, high))
    image = page.render(scale=scale, grayscale=True, draw_annots=not is_redacted).to_pil()
    pen = ImageDraw.Draw(image)
    for box in black:
        sides = (box.left - 1, box.top - 1, box.right + 1, box.bottom + 1)
        pen.rectangle([side * scale for side in sides], fill=0)
    kind, data = "png", _few_greys(image)
    if len(data) > _LARGEST:
        lossy = BytesIO()
        image.save(lossy, "WEBP", quality=45)
        kind, data = min((kind, data), ("webp", lossy.getvalue()), key=lambda made: len(made[1]))
    address = f"data:image/{kind};base64,{b64encode(data).decode()}"
    return PagePicture(round(wide, 2), round(high, 2), address)


def _few_greys(image: Any) -> bytes:
    from PIL import Image

    greys = image.point([value * GREYS // 256 for value in range(256)]).tobytes()
    few, data = Image.frombytes("P", image.size, greys), BytesIO()
    few.putpalette([side for grey in range(GREYS) for side in (grey * 17,) * 3])
    few.save(data, "PNG", bits=4, compress_type=_RUNS)
    return data.getvalue()


def _personal(page: Any, number: int, redaction: Redaction) -> Iterator[Box]:
    """Yield where on a page, as it is shown, something personal or a picture stands."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    shown = page.get_rotation()
    with closing(upright_text(page)) as text:
        upright, frame = read_page(page, text, number, shown // 90)
    page.set_rotation(shown)
    ends = (*(glyph.base for glyph in upright.glyphs[1:]), 0)
    lined = zip(upright.glyphs, ends, strict=False)
    whole = [(char, g) for g, end in lined for char in (g.text, *["\n"] * (abs(end - g.base) > 3))]
    for at in redaction.hidden("".join(char for char, _ in whole)):
        yield upright.displayed(*whole[at][1][1:5])
    for part in page.get_objects([FPDF_PAGEOBJ_IMAGE]):
        yield upright.displayed(*frame.on_rect(*part.get_bounds()))


def _is_mute(page: Any) -> bool:
    with closing(page.get_textpage()) as text:
        return not text.count_chars() or lacks_text(page, text)
