"""CR: what shows only when many reports lie side by side; asked of the tables of a batch.

A batch is put to the same engine as one form, by rules that take ``Reports``: its tables answer SQL
(``auditkit.many.results``), and evidence is made of the cells that the tables keep. What is only
unusual, and may have a reason, is for a person to look at and never counts as failed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from auditkit.doubts import Doubt, DoubtKind
from auditkit.figures import shown
from auditkit.findings import (
    About,
    Finding,
    Observation,
    Outcome,
    Provisions,
    Rule,
    Severity,
    answers_of,
    rule,
)
from auditkit.grid import Box, Cell, Document, How, Place, SheetCell, Span, TableCell, plain
from auditkit.many.alike import alike
from auditkit.many.results import Ask
from auditkit.numbers import Reading, Status
from auditkit.report import Entry
from auditkit.rules.answers import DUTY, SHOWN, answer
from auditkit.standards import COUNTRY, load
from auditkit.standards.vocabulary import bare, is_called
from auditkit.stated import StatedFigure

_Row = dict[str, Any]
_OLDEST = r"""SELECT min(TRY_CAST(regexp_extract(CAST(year AS VARCHAR), '20\d\d') AS INTEGER))
AS first FROM reports"""
_Rows = Sequence[_Row]

ALL = ("cn-mof-2020-10/all-projects", DUTY)
TRUE = ("cn-mof-2020-10/truthful", DUTY)
OWN = (*TRUE, "re-check-practice/own-indicators")
ALIKE_PROJECTS = 3  # with one row from which it may be taken over from another form
FEW_FORMS, FEW_ROWS, FEW_AMOUNTS = 8, 50, 300  # fewer say nothing about how numbers spread
# The scores that ratings stand for, as most places have it (项目支出绩效评价: 优、良、中/合格、差).
RATINGS = {"excellent": (90, 100), "good": (80, 90), "fair": (60, 80), "poor": (0, 60)}
_PLACES = {"amount": 2, "average": 2}  # that accounts print
SPREAD, HIGH, MOSTLY = 1.0, 95, 0.9  # points; points; share of forms
LOW_RATE, JUMP = 0.6, 2  # share of the budget spent; times the year before
BENFORD_GAP, SIGMAS, ROUND = 0.015, 3.0, 0.5  # Nigrini's bound of nonconformity; share of tens


@dataclass(frozen=True, slots=True)
class Reports:
    """All forms of a batch as one subject of rules; ``expected`` are the projects it should have.

    ``ask`` answers SQL about their tables with rows by the names of columns.
    """

    ask: Ask
    expected: tuple[str, ...] = ()


def across(
    ask: Ask, expected: Iterable[str] = (), rules: Iterable[Rule] | None = None
) -> tuple[Finding, ...]:
    """Put rules, all of this module where none are given, to the tables of a batch."""
    law, about = load(), About(Document("", "all reports"))
    (years,) = ask(_OLDEST)
    oldest = date(int(years["first"]), 12, 31) if years["first"] else None
    reports, place = Reports(ask, tuple(expected)), law.jurisdiction(COUNTRY, oldest)
    return answers_of(ACROSS if rules is None else rules, reports, about, law, place)


def _rule(
    name: str, severity: Severity, basis: tuple[str, ...]
) -> Callable[[Callable[[_Rows, Reports], Iterator[Observation]]], Rule]:
    """Declare a rule about rows of tables, for which ``across.sql`` asks by the rule's id."""

    def declare(look: Callable[[_Rows, Reports], Iterator[Observation]]) -> Rule:
        def check(reports: Reports, _: Provisions) -> Iterator[Observation]:
            queries = (files("auditkit.many") / "across.sql").read_text(encoding="utf-8")
            _before, is_there, query = queries.partition(f"-- {name}\n")
            if not is_there:
                raise KeyError(f"across.sql has no query below a line '-- {name}'")
            return look(reports.ask(query.partition(";")[0]), reports)

        check.__doc__ = look.__doc__
        return rule(name, severity, basis)(check)

    return declare


