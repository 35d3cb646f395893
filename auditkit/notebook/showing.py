"""One word for showing: ``show`` looks up what a thing is, and what of it is asked for.

``WAYS`` and ``WAYS_OF_SEVERAL`` have for each kind of thing the ways that it is shown in, by their
names; the empty name is how it is shown where nothing is asked for. To show something new, write a
function of the thing and of what is ``Asked``, and name it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import rulebook, schedules
from auditkit.decisions.events import Decision, Standing
from auditkit.decisions.log import Log
from auditkit.errors import UnsupportedError
from auditkit.figures import Agreement, Figure
from auditkit.findings import Finding, Rule
from auditkit.grid import Document, Tables
from auditkit.many.comparison import Pair, changes
from auditkit.many.engagement import Engagement
from auditkit.many.sampling import Draw
from auditkit.notebook import charts
from auditkit.notebook.charts import Drawing
from auditkit.notebook.display import Cards, Pages, Shown, on_pages, page_numbers
from auditkit.notebook.layouts import tables_pictures
from auditkit.report import Entry, Report
from auditkit.reviewing import Review, redacted
from auditkit.standards import COUNTRY, load
from auditkit.wording import LabelPath, Name, Term, language, put, terms
from auditkit.worked import Worked

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

AROUND = 36  # points around the cells of a finding that are shown with it
_WHOLE = 1e4  # more than any page


@dataclass(frozen=True, slots=True)
class Asked:
    """How a thing is to be shown; what does not concern the way that it is shown in is not used."""

    source: str | Path | None
    only: tuple[str, ...]
    lang: str
    margin: float
    title: str


Display = Shown | Pages | Cards | Drawing
Way = Callable[[Any, Asked], Display]
Ways = Mapping[str, Way]


def show(
    thing: Any,
    what: str = "",
    *,
    source: str | Path | None = None,
    only: str | Iterable[str] = (),
    lang: str = "",
    margin: float = _WHOLE,
    title: str = "",
) -> Display:
    """Show what auditkit makes: as a table with its ``frame``, as pictures, or as cards.

    What there is to ask for, beside how a thing is shown where nothing is:

    - tables: their pages drawn where ``source`` is given, else each cell with its place;
    - a form: ``head``, ``funds``, ``indicators`` with all their levels, ``unsure``, ``unplaced``
      (what was not understood), ``notes``, and ``pages`` with each cell framed; several forms are
      listed;
    - entries of a form: their pages drawn where ``source`` is given, else their places;
    - what was worked out: the charts ``bridge``, ``targets``, ``funds`` and ``methods``; the
      figures that are ``odd``, since another is printed, and those of ``budget``, ``indicator``
      and ``sums``;
    - reviews of a document or of several: a line for each;
    - a review: ``summary``, ``findings`` in full, with their cells where ``source`` is given,
      ``coverage``, ``judged``, ``decisions`` of the log of its terms, and ``standards`` in force;
    - numbers by their names: ``spread``, ranked below a ``title``;
    - figures, findings, rules, comparisons, decisions, rows, draws, engagements and documents.

    Args:
        thing: What to show, or several of a kind.
        what: What of it.
        source: The file that it was read from, whose pages are drawn.
        only: Ids of rules or keys of findings; all, unless some are named.
        lang: The language, ``en`` or ``zh``, that of ``speak`` where none is named. A review and a
            comparison speak their own.
        margin: How many points around framed cells are shown, the whole page unless it is named.
        title: What stands above a chart of numbers.

    Raises:
        ValueError: There is no such ``what``, or it needs a source; it says what there is.
        TypeError: It is nothing that auditkit shows.
        ReadError: The source cannot be read.
    """
    known, ways = _known(thing)
    if what not in ways:
        there = ", ".join(sorted(filter(None, ways))) or "nothing else"
        raise ValueError(f"{what!r} cannot be shown of this; there is {there}")
    named = (only,) if isinstance(only, str) else tuple(only)
    return ways[what](known, Asked(source, named, lang or language(), margin, title))


def _known(thing: Any) -> tuple[Any, Ways]:
    """Return a thing, or the list of several, with the ways that it can be shown in."""
    for kind, ways in WAYS.items():
        if isinstance(thing, kind):
            return thing, ways
    is_one = isinstance(thing, tuple(WAYS_OF_SEVERAL))
    with suppress(TypeError):  # what cannot be gone through is not several of anything
        some = [thing] if is_one else [one for one in thing if one is not None]
        if not some:
            return some, {"": _nothing}
        for kind, ways in WAYS_OF_SEVERAL.items():
            if all(isinstance(one, kind) for one in some):
                return some, ways
        if all(map(_is_decision, some)):
            return some, {"": _decided}
    names = ", ".join(dict.fromkeys(kind.__name__ for kind in (*WAYS, *WAYS_OF_SEVERAL)))
    raise TypeError(f"show takes {names}, or several of a kind")


def _is_decision(thing: Any) -> bool:
    return isinstance(thing, tuple) and tuple(map(type, thing)) == (Decision, Standing)


def _nothing(_: object, asked: Asked) -> Shown:
    return Shown((), (), asked.lang, put(Term("nothing here"), asked.lang))


def _tables(tables: Tables, asked: Asked) -> Shown:
    return tables_pictures(tables, asked.source, asked.lang)


def _document(document: Document, asked: Asked) -> Shown:
    row = (schedules.visible(document.name), document.sha256)
    return Shown((Term("document"), "SHA-256"), [row], asked.lang)


def _form(report: Report, asked: Asked) -> Shown:
    whole = _indicators(report, asked)
    return Shown(whole.heads[2:], [row[2:] for row in whole.cells], asked.lang)


def _indicators(report: Report, asked: Asked) -> Shown:
    heads, rows = schedules.indicators(report)
    pages = (", ".join(map(str, page_numbers([row.name]))) for row in report.indicators)
    whole = [(*row, page) for row, page in zip(rows, pages, strict=True)]
    return Shown((*heads, Term("page")), whole, asked.lang)


def _head(report: Report, asked: Asked) -> Shown:
    return Shown(*schedules.head(report, asked.lang), asked.lang)


def _funds(report: Report, asked: Asked) -> Shown:
    return Shown(*schedules.budget(report), asked.lang)


def _unsure(report: Report, asked: Asked) -> Shown:
    return Shown(*schedules.unsure(report, asked.lang), asked.lang)


def _unplaced(report: Report, asked: Asked) -> Shown:
    return Shown(*schedules.unplaced(report, asked.lang), asked.lang)


def _notes(report: Report, asked: Asked) -> Shown:
    return Shown(terms("reading notes"), [(note,) for note in report.notes], asked.lang)


def _pages(report: Report, asked: Asked) -> Display:
    if asked.source is None:
        raise ValueError("name the file that the form was read from: show(…, source=PATH)")
    entries, strange = list(report.entries()), report.unplaced
    return on_pages(asked.source, entries, strange=strange, margin=asked.margin, lang=asked.lang)


def _forms(some: Sequence[Report], asked: Asked) -> Shown:
    rows = [
        (
            one.number,
            one.place,
            one.project,
            len(one.indicators),
            sum(not entry.is_sure for entry in one.entries()),
        )
        for one in some
    ]
    heads = terms("form", "place", "project", "indicators", "unsure entries")
    return Shown(heads, rows, asked.lang)


def _entries(some: Sequence[Entry], asked: Asked) -> Display:
    """Draw the pages of some entries; a file without pages gets the table of their places."""
    with suppress(UnsupportedError):
        if asked.source is not None:
            return on_pages(asked.source, some, margin=asked.margin, lang=asked.lang)
    places = ("; ".join(schedules.places([entry], asked.lang)) for entry in some)
    rows = [
        (LabelPath(entry.path), entry, where) for entry, where in zip(some, places, strict=True)
    ]
    return Shown(terms("entry", "text", "where"), rows, asked.lang)


def _figures(some: Sequence[Figure], asked: Asked) -> Shown:
    return Shown(*schedules.figures(some, asked.lang), asked.lang)


def _all_figures(worked: Worked, asked: Asked) -> Shown:
    return _figures(worked.figures, asked)


def _odd(worked: Worked, asked: Asked) -> Shown:
    exact = (None, Agreement.EXACT)
    return _figures([one for one in worked.figures if one.agreement not in exact], asked)


def _about(subjects: tuple[str, ...], worked: Worked, asked: Asked) -> Shown:
    return _figures([one for one in worked.figures if one.subject.startswith(subjects)], asked)


def _chart(draw: Callable[[Worked, str], Drawing], worked: Worked, asked: Asked) -> Drawing:
    return draw(worked, asked.lang)


def _review(review: Review, asked: Asked) -> Shown:
    heads = terms("severity", "rule", "what was found", "printed", "recomputed", "arithmetic")
    rows = [
        (
            schedules.tag(finding),
            *(words[head] for head in heads[1:]),
            "; ".join(words["where"].split("\n")[:3]),
        )
        for finding, words in schedules.findings(review)
        if _is_asked(finding, asked)
    ]
    certainty = put(review.report.certainty, review.lang)
    first = "; ".join(filter(None, (certainty, schedules.corrections_line(review))))
    return Shown((*heads, Term("where")), rows, review.lang, first)


def _reviews(some: Sequence[Review], asked: Asked) -> Shown:
    some = redacted(some) if all(one.redaction for one in some) else some
    heads = terms("document", "form", "place", "project", "certainty")
    named = ((schedules.visible(one.document.name), one.report) for one in some)
    rows = [
        (
            *(name, form.number, form.place, form.project, form.certainty),
            *schedules.counts(one).values(),
        )
        for one, (name, form) in zip(some, named, strict=True)
    ]
    return Shown((*heads, *schedules.counts(some[0])), rows, asked.lang)


def _findings_in_full(review: Review, asked: Asked) -> Cards:
    found = [(f, words) for f, words in schedules.findings(review) if _is_asked(f, asked)]
    margin = AROUND if asked.margin == _WHOLE else asked.margin
    cards = [
        (finding, {**words, Term("key"): finding.key}, _crop(finding, asked, margin, review.lang))
        for finding, words in found
    ]
    return Cards(cards, review.lang)


def _is_asked(finding: Finding, asked: Asked) -> bool:
    return not asked.only or bool({finding.rule, finding.key} & {*asked.only})


def _crop(finding: Finding, asked: Asked, margin: float, lang: str) -> Pages | None:
    with suppress(UnsupportedError):
        if asked.source is not None:
            seen = finding.observation.evidence
            return on_pages(asked.source, seen, margin=margin, lang=lang)
    return None


def _summary(review: Review, _: Asked) -> Shown:
    rows = [row for row in schedules.summary(review) if row[1]]
    return Shown(terms("item", "as printed or found", "where"), rows, review.lang)


def _coverage(review: Review, _: Asked) -> Shown:
    return Shown(*schedules.coverage(review), review.lang)


def _judged(review: Review, _: Asked) -> Shown:
    return Shown(*schedules.coverage_of_rows(review), review.lang)


def _decisions(review: Review, _: Asked) -> Shown:
    return _standing(Log(review.terms.log).standing(review.findings), review.lang)


def _standards(review: Review, _: Asked) -> Shown:
    table = rulebook.standards(review.standards, review.jurisdiction, review.lang)
    return Shown(*table, review.lang)


def _decided(some: Sequence[tuple[Decision, Standing]], asked: Asked) -> Shown:
    return _standing(some, asked.lang)


def _standing(some: Iterable[tuple[Decision, Standing]], lang: str) -> Shown:
    heads, rows = schedules.decided(some)
    return Shown(heads[:-1], [row[:-1] for row in rows], lang)  # without the day


def _events(some: Sequence[Decision], asked: Asked) -> Shown:
    """Show events of a log; how they stand now is known beside a review only."""
    heads, rows = schedules.decided((event, Standing.CURRENT) for event in some)
    return Shown((heads[0], *heads[2:]), [(row[0], *row[2:]) for row in rows], asked.lang)


def _findings(some: Sequence[Finding], asked: Asked) -> Shown:
    heads = terms("document", "rule", "outcome", "severity", "what was found")
    named = ((f, schedules.visible(f.document.name)) for f in some if _is_asked(f, asked))
    how = schedules.OUTCOMES
    rows = [(n, f.rule, how[f.outcome], f.severity, f.message(asked.lang)) for f, n in named]
    return Shown(heads, rows, asked.lang)


def _rule(rule: Rule, asked: Asked) -> Shown:
    law = load()
    table = rulebook.rule_page(rule, law, law.jurisdiction(COUNTRY, None), asked.lang)
    return Shown(*table, asked.lang)


def _rules(some: Sequence[Rule], asked: Asked) -> Shown:
    return Shown(*rulebook.rules(some, asked.lang), asked.lang)


def _comparisons(some: Sequence[Pair], _: Asked) -> Shown:
    return Shown(*changes(some), some[0].lang)


def _engagement(done: Engagement, asked: Asked) -> Shown:
    files = ((schedules.visible(one.name), one) for one in done.files)
    rows = [(name, len(one.forms), one.unsure, one.error) for name, one in files]
    heads = terms("file", "forms", "unsure entries", "why")
    return Shown(heads, rows, asked.lang, str(done))


def _draw(draw: Draw, asked: Asked) -> Shown:
    return _rows(draw.rows, asked) if draw.rows else _nothing(draw, asked)


def _rows(some: Sequence[Mapping[str, Any]], asked: Asked) -> Shown:
    return Shown(tuple(map(Name, some[0])), [tuple(one.values()) for one in some], asked.lang)


def _numbers(numbers: Mapping[str, Any], asked: Asked) -> Shown:
    rows = [(schedules.visible(str(name)), value) for name, value in numbers.items()]
    return Shown(terms("item", "value"), rows, asked.lang)


def _spread(numbers: Mapping[str, Any], asked: Asked) -> Drawing:
    return charts.spread(numbers, asked.title, asked.lang)


SUMS = ("dimension/", "category/", "total/")
# What is one thing, and what is shown like several of its kind.
WAYS: dict[type, Ways] = {
    Tables: {"": _tables},
    Document: {"": _document},
    Report: {
        "": _form,
        "head": _head,
        "funds": _funds,
        "indicators": _indicators,
        "unsure": _unsure,
        "unplaced": _unplaced,
        "notes": _notes,
        "pages": _pages,
    },
    Worked: {
        "": _all_figures,
        "odd": _odd,
        "budget": partial(_about, ("budget/",)),
        "indicator": partial(_about, ("indicator/",)),
        "sums": partial(_about, SUMS),
        "bridge": partial(_chart, charts.bridge),
        "targets": partial(_chart, charts.targets),
        "funds": partial(_chart, charts.funds),
        "methods": partial(_chart, charts.methods),
    },
    Review: {
        "": _review,
        "summary": _summary,
        "findings": _findings_in_full,
        "coverage": _coverage,
        "judged": _judged,
        "decisions": _decisions,
        "standards": _standards,
    },
    Rule: {"": _rule},
    Engagement: {"": _engagement},
    Draw: {"": _draw},
    Mapping: {"": _numbers, "spread": _spread},
}
WAYS_OF_SEVERAL: dict[type, Ways] = {
    Entry: {"": _entries},
    Figure: {"": _figures},
    Finding: {"": _findings},
    Pair: {"": _comparisons},
    Decision: {"": _events},
    Report: {"": _forms},
    Review: {"": _reviews},
    Rule: {"": _rules},
    Mapping: {"": _rows},
}
# What IPython shows like this by itself; mappings and rows are anybody's.
OWN = tuple(kind for kind in {**WAYS, **WAYS_OF_SEVERAL} if kind is not Mapping)


def register(shell: InteractiveShell) -> None:
    """Have IPython show the values of auditkit as ``show`` does, wherever a cell ends in one."""

    def table(thing: Any) -> Display | None:
        with suppress(TypeError):
            first = thing[0] if isinstance(thing, tuple) and thing else thing
            if isinstance(first, OWN) or _is_decision(first):
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
        for kind in (*OWN, tuple):
            formatters["text/html"].for_type(kind, html)
            formatters["text/plain"].for_type(kind, text)
