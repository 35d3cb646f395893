"""What must hold for every figure in every style, and for every text whatever it is."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from auditkit.numbers import Status, read_number, read_value, read_words

figures = st.decimals(min_value=0, max_value=10**12, places=4).map(lambda d: d.normalize())
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
SIGNS = ["", "≥", "≤", ">=", "<=", "≧", "不少于", "大于等于", "不超过"]
UNITS = ["", "%", "个", "万元", "人次", "平方米", "元/人*月"]
scraps = st.text(
    st.sampled_from(list("0123456789.,%≥≤><=-—~至以上内年月日前底万亿元人次个每第约 ()（）①**无")),
    max_size=14,
)


@given(figures, st.sampled_from(["{:f}", "{:,f}"]), st.booleans())
def test_a_figure_printed_in_any_style_is_read_back(
    figure: Decimal, style: str, wide: bool
) -> None:
    printed = style.format(figure)
    reading = read_number(printed.translate(FULL_WIDTH) if wide else printed)
    assert reading.value == figure
    assert reading.decimals == len(printed.partition(".")[2])


@given(figures, st.sampled_from(SIGNS), st.sampled_from(UNITS))
def test_a_target_with_sign_and_unit_is_read_back(figure: Decimal, sign: str, unit: str) -> None:
    reading = read_value(f"{sign}{figure:f}{unit}")
    if not reading.suspicions:
        assert reading.value == figure
        assert bool(reading.comparator) == bool(sign)


@given(st.one_of(st.text(max_size=30), scraps))
def test_no_text_makes_a_reader_raise_or_lose_the_text(raw: str) -> None:
    for read in (read_number, read_value, read_words):
        reading = read(raw)
        assert (reading.status in (Status.NUMBER, Status.RANGE)) == (reading.value is not None)
        assert reading.raw == read(reading.raw).raw


@given(scraps)
def test_a_number_is_never_read_beside_other_digits(raw: str) -> None:
    for read in (read_number, read_value):
        reading = read(raw)
        if reading.status is Status.NUMBER and re.search(r"\d", reading.raw):
            groups = re.findall(r"\d+", reading.raw.replace(",", "").replace(" ", ""))
            unit = len(re.findall(r"\d", reading.unit))
            assert len(groups) - unit <= 1 + ("." in str(reading.value))
