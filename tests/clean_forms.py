"""Clean forms in the layouts of twenty provinces: data of our own in ``tests/clean/``.

A form is a text file: lines above the table begin with ``#``, the first of them is its title. Then
a line is a row, cells stand between ``|``; ``<`` goes on with the cell on the left, ``^`` with the
cell above, ``/n`` is a line break. ``questions.toml`` lists what is asked of them, and why an
auditor would ask.

    python tests/clean_forms.py 04-shanxi   # prints what is found in it
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import producers
from samples import AS_SAVED
from typesetting import Placed, Sheet

from auditkit.findings import Outcome
from auditkit.reviewing import Review, Terms, review
from auditkit.wording import put

FOLDER = Path(__file__).parent / "clean"
FORMS = tuple(sorted(FOLDER.glob("*.txt")))
DIMENSIONS = {"效益": "效益指标", "影响": "效益指标", "满意": "满意度指标"}
TOLD = (Outcome.FAIL, Outcome.REVIEW)


def sheet_of(text: str) -> Sheet:
    """Return a form as a sheet of cells."""
    lines = text.strip().splitlines()
    title, *above = (line.lstrip("# ") for line in lines if line.startswith("#"))
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line[:1] != "#"]
    assert len({len(row) for row in rows}) == 1, [len(row) for row in rows]
    widths = tuple(10.0 for _ in rows[0])
    return Sheet(title, " ".join(above), widths, len(rows), tuple(_cells(rows)))


def _cells(rows: list[list[str]]) -> Iterator[Placed]:
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text not in ("<", "^"):
                high = _run([below[column] for below in rows[row + 1 :]], "^")
                wide = _run(texts[column + 1 :], "<")
                yield Placed(text.replace("/n", "\n"), row, column, high, wide)


def _run(cells: list[str], mark: str) -> int:
    """Return over how many squares a cell goes that is followed by these."""
    return 1 + next((n for n, cell in enumerate(cells) if cell != mark), len(cells))


def reviewed(name: str, text: str, kind: str = "html") -> Review:
    """Review a form set as a file of a kind; the place is guessed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.{AS_SAVED.get(kind, 'pdf')}"
        producers.PRODUCERS[kind]([(sheet_of(text), file)])
        (found,) = review(str(file), Terms(log=Terms.NO_LOG))
    return found


def form_of_values() -> str:
    """Return a form with all of ``values.toml`` as its indicators, ten points for each row."""
    lines = [FORMS[0].read_text(encoding="utf-8").partition("^ | 产出指标")[0].rstrip()]
    values = tomllib.loads((FOLDER / "values.toml").read_text(encoding="utf-8"))
    for category, rows in values.items():
        dimension = next((d for part, d in DIMENSIONS.items() if part in category), "产出指标")
        for name, (target, actual) in rows.items():
            lines.append(
                f"^ | {dimension} | {category} | {name} | {target} | {actual} | 10 | 10 | "
            )
    return "\n".join(lines)


def questions() -> dict[str, dict[str, str]]:
    """Return why an auditor asks what is asked, by form and by rule and subject."""
    return tomllib.loads((FOLDER / "questions.toml").read_text(encoding="utf-8"))


def _told(form: Path) -> Iterator[str]:
    found = reviewed(form.stem, form.read_text(encoding="utf-8"))
    yield f"== {form.stem} {found.jurisdiction.code} {len(found.report.indicators)} rows"
    yield from (f"   note: {put(note, 'en')}" for note in found.report.notes)
    yield from (f"   unplaced: {one}" for one in found.report.unplaced)
    for one in found.findings:
        if one.outcome in TOLD:
            seen = one.observation
            yield f"   {one.outcome} {one.severity} {one.rule} {seen.subject}: {one.message('zh')}"
    for row in found.coverage:
        if row.unjudged:
            yield f"   unjudged {row.subject}: {put(row.unjudged, 'en')}"


if __name__ == "__main__":
    wanted = sys.argv[1:] or [form.stem for form in FORMS]
    for each in FORMS:
        if each.stem in wanted:
            sys.stdout.write("\n".join(_told(each)) + "\n")
