"""Reports, findings and pages shown in a notebook: static tables, and pictures of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, Template

from auditkit import rulebook, schedules
from auditkit.contract import ROW
from auditkit.decisions.log import Log
from auditkit.errors import UnsupportedError
from auditkit.figures import Figure
from auditkit.findings import Finding, Rule
from auditkit.grid import Box, Document
from auditkit.many.comparison import Comparison, changes
from auditkit.notebook.charts import Caption, Picture
from auditkit.readers import kind_of
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.standards import COUNTRY, load
from auditkit.wording import Fact, LabelPath, Name, Statement, Term, language, put, terms

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
    """What a notebook shows as HTML, in its colours and language, made by ``notebook.html``."""

    lang: str

    def _repr_html_(self) -> str:
        said = {"put": put, "tag": schedules.tag, "nothing": Term("nothing here")}
        return _template().render(shown=self, lang=self.lang, **said)


class Shown(_Themed):
    """A table that a notebook shows as HTML and a terminal as text.

    ``lang`` is the language of its heads and cells, that of ``speak`` where none is named;
    ``first`` is said before the table.
    """

    def __init__(
        self,
        heads: Sequence[Fact],
        rows: Iterable[Sequence[schedules.Cell]],
        lang: str = "",
        first: str = "",
    ) -> None:
        self.first, self.lang = first, lang or language()
        self.heads, shown = schedules.spoken((heads, list(rows)), self.lang)
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
        rows = self.rows or [(put(Term("nothing here"), self.lang),)]
        table = [" | ".join(row) for row in (self.heads, *rows)]
        return "\n".join([self.first, *table] if self.first else table)


class Pages(_Themed):
    """Pictures of some pages, one below the other."""

    def __init__(self, pictures: Iterable[Picture], lang: str = "") -> None:
        self.pictures, self.lang = tuple(pictures), lang or language()

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.pictures))


class Cards(_Themed):
    """Findings in full, each with the part of the page that it rests on."""

    def __init__(
        self, cards: Iterable[tuple[Finding, dict[str, str], Pages | None]], lang: str = ""
    ) -> None:
        self.cards, self.lang = tuple(cards), lang or language()

    def __repr__(self) -> str:
        cards = (
            [f"{put(name, self.lang)}: {text}" for name, text in words.items() if text]
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

    Several are forms, rules, figures, findings, comparisons, or rows of tables by their heads. A
    review and a comparison speak the language that they were made in, anything else ``lang``, or
    that of ``speak``. Raises TypeError for anything else.
    """
    lang = lang or language()
    if isinstance(thing, Document):
        row = (schedules.visible(thing.name), thing.sha256)
        return Shown((Term("document"), "SHA-256"), [row], lang)
    if isinstance(thing, Report):
        heads, rows = schedules.indicators(thing)
        pages = (_page(row.name) for row in thing.indicators)
        whole = [(*row[2:], page) for row, page in zip(rows, pages, strict=True)]
        return Shown((*heads[2:], Term("page")), whole, lang)
    if isinstance(thing, Review):
        return _findings(thing)
    if isinstance(thing, Rule):
        law = load()
        return Shown(*rulebook.page(thing, law, law.jurisdiction(COUNTRY, None), lang), lang)
    some: list[Any] = [thing] if isinstance(thing, (Figure, Finding, Comparison)) else list(thing)
    if some and all(isinstance(one, dict) for one in some):
        return Shown(tuple(map(Name, some[0])), [tuple(one.values()) for one in some], lang)
    if all(isinstance(one, Figure) for one in some):
        return Shown(*schedules.figures(some, lang), lang)
    if all(isinstance(one, Report) for one in some):
        return _forms(some, lang)
    if all(isinstance(one, Rule) for one in some):
        return Shown(*rulebook.rules(some, lang), lang)
    if all(isinstance(one, Finding) for one in some):
        heads = terms("document", "rule", "outcome", "severity", "what was found")
        named = ((f, schedules.visible(f.document.name)) for f in some)
        how = schedules.OUTCOMES
        rows = [(n, f.rule, how[f.outcome], f.severity, f.message(lang)) for f, n in named]
        return Shown(heads, rows, lang)
    if all(isinstance(one, Comparison) for one in some):
        return Shown(*changes(some), some[0].lang)
    raise TypeError(f"show takes {', '.join(kind.__name__ for kind in _KINDS)}, or several")


def _forms(some: Iterable[Report], lang: str) -> Shown:
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
    heads = terms("form", "place", "project", "indicators", "unsure entries")
    return Shown(heads, rows, lang)


def show_findings(review: Review, path: str | Path, *only: str) -> Cards:
    """Show the findings in full, worst first, each with its crop where the file has pages.

    ``path`` is the file that was reviewed; ``only`` are ids of rules, or keys of findings.
    """
    found = [(f, {**words, Term("key"): f.key}) for f, words in schedules.findings(review)]
    asked = [pair for pair in found if not only or {pair[0].rule, pair[0].key} & {*only}]
    cards = ((finding, words, _crop(finding, path, review.lang)) for finding, words in asked)
    return Cards(cards, review.lang)


