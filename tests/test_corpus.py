"""The samples, read and reviewed, compared with golden files that are reviewed as diffs.

    python tests/test_corpus.py --regenerate

writes the golden files anew, in ``tests/corpus/<sample>/``, one for each depth: ``tables.json``
holds the grids as a reader returns them, one cell a line; ``report.json`` the forms recognised in
them; ``findings.json`` what the rules made of those. Each depth has a test of its own: the first
that fails says whether reading, recognising or judging has changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "corpus"
if __name__ == "__main__":
    sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

import goldens  # noqa: E402
import samples  # noqa: E402

from auditkit.contract import finding_json, place_json, report_json  # noqa: E402
from auditkit.findings import Outcome, Severity  # noqa: E402
from auditkit.forms import recognise  # noqa: E402
from auditkit.grid import Cell, Grid, How, Tables  # noqa: E402
from auditkit.readers import tables as read_tables  # noqa: E402
from auditkit.report import Report  # noqa: E402
from auditkit.reviewing import Review  # noqa: E402
from auditkit.wording import put  # noqa: E402
from reports import judged  # noqa: E402

ALL = samples.load()
DEPTHS = ("tables.json", "report.json", "findings.json")
ASKED = (Outcome.FAIL, Outcome.REVIEW, Outcome.OPEN)


@dataclass(frozen=True)
class Looked:
    """A sample with what each stage made of it."""

    sample: samples.Sample
    tables: Tables
    reports: tuple[Report, ...]
    reviews: tuple[Review, ...]

    def golden(self, depth: str) -> str:
        """Return what a golden file of the sample should hold."""
        if depth == "tables.json":
            return "\n".join(lines_of(self.tables)) + "\n"
        reports = [report_json(report) for report in self.reports]
        found = [[finding_json(f) for f in each.findings_of(*ASKED)] for each in self.reviews]
        made = reports if depth == "report.json" else found
        return json.dumps(made, ensure_ascii=False, indent=1) + "\n"

    def difference(self, depth: str) -> str:
        """Return how a depth differs from its golden file, and which depth above it does."""
        above = [d for d in DEPTHS[: DEPTHS.index(depth)] if self.difference(d)]
        change = goldens.difference(FOLDER / self.sample.name / depth, self.golden(depth))
        return change and "\n".join(
            [change, *(f"look first at {d}: it has changed" for d in above)]
        )


def looked_at(sample: samples.Sample) -> Looked:
    """Read, recognise and judge a sample, stage by stage."""
    tables = read_tables(sample.path)
    reports = recognise(tables)
    return Looked(sample, tables, reports, tuple(judged(one) for one in reports))


# pytest takes all tests of one sample after each other, so that it is read and reviewed once.
@pytest.fixture(scope="module", params=ALL, ids=lambda sample: sample.name)
def looked(request: pytest.FixtureRequest) -> Looked:
    return looked_at(request.param)


def test_every_text_that_is_printed_was_in_force_for_the_form(looked: Looked) -> None:
    for one in looked.reviews:
        last = max(one.jurisdiction.on, one.jurisdiction.evaluated or one.jurisdiction.on)
        for text in {basis for found in one.findings for basis in found.basis}:
            document = one.standards.instruments[text]
            assert document.is_practice or document.start
            assert (document.start or last) <= last, f"{text} beside a form of {last}"


# What golden tables say


def lines_of(tables: Tables) -> Iterator[str]:
    """Yield tables as lines of JSON, a cell a line."""
    yield "{"
    yield f'"notes": {compact([put(note, "en") for note in tables.notes])},'
    yield '"grids": ['
    for number, grid in enumerate(tables.grids, start=1):
        yield from lines_of_grid(grid)
        yield "]}," if number < len(tables.grids) else "]}"
    yield "]}"


def lines_of_grid(grid: Grid) -> Iterator[str]:
    """Yield a grid, but for its end, as lines of JSON."""
    yield f'{{"number": {grid.number}, "reader": {compact(grid.reader)},'
    yield f'"edges": {compact([round(edge, 2) for edge in grid.edges])},'
    yield '"heading": ['
    yield ",\n".join(compact(cell_json(cell)) for cell in grid.heading) + "],"
    yield '"cells": ['
    yield ",\n".join(compact(cell_json(cell)) for cell in grid.cells)


def cell_json(cell: Cell) -> dict[str, Any]:
    """Return what a cell says and where; what most cells do not have only where one has it."""
    made: dict[str, Any] = {"text": cell.text, "row": cell.row, "column": cell.column}
    seldom = {
        "spans": [cell.row_span or 1, cell.column_span or 1],  # a line over a table has none
        "stored": cell.stored,
        "how": cell.how.value,
        "room": round(cell.room, 1),
        "doubts": [put(doubt, "en") for doubt in cell.doubts],
    }
    usual = {"spans": [1, 1], "stored": "", "how": How.READ.value, "room": 0.0, "doubts": []}
    made |= {key: value for key, value in seldom.items() if value != usual[key]}
    return made | place_json(cell)


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# The three depths


def test_a_sample_is_read_as_before(looked: Looked) -> None:
    assert not (change := looked.difference("tables.json")), change


def test_forms_are_recognised_in_a_sample_as_before(looked: Looked) -> None:
    assert not (change := looked.difference("report.json")), change


def test_a_sample_is_judged_as_before(looked: Looked) -> None:
    assert not (change := looked.difference("findings.json")), change


def test_golden_tables_hold_every_cell_on_a_line_of_its_own(looked: Looked) -> None:
    lines = (FOLDER / looked.sample.name / "tables.json").read_text(encoding="utf-8")
    cells = [cell for grid in looked.tables.grids for cell in (*grid.heading, *grid.cells)]
    held = json.loads(lines)["grids"]
    assert sum(len(grid["heading"]) + len(grid["cells"]) for grid in held) == len(cells) > 50
    assert len([line for line in lines.splitlines() if line.startswith('{"text"')]) == len(cells)
    assert len(lines.encode()) < 300_000


def test_golden_files_are_those_of_the_samples_at_hand() -> None:
    held = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert held == {f"{sample.name}/{depth}" for sample in ALL for depth in DEPTHS}


# What the facts of a sample say is wrong in it


def test_what_is_wrong_in_a_sample_is_found(looked: Looked) -> None:
    for one, form in zip(looked.reviews, looked.sample.forms, strict=True):
        failed = one.findings_of(Outcome.FAIL)
        for wrong in form.wrong:
            assert any(_is_about(f.rule, f.observation.subject, wrong) for f in failed), wrong


def test_nothing_else_in_a_sample_is_called_an_error(looked: Looked) -> None:
    for one, form in zip(looked.reviews, looked.sample.forms, strict=True):
        for finding in one.findings_of(Outcome.FAIL):
            if finding.severity is Severity.ERROR:
                subject = finding.observation.subject
                assert any(_is_about(finding.rule, subject, wrong) for wrong in form.wrong), (
                    finding.rule,
                    finding.message(),
                )


def _is_about(rule: str, subject: str, wrong: samples.Wrong) -> bool:
    found = subject.split("/")
    return rule == wrong.rule and (wrong.subject in subject or found[-1] in wrong.subject)


def regenerate() -> None:
    """Write the golden files of every sample."""
    for sample in ALL:
        looked = looked_at(sample)
        for depth in DEPTHS:
            goldens.write(FOLDER / sample.name / depth, looked.golden(depth))
            sys.stdout.write(f"{sample.name}/{depth}\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--regenerate"]:
        sys.exit("usage: python tests/test_corpus.py --regenerate")
    regenerate()
