"""What auditors decide in a workbook comes back into the log: once, by name, and over nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import producers
import pytest
from logs import signed
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from samples import papers_in

from auditkit.cli import main
from auditkit.decisions.events import Decision, about
from auditkit.decisions.log import NO_LOG, Log
from auditkit.errors import LogError, SignedError, WorkpaperError
from auditkit.reviewing import Review, review
from auditkit.wording import speaking
from auditkit.workpapers import write_workpapers
from auditkit.workpapers.ink import touched
from auditkit.workpapers.returned import added, read_decisions
from reports import judged, report

ROWS = "\n".join(f"产出指标 | 数量指标 | 第{n}项 | ≥95% | 80% | 3 | 3 |" for n in range(60))
HEADS = "dimension | category | name | target | actual | points | score | explanation"
SPEC = {"project": "培训补助", "indicators": f"{HEADS}\n{ROWS}", "total": ("100", "90")}
DECISION, NOTE, AUDITOR, STANDING = (
    "decision 处理",
    "note 说明",
    "auditor 审计人员",
    "standing 状态",
)
Edit = Callable[[int, dict[str, object]], None]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log.sqlite")


@pytest.fixture(scope="module")
def reviewed() -> Review:
    return judged(report(SPEC))


def written(review: Review, folder: Path, log: Log) -> Path:
    return write_workpapers([review], folder, log)[0]


def sheet_of(path: Path) -> tuple[Worksheet, dict[str, int]]:
    sheet = load_workbook(path)["Findings 问题"]
    return sheet, {cell.value: cell.column for cell in sheet[1]}


def edited(path: Path, rows: Mapping[int, Mapping[str, object]]) -> Path:
    """Fill in cells of a workpaper, by row and head, as a person does."""
    sheet, heads = sheet_of(path)
    for row, texts in rows.items():
        for name, text in texts.items():
            sheet.cell(row, heads[name]).value = text
    sheet.parent.save(path)
    return path


def shown(path: Path, row: int) -> list[object]:
    sheet, heads = sheet_of(path)
    return [sheet.cell(row, heads[name]).value for name in (DECISION, NOTE, AUDITOR)]


def imported(path: Path, log: Log, auditor: str = "") -> tuple[tuple[Decision, ...], list[str]]:
    events, problems = read_decisions(path, log, auditor)
    return log.merge(events), [str(problem) for problem in problems]


CONFIRMED = {DECISION: "confirmed 属实", NOTE: "见发票", AUDITOR: "王审计"}
DISMISSED = {DECISION: "dismissed 不成立", NOTE: "口径不同", AUDITOR: "王审计"}


def office(path: Path) -> Path:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    producers.convert([path], path.parent / "saved", "xlsx")
    return path.parent / "saved" / path.name


@pytest.mark.parametrize(
    "saved",
    [lambda path: path, pytest.param(office, marks=pytest.mark.slow)],
    ids=["as is", "office"],
)
def test_fifty_decisions_make_the_round_trip_through_a_workbook(
    saved: Callable[[Path], Path], reviewed: Review, tmp_path: Path, log: Log
) -> None:
    words = ["confirmed 属实", "explained 已说明", "dismissed 不成立", "needs evidence 待取证"]
    notes = ["见发票\n第二行", "=1+1", "'quoted", "  indented", "@x #N/A", "-", "", "7" * 40]
    made = {
        row: {DECISION: words[row % 4], NOTE: notes[row % 8], AUDITOR: f"审计{row % 3}"}
        for row in range(2, 52)
    }
    path = saved(edited(written(reviewed, tmp_path / "a", log), made))
    events, problems = imported(path, log)
    assert not problems
    sheet, heads = sheet_of(path)
    for row, event in zip(made, events, strict=True):
        assert event.key == sheet.cell(row, heads["auditkit key"]).value
        assert event.decision == str(made[row][DECISION]).rpartition(" ")[0]
        assert event.note == str(made[row][NOTE]).strip()
        assert event.auditor == made[row][AUDITOR]
    keys = {finding.key: about(finding) for finding in reviewed.findings}
    asked = [
        (keys[e.key].state, keys[e.key].subject, keys[e.key].form, keys[e.key].answer)
        for e in events
    ]
    assert asked == [(e.state, e.subject, e.form, e.answer) for e in events]
    assert imported(path, log) == ((), [])
    again = saved(written(reviewed, tmp_path / "b", log))
    assert imported(again, log) == ((), [])
    assert [shown(again, row) for row in (2, 3)] == [
        [made[row][DECISION], str(made[row][NOTE]).strip() or None, made[row][AUDITOR]]
        for row in (2, 3)
    ]
    assert log.verify() == ()
    assert len(log.decisions()) == 50


def test_a_workbook_edited_again_and_again_follows_on_itself(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = written(reviewed, tmp_path, log)
    for number, texts in enumerate((CONFIRMED, DISMISSED, CONFIRMED), start=1):
        events, problems = imported(edited(path, {2: texts}), log)
        assert (len(events), problems) == (1, [])
        assert imported(path, log) == ((), [])
        assert [e.decision for e in log.unreplaced()] == [str(texts[DECISION]).split()[0]]
        assert len(log.decisions()) == number


def test_what_was_decided_since_stays_and_the_conflict_is_shown(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    first = log.record(reviewed.findings[0], "confirmed", "", "王审计")
    path = written(reviewed, tmp_path / "a", log)
    sheet, heads = sheet_of(path)
    row = next(r for r in range(2, 90) if sheet.cell(r, heads["auditkit key"]).value == first.key)
    since = log.record(reviewed.findings[0], "explained", "来函说明", "李审计")
    events, problems = imported(edited(path, {row: DISMISSED}), log, "王审计")
    assert (len(events), problems) == (1, [])
    assert events[0].replaces == first.identity
    assert log.conflicts() == ((since, events[0]),)
    assert imported(path, log, "王审计") == ((), [])
    sheet, heads = sheet_of(written(reviewed, tmp_path / "b", log))
    told = {sheet.cell(r, heads[STANDING]).value for r in range(2, 90)}
    assert any(str(text).startswith("decided differently") for text in told)


def test_an_older_workbook_does_not_take_the_place_of_a_newer_one(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    older = edited(written(reviewed, tmp_path / "a", log), {2: CONFIRMED})
    imported(older, log)
    newer = edited(written(reviewed, tmp_path / "b", log), {2: DISMISSED})
    (event,), _ = imported(newer, log, "王审计")
    assert imported(older, log) == ((), [])
    assert log.unreplaced() == [event]


def test_two_who_edit_a_copy_each_contradict_each_other_and_both_stand(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = written(reviewed, tmp_path, log)
    copy = shutil.copy(path, tmp_path / "copy.xlsx")
    (first,), _ = imported(edited(path, {2: CONFIRMED}), log)
    (second,), _ = imported(edited(copy, {2: {**DISMISSED, AUDITOR: "李审计"}}), log)
    assert log.conflicts() == ((first, second),)
    assert imported(path, log) == imported(copy, log) == ((), [])


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({NOTE: "nur so"}, "no decision to be recorded: blank"),
        ({DECISION: "maybe", AUDITOR: "王审计"}, "no decision to be recorded: maybe"),
        ({DECISION: "confirmed"}, "no auditor"),
        ({**CONFIRMED, "subject": "budget/total"}, "belong to another finding"),
        ({**CONFIRMED, "auditkit about": "{}"}, "do not fit"),
        ({**CONFIRMED, "auditkit about": '{"was": 1, "rules": 2}'}, "do not fit"),
    ],
)
def test_a_row_that_cannot_be_used_is_said_and_the_others_are_imported(
    texts: dict[str, object], said: str, reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = edited(
        written(reviewed, tmp_path, log), {2: texts, 3: {**DISMISSED, DECISION: "不成立"}}
    )
    events, problems = imported(path, log)
    assert [event.decision for event in events] == ["dismissed"]
    assert len(problems) == 1
    assert said in problems[0]
    assert "row 2" in problems[0]


def test_a_changed_decision_needs_the_name_of_who_changed_it(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    imported(edited(written(reviewed, tmp_path / "a", log), {2: CONFIRMED}), log)
    path = edited(written(reviewed, tmp_path / "b", log), {2: {DECISION: "dismissed"}})
    assert "the decision before: 王审计" in imported(path, log)[1][0]
    (event,), _ = imported(path, log, "李审计")
    assert (event.decision, event.auditor, event.note) == ("dismissed", "李审计", "见发票")
    nobody = edited(written(reviewed, tmp_path / "d", log), {2: {AUDITOR: None}})
    assert "no auditor" in imported(nobody, log)[1][0]
    gone = edited(written(reviewed, tmp_path / "c", log), {2: {DECISION: None}})
    assert "what the log holds stands" in imported(gone, log, "李审计")[1][0]


def test_a_row_that_stands_twice_counts_once(reviewed: Review, tmp_path: Path, log: Log) -> None:
    path = edited(written(reviewed, tmp_path, log), {2: CONFIRMED})
    sheet, _ = sheet_of(path)
    sheet.append([cell.value for cell in sheet[2]])
    sheet.parent.save(path)
    events, problems = imported(path, log)
    assert len(events) == 1
    assert "stands in Findings 问题, row 2 already" in problems[0]


def test_a_signed_review_takes_nothing_from_a_workbook(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = edited(written(reviewed, tmp_path, log), {2: CONFIRMED})
    signed(log, reviewed, "prepared", "李")
    events, _ = read_decisions(path, log)
    with speaking("zh"), pytest.raises(SignedError) as refused:
        added(path, log, events)
    assert (refused.value.name, refused.value.place) == (path.name, "Findings 问题第2行")
    assert len(log.decisions()) == 1


def test_decisions_that_no_longer_fit_stand_on_top(tmp_path: Path, log: Log) -> None:
    before = judged(report(SPEC))
    asked = [f for f in before.findings if f.outcome.value == "fail"]
    for finding in (asked[0], asked[-1]):
        log.record(finding, "confirmed", "见发票", "王审计")
    gone, stale = about(asked[0]), about(asked[-1])
    log.merge([Decision(**{**_fields(gone), "key": "gone", "digest": "a" * 64})])
    log.merge([Decision(**{**_fields(stale), "state": "other", "digest": "b" * 64})])
    path = written(before, tmp_path, log)
    sheet, heads = sheet_of(path)
    told = [str(sheet.cell(row, heads[STANDING]).value).split("\n") for row in range(2, 6)]
    assert told[0][0].startswith("orphaned: confirmed")
    assert any("the rule has changed since" in line or "stale" in line for line in told[1])
    assert imported(path, log) == ((), [])


def _fields(question: Decision) -> dict[str, object]:
    names = ("kind", "key", "document", "form", "rule", "subject", "state", "answer")
    made = {"decision": "confirmed", "auditor": "王审计", "made_at": "2026-01-01T00:00:00+00:00"}
    return {name: getattr(question, name) for name in names} | made


@pytest.mark.parametrize("texts", [{NOTE: "nur so"}, {"auditkit about": "", **DISMISSED}])
def test_what_is_not_in_the_log_yet_is_not_written_over(
    texts: dict[str, object], reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = edited(written(reviewed, tmp_path, log), {2: texts})
    before = path.read_bytes()
    for known in (log, None):
        with pytest.raises(WorkpaperError, match=r"Findings 问题, row 2.*--keep.*--replace"):
            write_workpapers([reviewed], tmp_path, known)
    assert path.read_bytes() == before
    path.write_bytes(before[:-100])
    with pytest.raises(WorkpaperError, match="no workbook as it was written"):
        write_workpapers([reviewed], tmp_path, log)
    path.unlink()
    assert written(reviewed, tmp_path, log)


def test_decisions_in_known_rows_come_into_the_log_before_a_workbook_is_written_again(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = edited(written(reviewed, tmp_path, log), {2: CONFIRMED, 5: DISMISSED})
    said: list[object] = []
    write_workpapers([reviewed], tmp_path, log, tell=said.append)
    assert [event.decision for event in log.decisions()] == ["confirmed", "dismissed"]
    assert [*map(str, said)] == [f"{path}: decisions that were added to {log.name}: 2"]
    held = {tuple(shown(path, row)) for row in range(2, 70)}
    assert {tuple(texts.values()) for texts in (CONFIRMED, DISMISSED)} <= held
    for _ in range(2):
        assert written(reviewed, tmp_path, log)
    assert len(log.decisions()) == 2
    with pytest.raises(WorkpaperError, match="nothing is kept where no log is read"):
        write_workpapers([reviewed], edited(path, {20: CONFIRMED}).parent, Log(NO_LOG))


def test_what_is_in_the_log_or_was_only_saved_again_may_be_written_over(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    imported(edited(written(reviewed, tmp_path, log), {2: CONFIRMED}), log)
    path = edited(written(reviewed, tmp_path, log), {2: {DECISION: "explained"}})
    imported(path, log, "李审计")
    path = edited(written(reviewed, tmp_path, log), {})
    assert shown(path, 2) == ["explained 已说明", "见发票", "李审计"]
    assert written(reviewed, tmp_path, log)


@pytest.mark.slow
def test_an_office_program_that_only_saves_a_workbook_again_writes_nothing_into_it(
    xinhong: Path, reviewed: Review, tmp_path: Path, log: Log
) -> None:
    for name, reviews in (("a", review(xinhong)), ("b", (reviewed,))):
        paths = write_workpapers(reviews, tmp_path / name, log)
        shutil.copy(office(paths[0]), paths[0])
        assert touched(tmp_path / name)
        write_workpapers(reviews, tmp_path / name, log)
        assert not touched(tmp_path / name)


def test_rows_that_were_added_by_hand_are_counted_and_said_where_they_stand(
    reviewed: Review, tmp_path: Path, log: Log
) -> None:
    path = edited(written(reviewed, tmp_path, log), {2: CONFIRMED})
    sheet, heads = sheet_of(path)
    end = sheet.max_row
    sheet.cell(end + 1, 2).value = "另查:合同未招标"
    sheet.cell(end + 3, heads[NOTE]).value = "见访谈记录"
    sheet.parent.save(path)
    events, problems = read_decisions(path, log)
    assert [event.decision for event in events] == ["confirmed"]
    (said,) = map(str, problems)
    assert f"Findings 问题, row {end + 1}; Findings 问题, row {end + 3}" in said
    assert "added by hand, which answer no question of the log: 2" in said


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no workbook"])
def test_a_file_that_is_no_workpaper_is_refused(data: bytes, tmp_path: Path, log: Log) -> None:
    path = tmp_path / "workpaper.xlsx"
    path.write_bytes(data)
    with pytest.raises(LogError, match="cannot be opened as a workbook"):
        read_decisions(path, log)
    producers_sheet = load_workbook(written(judged(report(SPEC)), tmp_path / "other", log))
    del producers_sheet["Findings 问题"]
    producers_sheet.save(path)
    with pytest.raises(LogError, match="no sheet holds findings and decisions"):
        read_decisions(path, log)


def test_the_command_line_imports_a_workpaper(
    xinhong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ["--log", str(tmp_path / "log.sqlite")]
    main(["review", str(xinhong), "--out", str(tmp_path), *kept])
    path = papers_in(tmp_path) / "workpaper.xlsx"
    edited(path, {2: {DECISION: "confirmed 属实"}, 3: {NOTE: "?"}})
    assert main(["log", "import", str(path), "--auditor", "王审计", *kept]) == 3
    out, err = capsys.readouterr()
    assert "王审计" in out
    assert "row 3" in err
    assert main(["review", str(xinhong), "--out", str(tmp_path), *kept]) == 3
    assert "not in the log" in capsys.readouterr().err
    edited(path, {3: {NOTE: None}})
    assert main(["review", str(xinhong), "--out", str(tmp_path), *kept]) == 0
    assert shown(path, 2) == ["confirmed 属实", None, "王审计"]
