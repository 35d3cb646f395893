"""JupyterLab in a real browser: an auditor works at the desk, and all that is left shows it.

Skipped where Playwright or Chromium is not installed; ``SCREENSHOTS`` names a folder to look at.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pypdfium2
import pytest
from documents import doubted
from pypdf import PdfWriter
from samples import FOLDER

from auditkit.decisions.log import Log
from auditkit.notebook import workspace
from auditkit.notebook.workspace import BROWSERS, init, write_page

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
NOTEBOOK = "notebooks/03_annotate_deviations.ipynb"
READING = "notebooks/01_load_report.ipynb"
PARTS = ("xinhong-2024", "service-trade-2020", "elder-care-2023")  # the first has two findings
SCREENSHOTS = os.environ.get("SCREENSHOTS")
WORST = ("error", "warning", "note", "review")
LIVE = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """JupyterLab on a new workspace: its address, and the folder."""
    folder = tmp_path / "work"
    init(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--IdentityProvider.token="]
    options += ["--ServerApp.port_retries=0", "--ServerApp.disable_check_xsrf=True"]
    command, settings = workspace.lab(folder)
    settings |= {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    settings |= {"AUDITKIT_LOG": ""}  # decisions go where they do for an auditor
    server = subprocess.Popen(
        [*command, *options],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address, folder
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def asked() -> list[str]:
    """The hosts that were asked for anything."""
    return []


@pytest.fixture
def page(asked: list[str]) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1400})
        page.context.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
        page.set_default_timeout(60_000)  # a busy machine is no fault
        yield page
        browser.close()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file of three forms, which lies in no workspace."""
    path, whole = tmp_path / "own.pdf", PdfWriter()
    for name in PARTS:
        whole.append(FOLDER / name / f"{name}.pdf")
    whole.write(path)
    return path


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urlopen(f"{address}/api", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(address)


def _run(page: Any, widget: str = ".auditkit-desk") -> Any:
    """Run all cells of the sample; JupyterLab drops what it is told while the kernel starts."""
    desk, select = page.locator(widget), page.get_by_role("button", name="Select")
    page.get_by_text("| Idle").wait_for()
    for _ in range(120):
        if select.is_visible():
            select.click()
        if not desk.is_visible() and not page.get_by_text("[*]:").count():
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_timeout(1000)
        if desk.is_visible():
            break
    return desk


def _choose(page: Any, desk: Any, own: Path) -> None:
    """Bring a file of one's own, and say who one is: the notebook then runs for them."""
    chooser = page.locator("[data-chooser] form")
    assert not page.locator(
        "[data-chooser] table"
    ).is_visible()  # what it says stands in the fields
    chooser.locator("input[type=file]").set_input_files(own)
    chooser.get_by_role("status").get_by_text("own.pdf").wait_for()
    chooser.locator("input:not([type=file])").fill("B. Preparer")
    chooser.get_by_role("button", name="Use these").click()
    page.locator(".auditkit-desk .form").nth(2).wait_for()  # the sample has one form
    desk.locator(".page img").wait_for()


def _said(desk: Any, text: str) -> None:
    desk.locator(".said").get_by_text(text).wait_for()


def _sign(desk: Any, value: str, name: str, reason: str = "") -> None:
    desk.locator(".signature input.name").fill(name)
    desk.locator(".signature input.reason").fill(reason)
    desk.get_by_role("button", name=f"Sign as {value}").click()
    desk.get_by_role("button", name="Sign now").click()


def _picture(page: Any, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS, f"{name}.png"))


def _decide_first_form(page: Any, desk: Any) -> None:
    """Decide one finding by keyboard, with a note, and one by mouse, with evidence."""
    rows, count = desk.locator(".row"), sum(form["all"] for form in _forms(desk))
    rows.nth(0).click()
    page.keyboard.press("n")
    page.keyboard.type("cd 凭证不足 8.62")  # letters that are keys elsewhere
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    _said(desk, f"1 of {count} decided")
    rows.nth(1).click()
    voucher = {"name": "voucher.txt", "mimeType": "text/plain", "buffer": b"paid"}
    desk.locator("input.proof").set_input_files(voucher)
    desk.get_by_role("button", name="needs evidence (v)").click()
    _said(desk, f"2 of {count} decided")


def _judge_as_a_second_person(page: Any, desk: Any) -> None:
    """Agree with what was decided by key, and send one back by mouse, until that is answered."""
    rows = desk.locator(".row")
    rows.nth(0).click()
    page.keyboard.press("a")
    rows.nth(0).locator(".decision").get_by_text("agree").wait_for()
    desk.locator("input.note").fill("which voucher?")
    desk.get_by_role("button", name="send back (b)").click()
    rows.nth(1).locator(".decision").get_by_text("send back: which voucher?").wait_for()
    assert desk.get_by_role("button", name="Send back (1)").is_visible()
    rows.nth(1).click()
    page.keyboard.press("a")
    _picture(page, "second-person")


