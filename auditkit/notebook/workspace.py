"""Notebooks of people who installed the package: a folder of their own, and runs without a person.

``auditkit init`` makes the folder, and opens it with ``--open``; ``auditkit notebook`` runs one
notebook for one file and leaves it with its outputs, as a page and, if asked for, as PDF.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import auditkit.notebook.quick  # noqa: F401  # before what loads nbformat
from auditkit.decisions.log import default_log
from auditkit.errors import ExtraMissingError, MissingFileError, NotebookError, UnknownNotebookError
from auditkit.wording import Phrase, language

_HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
README = """# An auditkit workspace

Open it: `auditkit init . --open`. Documents go into `documents`, papers come into `reports`.
Prove what saved notebooks show: `pytest`, or `auditkit verify notebooks/*.ipynb`.
Decisions are kept in `data/annotations.sqlite`: back that file up.
"""
_GUARD = {"pytest.ini": "pytest.ini", "conftest.txt": "conftest.py"}
_GUARD |= {"nbval_sanitize.cfg": "nbval_sanitize.cfg"}
_TEMPLATE = {"template_name": "auditkit", "extra_template_basedirs": [str(_HERE / "export")]}
_NO_UPDATES = "jupyterlab.NeverCheckForUpdate"


def init(folder: Path) -> tuple[Path, ...]:
    """Write notebooks, samples, what guards them, and a README into a folder; return the files.

    Chinese notebooks are called by their Chinese titles. Raises NotebookError, before anything is
    written, where one of the files is there already.
    """
    samples = _home("samples", _HERE.parent.parent / "data" / "samples")
    names = {path: _named(path) for path in _notebooks()}
    pairs = {p: folder / "data/samples" / p.relative_to(samples) for p in samples.rglob("*.*")}
    pairs |= {_HERE / "guard" / name: folder / own for name, own in _GUARD.items()}
    readme = folder / "README.md"
    books = {path: folder / "notebooks" / name for path, name in names.items()}
    written = (readme, *books.values(), *pairs.values())
    if there := [path for path in written if path.exists()]:
        raise NotebookError.saying("is-there", name=str(there[0]))
    for source, target in pairs.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for room in ("documents", "notebooks", "reports"):
        (folder / room).mkdir(exist_ok=True)
    for source, target in books.items():
        target.write_text(_renamed(source, names), encoding="utf-8")
    readme.write_text(README, encoding="utf-8")
    return written


def _named(notebook: Path) -> str:
    """Return what a notebook is called in a workspace: a Chinese one by its number and title."""
    if ".zh" not in notebook.suffixes:
        return notebook.name
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    title = "".join(first).split("\n", 1)[0].removeprefix("# ")
    return f"{notebook.name[:2]}_{title}.ipynb"


def _renamed(notebook: Path, names: Mapping[Path, str]) -> str:
    """Return the text of a notebook that calls those of its language by their names."""
    text = notebook.read_text(encoding="utf-8")
    for path, name in names.items():
        if path.suffixes == notebook.suffixes and path.name != name:
            text = text.replace(path.name, name)
            text = text.replace(path.name.split(".")[0], name.removesuffix(".ipynb"))
    return text


def run_notebook(
    number: str, path: str | Path, out: Path, *, lang: str = "en", **values: Any
) -> Path:
    """Run a notebook for a file, or 04 for a folder; return it with its outputs.

    ``values`` go to its parameters; a text is read as what the notebook has there by itself. The
    notebook names files as they lie from its own folder. Raises NotebookError for a notebook or
    parameter that there is not, and for a cell that fails: the notebook as far as it came is kept.
    """
    import papermill

    source = next((p for p in _notebooks(lang) if p.name.startswith(f"{number}_")), None)
    if source is None:
        stems = tuple(p.stem for p in _notebooks(lang))
        raise UnknownNotebookError.saying("notebook-unknown", name=number, known=stems)
    if not Path(path).exists():
        raise MissingFileError.saying("unopened-notebook", name=str(path))
    known = {name: str(of["default"]) for name, of in papermill.inspect_notebook(source).items()}
    if unknown := sorted(set(values) - set(known)):
        facts = {"parameter": unknown[0], "known": ", ".join(known)}
        raise UnknownNotebookError.saying("parameter-of-none", name=source.name, **facts)
    # What is not given and lies beside the notebooks, such as samples, is found from anywhere.
    given = {n: _beside(source, text[1:-1]) for n, text in known.items() if text[1:4] == "../"}
    given |= {"REPORT" if "REPORT" in known else "FOLDER": str(path)}
    parameters: dict[str, Any] = {n: _from(out, place) for n, place in given.items()}
    parameters |= {"OUT": "."} if "OUT" in known else {}
    parameters |= {name: _typed(value, known[name]) for name, value in values.items()}
    out.mkdir(parents=True, exist_ok=True)
    target = out / source.name
    options = {"cwd": str(out), "progress_bar": False, "log_output": False}
    quiet = ["--IPKernelApp.log_level=50"]  # what fails, papermill raises
    try:
        with _log_of_this_folder():
            papermill.execute_notebook(source, target, parameters, extra_arguments=quiet, **options)
    except papermill.PapermillExecutionError as error:
        place = Phrase.of("cell", number=error.exec_count or 0)
        told = {"kind": str(error.ename), "said": str(error.evalue), "notebook": str(target)}
        raise NotebookError.saying("cell-failed", name=source.name, place=place, **told) from error
    return target


def _typed(value: Any, usual: str) -> Any:
    """Return a text as the kind of value that a notebook has there by itself; others as they are.

    >>> _typed("420000", "None"), _typed("2", "1"), _typed("0.1", '"0.2"')
    ('420000', 2, '0.1')
    """
    if not isinstance(value, str) or usual[:1] in "\"'":
        return value
    if usual == "None":
        return None if value == "None" else value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError) as error:
        raise NotebookError.saying("parameter-odd", value=value, usual=usual) from error


def _from(folder: Path, place: str) -> str:
    """Return where a file lies as seen from a folder, wherever both are carried together."""
    try:
        return Path(os.path.relpath(place, folder)).as_posix()
    except ValueError:  # on another drive
        return str(Path(place).absolute())


@contextmanager
def _log_of_this_folder() -> Iterator[None]:
    """Have a notebook that runs in another folder use the log that is meant in this one."""
    log = default_log()
    if os.environ.get("AUDITKIT_LOG"):
        yield
        return
    os.environ["AUDITKIT_LOG"] = str(Path(log).absolute())
    try:
        yield
    finally:
        del os.environ["AUDITKIT_LOG"]


def write_page(notebook: Path, *, to: str = "html", is_code_hidden: bool = False) -> Path:
    """Write an executed notebook as a page, or by a browser that is installed as PDF."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        **_TEMPLATE,
        exclude_input=is_code_hidden,
        exclude_input_prompt=is_code_hidden,
        exclude_output_prompt=is_code_hidden,
    )
    page, _ = exporter.from_filename(str(notebook))
    target = notebook.with_suffix(".html")
    target.write_text(page, encoding="utf-8")
    if to == "html":
        return target
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        name = notebook.name
        raise ExtraMissingError.saying("browser-missing", name=name, page=str(target))
    pdf = notebook.with_suffix(".pdf")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    command = [browser, *options, f"--print-to-pdf={pdf.resolve()}", target.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if not pdf.exists():
        raise NotebookError.saying("no-pdf", name=notebook.name, said=done.stderr[-200:])
    return pdf


def open_in_jupyterlab(folder: Path) -> None:
    """Open a workspace in JupyterLab at its first notebook, and stay until that is ended.

    It is the one of the language that is spoken, and where no browser is found, that of the
    address which JupyterLab prints.
    """
    command, settings = lab(folder)
    first = folder / "notebooks" / _named(_notebooks(language())[0])
    if first.exists():
        place = quote(first.relative_to(folder).as_posix())
        command.append(f"--LabApp.default_url=/lab/tree/{place}")
    subprocess.run(command, env={**os.environ, **settings}, check=False)


def lab(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command that serves a workspace by JupyterLab, and what of its environment.

    It asks no other machine for news, and exports what ``write_page`` writes. A container runs as
    root, which JupyterLab refuses unless it is told that this is meant.
    """
    settings = {"ServerApp.root_dir": folder, "LabApp.expose_app_in_browser": True}
    settings |= {"LabApp.news_url": None, "LabApp.check_for_updates_class": _NO_UPDATES}
    settings |= {"HTMLExporter.template_name": _TEMPLATE["template_name"]}
    settings |= {"HTMLExporter.extra_template_basedirs": _HERE / "export"}
    given = [f"--{name}={value}" for name, value in settings.items()]
    given += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    rooms = [str(_HERE / "lab"), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return [sys.executable, "-m", "jupyterlab", *given], {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(rooms)
    }


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
