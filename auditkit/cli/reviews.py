"""``auditkit review``: one file here and now, or many as a run with tables."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.cli.certainty import FORMS_SAID, sureness
from auditkit.cli.inputs import STANDARD_INPUT, allowance, data_of, each, inputs, terms_of
from auditkit.cli.terminal import Output, how_many, progress, say
from auditkit.errors import AuditkitError
from auditkit.files import readable
from auditkit.wording import Phrase
from auditkit.wording import terms as heads_of

if TYPE_CHECKING:
    from auditkit.contract import Json
    from auditkit.many.engagement import Engagement
    from auditkit.many.run import Run
    from auditkit.reviewing import Review, Terms

_KINDS = ("errors", "warnings", "notes", "to look at", "open", "suppressed")  # of the counts
_AGREE = ("agrees", "agrees on doubts")
REVIEWED = heads_of("file", "place", "project", "certainty", *_KINDS, *_AGREE)
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
    from auditkit.wording import put
    from auditkit.workpapers import write_workpapers
    from auditkit.workpapers.folders import folder_of

    data, name = data_of(path)
    reviews, log = review(data, terms, name=name), Log(terms.log)
    shown, written = reviews[0].document.name, list[str]()
    for one in reviews:
        if one.corrections:
            made = one.corrections
            said = schedules.corrected_line(made.count, made.as_read, log.name, one.lang)
            place = put(one.report.place, one.lang)
            say(Phrase.of("of file", name=shown, place=place, said=said))
    if not options.no_workpapers:
        folder = folder_of(reviews, options.out)
        ink = _ink(options)
        papers = write_workpapers(reviews, folder, log, source=data, ink=ink, tell=say)
        folder = papers[0].parent
        written = [readable(str(paper)) for paper in papers]
        say(Phrase.of("papers in", name=shown, folder=readable(str(folder))))
    output.lines += sureness([one.report for one in reviews])
    output.lines += _found(reviews) if len(reviews) <= FORMS_SAID else ()
    for one in reviews:
        counts = tuple(schedules.counts(one).values())
        is_doubted = not all(entry.is_sure for entry in one.report.entries())
        output.worst |= _worst(counts, is_doubted=is_doubted)
        output.results.append(review_json(one, written))
        project = one.report.project
        place = put(one.report.place, one.lang)
        certainty = put(one.report.certainty, one.lang)
        head = (shown, place, project.text if project else "", certainty)
        output.table(REVIEWED, [(*head, *counts)])


def _found(reviews: Sequence[Review]) -> Iterator[str]:
    """Say what was found, the worst first, under the numbers that the workpapers have."""
    from auditkit import schedules
    from auditkit.grid import Box, Where
    from auditkit.wording import LabelPath, Statement, put

    for number, review, finding, words in schedules.numbered_findings(reviews):
        places = [cell.place for e in finding.observation.evidence[:1] for cell in e.cells[:1]]
        pages = [Statement.of(Where.PAGE, first=p.page) for p in places if isinstance(p, Box)]
        where = (LabelPath(finding.observation.subject), *(pages or places))
        facts = {"number": number, "rule": finding.rule, "title": finding.title(review.lang)}
        said = words["what was found"]
        yield put(Phrase.of("found", **facts, where=where, said=said), review.lang)


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
    for done in made.files:
        for form in done.forms:
            output.worst |= _worst(form.counts, is_doubted=done.unsure > 0)
            head = (done.name, form.place, form.project, form.certainty)
            output.table(REVIEWED, [(*head, *form.counts)])
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
    for paper in made.papers:
        say(Phrase.of("paper of all", path=str(paper)))
    made_there = "tables in" if options.no_workpapers else "papers and tables in"
    say(Phrase.of(made_there, folder=str(options.out)))


def _across_json(row: Json) -> Json:
    """Return a finding across reports, as the tables have it, in the shape of any other."""
    return {**row, "basis": row["basis"].split("; "), "evidence": json.loads(row["evidence"])}


def _projects(path: Path | None) -> tuple[str, ...]:
    from auditkit.many.reconciliation import read_rows

    rows = read_rows(path, {"project": "项目名称"}) if path else ()
    return tuple(row["project"].text for row in rows)
