"""Parts of the national form, to be put together for ``sheets.grid``, and what was read of it."""

from __future__ import annotations

from auditkit.grid import Extent, Unit
from auditkit.report import Entry, Report

HEAD = """
项目名称 | < | 道路养护 | < | < | < | < | < | <
主管部门 | < | 某县交通局 | < | < | 实施单位 | < | 某养护队 | <
项目资金（万元） | < | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | ^ | 年度资金总额 | 200.00 | 200.00 | 180.00 | 10 | 90.00% | 9.00
^ | ^ | 其中:当年财政拨款 | 200.00 | 200.00 | 180.00 | — | — | —
^ | ^ | 其他资金 | 0.00 | 0.00 | 0.00 | — | — | —
年度总体目标 | 预期目标 | < | < | < | 实际完成情况 | < | < | <
^ | 养护道路一百公里 | < | < | < | 完成养护 | < | < | <
"""
LABELS = (
    "绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"
    " | 偏差原因分析及改进措施"
)
ROWS = """
^ | 产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50 |
^ | 效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30 |
^ | 满意度指标 | 满意度指标 | 群众满意度 | ≥90% | 88% | 10 | 9.78 | 路面施工期间绕行
总分 | < | < | < | < | < | 100 | 98.78 |
"""
TITLE = ("项目支出绩效自评表", "（2023年度）")


def page(number: int) -> Extent:
    """Return the place of a form on one page."""
    return Extent(Unit.PAGE, number, number)


def said(*entries: Entry | None) -> list[str | None]:
    """Return the texts of entries."""
    return [entry.text if entry else None for entry in entries]


def rows(report: Report, *names: str) -> list[list[str | None]]:
    """Return the texts of some columns of the indicators."""
    return [said(*(getattr(row, name) for name in names)) for row in report.indicators]
