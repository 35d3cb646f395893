"""The rules that auditkit puts to every form, grouped by subject; ``RULES`` has them all."""

from __future__ import annotations

import runpy
from functools import cache
from pathlib import Path

from auditkit.errors import RuleFileError
from auditkit.findings import Rule
from auditkit.rules import (
    completeness,
    execution,
    explanations,
    indicators,
    judging,
    reading,
    scoring,
)

SUBJECTS = (execution, scoring, judging, explanations, indicators, completeness, reading)
_DECLARED = [r for subject in SUBJECTS for r in vars(subject).values() if isinstance(r, Rule)]
_FAMILIES = list(dict.fromkeys(rule.id[:2] for rule in _DECLARED))
RULES: tuple[Rule, ...] = tuple(
    sorted(_DECLARED, key=lambda rule: (_FAMILIES.index(rule.id[:2]), rule.id))
)

# Ids of rules that are no more: a decision about one must never be taken for one about another.
RETIRED = frozenset({"CR-07"})  # the same form in several files: RD-02


@cache
def load_rules(path: Path) -> tuple[Rule, ...]:
    """Run a file of an auditor's own and return the rules in it, to be added to ``RULES``.

    The file is a program: use only one that you would run. Raises RuleFileError where it fails,
    has no rule, or takes an id that ``RULES`` has or had.
    """
    try:
        found = [item for item in runpy.run_path(str(path)).values() if isinstance(item, Rule)]
    except Exception as error:
        advice = "Run it with Python to see where"
        said = f"cannot be run: {type(error).__name__}: {error}"
        raise RuleFileError(said, name=path.name, advice=advice) from error
    if taken := {rule.id for rule in found} & (RETIRED | {rule.id for rule in RULES}):
        raise RuleFileError(f"ids are taken: {', '.join(sorted(taken))}", name=path.name)
    if not found:
        raise RuleFileError("no rule is declared", name=path.name, advice="See auditkit.rule")
    return tuple(found)
