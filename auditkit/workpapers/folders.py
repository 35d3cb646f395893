"""What the folder of a document's workpapers is called: by the form and the document, for ever."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from pathlib import Path

from auditkit.decisions.events import about_entry
from auditkit.errors import WorkpaperError
from auditkit.files import on_disk, readable
from auditkit.redaction import MASK
from auditkit.reviewing import Review
from auditkit.workpapers.manifest import document_of

LONGEST, MOST_BYTES, DIGITS = (
    40,
    120,
    6,
)  # names may have 255 bytes, and some are backed up elsewhere
_OTHER = re.compile(rf"[^\w.+{MASK[0]}-]+")


def folder_of(reviews: Sequence[Review], out: Path, digits: int = DIGITS) -> Path:
    """Return where the workpapers of one document go: ``out/<form>-<six digits of its digest>``.

    The form is called by the project of the first one, masked where that is, or as its file is
    where it names none. More digits are taken where ``digits`` asks for them, or another document
    has the folder; the folder that a document has it keeps. Raises WorkpaperError as ``usable``.
    """
    document, name = reviews[0].document.sha256, form_name(reviews[0])
    within, lengths = usable(out), range(DIGITS, len(document) + 1)
    folders = [within / on_disk(f"{name}-{document[:length]}") for length in lengths]
    own = (folder for folder in folders if document_of(folder) == document)
    free = (folder for folder in folders[digits - DIGITS :] if not document_of(folder))
    return next(chain(own, free))


def usable(out: Path) -> Path:
    """Return the folder that outputs go to; raises WorkpaperError where there can be none."""
    there = next(path for path in (out, *out.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise WorkpaperError.saying("out-no-folder", name=readable(str(there)))
    return out


def digits_told_by(documents: Iterable[str]) -> dict[str, int]:
    """Return how many digits tell documents from one another, of those that six do not tell.

    It is the same whatever their order, so that two that are reviewed at once by two processes do
    not take the same folder.

    >>> digits_told_by(["123456ac", "123456ab", "fedcba98"])
    {'123456ab': 8, '123456ac': 8}
    """
    more: dict[str, int] = {}
    for one, other in pairwise(sorted(set(documents))):
        digits = next(n for n in range(len(one) + 1) if one[:n] != other[:n])
        if digits > DIGITS:
            more |= {each: max(digits, more.get(each, 0)) for each in (one, other)}
    return more


def form_name(review: Review) -> str:
    """Return what a form is called in names of files: its project, or else its file, in short.

    The project is called as the file has it: a correction of its name moves no papers.
    """
    project, stem = review.report.project, Path(review.document.name).stem
    printed = about_entry(review.report, project.path).answer if project else ""
    return short_name(printed) or short_name(stem) or "form"


def short_name(text: str) -> str:
    """Return a text as a name that is short, and safe on every system.

    >>> short_name("2024年 居民小区(房管所)/物业服务?")
    '2024年-居民小区-房管所-物业服务'
    """
    name = _OTHER.sub("-", unicodedata.normalize("NFKC", text))[:LONGEST]
    while len(name.encode()) > MOST_BYTES:
        name = name[:-1]
    return name.strip("-.")
