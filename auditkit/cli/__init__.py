"""The command line: read forms, review them, and write workpapers.

Exit codes: 0 all inputs done, 1 what --fail-on names was found, 2 wrong usage, 3 some inputs could
not be read (the rest is done), 130 stopped by hand. Results go to standard output, messages to
standard error, in the language that --lang names, else AUDITKIT_LANG, else the locale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from shutil import get_terminal_size

from auditkit.cli.commands import COMMANDS
from auditkit.cli.parsing import language_in, parsed
from auditkit.cli.terminal import Output, open_streams, silence
from auditkit.wording import language, phrases, speaking

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    open_streams()
    phrases()  # to be at hand where files can no longer be opened
    given = sys.argv[1:] if arguments is None else list(arguments)
    lang = language_in(given)
    with speaking(lang) if lang else nullcontext():
        return _run(parsed(given))


def _run(options: argparse.Namespace) -> int:
    output = Output(options.name, options.debug)
    try:
        try:
            COMMANDS[options.name](options, output)
        except Exception as error:  # what is wrong with no input of its own, such as the terms
            output.fail(options.name, error)
        try:
            _print(output, options)
        except BrokenPipeError:  # what reads the output has gone
            silence(sys.stdout)
            return 0
    except KeyboardInterrupt:
        return 130
    if output.failures:
        return 2 if output.is_misnamed else 3
    return int(bool(options.fail_on) and bool({"error", options.fail_on} & output.worst))


def _print(output: Output, options: argparse.Namespace) -> None:
    if options.format == "json":
        output.print_json()
        return
    is_seen = sys.stdout.isatty()
    room = get_terminal_size().columns if is_seen and options.is_fitted else 0
    output.print_table(language(), options.width if is_seen else None, room)
