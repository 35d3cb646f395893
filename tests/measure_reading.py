"""Measure how exactly forms are read: set each in every layout by every producer, and read it.

Text counts as read when it equals what was printed after NFKC and without white space. A number
counts as sure when the reader gave no reason to doubt it; a sure number must never be wrong.

    python tests/measure_reading.py --show 20
    python tests/measure_reading.py --forms FOLDER --already-set FOLDER --layouts A C
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, TypeVar

import samples
from producers import missing, produce
from typesetting import (
    LAYOUTS,
    Form,
    FundingRow,
    IndicatorRow,
    Layout,
    from_transcript,
    lay_out,
    printed,
)

from auditkit.errors import AuditkitError
from auditkit.forms import recognise
from auditkit.grid import plain
from auditkit.readers import tables
from auditkit.report import BudgetLine, Entry, Indicator, Report

T = TypeVar("T")
U = TypeVar("U")
LETTERS = dict(zip("ABCDEGH", LAYOUTS, strict=True))  # names of layouts in files set before
NAMED = {**LETTERS, **{layout.name: layout for layout in LAYOUTS}}
ALL = (
    *("reportlab", "weasyprint", "chromium", "calc", "writer"),
    *("weasyprint-large", "writer-large"),
    *("html", "xlsx", "docx", "xls", "ods", "csv", "doc"),
)
KINDS = ("header", "budget", "indicator", "goals", "total")
AMOUNTS = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
COLUMNS = ("target", "actual", "points", "score", "explanation")
_NUMBER = re.compile(r"(-?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)[%‰]?")


@dataclass(frozen=True, slots=True)
class Compared:
    """One field: what was printed, what was read, and whether it must be right."""

    kind: str
    path: str
    printed: str
    read: str
    is_right: bool
    is_sure_number: bool = False

    def __str__(self) -> str:
        sure = " SURE" if self.is_sure_number else ""
        return f"{self.path}: printed {self.printed!r}, read {self.read!r}{sure}"


@dataclass(slots=True)
class Tally:
    """The counts of one producer and layout."""

    files: int = 0
    seconds: float = 0.0
    right: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    whole_rows: Counter[str] = field(default_factory=Counter)
    sure: int = 0
    sure_wrong: int = 0
    numbers: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, compared: Sequence[Compared], seconds: float) -> None:
        """Count one form."""
        self.files += 1
        self.seconds += seconds
        whole: dict[tuple[str, str], bool] = {}
        for one in compared:
            self.fields[one.kind] += 1
            self.right[one.kind] += one.is_right
            row = (one.kind, one.path.rpartition("/")[0])
            whole[row] = whole.get(row, True) and one.is_right
            self.numbers += _NUMBER.fullmatch(plain(one.printed)) is not None
            self.sure += one.is_sure_number
            self.sure_wrong += one.is_sure_number and not one.is_right
            if not one.is_right:
                self.misses.append(f"{name} {one}")
        for (kind, _), is_whole in whole.items():
            self.rows[kind] += 1
            self.whole_rows[kind] += is_whole

    def merge(self, other: Tally) -> None:
        """Add the counts of another tally."""
        self.files += other.files
        self.seconds += other.seconds
        self.sure += other.sure
        self.sure_wrong += other.sure_wrong
        self.numbers += other.numbers
        self.misses += other.misses
        for mine, theirs in (
            (self.right, other.right),
            (self.fields, other.fields),
            (self.rows, other.rows),
            (self.whole_rows, other.whole_rows),
        ):
            mine.update(theirs)

    @property
    def share(self) -> float:
        """The share of fields that were read as printed."""
        return sum(self.right.values()) / max(1, sum(self.fields.values()))

    def row(self) -> list[str]:
        """Return the counts as the cells of the table."""
        budget = f"{self.whole_rows['budget']}/{self.rows['budget']}"
        indicators = f"{self.whole_rows['indicator']}/{self.rows['indicator']}"
        rest = (f"{self.right[k]}/{self.fields[k]}" for k in ("header", "goals", "total"))
        fields = f"{sum(self.right.values())}/{sum(self.fields.values())}"
        sure = f"{self.sure - self.sure_wrong}/{self.sure}"
        share = f"{100 * self.share:.2f}"
        return [budget, indicators, *rest, fields, share, sure, f"{self.seconds:.1f}"]


HEAD = [
    "producer",
    "layout",
    "files",
    "budget",
    "indicators",
    "header",
    "goals",
    "total",
    "fields",
    "%",
    "sure",
    "seconds",
]


def compare(form: Form, layout: Layout, report: Report | None) -> list[Compared]:
    """Hold a form as it was read against the facts that the layout prints of it."""
    return [
        *_header(form, layout, report),
        *_budget(form, layout, report.budget_lines if report else ()),
        *_indicators(form, layout, report.indicators if report else ()),
        *_field("goals", "goals/expected", form.expected, report and report.goals.expected),
        *_field("goals", "goals/actual", form.actual, report and report.goals.actual),
        *_total(form, layout, report),
    ]


def _header(form: Form, layout: Layout, report: Report | None) -> Iterator[Compared]:
    for name in ("title", "project", "department"):
        yield from _field("header", name, getattr(form, name), report and getattr(report, name))
    yield from _year(form, report)
    unit = report and report.currency_unit
    read = plain(unit.text) if unit else ""
    is_right = re.sub(r".*[(](.*元)[)]|单位:?", r"\1", read) == form.currency_unit
    yield Compared("header", "currency_unit", form.currency_unit, read, is_right)
    implementer = report and report.implementer
    if report and not implementer and "实施" not in layout.offices[1]:
        implementer = dict(report.extra).get(layout.offices[1])
    yield from _field("header", "implementer", form.implementer, implementer)


def _year(form: Form, report: Report | None) -> Iterator[Compared]:
    found = re.search(r"\d{4}", form.year)
    year = report.year if report else None
    value = str(year.reading.value) if year and year.reading.value is not None else ""
    if found:
        is_right = value == found[0]
        yield Compared("header", "year", found[0], value, is_right, year is not None)
    elif value and value not in form.title:
        yield Compared("header", "year", "", value, is_right=False)


def _budget(form: Form, layout: Layout, lines: Sequence[BudgetLine]) -> Iterator[Compared]:
    names = {name for _, name in layout.funding}
    labels = [plain(line.label.text) if line.label else "" for line in lines]
    for row, line in _paired(form.funding, [plain(r.label) for r in form.funding], lines, labels):
        path = f"budget/{row.label if row else labels[lines.index(line)]}"  # type: ignore[arg-type]
        yield from _field("budget", f"{path}/label", row and row.label, line and line.label)
        for name in AMOUNTS:
            facts = row if name in names else FundingRow()
            text = getattr(facts, name) if facts else None
            entry = getattr(line, name) if line else None
            yield from _field("budget", f"{path}/{name}", text, entry, is_number=True)


def _indicators(form: Form, layout: Layout, read: Sequence[Indicator]) -> Iterator[Compared]:
    rows = [row for row in form.indicators if not row.is_template]
    names = [plain(line.name.text) if line.name else "" for line in read]
    for row, line in _paired(rows, [plain(r.name) for r in rows], read, names):
        number = rows.index(row) + 1 if row else f"+{line.path if line else ''}"
        path = f"indicator/{number} {row.name if row else ''}"
        for name in ("dimension", "category", "name"):
            text = getattr(row, name) if row else None
            yield from _field("indicator", f"{path}/{name}", text, line and getattr(line, name))
        for name in COLUMNS:
            text = _expected(row, name, layout) if row else None
            entry = getattr(line, name) if line else None
            is_number = name != "explanation"
            yield from _field("indicator", f"{path}/{name}", text, entry, is_number=is_number)


def _expected(row: IndicatorRow, name: str, layout: Layout) -> str:
    if name == "target" and "value" in layout.fields:
        return "".join(row.in_columns)
    return printed(row, name) if name in layout.fields else ""


def _total(form: Form, layout: Layout, report: Report | None) -> Iterator[Compared]:
    points, score = (form.total_points, form.total_score) if layout.has_total else ("", "")
    points = points if "points" in layout.fields else ""
    for name, text in (("total_points", points), ("total_score", score)):
        entry = getattr(report, name) if report else None
        yield from _field("total", f"total/{name}", text, entry, is_number=True)


def _field(
    kind: str, path: str, text: str | None, entry: Entry | None, *, is_number: bool = False
) -> Iterator[Compared]:
    """Compare one field; an empty cell counts only where something was read into it."""
    said, read = plain(text or ""), plain(entry.text) if entry else ""
    if not said and not read:
        return
    is_right = said == read
    digits = is_number and re.search(r"\d", said + read) is not None
    is_sure = digits and entry is not None and entry.is_sure
    if is_right and is_number and entry and (number := _NUMBER.fullmatch(said)):
        value = entry.reading.value
        is_right = value == Decimal(number[1] + number[2].replace(",", ""))
        read = f"{read} as {value}"
    yield Compared(kind, path, said, read, is_right, is_sure)


def _paired(
    printed_rows: Sequence[T], keys: Sequence[str], read: Sequence[U], read_keys: Sequence[str]
) -> Iterator[tuple[T | None, U | None]]:
    """Pair printed rows with rows as read: by order, and by name where some are missing."""
    if len(printed_rows) == len(read):
        yield from zip(printed_rows, read, strict=True)
        return
    matcher = SequenceMatcher(None, keys, read_keys, autojunk=False)
    for _, first, last, start, stop in matcher.get_opcodes():
        for offset in range(max(last - first, stop - start)):
            yield (
                printed_rows[first + offset] if first + offset < last else None,
                read[start + offset] if start + offset < stop else None,
            )


def measure(path: Path, form: Form, layout: Layout) -> tuple[list[Compared], float]:
    """Read a file that holds one form and compare it; a file that cannot be read is all wrong."""
    began = time.perf_counter()
    try:
        reports = recognise(tables(path))
    except AuditkitError as error:
        return _lost(form, layout, f"{type(error).__name__}: {error}"), _since(began)
    seconds = _since(began)
    if len(reports) != 1:
        return _lost(form, layout, f"{len(reports)} forms found"), seconds
    return compare(form, layout, reports[0]), seconds


def _since(began: float) -> float:
    return time.perf_counter() - began


def _lost(form: Form, layout: Layout, why: str) -> list[Compared]:
    return [
        Compared("header", "file", "one form", why, is_right=False),
        *compare(form, layout, None),
    ]


def transcripts(folder: Path) -> list[Form]:
    """Load the forms of a folder of transcriptions."""
    files = sorted(folder.glob("*.json"))
    return [from_transcript(json.loads(f.read_text(encoding="utf-8")), f.stem) for f in files]


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as lines with aligned columns."""
    lines = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


