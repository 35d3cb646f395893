"""What is filled into a PDF page rather than printed on it: form fields, notes and stamps.

A viewer draws them over the page from drawings of their own. These are made part of the page here,
so that what stands in them is read, and looked at, as all that is printed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

_NEVER_SHOWN = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_NOTHING = 2  # bytes of a text that is only its end


def filled_in(pdf: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
    """Return a page, open, with what is filled into it as a part of it, where all of that is drawn.

    Otherwise it is left as it is: ``undrawn`` says where.
    """
    page = pdf[index]
    if not any(True for _ in _notes(page)) or any(True for _ in undrawn(page)):
        return page
    if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) != pdfium.FLATTEN_SUCCESS:
        return page
    page.close()
    return pdf[index]


def undrawn(page: pypdfium2.PdfPage) -> Iterator[tuple[float, float, float, float]]:
    """Yield the sides of what says something and has no drawing, which each viewer makes itself."""
    for note in _notes(page):
        drawing = pdfium.FPDFAnnot_GetAP(note, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
        sides = pdfium.FS_RECTF()
        if (
            drawing <= _NOTHING
            and _says(note)
            and pdfium.FPDFAnnot_GetRect(note, ctypes.byref(sides))
        ):
            yield sides.left, sides.bottom, sides.right, sides.top


def _notes(page: pypdfium2.PdfPage) -> Iterator[Any]:
    """Yield what is laid over a page, save links."""
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if note:
            try:
                if pdfium.FPDFAnnot_GetSubtype(note) not in _NEVER_SHOWN:
                    yield note
            finally:
                pdfium.FPDFPage_CloseAnnot(note)


def _says(note: Any) -> bool:
    """Tell whether a note has words, or a field a value: its own, or the one it is a part of."""
    if any(_holds(note, key) for key in (b"V", b"Contents")):
        return True
    whole = pdfium.FPDFAnnot_GetLinkedAnnot(note, b"Parent")
    if not whole:
        return False
    try:
        return _holds(whole, b"V")
    finally:
        pdfium.FPDFPage_CloseAnnot(whole)


def _holds(note: Any, key: bytes) -> bool:
    return bool(pdfium.FPDFAnnot_GetStringValue(note, key, None, 0) > _NOTHING)
