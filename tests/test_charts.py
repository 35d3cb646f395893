"""What charts and pictures draw, and what they say in words."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from samples import FOLDER as SAMPLES

import auditkit as ak
from auditkit.comparing import Method
from auditkit.notebook.charts import outside
from auditkit.notebook.drawing import Drawing
from auditkit.notebook.pages import page_picture
from reports import report as form_of

CHARTS = ("bridge", "targets", "funds", "methods")
SVG = "{http://www.w3.org/2000/svg}"
FILES = sorted(path for path in SAMPLES.glob("*/*") if path.suffix != ".toml")
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


def bars(picture: Drawing) -> list[tuple[str, float, float]]:
    """Return the looks of the bars of a chart, and where each begins and how wide it is."""
    rows = []
    for group in ElementTree.fromstring(picture.data).iter(f"{SVG}g"):
        look, _, row = group.get("id", "").partition(" ")
        if row.isdecimal():
            (path,) = group.iter(f"{SVG}path")
            numbers = re.findall(r"[ML] ([-0-9.]+)", path.get("d", ""))
            along = [float(number) for number in numbers]
            rows.append((look, round(min(along), 2), round(max(along) - min(along), 2)))
    return rows


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_chart_of_every_sample_is_a_picture_or_says_in_words_that_there_is_none(
    path: Path,
) -> None:
    for report in ak.read(path):
        for chart in CHARTS:
            shown = ak.show(ak.recompute(report), chart)
            assert shown.first, chart
            if isinstance(shown, Drawing):
                ElementTree.fromstring(shown.data)
                assert shown.text


def test_a_chart_is_the_same_bytes_whatever_fonts_a_machine_has() -> None:
    (report,) = ak.read(SAMPLES / "elder-care-2023" / "elder-care-2023.pdf")
    one, other = (drawn(ak.recompute(report), "targets").data for _ in range(2))
    assert one == other
    assert b"font-face" not in one


def test_where_nothing_was_lost_words_say_so_and_nothing_is_drawn() -> None:
    (report,) = ak.read(SAMPLES / "town-2020" / "town-2020.pdf")
    shown = ak.show(ak.recompute(report), "bridge")
    assert not isinstance(shown, Drawing)
    assert repr(shown) == (
        "No row lost a point: the 11 scored rows earn all their 83 points; "
        "the form prints this total (83)"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_bridge_runs_from_the_points_to_the_score_without_a_gap(path: Path) -> None:
    for report in ak.read(path):
        shown = ak.show(ak.recompute(report), "bridge")
        if not isinstance(shown, Drawing):
            continue
        ends = [(x, x + wide) for _, x, wide in bars(shown)]
        at = next(i for i, line in enumerate(shown.text) if line.startswith("sum of the scores"))
        for before, after in pairwise(ends[: at + 1]):
            assert any(
                a == pytest.approx(b, abs=0.02) for a in before for b in after
            )  # a bar begins where the one before it ends


@pytest.mark.parametrize(
    ("unit", "amounts", "lang", "said"),
    [
        ("元", "145000000.00 | 120000000.00", "zh", "预算1.45,执行1.2(亿元):82.76%"),
        ("元", "145000000.00 | 120000000.00", "en", "120 of 145 spent (million yuan): 82.76%"),
        ("万元", "43.2 | 37.24", "zh", "预算43.2,执行37.24(万元):86.2%"),
        ("万元", "43.2 | 37.24", "en", "372.4 of 432 spent (thousand yuan): 86.2%"),
        ("元", "900 | 0.004", "zh", "预算900,执行0.004(元):0%"),
        ("", "900 | 90", "en", "90 of 900 spent (unit not stated 未注明单位): 10%"),
    ],
)
def test_amounts_stand_in_a_unit_that_fits_them(
    unit: str, amounts: str, lang: str, said: str
) -> None:
    funds = f"name | adjusted_budget | outturn\ntotal | {amounts}"
    form = form_of({"currency_unit": unit or "~", "budget": funds})
    assert ak.show(ak.recompute(form), "funds", lang=lang).first == said


def test_a_colour_has_one_meaning_that_the_chart_explains() -> None:
    (report,) = ak.read(SAMPLES / "elder-care-2023" / "elder-care-2023.pdf")
    picture = drawn(ak.recompute(report), "targets")
    missed = [look for look, *_ in bars(picture)][:-3]
    said = [line.split("[")[1].split(",")[0] for line in picture.text]
    assert {("amiss", "orange"), ("reached", "blue")} <= set(zip(missed, said, strict=False))
    svg = picture.data.decode()
    assert "target missed" in svg
    assert "prefers-color-scheme:dark" in svg


def test_targets_say_what_was_met_and_how_far() -> None:
    (report,) = ak.read(SAMPLES / "elder-care-2023" / "elder-care-2023.pdf")
    picture = drawn(ak.recompute(report), "targets")
    assert picture.first.startswith("24 of 26 indicators have two numbers: ")
    assert (
        "培训养老护理人员人次: 384人次 / ≥400人次: missed 未达到 [orange, hatched, from 0 to 96]"
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
    picture = drawn(worked, "methods")
    assert any("79.9 (-3.1)" in line for line in picture.text)
    assert "83, is 3.1 above the highest" in picture.first


def test_funds_without_a_number_are_not_drawn_as_zero_in_silence() -> None:
    worked = ak.recompute(*ak.read(SAMPLES / "town-2020" / "town-2020.pdf"))
    said = "其他资金 outturn 执行: no number 无数值 [blue, from 0 to 0]"
    assert said in drawn(worked, "funds").text


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
    chinese, english = (drawn(ak.recompute(report), "targets", lang=lang) for lang in ("zh", "en"))
    assert (chinese.caption, english.caption) == (
        "实际完成值与指标值",
        "Actual against target 实际完成值与指标值",
    )
    assert chinese.first.startswith("26项指标中24项两边都是数字:")


def test_names_are_text_not_formulas_nor_markup() -> None:
    values = {"a $x_1$ <b>": Decimal(1), "b\u202e": Decimal(2)}
    picture = drawn(values, "spread", title="<script>")
    assert picture.text[0].startswith("a $x_1$ <b>: 1")
    assert "U+202E" in picture.text[1]
    assert "<b>" not in picture._repr_html_()
    assert "<script>" not in picture._repr_html_() + picture.data.decode()


def test_a_picture_carries_its_figures_as_alternative_text() -> None:
    picture = Drawing(b"<svg/>", "svg+xml", "a chart", ["x: 8.62"], first="it is so")
    assert repr(picture) == "it is so\na chart\nx: 8.62"
    page = picture._repr_html_()
    assert 'alt="a chart\nx: 8.62"' in page
    assert page.index("it is so") < page.index("<img ")


@pytest.mark.parametrize(
    ("sample", "where"),
    [
        ("sports-centre-2022.xlsx", "Sheet!"),
        ("land-patrol-2020.docx", "table"),
        ("crop-subsidies-2023.html", "table"),
        ("dump-xinhong.txt", "line"),
    ],
)
def test_a_file_without_pages_is_drawn_as_the_grid_that_was_read(sample: str, where: str) -> None:
    path = SAMPLES / Path(sample).stem / sample
    (report,) = ak.read(path)
    total = report.budget_lines[0].adjusted_budget
    assert total is not None
    (picture,) = ak.show([total], source=path, margin=40).pictures
    svg = picture.data.decode()
    assert svg.count('class="frame asked"') == len(total.cells)
    assert total.text in svg
    assert where in picture.caption
    (whole,) = ak.show(report, "pages", source=path).pictures
    assert len(whole.data) > len(picture.data)


def test_the_blank_cell_that_is_the_cause_stands_beside_the_figure() -> None:
    path = SAMPLES / "town-2020" / "town-2020.pdf"
    (report,) = ak.read(path)
    shown = repr(ak.show(ak.recompute(report), "cells", source=path, margin=60))
    assert "budget/total/outturn | sum | 145000000.00 | 0 |" in shown
    assert "4 cells framed" in shown
    assert "“blank” page 1, row" in shown


def test_a_page_picture_says_in_its_head_what_it_shows(xinhong: Path) -> None:
    (report,) = ak.read(xinhong)
    heads = [
        page_picture(xinhong, 1, entries).data[:117]
        for entries in ([report.total_score], [report.total_score], [report.total_points])
    ]
    assert heads[0] == heads[1] != heads[2]


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
    assert "data:image/svg+xml" in cards._repr_html_()
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
