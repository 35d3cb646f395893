"""Workpapers: what an auditor hands over, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from auditkit.errors import AuditkitError
from auditkit.reviewing import Review
from auditkit.workpapers.contract import review_json, whole_json


class WorkpaperError(AuditkitError):
    """A workpaper that cannot be written where it was asked for."""


def write_workpapers(reviews: Sequence[Review], folder: str | Path) -> tuple[Path, ...]:
    """Write the workpapers of one document's forms into a folder and return their paths.

    ``workpaper.xlsx`` to work in, ``workpaper.html`` to read and print, ``review.json`` for
    scripts. They replace older ones only once all are complete. Raises WorkpaperError.
    """
    from auditkit.workpapers import html, xlsx

    names = ("workpaper.xlsx", "workpaper.html", "review.json")
    paths = tuple(Path(folder, name) for name in names)
    results = [review_json(review, [str(path) for path in paths]) for review in reviews]
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as place:
            parts = [Path(place, name) for name in names]
            xlsx.write(reviews, parts[0])
            parts[1].write_text(html.page(reviews), encoding="utf-8")
            parts[2].write_text(whole_json("review", results), encoding="utf-8")
            for part, path in zip(parts, paths, strict=True):
                part.chmod(0o644)
                part.replace(path)
    except OSError as error:
        raise WorkpaperError(
            f"cannot be written: {error.strerror or error}",
            name=str(error.filename or folder),
            advice="Choose a folder that you may write to with --out",
        ) from error
    return paths
