"""The tables of a run, and the rules across reports, made by processes that end with them."""

from __future__ import annotations

import gc
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from auditkit.errors import AuditkitError, WorkerError, refused
from auditkit.many.kept import KEPT, Done, tables_kept
from auditkit.many.results import TABLE_COLUMNS, TABLES, finding_row, packed, query, write_tables
from auditkit.many.run import HERE, Run
from auditkit.many.workers import ENDLESS, pool

STATE = "made-of.sha256"
_Work = Callable[[str, Callable[[str], object]], AuditkitError | None]


def tabulate(files: Sequence[Done], run: Run, lang: str) -> None:
    """Write the tables of what came of files, and what the rules across reports make of them.

    Tables are left as they are where nothing in them would change. Raises WorkerError.
    """
    digest = hashlib.sha256(repr((lang, run.expected)).encode())
    for done in files:
        digest.update(f"{done.name}\0{done.key}{done.digest}".encode())
    state = run.out / TABLES / STATE
    are_there = all((run.out / TABLES / f"{table}.parquet").is_file() for table in TABLE_COLUMNS)
    if are_there and state.is_file() and state.read_text() == digest.hexdigest():
        return
    state.unlink(missing_ok=True)
    _make(b"".join(bytes.fromhex(done.key) for done in files), run, lang)
    state.write_text(digest.hexdigest())


def _make(keys: bytes, run: Run, lang: str) -> None:
    """Write the tables of what is kept under the keys, 32 bytes each, and put the rules to them.

    Unless the run has none, it is all done by other processes, so that what it takes is given back.
    """
    from auditkit.many import across

    (run.out / KEPT).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=run.out / KEPT, prefix=".") as beside:
        work = partial(_made, run=run, lang=lang, answers=Path(beside))
        names = [rule.id for rule in across.ACROSS]
        for stage, items in ((partial(work, keys=keys), ["tables"]), (work, names)):
            _through(stage, items, run)
        _through(work, ["across"], run)


def _through(work: _Work, items: Sequence[str], run: Run) -> None:
    """Do work on items, by other processes unless the run has none; raises what went wrong."""
    if run.workers == HERE:
        came = (work(item, _unheard) for item in items)
    else:
        came = (each for *_, each in pool(work, items, run.workers, ENDLESS))
    for problem in came:
        if problem is not None:
            raise problem


def _unheard(_: str) -> None:
    """Take a note of a piece of work that no process is lost of."""


def _made(
    item: str, _note: object, run: Run, lang: str, answers: Path, keys: bytes = b""
) -> AuditkitError | None:
    """Write the tables, put one rule across reports to them, or write the answers of all."""
    from auditkit.many import across

    was_on = gc.isenabled()
    gc.disable()  # millions of cells, none of which is part of a ring
    try:
        if item == "tables":
            starts = range(0, len(keys), 32)
            write_tables((tables_kept(run, keys[at : at + 32].hex()) for at in starts), run.out)
        elif item == "across":
            paths = (answers / rule.id for rule in across.ACROSS)
            write_tables((path.read_bytes() for path in paths), run.out, only=("across",))
        else:
            rules = [rule for rule in across.ACROSS if rule.id == item]
            found = across.across(partial(query, run.out), run.expected, rules)
            rows = packed({"across": [finding_row(finding, lang) for finding in found]})
            (answers / item).write_bytes(rows)
    except AuditkitError as error:
        return WorkerError(error.message, name=error.name, advice=error.advice)
    except OSError as error:
        about = str(run.out / TABLES)
        return WorkerError.saying("tables-unwritten", name=about, reason=refused(error))
    finally:
        if was_on:
            gc.enable()
    return None
