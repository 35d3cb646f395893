"""The rules that auditkit puts to every form, grouped by subject; ``RULES`` has them all."""

from __future__ import annotations

from auditkit.findings import Rule
from auditkit.rules import completeness, execution, reading, scoring

SUBJECTS = (execution, scoring, completeness, reading)
RULES: tuple[Rule, ...] = tuple(
    item for subject in SUBJECTS for item in vars(subject).values() if isinstance(item, Rule)
)
