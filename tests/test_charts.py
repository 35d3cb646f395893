"""What charts draw, what they say in words, and that every glyph is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from matplotlib.figure import Figure as Canvas
from samples import FOLDER as SAMPLES

import auditkit as ak
from auditkit.comparing import Method
from auditkit.notebook.charts import Drawing, outside

CHARTS = ("bridge", "targets", "funds", "methods")
FILES = sorted(path for path in SAMPLES.glob("*/*") if path.suffix != ".toml")
WITHOUT_FONTS = """
import sys
from matplotlib.font_manager import fontManager
import auditkit as ak
fontManager.ttflist = [font for font in fontManager.ttflist if font.name.startswith("DejaVu")]
picture = ak.show(ak.recompute(ak.read(sys.argv[-1])[0]), "targets")
print(picture.figure.axes[0].yaxis.get_ticklabels()[0].get_fontfamily()[0])
assert picture.png  # matplotlib warns of each glyph that its fonts lack
"""
SHELL = """
import json, sys
import auditkit as ak
from auditkit.many.sampling import Item, draw
from auditkit.many.engagement import Engagement
from auditkit.many.kept import Done
from pathlib import Path
log = ak.Log(sys.argv[-2])
(review,) = ak.review(sys.argv[-1])
log.record(review.findings[0], "confirmed", "", "A. Auditor")
drawn = draw([Item("a", 120), Item("b", 80)], "money", size=1, seed="1")
done = Engagement(Path("out"), (Done("a.pdf", "1"),))
things = [review, review.report, review.document, review.findings, review.findings[0],
          review.figures, review.figures[0], (review.report,), review.worked,
          ak.tables(sys.argv[-1]), ak.RULES, log.standing(review.findings), drawn, done, (1, 2), ()]
