"""A whole re-check to be reviewed: forms of five departments over three years, good and bad files.

There are fifty projects, and forms behind the hundred and fiftieth are those of the first ones,
handed in anew with other figures. Every project has the words of its kind and figures that follow
from its number; every other form has a flaw planted, of eight kinds in turn. Beside the forms lie
copies of files, forms that stand in a second file of another kind, and files in which no form can
be read.

    python tests/engagements.py --forms 200
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import producers
from typesetting import Form, FundingRow, IndicatorRow, lay_out, layout_named

YEARS = ("2022", "2023", "2024")
PLACES = ("临溪县", "青岚区", "白沙镇", "云岫县", "长汀区")
DEPARTMENTS = ("教育局", "水利局", "民政局", "农业农村局", "交通运输局")
UNITS = ("第二中学", "水利工程队", "社会福利院", "农技推广站", "公路养护站")
# Ten kinds of projects: the name, what is made and how many, what it does to whom.
KINDS = (
    ("校园围墙维修", "维修围墙长度", "米", "校园安全隐患整改率", "师生"),
    ("灌渠清淤", "清淤渠道长度", "公里", "灌溉水利用率提高", "农户"),
    ("困难老人助餐", "助餐老人数", "人", "老人用餐便利程度", "老人"),
    ("良种推广", "推广良种面积", "亩", "亩均增收额", "种植户"),
    ("乡道路面修补", "修补路面面积", "平方米", "道路通行率", "群众"),
    ("图书补充", "购置图书数", "册", "生均藏书量达标率", "学生"),
    ("小型水库除险", "除险水库数", "座", "保护耕地面积", "村民"),
    ("残疾人辅具配发", "配发辅具数", "件", "辅具适配率", "残疾人"),
    ("动物疫病监测", "监测场点数", "个", "疫病处置率", "养殖户"),
    ("农村客运补贴", "补贴班线数", "条", "建制村通客车率", "乘客"),
)
FLAWS = ("execution", "missed", "total", "goal", "parts", "rate", "unfinished", "blank")
FAST, BY_OFFICE = ("html", "xlsx", "docx", "reportlab"), ("xls", "ods", "csv", "doc")
SUFFIX = {"reportlab": "pdf"}
LAYOUTS = ("national", "marked")
BROKEN = 10
PROJECTS = len(YEARS) * len(KINDS) * len(PLACES)  # forms; what comes after them is handed in anew


@dataclass(frozen=True, slots=True)
class Folder:
    """What was written: the forms by their files, and the files of other kinds by their names."""

    forms: dict[str, Form]
    again: tuple[str, ...]
    copies: tuple[str, ...]
    broken: tuple[str, ...]


def form(number: int) -> Form:
    """Return one form, of a project of its own in a year."""
    at, year = number // len(YEARS), YEARS[number % len(YEARS)]
    department, kind = at % len(DEPARTMENTS), KINDS[at % len(KINDS)]
    place = PLACES[(at // len(KINDS)) % len(PLACES)]
    flaw = FLAWS[number // 2 % len(FLAWS)] if number % 2 else ""
    budget = 40 + at * 37 % 860 + number % len(YEARS) + number // PROJECTS
    spent = budget - number % 5 * budget // 50
    made = Form(
        name=f"{number:03}",
        title="项目支出绩效自评表",
        year=year,
        project=f"{place}{kind[0]}",
        department=f"{PLACES[0]}{DEPARTMENTS[department]}",
        implementer=f"{place}{UNITS[department]}",
        currency_unit="万元",
        funding=_funding(budget, spent, flaw),
        indicators=_indicators(number, kind, flaw),
        expected=f"{year}年完成{kind[0]},{kind[1]}不少于{100 + number}{kind[2]},由专人负责验收。",
        actual=f"全年{kind[0]}按计划进行,{kind[1]}{100 + number}{kind[2]},质量合格。",
        total_points="100",
    )
    if flaw == "goal":
        made = replace(made, actual=made.expected)
    if flaw == "unfinished":
        made = replace(made, actual=f"{made.actual}部分工程尚未竣工验收。")
    total = sum(float(row.score or 0) for row in (made.funding[0], *made.indicators))
    return replace(made, total_score=f"{total + 2 * (flaw == 'total'):.2f}")


def _funding(budget: int, spent: int, flaw: str) -> tuple[FundingRow, ...]:
    first = budget * 9 // 10 if flaw == "rate" else budget
    rate = spent / first if flaw == "rate" else spent / budget
    score = 10.0 if flaw == "execution" else min(10.0, 10 * spent / budget)
    amounts = (f"{first}.00", f"{budget}.00", f"{spent}.00")
    rest = amounts if flaw != "parts" else (amounts[0], amounts[1], f"{spent - 3}.00")
    return (
        FundingRow("年度资金总额", *amounts, "10", f"{100 * rate:.2f}%", f"{score:.2f}"),
        FundingRow("其中:当年财政拨款", *rest, "", "", ""),
        FundingRow("上年结转资金", "0.00", "0.00", "0.00", "", "", ""),
        FundingRow("其他资金", "0.00", "0.00", "0.00", "", "", ""),
    )


def _indicators(number: int, kind: Sequence[str], flaw: str) -> tuple[IndicatorRow, ...]:
    _, what, unit, benefit, people = kind
    wanted = 100 + number
    done = wanted * 4 // 5 if flaw == "missed" else wanted + number % 3
    output, effect, pleased = "产出指标", "效益指标", "满意度指标"
    share, blank = f"{96 + number % 4}%", flaw == "blank"
    rows = (
        (output, "数量指标", what, f"≥{wanted}{unit}", f"{done}{unit}", "20"),
        (output, "质量指标", "验收合格率", "≥95%", share, "15"),
        (output, "时效指标", "按期完成率", "≥95%", "" if blank else "100%", "10"),
        (output, "成本指标", "项目总成本", "≤1200万元", f"{900 + number}万元", "5"),
        (effect, "社会效益指标", benefit, "≥85%", f"{86 + number % 9}%", "20"),
        (effect, "可持续影响指标", "管护制度健全性", "健全", "健全", "10"),
        (pleased, "服务对象满意度指标", f"{people}满意度", "≥90%", f"{91 + number % 7}%", "10"),
    )
    return tuple(IndicatorRow(*row, row[-1], "") for row in rows)


def written(folder: Path, count: int, kinds: Sequence[str] = FAST) -> Folder:
    """Write so many forms into a folder, and beside them what a real one holds besides."""
    forms = {_name(n, kinds): form(n) for n in range(count)}
    made: dict[str, list[tuple[str, Form]]] = {kind: [] for kind in kinds}
    for number, (name, each) in enumerate(forms.items()):
        made[kinds[number % len(kinds)]].append((name, each))
    twice = {f"复送/{Path(name).name}.docx": each for name, each in list(forms.items())[3::17]}
    made.setdefault("docx", []).extend(twice.items())
    for kind, files in made.items():
        batch = []
        for name, each in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            layout = layout_named(LAYOUTS[int(each.name) % len(LAYOUTS)])
            batch.append((lay_out(each, layout), folder / name))
        producers.produce(kind, batch)
    copies = [_copied(folder, name) for name in list(forms)[5::23]]
    broken = dict(list(_broken())[: BROKEN if count >= 100 else 4])
    for name, data in broken.items():
        (folder / name).write_bytes(data)
    return Folder(forms, tuple(twice), tuple(copies), tuple(broken))


def _name(number: int, kinds: Sequence[str]) -> str:
    kind, made = kinds[number % len(kinds)], form(number)
    return f"{made.department}/{made.year}/{number:03}.{SUFFIX.get(kind, kind)}"


def _copied(folder: Path, name: str) -> str:
    copy = f"复送/副本{Path(name).name}"
    (folder / copy).parent.mkdir(exist_ok=True)
    shutil.copy(folder / name, folder / copy)
    return copy


def _broken() -> Iterator[tuple[str, bytes]]:
    yield "红头文件.ofd", _packed("OFD.xml", b"<ofd/>")
    yield "各单位自评表.zip", _packed("forms/a.html", b"<p>form</p>")
    yield "断开的.xlsx", b"PK\x03\x04 cut"
    yield "通知.docx", b"\xd0\xcf\x11\xe0 none"
    yield "空白.pdf", b""
    yield "会议纪要.txt", "今天开会,讨论了下一步工作。".encode()
    yield "扫描件.png", b"\x89PNG\r\n\x1a\n cut"
    yield "残缺.pdf", b"%PDF-1.7\n1 0 obj"
    yield "说明.html", "<p>请各单位按时报送。</p>".encode()
    yield "汇总.rar", b"Rar!\x1a\x07\x00 packed"


def _packed(name: str, data: bytes) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(name, data)
    return whole.getvalue()


def main() -> int:
    """Review a whole folder and check its papers against its tables, with times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="leave folder and papers there")
    given = parser.parse_args()
    from checking_papers import Checked, checked

    kinds = (*FAST, *(kind for kind in BY_OFFICE if not producers.missing(kind)))
    with tempfile.TemporaryDirectory() as made:
        place = given.keep or Path(made)
        began = time.perf_counter()
        folder = written(place / "forms", given.forms, kinds)
        sys.stdout.write(
            f"{len(folder.forms)} forms written in {time.perf_counter() - began:.0f} s\n"
        )
        result: Checked = checked(place / "forms", place / "papers", folder)
    sys.stdout.write(str(result))
    return 0 if result.is_right else 1


if __name__ == "__main__":
    raise SystemExit(main())
