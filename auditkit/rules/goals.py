"""GO: whether goals say what is to be done this year, and what was achieved says what was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from auditkit.figures import HUNDRED, shown
from auditkit.findings import Observation, Outcome, Provisions, Severity, rule
from auditkit.numbers import base_unit, read_value
from auditkit.report import AMOUNTS, Entry, Report, is_empty, number, numbers, value_of, words_of
from auditkit.rules.answers import DUTY, answer, present
from auditkit.rules.printed import asks_for_text
from auditkit.standards.vocabulary import named, speaks_of, sums_in
from auditkit.worked import IndicatorRow, Worked

GOALS = ("cn-mof-2020-10/self-evaluation", DUTY)
MEANT = ("cn-budget-law-rules-2020/evaluation", "cn-budget-law/targets")
_ALIKE = Decimal("0.9")  # share of pairs of characters from which two texts are nearly the same
_SHORT = 6  # characters below which a goal says nothing
_HARMLESS = re.compile(r"\([^)]*\)|(数量|人数|次数|数)$")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_COUNTED = ("count", "length", "area", "volume")  # kinds of units that a text counts in
_TENSE = re.compile(r"\W|_|已经?|将|了|完成|全部|全面|年初")
_YEAR = re.compile(r"(?<![\d第〔\[(])(20[012]\d)(?:年|(?=[-—至~]20\d\d年))")


def _goals(report: Report) -> tuple[Entry, ...]:
    goals = present(report.goals.expected, report.goals.actual)
    return tuple(goal for goal in goals if not is_empty(goal) and not asks_for_text(goal))


@rule("GO-01", Severity.WARNING, GOALS, by_itself=True)
def achievement_is_no_copy(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare what was achieved with what was expected, leaving out signs and words of tense.

    Fails: both cells 落实39户奖补政策,增加脱贫户收入; nearly the same is noted.
    Passes: 为39户发放奖补9.48万元,户均增收2900元.
    Open: one of the two is blank or not on the form.
    """
    if len(goals := _goals(worked.report)) == 2:
        texts = [_TENSE.sub("", words_of(goal)) for goal in goals]
        pairs = [{text[at : at + 2] for at in range(len(text) - 1)} for text in texts]
        share = Decimal(len(pairs[0] & pairs[1])) / (len(pairs[0] | pairs[1]) or 1)
        figures = [re.findall(r"\d+(?:\.\d+)?", goal.text) for goal in goals]
        is_same, is_near = texts[0] == texts[1], share >= _ALIKE and figures[0] == figures[1]
        yield answer(
            not (is_same or is_near),
            "goals/actual",
            evidence=goals,
            reported=f"{shown(share * 100, 0)}%",
            severity=None if is_same else Severity.NOTE,
        )


