"""The workpaper as a page: boxes on their cells, decisions on top, nothing active but its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from lxml import html
from producers import chromium_program, missing
from samples import FOLDER

from auditkit.decisions.log import Log
from auditkit.grid import Box
from auditkit.reviewing import Review, Terms, review
from auditkit.schedules import findings
from auditkit.workpapers import standings, write_workpapers
from auditkit.workpapers.html import page
from auditkit.workpapers.pages import pictures
from reports import judged, report

PDFS = ("county-disclosure-2023", "elder-care-2023", "town-2020", "xinhong-2024")
HOSTILE = {
    "name": "\"><script>alert('name')</script>.pdf",
    "project": "</title><script>alert(1)</script>",
    "department": "شركة javascript:alert(2)",
    "implementer": "\u202e\u2066desrever",
    "goals": ('" onmouseover="alert(3)', "<img src=x onerror=alert(4)>$images"),
    "budget": """
name  | adjusted_budget | outturn | points | execution_rate | score
total | 43.2            | 37.24   | 10     | 95%            | 10
""",
    "indicators": """
dimension | name | target | actual | points | score | explanation
产出指标  | "'><svg onload=alert(5)> | ≥95% | 80% | 10 | 10 | <a href="javascript:alert(6)">
""",
}


def shown(
    reviews: Sequence[Review], source: bytes | None = None, log: Log | None = None
) -> html.HtmlElement:
    return html.document_fromstring(page(reviews, source, standings(reviews, log)))


def sample(name: str) -> Path:
    return FOLDER / name / f"{name}.pdf"


@pytest.mark.parametrize("name", PDFS)
def test_each_finding_has_a_box_on_each_of_its_cells_and_each_box_its_finding(name: str) -> None:
    path = sample(name)
    reviews = review(path)
    tree = shown(reviews, path.read_bytes())
    drawn = {
        tuple(round(float(rect.get(side)), 1) for side in ("x", "y", "width", "height"))
        for rect in tree.xpath("//figure//rect")
    }
    cells = {
        cell.place
        for each in reviews
        for finding in each.findings
        if finding.outcome in ("fail", "review")
        for cell in finding.cells
    }
    wanted = {
        tuple(round(v, 1) for v in (b.left, b.top, b.right - b.left, b.bottom - b.top))
        for b in cells
        if isinstance(b, Box)
    }
    assert {tuple(map(round, box)) for box in drawn} == {tuple(map(round, box)) for box in wanted}
    ids = set(tree.xpath("//@id"))
    links = tree.xpath("//figure//a/@href") + tree.xpath("//dd/a/@href")
    assert {link.removeprefix("#") for link in links} <= ids
    for box in tree.xpath("//figure//a"):
        rows = tree.xpath(f"//tr[@id='{box.get('href')[1:]}']//dd/a/@href")
        assert f"#{box.get('id')}" in rows


def test_cells_of_another_file_get_no_box_on_the_pages_of_this_one() -> None:
    figures = "name | adjusted_budget | outturn\ntotal | 100 | {}"
    spec = {"project": "测试项目", "budget": figures.format(90)}
    twin = report(spec | {"counterpart": spec | {"name": "other", "budget": figures.format(80)}})
    reviews = (judged(twin),)
    finding = next(f for f in reviews[0].findings if f.rule == "RD-02" and f.outcome == "fail")
    assert len({cell.document for cell in finding.cells}) == 2
    tree = shown(reviews, sample("xinhong-2024").read_bytes())
    (row,) = tree.xpath("//tr[.//b[contains(., 'RD-02')]]/@id")
    assert len(tree.xpath(f"//figure//a[@href='#{row}']")) == 1


def test_pages_are_shown_as_large_as_they_are_and_the_file_stays_small() -> None:
    path = sample("elder-care-2023")
    text = page(review(path), path.read_bytes())
    assert len(re.findall(r"<image ", text)) == 2
    assert len(text) < 1_500_000
    assert set(re.findall(r'viewBox="(.*?)"', text)) == {"0 0 595 842"}


def test_two_forms_on_one_page_share_its_picture(disclosure: Path) -> None:
    reviews = review(disclosure)
    text = page((*reviews, *map(replace, reviews)), disclosure.read_bytes())
    pages = {number for number in re.findall(r'<use href="#page(\d+)"', text)}
    assert len(re.findall("data:image", text)) == len(pages)


def test_a_document_without_pages_is_shown_as_read_with_marks() -> None:
    path = FOLDER / "sports-centre-2022" / "sports-centre-2022.xlsx"
    reviews = review(path)
    tree = shown(reviews, path.read_bytes())
    assert tree.xpath("//figure") == []
    marked = tree.xpath("//div[@class='sheet']//td[contains(@class, 'warning')]")
    assert [cell.text.strip() for cell in marked] == [""]
    assert {href[1:] for href in tree.xpath("//sup/a/@href")} <= set(tree.xpath("//tr/@id"))


def test_nothing_in_a_form_becomes_active() -> None:
    pdf = sample("xinhong-2024").read_bytes()
    reviews = (judged(report(HOSTILE)),)
    for text in (page(reviews), page(reviews, pdf)):
        tree = html.document_fromstring(text)
        assert len(tree.xpath("//script")) == 1
        assert {tag.tag for tag in tree.iter() if isinstance(tag.tag, str)} & {
            "img",
            "iframe",
        } == set()
        assert [name for tag in tree.iter() for name in tag.attrib if name.startswith("on")] == []
        links = tree.xpath("//@href | //@src")
        assert [
            link for link in links if not link.startswith(("#", "data:image/png;base64,"))
        ] == []
        assert "<bdi>شركة javascript:alert(2)</bdi>" in text
        assert "\u202e" not in text
        assert "[U+202E]" in text
        assert "alert(4)&gt;$images" in text
        assert tree.xpath("//title")[0].text == HOSTILE["name"]


def test_the_same_review_gives_the_same_bytes(tmp_path: Path) -> None:
    path = sample("xinhong-2024")
    texts = [page(review(path), path.read_bytes()) for _ in range(2)]
    assert texts[0] == texts[1]


def test_decisions_stand_beside_their_findings_and_old_ones_on_top(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite")
    before = (judged(report(HOSTILE)),)
    asked = [f for f in before[0].findings if f.outcome == "fail"]
    log.record(asked[0], "confirmed", "seen <b>on</b> site", "Auditor A")
    log.record(asked[1], "explained", "the unit has answered", "Auditor B")
    tree = shown(before, None, log)
    rows = {row.get("id"): row.text_content() for row in tree.xpath("//table//tr[@id]")}
    found = {finding.key: f"q1-{at}" for at, (finding, _) in enumerate(findings(before[0]))}
    assert "confirmed: Auditor A" in rows[found[asked[0].key]]
    assert "seen <b>on</b> site" in rows[found[asked[0].key]]
    assert "the unit has answered" in rows[found[asked[1].key]]
    left = replace(before[0], findings=[f for f in before[0].findings if f.key != asked[0].key])
    text = page([left], None, standings([left], log))
    on_top = text[: text.index("<h2")]
    assert "Decisions to be made again" in on_top
    assert "seen &lt;b&gt;on&lt;/b&gt; site" in on_top
    assert "the unit has answered" not in on_top
    assert "the unit has answered" in text


def test_a_chinese_page_has_no_english_heads() -> None:
    path = sample("county-disclosure-2023")
    reviews = review(path, Terms(lang="zh"))
    tree = shown(reviews, path.read_bytes())
    heads = [*tree.xpath("//h3"), *tree.xpath("//th"), *tree.xpath("//dt"), *tree.xpath("//label")]
    heads += tree.xpath("//figcaption")
    english = [h.text_content() for h in heads if re.search("[A-Za-z]{2}", h.text_content())]
    assert english == []
    assert tree.get("lang") == "zh-CN"


def test_workpapers_hold_the_pictures_where_the_source_is_given(
    xinhong: Path, tmp_path: Path
) -> None:
    paths = write_workpapers(review(xinhong), tmp_path, source=xinhong.read_bytes())
    assert "data:image/png" in paths[1].read_text("utf-8")


def test_a_scan_is_kept_with_loss_and_small(xinhong: Path, tmp_path: Path) -> None:
    import numpy as np
    import pypdfium2
    from PIL import Image

    with pypdfium2.PdfDocument(xinhong) as pdf:
        clean = np.asarray(pdf[0].render(scale=3, grayscale=True).to_pil(), dtype=float)
    noise = np.random.default_rng(1).normal(0, 12, clean.shape)
    scan = Image.fromarray(np.clip(clean * 0.9 + noise, 0, 255).astype("uint8"))
    scan.save(tmp_path / "scan.pdf", resolution=216)
    picture = pictures((tmp_path / "scan.pdf").read_bytes(), [1], None)[1]
    assert len(picture.address) < 700_000
    assert round(picture.width) == 595


def test_a_form_that_came_as_a_picture_is_shown_as_one(xinhong: Path, tmp_path: Path) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(xinhong) as pdf:
        pdf[0].render(scale=2).to_pil().save(tmp_path / "form.png", dpi=(144, 144))
    tree = shown((judged(report(HOSTILE)),), (tmp_path / "form.png").read_bytes())
    assert len(tree.xpath("//image")) == 1
    assert tree.xpath("//figure//a")


@pytest.mark.slow
@pytest.mark.skipif(missing("chromium") != "", reason=missing("chromium") or "Chromium is there")
def test_a_browser_runs_the_script_of_the_page_and_no_other(tmp_path: Path) -> None:
    path = sample("xinhong-2024")
    text = page(review(path), path.read_bytes())
    foreign = text.replace("</body>", "<script>document.title = 'foreign'</script></body>")
    (tmp_path / "page.html").write_text(foreign, encoding="utf-8")
    done = subprocess.run(
        [
            str(chromium_program()),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/profile",
            "--dump-dom",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
        text=True,
    )
    tree = html.document_fromstring(done.stdout)
    assert tree.xpath("//div[@id='tip']")
    assert "plain" not in tree.xpath("//body/@class")
    assert unescape(tree.xpath("//title")[0].text) == path.name
