"""What a rule is, what it says, and how the saying is recorded."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from auditkit.errors import NotInForceError
from auditkit.grid import Cell, Document, plain
from auditkit.report import Entry, Report
from auditkit.standards import Jurisdiction, Provision, Standards


class Severity(StrEnum):
    """How much a failed rule matters; the words are the levels of SARIF 2.1.0."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Outcome(StrEnum):
    """What a rule made of one subject; the words are the kinds of SARIF 2.1.0."""

    PASS = "pass"
    FAIL = "fail"
    REVIEW = "review"
    OPEN = "open"
    NOT_APPLICABLE = "notApplicable"


@dataclass(frozen=True, slots=True)
class Observation:
    """What a rule function has to say about one subject of the form.

    ``subject`` is the path of the entry or group it is about. ``reported`` is the figure as
    printed, ``expected`` the recomputed one, ``arithmetic`` how it was recomputed, on one
    line. ``severity`` lowers or raises the rule's own for this one case.
    """

    outcome: Outcome
    subject: str
    message: str
    evidence: tuple[Entry, ...] = ()
    reported: str = ""
    expected: str = ""
    arithmetic: str = ""
    severity: Severity | None = None


Provisions = Mapping[str, Provision]
Check = Callable[[Report, Provisions], Iterable[Observation]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with the identity and the authority that make it an audit rule."""

    id: str
    title: str
    severity: Severity
    basis: tuple[str, ...]
    parameters: tuple[str, ...]
    check: Check

    @property
    def explanation(self) -> str:
        """The check's own docstring, shown to the auditor beside each finding."""
        return inspect.getdoc(self.check) or ""


def rule(
    id: str,  # noqa: A002
    title: str,
    severity: Severity,
    basis: tuple[str, ...],
    parameters: tuple[str, ...] = (),
) -> Callable[[Check], Rule]:
    """Declare the function below as the rule ``id``."""
    return partial(Rule, id, title, severity, basis, parameters)


@dataclass(frozen=True, slots=True)
class Finding:
    """An observation, stamped with the rule, the standards and the document behind it."""

    document: Document
    form: int
    project: str
    rule: str
    title: str
    severity: Severity
    observation: Observation
    basis: tuple[str, ...]
    provisions: tuple[Provision, ...]

    @property
    def outcome(self) -> Outcome:
        """What the rule made of its subject."""
        return self.observation.outcome

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells that the finding stands on."""
        return tuple(dict.fromkeys(c for e in self.observation.evidence for c in e.cells))

    @property
    def key(self) -> str:
        """Which question this answers: the same for the same document, form, rule and subject."""
        form = self.project or str(self.form)
        return _digest(self.document.sha256, form, self.rule, self.observation.subject)

    @property
    def state(self) -> str:
        """What the answer was: changes when the outcome, the figures or the basis change."""
        seen = self.observation
        law = (f"{p.name}={p.value}@{p.basis}" for p in self.provisions)
        return _digest(seen.outcome, seen.reported, seen.expected, *self.basis, *law)


def evaluate(
    rules: Iterable[Rule], report: Report, standards: Standards, jurisdiction: Jurisdiction
) -> tuple[Finding, ...]:
    """Put every rule to one form and record every answer, the clean ones too."""
    return tuple(
        finding for rule in rules for finding in _answers(rule, report, standards, jurisdiction)
    )


def _answers(
    rule: Rule, report: Report, standards: Standards, place: Jurisdiction
) -> Iterator[Finding]:
    try:
        held = {name: standards.in_force(name, place.code, place.on) for name in rule.parameters}
        nothing = Observation(Outcome.OPEN, "form", "nothing here to put the rule to")
        observations = list(rule.check(report, held)) or [nothing]
    except NotInForceError as error:
        held, observations = {}, [Observation(Outcome.OPEN, "form", error.message)]
    except Exception as error:
        error.add_note(f"while putting rule {rule.id} to {report.document.name}")
        raise
    law = tuple(held.values())
    basis = tuple(dict.fromkeys((*rule.basis, *(provision.basis for provision in law))))
    project = plain(report.project.text) if report.project else ""
    for seen in map(_tempered, observations):
        severity = seen.severity or rule.severity
        yield Finding(
            report.document, report.number, project, rule.id, rule.title, severity, seen, basis, law
        )


def _tempered(seen: Observation) -> Observation:
    """Never let a doubtful cell carry a failure: a person looks first."""
    reasons = dict.fromkeys(
        reason
        for entry in seen.evidence
        if not entry.is_sure
        for reason in (entry.doubts or (f"{entry.path} is {entry.how}, not read",))
    )
    if seen.outcome is not Outcome.FAIL or not reasons:
        return seen
    message = f"{seen.message}; to be looked at first: {'; '.join(reasons)}"
    return replace(seen, outcome=Outcome.REVIEW, message=message)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
