"""What a person works with in a notebook, and the static tables that are kept of it there.

The model of a widget is gone with its kernel, so a notebook holds tables, which everything done
renews under one display id: they are what is saved, exported and opened without a kernel. Where a
kernel runs, ``placed.js`` puts the widget in their place, and nothing of it into the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any, ClassVar

import anywidget
import traitlets

from auditkit.errors import AuditkitError
from auditkit.notebook.display import Shown
from auditkit.wording import Statement, put

Answer = tuple[dict[str, Any], Sequence[bytes]]  # what is told the page, and pictures for it
Done = Callable[[Any, Mapping[str, Any], Sequence[memoryview]], Answer | None]


class PlacedSaying(StrEnum):
    """What every such widget says of what was done."""

    NOT_SAVED = "not saved"  # facts: error


def script(*names: str) -> str:
    """Return scripts of this folder as one, since a widget is one module."""
    return "".join(Path(__file__).with_name(name).read_text("utf-8") for name in names)


class Placed(anywidget.AnyWidget):
    """A widget in whose place a saved notebook has tables.

    ``lang`` is the language that it speaks. ``DONE`` has what its page may ask for, by name; what
    becomes of that is answered, in words that are ``said``. ``tables`` are what stands for it.
    """

    DONE: ClassVar[Mapping[str, Done]] = {}
    token = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    static = traitlets.Unicode().tag(sync=True)
    plain = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._heard)

    def named(self, kind: str) -> None:
        """Be told from others of a kind, before the page hears of anything."""
        self.token, self._is_shown = f"{kind} at 0x{token_hex(6)}", False

    @property
    def lang(self) -> str:
        """The language that it speaks."""
        raise NotImplementedError

    def tables(self) -> tuple[Shown, ...]:
        """Return what stands in a notebook for it."""
        raise NotImplementedError

    def _heard(self, _: object, message: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Do what the page asks for, and answer; what goes wrong is said there, in words."""
        answer: dict[str, Any] = {"id": message.get("id"), "ok": True}
        pictures: Sequence[bytes] = ()
        try:
            if told := self.DONE[message["act"]](self, message, buffers):
                answer |= told[0]
                pictures = told[1]
        except (AuditkitError, ValueError, KeyError, IndexError, OSError) as error:
            self.said = put(Statement.of(PlacedSaying.NOT_SAVED, error=str(error)), self.lang)
            answer["ok"] = False
        self.send({**answer, "said": self.said}, list(pictures))
        if pictures:  # while the page is looked at, so that the first decision need not wait for it
            import_module("auditkit.decisions.ledger")

    def write(self) -> None:
        """Write the tables anew that stand in the notebook."""
        tables = self.tables()
        whole = "".join(table._repr_html_() for table in tables)
        self.plain = "\n\n".join(map(repr, tables))
        place = f'<div class="auditkit-desk-here" data-desk="{self.token}">'
        self.static = f"{place}{whole}</div>"
        if self._is_shown:
            self._display(update=True)

    def _ipython_display_(self) -> None:
        self._is_shown = True
        self._display(update=False)

    def _display(self, *, update: bool) -> None:
        from IPython.display import display

        data = self._repr_mimebundle_()
        display(data, raw=True, display_id=self.token, update=update)  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **_: Any) -> Any:
        """Return the static table alone: no saved notebook names a model that only a kernel has."""
        return {"text/html": self.static, "text/plain": self.plain}
