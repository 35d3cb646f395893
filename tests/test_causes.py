"""Errors by their own causes, each said in both languages; those that other tests do not raise."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import fuzz_seeds
import pytest
from bad_files import cut_off, encrypted, huge_page, letter, words_without_rules
from hostile_looks import inline
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from samples import FOLDER

import auditkit as ak
from auditkit.cli.decided import sign
from auditkit.cli.parsing import parsed
from auditkit.cli.terminal import Output
from auditkit.decisions import ledger
from auditkit.decisions.log import Log
from auditkit.errors import AuditkitError, RefusedError, known
from auditkit.many.results import query
from auditkit.many.workers import ENDLESS, pool
from auditkit.notebook import guarding, workspace
from auditkit.readers import tables_of
from auditkit.readers.prints import printed
from auditkit.reviewing import read_bytes, review
from auditkit.wording import phrases
from auditkit.workpapers import pdf, write_workpapers
from auditkit.workpapers.returned import HIDDEN, read_decisions

PAGE = "<html><body>{}</body></html>"
ENGLISH = re.compile(r"(?:\b[A-Za-z]{2,} ){3}")  # three words in a row: a sentence


def office_file(part: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, text)
    return made.getvalue()


def empty_book() -> bytes:
    made = io.BytesIO()
    book = Workbook()
    book.active.append(("姓名", "电话"))
    book.save(made)
    return made.getvalue()


def read_as(name: str, data: bytes) -> Callable[[Path], Any]:
    return lambda _: read_bytes(data, name)


def of_tables(ask: Callable[[Path], Any]) -> Callable[[Path], Any]:
    def do(folder: Path) -> Any:
        form = folder / "form.csv"
        form.write_bytes(fuzz_seeds.csv())
        ak.engagement(form, folder / "out", workers=0, with_workpapers=False)
        return ask(folder / "out")

    return do


def signed_without_a_form(_: Path) -> None:
    path = FOLDER / "county-disclosure-2023" / "county-disclosure-2023.pdf"
    options = parsed(["log", "sign", str(path), "--auditor", "A", "--log", "none://"])
    sign(Log("none://"), options, Output("log"))


def annotated(name: str, value: object) -> Callable[[Path], Any]:
    """Mark a PDF while a part of what marks it is another one."""

    def do(_: Path) -> Any:
        source = FOLDER / "xinhong-2024" / "xinhong-2024.pdf"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pdf, name, value)
            return pdf.annotated(source.read_bytes(), review(source))

    return do


def broken(*_: object, **__: object) -> None:
    raise KeyError("/Annots")


def other_pdf(_: Path) -> bytes:
    (one, *_) = review(FOLDER / "boiler-2019" / "boiler-2019.pdf")
    return pdf.annotated(letter(), [one])


def written(name: str, text: str, use: Callable[[Path], Any]) -> Callable[[Path], Any]:
    def do(folder: Path) -> Any:
        (folder / name).write_text(text, encoding="utf-8")
        return use(folder / name)

    return do


def kept(folder: Path) -> Path:
    """Return a log with a decision."""
    path = folder / "log.sqlite"
    (one, *_) = review(FOLDER / "boiler-2019" / "boiler-2019.pdf")
    Log(path).record(one.findings_of(ak.findings.Outcome.FAIL)[0], "confirmed", "", "A. Auditor")
    return path


def changed_behind(folder: Path) -> None:
    path = kept(folder)
    with closing(sqlite3.connect(path)) as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            base.execute(f"DROP TRIGGER {trigger}")
        base.execute("UPDATE auditkit_events SET note = 'another'")
        base.commit()
    Log(path).copy(folder / "copy.sqlite")


def held_by_others(folder: Path) -> None:
    path = kept(folder)
    with closing(sqlite3.connect(path)) as base, pytest.MonkeyPatch.context() as patch:
        base.execute("BEGIN EXCLUSIVE")
        patch.setattr(ledger, "_PATIENCE", 0.1)
        Log(path).decisions()


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def without_room(folder: Path) -> None:
    path = kept(folder)
    (one, *_) = review(FOLDER / "boiler-2019" / "boiler-2019.pdf")
    finding = one.findings_of(ak.findings.Outcome.FAIL)[0]
    with room_for(path.stat().st_size):
        Log(path).record(finding, "dismissed", "words " * 9_999, "A. Auditor")


def with_failing_browser(use: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """Call with a browser that ends with nothing done."""

    def do(folder: Path) -> Any:
        browser = folder / "bin" / "chromium"
        browser.parent.mkdir()
        browser.write_text("#!/bin/sh\nexit 1\n")
        browser.chmod(0o755)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{browser.parent}{os.pathsep}{os.environ['PATH']}")
            return use(folder)

    return do


def empty_notebook(folder: Path) -> Path:
    path = folder / "a.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def no_notebook(folder: Path) -> None:
    path = folder / "a.ipynb"
    path.write_text("no notebook")
    guarding.verify(path)


def returned(change: Callable[[Worksheet], None]) -> Callable[[Path], Any]:
    """Take back a workpaper of which a person changed what was not to be changed."""

    def do(folder: Path) -> None:
        source, log = FOLDER / "boiler-2019" / "boiler-2019.pdf", Log(folder / "log.sqlite")
        papers = write_workpapers(review(source), folder / "out", log)
        path = next(paper for paper in papers if paper.suffix == ".xlsx")
        book = load_workbook(path)
        change(book["Findings 问题"])
        book.save(path)
        _, problems = read_decisions(path, log)
        raise problems[0]

    return do


def _damage_hidden(sheet: Worksheet) -> None:
    (column,) = (cell.column for cell in sheet[1] if cell.value == HIDDEN[-1])
    sheet.cell(2, column).value = "{"


def _double_row(sheet: Worksheet) -> None:
    for cell in sheet[2]:
        sheet.cell(3, cell.column).value = cell.value


def killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def of_a_killed_process(_: Path) -> None:
    ((*_, came),) = pool(killed, ["a"], 1, ENDLESS)
    assert isinstance(came, AuditkitError)
    raise came


def without_tables(folder: Path) -> None:
    (folder / "out" / "tables" / "reports.parquet").mkdir(parents=True)
    of_tables(lambda _: None)(folder)


CAUSES: dict[str, Callable[[Path], Any]] = {
    "engine-unknown": lambda _: tables_of(fuzz_seeds.csv(), "a.csv", engine="tabula"),
    "engine-elsewhere": lambda _: tables_of(fuzz_seeds.csv(), "a.csv", engine="camelot"),
    "camelot-tableless": lambda _: tables_of(words_without_rules(), "a.pdf", engine="camelot"),
    "empty": read_as("a.pdf", b" \n"),
    "unopened": lambda folder: ak.read(folder / "nowhere.pdf"),
    "folder": ak.read,
    "pdf-damaged": read_as("a.pdf", cut_off()),
    "pdf-locked": read_as("a.pdf", encrypted()),
    "pdf-formless": read_as("a.pdf", letter()),
    "pages-huge": read_as("a.pdf", huge_page()),
    "unsupported-ofd": read_as("a.ofd", office_file("OFD.xml", "<x/>")),
    "entities": read_as("a.xlsx", office_file("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]>')),
    "workbook-formless": read_as("a.xlsx", empty_book()),
    "flow-formless": read_as("a.html", PAGE.format("<p>nothing</p>").encode()),
    "web-frames": read_as("a.html", PAGE.format('<iframe src="b.html"></iframe>').encode()),
    "log-elsewhere": lambda _: Log("mysql://host/base").decisions(),
    "log-damaged": written("a.sqlite", "no database " * 99, lambda p: Log(p).decisions()),
    "question-empty": of_tables(lambda out: query(out, " ")),
    "question-refused": of_tables(lambda out: query(out, "select nothing from nowhere")),
    "draw-odd": of_tables(lambda out: ak.sample(out, "by eye", seed="x", size=1)),
    "several forms": signed_without_a_form,
    "no-table": lambda folder: query(folder, "from reports"),
    "pdf-changed": other_pdf,
    "pdf-too-large": annotated("LARGEST", 1),
    "pdf-unannotated": annotated("_marks", broken),
    "copy-flawed": changed_behind,
    "log-busy": held_by_others,
    "log-full": without_room,
    "notebook-damaged": no_notebook,
    "notebook-unrun": lambda folder: guarding.verify(empty_notebook(folder)),
    "no-pdf": with_failing_browser(lambda f: workspace.write_page(empty_notebook(f), to="pdf")),
    "print-fails": with_failing_browser(lambda _: printed(b"<p>text</p>", "html", "a.html")),
    "too-deep": read_as("a.html", inline("color:" + "(" * 50_000)),
    "row-hidden": returned(_damage_hidden),
    "row-twice": returned(_double_row),
    "ended-process": of_a_killed_process,
    "tables-unwritten": without_tables,
    "print-none": lambda _: printed(b"<style>@media print { p { top: 0 } }</style>", "html", "a"),
}


def is_said(name: str, message: str, lang: str) -> bool:
    """Tell whether a message is that of a name, whatever facts fill it in."""
    parts = re.split(r"\{[^}]*\}", phrases()[name][lang])
    return bool(re.fullmatch(".*".join(map(re.escape, parts)), message, re.DOTALL))


# To import camelot takes seconds, to ask pytest of a notebook too.
SLOW = {"camelot-tableless", "notebook-unrun"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in CAUSES]
)
def test_an_error_is_raised_by_its_own_cause_and_said_in_both_languages(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises((AuditkitError, OSError)) as caught:
        CAUSES[name](tmp_path)
    error = known(caught.value)
    assert error is not None
    for lang in ("en", "zh"):
        message, _, advice = error.in_words(lang)
        assert is_said(name, message, lang), (name, message)
        assert is_said(f"{name}.advice", advice, lang), (name, advice)
    quoted = message.partition("原文")  # what a library says stands behind this word
    assert not ENGLISH.search(quoted[0] + advice), message


@pytest.mark.parametrize("code", ["EAGAIN", "EEXIST", "EPIPE", "ENOMEM"])
def test_what_a_system_lacks_is_said_too(code: str) -> None:
    import errno

    error = RefusedError.of(OSError(getattr(errno, code), "said by the system", "a.pdf"))
    assert is_said(code, error.in_words("zh")[0], "zh")
    assert error.advice


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("script-again", ""),
        ("processes-end", "import os\nif __name__ != '__main__':\n    os._exit(3)\n"),
    ],
)
def test_a_script_that_calls_for_processes_unguarded_is_told(
    name: str, before: str, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    (tmp_path / "form.csv").write_bytes(fuzz_seeds.csv())
    script.write_text(
        f"""import json
{before}
import auditkit as ak
try:
    ak.engagement("form.csv", "out", workers=2)
except Exception as error:
    print(json.dumps([error.in_words(lang) for lang in ("en", "zh")]))
""",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for lang, (message, _, advice) in zip(("en", "zh"), json.loads(done.stdout), strict=True):
        assert is_said(name, message, lang), message
        assert is_said(f"{name}.advice", advice, lang), advice
