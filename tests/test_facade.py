"""The public names, and what importing them costs."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import auditkit as ak
from auditkit.errors import MissingFileError

ROOT = Path(__file__).parent.parent


def test_every_public_name_is_there() -> None:
    for name in ak.__all__:
        assert getattr(ak, name) is not None
        assert name in dir(ak)
    with pytest.raises(AttributeError, match="auditkit"):
        ak.nothing  # noqa: B018


def test_importing_is_light() -> None:
    script = (
        "import sys, auditkit; auditkit.RULES, auditkit.show, auditkit.Log\n"
        "heavy = {'pandas', 'camelot', 'matplotlib', 'pypdfium2', 'numpy', 'openpyxl',"
        " 'sqlalchemy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_reading_twice_gives_the_same(xinhong: Path) -> None:
    assert ak.read(xinhong) == ak.read(str(xinhong))
    (from_bytes,) = ak.read_bytes(xinhong.read_bytes(), xinhong.name)
    assert from_bytes == ak.read(xinhong)[0]


def test_a_review_holds_figures_and_findings(disclosure: Path) -> None:
    reviews = ak.review(disclosure)
    assert [str(review.report.place) for review in reviews] == ["page 6", "page 7", "page 8"]
    for review in reviews:
        assert review.worked.report is review.report
        assert review.figures
        assert {finding.rule for finding in review.findings} == {rule.id for rule in ak.RULES}


def test_the_figures_of_a_review_are_those_worked_out_by_hand(disclosure: Path) -> None:
    # Page 8: 60.80 spent of 64.00, for 10 points; 1520 batches tested of at least 1600, for 20
    # points. The rows score 19, 20, 10, 20, 10 and 10, execution 9.5; 99.5 is printed below them.
    review = ak.review(disclosure)[2]
    batches = "indicator/产出指标/数量指标/抽检农产品批次"
    by_hand = {
        ("budget/total", "execution rate"): "0.95",
        ("budget/total", "execution score"): "9.5",
        ("budget/total/outturn", "sum"): "60.8",
        (batches, "deviation"): "-0.05",
        (batches, "proportional score"): "19",
        ("dimension/产出指标", "score of the dimension"): "49",
        ("total/points", "total points"): "100",
        ("total/score", "total score"): "98.5",
    }
    found = {(figure.subject, figure.name): figure.value for figure in review.figures}
    assert {key: found[key] for key in by_hand} == {k: Decimal(v) for k, v in by_hand.items()}
    (wrong,) = [figure for figure in review.figures if figure.difference]
    assert (wrong.subject, wrong.difference) == ("total/score", 1)


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"no\.pdf: cannot be opened"):
        ak.read(tmp_path / "no.pdf")
    with pytest.raises(MissingFileError, match="a folder"):
        ak.read(tmp_path)


def test_things_are_shown_as_tables(xinhong: Path) -> None:
    (review,) = ak.review(xinhong)
    shown = [
        ak.show(review),
        ak.show(review.report),
        ak.show(review.figures),
        ak.show(review.findings),
        ak.show_budget(review.report),
        ak.show_head(review.report),
        ak.show_unsure(review.report),
        ak.show_coverage(review),
        ak.show(review.document),
        ak.show([review.report]),
    ]
    for table in shown:
        assert "<table>" in table._repr_html_()
        assert " | " in repr(table)
    assert "93.74%" in repr(shown[4])
    with pytest.raises(TypeError):
        ak.show([1, 2])


def test_what_a_form_says_is_never_markup(xinhong: Path) -> None:
    from auditkit.notebook.display import Shown

    assert "<script>" not in Shown(["a"], [["<script>alert(1)</script>"]])._repr_html_()


def test_frames_keep_exact_numbers(xinhong: Path) -> None:
    (review,) = ak.review(xinhong)
    frame = ak.report_frame(review.report)
    assert len(frame) == 19
    assert frame["points_value"].sum() == Decimal(90)
    assert set(ak.findings_frame([review])["outcome"]) <= {
        "pass",
        "fail",
        "review",
        "open",
        "notApplicable",
    }


def test_a_page_is_drawn_with_its_cells_framed(xinhong: Path) -> None:
    (report,) = ak.read(xinhong)
    picture = ak.page_picture(xinhong, 1, [report.total_score], margin=40)
    assert picture.png.startswith(b"\x89PNG")
    assert picture.caption == "page 1 of xinhong-2024.pdf, 1 cells framed"
    assert picture.text[0].startswith("“99.37” page 1 at ")
    with pytest.raises(IndexError, match="has 1 pages"):
        ak.page_picture(xinhong, 2)
