"""Golden files: what a test compares with as text, line by line, and what has changed in it."""

from __future__ import annotations

from difflib import unified_diff
from itertools import islice
from pathlib import Path

SHOWN = 60  # lines of a difference; a change of everything need not be printed to be seen


def difference(path: Path, found: str) -> str:
    """Return how a text differs from its golden file, empty where every line is as before."""
    golden = path.read_text(encoding="utf-8") if path.exists() else ""
    if found == golden:
        return ""
    name = f"{path.parent.name}/{path.name}"
    lines = unified_diff(
        golden.splitlines(), found.splitlines(), f"{name}, golden", f"{name}, now", "", "", 1, ""
    )
    shown = list(islice(lines, SHOWN)) or ["only line breaks differ"]
    more = ["..."] if next(lines, None) else []
    return "\n".join(["", *shown, *more, "where this is meant: make regenerate, read the diff"])


def write(path: Path, text: str) -> None:
    """Write a golden file anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
