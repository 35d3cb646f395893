"""Reports, findings and pages shown in a notebook: static tables, and pictures of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, Template

from auditkit import rulebook, schedules, wording
from auditkit.contract import ROW
from auditkit.decisions.log import Log
from auditkit.errors import UnsupportedError
from auditkit.figures import Figure
from auditkit.findings import Finding, Rule
from auditkit.grid import Box, Document
from auditkit.many.comparison import Comparison, changes
from auditkit.notebook.charts import Picture
from auditkit.readers import kind_of
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.schedules import head_in
from auditkit.standards import COUNTRY, load

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from pandas import DataFrame


_KINDS = (Document, Report, Review, Comparison, Rule, Figure, Finding)
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"(\(\?\) )?[-+]?\d[\d,.]*%?|[-—·]")  # what stands to the right in a column
# Frames of cells: a few that are asked for, many at once, and those that were not read surely.
_MANY = 25
_FRAMED: dict[str, Any] = {"fill": False, "linewidth": 2, "color": "#a40e26"}
_SURE: dict[str, Any] = {"fill": False, "linewidth": 1, "color": "#0072b2"}
_DOUBTED: dict[str, Any] = {**_FRAMED, "linewidth": 2.4, "color": "#d55e00", "linestyle": "--"}


class _Themed:
    """What a notebook shows as HTML, in its colours, made by ``notebook.html``."""

    def _repr_html_(self) -> str:
        return _template().render(shown=self, lang=wording.language(), schedules=schedules)


class Shown(_Themed):
    """A table that a notebook shows as HTML and a terminal as text."""

    def __init__(self, heads: Sequence[str], rows: Iterable[Sequence[schedules.Cell]]) -> None:
        self.heads, shown = schedules.spoken((heads, list(rows)), wording.language())
        self.rows = [tuple(schedules.text_of(cell, missing="·") for cell in row) for row in shown]

    @property
    def sides(self) -> list[str]:
        """Where each column stands: figures to the right."""
        columns = ([row[at] for row in self.rows if row[at]] for at in range(len(self.heads)))
        figures = (
            all(map(_FIGURE.fullmatch, c)) and bool(_DIGIT.search("".join(c))) for c in columns
        )
        return ["right" if is_figures else "left" for is_figures in figures]

    def __repr__(self) -> str:
        rows = self.rows or [(head_in(wording.language(), "nothing 无"),)]
        return "\n".join(" | ".join(row) for row in (self.heads, *rows))


class Pages(_Themed):
    """Pictures of some pages, one below the other."""

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self.pictures = tuple(pictures)

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.pictures))


class Cards(_Themed):
    """Findings in full, each with the part of the page that it rests on."""

    def __init__(self, cards: Iterable[tuple[Finding, dict[str, str], Pages | None]]) -> None:
        self.cards = tuple(cards)

    def __repr__(self) -> str:
        lang = wording.language()
        cards = (
            [f"{head_in(lang, name)}: {text}" for name, text in words.items() if text]
            + [str(crop or "")]
            for _, words, crop in self.cards
        )
        return "\n\n".join("\n".join(lines).rstrip() for lines in cards)


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("notebook.html")


def show(thing: Any, lang: str = "") -> Shown:
    """Show a form, a review's findings, a rule's page, or several of a kind as a table.

    Several are forms, rules, figures, findings, comparisons, or rows of tables by their heads.
    Raises TypeError for anything else.
    """
    lang = lang or wording.language()
    if isinstance(thing, Document):
        return Shown(("document", "SHA-256"), [(schedules.visible(thing.name), thing.sha256)])
    if isinstance(thing, Report):
        heads, rows = schedules.indicators(thing)
        pages = (_page(row.name) for row in thing.indicators)
        whole = [(*row[2:], page) for row, page in zip(rows, pages, strict=True)]
        return Shown((*heads[2:], "page"), whole)
    if isinstance(thing, Review):
        return _findings(thing)
    if isinstance(thing, Rule):
        law = load()
        return Shown(*rulebook.page(thing, law, law.jurisdiction(COUNTRY, None), lang))
    some: list[Any] = [thing] if isinstance(thing, (Figure, Finding, Comparison)) else list(thing)
    if some and all(isinstance(one, dict) for one in some):
        return Shown(tuple(some[0]), [tuple(one.values()) for one in some])
    if all(isinstance(one, Figure) for one in some):
        return Shown(*schedules.figures(some, lang))
    if all(isinstance(one, Report) for one in some):
        heads = ("form", "place", "project", "indicators", "unsure entries")
        rows = [
            (
                one.number,
                schedules.place_in(lang, one.place),
                one.project,
                len(one.indicators),
                sum(not entry.is_sure for entry in one.entries()),
            )
            for one in some
        ]
        return Shown(heads, rows)
    if all(isinstance(one, Rule) for one in some):
        return Shown(*rulebook.rules(some, lang))
    if all(isinstance(one, Finding) for one in some):
        heads = ("document", "rule", "outcome", "severity", "what was found")
        how = {outcome: head_in(lang, text) for outcome, text in schedules.OUTCOMES.items()}
        named = ((f, schedules.visible(f.document.name)) for f in some)
        rows = [(n, f.rule, how[f.outcome], f.severity, f.message(lang)) for f, n in named]
        return Shown(heads, rows)
    if all(isinstance(one, Comparison) for one in some):
        return Shown(*changes(some))
    raise TypeError(f"show takes {', '.join(kind.__name__ for kind in _KINDS)}, or several")


def show_findings(review: Review, path: str | Path, *only: str) -> Cards:
    """Show the findings in full, worst first, each with its crop where the file has pages.

    ``path`` is the file that was reviewed; ``only`` are ids of rules, or keys of findings.
    """
    found = [(f, {**words, "key": f.key}) for f, words in schedules.findings(review)]
    asked = [pair for pair in found if not only or {pair[0].rule, pair[0].key} & {*only}]
    return Cards((finding, words, _crop(finding, path)) for finding, words in asked)


def _crop(finding: Finding, path: str | Path) -> Pages | None:
    with suppress(UnsupportedError):
        return _pages(path, finding.observation.evidence, margin=36)
    return None


def _findings(review: Review) -> Shown:
    heads = ("severity", "rule", "what was found", "printed", "recomputed", "arithmetic", "where")
    rows = [
        (
            schedules.tag(finding, review.lang),
            *(words[head] for head in heads[1:-1]),
            "; ".join(words["where"].split("\n")[:3]),
        )
        for finding, words in schedules.findings(review)
    ]
    return Shown(heads, rows)


def show_head(report: Report) -> Shown:
    """Show the head of the form, its goals and its totals, and where each stands."""
    return Shown(*schedules.head(report, wording.language()))


def show_summary(review: Review) -> Shown:
    """Show what was reviewed, by which standards, and how much of what was found."""
    rows = [row for row in schedules.summary(review) if row[1]]
    return Shown(("item", "as printed or found", "where"), rows)


def show_notes(report: Report) -> Shown:
    """Show what the reader has to say of the form: what was left out, or corrected by whom."""
    return Shown(("reading notes",), [(wording.word(n, wording.language()),) for n in report.notes])


def show_decisions(review: Review, log: Log) -> Shown:
    """Show what was decided of a review's findings, and whether it still answers them."""
    heads, rows = schedules.decided(log.standing(review.findings), wording.language())
    return Shown(heads[:-1], [row[:-1] for row in rows])  # without the day


