"""Run a module of Python, and never be silent for long: ``python tests/patience.py MODULE …``.

What it prints is passed on as it comes; where nothing comes for a while, a line says what is still
running and since when. Its exit code is that of what was run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from select import select
from typing import BinaryIO

SILENCE = 20.0  # seconds
COLOURS = ("FORCE_COLOR", "PY_COLORS", "MYPY_FORCE_COLOR")


def run(command: Sequence[str], out: BinaryIO, silence: float = SILENCE) -> int:
    """Run a command, pass on what it prints, and say at times that it is still running."""
    began, called = time.monotonic(), " ".join(command[2:4])
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as running:
        pipe = running.stdout
        assert pipe
        while True:
            if select([pipe], [], [], silence)[0]:
                if not (some := pipe.read(65536)):
                    break
                out.write(some)
            else:
                out.write(f"\n  {called}: running for {time.monotonic() - began:.0f} s\n".encode())
            out.flush()
    return running.returncode


if __name__ == "__main__":
    if sys.stdout.isatty():
        os.environ |= dict.fromkeys(COLOURS, "1")
    try:
        sys.exit(run([sys.executable, "-m", *sys.argv[1:]], sys.stdout.buffer))
    except KeyboardInterrupt:
        sys.exit(130)
