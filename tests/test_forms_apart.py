"""Forms are told apart by what begins and ends them, wherever their titles stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from form_parts import HEAD, LABELS, ROWS, TITLE, rows, said
from producers import STYLE, page, print_page
from sheets import forms, grid

import auditkit as ak
from auditkit.doubts import NoteKind
from auditkit.reviewing import read_bytes

WIDE = " | <" * 8
PROJECT = f"项目支出绩效自评表{WIDE}\n(2023年度){WIDE}"
DEPARTMENT = f"部门整体支出绩效自评表{WIDE}\n(2022年度){WIDE}"
OFFICE = HEAD.strip().splitlines()
OF_OFFICE = "\n".join([f"部门名称 | < | 某县水利局{' | <' * 6}", *OFFICE[2:]])
NO_TOTAL = ROWS.strip().rpartition("\n")[0]


def put_together(*blocks: str) -> str:
    lines = "\n".join(blocks).splitlines()
    return "\n".join(line for line in lines if line.strip())


def test_a_department_form_above_a_project_form_in_one_table_is_a_form() -> None:
    office, project = forms(
        grid(put_together(DEPARTMENT, OF_OFFICE, LABELS, ROWS, PROJECT, HEAD, LABELS, ROWS))
    )
    assert said(office.title, office.year, office.department) == [
        "部门整体支出绩效自评表",
        "2022",
        "某县水利局",
    ]
    assert said(project.title, project.year, project.project) == [
        "项目支出绩效自评表",
        "2023",
        "道路养护",
    ]
    assert [len(form.indicators) for form in (office, project)] == [3, 3]


def test_a_form_never_has_the_total_of_the_department_form_below_it() -> None:
    project, office = forms(
        grid(put_together(PROJECT, HEAD, LABELS, NO_TOTAL, DEPARTMENT, OF_OFFICE, LABELS, ROWS))
    )
    assert said(project.total_points, project.total_score) == [None, None]
    assert said(office.total_points, office.total_score) == ["100", "98.78"]
    assert project.unplaced == ()


def test_two_department_forms_in_one_table_are_two_without_a_title_between_them() -> None:
    second = OF_OFFICE.replace("水利", "农业")
    for between in (DEPARTMENT, ""):
        both = forms(
            grid(put_together(DEPARTMENT, OF_OFFICE, LABELS, ROWS, between, second, LABELS, ROWS))
        )
        assert [said(form.department) for form in both] == [["某县水利局"], ["某县农业局"]]


def test_the_title_of_a_block_inside_a_form_begins_no_form() -> None:
    section = f"二、绩效指标完成情况表{WIDE}"
    (report,) = forms(grid(put_together(PROJECT, HEAD, section, LABELS, ROWS)))
    assert len(report.indicators) == 3
    head, table = grid(HEAD, heading=TITLE), grid(LABELS + ROWS, heading=("绩效指标完成情况表",))
    (report,) = forms(head, table)
    assert said(report.project, report.total_score) == ["道路养护", "98.78"]


def test_a_table_for_each_dimension_is_one_form() -> None:
    heads = LABELS.partition(" | ")[2]
    first, second, third, total = (line.partition(" | ")[2] for line in ROWS.strip().splitlines())
    total = "总分 | < | < | < | < | 100 | 98.78 |"
    tables = [grid(f"{heads}\n{row}") for row in (first, second, third)]
    for last in ([*tables, grid(total)], [*tables[:2], grid(f"{heads}\n{third}\n{total}")]):
        (report,) = forms(grid(HEAD, heading=TITLE), *last)
        assert rows(report, "dimension", "name", "score") == [
            ["产出指标", "养护里程", "50"],
            ["效益指标", "通行能力", "30"],
            ["满意度指标", "群众满意度", "9.78"],
        ]
        assert said(report.total_points, report.total_score) == ["100", "98.78"]


def test_a_table_with_a_title_of_its_own_is_no_part_of_the_form_above() -> None:
    whole = grid(HEAD + LABELS + ROWS, heading=TITLE)
    other = grid(LABELS + ROWS, heading=("乙项目绩效自评表",))
    assert [said(report.project) for report in forms(whole, other)] == [["道路养护"], [None]]


def test_forms_side_by_side_in_one_table_are_two() -> None:
    left = put_together(PROJECT, HEAD, LABELS, ROWS).splitlines()
    right = put_together(DEPARTMENT, OF_OFFICE, LABELS, NO_TOTAL).splitlines()
    right += [" | " * 8] * (len(left) - len(right))
    for gap in (" | ", " | | "):
        both = "\n".join(a + gap + b for a, b in zip(left, right, strict=True))
        project, office = forms(grid(both))
        assert said(project.title, project.project) == ["项目支出绩效自评表", "道路养护"]
        assert said(office.title, office.department) == ["部门整体支出绩效自评表", "某县水利局"]
        assert said(project.total_score, office.total_score) == ["98.78", None]


def test_a_title_at_the_foot_of_a_page_belongs_to_the_form_on_the_next() -> None:
    for head, names in ((HEAD, ["道路养护", "某县交通局"]), (OF_OFFICE, [None, "某县水利局"])):
        first = grid(put_together(PROJECT, HEAD, LABELS, ROWS, DEPARTMENT))
        one, other = forms(first, grid(put_together(head, LABELS, ROWS), page=2, number=2))
        assert said(other.title, other.year) == ["部门整体支出绩效自评表", "2022"]
        assert said(other.project, other.department) == names
        assert one.unplaced == ()


def test_head_goals_and_funds_may_be_tables_of_their_own_without_a_project() -> None:
    head, *funds = OF_OFFICE.splitlines()
    below = [grid("\n".join(part)) for part in (funds[:4], funds[4:])]
    (report,) = forms(grid(head, heading=TITLE), *below, grid(LABELS + ROWS))
    assert said(report.title, report.department, report.goals.actual, report.total_score) == [
        "项目支出绩效自评表",
        "某县水利局",
        "完成养护",
        "98.78",
    ]
    assert len(report.budget_lines) == 3


def test_the_line_of_the_year_counts_before_the_year_of_the_title() -> None:
    for line in ("(2022年度)", "2022年"):
        inside = f"2020年度项目支出绩效自评表{WIDE}\n{line}{WIDE}"
        (report,) = forms(grid(put_together(inside, HEAD, LABELS, ROWS)))
        assert said(report.year) == ["2022"]
        (report,) = forms(grid(HEAD + LABELS + ROWS, heading=("2020年度绩效自评表", line)))
        assert said(report.year) == ["2022"]
    (report,) = forms(
        grid(HEAD + LABELS + ROWS, heading=("2020年度绩效自评表", "填报日期:2021年3月"))
    )
    assert said(report.year) == ["2020"]


def test_the_year_of_what_a_form_is_published_in_is_not_that_of_the_form() -> None:
    for title in ("2023年度项目支出绩效自评表", "2023年项目支出绩效自评表"):
        inside = f"2024年度单位预算公开{WIDE}\n{title}{WIDE}"
        (report,) = forms(grid(put_together(inside, HEAD, LABELS, ROWS)))
        assert said(report.year) == ["2023"]


def as_table(block: str) -> str:
    """Return rows of cells, none of them merged, as a table of a web page."""
    lines = (line.split("|") for line in block.strip().splitlines())
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)


SMALL = """
项目名称 | 道路养护 | | |
一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 得分
产出指标 | 养护里程 | ≥100公里 | 100公里 | 50
总分 | | | | 98.78
"""


@pytest.mark.parametrize("has_own_titles", [True, False])
def test_of_forms_side_by_side_on_a_page_each_has_the_lines_over_it(
    tmp_path: Path, *, has_own_titles: bool
) -> None:
    over = "<h1>项目支出绩效自评表</h1><p style='text-align:center'>(2022年度)</p>"
    sides = "".join(
        f"<div style='float:{side}; width:47%'>{over * has_own_titles}<table>{table}</table></div>"
        for side, table in (
            ("left", as_table(SMALL)),
            ("right", as_table(SMALL.replace("道路养护", "桥梁检测"))),
        )
    )
    style = STYLE.replace("size: A4", "size: A4 landscape")
    path = tmp_path / "two-up.pdf"
    shared = "" if has_own_titles else over.replace("项目支出", "项目支出(道路养护与桥梁检测两项)")
    print_page(page(shared + sides, style), path)
    left, right = ak.read(path)
    assert [said(form.project, form.year) for form in (left, right)] == [
        ["道路养护", "2022"],
        ["桥梁检测", "2022"],
    ]
    titles = {form.title.text for form in (left, right) if form.title}
    assert titles == {
        "项目支出绩效自评表" if has_own_titles else "项目支出(道路养护与桥梁检测两项)绩效自评表"
    }
    assert all(form.title for form in (left, right))


def test_tables_as_wide_as_each_other_are_not_joined_where_no_page_cuts_them() -> None:
    heads = "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"
    tables = (
        f"项目名称 | 道路养护 | | | | |\n{heads}\n"
        "产出指标 | 数量指标 | 养护里程 | ≥100公里 | 100公里 | 50 | 50\n"
        "小计 | | | | | 50 | 50",
        f"{heads}\n效益指标 | 社会效益指标 | 通行能力 | 有效改善 | 有效改善 | 30 | 30\n"
        "小计 | | | | | 30 | 30",
    )
    body = "".join(f"<table>{as_table(table)}</table>" for table in tables)
    (report,) = read_bytes(page(f"<h1>{TITLE[0]}</h1>{body}").encode(), "form.html")
    assert rows(report, "dimension", "name", "score") == [
        ["产出指标", "养护里程", "50"],
        ["效益指标", "通行能力", "30"],
    ]
    assert NoteKind.OVER_PAGE_EDGES not in {note.kind for note in report.notes}
