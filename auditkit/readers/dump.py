"""Text that a recognition program dumped: a form written out again and again as it was read.

Such a dump is tab separated. Head, funds and goals come once. The indicator table comes anew with
each line, as far as it was read by then, the items of a column run together with blanks. Repeats
lose items, misread them and make some up, so none is trusted alone: the repeats of a column are
aligned (Needleman and Wunsch) and the items vote, as several recognisers do in ROVER (Fiscus
1997). Which row an item belongs to is told by the columns' growing in step with the names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.grid import Cell, Document, Grid, How, Span, Tables, plain
from auditkit.readers.limits import hold
from auditkit.readers.marks import decoded
from auditkit.wording import Term

_NAME = re.compile(r"(?:三级|3级|Ⅲ级)(?:绩效)?指标\S*|(?:绩效|具体)?指标(?:名称|内容)|绩效指标")
_LEVEL = re.compile(r"[一二12ⅠⅡ]级(?:绩效)?指标\S*")
_VALUE = re.compile(r"\S*(?:指标值|目标值|完成值|实际值|预期值|完成情况)")
POINTS = re.compile(r"\S*(?:分值|得分|权重|评分|自评分)")
CAUSE = re.compile(r"\S*(?:原因\S*|措施|说明)")
_HEAD = re.compile(r"\S{0,6}(?:名称|部门|单位|负责人|联系人|电话|项目(?:类[别型]|属性))(?:及代码)?")
_MONEY = re.compile(r"\S{0,6}(?:预算|执行|支出|下达|支付)(?:金额|数额?|额|率)|分值|权重|得分|评分")
GOAL = re.compile(
    r"\S{0,6}(?:预期|设定|总体|绩效|年度)\S{0,4}目标\S{0,2}|\S{0,9}完成情况\S{0,2}|\S{0,6}完成综述"
)
TOTAL = re.compile(r"(?:自评|评价|绩效)?(?:总分|总得分|总计|合计|总评分)\S{0,6}")
NUMBER, HAN = re.compile(r"\d+(?:\.\d+)?"), re.compile(r"[\u3400-\u9fff]")
NOT_SURE_OF_ROW = Doubt(DoubtKind.ROW_NOT_SURE)
MAY_GO_ON = Doubt(DoubtKind.MAY_GO_ON)
ONE_OR_TWO = Doubt(DoubtKind.ONE_NAME_OR_TWO)
STRAY_IN_YEAR = Doubt(DoubtKind.STRAY_IN_YEAR)
UNPLACED = Doubt(DoubtKind.UNPLACED)
_SHORT = 5  # characters; fewer behind a full line of a name are its second line
# What an item weighs that a repeat makes up, or loses: one that another made up, or one of several.
ADDED, LOST = -60, (-3, -30)  # a pair of like items weighs 100
LOSE, ADD, PAIR = range(3)  # steps of an alignment; of equally good ones the last counts
# What a repeat says for no item being lost, by its rows before the names; any other says -2.
IN_STEP = {0: 2, 1: 0, -1: -1}

Doubts = tuple[Doubt, ...]


class Piece(NamedTuple):
    """A text and where it stands; ``glued`` to the one before, without a blank between them."""

    text: str
    line: int
    first: int
    last: int
    glued: bool = False

    @property
    def label(self) -> str:
        """The text for comparing with labels, without what stands in brackets."""
        return re.sub(r"[(\[].*?[)\]]", "", plain(self.text)).rstrip(":")

    def part(self, first: int, last: int, *, glued: bool = False) -> Piece:
        """Return some of the text, from one character to before another."""
        at = self.first + first
        return Piece(self.text[first:last], self.line, at, self.first + last - 1, glued)


_Line = list[Piece]


@dataclass(slots=True, eq=False)
class _Slot:
    """One item of a column, as each repeat has it, and how many repeats reach as far."""

    pieces: dict[int, Piece] = field(default_factory=dict)
    seen_by: int = 0

    @property
    def text(self) -> str:
        """What most repeats have."""
        return Counter(piece.text for piece in self.pieces.values()).most_common(1)[0][0]

    @property
    def is_usual(self) -> bool:
        """Whether at least half of the repeats that could have the item have it."""
        return 2 * len(self.pieces) >= self.seen_by


@dataclass(slots=True)
class _Column:
    """The items that were taken, all items, and the one that each repeat ends with."""

    slots: list[_Slot]
    all: list[_Slot]
    ends: dict[int, int]

    def reach(self, among: Sequence[_Slot]) -> dict[int, int]:
        """Return how many of some items each repeat comes to."""
        at = [self.all.index(slot) for slot in among]
        return {line: sum(place <= end for place in at) for line, end in self.ends.items()}


@dataclass(slots=True)
class _Made:
    """The cells made so far, row below row."""

    document: Document
    cells: list[Cell] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    row: int = 0

    def put(
        self, piece: Piece, at: int, doubts: Doubts = (), how: How = How.READ, down: int = 0
    ) -> None:
        """Add a cell to the row, or to one further down."""
        place, row = Span(piece.line, piece.first, piece.last), self.row + down
        self.cells.append(Cell(self.document, place, piece.text, row, at, doubts=doubts, how=how))


def is_dump(text: str) -> bool:
    """Tell whether a text is such a dump: tabs, labels of a form, and cells that grow by line."""
    _, repeats = _parted(_lines(text) if "\t" in text and "指标" in text else [])
    texts = [[plain(cell.text) for cell in line] for line in repeats[1:]]
    grown = (zip(above, line, strict=False) for above, line in pairwise(texts))
    return sum(any(HAN.search(a) and b != a and b.startswith(a) for a, b in g) for g in grown) > 1


def read(data: bytes, document: Document) -> Tables:
    """Read a dump into one grid, each cell in its line, the indicators by consensus."""
    head, repeats = _parted(_lines(decoded(data).rstrip("\ufffd")))
    hold("repeats", len(repeats), "lines of repeats", document.name)
    made = _Made(document)
    _read_head(made, head)
    if repeats:
        _read_indicators(made, repeats[0], repeats[1:])
    return Tables(document, (Grid(document, 1, "text/dump", tuple(made.cells)),), tuple(made.notes))


def _lines(text: str) -> list[_Line]:
    """Return the cells of every line that has any, each line once."""
    lines: dict[tuple[str, ...], _Line] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        cells = [
            Piece(m[1], number, m.start(1) + 1, max(m.end(1), m.start(1) + 1))
            for m in re.finditer(r"(?:^|\t)[^\S\t]*([^\t]*?)[^\S\t]*(?=\t|$)", line)
        ]
        if any(cell.text for cell in cells):
            lines.setdefault(tuple(cell.text for cell in cells), cells)
    return list(lines.values())


def _matches(pattern: re.Pattern[str], line: _Line) -> list[int]:
    return [i for i, cell in enumerate(line) if cell.text and pattern.fullmatch(cell.label)]


def _parted(lines: list[_Line]) -> tuple[list[_Line], list[_Line]]:
    """Return what stands above the header of the indicators, and the lines from it on."""
    for at, line in enumerate(lines):
        names, values, others = (_matches(kind, line) for kind in (_NAME, _VALUE, POINTS))
        if names and values and len(values + others) > 1:
            return lines[:at], lines[at:]
    return lines, []


def _read_head(made: _Made, lines: Sequence[_Line]) -> None:
    """Put the rows that come once: what is above the funds, the funds, the goals."""
    money = next((i for i, line in enumerate(lines) if len(_matches(_MONEY, line)) > 2), len(lines))
    goals = next((i for i, line in enumerate(lines) if len(_matches(GOAL, line)) > 1), len(lines))
    for line in lines[: min(money, goals)]:
        for at, (piece, doubts) in _joined(line).items():
            made.put(piece, at, doubts)
        made.row += 1
    blocks = sorted(((money, _put_funds), (goals, _put_goals)), key=lambda block: block[0])
    for (at, put), end in zip(blocks, (blocks[1][0], len(lines)), strict=True):
        if at < end:
            put(made, lines[at:end])


def _joined(line: _Line) -> dict[int, tuple[Piece, Doubts]]:
    """Return the cells of a row of labels and values, a text that column borders split made one.

    A character that the border ran through stands on both sides of it.
    """
    parts: dict[int, tuple[Piece, Doubts]] = {}
    last = -1
    for at, cell in enumerate(line):
        above, doubts = parts.get(last, (None, ()))
        if not cell.text:
            last = -1
        elif above and not _HEAD.fullmatch(above.label) and not _HEAD.fullmatch(cell.label):
            text = above.text + cell.text[above.text[-1] == cell.text[0] :]
            if year := re.fullmatch(r"(\D*(?:19|20)\d\d)\d(年.*)", text):
                text, doubts = year[1] + year[2], (STRAY_IN_YEAR,)
            parts[last] = above._replace(text=text, last=cell.last), doubts
        elif above or len(cell.text) > 1 or HAN.search(cell.text):
            parts[at], last = (cell, ()), at
    return parts


def _put_funds(made: _Made, lines: Sequence[_Line]) -> None:
    """Put the rows of the funds; marks on the left of their names are the block's label or none."""
    header, *rows = lines
    first, *_, last = _matches(_MONEY, header)
    named = [[i for i, cell in enumerate(row[:first]) if HAN.search(cell.text)] for row in rows]
    own = max((Counter(at[-1] for at in named if at)).most_common(1), default=(0, 0))[0]
    aside = [cell for row in lines for cell in row[:own] if HAN.search(cell.text)]
    if aside:
        made.put(aside[0]._replace(text="".join(cell.text for cell in aside)), 0)
        made.cells[-1] = replace(made.cells[-1], row_span=len(lines))
    for row in lines:
        for at in range(first if row is header else own, min(len(row), last + 1)):
            made.put(row[at], at)
        made.row += 1


