"""The rows of a workpaper, the same for every format that it is written in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.errors import NotInForceError
from auditkit.findings import Finding, Outcome, Severity
from auditkit.recompute import Figure, rating_for, shown
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.standards import COUNTRY

OUTCOMES = {
    Outcome.FAIL: "inconsistent 不一致",
    Outcome.REVIEW: "to be looked at 待核",
    Outcome.OPEN: "open 未判断",
    Outcome.NOT_APPLICABLE: "not applicable 不适用",
    Outcome.PASS: "agrees 相符",
}
SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
COLUMNS = {
    "initial_budget": "年初预算数",
    "adjusted_budget": "全年预算数",
    "outturn": "全年执行数",
    "points": "分值",
    "execution_rate": "执行率",
    "score": "得分",
    "dimension": "一级指标",
    "category": "二级指标",
    "name": "三级指标",
    "target": "指标值",
    "actual": "实际完成值",
    "explanation": "偏差原因分析及改进措施",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A finding in the words of the workpaper."""

    finding: Finding
    outcome: str
    severity: str
    rule: str
    subject: str
    message: str
    reported: str
    expected: str
    arithmetic: str
    standards: tuple[str, ...]
    basis: tuple[str, ...]
    places: tuple[str, ...]


def items(review: Review) -> list[Item]:
    """Return what failed or needs a look, worst first; passes stand in the coverage."""
    ranks = list(OUTCOMES)
    levels = list(SEVERITIES)
    asked = review.findings_of(Outcome.FAIL, Outcome.REVIEW)
    ordered = sorted(asked, key=lambda f: (ranks.index(f.outcome), levels.index(f.severity)))
    return [_item(finding, review) for finding in ordered]


def _item(finding: Finding, review: Review) -> Item:
    seen = finding.observation
    return Item(
        finding=finding,
        outcome=OUTCOMES[finding.outcome],
        severity=SEVERITIES[finding.severity],
        rule=f"{finding.rule} {finding.title}",
        subject=visible(seen.subject),
        message=visible(seen.message),
        reported=visible(seen.reported),
        expected=visible(seen.expected),
        arithmetic=visible(seen.arithmetic),
        standards=tuple(
            f"{p.name.replace('_', ' ')} = {p.value}, from {p.start}"
            f" in {review.standards.places.get(p.jurisdiction, 'the whole country')}"
            for p in finding.provisions
        ),
        basis=tuple(review.standards.instrument(name).citation for name in finding.basis),
        places=tuple(dict.fromkeys(place for e in seen.evidence for place in places(e))),
    )


def places(entry: Entry) -> Iterator[str]:
    """Yield where an entry stands: what is printed there, and the place."""
    for cell in entry.cells:
        text = visible(cell.text.replace("\n", " "))
        text = f"{text[:28]}…" if len(text) > 30 else text
        yield f"“{text or 'blank'}” {cell.place}"


def coverage(review: Review) -> list[tuple[str, ...]]:
    """Count the answers of each rule, so that what was not judged does not read as clean."""
    rows = []
    for rule in dict.fromkeys((f.rule, f.title) for f in review.findings):
        own = [finding for finding in review.findings if finding.rule == rule[0]]
        counts = Counter(finding.outcome for finding in own)
        silent = [f.observation.message for f in own if f.outcome is Outcome.OPEN]
        numbers = [str(counts[outcome] or "") for outcome in OUTCOMES]
        rows.append((*rule, *numbers, visible("; ".join(dict.fromkeys(silent)))))
    return rows


def head_rows(report: Report) -> list[tuple[str, str, str]]:
    """Return the head of the form: label, text as printed, where."""
    pairs = (
        ("form 表名", report.title),
        ("year 年度", report.year),
        ("project 项目名称", report.project),
        ("department 主管部门", report.department),
        ("implementer 实施单位", report.implementer),
        ("unit of amounts 金额单位", report.currency_unit),
        ("goal 预期目标", report.goals.expected),
        ("achieved 实际完成情况", report.goals.actual),
        ("total points 总分(分值)", report.total_points),
        ("total score 总分(得分)", report.total_score),
        ("rating 等级", report.rating),
    )
    rows = [(label, text_of(entry), _where(entry)) for label, entry in pairs]
    return rows + [(visible(label), text_of(entry), _where(entry)) for label, entry in report.extra]


def text_of(entry: Entry | None) -> str:
    """Return an entry as printed, a doubtful one with a question mark in front."""
    if entry is None:
        return ""
    return visible(entry.text) if entry.is_sure else f"(?) {visible(entry.text)}"


def cell_text(entry: Entry | None) -> str:
    """Return an entry as printed, or a point where the form has no such cell."""
    return "·" if entry is None else text_of(entry)


def _where(entry: Entry | None) -> str:
    return "; ".join(str(cell.place) for cell in entry.cells) if entry else "not on the form"


def unsure(report: Report) -> list[tuple[str, str, str, str]]:
    """Return the entries that were not read surely: what, text, why, where."""
    return [
        (visible(e.path), visible(e.text), "; ".join(e.doubts) or str(e.how.value), _where(e))
        for e in report.entries()
        if not e.is_sure
    ]


def printed_of(figure: Figure) -> str:
    """Return what the form prints for a figure."""
    return text_of(figure.printed)


def recomputed(figure: Figure) -> str:
    """Return a recomputed figure as people write it, rates and deviations as percentages."""
    if figure.name in ("execution rate", "deviation"):
        return f"{shown(figure.value * 100)}%"
    return shown(figure.value)


def difference(figure: Figure) -> str:
    """Return printed less recomputed, blank where the form prints nothing to compare."""
    if figure.difference is None:
        return ""
    if figure.name == "execution rate":
        return f"{shown(figure.difference * 100)}%"
    return shown(figure.difference)


def place_line(review: Review) -> str:
    """Say whose standards of which day the form was held against."""
    place = review.jurisdiction
    how = "guessed from names on the form" if place.guessed else "given by the auditor"
    if place.guessed and place.code == COUNTRY:
        how = "no province is named on the form"
    note = f"; {place.note}" if place.note else ""
    return f"{place.name} {place.code} ({how}), as in force on {place.on}{note}"


def rating_line(review: Review) -> str:
    """Return the rating of the recomputed total by the bands in force, blank where none are."""
    totals = [figure for figure in review.figures if figure.name == "total score"]
    place = review.jurisdiction
    try:
        bands = review.standards.in_force("rating_bands", place.code, place.on)
    except NotInForceError:
        return ""
    if not totals or totals[0].agreement is None:
        return ""
    rating = rating_for(totals[0].value, str(bands.value))
    return f"{rating}: {shown(totals[0].value)} recomputed, bands {bands.value}"


def visible(text: str) -> str:
    """Show control and direction characters instead of passing them on."""
    return "".join(
        f"[U+{ord(char):04X}]" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") else char
        for char in text
    )
