"""Fill in the head orders of systems that print self-evaluation forms, read them, and count.

``python tests/systems.py --kind html xlsx pdf`` prints what became of the fields of each;
``--show S4`` prints one as text, with what was read amiss.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from grammar.beside import NEIGHBOURS
from grammar.design import Form
from grammar.filling import form_of
from grammar.judging import EXACT, LACKING, LOST, SAID, WRONG, Outcome, judged, read
from grammar.laying import together
from grammar.setting import SETTERS, as_text
from grammar.systems import SYSTEMS

from auditkit.forms.neighbours import Neighbour
from auditkit.wording import put

EVERY = {**SYSTEMS, **NEIGHBOURS}
FORMS = 3  # of each head order
ENOUGH = Decimal("0.98")  # of the fields of all head orders
REFUSED, TAKEN = "refused by name", "not refused"


def counted(name: str, kind: str, seeds: Sequence[int] = range(FORMS)) -> Counter[str]:
    """Return what became of the fields of some forms with the head order of a name."""
    found: Counter[str] = Counter()
    for seed in seeds:
        outcome = read(form_of(name, EVERY[name], seed), kind)
        if name in NEIGHBOURS:
            found[REFUSED if is_refused(name, outcome) else TAKEN] += 1
        else:
            found.update(one.kind for one in judged(outcome))
    return found


def is_refused(name: str, outcome: Outcome) -> bool:
    """Tell whether a file was refused, and called what it is."""
    named = put(Neighbour(NEIGHBOURS[name].neighbour), "en")
    return outcome.report is None and named in outcome.error


def told(kinds: Sequence[str], names: Sequence[str], seeds: Sequence[int]) -> bool:
    """Print the counts of each head order and kind, and of all; tell whether they are good."""
    heads, is_good = (EXACT, SAID, LOST, WRONG), True
    _say(f"{'':24}{'kind':6}{'fields':>7}" + "".join(f"{h:>18}" for h in (*heads, "other")))
    for kind in kinds:
        whole: Counter[str] = Counter()
        for name in names:
            found = counted(name, kind, seeds)
            found[SAID] += found.pop(LACKING, 0)
            whole += found
            if name in NEIGHBOURS:
                _say(f"{name:24}{kind:6}  {dict(+found)}")
            else:
                _say(_line(name, kind, found, heads))
        _say(_line("all", kind, whole, heads))
        is_good = is_good and _is_good(whole, heads)
    return is_good


def _is_good(found: Counter[str], heads: Sequence[str]) -> bool:
    """Tell whether nearly all was read, and nothing went wrong that nobody is told of."""
    enough = found[EXACT] >= ENOUGH * sum(found[head] for head in heads)
    return enough and not any(found[bad] for bad in (LOST, WRONG, TAKEN))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _line(name: str, kind: str, found: Counter[str], heads: Sequence[str]) -> str:
    fields = sum(found[head] for head in heads)
    other = ", ".join(f"{what} {n}" for what, n in found.items() if what not in heads)
    return f"{name:24}{kind:6}{fields:7}" + "".join(f"{found[h]:18}" for h in heads) + f"  {other}"


def shown(form: Form, kind: str) -> Iterator[str]:
    """Yield a form as text, and what was read amiss."""
    outcome = read(form, kind)
    yield as_text(together(form))
    yield f"refused: {outcome.error}"
    if outcome.report:
        yield from (f"note: {put(note, 'en')}" for note in outcome.report.notes)
    yield from (str(one) for one in judged(outcome) if one.kind != EXACT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where too little was read, or something amiss unsaid."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--kind", nargs="*", choices=list(SETTERS), default=["html"])
    parser.add_argument("--only", nargs="*", default=list(EVERY), help="head orders")
    parser.add_argument("--count", type=int, default=FORMS, help="how many forms of each")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first")
    parser.add_argument("--show", help="show the form of this head order and how it was read")
    options = parser.parse_args(arguments)
    if options.show:
        form = form_of(options.show, EVERY[options.show], options.seed)
        for line in shown(form, options.kind[0]):
            _say(line)
        return 0
    seeds = range(options.seed, options.seed + options.count)
    return int(not told(options.kind, options.only, seeds))


if __name__ == "__main__":
    sys.exit(main())