def _put_goals(made: _Made, lines: Sequence[_Line]) -> None:
    """Put what was expected and what was done below their labels, and say where one goes on."""
    sides = _matches(GOAL, lines[0])[-2:]
    found: tuple[_Line, _Line] = ([], [])
    for line in lines[1:]:
        texts = [(i, c) for i, c in enumerate(line) if c.text and not GOAL.fullmatch(c.label)]
        for number, (at, cell) in enumerate(texts):
            nearer = abs(at - sides[0]) > abs(at - sides[1])
            found[number if len(texts) == 2 else nearer].append(cell)
    for side, cells in zip(sides, found, strict=True):
        made.put(lines[0][side], side)
        for cell in cells[:1]:
            rest = tuple(Doubt.of(DoubtKind.GOES_ON, line=more.line) for more in cells[1:])
            made.put(cell, side, rest, down=1)
    made.row += 2


def _read_indicators(made: _Made, header: _Line, lines: Sequence[_Line]) -> None:
    """Put the header and the rows that the repeats agree on, and what comes behind them."""
    firsts = [next(cell for cell in line if cell.text) for line in lines]
    end = next((i for i, cell in enumerate(firsts) if TOTAL.fullmatch(cell.label)), len(lines))
    all_kinds = (_LEVEL, CAUSE, _VALUE, POINTS, _NAME)
    kinds = {at: kind for kind in all_kinds for at in _matches(kind, header)}
    columns = {at: _consensus(_items(lines[:end], at, header[at], kinds[at])) for at in kinds}
    name = max(at for at, kind in kinds.items() if kind is _NAME)
    rows, doubted = _names(columns[name], [columns[at] for at in kinds if kinds[at] is _VALUE])
    done = columns[name].reach([row[-1] for row in rows])
    known = next((i for i, row in enumerate(rows) if doubted & set(row)), len(rows))
    filled = 0
    for at, kind in kinds.items():
        if kind in (_VALUE, POINTS, CAUSE):
            sure = _sure(columns[at], done, known)
            _put_column(made, at, columns[at].slots[: len(rows)], sure, guess=kind is not POINTS)
            filled = max(filled, len(columns[at].slots))
        if kind is not _LEVEL and (kind is not _NAME or at == name):
            made.put(header[at], at)
    made.row += 1
    for number, row in enumerate(rows, start=1):
        piece, how, doubts = _voted(_whole(row))
        last = number == len(rows) > filled and piece.line == firsts[-1].line
        reasons = ((MAY_GO_ON, last), (ONE_OR_TWO, bool(doubted & set(row))))
        made.put(piece, name, (*doubts, *(reason for reason, holds in reasons if holds)), how)
        made.row += 1
    for line in lines[end:]:
        for at, cell in enumerate(line):
            if cell.text:
                made.put(cell, at)
        made.row += 1
    groups = [slot.text for at in kinds if kinds[at] is _LEVEL for slot in columns[at].slots]
    if groups:
        made.notes.append(Note.of(NoteKind.GROUPS_WITHOUT_ROWS, groups=tuple(groups)))
    if end == len(lines):
        said = plain("".join(cell.text for line in lines for cell in line))
        before = Term("the_total" if "满意" in said else "satisfaction_and_total")
        at = [header[0], *firsts][-1].line
        made.notes.append(Note.of(NoteKind.BREAKS_OFF, before=before, line=at))


