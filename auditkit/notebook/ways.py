"""The ways that each kind of thing is shown in, by their names; see showing.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from auditkit import rulebook, schedules
from auditkit.decisions.events import Decision, Standing
from auditkit.decisions.log import Log
from auditkit.figures import Agreement, Figure
from auditkit.findings import Finding, Outcome, Rule, Severity
from auditkit.grid import Document, Tables
from auditkit.many.comparison import Pair, changes
from auditkit.many.engagement import Engagement
from auditkit.many.sampling import Draw
from auditkit.notebook import charts, folders, traced, verdicts
from auditkit.notebook.display import Cards, Shown
from auditkit.notebook.drawing import Drawing, Pages, Several, Themed
from auditkit.notebook.layouts import second_reading, tables_pictures
from auditkit.notebook.opened import Opened, forms_table, reviews_table
from auditkit.notebook.pages import on_pages, page_numbers
from auditkit.report import Entry, Report
from auditkit.reviewing import Review, Terms, redacted
from auditkit.standards import COUNTRY, load
from auditkit.wording import Fact, LabelPath, Name, Term, put
from auditkit.wording import terms as heads_of
from auditkit.worked import Worked

AROUND = 36  # points around the cells of a finding that are shown with it
WHOLE = 1e4  # more than any page


@dataclass(frozen=True, slots=True)
class Asked:
    """How a thing is to be shown; what does not concern the way that it is shown in is not used."""

    source: str | Path | None
    only: tuple[str, ...]
    lang: str
    margin: float
    title: str
    terms: Terms

    @property
    def file(self) -> str | Path:
        """The source; raises ValueError, which says what to name, where there is none."""
        if self.source is None:
            raise ValueError("name the file that it was read from: show(…, source=PATH)")
        return self.source


Display = Themed
Way = Callable[[Any, Asked], Display]
Ways = Mapping[str, Way]


def left_out(_: object, asked: Asked) -> Shown:
    """Show nothing: what is asked for has nothing to be made of."""
    return Shown((), (), asked.lang)


def nothing(_: object, asked: Asked) -> Shown:
    """Say that there is nothing."""
    return Shown((), (), asked.lang, put(Term("nothing"), asked.lang))


def _tables(tables: Tables, asked: Asked) -> Shown:
    return tables_pictures(tables, asked.source, asked.lang)


def _choose(_: str | Path, asked: Asked) -> Any:
    """Show a chooser for the notebook; it loads what draws widgets, so only where it is used."""
    from auditkit.notebook.chooser import choose

    return choose(asked.lang)


def _camelot(tables: Tables, asked: Asked) -> Shown:
    return second_reading(tables, asked.file, asked.lang)


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
    return Shown(heads_of("reading notes"), [(note,) for note in report.notes], asked.lang)


def _pages(report: Report, asked: Asked) -> Display:
    entries, strange = list(report.entries()), report.unplaced
    return on_pages(asked.file, entries, strange=strange, margin=asked.margin, lang=asked.lang)


def _forms(some: Sequence[Report], asked: Asked) -> Shown:
    return Shown(*forms_table(some), asked.lang)


def _file(path: str | Path, asked: Asked) -> Opened:
    return Opened(path, asked.terms, is_reviewed=True)


def _file_forms(path: str | Path, asked: Asked) -> Opened:
    return Opened(path, asked.terms, is_reviewed=False)


def _entries(some: Sequence[Entry], asked: Asked) -> Display:
    """Draw the pages of some entries where a file is named, else list their places."""
    if asked.source is not None:
        return on_pages(asked.source, some, margin=asked.margin, lang=asked.lang)
    places = ("; ".join(schedules.places([entry], asked.lang)) for entry in some)
    rows = [
        (LabelPath(entry.path), entry, where) for entry, where in zip(some, places, strict=True)
    ]
    return Shown(heads_of("entry", "text", "where"), rows, asked.lang)


def _figures(some: Sequence[Figure], asked: Asked) -> Shown:
    return Shown(*schedules.figures(some, asked.lang), asked.lang)


def _all_figures(worked: Worked, asked: Asked) -> Shown:
    return _figures(worked.figures, asked)


def _odd(worked: Worked, asked: Asked) -> Shown:
    exact = (None, Agreement.EXACT)
    return _figures([one for one in worked.figures if one.agreement not in exact], asked)


def _about(subjects: tuple[str, ...], worked: Worked, asked: Asked) -> Shown:
    return _figures([one for one in worked.figures if one.subject.startswith(subjects)], asked)


def _chart(
    draw: Callable[[Worked, str], Drawing | None],
    verdict: Callable[[Worked, str], Fact],
    worked: Worked,
    asked: Asked,
) -> Display:
    """Draw what there is to draw, below its verdict; where there is nothing, words say so."""
    return draw(worked, asked.lang) or _said((verdict(worked, asked.lang),), asked)


def _said(lines: Iterable[Fact], asked: Asked) -> Shown:
    return Shown((), (), asked.lang, "\n".join(put(line, asked.lang) for line in lines))


def _verdict(worked: Worked, asked: Asked) -> Shown:
    return _said(verdicts.of_figures(worked), asked)


def _cells_behind(worked: Worked, asked: Asked) -> Display:
    """Show the first figure that does not agree, else the first, and all cells behind it."""
    if (figure := traced.first_odd(worked)) is None:
        return left_out(worked, asked)
    cells = traced.cells_of(worked, figure)
    return Several([_figures([figure], asked), _entries(cells, asked)], asked.lang)


def _review(review: Review, asked: Asked) -> Shown:
    heads = heads_of("severity", "rule", "what was found", "printed", "recomputed", "arithmetic")
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
    verdict = _said(verdicts.of_reviews(some), asked).first
    return Shown(*reviews_table(some), asked.lang, verdict)


def _page(review: Review, asked: Asked) -> Display:
    """Draw the page with the cells that errors, warnings and questions rest on."""
    counted = review.findings_of(Outcome.FAIL, Outcome.REVIEW)
    grave = [f for f in counted if f.severity is not Severity.NOTE or f.outcome is Outcome.REVIEW]
    seen = [entry for finding in grave for entry in finding.observation.evidence]
    if not seen:
        return Shown((), (), asked.lang, put(verdicts.Line.NOTHING_FRAMED, asked.lang))
    return on_pages(asked.file, seen, margin=asked.margin, lang=asked.lang)


def _findings_in_full(review: Review, asked: Asked) -> Cards:
    found = [(f, words) for f, words in schedules.findings(review) if _is_asked(f, asked)]
    margin = AROUND if asked.margin == WHOLE else asked.margin
    cards = [
        (finding, {**words, Term("key"): finding.key}, _crop(finding, asked, margin, review.lang))
        for finding, words in found
    ]
    return Cards(cards, review.lang)


def _is_asked(finding: Finding, asked: Asked) -> bool:
    return not asked.only or bool({finding.rule, finding.key} & {*asked.only})


def _crop(finding: Finding, asked: Asked, margin: float, lang: str) -> Pages | None:
    seen = finding.observation.evidence
    return on_pages(asked.source, seen, margin=margin, lang=lang) if asked.source else None


def _summary(review: Review, _: Asked) -> Shown:
    rows = [row for row in schedules.summary(review) if row[1]]
    return Shown(heads_of("item", "as printed or found", "where"), rows, review.lang)


def _coverage(review: Review, _: Asked) -> Shown:
    return Shown(*schedules.coverage(review), review.lang)


def _open(review: Review, asked: Asked) -> Shown:
    """List the questions that could not be put, with the reason, each once."""
    found = (f for f in review.findings_of(Outcome.OPEN))
    rows = dict.fromkeys(
        (f.rule, f.title(asked.lang), schedules.visible(f.message(asked.lang))) for f in found
    )
    return Shown(heads_of("rule", "about", "left open") if rows else (), list(rows), asked.lang)


def _judged(review: Review, _: Asked) -> Shown:
    return Shown(*schedules.coverage_of_rows(review), review.lang)


def _decisions(review: Review, _: Asked) -> Shown:
    return _standing(Log(review.terms.log).standing(review.findings), review.lang)


def _standards(review: Review, _: Asked) -> Shown:
    table = rulebook.standards(review.standards, review.jurisdiction, review.lang)
    return Shown(*table, review.lang)


def decided(some: Sequence[tuple[Decision, Standing]], asked: Asked) -> Shown:
    """List decisions with how they stand now."""
    return _standing(some, asked.lang)


def _standing(some: Iterable[tuple[Decision, Standing]], lang: str) -> Shown:
    heads, rows = schedules.decided(some)
    return Shown(heads[:-1], [row[:-1] for row in rows], lang)  # without the day


def _events(some: Sequence[Decision], asked: Asked) -> Shown:
    """Show events of a log; how they stand now is known beside a review only."""
    heads, rows = schedules.decided((event, Standing.CURRENT) for event in some)
    return Shown((heads[0], *heads[2:]), [(row[0], *row[2:]) for row in rows], asked.lang)


def _findings(some: Sequence[Finding], asked: Asked) -> Shown:
    heads = heads_of("document", "rule", "outcome", "severity", "what was found")
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
    heads = heads_of("file", "forms", "unsure entries", "why")
    return Shown(heads, rows, asked.lang, str(done))


def _ranking(done: Engagement, asked: Asked) -> Shown:
    return folders.ranking(done, asked.lang)


def _failures(done: Engagement, asked: Asked) -> Shown:
    return folders.failures(done, asked.lang)


def _scores(done: Engagement, asked: Asked) -> Display:
    return folders.scores(done, asked.lang) or _said((charts.Verdict.NO_NUMBERS,), asked)


def _rates(done: Engagement, asked: Asked) -> Display:
    return folders.rates(done, asked.lang) or _said((charts.Verdict.NO_NUMBERS,), asked)


def _across(done: Engagement, asked: Asked) -> Shown:
    return folders.across(done, asked.lang)


def _changes(done: Engagement, asked: Asked) -> Shown:
    return folders.changed(done, asked.file, asked.terms)


def _draw(draw: Draw, asked: Asked) -> Shown:
    return _rows(draw.rows, asked) if draw.rows else nothing(draw, asked)


def _rows(some: Sequence[Mapping[str, Any]], asked: Asked) -> Shown:
    return Shown(tuple(map(Name, some[0])), [tuple(one.values()) for one in some], asked.lang)


def _numbers(numbers: Mapping[str, Any], asked: Asked) -> Shown:
    rows = [(schedules.visible(str(name)), value) for name, value in numbers.items()]
    return Shown(heads_of("item", "value"), rows, asked.lang)


def _spread(numbers: Mapping[str, Any], asked: Asked) -> Display:
    drawn = charts.spread(numbers, asked.title, asked.lang)
    return drawn or _said((charts.Verdict.NO_NUMBERS,), asked)


SUMS = ("dimension/", "category/", "total/")
# What is one thing, and what is shown like several of its kind.
WAYS: dict[type, Ways] = {
    str: {"": _file, "forms": _file_forms, "choose": _choose},
    Path: {"": _file, "forms": _file_forms, "choose": _choose},
    Tables: {"": _tables, "camelot": _camelot},
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
        "verdict": _verdict,
        "cells": _cells_behind,
        "bridge": partial(_chart, charts.bridge, charts.bridge_verdict),
        "targets": partial(_chart, charts.targets, charts.targets_verdict),
        "funds": partial(_chart, charts.funds, charts.funds_verdict),
        "methods": partial(_chart, charts.methods, charts.methods_verdict),
    },
    Review: {
        "": _review,
        "summary": _summary,
        "page": _page,
        "findings": _findings_in_full,
        "coverage": _coverage,
        "open": _open,
        "judged": _judged,
        "decisions": _decisions,
        "standards": _standards,
    },
    Rule: {"": _rule},
    Engagement: {
        "": _engagement,
        "ranking": _ranking,
        "failures": _failures,
        "scores": _scores,
        "rates": _rates,
        "across": _across,
        "changes": _changes,
    },
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
