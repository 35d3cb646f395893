"""Lay a form out: its facts as cells in their places, each knowing which field it states.

A block is a piece of its own width; pieces are stretched to one width and put below each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby

from typesetting import Placed

from grammar.design import LEVELS, Column, Design, Form
from grammar.facts import TARGET, Facts, Texts, shown

VALUE, LABEL, FURNITURE = "value", "label", "furniture"
OF_LEVELS = (*LEVELS[:2], "+dimension points", "+category points")
HEADS = "heads"  # a name no row has


@dataclass(frozen=True, slots=True)
class Stated(Placed):
    """A cell that knows whether it is a value, a label or furniture, and whose value it is."""

    kind: str = LABEL
    path: str = ""


@dataclass(slots=True)
class Piece:
    """Cells of one block in its own rows and columns; ``wide`` is the column that gives way."""

    columns: int
    wide: int = 0
    rows: int = 0
    cells: list[Stated] = field(default_factory=list)

    def put(
        self, text: str, row: int, column: int, rows: int = 1, columns: int = 1, **more: str
    ) -> None:
        """Put a cell in its place."""
        prose = len(text) > 30
        self.cells.append(Stated(text, row, column, rows, columns, prose, **more))
        self.rows = max(self.rows, row + rows)

    def value(
        self, text: str, row: int, column: int, path: str, rows: int = 1, columns: int = 1
    ) -> None:
        """Put a value in its place."""
        self.put(text, row, column, rows, columns, kind=VALUE, path=path)

    def stretched(self, width: int, at: int) -> Iterator[Stated]:
        """Yield the cells as they stand on a grid of a width, from a row on."""
        more = width - self.columns
        for cell in self.cells:
            start = cell.column + (more if cell.column > self.wide else 0)
            stop = cell.column + cell.columns
            stop += more if stop > self.wide else 0
            yield replace(cell, row=cell.row + at, column=start, columns=stop - start)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that stands in no table."""

    text: str
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in their places on a grid."""

    width: int
    height: int
    cells: tuple[Stated, ...]


Part = Line | Table


def lay_out(form: Form) -> tuple[Part, ...]:
    """Lay one form out as lines and tables, without what stands beside it."""
    design, facts = form.design, form.facts
    lines, first = _title(design, facts)
    parts: list[list[Piece]] = [[*first]]
    for number, block in enumerate(design.blocks):
        above = [_row(text) for at, text in design.prose if at == number]
        parts[-1] += above
        if block == "indicators" and design.total == "above indicators":
            parts[-1].append(_own_total(design, facts))
        pieces = (design.own.get(block) or _BLOCKS[block])(design, facts)
        if block == "indicators" and design.sub_tables == "tables":
            parts += [[piece] for piece in pieces]
            if number + 1 < len(design.blocks):
                parts.append([])
        else:
            parts[-1] += pieces
        if block == "header" and design.total == "below header":
            parts[-1].append(_own_total(design, facts))
    if design.total == "own block":
        parts[-1].append(_own_total(design, facts))
    parts[-1] += [_row(text) for text in design.foot]
    return (*lines, *(_table(pieces) for pieces in parts if pieces))


def together(form: Form) -> list[tuple[Part, ...]]:
    """Lay out all forms of a file, one after the other; a list of sheets."""
    forms = [one for one in (form.before, form, form.after) if one]
    if form.together == "sheets":
        return [lay_out(one) for one in forms]
    if form.together == "one table" and len(forms) > 1:
        inside = [replace(one, design=replace(one.design, title="inside")) for one in forms]
        parts = [part for one in inside for part in lay_out(one)]
        return [_joined(parts)]
    if form.together == "beside" and len(forms) > 1:
        inside = [replace(one, design=replace(one.design, title="inside")) for one in forms]
        return [(_side_by_side([lay_out(one) for one in inside]),)]
    return [tuple(part for one in forms for part in lay_out(one))]


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Join tables that follow each other without a line between them."""
    made: list[Part] = []
    for part in parts:
        last = made[-1] if made else None
        if isinstance(part, Table) and isinstance(last, Table):
            width = max(last.width, part.width)
            cells = [*_widened(last, width), *_moved(_widened(part, width), last.height, 0)]
            made[-1] = Table(width, last.height + part.height, tuple(cells))
        else:
            made.append(part)
    return tuple(made)