def _items(lines: Sequence[_Line], at: int, header: Piece, kind: re.Pattern[str]) -> list[_Line]:
    """Return the items of one column in each repeat, without what is left of its header."""
    left = re.compile(rf"\s*(?:(?:{'|'.join(map(re.escape, header.text.split()))})\s*)*")
    repeats = []
    for cell in (line[at] for line in lines if at < len(line)):
        start = left.match(cell.text)
        found = re.compile(r"\S+").finditer(cell.text, start.end() if start else 0)
        repeats.append([cell.part(*match.span()) for match in found])
    numbers = [[piece for piece in line if NUMBER.fullmatch(piece.text)] for line in repeats]
    if kind is POINTS and 2 * sum(map(len, numbers)) > sum(map(len, repeats)):
        repeats = numbers
    while kind is _NAME:  # two are parted that were run together, where another repeat has both
        two = {a.text + b.text: len(a.text) for line in repeats for a, b in pairwise(line)}
        if not any(piece.text in two for line in repeats for piece in line):
            break
        repeats = [[part for piece in line for part in _apart(piece, two)] for line in repeats]
    return [line for line in repeats if line]


def _apart(piece: Piece, two: dict[str, int]) -> Iterator[Piece]:
    if at := two.get(piece.text, 0):
        yield piece.part(0, at)._replace(glued=piece.glued)
        yield piece.part(at, len(piece.text), glued=True)
    else:
        yield piece


