"""The command line: what scripts may rely on, and what goes wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path
from urllib.parse import unquote

import fuzz_seeds
import pytest
from bad_files import BAD

from auditkit.cli import main
from auditkit.cli.arguments import TYPES

ROOT = Path(__file__).parent.parent


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def call(
    *arguments: str | Path, stdin: bytes = b"", **extra: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **extra}
    command = [sys.executable, "-m", "auditkit", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)


def test_read_prints_one_object_and_nothing_else(
    capsys: pytest.CaptureFixture[str], xinhong: Path
) -> None:
    code, out, err = run(capsys, "read", xinhong, "--format", "json")
    whole = json.loads(out)
    assert (code, err) == (0, "")
    assert list(whole) == ["schema", "reports", "failures"]
    assert whole["schema"] == "auditkit/read/1"
    (form,) = whole["reports"]
    total = form["budget_lines"][0]
    assert total["adjusted_budget"]["text"] == "31905962.95"
    assert total["execution_rate"]["value"] == "0.9374"
    assert total["execution_rate"]["unit"] is None
    assert total["score"]["at"][0]["page"] == 1
    assert len(form["indicators"]) == 19
    assert form["year"]["value"] == "2024"
    assert list(form)[:2] == ["document", "certainty"]
    assert form["certainty"]["said"].startswith("all ")


def test_read_shows_one_form_as_it_is_and_several_a_line_each(
    capsys: pytest.CaptureFixture[str], xinhong: Path
) -> None:
    code, out, _ = run(capsys, "read", xinhong)
    assert (code, "三级指标" in out, "年度资金总额" in out) == (0, True, True)
    assert out.startswith("page 1: all 77 figures read surely\n")
    code, out, _ = run(capsys, "read", xinhong, ROOT / "data/samples/town-2020/town-2020.pdf")
    assert (code, len(out.splitlines())) == (0, 3)


def test_review_writes_workpapers_and_prints_findings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, disclosure: Path
) -> None:
    out_folder = tmp_path / "底稿"
    code, out, err = run(capsys, "review", disclosure, "--out", out_folder, "--format", "json")
    whole = json.loads(out)
    assert code == 0
    assert str(out_folder) in err
    assert len(whole["reviews"]) == 3
    for path in whole["reviews"][0]["workpapers"]:
        assert Path(path).stat().st_size > 1000
    failed = [f for f in whole["reviews"][2]["findings"] if f["outcome"] == "fail"]
    wrong = next(f for f in failed if f["rule"] == "TT-01")
    assert (wrong["reported"], wrong["expected"]) == ("99.5", "98.5")
    assert wrong["evidence"][0]["page"] == 8
    assert wrong["basis"]


def test_review_of_one_file_tells_what_was_found_the_worst_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sample = ROOT / "data/samples/boiler-2019/boiler-2019.pdf"
    log = ("--log", tmp_path.with_suffix(".sqlite"))
    code, out, _ = run(capsys, "review", sample, "--out", tmp_path, *log)
    form, sure, first, where, *others = out.splitlines()
    numbers = [line.split()[0] for line in (first, *others) if re.match(r"[EWNR]\d", line)]
    assert code == 0
    assert form == "boiler-2019.pdf, page 1: 校舍供暖锅炉改造经费"
    assert sure == "   all 47 figures read surely"
    assert first.startswith("E1 EX-02 ")
    assert where.startswith("   budget/total, page 1, row 4, column 9: 9 claimed")
    assert "".join(number[0] for number in numbers) == "EWWRNNNNNN"
    assert "1 error, 2 warnings, 1 question to be looked at first, 6 notes; 0 of 10 decided" in out
    (papers,) = tmp_path.iterdir()
    assert f"in {papers}:" in others
    named = [line.split()[0] for line in others[others.index(f"in {papers}:") + 1 :]]
    assert named == ["workpaper.html", "workpaper.xlsx", "workpaper.docx", "annotated.pdf"]
    assert all((papers / name).is_file() for name in named)


@pytest.mark.slow
def test_review_of_a_folder_ranks_forms_and_names_the_page_to_begin_with(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = ("crop-subsidies-2023.html", "boiler-2019.pdf")
    files = [ROOT / "data/samples" / name.partition(".")[0] / name for name in names]
    code, out, _ = run(
        capsys, "review", *files, "--out", tmp_path / "o", "--workers", "1", "--log", tmp_path / "l"
    )
    ranked = [line.split()[0].rpartition("/")[2] for line in out.splitlines()[1:3]]
    assert code == 0
    assert ranked == ["boiler-2019.pdf", "crop-subsidies-2023.html"]
    assert (
        "2 forms in 2 files: 1 error, 2 warnings, 1 question to be looked at first, 7 notes" in out
    )
    assert "0 of 11 decided" in out
    page = (tmp_path / "o" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', page)
    assert {"recheck.xlsx", "recheck.docx", "letters.docx"} < set(links)
    assert all((tmp_path / "o" / unquote(link)).is_file() for link in links)
    assert page.index("校舍供暖锅炉改造经费") < page.index("河西村特色种养补贴到户项目")


def test_colours_are_for_a_terminal_that_wants_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sample = ROOT / "data/samples/xinhong-2024/xinhong-2024.pdf"
    given = ("review", sample, "--out", tmp_path, "--no-workpapers")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in run(capsys, *given)[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\x1b[36mN1\x1b[0m EX-07" in run(capsys, *given)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(capsys, *given)[1]


def test_a_new_workspace_shows_a_sample_in_the_browser_or_names_its_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: asked.append(address) or True)
    monkeypatch.setenv("DISPLAY", ":0")
    code, out, err = run(capsys, "init", tmp_path / "new", "--demo")
    assert code == 0
    assert "E1 EX-02 " in out
    assert "your own documents go into its folder documents" in err
    (address,) = asked
    assert Path(unquote(address.removeprefix("file://"))).name == "workpaper.html"
    assert (tmp_path / "new" / "documents").is_dir()
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "form.csv").write_bytes(fuzz_seeds.csv())
    code, _, err = run(capsys, "review", tmp_path / "form.csv", "--out", tmp_path / "o", "--open")
    assert (code, bool(re.search(r"the page is .*workpaper\.html", err))) == (0, True)
    assert len(asked) == 1


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_costs_one_clear_message_and_nothing_else(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    make, said = BAD[name]
    bad = tmp_path / name
    bad.write_bytes(make())
    code, out, err = run(capsys, "read", bad, xinhong, "--format", "json")
    whole = json.loads(out)
    assert code == 3
    assert len(whole["reports"]) == 1
    (failure,) = whole["failures"]
    assert failure["name"] == str(bad)
    assert said in failure["error"]
    assert failure["advice"]
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert name in err


def test_what_is_not_there_is_said_for_each(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "void").mkdir()
    code, out, err = run(
        capsys,
        "read",
        tmp_path / "no.pdf",
        tmp_path / "void",
        tmp_path / "*.pdf",
        "--format",
        "json",
    )
    assert code == 3
    assert len(json.loads(out)["failures"]) == 3
    assert len(err.strip().splitlines()) == 3


def test_folders_are_walked_patterns_expanded_and_files_read_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    deep = tmp_path / "二〇二四年" / "街道 [甲]"
    deep.mkdir(parents=True)
    shutil.copy(xinhong, deep / "自评表 (1).pdf")
    (deep / "notes.md").write_text("not a form")
    (deep / ".hidden.pdf").write_bytes(b"x")
    (tmp_path / "link.pdf").symlink_to(xinhong)
    pattern = str(tmp_path / "**" / "*.pdf")
    code, out, _ = run(
        capsys, "read", tmp_path, deep / "自评表 (1).pdf", deep, pattern, "--format", "json"
    )
    whole = json.loads(out)
    names = [report["document"]["name"] for report in whole["reports"]]
    assert code == 0, whole["failures"]
    assert names == ["自评表 (1).pdf", "link.pdf"]


def test_standard_input_is_a_file(xinhong: Path) -> None:
    done = call("read", "-", "--format", "json", stdin=xinhong.read_bytes())
    assert done.returncode == 0
    assert json.loads(done.stdout)["reports"][0]["year"]["value"] == "2024"


def test_output_is_utf8_in_any_locale(xinhong: Path) -> None:
    done = call("read", xinhong, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert "居民小区" in done.stdout.decode("utf-8")


def test_same_names_in_two_folders_have_two_workpapers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        data = fuzz_seeds.csv() + name.encode()
        (tmp_path / name / "form.csv").write_bytes(data)
    whole = (tmp_path / "a", tmp_path / "b", "--out", tmp_path / "o", "--format", "json")
    code, out, _ = run(capsys, "review", *whole)
    folders = {Path(r["workpapers"][0]).parent.name for r in json.loads(out)["reviews"]}
    assert code == 0
    assert len(folders) == 2
    assert len({name.rpartition("-")[0] for name in folders}) == 1


@pytest.mark.parametrize(
    ("sample", "level", "code"),
    [
        ("boiler-2019", "error", 1),
        ("wetland-2023", "error", 0),
        ("wetland-2023", "warning", 0),
        ("sports-centre-2022", "warning", 1),
    ],
)
def test_fail_on_gives_its_own_exit_code(
    sample: str, level: str, code: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = ROOT / "data" / "samples" / sample
    done, _, _ = run(capsys, "review", path, "--out", tmp_path, "--fail-on", level)
    assert done == code


@pytest.mark.parametrize(
    ("gone", "now"),
    [
        ("lab", "auditkit init FOLDER --open"),
        ("standards", "auditkit rules --standards"),
        ("reconcile", "auditkit compare PATH --with FILE"),
    ],
)
def test_a_command_that_is_no_more_names_the_one_to_use(
    gone: str, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main([gone, "x"])
    assert stop.value.code == 2
    assert now in capsys.readouterr().err


def test_there_are_ten_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    of_forms = ["compare", "read", "review", "rules", "verify"]
    others = ["init", "log", "notebook", "query", "sample"]
    assert sorted(re.findall(r"^    (\w+)  ", told, re.M)) == sorted([*of_forms, *others])


def test_wrong_usage_is_two(capsys: pytest.CaptureFixture[str], xinhong: Path) -> None:
    for arguments in (
        ["read"],
        ["review", xinhong],
        ["review", xinhong, "--out", "o", "--jurisdiction", "鄂"],
        ["review", xinhong, "-", "--out", "o"],
        ["compare", xinhong],
        ["compare", xinhong, "--with", xinhong],
        ["compare", xinhong, "--column", "outturn=金额"],
        ["compare", xinhong, "--with", xinhong, "--column", "outturn=金额", "--unit", "斤"],
        ["rules", "--standards", "EX-02"],
    ):
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        assert stop.value.code == 2
    assert "See auditkit rules --help" in capsys.readouterr().err


def test_a_jurisdiction_given_counts_instead_of_the_guess(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    _, out, _ = run(
        capsys, "review", xinhong, "--out", tmp_path, "--jurisdiction", "420000", "--format", "json"
    )
    standards = json.loads(out)["reviews"][0]["standards"]
    assert (standards["jurisdiction"], standards["guessed"]) == ("420000", False)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("420000", "420000"),
        ("湖北", "420000"),
        ("湖北省", "420000"),
        ("石家庄", "130100"),
        ("石家庄市", "130100"),
        ("北京市", "110000"),
        ("吉林", "220000"),
        ("内蒙古自治区", "150000"),
    ],
)
def test_a_place_is_given_by_its_code_or_by_its_name(given: str, code: str) -> None:
    assert TYPES["code"](given) == code


@pytest.mark.parametrize("code", ["999999", "990000"])
def test_a_code_of_no_province_is_refused_with_what_to_do(
    code: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    for given in (["review", xinhong, "--out", tmp_path / "out"], ["rules", "--standards"]):
        done, _, err = run(capsys, *given, "--jurisdiction", code)
        assert (done, f"no province has a code that begins with {code[:2]}" in err) == (2, True)
        assert "Name a code of GB/T 2260, such as 420000 for 湖北" in err


@pytest.mark.parametrize(
    ("code", "name"), [("421181", "湖北 黄冈市"), ("429999", "湖北"), ("000000", "全国")]
)
def test_a_county_that_no_table_names_is_one_of_its_province(
    code: str, name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    given = ("review", xinhong, "--out", tmp_path, "--jurisdiction", code, "--format", "json")
    done, out, _ = run(capsys, *given)
    standards = json.loads(out)["reviews"][0]["standards"]
    assert (done, standards["jurisdiction"], standards["name"]) == (0, code, name)


def test_a_rule_to_be_ignored_that_there_is_not_is_refused_with_those_that_are_close(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    given = ("review", xinhong, "--out", tmp_path / "out", "--ignore")
    code, _, err = run(capsys, *given, "EX-01,EX-91")
    assert (code, "EX-91: no rule has this id. Is it EX-" in err) == (2, True)
    assert "List them: auditkit rules" in run(capsys, *given, "NOPE")[2]
    assert not (tmp_path / "out").exists()
    code, out, _ = run(capsys, *given, "cr-01, ex-01", "--format", "json")
    ignored = {f["rule"] for f in json.loads(out)["reviews"][0]["findings"] if f["suppressed"]}
    assert (code, ignored) == (0, {"EX-01"})
    file = tmp_path / "no.toml"
    file.write_text('[[suppress]]\nrule = "EX-91"\nreason = "so"\n', encoding="utf-8")
    code, _, err = run(capsys, *given[:-1], "--suppress", file)
    assert (code, "no.toml: no rule has the id EX-91; nothing is suppressed" in err) == (0, True)


@pytest.mark.parametrize("given", [["--seconds", "-1"], ["--seconds", "0"], ["--memory", "0"]])
def test_what_a_file_may_take_is_checked_for_one_file_as_well(
    given: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["review", str(xinhong), "--out", str(tmp_path), *given])
    assert stop.value.code == 2
    assert "is expected, not" in capsys.readouterr().err


def test_options_of_a_run_take_effect_on_one_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    projects = tmp_path / "list.csv"
    projects.write_text("项目名称\n没有自评表的项目\n", encoding="utf-8")
    given = ("review", xinhong, "--out", tmp_path / "out", "--format", "json")
    code, out, _ = run(capsys, *given, "--projects", projects)
    assert (code, "没有自评表的项目" in out) == (0, True)
    code, out, err = run(capsys, *given, "--seconds", "0.01", "--fresh")
    assert (code, "more than 0.01" in err or "0.01 s" in err) == (3, True), err
    with pytest.raises(SystemExit):
        main(["review", "-", "--out", str(tmp_path), "--fresh"])
    assert "--seconds, --memory" in capsys.readouterr().err


def test_a_file_of_terms_that_is_not_there_says_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    for option in ("--suppress", "--parameters", "--rules", "--template"):
        given = ("review", xinhong, "--out", tmp_path / "out", option, tmp_path / "no.toml")
        code, _, err = run(capsys, *given)
        assert (code, "no.toml" in err, "cannot be opened: there is no such file" in err) == (
            3,
            True,
            True,
        )
        assert re.search(r"\. Check the name", err), err


def test_an_own_rule_that_fails_is_told_from_auditkit_itself(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    file = tmp_path / "own.py"
    file.write_text(
        "from auditkit.rules import Severity, rule\n\n"
        '@rule("MY-01", Severity.NOTE, title="own")\n'
        "def mine(worked, law):\n"
        '    """Own."""\n'
        "    return 1 / 0\n",
        encoding="utf-8",
    )
    code, _, err = run(capsys, "review", xinhong, "--out", tmp_path / "out", "--rules", file)
    assert (code, "own.py, line 6: your own rule MY-01 failed: Zero" in err) == (3, True), err
    assert "report it" not in err


def test_nothing_is_cut_where_no_terminal_shows_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(capsys, "rules", "EX-02")[1]
    assert "…" not in whole
    assert "left open" in whole or len(max(whole.splitlines(), key=len)) > 420
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "…" in run(capsys, "rules", "EX-02")[1]


def test_a_place_that_cannot_be_written_costs_a_clear_message(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, xinhong: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    code, _, err = run(capsys, "review", xinhong, "--out", tmp_path / "file")
    assert code == 3
    assert "cannot be written" in err
    assert "Traceback" not in err


def test_a_mistake_of_ours_costs_one_file_and_shows_its_trace_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, xinhong: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("auditkit.reviewing.recognise", broken)
    code, _, err = run(capsys, "read", xinhong)
    assert code == 3
    assert "--debug" in err
    assert "Traceback" not in err
    assert "Traceback" in run(capsys, "read", xinhong, "--debug")[2]


def test_the_version_is_printed_without_loading_readers() -> None:
    script = (
        "import sys, auditkit.cli\n"
        "try: auditkit.cli.main(['--version'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'camelot', 'matplotlib', 'pypdfium2', 'numpy', 'openpyxl'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("auditkit ")


def test_a_reader_that_went_away_is_no_error(xinhong: Path) -> None:
    command = f"{sys.executable} -m auditkit read {xinhong} --format json | head -c 10"
    done = subprocess.run(
        command,
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == ""


@pytest.mark.parametrize("is_closed", [False, True], ids=["nobody reads it", "there is none"])
def test_messages_that_nobody_hears_stop_no_work(
    is_closed: bool, tmp_path: Path, xinhong: Path
) -> None:
    read, write = os.pipe()
    os.close(read)
    given = ("review", xinhong, tmp_path / "no.pdf", "--no-workpapers")
    given = (*given, "--out", tmp_path / "out", "--format", "json")
    done = subprocess.run(
        ["sh", "-c", '"$0" "$@"' + " 2>&-" * is_closed, sys.executable, "-m", "auditkit", *given],
        stdout=subprocess.PIPE,
        stderr=write,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(write)
    whole = json.loads(done.stdout)
    assert (done.returncode, len(whole["reviews"]), len(whole["failures"])) == (3, 1, 1)
