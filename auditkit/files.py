"""Files that are whole at every moment, and the same whenever they are made."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from time import time
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PART, HOUR = ".auditkit-{}.part", 3600.0
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*(</dcterms:\w+>)")


def write_whole(
    files: Mapping[Path, bytes], note: Path | None = None, *, is_lasting: bool = True
) -> None:
    """Put files in the place of older ones once all are on the disk: old or new, never half.

    ``note`` is a file that holds the digests of all while one of them takes its place after the
    other, and that is left where this is stopped: by it the new ones are known. What is left beside
    them where a process was killed is cleared away by a later call, after an hour. What can be made
    again need not be ``is_lasting``, on the disk whatever happens to the machine. Raises OSError,
    and leaves the older files then.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            _clear(path.parent)
            parts[path] = path.with_name(PART.format(token_hex(8)))
            with parts[path].open("xb") as file:
                file.write(data)
                file.flush()
                if is_lasting:
                    os.fsync(file.fileno())
        if note:
            write_whole({note: json.dumps([digest_of(data) for data in files.values()]).encode()})
        for path, part in parts.items():
            part.replace(path)
        if note:
            note.unlink()
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    for folder in {path.parent for path in files} if is_lasting and os.name == "posix" else ():
        opened = os.open(folder, os.O_RDONLY)
        with suppress(OSError):  # some network drives cannot make a folder safe; its files are
            os.fsync(opened)
        os.close(opened)


def _clear(folder: Path) -> None:
    for left in folder.glob(PART.format("*")):
        with suppress(OSError):  # another process was faster
            if left.stat().st_mtime < time() - HOUR:
                left.unlink()


def digest_of(data: bytes) -> str:
    """Return the SHA-256 digest of bytes, by which documents, papers and results are known."""
    return hashlib.sha256(data).hexdigest()


def short_digest(*parts: str) -> str:
    """Return what tells some texts from others, as sixteen characters."""
    return digest_of("\x1f".join(parts).encode())[:16]


def is_short_digest(text: str) -> bool:
    """Tell whether a text may be what ``short_digest`` returns."""
    return re.fullmatch("[0-9a-f]{16}", text) is not None


def readable(name: str) -> str:
    """Return the name of a file as text; bytes of old archives that are none stand as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def on_disk(name: str) -> str:
    """Return a name as the files of this system have it, whatever the locale can write.

    Where a locale knows ASCII alone, Python could not call a file by a Chinese name; on the disk
    names are UTF-8 everywhere.
    """
    return os.fsdecode(name.encode())


def moment() -> str:
    """Return the time that SOURCE_DATE_EPOCH gives outputs, or nothing: they carry none then."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    given = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else None
    return f"{given:%Y-%m-%dT%H:%M:%SZ}" if given else ""


def same_bytes(archive: bytes, change: Callable[[str, bytes], bytes] = lambda _, b: b) -> bytes:
    """Return an office file without the time at which it was made, so that it is always the same.

    ``change`` returns what a part of the file is to hold, by its name and what it holds.
    """
    when, made = moment(), BytesIO()
    time_of = rb"\g<1>%s\2" % when.encode() if when else b""
    with ZipFile(BytesIO(archive)) as given, ZipFile(made, "w") as whole:
        for name in given.namelist():
            data = given.read(name)
            if name == "docProps/core.xml":
                data = _TIMES.sub(time_of, data)
            info = ZipInfo(name)  # of 1980-01-01
            info.compress_type = ZIP_DEFLATED
            whole.writestr(info, change(name, data))
    return made.getvalue()
