"""What the print of a file settles of its doubts, and what it never makes sure."""

from __future__ import annotations

import pytest
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font
from producers import chromium_program, missing
from test_seen import scored, styled, workbook

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Cell, Document, Grid, TableCell, Tables
from auditkit.readers import prints, tables_of
from auditkit.readers.settling import settled

ODD = Doubt.of(DoubtKind.DECLARED, property="position")
FONT = Doubt.of(DoubtKind.DECLARED, property="font-family")
UNSEEN = Doubt(DoubtKind.WITHOUT_INK)
FORM = Document("0" * 64, "form.html")
HEAD = ("三级指标", "分值", "得分")


def table(*rows: tuple[str, ...], doubts: dict[tuple[int, int], Doubt] | None = None) -> Tables:
    """Return a table of texts, some of its cells with a doubt."""
    cells = tuple(
        Cell(
            FORM, TableCell(1, row + 1, column + 1), text, row, column,
            doubts=tuple(filter(None, [(doubts or {}).get((row, column))])),
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )  # fmt: skip
    return Tables(FORM, (Grid(FORM, 1, "web/html", cells, edges=(0.0, 1.0, 2.0, 3.0)),))


def score(tables: Tables) -> Cell:
    return next(cell for cell in tables.grids[0].cells if (cell.row, cell.column) == (1, 2))


DOUBTED = table(HEAD, ("培训场次", "5", "4"), ("合格率", "6", "5"), doubts={(1, 2): ODD})


def test_a_print_that_shows_the_same_in_the_same_place_settles_a_doubt() -> None:
    print_ = table(HEAD, ("培训场次", "5", "4"), ("合格率", "6", "5"))
    made = settled(DOUBTED, print_, "a browser")
    assert score(made).doubts == ()
    assert made.notes == (Note.of(NoteKind.SETTLED, cells=1, by="a browser"),)


def test_a_print_that_shows_something_else_is_named_and_the_doubt_stands() -> None:
    print_ = table(HEAD, ("培训场次", "5", "3"), ("合格率", "6", "5"))
    told = Doubt.of(DoubtKind.PRINTED_OTHERWISE, text="3")
    assert score(settled(DOUBTED, print_, "a browser")).doubts == (ODD, told)


@pytest.mark.parametrize(
    "print_",
    [
        table(("三级指标", "得分", "分值"), ("培训场次", "5", "4"), ("合格率", "6", "5")),
        table(HEAD, ("培训场次", "4", "5"), ("合格率", "6", "5")),
        table(HEAD, ("合格率", "5", "4"), ("培训场次", "6", "5")),
        table(HEAD, ("培训场次", "5", "4"), ("培训场次", "5", "4")),
        table(("培训场次", "5", "4"), ("合格率", "6", "5")),
        table(HEAD, ("培训场次", "5", "4"), doubts={(1, 2): UNSEEN}),
        table(HEAD, ("培训场次", "5", "4", "")),
    ],
    ids=["heads", "columns", "rows", "twice", "headless", "unseen", "another table"],
)
def test_nothing_is_settled_where_the_place_or_the_ink_is_another(print_: Tables) -> None:
    assert ODD in score(settled(DOUBTED, print_, "a browser")).doubts


def test_a_doubt_about_what_a_figure_looks_like_is_not_settled() -> None:
    doubted = table(HEAD, ("培训场次", "5", "4"), doubts={(1, 2): FONT})
    assert score(settled(doubted, table(HEAD, ("培训场次", "5", "4")), "")).doubts == (FONT,)


def test_nothing_is_printed_where_there_is_nothing_to_settle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prints, "program_for", lambda _: "a browser")
    monkeypatch.setattr(prints, "printed", None)  # which no call survives
    assert tables_of(scored("<td>5</td>"), "form.html", witness=True).notes == ()
    assert tables_of(styled("font-family:Wingdings"), "form.html", witness=True).notes == ()


@pytest.mark.parametrize("rule", ["@media print{td{top:1px}}", "td{left:1vw}", "@import 'a.css'"])
def test_a_page_that_is_shown_otherwise_elsewhere_is_not_printed(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prints, "BROWSERS", ("true",))
    page = scored('<td><i style="opacity:.1">5</i></td>', f"<style>{rule}</style>")
    notes = tables_of(page, "form.html", witness=True).notes
    assert NoteKind.NOT_PRINTED in {note.kind for note in notes}


def doubts_of_score(data: bytes, name: str) -> dict[str, tuple[Doubt, ...]]:
    found = tables_of(data, name, witness=True)
    return {
        cell.text: cell.doubts
        for grid in found.grids
        for cell in grid.cells
        if any(
            doubt.kind in (DoubtKind.DECLARED, DoubtKind.NEVER_CALCULATED) for doubt in cell.doubts
        )
    }


@pytest.mark.slow
@pytest.mark.skipif(chromium_program() is None, reason="no browser")
def test_a_browser_settles_what_it_shows_and_runs_nothing() -> None:
    assert doubts_of_score(styled("display:inline-flex"), "a.html") == {}
    turned = scored('<td>5<bdo style="unicode-bidi:bidi-override;direction:rtl">17</bdo></td>')
    (doubts,) = doubts_of_score(turned, "a.html").values()
    assert Doubt.of(DoubtKind.PRINTED_OTHERWISE, text="571") in doubts
    scripted = scored(
        '<td onclick="1"><i style="display:inline-flex">5</i></td>',
        "<script>document.write('<p>自评表</p>')</script>",
    )
    assert not doubts_of_score(scripted, "a.html")


@pytest.mark.slow
@pytest.mark.skipif(bool(missing("calc")), reason="no office program")
def test_an_office_program_settles_a_condition_that_does_not_hold() -> None:
    def pale(operator: str) -> bytes:
        rule = CellIsRule(operator=operator, formula=["1"], font=Font(color="FFFFFFFF"))
        return workbook(lambda sheet, cell: sheet.conditional_formatting.add(cell.coordinate, rule))

    assert doubts_of_score(pale("lessThan"), "a.xlsx") == {}
    assert "5" in doubts_of_score(pale("greaterThan"), "a.xlsx")
    formula = workbook(lambda _, cell: setattr(cell, "value", "=2+1"))
    assert Doubt.of(DoubtKind.PRINTED_OTHERWISE, text="3") in doubts_of_score(formula, "a.xlsx")[""]
