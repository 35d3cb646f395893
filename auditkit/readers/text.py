"""Text files: a plain table (.csv, .tsv), or the dump of a recognition program."""

from __future__ import annotations

from auditkit.grid import Document, Tables
from auditkit.readers.dump import is_dump
from auditkit.readers.dump import read as read_dump
from auditkit.readers.limits import Count
from auditkit.readers.marks import SURELY_HOLDS, decoded, marks_in
from auditkit.readers.troubles import trouble
from auditkit.readers.workbook import lines_of


def read(data: bytes, document: Document) -> Tables:
    """Read a text by what it is; raises NoFormError for prose, and where it holds no form."""
    Count(document.name).hold("text_bytes", len(data), "bytes of text")
    text = decoded(data)
    if is_dump(text):
        return read_dump(data, document)
    lines = text.splitlines()
    if sum(line.count("\t") + line.count(",") > 1 for line in lines) >= 3:
        return lines_of(text, document)
    glued = marks_in(text) >= SURELY_HOLDS
    raise trouble("text-glued" if glued else "text-formless", document.name)
