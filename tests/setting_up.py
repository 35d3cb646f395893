"""Install what a lock file pins, and say what is being done: ``python tests/setting_up.py LOCK``.

A set-up takes a minute or two and hundreds of megabytes, which nobody should wait for in silence.
Only what Python itself has is used, since nothing else is installed yet. On a terminal one line
moves; elsewhere there is a line for each large package and for every tenth.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread

EVERY, LARGE = 10, 5.0  # packages between two lines, and megabytes from which one has its own
SILENCE = 25.0  # seconds between two lines that say no more than that it is running
_FETCHED = re.compile(r"\s*(?:Downloading|Using cached) ([\w.]+)-(\d[^-]*)-\S+ \(([\d.]+) (.B)\)")


def main(lock: str) -> int:
    """Install the packages of a lock file, and return what pip ends with."""
    began, pinned = time.monotonic(), _count(Path(lock))
    command = [sys.executable, "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:"]
    command += ["--progress-bar", "off", "-r", lock]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1) as pip:
        Thread(target=_still_running, args=(pip, began), daemon=True).start()
        for line in told(pip.stdout or (), pinned, is_moving=sys.stdout.isatty()):
            _say(line)
    if pip.returncode == 0:
        size = sum(f.lstat().st_size for f in Path(sys.prefix).rglob("*") if f.is_file()) >> 20
        took = time.monotonic() - began
        sys.stdout.write(f"  done in {took:.0f} s; {Path(sys.prefix).name} has {size} MB\n")
    return pip.returncode


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _still_running(pip: subprocess.Popen[str], began: float) -> None:
    """Say now and then how long it has been running, since pip installs in silence."""
    while pip.poll() is None:
        time.sleep(SILENCE)
        if pip.poll() is None:
            _say(f"  running for {time.monotonic() - began:.0f} s\n")


def _count(lock: Path) -> int:
    return len(re.findall(r"^[\w.-]+\S*==", lock.read_text(encoding="utf-8"), re.MULTILINE))


def told(lines: Iterable[str], pinned: int, *, is_moving: bool) -> Iterator[str]:
    """Yield what is said of what pip prints."""
    fetched = 0
    for line in lines:
        if found := _FETCHED.match(line):
            fetched += 1
            name, version, size, unit = found.groups()
            said = f"  {fetched} of up to {pinned}: {name} {version} ({size} {unit})"
            is_large = unit == "MB" and float(size) >= LARGE
            if is_moving:
                yield f"\r{said:<78}"
            elif is_large or fetched % EVERY == 0:
                yield f"{said}\n"
        elif line.startswith("Installing collected packages"):
            yield f"{chr(10) * is_moving}  installing {line.count(',') + 1} packages\n"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