from IPython import get_ipython
shown = get_ipython().display_formatter
shown.active_types = shown.format_types  # as in a notebook
print(json.dumps([shown.format(thing)[0] for thing in things]))
"""


def drawn(thing: object, what: str, **how: str) -> Drawing:
    """Return the chart of a thing."""
    picture = ak.show(thing, what, **how)
    assert isinstance(picture, Drawing)
    return picture


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sample_is_drawn_without_a_missing_glyph(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of each glyph that its fonts lack
        for report in ak.read(path):
            for chart in CHARTS:
                assert drawn(ak.recompute(report), chart).png.startswith(b"\x89PNG")


def test_the_font_of_the_package_has_the_glyphs_too(xinhong: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", WITHOUT_FONTS, str(xinhong)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:1] == ["Noto Sans SC"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_bridge_runs_from_the_points_to_the_score_without_a_gap(path: Path) -> None:
    for report in ak.read(path):
        worked = ak.recompute(report)
        axes = drawn(worked, "bridge").figure.axes[0]
        bars = [bar for group in axes.containers for bar in group.patches]
        ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
        names = [label.get_text() for label in axes.get_yticklabels()]
        at = names.index("sum of the scores 得分合计")
        assert ends[at][1] == pytest.approx(float(worked.score.figure.value))
        assert ends[at - 1][0] == pytest.approx(ends[at][1]) or at == 1
        for before, after in zip(ends[1:at], ends[2:at], strict=False):
            assert before[0] == pytest.approx(after[1])


def test_targets_say_what_was_met_and_how_far() -> None:
    (report,) = ak.read(SAMPLES / "elder-care-2023" / "elder-care-2023.pdf")
    picture = drawn(ak.recompute(report), "targets")
    assert picture.caption.endswith("24 of 26 indicators have two numbers")
    assert (
        "培训养老护理人员人次: 384人次 / ≥400人次: missed 未达到 [drawn from 0 to 96]"
        in picture.text
    )
    assert any("lower is better 反向: met" in line for line in picture.text)


def test_a_score_in_proportion_lowers_a_total_that_hides_missed_targets() -> None:
    (report,) = ak.read(SAMPLES / "town-2020" / "town-2020.pdf")
    worked = ak.recompute(report)
    assert worked.score.figure.value == 83
    assert dict(worked.totals_by_method) == {  # 80% of 11 points and 90% of 9; bounds and words
        Method.RATIO: Decimal("79.9"),  # keep their scores
        Method.LINEAR: Decimal("79.9"),
    }
    assert any("79.9" in line for line in drawn(worked, "methods").text)


def test_funds_without_a_number_are_not_drawn_as_zero_in_silence() -> None:
    worked = ak.recompute(*ak.read(SAMPLES / "town-2020" / "town-2020.pdf"))
    assert "其他资金 执行: no number 无数值 [drawn from 0 to 0]" in drawn(worked, "funds").text


def test_a_figure_that_is_not_sure_is_marked_where_it_is_drawn() -> None:
    (report,) = ak.read(SAMPLES / "dump-xinhong" / "dump-xinhong.txt")
    unsure = next(row for row in report.indicators if row.points and not row.points.is_sure)
    assert unsure.points is not None
    assert unsure.score is not None
    score = replace(unsure.score, reading=replace(unsure.score.reading, value=Decimal(1)))
    report = replace(report, indicators=(replace(unsure, score=score),))
    assert f" / (?) {unsure.points.text}" in "".join(drawn(ak.recompute(report), "bridge").text)


def test_cells_that_cover_several_rows_are_not_charged_to_one_of_them() -> None:
    (report,) = ak.read(SAMPLES / "elder-care-2023" / "elder-care-2023.pdf")
    one, other = report.indicators[0], report.indicators[5]
    merged = replace(other, score=one.score)  # two rows, one cell of the score
    picture = drawn(ak.recompute(replace(report, indicators=(one, merged))), "bridge")
    assert not any("培训养老护理人员人次" in line for line in picture.text)
    assert any("无法逐行区分: -3 " in line for line in picture.text)


def test_what_lies_far_outside_the_quartiles_stands_out() -> None:
    values = {name: Decimal(number) for name, number in zip("abcdefgh", range(90, 98), strict=True)}
    assert not any("outlier" in line for line in drawn(values, "spread", title="scores").text)
    values["z"] = Decimal(20)
    assert [
        line[0] for line in drawn(values, "spread", title="scores").text if "outlier" in line
    ] == ["z"]
    assert outside([Decimal(1), Decimal(99)]) == (1, 99)


def test_a_picture_speaks_the_language_that_it_was_asked_in() -> None:
    (report,) = ak.read(SAMPLES / "elder-care-2023" / "elder-care-2023.pdf")
    assert (
        drawn(ak.recompute(report), "targets", lang="zh").caption
        == "实际完成值与指标值:26项指标中24项两边都是数"
    )
    assert drawn(ak.recompute(report), "targets").caption.endswith(
        "24 of 26 indicators have two numbers"
    )


def test_names_are_text_not_formulas_nor_markup() -> None:
    values = {"a $x_1$ <b>": Decimal(1), "b\u202e": Decimal(2)}
    picture = drawn(values, "spread", title="<script>")
    assert picture.text[0].startswith("a $x_1$ <b>: 1")
    assert "U+202E" in picture.text[1]
    assert "<b>" not in picture.html
    assert "<script>" not in picture.html


def test_a_picture_carries_its_figures_as_alternative_text() -> None:
    picture = Drawing(Canvas(), "a chart", ["x: 8.62"])
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == "a chart\nx: 8.62"
    assert 'alt="a chart\nx: 8.62"' in bundle["text/html"]


def test_findings_are_shown_with_their_crops_or_without_pages_with_their_places() -> None:
    path = SAMPLES / "boiler-2019" / "boiler-2019.pdf"
    (review,) = ak.review(path)
    cards = ak.show(review, "findings", source=path, only="EX-02")
    assert cards._repr_html_().count("<img ") == 1
    assert 'class="error"' in cards._repr_html_()
    assert "arithmetic: 10 x 0.862037 = 8.6204" in repr(cards)
    assert "page 1 of boiler-2019.pdf, 4 cells framed" in repr(cards)
    sheet = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"
    (review,) = ak.review(sheet)
    cards = ak.show(review, "findings", source=sheet)
    assert "<img" not in cards._repr_html_()
    assert "where: “" in repr(cards)


def test_a_notebook_shows_values_as_tables_and_a_terminal_as_text(
    xinhong: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "IPython", "--quick", "-c", SHELL, "--"]
    command += [str(tmp_path / "log.sqlite"), str(xinhong)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    *tables, pair, nothing = json.loads(run.stdout.splitlines()[-1])
    assert (pair, nothing) == ({"text/plain": "(1, 2)"}, {"text/plain": "()"})
    for bundle in tables:
        assert "<table>" in bundle["text/html"]
        assert " | " in bundle["text/plain"]
        assert not re.search(r"[A-Z][a-z]+\(", bundle["text/plain"].split("\n")[0])
