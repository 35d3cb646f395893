"""The inputs of a command: the files that it is given, each once, and the terms of a review."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.cli.terminal import Output, say
from auditkit.errors import AuditkitError, RuleFileError

if TYPE_CHECKING:
    from auditkit.findings import Suppression
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
}


def each(paths: Iterable[str], output: Output, work: Callable[[str], object]) -> None:
    """Do some work for each input; whatever goes wrong costs that input alone."""
    for path in paths:
        try:
            work(path)
        except Exception as error:
            output.fail("standard input" if path == STANDARD_INPUT else path, error)


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
    from auditkit.readers.limits import limits

    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(limits().bytes + 1), STANDARD_INPUT
    return bytes_of(path), Path(path).name


def terms_of(options: argparse.Namespace) -> Terms:
    """Return the terms that the options of a command name, as far as it has such options.

    A log that is named and not there yet is said: it may be a name that was mistyped.
    """
    from auditkit.reviewing import Terms

    if log := missing_log(options):
        say(f"log {log} is not there: no decisions read; it is made when the first is recorded")

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
            say(f"{options.suppress.name}: no rule has the id {one.rule}; nothing is suppressed")
    return (*(Suppression(_known_id(id_, known), BY_ID) for id_ in ids), *own)


def _rule_ids(file: Path | None) -> tuple[str, ...]:
    from auditkit.many.across import ACROSS
    from auditkit.reviewing import Terms

    return tuple(rule.id for rule in (*Terms(rules_file=file).rulebook, *ACROSS))


def _known_id(given: str, known: Sequence[str]) -> str:
    """Return the id of a rule as it is written; raise RuleFileError with those that are close."""
    for id_ in (given, given.upper()):
        if id_ in known:
            return id_
    close = ", ".join(get_close_matches(given.upper(), known))
    advice = "List them: auditkit rules" if not close else f"Is it {close}? All: auditkit rules"
    raise RuleFileError("no rule has this id", name=given, advice=advice)
