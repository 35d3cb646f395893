"""The public names, and what importing them costs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

import auditkit as ak
from auditkit.errors import MissingFileError
from auditkit.notebook.display import Cards, Shown
from auditkit.notebook.drawing import Pages
from auditkit.notebook.pages import page_picture
from auditkit.reviewing import read_bytes
from auditkit.wording import Language

ROOT = Path(__file__).parent.parent


STAGES = {"tables", "recognise", "read", "corrected", "recompute", "evaluate", "review", "Terms"}
DESK = {"rule", "RULES", "Log", "Desk", "show", "write_workpapers"}
MANY = {"engagement", "query", "sample", "compare", "reconcile", "speak"}


def test_the_face_has_twenty_names_each_with_what_it_is_for() -> None:
    names = [name for name in ak.__all__ if name[0] != "_"]
    assert len(names) == 20
    assert set(names) == STAGES | DESK | MANY
    for name in names:
        assert name in dir(ak)
        assert name == "RULES" or len(getattr(ak, name).__doc__) > 40
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
    (from_bytes,) = read_bytes(xinhong.read_bytes(), xinhong.name)
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
        ak.show(review.worked),
        ak.show(review.figures),
        ak.show(review.findings),
        ak.show(review.document),
        ak.show([review.report]),
        ak.show(review.report.entries()),
        ak.show(review.report.total_score),
        ak.show(ak.tables(xinhong)),
        ak.show(ak.RULES),
        ak.show(ak.RULES[0]),
        ak.show([{"form": "a", "why": "b"}]),
        ak.show({"a": 1}),
        *(ak.show(review.report, what) for what in ("head", "funds", "indicators", "unsure")),
        *(ak.show(review.worked, what) for what in ("odd", "budget", "indicator", "sums")),
        *(ak.show(review, what) for what in ("summary", "coverage", "standards", "decisions")),
    ]
    for table in shown:
        assert "<table>" in table._repr_html_()
        assert " | " in repr(table)
        assert list(table.frame.columns)[:1] == table.heads[:1]
    assert "93.74%" in repr(ak.show(review.report, "funds"))
    assert "reading notes" in repr(ak.show(review.report, "notes"))
    assert repr(ak.show([])) == "nothing"


def test_what_cannot_be_shown_is_said_with_what_can(xinhong: Path) -> None:
    (report,) = ak.read(xinhong)
    with pytest.raises(ValueError, match="'bridge' cannot be shown of this; there is funds, head,"):
        ak.show(report, "bridge")
    with pytest.raises(ValueError, match="there is nothing else"):
        ak.show(report.document, "head")
    with pytest.raises(ValueError, match="source=PATH"):
        ak.show(report, "pages")
    for thing in ([1, 2], 1, None):
        with pytest.raises(TypeError, match="show takes str, Path, Tables, Document, Report"):
            ak.show(thing)


def test_findings_are_shown_in_full_by_rule_or_by_key(xinhong: Path) -> None:
    (review,) = ak.review(xinhong)
    whole = ak.show(review, "findings")
    assert isinstance(whole, Cards)
    first = whole.cards[0][0]
    for name in (first.key, [first.key]):
        only = ak.show(review, "findings", only=name)
        assert isinstance(only, Cards)
        assert [card[0] for card in only.cards] == [first]
        assert only.cards[0][2] is None  # no source, no page


def test_what_a_form_says_is_never_markup(xinhong: Path) -> None:
    assert "<script>" not in Shown(["a"], [["<script>alert(1)</script>"]])._repr_html_()


def test_frames_keep_exact_numbers_beside_the_texts_as_printed(xinhong: Path) -> None:
    (review,) = ak.review(xinhong)
    frame = ak.show(review.report, "indicators").frame
    assert len(frame) == 19
    assert frame["分值 value"].sum() == Decimal(90)
    assert set(map(type, frame["分值"])) == {str}
    assert "三级指标 value" not in frame
    first = next(row for row in review.report.indicators if row.target)
    assert first.target
    assert frame["指标值"][0] == first.target.text
    findings = ak.show(review.findings).frame
    assert set(findings["rule"]) == {rule.id for rule in ak.RULES}
    assert ak.show(review.worked, "odd").frame.columns[0] == "subject"


def test_pages_of_entries_are_drawn_with_their_cells_framed(xinhong: Path) -> None:
    (report,) = ak.read(xinhong)
    whole = ak.show(report, "pages", source=xinhong)
    crop = ak.show([report.total_score, None], source=xinhong, margin=40)
    assert isinstance(whole, Pages)
    assert isinstance(crop, Pages)
    (picture,) = crop.pictures
    assert picture.data.startswith(b"\x89PNG")
    assert picture.caption == "page 1 of xinhong-2024.pdf, 1 cell framed"
    assert picture.text[0].startswith("“99.37” page 1, row ")
    assert whole.pictures[0].caption.startswith("page 1 of xinhong-2024.pdf, ")
    with pytest.raises(IndexError, match="has 1 pages"):
        page_picture(xinhong, 2)


def test_what_has_no_language_of_its_own_speaks_the_one_that_is_asked_for(xinhong: Path) -> None:
    (review,) = ak.review(xinhong, ak.Terms(lang=Language.ZH))
    assert "合计/得分" in repr(ak.show(review.worked, lang="zh"))
    assert "total/score" in repr(ak.show(review.worked))
    assert repr(ak.show(review, lang="en")) == repr(ak.show(review))


def test_the_stages_one_by_one_come_to_the_same_as_all_of_them_in_one(xinhong: Path) -> None:
    terms = ak.Terms(log=ak.Terms.NO_LOG)
    reports = ak.recognise(ak.tables(xinhong))
    assert reports == ak.read(xinhong)
    report = ak.corrected(reports[0], ak.Terms.NO_LOG)
    assert ak.evaluate(ak.recompute(report), terms) == ak.review(xinhong, terms)[0]


def test_a_correction_a_signature_and_a_reopening_are_recorded_by_name(
    xinhong: Path, tmp_path: Path
) -> None:
    log = ak.Log(tmp_path / "log.sqlite")
    (report,) = ak.read(xinhong)
    log.correct(report, "total/score", "50", "see page 1", "A. Auditor")
    corrected = ak.corrected(report, log.where)
    assert corrected.total_score
    assert corrected.total_score.reading.value == 50
    (review,) = ak.review(xinhong, ak.Terms(log=log.where))
    log.sign(review, "prepared", "seen", "A. Auditor", code=log.signing(review).code)
    log.reopen(review, "one more voucher", "A. Auditor")
    decided = [event.decision for event in log.decisions()]
    assert decided == ["corrected", "signed", "reopened"]
    assert "50" in repr(ak.show(log.decisions()))
    with pytest.raises(KeyError):
        log.correct(report, "total/nothing", "50", "", "A. Auditor")


@pytest.mark.slow
def test_what_the_readme_says_of_python_runs(
    xinhong: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUDITKIT_LOG", str(tmp_path / "log.sqlite"))
    for path in (Path("report.pdf"), Path("FOLDER", "report.pdf")):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(xinhong.read_bytes())
    ledger = Workbook()
    ledger.active.append(("项目", "金额"))
    ledger.active.append(("绩效", 100))
    ledger.save("ledger.xlsx")
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert [event.decision for event in names["log"].decisions()] == ["corrected", "right as read"]
    assert Path("DIR", "draw-1.json").exists()
