"""Bars and dots with their names and figures, drawn as an SVG that is the same on any machine."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from html import escape
from typing import NamedTuple

from auditkit.figures import shown
from auditkit.notebook.drawing import Drawing
from auditkit.report import ZERO
from auditkit.wording import Fact, Statement, put


class Look(StrEnum):
    """What a colour means, the same in every chart; hatches say it where there is none."""

    AVAILABLE = "available"  # what there is to earn, spend or reach
    REACHED = "reached"  # what was earned, spent or reached
    AMISS = "amiss"  # what was lost, missed, or is not as the others are
    UNTOLD = "untold"  # what the form does not tell


class Shade(StrEnum):
    """How a look is called where the picture is not seen."""

    AVAILABLE = "available"
    REACHED = "reached"
    AMISS = "amiss"
    UNTOLD = "untold"


class Plotted(StrEnum):
    """What is said of a bar or a dot that was drawn."""

    BAR = "bar"  # facts: name, label, shade, low, high
    DOT = "dot"  # facts: name, label, shade, at
    BETWEEN = "between"  # facts: count


class Bar(NamedTuple):
    """A bar from ``start`` to ``end``, its look, and the figures that stand beside it."""

    name: str
    start: Decimal
    end: Decimal
    look: Look
    label: str


class Axis(NamedTuple):
    """What bars are drawn along: its name, where it begins, and a line to compare with.

    With a ``mark``, bars that are longer than two of it run out of the picture. ``is_dotted``
    draws the end of each alone, on an axis that need not begin at nought.
    """

    unit: Fact
    since: Decimal = ZERO
    mark: Decimal = ZERO
    is_dotted: bool = False


# Measures of the picture, in its own points.
WIDE, HIGH, SIZE = 1000, 26, 13
GAP = 8
FEW = 40  # dots that are drawn; of more, those in the middle are counted
# The palette of Okabe and Ito, which colour-blind people tell apart.
STYLE = """text{font:13px "Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",
SimHei,sans-serif;fill:#1b1f24}.ground{fill:#fff}.soft{fill:#59636e}.line{stroke:#d8dde3}
.mark{stroke:#1b1f24;stroke-width:2;stroke-dasharray:6 4}.edge{stroke:#1b1f24;stroke-width:.8}
.cut{stroke:#fff;stroke-width:5}.available{fill:#56b4e9}.reached{fill:#0072b2}
.amiss{fill:url(#amiss)}.untold{fill:url(#untold)}.dot{stroke:#1b1f24;stroke-width:.8}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#15191e}.soft{fill:#9198a1}
.line{stroke:#3a424c}.mark,.edge,.dot{stroke:#e6edf3}.cut{stroke:#15191e}.reached{fill:#3b9bdc}}"""
PATTERNS = """<defs><pattern id="amiss" width="7" height="7" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)"><rect width="7" height="7" fill="#d55e00"/>
<path d="M0 0V7" stroke="#fff" stroke-width="2"/></pattern>
<pattern id="untold" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="#b8bec6"/><circle cx="3" cy="3" r="1.2" fill="#444"/></pattern>
</defs>"""


def plot(caption: Fact, bars: Sequence[Bar], axis: Axis, lang: str, verdict: Fact = "") -> Drawing:
    """Draw bars from top to bottom, and say of each what was drawn."""
    lines: list[str] = []
    told: list[Statement] = []
    scale = _Scale(bars, axis)
    for bar in scale.bars:
        lines += _drawn(bar, len(told), scale)
        told.append(_told(bar, scale))
    high = HIGH * (len(told) + 1)
    looks = [look for look in Look if any(bar and bar.look is look for bar in scale.bars)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {sized(WIDE, high + 3 * HIGH)}>',
        f"<style>{STYLE}</style>{PATTERNS}",
        f'<rect class="ground" width="{WIDE}" height="{high + 3 * HIGH}"/>',
        f'<text x="{GAP}" y="17" font-weight="600">{escape(put(caption, lang))}</text>',
        *_axis(scale, high, put(axis.unit, lang)),
        *lines,
        *_legend(looks, high + 2 * HIGH, lambda fact: put(fact, lang)),
        "</svg>",
    ]
    said = [put(line, lang) for line in told]
    data = "\n".join(parts).encode()
    return Drawing(data, "svg+xml", put(caption, lang), said, first=put(verdict, lang), lang=lang)


def sized(wide: int, high: int, left: int = 0, top: int = 0) -> str:
    """Return the attributes of an SVG that say how large it is, on a page and by itself."""
    return f'width="{wide}" height="{high}" viewBox="{left} {top} {wide} {high}"'


def width_of(text: str) -> float:
    """Return about how wide a text is: a Chinese character takes a whole square, others half.

    >>> width_of("得分"), width_of("ab")
    (26, 15.08)
    """
    wide = sum(1 if unicodedata.east_asian_width(char) in "WFA" else 0.58 for char in text)
    return round(wide * SIZE, 2)


def cut(text: str, room: float) -> str:
    """Return as much of a text as a width has room for."""
    if width_of(text) <= room:
        return text
    while text and width_of(text) + SIZE > room:
        text = text[:-1]
    return f"{text}…"


class _Scale:
    """Where a value stands, and which bars are drawn; ``None`` is where some were left out."""

    def __init__(self, bars: Sequence[Bar], axis: Axis) -> None:
        many = axis.is_dotted and len(bars) > FEW
        half = FEW // 2
        self.bars: list[Bar | None] = [*bars[:half], None, *bars[-half:]] if many else [*bars]
        self.left_out = len(bars) - FEW if many else 0
        self.axis = axis
        ends = [value for bar in bars for value in (bar.start, bar.end)]
        values = [bar.end for bar in bars] if axis.is_dotted else ends
        high = 2 * axis.mark or max(values, default=ZERO)
        low = min(values, default=ZERO) if axis.is_dotted else min(axis.since or ZERO, *ends, high)
        self.ticks = ticks(max(low, axis.since) if axis.since else low, high)
        self.low, self.high = (self.ticks[0], self.ticks[-1])
        self.left = GAP + max((width_of(bar.name) for bar in bars), default=0) + GAP
        room = max((width_of(bar.label) for bar in bars), default=0) + 2 * GAP
        self.right = max(self.left + 120, WIDE - room)

    def at(self, value: Decimal) -> float:
        """Return where a value stands, at an edge of the picture where it lies beyond."""
        share = float((min(max(value, self.low), self.high) - self.low) / (self.high - self.low))
        return round(self.left + share * (self.right - self.left), 2)


def ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return a few round values, the first not above ``low`` and the last not below ``high``.

    >>> [str(tick) for tick in ticks(Decimal(83), Decimal(100))]
    ['80', '85', '90', '95', '100']
    """
    span = (high - low) or abs(high) or Decimal(1)
    whole = Decimal(1).scaleb((span / 5).adjusted())
    step = next(whole * by for by in (1, 2, 5, 10) if span / (whole * by) <= 5)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = max((high / step).to_integral_value(ROUND_CEILING), first + 1)
    return [(first + at) * step for at in range(int(last - first) + 1)]


def _axis(scale: _Scale, high: int, unit: str) -> Iterator[str]:
    for tick in scale.ticks:
        x = scale.at(tick)
        yield f'<path class="line" d="M{x} {HIGH}V{high + 2}"/>'
        text = f"{tick.normalize():,f}"
        yield f'<text class="soft" x="{x}" y="{high + 17}" text-anchor="middle">{text}</text>'
    yield f'<text class="soft" x="{scale.left}" y="{high + 37}">{escape(unit)}</text>'
    if scale.axis.mark:
        yield f'<path class="mark" d="M{scale.at(scale.axis.mark)} {HIGH}V{high + 2}"/>'


def _drawn(bar: Bar | None, row: int, scale: _Scale) -> Iterator[str]:
    """Yield the elements of one row: its name, its bar or dot, its figures."""
    top = HIGH * (row + 1)
    middle = top + HIGH / 2
    if bar is None:
        yield f'<text class="soft" x="{scale.left}" y="{middle + 5}">…</text>'
        return
    name = escape(bar.name)
    yield f'<text x="{scale.left - GAP}" y="{middle + 5}" text-anchor="end">{name}</text>'
    start, end = scale.at(min(bar.start, bar.end)), scale.at(max(bar.start, bar.end))
    if scale.axis.is_dotted:
        yield f'<path class="line" d="M{scale.left} {middle}H{scale.at(bar.end)}"/>'
        end = scale.at(bar.end)
        yield f'<circle class="dot {bar.look}" cx="{end}" cy="{middle}" r="6"/>'
    else:
        size = f'width="{round(end - start, 2)}" height="{HIGH - 8}"'
        yield f'<rect class="edge {bar.look}" x="{start}" y="{top + 4}" {size}/>'
        if bar.start < scale.low < bar.end:  # the axis begins later than the bar
            yield f'<path class="cut" d="M{scale.left + 14} {top + 2}l-6 {HIGH - 4}"/>'
    end = max(end, scale.at(scale.axis.mark)) if scale.axis.mark else end
    yield f'<text x="{end + GAP}" y="{middle + 5}">{escape(bar.label)}</text>'


def _told(bar: Bar | None, scale: _Scale) -> Statement:
    if bar is None:
        return Statement.of(Plotted.BETWEEN, count=scale.left_out)
    facts = {"name": bar.name, "label": bar.label, "shade": Shade(bar.look.value)}
    if scale.axis.is_dotted:
        return Statement.of(Plotted.DOT, **facts, at=shown(bar.end))
    return Statement.of(Plotted.BAR, **facts, low=shown(bar.start), high=shown(bar.end))


def _legend(looks: Sequence[Look], high: int, said: Callable[[Fact], str]) -> Iterator[str]:
    """Yield a patch of each colour that was used, with what it means."""
    x = float(GAP)
    for look in looks:
        yield f'<rect class="edge {look}" x="{x}" y="{high + 4}" width="18" height="12"/>'
        text = said(look)
        yield f'<text class="soft" x="{x + 24}" y="{high + 15}">{escape(text)}</text>'
        x = round(x + 24 + width_of(text) + 3 * GAP, 2)
