"""Forms in layouts that nobody collected: what is read of them, and what a change does to them.

``python tests/layouts.py --count 3000`` does the same at length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import chain

import pytest
from grammar import judging
from grammar.beside import NEIGHBOURS
from grammar.changes import CHANGES
from grammar.design import KINDS, make
from grammar.facts import ERRORS
from grammar.laying import HEADS, VALUE, Table, together
from grammar.systems import SYSTEMS
from layouts import Trial, after, as_laid_out, form_of, main
from systems import REFUSED, counted
from systems import main as print_systems

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Cell
from auditkit.report import Report, with_entries

SILENT = (judging.LOST, judging.WRONG, judging.UNACCOUNTED, judging.MADE_UP)


def amiss(trials: Iterable[Trial | None]) -> list[str]:
    """Return what went wrong in some trials, each with its seed."""
    return [
        f"{trial.name}, seed {trial.form.seed}: {one}"
        for trial in trials
        if trial
        for one in trial.verdicts
        if one.kind not in judging.GOOD
    ]


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_lost_in_silence_read_wrongly_or_accused_in_any_layout(name: str) -> None:
    assert not amiss(as_laid_out(make(seed, name)) for seed in range(5))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_says_nothing_new_changes_nothing_that_was_read(name: str) -> None:
    kind = "csv" if name == "form beside" else "html"
    bases = (judging.read(form_of(seed), kind) for seed in range(7, 7 + 10))
    assert not amiss(after(base, name, kind) for base in bases)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_layouts_are_read_alike_from_every_kind_of_file(kind: str) -> None:
    assert not amiss(as_laid_out(make(100 + n, name), kind) for n, name in enumerate(KINDS))


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_head_orders_of_systems_are_read_and_nothing_of_them_is_lost_in_silence(
    name: str,
) -> None:
    found = counted(name, "html")
    assert not [kind for kind in SILENT if found[kind]]
    assert found[judging.EXACT] >= Decimal("0.98") * found.total() > 0


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_what_systems_print_beside_self_evaluations_is_refused_by_its_name(name: str) -> None:
    found = counted(name, "html")
    assert found == {REFUSED: found.total()}


@pytest.mark.parametrize("seed", range(40))
def test_a_form_that_is_made_adds_up_unless_an_error_was_planted(seed: int) -> None:
    form = make(seed)
    facts = form.facts
    assert form.error in ("", *ERRORS)
    if not form.error:
        rows = [facts.funds[0], *facts.indicators]
        for name in ("points", "score"):
            assert sum(Decimal(row[name]) for row in rows) == Decimal(facts.total[name])
        for name in ("initial_budget", "adjusted_budget", "outturn"):
            whole, *parts = (Decimal(row[name].replace(",", "")) for row in facts.funds)
            assert sum(parts) == whole
    assert form == make(seed)


@pytest.mark.parametrize("name", KINDS)
def test_a_layout_fills_its_grid_and_states_every_fact(name: str) -> None:
    for seed in range(6):
        form = make(seed, name)
        tables = [part for part in chain(*together(form)) if isinstance(part, Table)]
        for table in tables:
            squares = [
                (row, column)
                for cell in table.cells
                for row in range(cell.row, cell.row + cell.rows)
                for column in range(cell.column, cell.column + cell.columns)
            ]
            assert len(squares) == len(set(squares)) == table.width * table.height
        values = {cell.path for table in tables for cell in table.cells if cell.kind == VALUE}
        for path in ("project", "goals.actual", "total.score", "b0.outturn", "i0.actual"):
            assert path in values
        heads = {cell.path for table in tables for cell in table.cells}
        assert {f"{HEADS}.outturn", f"{HEADS}.actual"} <= heads


def test_the_national_form_is_read_without_a_miss() -> None:
    for seed in range(8):
        outcome = judging.read(make(seed, "plain"))
        assert {one.kind for one in judging.judged(outcome)} == {judging.EXACT}


def changed(outcome: judging.Outcome, **fields: object) -> set[tuple[str, str]]:
    """Return what is said of a form of which some fields are read otherwise."""
    assert outcome.report is not None
    report = replace(outcome.report, **fields)  # type: ignore[arg-type]
    said = judging.judged(replace(outcome, report=report))
    return {(one.kind, one.path) for one in said if one.kind != judging.EXACT}


def test_what_is_not_read_is_told_apart_by_what_is_said_of_it() -> None:
    outcome = judging.read(make(1, "plain"))
    assert outcome.report is not None
    total = outcome.report.total_score
    assert total is not None
    path = "total.score"
    other = with_entries(total, lambda e: replace(e, reading=replace(e.reading, raw="1")))
    doubted = replace(other, doubts=(Doubt.of(DoubtKind.GLUED),))
    lacks = Note.of(NoteKind.LACKS, what="total_row")
    assert changed(outcome, total_score=None) == {(judging.LOST, path)}
    assert changed(outcome, total_score=other) == {(judging.WRONG, path)}
    assert changed(outcome, total_score=doubted) == {(judging.SAID, path)}
    assert changed(outcome, total_score=None, notes=(lacks,)) == {(judging.LACKING, path)}
    rows = outcome.report.indicators
    assert (judging.MADE_UP, "indicator") in changed(
        outcome, indicators=(*rows, replace(rows[0], name=total))
    )


class Told:
    """A report that also says which cells it did not understand."""

    def __init__(self, report: Report, *unplaced: Cell) -> None:
        self.report, self.unplaced = report, unplaced

    def __getattr__(self, name: str) -> object:
        return getattr(self.report, name)


def test_what_was_not_understood_counts_as_said_by_its_cell_or_by_its_head() -> None:
    outcome = judging.read(make(1, "plain"))
    assert outcome.report is not None
    goals, rows = outcome.report.goals, outcome.report.indicators
    assert goals.actual is not None
    without = replace(outcome.report, goals=replace(goals, actual=None))
    told = Told(without, *goals.actual.cells)
    verdicts = judging.judged(replace(outcome, report=told))  # type: ignore[arg-type]
    assert [one.path for one in verdicts if one.kind == judging.SAID] == ["goals.actual"]
    head = next(one.head for one in outcome.form.design.indicators if one.role == "score")
    note = Note.of(NoteKind.UNPLACED, column=head, indicator=1, text="")
    missing = tuple(replace(row, score=None) for row in rows)
    said = changed(outcome, indicators=missing, notes=(note,))
    assert said == {(judging.SAID, f"i{number}.score") for number in range(len(rows))}
    assert {kind for kind, _ in changed(outcome, indicators=missing)} == {judging.LOST}


def test_the_command_prints_the_table_and_shows_a_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "2", "--only", "plain", "columns permuted"]) == 0
    assert "columns permuted" in capsys.readouterr().out
    assert main(["--show", "3", "--only", "tree", "text inserted"]) == 0
    printed = capsys.readouterr().out
    assert "== layout tree, seed 3" in printed
    assert "== change text inserted, seed 3" in printed
    with pytest.raises(SystemExit):
        main(["--only", "no such layout"])


def test_the_command_for_systems_counts_fields_by_head_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert print_systems(["--only", "S7", "S18", "--count", "1"]) == 0
    printed = capsys.readouterr().out
    assert "S7 " in printed
    assert REFUSED in printed
    assert print_systems(["--show", "S7"]) == 0
    assert "改进措施及结果应用方案" in capsys.readouterr().out
