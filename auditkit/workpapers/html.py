"""The workpaper as one self-contained page: to read, to print, to send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import auditkit
from auditkit.findings import Finding, Outcome
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.workpapers import tables

RIGHT = {"printed", "recomputed", "difference"}  # columns of figures

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d0d7de;
 --paper: #fff; --band: #f4f6f8; --bad: #a40e26; --warn: #8a5300; --doubt: #fff3bf }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d;
 --paper: #0d1117; --band: #161b22; --bad: #ff8e87; --warn: #e3b341; --doubt: #4d3c00 } }
body { font: 15px/1.5 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
 color: var(--ink); background: var(--paper); max-width: 1120px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; margin-bottom: 0 }
h2 { margin-top: 2em; border-bottom: 2px solid var(--line) }
h3 { margin: 1.4em 0 .4em } .soft { color: var(--soft) } .scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9em }
th, td { border: 1px solid var(--line); padding: .3em .5em; text-align: left; vertical-align: top }
th { background: var(--band); font-weight: 600 }
td.figure { text-align: right; white-space: nowrap }
td.doubt { background: var(--doubt); border-style: dashed }
td:target { outline: 3px solid var(--bad) }
article { border: 1px solid var(--line); border-left: 6px solid var(--line); padding: .6em 1em;
 margin: .8em 0; break-inside: avoid } article.error { border-left-color: var(--bad) }
article.warning { border-left: 6px double var(--warn) }
article.review { border-left-style: dashed }
article header { font-weight: 600 }
dl { display: grid; grid-template-columns: 9em 1fr; margin: .4em 0 }
dt { color: var(--soft) } dd { margin: 0 } .tag { border: 1px solid currentColor; padding: 0 .4em;
 font-size: .8em; font-weight: 600; margin-right: .5em } a { color: inherit }
@media print { body { margin: 0; max-width: none } h2 { break-before: page }
 h2.first { break-before: auto } }
"""


def page(reviews: Sequence[Review]) -> str:
    """Return the whole page for the forms of one document; everything from it is escaped."""
    document = reviews[0].document
    plural = "s" if len(reviews) > 1 else ""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="zh"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(document.name)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_text(document.name)}</h1>",
        f'<p class="soft">SHA-256 {document.sha256}<br>auditkit {auditkit.__version__};'
        f" {len(reviews)} self-evaluation form{plural}</p>",
    ]
    for number, review in enumerate(reviews, start=1):
        parts += _form(review, number)
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _form(review: Review, number: int) -> Iterator[str]:
    report = review.report
    project = report.project.text if report.project else "project without a name"
    yield f'<h2 class="{"first" if number == 1 else ""}">{number}. {_text(project)}</h2>'
    place = f"{report.place}; standards: {tables.place_line(review)}"
    yield f'<p class="soft">{_text(place)}</p>'
    counts = [f"{name}: {count}" for name, count in tables.counts(review)]
    yield f"<p><b>{', '.join(counts[:3])}</b>; {'; '.join(counts[3:])}</p>"
    if rating := tables.rating_line(review):
        yield f"<p>rating 等级 by the standards: {_text(rating)}</p>"
    asked = tables.asked(review)
    anchors = {id(entry): f"f{number}-{at}" for at, entry in enumerate(report.entries())}
    yield f"<h3>Findings 问题 ({len(asked)})</h3>"
    for finding in asked:
        yield from _finding(finding, review, anchors)
    if not asked:
        yield "<p>None of the rules that could be put to this form failed; see the coverage.</p>"
    unsure = tables.unsure(report)
    for title, table in (
        ("Form as read 表样", tables.head(report)),
        ("", tables.budget(report)),
        ("", tables.indicators(report)),
        ("Recomputation 复算", tables.figures(review.figures)),
        ("Coverage of the rules 覆盖", tables.coverage(review)),
        (f"Not read surely ({len(unsure.rows)})", unsure),
    ):
        yield f"<h3>{title}</h3>" if title else ""
        yield from _table(table, anchors) if table.rows else ()
    if report.notes:
        yield "<h3>Notes of the reader</h3><ul>"
        yield from (f"<li>{_text(note)}</li>" for note in report.notes)
        yield "</ul>"


def _finding(finding: Finding, review: Review, anchors: dict[int, str]) -> Iterator[str]:
    seen = finding.observation
    is_review = finding.outcome is Outcome.REVIEW
    tag = tables.OUTCOMES[finding.outcome] if is_review else finding.severity.value
    yield f'<article class="{"review" if is_review else finding.severity.value}">'
    rule = _text(f"{finding.rule} {finding.title}")
    yield f'<header><span class="tag">{_text(tag)}</span>{rule}</header>'
    yield f"<p>{_text(seen.message)}</p><dl>"
    rows = (
        ("subject", _text(seen.subject)),
        ("printed", _text(seen.reported)),
        ("recomputed", _text(seen.expected)),
        ("arithmetic", _text(seen.arithmetic)),
        ("standards", "<br>".join(map(_text, tables.standards(finding, review)))),
        ("basis", "<br>".join(map(_text, tables.basis(finding, review)))),
        ("stands at", "; ".join(_links(seen.evidence, anchors))),
    )
    yield from (f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows if text)
    yield "</dl></article>"


def _links(evidence: Sequence[Entry], anchors: dict[int, str]) -> Iterator[str]:
    where = {p: anchors.get(id(e)) for e in reversed(evidence) for p in tables.places_of(e)}
    for place in tables.places(evidence):
        anchor = where[place]
        yield f'<a href="#{anchor}">{_text(place)}</a>' if anchor else _text(place)


def _table(table: tables.Table, anchors: dict[int, str]) -> Iterator[str]:
    yield '<div class="scroll"><table>'
    yield "<tr>" + "".join(f"<th>{_text(name)}</th>" for name in table.heads) + "</tr>"
    for row in table.rows:
        cells = (_cell(v, name, anchors) for v, name in zip(row, table.heads, strict=True))
        yield "<tr>" + "".join(cells) + "</tr>"
    yield "</table></div>"


def _cell(value: tables.Value, head: str, anchors: dict[int, str]) -> str:
    if value is None:
        return '<td class="soft">·</td>'
    if not isinstance(value, Entry):
        return f'<td class="{"figure" if head in RIGHT else ""}">{_text(str(value))}</td>'
    where = "; ".join([*(str(cell.place) for cell in value.cells), *value.doubts])
    kinds = ["figure"] if value.reading.value is not None else []
    kinds += [] if value.is_sure else ["doubt"]
    anchor = anchors.get(id(value))
    mark = f' id="{anchor}"' if anchor else ""
    opening = f'<td{mark} class="{" ".join(kinds)}" title="{_text(where)}">'
    return f"{opening}{escape(tables.text_of(value))}</td>"


def _text(text: str) -> str:
    return escape(tables.visible(text))
