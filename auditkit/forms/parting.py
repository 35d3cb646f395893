"""Which grids of a file, and which rows of them, are one form: by what begins and ends it.

A form begins where its project is named, at its title, wherever that stands, or, once the form
above has had its indicators, where a department is named and blocks follow. Tables that follow it
without a name of their own and bring what it still lacks belong to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from auditkit.forms import rows
from auditkit.forms.abreast import side_by_side
from auditkit.forms.labels import is_title, names_form, role_of
from auditkit.forms.sheet import Sheet, Stretch, Test, is_near, lay_out, runs_on, take_in
from auditkit.grid import Box, Cell, Grid, plain

_Parts = tuple[list[Stretch], tuple[Cell, ...]]

_HEAD = 12  # rows from the top of a table within which its first block begins
_HEADINGS = 20  # characters of a line over a part of a form; what is longer is prose


def forms_in(grids: Sequence[Grid]) -> Iterator[_Parts]:
    """Part the grids of a file into forms, each with the lines that stand over it."""
    parts: list[Stretch] = []
    heading: tuple[Cell, ...] = ()
    known: list[Cell] = []
    for printed in (part for grid in grids for part in side_by_side(grid)):
        taken = take_in(parts, printed, known)
        follows = runs_on(parts, taken, known)
        known.extend(printed.heading)
        grid = taken if follows else printed
        sheet = lay_out([Stretch.whole(grid)])
        starts = _starts(sheet, grid, parts)
        if follows and starts[:1] == [0]:
            if _repeats(sheet, parts):
                starts = starts[1:]
            else:
                grid, follows = printed, False
                sheet = lay_out([Stretch.whole(grid)])
        first = starts[0] if starts else sheet.rows
        top = _repeated_rows(sheet, parts) if follows else 0
        is_part = top < first and bool(parts) and (follows or _goes_on(sheet, first, parts, grid))
        if is_part:
            over_edge = follows and not _is_whole_table(sheet, grid)
            parts.append(Stretch(grid, top, first - 1, over_edge))
        elif starts and sheet.has(rows.is_header, last=first):
            starts = [0, *starts]  # what stands above is no rest of a form, but has blocks
        elif first and starts:
            starts[0] = 0  # and nothing that stands above is let go
        is_alone = not starts and not is_part
        for start, end in pairwise([*([0] if is_alone else starts), sheet.rows]):
            if parts:
                yield parts, heading
            parts, heading = [Stretch(grid, start, end - 1)], () if start else grid.heading
        if is_alone:
            yield parts, heading
            parts = []
    if parts:
        yield parts, heading


def _starts(sheet: Sheet, grid: Grid, parts: Sequence[Stretch]) -> list[int]:
    """Return the rows at which a form begins."""
    named = [row for row in range(sheet.rows) if rows.is_start(sheet, row)]
    starts = sorted({_back(sheet, row) for row in (*named, *_unnamed(sheet, named, parts))})
    begins = sheet.has(rows.is_header, _HEAD) or sheet.has(rows.names_department, _HEAD)
    if starts[:1] != [0] and begins and _is_titled(sheet, grid, parts):
        if starts and not sheet.has(rows.is_header, last=starts[0]):
            starts.pop(0)
        starts.insert(0, 0)
    return starts


def _is_titled(sheet: Sheet, grid: Grid, parts: Sequence[Stretch]) -> bool:
    """Tell whether a line over a table is the title of a form, or names its project.

    A line over a block that the form above still lacks, 二、绩效指标完成情况表, is that block's.
    """
    titles = [line.text for line in grid.heading if is_title(line.text) and "续" not in line.text]
    if any(rows.names_project(line.text) for line in grid.heading):
        return True
    if not parts or any(map(names_form, titles)):
        return bool(titles)
    return bool(titles) and not _adds(sheet, sheet.rows, parts)


def _unnamed(sheet: Sheet, named: Sequence[int], parts: Sequence[Stretch]) -> Iterator[int]:
    """Yield the rows that begin a form without naming its project: its title, its department.

    Blocks follow such a row, and the form above, if there is one, has had its indicators.
    """
    since, is_first = 0, True
    for row in range(sheet.rows):
        if row in named:
            since, is_first = row, False
        elif (is_titled := rows.is_title_row(sheet, row)) or rows.names_department(sheet, row):
            stop = next((other for other in named if other > row), sheet.rows)
            if not _opens_form(sheet, row, stop, is_titled=is_titled):
                continue
            if _any(sheet, rows.is_indicator_header, since, row) or (
                is_first and not sheet.has(rows.is_header, row) and _is_over(parts)
            ):
                yield row
                since, is_first = row, False


def _opens_form(sheet: Sheet, row: int, stop: int, *, is_titled: bool) -> bool:
    """Tell whether blocks follow a row; below a title that may be a block's, a head does too.

    Blocks may follow on the next page.
    """
    first = sheet.until(rows.is_header, row)
    if is_titled and first == stop == sheet.rows and names_form(sheet.texts(row)[0]):
        return all(_is_of_head(sheet, below) for below in range(row + 1, stop))
    if first >= stop or not _any(sheet, rows.is_indicator_header, row, stop):
        return False
    is_own = not is_titled or names_form(sheet.texts(row)[0])
    return is_own or _any(sheet, rows.names_department, row, first)


def _is_of_head(sheet: Sheet, row: int) -> bool:
    """Tell whether a row can stand between the title of a form and its blocks."""
    texts = sheet.texts(row)
    return len(texts) < 2 or role_of("header", texts[0]) is not None


def _is_over(parts: Sequence[Stretch]) -> bool:
    """Tell whether another form may begin: there is none, or it has had its indicators."""
    return not parts or lay_out(parts).has(rows.is_indicator_header)


def _any(sheet: Sheet, test: Test, first: int, last: int) -> bool:
    return any(test(sheet, row) for row in range(first, min(last, sheet.rows)))


def _back(sheet: Sheet, row: int) -> int:
    """Return where the head of a form begins whose project stands in a row."""
    first = row
    while row > 0:
        row -= 1
        texts = sheet.texts(row)
        if not texts:
            continue  # sheets leave a row blank below a title
        head = role_of("header", texts[0]) is not None
        alone = len(texts) == 1 and (is_title(texts[0]) or len(plain(texts[0])) <= 16)
        if rows.is_total(sheet, row) or not (head or alone):
            break
        first = row
    return first


def _repeated_rows(sheet: Sheet, parts: Sequence[Stretch]) -> int:
    """Count the rows at the top of a page that only repeat those at the top of its form.

    Spreadsheets print the text of a cut cell over them, so a cell may say more than it repeats.
    """
    form = lay_out(parts[:1])
    last = min(sheet.rows, form.rows)
    for row in range(last):
        own, first = ([plain(text) for text in s.texts(row)] for s in (sheet, form))
        if len(own) != len(first) or not all(b in a for a, b in zip(own, first, strict=True)):
            return row
    return last


def _repeats(sheet: Sheet, parts: Sequence[Stretch]) -> bool:
    """Tell whether a page repeats the head of its form, or the title of one without a total yet.

    Below a title at the foot of a page the head of its form stands for the first time.
    """
    form = lay_out(parts)
    if not form.has(rows.is_header) and not form.has(rows.is_start):
        return True
    if sheet.has(rows.is_funding_header):
        return False
    is_open = not form.has(rows.is_total)
    return (is_open and not sheet.has(rows.is_start)) or _repeated_rows(sheet, parts) > 0


def _goes_on(sheet: Sheet, last: int, parts: Sequence[Stretch], grid: Grid) -> bool:
    """Tell whether a table of its own is a part of the form above it.

    It holds a block that the form still lacks, or goes on with its indicators under the same
    heads, as where each dimension has a table.
    """
    if any(map(names_form, (line.text for line in grid.heading))):
        return False
    if not is_near(parts[-1].grid, grid):
        return False
    return _adds(sheet, last, parts) or _goes_on_below(sheet, last, parts, grid)


def _is_whole_table(sheet: Sheet, grid: Grid) -> bool:
    """Tell whether a table with heads of its own stands in a file whose tables no page cuts."""
    has_pages = any(isinstance(cell.place, Box) for cell in grid.cells[:1])
    return not has_pages and rows.is_indicator_header(sheet, 0)


def _adds(sheet: Sheet, last: int, parts: Sequence[Stretch]) -> bool:
    have = lay_out(parts)
    tests = (rows.is_funding_header, rows.is_goal_row, rows.is_indicator_header)
    return any(sheet.has(test, last=last) and not have.has(test) for test in tests)


def _goes_on_below(sheet: Sheet, last: int, parts: Sequence[Stretch], grid: Grid) -> bool:
    """Tell whether a table is another part of a form's indicators, or has its total."""
    if any(len(plain(line.text)) > _HEADINGS for line in grid.heading):
        return False
    have = lay_out(parts)
    above = [row for row in range(have.rows) if rows.is_indicator_header(have, row)]
    if not above or sheet.has(rows.is_funding_header, last) or _is_whole(have, above[-1]):
        return False
    first = sheet.until(rows.is_indicator_header, 0)
    if first >= last:
        return sheet.has(rows.is_total, last=last) and len(sheet.texts(0)) <= 4
    heads = {plain(text) for row in above for text in have.texts(row)}
    own = {plain(text) for text in sheet.texts(first)}
    return 2 * len(own & heads) > len(own)


def _is_whole(sheet: Sheet, row: int) -> bool:
    """Tell whether the form's total stands below a row; that of a dimension is less than 100."""
    totals = (r for r in range(row, sheet.rows) if rows.is_total(sheet, r))
    return any("100" in map(plain, sheet.texts(r)) for r in totals)
