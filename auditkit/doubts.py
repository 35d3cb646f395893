"""Why something on a form is not sure, and what is to be known of a form or its file, as values.

The words stand in ``doubts.toml``, in both languages, and are put on where they are shown. What a
kind's facts are stands beside it.
"""

from __future__ import annotations

from auditkit.wording import Statement


class Doubt(Statement):
    """Why a cell or a figure may not be what is printed: a ``DoubtKind`` and its facts."""

    __slots__ = ()


class Note(Statement):
    """What is to be known of a form or of its file: a ``NoteKind`` and its facts."""

    __slots__ = ()
