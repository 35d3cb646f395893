"""What the labels of a form mean, by the vocabulary of ``labels.toml`` or else by their words.

A label is known by the vocabulary, understood by the grammar of ``grammar.toml``, or neither.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations

from auditkit.grid import plain
from auditkit.numbers import MONEY_UNITS

_NUMBERING = re.compile(
    r"^(?:[(]?[一二三四五六七八九十]{1,3}[)、.]|[(]?\d{1,2}[)、]|\d{1,2}[.](?!\d)|[★☆*※])+"
)
_BRACKETED = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]?")
_CLOSED = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_FORMULA = re.compile(r"(?<=[一-鿿])(?:=?[A-H](?:[-+*/×÷][A-H\d]+)*)?%?$")
_POINTS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,2})?)分(?![钟之\d])")
_MONEY = "|".join(MONEY_UNITS)
_UNIT = re.compile(f"(?:人民币)?({_MONEY})(?:人民币)?")
_STATED_UNIT = re.compile(f"单位:?(?:人民币)?({_MONEY})")
_IDEOGRAPH = re.compile("[一-鿿]")
_AMONG = 10  # characters of a label that a seal lies on, which are tried
_LONGEST = 30  # characters of a label; what is longer is a text
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年?")

# What forms call the groups of their indicators.
GROUP = re.compile(
    "(?:产出)?(?:数量|质量|时效|成本)(?:指标)?|(?:经济|社会|生态|环境)效益(?:指标)?|(?:产出|效益)指标"
    "|可持续(?:影响|发展)?(?:指标)?|(?:服务对象|社会公众|受益对象|群众)?满意度(?:指标)?"
)

Roles = dict[str, dict[str, str]]  # by table and role, the pattern of its labels


def _roles(tables: dict[str, dict[str, list[str]]]) -> Roles:
    return {
        table: {role: "|".join(f"(?:{p})" for p in some) for role, some in roles.items()}
        for table, roles in tables.items()
    }


def _tables(name: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("auditkit.forms") / name).read_text(encoding="utf-8"))


_TABLES = _tables("labels.toml")
PARTS: dict[str, list[str]] = _TABLES.pop("parts")
VOCABULARY = _roles(_TABLES)
GRAMMAR = _roles(_tables("grammar.toml"))


@cache
def pattern_of(table: str, role: str) -> re.Pattern[str]:
    """Return the pattern of the labels that have one role in the vocabulary."""
    return re.compile(VOCABULARY[table][role])


@cache
def _at_once(table: str, *, by_words: bool) -> tuple[re.Pattern[str], dict[str, str]] | None:
    """Return one pattern for a table, and the role that each of its groups stands for."""
    roles = (GRAMMAR if by_words else VOCABULARY).get(table)
    if not roles:
        return None
    whole = "|".join(f"(?P<_{n}>{pattern})" for n, pattern in enumerate(roles.values()))
    return re.compile(whole), {f"_{n}": role for n, role in enumerate(roles)}


@lru_cache(maxsize=4096)  # each label is looked at by many tests
def label_of(text: str) -> str:
    r"""Return a label for comparing: no numbering, no brackets with their content, no colon.

    >>> label_of("一、全年预算数 (A):")
    '全年预算数'
    >>> label_of("年度\n指标值"), label_of("全年预算数(A)(年初预算(不含收回))")
    ('年度指标值', '全年预算数')
    """
    label = _NUMBERING.sub("", plain(text))
    bare = label
    while _CLOSED.search(bare):
        bare = _CLOSED.sub("", bare)  # from the inside to the outside
    bare = _BRACKETED.sub("", bare)
    return (bare or label).rstrip(":;,、.").lstrip("-—")


@lru_cache(maxsize=4096)
def role_of(table: str, text: str) -> str | None:
    """Return what a label means within one table of the vocabulary, or ``None``."""
    return _role_in(_at_once(table, by_words=False), text)


@lru_cache(maxsize=4096)
def role_by_words(table: str, text: str) -> str | None:
    """Return what a label that the vocabulary does not have means by its words, or ``None``.

    >>> role_by_words("funding", "变更后预算金额"), role_by_words("indicators", "扣分理由")
    ('adjusted_budget', 'explanation')
    """
    return _role_in(_at_once(table, by_words=True), text)


@lru_cache(maxsize=4096)
def role_among(table: str, text: str) -> str | None:
    """Return what the longest label means that stands in a text among strokes read as characters.

    >>> role_among("indicators", "分一值FPLN"), role_among("indicators", "度人L单立")
    ('points', None)
    """
    signs = _IDEOGRAPH.findall(plain(text))[:_AMONG]
    for length in range(len(signs), 1, -1):
        meant = {role_of(table, "".join(some)) for some in combinations(signs, length)} - {None}
        if meant:
            return meant.pop() if len(meant) == 1 else None
    return None


@lru_cache(maxsize=4096)
def nearly_label(table: str, text: str) -> str | None:
    """Return the label that a text is but for one misread character, if it is one.

    >>> nearly_label("goals", "预期日标"), nearly_label("goals", "按期完工")
    ('预期目标', None)
    """
    label = label_of(text)
    if not 2 < len(label) <= _AMONG or role_of(table, label):
        return None
    signs = sorted(set(_IDEOGRAPH.findall("".join(VOCABULARY[table].values()))))
    others = (label[:n] + sign + label[n + 1 :] for n in range(len(label)) for sign in signs)
    return next((other for other in others if role_of(table, other)), None)


def _role_in(table: tuple[re.Pattern[str], dict[str, str]] | None, text: str) -> str | None:
    label = label_of(text)
    if not label or len(label) > _LONGEST or table is None:
        return None
    pattern, roles = table
    found = pattern.fullmatch(label) or pattern.fullmatch(_FORMULA.sub("", label))
    return roles[found.lastgroup] if found and found.lastgroup else None


@lru_cache(maxsize=4096)
def money_in(text: str) -> tuple[str | None, str]:
    """Return the kind of money that the label of a funding row names, and it without its 其中.

    >>> money_in("其中:当年财政拨款")
    ('appropriation', '当年财政拨款')
    """
    label = label_of(re.sub("^其中[:、]?|^:", "", label_of(text)))
    return role_of("money", label), label


@lru_cache(maxsize=4096)
def names_part(text: str) -> bool:
    """Tell whether a label names a part of the funds: a kind of money, or what it is spent on.

    >>> names_part("其中:基本支出"), names_part("政府性基金拨款"), names_part("全年支出")
    (True, True, False)
    """
    kind, label = money_in(text)
    is_part = role_of("divisions", label) == "part" and role_of("funding", label) is None
    return kind is not None or is_part or label_of(text).startswith("其中")


def names_division(text: str) -> bool:
    """Tell whether a label says by what the funds are divided below it: 按支出性质分."""
    return role_of("divisions", text) == "division"


def is_title(line: str) -> bool:
    """Tell whether a line of text can be the title of a form and not a sentence about one."""
    text = plain(line)
    return (
        4 <= len(text) <= 60
        and text[-1] not in "。;:,、"
        and not re.search(r"^(续表|注[:1]|详见|附表见)|见(附|下)", text)
        and pattern_of("title", "title").fullmatch(text) is not None
    )


def names_form(line: str) -> bool:
    """Tell whether a title is that of a whole form, and not only of a part such as its goals.

    >>> names_form("项目支出绩效自评表"), names_form("二、绩效指标完成情况表")
    (True, False)
    """
    return is_title(line) and pattern_of("title", "form").search(plain(line)) is not None


def points_in(text: str) -> str | None:
    """Return the points that a label states, as printed: 20 in 预算执行情况(20分)."""
    found = _POINTS.search(plain(text))
    return found[1] if found else None


def unit_in(text: str) -> str | None:
    """Return the unit of money that a label states: 万元 in 项目资金(万元), 元 in 单位:元."""
    label = plain(text)
    named = _STATED_UNIT.search(label)
    inside = (_UNIT.fullmatch(part.strip("()[]【】〔〕")) for part in _BRACKETED.findall(label))
    found = named or next(filter(None, inside), None)
    return found[1] if found else None


def years_in(text: str) -> list[str]:
    """Return the years that a line states, those followed by 年 alone where there are any."""
    found = [(m[1], m[0].endswith("年")) for m in _YEAR.finditer(plain(text))]
    marked = [year for year, is_marked in found if is_marked]
    return marked or [year for year, _ in found]