def _consensus(repeats: Sequence[_Line]) -> _Column:
    """Align the repeats of a column, those most like the others first; odd ones are left out."""
    bags = [Counter(piece.text for piece in line) for line in repeats]
    shared = [sum((bag & other).total() for other in bags) for bag in bags]
    slots: list[_Slot] = []
    lasts: dict[int, _Slot] = {}
    for _, line in sorted(zip(shared, repeats, strict=True), key=lambda pair: -pair[0]):
        pairs = _aligned(slots, line)
        if slots and 2 * sum(slot is not None for slot, piece in pairs if piece) < len(line):
            continue
        slots = []
        for known, piece in pairs:
            slots.append(known or _Slot())
            if piece:
                slots[-1].pieces[piece.line], lasts[piece.line] = piece, slots[-1]
    ends = {line: slots.index(slot) for line, slot in lasts.items()}
    for index, slot in enumerate(slots):
        slot.seen_by = sum(end >= index for end in ends.values())
    return _Column([slot for slot in slots if slot.is_usual], slots, ends)


def _aligned(slots: Sequence[_Slot], line: _Line) -> list[tuple[_Slot | None, Piece | None]]:
    """Pair the items known so far with those of a repeat; what is known may go on behind it."""
    best = [[(ADDED * j, ADD) for j in range(len(line) + 1)]]
    for i, slot in enumerate(slots, start=1):
        texts, lost = {known.text for known in slot.pieces.values()}, LOST[len(slot.pieces) > 1]
        best.append([(best[i - 1][0][0] + lost, LOSE)])
        for j, piece in enumerate(line, start=1):
            like = max(_likeness(text, piece.text) for text in texts)
            same = int(200 * like - 100) + min(len(slot.pieces), 9) if like >= 0.5 else -900
            lose = best[i - 1][j][0] + (lost if j < len(line) else 0), LOSE
            pair = best[i - 1][j - 1][0] + same, PAIR
            best[i].append(max(pair, lose, (best[i][j - 1][0] + ADDED, ADD)))
    pairs: list[tuple[_Slot | None, Piece | None]] = []
    i, j = len(slots), len(line)
    while i or j:
        step = best[i][j][1]
        i, j = i - (step != ADD), j - (step != LOSE)
        pairs.append((None if step == ADD else slots[i], None if step == LOSE else line[j]))
    return pairs[::-1]


