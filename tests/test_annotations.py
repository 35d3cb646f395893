"""The log of decisions: only ever added to, and telling when it was tampered with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditkit.annotations import Log, LogError, Standing
from auditkit.findings import Finding, Outcome
from auditkit.reviewing import review

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def findings() -> tuple[Finding, ...]:
    sample = Path(__file__).parent.parent / "data/samples/boiler-2019/boiler-2019.pdf"
    return review(sample)[0].findings_of(Outcome.FAIL)


def test_decisions_come_back_as_they_were_made(
    tmp_path: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(tmp_path / "new" / "log.jsonl")
    first = log.record(findings[0], "confirmed", "付款凭证\n已核对", "王审计", now=NOON)
    second = log.record(findings[0], "dismissed", "", "李审计", now=NOON)
    assert log.annotations() == (first, second)
    assert first.made_at == "2026-01-02T12:00:00+00:00"
    assert second.previous
    assert (first.auditor, first.note) == ("王审计", "付款凭证\n已核对")


def test_an_annotation_is_current_stale_or_orphaned(
    tmp_path: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(tmp_path / "log.jsonl")
    one = findings[0]
    log.record(one, "confirmed", "", "王审计")
    changed = replace(one, observation=replace(one.observation, expected="8.63"))
    for found, standing in (
        ([one], Standing.CURRENT),
        ([changed], Standing.STALE),
        ([], Standing.ORPHANED),
    ):
        assert [how for _, how in log.standing(found)] == [standing]


def test_a_line_changed_or_removed_is_seen_and_nothing_is_added(
    tmp_path: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(tmp_path / "log.jsonl")
    for note in ("一", "二", "三"):
        log.record(findings[0], "confirmed", note, "王审计")
    lines = log.path.read_text(encoding="utf-8").splitlines()
    for broken in (lines[1:], [lines[0].replace("一", "零"), *lines[1:]], [*lines[:2], "{}"]):
        log.path.write_text("\n".join(broken) + "\n", encoding="utf-8")
        before = log.path.read_bytes()
        with pytest.raises(LogError, match="line"):
            log.record(findings[0], "confirmed", "四", "王审计")
        assert log.path.read_bytes() == before


def test_a_decision_needs_a_known_word_and_a_name(
    tmp_path: Path, findings: tuple[Finding, ...]
) -> None:
    log = Log(tmp_path / "log.jsonl")
    with pytest.raises(ValueError, match="agreed"):
        log.record(findings[0], "agreed", "", "王审计")
    with pytest.raises(ValueError, match="name"):
        log.record(findings[0], "confirmed", "", " ")
    assert not log.path.exists()
