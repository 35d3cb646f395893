"""The desk: what it shows, what is done at it, and what stands for it in a saved notebook."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any

import pytest
from documents import three
from measure_desk import FIRST, NEXT, wait
from pypdf import PdfWriter
from samples import FOLDER

import auditkit as ak
from auditkit.errors import EntryError, NoFormError, SigningError

BOILER = FOLDER / "boiler-2019" / "boiler-2019.pdf"
CARE = FOLDER / "elder-care-2023" / "elder-care-2023.pdf"
BOOK = FOLDER / "sports-centre-2022" / "sports-centre-2022.xlsx"
EX_02 = "c11634e39a629a2c"
BUSY = 3  # times as long as on a quiet machine, where measure_desk.py holds the limits themselves


@pytest.fixture
def log(tmp_path: Path) -> ak.Log:
    return ak.Log(tmp_path / "log.sqlite")


@pytest.fixture
def desk(log: ak.Log) -> ak.Desk:
    return ak.Desk(ak.review(BOILER), BOILER, log, "A. Auditor")


@pytest.fixture
def several(log: ak.Log, tmp_path: Path) -> ak.Desk:
    path, whole = tmp_path / "two.pdf", PdfWriter()
    for part in (BOILER, CARE):
        whole.append(part)
    whole.write(path)
    return ak.Desk(ak.review(path, ak.Terms(log=log)), path, log, "A. Auditor")


def press(desk: ak.Desk, act: str, *buffers: bytes, **message: Any) -> dict[str, Any]:
    """Send the desk what its page sends when something is done there; return the answer."""
    answers: list[dict[str, Any]] = []
    desk.send = lambda content, _=(): answers.append(content)
    content = {"act": act, "id": "1", "key": EX_02, **message}
    data = {"method": "custom", "content": content}
    desk.comm.handle_msg({"content": {"data": data}, "buffers": list(map(memoryview, buffers))})
    return answers[-1]


def shown(desk: ak.Desk) -> str:
    return str(desk._repr_mimebundle_()["text/plain"])


def test_a_decision_by_call_is_in_the_log_and_on_the_desk_at_once(
    desk: ak.Desk, log: ak.Log
) -> None:
    assert desk.said == "0 of 10 decided"
    event = desk.decide(EX_02, "confirmed", "8.62")
    assert log.decisions() == (event,)
    stands = desk.stands[EX_02]
    assert (stands["decision"], stands["note"]) == ("confirmed", "8.62")
    assert desk.said == f"saved {event.made_at}: EX-02 confirmed; 1 of 10 decided"


def test_what_is_pressed_does_what_a_call_does_and_is_answered_each_time(
    desk: ak.Desk, log: ak.Log
) -> None:
    for _ in range(2):  # the same key twice within a second
        answer = press(desk, "decide", decision="dismissed", note="so")
        assert (answer["id"], answer["ok"]) == ("1", True)
        assert str(answer["said"]).startswith("saved ")
    assert [(event.decision, event.note) for event in log.decisions()] == [("dismissed", "so")] * 2


def test_a_case_has_its_words_and_the_places_of_its_figures(desk: ak.Desk) -> None:
    case = next(case for case in desk.cases if case["key"] == EX_02)
    assert (case["sign"], case["severity"], case["asks"]) == ("▲", "error", True)
    assert case["arithmetic"] == "10 x 0.862037 = 8.6204"
    spots = {figure["path"]: figure["spots"] for figure in case["figures"]}
    assert spots["budget/total/score"][0]["sheet"] == "1"
    assert len(spots["budget/total/score"][0]["box"]) == 4


def test_a_page_is_drawn_once_and_a_file_without_pages_is_a_grid(
    desk: ak.Desk, log: ak.Log
) -> None:
    answer = press(desk, "sheet", sheet="1")
    assert (answer["ok"], round(answer["wide"])) == (True, 595)
    assert desk._sheets.of("1") is desk._sheets.of("1")
    assert desk._sheets.of("1")[1].startswith(b"\x89PNG")
    book = ak.Desk(ak.review(BOOK), BOOK, log, "A. Auditor")
    spots = [s for case in book.cases for figure in case["figures"] for s in figure["spots"]]
    cells = {cell["at"] for cell in press(book, "sheet", sheet=spots[0]["sheet"])["cells"]}
    assert {spot["at"] for spot in spots} <= cells


def test_nobody_waits_at_a_desk_of_forty_findings(tmp_path: Path) -> None:
    waited = wait(tmp_path, process_time)  # of this process, whatever else the machine does
    assert waited.cases >= 40
    assert waited.first < BUSY * FIRST
    assert max(waited.page, waited.decided) < BUSY * NEXT


def test_what_cannot_be_kept_is_said_and_shown_as_undecided(desk: ak.Desk) -> None:
    for message in ({"decision": "perhaps"}, {"key": "none", "decision": "confirmed"}):
        answer = press(desk, "decide", **{"note": "", **message})
        assert (answer["ok"], str(answer["said"])[:11]) == (False, "NOT SAVED: ")
    assert desk.progress == "0 of 10 decided"
    assert press(desk, "sheet", sheet="99")["ok"] is False


def test_a_desk_without_a_form_says_so(log: ak.Log) -> None:
    with pytest.raises(NoFormError, match="nothing to decide"):
        ak.Desk((), BOILER, log, "A. Auditor")


def test_the_desk_of_a_file_has_all_its_forms_and_what_was_decided_without_a_person(
    log: ak.Log, tmp_path: Path
) -> None:
    from auditkit.notebook.display import Shown

    given = {EX_02: ("confirmed", "8.62"), "of another file": ("dismissed", "")}
    file = ak.show(BOILER, terms=ak.Terms(log=log.where))
    desk = file.desk(log, "A. Auditor", 1, given)
    assert isinstance(desk, ak.Desk)
    assert [(event.key, event.note) for event in log.decisions()] == [(EX_02, "8.62")]
    assert desk.progress == "1 of 10 decided"
    whole = ak.show(three(tmp_path / "three.html")).desk(log, "A. Auditor", 3)
    assert [form["number"] for form in whole.forms] == [1, 2, 3]
    assert whole.review.report.number == 3
    (tmp_path / "none.html").write_text("<table><tr><td>工资表</td></tr></table>", encoding="utf-8")
    nothing = ak.show(tmp_path / "none.html").desk(log, "A. Auditor")
    assert isinstance(nothing, Shown)
    assert nothing.rows == []
    with pytest.raises(NoFormError, match="the file has 1 form, none of number 9"):
        file.form(9)
    with pytest.raises(NoFormError, match="文件中有1张自评表,没有第9张"):
        ak.show(BOILER, lang="zh").form(9)


def test_another_file_than_was_reviewed_is_not_shown(log: ak.Log) -> None:
    desk = ak.Desk(ak.review(BOILER), CARE, log, "A. Auditor")
    answer = press(desk, "sheet", sheet="1")
    assert "not the file that was reviewed" in str(answer["said"])


def test_decisions_of_a_notebook_are_recorded_once_and_for_these_reviews_only(
    desk: ak.Desk, log: ak.Log
) -> None:
    given = {EX_02: ("needs evidence", "vouchers"), "another": ("confirmed", "")}
    assert desk.decide_all(given) is desk
    desk.decide_all(given)
    assert [event.rule for event in log.decisions()] == ["EX-02"]
    desk.decide(EX_02, "dismissed", "paid in January")
    desk.decide_all(given)  # a notebook that is run again decides nothing anew
    assert desk.stands[EX_02]["decision"] == "dismissed"


def test_a_decision_about_another_answer_does_not_count(desk: ak.Desk, log: ak.Log) -> None:
    from dataclasses import replace

    finding = next(f for f in desk.review.findings if f.key == EX_02)
    seen = replace(finding.observation, expected="7.77")
    log.record(replace(finding, observation=seen), "confirmed", "before", "B. Auditor")
    again = ak.Desk(desk.review, BOILER, log, "A. Auditor")
    assert again.progress == "0 of 10 decided"
    stands = again.stands[EX_02]
    assert (stands["decision"], stands["was"], stands["note"]) == ("", "confirmed", "before")


def test_all_of_a_rule_is_decided_with_one_reason_and_undone_as_one(
    desk: ak.Desk, log: ak.Log
) -> None:
    desk.decide(EX_02, "explained", "paid in January")
    press(desk, "decide rule", rule="GO-04", decision="dismissed", note="as the unit writes goals")
    assert desk.progress == "3 of 10 decided"
    assert {event.note for event in log.decisions()[1:]} == {"as the unit writes goals"}
    press(desk, "undo")
    assert desk.progress == "1 of 10 decided"
    desk.decide(EX_02, "dismissed", "again")
    press(desk, "undo")
    stands = desk.stands[EX_02]
    assert (stands["decision"], stands["note"]) == ("explained", "paid in January")
    press(desk, "undo")
    assert desk.progress == "0 of 10 decided"
    assert str(press(desk, "undo")["said"]).startswith("nothing was decided")
    assert log.verify() == ()


def test_a_file_of_several_forms_is_gone_through_form_by_form(several: ak.Desk) -> None:
    assert [form["all"] for form in several.forms] == [10, 1]
    assert [form["name"][:14] for form in several.forms] == ["Form 1, page 1", "Form 2, pages "]
    assert several.progress == "0 of 11 decided"
    (key,) = [case["key"] for case in several.cases if case["form"] == 2]
    several.decide(key, "confirmed")
    assert [form["decided"] for form in several.forms] == [0, 1]
    press(several, "choose", form=2)
    assert several.review.report.number == 2
    assert "1 of 1 decided" in shown(several).splitlines()[2]


def test_a_corrected_reading_is_reviewed_at_once_and_decisions_stay(
    several: ak.Desk, log: ak.Log
) -> None:
    (key,) = [case["key"] for case in several.cases if case["form"] == 2]
    several.decide(key, "confirmed", "stays")
    press(several, "correct", path="total/score", text="50", note="see page 1")
    assert several.review.report.total_score.text == "50"
    assert any("50" in case["what was found"] for case in several.cases)
    assert several.stands[key]["note"] == "stays"
    assert [event.decision for event in log.decisions()] == ["confirmed", "corrected"]
    with pytest.raises(EntryError):
        several.correct("total/nothing", "50")


def test_a_reading_that_is_saved_as_it_was_read_is_found_right(desk: ak.Desk, log: ak.Log) -> None:
    press(desk, "correct", path="total/score", text="98", note="see page 1")
    assert [event.decision for event in log.decisions()] == ["right as read"]
    assert desk.said.startswith("right as read: total/score reads 98; ")
    assert desk.review.corrections
    assert desk.review.corrections.as_read == 1


def test_evidence_is_kept_beside_the_log_with_its_digest(desk: ak.Desk, log: ak.Log) -> None:
    proof = {"decision": "explained", "note": "", "proof": "../凭证.txt"}
    press(desk, "decide", b"voucher", **proof)
    event = log.decisions()[0]
    assert event.evidence.endswith("/evidence/8923fedf-凭证.txt")
    assert event.evidence_sha256.startswith("8923fedf")
    assert (Path(log.where).parent / "evidence/8923fedf-凭证.txt").read_bytes() == b"voucher"
    assert "8923fedf-凭证.txt" in shown(desk)


def test_a_note_that_was_typed_and_left_is_kept_as_a_draft(desk: ak.Desk, log: ak.Log) -> None:
    press(desk, "draft", note="ask for vouchers")
    assert log.decisions() == ()
    assert "draft, not recorded: ask for vouchers" in shown(desk)
    press(desk, "decide", decision="confirmed", note="ask for vouchers")
    assert "draft" not in shown(desk)


def test_signing_is_an_act_below_the_code_of_what_is_shown(desk: ak.Desk, log: ak.Log) -> None:
    code = desk.forms[0]["code"]
    assert desk.sign().startswith("not signed: 10 undecided, 0 waiting for evidence")
    for _ in range(2):  # a line of a notebook, run again
        with pytest.raises(SigningError, match="by a line alone"):
            desk.sign("prepared", "trifles")
    signing = {"value": "prepared", "auditor": "A. Auditor", "code": code}
    assert "10 undecided" in str(press(desk, "sign", note="", **signing)["said"])
    assert log.decisions() == ()
    assert press(desk, "sign", note="trifles", **signing)["ok"]
    assert desk.forms[0]["next"] == "reviewed"
    again = {**signing, "value": "reviewed", "code": desk.forms[0]["code"], "note": "seen"}
    assert "Let another person sign" in str(press(desk, "sign", **again)["said"])
    assert press(desk, "sign", **{**again, "auditor": "B. Auditor"})["ok"]
    assert "signed already" in desk.sign("prepared")
    assert "auditkit log reopen" in str(
        press(desk, "decide", decision="confirmed", note="")["said"]
    )
    assert "reviewed by B. Auditor" in shown(desk)


def test_a_second_person_sends_back_what_they_do_not_agree_with(desk: ak.Desk, log: ak.Log) -> None:
    signing = {"value": "prepared", "auditor": "A. Auditor", "note": "trifles"}
    press(desk, "sign", **signing, code=desk.forms[0]["code"])
    asked = {"note": "please", "auditor": "B. Auditor", "notes": {EX_02: "which voucher?"}}
    assert press(desk, "reopen", **asked)["ok"]
    assert log.decisions()[-1].note == "please; EX-02: which voucher?"
    assert (desk.forms[0]["is_signed"], desk.forms[0]["next"]) == (False, "prepared")
    assert "reopened by B. Auditor" in shown(desk)


def test_what_stands_in_the_notebook_is_a_table_that_each_decision_renews(
    desk: ak.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import IPython.display

    sent: list[tuple[dict[str, str], bool]] = []
    monkeypatch.setattr(
        IPython.display, "display", lambda data, *, update, **_: sent.append((data, update))
    )
    desk._ipython_display_()
    desk.decide(EX_02, "confirmed", "<script>")
    assert [update for _, update in sent] == [False, True]
    assert {kind for data, _ in sent for kind in data} == {"text/html", "text/plain"}
    data = sent[-1][0]
    assert "confirmed | <script> | A. Auditor" in data["text/plain"]
    assert "&lt;script&gt;" in data["text/html"]
    assert "<script>" not in data["text/html"]
    assert "://" not in data["text/html"]
    assert EX_02 not in data["text/plain"]


def test_the_desk_speaks_chinese(log: ak.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", "zh")
    desk = ak.Desk(ak.review(BOILER), BOILER, log, "王审计")
    event = desk.decide(EX_02, "confirmed", "看凭证")
    assert desk.said == f"已保存 {event.made_at}:EX-02 属实;已处理1/10项"
    assert desk.stands[EX_02]["decision"] == "confirmed"  # what the log is told by a key
    assert desk.texts["confirmed"] == "属实"
    assert desk.sign().startswith("未签署:未处理9项")
    refused = press(desk, "correct", path="合计/没有", text="1", note="")
    assert "表中没有名为合计/没有的单元格" in str(refused["said"])


@pytest.mark.slow
def test_an_error_of_auditkit_is_a_line_in_a_notebook_and_its_cell_fails() -> None:
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    code = "import auditkit as ak"
    cells = [new_code_cell(code), new_code_cell("ak.read('none.pdf')"), new_code_cell("1 / 0")]
    notebook = new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    error, other = (cell.outputs[0] for cell in notebook.cells[1:])
    assert (error.output_type, error.ename, len(error.traceback)) == (
        "error",
        "MissingFileError",
        1,
    )
    assert error.traceback[0].startswith("MissingFileError: none.pdf: cannot be opened")
    assert len(other.traceback) > 1
