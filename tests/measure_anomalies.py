"""Measure how many of the anomalies that transcripts of published forms name are found.

A transcript is one JSON file a form, as ``typesetting.from_transcript`` takes it, with a list
``anomalies`` of ``cls``, ``family`` and ``kind``. Each is set as a page, read and reviewed; what
answers to a kind stands in ``anomalies.toml``. A kind that it does not name counts as missed; one
that is about prose which the transcript only tells of, in brackets, cannot be seen. On a form of
which rows are missing, the question whether rows are missing is no false one.

    python tests/measure_anomalies.py --forms FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from producers import produce
from typesetting import Form, from_transcript, lay_out, layout_named

from auditkit.findings import Finding, Outcome, Severity
from auditkit.reviewing import Terms, review
from auditkit.wording import put

KINDS = Path(__file__).parent / "anomalies.toml"
ERROR = "form_error"
TOLD = (Outcome.FAIL, Outcome.REVIEW)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An anomaly of a form, and what was made of it."""

    form: str
    family: str
    kind: str
    is_right: bool
    why: str
    is_trap: bool = False
    is_unseen: bool = False


def reviewed(form: Form, layout: str, kind: str) -> list[Finding]:
    """Set a form as a file of a kind, and return what is found in it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{form.name}.{kind}"
        produce(kind, [(lay_out(form, layout_named(layout)), file)])
        reviews = review(str(file), Terms(log=Terms.NO_LOG))
        return [one for each in reviews for one in each.findings if one.outcome in TOLD]


def layout_of(facts: Mapping[str, Any], layouts: Sequence[str]) -> str:
    """Return the layout for a form: the last, with a column of signs, where its rows have one."""
    extras = ((row.get("extra") or {}).get("指标性质", "") for row in facts["indicators"])
    return layouts[-1] if any(sign[:1] in tuple("≥≧≤≦=><") for sign in extras) else layouts[0]


def verdicts(name: str, facts: Mapping[str, Any], found: Sequence[Finding]) -> Iterator[Verdict]:
    """Yield what was made of each anomaly of a form."""
    anomalies: Iterable[Mapping[str, str]] = facts.get("anomalies", ())
    goals = (facts.get(key) or "" for key in ("goal_expected", "goal_actual"))
    causes = (row.get("deviation") or "" for row in facts["indicators"])
    is_told = any(text.startswith("(") for text in (*goals, *causes))
    is_whole = bool(facts.get("complete"))
    kinds = tomllib.loads(KINDS.read_text(encoding="utf-8"))
    asked: dict[str, list[Finding]] = defaultdict(list)
    for one in found:
        asked[one.rule].append(one)
    for each in anomalies:
        kind, family = each["kind"], each.get("family", "")
        if each["cls"] == ERROR:
            rules = kinds["error"].get(kind, ())
            hits = [rule for rule in rules if rule in asked]
            told = "" if hits else kinds["unseen"].get(kind, "")
            if kind in kinds["of_prose"]["kinds"] and is_told and not hits:
                told = "the transcript tells of the prose and does not have it"
            why = ", ".join(hits) or told or f"silent: {', '.join(rules)}"
            yield Verdict(name, family, kind, bool(hits), why, is_unseen=bool(told))
        else:
            patterns = kinds["trap"].get(kind, ())
            said = [f for f in found if any(fnmatchcase(f.rule, p) for p in patterns)]
            said = [f for f in said if f.severity is not Severity.NOTE]
            said = [f for f in said if is_whole or f.outcome is Outcome.FAIL]
            why = "; ".join(f"{f.rule} {f.observation.subject}: {f.message()}" for f in said)
            yield Verdict(name, family, kind, not said, why, is_trap=True)


def table(found: Sequence[Verdict]) -> Iterator[str]:
    """Yield a table by family, then each miss with its reason, and what no form can show."""
    yield f"{'family':8}{'visible':>8}{'found':>8}{'unseen':>8}{'traps':>8}{'false':>8}"
    families = sorted({one.family for one in found})
    for family in (*families, "all"):
        own = [one for one in found if family in (one.family, "all")]
        errors = [one for one in own if not one.is_trap]
        seen = [one for one in errors if not one.is_unseen]
        traps = [one for one in own if one.is_trap]
        counts = (len(seen), sum(o.is_right for o in seen), len(errors) - len(seen))
        counts = (*counts, len(traps), sum(not o.is_right for o in traps))
        yield f"{family or '-':8}" + "".join(f"{count:8}" for count in counts)
    for one in found:
        if not one.is_right:
            mark = "false" if one.is_trap else "unseen" if one.is_unseen else "missed"
            yield f"{mark:7} {one.form} {one.family} {one.kind}: {one.why}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; with --show also what is found in each form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--forms", type=Path, required=True, help="folder of transcripts")
    parser.add_argument("--kind", default="html", help="kind of file that forms are set as")
    parser.add_argument("--layouts", nargs="*", default=["national", "operators"])
    parser.add_argument("--show", nargs="*", default=None, help="names of forms")
    options = parser.parse_args(arguments)
    made: list[Verdict] = []
    for path in sorted(options.forms.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        form = from_transcript(facts, path.stem)
        found = reviewed(form, layout_of(facts, options.layouts), options.kind)
        made += verdicts(path.stem, facts, found)
        if options.show is not None and (path.stem in options.show or not options.show):
            sys.stdout.write(f"== {path.stem}\n")
            for one in found:
                seen = one.observation
                said = f"{one.outcome} {one.severity} {one.rule} {put(seen.subject, 'en')}"
                sys.stdout.write(f"   {said}: {one.message('zh')}\n")
    sys.stdout.write("\n".join(table(made)) + "\n")
    return int(any(one.is_trap and not one.is_right for one in made))


if __name__ == "__main__":
    sys.exit(main())
