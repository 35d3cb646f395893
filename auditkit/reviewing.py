"""One document from its file to findings: read, recognise, correct, recompute, evaluate.

``Terms`` say what a review depends on. ``review`` is the one way from a file to its reviews, for
notebooks, the command line, batches, comparisons and verification alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from auditkit.decisions import log as logs
from auditkit.decisions.corrections import corrected
from auditkit.decisions.log import Act, Log
from auditkit.figures import Figure
from auditkit.files import digest_of
from auditkit.findings import Finding, Outcome, Rule, Suppression, put_rules, suppress
from auditkit.forms import recognise
from auditkit.grid import Document, How
from auditkit.readers import bytes_of, tables_of
from auditkit.recompute import recompute
from auditkit.redaction import Masking, Redaction, masked, personal
from auditkit.report import Report
from auditkit.rules import RULES, load_rules
from auditkit.rules.covering import RowCoverage, row_coverage
from auditkit.standards import COUNTRY, Jurisdiction, Provision, Standards, guess_jurisdiction, load
from auditkit.wording import Language, language
from auditkit.worked import Worked


def _spoken() -> Language:
    return Language(language())


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a review depends on besides the document itself.

    ``jurisdiction`` is a six-digit code (420000 for 湖北) that counts instead of the guess made
    from the form. ``lang`` is the language of findings and papers: the one spoken when the terms
    are made, unless given. ``rules`` are put to every form, and with them those of ``rules_file``,
    a file of one's own. ``parameters`` is a file of values on top of auditkit's own;
    ``suppressions`` say what is not to be counted; with ``redact`` what is personal is masked in
    all that comes out. ``log`` is the address of the log whose corrections count: ``None`` stands
    for ``default_log()``, ``Terms.NO_LOG``
    for none. ``template`` is one's own Word file for the working
    paper. Raises ValueError for a language that auditkit does not speak.
    """

    NO_LOG: ClassVar[str] = logs.NO_LOG

    jurisdiction: str | None = None
    lang: Language = field(default_factory=_spoken)
    rules: tuple[Rule, ...] = RULES
    rules_file: Path | None = None
    parameters: Path | None = None
    suppressions: tuple[Suppression, ...] = ()
    redact: bool = False
    log: str | None = None
    template: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "lang", Language(self.lang))  # "zh" is a language as well

    @property
    def rulebook(self) -> tuple[Rule, ...]:
        """All rules that are put to a form; raises RuleFileError where the own ones fail."""
        return (*self.rules, *(load_rules(self.rules_file) if self.rules_file else ()))

    def checked(self) -> Terms:
        """Return the terms, or raise what is wrong with them before any file is read.

        Raises RuleFileError, StandardsError for values or a code, MissingFileError for a template.
        """
        if self.rules_file:
            load_rules(self.rules_file)
        load(self.parameters).jurisdiction(self.jurisdiction or COUNTRY, None)
        if self.template:
            bytes_of(self.template)
        return self


@dataclass(frozen=True, slots=True)
class Corrections:
    """The readings of a form that auditors corrected: how many, and which.

    ``log`` is what the log is called, without folder and password, and empty where the readings
    were not corrected by it; ``digest`` tells these corrections from any others.
    """

    count: int
    log: str
    digest: str


@dataclass(frozen=True, slots=True)
class Review:
    """One form, recomputed and held against the standards of its place and year.

    ``terms`` are those that it was made on, ``redaction`` is what was masked, ``None`` where
    nothing was to be; ``corrections`` what auditors read otherwise, ``None`` where nothing.
    """

    document: Document
    report: Report
    jurisdiction: Jurisdiction
    standards: Standards
    worked: Worked
    findings: tuple[Finding, ...]
    terms: Terms = field(repr=False, compare=False)
    redaction: Redaction | None = None
    corrections: Corrections | None = None

    @property
    def lang(self) -> Language:
        """The language that the review is worded in."""
        return self.terms.lang

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What was worked out again, in the form's order."""
        return self.worked.figures

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """The values of the standards that the findings rest on, each once, by name."""
        used = {p.name: p for finding in self.findings for p in finding.provisions}
        return tuple(used[name] for name in sorted(used))

    @property
    def coverage(self) -> tuple[RowCoverage, ...]:
        """Each row with a score: which rules judged it, or why none could."""
        return row_coverage(self.worked, self.findings)

    def findings_of(self, *outcomes: Outcome) -> tuple[Finding, ...]:
        """Return the findings of some outcomes that count, in the order of the rules."""
        counted = (finding for finding in self.findings if not finding.suppressed)
        return tuple(finding for finding in counted if finding.outcome in outcomes)


