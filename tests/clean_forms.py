"""Clean forms in the layouts of twenty provinces: data of our own in ``tests/clean/``.

A form is a text file: lines above the table begin with ``#``, the first of them is its title. Then
a line is a row, cells stand between ``|``; ``<`` goes on with the cell on the left, ``^`` with the
cell above, ``/n`` is a line break. ``questions.toml`` lists what is asked of them, and why an
auditor would ask.

    python tests/clean_forms.py 04-shanxi   # prints what is found in it
    python tests/clean_forms.py --kinds     # counts what is found in all, set in all kinds of files
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import producers
from samples import AS_SAVED
from typesetting import Placed, Sheet

from auditkit.findings import Outcome, Severity
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
    (found,) = all_reviewed({name: text}, kind)
    return found


def all_reviewed(texts: Mapping[str, str], kind: str) -> list[Review]:
    """Review forms, by their names, each set as a file of a kind of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{name}.{AS_SAVED.get(kind, 'pdf')}" for name in texts]
        producers.PRODUCERS[kind](list(zip(map(sheet_of, texts.values()), files, strict=True)))
        return [one for file in files for one in review(str(file), Terms(log=Terms.NO_LOG))]


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


KINDS = tuple(
    kind for kind in producers.PRODUCERS if kind != "scan" and not kind.endswith("-large")
)
ASKED = ("error", "warning", "question", "not understood", "not judged")


def counted(kind: str) -> Counter[str]:
    """Count what is found in all forms, set in a kind of file, but for notes."""
    found: Counter[str] = Counter()
    reviews = all_reviewed({f.stem: f.read_text(encoding="utf-8") for f in FORMS}, kind)
    for one in reviews:
        failed = one.findings_of(Outcome.FAIL)
        found.update(f.severity for f in failed if f.severity is not Severity.NOTE)
        found["question"] += len(one.findings_of(Outcome.REVIEW))
        found["not understood"] += len(one.report.unplaced)
        found["not judged"] += sum(row.unjudged is not None for row in one.coverage)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is found; where it is counted, the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", default=[form.stem for form in FORMS])
    parser.add_argument("--kinds", nargs="*", choices=KINDS, help="count in kinds of files")
    options = parser.parse_args(arguments)
    if options.kinds is None:
        for each in FORMS:
            if each.stem in options.names:
                sys.stdout.write("\n".join(_told(each)) + "\n")
        return 0
    is_good = True
    for kind in options.kinds or KINDS:
        if not producers.missing(kind):
            found = counted(kind)
            sys.stdout.write(f"{kind:12}" + "".join(f"{found[k]:4} {k}" for k in ASKED) + "\n")
            sys.stdout.flush()
            is_good = is_good and not found.total()
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
