"""Whatever a form holds, each of its cells is accounted for, and nothing is raised."""

from __future__ import annotations

from accounts import broken
from form_parts import HEAD, LABELS, ROWS, TITLE
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import DOCUMENT, grid

from auditkit.errors import NoFormError
from auditkit.grid import Tables

TEXTS = """
一级指标 二级指标 三级指标 年度指标值 实际完成值 分值 得分 偏差原因 指标性质 计量单位 绩效指标
项目名称 主管部门 实施单位 年度 总分 合计 小计 总分:98 自评得分 自评等级 优 备注 填报人 上年完成值
年初预算数 全年预算数 全年执行数 执行率 到位数 年中追加(减)数 年度资金总额 其他资金
项目支出绩效自评表 其中:当年财政拨款 按收入性质分 按支出性质分
基本支出 其中:基本支出:60.45 项目支出:20 执行数:80.45
预算数(万元):100 年度总体目标 预期目标 年度目标1 目标完成情况 情况说明 甲乙丙丁 戊己庚辛 参考分值
任务名称 序号 列次 1 2 3 4 0 0.00 98.5 ≥95% 6,120册 12月底前 及时 — / 无 (2023年度) 单位:万元 指标1
指标2:…… …… 产出指标(50分) 数量指标 效益指标 社会效益指标 满意度指标 其他需要说明的事项
完成养护任务并通过验收,群众出行便利。 < ^ < ^ < ^
"""
ODD = st.text("0123456789.%预算指标分值(): ", max_size=8)
text = st.one_of(st.sampled_from(["", *TEXTS.split()]), ODD)
FORM = [
    [cell.strip() for cell in line.split("|")]
    for line in (HEAD + LABELS + ROWS).splitlines()
    if line.strip()
]
WIDE = len(FORM[0])
row = st.lists(text, min_size=WIDE, max_size=WIDE)


@st.composite
def any_grid(draw: st.DrawFn) -> str:
    """Draw a form in which cells say something else, and rows were put in, left out or moved."""
    lines = [list(line) for line in FORM]
    for _ in range(draw(st.integers(0, 8))):
        lines[draw(st.integers(0, len(lines) - 1))][draw(st.integers(0, WIDE - 1))] = draw(text)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(("put in", "leave out", "move", "again"))):
            case "put in":
                lines.insert(at, draw(row))
            case "leave out" if len(lines) > 4:
                del lines[at]
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case _:
                lines.insert(at, list(lines[at]))
    return "\n".join(" | ".join(line) for line in _laid_out(lines))


def _laid_out(lines: list[list[str]]) -> list[list[str]]:
    """Return rows whose merged cells are rectangles: a mark that makes none is a blank cell."""
    wide: list[int] = []  # of the cell in each column that may go on downwards, 0 for none
    for line in lines:
        below, column = [0] * WIDE, 0
        while column < WIDE:
            over = wide[column] if wide and line[column] == "^" else 0
            if not over or any(mark not in ("^", "<") for mark in line[column : column + over]):
                over = 1
                line[column] = "" if line[column] in ("^", "<") else line[column]
                while column + over < WIDE and line[column + over] == "<":
                    over += 1
            line[column + 1 : column + over] = ["<"] * (over - 1)
            below[column] = over
            column += over
        wide = below
    return lines


@settings(max_examples=settings.default.max_examples // 2)
@given(any_grid(), st.booleans())
def test_every_cell_of_any_form_is_accounted_for_once(block: str, titled: bool) -> None:
    whole = grid(block, heading=TITLE if titled else ())
    try:
        assert list(broken(Tables(DOCUMENT, (whole,)))) == []
    except NoFormError:
        return
