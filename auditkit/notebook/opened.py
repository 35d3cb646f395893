"""A file that a notebook is about: what its forms come to, before any of them is looked at."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditkit import schedules
from auditkit.errors import ExtraMissingError, NoFormError, ReadError
from auditkit.forms import recognise
from auditkit.grid import Tables
from auditkit.notebook import verdicts
from auditkit.notebook.display import Shown
from auditkit.progress import AtPage
from auditkit.readers import bytes_of, tables_of
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, review
from auditkit.wording import Fact, Statement, put, terms

if TYPE_CHECKING:
    from auditkit.decisions.log import Log
    from auditkit.notebook.desk import Desk
    from auditkit.notebook.doubted import Doubted


def _show_page(at: AtPage) -> None:
    """Show which page is recognised, until the cell shows something else."""
    from IPython import get_ipython
    from IPython.display import clear_output

    if get_ipython() and at.total > 1:
        clear_output(wait=True)  # type: ignore[no-untyped-call]
        sys.stdout.write(f"{at.line}\n")
        sys.stdout.flush()


class Opened(Shown):
    """All forms of a file with their counts, below the verdict that they come to.

    ``tables``, ``reports`` and ``reviews`` are what the file holds, each empty where there is no
    form, or where it cannot be read: the verdict then says why, and what to do.
    """

    def __init__(self, path: str | Path, asked: Terms, *, is_reviewed: bool) -> None:
        self.path, self.terms = path, asked
        self.tables: tuple[Tables, ...] = ()
        self.reports: tuple[Report, ...] = ()
        self.reviews: tuple[Review, ...] = ()
        try:
            self._read(is_reviewed=is_reviewed)
            verdict, table = self._verdict(), self._table()
        except (ReadError, ExtraMissingError) as error:
            verdict, table = verdicts.unreadable(error), ((), ())
        lines = "\n".join(put(line, asked.lang) for line in verdict)
        super().__init__(*table, asked.lang, lines)

    def _read(self, *, is_reviewed: bool) -> None:
        """Read what is asked for: the tables with their forms as printed, or the reviews."""
        if is_reviewed:
            self.reviews = review(self.path, self.terms, tell=_show_page)
            self.reports = tuple(one.report for one in self.reviews)
        else:
            data, name = bytes_of(self.path), Path(self.path).name
            self.tables = (tables_of(data, name, tell=_show_page),)
            self.reports = recognise(self.tables[0])

    def form(self, number: int) -> tuple[Review, ...] | tuple[Report, ...]:
        """Return the form of a number, counted from one; nothing where the file has no form.

        Raises NoFormError, which says how many there are, where it has none of that number.
        """
        some = self.reviews or self.reports
        if some and not 1 <= number <= len(some):
            counted = verdicts.counted([(verdicts.Counted.FORM, len(some))])
            why = Statement.of(verdicts.Line.NO_SUCH_FORM, counted=counted, number=number)
            advice = put(verdicts.Line.SET_FORM, self.terms.lang)
            raise NoFormError(put(why, self.terms.lang), name=Path(self.path).name, advice=advice)
        return some[number - 1 : number]

    def desk(
        self,
        log: Log,
        auditor: str,
        form: int = 0,
        decisions: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    ) -> Desk | Shown:
        """Return the desk of all forms, what was decided without a person recorded.

        A file without a form has nothing to decide: there, nothing is shown.
        """
        from auditkit.notebook.desk import Desk

        if not self.reviews:
            return Shown((), (), self.terms.lang)
        return Desk(self.reviews, self.path, log, auditor, form).decide_all(decisions)

    def doubted(self, log: Log, auditor: str, form: int = 1) -> Doubted | Shown:
        """Return the sheet of the doubted cells of a form, counted from one.

        A file without a form has none: there, nothing is shown.
        """
        from auditkit.notebook.doubted import Doubted

        if not self.form(form):
            return Shown((), (), self.terms.lang)
        report, tables = self.reports[form - 1], next(iter(self.tables), None)
        return Doubted(report, self.path, log, auditor, self.terms.lang, tables)

    def _verdict(self) -> tuple[Fact, ...]:
        return (
            verdicts.of_reviews(self.reviews) if self.reviews else verdicts.of_forms(self.reports)
        )

    def _table(self) -> schedules.Schedule:
        return reviews_table(self.reviews) if self.reviews else forms_table(self.reports)


def forms_table(some: Sequence[Report]) -> schedules.Schedule:
    """List forms with what was not read surely and not understood of each."""
    heads = terms("form", "place", "project", "indicators", "unsure entries", "unplaced cells")
    rows = [
        (
            one.number,
            one.place,
            one.project,
            len(one.indicators),
            sum(not entry.is_sure for entry in one.entries()),
            len(one.unplaced),
        )
        for one in some
    ]
    return heads, rows


def reviews_table(some: Sequence[Review]) -> schedules.Schedule:
    """List the forms of a document with how much was found in each."""
    heads = terms("document", "form", "place", "project", "certainty")
    rows = [
        (
            schedules.visible(one.document.name),
            one.report.number,
            one.report.place,
            one.report.project,
            one.report.certainty,
            *schedules.counts(one).values(),
        )
        for one in some
    ]
    return (*heads, *schedules.counts(some[0])), rows
