"""Many documents: each read within limits, its result kept, so that a run can be gone on with.

Each document is read by a process that may die of it (``workers``). What came of a document is kept
in a file under ``OUT/.cache``, named by the digest of all that it depends on, so that a run that
was stopped, by whatever, is gone on with by starting it again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from auditkit.errors import (
    AuditkitError,
    ExtraMissingError,
    MissingFileError,
    WorkerError,
    WorkpaperError,
)
from auditkit.findings import Outcome, Severity, Suppression
from auditkit.limits import limits
from auditkit.readers import SUFFIXES
from auditkit.results import COLUMNS, TABLES, Rows, finding_row, questions, rows_of, write_tables
from auditkit.reviewing import Review, read_bytes, review_reports
from auditkit.rules import RULES, load_rules
from auditkit.rules.across import across
from auditkit.workers import Limits, is_short_of_memory, pool
from auditkit.workpapers import write_workpapers

FILES_AT_ONCE, TIMES_AGAIN, SECONDS_TO_ANSWER = 8, 5, 20
TRY_AGAIN = (-1.0,)  # limits that no run has
KEPT, OF_TABLES = ".cache", Limits(seconds=86_400, mebibytes=1 << 20)
_READ_WITH = ("camelot-py", "lxml", "openpyxl", "pypdfium2", "xlrd", "rapidocr", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Job:
    """What all documents of a run have in common.

    ``root`` is the folder that names of documents are relative to. A document may take
    ``seconds``, and its process ``mebibytes`` on top of what it needs to begin with; systems
    other than Linux do not hold processes to the latter. ``rules`` is a file of own rules.
    """

    out: Path
    root: str = ""
    jurisdiction: str | None = None
    lang: str = "en"
    parameters: Path | None = None
    rules: Path | None = None
    suppressions: tuple[Suppression, ...] = ()
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
        name = Path(os.path.relpath(file, self.root or ".")).as_posix()
        return os.fsencode(name).decode("utf-8", "backslashreplace")  # names of old archives


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one document: where it is kept, and what there is to count.

    ``reason`` says why it could not be reviewed; ``worst`` are the severities of what failed;
    ``is_new`` tells that it was read in this run.
    """

    name: str
    key: str
    forms: int = 0
    unsure: int = 0
    reason: str = ""
    worst: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    digest: str = ""
    is_new: bool = True


def root_of(given: Sequence[str]) -> str:
    """Return the folder that names are relative to: the one that was given, or what several share.

    It depends on what was given alone, so that names stay the same when files are added.
    """
    starts = (re.split(r"[*?\[]", path)[0] for path in given if "://" not in path)
    folders = (p if Path(p).is_dir() else Path(p).parent for p in starts)
    return os.path.commonpath([os.path.abspath(f) for f in folders] or ["/"])  # noqa: PTH100


def listed(addresses: Iterable[str]) -> Iterator[str]:
    """Yield the files that can hold forms at addresses such as ``s3://forms/2024``, in order."""
    for address in addresses:
        import fsspec

        system, path = fsspec.core.url_to_fs(address)
        names = sorted(system.find(path)) or [path]
        known = (n for n in names if len(names) == 1 or Path(n).suffix.lower() in SUFFIXES)
        yield from map(system.unstrip_protocol, known)


def opened(file: str) -> BinaryIO:
    """Open a file of this machine, or by its address through fsspec, for its bytes."""
    try:
        if "://" in file:
            import fsspec

            return cast(BinaryIO, fsspec.open(file, "rb").open())
        return Path(file).open("rb")
    except OSError as error:
        advice = "Check the name and that you may read the file"
        said = f"cannot be opened: {error.strerror or error}"
        raise MissingFileError(said, name=file, advice=advice) from error


def key(job: Job, name: str, sha256: str) -> str:
    """Return what tells a result from any other: content, name, auditkit, packages and terms."""
    terms = (job.jurisdiction, job.lang, repr(job.suppressions), job.with_workpapers)
    own = (p and hashlib.sha256(p.read_bytes()).hexdigest() for p in (job.parameters, job.rules))
    parts = (sha256, name, _auditkit(), repr(limits()), *map(str, terms), *map(str, own))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@cache
