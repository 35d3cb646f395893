"""Read any supported file into grids of cells; its kind is told by content, not by name.

To add a kind, write a module with one function ``read(data, document) -> Tables``, say in
``kind_of`` what such a file is known by, and put one real file into the corpus.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from enum import StrEnum
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path

from auditkit.doubts import Note, NoteKind
from auditkit.errors import ReadError, refused
from auditkit.files import digest_of, readable
from auditkit.grid import Document, Tables
from auditkit.progress import AtPage
from auditkit.readers import guard, office, prints
from auditkit.readers.addresses import bytes_at
from auditkit.readers.limits import hold, limits
from auditkit.readers.marks import HEADS, as_utf16
from auditkit.readers.prompts import without_prompts
from auditkit.readers.settling import is_open, settled
from auditkit.readers.troubles import trouble

SUFFIXES = (
    ".pdf", ".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".tsv", ".docx", ".doc", ".wps",
    ".odt", ".rtf", ".html", ".htm", ".mht", ".txt", ".png", ".jpg", ".jpeg",
    ".tif", ".tiff", ".bmp",
)  # fmt: skip
# Of files that units send and nobody reads here: what to do with them is said of each.
NAMED = (".ofd", ".zip", ".rar", ".7z", ".gz", ".ppt", ".pptx")

Reader = Callable[..., Tables]


class Engine(StrEnum):
    """What gives the cells and characters of a PDF; files of other kinds have their own reader."""

    PDFIUM = "pdfium"
    CAMELOT = "camelot"


_ZIP = b"PK\3\4"
_STRICT = b"purl.oclc.org/ooxml"  # names of the strict kind of Office Open XML, which nobody reads
_SEARCHED = 1024  # a PDF may begin after some other bytes, but not after more than these
_READERS = {
    "pdf": "pdf", "xlsx": "workbook", "xls": "workbook", "ods": "workbook", "docx": "word",
    "html": "web", "text": "text",
}  # fmt: skip
_CONVERTED = {"doc": "docx", "rtf": "docx", "odt": "docx", "xlsb": "xlsx", "xml": "xlsx"}
_STARTS = (
    (b"{\\rtf", "rtf"), (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"II*\0", "image"),
    (b"MM\0*", "image"), (b"BM", "image"), (b"Rar!", "zip"), (b"7z\xbc\xaf\x27\x1c", "zip"),
    (b"\x1f\x8b", "zip"),
)  # fmt: skip
_ZIPPED = (
    ("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsb"), ("word/document.xml", "docx"),
    ("OFD.xml", "ofd"), ("ppt/presentation.xml", "pptx"),
)  # fmt: skip
_OLE, _STREAMS = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    (("EncryptedPackage", "locked"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls")),
)


def tables(path: str | Path, *, engine: str = Engine.PDFIUM, witness: bool = False) -> Tables:
    """Read a file into grids of cells, in reading order, with what lay on each of its pages.

    ``engine`` is ``pdfium``, or ``camelot`` for a second opinion on a PDF: its ruled tables with
    their texts as camelot reads them by itself. With a ``witness`` a file in which a person may see
    something else than it says is printed, where a program for that is installed, and what its
    print shows settles doubts. Raises a ReadError that says why a file cannot be read, and what to
    do.
    """
    return tables_of(bytes_of(path), Path(path).name, engine=engine, witness=witness)


def bytes_of(file: str | Path) -> bytes:
    """Return what a file of this machine holds, or one at an address such as ``s3://forms/a.pdf``.

    Raises MissingFileError where it cannot be opened, and ExtraMissingError for an address whose
    kind needs packages that are missing.
    """
    try:
        if "://" in str(file):
            return bytes_at(str(file), limits().bytes + 1)
        path = Path(file)
        if path.is_dir():
            raise trouble("folder", str(file))
        size = path.stat().st_size
        if not path.is_file():  # what waits for a writer, or never ends
            raise trouble("pipe", str(file))
        hold("bytes", size, "bytes", path.name)
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a name that holds NUL is a ValueError
        raise trouble("unopened", str(file), reason=refused(error)) from error


def tables_of(
    data: bytes,
    name: str,
    *,
    engine: str = Engine.PDFIUM,
    witness: bool = False,
    tell: Callable[[AtPage], object] | None = None,
) -> Tables:
    """Read the bytes of a file as ``tables`` does; ``name`` is what messages call it.

    ``tell`` is told of each page that is a picture before it is recognised, which takes seconds.
    """
    name = readable(name)
    if engine not in tuple(Engine):
        raise trouble("engine-unknown", name, engine=engine, known=" and ".join(Engine))
    document = Document(digest_of(data), name)
    if not data.strip(b"\0 \r\n\t"):
        raise trouble("empty", name)
    hold("bytes", len(data), "bytes", name)
    kind, told = kind_of(data, name), data
    if engine == Engine.CAMELOT and kind not in ("pdf", "locked"):
        raise trouble("engine-elsewhere", name)
    if kind == "locked":
        raise trouble("office-locked", name)
    if kind == "pdf":
        told = guard.of_pdf(data, name)
    elif data.startswith(_ZIP):
        with _opened(data, name) as archive:
            told = guard.of_archive(archive, name)
    notes = guard.notes_on(told) if kind not in ("image", "text", "html") else ()
    if into := _CONVERTED.get(kind):
        data = office.converted(data, kind, into, name)
        kind, notes = into, (*notes, Note.of(NoteKind.CONVERTED, suffix=kind, into=into))
    if kind == "image":
        data, kind = import_module("auditkit.readers.scan").as_pdf(data, name), "pdf"
    if kind not in _READERS:
        raise trouble(f"unsupported-{kind}", name)
    module = "camelot_engine" if engine == Engine.CAMELOT else _READERS[kind]
    reader: Reader = import_module(f"auditkit.readers.{module}").read
    if tell and module == "pdf":
        reader = partial(reader, tell=tell)
    try:
        found = reader(data, document)
    except RecursionError as error:
        raise trouble("too-deep", name) from error
    cells = (cell for grid in found.grids for cell in grid.cells)
    hold("forms", sum(HEADS[-1] in cell.text for cell in cells), "forms", name)
    found = replace(found, notes=(*notes, *found.notes))
    return without_prompts(_witnessed(found, data, kind, name) if witness else found)


def _witnessed(found: Tables, data: bytes, kind: str, name: str) -> Tables:
    """Return tables with what their print says of their doubts, where there are any to settle."""
    cells = (cell for grid in found.grids for cell in grid.cells)
    by = prints.program_for(kind)
    if by is None or not any(map(is_open, cells)):
        return found
    try:
        whole = prints.printed(data, kind, name)
        document = Document(digest_of(whole), name)
        shown: Tables = import_module("auditkit.readers.pdf").read(whole, document)
    except ReadError as error:
        note = Note.of(NoteKind.NOT_PRINTED, by=by, reason=error.told)
        return replace(found, notes=(*found.notes, note))
    return settled(found, shown, by)


def kind_of(data: bytes, name: str = "") -> str:
    """Return what kind of file bytes are, an empty string where it is none that is known."""
    if b"%PDF-" in data[:_SEARCHED]:
        return "pdf"
    if data.startswith(_ZIP):
        return _kind_of_archive(data, name)
    if data.startswith(_OLE):
        names = ((stream.encode("utf-16-le"), kind) for stream, kind in _STREAMS)
        return next((kind for stream, kind in names if stream in data), "ole")
    if kind := next((kind for start, kind in _STARTS if data.startswith(start)), ""):
        return kind
    start = data[:_SEARCHED].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if b'progid="excel.sheet"' in start:
        return "xml"
    if b'progid="word.document"' in start or b"<office:document" in start:
        return "flat"
    if start.startswith(b"<") or b"multipart/related" in start or b"<table" in data.lower():
        return "html"
    return "" if b"\0" in data and not as_utf16(data) else "text"


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            yield archive
    except (*guard.BROKEN, NotImplementedError) as error:
        raise trouble("archive-damaged", name) from error


def _kind_of_archive(data: bytes, name: str) -> str:
    with _opened(data, name) as archive:
        names = set(archive.namelist())
        mime = archive.read("mimetype")[:99] if "mimetype" in names else b""
        links = b""
        with suppress(*guard.BROKEN, KeyError):  # what is locked says so where it is read
            links = archive.read("_rels/.rels")
    if _STRICT in links:
        raise trouble("office-strict", name)
    if mime.endswith((b".spreadsheet", b".text")):
        return "ods" if mime.endswith(b".spreadsheet") else "odt"
    return next((kind for part, kind in _ZIPPED if part in names), "zip")
