"""A PostgreSQL server of the tests' own: on a socket in a temporary folder, and gone after them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def programs() -> Path | None:
    """Return the folder of the server's programs, which Debian does not put into the path."""
    found = shutil.which("initdb")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).parent if found else versions[-1].parent if versions else None


def missing() -> str:
    """Return why there can be no server here, or an empty string."""
    if not programs():
        return "PostgreSQL is not installed"
    return "" if find_spec("psycopg") else "the Python package psycopg is not installed"


@contextmanager
def server() -> Iterator[str]:
    """Run a server and yield the URL of its database; it refuses to run as root."""
    bin_ = programs()
    assert bin_
    with TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        data = Path(name, "data")
        who: dict[str, Any] = {}
        if os.getuid() == 0:
            shutil.chown(name, "postgres", "postgres")
            who = {"user": "postgres", "group": "postgres", "extra_groups": []}

        def run(*command: str | Path) -> None:
            subprocess.run(command, check=True, cwd=name, stdout=subprocess.DEVNULL, **who)

        run(bin_ / "initdb", "-U", "auditor", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", data)
        options = f"-c listen_addresses= -c unix_socket_directories={name} -c fsync=off"
        log = Path(name, "log")
        run(bin_ / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
        try:
            yield f"postgresql://auditor@/postgres?host={name}"
        finally:
            run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
