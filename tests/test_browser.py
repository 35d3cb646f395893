"""JupyterLab in a real browser: an auditor works at the desk, and all that is left shows it.

Skipped where Playwright or Chromium is not installed; ``SCREENSHOTS`` names a folder to look at.
"""

from __future__ import annotations

import json
import os
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
from pypdf import PdfWriter
from samples import FOLDER

from auditkit.decisions.log import Log
from auditkit.notebook.workspace import BROWSERS, init, write_page

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
NOTEBOOK = "notebooks/03_annotate_deviations.ipynb"
PARTS = ("xinhong-2024", "service-trade-2020", "elder-care-2023")  # 2, 6 findings, and 1
SCREENSHOTS = os.environ.get("SCREENSHOTS")
LIVE = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """JupyterLab on a new workspace with a file of three forms: its address, and the folder."""
    folder = tmp_path / "work"
    init(folder)
    own = PdfWriter()
    for name in PARTS:
        own.append(FOLDER / name / f"{name}.pdf")
    own.write(folder / "own.pdf")
    _choose(folder / NOTEBOOK, REPORT="../own.pdf", AUDITOR="A. Auditor")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    options += ["--ServerApp.port_retries=0", "--LabApp.news_url=None"]
    options += ["--ServerApp.disable_check_xsrf=True"]
    command = [sys.executable, "-m", "jupyterlab", str(folder), *options]
    settings = {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_NO_CONFIG": "1"}
    settings |= {"AUDITKIT_LOG": ""}  # decisions go where they do for an auditor
    server = subprocess.Popen(
        command,
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
        page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
        page.set_default_timeout(120_000)  # a busy machine is no fault
        yield page
        browser.close()


def _choose(notebook: Path, **values: str) -> None:
    """Write parameters into a notebook, as its chooser does."""
    whole = json.loads(notebook.read_text(encoding="utf-8"))
    (cell,) = [c for c in whole["cells"] if "parameters" in c["metadata"].get("tags", ())]
    lines = "".join(cell["source"]).splitlines()
    for name, value in values.items():
        lines = [f"{name} = {value!r}" if one.startswith(f"{name} =") else one for one in lines]
    cell["source"] = "\n".join(lines)
    notebook.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urlopen(f"{address}/api", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(address)


def _run(page: Any) -> Any:
    """Run all cells; JupyterLab drops what it is told to run while the kernel starts."""
    desk, select = page.locator(".auditkit-desk"), page.get_by_role("button", name="Select")
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
    desk.locator(".page img").wait_for()
    return desk


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
    rows = desk.locator(".row")
    rows.nth(0).click()
    page.keyboard.press("n")
    page.keyboard.type("cd 凭证不足 8.62")  # letters that are keys elsewhere
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    _said(desk, "1 of 10 decided")
    rows.nth(1).click()
    voucher = {"name": "voucher.txt", "mimeType": "text/plain", "buffer": b"paid"}
    desk.locator("input.proof").set_input_files(voucher)
    desk.get_by_role("button", name="needs evidence (v)").click()
    _said(desk, "2 of 10 decided")


def _decide_the_others(page: Any, desk: Any) -> None:
    """Correct a reading of the second form, and decide all that is left by its keys."""
    desk.locator(".form").nth(1).click()
    figures = desk.locator(".figures li")
    desk.locator(".row").nth(0).click()
    figures.first.get_by_role("button", name="correct").click()
    figures.first.locator("input.reads").fill("9.99")
    figures.first.locator("input.why").fill("see page 2")
    figures.first.get_by_role("button", name="save").click()
    _said(desk, "corrected: ")
    for number in (1, 2):
        desk.locator(".form").nth(number).click()
        rows = desk.locator(".row")
        rows.nth(0).click()
        for _ in range(rows.count()):
            before = desk.locator(".said").inner_text()
            page.keyboard.press("d")
            page.wait_for_function(
                "was => !['saving …', was].includes(document.querySelector('.said').textContent)",
                arg=before,
            )


def test_an_auditor_works_at_the_desk_and_all_that_is_left_shows_it(
    lab: tuple[str, Path], page: Any, asked: list[str]
) -> None:
    address, folder = lab
    log = Log(folder / "data" / "annotations.sqlite")
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?reset")
    desk = _run(page)
    assert [desk.locator(".form").count(), desk.locator(".row").count()] == [3, 2]
    _sign(desk, "prepared", "A. Auditor")
    _said(desk, "not signed: 2 undecided")
    _decide_first_form(page, desk)
    _sign(desk, "prepared", "A. Auditor")
    _said(desk, "prepared by A. Auditor")
    _picture(page, "second-person")
    _sign(desk, "reviewed", "a.auditor", "seen")
    _said(desk, "Let another person sign")
    _sign(desk, "reviewed", "B. Auditor", "seen")
    _said(desk, "reviewed by B. Auditor")
    desk.locator(".signature input.name").fill("B. Auditor")
    desk.locator(".signature input.reason").fill("one more voucher came in")
    desk.get_by_role("button", name="Reopen").click()
    _said(desk, "reopened: one more voucher came in")
    _decide_the_others(page, desk)
    _picture(page, "desk")
    made = [event.decision for event in log.decisions()]
    assert made[:5] == ["confirmed", "needs evidence", "signed", "signed", "reopened"]
    assert made[5] == "corrected"
    assert {*made[6:]} == {"dismissed"}
    assert log.verify() == ()

    desk.locator(".row").nth(0).focus()
    page.keyboard.press("Control+s")
    notebook = folder / NOTEBOOK
    _wait_until_saved(notebook, "one more voucher came in")
    _shown_without_a_kernel(page, address)
    for path in (write_page(notebook), write_page(notebook, to="pdf")):
        _exported(page, path)
    assert {*filter(None, asked)} == {urlsplit(address).netloc}


def _wait_until_saved(notebook: Path, text: str) -> None:
    for _ in range(100):
        saved = notebook.read_text(encoding="utf-8")
        if text in saved:
            break
        time.sleep(0.2)
    assert text in saved
    assert "凭证不足 8.62" in saved
    assert LIVE not in saved


def _shown_without_a_kernel(page: Any, address: str) -> None:
    """Close the notebook, end its kernel, and look at it again."""
    page.goto("about:blank")
    with urlopen(f"{address}/api/sessions") as answer:
        sessions = json.load(answer)
    for session in sessions:
        urlopen(Request(f"{address}/api/sessions/{session['id']}", method="DELETE")).close()
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?reset")
    page.get_by_text("凭证不足 8.62").first.wait_for()
    page.get_by_text("one more voucher came in").first.wait_for()
    assert page.get_by_text("model not found").count() == 0
    assert page.locator(".auditkit-desk").count() == 0
    _picture(page, "without-kernel")


def _exported(page: Any, path: Path) -> None:
    """Decisions stand in an export, which asks for nothing when it is opened."""
    if path.suffix == ".html":
        page.goto(path.as_uri())
        page.wait_for_timeout(500)
        text = page.locator("body").inner_text()
        _picture(page, "exported")
    else:
        with pypdfium2.PdfDocument(path) as pdf:
            text = "".join(sheet.get_textpage().get_text_range() for sheet in pdf)
    whole = "".join(text.split())
    for said in ("凭证不足8.62", "needsevidence", "voucher.txt", "onemorevouchercamein"):
        assert said in whole, (path.name, said)
