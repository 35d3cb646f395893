"""The path of somebody new, timed and counted: ``python tests/newcomer.py [FORM.pdf]``.

From ``git clone`` of what is committed to signed papers of a PDF of one's own, as README.md tells
it, in a browser: whoever walks it types two commands and a name, and no code. Each step is printed
with its clicks, keys and seconds. What ends otherwise than with signed papers fails. The
environment is a new one, so that a first set-up counts; ``--ready`` takes the one that is there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docx import Document
from pictures import kept

from auditkit.decisions.log import Log
from auditkit.notebook.workspace import BROWSERS

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "samples" / "farm-roads-2022" / "farm-roads-2022.pdf"
NAME, NOTEBOOK = "王审计", "03_annotate_deviations.ipynb"
SECONDS = 900  # that a set-up may take on a slow network


@dataclass(slots=True)
class Step:
    """Something that a person does, and what it costs."""

    name: str
    clicks: int = 0
    keys: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.name:<58}{self.clicks:>6}{self.keys:>6}{self.seconds:>8.0f}"


@dataclass(slots=True)
class Walk:
    """What was done so far, step by step."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, and print it when it is done."""
        began = time.monotonic()
        self.steps.append(Step(name))
        yield
        self.steps[-1].seconds = time.monotonic() - began
        _say(self.steps[-1])

    def click(self, what: Any, times: int = 1) -> None:
        """Click, or double-click, and count it."""
        what.click(click_count=times) if times == 1 else what.dblclick()
        self.steps[-1].clicks += times

    def type(self, text: str, into: Any = None) -> None:
        """Count what is typed, into a field or elsewhere."""
        if into is not None:
            into.fill(text)
        self.steps[-1].keys += len(text)

    def press(self, page: Any, key: str) -> None:
        """Press a key and count it."""
        page.keyboard.press(key)
        self.steps[-1].keys += 1

    @property
    def total(self) -> Step:
        """All steps together."""
        some = self.steps
        sums = (sum(getattr(s, name) for s in some) for name in ("clicks", "keys", "seconds"))
        return Step(f"all {len(some)} steps", *sums)


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def environment(home: Path) -> dict[str, str]:
    """Return the surrounding of somebody new: no more than a path, a home and pip's own settings.

    The browser is one that notes which page it was to open, which is how JupyterLab is found.
    """
    opener = home / "browser"
    opener.write_text(f'#!/bin/sh\necho "$1" > {home}/opened\n', encoding="utf-8")
    opener.chmod(0o755)
    pips = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    usual = "/usr/local/bin:/usr/bin:/bin"
    return {**pips, "PATH": usual, "HOME": str(home), "BROWSER": f"{opener} %s", "LANG": "C.UTF-8"}


def cloned(walk: Walk, room: Path, env: dict[str, str]) -> Path:
    """Clone what is committed."""
    folder = room / "auditkit"
    with walk.step("git clone"):
        walk.type("git clone auditkit; cd auditkit\n")
        command = ["git", "clone", "-q", str(ROOT), str(folder)]
        subprocess.run(command, check=True, env=env)
    return folder


@contextmanager
def lab(walk: Walk, folder: Path, env: dict[str, str], command: list[str]) -> Iterator[str]:
    """Run ``make lab``, and yield the page that it opens."""
    opened, said = Path(env["HOME"], "opened"), Path(env["HOME"], "said.txt")
    with walk.step("make lab, to the page that it opens"), said.open("w") as out:
        walk.type("make lab\n")
        server = subprocess.Popen(
            command, cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True
        )
        until = time.monotonic() + SECONDS
        while not opened.exists() and server.poll() is None and time.monotonic() < until:
            time.sleep(0.5)
    try:
        if not opened.exists():
            raise SystemExit(f"make lab opened no page:\n{said.read_text()[-2000:]}")
        time.sleep(1)
        yield opened.read_text(encoding="utf-8").strip()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def chosen(walk: Walk, page: Any, address: str, own: Path) -> Any:
    """Open the notebook, run it, and bring the file; return the desk."""
    desk = page.locator(".auditkit-desk")
    with walk.step("open 03 in the list of files"):
        page.goto(address)
        listed = page.locator(".jp-DirListing-content")
        if not listed.get_by_text(NOTEBOOK).count():
            walk.click(listed.get_by_text("notebooks", exact=True), 2)
        walk.click(listed.get_by_text(NOTEBOOK), 2)
        page.get_by_role("tab", name=NOTEBOOK).wait_for()
    with walk.step("Run, Run All Cells, and wait for the desk"):
        page.get_by_text("| Idle").wait_for()
        while not desk.is_visible():
            if not page.get_by_text("[*]:").count():
                walk.click(page.get_by_role("menuitem", name="Run", exact=True))
                walk.click(page.get_by_text("Run All Cells", exact=True))
            page.wait_for_timeout(4000)
    with walk.step("bring the PDF, say who one is, Use these"):
        form = page.locator("[data-chooser] form")
        form.locator("input[type=file]").set_input_files(own)
        walk.steps[-1].clicks += 3  # the button, the file in the window of the system, its Open
        form.get_by_role("status").get_by_text(own.name).wait_for()
        walk.click(form.locator("input:not([type=file])"))
        walk.type(NAME, form.locator("input:not([type=file])"))
        walk.click(form.get_by_role("button", name="Use these"))
        desk.locator(".page img").wait_for()
        page.wait_for_function(
            "name => document.querySelector('.auditkit-desk')?.closest('.jp-Notebook')"
            "?.textContent.includes(`documents/${name}`)",
            arg=own.name,
        )
        page.get_by_text("[*]:").first.wait_for(state="detached")
    return desk


