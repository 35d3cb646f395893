"""Measure a batch: how it scales, what memory its parent takes, and what a second run costs.

    python tests/benchmarks/batch.py [--count 5000] [--folder FOLDER]

The forms are those of ``tests/many.py``, with the figures of a fifth as many as there are files;
broken, slow and memory-eating files are among them. The parent's memory is its largest resident
size.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import many  # noqa: E402

REVIEW = """
import json, sys
from pathlib import Path
from auditkit.many.engagement import review_files
from auditkit.many.inputs import files_at
from auditkit.many.run import Run
from auditkit.many.workers import Allowance
from auditkit.reviewing import Terms
folder, out, workers = sys.argv[1:]
limits = Allowance(seconds=6, mebibytes=400)
run = Run(Path(out), folder, int(workers), limits, with_workpapers=False)
made = review_files(list(files_at(folder)), run, Terms())
counts = {"total": made.total, "new": made.new, "forms": len(made.forms)}
print(json.dumps({**counts, "failed": len(made.failed)}))
"""


def measured(folder: Path, out: Path, workers: int) -> tuple[float, int, dict[str, object]]:
    """Return the seconds and the largest resident size, in KiB, of one run, and what it counted."""
    arguments = [sys.executable, "-c", REVIEW, str(folder), str(out), str(workers)]
    told = Path(tempfile.mkstemp()[1])
    start = time.perf_counter()
    with told.open("w") as stream:
        actions = [(os.POSIX_SPAWN_DUP2, stream.fileno(), 1)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
        child = os.posix_spawn(sys.executable, arguments, environment, file_actions=actions)
        status = Path(f"/proc/{child}/status")
        most = 0
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            text = status.read_text()
            most = int(text.partition("VmHWM:")[2].split()[0]) if "VmHWM:" in text else most
            time.sleep(0.2)
    seconds = time.perf_counter() - start
    counts = json.loads(told.read_text())
    told.unlink()
    return seconds, most, counts


def main() -> int:
    """Print the table; fail where a good form is not reviewed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="auditkit-batch-"))
    some, clean, whole = folder / "some", folder / "clean", folder / "whole"
    many.written(clean, max(200, options.count // 8), bad=False)
    many.written(some, options.count // 10, options.count // 50)
    names = many.written(whole, options.count, options.count // 5)
    runs = (
        ("forms alone, one worker", clean, "one", 1),
        ("forms alone, two workers", clean, "two", 2),
        (f"{options.count // 10} files, two workers", some, "some", 2),
        (f"{options.count} files, two workers", whole, "whole", 2),
        ("the same again", whole, "whole", 2),
    )
    print(f"{'':32}{'s':>10}{'files/s':>10}{'MiB':>8}  {'new':>6}{'forms':>7}{'failed':>7}")
    for name, files, out, workers in runs:
        seconds, most, counts = measured(files, folder / f"out-{out}", workers)
        total = int(str(counts["total"]))
        told = f"{counts['new']:>6}{counts['forms']:>7}{counts['failed']:>7}"
        print(
            f"{name:32}{seconds:10.1f}{total / seconds:10.1f}{most / 1024:8.1f}  {told}", flush=True
        )
    print({kind: len(of) for kind, of in names.items()})
    if options.folder is None:
        shutil.rmtree(folder)
    return 0 if counts["forms"] == len(names["good"]) else 1


if __name__ == "__main__":
    sys.exit(main())
