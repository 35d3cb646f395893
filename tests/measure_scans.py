"""Measure how pages that are pictures are read: forms are printed, degraded, and read again.

What was read of the printed file is the truth. A sure number must never be wrong, nothing may be
lost without a word, and no finding may fail that does not fail on the printed file.

    python tests/measure_scans.py --count 66 --show 20
    python tests/measure_scans.py --forms FOLDER --kinds fax perspective --keep FOLDER
    python tests/measure_scans.py --record FILE

With ``--record`` each document is written to a file as soon as it is counted, and not read again by
the next run: a long measure can be made in parts, or by several at once. The table is of the file.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from time import perf_counter

import producers
from degrading import KINDS, Degraded, Printed, degraded
from grammar.design import KINDS as LAYOUTS
from grammar.design import make
from grammar.laying import together
from grammar.setting import as_pdf
from inked import Spot
from measure_reading import NAMED, own_forms, table, transcripts
from misreadings import FAIL, NEVER, REFUSED, RIGHT, Reading, Verdict, judged, read, sure_of
from misreadings import KINDS as VERDICTS
from pypdf import PdfReader, PdfWriter
from typesetting import Form, lay_out

from auditkit.grid import Box
from auditkit.numbers import Status

ENOUGH = 5 * len(KINDS)  # documents of a full run
LONGEST = 2  # pages of a form that is taken
MOST_DRAWN = 50  # forms, of which enough are taken
PROSE = (
    "本单位按照绩效管理要求开展自评,项目资金使用合规,目标基本完成,后续将加强预算编制与执行管理。"
)
PAGE_OF_PROSE = f"<section><h1>说明</h1>{f'<p>{PROSE * 3}</p>' * 9}</section>"
Draw = Callable[[Random], bytes]


@dataclass(frozen=True, slots=True)
class Timed:
    """What was read of a file, in how many seconds and at most how many megabytes."""

    reading: Reading
    seconds: float
    peak: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One document that was degraded and read."""

    kind: str
    seed: int
    paper: Degraded
    read: Timed
    verdicts: tuple[Verdict, ...]
    sure_marked: int  # figures that something stands on that is not printed, sure all the same

    @property
    def bad(self) -> list[Verdict]:
        """What must never be."""
        return [one for one in self.verdicts if one.kind in NEVER]


@dataclass(slots=True)
class Tally:
    """The counts of one document, or of all of a kind."""

    documents: int = 0
    pages: int = 0
    refused: int = 0
    sure_marked: int = 0
    seconds: float = 0.0
    peak: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, trial: Trial) -> Tally:
        """Count one document."""
        return cls(
            documents=1,
            pages=trial.paper.pages,
            refused=int(bool(trial.read.reading.error)),
            sure_marked=trial.sure_marked,
            seconds=trial.read.seconds,
            peak=trial.read.peak,
            counts=Counter(one.kind for one in trial.verdicts),
        )

    def add(self, other: Tally) -> None:
        """Count what another counts."""
        self.documents += other.documents
        self.pages += other.pages
        self.refused += other.refused
        self.sure_marked += other.sure_marked
        self.seconds += other.seconds
        self.peak = max(self.peak, other.peak)
        self.counts.update(other.counts)

    def row(self, name: str) -> list[str]:
        """Return the counts as the cells of the table."""
        fields = sum(self.counts.values()) - self.counts[FAIL]
        right = sum(self.counts[kind] for kind in RIGHT)
        counts = (str(self.counts[kind] or "") for kind in VERDICTS)
        share, a_page = 100 * right / max(1, fields), self.seconds / max(1, self.pages)
        told = (self.documents, self.pages, self.refused or "", fields, f"{share:.1f}")
        rest = (self.sure_marked or "", f"{a_page:.1f}", f"{self.peak:.0f}")
        return [name, *map(str, told), *counts, *map(str, rest)]


HEAD = ["kind", "documents", "pages", "not read", "fields", "%", *VERDICTS]
HEAD += ["marked, sure", "seconds a page", "peak MB"]


def timed(data: bytes, name: str) -> Timed:
    """Read a file in a process that is new, and say what that took."""
    began = perf_counter()
    reading = read(data, name)
    seconds = perf_counter() - began
    # What getrusage says is at least what the process had that this one was begun from.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return Timed(reading, seconds, peak)


