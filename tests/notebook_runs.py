"""Notebooks run in this process, for tests that read what is said of many documents."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

from notebook_files import ROOT


def shown_by(number: str, lang: str = "en", **parameters: Any) -> dict[str, Any]:
    """Run a notebook with some parameters; return what its cells show, by their last lines.

    It is the code of the notebook as it stands, without a kernel and without IPython.
    """
    paths = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    path = next(path for path in paths if (".zh" in path.suffixes) is (lang == "zh"))
    shown: dict[str, Any] = {}
    names: dict[str, Any] = {"display": lambda *things: shown.update(display=things)}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            _run("".join(cell["source"]), names, shown)
            if "parameters" in cell["metadata"].get("tags", ()):
                names |= {name: value for name, value in parameters.items() if name in names}
    return shown


def _run(source: str, names: dict[str, Any], shown: dict[str, Any]) -> None:
    """Run a cell as IPython does: what it ends in is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    run: Callable[..., None] = exec
    run(compile(tree, "<cell>", "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
        if value is not None:
            shown[ast.unparse(last)] = value


def said(shown: dict[str, Any]) -> list[str]:
    """Return every verdict that was shown, a line each."""
    lines = (getattr(thing, "first", "").split("\n") for thing in shown.values())
    return [line for some in lines for line in some if line]
