"""What the command line says of itself and of what was given wrongly, in both languages."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from auditkit.cli import main
from auditkit.cli.terminal import WIPED, ShownPage
from auditkit.progress import AtPage
from auditkit.wording import LabelPath, Name, language, put

COMMANDS = "compare read review rules verify init log notebook query sample"
ACTIONS = "import export copy verify show sign reopen same other"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_command_says_how_it_is_given_in_both_languages(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (*COMMANDS.split(), *(f"log {action}" for action in ACTIONS.split())):
        with pytest.raises(SystemExit) as stop:
            main([*command.split(), "--help", "--lang", lang])
        told = capsys.readouterr().out
        assert stop.value.code == 0
        assert told.startswith({"en": "usage: ", "zh": "用法:"}[lang] + f"auditkit {command} ")


@pytest.mark.parametrize(
    "given",
    [
        "rules ZZ-01",
        "rules --standards --jurisdiction 999999",
        "notebook 06 form.csv --out out",
        "notebook 01 form.csv --out out --set NOPE=1",
    ],
)
def test_a_name_that_there_is_none_of_is_wrong_usage(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("form.csv").write_bytes(b"")
    assert main([*given.split(), "--lang", "en"]) == 2


@pytest.mark.parametrize("asked", ["zh", "zh_CN", "zh_CN.UTF-8", "zh-Hans"])
def test_a_language_is_asked_for_as_locales_are_written_too(
    asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", asked)
    assert language() == "zh"


def test_what_a_table_expects_is_recomputed_and_a_goal_is_expected() -> None:
    assert put(Name("expected"), "zh") == "复算"
    assert put(LabelPath("goals/expected"), "zh") == "年度总体目标/预期目标"


def test_what_a_rule_across_reports_is_about_is_said_in_chinese() -> None:
    assert put(LabelPath("people/受益村民人数"), "zh") == "服务对象/受益村民人数"


@pytest.mark.parametrize("rule", ["CR-01", "CR-02", "CR-03", "EX-02"])
def test_each_rule_that_findings_cite_has_a_page(
    rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", rule, "--lang", "en"]) == 0
    assert "fails" in capsys.readouterr().out


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_file_of_pictures_is_shown_page_by_page(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "__stderr__", heard := StringIO())
    monkeypatch.setattr(heard, "isatty", lambda: is_terminal)
    noted: list[str] = []
    with ShownPage(noted.append) as page:
        page(AtPage("a.pdf", 1, 2))
        page.said -= 11
        page(AtPage("a.pdf", 2, 2))
        page(AtPage("one.pdf", 1, 1))
    first, second = (f"a.pdf: recognising page {number} of 2" for number in (1, 2))
    shown = f"{WIPED}{first}{WIPED}{second}{WIPED}" if is_terminal else f"{second}\n"
    assert (heard.getvalue(), noted) == (shown, ["1", "2", "1"])
