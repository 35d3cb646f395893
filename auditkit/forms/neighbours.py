"""Tables that share most labels with a self-evaluation form and are none: told by title and heads.

The last telling word of a title decides: 绩效自评抽查表 is a spot check, 抽查项目绩效自评表 a
self-evaluation. Where no title tells, the heads do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from auditkit.forms import rows
from auditkit.forms.blocks import Block, Blocks
from auditkit.forms.labels import VOCABULARY, label_of, pattern_of, role_by_words, role_of
from auditkit.forms.sheet import Sheet
from auditkit.grid import plain

_TITLES = 5  # lines over a table, or rows of it, among which its title is
_LONGEST_TITLE = 40
_RESULTS = ("actual", "score")
_BLANK = re.compile(r"[-—–/]*")


class Neighbour(StrEnum):
    """What a table is that is like a self-evaluation form."""

    DECLARATION = "declaration"  # 绩效目标申报表: targets, no results yet
    MONITORING = "monitoring"  # 绩效运行监控表: a year that is not over
    CHANGE = "change of goals"  # 绩效目标调整表
    PROJECTS = "list of projects"  # a project in each row
    SPOT_CHECK = "spot check"  # what somebody else found of a self-evaluation


def neighbour(sheet: Sheet, blocks: Blocks) -> Neighbour | None:
    """Tell what a table is that is no self-evaluation form; ``None`` for one, or anything else."""
    if _is_list(sheet, blocks):
        return Neighbour.PROJECTS
    told = _by_title(sheet)
    if told == "self":
        return None
    if told == Neighbour.DECLARATION and (_has_room(blocks) or _has_results(sheet, blocks)):
        return None  # a form under the title of the table that it was made of
    if told:
        has_blocks = blocks.indicators or blocks.funding or blocks.goals
        return Neighbour(told) if has_blocks or sheet.has(_gives_scores) else None
    return _by_heads(sheet, blocks)


def _gives_scores(sheet: Sheet, row: int) -> bool:
    """Tell whether a row heads a table of points and scores, whatever they are given for."""
    labels = sheet.texts(row)
    known = {role_of("indicators", text) for text in labels}
    meant = [text for text in labels if _role(text)]
    return {"points", "score"} <= known and 2 * len(meant) > len(labels)


def _role(text: str) -> str | None:
    return role_of("indicators", text) or role_by_words("indicators", text)


def is_only_declared(sheet: Sheet, blocks: Blocks) -> bool:
    """Tell whether a form has the title of a declaration and nothing in its places for results."""
    return _by_title(sheet) == Neighbour.DECLARATION and not _has_results(sheet, blocks)


def _has_room(blocks: Blocks) -> bool:
    """Tell whether a table is the whole template of a self-evaluation, filled in or not.

    That is a place for what was achieved, for what was spent, and for a score or a cause. A
    declaration with a blank column for the actual values is no more than a declaration.
    """
    column, funding = blocks.indicators.column, blocks.funding
    spent = funding and (not funding.columns or funding.column("outturn"))
    return bool(spent and column("actual") and (column("score") or column("explanation")))


def _by_title(sheet: Sheet) -> str | None:
    """Return what the nearest title says: a neighbour, ``self``, or nothing."""
    for text in _titles(sheet):
        found = [
            (match.end(), kind)
            for kind in VOCABULARY["neighbours"]
            for match in pattern_of("neighbours", kind).finditer(text)
        ]
        if found:
            return max(found)[1]
    return None


def _titles(sheet: Sheet) -> Iterator[str]:
    """Yield what may be the title of a table, the nearest first."""
    first = min(sheet.until(rows.is_header, 0), _TITLES)
    inside = (sheet.texts(row) for row in range(first))
    lines = [texts[0] for texts in inside if len(texts) == 1]
    lines += [line.text for line in reversed(sheet.heading[-_TITLES:])]
    for line in map(plain, lines):
        if len(line) <= _LONGEST_TITLE and pattern_of("title", "table").fullmatch(line):
            yield line


def _by_heads(sheet: Sheet, blocks: Blocks) -> Neighbour | None:
    heads = list(_heads(sheet, blocks))
    own = {role for role in _RESULTS if blocks.indicators.column(role)}
    kinds = {kind for kind in VOCABULARY["heads"] if _says(kind, heads)}
    if "before" in kinds and "after" in kinds and not own:
        return Neighbour.CHANGE
    if Neighbour.MONITORING in kinds and "score" not in own:
        return Neighbour.MONITORING
    if Neighbour.SPOT_CHECK in kinds and not own:
        return Neighbour.SPOT_CHECK
    spent = blocks.funding and (not blocks.funding.columns or blocks.funding.column("outturn"))
    if blocks.indicators.column("target") and not own and not spent:
        return Neighbour.DECLARATION
    return None


def _says(kind: str, heads: Sequence[str]) -> bool:
    return any(pattern_of("heads", kind).fullmatch(head) for head in heads)


def _heads(sheet: Sheet, blocks: Blocks) -> Iterator[str]:
    """Yield the labels over the tables of a sheet and those of its goals."""
    for table in (blocks.funding, blocks.indicators):
        for row in range(table.header, table.first):
            yield from map(label_of, sheet.texts(row))
    for row in (*blocks.header, *blocks.goals):
        yield from (label_of(text) for text in sheet.texts(row) if len(text) <= rows.LONGEST_LABEL)


def _has_results(sheet: Sheet, blocks: Blocks) -> bool:
    """Tell whether anything was achieved, scored or spent."""
    columns = [(blocks.indicators, role) for role in _RESULTS] + [(blocks.funding, "outturn")]
    return any(_is_filled(sheet, table, role) for table, role in columns)


def _is_filled(sheet: Sheet, table: Block, role: str) -> bool:
    column = table.column(role)
    below = (sheet.at(row, column.slot.left) for row in range(table.first, table.last) if column)
    return any(slot and not _BLANK.fullmatch(plain(slot.text)) for slot in below)


def _is_list(sheet: Sheet, blocks: Blocks) -> bool:
    """Tell whether each row of a table is about a project of its own."""
    if blocks.indicators:
        return False
    head = next((r for r in range(sheet.rows) if rows.heads_list(sheet.texts(r))), None)
    if head is None:
        return False
    if any(
        test(sheet, row) for row in range(head) for test in (rows.is_start, rows.names_department)
    ):
        return False  # it is one project's or department's list of tasks
    wide = len(sheet.texts(head))
    return any(2 * len(sheet.texts(row)) > wide for row in range(head + 1, sheet.rows))
