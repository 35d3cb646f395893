"""What notebooks conclude is true of the file that they are run on, whatever file that is.

The verdicts are read and held against findings and figures that are counted here anew. ``--long``
runs all eight documents in both languages, a scan among them.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from documents import FORMLESS, LONG, SHORT, formless, sample
from notebook_runs import said, shown_by

import auditkit as ak
from auditkit.figures import Agreement
from auditkit.findings import Finding, Outcome
from auditkit.report import Report, number
from auditkit.reviewing import Review
from auditkit.worked import Worked

COUNTED = re.compile(r"(\d+) (errors?|warnings?|notes?|to be looked at)")


NUMBERS = ("01", "02", "03")


@pytest.fixture(params=LONG)
def document(request: pytest.FixtureRequest, tmp_path: Path, at_length: bool) -> Path:
    """Each of the documents; without ``--long`` those that take no second to read."""
    if request.param not in SHORT and not at_length:
        pytest.skip("a proof takes all of them")
    return LONG[request.param](tmp_path / "form.html")


def test_every_verdict_is_true_of_the_document(document: Path, tmp_path: Path) -> None:
    shown = {n: shown_by(n, REPORT=str(document), OUT=str(tmp_path / n)) for n in NUMBERS}
    lines = {n: said(some) for n, some in shown.items()}
    if document.read_bytes() == FORMLESS.encode():
        for some in lines.values():
            assert [line for line in some if "has no form to show: no form was found" in line]
            assert not any(COUNTED.search(line) for line in some)
        return
    reviews = ak.review(document)
    assert lines["02"][:2] == lines["03"][:2]
    assert_found(lines["03"][0], reviews)
    assert_judged(lines["03"][1], reviews)
    assert_read(lines["01"], [review.report for review in reviews])
    assert_figures(lines["02"][2], reviews[0].worked)
    for line in lines["02"]:
        assert_charted(line, reviews[0].worked)


def test_both_languages_say_the_same_figures(document: Path, tmp_path: Path) -> None:
    for n in NUMBERS[:2]:
        english, chinese = (
            shown_by(n, lang, REPORT=str(document), OUT=str(tmp_path / n)) for lang in ("en", "zh")
        )
        assert english.keys() == chinese.keys()
        for cell in english.keys() - {'ak.show(worked, "funds")', "ak.show(worked, 'funds')"}:
            verdicts = (getattr(some[cell], "first", "") for some in (english, chinese))
            first, other = map(numbers, verdicts)
            assert first == other, cell


@pytest.mark.slow
def test_a_folder_is_summed_up_as_its_forms_are(tmp_path: Path) -> None:
    for name in ("boiler-2019", "county-disclosure-2023"):
        source = sample(name)(tmp_path)
        (tmp_path / "forms").mkdir(exist_ok=True)
        shutil.copyfile(source, tmp_path / "forms" / source.name)
    formless(tmp_path / "forms" / "none.html")
    shown = shown_by("04", FOLDER=str(tmp_path / "forms"), OUT=str(tmp_path / "out"))
    (ranking,) = (shown[cell] for cell in shown if "ranking" in cell)
    reviews = [r for p in sorted((tmp_path / "forms").iterdir())[:2] for r in ak.review(p)]
    errors = [sum(is_error(f) for f in review.findings) for review in reviews]
    assert ranking.first.split("\n")[:2] == [
        "Reviewed: 4 forms, 4 projects, 3 files",
        "1 file could not be read",
    ]
    assert f"Forms with errors: {sum(map(bool, errors))}, " in ranking.first
    assert [row[2] for row in ranking.cells] == sorted(errors, reverse=True)
    assert not any("xinhong" in repr(thing) for thing in shown.values())  # no sample of our own


def is_counted(finding: Finding) -> bool:
    return finding.outcome in (Outcome.FAIL, Outcome.REVIEW) and not finding.suppressed


def is_error(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAIL and finding.severity == "error"


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:\.\d+)?", text))


def assert_found(line: str, reviews: Sequence[Review]) -> None:
    """Hold what a verdict counts against the findings of each form."""
    parts = re.findall(r"form (\d+) \([^;]*\): ([^;]*)", line) or [("1", line)]
    told = {
        int(form): {kind.rstrip("s"): int(count) for count, kind in COUNTED.findall(counts)}
        for form, counts in parts
    }
    expected = {}
    for review in reviews:
        found = [f for f in review.findings if is_counted(f)]
        kinds = Counter(
            "to be looked at" if f.outcome is Outcome.REVIEW else str(f.severity) for f in found
        )
        if kinds:
            expected[review.report.number] = dict(kinds)
    if not expected:
        assert line == "No rule that could be put to it failed or asked anything"
    else:
        assert {form: counts for form, counts in told.items() if counts} == expected
    clean = len(reviews) - len(expected)
    assert (f"nothing in {clean} other forms" in line) == (bool(expected) and clean > 0)


def assert_judged(line: str, reviews: Sequence[Review]) -> None:
    rows = [row for review in reviews for row in review.coverage]
    unjudged = sum(not row.rules for row in rows)
    left = sum(f.outcome is Outcome.OPEN for review in reviews for f in review.findings)
    assert f"{unjudged} of {len(rows)} scored rows were judged by no rule" in line
    assert f"{left} questions were left open" in line
    unsure = sum(not entry.is_sure for review in reviews for entry in review.report.entries())
    assert ("entr" in line) == (unsure > 0)
    assert unsure == 0 or line.startswith(f"{unsure} entr")


def assert_read(lines: Sequence[str], reports: Sequence[Report]) -> None:
    assert lines[0].startswith("1 form in" if len(reports) == 1 else f"{len(reports)} forms in")
    unsure = sum(not entry.is_sure for report in reports for entry in report.entries())
    unplaced = sum(len(report.unplaced) for report in reports)
    is_clean = lines[1] == "Everything was read surely and understood"
    assert is_clean == (not unsure and not unplaced)
    told = [int(n) for n in re.findall(r"(\d+) (?:entr|cells? not)", lines[1])]
    assert sum(told) == unsure + unplaced


def assert_figures(line: str, worked: Worked) -> None:
    compared = [figure for figure in worked.figures if figure.agreement]
    odd = sum(figure.agreement is Agreement.INCONSISTENT for figure in compared)
    if odd:
        assert line.startswith(f"{odd} of {len(compared)} printed figures")
    else:
        assert line.startswith(f"All {len(compared)} printed figures") or not compared


def assert_charted(line: str, worked: Worked) -> None:
    """Hold the verdict above a chart against the form's own numbers."""
    printed = number(worked.report.total_score)
    lost = [row for row in worked.scored if row.is_alone and row.worth != row.earned]
    if line.startswith("No row lost a point"):
        assert not lost
        assert worked.points.figure.value == worked.score.figure.value
    if found := re.match(r"(-?[\d.]+) points are missing to the full score: (\d+) of", line):
        assert Decimal(found[1]) == worked.points.figure.value - worked.score.figure.value
        assert int(found[2]) in (len(lost), sum(row.is_alone for row in worked.scored))
    if "the form prints this total" in line:
        assert printed == worked.score.figure.value
    if "the form prints ANOTHER total" in line:
        assert printed != worked.score.figure.value
    if found := re.search(r"(\d+) met, (\d+) missed, (\d+) cannot be told", line):
        compared = [row.comparison for row in worked.indicators if row.comparison]
        met = [one.is_met for one in compared if one.target > 0]
        counts = [met.count(True), met.count(False), met.count(None)]
        assert list(map(int, found.groups())) == counts
        assert ("missed: " in line) == (counts[1] > 0)
    if found := re.search(r"The printed total, ([\d.]+), is ([\d.]+) above the highest", line):
        highest = max(round(total, 2) for _, total in worked.totals_by_method)
        assert Decimal(found[1]) - highest == Decimal(found[2]) > 0
        assert Decimal(found[1]) != round(highest, max(0, -printed.as_tuple().exponent))
