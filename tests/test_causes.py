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
from auditkit.decisions.log import Log
from auditkit.errors import AuditkitError, RefusedError, known
from auditkit.many.results import query
from auditkit.readers import tables_of
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


def asked(sql: str) -> Callable[[Path], Any]:
    def ask(folder: Path) -> Any:
        form = folder / "form.csv"
        form.write_bytes(fuzz_seeds.csv())
        ak.engagement(form, folder / "out", workers=0, with_workpapers=False)
        return query(folder / "out", sql)

    return ask


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
    "question-empty": asked(" "),
    "question-refused": asked("select nothing from nowhere"),
    "no-table": lambda folder: query(folder, "from reports"),
    "pdf-changed": other_pdf,
}


def is_said(name: str, message: str, lang: str) -> bool:
    """Tell whether a message is that of a name, whatever facts fill it in."""
    parts = re.split(r"\{[^}]*\}", phrases()[name][lang])
    return bool(re.fullmatch(".*".join(map(re.escape, parts)), message, re.DOTALL))


@pytest.mark.parametrize("name", CAUSES)
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
