"""An auditor's own rules, and findings that are not to be counted."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from samples import FOLDER, papers_in

import auditkit as ak
import auditkit.rules
from auditkit.cli import main
from auditkit.errors import AuditkitError, RuleFileError
from auditkit.findings import Outcome, Suppression, load_suppressions
from auditkit.many.kept import key_of
from auditkit.rules import RULES, load_rules

TEN_LINES = '''
import auditkit as ak
from auditkit.rules import Observation, Outcome, Severity

@ak.rule("MY-01", Severity.WARNING, title="总分过高")
def total_is_modest(worked, law):
    """Look for totals of 97 and more."""
    total = worked.report.total_score
    if total is not None and total.reading.value is not None:
        outcome = Outcome.FAIL if total.reading.value >= 97 else Outcome.PASS
        yield Observation(outcome, total.path, f"总分{total.text}", (total,))
'''


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(TEN_LINES, encoding="utf-8")
    return path


def test_an_own_rule_of_ten_lines_is_put_to_a_form(own: Path, xinhong: Path) -> None:
    (mine,) = load_rules(own)
    (review,) = ak.review(xinhong, ak.Terms(rules=(*ak.RULES, mine)))
    (found,) = (finding for finding in review.findings if finding.rule == "MY-01")
    assert (found.outcome, found.severity) == ("fail", "warning")
    assert (found.title(), found.message("zh")) == ("总分过高", "总分99.37")
    assert len({finding.rule for finding in review.findings}) == len(RULES) + 1


def test_the_example_of_the_docstring_runs(tmp_path: Path, xinhong: Path) -> None:
    example = str(auditkit.rules.__doc__).partition("::\n\n")[2]
    path = tmp_path / "own.py"
    path.write_text(textwrap.dedent(example), encoding="utf-8")
    (mine,) = load_rules(path)
    (review,) = ak.review(xinhong, ak.Terms(rules=(mine,)))
    (found,) = review.findings
    assert (found.outcome, found.title()) == ("fail", "Total is high")
    assert found.message() == found.message("zh") == "the total is 99.37"


def test_an_own_rule_reaches_every_output(
    own: Path, xinhong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["review", str(xinhong), "--out", str(tmp_path / "out"), "--rules", str(own)]
    assert main([*arguments, "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["reviews"]
    assert [f["message"] for f in one["findings"] if f["rule"] == "MY-01"] == ["总分99.37"]
    page = (papers_in(tmp_path / "out") / "workpaper.html").read_text(encoding="utf-8")
    assert "MY-01 总分过高" in page
    assert main(["rules", "my-01", "--rules", str(own)]) == 0
    assert "Look for totals of 97 and more." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "cannot be run: ZeroDivisionError"),
        ("x =", "cannot be run: SyntaxError"),
        ("x = 1", "no rule is declared"),
        (TEN_LINES.replace("MY-01", "EX-02"), "ids are taken: EX-02"),
        (TEN_LINES.replace("MY-01", "CR-07"), "ids are taken: CR-07"),
    ],
)
def test_a_file_of_rules_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "odd.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError, match=f"odd.py: {said}"):
        load_rules(path)


def test_a_file_of_rules_that_was_changed_is_run_again(own: Path) -> None:
    assert load_rules(own) is load_rules(own)
    own.write_text(own.read_text(encoding="utf-8").replace("MY-01", "MY-02"), encoding="utf-8")
    assert [mine.id for mine in load_rules(own)] == ["MY-02"]


def test_a_result_of_rules_that_were_changed_is_not_taken_for_one_of_the_new_ones(
    own: Path, xinhong: Path, tmp_path: Path
) -> None:
    def said() -> list[str]:
        ak.engagement(xinhong, tmp_path / "out", ak.Terms(rules_file=own), workers=0)
        found = ak.query(tmp_path / "out", "select outcome from findings where rule = 'MY-01'")
        return [row["outcome"] for row in found]

    assert said() == ["fail"]
    own.write_text(own.read_text(encoding="utf-8").replace(">= 97", ">= 99.5"), encoding="utf-8")
    assert said() == ["pass"]


def test_what_a_file_of_rules_imports_from_its_folder_counts_as_part_of_it(
    own: Path, xinhong: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    limits = tmp_path / "limits_of_mine.py"
    text = own.read_text(encoding="utf-8").replace(">= 97", ">= LIMIT")
    own.write_text(f"from limits_of_mine import LIMIT\n{text}", encoding="utf-8")
    terms, seen = ak.Terms(rules_file=own), []
    for limit in ("10", "99"):
        limits.write_text(f"LIMIT = {limit}.5", encoding="utf-8")
        (review,) = ak.review(xinhong, terms)
        papers = ak.write_workpapers([review], tmp_path / limit)
        (found,) = (finding for finding in review.findings if finding.rule == "MY-01")
        rulebook = json.loads(papers[-1].read_bytes())["rulebook"]
        seen.append((found.outcome, rulebook, key_of(terms, "a", "sha256")))
    assert [one[0] for one in seen] == ["fail", "pass"]
    assert seen[0][1] != seen[1][1]
    assert seen[0][2] != seen[1][2]


def test_suppressed_findings_stay_and_say_why(xinhong: Path, tmp_path: Path) -> None:
    reason = Suppression("EX-07", "预算调整已由财政批复", "xinhong*")
    (plain,) = ak.review(xinhong)
    (review,) = ak.review(xinhong, ak.Terms(suppressions=(reason,), lang="zh"))
    assert len(review.findings) == len(plain.findings)
    (found,) = (finding for finding in review.findings if finding.rule == "EX-07")
    assert found.message("zh").endswith(";不计入:预算调整已由财政批复")
    assert found not in review.findings_of(found.outcome)
    assert found.key == next(f.key for f in plain.findings if f.rule == "EX-07")
    paths = ak.write_workpapers([review], tmp_path)
    assert "预算调整已由财政批复" in paths[1].read_text(encoding="utf-8")
    assert "预算调整已由财政批复" in repr(ak.show(review))


@pytest.mark.parametrize(
    ("report", "is_covered"),
    [("*", True), ("xinhong-2024.pdf", True), ("(房管所)*", True), ("xinhong", False)],
)
def test_a_suppression_names_a_file_or_a_project(
    report: str, is_covered: bool, xinhong: Path
) -> None:
    (review,) = ak.review(xinhong, ak.Terms(suppressions=(Suppression("EX-07", "so", report),)))
    assert {bool(f.suppressed) for f in review.findings if f.rule == "EX-07"} == {is_covered}
    assert not any(f.suppressed for f in review.findings if f.rule != "EX-07")


def test_ignored_and_suppressed_findings_do_not_fail_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (form,) = (FOLDER / "sports-centre-2022").glob("sports-centre-2022.*")
    arguments = ["review", str(form), "--out", str(tmp_path), "--fail-on", "warning"]
    assert main(arguments) == 1
    warned = {f.rule for r in ak.review(form) for f in r.findings_of(Outcome.FAIL)}
    assert main([*arguments, "--ignore", ", ".join(warned)]) == 0
    file = tmp_path / "no.toml"
    tables = (f'[[suppress]]\nrule = "{rule}"\nreason = "known"\n' for rule in warned)
    file.write_text("".join(tables), encoding="utf-8")
    capsys.readouterr()
    assert main([*arguments, "--suppress", str(file), "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["reviews"]
    assert {f["rule"] for f in one["findings"] if f["suppressed"] == "known"} == warned


@pytest.mark.parametrize(
    "text",
    [
        '[[suppress]]\nrule = "EX-07"',
        '[[suppress]]\nrule = "EX-07"\nreason = ""',
        '[[suppress]]\nrule = "EX-07"\nreason = "so"\nreports = "x"',
        '[[ignore]]\nrule = "EX-07"\nreason = "so"',
        "[[suppress",
    ],
)
def test_a_suppression_without_a_reason_or_out_of_shape_is_refused(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuditkitError, match=r"odd\.toml"):
        load_suppressions(path)
