"""Reports, findings and pages shown in a notebook: static tables, and pictures of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.comparison import Comparison
from auditkit.errors import UnsupportedError
from auditkit.findings import Finding, Rule
from auditkit.grid import Box
from auditkit.readers import kind_of
from auditkit.recompute import Figure
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.standards import COUNTRY, load
from auditkit.workpapers import rulebook, tables
from auditkit.workpapers.contract import ROW

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas
    from pandas import DataFrame


_LEFT, _TOP = "text-align:left", "vertical-align:top"


class Shown:
    """A table that a notebook shows as HTML and a terminal as text."""

    def __init__(self, heads: Sequence[str], rows: Iterable[Sequence[tables.Cell]]) -> None:
        self.heads = tuple(heads)
        self.rows = [tuple(tables.text_of(cell, missing="·") for cell in row) for row in rows]

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="{_LEFT}">{escape(name)}</th>' for name in self.heads)
        rows = (
            "".join(f'<td style="{_LEFT};{_TOP}">{escape(cell)}</td>' for cell in row)
            for row in self.rows
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __repr__(self) -> str:
        return "\n".join(" | ".join(row) for row in (self.heads, *self.rows))


def show(
    thing: Report | Review | Comparison | Rule | Figure | Finding | Sequence[Any], lang: str = "en"
) -> Shown:
    """Show a form, a review's findings, a rule's page, or rules, figures or findings as a table.

    A comparison, or several, is shown as its changes.

    Raises TypeError for anything else.
    """
    if isinstance(thing, Report):
        heads, rows = tables.indicators(thing)
        pages = (_page(row.name) for row in thing.indicators)
        whole = [(*row[2:], page) for row, page in zip(rows, pages, strict=True)]
        return Shown((*heads[2:], "page"), whole)
    if isinstance(thing, Review):
        return _findings(thing)
    if isinstance(thing, Rule):
        law = load()
        return Shown(*rulebook.page(thing, law, law.jurisdiction(COUNTRY, None), lang))
    some: list[Any] = [thing] if isinstance(thing, (Figure, Finding, Comparison)) else list(thing)
    if all(isinstance(one, Figure) for one in some):
        return Shown(*tables.figures(some))
    if all(isinstance(one, Rule) for one in some):
        return Shown(*rulebook.rules(some, lang))
    if all(isinstance(one, Finding) for one in some):
        heads = ("rule", "outcome", "severity", "what was found")
        return Shown(heads, [(f.rule, f.outcome, f.severity, f.message(lang)) for f in some])
    if all(isinstance(one, Comparison) for one in some):
        return Shown(*tables.changes(some))
    raise TypeError("show takes a Report, a Review, Comparisons, Rules, Figures or Findings")


def _findings(review: Review) -> Shown:
    heads = ("severity", "rule", "what was found", "printed", "recomputed", "arithmetic", "where")
    rows = [
        (
            tables.tag(finding),
            *(words[head] for head in heads[1:-1]),
            "; ".join(words["where"].split("\n")[:3]),
        )
        for finding, words in tables.findings(review)
    ]
    return Shown(heads, rows)


def show_head(report: Report) -> Shown:
    """Show the head of the form, its goals and its totals, and where each stands."""
    return Shown(*tables.head(report))


def show_budget(report: Report) -> Shown:
    """Show the funding rows (项目资金) as printed."""
    return Shown(*tables.budget(report))


def show_unsure(report: Report) -> Shown:
    """Show what was not read surely, why, and where to look."""
    return Shown(*tables.unsure(report))


def show_standards(review: Review) -> Shown:
    """Show all values in force in the place and on the day that a form is held against."""
    return Shown(*rulebook.standards(review.standards, review.jurisdiction, review.lang))


def show_coverage(review: Review) -> Shown:
    """Show how often each rule answered what, so that open questions are seen."""
    return Shown(*tables.coverage(review))


def report_frame(report: Report) -> DataFrame:
    """Return the indicators as a pandas table: texts as printed, and numbers beside them.

    Numbers are Decimals as printed, or None; ``page`` is where the row stands.
    """
    from pandas import DataFrame

    rows = []
    for row in report.indicators:
        found: dict[str, object] = {"path": row.path}
        for name in ROW:
            entry = getattr(row, name)
            found[name] = entry.text if entry else None
            if name in ("target", "actual", "points", "score"):
                found[f"{name}_value"] = entry.reading.value if entry else None
        found["page"] = _page(row.name)
        rows.append(found)
    return DataFrame(rows)


def findings_frame(reviews: Iterable[Review]) -> DataFrame:
    """Return all answers of all rules as a pandas table, one row an answer."""
    from pandas import DataFrame

    return DataFrame(
        {
            "file": finding.document.name,
            "project": finding.project,
            "rule": finding.rule,
            "outcome": finding.outcome.value,
            "severity": finding.severity.value,
            "subject": finding.observation.subject,
            "message": finding.message(review.lang),
            "key": finding.key,
        }
        for review in reviews
        for finding in review.findings
    )


class Picture:
    """A drawing that a notebook shows as PNG; ``figure`` is matplotlib's, to go on with."""

    def __init__(self, figure: Canvas, caption: str) -> None:
        self.figure = figure
        self.caption = caption

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.figure.savefig(buffer, format="png", dpi=72)
        return buffer.getvalue()

    def __repr__(self) -> str:
        return self.caption


def page_picture(
    path: str | Path, number: int, entries: Iterable[Entry | None] = (), *, margin: float = 1e4
) -> Picture:
    """Draw a page of a file with the cells of some entries framed; ``number`` counts from one.

    ``margin`` is how many points around the framed cells are shown, by default the whole page.
    Raises IndexError for a page that the file does not have, UnsupportedError for a file without
    pages, such as a workbook.
    """
    import pypdfium2
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Rectangle

    from auditkit.readers.scan import as_pdf

    data, name = Path(path).read_bytes(), Path(path).name
    kind = kind_of(data)
    if kind not in ("pdf", "image"):
        advice = "Open it in its own program, at the place that the table names"
        raise UnsupportedError("only PDF files have pages to draw", name=name, advice=advice)
    if kind == "image":
        data = as_pdf(data, name)
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        if not 1 <= number <= len(pdf):
            raise IndexError(f"{name} has {len(pdf)} pages, none of number {number}")
        sheet = pdf[number - 1]
        wide, high = sheet.get_size()
        image = sheet.render(scale=2, grayscale=True).to_numpy()
    cells = (cell for entry in entries if entry for cell in entry.cells)
    boxes = sorted({c.place for c in cells if isinstance(c.place, Box) and c.place.page == number})
    top = max(0.0, min((box.top for box in boxes), default=0.0) - margin)
    bottom = min(high, max((box.bottom for box in boxes), default=high) + margin)
    figure = Canvas(figsize=(9, 9 * (bottom - top) / wide), layout="tight")
    axes = figure.subplots()
    axes.imshow(image.squeeze(), extent=(0, wide, high, 0), cmap="gray", vmin=0, vmax=255)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    for box in boxes:
        size = box.right - box.left, box.bottom - box.top
        frame = Rectangle((box.left, box.top), *size, fill=False, linewidth=2, color="#a40e26")
        axes.add_patch(frame)
    return Picture(figure, f"page {number} of {Path(path).name}, {len(boxes)} cells framed")


def _page(entry: Entry | None) -> str:
    places = (cell.place for cell in entry.cells) if entry else ()
    return ", ".join(str(p) for p in sorted({b.page for b in places if isinstance(b, Box)}))
