"""What the desk shows of reviews: each finding as a case, and how its decisions stand.

Pure functions over reviews and what the log has of them; what they return is ready for a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from auditkit import schedules
from auditkit.decisions.events import (
    Act,
    Decision,
    Standing,
    about,
    answer_of,
    decided_of,
    left_open,
)
from auditkit.decisions.signing import Signing
from auditkit.decisions.standing import unreplaced
from auditkit.findings import Finding, Outcome
from auditkit.notebook.display import Shown
from auditkit.notebook.sheets import Sheets
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.wording import LabelPath, Statement, Term, put, terms

Case = dict[str, Any]
Made = Mapping[str, Sequence[Decision]]
# Told apart by their shapes where there is no colour.
SIGNS = {"error": "▲", "warning": "◆", "note": "●", "review": "?", "suppressed": "○"}
MOST = 60  # figures that a finding rests on are listed, more than any reader goes through


class CaseSaying(StrEnum):
    """What is said of a case, a form and a signature."""

    FORM = "form"  # facts: number, project, place
    PROGRESS = "progress"  # facts: decided, all
    ASKING = "asking"  # facts: count
    SIGNATURE = "signature"  # facts: value, auditor, on, left, note
    REOPENED = "reopened"  # facts: auditor, on, note
    DECIDED_THEN = "decided then"  # facts: decision, was, elsewhere
    DRAFT = "draft"  # facts: note
    LOOSE = "loose"  # facts: count


def level(finding: Finding) -> str:
    """Return how much a finding matters, by a name that looks are given by."""
    if finding.suppressed:
        return "suppressed"
    return "review" if finding.outcome is Outcome.REVIEW else finding.severity.value


def case(finding: Finding, words: Mapping[str, str], review: Review, sheets: Sheets) -> Case:
    """Return all that is shown of a finding, whatever is decided of it."""
    kind = level(finding)
    said = ("what was found", "printed", "recomputed", "arithmetic", "standards", "basis")
    return {
        "key": finding.key,
        "form": review.report.number,
        "level": kind,
        "sign": SIGNS[kind],
        "severity": put(schedules.gravity(finding), review.lang),
        "rule": finding.rule,
        "title": finding.title(review.lang),
        "subject": words["subject"],
        "question": words["question"],
        "asks": not finding.suppressed,
        "doubts": [put(doubt, review.lang) for doubt in finding.doubts],
        **{name: words[name] for name in said},
        "figures": [
            _figure(entry, review, sheets) for entry in finding.observation.evidence[:MOST]
        ],
    }


def _figure(entry: Entry, review: Review, sheets: Sheets) -> Case:
    return {
        "path": entry.path,
        "label": put(LabelPath(entry.path), review.lang),
        "text": schedules.visible(entry.text),
        "sure": entry.is_sure,
        "spots": [sheets.spot(cell) for cell in entry.cells],
    }


def standing(finding: Finding, made: Sequence[Decision], lang: str) -> Case:
    """Return how the last decision on a finding stands now."""
    last = next(reversed(unreplaced(made)), None)
    if last is None:
        return {"decision": "", "note": "", "auditor": "", "on": "", "standing": "", "proof": ""}
    is_current = last.state == finding.state
    elsewhere = schedules.made_elsewhere(last, about(finding))
    facts = {"decision": decided_of(last)[0], "was": answer_of(last), "elsewhere": elsewhere}
    then = elsewhere if is_current else Statement.of(CaseSaying.DECIDED_THEN, **facts)
    return {
        "decision": last.decision if is_current else "",
        "was": "" if is_current else last.decision,
        "note": last.note,
        "auditor": last.auditor,
        "on": last.made_at,
        "standing": put(then, lang),
        "proof": last.evidence,
    }


def form(review: Review, shown: Signing, made: Made, cases: Sequence[Case], sheets: Sheets) -> Case:
    """Return what is shown of a form as a whole: its name, counts, progress and signatures."""
    lang, report = review.lang, review.report
    asked = sum(case["asks"] for case in cases)
    name = Statement.of(
        CaseSaying.FORM,
        number=report.number,
        project=schedules.text_of(report.project, "-"),
        place=report.place,
    )
    counts = {level: sum(case["level"] == level for case in cases) for level in SIGNS}
    last = next(reversed(made.get(shown.form.key, ())), None)
    lines = [signature(event, lang) for event in shown.signatures.values()]
    if last and not shown.signatures and not last.value:
        facts = {"auditor": last.auditor, "on": last.made_at, "note": last.note}
        lines.append(put(Statement.of(CaseSaying.REOPENED, **facts), lang))
    asking = Statement.of(CaseSaying.ASKING, count=len(shown.asking))
    return {
        "number": report.number,
        "sheets": sheets.of_form(report),
        "name": put(name, lang),
        "counts": {level: count for level, count in counts.items() if count},
        "decided": asked - len(shown.undecided),
        "all": asked,
        "progress": progress(shown, asked, lang),
        "asking": put(asking, lang) if shown.asking else "",
        "code": shown.code,
        "next": shown.next,
        "is_signed": bool(shown.signatures),
        "prepared_by": next((e.auditor for e in shown.signatures.values()), ""),
        "signatures": lines,
    }


def progress(shown: Signing, count: int, lang: str) -> str:
    """Say how many findings of a form are decided."""
    facts = {"decided": count - len(shown.undecided), "all": count}
    return put(Statement.of(CaseSaying.PROGRESS, **facts), lang)


def signature(event: Decision, lang: str) -> str:
    """Say who signed what and when, and what that left open."""
    facts = {
        "value": Term(event.value),
        "auditor": event.auditor,
        "on": event.made_at,
        "left": schedules.left_in_brackets(event, lang) if any(left_open(event)) else "",
        "note": f": {event.note}" if event.note else "",
    }
    return put(Statement.of(CaseSaying.SIGNATURE, **facts), lang)


def tables(
    cases: Sequence[Case],
    stands: Mapping[str, Case],
    forms: Sequence[Case],
    loose: Sequence[tuple[Decision, Standing]],
    lang: str,
) -> tuple[Shown, ...]:
    """Return what stands in a notebook for the desk: its forms, then the cases of each of them.

    ``loose`` are decisions that have no case here, and come last, if there are any.
    """
    whole = [
        (
            form["name"],
            _counted(form["counts"]),
            "; ".join(filter(None, (form["progress"], form["asking"]))),
            "; ".join(form["signatures"]) or Term("unsigned"),
        )
        for form in forms
    ]
    heads = terms("form", "findings", "decision", "signatures")
    each = (_table(form, cases, stands, lang) for form in forms)
    gone = schedules.decided(loose)
    said = put(Statement.of(CaseSaying.LOOSE, count=len(loose)), lang)
    left = (Shown(*gone, lang, said),) if loose else ()
    return (Shown(heads, whole, lang), *each, *left)


def _counted(counts: Mapping[str, int]) -> str:
    return "  ".join(f"{SIGNS[level]} {count}" for level, count in counts.items()) or "-"


def _table(form: Case, cases: Sequence[Case], stands: Mapping[str, Case], lang: str) -> Shown:
    own = [(case, stands[case["key"]]) for case in cases if case["form"] == form["number"]]
    rows = [
        (
            f"{case['sign']} {case['severity']}",
            f"{case['rule']} {case['title']}",
            case["what was found"],
            Act(stand["decision"]) if stand["decision"] else "",
            _note(stand, lang),
            stand["auditor"],
            stand["on"],
            stand["standing"],
        )
        for case, stand in own
    ]
    heads = terms("severity", "rule", "what was found", "decision", "note")
    heads += terms("auditor", "on", "standing")
    return Shown(heads, rows, lang, form["name"])


def _note(stand: Case, lang: str) -> str:
    draft = put(Statement.of(CaseSaying.DRAFT, note=stand["draft"]), lang)
    parts = (stand["note"], stand["proof"], draft if stand["draft"] else "")
    return "; ".join(filter(None, parts))