def _side_by_side(forms: Sequence[tuple[Part, ...]]) -> Table:
    cells: list[Stated] = []
    width = height = 0
    for parts in forms:
        (table,) = [part for part in _joined(parts) if isinstance(part, Table)]
        cells += _moved(table.cells, 0, width)
        width += table.width + 1
        height = max(height, table.height)
    return Table(width - 1, height, tuple(cells))


def _widened(table: Table, width: int) -> Iterator[Stated]:
    more = width - table.width
    for cell in table.cells:
        ends = cell.column + cell.columns == table.width
        yield replace(cell, columns=cell.columns + more) if ends else cell


def _moved(cells: Sequence[Stated] | Iterator[Stated], down: int, right: int) -> Iterator[Stated]:
    return (replace(c, row=c.row + down, column=c.column + right) for c in cells)


def _table(pieces: Sequence[Piece]) -> Table:
    width = max(piece.columns for piece in pieces)
    cells: list[Stated] = []
    at = 0
    for piece in pieces:
        cells += piece.stretched(width, at)
        at += piece.rows
    return Table(width, at, tuple(cells))


def _row(text: str, kind: str = FURNITURE) -> Piece:
    piece = Piece(1)
    piece.put(text, 0, 0, kind=kind)
    return piece


def _title(design: Design, facts: Facts) -> tuple[list[Line], list[Piece]]:
    title, year = facts.head["title"], f"({facts.head['year']}年度)"
    unit = [f"单位:{facts.head['currency_unit']}"] if design.unit_at == "line" else []
    if design.title == "inside":
        texts = (title, year, *unit)
        return [], [_row(text, VALUE if text != year else FURNITURE) for text in texts]
    if design.title == "paragraph":
        prose = "根据年度绩效管理工作安排,现将本项目自评情况列表如下,各项内容已经核对。"
        texts = (title, year, prose, *unit)
    else:
        texts = (title, year, *unit) if design.title == "above" else (*unit, title, year)
    return [Line(text, is_title=text == title) for text in texts], []


def _header(design: Design, facts: Facts) -> list[Piece]:
    piece = Piece(4, wide=1)
    row = 0
    told = dict(facts.fields())
    pairs = [(design.header[r], told[r], r) for r in design.header if told[r]]
    if pairs[0][2] == "project":
        piece.put(pairs[0][0], 0, 0)
        piece.value(pairs[0][1], 0, 1, "project", columns=3)
        pairs, row = pairs[1:], 1
    pairs += [(label, text, "") for label, text in design.more_header]
    for number, (label, text, path) in enumerate(pairs):
        at, column = row + number // 2, 2 * (number % 2)
        is_alone = number + 1 == len(pairs) and column == 0
        piece.put(label, at, column)
        piece.value(text, at, column + 1, path, columns=3 if is_alone else 1)
    return [piece]


def _funds(design: Design, facts: Facts) -> list[Piece]:
    return [_FUNDS[design.funds_shape](design, facts)]


def _money_head(design: Design, facts: Facts) -> tuple[str, str]:
    """Return the head beside the block of funds, and the field that it states."""
    if design.unit_at == "side":
        return f"项目资金\n({facts.head['currency_unit']})", "currency_unit"
    return "项目资金", ""


def _money_side(piece: Piece, design: Design, facts: Facts) -> None:
    text, path = _money_head(design, facts)
    piece.put(text, 0, 0, piece.rows, kind=LABEL, path=path)


def heads(piece: Piece, some: Sequence[Column], first: int) -> int:
    """Put the heads of columns, in two rows where several stand below one; return the rows."""
    depth = 2 if any(column.group for column in some) else 1
    for group, members in groupby(enumerate(some), lambda item: item[1].group):
        listed = list(members)
        if group:
            piece.put(group, 0, first + listed[0][0], 1, len(listed))
        for number, column in listed:
            row, rows = (1, 1) if group else (0, depth)
            piece.put(column.head, row, first + number, rows, path=f"{HEADS}.{column.role}")
    return depth


