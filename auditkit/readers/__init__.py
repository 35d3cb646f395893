"""Read any supported file into grids of cells; its kind is told by content, not by name.

To add a kind, write a module with one function ``read(data, document) -> Tables``, enter it in
``KINDS`` with the bytes that such a file begins with, and put one real file into the corpus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from auditkit.errors import DamagedError, MissingFileError, UnsupportedError
from auditkit.grid import Document, Tables

KINDS = ((b"%PDF-", "pdf"),)
_SEARCHED = 1024  # a PDF may begin after some other bytes, but not after more than these

Reader = Callable[[bytes, Document], Tables]


def read(path: Path) -> Tables:
    """Read a file into grids, in reading order, or say why it cannot be read."""
    try:
        data = path.read_bytes()
    except IsADirectoryError as error:
        raise MissingFileError(
            "a folder where a file was expected", name=str(path), advice="Name a file in it"
        ) from error
    except OSError as error:
        raise MissingFileError(
            f"cannot be opened: {error.strerror or error}",
            name=str(path),
            advice="Check the name and that you may read the file",
        ) from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Tables:
    """Read the bytes of a file; ``name`` is what messages call it."""
    document = Document(hashlib.sha256(data).hexdigest(), name)
    if not data.strip(b"\0 \r\n\t"):
        raise DamagedError("the file is empty", name=name, advice="Fetch or save it again")
    for mark, kind in KINDS:
        if mark in data[:_SEARCHED]:
            reader: Reader = import_module(f"auditkit.readers.{kind}").read
            return reader(data, document)
    raise UnsupportedError(
        "not a PDF, the only kind that is read so far",
        name=name,
        advice="Print or export it as PDF",
    )
