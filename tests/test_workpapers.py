"""Workpapers open again, say what was found, and let nothing in a form become active."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from openpyxl import load_workbook

from auditkit.report import Report
from auditkit.reviewing import review, review_reports
from auditkit.workpapers import WorkpaperError, write_workpapers
from auditkit.workpapers.html import page
from reports import report

HOSTILE = {
    "project": '=HYPERLINK("x")<script>alert(1)</script>',
    "department": "@SUM(1)\u202e",
    "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 43.2??          | 37.24   | 10     | 90%            | 9
""",
    "indicators": """
dimension | name | target | actual | points | score | explanation
产出指标  | -1+2 | ≥95%   | 80%    | 10     | 10    | <b onclick=x>&amp;
""",
}


@pytest.fixture(scope="module")
def hostile() -> Report:
    return report(HOSTILE)


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
        self.links += [str(v) for k, v in attrs if k in ("href", "src")]
        self.ids += [values["id"]] if values.get("id") else []
        assert not [k for k, _ in attrs if k.startswith("on")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag


def test_the_page_is_whole_self_contained_and_inert(hostile: Report) -> None:
    text = page(review_reports([hostile]))
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert "script" not in checker.seen
    assert all(link.startswith("#") for link in checker.links)
    assert {link[1:] for link in checker.links} <= set(checker.ids)
    assert len(checker.ids) == len(set(checker.ids))
    assert "[U+202E]" in text
    assert "http" not in re.sub(r"charset|http-equiv", "", text)


def test_every_finding_on_the_page_has_its_rule_its_basis_and_its_place(xinhong: Path) -> None:
    reviews = review(xinhong)
    text = page(reviews)
    for finding in reviews[0].findings:
        if finding.outcome.value in ("fail", "review"):
            assert finding.title() in text
            assert finding.message() in text
            assert str(finding.cells[0].place) in text
    assert "财预〔2020〕10号" in text
    assert "(seen in a source)" in text
    assert "Coverage of the rules" in text


@pytest.mark.parametrize("name", ["county-disclosure-2023", "service-trade-2020", "town-2020"])
def test_every_link_on_the_page_leads_somewhere(name: str) -> None:
    samples = Path(__file__).parent.parent / "data" / "samples"
    checker = Checker()
    checker.feed(page(review(samples / name / f"{name}.pdf")))
    assert checker.links
    assert {link[1:] for link in checker.links} <= set(checker.ids)


def test_text_in_the_workbook_stays_text(hostile: Report, tmp_path: Path) -> None:
    paths = write_workpapers(review_reports([hostile]), tmp_path)
    book = load_workbook(paths[0])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    texts = [str(cell.value) for cell in cells if cell.value is not None]
    assert any(text.startswith("=HYPERLINK") for text in texts)
    assert any("[U+202E]" in text for text in texts)
    assert any(text.startswith("(?) 43.2") for text in texts)


def test_the_workbook_holds_what_an_auditor_works_with(xinhong: Path, tmp_path: Path) -> None:
    reviews = review(xinhong)
    book = load_workbook(write_workpapers(reviews, tmp_path)[0])
    assert [name.split()[0] for name in book.sheetnames] == [
        "Summary",
        "Findings",
        "Form",
        "Recomputation",
        "Coverage",
    ]
    asked = [f for f in reviews[0].findings if f.outcome.value in ("fail", "review")]
    assert book["Findings 问题"].max_row == 1 + len(asked)
    assert book["Findings 问题"].freeze_panes == "A2"
    assert book["Recomputation 复算"].max_row == 1 + len(reviews[0].figures)
    values = [c.value for row in book["Recomputation 复算"].iter_rows(min_row=2) for c in row[5:6]]
    assert all(isinstance(value, (int, float)) for value in values)
    links = [c.hyperlink.location for row in book["Findings 问题"] for c in row if c.hyperlink]
    assert links
    for link in links:
        sheet, _, place = link.partition("!")
        assert book[sheet.strip("'#")][place].value is not None


def test_the_json_is_what_the_command_line_prints(disclosure: Path, tmp_path: Path) -> None:
    reviews = review(disclosure)
    whole = json.loads(write_workpapers(reviews, tmp_path)[2].read_text(encoding="utf-8"))
    assert whole["schema"] == "auditkit/review/1"
    assert len(whole["reviews"]) == 3


def writing(*arguments: object) -> tuple[list[list[str]], str]:
    """Run tests/writing.py, and return the words of each line that it wrote and what it said."""
    command = [sys.executable, str(Path(__file__).with_name("writing.py")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.split() for line in done.stdout.splitlines()], done.stderr


@pytest.mark.slow
def test_a_workpaper_is_old_or_new_whenever_its_writer_is_killed(
    xinhong: Path, tmp_path: Path
) -> None:
    whole = {
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        for lang in ("en", "zh")
        for path in write_workpapers(review(xinhong, lang=lang), tmp_path / lang)
    }
    (tmp_path / "killed").mkdir()
    seen, said = writing("killed", xinhong, tmp_path / "killed", 140)
    assert not said
    kept = [(name, digest) for name, digest in seen if not name.startswith(".")]
    assert len(kept) > 200
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
    size: int, said: str, xinhong: Path
) -> None:
    with TemporaryDirectory() as name:
        paths = write_workpapers(review(xinhong), name)
        before = [path.read_bytes() for path in paths]
        Path(name).chmod(0o755 if size else 0o555)
        _, error = writing("limited", xinhong, name, size)
        Path(name).chmod(0o755)
        assert said in error
        assert [path.read_bytes() for path in paths] == before
        assert sorted(p.name for p in Path(name).iterdir()) == sorted(p.name for p in paths)


def test_the_same_reviews_make_the_same_bytes_whenever_and_wherever(
    xinhong: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_workpapers(review(xinhong), tmp_path / "a")
    time.sleep(2.1)  # archives count in steps of two seconds
    second = write_workpapers(review(xinhong), tmp_path / "b" / "c")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    third = write_workpapers(review(xinhong), tmp_path / "d")
    assert f"{load_workbook(third[0]).properties.modified}".startswith("2023-11-14 22:13:20")


def test_a_failure_leaves_the_older_workpaper_as_it_was(
    xinhong: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_workpapers(review(xinhong), tmp_path)
    before = [path.read_bytes() for path in paths]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("auditkit.files.os.fsync", full)
    with pytest.raises(WorkpaperError, match="No space left"):
        write_workpapers(review(xinhong), tmp_path)
    assert [path.read_bytes() for path in paths] == before
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in paths)
