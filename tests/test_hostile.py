"""What SECURITY.md promises: each promise has its test here, named after it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sys
import tempfile
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import fuzz_seeds
import hostile_files
import pytest
from fuzzing import fuzz, prepared
from hostile_files import FORM, HOSTILE

import auditkit
from auditkit.cli import main
from auditkit.doubts import Doubt, DoubtKind, NoteKind
from auditkit.errors import DamagedError, LimitError, MissingFileError, WorkerError
from auditkit.many.workers import Allowance, pool
from auditkit.readers import office
from auditkit.readers.limits import Limits, variable
from auditkit.reviewing import read, read_bytes, review
from reports import kinds

ROOT = Path(__file__).parent.parent
SECURITY = ROOT / "SECURITY.md"
ROOM = Allowance(seconds=60, mebibytes=1024)
ESCAPES = "\x1b[2J\x9b31m\u202e\u200b"
# Each comes near its limit for many seconds: what is shown of it takes a proof, not a test.
LONG = {
    *("many-cells.xlsx", "many-forms.html", "rows.html", "tabs.docx", "conditional.xlsx"),
    *("merged-under.xlsx", "names.xlsx", "has.html", "is-in-is.html", "siblings.html"),
    *("selectors.html", "rules-for-all.html", "many-strings.xlsx", "properties.html"),
}
# What reads files, and what makes them, is loaded once, and not by each process anew.
LOADED = tuple(f"auditkit.readers.{kind}" for kind in ("pdf", "workbook", "word", "web"))
LOADED = (*LOADED, "openpyxl", "docx", "reportlab.pdfgen.canvas")


@pytest.fixture(scope="module")
def outcomes() -> Any:
    """Give what comes of a hostile file that is read within limits of time and memory."""

    @cache
    def of(name: str) -> Any:
        return next(pool(hostile_files.outcome, [name], 1, ROOM, LOADED))[2]

    return of


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in HOSTILE]
)
def test_no_file_takes_more_than_the_limits(name: str, outcomes: Any) -> None:
    expected = HOSTILE[name]
    came = outcomes(name)
    assert not isinstance(came, WorkerError), str(came)
    kind, words = came
    assert kind == (expected.error.__name__ if expected.error else FORM), words
    assert re.search(expected.words, words, re.DOTALL), words


def test_at_least_sixty_files_are_hostile() -> None:
    assert len(HOSTILE) >= 60


def test_an_error_over_a_limit_names_it_and_how_it_is_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, most in (("bytes", 100), ("nesting", 2), ("cells", 3)):
        monkeypatch.setenv(variable(name), str(most))
        with pytest.raises(LimitError, match=rf"limit of {most}\b.*set {variable(name)} to more"):
            read_bytes(fuzz_seeds.csv() if name == "cells" else fuzz_seeds.html(), "x")
        monkeypatch.delenv(variable(name))
    monkeypatch.setenv("AUDITKIT_PAGES", "many")
    with pytest.raises(LimitError, match="AUDITKIT_PAGES: a whole number is expected, not 'many'"):
        read_bytes(fuzz_seeds.html(), "x")


def test_every_limit_is_named_in_security_md() -> None:
    text = SECURITY.read_text(encoding="utf-8")
    assert all(f"`{variable(field.name)}`" in text for field in fields(Limits))


def test_what_is_active_in_a_file_is_reported_and_never_run(outcomes: Any) -> None:
    for name, expected in HOSTILE.items():
        if "not run" in expected.words:
            assert re.search("holds .*: not run, opened or followed", outcomes(name)[1]), name


def test_nothing_is_reported_as_active_in_a_plain_file() -> None:
    for reader in ("pdf", "xlsx", "docx", "html", "ods", "xls", "csv", "dump"):
        for report in read_bytes(fuzz_seeds.seeds()[reader][0], "x"):
            assert NoteKind.ACTIVE_CONTENT not in kinds(report.notes), reader


def test_nothing_is_fetched_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def refuse(*arguments: object) -> None:
        asked.append(arguments)
        raise OSError("no network here")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(office, "PROGRAMS", ())
    for name in ("frames.html", "scripts.html", "links-elsewhere.xlsx", "elsewhere.pdf"):
        read_bytes(HOSTILE[name].make(), name)
    read_bytes(HOSTILE["template-from-elsewhere.docx"].make(), "x")
    for reader in ("pdf", "xlsx", "docx", "ods", "xls", "csv", "html", "dump"):
        review(fuzz_seeds.seeds()[reader][0], name="x")
    assert not asked


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_an_office_program_fetches_nothing_either() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        names = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in NAMES}
        spaces = " ".join(f'xmlns:{name}="{urn}"' for name, urn in names.items())
        text = (
            f'<office:document {spaces} xmlns:xlink="http://www.w3.org/1999/xlink"'
            ' office:mimetype="application/vnd.oasis.opendocument.text" office:version="1.2">'
            '<office:body><office:text><text:p><draw:frame><draw:image xlink:type="simple"'
            f' xlink:href="{address}/a.png" xlink:show="embed" xlink:actuate="onLoad"/>'
            "</draw:frame>x</text:p></office:text></office:body></office:document>"
        )
        assert office.converted(text.encode(), "fodt", "docx", "x")
        with pytest.raises(TimeoutError):
            server.accept()


NAMES = ("office", "text", "drawing", "draw")


def test_links_and_pipes_in_a_folder_are_not_followed_and_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.csv").write_bytes(fuzz_seeds.csv())
    (tmp_path / "in" / "form.csv").write_bytes(fuzz_seeds.csv())
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "out" / "secret.csv")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "out")
    os.mkfifo(tmp_path / "in" / "pipe.csv")
    assert main(["read", str(tmp_path / "in"), "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert [r["document"]["name"] for r in json.loads(out)["reports"]] == ["form.csv"]
    assert "secret" not in out
    for name in ("link.csv", "folder", "pipe.csv"):
        assert f"{name}: a link, pipe or device in a folder is not followed" in err


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    for path in (tmp_path / "pipe.pdf", Path("/dev/zero")):
        with pytest.raises(MissingFileError, match="a pipe or device"):
            read(path)


def test_parts_of_archives_are_never_written_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = HOSTILE["names-that-lead-out.xlsx"].make()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assert read_bytes(data, "x")
    assert not list(tmp_path.iterdir())
    assert not (tmp_path.parent / "evil.xml").exists()


@pytest.mark.parametrize(
    "name", ["a\nb.csv", "a\x1b[2Jb.csv", "a\u202eb.csv", os.fsdecode(b"a\xffb.csv"), "=cmd|'.csv"]
)
def test_names_of_files_stay_names(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(fuzz_seeds.csv())
    folder = tmp_path / "out"
    for options in (["read"], ["review", "--out", str(folder), "--log", str(tmp_path / "log")]):
        for form in ("table", "json"):
            code = main([*options[:1], str(tmp_path / name), *options[1:], "--format", form])
            out, err = capsys.readouterr()
            assert code == 0, err
            assert_inert(out + err)
    assert list(folder.iterdir())


def assert_inert(text: str) -> None:
    assert not [char for char in text if char != "\n" and not char.isprintable()]


def test_nothing_of_a_form_becomes_active_where_it_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = fuzz_seeds.html().decode()
    project = fuzz_seeds.form().project
    (tmp_path / "x.html").write_text(page.replace(project, f"项目{ESCAPES}甲"), encoding="utf-8")
    out = str(tmp_path / "out")
    for form in ("table", "json"):
        log = str(tmp_path / "log.sqlite")
        main(["review", str(tmp_path / "x.html"), "--out", out, "--log", log, "--format", form])
        printed = "".join(capsys.readouterr())
        assert "甲" in printed
        assert_inert(printed)


def test_nothing_of_a_form_becomes_active_in_a_notebook() -> None:
    text = fuzz_seeds.html().decode()
    form = fuzz_seeds.form()
    text = text.replace(form.project, f"项目{ESCAPES}甲&lt;script&gt;x")
    text = text.replace(form.indicators[0].name, f"指标{ESCAPES}乙&lt;b onclick=x&gt;")
    (one,) = review(text.encode(), name="x")
    shown = [auditkit.show(one), auditkit.show(one, "coverage")]
    shown += [auditkit.show(one.report, "head"), auditkit.show(one.report, "unsure")]
    pages = [page._repr_html_() for page in shown]
    assert "甲" in "".join(pages)
    for page in pages:
        assert "<script>x" not in page
        assert "<b onclick" not in page
        assert_inert(page.replace("\u3000", "").replace("\xa0", ""))


def test_characters_that_deceive_the_eye_are_named_in_a_doubt(outcomes: Any) -> None:
    for name, code in (("cyrillic-o.html", "U+041E"), ("zero-width.html", "U+200B")):
        assert code in outcomes(name)[1]
    (report,) = read_bytes(HOSTILE["cyrillic-o.html"].make(), "x")
    deceit = Doubt.of(DoubtKind.LOOK_ALIKE, code="U+041E")
    odd = [entry for entry in report.entries() if deceit in entry.doubts]
    assert odd
    assert all(entry.reading.value is None for entry in odd)


def test_nothing_from_outside_is_unpickled_or_evaluated() -> None:
    for path in (ROOT / "auditkit").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\b(?:import pickle|pickle\.|marshal\.|(?<![.\w])eval\(|shelve)", text
        )


def test_temporary_folders_are_private_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, noted = tmp_path / "office", tmp_path / "noted"
    lines = (
        f"#!{sys.executable}",
        "import pathlib, sys",
        "folder = pathlib.Path(sys.argv[-1]).parent",
        f"pathlib.Path({str(noted)!r}).write_text(f'{{folder.stat().st_mode & 0o077}} {{folder}}')",
    )
    program.write_text("\n".join(lines), encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(office, "PROGRAMS", (str(program),))
    with pytest.raises(DamagedError, match="LibreOffice"):
        office.converted(b"{\\rtf1}", "rtf", "docx", "x")
    for_others, folder = noted.read_text(encoding="utf-8").split(" ", 1)
    assert for_others == "0"
    assert not Path(folder).exists()


@pytest.mark.parametrize("reader", ["pdf", "xlsx", "xls", "ods", "csv", "docx", "html", "dump"])
def test_only_errors_of_auditkit_leave_a_reader(reader: str) -> None:
    prepared(reader)
    came = fuzz(reader, range(24))
    assert sum(came.outcomes.values()) == 24
    assert not came.bad, came.bad[0][1]


def test_every_promise_has_its_test() -> None:
    text = SECURITY.read_text(encoding="utf-8")
    promised = re.findall(r"`(test_\w+)`", text)
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    promises = text.partition("## Promised")[2].partition("\n## ")[0].split("\n- ")
    assert len(promises) > 10
    assert all(re.search("`test_", promise) for promise in promises[1:])
    assert set(promised) <= tests