def _as_rows(design: Design, facts: Facts) -> Piece:
    piece = Piece(2 + len(design.funds), wide=1)
    depth = heads(piece, design.funds, 2)
    piece.put("", 0, 1, depth)
    for number, row in enumerate(facts.funds):
        piece.value(row["label"], depth + number, 1, f"b{number}.label")
        for column, one in enumerate(design.funds, start=2):
            text = row.get(one.role, "")
            piece.value(text, depth + number, column, f"b{number}.{one.role}")
    _money_side(piece, design, facts)
    return piece


def _transposed(design: Design, facts: Facts) -> Piece:
    """A row for each figure, a column for each kind of money."""
    piece = Piece(2 + len(facts.funds), wide=1)
    is_by_source = design.funds_shape == "sources"
    piece.put("资金来源" if is_by_source else "", 0, 1)
    for column, row in enumerate(facts.funds, start=2):
        piece.value(row["label"], 0, column, f"b{column - 2}.label")
    for at, one in enumerate(design.funds, start=1):
        piece.put(one.head, at, 1, path=f"{HEADS}.{one.role}")
        for column, row in enumerate(facts.funds, start=2):
            piece.value(row.get(one.role, ""), at, column, f"b{column - 2}.{one.role}")
    _money_side(piece, design, facts)
    return piece