def decided(walk: Walk, page: Any, desk: Any, picture: Path | None) -> int:
    """Decide each finding by a key, and return how many there were."""
    rows, said = desk.locator(".row"), desk.locator(".said")
    count = int(rows.count())
    with walk.step(f"decide {count} findings at the desk"):
        walk.click(rows.nth(0))
        for number in range(1, count + 1):
            walk.press(page, "c")
            said.get_by_text(f"{number} of {count} decided").wait_for()  # and goes on to the next
            if number == 2 and picture:
                desk.screenshot(path=picture)
    return count


def signed(walk: Walk, page: Any, desk: Any, folder: Path) -> Path:
    """Sign below the desk, run the last cell, and return the folder of the papers."""
    with walk.step("sign by the buttons below the desk"):
        walk.click(desk.get_by_role("button", name="Sign as prepared"))
        walk.click(desk.get_by_role("button", name="Sign now"))
        desk.locator(".said").get_by_text(f"prepared by {NAME}").wait_for()
    papers = folder / "workspace" / "reports" / "notebook-03" / "own"
    manifest = papers / "manifest.json"
    before = manifest.stat().st_mtime_ns if manifest.exists() else 0
    with walk.step("run the last cell: the signed papers"):
        walk.click(page.locator(".jp-CodeCell").last.locator(".jp-InputArea-editor"))
        walk.press(page, "Shift+Enter")
        until = time.monotonic() + 120
        while (not manifest.exists() or manifest.stat().st_mtime_ns == before) and (
            time.monotonic() < until
        ):
            page.wait_for_timeout(500)
    return papers


def proved(papers: Path, log: Log, count: int) -> None:
    """Hold the papers to what was done: all is decided, and they bear the signature."""
    decisions = [event.decision for event in log.decisions()]
    assert decisions[: count + 1] == ["confirmed"] * count + ["signed"], decisions
    assert log.verify() == ()
    paper = Document(str(papers / "workpaper.docx"))
    text = "".join(cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    assert NAME in text, "the working paper bears no name"
    _say(f"signed papers: {', '.join(sorted(path.name for path in papers.iterdir()))}")


def main() -> int:
    """Walk the path and print it."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("form", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--ready", action="store_true", help="take the environment that is there")
    parser.add_argument("--picture", action="store_true", help="keep a picture of the desk")
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        _say("not walked: no Chromium is installed")
        return 2
    walk = Walk()
    _say(f"{'step':<58}{'clicks':>6}{'keys':>6}{'seconds':>8}")
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        room = Path(made)
        own = room / "own.pdf"
        shutil.copyfile(options.form, own)
        env = environment(room)
        folder = cloned(walk, room, env)
        here = [sys.executable, "-m", "auditkit", "init", "workspace", "--open"]
        command = here if options.ready else ["make", "lab"]
        with lab(walk, folder, env, command) as address:
            window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = window.new_page(viewport={"width": 1500, "height": 1400})
            page.set_default_timeout(120_000)
            desk = chosen(walk, page, address, own)
            picture = room / "desk.png" if options.picture else None
            count = decided(walk, page, desk, picture)
            if picture:
                kept(picture)
            papers = signed(walk, page, desk, folder)
            window.close()
        proved(papers, Log(folder / "workspace" / "data" / "annotations.sqlite"), count)
    _say(walk.total)
    return 0


if __name__ == "__main__":
    sys.exit(main())
