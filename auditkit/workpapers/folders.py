"""What the folder of a document's workpapers is called: by the form and the document, for ever."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from auditkit.files import on_disk
from auditkit.redaction import MASK
from auditkit.reviewing import Review
from auditkit.workpapers.manifest import document_of

LONGEST, MOST_BYTES, DIGITS = (
    40,
    120,
    6,
)  # names may have 255 bytes, and some are backed up elsewhere
_OTHER = re.compile(rf"[^\w.+{MASK[0]}-]+")


def folder_of(reviews: Sequence[Review], out: Path) -> Path:
    """Return where the workpapers of one document go: ``out/<form>-<six digits of its digest>``.

    The form is called by the project of the first one, masked where that is, or as its file is
    where it names none. More digits are taken where another document has the folder.
    """
    document, name = reviews[0].document.sha256, form_name(reviews[0])
    lengths = range(DIGITS, len(document) + 1)
    folders = (out / on_disk(f"{name}-{document[:digits]}") for digits in lengths)
    return next(folder for folder in folders if document_of(folder) in ("", document))


def form_name(review: Review) -> str:
    """Return what a form is called in names of files: its project, or else its file, in short."""
    project, stem = review.report.project, Path(review.document.name).stem
    return short_name(project.text if project else "") or short_name(stem) or "form"


def short_name(text: str) -> str:
    """Return a text as a name that is short, and safe on every system.

    >>> short_name("2024年 居民小区(房管所)/物业服务?")
    '2024年-居民小区-房管所-物业服务'
    """
    name = _OTHER.sub("-", unicodedata.normalize("NFKC", text))[:LONGEST]
    while len(name.encode()) > MOST_BYTES:
        name = name[:-1]
    return name.strip("-.")
