"""Web pages, workbooks and Word files printed to PDF, as a second witness of what a person sees.

LibreOffice prints office files, a browser web pages: without scripts, and with nothing fetched. A
page that says how it is to look in print, or on one kind of screen, is not printed: its print would
be no witness of what is seen.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from auditkit import temporary
from auditkit.readers import office
from auditkit.readers.marks import decoded
from auditkit.readers.troubles import trouble

OFFICE_KINDS = ("xlsx", "xls", "ods", "docx")
LIBREOFFICE, BROWSER = "LibreOffice", "Chromium"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
# One page, nearly as large as a PDF can have, so that no edge cuts a row; and cells with rules.
_HEAD = (
    '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src '
    "'none'; style-src 'unsafe-inline'; img-src data:\"><style>@page{size:1400px 15000px;"
    "margin:20px}td,th{outline:.6px solid #000!important;outline-offset:-.3px!important}</style>"
)
_SHARED = 4  # times as much is counted for a browser's processes in all as they take
_BY_MEDIUM = re.compile(
    r"@(?:media|import|page|container|supports)|\bmedia\s*=|\d(?:d|s|l|c|cq)?(?:vw|vh|vmin|vmax)\b"
    r"|\b(?:clamp|min|max|calc|env)\(",
    re.IGNORECASE,
)
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)
_ACTS = re.compile(r"http-equiv", re.IGNORECASE)  # that a page is another one after a moment


def program_for(kind: str) -> str | None:
    """Return what prints files of a kind here, nothing where that is not installed."""
    if kind == "html":
        return BROWSER if _browser() else None
    known = kind in OFFICE_KINDS and any(map(shutil.which, office.PROGRAMS))
    return LIBREOFFICE if known else None


def printed(data: bytes, kind: str, name: str) -> bytes:
    """Return the print of a file as PDF.

    Raises ExtraMissingError or DamagedError, as of a file that an office program reads, where
    nothing comes of it within the limits.
    """
    return _of_page(data, name) if kind == "html" else office.converted(data, kind, "pdf", name)


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _of_page(data: bytes, name: str) -> bytes:
    program, page = _browser(), decoded(data)
    if program is None or b"multipart/related" in data[:1024].lower() or _BY_MEDIUM.search(page):
        raise trouble("print-none", name)
    doctype = _DOCTYPE.match(page)
    start = doctype.end() if doctype else 0
    whole = f"{page[:start]}{_HEAD}{_ACTS.sub('data-equiv', page[start:])}"
    with temporary.folder() as folder:
        source, made = Path(folder, "form.html"), Path(folder, "form.pdf")
        source.write_text(whole, encoding="utf-8", errors="replace")
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # who may not use its sandbox
        command = [
            program, "--headless", *(["--no-sandbox"] * is_root), "--disable-gpu",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
            f"--print-to-pdf={made}", source.as_uri(),
        ]  # fmt: skip
        try:
            office.run(command, {**os.environ, **office.NOWHERE}, shared=_SHARED)
            return made.read_bytes()
        except (subprocess.TimeoutExpired, FileNotFoundError) as error:
            raise trouble("print-fails", name, program=BROWSER) from error