@rule("GO-02", Severity.WARNING, GOALS)
def goals_are_of_this_year(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for goals that name other years and never the form's own; a year beside it is noted.

    Fails: a form of 2023 whose goal begins 2020年计划.
    Passes: the goal names 2023, no year, a period with 2023 in it, or a year to compare with.
    Open: the form states no year, or there is no goal.
    """
    year = number(worked.report.year)
    for goal in _goals(worked.report) if year else ():
        text, own = words_of(goal), int(year or 0)
        years = sorted(int(m[1]) for m in _YEAR.finditer(text) if not _is_history(text, m))
        is_near = any(abs(named - own) <= 1 for named in years)
        yield answer(
            not years or years[0] <= own <= years[-1],
            goal.path,
            evidence=(goal, worked.report.year),
            reported=", ".join(map(str, years)),
            expected=str(own),
            severity=Severity.NOTE if is_near else None,
        )


def _is_history(text: str, found: re.Match[str]) -> bool:
    before, behind = text[max(0, found.start() - 4) : found.start()], text[found.end() :][:6]
    return speaks_of("history", f"{before}#{behind}")


@rule("GO-03", Severity.WARNING, GOALS)
def goals_agree_with_figures(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare figures that the text of the achievement states by name with those of the form.

    An execution rate, the whole sum, an indicator's name with number and unit right behind it, or a
    count in a unit by which, and by its words, one indicator is meant.

    Fails: the text says 满意度达到98%, the indicator's actual value is 92%.
    Passes: both say 92%, or the text gives the target.
    Open: a sum or a count differs, which may be part of another; no figure is named.
    """
    yield from _counts(worked)
    goal = worked.report.goals.actual
    if goal is None:
        return
    text, rate = words_of(goal), worked.execution.rate
    if rate and (said := _behind("(?:预算|资金)(?:执行|支付)率", "%", text)):
        value = rate.value * HUNDRED
        yield answer(
            any(abs(Decimal(stated) - value) <= _unit(stated) for stated in said),
            "goals/actual",
            evidence=(goal, *rate.inputs),
            reported=f"{said[0]}%",
            expected=f"{shown(value, 2)}%",
        )
    yield from _sums(worked, goal)
    for row in worked.indicators:
        yield from _of_row(row, goal)


def _sums(worked: Worked, goal: Entry) -> Iterator[Observation]:
    """Compare what the text calls the whole sum with the amounts of the funds."""
    lines, total = worked.report.budget_lines, worked.report.total_line
    funds = worked.in_yuan(getattr(line, name) for line in lines for name in AMOUNTS)
    for stated in sums_in(words_of(goal)) if funds else ():
        spans = worked.in_yuan((replace(goal, reading=read_value(stated)),))
        is_same = any(span.meets(fund) for span in spans for fund in funds)
        spent = total.outturn if total else None
        yield answer(
            is_same or Outcome.REVIEW,
            "goals/actual/sum",
            evidence=(goal, spent),
            reported=stated,
            expected=words_of(spent),
        )


def _counts(worked: Worked) -> Iterator[Observation]:
    """Compare counts and measures in the goals with the one indicator that they are of.

    The clause speaks of what the indicator is about, by two characters of its name; where several
    indicators or clauses have the unit, by more of them than of any other. A count that differs
    from target and actual value may be of a part, and is for a person to look at.
    """
    by_unit: dict[str, list[IndicatorRow]] = {}
    for row in worked.indicators:
        cells = numbers((row.indicator.actual, row.indicator.target))
        unit = next((cell.reading.unit for cell in cells if cell.reading.unit), "")
        if named("units", base_unit(unit)[1]) in _COUNTED:
            by_unit.setdefault(unit, []).append(row)
    for goal in _goals(worked.report):
        clauses = re.split("[,。;、:]", _THOUSANDS.sub("", words_of(goal)))
        for unit, rows in by_unit.items():
            for row, clause, stated in _meant(rows, clauses, unit):
                yield from _count(row, goal, unit, clause, stated)


def _meant(
    rows: list[IndicatorRow], clauses: list[str], unit: str
) -> Iterator[tuple[IndicatorRow, str, str]]:
    """Yield each indicator that one clause is about, with the clause and its count."""
    found = ((one, _count_in(one, unit)) for one in clauses)
    said = [(one, stated) for one, stated in found if stated]
    least = 1 if len(rows) == len(said) == 1 else 2
    meant: dict[int, list[tuple[IndicatorRow, str, str]]] = {}
    for clause, stated in said:
        shared = [_shared(row.name, clause) for row in rows]
        best = max(shared)
        if best >= least and shared.count(best) == 1:
            row = rows[shared.index(best)]
            meant.setdefault(id(row), []).append((row, clause, stated))
    for told in meant.values():
        if len(told) == 1:
            yield told[0]


def _count_in(clause: str, unit: str) -> str:
    found = re.search(rf"(?<![\d.第])(\d+(?:\.\d+)?){re.escape(unit)}", clause)
    return found[1] if found else ""


def _shared(name: str, clause: str) -> int:
    """Return how many pairs of characters of a name stand in a clause."""
    return sum(name[at : at + 2] in clause for at in range(len(name) - 1))


def _count(
    row: IndicatorRow, goal: Entry, unit: str, clause: str, stated: str
) -> Iterator[Observation]:
    cells = numbers((row.indicator.actual, row.indicator.target))
    if goal.path == "goals/actual" and speaks_of("achieved", clause) and len(cells) > 1:
        cells = cells[:1]  # what was meant to be done is no excuse for what is said to be done
    is_named = _HARMLESS.sub("", row.name) in clause  # what stands right behind it is compared so
    if not is_named and not speaks_of("open_ended", clause):
        is_same = any(abs(Decimal(stated) - value_of(cell)) < _unit(stated) for cell in cells)
        yield answer(
            is_same or Outcome.REVIEW,
            f"{goal.path}/{row.indicator.path}",
            evidence=(goal, *cells),
            reported=stated + unit,
            expected=words_of(cells[0]),
        )


def _of_row(row: IndicatorRow, goal: Entry) -> Iterator[Observation]:
    """Compare the number that the text has behind an indicator's name with its value."""
    text, core = words_of(goal), _HARMLESS.sub("", row.name)
    if len(core) < 3 or core not in text or number(row.indicator.actual) is None:
        return
    cells = numbers((row.indicator.actual, row.indicator.target))
    unit = next((cell.reading.unit for cell in cells if cell.reading.unit), "")
    if unit and (said := _behind(re.escape(core), unit, text)):
        pairs = [(stated, value_of(cell)) for stated in said for cell in cells]
        is_same = any(abs(Decimal(stated) - value) < _unit(stated) for stated, value in pairs)
        yield answer(
            is_same or (Outcome.FAIL if unit == "%" else Outcome.REVIEW),
            f"goals/actual/{row.indicator.path}",
            evidence=(goal, *cells),
            reported=said[0] + unit,
            expected=words_of(cells[0]),
        )


def _behind(name: str, unit: str, text: str) -> list[str]:
    """Return the numbers with a unit that stand right behind a name, and are no bounds."""
    end = re.escape(unit) + ("" if unit == "%" else r"(?![\w/])") + "(?!以上|以内|左右)"
    gap = r"[^,。;、%\d超不≥>约近大多]{0,6}?"
    return re.findall(rf"{name}{gap}(\d{{1,9}}(?:\.\d+)?){end}", text)


def _unit(stated: str) -> Decimal:
    return Decimal(1).scaleb(-len(stated.partition(".")[2]))


@rule("GO-04", Severity.WARNING, (*GOALS, *MEANT))
def goals_say_what_is_to_be_done(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for goals that are a number, the name of the project, or a few characters.

    Fails: goal 43.2; goal and project 自然资源卫片执法补助经费.
    Passes: a sentence about what is to be done.
    Open: the form has no goal or leaves it blank.
    """
    project = words_of(worked.report.project)
    for goal in _goals(worked.report):
        text = words_of(goal).rstrip("。.")
        is_number, is_name = re.fullmatch(r"[\d.,%万亿元]+", text), text in project
        is_short = len(text) < _SHORT and goal is worked.report.goals.expected
        yield answer(
            not (is_number or is_name or is_short),
            goal.path,
            wrong="number" if is_number else "name" if is_name else "short",
            evidence=(goal,),
            reported=text,
        )
