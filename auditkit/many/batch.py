"""Many documents: each read within limits, its result kept, so that a run can be gone on with.

Each document is read by a process that may die of it (``workers``). What came of a document is kept
in a file under ``OUT/.cache``, named by the digest of all that it depends on, so that a run that
was stopped, by whatever, is gone on with by starting it again.
"""

from __future__ import annotations

import gc
import glob
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from auditkit.decisions.log import Log, corrected
from auditkit.errors import (
    AuditkitError,
    ExtraMissingError,
    LogError,
    MissingFileError,
    WorkerError,
    WorkpaperError,
)
from auditkit.files import readable
from auditkit.findings import Outcome, Severity
from auditkit.many import sampling
from auditkit.many.results import COLUMNS, TABLES, ask, finding_row, packed, rows_of, write_tables
from auditkit.many.workers import Limits, is_short_of_memory, pool
from auditkit.readers import SUFFIXES, bytes_of
from auditkit.readers.addresses import addresses_below
from auditkit.readers.limits import limits
from auditkit.reviewing import Review, Terms, beside, read_bytes, review_reports
from auditkit.rules import RULES, load_rules
from auditkit.wording import language, word
from auditkit.workpapers import write_workpapers

if TYPE_CHECKING:
    from auditkit.report import Report

FILES_AT_ONCE, TIMES_AGAIN, SECONDS_TO_ANSWER = 8, 5, 20
TRY_AGAIN = (-1.0,)  # limits that no run has
KEPT, OF_TABLES = ".cache", Limits(seconds=86_400, mebibytes=1 << 20)
_READ_WITH = ("camelot-py", "lxml", "openpyxl", "pypdfium2", "xlrd", "rapidocr", "onnxruntime")
_LOADED_BEFORE = ("lxml.html", "openpyxl", __name__, "auditkit.readers.workbook")
_FOR_PAGES = ("cv2", "playa.miner", "pypdfium2", "auditkit.readers.pdf")
_OF_A_RUN = ("out", "root", "terms", "log", "decided", "is_fresh", "seconds", "mebibytes")
_NOT_OF_THE_FILE = (ExtraMissingError, WorkpaperError, LogError, OSError)


