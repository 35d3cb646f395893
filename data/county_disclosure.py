"""The invented final-accounts disclosure of a county bureau: prose, accounts, three forms.

Amounts follow from the names of the items, so that they are the same in every run; totals are
sums. Nothing in it is about a real office.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from producers import add_form, new_document
from typesetting import Sheet

BUREAU = "青岭县农业农村局"
UNITS = (
    BUREAU + "机关",
    "青岭县茶叶产业发展中心",
    "青岭县农产品质量安全检测站",
    "青岭县动物疫病预防控制中心",
    "青岭县农业技术推广中心",
    "青岭县农机服务中心",
    "青岭县农村经营管理指导站",
    "青岭县渔业资源保护站",
)
DUTIES = (
    "拟订全县农业农村发展规划并组织实施,推动城乡融合发展。",
    "指导种植业、畜牧业、渔业、农机化等产业发展,培育特色产业。",
    "指导农村合作经济组织建设,规范农村土地承包和经营权流转。",
    "负责农产品质量安全监督,组织抽检并公布结果。",
    "负责动物防疫、检疫和病死畜禽无害化处理的监督管理。",
    "组织农业资源保护和农业生态建设,指导耕地质量管理。",
    "指导农村人居环境整治和农村公益设施管护。",
    "组织农业科技推广,培训农业技术人员和高素质农民。",
    "承担农业防灾减灾和灾后恢复生产的指导工作。",
    "完成县委、县政府交办的其他任务。",
)
FUNCTIONS = (
    ("2080505", "机关事业单位基本养老保险缴费支出"),
    ("2080506", "机关事业单位职业年金缴费支出"),
    ("2101101", "行政单位医疗"),
    ("2101102", "事业单位医疗"),
    ("2130101", "行政运行"),
    ("2130102", "一般行政管理事务"),
    ("2130104", "事业运行"),
    ("2130106", "科技转化与推广服务"),
    ("2130108", "病虫害控制"),
    ("2130109", "农产品质量安全"),
    ("2130110", "执法监管"),
    ("2130119", "防灾救灾"),
    ("2130122", "农业生产发展"),
    ("2130124", "农村合作经济"),
    ("2130126", "农村社会事业"),
    ("2130135", "农业生态资源保护"),
    ("2130153", "耕地建设与利用"),
    ("2130199", "其他农业农村支出"),
    ("2130504", "农村基础设施建设"),
    ("2130505", "生产发展"),
    ("2210201", "住房公积金"),
)
ITEMS = (
    *(("30101", "基本工资"), ("30102", "津贴补贴"), ("30103", "奖金"), ("30107", "绩效工资")),
    *(("30108", "养老保险缴费"), ("30109", "职业年金缴费"), ("30110", "医疗保险缴费")),
    *(("30112", "其他社会保障缴费"), ("30113", "住房公积金"), ("30199", "其他工资福利支出")),
    *(("30201", "办公费"), ("30202", "印刷费"), ("30203", "咨询费"), ("30204", "手续费")),
    *(("30205", "水费"), ("30206", "电费"), ("30207", "邮电费"), ("30209", "物业管理费")),
    *(("30211", "差旅费"), ("30213", "维修(护)费"), ("30214", "租赁费"), ("30215", "会议费")),
    *(("30216", "培训费"), ("30217", "公务接待费"), ("30218", "专用材料费"), ("30226", "劳务费")),
    *(("30227", "委托业务费"), ("30228", "工会经费"), ("30229", "福利费")),
    *(("30231", "公务用车运行维护费"), ("30239", "其他交通费用"), ("30299", "其他商品服务支出")),
    *(("30302", "退休费"), ("30305", "生活补助"), ("31002", "办公设备购置")),
)
GLOSSARY = (
    ("财政拨款收入", "指单位从同级财政部门取得的财政预算资金。"),
    ("事业收入", "指事业单位开展专业业务活动及其辅助活动取得的收入。"),
    ("其他收入", "指单位取得的除上述收入以外的各项收入。"),
    ("年初结转和结余", "指单位以前年度尚未完成、结转到本年按有关规定继续使用的资金。"),
    ("年末结转和结余", "指单位按有关规定结转到下年或以后年度继续使用的资金。"),
    ("基本支出", "指为保障机构正常运转、完成日常工作任务而发生的人员支出和公用支出。"),
    ("项目支出", "指在基本支出之外为完成特定任务和事业发展目标所发生的支出。"),
    ("机关运行经费", "指为保障行政单位运行用于购买货物和服务的各项资金。"),
    ("三公经费", "指因公出国(境)费、公务用车购置及运行费和公务接待费。"),
    ("政府采购", "指使用财政性资金采购集中采购目录以内或限额标准以上货物、工程和服务的行为。"),
)


def _amount(*names: str) -> Decimal:
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return Decimal(int.from_bytes(digest[:3]) % 90000 + 1200) / 100


def _table(document: Any, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(len(rows) + 1, len(head), style="Table Grid")
    for texts, row in zip((head, *rows), table.rows, strict=True):
        for text, cell in zip(texts, row.cells, strict=True):
            cell.text = text
    document.add_paragraph()


def _accounts(
    document: Any, title: str, items: Sequence[tuple[str, str]], columns: Sequence[str], of: str
) -> None:
    """Add a table of accounts: a total column, the columns it is made of, a total row."""
    document.add_paragraph(title, style="Heading 3")
    document.add_paragraph(f"部门:{of}　　金额单位:万元")
    amounts = [[_amount(of, title, code, column) for column in columns] for code, _ in items]
    sums = [sum(column, Decimal(0)) for column in zip(*amounts, strict=True)]
    rows = [("", "合计", *_with_sum(sums))]
    rows += [
        (code, name, *_with_sum(some)) for (code, name), some in zip(items, amounts, strict=True)
    ]
    _table(document, ("科目编码", "科目名称", "合计", *columns), rows)


def _with_sum(amounts: Sequence[Decimal]) -> list[str]:
    return [f"{amount:,.2f}" for amount in (sum(amounts, Decimal(0)), *amounts)]


def _overview(document: Any) -> None:
    document.add_paragraph("第一部分 部门概况", style="Heading 1")
    document.add_paragraph("一、主要职责", style="Heading 2")
    for number, duty in enumerate(DUTIES, start=1):
        document.add_paragraph(f"({number}){duty}")
    document.add_paragraph("二、机构设置", style="Heading 2")
    document.add_paragraph(f"纳入本部门决算编报范围的单位共{len(UNITS)}个,名单如下。")
    people = [(str(n), unit, str(8 + 3 * n)) for n, unit in enumerate(UNITS, start=1)]
    _table(document, ("序号", "单位名称", "年末在职人数"), people)


def _explanation(document: Any) -> None:
    document.add_page_break()
    document.add_paragraph("第二部分 部门决算情况说明", style="Heading 1")
    for number, (code, name) in enumerate(FUNCTIONS, start=1):
        before, spent = _amount("预算", code), _amount("决算", code)
        document.add_paragraph(f"{number}.{name}({code})", style="Heading 3")
        document.add_paragraph(
            f"本科目年初预算为{before}万元,支出决算为{spent}万元。决算数与年初预算数不一致,主要是"
            "年度执行中上级下达的补助资金与县级调整安排的资金有增有减,并按实际工作进度支付。"
            "本科目支出用于保障相关岗位人员和工作开展,执行中按照规定的程序办理审批和支付。"
        )
    document.add_paragraph("预算绩效管理情况", style="Heading 2")
    document.add_paragraph(
        "本部门对2023年度预算项目开展了绩效自评,从产出、效益、满意度等方面核对年初设定的指标,"
        "形成项目支出绩效自评结果。其中三个项目的自评表见第三部分。各项目的执行率、得分和存在的"
        "偏差由实施单位填报,由本部门汇总。"
    )


def _forms(document: Any, sheets: Sequence[Sheet]) -> None:
    document.add_page_break()
    document.add_paragraph("第三部分 绩效自评结果", style="Heading 1")
    for number, sheet in enumerate(sheets, start=1):
        if number > 1:
            document.add_page_break()
        document.add_paragraph(f"附件{number}")
        add_form(document, sheet)


def _annexes(document: Any) -> None:
    document.add_page_break()
    document.add_paragraph("第四部分 名词解释", style="Heading 1")
    for term, meaning in GLOSSARY:
        document.add_paragraph(f"{term}:{meaning}")
    document.add_page_break()
    document.add_paragraph("第五部分 附表", style="Heading 1")
    kinds = ("财政拨款收入", "事业收入", "其他收入")
    _accounts(document, "收入决算表", FUNCTIONS, kinds, BUREAU)
    document.add_page_break()
    _accounts(document, "支出决算表", FUNCTIONS, ("基本支出", "项目支出"), BUREAU)
    document.add_page_break()
    _accounts(document, "财政拨款支出决算表", FUNCTIONS, ("基本支出", "项目支出"), BUREAU)
    document.add_page_break()
    _accounts(document, "一般公共预算支出决算表", FUNCTIONS, ("基本支出", "项目支出"), BUREAU)
    document.add_page_break()
    _accounts(document, "基本支出决算明细表", ITEMS, ("人员经费", "公用经费"), BUREAU)
    for unit in UNITS:
        document.add_page_break()
        _accounts(document, "单位支出决算表", FUNCTIONS, ("基本支出", "项目支出"), unit)
        _accounts(document, "单位基本支出明细表", ITEMS, ("人员经费", "公用经费"), unit)


def write(sheets: Sequence[Sheet], path: Path) -> None:
    """Write the disclosure as a word-processor document with the forms in its middle."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document = new_document()
    document.styles["Normal"].font.size = Pt(9)
    for level in (1, 2, 3):
        document.styles[f"Heading {level}"].font.size = Pt(15 - 2 * level)
    document.sections[0].header.paragraphs[0].text = f"{BUREAU}2023年度部门决算"
    cover = document.add_paragraph(f"{BUREAU}\n2023年度部门决算")
    cover.alignment = WD_ALIGN_PARAGRAPH.CENTER
    contents = ("部门概况", "部门决算情况说明", "绩效自评结果", "名词解释", "附表")
    for number, part in zip("一二三四五", contents, strict=True):
        document.add_paragraph(f"第{number}部分 {part}")
    document.add_page_break()
    _overview(document)
    _explanation(document)
    _forms(document, sheets)
    _annexes(document)
    document.save(str(path))
