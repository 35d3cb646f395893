"""What notebooks conclude is true of the file that they are run on, whatever file that is.

The verdicts are read and held against findings and figures that are counted here anew. ``--long``
runs all documents in both languages, a scan among them, and the notebooks of folders on each.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

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
    assert lines["02"][:3] == lines["03"][:3]
    assert_sure(lines["03"][0], [review.report for review in reviews])
    assert_found(lines["03"][1], reviews)
    assert_judged(lines["03"][2], reviews)
    assert_read(lines["01"], [review.report for review in reviews])
    assert_sure(lines["02"][3], [reviews[0].report])
    assert_figures(lines["02"][4], reviews[0].worked)
    for line in lines["02"][5:]:
        assert_charted(line, reviews[0].worked)
    assert_shown(shown["03"], reviews)


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
def test_a_second_reading_is_made_where_it_is_asked_for(tmp_path: Path) -> None:
    given = {"REPORT": str(sample("xinhong-2024")(tmp_path)), "LOG": str(tmp_path / "log.sqlite")}
    cell = "ak.show(file.tables * CAMELOT, 'camelot', source=REPORT)"
    assert shown_by("01", CAMELOT=False, **given)[cell].rows == []
    second = shown_by("01", CAMELOT=True, **given)[cell]
    assert "camelot" in second.first
    assert numbers(second.first)


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


@pytest.mark.slow
def test_a_folder_of_each_document_is_summed_up_and_a_check_finds_its_forms(
    document: Path, tmp_path: Path, at_length: bool
) -> None:
    if not at_length:
        pytest.skip("a proof runs 04 and 05 on all of them")
    folder = tmp_path / "forms"
    folder.mkdir()
    shutil.copyfile(document, folder / document.name)
    many = shown_by("04", FOLDER=str(folder), OUT=str(tmp_path / "many"))
    own = shown_by("05", REPORT=str(document), FOLDER=str(folder), OUT=str(tmp_path / "own"))
    (ranking,) = (many[cell] for cell in many if "ranking" in cell)
    (found,) = (own[cell] for cell in own if "MY-01" in cell and "findings" in cell)
    (ranked,) = (own[cell] for cell in own if "ranking" in cell)
    if document.read_bytes() == FORMLESS.encode():
        assert "1 file could not be read" in ranking.first
        assert "1 file could not be read" in ranked.first
        assert "MY-01" not in repr(found)
        return
    reviews = ak.review(document)
    errors = [sum(is_error(f) for f in review.findings) for review in reviews]
    assert re.match(rf"Reviewed: {len(reviews)} forms?, ", ranking.first)
    assert [row[2] for row in ranking.cells] == sorted(errors, reverse=True)
    known = (r for r in reviews if r.jurisdiction.on.year >= 2020)  # since when its value counts
    totals = [r.report.total_score for r in known]
    tops = [number(total) for total in totals if total and total.is_sure]  # else it only asks
    shown = repr(found).count("outcome: inconsistent")
    assert shown == sum(top is not None and top >= 98 for top in tops)


def is_counted(finding: Finding) -> bool:
    return finding.outcome in (Outcome.FAIL, Outcome.REVIEW) and not finding.suppressed


def is_grave(finding: Finding) -> bool:
    return finding.outcome is Outcome.REVIEW or finding.severity != "note"


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
    assert (f"forms with none of these: {clean}" in line) == (bool(expected) and clean > 0)


def assert_judged(line: str, reviews: Sequence[Review]) -> None:
    rows = [row for review in reviews for row in review.coverage]
    unjudged = sum(not row.rules for row in rows)
    left = sum(f.outcome is Outcome.OPEN for review in reviews for f in review.findings)
    assert f"{unjudged} of {len(rows)} scored rows were judged by no rule" in line
    assert f"{left} questions were left open" in line
    unsure = sum(not entry.is_sure for review in reviews for entry in review.report.entries())
    assert ("entr" in line) == (unsure > 0)
    assert unsure == 0 or line.startswith(f"{unsure} entr")


def assert_sure(line: str, reports: Sequence[Report]) -> None:
    """Hold how sure the reading is said to be against the doubts of all figures."""
    whole = [report.certainty for report in reports]
    figures, unsure = sum(one.figures for one in whole), sum(len(one.unsure) for one in whole)
    said = f"{unsure} of {figures} figures not sure" if unsure else f"all {figures} figures read"
    assert line.startswith(said)
    odd = sum(number(r.total_score) is None or not r.total_score.is_sure for r in reports)  # type: ignore[union-attr]
    assert ("total" in line) == (odd > 0)
    assert len(reports) == 1 or not odd or line.endswith(f"in {odd} of {len(reports)} forms")


def assert_read(lines: Sequence[str], reports: Sequence[Report]) -> None:
    assert_sure(lines[0], reports)
    assert lines[1].startswith("1 form in" if len(reports) == 1 else f"{len(reports)} forms in")
    unsure = sum(not entry.is_sure for report in reports for entry in report.entries())
    unplaced = sum(len(report.unplaced) for report in reports)
    is_clean = lines[2] == "Everything was read surely and understood"
    assert is_clean == (not unsure and not unplaced)
    told = [int(n) for n in re.findall(r"(\d+) (?:entr|cells? not)", lines[2])]
    assert sum(told) == unsure + unplaced


def assert_figures(line: str, worked: Worked) -> None:
    compared = [figure for figure in worked.figures if figure.agreement]
    odd = sum(figure.agreement is Agreement.INCONSISTENT for figure in compared)
    if odd:
        assert line.startswith(f"{odd} of {len(compared)} printed figures")
    else:
        assert line.startswith(f"All {len(compared)} printed figures") or not compared


def assert_charted(line: str, worked: Worked) -> None:
    """Hold a verdict against the form's own numbers; one that nobody can hold is one too many."""
    known = [(found, check) for said, check in SAID.items() if (found := re.match(said, line))]
    assert known, line
    for found, check in known:
        assert check(worked, *found.groups()), line


