"""The tables of a workpaper, the same for every format that they are written in.

A table is the heads of its columns and its rows. A head is a ``Term``, or the form's own label as
``str``; a cell is a value that waits to be worded, a text or number as it is, or an entry of the
form, ``None`` where the form has no such cell.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum

from auditkit import grid
from auditkit.contract import BUDGET_LINE, ROW
from auditkit.decisions.events import Decision, Standing, answer_of, decided_of, left_open
from auditkit.figures import SHARES, Figure, shown
from auditkit.findings import Finding, Outcome, Severity
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.rules.totals import grading
from auditkit.standards import Provision, Since, Standards
from auditkit.wording import Fact, LabelPath, Name, Statement, Term, put, terms

ScheduleCell = Fact | Entry | None
Schedule = tuple[Sequence[Fact], Sequence[Sequence[ScheduleCell]]]
Spoken = str | int | Decimal | Entry | None
SpokenTable = tuple[list[str], list[list[Spoken]]]


class Saying(StrEnum):
    """What workpapers say of a review as a whole, in a sentence."""

    CORRECTED = "corrected"  # facts: count
    CORRECTED_ONE = "corrected one"
    AS_READ = "right as read"  # facts: count
    AS_READ_ONE = "right as read one"
    FROM_LOG = "from log"  # facts: said, log
    HELD = "held"  # facts: name, code, how, on
    DECIDED = "decided"  # facts: decision, value
    SIGNED_OPEN = "signed open"  # facts: open, asking
    ABOUT = "about"  # facts: rule, subject
    PROVISION = "provision"  # facts: name, value, since, where
    PAGE = "page"  # facts: page
    REDACTED = "redacted"
    NOTHING_FOUND = "nothing found"
    NO_LONGER_ASKED = "no longer asked"  # facts: answer, file
    MAY_BE_ASKED = "may be asked"  # facts: answer, file
    ELSEWHERE = "elsewhere"  # facts: file, digest, on
    CHANGED = "changed"  # facts: path, then, now
    DIFFERENTLY = "decided differently"
    STANDS = "stands"  # facts: standing, decision, auditor, number
    STOOD = "stood"  # facts: the same, and answer
    PROCEDURE = "procedure"  # facts: rules, figures, right, asked, left, on
    CONCLUDED = "concluded"  # facts: all, confirmed, explained, dismissed, evidence, undecided
    ENGAGED = "engaged"  # facts: whose, year


OUTCOMES = {
    Outcome.FAIL: Term("found inconsistent"),
    Outcome.REVIEW: Term("found odd"),
    Outcome.OPEN: Term("found open"),
    Outcome.NOT_APPLICABLE: Term("found not applicable"),
    Outcome.PASS: Term("found right"),
}
LARGEST_CELL = 32_000
DIGITS_SAID = 8  # of a document's digest
SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_SAID = terms("rule", "subject", "what was found", "printed", "recomputed", "arithmetic")
_LAW = terms("standards", "basis", "where", "question")
UNSURE = terms("entry", "text", "why", "where")
FINDING = (*terms("severity", "outcome"), *_SAID, *_LAW)


def spoken(table: Schedule, lang: str) -> SpokenTable:
    """Return a table in a language: its heads and cells as far as they are values to be worded.

    >>> spoken(((Term("form year"), "年份"), [(LabelPath("total/score"), "total/score")]), "zh")
    (['年度', '年份'], [['合计/得分', 'total/score']])
    """
    heads, rows = table
    return [put(head, lang) for head in heads], [[worded(c, lang) for c in row] for row in rows]


def worded(cell: ScheduleCell, lang: str) -> Spoken:
    """Return a cell in a language; entries, numbers and plain texts are as they are."""
    if cell is None or type(cell) is str or isinstance(cell, int | Decimal | Entry):
        return cell
    return lines(put(cell, lang))


def place_in(lang: str, place: grid.Cell | grid.Extent) -> str:
    """Say in a language where a cell or a form stands.

    >>> place_in("zh", grid.Extent(grid.Unit.PAGE, 3, 4))
    '第3-4页'
    """
    return put(place.stands if isinstance(place, grid.Cell) else place, lang)


def head(report: Report, lang: str = "en") -> Schedule:
    """Return the head of the form, its goals and its totals, and where each stands."""
    labelled = (
        ("form title", report.title),
        ("form year", report.year),
        ("form project", report.project),
        ("form department", report.department),
        ("form implementer", report.implementer),
        ("form unit", report.currency_unit),
        ("form goal", report.goals.expected),
        ("form achieved", report.goals.actual),
        ("form points", report.total_points),
        ("form score", report.total_score),
        ("form rating", report.rating),
    )
    pairs = [(Term(key), entry) for key, entry in labelled]
    own = ((visible(label), entry) for label, entry in report.extra)
    rows = [(label, entry or "", _where(entry, lang)) for label, entry in (*pairs, *own)]
    return terms("head", "as printed", "where"), rows


def budget(report: Report) -> Schedule:
    """Return the funding rows (项目资金) as printed."""
    heads = ("项目资金", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
    return heads, [
        [line.label, *(getattr(line, name) for name in BUDGET_LINE)] for line in report.budget_lines
    ]


def indicators(report: Report) -> Schedule:
    """Return the indicators as printed."""
    levels = ("一级指标", "二级指标", "三级指标")
    heads = (*levels, "指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    return heads, [[getattr(row, name) for name in ROW] for row in report.indicators]


def figures(some: Iterable[Figure], lang: str = "en") -> Schedule:
    """Return recomputed figures beside the printed ones, rates and deviations as percentages."""
    rows = [
        (
            LabelPath(figure.subject),
            Term(figure.name),
            text_of(figure.printed),
            _figure(figure.value, is_share=figure.name in SHARES),
            _figure(figure.difference, is_share=figure.name in SHARES),
            visible(put(figure.arithmetic, lang)),
            figure.agreement or "",
        )
        for figure in some
    ]
    heads = terms("subject", "figure", "printed", "recomputed", "difference", "arithmetic")
    return (*heads, Term("agreement")), rows


def _figure(value: Decimal | None, *, is_share: bool) -> str:
    if value is None:
        return ""
    return f"{shown(value * 100)}%" if is_share else shown(value)


def summary(review: Review) -> list[tuple[ScheduleCell, str, str]]:
    """Return what was reviewed, by which standards, and how much of what was found."""
    lang = review.lang
    line = corrections_line(review)
    return [
        (Term("certainty"), put(review.report.certainty, lang), ""),
        *(((Term("corrections"), line, ""),) if line else ()),
        (Term("file"), review.document.name, place_in(lang, review.report.place)),
        ("SHA-256", review.document.sha256, ""),
        (Term("standards"), place_line(review), ""),
        (Term("rating by the standards"), rating_line(review), ""),
        *(((Term("redaction"), put(Saying.REDACTED, lang), ""),) if review.redaction else ()),
        *((name, str(count), "") for name, count in counts(review).items()),
        (Term("rows judged by no rule"), _unjudged(review), ""),
    ]


def _unjudged(review: Review) -> str:
    rows = review.coverage
    return f"{sum(row.unjudged is not None for row in rows)}/{len(rows)}"


def decided(decisions: Iterable[tuple[Decision, Standing]]) -> Schedule:
    """Return what was decided, how that stands now, and of what by whom on which day."""
    rows = [
        (
            _decision(event),
            standing,
            asked_about(event.rule, event.subject),
            answer_of(event),
            *map(visible, (event.note, event.auditor, event.file, event.made_at[:10])),
        )
        for event, standing in decisions
    ]
    heads = terms("decision", "standing", "about", "what was found then", "remark", "by")
    heads += terms("in file", "on")
    return heads, rows


def made_elsewhere(event: Decision, question: Decision) -> Fact:
    """Return in which other file something was decided, and when; nothing where in this one."""
    if event.document == question.document:
        return ""
    digest, file = Name(event.document[:DIGITS_SAID]), event.file or "-"
    return Statement.of(Saying.ELSEWHERE, file=file, digest=digest, on=event.made_at[:10])


def in_brackets(event: Decision, question: Decision, lang: str) -> str:
    """Return in a language, in brackets, in which other file something was decided."""
    said = put(made_elsewhere(event, question), lang)
    return f" ({said})" if said else ""


def left_in_brackets(event: Decision, lang: str) -> str:
    """Return in a language, in brackets, what a signature leaves undecided, if anything."""
    undecided, asking = left_open(event)
    said = Statement.of(Saying.SIGNED_OPEN, open=undecided, asking=asking)
    return f" ({put(said, lang)})" if undecided or asking else ""


def _decision(event: Decision) -> Fact:
    decision, value = decided_of(event)
    return Statement.of(Saying.DECIDED, decision=decision, value=value) if value else decision


def asked_about(rule: str, subject: str) -> Fact:
    """Return which rule a finding or decision is of, if any, and what of the form it is about."""
    path = LabelPath(subject)
    return Statement.of(Saying.ABOUT, rule=rule, subject=path) if rule else path


def coverage(review: Review) -> Schedule:
    """Count the answers of each rule, so that what was not judged does not read as clean.

    What agrees on cells that were not read surely has a column of its own.
    """
    rows = []
    for rule in dict.fromkeys((f.rule, f.title(review.lang)) for f in review.findings):
        own = [finding for finding in review.findings if finding.rule == rule[0]]
        counts = Counter(finding.outcome for finding in own if not finding.agrees_on_doubts)
        doubtful = sum(finding.agrees_on_doubts for finding in own)
        silent = [f.message(review.lang) for f in own if f.outcome is Outcome.OPEN]
        numbers = [counts[outcome] or "" for outcome in OUTCOMES]
        rows.append((*rule, *numbers, doubtful or "", visible("; ".join(dict.fromkeys(silent)))))
    counted = (*OUTCOMES.values(), Term("found right on doubts"))
    return (*terms("rule", "about"), *counted, Term("left open because")), rows


def coverage_of_rows(review: Review) -> Schedule:
    """List the rows with a score: which rules judged each, those that none could judge first."""
    rows = sorted(review.coverage, key=lambda row: row.unjudged is None)
    heads = terms("subject", "rules that judged it", "left open because")
    cells = [(LabelPath(row.subject), ", ".join(row.rules), row.unjudged or "") for row in rows]
    return heads, cells


def unsure(report: Report, lang: str = "en") -> Schedule:
    """Return the entries that were not read surely, why, and where to look."""
    return UNSURE, [unsure_row(entry, lang) for entry in report.entries() if not entry.is_sure]


def unsure_row(entry: Entry, lang: str) -> tuple[LabelPath, str, str, str]:
    """Return which entry it is, what was read, why that is not sure, and where to look."""
    return LabelPath(entry.path), visible(entry.text), _why(entry, lang), _where(entry, lang)


def unplaced(report: Report, lang: str = "en") -> Schedule:
    """Return the cells that were not understood, and where to look."""
    rows = [(visible(cell.text), place_in(lang, cell)) for cell in report.unplaced]
    return terms("text", "where"), rows


def _why(entry: Entry, lang: str) -> str:
    return "; ".join(put(why, lang) for why in entry.doubts or (entry.how,))


def findings(review: Review) -> list[tuple[Finding, dict[str, str]]]:
    """Return what failed or needs a look, worst first, each with its words under ``FINDING``.

    Passes stand in the coverage. Several standards, bases and places stand on a line each.
    """
    return [(each, finding_words(each, review)) for each in asked(review)]


def asked(review: Review) -> list[Finding]:
    """Return what failed or needs a look, worst first, then what does not count."""
    asked = [*review.findings_of(Outcome.FAIL), *review.findings_of(Outcome.REVIEW)]
    asked.sort(key=lambda f: (f.outcome is Outcome.REVIEW, SEVERITIES.index(f.severity)))
    return [*asked, *review.suppressed]


def finding_words(finding: Finding, review: Review) -> dict[str, str]:
    """Return what is to be said of one finding, under ``FINDING``."""
    seen, lang, law = finding.observation, review.lang, review.standards
    words = (
        put(finding.severity, lang),
        put(OUTCOMES[finding.outcome], lang),
        f"{finding.rule} {finding.title(lang)}",
        visible(put(LabelPath(seen.subject), lang)),
        visible(finding.message(lang)),
        visible(put(seen.reported, lang)),
        visible(put(seen.expected, lang)),
        visible(put(seen.arithmetic, lang)),
        "\n".join(provision_line(provision, law, lang) for provision in finding.provisions),
        "\n".join(law.citations(finding.basis, finding.provisions, lang, review.jurisdiction)),
        "\n".join(dict.fromkeys(places(seen.evidence, lang))),
        finding.question(lang),
    )
    return dict(zip(FINDING, words, strict=True))


def provision_line(provision: Provision, law: Standards, lang: str = "en") -> str:
    """Say what a value of the standards is, and since when it counts where."""
    line = Statement.of(
        Saying.PROVISION,
        name=put(Name(provision.name), lang).replace("_", " "),
        value=provided(provision),
        since=provision.since,
        where=where_of(provision, law),
    )
    return put(line, lang)


def provided(provision: Provision) -> Fact:
    """Return the value of a provision: a number, or the name of a way to go about it."""
    value = provision.value
    return Name(value) if isinstance(value, str) else str(value)


def where_of(provision: Provision, law: Standards) -> Fact:
    """Return the name of the place that a provision counts in."""
    return law.places.get(provision.jurisdiction, Term("the whole country"))


def numbered_findings(
    reviews: Sequence[Review],
) -> list[tuple[str, Review, Finding, dict[str, str]]]:
    """Return the findings of all forms, each with the number that every workpaper calls it by.

    A letter says how bad it is, E, W or N, or R where a person has to look first; the number
    counts within the form, whose own stands before it where there are several: ``E2``, ``R1.3``.
    """
    made = []
    for form, review in enumerate(reviews, start=1):
        for number, (finding, words) in enumerate(findings(review), start=1):
            letter = "R" if finding.outcome is Outcome.REVIEW else finding.severity[0].upper()
            whole = f"{form}.{number}" if len(reviews) > 1 else str(number)
            made.append((letter + whole, review, finding, words))
    return made


def gravity(finding: Finding) -> Fact:
    """Return how bad a finding is, that a person has to look first, or that it does not count."""
    if finding.suppressed:
        return Term("suppressed")
    return Term("to be looked at") if finding.outcome is Outcome.REVIEW else finding.severity


def tag(finding: Finding) -> Fact:
    """Return the same as ``gravity``, as tables say it."""
    if finding.suppressed:
        return Term("not counted")
    return OUTCOMES[finding.outcome] if finding.outcome is Outcome.REVIEW else finding.severity


def counts(review: Review) -> dict[Term, int]:
    """Count what was found, by what it is called; see ``Review.counts``."""
    return {Term(name): count for name, count in review.counts.items()}


def places(entries: Iterable[Entry], lang: str = "en") -> Iterator[str]:
    """Yield where entries stand: what is printed there, and the place."""
    yield from (cell_in(lang, cell) for entry in entries for cell in entry.cells)


def cell_in(lang: str, cell: grid.Cell) -> str:
    """Say what is printed in a cell, and where it stands."""
    text = visible(cell.text.replace("\n", " "))
    text = f"{text[:28]}…" if len(text) > 30 else text
    return f"“{text or put(Term('blank'), lang)}” {place_in(lang, cell)}"


def text_of(cell: ScheduleCell, missing: str = "") -> str:
    """Return a cell as printed, a doubtful one with a question mark in front."""
    if cell is None:
        return missing
    if not isinstance(cell, Entry):
        return str(cell)
    return visible(cell.text) if cell.is_sure else f"(?) {visible(cell.text)}"


def _where(entry: Entry | None, lang: str) -> str:
    places = (place_in(lang, cell) for cell in entry.cells) if entry else ()
    return "; ".join(places) if entry else put(Term("not on the form"), lang)


def corrections_line(review: Review) -> str:
    """Say how many readings auditors decided on, and in which log; empty for none."""
    if (made := review.corrections) is None:
        return ""
    return corrected_line(made.count, made.as_read, made.log or Term("no log"), review.lang)


def corrected_line(corrected: int, as_read: int, log: Fact, lang: str) -> str:
    """Say how many readings were corrected, and how many found right, by a log.

    >>> corrected_line(1, 0, "a.sqlite", "en")
    '1 corrected reading, from a.sqlite'
    >>> corrected_line(2, 1, "a.sqlite", "zh")
    '2处读数经更正、1处存疑读数经核对无误,依据:a.sqlite'
    """
    counted = (
        (Saying.CORRECTED_ONE, Saying.CORRECTED, corrected),
        (Saying.AS_READ_ONE, Saying.AS_READ, as_read),
    )
    said = (one if n == 1 else Statement.of(some, count=n) for one, some, n in counted if n)
    return put(Statement.of(Saying.FROM_LOG, said=tuple(said), log=log), lang)


def place_line(review: Review) -> str:
    """Say whose standards of which day the form was held against."""
    place, lang = review.jurisdiction, review.lang
    how = Term("a guess" if place.guessed else "given by the auditor")
    held = Statement.of(Saying.HELD, name=place.name, code=place.code, how=how, on=place.on)
    day = (Statement.of(Since.EVALUATED, day=place.evaluated),) if place.evaluated else ()
    return "; ".join(put(said, lang) for said in (held, *day, *place.notes))


def rating_line(review: Review) -> str:
    """Return the rating of the recomputed total by the bands in force, or why it has none."""
    found = grading(review.worked, review.findings, review.standards, review.jurisdiction)
    return put(found, review.lang) if found else ""


def visible(text: str) -> str:
    """Show control and direction characters, and what is none, instead of passing them on."""
    if text.isprintable():
        return text
    hidden = ("Cc", "Cf", "Cs", "Co")
    return "".join(
        f"[U+{ord(char):04X}]"
        if unicodedata.category(char) in hidden or ord(char) & 0xFFFE == 0xFFFE
        else char
        for char in text
    )


def lines(text: str) -> str:
    """Return text as ``visible`` does, with its line breaks."""
    return "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))
