"""A number in which something stands that the eye does not see, or takes for another, is none."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from auditkit.doubts import DoubtKind
from auditkit.numbers import read_number, read_value, read_words
from reports import kinds

DECEITS = (
    "\u00ad\u200b\u200d\u200e\u202e\u2060\u2066\ufeff\u034f\u2800\u3164\u0336ОоΟο٣९\x00\x1b\x9b"
)
DECEIVING = {DoubtKind.INVISIBLE, DoubtKind.LOOK_ALIKE}
numbers = st.from_regex(r"[1-9][0-9]{1,5}(\.[0-9]{1,2})?", fullmatch=True)


@given(numbers, st.sampled_from(DECEITS), st.data(), st.sampled_from(["", "%", "万元"]))
def test_no_number_is_read_around_a_character_that_deceives(
    number: str, deceit: str, data: st.DataObject, unit: str
) -> None:
    at = data.draw(st.integers(1, len(number) - 1))
    text = f"{number[:at]}{deceit}{number[at:]}{unit}"
    for read in (read_number, read_value):
        reading = read(text)
        assert reading.value is None, (read, text)
        assert reading.suspicions, (read, text)
    assert DECEIVING & kinds(read_words(text).suspicions)


@given(numbers, st.sampled_from("²³¹⁰⁴₁₉"))
def test_a_raised_digit_is_no_digit_of_the_number(number: str, raised: str) -> None:
    for read in (read_number, read_value):
        assert read(number + raised).value is None
        assert read(number + raised).suspicions


@given(
    st.text("零一二三四五六七八九十项目资金执行率分值得分产出指标0123456789.,%（）()", min_size=1)
)
def test_plain_texts_are_not_called_deceits(text: str) -> None:
    assert not DECEIVING & kinds(read_words(text).suspicions)
    assert unicodedata.normalize("NFKC", text)


@given(st.integers(10**30, 10**400))
def test_a_number_too_long_for_exact_arithmetic_is_doubted(number: int) -> None:
    assert read_number(str(number)).value is None
    assert read_number(str(number)).suspicions
