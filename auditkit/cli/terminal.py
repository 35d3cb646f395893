"""What a command prints: results to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate, chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TextIO

from auditkit.errors import AuditkitError, MisnamedError, known
from auditkit.wording import Fact, Phrase, language, put

if TYPE_CHECKING:
    from auditkit.many.run import Tally
    from auditkit.progress import AtPage

SECONDS_BETWEEN_LINES = 10
WIPED = "\r\x1b[K"  # back to the start of a line that is blank again
NARROWEST = 8  # columns of a table that is too wide for a terminal
_COLOURS = {
    "error": "1;31",
    "warning": "33",
    "review": "35",
    "note": "36",
    "name": "1",
    "soft": "2",
}


class Line(NamedTuple):
    """A line to be printed; its ``mark`` stands first and looks as what it stands for."""

    text: str
    mark: str = ""
    looks: str = ""


class ShownPage:
    """Shows which page of a file is recognised, at once, whatever else is kept to be said later.

    On a terminal that is one line, which goes again with the context; elsewhere a line now and
    then. Who asked to ``note`` it hears of each page.
    """

    def __init__(self, note: Callable[[str], object] = lambda _: None) -> None:
        self.note, self.stream, self.said = note, sys.__stderr__, time.monotonic()
        self.is_shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_shown:
            self._write(WIPED)

    def __call__(self, at: AtPage) -> None:
        """Show a page that is recognised next; one alone is not waited for long."""
        self.note(str(at.page))
        if at.total == 1 or self.stream is None:
            return
        if self.stream.isatty():
            self.is_shown = True
            self._write(f"{WIPED}{visible(at.line)}")
        elif time.monotonic() > self.said + SECONDS_BETWEEN_LINES:
            self.said = time.monotonic()
            self._write(f"{visible(at.line)}\n")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # that nobody hears it stops no work
            print(text, end="", file=self.stream, flush=True)


@dataclass(slots=True)
class Output:
    """What came out of a command so far: as data, and as rows of a table by their heads.

    ``schema`` is what the data is called in JSON; ``lines`` are printed before tables, ``last``
    behind them. ``later`` are results that are made only as they are printed, ``more`` is what
    stands beside all of them. ``worst`` are the severities that ``--fail-on`` asks for, ``pages``
    those that ``--open`` opens. It ``is_misnamed`` where a name or code was given that there is
    none of, which is wrong usage. ``at_page`` shows which page is recognised while work goes on.
    """

    schema: str
    debug: bool = False
    failures: list[dict[str, str]] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    later: Iterable[Any] = ()
    more: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[Fact, Any]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    last: list[Line] = field(default_factory=list)
    worst: set[str] = field(default_factory=set)
    pages: list[Path] = field(default_factory=list)
    is_misnamed: bool = False
    at_page: ShownPage | None = None

    def fail(self, name: str, error: Exception, *, is_said: bool = True) -> None:
        """Record what one input failed of, and say it at once."""
        self.is_misnamed |= isinstance(error, MisnamedError)
        kind = type(error).__name__
        told = known(error) or AuditkitError.saying("unexpected", kind=kind, said=str(error))
        message, place, advice = told.in_words(language())
        of = "" if Path(told.name).name in name else told.name
        parts = (Phrase.of("failed of", where=part) for part in (of, place) if part)
        where = "".join(map(str, parts))
        self.failures.append({"name": name, "error": f"{message}{where}", "advice": advice})
        if is_said:
            said = "failed" if advice else "failed plainly"
            say(Phrase.of(said, name=name, where=where, message=message, advice=advice))
        if self.debug:
            trace = "".join(traceback.format_exception(error)).splitlines()
            say(*(f"| {line}" for line in trace))  # so that none looks like a line of its own

    def table(self, heads: Iterable[Fact], rows: Iterable[Iterable[Any]]) -> None:
        """Add rows to what is printed, to the last table where their heads are the same."""
        known = tuple(heads)
        self.rows += [dict(zip(known, row, strict=True)) for row in rows]

    def add(self, more: Output) -> None:
        """Add what came out of a part of the work."""
        self.failures += more.failures
        self.results += more.results
        self.rows += more.rows
        self.lines += more.lines
        self.last += more.last
        self.worst |= more.worst
        self.pages += more.pages
        self.is_misnamed |= more.is_misnamed

    def print_json(self) -> None:
        """Print what came out as one JSON object, a result at a time."""
        from auditkit.contract import json_parts

        for part in json_parts(
            self.schema, chain(self.results, self.later), self.failures, **self.more
        ):
            sys.stdout.write(part)
        sys.stdout.flush()

    def print_table(self, lang: str, width: int | None, room: int = 0) -> None:
        """Print what came out in columns of so many places; an ideograph takes two.

        Without a width no text is cut, and nothing is coloured; with ``room`` a table gets no wider
        than that. Rows of other heads are a table of their own.
        """
        is_coloured = width is not None and "NO_COLOR" not in os.environ
        for line in self.lines:
            sys.stdout.write(f"{_printed(line, is_coloured=is_coloured)}\n")
        for number, (heads, rows) in enumerate(groupby(self.rows, key=tuple)):
            sys.stdout.write("\n" * bool(number or self.lines))
            cells = [[*row.values()] for row in rows]
            for text in _aligned(heads, cells, lang, width, room):
                sys.stdout.write(f"{text}\n")
        for line in self.last:
            sys.stdout.write(f"{_printed(line, is_coloured=is_coloured)}\n")
        sys.stdout.flush()


def _printed(line: Line, *, is_coloured: bool) -> str:
    mark, text = visible(line.mark), visible(line.text)
    if line.mark and is_coloured:
        mark = f"\x1b[{_COLOURS[line.looks]}m{mark}\x1b[0m"
    return mark + text


def _aligned(
    heads: Sequence[Fact], values: Sequence[Sequence[Any]], lang: str, width: int | None, room: int
) -> Iterator[str]:
    """Yield the lines of a table whose columns stand below each other."""
    from auditkit.schedules import spoken, text_of

    said, rows = spoken((heads, values), lang)
    texts = [said, *([text_of(cell) for cell in row] for row in rows)]
    seen = [[visible(text) for text in row] for row in texts]
    widths = [max(map(_width, column)) for column in zip(*seen, strict=True)]
    if width:
        widths = [min(wide, width) for wide in widths]
        widths = _fitting(widths, room) if room else widths
        seen = [[_cut(text, most) for text, most in zip(row, widths, strict=True)] for row in seen]
    for row in seen:
        cells = zip(row, widths, strict=True)
        yield "  ".join(cell + " " * (wide - _width(cell)) for cell, wide in cells).rstrip()


def _fitting(widths: Sequence[int], room: int) -> list[int]:
    """Return widths of columns that fit a terminal, as far as they can: the widest give way.

    >>> _fitting([30, 4, 40], 60), _fitting([9, 9], 10)
    ([26, 4, 26], [8, 8])
    """
    made = list(widths)
    while sum(made) + 2 * (len(made) - 1) > room and (most := max(made)) > NARROWEST:
        made[made.index(most)] = most - 1
    return made


def open_streams() -> None:
    """Make ready to print UTF-8; what the process was started without goes nowhere."""
    for number, name in enumerate(("stdout", "stderr"), start=1):
        if getattr(sys, name) is None:  # nor may a file be opened in its place
            os.dup2(nowhere := os.open(os.devnull, os.O_WRONLY), number)
            if nowhere != number:
                os.close(nowhere)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "w"))
        if hasattr(stream := getattr(sys, name), "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(*lines: Fact) -> None:
    """Say something on standard error, a line each; that nobody hears it stops no work.

    A line stays one line, whatever names of files and texts of forms stand in it.
    """
    try:
        for line in lines:
            sys.stderr.write(f"{visible(put(line, language()))}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        silence(sys.stderr)


def how_many(count: int, thing: str) -> Phrase:
    """Return how many there are of a thing that ``says.toml`` counts.

    >>> [put(how_many(count, "file"), lang) for lang in ("en", "zh") for count in (1, 2)]
    ['1 file', '2 files', '1个文件', '2个文件']
    """
    return Phrase.of("one " + thing) if count == 1 else Phrase.of("some " + thing, count=count)


def silence(stream: TextIO) -> None:
    """Let what is written to a stream that nobody reads any more go nowhere, also at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def progress() -> Callable[[Tally], object]:
    """Return what shows how far a run is: a bar on a terminal, else a line now and then."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        bar = tqdm(unit=" files", file=sys.stderr)

        def move(tally: Tally) -> None:
            bar.total = tally.total
            bar.set_postfix_str(str(tally), refresh=False)
            bar.update()

        return move
    said = time.monotonic()

    def show(tally: Tally) -> None:
        nonlocal said
        if tally.done == tally.total or time.monotonic() > said + SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            say(tally.line)

    return show


def visible(text: str) -> str:
    """Show control characters instead of sending them to a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_wide, text))


def _wide(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(text: str, width: int) -> str:
    """Return a text of so many places at most, with a mark in the last where it goes on."""
    if _width(text) <= width:
        return text
    ends = accumulate(map(_wide, text))
    return text[: next(n for n, end in enumerate(ends) if end >= width)] + "…"
