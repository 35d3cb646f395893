"""The command line: read forms, review them, and write workpapers.

Exit codes: 0 all inputs done, 1 what --fail-on names was found, 2 wrong usage, 3 some inputs could
not be read (the rest is done), 130 stopped by hand. Results go to standard output, messages to
standard error.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import tomllib
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from auditkit.errors import AuditkitError, QueryError, RuleFileError
from auditkit.notebook.workspace import add_commands
from auditkit.numbers import MONEY_UNITS
from auditkit.readers import bytes_of
from auditkit.readers.limits import limits
from auditkit.report import BudgetLine, Entry, Report
from auditkit.version import __version__
from auditkit.wording import language

if TYPE_CHECKING:
    from auditkit.decisions.log import Annotation, Log
    from auditkit.findings import Rule, Suppression
    from auditkit.many.batch import Job, Tally
    from auditkit.reviewing import Terms
    from auditkit.standards import Jurisdiction, Standards

STANDARD_INPUT = "-"
SECONDS_BETWEEN_LINES = 10


@dataclass(slots=True)
class Run:
    """What came out of a command so far: as data, and as rows of a table by their heads.

    ``job`` is what all files of a review have in common.
    """

    debug: bool
    failures: list[dict[str, str]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    worst: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    known: dict[str, Report] = field(default_factory=dict)
    job: Job | None = None

    def fail(self, name: str, error: Exception) -> None:
        """Record what one input failed of, and say it at once."""
        if isinstance(error, AuditkitError):
            message, advice = error.message, error.advice
            of = "" if Path(error.name).name in name else error.name
            where = "".join(f", {part}" for part in (of, error.place) if part)
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
    if getattr(options, "workers", None) or getattr(options, "scheduler", None):
        options.command, options.inputs = _batch, lambda *_: ["batch"]
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
    return int(bool(options.fail_on) and bool({"error", options.fail_on} & run.worst))


def _parser() -> argparse.ArgumentParser:
    said = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(prog="auditkit", description=said["description"])
    parser.add_argument("--version", action="version", version=f"auditkit {__version__}")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    for name, row in said["commands"].items():
        command = commands.add_parser(name, help=row["help"])
        inputs = _INPUTS.get(row["takes"][0], lambda *_, name=name: [name])
        command.set_defaults(command=_COMMANDS[name], inputs=inputs, **said["sets"])
        command.set_defaults(**row.get("sets", {}))
        if "actions" not in row:
            _take(command, row["takes"], said["arguments"])
            continue
        inside = command.add_subparsers(dest="action", required=True, metavar="ACTION")
        for action, takes in row["actions"].items():
            about = inside.add_parser(action, help=said["actions"][action])
            _take(about, takes, said["arguments"])
    for command in add_commands(commands):
        _take(command, ("--format", "--debug"), said["arguments"])
    return parser


def _take(command: Any, names: Iterable[str], known: Mapping[str, Mapping[str, Any]]) -> None:
    """Add arguments to a command as they are described."""
    for name in names:
        said = dict(known[name])
        if "type" in said:
            said["type"] = _TYPES[said["type"]]
        command.add_argument(said.pop("name", name), **said)


def _like(pattern: str, example: str, kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return what reads an argument of a form, and says what it looks like where it does not."""

    def read(text: str) -> Any:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"such as {example} is expected, not {text!r}")
        return kind(text)

    return read


def _column(text: str) -> tuple[str, str]:
    from auditkit.many.reconciliation import COLUMNS

    name, _, head = text.partition("=")
    if name not in COLUMNS or not head:
        raise argparse.ArgumentTypeError(f"NAME=HEAD is expected, a name of {', '.join(COLUMNS)}")
    return name, head


def _read(path: str | Path, _: argparse.Namespace, run: Run) -> None:
    from auditkit.contract import report_json

    for report in _reports(path):
        total = report.total_line or BudgetLine("total")
        run.results.append(report_json(report))
        row = {
            "project": report.project,
            "year": report.year,
            "budget": total.adjusted_budget or total.initial_budget,
            "outturn": total.outturn,
            "indicators": len(report.indicators),
            "score": report.total_score,
            "unsure": sum(not entry.is_sure for entry in report.entries()),
        }
        texts = (_text(value) for value in row.values())
        run.table(("file", "place", *row), [(report.document.name, report.place, *texts)])


