"""Fields of a Word file: what they show, and what stands in them that is not shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from auditkit.doubts import Doubt, DoubtKind
from auditkit.readers.flow import count_in
from auditkit.readers.word_looks import W, is_on

# Fields that show nothing, or what their own data say, where they have no result.
_SILENT = {
    "FORMCHECKBOX", "FORMDROPDOWN", "FORMTEXT", "XE", "TC", "TA", "RD", "SET", "PRIVATE", "ASK",
}  # fmt: skip
ANEW = Doubt(DoubtKind.NEVER_CALCULATED)  # the program works it out when the file is opened
WORKED_OUT = Doubt.of(DoubtKind.DECLARED, property="field")


@dataclass(slots=True)
class _Open:
    """A field that was begun: its code so far, and whether its result has begun."""

    code: str = ""
    is_result: bool = False


@dataclass(slots=True)
class Fields:
    """The fields that a text stands in: their results are shown, their codes are not."""

    is_anew: bool = False  # whether all of them are worked out when the file is opened
    _open: list[_Open] = field(default_factory=list)

    @property
    def hide(self) -> bool:
        """Whether text here is part of a code."""
        return not all(one.is_result for one in self._open)

    def begin_cell(self) -> None:
        """Forget fields that were not ended: none goes on from one cell into the next."""
        self._open.clear()

    def say(self, code: str) -> None:
        """Take up a part of the code of the innermost field."""
        if self._open:
            self._open[-1].code += code

    def mark(self, mark: Any) -> tuple[Doubt, ...]:
        """Begin or end a field or its result, and say why what it shows is not sure."""
        kind = mark.get(W + "fldCharType")
        if kind == "begin":
            self._open.append(_Open())
            return self.doubts_of(mark)
        if kind == "separate" and self._open:
            self._open[-1].is_result = True
        elif kind == "end" and self._open:
            ended = self._open.pop()
            name = ended.code.split()[0].upper() if ended.code.split() else ""
            if not ended.is_result and name and name not in _SILENT:
                return (WORKED_OUT,)
        return ()

    def doubts_of(self, mark: Any) -> tuple[Doubt, ...]:
        """Say whether a field is worked out anew when the file is opened."""
        has_own = mark.find(W + "ffData") is not None
        is_anew = self.is_anew or mark.get(W + "dirty") in ("1", "true", "on")
        return (ANEW,) if is_anew and not has_own else ()


def shown_by(mark: Any) -> str:
    """Return what a field to choose from or to tick shows, where its mark begins one."""
    choice, box = mark.find(f"{W}ffData/{W}ddList"), mark.find(f"{W}ffData/{W}checkBox")
    if choice is not None:
        given = (choice.find(W + name) for name in ("result", "default"))
        chosen = next((count_in(part.get(W + "val"), 0) for part in given if part is not None), 0)
        entries = [part.get(W + "val") or "" for part in choice.iterfind(W + "listEntry")]
        return entries[chosen] if chosen < len(entries) else ""
    if box is None:
        return ""
    given = (box.find(W + name) for name in ("checked", "default"))
    return "☑" if is_on(next((part for part in given if part is not None), None)) else "□"
