"""The rules that auditkit puts to every form, grouped by subject, and what own rules are made of.

``RULES`` has them all. Each subject is a module with its words beside it, in the catalogue of the
same name. A rule is a function below the decorator ``rule`` that takes a ``Worked`` and the
provisions that it asked for, and yields observations; ``answer`` makes one in a line. What is
worked out of the form stands on ``worked``, the form itself is ``worked.report``; ``number``,
``value_of`` and ``words_of`` say what a cell of it holds, and ``shown`` writes a figure::

    from auditkit.rules import Outcome, Severity, answer, number, rule, words_of

    @rule("MY-01", Severity.WARNING, title="Total is high")
    def total_is_modest(worked, law):
        '''Look for totals of 97 and more.'''
        total = worked.report.total_score
        if number(total) is not None:
            text = f"the total is {words_of(total)}"
            yield answer(number(total) < 97, total.path, sentence=text, evidence=[total])
"""

from __future__ import annotations

import runpy
import sys
from functools import cache
from pathlib import Path

from auditkit.errors import RuleFileError, refused
from auditkit.figures import Agreement, Figure, shown
from auditkit.findings import Observation, Outcome, Provisions, Rule, Severity, rule
from auditkit.report import Entry, number, numbers, value_of, words_of
from auditkit.rules import (
    completeness,
    execution,
    explanations,
    funds,
    goals,
    indicators,
    points,
    progress,
    reading,
    reviewers,
    scores,
    surveys,
    totals,
)
from auditkit.rules.answers import answer, listed
from auditkit.rules.own import digest_of_rules, forget, sources_of
from auditkit.wording import Phrase
from auditkit.worked import Worked

__all__ = ["RULES", "Agreement", "Entry", "Figure", "Observation", "Outcome", "Provisions", "Rule"]
__all__ += ["Severity", "Worked", "answer", "listed", "load_rules", "number", "numbers", "rule"]
__all__ += ["shown", "value_of", "words_of"]

SUBJECTS = (
    execution,
    funds,
    points,
    scores,
    totals,
    explanations,
    progress,
    indicators,
    surveys,
    goals,
    completeness,
    reviewers,
    reading,
)
_DECLARED = [r for subject in SUBJECTS for r in vars(subject).values() if isinstance(r, Rule)]
_FAMILIES = list(dict.fromkeys(rule.id[:2] for rule in _DECLARED))
RULES: tuple[Rule, ...] = tuple(
    sorted(_DECLARED, key=lambda rule: (_FAMILIES.index(rule.id[:2]), rule.id))
)

# Ids of rules that are no more: a decision about one must never be taken for one about another.
RETIRED = frozenset({"CR-07"})  # the same form in several files: RD-02


def load_rules(path: Path) -> tuple[Rule, ...]:
    """Run a file of an auditor's own and return the rules in it, to be added to ``RULES``.

    The file is a program: use only one that you would run. It is run again once it, or a file of
    its folder that it imports, holds something else. Raises RuleFileError where it fails, has no
    rule, or takes an id that ``RULES`` has or had.
    """
    try:
        digest = digest_of_rules(path)
    except OSError as error:
        facts = {"reason": refused(error), "expected": Phrase.of("expected-rules")}
        raise RuleFileError.saying("unopened-terms", name=path.name, **facts) from error
    return _run(path.absolute(), digest)


@cache
def _run(path: Path, _digest: str) -> tuple[Rule, ...]:
    writes, sys.dont_write_bytecode = (
        sys.dont_write_bytecode,
        True,
    )  # told from its source by seconds
    try:
        forget(sources_of(path))
        found = [item for item in runpy.run_path(str(path)).values() if isinstance(item, Rule)]
    except Exception as error:
        facts = {"kind": type(error).__name__, "said": str(error)}
        raise RuleFileError.saying("own-rules-failed", name=path.name, **facts) from error
    finally:
        sys.dont_write_bytecode = writes
    if taken := {rule.id for rule in found} & (RETIRED | {rule.id for rule in RULES}):
        raise RuleFileError.saying("ids-taken", name=path.name, ids=tuple(sorted(taken)))
    if not found:
        raise RuleFileError.saying("no-rule-declared", name=path.name)
    return tuple(found)
