"""The noisy text dump: what the repeats agree on, what is inferred, and what is made of damage.

``DUMP_MUTATIONS`` in the environment sets how many damaged dumps are read; ``make fuzz`` reads
ten thousand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
import samples
from dumping import dump, mutated

from auditkit.doubts import Doubt, DoubtKind, NoteKind
from auditkit.errors import ReadError
from auditkit.figures import Agreement, Arithmetic
from auditkit.findings import Outcome
from auditkit.forms import recognise
from auditkit.grid import Document, How, Span, plain
from auditkit.readers import dump as reader
from auditkit.readers import tables_of
from auditkit.report import Entry, Report
from auditkit.reviewing import Review, review
from reports import kinds

SAMPLE = next(sample for sample in samples.load() if sample.name == "dump-xinhong")
FORM = SAMPLE.forms[0].form
ROWS = SAMPLE.rows
MUTATIONS = int(os.environ.get("DUMP_MUTATIONS", "200"))
READINGS = (How.READ, How.CONSENSUS)


@pytest.fixture(scope="module")
def reviewed() -> Review:
    (one,) = review(SAMPLE.path)
    return one


@pytest.fixture(scope="module")
def report(reviewed: Review) -> Report:
    return reviewed.report


def texts(report: Report, column: str) -> list[str]:
    entries = (getattr(row, column) for row in report.indicators)
    return [entry.text if entry else "" for entry in entries]


def in_form(column: str) -> list[str]:
    return [getattr(row, column) for row in FORM.indicators[:ROWS]]


def test_the_committed_dump_is_what_the_generator_writes() -> None:
    assert SAMPLE.path.read_text(encoding="utf-8") == dump(FORM, SAMPLE.seed, ROWS)


def test_the_head_is_whole_although_column_borders_split_it(report: Report) -> None:
    for key in ("title", "year", "project", "department", "implementer", "currency_unit"):
        entry = getattr(report, key)
        assert entry.text == getattr(FORM, key)
        assert entry.how is How.READ


def test_the_funds_are_exact_and_stray_marks_are_left_out(report: Report) -> None:
    keys = ("initial_budget", "adjusted_budget", "outturn", "execution_rate", "score")
    read = [[getattr(line, key).text for key in keys] for line in report.budget_lines]
    assert read == [[getattr(row, key) for key in keys] for row in FORM.funding]
    assert all("76" not in line.label.text for line in report.budget_lines if line.label)


def test_a_goal_that_goes_on_elsewhere_is_doubted_and_not_joined(report: Report) -> None:
    expected, actual = report.goals.expected, report.goals.actual
    assert expected is not None
    assert actual is not None
    assert (expected.text, actual.text) == (FORM.expected, FORM.actual)
    assert expected.doubts == (Doubt.of(DoubtKind.GOES_ON, line=12),)
    assert actual.is_sure


def test_rate_and_score_of_the_execution_are_confirmed(reviewed: Review) -> None:
    for name in ("execution rate", "execution score"):
        figure = next(f for f in reviewed.figures if f.name == name and f.printed)
        assert figure.agreement is Agreement.EXACT


def test_all_names_are_whole_and_in_order(report: Report) -> None:
    assert texts(report, "name") == in_form("name")


def test_targets_and_actual_values_stand_at_the_right_names(report: Report) -> None:
    assert texts(report, "target") == in_form("target")
    actual = texts(report, "actual")
    assert sum(map(bool, actual)) >= 15
    assert all(a == b for a, b in zip(actual, in_form("actual"), strict=True) if a)


def test_points_and_scores_are_read_only_where_the_repeats_support_them(report: Report) -> None:
    for column in ("points", "score"):
        entries = [getattr(row, column) for row in report.indicators]
        assert any(entry is None or entry.how is How.INFERRED for entry in entries)
        for entry, printed in zip(entries, in_form(column), strict=True):
            assert entry is None or entry.text == printed


def test_points_of_the_output_indicators_are_inferred_and_called_so(report: Report) -> None:
    output = [row for row in FORM.indicators if row.dimension == "产出指标"]
    assert len(output) == 12
    for row, printed in zip(report.indicators, output, strict=False):
        assert row.points is not None
        assert (row.points.text, row.points.how) == (printed.points, How.INFERRED)
        assert not row.points.is_sure
        assert row.points.doubts[0].kind is DoubtKind.INFERRED_POINTS


def test_nothing_inferred_enters_a_figure_or_a_finding_without_being_called_so(
    reviewed: Review,
) -> None:
    inferred = {e for e in reviewed.report.entries() if e.how is How.INFERRED}
    figures = [f for f in reviewed.figures if inferred.intersection(f.inputs)]
    observed = [f for f in reviewed.findings if inferred.intersection(f.observation.evidence)]
    assert figures
    assert observed
    assert all(figure.arithmetic.kind is Arithmetic.INFERRED for figure in figures)
    assert all("inferred" in one.message() for one in observed)
    assert all(one.outcome is not Outcome.FAIL for one in observed)


def test_points_are_not_inferred_where_execution_has_other_points() -> None:
    funding = (replace(FORM.funding[0], points="20"), *FORM.funding[1:])
    (one,) = recognised(dump(replace(FORM, funding=funding), SAMPLE.seed, ROWS).encode())
    assert all(row.points is None or row.points.how in READINGS for row in one.indicators)


def test_the_break_off_is_a_finding(reviewed: Review) -> None:
    (note,) = [n for n in reviewed.report.notes if n.kind is NoteKind.BREAKS_OFF]
    assert note["before"] == "satisfaction_and_total"
    found = [f for f in reviewed.findings_of(Outcome.FAIL) if f.rule == "RD-03"]
    assert len(found) == 1


def test_the_budget_is_said_to_be_nine_times_the_first(reviewed: Review) -> None:
    (found,) = [f for f in reviewed.findings_of(Outcome.FAIL) if f.rule == "EX-07"]
    assert "9.18 times" in found.message()


def test_every_place_holds_what_was_read_there(report: Report) -> None:
    lines = SAMPLE.path.read_text(encoding="utf-8").split("\n")
    for row in report.indicators:
        for entry in (row.name, row.target, row.actual):
            for cell in entry.cells if entry else ():
                assert isinstance(cell.place, Span)
                there = lines[cell.place.line - 1][cell.place.first - 1 : cell.place.last]
                assert plain(there) == plain(cell.text)


def test_a_whole_dump_with_a_total_does_not_break_off() -> None:
    text = dump(FORM, 5, len(FORM.indicators)) + "\n总分\t\t\t\t\t\t100\t99.37\t\n"
    (one,) = recognised(text.encode())
    assert one.total_score is not None
    assert one.total_score.text == "99.37"
    assert NoteKind.BREAKS_OFF not in kinds(one.notes)


def test_a_dump_in_gb18030_is_read_the_same(report: Report) -> None:
    data = SAMPLE.path.read_text(encoding="utf-8").encode("gb18030")
    (one,) = recognise(tables_of(data, "dump.txt"))
    assert texts(one, "name") == texts(report, "name")


def test_a_clean_table_is_no_dump() -> None:
    rows = ["一级指标\t二级指标\t三级指标\t指标值\t完成值\t分值\t得分"]
    rows += [f"产出指标\t数量指标\t{name}\t1\t1\t5\t5" for name in in_form("name")]
    assert not reader.is_dump("\n".join(rows))
    assert reader.is_dump(SAMPLE.path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_wrong_is_called_sure_in_other_dumps(seed: int) -> None:
    (one,) = recognised(dump(FORM, seed, ROWS).encode())
    right = {row.name: row for row in FORM.indicators}
    for row in one.indicators:
        assert row.name is not None
        known = right.get(row.name.text)
        assert known is not None or not row.name.is_sure
        for key in ("target", "actual", "points", "score"):
            entry = getattr(row, key)
            if known and entry and entry.is_sure:
                assert entry.text == getattr(known, key), (row.name.text, key)


def recognised(data: bytes) -> tuple[Report, ...]:
    return recognise(reader.read(data, Document("0" * 64, "dump.txt")))


def stands_in(entry: Entry, lines: list[str]) -> bool:
    return any(plain(entry.text) in line for line in lines)


def joined_at_borders(text: str) -> Iterator[str]:
    """Yield each line without blanks; and once more without what a column border doubled."""
    for line in text.split("\n"):
        yield plain(line)
        single = re.sub(r"(\S) *\t *\1", r"\1", line)
        yield plain(single)
        yield plain(re.sub(r"((?:19|20)\d\d)\s*\d(?=年)", r"\1", single))


def test_damaged_dumps_neither_crash_nor_make_anything_up() -> None:
    read = 0
    for number in range(MUTATIONS):
        noise = Random(number)
        whole = SAMPLE.path.read_text(encoding="utf-8") if number % 2 else dump(FORM, number, ROWS)
        text = mutated(whole, noise)
        try:
            reports = recognised(text.encode())
        except ReadError:
            continue
        read += 1
        lines = list(joined_at_borders(text))
        for report in reports:
            for entry in report.entries():
                if entry.how in READINGS:
                    assert stands_in(entry, lines), (number, entry.path, entry.text)
    assert read > MUTATIONS * 0.8
