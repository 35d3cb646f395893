"""The original with the cells of each finding marked, and notes that say what was found.

The marks are annotations: any reader shows, lists, prints and removes them, and the pages below
stay as they are; a picture becomes the page of a PDF first. Letters and numbers are those of
``schedules.numbered``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from io import BytesIO
from itertools import groupby
from math import ceil
from typing import Any

import pypdfium2
from pypdf import PdfReader

from auditkit import schedules
from auditkit.errors import DamagedError, UnsupportedError
from auditkit.files import digest_of
from auditkit.grid import Box
from auditkit.readers import kind_of
from auditkit.readers.page import file_from_display
from auditkit.readers.scan import as_pdf
from auditkit.reviewing import Review
from auditkit.workpapers.added import Annotation, reader_of, with_annotations, written_anew

# The colour of each letter, and the dashes of its frames, which differ in black and white too.
STYLES = {
    "E": ("0.64 0.05 0.15", "[]"),
    "W": ("0.7 0.38 0", "[6 2]"),
    "N": ("0.1 0.35 0.6", "[1 2]"),
    "R": ("0.4 0.2 0.6", "[7 2 1 2]"),
}
SIZE, MOST = 6.0, 3  # points of the type of markers, and how many findings one names
WIDTHS = {"E": 0.67, "N": 0.73, "R": 0.73, "W": 0.95, " ": 0.28, ".": 0.28}  # of its letters
DIGIT, GAP = 0.57, 1.4
LARGEST_PICTURE = 3000  # pixels a side, of the picture in which room for markers is looked for
SMALLEST_UNIT = 0.01  # points
LARGEST = 1 << 28  # bytes; several times as much memory is needed

# As PDF has it; 4 is the flag of what is printed, "ca" how much of the tint covers the cell.
ANNOTATION = """/Type /Annot /Subtype /Highlight /F 4 /C [{}] /T (auditkit) /NM ({})
/Rect [{}] /QuadPoints [{}] /Contents <{}>"""
LOOK = """/Type /XObject /Subtype /Form /BBox [0 0 {}] /Matrix [{} 0 0] /Resources <<
/ExtGState << /Tint << /ca 0.2 >> /Whole << /ca 1 >> >> /Font << /Bold << /Type /Font
/Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >> >>"""

_Cells = dict[Box, dict[str, tuple[bool, str]]]  # by number: whether in question, and the note


def annotated(source: bytes, reviews: Sequence[Review]) -> bytes:
    """Return the PDF that some reviews are of, with their findings marked on its pages.

    What is added follows the bytes of the original, which stay whole; a file that is locked
    against changes, or damaged, is written anew, and the pictures of a PNG, JPEG or TIFF are its
    pages. Raises UnsupportedError for a file that has no pages, DamagedError for one that is not
    what was reviewed or cannot be annotated.
    """
    document, kind = reviews[0].document, kind_of(source)
    if kind not in ("pdf", "image"):
        raise UnsupportedError.saying("only-pdf-annotated", name=document.name)
    is_other = digest_of(source) != document.sha256
    if is_other or len(source) > LARGEST:
        what = "pdf-changed" if is_other else "pdf-too-large"
        raise DamagedError.saying(what, name=document.name, most=LARGEST >> 20)
    source = as_pdf(source, document.name) if kind == "image" else source
    try:
        with closing(pypdfium2.PdfDocument(source)) as pdf:
            cells, reader, marks, counts = _cells(reviews), reader_of(source), {}, {}
            for number, boxes in groupby(sorted(cells), key=lambda box: box.page):
                page = pdf[number - 1]
                marks[number] = list(_marks(page, boxes, cells, _unit(reader, number)))
                counts[number] = len(marks[number]) + _annotations(page)
            try:
                return _verified(with_annotations(source, reader, marks), len(pdf), counts)
            except Exception:
                copy = BytesIO()
                pdf.save(copy, flags=pypdfium2.raw.FPDF_REMOVE_SECURITY)
                anew = written_anew(copy.getvalue())
                made = with_annotations(anew, reader_of(anew), marks)
                return _verified(made, len(pdf), counts)
    except Exception as error:  # pypdf takes damaged files in many ways; none may cost the review
        reason = str(error)
        raise DamagedError.saying("pdf-unannotated", name=document.name, reason=reason) from error


def _cells(reviews: Sequence[Review]) -> _Cells:
    """Return the cells that findings stand on, each with what they say of it, the worst first."""
    cells: _Cells = {}
    for number, review, finding, words in schedules.numbered_findings(reviews):
        said = (words["what was found"], words["arithmetic"], words["question"])
        note = "\n".join([f"{number}: {words['rule']}", *filter(None, said)])
        for at, entry in enumerate(finding.observation.evidence if not finding.suppressed else ()):
            for cell in entry.cells:
                if isinstance(cell.place, Box) and cell.document == review.document:
                    cells.setdefault(cell.place, {}).setdefault(number, (at == 0, note))
    return cells


def _unit(reader: PdfReader | None, number: int) -> float:
    """Return how many points the unit of a page is, which PDFium does not know."""
    with suppress(Exception):  # of a file that is too damaged for that, as of most, it is one
        return max(float(reader.pages[number - 1].user_unit), SMALLEST_UNIT) if reader else 1.0
    return 1.0


def _marks(page: Any, boxes: Iterable[Box], cells: _Cells, unit: float) -> Iterator[Annotation]:
    """Yield the annotation of each cell on a page.

    All is measured in points as they are shown, of which each ``unit`` of the page has so many.
    """
    of_display = file_from_display(page)
    to_file = pypdfium2.PdfMatrix(1 / unit, 0, 0, 1 / unit, 0, 0).multiply(of_display)
    scale = min(2.0, LARGEST_PICTURE / max(page.get_size()) / unit)
    ink = page.render(scale=scale * unit, grayscale=True).to_numpy().squeeze() < 192
    turn = (of_display.a, of_display.b, -of_display.c, -of_display.d)
    for at, own in enumerate(boxes, start=1):
        box = Box(own.page, *(unit * side for side in (own.left, own.top, own.right, own.bottom)))
        numbers, said = list(cells[own]), list(cells[own].values())
        more = [f"+{len(numbers) - MOST}"] if len(numbers) > MOST else []
        text, is_main = " ".join([*numbers[:MOST], *more]), any(is_main for is_main, _ in said)
        colour, dashes = STYLES[text[0]]
        marker = _marker(box, text, ink, scale)
        x, y = min(box.left, marker.left), max(box.bottom, marker.bottom)
        whole = Box(box.page, x, min(box.top, marker.top), max(box.right, marker.right), y)
        left, bottom, right, top = _corners(box, to_file)
        quad = _row(left, top, right, top, left, bottom, right, bottom)
        note = ("\ufeff" + "\n\n".join(note for _, note in said)).encode("utf-16-be").hex()
        rectangle, size = _row(*_corners(whole, to_file)), (whole.right - x, y - whole.top)
        name, frame = f"auditkit-{box.page}-{at}", _within(whole, box, GAP / 2)
        tint = f"/Tint gs {frame} f /Whole gs" if is_main else ""
        drawing = (
            f"{colour} rg {colour} RG {tint} {dashes} 0 d {GAP if is_main else GAP / 2} w {frame} S"
            f" [] 0 d 0.4 w 1 g {_within(whole, marker, 0.2)} B {colour} rg BT /Bold {SIZE} Tf"
            f" {_row(marker.left - x + 1.2, y - marker.bottom + 1.7)} Td ({text}) Tj ET"
        )
        annotation = ANNOTATION.format(colour, name, rectangle, quad, note)
        yield Annotation(annotation, LOOK.format(_row(*size), _row(*turn)), drawing)


def _marker(box: Box, text: str, ink: Any, scale: float) -> Box:
    """Find the place for a marker, in its cell or beside it, that hides least of the page."""
    wide, high = SIZE * sum(WIDTHS.get(char, DIGIT) for char in text) + 2.4, SIZE + 1.6

    def hidden(place: Box) -> Any:
        left, top = (max(0, int(at * scale)) for at in (place.left, place.top))
        return ink[top : ceil(place.bottom * scale), left : ceil(place.right * scale)]

    rows = (box.top + GAP, box.bottom - high - GAP, (box.top + box.bottom - high) / 2)
    sides = (box.right - wide - GAP, box.left + GAP, box.right, box.left - wide)
    places = [Box(box.page, x, y, x + wide, y + high) for x in sides for y in rows]
    best = min(places, key=lambda place: int(hidden(place).sum()))
    hidden(best)[:] = True
    return best


def _within(whole: Box, box: Box, inset: float) -> str:
    """Return a box as PDF draws it, upwards from the bottom left of the whole."""
    wide, high = box.right - box.left - 2 * inset, box.bottom - box.top - 2 * inset
    return (
        f"{_row(box.left - whole.left + inset, whole.bottom - box.bottom + inset, wide, high)} re"
    )


def _corners(box: Box, to_file: pypdfium2.PdfMatrix) -> tuple[float, ...]:
    return tuple(to_file.on_rect(box.left, box.top, box.right, box.bottom))


def _row(*numbers: float) -> str:
    return " ".join(f"{number:.2f}" for number in numbers)


def _annotations(page: Any) -> int:
    return int(pypdfium2.raw.FPDFPage_GetAnnotCount(page))


def _verified(data: bytes, pages: int, counts: Mapping[int, int]) -> bytes:
    """Return a written PDF once it is seen to open, with all its pages and annotations."""
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        known = {number: _annotations(pdf[number - 1]) for number in counts}
        if len(pdf) != pages or known != counts:
            raise ValueError("its pages or annotations do not come back as written")
    return data
