"""DV: whether points lost are explained (偏差原因分析及改进措施)."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.recompute import number, scored_line, shown
from auditkit.report import Entry, Report
from auditkit.rules.printed import gives_reason, mentions, present

MONEY_WORDS = ("资金", "预算", "执行", "支付", "经费", "结算", "拨付", "付款", "尾款", "质保金")
REASON_LABELS = ("原因", "说明", "措施", "问题")


@rule(
    "DV-01",
    "Points are lost and no cause is given",
    severity=Severity.WARNING,
    basis=("cn-mof-2020-10/self-evaluation",),
)
def lost_points_are_explained(report: Report, _: Provisions) -> Iterator[Observation]:
    """Look for a cause wherever a score is below its points, in the rows and in the execution.

    What falls short must be analysed and explained. A blank, a dash, 无 and 0 explain nothing.
    Forms without a column for causes are asked once; a box for the whole form, or a text that
    speaks of the money, is for a person to read.

    Fails: 10 points, 9 scored, the cause is blank.
    Passes: 10 points, 9 scored, the cause says why; or no points are lost.
    Open: points are lost and the form explains deviations in one box for all of them.
    """
    lost = tuple(_lost(report))
    if not lost:
        scored = any(number(row.score) is not None for row in report.indicators)
        outcome = Outcome.PASS if scored else Outcome.NOT_APPLICABLE
        yield Observation(outcome, "explanations", "no points are seen to be lost")
    elif all(row.explanation is None for row in report.indicators):
        yield _whole_form(report, lost)
    else:
        yield from (_answer(report, *some) for some in lost)


Lost = tuple[str, Entry, Entry, Entry | None]


def _lost(report: Report) -> Iterator[Lost]:
    """Yield subject, points, score and cause of everything scored below its points."""
    line = scored_line(report)
    some: list[tuple[str, Entry | None, Entry | None, Entry | None]] = []
    if line is not None:
        some.append((f"budget/{line.name}", line.points, line.score, None))
    some += [(row.path, row.points, row.score, row.explanation) for row in report.indicators]
    for subject, points, score, cause in some:
        available, claimed = number(points), number(score)
        if available is not None and claimed is not None and claimed < available:
            yield (subject, *present(points, score), cause)  # type: ignore[misc]


def _said(points: Entry, score: Entry) -> str:
    short = (number(points) or 0) - (number(score) or 0)
    return f"{score.text} of {points.text} points, {shown(short)} lost"  # type: ignore[arg-type]


def _answer(
    report: Report, subject: str, points: Entry, score: Entry, cause: Entry | None
) -> Observation:
    said = _said(points, score)
    evidence = present(points, score, cause)
    if gives_reason(cause):
        return Observation(Outcome.PASS, subject, f"{said}, cause given", evidence)
    if subject.startswith("budget/"):
        elsewhere = _on_money(report)
        if elsewhere:
            message = f"{said}; a text elsewhere may explain it"
            return Observation(Outcome.REVIEW, subject, message, (*evidence, *elsewhere))
    blank = f" ({cause.text})" if cause and cause.text else ""
    message = f"{said}, no cause given{blank}"
    return Observation(
        Outcome.FAIL, subject, message, evidence, reported=cause.text if cause else ""
    )


def _on_money(report: Report) -> tuple[Entry, ...]:
    """Return texts that may explain why money was not spent."""
    line = scored_line(report)
    some = [*(line.extra if line else ()), *report.extra]
    boxes = [e for label, e in some if any(w in label for w in REASON_LABELS) and gives_reason(e)]
    rows = [row for row in report.indicators if gives_reason(row.explanation)]
    spoken = [row.explanation for row in rows if mentions(row, MONEY_WORDS)]
    return present(*boxes, *spoken)


def _whole_form(report: Report, lost: tuple[Lost, ...]) -> Observation:
    count = f"points are lost in {len(lost)} places"
    evidence = present(*(entry for _, points, score, _ in lost for entry in (points, score)))
    boxes = [entry for label, entry in report.extra if "原因" in label]
    if any(gives_reason(box) for box in boxes):
        message = f"{count}; the form explains deviations in one box"
        return Observation(Outcome.REVIEW, "explanations", message, present(*evidence, *boxes))
    if boxes:
        message = f"{count}, and the box for causes is blank"
        return Observation(Outcome.FAIL, "explanations", message, present(*evidence, *boxes))
    message = f"{count}, and the form has no place for causes"
    return Observation(Outcome.FAIL, "explanations", message, evidence, severity=Severity.NOTE)


RULES: tuple[Rule, ...] = (lost_points_are_explained,)
