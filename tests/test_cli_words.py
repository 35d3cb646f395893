"""What the command line says of itself and of what was given wrongly, in both languages."""

from __future__ import annotations

import pytest

from auditkit.cli import main

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
