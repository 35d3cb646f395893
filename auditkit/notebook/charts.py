"""Charts of one form and of many: bars whose figures also stand in words beside the picture."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from html import escape
from io import BytesIO
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

from auditkit.comparing import Direction, Method
from auditkit.figures import HUNDRED, shown
from auditkit.report import ZERO, Entry, number, value_of
from auditkit.schedules import text_of, visible
from auditkit.wording import Fact, Statement, Term, language, put
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


class Caption(StrEnum):
    """What is said of a picture, and of what is drawn in it."""

    BRIDGE = "bridge"  # facts: kept, all
    TARGETS = "targets"  # facts: compared, all
    POINTS_FROM = "points from"  # facts: since
    DRAWN = "drawn"  # facts: name, label, low, high
    FRAMED = "framed"  # facts: number, file, cells, unsure
    FRAMED_UNSURE = "framed unsure"  # facts: the same


class Drawing:
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

    def _repr_html_(self) -> str:
        return self.html

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


def bridge(worked: Worked, lang: str = "") -> Drawing:
    """Draw how the score comes about: all points, what each row lost, and what is left."""
    said = partial(put, lang=lang or language())
    full, total = worked.points.figure.value, worked.score.figure.value
    bars, at = [Bar(said(Term("points available")), ZERO, full, "plain", shown(full))], full
    lost = [(some, some.lost) for some in worked.scored if some.is_alone]
    for scored, gap in lost:
        name = _words(scored.row.indicator.name) if scored.row else said(Term("execution"))
        if gap:
            look, figures = "bad" if gap > 0 else "good", (scored.score, scored.points)
            label = f"{shown(-gap)}: {' / '.join(map(text_of, figures))}"
            bars.append(Bar(name, at - gap, at, look, label))
            at -= gap
    if at != total:  # rows without a score, or cells that cover several rows
        untold = said(Term("not told by row"))
        bars.append(Bar(untold, total, at, "unknown", shown(total - at)))
    bars.append(Bar(said(Term("sum of the scores")), ZERO, total, "good", shown(total)))
    entry = worked.report.total_score
    printed = number(entry)
    if printed is not None:
        look = "plain" if printed == total else "bad"
        label = text_of(entry)
        bars.append(Bar(said(Term("total as printed")), ZERO, printed, look, label))
    kept = sum(not gap for _, gap in lost)
    caption = Statement.of(Caption.BRIDGE, kept=kept, all=len(lost))
    lowest = min(min(bar.start or bar.end, bar.end) for bar in bars)
    since = max(ZERO, (lowest - 5) // 10 * 10) if kept < len(lost) else ZERO
    from_zero = Term("points of a bar")
    unit = Statement.of(Caption.POINTS_FROM, since=since) if since else from_zero
    return _chart(said, caption, bars, unit, since=since)


_MET = {"good": Term("met"), "bad": Term("missed"), "unknown": Term("cannot be told")}


def targets(worked: Worked, lang: str = "") -> Drawing:
    """Draw the actual value of each indicator as a share of its target, where both are numbers."""
    bars, said = [], partial(put, lang=lang or language())
    lower = f" {said(Term('lower is better here'))}"
    for row in worked.indicators:
        if (found := row.comparison) and found.target > 0:
            target, actual = found.inputs
            share = max(ZERO, min(found.actual.low, found.actual.high, key=abs)) / found.target
            look = {True: "good", False: "bad", None: "unknown"}[found.is_met]
            texts = f"{text_of(actual)} / {text_of(target)}"
            sign = lower if found.direction is Direction.LOWER else ""
            label = f"{texts}{sign}: {said(_MET[look])}"
            bars.append(Bar(_words(row.indicator.name), ZERO, share * HUNDRED, look, label))
    caption = Statement.of(Caption.TARGETS, compared=len(bars), all=len(worked.indicators))
    return _chart(said, caption, bars, Term("% of the target"), HUNDRED)


def funds(worked: Worked, lang: str = "") -> Drawing:
    """Draw budget and outturn (预算数, 执行数) of each funding row, with the execution rate."""
    bars, said = [], partial(put, lang=lang or language())
    for row in worked.funds:
        line, rate = row.line, row.rate
        budget, outturn = line.budget, line.outturn
        name = _words(line.label) or line.name
        for kind, entry, look in (("预算", budget, "plain"), ("执行", outturn, "good")):
            label = text_of(entry) if number(entry) is not None else said(Term("no number"))
            if entry is outturn and rate:
                label += f" ({shown(rate.value * HUNDRED, 2)}%)"
            bars.append(Bar(f"{name} {kind}", ZERO, value_of(entry), look, label))
    unit = _words(worked.report.currency_unit) or Term("unit not stated")
    return _chart(said, Term("budget and outturn"), bars, unit)


def methods(worked: Worked, lang: str = "") -> Drawing:
    """Draw the total under each method that is in use for numeric targets, beside the printed one.

    Rows whose targets are words, or that cannot be compared, keep their printed scores.
    """
    said = partial(put, lang=lang or language())
    names = {
        Method.RATIO: Term("in proportion"),
        Method.LINEAR: Term("in proportion to the excess"),
    }
    totals = [(names[method], total) for method, total in worked.totals_by_method]
    if totals:
        totals.insert(0, (Term("sum of printed scores"), worked.score.figure.value))
    bars = [Bar(said(name), ZERO, value, "plain", shown(value)) for name, value in totals]
    printed = number(worked.report.total_score)
    if printed is not None:
        label = said(Term("total as printed"))
        bars.insert(0, Bar(label, ZERO, printed, "good", shown(printed)))
    return _chart(said, Term("total under each method"), bars, Term("points of a bar"))


def spread(values: Mapping[str, Decimal], caption: str, lang: str = "") -> Drawing:
    """Draw one figure of many reports, ranked; those far outside the quartiles stand out.

    Far is one and a half times the distance between the quartiles, as Tukey put it; below four
    reports nothing stands out.
    """
    said = partial(put, lang=lang or language())
    ranked = sorted(values.items(), key=lambda pair: (pair[1], pair[0]))
    low, high = outside(values.values())
    looks = ("good" if low <= value <= high else "bad" for _, value in ranked)
    far = f" {said(Term('outlier'))}"
    bars = [
        Bar(visible(name), ZERO, value, look, shown(value) + far * (look == "bad"))
        for (name, value), look in zip(ranked, looks, strict=True)
    ]
    return _chart(said, caption, bars, "")


def outside(values: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the bounds beyond which a value is an outlier by Tukey's rule."""
    known = list(values)
    if len(known) < 4:  # quartiles say nothing
        return min(known, default=ZERO), max(known, default=ZERO)
    first, _, third = quantiles(known, n=4, method="inclusive")
    reach = (third - first) * Decimal("1.5")
    return first - reach, third + reach


