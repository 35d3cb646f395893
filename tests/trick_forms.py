"""A small form in all kinds of files, one value of which is set in pieces that are seen or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

TITLE, YEAR, NAME = "项目支出绩效自评表", "(2023年度)", "群众知晓率"
HEADS = (
    "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
    "偏差原因分析及改进措施",
)  # fmt: skip
# ``None`` is where the value stands.
ROWS: tuple[tuple[str | None, ...], ...] = (
    ("产出指标", "数量指标", NAME, "≥90%", None, "5", "5", ""),
    ("产出指标", "质量指标", "培训合格率", "≥95%", "97%", "5", "5", ""),
)
VALUES = ("92%", "1286户", "19.5", "-12.50", "96.87", "2023", "468.70万元", "42场", "3", "100%")


@dataclass(frozen=True)
class Piece:
    """A part of a value, and how it is set: ``shown``, ``hidden`` or ``struck``."""

    text: str
    how: str


def pieces(noise: Random) -> list[Piece]:
    """Return a value in pieces; some are hidden or struck, at times none."""
    text = noise.choice(VALUES)
    cuts = sorted(noise.sample(range(1, len(text)), min(noise.randrange(3), len(text) - 1)))
    parts = [text[a:b] for a, b in zip((0, *cuts), (*cuts, len(text)), strict=True)]
    hows = ("shown", "shown", "shown", "hidden", "struck")
    return [Piece(part, noise.choice(hows)) for part in parts]


def seen_of(parts: Sequence[Piece]) -> str:
    """Return what a person sees of a value."""
    return "".join(part.text for part in parts if part.how == "shown")


def whole_page(cell: str, head: str = "", row: str = "", columns: str = "") -> bytes:
    """Return the form as a web page with this in the cell."""
    rows = "".join(
        f"<tr{row if number == 0 else ''}>"
        + "".join(f"<td>{cell if text is None else text}</td>" for text in texts)
        + "</tr>"
        for number, texts in enumerate(ROWS)
    )
    heads = "".join(f"<td>{text}</td>" for text in HEADS)
    total = "<tr><td colspan=5>总分</td><td>10</td><td>10</td><td></td></tr>"
    table = f"<table>{columns}<tr>{heads}</tr>{rows}{total}</table>"
    page = f"<html><head>{head}</head><body><h1>{TITLE}</h1><p>{YEAR}</p>{table}</body></html>"
    return page.encode()
