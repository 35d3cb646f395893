"""Final accounts as departments publish them: tables and prose, a statement, and three forms.

Thirty pages of them, as a PDF and as a Word file, with each contradiction in turn; what is found:

    python tests/disclosures.py
"""

from __future__ import annotations

import html
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import producers
from engagements import form
from typesetting import Form, Sheet, lay_out, layout_named

from auditkit.findings import Finding, Outcome
from auditkit.grid import Box
from auditkit.many.across import ACROSS, across
from auditkit.many.results import packed, query, rows_of, write_tables
from auditkit.reviewing import Review, Terms, review

RULES = ("CR-13", "CR-14")
LONG = 32  # rows of tables for thirty pages
BUREAU = "青岚区水利局"
DUTIES = (
    "拟订水利规划并组织实施,保障水资源的合理开发利用",
    "负责水旱灾害防御、河湖管护和水土保持",
    "指导农村供水和灌区建设,监督工程建设质量",
)
ACCOUNTS = ("收入支出决算总表", "收入决算表", "支出决算表", "财政拨款收入支出决算总表")
ITEMS = ("行政运行", "水利工程建设", "水利工程运行与维护", "防汛", "农村供水", "水土保持")


@dataclass(frozen=True, slots=True)
class Statement:
    """What the prose says of self-evaluation; the clean one is what the forms come to."""

    projects: str = "3"
    amount: str = ""
    average: str = ""
    excellent: str = ""
    good: str = ""
    problems: str = "3"
    mended: str = "2"
    unit: str = "万元"

    @property
    def text(self) -> str:
        """The sentences as accounts print them."""
        return (
            f"{BUREAU}2024年度共对{self.projects}个项目开展绩效自评,涉及预算资金{self.amount}{self.unit},"
            f"自评平均得分{self.average}分。其中,评定等级为“优”的项目{self.excellent}个,"
            f"“良”的项目{self.good}个,“合格”的项目0个,“不合格”的项目0个。"
            f"自评共发现问题{self.problems}个,已完成整改{self.mended}个。"
        )


def forms() -> list[Form]:
    """Return three forms of one department and year without a flaw."""
    whole = (replace(form(number), year="2024", department=BUREAU) for number in (2, 14, 26))
    return [
        replace(each, project=f"{each.project}第{n}期") for n, each in enumerate(whole, start=1)
    ]


def clean() -> Statement:
    """Return the statement that is true of the forms."""
    scores = [float(each.total_score) for each in forms()]
    budgets = [float(each.funding[0].adjusted_budget) for each in forms()]
    excellent = sum(score >= 90 for score in scores)
    return Statement(
        amount=f"{sum(budgets):,.2f}",
        average=f"{sum(scores) / len(scores):.2f}",
        excellent=str(excellent),
        good=str(len(scores) - excellent),
    )


def planted() -> dict[str, tuple[Statement, str]]:
    """Return statements with one contradiction each, and the rule that is to find it."""
    true = clean()
    return {
        "a project too many": (replace(true, projects="4", excellent="4"), "CR-14"),
        "a project too few": (replace(true, projects="2", excellent="2"), "CR-14"),
        "another amount": (replace(true, amount="1,999.00"), "CR-14"),
        "an amount of another unit": (replace(true, unit="元"), "CR-14"),
        "a better mean": (replace(true, average="99.87"), "CR-14"),
        "ratings that do not add up": (replace(true, excellent="2"), "CR-13"),
        "a rating that no form has": (replace(true, excellent="2", good="1"), "CR-14"),
        "a mean that the ratings forbid": (replace(true, average="84.00"), "CR-13"),
        "more mended than found": (replace(true, mended="5"), "CR-13"),
    }


