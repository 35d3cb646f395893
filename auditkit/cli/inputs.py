"""The inputs of a command: the files that it is given, each once, and the terms of a review."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr
from difflib import get_close_matches
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.cli.terminal import Output, ShownPage, say
from auditkit.errors import AuditkitError, UnknownRuleError
from auditkit.wording import Phrase

if TYPE_CHECKING:
    from auditkit.findings import Suppression
    from auditkit.many.workers import Allowance
    from auditkit.reviewing import Terms

STANDARD_INPUT = "-"
_OF_TERMS = {  # options, and what they are in terms
    "jurisdiction": "jurisdiction",
    "lang": "lang",
    "rules": "rules_file",
    "parameters": "parameters",
    "redact": "redact",
    "log": "log",
    "template": "template",
    "witness": "witness",
}


def each(
    paths: Iterable[str],
    output: Output,
    work: Callable[[str, Output], object],
    apart: Allowance | None = None,
) -> None:
    """Do some work for each input; whatever goes wrong costs that input alone.

    What is to be done ``apart`` is done in a process that may take so much time and memory, and
    is replaced where it took more, or crashed. It is begun from this one where that is safe: on
    Linux, where this process has no threads. Elsewhere the work is done here.
    """
    _standard_input.cache_clear()
    if apart is None or not _can_be_parted():
        for path in paths:
            _tried(path, output, work)
        return
    from auditkit.many.workers import pool

    listed = list(paths)
    if STANDARD_INPUT in listed:  # which the process that is begun has not
        _standard_input()

    def done(path: str, note: Callable[[str], object]) -> tuple[Output, str]:
        own = Output(output.schema, output.debug)
        with redirect_stderr(StringIO()) as said:
            _tried(path, own, work, note)
        return own, said.getvalue()

    for path, _, came in pool(done, listed, 1, apart, is_forked=True):
        if isinstance(came, AuditkitError):
            output.fail(_called(path), came)
        else:
            own, said = came
            sys.stderr.write(said)
            output.add(own)


def allowance(options: argparse.Namespace) -> Allowance:
    """Return what a file may take, as the options say that name it."""
    from auditkit.many.run import USUAL
    from auditkit.many.workers import Allowance

    seconds, memory = (getattr(options, name, None) for name in ("seconds", "memory"))
    return Allowance(seconds or USUAL.seconds, memory or USUAL.mebibytes)


def _tried(
    path: str,
    output: Output,
    work: Callable[[str, Output], object],
    note: Callable[[str], object] = lambda _: None,
) -> None:
    try:
        with ShownPage(note) as output.at_page:
            work(path, output)
    except Exception as error:
        output.fail(_called(path), error)
    finally:
        output.at_page = None


def _called(path: str) -> str:
    return str(Phrase.of("standard input")) if path == STANDARD_INPUT else path


def _can_be_parted() -> bool:
    """Tell whether a process may be begun from this one as it is: no other thread holds a lock."""
    threads = Path("/proc/self/task")
    return threads.is_dir() and sum(1 for _ in threads.iterdir()) == 1


@cache
def _standard_input() -> bytes:
    from auditkit.readers.limits import limits

    return sys.stdin.buffer.read(limits().bytes + 1)


def inputs(paths: Sequence[str], output: Output) -> Iterator[str]:
    """Yield each file once: names as given, patterns expanded, folders walked in order."""
    from auditkit.many.inputs import files_at, whole_path

    seen: set[str] = set()
    for given in paths:
        try:
            for path in [given] if given == STANDARD_INPUT else files_at(given, say):
                if (whole := whole_path(path)) not in seen:
                    seen.add(whole)
                    yield path
        except AuditkitError as error:
            output.fail(given, error)


def data_of(path: str) -> tuple[bytes, str]:
    """Return what a file or standard input holds, and what the document is called."""
    from auditkit.readers import bytes_of

    if path == STANDARD_INPUT:
        return _standard_input(), STANDARD_INPUT
    return bytes_of(path), Path(path).name


def terms_of(options: argparse.Namespace) -> Terms:
    """Return the terms that the options of a command name, as far as it has such options.

    A log that is named and not there yet is said: it may be a name that was mistyped.
    """
    from auditkit.reviewing import Terms

    if log := missing_log(options):
        say(Phrase.of("log absent", log=log))

    given = {name: getattr(options, name, None) for name in _OF_TERMS}
    named = {_OF_TERMS[name]: value for name, value in given.items() if value is not None}
    return Terms(suppressions=_suppressions(options), **named)


def missing_log(options: argparse.Namespace) -> str:
    """Return what a log is called that --log or AUDITKIT_LOG names and that is not there yet."""
    from auditkit.decisions.log import NO_LOG, Log

    given = getattr(options, "log", None)
    is_named = bool(given or (hasattr(options, "log") and os.environ.get("AUDITKIT_LOG")))
    log = Log(given)
    return log.name if is_named and log.where != NO_LOG and not log.is_there else ""


def _suppressions(options: argparse.Namespace) -> tuple[Suppression, ...]:
    from auditkit.findings import BY_ID, Suppression, load_suppressions

    if not hasattr(options, "ignore"):
        return ()
    own = load_suppressions(options.suppress) if options.suppress else ()
    ids = [id_.strip() for id_ in options.ignore.split(",") if id_.strip()]
    known = _rule_ids(options.rules) if ids or own else ()
    for one in own:
        if one.rule not in known:
            file = options.suppress.name
            say(Phrase.of("rule not suppressed", file=file, rule=one.rule))
    return (*(Suppression(known_id(id_, known), BY_ID) for id_ in ids), *own)


def _rule_ids(file: Path | None) -> tuple[str, ...]:
    from auditkit.many.across import ACROSS
    from auditkit.reviewing import Terms

    return tuple(rule.id for rule in (*Terms(rules_file=file).rulebook, *ACROSS))


def known_id(given: str, known: Sequence[str]) -> str:
    """Return the id of a rule as written; raise UnknownRuleError with those that are close."""
    for id_ in (given, given.upper()):
        if id_ in known:
            return id_
    if close := tuple(get_close_matches(given.upper(), known, cutoff=0.75)):
        raise UnknownRuleError.saying("rule-unknown-like", name=given, like=close)
    raise UnknownRuleError.saying("rule-unknown", name=given)