def _find_among_the_second_form(desk: Any) -> None:
    """Filter, search and group what is left; the list says how it stands."""
    desk.locator(".form").nth(1).click()
    rows = desk.locator(".row")
    count, rule = rows.count(), rows.nth(0).locator(".rule").inner_text()
    desk.locator("select.rule").select_option(rule)
    assert {*rows.locator(".rule").all_inner_texts()} == {rule}
    desk.locator("select.rule").select_option("")
    desk.locator("input.search").fill(rule)
    assert 0 < rows.count() < count
    desk.locator("input.search").fill("nowhere said")
    assert rows.count() == 0
    assert desk.locator(".list .nothing").is_visible()
    desk.locator("input.search").fill("")
    desk.locator("select.filter").select_option("asking")
    assert rows.count() == 0
    desk.locator("select.filter").select_option("undecided")
    assert rows.count() == count
    levels = [WORST.index((row.get_attribute("class") or "").split()[1]) for row in rows.all()]
    assert levels == sorted(levels)  # worst first
    desk.locator("select.order").select_option("by rule")
    rules = rows.locator(".rule").all_inner_texts()
    assert rules == sorted(rules)
    desk.locator("select.order").select_option("by severity")
    desk.locator("input.group").check()
    heads = [text.split()[0] for text in desk.locator(".list h4").all_inner_texts()]
    assert heads == sorted({*rows.locator(".rule").all_inner_texts()})
    desk.locator("input.group").uncheck()
    desk.locator("select.filter").select_option("all")


def _decide_the_others(page: Any, desk: Any) -> None:
    """Correct a reading of the second form, decide a rule as one, and what is left by its keys."""
    figures, rows = desk.locator(".figures li"), desk.locator(".row")
    rows.nth(0).click()
    figures.first.get_by_role("button", name="correct").click()
    figures.first.locator("input.reads").fill("9.99")
    figures.first.locator("input.why").fill("see page 2")
    figures.first.get_by_role("button", name="save").click()
    _said(desk, "corrected: ")
    rows.nth(0).click()
    desk.locator("input.note").fill("one reason for all")
    desk.locator("select.whole").select_option("dismissed")
    desk.locator("button.decide-rule").click()
    _said(desk, "saved: ")  # of a rule, as one
    for number in (1, 2):
        desk.locator(".form").nth(number).click()
        desk.locator("select.filter").select_option("undecided")
        while rows.count():
            before = desk.locator(".said").inner_text()
            rows.nth(0).click()
            page.keyboard.press("d")
            page.wait_for_function(
                "was => !['saving …', was].includes(document.querySelector('.said').textContent)",
                arg=before,
            )
        desk.locator("select.filter").select_option("all")


def test_an_auditor_works_at_the_desk_and_all_that_is_left_shows_it(
    lab: tuple[str, Path], own: Path, page: Any, asked: list[str]
) -> None:
    address, folder = lab
    log = Log(folder / "data" / "annotations.sqlite")
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?reset")
    desk = _run(page)
    _choose(page, desk, own)
    assert [desk.locator(".form").count(), desk.locator(".row").count()] == [3, 2]
    _sign(desk, "prepared", "B. Preparer")
    _said(desk, "not signed: 2 undecided")
    _decide_first_form(page, desk)
    _sign(desk, "prepared", "B. Preparer")
    _said(desk, "prepared by B. Preparer")
    _judge_as_a_second_person(page, desk)
    _sign(desk, "reviewed", "b.preparer", "seen")
    _said(desk, "Let another person sign")
    _sign(desk, "reviewed", "C. Reviewer", "seen")
    _said(desk, "reviewed by C. Reviewer")
    desk.locator(".signature input.name").fill("C. Reviewer")
    desk.locator(".signature input.reason").fill("one more voucher came in")
    desk.get_by_role("button", name="Reopen").click()
    _said(desk, "reopened: one more voucher came in")
    _find_among_the_second_form(desk)
    _decide_the_others(page, desk)
    _picture(page, "desk")
    made = [event.decision for event in log.decisions()]
    assert made[:5] == ["confirmed", "needs evidence", "signed", "signed", "reopened"]
    assert made[5] == "corrected"
    assert {*made[6:]} == {"dismissed"}
    assert "one reason for all" in {event.note for event in log.decisions()}
    assert page.get_by_text("Jupyter news").count() == 0  # it offers to ask another machine
    forms = _forms(desk)
    assert all(form["decided"] == form["all"] for form in forms)
    assert log.verify() == ()

    desk.locator(".row").nth(0).focus()
    page.keyboard.press("Control+s")
    notebook = folder / NOTEBOOK
    _wait_until_saved(notebook, "one more voucher came in")
    assert "凭证不足 8.62" in notebook.read_text(encoding="utf-8")
    assert 'REPORT = \\"../documents/own.pdf\\"' in notebook.read_text(encoding="utf-8")
    _shown_without_a_kernel(page, address, forms)
    for path in (write_page(notebook), write_page(notebook, to="pdf")):
        _exported(page, path.as_uri() if path.suffix == ".html" else path, forms)
    _exported(page, f"{address}/nbconvert/html/{NOTEBOOK}", forms)  # JupyterLab's own export
    assert {*filter(None, asked)} == {urlsplit(address).netloc}


