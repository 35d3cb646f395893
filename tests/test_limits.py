"""Small files that are built to very much: counted before they are built, and ended where not."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import fuzz_seeds
import pytest

from auditkit import temporary
from auditkit.cli import main
from auditkit.cli.terminal import _cut, _width
from auditkit.doubts import NoteKind
from auditkit.errors import AuditkitError, LimitError, WorkerError
from auditkit.many import workers
from auditkit.many.workers import Allowance, pool
from auditkit.readers import office
from auditkit.readers.lattice import find_lattices
from auditkit.readers.limits import Count
from auditkit.readers.page import Stroke
from auditkit.readers.web import _hold_markup
from auditkit.reviewing import read_bytes
from reports import kinds

ROOT = Path(__file__).parent.parent
CELL = "<td rowspan=1000 colspan=1000>x</td>"


def page(rows: str = "", tag: str = "<table") -> bytes:
    text = fuzz_seeds.html().decode().replace("<table", tag, 1)
    at = text.rindex("</table>")
    return (text[:at] + rows + text[at:]).encode()


def test_spans_attributes_and_columns_are_counted_before_anything_is_built() -> None:
    many = " ".join(f"a{n}=1" for n in range(80_000))
    for made, variable in (
        (page(f"<tr>{CELL * 20}</tr>"), "AUDITKIT_COLUMNS"),
        (page(f"<tr>{CELL * 2}</tr>" * 5_000), "AUDITKIT_CELLS"),
        (page(f"<tr>{'<td>x</td>' * 300_000}</tr>"), "AUDITKIT_COLUMNS"),
        (page(tag=f"<table {many}"), "AUDITKIT_TAG_ATTRIBUTES"),
        (page("<b>" * 1_000_001), "AUDITKIT_ELEMENTS"),
    ):
        began = time.process_time()
        with pytest.raises(LimitError, match=variable):
            read_bytes(made, "x")
        assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "hidden",
    ["<!-- <a x=' -->{}", "<script>'</script>{}", "<title><a '</title>{}", "<p a='>' b=\"<\">{}"],
)
def test_attributes_are_counted_where_the_library_finds_them(hidden: str) -> None:
    tag = f"<table {' '.join(f'a{n}' for n in range(2_000))}>"
    with pytest.raises(LimitError, match="2,000 attributes"):
        _hold_markup(hidden.format(tag) + " " * 20_000, Count("x"))
    for harmless in (f"<!-- {tag} -->", f"<script>{tag}</script>", f"<p x='{tag}'>"):
        _hold_markup(harmless + " " * 20_000, Count("x"))


def test_forms_and_long_cells_are_counted() -> None:
    text = fuzz_seeds.html().decode()
    table = text[text.index("<table") : text.rindex("</table>") + 8]
    with pytest.raises(LimitError, match=r"600 forms.*AUDITKIT_FORMS"):
        read_bytes(text.replace(table, table * 600).encode(), "x")
    with pytest.raises(LimitError, match=r"table 1, row 1, .*: 60,000 characters.*AUDITKIT_TEXT"):
        read_bytes(text.replace(fuzz_seeds.form().project, "字" * 60_000).encode(), "x")
    with pytest.raises(AuditkitError, match="AUDITKIT_TEXT"):
        read_bytes(with_part("word/document.xml", b"</w:t>", b"x" * 16_000_000), "x")


def with_part(name: str, before: bytes, more: bytes) -> bytes:
    """The Word file of the seeds with more in front of some bytes of a part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(fuzz_seeds.docx())) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, data.replace(before, more + before, 1) if entry == name else data)
    return made.getvalue()


def test_a_name_of_forty_thousand_characters_is_read_and_cut_in_time() -> None:
    text = fuzz_seeds.html().decode().replace(fuzz_seeds.form().project, "项目名甲" * 10_000)
    (report,) = read_bytes(text.encode(), "x")
    assert report.project is not None
    assert len(report.project.text) == 40_000
    began = time.process_time()
    shown = _cut(report.project.text, 40)
    assert time.process_time() - began < 1
    assert _width(shown) <= 40
    assert shown.endswith("…")


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("项目名", 5, "项目…"), ("项目", 3, "项…")],
)
def test_a_text_is_cut_to_its_column(text: str, width: int, shown: str) -> None:
    assert _cut(text, width) == shown


def test_scripts_that_an_event_starts_are_noted() -> None:
    for tag in ("<table onload=x()", '<table title=">" ONCLICK="x()"'):
        (report,) = read_bytes(page(tag=tag), "x")
        assert NoteKind.ACTIVE_CONTENT in kinds(report.notes)
    (report,) = read_bytes(page(tag="<table title='onload=x'"), "x")
    assert NoteKind.ACTIVE_CONTENT not in kinds(report.notes)


def _greedy(item: str, _note: Callable[[str], object]) -> int:
    held = [bytearray(1 << 20) for _ in range(int(item))]
    time.sleep(0.3)
    return len(held)


def _reserving(item: str, _note: Callable[[str], object]) -> int:
    import mmap

    return len(mmap.mmap(-1, int(item) << 20))  # is reserved, and never touched


