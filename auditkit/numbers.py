"""What a printed text says: a number, a range, a date, words, nothing, or a dash.

Nothing here guesses. A text that is not wholly understood is words, and a text that is understood
but may be misprinted carries a suspicion. None of the functions raises for any text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from auditkit.dates import Said, date_in, day_of_each_month
from auditkit.doubts import Doubt, DoubtKind
from auditkit.grid import normal, plain


class Status(StrEnum):
    """What kind of thing a text says. A blank, a dash and words are three things, none is zero."""

    NUMBER = "number"
    ABOUT = "about"
    RANGE = "range"
    DATE = "date"
    WORDS = "words"
    BLANK = "blank"
    DASH = "dash"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and what it says.

    ``raw`` is the text as one line in NFKC form. ``value`` is the number as printed (93.74 of
    ``93.74%``, 5.8 of ``5.8万``), ``decimals`` its printed places, ``unit`` what is printed behind
    it. ``comparator`` is one of ``≥ ≤ > < = ±`` or empty. A range runs from ``value`` to
    ``upper``; what is only ABOUT right has a value that no arithmetic may rest on. ``day`` is the
    last day that a date names, ``None`` where the year is not printed; ``by`` is its month and
    day, month 0 for a day of each month (每月15日前). ``remark`` is what is said behind a number in
    brackets. ``suspicions`` are reasons why the text may be misprinted or misread. ``plain`` is the
    text without white space, for comparing.
    """

    raw: str
    status: Status
    value: Decimal | None = None
    decimals: int = 0
    unit: str = ""
    comparator: str = ""
    upper: Decimal | None = None
    day: date | None = None
    by: tuple[int, int] | None = None
    remark: str = ""
    suspicions: tuple[Doubt, ...] = ()
    plain: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Rules ask for it thousands of times a form.
        object.__setattr__(self, "plain", plain(self.raw))

    @property
    def ratio(self) -> Decimal | None:
        """The value as a fraction where it is a percentage or per mille, else the value itself."""
        return None if self.value is None else self.value * _SHARES.get(self.unit, Decimal(1))

    def scaled(self) -> tuple[Decimal, str] | None:
        """Return the value in its base unit, and that unit, empty for a fraction.

        >>> read_value("1.5万人次").scaled(), read_value("≥95%").scaled()
        ((Decimal('15000.0'), '人次'), (Decimal('0.95'), ''))
        """
        if self.value is None:
            return None
        factor, base = base_unit(self.unit)
        return self.value * factor if base != self.unit else self.value, base


@lru_cache(maxsize=1024)
def base_unit(unit: str) -> tuple[Decimal, str]:
    """Return how many of the base unit a unit is, and that one, empty for a fraction.

    >>> base_unit("万元"), base_unit("%"), base_unit("人次")
    ((Decimal('10000'), '元'), (Decimal('0.01'), ''), (Decimal('1'), '人次'))
    >>> base_unit("万头(只)")
    (Decimal('10000'), '头')
    """
    if unit in _SHARES:
        return _SHARES[unit], ""
    unit = unit.partition("(")[0]
    for word, factor in MULTIPLES.items():
        rest = unit.removeprefix(word)
        if rest != unit and (word not in _OF_MONEY_ALONE or rest in ("元", "美元")):
            return Decimal(factor), rest
    return Decimal(1), unit


BLANK_INSIDE = Doubt(DoubtKind.BLANK_INSIDE)
ODD_COMMAS = Doubt(DoubtKind.ODD_COMMAS)
GLUED = Doubt(DoubtKind.GLUED)
MIXED = Doubt(DoubtKind.LETTERS_AMONG_DIGITS)
RAISED = Doubt(DoubtKind.RAISED_DIGIT)
IN_BRACKETS = Doubt(DoubtKind.IN_BRACKETS)
MONTH_OR_NUMBER = Doubt(DoubtKind.MONTH_OR_NUMBER)

