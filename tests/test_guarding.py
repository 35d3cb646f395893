"""What saved notebooks show is worked out again: whatever was changed in them is found."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_files import ROOT
from PIL import Image, ImageDraw

from auditkit.cli import main
from auditkit.notebook import guarding, workspace

FIGURES, DEVIATIONS = "02_recompute_figures", "03_annotate_deviations"
HTML, TEXT = "text/html", "text/plain"
PICTURE = re.compile(r"data:image/(svg\+xml|png);base64,([A-Za-z0-9+/=]+)")
Data = dict[str, Any]


def text(data: Data, kind: str) -> str:
    return "".join(data[kind])


def replaced(old: str, new: str, *kinds: str) -> Callable[[Data], None]:
    """Return what changes the first such text in an output."""

    def change(data: Data) -> None:
        for kind in kinds or (TEXT,):
            assert old in text(data, kind), (old, kind)
            data[kind] = text(data, kind).replace(old, new, 1)

    return change


def row_removed(data: Data) -> None:
    rows = re.findall(r"<tr>(?:(?!<tr>).)*?</tr>", text(data, HTML), re.DOTALL)
    data[HTML] = text(data, HTML).replace(rows[-1], "")


def rows_swapped(data: Data) -> None:
    lines = text(data, TEXT).split("\n")
    lines[1], lines[2] = lines[2], lines[1]
    data[TEXT] = "\n".join(lines)


def picture_of(data: Data) -> bytes:
    found = PICTURE.search(text(data, HTML))
    assert found
    return base64.b64decode(found[2])


def with_picture(data: Data, picture: bytes) -> None:
    page = text(data, HTML)
    found = PICTURE.search(page)
    assert found
    data[HTML] = page.replace(found[2], base64.b64encode(picture).decode(), 1)


def drawn_otherwise(old: bytes, new: bytes) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        picture = picture_of(data)
        assert old in picture
        with_picture(data, picture.replace(old, new, 1))

    return change


def picture_swapped(data: Data) -> None:
    other = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>"
    with_picture(data, other)


def painted_over(data: Data) -> None:
    """Blacken a corner of a page and save it as any program does."""
    image = Image.open(io.BytesIO(picture_of(data))).convert("RGB")
    ImageDraw.Draw(image).rectangle((0, 0, 40, 40), "black")
    saved = io.BytesIO()
    image.save(saved, "png")
    with_picture(data, saved.getvalue())


# What is changed, in the output of the cell with this code; each is one of a kind.
MUTATIONS: dict[str, dict[str, Callable[[Data], None]]] = {
    FIGURES: {
        '"verdict")': replaced("3 of 10", "2 of 10", HTML),
        '"odd")': row_removed,
        '"targets")': drawn_otherwise(b'width="', b'width="1'),
        '"funds")': drawn_otherwise(b"#0072b2", b"#d55e00"),
        '"methods")': picture_swapped,
        '"cells"': painted_over,
        '"budget")': rows_swapped,
        '"indicator")': replaced("8.8", "8.9"),
        '"sums")': replaced("产出指标", "效益指标"),
    },
    DEVIATIONS: {"file.desk(": replaced("0 of 10 decided", "1 of 10 decided", HTML, TEXT)},
}


def saved(folder: Path, name: str) -> tuple[Path, dict[str, Any]]:
    """Copy a notebook of the project to where it finds the samples, and return what it holds."""
    (folder / "notebooks").mkdir(exist_ok=True)
    if not (folder / "data").exists():
        (folder / "data").mkdir()
        (folder / "data" / "samples").symlink_to(ROOT / "data" / "samples")
    path = folder / "notebooks" / f"{name}.ipynb"
    shutil.copyfile(ROOT / "notebooks" / path.name, path)
    return path, json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_every_kind_of_change_to_a_saved_notebook_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LOG", str(tmp_path / "log.sqlite"))
    path, notebook = saved(tmp_path, name)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    changed = set()
    for number, cell in enumerate(code):
        for part, change in MUTATIONS[name].items():
            if part in "".join(cell["source"]):
                change(cell["outputs"][-1]["data"])
                changed.add(f"cell {number}")
    assert len(changed) == len(MUTATIONS[name])
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    found = guarding.verify(path)
    assert {f"cell {dict(row.what.facts)['number']}" for row in found} == changed  # type: ignore[union-attr]
    assert not any(row.is_well for row in found)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_page_that_is_painted_over_has_another_head(tmp_path: Path) -> None:
    _, notebook = saved(tmp_path, FIGURES)
    (cell,) = [c for c in notebook["cells"] if '"cells"' in "".join(c["source"])]
    heads = []
    for change in (lambda _: None, painted_over):
        change(cell["outputs"][-1]["data"])
        found = PICTURE.search(text(cell["outputs"][-1]["data"], HTML))
        assert found
        heads.append(found[2][:156])
    assert heads[0] != heads[1]


@pytest.mark.slow
def test_a_workspace_proves_itself_and_leaves_papers_and_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUDITKIT_LOG")
    workspace.init(tmp_path)
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "notebooks/03_标注偏差.ipynb"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("..........")
    assert list((tmp_path / "reports").iterdir()) == []
    assert not (tmp_path / "data" / "annotations.sqlite").exists()


def test_a_notebook_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "none.ipynb")]) == 3
    assert "cannot be opened" in capsys.readouterr().err
