"""Notebooks of people who installed the package: a folder of their own, and runs without a person.

``auditkit init`` makes the folder, ``auditkit lab`` opens it, ``auditkit notebook`` runs one
notebook for one file and leaves it with its outputs, as a page and, if asked for, as PDF.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditkit.errors import ExtraMissingError, MissingFileError, NotebookError
from auditkit.wording import LANGUAGES, language, terms

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
README = """# An auditkit workspace

Open it with `auditkit lab`, and begin with `notebooks/01_load_report.ipynb` (`.zh.ipynb`: 中文).
Put your documents anywhere below this folder. Decisions are kept in `data/annotations.sqlite`:
back that file up. Run one notebook without a person:
`auditkit notebook 03 report.pdf --out reports/report`
"""


def init(folder: Path) -> tuple[Path, ...]:
    """Write notebooks, samples and a README into a folder; return the files.

    Raises NotebookError, before anything is written, where one of them is there already.
    """
    samples = _home("samples", HERE.parent.parent / "data" / "samples")
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
    given |= {"LOG": "data/annotations.sqlite"}
    if unknown := sorted(set(values) - set(known)):
        advice = f"It has {', '.join(known)}"
        raise NotebookError(f"no parameter {unknown[0]}", name=source.name, advice=advice)
    parameters = {name: value for name, value in given.items() if name in known} | values
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


def add_commands(commands: Any) -> Iterator[argparse.ArgumentParser]:
    """Add ``init``, ``lab`` and ``notebook`` to the commands of the command line."""
    new = commands.add_parser("init", help="write notebooks and samples into a new folder")
    lab = commands.add_parser("lab", help="open a folder in JupyterLab")
    run = commands.add_parser("notebook", help="run a notebook for a file, and leave it as a page")
    new.set_defaults(
        command=lambda path, _, run: run.table(terms("file"), [[str(p)] for p in init(Path(path))])
    )
    lab.set_defaults(command=_lab)
    run.set_defaults(command=_notebook)
    new.add_argument("paths", nargs=1, metavar="FOLDER")
    lab.add_argument("paths", nargs="*", default=["."], metavar="FOLDER")
    run.add_argument("number", help="01 to 05")
    run.add_argument("paths", nargs=1, metavar="PATH", help="the file; for 04 a folder")
    run.add_argument("--out", type=Path, required=True, help="folder for what comes of it")
    run.add_argument("--to", choices=("html", "pdf"), default="html")
    run.add_argument("--hide-code", action="store_true", help="leave the code out of the page")
    run.add_argument("--lang", choices=LANGUAGES, default=language(), help="of the notebook")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=_pair)
    for command in (new, lab, run):
        command.set_defaults(fail_on=None, width=400, inputs=lambda paths, _: paths)
        yield command


def _notebook(path: str | Path, options: argparse.Namespace, run: Any) -> None:
    values = dict(options.set)
    done = run_notebook(options.number, path, options.out, lang=options.lang, **values)
    page = write_page(done, to=options.to, is_code_hidden=options.hide_code)
    run.results += [{"notebook": str(done), "page": str(page)}]
    run.table(terms("notebook", "page"), [(str(done), str(page))])


def _lab(path: str | Path, _: argparse.Namespace, __: Any) -> None:
    subprocess.run([sys.executable, "-m", "jupyterlab", str(path)], check=False)


def _pair(text: str) -> tuple[str, Any]:
    """Return a name and its value, which is read as Python where it is written so."""
    import ast

    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _notebooks(lang: str = "") -> list[Path]:
    """Return the notebooks that came with the package, those of a language or all."""
    folder = _home("notebooks", HERE.parent.parent / "notebooks")
    found = sorted(folder.glob("*.ipynb"))
    return [p for p in found if not lang or (".zh" in p.suffixes) is (lang == "zh")]


def _beside(notebook: Path, place: str) -> str:
    """Return where a path that a notebook names lies: in the sources, or in the package."""
    named = notebook.parent / place
    packed = HERE / place.removeprefix("../data/")
    return str((packed if packed.exists() else named).resolve())


def _home(name: str, source: Path) -> Path:
    """Return a folder that the wheel carries, in the sources where it is kept there."""
    return HERE / name if (HERE / name).is_dir() else source
