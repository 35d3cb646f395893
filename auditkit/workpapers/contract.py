"""Reports and reviews as JSON values, in the shape that scripts rely on.

A value is a decimal string as far as the text is a number: a percentage as a fraction without a
unit, any other as printed with its unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from auditkit.findings import Finding
from auditkit.grid import Box, Cell, SheetCell, Span
from auditkit.report import AMOUNTS, HEAD, ROW, Entry, Extra, Report
from auditkit.reviewing import Review

Json = dict[str, Any]


def document_json(report: Report) -> Json:
    """Return what identifies the file."""
    return {"name": report.document.name, "sha256": report.document.sha256}


def report_json(report: Report) -> Json:
    """Return one form with every figure, its doubts and where it stands."""
    return {
        "document": document_json(report),
        "number": report.number,
        "place": report.place,
        "reader": report.reader,
        **_fields(report, HEAD),
        "budget_lines": [
            {
                "name": line.name,
                **_fields(line, ("label", *AMOUNTS)),
                "parent": line.parent,
                "extra": _extra(line.extra),
            }
            for line in report.budget_lines
        ],
        "goals": _fields(report.goals, ("expected", "actual")),
        "indicators": [
            {**_fields(row, ROW), "extra": _extra(row.extra)} for row in report.indicators
        ],
        "total": {
            "points": entry_json(report.total_points),
            "score": entry_json(report.total_score),
        },
        "rating": entry_json(report.rating),
        "extra": _extra(report.extra),
        "notes": list(report.notes),
    }


def review_json(review: Review, workpapers: list[str] | None = None) -> Json:
    """Return one form, the standards it was held against, and all findings, passes too."""
    place = review.jurisdiction
    return {
        "document": document_json(review.report),
        "report": report_json(review.report),
        "standards": {
            "jurisdiction": place.code,
            "name": place.name,
            "guessed": place.guessed,
            "on": place.on.isoformat(),
            "note": place.note,
        },
        "findings": [finding_json(finding) for finding in review.findings],
        "workpapers": workpapers or [],
    }


def finding_json(finding: Finding) -> Json:
    """Return one answer of one rule, with the cells that it stands on."""
    seen = finding.observation
    said = ("subject", "message", "reported", "expected", "arithmetic")
    return {
        "rule": finding.rule,
        "title": finding.title,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        **{name: getattr(seen, name) for name in said},
        "basis": list(finding.basis),
        "evidence": [place_json(cell) for cell in finding.cells],
        "key": finding.key,
        "state": finding.state,
    }


def entry_json(entry: Entry | None) -> Json | None:
    """Return one entry, ``None`` where the form does not have it."""
    if entry is None:
        return None
    reading = entry.reading
    is_share = reading.unit in ("%", "‰")
    value = reading.ratio if is_share else reading.value
    return {
        "text": entry.text,
        "value": None if value is None else plain_decimal(value),
        "unit": None if is_share or not reading.unit else reading.unit,
        "how": entry.how.value,
        "doubts": list(entry.doubts),
        "at": [place_json(cell) for cell in entry.cells],
    }


def plain_decimal(value: Decimal) -> str:
    """Write a decimal without an exponent: 86.19% is 0.8619, 1E+2 is 100."""
    return f"{value:f}"


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


def _fields(holder: object, names: Iterable[str]) -> Json:
    return {name: entry_json(getattr(holder, name)) for name in names}


def _extra(extra: Extra) -> Json:
    found: Json = {}
    for label, entry in extra:
        number = 1 + sum(key == label or key.startswith(f"{label} (") for key in found)
        found[label if number == 1 else f"{label} ({number})"] = entry_json(entry)
    return found
