"""The log of decisions: never lost, only ever added to, and telling when it was tampered with.

Writers are killed 20 times in each kind of database, and eight of them write 50 decisions each at
once; a hundred bytes of a file are changed. With ``--long`` writers are killed 200 times and write
500 each, and 300 bytes are changed.
"""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import deciding
import postgres
import pytest

from auditkit.decisions import ledger
from auditkit.decisions import log as decisions
from auditkit.decisions.corrections import corrected
from auditkit.decisions.log import Decision, Log, Standing, about_entry, about_form, answer_of
from auditkit.doubts import Doubt, DoubtKind
from auditkit.errors import LogError, SignedError
from auditkit.findings import Finding, Outcome
from auditkit.grid import How
from auditkit.report import Report
from auditkit.reviewing import Review, review
from auditkit.wording import Term, put
from reports import judged, worded
from reports import report as made_report

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data/samples/boiler-2019/boiler-2019.pdf"
EXPORTED = Path(__file__).with_name("exported_log.jsonl")  # as an earlier version wrote it
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.fixture(scope="module")
def form() -> Review:
    return review(SAMPLE)[0]


@pytest.fixture(scope="module")
def findings(form: Review) -> tuple[Finding, ...]:
    return form.findings_of(Outcome.FAIL)


@pytest.fixture(scope="module")
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


# Writing and reading


def test_decisions_come_back_as_they_were_made(
    log: Log, findings: tuple[Finding, ...], folder: Path
) -> None:
    voucher = folder / "凭证.pdf"
    voucher.write_bytes(b"voucher")
    first = log.record(
        findings[0], "confirmed", "付款凭证\n已核对", "王审计", evidence=voucher, now=NOON
    )
    east = NOON.astimezone(timezone(timedelta(hours=8)))
    second = log.record(findings[0], "needs evidence", "", "李审计", now=east)
    assert log.decisions() == log.history(findings[0].key) == (first, second)
    assert log.latest(findings[0].key) == second
    assert log.latest("another") is None
    assert first.made_at == second.made_at == "2026-01-02T12:00:00+00:00"
    assert (first.auditor, first.note, first.decision) == (
        "王审计",
        "付款凭证\n已核对",
        "confirmed",
    )
    assert (first.evidence, first.evidence_sha256[:6]) == ("凭证.pdf", "8923fe")
    assert (first.document, first.rule) == (findings[0].document.sha256, findings[0].rule)
    assert json.loads(first.answer) == {"outcome": "fail", "reported": "9", "expected": "8.62"}
    assert (second.previous, second.replaces) == (first.digest, first.digest)
    assert log.verify() == log.verify(first.digest) == ()


@pytest.mark.parametrize(
    ("answer", "english", "chinese"),
    [
        (
            '{"outcome": "fail", "reported": "9", "expected": "8.62"}',
            "fail: 9 printed, 8.62 recomputed",
            "不一致:表列9,复算8.62",
        ),
        (
            '{"outcome": "review", "reported": {"term": "blank"}, "expected": ""}',
            "review: blank printed, - recomputed",
            "待核:表列空白,复算-",
        ),
        (
            '{"outcome": "open", "reported": "blank", "expected": "budget/total"}',
            "open: blank printed, budget/total recomputed",
            "未判断:表列blank,复算budget/total",
        ),
        ('{"answers": 61}', "61 answers", "61项结论"),
        ("fail: 9 printed, 8.62 recomputed", *["fail: 9 printed, 8.62 recomputed"] * 2),
        ("5", "5", "5"),
    ],
)
def test_an_answer_is_worded_where_it_is_shown_and_one_of_an_older_log_as_it_stands(
    answer: str, english: str, chinese: str
) -> None:
    event = Decision("finding", "key", answer=answer)
    assert (put(answer_of(event), "en"), put(answer_of(event), "zh")) == (english, chinese)
    text = Decision("entry", "key", answer=answer)
    assert answer_of(text) == answer  # what an entry says is never taken for facts


def test_a_word_of_our_own_comes_back_from_the_log_as_one(findings: tuple[Finding, ...]) -> None:
    seen = replace(findings[0].observation, reported=Term("blank"))
    event = decisions.about(replace(findings[0], observation=seen))
    assert put(answer_of(event), "zh") == "不一致:表列空白,复算8.62"