def _entries(row: _Row, *columns: str) -> Iterator[Entry | None]:
    """Yield what the table keeps of the entries of a row, as words, with their cells."""
    held, document = json.loads(row["cells"]), Document(row["sha256"], row["file"])
    for column in columns:
        if (kept := held.get(column)) is None:
            yield None
            continue
        text = kept["text"]
        doubts = tuple(Doubt.of(DoubtKind.SAID_BEFORE, words=words) for words in kept["doubts"])
        cells = (Cell(document, _place(at), text, 0, 0, doubts=doubts) for at in kept["at"])
        name, words = f"{row['file']}/{row['form']}/{column}", Reading(text, Status.WORDS)
        yield Entry(name, words, tuple(cells), How(kept["how"]), doubts)


def _place(at: _Row) -> Place:
    if "page" in at:
        return Box(at["page"], *at["box"])
    if "sheet" in at:
        return SheetCell(at["sheet"], at["cell"])
    return Span(**at) if "line" in at else TableCell(**at)


def _seen(rows: Iterable[_Row], *columns: str) -> list[Entry | None]:
    return [entry for row in rows for entry in _entries(row, *columns)]


def _names(rows: Iterable[_Row], column: str = "project") -> str:
    texts = (row[column] for row in rows)
    names = list(dict.fromkeys(shown(t) if isinstance(t, Decimal) else str(t) for t in texts))
    return "; ".join(names[:SHOWN]) + (f" (+{len(names) - SHOWN})" if len(names) > SHOWN else "")


