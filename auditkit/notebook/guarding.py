"""Saved notebooks worked out again by nbval: whether every figure that they show still comes out.

A notebook is run as a copy that lies beside its folder, so that it finds what the notebook finds.
What the copy writes goes to a folder of its own, and what it decides to a copy of the log.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree

import auditkit.notebook.quick  # noqa: F401  # before nbformat
from auditkit.errors import ExtraMissingError, MissingFileError, NotebookError
from auditkit.schedules import visible
from auditkit.wording import Fact, Statement

GUARD = Path(__file__).with_name("guard")
_APART = "AUDITKIT_GUARDED"  # set where pytest runs on copies already
_CELL = re.compile(r"Cell (\d+)$")
_PARAMETERS = {"parameters", "injected-parameters"}  # the tags that papermill knows


class Proof(StrEnum):
    """Whether a cell of a saved notebook still comes out as it was saved."""

    HOLDS = "holds"  # facts: cells
    DIFFERS = "differs"
    WHOLE = "whole"
    CELL = "cell"  # facts: number
    LOOK = "look"  # facts: first


class Proven(NamedTuple):
    """What became of a notebook or one of its cells, and what to do about it."""

    what: Fact
    state: Proof | Statement
    advice: Fact

    @property
    def is_well(self) -> bool:
        """Whether all came out as it was saved."""
        return not isinstance(self.state, Proof)


def verify(notebook: Path) -> tuple[Proven, ...]:
    """Work a saved notebook out again; return the cells that come out otherwise, or one line.

    Raises MissingFileError and NotebookError, and ExtraMissingError where nbval is not installed.
    """
    if not notebook.is_file():
        raise MissingFileError.saying("unopened-notebook", name=str(notebook))
    with _copies([notebook.resolve()]) as (folder, env), TemporaryDirectory() as told:
        results = Path(told, "results.xml")
        options = ("--nbval-cell-timeout", "600", f"--junitxml={results}", f"--rootdir={folder}")
        sanitised = ("--nbval-sanitize-with", str(GUARD / "nbval_sanitize.cfg"))
        done = _pytest((*options, *sanitised, "--nbval", str(folder)), folder, env)
        if done.returncode not in (0, 1) or not results.is_file():
            said = visible((done.stdout + done.stderr).strip()[-300:])
            raise NotebookError.saying("notebook-unrun", name=notebook.name, said=said)
        return tuple(_proven(ElementTree.parse(results).getroot()))


def run_apart(root: Path, arguments: Sequence[str]) -> int | None:
    """Run pytest in a workspace on copies of its notebooks; ``None`` where this is that run."""
    if os.environ.get(_APART):
        return None
    folder = root / "notebooks"
    named = [root / text for text in arguments if text.endswith(".ipynb")]
    with _copies(named or sorted(folder.glob("*.ipynb"))) as (copies, env):
        ini = f"--rootdir={root}", "-c", str(root / "pytest.ini")
        options = (text for text in arguments if not text.endswith(".ipynb"))
        sanitised = ("--nbval-sanitize-with", str(root / "nbval_sanitize.cfg"))
        command = (*ini, *sanitised, *options, str(copies))
        return _pytest(command, root, env, is_shown=True).returncode


def _pytest(
    options: Iterable[str], folder: Path, env: Mapping[str, str], *, is_shown: bool = False
) -> subprocess.CompletedProcess[str]:
    if not (find_spec("nbval") and find_spec("pytest")):
        raise ExtraMissingError.of("test", "nbval-missing")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
    command += ["-p", "auditkit.notebook.quick"]
    return subprocess.run(
        [*command, *options],
        cwd=folder,
        env={**os.environ, **env, _APART: "1"},
        capture_output=not is_shown,
        text=True,
        check=False,
    )


@contextmanager
def _copies(notebooks: Sequence[Path]) -> Iterator[tuple[Path, dict[str, str]]]:
    """Copy notebooks of one folder beside it; yield where they lie, and what runs are told."""
    home = notebooks[0].parent if notebooks else Path()
    with (
        TemporaryDirectory(prefix=".guard-", dir=home.parent) as folder,
        TemporaryDirectory(prefix="auditkit-guard-") as out,
    ):
        for path in notebooks:
            _copy(path, Path(folder, path.name), Path(out))
        yield Path(folder), {"AUDITKIT_LOG": _copied_log(home, Path(out))}


def _copy(notebook: Path, to: Path, out: Path) -> None:
    """Copy a notebook whose parameters have it write into a folder of its own."""
    import nbformat

    try:
        content = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # what is no notebook is refused in many ways
        raise NotebookError.saying("notebook-damaged", name=notebook.name) from error
    asked = [c for c in content.cells if _PARAMETERS & {*c.metadata.get("tags", ())}]
    if any(re.search(r"^OUT = ", cell.source, re.MULTILINE) for cell in asked):
        asked[-1].source += f"\nOUT = {str(out / 'out' / notebook.stem)!r}"
    nbformat.write(content, to)  # type: ignore[no-untyped-call]


def _copied_log(home: Path, out: Path) -> str:
    """Return the log that notebooks of a folder use: a copy of its file, or its address."""
    places = [folder / "data" / "annotations.sqlite" for folder in (home, *home.parents)]
    named = os.environ.get("AUDITKIT_LOG") or str(next(filter(Path.is_file, places), places[0]))
    if "://" in named:
        return named
    copy = out / "annotations.sqlite"
    if Path(named).is_file():
        shutil.copyfile(named, copy)
    return str(copy)


def _proven(results: ElementTree.Element) -> Iterator[Proven]:
    """Yield a line for each cell that came out otherwise, or one for the notebook."""
    cases = list(results.iter("testcase"))
    failed = [(case, found) for case in cases if (found := _failure(case)) is not None]
    for case, found in failed:
        cell = _CELL.search(case.get("name", ""))
        what = Statement.of(Proof.CELL, number=cell[1] if cell else case.get("name", ""))
        yield Proven(what, Proof.DIFFERS, Statement.of(Proof.LOOK, first=_first_line(found)))
    if not failed:
        yield Proven(Proof.WHOLE, Statement.of(Proof.HOLDS, cells=len(cases)), "")


def _failure(case: ElementTree.Element) -> ElementTree.Element | None:
    return next((found for tag in ("failure", "error") for found in case.iter(tag)), None)


def _first_line(found: ElementTree.Element) -> str:
    """Return where saved and new output part, in the words of nbval without its colours."""
    text = re.sub(r"(\x1b|#x1B)\[[0-9;]*m", "", found.text or found.get("message") or "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = next((at for at, line in enumerate(lines) if "mismatch" in line or "Error" in line), 0)
    return visible(" ".join(lines[told : told + 1]))[:200]
