"""What a batch found, as tables that keep every digit and every blank, and answer SQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastparquet import ParquetFile

from auditkit.errors import QueryError
from auditkit.many.results import TABLE_COLUMNS, TABLES, packed, query, write_tables

MOST = Decimal("12345678901234567890123456.12345678")
ODD = 'a "quoted", cell\nwith\ttwo lines, \\ and \0 and 中文 and 𠮷'


def report(number: int, **other: Any) -> dict[str, Any]:
    form = {"file": f"{number}.pdf", "sha256": f"{number:064}", "form": number, "unsure": 0}
    return {**form, "jurisdiction_is_guessed": number % 2 == 0, **other}


def written(folder: Path, *documents: list[dict[str, Any]]) -> Path:
    write_tables((packed({"reports": rows}) for rows in documents), folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / TABLES).iterdir()}


def test_every_digit_and_every_blank_is_kept(tmp_path: Path) -> None:
    rows = [
        report(1, outturn=MOST, total_score=Decimal("-0.00000001"), project=ODD, notes=""),
        report(2, outturn=None, total_score=Decimal("1E+2"), project=None, notes="null"),
    ]
    first, second = query(written(tmp_path, rows), "select * from reports")
    assert (first["outturn"], second["outturn"]) == (MOST, None)
    assert [str(row["total_score"]) for row in (first, second)] == ["-1E-8", "100.00000000"]
    assert (first["project"], second["project"]) == (ODD, None)
    assert (first["notes"], second["notes"]) == ("", "null")
    assert [row["jurisdiction_is_guessed"] for row in (first, second)] == [False, True]


def test_kinds_of_columns_are_those_of_what_they_hold(tmp_path: Path) -> None:
    described = query(written(tmp_path), "describe reports")
    kinds = {row["column_name"]: row["column_type"] for row in described}
    assert tuple(kinds) == TABLE_COLUMNS["reports"]
    assert {kinds[name] for name in ("form", "unsure")} == {"INTEGER"}
    assert {kinds[name] for name in ("outturn", "total_score")} == {"DECIMAL(34,8)"}
    assert (kinds["jurisdiction_is_guessed"], kinds["total_points"]) == ("BOOLEAN", "DECIMAL(34,8)")
    assert (kinds["file"], kinds["cells"], kinds["held_on"]) == ("VARCHAR",) * 3


def test_rows_stand_in_the_order_of_the_documents(tmp_path: Path) -> None:
    documents = [[report(number) for number in range(at, at + 60)] for at in range(0, 60_000, 60)]
    folder = written(tmp_path, *documents)
    assert [row["form"] for row in query(folder, "select form from reports")] == list(range(60_000))


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    documents = [[report(number, project=f"{number * 7919}")] for number in range(3000)]
    one, other = (written(tmp_path / name, *documents) for name in ("one", "other"))
    assert contents(one) == contents(other)


def test_a_row_of_many_million_characters_is_a_row(tmp_path: Path) -> None:
    notes = "说明" * 7_000_000
    folder = written(tmp_path, [report(1)], [report(2, notes=notes)], [report(3)])
    rows = query(folder, "select notes from reports")
    assert [row["notes"] for row in rows] == [None, notes, None]


def test_an_odd_name_of_a_folder_is_no_pattern(tmp_path: Path) -> None:
    folder = written(tmp_path / "it's [a] folder? *", [report(1)])
    assert query(folder, "select form from reports") == [{"form": 1}]


def test_other_programs_open_the_tables(tmp_path: Path) -> None:
    folder = written(tmp_path, [report(1, outturn=Decimal("1.5"), project=ODD)], [report(2)])
    with (folder / TABLES / "reports.parquet").open("rb") as file:
        frame = ParquetFile(file).to_pandas()
    assert tuple(frame.columns) == TABLE_COLUMNS["reports"]
    assert frame.loc[0, "project"] == ODD
    assert (frame.loc[0, "outturn"], frame.loc[1, "form"]) == (1.5, 2)


QUESTIONS = {
    "a pivot": (
        "pivot (from reports select form, unsure) on form using count(*)",
        [{"unsure": 0, "1": 1, "2": 1}],
    ),
    "a table of one's own": (
        "create temp table own as from reports; select count(*) n from own",
        [{"n": 2}],
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_any_question_about_the_tables_is_answered(name: str, tmp_path: Path) -> None:
    sql, answer = QUESTIONS[name]
    assert query(written(tmp_path, [report(1), report(2)]), sql) == answer


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folder = written(tmp_path, [report(1)])
    (row,) = query(folder, 'select 1 a, 2 a, 3 "a (2)", 4 a')
    assert row == {"a": 1, "a (2)": 2, "a (2) (2)": 3, "a (3)": 4}


REFUSED = (
    "",
    "select * from read_text('/etc/hostname')",
    "from glob('/*')",
    "from read_parquet('{tables}/reports.parquet')",
    "copy reports to '{folder}/stolen.csv' (use_tmp_file false)",
    "copy (select 1) to '{tables}/reports.parquet' (use_tmp_file false)",
    "explain analyze copy reports to '{folder}/stolen.csv' (use_tmp_file false)",
    "copy (pivot reports on form using count(*)) to '{folder}/stolen.csv' (use_tmp_file false)",
    "export database '{folder}/stolen'",
    "attach '{folder}/stolen.db'",
    "install httpfs",
    "set enable_external_access = true",
    "set allowed_paths = ['/etc/hostname']",
)


@pytest.mark.parametrize("sql", REFUSED)
def test_nothing_but_the_tables_is_read_and_nothing_written(sql: str, tmp_path: Path) -> None:
    folder = written(tmp_path, [report(1)])
    before = contents(folder)
    with pytest.raises(QueryError):
        query(folder, sql.format(folder=folder, tables=folder / TABLES))
    assert contents(folder) == before
    assert not list(tmp_path.glob("stolen*"))


def test_what_may_be_read_may_not_be_written_for_others_to_read(tmp_path: Path) -> None:
    folder = written(tmp_path, [report(1)])
    before = contents(folder)
    shown = "select unnest(current_setting('allowed_paths')) as path"
    (path, *_) = [row["path"] for row in query(folder, shown)]
    assert not Path(path).is_relative_to(folder)
    assert not Path(path).exists()  # it is gone with the question
    assert contents(folder) == before
