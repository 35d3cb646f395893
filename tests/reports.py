"""Reports made in memory from a few lines that look like the form, for the tests of rules.

A block is a small table: the first line names the columns, one line follows for each row, cells
stand between ``|``. A column that is not named is one that the form does not have. Within a
cell, nothing is a blank cell, ``~`` one that the row does not have (such as a score printed
once for two rows), ``=>`` stands before what a workbook stores, and ``??`` at the end marks a
cell that was not read surely::

    name  | adjusted_budget | outturn  | execution_rate
    total | 250000.00       | 215457.6 | 86.19%
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import count
from typing import Any

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Box, Cell, Document, Extent, How, Unit
from auditkit.numbers import Reading, read_number, read_value, read_words
from auditkit.recompute import recompute
from auditkit.report import BudgetLine, Entry, Indicator, Objective, Report, Unknown
from auditkit.reviewing import Review, Terms, evaluate
from auditkit.wording import Statement, Term, put

Spec = Mapping[str, Any]
Row = dict[str, str]

LABELS = {
    "total": "年度资金总额",
    "appropriation": "其中:当年财政拨款",
    "carry_over": "上年结转资金",
    "other": "其他资金",
}
DOUBT = Doubt.of(DoubtKind.SAID_BEFORE, words="two readings of this cell differ")
_READ: dict[str, Callable[[str], Reading]] = {
    **dict.fromkeys(("target", "actual"), read_value),
    **dict.fromkeys(
        ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score"),
        read_number,
    ),
}
_AMOUNTS = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
_COLUMNS = ("name", "target", "actual", "points", "score", "explanation")


def kinds(said: Iterable[Statement]) -> set[StrEnum]:
    """Return the kinds of doubts or notes."""
    return {statement.kind for statement in said}


def worded(said: Iterable[Statement]) -> list[str]:
    """Return doubts or notes in words."""
    return [put(statement, "en") for statement in said]


class _Page:
    """Hands out the cells of a form from top to bottom, one to a line."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.rows = count()

    def entry(self, path: str, text: str, column: str, how: How = How.READ) -> Entry:
        text, _, stored = text.partition("=>")
        sure = text.removesuffix("??")
        reading = _READ.get(column, read_words)(sure)
        doubts = (*((DOUBT,) if sure != text else ()), *reading.suspicions)
        row = next(self.rows)
        place = Box(1, 40.0, 40.0 + 12 * row, 200.0, 52.0 + 12 * row)
        cell = Cell(self.document, place, sure, row, 0, stored=stored, doubts=doubts)
        return Entry(path, reading, (cell,), how, doubts)

    def optional(self, path: str, text: str | None, column: str = "") -> Entry | None:
        return None if text in (None, "~") else self.entry(path, str(text), column)


def table(block: str) -> list[Row]:
    """Split a block into rows, each from column name to the text of its cell."""
    lines = [line for line in block.splitlines() if line.strip()]
    header = [name.strip() for name in lines[0].split("|")] if lines else []
    rows = []
    for line in lines[1:]:
        cells = [cell.strip() for cell in line.split("|")]
        assert len(cells) == len(header), f"{line!r} has {len(cells)} cells, not {len(header)}"
        rows.append(dict(zip(header, cells, strict=True)))
    return rows


def judged(form: Report, terms: Terms | None = None) -> Review:
    """Recompute a form and hold it against the standards, on the terms of a review."""
    return evaluate(recompute(form), terms)


def report(spec: Spec) -> Report:
    """Make the report that a spec describes; see the module's own words for the blocks.

    Other keys: ``title year project department implementer currency_unit rating`` (texts),
    ``goals`` (expected, actual), ``total`` (points, score), ``extra`` (label to text), ``notes``
    (each a ``kind`` and its facts), ``counterpart`` (a spec of the same form in another file),
    ``unknown`` (columns of the indicators that were not understood).
    """
    name = str(spec.get("name", "form"))
    document = Document(hashlib.sha256(repr(sorted(spec.items())).encode()).hexdigest(), name)
    page = _Page(document)
    heads = {
        key: page.optional(key, spec.get(key), "points" if key == "year" else "")
        for key in ("title", "year", "project", "department", "implementer", "currency_unit")
    }
    goals = spec.get("goals", ("~", "~"))
    total = spec.get("total", ("~", "~"))
    rows = tuple(_indicators(page, table(spec.get("indicators", ""))))
    return Report(
        document=document,
        number=1,
        place=Extent(Unit.PAGE, 1, 1),
        reader="memory",
        **heads,
        budget_lines=tuple(_budget_lines(page, table(spec.get("budget", "")))),
        goals=Objective(
            page.optional("goals/expected", goals[0]), page.optional("goals/actual", goals[1])
        ),
        indicators=rows,
        total_points=page.optional("total/points", total[0], "points"),
        total_score=page.optional("total/score", total[1], "score"),
        rating=page.optional("rating", spec.get("rating")),
        extra=tuple(
            (label, page.entry(f"extra/{label}", text, "points" if "小计" in label else ""))
            for label, text in _extra(spec)
        ),
        notes=tuple(map(_note, spec.get("notes", ()))),
        unknown=tuple(_unknown(rows, label) for label in spec.get("unknown", ())),
        counterparts=(report(spec["counterpart"]),) if "counterpart" in spec else (),
    )


def _unknown(rows: tuple[Indicator, ...], label: str) -> Unknown:
    cells = (cell for row in rows for name, e in row.extra if name == label for cell in e.cells)
    return Unknown("indicators", label, (), tuple(cells))


def _note(spec: Spec) -> Note:
    facts = {name: fact for name, fact in spec.items() if name != "kind"}
    if "before" in facts:
        facts["before"] = Term(facts["before"])
    return Note.of(NoteKind(spec["kind"]), **facts)


def _extra(spec: Spec) -> Iterator[tuple[str, str]]:
    extra: Mapping[str, str] = spec.get("extra", {})
    yield from extra.items()


def _budget_lines(page: _Page, rows: list[Row]) -> Iterator[BudgetLine]:
    for row in rows:
        name = row.pop("name")
        path = f"budget/{name}"
        parent = row.pop("parent", "" if name == "total" else "total")
        label = page.entry(f"{path}/label", row.pop("label", LABELS.get(name, name)), "")
        columns = {
            key: page.optional(f"{path}/{key}", row.pop(key), key) for key in _AMOUNTS if key in row
        }
        extra = tuple((key, page.entry(f"{path}/{key}", text, "")) for key, text in row.items())
        yield BudgetLine(name, label, parent=parent, extra=extra, **columns)


def _indicators(page: _Page, rows: list[Row]) -> Iterator[Indicator]:
    above: dict[str, Entry] = {}
    seen: dict[str, int] = {}
    for row in rows:
        labels = (row.get(key, "") or "-" for key in ("dimension", "category", "name"))
        path = "/".join(("indicator", *labels))
        seen[path] = seen.get(path, 0) + 1
        path = path if seen[path] == 1 else f"{path}#{seen[path]}"
        entries: dict[str, Entry] = {}
        for key, text in row.items():
            if key in ("dimension", "category") and _same(above, key, text):
                entries[key] = above[key]
            elif text != "~":
                entries[key] = page.entry(f"{path}/{key}", text, key)
        above |= entries
        known = {key: entries.pop(key, None) for key in ("dimension", "category", *_COLUMNS)}
        yield Indicator(path, extra=tuple(entries.items()), **known)


def _same(above: Mapping[str, Entry], key: str, text: str) -> bool:
    return key in above and above[key].text == text
