"""Plain tables keep no merged cells: what belongs together is told by the heads."""

from __future__ import annotations

import pytest

from auditkit.readers.rejoining import rejoined

HEADS = "项目资金 | 年初预算数 | 全年预算数 | 得分"


def merged(block: str) -> list[str]:
    """Return the cells of several squares as their text and their last row and column."""
    texts = {
        (row, column): text.strip()
        for row, line in enumerate(block.strip().splitlines())
        for column, text in enumerate(line.split("|"))
        if text.strip()
    }
    wholes = rejoined(texts)
    return [f"{texts.get(one[:2], '')} {one[2]},{one[3]}" for one in sorted(wholes)]


@pytest.mark.parametrize("first", ["一级指标", "一级绩效指标名称", "流转序"])
def test_a_level_goes_on_over_the_rows_of_its_group_whatever_its_head(first: str) -> None:
    block = f"""
流水 | {first} | 二级指标 | 三级指标 | 分值 | 得分
1 | 产出指标 | 数量指标 | 里程 | 5 | 5
2 | | | 次数 | 4 | 4
3 | | 质量指标 | 合格 | 3 | 3
"""
    assert merged(block) == ["产出指标 3,1", "数量指标 2,2"]


def test_heads_in_two_rows_go_on_where_nothing_stands_below_them() -> None:
    block = """
项目资金 | | 资金情况 | | 分值 | 得分 | 执行率
 | | 年初预算数 | 全年预算数 | | |
 | 年度资金总额 | 10 | 9 | 10 | 9 | 90%
"""
    assert merged(block) == [
        *("项目资金 2,0", "资金情况 0,3", "分值 1,4", "得分 1,5", "执行率 1,6")
    ]


def test_forms_beside_each_other_have_cells_of_their_own() -> None:
    one = ["项目支出绩效自评表 | | |", HEADS, "总额 | 1 | 2 | 3", "总分 | | | 9"]
    wide = ["项目支出绩效自评表 | | |", "主管部门 | 某局 | |", HEADS, "总额 | 1 | 2 | 3"]
    block = "\n".join(f"{left} | | {right}" for left, right in zip(one, wide, strict=True))
    assert merged(block) == ["项目支出绩效自评表 0,3", "项目支出绩效自评表 0,8", "某局 1,8"]


def test_a_blank_column_within_one_form_parts_nothing() -> None:
    block = f"""
项目支出绩效自评表 | | | | |
主管部门 | 某局 | | | 得分 |
{HEADS.replace("得分", "| 分值 | 得分")}
"""
    assert merged(block)[0] == "项目支出绩效自评表 0,5"
