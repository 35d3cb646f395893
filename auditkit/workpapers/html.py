"""The workpaper as one self-contained page: to read, to print, to send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

import auditkit
from auditkit.findings import Finding, Outcome
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.workpapers import tables

Anchors = Mapping[int, str]  # the id of each entry on the page, by its identity
FIGURES = ("printed", "recomputed", "difference")
LISTED = ("subject", "printed", "recomputed", "arithmetic", "standards", "basis", "question")


def page(reviews: Sequence[Review]) -> str:
    """Return the whole page for the forms of one document; everything from it is escaped."""
    frame = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    forms = (line for at, review in enumerate(reviews, start=1) for line in _form(review, at))
    return Template(frame).substitute(
        name=_text(reviews[0].document.name),
        sha256=reviews[0].document.sha256,
        version=auditkit.__version__,
        count=f"{len(reviews)} self-evaluation form{'s' if len(reviews) > 1 else ''}",
        forms="\n".join(forms),
    )


def _form(review: Review, number: int) -> Iterator[str]:
    report = review.report
    asked = tables.budget(report), tables.indicators(report)
    shown = (cell for _, rows in asked for row in rows for cell in row)
    entries = (cell for cell in shown if isinstance(cell, Entry))
    anchors = {id(entry): f"f{number}-{at}" for at, entry in enumerate(entries)}
    project = report.project.text if report.project else "project without a name"
    yield f'<h2 class="{"first" if number == 1 else ""}">{number}. {_text(project)}</h2>'
    place = f"{report.place}; standards: {tables.place_line(review)}"
    yield f'<p class="soft">{_text(place)}</p>'
    counts = [f"{name}: {count}" for name, count in tables.counts(review).items()]
    failed, undecided = counts[: len(tables.SEVERITIES)], counts[len(tables.SEVERITIES) :]
    yield f"<p><b>{', '.join(failed)}</b>; {'; '.join(undecided)}</p>"
    if rating := tables.rating_line(review):
        yield f"<p>rating 等级 by the standards: {_text(rating)}</p>"
    found = tables.findings(review)
    yield f"<h3>Findings 问题 ({len(found)})</h3>"
    for finding, words in found:
        yield from _finding(finding, words, anchors)
    if not found:
        yield "<p>None of the rules that could be put to this form failed; see the coverage.</p>"
    yield "<h3>Form as read 表样</h3>"
    yield from _table(tables.head(report), anchors)
    for table in asked:
        if table[1]:
            yield from _table(table, anchors)
    yield "<h3>Recomputation 复算</h3>"
    yield from _table(tables.figures(review.figures), anchors)
    yield "<h3>Coverage of the rules 覆盖</h3>"
    yield from _table(tables.coverage(review), anchors)
    doubts = tables.unsure(report)
    yield f"<h3>Not read surely ({len(doubts[1])})</h3>"
    if doubts[1]:
        yield from _table(doubts, anchors)
    if report.notes:
        yield "<h3>Notes of the reader</h3><ul>"
        yield from (f"<li>{_text(note)}</li>" for note in report.notes)
        yield "</ul>"


def _finding(finding: Finding, words: dict[str, str], anchors: Anchors) -> Iterator[str]:
    kind = "review" if finding.outcome is Outcome.REVIEW else finding.severity
    yield f'<article class="{kind}">'
    tag, rule = _text(tables.tag(finding)), _text(words["rule"])
    yield f'<header><span class="tag">{tag}</span>{rule}</header>'
    yield f"<p>{_text(words['what was found'])}</p><dl>"
    for name in LISTED:
        if words[name]:
            lines = "<br>".join(_text(line) for line in words[name].split("\n"))
            yield f"<dt>{name}</dt><dd>{lines}</dd>"
    links: dict[str, str] = {}
    for entry in finding.observation.evidence:
        for place in tables.places([entry]):
            anchor = anchors.get(id(entry))
            link = f'<a href="#{anchor}">{_text(place)}</a>' if anchor else _text(place)
            links.setdefault(place, link)
    if links:
        yield f"<dt>stands at</dt><dd>{'; '.join(links.values())}</dd>"
    yield "</dl></article>"


def _table(table: tables.Table, anchors: Anchors) -> Iterator[str]:
    heads, rows = table
    names = "".join(f"<th>{_text(name)}</th>" for name in heads)
    yield f'<div class="scroll"><table><tr>{names}</tr>'
    for row in rows:
        cells = (_cell(name, cell, anchors) for name, cell in zip(heads, row, strict=True))
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</table></div>"


def _cell(name: str, cell: tables.Cell, anchors: Anchors) -> str:
    if cell is None:
        return '<td class="soft">·</td>'
    mark = ' class="figure"' if name in FIGURES else ""
    if isinstance(cell, Entry):
        where = "; ".join([*(str(c.place) for c in cell.cells), *cell.doubts])
        kinds = ["figure"] if cell.reading.value is not None else []
        kinds += [] if cell.is_sure else ["doubt"]
        mark = f' id="{anchors[id(cell)]}" class="{" ".join(kinds)}" title="{_text(where)}"'
    return f"<td{mark}>{_text(tables.text_of(cell))}</td>"


def _text(text: str) -> str:
    return escape(tables.visible(text))