_SHARES = {"%": Decimal("0.01"), "‰": Decimal("0.001")}
# Words that multiply a unit, the longer ones first; and the units of money that come of them.
MULTIPLES = {"百万": 10**6, "千万": 10**7, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
MONEY_UNITS = {"元": 1} | {f"{word}元": factor for word, factor in MULTIPLES.items()}
_OF_MONEY_ALONE = ("百", "千")  # 千克 and 百分点 are units of their own
_DASHES = re.compile(r"[-‐‑‒–—―−─━/╱\\~]+")
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MINUS = re.compile(r"^(?:[−‐‑‒–—―˗➖△▲]|负)(?=[\d.])")  # all that forms print for a minus
_AMOUNT = re.compile(
    rf"[¥￥]?(?P<number>[+-]?(?:{_DIGITS}))"
    rf"(?P<unit>%|‰|分|(?:{'|'.join(MULTIPLES)})?(?:美元|欧元|元)?)"
)


def read_words(raw: str) -> Reading:
    """Read a name or prose: only whether it is blank, a dash, or words."""
    text = _one_line(raw)
    return _unread(text) or Reading(text, Status.WORDS)


def read_number(raw: str) -> Reading:
    """Read a cell of a column of amounts, rates, points or scores.

    Accepts a sign, thousands separators, %, ‰ and units of money or points, and nothing else.
    What is almost a number is words with a suspicion.

    >>> read_number("¥1,030,700.00").value, read_number("86.19 %").ratio
    (Decimal('1030700.00'), Decimal('0.8619'))
    >>> [doubt.kind.value for doubt in read_number("1,23").suspicions]
    ['odd commas']
    """
    text = _one_line(raw)
    if found := _unread(text):
        return found
    if _HAS_ENCLOSED.search(raw) or _HAS_RAISED.search(raw):
        return Reading(" ".join(raw.split()), Status.WORDS, suspicions=(RAISED,))
    tight, has_blank = _tight(text)
    tight = _MINUS.sub("-", tight)
    if (match := _AMOUNT.fullmatch(tight)) and not has_blank:
        return _number(text, match["number"], match["unit"])
    return Reading(text, Status.WORDS, suspicions=tuple(_why_no_number(tight, has_blank)))


def _why_no_number(text: str, has_blank: bool) -> Iterator[Doubt]:
    digits = sum(char.isdigit() for char in text)
    if has_blank:
        yield BLANK_INSIDE
    elif re.fullmatch(r"\([\d.,]+%?\)", text):
        yield IN_BRACKETS
    elif re.fullmatch(r"[+-]?[\d,.]+[%‰元万亿]*", text) and digits:
        yield ODD_COMMAS if "," in text and text.count(".") < 2 else GLUED
    elif digits and re.fullmatch(r"[\d.,A-Za-z]+%?", text):
        yield MIXED


def read_value(raw: str) -> Reading:
    """Read a target (指标值) or an actual value (实际完成值).

    A text counts as a number only if everything beside its one number is a comparator, a unit, a
    word that changes nothing (完成, 达到, 覆盖) or a remark in brackets behind it. A frequency is a
    number with the unit 次/季度. Ratios, several numbers and text with numbers in it are words.

    >>> reading = read_value("不少于1.5万人次")
    >>> reading.comparator, reading.value, reading.unit
    ('≥', Decimal('1.5'), '万人次')
    >>> read_value("2021年12月底前").day, read_value("每季度一次").unit
    (datetime.date(2021, 12, 31), '次/季度')
    """
    text = _one_line(raw)
    if found := _unread(text):
        return found
    if _HAS_ENCLOSED.search(raw) or _PLACEHOLDER.search(text):
        return Reading(text, Status.WORDS)
    if _HAS_RAISED.search(raw):
        return Reading(" ".join(raw.split()), Status.WORDS, suspicions=(RAISED,))
    tight, has_blank = _tight(text)
    if has_blank:
        return Reading(text, Status.WORDS, suspicions=(BLANK_INSIDE,))
    reading = _said(text, tight)
    if reading.status is Status.WORDS and not reading.suspicions:
        reading = _about(text, tight) or _remarked(text, tight) or reading
    if suspicion := _misread_comparator(tight):
        return replace(reading, comparator="", suspicions=(*reading.suspicions, suspicion))
    return reading


def _said(text: str, tight: str) -> Reading:
    head = _comparator_before(tight)
    reading = _date(text, *head) or _each_month(text, tight) or _range(text, tight)
    return reading or _often(text, *head) or _bounded(text, *head)


_ABOUT = re.compile("约|大约|大概|左右|上下")


def _about(text: str, tight: str) -> Reading | None:
    """Read a number that is only about right: 约100人, ≥90%左右."""
    bare, count = _ABOUT.subn("", tight)
    reading = _said(text, bare) if count == 1 else None
    if reading is None or reading.status is not Status.NUMBER:
        return None
    return replace(reading, status=Status.ABOUT)


_REMARKED = re.compile(r"(?P<said>[^()【】]*\d[^()【】]*)[(【](?P<remark>[^()【】]+)[)】][。.;]?")
# Parts that count, 20座(含移动公厕2座), and not what of them was achieved: 20座(其中完工2座).
_A_PART = re.compile("(含|包括|其中)(?!.*(完成|完工|建成|合格|通过|有效|到位|验收))")
# What takes a number back, so that the remark may hold the true one.
_TAKEN_BACK = re.compile(
    "实际|实为|未|仅|应为|调整|变更|目标|计划|不含|除|其中(?=.*(完|成|合格|通过|有效|到位|验收))"
)


def _remarked(text: str, tight: str) -> Reading | None:
    """Read a number and the remark in brackets behind it: 96%(发放问卷60份,回收58份).

    A remark that may say another figure of the same thing leaves the whole of it words.
    """
    match = _REMARKED.fullmatch(tight)
    if not match or not re.search("[\u4e00-\u9fff]", match["remark"]):
        return None
    reading, remark = _said(text, match["said"]), match["remark"]
    if reading.status is not Status.NUMBER or _TAKEN_BACK.search(remark):
        return None
    of_the_same = re.search(rf"\d{re.escape(reading.unit)}", remark) or re.search(r"\d$", remark)
    if of_the_same and not _A_PART.match(remark):
        return None
    return replace(reading, remark=remark)


# A soft hyphen and a byte order mark say nothing, unless they stand in the middle of a number.
_MARKS = re.compile("(?<![\\d.,])[\u00ad\ufeff]+|[\u00ad\ufeff]+(?![\\d.,])")
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters, and blank to see
_ALIKE = "АВЕЅІЈКМНОРСТХУаеѕіјорсхуԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧον"  # Cyrillic and Greek
_LONGEST = 500  # characters; no number or date is longer, and patterns take long on long texts
_TOO_LONG = re.compile(r"(?:\d[,.]?){25}")  # for a number, and for exact arithmetic
_HAS_RAISED = re.compile("[\\d%‰][\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]")
_HAS_ENCLOSED = re.compile("[\u2460-\u24ff\u2776-\u2793\u3220-\u3247\u3280-\u32b0]")
_PLACEHOLDER = re.compile(r"\*\*|\.\.\.|…|[xX]{2}|[×]{2}|__|□|■")


def _one_line(raw: str) -> str:
    """Return a text as one line in NFKC form; ① stays, which would join the number behind it."""
    has = _HAS_ENCLOSED.search(raw)
    raw = "".join(c if _HAS_ENCLOSED.match(c) else normal(c) for c in raw) if has else normal(raw)
    return " ".join(_MARKS.sub("", raw).split())


def _unread(text: str) -> Reading | None:
    """Read a text that is no matter of numbers: nothing, a dash, or not what it looks like."""
    if not text:
        return Reading(text, Status.BLANK)
    if _DASHES.fullmatch(text.replace(" ", "")):
        return Reading(text, Status.DASH)
    if _TOO_LONG.search(text):
        return Reading(text, Status.WORDS, suspicions=(GLUED,))
    if not (text.isascii() and text.isprintable()) and (why := _deceit(text)):
        return Reading(text, Status.WORDS, suspicions=(why,))
    return Reading(text, Status.WORDS) if len(text) > _LONGEST else None


def _deceit(text: str) -> Doubt | None:
    """Say which character of a text is not what it looks like to the eye, if any."""
    for at, char in enumerate(text):
        kind, near = unicodedata.category(char), text[max(0, at - 1) : at + 2]
        on_digit = kind in ("Mn", "Me") and (near[0].isdigit() or near[0] in ".,%")
        code = f"U+{ord(char):04X}"
        if kind in ("Cf", "Cc") or char in _FILLERS or on_digit:
            return Doubt.of(DoubtKind.INVISIBLE, code=code)
        alike = char in _ALIKE and any(other.isascii() and other.isalnum() for other in near)
        if alike or (kind == "Nd" and not char.isascii()):
            return Doubt.of(DoubtKind.LOOK_ALIKE, code=code)
    return None


def _tight(text: str) -> tuple[str, bool]:
    """Return the text without white space, and whether some stood between two digits.

    Blanks that part thousands as commas do are no such doubt.
    """
    thousands = r"(?<![\d.,])(\d{1,3}(?: \d{3})+)(?![\d,]| \d)"
    grouped = re.sub(thousands, lambda found: found[0].replace(" ", ""), text)
    has_blank = re.search(r"[\d.,] +[.,]?\d|\d +[.,]", grouped) is not None
    return grouped.replace(" ", ""), has_blank


def _number(text: str, digits: str, unit: str, comparator: str = "") -> Reading:
    places = len(digits.partition(".")[2])
    return Reading(text, Status.NUMBER, _decimal(digits), places, unit, comparator)


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


_BEFORE = (
    ("≥", r"≥|≧|⩾|≽|[>》〉]=|=>"),
    ("≤", r"≤|≦|⩽|[<《〈]=|=<"),
    ("≥", r"大于(?:或者?)?等于|高于(?:或)?等于|不(?:得)?(?:少于|低于|小于|短于)|至少|最少"),
    ("≤", r"小于(?:或者?)?等于|低于(?:或)?等于|不(?:得)?(?:超过|高于|大于|多于|长于)|至多|最多"),
    (">", r">|大于|高于|超过|多于"),
    ("<", r"<|小于|低于|少于"),
    ("=", r"=|═|等于"),
    ("±", r"±"),
)
_BEHIND = (
    ("≥", r"(?:\(含\))?(?:及|或|含)?以上(?:\(含\))?"),
    ("≤", r"(?:\(含\))?(?:及|或|含)?(?:以内|之内|以下|(?<=[时天日钟月])内)(?:\(含\))?"),
)
_HARMLESS_BEFORE = (
    r"(?:全年|本年|年度|累计|共计?|合计|实际|已|均)?(?:完成|达到?|实现|发生|出现|为)?"
)
_HARMLESS_BEHIND = r"(?:完成|覆盖|达标|合格|到位|完工|实现|发放|支付|及时)?[。.;]?"
_UNIT_WORDS = re.compile("[完成达到不以之上下内前后左右约为是了和与等未已各另及其中至者]")
_CORE = re.compile(
    rf"{_HARMLESS_BEFORE}(?P<number>[+-]?(?:{_DIGITS}))(?P<unit>%|‰|百分比|个百分点|"
    r"(?:百万|千万|万|亿|千)?(?:[A-Za-z]{1,4}[23]?|[㎡°℃]|"
    r"[\u4e00-\u9fff]{1,5}(?:\([^\d()含全]{1,3}\))?)?"
    r"(?:[/*·每][A-Za-z\u4e00-\u9fff]{1,4}(?:[/*·、.][A-Za-z\u4e00-\u9fff]{1,3})?)?)"
    rf"{_HARMLESS_BEHIND}"
)
_NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_PERCENT = re.compile(r"百分之(\d+(?:\.\d+)?|百|[一二三四五六七八九十]{1,3})")
_COUNTED = re.compile(r"([一二两三四五六七八九十百]{1,5})([次个人项场期套户所座条台份批篇部])")


# The name of a rate before the rate itself: 满意度≥95%, 合格率:100%.
_NAMED_RATE = re.compile(r"^[\u4e00-\u9fff]{1,8}(?:率|度)[:达到为]{0,2}(?=[≥≤><=]{0,2}\d[\d.]*%$)")


def _bounded(text: str, before: str, rest: str) -> Reading:
    """Read a number with what bounds it, before it as a sign or words, or behind it."""
    if not before and (named := _NAMED_RATE.match(rest)):
        before, rest = _comparator_before(rest[named.end() :])
    behind, core = "", rest
    for sign, pattern in _BEHIND:
        if match := re.fullmatch(rf"(.+?){pattern}[。.;]?", rest):
            behind, core = sign, match[1]
            break
    core = re.sub(r"^控制在", "", core) if behind == "≤" else core
    core = _PERCENT.sub(lambda said: f"{_numeral(said[1]) or said[1].replace('百', '100')}%", core)
    core = re.sub(rf"^({_DIGITS}[万亿]?)\(((?:万|亿)?[^\d()含全]{{1,3}})\)$", r"\1\2", core)
    if more := re.fullmatch(rf"({_DIGITS}[万亿]?)[余多]([\u4e00-\u9fff]{{1,4}})", core):
        core, behind = more[1] + more[2], behind or ">"
    if before and behind and before != behind:
        return Reading(text, Status.WORDS)
    match = _CORE.fullmatch(core)
    is_year = match and match["unit"].startswith("年") and len(match["number"]) == 4
    if match and re.fullmatch("[OoIQ]+", match["unit"]):
        return Reading(text, Status.WORDS, suspicions=(MIXED,))
    if match and not is_year and not _UNIT_WORDS.search(match["unit"]):
        unit = "%" if match["unit"] == "百分比" else match["unit"]
        return _number(text, match["number"], unit, before or behind)
    if (counted := _COUNTED.fullmatch(core)) and (value := _numeral(counted[1])):
        return Reading(text, Status.NUMBER, Decimal(value), 0, counted[2], before or behind)
    suspicions = (GLUED,) if re.fullmatch(r"\d[\d.,]*%?", core) else ()
    return Reading(text, Status.WORDS, suspicions=suspicions)


_OFTEN = re.compile(
    r"(?:每|一)个?(季度|半年|学期|学年|星期|月|周|年|日|天)度?(?:召开|开展|组织|完成|检查)?"
    r"(?P<least>不少于|至少)?(?:(?P<digits>\d+)|(?P<words>[一二两三四五六七八九十]{1,3}))"
    r"(?P<unit>[次期场篇份])(?P<more>以上)?"
)


def _often(text: str, before: str, rest: str) -> Reading | None:
    """Read how often something is done: 每季度一次, 每月不少于2次."""
    match = _OFTEN.fullmatch(rest)
    if not match:
        return None
    sign = "≥" if match["least"] or match["more"] else before
    value = int(match["digits"]) if match["digits"] else _numeral(match["words"])
    unit = f"{match['unit']}/{match[1]}"
    return Reading(text, Status.NUMBER, Decimal(value), 0, unit, sign) if value else None


def _comparator_before(text: str) -> tuple[str, str]:
    """Split a text into the comparator that it begins with, if any, and the rest."""
    head = re.match(_HARMLESS_BEFORE, text)
    start = head.end() if head else 0
    for sign, pattern in _BEFORE:
        if match := re.match(pattern, text[start:]):
            return sign, text[start + match.end() :]
    return "", text


def _numeral(text: str) -> int | None:
    """Return the number that Chinese numerals below a thousand write: 二十 is 20."""
    match = re.fullmatch(
        r"(?:([一二两三四五六七八九])百)?(?:([一二三四五六七八九])?十)?([一二两三四五六七八九])?",
        text,
    )
    if not match:
        return None
    hundreds, tens, ones = (_NUMERALS.get(digit or "", 0) for digit in match.groups())
    return hundreds * 100 + (tens or int("十" in text)) * 10 + ones


def _date(text: str, before: str, rest: str) -> Reading | None:
    found = date_in(rest)
    return _dated(text, found, before) if found else None


def _each_month(text: str, tight: str) -> Reading | None:
    """Read a day of each month: 每月15日前发放."""
    found = day_of_each_month(tight)
    return _dated(text, found) if found else None


def _dated(text: str, said: Said, before: str = "") -> Reading:
    sign, odd = "≤" if said.is_before else before, (MONTH_OR_NUMBER,) * said.is_odd
    kind = Status.DATE
    return Reading(text, kind, comparator=sign, day=said.day, by=said.by, suspicions=odd)


_RANGE = re.compile(
    rf"=?[\[(]?(?P<low>{_DIGITS})(?P<first>%|‰|[\u4e00-\u9fff]{{0,3}}?)"
    rf"(?P<link>[-–—~～至到,]+)(?P<high>{_DIGITS})(?P<unit>%|‰|[\u4e00-\u9fff]{{0,4}})[\])]?"
)


_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])")