def _auditkit() -> str:
    """Return a digest of auditkit itself and the versions of the packages that it reads with."""
    digest = hashlib.sha256()
    folder = Path(str(files("auditkit")))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    for package in _READ_WITH:
        with suppress(PackageNotFoundError):
            digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def reviewed(file: str, note: Callable[[str], object], job: Job) -> Done:
    """Review one document and keep the result, or return the one that is kept.

    Its key is noted as soon as it is known, so that it is known of what no process survives.

    Raises MemoryError where memory does not suffice, so that the process is given up.
    """
    name = job.name(file)
    try:
        with opened(file) as stream:
            data = stream.read()
    except (AuditkitError, OSError) as error:
        return failed(job, name, key(job, name, "not opened"), error)
    own = key(job, name, hashlib.sha256(data).hexdigest())
    note(own)
    if not job.is_fresh and (done := kept(job, name, own)):
        return done
    try:
        return _keep(job, *_review(data, name, own, job))
    except Exception as error:
        causes: list[BaseException | None] = [error]
        while causes[-1] is not None:
            causes.append(causes[-1].__cause__ or causes[-1].__context__)
        is_short = is_short_of_memory(job.mebibytes)
        if is_short or any(isinstance(cause, MemoryError) for cause in causes):
            raise MemoryError from error
        return failed(job, name, own, error)


def _review(data: bytes, name: str, own: str, job: Job) -> tuple[Done, Rows]:
    rules = (*RULES, *(load_rules(job.rules) if job.rules else ()))
    reviews = review_reports(
        read_bytes(data, Path(name).name),
        jurisdiction=job.jurisdiction,
        lang=job.lang,
        parameters=job.parameters,
        rules=rules,
        suppressions=job.suppressions,
    )
    if job.with_workpapers:
        write_workpapers(reviews, job.out / name)
    unsure = sum(not entry.is_sure for review in reviews for entry in review.report.entries())
    return Done(name, own, len(reviews), unsure, worst=_worst(reviews)), rows_of(reviews, name)


def _worst(reviews: Sequence[Review]) -> tuple[str, ...]:
    found = {f.severity for review in reviews for f in review.findings_of(Outcome.FAIL)}
    return tuple(severity.value for severity in Severity if severity in found)


def failed(job: Job, name: str, own: str, error: Exception) -> Done:
    """Keep the reason why a document could not be reviewed."""
    said = f"unexpected {type(error).__name__}: {error}"
    advice = "Review this file alone with --debug, and report the trace"
    if isinstance(error, AuditkitError):
        said, advice = error.message, error.advice
    row = {"file": name, "reason": type(error).__name__, "error": said, "advice": advice}
    limits = tuple(job.limits) if isinstance(error, WorkerError) else ()
    if isinstance(error, ExtraMissingError | WorkpaperError | OSError):
        limits = TRY_AGAIN  # it is not the file's fault
    return _keep(job, Done(name, own, reason=said, limits=limits), {"failures": [row]})


