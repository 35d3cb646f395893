"""What goes wrong, as one small tree: each error names the file, the place and what to do.

What is said stands in catalogues, in both languages, and is worded where an error is shown.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

from auditkit.wording import Fact, Phrase, Statement, language, phrases, put

_Given = TypeVar("_Given")


def given(thing: object, kind: type[_Given], expected: str) -> _Given:
    """Return a thing as what it is, or raise TypeError that says what is expected instead.

    >>> given(("a", "b"), str, "one name is expected")
    Traceback (most recent call last):
    TypeError: one name is expected, not a tuple of str
    """
    if isinstance(thing, kind):
        return thing
    of = type(thing).__name__
    if isinstance(thing, tuple | list):
        kinds = dict.fromkeys(type(one).__name__ for one in thing)
        of = f"a {of} of {' and '.join(kinds)}" if kinds else f"an empty {of}"
    raise TypeError(f"{expected}, not {of}")


def all_given(some: object, kind: type[_Given], expected: str) -> tuple[_Given, ...]:
    """Return one thing or several as a tuple; raise TypeError where one is of another kind."""
    listed = some if isinstance(some, Iterable) and not isinstance(some, kind | str) else (some,)
    return tuple(given(one, kind, expected) for one in listed)


class AuditkitError(Exception):
    """The root of every error that auditkit raises on purpose.

    ``message`` says what is wrong and what was expected, ``name`` and ``place`` say where, and
    ``advice`` says what the person can do about it: in the language that is spoken then.
    """

    def __init__(
        self, message: Fact, *, name: str = "", place: Fact = "", advice: Fact = ""
    ) -> None:
        super().__init__(message)
        self.name, self._said = name, (message, place, advice)

    @classmethod
    def saying(cls, what: str, /, *, name: str = "", place: Fact = "", **facts: Fact) -> Self:
        """Return the error whose message, and advice, the catalogues have by its name."""
        advice = f"{what}.advice"
        told = Phrase.of(advice, **facts) if advice in phrases() else ""
        return cls(Phrase.of(what, **facts), name=name, place=place, advice=told)

    def at(self, name: str, place: Fact) -> Self:
        """Say where the error is, which whoever raised it could not know; return it."""
        message, _, advice = self._said
        self.name, self._said = name, (message, place, advice)
        return self

    @property
    def message(self) -> str:
        """What is wrong."""
        return self.in_words(language())[0]

    @property
    def place(self) -> str:
        """Where in the file it is, as far as that is known."""
        return self.in_words(language())[1]

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self.in_words(language())[2]

    def in_words(self, lang: str) -> tuple[str, str, str]:
        """Return the message, the place and the advice in a language."""
        message, place, advice = (put(said, lang) for said in self._said)
        return message, place, advice

    @property
    def told(self) -> Fact:
        """All of it as a fact, to be said in something else."""
        message, place, advice = self._said
        where = tuple(part for part in (self.name, place) if part)
        said = Phrase.of("error at", where=where, message=message) if where else message
        return Phrase.of("error with advice", error=said, advice=advice) if advice else said

    def __str__(self) -> str:
        return put(self.told, language())


class ReadError(AuditkitError):
    """A file that cannot be read as what it appears to be."""


class MissingFileError(ReadError):
    """No file where one was named, or one that may not be opened."""


class UnsupportedError(ReadError):
    """A file of a kind that no reader knows."""


class DamagedError(ReadError):
    """A file that is empty, cut off or otherwise not what its kind must be."""


class LimitError(ReadError):
    """A file that holds more than is read; the message names the limit and how it is raised."""


class EncryptedError(ReadError):
    """A file that asks for a password."""


class ScanError(ReadError):
    """Pages that hold a picture and no text, so that only recognition could read them."""


class NoFormError(ReadError):
    """A readable file in which no self-evaluation form was found."""


class ExtraMissingError(AuditkitError):
    """A feature whose packages or programs are not installed; the advice says how to get them."""

    @classmethod
    def of(cls, extra: str, what: str, *, name: str = "") -> ExtraMissingError:
        """Return the error for packages of an extra of auditkit, ready to raise.

        ``what`` names the message. The package index has another project by the name of auditkit,
        so nobody is told to install the extra from there.

        >>> ExtraMissingError.of("ocr", "ocr-missing").in_words("en")[2]
        "Run make ocr where the Makefile is, or pip install 'PATH_TO_WHEEL[ocr]'"
        """
        return cls(Phrase.of(what), name=name, advice=Phrase.of("install extra", extra=extra))


class NotebookError(AuditkitError):
    """A notebook or workspace that there is not, that is there already, or that failed."""


class MisnamedError(AuditkitError):
    """A name or code given that there is none of, which is wrong usage."""


class UnknownNotebookError(NotebookError, MisnamedError):
    """A number or title that no notebook has, or a parameter that it has not."""


class RuleFileError(AuditkitError):
    """A file of an auditor's own rules or suppressions that cannot be used."""


