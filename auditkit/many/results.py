"""What a batch found, as Parquet tables, and questions put to them in SQL.

``reports`` has a row for each form, ``funding`` and ``indicators`` for each of their rows,
``findings`` for each answer of a rule, passes too, and ``failures`` for each file without a form;
``across`` has the findings of checks over all reports. Numbers stand as decimals where the form
prints one; ``cells`` and ``evidence`` hold, as JSON in the shape of ``review.json``, what is
printed, where, and the doubts about it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from auditkit.contract import AMOUNTS, HEAD, ROW, entry_json, finding_json, place_json
from auditkit.errors import MissingFileError, QueryError
from auditkit.findings import Finding, Outcome, Severity
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.schedules import place_in
from auditkit.wording import LabelPath

Rows = dict[str, list[dict[str, Any]]]
TABLES = "tables"

_FORM = ("file", "sha256", "form")
_SAID = ("rule", "title", "outcome", "severity", "subject", "message", "reported", "expected")
_FINDING = (*_SAID, "arithmetic", "question", "basis", "evidence", "key", "state", "suppressed")
_GOALS, _TOTAL = ("goal_expected", "goal_actual"), ("total_points", "total_score")
_PLACE = ("jurisdiction", "jurisdiction_is_guessed", "held_on")
_MONEY = ("initial_budget", "adjusted_budget", "outturn")
_VALUES = ("target_value", "actual_value")
COLUMNS = {
    "reports": (*_FORM, "place", "reader", *HEAD, *_GOALS, *_TOTAL, "rating", *_MONEY, *_PLACE, "unsure", "notes", "cells"),  # noqa: E501
    "funding": (*_FORM, "name", "label", "parent", *AMOUNTS, "cells"),
    "indicators": (*_FORM, "path", *ROW, *_VALUES, "cells"),
    "findings": (*_FORM, "project", *_FINDING),
    "failures": ("file", "reason", "error", "advice"),
    "across": _FINDING,
}  # fmt: skip
_WHOLE, _NUMBERS = ("form", "unsure"), (*_TOTAL, *AMOUNTS, *_VALUES)
_PLACES, _MOST = 8, Decimal(10) ** 26  # of the decimals in tables; what is larger is only printed
_MEMBERS: dict[str, type[StrEnum]] = {"outcome": Outcome, "severity": Severity}
_AT_ONCE = 20_000  # rows that are in memory before they are written


def rows_of(reviews: Iterable[Review], name: str) -> Rows:
    """Return the rows that the forms of one document add to each table."""
    rows: Rows = {table: [] for table in COLUMNS}
    for review in reviews:
        report, place = review.report, review.jurisdiction
        form = {"file": name, "sha256": report.document.sha256, "form": report.number}
        entries = {key: getattr(report, key) for key in (*HEAD, *_TOTAL, "rating")}
        goals = (report.goals.expected, report.goals.actual)
        entries |= dict(zip(_GOALS, goals, strict=True))
        entries |= {key: getattr(report.total_line, key, None) for key in _MONEY}
        at = (place.code, place.guessed, place.on.isoformat())
        about = dict(zip(_PLACE, at, strict=True))
        about |= {"unsure": sum(not e.is_sure for e in report.entries())}
        where = place_in(review.lang, report.place)
        about |= {"place": where, "reader": report.reader, "notes": "\n".join(report.notes)}
        rows["reports"].append(form | about | _flat(entries))
        for line in report.budget_lines:
            entries = {key: getattr(line, key) for key in ("label", *AMOUNTS)}
            rows["funding"].append(
                form | _flat(entries) | {"name": line.name, "parent": line.parent}
            )
        for row in report.indicators:
            entries = {key: getattr(row, key) for key in ROW}
            values = (_number(row.target), _number(row.actual))
            known = dict(zip(_VALUES, values, strict=True)) | {"path": row.path}
            rows["indicators"].append(form | _flat(entries) | known)
        for finding in review.findings:
            rows["findings"].append(
                form | {"project": finding.project} | finding_row(finding, review.lang)
            )
    return rows


def finding_row(finding: Finding, lang: str) -> dict[str, Any]:
    """Return a finding as a row of a table; cells of other documents say of which."""
    row = finding_json(finding, lang)
    cells = [
        {"text": cell.text, **place_json(cell)}
        | ({"file": cell.document.name} if cell.document != finding.document else {})
        for cell in finding.cells
    ]
    return row | {"basis": "; ".join(row["basis"]), "evidence": _json(cells)}


def _flat(entries: dict[str, Entry | None]) -> dict[str, Any]:
    flat = {
        key: _number(entry) if key in _NUMBERS else entry and entry.text
        for key, entry in entries.items()
    }
    return flat | {"cells": _json({key: entry_json(e) for key, e in entries.items() if e})}


def _number(entry: Entry | None) -> Decimal | None:
    text = (entry_json(entry) or {}).get("value")
    value = None if text is None else Decimal(text)
    return None if value is None or abs(value) >= _MOST else round(value, _PLACES)


def _meant(column: str, value: Any) -> Any:
    """Return the outcome, severity or path that a table holds as text; any other value as it is."""
    if column == "subject" and isinstance(value, str):
        return LabelPath(value)
    return next((member for member in _MEMBERS.get(column, ()) if member == value), value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def packed(rows: Rows) -> bytes:
    """Return rows as bytes in the shape of the tables, for ``write_tables`` to put together.

    Most of the work of making tables is done here, by the processes that read the documents.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())  # others set aside more than a limit may allow
    made = {table: pa.RecordBatch.from_pylist(some, _schema(table)) for table, some in rows.items()}
    parts = {table: [batch.serialize().to_pybytes()] for table, batch in made.items()}
    whole, sink = pa.RecordBatch.from_pydict(parts), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_batch(whole)
    return gzip.compress(sink.getvalue(), 1, mtime=0)


