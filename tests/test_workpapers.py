"""Workpapers open again, say what was found, and let nothing in a form become active.

Their writer is killed 20 times, and an office program recalculates those of four forms; with
``--long`` it is killed 280 times, and those of all samples are recalculated.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import producers
import pytest
from docx import Document
from logs import signed
from openpyxl import load_workbook

from auditkit import schedules
from auditkit.cli import main
from auditkit.decisions.log import Log
from auditkit.report import Report
from auditkit.reviewing import Terms, review
from auditkit.wording import put
from auditkit.workpapers import WorkpaperError, write_workpapers
from auditkit.workpapers.html import page
from auditkit.workpapers.xlsx import book
from reports import judged, report

OFFICE = shutil.which("soffice")
HOSTILE = {
    "project": '=HYPERLINK("x")<script>alert(1)</script>',
    "department": "@SUM(1)\u202e",
    "implementer": "=cmd|'/c calc'!A1",
    "goals": ("\t=1+1", "\r@x"),
    "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 43.2??          | 37.24   | 10     | 90%            | 9
""",
    "indicators": """
dimension | name | target | actual | points | score | explanation
产出指标  | -1+2 | ≥95%   | 80%    | 10     | 10    | <b onclick=x>&amp;
效益指标  | #N/A | \uffff | \ufffd | 10     | 10    | =1+1
满意度    | +1   | -1    | @x     | "5"    | 5     | javascript:alert(1)
""",
}


@pytest.fixture(scope="module")
def hostile() -> Report:
    return report(HOSTILE)


