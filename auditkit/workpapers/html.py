"""The workpaper as one self-contained page: to read, to print, to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

import auditkit
from auditkit.findings import Outcome
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.workpapers import tables
from auditkit.workpapers.contract import AMOUNTS, ROW

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
    parts = [
        "<!DOCTYPE html>",
        '<html lang="zh"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(document.name)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_text(document.name)}</h1>",
        f'<p class="soft">SHA-256 {document.sha256}<br>auditkit {auditkit.__version__};'
        f" {len(reviews)} self-evaluation form{'s' if len(reviews) > 1 else ''}</p>",
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
    yield from _summary(review)
    items = tables.items(review)
    yield f"<h3>Findings 问题 ({len(items)})</h3>"
    anchors = {id(entry): f"f{number}-{at}" for at, entry in enumerate(report.entries())}
    for item in items:
        yield from _item(item, anchors)
    if not items:
        yield "<p>None of the rules that could be put to this form failed; see the coverage.</p>"
    yield "<h3>Form as read 表样</h3>"
    yield from _as_read(review, anchors)
    yield "<h3>Recomputation 复算</h3>"
    heads = ("subject", "figure", "printed", "recomputed", "difference", "arithmetic", "agreement")
    yield from _table(
        heads,
        (
            (
                tables.visible(figure.subject),
                figure.name,
                tables.printed_of(figure),
                tables.recomputed(figure),
                tables.difference(figure),
                tables.visible(figure.arithmetic),
                str(figure.agreement.value) if figure.agreement else "",
            )
            for figure in review.figures
        ),
        figures=(2, 3, 4),
    )
    yield "<h3>Coverage of the rules 覆盖</h3>"
    yield from _table(
        ("rule", "about", *tables.OUTCOMES.values(), "left open because"), tables.coverage(review)
    )
    doubts = tables.unsure(report)
    yield f"<h3>Not read surely ({len(doubts)})</h3>"
    if doubts:
        yield from _table(("entry", "text", "why", "where"), doubts)
    if report.notes:
        yield "<h3>Notes of the reader</h3><ul>"
        yield from (f"<li>{_text(note)}</li>" for note in report.notes)
        yield "</ul>"


def _summary(review: Review) -> Iterator[str]:
    failed = review.findings_of(Outcome.FAIL)
    counts = [
        f"{name}s: {sum(f.severity == level for f in failed)}"
        for level, name in tables.SEVERITIES.items()
    ]
    looks = len(review.findings_of(Outcome.REVIEW))
    opens = len(review.findings_of(Outcome.OPEN))
    rest = f"to be looked at: {looks}; questions left open: {opens}"
    yield f"<p><b>{', '.join(counts)}</b>; {rest}</p>"
    if rating := tables.rating_line(review):
        yield f"<p>rating 等级 by the standards: {_text(rating)}</p>"


def _item(item: tables.Item, anchors: dict[int, str]) -> Iterator[str]:
    is_review = item.finding.outcome is Outcome.REVIEW
    kind = "review" if is_review else item.severity
    tag = item.outcome if is_review else item.severity
    yield f'<article class="{kind}">'
    yield f'<header><span class="tag">{_text(tag)}</span>{_text(item.rule)}</header>'
    yield f"<p>{_text(item.message)}</p><dl>"
    rows = (
        ("subject", _text(item.subject)),
        ("printed", _text(item.reported)),
        ("recomputed", _text(item.expected)),
        ("arithmetic", _text(item.arithmetic)),
        ("standards", "<br>".join(_text(line) for line in item.standards)),
        ("basis", "<br>".join(_text(line) for line in item.basis)),
        ("stands at", "; ".join(_links(item, anchors))),
    )
    for name, text in rows:
        if text:
            yield f"<dt>{name}</dt><dd>{text}</dd>"
    yield "</dl></article>"


def _links(item: tables.Item, anchors: dict[int, str]) -> Iterator[str]:
    shown = set()
    for entry in item.finding.observation.evidence:
        for place in tables.places(entry):
            if place not in shown:
                shown.add(place)
                anchor = anchors.get(id(entry))
                yield f'<a href="#{anchor}">{_text(place)}</a>' if anchor else _text(place)


def _as_read(review: Review, anchors: dict[int, str]) -> Iterator[str]:
    report = review.report
    yield from _table(("head", "as printed", "where"), tables.head_rows(review.report))
    if report.budget_lines:
        names = [tables.COLUMNS[name] for name in AMOUNTS]
        yield '<div class="scroll"><table>' + _head(("项目资金", *names))
        for line in report.budget_lines:
            cells = [line.label, *(getattr(line, name) for name in AMOUNTS)]
            yield "<tr>" + "".join(_cell(entry, anchors) for entry in cells) + "</tr>"
        yield "</table></div>"
    if report.indicators:
        yield '<div class="scroll"><table>' + _head(tables.COLUMNS[name] for name in ROW)
        for row in report.indicators:
            cells = [getattr(row, name) for name in ROW]
            yield "<tr>" + "".join(_cell(entry, anchors) for entry in cells) + "</tr>"
        yield "</table></div>"


def _cell(entry: Entry | None, anchors: dict[int, str]) -> str:
    if entry is None:
        return '<td class="soft">·</td>'
    where = "; ".join([*(str(cell.place) for cell in entry.cells), *entry.doubts])
    kinds = ["figure"] if entry.reading.value is not None else []
    kinds += [] if entry.is_sure else ["doubt"]
    anchor = anchors.get(id(entry))
    mark = f' id="{anchor}"' if anchor else ""
    opening = f'<td{mark} class="{" ".join(kinds)}" title="{_text(where)}">'
    return f"{opening}{_text(tables.text_of(entry))}</td>"


def _head(names: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<th>{_text(name)}</th>" for name in names) + "</tr>"


def _table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], figures: tuple[int, ...] = ()
) -> Iterator[str]:
    yield '<div class="scroll"><table>' + _head(heads)
    for row in rows:
        cells = (
            f'<td class="figure">{_text(text)}</td>' if at in figures else f"<td>{_text(text)}</td>"
            for at, text in enumerate(row)
        )
        yield "<tr>" + "".join(cells) + "</tr>"
    yield "</table></div>"


def _text(text: str) -> str:
    return escape(tables.visible(text))
