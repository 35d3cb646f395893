"""Writes workpapers from processes of its own, which are killed or kept from writing.

Run by tests/test_workpapers.py.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from auditkit.files import write_whole
from auditkit.reviewing import Review, Terms, review
from auditkit.workpapers import WorkpaperError, write_workpapers
from auditkit.workpapers.ink import WRITING

Reviews = tuple[Review, ...]


def writes(
    choices: list[Reviews], folder: Path, made: Sequence[dict[Path, bytes]], is_fast: bool
) -> None:
    """Write one workpaper over the other until killed; fast where only the writing is repeated."""
    for reviews, files in cycle(zip(choices, made, strict=True)):
        if is_fast:
            write_whole(files, folder / WRITING)
        else:
            write_workpapers(reviews, folder)


def killed(choices: list[Reviews], folder: Path, runs: int) -> None:
    """Have a writing process killed at a random moment, and say what each file is then.

    Three of four only put the files in place again and again, which is when something can break
    and is over in a moment; the fourth makes them anew, too, which takes a hundred times as long.
    """
    chance, made, start = random.Random(20200210), [], time.monotonic()
    for reviews in choices:
        made.append({path: path.read_bytes() for path in write_workpapers(reviews, folder)})
    spell, start = min(2.0, time.monotonic() - start), time.monotonic()
    write_whole(made[-1], folder / WRITING)
    moment = max(0.1, 3 * (time.monotonic() - start))  # a busy machine takes its time
    for run in range(runs):
        child = os.fork()
        if child == 0:
            writes(choices, folder, made, bool(run % 4))
            os._exit(1)
        time.sleep(chance.uniform(0, moment if run % 4 else spell))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for path in sorted(folder.iterdir()):
            sys.stdout.write(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n")


def limited(reviews: Reviews, folder: Path, size: int) -> None:
    """Write where no file can be larger than so many bytes, or as somebody who may not."""
    import resource

    with TemporaryDirectory() as other:
        write_workpapers(reviews, other)  # so that all modules are loaded while they may be
    if size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    elif os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    write_workpapers(reviews, folder)


if __name__ == "__main__":
    mode, source, place, number = sys.argv[1:]
    langs = ("en", "zh") if mode == "killed" else ("en",)
    made = [review(source, Terms(lang=lang, log=Terms.NO_LOG)) for lang in langs]
    try:
        if mode == "killed":
            killed(made, Path(place), int(number))
        else:
            limited(made[0], Path(place), int(number))
    except WorkpaperError as error:
        sys.exit(str(error))
