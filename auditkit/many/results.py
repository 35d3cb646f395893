"""What a batch found, as Parquet tables, and questions put to them in SQL.

``reports`` has a row for each form, ``funding`` and ``indicators`` for each of their rows,
``findings`` for each answer of a rule, passes too, ``statements`` for each figure that the prose of
a file states of self-evaluation, and ``failures`` for each file without a form;
``across`` has the findings of checks over all reports. Numbers stand as decimals where the form
prints one; ``cells`` and ``evidence`` hold, as JSON in the shape of ``review.json``, what is
printed, where, and the doubts about it.
"""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from enum import StrEnum
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from auditkit import temporary
from auditkit.contract import BUDGET_LINE, HEAD, ROW, entry_json, finding_json, place_json
from auditkit.decisions.events import ABOUT, about
from auditkit.errors import MissingFileError, QueryError, refusals
from auditkit.findings import Finding, Outcome, Severity
from auditkit.many.proposals import Proposal, proposals
from auditkit.numbers import Reading, Status
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.schedules import place_in, places
from auditkit.stated import Stated, stated
from auditkit.wording import LabelPath, put

_Rows = dict[str, list[dict[str, Any]]]
Ask = Callable[[str], list[dict[str, Any]]]  # a question in SQL
TABLES = "tables"

_FORM = ("file", "sha256", "form")
_SAID = ("rule", "title", "outcome", "severity", "subject", "message", "reported", "expected")
_FINDING = (*_SAID, "arithmetic", "question", "basis", "evidence", "key", "state", "suppressed")
_ASKED = ("where_it_stands", "cited", "about")  # of what failed or is asked: for papers and the log
_PROPOSED = ("review_score", "review_findings")
_GOALS, _TOTAL = ("goal_expected", "goal_actual"), ("total_points", "total_score")
_PLACE = ("jurisdiction", "jurisdiction_is_guessed", "held_on")
_MONEY = ("initial_budget", "adjusted_budget", "outturn")
_VALUES = ("target_value", "actual_value")
_READ = ("figures", "figures_unsure", "agree", "agree_on_doubts")
TABLE_COLUMNS = {
    "reports": (*_FORM, "place", "reader", *HEAD, *_GOALS, *_TOTAL, "rating", *_MONEY, *_PLACE, "unsure", *_READ, "notes", "identity", "cells"),  # noqa: E501
    "funding": (*_FORM, "name", "label", "parent", *BUDGET_LINE, *_PROPOSED, "cells"),
    "indicators": (*_FORM, "path", *ROW, *_VALUES, *_PROPOSED, "cells"),
    "findings": (*_FORM, "project", *_FINDING, *_ASKED),
    "statements": (*_FORM, "number", "figure", "value", "text", "cells"),
    "failures": ("file", "reason", "error", "advice"),
    "across": _FINDING,
}  # fmt: skip
_WHOLE, _NUMBERS = (
    ("form", "number", "unsure", *_READ),
    (*_TOTAL, *BUDGET_LINE, *_VALUES, _PROPOSED[0], "value"),
)
_PLACES, _MOST = 8, Decimal(10) ** 26  # of the decimals in tables; what is larger is only printed
_MEMBERS: dict[str, type[StrEnum]] = {"outcome": Outcome, "severity": Severity}
_TOLD = "; ".join(f"{name}: {', '.join(columns)}" for name, columns in TABLE_COLUMNS.items())
_AT_ONCE = 20_480  # rows that are in memory before they are written; DuckDB counts in 2,048
_SHORT = 1 << 20  # bytes of a line of JSON that DuckDB has room for in any case
_QUICK, _OF_GZIP = 1, 31  # how hard gzip tries; zlib's number for gzip's own format


def rows_of(reviews: Iterable[Review], name: str) -> _Rows:
    """Return the rows that the forms of one document add to each table."""
    rows: _Rows = {table: [] for table in TABLE_COLUMNS}
    for review in reviews:
        report, proposed = review.report, proposals(review)
        form = {"file": name, "sha256": report.document.sha256, "form": report.number}
        rows["reports"].append(form | _report_row(review))
        for line in report.budget_lines:
            entries = {key: getattr(line, key) for key in ("label", *BUDGET_LINE)}
            named = {"name": line.name, "parent": line.parent}
            named |= _proposed(proposed.get(f"budget/{line.name}"))
            rows["funding"].append(form | _flat(entries, review.lang) | named)
        for row in report.indicators:
            entries = {key: getattr(row, key) for key in ROW}
            values = (_number(row.target), _number(row.actual))
            known: dict[str, Any] = dict(zip(_VALUES, values, strict=True)) | {"path": row.path}
            known |= _proposed(proposed.get(row.path))
            rows["indicators"].append(form | _flat(entries, review.lang) | known)
        rows["statements"] += (form | _said(each, review.lang) for each in stated(report.prose))
        for finding in review.findings:
            told = {"project": finding.project} | finding_row(finding, review.lang)
            rows["findings"].append(form | told | _asked(finding, review))
    return rows


