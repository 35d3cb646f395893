"""The working paper says all that was found, and nothing of a form acts in it."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import logs
import pytest
from docx import Document
from docx.oxml.ns import qn
from samples import papers_in

from auditkit.cli import main
from auditkit.decisions.log import Log
from auditkit.errors import WorkpaperError
from auditkit.findings import Outcome, Suppression
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, review
from auditkit.schedules import numbered_findings
from auditkit.wording import put
from auditkit.workpapers import standings, write_workpapers
from auditkit.workpapers.docx import document, signed
from reports import judged, report, worded

sys.path.insert(0, str(Path(__file__).parent.parent / "data"))
import make_templates

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
TOWN = SAMPLES / "town-2020" / "town-2020.pdf"
HOSTILE = (
    "=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "<script>alert(1)</script>",
    "javascript:alert(1)", "{ HYPERLINK \"x\" }", "DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe",
    "\u202eabc", "{{unit}}", "{{finding.message}}", "&amp;<b>", "\ufffe", 'DDE("cmd";"/C calc")',
)  # fmt: skip


def texts(data: bytes) -> list[str]:
    """Return the text of every paragraph, those of cells too, and of headers and footers."""
    book = Document(BytesIO(data))
    edges = [edge._element for part in book.sections for edge in (part.header, part.footer)]
    paragraphs = (p for root in (book.element.body, *edges) for p in root.iter(qn("w:p")))
    return ["".join(_said(part) for part in p.iter()) for p in paragraphs]


def _said(part: Any) -> str:
    return "\n" if part.tag == qn("w:br") else part.text or "" if part.tag == qn("w:t") else ""


def custom(tmp_path: Path, *lines: str) -> Path:
    """Make a template as a user might, each name cut into runs as office programs do."""
    book = Document()
    for line in lines:
        paragraph = book.add_paragraph()
        for char in line:
            paragraph.add_run(char).bold = char == "{"
    book.save(str(tmp_path / "own.docx"))
    return tmp_path / "own.docx"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["town-2020", "county-disclosure-2023", "elder-care-2023"])
def test_every_finding_stands_in_it_with_its_figures_basis_and_question(
    name: str, lang: str
) -> None:
    reviews = review(SAMPLES / name / f"{name}.pdf", Terms(lang=lang))
    said = "\n".join(texts(document(reviews)))
    assert numbered_findings(reviews)
    for number, each, finding, words in numbered_findings(reviews):
        assert f"{number}  {finding.rule} {finding.title(lang)}" in said
        for head in ("what was found", "printed", "recomputed", "arithmetic", "basis", "question"):
            assert words[head] in said
        assert each.document.sha256 in said
    for each in reviews:
        assert each.report.project
        assert each.report.project.text in said
        assert all(put(figure.arithmetic, lang) in said for figure in each.figures)
    assert "{{" not in said
    assert ("被审计单位" in said) is (lang == "zh")


def test_what_was_not_judged_or_not_read_surely_is_said() -> None:
    reviews = review(SAMPLES / "dump-xinhong" / "dump-xinhong.txt")
    said = "\n".join(texts(document(reviews)))
    for finding in reviews[0].findings_of(Outcome.OPEN):
        assert finding.message() in said
    assert all(note in said for note in worded(reviews[0].report.notes))
    unsure = [entry for entry in reviews[0].report.entries() if not entry.is_sure]
    assert unsure
    assert all(why in said for entry in unsure for why in worded(entry.doubts)[:1])


def test_why_a_person_has_to_look_first_is_said() -> None:
    total = "name | adjusted_budget | outturn | execution_rate\ntotal | 43.2?? | 37.24 | 90%"
    reviews = (judged(report({"project": "p", "budget": total})),)
    doubts = [d for f in reviews[0].findings_of(Outcome.REVIEW) for d in f.doubts]
    assert doubts
    said = "\n".join(texts(document(reviews)))
    assert all(f"Look at first\n{doubt}" in said for doubt in worded(doubts))


def test_a_finding_that_is_not_counted_says_so_and_why() -> None:
    reason = (Suppression("EX-08", "agreed with the unit"),)
    said = "\n".join(texts(document(review(TOWN, Terms(suppressions=reason)))))
    assert "agreed with the unit" in said
    assert "[suppressed]" in said


FAILED: dict[str, Any] = {"outcome": Outcome.FAIL}


def hostile() -> Report:
    rows = "\n".join(
        f"产出指标 | {text.replace('|', '/').strip()} | 100% | 80% | 10 | 10 | x"
        for text in HOSTILE
    )
    head = "dimension | name | target | actual | points | score | explanation"
    made = report({"project": "p", "indicators": f"{head}\n{rows}"})
    assert made.project
    entries = [replace(made.project, reading=replace(made.project.reading, raw=t)) for t in HOSTILE]
    indicators = tuple(
        replace(row, path=f"indicator/{entry.text}", name=entry)
        for row, entry in zip(made.indicators, entries, strict=True)
    )
    return replace(made, indicators=indicators, project=entries[0], implementer=entries[6])


def test_text_of_a_form_stays_text() -> None:
    reviews = (judged(hostile()),)
    spoken = tuple(
        replace(f, observation=replace(f.observation, **FAILED, says=text, arithmetic=text))
        for f, text in zip(reviews[0].findings, HOSTILE, strict=False)
    )
    data = document([replace(reviews[0], findings=spoken)])
    said = "\n".join(texts(data))
    for text in HOSTILE:
        shown = text
        for char in "\t\r\u202e\ufffe":
            shown = shown.replace(char, f"[U+{ord(char):04X}]")
        assert said.count(shown) >= 2
    with (
        ZipFile(BytesIO(data)) as parts,
        ZipFile(make_templates.FOLDER / "workpaper.en.docx") as own,
    ):
        assert parts.namelist() == own.namelist()
        body = parts.read("word/document.xml").decode()
        for name in parts.namelist():
            if name.endswith(".rels"):
                assert parts.read(name).count(b"<Relationship ") == own.read(name).count(
                    b"<Relationship "
                )
                assert b"External" not in parts.read(name)
    for active in (
        "w:fldSimple",
        "w:instrText",
        "w:hyperlink",
        "w:object",
        "w:altChunk",
        "script>",
    ):
        assert f"<{active}" not in body


def test_the_same_review_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = document(review(TOWN))
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert document(review(TOWN)) == first


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_templates_are_what_their_script_makes(lang: str) -> None:
    path = make_templates.FOLDER / f"workpaper.{lang}.docx"
    assert path.read_bytes() == make_templates.write(lang), "run data/make_templates.py"
    path = make_templates.FOLDER / f"report.{lang}.docx"
    assert path.read_bytes() == make_templates.write_report(lang), "run data/make_templates.py"
    path = make_templates.FOLDER / f"letter.{lang}.docx"
    assert path.read_bytes() == make_templates.write_letter(lang), "run data/make_templates.py"


def test_decisions_and_signatures_stand_in_it_and_say_when_they_are_out_of_date(
    tmp_path: Path,
) -> None:
    reviews, log = review(TOWN, Terms(lang="zh")), Log(tmp_path / "log.sqlite")
    first, second = reviews[0].findings_of(Outcome.FAIL)[:2]
    log.record(first, "confirmed", "已与财务科核对", "王 审计", evidence=TOWN)
    log.record(second, "explained", "=1+1", "李 审计")
    before = signed(reviews[0], log)
    assert set(before.values()) == {"\u3000"}
    logs.signed(log, reviews[0], "prepared", "王 审计", "资金明细不实")
    logs.signed(log, reviews[0], "reviewed", "张 处长", "同意")

    def told(some: tuple[Review, ...]) -> str:
        signatures = [signed(each, log) for each in some]
        return "\n".join(texts(document(some, standings(some, log), signatures)))

    digest = hashlib.sha256(TOWN.read_bytes()).hexdigest()
    said = told(reviews)
    for part in (
        "已与财务科核对",
        f"town-2020.pdf SHA-256 {digest}",
        "=1+1; 李 审计",
        "资金明细不实",
        "王 审计 (未处理",
    ):
        assert part in said
    assert signed(reviews[0], log)["reviewed_by"].startswith("张 处长 (未处理")
    assert len(signed(reviews[0], log)["prepared_on"]) == len("2026-11-24")
    changed = replace(first, observation=replace(first.observation, expected="12345"))
    others = tuple(changed if f is first else f for f in reviews[0].findings)
    again = (replace(reviews[0], findings=others),)
    assert "须重新处理" in told(again)
    assert "须重新处理" not in said
    assert signed(again[0], log)["prepared_by"].startswith("王 审计 (")
    log.reopen(reviews[0], "补充资料", "王 审计")
    assert set(signed(reviews[0], log).values()) == {"\u3000"}


def test_a_template_of_ones_own_is_filled_in_however_its_names_are_cut_into_runs(
    tmp_path: Path,
) -> None:
    lines = ("Unit: {{unit}}!", "{{finding.number}} - {{finding.message}}", "{{ rating }}", "end")
    reviews = review(TOWN)
    said = texts(document(reviews, template=custom(tmp_path, *lines)))
    assert said[0] == "Unit: 东临区河湾镇人民政府(本部)!"
    found = [
        f"{number} - {words['what was found']}" for number, *_, words in numbered_findings(reviews)
    ]
    assert said[1 : len(found) + 1] == found
    assert said[len(found) + 1 :][1:2] == ["end"]


@pytest.mark.parametrize(
    ("lines", "words"), [(("{{unti}}",), "unti"), (("{{finding.massage}}",), "massage")]
)
def test_a_name_that_means_nothing_is_an_error_that_names_it(
    lines: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkpaperError, match=words):
        document(review(TOWN), template=custom(tmp_path, *lines))


def test_what_is_no_template_is_an_error_that_says_what_to_begin_with(tmp_path: Path) -> None:
    (tmp_path / "no.docx").write_bytes(b"PK\3\4 not a file of Word")
    for path in (tmp_path / "no.docx", tmp_path / "missing.docx", TOWN):
        with pytest.raises(WorkpaperError, match="Begin with a copy"):
            document(review(TOWN), template=path)


def test_the_annotated_pdf_of_an_earlier_run_does_not_stay_behind(tmp_path: Path) -> None:
    said: list[object] = []
    paths = write_workpapers(review(TOWN), tmp_path, source=TOWN.read_bytes(), tell=said.append)
    assert tmp_path / "annotated.pdf" in paths
    assert (tmp_path / "annotated.pdf").read_bytes().startswith(TOWN.read_bytes())
    assert not said
    workbook = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"
    source = workbook.read_bytes()
    paths = write_workpapers(
        review(workbook), tmp_path, source=source, ink="replace", tell=said.append
    )
    assert not (tmp_path / "annotated.pdf").exists()
    assert tmp_path / "workpaper.docx" in paths
    assert tmp_path / "annotated.pdf" not in paths
    assert len(said) == 1
    assert "only a PDF or a picture can be annotated" in str(said[0])


def test_redaction_masks_the_working_paper_and_keeps_the_pages_back(tmp_path: Path) -> None:
    made = report({"project": "p", "extra": {"联系人": "王小明", "联系电话": "13812345678"}})
    reviews = (judged(made),)
    spoken = tuple(
        replace(f, observation=replace(f.observation, **FAILED, says="王小明 13812345678"))
        for f in reviews[0].findings[:1]
    )
    reviews, log = (replace(reviews[0], findings=spoken),), Log(tmp_path / "log.sqlite")
    log.record(spoken[0], "confirmed", "王小明来电", "李 审计")
    logs.signed(log, reviews[0], "prepared", "李 审计", "王小明已离职")
    write_workpapers(reviews, tmp_path, log)
    plain = "\n".join(texts((tmp_path / "workpaper.docx").read_bytes()))
    assert plain.count("王小明") == 3
    said: list[object] = []
    source = TOWN.read_bytes()
    write_workpapers(reviews, tmp_path, log, source=source, redact=True, tell=said.append)
    masked = "\n".join(texts((tmp_path / "workpaper.docx").read_bytes()))
    assert "王小明" not in masked
    assert "13812345678" not in masked
    assert "■■■来电; 李 审计" in masked
    assert "redaction is on" in masked
    assert not (tmp_path / "annotated.pdf").exists()
    assert "would show what is masked" in str(said[0])


def test_the_command_line_writes_both_the_same_in_every_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = str(tmp_path / "log.sqlite")
    made = []
    for name in ("a", "b"):
        out = str(tmp_path / name)
        assert main(["review", str(TOWN), "--out", out, "--lang", "zh", "--log", log]) == 0
        made.append({p.name: p.read_bytes() for p in papers_in(tmp_path / name).iterdir()})
    assert set(made[0]) >= {"workpaper.docx", "annotated.pdf"}
    for name in ("workpaper.docx", "annotated.pdf"):
        assert made[0][name] == made[1][name]
    assert "审计工作底稿" in "\n".join(texts(made[0]["workpaper.docx"]))
    own = custom(tmp_path, "{{project}}")
    out = tmp_path / "c"
    assert main(["review", str(TOWN), "--out", str(out), "--template", str(own)]) == 0
    assert texts((papers_in(out) / "workpaper.docx").read_bytes()) == ["集镇建设与管理", "", ""]
    assert f"in {papers_in(out)}:" in capsys.readouterr().out


def test_the_paper_has_what_norms_of_working_papers_ask_for(tmp_path: Path) -> None:
    (one,) = review(TOWN, Terms(lang="zh", log=str(tmp_path / "log.sqlite")))
    paper = Document(BytesIO(document([one])))
    rows = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows]
    named = {row[at]: row[at + 1] for row in rows for at in range(0, len(row) - 1, 2)}
    assert named["索引号"] == f"{one.document.sha256[:6]}-1"
    assert named["审计(复核)项目名称"] == "东临区河湾镇人民政府2020年度项目支出绩效自评复核"
    assert named["审计过程"].startswith("读取上列审计资料")
    assert {"附件数量", "审核意见", "编制人", "复核人"} <= set(named)
    (drafted,) = [row[0] for row in rows if row[0].startswith("(拟稿)")]
    assert "尚未处理16项" in drafted
