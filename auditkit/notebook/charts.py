"""Charts of one form and of many: bars whose figures also stand in words beside the picture."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

from auditkit.comparing import Direction, Method
from auditkit.figures import HUNDRED, shown
from auditkit.report import ZERO, Entry, number, value_of
from auditkit.schedules import head_in, text_of, visible
from auditkit.wording import language, word
from auditkit.worked import Worked

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

# Fonts of systems that have the simplified forms; else the one that comes with auditkit is taken.
_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei")
_STYLE = Path(__file__).with_name("auditkit.mplstyle")
_LOOKS: dict[str, dict[str, Any]] = {
    "good": {"color": "#0072B2"},
    "bad": {"color": "#D55E00", "hatch": "////"},
    "unknown": {"color": "#D0D0D0", "hatch": "...."},
    "plain": {"color": "#56B4E9", "hatch": "\\\\"},
}


class Picture:
    """A drawing that a notebook shows with what it says in words as its alternative text.

    ``figure`` is matplotlib's, to go on with; ``text`` lists what is drawn, a line each, so that a
    saved notebook can be read aloud and two of them be compared by their figures.
    """

    def __init__(self, figure: Canvas, caption: str, text: Sequence[str] = ()) -> None:
        self.figure = figure
        self.caption = caption
        self.text = tuple(text)

    @property
    def png(self) -> bytes:
        """The drawing as a small PNG: few shades are enough for print and bars."""
        from PIL import Image

        whole, small = BytesIO(), BytesIO()
        self.figure.savefig(whole, format="png", dpi=96)
        Image.open(whole).convert("RGB").quantize(32).save(small, "png", optimize=True)
        return small.getvalue()

    @property
    def html(self) -> str:
        """The drawing as an element of a page that needs no other file."""
        source = f"data:image/png;base64,{b64encode(self.png).decode()}"
        return f'<img style="max-width:100%" alt="{escape(repr(self))}" src="{source}">'

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return "\n".join((self.caption, *self.text))


class Bar(NamedTuple):
    """A bar from ``start`` to ``end``, its look, and the figures that stand beside it."""

    name: str
    start: Decimal
    end: Decimal
    look: str
    label: str


def show_bridge(worked: Worked) -> Picture:
    """Draw how the score comes about: all points, what each row lost, and what is left."""
    full, total = worked.points.figure.value, worked.score.figure.value
    bars, at = [Bar(_said("points available 分值"), ZERO, full, "plain", shown(full))], full
    lost = [(some, some.lost) for some in worked.scored if some.is_alone]
    for scored, gap in lost:
        name = words(scored.row.indicator.name) if scored.row else _said("execution 预算执行")
        if gap:
            look, figures = "bad" if gap > 0 else "good", (scored.score, scored.points)
            label = f"{shown(-gap)}: {' / '.join(map(text_of, figures))}"
            bars.append(Bar(name, at - gap, at, look, label))
            at -= gap
    if at != total:  # rows without a score, or cells that cover several rows
        bars.append(
            Bar(_said("not told by row 无法逐行区分"), total, at, "unknown", shown(total - at))
        )
    bars.append(Bar(_said("sum of the scores 得分合计"), ZERO, total, "good", shown(total)))
    entry = worked.report.total_score
    printed = number(entry)
    if printed is not None:
        look = "plain" if printed == total else "bad"
        label = text_of(entry)
        bars.append(Bar(_said("total as printed 总分(表列)"), ZERO, printed, look, label))
    kept = sum(not gap for _, gap in lost)
    caption = f"Score bridge 得分构成: {kept} of {len(lost)} scored rows lost nothing"
    lowest = min(min(bar.start or bar.end, bar.end) for bar in bars)
    since = max(ZERO, (lowest - 5) // 10 * 10) if kept < len(lost) else ZERO
    unit = f"points 分 (from {since} on 起)" if since else "points 分"
    return _chart(caption, bars, unit, since=since)


_MET = {"good": "met 达到", "bad": "missed 未达到", "unknown": "cannot be told 无法判断"}


def show_targets(worked: Worked) -> Picture:
    """Draw the actual value of each indicator as a share of its target, where both are numbers."""
    bars = []
    for row in worked.indicators:
        if (found := row.comparison) and found.target > 0:
            target, actual = found.inputs
            share = max(ZERO, min(found.actual.low, found.actual.high, key=abs)) / found.target
            look = {True: "good", False: "bad", None: "unknown"}[found.is_met]
            texts = f"{text_of(actual)} / {text_of(target)}"
            sign = f" {_said('lower is better 反向')}" if found.direction is Direction.LOWER else ""
            label = f"{texts}{sign}: {_said(_MET[look])}"
            bars.append(Bar(words(row.indicator.name), ZERO, share * HUNDRED, look, label))
    several = f"{len(bars)} of {len(worked.indicators)} indicators have two numbers"
    caption = f"Actual against target 实际完成值与指标值: {several}"
    return _chart(caption, bars, "% of the target 占指标值", HUNDRED)


def show_funds(worked: Worked) -> Picture:
    """Draw budget and outturn (预算数, 执行数) of each funding row, with the execution rate."""
    bars = []
    for row in worked.funds:
        line, rate = row.line, row.rate
        budget, outturn = line.budget, line.outturn
        name = words(line.label) or line.name
        for kind, entry, look in (("预算", budget, "plain"), ("执行", outturn, "good")):
            label = text_of(entry) if number(entry) is not None else _said("no number 无数值")
            if entry is outturn and rate:
                label += f" ({shown(rate.value * HUNDRED, 2)}%)"
            bars.append(Bar(f"{name} {kind}", ZERO, value_of(entry), look, label))
    unit = words(worked.report.currency_unit) or "unit not stated 未注明单位"
    return _chart("Budget and outturn 预算与执行", bars, unit)


def show_methods(worked: Worked) -> Picture:
    """Draw the total under each method that is in use for numeric targets, beside the printed one.

    Rows whose targets are words, or that cannot be compared, keep their printed scores.
    """
    names = {
        Method.RATIO: "in proportion 按比例",
        Method.LINEAR: "in proportion, excess deducted 按超出比例扣减",
    }
    totals = [(names[method], total) for method, total in worked.totals_by_method]
    if totals:
        totals.insert(0, ("sum of printed scores 表列得分合计", worked.score.figure.value))
    bars = [Bar(_said(name), ZERO, value, "plain", shown(value)) for name, value in totals]
    printed = number(worked.report.total_score)
    if printed is not None:
        bars.insert(
            0, Bar(_said("total as printed 总分(表列)"), ZERO, printed, "good", shown(printed))
        )
    return _chart("Total under each method 各计分方法下的总分", bars, "points 分")


def show_spread(values: Mapping[str, Decimal], caption: str) -> Picture:
    """Draw one figure of many reports, ranked; those far outside the quartiles stand out.

    Far is one and a half times the distance between the quartiles, as Tukey put it; below four
    reports nothing stands out.
    """
    ranked = sorted(values.items(), key=lambda pair: (pair[1], pair[0]))
    low, high = outside(values.values())
    looks = ("good" if low <= value <= high else "bad" for _, value in ranked)
    far = f" {_said('outlier 离群')}"
    bars = [
        Bar(visible(name), ZERO, value, look, shown(value) + far * (look == "bad"))
        for (name, value), look in zip(ranked, looks, strict=True)
    ]
    return _chart(caption, bars, "")


def outside(values: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the bounds beyond which a value is an outlier by Tukey's rule."""
    known = list(values)
    if len(known) < 4:  # quartiles say nothing
        return min(known, default=ZERO), max(known, default=ZERO)
    first, _, third = quantiles(known, n=4, method="inclusive")
    reach = (third - first) * Decimal("1.5")
    return first - reach, third + reach