def apart(data: bytes, name: str) -> Timed:
    """Read a file in a process of its own, so that its memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(timed, data, name).result()


def _laid_out(form: Form, layout: str, _: Random) -> bytes:
    return _printed(producers.section(lay_out(form, NAMED[layout])))


def _printed(body: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "form.pdf")
        producers.print_page(producers.page(body), path)
        return path.read_bytes()


def _drawn(rng: Random) -> bytes:
    return as_pdf(together(make(rng.randrange(10**6), rng.choice(list(LAYOUTS)))))


def sources(folder: Path | None) -> list[Draw]:
    """Return what makes forms: printed files of a folder, its transcriptions, else our own."""
    if folder and (files := sorted(folder.glob("*.pdf"))):
        return [lambda _, path=path: path.read_bytes() for path in files]  # type: ignore[misc]
    forms = transcripts(folder) if folder else own_forms()
    laid = [partial(_laid_out, form, layout) for form in forms for layout in "ABCDEG"]
    return laid if folder else [draw for one in laid for draw in (one, _drawn)]


def document(kind: str, seed: int, some: Sequence[Draw]) -> tuple[Printed, Reading]:
    """Print as many forms as a kind needs in one file, and read it."""
    rng, asked = Random(f"{seed} document"), KINDS[kind]
    book = PdfWriter()
    for number, data in enumerate(_forms(rng, some, asked.forms), start=1):
        book.append(BytesIO(data))
        while len(book.pages) < asked.pages * number / asked.forms:
            book.append(BytesIO(_printed(PAGE_OF_PROSE)))
    file = BytesIO()
    book.write(file)
    return printed_of(file.getvalue())


def _forms(rng: Random, some: Sequence[Draw], count: int) -> list[bytes]:
    """Print forms of few pages that are read, each another."""
    forms: list[bytes] = []
    for _ in range(MOST_DRAWN):
        data = rng.choice(some)(rng)
        is_short = len(PdfReader(BytesIO(data)).pages) <= LONGEST
        if is_short and data not in forms and not read(data, "form.pdf").error:
            forms.append(data)
        if len(forms) == count:
            return forms
    raise SystemExit(f"{count} forms of at most {LONGEST} pages are needed: there are too few")


def printed_of(data: bytes) -> tuple[Printed, Reading]:
    """Return a printed file with the places of its figures, and what is read of it."""
    truth = read(data, "printed.pdf")
    return Printed(data, tuple(_spots(truth))), truth


def _spots(truth: Reading) -> Iterator[Spot]:
    """Yield where numbers stand in the tables of forms."""
    for number, report in enumerate(truth.reports, start=1):
        for entry in report.entries():
            place = entry.cells[0].place if len(entry.cells) == 1 else None
            is_number = entry.reading.status is Status.NUMBER and entry.path != "year"
            if isinstance(place, Box) and is_number:
                sides = (place.left, place.top, place.right, place.bottom)
                yield Spot(f"{number}/{entry.path}", place.page, *sides)


def tried(kind: str, seed: int, some: Sequence[Draw]) -> Trial:
    """Print a document, degrade it, and read both; the same kind and seed give the same."""
    printed, truth = document(kind, seed, some)
    paper = degraded(kind, printed, seed)
    found = apart(paper.data, f"paper.{paper.suffix}")
    verdicts = judged(truth, found.reading, paper.struck)
    marked = sure_of(found.reading) & paper.touched
    return Trial(kind, seed, paper, found, tuple(verdicts), len(marked))


def told(trial: Trial, most: int) -> Iterator[str]:
    """Yield what became of a document that was not read as it must be."""
    error = trial.read.reading.error
    others = [one for one in trial.verdicts if one.kind not in {*RIGHT, *NEVER, REFUSED}]
    if trial.bad or error or others:
        yield f"== {trial.kind}, seed {trial.seed}: {len(trial.bad)} that must not be. {error}"
        yield from (f"  {one}" for one in [*trial.bad, *others][:most])


def _kept(trial: Trial, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{trial.kind.replace(' ', '-')}-{trial.seed}.{trial.paper.suffix}"
    (folder / name).write_bytes(trial.paper.data)


Counted = dict[tuple[str, int], Tally]


def recorded(file: Path | None) -> Counted:
    """Return what a file says of documents that were counted before, by their kinds and seeds."""
    lines = file.read_text(encoding="utf-8").splitlines() if file and file.exists() else []
    known: Counted = {}
    for line in lines:
        held = json.loads(line)
        kind, seed, counts = (held.pop(name) for name in ("kind", "seed", "counts"))
        known[kind, seed] = Tally(**held, counts=Counter(counts))
    return known


def _record(file: Path, trial: Trial) -> None:
    tally = Tally.of(trial)
    own = {one.name: getattr(tally, one.name) for one in fields(tally)}
    held = {"kind": trial.kind, "seed": trial.seed, **own}
    with file.open("a", encoding="utf-8") as record:
        record.write(f"{json.dumps(held)}\n")


def tabled(known: Counted, kinds: Sequence[str]) -> str:
    """Return the table of what was counted, by kinds, with a line of all."""
    tallies, whole = {name: Tally() for name in kinds}, Tally()
    for (kind, _), own in known.items():
        tallies.setdefault(kind, Tally()).add(own)
        whole.add(own)
    rows = [one.row(name) for name, one in tallies.items() if one.documents]
    return table([HEAD, *rows, whole.row("all")])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table by kind; 1 where anything is that must not be."""
    options = _options(arguments)
    kinds, some = options.kinds or list(KINDS), sources(options.forms)
    known = recorded(options.record)
    for number, seed in enumerate(range(options.seed, options.seed + options.count)):
        kind = kinds[number % len(kinds)]
        if (kind, seed) in known:
            continue
        trial = tried(kind, seed, some)
        known[kind, seed] = Tally.of(trial)
        if options.record:
            _record(options.record, trial)
        if options.show:
            sys.stdout.writelines(f"{line}\n" for line in told(trial, options.show))
            sys.stdout.flush()
        if options.keep and (trial.bad or trial.read.reading.error):
            _kept(trial, options.keep)
    sys.stdout.write(f"{tabled(known, kinds)}\n")
    return int(any(own.counts[kind] for own in known.values() for kind in NEVER))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=ENOUGH, help="how many documents")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first")
    parser.add_argument("--kinds", nargs="*", default=[], help="kinds, which take turns")
    parser.add_argument("--forms", type=Path, help="folder of PDF files or of transcriptions")
    parser.add_argument("--show", type=int, default=0, help="how much to list of each document")
    parser.add_argument("--record", type=Path, help="file that documents counted are written to")
    parser.add_argument("--keep", type=Path, help="folder for the files that were read amiss")
    options = parser.parse_args(arguments)
    for name in options.kinds:
        if name not in KINDS:
            parser.error(f"{name!r} is none of {', '.join(KINDS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