def _review(path: str | Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit import schedules
    from auditkit.contract import review_json
    from auditkit.many import batch

    job = run.job = run.job or _job(options)
    data, name = _data(path)
    reviews = batch.reviewed(data, name, job, run.known)
    folder = options.out / _folder(reviews[0].document.name, run.folders)
    written = [str(path) for path in batch.write(reviews, folder, job, data, _say)]
    kinds = ("errors", "warnings", "notes", "to look at", "open", "suppressed")
    for review in reviews:
        report, counts = review.report, schedules.counts(review)
        run.worst |= {level for level in ("error", "warning") if counts[f"{level}s"]}
        run.results.append(review_json(review, written))
        head = (report.document.name, report.place, _text(report.project))
        run.table(("file", "place", "project", *kinds), [(*head, *counts.values())])
    _say(f"{reviews[0].document.name}: workpapers are in {folder}")


def _job(options: argparse.Namespace) -> Job:
    """Return the terms of a review; raises what is wrong with them."""
    from auditkit.decisions.log import Log
    from auditkit.many import batch
    from auditkit.standards import COUNTRY, load

    _rulebook(options)
    load(options.parameters).jurisdiction(options.jurisdiction or COUNTRY, None)
    if options.template:
        bytes_of(options.template)
    terms: Terms = {**_terms(options), "suppressions": _suppressions(options)}
    log = options.log if "://" in options.log else str(Path(options.log).absolute())
    return batch.Job(
        options.out.absolute(),
        batch.root_of(options.paths),
        terms,
        **{name: getattr(options, name) for name in ("rules", "template", "seconds")},
        log=log,
        decided={event.document: event.digest for event in Log(log).annotations()},
        with_workpapers=not options.no_workpapers,
        is_fresh=options.fresh,
        mebibytes=options.memory,
    )


def _batch(_: str, options: argparse.Namespace, run: Run) -> None:
    """Review many files in processes of their own, and print what to count."""
    from auditkit.many import batch

    found = _inputs(options.paths, run)
    files = [path if "://" in path else os.path.abspath(path) for path in found]  # noqa: PTH100
    job, how = _job(options), (options.workers or 1, _progress(len(files)), options.scheduler or "")
    try:
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


def _verify(folder: Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit.decisions.log import Log
    from auditkit.workpapers import manifest

    terms: Terms = {"rules": _rulebook(options), "parameters": options.parameters}
    heads, places = ("folder", "what", "state", "advice"), options.input or (folder, Path("data"))
    for row in manifest.verify(folder, places, Log(options.log), terms):
        run.table(heads, [(folder, *row)])
        run.results.append(run.rows[-1])
        run.worst |= set() if row[1] == manifest.HOLDS else {"error"}


def _compare(_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit.decisions.log import Log
    from auditkit.many.comparison import changes, compare, comparison_json

    terms: Terms = {**_terms(options), "rules": _rulebook(options)}
    found = compare(*options.paths, log=Log(options.log), **terms)
    run.results += map(comparison_json, found)
    run.table(*changes(found))


def _terms(options: argparse.Namespace) -> Terms:
    names = ("jurisdiction", "lang", "parameters", "redact")
    return cast("Terms", {name: getattr(options, name) for name in names})


def _projects(path: Path | None) -> list[str]:
    from auditkit.many.reconciliation import read_rows

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
    from auditkit.many.results import ask

    found = ask(options.tables, options.sql)
    run.rows += [{name: _plainly(value) for name, value in row.items()} for row in found]
    run.results += run.rows


def _sample(_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit.many import sampling
    from auditkit.many.results import ask

    items, notes = sampling.items_of(partial(ask, options.tables), options.unit or "万元")
    size, why = options.size, "as many as asked for"
    try:
        if size is None:
            size, why = sampling.size_for(len(items), options.rate, options.confidence)
        drawn = sampling.draw(items, options.method, size, options.seed, options.bounds)
    except ValueError as error:
        raise QueryError(str(error), advice="Change the options of the draw") from error
    path = options.record or options.tables / "draw.json"
    drawn.write(path)
    run.results.append({**asdict(drawn), "amount": f"{drawn.amount:f}", "reasoning": why})
    run.rows += drawn.rows
    _say("\n".join((*notes, f"{size} of {len(items)} forms: {why}", f"The draw is in {path}")))


def _reconcile(path: str | Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit.contract import finding_json
    from auditkit.many.reconciliation import read_rows, reconcile

    rows = read_rows(options.other, dict(options.column))
    for report in _reports(path):
        found = reconcile(report, rows, options.unit or "元")
        run.results += [finding_json(finding) for finding in found]
        heads = ("file", "form", "rule", "outcome", "subject", "what was found")
        for f in found:
            seen = (f.rule, f.outcome, f.observation.subject, f.message())
            run.table(heads, [(report.document.name, report.number, *seen)])


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
    from auditkit import rulebook
    from auditkit.many import across

    asked = (*_rulebook(options), *across.RULES)
    law, some = _law(options), [rule for rule in asked if id_.upper() in ("", rule.id)]
    if not some:
        raise RuleFileError("no rule has this id", name=id_, advice="List them: auditkit rules")
    run.results += [rulebook.rule_json(rule, *law) for rule in some]
    run.table(*(rulebook.page(some[0], *law) if id_ else rulebook.rules(some, options.lang)))


def _standards(_: str, options: argparse.Namespace, run: Run) -> None:
    from auditkit import contract, rulebook

    law, place, lang = _law(options)
    run.results += [contract.provision_json(p) for p in law.resolved(place)]
    run.table(*rulebook.standards(law, place, lang))


def _log(_: str | Path, options: argparse.Namespace, run: Run) -> None:
    from auditkit.decisions.log import Log, read_export

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
    from auditkit.workpapers.returned import read_decisions

    if Path(options.file).suffix.lower() != ".xlsx":
        return log.merge(options.file)
    events, problems = read_decisions(Path(options.file), log, options.auditor)
    for problem in problems:
        run.fail(problem.name, problem)
    return log.merge(events)


def _inputs(paths: Sequence[str], run: Run) -> Iterator[str]:
    """Yield each file once: names as given, patterns expanded, folders walked in order."""
    from auditkit.many.batch import files_at

    seen: set[str] = set()
    for given in paths:
        try:
            for path in [given] if given == STANDARD_INPUT else files_at(given, _say):
                whole = path if "://" in path else os.path.abspath(path)  # noqa: PTH100
                if whole not in seen:
                    seen.add(whole)
                    yield path
        except AuditkitError as error:
            run.fail(given, error)


def _reports(path: str | Path) -> tuple[Report, ...]:
    from auditkit.reviewing import read_bytes

    return read_bytes(*_data(path))


def _data(path: str | Path) -> tuple[bytes, str]:
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(limits().bytes + 1), STANDARD_INPUT
    return bytes_of(path), Path(path).name


def _folder(path: str | Path, taken: set[str]) -> str:
    """Return a folder name for a file's workpapers that no other file of the run has."""
    stem = "standard-input" if path == STANDARD_INPUT else Path(path).stem
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    name = next(name for name in names if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _print(options: argparse.Namespace, run: Run) -> None:
    """Print what came out, as one JSON object or in columns; an ideograph takes two places."""
    from auditkit.contract import whole_json
    from auditkit.schedules import spoken

    if options.format == "json":
        sys.stdout.write(whole_json(options.name, run.results, run.failures))
    elif run.rows:
        lang, values = getattr(options, "lang", language()), [[*r.values()] for r in run.rows]
        heads, rows = spoken((list(run.rows[0]), values), lang)
        shown = [[_cut(_visible(str(cell)), options.width) for cell in r] for r in (heads, *rows)]
        widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
        for row in shown:
            cells = zip(row, widths, strict=True)
            padded = (cell + " " * (width - _width(cell)) for cell, width in cells)
            sys.stdout.write("  ".join(padded).rstrip() + "\n")
    sys.stdout.flush()


def _text(value: Entry | int | None) -> str:
    return value.text if isinstance(value, Entry) else "" if value is None else str(value)


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


_COMMANDS: dict[str, Callable[[Any, argparse.Namespace, Run], None]] = {
    command.__name__.removeprefix("_"): command
    for command in (
        *(_read, _review, _query, _sample, _reconcile),
        *(_compare, _rules, _standards, _verify, _log),
    )
}
_INPUTS: dict[str, Callable[[Sequence[str], Run], Iterable[str | Path]]] = {
    "paths": _inputs,
    "pair": lambda paths, _: [" and ".join(paths)],
    "ids": lambda ids, _: ids or [""],
    "folders": lambda paths, _: map(Path, paths),
}
_AMOUNT = r"[0-9]+(?:[.][0-9]+)?"
_TYPES: dict[str, Callable[[str], Any]] = {
    "path": Path,
    "file": lambda text: Path(text).absolute(),
    "code": _like("[0-9]{6}", "420000, six digits,", str),
    "count": _like("0*[1-9][0-9]*", "2, a number from 1 on,", int),
    "unit": _like("|".join(MONEY_UNITS), "万元", str),
    "seconds": float,
    "day": date.fromisoformat,
    "language": lambda text: text or language(),
    "amount": _like(_AMOUNT, "0.05", Decimal),
    "amounts": _like(
        f"({_AMOUNT}(,{_AMOUNT})*)?",
        "1000,50000",
        lambda t: [*map(Decimal, t.split(","))] if t else [],
    ),
    "column": _column,
}