def test_what_does_not_fit_is_refused_before_anything_is_written(
    folder: Path, form: Review, findings: tuple[Finding, ...]
) -> None:
    log, entry = Log(folder / "log.sqlite"), about_entry(form.report, "total/score")
    for thing, decision, auditor, words in (
        (findings[0], "agreed", "王审计", "agreed"),
        (findings[0], "signed", "王审计", "signed"),
        (entry, "confirmed", "王审计", "corrected"),
        (about_form(form.report, form.findings), "signed", "王审计", "prepared"),
        (findings[0], "confirmed", " ", "name"),
        (findings[0], "confirmed", "\0", "zero"),
        (findings[0], "confirmed", "\ud800", "surrogates"),
    ):
        with pytest.raises(ValueError, match=words):
            log.record(thing, decision, "", auditor)
    with pytest.raises(KeyError):
        about_entry(form.report, "total/nothing")
    assert log.decisions() == log.verify() == ()


def test_nothing_is_made_by_looking(folder: Path, findings: tuple[Finding, ...]) -> None:
    log = Log(folder / "none" / "log.sqlite")
    assert log.decisions() == log.standing(findings) == log.conflicts() == ()
    assert "no log" in log.verify()[0]
    assert not list(folder.iterdir())


def test_a_decision_is_current_stale_orphaned_or_its_rule_has_changed(
    log: Log, findings: tuple[Finding, ...]
) -> None:
    one, other = findings[:2]
    log.record(one, "explained", "", "李审计")
    log.record(one, "confirmed", "", "王审计")
    answer = replace(one, observation=replace(one.observation, expected="8.63"))
    law = replace(one, basis=("another",))
    for found, standing in (
        ([one], Standing.CURRENT),
        ([answer], Standing.STALE),
        ([law, other], Standing.RULE_CHANGED),
        ([other], Standing.ORPHANED),
        ([], Standing.ORPHANED),
    ):
        assert [(e.decision, how) for e, how in log.standing(found)] == [("confirmed", standing)]
    elsewhere = replace(one, document=replace(one.document, sha256="other", name="other"))
    assert log.standing([elsewhere]) == ()
    renamed = replace(one, document=replace(one.document, name="renamed.pdf"))
    assert [how for _, how in log.standing([renamed])] == [Standing.CURRENT]


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
        with pytest.raises(LogError, match=r"No such file.*Check the name"):
            call(folder / "nothing")
    with pytest.raises(LogError, match=r"No such file"):
        log.record(findings[0], "confirmed", "", "王审计", evidence=folder / "nothing")
    assert log.decisions() == events


# Colleagues


def test_a_line_that_is_no_event_is_not_imported(folder: Path) -> None:
    event = {"kind": "finding", "key": "k", "decision": "confirmed", "auditor": "x", "number": 1}
    for more in ({"note": 5}, {"note": "\0"}, {"note": ["x"]}, {"more": "x"}, {"number": "1"}):
        line = {**event, **more}
        line["digest"] = ledger.digest(line)
        head = {"schema": "auditkit/log/1", "events": 1}
        lines = (json.dumps(each, ensure_ascii=False) + "\n" for each in (head, line))
        (folder / "log.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")
        with pytest.raises(LogError, match="not a whole log"):
            Log(folder / "other.sqlite").merge(folder / "log.jsonl")


def exported(log: Log, path: Path) -> Path:
    log.export(path)
    return path


def test_colleagues_work_is_merged_once_and_nothing_is_overwritten(
    log: Log, findings: tuple[Finding, ...], folder: Path
) -> None:
    key = findings[0].key
    start = log.record(findings[0], "needs evidence", "", "王审计", now=NOON)
    colleague = Log(folder / "colleague.sqlite")
    (taken,) = colleague.merge(exported(log, folder / "a.jsonl"))
    assert (taken.origin, taken.identity) == (start.digest, start.digest)
    theirs = colleague.record(findings[0], "dismissed", "已说明", "李审计", now=LATER)
    ours = log.record(findings[0], "confirmed", "", "王审计", now=NOON)
    assert not log.conflicts()
    (added,) = log.merge(exported(colleague, folder / "b.jsonl"))
    assert (
        replace(
            added, origin="", number=theirs.number, previous=theirs.previous, digest=theirs.digest
        )
        == theirs
    )
    assert log.conflicts() == ((ours, added),)
    assert log.latest(key) == added
    assert log.history(key) == (start, ours, added)
    for _ in range(2):
        assert log.merge(folder / "b.jsonl") == ()
        assert colleague.merge(exported(log, folder / "c.jsonl")) in (
            (),
            colleague.history(key)[-1:],
        )
    assert len(colleague.conflicts()) == 1
    log.record(findings[0], "confirmed", "talked about it", "王审计", now=NOON)
    assert log.latest(key).note == "talked about it"
    colleague.merge(exported(log, folder / "d.jsonl"))
    assert log.conflicts() == colleague.conflicts() == ()
    assert log.verify() == colleague.verify() == ()