def _range(text: str, tight: str) -> Reading | None:
    """Read two bounds. Two bare numbers joined by a hyphen may be anything and stay words."""
    match = _RANGE.fullmatch(tight)
    if not match:
        return None
    low, high = _decimal(match["low"]), _decimal(match["high"])
    bracketed = tight[0] in "[(" and tight[-1] in "])"
    if match["link"] == "," and not bracketed:  # commas part thousands, and 1,5 is nothing
        return None if _THOUSANDS.match(tight) else Reading(text, Status.WORDS)
    bare = not match["unit"] and match["link"] in "-–—" and not bracketed
    years = match["unit"] in ("年", "年度") and low > 1900
    other = years or match["first"] not in ("", match["unit"])
    if bare or other or low >= high:
        return Reading(text, Status.WORDS)
    places = max(len(match[key].partition(".")[2]) for key in ("low", "high"))
    return Reading(text, Status.RANGE, low, places, match["unit"], upper=high)


_INSTEAD = re.compile(r"(?:工|\^|第|到|[zZ]|之|5=|2=|乏|圣)(\d{1,3}(?:\.\d+)?)%")


def _misread_comparator(tight: str) -> Doubt | None:
    """Return why a percentage may begin with a misread comparator: 290% for ≥90%."""
    if match := _INSTEAD.fullmatch(tight):
        return Doubt.of(DoubtKind.MISREAD_SIGN, percent=match[1])
    match = re.fullmatch(r"2(\d{2,3}(?:\.\d+)?)%", tight)
    if match and Decimal(match[1]) <= 100 and not match[1].startswith("0"):
        return Doubt.of(DoubtKind.MISREAD_AT_LEAST, percent=match[1])
    return None
