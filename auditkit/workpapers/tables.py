"""The tables of a workpaper, the same for every format that it is written in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from auditkit.errors import NotInForceError
from auditkit.findings import Finding, Outcome, Severity
from auditkit.recompute import Figure, rating_for, shown
from auditkit.report import AMOUNTS, ROW, Entry, Report
from auditkit.reviewing import Review
from auditkit.standards import COUNTRY

OUTCOMES = {
    Outcome.FAIL: "inconsistent 不一致",
    Outcome.REVIEW: "to be looked at 待核",
    Outcome.OPEN: "open 未判断",
    Outcome.NOT_APPLICABLE: "not applicable 不适用",
    Outcome.PASS: "agrees 相符",
}
WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
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

Value = str | int | Decimal | Entry | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table before it is written: ``None`` stands for a cell that the form does not have."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def head(report: Report) -> Table:
    """Return the head of the form, its goals and totals: label, text as printed, where."""
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
        *report.extra,
    )
    rows = ((label, text_of(entry), _where(entry)) for label, entry in pairs)
    return Table(("head", "as printed", "where"), tuple(rows))


def budget(report: Report) -> Table:
    """Return the funding rows (项目资金)."""
    heads = ("项目资金", *(COLUMNS[name] for name in AMOUNTS))
    rows = ((line.label, *(getattr(line, n) for n in AMOUNTS)) for line in report.budget_lines)
    return Table(heads, tuple(rows))


def indicators(report: Report) -> Table:
    """Return the indicator rows (绩效指标)."""
    rows = (tuple(getattr(row, name) for name in ROW) for row in report.indicators)
    return Table(tuple(COLUMNS[name] for name in ROW), tuple(rows))


def figures(some: Iterable[Figure]) -> Table:
    """Return recomputed figures beside the printed ones, rates and deviations as percentages."""
    heads = ("subject", "figure", "printed", "recomputed", "difference", "arithmetic", "agreement")
    rows = (
        (
            figure.subject,
            figure.name,
            text_of(figure.printed),
            _as_people_write(figure, figure.value),
            "" if figure.difference is None else _as_people_write(figure, figure.difference),
            figure.arithmetic,
            figure.agreement.value if figure.agreement else "",
        )
        for figure in some
    )
    return Table(heads, tuple(rows))


def _as_people_write(figure: Figure, value: Decimal) -> str:
    if figure.name in ("execution rate", "deviation"):
        return f"{shown(value * 100)}%"
    return shown(value)


def asked(review: Review) -> list[Finding]:
    """Return what failed or needs a look, worst first; passes stand in the coverage."""
    ranks = tuple(OUTCOMES)
    found = review.findings_of(Outcome.FAIL, Outcome.REVIEW)
    return sorted(found, key=lambda f: (ranks.index(f.outcome), WORST_FIRST.index(f.severity)))


def standards(finding: Finding, review: Review) -> list[str]:
    """Say which values a finding was judged by, of which day and place."""
    names = review.standards.places
    return [
        f"{p.name.replace('_', ' ')} = {p.value}, from {p.start}"
        f" in {names.get(p.jurisdiction, 'the whole country')}"
        for p in finding.provisions
    ]


def basis(finding: Finding, review: Review) -> list[str]:
    """Cite what a finding rests on, and how surely that is known."""
    return [review.standards.instrument(name).citation for name in finding.basis]


def places(entries: Iterable[Entry]) -> list[str]:
    """Say where entries stand, each place once: what is printed there, and the place."""
    return list(dict.fromkeys(place for entry in entries for place in places_of(entry)))


def places_of(entry: Entry) -> Iterator[str]:
    """Yield what is printed in each cell of an entry, and the place."""
    for cell in entry.cells:
        text = visible(cell.text.replace("\n", " "))
        text = f"{text[:28]}…" if len(text) > 30 else text
        yield f"“{text or 'blank'}” {cell.place}"


def coverage(review: Review) -> Table:
    """Count the answers of each rule, so that what was not judged does not read as clean."""
    rows = []
    for rule in dict.fromkeys((f.rule, f.title) for f in review.findings):
        own = [finding for finding in review.findings if finding.rule == rule[0]]
        counts = Counter(finding.outcome for finding in own)
        silent = [f.observation.message for f in own if f.outcome is Outcome.OPEN]
        numbers = (counts[outcome] or "" for outcome in OUTCOMES)
        rows.append((*rule, *numbers, "; ".join(dict.fromkeys(silent))))
    return Table(("rule", "about", *OUTCOMES.values(), "left open because"), tuple(rows))


def unsure(report: Report) -> Table:
    """Return the entries that were not read surely: what, text, why, where."""
    rows = (
        (e.path, e.text, "; ".join(e.doubts) or str(e.how.value), _where(e))
        for e in report.entries()
        if not e.is_sure
    )
    return Table(("entry", "text", "why", "where"), tuple(rows))


def counts(review: Review) -> list[tuple[str, int]]:
    """Count the findings by severity, and the questions for a person."""
    failed = Counter(finding.severity for finding in review.findings_of(Outcome.FAIL))
    return [
        *((f"{level.value}s", failed[level]) for level in WORST_FIRST),
        ("to be looked at", len(review.findings_of(Outcome.REVIEW))),
        ("questions left open", len(review.findings_of(Outcome.OPEN))),
    ]


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


def text_of(value: Value) -> str:
    """Return a cell as text; a doubtful entry has a question mark in front."""
    if isinstance(value, Entry):
        return visible(value.text if value.is_sure else f"(?) {value.text}")
    return "" if value is None else visible(str(value))


def cell_text(value: Value) -> str:
    """Return a cell as text, or a point where the form has no such cell."""
    return "·" if value is None else text_of(value)


def _where(entry: Entry | None) -> str:
    return "; ".join(str(cell.place) for cell in entry.cells) if entry else "not on the form"


def visible(text: str) -> str:
    """Show control and direction characters instead of passing them on."""
    return "".join(
        f"[U+{ord(char):04X}]" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") else char
        for char in text
    )
