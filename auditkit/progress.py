"""How far a piece of work has come, in words, for whoever waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditkit.wording import Statement, language, put


class Progress(StrEnum):
    """How far a run, or the reading of a file, has come."""

    READ = "read"  # facts: read, unsure, failed
    LINE = "line"  # facts: done, total, rate, left, said
    PAGE = "page"  # facts: name, page, total


@dataclass(frozen=True, slots=True)
class AtPage:
    """The page of a file that is recognised next, counted from one: a picture takes seconds."""

    name: str
    page: int
    total: int

    @property
    def line(self) -> str:
        """Which page of how many that is, in the language that is spoken."""
        return put(
            Statement.of(Progress.PAGE, name=self.name, page=self.page, total=self.total),
            language(),
        )
