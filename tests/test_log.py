"""The log of decisions: what is recorded, merged from colleagues, corrected and signed."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from logs import NOON, SAMPLE, signed

from auditkit.decisions import ledger
from auditkit.decisions import log as decisions
from auditkit.decisions.corrections import corrected
from auditkit.decisions.events import (
    Decision,
    Standing,
    about_entry,
    about_form,
    answer_of,
    left_open,
)
from auditkit.decisions.log import Log
from auditkit.doubts import Doubt, DoubtKind
from auditkit.errors import EntryError, LogError, SignedError, SigningError
from auditkit.findings import Finding, Outcome
from auditkit.grid import How
from auditkit.identity import Identity
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.wording import Term, put
from reports import judged, worded
from reports import report as made_report

EXPORTED = Path(__file__).with_name("exported_log.jsonl")  # as an earlier version wrote it
LATER = NOON + timedelta(hours=1)
ANOTHER = Identity("another", is_told=True)


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
    assert first.made_at == second.made_at == NOON.astimezone().isoformat()
    assert (first.auditor, first.note, first.decision) == (
        "王审计",
        "付款凭证\n已核对",
        "confirmed",
    )
    assert (first.evidence, first.evidence_sha256[:6]) == (voucher.as_posix(), "8923fe")
    assert (first.document, first.rule) == (findings[0].document.sha256, findings[0].rule)
    answer = json.loads(first.answer)
    rests = answer.pop("rests")
    assert len(answer.pop("on")) == 16
    assert answer == {"outcome": "fail", "reported": "9", "expected": "8.62"}
    assert (rests["budget/total/outturn"], rests["budget/total/score"]) == ("37.24", "9")
    assert (first.file, first.form) == (SAMPLE.name, findings[0].identity.key)
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
        (about_form(form.report, form.findings), "signed", "王审计", "prepared or|as prepared"),
        (findings[0], "confirmed", " ", "name"),
        (findings[0], "confirmed", "\0", "zero"),
        (findings[0], "confirmed", "\ud800", "surrogates"),
    ):
        with pytest.raises(ValueError, match=words):
            log.record(thing, decision, "", auditor)
    with pytest.raises(EntryError, match=r"total/nothing; there is .*total/score"):
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
    assert [how for _, how in log.standing([elsewhere])] == [Standing.CURRENT]
    another = replace(elsewhere, identity=replace(one.identity, key="another", amounts=()))
    assert log.standing([another]) == ()
    renamed = replace(one, document=replace(one.document, name="renamed.pdf"))
    assert [how for _, how in log.standing([renamed])] == [Standing.CURRENT]


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


def read_of(log: Log, path: str, report: Report) -> Entry:
    """Return an entry of a form as auditors read it."""
    return next(entry for entry in corrected(report, log).entries() if entry.path == path)


def read_as_six(smudged: Report) -> Report:
    """Return the smudged form as it is where its score was read otherwise."""
    fields = {"year": "2022", "project": "水渠", "budget": BUDGET.replace("8??", "6")}
    return replace(made_report(fields), document=smudged.document)


def test_a_correction_counts_only_for_what_was_read_and_is_withdrawn_or_contested(
    smudged: Report, folder: Path
) -> None:
    path, log, other = "budget/total/score", Log(folder / "a.sqlite"), Log(folder / "b.sqlite")

    score = partial(read_of, log, path)
    before = score(smudged)
    log.record(about_entry(smudged, path), "corrected", "", "王审计", value="5", now=NOON)
    otherwise = read_as_six(smudged)
    assert score(otherwise).text == "6"
    assert score(otherwise).doubts[-1].kind is DoubtKind.CORRECTED_THEN
    other.record(about_entry(smudged, path), "corrected", "", "李审计", value="3", now=LATER)
    log.merge(exported(other, folder / "b.jsonl"))
    others = Doubt.of(DoubtKind.READ_OTHERWISE, auditor="王审计", reading="5")
    assert (score(smudged).text, score(smudged).doubts) == ("3", (others,))
    log.record(about_entry(smudged, path), "dismissed", "it is an 8", "王审计")
    assert (score(smudged).how, score(smudged).text) == (How.READ, "8")
    assert score(smudged).doubts == before.doubts


@pytest.mark.parametrize(
    ("text", "kinds"), [("abc", [DoubtKind.NO_NUMBER]), ("7", []), ("", []), ("—", [])]
)
def test_a_figure_that_is_corrected_to_no_number_is_doubted(
    text: str, kinds: list[DoubtKind], smudged: Report, folder: Path
) -> None:
    path, log = "budget/total/score", Log(folder / "a.sqlite")
    log.correct(smudged, path, text, "", "王审计")
    assert [doubt.kind for doubt in read_of(log, path, smudged).doubts] == kinds
    log.correct(smudged, "project", "abc", "", "王审计")
    assert read_of(log, "project", smudged).is_sure


def test_a_reading_found_right_is_doubted_no_more_and_judged_as_sure(
    log: Log, smudged: Report
) -> None:
    path = "budget/total/score"
    wrong = replace(smudged, document=smudged.document)
    event = log.accept(wrong, path, "looked at the page", "王审计")
    assert log.accept(wrong, path, "looked at the page", "王审计") == event  # a notebook runs again
    assert (event.decision, event.value, event.answer) == ("right as read", "", "8")
    again = corrected(smudged, log)
    (entry,) = (entry for entry in again.entries() if entry.path == path)
    assert (entry.text, entry.how, entry.doubts) == ("8", How.AS_READ, ())
    assert entry.is_sure
    assert worded(again.notes)[-1] == f"right as read, by 王审计 on {event.made_at[:10]}: {path}"
    outcomes = [
        [f.outcome for f in judged(form).findings if f.rule == "EX-02"] for form in (smudged, again)
    ]
    assert outcomes == [[Outcome.REVIEW], [Outcome.FAIL]]
    states = [about_form(form, judged(form).findings).state for form in (smudged, again)]
    assert states[0] != states[1]


def test_a_reading_found_right_is_undone_contested_and_not_kept_for_another_one(
    smudged: Report, folder: Path
) -> None:
    path, log, other = "budget/total/score", Log(folder / "a.sqlite"), Log(folder / "b.sqlite")

    score = partial(read_of, log, path)
    before = score(smudged)
    log.record(about_entry(smudged, path), "right as read", "", "王审计", now=NOON)
    otherwise = read_as_six(smudged)
    then = Doubt.of(
        DoubtKind.AS_READ_THEN, auditor="王审计", before="8", on="2026-01-02T12:00:00+00:00"
    )
    assert (score(otherwise).text, score(otherwise).doubts) == ("6", (then,))
    other.record(about_entry(smudged, path), "corrected", "", "李审计", value="", now=LATER)
    log.merge(exported(other, folder / "b.jsonl"))
    others = Doubt.of(DoubtKind.READ_OTHERWISE, auditor="王审计", reading="8")
    assert (score(smudged).text, score(smudged).doubts) == ("", (others,))  # a blank is a reading
    log.record(about_entry(smudged, path), "right as read", "", "王审计")
    assert (score(smudged).how, score(smudged).doubts) == (How.AS_READ, ())
    log.record(about_entry(smudged, path), "withdrawn", "", "王审计")
    assert (score(smudged).how, score(smudged).doubts) == (How.READ, before.doubts)


# Signatures


def test_a_signed_review_refuses_decisions_until_it_is_reopened(log: Log, form: Review) -> None:
    findings, whole = form.findings, about_form(form.report, form.findings)
    with pytest.raises(ValueError, match="not signed"):
        log.reopen(form, "a voucher came in", "王审计")
    log.record(findings[0], "confirmed", "", "王审计")
    signed(log, form, "prepared", "王审计")
    last = signed(log, form, "reviewed", "李审计")
    assert [how for _, how in log.standing([whole])] == [Standing.CURRENT]
    for thing in (findings[0], about_entry(form.report, "total/score")):
        with pytest.raises(SignedError, match=rf"by 李审计 on {last.made_at[:13]}.*reopen"):
            log.record(thing, "dismissed", "", "王审计")
    fewer = replace(form, findings=findings[1:])
    stale = about_form(fewer.report, fewer.findings)
    assert [how for _, how in log.standing([stale])] == [Standing.STALE]
    with pytest.raises(SignedError):
        signed(log, fewer, "reviewed", "赵审计")
    assert len(log.decisions()) == 3
    elsewhere = replace(findings[0], identity=ANOTHER)
    log.record(elsewhere, "dismissed", "", "王审计")
    with pytest.raises(ValueError, match="say why"):
        log.reopen(form, " ", "李审计")
    log.reopen(form, "a voucher came in", "李审计")
    log.record(findings[0], "dismissed", "", "王审计")
    signed(log, fewer, "prepared", "王审计")
    assert [event.decision for event in log.history(whole.key)] == [
        "signed",
        "signed",
        "reopened",
        "signed",
    ]


def test_nothing_undecided_is_signed_without_a_reason(log: Log, form: Review) -> None:
    asked = form.findings_of(Outcome.FAIL, Outcome.REVIEW)
    for finding in asked[2:]:
        log.record(finding, "needs evidence" if finding is asked[2] else "confirmed", "", "王审计")
    shown = log.signing(form)
    assert (len(shown.undecided), len(shown.asking), shown.next) == (2, 1, "prepared")
    with pytest.raises(SigningError, match="2 undecided"):
        log.sign(form, "prepared", " ", "王审计", code=shown.code)
    assert log.signatures(shown.form) == {}
    event = log.sign(form, "prepared", "both are trifles", "王审计", code=shown.code)
    assert (event.note, left_open(event)) == ("both are trifles", (2, 1))
    assert put(answer_of(event), "en").endswith("2 of them signed undecided")


def test_a_signature_is_given_for_what_was_looked_at_alone(log: Log, form: Review) -> None:
    with pytest.raises(SigningError, match=r"by a line alone: 10 undecided.*code="):
        log.sign(form, "prepared", "trifles", "王审计")
    code = log.signing(form).code
    log.record(form.findings_of(Outcome.FAIL)[0], "dismissed", "", "李审计")
    with pytest.raises(SigningError, match="not what was looked at: 9 undecided"):
        log.sign(form, "prepared", "trifles", "王审计", code=code)
    code = log.signing(form).code
    log.sign(form, "prepared", "trifles", "王审计", code=code)
    with pytest.raises(SigningError, match="before the review was prepared by 王审计"):
        log.sign(form, "reviewed", "trifles", "李审计", code=code)
    later = log.signing(form).code
    log.reopen(form, "a voucher came in", "王审计")
    with pytest.raises(SigningError, match="before the review was reopened by 王审计"):
        log.sign(form, "reviewed", "trifles", "李审计", code=later)
    with pytest.raises(SigningError):  # a line that is run again
        log.sign(form, "prepared", "trifles", "王审计", code=code)
    with pytest.raises(ValueError, match=r"Log\.sign"):
        log.record(about_form(form.report, form.findings), "signed", "", "王审计", value="prepared")


@pytest.mark.parametrize("name", ["A. Auditor", " a.\u3000AUDITOR ", "Ａ．Ａｕｄｉｔｏｒ"])
def test_one_person_does_not_give_both_signatures(log: Log, form: Review, name: str) -> None:
    with pytest.raises(SigningError, match="nobody has signed this review as prepared"):
        signed(log, form, "reviewed", "B. Auditor")
    signed(log, form, "prepared", "A. Auditor")
    with pytest.raises(SigningError, match=r"A\. Auditor has signed it as prepared"):
        signed(log, form, "reviewed", name)
    signed(log, form, "reviewed", "B. Auditor")
    with pytest.raises(SigningError, match=r"B\. Auditor has signed it as reviewed"):
        signed(log, form, "prepared", "b.auditor")
    assert log.signing(form).next == ""


def test_a_second_signature_of_one_person_counts_for_nothing_wherever_it_was_given(
    folder: Path, form: Review
) -> None:
    log, other = Log(folder / "a.sqlite"), Log(folder / "b.sqlite")
    signed(log, form, "prepared", "王审计")
    signed(other, form, "prepared", "李审计")
    signed(other, form, "reviewed", "王 审计")
    log.merge(other.decisions()[1:])
    assert list(log.signatures(about_form(form.report, form.findings))) == ["prepared"]


def test_a_decision_that_was_withdrawn_leaves_its_question_open(log: Log, form: Review) -> None:
    finding = form.findings_of(Outcome.FAIL)[0]
    log.record(finding, "confirmed", "", "王审计")
    log.record(finding, "withdrawn", "", "王审计")
    assert (log.latest(finding), log.standing([finding])) == (None, ())
    assert finding in log.signing(form).undecided
    log.record(finding, "dismissed", "", "王审计")
    assert [e.decision for e in log.unreplaced()] == ["dismissed"]
    assert [e.decision for e in log.history(finding)] == ["confirmed", "withdrawn", "dismissed"]


def test_times_are_those_of_the_clock_on_the_wall_and_the_latest_is_told_by_the_time(
    log: Log, findings: tuple[Finding, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    early = datetime(2026, 11, 29, 22, tzinfo=UTC)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        first = log.record(findings[0], "confirmed", "", "王审计", now=early)
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        later = early + timedelta(minutes=5)
        second = log.record(findings[1], "confirmed", "", "王审计", now=later)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert first.made_at == "2026-11-30T06:00:00+08:00"
    assert log.unreplaced() == [first, second]


def test_what_colleagues_decided_comes_into_a_signed_review_only_when_it_is_reopened(
    folder: Path, form: Review
) -> None:
    log, other = Log(folder / "a.sqlite"), Log(folder / "b.sqlite")
    signed(log, form, "prepared", "王审计")
    other.record(replace(form.findings[0], identity=ANOTHER), "dismissed", "", "李审计")
    other.record(form.findings[0], "dismissed", "", "李审计")
    path = exported(other, folder / "b.jsonl")
    with pytest.raises(SignedError):
        log.merge(path)
    assert len(log.decisions()) == 1
    log.reopen(form, "they decided, too", "王审计")
    assert len(log.merge(path)) == 2