@masked.register
def _review(review: Review, masking: Masking) -> Review:
    return masking.parts(review, "jurisdiction", "standards", "terms", "redaction", "corrections")


def read(path: str | Path) -> tuple[Report, ...]:
    """Return the forms of a file; raises a ReadError that says what is wrong and what to do."""
    return read_bytes(bytes_of(path), Path(path).name)


def read_bytes(data: bytes, name: str = "-") -> tuple[Report, ...]:
    """Return the forms of a file that is at hand as bytes."""
    return recognise(tables_of(data, name))


def forms_of(
    source: str | Path | bytes, terms: Terms | None = None, *, name: str = ""
) -> tuple[Report, ...]:
    """Return the forms of a file as the auditors of the log of the terms have corrected them.

    ``source`` is a path, an address such as ``s3://forms/a.pdf``, or what a file holds; ``name``
    is what the document is called instead of its file's name. Raises ReadError, or LogError where
    the log cannot be used.
    """
    if isinstance(source, bytes):
        data, usual = source, "-"
    else:
        data, usual = bytes_of(source), Path(source).name
    reports = read_bytes(data, name or usual)
    log = Log(terms.log if terms else None)
    if not log.unreplaced(kind="entry", document=digest_of(data)):
        return reports
    log.decisions()  # raises where it is not as it was written
    return tuple(corrected(report, log) for report in reports)


def review(
    source: str | Path | bytes,
    terms: Terms | None = None,
    *,
    name: str = "",
    beside: Mapping[str, Report] | None = None,
) -> tuple[Review, ...]:
    """Review each form of a file: the one way from a file to reviews.

    ``source`` and ``name`` are as for ``forms_of``, by which standing corrections of the log count.
    ``beside`` has the same forms as other files have them, by their identities: figures that
    differ there are a finding (RD-02). Raises ReadError, StandardsError for an odd code,
    RuleFileError for a file of rules that cannot be used, and LogError.
    """
    terms = terms or Terms()
    forms = forms_of(source, terms, name=name)
    whole = tuple(_reviewed(recompute(_beside(form, beside or {})), terms) for form in forms)
    return redacted(whole) if terms.redact else whole


def evaluate(worked: Worked, terms: Terms | None = None) -> Review:
    """Hold a form whose figures were recomputed against the standards of the terms.

    Standards, their place and day are those that the terms name, or that the form lets guess.
    """
    terms = terms or Terms()
    whole = _reviewed(worked, terms)
    return redacted([whole])[0] if terms.redact else whole


def _reviewed(worked: Worked, terms: Terms) -> Review:
    law, code, report = load(terms.parameters), terms.jurisdiction, worked.report
    place = law.jurisdiction(code, report.period_end) if code else guess_jurisdiction(report, law)
    found = put_rules(terms.rulebook, worked, law, place)
    return Review(
        report.document,
        report,
        place,
        law,
        worked,
        findings=suppress(found, terms.suppressions),
        terms=terms,
        corrections=_corrections(report, Log(terms.log)),
    )


def _beside(report: Report, others: Mapping[str, Report]) -> Report:
    """Return a form with the same one as another file has it, if there is one."""
    other = others.get(report.identity) if report.identity else None
    if other is None or other.document.sha256 == report.document.sha256:
        return report
    return replace(report, counterparts=(other,))


def _corrections(report: Report, log: Log) -> Corrections | None:
    paths = {entry.path for entry in report.entries() if entry.how is How.CORRECTED}
    if not paths:
        return None
    made = log.unreplaced(kind="entry", document=report.document.sha256)
    known = [e for e in made if e.decision == Act.CORRECTED and e.subject in paths]
    digest = digest_of("\n".join(sorted(e.identity for e in known)).encode())
    return Corrections(len(paths), log.title if known else "", digest)


def redacted(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Return reviews of one document with names, telephone numbers and the like masked."""
    if any(review.redaction for review in reviews):
        return tuple(reviews)
    mask = personal(review.report for review in reviews)
    return tuple(_masked(review, mask) for review in reviews)


def _masked(review: Review, mask: Redaction) -> Review:
    """Return a review with what is of the form masked; terms and standards are nobody's."""
    made = review.corrections
    return replace(
        mask.applied(review),
        terms=replace(review.terms, redact=True),
        redaction=mask,
        corrections=made and replace(made, log=mask.masked(made.log)),
    )
