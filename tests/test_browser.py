"""JupyterLab in a real browser: an auditor decides by keyboard, and the log has it.

Skipped where Playwright or Chromium is not installed; ``SCREENSHOTS`` names a folder to look at.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from auditkit.decisions.log import Log
from auditkit.notebook.workspace import BROWSERS, init

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
NOTEBOOK = "notebooks/03_annotate_deviations.ipynb"
SCREENSHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """JupyterLab on a new workspace: its address, and the folder."""
    init(tmp_path / "work")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    options += ["--ServerApp.port_retries=0", "--LabApp.news_url=None"]
    command = [sys.executable, "-m", "jupyterlab", str(tmp_path / "work"), *options]
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
        yield address, tmp_path / "work"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def page() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1100})
        page.set_default_timeout(180_000)  # a busy machine is no fault
        yield page
        browser.close()


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urlopen(f"{address}/api", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(address)


def _opened_and_run(page: Any, address: str) -> Any:
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?reset")
    page.get_by_role("heading", name="Annotate the deviations").wait_for()
    desk = page.locator(".auditkit-desk")
    for _ in range(5):  # JupyterLab drops what it is told to run while the kernel starts
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        with suppress(sync_api.TimeoutError):
            desk.wait_for(timeout=40_000)
            break
    desk.locator(".crop img").wait_for()
    return desk


def test_findings_are_decided_by_keyboard_and_found_again(lab: tuple[str, Path], page: Any) -> None:
    address, folder = lab
    log = Log(folder / "data" / "annotations.sqlite")
    desk = _opened_and_run(page, address)
    rows = desk.locator("tr[aria-selected]")
    assert rows.count() == 9
    assert "EX-02" in rows.nth(0).inner_text()
    desk.focus()
    page.keyboard.press("n")
    page.keyboard.type("cd 凭证不足 8.62")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    desk.get_by_text("EX-02 confirmed").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("d")
    desk.get_by_text("GO-04 dismissed").wait_for()
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS, "desk.png"))
    kept = [(event.rule, event.decision, event.note) for event in log.decisions()]
    assert kept == [
        ("EX-02", "needs evidence", "Ask for the payment vouchers."),
        ("EX-02", "confirmed", "Ask for the payment vouchers.cd 凭证不足 8.62"),
        ("GO-04", "dismissed", ""),
    ]
    page.keyboard.press("Control+s")
    page.reload()
    desk = _opened_and_run(page, address)
    shown = [row.inner_text() for row in desk.locator("tr[aria-selected]").all()]
    assert [text for text in shown if "confirmed" in text and "凭证不足 8.62" in text] == shown[:1]
    assert sum("dismissed" in text for text in shown) == 1
    assert len(log.decisions()) == len(kept)
    assert log.verify() == ()
