"""The commands of the command line, each of which takes its options and fills an ``Output``."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.cli.inputs import allowance, data_of, each, inputs, known_id, missing_log, terms_of
from auditkit.cli.reviews import is_witnessed, review_command
from auditkit.cli.story import sureness
from auditkit.cli.terminal import Line, Output, how_many, say
from auditkit.errors import AuditkitError, LogError
from auditkit.report import BudgetLine, Entry
from auditkit.wording import Fact, LabelPath, Language, Name, Phrase, Series, Term, language, put
from auditkit.wording import terms as heads_of

if TYPE_CHECKING:
    from auditkit.decisions.events import Decision
    from auditkit.decisions.log import Log
    from auditkit.many.comparison import Pair
    from auditkit.standards import Jurisdiction, Standards

DEMO = "boiler-2019"  # a sample of one page on which a score does not follow from the amounts


def _read(options: argparse.Namespace, output: Output) -> None:
    from auditkit import schedules
    from auditkit.contract import certainty_json, report_json
    from auditkit.reviewing import read_bytes

    lang, files = language(), list(inputs(options.paths, output))
    witness = is_witnessed(options, files)

    def read(path: str, output: Output) -> None:
        reports = read_bytes(*data_of(path), witness=witness, tell=output.at_page)
        output.lines += sureness(reports) if len(files) == 1 else ()
        for report in reports:
            total = report.total_line or BudgetLine("total")
            made = report_json(report, lang)
            document = {"document": made.pop("document")}
            output.results.append({**document, "certainty": certainty_json(report, lang), **made})
            row = {
                "project": report.project,
                "year": report.year,
                "budget": total.adjusted_budget or total.initial_budget,
                "outturn": total.outturn,
                "indicators": len(report.indicators),
                "score": report.total_score,
            }
            texts = (_text(value) for value in row.values())
            said = (put(fact, lang) for fact in (report.place, report.certainty))
            heads = heads_of("file", "place", "certainty", *row)
            output.table(heads, [(report.document.name, *said, *texts)])
            if len(files) == 1:
                for named, rows in (schedules.budget(report), schedules.indicators(report)):
                    output.table(named, [[schedules.text_of(cell) for cell in row] for row in rows])

    each(files, output, read, allowance(options))


def _verify(options: argparse.Namespace, output: Output) -> None:
    from auditkit.workpapers import manifest

    terms, heads = terms_of(options), heads_of("folder", "what", "state", "advice")

    def verify(folder: str, output: Output) -> None:
        places = options.input or (Path(folder), Path("data"))
        for row in manifest.verify(Path(folder), places, terms):
            cells = (folder, *row)
            output.table(heads, [cells])
            told = (put(cell, Language.EN) for cell in cells)
            output.results.append(dict(zip(heads, told, strict=True)))
            output.worst |= set() if manifest.is_well(row[1]) else {"error"}

    def prove(notebook: str, output: Output) -> None:
        from auditkit.notebook import guarding

        for row in guarding.verify(Path(notebook)):
            cells = (notebook, *row)
            output.table(heads, [cells])
            told = (put(cell, Language.EN) for cell in cells)
            output.results.append(dict(zip(heads, told, strict=True)))
            output.worst |= set() if row.is_well else {"error"}

    saved = [path for path in options.paths if path.endswith(".ipynb")]
    each(saved, output, prove)
    folders = [path for path in options.paths if path not in saved]
    each(folders, output, verify, allowance(options))


def _compare(options: argparse.Namespace, output: Output) -> None:
    """Compare two files, or several with another document."""
    from auditkit.many.comparison import changes, compare, comparison_json

    if options.other or options.column:
        _reconcile(options, output)
        return
    if len(options.paths) != 2:
        options.parser.error(Phrase.of("two or with"))
    old, new = options.paths
    try:
        found = compare(old, new, terms_of(options))
    except AuditkitError as error:
        output.fail(str(Phrase.of("several inputs", one=old, other=new)), error)
        return
    output.results += map(comparison_json, found)
    output.lines += (Line(put(line, language())) for pair in found for line in _apart(pair))
    output.table(*changes(found))


def _apart(pair: Pair) -> Iterator[Phrase]:
    """Say first where two forms are of other projects, units or years."""
    if not (pair.before and pair.after):
        return
    old, new = (side.report.known_as for side in (pair.before, pair.after))
    names = ("project", "implementer", "department", "year")
    both = {name: (getattr(old, name), getattr(new, name)) for name in names}
    other = {name: sides for name, sides in both.items() if all(sides) and len(set(sides)) > 1}
    if set(other) - {"year"}:
        yield Phrase.of("sides apart", what=tuple(map(Term, other)))
    for name, sides in other.items():
        yield Phrase.of("sides differ", what=Term(name), old=sides[0], new=sides[1])


def _reconcile(options: argparse.Namespace, output: Output) -> None:
    from auditkit.contract import finding_json
    from auditkit.many.reconciliation import read_rows, tied
    from auditkit.reviewing import forms_of

    if not (options.other and options.column):
        options.parser.error(Phrase.of("with and column"))
    terms, rows = terms_of(options), read_rows(options.other, dict(options.column))
    heads = heads_of("file", "form", "rule", "outcome", "subject", "what was found")
    output.schema = "reconcile"

    def tie(path: str, output: Output) -> None:
        data, name = data_of(path)
        for report in forms_of(data, terms, name=name, tell=output.at_page):
            found = tied(report, rows, options.unit or "")
            output.results += [finding_json(finding, terms.lang) for finding in found]
            for f in found:
                seen = (f.rule, f.outcome, LabelPath(f.observation.subject), f.message(terms.lang))
                output.table(heads, [(report.document.name, report.number, *seen)])

    each(inputs(options.paths, output), output, tie, allowance(options))


def _query(options: argparse.Namespace, output: Output) -> None:
    from auditkit.many.results import query

    found = query(options.tables, options.sql)
    output.results += [{name: _plainly(value) for name, value in row.items()} for row in found]
    output.rows += [{Name(name): value for name, value in row.items()} for row in output.results]


def _sample(options: argparse.Namespace, output: Output) -> None:
    from auditkit.many.sampling import draws_in, sample

    drawn = sample(
        options.tables,
        options.method,
        options.size,
        seed=options.seed,
        rate=options.rate,
        confidence=options.confidence,
        bounds=options.bounds,
        unit=options.unit or "万元",
    )
    earlier = [path.name for path in draws_in(options.tables).values()]
    if options.record:
        drawn.write(options.record)
    path = drawn.keep(options.tables)
    output.results.append(drawn.record)
    output.table(heads_of("form", "why"), [row.values() for row in drawn.rows])
    which = Phrase.of("draw which", number=len(earlier) + 1, path=str(path))
    before = (Phrase.of("draw before", names=tuple(earlier)),) if earlier else ()
    say(*drawn.notes, drawn.sized, which, *before)


def _plainly(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def _law(options: argparse.Namespace) -> tuple[Standards, Jurisdiction, str]:
    from auditkit.standards import COUNTRY, load

    law = load(options.parameters)
    return law, law.jurisdiction(options.jurisdiction or COUNTRY, options.on), options.lang


def _rules(options: argparse.Namespace, output: Output) -> None:
    """List the rules, show some as pages, or list the standards that they rest on."""
    from auditkit import contract, rulebook
    from auditkit.many import across
    from auditkit.many.reconciliation import TIES

    law, place, lang = _law(options)
    if options.standards and options.paths:
        options.parser.error(Phrase.of("standards alone"))
    if options.standards:
        output.schema = "standards"
        output.results += [contract.provision_json(p) for p in law.resolved(place)]
        output.table(*rulebook.standards(law, place, lang))
        return
    if options.glossary:
        heads, rows = rulebook.glossary()
        output.schema = "glossary"
        output.results += [{"en": row[0], "zh": row[1]} for row in rows]
        output.table(heads, rows)
        return
    rules = {rule.id: rule for rule in (*terms_of(options).rulebook, *across.ACROSS, *TIES)}
    if not options.paths:
        output.results += [rulebook.rule_json(rule, law, place, lang) for rule in rules.values()]
        output.table(*rulebook.rules(rules.values(), lang))

    def show(id_: str, output: Output) -> None:
        rule = rules[known_id(id_, tuple(rules))]
        output.results.append(rulebook.rule_json(rule, law, place, lang))
        output.table(*rulebook.rule_page(rule, law, place, lang))

    each(options.paths, output, show)


def _log(options: argparse.Namespace, output: Output) -> None:
    from auditkit.decisions.log import Log, read_export

    log, is_of_log = Log(options.log), not (options.action == "verify" and options.file)
    missing = missing_log(options) if is_of_log else ""
    if missing and options.action not in ("import", "sign"):
        raise LogError.saying("log-missing", name=missing)
    if missing and options.action == "import":
        say(Phrase.of("log made", log=missing))
    if options.action == "export":
        log.export(options.file)
    elif options.action == "copy":
        log.copy(options.out)
        say(_whole(Log(options.out)))
    elif options.action == "verify" and options.file:
        decisions = how_many(len(read_export(options.file)), "decision")
        _answer(output, Phrase.of("export whole", file=options.file, decisions=decisions))
    elif options.action == "verify":
        flaws = log.verify(*options.digest or ())
        output.worst |= {"error" for _ in flaws}
        _answer(output, *(flaws or (_whole(log),)))
    elif options.action in ("sign", "reopen"):
        from auditkit.cli.decided import sign

        sign(log, options, output)
    elif options.action in ("same", "other"):
        _join(log, options, output)
    elif options.action == "show" and options.paths:
        from auditkit.cli.decided import show_standing

        def standing(path: str, own: Output) -> None:
            show_standing(path, log, own)

        each(inputs(options.paths, output), output, standing)
    else:
        is_import = options.action == "import"
        _list(log, _imported(log, options, output) if is_import else log.decisions(), output)
        if is_import:
            added = how_many(len(output.results), "decision")
            say(Phrase.of("imported", file=options.file, decisions=added, log=log.name))


def _answer(output: Output, *lines: Fact) -> None:
    """Print what was asked for: the state of a log, a line each."""
    said = [put(line, language()) for line in lines]
    output.more["state"] = said
    output.lines += map(Line, said)


def _whole(log: Log) -> Phrase:
    for event in log.decisions()[-1:]:
        return Phrase.of("log whole", log=log.name, digest=event.digest)
    return Phrase.of("log empty", log=log.name)


def _list(log: Log, events: Sequence[Decision], output: Output) -> None:
    """Print decisions, and say what in the log was decided differently."""
    output.results += map(asdict, events)
    heads = (*heads_of("number"), Name("made_at"), *heads_of("auditor", "decision", "rule"))
    output.table((*heads, *heads_of("subject", "value", "note")), map(_event, events))
    for several in log.conflicts():
        made = Series(_decided_by(event) for event in several)
        subject = LabelPath(several[0].subject)
        say(Phrase.of("decided differently", subject=subject, made=made))


def _decided_by(event: Decision) -> Phrase:
    from auditkit.decisions.events import decided_of

    decision, value = decided_of(event)
    said = "one who decided so" if value else "one who decided"
    return Phrase.of(said, auditor=event.auditor, decision=decision, value=value)


def _join(log: Log, options: argparse.Namespace, output: Output) -> None:
    """Record that two forms are one, or are not."""
    record = log.same_form if options.action == "same" else log.other_form
    try:
        event = record(options.form, options.other_form, options.note, options.auditor)
    except ValueError as error:
        options.parser.error(Phrase.of("keys shown", why=str(error)))
    output.results.append(asdict(event))
    heads = (*heads_of("number"), Name("made_at"), *heads_of("auditor", "decision", "rule"))
    output.table((*heads, *heads_of("subject", "value", "note")), [_event(event)])


def _event(event: Decision) -> Iterator[Any]:
    """Yield the cells of a decision as the log is listed."""
    from auditkit.decisions.events import decided_of

    decision, value = decided_of(event)
    yield from (event.number, event.made_at, event.auditor, decision, event.rule)
    yield from (LabelPath(event.subject), value, event.note)


def _imported(log: Log, options: argparse.Namespace, output: Output) -> tuple[Decision, ...]:
    """Add an exported log, or what was decided in a workpaper, and say what cannot be used."""
    from auditkit.workpapers.returned import added, read_decisions

    if Path(options.file).suffix.lower() != ".xlsx":
        made = log.merge(options.file)
        if older := sum(
            bool(event.form) and not event.names for event in made if event.kind != "forms"
        ):
            say(Phrase.of("of older log", decisions=how_many(older, "decision")))
        return made
    events, problems = read_decisions(Path(options.file), log, options.auditor)
    for problem in problems:
        output.fail(problem.name, problem)
    return added(Path(options.file), log, events)


def _init(options: argparse.Namespace, output: Output) -> None:
    """Make a workspace, open it, or review a sample in it; one that is there is only opened."""
    from auditkit.notebook import workspace

    is_there = (options.open or options.demo) and options.folder.is_dir()
    if not is_there:
        made = workspace.init(options.folder)
        if options.demo:
            say(Phrase.of("workspace made", folder=str(options.folder)))
        else:
            output.table(heads_of("file"), [[str(path)] for path in made])
    if options.demo:
        _demonstrate(options, output)
    if options.open:
        workspace.open_in_jupyterlab(options.folder)


def _demonstrate(options: argparse.Namespace, output: Output) -> None:
    """Review a sample of a workspace as anybody would, and show its page."""
    from auditkit.cli.parsing import parsed

    sample = options.folder / "data" / "samples" / DEMO / f"{DEMO}.pdf"
    papers, log = options.folder / "reports", options.folder / "data" / "annotations.sqlite"
    given = ["review", str(sample), "--out", str(papers), "--open"]
    given += ["--log", str(log)] if log.exists() else []
    say(Phrase.of("demonstrated by", command=shlex.join(["auditkit", *given])))
    review_command(parsed([*given, "--lang", language(), "--format", options.format]), output)


def _notebook(options: argparse.Namespace, output: Output) -> None:
    from auditkit.notebook import workspace

    def run(path: str, output: Output) -> None:
        values = dict(options.set)
        done = workspace.run_notebook(
            options.number, path, options.out, lang=options.lang, **values
        )
        page = workspace.write_page(done, to=options.to, is_code_hidden=options.hide_code)
        output.results.append({"notebook": str(done), "page": str(page)})
        output.table(heads_of("notebook", "page"), [(str(done), str(page))])

    each([options.path], output, run)


def _text(value: Entry | int | None) -> str:
    return value.text if isinstance(value, Entry) else "" if value is None else str(value)


COMMANDS: dict[str, Callable[[argparse.Namespace, Output], None]] = {
    "read": _read,
    "review": review_command,
    "compare": _compare,
    "rules": _rules,
    "log": _log,
    "verify": _verify,
    "init": _init,
    "notebook": _notebook,
    "query": _query,
    "sample": _sample,
}
