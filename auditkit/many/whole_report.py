"""The report on a whole re-check (自评复核报告) as a Word file, from a template of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from auditkit.many.overview import KINDS, Line, Row, gravity, mean, total
from auditkit.many.sampling import told_by
from auditkit.many.sizing import Way
from auditkit.many.whole import (
    Reason,
    Whole,
    called,
    degree,
    plain_number,
    reasons,
    recommended,
    unit_of,
)
from auditkit.rules import RULES
from auditkit.wording import Fact, LabelPath, Statement, put
from auditkit.workpapers.docx import TO_FILL_IN, filled_in

Values = dict[str, str]
_FEW_NAMES, _EXAMPLES = 3, 3
_COUNTS = ("errors", "warnings", "notes", "questions")  # as the words have ``KINDS``
_BOUNDS = tuple(map(Decimal, (0, 1, 5, 10)))  # points of deviation that part its classes


class Told(StrEnum):
    """What the report says of a re-check. The words stand in whole_words.toml."""

    SCOPE = "scope"  # facts: departments, years
    AND_OTHERS = "and others"  # facts: names, all
    BASICS = "basics"  # facts: departments, projects, forms, years, budget, outturn, rate
    METHOD = "method"  # facts: rules, between
    INPUTS = "inputs"  # facts: files, read, copies, failed, same
    RESULTS = "results"  # facts: own, known, forms, review, same, the counts, decided, all
    OF_A_RULE = "of a rule"  # facts: forms, places
    EXAMPLE = "example"  # facts: project, message
    NO_DRAW = "no draw"
    DRAW = "draw"  # facts: number, drawn, method, seed, digest, why
    LIMITS = "limits"  # facts: unsure, left, open
    NOTHING_BETWEEN = "nothing between"
    NONE_MISSING = "none missing"
    CLASS = "class"  # facts: low, high
    CLASS_ABOVE = "class above"  # facts: low
    CLASS_NOUGHT = "class nought"
    CLASS_UNKNOWN = "class unknown"


def report(whole: Whole, template: Path | None = None) -> bytes:
    """Return the report on a run; raises WorkpaperError where the template cannot be used."""
    source = template or Path(str(files("auditkit"))) / "workpapers" / f"report.{whole.lang}.docx"
    values = _values(whole)
    return filled_in(source, [(values, _groups(whole))], values)


def letters(whole: Whole) -> bytes:
    """Return a letter (询问函) for each form that asks something, each on a page of its own."""
    source = Path(str(files("auditkit"))) / "workpapers" / f"letter.{whole.lang}.docx"
    asking = [line for line in whole.overview.lines if line.problems]
    papers = [(_addressed(line), {"asked": list(_asked(line, whole.lang))}) for line in asking]
    return filled_in(source, papers, {"years": _years(whole)})


def _addressed(line: Line) -> Values:
    unit, year = unit_of(line) or TO_FILL_IN, line.row["year"] or TO_FILL_IN
    return {"unit": unit, "project": called(line), "year": str(year), "blank": TO_FILL_IN}


def _asked(line: Line, lang: str) -> Iterator[Values]:
    """Yield the questions of a form, each once with all that it is asked about."""
    found: dict[str, list[str]] = {}
    for problem in sorted(line.problems, key=gravity):
        about = put(LabelPath(problem["subject"]), lang)
        said = put(Statement.of(Told.EXAMPLE, project=about, message=problem["message"]), lang)
        found.setdefault(problem["question"] or "", []).append(said)
    for number, (question, messages) in enumerate(found.items(), start=1):
        told = "\n".join(dict.fromkeys(messages))
        yield _named("asked", number=number, found=told, question=question, answer=TO_FILL_IN)


def _years(whole: Whole) -> str:
    printed = {str(line.row["year"]) for line in whole.overview.lines if line.row["year"]}
    return put(tuple(sorted(printed)), whole.lang) or "-"


def _say(whole: Whole, kind: Told, **facts: Fact) -> str:
    return put(Statement.of(kind, **facts), whole.lang)


def _values(whole: Whole) -> Values:
    seen, lines = whole.overview, whole.overview.lines
    departments = _few([name for name in seen.departments if name], whole)
    years = _years(whole)
    return {
        "scope": _say(whole, Told.SCOPE, departments=departments, years=years),
        "years": years,
        "basics": _basics(whole, years),
        "method": _say(whole, Told.METHOD, rules=len(RULES), between=whole.between),
        "inputs": _inputs(whole),
        "results": _results(whole),
        "between": "" if seen.between else _say(whole, Told.NOTHING_BETWEEN),
        "missing": "" if seen.failures else _say(whole, Told.NONE_MISSING),
        "sampling": "\n".join(_draws(whole)) or _say(whole, Told.NO_DRAW),
        "limits": _say(
            whole,
            Told.LIMITS,
            unsure=sum(line.row["unsure"] > 0 for line in lines),
            left=sum(line.left for line in lines),
            open=sum(line.review is None for line in lines),
        ),
        "blank": TO_FILL_IN,
    }


def _basics(whole: Whole, years: str) -> str:
    lines = whole.overview.lines
    both = [a for a in lines if a.budget is not None and a.outturn is not None]
    spent, planned = total(a.outturn for a in both), total(a.budget for a in both)
    return _say(
        whole,
        Told.BASICS,
        departments=len(whole.overview.departments),
        projects=len({line.row["project"] for line in lines if line.row["project"]}),
        forms=len(lines),
        years=years,
        budget=_money(line.budget for line in lines),
        outturn=_money(line.outturn for line in lines),
        rate=f"{100 * spent / planned:.2f}%" if planned else "-",
    )


def _results(whole: Whole) -> str:
    lines, counts = whole.overview.lines, whole.overview.counts
    reviewed = [line for line in lines if line.review is not None]
    return _say(
        whole,
        Told.RESULTS,
        own=_mean(lines),
        same=_mean(reviewed),
        review=plain_number(mean(line.review for line in reviewed)) or "-",
        known=len(reviewed),
        forms=len(lines),
        **dict(zip(_COUNTS, (counts[kind] for kind in KINDS), strict=True)),
        decided=sum(line.decided for line in lines),
        all=sum(len(line.problems) for line in lines),
    )


def _few(names: Sequence[str], whole: Whole) -> str:
    said = put(tuple(names[:_FEW_NAMES]), whole.lang) or "-"
    if len(names) <= _FEW_NAMES:
        return said
    return _say(whole, Told.AND_OTHERS, names=said, all=len(names))


def _money(amounts: Iterable[Decimal | None]) -> str:
    return f"{total(amounts):,.2f}"


def _mean(lines: Iterable[Line]) -> str:
    return plain_number(mean(line.own for line in lines)) or "-"


def _inputs(whole: Whole) -> str:
    failed, copies = len(whole.overview.failures), len(whole.copies)
    same = sum(bool(line.files) for line in whole.overview.lines)
    facts = {"files": whole.files + copies, "read": whole.files - failed}
    return _say(whole, Told.INPUTS, **facts, copies=copies, failed=failed, same=same)


def _draws(whole: Whole) -> Iterator[str]:
    for number, record in enumerate(whole.draws, start=1):
        yield _say(
            whole,
            Told.DRAW,
            number=number,
            drawn=len(record["keys"]),
            method=Way(record["method"]),
            seed=record["seed"],
            digest=record["digest"][:12],
            why=put(told_by(record), whole.lang),
        )


def _groups(whole: Whole) -> dict[str, list[Values]]:
    seen = whole.overview
    return {
        "department": [_department(*each) for each in seen.departments.items()],
        "line": [_line(number, line, whole) for number, line in enumerate(seen.lines, start=1)],
        "class": list(_classes(whole)),
        "problem": list(_problems(whole)),
        "across": list(_across(whole)),
        "failure": [_failure(row) for row in seen.failures],
    }


def _named(group: str, **values: object) -> Values:
    return {
        f"{group}.{name}": "" if value is None else str(value) for name, value in values.items()
    }


def _department(name: str, lines: Sequence[Line]) -> Values:
    return _named(
        "department",
        name=name or "-",
        forms=len(lines),
        budget=_money(line.budget for line in lines),
        outturn=_money(line.outturn for line in lines),
        own=_mean(lines),
        errors=sum(line.counts[KINDS[0]] for line in lines),
        warnings=sum(line.counts[KINDS[1]] for line in lines),
    )


def _line(number: int, line: Line, whole: Whole) -> Values:
    off = None if line.review is None or line.own is None else line.own - line.review
    return _named(
        "line",
        number=number,
        project=called(line),
        unit=unit_of(line),
        own=plain_number(line.own) or "-",
        review=plain_number(line.review) or "-",
        off=plain_number(off) or "-",
        reasons=reasons(line, whole) or "-",
    )


def _classes(whole: Whole) -> Iterator[Values]:
    """Yield how many forms deviate by how much, in shares that add up to 100 %."""
    lines = whole.overview.lines
    off = [None if a.review is None or a.own is None else a.own - a.review for a in lines]
    known = [each for each in off if each is not None]
    names = [_say(whole, Told.CLASS_NOUGHT)]
    counts = [sum(each <= 0 for each in known)]
    for low, high in pairwise(_BOUNDS):
        names.append(_say(whole, Told.CLASS, low=low, high=high))
        counts.append(sum(low < each <= high for each in known))
    names += [_say(whole, Told.CLASS_ABOVE, low=_BOUNDS[-1]), _say(whole, Told.CLASS_UNKNOWN)]
    counts += [sum(each > _BOUNDS[-1] for each in known), off.count(None)]
    for name, number, share in zip(names, counts, shares(counts), strict=True):
        yield _named("class", name=name, forms=number, share=f"{share}%")


def shares(counts: Sequence[int]) -> list[Decimal]:
    """Return counts in percent at one place; what rounding leaves goes to the largest remainders.

    >>> [str(share) for share in shares([1, 1, 1])]
    ['33.4', '33.3', '33.3']
    """
    whole = sum(counts)
    if not whole:
        return [Decimal("0.0")] * len(counts)
    tenths = [1000 * count // whole for count in counts]
    by_rest = sorted(range(len(counts)), key=lambda at: (-(1000 * counts[at] % whole), at))
    for at in by_rest[: 1000 - sum(tenths)]:
        tenths[at] += 1
    return [Decimal(each) / 10 for each in tenths]


def _problems(whole: Whole) -> Iterator[Values]:
    for number, (rule, found) in enumerate(whole.overview.rules.items(), start=1):
        first = min((problem for _, problem in found), key=gravity)
        one_a_form = {id(line): (line, problem) for line, problem in reversed(found)}
        examples = [
            _say(whole, Told.EXAMPLE, project=called(line), message=problem["message"])
            for line, problem in list(one_a_form.values())[::-1]
        ]
        yield _named(
            "problem",
            number=number,
            rule=rule,
            title=first["title"],
            kind=degree(first, whole),
            spread=_say(whole, Told.OF_A_RULE, forms=len(one_a_form), places=len(found)),
            examples="\n".join(examples[:_EXAMPLES]),
            advice=recommended(rule, whole) or "-",
            basis=first["cited"] or "-",
            end=TO_FILL_IN,
        )


def _across(whole: Whole) -> Iterator[Values]:
    """Yield what shows only between reports, a rule at a time with its first examples."""
    by_rule: dict[str, list[Row]] = {}
    for row in whole.overview.between:
        by_rule.setdefault(row["rule"], []).append(row)
    for number, found in enumerate(by_rule.values(), start=1):
        first, more = found[0], len(found) - _EXAMPLES
        examples = [
            _say(
                whole,
                Told.EXAMPLE,
                project=put(LabelPath(row["subject"]), whole.lang),
                message=row["message"],
            )
            for row in found[:_EXAMPLES]
        ]
        if more > 0:
            examples.append(put(Statement.of(Reason.MORE, rows=more), whole.lang))
        yield _named(
            "across",
            number=number,
            kind=degree(first, whole),
            title=f"{first['rule']} {first['title']}",
            message="\n".join(examples),
        )


def _failure(row: Mapping[str, str]) -> Values:
    why = row["error"] or row["reason"]
    return _named("failure", file=row["file"], why=why, advice=row["advice"] or "-")
