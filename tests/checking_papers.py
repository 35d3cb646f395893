"""Hold workbook and report of a whole re-check against its tables, by questions in SQL alone."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from auditkit.files import digest_of
from auditkit.many.kept import KEPT
from auditkit.many.results import query

# One row a form, however many files hold it: the first of them.
OWN = """WITH own AS (SELECT * FROM reports QUALIFY row_number() OVER (
  PARTITION BY coalesce(nullif(identity, ''), file || '#' || form) ORDER BY file, form) = 1),
asked AS (SELECT f.* FROM findings f JOIN own USING (file, form)
  WHERE f.outcome IN ('fail', 'review') AND f.suppressed = ''),
scored AS (SELECT file, form, points, score, review_score FROM funding WHERE score IS NOT NULL
  UNION ALL SELECT file, form, points, score, review_score FROM indicators
  WHERE score IS NOT NULL)
"""
KINDS = {"错误": "error", "警告": "warning", "提示": "note", "待核": "待核"}
DECIDED = 20  # findings that are decided between two runs
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(slots=True)
class Checked:
    """What was compared, and where paper and table differ."""

    compared: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether something was compared, and nothing differs."""
        return self.compared > 0 and not self.wrong

    def same(self, what: str, paper: object, table: object) -> None:
        """Compare one figure of a paper with what the tables say."""
        self.compared += 1
        if _plain(paper) != _plain(table):
            self.wrong.append(f"{what}: {paper!r} on paper, {table!r} in the tables")

    def __str__(self) -> str:
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        said = f"{self.compared} figures compared, {len(self.wrong)} differ; {times}\n"
        return said + "".join(f"  {line}\n" for line in self.wrong[:20])


def _plain(value: object) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{round(Decimal(str(value)), 4):f}".rstrip("0").rstrip(".") or "0"
    return "" if value is None else str(value)


def compared(out: Path) -> Checked:
    """Compare all figures of ``recheck.xlsx`` and ``recheck.docx`` with the tables of a run."""
    found, ask = Checked(), partial(_asked, out)
    book = _sheets(out / "recheck.xlsx")
    _check_summary(found, book, ask)
    _check_departments(found, book, ask)
    _check_scores(found, book, ask)
    _check_problems(found, book, ask)
    _check_report(found, out / "recheck.docx", ask)
    return found


def _asked(out: Path, sql: str) -> list[dict[str, Any]]:
    return query(out, OWN + sql)