def is_odd(worked: Worked, printed: str) -> bool:
    odd = (f for f in worked.figures if f.agreement is Agreement.INCONSISTENT)
    return printed in [figure.printed.text for figure in odd if figure.printed]


def is_whole(worked: Worked, rows: str, total: str) -> bool:
    alone = [row for row in worked.scored if row.is_alone]
    is_earned = all(row.worth == row.earned for row in alone)
    sums = (worked.points.figure.value, worked.score.figure.value)
    return is_earned and int(rows) == len(alone) and sums == (Decimal(total),) * 2


def is_lost(worked: Worked, lost: str, rows: str, every: str, total: str) -> bool:
    alone = [row for row in worked.scored if row.is_alone]
    odd = sum(row.worth != row.earned for row in alone)
    gap = worked.points.figure.value - worked.score.figure.value
    is_counted = (int(rows), int(every)) == (odd or len(alone), len(alone))
    return is_counted and (Decimal(lost), Decimal(total)) == (gap, worked.score.figure.value)


def is_total(worked: Worked, how: str) -> bool:
    entry, total = worked.report.total_score, worked.score.figure.value
    printed = number(entry)
    if printed is None or entry is None:
        return how == "prints no total"
    if not entry.is_sure:
        return how.startswith("was not read surely")
    return how.startswith("prints this" if printed == total else "prints ANOTHER")


def is_compared(worked: Worked, some: str, every: str, *counts: str) -> bool:
    comparisons = [row.comparison for row in worked.indicators if row.comparison]
    met = [one.is_met for one in comparisons if one.target > 0]
    whole = (int(some), int(every)) == (len(met), len(worked.indicators))
    return whole and list(map(int, counts)) == [met.count(True), met.count(False), met.count(None)]


def is_missed(worked: Worked, names: str, more: str | None) -> bool:
    missed = [
        row.indicator.name.text
        for row in worked.indicators
        if row.comparison and row.comparison.target > 0 and row.comparison.is_met is False
    ]
    named = names.split(", ")
    return named == missed[: len(named)] and len(missed) == len(named) + int(more or 0)


def is_spent(worked: Worked, outturn: str, budget: str, unit: str, rate: str) -> bool:
    line = (worked.total or worked.execution).line
    spent, planned = number(line.outturn), number(line.budget)
    assert spent is not None
    assert planned is not None
    per = {"yuan": 1, "thousand yuan": 10**3, "million yuan": 10**6, "billion yuan": 10**9}[unit]
    own = {"元": 1, "万元": 10**4}[worked.report.currency_unit.text]
    told = [Decimal(text) * per for text in (outturn, budget)]
    near = [abs(a - b * own) <= per for a, b in zip(told, (spent, planned), strict=True)]
    return all(near) and (
        not planned or Decimal(rate.rstrip("%")) == round(100 * spent / planned, 2)
    )


