"""What a person decided finds its form again, when a file is saved, moved and changed in many ways.

Each history begins with a form on which a finding is explained, another dismissed and a reading
corrected. What then stands is current, stale, orphaned or offered; nothing is lost, and nothing
stands on another form.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import producers
import pytest
import samples
from docx import Document
from logs import signed
from lxml import html
from openpyxl import load_workbook
from typesetting import Form, lay_out, layout_named

import auditkit as ak
from auditkit.decisions.events import Act, Decision, about, about_form, differences
from auditkit.decisions.log import Log
from auditkit.decisions.standing import last_by_mark, marks_of
from auditkit.doubts import DoubtKind, NoteKind
from auditkit.errors import SignedError
from auditkit.findings import Finding, Outcome
from auditkit.grid import How
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, review
from auditkit.wording import put
from auditkit.workpapers import write_workpapers

SCORE = "total/score"
STANDS = {"EX-02": "current", "SC-03": "current", SCORE: "current"}
FORM = next(sample.forms[0].form for sample in samples.load() if sample.name == "boiler-2019")
OTHER = replace(FORM, project="另一所学校的校舍改造", implementer="临岚市第二中学")


def page(*forms: Form) -> bytes:
    sheets = [lay_out(form, layout_named("national")) for form in forms]
    return producers.page("".join(map(producers.section, sheets))).encode()


def with_row(form: Form, at: int, **cells: str) -> Form:
    rows = list(form.indicators)
    rows[at] = replace(rows[at], **cells)
    return replace(form, indicators=tuple(rows))


def with_money(form: Form, **cells: str) -> Form:
    return replace(form, funding=(replace(form.funding[0], **cells), *form.funding[1:]))


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log.sqlite")


def reviewed(data: bytes, log: Log, name: str = "form.html", **more: object) -> tuple[Review, ...]:
    return review(data, Terms(log=log.where, **more), name=name)  # type: ignore[arg-type]


def failed(one: Review, rule: str) -> Finding:
    return next(f for f in one.findings if f.rule == rule and f.outcome is Outcome.FAIL)


def decided(log: Log, one: Review) -> None:
    """Decide what every history begins with."""
    log.record(failed(one, "EX-02"), "explained", "see the ledger", "王审计")
    log.record(failed(one, "SC-03"), "dismissed", "the limit says so", "王审计")
    log.correct(one.report, SCORE, "97", "page 3", "王审计")


def begun(log: Log, *forms: Form, name: str = "form.html") -> Review:
    """Decide about the first form of a page, and return its review."""
    first = reviewed(page(*(forms or (FORM,))), log, name)[0]
    decided(log, first)
    return first


def stands(log: Log, *some: Review) -> dict[str, str]:
    """Say how each decision stands to some reviews, by its rule or the path of its entry."""
    found = log.standing([finding for one in some for finding in one.findings])
    made = [pair for one in some for pair in log.corrections(one.report)]
    return {event.rule or event.subject: how.value for event, how in (*found, *made)}


def score(one: Review | Report) -> tuple[str, How]:
    form = one if isinstance(one, Report) else one.report
    assert form.total_score
    return form.total_score.text, form.total_score.how


def notes(one: Review) -> set[NoteKind]:
    return {note.kind for note in one.report.notes}


# The twelve histories


def test_a_file_that_is_renamed_keeps_its_decisions(log: Log) -> None:
    begun(log)
    (again,) = reviewed(page(FORM), log, "another name.html")
    assert stands(log, again) == STANDS
    assert score(again) == ("97", How.CORRECTED)
    assert NoteKind.CORRECTED_ELSEWHERE not in notes(again)


def test_a_file_that_is_moved_keeps_its_decisions(log: Log, tmp_path: Path) -> None:
    begun(log)
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    here = tmp_path / "here" / "form.html"
    here.write_bytes(page(FORM))
    there = here.rename(tmp_path / "there" / "form.html")
    (again,) = ak.review(there, Terms(log=log.where))
    assert stands(log, again) == STANDS
    assert score(again) == ("97", How.CORRECTED)


def test_a_file_saved_again_by_another_program_keeps_its_decisions_and_says_of_which_file_they_are(
    log: Log, tmp_path: Path
) -> None:
    first = begun(log)
    saved = html.tostring(html.fromstring(page(FORM)), encoding="utf-8", doctype="<!DOCTYPE html>")
    (again,) = reviewed(saved, log, "saved.html")
    assert again.document != first.document
    assert stands(log, again) == STANDS
    assert score(again) == ("97", How.CORRECTED)
    told = next(n for n in again.report.notes if n.kind is NoteKind.CORRECTED_ELSEWHERE)
    assert (told["file"], told["digest"]) == ("form.html", first.document.sha256[:8])
    papers = {path.name: path for path in write_workpapers(again, tmp_path / "papers", log)}
    rows = load_workbook(papers["workpaper.xlsx"]).worksheets[1].iter_rows(values_only=True)
    said = [text for row in rows for text in row if text and "decided in form.html" in str(text)]
    assert len(said) == 2
    told = papers["workpaper.html"].read_text(encoding="utf-8")
    assert told.count("decided in form.html, SHA-256") == 2


def test_a_workbook_saved_again_keeps_its_decisions(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    producers.produce("xlsx", [(lay_out(FORM, layout_named("national")), path)])
    (first,) = ak.review(path, Terms(log=log.where))
    decided(log, first)
    load_workbook(path).save(tmp_path / "again.xlsx")
    (again,) = ak.review(tmp_path / "again.xlsx", Terms(log=log.where))
    assert again.document.sha256 != first.document.sha256
    assert stands(log, again) == STANDS


def test_a_reading_found_right_survives_as_a_correction_does_and_all_papers_say_by_whom(
    log: Log, tmp_path: Path
) -> None:
    first = reviewed(page(FORM), log)[0]
    event = log.accept(first.report, SCORE, "", "王审计")
    said = f"right as read, by 王审计 on {event.made_at[:10]}"
    (here,) = reviewed(page(FORM), log)
    assert here.corrections
    assert (here.corrections.count, here.corrections.as_read) == (0, 1)
    assert f"{said}: {SCORE}" in [put(note, "en") for note in here.report.notes]
    saved = html.tostring(html.fromstring(page(FORM)), encoding="utf-8", doctype="<!DOCTYPE html>")
    (again,) = reviewed(saved, log, "saved.html")
    assert score(again) == ("98", How.AS_READ)
    assert stands(log, again) == {SCORE: "current"}
    said += f" in another file, form.html (SHA-256 {first.document.sha256[:8]}): {SCORE}"
    assert said in [put(note, "en") for note in again.report.notes]
    papers = {path.name: path for path in write_workpapers(again, tmp_path / "papers", log)}
    for name in ("review.json", "workpaper.html"):
        assert said in papers[name].read_text(encoding="utf-8")
        assert "1 doubted reading right as read, from log.sqlite" in (
            papers["workpaper.html"].read_text(encoding="utf-8")
        )
    rows = load_workbook(papers["workpaper.xlsx"]).worksheets[0].iter_rows(values_only=True)
    assert [row for row in rows if said in row]
    told = Document(str(papers["workpaper.docx"])).element.body.itertext()
    assert said in "".join(told)
    (otherwise,) = reviewed(page(replace(FORM, total_score="96")), log)
    assert score(otherwise) == ("96", How.READ)
    assert otherwise.report.total_score
    doubts = [doubt.kind for doubt in otherwise.report.total_score.doubts]
    assert doubts == [DoubtKind.AS_READ_THEN]
    assert stands(log, otherwise) == {SCORE: "stale"}


def test_a_reading_found_right_that_is_gone_or_on_another_form_is_said_and_does_not_count(
    log: Log,
) -> None:
    first = reviewed(page(FORM), log)[0]
    path = next(e.path for e in first.report.entries() if e.path.endswith("工程完工率/actual"))
    log.accept(first.report, path, "", "王审计")
    rows = [row for row in FORM.indicators if row.name != "工程完工率"]
    (gone,) = reviewed(page(replace(FORM, indicators=tuple(rows))), log)
    assert NoteKind.AS_READ_GONE in notes(gone)
    (other,) = reviewed(page(replace(FORM, project="另一所学校的校舍改造")), log)
    assert NoteKind.AS_READ_OFFERED in notes(other)
    assert other.corrections is None


def test_another_figure_put_right_makes_only_what_rests_on_it_stale(log: Log) -> None:
    first = begun(log)
    about_rate = next(
        f for f in first.findings if f.rule == "SC-03" and "工程完工率" in f.observation.subject
    )
    log.record(about_rate, "confirmed", "seen", "王审计")
    (again,) = reviewed(page(with_row(FORM, 1, actual="99")), log)
    found = log.standing(again.findings)
    held = {(e.rule, e.subject.split("/")[-1]): how.value for e, how in found}
    assert held["SC-03", "工程完工率"] == "stale"
    assert sorted(held.values()) == ["current", "current", "stale"]
    then = next(event for event, how in found if how == "stale")
    now = next(about(f) for f in again.findings if f.key == then.key)
    assert [side[1:] for side in differences(then, now)] == [("100", "99")]
    assert score(again) == ("97", How.CORRECTED)


def test_a_title_that_changes_moves_no_decision(log: Log) -> None:
    begun(log)
    (again,) = reviewed(page(replace(FORM, title="项目支出绩效自评表(修订)")), log)
    assert stands(log, again) == STANDS
    assert score(again) == ("97", How.CORRECTED)


def test_a_form_moved_to_another_page_takes_its_decisions_with_it(log: Log) -> None:
    begun(log)
    before, again = reviewed(page(OTHER, FORM), log)
    assert again.report.number == 2
    assert stands(log, again) == stands(log, before, again) == STANDS
    assert stands(log, before) == {}
    assert (score(before)[0], score(again)[0]) == ("98", "97")


def test_two_units_forms_in_one_file_share_no_question(log: Log) -> None:
    forms = (FORM, replace(FORM, implementer="临岚市第二中学"))
    first = begun(log, *forms)
    one, other = reviewed(page(*forms), log)
    assert {f.key for f in one.findings}.isdisjoint(f.key for f in other.findings)
    assert stands(log, one) == STANDS
    assert stands(log, other) == {}
    assert (score(one), score(other)) == (("97", How.CORRECTED), ("98", How.READ))
    signed(log, first, "prepared", "李审计")
    log.record(failed(other, "EX-02"), "confirmed", "", "李审计")
    assert log.signatures(about_form(other.report, other.findings)) == {}


def test_two_years_of_one_project_share_no_question(log: Log) -> None:
    begun(log)
    (later,) = reviewed(page(replace(FORM, year="2020")), log, "2020.html")
    assert {how for _, how in log.standing(later.findings)} <= {"offered"}
    assert score(later) == ("98", How.READ)
    both = reviewed(page(FORM, replace(FORM, year="2020")), log, "both.html")
    assert stands(log, both[1]) == {}
    assert stands(log, *both) == STANDS


def test_rules_that_change_are_told_from_figures_that_do(log: Log) -> None:
    begun(log)
    fewer = tuple(rule for rule in ak.RULES if rule.id != "EX-02")
    (again,) = reviewed(page(FORM), log, rules=fewer)
    assert stands(log, again) == STANDS | {"EX-02": "orphaned"}
    law = replace(failed(again, "SC-03"), basis=("another",))
    assert [how.value for e, how in log.standing([law]) if e.rule == "SC-03"] == [
        "the rule has changed since"
    ]


def test_the_pdf_and_the_workbook_of_one_form_share_their_decisions(
    log: Log, tmp_path: Path
) -> None:
    sheet = lay_out(FORM, layout_named("national"))
    producers.print_page(producers.page(producers.section(sheet)), tmp_path / "form.pdf")
    producers.produce("xlsx", [(sheet, tmp_path / "form.xlsx")])
    (printed,) = ak.review(tmp_path / "form.pdf", Terms(log=log.where))
    decided(log, printed)
    (kept,) = ak.review(tmp_path / "form.xlsx", Terms(log=log.where))
    assert stands(log, kept) == STANDS
    assert score(kept) == ("97", How.CORRECTED)


def test_logs_of_two_auditors_who_had_two_files_of_a_form_contradict_each_other_openly(
    log: Log, tmp_path: Path
) -> None:
    begun(log)
    other = Log(tmp_path / "other.sqlite")
    (theirs,) = reviewed(page(FORM) + b"\n", other, "theirs.html")
    other.record(failed(theirs, "EX-02"), "confirmed", "no voucher", "李审计")
    other.export(tmp_path / "other.jsonl")
    log.merge(tmp_path / "other.jsonl")
    ((one, two),) = log.conflicts()
    assert {(e.auditor, e.file) for e in (one, two)} == {
        ("王审计", "form.html"),
        ("李审计", "theirs.html"),
    }
    (again,) = reviewed(page(FORM) + b"\n\n", log)
    both = [(e.auditor, how.value) for e, how in log.standing(again.findings) if e.rule == "EX-02"]
    assert sorted(both) == [("李审计", "current"), ("王审计", "current")]


def test_a_correction_of_a_cell_that_the_unit_mended_is_not_applied_and_not_forgotten(
    log: Log,
) -> None:
    begun(log)
    (mended,) = reviewed(page(replace(FORM, total_score="97")), log)
    assert score(mended) == ("97", How.READ)
    assert stands(log, mended)[SCORE] == "stale"
    assert NoteKind.MENDED in notes(mended)
    assert not (mended.report.total_score and mended.report.total_score.doubts)
    (otherwise,) = reviewed(page(replace(FORM, total_score="96")), log)
    assert score(otherwise) == ("96", How.READ)
    assert otherwise.report.total_score
    kinds = [doubt.kind for doubt in otherwise.report.total_score.doubts]
    assert kinds == [DoubtKind.CORRECTED_THEN]


def test_two_files_of_one_form_in_a_folder_share_decisions_as_far_as_they_say_the_same(
    log: Log,
) -> None:
    begun(log)
    files = (page(FORM), page(with_row(FORM, 0, actual="37.20")))
    both = [reviewed(data, log, name)[0] for data, name in zip(files, "ab", strict=True)]
    found = log.standing([finding for one in both for finding in one.findings])
    held = sorted((event.rule, how.value) for event, how in found)
    assert held == [("EX-02", "current"), ("SC-03", "current"), ("SC-03", "stale")]
    apart = with_money(FORM, initial_budget="1", adjusted_budget="1", outturn="1")
    apart = replace(apart, funding=apart.funding[:1])
    (other,) = reviewed(page(apart), log, "b.html")
    beside = {other.report.identity: [other.report]}
    (one,) = review(page(FORM), Terms(log=log.where), name="a.html", beside=beside)
    assert NoteKind.SAME_NAMES_ELSEWHERE in notes(one)


# What cannot be told, and who tells it


def test_a_form_without_a_unit_is_known_by_its_bytes_and_its_decisions_are_offered_by_name(
    log: Log,
) -> None:
    for nobody in ("", "本单位"):
        form = replace(FORM, department="", implementer=nobody)
        first = begun(log, form)
        assert not first.report.known_as.is_told
        (same,) = reviewed(page(form), log)
        assert stands(log, same) == STANDS
        (again,) = reviewed(page(form) + b"\n", log)
        assert set(stands(log, again).values()) == {"offered"}
        assert score(again) == ("98", How.READ)
        assert NoteKind.CORRECTION_OFFERED in notes(again)


def test_two_offices_of_one_name_are_told_by_their_money(log: Log) -> None:
    anybody = replace(FORM, project="工作经费", department="", implementer="办公室")
    begun(log, anybody, name="a.html")
    others = with_money(anybody, initial_budget="12", adjusted_budget="12", outturn="11.5")
    others = replace(others, funding=others.funding[:1])
    (other,) = reviewed(page(others), log, "b.html")
    assert set(stands(log, other).values()) == {"offered"}
    assert score(other) == ("98", How.READ)
    log.record(failed(other, "SC-03"), "confirmed", "of the other office", "李审计")
    (first,) = reviewed(page(anybody), log, "a.html")
    held = {e.decision: how.value for e, how in log.standing(first.findings) if e.rule == "SC-03"}
    assert held == {"dismissed": "current", "confirmed": "offered"}
    assert [e.decision for e in log.history(failed(first, "SC-03"))] == ["dismissed"]


def test_forms_of_a_file_that_call_themselves_the_same_are_told_by_their_number(log: Log) -> None:
    twins = (FORM, replace(FORM, total_score="99"))
    begun(log, *twins)
    one, other = reviewed(page(*twins), log)
    assert NoteKind.SAME_NAMES in notes(one) & notes(other)
    assert {f.key for f in one.findings}.isdisjoint(f.key for f in other.findings)
    assert stands(log, one, other) == STANDS
    assert (score(one)[0], score(other)[0]) == ("97", "99")
    swapped = reviewed(page(*reversed(twins)), log)
    assert {score(each)[0] for each in swapped} == {"98", "99"}
    assert set(stands(log, *swapped).values()) == {"offered"}


def test_a_project_that_is_renamed_is_offered_its_decisions_until_somebody_says_it_is_the_same(
    log: Log,
) -> None:
    first = begun(log)
    renamed = page(replace(FORM, project="校舍供暖改造"))
    (again,) = reviewed(renamed, log, "renamed.html")
    assert set(stands(log, again).values()) == {"offered"}
    assert score(again) == ("98", How.READ)
    said = log.same_form(again.report, first.report, "renamed in May", "李审计")
    assert (said.kind, said.decision) == ("forms", "same form as")
    (again,) = reviewed(renamed, log, "renamed.html")
    assert stands(log, again) == STANDS
    assert score(again) == ("97", How.CORRECTED)
    new = log.record(failed(again, "EX-02"), "confirmed", "", "李审计")
    assert log.latest(failed(first, "EX-02")) == new
    log.other_form(first.report, again.report, "a mistake", "王审计")
    (again,) = reviewed(renamed, log, "renamed.html")
    assert score(again) == ("98", How.READ)
    assert log.latest(failed(again, "EX-02")) == new
    assert log.verify() == ()


def test_only_forms_that_something_was_decided_about_can_be_joined(log: Log) -> None:
    first = begun(log)
    key = first.report.known_as.key
    for one, other in ((key, key), (key, "zzzz"), ("0" * 16, "1" * 16)):
        with pytest.raises(ValueError, match=r"two forms are|no decision is about|zzzz is no key"):
            log.same_form(one, other, "", "王审计")


def test_a_correction_whose_entry_is_gone_is_said(log: Log) -> None:
    row, first = FORM.indicators[-1], begun(log)
    path = f"indicator/{row.dimension}/{row.category}/{row.name}/score"
    log.correct(first.report, path, "9", "", "王审计")
    (less,) = reviewed(page(replace(FORM, indicators=FORM.indicators[:-1])), log)
    assert stands(log, less) == STANDS | {path: "orphaned"}
    gone = [n for n in less.report.notes if n.kind is NoteKind.CORRECTION_GONE]
    assert [str(note["path"]) for note in gone] == [path]


def test_a_correction_of_the_projects_name_moves_nothing(log: Log) -> None:
    first = begun(log)
    log.correct(first.report, "project", "另一项目", "", "王审计")
    for data in (page(FORM), page(FORM) + b"\n"):
        (again,) = reviewed(data, log)
        assert again.report.project
        assert again.report.project.text == "另一项目"
        assert stands(log, again) == STANDS | {"project": "current"}


def test_masks_move_nothing(log: Log) -> None:
    form = replace(FORM, other={"联系人": "王小明", "联系电话": "13800138000"})
    first = begun(log, form)
    (masked,) = reviewed(page(form) + b"\n", log, redact=True)
    assert [f.key for f in masked.findings] == [f.key for f in first.findings]
    assert set(stands(log, masked).values()) == {"current"}


# Signatures


def test_a_signature_stands_on_the_same_content_and_locks_nothing_where_it_changed(
    log: Log,
) -> None:
    first = begun(log)
    (first,) = reviewed(page(FORM), log)
    signed(log, first, "prepared", "李审计")
    (saved,) = reviewed(page(FORM) + b"\n", log, "saved.html")
    form = about_form(saved.report, saved.findings)
    assert [how.value for _, how in log.standing([form])] == ["current"]
    with pytest.raises(SignedError, match="prepared by 李审计"):
        log.record(failed(saved, "EX-02"), "confirmed", "", "王审计")
    changed = with_row(FORM, 2, explanation="已说明原因")
    (again,) = reviewed(page(changed), log, "changed.html")
    form = about_form(again.report, again.findings)
    assert [how.value for _, how in log.standing([form])] == ["stale"]
    log.record(failed(again, "EX-02"), "confirmed", "", "王审计")
    assert log.signatures(form)["prepared"].file == "form.html"
    event = signed(log, again, "prepared", "李审计")
    assert log.signatures(form)["prepared"] == event
    with pytest.raises(SignedError):
        log.record(failed(first, "EX-02"), "confirmed", "", "王审计")
    log.reopen(first, "a voucher came in", "李审计")
    log.record(failed(first, "EX-02"), "confirmed", "", "王审计")
    assert log.signatures(form)["prepared"] == event


# What a run keeps, and older logs


def test_a_result_of_a_run_is_asked_again_by_all_marks_that_lead_to_decisions(log: Log) -> None:
    first = begun(log)
    (saved,) = reviewed(page(FORM) + b"\n", log)
    last = last_by_mark(log.decisions())
    digest = log.decisions()[-1].digest
    assert [last[mark] for mark in marks_of([saved.report])] == [digest, digest]
    (other,) = reviewed(page(with_money(OTHER, outturn="37.25")), log, "other.html")
    assert not set(marks_of([other.report])) & last.keys()
    assert last[first.document.sha256] == last["form.html"] == digest


def test_decisions_of_an_older_log_are_listed_with_their_document_and_never_applied(
    log: Log,
) -> None:
    (one,) = reviewed(page(FORM), log)
    finding = failed(one, "EX-02")
    subject = finding.observation.subject
    old = Decision(
        "finding", "old key", one.document.sha256, "old form", "EX-02", subject, "state", "fail"
    )
    log.merge([replace(old, decision=Act.CONFIRMED, auditor="王审计", digest="0" * 64)])
    assert [how.value for _, how in log.standing(one.findings)] == ["orphaned"]
    assert log.latest(finding) is None
