"""Read, recompute and review Chinese performance self-evaluation forms (项目支出绩效自评表).

The whole of it in three lines::

    import auditkit as ak
    for review in ak.review("report.pdf"):
        ak.show(review)

Importing is light: readers, tables and charts are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Bound here and now, since the module of the same name would take the name otherwise.
from auditkit.recompute import recompute

if TYPE_CHECKING:
    from auditkit.annotations import Log
    from auditkit.display import (
        findings_frame,
        page_picture,
        report_frame,
        show,
        show_budget,
        show_coverage,
        show_head,
        show_unsure,
    )
    from auditkit.findings import evaluate
    from auditkit.reviewing import Review, read, read_bytes, review
    from auditkit.rules import RULES
    from auditkit.workpapers import write_workpapers

__version__ = "0.1.0"

_HOMES = {
    "Log": "annotations",
    "RULES": "rules",
    "Review": "reviewing",
    "evaluate": "findings",
    "findings_frame": "display",
    "page_picture": "display",
    "read": "reviewing",
    "read_bytes": "reviewing",
    "report_frame": "display",
    "review": "reviewing",
    "show": "display",
    "show_budget": "display",
    "show_coverage": "display",
    "show_head": "display",
    "show_unsure": "display",
    "write_workpapers": "workpapers",
}

__all__ = [
    "RULES",
    "Log",
    "Review",
    "__version__",
    "evaluate",
    "findings_frame",
    "page_picture",
    "read",
    "read_bytes",
    "recompute",
    "report_frame",
    "review",
    "show",
    "show_budget",
    "show_coverage",
    "show_head",
    "show_unsure",
    "write_workpapers",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'auditkit' has no attribute {name!r}")
    module = import_module(f"auditkit.{_HOMES[name]}")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those not loaded yet."""
    return sorted({*globals(), *_HOMES})
