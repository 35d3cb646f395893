"""Bars and dots with their names and figures: matplotlib makes the same SVG on any machine."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from auditkit.figures import shown
from auditkit.notebook.drawing import Drawing
from auditkit.report import ZERO
from auditkit.wording import Fact, Statement, put

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Look(StrEnum):
    """What a colour means, the same in every chart; hatches say it where there is none."""

    AVAILABLE = "available"  # what there is to earn, spend or reach
    REACHED = "reached"  # what was earned, spent or reached
    AMISS = "amiss"  # what was lost, missed, or is not as the others are
    UNTOLD = "untold"  # what the form does not tell


class Legend(StrEnum):
    """What a colour says in a chart, by the chart and the look."""

    BRIDGE_AVAILABLE = "bridge available"
    BRIDGE_REACHED = "bridge reached"
    BRIDGE_AMISS = "bridge amiss"
    BRIDGE_UNTOLD = "bridge untold"
    TARGETS_REACHED = "targets reached"
    TARGETS_AMISS = "targets amiss"
    TARGETS_UNTOLD = "targets untold"
    FUNDS_AVAILABLE = "funds available"
    FUNDS_REACHED = "funds reached"
    METHODS_AVAILABLE = "methods available"
    METHODS_REACHED = "methods reached"
    METHODS_AMISS = "methods amiss"
    SPREAD_REACHED = "spread reached"
    SPREAD_AMISS = "spread amiss"


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
INK, SOFT, LINE, GROUND = "#1b1f24", "#59636e", "#d8dde3", "#ffffff"
# The palette of Okabe and Ito, which colour-blind people tell apart; hatches do the same in print.
LOOKS: dict[Look, dict[str, Any]] = {
    Look.AVAILABLE: {"facecolor": "#56b4e9"},
    Look.REACHED: {"facecolor": "#0072b2"},
    Look.AMISS: {"facecolor": "#d55e00", "hatch": "////"},
    Look.UNTOLD: {"facecolor": "#b8bec6", "hatch": "||"},
}
EDGE: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.8}
FONTS = '"Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",SimHei,sans-serif'
# What a page sets anew: its own fonts, and lighter levels where the page is dark.
STYLE = f"""text{{font-family:{FONTS}!important}}#title text{{font-weight:600}}
@media(prefers-color-scheme:dark){{
text{{fill:#e6edf3!important}}#ground path{{fill:#15191e!important}}
[style*="stroke: {INK}"]{{stroke:#e6edf3!important}}
[style*="stroke: {LINE}"]{{stroke:#3a424c!important}}
[style*="fill: #0072b2"]{{fill:#3b9bdc!important}}}}"""
# Texts stay texts, and the same picture is the same file on any machine.
SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "auditkit",
    "font.size": SIZE,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": LINE,
    "xtick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.color": INK,
    "ytick.major.size": 0,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "text.parse_math": False,  # a name on a form may hold a dollar sign
}
UNTOLD_OF_FILES = {"Date": None, "Creator": None, "Format": None, "Type": None}


def plot(caption: Fact, bars: Sequence[Bar], axis: Axis, lang: str, verdict: Fact = "") -> Drawing:
    """Draw bars from top to bottom by matplotlib, and say of each what was drawn.

    Dots have the legend of a spread, bars that of the chart that their caption names.
    """
    from matplotlib import rc_context

    scale = _Scale(bars, axis)
    looks = [look for look in Look if any(bar and bar.look is look for bar in scale.bars)]
    with rc_context({**SETTINGS, "font.family": _font()}):
        figure, axes = _empty(scale)
        for row, bar in enumerate(scale.bars):
            if bar:
                _draw(axes, row, bar, scale)
        axes.set_yticks(range(len(scale.bars)), [bar.name if bar else "…" for bar in scale.bars])
        axes.set_xlabel(put(axis.unit, lang), loc="left", color=SOFT)
        across = GAP / WIDE
        figure.text(across, 1 - 20 / scale.high_of_picture, put(caption, lang), gid="title")
        chart = "spread" if axis.is_dotted else caption
        _legend(figure, {put(Legend(f"{chart} {look}"), lang): LOOKS[look] for look in looks})
        data = _saved(figure)
    said = [put(_told(bar, scale), lang) for bar in scale.bars]
    return Drawing(data, "svg+xml", put(caption, lang), said, first=put(verdict, lang), lang=lang)


@cache
def _font() -> str:
    """Return the name of the font that comes with auditkit: texts are measured alike anywhere."""
    import pylopdf_fonts_zh_cn
    from matplotlib.font_manager import FontProperties, fontManager

    path = pylopdf_fonts_zh_cn.sans_path()
    fontManager.addfont(path)
    return str(FontProperties(fname=path).get_name())


def _empty(scale: _Scale) -> tuple[Figure, Axes]:
    """Return a picture with its axis and rows, and nothing drawn."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    high = scale.high_of_picture
    figure = Figure(figsize=(WIDE / 72, high / 72), dpi=72)
    figure.patch.set_gid("ground")
    inner = (scale.right - scale.left) / WIDE, len(scale.bars) * HIGH / high
    axes = figure.add_axes((scale.left / WIDE, 3 * HIGH / high, *inner), facecolor="none")
    axes.set_xlim(scale.ticks[0], scale.ticks[-1])
    axes.set_ylim(len(scale.bars) - 0.5, -0.5)
    axes.set_xticks(scale.ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{_plain(x):,f}"))
    axes.grid(axis="x")
    if scale.axis.mark:
        axes.axvline(float(scale.axis.mark), color=INK, linestyle=(0, (3, 2)), linewidth=2)
    return figure, axes


def _draw(axes: Axes, row: int, bar: Bar, scale: _Scale) -> None:
    """Draw one row: its bar or dot, and its figures beside it."""
    start, end = float(bar.start), float(bar.end)
    look, name = LOOKS[bar.look], f"{bar.look.value} {row}"
    if scale.axis.is_dotted:
        axes.hlines(row, scale.ticks[0], end, colors=LINE)
        axes.scatter([end], [row], s=120, zorder=3, clip_on=False, gid=name, **EDGE, **look)
    else:
        left, wide = min(start, end), abs(end - start)
        axes.barh(row, wide, left=left, height=18 / HIGH, gid=name, **EDGE, **look)
        if left < scale.ticks[0] < left + wide:  # the axis begins later than the bar
            at = scale.ticks[0] + (scale.ticks[-1] - scale.ticks[0]) * 14 / (
                scale.right - scale.left
            )
            axes.plot([at], [row], marker=(2, 2, -15), markersize=HIGH - 4, mew=5, color=GROUND)
    beyond = max(start, end, float(scale.axis.mark)), scale.ticks[-1]
    place = (min(beyond), row)
    how: dict[str, Any] = {"textcoords": "offset points", "va": "center", "annotation_clip": False}
    axes.annotate(bar.label, place, (GAP, 0), **how)


def _legend(figure: Figure, looks: Mapping[str, dict[str, Any]]) -> None:
    """Say what each colour means that was used."""
    from matplotlib.patches import Patch

    patches = [Patch(label=said, **EDGE, **look) for said, look in looks.items()]
    figure.legend(handles=patches, loc="lower left", ncols=len(patches) or 1, labelcolor=SOFT)


def _saved(figure: Figure) -> bytes:
    """Return a picture as SVG with the fonts and colours of pages."""
    file = BytesIO()
    with (
        warnings.catch_warnings()
    ):  # of characters that the measured font has not: pages have theirs
        warnings.simplefilter("ignore", UserWarning)
        figure.savefig(file, format="svg", metadata=UNTOLD_OF_FILES)
    text = file.getvalue().decode()
    wide, high = (round(size * 72) for size in figure.get_size_inches())
    text = re.sub(
        r'width="[^"]*pt" height="[^"]*pt"', f'width="{wide}" height="{high}"', text, count=1
    )
    return text.replace("</style>", f"{STYLE}</style>", 1).encode()


def width_of(text: str) -> float:
    """Return about how wide a text is: a Chinese character takes a whole square, others half.

    >>> width_of("得分"), width_of("ab")
    (26, 15.08)
    """
    wide = sum(1 if unicodedata.east_asian_width(char) in "WFA" else 0.58 for char in text)
    return round(wide * SIZE, 2)


class _Scale:
    """Where an axis begins and ends, and which bars are drawn; ``None`` is where some are not."""

    def __init__(self, bars: Sequence[Bar], axis: Axis) -> None:
        from matplotlib.ticker import MaxNLocator

        many = axis.is_dotted and len(bars) > FEW
        half = FEW // 2
        self.bars: list[Bar | None] = [*bars[:half], None, *bars[-half:]] if many else [*bars]
        self.left_out = len(bars) - FEW if many else 0
        self.axis = axis
        ends = [value for bar in bars for value in (bar.start, bar.end)]
        values = [bar.end for bar in bars] if axis.is_dotted else ends
        high = 2 * axis.mark or max(values, default=ZERO)
        low = min(values, default=ZERO) if axis.is_dotted else min(axis.since or ZERO, *ends, high)
        low = max(low, axis.since) if axis.since else low
        steps = MaxNLocator(5, steps=[1, 2, 5, 10])
        high = high if high > low else low + (abs(low) or 1)
        self.ticks = [float(tick) for tick in steps.tick_values(float(low), float(high))]
        self.left = GAP + max((width_of(bar.name) for bar in bars), default=0) + GAP
        room = max((width_of(bar.label) for bar in bars), default=0) + 2 * GAP
        self.right = max(self.left + 120, WIDE - room)
        self.high_of_picture = HIGH * (len(self.bars) + 4)


def _plain(value: float) -> Decimal:
    """Return a value of an axis without what binary fractions add to it."""
    return Decimal(repr(round(float(value), 9))).normalize()


def _told(bar: Bar | None, scale: _Scale) -> Statement:
    if bar is None:
        return Statement.of(Plotted.BETWEEN, count=scale.left_out)
    facts = {"name": bar.name, "label": bar.label, "shade": Shade(bar.look.value)}
    if scale.axis.is_dotted:
        return Statement.of(Plotted.DOT, **facts, at=shown(bar.end))
    return Statement.of(Plotted.BAR, **facts, low=shown(bar.start), high=shown(bar.end))
