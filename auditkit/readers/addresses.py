"""Files at addresses such as ``s3://forms/2024``, opened by fsspec, which the extra cluster has."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from auditkit.errors import ExtraMissingError


def bytes_at(address: str, most: int) -> bytes:
    """Return what the file at an address holds, at most so many bytes of it.

    Raises OSError or ValueError where it cannot be opened, and ExtraMissingError where packages are
    missing.
    """
    with _told(address):
        import fsspec

        with fsspec.open(address, "rb") as stream:
            return bytes(stream.read(most))


def size_at(address: str) -> int:
    """Return how many bytes the file at an address has; raises OSError where that is not told."""
    with _told(address):
        import fsspec

        system, path = fsspec.core.url_to_fs(address)
        size = system.size(path)
    if size is None:
        raise FileNotFoundError(address)
    return int(size)


def addresses_below(address: str, suffixes: Container[str]) -> Iterator[str]:
    """Yield the addresses of the files below one that have such suffixes, or of the file there."""
    with _told(address):
        import fsspec

        system, path = fsspec.core.url_to_fs(address)
        names = sorted(system.find(path)) or [path]
    is_one = len(names) == 1
    known = (n for n in names if is_one or PurePosixPath(n).suffix.lower() in suffixes)
    yield from map(system.unstrip_protocol, known)


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Say which packages are missing: those of the extra, or fsspec's own for such addresses."""
    try:
        yield
    except ImportError as error:
        if error.name == "fsspec":
            raise ExtraMissingError.of("cluster", "addresses-missing", name=address) from error
        kind, reason = "address-kind", str(error)
        raise ExtraMissingError.saying(kind, name=address, reason=reason) from error
