"""Text files: a plain table (.csv, .tsv), or the dump of a recognition program."""

from __future__ import annotations

from auditkit.errors import NoFormError
from auditkit.grid import Document, Tables
from auditkit.readers.dump import is_dump
from auditkit.readers.dump import read as read_dump
from auditkit.readers.marks import SURELY_HOLDS, decoded, marks_in
from auditkit.readers.workbook import lines_of


def read(data: bytes, document: Document) -> Tables:
    """Read a text by what it is; raises NoFormError for prose, and where it holds no form."""
    text = decoded(data)
    if is_dump(text):
        return read_dump(data, document)
    lines = text.splitlines()
    if sum(line.count("\t") + line.count(",") > 1 for line in lines) >= 3:
        return lines_of(text, document)
    glued = marks_in(text) >= SURELY_HOLDS
    raise NoFormError(
        "the words of a form, run together in lines without cells"
        if glued
        else "a text without a table",
        name=document.name,
        advice="Ask for the file that the text was made from",
    )
