"""Every command line of both READMEs is run as it stands there, on documents of those names."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

import pictures
import pytest
from openpyxl import Workbook
from PIL import Image
from samples import FOLDER, papers_in

from auditkit.cli import main
from auditkit.notebook import workspace

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh.md")
PLACEHOLDER = "PROJECT-3f2a91"


def lines(name: str) -> list[str]:
    """Return the command lines of a README, without what is said of them."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    some = (line.partition("  #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in some if line]


COMMANDS = sorted({line for name in READMES for line in lines(name)})
OURS = [c for c in COMMANDS if "auditkit " in c]
# What runs a notebook takes a kernel, which takes seconds; PDF needs a browser as well.
SLOW = [c for c in OURS if " notebook " in c or c.endswith(".ipynb")]


def test_both_readmes_have_the_same_command_lines() -> None:
    assert lines(READMES[0]) == lines(READMES[1])
    assert len(COMMANDS) > 20


def test_every_target_that_a_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    known = {name for target in targets for name in target.split()}
    for name in READMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        found = re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
        assert {"review", "test", "lab", "wheel"} <= set(found) <= known


def test_the_pictures_show_what_is_there_now() -> None:
    for name, picture in zip(READMES, pictures.TERMINALS.values(), strict=True):
        text = (ROOT / name).read_text(encoding="utf-8")
        shown = set(re.findall(r"!\[[^]]+\]\((data/pictures/[^)]+)\)", text))
        assert shown == {f"data/pictures/{picture}", f"data/pictures/{pictures.DESK}"}
    for lang, picture in pictures.TERMINALS.items():
        drawn = (pictures.FOLDER / picture).read_text(encoding="utf-8")
        assert drawn == pictures.terminal(lang), "draw it: python tests/pictures.py"
    with Image.open(pictures.FOLDER / pictures.DESK) as desk:
        made_of = desk.text["made of"]
    assert made_of == pictures.of_the_desk(), "python tests/newcomer.py --ready --picture FORM.pdf"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents of the names that the READMEs have, and what was made of them."""
    folder = tmp_path_factory.mktemp("room")
    sample = FOLDER / "wetland-2023" / "wetland-2023.pdf"
    for name in ("report.pdf", "2022.pdf", "2023.pdf", "FOLDER/a.pdf", "2024/a/b.pdf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample, folder / name)
    shutil.copyfile(
        FOLDER / "sports-centre-2022" / "sports-centre-2022.xlsx", folder / "report.xlsx"
    )
    ledger = Workbook()
    for row in (("项目", "金额"), ("湿地保护与恢复补助资金", "100")):
        ledger.active.append(row)
    ledger.save(folder / "ledger.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("AUDITKIT_LOG", "data/annotations.sqlite")
        assert main(["review", "report.pdf", "--out", "workpapers"]) == 0
        assert main(["review", "FOLDER", "--out", "DIR", "--no-workpapers"]) == 0
    papers = papers_in(folder / "workpapers")
    shutil.copytree(papers, folder / "made" / papers.name)
    return folder


def run(command: str, room: Path, patch: pytest.MonkeyPatch) -> int:
    """Run a command line of auditkit in the room, and return its exit code."""
    patch.chdir(room)
    patch.setattr(workspace, "open_in_jupyterlab", lambda _folder: None)
    patch.setattr(webbrowser, "open", lambda _address: True)
    before, _, after = command.rpartition("| ")
    if before:
        text = (room / before.split()[1]).read_bytes()
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    (papers,) = (room / "made").iterdir()
    named = after.replace(f"workpapers/{PLACEHOLDER}", f"made/{papers.name}")
    return main(shlex.split(named)[1:])


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in OURS if c not in SLOW])
def test_a_command_line_of_the_readmes_does_what_it_says(
    command: str, room: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(command, room, monkeypatch)
    said = capsys.readouterr()
    expected = 1 if "--fail-on error" in command or command.endswith("log verify") else 0
    assert code in (0, expected), said.err
    assert "unexpected" not in said.err


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in SLOW if "--to pdf" not in c])
def test_a_command_line_that_runs_a_notebook_does_what_it_says(
    command: str, room: Path, tmp_path: Path
) -> None:
    shutil.copyfile(room / "report.pdf", tmp_path / "report.pdf")
    if command.endswith(".ipynb"):
        (tmp_path / "reports/x").mkdir(parents=True)
        shutil.copyfile(
            ROOT / "notebooks/03_annotate_deviations.ipynb",
            tmp_path / "reports/x/03_annotate_deviations.ipynb",
        )
    given = [sys.executable, "-m", "auditkit", *shlex.split(command)[1:]]
    done = subprocess.run(given, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in ((0, 1) if command.endswith(".ipynb") else (0,)), done.stderr
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in SLOW if "--to pdf" in c])
def test_a_command_line_that_prints_a_notebook_is_one_that_is_taken(
    command: str, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(workspace, "run_notebook", lambda *a, **o: asked.append((a, o)) or a[2])
    monkeypatch.setattr(workspace, "write_page", lambda done, **o: asked.append(o) or done)
    assert run(command, room, monkeypatch) == 0
    assert asked[-1] == {"to": "pdf", "is_code_hidden": True}