def _report_row(review: Review) -> dict[str, Any]:
    report, place = review.report, review.jurisdiction
    entries: dict[str, Entry | None] = {}
    entries |= {key: getattr(report, key) for key in (*HEAD, *_TOTAL, "rating")}
    entries |= dict(zip(_GOALS, (report.goals.expected, report.goals.actual), strict=True))
    entries |= {key: getattr(report.total_line, key, None) for key in _MONEY}
    read, counts = report.certainty, review.counts
    told = (read.figures, len(read.unsure), counts["agrees"], counts["agrees on doubts"])
    at = (place.code, place.guessed, place.on.isoformat())
    return {
        **dict(zip(_PLACE, at, strict=True)),
        **dict(zip(_READ, told, strict=True)),
        "unsure": sum(not e.is_sure for e in report.entries()),
        "place": place_in(review.lang, report.place),
        "reader": report.reader,
        "notes": "\n".join(put(note, review.lang) for note in report.notes),
        "identity": report.identity,
        **_flat(entries, review.lang),
    }


def _said(each: Stated, lang: str) -> dict[str, Any]:
    entry = Entry(f"statement/{each.figure}", Reading(each.text, Status.WORDS), (each.cell,))
    cells = _json({"text": entry_json(entry, lang)})
    named = {"number": each.number, "figure": str(each.figure), "text": each.text}
    return named | {"value": each.value, "cells": cells}


def _proposed(proposal: Proposal | None) -> dict[str, Any]:
    """Return what a re-check would score a row, and the keys of the findings that lead to it."""
    if proposal is None:
        return {}
    return dict(zip(_PROPOSED, (proposal.score, " ".join(proposal.findings)), strict=True))


def _asked(finding: Finding, review: Review) -> dict[str, Any]:
    """Return what papers and the log have to know of a finding that a person is to decide."""
    if finding.outcome not in (Outcome.FAIL, Outcome.REVIEW):
        return {}
    law, place = review.standards, review.jurisdiction
    where = "\n".join(dict.fromkeys(places(finding.observation.evidence, review.lang)))
    cited = law.citations(finding.basis, finding.provisions, review.lang, place)
    question = {name: getattr(about(finding), name) for name in ABOUT}
    return dict(zip(_ASKED, (where, "\n".join(cited), _json(question)), strict=True))


def finding_row(finding: Finding, lang: str) -> dict[str, Any]:
    """Return a finding as a row of a table; cells of other documents say of which."""
    row = finding_json(finding, lang)
    cells = [
        {"text": cell.text, **place_json(cell)}
        | ({"file": cell.document.name} if cell.document != finding.document else {})
        for cell in finding.cells
    ]
    return row | {"basis": "; ".join(row["basis"]), "evidence": _json(cells)}


def _flat(entries: dict[str, Entry | None], lang: str) -> dict[str, Any]:
    flat = {
        key: _number(entry) if key in _NUMBERS else entry and entry.text
        for key, entry in entries.items()
    }
    return flat | {"cells": _json({k: entry_json(e, lang) for k, e in entries.items() if e})}


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


def _told_apart(names: Iterable[str]) -> list[str]:
    """Return names of columns; one that stands there already gets a number: ``a``, ``a (2)``."""
    made: dict[str, None] = {}
    for name in names:
        numbered = (f"{name} ({number})" for number in count(2))
        made[name if name not in made else next(n for n in numbered if n not in made)] = None
    return list(made)


def packed(rows: _Rows) -> bytes:
    """Return rows as bytes, for ``write_tables`` to put together.

    They are compressed lines of JSON, table by table, behind a line that says of each table how
    many bytes it takes and how long its longest line is. Most of the work of making tables is done
    here, by the processes that read the documents.
    """
    head, body = dict[str, tuple[int, int]](), list[bytes]()
    for table, some in rows.items():
        if lines := [_line(table, row) for row in some]:
            body.append(_compressed(b"".join(lines)))
            head[table] = (len(body[-1]), max(map(len, lines)))
    return b"".join((_compressed(_json(head).encode()), *body))


def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, _QUICK, mtime=0)


def _line(table: str, row: dict[str, Any]) -> bytes:
    held = {name: row[name] for name in TABLE_COLUMNS[table] if row.get(name) is not None}
    said = {name: str(of) if isinstance(of, Decimal) else of for name, of in held.items()}
    return f"{_json(said)}\n".encode()


