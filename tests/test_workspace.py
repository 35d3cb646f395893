"""A workspace of one's own, and notebooks that run without a person.

The Chinese notebooks are exported to PDF, which need the most glyphs; with ``--long`` all of them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.request import urlopen

import nbformat
import pypdfium2
import pytest
from notebook_files import NOTEBOOKS, ROOT
from pypdf import PdfReader
from pypdf.generic import ContentStream
from samples import FOLDER

from auditkit.cli import main
from auditkit.errors import ExtraMissingError, NotebookError
from auditkit.grid import normal
from auditkit.notebook import workspace

TOWN = FOLDER / "town-2020" / "town-2020.pdf"
ENGLISH = {path.name for path in NOTEBOOKS if ".zh" not in path.suffixes}
IN_CHINESE = {
    "01_读入自评表.ipynb",
    "02_复算数字.ipynb",
    "03_标注偏差.ipynb",
    "04_批量审核.ipynb",
    "05_编写检查.ipynb",
}
ROOMS = {"README.md", "conftest.py", "data", "documents", "notebooks", "nbval_sanitize.cfg"}
ROOMS |= {"pytest.ini", "reports"}
CHINESE = [path for path in NOTEBOOKS if path.name.endswith(".zh.ipynb")]


def test_a_workspace_has_notebooks_samples_and_a_readme(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    folder = tmp_path / "new"
    assert {path.name for path in folder.iterdir()} == ROOMS
    there = {path.name for path in (folder / "notebooks").iterdir()}
    assert there == {*ENGLISH, *IN_CHINESE}
    for path in (folder / "notebooks").iterdir():
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\]\((\w+\.ipynb)\)", text)) <= there  # links go on
        assert ".zh" not in text
    for path in NOTEBOOKS:
        for sample in re.findall(r"\.\./(data/samples[^\"\\<]*)", path.read_text(encoding="utf-8")):
            assert (tmp_path / "new" / sample).exists()
    assert "auditkit init . --open" in (tmp_path / "new" / "README.md").read_text(encoding="utf-8")


def test_a_workspace_never_goes_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path)]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("number", "path", "values", "code", "said"),
    [
        ("09", TOWN, [], 2, "no such notebook"),
        ("02", "none.pdf", [], 3, "cannot be opened"),
        ("02", TOWN, ["--set", "FORMS=2"], 2, "no parameter FORMS. It has REPORT, FORM, LOG"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_is_written(
    number: str,
    path: Path,
    values: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert main(["notebook", number, str(path), "--out", str(out), *values]) == code
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_parameter_keeps_the_kind_that_the_notebook_has_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {}

    def execute(_: Path, __: Path, parameters: dict[str, Any], **___: Any) -> None:
        given.update(parameters)

    monkeypatch.setattr("papermill.execute_notebook", execute)
    monkeypatch.setattr(workspace, "write_page", lambda *_, **__: tmp_path)
    command = ["notebook", "03", str(TOWN), "--out", str(tmp_path), "--set", "JURISDICTION=420000"]
    assert main([*command, "--set", "FORM=1", "--set", "AUDITOR=7"]) == 0
    assert (given["JURISDICTION"], given["FORM"], given["AUDITOR"]) == ("420000", 1, "7")
    assert not Path(given["REPORT"]).is_absolute()
    assert Path(tmp_path, given["REPORT"]).resolve() == TOWN
    assert main([*command, "--set", "FORM=first"]) == 3
    assert "'first' is no such value. It is such as 1" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cell_that_fails_leaves_the_notebook_so_far(tmp_path: Path) -> None:
    with pytest.raises(
        NotebookError, match=r"cell \d+: NoFormError.*as far as it came is"
    ) as caught:
        workspace.run_notebook("02", TOWN, tmp_path, FORM=9)
    message, _, advice = caught.value.in_words("zh")
    assert message.startswith("单元格出错(原文:NoFormError")
    assert advice.startswith("已运行部分保存在")
    notebook = nbformat.read(tmp_path / "02_recompute_figures.ipynb", as_version=4)
    assert any("NoFormError" in str(cell.get("outputs")) for cell in notebook.cells)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_is_run_for_a_file_and_left_as_page_and_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the log goes
    (done,) = [workspace.run_notebook("02", TOWN, tmp_path / "out", lang="zh")]
    assert done.name == "02_recompute_figures.zh.ipynb"
    page = workspace.write_page(done, is_code_hidden=True).read_text(encoding="utf-8")
    assert "集镇建设与管理" in page
    assert "import auditkit" not in page
    assert not re.search(r'(src|href)="https?://', page)
    assert "import" in workspace.write_page(done).read_text(encoding="utf-8")
    if not any(map(shutil.which, workspace.BROWSERS)):
        pytest.skip("no browser to print with")
    pdf = workspace.write_page(done, to="pdf", is_code_hidden=True)
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    assert "复算数字" in text
    assert "\ufffd" not in text


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.stem)
def test_every_notebook_is_exported_without_a_missing_glyph(
    path: Path, tmp_path: Path, at_length: bool
) -> None:
    if not any(map(shutil.which, workspace.BROWSERS)):
        pytest.skip("no browser to print with")
    english = path.with_name(path.name.replace(".zh.", "."))
    for each in (path, english) if at_length else (path,):
        assert_exported_whole(each, tmp_path)


def assert_exported_whole(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    pdf = workspace.write_page(Path(shutil.copy(path, tmp_path)), to="pdf")
    said = "".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    pages = re.findall(r">([^<>]+)<", _tables(notebook))
    wanted = {char for char in normal(said + "".join(pages)) if "\u4e00" <= char <= "\u9fff"}
    with pypdfium2.PdfDocument(pdf) as document:
        text = normal("".join(page.get_textpage().get_text_range() for page in document))
    assert sorted(wanted - {*text}) == []
    assert not {"\ufffd", "□"} & {*text}
    assert [name for name, codes in _shown(pdf) if b"\0\0" in codes] == []  # what stands for none
    assert_on_numbered_pages(pdf, said)


def assert_on_numbered_pages(pdf: Path, said: str) -> None:
    """A4, each page with its number and how many there are, and none that a heading ends."""
    heads = {normal(line.lstrip("# ")) for line in said.splitlines() if line.startswith("#")}
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
        for number, page in enumerate(document, start=1):
            assert [round(side) for side in page.get_size()] == [595, 842]
            text = page.get_textpage().get_text_range()
            lines = [normal(line.strip()) for line in text.splitlines() if line.strip()]
            assert f"{number} / {pages}" in lines
            lines.remove(f"{number} / {pages}")
            assert not {*lines[-1:]} & heads, number  # a page may hold a picture alone


def _tables(notebook: nbformat.NotebookNode) -> str:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return "".join(output.get("data", {}).get("text/html", "") for output in outputs)


def _shown(pdf: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the fonts that pages are written in, with the numbers of the glyphs of each text."""
    for page in PdfReader(pdf).pages:
        fonts = page["/Resources"].get("/Font", {})
        font: Any = {}
        for operands, operator in ContentStream(page.get_contents(), None).operations:
            if operator == b"Tf":
                font = fonts[operands[0]].get_object()
            elif operator in (b"Tj", b"TJ") and font["/Subtype"] == "/Type0":
                for part in operands[0] if operator == b"TJ" else operands:
                    if isinstance(part, bytes | str):
                        raw = getattr(part, "original_bytes", part)
                        yield font["/BaseFont"], [raw[at : at + 2] for at in range(0, len(raw), 2)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", ["04", "05"])
def test_samples_that_a_notebook_names_are_found_from_any_folder(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    about = FOLDER / "town-2020" if number == "04" else TOWN
    done = workspace.run_notebook(number, about, Path("out"))
    cells = nbformat.read(done, as_version=4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")


@pytest.mark.slow
def test_the_folder_that_is_named_is_opened_in_jupyterlab_at_its_first_notebook(
    tmp_path: Path,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"allow_root": True, "open_browser": False, "port": port, "port_retries": 0}
    settings = {"ServerApp": options, "IdentityProvider": {"token": ""}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    lab = subprocess.Popen(
        [sys.executable, "-m", "auditkit", "init", "my-review", "--open", "--lang", "zh"],
        cwd=tmp_path,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        there = _answer(f"http://127.0.0.1:{port}/api/contents/notebooks")
        names = {file["name"] for file in there["content"]}
        with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as opened:
            address = unquote(opened.url)
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(30)
    assert names == {*ENGLISH, *IN_CHINESE}
    assert address.endswith(f"/lab/tree/notebooks/{min(IN_CHINESE)}")


def _answer(address: str) -> Any:
    for _ in range(240):
        try:
            with urlopen(address, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(address)


@pytest.mark.slow
def test_the_wheel_carries_notebooks_and_samples(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"auditkit/notebook/notebooks/{path.name}" for path in NOTEBOOKS} <= names
    assert "auditkit/notebook/samples/town-2020/town-2020.pdf" in names
    assert {"auditkit/words.toml", "auditkit/notebook.toml"} <= names
    assert {
        f"auditkit/notebook/{name}" for name in ("desk.js", "notebook.css", "notebook.html")
    } <= names


def test_a_pdf_without_a_browser_is_said_and_the_page_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), notebook)
    monkeypatch.setattr(workspace.shutil, "which", lambda _: None)
    with pytest.raises(ExtraMissingError, match="Install Chromium, or print"):
        workspace.write_page(notebook, to="pdf")
    assert notebook.with_suffix(".html").exists()
