"""Older office files, turned into current ones by LibreOffice where that is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from auditkit.errors import DamagedError, ExtraMissingError

PROGRAMS = ("soffice", "libreoffice")
MOST_SECONDS = 120
NOTE = "a .{} file, read as LibreOffice turns it into .{}: places are those of the latter"


def converted(data: bytes, kind: str, into: str, name: str) -> bytes:
    """Return the bytes of a file of one kind as LibreOffice saves it in another.

    It runs without a window, with a profile of its own that is removed, and opens nothing else;
    macros are not run. Raises ExtraMissingError where it is not installed, DamagedError where it
    makes nothing of the file.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise ExtraMissingError(
            f"a .{kind} file is read through LibreOffice, which is not installed",
            name=name,
            advice=f"Install LibreOffice, or open the file in Word or WPS and save it as .{into}",
        )
    with tempfile.TemporaryDirectory(prefix="auditkit-") as folder:
        source = Path(folder, f"form.{kind}")
        source.write_bytes(data)
        command = [
            program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless",
            "--norestore", "--convert-to", into, "--outdir", str(Path(folder, "out")), str(source),
        ]  # fmt: skip
        made = Path(folder, "out", f"form.{into}")
        try:
            subprocess.run(command, capture_output=True, timeout=MOST_SECONDS, check=False)
            return made.read_bytes()
        except (subprocess.TimeoutExpired, FileNotFoundError) as error:
            raise DamagedError(
                f"LibreOffice makes nothing of the .{kind} file",
                name=name,
                advice=f"Open it in Word or WPS and save it as .{into}",
            ) from error
