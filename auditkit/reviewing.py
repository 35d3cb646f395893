"""One document from its bytes to findings: read, recognise, recompute, evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict, Unpack

from auditkit.figures import Figure
from auditkit.findings import Finding, Outcome, Rule, Suppression, put_rules, suppress
from auditkit.forms import recognise
from auditkit.forms.misreads import doubt_misreads
from auditkit.grid import Document
from auditkit.readers import read as read_tables
from auditkit.readers import read_bytes as read_table_bytes
from auditkit.recompute import recompute
from auditkit.redaction import Redaction, personal
from auditkit.report import Report
from auditkit.rules import RULES
from auditkit.standards import Jurisdiction, Provision, Standards, guess_jurisdiction, load
from auditkit.wording import language
from auditkit.worked import Worked


class Terms(TypedDict, total=False):
    """On what terms forms are reviewed.

    ``jurisdiction`` is a six-digit code (420000 for 湖北) that counts instead of the guess made
    from the form; ``lang``, ``en`` or ``zh``, is the language of the findings; ``parameters`` a
    file of values on top of auditkit's own; ``suppressions`` say what is not to be counted; with
    ``redact`` what is personal is masked in all that comes out.
    """

    jurisdiction: str | None
    lang: str
    rules: Sequence[Rule]
    parameters: Path | None
    suppressions: Sequence[Suppression]
    redact: bool


@dataclass(frozen=True, slots=True)
class Review:
    """One form, recomputed and held against the standards of its place and year.

    ``lang`` is the language of its findings in workpapers, ``en`` or ``zh``; ``terms`` are those
    that it was made on, ``redaction`` is what was masked, ``None`` where nothing was to be.
    """

    document: Document
    report: Report
    jurisdiction: Jurisdiction
    standards: Standards
    worked: Worked
    findings: tuple[Finding, ...]
    lang: str = "en"
    terms: Terms = field(default_factory=Terms, repr=False, compare=False)
    redaction: Redaction | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What was worked out again, in the form's order."""
        return self.worked.figures

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """The values of the standards that the findings rest on, each once, by name."""
        used = {p.name: p for finding in self.findings for p in finding.provisions}
        return tuple(used[name] for name in sorted(used))

    def findings_of(self, *outcomes: Outcome) -> tuple[Finding, ...]:
        """Return the findings of some outcomes that count, in the order of the rules."""
        counted = (finding for finding in self.findings if not finding.suppressed)
        return tuple(finding for finding in counted if finding.outcome in outcomes)


def read(path: str | Path) -> tuple[Report, ...]:
    """Return the forms of a file; raises a ReadError that says what is wrong and what to do."""
    return tuple(map(doubt_misreads, recognise(read_tables(Path(path)))))


def read_bytes(data: bytes, name: str = "-") -> tuple[Report, ...]:
    """Return the forms of a file that is at hand as bytes."""
    return tuple(map(doubt_misreads, recognise(read_table_bytes(data, name))))


def review(path: str | Path, **terms: Unpack[Terms]) -> tuple[Review, ...]:
    """Read a file and review each of its forms.

    ``terms`` are those of ``Terms``, such as ``jurisdiction="420000"`` or ``lang="zh"``. Raises
    a ReadError, or StandardsError for an odd code.
    """
    return review_reports(read(path), **terms)


def beside(report: Report, known: dict[str, Report]) -> Report:
    """Return a report with the same form as a file before had it; ``known`` remembers the first.

    ``known`` maps the identity of each form to its report, and belongs to the caller.
    """
    first = known.setdefault(report.identity, report) if report.identity else report
    if first.document.sha256 == report.document.sha256:
        return report
    return replace(report, counterparts=(first,))


def review_reports(reports: Iterable[Report], **terms: Unpack[Terms]) -> tuple[Review, ...]:
    """Review forms that were read before, on the same terms as ``review``."""
    law, code, reviews = load(terms.get("parameters")), terms.get("jurisdiction"), []
    known: dict[str, Report] = {}
    for report in (beside(report, known) for report in reports):
        place = (
            law.jurisdiction(code, report.period_end) if code else guess_jurisdiction(report, law)
        )
        worked = recompute(report)
        found = put_rules(terms.get("rules", RULES), worked, law, place)
        findings = suppress(found, terms.get("suppressions", ()))
        about = (report.document, report, place, law, worked, findings)
        reviews.append(Review(*about, terms.get("lang") or language(), terms))
    return redacted(reviews) if terms.get("redact") else tuple(reviews)


def redacted(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Return reviews of one document with names, telephone numbers and the like masked."""
    if any(review.redaction for review in reviews):
        return tuple(reviews)
    mask = personal(review.report for review in reviews)
    return tuple(replace(mask.applied(review), redaction=mask) for review in reviews)
