"""The files of a review: those that paths, folders, patterns and addresses name, each once."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from auditkit.errors import AuditkitError, MissingFileError
from auditkit.files import digest_of
from auditkit.readers import NAMED, SUFFIXES, bytes_of
from auditkit.readers.addresses import addresses_below, size_at
from auditkit.wording import Fact, Phrase

Tell = Callable[[Fact], object]
LOCK = "~$"  # how files begin that Word and Excel lay beside one that is open


def root_of(given: Sequence[str]) -> str:
    """Return the folder that names are relative to: the one that was given, or what several share.

    It depends on what was given alone, so that names stay the same when files are added.
    """
    starts = (re.split(r"[*?\[]", path)[0] for path in given if "://" not in path)
    folders = (p if Path(p).is_dir() else Path(p).parent for p in starts)
    return os.path.commonpath([os.path.abspath(f) for f in folders] or ["/"])  # noqa: PTH100


def files_at(given: str, tell: Tell | None = None) -> Iterator[str]:
    """Yield the files that a path, a pattern or an address such as ``s3://forms/2024`` names.

    Below a folder they are those that can hold forms, in order, without hidden ones, and those that
    units send and that are refused with what to do. Links, pipes and devices in it are not
    followed: ``tell`` gets a line for each, and one that counts what is of another kind. Raises
    MissingFileError where a pattern or folder has no file.
    """
    if "://" in given:
        yield from addresses_below(given, (*SUFFIXES, *NAMED))
        return
    is_pattern = glob.has_magic(given) and not os.path.lexists(given)
    names = sorted(glob.glob(given, recursive=True)) if is_pattern else [given]  # noqa: PTH207
    found = (str(file) for name in names for file in _below(Path(name), tell))
    if (first := next(found, None)) is None:
        what = "no-forms-like" if is_pattern else "no-forms-below"
        raise MissingFileError.saying(what, name=given)
    yield first
    yield from found


def _below(path: Path, tell: Tell | None) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    others, locks = Counter[str](), list[str]()
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in (Path(root, name) for name in sorted([*names, *folders]) if name[0] != "."):
            can_hold = file.suffix.lower() in (*SUFFIXES, *NAMED)
            is_lock = file.name.startswith(LOCK)
            if can_hold and not is_lock and file.is_file() and not file.is_symlink():
                yield file
            elif file.is_symlink() or (can_hold and not is_lock and not file.is_dir()):
                _tell(tell, Phrase.of("not-followed", file=str(file)))
            elif is_lock:
                locks.append(file.name)
            elif not file.is_dir():
                others[file.suffix.lower() or file.name] += 1
    if locks:
        _tell(tell, Phrase.of("locks", folder=str(path), names=tuple(locks)))
    if others:
        kinds = tuple(f"{kind} ({count})" for kind, count in sorted(others.items()))
        _tell(tell, Phrase.of("passed-over", folder=str(path), kinds=kinds))


def _tell(tell: Tell | None, said: Phrase) -> None:
    if tell:
        tell(said)


def whole_path(file: str) -> str:
    """Return a path as it is called from any folder, an address as it is."""
    return file if "://" in file else os.path.abspath(file)  # noqa: PTH100


def without_copies(files: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return files without those that hold the same bytes as one before, and which that is.

    A document that lies in two places is one document. Only files of one size are opened; what
    cannot be is left for the review to say.
    """
    by_size: dict[int, list[str]] = defaultdict(list)
    listed = list(files)
    for file in listed:
        with suppress(OSError):
            by_size[_size(file)].append(file)
    copies: dict[str, str] = {}
    for alike in (some for some in by_size.values() if len(some) > 1):
        first: dict[str, str] = {}
        for file in alike:
            with suppress(AuditkitError):
                digest = digest_of(bytes_of(file))
                if (known := first.setdefault(digest, file)) != file:
                    copies[file] = known
    return [file for file in listed if file not in copies], copies


def _size(file: str) -> int:
    """Return how many bytes a file has; raises OSError where that cannot be told."""
    if "://" in file:
        return size_at(file)
    if not Path(file).is_file():
        raise FileNotFoundError(file)
    return Path(file).stat().st_size
