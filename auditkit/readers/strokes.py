"""Strokes of a pen through print on a page that is a picture.

What somebody struck out does not count any more, and reads well all the same: a figure may stay
legible, and a red stroke is no print at all. A stroke is known by its course: it goes straight on
where print has its gaps, and has print above and below it. What looks like a rule, and is none,
ends where no other rule is, and goes on from there another way; in a seal it is thick, or ends at
nothing outside of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditkit.readers.page import Stroke, ruling
from auditkit.readers.seals import Seal

STEEP, SLOPES = 0.14, 7  # of its length, that a stroke rises at most; courses that are tried
LONG, VERY_LONG = 1.5, 2.5  # of the height of a line: a stroke is as long; print never is the last
THICK, WHOLE = 0.6, 0.85  # of it, that one or two are thick; of its length, that its rows are full
WITHIN = 0.15  # of a line from its top and bottom, where strokes are under- and overlines
SHORT = 70.0  # points that strokes of a pen are long, where they are taken for rules
# Points that a crease or a streak runs on, where the rules of a table have ended; how many times as
# thick it is where a rule lies on it.
BEYOND, THICKER = 15.0, 1.5
AT, TOUCHING = 4.0, 1.5  # points from a rule across that rules end, in a seal, and else
BESIDE = 1.0, 2.5  # points from the middle of a stroke, where there is ink of what it crosses
BLOT = 6.0  # points that a blot is wide and high: no print is as solid
RULED = 2.2  # points that a rule is thick at most: the ring of a seal is 2.4 to 5
ONWARD, ASIDE = 4, 2.0  # pixels beyond the end of one; points to its sides, within which it goes on
# Points that half of a rule may be off a straight line: rules are 0.3 at most, in bent pictures
# too, and what a pen draws 0.65. Of the usual thickness, where nothing else lies on it; of how many
# places less says nothing.
BENT, AS_THICK, FEW = 0.45, 1.3, 8
CROSSED, BARE = 0.08, (0.15, 0.05)  # of its length: with print on both sides; with no print at all


def is_struck(ink: Any, tall: float) -> bool:
    """Tell whether a stroke goes through the print of a line, as high as that and wide as its cell.

    ``tall`` is the height of lines in pixels.
    """
    high, wide = ink.shape
    if high < tall / 2 or _longest(ink.any(axis=0))[1] < LONG * tall:
        return False
    columns, rows = np.arange(wide), np.arange(high)[:, None]
    for slope in np.linspace(-STEEP, STEEP, SLOPES):
        places = rows + np.rint(slope * (columns - wide / 2)).astype(int)
        inside = (places >= 0) & (places < high)
        level = ink[np.clip(places, 0, high - 1), columns] & inside
        if any(_is_stroke(level, row, tall) for row in _long_rows(level, tall)):
            return True
    return False


def _long_rows(ink: Any, tall: float) -> list[int]:
    """Return the rows of a line, but for its edges, that have ink enough for a stroke."""
    first = round(WITHIN * len(ink))
    filled = ink[first : len(ink) - first].sum(axis=1)
    return [first + int(row) for row in np.flatnonzero(filled >= LONG * tall)]


def _is_stroke(ink: Any, row: int, tall: float) -> bool:
    """Tell whether what runs along a row is a stroke through print."""
    start, length = _longest(ink[row])
    if length < LONG * tall:
        return False
    own = ink[:, start : start + length]
    filled = np.flatnonzero(own.mean(axis=1) >= WHOLE)
    first, last = int(filled[0]), int(filled[-1]) + 1
    if last - first > THICK * tall:
        return False
    over, under = own[: max(0, first - 1)].any(axis=0), own[last + 1 :].any(axis=0)
    bare = BARE[length >= VERY_LONG * tall]
    return bool((over & under).mean() >= CROSSED and (~over & ~under).mean() >= bare)


def _longest(filled: Any) -> tuple[int, int]:
    """Return where the longest run of true values begins, and how long it is."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    if not len(edges):
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    most = int(lengths.argmax())
    return int(edges[::2][most]), int(lengths[most])


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where ink is, and where ink is that nobody takes for a rule, in pixels."""

    ink: Any
    other: Any
    unit: float

    def along(self, rule: Stroke) -> Any:
        """Return the ink on a level stroke, and close to it on both sides."""
        y, reach = round(rule.y0 * self.unit), round(2 * RULED * self.unit)
        columns = slice(round(rule.x0 * self.unit), round(rule.x1 * self.unit))
        return self.ink[max(0, y - reach) : y + reach, columns]

    @property
    def turned(self) -> _Seen:
        """The same with rows for columns."""
        return _Seen(self.ink.T, self.other.T, self.unit)


@dataclass(frozen=True, slots=True)
class Streaks:
    """Where level and upright strokes are, in points, that run on where tables have ended."""

    level: tuple[float, ...] = ()
    upright: tuple[float, ...] = ()


NO_STREAKS = Streaks()


def blots_in(ink: Any, unit: float) -> Any:
    """Return the ink of blots, as of print blacked out: their edges are no rules."""
    import cv2

    side = round(BLOT * unit)
    return cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))


def led_through(
    blots: Any, found: tuple[Sequence[Stroke], Sequence[Stroke]], ink: Any, unit: float
) -> tuple[list[Stroke], list[Stroke]]:
    """Return level and upright strokes, led on through blots behind which they go on."""
    if not blots.any():
        return list(found[0]), list(found[1])
    level = [_led_through(rule, blots, ink, unit) for rule in found[0]]
    upright = [_turned(_led_through(_turned(rule), blots.T, ink.T, unit)) for rule in found[1]]
    return level, upright


def _led_through(rule: Stroke, blots: Any, ink: Any, unit: float) -> Stroke:
    """Return a level stroke, led on through blots behind which it goes on."""
    y = round(rule.y0 * unit)
    rows = slice(max(0, y - ONWARD // 2), y + ONWARD // 2 + 1)
    filled, blotted = ((each[rows] > 0).any(axis=0) for each in (ink, blots))
    start, end = round(rule.x0 * unit), round(rule.x1 * unit)
    after = _way_on(filled[end:], blotted[end:])
    before = _way_on(filled[:start][::-1], blotted[:start][::-1])
    return rule._replace(x0=rule.x0 - before / unit, x1=rule.x1 + after / unit)


def _way_on(filled: Any, blotted: Any) -> int:
    """Return how many pixels ink goes on, where a blot is on the way and does not end it."""
    count = len(filled) if filled.all() else int(filled.argmin())
    places = np.flatnonzero(blotted[:count])
    return count if len(places) and count - places[-1] > ONWARD else 0


def rules_among(
    found: tuple[Sequence[Stroke], Sequence[Stroke]],
    ink: Any,
    ruled: Any,
    unit: float,
    seals: Sequence[Seal] = (),
    streaks: Streaks = NO_STREAKS,
) -> tuple[list[Stroke], list[Stroke], Streaks]:
    """Return the rules among strokes, in points, without those of a pen, a seal or a crease.

    ``found`` are the level and the upright ones, ``ruled`` is where they are in the ink.
    ``streaks`` are known to run on where tables have ended, which only a whole page shows; all of
    them are returned, too.
    """
    import cv2

    joined = ruling().coalesce_collinear_lines
    level = [Stroke(*rule) for rule in joined(found[0], "horizontal")]
    upright = [_turned(Stroke(*rule)) for rule in joined(found[1], "vertical")]
    beside = cv2.dilate(ruled, np.ones((5, 5), np.uint8))
    seen = _Seen(ink > 0, (ink > 0) & (beside == 0), unit)
    turned = [Seal(seal.y, seal.x, seal.radius) for seal in seals]
    crossing = [_turned(rule) for rule in upright]
    turned_level = [_turned(rule) for rule in level]
    upright, down_page = _ending(upright, turned_level, seen.turned, streaks.upright)
    level, over_page = _ending(level, crossing, seen, streaks.level)
    across = [_turned(rule) for rule in upright if not _is_inside(rule, turned)]
    down = [_turned(rule) for rule in level if not _is_inside(rule, seals)]
    kept = _kept(upright, down, turned, seen.turned)
    own = [_turned(rule) for rule in kept]
    return _kept(level, across, seals, seen), own, Streaks(over_page, down_page)


def _ending(
    rules: Sequence[Stroke], across: Sequence[Stroke], seen: _Seen, known: tuple[float, ...]
) -> tuple[list[Stroke], tuple[float, ...]]:
    """Return the level strokes without those that run on where most have ended, and their heights.

    A crease does so on both sides, a rule that a finger lies on on one. How far counts from the
    last of those ``across`` that they cross. One on which a rule lies is as long as that. Those
    whose heights are ``known`` are left out, too.
    """
    ends = [_ends(rule, across) for rule in rules]
    long = [
        first - rule.x0 > BEYOND and rule.x1 - last > BEYOND
        for rule, (first, last) in zip(rules, ends, strict=True)
    ]
    kept, streaks = [], known
    for rule, (first, last), is_long in zip(rules, ends, long, strict=True):
        runs_on = is_long and 2 * sum(long) < len(rules)
        if runs_on and _is_thicker(seen, rule, first, last):
            kept.append(rule._replace(x0=first, x1=last))
            continue
        streaks += (rule.y0,) * runs_on
        if all(abs(rule.y0 - streak) > TOUCHING for streak in streaks):
            kept.append(rule)
    return kept, streaks


def _ends(rule: Stroke, across: Sequence[Stroke]) -> tuple[float, float]:
    """Return the first and the last place where others cross a level stroke, or its own ends."""
    crossed = [
        one.x0
        for one in across
        if one.y0 - AT <= rule.y0 <= one.y1 + AT and rule.x0 - AT <= one.x0 <= rule.x1 + AT
    ]
    return (min(crossed), max(crossed)) if len(crossed) > 1 else (rule.x0, rule.x1)


def _is_thicker(seen: _Seen, rule: Stroke, first: float, last: float) -> bool:
    """Tell whether a level stroke is thicker between two places than beyond: a rule lies on it."""
    y, reach = round(rule.y0 * seen.unit), round(RULED * seen.unit)
    inked = seen.ink[max(0, y - reach) : y + reach + 1].sum(axis=0)
    x0, start, stop, x1 = (round(x * seen.unit) for x in (rule.x0, first, last, rule.x1))
    beyond = np.concatenate((inked[x0:start], inked[stop:x1]))
    return bool(np.median(inked[start:stop]) > THICKER * np.median(beyond))


def _turned(rule: Stroke) -> Stroke:
    return Stroke(rule.y0, rule.x0, rule.y1, rule.x1)


def _kept(
    rules: Sequence[Stroke], across: Sequence[Stroke], seals: Sequence[Seal], seen: _Seen
) -> list[Stroke]:
    """Return the rules among level strokes, which those ``across`` may end."""
    return [
        rule
        for rule in rules
        if not (_is_of_seal if _is_inside(rule, seals) else _is_loose)(rule, across, seen)
    ]


def _is_inside(rule: Stroke, seals: Sequence[Seal]) -> bool:
    """Tell whether all of a level stroke lies in a seal."""
    return any(
        max(math.hypot(x - seal.x, rule.y0 - seal.y) for x in (rule.x0, rule.x1))
        <= seal.radius + AT
        for seal in seals
    )


def _are_held(rule: Stroke, across: Sequence[Stroke], near: float) -> list[bool]:
    """Tell of both ends of a level stroke whether a rule across ends it."""
    return [
        any(abs(one.x0 - end) <= near and one.y0 - AT <= rule.y0 <= one.y1 + AT for one in across)
        for end in (rule.x0, rule.x1)
    ]


def _is_of_seal(rule: Stroke, across: Sequence[Stroke], seen: _Seen) -> bool:
    """Tell whether a level stroke in a seal is one of it."""
    if not all(_are_held(rule, across, AT)):
        return True
    return bool(np.median(seen.along(rule).sum(axis=0)) > RULED * seen.unit)


def _is_loose(rule: Stroke, across: Sequence[Stroke], seen: _Seen) -> bool:
    """Tell whether a level stroke is short, and bent, crosses print or goes on another way.

    A rule ends at a rule across. One that is broken goes on as it was, behind a gap.
    """
    are_held = _are_held(rule, across, TOUCHING)
    if rule.x1 - rule.x0 > SHORT:
        return False
    if _is_bent(rule, seen):
        return True
    if all(are_held):
        return False
    if not any(are_held) and _crosses(rule, seen):
        return True
    y0, y1 = (max(0, round((rule.y0 + aside) * seen.unit)) for aside in (-ASIDE, ASIDE))
    starts = round(rule.x0 * seen.unit) - 2 * ONWARD, round(rule.x1 * seen.unit) + ONWARD
    return any(
        not is_held and seen.other[y0:y1, max(0, x) : max(0, x) + ONWARD].any()
        for is_held, x in zip(are_held, starts, strict=True)
    )


def _is_bent(rule: Stroke, seen: _Seen) -> bool:
    """Tell whether a level stroke is not straight, but for where print lies beside it."""
    part = seen.along(rule)
    inked = part.sum(axis=0)
    along = np.flatnonzero(inked)
    along = along[inked[along] <= AS_THICK * np.median(inked[along])] if len(along) else along
    if len(along) < FEW:
        return False
    course = (part * np.arange(len(part))[:, None]).sum(axis=0)[along] / inked[along]
    straight = np.polyval(np.polyfit(along, course, 1), along)
    return bool(np.median(np.abs(course - straight)) > BENT * seen.unit)


def _crosses(rule: Stroke, seen: _Seen) -> bool:
    """Tell whether there is ink on both sides of a level stroke, close to it."""
    columns = slice(round(rule.x0 * seen.unit), round(rule.x1 * seen.unit))
    sides = [
        seen.ink[max(0, round(top * seen.unit)) : round(low * seen.unit), columns].any(axis=0)
        for top, low in (
            (rule.y0 - BESIDE[1], rule.y0 - BESIDE[0]),
            (rule.y0 + BESIDE[0], rule.y0 + BESIDE[1]),
        )
    ]
    return bool((sides[0] & sides[1]).mean() >= CROSSED) if sides[0].size else False
