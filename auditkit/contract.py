"""Reports and reviews as JSON values, in the shape that scripts rely on.

A value is a decimal string as far as the text is a number: a percentage as a fraction without a
unit, any other as printed with its unit; never with an exponent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from auditkit.decisions.events import about_form
from auditkit.findings import Finding
from auditkit.grid import Box, Cell, SheetCell, Span
from auditkit.report import Entry, Extra, Report
from auditkit.reviewing import Review
from auditkit.rules.covering import RowCoverage
from auditkit.standards import Provision
from auditkit.wording import put

if TYPE_CHECKING:
    from auditkit.decisions.log import Log

Json = dict[str, Any]
HEAD = ("title", "year", "project", "department", "implementer", "currency_unit")
BUDGET_LINE = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
ROW = ("dimension", "category", "name", "target", "actual", "points", "score", "explanation")
_KINDS = {
    "read": "reports",
    "review": "reviews",
    "query": "rows",
    "sample": "draws",
    "reconcile": "findings",
    "rules": "rules",
    "standards": "provisions",
    "log": "events",
    "verify": "checks",
    "compare": "comparisons",
}
_LEAF = json.JSONEncoder(ensure_ascii=False)
_quoted = json.encoder.encode_basestring
_STEERING = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def whole_json(command: str, results: Sequence[Json], failures: Sequence[Json] = ()) -> str:
    """Return as text what a command made of its inputs, and of which it failed."""
    return "".join(json_parts(command, results, failures))


def json_parts(
    command: str, results: Iterable[Json], failures: Sequence[Json] = (), **more: object
) -> Iterator[str]:
    """Yield as text, piece by piece, what a command made of its inputs, and of which it failed.

    Thousands of results are not held at once. ``more`` is what stands there besides.
    """
    yield f'{{\n "schema": "auditkit/{command}/1",\n "{_KINDS[command]}": ['
    between = "\n  "
    for result in results:
        yield between + json_text(result, "\n  ")
        between = ",\n  "
    yield "\n ]" if between.startswith(",") else "]"
    for name, value in {**more, "failures": failures}.items():
        yield f',\n "{name}": ' + json_text(value, "\n ")
    yield "\n}\n"


def json_text(value: object, line: str = "\n") -> str:
    """Return JSON in lines, in which no character of a form can steer a terminal or an editor.

    ``line`` is what begins each line but the first.

    >>> print(json_text({"a": [1, None], "b": {}}))
    {
     "a": [
      1,
      null
     ],
     "b": {}
    }
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", _in_lines(value, line))


