"""What a file, a form, its figures and a folder come to, in a few lines.

A verdict is computed, never written down: notebooks begin with it, and its words are put on where
it is shown. ``Line`` is what a verdict says, ``Counted`` what it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from auditkit import errors, schedules
from auditkit.figures import Agreement, Figure
from auditkit.findings import Outcome, Severity
from auditkit.many.engagement import Engagement
from auditkit.report import Report, how_sure
from auditkit.reviewing import Review
from auditkit.schedules import text_of, visible
from auditkit.wording import Fact, LabelPath, Series, Statement, Term
from auditkit.worked import Worked

FEW = 5  # forms or projects that are named one by one


class Line(StrEnum):
    """A line of a verdict."""

    UNREADABLE = "unreadable"  # facts: file, why, error
    NO_SUCH_FORM = "no such form"  # facts: counted, number
    SET_FORM = "set form"
    FORMS = "forms"  # facts: count
    FORM = "form"  # facts: project, place
    READ = "read"  # facts: counted
    READ_SURELY = "read surely"
    IN_FORM = "in form"  # facts: counted, number, project
    FOUND = "found"  # facts: counted
    NOTHING_FAILED = "nothing failed"
    NOTHING_FRAMED = "nothing framed"
    OTHERS_CLEAN = "others clean"  # facts: count
    AND_MORE = "and more"  # facts: count
    NOT_JUDGED = "not judged"  # facts: counted, rows, all, open
    ALL_AGREE = "all agree"  # facts: compared
    ROUNDED = "rounded"  # facts: compared, rounded
    DISAGREE = "disagree"  # facts: compared, odd
    DISAGREE_OR_ROUNDED = "disagree or rounded"  # facts: compared, odd, rounded
    NOTHING_COMPARED = "nothing compared"
    FIGURE = "figure"  # facts: subject, figure, printed, recomputed
    FOLDER = "folder"  # facts: counted
    FAILED = "failed"  # facts: counted
    WITH_ERRORS = "with errors"  # facts: errors, warnings, clean


class Counted(StrEnum):
    """Things that a verdict counts; each kind has a table for one and for several."""

    ERROR = "error"  # facts: count
    WARNING = "warning"
    NOTE = "note"
    LOOK = "look"
    UNSURE = "unsure"
    UNPLACED = "unplaced"
    FILE_FAILED = "file failed"
    FILE_UNSURE = "file unsure"
    FORM = "form"
    PROJECT = "project"
    FILE = "file"


class One(StrEnum):
    """The same where there is one."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    LOOK = "look"
    UNSURE = "unsure"
    UNPLACED = "unplaced"
    FILE_FAILED = "file failed"
    FILE_UNSURE = "file unsure"
    FORM = "form"
    PROJECT = "project"
    FILE = "file"


class Refused(StrEnum):
    """Why a file has no form to show, by the name of its error."""

    MISSING = "MissingFileError"
    UNSUPPORTED = "UnsupportedError"
    DAMAGED = "DamagedError"
    LIMIT = "LimitError"
    ENCRYPTED = "EncryptedError"
    SCAN = "ScanError"
    NO_FORM = "NoFormError"
    EXTRA = "ExtraMissingError"
    OTHER = "ReadError"


def unreadable(error: errors.AuditkitError) -> tuple[Fact, ...]:
    """Say why a file has no form to show, and what to do."""
    known = {kind.value for kind in Refused}
    name = type(error).__name__
    why = Refused(name if name in known else Refused.OTHER)
    said = str(error).removeprefix(f"{error.name}: ")
    return (Statement.of(Line.UNREADABLE, file=visible(error.name), why=why, error=visible(said)),)


def of_forms(reports: Sequence[Report]) -> tuple[Fact, ...]:
    """Say how sure the reading is, which forms a file has, and what of them was not understood."""
    first = (
        Statement.of(Line.FORM, project=_project(reports[0]), place=reports[0].place)
        if len(reports) == 1
        else Statement.of(Line.FORMS, count=len(reports))
    )
    odd = [(report.number, _project(report), _unread(report)) for report in reports]
    return (
        how_sure([report.certainty for report in reports]),
        first,
        *_by_form([one for one in odd if one[2]], len(reports), Line.READ, Line.READ_SURELY),
    )


def of_reviews(reviews: Sequence[Review]) -> tuple[Fact, ...]:
    """Say how sure the reading is, what was found in each form, and what could not be judged."""
    asked = sorted(reviews, key=_gravity, reverse=True)
    odd = [(r.report.number, _project(r.report), _found(r)) for r in asked]
    found = _by_form([one for one in odd if one[2]], len(reviews), Line.FOUND, Line.NOTHING_FAILED)
    rows = [row for review in reviews for row in review.coverage]
    unread = [_unread(review.report) for review in reviews]
    totals = {kind: sum(dict(some).get(kind, 0) for some in unread) for kind in _READ}
    last = Statement.of(
        Line.NOT_JUDGED,
        counted=counted(totals.items()) or Line.READ_SURELY,
        rows=sum(row.unjudged is not None for row in rows),
        all=len(rows),
        open=sum(len(review.findings_of(Outcome.OPEN)) for review in reviews),
    )
    return (how_sure([review.report.certainty for review in reviews]), *found, last)


