"""A folder of forms reviewed on the same terms: workpapers, tables, and rules across reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditkit.decisions.log import default_log
from auditkit.errors import AuditkitError, MissingFileError, WorkpaperError, refusals
from auditkit.many.batch import review_all
from auditkit.many.inputs import files_at, root_of, whole_path, without_copies
from auditkit.many.kept import Done, Reviewed
from auditkit.many.run import HERE, Run, Tally
from auditkit.many.tabulation import tabulate
from auditkit.many.workers import ENDLESS
from auditkit.readers import bytes_of
from auditkit.redaction import MASK
from auditkit.reviewing import Terms
from auditkit.rules import RULES
from auditkit.wording import Fact
from auditkit.workpapers.folders import usable
from auditkit.workpapers.ink import Ink


@dataclass(frozen=True, slots=True)
class Engagement:
    """What was done with the files of a run, each of which is ``Done``.

    Below ``out`` lie the workpapers, ``<form>-<digits>/``, and the tables that ``query`` and
    ``sample`` answer from, and beside them workbook and report of the whole, which are ``papers``;
    ``problem`` is why there are none. ``copies`` are files that hold the same bytes as another
    one, which alone was reviewed.
    """

    out: Path
    files: tuple[Done, ...]
    copies: tuple[tuple[str, str], ...] = ()
    papers: tuple[Path, ...] = ()
    problem: AuditkitError | None = None

    @property
    def total(self) -> int:
        """How many files there are, copies aside."""
        return len(self.files)

    @property
    def new(self) -> int:
        """How many files were reviewed by this run, and not by one before."""
        return sum(done.is_new for done in self.files)

    @property
    def forms(self) -> tuple[Reviewed, ...]:
        """The forms of all files, each in a line."""
        return tuple(form for done in self.files for form in done.forms)

    @property
    def unsure(self) -> int:
        """How many files have figures that were not read surely."""
        return sum(done.unsure > 0 for done in self.files)

    @property
    def failed(self) -> tuple[Done, ...]:
        """The files that could not be reviewed, each with its reason."""
        return tuple(done for done in self.files if done.reason)

    def __str__(self) -> str:
        tally = Tally(self.total)
        for done in self.files:
            tally.count(done)
        return str(tally)


def engagement(
    source: str | Path,
    out: str | Path,
    terms: Terms | None = None,
    *,
    workers: int = 2,
    with_workpapers: bool = True,
    ink: str = "stop",
    expected: Sequence[str] = (),
) -> Engagement:
    """Review a file, a folder and all below it, a pattern or an address, into ``out``.

    Each file is read by one of so many ``workers``, processes that may take two minutes (each page
    that is recognised anew) and 2 GiB; with own rules that stand in no file this process reads them
    all. What is kept of an earlier run is not read again. ``ink`` is what is done with papers that
    a person wrote into, as ``write_workpapers`` takes it. ``expected`` are the projects that should
    have a form. Raises MissingFileError where there is no file, and what is wrong with the terms.
    """
    given = str(source)
    files = list(files_at(given))
    if list(map(whole_path, files)) == [whole_path(given)]:
        _opened(given)
    run = Run(
        Path(out).absolute(),
        root_of([given]),
        workers=workers,
        with_workpapers=with_workpapers,
        ink=Ink(ink),
        expected=tuple(expected),
    )
    return review_files(files, run, terms or Terms())


def _opened(file: str) -> None:
    """Raise MissingFileError where the one file to be reviewed is not there."""
    try:
        bytes_of(file)
    except MissingFileError:
        raise
    except AuditkitError:  # which is the review's to say, as of any other file
        pass


def review_files(
    files: Sequence[str],
    run: Run,
    terms: Terms,
    show: Callable[[Tally], object] = lambda _: None,
    tell: Callable[[Fact], object] = lambda _: None,
) -> Engagement:
    """Review files on the same terms, and make their tables and the papers of the whole.

    ``show`` is told how far it is, ``tell`` what came into the log out of an earlier workbook.
    Raises WorkpaperError where outputs can go nowhere, RefusedError where the system refuses what a
    run cannot do without, such as room on the disk, and what is wrong with the terms.
    """
    usable(run.out)
    with refusals(str(run.out)):
        terms = _anchored(terms).checked()
        if run.with_workpapers:
            from auditkit.many.whole_papers import take_in

            take_in(run, terms, tell)
        return _with_papers(_review_files(files, run, terms, show), run, terms)


def _with_papers(made: Engagement, run: Run, terms: Terms) -> Engagement:
    """Write the papers of the whole, or say why they are not."""
    if not run.with_workpapers or not made.forms:
        return made
    from auditkit.many.whole_papers import write_papers

    try:
        return replace(made, papers=write_papers(made.files, made.copies, run, terms))
    except WorkpaperError as error:
        return replace(made, problem=error)


def _review_files(
    files: Sequence[str], run: Run, terms: Terms, show: Callable[[Tally], object]
) -> Engagement:
    own, copies = without_copies(map(whole_path, files))
    if not set(terms.rules) <= set(RULES):  # such rules stand where no other process finds them
        run = replace(run, workers=HERE, scheduler="", is_fresh=True, allowance=ENDLESS)
    tally = Tally(len(own))

    def counted(done: Done) -> None:
        tally.count(done)
        show(tally)

    done = review_all(own, run, terms, counted)
    tabulate(done, run, terms.lang)
    names = {file: each.name for file, each in zip(own, done, strict=True)}
    named = ((MASK if terms.redact else run.name(copy), names[copies[copy]]) for copy in copies)
    return Engagement(run.out, tuple(done), tuple(named))


def _anchored(terms: Terms) -> Terms:
    """Return terms whose files are found from any folder, since processes keep their own."""
    log = terms.log or default_log()
    return replace(
        terms,
        log=whole_path(log),
        rules_file=terms.rules_file and terms.rules_file.absolute(),
        parameters=terms.parameters and terms.parameters.absolute(),
        template=terms.template and terms.template.absolute(),
    )
