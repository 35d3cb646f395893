"""Write a form the way a recognition program dumped one: again and again as it was read.

The noise is that of the one real dump known: a seed decides where words are split, which repeats
lose, misread or make up an item, and how far the columns are behind or before the names.
``mutated`` damages a dump further, for the tests that nothing crashes and nothing is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from typesetting import Form, IndicatorRow

WIDTH = 11  # characters in a line of the names' column
HEADER = ("", "", "二级指标", "三级指标", "年度 指标值", "实际 完成值", "分值", "得分")
CAUSES = "偏差原因分析及 改进措施"
LEFT = ("", "一级指标", "", "", "指标值", "完成值", "", "", "改进措施")
MISREAD = str.maketrans("合物理≥区年务", "6彻埋≧凶午务")


def dump(form: Form, seed: int, rows: int) -> str:
    """Return a dump of a form that breaks off after so many of its indicators."""
    noise = Random(seed)
    title, project = _split(noise, form.title), _split(noise, form.project)
    lines = [
        ["", "", "", *title],
        ["", "", "", f"({form.year}", "1年度)"],
        ["J", "项目名称", "", *project],
        ["主管部门", "", form.department, "", "", "实施单位", form.implementer],
        ["", "", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    ]
    for number, row in enumerate(form.funding):
        block = f"项目资金 ({form.currency_unit})" if number == 1 else ""
        amounts = (row.initial_budget, row.adjusted_budget, row.outturn)
        last = (row.points.replace("—", "_"), row.execution_rate, row.score)
        lines.append([block, "(76)" if number == 2 else "", row.label, *amounts, *last])
    lines += [
        ["", "预期目标", "", "", "", "", "实际完成情况"],
        ["年度 总体 目标", form.expected, "", "", "", form.actual],
        ["", form.expected[-6:]],
        ["", f"{form.expected[-6:]} {'—' * 30}", *HEADER[2:], CAUSES],
    ]
    lines += _repeats(noise, form.indicators[:rows])
    wide = max(map(len, lines))
    return "\n".join("\t".join([*line, *[""] * (wide - len(line))]) for line in lines)


def _split(noise: Random, text: str) -> list[str]:
    """Split a text at a column border, which runs through a character and so doubles it."""
    at = noise.randrange(3, len(text) - 2)
    while text[at] in "()" or text[at - 1] in "()":
        at += 1
    return [text[: at + 1], text[at:]]


def _repeats(noise: Random, rows: Sequence[IndicatorRow]) -> list[list[str]]:
    columns = [
        [getattr(row, key) for row in rows] for key in ("target", "actual", "points", "score")
    ]
    lost: list[set[int]] = [set() for _ in columns]
    lines, read, ends = [], 1, 0
    while ends < 2:  # the last but one has them all, the last lacks one
        read = min(read, len(rows))
        ends += read == len(rows)
        read -= ends > 1
        partial = not ends and len(rows[read - 1].name) > WIDTH and noise.random() < 0.6
        whole = read - 1 if partial else read
        cells = [_names(noise, rows[:read], partial=partial)]
        for column, gone in zip(columns, lost, strict=True):
            reach = min(max(whole + noise.choices((0, -1, 1), (70, 20, 10))[0], 1), len(rows))
            _lose(noise, column[:reach], gone)
            kept = [text for i, text in enumerate(column[:reach]) if i not in gone]
            cells.append(_noisy(noise, kept))
        causes = " ".join(row.explanation for row in rows[: min(read, 2)])
        left = LEFT if noise.random() < 0.9 else [""] * len(LEFT)
        groups = dict.fromkeys(row.category for row in rows[: max(read - 4, 0)])
        parts = ["", "", " ".join(groups), *cells, causes]
        lines.append([f"{a} {b}".strip() for a, b in zip(left, parts, strict=True)])
        read += noise.choices((1, 2), (4, 1))[0]
    return lines


def _lose(noise: Random, column: Sequence[str], gone: set[int]) -> None:
    """Lose one more of like neighbours now and then, from here on."""
    twins = [i for i in range(2, len(column)) if column[i] == column[i - 1] and i not in gone]
    if len(column) > 6 and twins and len(gone) < 2 and noise.random() < 0.15:
        gone.add(noise.choice(twins))


def _names(noise: Random, rows: Sequence[IndicatorRow], *, partial: bool) -> str:
    names = []
    for number, row in enumerate(rows):
        wrapped = len(row.name) > WIDTH and noise.random() < 0.6
        cut = partial and number == len(rows) - 1
        text = f"{row.name[:WIDTH]} {row.name[WIDTH:]}" if wrapped and not cut else row.name
        text = row.name[:WIDTH] if cut else text
        text = text.translate(MISREAD) if noise.random() < 0.03 else text
        if noise.random() > 0.02 or number == len(rows) - 1:
            names.append(text)
    glue = noise.randrange(len(names)) if noise.random() < 0.1 else 0
    return "".join(name if i in (0, glue) else f" {name}" for i, name in enumerate(names))


def _noisy(noise: Random, items: Sequence[str]) -> str:
    found = list(items)
    if len(found) > 7 and noise.random() < 0.06:  # it goes on and on
        at = noise.randrange(6, len(found))
        return " ".join([*found[:at], "50%", *["40%"] * noise.randrange(6, 14), "5"])
    if noise.random() < 0.05:
        at = noise.randrange(len(found))
        found[at] = found[at].translate(MISREAD)
    if len(found) > 5 and noise.random() < 0.05:
        found.insert(noise.randrange(2, len(found)), "6年期")
    if len(found) > 5 and noise.random() < 0.04:
        found.pop(noise.randrange(1, len(found) - 1))
    return " ".join(found)


def mutated(text: str, noise: Random) -> str:
    """Delete, double, cut or swap something in a dump, one to six times."""
    for _ in range(noise.randrange(1, 7)):
        lines = text.split("\n")
        at, line = noise.randrange(len(text) or 1), noise.randrange(len(lines))
        cells = lines[line].split("\t")
        a, b = noise.randrange(len(cells)), noise.randrange(len(cells))
        match noise.randrange(9):
            case 0:
                text = text[:at] + text[at + noise.randrange(1, 20) :]
            case 1:
                text = text[:at] + text[at : at + noise.randrange(1, 20)] + text[at:]
            case 2:
                text = text[:at] + noise.choice("\t\t \n0159%合—_(≥\x00\u200b") + text[at:]
            case 3:
                lines.pop(line)
                text = "\n".join(lines)
            case 4:
                lines.insert(noise.randrange(len(lines) + 1), lines[line])
                text = "\n".join(lines)
            case 5:
                cells[a], cells[b] = cells[b], cells[a]
                lines[line] = "\t".join(cells)
                text = "\n".join(lines)
            case 6:
                swapped = [row.split("\t") for row in lines]
                for row in swapped:
                    if max(a, b) < len(row):
                        row[a], row[b] = row[b], row[a]
                text = "\n".join("\t".join(row) for row in swapped)
            case 7:
                text = text[: max(at, 1)] if noise.random() < 0.3 else text.replace("\t", " ", 1)
            case _:
                cells[a] = (
                    " ".join(noise.sample(words, len(words))) if (words := cells[a].split()) else ""
                )
                lines[line] = "\t".join(cells)
                text = "\n".join(lines)
    return text
