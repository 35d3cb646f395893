"""The command line: read forms, review them, and write workpapers.

Exit codes: 0 all inputs done, 1 what --fail-on names was found, 2 wrong usage, 3 some inputs could
not be read (the rest is done), 130 stopped by hand. Results go to standard output, messages to
standard error.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import re
import sys
import traceback
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import auditkit
from auditkit.errors import AuditkitError, MissingFileError

if TYPE_CHECKING:
    from auditkit.report import Report
    from auditkit.reviewing import Review

KINDS = (".pdf",)
STANDARD_INPUT = "-"


@dataclass(slots=True)
class Run:
    """What came out of a command so far."""

    failures: list[dict[str, str]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    worst: set[str] = field(default_factory=set)

    def fail(self, name: str, error: Exception, *, debug: bool) -> None:
        """Record what one input failed of, and say it at once."""
        if isinstance(error, AuditkitError):
            message, advice = error.message, error.advice
            where = f", {error.place}" if error.place else ""
        else:
            message = f"unexpected {type(error).__name__}: {error}"
            advice, where = "Run again with --debug for the trace, and report it", ""
        self.failures.append({"name": name, "error": f"{message}{where}", "advice": advice})
        _say(f"{name}{where}: {message}. {advice}")
        if debug:
            _say("".join(traceback.format_exception(error)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # What reads the output has gone; Python must not complain about it at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except AuditkitError as error:
        _say(str(error))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="auditkit",
        description="Read and review performance self-evaluation forms (项目支出绩效自评表).",
    )
    parser.add_argument("--version", action="version", version=f"auditkit {auditkit.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    read = commands.add_parser("read", help="print the forms of files as data")
    read.set_defaults(command=_read)
    review = commands.add_parser("review", help="recompute and check forms, write workpapers")
    review.set_defaults(command=_review)
    review.add_argument("--out", type=Path, required=True, help="folder for the workpapers")
    review.add_argument(
        "--fail-on", choices=("error", "warning"), help="exit with 1 if such findings are made"
    )
    review.add_argument(
        "--jurisdiction", type=_code, help="six-digit code, such as 420000 for 湖北"
    )
    for command in (read, review):
        command.add_argument(
            "paths", nargs="+", metavar="PATH", help="files, folders, patterns, or - for stdin"
        )
        command.add_argument("--format", choices=("table", "json"), default="table")
        command.add_argument("--debug", action="store_true", help="show the trace of each error")
    return parser


def _code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", text):
        raise argparse.ArgumentTypeError(f"six digits are expected, such as 420000, not {text!r}")
    return text


def _read(options: argparse.Namespace) -> int:
    from auditkit.workpapers.contract import report_json

    run = Run()
    for path in _inputs(options.paths, run, debug=options.debug):
        for report in _reports(path, run, debug=options.debug):
            run.results.append(report_json(report))
            run.rows.append(_report_row(report))
    _print(options.format, "read", "reports", run, _READ_HEAD)
    return 3 if run.failures else 0


def _review(options: argparse.Namespace) -> int:
    from auditkit.reviewing import review_reports

    run = Run()
    taken: set[str] = set()
    for path in _inputs(options.paths, run, debug=options.debug):
        reports = _reports(path, run, debug=options.debug)
        if not reports:
            continue
        try:
            reviews = review_reports(reports, jurisdiction=options.jurisdiction)
            _deliver(reviews, options.out / _folder(path, taken), run)
        except Exception as error:
            run.fail(_name(path), error, debug=options.debug)
    _print(options.format, "review", "reviews", run, _REVIEW_HEAD)
    if run.failures:
        return 3
    met = {"error": {"error"}, "warning": {"error", "warning"}}.get(options.fail_on, set())
    return 1 if met & run.worst else 0


def _deliver(reviews: tuple[Review, ...], folder: Path, run: Run) -> None:
    """Write the workpapers of one file and note what was found."""
    from auditkit.findings import Outcome
    from auditkit.workpapers import write_workpapers
    from auditkit.workpapers.contract import review_json

    written = [str(path) for path in write_workpapers(reviews, folder)]
    for review in reviews:
        failed = review.findings_of(Outcome.FAIL)
        run.worst |= {finding.severity.value for finding in failed}
        run.results.append(review_json(review, written))
        run.rows.append(_review_row(review))
    _say(f"{reviews[0].document.name}: workpapers are in {folder}")


# --- inputs ----------------------------------------------------------------------------------


def _inputs(paths: Sequence[str], run: Run, *, debug: bool) -> Iterator[str | Path]:
    """Yield each file once: names as given, patterns expanded, folders walked in order."""
    seen: set[Path] = set()
    for given in paths:
        if given == STANDARD_INPUT:
            yield given
            continue
        try:
            found = list(_expand(given))
        except AuditkitError as error:
            run.fail(given, error, debug=debug)
            continue
        for path in found:
            whole = path.absolute()
            if whole not in seen:
                seen.add(whole)
                yield path


def _expand(given: str) -> Iterator[Path]:
    path = Path(given)
    if path.is_dir():
        found = [p for p in _walk(path) if p.suffix.lower() in KINDS]
        advice = "Name another folder, or a file"
        if not found:
            raise MissingFileError("a folder without PDF files", name=given, advice=advice)
        yield from found
    elif path.exists() or path.is_symlink() or not glob.has_magic(given):
        yield path
    else:
        matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207
        if not matches:
            raise MissingFileError(
                "a pattern that no file matches", name=given, advice="Check the pattern"
            )
        for match in matches:
            if Path(match).is_dir():
                yield from (p for p in _walk(Path(match)) if p.suffix.lower() in KINDS)
            else:
                yield Path(match)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order; hidden ones and links are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and not path.is_symlink():
                yield path


def _reports(path: str | Path, run: Run, *, debug: bool) -> tuple[Report, ...]:
    """Read one input; whatever goes wrong costs this one alone."""
    from auditkit.reviewing import read, read_bytes

    try:
        if path == STANDARD_INPUT:
            return read_bytes(sys.stdin.buffer.read(), STANDARD_INPUT)
        return read(path)
    except Exception as error:
        run.fail(_name(path), error, debug=debug)
        return ()


def _name(path: str | Path) -> str:
    return "standard input" if path == STANDARD_INPUT else str(path)


def _folder(path: str | Path, taken: set[str]) -> str:
    """Return a folder name for a file's workpapers that no other file of the run has."""
    stem = "standard-input" if path == STANDARD_INPUT else Path(path).stem
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.casefold())
    return name


