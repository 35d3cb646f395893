"""What a rule is, what it says, and how the saying is recorded."""

from __future__ import annotations

import inspect
import re
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from auditkit import wording
from auditkit.doubts import SEEN_OTHERWISE, Doubt, DoubtKind, NoteKind
from auditkit.errors import NotInForceError, RuleFileError, refused
from auditkit.files import short_digest
from auditkit.grid import Cell, Document, How, plain
from auditkit.identity import UNKNOWN, Identity, question_key, same, same_reading
from auditkit.report import BudgetLine, Entry, Indicator, Report, words_of
from auditkit.standards import Jurisdiction, Provision, Since, Standards
from auditkit.wording import Fact, LabelPath, Phrase, Statement, Term, put
from auditkit.worked import Worked


class Severity(StrEnum):
    """How much a failed rule matters."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Outcome(StrEnum):
    """What a rule made of one subject."""

    PASS = "pass"
    FAIL = "fail"
    REVIEW = "review"
    OPEN = "open"
    NOT_APPLICABLE = "notApplicable"


@dataclass(frozen=True, slots=True)
class Observation:
    """What a rule function has to say about one subject of the form.

    ``subject`` is the path of the entry or group it is about. ``says`` are the names of the parts
    that the catalogue puts the message together of, or one plain sentence, which is said as it is
    in every language. ``reported`` is the figure as printed, ``expected`` the recomputed one,
    ``arithmetic`` how it was recomputed, on one line; these and ``fields`` fill the parts in, and
    are put into words where the message is shown. ``severity`` lowers or raises the rule's own
    for this one case; ``lacks`` is what it finds lacking besides what its rule may.
    """

    outcome: Outcome
    subject: str
    says: tuple[str, ...] | str
    evidence: tuple[Entry, ...] = ()
    reported: Fact = ""
    expected: Fact = ""
    arithmetic: Fact = ""
    severity: Severity | None = None
    fields: Mapping[str, Fact] = field(default_factory=dict, hash=False)
    lacks: tuple[str, ...] = ()


ROWS = "rows"  # what a rule may find lacking: rows of figures
PROSE = "prose"  # or a text of more than a few words
_PROSE = 12  # characters from which a text that was not understood may be one
FIGURES_SHOWN = 4  # of the figures that were not understood
BUDGET_ROLES = ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate", "score")
INDICATOR_ROLES = (
    "dimension",
    "category",
    "name",
    "target",
    "actual",
    "points",
    "score",
    "explanation",
)
_DIGIT = re.compile(r"\d")
_TEXTS = ("subject", "reported", "expected", "arithmetic")
Subject = TypeVar("Subject")
Provisions = Mapping[str, Provision]
# A form's rules take a Worked; what other rules take, only those know who put them.
_Check = Callable[[Any, Provisions], Iterable[Observation]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with the identity and the authority that make it an audit rule.

    ``name`` is the title of a rule that has no catalogue, in its author's language. ``lacks`` is
    what the rule may find lacking: columns by their roles, and ``ROWS`` of figures. Where a form
    holds something that was not understood and may be just that, the rule asks and does not fail.
    One that goes ``by_itself`` only holds a form against itself: it needs no text to be in force.
    """

    id: str
    severity: Severity
    basis: tuple[str, ...]
    parameters: tuple[str, ...]
    name: str
    check: _Check
    lacks: tuple[str, ...] = ()
    by_itself: bool = False

    def title(self, lang: str = "en") -> str:
        """What is wrong where the rule fails, in a few words."""
        return self.name or wording.text(self.id, "title", lang)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as a function does: by the name that it is declared under."""
        return _declared, (self.check.__module__, self.check.__qualname__)

    @property
    def is_own(self) -> bool:
        """Whether an auditor wrote it, and not auditkit."""
        return not self.check.__module__.startswith("auditkit.")

    @property
    def explanation(self) -> str:
        """The check's own docstring, shown to the auditor beside each finding."""
        return inspect.getdoc(self.check) or ""


def _declared(module: str, name: str) -> Rule:
    found: Rule = getattr(import_module(module), name)
    return found


