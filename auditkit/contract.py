"""Reports and reviews as JSON values, in the shape that scripts rely on.

A value is a decimal string as far as the text is a number: a percentage as a fraction without a
unit, any other as printed with its unit; never with an exponent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from auditkit.findings import Finding
from auditkit.grid import Box, Cell, SheetCell, Span
from auditkit.report import Entry, Extra, Report
from auditkit.reviewing import Review
from auditkit.standards import Provision
from auditkit.wording import put

Json = dict[str, Any]
HEAD = ("title", "year", "project", "department", "implementer", "currency_unit")
AMOUNTS = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
ROW = ("dimension", "category", "name", "target", "actual", "points", "score", "explanation")
KINDS = {
    "read": "reports",
    "review": "reviews",
    "batch": "batches",
    "query": "rows",
    "sample": "draws",
    "reconcile": "findings",
    "rules": "rules",
    "standards": "provisions",
    "log": "events",
    "verify": "checks",
    "compare": "comparisons",
}
_STEERING = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def whole_json(command: str, results: Sequence[Json], failures: Sequence[Json] = ()) -> str:
    """Return as text what a command made of its inputs, and of which it failed."""
    made = {"schema": f"auditkit/{command}/1", KINDS[command]: results, "failures": failures}
    return json_text(made)


def json_text(value: object) -> str:
    """Return JSON in lines, in which no character of a form can steer a terminal or an editor."""
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def review_file(reviews: Sequence[Review]) -> str:
    """Return the reviews of one document as the text of ``review.json``."""
    return whole_json("review", [review_json(review) for review in reviews])


def report_json(report: Report) -> Json:
    """Return one form with every figure, its doubts and where it stands."""
    points, score = report.total_points, report.total_score
    return {
        "document": fields_json(report.document, "name", "sha256"),
        **fields_json(report, "number", "place", "reader"),
        **_entries(report, *HEAD),
        "budget_lines": [
            {
                "name": line.name,
                **_entries(line, "label", *AMOUNTS),
                "parent": line.parent,
                "extra": _extra(line.extra),
            }
            for line in report.budget_lines
        ],
        "goals": _entries(report.goals, "expected", "actual"),
        "indicators": [
            {**_entries(row, *ROW), "extra": _extra(row.extra)} for row in report.indicators
        ],
        "total": {"points": entry_json(points), "score": entry_json(score)},
        "rating": entry_json(report.rating),
        "extra": _extra(report.extra),
        "notes": list(report.notes),
    }


def review_json(review: Review, workpapers: list[str] | None = None) -> Json:
    """Return one form, the standards it was held against, and all findings, passes too."""
    place = review.jurisdiction
    return {
        "document": fields_json(review.document, "name", "sha256"),
        "report": report_json(review.report),
        "standards": {
            "jurisdiction": place.code,
            **fields_json(place, "name", "guessed"),
            "on": place.on.isoformat(),
            "note": place.note,
            "provisions": [provision_json(provision) for provision in review.provisions],
        },
        "redacted": review.redaction is not None,
        "findings": [finding_json(finding, review.lang) for finding in review.findings],
        "workpapers": workpapers or [],
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
        **fields_json(finding, "key", "state", "suppressed"),
    }


def provision_json(provision: Provision) -> Json:
    """Return one value of the standards, where and since when it counts, and on what basis."""
    texts = fields_json(provision, "name", "jurisdiction", "basis", "mark")
    days = {"from": str(provision.start), "until": provision.until and str(provision.until)}
    return {**texts, "value": str(provision.value), **days, "seen": provision.is_seen}


def entry_json(entry: Entry | None) -> Json | None:
    """Return one entry, ``None`` where the form does not have it."""
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
        "doubts": list(entry.doubts),
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


def _entries(part: Any, *names: str) -> Json:
    return {name: entry_json(getattr(part, name)) for name in names}


def _extra(extra: Extra) -> Json:
    found: Json = {}
    for label, entry in extra:
        number = 1 + sum(key == label or key.startswith(f"{label} (") for key in found)
        found[label if number == 1 else f"{label} ({number})"] = entry_json(entry)
    return found
