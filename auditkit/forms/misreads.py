"""Figures of a scan that its own arithmetic contradicts, and the digit that may be misread.

A form that contradicts itself is a finding; a scan that does may only have been misread. So its
figures are doubted, with the digit named that would put them right, and nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.figures import Agreement, Figure, FigureName, Interval
from auditkit.forms.labels import nearly_label, role_of
from auditkit.grid import plain
from auditkit.numbers import read_number
from auditkit.recompute import recompute
from auditkit.report import Entry, Report, number, value_of, with_entries
from auditkit.wording import Term

MANY = 3  # rows of one name, which no two indicators have, and rows without a dimension
RECOGNISED = "pdf/scan"  # the reader whose figures are recognised
LOOKALIKES = {"0": "689", "1": "247", "2": "17", "3": "589", "4": "19"}
LOOKALIKES |= {"5": "368", "6": "058", "7": "124", "8": "0369", "9": "03478"}
IDENTITIES = (
    FigureName.RATE,
    FigureName.EXECUTION_SCORE,
    FigureName.SUM,
    FigureName.TOTAL_POINTS,
    FigureName.TOTAL_SCORE,
)


def doubt_misreads(report: Report) -> Report:
    """Return a recognised form with those figures doubted that contradict the others of it.

    Sums of funds, rates and their score, both totals, and scores above their points count; so do
    names that several rows have in cells of their own, and goals that are nearly a label. A doubt
    is about the cell: it goes to all that the form states there.
    """
    if report.reader != RECOGNISED:
        return report
    reasons: dict[Entry, Doubt] = dict([*_one_name(report), *_labels(report)])
    worked = recompute(report)
    for figure in worked.figures:
        if figure.name in IDENTITIES and figure.agreement is Agreement.INCONSISTENT:
            for entry, reason in _suspects(figure):
                reasons.setdefault(entry, reason)
    for row in worked.scored:
        if row.earned > row.worth >= 0:
            doubt = Doubt.of(DoubtKind.ABOVE_ITS_POINTS, points=row.points.text)
            reasons.setdefault(row.score, doubt)

    of_cells = {cell: doubt for entry, doubt in reasons.items() for cell in entry.cells}

    def doubted(entry: Entry) -> Entry:
        why = (reasons.get(entry), *(of_cells.get(cell) for cell in entry.cells))
        return replace(entry, doubts=tuple(dict.fromkeys((*entry.doubts, *filter(None, why)))))

    whole: Report = with_entries(report, doubted)
    return replace(whole, notes=(*whole.notes, *_vanished(report)))


def _one_name(report: Report) -> Iterator[tuple[Entry, Doubt]]:
    """Yield the names that are a head, or the same in several rows, where cells are shifted."""
    names = [row.name for row in report.indicators if row.name and row.name.text]
    counts = Counter(plain(name.text) for name in dict.fromkeys(names))
    for name in names:
        if counts[plain(name.text)] >= MANY or role_of("indicators", name.text) == "name":
            yield name, Doubt.of(DoubtKind.ONE_NAME, rows=counts[plain(name.text)])


def _labels(report: Report) -> Iterator[tuple[Entry, Doubt]]:
    """Yield the goals that are a label of the goals but for one character."""
    for goal in (report.goals.expected, report.goals.actual):
        if goal and (label := nearly_label("goals", goal.text)):
            yield goal, Doubt.of(DoubtKind.NEARLY_LABEL, label=label)


def _vanished(report: Report) -> Iterator[Note]:
    """Say that no row of several stands under a dimension, which a form has a column for."""
    rows = report.indicators
    if len(rows) >= MANY and not any(row.dimension and row.dimension.text for row in rows):
        yield Note.of(NoteKind.LACKS, what=Term("dimension_column"))


def _suspects(figure: Figure) -> Iterator[tuple[Entry, Doubt]]:
    """Yield the printed figure, and what it is made of where one other digit puts it right."""
    how = figure.arithmetic
    for entry in (figure.printed, *figure.inputs):
        fitting = [text for text in _variants(entry) if entry and _fits(figure, entry, text)]
        match fitting:
            case []:
                doubt = Doubt.of(DoubtKind.CONTRADICTED, arithmetic=how)
            case [reading]:
                doubt = Doubt.of(DoubtKind.MAY_BE_MISREAD, reading=reading, arithmetic=how)
            case [first, second, *_]:
                doubt = Doubt.of(
                    DoubtKind.MAY_BE_EITHER, first=first, second=second, arithmetic=how
                )
        if entry and (fitting or entry is figure.printed):
            yield entry, doubt


def _variants(entry: Entry | None) -> Iterator[str]:
    text = entry.text if entry else ""
    for place, digit in enumerate(text):
        yield from (text[:place] + d + text[place + 1 :] for d in LOOKALIKES.get(digit, ""))


def _fits(figure: Figure, entry: Entry, text: str) -> bool:
    """Tell whether a figure agrees once one of its entries is read as another text."""
    other = replace(entry, reading=read_number(text))
    new, old = number(other), value_of(entry)
    if new is None or not (new and old):
        return False
    if entry is figure.printed:
        return replace(figure, printed=other).agreement is Agreement.EXACT
    if figure.name is FigureName.EXECUTION_SCORE:
        return False
    value = figure.value + new - old
    if figure.name is FigureName.RATE:
        value = figure.value * (new / old if entry is figure.inputs[0] else old / new)
    moved = replace(figure, value=value, span=Interval(value, value))
    return moved.agreement is Agreement.EXACT