def _crop(finding: Finding, path: str | Path, lang: str) -> Pages | None:
    with suppress(UnsupportedError):
        return _pages(path, finding.observation.evidence, margin=36, lang=lang)
    return None


def _findings(review: Review) -> Shown:
    heads = terms("severity", "rule", "what was found", "printed", "recomputed", "arithmetic")
    rows = [
        (
            schedules.tag(finding),
            *(words[head] for head in heads[1:]),
            "; ".join(words["where"].split("\n")[:3]),
        )
        for finding, words in schedules.findings(review)
    ]
    first = schedules.corrections_line(review)
    return Shown((*heads, Term("where")), rows, review.lang, first)


def show_head(report: Report) -> Shown:
    """Show the head of the form, its goals and its totals, and where each stands."""
    return Shown(*schedules.head(report, language()))


def show_summary(review: Review) -> Shown:
    """Show what was reviewed, by which standards, and how much of what was found."""
    rows = [row for row in schedules.summary(review) if row[1]]
    return Shown(terms("item", "as printed or found", "where"), rows, review.lang)


def show_notes(report: Report) -> Shown:
    """Show what the reader has to say of the form: what was left out, or corrected by whom."""
    notes = [(put(note, language()),) for note in report.notes]
    return Shown(terms("reading notes"), notes)


def show_decisions(review: Review, log: Log) -> Shown:
    """Show what was decided of a review's findings, and whether it still answers them."""
    heads, rows = schedules.decided(log.standing(review.findings))
    return Shown(heads[:-1], [row[:-1] for row in rows], review.lang)  # without the day


def show_budget(report: Report) -> Shown:
    """Show the funding rows (项目资金) as printed."""
    return Shown(*schedules.budget(report))


def show_unsure(report: Report) -> Shown:
    """Show what was not read surely, why, and where to look."""
    return Shown(*schedules.unsure(report, language()))


def show_standards(review: Review) -> Shown:
    """Show all values in force in the place and on the day that a form is held against."""
    table = rulebook.standards(review.standards, review.jurisdiction, review.lang)
    return Shown(*table, review.lang)


def show_coverage(review: Review) -> Shown:
    """Show how often each rule answered what, so that open questions are seen."""
    return Shown(*schedules.coverage(review), review.lang)


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
    path: str | Path,
    number: int,
    entries: Iterable[Entry | None] = (),
    *,
    margin: float = 1e4,
    lang: str = "",
) -> Picture:
    """Draw a page of a file with the cells of some entries framed; ``number`` counts from one.

    ``margin`` is how many points around the framed cells are shown, by default the whole page;
    ``lang`` the language of what is said of it, that of ``speak`` where none is named.
    Raises IndexError for a page that the file does not have, UnsupportedError for a file without
    pages, such as a workbook.
    """
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Rectangle

    entries = tuple(entries)
    image, wide, high = page_in_grey(path, number)
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
    axes.imshow(image, extent=(0, wide, high, 0), cmap="gray", vmin=0, vmax=255)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    for box, is_sure in sorted(boxes.items()):
        size = box.right - box.left, box.bottom - box.top
        look = _SURE if is_sure and len(boxes) > _MANY else _FRAMED if is_sure else _DOUBTED
        axes.add_patch(Rectangle((box.left, box.top), *size, **look))
    lang, unsure = lang or language(), sum(not is_sure for is_sure in boxes.values())
    told = dict.fromkeys(place for e in entries if e for place in schedules.places([e], lang))
    kind = Caption.FRAMED_UNSURE if unsure else Caption.FRAMED
    caption = Statement.of(
        kind, number=number, file=Path(path).name, cells=len(boxes), unsure=unsure
    )
    return Picture(figure, put(caption, lang), list(told))


def page_in_grey(path: str | Path, number: int) -> tuple[Any, float, float]:
    """Return a page of a file as an array of shades, and its width and height in points.

    Raises IndexError and UnsupportedError as ``page_picture`` does.
    """
    import pypdfium2

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
        return sheet.render(scale=2, grayscale=True).to_numpy().squeeze(), wide, high


def show_pages(
    path: str | Path, entries: Iterable[Entry | None], *, margin: float = 1e4, lang: str = ""
) -> Pages | Shown:
    """Draw each page on which some entries stand, with their cells framed.

    For a file without pages, such as a workbook, the table of the entries and their places.
    """
    known, lang = tuple(filter(None, entries)), lang or language()
    with suppress(UnsupportedError):
        return _pages(path, known, margin=margin, lang=lang)
    places = ("; ".join(schedules.places([entry], lang)) for entry in known)
    rows = [
        (LabelPath(entry.path), entry, where) for entry, where in zip(known, places, strict=True)
    ]
    return Shown(terms("entry", "text", "where"), rows, lang)


def _pages(path: str | Path, entries: Sequence[Entry], *, margin: float, lang: str) -> Pages:
    cells = (cell.place for entry in entries for cell in entry.cells)
    numbers = sorted({place.page for place in cells if isinstance(place, Box)})
    if not numbers:
        raise UnsupportedError("nothing of it stands on a page", name=Path(path).name)
    how: dict[str, Any] = {"margin": margin, "lang": lang}
    return Pages([page_picture(path, number, entries, **how) for number in numbers], lang)


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