def rule(
    id: str,  # noqa: A002
    severity: Severity,
    basis: tuple[str, ...] = (),
    parameters: tuple[str, ...] = (),
    *,
    title: str = "",
    lacks: tuple[str, ...] = (),
    by_itself: bool = False,
) -> Callable[[Callable[[Subject, Provisions], Iterable[Observation]]], Rule]:
    """Declare the function below as the rule ``id``; without ``title`` the catalogue has it."""
    named = partial(Rule, id, severity, basis, parameters, title)
    return partial(named, lacks=lacks, by_itself=by_itself)


@dataclass(frozen=True, slots=True)
class Finding:
    """An observation, stamped with the rule, the standards and the document behind it.

    ``doubts`` say why a person has to look before it counts as failed; ``name`` is the title of
    a rule without a catalogue; ``suppressed`` the reason why it is not to be counted. A copy with
    masked texts is ``known_as`` the key and the state of what it is a copy of; ``identity`` is that
    of the form.
    """

    document: Document
    form: int
    project: str
    rule: str
    severity: Severity
    observation: Observation
    basis: tuple[str, ...]
    provisions: tuple[Provision, ...]
    doubts: tuple[Doubt, ...] = ()
    name: str = ""
    suppressed: str = ""
    known_as: tuple[str, str] | None = None
    identity: Identity = UNKNOWN

    def title(self, lang: str = "en") -> str:
        """What is wrong where the rule fails, in a few words."""
        return self.name or wording.text(self.rule, "title", lang)

    def message(self, lang: str = "en") -> str:
        """What was found, in one sentence."""
        seen = self.observation
        if isinstance(seen.says, str):
            said = seen.says
        else:
            fields = {name: getattr(seen, name) for name in _TEXTS} | {**seen.fields}
            fields["subject"] = LabelPath(seen.subject)
            said = wording.said(self.rule, seen.says, fields, lang)
        doubts = "; ".join(put(doubt, lang) for doubt in self.doubts)
        why = {"doubted": doubts, "suppressed": put(self.suppressed, lang)}
        inferred = sum(entry.how is How.INFERRED for entry in seen.evidence)
        if inferred:
            counts = {"inferred": str(inferred), "all": str(len(seen.evidence))}
            said += wording.said("", "inferred", counts, lang)
        also = (wording.said("", key, {"why": text}, lang) for key, text in why.items() if text)
        return "".join((said, *also))

    def question(self, lang: str = "en") -> str:
        """What to ask the unit; empty where there is nothing to ask."""
        asks = self.outcome in (Outcome.FAIL, Outcome.REVIEW)
        return wording.text(self.rule, "question", lang) if asks else ""

    @property
    def outcome(self) -> Outcome:
        """What the rule made of its subject."""
        return self.observation.outcome

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells that the finding stands on."""
        return tuple(dict.fromkeys(c for e in self.observation.evidence for c in e.cells))

    @property
    def agrees_on_doubts(self) -> bool:
        """Whether it passes, and a cell that it stands on was not read surely."""
        is_passed = self.outcome is Outcome.PASS
        return is_passed and not all(entry.is_sure for entry in self.observation.evidence)

    @property
    def key(self) -> str:
        """Which question this answers: the same for the same form, rule and subject."""
        if self.known_as:
            return self.known_as[0]
        return question_key(self.identity.key, self.rule, self.observation.subject)

    @property
    def state(self) -> str:
        """What the answer was: changes with the outcome, what it rests on, and the basis."""
        seen = self.observation
        if self.known_as:
            return self.known_as[1]
        law = (f"{p.name}={p.value}@{p.basis}" for p in self.provisions)
        figures = (same(_plain(fact)) for fact in (seen.reported, seen.expected))
        rests = sorted({f"{e.path}={same_reading(e.reading)}" for e in seen.evidence})
        return short_digest(seen.outcome, *figures, *rests, *self.basis, *law)


BY_ID = Term("ignored by id")  # the reason why a rule does not count that was named on its own


@dataclass(frozen=True, slots=True)
class Suppression:
    """A rule that is not to be counted, in one report or in all of them, and the reason.

    ``report`` is the name of a file or project, where ``*`` stands for anything.
    """

    rule: str
    reason: str
    report: str = "*"

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is one of those that are not to be counted."""
        names = (finding.document.name, finding.project)
        is_here = self.report in names or any(fnmatchcase(name, self.report) for name in names)
        return finding.rule == self.rule and is_here


