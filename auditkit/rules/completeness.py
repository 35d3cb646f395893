"""CP: whether a form states what it must, and agrees on what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from auditkit.findings import PROSE, Observation, Outcome, Provisions, Severity, rule
from auditkit.report import (
    AMOUNTS,
    Entry,
    Indicator,
    is_blank,
    is_empty,
    number,
    numbers,
    value_of,
    words_of,
)
from auditkit.rules.answers import DUTY, answer, listed, present, unsure
from auditkit.rules.printed import asks_for_text
from auditkit.standards.vocabulary import speaks_of
from auditkit.wording import LabelPath, Series
from auditkit.worked import Worked, is_bonus

_COLUMNS = ("name", "target", "actual", "points", "score")
FORM = ("cn-mof-2020-10/form", DUTY)
_YEAR = re.compile(r"(?<!\d)(20[012]\d)(?:年|(?=[-—至~]20\d\d年))")


@rule("CP-01", Severity.WARNING, FORM, by_itself=True)
def required_cells_are_filled(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for blanks in the head, the funds, the goals, the indicators and the total.

    One answer for each block or column, so that an empty form is said to be empty once. Left
    out: columns that the form does not have, rows of detail (其中), rows whose points or score
    are printed once for several rows, rows that the form calls a bonus or a deduction (加分, 扣分),
    and rows of the template that nobody filled in. A prompt
    of the template that was left standing counts as a blank.

    Fails: eleven indicators, the actual value of two of them blank.
    Passes: every cell that the form has is filled; a dash or 无 is an answer.
    Open: nothing was read that could be blank.
    """
    report = worked.report
    groups = {
        "header": present(report.project, report.department, report.implementer),
        "budget": _budget(worked),
        "goals": present(report.goals.expected, report.goals.actual),
        "total": present(report.total_score),
    }
    asked = tuple(_asked(report.indicators))
    for column in _COLUMNS:
        cells = (getattr(row, column) for row, columns in asked if column in columns)
        groups[f"indicators/{column}"] = tuple(cell for cell in cells if cell is not None)
    for subject, entries in groups.items():
        blank = tuple(entry for entry in entries if is_blank(entry) or asks_for_text(entry))
        if blank:
            yield answer(
                False,
                subject,
                says=("blank", "more") if len(blank) > 3 else "blank",
                evidence=blank,
                reported=f"{len(blank)}/{len(entries)}",
                expected="0",
                names=Series(LabelPath(entry.path) for entry in blank[:3]),
                count=len(blank),
                all=len(entries),
                more=len(blank) - 3,
                lacks=(PROSE,) if subject == "goals" else (),
            )
        elif entries:
            yield answer(True, subject, says="filled", evidence=entries, all=len(entries))


def _budget(worked: Worked) -> tuple[Entry, ...]:
    """Return the cells that the total of the funds must fill in, as far as the form has them."""
    line = worked.report.total_line
    if line is None:
        return ()
    others = (row.line.outturn for row in worked.funds if row.line is not line)
    if numbers(others) and is_empty(line.outturn):
        return ()  # the total is missing and its parts are there: EX-09 says so
    budget = line.budget
    score = line.score if worked.execution.line is line else None
    rate = line.execution_rate if not is_empty(budget) or is_blank(budget) else None
    before = line.initial_budget if number(budget) else None
    return present(before, budget, line.outturn, rate, score)


def _asked(rows: tuple[Indicator, ...]) -> Iterator[tuple[Indicator, tuple[str, ...]]]:
    """Yield the rows with the columns that each of them may be asked for."""
    shared: tuple[str, str] | None = None
    for row, below in zip_longest(rows, rows[1:]):
        block = words_of(row.dimension), words_of(row.category)
        is_scored = bool(numbers((row.points, row.score)))
        shared = block if is_scored else shared
        # Rows of detail hold the values; points and score may be printed once for several rows.
        values = () if is_scored and _is_sub_row(below) else ("target", "actual")
        scores = () if not is_scored and shared == block else ("points", "score")
        if not _is_sub_row(row) and not is_bonus(row):
            yield row, ("name", *values, *scores)


def _is_sub_row(row: Indicator | None) -> bool:
    if row is None or number(row.points) is not None:
        return False
    return words_of(row.name).lstrip("★*#-—①②③.、 ").startswith("其中")


