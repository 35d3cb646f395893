"""One workbook of a whole re-check (复核工作簿): its sheets, made of what a run comes to."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import count
from typing import Any

from auditkit.decisions.events import Decision
from auditkit.many.overview import KINDS, Line, ScoredRow, mean, total
from auditkit.many.whole import (
    Whole,
    called,
    degree,
    numbered,
    plain_number,
    provisions,
    reasons,
    recommended,
    said_of,
    unit_of,
)
from auditkit.numbers import read_value
from auditkit.schedules import provided, where_of
from auditkit.wording import LabelPath, Name, Term, put
from auditkit.workpapers.books import Link, Sheet, Shown
from auditkit.workpapers.formulas import Formula
from auditkit.workpapers.returned import DECIDED, HIDDEN, Choice, filled_in

_LAYOUT = files("auditkit") / "workpapers" / "whole.toml"
_POINTS, _SHARE = "0.00", "0.00%"


def sheets(whole: Whole) -> tuple[Sheet, ...]:
    """Return the workbook of a run, sheet by sheet."""
    scores, ranges = _scores(whole)
    return (
        _sheet(whole, "summary", _summary(whole, ranges)),
        _sheet(whole, "departments", _departments(whole)),
        _sheet(whole, "ledger", _ledger(whole)),
        _sheet(whole, "scores", scores, asked=(10, 11, 14)),
        _problems(whole),
        _sheet(whole, "between", _between(whole)),
        _sheet(whole, "wanted", _wanted(whole), asked=(5, 6)),
        _sheet(whole, "missing", _missing(whole)),
        _sheet(whole, "standards", _standards(whole)),
    )


@cache
def _layout() -> Mapping[str, Any]:
    return tomllib.loads(_LAYOUT.read_text(encoding="utf-8"))


def _sheet(
    whole: Whole, name: str, rows: Iterable[Sequence[Shown]], asked: Sequence[int] = (), **more: Any
) -> Sheet:
    plan = _layout()[name]
    heads = [key if key in HIDDEN else whole.say(key) for key in plan["columns"]]
    made = (whole.say(plan["title"]), heads, tuple(rows), plan["widths"])
    return Sheet(*made, printed=plan.get("printed", 0), asked=frozenset(asked), **more)


def _summary(whole: Whole, ranges: Mapping[int, tuple[int, int]]) -> Iterator[Sequence[Shown]]:
    for number, line in enumerate(whole.overview.lines, start=1):
        row, review, at = line.row, line.review, number + 1
        head = (number, row["department"] or "", called(line), row["year"] or "", line.own)
        if review is None or line.own is None or number not in ranges:
            yield (*head, None, None, None, reasons(line, whole), line.left)
            continue
        base = f"E{at}" if line.sum == line.own else plain_number(line.sum)
        part = f"'{whole.say('scores of all')}'!M{{}}:M{{}}".format(*ranges[number])
        off = line.own - review
        yield (
            *head,
            Formula(f"{base}-SUM({part})", review, _POINTS),
            Formula(f"E{at}-F{at}", off, _POINTS),
            Formula(f'IF(E{at}=0,"",G{at}/E{at})', off / line.own if line.own else "", _SHARE),
            reasons(line, whole),
            line.left,
        )


def _departments(whole: Whole) -> Iterator[Sequence[Shown]]:
    for name, lines in whole.overview.departments.items():
        yield _of_department(name, lines)
    yield _of_department(whole.say("total"), whole.overview.lines)


def _of_department(name: str, lines: Sequence[Line]) -> Sequence[Shown]:
    budget, outturn = total(a.budget for a in lines), total(a.outturn for a in lines)
    both = [a for a in lines if a.budget is not None and a.outturn is not None]
    spent, planned = total(a.outturn for a in both), total(a.budget for a in both)
    projects = len({line.row["project"] for line in lines if line.row["project"]})
    counts = [sum(line.counts[kind] for line in lines) for kind in KINDS]
    reviewed = [line.review for line in lines if line.review is not None]
    means = mean(line.own for line in lines), mean(reviewed), len(reviewed)
    return (name, len(lines), projects, budget, outturn, _share(spent, planned), *means, *counts)


def _share(part: Decimal | None, whole: Decimal | None) -> str:
    return "" if part is None or not whole else f"{100 * part / whole:.2f}%"


def _ledger(whole: Whole) -> Iterator[Sequence[Shown]]:
    for number, line in enumerate(whole.overview.lines, start=1):
        row, folder = line.row, whole.folders.get(line.row["file"], "")
        yield (
            number,
            Link(called(line), f"{folder}/workpaper.html") if folder else called(line),
            unit_of(line),
            row["year"] or "",
            line.budget,
            line.outturn,
            _share(line.outturn, line.budget),
            line.own,
            row["rating"] or "",
            *(line.counts[kind] for kind in KINDS),
            f"{line.decided}/{len(line.problems)}",
            row["unsure"],
            row["file"],
            "\n".join(line.files),
        )


def _scores(whole: Whole) -> tuple[list[Sequence[Shown]], dict[int, tuple[int, int]]]:
    """Return the rows of all forms, and from where to where those of each form stand."""
    rows, ranges = list[Sequence[Shown]](), dict[int, tuple[int, int]]()
    for number, line in enumerate(whole.overview.lines, start=1):
        first = len(rows) + 2
        messages = {problem["key"]: problem["message"] for problem in line.problems}
        scored = [some for some in line.scores if some.row["score"] is not None]
        for some, at in zip(scored, count(first), strict=False):
            rows.append(_scored_row(line, some, at, messages, whole))
        if scored:
            ranges[number] = (first, len(rows) + 1)
    return rows, ranges


def _scored_row(
    line: Line, some: ScoredRow, at: int, messages: Mapping[str, str], whole: Whole
) -> Sequence[Shown]:
    is_known = some.review is not None
    off: Decimal | str = some.deducted if is_known else ""
    share = off / some.own if isinstance(off, Decimal) and some.own else ""
    remark = "\n".join(messages[key] for key in some.keys if key in messages)
    return (
        called(line), *_labels(some, whole), some.own, "", some.review,
        Formula(f'IF(ISNUMBER(J{at})*ISNUMBER(L{at}),J{at}-L{at},"")', off, _POINTS),
        Formula(f'IF(ISNUMBER(M{at}),IF(J{at}=0,"",M{at}/J{at}),"")', share, _SHARE),
        remark,
    )  # fmt: skip


def _labels(some: ScoredRow, whole: Whole) -> Sequence[Shown]:
    """Return what a row is about, from its dimension to its actual value."""
    row = some.row
    if some.is_execution:
        rate = "" if row["execution_rate"] is None else f"{100 * row['execution_rate']:.2f}%"
        return (
            whole.say("execution of all"), "", row["label"] or "", "", "", "", row["points"], rate,
        )  # fmt: skip
    target = read_value(row["target"] or "")
    nature = target.comparator or ("" if target.value is not None else whole.say("qualitative"))
    levels = (row["dimension"] or "", row["category"] or "", row["name"] or "")
    about = (*levels, nature, row["target"] or "", target.unit or "")
    return (*about, row["points"], row["actual"] or "")


def _problems(whole: Whole) -> Sheet:
    rows, lang = list[Sequence[Shown]](), whole.lang
    for number, line, problem in numbered(whole.overview):
        about = json.loads(problem["about"])
        question = Decision("finding", problem["key"], state=problem["state"], **about)
        cells = filled_in(question, whole.overview.decided.get(problem["key"], ()), lang)
        decision, note, auditor, stands = (cells[name] for name in DECIDED)
        rows.append(
            (
                number, degree(problem, whole), called(line), unit_of(line),
                problem["message"], recommended(problem["rule"], whole), problem["cited"] or "",
                put(LabelPath(problem["subject"]), lang), decision, note, "", "", auditor, stands,
                f"{problem['rule']} {problem['title']}", problem["where_it_stands"] or "",
                problem["question"] or "", *(cells[name] for name in HIDDEN),
            )
        )  # fmt: skip
    choices = {8: [put(choice, lang) for choice in Choice]}
    asked = (8, 9, 10, 11, 12)
    return _sheet(whole, "problems", rows, asked, hidden=len(HIDDEN), choices=choices)


def _between(whole: Whole) -> Iterator[Sequence[Shown]]:
    for number, row in enumerate(whole.overview.between, start=1):
        subject = put(LabelPath(row["subject"]), whole.lang)
        title, basis = f"{row['rule']} {row['title']}", row["basis"].split("; ")
        cited = "\n".join(whole.law.citations([b for b in basis if b], (), whole.lang))
        advice = recommended(row["rule"], whole)
        yield number, degree(row, whole), title, subject, row["message"], advice, cited


def _wanted(whole: Whole) -> Iterator[Sequence[Shown]]:
    """Yield what each unit is asked, a question once a form however many rows it is asked of."""
    numbers = count(1)
    for line in whole.overview.lines:
        asked: dict[tuple[str, str], list[str]] = {}
        for problem in line.problems:
            about = asked.setdefault((problem["rule"], problem["question"] or ""), [])
            about.append(put(LabelPath(problem["subject"]), whole.lang))
        for (rule, question), subjects in asked.items():
            title = f"{rule} {said_of(rule, 'title', whole)}"
            said = "\n".join((question, *dict.fromkeys(subjects)))
            yield next(numbers), called(line), unit_of(line), title, said, "", ""


def _missing(whole: Whole) -> Iterator[Sequence[Shown]]:
    for row in whole.overview.failures:
        yield row["file"], row["error"] or row["reason"], row["advice"] or ""
    same = Term("holds the same")
    for copy, first in whole.copies:
        yield copy, f"{put(same, whole.lang)}: {first}", ""


def _standards(whole: Whole) -> Iterator[Sequence[Shown]]:
    for each in provisions(whole):
        cited = "\n".join(whole.law.citations((each.basis,), (each,), whole.lang))
        name = put(Name(each.name), whole.lang).replace("_", " ")
        where = put(where_of(each, whole.law), whole.lang)
        yield where, name, put(provided(each), whole.lang), each.start.isoformat(), cited