def _label_and_value(design: Design, facts: Facts) -> Piece:
    """For each kind of money its figures as pairs of a label and a value, three in a row."""
    piece = Piece(8, wide=1)
    at = 0
    for number, row in enumerate(facts.funds):
        some = [one for one in design.funds if row.get(one.role, "—") != "—" or "+" in one.role]
        rows = -(-len(some) // 3)
        piece.value(row["label"], at, 1, f"b{number}.label", rows)
        for index, one in enumerate(some):
            line, column = at + index // 3, 2 + 2 * (index % 3)
            last = index + 1 == len(some)
            piece.put(one.head, line, column, path=f"{HEADS}.{one.role}")
            wide = 8 - column - 1 if last else 1
            piece.value(row.get(one.role, ""), line, column + 1, f"b{number}.{one.role}", 1, wide)
        at += rows
    _money_side(piece, design, facts)
    return piece


_FUNDS = {
    "rows": _as_rows,
    "transposed": _transposed,
    "sources": _transposed,
    "label and value": _label_and_value,
}


def _goals(design: Design, facts: Facts) -> list[Piece]:
    side = 1 if design.has_sides else 0
    names = ("expected", "actual")
    shape = design.goals_shape
    piece = Piece(side + {"pair": 2, "beside": 2, "below": 1, "one row": 4}[shape])
    piece.wide = piece.columns - 1
    for number, name in enumerate(names):
        head, text, path = design.goals[name], facts.goals[name], f"goals.{name}"
        if shape == "pair":
            piece.put(head, 0, side + number)
            piece.value(text, 1, side + number, path)
        elif shape == "beside":
            piece.put(head, number, side)
            piece.value(text, number, side + 1, path)
        elif shape == "below":
            piece.put(head, 2 * number, side)
            piece.value(text, 2 * number + 1, side, path)
        else:
            piece.put(head, 0, side + 2 * number)
            piece.value(text, 0, side + 2 * number + 1, path)
    if side:
        piece.put("年度\n总体\n目标", 0, 0, piece.rows)
    return [piece]


def indicators(design: Design, facts: Facts) -> list[Piece]:
    rows = list(enumerate(facts.indicators))
    side = 1 if design.has_sides else 0
    groups = [[*g] for _, g in groupby(rows, lambda item: item[1]["dimension"])]
    pieces = []
    for group in groups if design.sub_tables else [rows]:
        piece = Piece(side + len(design.indicators), wide=side)
        indicator_rows(piece, design, group, side)
        if side:
            piece.put("绩\n效\n指\n标", 0, 0, piece.rows)
        pieces.append(piece)
    if design.total == "last row":
        total_row(pieces[-1], design, facts, side)
    return pieces


def indicator_rows(
    piece: Piece, design: Design, rows: Sequence[tuple[int, Texts]], side: int
) -> None:
    at = heads(piece, design.indicators, side)
    for dimension, members in groupby(rows, lambda item: item[1]["dimension"]):
        some = list(members)
        top = at
        blank = design.has_template_rows and dimension == rows[0][1]["dimension"]
        if design.is_tree:
            _parent(piece, design, dimension, [row for _, row in some], at, side)
            at += 1
        for category, leaves in groupby(some, lambda item: item[1]["category"]):
            listed = list(leaves)
            if design.is_tree:
                _parent(piece, design, category, [row for _, row in listed], at, side)
                at += 1
            high = len(listed) + (blank and listed[-1] is some[-1])
            _level(piece, design, "category", category, at, high, side, listed)
            for number, row in listed:
                _leaf(piece, design, number, row, at, side)
                at += 1
        _level(piece, design, "dimension", dimension, top, len(some) + blank, side, some)
        if blank:
            _template_row(piece, design, at, side)
            at += 1
        if design.sums:
            _sum_row(piece, design, [row for _, row in some], at, side)
            at += 1


def _level(
    piece: Piece,
    design: Design,
    role: str,
    text: str,
    at: int,
    high: int,
    side: int,
    rows: Sequence[tuple[int, Texts]],
) -> None:
    """The name of a level, and its points where they have a column, for all rows below it."""
    if design.is_tree:
        return
    for column, one in enumerate(design.indicators, start=side):
        if one.role == role and design.repeats_levels:
            for number in range(high):
                row = rows[min(number, len(rows) - 1)][0]
                piece.value(text, at + number, column, f"i{row}.{role}")
        elif one.role == role:
            piece.value(text, at, column, f"i{rows[0][0]}.{role}", high)
        elif one.role == f"+{role} points":
            points = _summed([row for _, row in rows], "points")
            piece.value(points, at, column, "", high)


def _leaf(piece: Piece, design: Design, number: int, row: Texts, at: int, side: int) -> None:
    for column, one in enumerate(design.indicators, start=side):
        if one.role in OF_LEVELS:
            continue
        role = "target" if one.role in TARGET else one.role
        text = row.get(one.role, "")
        is_level = design.is_tree and one.role == "name"
        piece.value(f"  {text}" if is_level else text, at, column, f"i{number}.{role}")


def _summed(rows: Sequence[Texts], role: str) -> str:
    return shown(sum((Decimal(row[role]) for row in rows), Decimal(0)))


def _parent(
    piece: Piece, design: Design, text: str, rows: Sequence[Texts], at: int, side: int
) -> None:
    """A row of the tree above its leaves: its name, and the sums of their points and scores."""
    for column, one in enumerate(design.indicators, start=side):
        if one.role == "name":
            piece.value(text, at, column, "")
        else:
            told = _summed(rows, one.role) if one.role in ("points", "score") else ""
            piece.value(told, at, column, "")


def _template_row(piece: Piece, design: Design, at: int, side: int) -> None:
    """A row of the template that nobody filled in, in the last category of the dimension."""
    for column, one in enumerate(design.indicators, start=side):
        if one.role not in OF_LEVELS:
            text = "指标2:……" if one.role == "name" else ""
            piece.put(text, at, column, kind=FURNITURE)


def _sum_row(piece: Piece, design: Design, rows: Sequence[Texts], at: int, side: int) -> None:
    _sums(piece, design, at, side, "小计", {r: _summed(rows, r) for r in ("points", "score")}, "")


def total_row(piece: Piece, design: Design, facts: Facts, side: int) -> None:
    _sums(piece, design, piece.rows, 0, design.total_label, facts.total, "total.")


def _sums(
    piece: Piece, design: Design, at: int, start: int, label: str, sums: Texts, path: str
) -> None:
    """A row with a label over all columns before the first that has a sum."""
    side = 1 if design.has_sides else 0
    roles = [one.role for one in design.indicators]
    first = side + min(roles.index(role) for role in ("points", "score") if role in roles)
    if first > start:
        piece.put(label, at, start, 1, first - start)
    for column in range(first, piece.columns):
        role = roles[column - side]
        if role in sums:
            piece.value(sums[role], at, column, f"{path}{role}" if path else "")
        else:
            piece.put("", at, column)


def _own_total(design: Design, facts: Facts) -> Piece:
    """The total as a label, the points and the score."""
    piece = Piece(3, wide=2)
    piece.put(design.total_label, 0, 0)
    piece.value(facts.total["points"], 0, 1, "total.points")
    piece.value(facts.total["score"], 0, 2, "total.score")
    return piece


_BLOCKS: dict[str, Callable[[Design, Facts], list[Piece]]] = {
    "header": _header,
    "funds": _funds,
    "goals": _goals,
    "indicators": indicators,
}
