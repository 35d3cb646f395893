"""What people wrote into workpapers: found before a paper is written again, and never lost.

A manifest holds the digests of the last writing. Decisions in known rows of a workbook come into
the log; anything else that a person changed is kept, by a choice that only a person can make.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from auditkit.decisions.log import Log
from auditkit.errors import LogError, WorkpaperError
from auditkit.files import digest_of, moment, write_whole
from auditkit.wording import Fact, Phrase, Series
from auditkit.workpapers.manifest import BOOK, NAME, document_of, outputs_of
from auditkit.workpapers.returned import added, opened, read_decisions, rows_of

PAPERS = (BOOK, "workpaper.html", "review.json", "workpaper.docx", "annotated.pdf")
WRITING = ".auditkit-writing.json"  # digests of papers that are being put in place
LOCKS = ("~${name}", "~${short}", ".~lock.{name}#")  # of Excel, of Word, of LibreOffice
WROTE = Phrase.of("ink-wrote")
_CHOICE = Phrase.of("ink-choice")
FEW = 5  # places that an error names
NOTES, DRAWN, ANCHOR = ("xl/comments", "xl/threadedComments"), "xl/drawings/", b"Anchor"


class Ink(StrEnum):
    """What is done where a person wrote into papers that are to be written again."""

    STOP = "stop"
    KEEP = "keep"  # the new ones go beside them
    REPLACE = "replace"  # the old ones are backed up beside them


class Change(NamedTuple):
    """A paper that is not as auditkit wrote it, what that is, where, and what to do first."""

    name: str
    what: Phrase
    place: str = ""
    advice: Fact = ""
    is_open: bool = False


def touched(folder: Path) -> dict[str, str]:
    """Return the papers of a folder that are not as auditkit wrote them, with their digests."""
    paths = (Path(folder, name) for name in PAPERS)
    held = {path.name: digest_of(path.read_bytes()) for path in paths if path.is_file()}
    known = _known(folder)
    return {name: digest for name, digest in held.items() if digest not in known}


def check_since(folder: Path, before: dict[str, str]) -> None:
    """Raise WorkpaperError where a person has written into a folder since it was looked at."""
    for name, digest in touched(folder).items():
        if before.get(name) != digest:
            raise WorkpaperError.saying("ink-meanwhile", name=str(Path(folder, name)))


def _known(folder: Path) -> set[str]:
    """Return the digests of the papers that auditkit wrote into a folder, or was about to."""
    known = set[str]()
    with suppress(WorkpaperError):  # no manifest, or that of an older version
        known |= {output["sha256"] for output in outputs_of(folder)}
    with suppress(OSError, ValueError):
        known |= set(json.loads(Path(folder, WRITING).read_bytes()))
    return known


def place_for(
    folder: Path, document: str, log: Log, ink: Ink, tell: Callable[[Fact], object] | None = None
) -> Path:
    """Return where the papers of a document go that are to be written into a folder.

    Decisions in known rows of its workbook, and of those that were kept beside it, are added to the
    log, and ``tell`` is told. Raises WorkpaperError where a person changed anything else, and
    ``ink`` does not say what to do.
    """
    changes = list(_changes_in(folder, document, log, tell))
    if not changes:
        return folder
    free = [kept for kept in _kept(folder, document) if _is_free(kept, document, log, tell)]
    if ink is Ink.KEEP:
        return next(path for path in _dated(folder, "") if path in free or not path.exists())
    is_open = [change for change in changes if change.is_open]
    if ink is Ink.STOP or is_open:
        first = (is_open or changes)[0]
        own = Phrase.of("error with advice", error=first.advice, advice=_CHOICE)
        advice = own if first.advice else _CHOICE
        name, place = str(Path(folder, first.name)), _places(first, changes)
        raise WorkpaperError(first.what, name=name, place=place, advice=advice)
    _back_up(folder)
    return folder


def _places(first: Change, changes: Sequence[Change]) -> Fact:
    """Return where in a paper there are such changes, and which other papers have some."""
    alike = (c.place for c in changes if (c.name, c.what) == first[:2])
    places = list(dict.fromkeys(place for place in alike if place))
    left = [Phrase.of("ink-more", count=len(places) - FEW)] if len(places) > FEW else []
    others = dict.fromkeys(c.name for c in changes if c.name != first.name)
    return Series((*places[:FEW], *left, *(Phrase.of("ink-and", name=name) for name in others)))


def _changes_in(
    folder: Path, document: str, log: Log, tell: Callable[[Fact], object] | None
) -> Iterator[Change]:
    """Yield what a person changed in the papers of a folder that the log does not hold then."""
    papers = [name for name in PAPERS if Path(folder, name).is_file()]
    for name in papers:
        for lock in _locks(Path(folder, name)):
            advice = Phrase.of("ink-open.advice", lock=lock.name)
            yield Change(name, Phrase.of("ink-open"), "", advice, is_open=True)
    held = document_of(folder)
    if papers and held and held != document:
        yield Change(NAME, Phrase.of("ink-another"))
    for name in touched(folder):
        if not held:
            yield Change(name, Phrase.of("ink-unknown"))
        elif name == BOOK:
            yield from _changes_of_book(folder, log, tell)
        else:
            yield Change(name, WROTE)


def _locks(path: Path) -> Iterator[Path]:
    for lock in LOCKS:
        beside = path.with_name(lock.format(name=path.name, short=path.name[2:]))
        if beside.exists():
            yield beside


def _changes_of_book(
    folder: Path, log: Log, tell: Callable[[Fact], object] | None
) -> Iterator[Change]:
    """Yield what of a workbook is no decision in a known row; such decisions are imported."""
    path = Path(folder, BOOK)
    known = {row for output in outputs_of(folder) for row in output.get("rows", ())}
    try:
        events, problems = read_decisions(path, log)
        places = [place for place, digest in rows_of(opened(path)) if digest not in known]
    except LogError:
        yield Change(BOOK, Phrase.of("ink-no-book"))
        return
    yield from (Change(BOOK, WROTE, place) for place in places)
    yield from (Change(BOOK, WROTE, part) for part in _drawn(path))
    try:
        if (made := added(path, log, events) if events else ()) and tell:
            tell(Phrase.of("ink-added", path=str(path), log=log.name, count=len(made)))
    except LogError as error:
        problems.append(error)
    for one in problems:
        if not set(one.place.split("; ")) & set(places):
            advice = Phrase.of("ink-not-in-log.advice", advice=one.advice)
            what = Phrase.of("ink-not-in-log", why=one.message)
            yield Change(BOOK, what, one.place, advice)


def _drawn(book: Path) -> Iterator[str]:
    """Yield the parts of a workbook that hold what is no cell: notes, shapes and pictures."""
    with ZipFile(book) as parts:
        for name in parts.namelist():
            if name.startswith(NOTES) or (name.startswith(DRAWN) and ANCHOR in parts.read(name)):
                yield name


def day() -> str:
    """Return the day that names of folders and papers beside others bear."""
    return moment()[:10] or f"{datetime.now().astimezone():%Y-%m-%d}"


def _whole(folder: Path) -> Path:
    """Return a folder by a path that has its name."""
    return folder if folder.name.strip(".") else folder.resolve()


def _dated(folder: Path, why: str) -> Iterator[Path]:
    """Yield folders beside one, with the day in their names."""
    whole = _whole(folder)
    for number in count(1):
        more = f"-{number}" if number > 1 else ""
        yield whole.with_name(f"{whole.name}{why}-{day()}{more}")


def _kept(folder: Path, document: str) -> list[Path]:
    """Return the folders that papers of a document were written into beside one, on any day."""
    whole = _whole(folder)
    dated = re.compile(rf"{re.escape(whole.name)}-\d{{4}}-\d\d-\d\d(-\d+)?")
    beside = (path for path in sorted(whole.parent.iterdir()) if dated.fullmatch(path.name))
    return [path for path in beside if document_of(path) == document]


def _is_free(kept: Path, document: str, log: Log, tell: Callable[[Fact], object] | None) -> bool:
    """Tell whether nobody has written into papers but decisions, which are in the log then.

    ``tell`` is told of those that cannot be.
    """
    changes = list(_changes_in(kept, document, log, tell))
    for change in changes:
        if change.advice and tell:
            name = str(Path(kept, change.name))
            tell(
                WorkpaperError(
                    change.what, name=name, place=change.place, advice=change.advice
                ).told
            )
    return not changes


def _back_up(folder: Path) -> None:
    """Copy the papers of a folder beside it, into one with the day in its name."""
    backup = next(path for path in _dated(folder, "-replaced") if not path.exists())
    backup.mkdir()
    papers = (Path(folder, name) for name in (*PAPERS, NAME))
    write_whole({backup / p.name: p.read_bytes() for p in papers if p.is_file()})
