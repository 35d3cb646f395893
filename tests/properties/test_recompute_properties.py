"""Intervals hold what they must, and scores stay within their points."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from auditkit.comparing import Comparison, Direction, Method, proportional_score
from auditkit.figures import Interval, printed_span
from auditkit.report import Entry

values = st.decimals(min_value=-(10**9), max_value=10**9, places=3)
positive = st.decimals(min_value="0.001", max_value=10**9, places=3)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, Decimal]:
    """An interval and a value in it."""
    low, value, high = sorted(draw(st.tuples(values, values, values)))
    return Interval(low, high), value


@given(intervals(), intervals())
def test_results_of_values_lie_in_results_of_intervals(
    first: tuple[Interval, Decimal], second: tuple[Interval, Decimal]
) -> None:
    (one, a), (other, b) = first, second
    multiplied = one * other
    assert multiplied.low <= a * b <= multiplied.high
    divided = one.over(other)
    if divided is not None:
        margin = abs(a / b) * Decimal("1E-20") + Decimal("1E-20")
        assert divided.low - margin <= a / b <= divided.high + margin


@given(values, st.integers(0, 4))
def test_a_rounded_figure_stands_for_what_it_was_rounded_from(value: Decimal, places: int) -> None:
    printed = round(value, places)
    span = printed_span(printed, places)
    assert span.low <= value <= span.high


@given(positive, positive, positive, st.sampled_from(list(Direction)))
def test_scores_lie_between_nought_and_the_points(
    target: Decimal, actual: Decimal, points: Decimal, direction: Direction
) -> None:
    entry = Entry("x", None, ())  # type: ignore[arg-type]
    comparison = Comparison(direction, target, Interval(actual, actual), False, (entry, entry))
    scores = [proportional_score(comparison, points, method=method) for method in Method]
    assert all(score is not None and 0 <= score <= points for score in scores)
    assert scores[0] is not None
    assert scores[1] is not None
    assert scores[1] <= scores[0] + Decimal("1E-15")
    assert (scores[0] == points) or comparison.is_met is False
