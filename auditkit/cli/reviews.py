"""``auditkit review``: one file here and now, or many as a run with tables."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.cli.inputs import STANDARD_INPUT, allowance, data_of, each, inputs, terms_of
from auditkit.cli.story import (
    FORMS_SAID,
    PAPERS,
    PAPERS_OF_ALL,
    comes_to,
    found,
    lies_in,
    opened,
    sureness,
    total,
)
from auditkit.cli.terminal import Line, Output, how_many, progress, say
from auditkit.errors import AuditkitError
from auditkit.files import readable
from auditkit.wording import Phrase, language, put
from auditkit.wording import terms as heads_of

if TYPE_CHECKING:
    from auditkit.contract import Json
    from auditkit.many.engagement import Engagement
    from auditkit.many.run import Run
    from auditkit.reviewing import Review, Terms

_KINDS = ("errors", "warnings", "notes", "to look at")  # the first of the counts
REVIEWED = heads_of("file", "place", "project", "certainty", *_KINDS)
FAILURES_SAID, WORKERS = 20, 2
# Options that have a meaning for a run alone: with one of them a single file is reviewed as a run.
OF_SEVERAL = ("workers", "scheduler", "fresh", "projects", "seconds", "memory")


def review_command(options: argparse.Namespace, output: Output) -> None:
    """Review one file here, or several and folders as a run with tables."""
    from auditkit.many.inputs import whole_path

    terms, files = terms_of(options).checked(), list(inputs(options.paths, output))
    if options.keep and options.replace:
        options.parser.error(Phrase.of("keep or replace"))
    is_one_file = list(map(whole_path, files)) == list(map(whole_path, options.paths[:1]))
    is_one_path = len(options.paths) == 1
    terms = replace(terms, witness=is_witnessed(options, files))
    if is_one_file and is_one_path and not any(getattr(options, name) for name in OF_SEVERAL):
        review_one = partial(_review_one, terms=terms, options=options)
        each(files, output, review_one, allowance(options))
    elif STANDARD_INPUT in files:
        without = tuple(f"--{name}" for name in OF_SEVERAL)
        options.parser.error(Phrase.of("stdin alone", without=without))
    elif files:
        _review_many(files, terms, options, output)
    if options.shows:
        for page in output.pages:
            opened(page)


def is_witnessed(options: argparse.Namespace, files: Sequence[str]) -> bool:
    """Tell whether files are printed to settle doubts: a single one is, unless that is declined."""
    if options.witness and options.no_witness:
        options.parser.error(Phrase.of("witness or not"))
    return options.witness or (len(files) == 1 and not options.no_witness)


def _review_one(path: str, output: Output, *, terms: Terms, options: argparse.Namespace) -> None:
    from auditkit import schedules
    from auditkit.contract import review_json
    from auditkit.decisions.log import Log
    from auditkit.reviewing import review
    from auditkit.workpapers import write_workpapers
    from auditkit.workpapers.folders import folder_of

    data, name = data_of(path)
    reviews = review(data, terms, name=name, tell=output.at_page)
    log = Log(terms.log)
    shown, written = reviews[0].document.name, list[str]()
    for one in reviews:
        if one.corrections:
            made = one.corrections
            said = schedules.corrected_line(made.count, made.as_read, log.name, one.lang)
            place = put(one.report.place, one.lang)
            say(Phrase.of("of file", name=shown, place=place, said=said))
    if not options.no_workpapers:
        ink = _ink(options)
        folder = folder_of(reviews, options.out)
        papers = write_workpapers(reviews, folder, log, source=data, ink=ink, tell=say)
        folder = papers[0].parent
        written = [readable(str(paper)) for paper in papers]
        if options.format == "json":
            say(Phrase.of("papers in", name=shown, folder=readable(str(folder))))
        names = {paper.name for paper in papers}
        output.last += lies_in(folder, ((n, what) for n, what in PAPERS.items() if n in names))
        output.pages.append(folder / next(iter(PAPERS)))
    for one in reviews:
        counts = tuple(schedules.counts(one).values())
        output.worst |= _worst(counts, is_doubted=one.report.doubted > 0)
        output.results.append(review_json(one, written, log))
    if len(reviews) > FORMS_SAID:
        output.lines += sureness([one.report for one in reviews])
        rows = [_row(shown, one) for one in reviews]
        rows.sort(key=_rank)
        output.table(REVIEWED, rows)
        output.last[:0] = comes_to(reviews, log)
    else:
        output.lines += (*found(reviews), *comes_to(reviews, log))


def _row(name: str, review: Review) -> tuple[Any, ...]:
    """Return a form as a row of ``REVIEWED``."""
    from auditkit import schedules

    report, counts = review.report, tuple(schedules.counts(review).values())
    place, certainty = put(report.place, review.lang), put(report.certainty, review.lang)
    project = report.project.text if report.project else ""
    return (name, place, project, certainty, *counts[: len(_KINDS)])


def _rank(row: tuple[Any, ...]) -> tuple[int, ...]:
    """Return what rows of ``REVIEWED`` are ranked by: what deserves a look comes first."""
    return tuple(-count for count in row[-len(_KINDS) :])


def _ink(options: argparse.Namespace) -> str:
    """Return what is to be done with papers that a person wrote into."""
    return "keep" if options.keep else "replace" if options.replace else "stop"


def _worst(counts: Sequence[int], *, is_doubted: bool) -> set[str]:
    """Return what of ``--fail-on`` is met by a form, or by a file."""
    levels = zip(("error", "warning"), counts, strict=False)
    return {level for level, count in (*levels, ("doubt", is_doubted)) if count}


def _review_many(
    files: Sequence[str], terms: Terms, options: argparse.Namespace, output: Output
) -> None:
    from auditkit.many.engagement import review_files
    from auditkit.many.inputs import root_of
    from auditkit.many.run import Run

    run = Run(
        options.out.absolute(),
        root_of(options.paths),
        workers=options.workers or WORKERS,
        allowance=allowance(options),
        scheduler=options.scheduler or "",
        is_fresh=options.fresh,
        ink=_ink(options),
        with_workpapers=not options.no_workpapers,
        with_json=options.format == "json",
        expected=_projects(options.projects),
    )
    try:
        made = review_files(files, run, terms, progress(), say)
    except KeyboardInterrupt:
        say(Phrase.of("stopped"))
        raise
    rows = list[tuple[Any, ...]]()
    for done in made.files:
        for form in done.forms:
            output.worst |= _worst(form.counts, is_doubted=done.unsure > 0)
            head = (done.name, form.place, form.project, form.certainty)
            rows.append((*head, *form.counts[: len(_KINDS)]))
    rows.sort(key=_rank)
    output.table(REVIEWED, rows)
    output.later = _reviews_json(made, replace(run, out=options.out), output)
    _tell_of(made, terms, options, output)


def _reviews_json(made: Engagement, run: Run, output: Output) -> Iterator[Json]:
    """Yield the reviews of a run, read back a file at a time."""
    from auditkit.many.kept import reviews_of

    for done in made.files:
        try:
            yield from reviews_of(run, done)
        except AuditkitError as error:
            output.fail(done.name, error)


def _tell_of(made: Engagement, terms: Terms, options: argparse.Namespace, output: Output) -> None:
    """Say what a run came to, and what shows only when its reports lie side by side."""
    from auditkit.decisions.log import Log
    from auditkit.many.results import query
    from auditkit.schedules import corrected_line

    for copy, first in made.copies:
        say(Phrase.of("holds the same", copy=copy, first=first))
    if decided := [form for form in made.forms if form.corrected or form.as_read]:
        corrected, as_read = (
            sum(map(attrgetter(name), decided)) for name in ("corrected", "as_read")
        )
        said = corrected_line(corrected, as_read, Log(terms.log).name, terms.lang)
        say(Phrase.of("of forms", forms=how_many(len(decided), "form"), said=said))
    for number, done in enumerate(made.failed):
        output.fail(done.name, done.problem, is_said=number < FAILURES_SAID)
    if len(made.failed) > FAILURES_SAID:
        failed = how_many(len(made.failed), "file")
        say(Phrase.of("more failed", files=failed, folder=str(options.out)))
    across = query(options.out, "from across")
    output.worst |= {row["severity"] for row in across if row["outcome"] == "fail"}
    counts = {"total": made.total, "new": made.new, "forms": len(made.forms)}
    output.more = {
        "across": list(map(_across_json, across)),
        "run": {**counts, "unsure": made.unsure, "failed": len(made.failed)},
        "tables": str(options.out / "tables"),
    }
    if asked := sum(row["outcome"] in ("fail", "review") for row in across):
        such = "from across where outcome in ('fail', 'review')"
        found = how_many(asked, "finding")
        say(Phrase.of("found across", findings=found, folder=str(options.out), such=such))
    if made.problem:
        output.fail(Path(made.problem.name).name, made.problem)
    output.last += _of_all(made, terms)
    if options.no_workpapers:
        output.last += lies_in(options.out, [("tables", "tables of all")])
        return
    named = ((paper.name, what) for paper, what in zip(made.papers, PAPERS_OF_ALL, strict=False))
    output.last += lies_in(options.out, (*named, ("tables", "tables of all")))
    output.pages += made.papers[:1]


def _of_all(made: Engagement, terms: Terms) -> Iterator[Line]:
    """Yield what a run comes to: files, forms, findings, and how much of it is decided."""
    from auditkit.decisions.log import NO_LOG, Log
    from auditkit.many.overview import overview
    from auditkit.many.results import asking

    log = Log(NO_LOG if terms.redact else terms.log)
    with asking(made.out) as ask:
        lines = overview(ask, log).lines
    counts = sum((line.counts for line in lines), Counter[str]())
    forms, files = how_many(len(made.forms), "form"), how_many(made.total, "file")
    said = total(counts, sum(line.decided for line in lines))
    yield Line("")
    yield Line(put(Phrase.of("forms of files", forms=forms, files=files, said=said), language()))
    if made.failed:
        failed = how_many(len(made.failed), "file")
        yield Line(put(Phrase.of("files failed", files=failed), language()))


def _across_json(row: Json) -> Json:
    """Return a finding across reports, as the tables have it, in the shape of any other."""
    return {**row, "basis": row["basis"].split("; "), "evidence": json.loads(row["evidence"])}


def _projects(path: Path | None) -> tuple[str, ...]:
    from auditkit.many.reconciliation import read_rows

    rows = read_rows(path, {"project": "项目名称"}) if path else ()
    return tuple(row["project"].text for row in rows)
