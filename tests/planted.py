"""Plant errors in clean forms, one at a time, and count which the expected rule finds.

The forms are in ``planting/bases``, the kinds of errors in ``planting``: what reviewers look for,
not what the rules do. Where there is no rule yet, a kind says in words what is to be found. A
finding counts where the clean form has none like it. What is wrong by arithmetic (marked !) counts
as found only where it fails; of all else a question is enough.

    python tests/planted.py
    python tests/planted.py --kind "points do not add up" --show
    python tests/planted.py --base meals-shanghai --set xlsx
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import planting.funds
import planting.harmless
import planting.scores
import planting.wording  # noqa: F401  # each adds its kinds
from clean_forms import reviewed
from planting.form import Form
from planting.kinds import HARMLESS, KINDS, Kind

from auditkit.errors import AuditkitError
from auditkit.findings import Finding, Outcome, Severity

BASES = {
    path.stem: Form.of(path.stem, path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "planting" / "bases").glob("*.txt"))
}
TOLD = (Outcome.FAIL, Outcome.REVIEW)
EXPECTED, OTHER, MISSED = "expected", "other", "missed"
QUESTION = "question"
ENOUGH = 0.95  # of what is planted is found by the expected rule
MOST_QUESTIONS = 4  # are asked of the clean counterparts, which have no error and no warning


@dataclass(frozen=True, slots=True)
class Trial:
    """One form with one change: what is found in it and not in the clean one."""

    kind: Kind
    base: Form
    form: Form
    findings: tuple[Finding, ...]
    failure: str = ""

    @property
    def verdict(self) -> str:
        """Whether the expected rule found what was planted, another one, or none."""
        counted = [
            one
            for one in self.findings
            if one.outcome is Outcome.FAIL or not self.kind.is_arithmetic
        ]
        if any(one.rule in self.kind.rules for one in counted):
            return EXPECTED
        return OTHER if counted else MISSED

    @property
    def told(self) -> Counter[str]:
        """How many errors, warnings and questions there are; notes do not count."""
        found = Counter(
            str(one.severity) if one.outcome is Outcome.FAIL else QUESTION for one in self.findings
        )
        del found[str(Severity.NOTE)]
        return found


@cache
def found(base: str, kind: str) -> frozenset[tuple[str, ...]]:
    """Return what is found in a clean form: rule, subject, outcome, words."""
    return frozenset(map(_identity, _findings(BASES[base], kind)))


def _findings(form: Form, kind: str) -> tuple[Finding, ...]:
    return reviewed(form.name, str(form), kind).findings_of(*TOLD)


def _identity(one: Finding) -> tuple[str, ...]:
    return one.rule, one.observation.subject, str(one.outcome), one.message("en")


def tried(kind: Kind, base: Form, set_as: str = "html") -> Trial | None:
    """Plant an error in a form and review it; ``None`` where the form has no place for it."""
    form = kind.planted(base)
    if form is None:
        return None
    try:
        findings = _findings(form, set_as)
    except AuditkitError as error:
        return Trial(kind, base, form, (), str(error))
    known = found(base.name, set_as)
    return Trial(kind, base, form, tuple(f for f in findings if _identity(f) not in known))


def trials(kinds: Sequence[Kind], bases: Sequence[Form], set_as: str) -> list[Trial]:
    """Plant each kind in each form that has a place for it, in as many processes as there are."""
    pairs = [(kind, base, set_as) for kind in kinds for base in bases]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(filter(None, pool.map(tried, *zip(*pairs, strict=True), chunksize=16)))


def told(trial: Trial) -> Iterator[str]:
    """Yield what was printed in place of what, and what was said of it."""
    yield f"   {trial.verdict}: {trial.base.name}, expected {', '.join(trial.kind.rules) or '-'}"
    for before, after in _changes(trial.base, trial.form):
        yield f"      - {before}" if before else "      -"
        yield f"      + {after}"
    if trial.failure:
        yield f"      not read: {trial.failure}"
    for one in trial.findings:
        seen = one.observation
        yield f"      {one.outcome} {one.severity} {one.rule} {seen.subject}: {one.message('zh')}"


def _changes(base: Form, form: Form) -> Iterator[tuple[str, str]]:
    old, new = (str(each).splitlines() for each in (base, form))
    gone = [line for line in old if line not in new]
    come = [line for line in new if line not in old]
    yield from zip([*gone, *[""] * (len(come) - len(gone))], come, strict=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; the last line is the share that the expected rule found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    every = {**KINDS, **HARMLESS}
    parser.add_argument("--kind", nargs="*", default=list(every), choices=list(every), metavar="K")
    parser.add_argument("--base", nargs="*", default=list(BASES), choices=list(BASES))
    parser.add_argument("--set", default="html", choices=("html", "xlsx"), help="kind of file")
    parser.add_argument("--show", action="store_true", help="show each form and its findings")
    parser.add_argument("--misses", action="store_true", help="show what was not found as expected")
    options = parser.parse_args(arguments)
    bases = [BASES[name] for name in options.base]
    tried_all = trials([every[name] for name in options.kind], bases, options.set)
    wrong = [one for one in tried_all if one.kind.rules]
    right = [one for one in tried_all if not one.kind.rules]
    for line in (*_errors(wrong, options), *_harmless(right, options), *_sums(wrong, right)):
        sys.stdout.write(f"{line}\n")
    return int(not _is_good(wrong, right))


def _is_good(wrong: Sequence[Trial], right: Sequence[Trial]) -> bool:
    """Tell whether enough was found, and nothing that is not there."""
    found = sum(one.verdict == EXPECTED for one in wrong)
    told = sum((one.told for one in right), Counter[str]())
    is_asked_only = not told - Counter({QUESTION: MOST_QUESTIONS})
    return found >= ENOUGH * len(wrong) and is_asked_only


def _by_kind(many: Sequence[Trial]) -> dict[str, list[Trial]]:
    groups: dict[str, list[Trial]] = defaultdict(list)
    for one in many:
        groups[one.kind.name].append(one)
    return groups


def _errors(wrong: Sequence[Trial], options: argparse.Namespace) -> Iterator[str]:
    heads = ("planted", EXPECTED, OTHER, MISSED)
    yield f"{'kind':46}{'expected rules':24}" + "".join(f"{head:>9}" for head in heads)
    for name, many in _by_kind(wrong).items():
        kind = many[0].kind
        counts = Counter(one.verdict for one in many)
        rules = ", ".join(kind.rules) + ("!" if kind.is_arithmetic else "")
        numbers = (len(many), *(counts[head] for head in heads[1:]))
        yield f"{name:46}{rules[:23]:24}" + "".join(f"{n:>9}" for n in numbers)
        for one in many:
            if options.show or (options.misses and one.verdict != EXPECTED):
                yield from told(one)


def _harmless(right: Sequence[Trial], options: argparse.Namespace) -> Iterator[str]:
    heads = (str(Severity.ERROR), str(Severity.WARNING), QUESTION)
    yield f"\n{'clean counterpart':46}{'forms':>9}" + "".join(f"{head:>9}" for head in heads)
    for name, many in _by_kind(right).items():
        counts = sum((one.told for one in many), Counter[str]())
        rules = sorted({f.rule for one in many for f in one.findings if one.told})
        numbers = "".join(f"{counts[head]:>9}" for head in heads)
        yield f"{name:46}{len(many):>9}{numbers}  {' '.join(rules)}".rstrip()
        for one in many:
            if options.show or (options.misses and (one.told or one.failure)):
                yield from told(one)


def _sums(wrong: Sequence[Trial], right: Sequence[Trial]) -> Iterator[str]:
    counts = Counter(one.verdict for one in wrong)
    told = sum((one.told for one in right), Counter[str]())
    said = ", ".join(f"{n} {what}" for what, n in told.items()) or "nothing told"
    yield f"\n{len(right)} clean counterparts: {said}"
    yield f"{len(wrong)} planted: {counts[OTHER]} found by another rule, {counts[MISSED]} missed"
    yield f"{counts[EXPECTED] / max(1, len(wrong)):.1%} found by the expected rule"


if __name__ == "__main__":
    sys.exit(main())
