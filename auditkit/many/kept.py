"""What came of each document, kept under the digest of all that it depends on.

A result is a file under ``OUT/.cache`` that is there as a whole or not at all, so that a run that
was stopped, by whatever, is gone on with by starting it again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from auditkit.contract import Json
from auditkit.decisions.log import Log
from auditkit.errors import AuditkitError, WorkerError, refusals
from auditkit.files import digest_of, moment, on_disk, readable, write_whole
from auditkit.many.results import packed
from auditkit.many.run import Run
from auditkit.readers.limits import limits
from auditkit.reviewing import Terms
from auditkit.rules.own import digest_of_rules
from auditkit.workpapers.manifest import PACKAGES, holds

KEPT = ".cache"
TRY_AGAIN = (-1.0,)  # limits that no run has
_MADE_WITH = (*PACKAGES, "rapidocr", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One form in a line: where it stands, what it is about, and how much was found.

    ``certainty`` says how surely its figures were read; ``counts`` are those of
    ``schedules.counts``; ``corrected`` is how many readings auditors corrected, ``as_read`` how
    many they found right; ``identity`` tells that two files hold the same form, empty where it has
    none.
    """

    place: str
    project: str
    certainty: str
    counts: tuple[int, ...]
    corrected: int = 0
    as_read: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one document: its forms, or the reason why there are none.

    ``name`` is what the file is called below the folder that was given, masked where it was to be;
    ``key`` is what the result is kept under, ``digest`` that of the result itself. ``folder`` has
    its workpapers, below that of the run, of which ``paper`` is the digest of ``manifest.json``.
    ``unsure`` is what was ``doubted`` of its forms. ``reason`` is the kind of ``error`` that it
    could not be reviewed for, which is ``about`` a file if not this one, at a ``place``;
    ``limits`` are what stopped it. ``tables`` is the length of what it adds
    to the tables. ``is_new`` tells that it was reviewed in this run, ``lacks`` that something which
    the run asks for was not kept, or replaced since. ``marks`` are those of its forms, by which
    the log has decisions about them, ``logged`` tells which of those there were.
    """

    name: str
    key: str
    forms: tuple[Reviewed, ...] = ()
    unsure: int = 0
    folder: str = ""
    paper: str = ""
    reason: str = ""
    error: str = ""
    about: str = ""
    place: str = ""
    advice: str = ""
    limits: tuple[float, ...] = ()
    tables: int = 0
    digest: str = ""
    marks: tuple[str, ...] = ()
    logged: str = ""
    is_new: bool = True
    lacks: bool = False

    @property
    def problem(self) -> AuditkitError:
        """What the document could not be reviewed for, as a review of it alone would raise it."""
        return AuditkitError(self.error, name=self.about, place=self.place, advice=self.advice)


def key_of(terms: Terms, name: str, *documents: str) -> str:
    """Return what tells a result from any other: content, name, auditkit and terms.

    ``documents`` are the digests of the document and of others that hold the same forms. The time
    that papers are to bear counts, too; for decisions see ``logged_by``.
    """
    parts = (*documents, name, _auditkit(), repr(limits()), *_told(terms), moment())
    return digest_of("\x1f".join(parts).encode())


def logged_by(terms: Terms, decided: Mapping[str, str], marks: Iterable[str]) -> str:
    """Return what tells the decisions that a result rests on from others, empty for none.

    ``decided`` has the digest of the last event by each mark of a form, its file or document (see
    ``last_by_mark``). The name of the log counts, since papers say it.
    """
    events = sorted({decided[mark] for mark in marks if mark in decided})
    return digest_of("\x1f".join((Log(terms.log).title, *events)).encode()) if events else ""


def _told(terms: Terms) -> Iterator[str]:
    """Yield what there is to tell terms from others; rules that stand in no file are not kept."""
    yield repr(
        (terms.jurisdiction, str(terms.lang), terms.redact, terms.witness, terms.suppressions)
    )
    yield " ".join(rule.id for rule in terms.rules)
    yield digest_of_rules(terms.rules_file) if terms.rules_file else ""
    for path in (terms.parameters, terms.template):
        yield digest_of(path.read_bytes()) if path else ""


@cache
def _auditkit() -> str:
    """Return a digest of auditkit itself and of the versions of what it works with."""
    digest = hashlib.sha256(platform.python_version().encode())
    folder = Path(str(files("auditkit")))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    for package in _MADE_WITH:
        with suppress(PackageNotFoundError):
            digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def keep(run: Run, done: Done, tables: bytes, told: Sequence[Json] = ()) -> Done:
    """Write a result beside its place and then into it, so that there is all of it or nothing.

    ``tables`` is what it adds to the tables, ``told`` its reviews in the shape of ``review.json``.
    Raises RefusedError where it cannot be written.
    """
    done = replace(done, tables=len(tables))
    path = _place(run, done.key)
    head = json.dumps(asdict(done), ensure_ascii=False).encode()
    body = tables
    if told:
        body += gzip.compress(json.dumps(told, ensure_ascii=False).encode(), 1, mtime=0)
    digest = digest_of(head + body)
    with refusals(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole({path: b"\n".join((digest.encode(), head, body))}, is_lasting=False)
    return replace(done, digest=digest)


def kept(run: Run, key: str) -> Done | None:
    """Return what is kept under a key, unless it is damaged or now allowed more."""
    if (found := _loaded(run, key)) is None:
        return None
    done, body = found
    if done.limits and done.limits != run.limits:
        return None
    if not done.forms:
        lacks = False
    elif run.with_workpapers:
        lacks = not _has_papers(run, done)
    else:
        lacks = run.with_json and len(body) == done.tables
    return replace(done, is_new=False, lacks=lacks)


def _papers(run: Run, done: Done) -> Path:
    return run.out / on_disk(done.folder)


def _has_papers(run: Run, done: Done) -> bool:
    """Tell whether the workpapers of a result, and no later ones, stand where they were written."""
    is_as_written = run.ink != "stop"  # a choice was made for those that somebody wrote into
    folder = _papers(run, done)
    return bool(done.folder) and holds(folder, done.paper, is_as_written=is_as_written)


def reviews_of(run: Run, done: Done) -> list[Json]:
    """Return the reviews of a document in the shape of ``review.json``, with their workpapers.

    Raises WorkerError where they were damaged or taken away since.
    """
    if not done.forms:
        return []
    if run.with_workpapers:
        with suppress(OSError, ValueError, KeyError):
            folder = _papers(run, done)
            reviews: list[Json] = json.loads((folder / "review.json").read_bytes())["reviews"]
            papers = sorted(readable(str(path)) for path in folder.iterdir() if path.is_file())
            return [{**review, "workpapers": papers} for review in reviews]
    elif found := _loaded(run, done.key):
        told: list[Json] = json.loads(gzip.decompress(found[1][done.tables :]))
        return told
    raise _damaged(done.name)


def tables_kept(run: Run, key: str) -> bytes:
    """Return what a document adds to the tables; raises WorkerError where it is damaged."""
    if (found := _loaded(run, key)) is None:
        raise _damaged(key)
    done, body = found
    said = ", ".join(filter(None, (done.error, done.about, done.place)))
    row = {"file": done.name, "reason": done.reason, "error": said, "advice": done.advice}
    return packed({"failures": [row]}) if done.reason else body[: done.tables]


def _damaged(name: str) -> WorkerError:
    return WorkerError.saying("result-damaged", name=name)


def _place(run: Run, key: str) -> Path:
    return run.out / KEPT / key[:2] / key[2:]


def _loaded(run: Run, key: str) -> tuple[Done, bytes] | None:
    with suppress(OSError, ValueError, TypeError):
        digest, head, body = _place(run, key).read_bytes().split(b"\n", 2)
        if digest.decode() == digest_of(head + body):
            values = json.loads(head)
            forms = ({**form, "counts": tuple(form["counts"])} for form in values["forms"])
            values["forms"] = tuple(Reviewed(**form) for form in forms)
            values |= {name: tuple(values[name]) for name in ("limits", "marks")}
            values["digest"] = digest.decode()
            return Done(**values), body
    return None
