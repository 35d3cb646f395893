"""The notebooks keep to their form, and the sanitising hides no figure."""

from __future__ import annotations

import ast
import configparser
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.Lambda)


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    return [
        c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind
    ]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_is_for_and_what_it_is_not(path: Path) -> None:
    words = [source(cell) for cell in cells(path, "markdown")]
    assert re.match(r"# .+\n\n.+", words[0])
    assert "**You need**" in words[0]
    assert "**You get**" in words[0]
    assert words[-1].startswith("## What this does not tell you")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_stand_first_and_imports_in_one_cell(path: Path) -> None:
    code = cells(path)
    tagged = [c for c in code if "parameters" in c["metadata"].get("tags", [])]
    assert tagged == code[:1]
    assert [c for c in code if re.search(r"^(import|from) ", source(c), re.MULTILINE)] == code[1:2]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_hold_no_logic(path: Path) -> None:
    for cell in cells(path):
        text = source(cell)
        assert len(text.splitlines()) <= 8
        assert not text.lstrip().startswith(("%", "!"))
        assert not [n for n in ast.walk(ast.parse(text)) if isinstance(n, FORBIDDEN)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_saved_in_order_and_without_complaint(path: Path) -> None:
    code = cells(path)
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [o for o in outputs if o.get("name") == "stderr" or o["output_type"] == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert all(set(cell["metadata"]) <= {"tags"} for cell in code)  # no times of execution
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)
    assert path.stat().st_size < 300_000


def test_sanitising_leaves_figures_and_dates_alone() -> None:
    rules = configparser.RawConfigParser()
    rules.read(ROOT / "tests" / "nbval_sanitize.cfg", encoding="utf-8")
    kept = "93.74% 2024-12-31 29907108.39 / 31905962.95 page 1 at 451,123 0x1F 8.62 EX-02"
    said = kept
    for name in rules.sections():
        said = re.sub(rules[name]["regex"], rules[name]["replace"], said)
    assert said == kept
    assert re.sub(rules["addresses"]["regex"], "", "<x at 0x7f00deadbeef>") == "<x >"
