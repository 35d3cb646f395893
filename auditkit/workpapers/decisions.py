"""Decisions in a workbook: filled in from the log, edited by hand, read back as new events.

Beside each finding stand hidden cells that say which question it answers, what the answer was, and
which events of the log the row was filled in from: an event made of the row takes their place, and
stands beside any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from auditkit.annotations import Annotation, Decision, Log, Standing
from auditkit.errors import LogError
from auditkit.findings import short_digest
from auditkit.grid import plain
from auditkit.workpapers import tables

WORDS = {
    Decision.CONFIRMED: "confirmed 属实",
    Decision.EXPLAINED: "explained 已说明",
    Decision.DISMISSED: "dismissed 不成立",
    Decision.NEEDS_EVIDENCE: "needs evidence 待取证",
}
DECIDED = ("decision 处理", "note 说明", "auditor 审计人员", "standing 状态")
HIDDEN = ("auditkit key", "auditkit state", "auditkit events", "auditkit about")
ABOUT = ("document", "form", "rule", "subject", "answer")
Decided = Sequence[tuple[Annotation, Standing]]


def filled_in(question: Annotation, decided: Decided) -> dict[str, str]:
    """Return the cells under DECIDED and HIDDEN for one question and what stands decided of it."""
    last = decided[-1][0] if decided else Annotation("", "")
    note = tables.lines(last.note)[: tables.LARGEST_CELL]
    decision, auditor = WORDS.get(Decision(last.decision), "") if decided else "", last.auditor
    standing = "\n".join(
        f"{how}: {e.decision} ({e.auditor}, event {e.number})" for e, how in decided
    )
    differ = len({event.decision for event, _ in decided}) > 1
    about = {name: getattr(question, name) for name in ABOUT}
    was = _digests(decision, note, auditor)
    return {
        **dict(zip(DECIDED, (decision, note, auditor, standing), strict=True)),
        DECIDED[3]: f"decided differently\n{standing}" if differ else standing,
        HIDDEN[0]: question.key,
        HIDDEN[1]: question.state,
        HIDDEN[2]: " ".join(event.identity for event, _ in decided),
        HIDDEN[3]: json.dumps({**about, "was": was}, ensure_ascii=False),
    }


def _digests(decision: str, note: str, auditor: str) -> list[str]:
    return [short_digest(_meant(decision), note.strip()), short_digest(auditor.strip())]


def _meant(text: str) -> str:
    """Return the decision that a cell holds, as chosen or one half of it typed, or the text."""
    halves = ((d, {d.value, words, words.split()[-1]}) for d, words in WORDS.items())
    return next((d.value for d, said in halves if text.strip() in said), text.strip())


def read_decisions(
    path: Path, log: Log, auditor: str = ""
) -> tuple[list[Annotation], list[LogError]]:
    """Return what was decided in a workpaper and is not in the log yet, and what cannot be used.

    ``auditor`` is who decided where the workpaper does not say. Nothing is written: give the events
    to ``Log.merge``. Raises LogError for a file that is no workpaper.
    """
    events: list[Annotation] = []
    problems: list[LogError] = []
    first: dict[str, str] = {}
    for place, row in _rows(path):
        try:
            if first.setdefault(row[HIDDEN[0]], place) != place:
                what = f"this finding stands in {first[row[HIDDEN[0]]]} already"
                raise LogError(what, advice="Keep one of the two rows")
            if event := _event(row, log, auditor):
                events.append(event)
        except LogError as error:
            problems.append(
                LogError(error.message, name=path.name, place=place, advice=error.advice)
            )
    return events, problems


def _event(row: dict[str, str], log: Log, given: str) -> Annotation | None:
    """Return the event that a row asks for, ``None`` where it holds nothing new."""
    try:
        about = json.loads(row[HIDDEN[3]])
        was = about.pop("was")
        question = Annotation("finding", row[HIDDEN[0]], state=row[HIDDEN[1]], **about)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        advice = "Take the row from the workpaper as it was written"
        raise LogError("the hidden cells of this row were changed", advice=advice) from error
    if question.rule != row["rule"].partition(" ")[0] or plain(question.subject) != plain(
        row["subject"]
    ):
        advice = "Sort whole rows only, and leave the columns rule and subject as they are"
        raise LogError("the hidden cells of this row belong to another finding", advice=advice)
    texts = [row[name].strip() for name in DECIDED[:3]]
    now = _digests(*texts)
    if now == was:
        return None
    decision = _meant(texts[0])
    if decision not in WORDS:
        advice = f"Choose one of: {', '.join(WORDS.values())}; what the log holds stands until then"
        raise LogError(f"no decision to be recorded: {texts[0] or 'blank'}", advice=advice)
    is_others = now[0] != was[0] and now[1] == was[1]  # the name is that of the decision before
    auditor = given if given and (is_others or not texts[2]) else texts[2]
    if not auditor or (is_others and not given):
        advice = "Say who decides now with --auditor, or in the column auditor"
        what = f"the name is that of the decision before: {texts[2]}" if texts[2] else "no auditor"
        raise LogError(what, advice=advice)
    known = row[HIDDEN[2]].split()
    history = log.history(question.key)
    return _beside(
        replace(question, decision=decision, note=texts[1], auditor=auditor), known, history
    )


def _beside(
    event: Annotation, known: list[str], history: Sequence[Annotation]
) -> Annotation | None:
    """Let an event take the place of what its row was filled in from or has become since.

    What is in the log already gives no event; what others decided since is left standing.
    """
    row = f"workpaper-{short_digest(event.key, event.state, *known)}-"
    mine = [one for one in history if one.origin.startswith(row)]
    replaced = {one for other in history for one in other.replaces.split()}
    standing = [one for one in mine if one.identity not in replaced]
    said = (event.decision, event.note, event.auditor)
    if said in [(one.decision, one.note, one.auditor) for one in standing or mine]:
        return None
    known = [*known, *(one.identity for one in standing)]
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    origin = row + short_digest(*said, *known)
    return replace(event, made_at=made_at, replaces=" ".join(known), digest=origin)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of the findings: where each stands, and its texts by their heads."""
    from openpyxl import load_workbook

    try:
        sheets = load_workbook(path).worksheets
    except Exception as error:  # whatever a damaged archive leads to
        advice = "Give the workpaper.xlsx, saved as .xlsx"
        what = f"cannot be opened as a workbook: {error}"
        raise LogError(what, name=str(path), advice=advice) from error
    needed = {"rule", "subject", *DECIDED, *HIDDEN}
    for sheet in sheets:
        heads = {cell.value: cell.column - 1 for cell in next(sheet.iter_rows(max_row=1))}
        if needed <= set(heads):
            break
    else:
        advice = "Give a workpaper.xlsx as auditkit wrote it; its columns must all be there"
        raise LogError("no sheet holds findings and decisions", name=str(path), advice=advice)
    for row in sheet.iter_rows(min_row=2):
        texts = {name: row[heads[name]] for name in needed}
        if texts[HIDDEN[0]].value:
            yield (
                f"{sheet.title}, row {row[0].row}",
                {name: _text(cell.value) for name, cell in texts.items()},
            )


def _text(value: object) -> str:
    text = "" if value is None else str(value)
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
