"""How many reviews are made: where they go, by how many processes, and how far that has come."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.files import readable
from auditkit.many.workers import Allowance
from auditkit.progress import Progress
from auditkit.wording import Statement, language, put

if TYPE_CHECKING:
    from auditkit.many.kept import Done

HERE = 0  # workers: none, in this process
USUAL = Allowance(seconds=120, mebibytes=2048)


@dataclass(frozen=True, slots=True)
class Run:
    """What is done with files whatever the terms of their review.

    Papers, tables and kept results go to ``out``; ``root`` is the folder that names of files are
    relative to. Each of so many ``workers``, or the machines behind the address of a ``scheduler``,
    may take the ``allowance`` for a file; without workers (``HERE``) this process does the work.
    ``is_fresh`` reads again what is kept. ``ink`` is what is done with papers that a person wrote
    into, as ``write_workpapers`` takes it. Without ``with_workpapers`` only tables are made,
    ``with_json`` keeps what ``review.json`` would hold even then. ``expected`` are the projects
    that should have a form.
    """

    out: Path
    root: str = ""
    workers: int = 2
    allowance: Allowance = USUAL
    scheduler: str = ""
    is_fresh: bool = False
    ink: str = "stop"
    with_workpapers: bool = True
    with_json: bool = False
    expected: tuple[str, ...] = ()

    @property
    def limits(self) -> tuple[float, ...]:
        """What a file may take, as it is kept beside what the limits have stopped."""
        return float(self.allowance.seconds), float(self.allowance.mebibytes)

    def name(self, file: str) -> str:
        """Return what a file is called in tables and messages."""
        if "://" in file:
            return file.partition("://")[2]
        return readable(Path(os.path.relpath(file, self.root or ".")).as_posix())


@dataclass(slots=True)
class Tally:
    """How far a run has come."""

    total: int
    done: int = 0
    unsure: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)

    def count(self, done: Done) -> None:
        """Count one file; ``unsure`` are those with figures that were not read surely."""
        self.done += 1
        self.unsure += done.unsure > 0
        self.failed += bool(done.reason)

    def __str__(self) -> str:
        counts = {"read": self.done - self.failed, "unsure": self.unsure, "failed": self.failed}
        return put(Statement.of(Progress.READ, **counts), language())

    @property
    def line(self) -> str:
        """How far it is, how fast, and how long it will take."""
        rate = self.done / max(time.monotonic() - self.began, 0.001)
        left = timedelta(seconds=round((self.total - self.done) / rate)) if rate else "?"
        far = {"done": str(self.done), "total": str(self.total), "rate": f"{rate:.1f}"}
        line = Statement.of(Progress.LINE, **far, left=str(left), said=str(self))
        return put(line, language())