@dataclass(frozen=True, slots=True)
class Job:
    """What all documents of a run have in common.

    ``root`` is the folder that names of documents are relative to. ``rules`` is a file of own
    rules, beside which ``terms`` have none; ``template`` is one of working papers; ``log`` holds
    decisions and corrected readings, and ``decided`` the digest of the last of them by document:
    ``""`` stands for any. A document may take ``seconds``, and its process ``mebibytes`` on top of
    what it needs to begin with; systems other than Linux do not hold processes to the latter.
    """

    out: Path
    root: str = ""
    terms: Terms = field(default_factory=Terms)
    rules: Path | None = None
    template: Path | None = None
    log: str = ""
    decided: Mapping[str, str] = field(default_factory=dict)
    with_workpapers: bool = True
    is_fresh: bool = False
    seconds: float = 120
    mebibytes: int = 2048

    @property
    def limits(self) -> list[float]:
        """What a document may take, as it is kept beside what the limits have stopped."""
        return [self.seconds, self.mebibytes]

    def name(self, file: str) -> str:
        """Return what a file is called in tables and below the folder of results."""
        if "://" in file:
            return file.partition("://")[2]
        return readable(Path(os.path.relpath(file, self.root or ".")).as_posix())

    def log_of(self, *documents: str) -> Log | None:
        """Return the log where it holds decisions about such documents, which are digests."""
        return Log(self.log) if {*documents, ""} & self.decided.keys() else None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one document: where it is kept, and what there is to count.

    ``reason`` is the kind of ``error`` that it could not be reviewed for; ``worst`` are the
    severities of what failed; ``is_new`` tells that it was read in this run.
    """

    name: str
    key: str
    forms: int = 0
    unsure: int = 0
    reason: str = ""
    error: str = ""
    advice: str = ""
    worst: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    digest: str = ""
    is_new: bool = True


def reviewed(
    data: bytes, name: str, job: Job, known: dict[str, Report] | None = None
) -> tuple[Review, ...]:
    """Review the forms of a document as auditors corrected them.

    ``known`` remembers the forms of other documents of a call, to hold the same ones against each
    other (``reviewing.beside``).
    """
    log, reports = job.log_of(hashlib.sha256(data).hexdigest()), read_bytes(data, name)
    forms = tuple(corrected(report, log) for report in reports) if log else reports
    forms = forms if known is None else tuple(beside(form, known) for form in forms)
    terms: Terms = {**job.terms, "rules": (*RULES, *(load_rules(job.rules) if job.rules else ()))}
    return review_reports(forms, **terms)


def write(
    reviews: Sequence[Review],
    folder: Path,
    job: Job,
    data: bytes,
    tell: Callable[[str], object] | None = None,
) -> tuple[Path, ...]:
    """Write the workpapers of a document, with what was decided about it and its counterparts."""
    forms = [form for review in reviews for form in (review.report, *review.report.counterparts)]
    log = job.log_of(*(form.document.sha256 for form in forms))
    return write_workpapers(reviews, folder, log, source=data, template=job.template, tell=tell)


def root_of(given: Sequence[str]) -> str:
    """Return the folder that names are relative to: the one that was given, or what several share.

    It depends on what was given alone, so that names stay the same when files are added.
    """
    starts = (re.split(r"[*?\[]", path)[0] for path in given if "://" not in path)
    folders = (p if Path(p).is_dir() else Path(p).parent for p in starts)
    return os.path.commonpath([os.path.abspath(f) for f in folders] or ["/"])  # noqa: PTH100


def files_at(given: str, tell: Callable[[str], object] | None = None) -> Iterator[str]:
    """Yield the files that a path, a pattern or an address such as ``s3://forms/2024`` names.

    Below a folder they are those that can hold forms, in order, without hidden ones. Links, pipes
    and devices in it are not followed: ``tell`` gets a line for each. Raises MissingFileError where
    a pattern or folder has no file.
    """
    if "://" in given:
        yield from addresses_below(given, SUFFIXES)
        return
    is_pattern = glob.has_magic(given) and not os.path.lexists(given)
    names = sorted(glob.glob(given, recursive=True)) if is_pattern else [given]  # noqa: PTH207
    found = (str(file) for name in names for file in _below(Path(name), tell))
    if (first := next(found, None)) is None:
        said = f"a {'pattern' if is_pattern else 'folder'} without files that can hold forms"
        advice = "Check the pattern, or name another folder, or a file"
        raise MissingFileError(said, name=given, advice=advice)
    yield first
    yield from found


def _below(path: Path, tell: Callable[[str], object] | None) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in (Path(root, name) for name in sorted([*names, *folders]) if name[0] != "."):
            can_hold = file.suffix.lower() in SUFFIXES
            if can_hold and file.is_file() and not file.is_symlink():
                yield file
            elif tell and (file.is_symlink() or (can_hold and not file.is_dir())):
                tell(f"{file}: a link, pipe or device in a folder is not followed: name it itself")


def key(job: Job, name: str, sha256: str) -> str:
    """Return what tells a result from any other: content, name, auditkit, terms and decisions."""
    own = (getattr(job, term.name) for term in fields(Job) if term.name not in _OF_A_RUN)
    parts = (*own, *job.terms.items(), job.terms.get("parameters"))
    told = (_digest(p.read_bytes()) if isinstance(p, Path) else repr(p) for p in parts)
    decided = (job.decided.get(document, "") for document in (sha256, ""))
    return _digest(
        "\x1f".join((sha256, name, _auditkit(), repr(limits()), *told, *decided)).encode()
    )


@cache
def _auditkit() -> str:
    """Return a digest of auditkit itself and the versions of the packages that it reads with."""
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    folder = Path(str(files("auditkit")))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    for package in _READ_WITH:
        with suppress(PackageNotFoundError):
            digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def done_with(file: str, note: Callable[[str], object], job: Job) -> Done:
    """Review one document and keep the result, or return the one that is kept.

    Its key is noted as soon as it is known, so that it is known of what no process survives.

    Raises MemoryError where memory does not suffice, so that the process is given up.
    """
    name = job.name(file)
    try:
        data = bytes_of(file)
    except (AuditkitError, OSError) as error:
        return failed(job, name, key(job, name, "not opened"), error)
    own = key(job, name, _digest(data))
    note(own)
    if not job.is_fresh and (done := kept(job, own)):
        return done
    try:
        return _review(data, name, own, job)
    except Exception as error:
        causes: list[BaseException | None] = [error]
        while causes[-1] is not None:
            causes.append(causes[-1].__cause__ or causes[-1].__context__)
        is_short = is_short_of_memory(job.mebibytes)
        if is_short or any(isinstance(cause, MemoryError) for cause in causes):
            raise MemoryError from error
        return failed(job, name, own, error)


def _review(data: bytes, name: str, own: str, job: Job) -> Done:
    reviews = reviewed(data, Path(name).name, job)
    mask = reviews[0].redaction
    if mask and (shown := mask.masked(name)) != name:  # of two masked names each stays its own
        name = Path(shown).with_stem(f"{Path(shown).stem}-{_digest(data)[:8]}").as_posix()
    if job.with_workpapers:
        write(reviews, job.out / name, job, data)
    unsure = sum(not entry.is_sure for review in reviews for entry in review.report.entries())
    found = {f.severity for review in reviews for f in review.findings_of(Outcome.FAIL)}
    worst = tuple(severity.value for severity in Severity if severity in found)
    return _keep(
        job, Done(name, own, len(reviews), unsure, worst=worst), packed(rows_of(reviews, name))
    )


def failed(job: Job, name: str, own: str, error: Exception) -> Done:
    """Keep the reason why a document could not be reviewed."""
    said = f"unexpected {type(error).__name__}: {error}"
    advice = "Review this file alone with --debug, and report the trace"
    if isinstance(error, AuditkitError):
        said, advice = error.message, error.advice
    if job.terms.get("redact"):  # of a name, numbers alone can be told without the form
        from auditkit.redaction import personal

        name, said, advice = map(personal(()).masked, (name, said, advice))
    limits = tuple(job.limits) if isinstance(error, WorkerError) else ()
    limits = TRY_AGAIN if isinstance(error, _NOT_OF_THE_FILE) else limits
    kind = type(error).__name__
    done = Done(name, own, reason=kind, error=said, advice=advice, limits=limits)
    return _keep(job, done, b"")


def _keep(job: Job, done: Done, body: bytes) -> Done:
    """Write a result beside its place and then into it, so that there is all of it or nothing."""
    path = _place(job, done.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = json.dumps(asdict(done), ensure_ascii=False).encode()
    digest = _digest(head + body)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as beside:
        beside.write(b"\n".join((digest.encode(), head, body)))
    Path(beside.name).replace(path)
    return replace(done, digest=digest)


def _place(job: Job, own: str) -> Path:
    return job.out / KEPT / own[:2] / own[2:]


def kept(job: Job, own: str) -> Done | None:
    """Return what is kept of a file, unless it is damaged, incomplete or now allowed more."""
    if (found := _loaded(job, own)) is None:
        return None
    done, _ = found
    lacks = (
        job.with_workpapers and done.forms and not (job.out / done.name / "review.json").exists()
    )
    may_succeed = done.limits and list(done.limits) != job.limits
    return None if lacks or may_succeed else replace(done, is_new=False)


def _loaded(job: Job, own: str) -> tuple[Done, bytes] | None:
    with suppress(OSError, ValueError, TypeError):
        digest, head, body = _place(job, own).read_bytes().split(b"\n", 2)
        if digest.decode() == _digest(head + body):
            values = json.loads(head)
            values |= {name: tuple(values[name]) for name in ("worst", "limits")}
            return Done(**{**values, "digest": digest.decode()}), body
    return None


def _packed(job: Job, own: str) -> bytes:
    """Return what a document adds to the tables; raises WorkerError where it is damaged."""
    if (found := _loaded(job, own)) is None:
        advice = "Run the same command again: only what is damaged is read again"
        raise WorkerError("a result was damaged since it was written", name=own, advice=advice)
    done, body = found
    row = {"file": done.name, "reason": done.reason, "error": done.error, "advice": done.advice}
    return packed({"failures": [row]}) if done.reason else body


@dataclass(slots=True)
class Tally:
    """How far a run has come."""

    total: int
    done: int = 0
    new: int = 0
    forms: int = 0
    unsure: int = 0
    failed: int = 0
    worst: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)

    def count(self, done: Done) -> None:
        """Count one document; ``unsure`` are those with figures that were not read surely."""
        self.done += 1
        self.new += done.is_new
        self.forms += done.forms
        self.unsure += done.unsure > 0
        self.failed += bool(done.reason)
        self.worst |= {*done.worst}

    def __str__(self) -> str:
        read = self.done - self.failed
        said = f"{read} read, {self.unsure} of them with unsure figures, {self.failed} failed"
        return word(said, language())

    @property
    def line(self) -> str:
        """How far it is, how fast, and how long it will take."""
        rate = self.done / max(time.monotonic() - self.began, 0.001)
        left = timedelta(seconds=round((self.total - self.done) / rate)) if rate else "?"
        return f"{self.done} of {self.total} files, {rate:.1f} a second, {left} left: {self}"


def review_files(
    paths: Sequence[str],
    job: Job,
    workers: int,
    show: Callable[[Tally], object],
    scheduler: str = "",
    expected: Sequence[str] = (),
) -> Tally:
    """Review files, keep the results, and write the tables of all; ``show`` is told how far it is.

    Files whose result is kept are not read again, unless the job is fresh. Tables are left as they
    are where nothing in them would change. With ``scheduler``, the address of a Dask cluster, its
    machines do the work. ``expected`` are the projects that should have a form.
    """
    tally, found = Tally(len(paths)), dict[str, bytes]()

    ready = run_elsewhere(paths, job, scheduler) if scheduler else run(paths, job, workers)
    for path, done in ready:
        found[path] = bytes.fromhex(done.key + done.digest)  # a line for each file must be short
        tally.count(done)
        show(tally)
    digest = hashlib.sha256(repr((job.terms.get("lang"), expected)).encode())
    for path in paths:
        digest.update(job.name(path).encode() + b"\0" + found[path])
    made_of = digest.hexdigest()
    state = job.out / TABLES / "made-of.sha256"
    are_there = all((job.out / TABLES / f"{table}.parquet").is_file() for table in COLUMNS)
    if not are_there or not state.is_file() or state.read_text() != made_of:
        state.unlink(missing_ok=True)
        keys = b"".join(found[path][:32] for path in paths)
        _tabulate(keys, expected, job, workers)
        state.write_text(made_of)
    return tally


def _tabulate(keys: bytes, expected: Sequence[str], job: Job, workers: int) -> None:
    """Write the tables of what is kept under the keys, 32 bytes each, and put the rules to them.

    All of it is done and kept by other processes, so that what it takes is given back.
    """
    from auditkit.many import across

    with tempfile.TemporaryDirectory(dir=job.out / KEPT, prefix=".") as beside:
        work = partial(_tabulated, job=job, answers=Path(beside))
        tables, rules = partial(work, keys=keys), partial(work, expected=expected)
        names = [rule.id for rule in across.RULES]
        for stage in (
            pool(tables, ["tables"], 1, OF_TABLES),
            pool(rules, names, workers, OF_TABLES),
            pool(work, ["across"], 1, OF_TABLES),
        ):
            for *_, problem in stage:
                if problem is not None:
                    raise problem


def _tabulated(
    item: str,
    _note: object,
    job: Job,
    answers: Path,
    keys: bytes = b"",
    expected: Sequence[str] = (),
) -> AuditkitError | None:
    """Write the tables, put one rule across reports to them, or write the answers of all."""
    from auditkit.many import across

    gc.disable()  # millions of cells, none of which is part of a ring
    try:
        if item == "tables":
            starts = range(0, len(keys), 32)
            write_tables((_packed(job, keys[at : at + 32].hex()) for at in starts), job.out)
        elif item == "across":
            paths = (answers / rule.id for rule in across.RULES)
            write_tables((path.read_bytes() for path in paths), job.out, only=("across",))
        else:
            rules = [rule for rule in across.RULES if rule.id == item]
            found = across.across(partial(ask, job.out), expected, rules)
            lang = job.terms.get("lang") or language()
            rows = packed({"across": [finding_row(finding, lang) for finding in found]})
            (answers / item).write_bytes(rows)
    except AuditkitError as error:
        return WorkerError(error.message, name=error.name, advice=error.advice)
    return None


def run(paths: Sequence[str], job: Job, workers: int) -> Iterator[tuple[str, Done]]:
    """Review files on this machine and yield each with what came of it, as they get ready."""
    work, limits = partial(done_with, job=job), Limits(job.seconds, job.mebibytes)
    has_pages = any(path.lower().endswith(".pdf") for path in paths)
    modules = (*_LOADED_BEFORE, *_FOR_PAGES[: len(_FOR_PAGES) * has_pages])
    for path, own, came in pool(work, paths, workers, limits, modules):
        name, done = job.name(path), came
        if isinstance(done, WorkerError):
            done = failed(job, name, own or key(job, name, "not opened"), done)
        yield path, done


def run_elsewhere(paths: Sequence[str], job: Job, scheduler: str) -> Iterator[tuple[str, Done]]:
    """Review files on a Dask cluster whose machines see the files and the results as this one does.

    Each task reviews some files in a process of its own, within the same limits; the tasks of a
    worker that is lost are given to others. Raises ExtraMissingError, or WorkerError where no
    cluster answers.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        what = "a cluster needs packages that are missing"
        raise ExtraMissingError.of("cluster", what, name=scheduler) from error
    try:
        client = Client(scheduler, timeout=SECONDS_TO_ANSWER)
    except OSError as error:
        advice = "Check that the scheduler runs and may be reached from here"
        raise WorkerError(f"no cluster answers: {error}", name=scheduler, advice=advice) from error
    with client:
        parts = [paths[at : at + FILES_AT_ONCE] for at in range(0, len(paths), FILES_AT_ONCE)]
        tasks = client.map(_some, parts, job=job, retries=TIMES_AGAIN, pure=False)
        for _, done in as_completed(tasks, with_results=True):
            yield from done


