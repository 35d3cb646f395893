"""Documents of every kind that a notebook may be run on, for tests of what notebooks say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import producers
import pytest
import samples
from clean_forms import sheet_of
from typesetting import IndicatorRow, Sheet, lay_out, layout_named

SAMPLES = samples.FOLDER
FORMLESS = "<html><body><table><tr><td>工资表</td><td>姓名</td></tr></table></body></html>"


def forty_rows(actual: str, otherwise: str = "", count: int = 0) -> Sheet:
    """Return a form with forty indicators, each of which came to ``actual`` of 100.

    The first ``count`` of them print it ``otherwise``.
    """
    (sample,) = (one for one in samples.load() if one.name == "xinhong-2024")
    form = sample.forms[0].form
    rows = tuple(
        IndicatorRow("产出指标", "数量指标", f"第{n}个村完成数", "≥100个", said, "2.25", "2.25")
        for n, said in enumerate([otherwise] * count + [actual] * (40 - count), start=1)
    )
    return lay_out(replace(form, indicators=rows), layout_named(sample.forms[0].layout.name))


def doubted(path: Path, kind: str, count: int = 30) -> Path:
    """Save such a form by a producer, with a blank within so many of its values: 8 0个."""
    producers.produce(kind, [(forty_rows("80个", "8 0个", count), path)])
    return path


def forty(path: Path, actual: str) -> Path:
    """Write such a form as a web page."""
    sheet = forty_rows(actual)
    path.write_text(producers.page(producers.section(sheet)), encoding="utf-8")
    return path


def clean(path: Path) -> Path:
    text = sorted((Path(__file__).parent / "clean").glob("*.txt"))[0].read_text(encoding="utf-8")
    path.write_text(producers.page(producers.section(sheet_of(text))), encoding="utf-8")
    return path


def three(path: Path) -> Path:
    """Write the three forms of a disclosure below each other, without its other pages."""
    (disclosure,) = (one for one in samples.load() if one.name == "county-disclosure-2023")
    sheets = (lay_out(one.form, one.layout) for one in disclosure.forms)
    path.write_text(producers.page("".join(map(producers.section, sheets))), encoding="utf-8")
    return path


def formless(path: Path) -> Path:
    path.write_text(FORMLESS, encoding="utf-8")
    return path


def scan(path: Path) -> Path:
    pytest.importorskip("rapidocr")
    file = path.with_suffix(".png")
    producers.scanned(SAMPLES / "boiler-2019" / "boiler-2019.pdf").save(file, dpi=(200, 200))
    return file


def sample(name: str) -> Callable[[Path], Path]:
    return lambda _: next(SAMPLES.glob(f"{name}/{name}.*"))


SHORT: dict[str, Callable[[Path], Path]] = {
    "forty findings": lambda path: forty(path, "80个"),
    "forty indicators": lambda path: forty(path, "100个"),
    "a workbook": sample("sports-centre-2022"),
    "three forms": three,
    "no form": formless,
}
LONG = {
    **SHORT,
    "a clean form": clean,
    "a disclosure": sample("county-disclosure-2023"),
    "a dump": sample("dump-xinhong"),
    "a scan": scan,
    "a figure left blank": sample("town-2020"),
}
