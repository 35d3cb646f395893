"""Logs of decisions in both kinds of database, filled and changed from outside, for their tests."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import postgres
import pytest

from auditkit.decisions.events import Decision
from auditkit.decisions.log import Log
from auditkit.findings import Finding, Outcome
from auditkit.reviewing import Review, review

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data/samples/boiler-2019/boiler-2019.pdf"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def form() -> Review:
    return review(SAMPLE)[0]


@pytest.fixture(scope="session")
def findings(form: Review) -> tuple[Finding, ...]:
    return form.findings_of(Outcome.FAIL)


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.server() as url:
        yield url


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a disk is slow to say that all is written."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, folder: Path) -> Log:
    if request.param == "sqlite":
        return Log(folder / "new" / "log.sqlite")
    return emptied(request.getfixturevalue("database"))


def emptied(url: str) -> Log:
    change(
        Log(url),
        "DROP TABLE IF EXISTS auditkit_events, auditkit_head",
        "DROP FUNCTION IF EXISTS auditkit_refuse",
    )
    return Log(url)


def change(log: Log, *statements: str) -> None:
    """Change a log from outside, as nothing in the package does."""
    if "://" not in log.where:
        with sqlite3.connect(log.where) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    import psycopg

    with psycopg.connect(log.where) as server:
        for statement in statements:
            server.execute(statement)


def unguarded(log: Log, *statements: str) -> None:
    """Change a log behind the back of its triggers."""
    if "://" in log.where:
        off, on = (
            f"ALTER TABLE auditkit_events {word} TRIGGER ALL" for word in ("DISABLE", "ENABLE")
        )
        change(log, off, *statements, on)
        return
    with sqlite3.connect(log.where) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
    connection.close()
    change(log, *(f"DROP TRIGGER {name}" for name, _ in triggers), *statements)
    change(log, *(text for _, text in triggers))


def filled(log: Log, finding: Finding, notes: str = "一二三") -> tuple[Decision, ...]:
    return tuple(log.record(finding, "confirmed", note, "王审计", now=NOON) for note in notes)


def signed(
    log: Log, review: Review, value: str, auditor: str, note: str = "not all of it matters"
) -> Decision:
    """Sign a review as somebody does who has looked at what is undecided, and says why it is."""
    return log.sign(review, value, note, auditor, code=log.signing(review).code)