def is_beside_methods(worked: Worked, printed: str, how: str) -> bool:
    values = [round(total, 2) for _, total in worked.totals_by_method]
    low, high, total = min(values), max(values), Decimal(printed)
    places = max(0, -number(worked.report.total_score).as_tuple().exponent)  # type: ignore[union-attr]
    if how.startswith("is what"):
        return total in {round(value, places) for value in values} | {*values}
    if how.startswith("lies between"):
        return low < total < high
    if found := re.match(r"is ([\d.]+) above", how):
        return total - high == Decimal(found[1]) > 0 and total != round(high, places)
    found = re.match(r"is ([\d.]+) below", how)
    return bool(found) and low - total == Decimal(found[1]) > 0


def is_without(*, targets: bool = False, funds: bool = False) -> Callable[..., bool]:
    """Say that a form has nothing of what a chart is about."""

    def check(worked: Worked, *_: str) -> bool:
        if targets:
            return not any(r.comparison and r.comparison.target > 0 for r in worked.indicators)
        if funds:
            line = (worked.total or worked.execution).line
            return None in (number(line.budget), number(line.outturn))
        return not worked.totals_by_method or number(worked.report.total_score) is None

    return check


# All that 02 can conclude of a form, and what must then be so; a line may say two things.
SAID: dict[str, Callable[..., bool]] = {
    r".+, .+: (?:\(\?\) )?(.+) printed, .+ recomputed$": is_odd,
    r"No row lost a point: the (\d+) scored rows earn all their ([\d.]+) points": is_whole,
    r"(-?[\d.]+) points are missing to the full score: (\d+) of (\d+) scored rows differ from"
    r" their points, ([\d.]+) is the sum": is_lost,
    r".*; the form (prints .+)$": is_total,
    r".*; the printed total (was not .+)$": is_total,
    r"No row has both points and a score": lambda worked: not worked.scored,
    r"(\d+) of (\d+) indicators have two numbers: (\d+) met, (\d+) missed, (\d+) cannot be told":
        is_compared,
    r".*; missed: (.+?)(?: and (\d+) more)?$": is_missed,
    r"None of the (\d+) indicators has": is_without(targets=True),
    r"([\d.]+) of ([\d.]+) spent \((.+)\): (.+)$": is_spent,
    r"Budget and outturn of the project are not both numbers": is_without(funds=True),
    r"The printed total, ([\d.]+), (.+)$": is_beside_methods,
    r"No method can be compared": is_without(),
}  # fmt: skip


def assert_shown(shown: dict[str, Any], reviews: Sequence[Review]) -> None:
    """Hold what 03 shows below its verdict, of the form that is looked at, against its review."""
    first = reviews[0]
    (page,) = (shown[cell] for cell in shown if "'page'" in cell)
    grave = [f for f in first.findings if is_counted(f) and is_grave(f) and f.observation.evidence]
    assert ("no page is drawn" in getattr(page, "first", "")) == (not grave)
    left = [finding for finding in first.findings if finding.outcome is Outcome.OPEN]
    assert [row[0] for row in shown["ak.show(chosen, 'open')"].rows] == [f.rule for f in left]
    judged = [len(row.rules) for row in first.coverage]
    assert len(shown["ak.show(chosen, 'judged')"].rows) == len(judged)
    summary = {row[0]: row[1] for row in shown["ak.show(chosen, 'summary')"].rows}
    assert summary["questions left open"] == str(len(left))
    assert summary["scored rows judged by no rule"] == f"{judged.count(0)}/{len(judged)}"
    found = [[f for f in one.findings if is_counted(f)] for one in reviews]
    assert [form["all"] for form in shown["desk"].forms] == list(map(len, found))
    for form, some in zip(shown["desk"].forms, found, strict=True):
        assert sum(form["counts"].get(level, 0) for level in LEVELS) == len(some)
        assert form["counts"].get("error", 0) == sum(map(is_error, some))
    assert shown["desk"].progress == f"0 of {sum(map(len, found))} decided"


LEVELS = ("error", "warning", "note", "review")
