"""Notebooks of people who installed the package: a folder of their own, and runs without a person.

``auditkit init`` makes the folder, and opens it with ``--open``; ``auditkit notebook`` runs one
notebook for one file and leaves it with its outputs, as a page and, if asked for, as PDF.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from auditkit.errors import ExtraMissingError, MissingFileError, NotebookError

_HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
README = """# An auditkit workspace

Open it with `auditkit init . --open`, and begin with `notebooks/01_load_report.ipynb`
(`.zh.ipynb`: 中文).
Put your documents anywhere below this folder. Decisions are kept in `data/annotations.sqlite`:
back that file up. Run one notebook without a person:
`auditkit notebook 03 report.pdf --out reports/report`
"""


def init(folder: Path) -> tuple[Path, ...]:
    """Write notebooks, samples and a README into a folder; return the files.

    Raises NotebookError, before anything is written, where one of them is there already.
    """
    samples = _home("samples", _HERE.parent.parent / "data" / "samples")
    pairs = {path: folder / "notebooks" / path.name for path in _notebooks()}
    pairs |= {p: folder / "data/samples" / p.relative_to(samples) for p in samples.rglob("*.*")}
    readme = folder / "README.md"
    if there := [path for path in (readme, *pairs.values()) if path.exists()]:
        raise NotebookError("is there already", name=str(there[0]), advice="Name a new folder")
    for source, target in pairs.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    readme.write_text(README, encoding="utf-8")
    return (readme, *pairs.values())


def _as_the_usual(value: Any, usual: str) -> Any:
    """Return what a parameter is set to as the kind that its own default is of.

    ``usual`` is that default as the notebook has it. A text or nothing makes a text of whatever is
    given, so that a code stays one: 420000 is no number.

    >>> _as_the_usual("420000", "None"), _as_the_usual("None", "None"), _as_the_usual("2", "1")
    ('420000', None, 2)
    """
    own = _literal(usual)
    if own is None or isinstance(own, str):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if value == "None" else str(value) if is_number else value
    return _literal(value) if isinstance(value, str) else value


def _literal(text: str) -> Any:
    """Return a value that is written as Python, or the text where it is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def run_notebook(
    number: str, path: str | Path, out: Path, *, lang: str = "en", **values: Any
) -> Path:
    """Run a notebook for a file, or 04 for a folder; return it with its outputs.

    ``values`` go to its parameters. Raises NotebookError for a notebook or parameter that there is
    not, and for a cell that fails: the notebook as far as it came is kept.
    """
    import papermill

    source = next((p for p in _notebooks(lang) if p.name.startswith(f"{number}_")), None)
    if source is None:
        known = ", ".join(p.stem for p in _notebooks(lang))
        raise NotebookError("no such notebook", name=number, advice=f"Name one of {known}")
    if not Path(path).exists():
        raise MissingFileError("cannot be opened", name=str(path), advice="Check the name")
    known = papermill.inspect_notebook(source)
    # What is not given and lies beside the notebooks, such as samples, is found from anywhere.
    usual = {name: str(about["default"]) for name, about in known.items()}
    given = {n: _beside(source, text[1:-1]) for n, text in usual.items() if text[1:4] == "../"}
    given |= {"REPORT" if "REPORT" in known else "FOLDER": str(path), "OUT": str(out)}
    if unknown := sorted(set(values) - set(known)):
        advice = f"It has {', '.join(known)}"
        raise NotebookError(f"no parameter {unknown[0]}", name=source.name, advice=advice)
    told = {name: _as_the_usual(value, usual[name]) for name, value in values.items()}
    parameters = {name: value for name, value in given.items() if name in known} | told
    out.mkdir(parents=True, exist_ok=True)
    target = out / source.name
    try:
        papermill.execute_notebook(source, target, parameters, progress_bar=False, log_output=False)
    except papermill.PapermillExecutionError as error:
        what, place = f"{error.ename}: {error.evalue}", f"cell {error.exec_count}"
        advice = f"The notebook as far as it came is {target}"
        raise NotebookError(what, name=source.name, place=place, advice=advice) from error
    return target


def write_page(notebook: Path, *, to: str = "html", is_code_hidden: bool = False) -> Path:
    """Write an executed notebook as a page, or by a browser that is installed as PDF."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(exclude_input=is_code_hidden, exclude_input_prompt=is_code_hidden)
    exporter.exclude_output_prompt = is_code_hidden
    exporter.mathjax_url = exporter.require_js_url = exporter.jquery_url = ""  # nothing is fetched
    page, _ = exporter.from_filename(str(notebook))
    target = notebook.with_suffix(".html")
    target.write_text(page, encoding="utf-8")
    if to == "html":
        return target
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        advice = f"Install Chromium, or print {target} from any browser"
        raise ExtraMissingError("PDF needs a browser", name=notebook.name, advice=advice)
    pdf = notebook.with_suffix(".pdf")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    command = [browser, *options, f"--print-to-pdf={pdf.resolve()}", target.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if not pdf.exists():
        raise NotebookError(f"no PDF came of it: {done.stderr[-200:]}", name=notebook.name)
    return pdf


def open_in_jupyterlab(folder: Path) -> None:
    """Open a folder in JupyterLab, and stay until that is ended."""
    subprocess.run([sys.executable, "-m", "jupyterlab", str(folder)], check=False)


def _notebooks(lang: str = "") -> list[Path]:
    """Return the notebooks that came with the package, those of a language or all."""
    folder = _home("notebooks", _HERE.parent.parent / "notebooks")
    found = sorted(folder.glob("*.ipynb"))
    return [p for p in found if not lang or (".zh" in p.suffixes) is (lang == "zh")]


def _beside(notebook: Path, place: str) -> str:
    """Return where a path that a notebook names lies: in the sources, or in the package."""
    named = notebook.parent / place
    packed = _HERE / place.removeprefix("../data/")
    return str((packed if packed.exists() else named).resolve())


def _home(name: str, source: Path) -> Path:
    """Return a folder that the wheel carries, in the sources where it is kept there."""
    return _HERE / name if (_HERE / name).is_dir() else source