def show_budget(report: Report) -> Shown:
    """Show the funding rows (项目资金) as printed."""
    return Shown(*schedules.budget(report))


def show_unsure(report: Report) -> Shown:
    """Show what was not read surely, why, and where to look."""
    return Shown(*schedules.unsure(report, wording.language()))


def show_standards(review: Review) -> Shown:
    """Show all values in force in the place and on the day that a form is held against."""
    return Shown(*rulebook.standards(review.standards, review.jurisdiction, review.lang))


def show_coverage(review: Review) -> Shown:
    """Show how often each rule answered what, so that open questions are seen."""
    return Shown(*schedules.coverage(review))


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

    data, name, entries = Path(path).read_bytes(), Path(path).name, tuple(entries)
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
    # Each box with whether all that was read there is sure.
    boxes: dict[Box, bool] = {}
    for entry in filter(None, entries):
        for box in (cell.place for cell in entry.cells):
            if isinstance(box, Box) and box.page == number:
                boxes[box] = boxes.get(box, True) and entry.is_sure
    top = max(0.0, min((box.top for box in boxes), default=0.0) - margin)
    bottom = min(high, max((box.bottom for box in boxes), default=high) + margin)
    figure = Canvas(figsize=(9, 9 * (bottom - top) / wide))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(image.squeeze(), extent=(0, wide, high, 0), cmap="gray", vmin=0, vmax=255)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    for box, is_sure in sorted(boxes.items()):
        size = box.right - box.left, box.bottom - box.top
        look = _SURE if is_sure and len(boxes) > _MANY else _FRAMED if is_sure else _DOUBTED
        axes.add_patch(Rectangle((box.left, box.top), *size, **look))
    lang, unsure = wording.language(), sum(not is_sure for is_sure in boxes.values())
    told = dict.fromkeys(place for e in entries if e for place in schedules.places([e], lang))
    caption = f"page {number} of {Path(path).name}, {len(boxes)} cells framed"
    caption += f", {unsure} of them not sure (dashed)" if unsure else ""
    return Picture(figure, wording.word(caption, lang), list(told))