@lru_cache(maxsize=100_000)
def _likeness(text: str, other: str) -> float:
    """Return how alike two readings are, from 0 to 1; those of unlike numbers are not."""
    if text == other or re.findall(r"\d", text) != re.findall(r"\d", other):
        return float(text == other)
    return SequenceMatcher(None, text, other, autojunk=False).ratio()


def _names(column: _Column, values: Sequence[_Column]) -> tuple[list[list[_Slot]], set[_Slot]]:
    """Join the lines of names that were wrapped: a line as long as lines are, and its rest.

    Where some repeats have both glued together, their share decides; where none has, a short rest
    is taken for one. Also returned are items that are doubtful: joined on little evidence, or not
    joined although names and values would be better in step.
    """
    pairs = list(pairwise(column.slots))
    glued = [[b.pieces[n].glued for n in b.pieces.keys() & a.pieces] for a, b in pairs]
    rows, doubted = [[slot] for slot in column.slots[:1]], set[_Slot]()
    lengths = sorted(len(slot.text) for slot in column.slots)
    cut = Counter(
        len(a.text)
        for (a, b), seen in zip(pairs, glued, strict=True)
        if any(seen) and _is_short(b) and len(a.text) >= lengths[len(lengths) // 2]
    )
    line_length = max(cut, key=lambda n: cut[n]) if cut else max(lengths, default=0)
    loose = []  # pairs that were left apart
    for (above, slot), seen in zip(pairs, glued, strict=True):
        full, times = len(above.text) >= line_length - 1, sum(seen)
        often = 3 * times >= len(seen) > 0 if full else times > 2 and 2 * times > len(seen)
        if (often or (full and _is_short(slot))) and _whole([*rows[-1], slot]):
            rows[-1].append(slot)
            doubted |= set() if _is_short(slot) or times > 2 else {above, slot}
        else:
            rows.append([slot])
            loose += [(above, slot)] if full else []
            doubted |= {above, slot} if len(above.text) >= line_length and len(seen) < 2 else set()
    lasts = [row[-1] for row in rows]
    for value in values:
        _take_lost(value, column.reach(lasts))
    strays = _strays(column.reach(lasts), values)
    for above, slot in loose:
        others = [last for last in lasts if last is not above]
        doubted |= {above, slot} if _strays(column.reach(others), values) + 1 < strays else set()
    return rows, doubted


def _is_short(slot: _Slot) -> bool:
    return len(slot.text) < _SHORT


def _strays(done: dict[int, int], columns: Sequence[_Column]) -> int:
    """Count by how many rows names and values of all repeats are apart."""
    reaches = [column.reach(column.slots) for column in columns]
    most = {line: max((reach.get(line, 0) for reach in reaches), default=0) for line in done}
    return sum(abs(done[line] - reach) for line, reach in most.items() if reach)


def _take_lost(column: _Column, done: dict[int, int]) -> None:
    """Take twins of their neighbours that most repeats lost, where that mends the steps."""
    for at, slot in enumerate(column.all):
        before = [s.text for s in column.all[:at] if s in column.slots][-1:]
        beside = before + [s.text for s in column.all[at + 1 :] if s in column.slots][:1]
        if slot not in column.slots and slot.text in beside:
            more = [s for s in column.all if s is slot or s in column.slots]
            mended = _Column(more, column.all, column.ends)
            if _strays(done, [mended]) + 2 <= _strays(done, [column]):
                column.slots = more


def _whole(row: Sequence[_Slot]) -> _Line:
    """Return each repeat's reading of a name, its lines joined, where they follow each other."""
    found = []
    for line, first in row[0].pieces.items():
        parts = [slot.pieces[line] for slot in row if line in slot.pieces]
        if len(parts) == len(row) and all(b.first - a.last <= 2 for a, b in pairwise(parts)):
            text = "".join(part.text for part in parts)
            found.append(first._replace(text=text, last=parts[-1].last))
    return found


def _voted(pieces: Sequence[Piece]) -> tuple[Piece, How, Doubts]:
    """Return the reading with most votes, and the doubt that another has half as many."""
    votes = Counter(piece.text for piece in pieces).most_common(2)
    best = next(piece for piece in pieces if piece.text == votes[0][0])
    how = How.CONSENSUS if votes[0][1] > 1 else How.READ
    if len(votes) < 2 or 2 * votes[1][1] < votes[0][1]:
        return best, how, ()
    (first, most), (second, fewer) = votes
    doubt = Doubt.of(DoubtKind.REPEATS_DIFFER, first=first, votes=most, second=second, fewer=fewer)
    return best, how, (doubt,)


def _sure(column: _Column, done: dict[int, int], known: int) -> int:
    """Take what was lost, and return up to which row the column surely is in step with the names.

    A column that lost an item is behind the names in all repeats that end after it. So repeats
    level with the names speak for all rows up to their end, others against, and the row from
    which on those against prevail most is where something was lost.
    """
    _take_lost(column, done)
    reach = column.reach(column.slots)
    steps = [(reach[n], IN_STEP.get(reach[n] - done[n], -2)) for n in reach.keys() & done]
    level = max((end for end, weight in steps if weight > 0), default=0)
    sums = [sum(weight for end, weight in steps if end >= row) for row in range(1, level + 1)]
    worst = min(sums, default=0)
    return min(known, level if worst >= 0 else sums.index(worst))


def _put_column(made: _Made, at: int, slots: Sequence[_Slot], sure: int, *, guess: bool) -> None:
    """Put the items of a column into the rows below the header, as far as it is in step.

    Behind that, texts are put with a doubt. Points, of which many are alike, are put together in
    one cell, and so from the first that few repeats have.
    """
    if not guess:
        sure = min([sure, *(row for row, slot in enumerate(slots) if not slot.is_usual)])
    for row, slot in enumerate(slots if guess else slots[:sure]):
        piece, how, doubts = _voted(tuple(slot.pieces.values()))
        count, repeats = len(slot.pieces), slot.seen_by
        rare = Doubt.of(DoubtKind.RARE, count=count, repeats=repeats)
        reasons = ((rare, not slot.is_usual), (NOT_SURE_OF_ROW, row >= sure))
        doubts = (*doubts, *(reason for reason, holds in reasons if holds))
        made.put(piece, at, doubts, how, down=row + 1)
    if not guess and (rest := slots[sure:]):
        piece, how, _ = _voted(tuple(rest[-1].pieces.values()))
        text = " ".join(slot.text for slot in rest)
        made.put(piece._replace(text=text), at, (UNPLACED,), how, down=sure + 1)
