"""Camelot beside PDFium: loaded without harm to anybody else, and asked for a second opinion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Two threads: one reads with auditkit, the other with camelot itself. The one that comes second
# starts while the other is in the middle of its import.
TWO_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

path, first = sys.argv[1:]

def wait_for(module):
    latest = monotonic() + 30
    while module not in sys.modules and monotonic() < latest:
        pass

def ours():
    if first == "camelot":
        wait_for("camelot")
    from auditkit.readers.lattice import find_lattices
    across = [(0, y, 90, y) for y in (0, 30, 60)]
    down = [(x, 0, x, 60) for x in (0, 45, 90)]
    (table,) = find_lattices(across, down).lattices
    return len(table.areas)

def theirs():
    if first == "auditkit":
        wait_for("cv2")
    import camelot
    return camelot.read_pdf(path, flavor="lattice", backend="pdfium").n

with ThreadPoolExecutor(2) as threads:
    reading = threads.submit(ours)
    other = threads.submit(theirs)
    assert (reading.result(), other.result()) == (4, 1)
import camelot
assert camelot.__version__
"""


@pytest.mark.parametrize("first", ["auditkit", "camelot"])
def test_camelot_can_be_imported_while_another_thread_reads_a_form(
    first: str, xinhong: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_THREADS, str(xinhong), first],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