def _in_lines(value: object, line: str) -> str:
    """Return JSON laid out as the library's own ``indent=1`` does, in a third of the time."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict) and value:
        inner = f"{line} "
        pairs = [f"{_quoted(name)}: {_in_lines(own, inner)}" for name, own in value.items()]
        return f"{{{inner}{f',{inner}'.join(pairs)}{line}}}"
    if isinstance(value, list | tuple) and value:
        inner = f"{line} "
        return f"[{inner}{f',{inner}'.join(_in_lines(own, inner) for own in value)}{line}]"
    if type(value) in (int, float):
        return repr(value)
    return "null" if value is None else _LEAF.encode(value)


def review_file(reviews: Sequence[Review], log: Log | None = None) -> str:
    """Return the reviews of one document as the text of ``review.json``."""
    return whole_json("review", [review_json(review, log=log) for review in reviews])


def report_json(report: Report, lang: str = "en") -> Json:
    """Return one form with every figure, its doubts and where it stands.

    Doubts and notes are said in the language, with the kinds of doubts beside them.
    """
    points, score = report.total_points, report.total_score
    return {
        "document": fields_json(report.document, "name", "sha256"),
        "number": report.number,
        "place": str(report.place),
        "reader": report.reader,
        **_entries(report, lang, *HEAD),
        "budget_lines": [
            {
                "name": line.name,
                **_entries(line, lang, "label", *BUDGET_LINE),
                "parent": line.parent,
                "extra": _extra(line.extra, lang),
            }
            for line in report.budget_lines
        ],
        "goals": _entries(report.goals, lang, "expected", "actual"),
        "indicators": [
            {**_entries(row, lang, *ROW), "extra": _extra(row.extra, lang)}
            for row in report.indicators
        ],
        "total": {"points": entry_json(points, lang), "score": entry_json(score, lang)},
        "rating": entry_json(report.rating, lang),
        "extra": _extra(report.extra, lang),
        "unplaced": [{"text": cell.text, "at": [place_json(cell)]} for cell in report.unplaced],
        "notes": [put(note, lang) for note in report.notes],
    }


def review_json(
    review: Review, workpapers: list[str] | None = None, log: Log | None = None
) -> Json:
    """Return one form, the standards it was held against, and all findings, passes too.

    ``log`` has who signed it.
    """
    place = review.jurisdiction
    return {
        "document": fields_json(review.document, "name", "sha256"),
        "certainty": certainty_json(review.report, review.lang),
        "counts": {name.replace(" ", "_"): count for name, count in review.counts.items()},
        "report": report_json(review.report, review.lang),
        "standards": {
            "jurisdiction": place.code,
            **fields_json(place, "name", "guessed"),
            "on": place.on.isoformat(),
            "evaluated": place.evaluated and place.evaluated.isoformat(),
            "note": "; ".join(put(note, review.lang) for note in place.notes),
            "provisions": [provision_json(provision) for provision in review.provisions],
        },
        "redacted": review.redaction is not None,
        "corrections": corrections_json(review),
        "signatures": signatures_json(review, log) if log else {},
        "findings": [finding_json(finding, review.lang) for finding in review.findings],
        "coverage": [coverage_json(row, review.lang) for row in review.coverage],
        "workpapers": workpapers or [],
    }


def certainty_json(report: Report, lang: str = "en") -> Json:
    """Return how many figures a form states, how many of them are not sure, and whether a total."""
    read = report.certainty
    counts = {"figures": read.figures, "unsure": len(read.unsure)}
    return {**counts, "total_read": read.total is not None, "said": put(read, lang)}


def corrections_json(review: Review) -> Json | None:
    """Return how many readings auditors decided on in which log, ``None`` for none.

    ``count`` of them were corrected, ``right_as_read`` found right.
    """
    made = review.corrections
    if made is None:
        return None
    return {**fields_json(made, "count", "log", "digest"), "right_as_read": made.as_read}


def signatures_json(review: Review, log: Log) -> Json:
    """Return who has ``prepared`` and ``reviewed`` a form, when and with which note.

    ``current`` tells whether that was signed which is found now.
    """
    form = about_form(review.report, review.findings)
    mask = review.redaction
    signs = (mask.applied(sign) if mask else sign for sign in log.signatures(form).values())
    return {
        sign.value: {
            "by": sign.auditor,
            "at": sign.made_at,
            "note": sign.note,
            "current": sign.state == form.state,
        }
        for sign in signs
    }


def finding_json(finding: Finding, lang: str = "en") -> Json:
    """Return one answer of one rule, with the cells that it stands on."""
    seen = finding.observation
    return {
        "rule": finding.rule,
        "title": finding.title(lang),
        **fields_json(finding, "outcome", "severity"),
        "subject": seen.subject,
        "message": finding.message(lang),
        **{name: put(getattr(seen, name), lang) for name in ("reported", "expected", "arithmetic")},
        "question": finding.question(lang),
        "basis": list(finding.basis),
        "evidence": [place_json(cell) for cell in finding.cells],
        "on_doubts": finding.agrees_on_doubts,
        **fields_json(finding, "key", "state", "suppressed"),
    }


def coverage_json(row: RowCoverage, lang: str = "en") -> Json:
    """Return a row with a score, the rules that judged it, and why none could, else ``None``."""
    why = put(row.unjudged, lang) if row.unjudged else None
    return {"subject": row.subject, "rules": list(row.rules), "open": why}


def provision_json(provision: Provision) -> Json:
    """Return one value of the standards, where and since when it counts, and on what basis."""
    texts = fields_json(provision, "name", "jurisdiction", "basis", "mark")
    days = {"from": str(provision.start), "until": provision.until and str(provision.until)}
    return {**texts, "value": str(provision.value), **days, "seen": provision.is_seen}


def entry_json(entry: Entry | None, lang: str = "en") -> Json | None:
    """Return one entry, its doubts in a language; ``None`` where the form does not have it."""
    if entry is None:
        return None
    reading = entry.reading
    is_share = reading.unit in ("%", "‰")
    value = reading.ratio if is_share else reading.value
    return {
        "text": entry.text,
        "value": None if value is None else f"{value:f}",
        "unit": None if is_share or not reading.unit else reading.unit,
        "how": entry.how.value,
        "doubts": [put(doubt, lang) for doubt in entry.doubts],
        "doubt_kinds": [doubt.kind.value for doubt in entry.doubts],
        **(
            {"stored": stored}
            if (stored := "; ".join(c.stored for c in entry.cells if c.stored))
            else {}
        ),
        "at": [place_json(cell) for cell in entry.cells],
    }


def place_json(cell: Cell) -> Json:
    """Return where a cell stands."""
    place = cell.place
    if isinstance(place, Box):
        return {"page": place.page, "box": [place.left, place.top, place.right, place.bottom]}
    if isinstance(place, SheetCell):
        return {"sheet": place.sheet, "cell": place.reference}
    if isinstance(place, Span):
        return {"line": place.line, "first": place.first, "last": place.last}
    return {"table": place.table, "row": place.row, "column": place.column}


def fields_json(part: Any, *names: str) -> Json:
    """Return some fields of a value by their names."""
    return {name: getattr(part, name) for name in names}


def _entries(part: Any, lang: str, *names: str) -> Json:
    return {name: entry_json(getattr(part, name), lang) for name in names}


def _extra(extra: Extra, lang: str) -> Json:
    found: Json = {}
    for label, entry in extra:
        number = 1 + sum(key == label or key.startswith(f"{label} (") for key in found)
        found[label if number == 1 else f"{label} ({number})"] = entry_json(entry, lang)
    return found
