"""What the system refuses, in every command: an error of auditkit's that says what to do."""

from __future__ import annotations

import errno
import io
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fuzz_seeds
import pytest

from auditkit.cli import main
from auditkit.decisions.log import Log
from auditkit.errors import AuditkitError, RefusedError, known
from auditkit.many.engagement import engagement
from auditkit.reviewing import review

CODES = (
    "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "ENOENT", "EIO", "ENAMETOOLONG", "EMFILE",
    "ENFILE", "EISDIR", "ENOTDIR", "ESTALE", "EBUSY", "ENOTEMPTY", "ELOOP", "EFBIG", "EPROTO",
)  # fmt: skip

WALKED = (
    "ENOSPC",
    "EROFS",
    "EACCES",
    "ENOENT",
    "EIO",
    "EMFILE",
)  # the others differ by words alone


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form, its workpapers and tables, and a log."""
    folder = tmp_path_factory.mktemp("made")
    form = folder / "form.csv"
    form.write_bytes(fuzz_seeds.csv())
    engagement(form, folder / "out", workers=0)
    log = Log(folder / "log.sqlite")
    log.record(review(form)[0].findings[0], "confirmed", "", "A")
    return folder


def commands(made: Path, out: Path) -> dict[str, list[str]]:
    """Each of the ten commands, as it touches files of its own."""
    form, log, papers = str(made / "form.csv"), str(made / "log.sqlite"), str(made / "out")
    (one,) = (made / "out").glob("*-*/")
    new = str(out / "new")
    return {
        "read": ["read", form],
        "review": ["review", form, "--out", new, "--log", log],
        "review of several": ["review", str(made), "--out", new, "--log", log, "--fresh"],
        "compare": ["compare", form, form, "--log", log],
        "rules": ["rules", "--rules", form],
        "verify": ["verify", str(one), "--input", form, "--log", log],
        "query": ["query", papers, "select * from reports"],
        "sample": ["sample", papers, "--seed", "x", "--size", "1", "--record", str(out / "draw")],
        "init": ["init", new],
        "notebook": ["notebook", "01", form, "--out", new],
        "log": ["log", "export", str(out / "log.jsonl"), "--log", log],
    }


@contextmanager
def refusing(code: int, below: Path) -> Iterator[list[str]]:
    """Let the system refuse to open, make, move or delete anything below a folder."""
    asked: list[str] = []
    patch = pytest.MonkeyPatch()

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **named: Any) -> Any:
            if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(str(below)):
                asked.append(str(path))
                raise OSError(code, os.strerror(code), str(path))
            return real(path, *rest, **named)

        return call

    for module, names in (
        (io, ("open",)),
        (os, ("open", "mkdir", "replace", "rename", "unlink", "listdir", "scandir")),
        (shutil, ("copy",)),
    ):
        for name in names:
            patch.setattr(module, name, wrapped(getattr(module, name)))
    patch.setattr("builtins.open", io.open)
    try:
        yield asked
    finally:
        patch.undo()


@pytest.mark.parametrize("where", ["what is read", "what is written"])
@pytest.mark.parametrize("code", WALKED)
def test_what_the_system_refuses_is_said_by_every_command(
    code: str, where: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = 0
    for name, command in commands(made, tmp_path).items():
        with refusing(getattr(errno, code), made if where == "what is read" else tmp_path) as asked:
            ended = main(command)
        said = capsys.readouterr().err
        assert "unexpected" not in said, (name, said)
        assert "Traceback" not in said, (name, said)
        assert ended in ((0, 1, 3) if not asked else (0, 3)), (name, ended, said)
        refused += ended == 3
        for path in tmp_path.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert refused >= 4


@pytest.mark.parametrize("code", CODES)
def test_each_error_of_the_system_has_its_words_and_advice(code: str) -> None:
    error = RefusedError.of(OSError(getattr(errno, code), "said by the system", b"a\xffb"))
    assert str(error).startswith("a\\xffb: ")
    assert error.advice
    assert ("said by the system" in error.message) == (code == "EPROTO")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)


def test_a_lack_of_memory_is_known_and_a_flaw_of_the_program_is_not() -> None:
    assert "memory" in str(known(MemoryError()))
    assert known(KeyError("x")) is None
    assert known(wrong := AuditkitError("x")) is wrong


def test_a_folder_where_a_result_is_to_be_kept_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "form.csv").write_bytes(fuzz_seeds.csv())
    command = ["review", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--no-workpapers"]
    assert main(command) == 0
    (kept,) = [p for p in (tmp_path / "out" / ".cache").glob("??/*") if p.is_file()]
    kept.unlink()
    kept.mkdir()
    capsys.readouterr()
    for workers in ("1", "2"):
        assert main([*command, "--workers", workers]) == 3
        said = capsys.readouterr().err
        assert "a folder stands where a file is expected. Move it away" in said
        assert kept.name in said


def test_an_empty_question_is_answered_with_one_that_can_be_asked(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for question in ("", "  ", ";", "select\n* from nothing"):
        assert main(["query", str(made / "out"), question]) == 3
        said = capsys.readouterr().err
        assert "select * from reports" in said
        assert "unexpected" not in said
        assert len(said.splitlines()) == 1


def test_no_room_for_temporary_files_is_said(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    assert main(["read", str(made / "form.csv")]) == 0
    capsys.readouterr()
    assert main(["query", str(made / "out"), "select * from reports"]) == 3
    assert "Make room on the disk" in capsys.readouterr().err
