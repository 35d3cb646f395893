"""Workpapers: what an auditor hands over, written whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from auditkit.errors import AuditkitError
from auditkit.files import write_whole
from auditkit.reviewing import Review
from auditkit.workpapers.contract import review_json, whole_json

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class WorkpaperError(AuditkitError):
    """A workpaper that cannot be written where it was asked for."""


def write_workpapers(reviews: Sequence[Review], folder: str | Path) -> tuple[Path, ...]:
    """Write the workpapers of one document's forms into a folder and return their paths.

    ``workpaper.xlsx`` to work in, ``workpaper.html`` to read and print, ``review.json`` for
    scripts. They replace older ones only once all are complete. Raises WorkpaperError.
    """
    from lxml.etree import LxmlError

    from auditkit.workpapers import html, xlsx

    try:
        made = {
            "workpaper.xlsx": xlsx.book(reviews),
            "workpaper.html": html.page(reviews).encode(),
            "review.json": review_file(reviews).encode(),
        }
        files = {Path(folder, name): data for name, data in made.items()}
        Path(folder).mkdir(parents=True, exist_ok=True)
        write_whole(files)
    except (OSError, LxmlError) as error:  # sheets are put together in files of their own first
        is_full = not isinstance(error, OSError) or error.errno in FULL
        advice = "Make room on the disk" if is_full else "Close them where they are open"
        raise WorkpaperError(
            f"the workpapers cannot be written: {getattr(error, 'strerror', '') or error}",
            name=str(folder),
            advice=f"{advice}, or choose another folder that you may write to with --out; the "
            "older workpapers are as they were",
        ) from error
    return tuple(files)


def review_file(reviews: Sequence[Review]) -> str:
    """Return the reviews of one document as the text of ``review.json``."""
    return whole_json("review", [review_json(review) for review in reviews])