def suppress(
    findings: Iterable[Finding], suppressions: Sequence[Suppression]
) -> tuple[Finding, ...]:
    """Mark the findings that are not to be counted; none is ever dropped."""
    return tuple(
        replace(finding, suppressed=next((s.reason for s in suppressions if s.covers(finding)), ""))
        for finding in findings
    )


def load_suppressions(path: Path) -> tuple[Suppression, ...]:
    """Read a TOML file of tables ``[[suppress]]`` with rule, reason and, where not all, report.

    Raises RuleFileError where it is out of shape; a suppression without a reason is.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        found = tuple(Suppression(**table) for table in tables.pop("suppress", ()))
        if tables or not all(s.rule and s.reason for s in found):
            raise ValueError(Phrase.of("suppression-lacks"))
    except OSError as error:
        facts = {"reason": refused(error), "expected": Phrase.of("expected-suppressions")}
        raise RuleFileError.saying("unopened-terms", name=path.name, **facts) from error
    except TypeError as error:  # a key that it lacks, or does not know
        why = Phrase.of("suppression-lacks")
        raise RuleFileError.saying("suppressions-odd", name=path.name, reason=why) from error
    except ValueError as error:
        said = str(error)
        raise RuleFileError.saying("suppressions-odd", name=path.name, reason=said) from error
    return found


@dataclass(frozen=True, slots=True)
class About:
    """What findings are about: a document, and of a form in it the number, project and identity."""

    document: Document
    form: int = 0
    project: str = ""
    identity: Identity = UNKNOWN


def put_rules(
    rules: Iterable[Rule], worked: Worked, standards: Standards, jurisdiction: Jurisdiction
) -> tuple[Finding, ...]:
    """Put every rule to one form and record every answer, the clean ones too."""
    report, rules = worked.report, tuple(rules)
    about = About(report.document, report.number, words_of(report.project), report.known_as)
    lacks = {rule.id: rule.lacks for rule in rules}
    found = answers_of(rules, worked, about, standards, jurisdiction)
    if not report.unplaced and not _is_cut(report):
        return found
    unread = cache(partial(_unread, report))
    return tuple(_asked(one, unread(lacks[one.rule] + one.observation.lacks)) for one in found)


def _unread(report: Report, lacks: tuple[str, ...]) -> tuple[Doubt, ...]:
    """Say what of a form was not understood that may be what a rule finds lacking on it."""
    doubts = [
        Doubt.of(DoubtKind.COLUMN_BESIDE, column=column.label)
        for column in report.unknown
        if column.table and set(lacks) & _absent(report, column.table)
    ]
    named = {c.place for some in report.unknown for c in (*some.head, *some.cells)}
    loose = [cell.text for cell in report.unplaced if cell.place not in named]
    may_be = [text for text in loose if ROWS in lacks and _DIGIT.search(text)]
    may_be += [text for text in loose if PROSE in lacks and len(plain(text)) >= _PROSE]
    if ROWS in lacks and _is_cut(report):
        doubts.append(Doubt(DoubtKind.ROWS_BELOW))
    if may_be:
        doubts.append(Doubt.of(DoubtKind.CELLS_BESIDE, cells=tuple(may_be[:FIGURES_SHOWN])))
    return tuple(doubts)


def _is_cut(report: Report) -> bool:
    """Tell whether the picture of a form ends within its table."""
    return any(note.kind is NoteKind.CUT_BELOW for note in report.notes)


def _absent(report: Report, table: str) -> set[str]:
    """Return the columns that no row of a table of the form has."""
    is_funds = table == "funding"
    rows: Sequence[BudgetLine | Indicator] = report.budget_lines if is_funds else report.indicators
    names = BUDGET_ROLES if is_funds else INDICATOR_ROLES
    return {name for name in names if all(getattr(row, name) is None for row in rows)}


def _asked(finding: Finding, doubts: tuple[Doubt, ...]) -> Finding:
    """Return a failure as a question where what was not understood may be its answer."""
    if finding.outcome is not Outcome.FAIL or not doubts:
        return finding
    seen = replace(finding.observation, outcome=Outcome.REVIEW)
    return replace(finding, observation=seen, doubts=doubts)


def answers_of(
    rules: Iterable[Rule], subject: object, about: About, standards: Standards, place: Jurisdiction
) -> tuple[Finding, ...]:
    """Put rules to whatever they are for, such as all reports of a batch, and record the answers.

    ``subject`` is what their checks take, ``about`` is what the findings are stamped with.
    """
    found: list[Finding] = []
    for rule in rules:
        found += _answers(rule, subject, about, standards, place)
    return tuple(found)


_NOTHING = Observation(Outcome.OPEN, "form", ("nothing",))


def _answers(
    rule: Rule, subject: object, about: About, standards: Standards, place: Jurisdiction
) -> Iterator[Finding]:
    try:
        held = {name: standards.in_force(name, place.code, place.on) for name in rule.parameters}
        basis = _basis(rule, held, standards, place)
        observations = list(rule.check(subject, held)) or [_NOTHING]
    except NotInForceError as error:
        why = {"reason": error.why}
        held, says = {}, ("not_in_force",)
        basis = tuple(text for text in rule.basis if standards.applies(text, place))
        observations = [Observation(Outcome.OPEN, "form", says, fields=why)]
    except Exception as error:
        error.add_note(f"while putting rule {rule.id} to {about.document.name}")
        if rule.is_own:
            raise _of_own(rule, error) from error
        raise
    law = tuple(held.values())
    for seen in observations:
        doubts = _doubts(seen)
        yield Finding(
            document=about.document,
            form=about.form,
            project=about.project,
            rule=rule.id,
            severity=seen.severity or rule.severity,
            observation=replace(seen, outcome=Outcome.REVIEW) if doubts else seen,
            basis=basis,
            provisions=law,
            doubts=doubts,
            name=rule.name,
            identity=about.identity,
        )


def _of_own(rule: Rule, error: Exception) -> RuleFileError:
    """Return the error of an auditor's own rule, with the line of its file that failed."""
    code = getattr(inspect.unwrap(rule.check), "__code__", None)
    file = code.co_filename if code else ""
    lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == file]
    return RuleFileError.saying(
        "own-rule-failed",
        name=Path(file).name,
        place=Phrase.of("line", number=lines[-1] or 0) if lines else "",
        rule=rule.id,
        kind=type(error).__name__,
        said=str(error),
    )


