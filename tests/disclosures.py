"""Final accounts as departments publish them: tables and prose, a statement, and three forms."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import producers
from engagements import form
from typesetting import Form, lay_out, layout_named

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

    @property
    def text(self) -> str:
        """The sentences as accounts print them."""
        return (
            f"{BUREAU}2024年度共对{self.projects}个项目开展绩效自评,涉及预算资金{self.amount}万元,"
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
        "a better mean": (replace(true, average="99.87"), "CR-14"),
        "ratings that do not add up": (replace(true, excellent="2"), "CR-13"),
        "a rating that no form has": (replace(true, excellent="2", good="1"), "CR-14"),
        "a mean that the ratings forbid": (replace(true, average="84.00"), "CR-13"),
        "more mended than found": (replace(true, mended="5"), "CR-13"),
    }


def page(said: Statement, tables: int = 3) -> str:
    """Return accounts as a web page, with so many rows of tables as thirty pages take."""
    parts = [f"<h1>{BUREAU}2024年度部门决算</h1>", "<h2>第一部分 部门概况</h2>"]
    parts += [f"<p>{number}.{duty}。</p>" for number, duty in enumerate(DUTIES * tables, start=1)]
    parts.append("<h2>第二部分 部门决算表</h2>")
    for title in ACCOUNTS:
        parts += [f"<h3>{title}</h3>", _accounts(ITEMS * tables)]
    parts.append("<h2>第三部分 决算情况说明</h2>")
    parts += [f"<p>{item}支出决算{120 + 7 * n}.35万元,比上年增加{n}.2%。</p>" for n, item in
              enumerate(ITEMS * tables)]  # fmt: skip
    parts += ["<h3>预算绩效管理情况</h3>", f"<p>{html.escape(said.text)}</p>"]
    parts.append("<h2>第四部分 项目支出绩效自评表</h2>")
    parts += [producers.section(lay_out(each, layout_named("national"))) for each in forms()]
    return producers.page("".join(parts))


def _accounts(items: Sequence[str]) -> str:
    head = "<tr><td>科目编码</td><td>科目名称</td><td>年初预算数</td><td>决算数</td></tr>"
    rows = (
        f"<tr><td>21303{n:02}</td><td>{item}</td><td>{100 + n}.00</td><td>{98 + n}.35</td></tr>"
        for n, item in enumerate(items)
    )
    return f"<table>{head}{''.join(rows)}</table>"


def write(said: Statement, path: Path, tables: int = 3) -> None:
    """Write accounts as a PDF, or as the web page that it is printed from."""
    if path.suffix == ".pdf":
        producers.print_page(page(said, tables), path)
    else:
        path.write_text(page(said, tables), encoding="utf-8")
