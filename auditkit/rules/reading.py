"""RD: whether what was read of a form agrees with what else its files hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from auditkit.doubts import NoteKind
from auditkit.figures import HUNDRED, half_unit
from auditkit.findings import ROWS, Observation, Outcome, Provisions, Severity, rule
from auditkit.grid import Cell
from auditkit.numbers import Reading, read_number
from auditkit.report import Entry
from auditkit.rules.answers import answer
from auditkit.wording import Fact
from auditkit.worked import Worked

BASIS = ("cn-mof-2020-10/truthful",)
# By what a display format may scale what is stored: percent, and amounts shown in 千 or 万.
SCALES = (Decimal(1), HUNDRED, Decimal("0.001"), Decimal("0.0001"))
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


@rule("RD-01", Severity.WARNING, BASIS, by_itself=True)
def cells_show_what_is_stored(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare what the cells of a workbook show with what is stored behind it.

    A display format rounds, adds a percent sign or a unit, or shows ten thousands; any other
    difference means that the sheet shows one figure and works with another. What is shown is what
    the form says; the stored value is evidence beside it.

    Fails: 10 is shown where 8.62 is stored.
    Passes: 93.74% is shown where 0.937351 is stored.
    Open: not a workbook, or nothing is stored but what is shown.
    """
    entries = worked.report.entries()
    cells = ((entry, cell) for entry in entries for cell in entry.cells if cell.stored)
    kept = [(entry, cell) for entry, cell in cells if _stored(cell) is not None]
    if not kept:
        yield answer(Outcome.NOT_APPLICABLE, "stored", says="no_store")
    odd = [(entry, cell) for entry, cell in kept if not _shows(cell)]
    for entry, cell in odd:
        yield answer(
            False,
            entry.path,
            says="differs",
            evidence=(entry,),
            reported=cell.text,
            expected=cell.stored,
            place=cell.stands,
        )
    if kept and not odd:
        yield answer(True, "stored", says="rounded", count=len(kept))


def _stored(cell: Cell) -> Decimal | None:
    return read_number(cell.stored).value if cell.stored else None


def _shows(cell: Cell) -> bool:
    """Tell whether a display format makes what is shown of what is stored.

    A format may put words around the number (36部) and brackets around one below zero.
    """
    shown, stored = read_number(cell.text), _stored(cell)
    if stored is not None and shown.value is None and len(found := _FIGURE.findall(cell.text)) == 1:
        shown, stored = read_number(found[0]), abs(stored)
    if stored is None or shown.value is None:
        return not stored  # nought may be shown as a dash
    return any(abs(shown.value - stored * by) <= half_unit(shown.decimals) for by in SCALES)


@rule("RD-02", Severity.WARNING, BASIS, by_itself=True)
def files_of_one_form_agree(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare a form with the same form as it stands once more in its file, or in others.

    It is the same form where project, year and unit are the same. Its figures must be the same
    wherever it stands, within the places printed; words are not compared.

    Fails: the PDF says that 215457.6 was spent, the workbook 214557.6.
    Passes: 93.74% in the one, 93.735% in the other.
    Open: the form stands in one file only, and there once.
    """
    report = worked.report
    if not report.counterparts:
        yield answer(Outcome.NOT_APPLICABLE, "files", says="alone")
    differs: dict[str, list[tuple[Entry, Entry, Fact]]] = {}
    alike: dict[Fact, int] = {}
    for other in report.counterparts:
        theirs = {entry.path: entry for entry in other.entries()}
        pairs = [(own, theirs[own.path]) for own in report.entries() if own.path in theirs]
        odd = [pair for pair in pairs if _differ(*pair)]
        name = other.place if other.document == report.document else other.document.name
        for own, their in odd:
            differs.setdefault(own.path, []).append((own, their, name))
        if not odd:
            alike[name] = min(len(pairs), alike.get(name, len(pairs)))
    for path, found in differs.items():
        own = found[0][0]
        yield answer(
            False,
            path,
            says="other",
            evidence=(own, *(their for _, their, _ in found)),
            reported=own.text,
            expected=_listed(their.text for _, their, _ in found),
            other=_listed(name for *_, name in found),
        )
    if alike:
        names, count = _listed(alike), min(alike.values())
        yield answer(True, f"files/{next(iter(alike))}", says="same", other=names, count=count)


def _listed(texts: Iterable[Fact]) -> Fact:
    """Return texts to be said one after the other; one, or one said several times, as it is."""
    several = tuple(texts)
    return several[0] if len(set(several)) == 1 else several


def _differ(own: Entry, their: Entry) -> bool:
    """Tell whether two printed figures cannot be the same; a blank beside a figure differs too."""
    a, b = own.reading, their.reading
    if a.ratio is None or b.ratio is None:
        return (a.value is None) != (b.value is None) and not (own.text and their.text)
    return abs(a.ratio - b.ratio) > _half(a) + _half(b)


def _half(reading: Reading) -> Decimal:
    places = reading.decimals + {"%": 2, "‰": 3}.get(reading.unit, 0)
    return half_unit(places)


@rule("RD-03", Severity.ERROR, ("cn-mof-2020-10/form",), lacks=(ROWS,), by_itself=True)
def document_holds_the_whole_form(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Pass on what reading found out: that the document ends before the form that it holds.

    What stood behind the break cannot be judged, so sums of points and scores are not the form's.

    Fails: a text dump ends with the seventeenth indicator; no total follows.
    Passes: the total of the form was read.
    Open: no total was read, and nothing shows where the document breaks off.
    """
    report = worked.report
    end = [note for note in report.notes if note.kind is NoteKind.BREAKS_OFF]
    last = (report.indicators[-1].name,) if report.indicators else ()
    if end:
        yield answer(False, "form", says="breaks_off", evidence=last, note=end[0])
    elif report.total_score is not None:
        yield answer(True, "form", says="whole")


@rule("RD-04", Severity.NOTE, BASIS, by_itself=True)
def figures_were_read_surely(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Ask about a form as a whole where figures of it were not read surely.

    What other rules make of such figures holds only as far as they are what a person sees; a form
    about which nothing else is asked is not clean for that.

    Fails: never; a scan whose 78 figures come from an invisible layer of text is to be looked at,
        and so is a form of whose indicators none was read.
    Passes: all figures were read surely, those of indicators among them.
    Open: the form states no figures.
    """
    read = worked.report.certainty
    if read.figures:
        count = f"{len(read.unsure)}/{read.figures}"
        outcome = Outcome.REVIEW if read.is_doubted else Outcome.PASS
        yield answer(outcome, "form", says="read", evidence=read.unsure, reported=count, read=read)
