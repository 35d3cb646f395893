"""Work done piece by piece in processes that may be lost: each piece has its allowance.

What a piece does to its process, by a crash, a loop without end or all the memory there is, costs
that piece alone; the process is replaced by one that is ready at once, since what it imports was
imported before it parted.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing import connection, current_process, get_all_start_methods, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from auditkit import temporary
from auditkit.errors import RefusedError, WorkerError
from auditkit.temporary import resident
from auditkit.wording import Phrase

T = TypeVar("T")
_Work = Callable[[str, Callable[[str], object]], T]

_NOTHING = object()
LOOK = 0.05  # seconds between two looks at what a process takes
START = 120  # seconds in which a process is to be ready, what it loads included
OUT_OF_MEMORY, RUN_AGAIN = 77, 78  # how a process ends that says so itself
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a piece of work may take: time, and memory on top of what a process begins with.

    Work that notes how far it is has that time for each part.
    Memory is what the process really has, not what it has reserved. Only Linux tells.
    """

    seconds: float
    mebibytes: int


ENDLESS = Allowance(seconds=86_400, mebibytes=1 << 20)  # of work that nothing is to end


def pool(
    work: _Work[T],
    items: Iterable[str],
    count: int,
    allowance: Allowance,
    modules: Sequence[str] = (),
    *,
    is_forked: bool = False,
) -> Iterator[tuple[str, str, T | WorkerError]]:
    """Yield each item, what was noted of it and what came of it, as they get ready.

    ``work`` takes an item and what notes a word about it, to be known even if the process is lost;
    from each note on it has the time of its allowance anew. It raises nothing but MemoryError and
    what the system refuses. ``modules`` are loaded once, before processes part from the one that
    has them. The processes end with the loop. Raises RefusedError where the system refuses what no
    item can be worked on without. Where the process ``is_forked`` from this one, which must have no
    threads then, it begins at once with all that was loaded here, and ``work`` may be any function.
    """
    if getattr(current_process(), "_inheriting", False):  # multiprocessing runs the script again
        os._exit(RUN_AGAIN)
    if current_process().daemon:
        raise WorkerError.saying("no-processes")
    with ExitStack() as ends:
        folder = ""
        with suppress(OSError):  # no room for one; what needs it says so
            folder = str(ends.enter_context(temporary.folder()))
        make = partial(_Hand, work, allowance, modules, folder, is_forked)
        yield from _through(iter(items), count, make, ends)


def _through(
    waiting: Iterator[str], count: int, make: Callable[[], _Hand[T]], ends: ExitStack
) -> Iterator[tuple[str, str, T | WorkerError]]:
    hands: list[_Hand[T]] = []
    for item in islice(waiting, count):
        hands.append(make())
        ends.callback(hands[-1].end)
        hands[-1].take(item)
    while busy := [hand for hand in hands if hand.item]:
        soonest = min(hand.deadline for hand in busy) - time.monotonic()
        connection.wait([hand.pipe for hand in busy], max(min(soonest, LOOK), 0))
        for hand in busy:
            if (came := hand.came()) is not _NOTHING:
                item, noted = hand.item, hand.noted
                hand.take(next(waiting, ""))
                yield item, noted, cast(T, came)


