"""The total of a form: points, score and grade, in a row of the table or in one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditkit.forms.accounting import grade_in
from auditkit.forms.blocks import Blocks
from auditkit.forms.entries import NUMBER, WORDS, entry, stated
from auditkit.forms.header import Pairs
from auditkit.forms.labels import points_in
from auditkit.forms.rows import is_own_total
from auditkit.forms.sheet import Sheet, Slot
from auditkit.grid import plain
from auditkit.report import Entry


def read_total(
    sheet: Sheet, blocks: Blocks, pairs: Pairs
) -> tuple[Entry | None, Entry | None, Entry | None]:
    """Read the total row by its columns, or the total that the head of the form states."""
    points: Entry | None = None
    score, rating = pairs.known.get("total_score"), pairs.known.get("rating")
    for row in _of_all(sheet, blocks):
        below = sheet.texts(row + 1) if row + 1 in sheet.seams else []
        if below and all(NUMBER(text).value is not None for text in below):
            sheet = sheet.rows_joined(row, row + 1)  # a page edge cuts the total row
        label, *others = sheet.filled(row)
        available, earned = _figures(sheet, row, blocks, others)
        points = points or entry("total/points", available, NUMBER)
        own = entry("total/score", earned, NUMBER)
        score = _both(score, own) if score and own else score or own
        text = plain(label.text)
        figure = text.partition(":")[2]
        if score is None and figure[:1].isdigit():
            score = stated("total/score", figure, [label], NUMBER)
        if points is None and "(" in text and (bracketed := points_in(text)):
            points = stated("total/points", bracketed, [label], NUMBER)
        graded = [(slot, grade) for slot in others if (grade := grade_in(slot.text))]
        for slot, grade in graded[:1]:
            rating = rating or stated("rating", grade, [slot], WORDS)
    return points, score, rating


def _of_all(sheet: Sheet, blocks: Blocks) -> list[int]:
    """Return the rows of the total, without a sum of indicators that more is added to below it."""
    figures = {row: [slot.text for slot in sheet.filled(row)[1:]] for row in blocks.total}
    with_points = [row for row, texts in figures.items() if len(texts) > 1]
    if len(with_points) < 2:
        return blocks.total
    *before, last = with_points
    most = NUMBER(figures[last][0]).value
    less = [NUMBER(figures[row][0]).value for row in before]
    if most is None or any(each is None or each >= most for each in less):
        return blocks.total
    return [row for row in blocks.total if row not in before]


def _both(head: Entry, row: Entry) -> Entry:
    """Return the total that the head of a form states; the same in its row is one with it."""
    return replace(head, cells=(*head.cells, *row.cells)) if head.text == row.text else head


def _figures(
    sheet: Sheet, row: int, blocks: Blocks, others: Sequence[Slot]
) -> tuple[Slot | None, Slot | None]:
    """Return the cells of a total row with the points and the score."""
    columns = [blocks.indicators.column(role) for role in ("points", "score")]
    under = [sheet.at(row, column.slot.left) if column else None for column in columns]
    available, earned = (slot if slot in others else None for slot in under)
    if is_own_total(sheet, row) and (available is earned or None in (available, earned)):
        if None in columns and (own := others[columns.index(None)]) in (available, earned):
            known = next(column for column in columns if column)
            if known.slot.left <= own.left and own.right <= known.slot.right:
                return available, earned  # what the other is, the head over it does not say
        return others[0], others[1]  # in the order in which every form has them
    if available is earned:
        available = None  # one cell over both columns is the total
    figures = [slot for slot in others if any(char.isdigit() for char in slot.text)]
    if available is None and earned is None and len(figures) == 1:
        earned = figures[0]
    elif earned is None and under[1] is not None and not under[1].text:
        earned = under[1]  # a total that was left blank is one, or a formula shows nothing yet
    return available, earned