def _slow(item: str, _note: Callable[[str], object]) -> str:
    Path(tempfile.mkdtemp(), "form").write_text("words of a form", encoding="utf-8")
    while item == "stuck":
        time.sleep(1)
    return item


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what memory a process has")
@pytest.mark.parametrize("is_forked", [False, True])
def test_memory_that_a_process_has_is_limited_and_not_what_it_reserves(is_forked: bool) -> None:
    room = Allowance(seconds=60, mebibytes=200)
    came = [each for *_, each in pool(_greedy, ["10", "2000", "20"], 1, room, is_forked=is_forked)]
    assert came[0], came[2] == (10, 20)
    assert "ran short of 200 MiB" in str(came[1])
    ((*_, reserved),) = pool(_reserving, ["4000"], 1, room, is_forked=is_forked)
    assert reserved == 4000 << 20


@pytest.mark.parametrize("is_forked", [False, True])
def test_a_process_that_is_ended_leaves_no_words_of_a_form_behind(
    is_forked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    room = Allowance(seconds=1, mebibytes=1024)
    came = [each for *_, each in pool(_slow, ["stuck", "b"], 1, room, is_forked=is_forked)]
    assert isinstance(came[0], WorkerError)
    assert came[1] == "b"
    assert not list(tmp_path.iterdir())


def _by_parts(item: str, note: Callable[[str], object]) -> str:
    for part in range(3):
        if item == "noted":
            note(str(part))
        time.sleep(0.7)
    return item


@pytest.mark.parametrize("is_forked", [False, True])
def test_work_that_notes_how_far_it_is_has_its_time_for_each_part(is_forked: bool) -> None:
    room = Allowance(seconds=1.5, mebibytes=1024)
    came = [each for *_, each in pool(_by_parts, ["noted", "mute"], 1, room, is_forked=is_forked)]
    assert came[0] == "noted"
    assert isinstance(came[1], WorkerError)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_process_begins_from_one_in_which_opencv_had_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cv2, numpy = pytest.importorskip("cv2"), pytest.importorskip("numpy")
    cv2.setNumThreads(4)
    cv2.GaussianBlur(numpy.zeros((2000, 2000), numpy.uint8), (31, 31), 0)
    monkeypatch.setattr(workers, "START", 20)
    room = Allowance(seconds=20, mebibytes=1024)
    assert [came for *_, came in pool(_slow, ["a"], 1, room, is_forked=True)] == ["a"]


def test_a_process_that_is_never_ready_is_said_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "START", 0)
    room = Allowance(seconds=20, mebibytes=1024)
    with pytest.raises(WorkerError, match="was not ready within 0 seconds"):
        next(pool(_slow, ["a"], 1, room))


HOLDS = """
import sys, tempfile, time
from auditkit import temporary
tempfile.tempdir = sys.argv[1]
with temporary.folder() as folder:
    (folder / "form").write_text("words of a form")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_the_folder_of_a_killed_process_is_cleared_away_by_the_next_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        with temporary.folder():
            assert left.is_dir()  # whose owner lives
        process.send_signal(signal.SIGKILL)
    assert left.is_dir()
    with temporary.folder() as own:
        assert not left.exists()
        assert own.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what memory a program has")
def test_an_office_program_is_held_to_the_memory_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "office"
    lines = (f"#!{sys.executable}", "import time", "a = bytearray(300 << 20)", "time.sleep(60)")
    program.write_text("\n".join(lines), encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(office, "PROGRAMS", (str(program),))
    monkeypatch.setenv("AUDITKIT_OFFICE_MEBIBYTES", "100")
    began = time.monotonic()
    with pytest.raises(AuditkitError, match="LibreOffice makes nothing"):
        office.converted(b"{\\rtf1}", "rtf", "docx", "x")
    assert time.monotonic() - began < 30


def test_what_ends_the_process_of_a_file_costs_that_file_alone(tmp_path: Path) -> None:
    """Without --workers, too; the next file is read by another process."""
    (tmp_path / "a.html").write_bytes(page(f"<tr>{'<td>x</td>' * 1_000}</tr>" * 150))
    (tmp_path / "b.csv").write_bytes(fuzz_seeds.csv())
    options = ("--seconds", "0.5", "--format", "json")
    command = [sys.executable, "-m", "auditkit", "read", "a.html", "b.csv", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert re.match(r"a\.html: took more than 0\.5 seconds", done.stderr), done.stderr


def test_a_name_with_line_breaks_makes_no_line_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a\nb.csv: workpapers are in reports\\x0ac.csv"
    (tmp_path / name).write_bytes(b"no form")
    for options in ([], ["--debug"]):
        assert main(["read", str(tmp_path / name), *options]) == 3
        lines = capsys.readouterr().err.splitlines()
        assert not [line for line in lines if line.startswith(("b.csv", "c.csv"))]
    with pytest.raises(SystemExit):
        main(["read", "x", "--odd\nforged"])
    assert "\nforged" not in capsys.readouterr().err


def test_a_page_of_rules_is_counted_before_its_squares_are_made() -> None:
    down = [Stroke(10.0 * n, 0, 10.0 * n, 100) for n in range(2_100)]
    with pytest.raises(LimitError, match="AUDITKIT_COLUMNS"):
        find_lattices([Stroke(0, y, 21_000, y) for y in (0.0, 100.0)], down)