def write_tables(documents: Iterable[bytes], out: Path, only: Sequence[str] = ()) -> None:
    """Write the tables of what was packed, a part at a time, in place of older ones when complete.

    ``only`` are the tables to write, all where none is named.
    """
    import pyarrow as pa
    from pyarrow import parquet

    folder, names = out / TABLES, only or tuple(COLUMNS)
    folder.mkdir(parents=True, exist_ok=True)
    schemas = {table: _schema(table) for table in names}
    with TemporaryDirectory(dir=folder, prefix=".") as beside:
        paths = {table: Path(beside, f"{table}.parquet") for table in names}
        writers = {name: parquet.ParquetWriter(path, schemas[name]) for name, path in paths.items()}
        for part in _parts(documents, schemas):
            for table, batches in part.items():
                rows = pa.Table.from_batches(batches, schemas[table])
                writers[table].write_table(rows.combine_chunks())
        for table, path in paths.items():
            writers[table].close()
            path.replace(folder / path.name)


def _parts(documents: Iterable[bytes], schemas: dict[str, Any]) -> Iterator[dict[str, list[Any]]]:
    """Yield rows of many documents together, so many that a part of a file is worth its head."""
    import pyarrow as pa

    part, most = {table: list[Any]() for table in schemas}, 0
    for document in documents:
        held = pa.ipc.open_stream(gzip.decompress(document)).read_next_batch().to_pydict()
        for table, (rows,) in held.items():
            part[table].append(pa.ipc.read_record_batch(pa.py_buffer(rows), schemas[table]))
        most += max(len(part[table][-1]) for table in held)
        if most > _AT_ONCE:
            yield part
            part, most = {table: [] for table in schemas}, 0
    yield part


def _schema(table: str) -> Any:
    import pyarrow as pa

    kinds = {**dict.fromkeys(_WHOLE, pa.int32()), _PLACE[1]: pa.bool_()}
    kinds |= dict.fromkeys(_NUMBERS, pa.decimal128(34, _PLACES))
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS[table]])


def ask(out: Path, sql: str) -> list[dict[str, Any]]:
    """Answer a question in SQL about the tables below a folder of results, by names of columns.

    Nothing but the tables can be read, and nothing written. Raises MissingFileError where there
    are no tables, QueryError for what DuckDB refuses.
    """
    import duckdb
    from pyarrow import dataset

    paths = [Path(out) / TABLES / f"{table}.parquet" for table in COLUMNS]
    if lacking := [path for path in paths[:-1] if not path.is_file()]:
        advice = "Make the tables first: auditkit review FOLDER --out DIR --workers N"
        raise MissingFileError("there is no such table", name=str(lacking[0]), advice=advice)
    with duckdb.connect() as base:
        for path in filter(Path.is_file, paths):
            base.register(path.stem, dataset.dataset(path))
        base.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            answer = base.execute(sql)
            heads = [column[0] for column in answer.description]
            rows = (zip(heads, row, strict=True) for row in answer.fetchall())
            return [{name: _meant(name, value) for name, value in row} for row in rows]
        except duckdb.Error as error:
            tables = "; ".join(f"{name}: {', '.join(of)}" for name, of in COLUMNS.items())
            raise QueryError(str(error), name="query", advice=f"There are {tables}") from error
