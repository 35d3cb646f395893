"""Workpapers: what an auditor hands over, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from auditkit.errors import AuditkitError
from auditkit.reviewing import Review
from auditkit.workpapers import html, xlsx
from auditkit.workpapers.contract import review_json


class WorkpaperError(AuditkitError):
    """A workpaper that cannot be written where it was asked for."""


def write_workpapers(reviews: Sequence[Review], folder: str | Path) -> tuple[Path, ...]:
    """Write the workpapers of one document's forms into a folder and return their paths.

    ``workpaper.xlsx`` to work in, ``workpaper.html`` to read and print, ``review.json`` for
    scripts. Each replaces an older one only once it is complete. Raises WorkpaperError.
    """
    folder = Path(folder)
    names = ("workpaper.xlsx", "workpaper.html", "review.json")
    paths = tuple(folder / name for name in names)
    whole = {
        "schema": "auditkit/review/1",
        "reviews": [review_json(review, [str(path) for path in paths]) for review in reviews],
        "failures": [],
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    writers: tuple[Callable[[Path], object], ...] = (
        lambda path: xlsx.write(reviews, path),
        lambda path: path.write_text(html.page(reviews), encoding="utf-8"),
        lambda path: path.write_text(text, encoding="utf-8"),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, write in zip(paths, writers, strict=True):
            _replace(path, write)
    except OSError as error:
        raise WorkpaperError(
            f"cannot be written: {error.strerror or error}",
            name=str(error.filename or folder),
            advice="Choose a folder that you may write to with --out",
        ) from error
    return paths


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the place first, so that a failure leaves the older file as it was."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
