"""The files that an auditor's own rules are made of, by which what they said is told from later."""

from __future__ import annotations

import ast
import importlib
import sys
from functools import cache
from pathlib import Path

from auditkit.files import digest_of


def sources_of(path: Path) -> dict[Path, bytes]:
    """Return a file of rules, and those of its own folder that it imports, with what they hold.

    What they import is told by their import statements; a file that is loaded in another way, or
    from another folder, is none of them. Raises OSError where the file cannot be opened.
    """
    found = {path: path.read_bytes()}
    waiting = list(_imported(found[path]))
    while waiting:
        parts = waiting.pop().split(".")
        several = (path.parent.joinpath(*parts[:end]) for end in range(1, len(parts) + 1))
        for name in several:
            for file in (name.with_suffix(".py"), name / "__init__.py"):
                if file not in found and file.is_file():
                    found[file] = file.read_bytes()
                    waiting += _imported(found[file])
    return found


def digest_of_rules(path: Path) -> str:
    """Return what tells a file of rules from any other, with what it imports from its folder."""
    made = sorted(sources_of(path).items())
    return digest_of("\n".join(digest_of(data) for _, data in made).encode())


@cache
def _imported(data: bytes) -> tuple[str, ...]:
    """Return the modules that a program imports; none where it is no program."""
    try:
        nodes = list(ast.walk(ast.parse(data)))
    except (SyntaxError, ValueError):
        return ()
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            within = f"{node.module}." if node.module else ""
            names += [f"{within}{alias.name}" for alias in node.names]
    return tuple(dict.fromkeys(names))


def forget(files: dict[Path, bytes]) -> None:
    """Have modules that were loaded from such files loaded anew where they are imported next."""
    importlib.invalidate_caches()
    own = {str(file.resolve()) for file in files}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and file and str(Path(file).resolve()) in own:
            del sys.modules[name]
