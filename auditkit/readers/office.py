"""Older office files, turned into current ones by LibreOffice where that is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from multiprocessing import current_process
from pathlib import Path

from auditkit import temporary
from auditkit.readers.limits import limits
from auditkit.readers.troubles import trouble

LOOK = 0.2  # seconds between two looks at what a program takes
PROGRAMS = ("soffice", "libreoffice")
# Its own settings: nothing is run, updated or fetched, whatever a file asks for.
SETTINGS = """<?xml version="1.0"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Office.Common/Security/Scripting">
  <prop oor:name="DisableMacrosExecution"><value>true</value></prop>
  <prop oor:name="DisableActiveContent"><value>true</value></prop>
  <prop oor:name="BlockUntrustedRefererLinks"><value>true</value></prop></item>
</oor:items>"""
NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), "http://0.0.0.0:9")


def converted(data: bytes, kind: str, into: str, name: str) -> bytes:
    """Return the bytes of a file of one kind as LibreOffice saves it in another.

    It runs without a window, with a profile of its own that is removed, opens and fetches nothing
    else, and runs no macros. Raises ExtraMissingError where it is not installed, DamagedError where
    it makes nothing of the file.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise trouble("office-missing", name, kind=kind, into=into)
    with temporary.folder() as folder:
        source = Path(folder, f"form.{kind}")
        source.write_bytes(data)
        settings = Path(folder, "profile", "user", "registrymodifications.xcu")
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS, encoding="utf-8")
        command = [
            program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless",
            "--norestore", "--convert-to", into, "--outdir", str(Path(folder, "out")), str(source),
        ]  # fmt: skip
        made, env = Path(folder, "out", f"form.{into}"), {**os.environ, **NOWHERE}
        try:
            run(command, env)
            return made.read_bytes()
        except (subprocess.TimeoutExpired, FileNotFoundError) as error:
            raise trouble("office-fails", name, kind=kind, into=into) from error


def run(command: list[str], env: dict[str, str], shared: int = 1) -> None:
    """Run a program, and end it with all that it started once its time or memory is over.

    They may have so many times as much in all where most of what each has is ``shared``.
    """
    own = not current_process().daemon  # a worker of a batch is ended with all that it started
    pipe, most = subprocess.DEVNULL, limits()
    deadline = time.monotonic() + most.office_seconds
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, start_new_session=own
    ) as process:
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK)
            started = _started(process.pid, own=own)
            taken = sum(map(temporary.resident, started))
            if time.monotonic() > deadline or taken > shared * most.office_mebibytes << 20:
                for each in started:
                    with suppress(OSError):
                        os.kill(each, signal.SIGKILL)
                process.kill()
                raise subprocess.TimeoutExpired(command, most.office_seconds)


def _started(program: int, *, own: bool) -> tuple[int, ...]:
    """Return a program and all that it started, in a group of their ``own`` or in ours."""
    if own:
        return tuple(temporary.group_of(program))
    return tuple(temporary.group_of(os.getpgrp(), but=os.getpid())) if os.name == "posix" else ()
