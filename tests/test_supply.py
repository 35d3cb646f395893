"""What auditkit is made of, and what is made of it, can be passed on and made again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import supply

ROOT = Path(__file__).parent.parent


def test_every_package_has_a_licence_that_may_be_passed_on() -> None:
    found = list(supply.packages())
    assert len(found) > 50
    assert not [(name, why) for name, _, _, why in found if why]
    assert all(reason for _, reason in supply.REVIEWED.values())


def test_every_pinned_package_has_digests() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in lock.splitlines() if line.strip() and not line.startswith(("#", " "))]
    assert len(pins) > 50
    assert all("==" in pin and re.search(r"--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_flaws_that_cannot_be_asked_for_are_said_not_to_be_known(tmp_path: Path) -> None:
    (tmp_path / "pip_audit.py").write_text("raise SystemExit('no network')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "supply.py", "flaws", tmp_path],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Not checked" in done.stderr
    assert "no network" in done.stderr


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
