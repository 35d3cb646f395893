"""The rules that auditkit puts to every form, grouped by subject; ``RULES`` has them all."""

from __future__ import annotations

from auditkit.findings import Rule
from auditkit.rules import completeness, deviations, execution, funds, points, scoring, totals

RULES: tuple[Rule, ...] = (
    *execution.RULES,
    *funds.RULES,
    *points.RULES,
    *scoring.RULES,
    *totals.RULES,
    *deviations.RULES,
    *completeness.RULES,
)
