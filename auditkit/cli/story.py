"""What ``auditkit review`` prints: the worst first, what it comes to, where papers lie."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.cli.terminal import Line, how_many, say
from auditkit.files import readable
from auditkit.wording import LabelPath, Phrase, language, put

if TYPE_CHECKING:
    from auditkit.decisions.log import Log
    from auditkit.findings import Finding
    from auditkit.report import Report
    from auditkit.reviewing import Review
    from auditkit.wording import Fact

_COUNTED = {  # of the counts, the worst first, and what is counted
    "errors": "error",
    "warnings": "warning",
    "to look at": "question",
    "notes": "note",
}
PAPERS = {  # of a document, those that a person opens
    "workpaper.html": "paper to read",
    "workpaper.xlsx": "paper to work in",
    "workpaper.docx": "paper to sign",
    "annotated.pdf": "paper marked",
}
# Of a file of so many forms findings are printed one by one, of a book of forms they are counted.
FORMS_SAID = 5
PAPERS_OF_ALL = ("index of all", "book of all", "report of all", "letters of all")


def sureness(reports: Sequence[Report]) -> Iterator[Line]:
    """Yield how surely the forms of a file were read, which is said before all else of them."""
    from auditkit.report import how_sure

    if len(reports) > FORMS_SAID:
        yield Line(put(how_sure([one.certainty for one in reports]), language()))
        return
    for one in reports:
        yield Line(str(Phrase.of("how sure", place=one.place, certainty=one.certainty)))


def found(reviews: Sequence[Review]) -> Iterator[Line]:
    """Yield what was found on each form, the worst first, under the numbers of the workpapers."""
    from auditkit import schedules

    numbered = schedules.numbered_findings(reviews)
    for at, review in enumerate(reviews):
        own = [each for each in numbered if each[1] is review and not each[2].suppressed]
        if at:
            yield Line("")
        yield Line("", _headed(review), "name")
        yield Line(f"   {put(review.report.certainty, review.lang)}")
        for number, _, finding, words in sorted(own, key=lambda each: _gravity(each[2])):
            title = f" {finding.rule} {finding.title(review.lang)}"
            yield Line(title, number, finding_looks(finding))
            where, what = tuple(_where(finding)), words["what was found"]
            yield Line(f"   {put(Phrase.of('found', where=where, said=what), review.lang)}")
        if not own:
            yield Line(f"   {put(Phrase.of('nothing found'), review.lang)}")


def _headed(review: Review) -> str:
    report, lang = review.report, review.lang
    name, place = review.document.name, put(report.place, lang)
    project = report.project.text if report.project else ""
    said = "form of project" if project else "form of none"
    return put(Phrase.of(said, name=name, place=place, project=project), lang)


def finding_looks(finding: Finding) -> str:
    """Return what a finding is coloured as."""
    from auditkit.findings import Outcome

    return "review" if finding.outcome is Outcome.REVIEW else finding.severity.value


def _gravity(finding: Finding) -> int:
    """Return how bad a finding is, nought for the worst: a question weighs more than a note."""
    return ("error", "warning", "review", "note").index(finding_looks(finding))


def _where(finding: Finding) -> Iterator[Fact]:
    yield LabelPath(finding.observation.subject)
    yield from (c.stands for e in finding.observation.evidence[:1] for c in e.cells[:1])


def comes_to(reviews: Sequence[Review], log: Log) -> Iterator[Line]:
    """Yield what the review of a document comes to: findings, decisions, and what agrees."""
    lang = reviews[0].lang
    summed = Counter[str]()
    for review in reviews:
        summed.update(review.counts)
    summed["to look at"] = summed["to be looked at"]
    left = sum(len(log.signing(review).undecided) for review in reviews)
    yield Line("")
    yield Line(put(total(summed, sum(summed[name] for name in _COUNTED) - left), lang))
    agree = summed["agrees"] + summed["agrees on doubts"]
    checks = {"agree": agree, "doubtful": summed["agrees on doubts"]}
    said = "agree some on doubts" if checks["doubtful"] else "agree"
    yield Line(put(Phrase.of(said, **checks, open=summed["questions left open"]), lang))
    if summed["suppressed"]:
        yield Line(put(Phrase.of("not counted", count=summed["suppressed"]), lang))


def total(counts: Mapping[str, int], decided: int) -> Phrase:
    """Return how much was found, the worst first, and how much of it is decided."""
    some = [how_many(counts[name], _COUNTED[name]) for name in _COUNTED if counts[name]]
    whole = sum(counts[name] for name in _COUNTED)
    if not some:
        return Phrase.of("nothing to decide")
    return Phrase.of("found in all", counts=tuple(some), decided=decided, whole=whole)


def lies_in(folder: Path, papers: Iterable[tuple[str, str]]) -> Iterator[Line]:
    """Yield the papers of a folder, each with what it is for."""
    lang, listed = language(), list(papers)
    wide = max((len(name) for name, _ in listed), default=0)
    yield Line("")
    yield Line(put(Phrase.of("papers of", folder=readable(str(folder))), lang))
    for name, what in listed:
        yield Line(f"  {put(Phrase.of(what), lang)}", f"  {name:<{wide}}", "name")


def opened(page: Path) -> None:
    """Open a page in the browser; say where it lies where none can be opened."""
    has_screen = sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if not (has_screen and webbrowser.open(page.absolute().as_uri())):
        say(Phrase.of("no browser", page=readable(str(page))))
