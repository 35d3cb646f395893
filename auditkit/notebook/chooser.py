"""The file, the auditor and the language of a notebook, chosen where a person sits before it.

What is chosen is written into the cell of ``parameters``, which nbval and runs without a person
use, and into the names of the running notebook. Where no kernel runs, and in what is saved, a
table of the parameters stands in its place; ``chooser.js`` puts the chooser there, and nothing of
it into the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from typing import Any

import anywidget
import traitlets

from auditkit.errors import AuditkitError
from auditkit.files import digest_of, write_whole
from auditkit.notebook.display import Shown
from auditkit.readers import SUFFIXES
from auditkit.wording import LANGUAGES, Statement, put, terms

CHOSEN = ("REPORT", "FOLDER", "AUDITOR", "LANG")  # parameters that a person chooses
ROOMS = ("documents", "data/samples")  # of a workspace, where files are looked for
MOST = 500  # files that are offered
DIGITS = 8  # of a digest, before the name of a file that another one has already


class Choosing(StrEnum):
    """What the chooser says of itself, and of what was chosen."""

    FILE = "file"
    FOLDER = "folder"
    AUDITOR = "auditor"
    LANGUAGE = "language"
    UPLOAD = "upload"
    USE = "use"
    USED = "used"  # facts: code
    KEPT = "kept"  # facts: file
    NOT_USED = "not used"  # facts: error


class Chooser(anywidget.AnyWidget):
    """What a notebook is about, to be chosen among the files of its workspace.

    ``names`` are those of the running notebook, whose parameters are set. ``said`` is what became
    of the last choice; ``code`` has the lines that belong into the cell of parameters.
    """

    _esm = Path(__file__).with_suffix(".js")
    token = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    files = traitlets.List(traitlets.Unicode()).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)

    def __init__(self, names: dict[str, Any], lang: str) -> None:
        self.names, self.lang = names, lang
        self.token = f"chooser at 0x{token_hex(6)}"
        self.values = {name: str(names[name]) for name in CHOSEN if name in names}
        self.texts = {text.value: put(text, lang) for text in tuple(Choosing)[:6]}
        self.files = _offered(self._home, is_of_folders="FOLDER" in self.values)
        super().__init__()
        self.on_msg(self._heard)

    @property
    def _home(self) -> Path:
        """The workspace: the folder above the notebooks."""
        return Path("..") if Path("..", "data").is_dir() else Path()

    def choose(self, values: Mapping[str, str]) -> str:
        """Set parameters of the notebook; return the lines that belong into their cell.

        Raises ValueError for a name that is none of a person's to choose, or a strange language.
        """
        if unknown := sorted(set(values) - set(self.values)):
            raise ValueError(f"{unknown[0]} is none of {', '.join(self.values)}")
        if values.get("LANG", LANGUAGES[0]) not in LANGUAGES:
            raise ValueError(f"{values['LANG']} is none of {', '.join(LANGUAGES)}")
        self.names.update(values)
        self.values = {**self.values, **values}
        self.code = "\n".join(
            f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()
        )
        self.said = put(Statement.of(Choosing.USED, code=self.code), self.lang)
        return self.code

    def keep(self, name: str, data: bytes) -> Path:
        """Keep a file among the documents of the workspace, over no other; return where it lies."""
        path = self._home / "documents" / Path(name).name
        if path.exists() and path.read_bytes() != data:
            path = path.with_name(f"{digest_of(data)[:DIGITS]}-{path.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole({path: data})
        self.files = _offered(self._home, is_of_folders=False)
        self.said = put(Statement.of(Choosing.KEPT, file=path.as_posix()), self.lang)
        return path

    def _heard(self, _: object, asked: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Do what the page asks for; what goes wrong is said there, in words."""
        try:
            if buffers:
                path = self.keep(asked["upload"], bytes(buffers[0])).as_posix()
                self.values = {**self.values, "REPORT": path}
            else:
                self.choose(asked["values"])
        except (AuditkitError, ValueError, OSError) as error:
            self.said = put(Statement.of(Choosing.NOT_USED, error=str(error)), self.lang)
        self.send({"done": bool(self.code), "said": self.said})

    def _repr_mimebundle_(self, **_: Any) -> Any:
        """Return the table alone: no saved notebook names a model that only a kernel has."""
        table = Shown(terms("parameter", "value"), list(self.values.items()), self.lang)
        page = f'<div data-chooser="{self.token}">{table._repr_html_()}</div>'
        return {"text/html": page, "text/plain": repr(table)}, {}


def _offered(home: Path, *, is_of_folders: bool) -> list[str]:
    """Return the files of a workspace that may hold forms, or its folders of such files."""
    found = (
        Path(folder, name)
        for room in ROOMS
        for folder, _, names in os.walk(home / room)
        for name in names
        if Path(name).suffix.lower() in SUFFIXES
    )
    paths = ((path.parent if is_of_folders else path).as_posix() for path in found)
    return sorted({*paths, *((home / room).as_posix() for room in ROOMS if is_of_folders)})[:MOST]


def choose(lang: str) -> Chooser:
    """Return a chooser for the notebook that is running."""
    from IPython import get_ipython

    shell = get_ipython()
    return Chooser(shell.user_ns if shell else {}, lang)
