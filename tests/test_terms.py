"""Terms and stages take what a person hands them, or say in one sentence what they take."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES
from docx import Document
from docx.oxml.ns import qn

import auditkit as ak
from auditkit.errors import LogError, StandardsError
from auditkit.findings import Outcome, Severity, Suppression

WORKBOOK = SAMPLES / "sports-centre-2022" / "sports-centre-2022.xlsx"


def test_terms_are_kept_alike_however_they_are_given(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    files = {name: path for name in ("rules_file", "parameters", "template")}
    texts: dict[str, Any] = {name: str(path) for name in files}
    plain = ak.Terms(log=str(path), **files)
    for log in (path, ak.Log(path)):
        given: Any = log
        assert ak.Terms(log=given, **texts) == plain
    assert (plain.log, plain.template) == (str(path), path)
    reason = Suppression("EX-01", "so")
    some: Any = list(ak.RULES[:3])
    lists = ak.Terms(rules=some, suppressions=[reason])  # type: ignore[arg-type]
    assert lists == ak.Terms(rules=ak.RULES[:3], suppressions=(reason,))
    assert hash(lists) == hash(ak.Terms(rules=ak.RULES[:3], suppressions=(reason,)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"jurisdiction": 420000}, "a text of six digits in quotation marks, .* not int"),
        ({"rules": "EX-01"}, r"rules are expected, such as \[r for r in ak.RULES .*, not str"),
        ({"rules": ["EX-01"]}, "rules are expected"),
        ({"suppressions": ["EX-01"]}, r"auditkit.findings.Suppression\(rule, reason\), not str"),
        ({"log": 1}, "a log is its address or path, or a Log, not int"),
        ({"template": 1}, "template is a file's path, not int"),
        ({"redact": "no"}, "redact is True or False, not str"),
    ],
    ids=str,
)
def test_terms_of_another_kind_are_refused_when_they_are_made(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        ak.Terms(**given)


@pytest.mark.parametrize("code", ["42", "鄂", "4200000", "四二〇〇〇〇"])
def test_a_code_that_is_not_of_six_digits_is_refused_when_terms_are_made(code: str) -> None:
    with pytest.raises(StandardsError, match="six digits are expected, such as 420000"):
        ak.Terms(jurisdiction=code)


FORM = r"one form is expected, as ak\.read\(PATH\)\[0\], not a tuple of Report"
STAGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "review": (lambda _: ak.review(WORKBOOK, "zh"), "terms are expected, .* not str"),  # type: ignore[arg-type]
    "review of forms": (ak.review, "a file is expected, .* not a tuple of Report"),
    "corrected": (ak.corrected, FORM),
    "recompute": (ak.recompute, FORM),
    "evaluate": (lambda forms: ak.evaluate(forms[0]), r"as ak\.recompute\(.*, not Report"),
    "recognise": (lambda _: ak.recognise("x.xlsx"), r"as ak\.tables\(PATH\), not str"),  # type: ignore[arg-type]
    "papers": (lambda forms: ak.write_workpapers(forms, "nowhere"), "reviews are .* of Report"),
    "papers of a form": (lambda forms: ak.write_workpapers(forms[0], "nowhere"), "reviews are"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_is_handed_something_else_says_what_it_takes(stage: str) -> None:
    call, said = STAGES[stage]
    forms = ak.read(WORKBOOK)
    if "papers" in stage:
        said = said.replace(" of Report", "")
    with pytest.raises(TypeError, match=said):
        call(forms)


def test_there_are_no_papers_of_no_reviews(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="and there are none"):
        ak.write_workpapers([], tmp_path)


def test_papers_of_one_review_are_those_of_a_list_of_it(tmp_path: Path) -> None:
    (review,) = ak.review(WORKBOOK)
    one, several = (tmp_path / name for name in ("one", "several"))
    ak.write_workpapers(review, one)
    ak.write_workpapers([review], several)
    assert (one / "manifest.json").read_bytes() == (several / "manifest.json").read_bytes()


def test_several_reviews_are_shown_a_line_for_each(disclosure: Path) -> None:
    reviews = ak.review(disclosure)
    shown = ak.show(reviews)
    assert [row[2] for row in shown.rows] == ["page 6", "page 7", "page 8"]
    assert list(shown.heads[-8:-5]) == ["errors", "warnings", "notes"]
    errors = [f for f in reviews[2].findings_of(Outcome.FAIL) if f.severity is Severity.ERROR]
    assert shown.rows[2][-8] == str(len(errors))


def test_what_can_be_shown_is_named_once() -> None:
    with pytest.raises(TypeError) as told:
        ak.show(1)
    names = re.findall(r"[A-Z]\w+", str(told.value))
    assert "Review" in names
    assert len(names) == len(set(names))


def test_papers_are_made_on_the_terms_of_their_reviews(tmp_path: Path) -> None:
    template = Document()
    template.add_paragraph("本所底稿模板 {{project}}")
    template.save(str(tmp_path / "own.docx"))
    other = Document()
    other.add_paragraph("别的模板")
    other.save(str(tmp_path / "other.docx"))
    log = ak.Log(tmp_path / "log.sqlite")
    terms = ak.Terms(log=log.where, template=tmp_path / "own.docx")
    reviews = ak.review(WORKBOOK, terms)
    log.record(reviews[0].findings[0], "confirmed", "已核对凭证甲", "王审计")
    ak.write_workpapers(reviews, tmp_path / "a")
    ak.write_workpapers(
        reviews, tmp_path / "b", tmp_path / "none.sqlite", template=tmp_path / "other.docx"
    )
    pages = [(tmp_path / name / "workpaper.html").read_text("utf-8") for name in "ab"]
    assert ["已核对凭证甲" in page for page in pages] == [True, False]
    made = [(tmp_path / name / "workpaper.docx").read_bytes() for name in "ab"]
    for name, data in zip(("本所底稿模板", "别的模板"), made, strict=True):
        nodes = Document(BytesIO(data)).element.iter(qn("w:t"))
        assert name in "".join(node.text or "" for node in nodes)
    whole = json.loads((tmp_path / "a" / "manifest.json").read_bytes())
    assert whole["terms"]["template"]["name"] == "own.docx"
    assert whole["log"] == log.decisions()[-1].digest


def test_terms_are_told_in_a_line_and_explained_on_a_page() -> None:
    assert repr(ak.Terms()) == "Terms()"
    assert repr(ak.Terms("420000", rules=ak.RULES[:2])) == (
        "Terms(jurisdiction='420000', rules=<EX-01 EX-02>)"
    )
    import pydoc

    told = pydoc.plain(pydoc.render_doc(ak.Terms))
    assert "EX-01" not in told
    assert max(map(len, told.splitlines())) < 500


def test_a_log_that_one_may_not_look_at_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (review,) = ak.review(WORKBOOK, ak.Terms(log=ak.Terms.NO_LOG))

    def refused(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refused)
    with pytest.raises(LogError, match="cannot be opened or written: the system does not allow it"):
        ak.write_workpapers(review, tmp_path, tmp_path / "log.sqlite")
