"""What work takes for a while: temporary folders, and memory.

What holds the text of a form must not be left behind by a process that was killed. A folder is
locked as long as its owner lives; one that nobody holds locked is cleared away by whoever makes
the next one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX, TRIES = "auditkit-held-", 5


@contextmanager
def folder() -> Iterator[Path]:
    """Make a private folder and remove it in the end; raises OSError where there is no room."""
    _clear(Path(tempfile.gettempdir()))
    made, lock = _locked()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _locked() -> tuple[Path, int | None]:
    """Make a folder and lock it; once more where another process was faster and cleared it away."""
    for _ in range(TRIES):
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            lock = _lock(made)
            if lock is not None and made.is_dir():
                return made, lock
    return made, None  # a system without such locks


def _lock(path: Path) -> int | None:
    """Hold a folder locked, ``None`` where this system has no such locks or another holds it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def _clear(parent: Path) -> None:
    """Remove the folders of this user that are locked by nobody."""
    for left in parent.glob(f"{PREFIX}*"):
        with suppress(OSError, AttributeError):
            if left.is_symlink() or not left.is_dir() or left.stat().st_uid != os.getuid():
                continue
            if (lock := _lock(left)) is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


def resident(process: int) -> int:
    """Return how many bytes of memory a process has, 0 where that cannot be told."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def group_of(leader: int, *, but: int = 0) -> Iterator[int]:
    """Yield the processes of a group, but one of them; none where that cannot be told."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process := int(path.name)) != but and os.getpgid(process) == leader:
                yield process