# --- output ----------------------------------------------------------------------------------


_READ_HEAD = (
    "file",
    "place",
    "project",
    "year",
    "budget",
    "outturn",
    "indicators",
    "score",
    "unsure",
)
_REVIEW_HEAD = ("file", "place", "project", "errors", "warnings", "notes", "to look at", "open")


def _report_row(report: Report) -> tuple[str, ...]:
    total = report.total_line
    budget = (total.adjusted_budget or total.initial_budget) if total else None
    unsure = sum(not entry.is_sure for entry in report.entries())
    cells = (report.project, report.year, budget, total.outturn if total else None)
    texts = [entry.text if entry else "" for entry in cells]
    score = report.total_score.text if report.total_score else ""
    head = (report.document.name, report.place)
    return (*head, *texts, str(len(report.indicators)), score, str(unsure))


def _review_row(review: Review) -> tuple[str, ...]:
    from auditkit.findings import Outcome

    failed = [finding.severity.value for finding in review.findings_of(Outcome.FAIL)]
    counts = [str(failed.count(severity)) for severity in ("error", "warning", "note")]
    counts += [str(len(review.findings_of(kind))) for kind in (Outcome.REVIEW, Outcome.OPEN)]
    project = review.report.project.text if review.report.project else ""
    return (review.document.name, review.report.place, project, *counts)


def _print(form: str, command: str, kind: str, run: Run, head: tuple[str, ...]) -> None:
    if form == "json":
        schema = f"auditkit/{command}/1"
        whole = {"schema": schema, kind: run.results, "failures": run.failures}
        json.dump(whole, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    elif run.rows:
        _table([head, *run.rows], sys.stdout)
    sys.stdout.flush()


def _table(rows: list[tuple[str, ...]], out: IO[str]) -> None:
    """Write rows in columns; an ideograph takes two places."""
    shown = [[_cut(_visible(cell), 40) for cell in row] for row in rows]
    widths = [max(_width(row[at]) for row in shown) for at in range(len(rows[0]))]
    for row in shown:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        out.write("  ".join(cells).rstrip() + "\n")


def _visible(text: str) -> str:
    """Show control characters instead of sending them to a terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cut(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-2] + "…"
    return text


def _say(message: str) -> None:
    sys.stderr.write(_visible(message).replace("\\x0a", "\n").rstrip("\n") + "\n")
    sys.stderr.flush()