def test_thirty_doubted_cells_are_decided_by_keyboard_within_a_minute(
    lab: tuple[str, Path], page: Any, asked: list[str]
) -> None:
    address, folder = lab
    log, notebook = Log(folder / "data" / "annotations.sqlite"), folder / READING
    doubted(folder / "documents" / "thirty.xlsx", "xlsx")
    _about(notebook, "../documents/thirty.xlsx")
    page.goto(f"{address}/lab/tree/{READING}?reset")
    sheet = _run(page, ".auditkit-doubted")
    fields, said = sheet.locator("input.reads"), sheet.locator(".said")
    assert fields.count() == 30
    sheet.locator(".crop img").nth(29).wait_for()
    fields.nth(0).focus()
    for key, at in (("ArrowDown", 1), ("Tab", 2), ("ArrowUp", 1), ("Shift+Tab", 0)):
        page.keyboard.press(key)
        assert fields.nth(at).evaluate("node => node === document.activeElement"), key
    _picture(page, "doubted")
    start = time.perf_counter()
    for number in range(30):
        if number % 3 == 2:
            page.keyboard.type("80个")  # in the place of what was read
        page.keyboard.press("Enter")
    typed = time.perf_counter()
    said.get_by_text("30 of 30 doubted cells decided").wait_for()
    done = time.perf_counter()
    sys.stdout.write(
        f"30 doubted cells: {typed - start:.1f} s to type, {done - start:.1f} s to keep\n"
    )
    assert done - start < 60
    assert sheet.locator("li.settled").count() == 30
    assert sheet.locator(".head").inner_text().startswith("all ")
    assert [event.decision for event in log.decisions()] == [
        *("right as read",) * 2,
        "corrected",
    ] * 10
    assert {event.value for event in log.decisions()} == {"", "80个"}
    page.keyboard.press("Control+z")
    said.get_by_text("29 of 30").wait_for()
    page.keyboard.press("ArrowUp")
    _picture(page, "doubted-decided")
    page.keyboard.press("Control+s")
    _wait_until_saved(notebook, "29 of 30 doubted cells decided")
    saved = notebook.read_text(encoding="utf-8")
    assert saved.count("corrected: 80个") >= 9  # what is shown without a kernel, as of the desk
    assert "auditkit-doubted" not in saved
    assert log.verify() == ()
    assert {*filter(None, asked)} == {urlsplit(address).netloc}


def _about(notebook: Path, report: str) -> None:
    """Set the file that a notebook is about."""
    whole = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in whole["cells"]:
        lines = [f'REPORT = "{report}"\n' if "REPORT = " in one else one for one in cell["source"]]
        cell["source"] = lines if cell["metadata"].get("tags") else cell["source"]
    notebook.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")


def _forms(desk: Any) -> list[dict[str, int]]:
    """Return how many findings of each form are decided, of how many."""
    said = (one.get_attribute("aria-label") for one in desk.locator(".form progress").all())
    counts = (re.findall(r"\d+", text or "") for text in said)
    return [{"decided": int(decided), "all": int(whole)} for decided, whole in counts]


def _wait_until_saved(notebook: Path, text: str) -> None:
    for _ in range(100):
        saved = notebook.read_text(encoding="utf-8")
        if text in saved:
            break
        time.sleep(0.2)
    assert text in saved
    assert LIVE not in saved


def _shown_without_a_kernel(page: Any, address: str, forms: list[dict[str, int]]) -> None:
    """Close the notebook, end its kernel, and look at it again."""
    page.goto("about:blank")
    with urlopen(f"{address}/api/sessions") as answer:
        sessions = json.load(answer)
    for session in sessions:
        urlopen(Request(f"{address}/api/sessions/{session['id']}", method="DELETE")).close()
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?reset")
    page.get_by_text("凭证不足 8.62").first.wait_for()
    page.get_by_text("one more voucher came in").first.wait_for()
    for form in forms:
        assert page.get_by_text(f"{form['all']} of {form['all']} decided").count()
    assert page.get_by_text("model not found").count() == 0
    assert page.locator(".auditkit-desk").count() == 0
    _picture(page, "without-kernel")


def _exported(page: Any, where: str | Path, forms: list[dict[str, int]]) -> None:
    """Decisions stand in an export, a page or a PDF file, which asks for nothing when opened."""
    if isinstance(where, str):
        page.goto(where)
        page.wait_for_timeout(500)
        text = page.locator("body").inner_text()
        _picture(page, "exported")
    else:
        with pypdfium2.PdfDocument(where) as pdf:
            text = "".join(sheet.get_textpage().get_text_range() for sheet in pdf)
    whole = "".join(text.split())
    for said in ("凭证不足8.62", "needsevidence", "voucher.txt", "onemorevouchercamein"):
        assert said in whole, (where, said)
    for form in forms:
        assert f"{form['all']}of{form['all']}decided" in whole, (where, form)
    rows = sum(form["all"] for form in forms)
    decided = sum(whole.count(word) for word in ("confirmed", "dismissed", "needsevidence"))
    assert decided >= rows, (where, decided, rows)