def words(entry: Entry | None) -> str:
    """Return what a cell says, short enough to stand beside a bar."""
    text = visible(entry.text) if entry else ""
    return text if len(text) <= 22 else f"{text[:21]}…"


def _said(text: str) -> str:
    """Return a text in the language spoken, in English with the Chinese beside it."""
    return head_in(language(), text)


def _chart(
    caption: str, bars: Sequence[Bar], unit: str, mark: Decimal = ZERO, since: Decimal = ZERO
) -> Picture:
    """Draw bars from top to bottom on an axis that begins at ``since``, and say what was drawn.

    With a line at ``mark``, longer bars than two of it run out of the picture. Bars that the axis
    cuts off, since it begins later than they, have a gap.
    """
    import matplotlib.style
    from matplotlib.figure import Figure as Canvas

    with matplotlib.style.context([_STYLE, {"font.family": [_font(), "DejaVu Sans"]}]):
        figure = Canvas(figsize=(9, 1.1 + 0.3 * max(1, len(bars))), layout="constrained")
        axes = figure.subplots()
        patches, span = [], max((float(bar.end - since) for bar in bars), default=0)
        for at, bar in enumerate(bars):
            size, start = float(bar.end - bar.start), float(bar.start)
            drawn = axes.barh(at, size, left=start, edgecolor="#1b1f24", **_LOOKS[bar.look])
            patches += drawn.patches
            if bar.start < since:
                cut = float(since) + span * 0.02
                axes.plot((cut, cut + span * 0.01), (at + 0.5, at - 0.5), color="white", lw=5)
            end = float(min(max(bar.end, mark), 2 * mark) if mark else max(bar.start, bar.end))
            axes.annotate(bar.label, (end, at), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(bars)), [bar.name for bar in bars])
        axes.invert_yaxis()
        ends = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in patches]
        longest = max((end for _, end in ends), default=0)
        axes.set_xlim(float(since), float(2 * mark) if mark else longest or 1)
        axes.xaxis.set_major_formatter(lambda x, _: f"{_decimal(x).normalize():,f}")
        axes.set_xlabel(_said(unit))
        axes.set_title(_said(caption), loc="left")
        if mark:
            axes.axvline(float(mark), color="#1b1f24", linewidth=2, linestyle="--")
    # What is said is taken from what was drawn, so that it cannot say something else.
    told = [
        f"{bar.name}: {bar.label} [drawn from {' to '.join(shown(_decimal(x)) for x in pair)}]"
        for bar, pair in zip(bars, ends, strict=True)
    ]
    return Picture(figure, _said(caption), [word(text, language()) for text in told])


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.4f}")


@cache
def _font() -> str:
    """Return the name of a font with Chinese glyphs; the system's own is preferred."""
    import pylopdf_fonts_zh_cn
    from matplotlib.font_manager import FontProperties, fontManager

    there = {font.name for font in fontManager.ttflist}
    if own := next((name for name in _FONTS if name in there), None):
        return own
    path = pylopdf_fonts_zh_cn.sans_path()
    fontManager.addfont(path)
    return str(FontProperties(fname=path).get_name())
