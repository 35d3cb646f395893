"""Many documents: limits, what is kept, and tables."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import many
import producers
import pytest
from docx import Document
from fastparquet import ParquetFile
from typesetting import lay_out, layout_named

from auditkit.cli import main
from auditkit.decisions.log import Log, about_entry
from auditkit.many.batch import Job, key, review_folder
from auditkit.reviewing import read
from auditkit.rules import RULES

ROOT = Path(__file__).parent.parent
FEW = ("--workers", "2", "--no-workpapers")
HARD = (*FEW, "--seconds", "6", "--memory", "400")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen forms and one broken file."""
    folder = tmp_path_factory.mktemp("many")
    many.written(folder, 24, bad=False)
    (folder / "broken.xlsx").write_bytes(many.broken(1)[1])
    return folder


def start(folder: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "auditkit", "review", folder, "--out", out, *FEW, *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
    return subprocess.Popen(
        list(map(str, command)),
        stdout=-1,
        stderr=-1,
        env=environment,
        start_new_session=True,
        preexec_fn=_hears_interrupts,  # noqa: PLW1509 - no threads are running
    )


def _hears_interrupts() -> None:
    """What a shell starts in the background ignores them, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def review(folder: Path, out: Path, *options: str) -> dict[str, object]:
    process = start(folder, out, "--format", "json", *options)
    said, complaints = process.communicate()
    assert process.returncode in (0, 3), complaints.decode()
    (counts,) = json.loads(said)["batches"]
    return dict(counts)


def tables(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "tables").glob("*.parquet")}


@pytest.fixture(scope="module")
def unbroken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken")
    review(folder, out)
    return out


def asked(capsys: pytest.CaptureFixture[str], out: Path, sql: str) -> list[dict[str, str]]:
    assert main(["query", str(out), sql, "--format", "json"]) == 0
    return list(json.loads(capsys.readouterr().out)["rows"])


def test_tables_hold_what_the_files_hold(
    capsys: pytest.CaptureFixture[str], folder: Path, unbroken: Path
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


def test_a_second_run_reads_only_what_is_new_or_changed(folder: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    shutil.copytree(folder, own)
    assert review(own, out)["new"] == 25
    before = {path: path.stat().st_mtime_ns for path in (out / "tables").iterdir()}
    assert review(own, out)["new"] == 0
    assert before == {path: path.stat().st_mtime_ns for path in (out / "tables").iterdir()}
    shutil.copy(own / "00003.xlsx", own / "00001.xlsx")
    (own / "00002.html").unlink()
    assert review(own, out)["new"] == 1
    assert review(own, out, "--jurisdiction", "420000")["new"] == 24
    assert review(own, out, "--fresh")["new"] == 24


def test_a_damaged_result_is_noticed_and_made_again(folder: Path, tmp_path: Path) -> None:
    review(folder, tmp_path)
    whole = tables(tmp_path)
    entries = sorted(path for path in (tmp_path / ".cache").rglob("*") if path.is_file())
    for number, entry in enumerate(entries[:3]):
        data = bytearray(entry.read_bytes())
        data[-20] ^= 1
        entry.write_bytes((bytes(data), data[:40], b"")[number])
    assert review(folder, tmp_path)["new"] == 3
    assert tables(tmp_path) == whole


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_names_in_another_encoding_are_shown_as_bytes(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    own.mkdir()
    shutil.copy(folder / "00001.xlsx", os.fsencode(own) + "/自评表.xlsx".encode("gb18030"))
    shutil.copy(folder / "broken.xlsx", os.fsencode(own) + "/坏.xlsx".encode("gb18030"))
    assert review(own, out)["failed"] == 1
    (row,) = asked(capsys, out, "select file from reports")
    assert row["file"] == "\\xd7\\xd4\\xc6\\xc0\\xb1\\xed.xlsx"


def test_projects_that_should_be_there_are_named(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    names = [form.project for form in many.forms(2)]
    lines = "\n".join(["序号,项目名称,部门", *(f"{n},{name},甲" for n, name in enumerate(names))])
    (tmp_path / "list.csv").write_text(f"{lines}\n9,没有自评的项目,乙\n", encoding="utf-8")
    review(folder, tmp_path, "--projects", str(tmp_path / "list.csv"))
    (row,) = asked(capsys, tmp_path, "select * from across where rule = 'CR-05'")
    assert (row["outcome"], row["reported"], row["expected"]) == ("fail", "2", "3")
    assert "没有自评的项目" in row["message"]


def test_terms_that_cannot_be_used_stop_the_run_at_once(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[[no_such_value]]\nvalue = 1\n")
    run = start(folder, tmp_path, "--parameters", str(tmp_path / "own.toml"))
    _, said = run.communicate()
    assert run.returncode == 3
    assert b"own.toml" in said
    assert not (tmp_path / "tables").exists()


def test_workpapers_are_written_and_written_again_where_they_lack(
    folder: Path, tmp_path: Path
) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    own.mkdir()
    shutil.copy(folder / "00001.xlsx", own)
    command = ["review", str(own), "--out", str(out), "--workers", "1"]
    assert main(command) == 0
    paper = out / "00001.xlsx" / "review.json"
    paper.unlink()
    assert main(command) == 0
    assert paper.is_file()


def test_what_is_not_the_fault_of_a_file_is_tried_again(folder: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    own.mkdir()
    out.mkdir()
    shutil.copy(folder / "00001.xlsx", own)
    (out / "00001.xlsx").write_text("a file where the folder of the workpapers should be")
    command = ["review", str(own), "--out", str(out), "--workers", "1"]
    assert main(command) == 3
    (out / "00001.xlsx").unlink()
    assert main(command) == 0


def test_two_runs_at_once_do_not_disturb_each_other(
    folder: Path, unbroken: Path, tmp_path: Path
) -> None:
    runs = [start(folder, tmp_path), start(folder, tmp_path)]
    for run in runs:
        run.communicate()
    assert [run.returncode for run in runs] == [3, 3]
    assert tables(tmp_path) == tables(unbroken)


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_tables(
    folder: Path, unbroken: Path, tmp_path: Path
) -> None:
    moments, kills = random.Random(7), 0
    while kills < 10:
        run = start(folder, tmp_path)
        time.sleep(moments.uniform(0.3, 3))
        was_done = run.poll() is not None
        run.kill()
        run.communicate()
        kills += 1
        if was_done:  # begin again, so that every kill meets a run
            shutil.rmtree(tmp_path / ".cache")
    review(folder, tmp_path)
    assert tables(tmp_path) == tables(unbroken)


def test_a_stopped_run_says_how_to_go_on(folder: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    shutil.copytree(folder, own)
    (own / "0-slow.pdf").write_bytes(many.slow(1)[1])  # so that no machine is done before
    run = start(own, out)
    deadline = time.monotonic() + 60
    while not list(out.glob(".cache/*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate()
    assert run.returncode == 130
    assert b"give the same command again to go on" in said
    assert b"Traceback" not in said


def test_what_kills_its_process_costs_one_document(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    own, out = tmp_path / "forms", tmp_path / "out"
    shutil.copytree(folder, own)
    (own / "0-large.xlsx").write_bytes(many.large(1)[1])
    (own / "0-slow.pdf").write_bytes(many.slow(1)[1])
    assert main(["review", str(own), "--out", str(out), *HARD]) == 3
    capsys.readouterr()
    rows = asked(capsys, out, "select file, error from failures order by file")
    assert [row["error"] for row in rows[:2]] == [
        "ran short of 400 MiB of memory",
        "took more than 6 seconds",
    ]
    assert len(rows) == 3
    began = time.monotonic()
    assert main(["review", str(own), "--out", str(out), *HARD]) == 3
    assert time.monotonic() - began < 6  # it is known what they do
    assert "27 of 27 files" in capsys.readouterr().err


def test_files_come_by_address_too(
    capsys: pytest.CaptureFixture[str], folder: Path, unbroken: Path, tmp_path: Path
) -> None:
    review(f"file://{folder}", tmp_path)  # type: ignore[arg-type]
    sql = "select project, total_score from reports order by project"
    assert asked(capsys, tmp_path, sql) == asked(capsys, unbroken, sql)


def test_a_scheduler_that_does_not_answer_is_named(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    run = start(folder, tmp_path, "--scheduler", "tcp://127.0.0.1:1")
    _, said = run.communicate()
    assert run.returncode == 3
    assert b"no cluster answers" in said


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on this machine, as processes of their own."""
    pytest.importorskip("distributed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
    told = tmp_path / "scheduler.json"

    def begin(kind: str, *options: str) -> subprocess.Popen[bytes]:
        module = (sys.executable, "-m", f"distributed.cli.dask_{kind}")
        command = (*module, "--scheduler-file", str(told), "--no-dashboard", *options)
        return subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=-3, stderr=-3, start_new_session=True
        )

    processes = [begin("scheduler", "--host", "127.0.0.1", "--port", "0")]
    deadline = time.monotonic() + 60
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
    processes += [begin("worker", *options) for _ in range(2)]
    yield json.loads(told.read_text())["address"], processes[1:]
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_tables(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = cluster
    files, out, local = tmp_path / "forms", tmp_path / "out", tmp_path / "local"
    many.written(files, 80, bad=False)
    (files / "broken.xlsx").write_bytes(many.broken(1)[1])
    run = start(files, out, "--scheduler", address)
    deadline = time.monotonic() + 120
    while len(list(out.glob(".cache/*/*"))) < 20 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers[0].kill()
    assert len(list(out.glob(".cache/*/*"))) < 81
    _, said = run.communicate()
    assert run.returncode == 3, said.decode()
    review(files, local)
    assert tables(out) == tables(local)


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A folder with one page of a form that names a person."""
    page = producers.page(
        producers.section(lay_out(next(many.forms(1)), layout_named("national")))
    ).replace("</table>", "<tr><td>联系人</td><td>魏无咎</td></tr></table>", 1)
    path = tmp_path / "forms" / "魏无咎.html"
    path.parent.mkdir()
    path.write_text(page, encoding="utf-8")
    return path


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
    shutil.copy(one, one.with_name("欧阳惜.html"))
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
        return int(json.loads(capsys.readouterr().out)["batches"][0]["new"])

    (form,) = read(one)
    assert new() == 2
    log.record(about_entry(form, "budget/total/outturn"), "corrected", "", "王审计", value="1.25")
    assert new() == 1
    (row,) = asked(capsys, out, "select outturn, cells from reports")
    assert float(row["outturn"]) == 1.25
    assert json.loads(row["cells"])["outturn"]["how"] == "corrected"
    assert new() == 0
    assert other.exists()


def test_a_batch_writes_the_workpapers_that_a_single_review_writes(
    one: Path, tmp_path: Path
) -> None:
    template = tmp_path / "own.docx"
    book = Document()
    book.add_paragraph("自有底稿 {{project}}")
    book.save(str(template))
    single, batch = tmp_path / "single", tmp_path / "batch"
    command = ["review", str(one.parent), "--template", str(template), "--out"]
    assert main([*command, str(single)]) == 0
    assert main([*command, str(batch), "--workers", "1"]) == 0
    first = {path.name: path.read_bytes() for path in (single / one.stem).iterdir()}
    assert {path.name: path.read_bytes() for path in (batch / one.name).iterdir()} == first
    assert "自有底稿" in "".join(
        p.text for p in Document(batch / one.name / "workpaper.docx").paragraphs
    )


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
    amounts = [10_000 * float(form.funding[0].adjusted_budget) for form in many.forms(24)]
    units = [form.currency_unit for form in many.forms(24)]
    known = [a for a, unit in zip(amounts, units, strict=True) if "万元" in unit or not unit]
    assert float(drawn[0]["amount"]) >= sum(known)
    assert all(why.startswith("risk ") for why in drawn[2]["why"])
    assert main(["sample", str(unbroken), "--seed", "s", "--rate", "0.05"]) == 0
    assert "of 24 forms: 3.00 / 0.05 = 60.0" in capsys.readouterr().err
    assert main(["sample", str(unbroken), "--seed", "s", "--confidence", "77"]) == 3
    assert "confidence is one of" in capsys.readouterr().err


def test_a_folder_is_reviewed_here_and_now_with_rules_of_a_notebook(folder: Path) -> None:
    (rule,) = [rule for rule in RULES if rule.id == "TT-01"]
    reviews, failures = review_folder(folder, rules=(rule,))
    assert len(reviews) == 24
    assert {finding.rule for review in reviews for finding in review.findings} == {"TT-01"}
    assert [Path(path).name for path in failures] == ["broken.xlsx"]


def test_a_kept_result_hangs_on_every_term(tmp_path: Path) -> None:
    for name in ("own.toml", "other.toml"):
        (tmp_path / name).write_text(name)
    terms = {"jurisdiction": "420000", "lang": "zh", "redact": True, "suppressions": ("EX-07",)}
    jobs = [Job(tmp_path), *(Job(tmp_path, terms={name: value}) for name, value in terms.items())]
    jobs += [
        Job(tmp_path, terms={"parameters": tmp_path / name}) for name in ("own.toml", "other.toml")
    ]
    files = ("rules", "template")
    jobs += [Job(tmp_path, **{name: tmp_path / "own.toml"}) for name in files]
    jobs += [Job(tmp_path, with_workpapers=False), Job(tmp_path, decided={"": "digest"})]
    jobs += [
        Job(tmp_path, decided={"sha256": "digest"}),
        Job(tmp_path, decided={"sha256": "later"}),
    ]
    assert len({key(job, "a.pdf", "sha256") for job in jobs}) == len(jobs)
    assert key(jobs[-1], "a.pdf", "other") == key(jobs[0], "a.pdf", "other")