def _some(paths: Sequence[str], job: Job) -> list[tuple[str, Done]]:
    return list(run(paths, job, 1))


def review_folder(
    folder: str | Path, **terms: Unpack[Terms]
) -> tuple[tuple[Review, ...], dict[str, str]]:
    """Review the files in a folder and below here and now; say of which none was made, and why.

    ``terms`` are those of ``review``. Unlike ``review_many`` it takes rules that are not in a file.
    """
    reviews, failures = list[Review](), dict[str, str]()
    for path in files_at(str(folder)):
        try:
            reviews += review_reports(read_bytes(bytes_of(path), Path(path).name), **terms)
        except AuditkitError as error:
            failures[path] = str(error)
    return tuple(reviews), failures


def review_many(folder: str | Path, out: str | Path, **terms: Unpack[Terms]) -> Tally:
    """Review all files in a folder and below, two at a time, and write tables below ``out``.

    ``terms`` are those of ``review`` but for rules. What is kept of an earlier run is not read
    again.
    """
    paths = [os.path.abspath(path) for path in files_at(str(folder))]  # noqa: PTH100
    terms = {"lang": language(), **terms}
    job = Job(Path(out).absolute(), root_of([str(folder)]), terms, with_workpapers=False)
    return review_files(paths, job, 2, lambda _: None)


def draw(out: str | Path, method: str, size: int, seed: str) -> sampling.Draw:
    """Draw forms from the tables below a folder, by a method of ``sampling.draw``."""
    items, _ = sampling.items_of(partial(ask, Path(out)))
    return sampling.draw(items, method, size, seed)
