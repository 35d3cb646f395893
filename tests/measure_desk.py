"""Measure how long an auditor waits at the desk, on a printed form with forty findings.

The first case must stand there within 300 ms, and the next one within 100 ms, with its page and
with what was decided before it: the times are those of the kernel, the longest of all cases.

    python tests/measure_desk.py
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from documents import forty_rows
from producers import produce

import auditkit as ak
from auditkit.notebook.desk import Desk
from auditkit.notebook.sheets import Sheets

Clock = Callable[[], float]
FIRST, NEXT = 300.0, 100.0  # milliseconds


@dataclass(frozen=True, slots=True)
class Waited:
    """How many milliseconds it takes until a case is there, and of how many cases."""

    cases: int
    first: float
    page: float
    decided: float


def wait(folder: Path, clock: Clock = perf_counter) -> Waited:
    """Go through the cases of a printed form, deciding each, and measure every step."""
    path = folder / "forty.pdf"
    produce("reportlab", [(forty_rows("80个"), path)])
    reviews = ak.review(path)
    ak.show(reviews, lang="en")._repr_html_()  # stands above the desk in a notebook
    start = clock()
    desk = Desk(reviews, path, ak.Log(folder / "log.sqlite"), "A. Auditor")
    desk._repr_mimebundle_()
    (sheet,) = desk.forms[0]["sheets"]
    first = answered(desk, clock, act="sheet", sheet=sheet) - start
    desk._sheets = Sheets(path, reviews[0].document, "en")  # as of a page that was not seen yet
    start = clock()
    page = answered(desk, clock, act="sheet", sheet=sheet) - start
    decided = []
    for case in desk.cases:
        start = clock()
        said = {"key": case["key"], "decision": "confirmed", "note": "as printed"}
        decided.append(answered(desk, clock, act="decide", **said) - start)
    return Waited(len(desk.cases), 1000 * first, 1000 * page, 1000 * max(decided))


def answered(desk: Desk, clock: Clock, **message: Any) -> float:
    """Ask a desk for something as its page does; return when it was answered."""
    answers: list[tuple[bool, float]] = []
    desk.send = lambda content, _=(): answers.append((content["ok"], clock()))
    data = {"method": "custom", "content": {"id": "1", **message}}
    desk.comm.handle_msg({"content": {"data": data}, "buffers": []})
    ((is_done, when),) = answers
    assert is_done, desk.said
    return when


def main() -> int:
    """Print the times; 1 where a person would wait too long."""
    with tempfile.TemporaryDirectory() as folder:
        waited = wait(Path(folder))
    sys.stdout.write(
        f"desk, {waited.cases} cases: first after {waited.first:.0f} ms (under {FIRST:.0f}), "
        f"next page {waited.page:.0f} ms, next after a decision {waited.decided:.0f} ms "
        f"(under {NEXT:.0f})\n"
    )
    return int(waited.first >= FIRST or max(waited.page, waited.decided) >= NEXT)


if __name__ == "__main__":
    sys.exit(main())
