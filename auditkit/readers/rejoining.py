"""The merged cells that a plain table loses, put back as far as its headers tell."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from auditkit.grid import plain
from auditkit.readers.marks import LABELS, MAY_HOLD

# Headers whose cells go on over the rows of a group.
GROUPS = re.compile("[一二]级|指标(?:类[别型]|分类|维度)").search
NAMES = re.compile("三级|指标(?:名称|内容)|具体指标").search  # over the indicators themselves
MONEY = re.compile("资金|拨款|结转|补助").search
_Rows = dict[int, dict[int, str]]
Square = tuple[int, int]  # its row and column
Merged = tuple[int, int, int, int]  # first row and column, last row and column


def rejoined(texts: Mapping[Square, str]) -> list[Merged]:
    """Return the cells of several squares that a table had, by the texts of its filled squares.

    A blank square belongs to the cell on its left where the header above it is blank too, and to
    the cell above where nothing stands left of it below a label of a group, or where a second row
    of heads has nothing below a head of the first.
    """
    rows: _Rows = {}
    for (row, column), text in sorted(texts.items()):
        rows.setdefault(row, {})[column] = text
    parts = _abreast(rows)
    firsts = [first for first, _ in parts]
    of_parts: list[_Rows] = [{} for _ in parts]
    for row, own in rows.items():
        for column, text in own.items():
            of_parts[bisect(firsts, column) - 1].setdefault(row, {})[column] = text
    return [
        whole
        for (first, last), own_rows in zip(parts, of_parts, strict=True)
        for whole in _within(own_rows, range(first, last + 1))
    ]


def _abreast(rows: _Rows) -> list[Square]:
    """Return the first and last columns of the forms of a table, which blank columns part.

    Each begins with its title or a label in its first column, and has heads of its own.
    """
    by_column: dict[int, list[int]] = {}
    for row, texts in rows.items():
        for column in texts:
            by_column.setdefault(column, []).append(row)
    filled = sorted(by_column)
    edges = [n for n, column in enumerate(filled) if column - 1 not in by_column]
    parts = [(0, -1)]
    has_form = False
    for begin, end in pairwise([*edges, len(filled)]):
        run = {column: by_column[column] for column in filled[begin:end]}
        is_form = _may_be_form(rows, run)
        if is_form and has_form:
            parts.append((filled[begin], filled[end - 1]))
        else:
            parts[-1] = parts[-1][0], filled[end - 1]
        has_form = has_form or is_form
    return parts


def _may_be_form(rows: _Rows, run: Mapping[int, Sequence[int]]) -> bool:
    """Tell whether adjoining columns, each with its rows, have a form's top left and its heads."""
    tops = [own[0] for own in run.values()]
    squares = ((row, column) for column, own in run.items() for row in own)
    heads = Counter(row for row, column in squares if _is_labelled(rows[row][column]))
    return tops[0] == min(tops) and max(heads.values(), default=0) >= MAY_HOLD


def _is_labelled(text: str) -> bool:
    return any(label in plain(text) for label in LABELS)


class _Cells:
    """The cells of one form as they are put together: ``ends`` has the last row and column of each.

    ``lowest`` is the last cell that begins in a column.
    """

    def __init__(self, columns: range) -> None:
        self.columns = columns
        self.ends: dict[Square, Square] = {}
        self.lowest: dict[int, Square] = {}

    def begin(self, row: int, column: int, last: int) -> int:
        """Begin a cell; return the column after it."""
        self.lowest[column] = row, column
        self.ends[row, column] = row, last
        return last + 1

    def above(self, row: int, column: int) -> Square | None:
        """Return the cell that begins in a column and ends just above a row."""
        at = self.lowest.get(column)
        return at if at and self.ends[at][0] == row - 1 else None


def _within(rows: _Rows, columns: range) -> Iterator[Merged]:
    """Yield the cells of several squares in some columns."""
    cells = _Cells(columns)
    header: dict[int, str] = {}
    begun = -1  # the row that the header begins in
    for row, texts in rows.items():
        if begun == row - 1 and _are_second_heads(cells, row, texts):
            _lower(cells, row, texts)
            header = header | texts
            continue
        if _are_heads(texts.values()) or not header:
            header, begun = texts, row
        _put(cells, row, texts, header)
    for at, end in cells.ends.items():
        if at != end:
            yield (*at, *end)


def _are_heads(texts: Collection[str]) -> bool:
    """Tell whether a row is a header: some labels, or nothing but labels and kinds of money."""
    is_whole = len(texts) >= MAY_HOLD and all(_is_labelled(t) or MONEY(t) for t in texts)
    return is_whole or sum(map(_is_labelled, texts)) >= MAY_HOLD


def _levels(header: Mapping[int, str]) -> tuple[set[int], int]:
    """Return the columns of the levels of indicators, and that of the names behind them."""
    named = (column for column, text in header.items() if NAMES(text) and not GROUPS(text))
    names = min(named, default=-1)
    before = {column for column in header if column < names}
    return (before if any(GROUPS(header[column]) for column in before) else set()), names


def _put(cells: _Cells, row: int, texts: Mapping[int, str], header: Mapping[int, str]) -> None:
    """Part a row into cells, or let those above go on."""
    first, stop = cells.columns.start, cells.columns.stop
    filled = [*sorted(texts), stop]
    start = filled[0]
    column = first
    levels, names = _levels(header)
    is_anew = names not in texts  # no row of an indicator, or a level above begins in it
    while column < stop:
        above = cells.above(row, column)
        is_group = GROUPS(header.get(column, "")) is not None
        is_over = column < start and (column == first or column not in header or is_group)
        is_level = column in levels and not is_anew and column not in texts
        if above and (is_over or is_level):
            until = filled[bisect(filled, column)]
            cells.ends[above] = row, min(cells.ends[above][1], until - 1)
            column = cells.ends[above][1] + 1
            continue
        is_anew = is_anew or (column in texts and is_group)
        last = column
        if column in texts or column in header:
            while (
                last + 1 < stop
                and last + 1 not in texts
                and (header is texts or last + 1 not in header)
            ):
                last += 1
        column = cells.begin(row, column, last)


def _are_second_heads(cells: _Cells, row: int, texts: Mapping[int, str]) -> bool:
    """Tell whether a row has nothing but heads, several of them below one of the row above."""
    if len(texts) < 2 or not all(map(_is_labelled, texts.values())):
        return False
    above = (cells.above(row, column) for column in cells.columns)
    wholes = [(at[1], cells.ends[at][1]) for at in above if at]
    return any(sum(first <= column <= last for column in texts) > 1 for first, last in wholes)


def _lower(cells: _Cells, row: int, texts: Mapping[int, str]) -> None:
    """Let the heads go on that have none below them, and part the row below the others."""
    column = cells.columns.start
    while column < cells.columns.stop:
        above = cells.above(row, column)
        last = cells.ends[above][1] if above else column
        own = [at for at in texts if column <= at <= last]
        if above and not own:
            cells.ends[above] = row, last
        for at, end in pairwise([*(own or [column]), last + 1]) if own or not above else ():
            cells.begin(row, at, end - 1)
        column = last + 1
