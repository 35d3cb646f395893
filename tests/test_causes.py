"""Errors by their own causes, each said in both languages; those that other tests do not raise."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fuzz_seeds
import pytest
from bad_files import cut_off, encrypted, huge_page, letter, words_without_rules
from openpyxl import Workbook
from samples import FOLDER

import auditkit as ak
from auditkit.cli.decided import sign
from auditkit.cli.parsing import parsed
from auditkit.cli.terminal import Output
from auditkit.decisions.log import Log
from auditkit.errors import AuditkitError, RefusedError, known
from auditkit.many.results import query
from auditkit.readers import tables_of
from auditkit.readers.prints import printed
from auditkit.reviewing import read_bytes, review
from auditkit.wording import phrases
from auditkit.workpapers import pdf

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
    "pdf-unannotated": annotated("_written", broken),
    "print-none": lambda _: printed(b"<style>@media print { p { top: 0 } }</style>", "html", "a"),
}


def is_said(name: str, message: str, lang: str) -> bool:
    """Tell whether a message is that of a name, whatever facts fill it in."""
    parts = re.split(r"\{[^}]*\}", phrases()[name][lang])
    return bool(re.fullmatch(".*".join(map(re.escape, parts)), message, re.DOTALL))


SLOW = {"camelot-tableless"}  # to import camelot takes seconds


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
