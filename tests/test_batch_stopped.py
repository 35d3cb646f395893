"""Batches that are stopped, killed, run at once or on a cluster, or meet what kills a process.

A run is killed four times, and a cluster loses a worker over two dozen files; with ``--long`` it is
killed ten times, and the cluster has 80 files.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import many
import pytest
from batches import FEW, asked, review, tables

from auditkit.cli import main
from auditkit.errors import StandardsError
from auditkit.many.engagement import engagement
from auditkit.reviewing import Terms

ROOT = Path(__file__).parent.parent
HARD = (*FEW, "--seconds", "6", "--memory", "400")


def start(folder: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "auditkit", "review", folder, "--out", out, *FEW, *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
    return subprocess.Popen(
        list(map(str, command)),
        stdout=-1,
        stderr=-1,
        env=environment,
        start_new_session=True,
        preexec_fn=_hears_interrupts,  # noqa: PLW1509 - no threads are running
    )


def _hears_interrupts() -> None:
    """What a shell starts in the background ignores them, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_terms_that_cannot_be_used_stop_the_run_at_once(two_dozen: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[[no_such_value]]\nvalue = 1\n")
    run = start(two_dozen, tmp_path, "--parameters", str(tmp_path / "own.toml"))
    _, said = run.communicate()
    assert run.returncode == 3
    assert b"own.toml" in said
    assert not (tmp_path / "tables").exists()
    with pytest.raises(StandardsError, match=r"own\.toml"):
        engagement(two_dozen, tmp_path, Terms(parameters=tmp_path / "own.toml"))


def test_two_runs_at_once_do_not_disturb_each_other(
    two_dozen: Path, unbroken: Path, tmp_path: Path
) -> None:
    runs = [start(two_dozen, tmp_path), start(two_dozen, tmp_path)]
    for run in runs:
        run.communicate()
    assert [run.returncode for run in runs] == [3, 3]
    assert tables(tmp_path) == tables(unbroken)


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_tables(
    two_dozen: Path, unbroken: Path, tmp_path: Path, at_length: bool
) -> None:
    moments = random.Random(7)
    for _ in range(10 if at_length else 4):
        run = start(two_dozen, tmp_path)
        time.sleep(moments.uniform(0.3, 3))
        was_done = run.poll() is not None
        run.kill()
        run.communicate()
        if was_done:  # begin again, so that every kill meets a run
            shutil.rmtree(tmp_path / ".cache")
    review(two_dozen, tmp_path)
    assert tables(tmp_path) == tables(unbroken)


def test_a_stopped_run_says_how_to_go_on(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (few / "0-slow.pdf").write_bytes(many.slow(1)[1])  # so that no machine is done before
    run = start(few, out)
    deadline = time.monotonic() + 60
    while not list(out.glob(".cache/*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate()
    assert run.returncode == 130
    assert b"give the same command again to go on" in said
    assert b"Traceback" not in said


def test_what_kills_its_process_costs_one_document(
    capsys: pytest.CaptureFixture[str], few: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (few / "0-large.xlsx").write_bytes(many.large(1)[1])
    (few / "0-slow.pdf").write_bytes(many.slow(1)[1])
    assert main(["review", str(few), "--out", str(out), *HARD]) == 3
    capsys.readouterr()
    rows = asked(capsys, out, "select file, error from failures order by file")
    assert [row["error"] for row in rows[:2]] == [
        "ran short of 400 MiB of memory",
        "took more than 6 seconds",
    ]
    assert len(rows) == 3
    began = time.monotonic()
    assert main(["review", str(few), "--out", str(out), *HARD]) == 3
    assert time.monotonic() - began < 6  # it is known what they do
    assert "9 of 9 files" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_is_named(few: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    code = "import sys, auditkit.many.batch as batch; from auditkit.cli import main\n"
    code += "batch.SECONDS_TO_ANSWER = 1; sys.exit(main(sys.argv[1:]))"
    options = ("review", few, "--out", tmp_path, "--scheduler", "tcp://127.0.0.1:1")
    command = [sys.executable, "-c", code, *map(str, options)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 3
    assert "no cluster answers" in done.stderr


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on this machine, as processes of their own."""
    pytest.importorskip("distributed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
    told = tmp_path / "scheduler.json"

    def begin(kind: str, *options: str) -> subprocess.Popen[bytes]:
        module = (sys.executable, "-m", f"distributed.cli.dask_{kind}")
        command = (*module, "--scheduler-file", str(told), "--no-dashboard", *options)
        return subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=-3, stderr=-3, start_new_session=True
        )

    processes = [begin("scheduler", "--host", "127.0.0.1", "--port", "0")]
    deadline = time.monotonic() + 60
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
    processes += [begin("worker", *options) for _ in range(2)]
    yield json.loads(told.read_text())["address"], processes[1:]
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_tables(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    two_dozen: Path,
    unbroken: Path,
    tmp_path: Path,
    at_length: bool,
) -> None:
    address, workers = cluster
    files, out, local = two_dozen, tmp_path / "out", unbroken
    if at_length:
        files, local = tmp_path / "forms", tmp_path / "local"
        many.written(files, 80, bad=False)
        (files / "broken.xlsx").write_bytes(many.broken(1)[1])
        review(files, local)
    count = len(list(files.iterdir()))
    run = start(files, out, "--scheduler", address)
    deadline = time.monotonic() + 120
    while len(list(out.glob(".cache/*/*"))) < count // 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers[0].kill()
    assert len(list(out.glob(".cache/*/*"))) < count
    _, said = run.communicate()
    assert run.returncode == 3, said.decode()
    assert tables(out) == tables(local)
