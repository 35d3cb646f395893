"""What is given on the command line, by ``cli.toml``, and how it is refused in two languages."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

from auditkit.cli.arguments import TYPES
from auditkit.cli.terminal import say
from auditkit.version import __version__
from auditkit.wording import LANGUAGES, Fact, Phrase, language, put


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and where it is told what can be given."""

    def error(self, message: Fact) -> NoReturn:
        """End with what is wrong with the arguments, names in them shown as they are in a line."""
        say(Phrase.of("wrong usage", program=self.prog, message=message))
        sys.exit(2)

    def unnamed_usage(self) -> str:
        """Return how the command is given, without the word before it.

        Arguments that stand between options have argparse cut off that word, as long as the
        English one.
        """
        whole = self.format_usage()
        return whole[whole.index(self.prog) :].rstrip()


def language_in(arguments: Sequence[str]) -> str:
    """Return the language that --lang names, empty where it names none that is spoken."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--lang", nargs="?", default="")
    lang = parser.parse_known_args(arguments)[0].lang
    return lang if lang in LANGUAGES else ""


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command; ends with exit code 2 where it cannot be given so."""
    with _argparse_speaking(_described()["argparse"]):
        return _parsed(arguments)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    whole, commands = _parsers()
    if not arguments:
        whole.print_help(sys.stderr)
        sys.exit(2)
    first, rest = arguments[0], arguments[1:]
    if first.startswith("-"):
        if first in ("-h", "--help", "--version"):
            whole.parse_args(arguments[:1])
        whole.error(Phrase.of("option unknown", given=first))
    parser = _chosen(whole, first, commands)
    named, row = {"name": first, "parser": parser}, _described()["commands"][first]
    if inside := _inside(parser):
        if not rest or rest[0] in ("-h", "--help"):
            parser.parse_args(rest)
        parser, rest = _chosen(parser, rest[0], inside), rest[1:]
        named |= {"action": parser.prog.split()[-1], "parser": parser}
    parser.usage = parser.unnamed_usage()
    options, unknown = parser.parse_known_intermixed_args(rest)
    if unknown:
        parser.error(_not_taken(parser, unknown[0]))
    for name, value in {**_described()["sets"], **row.get("sets", {}), **named}.items():
        if not hasattr(options, name) or name in named:
            setattr(options, name, value)
    return options


def _chosen(parser: Parser, given: str, known: Mapping[str, Parser]) -> Parser:
    """Return the parser of a command; ends with what comes close where there is none."""
    gone = _described()["gone"] if parser.prog == "auditkit" else {}
    if given in gone:
        parser.error(Phrase.of("command is now", given=given, now=gone[given]))
    if given not in known:
        close = tuple(get_close_matches(given, known, n=1))
        names = Phrase.of("command unknown", given=given, known=tuple(known))
        parser.error(Phrase.of("command like", given=given, like=close) if close else names)
    return known[given]


def _not_taken(parser: Parser, given: str) -> Phrase:
    """Say of what a command does not take whether an option comes close to it."""
    if not given.startswith("-"):
        return Phrase.of("not taken", given=given)
    option = given.partition("=")[0]
    close = tuple(get_close_matches(option, parser._option_string_actions, n=1, cutoff=0.75))
    like = Phrase.of("option like", given=option, like=close)
    return like if close else Phrase.of("option unknown", given=option)


@cache
def _described() -> Mapping[str, Any]:
    text = (files("auditkit") / "cli" / "cli.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole, and those of the commands by their names."""
    said, lang = _described(), language()
    shape = argparse.RawDescriptionHelpFormatter
    whole = Parser(prog="auditkit", description=said["description"][lang], formatter_class=shape)
    whole.epilog = _examples(said, lang)
    whole.add_argument("--version", action="version", version=f"auditkit {__version__}")
    commands = whole.add_subparsers(dest="name", required=True, metavar="COMMAND")
    made = {}
    for name, row in said["commands"].items():
        about = row["help"][lang]
        one = commands.add_parser(
            name, help=about, description=about, epilog=_examples(row, lang), formatter_class=shape
        )
        _take(one, row["takes"], said["arguments"], lang)
        made[name] = one
        if "actions" not in row:
            continue
        inside = one.add_subparsers(dest="action", required=True, metavar="ACTION")
        for action, takes in row["actions"].items():
            about = said["actions"][action][lang]
            part = inside.add_parser(action, help=about, description=about, formatter_class=shape)
            _take(part, takes, said["arguments"], lang)
    return whole, made


def _inside(parser: Parser) -> Mapping[str, Parser]:
    """Return the parsers of the actions of a command by their names."""
    some = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return next((dict(action.choices) for action in some), {})


def _examples(row: Mapping[str, Any], lang: str) -> str:
    lines = row.get("examples", ())
    return "\n  ".join((put(Phrase.of("examples"), lang), *lines)) if lines else ""


def _take(
    command: Any, names: Iterable[str], known: Mapping[str, Mapping[str, Any]], lang: str
) -> None:
    """Add arguments to a command as they are described."""
    for name in names:
        said = dict(known[name])
        if "type" in said:
            said["type"] = TYPES[said["type"]]
        if "help" in said:
            said["help"] = said["help"][lang]
        command.add_argument(said.pop("name", name), **said)


@contextmanager
def _argparse_speaking(words: Mapping[str, str]) -> Iterator[None]:
    """Have argparse, which asks gettext for its own messages, find them among ours."""
    before = {name: vars(argparse)[name] for name in ("_", "ngettext")}

    def one(said: str) -> str:
        return words.get(said, said) if language() != LANGUAGES[0] else said

    def many(said: str, several: str, count: int) -> str:
        return one(said if count == 1 else several)

    vars(argparse).update(_=one, ngettext=many)
    try:
        yield
    finally:
        vars(argparse).update(before)
