"""Papers of a whole re-check: written only where something changed, and never over ink."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.contract import json_text
from auditkit.decisions.log import NO_LOG, Log
from auditkit.errors import LogError, WorkpaperError
from auditkit.files import digest_of, write_whole
from auditkit.many.across import ACROSS
from auditkit.many.overview import overview
from auditkit.many.results import asking
from auditkit.many.run import Run
from auditkit.many.sampling import draws_in
from auditkit.many.whole import Whole
from auditkit.many.whole_book import sheets
from auditkit.many.whole_page import page
from auditkit.many.whole_report import letters, report
from auditkit.reviewing import Terms
from auditkit.standards import load
from auditkit.wording import Fact, Phrase, put
from auditkit.workpapers.books import book, row_digests
from auditkit.workpapers.ink import Ink, day
from auditkit.workpapers.returned import DECIDED, opened, read_decisions, rows_of

if TYPE_CHECKING:
    from auditkit.many.kept import Done

PAGE, BOOK, REPORT, LETTERS = "index.html", "recheck.xlsx", "recheck.docx", "letters.docx"
MADE_OF = "recheck.json"
SCHEMA = "auditkit/recheck/1"
_BESIDE = {BOOK: "book of all", REPORT: "report of all", LETTERS: "letters of all"}
_CHOICE = Phrase.of("ink-choice-of-all")
Tell = Callable[[Fact], object]


def take_in(run: Run, terms: Terms, tell: Tell) -> None:
    """Add to the log what was decided in the workbook of an earlier run; ``tell`` is told.

    Raises LogError where the log is not whole. Rows that cannot be used are told, and kept.
    """
    path = run.out / BOOK
    if not path.is_file() or digest_of(path.read_bytes()) == _recorded(run).get(BOOK):
        return
    log = Log(terms.log)
    try:
        events, problems = read_decisions(path, log)
    except LogError as error:
        events, problems = [], [error]
    if added := log.merge(events) if events else ():
        tell(Phrase.of("ink-added", path=str(path), log=str(log.name), count=len(added)))
    for problem in problems:
        tell(Phrase.of("ink-problem", path=str(path), problem=str(problem)))


def write_papers(
    files: Sequence[Done], copies: Sequence[tuple[str, str]], run: Run, terms: Terms
) -> tuple[Path, ...]:
    """Write page, workbook, report and letters of a run below its folder; return their paths.

    Where all is as it was, nothing is written. What a person wrote into them is kept as ``run.ink``
    says. Raises WorkpaperError where that is to stop it, or where they cannot be written.
    """
    draws = [path.read_bytes() for path in draws_in(run.out).values()]
    state = _state(files, copies, draws, terms)
    paths = tuple(run.out / name for name in (PAGE, BOOK, REPORT, LETTERS))
    if _read(run).get("made_of") == state and all(path.is_file() for path in paths):
        return paths
    whole = _whole(files, copies, [json.loads(draw) for draw in draws], run, terms)
    plan = sheets(whole)
    made = {
        PAGE: page(whole, _BESIDE).encode(),
        BOOK: book(plan),
        REPORT: report(whole),
        LETTERS: letters(whole),
    }
    free = {put(head, terms.lang) for head in DECIDED[:3]}
    outputs: list[dict[str, Any]] = [
        {"name": name, "sha256": digest_of(data)} for name, data in made.items()
    ]
    outputs[list(made).index(BOOK)]["rows"] = row_digests(plan, free)
    told = json_text({"schema": SCHEMA, "made_of": state, "outputs": outputs}) + "\n"
    names = _places(run, made, Log(terms.log))
    try:
        run.out.mkdir(parents=True, exist_ok=True)
        write_whole({names[name]: data for name, data in made.items()})
        if all(path.name == name for name, path in names.items()):
            write_whole({run.out / MADE_OF: told.encode()})
    except OSError as error:
        advice = "Close them where they are open, or choose another folder with --out"
        what = f"workbook and report cannot be written: {error.strerror or error}"
        raise WorkpaperError(what, name=str(run.out), advice=advice) from error
    return tuple(names.values())


def _whole(
    files: Sequence[Done],
    copies: Sequence[tuple[str, str]],
    draws: Sequence[dict[str, Any]],
    run: Run,
    terms: Terms,
) -> Whole:
    log = Log(NO_LOG if terms.redact else terms.log)  # which names who decided
    with asking(run.out) as ask:
        found = overview(ask, log)
    return Whole(
        found,
        load(terms.parameters),
        terms.lang,
        {done.name: done.folder for done in files if done.folder},
        copies,
        draws,
        len(files),
        len(ACROSS),
    )


def _state(
    files: Sequence[Done], copies: Sequence[tuple[str, str]], draws: Sequence[bytes], terms: Terms
) -> str:
    """Return what tells all that the papers are made of from anything else."""
    digest = hashlib.sha256(repr((str(terms.lang), terms.redact, tuple(copies))).encode())
    for done in files:
        digest.update(f"{done.name}\0{done.key}{done.digest}{done.logged}{done.folder}".encode())
    for draw in draws:
        digest.update(digest_of(draw).encode())
    return digest.hexdigest()


def _read(run: Run) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        told: dict[str, Any] = json.loads((run.out / MADE_OF).read_bytes())
        if told.get("schema") == SCHEMA:
            return told
    return {}


def _recorded(run: Run) -> dict[str, str]:
    return {output["name"]: output["sha256"] for output in _read(run).get("outputs", ())}


def _places(run: Run, made: dict[str, bytes], log: Log) -> dict[str, Path]:
    """Return where each paper goes; raises WorkpaperError where a person's writing stops it."""
    names = {name: run.out / name for name in made}
    inked = [name for name in made if any(_ink(run, name, log))]
    for name in inked:
        if run.ink == Ink.STOP:
            what = Phrase.of("ink-wrote-whole")
            raise WorkpaperError(what, name=str(names[name]), advice=_CHOICE)
        aside = next(path for path in _dated(names[name]) if not path.exists())
        if run.ink == Ink.KEEP:
            names[name] = aside
        else:
            names[name].replace(aside)
    return names


def _ink(run: Run, name: str, log: Log) -> Iterator[str]:
    """Yield what in a paper is not as it was written, but for decisions, which are in the log."""
    path, recorded = run.out / name, _recorded(run)
    if not path.is_file() or digest_of(path.read_bytes()) == recorded.get(name):
        return
    if name != BOOK or name not in recorded:
        yield name
        return
    known = {row for output in _read(run)["outputs"] for row in output.get("rows", ())}
    try:
        yield from (place for place, digest in rows_of(opened(path)) if digest not in known)
        yield from (problem.place for problem in read_decisions(path, log)[1])
    except LogError:
        yield name


def _dated(path: Path) -> Iterator[Path]:
    for number in range(1, 1000):
        more = f"-{number}" if number > 1 else ""
        yield path.with_name(f"{path.stem}-{day()}{more}{path.suffix}")
