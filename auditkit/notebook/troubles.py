"""What a notebook says where something goes wrong: a line, and not two screens of trace."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def register(shell: InteractiveShell) -> None:
    """Have IPython show errors of auditkit, which say what to do, without the way to them.

    The cell fails as before. Any other error is shown with its trace.
    """
    shell.set_custom_exc((AuditkitError,), _told)  # type: ignore[no-untyped-call]


def _told(
    shell: InteractiveShell,
    kind: type[AuditkitError],
    error: AuditkitError,
    _trace: TracebackType,
    tb_offset: int | None = None,  # noqa: ARG001 - as IPython calls it
) -> None:
    shell._showtraceback(kind, error, [f"{kind.__name__}: {error}"])