def of_figures(worked: Worked) -> tuple[Fact, ...]:
    """Say how many printed figures come to something else, and name the first of them.

    How sure the reading is stands first, as of all that is said of a form.
    """
    read = worked.report.certainty
    compared = [figure for figure in worked.figures if figure.agreement]
    odd = [figure for figure in compared if figure.agreement is Agreement.INCONSISTENT]
    rounded = sum(figure.agreement is Agreement.WITHIN_ROUNDING for figure in compared)
    facts = {"compared": len(compared), "odd": len(odd), "rounded": rounded}
    if not compared:
        return (read, Line.NOTHING_COMPARED)
    odd_kind = Line.DISAGREE_OR_ROUNDED if rounded else Line.DISAGREE
    kind = odd_kind if odd else Line.ROUNDED if rounded else Line.ALL_AGREE
    return (read, Statement.of(kind, **facts), *map(_figure, odd[:2]))


def of_engagement(done: Engagement) -> tuple[Fact, ...]:
    """Say how many forms of how many projects there are, how many have errors, where to begin."""
    forms = done.forms
    errors_, warnings = (sum(form.counts[at] > 0 for form in forms) for at in (0, 1))
    clean = sum(not any(form.counts[:2]) for form in forms)
    named = {form.project or str(at) for at, form in enumerate(forms)}
    sizes = zip(_SIZES, (len(forms), len(named), done.total), strict=True)
    first = Statement.of(Line.FOLDER, counted=counted(sizes, with_none=True))
    lines: list[Fact] = [first]
    unread = ((Counted.FILE_FAILED, len(done.failed)), (Counted.FILE_UNSURE, done.unsure))
    if some := counted(unread):
        lines.append(Statement.of(Line.FAILED, counted=some))
    if forms:
        facts = {"errors": errors_, "warnings": warnings, "clean": clean}
        lines.append(Statement.of(Line.WITH_ERRORS, **facts))
    return tuple(lines)


def _by_form(
    odd: Sequence[tuple[int, str, Sequence[tuple[Counted, int]]]], forms: int, one: Line, none: Line
) -> Iterator[Fact]:
    """Yield what was counted, form by form where there are several; those with nothing in sum."""
    if forms == 1:
        yield Statement.of(one, counted=counted(odd[0][2])) if odd else none
        return
    if not odd:
        yield none
        return
    parts: list[Fact] = [
        Statement.of(Line.IN_FORM, counted=counted(counts), number=number, project=project)
        for number, project, counts in odd[:FEW]
    ]
    if more := len(odd) - FEW:
        parts += [Statement.of(Line.AND_MORE, count=more)] * (more > 0)
    if clean := forms - len(odd):
        parts.append(Statement.of(Line.OTHERS_CLEAN, count=clean))
    yield Series(parts)


def counted(counts: Iterable[tuple[Counted, int]], *, with_none: bool = False) -> tuple[Fact, ...]:
    """Return what there is any of, each counted in its own words."""
    return tuple(
        Statement.of(Counted(kind) if count != 1 else One(kind.value), count=count)
        for kind, count in counts
        if count or with_none
    )


_SIZES = (Counted.FORM, Counted.PROJECT, Counted.FILE)
_READ = (Counted.UNSURE, Counted.UNPLACED)
_SEVERITIES = {
    Severity.ERROR: Counted.ERROR,
    Severity.WARNING: Counted.WARNING,
    Severity.NOTE: Counted.NOTE,
}


def _unread(report: Report) -> list[tuple[Counted, int]]:
    unsure = sum(not entry.is_sure for entry in report.entries())
    pairs = zip(_READ, (unsure, len(report.unplaced)), strict=True)
    return [(kind, count) for kind, count in pairs if count]


def _found(review: Review) -> list[tuple[Counted, int]]:
    failed = [finding.severity for finding in review.findings_of(Outcome.FAIL)]
    counts = [(kind, failed.count(severity)) for severity, kind in _SEVERITIES.items()]
    counts.append((Counted.LOOK, len(review.findings_of(Outcome.REVIEW))))
    return [(kind, count) for kind, count in counts if count]


def _gravity(review: Review) -> tuple[int, ...]:
    counts = dict(_found(review))
    return (*(counts.get(kind, 0) for kind in (*_SEVERITIES.values(), Counted.LOOK)),)


def _figure(figure: Figure) -> Statement:
    facts: dict[str, Fact] = {"subject": LabelPath(figure.subject), "figure": Term(figure.name)}
    printed, value = text_of(figure.printed), str(schedules.figures([figure])[1][0][3])
    return Statement.of(Line.FIGURE, **facts, printed=printed, recomputed=value)


def _project(report: Report) -> str:
    return visible(report.project.text) if report.project else ""
