"""``auditkit log``: what it verifies, copies, exports, imports, shows, signs and joins."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_cli import ROOT, run


def test_a_log_is_verified_exported_imported_and_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from deciding import SUBJECT

    from auditkit.decisions.log import Log

    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    log, other, lines = (tmp_path / name for name in ("a.sqlite", "b.sqlite", "log.jsonl"))
    noted = Log(log).record(SUBJECT, "confirmed", "付款凭证已核对", "王审计", now=noon)
    assert run(capsys, "log", "verify", "--log", log)[0] == 0
    assert run(capsys, "log", "export", lines, "--log", log) == (0, "", "")
    assert run(capsys, "log", "verify", lines) == (0, f"{lines}: whole, 1 decision\n", "")
    Log(other).record(SUBJECT, "dismissed", "", "李审计")
    code, out, err = run(capsys, "log", "import", lines, "--log", other, "--format", "json")
    (event,) = json.loads(out)["events"]
    assert (code, event["origin"], event["note"]) == (0, noted.digest, noted.note)
    assert "decided differently: budget/total: 王审计: confirmed; 李审计: dismissed" in err
    code, out, err = run(capsys, "log", "show", "--log", log)
    assert "confirmed  EX-02  budget/total         付款凭证已核对" in out
    assert (code, err) == (0, "")
    assert run(capsys, "log", "verify", "--log", log, "--digest", noted.digest)[0] == 0
    code, out, err = run(capsys, "log", "verify", "--log", log, "--digest", "0123")
    assert (code, out, err) == (1, "no event has the digest 0123\n", "")
    copy = tmp_path / "copy.sqlite"
    code, out, err = run(capsys, "log", "copy", copy, "--log", log)
    assert (code, out) == (0, "")
    assert f"copy.sqlite: whole; the digest of its last event is {noted.digest}" in err
    assert Log(copy).decisions() == (noted,)
    code, out, err = run(capsys, "log", "copy", copy, "--log", other)
    assert (code, "this file is there already" in err) == (3, True)
    lines.write_text(lines.read_text(encoding="utf-8").replace("核对", "查对"), encoding="utf-8")
    code, out, err = run(capsys, "log", "verify", lines)
    assert (code, "event 1: it was changed" in err) == (3, True)


def test_decisions_are_shown_beside_a_file_and_forms_are_joined_by_their_keys(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from test_histories import FORM, begun, page

    from auditkit.decisions.log import Log

    log = tmp_path / "log.sqlite"
    key = begun(Log(log)).report.known_as.key
    (tmp_path / "form.html").write_bytes(page(FORM) + b"\n")
    (tmp_path / "renamed.html").write_bytes(page(replace(FORM, project="供暖改造")))
    code, out, err = run(capsys, "log", "show", tmp_path / "form.html", "--log", log)
    assert (code, out.count("current"), out.count("form.html ")) == (0, 3, 3)
    assert f"form.html, table 1: form {key}, {FORM.project}, 2019, {FORM.implementer}" in err
    shown = ("log", "show", tmp_path / "renamed.html", "--log", log, "--format", "json")
    code, out, err = run(capsys, *shown)
    assert [event["standing"] for event in json.loads(out)["events"]] == ["offered"] * 3
    new = re.findall("form ([0-9a-f]{16})", err)[0]
    who = ("--auditor", "王审计", "--note", "renamed in May", "--log", log)
    assert run(capsys, "log", "same", new, key, *who)[0] == 0
    standing = [event["standing"] for event in json.loads(run(capsys, *shown)[1])["events"]]
    assert standing == ["current"] * 3
    assert run(capsys, "log", "other", new, key, *who)[0] == 0
    code, out, err = run(capsys, *shown)
    assert "offered" in out, err
    with pytest.raises(SystemExit):
        run(capsys, "log", "same", new, new, *who)
    assert "auditkit log show FILE prints the keys" in capsys.readouterr().err


def test_readings_that_were_found_right_are_shown_beside_their_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from test_histories import FORM, SCORE, page

    import auditkit as ak

    path, log = tmp_path / "form.html", tmp_path / "log.sqlite"
    path.write_bytes(page(FORM))
    ak.Log(log).accept(ak.read(path)[0], SCORE, "page 3", "王审计")
    for lang, said in (
        ("en", "current +right as read +total/score +98 .*王审计"),
        ("zh", "有效 +读数无误 +合计/得分 +98 .*王审计"),
    ):
        code, out, _ = run(capsys, "log", "show", path, "--log", log, "--lang", lang)
        assert code == 0
        assert re.search(said, out)


def test_a_review_is_signed_below_the_code_of_what_was_shown_and_reopened_with_a_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from test_histories import FORM, page

    (tmp_path / "form.html").write_bytes(page(FORM))
    asked = ("sign", tmp_path / "form.html", "--log", tmp_path / "log.sqlite")
    code, _, err = run(capsys, "log", *asked)
    assert (code, "undecided: EX-02" in err) == (0, True)
    signing = (*asked, "--code", re.findall("--code ([0-9a-f]{8})", err)[0], "--auditor", "王审计")
    code, _, err = run(capsys, "log", *signing)
    assert (code, "undecided. Decide them, or say why" in err) == (3, True)
    assert run(capsys, "log", *signing, "--note", "trifles")[0] == 0
    code, _, err = run(capsys, "log", *signing, "--as", "reviewed", "--note", "seen")
    assert (code, "before the review was prepared by 王审计" in err, "--code" in err) == (
        3,
        True,
        True,
    )
    with pytest.raises(SystemExit):
        run(capsys, "log", "reopen", *asked[1:], "--auditor", "李审计")
    assert "say why" in capsys.readouterr().err
    again = ("--auditor", "李审计", "--note", "a voucher came in")
    now = re.findall("--code ([0-9a-f]{8})", err)[0]
    second = ("--as", "reviewed", "--code", now, "--auditor", "李审计", "--note", "seen")
    assert run(capsys, "log", *asked, *second)[0] == 0
    code, out, _ = run(capsys, "log", "show", asked[1], "--log", asked[-1])
    assert (code, out.count("signed as prepared"), out.count("signed as reviewed")) == (0, 1, 1)
    assert run(capsys, "log", "reopen", *asked[1:], *again)[0] == 0
    code, out, _ = run(capsys, "log", "show", *asked[2:])
    assert (code, "reopened" in out, "prepared" in out) == (0, True, True)


def test_decisions_of_an_older_log_are_counted_when_they_are_imported(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    exported = ROOT / "tests/exported_log.jsonl"
    code, _, err = run(capsys, "log", "import", exported, "--log", tmp_path / "log.sqlite")
    assert (code, "4 decisions of an older log" in err) == (0, True)


def test_a_log_that_is_named_and_not_there_is_said(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    xinhong: Path,
) -> None:
    missing, monthly = tmp_path / "anotations.sqlite", tmp_path / "monthly.sqlite"
    said = f"log {missing} is not there: no decisions read"
    given = ("review", xinhong, "--out", tmp_path / "out", "--format", "json")
    code, out, err = run(capsys, *given, "--log", missing)
    assert (code, json.loads(out)["failures"], err.count(said)) == (0, [], 1)
    assert said in run(capsys, "compare", xinhong, xinhong, "--log", missing)[2]
    monkeypatch.setenv("AUDITKIT_LOG", str(missing))
    assert said in run(capsys, *given)[2]
    assert said not in run(capsys, *given, "--log", "none://")[2]
    for action in (["show"], ["verify"], ["export", "log.jsonl"], ["copy", "log.sqlite"]):
        code, out, err = run(capsys, "log", *action)
        assert (code, out) == (3, "")
        assert f"{missing}: the log is not there. Check the name that --log or AUDITKIT_LOG" in err
    assert list(tmp_path.glob("*.sqlite")) == []
    monkeypatch.delenv("AUDITKIT_LOG")
    monkeypatch.chdir(tmp_path)
    assert "is not there" not in run(capsys, *given)[2]  # one that nobody named may be missing
    (tmp_path / "log.jsonl").write_text('{"schema": "auditkit/log/1", "events": 0}\n', "utf-8")
    code, _, err = run(capsys, "log", "import", "log.jsonl", "--log", monthly)
    assert (code, f"log {monthly} is not there: it is made" in err) == (0, True)
    assert run(capsys, *given, "--log", monthly)[2].count("not there") == 0
