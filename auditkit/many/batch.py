"""Many documents, each reviewed on the same terms by a process that may die of it (``workers``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from auditkit import schedules
from auditkit.contract import review_json
from auditkit.decisions.log import NO_LOG, Log
from auditkit.decisions.standing import last_by_mark, marks_of
from auditkit.errors import (
    AuditkitError,
    ExtraMissingError,
    LogError,
    RefusedError,
    WorkerError,
    WorkpaperError,
    known,
)
from auditkit.files import digest_of, readable
from auditkit.many.kept import TRY_AGAIN, Done, Reviewed, keep, kept, key_of, logged_by
from auditkit.many.results import packed, rows_of
from auditkit.many.run import HERE, Run
from auditkit.many.workers import pool
from auditkit.progress import AtPage
from auditkit.readers import bytes_of
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, forms_of, review
from auditkit.wording import put
from auditkit.workpapers import write_workpapers
from auditkit.workpapers.folders import DIGITS, digits_told_by, folder_of
from auditkit.workpapers.ink import touched
from auditkit.workpapers.manifest import digest_in

_Note = Callable[[str], object]
_Work = Callable[[str, _Note], Done]

FILES_AT_ONCE, TIMES_AGAIN, SECONDS_TO_ANSWER = 8, 5, 20
BETWEEN = "\0"  # a file and those that hold the same forms, as one item of work
_LOADED_BEFORE = ("lxml.html", "openpyxl", "duckdb", __name__, "auditkit.readers.workbook")
_FOR_PAPERS = ("auditkit.many.ready", "auditkit.workpapers.pdf")
_FOR_PAGES = ("cv2", "playa.miner", "pypdfium2", "auditkit.readers.pdf")
_NOT_OF_THE_FILE = (ExtraMissingError, WorkpaperError, LogError, RefusedError, OSError)


def review_all(
    files: Sequence[str], run: Run, terms: Terms, show: Callable[[Done], object]
) -> list[Done]:
    """Review files and return what came of each; ``show`` is told of each as it gets ready.

    Files are whole paths or addresses, no two of them of one document. Those whose result is kept
    are not read again, unless the run is fresh. Where a form stands in several files, each of them
    is reviewed once more beside all others, which can only be known when all have been read.
    """
    decided = last_by_mark(Log(terms.log).decisions())
    digits = digits_told_by(_digests(files)) if run.with_workpapers else {}
    work = partial(done_with, run=run, terms=terms, decided=decided, digits=digits)
    found: dict[str, Done] = {}
    for item, done in _worked(files, work, run, terms):
        found[item] = done
        show(done)
    for item, done in _worked(list(_left(files, found)), work, run, terms):
        file = item.partition(BETWEEN)[0]
        found[file] = replace(done, is_new=done.is_new or found[file].is_new)
    return [found[file] for file in files]


def _digests(files: Iterable[str]) -> Iterator[str]:
    """Yield the digests of files; what cannot be opened is left for the review to say."""
    for file in files:
        with suppress(AuditkitError, OSError):
            yield digest_of(bytes_of(file))


def _left(files: Sequence[str], found: Mapping[str, Done]) -> Iterator[str]:
    """Yield what is to be done once more: what lacks something, and what others hold, too."""
    holders: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for form in found[file].forms:
            holders[form.identity].add(file)
    for file in files:
        named = (form.identity for form in found[file].forms if form.identity)
        others = set[str]().union(*(holders[identity] for identity in named)) - {file}
        if others or found[file].lacks:
            yield BETWEEN.join((file, *(sorted(others) or [""])))


def done_with(
    item: str,
    note: _Note,
    *,
    run: Run,
    terms: Terms,
    decided: Mapping[str, str],
    digits: Mapping[str, int],
) -> Done:
    """Review one document and keep the result, or return the one that is kept.

    ``item`` is a file, and behind it, with ``BETWEEN`` in front, those that hold the same forms, or
    nothing where it is to be done once more because something was not kept, or decided since.
    ``digits`` are those that name the folders of documents which six do not tell apart. The key is
    noted as soon as it is known, so that it is known of what no process survives; and again before
    each page that is recognised, which has the time of a file for itself.

    Raises MemoryError where memory does not suffice, so that the process is given up.
    """
    file, *more = item.split(BETWEEN)
    name, others = run.name(file), [other for other in more if other]
    try:
        data, *datas = map(bytes_of, (file, *others))
    except (AuditkitError, OSError) as error:
        return failed(run, terms, name, key_of(terms, name, "not opened"), error)
    documents = [digest_of(each) for each in (data, *datas)]
    own = key_of(terms, name, *documents)
    note(own)

    def logged(marks: Iterable[str]) -> str:
        return logged_by(terms, decided, (*documents, Path(name).name, *marks))

    done = None if run.is_fresh else kept(run, own)
    if done and done.forms and done.logged != logged(done.marks):
        done = replace(done, lacks=True)
    if done and not (more and done.lacks):  # what lacks something is done in the second round
        return done
    try:
        beside = _beside(zip(map(run.name, others), datas, strict=True), terms)
        told_by = digits.get(documents[0], DIGITS)
        return _reviewed(data, name, own, run, terms, beside, told_by, logged, lambda _: note(own))
    except Exception as error:
        causes: list[BaseException | None] = [error]
        while causes[-1] is not None:
            causes.append(causes[-1].__cause__ or causes[-1].__context__)
        if any(isinstance(cause, MemoryError) for cause in causes):
            raise MemoryError from error
        return failed(run, terms, name, own, error)


def _beside(others: Iterable[tuple[str, bytes]], terms: Terms) -> dict[str, list[Report]]:
    """Return the forms of other files by their identities, of each file the first."""
    forms_of_others: dict[str, list[Report]] = defaultdict(list)
    for name, data in others:
        forms = reversed(forms_of(data, terms, name=Path(name).name))
        for identity, form in {form.identity: form for form in forms}.items():
            forms_of_others[identity].append(form)
    return forms_of_others


def _reviewed(
    data: bytes,
    name: str,
    own: str,
    run: Run,
    terms: Terms,
    beside: Mapping[str, Sequence[Report]],
    digits: int,
    logged: Callable[[Iterable[str]], str],
    tell: Callable[[AtPage], object],
) -> Done:
    reviews = review(data, terms, name=Path(name).name, beside=beside, tell=tell)
    mask = reviews[0].redaction
    if mask and (shown := mask.masked(name)) != name:  # of two masked names each stays its own
        name = Path(shown).with_stem(f"{Path(shown).stem}-{digest_of(data)[:8]}").as_posix()
    done = Done(
        name,
        own,
        tuple(map(_in_a_line, reviews)),
        unsure=sum(one.report.doubted for one in reviews),
        marks=(marks := marks_of(one.report for one in reviews)),
        logged=(decisions := logged(marks)),
    )
    log = Log(terms.log if decisions else NO_LOG)  # which takes time
    told = [review_json(one, log=log) for one in reviews] if run.with_json else []
    if run.with_workpapers:
        folder = folder_of(reviews, run.out, digits)
        log = Log(terms.log) if touched(folder) else log
        papers = write_workpapers(reviews, folder, log, source=data, ink=run.ink)
        folder = papers[0].parent
        done, told = replace(done, folder=readable(folder.name), paper=digest_in(folder)), []
    return keep(run, done, packed(rows_of(reviews, name)), told)


def _in_a_line(one: Review) -> Reviewed:
    report, counts, made = one.report, schedules.counts(one), one.corrections
    return Reviewed(
        put(report.place, one.lang),
        report.project.text if report.project else "",
        put(report.certainty, one.lang),
        tuple(counts.values()),
        corrected=made.count if made else 0,
        as_read=made.as_read if made else 0,
        identity=report.identity,
    )


def failed(run: Run, terms: Terms, name: str, own: str, error: Exception) -> Done:
    """Keep the reason why a document could not be reviewed."""
    kind = type(error).__name__
    told = known(error) or AuditkitError.saying("unexpected-of-many", kind=kind, said=str(error))
    said, place, advice = told.in_words(terms.lang)
    about = "" if Path(told.name).name in name else told.name
    if terms.redact:  # of a name, numbers alone can be told without the form
        from auditkit.redaction import personal

        texts = (name, said, advice, about, place)
        name, said, advice, about, place = map(personal(()).masked, texts)
    limits = run.limits if isinstance(error, WorkerError) else ()
    limits = TRY_AGAIN if isinstance(error, _NOT_OF_THE_FILE) else limits
    done = Done(name, own, reason=type(error).__name__, error=said, advice=advice, limits=limits)
    return keep(run, replace(done, about=about, place=place), b"")


def _lost(run: Run, terms: Terms, item: str, noted: str, error: WorkerError) -> Done:
    """Keep the reason why an item was not done to its end, under its key if that was noted."""
    name = run.name(item.partition(BETWEEN)[0])
    own = noted or key_of(terms, name, "not opened")
    return failed(run, terms, name, own, error)


def _worked(
    items: Sequence[str], work: _Work, run: Run, terms: Terms
) -> Iterator[tuple[str, Done]]:
    """Yield each item with what came of it, as they get ready, wherever the work is done."""
    if not items:
        return iter(())
    if run.scheduler:
        return _elsewhere(items, work, run, terms)
    return (
        _here(items, work, run, terms) if run.workers == HERE else _apart(items, work, run, terms)
    )


def _here(items: Iterable[str], work: _Work, run: Run, terms: Terms) -> Iterator[tuple[str, Done]]:
    """Review files in this process, which nothing ends."""
    for item in items:
        noted: list[str] = []
        try:
            done = work(item, noted.append)
        except MemoryError as error:
            short = WorkerError.saying("short of memory", reason=str(error))
            done = _lost(run, terms, item, "".join(noted[-1:]), short)
        yield item, done


def _apart(items: Sequence[str], work: _Work, run: Run, terms: Terms) -> Iterator[tuple[str, Done]]:
    """Review files in other processes of this machine, each within what it may take."""
    files = 1 + max(item.count(BETWEEN) for item in items)  # that are read for one item
    allowance = replace(run.allowance, seconds=run.allowance.seconds * files)
    has_pages = any(".pdf" in item.lower() for item in items)
    modules = (
        *_LOADED_BEFORE,
        *(_FOR_PAGES if has_pages else ()),
        *(_FOR_PAPERS if run.with_workpapers else ()),
    )
    for item, own, came in pool(work, items, run.workers, allowance, modules):
        if isinstance(came, WorkerError):
            yield item, _lost(run, terms, item, own, came)
        else:
            yield item, came


def _elsewhere(
    items: Sequence[str], work: _Work, run: Run, terms: Terms
) -> Iterator[tuple[str, Done]]:
    """Review files on a Dask cluster whose machines see the files and the results as this one does.

    Each task reviews some files in a process of its own, within the same limits; the tasks of a
    worker that is lost are given to others. Raises ExtraMissingError, or WorkerError where no
    cluster answers.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ExtraMissingError.of("cluster", "cluster-missing", name=run.scheduler) from error
    try:
        client = Client(run.scheduler, timeout=SECONDS_TO_ANSWER)
    except OSError as error:
        said = str(error)
        raise WorkerError.saying("cluster-silent", name=run.scheduler, reason=said) from error
    with client:
        parts = [items[at : at + FILES_AT_ONCE] for at in range(0, len(items), FILES_AT_ONCE)]
        alone = replace(run, workers=1)
        tasks = client.map(
            _some, parts, work=work, run=alone, terms=terms, retries=TIMES_AGAIN, pure=False
        )
        for _, done in as_completed(tasks, with_results=True):
            yield from done


def _some(items: Sequence[str], work: _Work, run: Run, terms: Terms) -> list[tuple[str, Done]]:
    return list(_apart(items, work, run, terms))
