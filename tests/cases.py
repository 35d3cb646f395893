"""The cases of the rules: small forms in ``tests/rules/<ID>.toml``, each put to any rule once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from auditkit.findings import Finding, put_rules
from auditkit.recompute import recompute
from auditkit.report import Report
from auditkit.rules import RULES
from auditkit.standards import Jurisdiction, load
from auditkit.worked import Worked
from reports import report

FOLDER = Path(__file__).parent / "rules"
STANDARDS = load()
BY_ID = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, eq=False)  # a case is itself, so that what was made of it can be kept
class Case:
    """A small form, and what a rule has to make of it."""

    rule: str
    given: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.rule}: {self.given['name']}"

    @cached_property
    def form(self) -> Report:
        """The form, made once for all rules."""
        return report(self.given)

    @cached_property
    def place(self) -> Jurisdiction:
        """Whose standards of which day the form is held against."""
        on = date(int(self.given.get("year", "2022")), 12, 31)
        return STANDARDS.jurisdiction(self.given.get("jurisdiction", "000000"), on)

    @cached_property
    def worked(self) -> Worked:
        """What follows from the form's figures, worked out once for all rules."""
        return recompute(self.form)


CASES = [
    Case(path.stem, given)
    for path in sorted(FOLDER.glob("*.toml"))
    for given in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


@cache
def answers(rule: str, case: Case) -> tuple[Finding, ...]:
    """Put a rule to the form of a case, once."""
    return put_rules([BY_ID[rule]], case.worked, STANDARDS, case.place)
