"""The desk: what it shows, what its keys record, and what it says where nothing was kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from samples import FOLDER

import auditkit as ak

BOILER = FOLDER / "boiler-2019" / "boiler-2019.pdf"
EX_02 = "c11634e39a629a2c"


@pytest.fixture
def log(tmp_path: Path) -> ak.Log:
    return ak.Log(tmp_path / "log.sqlite")


@pytest.fixture
def desk(log: ak.Log) -> ak.Desk:
    return ak.Desk(ak.review(BOILER)[0], BOILER, log, "A. Auditor")


def test_a_decision_by_call_is_in_the_log_and_on_the_desk_at_once(
    desk: ak.Desk, log: ak.Log
) -> None:
    assert desk.said == "0 of 9 decided"
    event = desk.decide(EX_02, "confirmed", "8.62")
    assert log.decisions() == (event,)
    assert (desk.rows[0]["decision"], desk.rows[0]["note"]) == ("confirmed", "8.62")
    assert desk.said == f"saved {event.made_at}: EX-02 confirmed; 1 of 9 decided"


def press(desk: ak.Desk, **message: str) -> None:
    """Send the desk what its page sends when a key is pressed or a finding is chosen."""
    data = {"method": "custom", "content": {"key": EX_02, **message}}
    desk.comm.handle_msg({"content": {"data": data}, "buffers": []})


def test_a_key_press_does_what_a_call_does(desk: ak.Desk, log: ak.Log) -> None:
    press(desk, decision="dismissed", note="so")
    assert [(event.decision, event.note) for event in log.decisions()] == [("dismissed", "so")]
    assert desk.said.startswith("saved ")


def test_a_selected_finding_is_shown_with_its_page(desk: ak.Desk) -> None:
    press(desk)
    assert "<img " in desk.crop
    assert "8.6204" in desk.crop


def test_what_cannot_be_kept_is_said_and_shown_as_undecided(desk: ak.Desk) -> None:
    for message in ({"decision": "perhaps"}, {"key": "none", "decision": "confirmed"}):
        press(desk, **{"note": "", **message})
        assert desk.said.startswith("NOT SAVED: ")
    assert desk.progress == "0 of 9 decided"
    desk.sign("prepared")
    press(desk, decision="confirmed", note="")
    assert desk.said.startswith("NOT SAVED: ")
    assert "prepared by A. Auditor" in desk.said


def test_decisions_of_a_notebook_are_recorded_once_and_for_this_review_only(
    desk: ak.Desk, log: ak.Log
) -> None:
    given = {EX_02: ("needs evidence", "vouchers"), "another": ("confirmed", "")}
    assert desk.decide_all(given) is desk
    desk.decide_all(given)
    assert [event.rule for event in log.decisions()] == ["EX-02"]
    desk.decide(EX_02, "dismissed", "paid in January")
    desk.decide_all(given)  # a notebook that is run again decides nothing anew
    assert desk.rows[0]["decision"] == "dismissed"


def test_a_decision_about_another_answer_does_not_count(desk: ak.Desk, log: ak.Log) -> None:
    from dataclasses import replace

    finding = next(f for f in desk.review.findings if f.key == EX_02)
    seen = replace(finding.observation, expected="7.77")
    log.record(replace(finding, observation=seen), "confirmed", "before", "B. Auditor")
    again = ak.Desk(desk.review, BOILER, log, "A. Auditor")
    assert again.progress == "0 of 9 decided"
    assert again.rows[0]["note"] == "before"


def test_signing_needs_to_be_asked_for(desk: ak.Desk, log: ak.Log) -> None:
    assert desk.sign() == "not signed: 0 of 9 decided"
    assert log.decisions() == ()
    assert desk.sign("reviewed").startswith("reviewed by A. Auditor: 0 of 9 decided; digest ")


def test_where_widgets_do_not_run_the_decisions_stand_as_a_table(desk: ak.Desk) -> None:
    desk.decide(EX_02, "confirmed", "<script>")
    data, _ = desk._repr_mimebundle_()
    assert "confirmed | <script> | A. Auditor" in data["text/plain"]
    assert "&lt;script&gt;" in data["text/html"]
    assert "<script>" not in data["text/html"]
    assert EX_02 not in data["text/plain"]


def test_what_is_signed_is_not_signed_again_until_something_has_changed(
    desk: ak.Desk, log: ak.Log
) -> None:
    assert desk.sign("prepared").startswith("prepared by A. Auditor: 0 of 9 decided; digest ")
    assert "already, nothing was added" in desk.sign("prepared")
    assert len(log.decisions()) == 1
    log.reopen(desk.review, "one more voucher", "A. Auditor")
    desk.decide(EX_02, "confirmed")
    assert desk.sign("prepared").startswith("prepared by A. Auditor: 1 of 9 decided; digest ")
    assert desk.sign("reviewed").startswith("reviewed by ")
    assert [event.decision for event in log.decisions()] == [
        "signed", "reopened", "confirmed", "signed", "signed",
    ]  # fmt: skip


def test_the_desk_speaks_chinese(log: ak.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", "zh")
    desk = ak.Desk(ak.review(BOILER)[0], BOILER, log, "王审计")
    event = desk.decide(EX_02, "confirmed", "看凭证")
    assert desk.said == f"已保存 {event.made_at}:EX-02 属实;已处理1/9项"
    assert desk.rows[0]["decision"] == "confirmed"  # what the log is told by a key
    assert desk.texts["confirmed"] == "属实"
    assert desk.sign() == "未签署:已处理1/9项"
