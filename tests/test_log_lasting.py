"""The log of decisions is never lost, and tells when it was tampered with.

Writers are killed 20 times in each kind of database, and eight of them write 50 decisions each at
once; a hundred bytes of a file are changed. With ``--long`` writers are killed 200 times and write
500 each, and 300 bytes are changed.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import deciding
import postgres
import pytest
from logs import change, emptied, filled, unguarded

from auditkit.decisions import ledger
from auditkit.decisions import log as decisions
from auditkit.decisions.log import Log
from auditkit.errors import LogError
from auditkit.findings import Finding

ROOT = Path(__file__).parent.parent
NEW = ("file", "names", "content")  # columns of a later version


# Tampering


def test_the_database_itself_refuses_changes(log: Log, findings: tuple[Finding, ...]) -> None:
    events = filled(log, findings[0])
    own = "INSERT OR REPLACE INTO auditkit_events SELECT * FROM auditkit_events"
    own = "TRUNCATE auditkit_events" if "://" in log.where else own
    every = ("UPDATE auditkit_events SET note = note", "DELETE FROM auditkit_events")
    for statement in (*every, own):
        with pytest.raises(Exception, match="only ever added to"):
            change(log, statement)
    assert log.decisions() == events


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_change_of_any_field_of_any_event_is_found(
    log: Log, findings: tuple[Finding, ...], number: int
) -> None:
    event = asdict(filled(log, findings[0])[number - 1])
    for name, value in event.items():
        new = 7 if name == "number" else f"'{value[:-1]}x'"
        old = value if name == "number" else f"'{value}'"
        where = "WHERE number ="
        unguarded(log, f"UPDATE auditkit_events SET {name} = {new} {where} {number}")
        assert log.verify(), name
        with pytest.raises(LogError, match=r"Go back to a saved copy"):
            log.decisions()
        at = 7 if name == "number" else number
        unguarded(log, f"UPDATE auditkit_events SET {name} = {old} {where} {at}")
        assert not log.verify(), name


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_event_taken_away_is_found_the_last_one_too(
    log: Log, findings: tuple[Finding, ...], number: int
) -> None:
    events = filled(log, findings[0])
    unguarded(log, f"DELETE FROM auditkit_events WHERE number = {number}")
    assert log.verify()
    if number == 3:
        with pytest.raises(LogError, match="last event"):
            log.record(findings[0], "confirmed", "四", "王审计")
        # With the count rewritten as well, only a digest that was noted elsewhere tells.
        before = events[1].digest
        unguarded(log, f"UPDATE auditkit_head SET events = 2, digest = '{before}'")
        assert log.verify(before) == ()
        assert events[2].digest in log.verify(events[2].digest)[0]


def test_an_empty_field_that_becomes_nothing_or_bytes_is_found(
    folder: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(folder / "log.sqlite")
    filled(log, findings[0])
    unguarded(log, "UPDATE auditkit_events SET value = x'' WHERE number = 2")
    assert log.verify() == ("event 2: it was changed after it was written",)


def test_guards_taken_away_are_found(log: Log, findings: tuple[Finding, ...]) -> None:
    filled(log, findings[0])
    change(
        log,
        "DROP TRIGGER auditkit_events_update"
        if "://" not in log.where
        else "ALTER TABLE auditkit_events DISABLE TRIGGER auditkit_events_guard",
    )
    assert "triggers" in log.verify()[0]


def test_a_byte_of_the_file_that_changes_is_found_or_holds_nothing(
    folder: Path, findings: tuple[Finding, ...], at_length: bool
) -> None:
    log = Log(folder / "log.sqlite")
    filled(log, findings[0], "零一二三四五六七八九")
    whole, events = Path(log.where).read_bytes(), log.decisions()
    held = {m.start() + 1 for e in events for m in re.finditer(e.digest.encode(), whole)}
    places = held | set(random.Random(1).sample(range(len(whole)), 300 if at_length else 100))
    missed: list[int] = []
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        Path(log.where).write_bytes(changed)
        again = Log(log.where)
        if again.verify():
            continue
        assert place not in held
        assert again.decisions() == events
        with pytest.raises(sqlite3.Error, match="only ever added to"):
            change(again, "UPDATE auditkit_events SET note = 'x'")
        missed.append(whole[place])
    assert sum(byte != 0 for byte in missed) < 0.03 * len(places)  # the others are not used yet


def test_any_byte_changed_or_cut_off_an_export_is_found(
    folder: Path, findings: tuple[Finding, ...]
) -> None:
    path, log = folder / "log.jsonl", Log(folder / "log.sqlite")
    events = filled(log, findings[0], "一\u2028")
    log.export(path)
    whole = path.read_bytes()
    assert decisions.read_export(path) == events
    lines = whole.splitlines(keepends=True)
    broken = [
        whole[:place] + bytes([byte ^ 1]) + whole[place + 1 :] for place, byte in enumerate(whole)
    ]
    broken += [
        whole[:-1],
        b"".join(lines[:-1]),
        b"".join(lines[1:]),
        whole + b"\n",
        whole + lines[1],
    ]
    for text in broken:
        path.write_bytes(text)
        with pytest.raises(LogError, match="not a whole log"):
            decisions.read_export(path)
    for call in (log.merge, lambda path: log.export(path / "log.jsonl")):
        with pytest.raises(LogError, match=r"no such file.*Check the name"):
            call(folder / "nothing")
    with pytest.raises(LogError, match=r"no such file"):
        log.record(findings[0], "confirmed", "", "王审计", evidence=folder / "nothing")
    assert log.decisions() == events


# Places that are not fit for it


def test_a_file_that_is_no_log_or_of_a_later_version_is_left_alone(
    folder: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(folder / "log.sqlite")
    Path(log.where).write_bytes(b"something else" * 1000)
    with pytest.raises(LogError, match=r"damaged.*saved copy"):
        log.record(findings[0], "confirmed", "", "王审计")
    assert Path(log.where).read_bytes() == b"something else" * 1000
    Path(log.where).unlink()
    filled(log, findings[0])
    change(log, "UPDATE auditkit_head SET version = 99")
    with pytest.raises(LogError, match="a later auditkit made this log"):
        Log(log.where).record(findings[0], "confirmed", "", "王审计")
    assert "later" in Log(log.where).verify()[0]


def test_an_older_database_is_taken_to_the_version_of_the_package(
    folder: Path, findings: tuple[Finding, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(folder / "log.sqlite")
    events = filled(log, findings[0])
    step = "CREATE INDEX auditkit_events_origin ON auditkit_events (origin)"
    monkeypatch.setattr(ledger, "MIGRATIONS", [*ledger.MIGRATIONS, [step]])
    assert Log(log.where).decisions() == events
    with sqlite3.connect(log.where) as connection:
        assert connection.execute("SELECT version FROM auditkit_head").fetchall() == [
            (len(ledger.MIGRATIONS),)
        ]
    connection.close()
    filled(log, findings[0])
    assert log.verify() == ()


def test_a_log_of_the_version_before_opens_with_all_that_it_held(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(folder / "log.sqlite")
    held = {name: text for name, text in asdict(deciding.SUBJECT).items() if name not in NEW}
    with monkeypatch.context() as before:
        before.setattr(ledger, "MIGRATIONS", ledger.MIGRATIONS[:1])
        old = ledger.Ledger(log.where, log.name)
        with old.transaction("write") as connection:
            row = old.append(connection, {**held, "decision": "confirmed", "auditor": "王审计"})
    (event,) = log.decisions()
    assert (event.digest, event.rule, event.names) == (row["digest"], "EX-02", "")
    log.record(deciding.SUBJECT, "dismissed", "", "王审计")
    assert [one.decision for one in log.decisions()] == ["confirmed", "dismissed"]
    assert log.verify(event.digest) == ()


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@nowhere/x", "postgresql://u:secret@127.0.0.1:1/x"]
)
def test_a_database_out_of_reach_is_said_without_its_password(
    url: str, findings: tuple[Finding, ...]
) -> None:
    if url.startswith("p") and postgres.find_spec("psycopg") is None:
        pytest.skip("the Python package psycopg is not installed")
    with pytest.raises(LogError, match=r"SQLite or PostgreSQL|cannot be used") as caught:
        Log(url).record(findings[0], "confirmed", "", "王审计")
    assert "secret" not in str(caught.value)


def test_a_file_that_was_written_ahead_becomes_one_file_that_is_whole(
    folder: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(folder / "log.sqlite")
    filled(log, findings[0])
    with sqlite3.connect(log.where) as connection:  # as earlier versions kept it
        assert connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        assert Log(log.where).decisions() == log.decisions()
        assert [path.name for path in folder.iterdir()] == ["log.sqlite"]
    connection.close()
    assert len(filled(log, findings[0])) == 3
    assert [path.name for path in folder.iterdir()] == ["log.sqlite"]


# A file that is another one than before


@pytest.mark.parametrize("how", ["removed", "begun again", "an older copy", "emptied"])
def test_a_log_that_is_no_longer_what_it_was_takes_no_decision(
    how: str, folder: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(folder / "log.sqlite")
    filled(log, findings[0], "一")
    log.copy(folder / "older.sqlite")
    events = filled(log, findings[0], "二")
    whole = Path(log.where).rename(folder / "whole.sqlite")
    if how == "begun again":
        filled(Log(log.where), findings[1])
    elif how == "an older copy":
        shutil.copy(folder / "older.sqlite", log.where)
    elif how == "emptied":
        Path(log.where).touch()
    held = Path(log.where).read_bytes() if Path(log.where).exists() else b""
    with pytest.raises(LogError, match="nothing was written"):
        log.record(findings[0], "confirmed", "", "王审计")
    assert Path(log.where).exists() == (how != "removed")
    assert how == "removed" or Path(log.where).read_bytes() == held
    whole.replace(log.where)
    assert log.record(findings[0], "confirmed", "", "王审计").previous == events[0].digest


def test_a_table_that_was_emptied_takes_no_decision(
    log: Log, findings: tuple[Finding, ...]
) -> None:
    filled(log, findings[0])
    empty = "DELETE FROM auditkit_events", "UPDATE auditkit_head SET events = 0, digest = ''"
    unguarded(log, *empty)
    with pytest.raises(LogError, match=r"event 3: what this log held is no longer there.*begin"):
        log.record(findings[0], "confirmed", "", "王审计")
    assert Log(log.where).decisions() == ()


# Copies


def test_a_copy_has_the_same_events_and_takes_the_place_of_nothing(
    log: Log, findings: tuple[Finding, ...], folder: Path
) -> None:
    events = filled(log, findings[0])
    log.copy(folder / "copy.sqlite")
    copy = Log(folder / "copy.sqlite")
    assert copy.decisions() == events
    assert copy.verify(events[-1].digest) == ()
    filled(copy, findings[0])  # it is a log like any other
    for taken in ("copy.sqlite", "new/log.sqlite"):
        (folder / "new").mkdir(exist_ok=True)
        (folder / taken).touch()
        with pytest.raises(LogError, match="this file is there already"):
            log.copy(folder / taken)
    with pytest.raises(LogError, match="the log is not there"):
        Log(folder / "none.sqlite").copy(folder / "other.sqlite")
    with pytest.raises(LogError, match=r"nowhere.*Check the name"):
        log.copy(folder / "nowhere" / "copy.sqlite")
    assert not list(folder.glob(".*"))


def test_a_digest_that_was_noted_where_an_event_was_made_is_known_where_it_was_merged(
    log: Log, findings: tuple[Finding, ...], folder: Path
) -> None:
    other = Log(folder / "other.sqlite")
    (noted,) = filled(other, findings[0], "一")
    filled(log, findings[1])
    other.export(folder / "other.jsonl")
    (merged,) = log.merge(folder / "other.jsonl")
    assert log.verify(noted.digest) == log.verify(merged.digest) == ()
    assert noted.digest != merged.digest
    assert "no event has the digest" in log.verify("0" * 64)[0]


def run(mode: str, where: str, *numbers: int) -> tuple[list[str], str]:
    """Annotate from processes of its own; return the digests acknowledged, and what was said."""
    command = [sys.executable, deciding.__file__, mode, where, *map(str, numbers)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stdout.split(), done.stderr


def test_a_folder_that_may_not_be_written_is_said_and_left_alone(
    findings: tuple[Finding, ...],
) -> None:
    with TemporaryDirectory() as name:
        log = Log(Path(name, "log.sqlite"))
        Path(name).chmod(0o555)
        for where in (log.where, f"{name}/new/log.sqlite"):
            acknowledged, said = run("unwritable", where)
            assert not acknowledged
            assert "Keep it in a folder that you may write to" in said
        assert not list(Path(name).iterdir())
        Path(name).chmod(0o755)
        filled(log, findings[0])
        Path(name).chmod(0o555)
        assert "you may write to" in run("unwritable", log.where)[1]
        assert len(log.decisions()) == 3
        Path(name).chmod(0o755)


def test_a_full_disk_is_said_and_loses_nothing_that_was_acknowledged(folder: Path) -> None:
    log = Log(folder / "log.sqlite")
    acknowledged, said = run("full", log.where, 80_000)
    assert "Free some space" in said
    assert acknowledged
    assert [event.digest for event in log.decisions()] == acknowledged
    log.record(deciding.SUBJECT, "confirmed", "", "王审计")


# Many at once, and killed


def never_lost(where: str, acknowledged: list[str], logs: int = 1) -> int:
    """Assert that all logs are whole and hold what was acknowledged; return their events."""
    held: list[str] = []
    for number in range(logs):
        log = Log(where.format(number))
        assert log.verify() == ()
        held += (event.digest for event in log.decisions())
    assert set(acknowledged) <= set(held)
    assert len(set(acknowledged)) == len(acknowledged)
    return len(held)


def assert_kills_lose_nothing(where: str, kills: int, logs: int) -> None:
    acknowledged, said = run("killed", where, kills, logs)
    assert not said
    assert len(acknowledged) >= kills // 2  # every other one is killed after its first decision
    # A killed writer may have written one decision more than it could say.
    assert never_lost(where, acknowledged, logs) <= len(acknowledged) + kills


def assert_crowds_lose_nothing(where: str, each: int) -> None:
    acknowledged, said = run("crowd", where, 8, each)
    assert not said
    assert never_lost(where, acknowledged) == len(acknowledged) == 8 * each


@pytest.fixture(scope="session")
def kills(at_length: bool) -> int:
    """How often a writer is killed."""
    return 300 if at_length else 20


@pytest.fixture(scope="session")
def each(at_length: bool) -> int:
    """How many decisions each of many writers records."""
    return 500 if at_length else 50


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_writers_are_killed(folder: Path, kills: int) -> None:
    assert_kills_lose_nothing(str(folder / "log{}.sqlite"), kills, kills // 10)
    assert {path.suffix for path in folder.iterdir()} <= {".sqlite", ".sqlite-journal"}


@pytest.mark.slow
def test_a_copy_of_the_one_file_has_all_that_was_acknowledged_or_is_found_not_to_be_whole(
    folder: Path, kills: int
) -> None:
    where = str(folder / "log.sqlite")
    said, complaints = run("copied", where, kills // 4)
    assert not complaints
    acknowledged, whole, copies = list[str](), 0, 0
    for line in said:
        if not line.startswith("="):
            acknowledged.append(line)
            continue
        copies, copy = copies + 1, Log(line[1:])
        if not copy.verify():
            whole += 1
            assert copy.verify(*acknowledged) == ()
    assert len(acknowledged) >= kills // 4
    assert (copies, whole > 0) == (kills // 2, True)
    assert never_lost(where, acknowledged) <= len(acknowledged) + kills


@pytest.mark.slow
def test_a_copy_can_be_made_at_any_moment(folder: Path, each: int) -> None:
    where, copies = str(folder / "log.sqlite"), 0
    Log(where).record(deciding.SUBJECT, "confirmed", "", "王审计")
    with ThreadPoolExecutor() as pool:
        written = pool.submit(run, "crowd", where, 4, each)
        while not written.done():
            known = Log(where).decisions()[-1]
            Log(where).copy(folder / f"{copies}.sqlite")
            assert Log(folder / f"{copies}.sqlite").verify(known.digest) == ()
            copies += 1
    assert written.result()[1] == ""
    assert copies > 1
    assert never_lost(where, written.result()[0]) == 4 * each + 1


@pytest.mark.slow
def test_eight_processes_annotate_at_once(folder: Path, each: int) -> None:
    assert_crowds_lose_nothing(str(folder / "log.sqlite"), each)


@pytest.mark.slow
def test_the_same_holds_on_postgresql(database: str, kills: int, each: int) -> None:
    assert_kills_lose_nothing(emptied(database).where, kills, 1)
    assert_crowds_lose_nothing(emptied(database).where, each)
