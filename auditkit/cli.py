"""The command line: read forms, review them, and write workpapers.

Exit codes: 0 all inputs done, 1 what --fail-on names was found, 2 wrong usage, 3 some inputs could
not be read (the rest is done), 130 stopped by hand. Results go to standard output, messages to
standard error.
"""

from __future__ import annotations

import argparse
import glob
import os
import re
import sys
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import auditkit
from auditkit.errors import AuditkitError, MissingFileError, RuleFileError
from auditkit.limits import limits
from auditkit.readers import SUFFIXES
from auditkit.report import BudgetLine, Entry, Report
from auditkit.wording import LANGUAGES, language
from auditkit.workspace import add_commands

if TYPE_CHECKING:
    from auditkit.annotations import Annotation, Log
    from auditkit.batch import Tally
    from auditkit.findings import Rule, Suppression
    from auditkit.reviewing import Terms
    from auditkit.standards import Jurisdiction, Standards

STANDARD_INPUT = "-"
SECONDS_BETWEEN_LINES = 10


@dataclass(slots=True)
class Run:
    """What came out of a command so far: as data, and as rows of a table by their heads."""

    debug: bool
    failures: list[dict[str, str]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    worst: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    known: dict[str, Report] = field(default_factory=dict)

    def fail(self, name: str, error: Exception) -> None:
        """Record what one input failed of, and say it at once."""
        if isinstance(error, AuditkitError):
            message, advice = error.message, error.advice
            where = f", {error.place}" if error.place else ""
        else:
            message = f"unexpected {type(error).__name__}: {error}"
            advice, where = "Run again with --debug for the trace, and report it", ""
        self.failures.append({"name": name, "error": f"{message}{where}", "advice": advice})
        _say(f"{name}{where}: {message}. {advice}")
        if self.debug:
            _say("".join(traceback.format_exception(error)))

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add a table to what is printed; the heads of the first one count."""
        self.rows += [dict(zip(heads, map(str, row), strict=True)) for row in rows]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    run = Run(options.debug)
    if getattr(options, "workers", 0) or getattr(options, "scheduler", None):
        options.command, options.inputs = _batch, lambda paths, _: [paths]
    try:
        for path in options.inputs(options.paths, run):
            try:
                options.command(path, options, run)
            except Exception as error:  # whatever goes wrong costs this input alone
                run.fail("standard input" if path == STANDARD_INPUT else str(path), error)
        _print(options, run)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # What reads the output has gone; Python must not complain about it at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if run.failures:
        return 3
    return int(options.fail_on is not None and bool({"error", options.fail_on} & run.worst))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="auditkit",
        description="Read and review performance self-evaluation forms (项目支出绩效自评表).",
    )
    parser.add_argument("--version", action="version", version=f"auditkit {auditkit.__version__}")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    read = commands.add_parser("read", help="print the forms of files as data")
    read.set_defaults(command=_read, fail_on=None)
    review = commands.add_parser("review", help="recompute and check forms, write workpapers")
    review.set_defaults(command=_review)
    add = review.add_argument
    add("--out", type=Path, required=True, help="folder for the workpapers")
    add("--fail-on", choices=("error", "warning"), help="exit with 1 if such findings are made")
    add("--ignore", default="", metavar="IDS", help="rules not to be counted: EX-07,DV-01")
    add("--suppress", type=Path, metavar="FILE", help="TOML: [[suppress]] rule, report, reason")
    add("--template", type=Path, metavar="FILE", help="own .docx to make workpaper.docx from")
    query = _add_batch(commands, add)
    compare = commands.add_parser("compare", help="say what changed between two files of forms")
    compare.set_defaults(command=_compare, fail_on=None, width=60)
    compare.set_defaults(inputs=lambda paths, _: [" and ".join(paths)])
    compare.add_argument("paths", nargs=2, metavar="FILE", help="the older and the newer file")
    rules = commands.add_parser("rules", help="list the rules, or show some as pages")
    rules.set_defaults(command=_rules, fail_on=None, inputs=lambda ids, _: ids or [""], width=400)
    rules.add_argument("paths", nargs="*", metavar="ID", help="rules to show, such as EX-02")
    law = commands.add_parser("standards", help="list the standards of a place and day")
    law.set_defaults(command=_standards, fail_on=None, inputs=lambda *_: [""], width=400, paths=())
    verify = commands.add_parser("verify", help="tell whether workpapers still hold")
    verify.set_defaults(
        command=_verify, fail_on="error", inputs=lambda paths, _: map(Path, paths), width=80
    )
    add = verify.add_argument
    add("paths", nargs="+", metavar="FOLDER", help="folder of workpapers, reports/NAME")
    add(
        "--input", type=Path, action="append", metavar="PATH", help="what was reviewed, or a folder"
    )
    for command in (rules, law):
        command.add_argument("--on", type=date.fromisoformat, help="day, such as 2022-12-31")
    for command in (review, compare, rules, law):
        add = command.add_argument
        add("--jurisdiction", type=_code, help="six-digit code, such as 420000 for 湖北")
        add("--lang", choices=LANGUAGES, default=language(), help="language of the findings")
    for command in (review, compare, rules, law, verify):
        text = "TOML with own values of standards"
        command.add_argument("--parameters", type=Path, metavar="FILE", help=text)
    for command in (review, compare, rules, verify):
        text = "Python file with own rules; it is a program and is run, so know who wrote it"
        command.add_argument("--rules", type=Path, metavar="FILE", help=text)
    for command in (review, compare):
        text = "mask names of persons, telephone numbers and the like"
        command.add_argument("--redact", action="store_true", help=text)
    for command in (read, review):
        command.set_defaults(inputs=_inputs, width=40)
        add = command.add_argument
        add("paths", nargs="+", metavar="PATH", help="files, folders, patterns, or - for stdin")
    actions = _log_actions(commands)
    for action in (review, compare, verify, *actions.choices.values()):
        action.add_argument("--log", default="data/annotations.sqlite", metavar="FILE_OR_URL")
    known = (read, review, query, compare, rules, law, verify, *actions.choices.values())
    for command in (*known, *add_commands(commands)):
        formats = ("table", "json", "sarif") if command is review else ("table", "json")
        command.add_argument("--format", choices=formats, default="table")
        command.add_argument("--debug", action="store_true", help="show the trace of each error")
    return parser


def _log_actions(commands: Any) -> Any:
    log = commands.add_parser("log", help="verify, export, import or show auditors' decisions")
    log.set_defaults(
        command=_log, fail_on="error", file=None, paths=(), inputs=lambda *_: ["log"], width=400
    )
    actions = log.add_subparsers(dest="action", required=True, metavar="ACTION")
    whole = actions.add_parser("verify", help="tell whether the log, or FILE, is as written")
    whole.add_argument("file", nargs="?", metavar="FILE", help="an exported log")
    whole.add_argument("--digest", action="append", help="of an event that must be there")
    actions.add_parser("export", help="write JSON Lines").add_argument("file", metavar="FILE")
    actions.add_parser("import", help="add an exported log or workpaper").add_argument(
        "file", metavar="FILE"
    )
    actions.add_parser("show", help="print all decisions")
    add = actions.choices["import"].add_argument
    add("--auditor", default="", metavar="NAME", help="who decided, where a workpaper does not say")
    return actions


def _add_batch(commands: Any, add: Callable[..., Any]) -> argparse.ArgumentParser:
    """Add what reviews of many files take to a command, and the command that asks their tables."""
    add("--workers", type=_count, metavar="N", help="many files: so many processes, and tables")
    add("--scheduler", metavar="ADDRESS", help="like --workers, on a Dask cluster: tcp://host:8786")
    add("--fresh", action="store_true", help="read files again whose result is kept")
    add("--no-workpapers", action="store_true", help="with --workers: tables only, in less time")
    add("--projects", type=Path, metavar="FILE", help="list headed 项目名称, for CR-05")
    add("--seconds", type=float, default=120, help="what a file may take with --workers")
    add("--memory", type=_count, default=2048, metavar="MIB", help="likewise")
    query = commands.add_parser("query", help="ask the tables of --workers a question in SQL")
    query.set_defaults(
        command=_query, fail_on=None, inputs=lambda *_: ["query"], width=60, paths=()
    )
    query.add_argument("out", type=Path, metavar="DIR", help="the folder that --out named")
    query.add_argument("sql", metavar="SQL", help="such as: select * from failures")
    return cast(argparse.ArgumentParser, query)


def _code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", text):
        raise argparse.ArgumentTypeError(f"six digits are expected, such as 420000, not {text!r}")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 on is expected, not {text!r}")
    return int(text)


def _read(path: str | Path, _: argparse.Namespace, run: Run) -> None:
    from auditkit.workpapers.contract import report_json

    for report in _reports(path):
        total = report.total_line or BudgetLine("total")
        run.results.append(report_json(report))
        run.rows.append(
            {
                "file": report.document.name,
                "place": report.place,
                "project": _text(report.project),
                "year": _text(report.year),
                "budget": _text(total.adjusted_budget or total.initial_budget),
                "outturn": _text(total.outturn),
                "indicators": str(len(report.indicators)),
                "score": _text(report.total_score),
                "unsure": str(sum(not entry.is_sure for entry in report.entries())),
            }
        )


def _review(path: str | Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit.annotations import Log, corrected
    from auditkit.reviewing import beside, review_reports
    from auditkit.workpapers import tables, write_workpapers
    from auditkit.workpapers.contract import review_json

    terms = {**_terms(options), "suppressions": _suppressions(options)}
    log = Log(options.log)
    reports = [beside(corrected(report, log), run.known) for report in _reports(path)]
    reviews = review_reports(reports, **terms)
    folder = options.out / _folder(reviews[0].document.name, run.folders)
    source = None if path == STANDARD_INPUT else Path(path).read_bytes()
    more = {"source": source, "template": options.template, "tell": _say}
    written = [str(path) for path in write_workpapers(reviews, folder, log, **more)]
    kinds = ("errors", "warnings", "notes", "to look at", "open", "suppressed")
    heads = ("file", "place", "project", *kinds)
    for review in reviews:
        report, counts = review.report, tables.counts(review)
        run.worst |= {level for level in ("error", "warning") if counts[f"{level}s"]}
        run.results.append(review_json(review, written))
        head = (report.document.name, report.place, _text(report.project))
        cells = (*head, *map(str, counts.values()))
        run.rows.append(dict(zip(heads, cells, strict=True)))
    _say(f"{reviews[0].document.name}: workpapers are in {folder}")


def _verify(folder: Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit.annotations import Log
    from auditkit.workpapers import manifest

    terms: Terms = {"rules": _rulebook(options), "parameters": options.parameters}
    heads, places = ("folder", "what", "state", "advice"), options.input or (folder, Path("data"))
    for row in manifest.verify(folder, places, Log(options.log), terms):
        run.table(heads, [(folder, *row)])
        run.results.append(run.rows[-1])
        run.worst |= set() if row[1] == manifest.HOLDS else {"error"}


def _compare(_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit.annotations import Log
    from auditkit.comparison import compare
    from auditkit.workpapers import contract, tables

    found = compare(*options.paths, log=Log(options.log), **_terms(options))
    run.results += map(contract.comparison_json, found)
    run.table(*tables.changes(found))


def _terms(options: argparse.Namespace) -> dict[str, Any]:
    names = ("jurisdiction", "lang", "parameters", "redact")
    return {name: getattr(options, name) for name in names} | {"rules": _rulebook(options)}


def _batch(paths: Sequence[str], options: argparse.Namespace, run: Run) -> None:
    """Review many files in processes of their own, and print what to count."""
    from auditkit import batch
    from auditkit.standards import COUNTRY, load

    if options.format == "sarif":
        advice = "Review the files that SARIF is wanted of without --workers"
        raise AuditkitError("a batch is not written as SARIF", advice=advice)
    if options.redact:
        advice = "Review the files without --workers, or share none of the workpapers"
        raise AuditkitError("a batch is not redacted yet", advice=advice)
    if Path(options.log).exists():
        _say("Corrected readings of the log are not counted in a batch: review those files alone")
    _rulebook(options)  # what is wrong with the terms is wrong once, not for each file
    load(options.parameters).jurisdiction(options.jurisdiction or COUNTRY, None)
    here = [path for path in paths if "://" not in path]
    found = (str(Path(path).absolute()) for path in _inputs(here, run))
    files = [*found, *batch.listed([p for p in paths if p not in here])]
    own = {name: getattr(options, name) for name in ("parameters", "rules")}
    job = batch.Job(
        out=options.out.absolute(),
        root=batch.root_of(paths),
        jurisdiction=options.jurisdiction,
        lang=options.lang,
        **{name: path and path.absolute() for name, path in own.items()},
        suppressions=_suppressions(options),
        with_workpapers=not options.no_workpapers,
        is_fresh=options.fresh,
        seconds=options.seconds,
        mebibytes=options.memory,
    )
    try:
        how = (options.workers or 1, _progress(len(files)), options.scheduler or "")
        tally = batch.review_files(files, job, *how, expected=_projects(options.projects))
    except KeyboardInterrupt:
        _say("Stopped. What is done is kept: give the same command again to go on")
        raise
    if tally.failed:
        advice = f'See why: auditkit query {options.out} "select * from failures"'
        several = AuditkitError(f"{tally.failed} files could not be reviewed", advice=advice)
        run.fail(str(options.out), several)
    run.worst |= tally.worst
    counts = {name: getattr(tally, name) for name in ("total", "new", "forms", "unsure", "failed")}
    options.name = "batch"
    run.results.append({**counts, "tables": str(options.out / "tables")})
    run.table(list(counts), [list(counts.values())])


def _projects(path: Path | None) -> list[str]:
    from auditkit.reconciliation import read_rows

    return [row["project"].text for row in read_rows(path, {"project": "项目名称"})] if path else []


def _progress(total: int) -> Callable[[Tally], object]:
    """Return what shows how far a batch is: a bar on a terminal, else a line now and then."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        bar = tqdm(total=total, unit=" files", file=sys.stderr)
        return lambda tally: (bar.set_postfix_str(str(tally), refresh=False), bar.update())
    said = time.monotonic()

    def show(tally: Tally) -> None:
        nonlocal said
        if tally.done == total or time.monotonic() > said + SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            _say(tally.line)

    return show


def _query(_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit.results import questions

    with questions(options.out) as ask:
        found = ask(options.sql)
    run.rows += [{name: _plainly(value) for name, value in row.items()} for row in found]
    run.results += run.rows


def _plainly(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return "" if value is None else str(value)


def _suppressions(options: argparse.Namespace) -> tuple[Suppression, ...]:
    from auditkit.findings import Suppression, load_suppressions

    own = load_suppressions(options.suppress) if options.suppress else ()
    ids = filter(None, (id_.strip() for id_ in options.ignore.split(",")))
    return (*(Suppression(id_, "ignored by id") for id_ in ids), *own)


def _rulebook(options: argparse.Namespace) -> tuple[Rule, ...]:
    from auditkit.rules import RULES, load_rules

    return (*RULES, *(load_rules(options.rules) if options.rules else ()))


def _law(options: argparse.Namespace) -> tuple[Standards, Jurisdiction, str]:
    from auditkit.standards import COUNTRY, load

    law = load(options.parameters)
    return law, law.jurisdiction(options.jurisdiction or COUNTRY, options.on), options.lang


def _rules(id_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit.rules import across
    from auditkit.workpapers import rulebook

    asked = (*_rulebook(options), *across.RULES)
    law, some = _law(options), [rule for rule in asked if id_.upper() in ("", rule.id)]
    if not some:
        raise RuleFileError("no rule has this id", name=id_, advice="List them: auditkit rules")
    run.results += [rulebook.rule_json(rule, *law) for rule in some]
    run.table(*(rulebook.page(some[0], *law) if id_ else rulebook.rules(some, options.lang)))


def _standards(_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit.workpapers import contract, rulebook

    law, place, lang = _law(options)
    run.results += [contract.provision_json(p) for p in law.resolved(place)]
    run.table(*rulebook.standards(law, place, lang))


def _log(_: str | Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit.annotations import Log, read_export

    log = Log(options.log)
    if options.action == "export":
        log.export(options.file)
    elif options.action == "verify" and options.file:
        _say(f"{options.file}: whole, {len(read_export(options.file))} decisions")
    elif options.action == "verify":
        flaws = log.verify(*options.digest or ())
        run.worst |= {"error" for _ in flaws}
        last = "" if flaws else ", ".join(event.digest for event in log.annotations()[-1:])
        _say("\n".join(flaws) or f"{log.name}: whole; the digest of its last event is {last}")
    else:
        events = _imported(log, options, run) if options.action == "import" else log.annotations()
        run.results += map(asdict, events)
        heads = ("number", "made_at", "auditor", "decision", "rule", "subject", "value", "note")
        run.table(heads, ([getattr(event, head) for head in heads] for event in events))
        for several in log.conflicts():
            made = (f"{e.auditor}: {e.decision} {e.value}".rstrip() for e in several)
            _say(f"decided differently: {several[0].subject}: {'; '.join(made)}")
    if log.warning:
        _say(log.warning)


def _imported(log: Log, options: argparse.Namespace, run: Run) -> tuple[Annotation, ...]:
    """Add an exported log, or what was decided in a workpaper, and say what cannot be used."""
    from auditkit.workpapers.decisions import read_decisions

    if Path(options.file).suffix.lower() != ".xlsx":
        return log.merge(options.file)
    events, problems = read_decisions(Path(options.file), log, options.auditor)
    for problem in problems:
        run.fail(problem.name, problem)
    return log.merge(events)


def _inputs(paths: Sequence[str], run: Run) -> Iterator[str | Path]:
    """Yield each file once: names as given, patterns expanded, folders walked in order."""
    seen: set[str] = set()
    for given in paths:
        if given == STANDARD_INPUT:
            yield given
            continue
        try:
            for path in _expand(given):
                if (whole := str(path.absolute())) not in seen:
                    seen.add(whole)
                    yield path
        except AuditkitError as error:
            run.fail(given, error)


def _expand(given: str) -> Iterator[Path]:
    path = Path(given)
    is_pattern = glob.has_magic(given) and not path.exists() and not path.is_symlink()
    names = sorted(glob.glob(given, recursive=True)) if is_pattern else [given]  # noqa: PTH207
    is_empty = True
    for file in chain.from_iterable(_files(Path(name)) for name in names):
        is_empty = False
        yield file
    if is_pattern and not names:
        advice = "Check the pattern"
        raise MissingFileError("a pattern that no file matches", name=given, advice=advice)
    if is_empty and not is_pattern:
        advice = "Name another folder, or a file"
        raise MissingFileError(
            "a folder without files that can hold forms", name=given, advice=advice
        )


def _files(path: Path) -> Iterator[Path]:
    """Yield a file, or those below a folder in order without hidden ones and links."""
    if not path.is_dir():
        yield path
        return
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in (Path(root, name) for name in sorted([*names, *folders]) if name[0] != "."):
            can_hold = file.suffix.lower() in SUFFIXES
            if can_hold and file.is_file() and not file.is_symlink():
                yield file
            elif (can_hold and not file.is_dir()) or file.is_symlink():
                _say(f"{file}: a link, pipe or device in a folder is not followed: name it itself")


def _reports(path: str | Path) -> tuple[Report, ...]:
    from auditkit.reviewing import read, read_bytes

    if path == STANDARD_INPUT:
        return read_bytes(sys.stdin.buffer.read(limits().bytes + 1), STANDARD_INPUT)
    return read(path)


def _folder(path: str | Path, taken: set[str]) -> str:
    """Return a folder name for a file's workpapers that no other file of the run has."""
    stem = "standard-input" if path == STANDARD_INPUT else Path(path).stem
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    name = next(name for name in names if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _print(options: argparse.Namespace, run: Run) -> None:
    """Print what came out, as one JSON object or in columns; an ideograph takes two places."""
    from auditkit.workpapers.contract import whole_json
    from auditkit.workpapers.sarif import sarif

    if options.format == "sarif":
        sys.stdout.write(sarif(run.results, _rulebook(options), options.lang))
    elif options.format == "json":
        sys.stdout.write(whole_json(options.name, run.results, run.failures))
    elif run.rows:
        rows = [list(run.rows[0]), *(list(row.values()) for row in run.rows)]
        shown = [[_cut(_visible(cell), options.width) for cell in row] for row in rows]
        widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
        for row in shown:
            cells = zip(row, widths, strict=True)
            padded = (cell + " " * (width - _width(cell)) for cell, width in cells)
            sys.stdout.write("  ".join(padded).rstrip() + "\n")
    sys.stdout.flush()


def _text(entry: Entry | None) -> str:
    return entry.text if entry else ""


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
