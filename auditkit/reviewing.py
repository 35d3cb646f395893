"""One document from its file to findings: read, recognise, correct, recompute, evaluate.

``Terms`` say what a review depends on. ``review`` is the one way from a file to its reviews, for
notebooks, the command line, batches, comparisons and verification alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import ClassVar

from auditkit.decisions import log as logs
from auditkit.decisions.corrections import corrected
from auditkit.decisions.events import Act, Standing
from auditkit.decisions.log import Log
from auditkit.doubts import Note, NoteKind
from auditkit.errors import all_given, given
from auditkit.figures import Figure
from auditkit.files import digest_of
from auditkit.findings import Finding, Outcome, Rule, Severity, Suppression, put_rules, suppress
from auditkit.forms import recognise
from auditkit.grid import Document, How
from auditkit.identity import is_twin, is_witnessed
from auditkit.progress import AtPage
from auditkit.readers import bytes_of, tables_of
from auditkit.recompute import recompute
from auditkit.redaction import Masking, Redaction, masked, personal
from auditkit.report import Report
from auditkit.rules import RULES, load_rules
from auditkit.rules.covering import RowCoverage, row_coverage
from auditkit.standards import (
    COUNTRY,
    Jurisdiction,
    Provision,
    Standards,
    evaluated_on,
    guess_jurisdiction,
    load,
    six_digits,
)
from auditkit.stated import prose_of
from auditkit.wording import Language, language
from auditkit.worked import Worked

Tell = Callable[[AtPage], object]
_RULES = "rules are expected, such as [r for r in ak.RULES if r.id == 'EX-01']"
_SUPPRESSIONS = "each suppression is expected as auditkit.findings.Suppression(rule, reason)"
_CODE = "a jurisdiction is a text of six digits in quotation marks, such as '420000' for 湖北"
_FILE = "a file is expected, by its path or as the bytes that it holds"
_TERMS = "terms are expected, such as ak.Terms(lang='zh')"


def _spoken() -> Language:
    return Language(language())


def _all_rules() -> tuple[Rule, ...]:
    return RULES


def _address(log: object) -> str | None:
    """Return the address of a log, whatever terms name it by."""
    if isinstance(log, Log):
        return log.where
    if log is None or isinstance(log, str):
        return log
    return str(given(log, Path, "a log is its address or path, or a Log"))


def _file(path: object, name: str) -> Path | None:
    """Return a file that terms name, as a path whatever it was given as."""
    if not path:
        return None
    return Path(path) if isinstance(path, str) else given(path, Path, f"{name} is a file's path")


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a review depends on besides the document itself.

    ``jurisdiction`` is a six-digit code (420000 for 湖北) that counts instead of the guess made
    from the form. ``lang`` is the language of findings and papers: the one spoken when the terms
    are made, unless given. ``rules`` are put to every form, all of auditkit's unless some are
    given, and with them those of ``rules_file``, a file of one's own. ``parameters`` is a file of
    values on top of auditkit's own; ``suppressions`` say what is not to be counted; with ``redact``
    what is personal is masked in all that comes out. ``log`` is the address of the log whose
    corrections count: ``None`` stands for ``default_log()``, ``Terms.NO_LOG`` for none.
    ``template`` is one's own Word file for the working paper. With a ``witness`` a file in which a
    person may see something else than it says is printed, where a program for that is installed,
    and what its print shows settles doubts.

    Files may be given as texts, the log as a path or a ``Log``, rules and suppressions as lists;
    all are kept as the fields say. Raises ValueError for a language that auditkit does not speak,
    StandardsError for a code that is not of six digits, TypeError for any other kind.
    """

    NO_LOG: ClassVar[str] = logs.NO_LOG

    jurisdiction: str | None = None
    lang: Language = field(default_factory=_spoken)
    rules: tuple[Rule, ...] = field(default_factory=_all_rules)
    rules_file: Path | None = None
    parameters: Path | None = None
    suppressions: tuple[Suppression, ...] = ()
    redact: bool = False
    log: str | None = None
    template: Path | None = None
    witness: bool = False

    def __post_init__(self) -> None:
        code = self.jurisdiction
        made: dict[str, object] = {
            "jurisdiction": six_digits(given(code, str, _CODE)) if code else None,
            "lang": Language(self.lang),  # "zh" is a language as well
            "rules": all_given(self.rules, Rule, _RULES),
            "suppressions": all_given(self.suppressions, Suppression, _SUPPRESSIONS),
            "redact": given(self.redact, bool, "redact is True or False"),
            "witness": given(self.witness, bool, "witness is True or False"),
            "log": _address(self.log),
        }
        for name in ("rules_file", "parameters", "template"):
            made[name] = _file(getattr(self, name), name)
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        """Name what is not as usual; of rules that are not all of auditkit's, the ids."""
        usual, told = {"lang": _spoken(), "rules": RULES}, dict[str, str]()
        for part in fields(self):
            value = getattr(self, part.name)
            if value != usual.get(part.name, part.default):
                told[part.name] = repr(value)
        if "rules" in told:
            told["rules"] = f"<{' '.join(rule.id for rule in self.rules)}>"
        return f"Terms({', '.join(map('='.join, told.items()))})"

    @property
    def rulebook(self) -> tuple[Rule, ...]:
        """All rules that are put to a form.

        Raises MissingFileError where the file of own ones is not there, RuleFileError where it
        cannot be used.
        """
        if self.rules_file is None:
            return self.rules
        bytes_of(self.rules_file)
        return (*self.rules, *load_rules(self.rules_file))

    def checked(self) -> Terms:
        """Return the terms, or raise what is wrong with them before any file is read.

        Raises RuleFileError for own rules, StandardsError for values or a code, MissingFileError
        for a file that is not there.
        """
        if self.rules_file:
            self.rulebook  # noqa: B018
        load(self.parameters).jurisdiction(self.jurisdiction or COUNTRY, None)
        if self.template:
            bytes_of(self.template)
        return self


