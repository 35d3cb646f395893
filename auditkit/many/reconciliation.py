"""CR: a form held against other documents: approved targets, final accounts, a ledger extract.

Each tie is a finding with the cells of both documents: tied out (pass), different (fail), or left
open where one side has nothing to tie. The columns of the other document are named by the user.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from auditkit.errors import NoFormError
from auditkit.figures import printed_span, shown
from auditkit.files import digest_of
from auditkit.findings import (
    Finding,
    Observation,
    Outcome,
    Provisions,
    Rule,
    Severity,
    put_rules,
    rule,
)
from auditkit.forms.labels import unit_in
from auditkit.grid import Cell, Document, SheetCell, TableCell, plain
from auditkit.numbers import MONEY_UNITS, read_number, read_value, read_words
from auditkit.readers import bytes_of, kind_of, workbook
from auditkit.readers.marks import decoded
from auditkit.recompute import recompute
from auditkit.report import AMOUNTS, ZERO, Entry, Report, number, sum_of, words_of
from auditkit.rules.answers import SHOWN, answer
from auditkit.standards import COUNTRY, load
from auditkit.worked import Worked

_Row = Mapping[str, Entry]

TRUE = ("cn-mof-2020-10/truthful", "cn-budget-law/final-accounts", "cn-budget-law/true-spending")
FIXED = ("cn-mof-2020-10/indicators", "cn-budget-law/targets")
LEDGER_COLUMNS = ("project", *AMOUNTS, "name", "target", "points")
_NUMBERS = (*AMOUNTS, "points")
_PLACES = 10  # of an amount: hundredths of 元 show in 亿元, too
_TAKEN = "元"  # the unit of amounts for which nobody states one


def read_rows(path: str | Path, columns: Mapping[str, str]) -> tuple[_Row, ...]:
    """Read the rows below the heads of a workbook, CSV or TSV file, as entries by what they are.

    ``columns`` maps names of ``COLUMNS`` to the heads that the file prints. Amounts are in the unit
    of money that their cell states, else their head, else a line above the heads. Raises
    NoFormError where no row has all of these heads, MissingFileError where there is no such file.
    """
    data, rows, found = bytes_of(path), list[dict[str, Entry]](), False
    document = Document(digest_of(data), Path(path).name)
    at, above, units = dict[str, int](), "", dict[str, str]()
    for cells in _lines(data, document):
        texts = {plain(cell.text): column for column, cell in cells.items()}
        if all(plain(head) in texts for head in columns.values()):
            at, found = {name: texts[plain(head)] for name, head in columns.items()}, True
            units = {name: unit_in(columns[name]) or above for name in AMOUNTS if name in at}
        elif found:
            row = {n: _entry(n, cells[column]) for n, column in at.items() if column in cells}
            stated = {n: _in_unit(entry, units.get(n, "")) for n, entry in row.items()}
            rows += [stated] if any(entry.text for entry in row.values()) else []
        else:
            above = next(filter(None, map(unit_in, texts)), above)
    if not found:
        heads = tuple(columns.values())
        raise NoFormError.saying("heads-missing", name=document.name, heads=heads)
    return tuple(rows)


def _lines(data: bytes, document: Document) -> Iterator[dict[int, Cell]]:
    if kind_of(data, document.name) in ("xlsx", "xls", "ods"):
        for sheet in workbook.sheets_of(data, document):
            lines: dict[int, dict[int, Cell]] = {}
            for (r, c), square in sorted(sheet.squares.items()):
                place = SheetCell(sheet.name, f"{workbook.letters(c)}{r + 1}")
                cell = Cell(document, place, square.text, r, c, stored=square.stored)
                lines.setdefault(r, {})[c] = cell.doubted(square.doubts)
            yield from lines.values()
        return
    for row, texts in enumerate(workbook.separated(decoded(data), document)):
        yield {
            c: Cell(document, TableCell(1, row + 1, c + 1), t, row, c) for c, t in enumerate(texts)
        }


def _entry(name: str, cell: Cell) -> Entry:
    read = {**dict.fromkeys(_NUMBERS, read_number), "target": read_value}.get(name, read_words)
    reading = read(cell.stored if cell.stored and name in _NUMBERS else cell.text)
    doubts = (*cell.doubts, *reading.suspicions)
    return Entry(f"{cell.place}/{name}", reading, (cell,), doubts=doubts)


def _in_unit(entry: Entry, unit: str) -> Entry:
    reading = entry.reading
    return (
        entry if reading.unit or not unit else replace(entry, reading=replace(reading, unit=unit))
    )


def reconcile(
    report: Report, path: str | Path, columns: Mapping[str, str], unit: str = ""
) -> tuple[Finding, ...]:
    """Tie a form to another document: a ledger, final accounts, or the approved targets.

    ``path`` is a workbook, CSV or TSV file; ``columns`` maps what is to be tied to the heads that
    the file prints: ``project`` and amounts such as ``outturn``, or ``name``, ``target`` and
    ``points`` of approved indicators. ``unit`` is that of amounts for which the file states none;
    without it they are taken as 元, which is said. Raises what ``read_rows`` raises.
    """
    return tied(report, read_rows(path, columns), unit)


def tied(report: Report, rows: Sequence[_Row], unit: str = "") -> tuple[Finding, ...]:
    """Tie a form to rows of another document, whose amounts without a ``unit`` are in that.

    Rows with ``name`` are approved indicators, whose targets and points are compared; of rows with
    ``project`` those of the form's project are, amounts of several rows added up.
    """
    is_about_targets = any("name" in row for row in rows)
    tie = _tie_of_targets(rows) if is_about_targets else _tie_of_amounts(rows, unit)
    law = load()
    place = law.jurisdiction(COUNTRY, report.period_end)
    return put_rules([tie], recompute(report), law, place)


def _tie_of_amounts(rows: Sequence[_Row], unit: str) -> Rule:
    @rule("CR-02", Severity.WARNING, TRUE)
    def amounts_are_those_of_another_document(
        worked: Worked, _: Provisions
    ) -> Iterator[Observation]:
        """Look for amounts that are not those of a ledger or of final accounts.

        Fails: an outturn of 10.93 万元 beside payments of 109,500 元.
        Passes: 10.93 万元 beside payments of 109,300.50 元.
        Open: the ledger has no row of the project.
        """
        return _amounts(worked.report, rows, unit)

    return amounts_are_those_of_another_document


def _tie_of_targets(rows: Sequence[_Row]) -> Rule:
    @rule("CR-03", Severity.WARNING, FIXED)
    def indicators_are_those_approved(worked: Worked, _: Provisions) -> Iterator[Observation]:
        """Look for indicators whose targets or points are not those that were approved.

        Fails: a target of 100 beside 120 as approved.
        Passes: both have 120.
        Open: one of the two leaves it blank.
        """
        return _targets(worked.report, rows)

    return indicators_are_those_approved


TIES = (_tie_of_amounts((), ""), _tie_of_targets(()))  # as they are described, of no document


def _amounts(report: Report, rows: Sequence[_Row], unit: str) -> Iterator[Observation]:
    """Compare each amount of the total, within its last printed place, with the sum of the rows."""
    names = {words_of(row.get("project")) for row in rows} - {""}
    own = [row for row in rows if words_of(row.get("project")) == words_of(report.project)]
    near = "; ".join(difflib.get_close_matches(words_of(report.project), sorted(names), 2))
    printed_unit = unit_in(f"单位:{words_of(report.currency_unit)}")
    for name in (name for name in AMOUNTS if any(name in row for row in rows)):
        entry, others = getattr(report.total_line, name, None), [r[name] for r in own if name in r]
        value, subject, seen = number(entry), f"budget/total/{name}", (entry, *others)
        if value is None or entry is None or not others or any(number(o) is None for o in others):
            says = ("untied", "near") if near and not own else ("untied",)
            yield answer(Outcome.OPEN, subject, says=says, evidence=seen, near=near)
            continue
        units = [other.reading.unit or unit or _TAKEN for other in others]
        own_unit = printed_unit or units[0]
        scales = [Decimal(MONEY_UNITS[each]) / MONEY_UNITS[own_unit] for each in units]
        due = sum((sum_of([o]) * scale for o, scale in zip(others, scales, strict=True)), ZERO)
        span = printed_span(value, entry.reading.decimals)
        terms = [_scaled(sum_of([o]), scale) for o, scale in zip(others, scales, strict=True)]
        how = " + ".join(terms[:SHOWN] + ["…"][: len(terms) - SHOWN > 0])
        is_taken = not unit and not all(other.reading.unit for other in others)
        outcome = Outcome.FAIL if printed_unit and not is_taken else Outcome.REVIEW
        if is_right := span.low <= due <= span.high:
            outcome = Outcome.PASS
        yield answer(
            outcome,
            subject,
            says=(
                "right" if is_right else "wrong",
                "taken" * is_taken,
                "" if printed_unit else "bare",
            ),
            evidence=seen,
            reported=entry.text,
            expected=shown(due, _PLACES),
            arithmetic=f"{how} = {shown(due, _PLACES)} {own_unit}",
            unit=_TAKEN,
            own=own_unit,
        )


def _scaled(value: Decimal, scale: Decimal) -> str:
    """Write out a value in the unit that a scale leads to."""
    if scale == 1:
        return shown(value)
    return (
        f"{shown(value)} x {shown(scale)}" if scale > 1 else f"{shown(value)} / {shown(1 / scale)}"
    )


def _targets(report: Report, rows: Sequence[_Row]) -> Iterator[Observation]:
    """Compare the target and points of each approved indicator with those of the form's row."""
    left = list(report.indicators)
    for row in (row for row in rows if words_of(row.get("name"))):
        name = words_of(row["name"])
        same = next((one for one in left if words_of(one.name) == name), None)
        if same is None:
            close = difflib.get_close_matches(name, [words_of(one.name) for one in left], 1)
            yield answer(
                False,
                f"approved/{name}",
                says="missing",
                evidence=(row["name"],),
                expected=name,
                near="".join(close),
            )
            continue
        left.remove(same)
        for column in (name for name in ("target", "points") if any(name in row for row in rows)):
            own, other = getattr(same, column), row.get(column)
            is_open = own is None or other is None or not own.text or not other.text
            outcome = Outcome.OPEN if is_open else _is_same(own, other)
            yield answer(
                outcome,
                f"{same.path}/{column}",
                wrong="untied" if is_open else "wrong",
                evidence=(own, other),
                reported=words_of(own),
                expected=words_of(other),
            )
    for one in left:
        subject, name = f"{one.path}/name", words_of(one.name)
        yield answer(False, subject, says="added", evidence=(one.name,), reported=name)


def _is_same(one: Entry | None, other: Entry | None) -> bool:
    if one is None or other is None:
        return one is other
    a, b = one.reading, other.reading
    if a.value is not None and b.value is not None:
        return (a.comparator, a.scaled(), a.upper) == (b.comparator, b.scaled(), b.upper)
    return plain(one.text) == plain(other.text)
