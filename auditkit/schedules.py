"""The tables of a workpaper, the same for every format that they are written in.

A table is the heads of its columns and its rows; a cell is a text, a number, or an entry of the
form, ``None`` where the form has no such cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal

from auditkit import grid
from auditkit.contract import AMOUNTS, ROW
from auditkit.decisions.log import Annotation, Standing
from auditkit.figures import SHARES, Figure, shown
from auditkit.findings import Finding, Outcome, Severity
from auditkit.report import Entry, Report
from auditkit.reviewing import Review
from auditkit.rules.totals import grading
from auditkit.standards import Provision, Standards
from auditkit.wording import put, said, word

Cell = str | int | Decimal | Entry | None
Table = tuple[Sequence[str], Sequence[Sequence[Cell]]]

OUTCOMES = {
    Outcome.FAIL: "inconsistent 不一致",
    Outcome.REVIEW: "to be looked at 待核",
    Outcome.OPEN: "open 未判断",
    Outcome.NOT_APPLICABLE: "not applicable 不适用",
    Outcome.PASS: "agrees 相符",
}
LARGEST_CELL = 32_000
QUOTED = (
    "remark",
    "by",
    "text",
    "as printed",
    "printed",
    "before",
    "after",
    "project",
    "document",
    "auditor",
)
SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_SAID = ("rule", "subject", "what was found", "printed", "recomputed", "arithmetic")
FINDING = ("severity", "outcome", *_SAID, "standards", "basis", "where", "question")
REDACTED = (
    "redaction is on: names of persons, telephone, identity and card numbers and e-mail are masked,"
    " pages that are pictures are left out"
)


def head_in(lang: str, text: str) -> str:
    """Return a head in a language: one that says both says in Chinese only the Chinese.

    >>> head_in("zh", "Findings 问题"), head_in("zh", "printed"), head_in("en", "year 年度")
    ('问题', '表列', 'year 年度')
    """
    known = word(text, lang)
    return known if lang == "en" else re.sub(r"^[ -~]+ (?=[^ -~]+)", "", known)


def spoken(table: Table, lang: str) -> Table:
    """Return a table in a language: its heads, and all that is neither of the form nor quoted."""

    def of(head: str, cell: Cell) -> Cell:
        if not isinstance(cell, str) or head in QUOTED or head.startswith("note"):
            return cell
        return word(cell, lang)

    heads, rows = tuple(table[0]), table[1]
    said_of = [[of(*pair) for pair in zip(heads, row, strict=True)] for row in rows]
    return [head_in(lang, head) for head in heads], said_of


def place_in(lang: str, place: grid.Place | str) -> str:
    """Say in a language where a cell or, given as a text, a form stands.

    >>> place_in("zh", "pages 3-4"), place_in("zh", grid.TableCell(1, 2, 3))
    ('第3-4页', '表1第2行第3列')
    """
    if lang == "en":
        return str(place)
    if isinstance(place, str):
        found = re.fullmatch(r"(?:(.*), )?(page|table|line|row)s? ([\d-]+)", place)
        texts = {"in": (found[1] or "").removeprefix("sheet "), "at": found[3]} if found else {}
        return said("", f"{found[2]}s", texts, lang) if found else place
    parts = ((part.name, getattr(place, part.name)) for part in fields(place))
    texts = {n: f"{part:.0f}" if isinstance(part, float) else str(part) for n, part in parts}
    return said("", type(place).__name__, texts, lang)


def head(report: Report, lang: str = "en") -> Table:
    """Return the head of the form, its goals and its totals, and where each stands."""
    pairs = (
        ("form 表名", report.title),
        ("year 年度", report.year),
        ("project 项目名称", report.project),
        ("department 主管部门", report.department),
        ("implementer 实施单位", report.implementer),
        ("unit of amounts 金额单位", report.currency_unit),
        ("goal 预期目标", report.goals.expected),
        ("achieved 实际完成情况", report.goals.actual),
        ("total points 总分(分值)", report.total_points),
        ("total score 总分(得分)", report.total_score),
        ("rating 等级", report.rating),
        *((visible(label), entry) for label, entry in report.extra),
    )
    rows = [(head_in(lang, label), e or "", _where(e, lang)) for label, e in pairs]
    return ("head", "as printed", "where"), rows


def budget(report: Report) -> Table:
    """Return the funding rows (项目资金) as printed."""
    heads = ("项目资金", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
    return heads, [
        [line.label, *(getattr(line, name) for name in AMOUNTS)] for line in report.budget_lines
    ]


def indicators(report: Report) -> Table:
    """Return the indicators as printed."""
    levels = ("一级指标", "二级指标", "三级指标")
    heads = (*levels, "指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    return heads, [[getattr(row, name) for name in ROW] for row in report.indicators]


def figures(some: Iterable[Figure], lang: str = "en") -> Table:
    """Return recomputed figures beside the printed ones, rates and deviations as percentages."""
    rows = [
        (
            visible(figure.subject),
            figure.name,
            text_of(figure.printed),
            _figure(figure.value, is_share=figure.name in SHARES),
            _figure(figure.difference, is_share=figure.name in SHARES),
            visible(put(figure.arithmetic, lang)),
            figure.agreement or "",
        )
        for figure in some
    ]
    heads = ("subject", "figure", "printed", "recomputed", "difference", "arithmetic", "agreement")
    return heads, rows


def _figure(value: Decimal | None, *, is_share: bool) -> str:
    if value is None:
        return ""
    return f"{shown(value * 100)}%" if is_share else shown(value)


def summary(review: Review) -> list[tuple[str, str, str]]:
    """Return what was reviewed, by which standards, and how much of what was found."""
    lang = review.lang
    rows = [
        ("file", review.document.name, place_in(lang, review.report.place)),
        ("SHA-256", review.document.sha256, ""),
        ("standards", place_line(review), ""),
        ("rating by the standards", rating_line(review), ""),
        *((("redaction 脱敏", word(REDACTED, lang), ""),) if review.redaction else ()),
        *((name, str(count), "") for name, count in counts(review).items()),
    ]
    return [(head_in(lang, name), text, where) for name, text, where in rows]


def decided(decisions: Iterable[tuple[Annotation, Standing]], lang: str) -> Table:
    """Return what was decided, how that stands now, and of what by whom on which day."""
    rows = [
        (
            f"{word(e.decision, lang)} {word(e.value, lang)}".strip(),
            word(standing, lang),
            visible(word(f"{e.rule} {e.subject}", lang)),
            visible(word(e.answer, lang)),
            *map(visible, (e.note, e.auditor, e.made_at[:10])),
        )
        for e, standing in decisions
    ]
    return ("decision", "standing", "about", "what was found then", "remark", "by", "on"), rows


def coverage(review: Review) -> Table:
    """Count the answers of each rule, so that what was not judged does not read as clean."""
    rows = []
    for rule in dict.fromkeys((f.rule, f.title(review.lang)) for f in review.findings):
        own = [finding for finding in review.findings if finding.rule == rule[0]]
        counts = Counter(finding.outcome for finding in own)
        silent = [f.message(review.lang) for f in own if f.outcome is Outcome.OPEN]
        numbers = [counts[outcome] or "" for outcome in OUTCOMES]
        rows.append((*rule, *numbers, visible("; ".join(dict.fromkeys(silent)))))
    return ("rule", "about", *OUTCOMES.values(), "left open because"), rows


def unsure(report: Report, lang: str = "en") -> Table:
    """Return the entries that were not read surely, why, and where to look."""
    unsure = [entry for entry in report.entries() if not entry.is_sure]
    why = (word("; ".join(entry.doubts) or entry.how, lang) for entry in unsure)
    rows = [(visible(e.path), visible(e.text), next(why), _where(e, lang)) for e in unsure]
    return ("entry", "text", "why", "where"), rows


def findings(review: Review) -> list[tuple[Finding, dict[str, str]]]:
    """Return what failed or needs a look, worst first, each with its words under ``FINDING``.

    Passes stand in the coverage. Several standards, bases and places stand on a line each.
    """
    asked = [*review.findings_of(Outcome.FAIL), *review.findings_of(Outcome.REVIEW)]
    asked.sort(key=lambda f: (f.outcome is Outcome.REVIEW, SEVERITIES.index(f.severity)))
    asked += _suppressed(review)
    return [(each, words_of(each, review)) for each in asked]


def words_of(finding: Finding, review: Review) -> dict[str, str]:
    """Return what is to be said of one finding, under ``FINDING``."""
    seen, lang = finding.observation, review.lang
    law = review.standards
    standards = (provision_line(provision, law, lang) for provision in finding.provisions)
    what = (finding.message(lang), put(seen.reported, lang), put(seen.expected, lang))
    words = (
        word(finding.severity, lang),
        head_in(lang, OUTCOMES[finding.outcome]),
        f"{finding.rule} {finding.title(lang)}",
        *map(visible, (word(seen.subject, lang), *what, put(seen.arithmetic, lang))),
        "\n".join(standards),
        "\n".join(law.instrument(name).citation(lang) for name in finding.basis),
        "\n".join(dict.fromkeys(places(seen.evidence, lang))),
        finding.question(lang),
    )
    return dict(zip(FINDING, words, strict=True))


def provision_line(provision: Provision, law: Standards, lang: str = "en") -> str:
    """Say what a value of the standards is, and since when it counts where."""
    where = law.places.get(provision.jurisdiction, word("the whole country", lang))
    name = word(provision.name, lang).replace("_", " ")
    value, since = word(str(provision.value), lang), word(provision.since, lang)
    return said(
        "", "provision", {"name": name, "value": value, "since": since, "where": where}, lang
    )


def numbered(reviews: Sequence[Review]) -> list[tuple[str, Review, Finding, dict[str, str]]]:
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


def tag(finding: Finding, lang: str = "en") -> str:
    """Say in a word how bad a finding is, or that a person has to look first."""
    is_review = finding.outcome is Outcome.REVIEW
    kind = OUTCOMES[finding.outcome] if is_review else finding.severity
    return head_in(lang, "suppressed 不计入" if finding.suppressed else kind)


def counts(review: Review) -> dict[str, int]:
    """Count what was found: failures by how much they matter, then what is not decided."""
    failed = [finding.severity for finding in review.findings_of(Outcome.FAIL)]
    return {
        **{f"{severity}s": failed.count(severity) for severity in SEVERITIES},
        "to be looked at": len(review.findings_of(Outcome.REVIEW)),
        "questions left open": len(review.findings_of(Outcome.OPEN)),
        "suppressed": len(_suppressed(review)),
    }


def _suppressed(review: Review) -> list[Finding]:
    asked = (Outcome.FAIL, Outcome.REVIEW)
    return [f for f in review.findings if f.suppressed and f.outcome in asked]


def places(entries: Iterable[Entry], lang: str = "en") -> Iterator[str]:
    """Yield where entries stand: what is printed there, and the place."""
    yield from (cell_in(lang, cell) for entry in entries for cell in entry.cells)


def cell_in(lang: str, cell: grid.Cell) -> str:
    """Say what is printed in a cell, and where it stands."""
    text = visible(cell.text.replace("\n", " "))
    text = f"{text[:28]}…" if len(text) > 30 else text
    return f"“{text or word('blank', lang)}” {place_in(lang, cell.place)}"


def text_of(cell: Cell, missing: str = "") -> str:
    """Return a cell as printed, a doubtful one with a question mark in front."""
    if cell is None:
        return missing
    if not isinstance(cell, Entry):
        return str(cell)
    return visible(cell.text) if cell.is_sure else f"(?) {visible(cell.text)}"


def _where(entry: Entry | None, lang: str) -> str:
    places = (place_in(lang, cell.place) for cell in entry.cells) if entry else ()
    return "; ".join(places) if entry else word("not on the form", lang)


def place_line(review: Review) -> str:
    """Say whose standards of which day the form was held against."""
    place = review.jurisdiction
    how = "a guess" if place.guessed else "given by the auditor"
    texts = {"name": place.name, "code": place.code, "how": how, "on": str(place.on)}
    note = f"; {word(place.note, review.lang)}" if place.note else ""
    return said("", "held", texts, review.lang) + note


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