@dataclass(frozen=True, slots=True)
class Corrections:
    """The readings of a form that auditors decided on: how many, and which.

    ``count`` of them were corrected, ``as_read`` found right as read. ``log`` is what the log is
    called, without folder and password, and empty where they were not decided in it; ``digest``
    tells these decisions from any others.
    """

    count: int
    log: str
    digest: str
    as_read: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """One form, recomputed and held against the standards of its place and year.

    ``terms`` are those that it was made on, ``redaction`` is what was masked, ``None`` where
    nothing was to be; ``corrections`` what auditors decided of readings, ``None`` where nothing.
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

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """The findings that somebody would have to look at, if they were to be counted."""
        asked = (Outcome.FAIL, Outcome.REVIEW)
        return tuple(f for f in self.findings if f.suppressed and f.outcome in asked)

    @property
    def counts(self) -> dict[str, int]:
        """How much was found: failures by how much they matter, what is not decided, what agrees.

        What agrees on cells that were not read surely is counted apart.
        """
        failed = [finding.severity for finding in self.findings_of(Outcome.FAIL)]
        doubtful = [finding.agrees_on_doubts for finding in self.findings_of(Outcome.PASS)]
        return {
            "errors": failed.count(Severity.ERROR),
            "warnings": failed.count(Severity.WARNING),
            "notes": failed.count(Severity.NOTE),
            "to be looked at": len(self.findings_of(Outcome.REVIEW)),
            "questions left open": len(self.findings_of(Outcome.OPEN)),
            "suppressed": len(self.suppressed),
            "agrees": doubtful.count(False),
            "agrees on doubts": doubtful.count(True),
        }

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


def read_bytes(
    data: bytes, name: str = "-", *, witness: bool = False, tell: Tell | None = None
) -> tuple[Report, ...]:
    """Return the forms of a file that is at hand as bytes, with a ``witness`` as in ``Terms``.

    ``tell`` is told of each page that is a picture before it is recognised, which takes seconds.
    """
    tables = tables_of(data, name, witness=witness, tell=tell)
    first, *others = recognise(tables)
    return replace(first, prose=prose_of(tables)), *others


def forms_of(
    source: str | Path | bytes,
    terms: Terms | None = None,
    *,
    name: str = "",
    tell: Tell | None = None,
) -> tuple[Report, ...]:
    """Return the forms of a file as the auditors of the log of the terms have corrected them.

    ``source`` is a path, an address such as ``s3://forms/a.pdf``, or what a file holds; ``name``
    is what the document is called instead of its file's name; ``tell`` is as for ``review``.
    Raises ReadError, or LogError where the log cannot be used.
    """
    if isinstance(source, bytes):
        data, usual = source, "-"
    else:
        path = source if isinstance(source, str) else given(source, Path, _FILE)
        data, usual = bytes_of(path), Path(path).name
    is_witnessed = bool(terms and terms.witness)
    reports = read_bytes(data, name or usual, witness=is_witnessed, tell=tell)
    log = Log(terms.log if terms else None)
    if not log.unreplaced(kind="entry"):
        return reports
    return tuple(corrected(report, log) for report in reports)


def review(
    source: str | Path | bytes,
    terms: Terms | None = None,
    *,
    name: str = "",
    beside: Mapping[str, Sequence[Report]] | None = None,
    tell: Tell | None = None,
) -> tuple[Review, ...]:
    """Review each form of a file: the one way from a file to reviews.

    ``source`` and ``name`` are as for ``forms_of``, by which standing corrections of the log count.
    ``beside`` has the same forms as other files have them, by their identities: figures that
    differ there, or where the file holds the form once more, are a finding (RD-02). ``tell`` is
    told of each page that is a picture before it is recognised, which takes seconds; the ``line``
    of what it is told says which. Raises ReadError, StandardsError for an odd code, RuleFileError
    for a file of rules that cannot be used, and LogError.
    """
    terms = _known(terms)
    forms = forms_of(source, terms, name=name, tell=tell)
    whole = tuple(_reviewed(recompute(_beside(form, beside or {}, forms)), terms) for form in forms)
    return redacted(whole) if terms.redact else whole


def evaluate(worked: Worked, terms: Terms | None = None) -> Review:
    """Hold a form whose figures were recomputed against the standards of the terms.

    Standards, their place and day are those that the terms name, or that the form lets guess. What
    is masked is what this one form shows to be personal; several of a document are masked together
    where they are written.
    """
    terms = _known(terms)
    worked = given(worked, Worked, "figures are expected, as ak.recompute(ak.read(PATH)[0])")
    whole = _reviewed(worked, terms)
    return redacted([whole])[0] if terms.redact else whole


def _known(terms: Terms | None) -> Terms:
    return Terms() if terms is None else given(terms, Terms, _TERMS)


def _reviewed(worked: Worked, terms: Terms) -> Review:
    law, code, report = load(terms.parameters), terms.jurisdiction, worked.report
    days = report.period_end, evaluated_on(report)
    place = law.jurisdiction(code, *days) if code else guess_jurisdiction(report, law)
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


def _beside(
    report: Report, others: Mapping[str, Sequence[Report]], forms: Sequence[Report]
) -> Report:
    """Return a form with the same one as other files, and its own once more, have it.

    ``forms`` are those of its own file. The order is one that no call changes.
    """
    own, known = report.document.sha256, report.known_as
    by_digest = sorted(others.get(report.identity, ()), key=lambda form: form.document.sha256)
    elsewhere = [form for form in by_digest if report.identity and form.document.sha256 != own]
    here = [form for form in forms if form is not report and is_twin(known, form.known_as)]
    notes = (
        Note.of(NoteKind.SAME_NAMES_ELSEWHERE, file=form.document.name)
        for form in elsewhere
        if not is_witnessed(known.said, form.known_as.said)
    )
    return replace(report, counterparts=(*elsewhere, *here), notes=(*report.notes, *notes))


def _corrections(report: Report, log: Log) -> Corrections | None:
    by_hand = {How.CORRECTED: Act.CORRECTED, How.AS_READ: Act.AS_READ}
    acts = {e.path: by_hand[e.how] for e in report.entries() if e.how in by_hand}
    if not acts:
        return None
    made = (event for event, standing in log.corrections(report) if standing is Standing.CURRENT)
    known = [event for event in made if event.decision == acts.get(event.subject)]
    digest = digest_of("\n".join(sorted(e.identity for e in known)).encode())
    counts = Counter(acts.values())
    title = log.title if known else ""
    return Corrections(counts[Act.CORRECTED], title, digest, counts[Act.AS_READ])


def redacted(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Return reviews of one document with names, telephone numbers and the like masked.

    What any of its forms shows to be personal is masked on all of them, also where each of them
    was masked alone before.
    """
    made = [review.redaction for review in reviews if review.redaction]
    if len(made) == len(reviews) and all(mask == made[0] for mask in made):
        return tuple(reviews)
    mask = personal(review.report for review in reviews if not review.redaction).joined(made)
    return tuple(_masked(review, mask) for review in reviews)


def _masked(review: Review, mask: Redaction) -> Review:
    """Return a review with what is of the form masked, and what its terms suppress and why."""
    made, terms = review.corrections, review.terms
    return replace(
        mask.applied(review),
        terms=replace(terms, redact=True, suppressions=mask.applied(terms.suppressions)),
        redaction=mask,
        corrections=made and replace(made, log=mask.masked(made.log)),
    )
