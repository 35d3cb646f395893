"""The notebooks as files: run them anew, keep their metadata in one shape, or say what is not.

``make lint`` runs this with ``--check``, ``make regenerate`` with ``--execute``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LIVE = "application/vnd.jupyter.widget-view+json"  # names a model that only a running kernel has
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Leave nothing in a notebook that differs between two runs of the same code."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            data.pop(LIVE, None)
            if "text/html" in data:  # which model of which kernel a table stands in for
                data["text/html"] = re.sub(r"\bat 0x[0-9a-f]+", "at 0x00000000", data["text/html"])
            output.get("metadata", {}).clear()
    return notebook


def written(notebook: NotebookNode) -> str:
    """Return the text of the file."""
    return nbformat.writes(notebook, ensure_ascii=False, indent=1) + "\n"


def execute(path: Path) -> None:
    """Run a notebook on a log of its own, so that nobody's decisions are in its outputs."""
    with TemporaryDirectory() as folder:
        os.environ["AUDITKIT_LOG"] = str(Path(folder, "annotations.sqlite"))
        _execute(path)


def _execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, kernel_name="python3", record_timing=False, store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()  # fmt: skip
    path.write_text(written(normalise(notebook)), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--execute", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("paths", nargs="*", type=Path, default=NOTEBOOKS)
    options = parser.parse_args()
    for path in options.paths if options.execute else ():
        execute(path)
    odd = [
        path.name
        for path in options.paths
        if written(normalise(nbformat.read(path, as_version=4))) != path.read_text(encoding="utf-8")
    ]
    if odd:
        sys.stderr.write(f"{', '.join(odd)}: metadata not in shape; run make regenerate\n")
    return int(bool(odd))


if __name__ == "__main__":
    sys.exit(main())
