"""What auditors decide about findings: a log that is only ever added to.

One JSON line an event. Each holds the digest of the line before it, so that a line changed or
removed later is seen. A finding's ``key`` says which question was decided, its ``state`` what the
answer was then: after a new run an annotation is current, stale (the answer has changed) or
orphaned (the question is gone), and none is ever dropped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from auditkit.errors import AuditkitError
from auditkit.findings import Finding


class Decision(StrEnum):
    """What an auditor makes of a finding."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"
    NEEDS_EVIDENCE = "needs evidence"


class Standing(StrEnum):
    """How an annotation stands to the findings of a run."""

    CURRENT = "current"
    STALE = "stale"
    ORPHANED = "orphaned"


class LogError(AuditkitError):
    """A log that cannot be used: a line that is not one of its events, or a broken chain."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One decision about one finding; ``previous`` is the digest of the line before."""

    key: str
    state: str
    rule: str
    subject: str
    decision: str
    note: str
    auditor: str
    made_at: str
    previous: str = ""


class Log:
    """The annotations in a file; opening it reads nothing and changes nothing."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def record(
        self,
        finding: Finding,
        decision: str,
        note: str,
        auditor: str,
        *,
        now: datetime | None = None,
    ) -> Annotation:
        """Add one decision to the end of the log.

        Raises ValueError for a decision that is none of ``Decision`` or an auditor without a
        name, LogError where the log is not whole.
        """
        if not auditor.strip():
            raise ValueError("an annotation needs the auditor's name")
        _, previous = self._read()
        made_at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        about = (finding.key, finding.state, finding.rule, finding.observation.subject)
        event = Annotation(*about, Decision(decision).value, note, auditor, made_at, previous)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(asdict(event), ensure_ascii=False) + "\n")
        return event

    def annotations(self) -> tuple[Annotation, ...]:
        """Return all decisions in the order they were made; raises LogError if tampered with."""
        return self._read()[0]

    def standing(self, findings: Iterable[Finding]) -> tuple[tuple[Annotation, Standing], ...]:
        """Say of each annotation whether it still answers what a run has found."""
        states = {finding.key: finding.state for finding in findings}

        def of(event: Annotation) -> Standing:
            if event.key not in states:
                return Standing.ORPHANED
            return Standing.CURRENT if states[event.key] == event.state else Standing.STALE

        return tuple((event, of(event)) for event in self.annotations())

    def _read(self) -> tuple[tuple[Annotation, ...], str]:
        """Return the annotations, and the digest of the last line for the next one to hold."""
        events, before = [], ""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        for number, line in enumerate(lines, start=1):
            try:
                event = Annotation(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise self._broken(number, "this is no annotation") from error
            if event.previous != before:
                raise self._broken(number, "a line before it was changed or removed")
            events.append(event)
            before = hashlib.sha256(line.encode()).hexdigest()
        return tuple(events), before

    def _broken(self, number: int, what: str) -> LogError:
        advice = "Go back to a saved copy of the log; nothing was written to it"
        return LogError(what, name=str(self.path), place=f"line {number}", advice=advice)
