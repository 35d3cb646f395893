"""Annotations added behind the bytes of a PDF, which stay whole, as PDF calls an update.

Only pages that get some are read: to copy all objects of a file takes longer than its review.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from itertools import chain, count, groupby
from typing import NamedTuple

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, IndirectObject, NameObject, PdfObject

# pypdf says on standard error what it mends; what it could not is seen by opening the result.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


class Annotation(NamedTuple):
    """An annotation in the words of PDF, without page and appearance, and what draws that."""

    said: str
    look: str
    drawing: str


Annotations = Mapping[int, Sequence[Annotation]]  # by page
_Places = dict[int, tuple[int, int]]  # where an object begins, and its generation, by number


def reader_of(source: bytes) -> PdfReader | None:
    """Return what finds the objects of a file, unless that is too damaged for it."""
    with suppress(Exception):  # pypdf takes damaged files in many ways
        return PdfReader(BytesIO(source))
    return None


def written_anew(source: bytes) -> bytes:
    """Return a file that is whole without what nobody needs to read it, the same in each run."""
    writer, result = PdfWriter(BytesIO(source)), BytesIO()
    writer._ID = None  # PDFium makes one up at random
    writer.write(result)
    return result.getvalue()


def with_annotations(source: bytes, reader: PdfReader | None, annotations: Annotations) -> bytes:
    """Return a file with annotations on its pages, beside those that are there.

    Raises ValueError, or what pypdf raises, where nothing can be added to it.
    """
    if reader is None or reader.is_encrypted:
        raise ValueError("nothing can be added to it")
    known = chain(reader.xref_objStm, *reader.xref.values())
    made, places, free = BytesIO(), _Places(), count(1 + max(known))
    made.write(source + b"\n")

    def add(number: int, text: bytes, generation: int = 0) -> None:
        places[number] = made.tell(), generation
        made.write(b"%d %d obj\n%b\nendobj\n" % (number, generation, text))

    for at, own in annotations.items():
        page = reader.pages[at - 1]
        if (whose := page.indirect_reference) is None:
            raise ValueError("a page stands for itself")
        before = page.get("/Annots")
        listed = ArrayObject(before.get_object() if before is not None else ())
        for one in own:
            look, note = next(free), next(free)
            size = f"/Length {len(one.drawing)}"
            add(look, f"<< {one.look} {size} >>\nstream\n{one.drawing}\nendstream".encode())
            page_and_look = f"/P {_told(whose)} /AP << /N {look} 0 R >>"
            add(note, f"<< {one.said} {page_and_look} >>".encode())
            listed.append(IndirectObject(note, 0, reader))
        page[NameObject("/Annots")] = listed
        add(whose.idnum, _told(page).encode("latin-1"), whose.generation)
    return made.getvalue() + _table(reader, places, next(free), made.tell())


def _told(part: PdfObject) -> str:
    written = BytesIO()
    part.write_to_stream(written)
    return written.getvalue().decode("latin-1")


def _table(reader: PdfReader, places: _Places, number: int, start: int) -> bytes:
    """Return the table of what was added, as an object of its own, and where it begins."""
    places = dict(sorted({**places, number: (start, 0)}.items()))
    rows = b"".join(struct.pack(">BIH", 1, *place) for place in places.values())
    trailer = [f"/Size {number + 1} /W [1 4 2] /Index [{' '.join(map(str, _runs(places)))}]"]
    trailer += [f"/Prev {reader._startxref} /Length {len(rows)}"]
    names = [name for name in ("/Root", "/Info", "/ID") if name in reader.trailer]
    trailer += [f"{name} {_told(reader.trailer.raw_get(name))}" for name in names]
    head = f"{number} 0 obj\n<< /Type /XRef {' '.join(trailer)} >>\nstream\n".encode("latin-1")
    return head + rows + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode()


def _runs(numbers: Sequence[int] | _Places) -> Iterator[int]:
    """Yield the first and the length of each run of numbers that follow each other.

    >>> list(_runs([3, 7, 8, 9]))
    [3, 1, 7, 3]
    """
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        own = [number for _, number in run]
        yield from (own[0], len(own))