def _grouped(rows: Iterable[_Row], *columns: str) -> list[list[_Row]]:
    groups: dict[tuple[Any, ...], list[_Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return list(groups.values())


@_rule("CR-01", Severity.NOTE, TRUE)
def wording_is_the_projects_own(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Look for goals, achievements and causes in nearly the same words in several projects.

    Fails: never; texts of 20 and more characters that share four fifths of their pairs of
    characters are for a person to look at.
    Passes: no two projects share a text.
    Open: no texts of that length are there.
    """
    texts: dict[str, list[_Row]] = {}
    for row in found:
        texts.setdefault(plain(row["text"]), []).append(row)
    for group in alike(list(texts)):
        rows = [row for text in group for row in texts[text]]
        if len({plain(row["project"]) for row in rows}) > 1:
            seen = [entry for row in rows for entry in _entries(row, row["figure"])]
            yield answer(
                Outcome.REVIEW,
                f"wording/{group[0][:40]}",
                evidence=seen,
                reported=str(len({row["project"] for row in rows})),
                names=_names(rows),
                text=group[0],
            )
    if texts:
        yield answer(True, "wording", reported=str(len(texts)))


@_rule("CR-12", Severity.NOTE, OWN)
def people_are_the_projects_own(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Look for one row of benefit or satisfaction in projects whose names share no word with it.

    Fails: never; a row about 老年人 in three projects that are not about them is for a person.
    Passes: rows that only these projects have, or that fit any (服务对象满意度).
    Open: no row names what it is about.
    """
    rows = [row for row in found if not is_called("of_any_project", bare(plain(row["name"])))]
    for group in _grouped(rows, "name"):
        strange = [row for row in group if not _shares_a_word(row)]
        projects = {plain(row["project"]) for row in strange}
        if len(projects) >= ALIKE_PROJECTS:
            yield answer(
                Outcome.REVIEW,
                f"people/{plain(group[0]['name'])[:40]}",
                evidence=_seen(strange, "name"),
                reported=str(len(projects)),
                names=_names(strange),
                text=plain(group[0]["name"]),
            )
    if rows:
        yield answer(True, "people", reported=str(len(rows)))


def _shares_a_word(row: _Row) -> bool:
    """Tell whether two characters that follow each other stand in the row and in the project."""
    name, project = bare(plain(row["name"])), plain(row["project"])
    return any(name[at : at + 2] in project for at in range(len(name) - 1))


@_rule("CR-04", Severity.NOTE, TRUE)
def scores_tell_projects_apart(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Look for departments whose forms all have nearly the same, or nearly full, total scores.

    Fails: never; eight and more forms that spread by less than a point, or nine in ten of them
    from 95 points on, are for a person to look at.
    Passes: 70 to 100 points.
    Open: no department has eight forms with a total score.
    """
    for rows in _grouped(found, "department"):
        scores = [float(row["total_score"]) for row in rows]
        mean, high = sum(scores) / len(scores), sum(score >= HIGH for score in scores)
        spread = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
        is_right = spread >= SPREAD and high <= MOSTLY * len(scores)
        if len(rows) >= FEW_FORMS:
            yield answer(
                is_right or Outcome.REVIEW,
                f"scores/{rows[0]['department']}",
                evidence=_seen(rows, "total_score"),
                reported=f"{spread:.2f}",
                expected=str(SPREAD),
                arithmetic=f"{high}/{len(scores)} >= {HIGH}",
            )


@_rule("CR-05", Severity.WARNING, ALL)
def all_projects_are_evaluated(found: _Rows, batch: Reports) -> Iterator[Observation]:
    """Compare a list of projects with those that have a form.

    Fails: a project of the list without a form.
    Passes: each project of the list has a form.
    Open: no list was given.
    """
    has_form = {plain(row["project"]) for row in found}
    missing = [{"project": name} for name in batch.expected if plain(name) not in has_form]
    if batch.expected:
        yield answer(
            not missing,
            "projects",
            evidence=() if missing else _seen(found, "project"),
            reported=str(len(batch.expected) - len(missing)),
            expected=str(len(batch.expected)),
            names=_names(missing),
        )


@_rule("CR-06", Severity.NOTE, TRUE)
def figures_are_the_projects_own(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Look for the same budget and the same outturn, to four digits, in forms of several projects.

    Fails: never; 31905962.95 and 29907108.39 in forms of two projects are to be looked at.
    Passes: no two projects share both; 50 and 50 are no wonder.
    Open: no form has both.
    """
    told = [row for row in found if _digits(row["adjusted_budget"]) > 3 < _digits(row["outturn"])]
    for rows in _grouped(told, "adjusted_budget", "outturn", "currency_unit"):
        if len({plain(row["project"]) for row in rows}) > 1:
            said = "/".join(shown(rows[0][name]) for name in ("adjusted_budget", "outturn"))
            yield answer(
                Outcome.REVIEW,
                f"figures/{said}",
                evidence=_seen(rows, "adjusted_budget", "outturn"),
                reported=said,
                names=_names(rows),
            )
    if found:
        yield answer(True, "figures", reported=str(len(found)))


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


@_rule("CR-08", Severity.NOTE, TRUE)
def high_scores_have_the_money_spent(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Look for total scores from 95 on where less than three fifths of the money was spent.

    Fails: never; 40% spent and 98 points are to be looked at.
    Passes: 40% spent and 80 points.
    Open: no form has a budget, an outturn and a total score.
    """
    for row in found:
        rate = row["outturn"] / row["adjusted_budget"]
        is_right = rate >= LOW_RATE or row["total_score"] < HIGH
        yield answer(
            is_right or Outcome.REVIEW,
            f"{row['file']}/{row['form']}",
            evidence=_seen([row], "total_score", "outturn", "adjusted_budget"),
            reported=shown(row["total_score"]),
            expected=f"{rate:.1%}",
        )


@_rule("CR-09", Severity.NOTE, TRUE)
def full_marks_are_as_usual(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Compare the share of indicators with full marks in each department with that of the others.

    Fails: never; a share three standard errors above that of the others is to be looked at.
    Passes: 60% against 58%.
    Open: no two departments have fifty scored indicators each.
    """
    groups = [rows for rows in _grouped(found, "department") if len(rows) >= FEW_ROWS]
    full = [sum(row["score"] >= row["points"] for row in rows) for rows in groups]
    for rows, own in zip(groups, full, strict=True) if len(groups) > 1 else ():
        others = sum(map(len, groups)) - len(rows)
        share, usual = own / len(rows), (sum(full) - own) / others
        pooled = sum(full) / sum(map(len, groups))
        error = math.sqrt(pooled * (1 - pooled) * (1 / len(rows) + 1 / others))
        yield answer(
            share - usual <= SIGMAS * error or Outcome.REVIEW,
            f"full marks/{rows[0]['department']}",
            evidence=_seen(rows, "score", "points"),
            reported=f"{share:.1%}",
            expected=f"{usual:.1%}",
            arithmetic=f"{own}/{len(rows)}, +-{error:.1%}",
        )


@_rule("CR-10", Severity.NOTE, TRUE)
def actuals_look_measured(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Look at first digits of outturns, and at how many actual values are round.

    Fails: never; first digits that stray from Benford's shares by 0.015 on average, and more than
    half of the actual values of 100 and more in full tens, are to be looked at.
    Passes: shares as usual.
    Open: fewer than 300 outturns and fewer than 50 such values, from which nothing follows.
    """
    rows = [row for row in found if row["outturn"] is not None]
    if len(rows) >= FEW_AMOUNTS:
        first = Counter(int(f"{row['outturn']:e}"[0]) for row in rows)
        gaps = [abs(first[d] / len(rows) - math.log10(1 + 1 / d)) for d in range(1, 10)]
        gap = sum(gaps) / 9
        yield answer(
            gap <= BENFORD_GAP or Outcome.REVIEW,
            "outturn/first digits",
            evidence=_seen(rows, "outturn"),
            reported=f"{gap:.3f}",
            expected=str(BENFORD_GAP),
            arithmetic=", ".join(f"{d}: {first[d]}" for d in range(1, 10)),
        )
    rows = [row for row in found if row["outturn"] is None]
    if len(rows) >= FEW_ROWS:
        tens = [row for row in rows if row["actual_value"] % 10 == 0]
        yield answer(
            len(tens) <= ROUND * len(rows) or Outcome.REVIEW,
            "actual/tens",
            evidence=_seen(tens, "actual"),
            reported=f"{len(tens)}/{len(rows)}",
            expected=f"{ROUND:.0%}",
        )


@_rule("CR-11", Severity.NOTE, TRUE)
def budgets_change_in_step(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Compare the budget of a project with that of the year before.

    Fails: never; twice or half of the year before is to be looked at.
    Passes: 100 after 90.
    Open: no project has forms of two years that follow each other.
    """
    for row in found:
        before = {k.removeprefix("before_"): v for k, v in row.items() if k.startswith("before_")}
        ratio = row["adjusted_budget"] / before["adjusted_budget"]
        yield answer(
            1 / JUMP < ratio < JUMP or Outcome.REVIEW,
            f"{row['project']}/{row['year']}",
            evidence=_seen([row, before], "adjusted_budget"),
            reported=shown(row["adjusted_budget"]),
            expected=shown(before["adjusted_budget"]),
            arithmetic=f"{ratio:.2f}",
        )


@_rule("CR-13", Severity.WARNING, TRUE)
def statements_agree_within_themselves(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Add up what accounts state of self-evaluation: ratings, mean score, problems mended.

    Fails: 12 projects, of which 10 excellent and 1 good; a mean of 99.3 with a rating below 60.
    Passes: 12 projects, 11 excellent and 1 good, a mean of 96.5.
    Open: no file states anything of that kind; what was not understood is named.
    """
    for rows in _grouped(found, "file", "number"):
        for row in (row for row in rows if row["value"] is None):
            seen, subject = _entries(row, "text"), f"{_stating(row)}/{plain(row['text'])[:20]}"
            yield answer(Outcome.REVIEW, subject, says="unknown", evidence=seen, text=row["text"])
        told = {row["figure"]: row for row in rows if row["value"] is not None}
        rated = {name: told[name]["value"] for name in RATINGS if name in told}
        if number := sum(rated.values()):
            yield from _rated(told, rated, number)
        if "mended" in told and "problems" in told:
            mended, problems = told["mended"]["value"], told["problems"]["value"]
            yield _within(told["mended"], "mended", problems >= mended, shown(problems))


def _rated(told: dict[str, _Row], rated: dict[str, Decimal], of: Decimal) -> Iterator[Observation]:
    """Yield whether projects and mean score that are stated follow from the ratings."""
    if "projects" in told:
        how = " + ".join(map(shown, rated.values()))
        is_sum = of == told["projects"]["value"]
        yield _within(told["projects"], "ratings", is_sum, shown(of), how)
    if "average" in told:
        low, high = (
            sum(RATINGS[name][end] * count for name, count in rated.items()) / of for end in (0, 1)
        )
        is_allowed = low <= told["average"]["value"] <= high
        allowed = f"{shown(low, 2)}…{shown(high, 2)}"
        yield _within(told["average"], "average", is_allowed, allowed)


def _within(row: _Row, says: str, is_right: bool, due: str, how: str = "") -> Observation:
    return answer(
        is_right,
        f"{_stating(row)}/{row['figure']}",
        says=says,
        evidence=_entries(row, "text"),
        reported=shown(row["value"]),
        expected=due,
        arithmetic=how,
    )


def _stating(row: _Row) -> str:
    return f"stated/{row['file']}"


@_rule("CR-14", Severity.WARNING, TRUE)
def statements_tie_to_the_forms(found: _Rows, _: Reports) -> Iterator[Observation]:
    """Tie what accounts state of self-evaluation to the forms of the file, or of its department.

    The forms of the file count, and where they are fewer than stated those of the department and
    year in the folder. Where these are fewer still, that is asked, and nothing else is tied.

    Fails: a mean of 99.33 stated, 97.5 on the forms; 2 projects stated, 3 forms attached.
    Passes: 3 projects of 300.4万元 stated, and such forms attached.
    Open: no file states anything of that kind.
    """
    for rows in _grouped(found, "file", "number"):
        told = {row["figure"]: row for row in rows}
        count = told["projects"]["value"] if "projects" in told else None
        scopes = sorted(_grouped(rows, "scope"), key=lambda some: some[0]["forms"])
        enough = [some for some in scopes if count is None or some[0]["forms"] >= count]
        chosen = (enough or scopes[-1:])[0]
        for row in chosen:
            yield from _tied(row, count)


def _tied(row: _Row, count: Decimal | None) -> Iterator[Observation]:
    """Yield how one figure that is stated stands to the same of the forms."""
    figure, forms = row["figure"], row["forms"]
    is_whole = count is None or forms >= count
    due = {"projects": Decimal(forms), "amount": row["amount"], "average": row["average"]}
    due |= {name: Decimal(row[name]) for name in RATINGS}
    lacks = {"amount": forms - row["amounts"]}.get(figure, forms - row["scores"])
    if figure not in due or (figure != "projects" and (not is_whole or lacks)):
        return
    value, places = Decimal(due[figure]), _PLACES.get(figure, 0)
    is_tied = abs(value - row["value"]) <= Decimal(1).scaleb(-places) * Decimal("0.5")
    yield answer(
        is_tied or (Outcome.FAIL if is_whole else Outcome.REVIEW),
        f"{_stating(row)}/{figure}",
        says="tied" if is_whole else "fewer",
        evidence=_seen([row], "text"),
        reported=shown(row["value"]),
        expected=shown(value, places),
        forms=str(forms),
        name=StatedFigure(figure),
    )


ACROSS = tuple(item for item in vars().values() if isinstance(item, Rule))
