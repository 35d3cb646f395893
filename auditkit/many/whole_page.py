"""The page to begin with (``index.html``): all forms, worst first, with links to their papers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from auditkit.many.overview import KINDS, Line
from auditkit.many.whole import Whole, called, plain_number, unit_of
from auditkit.schedules import visible
from auditkit.wording import Phrase, Term, put

_LOOKS = dict(
    zip(KINDS, ("errors", "warnings", "notes", "look"), strict=True)
)  # classes of the page
_HEADS = ("number", "name of the project", "implementer", "year", *KINDS, "decided of all")
_SCORES = ("own score", "review score", "unsure", "file")


def page(whole: Whole, papers: Mapping[str, str]) -> str:
    """Return the page of a run; ``papers`` are those beside it, each with what is said of it."""
    frame = Path(__file__).with_name("index.html").read_text(encoding="utf-8")
    made = Environment(
        autoescape=True, finalize=_shown, undefined=StrictUndefined, trim_blocks=True
    )
    term = partial(_term, lang=whole.lang)
    lines, failures = whole.overview.lines, whole.overview.failures
    asked, decided = (sum(each) for each in (map(_asked, lines), (a.decided for a in lines)))
    counts = whole.overview.counts
    held = put(Phrase.of("forms in files", forms=len(lines), files=whole.files), whole.lang)
    said = [held, *(f"{term(kind)} {counts[kind]}" for kind in KINDS)]
    said += [f"{term('decided of all')} {decided}/{asked}"]
    return made.from_string(frame).render(
        lang=whole.lang,
        term=term,
        said=" · ".join(said),
        papers=[(name, put(Phrase.of(what), whole.lang)) for name, what in papers.items()],
        heads=[term(head) for head in (*_HEADS, *_SCORES)],
        rows=[_row(line, whole) for line in lines],
        failures=[{n: row[n] or "" for n in ("file", "error", "advice")} for row in failures],
    )


def _asked(line: Line) -> int:
    return len(line.problems)


def _term(key: str, lang: str) -> str:
    return put(Term(key), lang)


def _row(line: Line, whole: Whole) -> dict[str, Any]:
    return {
        "folder": whole.folders.get(line.row["file"], ""),
        "called": called(line),
        "unit": unit_of(line),
        "year": line.row["year"] or "",
        "counts": [(_LOOKS[kind], line.counts[kind]) for kind in KINDS],
        "decided": f"{line.decided}/{len(line.problems)}",
        "own": plain_number(line.own),
        "review": plain_number(line.review),
        "unsure": line.row["unsure"] or "",
        "file": line.row["file"],
        "place": line.row["place"],
    }


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) else escape(visible(str(value)))
