"""A folder of forms: one row a project, its figures side by side, what shows only across forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

from auditkit import schedules
from auditkit.findings import Outcome
from auditkit.many.comparison import Aspect, Pair, changes, compare
from auditkit.many.engagement import Engagement
from auditkit.many.inputs import root_of
from auditkit.many.results import asking, query
from auditkit.notebook import charts, verdicts
from auditkit.notebook.display import Shown
from auditkit.notebook.drawing import Drawing
from auditkit.reviewing import Terms, review
from auditkit.wording import Fact, Statement, Term, put, terms

PAIRS = 3  # projects whose forms are compared
MOST = 40  # changes that are listed
_RANKED = """
  with found as (
    select file, form, any_value(project) as project,
      count(*) filter (outcome = 'fail' and severity = 'error') as errors,
      count(*) filter (outcome = 'fail' and severity = 'warning') as warnings,
      count(*) filter (outcome = 'review') as looks
    from findings where suppressed = '' group by file, form)
  select coalesce(found.project, concat(found.file, ' #', found.form)) as project,
    count(*) as forms, sum(errors) as errors, sum(warnings) as warnings, sum(looks) as looks,
    string_agg(distinct total_score::decimal(9, 2)::varchar, '; '
      order by total_score::decimal(9, 2)::varchar) as scores,
    string_agg(concat(found.file, ' #', found.form), '; ' order by found.file, found.form) as files
  from found left join reports using (file, form) group by all
  order by errors desc, warnings desc, looks desc, project"""
_SCORES = """
  select file, form, project, total_score::decimal(9, 2) as number
  from reports where total_score is not null order by file, form"""
_RATES = """
  select file, form, project, (100 * outturn / adjusted_budget)::decimal(9, 2) as number
  from reports where adjusted_budget > 0 and outturn is not null order by file, form"""
_ACROSS = """
  select rule, title, outcome, message, count(*) as how_many
  from across where outcome in ('fail', 'review') group by all order by all"""
_ASKED = "select count(distinct rule) as rules from across where outcome <> 'open'"


_WORST = (verdicts.Counted.ERROR, verdicts.Counted.WARNING, verdicts.Counted.LOOK)


class Across(StrEnum):
    """What is said of forms that lie side by side."""

    BEGIN_WITH = "begin with"  # facts: project, counted
    ASKED = "asked"  # facts: asked, odd
    ALL_READ = "all read"
    ONE_FILE = "one file"  # facts: projects
    COMPARED = "compared"  # facts: projects, shown
    BETWEEN = "between"  # facts: project, before, after, changes
    SCORES = "scores"
    RATES = "rates"
    PERCENT = "percent"


def ranking(done: Engagement, lang: str) -> Shown:
    """List the projects, one row each, those with most errors first, below where to begin."""
    rows = query(done.out, _RANKED) if done.forms else []
    heads = terms(
        "project", "forms", "errors", "warnings", "to be looked at", "total score", "file"
    )
    first: list[Fact] = [*verdicts.of_engagement(done)]
    if rows:
        names = zip(_WORST, ("errors", "warnings", "looks"), strict=True)
        worst = verdicts.counted((kind, int(rows[0][name])) for kind, name in names)
        project = schedules.visible(rows[0]["project"])
        begin = Statement.of(Across.BEGIN_WITH, project=project, counted=worst)
        first += [begin] if worst else []
    cells = [
        tuple(schedules.visible(v) if isinstance(v, str) else v for v in row.values())
        for row in rows
    ]
    said = "\n".join(put(line, lang) for line in first)
    return Shown(heads, cells, lang, said) if rows else Shown((), (), lang, said)


def failures(done: Engagement, lang: str) -> Shown:
    """List the files that could not be read, with the reason, or say that there is none."""
    rows = [(schedules.visible(one.name), one.error, one.advice) for one in done.failed]
    if not rows:
        return Shown((), (), lang, put(Across.ALL_READ, lang))
    return Shown(terms("file", "why", "advice"), rows, lang)


def scores(done: Engagement, lang: str) -> Drawing | None:
    """Draw the printed total scores of all forms."""
    return charts.spread(_numbers(done, _SCORES), Across.SCORES, lang, Term("points of a bar"))


def rates(done: Engagement, lang: str) -> Drawing | None:
    """Draw the execution rates of all forms, worked out from budget and outturn."""
    return charts.spread(_numbers(done, _RATES), Across.RATES, lang, Across.PERCENT)


def _numbers(done: Engagement, sql: str) -> Mapping[str, Decimal]:
    """Return a figure of each form by its project, and where several share that by its file."""
    rows = query(done.out, sql) if done.forms else []
    known = Counter(row["project"] for row in rows)
    return {_named(row, is_alone=known[row["project"]] == 1): row["number"] for row in rows}


def _named(row: Mapping[str, Any], *, is_alone: bool) -> str:
    where = f"{Path(row['file']).name} #{row['form']}"
    name = charts.shortened(row["project"] or "")
    return name if is_alone and name else f"{name} {where}".strip()


def across(done: Engagement, lang: str) -> Shown:
    """List what shows only across forms, below how many questions were asked of all of them."""
    if not done.forms:
        return Shown((), (), lang)
    with asking(done.out) as ask:
        rows, asked = ask(_ACROSS), ask(_ASKED)[0]["rules"]
    odd = len({row["rule"] for row in rows})
    said = put(Statement.of(Across.ASKED, asked=asked, odd=odd), lang)
    heads = terms("rule", "about", "outcome", "what was found")
    cells = [
        (row["rule"], row["title"], schedules.OUTCOMES[Outcome(row["outcome"])],
         schedules.visible(row["message"]))
        for row in rows
    ]  # fmt: skip
    return Shown(heads if cells else (), cells, lang, said)


def changed(done: Engagement, folder: str | Path, asked: Terms) -> Shown:
    """Compare the forms of one project in two files, such as last year's and this year's."""
    several = _in_several_files(done)
    if not several:
        names = {form.project for form in done.forms if form.project}
        said = Statement.of(Across.ONE_FILE, projects=len(names))
        return Shown((), (), asked.lang, put(said, asked.lang))
    lines: list[Fact] = []
    found: list[Pair] = []
    root = Path(root_of([str(folder)]))
    for project, (before, after) in list(several.items())[:PAIRS]:
        one, other = (_forms_of(root / name, project, asked) for name in (before, after))
        pairs = [_without_words(pair) for pair in compare(one, other, asked)]
        count = sum(len(pair.changes) for pair in pairs)
        facts = {"project": schedules.visible(project), "before": before, "after": after}
        lines.append(Statement.of(Across.BETWEEN, **facts, changes=count))
        found += pairs
    said = Statement.of(Across.COMPARED, projects=len(several), shown=len(lines))
    words = "\n".join(put(line, asked.lang) for line in (said, *lines))
    heads, rows = changes(found)
    return Shown(heads, list(rows)[:MOST], asked.lang, words)


def _in_several_files(done: Engagement) -> dict[str, tuple[str, str]]:
    """Return the first and the last file of each project that has forms in several."""
    pairs = sorted((form.project, one.name) for one in done.files for form in one.forms)
    named = groupby(((p, n) for p, n in pairs if p), key=lambda pair: pair[0])
    files = {project: list(dict.fromkeys(name for _, name in some)) for project, some in named}
    return {project: (some[0], some[-1]) for project, some in files.items() if len(some) > 1}


def _forms_of(path: Path, project: str, asked: Terms) -> list[Any]:
    forms = review(path, asked)
    return [one for one in forms if one.report.project and one.report.project.text == project][:1]


def _without_words(pair: Pair) -> Pair:
    kept: Iterable[Any] = (change for change in pair.changes if change.part is not Aspect.WORDS)
    return Pair(pair.before, pair.after, tuple(kept))
