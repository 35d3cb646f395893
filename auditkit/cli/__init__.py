"""The command line: read forms, review them, and write workpapers.

Exit codes: 0 all inputs done, 1 what --fail-on names was found, 2 wrong usage, 3 some inputs could
not be read (the rest is done), 130 stopped by hand. Results go to standard output, messages to
standard error.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, NoReturn

from auditkit.cli.arguments import TYPES
from auditkit.cli.commands import COMMANDS
from auditkit.cli.terminal import Output, open_streams, silence, visible
from auditkit.version import __version__
from auditkit.wording import language

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    open_streams()
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
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
        return 3
    return int(bool(options.fail_on) and bool({"error", options.fail_on} & output.worst))


def _print(output: Output, options: argparse.Namespace) -> None:
    if options.format == "json":
        output.print_json()
        return
    width = options.width if sys.stdout.isatty() else None
    output.print_table(getattr(options, "lang", language()), width)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with what is wrong with the arguments, names in them shown as they are in a line."""
        super().error(visible(message))


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    said = tomllib.loads((files("auditkit") / "cli" / "cli.toml").read_text(encoding="utf-8"))
    parser = _Parser(prog="auditkit", description=said["description"])
    parser.add_argument("--version", action="version", version=f"auditkit {__version__}")
    if arguments and arguments[0] in said["gone"]:
        parser.error(f"{arguments[0]} is now: auditkit {said['gone'][arguments[0]]}")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    for name, row in said["commands"].items():
        command = commands.add_parser(name, help=row["help"])
        command.set_defaults(parser=command, **said["sets"])
        command.set_defaults(**row.get("sets", {}))
        _take(command, row["takes"], said["arguments"])
        if "actions" not in row:
            continue
        inside = command.add_subparsers(dest="action", required=True, metavar="ACTION")
        for action, takes in row["actions"].items():
            about = inside.add_parser(action, help=said["actions"][action])
            _take(about, takes, said["arguments"])
    return parser.parse_args(arguments)


def _take(command: Any, names: Iterable[str], known: Mapping[str, Mapping[str, Any]]) -> None:
    """Add arguments to a command as they are described."""
    for name in names:
        said = dict(known[name])
        if "type" in said:
            said["type"] = TYPES[said["type"]]
        command.add_argument(said.pop("name", name), **said)
