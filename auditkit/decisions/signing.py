"""What stands below a signature, and who may give it: pure functions over findings and events.

A signature is an act. It is given below a ``code`` that says what was seen when it was given: the
form, all that was found, and what was decided of it. A line of a notebook that is run again, on
another file or after anything was decided, has another code, and signs nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from auditkit.decisions.events import (
    SIGNATURES,
    Act,
    Decision,
    Signable,
    about_form,
    decided_of,
    is_of_one_content,
)
from auditkit.decisions.standing import unreplaced
from auditkit.errors import SigningError
from auditkit.files import short_digest
from auditkit.findings import Finding, Outcome
from auditkit.wording import Statement, Term

PREPARED, REVIEWED = SIGNATURES


class Refusal(StrEnum):
    """Why a signature, or a decision on what is signed, is not taken."""

    NOT_SHOWN = "not shown"  # facts: code, open, asking
    CHANGED = "changed"  # facts: code, open, asking
    SIGNED_SINCE = "signed since"  # facts: code, act, auditor, on
    OPEN = "open"  # facts: open
    NOT_PREPARED = "not prepared"
    SAME_PERSON = "same person"  # facts: auditor, value
    REOPEN = "reopen"  # facts: value, auditor, on
    NO_REASON = "no reason"


class Remedy(StrEnum):
    """What to do where a signature is not taken, by the names that ``Refusal`` has."""

    NOT_SHOWN = "not shown"  # facts: those of the refusal
    CHANGED = "changed"
    SIGNED_SINCE = "signed since"
    OPEN = "open"
    NOT_PREPARED = "not prepared"
    SAME_PERSON = "same person"
    REOPEN = "reopen"


def remedy(why: Statement) -> Statement:
    """Return what to do where something is refused."""
    return Statement(Remedy(why.kind), why.facts)


@dataclass(frozen=True, slots=True)
class Signing:
    """What would be signed now.

    ``undecided`` are the findings that ask for a decision and have none that stands, ``asking``
    those that wait for evidence; ``signatures`` are those that stand, by what they say. ``code``
    tells all of this from anything else: whoever signs names it. ``before`` has what was signed
    since by the codes that the same had before that.
    """

    form: Decision
    code: str
    undecided: tuple[Finding, ...]
    asking: tuple[Finding, ...]
    signatures: Mapping[str, Decision]
    before: Mapping[str, Decision]

    @property
    def next(self) -> str:
        """Which signature is to be given next; empty where both stand."""
        return next((value for value in SIGNATURES if value not in self.signatures), "")

    def check(self, value: str, note: str, auditor: str, code: str) -> None:
        """Raise SigningError where a signature cannot be given so."""
        counts = {"open": len(self.undecided), "asking": len(self.asking)}
        if since := self.before.get(code):
            decision, value = decided_of(since)
            who = {"auditor": since.auditor, "on": since.made_at, "code": self.code}
            raise self._refused(Statement.of(Refusal.SIGNED_SINCE, act=value or decision, **who))
        if code != self.code:
            kind = Refusal.CHANGED if code else Refusal.NOT_SHOWN
            raise self._refused(Statement.of(kind, code=self.code, **counts))
        if self.undecided and not note.strip():
            raise self._refused(Statement.of(Refusal.OPEN, open=len(self.undecided)))
        if refused := refusal(self.signatures, value, auditor):
            raise self._refused(refused)

    def _refused(self, why: Statement) -> SigningError:
        return SigningError(why, name=self.form.file, advice=remedy(why))


def signing(
    review: Signable, made: Mapping[str, Sequence[Decision]], form: Decision | None = None
) -> Signing:
    """Return what would be signed of a review; ``made`` is what ``Log.histories`` has of it.

    ``form`` is what ``about_form`` says of the review, where somebody has asked it already.
    """
    form = form or about_form(review.report, review.findings)
    asked = asked_of(review.findings)
    stands = {f.key: last for f in asked if (last := standing_on(f, made.get(f.key, ())))}
    signed = made.get(form.key, ())
    said = [f"{key}:{e.decision}:{e.note}" for key, e in sorted(stands.items())]
    *before, code = (short_digest(form.state, *said, str(n))[:8] for n in range(len(signed) + 1))
    return Signing(
        form,
        code,
        tuple(f for f in asked if f.key not in stands),
        tuple(f for f in asked if f.key in stands and _is_asking(stands[f.key])),
        signatures_on(form, signed),
        dict(zip(before, signed, strict=True)),
    )


def asked_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that ask a person for a decision."""
    asked = (Outcome.FAIL, Outcome.REVIEW)
    return tuple(f for f in findings if f.outcome in asked and not f.suppressed)


def standing_on(finding: Finding, made: Sequence[Decision]) -> Decision | None:
    """Return the last decision on a finding, if it is about the answer that was found now."""
    last = next(reversed(unreplaced(made)), None)
    return last if last and last.state == finding.state else None


def _is_asking(event: Decision) -> bool:
    return event.decision == Act.NEEDS_EVIDENCE


def signatures_on(form: Decision, made: Iterable[Decision]) -> dict[str, Decision]:
    """Return who has ``prepared`` and ``reviewed`` a form since it was last reopened.

    A signature on another content is returned where there is none on that of ``form``. What one
    person gave as the second is none, however it came into the log.
    """
    signs: dict[bool, dict[str, Decision]] = {False: {}, True: {}}
    for event in made:
        of = signs[is_of_one_content(event, form)]
        of |= {event.value: event}
        if event.decision == Act.REOPENED:
            of.clear()
    for of in signs.values():
        if len(of) == len(SIGNATURES) and _is_of_one_person(of.values()):
            del of[REVIEWED]
    return signs[False] | signs[True]


def _is_of_one_person(events: Iterable[Decision]) -> bool:
    return len({person(event.auditor) for event in events}) == 1


def refusal(signatures: Mapping[str, Decision], value: str, auditor: str) -> Statement | None:
    """Say why somebody may not give a signature beside those that stand, ``None`` if they may."""
    first = signatures.get(PREPARED)
    if value == REVIEWED and first is None:
        return Statement.of(Refusal.NOT_PREPARED)
    other = signatures.get(PREPARED if value == REVIEWED else REVIEWED)
    if other and person(other.auditor) == person(auditor):
        facts = {"auditor": other.auditor, "value": Term(other.value)}
        return Statement.of(Refusal.SAME_PERSON, **facts)
    return None


def person(name: str) -> str:
    """Return what tells one person from another: their name without its width, case and blanks.

    >>> person("A. Auditor") == person(" a.\u3000ＡＵＤＩＴＯＲ")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
