"""The audit working paper (审计工作底稿) as a Word file, from a template that a user can replace.

A template is any .docx with names in double braces, such as ``{{unit}}``. What holds a name like
``{{finding.message}}`` or ``{{figure.printed}}`` is repeated for each finding or figure: a row of a
table, or, where its first row holds one, the whole table with the paragraphs beside it that do. A
row or paragraph is left out where all its names stand for nothing, a table with rows for a group
where that is empty. What comes from a form is text
and nothing else: it is not searched for names, and never becomes a field or a link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml.etree import SubElement

from auditkit import schedules
from auditkit.contract import HEAD
from auditkit.decisions.events import Act, Decision, Standing, about, about_form, decided_of
from auditkit.decisions.log import Log
from auditkit.errors import WorkpaperError, refused
from auditkit.files import same_bytes
from auditkit.findings import Finding, Outcome
from auditkit.reviewing import Review
from auditkit.schedules import Saying
from auditkit.wording import Statement, put

_NAME = re.compile(r"\{\{\s*([a-z0-9_.]+)\s*\}\}")
ROW, PARAGRAPH, RUN, TEXT = qn("w:tr"), qn("w:p"), qn("w:r"), qn("w:t")
_TAGS = {"\n": qn("w:br"), "\t": qn("w:tab")}
_SIGNS = {tag: sign for sign, tag in _TAGS.items()}
TO_FILL_IN = "\u3000"  # a wide blank: nothing was decided or signed, so the place for it stays
SIGNED = ("prepared_by", "prepared_on", "reviewed_by", "reviewed_on", "conclusion", "opinion")
NOTES = {"prepared": "conclusion", "reviewed": "opinion"}  # what the note of a signature is

_Values = dict[str, str]
_Decisions = Sequence[tuple[Decision, Standing]]


def document(
    reviews: Sequence[Review],
    decisions: _Decisions = (),
    signatures: Sequence[_Values] = (),
    template: Path | None = None,
) -> bytes:
    """Return the working paper on the forms of one document, each from a page of its own on.

    ``decisions`` is what ``Log.standing`` says of the findings, ``signatures`` what ``signed``
    returns for each form. Raises WorkpaperError where the template cannot be used.
    """
    source = template or Path(__file__).with_name(f"workpaper.{reviews[0].lang}.docx")
    forms, numbered = [], schedules.numbered_findings(reviews)
    for number, review in enumerate(reviews):
        values = _values(review) | (signatures[number] if signatures else signed(review))
        values |= _of_the_norms(review, number + 1, decisions)
        if values["conclusion"] == TO_FILL_IN:
            values["conclusion"] = values["draft"]
        forms.append((values, _groups(numbered, review, decisions)))
    return filled_in(source, forms, _values(reviews[0]))


def filled_in(
    source: Path, papers: Iterable[tuple[_Values, dict[str, list[_Values]]]], edges: _Values
) -> bytes:
    """Return a template filled in, once for each of some papers, each from a page of its own on.

    A paper is the values of its names, and those of its groups by their names; ``edges`` is for
    header and footer. Raises WorkpaperError where the template cannot be used.
    """
    whole = BytesIO()
    try:
        book = Document(str(source))
        *parts, end = book.element.body
        for part in parts:
            book.element.body.remove(part)
        for number, (values, groups) in enumerate(papers):
            made = list(_filled(parts, values, groups))
            for part in made:  # to insert by number takes the longer the more there are
                end.addprevious(part)
            for first in [p for part in made for p in part.iter(PARAGRAPH)][: min(number, 1)]:
                Paragraph(first, book).paragraph_format.page_break_before = True
        around = (edge for part in book.sections for edge in (part.header, part.footer))
        for paragraph in (paragraph for edge in around for paragraph in edge.paragraphs):
            _fill(paragraph._p, edges)
        book.save(whole)
    except (OSError, ValueError, KeyError, OpcError, BadZipFile) as error:
        said = refused(error) if isinstance(error, OSError) else str(error)
        raise WorkpaperError.saying("template-odd", name=str(source), reason=said) from error
    return same_bytes(whole.getvalue())


def _of_the_norms(review: Review, number: int, decisions: _Decisions) -> _Values:
    """Return what norms of working papers ask for besides what the form says."""
    lang, counts, report = review.lang, review.counts, review.report
    asked = {finding.key for finding in schedules.asked(review) if not finding.suppressed}
    stands = {event.key: event for event, how in decisions if how is Standing.CURRENT}
    acts = Counter(stands[key].decision for key in asked if key in stands)
    evidence = {event.evidence for event, _ in decisions if event.key in asked and event.evidence}
    whose = schedules.text_of(report.department or report.implementer)
    procedure = Statement.of(
        Saying.PROCEDURE,
        rules=len(review.terms.rulebook),
        figures=len(review.figures),
        right=counts["agrees"] + counts["agrees on doubts"],
        asked=len(asked),
        left=counts["questions left open"],
        on=review.jurisdiction.on,
    )
    concluded = Statement.of(
        Saying.CONCLUDED,
        all=len(asked),
        confirmed=acts[Act.CONFIRMED],
        explained=acts[Act.EXPLAINED],
        dismissed=acts[Act.DISMISSED],
        evidence=acts[Act.NEEDS_EVIDENCE],
        undecided=len(asked) - acts.total(),
    )
    year = str(report.period_end.year) if report.period_end else TO_FILL_IN * 4
    return {
        "index": f"{review.document.sha256[:6]}-{number}",
        "engagement": put(Statement.of(Saying.ENGAGED, whose=whose, year=year), lang),
        "procedure": put(procedure, lang),
        "draft": put(concluded if asked else Saying.NOTHING_FOUND, lang),
        "attachments": str(len(evidence)) if evidence else TO_FILL_IN,
    }


def signed(review: Review, log: Log | None = None) -> _Values:
    """Return who has prepared and reviewed a form, when, and what each noted to it."""
    now = about_form(review.report, review.findings)
    signs = log.signatures(now) if log else {}
    values = dict.fromkeys(SIGNED, TO_FILL_IN)
    for value, event in signs.items():
        values[NOTES[value]] = event.note or TO_FILL_IN
        changed = "" if event.state == now.state else f" ({put(Standing.STALE, review.lang)})"
        said = event.auditor + changed + schedules.left_in_brackets(event, review.lang)
        said += schedules.in_brackets(event, now, review.lang)
        values |= {f"{value}_by": said, f"{value}_on": event.made_at[:10]}
    return values


def _values(review: Review) -> _Values:
    report, lang, silent = review.report, review.lang, review.findings_of(Outcome.OPEN)
    unsure = schedules.spoken(schedules.unsure(report, lang), lang)[1]
    counts = (f"{put(name, lang)}: {n}" for name, n in schedules.counts(review).items())
    lines = {
        "counts": [
            put(report.certainty, lang),
            schedules.corrections_line(review),
            "; ".join(counts),
            put(Saying.REDACTED, lang) if review.redaction else "",
        ],
        "open": [f"{f.rule} {f.title(lang)}: {f.message(lang)}" for f in silent],
        "unsure": [f"{entry}: {text} ({why})" for entry, text, why, _ in unsure],
        "notes": [put(note, lang) for note in report.notes],
    }
    return {
        **{name: schedules.text_of(getattr(report, name), "-") for name in HEAD},
        **{
            name: "\n".join(dict.fromkeys(filter(None, texts))) or "-"
            for name, texts in lines.items()
        },
        "certainty": put(report.certainty, lang),
        "unit": schedules.text_of(report.implementer or report.department, "-"),
        "file": review.document.name,
        "sha256": review.document.sha256,
        "place": schedules.place_in(lang, report.place),
        "standards": schedules.place_line(review),
        "rating": schedules.rating_line(review),
        "nothing": "" if schedules.asked(review) else put(Saying.NOTHING_FOUND, lang),
    }


def _groups(
    numbered: Sequence[tuple[str, Review, Finding, dict[str, str]]],
    review: Review,
    decisions: _Decisions,
) -> dict[str, list[_Values]]:
    lang, (heads, shown) = review.lang, schedules.figures(review.figures, review.lang)
    rows = schedules.spoken((heads, shown), lang)[1]
    figures = [{f"figure.{n}": str(c) for n, c in zip(heads, row, strict=True)} for row in rows]
    findings = []
    for number, _, finding, words in (each for each in numbered if each[1] is review):
        kind = put(schedules.gravity(finding), lang)
        words |= {"number": number, "end": TO_FILL_IN, "kind": kind}
        words |= {"message": words["what was found"], "where": words["where"].replace("\n", "; ")}
        words |= {"doubts": "\n".join(put(doubt, lang) for doubt in finding.doubts)}
        words |= {"suppressed": put(finding.suppressed, lang)}
        words |= {"decision": _decided(finding, decisions, lang)}
        findings.append({f"finding.{name}": text for name, text in words.items()})
    return {"finding": findings, "figure": figures}


def _decided(finding: Finding, decisions: _Decisions, lang: str) -> str:
    lines = []
    for event, standing in decisions:
        if event.key == finding.key and standing is not Standing.OFFERED:
            still = "" if standing is Standing.CURRENT else f" ({put(standing, lang)})"
            proof = f"{event.evidence} SHA-256 {event.evidence_sha256}" if event.evidence else ""
            by = f"{event.auditor}, {event.made_at[:10]}"
            decision = put(decided_of(event)[0], lang)
            still += schedules.in_brackets(event, about(finding), lang)
            parts = (decision + still, event.note, proof, by)
            lines.append("; ".join(filter(None, parts)))
    return "\n".join(lines) or TO_FILL_IN


def _filled(
    parts: Iterable[Any], values: _Values, groups: dict[str, list[_Values]]
) -> Iterator[Any]:
    """Yield copies of parts with their names filled in, those of a group once for each of it."""
    for group, some in groupby(parts, _group):
        run, inner = list(some), {name: items for name, items in groups.items() if name != group}
        for known in ({**values, **item} for item in groups.get(group, [{}])):
            for part in map(deepcopy, run):
                rows = part.findall(ROW)
                is_hollow = any(not inner.get(_group(row), [known]) for row in rows)
                for row in rows:
                    part.remove(row)
                part.extend(_filled(rows, known, inner))
                paragraphs = () if rows else part.iter(PARAGRAPH)
                names = [name for p in paragraphs for name in _fill(p, known)]
                is_empty = bool(rows) and (is_hollow or part.find(ROW) is None)
                if not is_empty and (not names or any(known[name] for name in names)):
                    yield part


def _group(part: Any) -> str:
    """Return which group a row, a paragraph, or the first row of a table is one of."""
    row = part.find(ROW)
    text = "".join(t.text or "" for t in (part if row is None else row).iter(qn("w:t")))
    return next((name.split(".")[0] for name in _NAME.findall(text) if "." in name), "")


def _fill(paragraph: Any, values: _Values) -> list[str]:
    """Put values in the place of names, in the type of the first brace; return the names."""
    runs = list(paragraph.iter(RUN))
    texts = [_text_of(run) for run in runs]
    found = list(_NAME.finditer("".join(texts)))
    if not found:
        return []
    whose = [at for at, text in enumerate(texts) for _ in text]
    chars = list("".join(texts))
    for match in found:
        chars[match.start() : match.end()] = [""] * (match.end() - match.start())
        if match[1] not in values:
            raise ValueError(f"{match[0]} stands for nothing")
        lines = values[match[1]].split("\n")
        chars[match.start()] = "\n".join(map(schedules.visible, lines))
    made = ["" for _ in texts]
    for at, text in zip(whose, chars, strict=True):
        made[at] += text
    for run, before, text in zip(runs, texts, made, strict=True):
        if text != before:
            _put_text(run, text)
    return [match[1] for match in found]


def _text_of(run: Any) -> str:
    return "".join(
        part.text or "" if part.tag == TEXT else _SIGNS.get(part.tag, "") for part in run
    )


def _put_text(run: Any, text: str) -> None:
    """Put a text in place of what a run holds; python-docx asks for each part by a path."""
    for part in [part for part in run if part.tag != qn("w:rPr")]:
        run.remove(part)
    for line in re.split("(\n|\t)", text):
        if line in _TAGS:
            SubElement(run, _TAGS[line])
        elif line:
            part = SubElement(run, TEXT)
            part.text = line
            part.set(qn("xml:space"), "preserve")