@rule("CP-02", Severity.ERROR, FORM, by_itself=True)
def years_agree(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Compare the year in the title with the year of the form; a later one of the project is noted.

    Fails: title 2021年度…自评表 above a year field of 2022.
    Passes: both are 2022, or the title has no year.
    Open: title or year is missing; or the project is named after an earlier year, and the form
    tells of nothing that was carried on from it.
    """
    report, year = worked.report, int(value_of(worked.report.year))
    for entry in present(report.title, report.project) if year else ():
        named, is_title = sorted(_YEAR.findall(words_of(entry))), entry is report.title
        if named:
            is_past = int(named[-1]) < year and not is_title
            last = int(named[-1]) if is_title else 9999
            is_right = int(named[0]) <= year <= last
            outcome = (
                _of_earlier(worked, named[-1])
                if is_past
                else Outcome.PASS
                if is_right
                else Outcome.FAIL
            )
            yield answer(
                outcome,
                entry.path,
                says=("earlier", "" if outcome is Outcome.PASS else "untold") if is_past else "",
                evidence=(entry, report.year),
                reported=", ".join(dict.fromkeys(named)),
                expected=str(year),
                severity=None if is_title else Severity.NOTE,
            )


def _of_earlier(worked: Worked, named: str) -> Outcome:
    """Pass a project of an earlier year where the form tells of it, or of money carried over."""
    report = worked.report
    lines = (line for line in report.budget_lines if line.name.startswith("carry_over"))
    money = (getattr(line, name) for line in lines for name in AMOUNTS)
    labels = [report.project, report.title, *(line.label for line in report.budget_lines)]
    texts = [words_of(entry) for entry in report.entries() if entry not in labels]
    is_told = any(named in text or speaks_of("carried_on", text) for text in texts)
    return Outcome.PASS if is_told or any(map(value_of, money)) else Outcome.REVIEW


@rule("CP-03", Severity.WARNING, FORM, by_itself=True)
def form_was_filled_in(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for forms whose actual values and scores are all blank, or hold the template's prompts.

    Fails: every actual value and score blank below a title 自评表.
    Passes: most cells are filled in.
    Open: the form has no such columns.
    """
    rows = worked.report.indicators
    cells = present(*(cell for row in rows for cell in (row.actual, row.score)))
    blank = [cell for cell in cells if is_blank(cell) or asks_for_text(cell)]
    is_plan = re.search("目标表|申报表|自评", words_of(worked.report.title))
    if cells and not (is_plan and is_plan[0] != "自评"):
        is_right, count = len(blank) < len(cells), f"{len(blank)}/{len(cells)}"
        yield answer(is_right, "form", evidence=blank or cells, reported=count)


@rule("CP-04", Severity.NOTE, FORM)
def names_name_what_they_should(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for heads with the wrong thing in a field: organisations, form titles, half a bracket.

    Fails: 项目名称 is the implementer's name, or ends in 自评表; a title of 2019年度).
    Passes: a project of its own name.
    Open: title and project are missing; a department-wide form is about the organisation.
    """
    report = worked.report
    organisations = {words_of(report.department), words_of(report.implementer)}
    name, title = words_of(report.project), words_of(report.title)
    if name and not speaks_of("department_wide", title):
        says = "organisation" if name in organisations else "form"
        is_right = name not in organisations and not speaks_of("form_words", name)
        evidence = (report.project,)
        yield answer(is_right, "project", wrong=says, evidence=evidence, reported=name)
    if title:
        is_whole = title.count("(") == title.count(")")
        evidence = (report.title,)
        yield answer(is_whole, "title", wrong="bracket", evidence=evidence, reported=title)


@rule("CP-05", Severity.NOTE, FORM)
def numbers_have_units(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for funds without a unit anywhere, and list indicators whose numbers have none.

    Fails: 7.29 and no 元 or 万元 on the form; 满意度 100, actual 100.
    Passes: 项目资金(万元), or 5.8万 in the cell; 满意度 ≥95%; 保育栏(套) 4.
    Open: no numbers are printed.
    """
    report = worked.report
    cells = numbers(getattr(line, name) for line in report.budget_lines for name in AMOUNTS)
    if cells:
        is_stated = bool(words_of(report.currency_unit)) or any(c.reading.unit for c in cells)
        yield answer(is_stated, "currency_unit", evidence=(report.currency_unit, *cells[:1]))
    rows = [row for row in report.indicators if number(row.target)]
    bare = [row for row in rows if not _has_unit(row)]
    names = unsure(row.name for row in bare)
    yield from listed("target", bare, rows, wrong="rows", beside=names)


def _has_unit(row: Indicator) -> bool:
    units = [entry.reading.unit for entry in numbers((row.target, row.actual))]
    return any(units) or speaks_of("unit_in_name", words_of(row.name))


@rule("CP-06", Severity.WARNING, FORM, by_itself=True)
def dates_lie_in_the_year(worked: Worked, _: Provisions) -> Iterator[Observation]:
    """Look for days in targets and actual values that are not of the form's year.

    A day after the one that was set is late, which other rules say; a project of several years,
    and one that is evaluated as a whole, may have others: a person has to look.

    Fails: never; a form of 2023 with 2021年12月31日 as target is for a person.
    Passes: 2023年12月31日.
    Open: the form states no year, or no days with theirs.
    """
    year = number(worked.report.year)
    for row in worked.report.indicators if year else ():
        days = [(e, e.reading.day) for e in (row.target, row.actual) if e and e.reading.day]
        if not days:
            continue
        other = [entry for entry, day in days if day.year != int(year or 0)]
        is_late = len(days) == len(other) + 1 == 2 and days[1][1] > days[0][1]
        if not is_late:
            yield answer(
                not other or Outcome.REVIEW,
                f"{row.path}/year",
                evidence=(*(other or [entry for entry, _ in days]), worked.report.year),
                reported=", ".join(words_of(entry) for entry in other),
                expected=f"{year}",
            )
