"""Measure how forms in layouts that nobody collected are read, and what a change does to them.

A seed makes a form whose figures agree, in four cases of ten with one error planted, and a layout
for it. Each is read as laid out, held against the same facts in the national form, and read again
after each change of ``grammar.changes``.

    python tests/layouts.py --count 200 --seed 1
    python tests/layouts.py --count 50 --kind xlsx --only tree "head renamed"
    python tests/layouts.py --show 17 --only tree

The kinds of layout take turns by the seed, so what shows a form takes the same ``--only``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from grammar.changes import CHANGES, Change
from grammar.design import KINDS as LAYOUTS
from grammar.design import Form, make, plain
from grammar.judging import (
    EXACT,
    GOOD,
    KINDS,
    REFUSED,
    Outcome,
    Verdict,
    against_plain,
    compared,
    judged,
    read,
)
from grammar.laying import together
from grammar.setting import SETTERS, as_text

from auditkit.wording import put

LAYOUT, CHANGE = "layout", "change"


@dataclass(slots=True)
class Tally:
    """What became of the forms of one kind of layout or change."""

    documents: int = 0
    bad: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    seeds: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, seed: int, verdicts: Sequence[Verdict]) -> None:
        """Count one form."""
        kinds = Counter(one.kind for one in verdicts)
        self.documents += 1
        self.bad += not GOOD.issuperset(kinds)
        self.counts.update(kinds)
        for kind in kinds:
            if kind not in GOOD:
                self.seeds[kind].append(seed)


@dataclass(frozen=True, slots=True)
class Trial:
    """One document that was set and read: what it is called, and what became of it."""

    group: str
    name: str
    form: Form
    outcome: Outcome
    verdicts: tuple[Verdict, ...]


def as_laid_out(form: Form, kind: str = "html") -> Trial:
    """Set and read a form, and hold it against the same facts in the national form."""
    outcome = read(form, kind)
    verdicts = (*judged(outcome), *against_plain(outcome, read(plain(form))))
    return Trial(LAYOUT, form.kind, form, outcome, verdicts)


def after(base: Outcome, name: str, kind: str = "html") -> Trial | None:
    """Change a form that was read, and read it again; ``None`` where it cannot be changed so."""
    change = changed(base.form, name, kind) if base.report else None
    if change is None:
        return None
    outcome = read(change.form, kind)
    verdicts = compared(
        base, outcome, head=change.head, keeps_fails=change.keeps_fails, may_ask=change.may_ask
    )
    return Trial(CHANGE, name, change.form, outcome, tuple(verdicts))


def trials(form: Form, kind: str, names: Sequence[str]) -> Iterator[Trial]:
    """Set and read a form as laid out, and once more after each of some changes."""
    first = as_laid_out(form, kind)
    yield first
    yield from filter(None, (after(first.outcome, name, kind) for name in names))


def form_of(seed: int, only: Sequence[str] = ()) -> Form:
    """Make the form of a seed; the kinds of layout, of those in ``only``, take turns."""
    layouts = [name for name in only if name in LAYOUTS] or list(LAYOUTS)
    return make(seed, layouts[seed % len(layouts)])


def changed(form: Form, name: str, kind: str) -> Change | None:
    """Change a form; the same seed and name always give the same."""
    if name == "form beside" and kind not in ("xlsx", "csv"):
        return None  # two tables side by side on a web page are two tables
    return CHANGES[name](Random(f"{form.seed} {name}"), form)


def tally(
    seeds: Sequence[int], kind: str = "html", *, only: Sequence[str] = (), some: int = 0
) -> dict[tuple[str, str], Tally]:
    """Measure the forms of some seeds, by kind of layout and by change.

    The kinds of layout take turns. ``only`` names kinds of layout and changes, all if there is
    none of the sort; ``some`` is how many changes are made to each form, in turn, nought for all.
    """
    names = [name for name in only if name in CHANGES] or list(CHANGES)
    found: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for number, seed in enumerate(seeds):
        turn = [names[(number * some + n) % len(names)] for n in range(some)] or names
        for trial in trials(form_of(seed, only), kind, turn):
            found[trial.group, trial.name].add(seed, trial.verdicts)
    return found


def table(tallies: dict[tuple[str, str], Tally]) -> str:
    """Return the counts as lines: documents, those with anything amiss, and each kind."""
    lines = [["", "", "documents", "amiss", *KINDS]]
    for group in (LAYOUT, CHANGE):
        whole = Tally()
        for (of, name), one in sorted(tallies.items()):
            if of == group:
                lines.append([group, name, *_numbers(one)])
                whole.documents += one.documents
                whole.bad += one.bad
                whole.counts.update(one.counts)
        lines.append([group, "all", *_numbers(whole)])
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _numbers(one: Tally) -> list[str]:
    return [str(one.documents), str(one.bad), *(str(one.counts[kind] or "") for kind in KINDS)]


def failures(tallies: dict[tuple[str, str], Tally], most: int = 6) -> Iterator[str]:
    """Yield the first seeds of each way to fail."""
    for (group, name), one in sorted(tallies.items()):
        for kind, seeds in one.seeds.items():
            yield f"{group} {name}, {kind}: {len(seeds)} forms, seeds {seeds[:most]}"


def shown(seed: int, kind: str, only: Sequence[str]) -> Iterator[str]:
    """Yield the form of a seed as text, what was read amiss, and the same after changes."""
    names = [name for name in only if name in CHANGES]
    for trial in trials(form_of(seed, only), kind, names):
        yield f"== {trial.group} {trial.name}, seed {seed}, {trial.form.error or 'no error'}"
        yield as_text(together(trial.form))
        if report := trial.outcome.report:
            yield from (f"note: {put(note, 'en')}" for note in report.notes)
        yield f"fails: {sorted(trial.outcome.fails)} {trial.outcome.error}"
        yield from (str(one) for one in trial.verdicts if one.kind not in (EXACT, REFUSED))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and the seeds of what failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100, help="how many forms")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first")
    parser.add_argument("--kind", choices=list(SETTERS), default="html", help="kind of file")
    parser.add_argument("--only", nargs="*", default=[], help="kinds of layout and changes")
    parser.add_argument("--some", type=int, default=0, help="changes to a form, all by default")
    parser.add_argument("--show", type=int, help="show the form of this seed and how it was read")
    options = parser.parse_args(arguments)
    for name in options.only:
        if name not in (*LAYOUTS, *CHANGES):
            parser.error(f"{name!r} is none of {', '.join([*LAYOUTS, *CHANGES])}")
    if options.show is not None:
        lines = shown(options.show, options.kind, options.only)
        sys.stdout.write("\n".join(lines) + "\n")
        return 0
    seeds = range(options.seed, options.seed + options.count)
    tallies = tally(seeds, options.kind, only=options.only, some=options.some)
    sys.stdout.write(table(tallies) + "\n")
    for line in failures(tallies):
        sys.stdout.write(f"{line}\n")
    return int(any(one.bad for one in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