@dataclass(slots=True)
class _Hand(Generic[T]):
    """One worker process after the other, and the item that it has in hand."""

    work: _Work[T]
    allowance: Allowance
    modules: Sequence[str] = ()
    folder: str = ""
    is_forked: bool = False
    item: str = ""
    noted: str = ""
    deadline: float = 0
    memory: int = 0  # bytes that the process begins with
    pipe: Connection = field(init=False)
    process: Any = field(init=False, default=None)

    def take(self, item: str) -> None:
        """Give the worker an item, a new worker where the last one is no more."""
        self.item, self.noted = item, ""
        if item:
            try:
                self._begin()
                self.pipe.send(item)
            except (ConnectionError, EOFError):  # it died idle
                self.end()
                self._begin_again(item)
            self.deadline = time.monotonic() + self.allowance.seconds

    def _begin_again(self, item: str) -> None:
        """Give the item to a new worker; raises WorkerError where that ends, too."""
        try:
            self._begin()
            self.pipe.send(item)
        except (ConnectionError, EOFError) as error:
            raise WorkerError.saying("processes-end", name=_script()) from error

    def _begin(self) -> None:
        if self.process is not None:
            return
        can_fork = "forkserver" in get_all_start_methods()
        context: Any = get_context("forkserver" if can_fork else "spawn")
        for name in _THREADS:  # those of several processes would be in each other's way
            os.environ.setdefault(name, "1")
        if can_fork:
            context.set_forkserver_preload(list(self.modules))
        if self.is_forked:
            context = get_context("fork")
            _with_one_thread()  # the new process would wait for those that it does not have
        self.pipe, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self.work, self.allowance, self.folder)
        )
        process.daemon = True
        try:
            process.start()
        except OSError:  # the system starts no more, or opens no more
            self.pipe.close()
            raise
        finally:
            theirs.close()
        self.process = process
        try:
            if not self.pipe.poll(START):
                self.end()
                raise WorkerError.saying("process-late", name=_script(), seconds=START)
            self.pipe.recv()  # it is ready: what starting takes is not the item's
        except (OSError, EOFError):
            process.join(5)
            if process.exitcode != RUN_AGAIN:
                raise
            raise WorkerError.saying("script-again", name=_script()) from None
        self.memory = resident(process.pid)

    def came(self) -> T | WorkerError:
        """Return what came of the item, ``_NOTHING`` as long as the worker is at it."""
        try:
            while self.pipe.poll():
                kind, came = self.pipe.recv()
                if kind == "came":
                    return cast(T, came)
                if kind == "refused":
                    raise came
                self.noted = came
                self.deadline = time.monotonic() + self.allowance.seconds
            is_large = resident(self.process.pid) - self.memory > self.allowance.mebibytes << 20
            if time.monotonic() < self.deadline and not is_large:
                return cast(T, _NOTHING)
        except (EOFError, OSError):
            is_large = False
            self.process.join(5)
        code = OUT_OF_MEMORY if is_large else self.process.exitcode
        self.end()
        if code is None or code == -signal.SIGALRM:
            return WorkerError.saying("took-long", seconds=f"{self.allowance.seconds:g}")
        if code == OUT_OF_MEMORY:
            return WorkerError.saying("took-memory", mebibytes=self.allowance.mebibytes)
        how = signal.strsignal(-code) if code < 0 else Phrase.of("exit-code", code=code)
        return WorkerError.saying("ended-process", how=how or str(code))

    def end(self) -> None:
        """End the worker, and the programs that it may have started."""
        if self.process is not None:
            with suppress(OSError, AttributeError):  # which not every system has
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = None


def _script() -> str:
    """Return what the program is called that this process runs."""
    return Path(getattr(sys.modules.get("__main__"), "__file__", None) or "script").name


def _with_one_thread() -> None:
    """Let OpenCV, where it is loaded, work in the thread that calls it, and end its others."""
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(1)


def _until(allowance: Allowance) -> None:
    """End this process after its time, also where its parent is no more."""
    if sys.platform != "win32":
        signal.alarm(int(allowance.seconds) + 2)


def _serve(pipe: Connection, work: _Work[Any], allowance: Allowance, folder: str) -> None:
    """Do the work on what comes through the pipe until it closes, within the allowance."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _with_one_thread()
    if sys.platform != "win32":
        os.setsid()
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if folder:  # which who started it removes, should it be ended with files of forms in it
        tempfile.tempdir = os.environ["TMPDIR"] = folder

    def note(word: str) -> None:
        _until(allowance)
        pipe.send(("noted", word))

    pipe.send(None)
    with suppress(EOFError, OSError):
        while True:
            item = pipe.recv()
            _until(allowance)
            try:
                came = work(item, note)
            except MemoryError:  # it may lack the memory to go on
                os._exit(OUT_OF_MEMORY)
            except OSError as error:
                pipe.send(("refused", RefusedError.of(error)))
            except RefusedError as error:
                pipe.send(("refused", error))
            else:
                pipe.send(("came", came))
