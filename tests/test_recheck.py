"""One workbook and one report of a whole re-check: each figure is that of the tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import engagements
import pytest
from checking_papers import OWN, compared
from docx import Document
from openpyxl import load_workbook
from openpyxl.cell import Cell

from auditkit.decisions.log import Log
from auditkit.errors import WorkpaperError
from auditkit.many import batch
from auditkit.many.engagement import Engagement, engagement
from auditkit.many.results import query
from auditkit.many.run import HERE, Run
from auditkit.many.sampling import sample
from auditkit.many.whole_papers import take_in, write_papers
from auditkit.many.whole_report import shares
from auditkit.reviewing import Terms, review


@dataclass(frozen=True, slots=True)
class Made:
    """A folder of forms that was reviewed without papers of single forms, which take time."""

    forms: Path
    run: Run
    terms: Terms
    folder: engagements.Folder

    def review(self, **changes: object) -> tuple[Engagement, tuple[Path, ...]]:
        """Review the folder, and write the papers of the whole."""
        run = replace(self.run, **changes)  # type: ignore[arg-type]
        take_in(run, self.terms, print)
        done = engagement(self.forms, run.out, self.terms, workers=HERE, with_workpapers=False)
        return done, write_papers(done.files, done.copies, run, self.terms)


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    place = tmp_path_factory.mktemp("recheck")
    folder = engagements.written(place / "forms", 6, ("html", "xlsx"))
    terms = Terms(lang="zh", log=str(place / "log.sqlite"))
    made = Made(place / "forms", Run(place / "out", workers=HERE), terms, folder)
    made.review()
    return made


@pytest.fixture
def made(reviewed: Made, tmp_path: Path) -> Made:
    """The same folder, to be changed."""
    shutil.copytree(reviewed.forms.parent, tmp_path / "all")
    run = replace(reviewed.run, out=tmp_path / "all" / "out")
    terms = replace(reviewed.terms, log=str(tmp_path / "all" / "log.sqlite"))
    return Made(tmp_path / "all" / "forms", run, terms, reviewed.folder)


def test_each_figure_of_workbook_and_report_is_that_of_the_tables(reviewed: Made) -> None:
    found = compared(reviewed.run.out)
    assert found.wrong == []
    assert found.compared > 60


def test_a_form_in_several_files_is_one_row_and_files_that_were_not_read_are_named(
    reviewed: Made,
) -> None:
    book = load_workbook(reviewed.run.out / "recheck.xlsx")
    assert book["汇总"].max_row == 1 + len(reviewed.folder.forms)
    also = {row[-1].value for row in book["台账"].iter_rows(min_row=2)}
    assert set(reviewed.folder.again) <= also
    missing = {row[0].value: row[1].value for row in book["未纳入"].iter_rows(min_row=2)}
    assert {*reviewed.folder.broken, *reviewed.folder.copies} == set(missing)
    assert "OFD" in str(missing["红头文件.ofd"])
    assert "压缩包" in str(missing["各单位自评表.zip"])


def test_a_review_score_is_proposed_where_a_rule_can_say_it_and_never_raised(
    reviewed: Made,
) -> None:
    rows = query(
        reviewed.run.out,
        """SELECT score, review_score, review_findings FROM funding WHERE score IS NOT NULL
        UNION ALL SELECT score, review_score, review_findings FROM indicators""",
    )
    told = [row for row in rows if row["review_score"] is not None]
    assert all(row["review_score"] <= row["score"] for row in told)
    lowered = [row for row in told if row["review_score"] < row["score"]]
    assert lowered
    assert all(row["review_findings"] for row in lowered)
    assert any(row["review_score"] is None for row in rows)  # words are left to the reviewer


def test_scores_that_a_reviewer_changes_change_the_summary(reviewed: Made) -> None:
    book = load_workbook(reviewed.run.out / "recheck.xlsx")
    formula = book["汇总"]["F2"].value
    assert formula.startswith(("=E2-SUM('评分'!M", "=9", "=1"))
    first, last = formula.rpartition("!")[2].rstrip(")").split(":")
    scores = book["评分"]
    assert (
        scores[first].value
        == f'=IF(ISNUMBER(J{first[1:]})*ISNUMBER(L{first[1:]}),J{first[1:]}-L{first[1:]},"")'
    )
    assert int(last[1:]) > int(first[1:])


def test_nothing_is_written_where_nothing_changed(made: Made) -> None:
    _, papers = made.review()
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in papers}
    _, again = made.review()
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in again} == before


def test_after_a_decision_each_file_that_holds_its_form_is_reviewed_once(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = made.folder.again[0]
    (first,) = (each for each in made.folder.forms if Path(each).name == Path(name).stem)
    book = load_workbook(made.run.out / "recheck.xlsx")
    sheet = book["问题与整改"]
    at = {cell.value: cell.column for cell in sheet[1]}
    row = next(row[0].row for row in sheet.iter_rows(min_row=2) if _is_about(row, first, name))
    sheet.cell(row, at["处理"]).value = "属实"
    sheet.cell(row, at["审计人员"]).value = "甲"
    book.save(made.run.out / "recheck.xlsx")
    read = list[str]()

    def counted(*given: Any, name: str, **more: Any) -> Any:
        read.append(name)
        return review(*given, name=name, **more)

    monkeypatch.setattr(batch, "review", counted)
    done, _ = made.review()
    assert sorted(read) == sorted(Path(each).name for each in (first, name))
    assert sorted(one.name for one in done.files if one.is_new) == sorted((first, name))


def _is_about(row: Sequence[Cell], *names: str) -> bool:
    return json.loads(row[-1].value)["file"] in {Path(name).name for name in names}


def test_one_corrected_form_changes_its_own_rows_alone(made: Made) -> None:
    before = _rows(made.run.out / "recheck.xlsx", "评分")
    name = next(iter(made.folder.forms))
    path = made.forms / name
    path.write_bytes(path.read_bytes().replace(b">86%<", b">87%<"))
    done, _ = made.review()
    assert done.new == 1
    after = _rows(made.run.out / "recheck.xlsx", "评分")
    project = made.folder.forms[name].project
    changed = {row[0] for row in {*before} ^ {*after}}
    assert changed <= {project}


def _rows(book: Path, sheet: str) -> set[tuple[object, ...]]:
    """Return the rows of a sheet without formulas, which name the place that they stand at."""
    rows = load_workbook(book)[sheet].iter_rows(min_row=2, values_only=True)
    return {tuple(v for v in row if not str(v).startswith("=")) for row in rows}


def test_decisions_in_the_workbook_go_into_the_log_and_come_back(made: Made) -> None:
    path = made.run.out / "recheck.xlsx"
    book = load_workbook(path)
    sheet = book["问题与整改"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in (2, 3):
        sheet.cell(row, heads["处理"]).value = "属实"
        sheet.cell(row, heads["审计人员"]).value = "甲"
    book.save(path)
    made.review()
    assert [event.auditor for event in Log(made.terms.log).decisions()] == ["甲", "甲"]
    found = load_workbook(path)["问题与整改"]
    assert [found.cell(row, heads["处理"]).value for row in (2, 3, 4)] == ["属实", "属实", None]
    ledger = load_workbook(path)["台账"].iter_rows(min_row=2, values_only=True)
    assert sum(int(str(row[13]).split("/")[0]) for row in ledger) == 2


def test_a_decision_that_the_log_cannot_take_is_not_written_over(made: Made) -> None:
    path = made.run.out / "recheck.xlsx"
    book = load_workbook(path)
    book["问题与整改"]["I2"] = "再议"
    book.save(path)
    sample(made.run.out, "risk", 3, seed="2025").keep(made.run.out)
    with pytest.raises(WorkpaperError, match="a person wrote into it"):
        made.review()
    assert load_workbook(path)["问题与整改"]["I2"].value == "再议"


@pytest.mark.parametrize("ink", ["stop", "keep", "replace"])
def test_what_a_person_wrote_is_never_written_over(made: Made, ink: str) -> None:
    path = made.run.out / "recheck.xlsx"
    book = load_workbook(path)
    book["评分"]["K2"] = "现场核实为4公里"
    book.save(path)
    written = path.read_bytes()
    sample(made.run.out, "risk", 3, seed="2025").keep(made.run.out)
    if ink == "stop":
        with pytest.raises(WorkpaperError, match=r"recheck\.xlsx: a person wrote into it"):
            made.review(ink=ink)
        assert path.read_bytes() == written
        return
    _, papers = made.review(ink=ink)
    kept = path if ink == "keep" else next(made.run.out.glob("recheck-*.xlsx"))
    assert kept.read_bytes() == written
    assert kept not in papers


def test_the_report_says_how_samples_were_drawn_and_what_they_do_not_say(made: Made) -> None:
    sample(made.run.out, "risk", 3, seed="2025").keep(made.run.out)
    made.review()
    texts = [
        paragraph.text for paragraph in Document(str(made.run.out / "recheck.docx")).paragraphs
    ]
    (said,) = [text for text in texts if text.startswith("第1次抽样")]
    assert "按风险选取" in said
    assert "不得推断总体" in said


def test_a_problem_has_a_recommendation_and_a_basis(reviewed: Made) -> None:
    rows = load_workbook(reviewed.run.out / "recheck.xlsx")["问题与整改"].iter_rows(
        min_row=2, values_only=True
    )
    assert all(row[5] and row[6] for row in rows)


@pytest.fixture
def injected(tmp_path: Path) -> Path:
    folder = tmp_path / "forms"
    engagements.written(folder, 1, ("html",))
    (path,) = folder.rglob("000.html")
    text = path.read_text(encoding="gb18030")
    path.write_text(text.replace("临溪县校园围墙维修", "=1+1{{basics}}<b>"), encoding="gb18030")
    return folder


def test_what_a_form_says_stays_text_in_workbook_and_report(injected: Path, tmp_path: Path) -> None:
    terms = Terms(lang="zh", log=str(tmp_path / "log.sqlite"))
    run = Run(tmp_path / "out", workers=HERE)
    done = engagement(injected, run.out, terms, workers=HERE, with_workpapers=False)
    write_papers(done.files, done.copies, run, terms)
    cells = load_workbook(run.out / "recheck.xlsx")["汇总"]
    assert cells["C2"].data_type == "s"
    report = Document(str(run.out / "recheck.docx"))
    texts = [cell.text for table in report.tables for row in table.rows for cell in row.cells]
    assert cells["C2"].value in texts


def test_shares_add_up_to_a_hundred() -> None:
    assert sum(shares([1, 1, 1, 0, 4])) == 100
    assert shares([0, 0]) == [Decimal(0), Decimal(0)]


def test_the_record_of_what_was_written_names_the_papers(reviewed: Made) -> None:
    told = json.loads((reviewed.run.out / "recheck.json").read_text("utf-8"))
    assert [output["name"] for output in told["outputs"]] == [
        "index.html",
        "recheck.xlsx",
        "recheck.docx",
        "letters.docx",
    ]


def test_each_form_that_asks_something_has_a_letter_with_each_question_once(reviewed: Made) -> None:
    letters = Document(str(reviewed.run.out / "letters.docx"))
    rows = query(reviewed.run.out, f"{OWN} SELECT DISTINCT file, form, question FROM asked")
    addressed = [p.text for p in letters.paragraphs if "项目支出绩效自评的复核中" in p.text]
    assert len(addressed) == len({(row["file"], row["form"]) for row in rows})
    tables = [table for table in letters.tables if table.rows[0].cells[0].text == "序号"]
    questions = [row.cells[2].text for table in tables for row in table.rows[1:]]
    assert sorted(questions) == sorted(row["question"] for row in rows)
    found = [row.cells[1].text for table in tables for row in table.rows[1:]]
    assert any(text.startswith("合计/得分:") for text in found)