def _words(entry: Entry | None) -> str:
    """Return what a cell says, short enough to stand beside a bar."""
    text = visible(entry.text) if entry else ""
    return text if len(text) <= 22 else f"{text[:21]}…"


def _chart(
    said: Callable[[Fact], str],
    caption: Fact,
    bars: Sequence[Bar],
    unit: Fact,
    mark: Decimal = ZERO,
    since: Decimal = ZERO,
) -> Drawing:
    """Draw bars from top to bottom on an axis that begins at ``since``, and say what was drawn.

    ``said`` puts values into words. With a line at ``mark``, longer bars than two of it run out of
    the picture. Bars that the axis cuts off, since it begins later than they, have a gap.
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
        axes.set_xlabel(said(unit))
        axes.set_title(said(caption), loc="left")
        if mark:
            axes.axvline(float(mark), color="#1b1f24", linewidth=2, linestyle="--")
    # What is said is taken from what was drawn, so that it cannot say something else.
    told = [_drawn(bar, *pair) for bar, pair in zip(bars, ends, strict=True)]
    return Drawing(figure, said(caption), [said(line) for line in told])


def _drawn(bar: Bar, low: float, high: float) -> Statement:
    ends = {"low": shown(_decimal(low)), "high": shown(_decimal(high))}
    return Statement.of(Caption.DRAWN, name=bar.name, label=bar.label, **ends)


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