def show_pages(
    path: str | Path, entries: Iterable[Entry | None], *, margin: float = 1e4
) -> Pages | Shown:
    """Draw each page on which some entries stand, with their cells framed.

    For a file without pages, such as a workbook, the table of the entries and their places.
    """
    known = tuple(filter(None, entries))
    with suppress(UnsupportedError):
        return _pages(path, known, margin=margin)
    lang = wording.language()
    rows = [(entry.path, entry, "; ".join(schedules.places([entry], lang))) for entry in known]
    return Shown(("entry", "text", "where"), rows)


def _pages(path: str | Path, entries: Sequence[Entry], *, margin: float) -> Pages:
    cells = (cell.place for entry in entries for cell in entry.cells)
    numbers = sorted({place.page for place in cells if isinstance(place, Box)})
    if not numbers:
        raise UnsupportedError("nothing of it stands on a page", name=Path(path).name)
    return Pages([page_picture(path, number, entries, margin=margin) for number in numbers])


def _page(entry: Entry | None) -> str:
    places = (cell.place for cell in entry.cells) if entry else ()
    return ", ".join(str(p) for p in sorted({b.page for b in places if isinstance(b, Box)}))


def register(shell: InteractiveShell) -> None:
    """Have IPython show the values of auditkit as ``show`` does, wherever a cell ends in one."""

    def table(thing: Any) -> Shown | None:
        with suppress(TypeError):
            if isinstance(thing, _KINDS) or (thing and isinstance(thing[0], _KINDS)):
                return show(thing)
        return None

    def html(thing: Any) -> str | None:
        shown = table(thing)
        return shown._repr_html_() if shown else None

    def text(thing: Any, printer: Any, is_cycle: bool) -> None:
        shown = table(thing)
        printer.text(repr(shown)) if shown else tuples(thing, printer, is_cycle)

    if shell.display_formatter:
        formatters = shell.display_formatter.formatters
        tuples = formatters["text/plain"].lookup_by_type(tuple)
        for kind in (*_KINDS, tuple):
            formatters["text/html"].for_type(kind, html)
            formatters["text/plain"].for_type(kind, text)
