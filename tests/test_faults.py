"""What goes wrong around auditkit: each fault costs a clear message, and nothing that was whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import fuzz_seeds
import pytest

from auditkit.cli import main
from auditkit.decisions.log import Log
from auditkit.errors import ExtraMissingError, MissingFileError
from auditkit.readers import bytes_of
from auditkit.reviewing import read, review

ROOT = Path(__file__).parent.parent


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.csv"
    path.write_bytes(fuzz_seeds.csv())
    return path


def call(
    *arguments: str | Path,
    before: str = "",
    folder: Path | None = None,
    unset: tuple[str, ...] = (),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Call the command line in a process of its own, after some lines that spoil its world."""
    code = f"{before}\nimport sys\nfrom auditkit.cli import main\nsys.exit(main(sys.argv[1:]))"
    env = {name: value for name, value in os.environ.items() if name not in unset}
    env |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=env,
        timeout=120,
    )


def is_clear(said: str) -> bool:
    """Tell whether a message is one of auditkit's: no trace, nothing unexpected."""
    return bool(said.strip()) and "Traceback" not in said and "unexpected" not in said


FULL = """
import builtins, errno, io, os
def full(*_): raise OSError(errno.ENOSPC, "No space left on device")
os.fsync = full
"""


def test_a_full_disk_is_said_by_every_command_that_writes(form: Path, tmp_path: Path) -> None:
    out, log = tmp_path / "out", tmp_path / "log.sqlite"
    done = call("review", form, "--out", out, "--log", log, before=FULL)
    assert done.returncode == 3
    assert is_clear(done.stderr)
    assert "Make room on the disk" in done.stderr
    assert not [path for path in out.rglob("*") if path.is_file()]
    Log(log).record(review(form)[0].findings[0], "confirmed", "", "A")
    export = call("log", "export", tmp_path / "events.jsonl", "--log", log, before=FULL)
    assert export.returncode == 3
    assert is_clear(export.stderr)
    assert "there is no room left on the disk" in export.stderr
    assert not list(tmp_path.glob("events*"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount")
def test_a_disk_that_is_really_full_is_said(form: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    size = ["-o", "size=64k", "tmpfs", str(disk)]
    if not mount or subprocess.run([mount, "-t", "tmpfs", *size], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        done = call("review", form, "--out", disk / "out", "--log", tmp_path / "log.sqlite")
        assert done.returncode == 3
        assert is_clear(done.stderr)
        batch = call("review", form, "--out", disk / "many", "--workers", "1")
        assert batch.returncode == 3
        assert is_clear(batch.stderr), batch.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


MEASURES = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")  # and would fail to write it down
# Somebody who may do little, once all that is needed was loaded.
AS_NOBODY = """
import contextlib, io, os, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()  # so that it is loaded here
from auditkit.cli import main as first
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    first(["review", {form!r}, "--out", {out!r}, "--log", {log!r}])
os.chmod({form!r}, {mode})
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
"""


@pytest.mark.parametrize(
    ("mode", "said"), [(0, "the system does not allow it"), (0o644, "you may write")]
)
def test_what_may_not_be_read_or_written_is_said(mode: int, said: str) -> None:
    with TemporaryDirectory() as name:  # pytest closes its own folders to others
        folder = Path(name)
        folder.chmod(0o755)
        form = folder / "form.csv"
        form.write_bytes(fuzz_seeds.csv())
        (folder / "closed").mkdir(mode=0o555)
        out, log = str(folder / "first"), str(folder / "log.sqlite")
        spoiled = AS_NOBODY.format(form=str(form), out=out, log=log, mode=mode)
        own = ("--out", folder / "closed" / "out", "--log", folder / "none.sqlite")
        done = call("review", form, *own, before=spoiled, unset=MEASURES)
    assert done.returncode == 3
    assert is_clear(done.stderr), done.stderr
    assert said in done.stderr


def test_a_clock_that_goes_back_changes_no_result_and_breaks_no_log(
    form: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = review(form)
    log = Log(tmp_path / "log.sqlite")
    finding = first[0].findings[0]
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    log.record(finding, "confirmed", "before", "A", now=now)
    monkeypatch.setattr(time, "time", lambda: now.timestamp() - 10 * 365 * 86_400)
    assert [f.key for f in review(form)[0].findings] == [f.key for f in first[0].findings]
    log.record(finding, "confirmed", "after", "A", now=now - timedelta(days=3650))
    assert log.verify() == ()
    assert [event.note for event in log.decisions()] == ["before", "after"]


@pytest.mark.parametrize(
    ("unset", "environment"),
    [
        ((), {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}),
        (("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"), {}),
        ((), {"HOME": "/proc/no-such-home", "TMPDIR": "/no/such/folder"}),
    ],
    ids=["locale C", "no home", "a home and a temporary folder that are not there"],
)
def test_an_odd_surrounding_changes_nothing(
    unset: tuple[str, ...], environment: dict[str, str], form: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    log = tmp_path / "log.sqlite"
    arguments = ("review", form, "--out", out, "--log", log, "--format", "json")
    done = call(*arguments, unset=unset, folder=tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reviews"][0]["findings"]


def test_nothing_is_written_beside_the_code_of_the_package(form: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(
        ROOT / "auditkit", site / "auditkit", ignore=shutil.ignore_patterns("__pycache__")
    )
    before = sorted(site.rglob("*"))
    for path in (site, *before):
        path.chmod(0o555 if path.is_dir() else 0o444)
    log = tmp_path / "log.sqlite"
    arguments = ("review", form, "--out", tmp_path / "out", "--log", log)
    done = call(*arguments, folder=tmp_path, PYTHONPATH=str(site))
    assert done.returncode == 0, done.stderr
    assert sorted(site.rglob("*")) == before
    for path in before:
        path.chmod(0o755)


MISSING = """
import builtins
real = builtins.__import__
def import_(name, *rest, **more):
    if name.split(".")[0] in {names}:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return real(name, *rest, **more)
builtins.__import__ = import_
"""


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("rapidocr", ("read", "scan.png"), "ocr"),
        ("distributed", ("review", "form.csv", "--out", "o", "--scheduler", "x:1"), "cluster"),
        ("fsspec", ("review", "form.csv", "s3://forms", "--out", "o", "--workers", "1"), "cluster"),
        ("psycopg", ("log", "verify", "--log", "postgresql://x/y"), "postgres"),
    ],
)
def test_a_missing_extra_is_named(
    module: str, arguments: tuple[str, ...], extra: str, form: Path
) -> None:
    (form.parent / "scan.png").write_bytes(fuzz_seeds.picture("PNG"))
    spoiled = MISSING.replace("{names}", repr({module}))
    done = call(*arguments, before=spoiled, folder=form.parent)
    assert done.returncode == 3
    assert is_clear(done.stderr), done.stderr
    assert f"make {extra} where the Makefile is" in done.stderr
    assert f"pip install 'PATH_TO_WHEEL[{extra}]'" in done.stderr


def test_what_an_address_needs_besides_the_extra_is_named() -> None:
    with pytest.raises(ExtraMissingError, match="Install s3fs to access S3"):
        bytes_of("s3://forms/a.pdf")


def test_no_office_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.rtf").write_bytes(b"{\\rtf1 x}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExtraMissingError, match="LibreOffice, which is not installed"):
        read(tmp_path / "old.rtf")


NO_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/no/such/folder</dir><cachedir>{}</cachedir></fontconfig>"""


def test_without_any_font_workpapers_are_written_all_the_same(
    xinhong: Path, tmp_path: Path
) -> None:
    (tmp_path / "fonts.conf").write_text(NO_FONTS.format(tmp_path / "cache"), encoding="utf-8")
    done = call(
        "review", xinhong, "--out", tmp_path / "out", "--log", tmp_path / "log",
        FONTCONFIG_FILE=str(tmp_path / "fonts.conf"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "out").rglob("annotated.pdf"))


def test_a_path_of_four_thousand_characters_is_said_to_be_too_long(tmp_path: Path) -> None:
    path = Path(tmp_path, *["x" * 200] * 21, "form.csv")
    assert len(str(path)) > 4000
    with pytest.raises(MissingFileError, match="cannot be opened: the name is longer"):
        read(path)


def test_a_deep_folder_is_read_and_written(tmp_path: Path) -> None:
    folder = Path(tmp_path, *["深" * 60] * 15)
    folder.mkdir(parents=True)
    (folder / "form.csv").write_bytes(fuzz_seeds.csv())
    out = folder / "out"
    log = str(tmp_path / "log.sqlite")
    assert main(["review", str(folder / "form.csv"), "--out", str(out), "--log", log]) == 0
    assert list(out.rglob("workpaper.xlsx"))


def test_a_name_that_holds_nul_is_refused() -> None:
    with pytest.raises(MissingFileError, match="cannot be opened"):
        read("a\0b.pdf")