@pytest.fixture(scope="module")
def papers(xinhong: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The workpapers of the first sample; a test that writes over them copies them first."""
    return write_workpapers(review(xinhong), tmp_path_factory.mktemp("papers"))


def copied(papers: tuple[Path, ...], folder: Path) -> list[Path]:
    return [Path(shutil.copy(path, folder)) for path in papers]


class Checker(HTMLParser):
    """Collects tags and checks that they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its links; no attribute may run anything."""
        self.seen.add(tag)
        values = dict(attrs)
        self.links += [str(v) for k, v in attrs if k in ("href", "src") and tag != "image"]
        assert not {"style", "srcdoc"} & set(values)
        assert tag != "image" or str(values["href"]).startswith("data:image/png;base64,")
        self.ids += [values["id"]] if values.get("id") else []
        assert not [k for k, _ in attrs if k.startswith("on")]
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag without an end."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag


def test_every_sheet_prints_on_a4(hostile: Report) -> None:
    sheets = load_workbook(BytesIO(book([judged(hostile)]))).worksheets
    assert {int(sheet.page_setup.paperSize) for sheet in sheets} == {9}


def test_the_page_is_whole_self_contained_and_inert(hostile: Report) -> None:
    text = page((judged(hostile),))
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert re.findall(r"<script.*?>", text) == ["<script>"]
    assert all(link.startswith("#") for link in checker.links)
    assert {link[1:] for link in checker.links} <= set(checker.ids)
    assert len(checker.ids) == len(set(checker.ids))
    assert "[U+202E]" in text
    assert "http" not in re.sub(r"charset|http-equiv", "", text)
    assert "default-src 'none'" in text
    for kind, inside in re.findall(r"<(script|style)>(.*?)</\1>", text, re.DOTALL):
        digest = b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in text


def test_every_finding_on_the_page_has_its_rule_its_basis_and_its_place(xinhong: Path) -> None:
    reviews = review(xinhong)
    text = page(reviews)
    for finding in reviews[0].findings:
        if finding.outcome.value in ("fail", "review"):
            assert finding.title() in text
            assert finding.message() in text
            assert put(finding.cells[0].stands, "en") in text
    assert "财预〔2020〕10号" in text
    assert "(seen in a source)" in text
    assert "Coverage of the rules" in text


def test_papers_of_pages_say_where_by_row_and_column_and_never_in_points(
    papers: tuple[Path, ...],
) -> None:
    parts = {name: ZipFile(path) for path in papers if (name := path.suffix) in (".xlsx", ".docx")}
    texts = [
        whole.read(part).decode()
        for whole in parts.values()
        for part in whole.namelist()
        if part.endswith(".xml")
    ]
    html = papers[1].read_text(encoding="utf-8")
    said = [text for text in (*texts, html) if "page 1, row " in text]
    assert len(said) >= 3
    assert not [text for text in (*texts, html) if re.search(r"page \d+ at \d+,\d+", text)]


def test_who_prepared_and_who_reviewed_a_form_stand_in_every_paper(
    hostile: Report, tmp_path: Path
) -> None:
    log, form = Log(tmp_path / "log.sqlite"), judged(hostile)
    signed(log, form, "prepared", "王审计", "分值有误")
    signed(log, form, "reviewed", "张复核", "同意")
    book, html, told, word, _ = write_workpapers(form, tmp_path / "papers", log)
    rows = load_workbook(book).worksheets[-1].iter_rows(values_only=True)
    body = Document(str(word)).element.body
    texts = [
        html.read_text("utf-8"),
        told.read_text("utf-8"),
        "".join(str(row) for row in rows),
        "".join(body.itertext()),
    ]
    for said in ("王审计", "分值有误", "张复核", "同意"):
        assert [said in text for text in texts] == [True] * 4
    (one,) = json.loads(texts[1])["reviews"]
    assert all(sign["current"] for sign in one["signatures"].values())


@pytest.mark.parametrize("name", ["county-disclosure-2023", "service-trade-2020", "town-2020"])
def test_every_link_on_the_page_leads_somewhere(name: str) -> None:
    samples = Path(__file__).parent.parent / "data" / "samples"
    checker = Checker()
    path = samples / name / f"{name}.pdf"
    checker.feed(page(review(path), path.read_bytes()))
    assert checker.links
    assert {link[1:] for link in checker.links} <= set(checker.ids)


def test_text_in_the_workbook_stays_text(hostile: Report, tmp_path: Path) -> None:
    paths = write_workpapers((judged(hostile),), tmp_path)
    whole = load_workbook(paths[0])
    cells = [cell for sheet in whole for row in sheet.iter_rows() for cell in row]
    active = [(cell.parent.title, cell.value) for cell in cells if cell.data_type == "f"]
    assert {title for title, _ in active} == {"Recomputation 复算"}
    words = re.compile(
        r"'(Funds 资金|Indicators 指标)'|SUM|ROUND|MIN|MAX|IF|AND|ABS|[A-Z]\d+|\d+(\.\d+)?"
        r'|"(exact|within rounding|inconsistent)"|[=!():,*/+<>-]'
    )
    assert not [text for _, text in active if words.sub("", text)]
    assert not [cell.value for cell in cells if cell.data_type == "e"]
    assert all(cell.hyperlink.target is None for cell in cells if cell.hyperlink)
    texts = [str(cell.value) for cell in cells if cell.value is not None]
    assert any(text.startswith("=HYPERLINK") for text in texts)
    assert any("[U+202E]" in text for text in texts)
    doubted = next(c for c in cells if c.value == 43.2)
    assert (doubted.number_format, doubted.font.italic) == ('"(?) "0.0', True)
    assert {"#N/A", "\N{REPLACEMENT CHARACTER}"} < set(texts)
    assert any("[U+FFFF]" in text for text in texts)
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith(("@", "-1+")))


def test_the_workbook_holds_what_an_auditor_works_with(
    xinhong: Path, papers: tuple[Path, ...]
) -> None:
    reviews, whole = review(xinhong), load_workbook(papers[0])
    assert [name.split()[0] for name in whole.sheetnames] == [
        "Summary",
        "Findings",
        "Funds",
        "Indicators",
        "Recomputation",
        "Coverage",
        "Log",
    ]
    asked = [f for f in reviews[0].findings if f.outcome.value in ("fail", "review")]
    assert whole["Findings 问题"].max_row == 1 + len(asked)
    assert whole["Findings 问题"].freeze_panes == "A2"
    assert whole["Recomputation 复算"].max_row == 1 + len(reviews[0].figures)
    values = [row[4].value for row in whole["Recomputation 复算"].iter_rows(min_row=2)]
    assert all(value.startswith("=") for value in values)
    links = [c.hyperlink.location for row in whole["Findings 问题"] for c in row if c.hyperlink]
    assert links
    for link in links:
        sheet, _, place = link.partition("!")
        assert whole[sheet.strip("'#")][place].value is not None


FIGURES = {
    "budget": """
name          | initial_budget | adjusted_budget | outturn      | points | execution_rate | score
total         | 1,250.50       | 1,300.00        | 1,234.567891 | 10分   | 94.97          | 9
appropriation | 1,000.50       | 1,000           | 1,000        | ~      | ~              | ~
other         | 250            | 299             | 234.57       | ~      | ~              | ~
""",
    "indicators": """
dimension | category | name       | target    | actual  | points | score | explanation
产出指标  | 数量指标 | 培训人次   | ≥1.5万人次 | 12000人次 | 20     | 20    |
产出指标  | 数量指标 | 覆盖率     | ≥95%      | 0.9     | 20.5   | 19    |
产出指标  | 质量指标 | 合格率     | 100%      | 98.5%   | 10     | 9.85  |
产出指标  | 成本指标 | 单位成本   | ≤250元    | 300元   | 10     | 8     |
效益指标  | 社会效益 | 投诉率     | ≤5‰       | 4‰      | 10     | 10    |
满意度    | 满意度   | 居民满意度 | ≥90%      | 100%    | 10     | 10    |
""",
    "total": ("100", "87.5"),
}


def test_a_formula_comes_to_the_recomputed_figure_and_stands_beside_the_printed_one() -> None:
    reviews = (judged(report(FIGURES)),)
    cells = load_workbook(BytesIO(book(reviews)), data_only=True)["Recomputation 复算"]
    rows = list(cells.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(reviews[0].figures) > 20
    for figure, row in zip(reviews[0].figures, rows, strict=True):
        close(row[4], figure.value)
        if figure.difference is not None:
            close(row[3], figure.value + figure.difference)
            close(row[5], figure.difference)
        assert row[6] == figure.agreement


def test_agreement_is_a_formula_that_follows_the_difference() -> None:
    whole = load_workbook(BytesIO(book((judged(report(FIGURES)),))))
    rows = list(whole["Recomputation 复算"].iter_rows(min_row=2))
    told = [(row[5].coordinate, row[6].value) for row in rows if row[5].value is not None]
    assert len(told) > 10
    assert all(text.startswith(f"=IF(ABS({off})<=") for off, text in told)


def test_findings_have_the_numbers_of_the_other_papers() -> None:
    reviews = (judged(report(FIGURES)),)
    rows = load_workbook(BytesIO(book(reviews)))["Findings 问题"].iter_rows(min_row=2)
    numbered = {row[1].value: row[5].value for row in rows}
    known = schedules.numbered_findings(reviews)
    assert numbered == {number: words["rule"] for number, _, _, words in known}


def close(shown: object, exact: Decimal) -> None:
    assert isinstance(shown, int | float)
    assert abs(Decimal(repr(shown)) - exact) <= max(Decimal(1), abs(exact)) / 10**12


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed")
def test_an_office_suite_recalculates_the_same_figures(
    disclosure: Path, tmp_path: Path, at_length: bool
) -> None:
    samples = sorted(Path(__file__).parent.parent.glob("data/samples/*/*-2*.*"))
    chosen = [path for path in samples if path.suffix in (".pdf", ".html", ".docx")]
    every = [(judged(report(FIGURES)),)]
    every += [review(path) for path in (chosen if at_length else [disclosure])]
    for number, reviews in enumerate(every):
        whole = load_workbook(BytesIO(book(reviews)))  # openpyxl drops what formulas came to
        whole.save(tmp_path / f"{number}.xlsx")
    converted(sorted(tmp_path.glob("*.xlsx")), tmp_path / "out")
    compared = 0
    for number, reviews in enumerate(every):
        cells = load_workbook(tmp_path / "out" / f"{number}.xlsx", data_only=True)
        rows = list(cells["Recomputation 复算"].iter_rows(min_row=2, values_only=True))
        for figure, row in zip((f for r in reviews for f in r.figures), rows, strict=True):
            assert abs(float(row[4]) - float(figure.value)) < 1e-9 * max(1, abs(row[4]))
            if figure.difference is not None:
                assert abs(float(row[5]) - float(figure.difference)) < 1e-9
            assert row[6] == (figure.agreement and put(figure.agreement, reviews[0].lang))
            compared += 1
    assert compared > (400 if at_length else 100)


def converted(paths: list[Path], folder: Path) -> None:
    """Have LibreOffice open workbooks and save them as it does."""
    producers.convert(paths, folder, "xlsx")


def test_a_printed_number_is_a_number_that_looks_as_it_is_printed() -> None:
    reviews = (judged(report(FIGURES)),)
    whole = load_workbook(BytesIO(book(reviews)))
    sheets = (whole["Funds 资金"], whole["Indicators 指标"])
    held = {(cell.value, cell.number_format) for one in sheets for row in one for cell in row}
    assert {(1234.567891, "#,##0.000000"), (10, '0"分"'), (0.985, "0.0%")} < held
    assert {(1.5, '"≥"0.0"万人次"'), (5, '"≤"0"‰"'), (20.5, "0.0")} < held


def test_a_figure_printed_once_for_two_rows_is_written_once() -> None:
    once = report(FIGURES)
    first, second, *others = once.indicators
    merged = replace(once, indicators=(first, replace(second, score=first.score), *others))
    cells = load_workbook(BytesIO(book((judged(merged),))))
    column = [row[7].value for row in cells["Indicators 指标"].iter_rows()]
    assert column[:4] == ["得分", 20, "〃", 9.85]
    sums = [row[4].value for row in cells["Recomputation 复算"] if row[2].value == "total score"]
    assert sums == ["=SUM('Indicators 指标'!H2,'Indicators 指标'!H4:H7,'Funds 资金'!H2)"]


def test_the_json_is_what_the_command_line_prints(
    disclosure: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", str(disclosure), "--out", str(tmp_path), "--format", "json"]) == 0
    printed, (path,) = json.loads(capsys.readouterr().out), tmp_path.rglob("review.json")
    held = json.loads(path.read_text(encoding="utf-8"))
    assert held["schema"] == printed["schema"] == "auditkit/review/1"
    assert len(held["reviews"]) == 3
    assert held["failures"] == printed["failures"] == []
    for kept, said in zip(held["reviews"], printed["reviews"], strict=True):
        assert kept == {**said, "workpapers": []}  # it does not name the files it lies beside
        assert str(path) in said["workpapers"]


def writing(*arguments: object) -> tuple[list[list[str]], str]:
    """Run tests/writing.py, and return the words of each line that it wrote and what it said."""
    command = [sys.executable, str(Path(__file__).with_name("writing.py")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.split() for line in done.stdout.splitlines()], done.stderr


@pytest.mark.slow
def test_a_workpaper_is_old_or_new_whenever_its_writer_is_killed(
    xinhong: Path, tmp_path: Path, at_length: bool
) -> None:
    kills = 280 if at_length else 20
    whole = {
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        for lang in ("en", "zh")
        for path in write_workpapers(review(xinhong, Terms(lang=lang)), tmp_path / lang)
    }
    (tmp_path / "killed").mkdir()
    seen, said = writing("killed", xinhong, tmp_path / "killed", kills)
    assert not said
    kept = [(name, digest) for name, digest in seen if not name.startswith(".")]
    assert len(kept) == kills * len({name for name, _ in whole})
    assert set(kept) == whole
    left = list((tmp_path / "killed").glob(".*"))
    for path in left:
        os.utime(path, (0, 0))
    write_workpapers(review(xinhong), tmp_path / "killed")
    assert left
    assert not list((tmp_path / "killed").glob(".*"))


@pytest.mark.parametrize(
    ("size", "said"), [(20_000, "Make room on the disk"), (0, "another folder that you may write")]
)
def test_a_full_disk_or_a_closed_folder_is_said_and_leaves_the_older_files(
    size: int, said: str, xinhong: Path, papers: tuple[Path, ...]
) -> None:
    with TemporaryDirectory() as name:
        paths = copied(papers, Path(name))
        before = [path.read_bytes() for path in paths]
        Path(name).chmod(0o755 if size else 0o555)
        _, error = writing("limited", xinhong, name, size)
        Path(name).chmod(0o755)
        assert said in error
        assert [path.read_bytes() for path in paths] == before
        assert sorted(p.name for p in Path(name).iterdir()) == sorted(p.name for p in paths)


def test_the_same_reviews_make_the_same_bytes_whenever_and_wherever(
    xinhong: Path, papers: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age = time.time() - papers[0].stat().st_mtime
    time.sleep(max(0.0, 2.1 - age))  # archives count in steps of two seconds
    second = write_workpapers(review(xinhong), tmp_path / "b" / "c")
    assert [path.read_bytes() for path in papers] == [path.read_bytes() for path in second]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    third = write_workpapers(review(xinhong), tmp_path / "d")
    assert f"{load_workbook(third[0]).properties.modified}".startswith("2023-11-14 22:13:20")


def test_a_failure_leaves_the_older_workpaper_as_it_was(
    xinhong: Path, papers: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = copied(papers, tmp_path)
    before = [path.read_bytes() for path in paths]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("auditkit.files.os.fsync", full)
    with pytest.raises(WorkpaperError, match="no room left on the disk"):
        write_workpapers(review(xinhong), tmp_path)
    assert [path.read_bytes() for path in paths] == before
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in paths)
