"""What auditkit is made of, and what is made of it, can be passed on and made again."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import patience
import pytest
import setting_up
import supply
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = (supply.CORE, supply.ALL)


def test_every_package_has_a_licence_that_may_be_passed_on() -> None:
    found = list(supply.packages())
    assert len(found) > 50
    assert not [(name, why) for name, _, _, why in found if why]
    assert all(reason for _, reason in supply.REVIEWED.values())


def test_a_set_up_says_what_it_is_doing_without_a_wall_of_lines() -> None:
    sizes = ("16.4 MB", *("30.1 kB",) * 20)
    pip = [f"Downloading a{n}-1.{n}-py3-none-any.whl ({size})" for n, size in enumerate(sizes)]
    pip += ["Looking in indexes: x", "Installing collected packages: a, b"]
    assert list(setting_up.told(pip, 90, is_moving=False)) == [
        "  1 of up to 90: a0 1.0 (16.4 MB)\n",
        "  10 of up to 90: a9 1.9 (30.1 kB)\n",
        "  20 of up to 90: a19 1.19 (30.1 kB)\n",
        "  installing 2 packages\n",
    ]
    assert len("".join(setting_up.told(pip, 90, is_moving=True)).splitlines()) > 20


def test_what_runs_for_long_says_so_and_keeps_its_exit_code() -> None:
    told = io.BytesIO()
    code = "import sys, time; print('one', flush=True); time.sleep(0.5); print('two'); sys.exit(3)"
    assert patience.run([sys.executable, "-c", code], told, silence=0.2) == 3
    lines = told.getvalue().decode().split("\n")
    assert [line for line in lines if line and "running for" not in line] == ["one", "two"]
    assert [line for line in lines if "running for 0 s" in line]


@pytest.mark.parametrize("lock", [supply.CORE, supply.ALL], ids=lambda lock: lock.name)
def test_every_pinned_package_has_digests_and_no_index_is_named(lock: Path) -> None:
    pins, text = supply.pins(lock), lock.read_text(encoding="utf-8")
    assert len(pins) == len(re.findall(r"^[^ #\n]", text, re.MULTILINE)) > 50
    assert all(pin.version and pin.digests for pin in pins)
    assert not re.search(r"://|^-|@ ", text, re.MULTILINE)


def test_the_lock_of_all_holds_that_of_the_core() -> None:
    core, whole = ({(p.name, p.version): p.digests for p in supply.pins(lock)} for lock in LOCKS)
    assert core.items() < whole.items()


def test_the_core_is_pinned_as_the_project_asks_for_it_and_without_what_extras_need() -> None:
    core, whole = ({pin.name for pin in supply.pins(lock)} for lock in LOCKS)
    asked = {re.split("[<>=~!]", one)[0] for one in supply.PROJECT["dependencies"]}
    assert asked <= core
    extras = {re.split(r"[\[<>=~!]", one)[0] for some in supply.EXTRAS.values() for one in some}
    assert extras <= whole
    assert not core & extras
    assert not core & {"pyarrow", "scipy", "datasketch", "fsspec"}


@pytest.mark.parametrize(
    ("extra", "some"),
    [
        ("ocr", {"rapidocr", "onnxruntime", "omegaconf"}),
        ("cluster", {"distributed", "dask", "fsspec"}),
        ("postgres", {"psycopg", "psycopg-binary"}),
    ],
)
def test_an_extra_is_pinned_with_all_that_it_needs(extra: str, some: set[str]) -> None:
    found = {pin.name for pin in supply.needed([extra])}
    assert some <= found
    assert not found & {"pytest", "playwright"}
    for name in some:
        wanted = [Requirement(one) for one in distribution(name).requires or ()]
        direct = {
            re.sub("[-_.]+", "-", one.name).lower()
            for one in wanted
            if one.marker is None or one.marker.evaluate({"extra": ""})
        }
        assert direct <= found


def test_nobody_is_told_to_install_it_by_the_name_of_another_project() -> None:
    assert supply.PROJECT["name"] != "auditkit"
    known = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if not any(known):
        pytest.skip("this is no checkout")
    by_name = re.compile(r"(?:pip|uv|pipx)\S* (?:add|install)[^\n]*[ '\"]auditkit\b(?![/_.])")
    for path in (ROOT / name for name in known if name.endswith((".py", ".md", ".toml", ".ipynb"))):
        if path.is_file():
            assert not by_name.search(path.read_text(encoding="utf-8")), path


def test_cleaning_leaves_papers_and_data_alone(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    kept = ["reports/samples/form/workpaper.xlsx", "data/annotations.sqlite", "auditkit/cli.py"]
    gone = [".venv/bin/python", "dist/a.whl", ".mypy_cache/x", "auditkit/__pycache__/cli.pyc"]
    for name in (*kept, *gone, "tests/x.py", "notebooks/x.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("written in", encoding="utf-8")
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert [(tmp_path / name).exists() for name in (*kept, *gone)] == [True] * 3 + [False] * 4


def test_every_target_is_listed_with_what_it_is_for_whole_and_in_a_line() -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    command = ["make", "--no-print-directory", "help"]  # make test runs this, too
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    told = dict(re.findall(r"^([a-z]+):.*?## (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert [line.split(maxsplit=1) for line in lines] == [list(pair) for pair in told.items()]
    assert lines == [line.rstrip() for line in lines]


def test_flaws_that_cannot_be_asked_for_are_said_not_to_be_known(tmp_path: Path) -> None:
    (tmp_path / "pip_audit.py").write_text("raise SystemExit('no network')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "supply.py", "flaws", tmp_path],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Not checked" in done.stderr
    assert "no network" in done.stderr


def test_a_wheel_names_each_notebook_and_sample_that_is_kept_and_no_other() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    packed = build["targets"]["wheel"]["force-include"]
    command = ["git", "ls-files", "notebooks/*.ipynb", "data/samples"]
    kept = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if kept.returncode == 0:
        assert sorted(packed) == sorted(kept.stdout.split())
    assert all((ROOT / name).is_file() for name in packed)


@pytest.mark.slow
def test_a_wheel_holds_nothing_that_somebody_did_to_a_checkout(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", clone], check=True)
    book = clone / "notebooks/03_annotate_deviations.ipynb"
    book.write_text(
        book.read_text("utf-8").replace('"cells"', '"by": "王审计", "cells"', 1), "utf-8"
    )
    strays = (".ipynb_checkpoints/03-checkpoint.ipynb", "mine.ipynb")
    others = ("data/samples/unit/client.pdf", "auditkit/decisions/annotations.sqlite")
    for stray in (*(f"notebooks/{name}" for name in strays), *others):
        (clone / stray).parent.mkdir(exist_ok=True)
        (clone / stray).write_text("王审计", encoding="utf-8")
    command = [sys.executable, "tests/supply.py", "wheel", "dist"]
    subprocess.run(command, cwd=clone, check=True, capture_output=True)
    (made,) = (clone / "dist").glob("*.whl")
    with zipfile.ZipFile(made) as packed:
        names = packed.namelist()
        texts = [packed.read(name) for name in names if not name.endswith(".toml")]
        notebook = packed.read("auditkit/notebook/notebooks/03_annotate_deviations.ipynb")
    assert not [n for n in names if re.search("checkpoint|mine|client|sqlite", n)]
    assert '"by": "王审计"'.encode() not in notebook
    assert "王审计".encode() not in texts


def wheel(folder: Path, umask: int, moment: int) -> tuple[str, bytes]:
    """Build the wheel from a copy of the sources whose times and rights differ."""
    source = folder / "source"
    skipped = shutil.ignore_patterns("__pycache__", ".venv*", ".git", "reports", "dist", ".*_cache")
    shutil.copytree(ROOT, source, ignore=skipped, symlinks=True)
    for path in source.rglob("*"):
        os.utime(path, (moment, moment))
        path.chmod(path.stat().st_mode & ~umask)
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1735689600", "PYTHONPATH": ""}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"]
    subprocess.run(command, cwd=source, env=env, check=True, capture_output=True)
    (made,) = (folder / "dist").glob("*.whl")
    return made.name, made.read_bytes()


def test_a_wheel_made_twice_is_the_same_bytes(tmp_path: Path) -> None:
    first = wheel(tmp_path / "a", 0o022, 1_000_000_000)
    assert first == wheel(tmp_path / "b", 0o077, 1_700_000_000)
    assert len(first[1]) > 100_000