class UnknownRuleError(RuleFileError, MisnamedError):
    """An id that no rule has."""


class StandardsError(AuditkitError):
    """A table of standards that is out of shape, or a name that it does not define."""


class UnknownPlaceError(StandardsError, MisnamedError):
    """A code that is of no place."""


class NotInForceError(StandardsError):
    """No value of a parameter was in force there and then; ``why`` can be put into words."""

    def __init__(self, why: Statement) -> None:
        super().__init__(why)
        self.why = why


class WorkerError(AuditkitError):
    """A document that ended the process that read it, by itself or by a limit."""


class QueryError(AuditkitError):
    """A question about the tables of results that cannot be answered."""


class LogError(AuditkitError):
    """A log of decisions that cannot be used, or that is not as it was written."""


class SignedError(LogError):
    """A decision about a form whose review was signed and not reopened since.

    ``key`` is that of the question which was to be decided.
    """

    key = ""


class SigningError(LogError):
    """A signature that is not taken: something is undecided, or one person would give both."""


class EntryError(AuditkitError, KeyError):
    """A path that no entry of a form has."""

    __str__ = AuditkitError.__str__


class WorkpaperError(AuditkitError):
    """Workpapers that cannot be written where they were asked for, or not be verified."""


class RefusedError(AuditkitError):
    """What the system refuses: a disk that is full or gone, a folder that may not be written to."""

    @classmethod
    def of(cls, error: OSError | MemoryError, name: str = "") -> RefusedError:
        """Return the error for what a call of the system refused, ready to raise.

        ``name`` is what it was about, where the call itself does not say.

        >>> print(RefusedError.of(OSError(errno.ENOSPC, "", "out/tables")))
        out/tables: there is no room left on the disk. Make room on the disk, or choose another \
folder; what was there before is as it was
        """
        about = getattr(error, "filename2", None) or getattr(error, "filename", None)
        if isinstance(about, str | bytes | os.PathLike):
            name = os.fsencode(about).decode("utf-8", "backslashreplace")
        what, advice = _refused(error)
        return cls(what, name=name, advice=advice)


def refused(error: OSError | ValueError) -> Fact:
    """Return what a system refuses as a fact, to be said in a message of its own."""
    return _refused(error)[0] if isinstance(error, OSError) else str(error)


def _refused(error: OSError | MemoryError) -> tuple[Phrase, Phrase]:
    code = errno.errorcode.get(getattr(error, "errno", None) or 0, "other")
    kind = "out-of-memory" if isinstance(error, MemoryError) else code
    kind = kind if kind in phrases() else "other"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Phrase.of(kind, reason=reason), Phrase.of(f"{kind}.advice", reason=reason)


def known(error: BaseException) -> AuditkitError | None:
    """Return an error as one of auditkit's, ``None`` where it can only be a flaw of the program."""
    if isinstance(error, OSError | MemoryError):
        return RefusedError.of(error)
    return error if isinstance(error, AuditkitError) else None


@contextmanager
def refusals(name: str = "") -> Iterator[None]:
    """Raise RefusedError for what the system refuses in a block that is about ``name``."""
    try:
        yield
    except OSError as error:
        raise RefusedError.of(error, name) from error