def _basis(
    rule: Rule, held: Provisions, standards: Standards, place: Jurisdiction
) -> tuple[str, ...]:
    """Return the texts that a rule and its values rest on, as far as they can be cited here.

    Raises NotInForceError where none can, and the rule needs one.
    """
    stated = dict.fromkeys((*rule.basis, *(provision.basis for provision in held.values())))
    held_to = tuple(text for text in stated if standards.applies(text, place))
    if stated and not held_to and not rule.by_itself:
        why = Statement.of(Since.NO_TEXT, day=place.evaluated or place.on)
        raise NotInForceError(why)
    return held_to


def _plain(fact: Fact) -> str:
    """Return a fact as a text that no catalogue changes."""
    return ", ".join(map(_plain, fact)) if isinstance(fact, tuple) else str(fact)


def _doubts(seen: Observation) -> tuple[Doubt, ...]:
    """Say why an answer must not rest on its evidence before a person has looked.

    A failure rests on nothing that is not sure, an agreement on nothing that may look otherwise
    to a person than it was read.
    """
    if seen.outcome not in (Outcome.FAIL, Outcome.PASS):
        return ()
    unsure = (entry for entry in seen.evidence if not entry.is_sure)
    reasons = dict.fromkeys(chain.from_iterable(e.doubts or (_not_read(e),) for e in unsure))
    if seen.outcome is Outcome.FAIL:
        return tuple(reasons)
    return tuple(doubt for doubt in reasons if doubt.kind in SEEN_OTHERWISE)


def _not_read(entry: Entry) -> Doubt:
    return Doubt.of(DoubtKind.NOT_READ, path=wording.LabelPath(entry.path), how=entry.how)