@dataclass(frozen=True, slots=True)
class Part:
    """A part of accounts: a heading of a level, a paragraph, a table of accounts, or a form."""

    text: str = ""
    level: int = 0
    items: tuple[str, ...] = ()
    form: Form | None = None

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows of a table of accounts, its heads first."""
        rows = [
            (f"21303{n:02}", item, f"{100 + n}.00", f"{98 + n}.35")
            for n, item in enumerate(self.items)
        ]
        return [("科目编码", "科目名称", "年初预算数", "决算数"), *rows]


def parts(said: Statement, tables: int) -> list[Part]:
    """Return accounts part by part, with so many rows of tables as thirty pages take."""
    made = [Part(f"{BUREAU}2024年度部门决算", 1), Part("第一部分 部门概况", 2)]
    made += [Part(f"{number}.{duty}。") for number, duty in enumerate(DUTIES * tables, start=1)]
    made.append(Part("第二部分 部门决算表", 2))
    for title in ACCOUNTS:
        made += [Part(title, 3), Part(items=ITEMS * tables)]
    made.append(Part("第三部分 决算情况说明", 2))
    made += [
        Part(f"{item}支出决算{120 + 7 * n}.35万元,比上年增加{n}.2%。")
        for n, item in enumerate(ITEMS * tables)
    ]
    made += [Part("预算绩效管理情况", 3), Part(said.text), Part("第四部分 项目支出绩效自评表", 2)]
    return [*made, *(Part(form=each) for each in forms())]


def page(said: Statement, tables: int = 3) -> str:
    """Return accounts as a web page."""
    return producers.page("".join(map(_marked_up, parts(said, tables))))


def _marked_up(part: Part) -> str:
    if part.form:
        return producers.section(_laid_out(part.form))
    if part.items:
        lines = ("".join(f"<td>{text}</td>" for text in row) for row in part.rows)
        return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
    tag = f"h{part.level}" if part.level else "p"
    return f"<{tag}>{html.escape(part.text)}</{tag}>"


def _laid_out(form: Form) -> Sheet:
    return lay_out(form, layout_named("national"))


def _document(said: Statement, tables: int) -> Any:
    """Return accounts as a word-processor document."""
    document = producers.new_document()
    for part in parts(said, tables):
        if part.form:
            producers.add_form(document, _laid_out(part.form))
        elif part.items:
            table = document.add_table(0, 4, style="Table Grid")
            for row in part.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif part.level:
            document.add_heading(part.text, part.level)
        else:
            document.add_paragraph(part.text)
    return document


def write(said: Statement, path: Path, tables: int = 3) -> None:
    """Write accounts as a PDF, as the web page that it is printed from, or as a Word file."""
    if path.suffix == ".pdf":
        producers.print_page(page(said, tables), path)
    elif path.suffix == ".docx":
        _document(said, tables).save(str(path))
    else:
        path.write_text(page(said, tables), encoding="utf-8")


def told(reviews: Sequence[Review], folder: Path) -> list[Finding]:
    """Return what the rules on statements say of accounts and their forms."""
    write_tables([packed(rows_of(reviews, reviews[0].document.name))], folder)
    return across(partial(query, folder), rules=[rule for rule in ACROSS if rule.id in RULES])


def tied(said: Statement, suffix: str, tables: int = LONG) -> tuple[list[Finding], int]:
    """Write accounts and read them: what is wrong, and on which page the statement was found."""
    terms = Terms(log=Terms.NO_LOG, rules=())
    with TemporaryDirectory() as folder:
        path = Path(folder, f"accounts{suffix}")
        write(said, path, tables)
        found = told(review(path, terms), Path(folder))
    places = [cell.place for each in found for cell in each.cells]
    pages = {place.page for place in places if isinstance(place, Box)}
    return [one for one in found if one.outcome in (Outcome.FAIL, Outcome.REVIEW)], max(
        pages, default=0
    )


def main() -> int:
    """Print which rule finds each contradiction in accounts of thirty pages, in PDF and in Word."""
    cases = {"nothing": (clean(), ""), **planted()}
    is_right = True
    for name, (said, rule) in cases.items():
        for suffix in (".pdf", ".docx"):
            found, page_number = tied(said, suffix)
            rules = [one.rule for one in found]
            is_right &= rule in rules if rule else not rules
            where = f"page {page_number}" if page_number else ""
            sys.stdout.write(f"{name:36}{suffix:7}{rule or '-':7}{where:9}")
            sys.stdout.write("; ".join(f"{one.rule} {one.message()}" for one in found) + "\n")
    return int(not is_right)


if __name__ == "__main__":
    raise SystemExit(main())
