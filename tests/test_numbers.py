"""Every way in which published forms print a figure, and what it must be read as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from auditkit.doubts import Doubt
from auditkit.numbers import (
    BLANK_INSIDE,
    GLUED,
    IN_BRACKETS,
    MIXED,
    ODD_COMMAS,
    Reading,
    Status,
    read_number,
    read_value,
    read_words,
)
from auditkit.report import Entry, number
from auditkit.wording import put


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("250000.00", "250000.00", ""),
        ("1,030,700.00", "1030700.00", ""),
        ("１，０３０，７００", "1030700", ""),
        ("1 234 567.89", "1234567.89", ""),
        ("¥2.38", "2.38", ""),
        ("2.38 万元", "2.38", "万元"),
        ("5.8万", "5.8", "万"),
        ("-12.5", "-12.5", ""),
        ("86.19 %", "86.19", "%"),
        ("0.00％", "0.00", "%"),
        ("0.05‰", "0.05", "‰"),
        ("9分", "9", "分"),
        ("\u00a010\u00a0", "10", ""),
    ],
)
def test_amounts_are_read_as_printed(printed: str, value: str, unit: str) -> None:
    reading = read_number(printed)
    assert (reading.status, str(reading.value), reading.unit) == (Status.NUMBER, value, unit)
    assert reading.suspicions == ()


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("1,23", ODD_COMMAS),
        ("12,3456", ODD_COMMAS),
        ("1,23.4", ODD_COMMAS),
        ("1.2.3", GLUED),
        ("1,2.3.4", GLUED),
        ("12,3456.78.9", GLUED),
        ("1,1.1.1.1", GLUED),
        ("40067273.3240067273.32", GLUED),
        ("1O0", MIXED),
        ("1000A", MIXED),
        ("10 20", BLANK_INSIDE),
        ("(12.5)", IN_BRACKETS),
    ],
)
def test_what_is_almost_a_number_is_words_with_a_suspicion(printed: str, why: Doubt) -> None:
    reading = read_number(printed)
    assert (reading.status, reading.value) == (Status.WORDS, None)
    assert reading.suspicions == (why,)


@pytest.mark.parametrize("printed", ["万元", "元", "%", "文1", "12万3", "见附件A"])
def test_words_beside_digits_are_not_suspected_of_being_numbers(printed: str) -> None:
    assert read_number(printed).suspicions == ()


@pytest.mark.parametrize("printed", ["万元", "详见附件", "1e5", "20/20", "无", "约100", "≥5"])
def test_other_text_in_a_column_of_amounts_is_words(printed: str) -> None:
    assert read_number(printed).value is None
    assert read_number(printed).status is Status.WORDS


@pytest.mark.parametrize("read", [read_number, read_value, read_words])
def test_invisible_characters_are_kept_and_suspected(read: Callable[[str], Reading]) -> None:
    reading = read("1\u200b0")
    assert reading.raw == "1\u200b0"
    assert reading.value is None
    assert reading.suspicions


@pytest.mark.parametrize(
    "printed", ["1\u041e人", "\u041e1人", "10\u041e", "5\u0335个", "1.\u03355"]
)
def test_look_alikes_at_either_side_of_a_digit_are_suspected(printed: str) -> None:
    reading = read_value(printed)
    assert (reading.status, reading.value) == (Status.WORDS, None)
    assert reading.suspicions


def test_blank_dash_and_words_are_three_things() -> None:
    assert {
        read(raw).status
        for read in (read_number, read_value, read_words)
        for raw in ("", "\u3000\u00a0")
    } == {Status.BLANK}
    assert {
        read(raw).status
        for read in (read_number, read_value, read_words)
        for raw in ("-", "—", "——", "－", "/", "- -")
    } == {Status.DASH}
    assert read_words("100").status is Status.WORDS


@pytest.mark.parametrize(
    ("printed", "comparator", "value", "unit"),
    [
        ("≥95%", "≥", "95", "%"),
        ("≧735", "≥", "735", ""),
        (">=4个", "≥", "4", "个"),
        ("﹥80%", ">", "80", "%"),
        ("100余人", ">", "100", "人"),
        ("1.2万多人次", ">", "1.2", "万人次"),
        ("15（人）", "", "15", "人"),
        ("满意度≥95%", "≥", "95", "%"),
        ("完成率：100%", "", "100", "%"),
        ("<=5300元/户", "≤", "5300", "元/户"),
        ("﹦100", "=", "100", ""),
        ("═100%", "=", "100", "%"),
        ("大于等于98", "≥", "98", ""),
        ("小于等于1次", "≤", "1", "次"),
        ("等于100%", "=", "100", "%"),
        ("不少于12种", "≥", "12", "种"),
        ("98%以上", "≥", "98", "%"),
        ("98%(含)以上", "≥", "98", "%"),
        ("控制在5%以内", "≤", "5", "%"),
        ("2小时内", "≤", "2", "小时"),
        ("不超过11.376万元", "≤", "11.376", "万元"),
        ("29个", "", "29", "个"),
        ("1.5万人次", "", "1.5", "万人次"),
        ("583元/人*月", "", "583", "元/人*月"),
        ("1290.3平方米", "", "1290.3", "平方米"),
        ("20m²", "", "20", "m2"),
        ("25TB", "", "25", "TB"),
        ("100百分比", "", "100", "%"),
        ("百分之95", "", "95", "%"),
        ("百分之百", "", "100", "%"),
        ("不低于百分之九十五", "≥", "95", "%"),
        ("100%覆盖", "", "100", "%"),
        ("完成100%", "", "100", "%"),
        ("0起", "", "0", "起"),
        ("三次", "", "3", "次"),
        ("不少于二十个", "≥", "20", "个"),
        ("每季度一次", "", "1", "次/季度"),
        ("每月不少于2次", "≥", "2", "次/月"),
        ("±5%", "±", "5", "%"),
    ],
)
def test_targets_and_actual_values_are_read(
    printed: str, comparator: str, value: str, unit: str
) -> None:
    reading = read_value(printed)
    assert reading.status is Status.NUMBER
    assert (reading.comparator, str(reading.value), reading.unit) == (comparator, value, unit)


@pytest.mark.parametrize(
    "printed",
    [
        "一般", "三公经费", "十四五", "统一", "有效", "无", "专款专用", "不超过预算",
        "5000吨稻谷、500吨成品粮", "①培训100人", "≥**人", ">=9(…)", "2/3", "3:1", "1e5",
        "第2名", "前3名", "2020年全年", "5年内完成", "100%(实际96%)", "96%(未达目标95%)",
        "100%(实际为九成)", "10000册(其中完成9000册)", "8%-15%左右", "约", "左右",
        "1,23册", "12,3456册",
        "95%、90%", "2020-2021年", "2019-2020年度", "1901-1902年", "12-31", "1O0", "90%-90%",
        "95%-90%", "[1,1]", "[5,1]", "1,5个", "2023/5", "2023-5", "2023-12", "2023/12", "≥98以内",
        "≤98以上", "控制在98以上", "一百零五个", "两度", "①5", "□5", "5…", "1,5)", "[1,5", "1-5]",
    ],
)  # fmt: skip
def test_text_that_is_not_one_number_stays_words(printed: str) -> None:
    assert read_value(printed).status is Status.WORDS
    assert read_value(printed).value is None


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("6,120册", "6120", "册"),
        ("6，120册", "6120", "册"),
        ("6,120", "6120", ""),
        ("1,437万元", "1437", "万元"),
        ("13,260件", "13260", "件"),
        ("≥9,000册", "9000", "册"),
        ("1,234,567.89元", "1234567.89", "元"),
    ],
)
def test_commas_part_thousands_in_targets_and_actual_values(
    printed: str, value: str, unit: str
) -> None:
    reading = read_value(printed)
    assert (reading.status, str(reading.value), reading.unit) == (Status.NUMBER, value, unit)


@pytest.mark.parametrize(
    ("printed", "value", "unit", "remark"),
    [
        ("96%(发放问卷60份,回收58份)", "96", "%", "发放问卷60份,回收58份"),
        ("100%（全部）", "100", "%", "全部"),
        ("3000人次【线上】", "3000", "人次", "线上"),
        ("20座(含移动公厕2座)", "20", "座", "含移动公厕2座"),
        ("506人(其中女性212人)", "506", "人", "其中女性212人"),
    ],
)
def test_a_number_with_a_remark_is_that_number_and_the_remark(
    printed: str, value: str, unit: str, remark: str
) -> None:
    reading = read_value(printed)
    assert (str(reading.value), reading.unit, reading.remark) == (value, unit, remark)


@pytest.mark.parametrize(
    ("printed", "value", "unit", "base"),
    [
        ("66.8万头(只)", "66.8", "万头(只)", "头"),
        ("≥130万头（只）", "130", "万头(只)", "头"),
        ("66.8万(头)", "66.8", "万头", "头"),
        ("12人(次)", "12", "人(次)", "人"),
    ],
)
def test_units_may_have_brackets(printed: str, value: str, unit: str, base: str) -> None:
    reading = read_value(printed)
    assert (str(reading.value), reading.unit) == (value, unit)
    assert (reading.scaled() or ("", ""))[1] == base


@pytest.mark.parametrize(
    ("printed", "comparator", "value", "unit"),
    [("约100人", "", "100", "人"), ("100左右", "", "100", ""), ("≥90%左右", "≥", "90", "%")],
)
def test_a_number_that_is_only_about_right_is_no_exact_number(
    printed: str, comparator: str, value: str, unit: str
) -> None:
    reading = read_value(printed)
    assert reading.status is Status.ABOUT
    assert (reading.comparator, str(reading.value), reading.unit) == (comparator, value, unit)
    assert number(Entry("actual", reading, ())) is None


@pytest.mark.parametrize(
    ("printed", "by"),
    [
        ("6月前完成", (6, 30)),
        ("11月完成", (11, 30)),
        ("2月底前", (2, 29)),
        ("2022年6月15日前", (6, 15)),
        ("每月15日前", (0, 15)),
        ("每月10号发放", (0, 10)),
        ("2022年", (12, 31)),
        ("上半年完成", (6, 30)),
        ("第三季度末", (9, 30)),
        ("年底前完成", (12, 31)),
        ("2022年上半年", (6, 30)),
    ],
)
def test_dates_name_a_day_of_the_year_or_of_each_month(printed: str, by: tuple[int, int]) -> None:
    reading = read_value(printed)
    assert (reading.status, reading.by) == (Status.DATE, by)


@pytest.mark.parametrize("printed", ["次年3月", "上年12月", "次年1月底前", "每季度末", "下半年前"])
def test_days_of_another_year_are_words(printed: str) -> None:
    assert read_value(printed).status is Status.WORDS


@pytest.mark.parametrize(
    ("printed", "low", "high", "unit"),
    [
        ("90%-95%", "90", "95", "%"),
        ("90~95%", "90", "95", "%"),
        ("3至5天", "3", "5", "天"),
        ("[90,100]", "90", "100", ""),
        ("(1,5)", "1", "5", ""),
        ("[1-5]", "1", "5", ""),
        ("1.25%-3.5%", "1.25", "3.5", "%"),
        ("2000-3000元", "2000", "3000", "元"),
        ("5,000-6,000人", "5000", "6000", "人"),
        ("3-5年", "3", "5", "年"),
        ("=15~20%", "15", "20", "%"),
    ],
)
def test_ranges_have_two_bounds(printed: str, low: str, high: str, unit: str) -> None:
    reading = read_value(printed)
    assert reading.status is Status.RANGE
    assert (str(reading.value), str(reading.upper), reading.unit) == (low, high, unit)
    assert reading.decimals == len(low.partition(".")[2])


@pytest.mark.parametrize(
    ("printed", "comparator", "day"),
    [
        ("2021年底", "", date(2021, 12, 31)),
        ("2024年12月底前", "≤", date(2024, 12, 31)),
        ("2021年2月", "", date(2021, 2, 28)),
        ("2022年12月30日", "", date(2022, 12, 30)),
        ("完成时间为2022年12月30日", "", date(2022, 12, 30)),
        ("2023-12-31", "", date(2023, 12, 31)),
        ("2023.12.31", "", date(2023, 12, 31)),
        ("9月前", "≤", None),
        ("12月底之前", "≤", None),
        ("7月", "", None),
    ],
)
def test_dates_are_days_and_never_numbers(printed: str, comparator: str, day: date | None) -> None:
    reading = read_value(printed)
    assert (reading.status, reading.comparator, reading.day) == (Status.DATE, comparator, day)
    assert reading.value is None


def test_a_year_and_month_with_a_point_may_be_a_number_and_says_so() -> None:
    assert read_value("2023.12").suspicions
    assert read_value("2023.5").value == Decimal("2023.5")


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("290%", ("≥90%",)),
        ("2100%", ("≥100%",)),
        ("299.5%", ("≥99.5%",)),
        ("工90%", ("≥90%", "≤90%")),
        ("z95%", ("≥95%", "≤95%")),
        ("5=90%", ("≥90%", "≤90%")),
        ("第90%", ("≥90%", "≤90%")),
    ],
)
def test_a_sign_that_recognition_misread_is_suspected(printed: str, meant: tuple[str, ...]) -> None:
    reading = read_value(printed)
    (why,) = reading.suspicions
    said = put(why, "en")
    assert said.endswith(" or ".join(meant))
    assert said.count("%") == len(meant)
    assert reading.comparator == ""


@pytest.mark.parametrize("printed", ["200%", "≥290", "2050", "205.5%", "2101%", "209%", "2100.5%"])
def test_ordinary_figures_are_not_suspected(printed: str) -> None:
    assert read_value(printed).suspicions == ()


def test_ratio_and_scale_follow_the_unit() -> None:
    assert read_number("86.19%").ratio == Decimal("0.8619")
    assert read_number("0.958").ratio == Decimal("0.958")
    assert read_value("0.05‰").ratio == Decimal("0.00005")
    assert read_value("1.5万人次").scaled() == (Decimal("15000.0"), "人次")
    assert read_value("及时").scaled() is None


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("2千元", 2_000, "元"),
        ("5万", 50_000, ""),
        ("3万人", 30_000, "人"),
        ("2百万元", 2_000_000, "元"),
        ("4百万人", 4_000_000, "人"),
        ("2千万元", 20_000_000, "元"),
        ("3亿元", 300_000_000, "元"),
        ("5亿", 500_000_000, ""),
        ("3千米", 3, "千米"),
        ("2千人", 2, "千人"),
        ("7元", 7, "元"),
    ],
)
def test_a_multiple_in_the_unit_is_multiplied_out(printed: str, value: int, unit: str) -> None:
    assert read_value(printed).scaled() == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("一次", 1),
        ("两次", 2),
        ("九个", 9),
        ("十次", 10),
        ("十二次", 12),
        ("二十个", 20),
        ("三十七人", 37),
        ("一百次", 100),
        ("两百户", 200),
        ("一百一十个", 110),
        ("二百五十次", 250),
        ("九百九十九项", 999),
    ],
)
def test_numerals_are_counted(printed: str, value: int) -> None:
    reading = read_value(printed)
    assert (reading.value, reading.decimals, reading.unit) == (value, 0, printed[-1])


def test_a_number_of_years_is_no_year() -> None:
    assert read_value("3年").value == 3
    assert read_value("500年").value == 500
    assert read_value("20230年").value == 20230
    assert read_value("2023年").value is None


@pytest.mark.parametrize("printed", ["1OO", "5O", "10o", "≥9O%", "1I"])
def test_letters_that_look_like_digits_are_no_unit(printed: str) -> None:
    reading = read_value(printed)
    assert (reading.status, reading.value) == (Status.WORDS, None)


@pytest.mark.parametrize("sign", ["-", "−", "‐", "‑", "–", "—", "△", "▲", "负"])
def test_whatever_is_printed_for_a_minus_is_one(sign: str) -> None:
    assert read_number(f"{sign}12.50").value == Decimal("-12.50")
    assert read_number(sign).value is None