Tallies = Mapping[tuple[str, str], Tally]


def summary(tallies: Tallies) -> str:
    """Return the table by producer and layout, with sums by producer and over all."""
    lines: list[Sequence[str]] = [HEAD]
    every = Tally()
    for producer in dict.fromkeys(producer for producer, _ in tallies):
        whole = Tally()
        for (_, layout), tally in ((k, t) for k, t in tallies.items() if k[0] == producer):
            lines.append([producer, layout, str(tally.files), *tally.row()])
            whole.merge(tally)
        lines.append([producer, "all", str(whole.files), *whole.row()])
        every.merge(whole)
    lines.append(["all", "all", str(every.files), *every.row()])
    return table(lines)


def run(
    forms: Sequence[Form],
    files: Mapping[tuple[str, str], Mapping[str, Path]],
    layouts: Mapping[str, Layout],
) -> dict[tuple[str, str], Tally]:
    """Measure every file; ``files`` maps producer and layout to the file of each form."""
    tallies: dict[tuple[str, str], Tally] = {}
    by_name = {form.name: form for form in forms}
    for (producer, layout), some in files.items():
        tally = tallies.setdefault((producer, layout), Tally())
        for name, path in some.items():
            compared, seconds = measure(path, by_name[name], layouts[layout])
            tally.add(f"{producer} {layout} {name}", compared, seconds)
    return tallies


