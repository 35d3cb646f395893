"""A form that was not read surely is never summed up as clean, whoever says what came of it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import fuzz_seeds
import pytest
import samples
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

import auditkit as ak
from auditkit.cli import main
from auditkit.contract import review_json
from auditkit.findings import Outcome
from auditkit.many.results import query
from auditkit.report import how_sure, number
from auditkit.reviewing import Review, Terms, review
from auditkit.workpapers.docx import document
from auditkit.workpapers.html import page
from auditkit.workpapers.xlsx import book
from reports import judged, report

CLEAN = {
    "project": "道路养护",
    "year": "2023年度",
    "budget": "name | adjusted_budget | outturn\ntotal | 200.00 | 200.00",
    "total": ["100", "98"],
    "indicators": "name | target | actual\n及时性 | 及时 | 及时",
}


def mute(data: bytes) -> bytes:
    """Return a PDF with all of its text drawn without ink, as recognition lays it over a scan."""
    writer, made, stream = PdfWriter(clone_from=BytesIO(data)), BytesIO(), StreamObject()
    shown = writer.pages[0]
    stream.set_data(shown.get_contents().get_data().replace(b"BT", b"BT 3 Tr"))
    shown[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(made)
    return made.getvalue()


@pytest.fixture(scope="module")
def scan() -> bytes:
    return mute(fuzz_seeds.pdf())


@pytest.fixture(scope="module")
def doubted(scan: bytes) -> Review:
    return review(scan, Terms(lang="en", log=Terms.NO_LOG), name="scan.pdf")[0]


def test_a_form_of_doubted_figures_is_asked_about_as_a_whole(doubted: Review) -> None:
    (asked,) = (finding for finding in doubted.findings if finding.rule == "RD-04")
    read = doubted.report.certainty
    assert asked.outcome is Outcome.REVIEW
    assert read.figures == len(read.unsure) > 20
    said = f"{read.figures} of {read.figures} figures not sure; total not sure"
    assert asked.message("en") == said
    assert doubted.counts["errors"] == 0
    assert doubted.counts["to be looked at"] > 0


def test_one_unsure_figure_is_enough_to_ask_and_none_is_needed_to_pass() -> None:
    outcomes = {}
    for outturn in ("200.00", "200.00??"):
        budget = f"name | adjusted_budget | outturn\ntotal | 200.00 | {outturn}"
        found = judged(report(CLEAN | {"budget": budget})).findings
        outcomes[outturn] = [f.outcome for f in found if f.rule == "RD-04"]
    assert outcomes == {"200.00": [Outcome.PASS], "200.00??": [Outcome.REVIEW]}


def test_a_total_without_a_number_is_said_not_to_have_been_read() -> None:
    for total, said in (
        (["100", "98"], "all 4 figures read surely"),
        (["100", "98??"], "1 of 4 figures not sure; total not sure"),
        (["100", "优秀"], "all 3 figures read surely; total not read"),
        (["100", ""], "all 3 figures read surely; total not read"),
    ):
        form = report(CLEAN | {"total": total})
        assert str(form.certainty) == said
        assert (form.certainty.total is None) is (number(form.total_score) is None)


def test_a_form_without_indicators_is_no_clean_one() -> None:
    bare = [report(CLEAN | {"indicators": ""}), report(CLEAN)]
    found = judged(bare[0])
    assert [f.outcome for f in found.findings if f.rule == "RD-04"] == [Outcome.REVIEW]
    assert str(bare[0].certainty) == "all 4 figures read surely; no indicators read"
    told = "8个数据读取均无疑;2份自评表中有1份绩效指标未读到"
    assert ak.wording.put(how_sure([one.certainty for one in bare]), "zh") == told


def test_forms_of_a_file_are_summed_up_with_their_totals() -> None:
    totals = (["100", "98"], ["100", "98??"], ["100", ""])
    some = [report(CLEAN | {"total": total}).certainty for total in totals]
    told = "1 of 11 figures not sure; total not sure or not read in 2 of 3 forms"
    assert ak.wording.put(how_sure(some), "en") == told
    assert ak.wording.put(how_sure(some[:1]), "en") == "all 4 figures read surely"
    told = "11个数据中有1个读取存疑;3份自评表中有2份总分存疑或未读到"
    assert ak.wording.put(how_sure(some), "zh") == told


def test_what_agrees_on_doubtful_cells_is_counted_apart() -> None:
    sure = judged(report(CLEAN))
    budget = "name | adjusted_budget | outturn\ntotal | 200.00 | 200.00??"
    unsure = judged(report(CLEAN | {"budget": budget}))
    assert sure.counts["agrees on doubts"] == 0
    assert unsure.counts["agrees on doubts"] > 0
    passed = {True: 0, False: 0}
    for finding in unsure.findings_of(Outcome.PASS):
        passed[all(entry.is_sure for entry in finding.observation.evidence)] += 1
    assert passed == {True: unsure.counts["agrees"], False: unsure.counts["agrees on doubts"]}


def test_json_says_first_how_surely_a_form_was_read(doubted: Review) -> None:
    told = review_json(doubted)
    assert list(told)[:3] == ["document", "certainty", "counts"]
    assert told["certainty"]["unsure"] == told["certainty"]["figures"] > 0
    assert told["counts"]["agrees_on_doubts"] == sum(f["on_doubts"] for f in told["findings"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_paper_and_table_says_it_before_what_was_found(lang: str, scan: bytes) -> None:
    (one,) = review(scan, Terms(lang=lang, log=Terms.NO_LOG), name="scan.pdf")  # type: ignore[arg-type]
    said = ak.wording.put(one.report.certainty, lang)
    agree = ak.wording.put(ak.wording.Term("agrees on doubts"), lang)
    html = page([one])
    assert html.index(said) < html.index(agree)
    summary = [
        [str(cell.value) for cell in row]
        for row in load_workbook(BytesIO(book([one]))).worksheets[0]
    ]
    assert said in summary[1]
    assert any(agree in row for row in summary)
    words = document([one])
    text = "\n".join(
        cell.text for t in Document(BytesIO(words)).tables for row in t.rows for cell in row.cells
    )
    assert text.index(said) < text.index(agree)
    assert repr(ak.show(one)).startswith(said)
    assert said in repr(ak.show([one], lang=lang))
    assert agree in repr(ak.show([one], lang=lang))


def test_a_run_ends_with_one_where_doubts_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sure,) = (samples.FOLDER / "wetland-2023").glob("*.pdf")  # of which nothing fails
    doubted = fuzz_seeds.html().replace(b"<table", b'<table style="opacity:0.01"', 1)
    (file := tmp_path / "doubted.html").write_bytes(doubted)
    command = ["--out", str(tmp_path / "out"), "--no-workpapers", "--fail-on"]
    assert main(["review", str(sure), *command, "doubt"]) == 0
    assert main(["review", str(file), *command, "error"]) == 0
    assert main(["review", str(file), *command, "doubt"]) == 1
    assert "figures not sure; total not sure" in capsys.readouterr().out
    assert main(["review", str(file), *command, "doubt", "--workers", "1"]) == 1
    assert "figures not sure; total not sure" in capsys.readouterr().out
    (row,) = query(tmp_path / "out", "select figures, figures_unsure, agree_on_doubts from reports")
    assert row["figures"] == row["figures_unsure"] > 0


def test_a_run_of_a_file_or_a_folder_hears_that_no_indicator_was_read(tmp_path: Path) -> None:
    folder = tmp_path / "forms"
    folder.mkdir()
    rows = ("项目名称|道路养护", "资金来源|全年预算数|全年执行数", "年度资金总额|200|180")
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    title = "<h1>项目支出绩效自评表</h1><p>(2023年度)</p><p>单位:万元</p>"
    file = folder / "form.html"
    file.write_text(f"<meta charset=utf-8>{title}<table>{table}</table>", encoding="utf-8")
    for given in (file, folder):
        run = ["review", str(given), "--out", str(tmp_path / "out"), "--no-workpapers"]
        assert main(run) == 0
        assert main([*run, "--fail-on", "doubt"]) == 1
