"""Bytes as text, and the words that tell a self-evaluation form before it is understood."""

from __future__ import annotations

import re

from auditkit.grid import plain

LABELS = (
    "一级指标", "二级指标", "三级指标", "指标值", "目标值", "完成值", "实际值", "分值", "得分",
    "权重", "预算数", "执行数", "执行率", "主管部门", "实施单位", "项目名称", "设定目标",
    "总体目标", "年度目标", "预期目标", "实际完成情况", "资金总额", "项目资金", "绩效指标",
    "自评表", "偏差原因", "未完成原因",
)  # fmt: skip
HEADS = LABELS[:3]  # what only the header of a form's indicators says, and prose seldom does
MARKS = (*LABELS, "产出指标", "效益指标", "满意度")
_ANY = re.compile("|".join(MARKS))
_LOOKED_AT, _LEAST_NOUGHTS, _TIMES = 4096, 4, 10  # bytes; noughts, and of how many more on one side
MAY_HOLD, SURELY_HOLDS = 3, 6  # marks in a text before it is looked at, and taken for a form's


def marks_in(text: str) -> int:
    """Count the marks that a text holds."""
    words = plain(text)
    return sum(mark in words for mark in MARKS)


def has_mark(text: str) -> bool:
    """Tell whether a text holds any of the marks."""
    return _ANY.search(plain(text)) is not None


def decoded(data: bytes) -> str:
    """Return bytes as text: as UTF-16 where they are, else in UTF-8 or GB18030, as fits better.

    What a file declares is not asked: many declare one encoding and are saved in another, and
    Chinese text in GB18030 is hardly ever valid UTF-8. Bytes that do not fit become U+FFFD.

    >>> decoded("执行率".encode("gbk")), decoded("执行率".encode("utf-8"))
    ('执行率', '执行率')
    """
    if wide := as_utf16(data):
        return data.decode(wide, errors="replace")
    texts = (data.decode(name, errors="replace") for name in ("utf-8-sig", "gb18030"))
    return min(texts, key=lambda text: text.count("\ufffd"))


def as_utf16(data: bytes) -> str:
    """Return which kind of UTF-16 bytes are, by their mark or their noughts, empty for none.

    Without a mark every second byte of each sign, digit and letter of Latin is nought.

    >>> as_utf16("得分,10,9.5".encode("utf-16-le")), as_utf16("得分,10".encode())
    ('utf-16-le', '')
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    first, second = (data[at:_LOOKED_AT:2].count(0) for at in (0, 1))
    if max(first, second) < _LEAST_NOUGHTS or min(first, second) * _TIMES > max(first, second):
        return ""
    return "utf-16-le" if second > first else "utf-16-be"