def own_forms() -> list[Form]:
    """Return the forms of the project's own samples."""
    made = (s for s in samples.load() if s.producer != "dump")  # its form is another one's
    return [one.form for sample in made for one in sample.forms]


def set_forms(
    forms: Sequence[Form], producers: Sequence[str], layouts: Sequence[str], folder: Path
) -> dict[tuple[str, str], dict[str, Path]]:
    """Print every form in every layout by every producer into a folder."""
    files: dict[tuple[str, str], dict[str, Path]] = {}
    for producer in producers:
        place = folder / producer
        place.mkdir()
        batch = []
        for layout in layouts:
            some = {form.name: place / f"{form.name}-{layout}.pdf" for form in forms}
            files[producer, layout] = some
            batch += [(lay_out(form, NAMED[layout]), some[form.name]) for form in forms]
        produce(producer, batch)
    return files


def already_set(
    folder: Path, forms: Sequence[Form], producers: Sequence[str], layouts: Sequence[str]
) -> dict[tuple[str, str], dict[str, Path]]:
    """Find FOLDER/<producer>/<form>-<layout>.pdf for every form, producer and layout."""
    return {
        (producer, layout): {
            form.name: path
            for form in forms
            if (path := folder / producer / f"{form.name}-{layout}.pdf").exists()
        }
        for producer in producers or sorted(p.name for p in folder.iterdir() if p.is_dir())
        for layout in layouts
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 where a sure number was wrong."""
    options = _options(arguments)
    forms = transcripts(options.forms) if options.forms else own_forms()
    forms = [f for f in forms if not options.only or f.name in options.only]
    names = options.layouts or list("ABCDEG")
    if options.already_set:
        files = already_set(options.already_set, forms, options.producers, names)
        tallies = run(forms, files, NAMED)
    else:
        producers = options.producers or [p for p in ALL if not missing(p)]
        with tempfile.TemporaryDirectory() as folder:
            files = set_forms(forms, producers, names, Path(folder))
            tallies = run(forms, files, NAMED)
    sys.stdout.write(summary(tallies) + "\n")
    misses = [miss for tally in tallies.values() for miss in tally.misses]
    for miss in misses[: options.show]:
        sys.stdout.write(f"{miss}\n")
    if options.json:
        options.json.write_text(
            json.dumps(_as_data(tallies), ensure_ascii=False, indent=1), "utf-8"
        )
    return int(any(tally.sure_wrong for tally in tallies.values()))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--forms", type=Path, help="folder of transcriptions instead of our own")
    parser.add_argument("--only", nargs="*", default=[], help="names of forms")
    parser.add_argument("--producers", nargs="*", default=[])
    parser.add_argument("--layouts", nargs="*", default=[])
    parser.add_argument("--already-set", type=Path, help="FOLDER/<producer>/<form>-<layout>.pdf")
    parser.add_argument("--show", type=int, default=0, help="how many mismatches to list")
    parser.add_argument("--json", type=Path, help="write counts and mismatches here")
    return parser.parse_args(arguments)


def _as_data(tallies: Tallies) -> list[dict[str, Any]]:
    return [
        {
            "producer": producer,
            "layout": layout,
            "files": tally.files,
            "fields": sum(tally.fields.values()),
            "right": sum(tally.right.values()),
            "sure": tally.sure,
            "sure_wrong": tally.sure_wrong,
            "mismatches": tally.misses,
        }
        for (producer, layout), tally in tallies.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
