"""Charts of one form and of many, each below the verdict that its figures come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import partial
from statistics import median, quantiles

from auditkit.comparing import Direction, Method
from auditkit.figures import HUNDRED, HUNDREDTH, shown
from auditkit.notebook.amounts import fitting
from auditkit.notebook.drawing import Drawing
from auditkit.notebook.plotting import Axis, Bar, Look, plot
from auditkit.report import ZERO, Entry, number
from auditkit.schedules import text_of, visible
from auditkit.wording import Fact, Series, Statement, Term, language, put
from auditkit.worked import Scored, Worked

NAMED = 3  # of what missed or stands out that are named in a verdict
LONG = 22  # characters of a name that stand beside a bar


class Caption(StrEnum):
    """What is said of a picture, and of what is drawn in it."""

    BRIDGE = "bridge"
    TARGETS = "targets"
    FUNDS = "funds"
    METHODS = "methods"
    POINTS_FROM = "points from"  # facts: since
    FRAMED = "framed"  # facts: number, file, cells, unsure
    FRAMED_UNSURE = "framed unsure"  # facts: the same
    FRAMED_ONE = "framed one"  # facts: number, file
    FRAMED_ONE_UNSURE = "framed one unsure"  # facts: the same
    GRID = "grid"  # facts: place, file, cells, unsure


class Verdict(StrEnum):
    """What the figures of a chart come to, in a line; facts are what it says them with."""

    NOTHING_SCORED = "nothing scored"
    NOTHING_LOST = "nothing lost"  # facts: rows, total
    LOST = "lost"  # facts: rows, all, lost, total
    PRINTED_SO = "printed so"  # facts: printed
    PRINTED_OTHERWISE = "printed otherwise"  # facts: printed
    NOTHING_PRINTED = "nothing printed"
    NOT_SURELY_PRINTED = "not surely printed"  # facts: printed
    NO_TARGETS = "no targets"  # facts: all
    COMPARED = "compared"  # facts: compared, all, met, missed, untold
    MISSED = "missed"  # facts: names
    MISSED_AND_MORE = "missed and more"  # facts: names, more
    NO_FUNDS = "no funds"
    SPENT = "spent"  # facts: outturn, budget, unit, rate
    NO_RATE = "no rate"
    NO_METHODS = "no methods"
    ABOVE_ALL = "above all"  # facts: printed, method, highest, gap
    BELOW_ALL = "below all"  # facts: printed, method, lowest, gap
    AS_A_METHOD = "as a method"  # facts: printed, method
    BETWEEN_METHODS = "between methods"  # facts: printed, lowest, highest
    SPREAD = "spread"  # facts: count, low, high, middle
    NO_NUMBERS = "no numbers"
    STAND_OUT = "stand out"  # facts: count, names
    NONE_STANDS_OUT = "none stands out"
    TOO_FEW = "too few"


def bridge(worked: Worked, lang: str = "") -> Drawing | None:
    """Draw how the score comes about: all points, what each row lost, and what is left.

    Where no row lost anything and the sum is the printed total, words say all of it: nothing is
    drawn. The words are those of ``bridge_verdict``.
    """
    said = partial(put, lang=lang or language())
    full, total = worked.points.figure.value, worked.score.figure.value
    printed, lost = number(worked.report.total_score), _lost(worked)
    is_whole = printed is None or printed == total
    if not worked.scored or (is_whole and full == total and not lost):
        return None
    bars = [Bar(said(Term("points available")), ZERO, full, Look.AVAILABLE, shown(full))]
    at = full
    for scored in lost:
        name = _words(scored.row.indicator.name) if scored.row else said(Term("execution"))
        label = f"{shown(-scored.lost)}: {text_of(scored.score)} / {text_of(scored.points)}"
        bars.append(Bar(name, at - scored.lost, at, Look.AMISS, label))
        at -= scored.lost
    if at != total:  # rows without a score, or cells that cover several rows
        untold = said(Term("not told by row"))
        bars.append(Bar(untold, total, at, Look.UNTOLD, shown(total - at)))
    bars.append(Bar(said(Term("sum of the scores")), ZERO, total, Look.REACHED, shown(total)))
    if printed is not None:
        look = Look.REACHED if printed == total else Look.AMISS
        label = text_of(worked.report.total_score)
        bars.append(Bar(said(Term("total as printed")), ZERO, printed, look, label))
    lowest = min(min(bar.start or bar.end, bar.end) for bar in bars)
    since = max(ZERO, (lowest - 5) // 10 * 10)
    unit = Statement.of(Caption.POINTS_FROM, since=since) if since else Term("points of a bar")
    axis = Axis(unit, since)
    return plot(Caption.BRIDGE, bars, axis, said.keywords["lang"], bridge_verdict(worked))


def bridge_verdict(worked: Worked, _: str = "") -> Fact:
    """Say how many points were lost in how many rows, and whether the total is printed so."""
    rows = [scored for scored in worked.scored if scored.is_alone]
    if not worked.scored:
        return Verdict.NOTHING_SCORED
    total, entry = worked.score.figure.value, worked.report.total_score
    lost, gap = len(_lost(worked)), worked.points.figure.value - total
    kind = Verdict.LOST if lost or gap else Verdict.NOTHING_LOST
    facts: dict[str, Fact] = {
        "rows": lost or len(rows),
        "all": len(rows),
        "lost": shown(gap),
        "total": shown(total),
    }
    printed = number(entry)
    if printed is None or entry is None:
        return Series((Statement.of(kind, **facts), Verdict.NOTHING_PRINTED))
    how = Verdict.PRINTED_SO if printed == total else Verdict.PRINTED_OTHERWISE
    how = how if entry.is_sure else Verdict.NOT_SURELY_PRINTED
    return Series((Statement.of(kind, **facts), Statement.of(how, printed=entry.text)))


def _lost(worked: Worked) -> list[Scored]:
    return [scored for scored in worked.scored if scored.is_alone and scored.lost]


_MET = {Look.REACHED: Term("met"), Look.AMISS: Term("missed"), Look.UNTOLD: Term("cannot be told")}
_LOOKS = {True: Look.REACHED, False: Look.AMISS, None: Look.UNTOLD}


def targets(worked: Worked, lang: str = "") -> Drawing | None:
    """Draw the actual value of each indicator as a share of its target, where both are numbers."""
    bars, said = [], partial(put, lang=lang or language())
    lower = f" {said(Term('lower is better here'))}"
    for row in worked.indicators:
        if (found := row.comparison) and found.target > 0:
            target, actual = found.inputs
            share = max(ZERO, min(found.actual.low, found.actual.high, key=abs)) / found.target
            look = _LOOKS[found.is_met]
            texts = f"{text_of(actual)} / {text_of(target)}"
            sign = lower if found.direction is Direction.LOWER else ""
            label = f"{texts}{sign}: {said(_MET[look])}"
            bars.append(Bar(_words(row.indicator.name), ZERO, share * HUNDRED, look, label))
    if not bars:
        return None
    axis = Axis(Term("% of the target"), mark=HUNDRED)
    return plot(Caption.TARGETS, bars, axis, said.keywords["lang"], targets_verdict(worked))


def targets_verdict(worked: Worked, _: str = "") -> Fact:
    """Say how many targets can be compared, and which of them were missed."""
    rows = [
        (_words(row.indicator.name), row.comparison.is_met)
        for row in worked.indicators
        if row.comparison and row.comparison.target > 0
    ]
    how = [is_met for _, is_met in rows]
    if not rows:
        return Statement.of(Verdict.NO_TARGETS, all=len(worked.indicators))
    counts = {"met": how.count(True), "missed": how.count(False), "untold": how.count(None)}
    first = Statement.of(Verdict.COMPARED, compared=len(rows), all=len(worked.indicators), **counts)
    missed = [name for name, is_met in rows if is_met is False]
    if not missed:
        return first
    more = len(missed) - NAMED
    kind = Verdict.MISSED_AND_MORE if more > 0 else Verdict.MISSED
    named = Statement.of(kind, names=tuple(missed[:NAMED]), more=more)
    return Series((first, named))


def funds(worked: Worked, lang: str = "") -> Drawing | None:
    """Draw budget and outturn (预算数, 执行数) of each funding row, with the execution rate.

    Amounts stand in a unit that fits them; the form's own texts are in the table of the funds.
    """
    lang = lang or language()
    said = partial(put, lang=lang)
    entries = [entry for row in worked.funds for entry in (row.line.budget, row.line.outturn)]
    unit = fitting(entries, worked.report.currency_unit, lang)
    bars = []
    for row in worked.funds:
        line, rate = row.line, row.rate
        name = _words(line.label) or line.name
        pairs = (
            ("budget row", line.budget, Look.AVAILABLE),
            ("outturn row", line.outturn, Look.REACHED),
        )
        for kind, entry, look in pairs:
            label = unit.label(entry) if number(entry) is not None else said(Term("no number"))
            if entry is line.outturn and rate:
                label += f" ({shown(rate.value * HUNDRED, 2)}%)"
            bars.append(Bar(f"{name} {said(Term(kind))}", ZERO, unit.of(entry), look, label))
    if not any(bar.end for bar in bars):
        return None
    return plot(Caption.FUNDS, bars, Axis(unit.name), lang, funds_verdict(worked, lang))


def funds_verdict(worked: Worked, lang: str) -> Fact:
    """Say how much of the budget was spent."""
    row = worked.total or worked.execution
    budget, outturn = row.line.budget, row.line.outturn
    if number(budget) is None or number(outturn) is None:
        return Verdict.NO_FUNDS
    unit = fitting([budget, outturn], worked.report.currency_unit, lang)
    facts: dict[str, Fact] = {"outturn": unit.label(outturn), "budget": unit.label(budget)}
    rate = f"{shown(row.rate.value * HUNDRED, 2)}%" if row.rate else Verdict.NO_RATE
    return Statement.of(Verdict.SPENT, **facts, unit=unit.name, rate=rate)


_METHODS = {Method.RATIO: Term("in proportion"), Method.LINEAR: Term("in proportion to the excess")}
_SAID = {
    Method.RATIO: Term("scoring in proportion"),
    Method.LINEAR: Term("scoring less the excess"),
}


def methods(worked: Worked, lang: str = "") -> Drawing | None:
    """Draw the total under each method that is in use for numeric targets, beside the printed one.

    Rows whose targets are words, or that cannot be compared, keep their printed scores.
    """
    lang = lang or language()
    said = partial(put, lang=lang)
    total, printed = worked.score.figure.value, number(worked.report.total_score)
    if not worked.totals_by_method:
        return None
    against = total if printed is None else printed
    bars = [Bar(said(Term("sum of printed scores")), ZERO, total, Look.AVAILABLE, shown(total))]
    if printed is not None:
        label, name = text_of(worked.report.total_score), said(Term("total as printed"))
        bars.insert(0, Bar(name, ZERO, printed, Look.AVAILABLE, label))
    for method, value in worked.totals_by_method:
        gap = _in_hundredths(value) - against
        look = Look.REACHED if not gap else Look.AMISS
        label = (
            f"{shown(value, 2)} ({'+' if gap > 0 else ''}{shown(gap)})" if gap else shown(value, 2)
        )
        bars.append(Bar(said(_METHODS[method]), ZERO, value, look, label))
    axis = Axis(Term("points of a bar"))
    return plot(Caption.METHODS, bars, axis, lang, methods_verdict(worked))


def methods_verdict(worked: Worked, _: str = "") -> Fact:
    """Say whether the choice of a method explains the printed total."""
    printed = number(worked.report.total_score)
    if not worked.totals_by_method or printed is None:
        return Verdict.NO_METHODS
    values = {_in_hundredths(value): _SAID[m] for m, value in worked.totals_by_method}
    low, high = min(values), max(values)
    if len(values) == 1 < len(worked.totals_by_method):
        values = {low: Term("every method")}
    facts: dict[str, Fact] = {
        "printed": shown(printed), "lowest": shown(low), "highest": shown(high)
    }  # fmt: skip
    for value, method in values.items():
        if printed in (value, value.quantize(Decimal(1).scaleb(-_places(worked)), ROUND_HALF_UP)):
            return Statement.of(Verdict.AS_A_METHOD, **facts, method=method)
    if printed > high:
        gap = shown(printed - high)
        return Statement.of(Verdict.ABOVE_ALL, **facts, method=values[high], gap=gap)
    if printed < low:
        gap = shown(low - printed)
        return Statement.of(Verdict.BELOW_ALL, **facts, method=values[low], gap=gap)
    return Statement.of(Verdict.BETWEEN_METHODS, **facts)


def _in_hundredths(value: Decimal) -> Decimal:
    """Return a score as scores are set: to two places."""
    return value.quantize(HUNDREDTH, ROUND_HALF_UP)


def _places(worked: Worked) -> int:
    """Return to how many places the total is printed."""
    entry = worked.report.total_score
    return entry.reading.decimals if entry else 0


def spread(
    values: Mapping[str, Decimal], caption: Fact, lang: str = "", unit: Fact = ""
) -> Drawing | None:
    """Draw one figure of many reports as dots, ranked; those far outside the quartiles stand out.

    Far is one and a half times the distance between the quartiles, as Tukey put it; below four
    reports nothing stands out.
    """
    said = partial(put, lang=lang or language())
    if not values:
        return None
    far = f" {said(Term('outlier'))}"
    out = _outliers(values)
    bars = [
        Bar(visible(name), ZERO, value, Look.AMISS if name in out else Look.REACHED,
            shown(value) + far * (name in out))
        for name, value in _ranked(values)
    ]  # fmt: skip
    axis = Axis(unit, is_dotted=True)
    return plot(caption, bars, axis, said.keywords["lang"], spread_verdict(values))


def spread_verdict(values: Mapping[str, Decimal]) -> Fact:
    """Say between what the figures lie, and which of them stand out."""
    if not values:
        return Verdict.NO_NUMBERS
    ranked, out = [value for _, value in _ranked(values)], _outliers(values)
    facts = {"low": shown(ranked[0]), "high": shown(ranked[-1]), "middle": shown(median(ranked))}
    first = Statement.of(Verdict.SPREAD, count=len(ranked), **facts)
    if len(ranked) < 4:
        return Series((first, Verdict.TOO_FEW))
    if not out:
        return Series((first, Verdict.NONE_STANDS_OUT))
    names = tuple(map(visible, out[:NAMED]))
    return Series((first, Statement.of(Verdict.STAND_OUT, count=len(out), names=names)))


def outside(values: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the bounds beyond which a value is an outlier by Tukey's rule."""
    known = list(values)
    if len(known) < 4:  # quartiles say nothing
        return min(known, default=ZERO), max(known, default=ZERO)
    first, _, third = quantiles(known, n=4, method="inclusive")
    reach = (third - first) * Decimal("1.5")
    return first - reach, third + reach


def _ranked(values: Mapping[str, Decimal]) -> Sequence[tuple[str, Decimal]]:
    return sorted(values.items(), key=lambda pair: (pair[1], pair[0]))


def _outliers(values: Mapping[str, Decimal]) -> list[str]:
    low, high = outside(values.values())
    return [name for name, value in _ranked(values) if not low <= value <= high]


def _words(entry: Entry | None) -> str:
    return shortened(entry.text) if entry else ""


def shortened(text: str) -> str:
    """Return a name, short enough to stand beside a bar."""
    text = visible(text)
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
