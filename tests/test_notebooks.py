"""The notebooks keep to their form, in two languages, and the guard over them hides no figure."""

from __future__ import annotations

import ast
import configparser
import json
import re
from functools import reduce
from pathlib import Path
from typing import Any

import nbformat
import pytest
from notebook_files import NOTEBOOKS, ROOT, normalise, written

from auditkit.notebook.guarding import GUARD

PAIRS = [(path, path.with_suffix(".zh.ipynb")) for path in NOTEBOOKS if ".zh" not in path.suffixes]
WORDS = {
    "en": ("**You need**", "**You get**", "## What to do next", "## What this does not tell you"),
    "zh": ("**所需**", "**所得**", "## 下一步", "## 本笔记本不能说明的"),
}
# What the code of a Chinese notebook says otherwise: names, notes and the words of one's own rule.
IN_CHINESE = {
    'LANG = "en"': 'LANG = "zh"',
    "A. Auditor": "王审计",
    "Ask for the payment vouchers.": "请提供付款凭证。",
    "Plan 2020": "2020年计划",
    "Plan of the office": "本单位计划",
    "Audit office": "审计局",
    'title="Top score"': 'title="总分很高"',
    "Look for totals that reach the top score.": "找出达到高分的总分。",
    "99.37 of 98.": "98分起,自评99.37分。",
    "Passes: 97. Open: none.": "Passes: 97分。Open: 没有总分。",
    "{total.text} claimed, top scores begin at {top}": "自评{total.text}分,{top}分起须说明理由",
    "below {top}": "低于{top}",
    "Total score 自评总分": "自评总分",
    "Outturn in % of the budget 执行率": "执行率",
}
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.Lambda)


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    return [
        c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind
    ]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_is_for_what_comes_next_and_what_it_is_not(path: Path) -> None:
    words = [source(cell) for cell in cells(path, "markdown")]
    need, gain, after, limits = WORDS["zh" if ".zh" in path.suffixes else "en"]
    assert re.match(r"# .+\n\n.+[??]\n\n", words[0])  # one question, one sentence
    assert need in words[0]
    assert gain in words[0]
    assert words[-2].startswith(after)
    assert words[-1].startswith(limits)
    numbers = [int(found[1]) for text in words if (found := re.match(r"## (\d+)\. ", text))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_there_are_five_notebooks_in_two_languages() -> None:
    assert [path.stem[:2] for path, _ in PAIRS] == ["01", "02", "03", "04", "05"]
    assert sorted(path for pair in PAIRS for path in pair) == NOTEBOOKS


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)
def test_both_languages_run_the_same_code_in_the_same_order(pair: tuple[Path, Path]) -> None:
    english, chinese = (nbformat.read(path, as_version=4).cells for path in pair)
    assert [cell.cell_type for cell in english] == [cell.cell_type for cell in chinese]
    for one, other in zip(english, chinese, strict=True):
        if one.cell_type == "code":
            said = reduce(lambda text, pair: text.replace(*pair), IN_CHINESE.items(), one.source)
            assert said == other.source
        else:
            shared = (set(re.findall(r"`([^`]+)`", cell.source)) for cell in (one, other))
            names = [{text for text in found if text.isascii()} for found in shared]
            assert {n for n in names[0] if n.isupper()} == {n for n in names[1] if n.isupper()}
            assert re.search(r"[\u4e00-\u9fff]", other.source)
            assert re.match(r"#* ?(\d*)", one.source)[0] == re.match(r"#* ?(\d*)", other.source)[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_metadata_is_the_same_whoever_ran_it(path: Path) -> None:
    assert written(normalise(nbformat.read(path, as_version=4))) == path.read_text("utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_says_its_figures_and_no_cell_is_skipped(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "NBVAL" not in text
    assert "nbval-" not in text
    drawn = [
        output["data"]
        for cell in cells(path)
        for output in cell["outputs"]
        if "<img " in "".join(output.get("data", {}).get("text/html", ()))
    ]
    assert drawn
    for data in drawn:
        assert "image/png" not in data
        page = "".join(data["text/html"])
        assert page.count("<img ") == len(re.findall(r'<img [^>]*alt="[^"]*\d[^"]*"', page))
        assert re.search(r"\d", "".join(data["text/plain"]))


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
        if not path.name.startswith("05"):
            assert not [n for n in ast.walk(ast.parse(text)) if isinstance(n, FORBIDDEN)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_saved_in_order_and_without_complaint(path: Path) -> None:
    code = cells(path)
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [o for o in outputs if o.get("name") == "stderr" or o["output_type"] == "error"]
    assert all(set(cell["metadata"]) <= {"tags"} for cell in code)  # no times of execution
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)
    assert path.stat().st_size < 300_000


def test_sanitising_leaves_figures_and_dates_alone() -> None:
    rules = configparser.RawConfigParser()
    rules.read(GUARD / "nbval_sanitize.cfg", encoding="utf-8")
    kept = "93.74% 2024-12-31 29907108.39 / 31905962.95 page 1, row 5, column 8 0x1F 8.62 EX-02"
    said = kept
    for name in rules.sections():
        said = re.sub(rules[name]["regex"], rules[name]["replace"], said)
    assert said == kept
    assert re.sub(rules["addresses"]["regex"], "", "<x at 0x7f00deadbeef>") == "<x >"
    chart = '<img alt="8.62 of 10" src="data:image/svg+xml;base64,iVBOR862/+A0=">'
    page = f'<img alt="8.62 of 10" src="data:image/png;base64,{"A" * 156}BCD=">'
    said = re.sub(rules["pages"]["regex"], rules["pages"]["replace"], chart + page)
    assert said == chart + page.replace("BCD=", "")  # what a page shows stands in its head


def test_both_readmes_give_the_same_commands_and_name_each_notebook() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]
    english, chinese = (re.findall(r"```(?:sh|python)\n.*?```", text, re.DOTALL) for text in texts)
    commands = ([re.sub(r" +#.*", "", block) for block in blocks] for blocks in (english, chinese))
    assert next(commands) == next(commands)
    for path, _ in PAIRS:
        assert all(f"`{path.stem}`" in text for text in texts)
