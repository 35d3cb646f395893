"""Older office files, turned into current ones by LibreOffice where that is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from multiprocessing import current_process
from pathlib import Path

from auditkit.readers.limits import limits
from auditkit.readers.troubles import trouble

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
    with tempfile.TemporaryDirectory(prefix="auditkit-") as folder:
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
            _run(command, env, limits().office_seconds)
            return made.read_bytes()
        except (subprocess.TimeoutExpired, FileNotFoundError) as error:
            raise trouble("office-fails", name, kind=kind, into=into) from error


def _run(command: list[str], env: dict[str, str], seconds: int) -> None:
    """Run a program, and end it with all that it started once its time is over."""
    own = not current_process().daemon  # a worker of a batch is ended with all that it started
    pipe = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, start_new_session=own
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            with suppress(OSError, AttributeError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise
