"""Annotates from processes of its own, which are many, killed, or kept from writing.

Run by tests/test_log_lasting.py; each writes the digest of a decision once that is acknowledged.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import sys
import time
from contextlib import suppress

from auditkit.decisions import ledger
from auditkit.decisions.events import Decision
from auditkit.decisions.log import Log
from auditkit.errors import LogError

SUBJECT = Decision("finding", "key", "document", "form", "EX-02", "budget/total", "state", "answer")


def annotate(where: str, auditor: str, count: int, out: int) -> None:
    """Record decisions, and say of each that it was acknowledged."""
    log = Log(where)
    for number in range(count):
        event = log.record(SUBJECT, "confirmed", f"第{number}次", auditor)
        os.write(out, f"{event.digest}\n".encode())


def apart(where: str, auditor: str, count: int, out: int) -> int:
    """Annotate in a process of its own, and return its id."""
    child = os.fork()
    if child == 0:
        try:
            annotate(where, auditor, count, out)
            os._exit(0)
        finally:
            os._exit(1)
    return child


def crowd(where: str, processes: int, count: int) -> None:
    """Annotate from many processes at once."""
    out = sys.stdout.fileno()
    children = [apart(where, f"auditor {number}", count, out) for number in range(processes)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    sys.exit(max(codes))


def killed(where: str, runs: int, logs: int) -> None:
    """Annotate and be killed at a random moment, again and again, in several logs by turns.

    The moment is counted from the start of the process or from the first decision.
    """
    chance = random.Random(20200210)
    for run in range(runs):
        reading, writing = os.pipe()
        child = apart(where.format(run % logs), f"run {run}", 1000, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as acknowledged:
            first = acknowledged.readline() if run // logs % 2 else b""
            time.sleep(chance.uniform(0, 0.03))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.write(sys.stdout.fileno(), first + acknowledged.read())


def copied(where: str, runs: int) -> None:
    """Have four writers killed at random moments, and copy the one file before and after.

    A line for each copy, its name behind ``=``, follows on what was acknowledged before it.
    """
    chance = random.Random(20200210)
    for run in range(runs):
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        children = [apart(where, f"writer {number}", 1000, writing) for number in range(4)]
        for moment in ("writing", "killed"):
            if moment == "writing":
                select.select([reading], [], [], 30)  # until the first one is acknowledged
                time.sleep(chance.uniform(0, 0.15))
            else:
                for child in children:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
            with suppress(BlockingIOError):
                while acknowledged := os.read(reading, 1 << 16):
                    os.write(sys.stdout.fileno(), acknowledged)
            with suppress(FileNotFoundError):
                copy = shutil.copyfile(where, f"{where}-{run}-{moment}")
                os.write(sys.stdout.fileno(), f"={copy}\n".encode())
        os.close(reading)
        os.close(writing)


def unwritable(where: str) -> None:
    """Annotate as somebody who may not write there."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    annotate(where, "nobody", 1, sys.stdout.fileno())


def full(where: str, size: int) -> None:
    """Annotate where no file can be larger than so many bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    annotate(where, "auditor", 10_000, sys.stdout.fileno())


if __name__ == "__main__":
    # What is needed is loaded before the processes part, which are fast then.
    for url in ("sqlite://", "postgresql+psycopg://"):
        with suppress(ModuleNotFoundError):
            ledger.sa.create_engine(url)
    mode, place, *numbers = sys.argv[1:]
    modes = {"crowd": crowd, "killed": killed, "copied": copied}
    try:
        {**modes, "unwritable": unwritable, "full": full}[mode](place, *map(int, numbers))
    except LogError as error:
        sys.exit(str(error))