def test_a_log_that_was_exported_by_an_earlier_version_can_be_imported(folder: Path) -> None:
    log = Log(folder / "log.sqlite")
    events = log.merge(EXPORTED)
    assert [event.decision for event in events] == ["confirmed", "dismissed", "corrected", "signed"]
    assert events[0].note == "付款凭证\n已核对"
    assert log.latest(events[0].key) == events[1]
    assert log.signatures(events[3]) == {"prepared": events[3]}
    assert (log.verify(), log.merge(EXPORTED)) == ((), ())


def test_a_file_of_lines_without_a_head_is_not_imported(folder: Path) -> None:
    lines = EXPORTED.read_text(encoding="utf-8").split("\n", 1)[1]
    (folder / "log.jsonl").write_text(lines, encoding="utf-8", newline="\n")
    with pytest.raises(LogError, match="not a whole log"):
        Log(folder / "log.sqlite").merge(folder / "log.jsonl")


# Corrected readings


BUDGET = """
name  | initial_budget | adjusted_budget | outturn | points | execution_rate | score
total | 60.00          | 60.00           | 30.00   | 10     | 50%            | 8??
"""


@pytest.fixture
def smudged() -> Report:
    return made_report({"year": "2022", "project": "水渠", "budget": BUDGET})


def test_a_corrected_reading_is_reviewed_and_the_printed_text_stays(
    log: Log, smudged: Report
) -> None:
    path = "budget/total/score"
    assert corrected(smudged, log) == smudged
    log.record(about_entry(smudged, path), "corrected", "see page 3", "王审计", value="5", now=NOON)
    again = corrected(smudged, log)
    (entry,) = (entry for entry in again.entries() if entry.path == path)
    assert (entry.text, entry.how, entry.is_sure) == ("5", How.CORRECTED, True)
    assert entry.reading.value == 5
    assert [cell.text for cell in entry.cells] == ["8"]
    said = f"{path}: 王审计 corrected '8' to '5' on 2026-01-02T12:00:00+00:00"
    assert worded(again.notes)[-1] == said

    def answer(report: Report) -> tuple[str, ...]:
        return tuple(f.outcome for f in judged(report).findings if f.rule == "EX-02")

    assert answer(smudged) == (Outcome.REVIEW,)
    assert answer(again) == (Outcome.PASS,)


def test_a_correction_counts_only_for_what_was_read_and_is_withdrawn_or_contested(
    smudged: Report, folder: Path
) -> None:
    path, log, other = "budget/total/score", Log(folder / "a.sqlite"), Log(folder / "b.sqlite")

    def score(report: Report) -> Any:
        return next(entry for entry in corrected(report, log).entries() if entry.path == path)

    before = score(smudged)
    log.record(about_entry(smudged, path), "corrected", "", "王审计", value="5", now=NOON)
    otherwise = made_report(
        {"year": "2022", "project": "水渠", "budget": BUDGET.replace("8??", "6")}
    )
    otherwise = replace(otherwise, document=smudged.document)
    assert score(otherwise).text == "6"
    assert score(otherwise).doubts[-1].kind is DoubtKind.CORRECTED_THEN
    other.record(about_entry(smudged, path), "corrected", "", "李审计", value="3", now=LATER)
    log.merge(exported(other, folder / "b.jsonl"))
    others = Doubt.of(DoubtKind.READ_OTHERWISE, auditor="王审计", reading="5")
    assert (score(smudged).text, score(smudged).doubts) == ("3", (others,))
    log.record(about_entry(smudged, path), "dismissed", "it is an 8", "王审计")
    assert (score(smudged).how, score(smudged).text) == (How.READ, "8")
    assert score(smudged).doubts == before.doubts


# Signatures


