"""Many documents: their tables and workpapers, what is kept of them, and samples."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import many
import pytest
from batches import asked, review, tables
from fastparquet import ParquetFile
from samples import papers_in

from auditkit.cli import main
from auditkit.decisions.events import about_entry
from auditkit.decisions.log import Log
from auditkit.errors import MissingFileError, QueryError
from auditkit.findings import Observation, Outcome, Severity, Suppression, rule
from auditkit.many.engagement import engagement, review_files
from auditkit.many.kept import key_of, logged_by
from auditkit.many.results import query
from auditkit.many.run import HERE, Run
from auditkit.many.sampling import draws_in, sample
from auditkit.readers import bytes_of
from auditkit.reviewing import Terms, read
from auditkit.rules import RULES
from auditkit.wording import Language, put
from reports import judged, report


def test_tables_hold_what_the_files_hold(
    capsys: pytest.CaptureFixture[str], two_dozen: Path, unbroken: Path
) -> None:
    forms = list(many.forms(24))
    rows = asked(capsys, unbroken, "select * from reports order by file")
    assert [row["project"] for row in rows] == [form.project for form in forms]
    sums = [f"{float(row['outturn']):.2f}" for row in rows]
    assert sums == [form.funding[0].outturn for form in forms]
    score = json.loads(rows[0]["cells"])["outturn"]
    assert score["text"] == forms[0].funding[0].outturn
    assert score["at"][0]["row"] > 1
    (failure,) = asked(capsys, unbroken, "select * from failures")
    assert (failure["file"], failure["reason"]) == ("broken.xlsx", "DamagedError")
    rules = asked(capsys, unbroken, "select count(distinct rule) n, count(*) m from findings")
    assert int(rules[0]["n"]) > 40


def test_other_programs_open_the_tables(unbroken: Path) -> None:
    path = unbroken / "tables" / "funding.parquet"
    with path.open("rb") as file:
        frame = ParquetFile(file).to_pandas()
    (count,) = duckdb.sql(f"select count(*) from '{path}'").fetchall()
    assert count == (len(frame),)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/hostname')",
        "copy reports to 'stolen.csv'",
        "set enable_external_access = true",
        "attach 'other.db'",
        "select no_such_column from reports",
    ],
)
def test_a_question_reaches_the_tables_and_nothing_else(
    capsys: pytest.CaptureFixture[str], unbroken: Path, sql: str
) -> None:
    assert main(["query", str(unbroken), sql]) == 3
    assert "There are reports: file" in capsys.readouterr().err
    assert not Path("stolen.csv").exists()


def test_a_second_run_reads_only_what_is_new_or_changed(
    two_dozen: Path, few: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert review(few, out)["new"] == 7
    before = {path: path.stat().st_mtime_ns for path in (out / "tables").iterdir()}
    assert review(few, out)["new"] == 0
    assert before == {path: path.stat().st_mtime_ns for path in (out / "tables").iterdir()}
    shutil.copy(two_dozen / "00007.xlsx", few / "00001.xlsx")
    (few / "00002.html").unlink()
    assert review(few, out)["new"] == 1
    assert review(few, out, "--jurisdiction", "420000")["new"] == 6
    assert review(few, out, "--fresh")["new"] == 6


def test_a_damaged_result_is_noticed_and_made_again(
    two_dozen: Path, unbroken: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(unbroken, tmp_path / "out"))
    entries = sorted(path for path in (out / ".cache").rglob("*") if path.is_file())
    for number, entry in enumerate(entries[:3]):
        data = bytearray(entry.read_bytes())
        data[-20] ^= 1
        entry.write_bytes((bytes(data), data[:40], b"")[number])
    assert review(two_dozen, out)["new"] == 3
    assert tables(out) == tables(unbroken)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_names_in_another_encoding_are_shown_as_bytes(
    capsys: pytest.CaptureFixture[str], two_dozen: Path, tmp_path: Path
) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    own.mkdir()
    shutil.copy(two_dozen / "00001.xlsx", os.fsencode(own) + "/自评表.xlsx".encode("gb18030"))
    shutil.copy(two_dozen / "broken.xlsx", os.fsencode(own) + "/坏.xlsx".encode("gb18030"))
    assert review(own, out)["failed"] == 1
    (row,) = asked(capsys, out, "select file from reports")
    assert row["file"] == "\\xd7\\xd4\\xc6\\xc0\\xb1\\xed.xlsx"


def test_projects_that_should_be_there_are_named(
    capsys: pytest.CaptureFixture[str], two_dozen: Path, tmp_path: Path
) -> None:
    names = [form.project for form in many.forms(2)]
    lines = "\n".join(["序号,项目名称,部门", *(f"{n},{name},甲" for n, name in enumerate(names))])
    (tmp_path / "list.csv").write_text(f"{lines}\n9,没有自评的项目,乙\n", encoding="utf-8")
    review(two_dozen, tmp_path, "--projects", str(tmp_path / "list.csv"))
    (row,) = asked(capsys, tmp_path, "select * from across where rule = 'CR-05'")
    assert (row["outcome"], row["reported"], row["expected"]) == ("fail", "2", "3")
    assert "没有自评的项目" in row["message"]


def test_what_is_not_the_fault_of_a_file_is_tried_again(two_dozen: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    own.mkdir()
    shutil.copy(two_dozen / "00001.xlsx", own)
    command = ["review", str(own), "--out", str(out), "--workers", "1"]
    assert main(command) == 0
    papers = papers_in(out)
    shutil.rmtree(out)
    out.mkdir()
    papers.write_text("a file where the folder of the workpapers should be")
    assert main(command) == 3
    papers.unlink()
    assert main(command) == 0


def test_files_come_by_address_too(
    capsys: pytest.CaptureFixture[str], few: Path, unbroken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    review(f"file://{few}", out)
    sql = "select project, total_score from reports {} order by project"
    known = asked(capsys, unbroken, sql.format("where file < '00006'"))
    assert asked(capsys, out, sql.format("")) == known
    assert len(known) == 6


def everything_written(out: Path) -> str:
    """All that a batch wrote, opened up, and the names of its files."""
    texts = [str(path.relative_to(out)) for path in out.rglob("*")]
    for path in filter(Path.is_file, out.rglob("*")):
        data = path.read_bytes()
        if path.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(path) as archive:
                texts += [
                    archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
                ]
        if path.suffix == ".parquet":
            texts += [repr(duckdb.sql(f"select * from '{path}'").fetchall())]
        if ".cache" in path.parts:
            data = b"".join((head := data.split(b"\n", 2))[:2]) + gzip.decompress(head[2])
        texts.append(data.decode("utf-8", "replace"))
    return "\n".join(texts)


def test_what_is_personal_is_masked_in_all_that_a_batch_writes(one: Path, tmp_path: Path) -> None:
    one.with_name("欧阳惜.html").write_bytes(one.read_bytes() + b"\n")
    plain, masked = tmp_path / "plain", tmp_path / "masked"
    command = ["review", str(one.parent), "--workers", "1", "--out"]
    assert main([*command, str(plain)]) == 0
    assert "魏无咎" in everything_written(plain)
    assert main([*command, str(masked), "--redact"]) == 0
    said = everything_written(masked)
    assert "魏无咎" not in said
    assert "■■■" in said
    (row,) = duckdb.sql(
        f"select count(distinct file) from '{masked}/tables/reports.parquet'"
    ).fetchall()
    assert row == (2,)


def test_a_corrected_reading_counts_in_a_batch_and_is_counted_anew_when_it_changes(
    one: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (other := one.with_name("other.html")).write_text("<table><tr><td>1</td></tr></table>")
    out, log = tmp_path / "out", Log(tmp_path / "log.sqlite")
    command = ["review", str(one.parent), "--workers", "1", "--out", str(out)]
    command += ["--no-workpapers", "--log", log.where, "--format", "json"]

    def new() -> int:
        assert main(command) == 3  # the other file is none of a form
        return int(json.loads(capsys.readouterr().out)["run"]["new"])

    (form,) = read(one)
    assert new() == 2
    log.record(about_entry(form, "budget/total/outturn"), "corrected", "", "王审计", value="1.25")
    assert new() == 1
    (row,) = asked(capsys, out, "select outturn, cells from reports")
    assert float(row["outturn"]) == 1.25
    assert json.loads(row["cells"])["outturn"]["how"] == "corrected"
    assert new() == 0
    assert other.exists()


def test_a_sample_is_drawn_from_the_tables_and_drawn_again_by_its_seed(
    unbroken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["sample", str(unbroken), "--seed", "2024", "--format", "json"]
    drawn = []
    for number, method in enumerate(("money", "money", "risk", "stratified")):
        path = tmp_path / f"{number}.json"
        more = ["--method", method, "--size", "4", "--record", str(path), "--bounds", "100000"]
        assert main([*command, *more]) == 0
        drawn.append(json.loads(path.read_text(encoding="utf-8")))
        (said,) = json.loads(capsys.readouterr().out)["draws"]
        assert said["keys"] == drawn[-1]["keys"]
    assert drawn[0] == drawn[1]
    assert main(command) == 0
    said = capsys.readouterr().err
    assert "This is draw 5 from these tables" in said
    assert "Drawn before it: draw-1.json, draw-2.json, draw-3.json, draw-4.json" in said
    kept = [json.loads(path.read_text("utf-8")) for path in draws_in(unbroken).values()]
    assert [record["keys"] for record in kept[:4]] == [record["keys"] for record in drawn]
    assert main([*command, "--record", str(path)]) == 3
    assert "a draw is not written over" in capsys.readouterr().err
    assert len(draws_in(unbroken)) == 5
    amounts = [10_000 * float(form.funding[0].adjusted_budget) for form in many.forms(24)]
    units = [form.currency_unit for form in many.forms(24)]
    known = [a for a, unit in zip(amounts, units, strict=True) if "万元" in unit or not unit]
    assert float(drawn[0]["amount"]) >= sum(known)
    assert all(why.startswith("risk ") for why in drawn[2]["why"])
    same = sample(unbroken, "money", 4, seed="2024", bounds=[Decimal(100000)])
    assert list(same.keys) == drawn[0]["keys"]
    assert same.reasoning.startswith("as many as asked for")
    with pytest.raises(QueryError, match="a method is one of random, "):
        sample(unbroken, "lots", seed="s")
    assert main(["sample", str(unbroken), "--seed", "s", "--rate", "0.05"]) == 0
    assert "19 of 24: were 2 of all wrong" in capsys.readouterr().err
    assert main(["sample", str(unbroken), "--seed", "s", "--confidence", "77"]) == 3
    assert "confidence is one of" in capsys.readouterr().err


@rule("MY-01", Severity.NOTE, title="an own one")
def looks_at_nothing(*_: object) -> Iterator[Observation]:
    """Look at nothing."""
    yield Observation(Outcome.PASS, "form", "fine")


def test_a_folder_is_reviewed_in_this_process_with_rules_of_a_notebook(
    few: Path, tmp_path: Path
) -> None:
    terms = Terms(rules=(looks_at_nothing,))
    for _ in range(2):  # what such rules say is not kept: nothing tells whether they were changed
        done = engagement(few, tmp_path / "out", terms, with_workpapers=False)
        assert (done.total, done.new, len(done.forms)) == (7, 7, 6)
    assert [failed.name for failed in done.failed] == ["broken.xlsx"]
    rows = query(tmp_path / "out", "select distinct rule, message from findings")
    assert rows == [{"rule": "MY-01", "message": "fine"}]
    assert str(done) == "6 read, 0 of them with unsure figures, 1 failed"


def test_some_of_auditkits_rules_are_put_by_other_processes(few: Path, tmp_path: Path) -> None:
    terms = Terms(rules=tuple(rule for rule in RULES if rule.id == "TT-01"))
    assert engagement(few, tmp_path, terms, with_workpapers=False).new == 7
    assert engagement(few, tmp_path, terms, with_workpapers=False).new == 0
    assert query(tmp_path, "select distinct rule from findings") == [{"rule": "TT-01"}]


def test_a_kept_result_hangs_on_every_term(tmp_path: Path) -> None:
    own, other = tmp_path / "own.toml", tmp_path / "other.toml"
    for path in (own, other):
        path.write_text(path.name)
    several = [
        Terms(),
        Terms(jurisdiction="420000"),
        Terms(lang=Language.ZH),
        Terms(redact=True),
        Terms(suppressions=(Suppression("EX-07", "agreed"),)),
        Terms(rules=RULES[1:]),
        *(Terms(parameters=path) for path in (own, other)),
        Terms(rules_file=own),
        Terms(template=own),
    ]
    keys = [key_of(terms, "a.pdf", "sha256") for terms in several]
    keys += [key_of(Terms(), "a.pdf", "sha256", "of another file")]
    assert len(set(keys)) == len(keys)
    assert key_of(Terms(log="other"), "a.pdf", "sha256") == keys[0]


def test_a_kept_result_hangs_on_the_decisions_about_its_document_and_forms() -> None:
    decided = ({"sha256": "digest"}, {"sha256": "later"}, {"form": "digest"})
    told = [logged_by(Terms(), made, ("sha256", "a.pdf")) for made in decided]
    told += [logged_by(Terms(log="other"), decided[0], ("sha256", "form"))]
    assert len(set(told)) == len(told)
    assert told[2] == logged_by(Terms(), {}, ("sha256",)) == ""
    assert logged_by(Terms(), decided[2], ("sha256", "form")) == told[0]


def test_a_document_that_lies_in_two_places_is_reviewed_once(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(few / "00001.xlsx", few / "copy.xlsx")
    out = tmp_path / "out"
    assert review(few, out)["total"] == 7
    assert len(asked(capsys, out, "from reports")) == 6
    done = engagement(few, out, with_workpapers=False)
    assert (done.new, done.copies) == (0, (("copy.xlsx", "00001.xlsx"),))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_same_form_in_several_files_is_compared_however_many_workers_there_are(
    workers: str, one: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    budget = next(many.forms(1)).funding[0].outturn
    for name, outturn in (("b.html", budget), ("c.html", "1.00")):
        text = one.read_text(encoding="utf-8").replace(f">{budget}<", f">{outturn}<")
        one.with_name(name).write_text(f"{text}\n<!-- {name} -->", encoding="utf-8")
    one.rename(one.with_name("a.html"))
    out, command = tmp_path / "out", ["review", str(one.parent), "--workers", workers]
    sql = "select file, outcome, message from findings where rule = 'RD-02' order by all"

    def said() -> list[tuple[str, str, str]]:
        rows = asked(capsys, out, sql)
        names = ("a.html", "b.html", "c.html")
        return [
            (row["file"], row["outcome"], "".join(n[0] for n in names if n in row["message"]))
            for row in rows
        ]

    assert main([*command, "--out", str(out), "--fail-on", "warning"]) == 1
    first = [
        ("a.html", "fail", "c"),
        ("a.html", "pass", "b"),
        ("b.html", "fail", "c"),
        ("b.html", "pass", "a"),
        ("c.html", "fail", "ab"),
    ]
    assert said() == first
    papers = {path: path.read_bytes() for path in out.glob("*-*/*")}
    assert len(papers) == 3 * 5
    assert main([*command, "--out", str(out), "--fresh"]) == 0
    assert said() == first
    assert {path: path.read_bytes() for path in out.glob("*-*/*")} == papers
    folders = {str(path.parent) for path in papers}
    assert main(["verify", *folders, "--input", str(one.parent)]) == 0
    capsys.readouterr()
    one.with_name("a.html").unlink()
    assert main([*command, "--out", str(out)]) == 0
    assert said() == [("b.html", "fail", "c"), ("c.html", "fail", "b")]
    one.with_name("c.html").unlink()
    assert main([*command, "--out", str(out)]) == 0
    assert said() == [("b.html", "notApplicable", "")]
    told = [json.loads(path.read_bytes()) for path in out.glob("*-*/review.json")]
    ours = [r for whole in told for r in whole["reviews"] if r["document"]["name"] == "b.html"]
    assert [f["outcome"] for r in ours for f in r["findings"] if f["rule"] == "RD-02"] == [
        "notApplicable"
    ]


def test_a_copy_is_compared_with_all_others_in_whatever_order_files_are_given(
    one: Path, tmp_path: Path
) -> None:
    text = one.read_text(encoding="utf-8")
    paths = [one.parent / folder / "a.html" for folder in ("x", "y", "z")]
    for number, path in enumerate(paths):
        path.parent.mkdir()
        path.write_text(f"{text}\n<!-- {number} -->", encoding="utf-8")
    seen = []
    for order in (paths, paths[::-1]):
        out, run = tmp_path / order[0].parent.name, Run(tmp_path, str(one.parent), workers=HERE)
        review_files(list(map(str, order)), replace(run, out=out), Terms())
        found = query(out, "select * from findings where rule = 'RD-02' order by file")
        assert [(row["file"], row["outcome"]) for row in found] == [
            (f"{folder}/a.html", "pass") for folder in "xyz"
        ]
        seen.append((found, {path.name: path.read_bytes() for path in out.glob("*-*/*.json")}))
    assert seen[0] == seen[1]


def test_rows_of_a_form_that_several_files_have_otherwise_are_one_question_each() -> None:
    twin = {"project": "甲", "year": "2024年度", "department": "局"}
    budget = "name | adjusted_budget | outturn\ntotal | 100 | {}"
    specs = ({**twin, "name": n, "budget": budget.format(n)} for n in ("50", "60", "70"))
    own, *others = map(report, specs)
    both = replace(own, counterparts=(*others, own))
    found = [f for f in judged(both).findings if f.rule == "RD-02"]
    assert [(f.outcome, put(f.observation.expected, "en")) for f in found] == [
        (Outcome.FAIL, "60, 70"),
        (Outcome.PASS, ""),
    ]
    assert len({finding.key for finding in found}) == len(found)


def test_a_folder_of_which_no_file_can_be_reviewed_has_its_tables_too(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    for number in range(2):
        suffix, data = many.broken(number)
        (tmp_path / "forms" / f"{number}.{suffix}").write_bytes(data)
    for workers in (0, 2):
        out = tmp_path / str(workers)
        done = engagement(tmp_path / "forms", out, workers=workers)
        assert [file.reason for file in done.failed] == ["DamagedError"] * 2
        assert query(out, "select file from failures order by all") == [
            {"file": "0.xlsx"},
            {"file": "1.xlsx"},
        ]
        assert query(out, "from reports") == []


def test_where_no_file_is_an_engagement_says_so(tmp_path: Path) -> None:
    for given in (tmp_path / "nope.xlsx", tmp_path / "nope*"):
        with pytest.raises(MissingFileError, match="nope"):
            engagement(given, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_memory_that_does_not_suffice_to_open_a_file_costs_that_file_alone(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: str) -> bytes:
        if "broken" in path:
            raise MemoryError
        return bytes_of(path)

    monkeypatch.setattr("auditkit.many.batch.bytes_of", opened)
    done = engagement(few, tmp_path, workers=0, with_workpapers=False)
    assert [(failed.name, failed.reason) for failed in done.failed] == [
        ("broken.xlsx", "WorkerError")
    ]


def test_processes_part_when_a_form_was_reviewed_and_its_papers_laid() -> None:
    from auditkit.many import ready

    (one,) = ready.reviewed
    report = one.report
    assert [len(report.budget_lines), len(report.indicators), report.notes] == [1, 3, ()]
    assert {path.name for path in ready.papers} >= {"workpaper.xlsx", "workpaper.docx"}
