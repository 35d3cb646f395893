"""What a workbook shows of a stored value: the display formats of Excel and its kin."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, localcontext

MOST_DIGITS, MOST_DECIMALS = 15, 10  # of a number without a format of its own
MOST_PLACES = 30  # that Excel lets a format have
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[[^\]]*\]'
    r"|(?P<pattern>[#0?](?:[#0?,]*[#0?])?(?:\.[#0?]*)?|\.[#0?]+)(?P<scale>,*)"
    r"|(?P<general>General|G/通用格式|@)|(?P<odd>[eE][+-]|/)|(?P<other>.)",
    re.IGNORECASE,
)


_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*)(?:;|$)')
# What fills a cell up with figures, and figures of other scripts.
_OTHER_FIGURES = re.compile(r"\*[\d.,%+-]|\[DBNum\d\]|\[\$-[0-9A-F]{7,8}\]", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def is_elapsed(number_format: str) -> bool:
    """Tell whether a format shows hours, minutes or seconds in all, beyond those of a day."""
    return _ELAPSED.search(number_format) is not None


def shown_number(number: Decimal, number_format: str) -> str | None:
    """Return a number as a format shows it, ``None`` for a format that is not known here.

    Digits are rounded half up, as Excel does; a percent sign multiplies by a hundred each time,
    a comma at the end divides by a thousand. Colours, widths and conditions are left out.

    >>> shown_number(Decimal("0.937351"), "0.00%")
    '93.74%'
    >>> shown_number(Decimal("-1234.5"), '#,##0.00;(#,##0.00)')
    '(1,234.50)'
    >>> shown_number(Decimal("0"), '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ')
    '-'
    """
    sections = _sections(number_format)
    if not sections[-1].strip() and len(sections) == 1:
        sections = ["General"]
    if any(re.match(r"\s*\[[<>=]", section) for section in sections):
        return None
    index = 1 if number < 0 and len(sections) > 1 else 2 if number == 0 and len(sections) > 2 else 0
    text = _rendered(abs(number), sections[index])
    negative = number < 0 and index != 1 and any(char in "123456789" for char in text or "")
    return f"-{text}" if negative else text


def shown_text(text: str, number_format: str) -> str:
    """Return a text as a format shows it, which may have a part for texts.

    >>> shown_text("29%", '0%;-0%;0%;"92%"'), shown_text("三", '@"个"'), shown_text("三", "0.00")
    ('92%', '三个', '三')
    """
    sections = _sections(number_format)
    own = sections[3] if len(sections) > 3 else sections[-1]
    tokens = list(_TOKEN.finditer(own))
    if not text or (len(sections) <= 3 and not any(token["general"] == "@" for token in tokens)):
        return text
    pieces = []
    for token in tokens:
        shown = filter(None, map(token.group, ("quoted", "escaped", "sign", "pattern", "other")))
        pieces.append(text if token["general"] else "".join(shown))
    return "".join(pieces).strip()


def _sections(number_format: str) -> list[str]:
    found = []
    for section in _SECTION.finditer(number_format):
        found.append(section[1])
        if not section[0].endswith(";") or section.end() == section.end(1):
            break
    return found


def _rendered(number: Decimal, section: str) -> str | None:
    tokens = list(_TOKEN.finditer(section))
    if any(_OTHER_FIGURES.fullmatch(token[0]) for token in tokens):
        return None
    if any(token["odd"] for token in tokens) or sum(bool(t["pattern"]) for t in tokens) > 1:
        return None
    hundreds = sum(token["other"] == "%" for token in tokens)
    thousands = sum(len(token["scale"] or "") for token in tokens)
    scaled = number * 100**hundreds / 1000**thousands
    pieces = []
    for token in tokens:
        if token["pattern"]:
            pieces.append(_digits(scaled, token["pattern"]))
        elif token["general"]:
            pieces.append(general(scaled))
        else:
            pieces += filter(None, map(token.group, ("quoted", "escaped", "sign", "other")))
    return "".join(pieces).strip()


def _digits(number: Decimal, pattern: str) -> str:
    whole, _, places = pattern.partition(".")
    rounded = _rounded(number, min(len(places), MOST_PLACES))
    before, _, after = rounded.partition(".")
    while len(after) > places.count("0") and after.endswith("0"):
        after = after[:-1]
    least = whole.replace(",", "").count("0")
    before = before.lstrip("0").rjust(least, "0")
    if "," in whole:
        before = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", before)
    return f"{before}.{after}" if after or ("." in pattern and not places) else before


def _rounded(number: Decimal, places: int) -> str:
    with localcontext(prec=MOST_PLACES + 400):  # a float has up to 309 digits before the point
        return f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def general(number: Decimal) -> str:
    """Return a number as sheets show it that were told nothing about it.

    >>> general(Decimal("0.30000000000000004")), general(Decimal("29907108.39"))
    ('0.3', '29907108.39')
    """
    places = max(0, min(MOST_DECIMALS, MOST_DIGITS - max(1, number.adjusted() + 1)))
    text = _rounded(number, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


_PARTS = {
    "yyyy": "{0.year:04}", "yy": "{1:02}", "mm": "{0.month:02}", "m": "{0.month}",
    "dd": "{0.day:02}", "d": "{0.day}", "hh": "{0.hour:02}", "h": "{0.hour}",
    "ss": "{0.second:02}", "s": "{0.second}",
}  # fmt: skip
_MINUTES = {"mm": "{0.minute:02}", "m": "{0.minute}"}
_DATE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[[^\]]*\]|(?P<part>yyyy|yy|mm?|dd?|hh?|ss?)(?=[^a-z]|$)'
    r"|(?P<other>.)",
    re.IGNORECASE,
)
_STANDARD = {"mm-dd-yy": "yyyy/m/d", "general": "yyyy/m/d"}


def shown_date(value: date | time, number_format: str) -> str:
    """Return a date or a time of day as a format shows it; the standard one is that of China.

    >>> shown_date(date(2024, 3, 5), 'yyyy"年"m"月"d"日"'), shown_date(date(2024, 3, 5), "mm-dd-yy")
    ('2024年3月5日', '2024/3/5')
    """
    form = _sections(number_format)[0]
    form = _STANDARD.get(form.lower(), form)
    if re.search("d{3}|m{3}|aaa", form, re.IGNORECASE):
        return value.isoformat()  # names of days and months, in a language not known here
    pieces: list[str] = []
    after_hours = False
    for token in _DATE.finditer(form):
        if part := (token["part"] or "").lower():
            minutes = part in _MINUTES and (after_hours or isinstance(value, time))
            said = (_MINUTES if minutes else _PARTS)[part]
            try:
                pieces.append(said.format(value, getattr(value, "year", 0) % 100))
            except AttributeError:
                return value.isoformat()
            after_hours = part.startswith("h")
        pieces += filter(None, map(token.group, ("quoted", "escaped", "other")))
    text = "".join(pieces).split("@")[0].strip()
    if isinstance(value, datetime) and not any(char.isdigit() for char in text):
        return value.isoformat(" ")
    return text
