"""A Chinese run speaks Chinese: no English is left in workpapers, notebooks or the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import html
from notebook_files import NOTEBOOKS
from openpyxl import load_workbook
from pypdf import PdfReader
from samples import FOLDER, papers_in

import auditkit as ak
from auditkit.cli import main
from auditkit.findings import Outcome
from auditkit.reviewing import Review
from auditkit.wording import Language

# Ids, digests, names of files and of programs are the same in all languages.
ALLOWED = re.compile(
    r"\b(?:[A-Z]{2}-\d\d|[0-9a-f]{16,64}|[0-9a-f]{6}-\d+|SHA-256|auditkit|LibreOffice|PDFium|Unicode|Excel|PDF|HTML|JSON"
    r"|[\w./-]+\.(?:pdf|xlsx|docx|html|csv|txt|json|toml|png|jpg|ods|sqlite))\b"
)
DIGESTS = re.compile(r"[0-9a-f]{6,64}")
WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}")
SAMPLES = sorted(path for path in FOLDER.glob("*/*") if path.stem == path.parent.name)


def texts(path: Path) -> Iterator[str]:
    """Yield what a person sees of a workpaper, a text at a time."""
    if path.suffix == ".html":
        page = html.fromstring(path.read_bytes())
        for hidden in page.xpath("//style | //script"):
            hidden.drop_tree()
        yield from page.itertext()
        yield from page.xpath("//@title | //@aria-label | //@placeholder")
    elif path.suffix == ".xlsx":
        for sheet in load_workbook(path):
            yield sheet.title
            for column in sheet.iter_cols():
                if not sheet.column_dimensions[column[0].column_letter].hidden:
                    yield from (str(c.value) for c in column if c.data_type == "s")
            yield from (str(choice.formula1) for choice in sheet.data_validations.dataValidation)
    elif path.suffix == ".docx":
        yield from html.fromstring(ZipFile(path).read("word/document.xml")).itertext()
    elif path.suffix == ".pdf":
        for page in PdfReader(path).pages:
            yield from (str(note.get_object()["/Contents"]) for note in page.get("/Annots", ()))


def english(said: str, known: str) -> set[str]:
    """Return the English words of a text that do not stand in what it quotes."""
    return {word for word in WORD.findall(ALLOWED.sub(" ", said)) if word not in known}


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_workpapers_in_chinese_hold_no_english(sample: Path, tmp_path: Path) -> None:
    log = ak.Log(tmp_path / "log.sqlite")
    reviews = ak.review(sample, ak.Terms(lang="zh"))
    for number, finding in enumerate(reviews[0].findings_of(Outcome.FAIL)[:2]):
        log.record(finding, ("confirmed", "needs evidence")[number], "看凭证", "王审计")
    quoted = " ".join(cell.text for r in reviews for e in r.report.entries() for cell in e.cells)
    quoted += " ".join(label for r in reviews for label, _ in r.report.extra)
    quoted += " ".join(r.report.place.sheet for r in reviews)  # the name of a sheet
    for path in ak.write_workpapers(reviews, tmp_path, log, source=sample.read_bytes()):
        left = {w: text for text in texts(path) for w in english(text, quoted)}
        assert left == {}, path.name


def shown(review: Review, path: Path, log: ak.Log) -> list[str]:
    """Return what a notebook shows of a review, a text for each way of showing it."""
    desk = ak.Desk(review, path, log, "王审计")
    texts = [*map(str, desk.texts.values()), desk.said, desk.sign()]
    tables = (
        ak.show(review),
        ak.show(review, "findings", source=path),
        ak.show(review, "summary"),
        ak.show(review, "coverage"),
        ak.show(review, "standards"),
        ak.show(review, "decisions"),
        ak.show(ak.compare((review,), (review,))),
    )
    return [*texts, *(part for table in tables for part in (repr(table), table._repr_html_()))]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_review_speaks_its_own_language_whatever_else_is_spoken(
    lang: str, tmp_path: Path
) -> None:
    path, log = FOLDER / "boiler-2019" / "boiler-2019.pdf", ak.Log(tmp_path / "log.sqlite")
    (review,) = ak.review(path, ak.Terms(lang=Language(lang), log=log.where))
    log.record(review.findings_of(Outcome.FAIL)[0], "confirmed", "看凭证", "王审计")
    try:
        ak.speak({"en": "zh", "zh": "en"}[lang])
        other = shown(review, path, log)
        ak.speak(lang)
        assert other == shown(review, path, log)
    finally:
        ak.speak()
    quoted = " ".join(cell.text for e in review.report.entries() for cell in e.cells)
    if lang == "zh":
        texts = [t for t in other if not t.lstrip().startswith("<")]
        assert {w: t for t in texts for w in english(t, quoted)} == {}


def test_a_path_of_files_is_never_taken_for_one_of_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITKIT_LANG", "zh")
    monkeypatch.chdir(tmp_path)
    sample = FOLDER / "boiler-2019" / "boiler-2019.pdf"
    main(["review", str(sample), "--out", "reports/other"])
    capsys.readouterr()
    (folder,) = Path("reports/other").iterdir()
    assert main(["verify", str(folder), "--input", str(sample)]) == 0
    said = capsys.readouterr().out
    assert said.count(f"{folder} ") == len(said.splitlines()) - 1
    assert "其他资金" not in said


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if ".zh" in path.suffixes], ids=lambda path: path.stem
)
def test_outputs_of_chinese_notebooks_hold_no_english(path: Path) -> None:
    cells = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    code = "".join(line for cell in cells for line in cell["source"])
    for cell in cells:
        if "print(" in "".join(cell["source"]) or "frame" in "".join(cell["source"]):
            continue  # data as code has it
        for output in cell["outputs"]:
            text = "".join(output.get("data", {}).get("text/plain", ()))
            assert english(text, code) == set(), text[:300]


@pytest.mark.parametrize(
    "command",
    [
        ["read", "{path}"],
        ["review", "{path}", "--out", "{out}"],
        ["rules"],
        ["rules", "--standards", "--jurisdiction", "310000", "--on", "2022-12-31"],
        [
            "compare",
            "{folder}/dump-xinhong/dump-xinhong.txt",
            "{folder}/xinhong-2024/xinhong-2024.pdf",
        ],
        ["review", "{path}", "{path}", "--out", "{out}", "--no-workpapers"],
        ["read", "nosuch.pdf", "{path}"],
        ["log", "show"],
        ["log", "show", "{path}"],
        ["log", "sign", "{path}"],
        ["log", "verify"],
        ["verify", "{papers}", "--input", "{path}"],
    ],
    ids=lambda command: " ".join(command[:1]),
)
def test_tables_of_the_command_line_hold_no_english(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("AUDITKIT_LANG", "zh")
    monkeypatch.chdir(tmp_path)
    sample, out = FOLDER / "boiler-2019" / "boiler-2019.pdf", str(tmp_path / "out")
    finding = ak.review(sample)[0].findings_of(Outcome.FAIL)[0]
    ak.Log().record(finding, "confirmed", "看凭证", "王审计")
    if command[0] == "verify":
        main(["review", str(sample), "--out", out])
        capsys.readouterr()
    papers = papers_in(Path(out)) if command[0] == "verify" else ""
    named = {"path": sample, "out": out, "folder": FOLDER, "papers": papers}
    assert main([part.format(**named) for part in command]) == 3 * ("nosuch.pdf" in command)
    said = capsys.readouterr()
    given = f"{out} {sample} {papers} auditkit query log sign --as prepared --auditor --note --code"
    for text in (said.out, said.err):
        assert english(DIGESTS.sub(" ", text), given) == set()
    assert said.out + said.err