def test_a_signed_review_refuses_decisions_until_it_is_reopened(log: Log, form: Review) -> None:
    findings, whole = form.findings, about_form(form.report, form.findings)
    with pytest.raises(ValueError, match="not signed"):
        log.record(whole, "reopened", "", "王审计")
    log.record(findings[0], "confirmed", "", "王审计")
    log.record(whole, "signed", "", "王审计", value="prepared", now=NOON)
    log.record(whole, "signed", "", "李审计", value="reviewed", now=LATER)
    assert [how for _, how in log.standing([whole])] == [Standing.CURRENT]
    for thing in (findings[0], about_entry(form.report, "total/score")):
        with pytest.raises(SignedError, match=r"reviewed by 李审计 on 2026-01-02T13.*reopened"):
            log.record(thing, "dismissed", "", "王审计")
    fewer = about_form(form.report, findings[1:])
    assert [how for _, how in log.standing([fewer])] == [Standing.STALE]
    with pytest.raises(SignedError):
        log.record(fewer, "signed", "", "赵审计", value="reviewed")
    assert len(log.decisions()) == 3
    elsewhere = replace(findings[0], project="another")
    log.record(elsewhere, "dismissed", "", "王审计")
    log.record(whole, "reopened", "a voucher came in", "李审计")
    log.record(findings[0], "dismissed", "", "王审计")
    log.record(fewer, "signed", "", "王审计", value="prepared")
    assert [event.decision for event in log.history(whole.key)] == [
        "signed",
        "signed",
        "reopened",
        "signed",
    ]


def test_what_colleagues_decided_comes_into_a_signed_review_only_when_it_is_reopened(
    folder: Path, form: Review
) -> None:
    log, other = Log(folder / "a.sqlite"), Log(folder / "b.sqlite")
    whole = about_form(form.report, form.findings)
    log.record(whole, "signed", "", "王审计", value="prepared")
    other.record(replace(form.findings[0], project="another"), "dismissed", "", "李审计")
    other.record(form.findings[0], "dismissed", "", "李审计")
    path = exported(other, folder / "b.jsonl")
    with pytest.raises(SignedError):
        log.merge(path)
    assert len(log.decisions()) == 1
    log.record(whole, "reopened", "", "王审计")
    assert len(log.merge(path)) == 2


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
        assert connection.execute("SELECT version FROM auditkit_head").fetchall() == [(2,)]
    connection.close()
    filled(log, findings[0])
    assert log.verify() == ()


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


def test_a_drive_that_cannot_write_ahead_gets_a_journal_and_a_warning(
    folder: Path, findings: tuple[Finding, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def mode(path: Path) -> str:
        with sqlite3.connect(path) as connection:
            found: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
        connection.close()
        return found

    local = Log(folder / "local.sqlite")
    filled(local, findings[0])
    assert (mode(Path(local.where)), local.warning) == ("wal", "")
    # A file system of SQLite's own that shares no memory, as network drives do not.
    path = folder / "shared.sqlite"
    shared = Log(f"sqlite:///file:{path}?vfs=unix-dotfile&uri=true")
    assert filled(shared, findings[0]) == shared.decisions()
    assert mode(path) == "delete"
    assert "rollback journal" in shared.warning
    # One that would share it among the processes of each machine, and not among machines, by
    # its name on Windows; here that is a name like any other.
    monkeypatch.chdir(folder)
    moved = Log(str(Path(local.where).rename(r"\\server\share\log.sqlite")))
    filled(moved, findings[0])
    assert mode(Path(moved.where)) == "delete"
    assert "rollback journal" in moved.warning
    assert len(moved.decisions()) == 6


def test_network_drives_are_told_by_the_kind_that_is_mounted() -> None:
    assert ledger._NETWORK.fullmatch("nfs4")
    assert not ledger._NETWORK.fullmatch("ext4")


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
    return 200 if at_length else 20


@pytest.fixture(scope="session")
def each(at_length: bool) -> int:
    """How many decisions each of many writers records."""
    return 500 if at_length else 50


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_writers_are_killed(folder: Path, kills: int) -> None:
    assert_kills_lose_nothing(str(folder / "log{}.sqlite"), kills, kills // 10)
    assert {path.suffix for path in folder.iterdir()} <= {".sqlite", ".sqlite-wal", ".sqlite-shm"}


@pytest.mark.slow
def test_eight_processes_annotate_at_once(folder: Path, each: int) -> None:
    assert_crowds_lose_nothing(str(folder / "log.sqlite"), each)


@pytest.mark.slow
def test_the_same_holds_on_postgresql(database: str, kills: int, each: int) -> None:
    assert_kills_lose_nothing(emptied(database).where, kills, 1)
    assert_crowds_lose_nothing(emptied(database).where, each)