def _keep(job: Job, done: Done, rows: Rows) -> Done:
    """Write a result beside its place and then into it, so that there is all of it or nothing."""
    path = _place(job, done.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = json.dumps(asdict(done), ensure_ascii=False).encode()
    body = gzip.compress(json.dumps(rows, ensure_ascii=False).encode(), 1, mtime=0)
    digest = hashlib.sha256(head + body).hexdigest()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as beside:
        beside.write(b"\n".join((digest.encode(), head, body)))
    Path(beside.name).replace(path)
    return replace(done, digest=digest)


def _place(job: Job, own: str) -> Path:
    return job.out / KEPT / own[:2] / own[2:]


def kept(job: Job, name: str, own: str) -> Done | None:
    """Return what is kept of a file, unless it is damaged, incomplete or now allowed more."""
    if (found := _loaded(job, own)) is None:
        return None
    done, _ = found
    lacks = job.with_workpapers and done.forms and not (job.out / name / "review.json").exists()
    may_succeed = done.limits and list(done.limits) != job.limits
    return None if lacks or may_succeed else replace(done, is_new=False)


def _loaded(job: Job, own: str) -> tuple[Done, bytes] | None:
    with suppress(OSError, ValueError, TypeError):
        digest, head, body = _place(job, own).read_bytes().split(b"\n", 2)
        if digest.decode() == hashlib.sha256(head + body).hexdigest():
            values = json.loads(head)
            values |= {name: tuple(values[name]) for name in ("worst", "limits")}
            return Done(**{**values, "digest": digest.decode()}), body
    return None


def rows_kept(job: Job, own: str) -> Rows:
    """Return the rows that a document adds to the tables; raises WorkerError where damaged."""
    found = _loaded(job, own)
    if found is None:
        advice = "Run the same command again: only what is damaged is read again"
        raise WorkerError("a result was damaged since it was written", name=own, advice=advice)
    return cast(Rows, json.loads(gzip.decompress(found[1])))


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
        self.done, self.new, self.forms = (
            self.done + 1,
            self.new + done.is_new,
            self.forms + done.forms,
        )
        self.unsure, self.failed = self.unsure + (done.unsure > 0), self.failed + bool(done.reason)
        self.worst |= {*done.worst}

    def __str__(self) -> str:
        read = self.done - self.failed
        return f"{read} read, {self.unsure} of them with unsure figures, {self.failed} failed"

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
    digest = hashlib.sha256(repr((job.lang, expected)).encode())
    for path in paths:
        digest.update(job.name(path).encode() + b"\0" + found[path])
    made_of = digest.hexdigest()
    state = job.out / TABLES / "made-of.sha256"
    are_there = all((job.out / TABLES / f"{table}.parquet").is_file() for table in COLUMNS)
    if not are_there or not state.is_file() or state.read_text() != made_of:
        state.unlink(missing_ok=True)
        keys = b"".join(found[path][:32] for path in paths)
        work = partial(_tabulate, job=job, keys=keys, expected=expected)
        for *_, problem in pool(work, ["tables"], 1, OF_TABLES):  # what it takes is given back
            if problem is not None:
                raise problem
        state.write_text(made_of)
    return tally


def _tabulate(
    _item: str, _note: object, job: Job, keys: bytes, expected: Sequence[str]
) -> AuditkitError | None:
    starts = range(0, len(keys), 32)
    try:
        write_tables((rows_kept(job, keys[at : at + 32].hex()) for at in starts), job.out)
        with questions(job.out) as ask:
            found = [finding_row(finding, job.lang) for finding in across(ask, expected)]
        write_tables([{"across": found}], job.out, only=("across",))
    except AuditkitError as error:
        return WorkerError(error.message, name=error.name, advice=error.advice)
    return None


def run(paths: Iterable[str], job: Job, workers: int) -> Iterator[tuple[str, Done]]:
    """Review files on this machine and yield each with what came of it, as they get ready."""
    work = partial(reviewed, job=job)
    for path, own, came in pool(work, paths, workers, Limits(job.seconds, job.mebibytes)):
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
        advice = "Install the extra: auditkit[cluster]"
        raise ExtraMissingError("Dask is not installed", advice=advice) from error
    try:
        client = Client(scheduler, timeout=SECONDS_TO_ANSWER)
    except OSError as error:
        advice = "Check that the scheduler runs and may be reached from here"
        raise WorkerError(f"no cluster answers: {error}", name=scheduler, advice=advice) from error
    with client:
        parts = [paths[at : at + FILES_AT_ONCE] for at in range(0, len(paths), FILES_AT_ONCE)]
        waiting = iter(parts)
        few = islice(waiting, 2 * max(1, sum(client.nthreads().values())))
        options = {"retries": TIMES_AGAIN, "pure": False}
        tasks = as_completed([client.submit(_some, part, job, **options) for part in few])
        for task in tasks:
            yield from task.result()
            if part := next(waiting, None):
                tasks.add(client.submit(_some, part, job, **options))


def _some(paths: Sequence[str], job: Job) -> list[tuple[str, Done]]:
    return list(run(paths, job, 1))
