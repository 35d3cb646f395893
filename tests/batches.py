"""Folders of forms, their reviews and questions to the tables, for the tests of many documents."""

from __future__ import annotations

import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import many
import producers
import pytest
from typesetting import lay_out, layout_named

from auditkit.cli import main

FEW = ("--workers", "2", "--no-workpapers")


@pytest.fixture(scope="session")
def two_dozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen forms and one broken file."""
    folder = tmp_path_factory.mktemp("many")
    many.written(folder, 24, bad=False)
    (folder / "broken.xlsx").write_bytes(many.broken(1)[1])
    return folder


def review(folder: Path | str, out: Path, *options: str) -> dict[str, object]:
    """Review in this process, whose workers are ready after the first time."""
    said, complaints = StringIO(), StringIO()
    with redirect_stdout(said), redirect_stderr(complaints):
        code = main(["review", f"{folder}", "--out", f"{out}", *FEW, "--format", "json", *options])
    assert code in (0, 3), complaints.getvalue()
    return dict(json.loads(said.getvalue())["run"])


def tables(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "tables").glob("*.parquet")}


@pytest.fixture
def few(two_dozen: Path, tmp_path: Path) -> Path:
    """A folder of six of the forms and the broken file, to be changed."""
    few = tmp_path / "few"
    few.mkdir()
    for path in (*sorted(two_dozen.glob("0*"))[:6], two_dozen / "broken.xlsx"):
        shutil.copy(path, few)
    return few


@pytest.fixture(scope="session")
def unbroken(two_dozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken")
    review(two_dozen, out)
    return out


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A folder with one page of a form that names a person."""
    page = producers.page(
        producers.section(lay_out(next(many.forms(1)), layout_named("national")))
    ).replace("</table>", "<tr><td>联系人</td><td>魏无咎</td></tr></table>", 1)
    path = tmp_path / "forms" / "魏无咎.html"
    path.parent.mkdir()
    path.write_text(page, encoding="utf-8")
    return path


def asked(capsys: pytest.CaptureFixture[str], out: Path, sql: str) -> list[dict[str, str]]:
    capsys.readouterr()
    assert main(["query", str(out), sql, "--format", "json"]) == 0
    return list(json.loads(capsys.readouterr().out)["rows"])