def _sheets(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each sheet by their heads, with what formulas come to."""
    from openpyxl import load_workbook

    found = {}
    for sheet in load_workbook(path, data_only=True).worksheets:
        heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        found[sheet.title] = [dict(zip(heads, row, strict=True)) for row in rows]
    return found


_REVIEWED = """SELECT project, year, total_score AS own,
  total_score - coalesce((SELECT sum(score - review_score) FROM scored s
    WHERE s.file = own.file AND s.form = own.form), 0) AS review,
  (SELECT max(TRY_CAST(expected AS DECIMAL(34, 8))) FROM asked a WHERE a.file = own.file
    AND a.form = own.form AND rule = 'TT-01' AND outcome = 'fail') AS sum
FROM own"""


def _check_summary(found: Checked, book: dict[str, Any], ask: Any) -> None:
    rows = book["汇总"]
    table = {(r["project"], r["year"]): r for r in ask(_REVIEWED)}
    found.same("forms", len(rows), len(table))
    for row in rows:
        known = table[row["项目名称"], row["年度"]]
        found.same(f"{row['项目名称']} own", row["自评得分"], known["own"])
        if known["own"] is None or (known["sum"] or 0) > known["own"]:
            found.same(f"{row['项目名称']} review", row["复核得分"], None)
            continue
        review = known["review"] - (known["own"] - known["sum"] if known["sum"] else 0)
        found.same(f"{row['项目名称']} review", row["复核得分"], review)
        found.same(f"{row['项目名称']} off", row["偏差"], known["own"] - review)


def _check_departments(found: Checked, book: dict[str, Any], ask: Any) -> None:
    *rows, whole = book["部门"]
    table = ask("""SELECT coalesce(department, implementer, '') AS name, count(*) AS forms,
      sum(coalesce(adjusted_budget, initial_budget)) AS budget, sum(outturn) AS outturn,
      round(avg(total_score), 2) AS own FROM own GROUP BY ALL""")
    counts = Counter[tuple[str, str]]()
    for row in ask("""SELECT coalesce(department, implementer, '') AS name,
      CASE WHEN outcome = 'review' THEN '待核' ELSE CAST(severity AS VARCHAR) END AS kind,
      count(*) AS n FROM asked JOIN own USING (file, form) GROUP BY ALL"""):
        counts[row["name"], row["kind"]] = row["n"]
    known = {row["name"]: row for row in table}
    found.same("departments", len(rows), len(known))
    for row in rows:
        name = row["主管部门"] or ""
        found.same(f"{name} forms", row["自评表数"], known[name]["forms"])
        found.same(f"{name} budget", row["全年预算数(万元)"], known[name]["budget"] or 0)
        found.same(f"{name} outturn", row["全年执行数(万元)"], known[name]["outturn"] or 0)
        found.same(f"{name} own", row["平均自评得分"], known[name]["own"])
        for head, kind in (
            ("错误", "error"),
            ("警告", "warning"),
            ("提示", "note"),
            ("待核", "待核"),
        ):
            found.same(f"{name} {head}", row[head], counts[name, kind])
    for head in (
        "自评表数",
        "全年预算数(万元)",
        "全年执行数(万元)",
        "错误",
        "警告",
        "提示",
        "待核",
    ):
        found.same(f"all {head}", whole[head], sum(Decimal(str(row[head] or 0)) for row in rows))


def _check_scores(found: Checked, book: dict[str, Any], ask: Any) -> None:
    rows = book["评分"]
    (table,) = ask("""SELECT count(*) AS n, sum(points) AS points, sum(score) AS own,
      sum(review_score) AS review, count(review_score) AS told,
      sum(score - review_score) AS off FROM scored JOIN own USING (file, form)""")
    found.same("scored rows", len(rows), table["n"])
    found.same("rows with a review score", sum(_is(r["复核得分"]) for r in rows), table["told"])
    heads = {"权重(分值)": "points", "自评得分": "own", "复核得分": "review", "核减分": "off"}
    for head, name in heads.items():
        total = sum(Decimal(str(row[head])) for row in rows if _is(row[head]))
        found.same(f"sum of {head}", total, table[name])


def _is(value: object) -> bool:
    return isinstance(value, int | float)


def _check_problems(found: Checked, book: dict[str, Any], ask: Any) -> None:
    rows = book["问题与整改"]
    table = {row["key"]: row for row in ask("SELECT key, message, project FROM asked")}
    found.same("problems", len(rows), len(table))
    for row in rows:
        found.same("message", row["发现的情况"], table[row["auditkit key"]]["message"])
        found.same("project", row["项目名称"], table[row["auditkit key"]]["project"])
    (failed,) = ask("SELECT count(*) AS n FROM failures")
    found.same("failures", sum("内容相同" not in r["原因"] for r in book["未纳入"]), failed["n"])
    (between,) = ask("SELECT count(*) AS n FROM across WHERE outcome IN ('fail', 'review')")
    found.same("between reports", len(book["表间问题"]), between["n"])


def _check_report(found: Checked, path: Path, ask: Any) -> None:
    from docx import Document

    report = Document(str(path))
    said = {key: _figures(report, key) for key in ("本次复核涉及", "自评平均得分", "共收到文件")}
    (basics,) = ask("""SELECT count(DISTINCT coalesce(department, implementer, '')) AS departments,
      count(DISTINCT project) AS projects, count(*) AS forms, round(avg(total_score), 2) AS own,
      sum(coalesce(adjusted_budget, initial_budget)) AS budget, sum(outturn) AS outturn FROM own""")
    whole = said["本次复核涉及"]
    for at, name in enumerate(("departments", "projects", "forms")):
        found.same(f"report, {name}", whole[at], basics[name])
    found.same("report, budget", whole[-3], basics["budget"])
    found.same("report, outturn", whole[-2], basics["outturn"])
    found.same("report, own score", said["自评平均得分"][0], basics["own"])
    counts = {
        row["kind"]: row["n"]
        for row in ask("""SELECT CASE WHEN outcome = 'review'
      THEN 'review' ELSE CAST(severity AS VARCHAR) END AS kind, count(*) AS n FROM asked
      GROUP BY ALL""")
    }
    for at, kind in enumerate(("error", "warning", "note", "review"), start=5):
        found.same(f"report, {kind}", said["自评平均得分"][at], counts.get(kind, 0))
    (failed,) = ask("SELECT count(*) AS n FROM failures")
    found.same("report, failures", said["共收到文件"][3], failed["n"])
    by_rule = dict(_rules(report))
    for row in ask("""SELECT rule, count(*) AS places,
      count(DISTINCT file || '#' || form) AS forms FROM asked GROUP BY ALL"""):
        found.same(
            f"report, {row['rule']}", by_rule.get(row["rule"]), (row["forms"], row["places"])
        )
    found.same("report, shares", sum(_shares(report)), 100)


def _figures(report: Any, begins: str) -> list[Decimal]:
    text = next(p.text for p in report.paragraphs if p.text.startswith(begins))
    return [Decimal(found.replace(",", "")) for found in _NUMBER.findall(text)]


def _rules(report: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    for table in report.tables:
        head = re.match(r"\d+  ([A-Z]{2}-\d\d) ", table.rows[0].cells[0].text)
        if head:
            forms, places = map(int, _NUMBER.findall(table.rows[1].cells[1].text))
            yield head[1], (forms, places)


def _shares(report: Any) -> Iterator[Decimal]:
    for table in report.tables:
        if table.rows[0].cells[-1].text == "占比":
            yield from (Decimal(row.cells[-1].text.rstrip("%")) for row in table.rows[1:])


def checked(forms: Path, out: Path, folder: Any) -> Checked:
    """Review a folder from its forms to its papers twice, and compare them with the tables."""
    from auditkit.many.engagement import engagement
    from auditkit.reviewing import Terms

    terms, seconds = Terms(lang="zh", log=str(out.parent / "log.sqlite")), dict[str, float]()
    began = time.perf_counter()
    made = engagement(forms, out, terms)
    seconds["reviewed"] = time.perf_counter() - began
    before = _digests(out, "**/*")
    began = time.perf_counter()
    again = engagement(forms, out, terms)
    seconds["again"] = time.perf_counter() - began
    found = compared(out)
    found.seconds = seconds
    found.same("files reviewed again", again.new, 0)
    after = _digests(out, "**/*")
    other = sorted(name for name in before | after if before.get(name) != after.get(name))
    found.same("papers and tables that the second run changed", other, [])
    failed = sorted(done.name for done in made.failed)
    found.same("files that failed", failed, sorted(folder.broken))
    known = {(form.project, form.year) for form in folder.forms.values()}
    found.same("forms", len({form.identity for form in made.forms}), len(known))
    _check_changes(found, forms, out, terms, folder)
    return found


def _check_changes(found: Checked, forms: Path, out: Path, terms: Any, folder: Any) -> None:
    """Decide findings in the workbook, correct one form, and see that nothing else changes."""
    from auditkit.decisions.log import Log
    from auditkit.many.engagement import engagement

    before, rows = _digests(out), _rows_by_project(out)
    decided, touched = _decide(out / "recheck.xlsx")
    name = next(name for name in folder.forms if name.endswith(".html"))
    form, path = folder.forms[name], forms / name
    path.write_bytes(path.read_bytes().replace(b">86%<", b">87%<"))
    touched.add(form.project)
    began = time.perf_counter()
    made = engagement(forms, out, terms)
    found.seconds["with decisions and a corrected form"] = time.perf_counter() - began
    events = Log(terms.log).decisions()
    found.same("decisions in the log", len(events), decided)
    (corrected,) = (one for one in made.files if one.name == name)
    changed = {event.form for event in events} | {form.identity for form in corrected.forms}
    holders = sorted(d.name for d in made.files if changed & {form.identity for form in d.forms})
    renewed = sorted(done.name for done in made.files if done.is_new)
    found.same("files reviewed after the change", renewed, holders)
    found.same("a problem with the papers", made.problem, None)
    whose = {done.folder: {form.project for form in done.forms} for done in made.files}
    for place, digest in _digests(out).items():
        projects = whose.get(place.split("/")[0], set())
        if projects and not projects & touched:
            found.same(f"{place} after a change elsewhere", digest, before.get(place))
    again = _rows_by_project(out)
    for project in again.keys() - touched:
        found.same(f"rows of {project}", again[project] == rows[project], True)
    found.same("rows of the corrected form", again[form.project] == rows[form.project], False)
    changed = compared(out)
    found.compared, found.wrong = (
        found.compared + changed.compared,
        [*found.wrong, *changed.wrong],
    )


def _digests(out: Path, those: str = "*/*") -> dict[str, str]:
    """Return the digests of papers by their names, those of single forms unless others are said."""
    papers = (path for path in out.glob(those) if path.is_file() and KEPT not in path.parts)
    return {path.relative_to(out).as_posix(): digest_of(path.read_bytes()) for path in papers}


def _rows_by_project(out: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the scores and problems of each project, but for formulas, which name their place."""
    found = defaultdict(list)
    for title in ("评分", "问题与整改"):
        for row in _sheets(out / "recheck.xlsx")[title]:
            found[row["项目名称"]].append(tuple(v for head, v in row.items() if head != "序号"))
    return found


def _decide(path: Path) -> tuple[int, set[str]]:
    """Confirm findings in the workbook as a person does; return how many, of which projects."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book["问题与整改"]
    at = {cell.value: cell.column for cell in sheet[1]}
    rows = range(2, sheet.max_row + 1)
    chosen = rows[:: max(1, len(rows) // DECIDED)][:DECIDED]
    for row in chosen:
        sheet.cell(row, at["处理"]).value = "属实"
        sheet.cell(row, at["审计人员"]).value = "甲"
    book.save(path)
    return len(chosen), {sheet.cell(row, at["项目名称"]).value for row in chosen}