def write_tables(documents: Iterable[bytes], out: Path, only: Sequence[str] = ()) -> None:
    """Write the tables of what was packed, in place of older ones when complete.

    ``only`` are the tables to write, all where none is named. Lines of compressed JSON may be put
    behind one another as they are, so that no document is unpacked before DuckDB reads all of them
    in one go, a part at a time. Raises OSError where the disk is full or the folder may not be
    written to; older tables are then as they were.
    """
    folder, names = out / TABLES, only or tuple(TABLE_COLUMNS)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".") as beside:
        lines = {table: Path(beside, f"{table}.jsonl.gz") for table in names}
        longest = _spread(documents, lines)
        for table, path in lines.items():
            _write(path, path.with_name(f"{table}.parquet"), _types(table), longest[table])
        for table in names:
            Path(beside, f"{table}.parquet").replace(folder / f"{table}.parquet")


def _write(lines: Path, table: Path, types: dict[str, str], longest: int) -> None:
    """Write a table of lines of JSON: one thread, so that the same rows make the same bytes."""
    import duckdb

    try:
        with duckdb.connect(config={"threads": 1}) as base:
            rows = base.read_json(
                str(lines), format="newline_delimited", compression="gzip", columns=types,
                maximum_object_size=max(longest, _SHORT),
            )  # fmt: skip
            rows.write_parquet(str(table), compression="zstd", row_group_size=_AT_ONCE)
    except duckdb.IOException as error:
        raise OSError(str(error)) from error


def _spread(documents: Iterable[bytes], paths: dict[str, Path]) -> dict[str, int]:
    """Write what was packed to a file for each table; return how long its longest line is."""
    longest = dict.fromkeys(paths, 0)
    with ExitStack() as stack:
        files = {table: stack.enter_context(path.open("wb")) for table, path in paths.items()}
        for file in files.values():
            file.write(_compressed(b""))  # a file of no bytes would be a damaged one
        for document in documents:
            inside = zlib.decompressobj(_OF_GZIP)
            head, body = json.loads(inside.decompress(document)), inside.unused_data
            for table, (size, length) in head.items():
                files[table].write(body[:size])
                body, longest[table] = body[size:], max(longest[table], length)
    return longest


def _types(table: str) -> dict[str, str]:
    kinds = {**dict.fromkeys(_WHOLE, "INTEGER"), _PLACE[1]: "BOOLEAN"}
    kinds |= dict.fromkeys(_NUMBERS, f"DECIMAL(34, {_PLACES})")
    return {name: kinds.get(name, "VARCHAR") for name in TABLE_COLUMNS[table]}


def query(out: str | Path, sql: str) -> list[dict[str, Any]]:
    """Answer a question in SQL about the tables of a run, as rows by the names of columns.

    ``out`` is the folder that the run wrote to.

    Nothing but the tables can be read, and nothing written. Raises MissingFileError where there
    are no tables, QueryError for what DuckDB refuses.
    """
    with asking(out) as ask:
        return ask(sql)


@contextmanager
def asking(out: str | Path) -> Iterator[Ask]:
    """Give what answers several questions about the tables of a run, which are opened once.

    It answers and raises as ``query`` does.
    """
    paths = [Path(out) / TABLES / f"{table}.parquet" for table in TABLE_COLUMNS]
    if lacking := [path for path in paths[:-1] if not path.is_file()]:
        raise MissingFileError.saying("no-table", name=str(lacking[0]))
    import duckdb

    with refusals(str(out)), temporary.folder() as beside, duckdb.connect() as base:
        with _refused():
            _show(base, [path for path in paths if path.is_file()], beside)
        yield partial(_answered, base)


@contextmanager
def _refused() -> Iterator[None]:
    """Say what DuckDB refuses."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        said = " ".join(str(error).split())
        facts = {"reason": said, "tables": _TOLD}
        raise QueryError.saying("question-refused", name="query", **facts) from error


def _show(base: Any, paths: Sequence[Path], beside: Path) -> None:
    """Let a database see tables, as views of their names, and nothing else of this machine."""
    # DuckDB may write where it may read: it is shown copies, and spills beside them.
    there = [Path(shutil.copy(path, beside)) for path in paths]
    for path in there:
        base.read_parquet(str(path)).create_view(path.stem)
    base.execute("SET temp_directory = $1", [str(Path(beside, "spilt"))])
    base.execute("SET allowed_paths = $1", [list(map(str, there))])
    base.execute("SET enable_progress_bar = false; SET enable_external_access = false")
    base.execute("SET lock_configuration = true")


def _answered(base: Any, sql: str) -> list[dict[str, Any]]:
    if not sql.strip():
        raise QueryError.saying("question-empty", name="query", tables=_TOLD)
    with _refused():
        base.execute(sql)
        rows, heads = base.fetchall(), _told_apart(c[0] for c in base.description or ())
    pairs = (zip(heads, row, strict=True) for row in rows)
    return [{name: _meant(name, value) for name, value in row} for row in pairs]
